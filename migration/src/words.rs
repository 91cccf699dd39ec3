//! Closed lists of words that several tables share.
//!
//! They are what the first release's CHECKs accept. A word added later needs a migration of its own, so a list is
//! never changed here once released.

/// Roads to a person.
pub(crate) const CHANNELS: &[&str] = &["email", "text"];
/// What a member may be in a workspace.
pub(crate) const ROLES: &[&str] = &["owner", "admin", "editor", "reviewer", "viewer"];
