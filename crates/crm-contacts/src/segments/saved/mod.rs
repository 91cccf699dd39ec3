//! Segments that were given a name, to be used again. What uses one takes a copy of what it says at that moment, so that
//! changing or deleting it changes no campaign.

use async_trait::async_trait;
use crm_core::{Scope, SegmentId, StoreError, Timestamp, UserId};

use super::{Segment, SegmentError};

mod sea;

pub use sea::SeaSavedSegments;

/// A segment with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedSegment {
    /// Its id.
    pub id: SegmentId,
    /// Its name, unique in the workspace.
    pub name: String,
    /// Which contacts it means.
    pub segment: Segment,
    /// Who saved it.
    pub created_by: Option<UserId>,
    /// When it was saved.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// What a segment is saved or changed with.
#[derive(Debug, Clone)]
pub struct NewSavedSegment {
    /// Its name.
    pub name: String,
    /// Which contacts it means.
    pub segment: Segment,
}

/// Why a saved segment could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SavedSegmentsError {
    /// The name is empty or longer than 100 characters.
    #[error("enter a name of up to 100 characters")]
    InvalidName,
    /// Another saved segment has this name.
    #[error("a segment with this name already exists")]
    DuplicateName,
    /// The segment names something this workspace does not have.
    #[error(transparent)]
    Segment(SegmentError),
    /// Somebody else changed it meanwhile.
    #[error("the segment was changed by somebody else in the meantime")]
    Stale,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SegmentError> for SavedSegmentsError {
    fn from(err: SegmentError) -> Self {
        match err {
            SegmentError::Store(err) => Self::Store(err),
            other => Self::Segment(other),
        }
    }
}

/// Result of an operation on saved segments.
pub type Result<T> = std::result::Result<T, SavedSegmentsError>;

/// The saved segments of one workspace.
#[async_trait]
pub trait SavedSegments: Send + Sync {
    /// All of them, by name.
    async fn all(&self, scope: &Scope) -> Result<Vec<SavedSegment>>;
    /// One of them.
    async fn get(&self, scope: &Scope, id: SegmentId) -> Result<Option<SavedSegment>>;
    /// Saves one.
    async fn create(&self, scope: &Scope, new: NewSavedSegment) -> Result<SavedSegment>;
    /// Changes one. `version` is the version the caller saw; another one is [`SavedSegmentsError::Stale`].
    async fn update(
        &self,
        scope: &Scope,
        id: SegmentId,
        version: Option<i64>,
        change: NewSavedSegment,
    ) -> Result<Option<SavedSegment>>;
    /// Deletes one; `false` where there is none.
    async fn delete(&self, scope: &Scope, id: SegmentId) -> Result<bool>;
}
