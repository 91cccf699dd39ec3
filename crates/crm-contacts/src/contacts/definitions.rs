//! Which custom fields a workspace's contacts may have: its own, and those its owner defined for all of theirs.

use crm_core::{Scope, StoreError, System};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};

use crate::door::Door;
use crate::entity::custom_field_definitions::{Column, Entity, Model};

/// What kind of value a custom field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldType {
    Text,
    Number,
    Date,
    Boolean,
    Select,
    Url,
}

impl FieldType {
    /// The word stored in the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Boolean => "boolean",
            Self::Select => "select",
            Self::Url => "url",
        }
    }

    /// Reads the stored word.
    pub(crate) fn parse(word: &str) -> Result<Self, StoreError> {
        [Self::Text, Self::Number, Self::Date, Self::Boolean, Self::Select, Self::Url]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| StoreError::Corrupt(format!("custom field type {word}")))
    }
}

/// A custom field contacts may have.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) name: String,
    /// What people call it.
    pub(crate) label: String,
    pub(crate) field_type: FieldType,
    /// The choices of a select.
    pub(crate) options: Vec<String>,
    pub(crate) is_required: bool,
    /// Value of new contacts that have none, as text.
    pub(crate) default_value: Option<String>,
}

/// All definitions that hold in the scope's workspace, one a name: the workspace's own wins over the owner's.
pub(crate) async fn load(door: Door<'_>, scope: &Scope) -> Result<Vec<Definition>, StoreError> {
    let owner_id = door.facts(scope).await?.owner_id;
    let mine = Condition::any()
        .add(Column::WorkspaceId.eq(scope.workspace_id()))
        .add(Condition::all().add(Column::WorkspaceId.is_null()).add(Column::UserId.eq(owner_id)));
    let select = Entity::find().filter(mine).order_by_asc(Column::Id);
    let mut rows = door.everywhere(System::task("custom field definitions"), select).await?;
    rows.sort_by_key(|row| row.workspace_id.is_none());
    let mut definitions: Vec<Definition> = Vec::with_capacity(rows.len());
    for row in rows {
        if definitions.iter().all(|known| known.name != row.field_name) {
            definitions.push(definition(row)?);
        }
    }
    Ok(definitions)
}

fn definition(row: Model) -> Result<Definition, StoreError> {
    Ok(Definition {
        field_type: FieldType::parse(&row.field_type)?,
        options: row.options.map(serde_json::from_value).transpose()?.unwrap_or_default(),
        name: row.field_name,
        label: row.label,
        is_required: row.is_required,
        default_value: row.default_value,
    })
}
