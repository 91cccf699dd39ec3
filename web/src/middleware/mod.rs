//! What happens to every request before its handler and to every answer after it.

pub mod authenticate;
pub mod body;
pub mod error_pages;
pub mod forgery;
pub mod headers;
pub mod idempotency;
pub mod limits;
pub mod session_store;
