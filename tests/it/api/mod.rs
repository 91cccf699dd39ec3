//! The REST API over HTTP, against the real binary.

mod auth;
mod contacts;
mod contract;
mod forgery;
mod limits;
mod tenancy;
