//! Two subjects tried on a part of the audience: A is the template's, B another one. After a while the better one goes to
//! everybody else.

use std::time::Duration;

use crm_core::{CampaignId, Context, Scope, StoreError, Timestamp, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select, UpdateMany,
};
use serde::{Deserialize, Serialize};

use super::deps::{Deps, event};
use super::{CampaignsError, RecipientState, Result, start, store};
use crate::entity::campaign_recipients as row;
use crate::entity::campaigns::{Column, Entity, Model};
use crate::templates::compile::{self, Known};
use crate::templates::{Channel, NewTemplate, TemplatesError};

/// Longest subject, in characters, as of templates.
const MAX_SUBJECT: usize = 300;
/// The longest a decision may wait: two weeks.
const MAX_MINUTES: u32 = 14 * 24 * 60;

/// Two subjects, tried on a part of the audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectTest {
    /// The other subject; the first one is the template's.
    pub subject_b: String,
    /// How much of the audience is in the test, in percent, 2 to 100; half of it gets each subject.
    #[schema(value_type = u64)]
    pub share_percent: u32,
    /// Minutes from the start to the decision, 10 to 20,160.
    #[schema(value_type = u64)]
    pub wait_minutes: u32,
    /// What decides.
    pub winner: WinnerRule,
}

/// Which of two subjects is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WinnerRule {
    /// The one more of whose messages were opened by people.
    Opened,
    /// The one more of whose messages had a link followed.
    Clicked,
    /// The one more of whose messages were answered.
    Replied,
}

/// One of two subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SubjectVariant)]
pub enum Variant {
    /// The template's.
    A,
    /// The other one.
    B,
}

impl Variant {
    /// The word of the columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::A, Self::B].into_iter().find(|variant| variant.as_str() == word)
    }
}

impl SubjectTest {
    /// How long the decision waits.
    pub(crate) fn wait(&self) -> Duration {
        Duration::from_mins(u64::from(self.wait_minutes))
    }

    /// The content with the other subject.
    pub(crate) fn other(&self, template: &NewTemplate) -> NewTemplate {
        NewTemplate { subject: self.subject_b.clone(), ..template.clone() }
    }

    /// The subject of the `number`-th recipient, from 0; `None` for those who wait for the decision. Recipients of the
    /// test are spread evenly over the audience and take turns.
    pub(super) fn variant_of(&self, number: u64) -> Option<Variant> {
        let share = u64::from(self.share_percent);
        let (before, with) = (number * share / 100, (number + 1) * share / 100);
        (with > before).then_some(if before % 2 == 0 { Variant::A } else { Variant::B })
    }
}

/// The test of a stored campaign.
pub(super) fn of(row: &Model) -> std::result::Result<Option<SubjectTest>, StoreError> {
    Ok(row.subject_test_json.as_ref().map(SubjectTest::deserialize).transpose()?)
}

/// Brings a test into the form it is stored in.
///
/// # Errors
/// [`CampaignsError::InvalidSubjectTest`] naming the part that is wrong.
pub(super) fn check(
    test: &SubjectTest,
    channel: Channel,
    template: Option<&NewTemplate>,
    known: Known<'_>,
) -> Result<SubjectTest> {
    let wrong = |field, problem: &str| {
        Err(CampaignsError::InvalidSubjectTest { field, problem: problem.to_owned() })
    };
    let subject_b = test.subject_b.trim().to_owned();
    let too_long = subject_b.chars().count() > MAX_SUBJECT;
    if subject_b.is_empty() || too_long || subject_b.chars().any(char::is_control) {
        return wrong("subject_b", "enter a subject of one line, up to 300 characters");
    }
    if channel != Channel::Email {
        return wrong("subject_b", "text messages have no subject");
    }
    if !(2..=100).contains(&test.share_percent) {
        return wrong("share_percent", "enter 2 to 100 percent");
    }
    if !(10..=MAX_MINUTES).contains(&test.wait_minutes) {
        return wrong("wait_minutes", "enter 10 minutes to 14 days");
    }
    let test = SubjectTest { subject_b, ..test.clone() };
    if let Some(template) = template {
        if template.subject.trim() == test.subject_b {
            return wrong("subject_b", "this is the subject of the template; enter another one");
        }
        match compile::compile(&test.other(template), known) {
            Err(TemplatesError::UnknownVariable { field: "subject", variable }) => {
                return wrong("subject_b", &format!("there is no {variable}"));
            }
            Err(TemplatesError::Syntax { field: "subject", message }) => {
                return wrong("subject_b", &message);
            }
            Err(TemplatesError::Store(err)) => return Err(err.into()),
            // What is wrong with the template itself is said where it is chosen.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(test)
}

/// How one subject did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VariantResult {
    /// Messages taken by the provider.
    pub sent: u64,
    /// Of these, opened by people.
    pub opened: u64,
    /// A link was followed.
    pub clicked: u64,
    /// Answered.
    pub replied: u64,
}

impl VariantResult {
    const fn of(self, rule: WinnerRule) -> u64 {
        match rule {
            WinnerRule::Opened => self.opened,
            WinnerRule::Clicked => self.clicked,
            WinnerRule::Replied => self.replied,
        }
    }
}

#[derive(FromQueryResult)]
struct Tally {
    variant: Option<String>,
    sent: i64,
    opened: i64,
    clicked: i64,
    replied: i64,
}

/// What came of each subject so far.
pub(super) fn results_query(id: CampaignId) -> Select<row::Entity> {
    row::Entity::find()
        .select_only()
        .column(row::Column::Variant)
        .column_as(row::Column::Id.count(), "sent")
        .column_as(row::Column::OpenedAt.count(), "opened")
        .column_as(row::Column::ClickedAt.count(), "clicked")
        .column_as(row::Column::RepliedAt.count(), "replied")
        .filter(row::Column::CampaignId.eq(id))
        .filter(row::Column::State.eq(RecipientState::Sent.as_str()))
        .filter(row::Column::Variant.is_not_null())
        .group_by(row::Column::Variant)
}

fn read(tallies: Vec<Tally>) -> (VariantResult, VariantResult) {
    let number = |found: i64| u64::try_from(found).unwrap_or_default();
    let (mut a, mut b) = (VariantResult::default(), VariantResult::default());
    for tally in tallies {
        let into = match tally.variant.as_deref().and_then(Variant::parse) {
            Some(Variant::A) => &mut a,
            Some(Variant::B) => &mut b,
            None => continue,
        };
        *into = VariantResult {
            sent: number(tally.sent),
            opened: number(tally.opened),
            clicked: number(tally.clicked),
            replied: number(tally.replied),
        };
    }
    (a, b)
}

/// What came of A and of B.
pub(super) async fn results(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
) -> std::result::Result<(VariantResult, VariantResult), StoreError> {
    Ok(read(deps.ctx.db.all_as(scope, results_query(id)).await?))
}

/// The better one: the larger share of its messages; A where they are equal.
fn better(a: VariantResult, b: VariantResult, rule: WinnerRule) -> Variant {
    // a.hits / a.sent < b.hits / b.sent, without dividing.
    let (left, right) = (a.of(rule) * b.sent, b.of(rule) * a.sent);
    if left < right { Variant::B } else { Variant::A }
}

/// Decides a test whose time has come, in the transaction of the engine that claims those who waited for it.
pub(crate) async fn decide(
    deps: &Deps,
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    test: &SubjectTest,
) -> std::result::Result<Variant, StoreError> {
    let (a, b) = read(tx.all_as(scope, results_query(id)).await?);
    let winner = better(a, b, test.winner);
    write(&deps.ctx, tx, scope, id, winner).await?;
    let audit = event("campaign.subject_chosen", id)
        .with("subject", winner)
        .with("by", "rule")
        .with("rule", test.winner)
        .with("a", a.of(test.winner))
        .with("b", b.of(test.winner));
    deps.record(tx, scope, audit).await?;
    Ok(winner)
}

/// Writes the winner, once; `false` where there is one.
async fn write(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    winner: Variant,
) -> std::result::Result<bool, StoreError> {
    let update: UpdateMany<Entity> = Entity::update_many()
        .col_expr(Column::SubjectWinner, Expr::value(winner.as_str()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(ctx.now()))
        .filter(Column::Id.eq(id))
        .filter(Column::SubjectWinner.is_null());
    Ok(tx.update_many(scope, update).await? == 1)
}

/// Chooses a subject for everybody who waits, now. `None` where there is no such campaign.
pub(super) async fn choose(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    winner: Variant,
) -> Result<Option<()>> {
    let Some(campaign) = store::row(deps, scope, id).await? else { return Ok(None) };
    let refused = || {
        let stands = super::status::status(&campaign.status)?;
        Err(CampaignsError::InvalidState { from: stands.words(), verb: "given a subject" })
    };
    if campaign.subject_test_json.is_none() || campaign.started_at.is_none() {
        return refused();
    }
    let tx = deps.ctx.db.begin().await?;
    if !write(&deps.ctx, &tx, scope, id, winner).await? {
        return refused();
    }
    tx.update_many(scope, released(id, deps.ctx.now())).await?;
    start::look_at(deps, &tx, scope, id, campaign.version + 1).await?;
    let audit = event("campaign.subject_chosen", id).with("subject", winner).with("by", "hand");
    deps.record(&tx, scope, audit).await?;
    tx.commit().await?;
    Ok(Some(()))
}

/// Those who wait for the decision wait no more.
fn released(id: CampaignId, now: Timestamp) -> UpdateMany<row::Entity> {
    row::Entity::update_many()
        .col_expr(row::Column::NextAttemptAt, Expr::value(now))
        .col_expr(row::Column::UpdatedAt, Expr::value(now))
        .filter(row::Column::CampaignId.eq(id))
        .filter(row::Column::State.eq(RecipientState::RetryWait.as_str()))
        .filter(row::Column::Attempts.eq(0))
        .filter(row::Column::Variant.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(share_percent: u32) -> SubjectTest {
        SubjectTest {
            subject_b: "B".to_owned(),
            share_percent,
            wait_minutes: 60,
            winner: WinnerRule::Opened,
        }
    }

    #[test]
    fn the_share_is_exact_and_the_two_take_turns() {
        for share in [2, 10, 20, 33, 50, 99, 100] {
            let variants: Vec<_> = (0..1_000).map(|n| test(share).variant_of(n)).collect();
            let count = |wanted| variants.iter().filter(|variant| **variant == wanted).count();
            let in_test = usize::try_from(share).unwrap() * 10;
            assert_eq!(count(None), 1_000 - in_test, "{share} %");
            assert!(count(Some(Variant::A)) - count(Some(Variant::B)) <= 1, "{share} %");
        }
        assert_eq!(test(20).variant_of(4), Some(Variant::A));
        assert_eq!(test(20).variant_of(9), Some(Variant::B));
        assert_eq!(test(20).variant_of(3), None);
    }

    #[test]
    fn the_larger_share_wins_and_a_tie_is_the_first_ones() {
        let result = |sent, opened| VariantResult { sent, opened, ..VariantResult::default() };
        let better = |a, b| better(a, b, WinnerRule::Opened);
        assert_eq!(better(result(10, 3), result(10, 4)), Variant::B);
        assert_eq!(better(result(10, 3), result(5, 2)), Variant::B);
        assert_eq!(better(result(10, 4), result(10, 4)), Variant::A);
        assert_eq!(
            better(result(0, 0), result(10, 1)),
            Variant::A,
            "nothing is known of the first"
        );
    }
}
