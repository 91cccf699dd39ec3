//! The REST API over HTTP, against the real binary.

mod auth;
mod contacts;
mod contract;
mod forgery;
mod idempotency;
mod limits;
mod openapi;
mod schemathesis;
mod tenancy;
mod versions;
