//! `/inbox`: what waits for a person.

use serde::Serialize;

use super::View;
use super::contact::MessageRow;
use super::shell::Shell;

/// `/inbox`: approvals, messages in doubt, and what the program stopped.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InboxPage {
    /// The frame.
    pub shell: Shell,
    /// Campaigns to be approved, the one that waits longest first.
    pub approvals: Vec<WaitingCampaign>,
    /// Campaigns with messages of which nobody can tell whether they were sent.
    pub in_doubt: Vec<WaitingCampaign>,
    /// Campaigns the program stopped.
    pub stopped: Vec<WaitingCampaign>,
    /// Messages to single contacts that are in doubt or stopped.
    pub messages: Vec<MessageRow>,
    /// Whether this person may approve.
    pub may_approve: bool,
    /// Whether this person may decide about messages.
    pub may_send: bool,
}

/// A campaign that waits.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WaitingCampaign {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Who asked, or made it; absent once they are gone.
    pub author: Option<String>,
    /// How many people it is to.
    pub people: u64,
    /// Of how many messages nobody can tell.
    pub doubtful: u64,
    /// Since when it waits.
    pub since: String,
    /// Why it was stopped.
    pub reason: Option<String>,
    /// Whether this person may decide: whoever asks does not approve where two are needed.
    pub may_decide: bool,
}

impl View for InboxPage {
    const TEMPLATE: &'static str = "pages/inbox.html";

    fn samples() -> Vec<Self> {
        super::samples::inbox::pages()
    }
}
