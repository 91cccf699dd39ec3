//! Who may do what: the one matrix of role × action.

/// What a member is in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
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
        [Self::Owner, Self::Admin, Self::Editor, Self::Reviewer, Self::Viewer]
            .into_iter()
            .find(|role| role.as_str() == word)
    }

    /// Whether this role may do `permission`. This match is the matrix.
    pub const fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match permission {
            P::Read => true,
            P::ContactsWrite
            | P::ListsWrite
            | P::LogsWrite
            | P::TemplatesWrite
            | P::CampaignsWrite
            | P::CampaignsSend => matches!(self, Self::Owner | Self::Admin | Self::Editor),
            P::CampaignsApprove => matches!(self, Self::Owner | Self::Admin | Self::Reviewer),
            P::ProvidersWrite | P::WorkspaceWrite | P::AuditRead => {
                matches!(self, Self::Owner | Self::Admin)
            }
            P::WorkspaceDelete => matches!(self, Self::Owner),
        }
    }
}

/// One kind of action inside a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See what is in the workspace.
    Read,
    /// Create, change, delete and import contacts.
    ContactsWrite,
    /// Create, change and delete stages and tags.
    ListsWrite,
    /// Write notes and calls on a timeline.
    LogsWrite,
    /// Create, change and delete templates.
    TemplatesWrite,
    /// Create, change, submit and delete campaigns.
    CampaignsWrite,
    /// Start, pause, resume and cancel what was approved.
    CampaignsSend,
    /// Approve and reject.
    CampaignsApprove,
    /// Connect, change and remove providers.
    ProvidersWrite,
    /// Change the workspace's settings.
    WorkspaceWrite,
    /// Delete the workspace.
    WorkspaceDelete,
    /// Read the audit log.
    AuditRead,
}
