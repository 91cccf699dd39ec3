//! What the hash of an entry covers.

use crm_core::UserId;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Hash of the entry before the first one.
pub(crate) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What an entry says, as text: one that was tampered with may not be readable as anything else.
pub(crate) struct Said<'a> {
    pub id: &'a str,
    pub seq: i64,
    pub workspace_id: Option<&'a str>,
    pub action: &'a str,
    pub entity_type: &'a str,
    pub entity_id: Option<&'a str>,
    pub details: &'a Value,
    pub ip_address: Option<&'a str>,
    pub timestamp: &'a str,
}

/// The hash of an entry: SHA-256 over the hash before it and every value that never changes, each with its length in
/// front so that no two entries read alike. `user_id` is not covered, since deleting a user empties it; who acted is
/// kept in `details` as well, and [`claimed_actor`] lets the two be held against each other.
pub(crate) fn entry_hash(prev_hash: &str, said: &Said<'_>) -> String {
    digest(
        prev_hash,
        &[
            said.id,
            &said.seq.to_string(),
            said.workspace_id.unwrap_or_default(),
            said.action,
            said.entity_type,
            said.entity_id.unwrap_or_default(),
            &canonical(said.details),
            said.ip_address.unwrap_or_default(),
            said.timestamp,
        ],
    )
}

/// Name of the detail that keeps who acted.
pub(crate) const ACTOR: &str = "actor";

/// The person who acted according to what the hash covers; `None` for the program itself.
pub(crate) fn claimed_actor(details: &Value) -> Option<UserId> {
    details.get(ACTOR)?.as_str()?.parse().ok()
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
pub(crate) fn canonical(value: &Value) -> String {
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
        let left: Value = serde_json::from_str(r#"{"b":1,"a":{"y":[2],"x":3}}"#).unwrap();
        let right: Value = serde_json::from_str(r#"{"a":{"x":3,"y":[2]},"b":1}"#).unwrap();
        assert_eq!(canonical(&left), canonical(&right));
        assert_ne!(digest("", &["ab", "c"]), digest("", &["a", "bc"]));
        assert_ne!(digest("x", &["a"]), digest("y", &["a"]));
    }
}
