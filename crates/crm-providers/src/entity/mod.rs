//! The tables this crate owns, and the columns it reads of one it does not.

pub(crate) mod campaigns;
pub(crate) mod dkim_keys;
pub(crate) mod practice_messages;
pub(crate) mod provider_budgets;
pub(crate) mod text_spending;
pub(crate) mod workspace_email_provider;
pub(crate) mod workspace_text_provider;
