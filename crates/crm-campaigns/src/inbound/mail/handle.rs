//! What a message that came in changes, in the transaction of whoever reads the mailbox.

use crm_contacts::TasksError;
use crm_contacts::tasks::{NewTask, TaskKind};
use crm_contacts::timeline::{LogContent, NewLogEntry};
use crm_core::{
    AuditEvent, ContactId, InboundMessageId, RecipientId, Scope, StoreError, Timestamp, Tx,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use super::read::{Kind, Mail};
use super::report::{Fate, Report};
use super::token::{self, Purpose};
use crate::Address;
use crate::campaigns::unsubscribe;
use crate::entity::{campaign_recipients as row, inbound_messages as inbound};
use crate::inbound::delivery;
use crate::inbound::keywords::may_ask_to_stop;
use crate::inbound::sea::SeaInbound;
use crate::inbound::{Delivery, Refusal, Result};
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

/// A longer answer that has such a word in it is about something else.
const SHORT: usize = 200;
/// Most characters of an answer that stand in a task's title.
const QUOTED: usize = 120;

/// What came of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handled {
    /// It was a report about a message of ours.
    Report,
    /// Somebody complained about one.
    Complaint,
    /// Somebody answered one.
    Answer,
    /// Somebody wants no more of them.
    Unsubscribed,
    /// It is none of ours, or was read before.
    Nothing,
}

impl Handled {
    /// The word of the `kind` column.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Report => "bounce",
            Self::Complaint => "complaint",
            Self::Unsubscribed => "stop",
            Self::Answer | Self::Nothing => "message",
        }
    }
}

/// The message of ours that a message is about.
struct About {
    row: row::Model,
    /// Whether it came to the address made for reports about that one message.
    by_address: bool,
}

/// Before the message is handled: a message of ours in doubt that it is about was taken after all.
pub(crate) async fn settle(on: &SeaInbound, scope: &Scope, mail: &Mail) -> Result<()> {
    for (id, _) in named(on, scope, mail) {
        delivery::settle_doubt(on, scope, id).await?;
    }
    Ok(())
}

/// Does what the message asks for or tells of, once.
pub(crate) async fn handle(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    mail: &Mail,
    at: Timestamp,
) -> Result<Handled> {
    if let Some(about) = unsubscribes(on, tx, scope, mail).await? {
        return leave(on, tx, scope, (mail, &about), at).await;
    }
    let Some(about) = about(on, tx, scope, mail).await? else { return Ok(Handled::Nothing) };
    match &mail.kind {
        Kind::Report(report) => told(on, tx, scope, (mail, report, &about), at).await,
        Kind::Complaint { .. } => complained(on, tx, scope, (mail, &about), at).await,
        Kind::Personal { text } => answered(on, tx, scope, (mail, text, &about), at).await,
        Kind::Automatic => Ok(Handled::Nothing),
    }
}

/// The message of ours whose token stands in the subject.
async fn unsubscribes(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    mail: &Mail,
) -> Result<Option<row::Model>> {
    let prints = &on.deps.campaigns.ctx.fingerprints;
    let mut tokens = token::in_text(&mail.subject);
    let opened = tokens
        .find_map(|word| token::open(prints, scope.workspace_id(), Purpose::Unsubscribe, word));
    match opened {
        Some(id) => Ok(tx.one(scope, row::Entity::find_by_id(id)).await?),
        None => Ok(None),
    }
}

/// Messages it may be about: by the token in an address, and by `Message-ID`, which begins with the id of its row.
fn named(on: &SeaInbound, scope: &Scope, mail: &Mail) -> Vec<(RecipientId, Option<String>)> {
    let prints = &on.deps.campaigns.ctx.fingerprints;
    let sent_from = match &mail.kind {
        Kind::Complaint { sent_from } => sent_from.as_deref(),
        _ => None,
    };
    let addresses = mail.to.iter().map(String::as_str).chain(sent_from);
    let tokens = addresses.flat_map(token::in_text);
    let by_address = tokens
        .filter_map(|word| token::open(prints, scope.workspace_id(), Purpose::Report, word))
        .map(|id| (id, None));
    let by_id = mail.about.iter().filter_map(|id| {
        let (row, _) = id.split_once('@')?;
        Some((row.parse().ok()?, Some(id.clone())))
    });
    by_address.chain(by_id).collect()
}

async fn about(on: &SeaInbound, tx: &Tx, scope: &Scope, mail: &Mail) -> Result<Option<About>> {
    for (id, message_id) in named(on, scope, mail) {
        let Some(row) = tx.one(scope, row::Entity::find_by_id(id)).await? else { continue };
        let fits = message_id.as_ref().is_none_or(|id| {
            row.message_id.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(id))
        });
        if fits && row.channel == Channel::Email.as_str() {
            return Ok(Some(About { row, by_address: message_id.is_none() }));
        }
    }
    Ok(None)
}

/// Notes the message by its own id; `false` where it was noted before.
async fn note(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    (mail, kind, row): (&Mail, Handled, &row::Model),
    at: Timestamp,
) -> Result<bool> {
    let noted = once(on, tx, scope, (&mail.external_id, kind.as_str(), row), at).await?;
    let Some(id) = noted else { return Ok(false) };
    let event = AuditEvent::new("mail.received", "message", id)
        .with("kind", kind.as_str())
        .with("contact_id", row.contact_id);
    on.record(tx, scope, event).await?;
    Ok(true)
}

/// Notes inside `tx` what came in about a message under an id of its own; `None` where that was noted before.
pub(in crate::inbound) async fn once(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    (external_id, kind, row): (&str, &str, &row::Model),
    at: Timestamp,
) -> Result<Option<InboundMessageId>> {
    tx.serialize_on(&format!("inbound:{}:{external_id}", scope.workspace_id())).await?;
    let noted = inbound::Entity::find()
        .filter(inbound::Column::Channel.eq(Channel::Email.as_str()))
        .filter(inbound::Column::ExternalId.eq(external_id));
    if tx.one(scope, noted).await?.is_some() {
        return Ok(None);
    }
    let id = on.deps.campaigns.ctx.id(InboundMessageId::from_uuid);
    let entry = inbound::ActiveModel {
        id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        channel: Set(Channel::Email.as_str().to_owned()),
        external_id: Set(external_id.to_owned()),
        kind: Set(kind.to_owned()),
        contact_id: Set(row.contact_id),
        recipient_id: Set(Some(row.id)),
        received_at: Set(at),
    };
    tx.insert(scope, entry).await?;
    Ok(Some(id))
}

/// A server tells what became of a message.
async fn told(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    (mail, report, about): (&Mail, &Report, &About),
    at: Timestamp,
) -> Result<Handled> {
    let told = match &report.fate {
        // Nothing is decided, so there is nothing to note.
        Fate::UnderWay => return Ok(Handled::Nothing),
        Fate::Delivered => Delivery::Delivered,
        Fate::Failed { message, is_dead } => {
            // A server further on may report about an address that ours only led to.
            let is_theirs = about.by_address
                || about.row.address.as_ref().is_some_and(|own| report.recipients.contains(own));
            let message = shown(message);
            Delivery::Failed { message, suppress: (*is_dead && is_theirs).then_some(Refusal::Dead) }
        }
    };
    if !note(on, tx, scope, (mail, Handled::Report, &about.row), at).await? {
        return Ok(Handled::Nothing);
    }
    let is_news = delivery::apply(on, tx, scope, about.row.id, &told, at).await?;
    if let (true, Delivery::Failed { message, .. }) = (is_news, &told) {
        let message = format!("Not delivered: {message}");
        on_timeline(on, tx, scope, about.row.contact_id, LogContent::System { message }, at)
            .await?;
    }
    Ok(Handled::Report)
}

/// Somebody said at their provider that a message is spam: they hear no more.
async fn complained(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    (mail, about): (&Mail, &About),
    at: Timestamp,
) -> Result<Handled> {
    if !note(on, tx, scope, (mail, Handled::Complaint, &about.row), at).await? {
        return Ok(Handled::Nothing);
    }
    if let Some(address) = &about.row.address {
        let (ctx, reason) = (&on.deps.campaigns.ctx, Reason::Complained);
        suppressions::insert(ctx, tx, scope, Channel::Email, address, reason).await?;
    }
    let message = "Reported a message as spam".to_owned();
    on_timeline(on, tx, scope, about.row.contact_id, LogContent::System { message }, at).await?;
    Ok(Handled::Complaint)
}

/// Somebody asked by mail to hear no more. The token says who, whichever address they write from.
async fn leave(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    (mail, row): (&Mail, &row::Model),
    at: Timestamp,
) -> Result<Handled> {
    let address = row.address.as_deref().and_then(|text| Address::parse(Channel::Email, text));
    let Some(address) = address else { return Ok(Handled::Nothing) };
    if !note(on, tx, scope, (mail, Handled::Unsubscribed, row), at).await? {
        return Ok(Handled::Nothing);
    }
    let deps = &on.deps.campaigns;
    unsubscribe::in_tx(deps, tx, scope, &address, Some(row.campaign_id)).await?;
    Ok(Handled::Unsubscribed)
}

/// Somebody answered.
async fn answered(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    (mail, text, about): (&Mail, &str, &About),
    at: Timestamp,
) -> Result<Handled> {
    let Some(contact_id) = about.row.contact_id else { return Ok(Handled::Nothing) };
    if !note(on, tx, scope, (mail, Handled::Answer, &about.row), at).await? {
        return Ok(Handled::Nothing);
    }
    let own = about.row.address.as_deref().unwrap_or_default();
    let text = if text.is_empty() { "(no text)" } else { text };
    let body = match mail.from.as_deref() {
        Some(from) if from != own => format!("Written by {from}\n\n{text}"),
        _ => text.to_owned(),
    };
    let content = LogContent::Email {
        subject: mail.subject.clone(),
        body,
        status: "received".to_owned(),
        opened: None,
        clicked_links: Vec::new(),
    };
    on_timeline(on, tx, scope, Some(contact_id), content, at).await?;
    let update = row::Entity::update_many()
        .col_expr(row::Column::RepliedAt, Expr::value(at))
        .filter(row::Column::Id.eq(about.row.id))
        .filter(row::Column::RepliedAt.is_null());
    tx.update_many(scope, update).await?;
    if text.chars().count() <= SHORT && may_ask_to_stop(text) {
        flag(on, tx, scope, (contact_id, text), at).await?;
    }
    Ok(Handled::Answer)
}

/// Asks a person to read what may be the wish to hear no more.
async fn flag(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    (contact_id, text): (ContactId, &str),
    at: Timestamp,
) -> Result<()> {
    let contact = on.deps.campaigns.contacts.get(scope, contact_id).await;
    let contact = contact.map_err(crate::campaigns::deps::contacts_failed)?;
    let one_line = |c: char| if c.is_control() { ' ' } else { c };
    let quoted: String = text.chars().take(QUOTED).map(one_line).collect();
    let task = NewTask {
        contact_id,
        assignee_id: contact.and_then(|contact| contact.owner_id),
        kind: TaskKind::Todo,
        title: format!("May want no more e-mail: “{}”", quoted.trim()),
        due_at: Some(at),
    };
    let asked = on.deps.tasks.ask(tx, scope, task).await;
    asked.map(drop).map_err(|err| match err {
        TasksError::Store(err) => err.into(),
        other => StoreError::Corrupt(other.to_string()).into(),
    })
}

/// Tells a contact's timeline of it.
pub(in crate::inbound) async fn on_timeline(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    contact_id: Option<ContactId>,
    content: LogContent,
    timestamp: Timestamp,
) -> Result<()> {
    let Some(contact_id) = contact_id else { return Ok(()) };
    let entry = NewLogEntry { contact_id, content, timestamp, campaign_recipient_id: None };
    Ok(on.deps.campaigns.timeline.record(tx, scope, vec![entry]).await?)
}

/// A server's words, in one line of bounded length.
pub(in crate::inbound) fn shown(message: &str) -> String {
    message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}
