//! The contact book of one workspace.

use std::collections::BTreeMap;

use async_trait::async_trait;
use crm_core::email::BadEmail;
use crm_core::phone::BadPhone;
use crm_core::{ContactId, ListId, Page, PageRequest, Scope, StoreError, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::segments::{Segment, SegmentError};

mod change;
mod counts;
mod create;
pub(crate) mod custom;
pub(crate) mod definitions;
pub(crate) mod delete;
pub(crate) mod fields;
pub(crate) mod list;
pub(crate) mod load;
mod plans;
mod replace;
pub(crate) mod save;
mod sea;
pub(crate) mod search;
mod sort;
mod walk;
mod walk_custom;
mod walk_groups;

pub use plans::page_statements;
pub use sea::SeaContacts;
pub use sort::{ContactSort, CustomSort};

/// The value of a custom field, typed by its definition.
#[derive(Debug, Clone, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum CustomValue {
    /// `boolean`
    Boolean(bool),
    /// `number`
    Number(f64),
    /// `text`, `date`, `select`, `url`
    Text(String),
}

impl CustomValue {
    /// The largest whole number below which every whole number is exact in a `f64`.
    const EXACT: f64 = 9_007_199_254_740_992.0;
}

impl Serialize for CustomValue {
    /// Whole numbers are written without a fraction, as they were typed.
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(truth) => serializer.serialize_bool(*truth),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < Self::EXACT => {
                match format!("{number:.0}").parse::<i64>() {
                    Ok(whole) => serializer.serialize_i64(whole),
                    Err(_) => serializer.serialize_f64(*number),
                }
            }
            Self::Number(number) => serializer.serialize_f64(*number),
        }
    }
}

/// A list a contact is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListRef {
    /// The list.
    pub id: ListId,
    /// Its name.
    pub name: String,
    /// Whether it is a pipeline stage.
    pub is_primary: bool,
    /// Category colour, 1 to 8.
    pub color: i64,
}

/// A contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Given name, may be empty.
    pub first_name: String,
    /// Family name, may be empty.
    pub last_name: String,
    /// E-mail address, lower-case.
    pub primary_email: Option<String>,
    /// Phone number, E.164.
    pub primary_phone: Option<String>,
    /// Company, may be empty.
    pub company: String,
    /// The member who looks after them.
    pub owner_id: Option<UserId>,
    /// Expected value in the smallest unit of the workspace's currency.
    pub value_minor: Option<i64>,
    /// Since when they are in their stage.
    pub stage_since: Option<Timestamp>,
    /// When they were added.
    pub created_on: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
    /// Counts changes; the `ETag`.
    pub version: i64,
    /// Custom fields by name.
    pub custom: BTreeMap<String, CustomValue>,
    /// Lists they are in, stage first.
    pub lists: Vec<ListRef>,
}

impl Contact {
    /// Somebody of whom nothing is known, added at this time.
    pub fn blank(id: ContactId, at: Timestamp) -> Self {
        Self {
            id,
            first_name: String::new(),
            last_name: String::new(),
            primary_email: None,
            primary_phone: None,
            company: String::new(),
            owner_id: None,
            value_minor: None,
            stage_since: None,
            created_on: at,
            updated_at: at,
            version: 1,
            custom: BTreeMap::new(),
            lists: Vec::new(),
        }
    }

    /// First and last name, else company, else address, else phone.
    pub fn display_name(&self) -> String {
        let email = self.primary_email.as_deref().unwrap_or_default();
        let phone = self.primary_phone.as_deref().unwrap_or_default();
        name_of([&self.first_name, &self.last_name, &self.company, email, phone])
    }
}

/// What a contact with this first name, last name, company, address and number is called.
pub(crate) fn name_of([first, last, company, email, phone]: [&str; 5]) -> String {
    let name = format!("{first} {last}");
    let mut names = [name.trim(), company, email, phone].into_iter();
    names.find(|text| !text.is_empty()).unwrap_or_default().to_owned()
}

/// What a contact is made or replaced with. Texts are as typed; they are trimmed and parsed here.
#[derive(Debug, Clone, Default)]
pub struct NewContact {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address; empty or `None` is none.
    pub primary_email: Option<String>,
    /// Phone number as people write it; empty or `None` is none.
    pub primary_phone: Option<String>,
    /// Company.
    pub company: String,
    /// The member who looks after them.
    pub owner_id: Option<UserId>,
    /// Expected value in the smallest currency unit.
    pub value_minor: Option<i64>,
    /// Custom fields by name.
    pub custom: BTreeMap<String, CustomValue>,
    /// Lists to be in. Without a stage among them the contact enters the workspace's first stage.
    pub list_ids: Vec<ListId>,
}

/// A change of some fields: outer `None` leaves a field as it is, inner `None` empties it.
#[derive(Debug, Clone, Default)]
pub struct ContactChange {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// E-mail address.
    pub primary_email: Option<Option<String>>,
    /// Phone number.
    pub primary_phone: Option<Option<String>>,
    /// Company.
    pub company: Option<String>,
    /// Owner.
    pub owner_id: Option<Option<UserId>>,
    /// Value.
    pub value_minor: Option<Option<i64>>,
    /// Custom fields to set (`Some`) or remove (`None`) by name; others stay.
    pub custom: BTreeMap<String, Option<CustomValue>>,
    /// Replaces all lists.
    pub list_ids: Option<Vec<ListId>>,
}

/// What to list, in what order.
#[derive(Debug, Clone, Default)]
pub struct ContactQuery {
    /// Text to find anywhere in name, e-mail, phone or company; empty finds all.
    pub search: String,
    /// Only contacts in this list.
    pub list_id: Option<ListId>,
    /// Only contacts of this segment.
    pub segment: Option<Segment>,
    /// Only these contacts; empty for all.
    pub ids: Vec<ContactId>,
    /// The order.
    pub sort: ContactSort,
    /// The page.
    pub page: PageRequest,
}

/// Numbers for the dashboard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContactCounts {
    /// All contacts.
    pub total: u64,
    /// Added in the last seven days.
    pub last_7_days: u64,
}

/// The contact that has what another one shall get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// Its id.
    pub id: ContactId,
    /// Its name.
    pub name: String,
}

fn named(existing: Option<&Existing>) -> &str {
    existing.map_or("another contact", |contact| &contact.name)
}

/// Why a contact could not be read or written. Each variant but the last names the field it is about.
#[derive(Debug, thiserror::Error)]
pub enum ContactsError {
    /// Neither a name, a company, an address nor a number.
    #[error("enter a name, a company, an e-mail address or a phone number")]
    Empty,
    /// A text field is too long or holds control characters.
    #[error("{field} must be at most {max} characters without control characters")]
    InvalidText {
        /// The field.
        field: &'static str,
        /// Most characters it may have.
        max: usize,
    },
    /// The address has no valid form.
    #[error(transparent)]
    InvalidEmail(#[from] BadEmail),
    /// The number has no valid form.
    #[error(transparent)]
    InvalidPhone(#[from] BadPhone),
    /// Another contact has this address.
    #[error("{} has this e-mail address already", named(existing.as_ref()))]
    DuplicateEmail {
        /// That contact, where it could still be found.
        existing: Option<Existing>,
    },
    /// Another contact has this number.
    #[error("{} has this phone number already", named(existing.as_ref()))]
    DuplicatePhone {
        /// That contact, where it could still be found.
        existing: Option<Existing>,
    },
    /// A list that is not in this workspace, or two stages at once.
    #[error("{0}")]
    InvalidList(&'static str),
    /// The owner is no member of this workspace.
    #[error("the owner must be a member of this workspace")]
    InvalidOwner,
    /// A custom field that has no definition, or a value that does not fit it.
    #[error("custom field {field}: {problem}")]
    InvalidCustom {
        /// The field's name.
        field: String,
        /// What is wrong.
        problem: String,
    },
    /// The segment is malformed or names what this workspace does not have; the text says what.
    #[error("{0}")]
    InvalidSegment(String),
    /// There is no custom field of this name to sort by.
    #[error("contacts cannot be sorted by custom.{0}: there is no such field")]
    InvalidSort(String),
    /// The cursor does not belong to this list.
    #[error("this cursor does not belong to this list")]
    InvalidCursor,
    /// Somebody changed the contact in the meantime.
    #[error("the contact was changed by somebody else in the meantime")]
    Stale,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SegmentError> for ContactsError {
    fn from(err: SegmentError) -> Self {
        match err {
            SegmentError::Malformed(text) | SegmentError::Unknown(text) => {
                Self::InvalidSegment(text)
            }
            SegmentError::Store(err) => Self::Store(err),
        }
    }
}

/// Result of a contacts operation.
pub type Result<T> = std::result::Result<T, ContactsError>;

/// The contact book of one workspace; the scope says which.
#[async_trait]
pub trait Contacts: Send + Sync {
    /// Adds a contact.
    async fn create(&self, scope: &Scope, new: NewContact) -> Result<Contact>;
    /// A contact; `None` also when the id belongs to another workspace.
    async fn get(&self, scope: &Scope, id: ContactId) -> Result<Option<Contact>>;
    /// The contacts with these ids, in no particular order; strangers are left out.
    async fn get_many(&self, scope: &Scope, ids: &[ContactId]) -> Result<Vec<Contact>>;
    /// One page of contacts.
    async fn list(&self, scope: &Scope, query: ContactQuery) -> Result<Page<Contact>>;
    /// Replaces all fields (PUT). `version` is the version the caller saw; another one is [`ContactsError::Stale`].
    async fn replace(
        &self,
        scope: &Scope,
        id: ContactId,
        version: Option<i64>,
        new: NewContact,
    ) -> Result<Option<Contact>>;
    /// Changes some fields (PATCH).
    async fn change(
        &self,
        scope: &Scope,
        id: ContactId,
        version: Option<i64>,
        change: ContactChange,
    ) -> Result<Option<Contact>>;
    /// Puts a contact into the trash with everything that goes with it; `false` where there is none.
    async fn delete(&self, scope: &Scope, id: ContactId) -> Result<bool>;
    /// Names of the custom fields contacts of this workspace may have.
    async fn custom_field_names(&self, scope: &Scope) -> Result<Vec<String>>;
    /// Numbers for the dashboard.
    async fn counts(&self, scope: &Scope) -> Result<ContactCounts>;
}
