//! The tables this crate owns.

pub(crate) mod campaign_approvals;
pub(crate) mod campaign_recipients;
pub(crate) mod campaigns;
pub(crate) mod engine_boots;
pub(crate) mod inbound_messages;
pub(crate) mod provider_polls;
pub(crate) mod suppressions;
pub(crate) mod template_versions;
pub(crate) mod templates;
pub(crate) mod webhook_tokens;
pub(crate) mod workspace_mailboxes;
