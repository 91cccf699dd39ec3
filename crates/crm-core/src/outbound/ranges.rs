//! Which addresses are public, by the special-purpose registries of RFC 6890 and its updates.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 blocks that do not lead to a host on the public internet: first address and length of the prefix.
const SPECIAL_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),          // this host
    ([10, 0, 0, 0], 8),         // private
    ([100, 64, 0, 0], 10),      // behind a carrier's NAT
    ([127, 0, 0, 0], 8),        // loopback
    ([169, 254, 0, 0], 16),     // link-local, metadata services of clouds
    ([172, 16, 0, 0], 12),      // private
    ([192, 0, 0, 0], 24),       // protocol assignments
    ([192, 0, 2, 0], 24),       // documentation
    ([192, 88, 99, 0], 24),     // 6to4 relays
    ([192, 168, 0, 0], 16),     // private
    ([198, 18, 0, 0], 15),      // benchmarks
    ([198, 51, 100, 0], 24),    // documentation
    ([203, 0, 113, 0], 24),     // documentation
    ([224, 0, 0, 0], 4),        // multicast
    ([240, 0, 0, 0], 4),        // reserved
    ([255, 255, 255, 255], 32), // broadcast
];

/// All addresses of single hosts on the public internet lie in here, by the first three bits.
const GLOBAL_UNICAST: Ipv6Addr = Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0);

/// IPv4 addresses translated for IPv6-only networks, by the first 96 bits (RFC 6052).
const NAT64: Ipv6Addr = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);

/// IPv6 blocks inside the global unicast range that do not lead to a host either.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo among them
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, which carries any IPv4 address
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Whether an address leads to a host on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|&(first, length)| {
        let shift = 32 - length;
        address.to_bits() >> shift == Ipv4Addr::from(first).to_bits() >> shift
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let within = |first: Ipv6Addr, length: u32| (bits ^ first.to_bits()).leading_zeros() >= length;
    if within(NAT64, 96) {
        // On an IPv6-only network the road to every IPv4 host, so the host decides.
        let [.., host] = split(bits);
        return is_public_v4(Ipv4Addr::from_bits(host));
    }
    // Outside this range there is nothing public: loopback, IPv4-mapped, unique local, link-local, multicast.
    within(GLOBAL_UNICAST, 3) && !SPECIAL_V6.iter().any(|&(first, length)| within(first, length))
}

/// The four 32-bit words of an IPv6 address.
fn split(bits: u128) -> [u32; 4] {
    let word = |shift: u32| u32::try_from((bits >> shift) & u128::from(u32::MAX)).unwrap_or(0);
    [word(96), word(64), word(32), word(0)]
}
