//! Whether a workspace has drafts, from which model, and how many.

use crm_core::sealed::ResealError;
use crm_core::{AuditEvent, Scope, StoreError, Tx, settings};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{AiSettings, DraftsError, KeyChange, NewAiSettings, NotReady, Result, SeaDrafts};
use crate::openai::{Address, AddressError, Endpoint, Reach, is_openai, openai};

/// The setting they are kept under.
const KEY: &str = "ai";
/// The model asked for at `OpenAI` unless said otherwise.
pub const DEFAULT_MODEL: &str = "gpt-4o-mini";
/// What other servers are asked for: most of them have one model and do not look.
const ANY_MODEL: &str = "default";
/// Tokens a month unless said otherwise.
pub const DEFAULT_MONTHLY_TOKENS: u64 = 500_000;
/// Most tokens a month that can be set.
const MOST_TOKENS: u64 = 1_000_000_000;
/// Most characters of a model's name, and of a key.
const LONGEST_MODEL: usize = 200;
const LONGEST_SECRET: usize = 1_000;

/// The settings as they are stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    is_enabled: Option<bool>,
    base_url: Option<String>,
    model: Option<String>,
    /// Sealed.
    key: Option<String>,
    monthly_tokens: Option<u64>,
    version: i64,
}

/// The settings with what follows from them and from the environment.
pub(super) struct Resolved {
    pub(super) settings: AiSettings,
    pub(super) endpoint: Endpoint,
}

impl Resolved {
    /// Whether there are drafts.
    pub(super) fn ready(&self) -> Result<()> {
        match self.settings.not_ready {
            None => Ok(()),
            Some(NotReady::Off) => Err(DraftsError::Off),
            Some(NotReady::NoKey) => Err(DraftsError::NoKey),
        }
    }
}

/// What a key is sealed for.
fn place(scope: &Scope) -> String {
    place_in(&scope.workspace_id().to_string())
}

fn place_in(workspace_id: &str) -> String {
    format!("ai/{workspace_id}")
}

/// Seals the keys of all workspaces with the key of the moment.
pub(super) async fn reseal(on: &SeaDrafts, tx: &Tx) -> std::result::Result<u64, ResealError> {
    settings::rewrite(tx, KEY, |workspace_id, value| {
        let mut stored: Stored = serde_json::from_str(value).map_err(StoreError::from)?;
        let Some(key) = &stored.key else { return Ok(None) };
        let what = |_| ResealError::Unsealable(format!("the AI key of workspace {workspace_id}"));
        let renewed = on.vault.renew(&place_in(workspace_id), key).map_err(what)?;
        let Some(renewed) = renewed else { return Ok(None) };
        stored.key = Some(renewed);
        Ok(Some(serde_json::to_string(&stored).map_err(StoreError::from)?))
    })
    .await
}

async fn stored(on: &SeaDrafts, scope: &Scope) -> Result<Stored> {
    let text = settings::get(&on.ctx, Some(scope), KEY).await?;
    Ok(text
        .map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(StoreError::from)?
        .unwrap_or_default())
}

pub(super) async fn resolve(on: &SeaDrafts, scope: &Scope) -> Result<Resolved> {
    let stored = stored(on, scope).await?;
    let given = &on.environment;
    let own = stored.base_url.as_deref().map(Address::parse).transpose();
    let own = own.map_err(|_| StoreError::Corrupt("an address of an AI server".to_owned()))?;
    let own_key = stored.key.as_deref().map(|sealed| on.vault.open(&place(scope), sealed));
    let own_key: Option<SecretString> = own_key.transpose()?;
    let is_own = own.is_some();
    let address = own.or_else(|| given.address.clone()).unwrap_or_else(openai);
    // The operator's key goes to the operator's server only: whoever names another one would get it sent.
    let key = own_key.clone().or_else(|| given.key.clone().filter(|_| !is_own));
    let model = stored.model.clone().or_else(|| given.model.clone().filter(|_| !is_own));
    let fallback = if is_openai(&address) { DEFAULT_MODEL } else { ANY_MODEL };
    let model = model.unwrap_or_else(|| fallback.to_owned());
    let is_given = given.key.is_some() || given.address.is_some();
    let is_enabled = stored.is_enabled.unwrap_or(is_given);
    let not_ready = if !is_enabled {
        Some(NotReady::Off)
    } else if key.is_none() && is_openai(&address) {
        Some(NotReady::NoKey)
    } else {
        None
    };
    let settings = AiSettings {
        is_enabled,
        base_url: stored.base_url,
        model: stored.model,
        has_key: own_key.is_some(),
        monthly_tokens: stored.monthly_tokens.unwrap_or(DEFAULT_MONTHLY_TOKENS),
        version: stored.version,
        address: address.as_str().to_owned(),
        effective_model: model.clone(),
        not_ready,
    };
    let reach = if is_own { Reach::Policy(on.outbound.clone()) } else { Reach::Trusted };
    Ok(Resolved { settings, endpoint: Endpoint { address, key, model, reach } })
}

pub(super) async fn get(on: &SeaDrafts, scope: &Scope) -> Result<AiSettings> {
    Ok(resolve(on, scope).await?.settings)
}

fn invalid(field: &'static str, problem: impl Into<String>) -> DraftsError {
    DraftsError::InvalidSetting { field, problem: problem.into() }
}

/// An address as it is stored, which may be connected to.
async fn address(on: &SeaDrafts, text: &str) -> Result<Option<String>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wrong = |error: AddressError| match error {
        AddressError::Blocked(host) => DraftsError::OutboundBlocked(host),
        other => invalid("base_url", other.to_string()),
    };
    let address = Address::parse(text).map_err(wrong)?;
    address.check(&on.outbound).await.map_err(wrong)?;
    Ok(Some(address.as_str().to_owned()))
}

pub(super) async fn change(
    on: &SeaDrafts,
    scope: &Scope,
    seen: Option<i64>,
    change: NewAiSettings,
) -> Result<AiSettings> {
    let base_url = address(on, &change.base_url).await?;
    let model = change.model.trim();
    if model.chars().count() > LONGEST_MODEL || model.chars().any(char::is_control) {
        return Err(invalid("model", "enter the name of a model, up to 200 characters"));
    }
    if change.monthly_tokens > MOST_TOKENS {
        return Err(invalid("monthly_tokens", "enter a whole number up to 1,000,000,000"));
    }
    if let KeyChange::Set(key) = &change.key {
        let key = key.expose_secret();
        if key.len() > LONGEST_SECRET || !key.chars().all(|c| c.is_ascii_graphic()) {
            return Err(invalid("api_key", "enter the key as the server gave it, without spaces"));
        }
    }
    let tx = on.ctx.db.begin().await?;
    tx.serialize_on(&place(scope)).await?;
    let before = stored(on, scope).await?;
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(DraftsError::Stale);
    }
    let has_new_key = matches!(change.key, KeyChange::Set(_));
    let key = match &change.key {
        KeyChange::Clear => None,
        KeyChange::Set(key) => Some(on.vault.seal(&place(scope), key.expose_secret())?),
        // A key is for the server it was entered for, and for no other: it goes with its address.
        KeyChange::Keep if before.base_url != base_url && base_url.is_none() => None,
        KeyChange::Keep if before.key.is_some() && before.base_url != base_url => {
            return Err(invalid(
                "api_key",
                "enter the key again: the stored one is for the other address",
            ));
        }
        KeyChange::Keep => before.key,
    };
    let after = Stored {
        is_enabled: Some(change.is_enabled),
        base_url,
        model: Some(model.to_owned()).filter(|model| !model.is_empty()),
        key,
        monthly_tokens: Some(change.monthly_tokens),
        version: before.version + 1,
    };
    let text = serde_json::to_string(&after).map_err(StoreError::from)?;
    settings::set(&on.ctx, &tx, Some(scope), KEY, &text).await?;
    let event = AuditEvent::about("ai.settings_changed", "setting")
        .with("is_enabled", change.is_enabled)
        .with("base_url", &after.base_url)
        .with("model", &after.model)
        .with("monthly_tokens", change.monthly_tokens)
        .with("new_key", has_new_key);
    on.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    get(on, scope).await
}
