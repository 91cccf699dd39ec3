//! `/pipeline`: the stages as columns, the contacts in them as cards.

use serde::Serialize;

use super::View;
use super::common::{Choice, Link, Stage};
use super::shell::Shell;

/// `/pipeline?q&owner&tag&order&stage&cursor`. With `stage`, that column begins at `cursor`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PipelinePage {
    /// The frame.
    pub shell: Shell,
    /// The columns, in pipeline order.
    pub columns: Vec<Column>,
    /// How many contacts are on the board.
    pub people: u64,
    /// What they are worth, in the smallest unit of the workspace's currency.
    pub value_minor: i64,
    /// What was searched for.
    pub q: String,
    /// Whose contacts: everybody's, mine.
    pub owners: Vec<Choice>,
    /// Tags to filter by.
    pub tags: Vec<Choice>,
    /// The orders of the cards.
    pub orders: Vec<Choice>,
    /// Whether anything filters.
    pub filtered: bool,
    /// Where moves lead back to: this board with its filters.
    pub back: String,
    /// Whether this person may move cards.
    pub may_move: bool,
}

/// A column.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Column {
    /// The stage.
    pub stage: Stage,
    /// How many contacts are in it.
    pub people: u64,
    /// What they are worth.
    pub value_minor: i64,
    /// For how many days they have been in it, on average; absent where nobody is.
    pub days: Option<u64>,
    /// The cards.
    pub cards: Vec<Card>,
    /// This board with more of this column.
    pub more_url: Option<String>,
    /// How many more there are.
    pub more: u64,
    /// This board with the beginning of this column, where it is not shown.
    pub first_url: Option<String>,
}

/// A contact on the board. Form: `POST /pipeline/{id}/move` (`list_id`, `back`).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Card {
    /// Id of the contact.
    pub id: String,
    /// What to call the person.
    pub name: String,
    /// Company; empty where that is unknown or the name already.
    pub company: String,
    /// Value in the smallest unit of the workspace's currency.
    pub value_minor: Option<i64>,
    /// What is to be done next.
    pub next: Option<String>,
    /// Whether that is overdue.
    pub overdue: bool,
    /// When it entered the stage.
    pub since: String,
    /// Whole days since then.
    pub days: i64,
    /// Who looks after the contact.
    pub owner: Option<String>,
    /// Their id, which decides the colour of the initials.
    pub owner_id: String,
}

impl View for PipelinePage {
    const TEMPLATE: &'static str = "pages/pipeline/index.html";

    fn samples() -> Vec<Self> {
        super::samples::pipeline::board()
    }
}

/// `/pipeline/{id}/move`: where one contact could go, for those without script or pointer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MovePage {
    /// The frame.
    pub shell: Shell,
    /// The contact.
    pub contact: Link,
    /// Its id.
    pub id: String,
    /// The stages.
    pub stages: Vec<Stage>,
    /// Id of the stage it is in; empty for none.
    pub current: String,
    /// Where the move leads back to.
    pub back: String,
}

impl View for MovePage {
    const TEMPLATE: &'static str = "pages/pipeline/move.html";

    fn samples() -> Vec<Self> {
        super::samples::pipeline::moves()
    }
}
