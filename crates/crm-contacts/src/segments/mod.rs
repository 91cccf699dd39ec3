//! Segments: a filter over contacts as a tree, checked once and compiled to one SQL query.

use async_trait::async_trait;
use crm_core::{ContactId, Scope, StoreError, Tx};

use crate::contacts::Contact;

mod campaign;
pub(crate) mod compile;
mod consent;
mod custom;
mod field;
mod lacking;
mod leaf;
mod parse;
mod preview;
pub mod saved;
mod sea;
mod task;
mod tree;

pub(crate) use leaf::list_condition;
pub use sea::SeaSegments;
pub use tree::{
    Activity, ActivityOperator, CampaignOperator, CampaignState, CustomCondition, FieldCondition,
    Operand, Operator, Range, Segment, SegmentNode, StageDays, TaskOperator, TaskState,
};

/// Why a segment was refused; the text names the field, operator, list or campaign.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The JSON is no segment; the text says where.
    #[error("{0}")]
    Malformed(String),
    /// An unknown field, operator, list or campaign; the text names it.
    #[error("{0}")]
    Unknown(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of a segments operation.
pub type Result<T> = std::result::Result<T, SegmentError>;

/// How many contacts a segment has, and some of them.
#[derive(Debug, Clone)]
pub struct SegmentPreview {
    /// Exact number of contacts.
    pub count: u64,
    /// The first few, newest first.
    pub sample: Vec<Contact>,
}

/// Something a message may say of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// First or last name.
    FullName,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// Company.
    Company,
    /// A custom field, by its name.
    Custom(String),
}

/// How many contacts lack what a message would say of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// Exact number of contacts.
    pub audience: u64,
    /// For each thing that was asked about, in that order, how many of them lack it.
    pub missing: Vec<u64>,
}

/// Segments of one workspace.
#[async_trait]
pub trait Segments: Send + Sync {
    /// Checks a segment against this workspace's fields, lists and campaigns.
    async fn check(&self, scope: &Scope, segment: &Segment) -> Result<()>;
    /// Counts a segment exactly and shows its first contacts.
    async fn preview(&self, scope: &Scope, segment: &Segment) -> Result<SegmentPreview>;
    /// Counts who of a segment lacks what, in one statement.
    async fn lacking(&self, scope: &Scope, segment: &Segment, wanted: &[Wanted])
    -> Result<Lacking>;
    /// The contacts of a segment in order of id, `limit` at a time, after the id given. The whole audience is read by
    /// calling this until it returns fewer than `limit`.
    async fn audience(
        &self,
        scope: &Scope,
        segment: &Segment,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<Contact>>;
    /// The same inside a transaction.
    async fn audience_in(
        &self,
        tx: &Tx,
        scope: &Scope,
        segment: &Segment,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<Contact>>;
}
