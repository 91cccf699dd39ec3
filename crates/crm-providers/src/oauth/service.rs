//! Who lets people's mailboxes be used: where their sign-in is, and what is asked of it.

use crm_core::outbound::{Address, AddressError, Reach};

use crate::imap::ImapServer;

/// A service with mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Google: Gmail.
    Google,
    /// Microsoft: Outlook, by Graph.
    Microsoft,
}

/// Where the operator has put the sign-in and the API of the services, other than where they usually are. Trusted.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Google's page of consent.
    pub google_auth: Option<Address>,
    /// Where Google gives out tokens.
    pub google_token: Option<Address>,
    /// Where Google takes them back.
    pub google_revoke: Option<Address>,
    /// Gmail's API.
    pub gmail: Option<Address>,
    /// Microsoft's page of consent.
    pub microsoft_auth: Option<Address>,
    /// Where Microsoft gives out tokens.
    pub microsoft_token: Option<Address>,
    /// Graph.
    pub outlook: Option<Address>,
    /// Gmail's IMAP server.
    pub google_imap: Option<ImapServer>,
    /// Outlook's IMAP server.
    pub microsoft_imap: Option<ImapServer>,
}

/// What a token is for. Microsoft gives out one for each, Google one for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// The API: sending, and looking among the sent messages.
    Api,
    /// Reading by IMAP.
    Imap,
}

/// What people are asked for beside sending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Looking into the folder of sent messages.
    pub(crate) look: bool,
    /// Reading the mailbox by IMAP.
    pub(crate) read: bool,
}

/// The right to find out whether a message is in the folder of sent ones.
const GOOGLE_LOOK: &str = "https://www.googleapis.com/auth/gmail.readonly";
const MICROSOFT_LOOK: &str = "https://graph.microsoft.com/Mail.Read";

/// The right to read by IMAP. Google has none that is smaller.
const GOOGLE_READ: &str = "https://mail.google.com/";
const MICROSOFT_READ: &str = "https://outlook.office.com/IMAP.AccessAsUser.All";

impl Service {
    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Microsoft => "Microsoft",
        }
    }

    /// The right without which nothing can be sent.
    pub(crate) const fn sending(self) -> &'static str {
        match self {
            Self::Google => "https://www.googleapis.com/auth/gmail.send",
            Self::Microsoft => "https://graph.microsoft.com/Mail.Send",
        }
    }

    /// The rights a person is asked for.
    pub(crate) fn scopes(self, rights: Rights) -> Vec<&'static str> {
        let mut all = self.api_scopes(rights);
        if rights.read {
            all.push(self.reading());
        }
        all
    }

    fn api_scopes(self, rights: Rights) -> Vec<&'static str> {
        let mut all = match self {
            Self::Google => vec!["openid", "email", self.sending()],
            Self::Microsoft => vec!["openid", "email", "profile", "offline_access", self.sending()],
        };
        if rights.look {
            all.push(self.looking());
        }
        all
    }

    /// The rights to name where a token is asked for; none where all that was granted is meant. Microsoft grants rights
    /// at several of its services at once, but gives out a token for one of them.
    pub(crate) fn token_scopes(self, rights: Rights, of: Use) -> Vec<&'static str> {
        match (self, of) {
            (Self::Microsoft, Use::Api) if rights.read => self.api_scopes(rights),
            (Self::Google, _) | (Self::Microsoft, Use::Api) => Vec::new(),
            (Self::Microsoft, Use::Imap) => vec!["offline_access", self.reading()],
        }
    }

    /// Whether one token is good for sending and for reading.
    pub(crate) const fn has_one_token(self) -> bool {
        matches!(self, Self::Google)
    }

    const fn reading(self) -> &'static str {
        match self {
            Self::Google => GOOGLE_READ,
            Self::Microsoft => MICROSOFT_READ,
        }
    }

    /// Whether a mailbox may be read by IMAP with a token that came with these rights.
    pub(crate) fn may_read(self, granted: &[String]) -> bool {
        Self::holds(granted, self.reading())
    }

    /// Where mailboxes are read by IMAP, and whether that is the operator's word.
    pub(crate) fn imap(self, places: &Places) -> (ImapServer, bool) {
        let (operator, usual) = match self {
            Self::Google => (places.google_imap.as_ref(), "imap.gmail.com"),
            Self::Microsoft => (places.microsoft_imap.as_ref(), "outlook.office365.com"),
        };
        let is_operators = operator.is_some();
        (operator.cloned().unwrap_or_else(|| ImapServer::usual(usual)), is_operators)
    }

    const fn looking(self) -> &'static str {
        match self {
            Self::Google => GOOGLE_LOOK,
            Self::Microsoft => MICROSOFT_LOOK,
        }
    }

    /// Whether these granted rights hold this one. Microsoft writes its own without the address before them at times.
    fn holds(granted: &[String], right: &str) -> bool {
        let short = right
            .strip_prefix("https://graph.microsoft.com/")
            .or_else(|| right.strip_prefix("https://outlook.office.com/"));
        granted.iter().any(|scope| {
            scope.eq_ignore_ascii_case(right)
                || short.is_some_and(|short| scope.eq_ignore_ascii_case(short))
        })
    }

    /// Whether messages may be sent.
    pub(crate) fn may_send(self, granted: &[String]) -> bool {
        Self::holds(granted, self.sending())
    }

    /// Whether the folder of sent messages may be looked into.
    pub(crate) fn may_look(self, granted: &[String]) -> bool {
        Self::holds(granted, self.looking())
    }

    /// What the page of consent is asked beside the usual. Google gives a token that lasts only to who asks like this.
    pub(crate) const fn extras(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Google => &[("access_type", "offline"), ("prompt", "consent")],
            Self::Microsoft => &[("response_mode", "query")],
        }
    }

    /// The page of consent.
    pub(crate) fn auth(self, tenant: &str, places: &Places) -> Result<Address, AddressError> {
        match self {
            Self::Google => Ok(places.google_auth.clone().unwrap_or_else(|| {
                Address::well_known("accounts.google.com", "/o/oauth2/v2/auth")
            })),
            Self::Microsoft => authority(places.microsoft_auth.as_ref(), tenant, "authorize"),
        }
    }

    /// Where tokens are given out, and whether that is the operator's word.
    pub(crate) fn token(
        self,
        tenant: &str,
        places: &Places,
    ) -> Result<(Address, Reach), AddressError> {
        match self {
            Self::Google => Ok(reached(places.google_token.as_ref(), || {
                Address::well_known("oauth2.googleapis.com", "/token")
            })),
            Self::Microsoft => {
                let reach = reach(places.microsoft_token.as_ref());
                Ok((authority(places.microsoft_token.as_ref(), tenant, "token")?, reach))
            }
        }
    }

    /// Where a token is taken back; Microsoft has no such place.
    pub(crate) fn revoke(self, places: &Places) -> Option<(Address, Reach)> {
        (self == Self::Google).then(|| {
            reached(places.google_revoke.as_ref(), || {
                Address::well_known("oauth2.googleapis.com", "/revoke")
            })
        })
    }

    /// The API messages go to.
    pub(crate) fn api(self, places: &Places) -> (Address, Reach) {
        match self {
            Self::Google => {
                reached(places.gmail.as_ref(), || Address::well_known("gmail.googleapis.com", ""))
            }
            Self::Microsoft => {
                reached(places.outlook.as_ref(), || Address::well_known("graph.microsoft.com", ""))
            }
        }
    }
}

fn reach(operator: Option<&Address>) -> Reach {
    operator.map_or_else(|| Reach::Policy(crm_core::OutboundPolicy::default()), |_| Reach::Trusted)
}

fn reached(operator: Option<&Address>, usual: impl FnOnce() -> Address) -> (Address, Reach) {
    (operator.cloned().unwrap_or_else(usual), reach(operator))
}

/// A page of Microsoft's for one organisation.
fn authority(
    operator: Option<&Address>,
    tenant: &str,
    page: &str,
) -> Result<Address, AddressError> {
    operator.map_or_else(
        || {
            Address::parse(&format!(
                "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/{page}"
            ))
        },
        |operator| Ok(operator.clone()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_counts_however_microsoft_writes_it() {
        let granted = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(Service::Microsoft.may_send(&granted("openid Mail.Send")));
        assert!(Service::Microsoft.may_send(&granted("https://graph.microsoft.com/mail.send")));
        assert!(!Service::Microsoft.may_send(&granted("openid email Mail.Send.Shared")));
        assert!(!Service::Google.may_send(&granted("openid email")));
        assert!(Service::Google.may_look(&granted(GOOGLE_LOOK)));
        assert!(Service::Microsoft.may_read(&granted("IMAP.AccessAsUser.All")));
        assert!(!Service::Google.may_read(&granted(GOOGLE_LOOK)));
    }
}
