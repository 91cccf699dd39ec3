//! How many contacts of a segment lack what a message wants to say, counted by the database.

use crm_core::{Context, Scope};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, IntoSimpleExpr, QueryFilter, QueryResult,
    QuerySelect,
};

use super::leaf::of_contact;
use super::{Lacking, Result, Segment, Wanted, compile};
use crate::door::Door;
use crate::entity::base_contacts::{Column, Entity};
use crate::entity::custom_fields;

/// The counts of one row: `n0` is the audience, `n1` and on are those who lack something.
struct Counts(Vec<u64>);

impl FromQueryResult for Counts {
    fn from_query_result(row: &QueryResult, prefix: &str) -> std::result::Result<Self, DbErr> {
        let mut counts = Vec::new();
        for number in 0..row.column_names().len() {
            let count: i64 = row.try_get(prefix, &name(number))?;
            counts.push(u64::try_from(count).unwrap_or_default());
        }
        Ok(Self(counts))
    }
}

fn name(number: usize) -> String {
    format!("n{number}")
}

/// Counts in one statement, however many there are.
pub(super) async fn count(
    ctx: &Context,
    scope: &Scope,
    segment: &Segment,
    wanted: &[Wanted],
) -> Result<Lacking> {
    let door = Door::Db(&ctx.db);
    let met = compile::run(ctx, door, scope, segment).await?;
    let mut select = Entity::find().filter(met).select_only().expr_as(Column::Id.count(), name(0));
    for (number, wanted) in wanted.iter().enumerate() {
        let lacks = CaseStatement::new().case(lacks(door, scope, wanted), 1);
        select = select.expr_as(Func::count(Expr::Case(Box::new(lacks))), name(number + 1));
    }
    let row = ctx.db.one_as::<_, Counts>(scope, select).await?;
    let mut counts = row.map(|counts| counts.0).unwrap_or_default().into_iter();
    Ok(Lacking { audience: counts.next().unwrap_or_default(), missing: counts.collect() })
}

fn lacks(door: Door<'_>, scope: &Scope, wanted: &Wanted) -> Expr {
    let empty = |column: Column| blank(column.into_simple_expr());
    match wanted {
        Wanted::FirstName => empty(Column::FirstName),
        Wanted::LastName => empty(Column::LastName),
        Wanted::FullName => empty(Column::FirstName).and(empty(Column::LastName)),
        Wanted::Email => empty(Column::PrimaryEmail),
        Wanted::Phone => empty(Column::PrimaryPhone),
        Wanted::Company => empty(Column::Company),
        Wanted::Custom(field) => {
            let value = custom_fields::Column::FieldValue.into_simple_expr();
            let there = custom_fields::Entity::find()
                .select_only()
                .expr_as(Expr::val(1), "one")
                .filter(of_contact(custom_fields::Column::ContactId))
                .filter(custom_fields::Column::FieldName.eq(field.as_str()))
                .filter(blank(value).not());
            Expr::exists(door.subquery(scope, there)).not()
        }
    }
}

/// Whether a text is absent or nothing but spaces.
fn blank(text: Expr) -> Expr {
    let text = Func::coalesce([text, Expr::val("")]);
    Expr::expr(Func::cust("trim").arg(text)).eq("")
}
