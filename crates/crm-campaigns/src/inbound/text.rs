//! A text message that came in.

use std::time::Duration;

use crm_contacts::Segment;
use crm_contacts::contacts::NewContact;
use crm_contacts::segments::{FieldCondition, Operand, Operator, SegmentNode};
use crm_contacts::tasks::{NewTask, TaskKind};
use crm_contacts::timeline::{LogContent, NewLogEntry};
use crm_contacts::{Contact, ContactsError, SegmentError, TasksError};
use crm_core::{
    AuditEvent, ContactId, InboundMessageId, RecipientId, Scope, StoreError, Timestamp, Tx, UserId,
};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set};

use super::keywords::may_ask_to_stop;
use super::sea::SeaInbound;
use super::{Keyword, ReceivedText, Result};
use crate::campaigns::RecipientState;
use crate::campaigns::deps::contacts_failed;
use crate::consents;
use crate::entity::{campaign_recipients as row, inbound_messages as inbound};
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

/// A text answers the last message to its sender, if that left within this time.
const ANSWERS: Duration = Duration::from_hours(30 * 24);
/// Most characters of a text that stand in a task's title.
const QUOTED: usize = 120;

pub(super) async fn run(on: &SeaInbound, scope: &Scope, received: ReceivedText) -> Result<bool> {
    let deps = &on.deps.campaigns;
    let keyword = received.keyword.or_else(|| Keyword::of(&received.body));
    let mut sender = sender(on, scope, &received).await?;
    if sender.is_none()
        && keyword.is_none()
        && deps.ctx.db.one(scope, noted(&received)).await?.is_none()
    {
        sender = Some(made(on, scope, &received).await?);
    }
    let contact = sender.as_ref().map(|contact| contact.id);
    let tx = deps.ctx.db.begin().await?;
    let answered = match contact {
        Some(contact) => answered(&tx, scope, contact, &received).await?,
        None => None,
    };
    if !note(on, &tx, scope, &received, keyword, (contact, answered)).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    let mut entries = Vec::new();
    if let Some(contact_id) = contact {
        entries.push(LogContent::Text {
            message: received.body.clone(),
            status: "received".to_owned(),
        });
        if matches!(keyword, None | Some(Keyword::Stop)) {
            reply(&tx, scope, answered, keyword, received.at).await?;
        }
        if keyword.is_none() && may_ask_to_stop(&received.body) {
            let owner = sender.as_ref().and_then(|sender| sender.owner_id);
            flag(on, &tx, scope, (contact_id, owner), &received).await?;
        }
    }
    if let Some(contact) = contact {
        let (ctx, whose) = (&deps.ctx, (contact, Channel::Text));
        let how = |word: &str| format!("answered {word}");
        match keyword {
            Some(Keyword::Stop) => {
                consents::withdraw(ctx, &tx, scope, whose, &how("STOP")).await?;
            }
            Some(Keyword::Start) => consents::again(ctx, &tx, scope, whose, &how("START")).await?,
            Some(Keyword::Help) | None => {}
        }
    }
    if let Some(said) = obey(on, &tx, scope, keyword, &received).await? {
        entries.push(LogContent::System { message: said.to_owned() });
    }
    if let Some(contact_id) = contact {
        let entry = |content| NewLogEntry {
            contact_id,
            content,
            timestamp: received.at,
            campaign_recipient_id: None,
        };
        deps.timeline.record(&tx, scope, entries.into_iter().map(entry).collect()).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Whose number it is.
async fn sender(
    on: &SeaInbound,
    scope: &Scope,
    received: &ReceivedText,
) -> Result<Option<Contact>> {
    let deps = &on.deps.campaigns;
    let who = Segment(SegmentNode::Field(FieldCondition {
        field: "primary_phone".to_owned(),
        op: Operator::Eq,
        value: Some(Operand::Text(received.from.to_string())),
    }));
    let found = deps.segments.audience(scope, &who, None, 1).await;
    let found = found.map_err(|err| match err {
        SegmentError::Store(err) => err,
        other => StoreError::Corrupt(other.to_string()),
    })?;
    Ok(found.into_iter().next())
}

/// What was noted of it before.
fn noted(received: &ReceivedText) -> Select<inbound::Entity> {
    inbound::Entity::find()
        .filter(inbound::Column::Channel.eq(Channel::Text.as_str()))
        .filter(inbound::Column::ExternalId.eq(&received.external_id))
}

/// Makes a contact of a number nobody has.
async fn made(on: &SeaInbound, scope: &Scope, received: &ReceivedText) -> Result<Contact> {
    let new =
        NewContact { primary_phone: Some(received.from.to_string()), ..NewContact::default() };
    match on.deps.campaigns.contacts.create(scope, new).await {
        Ok(contact) => Ok(contact),
        // Somebody else was faster.
        Err(ContactsError::DuplicatePhone { .. }) => {
            let found = sender(on, scope, received).await?;
            Ok(found.ok_or_else(|| {
                StoreError::Corrupt("a contact of a number that is taken".to_owned())
            })?)
        }
        Err(err) => Err(contacts_failed(err).into()),
    }
}

/// Notes it by its own id; `false` where it was noted before.
async fn note(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    received: &ReceivedText,
    keyword: Option<Keyword>,
    (contact_id, recipient_id): (Option<ContactId>, Option<RecipientId>),
) -> Result<bool> {
    // On PostgreSQL two of one kind may meet; the second waits and then sees the first one's row.
    tx.serialize_on(&format!("inbound:{}:{}", scope.workspace_id(), received.external_id)).await?;
    if tx.one(scope, noted(received)).await?.is_some() {
        return Ok(false);
    }
    let kind = keyword.map_or("message", Keyword::as_str);
    let id = on.deps.campaigns.ctx.id(InboundMessageId::from_uuid);
    let entry = inbound::ActiveModel {
        id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        channel: Set(Channel::Text.as_str().to_owned()),
        external_id: Set(received.external_id.clone()),
        kind: Set(kind.to_owned()),
        contact_id: Set(contact_id),
        recipient_id: Set(recipient_id),
        received_at: Set(received.at),
    };
    let rule = OnConflict::new().do_nothing().to_owned();
    tx.insert_many_on_conflict(scope, vec![entry], rule).await?;
    let event = AuditEvent::new("text.received", "message", id)
        .with("kind", kind)
        .with("contact_id", contact_id);
    on.record(tx, scope, event).await?;
    Ok(true)
}

/// The message it answers: the last one its sender got by text.
async fn answered(
    tx: &Tx,
    scope: &Scope,
    contact: ContactId,
    received: &ReceivedText,
) -> Result<Option<RecipientId>> {
    let select = row::Entity::find()
        .filter(row::Column::ContactId.eq(contact))
        .filter(row::Column::Channel.eq(Channel::Text.as_str()))
        .filter(row::Column::State.eq(RecipientState::Sent.as_str()))
        .filter(row::Column::SentAt.gte(received.at.minus(ANSWERS)))
        .order_by_desc(row::Column::SentAt)
        .limit(1);
    Ok(tx.one(scope, select).await?.map(|row| row.id))
}

/// Notes in the ledger that a message was answered, or answered by the wish to hear no more.
async fn reply(
    tx: &Tx,
    scope: &Scope,
    answered: Option<RecipientId>,
    keyword: Option<Keyword>,
    at: Timestamp,
) -> Result<()> {
    let Some(answered) = answered else { return Ok(()) };
    let column = match keyword {
        Some(_) => row::Column::UnsubscribedAt,
        None => row::Column::RepliedAt,
    };
    let update = row::Entity::update_many()
        .col_expr(column, Expr::value(at))
        .filter(row::Column::Id.eq(answered))
        .filter(column.is_null());
    tx.update_many(scope, update).await?;
    Ok(())
}

/// Does what a word asks for; what the timeline says of it.
async fn obey(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    keyword: Option<Keyword>,
    received: &ReceivedText,
) -> Result<Option<&'static str>> {
    let ctx = &on.deps.campaigns.ctx;
    let number = received.from.as_str();
    match keyword {
        Some(Keyword::Stop) => {
            let reason = Reason::Unsubscribed;
            let new = suppressions::insert(ctx, tx, scope, Channel::Text, number, reason).await?;
            Ok(new.map(|_| "Unsubscribed from text messages"))
        }
        Some(Keyword::Start) => {
            let lifted = suppressions::lift(tx, scope, Channel::Text, number).await?;
            Ok(lifted.then_some("Wants text messages again"))
        }
        Some(Keyword::Help) | None => Ok(None),
    }
}

/// Asks a person to read what may be the wish to hear no more.
async fn flag(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    (contact_id, assignee_id): (ContactId, Option<UserId>),
    received: &ReceivedText,
) -> Result<()> {
    let one_line = |c: char| if c.is_control() { ' ' } else { c };
    let quoted: String = received.body.chars().take(QUOTED).map(one_line).collect();
    let task = NewTask {
        contact_id,
        assignee_id,
        kind: TaskKind::Todo,
        title: format!("May want no more text messages: “{}”", quoted.trim()),
        due_at: Some(received.at),
    };
    let asked = on.deps.tasks.ask(tx, scope, task).await;
    asked.map(drop).map_err(|err| match err {
        TasksError::Store(err) => err.into(),
        other => StoreError::Corrupt(other.to_string()).into(),
    })
}
