//! Message templates.

use crate::table::NewTable;
use crate::words::CHANNELS;

/// `templates`. `version` grows with every change.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("templates")
            .key("id")
            .in_workspace()
            .text("name")
            .word_or("channel", CHANNELS, "email")
            .word_or("format", &["html", "mjml"], "html")
            .text_or("subject", "")
            .text_or("body_html", "")
            .text_null("body_text")
            .text_null("preheader")
            .text_null("signature")
            .number_or("version", 1)
            .text("created_at")
            .text("updated_at")
            .unique(&["workspace_id", "name"]),
    ]
}
