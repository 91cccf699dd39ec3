//! Three-state fields of a PATCH: absent leaves a field, `null` empties it, a value sets it.

use serde::{Deserialize, Deserializer};

/// Reads a field that is there: `null` is `Some(None)`. Use with `#[serde(default)]`, which makes an absent one `None`.
///
/// # Errors
/// Those of the value's own type.
pub fn option<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
