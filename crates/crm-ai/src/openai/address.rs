//! The address of an API, and whether it may be connected to.

use std::net::SocketAddr;

use crm_core::OutboundPolicy;
use crm_core::outbound::{OutboundError, is_public};
use url::{Host, Url};

use super::OPENAI;
use crate::language_model::ModelError;

/// Most characters of an address.
const LONGEST: usize = 500;

/// An `http` or `https` address without user, query or slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    host: String,
    port: u16,
    is_secure: bool,
}

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is none.
    #[error("enter an address like https://api.example.com/v1")]
    Malformed,
    /// Key and text would travel in clear over the internet.
    #[error("use https:// for a server on the internet")]
    InClear,
    /// It lies on a network that may not be connected to.
    #[error("{0} is on a private network; add it to OUTBOUND_ALLOW to let pi-crm connect to it")]
    Blocked(String),
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// [`AddressError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(AddressError::Malformed);
        }
        let url = Url::parse(text).map_err(|_| AddressError::Malformed)?;
        let plain = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !plain || !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::Malformed);
        }
        let host = match url.host().ok_or(AddressError::Malformed)? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(ip) => ip.to_string(),
            Host::Ipv6(ip) => ip.to_string(),
        };
        let port = url.port_or_known_default().ok_or(AddressError::Malformed)?;
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            host,
            port,
            is_secure: url.scheme() == "https",
        })
    }

    /// `OpenAI`'s own.
    pub fn openai() -> Self {
        Self {
            text: OPENAI.to_owned(),
            host: "api.openai.com".to_owned(),
            port: 443,
            is_secure: true,
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host alone.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is `OpenAI`'s own.
    pub fn is_openai(&self) -> bool {
        self.host == "api.openai.com"
    }

    /// Whether it may be used. A name nobody knows now may be known later, so that it passes.
    ///
    /// # Errors
    /// [`AddressError`].
    pub async fn check(&self, policy: &OutboundPolicy) -> Result<(), AddressError> {
        match policy.resolve(&self.host, self.port).await {
            Err(OutboundError::Blocked(host)) => Err(AddressError::Blocked(host)),
            Ok(found) if !self.is_secure && found.iter().any(|to| is_public(to.ip())) => {
                Err(AddressError::InClear)
            }
            Err(OutboundError::NotFound(_)) | Ok(_) => Ok(()),
        }
    }

    /// The addresses to connect to.
    pub(super) async fn resolve(
        &self,
        policy: &OutboundPolicy,
    ) -> Result<Vec<SocketAddr>, ModelError> {
        let found = policy.resolve(&self.host, self.port).await.map_err(|error| match error {
            OutboundError::Blocked(host) => ModelError::Blocked(host),
            OutboundError::NotFound(_) => ModelError::Unreachable(error.to_string()),
        })?;
        if !self.is_secure && found.iter().any(|to| is_public(to.ip())) {
            return Err(ModelError::Unreachable(AddressError::InClear.to_string()));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain() {
        let read = |text: &str| Address::parse(text).map(|address| address.text);
        assert_eq!(
            read(" https://ai.example.com/v1/ "),
            Ok("https://ai.example.com/v1".to_owned())
        );
        assert_eq!(read("http://127.1:8080"), Ok("http://127.0.0.1:8080".to_owned()));
        assert!(
            Address::parse("https://api.openai.com/v1").is_ok_and(|address| address.is_openai())
        );
        for bad in [
            "",
            "ai.example.com",
            "ftp://ai.example.com",
            "https://user@ai.example.com",
            "https://u:p@ai.example.com",
            "https://ai.example.com/v1?x=1",
            "https://ai.example.com/#x",
            "file:///etc/passwd",
        ] {
            assert_eq!(read(bad), Err(AddressError::Malformed), "{bad}");
        }
    }

    #[tokio::test]
    async fn private_networks_need_leave_and_the_internet_needs_tls() {
        let check = async |text: &str, allowed: &str| {
            let policy = OutboundPolicy::parse(allowed).unwrap();
            Address::parse(text).unwrap().check(&policy).await
        };
        for private in [
            "http://127.1/v1",
            "http://[::1]:11434",
            "https://169.254.169.254",
            "http://2130706433",
        ] {
            let refused = check(private, "").await;
            assert!(matches!(refused, Err(AddressError::Blocked(_))), "{private}: {refused:?}");
        }
        assert_eq!(check("http://127.0.0.1:11434/v1", "127.0.0.1:11434").await, Ok(()));
        assert_eq!(check("http://8.8.8.8/v1", "").await, Err(AddressError::InClear));
        assert_eq!(check("https://8.8.8.8/v1", "").await, Ok(()));
        assert_eq!(check("https://nobody.invalid/v1", "").await, Ok(()));
    }
}
