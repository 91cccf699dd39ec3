//! What the hash of an entry covers.

use sha2::{Digest, Sha256};

use crate::entity::Model;

/// Hash of the entry before the first one.
pub(crate) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The hash of an entry: SHA-256 over the hash before it and every value that never changes, each with its length in
/// front so that no two entries read alike. `user_id` is not covered, since deleting a user empties it; who acted is
/// kept in `details` as well.
pub(crate) fn entry_hash(row: &Model) -> String {
    let workspace = row.workspace_id.map(|id| id.to_string());
    digest(
        &row.prev_hash,
        &[
            &row.id.to_string(),
            &row.seq.to_string(),
            workspace.as_deref().unwrap_or_default(),
            &row.action,
            &row.entity_type,
            row.entity_id.as_deref().unwrap_or_default(),
            &canonical(&row.details),
            row.ip_address.as_deref().unwrap_or_default(),
            &row.timestamp.to_string(),
        ],
    )
}

/// SHA-256 in hexadecimal over `before` and `parts`, each preceded by its length in bytes.
pub fn digest(before: &str, parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in std::iter::once(&before).chain(parts) {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    crm_core::token::hex(&hasher.finalize())
}

/// JSON with its keys in order: the databases keep them in orders of their own.
pub(crate) fn canonical(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let mut keys: Vec<_> = map.iter().collect();
            keys.sort_by_key(|(key, _)| key.as_str());
            let fields: Vec<String> = keys
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_order_of_keys_nor_the_split_of_parts_can_hide_a_change() {
        let left: serde_json::Value =
            serde_json::from_str(r#"{"b":1,"a":{"y":[2],"x":3}}"#).unwrap();
        let right: serde_json::Value =
            serde_json::from_str(r#"{"a":{"x":3,"y":[2]},"b":1}"#).unwrap();
        assert_eq!(canonical(&left), canonical(&right));
        assert_ne!(digest("", &["ab", "c"]), digest("", &["a", "bc"]));
        assert_ne!(digest("x", &["a"]), digest("y", &["a"]));
    }
}
