//! The address of an API, and whether it may be connected to.

use std::net::SocketAddr;

use url::{Host, Url};

use super::{OutboundError, OutboundPolicy, is_public};

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

/// Which addresses may be connected to.
#[derive(Debug, Clone)]
pub enum Reach {
    /// Any: the operator has set the address.
    Trusted,
    /// Public ones, and those this policy names.
    Policy(OutboundPolicy),
}

/// Why there is no address to connect to now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// It may not be used.
    #[error(transparent)]
    Refused(#[from] AddressError),
    /// No name server knows it.
    #[error("{0} was not found")]
    NotFound(String),
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

    /// The address of a service everybody knows: `path` on `host` by HTTPS.
    pub fn well_known(host: &'static str, path: &'static str) -> Self {
        Self {
            text: format!("https://{host}{path}"),
            host: host.to_owned(),
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

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether what is said to it is encrypted.
    pub const fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Whether it may be used. A name nobody knows now may be known later, so that it passes.
    ///
    /// # Errors
    /// [`AddressError`].
    pub async fn check(&self, policy: &OutboundPolicy) -> Result<(), AddressError> {
        match self.resolve(policy).await {
            Err(Unreachable::Refused(error)) => Err(error),
            Err(Unreachable::NotFound(_)) | Ok(_) => Ok(()),
        }
    }

    /// The addresses to connect to.
    ///
    /// # Errors
    /// [`Unreachable`] where there is none.
    pub async fn resolve(&self, policy: &OutboundPolicy) -> Result<Vec<SocketAddr>, Unreachable> {
        let found = policy.resolve(&self.host, self.port).await.map_err(|error| match error {
            OutboundError::Blocked(host) => AddressError::Blocked(host).into(),
            OutboundError::NotFound(host) => Unreachable::NotFound(host),
        })?;
        if !self.is_secure && found.iter().any(|to| is_public(to.ip())) {
            return Err(AddressError::InClear.into());
        }
        Ok(found)
    }
}

impl Reach {
    /// The addresses of `address` that may be connected to.
    ///
    /// # Errors
    /// [`Unreachable`] where there is none.
    pub async fn resolve(&self, address: &Address) -> Result<Vec<SocketAddr>, Unreachable> {
        match self {
            Self::Policy(policy) => address.resolve(policy).await,
            Self::Trusted => {
                let found = super::look_up(&address.host, address.port).await;
                found.map_err(|_| Unreachable::NotFound(address.host.clone()))
            }
        }
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
        let known = Address::well_known("api.example.com", "/v1");
        assert_eq!(Address::parse("https://api.example.com/v1/"), Ok(known));
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
