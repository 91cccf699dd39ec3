//! Figures of a workspace, counted by the database in one snapshot of it, so that they agree with each other. Nothing in
//! here is about one person: names, addresses and texts of contacts are never read.
//!
//! Everything is bounded: by an index that holds only what is counted, by a number of rows, or by the cap of
//! [`crm_core::paging::COUNT_CAP`].

mod answers;
mod campaigns;
mod counts;
mod quiet;
mod replies;
mod stages;

use std::time::Duration;

use crm_core::{CampaignId, Context, ListId, ProviderId, Scope, StoreError, Timestamp};

pub(super) use answers::{Answers, answers};
pub(super) use campaigns::{campaigns, senders};
pub(super) use counts::{Happened, added, happened, overdue};
pub(super) use quiet::{quiet, rule as quiet_rule};
pub(super) use replies::{customers, replies};
pub(super) use stages::{goal, moves, stages, tags};

/// A day.
pub(super) const DAY: Duration = Duration::from_hours(24);
/// For so many days nobody heard of them: gone quiet.
pub(super) const QUIET_DAYS: u32 = 30;
/// Lately, for what messages brought.
pub(super) const LATELY_DAYS: u32 = 60;
/// What it is compared with: the year, as far as it lies before that.
pub(super) const YEAR_DAYS: u32 = 365;
/// A month, and the one before it.
pub(super) const MONTH_DAYS: u32 = 30;

/// A stretch of time. Its end is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
}

impl Span {
    /// From so many days ago to so many days ago.
    pub(super) fn days_ago(now: Timestamp, since: u32, until: u32) -> Self {
        Self { since: now.minus(DAY * since), until: now.minus(DAY * until) }
    }

    pub(super) fn holds(self, at: Timestamp) -> bool {
        self.since <= at && at < self.until
    }
}

/// A number now and before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Change {
    pub(super) lately: u64,
    pub(super) before: u64,
}

/// A stage and who stands in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stage {
    pub(super) id: ListId,
    pub(super) name: String,
    pub(super) people: u64,
    /// For how many days half of them have been in it at least.
    pub(super) median_days: Option<f64>,
    /// How many left it for another one lately.
    pub(super) moved_on: u64,
    /// Whether nothing more is expected of those in it: won, lost.
    pub(super) is_closed: bool,
}

/// A tag and what its people answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) id: ListId,
    pub(super) name: String,
    pub(super) people: u64,
    pub(super) sent: Change,
    pub(super) replied: Change,
}

/// Messages that left, and what came of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) sent: u64,
    pub(super) failed: u64,
    pub(super) bounced: u64,
    pub(super) replied: u64,
    pub(super) left: u64,
}

impl Tally {
    pub(super) const fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.failed += other.failed;
        self.bounced += other.bounced;
        self.replied += other.replied;
        self.left += other.left;
    }

    /// All that were tried.
    pub(super) const fn tried(self) -> u64 {
        self.sent + self.failed
    }

    /// Those that reached nobody.
    pub(super) const fn lost(self) -> u64 {
        self.failed + self.bounced
    }
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) id: CampaignId,
    pub(super) name: String,
    pub(super) channel: String,
    pub(super) provider_id: Option<ProviderId>,
    pub(super) at: Timestamp,
    pub(super) tally: Tally,
}

/// A provider and how its messages fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sender {
    /// Absent for one that is gone.
    pub(super) id: Option<ProviderId>,
    pub(super) channel: String,
    pub(super) name: String,
    pub(super) lately: Tally,
    pub(super) before: Tally,
    /// The campaign of lately that lost most of its messages.
    pub(super) worst: Option<CampaignId>,
}

/// People nobody heard of for a while.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Quiet {
    /// How many; at least so many where `is_exact` is not set.
    pub(super) people: u64,
    pub(super) is_exact: bool,
    /// Of how many in open stages.
    pub(super) of: u64,
    /// The open stages.
    pub(super) stages: Vec<ListId>,
}

/// What is looked at for insights.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Figures {
    pub(super) stages: Vec<Stage>,
    pub(super) tags: Vec<Tag>,
    pub(super) campaigns: Vec<Sent>,
    pub(super) senders: Vec<Sender>,
    pub(super) added: Change,
    pub(super) quiet: Quiet,
    pub(super) calls: Change,
    pub(super) notes: Change,
    pub(super) moves: Change,
    pub(super) overdue: u64,
}

/// Counts everything insights are made of.
pub(super) async fn gather(ctx: &Context, scope: &Scope) -> Result<Figures, StoreError> {
    let now = ctx.now();
    let month = Span::days_ago(now, MONTH_DAYS, 0);
    let month_before = Span::days_ago(now, 2 * MONTH_DAYS, MONTH_DAYS);
    let lately = Span::days_ago(now, LATELY_DAYS, 0);
    let before = Span::days_ago(now, YEAR_DAYS, LATELY_DAYS);
    let snapshot = ctx.db.snapshot().await?;
    let on = &snapshot;
    let stages = stages(on, scope, now, month).await?;
    let sent = campaigns(on, scope, Span { since: before.since, until: now }).await?;
    let tags = replies(on, scope, tags(on, scope).await?, &sent, lately, before).await?;
    let senders = senders(on, scope, &sent, lately, before).await?;
    let quiet = quiet(on, scope, now, &stages, QUIET_DAYS).await?;
    let both = async |what| -> Result<Change, StoreError> {
        Ok(Change {
            lately: happened(on, scope, what, month).await?,
            before: happened(on, scope, what, month_before).await?,
        })
    };
    let figures = Figures {
        added: Change {
            lately: added(on, scope, month).await?,
            before: added(on, scope, month_before).await?,
        },
        calls: both(Happened::Calls).await?,
        notes: both(Happened::Notes).await?,
        moves: both(Happened::Moves).await?,
        overdue: overdue(on, scope, now).await?,
        campaigns: sent.into_iter().filter(|one| lately.holds(one.at)).collect(),
        stages,
        tags,
        senders,
        quiet,
    };
    snapshot.end().await?;
    Ok(figures)
}

/// A number of rows.
pub(super) fn number(found: i64) -> u64 {
    u64::try_from(found).unwrap_or_default()
}

/// The middle of many numbers; `None` of none.
#[expect(clippy::integer_division, reason = "of an even number of them the lower middle")]
pub(super) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len().checked_sub(1)? / 2;
    numbers.get(middle).copied()
}
