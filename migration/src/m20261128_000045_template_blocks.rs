//! Templates made of blocks keep them beside the body made from them, and the templates there are get their first
//! version written down.

use crate::step::Sql;

/// `templates.blocks`, and a row in `template_versions` for what each template is now.
pub(crate) const STEP: Sql = Sql {
    name: "m20261128_000045_template_blocks",
    sqlite: (
        &[
            "ALTER TABLE templates ADD COLUMN blocks jsonb_text",
            "INSERT INTO template_versions (template_id, version, workspace_id, name, content, saved_at) \
             SELECT id, version, workspace_id, name, json_object('name', name, 'channel', channel, \
             'format', format, 'subject', subject, 'body_html', body_html, \
             'body_text', coalesce(body_text, ''), 'preheader', coalesce(preheader, ''), \
             'signature', coalesce(signature, '')), updated_at FROM templates",
        ],
        &["DELETE FROM template_versions", "ALTER TABLE templates DROP COLUMN blocks"],
    ),
    postgres: (
        &[
            "ALTER TABLE templates ADD COLUMN blocks jsonb",
            "INSERT INTO template_versions (template_id, version, workspace_id, name, content, saved_at) \
             SELECT id, version, workspace_id, name, jsonb_build_object('name', name, 'channel', channel, \
             'format', format, 'subject', subject, 'body_html', body_html, \
             'body_text', coalesce(body_text, ''), 'preheader', coalesce(preheader, ''), \
             'signature', coalesce(signature, '')), updated_at FROM templates",
        ],
        &["DELETE FROM template_versions", "ALTER TABLE templates DROP COLUMN blocks"],
    ),
};
