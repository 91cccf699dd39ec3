//! The one table from errors to answers: status, stable code, message and the field it is about. A server fault says
//! nothing but its request id; its cause is logged once, here.

use actix_web::http::StatusCode;
use crm_campaigns::{CampaignsError, TemplatesError};
use crm_contacts::segments::saved::SavedSegmentsError;
use crm_contacts::{
    BoardError, BulkError, ContactsError, ExportError, FieldsError, ImportError, ListsError,
    MergeError, SegmentError, TasksError, TimelineError, TrashError,
};
use crm_core::StoreError;
use crm_core::accounts::AccountsError;
use crm_core::keys::KeysError;
use crm_providers::ProvidersError;

use super::AppError;
mod ai;
mod backups;
mod consents;
mod mailbox;
mod messages;
mod suppressions;

/// Fault chains in one line, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl From<StoreError> for AppError {
    fn from(err: StoreError) -> Self {
        match &err {
            StoreError::DiskFull(_) => {
                tracing::error!(cause = chain(&err), "the disk is full");
                Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "disk_full",
                    "the disk of the server is full; nothing was changed",
                )
            }
            StoreError::Duplicate(_) => Self::conflict("conflict", "this exists already"),
            StoreError::ForeignKey(_)
            | StoreError::Database(_)
            | StoreError::Corrupt(_)
            | StoreError::Unaudited => Self::internal(chain(&err)),
        }
    }
}

impl From<AccountsError> for AppError {
    fn from(err: AccountsError) -> Self {
        let text = err.to_string();
        match err {
            AccountsError::InvalidName => Self::invalid("name", text),
            AccountsError::InvalidEmail(_) => Self::invalid("email", text),
            AccountsError::WeakPassword(_) => Self::invalid("password", text),
            AccountsError::InvalidWorkspaceName => Self::invalid("workspace_name", text),
            AccountsError::InvalidCurrency => Self::invalid("currency", text),
            AccountsError::InvalidRegion => Self::invalid("default_region", text),
            AccountsError::InvalidTimeZone => Self::invalid("time_zone", text),
            AccountsError::DuplicateEmail => Self::conflict("duplicate_email", text).about("email"),
            AccountsError::DuplicateName => Self::conflict("duplicate_name", text).about("name"),
            AccountsError::AlreadySetUp => Self::conflict("invalid_state", text),
            AccountsError::UnknownUser
            | AccountsError::UnknownMember
            | AccountsError::UnknownInvitation
            | AccountsError::UnknownSession => Self::not_found(),
            AccountsError::NotAllowed(_) => Self::lacking("members:write").saying(text),
            AccountsError::LastOwner => Self::conflict("last_owner", text),
            AccountsError::AlreadyMember => Self::conflict("already_member", text).about("email"),
            AccountsError::InvitationGone => Self::new(StatusCode::GONE, "invitation_gone", text),
            AccountsError::WrongAccount(_) => {
                Self::new(StatusCode::FORBIDDEN, "wrong_account", text)
            }
            AccountsError::Stale => stale(text),
            AccountsError::WrongPassword => {
                Self::new(StatusCode::FORBIDDEN, "wrong_password", text).about("current_password")
            }
            AccountsError::ResetGone => Self::new(StatusCode::GONE, "reset_gone", text),
            AccountsError::WrongCode => Self::invalid("code", text),
            AccountsError::FactorExists | AccountsError::NoFactor => {
                Self::conflict("invalid_state", text)
            }
            AccountsError::SignInLapsed => Self::unauthenticated(),
            AccountsError::Hashing | AccountsError::Unsealable(_) => Self::internal(text),
            AccountsError::Store(err) => err.into(),
        }
    }
}

impl From<ContactsError> for AppError {
    fn from(err: ContactsError) -> Self {
        let text = err.to_string();
        match err {
            ContactsError::Empty => Self::invalid("first_name", text),
            ContactsError::InvalidText { field, .. } => Self::invalid(field, text),
            ContactsError::InvalidEmail(_) => Self::invalid("primary_email", text),
            ContactsError::InvalidPhone(_) => Self::invalid("primary_phone", text),
            ContactsError::DuplicateEmail { existing } => {
                let id = existing.map(|contact| contact.id);
                Self::conflict("duplicate_email", text).about("primary_email").naming(id)
            }
            ContactsError::DuplicatePhone { existing } => {
                let id = existing.map(|contact| contact.id);
                Self::conflict("duplicate_phone", text).about("primary_phone").naming(id)
            }
            ContactsError::InvalidList(_) => Self::invalid("list_ids", text),
            ContactsError::InvalidOwner => Self::invalid("owner_id", text),
            ContactsError::InvalidCustom { field, problem } => {
                Self::invalid(format!("custom.{field}"), problem)
            }
            ContactsError::InvalidSegment(_) => Self::invalid("segment_json", text),
            ContactsError::InvalidSort(_) => Self::invalid("sort", text),
            ContactsError::InvalidCursor => Self::invalid("cursor", text),
            ContactsError::Stale => stale(text),
            ContactsError::Store(err) => err.into(),
        }
    }
}

/// 412: the caller's `If-Match` is not the version there is.
fn stale(text: String) -> AppError {
    AppError::new(StatusCode::PRECONDITION_FAILED, "stale", text)
}

impl From<MergeError> for AppError {
    fn from(err: MergeError) -> Self {
        let text = err.to_string();
        match err {
            MergeError::Same => Self::invalid("source_id", text),
            MergeError::UnknownContact | MergeError::UnknownMerge => Self::not_found(),
            MergeError::UnknownField(field) => Self::invalid(format!("resolution.{field}"), text),
            MergeError::InvalidValue { field, problem } => {
                Self::invalid(format!("resolution.{field}"), problem)
            }
            MergeError::Stale => stale(text),
            MergeError::AlreadyUndone | MergeError::TargetGone => {
                Self::conflict("invalid_state", text)
            }
            MergeError::Contact(err) => err.into(),
            MergeError::Store(err) => err.into(),
        }
    }
}

impl From<BulkError> for AppError {
    fn from(err: BulkError) -> Self {
        let text = err.to_string();
        match err {
            BulkError::Nothing | BulkError::TooMany => Self::invalid("ids", text),
            BulkError::UnknownContact | BulkError::UnknownBulk => Self::not_found(),
            BulkError::InvalidList(_) => Self::invalid("list_id", text),
            BulkError::InvalidValue { field, problem } if field == "field" => {
                Self::invalid(field, problem)
            }
            BulkError::InvalidValue { problem, .. } => Self::invalid("value", problem),
            BulkError::InvalidToken => Self::invalid("filter", text),
            BulkError::CountChanged { .. } => Self::conflict("count_changed", text),
            BulkError::InvalidState(_) => Self::conflict("invalid_state", text),
            BulkError::Segment(err) => err.into(),
            BulkError::Contact(err) => err.into(),
            BulkError::Merge(err) => err.into(),
            BulkError::Store(err) => err.into(),
        }
    }
}

impl From<TrashError> for AppError {
    fn from(err: TrashError) -> Self {
        let text = err.to_string();
        match err {
            TrashError::UnknownContact => Self::not_found(),
            TrashError::InvalidCursor => Self::invalid("cursor", text),
            TrashError::Contact(err) => err.into(),
            TrashError::Store(err) => err.into(),
        }
    }
}

impl From<FieldsError> for AppError {
    fn from(err: FieldsError) -> Self {
        let text = err.to_string();
        match err {
            FieldsError::InvalidName => Self::invalid("name", text),
            FieldsError::InvalidLabel => Self::invalid("label", text),
            FieldsError::InvalidOptions(_) => Self::invalid("options", text),
            FieldsError::InvalidDefault(_) => Self::invalid("default_value", text),
            FieldsError::InvalidPosition => Self::invalid("position", text),
            FieldsError::DuplicateName => Self::conflict("duplicate_name", text).about("name"),
            FieldsError::TooMany | FieldsError::NotArchived => {
                Self::conflict("invalid_state", text)
            }
            FieldsError::OptionInUse { .. } => {
                Self::conflict("invalid_state", text).about("options")
            }
            FieldsError::NotYours => Self::lacking("fields:write").saying(text),
            FieldsError::Stale => stale(text),
            FieldsError::Store(err) => err.into(),
        }
    }
}

impl From<SavedSegmentsError> for AppError {
    fn from(err: SavedSegmentsError) -> Self {
        let text = err.to_string();
        match err {
            SavedSegmentsError::InvalidName => Self::invalid("name", text),
            SavedSegmentsError::DuplicateName => {
                Self::conflict("duplicate_name", text).about("name")
            }
            SavedSegmentsError::Segment(err) => err.into(),
            SavedSegmentsError::Stale => stale(text),
            SavedSegmentsError::Store(err) => err.into(),
        }
    }
}

impl From<TasksError> for AppError {
    fn from(err: TasksError) -> Self {
        let text = err.to_string();
        match err {
            TasksError::InvalidTitle => Self::invalid("title", text),
            TasksError::InvalidAssignee => Self::invalid("assignee_id", text),
            TasksError::UnknownContact => Self::not_found(),
            TasksError::InvalidCursor => Self::invalid("cursor", text),
            TasksError::Stale => stale(text),
            TasksError::Store(err) => err.into(),
        }
    }
}

impl From<ListsError> for AppError {
    fn from(err: ListsError) -> Self {
        let text = err.to_string();
        match err {
            ListsError::Stale => stale(text),
            ListsError::InvalidName => Self::invalid("name", text),
            ListsError::InvalidColor => Self::invalid("color", text),
            ListsError::InvalidPosition => Self::invalid("position", text),
            ListsError::DuplicateName => Self::conflict("duplicate_name", text).about("name"),
            ListsError::KindIsFixed => Self::invalid("is_primary", text),
            ListsError::LastStage | ListsError::StageInUse(_) | ListsError::StageRequired => {
                Self::conflict("invalid_state", text)
            }
            ListsError::UnknownContact | ListsError::UnknownList => Self::not_found(),
            ListsError::Store(err) => err.into(),
        }
    }
}

impl From<KeysError> for AppError {
    fn from(err: KeysError) -> Self {
        let text = err.to_string();
        match err {
            KeysError::InvalidDescription => Self::invalid("description", text),
            KeysError::NoScope | KeysError::UnknownScope(_) => Self::invalid("scopes", text),
            KeysError::InvalidExpiry => Self::invalid("expires_at", text),
            KeysError::Store(err) => err.into(),
        }
    }
}

impl From<BoardError> for AppError {
    fn from(err: BoardError) -> Self {
        let text = err.to_string();
        match err {
            BoardError::InvalidCursor => Self::invalid("cursor", text),
            BoardError::Store(err) => err.into(),
        }
    }
}

impl From<TimelineError> for AppError {
    fn from(err: TimelineError) -> Self {
        let text = err.to_string();
        match err {
            TimelineError::UnknownContact => Self::not_found(),
            TimelineError::NotWritable | TimelineError::UnknownType => Self::invalid("type", text),
            TimelineError::InvalidText(field) => Self::invalid(field, text),
            TimelineError::InvalidStatus => Self::invalid("status", text),
            TimelineError::InvalidDuration => Self::invalid("duration", text),
            TimelineError::InvalidContent(_) => Self::invalid("content", text),
            TimelineError::InFuture => Self::invalid("timestamp", text),
            TimelineError::NotYours => Self::forbidden().saying(text),
            TimelineError::Stale => stale(text),
            TimelineError::InvalidCursor => Self::invalid("cursor", text),
            TimelineError::Store(err) => err.into(),
        }
    }
}

impl From<SegmentError> for AppError {
    fn from(err: SegmentError) -> Self {
        match err {
            SegmentError::Malformed(text) | SegmentError::Unknown(text) => {
                Self::invalid("segment_json", text)
            }
            SegmentError::Store(err) => err.into(),
        }
    }
}

impl From<ImportError> for AppError {
    fn from(err: ImportError) -> Self {
        let text = err.to_string();
        match err {
            ImportError::NotCsv(_) => Self::invalid("file", text),
            ImportError::TooLarge(_) => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", text).about("file")
            }
            ImportError::UnknownHeader(_)
            | ImportError::UnknownTarget(_)
            | ImportError::DuplicateTarget(_)
            | ImportError::NothingMapped => Self::invalid("mapping", text),
            ImportError::UnknownList => Self::invalid("list_id", text),
            ImportError::InvalidState(_) | ImportError::NothingToUndo => {
                Self::conflict("invalid_state", text)
            }
            ImportError::DiskFull => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "disk_full",
                "the disk of the server is full; nothing was changed",
            ),
            ImportError::File(_) => Self::internal(chain(&err)),
            ImportError::Store(err) => err.into(),
        }
    }
}

impl From<ExportError> for AppError {
    fn from(err: ExportError) -> Self {
        let text = err.to_string();
        match err {
            ExportError::UnknownColumn(_) => Self::invalid("columns", text),
            ExportError::Contacts(err) => err.into(),
        }
    }
}

impl From<ProvidersError> for AppError {
    fn from(err: ProvidersError) -> Self {
        let text = err.to_string();
        match err {
            ProvidersError::InvalidConfig { field, problem } => Self::invalid(field, problem),
            ProvidersError::OutboundBlocked(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "outbound_blocked", text)
                    .about("config.host")
            }
            ProvidersError::InvalidRecipient(_) => Self::invalid("to", text),
            ProvidersError::OtherChannel => Self::invalid("kind", text),
            ProvidersError::Stale => stale(text),
            ProvidersError::InUse
            | ProvidersError::NotSigned
            | ProvidersError::NotConfigured
            | ProvidersError::NotConnected
            | ProvidersError::ConnectExpired
            | ProvidersError::ConnectFailed(_)
            | ProvidersError::NotTold(_) => Self::conflict("invalid_state", text),
            ProvidersError::Unsealable(_) => Self::internal(text),
            ProvidersError::Store(err) => err.into(),
        }
    }
}

impl From<TemplatesError> for AppError {
    fn from(err: TemplatesError) -> Self {
        let text = err.to_string();
        match err {
            TemplatesError::InvalidName => Self::invalid("name", text),
            TemplatesError::InvalidSubject => Self::invalid("subject", text),
            TemplatesError::InvalidBody(field)
            | TemplatesError::UnknownVariable { field, .. }
            | TemplatesError::Syntax { field, .. } => Self::invalid(field, text),
            TemplatesError::Block { number, .. } => Self::invalid(format!("blocks.{number}"), text),
            TemplatesError::Segment(err) => err.into(),
            TemplatesError::DuplicateName => Self::conflict("duplicate_name", text).about("name"),
            TemplatesError::UnknownContact => Self::not_found(),
            TemplatesError::Stale => stale(text),
            TemplatesError::Store(err) => err.into(),
        }
    }
}

impl From<CampaignsError> for AppError {
    fn from(err: CampaignsError) -> Self {
        let text = err.to_string();
        match err {
            CampaignsError::InvalidName => Self::invalid("name", text),
            CampaignsError::InvalidTemplate => Self::invalid("template_id", text),
            CampaignsError::InvalidProvider => Self::invalid("provider_id", text),
            CampaignsError::InvalidSubjectTest { field, .. } => {
                Self::invalid(format!("subject_test.{field}"), text)
            }
            CampaignsError::InvalidPolicy { field, .. } => Self::invalid(field, text),
            CampaignsError::InvalidSchedule(_) => Self::invalid("schedule_json", text),
            CampaignsError::Segment(err) => err.into(),
            CampaignsError::Template(err) => err.into(),
            CampaignsError::Blocked(_) => Self::invalid("campaign", text),
            CampaignsError::InvalidState { .. } | CampaignsError::ApprovalWithdrawn(_) => {
                Self::conflict("invalid_state", text)
            }
            CampaignsError::OwnApproval => Self::lacking("campaigns:approve").saying(text),
            CampaignsError::NotesRequired => Self::invalid("notes", text),
            CampaignsError::InvalidRecipient(_) => Self::invalid("to", text),
            CampaignsError::Stale => stale(text),
            CampaignsError::Provider(err) => err.into(),
            CampaignsError::Contacts(err) => err.into(),
            CampaignsError::Store(err) => err.into(),
        }
    }
}
