//! What an expression comes to.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Comparison, Literal};

/// What an expression comes to for one message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    /// A variable without a value; its name.
    Missing(&'a str),
    /// A text.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// A truth value.
    Boolean(bool),
}

impl<'a> Value<'a> {
    /// A text that is there, or nothing under this name: white space alone is nothing.
    pub(super) fn text_of(name: &'a str, text: &'a str) -> Self {
        if text.trim().is_empty() { Self::Missing(name) } else { Self::Text(Cow::Borrowed(text)) }
    }

    pub(super) fn of(literal: &'a Literal) -> Self {
        match literal {
            Literal::Text(text) => Self::Text(Cow::Borrowed(text)),
            Literal::Number(number) => Self::Number(*number),
            Literal::Boolean(truth) => Self::Boolean(*truth),
        }
    }

    /// Whether `{% if %}` takes it.
    pub(super) fn holds(&self) -> bool {
        match self {
            Self::Missing(_) => false,
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) => *number != 0.0,
            Self::Boolean(truth) => *truth,
        }
    }

    /// As it stands in a message; a variable without a value is empty.
    pub(super) fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Missing(_) => Cow::Borrowed(""),
            Self::Text(text) => text,
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Boolean(truth) => Cow::Borrowed(if truth { "true" } else { "false" }),
        }
    }

    /// Whether the comparison holds. Without a value a variable equals an empty text and another one without a value,
    /// and is neither less nor greater than anything.
    pub(super) fn compares(&self, how: Comparison, other: &Self) -> bool {
        let order = self.order(other);
        match how {
            Comparison::Equal => order == Some(Ordering::Equal),
            Comparison::NotEqual => order != Some(Ordering::Equal),
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
            Comparison::Greater => order == Some(Ordering::Greater),
            Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        }
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Missing(_), Self::Missing(_)) => Some(Ordering::Equal),
            (Self::Missing(_), Self::Text(text)) | (Self::Text(text), Self::Missing(_)) => {
                text.is_empty().then_some(Ordering::Equal)
            }
            (Self::Missing(_), _) | (_, Self::Missing(_)) => None,
            (Self::Boolean(one), Self::Boolean(two)) => (one == two).then_some(Ordering::Equal),
            (Self::Text(one), Self::Text(two)) => Some(one.cmp(two)),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }

    /// A number, also where it is written in a text.
    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Missing(_) | Self::Boolean(_) => None,
        }
    }
}
