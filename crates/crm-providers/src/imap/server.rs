//! Where an IMAP server is that nobody types in: that of Gmail, that of Outlook, or what the operator has in their place.

use crate::outbound::OutboundPolicy;
use crate::providers::Security;

/// The port of IMAP with TLS from the start (RFC 8314).
const TLS_PORT: u16 = 993;
/// The port of IMAP without it.
const CLEAR_PORT: u16 = 143;

/// An IMAP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImapServer {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
}

impl ImapServer {
    /// The server at this host where such servers usually are.
    pub(crate) fn usual(host: &str) -> Self {
        Self { host: host.to_owned(), port: TLS_PORT, security: Security::Tls }
    }

    /// Reads `imaps://host[:port]`, or `imap://host[:port]` for one that is not secured.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not imaps://host or imaps://host:port");
        let (security, usual, rest) = if let Some(rest) = text.strip_prefix("imaps://") {
            (Security::Tls, TLS_PORT, rest)
        } else if let Some(rest) = text.strip_prefix("imap://") {
            (Security::None, CLEAR_PORT, rest)
        } else {
            return Err(wrong());
        };
        let (host, port) = match rest.trim_end_matches('/').rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
            None => (rest.trim_end_matches('/'), usual),
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if host.is_empty() || !host.chars().all(is_name) || port == 0 {
            return Err(wrong());
        }
        Ok(Self { host: host.to_owned(), port, security })
    }

    /// Lets connections be made to this server alone, wherever it is: the operator has named it.
    pub(crate) fn trusted(&self) -> Result<OutboundPolicy, String> {
        OutboundPolicy::parse(&format!("{}:{}", self.host, self.port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_how() {
        let read = |text: &str| ImapServer::parse(text);
        assert_eq!(read("imaps://mail.example.org"), Ok(ImapServer::usual("mail.example.org")));
        let clear = ImapServer { host: "127.0.0.1".into(), port: 1143, security: Security::None };
        assert_eq!(read("imap://127.0.0.1:1143/"), Ok(clear));
        for bad in [
            "mail.example.org",
            "imaps://",
            "imaps://a b",
            "imaps://a:0",
            "imaps://a:x",
            "https://a",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
