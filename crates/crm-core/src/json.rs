//! JSON that has to be an object. A struct is read from a list too, its items taken for the fields in their order; what
//! comes from outside must name its fields.

use serde::Deserialize as _;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::{Map, Value};

/// Reads an object, and no list. For `#[serde(deserialize_with = …)]`.
///
/// # Errors
/// Where it is no object, or not one of this type.
pub fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let map = Map::<String, Value>::deserialize(deserializer)?;
    serde_json::from_value(map.into()).map_err(D::Error::custom)
}

/// The same for what may be `null` or absent; the latter together with `#[serde(default)]`.
///
/// # Errors
/// Those of [`object`].
pub fn optional_object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let map = Option::<Map<String, Value>>::deserialize(deserializer)?;
    map.map(|map| serde_json::from_value(map.into()).map_err(D::Error::custom)).transpose()
}
