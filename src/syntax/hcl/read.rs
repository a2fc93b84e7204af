//! From the strict parser's tree to ours. The only place that knows that parser.

use std::ops::Range;

use hcl_edit::expr::{BinaryOperator, Expression, ObjectKey, TraversalOperator, UnaryOperator};
use hcl_edit::structure::Structure;
use hcl_edit::template::{Directive, Element, Strip, Template};
use hcl_edit::{Span as _, parser, structure};

use super::places::Places;
use super::template::{Literal, Raw, trim};
use super::{Attribute, Block, Body, Expr, ExprKind, For, Operator, Part, Step};
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::syntax::document::{MAX_NODES, SyntaxError};

/// A file or a text that holds attributes and blocks.
///
/// # Errors
/// At the first thing that the parser does not take: then nothing of it is read.
pub(super) fn body(source: &str, places: Places<'_>) -> Result<Body, SyntaxError> {
    let body = parser::parse_body(source).map_err(|error| refused(places, "HCL", &error))?;
    Reader { source, places, nodes: 0 }.body(&body)
}

/// A template without quotes: backslashes are literal.
///
/// # Errors
/// At the first thing that the parser does not take.
pub(super) fn template(source: &str, places: Places<'_>) -> Result<Vec<Part>, SyntaxError> {
    let template = parser::parse_template(source).map_err(|error| refused(places, "a template", &error))?;
    Reader { source, places, nodes: 0 }.parts(&template, Literal::Heredoc(0))
}

fn refused(places: Places<'_>, what: &str, error: &parser::Error) -> SyntaxError {
    let at = error.location().offset();
    SyntaxError::new(places.span(at..at), format!("not {what}: {}", error.message()))
}

struct Reader<'a> {
    source: &'a str,
    places: Places<'a>,
    nodes: usize,
}

impl Reader<'_> {
    fn span(&self, range: Option<Range<usize>>) -> Span {
        self.places.span(range.unwrap_or(0..0))
    }

    fn raw(&self, range: Range<usize>) -> Raw<'_> {
        let bytes = self.source.get(range.clone()).unwrap_or_default();
        Raw { bytes, start: range.start.min(self.source.len()), places: self.places }
    }

    fn body(&mut self, body: &structure::Body) -> Result<Body, SyntaxError> {
        let mut out = Body::default();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => out.attributes.push(Attribute {
                    name: attribute.key.as_str().into(),
                    name_span: self.span(attribute.key.span()),
                    value: self.expr(&attribute.value)?,
                }),
                Structure::Block(block) => {
                    let start = block.ident.span().map_or(0, |range| range.start);
                    let last = block.labels.last().and_then(hcl_edit::Span::span).or_else(|| block.ident.span());
                    out.blocks.push(Block {
                        kind: block.ident.as_str().into(),
                        labels: block.labels.iter().map(|label| label.as_str().into()).collect(),
                        header: self.span(last.map(|last| start..last.end)),
                        body: self.body(&block.body)?,
                    });
                }
            }
        }
        Ok(out)
    }

    fn expr(&mut self, expr: &Expression) -> Result<Expr, SyntaxError> {
        let span = self.span(expr.span());
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(SyntaxError::limit(span, format!("more than {MAX_NODES} expressions")));
        }
        let kind = match expr {
            Expression::Null(_) => ExprKind::Null,
            Expression::Bool(value) => ExprKind::Bool(*value.value()),
            Expression::Number(number) => ExprKind::Number(number.value().as_f64().unwrap_or(f64::NAN)),
            Expression::String(_) => {
                let range = expr.span().unwrap_or(0..0);
                let text = self.raw(range.start + 1..range.end.saturating_sub(1).max(range.start + 1)).quoted();
                ExprKind::Template(vec![Part::Literal(text)])
            }
            Expression::StringTemplate(template) => ExprKind::Template(self.parts(template, Literal::Quoted)?),
            Expression::HeredocTemplate(heredoc) => {
                let indented = expr.span().is_some_and(|range| self.raw(range).bytes.starts_with("<<-"));
                let indent = if indented { self.indent(&heredoc.template) } else { 0 };
                ExprKind::Template(self.parts(&heredoc.template, Literal::Heredoc(indent))?)
            }
            Expression::Array(array) => ExprKind::List(array.iter().map(|item| self.expr(item)).collect::<Result<_, _>>()?),
            Expression::Object(object) => ExprKind::Object(
                object.iter().map(|(key, value)| Ok((self.key(key)?, self.expr(value.expr())?))).collect::<Result<_, SyntaxError>>()?,
            ),
            Expression::Parenthesis(inner) => return self.expr(inner.inner()),
            Expression::Variable(name) => ExprKind::Reference(name.as_str().into(), Vec::new()),
            Expression::Conditional(c) => {
                ExprKind::Conditional(Box::new([self.expr(&c.cond_expr)?, self.expr(&c.true_expr)?, self.expr(&c.false_expr)?]))
            }
            Expression::FuncCall(call) => ExprKind::Call {
                name: call.name.namespace.iter().chain([&call.name.name]).map(|part| part.as_str()).collect::<Vec<_>>().join("::").into(),
                arguments: call.args.iter().map(|argument| self.expr(argument)).collect::<Result<_, _>>()?,
                expand: call.args.expand_final(),
            },
            Expression::Traversal(traversal) => {
                let steps = traversal.operators.iter().map(|step| self.step(step.value())).collect::<Result<_, _>>()?;
                match self.expr(&traversal.expr)? {
                    Expr { kind: ExprKind::Reference(name, first), .. } if first.is_empty() => ExprKind::Reference(name, steps),
                    root => ExprKind::Traversal(Box::new(root), steps),
                }
            }
            Expression::UnaryOp(op) => {
                let inner = Box::new(self.expr(&op.expr)?);
                match op.operator.value() {
                    UnaryOperator::Not => ExprKind::Not(inner),
                    UnaryOperator::Neg => ExprKind::Negative(inner),
                }
            }
            Expression::BinaryOp(op) => {
                ExprKind::Binary(operator(*op.operator.value()), Box::new([self.expr(&op.lhs_expr)?, self.expr(&op.rhs_expr)?]))
            }
            Expression::ForExpr(each) => ExprKind::For(Box::new(For {
                key: each.intro.key_var.as_ref().map(|name| name.as_str().into()),
                value: each.intro.value_var.as_str().into(),
                collection: self.expr(&each.intro.collection_expr)?,
                key_of: each.key_expr.as_ref().map(|key| self.expr(key)).transpose()?,
                value_of: self.expr(&each.value_expr)?,
                condition: each.cond.as_ref().map(|condition| self.expr(&condition.expr)).transpose()?,
                grouping: each.grouping,
            })),
        };
        Ok(Expr { kind, span })
    }

    fn step(&mut self, step: &TraversalOperator) -> Result<Step, SyntaxError> {
        Ok(match step {
            TraversalOperator::AttrSplat(_) => Step::AttributeSplat,
            TraversalOperator::FullSplat(_) => Step::Splat,
            TraversalOperator::GetAttr(name) => Step::Attribute(name.as_str().into()),
            TraversalOperator::Index(index) => Step::Index(self.expr(index)?),
            #[expect(clippy::cast_precision_loss, reason = "an index of a list")]
            TraversalOperator::LegacyIndex(index) => {
                Step::Index(Expr { kind: ExprKind::Number(*index.value() as f64), span: self.span(index.span()) })
            }
        })
    }

    /// A bare name is text; anything else is evaluated.
    fn key(&mut self, key: &ObjectKey) -> Result<Expr, SyntaxError> {
        match key {
            ObjectKey::Ident(name) => {
                let span = self.span(name.span());
                let text = {
                    let mut text = Text::new();
                    self.places.push(&mut text, name.as_str().as_bytes(), name.span().unwrap_or(0..0).start);
                    text
                };
                Ok(Expr { kind: ExprKind::Template(vec![Part::Literal(text)]), span })
            }
            // `{ null = 1 }`: a keyword is a name here.
            ObjectKey::Expression(keyword @ (Expression::Null(_) | Expression::Bool(_))) => {
                let raw = self.raw(keyword.span().unwrap_or(0..0));
                let mut text = Text::new();
                self.places.push(&mut text, raw.bytes.as_bytes(), raw.start);
                Ok(Expr { kind: ExprKind::Template(vec![Part::Literal(text)]), span: self.span(keyword.span()) })
            }
            ObjectKey::Expression(expr) => self.expr(expr),
        }
    }

    fn parts(&mut self, template: &Template, literal: Literal) -> Result<Vec<Part>, SyntaxError> {
        self.parts_between(template, literal, (false, false))
    }

    /// The parts of a template between two directives, which may take the blanks off its ends.
    fn parts_between(&mut self, template: &Template, literal: Literal, (first, last): (bool, bool)) -> Result<Vec<Part>, SyntaxError> {
        let mut parts = Vec::with_capacity(template.len());
        let mut at_start = true;
        let elements: Vec<&Element> = template.iter().collect();
        for (number, element) in elements.iter().enumerate() {
            let before = number.checked_sub(1).and_then(|before| elements.get(before));
            match element {
                Element::Literal(text) => {
                    let raw = self.raw(text.span().unwrap_or(0..0));
                    let mut text = literal.text(&raw, at_start);
                    if before.map_or(first, |before| strips(before).1) {
                        text = trim(&text, true, literal);
                    }
                    if elements.get(number + 1).map_or(last, |after| strips(after).0) {
                        text = trim(&text, false, literal);
                    }
                    parts.push(Part::Literal(text));
                }
                Element::Interpolation(inner) => parts.push(Part::Interpolation(self.expr(&inner.expr)?)),
                Element::Directive(directive) => parts.push(self.directive(directive, literal)?),
            }
            at_start = false;
        }
        Ok(parts)
    }

    fn directive(&mut self, directive: &Directive, literal: Literal) -> Result<Part, SyntaxError> {
        let starts = |strip: Strip| matches!(strip, Strip::Start | Strip::Both);
        let ends = |strip: Strip| matches!(strip, Strip::End | Strip::Both);
        Ok(match directive {
            Directive::If(inner) => {
                let last = starts(inner.endif_expr.strip);
                let middle = inner.else_expr.as_ref().map_or(last, |other| starts(other.strip));
                Part::If {
                    condition: self.expr(&inner.if_expr.cond_expr)?,
                    then: self.parts_between(&inner.if_expr.template, literal, (ends(inner.if_expr.strip), middle))?,
                    otherwise: match &inner.else_expr {
                        Some(other) => self.parts_between(&other.template, literal, (ends(other.strip), last))?,
                        None => Vec::new(),
                    },
                }
            }
            Directive::For(inner) => {
                let edges = (ends(inner.for_expr.strip), starts(inner.endfor_expr.strip));
                Part::For {
                    key: inner.for_expr.key_var.as_ref().map(|name| name.as_str().into()),
                    value: inner.for_expr.value_var.as_str().into(),
                    collection: self.expr(&inner.for_expr.collection_expr)?,
                    body: self.parts_between(&inner.for_expr.template, literal, edges)?,
                }
            }
        })
    }

    /// What `<<-` takes off every line.
    fn indent(&self, template: &Template) -> usize {
        let mut least: Option<usize> = None;
        let mut at_start = true;
        for element in template {
            if let Element::Literal(text) = element {
                let own = self.raw(text.span().unwrap_or(0..0)).indent(at_start);
                least = [least, own].into_iter().flatten().min();
            } else if at_start {
                return 0;
            }
            at_start = false;
        }
        least.unwrap_or(0)
    }
}

/// Whether an element takes the blanks off the text before it, and off the text behind it.
fn strips(element: &Element) -> (bool, bool) {
    let (first, last) = match element {
        Element::Literal(_) => return (false, false),
        Element::Interpolation(inner) => (inner.strip, inner.strip),
        Element::Directive(directive) => match &**directive {
            Directive::If(inner) => (inner.if_expr.strip, inner.endif_expr.strip),
            Directive::For(inner) => (inner.for_expr.strip, inner.endfor_expr.strip),
        },
    };
    (matches!(first, Strip::Start | Strip::Both), matches!(last, Strip::End | Strip::Both))
}

fn operator(op: BinaryOperator) -> Operator {
    match op {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::LessEq => Operator::LessOrEqual,
        BinaryOperator::GreaterEq => Operator::GreaterOrEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::Plus => Operator::Add,
        BinaryOperator::Minus => Operator::Subtract,
        BinaryOperator::Mul => Operator::Multiply,
        BinaryOperator::Div => Operator::Divide,
        BinaryOperator::Mod => Operator::Remainder,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
    }
}
