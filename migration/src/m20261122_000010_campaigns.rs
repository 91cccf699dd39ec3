//! Campaigns, their approvals, the ledger of what was sent to whom, and who must not be written to.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;
use crate::words::CHANNELS;

/// `campaigns`, `campaign_approvals`, `campaign_recipients`, `suppressions`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![campaigns(), campaign_approvals(), campaign_recipients(), suppressions()]
}

/// `content_json`, `content_hash` and `audience_count` are what was approved. `provider_id` is of the kind
/// `provider_kind` says and has no foreign key because it has two targets; absent means the workspace's default.
/// The counters count rows of the ledger in final states and are changed with them in one transaction.
fn campaigns() -> NewTable {
    NewTable::new("campaigns")
        .key("id")
        .in_workspace()
        .text("name")
        .word("type", CHANNELS)
        .text_null("template_id")
        .json("segment_json")
        .json_null("schedule_json")
        .word_or(
            "status",
            &[
                "draft",
                "pending_approval",
                "approved",
                "scheduled",
                "sending",
                "sent",
                "rejected",
                "paused",
                "cancelled",
                "failed",
            ],
            "draft",
        )
        .word_null("provider_kind", CHANNELS)
        .text_null("provider_id")
        .json_null("content_json")
        .text_null("content_hash")
        .number_null("audience_count")
        .text_null("pause_reason")
        .number_or("count_total", 0)
        .number_or("count_sent", 0)
        .number_or("count_failed", 0)
        .number_or("count_skipped", 0)
        .number_or("count_unknown", 0)
        .text_null("created_by")
        .text_null("approved_by")
        .number_or("version", 1)
        .text("created_at")
        .text("updated_at")
        .text_null("started_at")
        .text_null("finished_at")
        .references("template_id", "templates", SetNull)
        .references("created_by", "users", SetNull)
        .references("approved_by", "users", SetNull)
        .unique(&["workspace_id", "id"])
        .index(&["workspace_id", "created_at", "id"])
        .index(&["status"])
        .index(&["template_id"])
        .index(&["created_by"])
        .index(&["approved_by"])
}

/// One request for approval; `content_hash` is what the reviewer was shown.
fn campaign_approvals() -> NewTable {
    NewTable::new("campaign_approvals")
        .key("id")
        .text("workspace_id")
        .text("campaign_id")
        .word_or("status", &["pending", "approved", "rejected"], "pending")
        .text_null("requested_by")
        .text_null("reviewer_id")
        .text("content_hash")
        .text_null("notes")
        .text("created_at")
        .text_null("reviewed_at")
        .belongs_to("campaign_id", "campaigns")
        .references("requested_by", "users", SetNull)
        .references("reviewer_id", "users", SetNull)
        .index(&["campaign_id", "created_at"])
        .index(&["requested_by"])
        .index(&["reviewer_id"])
}

/// The ledger: one row for every contact of the resolved audience, those left out included (`skipped`, with the
/// `reason`). It outlives the contact. `address` is absent in a row left out for want of one or because another row
/// has it, so that an address can occur once only. `claim_token` and `boot_id` say who is sending it; `provider_id` is
/// of either kind of provider and so has no foreign key.
fn campaign_recipients() -> NewTable {
    NewTable::new("campaign_recipients")
        .key("id")
        .text("workspace_id")
        .text("campaign_id")
        .text_null("contact_id")
        .word("channel", CHANNELS)
        .text_null("address")
        .word_or(
            "state",
            &["queued", "sending", "sent", "retry_wait", "failed", "unknown", "skipped"],
            "queued",
        )
        .text_null("reason")
        .number_or("attempts", 0)
        .text_null("next_attempt_at")
        .text_null("claim_token")
        .text_null("boot_id")
        .text_null("claimed_at")
        .text_null("message_id")
        .text_null("provider_id")
        .text_null("error")
        .text("created_at")
        .text("updated_at")
        .text_null("sent_at")
        .text_null("opened_at")
        .text_null("clicked_at")
        .text_null("bounced_at")
        .text_null("unsubscribed_at")
        .belongs_to("campaign_id", "campaigns")
        .references("contact_id", "base_contacts", SetNull)
        .unique(&["campaign_id", "contact_id"])
        .unique(&["campaign_id", "address"])
        .index(&["campaign_id", "state", "next_attempt_at"])
        .index(&["state", "boot_id"])
        .index(&["contact_id"])
        .index(&["message_id"])
}

fn suppressions() -> NewTable {
    NewTable::new("suppressions")
        .key("id")
        .in_workspace()
        .word("channel", CHANNELS)
        .text("address")
        .word("reason", &["unsubscribed", "bounced", "complained", "manual"])
        .text("created_at")
        .unique(&["workspace_id", "channel", "address"])
}
