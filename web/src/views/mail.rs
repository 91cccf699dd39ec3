//! Mail the program itself sends: a subject, a text and an HTML part, each a template below `templates/mail/<name>/`.

use serde::Serialize;

/// A mail: what it says, and the folder of templates that say it.
pub trait MailView: Serialize {
    /// Name of the folder below `templates/mail/`.
    const NAME: &'static str;

    /// Mails worth looking at. The tests render each of them.
    fn samples() -> Vec<Self>
    where
        Self: Sized;
}

/// A mail ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Subject, one line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// Somebody is invited to a workspace.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InvitationMail {
    /// The workspace.
    pub workspace_name: String,
    /// Who invites.
    pub invited_by: String,
    /// As what: "editor".
    pub role: String,
    /// What that may do, as a sentence.
    pub role_says: String,
    /// Where to accept.
    pub link: String,
    /// For how many days the link works.
    pub days: u64,
}

impl MailView for InvitationMail {
    const NAME: &'static str = "invitation";

    fn samples() -> Vec<Self> {
        super::samples::team::invitation_mails()
    }
}
