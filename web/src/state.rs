//! What handlers share.

use std::sync::Arc;

use crm_ai::{Drafts, Insights, Summaries};
use crm_audit::Notes;
use crm_backup::Backups;
use crm_campaigns::{
    Campaigns, Consents, Engine as SendEngine, Inbound, IncomingMail, Messages, Suppressions,
    Templates,
};
use crm_contacts::segments::saved::SavedSegments;
use crm_contacts::{
    Board, BulkActions, Contacts, Fields, Imports, Lists, Merges, Privacy, Segments, Tasks,
    Timeline, Trash,
};
use crm_core::Context;
use crm_core::accounts::second_factor::SecondFactors;
use crm_core::accounts::{Accounts, Credentials, PasswordResets};
use crm_core::idempotency::RepeatedRequests;
use crm_core::keys::Keys;
use crm_core::sealed::SealedStore;
use crm_providers::Providers;
use crm_providers::domain::SendingDomains;
use crm_providers::practice::PracticeOutbox;

use crate::config::Config;
use crate::middleware::limits::Limits;
use crate::pages::campaigns::Watched;
use crate::pages::setup::SetupGate;
use crate::views;

/// The services, by their traits.
#[derive(Clone)]
pub struct Services {
    /// Database, clock, ids, audit.
    pub ctx: Context,
    /// Notes what was refused.
    pub notes: Arc<Notes>,
    /// Backups of the whole installation.
    pub backups: Arc<dyn Backups>,
    /// Users, sessions, workspaces.
    pub accounts: Arc<dyn Accounts>,
    /// People's own passwords, sessions and profiles.
    pub credentials: Arc<dyn Credentials>,
    /// Links and codes for people who forgot their password.
    pub resets: Arc<dyn PasswordResets>,
    /// Second factors.
    pub second_factors: Arc<dyn SecondFactors>,
    /// API keys.
    pub keys: Arc<dyn Keys>,
    /// Contacts.
    pub contacts: Arc<dyn Contacts>,
    /// Two contacts that are one person.
    pub merges: Arc<dyn Merges>,
    /// Actions on many contacts.
    pub bulk: Arc<dyn BulkActions>,
    /// What people may ask about themselves.
    pub privacy: Arc<dyn Privacy>,
    /// Deleted contacts.
    pub trash: Arc<dyn Trash>,
    /// Stages and tags.
    pub lists: Arc<dyn Lists>,
    /// The pipeline board.
    pub board: Arc<dyn Board>,
    /// Follow-ups.
    pub tasks: Arc<dyn Tasks>,
    /// Custom fields.
    pub fields: Arc<dyn Fields>,
    /// Communication logs.
    pub timeline: Arc<dyn Timeline>,
    /// Segments.
    pub segments: Arc<dyn Segments>,
    /// Segments with a name.
    pub saved_segments: Arc<dyn SavedSegments>,
    /// Imports of CSV files and vCards.
    pub imports: Arc<dyn Imports>,
    /// Providers.
    pub providers: Arc<dyn Providers>,
    /// The domains mail is sent from.
    pub domains: Arc<dyn SendingDomains>,
    /// The practice outbox.
    pub practice: Arc<dyn PracticeOutbox>,
    /// Templates.
    pub templates: Arc<dyn Templates>,
    /// Drafts by language models.
    pub drafts: Arc<dyn Drafts>,
    /// What has happened with single contacts, in a few sentences.
    pub summaries: Arc<dyn Summaries>,
    /// What stands out in workspaces.
    pub insights: Arc<dyn Insights>,
    /// Campaigns.
    pub campaigns: Arc<dyn Campaigns>,
    /// Messages to single contacts.
    pub messages: Arc<dyn Messages>,
    /// What people said about being written to.
    pub consents: Arc<dyn Consents>,
    /// What comes in from outside.
    pub inbound: Arc<dyn Inbound>,
    /// The mailbox a workspace reads.
    pub incoming: Arc<dyn IncomingMail>,
    /// Addresses that must not be written to.
    pub suppressions: Arc<dyn Suppressions>,
    /// Requests that may be repeated.
    pub repeated: Arc<dyn RepeatedRequests>,
    /// Whoever keeps sealed secrets.
    pub sealed: Vec<Arc<dyn SealedStore>>,
    /// The send engine.
    pub engine: Arc<dyn SendEngine>,
}

/// Everything a handler may need, as `web::Data<App>`.
pub struct App {
    /// The services.
    pub services: Services,
    /// Settings.
    pub config: Config,
    /// Renders pages.
    pub views: views::Engine,
    /// Whether the first-run page is open, and its code.
    pub setup: SetupGate,
    /// Slows down guessing of passwords and codes, and callers in a hurry.
    pub limits: Limits,
    /// Campaigns people look at while they are sent.
    pub watched: Watched,
    /// Wakes the background workers when a request has left them work.
    pub poke: Arc<dyn Fn() + Send + Sync>,
}
