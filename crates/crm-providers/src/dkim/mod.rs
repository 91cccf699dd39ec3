//! Signing mail (DKIM, RFC 6376): the server that gets a message can tell that it comes from the domain it names, by a
//! key that domain shows in the DNS.
//!
//! What is signed is exactly what leaves: line ends and all, before the dots of SMTP are doubled.

mod canonical;
mod key;
mod sign;

pub use key::{BadKey, DkimKey};
pub(crate) use sign::{Signer, Unsigned};

/// Most characters of a selector: one label of a domain name.
const LONGEST_SELECTOR: usize = 63;

/// Whether this can be the name a key is found under: labels of letters, digits and hyphens.
pub fn is_selector(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    text.len() <= LONGEST_SELECTOR && text.split('.').all(label)
}

/// The domain of an address as the DNS knows it: in small letters, others than ASCII as Punycode.
pub fn domain_of(address: &str) -> Option<String> {
    let (_, domain) = address.rsplit_once('@')?;
    match url::Host::parse(domain).ok()? {
        url::Host::Domain(domain) => Some(domain.trim_end_matches('.').to_ascii_lowercase()),
        url::Host::Ipv4(_) | url::Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_labels() {
        for good in ["picrm", "pi-crm", "s1.mail", "2026_11"] {
            assert!(is_selector(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a b", "a;b", "ä", "a..b", &"x".repeat(64)] {
            assert!(!is_selector(bad), "{bad}");
        }
    }

    #[test]
    fn domains_are_those_of_the_dns() {
        assert_eq!(domain_of("Ada@Mühle.Example").as_deref(), Some("xn--mhle-0ra.example"));
        assert_eq!(domain_of("ada@[127.0.0.1]"), None);
        assert_eq!(domain_of("nobody"), None);
    }
}
