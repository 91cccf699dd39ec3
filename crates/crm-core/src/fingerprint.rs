//! Fingerprints of addresses that must be recognised and may not be kept: keyed, so that nobody who has the database
//! alone can try addresses until one fits.

use std::sync::Arc;

use crate::{WorkspaceId, token};

/// What stands before a fingerprint where an address would stand.
const MARK: &str = "erased:";

/// Makes fingerprints. Its key is not in the database.
#[derive(Clone)]
pub struct Fingerprints(Arc<[u8]>);

impl Fingerprints {
    /// Fingerprints under this key.
    pub fn new(key: &[u8]) -> Self {
        Self(Arc::from(key))
    }

    /// The fingerprint of an address in one workspace, as it stands in place of the address.
    pub fn of(&self, workspace_id: WorkspaceId, channel: &str, address: &str) -> String {
        let message = format!("{workspace_id}/{channel}/{address}");
        format!("{MARK}{}", token::sign(&self.0, "address", &message))
    }
}

impl std::fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprints")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_fingerprint_a_workspace_and_key() {
        let (one, other) = (Fingerprints::new(b"one"), Fingerprints::new(b"other"));
        let here = WorkspaceId::from_uuid(uuid::Uuid::nil());
        let there = WorkspaceId::from_uuid(uuid::Uuid::max());
        let print = one.of(here, "email", "ada@example.org");
        assert_eq!(print, one.of(here, "email", "ada@example.org"));
        assert!(print.starts_with(MARK) && !print.contains("ada"));
        assert_ne!(print, one.of(there, "email", "ada@example.org"));
        assert_ne!(print, one.of(here, "text", "ada@example.org"));
        assert_ne!(print, other.of(here, "email", "ada@example.org"));
    }
}
