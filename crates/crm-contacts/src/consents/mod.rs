//! What people said about being written to: when, how and in which words, channel by channel.
//!
//! The record is evidence: entries are added and never changed. What was said last holds. The service that records them is
//! with campaigns, which obey them; here is what the contact book knows of them.

use std::collections::HashMap;

use crm_core::{ConsentId, ContactId, Context, Scope, StoreError, Timestamp, Tx, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select, Set};
use serde::{Deserialize, Serialize};

use crate::door::Door;
use crate::entity::consents::{ActiveModel, Column, Entity, Model};

/// Ids in one statement.
const CHUNK: usize = 1_000;

/// A way somebody is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentChannel {
    /// E-mail.
    Email,
    /// Text messages.
    Text,
}

impl ConsentChannel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Email, Self::Text];

    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Text => "text",
        }
    }

    /// The channel of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }

    /// What people call it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::Text => "text messages",
        }
    }
}

/// What somebody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// Yes.
    Granted,
    /// No more.
    Withdrawn,
}

impl ConsentState {
    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of this word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Granted, Self::Withdrawn].into_iter().find(|state| state.as_str() == word)
    }
}

/// One entry of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// Whose it is.
    pub contact_id: ContactId,
    /// About what.
    pub channel: ConsentChannel,
    /// What was said.
    pub state: ConsentState,
    /// When they said it.
    pub at: Timestamp,
    /// How: by which form, call or paper.
    pub source: String,
    /// The words they agreed to; empty where nobody wrote them down.
    pub wording: String,
    /// Who wrote it down; `None` for the program itself.
    pub recorded_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

/// What is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsent {
    /// About what.
    pub channel: ConsentChannel,
    /// What was said.
    pub state: ConsentState,
    /// When they said it; now unless said.
    pub at: Option<Timestamp>,
    /// How.
    pub source: String,
    /// The words they agreed to.
    pub wording: String,
}

fn consent(row: Model) -> Result<Consent, StoreError> {
    let corrupt = |word: &str| StoreError::Corrupt(format!("a consent that says {word}"));
    Ok(Consent {
        id: row.id,
        contact_id: row.contact_id,
        channel: ConsentChannel::parse(&row.channel).ok_or_else(|| corrupt(&row.channel))?,
        state: ConsentState::parse(&row.state).ok_or_else(|| corrupt(&row.state))?,
        at: row.at,
        source: row.source,
        wording: row.wording,
        recorded_by: row.recorded_by,
        created_at: row.created_at,
    })
}

/// The record of one contact, what was said last first.
///
/// # Errors
/// [`StoreError`] where the database fails.
pub async fn of(
    ctx: &Context,
    scope: &Scope,
    contact: ContactId,
) -> Result<Vec<Consent>, StoreError> {
    let rows = ctx.db.all(scope, of_contact(contact)).await?;
    rows.into_iter().map(consent).collect()
}

pub(crate) fn of_contact(contact: ContactId) -> Select<Entity> {
    Entity::find()
        .filter(Column::ContactId.eq(contact))
        .order_by_desc(Column::At)
        .order_by_desc(Column::Id)
}

/// Adds an entry. The caller has seen to its texts, and to the audit entry.
///
/// # Errors
/// [`StoreError`] where the database fails; so also where there is no such contact in this workspace.
pub async fn add_in(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    contact: ContactId,
    new: &NewConsent,
) -> Result<Consent, StoreError> {
    let now = ctx.now();
    let row = ActiveModel {
        id: Set(ctx.id(ConsentId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        contact_id: Set(contact),
        channel: Set(new.channel.as_str().to_owned()),
        state: Set(new.state.as_str().to_owned()),
        at: Set(new.at.unwrap_or(now)),
        source: Set(new.source.clone()),
        wording: Set(new.wording.clone()),
        recorded_by: Set(scope.user_id()),
        created_at: Set(now),
    };
    consent(tx.insert(scope, row).await?)
}

/// What these contacts said last; those who said nothing are absent.
///
/// # Errors
/// [`StoreError`] where the database fails.
pub async fn states(
    ctx: &Context,
    scope: &Scope,
    channel: ConsentChannel,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, ConsentState>, StoreError> {
    last_said(Door::Db(&ctx.db), scope, channel, contacts).await
}

/// The same as far as `tx` can see.
///
/// # Errors
/// [`StoreError`] where the database fails.
pub async fn states_in(
    tx: &Tx,
    scope: &Scope,
    channel: ConsentChannel,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, ConsentState>, StoreError> {
    last_said(Door::Tx(tx), scope, channel, contacts).await
}

async fn last_said(
    door: Door<'_>,
    scope: &Scope,
    channel: ConsentChannel,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, ConsentState>, StoreError> {
    let mut said = HashMap::new();
    for chunk in contacts.chunks(CHUNK) {
        let select = Entity::find()
            .filter(Column::ContactId.is_in(chunk.iter().copied()))
            .filter(Column::Channel.eq(channel.as_str()))
            .order_by_asc(Column::At)
            .order_by_asc(Column::Id);
        for row in door.all(scope, select).await? {
            let consent = consent(row)?;
            said.insert(consent.contact_id, consent.state);
        }
    }
    Ok(said)
}
