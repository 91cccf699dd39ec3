//! Free TCP ports for servers that must be told theirs.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// First port handed out, and how many there are: below Linux's range for outgoing connections
/// (32768 up), so that none of those can sit on a port between two starts of a server.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port nobody listens on, handed out once per process. Processes start at different places, so
/// two test runs at a time do not meet.
pub fn free() -> u16 {
    let start = u16::try_from(std::process::id() % u32::from(COUNT)).expect("less than COUNT");
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let port = FIRST
            + u16::try_from((u32::from(start) * 37 + u32::from(step)) % u32::from(COUNT))
                .expect("less than COUNT");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between {FIRST} and {}", FIRST + COUNT);
}

/// The first of two such ports beside each other.
pub fn free_pair() -> u16 {
    let mut before = free();
    loop {
        let next = free();
        if next == before + 1 {
            return before;
        }
        before = next;
    }
}
