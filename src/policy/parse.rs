//! Rule data to predicates.

use super::cover::Range;
use super::named;
use super::names::Names;
use super::path::Path;
use super::path_glob::PathGlob;
use super::pattern::Pattern;
use super::predicate::{Comparison, Count, Literal, Predicate, Quantifier, Set, Test};
use super::secrets;
use crate::rule::raw::{Fields, Raw, RawError, RawKey, RawKind, nearest};

/// What a key of a predicate may be beside a path.
pub(super) const WORDS: [&str; 8] = ["count", "all", "any", "not", "some", "every", "none", "linked"];
/// Predicates in predicates.
const MAX_DEPTH: usize = 16;

/// # Errors
/// Where it is no predicate, or names what is not there.
pub(super) fn predicate(raw: &Raw, names: &Names<'_>) -> Result<Predicate, RawError> {
    nested(raw, names, 0)
}

fn nested(raw: &Raw, names: &Names<'_>, depth: usize) -> Result<Predicate, RawError> {
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
        let list = |value: &Raw| filled(key, value)?.iter().map(|raw| nested(raw, names, depth + 1)).collect::<Result<Vec<_>, _>>();
        all.push(match key.name.as_str() {
            "all" => Predicate::All(list(value)?),
            "any" => Predicate::Any(list(value)?),
            "not" => Predicate::Not(Box::new(nested(value, names, depth + 1)?)),
            word if named::WORDS.contains(&word) => Predicate::Named(named::parse(key, value, names)?),
            "count" => count(value, names, depth)?,
            path => {
                let path = Path::parse(path, key.at)?;
                names.check_or(&path, key.at, &WORDS).map_err(|error| match error.help {
                    None => error.help("a rule on a project asks for views or for files: `none: VIEW`, `some: 'files:GLOB'`"),
                    Some(_) => error,
                })?;
                Predicate::Test(path, test(value, names)?)
            }
        });
    }
    Ok(match all.len() {
        1 => all.remove(0),
        _ => Predicate::All(all),
    })
}

/// A list of something: of nothing, a word is always true or never.
fn filled<'r>(key: &RawKey, value: &'r Raw) -> Result<&'r [Raw], RawError> {
    let list = value.list()?;
    // What stands in for a fault says nothing, and on purpose.
    if !list.is_empty() || value.at == u32::MAX {
        return Ok(list);
    }
    let always = if matches!(key.name.as_str(), "all" | "not-in") { "always" } else { "never" };
    let error = RawError::new(value.at, format!("`{}` of nothing {always} holds", key.name));
    let example = if matches!(key.name.as_str(), "all" | "any") { "[{acl: public-read}]" } else { "[a, b]" };
    Err(error.help(format!("write what it asks for, `{}: {example}`", key.name)))
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
    let mut inner = names.within(alias);
    if linked {
        let view = names.view(set.text()?, set.at)?.0;
        inner.bind_view(view);
        let where_ = where_.map(|raw| nested(raw, &inner, depth + 1)).transpose()?.map(Box::new);
        return Ok(Predicate::Linked { quantifier, view: view.clone(), where_ });
    }
    let set = self::set(set, names, &mut inner)?;
    let where_ = where_.map(|raw| nested(raw, &inner, depth + 1)).transpose()?.map(Box::new);
    let quantifier = self::quantifier(&word.name).unwrap_or(Quantifier::Some);
    Ok(Predicate::Quantified { quantifier, set, name: alias.map(Box::from), where_ })
}

/// A set, whose elements' names are bound in `inner`.
fn set(raw: &Raw, names: &Names<'_>, inner: &mut Names<'_>) -> Result<Set, RawError> {
    let text = raw.text()?;
    if let Some(glob) = text.strip_prefix("files:") {
        inner.bind_file();
        return Ok(Set::Files(Box::new(PathGlob::parse(glob, raw.at)?)));
    }
    let path = Path::parse(text, raw.at)?;
    if let (Some((view, _)), false) = (names.views.get_key_value(text), names.binds(&path)) {
        inner.bind_view(view);
        return Ok(Set::View(view.clone()));
    }
    names.check(&path, raw.at).map_err(|error| {
        match nearest(text, names.views.keys().map(|view| &**view)) {
            Some(near) => error.help(format!("did you mean the view `{near}`?")),
            None if error.help.is_none() => error.help(format!(
                "a set is a view here, or `files:GLOB`. A view of one kind is an item of a rule file: `{{view: acme.things, kinds: {{{text}: {{}}}}}}`"
            )),
            None => error,
        }
    })?;
    inner.bind_any();
    Ok(Set::Path(path))
}

/// `count: {of: SET, where: P, ge: N}`, and `linked: VIEW` instead of `of`.
fn count(raw: &Raw, names: &Names<'_>, depth: usize) -> Result<Predicate, RawError> {
    let mut fields = Fields::of(raw)?;
    let alias = fields.take("as").map(Raw::text).transpose()?;
    let mut inner = names.within(alias);
    let set = if let Some(linked) = fields.take("linked") {
        let view = names.view(linked.text()?, linked.at)?.0;
        inner.bind_view(view);
        Set::Linked(view.clone())
    } else {
        set(fields.need("of")?, names, &mut inner)?
    };
    let where_ = fields.take("where").map(|raw| nested(raw, &inner, depth + 1)).transpose()?.map(Box::new);
    let limits = [("ge", Comparison::GreaterOrEqual), ("le", Comparison::LessOrEqual), ("eq", Comparison::Equal)];
    let mut given = limits.into_iter().filter_map(|(name, comparison)| Some((fields.take(name)?, comparison))).collect::<Vec<_>>();
    fields.done()?;
    let (Some((number, comparison)), true) = (given.pop(), given.is_empty()) else {
        return Err(RawError::new(raw.at, "a count has one of `ge`, `le` and `eq`"));
    };
    let RawKind::Int(n) = number.kind else { return Err(number.expected("a whole number")) };
    let number = usize::try_from(n).map_err(|_| number.expected("a number from 0 on"))?;
    Ok(Predicate::Count { count: Count { comparison, number }, set, name: alias.map(Box::from), where_ })
}

fn quantifier(word: &str) -> Option<Quantifier> {
    Some(match word {
        "some" => Quantifier::Some,
        "every" => Quantifier::Every,
        "none" => Quantifier::None,
        _ => return None,
    })
}

const TESTS: [&str; 15] =
    ["in", "not-in", "glob", "regex", "lt", "le", "gt", "ge", "older", "set", "unset", "contains", "covers", "secret", "ref"];

fn test(raw: &Raw, names: &Names<'_>) -> Result<Test, RawError> {
    let RawKind::Map(entries) = &raw.kind else { return Ok(Test::In(vec![literal(raw)?])) };
    let [(key, value)] = entries.as_slice() else { return Err(raw.expected("one test")) };
    let yes = |test| if value.bool()? { Ok(test) } else { Err(RawError::new(value.at, "write `set: true` or `unset: true`")) };
    let compare = |comparison| {
        let RawKind::Text(path) = &value.kind else { return value.number().map(|number| Test::Compare(comparison, number)) };
        let path = Path::parse(path, value.at)?;
        names.check(&path, value.at).map(|()| Test::CompareWith(comparison, path))
    };
    let literals = || filled(key, value)?.iter().map(literal).collect::<Result<Vec<_>, _>>();
    match key.name.as_str() {
        "in" => Ok(Test::In(literals()?)),
        "not-in" => Ok(Test::NotIn(literals()?)),
        "glob" => Ok(Test::Glob(value.text()?.into())),
        "regex" => Pattern::parse(value).map(Test::Regex),
        "lt" => compare(Comparison::Less),
        "le" => compare(Comparison::LessOrEqual),
        "gt" => compare(Comparison::Greater),
        "ge" => compare(Comparison::GreaterOrEqual),
        "older" => {
            let table = names.table(value.text()?, value.at)?;
            Ok(Test::Older(table.old().map(Box::from).collect()))
        }
        "set" => yes(Test::Set),
        "unset" => yes(Test::Unset),
        "contains" => Ok(Test::Contains(literal(value)?)),
        "covers" => {
            let ranges =
                filled(key, value)?.iter().map(|raw| Range::parse(raw.text()?).ok_or_else(|| RawError::new(raw.at, "not a CIDR range")));
            Ok(Test::Covers(ranges.collect::<Result<_, _>>()?))
        }
        "ref" => Ok(Test::Ref(names.view(value.text()?, value.at)?.0.clone())),
        "secret" => secrets::parse(value).map(Test::Secret),
        other => {
            let error = RawError::new(key.at, format!("unknown test `{other}`"));
            Err(match nearest(other, TESTS) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("known tests: {}", TESTS.join(", "))),
            })
        }
    }
}

/// # Errors
/// Where it is a list, a map or nothing.
pub(super) fn literal(raw: &Raw) -> Result<Literal, RawError> {
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
