//! One entry of `OUTBOUND_ALLOW`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// What may be reached although it is not public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    /// Every address of a block: its first address and the length of its prefix; the port where it is given.
    Block { first: IpAddr, length: u32, port: Option<u16> },
    /// A host by its name, whatever its address; the port where it is given.
    Host { name: String, port: Option<u16> },
}

impl Rule {
    /// Reads one entry.
    pub(super) fn parse(entry: &str) -> Result<Self, String> {
        let wrong = || format!("`{entry}` is not a host, host:port or CIDR block");
        if let Some((first, length)) = entry.split_once('/') {
            let first: IpAddr = first.parse().map_err(|_| wrong())?;
            let length: u32 = length.parse().map_err(|_| wrong())?;
            if length > whole(first) {
                return Err(wrong());
            }
            return Ok(Self::Block { first, length, port: None });
        }
        if let Ok(first) = entry.parse::<IpAddr>() {
            return Ok(Self::Block { first, length: whole(first), port: None });
        }
        if let Ok(to) = entry.parse::<SocketAddr>() {
            let first = to.ip();
            return Ok(Self::Block { first, length: whole(first), port: Some(to.port()) });
        }
        let (name, port) = match entry.split_once(':') {
            Some((name, port)) => (name, Some(port.parse().map_err(|_| wrong())?)),
            None => (entry, None),
        };
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(wrong());
        }
        Ok(Self::Host { name: plain(name), port })
    }

    /// Whether this entry is about the host `host` at the address `to`.
    pub(super) fn names(&self, host: &str, to: SocketAddr) -> bool {
        let (matches, port) = match self {
            Self::Block { first, length, port } => (within(to.ip(), *first, *length), port),
            Self::Host { name, port } => (plain(host) == *name, port),
        };
        matches && port.is_none_or(|port| port == to.port())
    }
}

/// Bits of an address.
const fn whole(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// A host name as it is compared: names end in a dot only for emphasis, and know no case.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

fn within(address: IpAddr, first: IpAddr, length: u32) -> bool {
    match (address.to_canonical(), first.to_canonical()) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            // A prefix written over an IPv4-mapped address counts its 96 leading bits.
            let length = if first.is_ipv6() { length.saturating_sub(96) } else { length };
            same(u128::from(a.to_bits()) << 96, u128::from(b.to_bits()) << 96, length)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => same(bits(a), bits(b), length),
        _ => false,
    }
}

fn bits(address: Ipv6Addr) -> u128 {
    address.to_bits()
}

/// Whether the first `length` bits agree.
fn same(a: u128, b: u128, length: u32) -> bool {
    (a ^ b).leading_zeros() >= length
}
