//! Writing an entry a person made.

use crm_core::{AuditEvent, ContactId, Context, Scope, Timestamp};
use sea_orm::EntityTrait;

use super::{LogContent, LogEntry, NewLogEntry, Result, TimelineError, page, record};
use crate::entity::base_contacts;

/// Most characters of a text.
const MAX_CHARS: usize = 20_000;
/// Most minutes of a call: a day.
const MAX_MINUTES: u32 = 1_440;
/// What may have become of a message.
const STATUSES: [&str; 3] = ["sent", "received", "failed"];

pub(crate) async fn run(
    ctx: &Context,
    scope: &Scope,
    contact_id: ContactId,
    content: LogContent,
    at: Option<Timestamp>,
) -> Result<LogEntry> {
    let content = check(content)?;
    let timestamp = passed(ctx, at.unwrap_or_else(|| ctx.now()))?;
    let tx = ctx.db.begin().await?;
    let contact = tx.one(scope, base_contacts::Entity::find_by_id(contact_id)).await?;
    contact.ok_or(TimelineError::UnknownContact)?;
    let kind = content.kind();
    let entry = NewLogEntry { contact_id, content, timestamp, campaign_recipient_id: None };
    let row = tx.insert(scope, record::row(ctx, scope, &entry)?).await?;
    let event = AuditEvent::new("log.created", "log", row.id)
        .with("contact_id", contact_id)
        .with("type", kind);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    page::entry(row)
}

/// What is written down has happened.
pub(super) fn passed(ctx: &Context, at: Timestamp) -> Result<Timestamp> {
    if at > ctx.now() { Err(TimelineError::InFuture) } else { Ok(at) }
}

/// Trims what a person wrote. When a mail was opened and which links were followed is for the program to say.
pub(super) fn check(content: LogContent) -> Result<LogContent> {
    Ok(match content {
        LogContent::Note { text } => LogContent::Note { text: written("text", &text)? },
        LogContent::Call { duration, .. } if duration > MAX_MINUTES => {
            return Err(TimelineError::InvalidDuration);
        }
        LogContent::Call { duration, notes } => {
            LogContent::Call { duration, notes: short("notes", &notes)? }
        }
        LogContent::Email { subject, body, status, .. } => LogContent::Email {
            subject: written("subject", &subject)?,
            body: short("body", &body)?,
            status: known(status)?,
            opened: None,
            clicked_links: Vec::new(),
        },
        LogContent::Text { message, status } => {
            LogContent::Text { message: written("message", &message)?, status: known(status)? }
        }
        LogContent::Ai { .. } | LogContent::StageChange { .. } | LogContent::System { .. } => {
            return Err(TimelineError::NotWritable);
        }
    })
}

fn known(status: String) -> Result<String> {
    if STATUSES.contains(&status.as_str()) { Ok(status) } else { Err(TimelineError::InvalidStatus) }
}

fn written(field: &'static str, text: &str) -> Result<String> {
    let text = short(field, text)?;
    if text.is_empty() { Err(TimelineError::InvalidText(field)) } else { Ok(text) }
}

fn short(field: &'static str, text: &str) -> Result<String> {
    let text = text.trim();
    // PostgreSQL cannot store the null character.
    if text.chars().count() > MAX_CHARS || text.contains('\0') {
        return Err(TimelineError::InvalidText(field));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_what_they_did_and_nothing_else() {
        let note = LogContent::Note { text: " called back \n".to_owned() };
        assert_eq!(check(note).unwrap(), LogContent::Note { text: "called back".to_owned() });
        for text in ["", "  \n", "a\u{0}b", &"x".repeat(20_001)] {
            let refused = check(LogContent::Note { text: text.to_owned() });
            assert!(matches!(refused, Err(TimelineError::InvalidText("text"))));
        }
        let call = LogContent::Call { duration: 5, notes: String::new() };
        assert!(check(call).is_ok());
        let endless = LogContent::Call { duration: 1_441, notes: String::new() };
        assert!(matches!(check(endless), Err(TimelineError::InvalidDuration)));
        let text = LogContent::Text { message: "hi".to_owned(), status: "lost".to_owned() };
        assert!(matches!(check(text), Err(TimelineError::InvalidStatus)));
        let forged = LogContent::System { message: "all is well".to_owned() };
        assert!(matches!(check(forged), Err(TimelineError::NotWritable)));
    }
}
