//! Opens and clicks of campaigns: off unless a workspace asks for them and the installation has a public address.
//!
//! What is noted is "at least": mail programs that load no pictures tell nothing, and machines that load everything tell
//! too much. Those that can be recognised are noted apart.

mod mark;
mod note;

use crm_core::{RecipientId, Scope, Timestamp};

pub(crate) use mark::mark;
pub(crate) use note::{click, open};

/// What a workspace wants to know about its messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) opens: bool,
    pub(crate) clicks: bool,
}

/// Makes the addresses of pictures and links that tell; `None` where the installation has no public address.
pub trait TrackingLinks: Send + Sync {
    /// The picture in one recipient's message.
    fn picture(&self, scope: &Scope, recipient: RecipientId) -> Option<String>;
    /// The link in one recipient's message that leads on to `url`.
    fn click(&self, scope: &Scope, recipient: RecipientId, url: &str) -> Option<String>;
    /// Whether a link leads to this installation itself: those are left as they are.
    fn is_own(&self, url: &str) -> bool;
}

/// Somebody, or something, asked for a picture or followed a link.
#[derive(Debug, Clone)]
pub struct Hit {
    /// When.
    pub at: Timestamp,
    /// What it called itself.
    pub user_agent: String,
    /// Whether it said that it only looks ahead, or asked for nothing but the head.
    pub looks_ahead: bool,
}

/// Software that loads what no person has opened, or in place of one: it says so in its name.
const MACHINES: [&str; 26] = [
    "bot",
    "crawl",
    "spider",
    "scan",
    "preview",
    "prefetch",
    "proxy",
    "monitor",
    "fetch",
    "curl",
    "wget",
    "python",
    "java/",
    "okhttp",
    "go-http",
    "libwww",
    "axios",
    "headless",
    "barracuda",
    "proofpoint",
    "mimecast",
    "symantec",
    "whatsapp",
    "facebookexternalhit",
    "slack",
    "telegram",
];

/// A person does not read so soon after a message left.
const TOO_SOON: std::time::Duration = std::time::Duration::from_secs(10);

impl Hit {
    /// Whether a machine did it, as far as can be told.
    pub(crate) fn is_machine(&self, sent_at: Timestamp) -> bool {
        let name = self.user_agent.trim().to_ascii_lowercase();
        // Apple's privacy proxy calls itself this and nothing more.
        let nameless = name.is_empty() || name == "mozilla/5.0";
        self.looks_ahead
            || nameless
            || MACHINES.iter().any(|machine| name.contains(machine))
            || self.at.since(sent_at) < TOO_SOON
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = "2026-11-28T09:00:00.000Z";
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    fn is_machine(at: &str, user_agent: &str, looks_ahead: bool) -> bool {
        let hit = Hit { at: at.parse().unwrap(), user_agent: user_agent.to_owned(), looks_ahead };
        hit.is_machine(SENT.parse().unwrap())
    }

    #[test]
    fn machines_are_told_from_people() {
        let later = "2026-11-28T10:00:00.000Z";
        assert!(!is_machine(later, FIREFOX, false));
        assert!(is_machine(later, FIREFOX, true));
        assert!(is_machine("2026-11-28T09:00:03.000Z", FIREFOX, false), "seconds after it left");
        for name in [
            "",
            "Mozilla/5.0",
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
            "BarracudaCentral/1.0",
            "curl/8.5.0",
            "Slackbot-LinkExpanding 1.0",
        ] {
            assert!(is_machine(later, name, false), "{name}");
        }
    }
}
