//! How a rule is read from [`Raw`] data.

use std::sync::Arc;

use regex_syntax::hir::Hir;

use super::{
    Body, Example, ExampleSource, FileBody, Item, LowerBody, NAME_GAP, Page, PairBody, PolicyBody, RemoteModule, Rule, RuleMeta,
    SecretBody, Snippets, Table, Told, View,
};
use crate::base::ids::{Confidence, RuleId, Severity};
use crate::rule::names::{SHORTEST, all_sought};
use crate::rule::outline::Outline;
use crate::rule::raw::{Fields, Raw, RawError, RawKind, nearest};

/// Reads a rule file: a list of rules, views and tables. `group` is its top folder under the rules' root.
///
/// # Errors
/// Every fault that was found, each item on its own.
pub fn read_file(raw: &Raw, group: &str) -> Result<Vec<Item>, Vec<RawError>> {
    let items = match &raw.kind {
        RawKind::List(items) => items.as_slice(),
        RawKind::Map(_) => std::slice::from_ref(raw),
        _ => return Err(vec![raw.expected("a list of rules")]),
    };
    let (mut read, mut errors) = (Vec::new(), Vec::new());
    for item in items {
        match read_item(item, group) {
            Ok(item) => read.push(item),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

fn read_item(raw: &Raw, group: &str) -> Result<Item, RawError> {
    let mut fields = Fields::of(raw)?;
    if let Some(name) = fields.take("view") {
        let view = View {
            name: name.text()?.to_owned(),
            default: fields.take("default").cloned(),
            carriers: texts(fields.take("carriers"))?,
            kinds: fields.need("kinds")?.map()?.iter().map(|(key, shape)| (key.name.clone(), shape.clone())).collect(),
        };
        fields.done()?;
        return Ok(Item::View(view));
    }
    if let Some(name) = fields.take("table") {
        let table = Table::read(name, &mut fields)?;
        fields.done()?;
        return Ok(Item::Table(table));
    }
    if let Some(name) = fields.take("module") {
        let hcl = fields.need("hcl")?.text()?.to_owned();
        let module = RemoteModule {
            name: name.text()?.to_owned(),
            sources: texts(fields.take("sources"))?,
            versions: fields.take("versions").map_or(Ok(Vec::new()), majors)?,
            taken_from: fields.need("taken-from")?.text()?.to_owned(),
            kinds: kinds(&hcl),
        };
        fields.done()?;
        return Ok(Item::Module(module, hcl));
    }
    let id = fields.need("id")?;
    let meta = RuleMeta {
        id: RuleId::from(kebab(id)?),
        group: group.to_owned(),
        families: texts(fields.take("families"))?,
        title: said(fields.need("title")?)?,
        severity: word(fields.need("severity")?, &Severity::ALL, Severity::as_str)?,
        confidence: fields.take("confidence").map_or(Ok(Confidence::High), |raw| word(raw, &Confidence::ALL, Confidence::as_str))?,
        default_on: fields.take("default-on").map_or(Ok(true), Raw::bool)?,
        aliases: texts(fields.take("aliases"))?,
    };
    let (fix, snippets) = read_fix(fields.need("fix")?)?;
    let page = Page {
        why: fields.need("why")?.text()?.trim().to_owned(),
        fix,
        snippets,
        references: texts(fields.take("references"))?,
        controls: texts(fields.take("controls"))?,
        since: fields.take("since").map(|raw| raw.text().map(str::to_owned)).transpose()?,
        bad: examples(fields.take("bad"))?,
        good: examples(fields.take("good"))?,
    };
    let (secret, file) = (fields.take("secret"), fields.take("file"));
    let suppression = fields.take("suppression").map(|raw| word(raw, &Told::ALL, Told::as_str)).transpose()?;
    let body = match (secret, file) {
        (Some(_), Some(file)) => return Err(RawError::new(file.at, "a rule has one body: `secret` or `file`, not both")),
        (Some(secret), None) => Body::Secret(Arc::new(read_secret(secret)?)),
        (None, Some(file)) => Body::File(read_file_body(file)?),
        (None, None) => match suppression {
            Some(told) => Body::Suppression(told),
            None => Body::Policy(read_policy(&mut fields, raw)?),
        },
    };
    if let Body::Policy(PolicyBody { lower: Some(lower), .. }) = &body {
        lowers(raw, meta.severity, lower.severity)?;
    }
    fields.done()?;
    Ok(Item::Rule(Box::new((Rule { meta, body }, page))))
}

/// A sentence, or `{text: a sentence, hcl: SOURCE, cfn: SOURCE}`.
fn read_fix(raw: &Raw) -> Result<(String, Snippets), RawError> {
    if let RawKind::Text(text) = &raw.kind {
        return Ok((text.trim().to_owned(), Snippets::default()));
    }
    let mut fields = Fields::of(raw)?;
    let text = fields.need("text")?.text()?.trim().to_owned();
    let mut source = |name| fields.take(name).map(|raw| raw.text().map(|text| text.trim_end().to_owned())).transpose();
    let snippets = Snippets { hcl: source("hcl")?, cfn: source("cfn")? };
    fields.done()?;
    Ok((text, snippets))
}

fn majors(raw: &Raw) -> Result<Vec<u32>, RawError> {
    let major = |raw: &Raw| match raw.kind {
        RawKind::Int(n) => u32::try_from(n).map_err(|_| raw.expected("a major version")),
        _ => Err(raw.expected("a major version")),
    };
    raw.list()?.iter().map(major).collect()
}

/// The kinds of the resources of a module, told without parsing it: `resource "aws_s3_bucket" "this" {` on a line.
fn kinds(hcl: &str) -> Vec<String> {
    let of = |line: &str| line.strip_prefix("resource \"")?.split_once('"').map(|(kind, _)| kind.to_owned());
    let mut kinds: Vec<String> = hcl.lines().filter_map(of).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn read_secret(raw: &Raw) -> Result<SecretBody, RawError> {
    let mut fields = Fields::of(raw)?;
    let (keywords, named) = match (fields.take("keywords"), fields.take("named")) {
        (Some(_), Some(named)) => return Err(RawError::new(named.at, "a secret rule has `keywords` or `named`, not both")),
        (_, Some(named)) => (Vec::new(), read_names(named)?),
        (Some(keywords), None) => (read_keywords(keywords)?, Vec::new()),
        (None, None) => (read_keywords(fields.need("keywords")?)?, Vec::new()),
    };
    let pattern = fields.need("pattern")?;
    let within = fields.take("within").map(read_reach).transpose()?;
    let gap = if named.is_empty() { within.unwrap_or(0) } else { NAME_GAP };
    let hir = bounded(pattern)?;
    let outline = Outline::of(&hir, &keywords);
    let longest = outline.longest + gap + BEHIND;
    let body = SecretBody {
        keywords,
        sought: all_sought(&named),
        named,
        pattern: pattern.text()?.to_owned(),
        outline,
        within,
        reach: fields.take("reach").map_or(Ok(0), read_reach)?.max(longest),
        validate: fields.take("validate").map_or(Ok(Vec::new()), Raw::texts)?,
        entropy: entropy(fields.take("entropy"))?,
        pair: fields.take("pair").map(read_pair).transpose()?,
        show: fields.take("show").map_or(Ok((0, 0)), read_show)?,
    };
    fields.done()?;
    Ok(body)
}
/// What is looked at behind a value to see that it ends there, beside a byte of look-around.
const BEHIND: u32 = 2;

fn read_names(raw: &Raw) -> Result<Vec<String>, RawError> {
    let named = raw.texts()?;
    match named.iter().find(|name| !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b' ')) {
        Some(name) => Err(RawError::new(raw.at, format!("name `{name}`: lower-case letters, digits and blanks"))
            .help("a blank stands for `_`, `-`, `.`, a blank or nothing")),
        None if named.is_empty() => Err(RawError::new(raw.at, "a secret rule needs a name: what stands in front of every value")),
        None => {
            checked(all_sought(&named).into_iter().map(|sought| sought.keyword).collect(), raw)?;
            Ok(named)
        }
    }
}

fn read_keywords(raw: &Raw) -> Result<Vec<String>, RawError> {
    let keywords = raw.texts()?;
    if keywords.is_empty() {
        return Err(RawError::new(raw.at, "a secret rule needs a keyword: text that stands in every match"));
    }
    checked(keywords, raw)
}

fn checked(keywords: Vec<String>, raw: &Raw) -> Result<Vec<String>, RawError> {
    match keywords.iter().find(|k| k.len() < SHORTEST || !k.is_ascii()) {
        Some(k) => Err(RawError::new(raw.at, format!("keyword `{k}` is not at least {SHORTEST} ASCII characters long"))),
        None => Ok(keywords),
    }
}

fn read_pair(raw: &Raw) -> Result<PairBody, RawError> {
    let mut fields = Fields::of(raw)?;
    let alone = fields.take("alone").map(|raw| word(raw, &Severity::ALL, Severity::as_str)).transpose()?;
    let also = fields.take("also").map_or(Ok(Vec::new()), |raw| raw.list()?.iter().map(read_part).collect())?;
    let pair = PairBody { alone, also, ..read_partner(&mut fields)? };
    fields.done()?;
    Ok(pair)
}

fn read_part(raw: &Raw) -> Result<PairBody, RawError> {
    let mut fields = Fields::of(raw)?;
    let text = |raw: &Raw| raw.text().map(str::to_owned);
    let (prefix, proof) = (fields.take("prefix").map(text).transpose()?, fields.take("proof").map(text).transpose()?);
    let part = PairBody { prefix, proof, ..read_partner(&mut fields)? };
    fields.done()?;
    Ok(part)
}

fn read_partner(fields: &mut Fields<'_>) -> Result<PairBody, RawError> {
    let pair = PairBody {
        with: RuleId::from(kebab(fields.need("with")?)?),
        pattern: fields.take("pattern").map(|raw| bounded(raw).and_then(|_| raw.text()).map(str::to_owned)).transpose()?,
        entropy: entropy(fields.take("entropy"))?,
        validate: fields.take("validate").map_or(Ok(Vec::new()), Raw::texts)?,
        alone: None,
        prefix: None,
        proof: None,
        also: Vec::new(),
    };
    Ok(pair)
}

fn entropy(raw: Option<&Raw>) -> Result<Option<f32>, RawError> {
    #[expect(clippy::cast_possible_truncation, reason = "bits per byte: 0 to 8")]
    raw.map(|raw| raw.number().map(|n| n as f32)).transpose()
}

fn read_reach(raw: &Raw) -> Result<u32, RawError> {
    match raw.kind {
        RawKind::Int(n) => {
            let fits = usize::try_from(n).ok().filter(|n| *n <= LONGEST_MATCH).and_then(|n| u32::try_from(n).ok());
            fits.ok_or_else(|| RawError::new(raw.at, format!("a rule may reach {LONGEST_MATCH} bytes at most")))
        }
        _ => Err(raw.expected("a number of bytes")),
    }
}

fn read_show(raw: &Raw) -> Result<(u8, u8), RawError> {
    match raw.list()? {
        [a, b] => {
            let byte = |raw: &Raw| match raw.kind {
                RawKind::Int(n) => u8::try_from(n).map_err(|_| raw.expected("a small number")),
                _ => Err(raw.expected("a number")),
            };
            Ok((byte(a)?, byte(b)?))
        }
        _ => Err(raw.expected("two numbers: bytes shown at the start and at the end")),
    }
}

fn read_file_body(raw: &Raw) -> Result<FileBody, RawError> {
    let mut fields = Fields::of(raw)?;
    let body = FileBody {
        names: fields.need("names")?.texts()?,
        except: texts(fields.take("except"))?,
        reader: fields.need("reader")?.text()?.to_owned(),
        keys: texts(fields.take("keys"))?,
        judge: fields.need("judge")?.text()?.to_owned(),
    };
    fields.done()?;
    Ok(body)
}

fn read_policy(fields: &mut Fields<'_>, raw: &Raw) -> Result<PolicyBody, RawError> {
    let Some(over) = fields.take("for") else {
        let error = RawError::new(raw.at, "a rule needs a body").help("write `secret:`, `file:`, or `for:` with `where:`");
        return Err(RawError { missing: Some("for"), ..error });
    };
    Ok(PolicyBody {
        over: over.texts()?,
        when: fields.take("when").cloned(),
        where_: fields.need("where")?.clone(),
        at: fields.take("at").map(|raw| raw.text().map(str::to_owned)).transpose()?,
        message: said(fields.need("message")?)?,
        lower: fields.take("lower").map(read_lower).transpose()?,
        unknown: fields.take("unknown").cloned(),
    })
}

/// Whether `lower` makes no finding weigh more, as far as both severities were written by the rule's author.
fn lowers(raw: &Raw, from: Severity, to: Severity) -> Result<(), RawError> {
    let at = |raw: &Raw, name: &str| raw.map().ok()?.iter().find(|(key, _)| key.name == name).map(|(_, value)| value.clone());
    let own = at(raw, "severity").map(|raw| raw.at);
    let lower = at(raw, "lower").and_then(|lower| at(&lower, "severity")).map(|raw| raw.at);
    match lower {
        Some(place) if to > from && place != u32::MAX && own != Some(u32::MAX) => {
            let error = RawError::new(place, format!("`{}` is higher than the rule's own `{}`", to.as_str(), from.as_str()));
            Err(error.help("`lower` is for where a finding weighs less, or says something else"))
        }
        _ => Ok(()),
    }
}

/// Text in which something is said.
fn said(raw: &Raw) -> Result<String, RawError> {
    let text = raw.text()?;
    if text.trim().is_empty() { Err(RawError::new(raw.at, "an empty text")) } else { Ok(text.to_owned()) }
}

fn read_lower(raw: &Raw) -> Result<LowerBody, RawError> {
    let mut fields = Fields::of(raw)?;
    let lower = LowerBody {
        where_: fields.need("where")?.clone(),
        severity: word(fields.need("severity")?, &Severity::ALL, Severity::as_str)?,
        message: said(fields.need("message")?)?,
    };
    fields.done()?;
    Ok(lower)
}

fn examples(raw: Option<&Raw>) -> Result<Vec<Example>, RawError> {
    raw.map_or(Ok(Vec::new()), |raw| raw.list()?.iter().map(read_example).collect())
}

fn read_example(raw: &Raw) -> Result<Example, RawError> {
    if let RawKind::Text(text) = &raw.kind {
        return Ok(Example {
            source: ExampleSource::Text { text: text.clone(), generated: false },
            name: None,
            at: None,
            severity: None,
            message: None,
        });
    }
    let mut fields = Fields::of(raw)?;
    let name = fields.take("name").map(|raw| raw.text().map(str::to_owned)).transpose()?;
    let at = fields.take("at").map(|raw| raw.text().map(str::to_owned)).transpose()?;
    let severity = fields.take("severity").map(|raw| word(raw, &Severity::ALL, Severity::as_str)).transpose()?;
    let message = fields.take("message").map(|raw| raw.text().map(str::to_owned)).transpose()?;
    let sources = ["text", "gen", "hex", "hcl", "cfn", "tree"].map(|name| (name, fields.take(name)));
    fields.done()?;
    let mut given = sources.into_iter().filter_map(|(name, raw)| Some((name, raw?)));
    let (Some((kind, source)), None) = (given.next(), given.next()) else {
        return Err(RawError::new(raw.at, "an example has one of `text`, `gen`, `hex`, `hcl`, `cfn`, `tree`"));
    };
    let source = match kind {
        "hex" => ExampleSource::Bytes(hex(source)?),
        "hcl" => ExampleSource::Hcl(source.text()?.to_owned()),
        "cfn" => ExampleSource::Cfn(source.text()?.to_owned()),
        "tree" => ExampleSource::Tree(
            source.map()?.iter().map(|(key, text)| Ok((key.name.clone(), text.text()?.to_owned()))).collect::<Result<_, RawError>>()?,
        ),
        _ => ExampleSource::Text { text: source.text()?.to_owned(), generated: kind == "gen" },
    };
    Ok(Example { source, name, at, severity, message })
}

/// Pairs of hexadecimal digits, with blanks between them where it reads better.
fn hex(raw: &Raw) -> Result<Vec<u8>, RawError> {
    let digits: Vec<u32> = raw.text()?.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).unwrap_or(NO_DIGIT)).collect();
    let byte = |pair: &[u32]| match *pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits.chunks(2).map(byte).collect::<Option<_>>().ok_or_else(|| RawError::new(raw.at, "not pairs of hexadecimal digits"))
}

const NO_DIGIT: u32 = 1 << 8;

fn texts(raw: Option<&Raw>) -> Result<Vec<String>, RawError> {
    raw.map_or(Ok(Vec::new()), Raw::texts)
}

fn kebab(raw: &Raw) -> Result<&str, RawError> {
    let id = raw.text()?;
    let fine =
        id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fine { Ok(id) } else { Err(RawError::new(raw.at, format!("`{id}` is no id: lower-case letters, digits and `-`"))) }
}

fn word<T: Copy>(raw: &Raw, all: &[T], name: fn(T) -> &'static str) -> Result<T, RawError> {
    let given = raw.text()?;
    all.iter().copied().find(|t| name(*t) == given).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|t| name(*t)).collect();
        let error = RawError::new(raw.at, format!("`{given}` is none of {}", names.join(", ")));
        match nearest(given, names.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        }
    })
}

/// The longest match allowed: a match must fit into the overlap of two windows.
const LONGEST_MATCH: usize = 32 * 1024;

/// A pattern, which must be bounded so that a hit's verdict depends on a window alone.
fn bounded(raw: &Raw) -> Result<Hir, RawError> {
    let hir = regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build().parse(raw.text()?);
    let hir = hir.map_err(|error| RawError::new(raw.at, format!("not a regular expression: {error}")))?;
    match hir.properties().maximum_len() {
        Some(longest) if longest <= LONGEST_MATCH => Ok(hir),
        Some(longest) => Err(RawError::new(raw.at, format!("a match can be {longest} bytes long; at most {LONGEST_MATCH} are allowed"))),
        None => Err(RawError::new(raw.at, "a match can be of any length").help("write `{0,200}` instead of `*` or `+`")),
    }
}
