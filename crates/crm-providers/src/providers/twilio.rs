//! Checking the settings of a Twilio account, and hearing what Twilio tells by itself.

use crm_core::outbound::{Address, AddressError, Reach};
use crm_core::{Phone, ProviderId, Scope, System};
use sea_orm::EntityTrait as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::rows::Row;
use super::store::{Stored, unseal, unseal_webhook};
use super::validate::{filled, invalid, is_credential, may_be_reached, rates};
use super::{ProviderConfig, ProviderKind, Result, SeaProviders, TwilioConfig};
use crate::entity::workspace_email_provider::Model;
use crate::entity::workspace_text_provider as text;
use crate::spending::Price;
use crate::twilio::{self, Callback, SignedCall};

const HEARING: System = System::task("hear from a provider");
/// Most characters of a name messages come from.
const LONGEST_NAME: usize = 11;

/// Brings the settings into the form they are stored in. `kept` are the stored ones, where their token may stay.
pub(super) async fn check(
    on: &SeaProviders,
    config: &TwilioConfig,
    secret: Option<&SecretString>,
    kept: Option<&TwilioConfig>,
) -> Result<TwilioConfig> {
    let config = checked(config)?;
    credentials(&config, secret, kept)?;
    reachable(on, &config).await?;
    Ok(config)
}

fn checked(config: &TwilioConfig) -> Result<TwilioConfig> {
    let sid = |field, text: &str, prefix: &str, problem: &str| {
        let text = text.trim();
        let is_sid = text.len() == 34
            && text.starts_with(prefix)
            && text.chars().skip(2).all(|c| c.is_ascii_hexdigit());
        if is_sid { Ok(text.to_owned()) } else { Err(invalid(field, problem)) }
    };
    let account_sid = sid(
        "config.account_sid",
        &config.account_sid,
        "AC",
        "enter the Account SID: AC and 32 letters and digits",
    )?;
    let service = filled(config.messaging_service_sid.as_deref());
    let service = service
        .map(|service| {
            let problem = "enter the SID of the messaging service: MG and 32 letters and digits";
            sid("config.messaging_service_sid", service, "MG", problem)
        })
        .transpose()?;
    let from = filled(config.from.as_deref()).map(sender).transpose()?;
    match (&from, &service) {
        (None, None) => {
            return Err(invalid("config.from", "enter a number, or a messaging service below"));
        }
        (Some(_), Some(_)) => {
            return Err(invalid("config.from", "enter a number or a messaging service, not both"));
        }
        _ => {}
    }
    rates(config.rate_per_minute, config.rate_per_day, None)?;
    if config.parts_per_month == Some(0) {
        return Err(invalid("config.parts_per_month", "enter 1 or more, or nothing for no limit"));
    }
    let price = filled(config.price_per_part.as_deref());
    if price.is_some_and(|price| Price::parse(price).is_none()) {
        return Err(invalid("config.price_per_part", "enter a price like 0.0079"));
    }
    Ok(TwilioConfig {
        account_sid,
        from,
        messaging_service_sid: service,
        base_url: filled(config.base_url.as_deref()).map(base_url).transpose()?,
        rate_per_minute: config.rate_per_minute,
        rate_per_day: config.rate_per_day,
        parts_per_month: config.parts_per_month,
        price_per_part: price.map(ToOwned::to_owned),
    })
}

/// A number in E.164, or a name of up to eleven letters and digits.
fn sender(text: &str) -> Result<String> {
    if let Ok(number) = Phone::parse(text, "") {
        return Ok(number.to_string());
    }
    let is_name = text.len() <= LONGEST_NAME
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ')
        && text.chars().any(|c| c.is_ascii_alphabetic());
    if is_name {
        return Ok(text.to_owned());
    }
    let problem = "enter a number with its country code, like +43 664 1234567, or a name of up to 11 letters and digits";
    Err(invalid("config.from", problem))
}

/// A token belongs to an account, and to the place it is sent to.
fn credentials(
    config: &TwilioConfig,
    secret: Option<&SecretString>,
    kept: Option<&TwilioConfig>,
) -> Result<()> {
    let same = |kept: &TwilioConfig| {
        kept.account_sid == config.account_sid && kept.base_url == config.base_url
    };
    match (secret, kept) {
        (Some(secret), _) if !is_credential(secret.expose_secret()) => {
            Err(invalid("config.auth_token", "enter the token in one line"))
        }
        (Some(_), _) => Ok(()),
        (None, Some(kept)) if same(kept) => Ok(()),
        (None, Some(_)) => {
            Err(invalid("config.auth_token", "enter the token again for the changed account"))
        }
        (None, None) => Err(invalid("config.auth_token", "enter the auth token of the account")),
    }
}

fn base_url(text: &str) -> Result<String> {
    let address = Address::parse(text);
    let address = address.map_err(|error| invalid("config.base_url", error.to_string()))?;
    Ok(address.as_str().to_owned())
}

/// Refuses an API on a private network, and a token in clear over the internet.
pub(super) async fn reachable(on: &SeaProviders, config: &TwilioConfig) -> Result<()> {
    may_be_reached(place(on, config)).await
}

/// Where the account's API is.
pub(super) fn place(
    on: &SeaProviders,
    config: &TwilioConfig,
) -> std::result::Result<(Address, Reach), AddressError> {
    twilio::place(config.base_url.as_deref(), on.elsewhere.twilio.as_ref(), &on.outbound)
}

/// What a request says that Twilio made by itself, and the workspace it is for.
pub(super) async fn hear(
    on: &SeaProviders,
    id: ProviderId,
    call: &SignedCall,
) -> Result<Option<(Scope, Callback)>> {
    let found: Vec<Model> = on.ctx.db.everywhere_as(HEARING, text::Entity::find_by_id(id)).await?;
    let Some(row) = found.into_iter().next() else { return Ok(None) };
    let workspace_id = row.workspace_id;
    let stored = Stored::read(&Row { kind: ProviderKind::Text, row })?;
    let (ProviderConfig::Twilio(_), Some(sealed)) = (&stored.config, &stored.sealed) else {
        return Ok(None);
    };
    let key = match (call.names_a_key(), &stored.webhook_key) {
        (false, _) => unseal(&on.vault, id, sealed)?,
        (true, Some(sealed)) => unseal_webhook(&on.vault, id, sealed)?,
        (true, None) => {
            tracing::warn!(provider = %id, "Twilio signs with a shared key, and none is entered");
            return Ok(None);
        }
    };
    if !call.is_genuine(key.expose_secret().as_bytes()) {
        return Ok(None);
    }
    let scope = Scope::for_job(workspace_id, "twilio");
    Ok(Callback::read(&call.body.fields()).map(|callback| (scope, callback)))
}
