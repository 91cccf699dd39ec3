//! Which variables a message cannot do without: written somewhere without a default, and not inside a condition that asks
//! for them first.

use super::filters::Filter;
use super::{Expression, Node, Variable};

/// The variables that leave a message out where they have no value.
pub(super) fn of(nodes: &[Node]) -> Vec<Variable> {
    let mut needs = Needs::default();
    needs.nodes(nodes);
    needs.found
}

#[derive(Default)]
struct Needs {
    found: Vec<Variable>,
    /// Variables known to have a value where the walk is now.
    assured: Vec<Variable>,
}

impl Needs {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(_) => {}
                Node::Emit(expression) => self.written(expression),
                Node::If { condition, then, otherwise } => {
                    self.within(assured(condition, true), |needs| needs.nodes(then));
                    self.within(assured(condition, false), |needs| needs.nodes(otherwise));
                }
            }
        }
    }

    fn within(&mut self, assured: Vec<Variable>, walk: impl FnOnce(&mut Self)) {
        let before = self.assured.len();
        self.assured.extend(assured);
        walk(self);
        self.assured.truncate(before);
    }

    fn written(&mut self, expression: &Expression) {
        match expression {
            Expression::Variable(variable) => {
                if !self.assured.contains(variable) && !self.found.contains(variable) {
                    self.found.push(variable.clone());
                }
            }
            Expression::Filter(_, Filter::Default(otherwise)) => self.written(otherwise),
            Expression::Filter(inner, _) => self.written(inner),
            // What is not there ends an `and` and is written; an `or` goes on to what may be.
            Expression::And(left, right) => {
                self.written(left);
                self.within(assured(left, true), |needs| needs.written(right));
            }
            Expression::Or(_, right) => self.written(right),
            Expression::Choice { condition, then, otherwise } => {
                self.within(assured(condition, true), |needs| needs.written(then));
                self.within(assured(condition, false), |needs| needs.written(otherwise));
            }
            Expression::Literal(_) | Expression::Not(_) | Expression::Compare(..) => {}
        }
    }
}

/// The variables that surely have a value where `condition` holds, or does not hold.
fn assured(condition: &Expression, holds: bool) -> Vec<Variable> {
    match condition {
        Expression::Variable(variable) if holds => vec![variable.clone()],
        Expression::Filter(_, Filter::Default(_)) => Vec::new(),
        Expression::Filter(inner, _) => assured(inner, holds),
        Expression::Not(inner) => assured(inner, !holds),
        Expression::And(left, right) if holds => {
            let mut both = assured(left, true);
            both.extend(assured(right, true));
            both
        }
        Expression::Or(left, right) if !holds => {
            let mut both = assured(left, false);
            both.extend(assured(right, false));
            both
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Known, parse};

    #[test]
    fn only_what_is_written_bare_is_needed() {
        for (source, needed) in [
            ("{{ contact.first_name }}", &["contact.first_name"][..]),
            ("{{ contact.first_name | upper }}", &["contact.first_name"]),
            ("{{ contact.first_name | default('x') }}", &[]),
            ("{{ contact.first_name | default(contact.company) }}", &["contact.company"]),
            ("{{ contact.first_name or contact.company }}", &["contact.company"]),
            ("{% if contact.company %}{{ contact.company }}{% endif %}", &[]),
            ("{% if not contact.company %}x{% else %}{{ contact.company }}{% endif %}", &[]),
            ("{% if contact.company and email %}{{ contact.company }}{{ email }}{% endif %}", &[]),
            ("{% if email %}{{ contact.company }}{% endif %}", &["contact.company"]),
            ("{% if email %}x{% else %}{{ email }}{% endif %}", &["email"]),
            ("{{ contact.company if contact.company else 'you' }}", &[]),
            ("{{ email }}{{ email | default('x') }}", &["email"]),
        ] {
            let program = parse(source, Known::Any).unwrap();
            let found: Vec<_> = program.needed.iter().map(|v| v.name.as_str()).collect();
            assert_eq!(found, needed, "{source}");
        }
    }
}
