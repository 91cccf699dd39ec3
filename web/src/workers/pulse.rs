//! Signs of life of queues and loops, for the health check.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longer silence than this is an illness. The slowest pulse comes every 30 seconds.
const SILENCE: Duration = Duration::from_secs(90);

/// The last sign of life of one queue or loop.
#[derive(Clone)]
pub(super) struct Pulse {
    name: &'static str,
    last: Arc<Mutex<Instant>>,
}

impl Pulse {
    /// Notes a sign of life.
    pub(super) fn beat(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn silence(&self) -> Duration {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// All pulses of this process.
#[derive(Default)]
pub(super) struct Pulses(Mutex<Vec<Pulse>>);

impl Pulses {
    /// A new pulse, which counts as alive now.
    pub(super) fn add(&self, name: &'static str) -> Pulse {
        let pulse = Pulse { name, last: Arc::new(Mutex::new(Instant::now())) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(pulse.clone());
        pulse
    }

    /// Whether none has been silent for too long; names those that have in the log.
    pub(super) fn all_alive(&self) -> bool {
        let pulses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut alive = true;
        for pulse in pulses.iter().filter(|pulse| pulse.silence() > SILENCE) {
            tracing::warn!(name = pulse.name, silence = ?pulse.silence(), "no sign of life");
            alive = false;
        }
        alive
    }
}
