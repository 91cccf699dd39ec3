//! What headers were mapped to before: whoever brings the same kind of file again need not say it again.

use std::collections::HashMap;

use crm_core::{Db, Scope, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::Mapping;
use crate::entity::imports::{Column, Entity};

/// Imports that are remembered.
const MOST: u64 = 20;

#[derive(FromQueryResult)]
struct Row {
    mapping: Option<serde_json::Value>,
}

/// By what a header is recognised. Not more loosely: two fields may differ by a sign alone.
pub(super) fn key(header: &str) -> String {
    header.trim().to_lowercase()
}

/// The target of each header in its last mapping, by its key.
pub(super) async fn targets(db: &Db, scope: &Scope) -> Result<HashMap<String, String>, StoreError> {
    let select = Entity::find()
        .select_only()
        .column(Column::Mapping)
        .filter(Column::Mapping.is_not_null())
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(MOST);
    let mut targets = HashMap::new();
    for row in db.all_as::<_, Row>(scope, select).await? {
        let Some(mapping) = row.mapping else { continue };
        let mapping: Mapping = serde_json::from_value(mapping)?;
        for (header, target) in mapping {
            // The newest comes first and wins.
            targets.entry(key(&header)).or_insert(target);
        }
    }
    Ok(targets)
}
