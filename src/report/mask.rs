//! One automaton over the values of all matched secrets, and the places they were found at: stars for both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::{AhoCorasick, Input, MatchKind};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

use crate::base::excerpt::{Excerpt, Position};
use crate::base::span::FileId;
use crate::finding::{Finding, Masked, Place};
use crate::input::InputPath;

/// Shorter values may be ordinary words: they are not masked in names of files.
const LONG_IN_NAMES: usize = 8;
/// Shorter values have encoded forms too short to be told from chance.
const LONG_TO_ENCODE: usize = 8;

type Keep = (u8, u8);

/// The places of secrets in one file, by where they begin; with the furthest end of any before each.
#[derive(Default)]
struct Places {
    ranges: Vec<Range>,
    ends: Vec<Position>,
}

impl Places {
    fn of(mut ranges: Vec<Range>) -> Places {
        ranges.sort_by_key(|r| (r.start, r.end));
        let furthest = ranges.iter().scan(Position::START, |end, r| {
            *end = r.end.max(*end);
            Some(*end)
        });
        Places { ends: furthest.collect(), ranges }
    }

    /// Those that touch a stretch; both positions belong to it.
    fn between(&self, first: Position, last: Position) -> impl Iterator<Item = &Range> {
        let from = self.ends.partition_point(|end| *end <= first);
        self.ranges[from..].iter().take_while(move |r| r.start <= last).filter(move |r| r.end > first)
    }
}

#[derive(Clone, Copy)]
struct Range {
    start: Position,
    end: Position,
    keep: Keep,
}

pub struct Mask {
    /// Over the heads of all forms; None where there is no secret at all.
    heads: Option<AhoCorasick>,
    /// By pattern of `heads`: the forms that begin so.
    forms: Vec<Vec<Form>>,
    places: HashMap<FileId, Places>,
}

/// A spelling of a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Form {
    bytes: Vec<u8>,
    keep: Keep,
    /// The value is no ordinary word.
    long: bool,
}

/// A stretch of text to star.
struct Hit {
    range: std::ops::Range<usize>,
    keep: Keep,
    long: bool,
}

/// The most secrets whose encoded spellings are known too.
const ENCODED: usize = 5000;

/// What the automaton knows of a form, in bytes. A private key has thousands, and as many states for each of its
/// spellings; what follows a head is compared instead.
const HEAD: usize = 24;

impl Mask {
    /// Over every finding, suppressed ones and those of low severity too.
    pub fn over<'f>(findings: impl Iterator<Item = &'f Finding> + Clone) -> Mask {
        let mut ranges: HashMap<FileId, Vec<Range>> = HashMap::new();
        for place in findings.clone().flat_map(|f| std::iter::once(&f.primary).chain(f.related.iter().map(|l| &l.place))) {
            if let Place { file, excerpt: Some(e), conceal: Some(keep), .. } = place {
                ranges.entry(*file).or_default().push(Range { start: e.start, end: e.end, keep: *keep });
            }
        }
        let places = ranges.into_iter().map(|(file, ranges)| (file, Places::of(ranges))).collect();
        Mask { places, ..Mask::of(findings.flat_map(|f| &f.secrets)) }
    }

    /// Over values alone, wherever they stand.
    pub fn of<'m>(secrets: impl Iterator<Item = &'m Masked> + Clone) -> Mask {
        let mut heads: BTreeMap<Vec<u8>, BTreeSet<Form>> = BTreeMap::new();
        // Encoded spellings are many states each; of very many secrets only the plain ones are known.
        let encoded = secrets.clone().count() <= ENCODED;
        for form in secrets.flat_map(|masked| forms(masked, encoded)) {
            heads.entry(form.bytes[..form.bytes.len().min(HEAD)].to_vec()).or_default().insert(form);
        }
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(heads.keys());
        let forms: Vec<Vec<Form>> = heads.into_values().map(|forms| forms.into_iter().collect()).collect();
        Mask { heads: (!forms.is_empty()).then_some(automaton).and_then(Result::ok), forms, places: HashMap::new() }
    }

    /// The stretches to star, each as long as the longest form goes on there: a cut value is starred as far as it goes.
    fn hits(&self, text: &[u8]) -> Vec<Hit> {
        let (Some(heads), mut from) = (&self.heads, 0) else { return Vec::new() };
        let mut hits = Vec::new();
        while let Some(head) = heads.find(Input::new(text).span(from..text.len())) {
            let common = |form: &Form| form.bytes.iter().zip(&text[head.start()..]).take_while(|(a, b)| a == b).count();
            let best = self.forms[head.pattern().as_usize()].iter().map(|form| (common(form), form)).max_by_key(|(length, _)| *length);
            let Some((length, form)) = best else { break };
            from = head.start() + length.max(1);
            hits.push(Hit { range: head.start()..from, keep: form.keep, long: form.long });
        }
        hits
    }

    /// Text with the values starred.
    pub fn text(&self, text: &str) -> String {
        self.stars(text, &|_| true)
    }

    /// A name (a path, a command with one): short values stay, they may be ordinary words.
    pub fn name(&self, text: &str) -> String {
        self.stars(text, &|hit| hit.long)
    }

    pub fn path(&self, path: &InputPath) -> InputPath {
        let mut bytes = path.bytes().to_vec();
        let mut any = false;
        // A folder is called what it is about: `wordpress`. That such a word is a password as well, it does not tell.
        let is_word =
            |hit: &Hit| path.bytes()[hit.range.clone()].iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'));
        for hit in self.hits(path.bytes()).into_iter().filter(|hit| hit.long && !is_word(hit)) {
            star(&mut bytes[hit.range], hit.keep);
            any = true;
        }
        if any { path.spelt(&bytes) } else { path.clone() }
    }

    /// An excerpt of a file with the values and the places of secrets starred, at the same length.
    pub fn excerpt(&self, file: FileId, excerpt: &Excerpt) -> Excerpt {
        let mut bytes = excerpt.text.clone().into_bytes();
        for hit in self.hits(excerpt.text.as_bytes()) {
            star(&mut bytes[hit.range], hit.keep);
        }
        let places = self.places.get(&file);
        let characters = places.map(|_| positions(excerpt)).unwrap_or_default();
        if let (Some(places), Some((first, _)), Some((last, _))) = (places, characters.first(), characters.last()) {
            for range in places.between(*first, *last) {
                let offset =
                    |at: Position| characters.get(characters.partition_point(|(p, _)| *p < at)).map_or(bytes.len(), |(_, offset)| *offset);
                let (start, end) = (offset(range.start), offset(range.end));
                star(&mut bytes[start..end.max(start)], range.keep);
            }
        }
        // Stars stand for single bytes, so a character cut by `keep` becomes U+FFFD; lengths then differ, so cut no character.
        let text = String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(excerpt.text.len()));
        Excerpt { text, ..excerpt.clone() }
    }

    fn stars(&self, text: &str, counts: &dyn Fn(&Hit) -> bool) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for hit in self.hits(text.as_bytes()).into_iter().filter(counts) {
            star(&mut bytes[hit.range], hit.keep);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The value as it is, and as base64 (in every alignment), hex and percent encoding would carry it.
fn forms(masked: &Masked, encoded: bool) -> Vec<Form> {
    let value = masked.value.expose();
    if value.is_empty() {
        return Vec::new();
    }
    // `wordpress` is a password in one place and a folder in a hundred: stars there hide the place, not the secret.
    let long = value.len() >= LONG_IN_NAMES && !value.iter().all(u8::is_ascii_lowercase);
    let mut all = vec![Form { bytes: value.to_vec(), keep: masked.keep, long }];
    let lossy = String::from_utf8_lossy(value);
    if lossy.as_bytes() != value {
        all.push(Form { bytes: lossy.clone().into_owned().into_bytes(), keep: masked.keep, long });
    }
    if encoded && value.len() >= LONG_TO_ENCODE {
        let mut encoded = vec![HEXLOWER.encode(value), HEXUPPER.encode(value), lossy.replace('/', "\\/")];
        // What encoders leave as it is differs: nothing but letters and digits, the unreserved, the slash too.
        for kept in ["", "-_.~", "-_.~/"] {
            let plain = |b: u8| b.is_ascii_alphanumeric() || kept.as_bytes().contains(&b);
            let percent: String = value.iter().map(|b| if plain(*b) { char::from(*b).to_string() } else { format!("%{b:02X}") }).collect();
            encoded.extend([percent.to_lowercase(), percent]);
        }
        for shift in 0..3 {
            let shifted = [&[0; 3][..shift], value].concat();
            for base64 in [BASE64_NOPAD.encode(&shifted), BASE64URL_NOPAD.encode(&shifted)] {
                // Characters that also carry bits of a neighbour differ from place to place.
                let end = base64.len() - usize::from(!shifted.len().is_multiple_of(3));
                encoded.push(base64[[0, 2, 3][shift]..end].to_owned());
            }
        }
        all.extend(
            encoded.into_iter().map(|form| Form { bytes: form.into_bytes(), keep: (0, 0), long: true }).filter(|form| form.bytes != value),
        );
    }
    all
}

/// Stars over bytes, but for the ends that may be shown; never more than half, and never within a character.
pub(super) fn star(bytes: &mut [u8], keep: Keep) {
    let (head, tail) = (usize::from(keep.0), usize::from(keep.1));
    let shown = head + tail <= bytes.len() / 2 && bytes.is_ascii();
    let (head, tail) = if shown { (head, tail) } else { (0, 0) };
    let end = bytes.len() - tail;
    for byte in &mut bytes[head..end] {
        if *byte != b'\n' && *byte != b'\r' {
            *byte = b'*';
        }
    }
}

/// Where each character of an excerpt stands in its file, with its offset in the text; in order.
fn positions(excerpt: &Excerpt) -> Vec<(Position, usize)> {
    let mut at = excerpt.first;
    let step = |(offset, c): (usize, char)| {
        let here = at;
        at = at.after(c);
        (here, offset)
    };
    excerpt.text.char_indices().map(step).collect()
}
