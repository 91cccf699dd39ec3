//! Waiting for something to become true, with a deadline instead of a guess.

use std::future::Future;
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const EVERY: Duration = Duration::from_millis(20);

/// Asks `check` until it answers `Some`, and fails the test in words when `limit` has passed.
pub async fn until<T, F, Fut>(what: &str, limit: Duration, mut check: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let start = Instant::now();
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} in vain for: {what}");
        tokio::time::sleep(EVERY).await;
    }
}

/// The same for code outside a runtime.
pub fn until_blocking<T>(what: &str, limit: Duration, mut check: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} in vain for: {what}");
        std::thread::sleep(EVERY);
    }
}

/// Waits until something accepts connections on `port` of loopback.
pub fn until_accepting(what: &str, port: u16, limit: Duration) {
    until_blocking(&format!("{what} to accept on port {port}"), limit, || {
        TcpStream::connect(("127.0.0.1", port)).ok()
    });
}
