//! Whether a request really comes from Twilio (its "Security" page; HMAC over the public address it called and the fields of
//! its form).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// What Twilio puts into `X-Twilio-Signature` for a form posted to `url`: HMAC-SHA1 with the account's token over the address
/// and, in the order of their names, each field's name and value. Several values of one name are sorted, and equal ones count
/// once. `None` where the key cannot be one.
fn expected(token: &[u8], url: &str, fields: &[(String, String)]) -> Option<Hmac<Sha1>> {
    let mut fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.sort_unstable();
    fields.dedup();
    let mut mac = Hmac::<Sha1>::new_from_slice(token).ok()?;
    mac.update(url.as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    Some(mac)
}

/// Whether `signature` is Twilio's for this form. `url` is the address Twilio was given, from the installation's own public
/// address; Twilio writes it with the port of its scheme at times, which counts as well.
pub(super) fn is_genuine(
    token: &[u8],
    url: &str,
    fields: &[(String, String)],
    signature: &str,
) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else { return false };
    [Some(url.to_owned()), with_port(url)].into_iter().flatten().any(|url| {
        expected(token, &url, fields).is_some_and(|mac| mac.verify_slice(&signature).is_ok())
    })
}

/// The address with the port of its scheme written out; `None` where it has one, or is none.
fn with_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    (!has_port).then(|| format!("{scheme}://{host}:{port}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The example of Twilio's own documentation.
    #[test]
    fn the_documented_example_is_genuine() {
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let form = fields(&[
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675309"),
            ("Caller", "+14158675309"),
            ("CallSid", "CA1234567890ABCDE"),
        ]);
        assert!(is_genuine(b"12345", url, &form, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        assert!(!is_genuine(b"12346", url, &form, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        assert!(!is_genuine(
            b"12345",
            "https://example.com/",
            &form,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        ));
        assert!(!is_genuine(b"12345", url, &form[1..], "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        for nonsense in ["", "=", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "é"] {
            assert!(!is_genuine(b"12345", url, &form, nonsense), "{nonsense}");
        }
    }

    #[test]
    fn the_port_may_be_written_out() {
        assert_eq!(with_port("https://a.example/x").as_deref(), Some("https://a.example:443/x"));
        assert_eq!(with_port("https://a.example").as_deref(), Some("https://a.example:443"));
        assert_eq!(with_port("https://a.example:8443/x"), None);
        let form = fields(&[("Body", "STOP")]);
        let mac = expected(b"t", "https://a.example:443/x", &form).unwrap().finalize();
        let mac = STANDARD.encode(mac.into_bytes());
        assert!(is_genuine(b"t", "https://a.example/x", &form, &mac));
    }
}
