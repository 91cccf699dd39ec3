//! The columns that can be set for many contacts at once.

use crm_core::UserId;
use sea_orm::sea_query::{Expr, SimpleExpr};

use super::check::Row;
use super::{BulkError, Result};
use crate::contacts::CustomValue;
use crate::entity::base_contacts::Column;

/// A value for a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ColumnValue {
    /// Company; empty for none.
    Company(String),
    /// Owner.
    Owner(Option<UserId>),
    /// Value in the smallest unit of the currency.
    Value(Option<i64>),
}

/// Most characters of a company's name.
const MAX_CHARS: usize = 200;

impl ColumnValue {
    /// Reads a value; `None` where there is no such column.
    pub(super) fn read(field: &str, value: Option<&CustomValue>) -> Result<Option<Self>> {
        let wrong = |problem: &str| BulkError::InvalidValue {
            field: field.to_owned(),
            problem: problem.to_owned(),
        };
        let text = match value {
            None => None,
            Some(CustomValue::Text(text)) => Some(text.trim().to_owned()),
            Some(CustomValue::Number(number)) => Some(number.to_string()),
            Some(CustomValue::Boolean(_)) => return Err(wrong("must be a text or a number")),
        };
        let text = text.filter(|text| !text.is_empty());
        Ok(Some(match field {
            "company" => {
                let text = text.unwrap_or_default();
                if text.chars().count() > MAX_CHARS || text.chars().any(char::is_control) {
                    return Err(wrong("must be at most 200 characters without control characters"));
                }
                Self::Company(text)
            }
            "owner_id" => {
                let owner = text.map(|text| text.parse()).transpose();
                Self::Owner(owner.map_err(|_| wrong("must be a member of this workspace"))?)
            }
            "value_minor" => {
                let value = text.map(|text| text.parse()).transpose();
                Self::Value(value.map_err(|_| wrong("must be a whole number"))?)
            }
            _ => return Ok(None),
        }))
    }

    /// What a contact has.
    pub(super) fn of(&self, row: &Row) -> Self {
        match self {
            Self::Company(_) => Self::Company(row.company.clone()),
            Self::Owner(_) => Self::Owner(row.owner_id),
            Self::Value(_) => Self::Value(row.value_minor),
        }
    }

    /// The column and what is written to it.
    pub(super) fn written(&self) -> (Column, SimpleExpr) {
        match self {
            Self::Company(text) => (Column::Company, Expr::value(text.clone())),
            Self::Owner(owner) => (Column::OwnerId, Expr::value(*owner)),
            Self::Value(value) => (Column::ValueMinor, Expr::value(*value)),
        }
    }

    /// As text, `None` where it is empty.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Company(text) => (!text.is_empty()).then(|| text.clone()),
            Self::Owner(owner) => owner.map(|id| id.to_string()),
            Self::Value(value) => value.map(|value| value.to_string()),
        }
    }

    /// The same column with the text of [`Self::text`]; what cannot be read is empty.
    pub(super) fn back(&self, text: Option<&str>) -> Self {
        match self {
            Self::Company(_) => Self::Company(text.unwrap_or_default().to_owned()),
            Self::Owner(_) => Self::Owner(text.and_then(|text| text.parse().ok())),
            Self::Value(_) => Self::Value(text.and_then(|text| text.parse().ok())),
        }
    }

    /// Whether a contact would be nobody with this.
    pub(super) fn would_empty(&self, row: &Row) -> bool {
        let Self::Company(text) = self else { return false };
        text.is_empty()
            && row.first_name.is_empty()
            && row.last_name.is_empty()
            && row.primary_email.is_none()
            && row.primary_phone.is_none()
    }
}
