//! Who may do what: the one matrix of role × permission. `docs/permissions.md` is written from it.

use crate::key_scope::{KeyScope, Resource as R, Verb as V};

/// What a member is in a workspace.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, and the workspace itself.
    Owner,
    /// Everything but giving the workspace away.
    Admin,
    /// Contacts, templates, campaigns, sending what was approved.
    Editor,
    /// Reads everything; approves and rejects.
    Reviewer,
    /// Reads.
    Viewer,
}

impl Role {
    /// Every role, from most to least.
    pub const ALL: [Self; 5] =
        [Self::Owner, Self::Admin, Self::Editor, Self::Reviewer, Self::Viewer];

    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::Viewer => "viewer",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether this role is `other` or stands above it. Nobody hands out a role that theirs does not cover.
    pub const fn covers(self, other: Self) -> bool {
        self.rank() >= other.rank()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Owner => 4,
            Self::Admin => 3,
            Self::Editor => 2,
            Self::Reviewer => 1,
            Self::Viewer => 0,
        }
    }

    /// Whether this role may do `permission`. This match is the matrix.
    pub const fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match permission {
            P::ContactsRead
            | P::ListsRead
            | P::FieldsRead
            | P::LogsRead
            | P::TasksRead
            | P::TemplatesRead
            | P::CampaignsRead
            | P::InsightsRead
            | P::ProvidersRead
            | P::WorkspaceRead => true,
            P::ContactsWrite
            | P::ListsWrite
            | P::FieldsWrite
            | P::LogsWrite
            | P::TasksWrite
            | P::TemplatesWrite
            | P::CampaignsWrite
            | P::CampaignsSend
            | P::InsightsWrite => matches!(self, Self::Owner | Self::Admin | Self::Editor),
            P::CampaignsApprove => matches!(self, Self::Owner | Self::Admin | Self::Reviewer),
            P::ProvidersWrite | P::WorkspaceWrite | P::MembersWrite | P::AuditRead => {
                matches!(self, Self::Owner | Self::Admin)
            }
            P::WorkspaceDelete => matches!(self, Self::Owner),
        }
    }
}

/// Declares the permissions, each with its word, the scope a key needs for it and one line that describes it.
macro_rules! permissions {
    ($($name:ident, $word:literal, $scope:expr, $about:literal;)+) => {
        /// One kind of action inside a workspace.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission {
            $(#[doc = $about] $name,)+
        }

        impl Permission {
            /// Every permission, by resource.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its word, like `contacts:write`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// What it lets a member do.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$name => $about,)+ }
            }

            /// The scope an API key needs for it.
            pub const fn scope(self) -> KeyScope {
                match self { $(Self::$name => $scope,)+ }
            }
        }
    };
}

permissions! {
    ContactsRead, "contacts:read", KeyScope::Of(R::Contacts, V::Read), "See contacts, imports and who a segment holds.";
    ContactsWrite, "contacts:write", KeyScope::Of(R::Contacts, V::Write), "Create, change, delete and import contacts, and put them on lists.";
    ListsRead, "lists:read", KeyScope::Of(R::Lists, V::Read), "See stages and tags.";
    ListsWrite, "lists:write", KeyScope::Of(R::Lists, V::Write), "Create, change and delete stages and tags.";
    FieldsRead, "fields:read", KeyScope::Of(R::Fields, V::Read), "See the definitions of custom fields.";
    FieldsWrite, "fields:write", KeyScope::Of(R::Fields, V::Write), "Create, change and delete definitions of custom fields.";
    LogsRead, "logs:read", KeyScope::Of(R::Logs, V::Read), "See timelines.";
    LogsWrite, "logs:write", KeyScope::Of(R::Logs, V::Write), "Write notes and calls on a timeline.";
    TasksRead, "tasks:read", KeyScope::Of(R::Tasks, V::Read), "See follow-ups.";
    TasksWrite, "tasks:write", KeyScope::Of(R::Tasks, V::Write), "Create, change, finish and delete follow-ups.";
    TemplatesRead, "templates:read", KeyScope::Of(R::Templates, V::Read), "See and preview templates.";
    TemplatesWrite, "templates:write", KeyScope::Of(R::Templates, V::Write), "Create, change and delete templates.";
    CampaignsRead, "campaigns:read", KeyScope::Of(R::Campaigns, V::Read), "See campaigns, their recipients and reports, and the practice outbox.";
    CampaignsWrite, "campaigns:write", KeyScope::Of(R::Campaigns, V::Write), "Create, change, submit and delete campaigns.";
    CampaignsSend, "campaigns:send", KeyScope::Of(R::Campaigns, V::Send), "Start, pause, resume and cancel what was approved, and send test messages.";
    CampaignsApprove, "campaigns:approve", KeyScope::Of(R::Campaigns, V::Approve), "Approve and reject campaigns.";
    InsightsRead, "insights:read", KeyScope::Of(R::Insights, V::Read), "See what the AI found.";
    InsightsWrite, "insights:write", KeyScope::Of(R::Insights, V::Write), "Ask the AI for findings and dismiss them.";
    ProvidersRead, "providers:read", KeyScope::Of(R::Providers, V::Read), "See which providers are connected, never their secrets.";
    ProvidersWrite, "providers:write", KeyScope::Of(R::Providers, V::Write), "Connect, change, test and remove providers.";
    WorkspaceRead, "workspaces:read", KeyScope::Of(R::Workspaces, V::Read), "See the workspace, its settings and its members.";
    WorkspaceWrite, "workspaces:write", KeyScope::Of(R::Workspaces, V::Write), "Change the workspace's settings.";
    WorkspaceDelete, "workspaces:delete", KeyScope::Of(R::Workspaces, V::Write), "Delete the workspace and everything in it.";
    MembersWrite, "members:write", KeyScope::Of(R::Workspaces, V::Write), "Invite and remove members and change their roles.";
    AuditRead, "audit:read", KeyScope::Of(R::Audit, V::Read), "Read and verify the audit log.";
}

/// The matrix as the page `docs/permissions.md` shows it.
pub fn matrix_page() -> String {
    use std::fmt::Write as _;
    let mut page = String::from(
        "# Who may do what\n\n\
        Written from the matrix in `crates/crm-core/src/role.rs`; a test compares them.\n\n\
        An API key needs the scope in the last column, and its person's role must allow the action too. `admin` stands \
        for every scope, and `write` holds `read` of the same resource.\n\n\
        | permission | lets a member | owner | admin | editor | reviewer | viewer | scope of a key |\n\
        | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for permission in Permission::ALL {
        // Writing to a String cannot fail.
        let _ = write!(page, "| `{}` | {} |", permission.as_str(), permission.about());
        for role in Role::ALL {
            page.push_str(if role.allows(*permission) { " yes |" } else { " |" });
        }
        let _ = writeln!(page, " `{}` |", permission.scope());
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_docs_is_the_matrix() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.md");
        if std::env::var_os("WRITE_DOCS").is_some() {
            std::fs::write(path, matrix_page()).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap();
        assert!(
            page == matrix_page(),
            "run this test with WRITE_DOCS=1 and commit docs/permissions.md"
        );
    }

    #[test]
    fn a_role_can_do_all_that_a_lesser_one_can() {
        for permission in Permission::ALL {
            assert!(Role::Owner.allows(*permission));
            for role in Role::ALL {
                assert!(!Role::Viewer.allows(*permission) || role.allows(*permission));
            }
            let lesser = [Role::Editor, Role::Reviewer].iter().any(|role| role.allows(*permission));
            assert!(!lesser || Role::Admin.allows(*permission), "{}", permission.as_str());
        }
    }

    #[test]
    fn who_only_reads_writes_nothing() {
        for permission in Permission::ALL {
            if Role::Viewer.allows(*permission) {
                assert!(permission.as_str().ends_with(":read"), "{}", permission.as_str());
            }
        }
    }
}
