//! Conditions on custom fields, typed by their definitions.

use crm_core::{Context, Scope};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoSimpleExpr, QueryFilter, QuerySelect, Select};

use super::compile::Compiler;
use super::leaf::{FEW, any, compare_text, no_value, of_contact, text, texts, unfit};
use super::tree::{CustomCondition, Operand, Operator};
use super::{Result, SegmentError};
use crate::contacts::custom::number_text;
use crate::contacts::definitions::FieldType;
use crate::entity::base_contacts;
use crate::entity::custom_fields::{Column, Entity};

/// Most characters of a text that is looked up in the index of texts. It holds the first 200 of each, in small letters,
/// which may be more of them than there were.
const INDEXED: usize = 60;

/// The values that meet a condition; where it says what is not, those that meet its contrary.
fn values(
    sqlite: bool,
    condition: &CustomCondition,
    field_type: FieldType,
) -> Result<Select<Entity>> {
    let name = condition.custom.as_str();
    let (op, value) = (condition.op, condition.value.as_ref());
    let select = Entity::find().filter(Column::FieldName.eq(name));
    if matches!(op, Operator::IsSet | Operator::IsNotSet) {
        no_value(name, op, value)?;
        return Ok(select);
    }
    Ok(select.filter(match field_type {
        FieldType::Number => number(name, op, value)?,
        FieldType::Boolean => boolean(name, op, value)?,
        FieldType::Text | FieldType::Date | FieldType::Select | FieldType::Url => {
            texts_like(sqlite, name, op, value)?
        }
    }))
}

const fn says_not(op: Operator) -> bool {
    matches!(op, Operator::IsNotSet | Operator::Neq)
}

/// How many contacts meet a condition, counted up to the cap by the values alone; `None` where they do not tell.
pub(super) async fn count(
    ctx: &Context,
    scope: &Scope,
    condition: &CustomCondition,
    field_type: FieldType,
) -> Result<Option<(u64, bool)>> {
    if says_not(condition.op) {
        return Ok(None);
    }
    let values = values(ctx.db.is_sqlite(), condition, field_type)?;
    Ok(Some(ctx.db.count_capped(scope, values).await?))
}

/// A contact without the field meets `neq` and `is_not_set` only.
pub(super) async fn condition(
    compiler: &Compiler<'_>,
    condition: &CustomCondition,
    field_type: FieldType,
) -> Result<Expr> {
    let op = condition.op;
    let select = values(compiler.sqlite, condition, field_type)?;
    // Told apart as in lists: the few contacts a value leads to are looked up, many are met on the way.
    let (door, scope) = (compiler.door, compiler.scope);
    let is_few = compiler.sqlite
        && !matches!(op, Operator::Contains | Operator::StartsWith)
        && door.all(scope, select.clone().offset(FEW).limit(1)).await?.is_empty();
    let met = if is_few {
        let ids = select.select_only().column(Column::ContactId);
        base_contacts::Column::Id.in_subquery(door.subquery(scope, ids))
    } else {
        let one =
            select.select_only().expr_as(Expr::val(1), "one").filter(of_contact(Column::ContactId));
        Expr::exists(door.subquery(scope, one))
    };
    Ok(if says_not(op) { met.not() } else { met })
}

/// A comparison of texts, with help of the index where it can give any.
fn texts_like(sqlite: bool, name: &str, op: Operator, value: Option<&Operand>) -> Result<Expr> {
    let test = compare_text(sqlite, name, Column::FieldValue.into_simple_expr(), op, value)?;
    let wanted = match op {
        Operator::Eq | Operator::Neq => vec![text(name, op, value)?],
        Operator::In => texts(name, value)?.iter().map(String::as_str).collect(),
        _ => return Ok(test),
    };
    // SQLite lowers the letters of ASCII only, and so does its index.
    let is_indexed = |text: &&str| text.chars().count() <= INDEXED && (!sqlite || text.is_ascii());
    if wanted.is_empty() || !wanted.iter().all(is_indexed) {
        return Ok(test);
    }
    // Word for word as migration 36 has them.
    let is_text = Expr::cust("\"custom_fields\".\"field_type\" <> 'number'");
    let beginning = Expr::cust("lower(substr(\"custom_fields\".\"field_value\", 1, 200))");
    let lowered = if sqlite { "lower(?)" } else { "lower($1)" };
    let keys = wanted.into_iter().map(|text| Expr::cust_with_values(lowered, [text]));
    Ok(is_text.and(beginning.is_in(keys)).and(test))
}

/// Each number is stored as one text, so that equal numbers are equal texts.
fn number(name: &str, op: Operator, value: Option<&Operand>) -> Result<Expr> {
    let wrong = || SegmentError::Malformed(format!("custom field \"{name}\" holds numbers"));
    let read = |text: &String| {
        let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        number.map(number_text).ok_or_else(wrong)
    };
    match (op, value) {
        (Operator::Eq | Operator::Neq, Some(Operand::Number(number))) => {
            Ok(Column::FieldValue.eq(number_text(*number)))
        }
        (Operator::Eq | Operator::Neq, Some(Operand::Text(text))) => {
            Ok(Column::FieldValue.eq(read(text)?))
        }
        (Operator::Eq | Operator::Neq, _) => Err(wrong()),
        (Operator::In, value) => {
            let numbers = texts(name, value)?.iter().map(read).collect::<Result<Vec<_>>>()?;
            Ok(any(numbers.into_iter().map(|number| Column::FieldValue.eq(number))))
        }
        _ => unfit(name, op),
    }
}

fn boolean(name: &str, op: Operator, value: Option<&Operand>) -> Result<Expr> {
    let truth = match (op, value) {
        (Operator::Eq | Operator::Neq, Some(Operand::Boolean(truth))) => truth.to_string(),
        (Operator::Eq | Operator::Neq, Some(Operand::Text(text)))
            if text == "true" || text == "false" =>
        {
            text.clone()
        }
        (Operator::Eq | Operator::Neq, _) => {
            let text = format!("custom field \"{name}\" holds true or false");
            return Err(SegmentError::Malformed(text));
        }
        _ => return unfit(name, op),
    };
    Ok(Column::FieldValue.eq(truth))
}
