//! Reading keys.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::sea::{SYSTEM, SeaKeys};
use super::{ApiKey, Result};
use crate::entity::api_keys;
use crate::{KeyScope, UserId};

pub(super) async fn run(keys: &SeaKeys, user_id: UserId) -> Result<Vec<ApiKey>> {
    let select = api_keys::Entity::find()
        .filter(api_keys::Column::UserId.eq(user_id))
        .filter(api_keys::Column::IsActive.eq(true))
        .order_by_desc(api_keys::Column::Id);
    Ok(keys.ctx.db.everywhere(SYSTEM, select).await?.into_iter().map(key).collect())
}

pub(super) fn key(row: api_keys::Model) -> ApiKey {
    ApiKey {
        id: row.id,
        user_id: row.user_id,
        prefix: row.prefix,
        description: row.description,
        scopes: scopes(&row.scopes),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }
}

/// The stored words. One this version does not know grants nothing.
pub(super) fn scopes(stored: &serde_json::Value) -> BTreeSet<KeyScope> {
    let words = stored.as_array().map(Vec::as_slice).unwrap_or_default();
    words.iter().filter_map(|word| word.as_str().and_then(KeyScope::parse)).collect()
}
