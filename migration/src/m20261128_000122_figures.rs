//! What figures are counted from: the few rows that say something, in indexes of their own, so that counting them does not
//! look at the many that do not.

use crate::step::Sql;

const UP: &[&str] = &[
    "CREATE INDEX ix_campaign_recipients_replied ON campaign_recipients (campaign_id, replied_at) \
     WHERE replied_at IS NOT NULL",
    "CREATE INDEX ix_campaign_recipients_bounced ON campaign_recipients (campaign_id, bounced_at) \
     WHERE bounced_at IS NOT NULL",
    "CREATE INDEX ix_campaign_recipients_left ON campaign_recipients (campaign_id, unsubscribed_at) \
     WHERE unsubscribed_at IS NOT NULL",
    "CREATE INDEX ix_communication_logs_calls ON communication_logs (workspace_id, timestamp) \
     WHERE type = 'call'",
    "CREATE INDEX ix_communication_logs_notes ON communication_logs (workspace_id, timestamp) \
     WHERE type = 'note'",
    "CREATE INDEX ix_communication_logs_moves ON communication_logs (workspace_id, timestamp) \
     WHERE type = 'stage_change'",
    "CREATE INDEX ix_inbound_messages_received ON inbound_messages (workspace_id, received_at)",
];
const DOWN: &[&str] = &[
    "DROP INDEX ix_inbound_messages_received",
    "DROP INDEX ix_communication_logs_moves",
    "DROP INDEX ix_communication_logs_notes",
    "DROP INDEX ix_communication_logs_calls",
    "DROP INDEX ix_campaign_recipients_left",
    "DROP INDEX ix_campaign_recipients_bounced",
    "DROP INDEX ix_campaign_recipients_replied",
];

/// Indexes of answers, bounces, unsubscriptions, calls, notes, moves, and of what came in.
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000122_figures", sqlite: (UP, DOWN), postgres: (UP, DOWN) };
