//! How a workspace wants its campaigns handled, and what the law asks of them there.

use crm_core::{Context, Scope, StoreError, settings};
use serde::{Deserialize, Serialize};

use super::deps::{Deps, accounts_failed};
use super::{CampaignsError, Result};
use crate::quiet::{Quiet, QuietHours};
use crate::templates::Channel;

const KEY: &str = "send_policy";

/// Most characters of a postal address.
const LONGEST_ADDRESS: usize = 500;

/// How a workspace wants its campaigns handled.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the settings")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendPolicy {
    /// Whether an author may approve their own campaign; `None`: yes while the workspace has one member.
    pub approve_own: Option<bool>,
    /// Whether messages in flight at a crash are sent again without asking.
    pub resend_unknown: bool,
    /// By how much, in percent, the audience may drift between approval and sending.
    pub max_drift_percent: u32,
    /// Whether to find out who opens messages of campaigns.
    #[serde(default)]
    pub track_opens: bool,
    /// Whether to find out who follows links in them.
    #[serde(default)]
    pub track_clicks: bool,
    /// Where whoever writes can be reached by post, in lines; it stands below every e-mail of a campaign.
    #[serde(default)]
    pub postal_address: String,
    /// Whether campaigns by e-mail are refused without a postal address. `None`: as soon as one was saved.
    #[serde(default)]
    pub require_postal_address: Option<bool>,
    /// Whether campaigns by e-mail go only to those who consented.
    #[serde(default)]
    pub consent_email: bool,
    /// Whether campaigns by text message do.
    #[serde(default)]
    pub consent_text: bool,
    /// When nobody is sent a text message, by the clock where they are.
    #[serde(default)]
    pub quiet_hours: Option<QuietHours>,
}

impl Default for SendPolicy {
    fn default() -> Self {
        Self {
            approve_own: None,
            resend_unknown: false,
            max_drift_percent: 10,
            track_opens: false,
            track_clicks: false,
            postal_address: String::new(),
            require_postal_address: None,
            consent_email: false,
            consent_text: false,
            quiet_hours: None,
        }
    }
}

impl SendPolicy {
    /// The postal address in one line.
    pub fn postal_line(&self) -> String {
        let lines = self.postal_address.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join(", ")
    }

    /// What is missing of what the law asks of a campaign on this channel: whether it is refused for that, and why.
    pub(super) fn lacks_address(&self, channel: Channel) -> Option<bool> {
        let missing = channel == Channel::Email && self.postal_line().is_empty();
        missing.then(|| self.require_postal_address == Some(true))
    }

    /// Whether campaigns on this channel go only to those who consented.
    pub(crate) const fn asks_consent(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.consent_email,
            Channel::Text => self.consent_text,
        }
    }

    /// Brings it into the form it is stored in.
    ///
    /// # Errors
    /// [`CampaignsError::InvalidPolicy`], naming what is wrong.
    fn checked(mut self) -> Result<Self> {
        let text = self.postal_address.replace("\r\n", "\n");
        let text = text.trim();
        if text.chars().count() > LONGEST_ADDRESS
            || text.chars().any(|c| c.is_control() && c != '\n')
        {
            let problem = format!("enter up to {LONGEST_ADDRESS} characters");
            return Err(CampaignsError::InvalidPolicy { field: "postal_address", problem });
        }
        let text = text.to_owned();
        self.postal_address = text;
        if self.quiet_hours.as_ref().is_some_and(|hours| !hours.are_hours()) {
            let problem = "enter two different times of day like 21:00 and 08:00".to_owned();
            return Err(CampaignsError::InvalidPolicy { field: "quiet_hours", problem });
        }
        // Whoever has once said where they are reached is kept from forgetting it, unless they say otherwise.
        if !self.postal_address.is_empty() && self.require_postal_address.is_none() {
            self.require_postal_address = Some(true);
        }
        Ok(self)
    }
}

/// What is said where a campaign has no postal address to show.
pub(super) const NO_ADDRESS: &str = "there is no postal address, which the law of many countries asks of \
     mail to many: add it in Settings, Workspace, Law";

/// The policy of the scope's workspace; the default where nobody has set one.
pub(crate) async fn get(
    ctx: &Context,
    scope: &Scope,
) -> std::result::Result<SendPolicy, StoreError> {
    match settings::get(ctx, Some(scope), KEY).await? {
        Some(text) => Ok(serde_json::from_str(&text)?),
        None => Ok(SendPolicy::default()),
    }
}

/// The quiet hours that are kept on this channel, in the zones of those who are written to.
///
/// # Errors
/// [`StoreError`] where the database fails.
pub(crate) async fn quiet(
    deps: &Deps,
    scope: &Scope,
    channel: Channel,
) -> std::result::Result<Option<Quiet>, StoreError> {
    let Channel::Text = channel else { return Ok(None) };
    let Some(hours) = get(&deps.ctx, scope).await?.quiet_hours else { return Ok(None) };
    let workspace = deps.accounts.workspace(scope).await.map_err(accounts_failed)?;
    Ok(Quiet::new(&hours, &workspace.time_zone))
}

pub(super) async fn set(deps: &Deps, scope: &Scope, policy: SendPolicy) -> Result<()> {
    let policy = policy.checked()?;
    let text = serde_json::to_string(&policy).map_err(StoreError::from)?;
    let tx = deps.ctx.db.begin().await?;
    settings::set(&deps.ctx, &tx, Some(scope), KEY, &text).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_once_saved_is_asked_for_from_then_on() {
        let none = SendPolicy::default();
        assert_eq!(none.lacks_address(Channel::Email), Some(false));
        assert_eq!(none.lacks_address(Channel::Text), None);
        let text = " Kornfeld \r\n  Mill Lane 1\r\n\r\n4020 Linz ".to_owned();
        let saved = SendPolicy { postal_address: text, ..none.clone() }.checked().unwrap();
        assert_eq!(saved.postal_line(), "Kornfeld, Mill Lane 1, 4020 Linz");
        assert_eq!(saved.lacks_address(Channel::Email), None);
        let emptied = SendPolicy { postal_address: String::new(), ..saved }.checked().unwrap();
        assert_eq!(emptied.lacks_address(Channel::Email), Some(true));
        let lax = SendPolicy { require_postal_address: Some(false), ..emptied };
        assert_eq!(lax.checked().unwrap().lacks_address(Channel::Email), Some(false));
        let quiet = QuietHours { from: "21:00".to_owned(), to: "9".to_owned() };
        assert!(SendPolicy { quiet_hours: Some(quiet), ..none.clone() }.checked().is_err());
        let long = SendPolicy { postal_address: "x".repeat(501), ..none };
        assert!(long.checked().is_err());
    }

    #[test]
    fn one_stored_before_there_was_a_law_is_read() {
        let old = r#"{"approve_own":null,"resend_unknown":true,"max_drift_percent":5}"#;
        let read: SendPolicy = serde_json::from_str(old).unwrap();
        let expected =
            SendPolicy { resend_unknown: true, max_drift_percent: 5, ..SendPolicy::default() };
        assert_eq!(read, expected);
    }
}
