//! `/settings/audit`: who did what.

use serde::Serialize;

use super::View;
use super::common::{Choice, Fact, Link, Pager};
use super::shell::Shell;

/// `/settings/audit?user_id&entity_type&action&cursor&verify`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AuditPage {
    /// The frame.
    pub shell: Shell,
    /// The entries, newest first.
    pub rows: Vec<AuditRow>,
    /// Links to the other pages.
    pub pager: Pager,
    /// People to filter by.
    pub people: Vec<Choice>,
    /// Kinds of things to filter by.
    pub kinds: Vec<Choice>,
    /// Actions to filter by.
    pub actions: Vec<Choice>,
    /// Whether a filter is set.
    pub filtered: bool,
    /// What checking the log found, where that was asked for.
    pub verdict: Option<AuditVerdict>,
    /// Leads to the entries shown as a file.
    pub export_url: String,
    /// Leads to the same page with the log checked.
    pub verify_url: String,
}

/// One entry as a sentence: "Andy approved campaign Spring news".
#[derive(Debug, Clone, Default, Serialize)]
pub struct AuditRow {
    /// Its number.
    pub seq: i64,
    /// Who did it.
    pub who: String,
    /// Decides the colour of the initials.
    pub who_id: String,
    /// Whether the program did it by itself.
    pub by_program: bool,
    /// What was done: "approved campaign".
    pub did: String,
    /// What it was done to, without an address where there is no page for it any more.
    pub thing: Option<Link>,
    /// When.
    pub at: String,
    /// Where the request came from.
    pub address: Option<String>,
    /// Whether something was refused or failed.
    pub bad: bool,
    /// All there is to know.
    pub details: Vec<Fact>,
}

/// What checking the log found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AuditVerdict {
    /// Whether all entries hold.
    pub ok: bool,
    /// How many were looked at.
    pub checked: u64,
    /// The first that does not hold.
    pub first_bad: Option<i64>,
}

impl View for AuditPage {
    const TEMPLATE: &'static str = "pages/settings/audit.html";

    fn samples() -> Vec<Self> {
        super::samples::audit::pages()
    }
}

/// What an action is called.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The action.
    pub action: &'static str,
    /// As a heading: "Campaign approved".
    pub label: &'static str,
    /// After the name of who did it, and before the name of what it was done to: "approved campaign".
    pub did: &'static str,
}

/// Writes the table without repeating field names.
macro_rules! words {
    ($($action:literal $label:literal $did:literal;)+) => {
        &[$(Words { action: $action, label: $label, did: $did }),+]
    };
}

/// Every action the program writes.
pub static ACTIONS: &[Words] = words! {
    "access.refused" "Access refused" "was refused";
    "address.unsubscribed" "Address unsubscribed" "noted an unsubscription";
    "ai.asked" "AI draft asked for" "asked for an AI draft";
    "ai.settings_changed" "AI settings changed" "changed the AI settings";
    "backup.created" "Backup made" "made a backup";
    "backup.failed" "Backup failed" "could not make a backup";
    "backup.removed" "Backup removed" "removed an old backup";
    "backup.restored" "Backup restored" "restored a backup";
    "secrets.rotated" "Key of stored secrets changed" "changed the key of stored secrets";
    "api_key.created" "API key made" "made API key";
    "api_key.first_used" "API key used for the first time" "used API key for the first time:";
    "api_key.refused" "API key refused" "came with a refused API key";
    "api_key.revoked" "API key revoked" "revoked API key";
    "audit.exported" "Audit log exported" "exported the audit log";
    "campaign.approved" "Campaign approved" "approved campaign";
    "campaign.cancelled" "Campaign cancelled" "cancelled campaign";
    "campaign.created" "Campaign made" "made campaign";
    "campaign.deleted" "Campaign deleted" "deleted campaign";
    "campaign.duplicated" "Campaign duplicated" "duplicated as campaign";
    "campaign.subject_chosen" "Subject chosen" "chose the subject of campaign";
    "campaign.exported" "Recipients exported" "exported the recipients of campaign";
    "campaign.failed" "Campaign failed" "could not start campaign";
    "campaign.followed_up" "Campaign followed up" "made, for those who did not reply, campaign";
    "campaign.held" "Campaign held" "held for somebody to look at campaign";
    "campaign.paused" "Campaign paused" "paused campaign";
    "campaign.recovered" "Campaign taken up after a stop" "took up after a stop campaign";
    "campaign.rejected" "Campaign rejected" "rejected campaign";
    "campaign.resumed" "Campaign resumed" "resumed campaign";
    "campaign.scheduled" "Campaign scheduled" "scheduled campaign";
    "campaign.sent" "Campaign sent" "finished sending campaign";
    "campaign.started" "Campaign started" "started campaign";
    "campaign.submitted" "Campaign submitted" "submitted for approval campaign";
    "campaign.tested" "Test message sent" "sent a test of campaign";
    "campaign.unknown_settled" "Uncertain messages settled" "settled uncertain messages of campaign";
    "campaign.updated" "Campaign changed" "changed campaign";
    "campaign.withdrawn" "Campaign withdrawn" "withdrew campaign";
    "consent.granted" "Consent written down" "wrote down a consent of contact";
    "consent.withdrawn" "Consent withdrawn" "wrote down a withdrawal of contact";
    "contact.created" "Contact made" "made contact";
    "contact.deleted" "Contact deleted" "deleted contact";
    "contact.erased" "Person erased" "erased contact";
    "contact.exported" "Person exported" "exported everything about contact";
    "contact.merged" "Contacts merged" "merged another contact into";
    "contact.not_duplicate" "Contacts told apart" "said that another contact is not";
    "contact.purged" "Contact removed for good" "removed for good contact";
    "contact.restored" "Contact brought back" "brought back contact";
    "contact.unmerged" "Merge undone" "undid a merge into";
    "contact.updated" "Contact changed" "changed contact";
    "contacts.bulk" "Many contacts changed" "changed many contacts";
    "contacts.bulk_undone" "Change of many contacts undone" "undid a change of many contacts";
    "contacts.exported" "Contacts exported" "exported contacts";
    "field.archived" "Custom field archived" "archived custom field";
    "field.created" "Custom field made" "made custom field";
    "field.deleted" "Custom field deleted" "deleted custom field";
    "field.restored" "Custom field restored" "restored custom field";
    "field.updated" "Custom field changed" "changed custom field";
    "import.cancelled" "Import cancelled" "cancelled the import of";
    "import.errors_exported" "Problems of an import downloaded" "downloaded the problem rows of";
    "import.failed" "Import failed" "could not finish the import of";
    "import.finished" "Import finished" "finished the import of";
    "import.queued" "Import started" "started the import of";
    "import.undo_started" "Undoing of an import started" "started to undo the import of";
    "import.undone" "Import undone" "has undone the import of";
    "import.uploaded" "File uploaded" "uploaded";
    "incoming_mail.changed" "Mailbox changed" "changed the mailbox that is read";
    "incoming_mail.checked" "Mailbox checked" "looked into the mailbox that is read";
    "incoming_mail.removed" "Mailbox removed" "removed the mailbox that is read";
    "incoming_mail.set_up" "Mailbox set up" "set up the mailbox that is read";
    "insight.dismissed" "Insight dismissed" "dismissed insight";
    "insight.rated" "Insight rated" "rated insight";
    "insights.looked" "Figures looked at" "looked at the figures";
    "invitation.accepted" "Invitation accepted" "accepted the invitation of";
    "invitation.created" "Person invited" "invited";
    "invitation.revoked" "Invitation revoked" "revoked the invitation of";
    "list.assigned" "Contact put into a list" "put into a list contact";
    "list.created" "List made" "made list";
    "list.deleted" "List deleted" "deleted list";
    "list.unassigned" "Contact taken out of a list" "took out of a list contact";
    "list.updated" "List changed" "changed list";
    "log.created" "Note or call added" "wrote a note or a call";
    "log.deleted" "Note or call deleted" "deleted a note or a call";
    "log.updated" "Note or call changed" "changed a note or a call";
    "login.failed" "Sign-in failed" "failed to sign in as";
    "mail.received" "Mail received" "received a mail";
    "member.added" "Member added" "added to the workspace";
    "member.removed" "Member removed" "removed from the workspace";
    "member.role_changed" "Role changed" "changed the role of";
    "message.finished" "Message handed over" "was done with a message";
    "message.held" "Message stopped" "stopped a message for somebody to look at";
    "message.queued" "Message written" "wrote a message";
    "message.recovered" "Message taken up after a stop" "took up a message after a stop";
    "message.released" "Message let go" "let a stopped message go";
    "message.settled" "Uncertain message settled" "settled an uncertain message";
    "message.undone" "Message taken back" "took back a message";
    "message.bounced" "Message came back" "had a message come back";
    "message.event" "Wish or complaint by provider" "had a wish or complaint told by the provider";
    "text.received" "Text message received" "received a text message";
    "password_reset.requested" "New password asked for" "asked for a new password for";
    "password_reset.used" "New password set by a code" "set a new password by a code for";
    "provider.created" "Provider connected" "connected provider";
    "provider.deleted" "Provider removed" "removed provider";
    "provider.mailbox_connected" "Mailbox connected" "connected the mailbox of provider";
    "provider.mailbox_disconnected" "Mailbox disconnected" "disconnected the mailbox of provider";
    "provider.mailbox_lost" "Mailbox lets us in no more" "lost the mailbox of provider";
    "provider.signing_key_deleted" "Signing key removed" "removed the signing key of provider";
    "provider.signing_key_set" "Signing of mail changed" "changed how mail is signed by provider";
    "provider.tested" "Provider tested" "tested provider";
    "provider.updated" "Provider changed" "changed provider";
    "recovery_code.used" "Recovery code used" "used a recovery code of";
    "recovery_codes.renewed" "Recovery codes made anew" "made new recovery codes for";
    "second_factor.begun" "Second factor begun" "began to set up a second factor for";
    "second_factor.disabled" "Second factor turned off" "turned off the second factor of";
    "second_factor.enabled" "Second factor turned on" "turned on the second factor of";
    "second_factor.used" "Second factor given" "gave the second factor of";
    "segment.created" "Segment saved" "saved segment";
    "segment.deleted" "Segment deleted" "deleted segment";
    "segment.updated" "Segment changed" "changed segment";
    "session.all_ended" "All sessions ended" "ended all sessions of";
    "session.created" "Signed in" "signed in";
    "session.ended" "Signed out" "signed out";
    "setting.changed" "Setting changed" "changed setting";
    "suppression.created" "Address suppressed" "suppressed";
    "suppression.removed" "Suppression removed" "allowed messages again to";
    "suppressions.exported" "Suppressions exported" "exported the suppressed addresses";
    "suppressions.imported" "Suppressions imported" "imported suppressed addresses";
    "task.created" "Task made" "wrote down task";
    "task.deleted" "Task deleted" "deleted task";
    "task.done" "Task done" "did task";
    "task.reopened" "Task taken up again" "took up again task";
    "task.updated" "Task changed" "changed task";
    "template.created" "Template made" "made template";
    "template.deleted" "Template deleted" "deleted template";
    "template.duplicated" "Template duplicated" "duplicated as template";
    "template.restored" "Template brought back" "brought back an earlier version of template";
    "template.updated" "Template changed" "changed template";
    "user.changed" "Profile changed" "changed the profile of";
    "user.created" "User made" "made user";
    "user.disabled" "User disabled" "disabled user";
    "user.password_changed" "Password changed" "changed the password of";
    "workspace.created" "Workspace made" "made workspace";
    "workspace.deleted" "Workspace deleted" "deleted workspace";
    "workspace.updated" "Workspace changed" "changed workspace";
};

/// What an action is called; `None` for one this version does not know.
pub fn words(action: &str) -> Option<&'static Words> {
    ACTIONS.iter().find(|words| words.action == action)
}

/// Kinds of things entries are about, and what they are called.
pub static KINDS: &[(&str, &str)] = &[
    ("access", "Access"),
    ("ai", "AI draft"),
    ("api_key", "API key"),
    ("audit", "Audit log"),
    ("bulk", "Change of many contacts"),
    ("campaign", "Campaign"),
    ("contact", "Contact"),
    ("field", "Custom field"),
    ("import", "Import"),
    ("insight", "Insight"),
    ("insights", "Look at the figures"),
    ("invitation", "Invitation"),
    ("list", "List"),
    ("log", "Note or call"),
    ("message", "Message"),
    ("incoming_mailbox", "Mailbox"),
    ("provider", "Provider"),
    ("segment", "Segment"),
    ("setting", "Setting"),
    ("suppression", "Suppressed address"),
    ("task", "Task"),
    ("template", "Template"),
    ("user", "User"),
    ("workspace", "Workspace"),
];
