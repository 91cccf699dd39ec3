//! Asking providers what became of messages.

use crm_core::{Scope, System, Timestamp};
use sea_orm::EntityTrait as _;

use super::open::{self, Kind};
use super::{ProvidersError, Result, SeaProviders};
use crate::entity::workspace_email_provider::{self as email, Model};
use crate::entity::workspace_text_provider as text;
use crate::mailgun::Event;
use crate::polling::{ListedText, Page, Polled, PolledKind};

/// Who looks.
const POLLING: System = System::task("ask providers");

/// Every provider that can be asked.
pub(super) async fn all(on: &SeaProviders) -> Result<Vec<Polled>> {
    let db = &on.ctx.db;
    let emails: Vec<Model> = db.everywhere_as(POLLING, email::Entity::find()).await?;
    let texts: Vec<Model> = db.everywhere_as(POLLING, text::Entity::find()).await?;
    let polled = |row: Model| {
        let kind = match row.provider_type.as_str() {
            "mailgun" => PolledKind::Mailgun,
            "twilio" => PolledKind::Twilio,
            _ => return None,
        };
        let scope = Scope::for_job(row.workspace_id, row_label(kind));
        Some(Polled { scope, id: row.id, kind })
    };
    Ok(emails.into_iter().chain(texts).filter_map(polled).collect())
}

/// As in the entries of what the provider tells by itself.
const fn row_label(kind: PolledKind) -> &'static str {
    match kind {
        PolledKind::Mailgun => "mailgun",
        PolledKind::Twilio => "twilio",
    }
}

fn gone() -> ProvidersError {
    ProvidersError::NotTold("the account was removed".to_owned())
}

pub(super) async fn mailgun(
    on: &SeaProviders,
    of: &Polled,
    since: Timestamp,
    next: Option<&str>,
) -> Result<Page<Event>> {
    match open::run(on, &of.scope, of.id).await?.map(|opened| opened.kind) {
        Some(Kind::Mailgun(provider)) => {
            provider.events(since, next).await.map_err(ProvidersError::NotTold)
        }
        _ => Err(gone()),
    }
}

pub(super) async fn twilio(
    on: &SeaProviders,
    of: &Polled,
    since: Timestamp,
    next: Option<&str>,
) -> Result<Page<ListedText>> {
    match open::run(on, &of.scope, of.id).await?.map(|opened| opened.kind) {
        Some(Kind::Twilio(provider)) => {
            provider.listed(since, next).await.map_err(ProvidersError::NotTold)
        }
        _ => Err(gone()),
    }
}
