//! The test `secret`: literal secrets in an evaluated value, each at its own place. What nobody wrote into the source is
//! no literal: a value that only a deployment knows is clean, not unknown.
//!
//! Families are those of the rules on secrets; `any` stands for all of them. Five more words are about how a value is
//! used: `literal` and `guessable` for what a property takes as its password, `token` for what it takes as a token, which
//! chance makes, and `named` for settings whose key tells. `shape` is for what only looks like a credential: examples,
//! and what somebody typed to be replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use super::eval::World;
use super::told::Sighted;
use super::verdict::{Answer, Asked, Case, Leaf, Stop};
use super::walk::{Walked, read};
use crate::base::secret::Secret;
use crate::base::span::Span;
use crate::base::text_map::{HOLE, Provenance, Text};
use crate::base::truth::{Truth, Why};
use crate::iac::text::from_base64;
use crate::iac::value::Entry;
use crate::iac::{Node, Reason, Value};
use crate::rule::raw::{Raw, RawError, nearest};
use crate::rule::{Body, RuleSet};
use crate::secret::setting::{Worth, is_chance, is_shell, literal, url_password, worth};
use crate::secret::shape::shapes;
use crate::secret::{Detector, script};

/// Secrets of one answer.
const MAX_LEAVES: usize = 32;
/// Lists, maps and JSON in each other.
const MAX_DEPTH: usize = 40;
/// Bytes that are unpacked of one value.
const MAX_UNPACKED: u64 = 1 << 20;
/// The shortest text that is tried as base64: shorter ones hold no secret.
const SHORTEST_ENCODED: usize = 24;

/// What may stand for a family.
const WORDS: [&str; 6] = ["any", "literal", "guessable", "token", "named", "shape"];

/// What a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Families {
    rules: BTreeSet<Box<str>>,
    /// Where they stand in their file.
    at: u32,
    any: bool,
    literal: bool,
    guessable: bool,
    token: bool,
    named: bool,
    shape: bool,
}

impl Families {
    /// # Errors
    /// Where it is no list of families.
    fn parse(raw: &Raw) -> Result<Families, RawError> {
        let mut families: BTreeSet<Box<str>> = raw.texts()?.into_iter().map(String::into_boxed_str).collect();
        if families.is_empty() {
            return Err(RawError::new(raw.at, "`secret` names families").help("for example [any], [aws, pem], [literal], [named]"));
        }
        let [any, literal, guessable, token, named, shape] = WORDS.map(|word| families.remove(word));
        Ok(Families { rules: families, at: raw.at, any, literal, guessable, token, named, shape })
    }

    /// A family of which there is no rule on secrets.
    pub fn fault(&self, known: &BTreeSet<&str>) -> Option<RawError> {
        let unknown = self.rules.iter().find(|family| !known.contains(&***family))?;
        let error = RawError::new(self.at, format!("no rule on secrets is of the family `{unknown}`")).word(&**unknown);
        Some(match nearest(unknown, known.iter().copied().chain(WORDS)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("known: {}", known.iter().copied().chain(WORDS).collect::<Vec<_>>().join(", "))),
        })
    }

    fn asks_for(&self, families: &[String]) -> bool {
        self.any || families.iter().any(|family| self.rules.contains(family.as_str()))
    }

    fn asks_rules(&self) -> bool {
        self.any || !self.rules.is_empty()
    }
}

/// The rules on secrets, for values that no input holds as they are.
#[derive(Clone)]
pub struct Secrets {
    pub(super) detector: Arc<Detector>,
    /// By the index of a rule.
    families: Arc<BTreeMap<usize, Vec<String>>>,
}

impl Secrets {
    /// `detector` has the secret rules of `rules`.
    #[must_use]
    pub fn new(detector: Arc<Detector>, rules: &RuleSet) -> Secrets {
        let secret = rules.rules().iter().enumerate().filter(|(_, rule)| matches!(rule.body, Body::Secret(_)));
        Secrets { detector, families: Arc::new(secret.map(|(index, rule)| (index, rule.meta.families.clone())).collect()) }
    }
}

/// Whether what was found is a secret.
#[derive(Clone, Copy)]
enum Sure {
    /// A rule on secrets says so.
    Yes,
    /// It is where a rule on resources says so.
    IfTold,
}

/// A text and what it is called.
struct Form<'f> {
    key: &'f str,
    text: &'f Text,
    value: &'f Value,
}

/// One search in one value.
struct Search<'s, 'w> {
    world: &'s World<'w>,
    wanted: &'s Families,
    at: &'s str,
    leaves: Vec<Leaf>,
    unknown: Option<Why>,
}

/// # Errors
/// Where it is no list of families.
pub(super) fn parse(raw: &Raw) -> Result<Families, RawError> {
    Families::parse(raw)
}

/// Whether what stands at the end of a path holds a secret of these families.
pub(super) fn tested(world: &World<'_>, case: &mut Case<'_>, wanted: &Families, walked: &Walked, at: &str) -> Asked {
    world.secret(case, wanted, walked, at)
}

impl World<'_> {
    /// Whether what a path found holds a literal secret.
    fn secret(&self, case: &mut Case<'_>, wanted: &Families, walked: &Walked, at: &str) -> Asked {
        let mut search = Search { world: self, wanted, at, leaves: Vec::new(), unknown: None };
        search.unknown = walked.unknown.filter(|why| search.may_be_literal(*why));
        let key = at.rsplit('.').next().unwrap_or(at);
        for value in &walked.found {
            search.value(case, key, value, wanted.literal || wanted.guessable || wanted.token, 0)?;
        }
        if !search.leaves.is_empty() {
            return Ok(Answer { truth: Truth::TRUE, leaves: search.leaves });
        }
        Ok(Answer::of(search.unknown.map_or(Truth::False, Truth::Unknown)))
    }
}

impl Search<'_, '_> {
    /// Whether what is not known may stand in the source all the same.
    fn may_be_literal(&self, why: Why) -> bool {
        match why {
            Why::Value(id) => matches!(self.world.unknowns.reason(id), Reason::Budget | Reason::Function(_)),
            Why::Open => false,
            Why::Budget => true,
        }
    }

    /// `whole`: the value, or a leaf of it, is what a property takes as its password.
    fn value(&mut self, case: &mut Case<'_>, key: &str, value: &Value, whole: bool, depth: usize) -> Result<(), Stop> {
        case.step(1)?;
        let value = case.settle(value)?;
        if depth > MAX_DEPTH || self.leaves.len() >= MAX_LEAVES {
            return Ok(());
        }
        match &value.node {
            Node::Text(text) => self.text(case, key, text, &value, whole, depth)?,
            Node::Number(_) if whole => {
                let printed = value.as_text().unwrap_or_default();
                let text = Text::within(printed.as_bytes(), value.place);
                self.password(&Form { key, text: &text, value: &value });
            }
            Node::List { items, .. } => {
                for item in items.iter() {
                    self.value(case, key, &item.clone().carried(value.via.as_ref()), whole, depth + 1)?;
                }
            }
            Node::Map { entries, .. } => {
                let pair = pair(entries);
                for entry in entries.iter() {
                    let name = match &pair {
                        Some((name, at)) if std::ptr::eq(*at, entry) => &**name,
                        _ => &entry.key,
                    };
                    self.value(case, name, &entry.value.clone().carried(value.via.as_ref()), whole, depth + 1)?;
                }
            }
            Node::Unknown(id) => {
                let why = Why::Value(*id);
                self.unknown = self.unknown.or(Some(why).filter(|why| self.may_be_literal(*why)));
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, case: &mut Case<'_>, key: &str, text: &Text, value: &Value, whole: bool, depth: usize) -> Result<(), Stop> {
        case.step(u32::try_from(text.len() / 16).unwrap_or(u32::MAX).saturating_add(1))?;
        if let Some(document) = read(case, value)? {
            return self.value(case, key, &document, false, depth + 1);
        }
        if whole {
            self.password(&Form { key, text, value });
        }
        self.form(&Form { key, text, value });
        match decoded(text, value.place) {
            Decoded::None => {}
            Decoded::TooMuch => self.unknown = self.unknown.or(Some(Why::Budget)),
            Decoded::Text(text) => {
                case.step(u32::try_from(text.len() / 16).unwrap_or(u32::MAX).saturating_add(1))?;
                self.form(&Form { key, text: &text, value });
            }
        }
        Ok(())
    }

    /// A value that is used as a password.
    fn password(&mut self, form: &Form<'_>) {
        if form.text.holes().next().is_some() {
            return;
        }
        let text = form.text.to_str();
        let wanted = match worth(&text) {
            Worth::Nothing => false,
            Worth::Guessable => self.wanted.guessable,
            Worth::Secret => self.wanted.literal || self.wanted.token && is_chance(&text),
        };
        if wanted {
            let all = 0..form.text.len();
            self.tell(form, all.clone(), all, Sure::IfTold);
        }
    }

    fn form(&mut self, form: &Form<'_>) {
        let mut real = Vec::new();
        if (self.wanted.asks_rules() || self.wanted.shape)
            && let Some(secrets) = &self.world.compiled.secrets
        {
            // Some secrets are known by the name before them alone.
            let mut bytes = [form.key.as_bytes(), b" = "].concat();
            let before = bytes.len();
            bytes.extend_from_slice(form.text.bytes());
            let found = secrets.detector.sightings(&bytes, &mut self.world.told.scratch.borrow_mut());
            let own = |range: &Range<usize>| (range.start >= before).then(|| range.start - before..range.end - before);
            for sighting in found {
                let wanted = secrets.families.get(&sighting.rule).is_some_and(|families| self.wanted.asks_for(families));
                let (at, secret) = (own(&sighting.at), own(&sighting.secret));
                real.extend(secret.clone());
                if let (true, Some(at), Some(secret)) = (wanted, at, secret) {
                    self.tell(form, at, secret, Sure::Yes);
                }
            }
        }
        if self.wanted.named {
            self.settings(form);
        }
        if self.wanted.shape {
            let is_real = |range: &Range<usize>| real.iter().any(|real| real.start < range.end && range.start < real.end);
            for range in shapes(form.text.bytes()).into_iter().filter(|range| !is_real(range)) {
                self.tell(form, range.clone(), range, Sure::IfTold);
            }
        }
    }

    fn settings(&mut self, form: &Form<'_>) {
        let bytes = form.text.bytes();
        let known = |range: &Range<usize>| memchr::memmem::find(&bytes[range.clone()], HOLE.as_bytes()).is_none();
        let mut found: Vec<Range<usize>> = Vec::new();
        if known(&(0..bytes.len())) {
            found.extend(literal(form.key, bytes));
        }
        for pair in script::pairs(bytes).filter(|pair| known(&pair.value)) {
            let key = String::from_utf8_lossy(&bytes[pair.key]);
            let start = pair.value.start;
            if is_shell(&String::from_utf8_lossy(&bytes[pair.value.clone()])) {
                continue;
            }
            found.extend(literal(&key, &bytes[pair.value]).map(|range| range.start + start..range.end + start));
        }
        for address in addresses(bytes).filter(known) {
            let text = String::from_utf8_lossy(&bytes[address.clone()]);
            // What is no UTF-8 has other lengths as a text.
            if text.len() == address.len() {
                found.extend(url_password(&text).map(|range| range.start + address.start..range.end + address.start));
            }
        }
        for range in found {
            self.tell(form, range.clone(), range, Sure::IfTold);
        }
    }

    /// `at` is where to point, `secret` the whole of it.
    fn tell(&mut self, form: &Form<'_>, at: Range<usize>, secret: Range<usize>, sure: Sure) {
        let Form { text, value, .. } = form;
        let place = place(text, at.clone()).unwrap_or(value.place);
        if self.leaves.len() >= MAX_LEAVES || self.leaves.iter().any(|leaf| leaf.value.place == place) {
            return;
        }
        let whole = text.slice(secret.clone());
        let parts = whole.known().map(|(range, span)| (span, Secret::new(&whole.bytes()[range]))).collect();
        let sighted = Sighted { secret: Secret::new(whole.bytes()), is_header: at != secret, parts };
        match sure {
            Sure::Yes => self.world.told.add(place, &sighted),
            Sure::IfTold => self.world.told.ask(place, sighted),
        }
        let found = come(Value::text(text.slice(at), place), form);
        self.leaves.push(Leaf { path: self.at.to_owned(), value: found });
    }
}

/// A part of a text, and the way that it came. Of a text that was put together, some of the way may be that of other parts:
/// what leads into the text is told only where it can be but of this one.
fn come(part: Value, form: &Form<'_>) -> Value {
    let Form { text, value, .. } = form;
    let whole = value.place;
    let is_own = |place: Span| place.file == whole.file && whole.start <= place.start && place.end <= whole.end;
    let way = value.way();
    let Some(last) = way.iter().rposition(|via| via.place != whole && is_own(via.place)) else {
        return part.carried(value.via.as_ref());
    };
    let mut others: Option<Span> = None;
    let mut brought = text.known().map(|(_, span)| span).filter(|span| !is_own(*span));
    let is_one = brought.all(|span| {
        let goes_on = others.is_none_or(|before| before == span || before.file == span.file && before.end == span.start);
        others = Some(span);
        goes_on
    });
    if is_one && !is_own(part.place) {
        return part.carried(value.via.as_ref());
    }
    way.into_iter().skip(last + 1).fold(part, |part, via| part.through(via.place, &via.text))
}

/// Names and values that stand side by side: `{name: KEY, value: x}`. What only says where the value is kept is none.
fn pair(entries: &[Entry]) -> Option<(String, &Entry)> {
    const NAMES: [&str; 8] = ["name", "Name", "key", "Key", "OptionName", "ParameterKey", "parameter_key", "ParameterName"];
    const VALUES: [&str; 5] = ["value", "Value", "ParameterValue", "parameter_value", "StringValue"];
    let named = |names: &[&str]| entries.iter().find(|entry| names.contains(&&*entry.key));
    let name = named(&NAMES)?.value.as_text()?.into_owned();
    let kept = named(&["type", "Type"]).and_then(|entry| entry.value.as_text());
    if kept.is_some_and(|kept| matches!(&*kept, "PARAMETER_STORE" | "SECRETS_MANAGER")) {
        return None;
    }
    Some((name, named(&VALUES)?))
}

/// Addresses with a scheme: up to the next blank or quote.
fn addresses(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    const LONGEST: usize = 2048;
    memchr::memmem::find_iter(bytes, b"://").map(|at| {
        let scheme =
            bytes[..at].iter().rev().take(16).take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'));
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|');
        let start = at - scheme.count();
        let rest = &bytes[at..bytes.len().min(at + LONGEST)];
        start..at + rest.iter().position(ends).unwrap_or(rest.len())
    })
}

/// What a text holds in another form.
enum Decoded {
    None,
    Text(Text),
    TooMuch,
}

/// What stands in base64 in a text that is nothing else, and what is packed in that. Unknown parts divide it.
fn decoded(text: &Text, place: Span) -> Decoded {
    let bytes = text.bytes();
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=') || byte.is_ascii_whitespace();
    if bytes.len() < SHORTEST_ENCODED || !bytes.iter().all(|byte| is_base64(byte) || !byte.is_ascii()) {
        return Decoded::None;
    }
    let mut out = Text::new();
    let mut from = 0;
    let holes: Vec<usize> = memchr::memmem::find_iter(bytes, HOLE.as_bytes()).collect();
    for end in holes.into_iter().chain([bytes.len()]) {
        if let Some(part) = decoded_part(text, from..end, place) {
            if from > 0 {
                // What stood between is not known: nothing goes on behind it.
                out.push_within(b"\n", place);
            }
            out.push_text(&part);
        } else if bytes[from..end].iter().any(|byte| !byte.is_ascii_whitespace()) {
            return Decoded::None;
        }
        from = (end + HOLE.len()).min(bytes.len());
    }
    if !out.bytes().starts_with(&[0x1f, 0x8b]) {
        return if out.is_empty() { Decoded::None } else { Decoded::Text(out) };
    }
    let mut unpacked = Vec::new();
    let read = flate2::read::GzDecoder::new(out.bytes()).take(MAX_UNPACKED + 1).read_to_end(&mut unpacked);
    match read {
        Ok(length) if length as u64 > MAX_UNPACKED => Decoded::TooMuch,
        // What is cut off holds what it holds.
        _ => Decoded::Text(Text::within(&unpacked, out.span(0..out.len()).unwrap_or(place))),
    }
}

fn decoded_part(text: &Text, range: Range<usize>, place: Span) -> Option<Text> {
    let bytes = &text.bytes()[range.clone()];
    let mut packed = Text::new();
    let mut at = range.start;
    for line in bytes.split(u8::is_ascii_whitespace) {
        packed.push_slice(text, at..at + line.len());
        at += line.len() + 1;
    }
    let missing = packed.len().next_multiple_of(4) - packed.len();
    packed.push_within(&b"==="[..missing], place);
    from_base64(&packed, place).filter(|decoded| !decoded.is_empty())
}

/// Where to point: at the first part, and on to those that stand close behind it.
fn place(text: &Text, range: Range<usize>) -> Option<Span> {
    const CLOSE: u32 = 200;
    let mut all: Option<Span> = None;
    for provenance in text.provenance(range) {
        let (Provenance::Exact(span) | Provenance::Within(span)) = provenance else { continue };
        all = Some(match all {
            None => span,
            Some(first) if first.file == span.file && span.start >= first.start && span.start <= first.end.saturating_add(CLOSE) => {
                first.cover(span)
            }
            Some(first) => return Some(first),
        });
    }
    all
}
