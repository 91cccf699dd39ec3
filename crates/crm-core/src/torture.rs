//! Places where a test ends the process, and faults it puts in on purpose, to see that the tests notice. Without the
//! feature `torture`, which no release has, all of it does nothing.

/// A named place. With `PI_CRM_ABORT_AT=name` the process ends here as if it were killed; with `name:3` the third time.
#[cfg(feature = "torture")]
pub fn point(name: &str) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let Ok(wanted) = std::env::var("PI_CRM_ABORT_AT") else { return };
    let (at, count) = wanted.split_once(':').unwrap_or((wanted.as_str(), "1"));
    if at == name && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == count.parse().unwrap_or(1) {
        std::process::abort();
    }
}

/// Does nothing.
#[cfg(not(feature = "torture"))]
#[inline]
pub const fn point(_name: &str) {}

/// Whether this fault is put in: `PI_CRM_MUTANT` names it.
#[cfg(feature = "torture")]
pub fn mutant(name: &str) -> bool {
    std::env::var("PI_CRM_MUTANT").is_ok_and(|mutant| mutant == name)
}

/// None ever is.
#[cfg(not(feature = "torture"))]
#[inline]
pub const fn mutant(_name: &str) -> bool {
    false
}
