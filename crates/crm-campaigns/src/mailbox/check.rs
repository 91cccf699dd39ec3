//! A look at the wish of a person.

use std::time::Instant;

use crm_core::{AuditEvent, Scope};
use crm_providers::providers::TestStep;

use super::lease::{End, Lease};
use super::sea::SeaIncomingMail;
use super::{Found, Look, MailboxError, Result, read};

pub(super) async fn run(on: &SeaIncomingMail, scope: &Scope) -> Result<Look> {
    let ctx = on.ctx();
    if on.row(scope).await?.is_none() {
        return Err(MailboxError::NotSetUp);
    }
    let Some((lease, row)) = Lease::take(ctx, scope).await? else {
        return Err(MailboxError::Busy);
    };
    let mut steps = Vec::new();
    let begun = Instant::now();
    let look = Box::pin(read::look(on, scope, &lease, &row, &mut steps)).await;
    let (found, end) = read::ended(look);
    let all_well = steps.iter().all(|step| step.ok);
    if all_well {
        let ok = matches!(end, End::Well { .. });
        let message = match &end {
            End::Well { .. } => found.words(),
            End::Badly { error } => error.clone(),
        };
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let before: u64 = steps.iter().map(|step: &TestStep| step.millis).sum();
        steps.push(TestStep { step: "read", ok, message, millis: millis.saturating_sub(before) });
    }
    let event = AuditEvent::new("incoming_mail.checked", "incoming_mailbox", row.id)
        .with("ok", matches!(end, End::Well { .. }));
    let tx = ctx.db.begin().await?;
    lease.give_back(ctx, &tx, scope, (row.failures, end)).await?;
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Look { steps, found })
}

impl Found {
    /// What it is, in words.
    fn words(self) -> String {
        if self.messages == 0 {
            return "no new mail".to_owned();
        }
        let counted = |count: u32, one: &str, many: &str| {
            (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
        };
        let kinds = [
            counted(
                self.reports,
                "report about a message of yours",
                "reports about messages of yours",
            ),
            counted(self.answers, "answer", "answers"),
            counted(self.unsubscribed, "person unsubscribed", "people unsubscribed"),
            counted(self.complaints, "complaint", "complaints"),
        ];
        let kinds: Vec<String> = kinds.into_iter().flatten().collect();
        let all = counted(self.messages, "new message", "new messages").unwrap_or_default();
        let kinds = if kinds.is_empty() {
            "none about messages of yours".to_owned()
        } else {
            kinds.join(", ")
        };
        format!("{all}: {kinds}")
    }
}
