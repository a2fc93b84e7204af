//! Regular expressions: `regex`, `regexall`, and `replace` with a pattern between slashes.
//!
//! Terraform's are RE2's. What the crate reads in another way is rewritten first: `\d \w \s \b` are ASCII, a brace that
//! is no repetition is a brace, `[` within a class too, `\Q..\E` quotes, `\<` is a `<`. Not covered, and so unknown:
//! octal escapes and `\C`. `\B` stays Unicode's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;

use super::{Call, Failure, Outcome, Table, text};
use crate::base::text_map::Text;
use crate::iac::Value;
use crate::iac::text::{hole, last_hole};
use crate::iac::value::Entry;

pub(super) const TABLE: Table = &[
    ("regex", |call| {
        let (pattern, text) = (pattern(call, &call.word(0)?)?, call.known(1)?);
        let mut captures = pattern.create_captures();
        search(call, &pattern, &text, 0, &mut captures)?;
        if captures.is_match() { matched(call, &pattern, &text, &captures) } else { Err(Failure::Failed) }
    }),
    ("regexall", |call| {
        let (pattern, text) = (pattern(call, &call.word(0)?)?, call.known(1)?);
        let mut items = Vec::new();
        each(call, &pattern, &text, |captures| {
            call.make(2 + captures.group_len())?;
            items.push(matched(call, &pattern, &text, captures)?);
            Ok(())
        })?;
        call.items(items, false)
    }),
    ("replace", replace),
];

/// The longest pattern, and the longest text that is searched, in bytes.
const MAX_PATTERN: usize = 2048;
const MAX_TEXT: usize = 64 << 10;
/// Bytes that one call goes through, match by match, where each match may ask for all that is left.
const MAX_LOOKED_AT: usize = 4 << 20;
/// Bytes that a compiled pattern may take, and how many of them are kept.
const MAX_COMPILED: usize = 256 << 10;
const MAX_KEPT: usize = 256;
/// What compiling takes, in things looked at: as long as a thousand steps.
const COMPILING: usize = 64 * 1000;

/// Patterns of one project, compiled once each.
#[derive(Default)]
pub struct Patterns(RefCell<HashMap<Box<str>, Option<Rc<Regex>>>>);

/// A pattern, compiled. Unknown where it cannot be: what is wrong with it may be only that it is written for RE2.
pub(super) fn pattern(call: &Call<'_>, written: &str) -> Outcome<Rc<Regex>> {
    if written.len() > MAX_PATTERN {
        return Err(Failure::Budget);
    }
    let mut kept = call.terraform.patterns.0.borrow_mut();
    if let Some(known) = kept.get(written) {
        return known.clone().ok_or(Failure::Unknown);
    }
    if !call.terraform.steps_for(COMPILING) {
        return Err(Failure::Budget);
    }
    let config = Regex::config().nfa_size_limit(Some(MAX_COMPILED)).onepass_size_limit(Some(MAX_COMPILED));
    let compile = |pattern: String| Regex::builder().configure(config).build(&pattern).ok().map(Rc::new);
    let compiled = rewritten(written).and_then(compile);
    if kept.len() >= MAX_KEPT {
        kept.clear();
    }
    kept.insert(written.into(), compiled.clone());
    compiled.ok_or(Failure::Unknown)
}

/// The pattern as the crate is to read it.
fn rewritten(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    let mut class = false;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                let escaped = after.chars().next()?;
                rest = &after[escaped.len_utf8()..];
                let inside = match escaped {
                    'd' | 'D' => "0-9",
                    'w' | 'W' => "0-9A-Za-z_",
                    's' | 'S' => "\\t\\n\\f\\r ",
                    'b' if !class => {
                        out.push_str("(?-u:\\b)");
                        continue;
                    }
                    'Q' => {
                        let (literal, behind) = rest.split_once("\\E").unwrap_or((rest, ""));
                        literal.chars().for_each(|c| escape(c, &mut out));
                        rest = behind;
                        continue;
                    }
                    'E' => continue,
                    '<' | '>' => {
                        out.push(escaped);
                        continue;
                    }
                    'C' => return None,
                    _ => {
                        out.push('\\');
                        out.push(escaped);
                        continue;
                    }
                };
                match (class, escaped.is_ascii_uppercase()) {
                    (true, false) => out.push_str(inside),
                    (_, negated) => out.extend(["[", if negated { "^" } else { "" }, inside, "]"]),
                }
                continue;
            }
            '[' if class => match after.starts_with(':').then(|| rest.find(":]")).flatten() {
                // A named class: `[:alpha:]`.
                Some(end) => {
                    out.push_str(&rest[..end + 2]);
                    rest = &rest[end + 2..];
                    continue;
                }
                None => out.push_str("\\["),
            },
            '[' => {
                class = true;
                out.push('[');
                rest = after;
                if let Some(behind) = rest.strip_prefix('^') {
                    out.push('^');
                    rest = behind;
                }
                // A bracket right behind the opening one stands for itself.
                if let Some(behind) = rest.strip_prefix(']') {
                    out.push_str("\\]");
                    rest = behind;
                }
                continue;
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            '&' | '~' if class => out.extend(['\\', c]),
            '-' if class && after.starts_with('-') => out.push_str("\\-"),
            '{' if !class && !repeats(after) => out.push_str("\\{"),
            _ => out.push(c),
        }
        rest = after;
    }
    Some(out)
}

fn escape(c: char, out: &mut String) {
    if c.is_ascii_punctuation() && !matches!(c, '<' | '>') {
        out.push('\\');
    }
    out.push(c);
}

/// Whether what stands behind a brace makes it a repetition: `2}`, `2,}`, `2,3}`.
fn repeats(behind: &str) -> bool {
    let Some((counts, _)) = behind.split_once('}') else { return false };
    let (least, most) = counts.split_once(',').unwrap_or((counts, ""));
    !least.is_empty() && least.len() < 5 && [least, most].iter().all(|count| count.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Searches from an offset on. It costs what the text is long, times what the pattern is large.
fn search(call: &Call<'_>, pattern: &Regex, text: &Text, from: usize, captures: &mut Captures) -> Outcome<()> {
    if text.len() > MAX_TEXT {
        return Err(Failure::Budget);
    }
    let all = text::str(text)?;
    let size = if from == 0 { pattern.memory_usage() / 1024 + 1 } else { 1 };
    if !call.terraform.steps_for((all.len() - from).saturating_mul(size)) {
        return Err(Failure::Budget);
    }
    pattern.search_captures(&Input::new(all).range(from..), captures);
    Ok(())
}

/// Every match, none of which overlaps the one before.
fn each(call: &Call<'_>, pattern: &Regex, text: &Text, mut found: impl FnMut(&Captures) -> Outcome<()>) -> Outcome<()> {
    let mut captures = pattern.create_captures();
    let (mut from, mut last, mut looked_at) = (0, None, 0_usize);
    while from <= text.len() {
        // Each search may go to the end.
        looked_at += text.len() - from;
        if looked_at > MAX_LOOKED_AT {
            return Err(Failure::Budget);
        }
        search(call, pattern, text, from, &mut captures)?;
        let Some(span) = captures.get_match().map(|found| found.range()) else { break };
        // An empty match right behind another one is none.
        if !(span.is_empty() && last == Some(span.start)) {
            found(&captures)?;
            last = Some(span.end);
        }
        from = if span.is_empty() { span.end + width(text, span.end) } else { span.end };
    }
    Ok(())
}

/// Bytes of the character at an offset; one at the end, to come behind it.
fn width(text: &Text, at: usize) -> usize {
    text::str(text).ok().and_then(|all| all.get(at..)).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

/// An object of named groups, a list of unnamed ones, or the text that was matched. Groups that took no part are null.
fn matched(call: &Call<'_>, pattern: &Regex, text: &Text, captures: &Captures) -> Outcome {
    let argument = call.argument(1)?;
    let whole = argument.place;
    let value = |at: usize| match captures.get_group(at).map(|span| span.range()) {
        Some(range) => {
            let place = text.span(range.clone()).unwrap_or(whole);
            Value::text(text.slice(range), place).carried(argument.via.as_ref())
        }
        None => Value::null(call.place),
    };
    let names: Vec<Option<&str>> = pattern.group_info().pattern_names(regex_automata::PatternID::ZERO).collect();
    let (_, groups) = names.split_first().ok_or(Failure::Unknown)?;
    if groups.is_empty() {
        return Ok(value(0));
    }
    let named = groups.iter().flatten().count();
    if named == 0 {
        return call.items((1..=groups.len()).map(value).collect(), false);
    }
    if named != groups.len() {
        return Err(Failure::Failed);
    }
    let entry =
        |(at, name): (usize, Option<&str>)| Entry { key: name.unwrap_or_default().into(), key_place: call.place, value: value(at + 1) };
    Ok(Value::map(groups.iter().copied().enumerate().map(entry).collect(), false, call.place))
}

fn replace(call: &Call<'_>) -> Outcome {
    let (text, from, to) = (call.text(0)?, call.word(1)?, call.text(2)?);
    let mut out = Text::new();
    let mut run = 0;
    if from.len() > 1 && from.starts_with('/') && from.ends_with('/') {
        let text = call.known(0)?;
        let template = template(call.known(2)?.as_ref())?;
        let pattern = pattern(call, &from[1..from.len() - 1])?;
        each(call, &pattern, &text, |captures| {
            let Some(range) = captures.get_match().map(|found| found.range()) else { return Ok(()) };
            call.room(range.len().saturating_add(to.len()).saturating_mul(2))?;
            out.push_slice(&text, run..range.start);
            for piece in &template {
                match piece {
                    Replacement::Literal(literal) => out.push_text(literal),
                    Replacement::Group(name) => {
                        let group = name.parse().ok().map_or_else(|| captures.get_group_by_name(name), |at| captures.get_group(at));
                        if let Some(group) = group {
                            // A pattern may take the same group many times.
                            call.room(group.len())?;
                            out.push_slice(&text, group.range());
                        }
                    }
                }
            }
            run = range.end;
            Ok(())
        })?;
    } else {
        // Where the unknown part begins and ends may be a part of what is looked for.
        let at_edge = from.chars().count() != 1 && (hole(&text).is_some() || last_hole(&text).is_some());
        if at_edge {
            return Err(Failure::Unknown);
        }
        let found: Vec<usize> = if from.is_empty() {
            text::str(&text)?.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
        } else {
            memchr::memmem::find_iter(text.bytes(), from.as_bytes()).collect()
        };
        call.room(found.len().saturating_mul(to.len() + 32).saturating_add(text.len()))?;
        for at in found {
            out.push_slice(&text, run..at);
            out.push_text(&to);
            run = at + from.len();
        }
    }
    out.push_slice(&text, run..text.len());
    if out.len() > 1 << 20 {
        return Err(Failure::Budget);
    }
    Ok(call.made(out, 0))
}

/// A part of what a match is replaced by.
enum Replacement {
    Literal(Text),
    /// A group, by number or by name.
    Group(Box<str>),
}

/// `$1`, `$name` with as long a name as there is, `${name}`, `$$`.
fn template(to: &Text) -> Outcome<Vec<Replacement>> {
    let all = text::str(to)?;
    let (mut pieces, mut at) = (Vec::new(), 0);
    while let Some(found) = memchr::memchr(b'$', &all.as_bytes()[at..]).map(|found| at + found) {
        pieces.push(Replacement::Literal(to.slice(at..found)));
        let behind = &all[found + 1..];
        let length = |name: &str| name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let (name, end) = match behind.strip_prefix('{') {
            Some(inside) if inside[length(inside)..].starts_with('}') => (&inside[..length(inside)], length(inside) + 2),
            _ => (&behind[..length(behind)], length(behind)),
        };
        if name.is_empty() {
            pieces.push(Replacement::Literal(to.slice(found..found + 1)));
            at = found + 1 + usize::from(behind.starts_with('$'));
        } else {
            pieces.push(Replacement::Group(name.into()));
            at = found + 1 + end;
        }
    }
    pieces.push(Replacement::Literal(to.slice(at..to.len())));
    Ok(pieces)
}
