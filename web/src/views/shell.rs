//! What surrounds every page of a signed-in person: workspace, navigation, account, message of the last action.

use serde::Serialize;

/// The frame of a page. Handlers build one per request.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Shell {
    /// What the page is called: the `h1`, and the first part of the tab title.
    pub title: String,
    /// Which entry of the navigation is the current one.
    pub section: Section,
    /// Name of the workspace the page belongs to.
    pub workspace_name: String,
    /// The workspaces of this person, to switch between.
    pub workspaces: Vec<WorkspaceLink>,
    /// How many people are members of the workspace.
    pub member_count: u64,
    /// ISO 4217 code the workspace counts money in.
    pub currency: String,
    /// IANA name of the zone times are shown in.
    pub time_zone: String,
    /// Name of the signed-in person.
    pub user_name: String,
    /// Id of the signed-in person; it decides the colour of the initials.
    pub user_id: String,
    /// Role in this workspace, as a word: "Owner", "Editor" …
    pub user_role: String,
    /// Whether they may read the audit log.
    pub reads_audit: bool,
    /// Whether they run this server.
    pub is_admin: bool,
    /// Goes into the hidden field of every form.
    pub csrf_token: String,
    /// What the last action said; shown once.
    pub flash: Option<Flash>,
    /// The person's choice of colours.
    pub theme: Theme,
    /// Figures beside the navigation entries.
    pub counts: NavCounts,
    /// The moment of this answer, RFC 3339 UTC; relative times count from here.
    pub now: String,
    /// Version of the program.
    pub version: String,
    /// Path and query of this page, for links that come back here.
    pub path: String,
    /// Seconds until the page asks again, with or without JavaScript; absent on pages that stand still.
    pub refresh_seconds: Option<u32>,
}

/// A workspace to switch to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WorkspaceLink {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is the one shown.
    pub is_current: bool,
}

/// The entries of the navigation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// `/dashboard`
    #[default]
    Dashboard,
    /// `/inbox`
    Inbox,
    /// `/contacts` and one contact
    Contacts,
    /// `/pipeline`
    Pipeline,
    /// `/tasks`
    Tasks,
    /// `/segments…`
    Segments,
    /// `/lists`
    Lists,
    /// `/import`
    Import,
    /// `/campaigns`
    Campaigns,
    /// `/suppressions…`
    Suppressions,
    /// `/insights…`
    Insights,
    /// `/templates`
    Templates,
    /// `/practice`
    Practice,
    /// `/settings/…`
    Settings,
    /// None of them: an error page.
    Elsewhere,
}

/// Figures beside navigation entries; an absent one is not shown.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NavCounts {
    /// All contacts of the workspace.
    pub contacts: Option<u64>,
    /// What waits for this person: approvals they may give, messages in doubt or stopped they may decide about.
    pub inbox: Option<u64>,
    /// Messages in the practice outbox.
    pub practice: Option<u64>,
}

/// Which colours the pages use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the operating system says.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// One sentence about what just happened, carried over a redirect.
#[derive(Debug, Clone, Serialize)]
pub struct Flash {
    /// `ok`, `info`, `warn` or `bad`.
    pub tone: String,
    /// The sentence.
    pub text: String,
    /// Takes back what was done.
    pub undo: Option<Undo>,
}

/// A form that takes back what was just done.
#[derive(Debug, Clone, Serialize)]
pub struct Undo {
    /// Where it posts to.
    pub action: String,
    /// Its field `back`: which page it leads on to.
    pub back: String,
}

impl Flash {
    /// Something worked.
    pub fn ok(text: impl Into<String>) -> Self {
        Self { tone: "ok".to_owned(), text: text.into(), undo: None }
    }

    /// Something did not work; the sentence says what is safe.
    pub fn bad(text: impl Into<String>) -> Self {
        Self { tone: "bad".to_owned(), text: text.into(), undo: None }
    }

    /// Something worth knowing.
    pub fn info(text: impl Into<String>) -> Self {
        Self { tone: "info".to_owned(), text: text.into(), undo: None }
    }

    /// The same with a button that takes it back.
    #[must_use]
    pub fn with_undo(mut self, action: impl Into<String>, back: impl Into<String>) -> Self {
        self.undo = Some(Undo { action: action.into(), back: back.into() });
        self
    }
}
