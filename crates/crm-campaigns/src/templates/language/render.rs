//! Walking a program for one message.

use crm_contacts::Contact;

use super::filters::{self, Filter};
use super::{Expression, Node, Program, Value};
use crate::templates::RenderContext;

/// How values are written into the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escaping {
    /// As they are.
    Plain,
    /// So that HTML shows them as they are.
    Html,
}

/// What a walk brings.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// The text.
    pub(crate) text: String,
    /// Names of variables that had to be written and had no value.
    pub(crate) missing: Vec<String>,
}

/// The message would be larger than it may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TooLarge;

/// Most bytes one part of a message may have.
const MAX_OUTPUT: usize = 1_000_000;

struct Walk<'a> {
    contact: &'a Contact,
    context: &'a RenderContext,
    escaping: Escaping,
    output: Output,
}

/// Renders `program` for one contact.
///
/// # Errors
/// [`TooLarge`] beyond a million bytes.
pub(crate) fn render(
    program: &Program,
    contact: &Contact,
    context: &RenderContext,
    escaping: Escaping,
) -> Result<Output, TooLarge> {
    let mut walk = Walk { contact, context, escaping, output: Output::default() };
    walk.nodes(&program.nodes)?;
    Ok(walk.output)
}

impl<'a> Walk<'a> {
    fn nodes(&mut self, nodes: &'a [Node]) -> Result<(), TooLarge> {
        for node in nodes {
            match node {
                Node::Text(text) => self.write(text)?,
                Node::Emit(expression) => self.emit(expression)?,
                Node::If { condition, then, otherwise } => {
                    let branch = if self.value(condition).holds() { then } else { otherwise };
                    self.nodes(branch)?;
                }
            }
        }
        Ok(())
    }

    fn emit(&mut self, expression: &'a Expression) -> Result<(), TooLarge> {
        let value = self.value(expression);
        if let Value::Missing(name) = value {
            if !self.output.missing.iter().any(|known| known == name) {
                self.output.missing.push(name.to_owned());
            }
            return Ok(());
        }
        let text = value.into_text();
        // In HTML everything is escaped as it is written; the filter must not do it twice.
        match self.escaping {
            Escaping::Plain => self.write(&text),
            Escaping::Html => self.write(&filters::escape(&text)),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), TooLarge> {
        if self.output.text.len() + text.len() > MAX_OUTPUT {
            return Err(TooLarge);
        }
        self.output.text.push_str(text);
        Ok(())
    }

    fn value(&self, expression: &'a Expression) -> Value<'a> {
        match expression {
            Expression::Variable(variable) => variable.value(self.contact, self.context),
            Expression::Literal(literal) => Value::of(literal),
            Expression::Filter(inner, Filter::Default(otherwise)) => match self.value(inner) {
                Value::Missing(_) => self.value(otherwise),
                Value::Text(text) if text.is_empty() => self.value(otherwise),
                value => value,
            },
            Expression::Filter(inner, Filter::Escape) if self.escaping == Escaping::Html => {
                self.value(inner)
            }
            Expression::Filter(inner, filter) => {
                filters::apply(filter, self.value(inner), inner.source())
            }
            Expression::Not(inner) => Value::Boolean(!self.value(inner).holds()),
            Expression::And(left, right) => {
                let left = self.value(left);
                if left.holds() { self.value(right) } else { left }
            }
            Expression::Or(left, right) => {
                let left = self.value(left);
                if left.holds() { left } else { self.value(right) }
            }
            Expression::Compare(first, others) => Value::Boolean(self.compare(first, others)),
            Expression::Choice { condition, then, otherwise } => {
                self.value(if self.value(condition).holds() { then } else { otherwise })
            }
        }
    }

    fn compare(
        &self,
        first: &'a Expression,
        others: &'a [(super::Comparison, Expression)],
    ) -> bool {
        let mut left = self.value(first);
        for (how, other) in others {
            let right = self.value(other);
            if !left.compares(*how, &right) {
                return false;
            }
            left = right;
        }
        true
    }
}

impl Expression {
    /// The variable the expression is about, for messages; "a value" where it is about none.
    fn source(&self) -> &str {
        match self {
            Self::Variable(variable) => &variable.name,
            Self::Filter(inner, _) | Self::Not(inner) => inner.source(),
            _ => "a value",
        }
    }
}
