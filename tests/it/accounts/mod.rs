//! Users and their ways in: passwords, sessions.

mod limits;
mod passwords;
mod people;
mod sessions;
