//! The predicate language: rule data to a tree that can be evaluated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cover::Range;
use super::path::Path;
use super::path_glob::PathGlob;
use super::secret::Wanted;
use super::views;
use crate::rule::raw::{Raw, RawError, RawKey, RawKind, nearest};

#[derive(Clone, Debug)]
pub(super) enum Predicate {
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    Test(Path, Test),
    Quantified { quantifier: Quantifier, set: Path, name: Option<Box<str>>, where_: Option<Box<Predicate>> },
    Files { quantifier: Quantifier, glob: Box<PathGlob>, name: Option<Box<str>>, where_: Option<Box<Predicate>> },
    Linked { quantifier: Quantifier, view: Arc<str>, where_: Option<Box<Predicate>> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    Some,
    Every,
    None,
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    In(Vec<Literal>),
    NotIn(Vec<Literal>),
    Glob(Box<str>),
    Compare(Comparison, f64),
    Set,
    Unset,
    Contains(Literal),
    Covers(Vec<Range>),
    /// Holds a literal secret.
    Secret(Wanted),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value of a rule, as both dialects would print it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Literal {
    pub text: Box<str>,
    pub number: Option<f64>,
}

/// The names that a predicate may begin a path with.
#[derive(Clone)]
pub(super) struct Names<'v> {
    views: &'v BTreeMap<Arc<str>, views::Compiled>,
    bound: BTreeSet<&'v str>,
    /// Any name may be an attribute.
    any: bool,
    aliases: Vec<Box<str>>,
}

impl<'v> Names<'v> {
    pub fn new(views: &'v BTreeMap<Arc<str>, views::Compiled>) -> Self {
        Names { views, bound: BTreeSet::new(), any: false, aliases: Vec::new() }
    }

    pub fn bind_view(&mut self, view: &str) {
        if let Some(view) = self.views.get(view) {
            self.bound.extend(view.names.iter().map(|name| &**name));
        }
    }

    pub fn bind_file(&mut self) {
        self.bound.extend(super::shelf::ATTRIBUTES);
    }

    /// The names in a set of files.
    fn of_files(&self, alias: Option<&str>) -> Self {
        let mut inner = Names { bound: super::shelf::ATTRIBUTES.into(), any: false, ..self.clone() };
        inner.aliases.extend(alias.map(Box::from));
        inner
    }

    pub fn bind_any(&mut self) {
        self.any = true;
    }

    fn inside(&self, alias: Option<&str>) -> Self {
        let mut inner = self.clone();
        inner.any = true;
        inner.aliases.extend(alias.map(Box::from));
        inner
    }

    /// # Errors
    /// Where a path begins with a name that nothing has.
    pub fn check(&self, path: &Path, at: u32) -> Result<(), RawError> {
        let Some(head) = path.head() else { return Err(RawError::new(at, "a path begins with a name")) };
        if self.any || path.up > 0 || self.bound.contains(head) || self.aliases.iter().any(|alias| **alias == *head) {
            return Ok(());
        }
        let error = RawError::new(at, format!("nothing is called `{head}` here")).word(head);
        let known = format!("known names: {}", self.bound.iter().copied().collect::<Vec<_>>().join(", "));
        Err(match nearest(head, self.bound.iter().copied().chain(WORDS)) {
            Some(near) => error.help(format!("did you mean `{near}`? {known}")),
            None => error.help(known),
        })
    }
}

const WORDS: [&str; 7] = ["all", "any", "not", "some", "every", "none", "linked"];
/// Words that the language has but this version does not.
const LATER: [&str; 4] = ["count", "allows", "public", "serves"];
/// Predicates in predicates.
const MAX_DEPTH: usize = 16;

/// # Errors
/// Where it is no predicate, or names what is not there.
pub(super) fn parse(raw: &Raw, names: &Names<'_>) -> Result<Predicate, RawError> {
    predicate(raw, names, 0)
}

fn predicate(raw: &Raw, names: &Names<'_>, depth: usize) -> Result<Predicate, RawError> {
    if depth > MAX_DEPTH {
        return Err(RawError::new(raw.at, format!("predicates nest deeper than {MAX_DEPTH}")));
    }
    let entries = raw.map()?;
    if entries.is_empty() {
        return Err(RawError::new(raw.at, "a predicate says something").help("write a path with a test, `acl: public-read`"));
    }
    if let Some((key, value)) = entries.iter().find(|(key, _)| matches!(key.name.as_str(), "some" | "every" | "none" | "linked")) {
        return quantified(raw, key, value, names, depth);
    }
    let mut all = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let list = |value: &Raw| value.list()?.iter().map(|raw| predicate(raw, names, depth + 1)).collect::<Result<Vec<_>, _>>();
        all.push(match key.name.as_str() {
            "all" => Predicate::All(list(value)?),
            "any" => Predicate::Any(list(value)?),
            "not" => Predicate::Not(Box::new(predicate(value, names, depth + 1)?)),
            later if LATER.contains(&later) => return Err(RawError::new(key.at, format!("`{later}` is not part of the language yet"))),
            path => {
                let path = Path::parse(path, key.at)?;
                names.check(&path, key.at)?;
                Predicate::Test(path, test(value)?)
            }
        });
    }
    Ok(match all.len() {
        1 => all.remove(0),
        _ => Predicate::All(all),
    })
}

/// `some: SET, as: x, where: P` and `linked: VIEW, quant: q, where: P`.
fn quantified(raw: &Raw, word: &RawKey, set: &Raw, names: &Names<'_>, depth: usize) -> Result<Predicate, RawError> {
    let (mut where_, mut alias, mut quantifier) = (None, None, Quantifier::Some);
    let linked = word.name == "linked";
    for (key, value) in raw.map()? {
        match key.name.as_str() {
            name if name == word.name => {}
            "where" => where_ = Some(value),
            "as" if !linked => alias = Some(value.text()?),
            "quant" if linked => quantifier = self::quantifier(value.text()?).ok_or_else(|| value.expected("some, every or none"))?,
            other => {
                let error = RawError::new(key.at, format!("`{other}` does not stand beside `{}`", word.name));
                return Err(error.help("a word with side keys stands alone in its map: put both under `all:`"));
            }
        }
    }
    if linked {
        let view = set.text()?;
        let Some((view, shapes)) = names.views.get_key_value(view) else {
            let error = RawError::new(set.at, format!("there is no view `{view}`"));
            return Err(match nearest(view, names.views.keys().map(|view| &**view)) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            });
        };
        let inner = Names {
            views: names.views,
            bound: shapes.names.iter().map(|name| &**name).collect(),
            any: false,
            aliases: names.aliases.clone(),
        };
        let where_ = where_.map(|raw| predicate(raw, &inner, depth + 1)).transpose()?.map(Box::new);
        return Ok(Predicate::Linked { quantifier, view: view.clone(), where_ });
    }
    if let Some(glob) = set.text()?.strip_prefix("files:") {
        let glob = Box::new(PathGlob::parse(glob, set.at)?);
        let where_ = where_.map(|raw| predicate(raw, &names.of_files(alias), depth + 1)).transpose()?.map(Box::new);
        let quantifier = self::quantifier(&word.name).unwrap_or(Quantifier::Some);
        return Ok(Predicate::Files { quantifier, glob, name: alias.map(Box::from), where_ });
    }
    let path = Path::parse(set.text()?, set.at)?;
    names.check(&path, set.at)?;
    let where_ = where_.map(|raw| predicate(raw, &names.inside(alias), depth + 1)).transpose()?.map(Box::new);
    let quantifier = self::quantifier(&word.name).unwrap_or(Quantifier::Some);
    Ok(Predicate::Quantified { quantifier, set: path, name: alias.map(Box::from), where_ })
}

fn quantifier(word: &str) -> Option<Quantifier> {
    Some(match word {
        "some" => Quantifier::Some,
        "every" => Quantifier::Every,
        "none" => Quantifier::None,
        _ => return None,
    })
}

fn test(raw: &Raw) -> Result<Test, RawError> {
    let RawKind::Map(entries) = &raw.kind else { return Ok(Test::In(vec![literal(raw)?])) };
    let [(key, value)] = entries.as_slice() else { return Err(raw.expected("one test")) };
    let yes = |test| if value.bool()? { Ok(test) } else { Err(RawError::new(value.at, "write `set: true` or `unset: true`")) };
    let compare = |comparison| value.number().map(|number| Test::Compare(comparison, number));
    let literals = || value.list()?.iter().map(literal).collect::<Result<Vec<_>, _>>();
    match key.name.as_str() {
        "in" => Ok(Test::In(literals()?)),
        "not-in" => Ok(Test::NotIn(literals()?)),
        "glob" => Ok(Test::Glob(value.text()?.into())),
        "lt" => compare(Comparison::Less),
        "le" => compare(Comparison::LessOrEqual),
        "gt" => compare(Comparison::Greater),
        "ge" => compare(Comparison::GreaterOrEqual),
        "set" => yes(Test::Set),
        "unset" => yes(Test::Unset),
        "contains" => Ok(Test::Contains(literal(value)?)),
        "covers" => {
            let ranges = value.list()?.iter().map(|raw| Range::parse(raw.text()?).ok_or_else(|| RawError::new(raw.at, "not a CIDR range")));
            Ok(Test::Covers(ranges.collect::<Result<_, _>>()?))
        }
        "secret" => Wanted::parse(value).map(Test::Secret),
        other => {
            const TESTS: [&str; 12] = ["in", "not-in", "glob", "lt", "le", "gt", "ge", "set", "unset", "contains", "covers", "secret"];
            let error = RawError::new(key.at, format!("unknown test `{other}`"));
            Err(match nearest(other, TESTS) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("known tests: {}", TESTS.join(", "))),
            })
        }
    }
}

fn literal(raw: &Raw) -> Result<Literal, RawError> {
    let (text, number) = match &raw.kind {
        RawKind::Bool(value) => (value.to_string(), None),
        #[expect(clippy::cast_precision_loss, reason = "ports and limits are small")]
        RawKind::Int(value) => (value.to_string(), Some(*value as f64)),
        RawKind::Float(value) => (value.to_string(), Some(*value)),
        RawKind::Text(text) => (text.clone(), text.parse().ok()),
        _ => return Err(raw.expected("text, a number, true or false")),
    };
    Ok(Literal { text: text.into(), number })
}

impl Predicate {
    /// Whether it asks for the files of a repository.
    pub fn asks_files(&self) -> bool {
        match self {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().any(Predicate::asks_files),
            Predicate::Not(part) => part.asks_files(),
            Predicate::Test(..) => false,
            Predicate::Files { .. } => true,
            Predicate::Quantified { where_, .. } | Predicate::Linked { where_, .. } => where_.iter().any(|part| part.asks_files()),
        }
    }

    /// Where a text that a file holds has what is looked for in it: the first such place.
    pub fn found_in(&self, text: &str) -> Option<std::ops::Range<usize>> {
        match self {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().find_map(|part| part.found_in(text)),
            Predicate::Test(path, Test::Contains(literal)) if path.to_string() == "content" => {
                text.find(&*literal.text).map(|at| at..at + literal.text.len())
            }
            _ => None,
        }
    }

    /// The views that it looks at.
    pub fn views<'p>(&'p self, out: &mut BTreeSet<&'p str>) {
        match self {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| part.views(out)),
            Predicate::Not(part) => part.views(out),
            Predicate::Test(..) => {}
            Predicate::Quantified { where_, .. } | Predicate::Files { where_, .. } => where_.iter().for_each(|part| part.views(out)),
            Predicate::Linked { view, where_, .. } => {
                out.insert(view);
                if let Some(part) = where_ {
                    part.views(out);
                }
            }
        }
    }
}
