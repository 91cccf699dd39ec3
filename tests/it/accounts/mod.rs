//! Users and their ways in: passwords, sessions, second factors, profiles, forgotten passwords.

mod limits;
mod passwords;
mod people;
mod profile;
mod resets;
mod second_factor;
mod sessions;
