//! Which reverse proxies are believed about who is behind them.

use std::net::IpAddr;

use ipnet::IpNet;

/// The blocks of `TRUSTED_PROXIES`. Empty believes nobody: a caller is where the connection comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads addresses and CIDR blocks separated by commas.
    ///
    /// # Errors
    /// What is wrong with the first entry that is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let block = |entry: &str| {
            let block =
                entry.parse::<IpNet>().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
            block.map_err(|_| format!("`{entry}` is not an address or CIDR block"))
        };
        entries.map(block).collect::<Result<_, _>>().map(Self)
    }

    /// The client of a connection from `peer` that carries these `X-Forwarded-For` values, in the order of the request.
    ///
    /// Each proxy adds the address it was called from at the end, so the client is the right-most hop that is no proxy of
    /// ours; what stands left of it is the client's own claim.
    pub fn client<'a>(&self, peer: IpAddr, forwarded: impl Iterator<Item = &'a str>) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        for hop in hops.into_iter().rev() {
            // A hop that cannot be read ends what can be believed.
            let Some(address) = address(hop) else { break };
            client = address;
            if !self.trusts(client) {
                break;
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|block| block.contains(&address))
    }
}

/// An address as proxies write it: alone, or with the port it was called from.
fn address(hop: &str) -> Option<IpAddr> {
    let alone = hop.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let with_port = || hop.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    alone.or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let proxies = TrustedProxies::parse(trusted).unwrap();
        proxies.client(peer.parse().unwrap(), forwarded.iter().copied()).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_named() {
        assert_eq!(client("", "192.0.2.1", &["203.0.113.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.0/8", "192.0.2.1", &["203.0.113.7"]), "192.0.2.1");
    }

    #[test]
    fn the_rightmost_hop_that_is_no_proxy_counts() {
        let trusted = "127.0.0.1, 10.0.0.0/8, ::1";
        assert_eq!(client(trusted, "127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(
            client(trusted, "::ffff:127.0.0.1", &["1.2.3.4, 203.0.113.7, 10.1.1.1"]),
            "203.0.113.7"
        );
        assert_eq!(
            client(trusted, "::1", &["1.2.3.4", "203.0.113.7", "10.1.1.1:4711"]),
            "203.0.113.7"
        );
        assert_eq!(client(trusted, "127.0.0.1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(client(trusted, "127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(client(trusted, "127.0.0.1", &["203.0.113.7, nonsense"]), "127.0.0.1");
    }

    #[test]
    fn what_is_no_block_is_named() {
        assert!(TrustedProxies::parse("10.0.0.0/8, proxy.lan").unwrap_err().contains("proxy.lan"));
    }
}
