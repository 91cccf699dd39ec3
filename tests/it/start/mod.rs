//! Starting and stopping the real binary: settings, the lock on the data folder, signals, the first run.

mod first_run;
mod lifecycle;
mod rotation;
mod settings;
