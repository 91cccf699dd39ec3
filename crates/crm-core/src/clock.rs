//! The only place that reads the clock or makes ids: everything else is handed a [`Clock`] and an [`IdGen`].
#![expect(
    clippy::disallowed_methods,
    reason = "this module is the one door to the system's clock and id sources"
)]

use std::time::SystemTime;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// Makes ids.
pub trait IdGen: Send + Sync {
    /// A fresh `UUIDv7`: ids made later sort later.
    fn uuid(&self) -> Uuid;
}

/// The machine's own clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_datetime(OffsetDateTime::from(SystemTime::now()))
    }
}

/// Ids from the operating system's random source.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemIds;

impl IdGen for SystemIds {
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A clock that stands still until it is moved.
#[cfg(feature = "testing")]
#[derive(Debug)]
pub struct FakeClock(std::sync::Mutex<Timestamp>);

#[cfg(feature = "testing")]
impl FakeClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(std::sync::Mutex::new(now))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: std::time::Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.plus(by);
    }

    /// Sets the clock, back too.
    pub fn set(&self, to: Timestamp) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = to;
    }
}

#[cfg(feature = "testing")]
impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
