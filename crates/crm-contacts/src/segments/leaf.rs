//! Conditions on columns, lists, dates and the timeline.

use std::time::Duration;

use crm_core::{ListId, Scope, StoreError, UserId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoSimpleExpr, QueryFilter, QuerySelect};

use super::compile::Compiler;
use super::field::{self, Kind};
use super::tree::{Activity, ActivityOperator, FieldCondition, Operand, Operator, Range};
use super::{Result, SegmentError};
use crate::compare;
use crate::door::Door;
use crate::entity::{base_contacts, communication_logs, contact_list_assignments as assignments};

/// Contacts in a list for which looking each of them up is cheaper than asking each contact whether it is in the list.
pub(super) const FEW: u64 = 2_000;

/// Being in a list.
///
/// SQLite keeps no statistics to tell a small list from a large one. Walking a large book to find the few of a small
/// list is as slow as collecting the many of a large one to show fifty, so it is told which it is.
pub(crate) async fn list_condition(
    sqlite: bool,
    door: Door<'_>,
    scope: &Scope,
    list_id: ListId,
) -> std::result::Result<Expr, StoreError> {
    let members = assignments::Entity::find().filter(assignments::Column::ListId.eq(list_id));
    if sqlite && door.all(scope, members.clone().offset(FEW).limit(1)).await?.is_empty() {
        let ids = members.select_only().column(assignments::Column::ContactId);
        let ids = door.subquery(scope, ids);
        return Ok(base_contacts::Column::Id.in_subquery(ids));
    }
    let member = members
        .select_only()
        .expr_as(Expr::val(1), "one")
        .filter(of_contact(assignments::Column::ContactId));
    Ok(Expr::exists(door.subquery(scope, member)))
}

/// `column` holds the id of the contact the outer query looks at.
pub(super) fn of_contact(column: impl ColumnTrait) -> Expr {
    let contact = (base_contacts::Entity, base_contacts::Column::Id);
    Expr::col(column.as_column_ref()).equals(contact)
}

fn malformed<T>(text: String) -> Result<T> {
    Err(SegmentError::Malformed(text))
}

/// The text an operator compares with.
pub(super) fn text<'a>(name: &str, op: Operator, value: Option<&'a Operand>) -> Result<&'a str> {
    match value {
        Some(Operand::Text(text)) => Ok(text),
        _ => malformed(format!("\"{name}\" with \"{}\" needs a text as \"value\"", op.as_str())),
    }
}

/// The texts `in` chooses from.
pub(super) fn texts<'a>(name: &str, value: Option<&'a Operand>) -> Result<&'a [String]> {
    match value {
        Some(Operand::Texts(texts)) => Ok(texts),
        _ => malformed(format!("\"{name}\" with \"in\" needs a list of texts as \"value\"")),
    }
}

/// Refuses a value where there is nothing to compare.
pub(super) fn no_value(name: &str, op: Operator, value: Option<&Operand>) -> Result<()> {
    match value {
        None => Ok(()),
        Some(_) => malformed(format!("\"{name}\" with \"{}\" takes no \"value\"", op.as_str())),
    }
}

/// An operator that means nothing for a field.
pub(super) fn unfit<T>(name: &str, op: Operator) -> Result<T> {
    malformed(format!("\"{name}\" cannot be compared with \"{}\"", op.as_str()))
}

/// One of these holds; nobody meets an empty choice.
pub(super) fn any(conditions: impl Iterator<Item = Expr>) -> Expr {
    conditions.reduce(Expr::or).unwrap_or_else(|| Expr::val(1).eq(0))
}

/// A condition on a column.
pub(super) fn field(sqlite: bool, condition: &FieldCondition) -> Result<Expr> {
    let name = condition.field.as_str();
    let Some((column, kind)) = field::find(name) else {
        return Err(SegmentError::Unknown(format!("unknown field \"{name}\"")));
    };
    let set = match kind {
        Kind::Text => column.ne(""),
        Kind::OptionalText | Kind::Owner | Kind::Amount => column.is_not_null(),
    };
    let (op, value) = (condition.op, condition.value.as_ref());
    let test = match op {
        Operator::IsSet | Operator::IsNotSet => {
            no_value(name, op, value)?;
            return Ok(if op == Operator::IsSet { set } else { set.not() });
        }
        _ => match kind {
            Kind::Text | Kind::OptionalText => {
                compare_text(sqlite, name, column.into_simple_expr(), op, value)?
            }
            Kind::Owner => owner(name, column, op, value)?,
            Kind::Amount => amount(name, column, op, value)?,
        },
    };
    // A comparison with null is unknown; what is not set meets none.
    let met = if kind == Kind::Text { test } else { set.and(test) };
    Ok(if op == Operator::Neq { met.not() } else { met })
}

/// The comparison a text operator stands for; `neq` is compared as `eq` and turned round by the caller.
pub(super) fn compare_text(
    sqlite: bool,
    name: &str,
    expr: Expr,
    op: Operator,
    value: Option<&Operand>,
) -> Result<Expr> {
    Ok(match op {
        Operator::Eq | Operator::Neq => compare::equals(sqlite, expr, text(name, op, value)?),
        Operator::Contains => compare::contains(sqlite, expr, text(name, op, value)?),
        Operator::StartsWith => compare::starts_with(sqlite, expr, text(name, op, value)?),
        Operator::In => {
            let texts = texts(name, value)?.iter();
            any(texts.map(|text| compare::equals(sqlite, expr.clone(), text)))
        }
        Operator::IsSet | Operator::IsNotSet => return unfit(name, op),
    })
}

fn owner(
    name: &str,
    column: base_contacts::Column,
    op: Operator,
    value: Option<&Operand>,
) -> Result<Expr> {
    let id = |text: &str| {
        text.parse::<UserId>()
            .map_err(|_| SegmentError::Unknown(format!("unknown member \"{text}\"")))
    };
    match op {
        Operator::Eq | Operator::Neq => Ok(column.eq(id(text(name, op, value)?)?)),
        Operator::In => {
            let ids = texts(name, value)?.iter().map(|text| id(text));
            Ok(column.is_in(ids.collect::<Result<Vec<_>>>()?))
        }
        _ => unfit(name, op),
    }
}

fn amount(
    name: &str,
    column: base_contacts::Column,
    op: Operator,
    value: Option<&Operand>,
) -> Result<Expr> {
    let whole = |text: &str| {
        text.parse::<i64>()
            .or_else(|_| malformed(format!("\"{name}\" is compared with whole numbers")))
    };
    match (op, value) {
        (Operator::Eq | Operator::Neq, Some(Operand::Number(number))) => {
            Ok(column.eq(whole(&number.to_string())?))
        }
        (Operator::Eq | Operator::Neq, value) => Ok(column.eq(whole(text(name, op, value)?)?)),
        (Operator::In, value) => {
            let numbers = texts(name, value)?.iter().map(|text| whole(text));
            Ok(column.is_in(numbers.collect::<Result<Vec<_>>>()?))
        }
        _ => unfit(name, op),
    }
}

/// Having been added within a time.
pub(super) fn created(range: &Range) -> Result<Expr> {
    let column = base_contacts::Column::CreatedOn;
    let mut bounds = Vec::new();
    if let Some(after) = &range.after {
        bounds.push(column.gte(Range::moment("after", after)?));
    }
    if let Some(before) = &range.before {
        bounds.push(column.lt(Range::moment("before", before)?));
    }
    Ok(bounds.into_iter().reduce(Expr::and).unwrap_or_else(|| Expr::val(1).eq(1)))
}

/// What happened on the timeline, or did not.
pub(super) fn activity(compiler: &Compiler<'_>, activity: Activity) -> Result<Expr> {
    use communication_logs::{Column, Entity};
    let activity = activity.checked()?;
    if !crate::timeline::KINDS.contains(&activity.kind.as_str()) {
        return Err(SegmentError::Unknown(format!("unknown entry type \"{}\"", activity.kind)));
    }
    let since = activity
        .days
        .map(|days| compiler.now.minus(Duration::from_secs(u64::from(days) * 24 * 60 * 60)));
    let is_message = matches!(activity.kind.as_str(), "email" | "text");
    let mut select = Entity::find()
        .select_only()
        .expr_as(Expr::val(1), "one")
        .filter(of_contact(Column::ContactId))
        .filter(Column::Kind.eq(activity.kind));
    if activity.op == ActivityOperator::Opened {
        // Both databases read `->>` as the member's text, null where there is none.
        let opened = Expr::cust("\"communication_logs\".\"content\" ->> 'opened'");
        select = select.filter(match since {
            Some(since) => opened.gte(since),
            None => opened.is_not_null(),
        });
    } else {
        if activity.op == ActivityOperator::Sent && is_message {
            select = select.filter(Column::Status.eq("sent"));
        }
        if let Some(since) = since {
            select = select.filter(Column::Timestamp.gte(since));
        }
    }
    let subquery = compiler.door.subquery(compiler.scope, select);
    Ok(match activity.op {
        ActivityOperator::NoneSince => Expr::not_exists(subquery),
        ActivityOperator::Sent | ActivityOperator::Opened => Expr::exists(subquery),
    })
}
