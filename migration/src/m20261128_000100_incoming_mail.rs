//! The mailbox a workspace reads for reports, answers and wishes to hear no more.

use crate::table::NewTable;

/// `workspace_mailboxes`: how to get in, how far it was read, and how it stands. The password is sealed.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("workspace_mailboxes")
            .key("id")
            .in_workspace()
            .text("address")
            .text("host")
            .number("port")
            .word("security", &["none", "starttls", "tls"])
            .text("username")
            .text("password_sealed")
            .text("folder")
            .flag_or("is_enabled", true)
            .number_null("uid_validity")
            .number_or("uid_seen", 0)
            .text("next_read_at")
            .text_null("lease_token")
            .text_null("lease_until")
            .number_or("failures", 0)
            .text_null("last_checked_at")
            .text_null("last_success_at")
            .text_null("last_error")
            .text("created_at")
            .text("updated_at")
            .unique(&["workspace_id"])
            .index(&["next_read_at"]),
    ]
}
