//! The pipeline as a board: a column for each stage, a card for each contact.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use crm_core::{ContactId, ListId, Page, PageRequest, Scope, StoreError, Timestamp, UserId};

use crate::tasks::Task;

mod cards;
mod filter;
mod sea;
mod stays;
mod totals;

pub use sea::SeaBoard;

/// Which contacts are on the board; the default is all of them.
#[derive(Debug, Clone, Default)]
pub struct BoardFilter {
    /// Words that occur in name, address, number or company.
    pub search: String,
    /// Only those this person looks after.
    pub owner_id: Option<UserId>,
    /// Only those with this tag.
    pub tag: Option<ListId>,
}

impl BoardFilter {
    /// Whether all contacts are wanted.
    pub fn is_empty(&self) -> bool {
        self.search.trim().is_empty() && self.owner_id.is_none() && self.tag.is_none()
    }
}

/// The order of the cards in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BoardOrder {
    /// Who entered the stage last comes first, so that a card that was moved is seen where it went.
    #[default]
    NewestFirst,
    /// Who has been in the stage for longest comes first.
    LongestFirst,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// How many contacts.
    pub contacts: u64,
    /// Sum of their values, in the smallest currency unit.
    pub value_minor: i64,
}

/// A contact on the board.
#[derive(Debug, Clone)]
pub struct Card {
    /// Id of the contact.
    pub id: ContactId,
    /// What to call the person.
    pub name: String,
    /// Company; may be empty.
    pub company: String,
    /// Value in the smallest currency unit.
    pub value_minor: Option<i64>,
    /// Who looks after the contact.
    pub owner_id: Option<UserId>,
    /// When it entered the stage.
    pub since: Timestamp,
    /// The most urgent of what is open about it.
    pub next: Option<Task>,
}

/// Why the board could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// The cursor does not belong to a column.
    #[error("this place in the column does not exist any more")]
    InvalidCursor,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of reading the board.
pub type Result<T> = std::result::Result<T, BoardError>;

/// The board of one workspace. Cards are moved with [`crate::Lists::assign`].
#[async_trait]
pub trait Board: Send + Sync {
    /// What each stage holds; a stage without contacts is absent.
    async fn totals(&self, scope: &Scope, filter: &BoardFilter) -> Result<HashMap<ListId, Total>>;
    /// For how long those in each stage have been there, on average; a stage without contacts is absent.
    async fn stays(&self, scope: &Scope, filter: &BoardFilter)
    -> Result<HashMap<ListId, Duration>>;
    /// One page of a stage's cards. The page does not count: that is for [`Board::totals`].
    async fn cards(
        &self,
        scope: &Scope,
        stage: ListId,
        filter: &BoardFilter,
        order: BoardOrder,
        page: PageRequest,
    ) -> Result<Page<Card>>;
}
