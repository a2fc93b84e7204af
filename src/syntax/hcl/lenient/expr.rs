//! Expressions.

use std::ops::Range;

use super::super::{Expr, ExprKind, For, Operator, Part, Step};
use super::{Fault, MAX_DEPTH, Read, Reader};
use crate::base::text_map::Text;

/// An expression, where it is written with its parentheses, and how deep it is.
pub(super) struct Operand {
    pub expr: Expr,
    pub range: Range<usize>,
    height: u32,
}

/// Operands between operators of one precedence.
struct Row {
    precedence: u8,
    operands: Vec<Operand>,
    operators: Vec<Operator>,
}

/// Operators in a row that are taken from left to right; a longer row of one kind is taken as a tree, which is as good.
const LONG_ROW: usize = 64;

impl<'a> Reader<'a> {
    pub fn expr(&mut self) -> Read<Operand> {
        self.nested(|reader| {
            let condition = reader.rows()?;
            let before = reader.at;
            reader.skip();
            if reader.peek() != Some(b'?') {
                reader.at = before;
                return Ok(condition);
            }
            reader.at += 1;
            reader.skip();
            let then = reader.expr()?;
            reader.skip();
            if !reader.take(b":") {
                return reader.fault("not HCL: expected `:`");
            }
            reader.skip();
            let otherwise = reader.expr()?;
            let range = condition.range.start..otherwise.range.end;
            let height = condition.height.max(then.height).max(otherwise.height);
            reader.made(ExprKind::Conditional(Box::new([condition.expr, then.expr, otherwise.expr])), range, height)
        })
    }

    /// An expression that lines do not end.
    fn inner(&mut self) -> Read<Operand> {
        let multiline = std::mem::replace(&mut self.multiline, true);
        self.space();
        let read = self.expr()?;
        self.space();
        self.multiline = multiline;
        Ok(read)
    }

    fn made(&mut self, kind: ExprKind, range: Range<usize>, below: u32) -> Read<Operand> {
        self.node()?;
        if below >= MAX_DEPTH {
            return Err(Fault { at: range.start, what: "nested too deep to be evaluated", limit: true });
        }
        Ok(Operand { expr: Expr { kind, span: self.span(range.clone()) }, range, height: below + 1 })
    }

    /// Operands and what stands between them.
    fn rows(&mut self) -> Read<Operand> {
        let mut rows: Vec<Row> = Vec::new();
        let mut operand = self.operand()?;
        loop {
            let before = self.at;
            self.skip();
            let Some((operator, precedence, length)) = self.operator() else {
                self.at = before;
                break;
            };
            while let Some(row) = rows.pop_if(|row| row.precedence > precedence) {
                operand = self.folded(row, operand)?;
            }
            match rows.last_mut().filter(|row| row.precedence == precedence) {
                Some(row) => {
                    row.operands.push(operand);
                    row.operators.push(operator);
                }
                None => rows.push(Row { precedence, operands: vec![operand], operators: vec![operator] }),
            }
            self.at += length;
            self.skip();
            operand = self.operand()?;
        }
        while let Some(row) = rows.pop() {
            operand = self.folded(row, operand)?;
        }
        Ok(operand)
    }

    fn operator(&self) -> Option<(Operator, u8, usize)> {
        const OPERATORS: [(&[u8], Operator, u8); 13] = [
            (b"||", Operator::Or, 0),
            (b"&&", Operator::And, 1),
            (b"==", Operator::Equal, 2),
            (b"!=", Operator::NotEqual, 2),
            (b"<=", Operator::LessOrEqual, 3),
            (b">=", Operator::GreaterOrEqual, 3),
            (b"<", Operator::Less, 3),
            (b">", Operator::Greater, 3),
            (b"+", Operator::Add, 4),
            (b"-", Operator::Subtract, 4),
            (b"*", Operator::Multiply, 5),
            (b"/", Operator::Divide, 5),
            (b"%", Operator::Remainder, 5),
        ];
        let found = OPERATORS.iter().find(|(written, ..)| self.starts(written));
        found.map(|(written, operator, precedence)| (*operator, *precedence, written.len()))
    }

    fn folded(&mut self, row: Row, last: Operand) -> Read<Operand> {
        let Row { mut operands, operators, .. } = row;
        operands.push(last);
        let first = operators[0];
        let alike = matches!(first, Operator::Or | Operator::And | Operator::Add | Operator::Multiply);
        if operators.len() > LONG_ROW && alike && operators.iter().all(|operator| *operator == first) {
            while operands.len() > 1 {
                let mut pairs = Vec::with_capacity(operands.len() / 2 + 1);
                let mut next = operands.into_iter();
                while let Some(left) = next.next() {
                    pairs.push(match next.next() {
                        Some(right) => self.binary(first, left, right)?,
                        None => left,
                    });
                }
                operands = pairs;
            }
        }
        let mut operands = operands.into_iter();
        let Some(mut folded) = operands.next() else { return self.fault("not HCL: expected an expression") };
        for (operator, right) in operators.into_iter().zip(operands) {
            folded = self.binary(operator, folded, right)?;
        }
        Ok(folded)
    }

    fn binary(&mut self, operator: Operator, left: Operand, right: Operand) -> Read<Operand> {
        let (range, height) = (left.range.start..right.range.end, left.height.max(right.height));
        self.made(ExprKind::Binary(operator, Box::new([left.expr, right.expr])), range, height)
    }

    /// An operand with what stands before it and what is taken from it.
    fn operand(&mut self) -> Read<Operand> {
        let start = self.at;
        if matches!(self.peek(), Some(b'!')) && self.peek_at(1) != Some(b'=') || self.peek() == Some(b'-') {
            let negative = self.peek() == Some(b'-');
            self.at += 1;
            self.skip();
            let literal = negative && self.peek().is_some_and(|byte| byte.is_ascii_digit());
            let inner = self.nested(Self::operand)?;
            let range = start..inner.range.end;
            return match inner.expr.kind {
                ExprKind::Number(number) if literal => self.made(ExprKind::Number(-number), range, 0),
                _ if negative => self.made(ExprKind::Negative(Box::new(inner.expr)), range, inner.height),
                _ => self.made(ExprKind::Not(Box::new(inner.expr)), range, inner.height),
            };
        }
        let root = self.primary()?;
        self.steps(root)
    }

    fn steps(&mut self, root: Operand) -> Read<Operand> {
        let (mut steps, mut height, mut end) = (Vec::new(), root.height, root.range.end);
        loop {
            let before = self.at;
            self.skip();
            let (step, below) = match (self.peek(), self.peek_at(1)) {
                (Some(b'.'), Some(b'*')) => {
                    self.at += 2;
                    (Step::AttributeSplat, 0)
                }
                (Some(b'.'), Some(digit)) if digit.is_ascii_digit() => {
                    self.at += 1;
                    let from = self.at;
                    while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                        self.at += 1;
                    }
                    let number = self.source[from..self.at].parse().unwrap_or(f64::NAN);
                    let range = from..self.at;
                    (Step::Index(Expr { kind: ExprKind::Number(number), span: self.span(range) }), 1)
                }
                (Some(b'.'), next) if next != Some(b'.') => {
                    self.at += 1;
                    self.skip();
                    let Some(name) = self.ident() else { return self.fault("not HCL: expected a name") };
                    (Step::Attribute(name.into()), 0)
                }
                (Some(b'['), _) => {
                    self.at += 1;
                    if self.star() {
                        (Step::Splat, 0)
                    } else {
                        let index = self.inner()?;
                        if !self.take(b"]") {
                            return self.fault("not HCL: expected `]`");
                        }
                        (Step::Index(index.expr), index.height)
                    }
                }
                _ => {
                    self.at = before;
                    break;
                }
            };
            self.node()?;
            steps.push(step);
            height = height.max(below);
            end = self.at;
        }
        if steps.is_empty() {
            return Ok(root);
        }
        let range = root.range.start..end;
        let kind = match root.expr.kind {
            ExprKind::Reference(name, first) if first.is_empty() => ExprKind::Reference(name, steps),
            _ => ExprKind::Traversal(Box::new(root.expr), steps),
        };
        self.made(kind, range, height)
    }

    /// `*]`, blanks aside.
    fn star(&mut self) -> bool {
        let before = self.at;
        self.blanks();
        if self.take(b"*") {
            self.blanks();
            if self.take(b"]") {
                return true;
            }
        }
        self.at = before;
        false
    }

    fn primary(&mut self) -> Read<Operand> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                let parts = self.quoted()?;
                self.made(ExprKind::Template(parts), start..self.at, 0)
            }
            Some(b'<') if self.starts(b"<<") => {
                let parts = self.heredoc()?;
                self.made(ExprKind::Template(parts), start..self.at, 0)
            }
            Some(b'(') => {
                self.at += 1;
                let inner = self.inner()?;
                if !self.take(b")") {
                    return self.fault("not HCL: expected `)`");
                }
                Ok(Operand { range: start..self.at, ..inner })
            }
            Some(b'[') => self.list(start),
            Some(b'{') => self.object(start),
            Some(byte) if byte.is_ascii_digit() => {
                let number = self.number();
                self.made(ExprKind::Number(number), start..self.at, 0)
            }
            _ => self.named(start),
        }
    }

    fn number(&mut self) -> f64 {
        let start = self.at;
        let digits = |reader: &mut Self| {
            while reader.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                reader.at += 1;
            }
        };
        digits(self);
        if self.peek() == Some(b'.') && self.peek_at(1).is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
            digits(self);
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.peek_at(1), Some(b'+' | b'-')));
            if self.peek_at(1 + sign).is_some_and(|byte| byte.is_ascii_digit()) {
                self.at += 1 + sign;
                digits(self);
            }
        }
        self.source[start..self.at].parse().unwrap_or(f64::NAN)
    }

    /// A word: a constant, a name, a function.
    fn named(&mut self, start: usize) -> Read<Operand> {
        let Some(name) = self.ident() else { return self.fault("not HCL: expected an expression") };
        let mut full = String::from(name);
        while self.starts(b"::") {
            self.at += 2;
            let Some(more) = self.ident() else { return self.fault("not HCL: expected a name") };
            full.push_str("::");
            full.push_str(more);
        }
        let end = self.at;
        self.blanks();
        if self.take(b"(") {
            return self.arguments(full, start);
        }
        self.at = end;
        let kind = match name {
            _ if full.len() > name.len() => return self.fault("not HCL: expected `(`"),
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            name => ExprKind::Reference(name.into(), Vec::new()),
        };
        self.made(kind, start..end, 0)
    }

    fn arguments(&mut self, name: String, start: usize) -> Read<Operand> {
        let (mut arguments, mut expand, mut height) = (Vec::new(), false, 0);
        let multiline = std::mem::replace(&mut self.multiline, true);
        loop {
            self.space();
            if self.take(b")") {
                break;
            }
            let argument = self.expr()?;
            height = height.max(argument.height);
            arguments.push(argument.expr);
            self.space();
            if self.take(b"...") {
                expand = true;
                self.space();
            }
            if !self.take(b",") && self.peek() != Some(b')') {
                return self.fault("not HCL: expected `,` or `)`");
            }
        }
        self.multiline = multiline;
        self.made(ExprKind::Call { name: name.into(), arguments, expand }, start..self.at, height)
    }

    fn list(&mut self, start: usize) -> Read<Operand> {
        let multiline = std::mem::replace(&mut self.multiline, true);
        self.at += 1;
        self.space();
        if let Some(names) = self.for_names() {
            let each = self.for_rest(names, false)?;
            self.multiline = multiline;
            return self.made(ExprKind::For(Box::new(each.0)), start..self.at, each.1);
        }
        let (mut items, mut height) = (Vec::new(), 0);
        loop {
            self.space();
            if self.take(b"]") {
                break;
            }
            let item = self.expr()?;
            height = height.max(item.height);
            items.push(item.expr);
            self.space();
            if !self.take(b",") && self.peek() != Some(b']') {
                return self.fault("not HCL: expected `,` or `]`");
            }
        }
        self.multiline = multiline;
        self.made(ExprKind::List(items), start..self.at, height)
    }

    fn object(&mut self, start: usize) -> Read<Operand> {
        let multiline = self.multiline;
        self.at += 1;
        self.space();
        if let Some(names) = self.for_names() {
            self.multiline = true;
            let each = self.for_rest(names, true)?;
            self.multiline = multiline;
            return self.made(ExprKind::For(Box::new(each.0)), start..self.at, each.1);
        }
        // A line ends an entry.
        self.multiline = false;
        let (mut entries, mut height) = (Vec::new(), 0);
        loop {
            self.space();
            if self.take(b"}") {
                break;
            }
            let key = self.key()?;
            self.blanks();
            if !(self.peek() == Some(b'=') && self.peek_at(1) != Some(b'=') || self.peek() == Some(b':')) {
                return self.fault("not HCL: expected `=`");
            }
            self.at += 1;
            self.space();
            let value = self.expr()?;
            height = height.max(key.height).max(value.height);
            entries.push((key.expr, value.expr));
            self.blanks();
            if !self.take(b",") && self.peek() != Some(b'}') && !self.at_newline() {
                return self.fault("not HCL: expected `,`, `}` or a new line");
            }
        }
        self.multiline = multiline;
        self.made(ExprKind::Object(entries), start..self.at, height)
    }

    /// A bare name is text; anything else is evaluated.
    fn key(&mut self) -> Read<Operand> {
        let start = self.at;
        if let Some(name) = self.ident() {
            let end = self.at;
            self.blanks();
            let ends = self.peek() == Some(b'=') && self.peek_at(1) != Some(b'=') || self.peek() == Some(b':') && !self.starts(b"::");
            if ends {
                let mut text = Text::new();
                self.places.push(&mut text, name.as_bytes(), start);
                return self.made(ExprKind::Template(vec![Part::Literal(text)]), start..end, 0);
            }
            self.at = start;
        }
        self.expr()
    }

    /// `for k, v in`, if that is next.
    fn for_names(&mut self) -> Option<(Option<&'a str>, &'a str)> {
        let before = self.at;
        let names = self.try_for_names();
        if names.is_none() {
            self.at = before;
        }
        names
    }

    pub fn try_for_names(&mut self) -> Option<(Option<&'a str>, &'a str)> {
        (self.ident()? == "for").then_some(())?;
        self.space();
        let first = self.ident()?;
        self.space();
        let mut names = (None, first);
        if self.take(b",") {
            self.space();
            names = (Some(first), self.ident()?);
            self.space();
        }
        (self.ident()? == "in").then_some(names)
    }

    /// What follows `for k, v in`, with the closing bracket.
    fn for_rest(&mut self, (key, value): (Option<&'a str>, &'a str), object: bool) -> Read<(For, u32)> {
        let collection = self.inner()?;
        if !self.take(b":") {
            return self.fault("not HCL: expected `:`");
        }
        let mut value_of = self.inner()?;
        let mut height = collection.height.max(value_of.height);
        let mut key_of = None;
        if object {
            if !self.take(b"=>") {
                return self.fault("not HCL: expected `=>`");
            }
            key_of = Some(std::mem::replace(&mut value_of, self.inner()?).expr);
            height = height.max(value_of.height);
        }
        let grouping = self.take(b"...");
        self.space();
        let mut condition = None;
        if self.starts(b"if") {
            self.at += 2;
            let read = self.inner()?;
            height = height.max(read.height);
            condition = Some(read.expr);
        }
        if !self.take(if object { b"}" } else { b"]" }) {
            return self.fault(if object { "not HCL: expected `}`" } else { "not HCL: expected `]`" });
        }
        let each = For {
            key: key.map(Into::into),
            value: value.into(),
            collection: collection.expr,
            key_of,
            value_of: value_of.expr,
            condition,
            grouping,
        };
        Ok((each, height))
    }
}
