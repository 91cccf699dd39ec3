//! The settings of providers, by type, without their secrets.

use serde::{Deserialize, Serialize};

/// How a connection to an SMTP server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SmtpSecurity)]
pub enum Security {
    /// In clear. For relays on the same machine or network.
    None,
    /// Begins in clear and must change to TLS; no falling back.
    Starttls,
    /// TLS from the first byte.
    Tls,
}

/// Where servers send reports about messages that do not arrive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SmtpReturnPath)]
pub enum ReturnPath {
    /// To the address messages come from.
    #[default]
    Sender,
    /// To the mailbox the workspace reads, at an address of its own for each message, where that mailbox is set up.
    Mailbox,
}

/// Settings of an SMTP provider, without its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SmtpConfig {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How it is secured.
    pub security: Security,
    /// Name to sign in with; no sign-in without one.
    pub username: Option<String>,
    /// Address messages come from.
    pub from_email: String,
    /// Name messages come from.
    pub from_name: String,
    /// Where replies go.
    pub reply_to: Option<String>,
    /// Connections open at once, 1 to 20; 4 unless said.
    pub connections: Option<u32>,
    /// Most messages in a minute; no limit unless said.
    pub rate_per_minute: Option<u32>,
    /// Most messages in a day; no limit unless said.
    pub rate_per_day: Option<u32>,
    /// Most messages on the first day of sending, half as many more on each further one; no warm-up unless said.
    #[serde(default)]
    pub warm_up_from: Option<u32>,
    /// Where reports about messages that do not arrive go.
    #[serde(default)]
    pub return_path: ReturnPath,
}

/// Settings of a Mailgun account, without its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MailgunConfig {
    /// The sending domain at Mailgun.
    pub domain: String,
    /// Where the API is: `https://api.mailgun.net` unless said, `https://api.eu.mailgun.net` for accounts in the EU.
    pub base_url: Option<String>,
    /// Address messages come from.
    pub from_email: String,
    /// Name messages come from.
    pub from_name: String,
    /// Where replies go.
    pub reply_to: Option<String>,
    /// Most messages in a minute; no limit unless said.
    pub rate_per_minute: Option<u32>,
    /// Most messages in a day; no limit unless said.
    pub rate_per_day: Option<u32>,
    /// Most messages on the first day of sending, half as many more on each further one; no warm-up unless said.
    #[serde(default)]
    pub warm_up_from: Option<u32>,
}

/// Settings of a Gmail or Outlook account, without its secret. Messages come from the mailbox that is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MailboxConfig {
    /// The ID of the registration at the service; empty as long as there is none.
    pub client_id: String,
    /// Whose accounts may connect, at Microsoft: a directory (tenant) ID; any unless said.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Name messages come from.
    pub from_name: String,
    /// Where replies go.
    pub reply_to: Option<String>,
    /// Whether pi-crm may look into the folder of sent messages, to find out about one that got no answer.
    #[serde(default)]
    pub may_look: bool,
    /// Whether pi-crm may read the mailbox by IMAP, for what comes in.
    #[serde(default)]
    pub may_read: bool,
    /// Most messages in a minute; no limit unless said.
    pub rate_per_minute: Option<u32>,
    /// Most messages in a day; no limit unless said.
    pub rate_per_day: Option<u32>,
    /// Most messages on the first day of sending, half as many more on each further one; no warm-up unless said.
    #[serde(default)]
    pub warm_up_from: Option<u32>,
}

/// Settings of a Twilio account, without its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TwilioConfig {
    /// The account's SID.
    pub account_sid: String,
    /// The number messages come from, in E.164, or a name of up to eleven letters and digits.
    pub from: Option<String>,
    /// A messaging service, in place of a number: it chooses one of its own.
    pub messaging_service_sid: Option<String>,
    /// Where the API is: `https://api.twilio.com` unless said.
    pub base_url: Option<String>,
    /// Most messages in a minute; no limit unless said.
    pub rate_per_minute: Option<u32>,
    /// Most messages in a day; no limit unless said.
    pub rate_per_day: Option<u32>,
    /// Most parts in a calendar month (UTC), as Twilio charges them; no limit unless said.
    #[serde(default)]
    pub parts_per_month: Option<u32>,
    /// What one part costs, like `0.0079`, in whatever the account is charged in; unknown unless said.
    #[serde(default)]
    pub price_per_part: Option<String>,
}
