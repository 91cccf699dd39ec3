//! Workspaces that were there before text messages could be sent get the practice provider for them, as new ones do.

use crate::step::Sql;

// The id begins with the time in the workspace's own (RFC 9562, version 7) and ends in chance.
const SQLITE: &[&str] = &[
    "INSERT INTO workspace_text_provider
        (id, workspace_id, name, provider_type, config_json, is_default, created_at, updated_at)
    SELECT substr(w.id, 1, 24) || lower(hex(randomblob(6))), w.id, 'Practice outbox', 'practice', '{}', TRUE,
        w.created_at, w.created_at
    FROM workspaces w
    WHERE NOT EXISTS (SELECT 1 FROM workspace_text_provider t WHERE t.workspace_id = w.id)",
];
const POSTGRES: &[&str] = &[
    "INSERT INTO workspace_text_provider
        (id, workspace_id, name, provider_type, config_json, is_default, created_at, updated_at)
    SELECT substr(w.id, 1, 24) || substr(md5(random()::text || w.id), 1, 12), w.id, 'Practice outbox', 'practice',
        CAST('{}' AS jsonb), TRUE, w.created_at, w.created_at
    FROM workspaces w
    WHERE NOT EXISTS (SELECT 1 FROM workspace_text_provider t WHERE t.workspace_id = w.id)",
];
/// What somebody practised with stays in the outbox; the provider itself holds nothing.
const DOWN: &[&str] = &["DELETE FROM workspace_text_provider WHERE provider_type = 'practice'"];

/// A practice provider of text messages for every workspace.
pub(crate) const STEP: Sql = Sql {
    name: "m20261128_000085_practice_texts",
    sqlite: (SQLITE, DOWN),
    postgres: (POSTGRES, DOWN),
};
