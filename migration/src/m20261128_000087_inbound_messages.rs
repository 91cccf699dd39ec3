//! What came in from outside is noted once, however often it is told; and when a message was delivered.

use crate::step::Sql;

const UP: &[&str] = &[
    "CREATE TABLE inbound_messages (
        id text NOT NULL PRIMARY KEY,
        workspace_id text NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
        channel text NOT NULL CONSTRAINT \"ck_inbound_messages_channel\"
            CHECK (\"channel\" IN ('email', 'text')),
        external_id text NOT NULL,
        kind text NOT NULL CONSTRAINT \"ck_inbound_messages_kind\"
            CHECK (\"kind\" IN ('message', 'stop', 'start', 'help', 'bounce', 'complaint')),
        contact_id text REFERENCES base_contacts (id) ON DELETE SET NULL,
        recipient_id text REFERENCES campaign_recipients (id) ON DELETE SET NULL,
        received_at text NOT NULL
    )",
    "CREATE UNIQUE INDEX ux_inbound_messages_external ON inbound_messages (workspace_id, channel, external_id)",
    "CREATE INDEX ix_inbound_messages_contact_id ON inbound_messages (contact_id)",
    "CREATE INDEX ix_inbound_messages_recipient_id ON inbound_messages (recipient_id)",
    "ALTER TABLE campaign_recipients ADD COLUMN delivered_at text",
];
const DOWN: &[&str] =
    &["ALTER TABLE campaign_recipients DROP COLUMN delivered_at", "DROP TABLE inbound_messages"];

/// `inbound_messages`, `campaign_recipients.delivered_at`
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000087_inbound_messages", sqlite: (UP, DOWN), postgres: (UP, DOWN) };
