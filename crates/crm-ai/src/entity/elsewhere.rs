//! What is counted in the tables of other crates. They are known here by name and by the columns a figure needs, and never
//! written; names, addresses and texts of contacts are not among these columns.

/// Stages and tags.
pub(crate) mod lists {
    use crm_core::{ListId, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "contact_lists")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ListId,
        pub workspace_id: WorkspaceId,
        pub name: String,
        pub is_primary: bool,
        pub position: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// Who is in which of them, since when.
pub(crate) mod assignments {
    use crm_core::{ContactId, ListId, Timestamp, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "contact_list_assignments")]
    pub(crate) struct Model {
        pub workspace_id: WorkspaceId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub contact_id: ContactId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub list_id: ListId,
        pub is_primary: bool,
        pub assigned_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// When contacts were added.
pub(crate) mod contacts {
    use crm_core::{ContactId, Timestamp, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "base_contacts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ContactId,
        pub workspace_id: WorkspaceId,
        pub created_on: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// What happened on timelines, but not what was said.
pub(crate) mod logs {
    use crm_core::{ContactId, LogId, Timestamp, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "communication_logs")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LogId,
        pub workspace_id: WorkspaceId,
        pub contact_id: ContactId,
        #[sea_orm(column_name = "type")]
        pub kind: String,
        pub timestamp: Timestamp,
        pub status: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// Campaigns and how many they reached.
pub(crate) mod campaigns {
    use crm_core::{CampaignId, ProviderId, Timestamp, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "campaigns")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CampaignId,
        pub workspace_id: WorkspaceId,
        pub kind: String,
        pub name: String,
        #[sea_orm(column_name = "type")]
        pub channel: String,
        pub provider_id: Option<ProviderId>,
        pub count_sent: i64,
        pub count_failed: i64,
        pub created_at: Timestamp,
        pub started_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// What came of single messages.
pub(crate) mod recipients {
    use crm_core::{CampaignId, ContactId, RecipientId, Timestamp, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "campaign_recipients")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RecipientId,
        pub workspace_id: WorkspaceId,
        pub campaign_id: CampaignId,
        pub contact_id: Option<ContactId>,
        pub state: String,
        pub replied_at: Option<Timestamp>,
        pub bounced_at: Option<Timestamp>,
        pub unsubscribed_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// When somebody wrote.
pub(crate) mod inbound {
    use crm_core::{ContactId, InboundMessageId, Timestamp, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "inbound_messages")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: InboundMessageId,
        pub workspace_id: WorkspaceId,
        pub kind: String,
        pub contact_id: Option<ContactId>,
        pub received_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// What was to be done when.
pub(crate) mod tasks {
    use crm_core::{TaskId, Timestamp, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tasks")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TaskId,
        pub workspace_id: WorkspaceId,
        pub due_at: Option<Timestamp>,
        pub done_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// What senders of e-mail are called.
pub(crate) mod email_providers {
    use crm_core::{ProviderId, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "workspace_email_provider")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ProviderId,
        pub workspace_id: WorkspaceId,
        pub name: String,
        pub provider_type: String,
        pub is_default: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// What senders of text messages are called.
pub(crate) mod text_providers {
    use crm_core::{ProviderId, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "workspace_text_provider")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ProviderId,
        pub workspace_id: WorkspaceId,
        pub name: String,
        pub provider_type: String,
        pub is_default: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}
