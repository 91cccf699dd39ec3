//! Where connections may go. Hosts that users type in could name this machine, the router or a neighbour's server, so a
//! host is resolved, its addresses are judged in binary form, and the connection is made to an address that passed.

mod address;
mod ranges;
mod rules;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use address::{Address, AddressError, Reach, Unreachable};
pub use ranges::is_public;
use rules::Rule;

/// How long a name server may take.
const RESOLVE_LIMIT: Duration = Duration::from_secs(5);

/// Which hosts on loopback and private networks may be connected to; public ones always may.
#[derive(Debug, Clone, Default)]
pub struct OutboundPolicy {
    rules: Arc<[Rule]>,
}

/// Why a host cannot be connected to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// All its addresses lie on networks that are not public and not allowed.
    #[error("{0} is on a private network that OUTBOUND_ALLOW does not name")]
    Blocked(String),
    /// No name server knows it.
    #[error("{0} was not found")]
    NotFound(String),
}

impl OutboundPolicy {
    /// Reads the form of `OUTBOUND_ALLOW`: hosts, `host:port` and CIDR blocks, separated by commas. Empty allows
    /// nothing private.
    ///
    /// # Errors
    /// In words, naming the entry that cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        Ok(Self { rules: entries.map(Rule::parse).collect::<Result<_, _>>()? })
    }

    /// Whether a connection to `host`, which has the address `to`, may be made.
    pub fn permits(&self, host: &str, to: SocketAddr) -> bool {
        is_public(to.ip()) || self.rules.iter().any(|rule| rule.names(host, to))
    }

    /// The addresses of `host` that may be connected to. Connect to one of these, never to the name: it may point
    /// elsewhere by then.
    ///
    /// # Errors
    /// [`OutboundError`] where there is none.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
        let found = look_up(host, port).await?;
        let permitted: Vec<SocketAddr> =
            found.into_iter().filter(|to| self.permits(host, *to)).collect();
        if permitted.is_empty() {
            return Err(OutboundError::Blocked(host.to_owned()));
        }
        Ok(permitted)
    }
}

/// All addresses of a host, whatever network they lie on.
async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
    let not_found = || OutboundError::NotFound(host.to_owned());
    let lookup = tokio::net::lookup_host((host, port));
    let found: Vec<SocketAddr> = tokio::time::timeout(RESOLVE_LIMIT, lookup)
        .await
        .map_err(|_| not_found())?
        .map_err(|_| not_found())?
        .collect();
    if found.is_empty() { Err(not_found()) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn is_blocked(policy: &OutboundPolicy, host: &str) -> bool {
        policy.resolve(host, 25).await == Err(OutboundError::Blocked(host.to_owned()))
    }

    #[tokio::test]
    async fn every_spelling_of_a_private_address_is_refused() {
        let policy = OutboundPolicy::default();
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "0",
            "localhost",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:a9fe:a9fe",
            "::ffff:8.8.8.8",
            "169.254.169.254",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "fd00::1",
            "fe80::1",
            "ff02::1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
        ] {
            assert!(is_blocked(&policy, host).await, "{host}");
        }
    }

    #[tokio::test]
    async fn public_addresses_need_no_leave() {
        let policy = OutboundPolicy::default();
        for host in ["8.8.8.8", "134744072", "2606:4700::1111", "64:ff9b::808:808", "172.32.0.1"] {
            assert_eq!(policy.resolve(host, 25).await.map(|to| to.len()), Ok(1), "{host}");
        }
    }

    #[tokio::test]
    async fn what_is_named_may_be_reached_and_nothing_beside_it() {
        let policy =
            OutboundPolicy::parse("127.0.0.1:2525, 10.0.0.0/8,[::1]:25 , LocalHost:26").unwrap();
        assert!(policy.resolve("127.0.0.1", 2525).await.is_ok());
        assert!(is_blocked(&policy, "127.0.0.1").await);
        assert!(policy.resolve("10.9.8.7", 25).await.is_ok());
        assert!(is_blocked(&policy, "192.168.1.1").await);
        assert!(policy.resolve("::1", 25).await.is_ok());
        assert!(policy.resolve("::1", 26).await.is_err());
        assert!(policy.resolve("localhost", 26).await.is_ok());
        assert!(policy.permits("LOCALHOST.", SocketAddr::from(([127, 0, 0, 1], 26))));
        assert!(policy.resolve("localhost", 27).await.is_err());
        assert!(policy.resolve("127.0.0.2", 26).await.is_err());
        let mapped = OutboundPolicy::parse("127.0.0.0/8").unwrap();
        assert!(mapped.resolve("::ffff:127.0.0.1", 25).await.is_ok());
    }

    #[tokio::test]
    async fn an_unknown_name_is_not_found() {
        let policy = OutboundPolicy::default();
        let host = "no-such-host.invalid";
        assert_eq!(policy.resolve(host, 25).await, Err(OutboundError::NotFound(host.to_owned())));
    }

    #[test]
    fn entries_that_cannot_be_read_are_named() {
        for bad in ["10.0.0.0/33", "host:port", "::1/129", "a b", "http://x", "1.2.3.4/x", "[::1"] {
            let said = OutboundPolicy::parse(&format!("10.0.0.1,{bad}")).unwrap_err();
            assert!(said.contains(bad), "{said}");
        }
        assert!(OutboundPolicy::parse("").is_ok());
    }
}
