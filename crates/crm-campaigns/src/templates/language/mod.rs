//! The placeholder language of templates: `{{ variable | filter }}` and `{% if %}`, and nothing that could loop, call,
//! read a file or see more than one contact.
//!
//! The text is read by minijinja's parser, so that the syntax is the one people know. What it finds is then translated
//! node by node into the small tree below; a node that has no translation is refused with its line. The tree is walked
//! once for each message, so that the work is bounded by the length of the template: there is nothing to run away.

mod filters;
mod needs;
mod parse;
mod render;
mod value;
mod variables;

pub(crate) use filters::escape;
pub(crate) use parse::{Problem, parse};
pub(crate) use render::{Escaping, Output, render};
pub(crate) use value::Value;
pub(crate) use variables::{Known, Variable};

use filters::Filter;

/// Most parts (texts, placeholders, operators) a template may have.
pub(crate) const MAX_PARTS: usize = 20_000;

/// A checked template.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    nodes: Vec<Node>,
    /// Every variable in it, once.
    pub(crate) variables: Vec<Variable>,
    /// Those of them that are written somewhere without a default and outside a condition on them.
    pub(crate) needed: Vec<Variable>,
    has_dates: bool,
}

impl Program {
    /// Whether a date is formatted in it: a value that is no date counts as missing, though there is one.
    pub(crate) const fn has_dates(&self) -> bool {
        self.has_dates
    }
}

#[derive(Debug, Clone)]
enum Node {
    Text(String),
    Emit(Expression),
    If { condition: Expression, then: Vec<Node>, otherwise: Vec<Node> },
}

#[derive(Debug, Clone)]
enum Expression {
    Variable(Variable),
    Literal(Literal),
    Filter(Box<Expression>, Filter),
    Not(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Compare(Box<Expression>, Vec<(Comparison, Expression)>),
    Choice { condition: Box<Expression>, then: Box<Expression>, otherwise: Box<Expression> },
}

#[derive(Debug, Clone)]
enum Literal {
    Text(String),
    Number(f64),
    Boolean(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[cfg(test)]
mod tests;
