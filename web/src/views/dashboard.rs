//! `/dashboard`: what needs a person now. A widget without data is absent, so nothing here is ever invented.

use serde::Serialize;

use super::View;
use super::campaign::Progress;
use super::common::{Link, Stage};
use super::contacts::ContactRow;
use super::shell::Shell;

/// The dashboard.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DashboardPage {
    /// The frame.
    pub shell: Shell,
    /// For whoever runs the server: whether no backup of the last day was made and checked.
    pub backup_is_late: bool,
    /// All contacts of the workspace.
    pub contacts_total: u64,
    /// Whether `contacts_total` was counted to the end.
    pub contacts_total_exact: bool,
    /// Contacts added in the last seven days.
    pub contacts_new_week: u64,
    /// Messages that left (or were practised) in the last 30 days.
    pub messages_sent_month: u64,
    /// Campaigns being sent or paused now.
    pub campaigns_running: u64,
    /// What is due today, overdue first, at most seven.
    pub today: Vec<super::tasks::TaskRow>,
    /// How many more are due today.
    pub today_more: u64,
    /// Whether this person may do tasks.
    pub may_do: bool,
    /// Campaigns waiting for approval.
    pub approvals: Vec<ApprovalItem>,
    /// The campaign being sent now, else the last one finished.
    pub campaign: Option<CampaignItem>,
    /// Contacts by stage, in pipeline order; empty where the workspace has no stages.
    pub pipeline: Vec<PipelineRow>,
    /// The newest contacts, newest first, at most seven.
    pub recent: Vec<ContactRow>,
    /// Steps of the set-up that are done or open; empty once all are done.
    pub checklist: Vec<ChecklistItem>,
}

/// A campaign that waits for a decision.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ApprovalItem {
    /// Id of the campaign.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many people it would reach.
    pub audience: u64,
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub requested_at: String,
    /// Whether this person may decide.
    pub may_decide: bool,
}

/// The campaign in flight, or the last one.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CampaignItem {
    /// Id of the campaign.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status, as stored.
    pub status: String,
    /// Its figures.
    pub progress: Progress,
}

/// One stage of the pipeline.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PipelineRow {
    /// The stage.
    pub stage: Stage,
    /// How many people are in it.
    pub people: u64,
    /// Their share of the fullest stage, in percent, for the bar.
    pub share: f64,
    /// Sum of their values in the smallest unit of the workspace's currency.
    pub value_minor: i64,
    /// The list behind the figure.
    pub url: String,
}

/// One step of the set-up.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChecklistItem {
    /// What to do.
    pub link: Link,
    /// What it is good for.
    pub hint: String,
    /// Whether it is done.
    pub done: bool,
}

impl View for DashboardPage {
    const TEMPLATE: &'static str = "pages/dashboard.html";

    fn samples() -> Vec<Self> {
        super::samples::dashboard::pages()
    }
}
