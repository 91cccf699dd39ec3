//! Settings about the world outside: language models, and providers that are somewhere else than usual (a sandbox, a
//! regional edge, a stand-in). What the operator sets here is trusted: `OUTBOUND_ALLOW` does not limit it.

use std::net::SocketAddr;

use crm_core::outbound::Address;
use crm_providers::imap::ImapServer;
use crm_providers::oauth::Places;
use secrecy::SecretString;

use super::ConfigError;

/// A language model behind an OpenAI-compatible API. Without a key and an address of its own, AI is off.
#[derive(Debug, Clone, Default)]
pub struct Ai {
    /// The key, where the server wants one.
    pub api_key: Option<SecretString>,
    /// Where the API is; `OpenAI`'s own unless said.
    pub base_url: Option<Address>,
    /// Which model; the provider's default unless said.
    pub model: Option<String>,
}

impl Ai {
    pub(super) fn new(
        api_key: Option<String>,
        base: Option<&str>,
        model: Option<String>,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            api_key: api_key.map(SecretString::from),
            base_url: base.map(address).transpose()?,
            model,
        })
    }
}

/// The address of an OpenAI-compatible API.
fn address(text: &str) -> Result<Address, ConfigError> {
    Address::parse(text).map_err(|_| {
        ConfigError::new("OPENAI_BASE_URL", format!("{text:?} is no address like https://host/v1"))
    })
}

/// Addresses of providers' APIs; `None` is the provider's own.
#[derive(Debug, Clone, Default)]
pub struct BaseUrls {
    /// Gmail, Microsoft Graph, and where people sign in to them.
    pub mailboxes: Places,
    /// Mailgun.
    pub mailgun: Option<Address>,
    /// Twilio.
    pub twilio: Option<Address>,
}

/// The address of a provider's API, without the version its paths begin with.
pub(super) fn api(
    name: &'static str,
    text: Option<&str>,
    version: &str,
) -> Result<Option<Address>, ConfigError> {
    let Some(text) = text else { return Ok(None) };
    let plain = text.trim().trim_end_matches('/').trim_end_matches(version);
    let wrong = |_| ConfigError::new(name, format!("{text:?} is no address like https://host"));
    Address::parse(plain).map(Some).map_err(wrong)
}

/// An IMAP server.
pub(super) fn imap(
    name: &'static str,
    text: Option<&str>,
) -> Result<Option<ImapServer>, ConfigError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    ImapServer::parse(text).map(Some).map_err(|problem| ConfigError::new(name, problem))
}

/// The address of a name server, with a port where it is not 53.
pub(super) fn dns_server(text: Option<&str>) -> Result<Option<SocketAddr>, ConfigError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let read = text.parse().ok().or_else(|| Some(SocketAddr::new(text.parse().ok()?, 53)));
    read.map(Some).ok_or_else(|| {
        ConfigError::new(
            "DNS_SERVER",
            format!("{text:?} is no address like 192.0.2.53 or 127.0.0.1:5353"),
        )
    })
}

/// An `http` or `https` address without a slash at the end.
pub(super) fn base_url(
    name: &'static str,
    url: Option<&str>,
) -> Result<Option<String>, ConfigError> {
    let Some(url) = url else { return Ok(None) };
    let trimmed = url.trim_end_matches('/');
    let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['?', '#', ' ', '@']) => {
            Ok(Some(trimmed.to_owned()))
        }
        _ => Err(ConfigError::new(name, format!("{url:?} is no address like https://host/path"))),
    }
}
