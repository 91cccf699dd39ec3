//! Settings: defaults, then `.env`, then the environment. A wrong value stops the start with one line that names it.

mod outside;
mod proxies;
mod secrets;

use std::env::VarError;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crm_backup::Keep;
use crm_providers::oauth::Places;
use crm_providers::outbound::OutboundPolicy;
use figment::Figment;
use figment::providers::Serialized;
use serde::{Deserialize, Serialize};

use self::outside::{api, base_url, dns_server, imap};

pub use outside::{Ai, BaseUrls};
pub use proxies::TrustedProxies;
pub use secrets::Secrets;

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ConfigError {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl ConfigError {
    fn new(name: &'static str, problem: impl Into<String>) -> Self {
        Self { name, problem: problem.into() }
    }
}

/// The variables as text. Names are those of the environment in lower case.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Raw {
    host: String,
    port: String,
    database_url: Option<String>,
    db_path: Option<String>,
    data_dir: String,
    backup_dir: Option<String>,
    backup_keep: Option<String>,
    session_secret: Option<String>,
    encryption_key: Option<String>,
    encryption_key_previous: Option<String>,
    public_url: Option<String>,
    log_format: String,
    outbound_allow: String,
    rate_limit_login: String,
    rate_limit_api: String,
    trusted_proxies: String,
    openai_api_key: Option<String>,
    openai_base_url: Option<String>,
    openai_model: Option<String>,
    gmail_base_url: Option<String>,
    google_auth_base_url: Option<String>,
    google_token_base_url: Option<String>,
    google_revoke_base_url: Option<String>,
    microsoft_auth_base_url: Option<String>,
    microsoft_token_base_url: Option<String>,
    outlook_base_url: Option<String>,
    google_imap_url: Option<String>,
    microsoft_imap_url: Option<String>,
    mailgun_base_url: Option<String>,
    twilio_base_url: Option<String>,
    dns_server: Option<String>,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// The database.
    pub database_url: String,
    /// Where files are kept.
    pub data_dir: PathBuf,
    /// Where backups go; `backups` in the data folder unless said.
    pub backup_dir: Option<PathBuf>,
    /// Which backups stay.
    pub backup_keep: Keep,
    /// Signing and sealing keys.
    pub secrets: Secrets,
    /// Where recipients reach this installation, without a slash at the end.
    pub public_url: Option<String>,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which private addresses providers may be on.
    pub outbound: OutboundPolicy,
    /// Sign-in attempts in 15 minutes per account and address; 0 is no limit.
    pub rate_limit_login: u32,
    /// API calls in a minute per caller; 0 is no limit.
    pub rate_limit_api: u32,
    /// Proxies that are believed about who is behind them.
    pub trusted_proxies: TrustedProxies,
    /// The language model, where one is set.
    pub ai: Ai,
    /// The DNS server that is asked about sending domains; that of the operating system unless said.
    pub dns_server: Option<SocketAddr>,
    /// Where providers are, other than where they usually are.
    pub base_urls: BaseUrls,
}

impl Config {
    /// Reads `.env` in the working directory and the environment. Makes the data folder and, where they are not set, the
    /// keys in it.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that cannot be used.
    pub fn load() -> Result<Self, ConfigError> {
        match dotenvy::dotenv() {
            Ok(_) => {}
            Err(err) if err.not_found() => {}
            Err(err) => return Err(ConfigError::new(".env", err.to_string())),
        }
        let mut figment = Figment::from(Serialized::defaults(defaults()));
        for name in NAMES {
            // figment's own reader would guess types: a port of digits, a secret of digits.
            if let Some(value) = variable(name)? {
                figment = figment.merge((name, value));
            }
        }
        for (name, file) in FROM_FILES {
            let Some(path) = variable(file)? else { continue };
            figment = figment.merge((name, from_file(name, file, &path)?));
        }
        Self::from_figment(&figment)
    }

    /// Settings given as pairs, names in lower case, over the defaults; neither `.env` nor the environment is read. For
    /// programs that run pi-crm inside themselves, such as the integration tests.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that cannot be used.
    pub fn from_settings(pairs: &[(&str, &str)]) -> Result<Self, ConfigError> {
        let defaults = Figment::from(Serialized::defaults(defaults()));
        let merge = |figment: Figment, (name, value): &(&str, &str)| figment.merge((*name, *value));
        Self::from_figment(&pairs.iter().fold(defaults, merge))
    }

    fn from_figment(figment: &Figment) -> Result<Self, ConfigError> {
        let raw: Raw =
            figment.extract().map_err(|err| ConfigError::new("environment", err.to_string()))?;
        let data_dir = PathBuf::from(&raw.data_dir);
        make_folder(&data_dir)?;
        let port = raw.port.parse().map_err(|_| {
            ConfigError::new("PORT", format!("{:?} is no port from 0 to 65535", raw.port))
        })?;
        let log_format = match raw.log_format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => {
                return Err(ConfigError::new(
                    "LOG_FORMAT",
                    format!("{other:?} is neither text nor json"),
                ));
            }
        };
        let outbound = OutboundPolicy::parse(&raw.outbound_allow)
            .map_err(|problem| ConfigError::new("OUTBOUND_ALLOW", problem))?;
        let secrets = Secrets::load(
            &data_dir,
            raw.session_secret.as_deref(),
            raw.encryption_key.as_deref(),
            raw.encryption_key_previous.as_deref(),
        )?;
        Ok(Self {
            host: raw.host,
            port,
            database_url: database_url(raw.database_url, raw.db_path, &data_dir)?,
            secrets,
            public_url: base_url("PUBLIC_URL", raw.public_url.as_deref())?,
            log_format,
            outbound,
            rate_limit_login: number("RATE_LIMIT_LOGIN", &raw.rate_limit_login)?,
            rate_limit_api: number("RATE_LIMIT_API", &raw.rate_limit_api)?,
            trusted_proxies: TrustedProxies::parse(&raw.trusted_proxies)
                .map_err(|problem| ConfigError::new("TRUSTED_PROXIES", problem))?,
            ai: Ai::new(raw.openai_api_key, raw.openai_base_url.as_deref(), raw.openai_model)?,
            base_urls: BaseUrls {
                mailboxes: Places {
                    gmail: api("GMAIL_BASE_URL", raw.gmail_base_url.as_deref(), "")?,
                    google_auth: api(
                        "GOOGLE_AUTH_BASE_URL",
                        raw.google_auth_base_url.as_deref(),
                        "",
                    )?,
                    google_token: api(
                        "GOOGLE_TOKEN_BASE_URL",
                        raw.google_token_base_url.as_deref(),
                        "",
                    )?,
                    google_revoke: api(
                        "GOOGLE_REVOKE_BASE_URL",
                        raw.google_revoke_base_url.as_deref(),
                        "",
                    )?,
                    outlook: api("OUTLOOK_BASE_URL", raw.outlook_base_url.as_deref(), "/v1.0")?,
                    microsoft_auth: api(
                        "MICROSOFT_AUTH_BASE_URL",
                        raw.microsoft_auth_base_url.as_deref(),
                        "",
                    )?,
                    microsoft_token: api(
                        "MICROSOFT_TOKEN_BASE_URL",
                        raw.microsoft_token_base_url.as_deref(),
                        "",
                    )?,
                    google_imap: imap("GOOGLE_IMAP_URL", raw.google_imap_url.as_deref())?,
                    microsoft_imap: imap("MICROSOFT_IMAP_URL", raw.microsoft_imap_url.as_deref())?,
                },
                mailgun: api("MAILGUN_BASE_URL", raw.mailgun_base_url.as_deref(), "/v3")?,
                twilio: api("TWILIO_BASE_URL", raw.twilio_base_url.as_deref(), "")?,
            },
            dns_server: dns_server(raw.dns_server.as_deref())?,
            backup_dir: raw.backup_dir.map(PathBuf::from),
            backup_keep: keep(raw.backup_keep.as_deref())?,
            data_dir,
        })
    }

    /// Whether the database is a SQLite file.
    pub fn is_sqlite(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }

    /// The name recipients know this installation by, without scheme and port.
    pub fn public_host(&self) -> Option<String> {
        let (_, rest) = self.public_url.as_deref()?.split_once("://")?;
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        Some(host.to_owned()).filter(|host| !host.is_empty())
    }

    /// Whether people reach this installation by https.
    pub fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

const NAMES: [&str; 31] = [
    "host",
    "port",
    "database_url",
    "db_path",
    "data_dir",
    "backup_dir",
    "backup_keep",
    "session_secret",
    "encryption_key",
    "encryption_key_previous",
    "public_url",
    "log_format",
    "outbound_allow",
    "rate_limit_login",
    "rate_limit_api",
    "trusted_proxies",
    "openai_api_key",
    "openai_base_url",
    "openai_model",
    "gmail_base_url",
    "google_auth_base_url",
    "google_token_base_url",
    "google_revoke_base_url",
    "microsoft_auth_base_url",
    "microsoft_token_base_url",
    "outlook_base_url",
    "google_imap_url",
    "microsoft_imap_url",
    "mailgun_base_url",
    "twilio_base_url",
    "dns_server",
];

/// Secrets that may lie in a file of their own, as container managers hand them over, and the variable that names it.
const FROM_FILES: [(&str, &str); 5] = [
    ("session_secret", "SESSION_SECRET_FILE"),
    ("encryption_key", "ENCRYPTION_KEY_FILE"),
    ("encryption_key_previous", "ENCRYPTION_KEY_PREVIOUS_FILE"),
    ("openai_api_key", "OPENAI_API_KEY_FILE"),
    ("database_url", "DATABASE_URL_FILE"),
];

/// A variable of the environment. An empty one is one that is not set.
fn variable(name: &str) -> Result<Option<String>, ConfigError> {
    match std::env::var(name.to_ascii_uppercase()) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(ConfigError::new("environment", format!("{name} is not valid UTF-8")))
        }
    }
}

/// A secret out of its file, without the line end editors add.
fn from_file(name: &str, file: &'static str, path: &str) -> Result<String, ConfigError> {
    let value = name.to_ascii_uppercase();
    if variable(name)?.is_some() {
        return Err(ConfigError::new(file, format!("set either {value} or {file}, not both")));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|err| ConfigError::new(file, format!("{path} cannot be read: {err}")))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(ConfigError::new(file, format!("{path} is empty")));
    }
    Ok(text.to_owned())
}

fn defaults() -> Raw {
    Raw {
        host: "127.0.0.1".to_owned(),
        port: "8080".to_owned(),
        data_dir: "data".to_owned(),
        log_format: "text".to_owned(),
        rate_limit_login: "5".to_owned(),
        rate_limit_api: "600".to_owned(),
        ..Raw::default()
    }
}

fn number(name: &'static str, text: &str) -> Result<u32, ConfigError> {
    text.parse().map_err(|_| ConfigError::new(name, format!("{text:?} is no whole number")))
}

fn keep(text: Option<&str>) -> Result<Keep, ConfigError> {
    let Some(text) = text else { return Ok(Keep::default()) };
    Keep::parse(text).map_err(|problem| ConfigError::new("BACKUP_KEEP", problem))
}

fn make_folder(path: &Path) -> Result<(), ConfigError> {
    std::fs::create_dir_all(path).map_err(|err| {
        ConfigError::new("DATA_DIR", format!("{} cannot be made: {err}", path.display()))
    })
}

fn database_url(
    url: Option<String>,
    path: Option<String>,
    data_dir: &Path,
) -> Result<String, ConfigError> {
    match (url, path) {
        (Some(_), Some(_)) => {
            Err(ConfigError::new("DB_PATH", "set either DB_PATH or DATABASE_URL, not both"))
        }
        (Some(url), None) => {
            let known = ["sqlite:", "postgres://", "postgresql://"];
            if known.iter().any(|scheme| url.starts_with(scheme)) {
                Ok(url)
            } else {
                Err(ConfigError::new("DATABASE_URL", "must begin with sqlite:// or postgres://"))
            }
        }
        (None, Some(path)) => Ok(format!("sqlite://{path}")),
        (None, None) => Ok(format!("sqlite://{}", data_dir.join("pi-crm.db").display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        // A folder of its own for each call: the tests run side by side, and each makes its keys.
        static CALLS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let call = CALLS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("pi-crm-config-{}-{call}", std::process::id()));
        let mut figment = Figment::new()
            .merge(Serialized::defaults(defaults()))
            .merge(("data_dir", folder.display().to_string()));
        for (name, value) in pairs {
            figment = figment.merge((*name, (*value).to_owned()));
        }
        Config::from_figment(&figment)
    }

    #[test]
    fn defaults_serve_on_this_machine_from_a_file() {
        let config = load(&[]).unwrap();
        assert_eq!((config.host.as_str(), config.port), ("127.0.0.1", 8080));
        assert!(config.database_url.ends_with("/pi-crm.db") && config.is_sqlite());
        assert!(config.public_url.is_none());
    }

    #[test]
    fn a_wrong_value_names_its_variable() {
        let name = |pairs: &[(&str, &str)]| load(pairs).unwrap_err().name;
        assert_eq!(name(&[("port", "eighty")]), "PORT");
        assert_eq!(name(&[("port", "70000")]), "PORT");
        assert_eq!(name(&[("log_format", "xml")]), "LOG_FORMAT");
        assert_eq!(name(&[("public_url", "crm.example.com")]), "PUBLIC_URL");
        assert_eq!(name(&[("database_url", "mysql://x")]), "DATABASE_URL");
        assert_eq!(name(&[("rate_limit_login", "many")]), "RATE_LIMIT_LOGIN");
        assert_eq!(name(&[("outbound_allow", "10.0.0.0/99")]), "OUTBOUND_ALLOW");
        assert_eq!(name(&[("encryption_key", "short")]), "ENCRYPTION_KEY");
        assert_eq!(name(&[("session_secret", "short")]), "SESSION_SECRET");
        assert_eq!(name(&[("database_url", "sqlite://a"), ("db_path", "b")]), "DB_PATH");
        assert_eq!(name(&[("twilio_base_url", "api.twilio.com")]), "TWILIO_BASE_URL");
        assert_eq!(name(&[("dns_server", "nowhere")]), "DNS_SERVER");
        assert_eq!(name(&[("openai_base_url", "ftp://ai.lan")]), "OPENAI_BASE_URL");
    }
}
