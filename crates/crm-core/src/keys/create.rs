//! Making keys.

use std::collections::BTreeSet;

use sea_orm::Set;
use secrecy::SecretString;

use super::sea::{SYSTEM, SeaKeys};
use super::{KeysError, MARK, MadeKey, NewKey, Result, list};
use crate::entity::api_keys;
use crate::{Actor, ApiKeyId, AuditEvent, KeyScope, UserId, token};

/// How much of the random part the prefix shows. What is left is far beyond guessing.
const SHOWN: usize = 6;

pub(super) async fn run(
    keys: &SeaKeys,
    actor: &Actor,
    user_id: UserId,
    new: NewKey,
) -> Result<MadeKey> {
    let ctx = &keys.ctx;
    let now = ctx.now();
    let description = new.description.trim().to_owned();
    if description.is_empty() || description.chars().count() > 200 {
        return Err(KeysError::InvalidDescription);
    }
    let scopes = scopes(&new.scopes)?;
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(KeysError::InvalidExpiry);
    }
    let secret = format!("{MARK}{}", token::random());
    let prefix: String = secret.chars().take(MARK.len() + SHOWN).collect();
    let words: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    let row = api_keys::ActiveModel {
        id: Set(ctx.id(ApiKeyId::from_uuid)),
        user_id: Set(user_id),
        key_hash: Set(token::hash(&secret)),
        prefix: Set(prefix),
        description: Set(description),
        scopes: Set(words.into()),
        created_at: Set(now),
        expires_at: Set(new.expires_at),
        last_used_at: Set(None),
        is_active: Set(true),
    };
    let tx = ctx.db.begin().await?;
    let row = tx.insert_system(SYSTEM, row).await?;
    let event = AuditEvent::new("api_key.created", "api_key", row.id)
        .with("user_id", user_id)
        .with("description", &row.description)
        .with("scopes", &row.scopes)
        .with("expires_at", row.expires_at);
    ctx.audit.record(&tx, None, actor, event).await?;
    tx.commit().await?;
    Ok(MadeKey { key: list::key(row), secret: SecretString::from(secret) })
}

fn scopes(words: &[String]) -> Result<BTreeSet<KeyScope>> {
    let read = |word: &String| {
        // What a stranger typed is shown back in an error: a word's length is enough of it.
        let shown = || word.chars().take(60).collect();
        KeyScope::parse(word).ok_or_else(|| KeysError::UnknownScope(shown()))
    };
    let scopes = words.iter().map(read).collect::<Result<BTreeSet<KeyScope>>>()?;
    if scopes.is_empty() { Err(KeysError::NoScope) } else { Ok(scopes) }
}
