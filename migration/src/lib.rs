//! The database schema of pi-crm as an ordered list of steps, one list for `SQLite` and `PostgreSQL`.
//!
//! Rules that hold for every table:
//!
//! - Ids are `UUIDv7` as 36-character text. Times are UTC as fixed-width RFC 3339 text with milliseconds, so that
//!   text order is time order. JSON is `jsonb` on `PostgreSQL` and text on `SQLite`.
//! - A table inside a workspace carries `workspace_id`, and a reference to another such table goes through the pair
//!   `(workspace_id, id)`: the database refuses links across workspaces. References that are emptied when their
//!   target goes (`ON DELETE SET NULL`) use the id alone, because emptying the pair would empty the workspace.
//! - Every foreign key has an index that begins with it.
//!
//! Names are written down in each step and never taken from the code that uses the tables: a step says for ever what
//! it did on the day it was released. A released step is never edited; a change is a new step.

use sea_orm_migration::prelude::{MigrationTrait, async_trait};

/// The crate the migrations are written with, in the version they are written for.
pub use sea_orm_migration;
/// `up`, `down` and `status` of [`Migrator`].
pub use sea_orm_migration::prelude::MigratorTrait;

use crate::step::NewTables;

mod step;
mod table;
mod words;

mod m20261122_000001_users;
mod m20261122_000002_workspaces;
mod m20261122_000003_audit_logs;
mod m20261122_000004_contacts;
mod m20261122_000005_custom_fields;
mod m20261122_000006_contact_search;
mod m20261122_000007_tasks;
mod m20261122_000008_providers;
mod m20261122_000009_templates;
mod m20261122_000010_campaigns;
mod m20261122_000011_communication_logs;
mod m20261122_000012_practice_messages;
mod m20261122_000013_saved_segments;
mod m20261122_000014_imports;
mod m20261122_000015_merge_journal;
mod m20261122_000016_ai_insights;
mod m20261122_000017_webhooks;
mod m20261122_000018_backups;
mod m20261122_000019_engine;
mod m20261127_000020_password_resets;
mod m20261127_000021_second_factors;
mod m20261127_000022_invitations;
mod m20261127_000024_audit_head;
mod m20261127_000025_audit_guard;
mod m20261127_000026_idempotency_keys;
mod m20261127_000027_list_versions;
mod m20261127_000028_field_order;
mod m20261127_000029_segment_versions;
mod m20261127_000030_task_versions;
mod m20261127_000031_merges;
mod m20261127_000032_merge_redirects;
mod m20261127_000033_bulk;
mod m20261127_000034_import_undo;
mod m20261127_000036_sort_indexes;
mod m20261127_000038_log_versions;
mod m20261127_000039_board_order;
mod m20261128_000042_owner_order;
mod m20261128_000043_board_stays;
mod m20261128_000044_template_versions;
mod m20261128_000045_template_blocks;
mod m20261128_000050_ai_usage;
mod m20261128_000055_warm_up;
mod m20261128_000060_search_books;
mod m20261128_000061_replies;
mod m20261128_000065_suppression_order;
mod m20261128_000066_single_messages;
mod m20261128_000067_machine_hits;
mod m20261128_000075_provider_success;
mod m20261128_000076_mailboxes;
mod m20261128_000085_practice_texts;
mod m20261128_000086_subject_tests;
mod m20261128_000087_inbound_messages;
mod m20261128_000090_drafted_with;
mod m20261128_000100_incoming_mail;
mod m20261128_000110_dkim_keys;
mod m20261128_000111_consents;
mod m20261128_000120_insight_runs;
mod m20261128_000121_insight_evidence;
mod m20261128_000122_figures;
mod m20261128_000140_webhook_tokens;
mod m20261128_000141_provider_polls;
mod m20261128_000142_external_ids;
mod m20261128_000143_text_spending;
mod m20261128_000150_mailbox_accounts;

/// A step that only adds tables, remembered under the name of its module.
macro_rules! new_tables {
    ($module:ident) => {
        Box::new(NewTables { name: stringify!($module), tables: $module::tables })
    };
}

/// Brings a database to the current schema, or takes it back step by step.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            new_tables!(m20261122_000001_users),
            new_tables!(m20261122_000002_workspaces),
            new_tables!(m20261122_000003_audit_logs),
            new_tables!(m20261122_000004_contacts),
            new_tables!(m20261122_000005_custom_fields),
            Box::new(m20261122_000006_contact_search::STEP),
            new_tables!(m20261122_000007_tasks),
            new_tables!(m20261122_000008_providers),
            new_tables!(m20261122_000009_templates),
            new_tables!(m20261122_000010_campaigns),
            new_tables!(m20261122_000011_communication_logs),
            new_tables!(m20261122_000012_practice_messages),
            new_tables!(m20261122_000013_saved_segments),
            new_tables!(m20261122_000014_imports),
            new_tables!(m20261122_000015_merge_journal),
            new_tables!(m20261122_000016_ai_insights),
            new_tables!(m20261122_000017_webhooks),
            new_tables!(m20261122_000018_backups),
            new_tables!(m20261122_000019_engine),
            new_tables!(m20261127_000020_password_resets),
            new_tables!(m20261127_000021_second_factors),
            Box::new(m20261127_000022_invitations::STEP),
            Box::new(m20261127_000024_audit_head::STEP),
            Box::new(m20261127_000025_audit_guard::STEP),
            new_tables!(m20261127_000026_idempotency_keys),
            Box::new(m20261127_000027_list_versions::STEP),
            Box::new(m20261127_000028_field_order::STEP),
            Box::new(m20261127_000029_segment_versions::STEP),
            Box::new(m20261127_000030_task_versions::STEP),
            new_tables!(m20261127_000031_merges),
            Box::new(m20261127_000032_merge_redirects::STEP),
            new_tables!(m20261127_000033_bulk),
            Box::new(m20261127_000034_import_undo::STEP),
            Box::new(m20261127_000036_sort_indexes::STEP),
            Box::new(m20261127_000038_log_versions::STEP),
            Box::new(m20261127_000039_board_order::STEP),
            Box::new(m20261128_000042_owner_order::STEP),
            Box::new(m20261128_000043_board_stays::STEP),
            new_tables!(m20261128_000044_template_versions),
            Box::new(m20261128_000045_template_blocks::STEP),
            new_tables!(m20261128_000050_ai_usage),
            Box::new(m20261128_000055_warm_up::STEP),
            Box::new(m20261128_000060_search_books::Step),
            Box::new(m20261128_000061_replies::STEP),
            Box::new(m20261128_000065_suppression_order::STEP),
            Box::new(m20261128_000066_single_messages::STEP),
            Box::new(m20261128_000067_machine_hits::STEP),
            Box::new(m20261128_000075_provider_success::STEP),
            Box::new(m20261128_000076_mailboxes::STEP),
            Box::new(m20261128_000085_practice_texts::STEP),
            Box::new(m20261128_000086_subject_tests::STEP),
            Box::new(m20261128_000087_inbound_messages::STEP),
            Box::new(m20261128_000090_drafted_with::STEP),
            new_tables!(m20261128_000100_incoming_mail),
            new_tables!(m20261128_000110_dkim_keys),
            new_tables!(m20261128_000111_consents),
            new_tables!(m20261128_000120_insight_runs),
            Box::new(m20261128_000121_insight_evidence::STEP),
            Box::new(m20261128_000122_figures::STEP),
            new_tables!(m20261128_000140_webhook_tokens),
            new_tables!(m20261128_000141_provider_polls),
            Box::new(m20261128_000142_external_ids::STEP),
            new_tables!(m20261128_000143_text_spending),
            Box::new(m20261128_000150_mailbox_accounts::STEP),
        ]
    }
}
