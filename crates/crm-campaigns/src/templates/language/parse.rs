//! From text to a program: minijinja parses, and every node it may find is taken or refused here by name.

use minijinja::machinery::ast::{
    BinOpKind, CallArg, CompareOpKind, Expr, Filter as FilterNode, Stmt, UnaryOpKind,
};
use minijinja::machinery::{self, Span, Token};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value as Constant, ValueKind};

use super::filters::{self, Filter};
use super::needs;
use super::{Comparison, Expression, Known, Literal, MAX_PARTS, Node, Program, Variable};

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A placeholder names something that does not exist.
    UnknownVariable(String),
    /// Anything else; what and in which line.
    Syntax(String),
}

type Result<T> = std::result::Result<T, Problem>;

/// Reads a template.
///
/// # Errors
/// [`Problem`] with the first thing that is wrong.
pub(crate) fn parse(source: &str, known: Known<'_>) -> Result<Program> {
    check_depth(source)?;
    let tree = machinery::parse(source, "template", SyntaxConfig::default());
    let tree = tree.map_err(|err| {
        let line = err.line().unwrap_or(1);
        let what = err.detail().unwrap_or("this is no valid template");
        Problem::Syntax(format!("line {line}: {what}"))
    })?;
    let mut reader = Reader { known, parts: 0, variables: Vec::new(), has_dates: false };
    let nodes = match &tree {
        Stmt::Template(template) => reader.nodes(&template.children)?,
        other => vec![reader.node(other)?],
    };
    let needed = needs::of(&nodes);
    Ok(Program { nodes, variables: reader.variables, needed, has_dates: reader.has_dates })
}

/// Most words and signs between one pair of braces.
const MAX_TOKENS: usize = 400;
/// Most `elif` in a template.
const MAX_ELIF: usize = 100;

/// The parser bounds how deep parentheses and blocks lie inside each other, but not chains of filters, operators and
/// `elif`, each of which lies inside the one before: a long one would take the whole server down. Its own tokens are
/// counted here, so that both read the text alike.
fn check_depth(source: &str) -> Result<()> {
    let (mut inside, mut elifs) = (0_usize, 0_usize);
    for token in machinery::tokenize(source, false, SyntaxConfig::default()) {
        // What cannot be read ends the parser's work at the same place, with a better message.
        let Ok((token, span)) = token else { break };
        match token {
            Token::TemplateData(_)
            | Token::VariableStart
            | Token::VariableEnd
            | Token::BlockStart
            | Token::BlockEnd => inside = 0,
            other => {
                inside += 1;
                elifs += usize::from(matches!(other, Token::Ident("elif")));
            }
        }
        if inside > MAX_TOKENS {
            return refuse(span, "there is too much between these braces");
        }
        if elifs > MAX_ELIF {
            return refuse(span, "there are too many elif");
        }
    }
    Ok(())
}

struct Reader<'k> {
    known: Known<'k>,
    parts: usize,
    variables: Vec<Variable>,
    has_dates: bool,
}

fn refuse<T>(span: Span, what: &str) -> Result<T> {
    Err(Problem::Syntax(format!("line {}: {what}", span.start_line)))
}

impl Reader<'_> {
    fn nodes(&mut self, nodes: &[Stmt<'_>]) -> Result<Vec<Node>> {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    fn count(&mut self, span: Span) -> Result<()> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return refuse(span, "the template has too many placeholders");
        }
        Ok(())
    }

    fn node(&mut self, node: &Stmt<'_>) -> Result<Node> {
        let (span, what) = match node {
            Stmt::EmitRaw(raw) => {
                self.count(raw.span())?;
                return Ok(Node::Text(raw.raw.to_owned()));
            }
            Stmt::EmitExpr(emit) => return Ok(Node::Emit(self.expression(&emit.expr)?)),
            Stmt::IfCond(cond) => {
                self.count(cond.span())?;
                return Ok(Node::If {
                    condition: self.expression(&cond.expr)?,
                    then: self.nodes(&cond.true_body)?,
                    otherwise: self.nodes(&cond.false_body)?,
                });
            }
            Stmt::Template(inner) => (inner.span(), "a template cannot hold a template"),
            Stmt::ForLoop(inner) => (inner.span(), "for is not available in templates"),
            Stmt::WithBlock(inner) => (inner.span(), "with is not available in templates"),
            Stmt::Set(inner) => (inner.span(), "set is not available in templates"),
            Stmt::SetBlock(inner) => (inner.span(), "set is not available in templates"),
            Stmt::AutoEscape(inner) => (inner.span(), "autoescape is not available in templates"),
            Stmt::FilterBlock(inner) => {
                (inner.span(), "filter blocks are not available in templates")
            }
            Stmt::Do(inner) => (inner.span(), "do is not available in templates"),
            // Statements of features that are off today cannot be parsed; should one be switched on, it is refused.
            #[expect(
                unreachable_patterns,
                reason = "which statements exist depends on features of the parser"
            )]
            _ => {
                return Err(Problem::Syntax(
                    "this statement is not available in templates".to_owned(),
                ));
            }
        };
        refuse(span, what)
    }

    fn expression(&mut self, expr: &Expr<'_>) -> Result<Expression> {
        self.count(expr.span())?;
        let what = match expr {
            Expr::Var(_) | Expr::GetAttr(_) | Expr::GetItem(_) => return self.variable(expr),
            Expr::Const(constant) => return literal(&constant.value, expr.span()),
            Expr::Filter(filter) => return self.filter(filter, expr.span()),
            Expr::UnaryOp(op) => match op.op {
                UnaryOpKind::Not => return Ok(Expression::Not(self.boxed(&op.expr)?)),
                UnaryOpKind::Neg => return negative(&self.expression(&op.expr)?, expr.span()),
            },
            Expr::BinOp(op) => {
                if matches!(op.op, BinOpKind::ScAnd) {
                    return Ok(Expression::And(self.boxed(&op.left)?, self.boxed(&op.right)?));
                }
                if matches!(op.op, BinOpKind::ScOr) {
                    return Ok(Expression::Or(self.boxed(&op.left)?, self.boxed(&op.right)?));
                }
                let Some(how) = binary_comparison(op.op) else {
                    return refuse(expr.span(), "arithmetic is not available in templates");
                };
                let right = self.expression(&op.right)?;
                return Ok(Expression::Compare(self.boxed(&op.left)?, vec![(how, right)]));
            }
            Expr::Compare(compare) => {
                let first = self.boxed(&compare.expr)?;
                let mut others = Vec::with_capacity(compare.ops.len());
                for op in &compare.ops {
                    let Some(how) = comparison(op.op) else {
                        return refuse(expr.span(), "in is not available in templates");
                    };
                    others.push((how, self.expression(&op.expr)?));
                }
                return Ok(Expression::Compare(first, others));
            }
            Expr::IfExpr(choice) => {
                let otherwise = match &choice.false_expr {
                    Some(expr) => self.expression(expr)?,
                    None => Expression::Literal(Literal::Text(String::new())),
                };
                return Ok(Expression::Choice {
                    condition: self.boxed(&choice.test_expr)?,
                    then: self.boxed(&choice.true_expr)?,
                    otherwise: Box::new(otherwise),
                });
            }
            Expr::Call(_) => "functions are not available in templates",
            Expr::Test(_) => "tests (is …) are not available in templates",
            Expr::Slice(_) => "slices are not available in templates",
            Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => "lists are not available in templates",
        };
        refuse(expr.span(), what)
    }

    fn boxed(&mut self, expr: &Expr<'_>) -> Result<Box<Expression>> {
        self.expression(expr).map(Box::new)
    }

    fn variable(&mut self, expr: &Expr<'_>) -> Result<Expression> {
        let mut path = Vec::new();
        let written = dotted(expr, &mut path)?;
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let Some(variable) = Variable::resolve(&parts, self.known) else {
            return Err(Problem::UnknownVariable(written));
        };
        if !self.variables.contains(&variable) {
            self.variables.push(variable.clone());
        }
        Ok(Expression::Variable(variable))
    }

    fn filter(&mut self, node: &FilterNode<'_>, span: Span) -> Result<Expression> {
        let Some(inner) = &node.expr else {
            return refuse(span, "a filter needs something to work on");
        };
        let inner = self.boxed(inner)?;
        let arguments = node.args.as_slice();
        let filter = match (node.name, arguments) {
            ("default" | "d", []) => {
                Filter::Default(Box::new(Expression::Literal(Literal::Text(String::new()))))
            }
            ("default" | "d", [CallArg::Pos(value)]) => Filter::Default(self.boxed(value)?),
            ("upper", []) => Filter::Upper,
            ("lower", []) => Filter::Lower,
            ("title", []) => Filter::Title,
            ("trim", []) => Filter::Trim,
            ("escape" | "e", []) => Filter::Escape,
            ("date", [CallArg::Pos(Expr::Const(format))]) => match format.value.as_str() {
                Some(format) if filters::is_date_format(format) => {
                    self.has_dates = true;
                    Filter::Date(format.to_owned())
                }
                _ => return refuse(span, "date needs a format such as \"%d.%m.%Y\""),
            },
            ("date", _) => return refuse(span, "date needs a format such as \"%d.%m.%Y\""),
            ("default" | "d" | "upper" | "lower" | "title" | "trim" | "escape" | "e", _) => {
                return refuse(
                    span,
                    &format!("the filter {} does not take these arguments", node.name),
                );
            }
            (name, _) => {
                let message = format!("unknown filter {name}; there are {}", filters::NAMES);
                return refuse(span, &message);
            }
        };
        Ok(Expression::Filter(inner, filter))
    }
}

/// The names along `a.b["c"]`, and the whole as it is written.
fn dotted(expr: &Expr<'_>, path: &mut Vec<String>) -> Result<String> {
    match expr {
        Expr::Var(var) => path.push(var.id.to_owned()),
        Expr::GetAttr(attr) => {
            dotted(&attr.expr, path)?;
            path.push(attr.name.to_owned());
        }
        Expr::GetItem(item) => {
            dotted(&item.expr, path)?;
            match &item.subscript_expr {
                Expr::Const(name) => path.push(name.value.to_string()),
                other => {
                    return refuse(other.span(), "write the name in quotes between the brackets");
                }
            }
        }
        other => {
            let message = format!("a {} has no fields in templates", other.description());
            return refuse(other.span(), &message);
        }
    }
    Ok(path.join("."))
}

fn literal(value: &Constant, span: Span) -> Result<Expression> {
    let literal = match value.kind() {
        ValueKind::String => value.as_str().map(|text| Literal::Text(text.to_owned())),
        ValueKind::Bool => Some(Literal::Boolean(value.is_true())),
        ValueKind::Number => f64::try_from(value.clone()).ok().map(Literal::Number),
        _ => None,
    };
    match literal {
        Some(literal) => Ok(Expression::Literal(literal)),
        None => refuse(span, "only texts, numbers, true and false can be written out"),
    }
}

fn negative(expression: &Expression, span: Span) -> Result<Expression> {
    match expression {
        Expression::Literal(Literal::Number(number)) => {
            Ok(Expression::Literal(Literal::Number(-number)))
        }
        _ => refuse(span, "arithmetic is not available in templates"),
    }
}

fn binary_comparison(op: BinOpKind) -> Option<Comparison> {
    Some(match op {
        BinOpKind::Eq => Comparison::Equal,
        BinOpKind::Ne => Comparison::NotEqual,
        BinOpKind::Lt => Comparison::Less,
        BinOpKind::Lte => Comparison::LessOrEqual,
        BinOpKind::Gt => Comparison::Greater,
        BinOpKind::Gte => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

fn comparison(op: CompareOpKind) -> Option<Comparison> {
    Some(match op {
        CompareOpKind::Eq => Comparison::Equal,
        CompareOpKind::Ne => Comparison::NotEqual,
        CompareOpKind::Lt => Comparison::Less,
        CompareOpKind::Lte => Comparison::LessOrEqual,
        CompareOpKind::Gt => Comparison::Greater,
        CompareOpKind::Gte => Comparison::GreaterOrEqual,
        CompareOpKind::In | CompareOpKind::NotIn => return None,
    })
}
