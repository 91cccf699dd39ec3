//! Custom fields: what the contacts of a workspace may have beside their columns. A field belongs to one workspace, or to
//! its owner, who then has it in all of theirs; a workspace's own wins over one of the same name.
//!
//! A field's name and type are fixed when it is made, because segments, templates, files and programs refer to them. What
//! people read is its label, which can be changed at any time. A field that is not needed any more is archived: nothing
//! gets a new value, and what has one keeps it.

use async_trait::async_trait;
use crm_core::{CustomFieldDefinitionId, Scope, StoreError, Timestamp};
use serde::{Deserialize, Serialize};

mod change;
mod check;
mod create;
mod delete;
mod read;
mod sea;

pub use sea::SeaFields;

/// Most fields a workspace's contacts can have, archived ones included.
pub const MAX_FIELDS: usize = 100;

/// What kind of value a custom field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// A day.
    Date,
    /// Yes or no.
    Boolean,
    /// One of a few words.
    Select,
    /// A web address.
    Url,
}

impl FieldType {
    /// Every type.
    pub const ALL: [Self; 6] =
        [Self::Text, Self::Number, Self::Date, Self::Boolean, Self::Select, Self::Url];

    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
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
    pub(crate) fn parse(word: &str) -> std::result::Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| StoreError::Corrupt(format!("custom field type {word}")))
    }
}

/// A custom field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its id.
    pub id: CustomFieldDefinitionId,
    /// What segments, templates and files call it: `contract_value`.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What kind of value it holds.
    pub field_type: FieldType,
    /// The choices of a select, in their order.
    pub options: Vec<String>,
    /// Whether a new contact must have a value.
    pub is_required: bool,
    /// Value of new contacts that are given none, as text.
    pub default_value: Option<String>,
    /// Its place, from 1, among the workspace's own or among those of all workspaces.
    pub position: i64,
    /// Whether the owner of the workspace has it in all of theirs.
    pub is_global: bool,
    /// Since when it is put away.
    pub archived_at: Option<Timestamp>,
    /// Contacts of this workspace that have a value.
    pub contacts: u64,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a field is made with.
#[derive(Debug, Clone)]
pub struct NewField {
    /// Its name; `None` makes one of the label.
    pub name: Option<String>,
    /// Its label.
    pub label: String,
    /// Its type.
    pub field_type: FieldType,
    /// The choices of a select; empty for any other type.
    pub options: Vec<String>,
    /// Whether a new contact must have a value.
    pub is_required: bool,
    /// Value of new contacts that are given none, as people write it.
    pub default_value: Option<String>,
    /// Whether it is for all workspaces of this one's owner.
    pub is_global: bool,
}

/// What of a field can be changed.
#[derive(Debug, Clone)]
pub struct FieldChange {
    /// Its label.
    pub label: String,
    /// The choices of a select.
    pub options: Vec<String>,
    /// Whether a new contact must have a value.
    pub is_required: bool,
    /// Value of new contacts that are given none.
    pub default_value: Option<String>,
    /// Its place, from 1; `None` leaves it.
    pub position: Option<i64>,
    /// Whether it is put away.
    pub is_archived: bool,
}

/// Why a field could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FieldsError {
    /// The name has another form than `contract_value`.
    #[error(
        "use up to 50 small letters, digits and underscores, beginning with a letter, like contract_value"
    )]
    InvalidName,
    /// The label is empty or longer than 100 characters.
    #[error("enter a label of up to 100 characters")]
    InvalidLabel,
    /// The choices are none, too many, doubled, too long, or there are some for a type that has none.
    #[error("{0}")]
    InvalidOptions(String),
    /// The default does not fit the type.
    #[error("{0}")]
    InvalidDefault(String),
    /// The position is below 1.
    #[error("the position counts from 1")]
    InvalidPosition,
    /// Another field has this name.
    #[error("a field with this name already exists")]
    DuplicateName,
    /// There are [`MAX_FIELDS`].
    #[error("there are 100 fields; delete one first")]
    TooMany,
    /// A choice that is taken away is the value of contacts.
    #[error("{option} is chosen for {contacts} contacts; change those first")]
    OptionInUse {
        /// The choice.
        option: String,
        /// How many contacts have it.
        contacts: u64,
    },
    /// It is for all workspaces of somebody else.
    #[error("only the owner of this workspace changes fields of all their workspaces")]
    NotYours,
    /// It has to be archived first.
    #[error("archive the field first; deleting it deletes its values")]
    NotArchived,
    /// Somebody else changed it meanwhile.
    #[error("the field was changed by somebody else in the meantime")]
    Stale,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of an operation on fields.
pub type Result<T> = std::result::Result<T, FieldsError>;

/// The custom fields of one workspace.
#[async_trait]
pub trait Fields: Send + Sync {
    /// All fields in their order, archived ones included: the workspace's own, then those of all workspaces.
    async fn all(&self, scope: &Scope) -> Result<Vec<Field>>;
    /// One field.
    async fn get(&self, scope: &Scope, id: CustomFieldDefinitionId) -> Result<Option<Field>>;
    /// Makes a field.
    async fn create(&self, scope: &Scope, new: NewField) -> Result<Field>;
    /// Changes a field. `version` is the version the caller saw; another one is [`FieldsError::Stale`].
    async fn update(
        &self,
        scope: &Scope,
        id: CustomFieldDefinitionId,
        version: Option<i64>,
        change: FieldChange,
    ) -> Result<Option<Field>>;
    /// Deletes an archived field and its values; `false` where there is none.
    async fn delete(&self, scope: &Scope, id: CustomFieldDefinitionId) -> Result<bool>;
}
