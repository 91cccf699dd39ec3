//! Checking the settings of a Mailgun account before they are stored.

use crm_core::outbound::Address;
use crm_core::{ProviderId, Scope, System};
use sea_orm::EntityTrait as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::rows::Row;
use super::store::{Stored, unseal_webhook};
use super::validate::{
    address, filled, invalid, is_credential, may_be_reached, rates, sender_name,
};
use super::{MailgunConfig, ProviderConfig, ProviderKind, Result, SeaProviders};
use crate::entity::workspace_email_provider::Entity;
use crate::mailgun::{Webhook, place};

const HEARING: System = System::task("hear from a provider");

/// Brings the settings into the form they are stored in. `kept` are the stored ones, where their key may stay.
pub(super) async fn check(
    on: &SeaProviders,
    config: &MailgunConfig,
    secret: Option<&SecretString>,
    kept: Option<&MailgunConfig>,
) -> Result<MailgunConfig> {
    let config = MailgunConfig {
        domain: domain(&config.domain)?,
        base_url: filled(config.base_url.as_deref()).map(base_url).transpose()?,
        from_email: address("config.from_email", &config.from_email)?,
        from_name: sender_name(&config.from_name)?,
        reply_to: filled(config.reply_to.as_deref())
            .map(|reply_to| address("config.reply_to", reply_to))
            .transpose()?,
        rate_per_minute: config.rate_per_minute,
        rate_per_day: config.rate_per_day,
        warm_up_from: config.warm_up_from,
    };
    rates(config.rate_per_minute, config.rate_per_day, config.warm_up_from)?;
    // A stored key is not sent to a server it was not entered for: who may change a provider could otherwise have it
    // delivered to their own.
    match (secret, kept) {
        (Some(secret), _) if !is_credential(secret.expose_secret()) => {
            return Err(invalid("config.api_key", "enter the key in one line"));
        }
        (None, None) => return Err(invalid("config.api_key", "enter an API key of this account")),
        (None, Some(kept)) if kept.base_url != config.base_url => {
            return Err(invalid("config.api_key", "enter the key again for the changed address"));
        }
        (Some(_), _) | (None, Some(_)) => {}
    }
    reachable(on, &config).await?;
    Ok(config)
}

/// Refuses an API on a private network, and a key in clear over the internet.
pub(super) async fn reachable(on: &SeaProviders, config: &MailgunConfig) -> Result<()> {
    let operator = on.elsewhere.mailgun.as_ref();
    may_be_reached(place(config.base_url.as_deref(), operator, &on.outbound)).await
}

/// What a request says that Mailgun made by itself, and the workspace it is for.
pub(super) async fn hear(
    on: &SeaProviders,
    id: ProviderId,
    body: &[u8],
) -> Result<Option<(Scope, Webhook)>> {
    let Some(webhook) = Webhook::read(body) else { return Ok(None) };
    let found = on.ctx.db.everywhere(HEARING, Entity::find_by_id(id)).await?;
    let Some(row) = found.into_iter().next() else { return Ok(None) };
    let workspace_id = row.workspace_id;
    let stored = Stored::read(&Row { kind: ProviderKind::Email, row })?;
    let (ProviderConfig::Mailgun(_), Some(sealed)) = (&stored.config, &stored.webhook_key) else {
        return Ok(None);
    };
    let key = unseal_webhook(&on.vault, id, sealed)?;
    let is_genuine = webhook.is_genuine(key.expose_secret().as_bytes(), on.ctx.now());
    Ok(is_genuine.then(|| (Scope::for_job(workspace_id, "mailgun"), webhook)))
}

fn domain(text: &str) -> Result<String> {
    let domain = text.trim().trim_end_matches('.').to_lowercase();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_domain = domain.contains('.')
        && domain.len() <= 253
        && domain.chars().all(is_name)
        && domain.split('.').all(|label| !label.is_empty());
    if is_domain {
        Ok(domain)
    } else {
        Err(invalid("config.domain", "enter the sending domain, like mg.example.com"))
    }
}

/// The address of the API. Mailgun's own pages show it with the version behind it, which is ours to add.
fn base_url(text: &str) -> Result<String> {
    let address = Address::parse(text.trim().trim_end_matches('/').trim_end_matches("/v3"))
        .map_err(|error| invalid("config.base_url", error.to_string()))?;
    Ok(address.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_one_path_segment() {
        assert_eq!(domain(" MG.Example.com. ").unwrap(), "mg.example.com");
        for bad in ["", "example", "../x.y", "a/b.c", "a b.c", "mg..example.com", "x.y?z", "x.y#"] {
            assert!(domain(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_version_is_no_part_of_the_address() {
        for text in
            ["https://api.mailgun.net/v3/", "https://api.mailgun.net/v3", "https://api.mailgun.net"]
        {
            assert_eq!(base_url(text).unwrap(), "https://api.mailgun.net");
        }
        assert!(base_url("api.mailgun.net").is_err());
    }
}
