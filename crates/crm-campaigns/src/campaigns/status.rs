//! The table of moves a campaign can make, and the one statement that makes them.

use crm_core::{CampaignId, Context, Scope, StoreError, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, UpdateMany};

use super::{CampaignsError, RecipientState, Result, SkipReason, Status};
use crate::entity::campaigns::{Column, Entity};

impl Status {
    /// Every status.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::PendingApproval,
        Self::Approved,
        Self::Scheduled,
        Self::Sending,
        Self::Sent,
        Self::Rejected,
        Self::Paused,
        Self::Cancelled,
        Self::Failed,
    ];

    /// Whether messages leave, or will without anybody doing anything more.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Scheduled | Self::Sending)
    }

    /// The word of the `status` column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::PendingApproval => "pending_approval",
            Self::Approved => "approved",
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Rejected => "rejected",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// In words, after "a campaign that is".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Draft => "a draft",
            Self::PendingApproval => "waiting for approval",
            Self::Approved => "approved",
            Self::Scheduled => "scheduled",
            Self::Sending => "being sent",
            Self::Sent => "sent",
            Self::Rejected => "rejected",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl RecipientState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::RetryWait,
        Self::Failed,
        Self::Unknown,
        Self::Skipped,
    ];

    /// The words of those that would still be sent.
    pub(crate) const WAITING: [&'static str; 2] = [Self::Queued.as_str(), Self::RetryWait.as_str()];

    /// The word of the `state` column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::RetryWait => "retry_wait",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl SkipReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Suppressed,
        Self::NoAddress,
        Self::DuplicateAddress,
        Self::NoConsent,
        Self::MissingVariable,
        Self::Cancelled,
        Self::Merged,
    ];

    /// The word of the `reason` column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suppressed => "suppressed",
            Self::NoAddress => "no_address",
            Self::DuplicateAddress => "duplicate_address",
            Self::NoConsent => "no_consent",
            Self::MissingVariable => "missing_variable",
            Self::Cancelled => "cancelled",
            Self::Merged => "merged",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// One move of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// Its content changes; what was approved is withdrawn.
    Edit,
    /// It is submitted for approval.
    Submit,
    /// It is approved.
    Approve,
    /// It is sent back.
    Reject,
    /// It becomes a draft again.
    Withdraw,
    /// It will start at its time.
    Schedule,
    /// It will not start by itself: a person is to look at it again.
    Unschedule,
    /// It starts.
    Start,
    /// It stops for now.
    Pause,
    /// It goes on.
    Resume,
    /// It stops for good.
    Cancel,
    /// Everybody has a final state.
    Finish,
    /// Messages of a finished one are sent again.
    Reopen,
    /// It could not be started.
    Fail,
}

impl Move {
    /// From where the move can be made. This match is the table.
    pub(crate) const fn from(self) -> &'static [Status] {
        use Status as S;
        match self {
            Self::Edit => &[S::Draft, S::PendingApproval, S::Approved, S::Scheduled, S::Rejected],
            Self::Submit => &[S::Draft],
            Self::Approve | Self::Reject => &[S::PendingApproval],
            Self::Withdraw => &[S::PendingApproval, S::Approved, S::Scheduled, S::Rejected],
            Self::Schedule => &[S::Approved],
            Self::Start => &[S::Approved, S::Scheduled],
            Self::Pause | Self::Finish => &[S::Sending],
            Self::Resume => &[S::Paused],
            Self::Cancel => &[S::PendingApproval, S::Approved, S::Scheduled, S::Sending, S::Paused],
            Self::Reopen => &[S::Sent],
            Self::Fail | Self::Unschedule => &[S::Scheduled],
        }
    }

    /// Where it leads.
    pub(crate) const fn to(self) -> Status {
        match self {
            Self::Edit | Self::Withdraw => Status::Draft,
            Self::Submit => Status::PendingApproval,
            Self::Approve | Self::Unschedule => Status::Approved,
            Self::Reject => Status::Rejected,
            Self::Schedule => Status::Scheduled,
            Self::Start | Self::Resume | Self::Reopen => Status::Sending,
            Self::Pause => Status::Paused,
            Self::Cancel => Status::Cancelled,
            Self::Finish => Status::Sent,
            Self::Fail => Status::Failed,
        }
    }

    /// What was wanted, after "cannot be".
    const fn verb(self) -> &'static str {
        match self {
            Self::Edit => "changed",
            Self::Submit => "submitted",
            Self::Approve => "approved",
            Self::Reject => "rejected",
            Self::Withdraw => "taken back to draft",
            Self::Schedule => "scheduled",
            Self::Unschedule => "held",
            Self::Start => "sent",
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Cancel => "cancelled",
            Self::Finish => "finished",
            Self::Reopen => "sent again",
            Self::Fail => "given up",
        }
    }

    /// The error for a campaign that stands elsewhere.
    pub(crate) const fn refused(self, from: Status) -> CampaignsError {
        CampaignsError::InvalidState { from: from.words(), verb: self.verb() }
    }

    /// Whether a campaign that stands here can make the move.
    pub(crate) fn is_possible(self, from: Status) -> bool {
        self.from().contains(&from)
    }
}

/// Makes a move inside `tx`, with whatever else `change` sets or asks for. Of several callers racing for moves of one
/// campaign exactly one finds it where the move begins. `None` where the campaign is not in this workspace.
///
/// # Errors
/// [`CampaignsError::InvalidState`] from anywhere else, [`CampaignsError::Stale`] where a condition of `change` failed.
pub(crate) async fn apply(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    go: Move,
    change: impl FnOnce(UpdateMany<Entity>) -> UpdateMany<Entity>,
) -> Result<Option<()>> {
    let from = go.from().iter().map(|status| status.as_str());
    let update = Entity::update_many()
        .col_expr(Column::Status, Expr::value(go.to().as_str()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(ctx.now()))
        .filter(Column::Id.eq(id))
        .filter(Column::Status.is_in(from));
    if tx.update_many(scope, change(update)).await? == 1 {
        return Ok(Some(()));
    }
    let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    let stands = status(&row.status)?;
    Err(if go.is_possible(stands) { CampaignsError::Stale } else { go.refused(stands) })
}

/// Reads the stored status.
pub(crate) fn status(word: &str) -> std::result::Result<Status, StoreError> {
    Status::parse(word).ok_or_else(|| StoreError::Corrupt(format!("campaign status {word}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_status_and_move_is_as_written_down() {
        use Move as M;
        use Status as S;
        // Rows: where a campaign stands; columns: the moves in this order.
        let moves = [
            M::Edit,
            M::Submit,
            M::Approve,
            M::Reject,
            M::Withdraw,
            M::Schedule,
            M::Start,
            M::Pause,
            M::Resume,
            M::Cancel,
            M::Finish,
            M::Reopen,
            M::Fail,
            M::Unschedule,
        ];
        let table = [
            (S::Draft, "xx............"),
            (S::PendingApproval, "x.xxx....x...."),
            (S::Approved, "x...xxx..x...."),
            (S::Scheduled, "x...x.x..x..xx"),
            (S::Sending, ".......x.xx..."),
            (S::Sent, "...........x.."),
            (S::Rejected, "x...x........."),
            (S::Paused, "........xx...."),
            (S::Cancelled, ".............."),
            (S::Failed, ".............."),
        ];
        for (status, row) in table {
            let can: String =
                moves.iter().map(|go| if go.is_possible(status) { 'x' } else { '.' }).collect();
            assert_eq!(can, row, "{status:?}");
        }
    }

    #[test]
    fn words_round_trip() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        for state in RecipientState::ALL {
            assert_eq!(RecipientState::parse(state.as_str()), Some(state));
        }
        for reason in SkipReason::ALL {
            assert_eq!(SkipReason::parse(reason.as_str()), Some(reason));
        }
    }
}
