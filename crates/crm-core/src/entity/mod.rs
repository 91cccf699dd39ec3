//! The tables this crate owns.

pub(crate) mod api_keys;
pub(crate) mod idempotency_keys;
pub(crate) mod invitations;
pub(crate) mod outbox;
pub(crate) mod password_resets;
pub(crate) mod recovery_codes;
pub(crate) mod second_factors;
pub(crate) mod sessions;
pub(crate) mod system_settings;
pub(crate) mod users;
pub(crate) mod workspace_members;
pub(crate) mod workspaces;
