//! Checking the settings of a provider before they are stored.

use crm_core::EmailAddress;
use crm_core::outbound::{Address, AddressError, Reach};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    NewProvider, ProviderConfig, ProvidersError, Result, SeaProviders, Security, SmtpConfig,
    mailbox, mailgun, twilio,
};
use crate::oauth::Service;
use crate::outbound::{OutboundError, OutboundPolicy, is_public};
use crate::smtp::MAX_CONNECTIONS;

/// Most characters of a name.
const LONGEST_NAME: usize = 200;
/// Most characters of a user name or password.
const LONGEST_CREDENTIAL: usize = 1000;

pub(super) fn invalid(field: &'static str, problem: impl Into<String>) -> ProvidersError {
    ProvidersError::InvalidConfig { field, problem: problem.into() }
}

/// Brings the settings into the form they are stored in. `stored` are the settings with a secret that stays where no
/// new one is given.
///
/// # Errors
/// [`ProvidersError::InvalidConfig`] naming the first wrong setting; [`ProvidersError::OutboundBlocked`].
pub(super) async fn check(
    new: NewProvider,
    stored: Option<&ProviderConfig>,
    on: &SeaProviders,
) -> Result<NewProvider> {
    let filled = |secret: &SecretString| !secret.expose_secret().is_empty();
    let (secret, webhook_key) = (new.secret.filter(filled), new.webhook_key.filter(filled));
    let wrong = webhook_key.as_ref().is_some_and(|key| !is_credential(key.expose_secret()));
    if wrong {
        return Err(invalid("config.webhook_key", "enter the key in one line"));
    }
    let name = new.name.trim().to_owned();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(invalid("name", format!("enter up to {LONGEST_NAME} characters")));
    }
    let name = if name.is_empty() { default_name(&new.config).to_owned() } else { name };
    let (config, secret) = match new.config {
        practice @ (ProviderConfig::Practice | ProviderConfig::PracticeText) => (practice, None),
        ProviderConfig::Smtp(config) => {
            let config = smtp(&config)?;
            let kept = match stored {
                Some(ProviderConfig::Smtp(stored)) => Some(stored),
                _ => None,
            };
            credentials(&config, secret.as_ref(), kept)?;
            reachable(&config, &on.outbound).await?;
            (ProviderConfig::Smtp(config), secret)
        }
        ProviderConfig::Gmail(config) => {
            let kept = match stored {
                Some(ProviderConfig::Gmail(stored)) => Some(stored),
                _ => None,
            };
            let config = mailbox::check(Service::Google, &config, secret.as_ref(), kept)?;
            (ProviderConfig::Gmail(config), secret)
        }
        ProviderConfig::Outlook(config) => {
            let kept = match stored {
                Some(ProviderConfig::Outlook(stored)) => Some(stored),
                _ => None,
            };
            let config = mailbox::check(Service::Microsoft, &config, secret.as_ref(), kept)?;
            (ProviderConfig::Outlook(config), secret)
        }
        ProviderConfig::Mailgun(config) => {
            let kept = match stored {
                Some(ProviderConfig::Mailgun(stored)) => Some(stored),
                _ => None,
            };
            let config = mailgun::check(on, &config, secret.as_ref(), kept).await?;
            (ProviderConfig::Mailgun(config), secret)
        }
        ProviderConfig::Twilio(config) => {
            let kept = match stored {
                Some(ProviderConfig::Twilio(stored)) => Some(stored),
                _ => None,
            };
            let config = twilio::check(on, &config, secret.as_ref(), kept).await?;
            (ProviderConfig::Twilio(config), secret)
        }
    };
    let webhook_key = match &config {
        ProviderConfig::Mailgun(_) | ProviderConfig::Twilio(_) => webhook_key,
        _ => None,
    };
    Ok(NewProvider { name, config, secret, webhook_key, is_default: new.is_default })
}

/// What a provider without a name is called.
pub(super) const fn default_name(config: &ProviderConfig) -> &'static str {
    match config {
        ProviderConfig::Practice => "Practice outbox",
        ProviderConfig::PracticeText => "Practice outbox, text messages",
        ProviderConfig::Smtp(_) => "SMTP",
        ProviderConfig::Mailgun(_) => "Mailgun",
        ProviderConfig::Gmail(_) => "Gmail",
        ProviderConfig::Outlook(_) => "Outlook",
        ProviderConfig::Twilio(_) => "Twilio",
    }
}

/// A host name or address in the form it is stored in, or what is wrong with it.
pub(crate) fn host_name(text: &str) -> std::result::Result<String, &'static str> {
    let host = text.trim();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || host.len() > 253 || !host.chars().all(is_host) {
        return Err("enter a host name like mail.example.com");
    }
    if host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_err() {
        return Err("enter the host alone; the port has its own field");
    }
    Ok(host.to_lowercase())
}

fn smtp(config: &SmtpConfig) -> Result<SmtpConfig> {
    let host = host_name(&config.host).map_err(|problem| invalid("config.host", problem))?;
    if config.port == 0 {
        return Err(invalid("config.port", "enter a port from 1 to 65535"));
    }
    let from_email = address("config.from_email", &config.from_email)?;
    let from_name = sender_name(&config.from_name)?;
    let reply_to = filled(config.reply_to.as_deref())
        .map(|reply_to| address("config.reply_to", reply_to))
        .transpose()?;
    let username = filled(config.username.as_deref());
    if username.is_some_and(|name| !is_credential(name)) {
        return Err(invalid("config.username", "enter the user name in one line"));
    }
    if !config.connections.is_none_or(|connections| (1..=MAX_CONNECTIONS).contains(&connections)) {
        return Err(invalid("config.connections", format!("enter 1 to {MAX_CONNECTIONS}")));
    }
    rates(config.rate_per_minute, config.rate_per_day, config.warm_up_from)?;
    Ok(SmtpConfig {
        host,
        port: config.port,
        security: config.security,
        username: username.map(ToOwned::to_owned),
        from_email,
        from_name,
        reply_to,
        connections: config.connections,
        rate_per_minute: config.rate_per_minute,
        rate_per_day: config.rate_per_day,
        warm_up_from: config.warm_up_from,
        return_path: config.return_path,
    })
}

/// The name messages come from.
pub(super) fn sender_name(text: &str) -> Result<String> {
    let name = text.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(invalid("config.from_name", format!("enter up to {LONGEST_NAME} characters")));
    }
    Ok(name.to_owned())
}

/// Limits are one message or more.
pub(super) fn rates(
    per_minute: Option<u32>,
    per_day: Option<u32>,
    warm_up_from: Option<u32>,
) -> Result<()> {
    if per_minute == Some(0) {
        return Err(invalid("config.rate_per_minute", "enter 1 or more, or nothing for no limit"));
    }
    if per_day == Some(0) {
        return Err(invalid("config.rate_per_day", "enter 1 or more, or nothing for no limit"));
    }
    if warm_up_from == Some(0) {
        return Err(invalid("config.warm_up_from", "enter 1 or more, or nothing for no warm-up"));
    }
    Ok(())
}

pub(super) fn address(field: &'static str, text: &str) -> Result<String> {
    let address = EmailAddress::parse(text)
        .map_err(|_| invalid(field, "enter an e-mail address like name@example.com"))?;
    if !address.as_str().is_ascii() {
        return Err(invalid(field, "enter an address without letters beyond a to z"));
    }
    Ok(address.as_str().to_owned())
}

/// Refuses an API on a private network, and a secret in clear over the internet, where no operator has set the place.
pub(super) async fn may_be_reached(
    place: std::result::Result<(Address, Reach), AddressError>,
) -> Result<()> {
    let refused = |error: AddressError| match error {
        AddressError::Blocked(host) => ProvidersError::OutboundBlocked(host),
        other => invalid("config.base_url", other.to_string()),
    };
    match place.map_err(refused)? {
        (_, Reach::Trusted) => Ok(()),
        (address, Reach::Policy(policy)) => address.check(&policy).await.map_err(refused),
    }
}

pub(super) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

pub(crate) fn is_credential(text: &str) -> bool {
    text.chars().count() <= LONGEST_CREDENTIAL && !text.chars().any(char::is_control)
}

/// A user name and a password belong together; and a stored password is not sent to a server it was not entered for,
/// nor in clear if it was not before: who may change a provider could otherwise have it delivered to their own.
fn credentials(
    config: &SmtpConfig,
    secret: Option<&SecretString>,
    kept: Option<&SmtpConfig>,
) -> Result<()> {
    match (&config.username, secret) {
        (None, None) => Ok(()),
        (None, Some(_)) => {
            Err(invalid("config.username", "enter the user name the password belongs to"))
        }
        (Some(_), Some(secret)) if is_credential(secret.expose_secret()) => Ok(()),
        (Some(_), Some(_)) => Err(invalid("config.password", "enter the password in one line")),
        (Some(username), None) => match kept {
            None => Err(invalid("config.password", "enter the password of this user name")),
            Some(kept)
                if kept.host != config.host
                    || kept.username.as_ref() != Some(username)
                    || (config.security == Security::None && kept.security != Security::None) =>
            {
                Err(invalid("config.password", "enter the password again for the changed server"))
            }
            Some(_) => Ok(()),
        },
    }
}

/// A host nobody knows at the moment is accepted: this machine may be offline, and connecting checks again.
async fn reachable(config: &SmtpConfig, outbound: &OutboundPolicy) -> Result<()> {
    let addresses = match outbound.resolve(&config.host, config.port).await {
        Ok(addresses) => addresses,
        Err(OutboundError::Blocked(host)) => return Err(ProvidersError::OutboundBlocked(host)),
        Err(OutboundError::NotFound(_)) => return Ok(()),
    };
    let in_clear = config.security == Security::None && config.username.is_some();
    if in_clear && addresses.iter().any(|to| is_public(to.ip())) {
        let problem =
            "choose STARTTLS or TLS: over the internet a password must not travel in clear";
        return Err(invalid("config.security", problem));
    }
    Ok(())
}
