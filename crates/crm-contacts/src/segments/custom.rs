//! Conditions on custom fields, typed by their definitions.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoSimpleExpr, QueryFilter, QuerySelect};

use super::compile::Compiler;
use super::leaf::{any, compare_text, no_value, of_contact, texts, unfit};
use super::tree::{CustomCondition, Operand, Operator};
use super::{Result, SegmentError};
use crate::contacts::custom::number_text;
use crate::contacts::definitions::FieldType;
use crate::entity::custom_fields::{Column, Entity};

/// A contact without the field meets `neq` and `is_not_set` only.
pub(super) fn condition(
    compiler: &Compiler<'_>,
    condition: &CustomCondition,
    field_type: FieldType,
) -> Result<Expr> {
    let name = condition.custom.as_str();
    let (op, value) = (condition.op, condition.value.as_ref());
    let mut select = Entity::find()
        .select_only()
        .expr_as(Expr::val(1), "one")
        .filter(of_contact(Column::ContactId))
        .filter(Column::FieldName.eq(name));
    let negated = match op {
        Operator::IsSet | Operator::IsNotSet => {
            no_value(name, op, value)?;
            op == Operator::IsNotSet
        }
        _ => {
            let test = match field_type {
                FieldType::Number => number(name, op, value)?,
                FieldType::Boolean => boolean(name, op, value)?,
                FieldType::Text | FieldType::Date | FieldType::Select | FieldType::Url => {
                    let stored = Column::FieldValue.into_simple_expr();
                    compare_text(compiler.sqlite, name, stored, op, value)?
                }
            };
            select = select.filter(test);
            op == Operator::Neq
        }
    };
    let subquery = compiler.door.subquery(compiler.scope, select);
    Ok(if negated { Expr::not_exists(subquery) } else { Expr::exists(subquery) })
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
