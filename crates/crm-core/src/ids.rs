//! The registry of id types: one newtype a table, all `UUIDv7`, stored as 36-character text on both databases.

/// Declares an id newtype over a `UUIDv7` that can be a primary key in `SeaORM`.
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            serde::Serialize, serde::Deserialize, sea_orm::DeriveValueType,
            utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[sea_orm(value_type = "String")]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Wraps an id made by [`crate::IdGen`].
            pub const fn from_uuid(id: uuid::Uuid) -> Self {
                Self(id)
            }

            /// The bare value, for deriving other identifiers from it.
            pub const fn as_uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )+};
}

id! {
    /// A person who can sign in.
    UserId,
    /// A workspace: the border of everything inside it.
    WorkspaceId,
    /// An invitation to join a workspace.
    InvitationId,
    /// An API key.
    ApiKeyId,
    /// A contact.
    ContactId,
    /// A stage (primary list) or tag (secondary list).
    ListId,
    /// A custom field's value on one contact.
    CustomFieldId,
    /// A custom field's definition.
    CustomFieldDefinitionId,
    /// A follow-up.
    TaskId,
    /// One entry of a contact's timeline.
    LogId,
    /// A CSV import.
    ImportId,
    /// A merge of two contacts.
    MergeId,
    /// One action on many contacts.
    BulkId,
    /// A saved segment.
    SegmentId,
    /// A message template.
    TemplateId,
    /// A campaign.
    CampaignId,
    /// One request for approval of a campaign.
    ApprovalId,
    /// One recipient of one campaign: a row of the send ledger.
    RecipientId,
    /// A connected e-mail or text provider.
    ProviderId,
    /// One key mail is signed with.
    DkimKeyId,
    /// One record of a consent.
    ConsentId,
    /// One suppressed address.
    SuppressionId,
    /// Something that came in from outside.
    InboundMessageId,
    /// The mailbox a workspace reads.
    IncomingMailboxId,
    /// One message in the practice outbox.
    PracticeMessageId,
    /// One entry of the job outbox.
    OutboxId,
    /// One entry of the audit log.
    AuditId,
    /// One use of a language model.
    AiUsageId,
    /// One finding about a workspace.
    InsightId,
    /// One look at a workspace's figures.
    InsightRunId,
    /// One setting row.
    SettingId,
    /// One run of the server process.
    BootId,
    /// A backup of the database.
    BackupId,
}
