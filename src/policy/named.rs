//! Named predicates: algorithms of the domain, three-valued like all others. `allows`, `public`, `serves`.

use super::eval::{Env, Subject, World};
use super::names::Names;
use super::path::Path;
use super::serves::{self, Served};
use super::shelf::nowhere;
use super::statements::{beside, read_beside, statement};
use super::verdict::{Answer, Asked, Case, Leaf, Stop};
use crate::base::span::{Span, offset};
use crate::base::text_map::Text;
use crate::base::truth::{Truth, Why};
use crate::iac::{Node, Reason, Value};
use crate::iam::action::Wanted;
use crate::iam::policy::Element;
use crate::iam::public::{Statement, is_undone_by, lets_everyone_in};
use crate::iam::resource::On;
use crate::iam::{self, Held, action, condition};
use crate::rule::raw::{Fields, Raw, RawError, RawKey};

/// The words that such predicates begin with. An attribute of the same name is written `["public"]`.
pub(super) const WORDS: [&str; 3] = ["allows", "public", "serves"];

/// One of them with what it is given.
#[derive(Clone, Debug)]
pub(super) enum Named {
    /// The statement allows all of these actions on as good as all of these resources.
    Allows {
        action: Wanted,
        on: On,
        /// Condition keys, in small letters: where one of them binds, it is not meant.
        without: Vec<Box<str>>,
    },
    /// The statement lets everyone in.
    Public(Level),
    /// The file configures a web server to give out one of these paths.
    Serves(Vec<Box<str>>),
}

/// How a public policy is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// L1: as AWS calls it, whatever is denied.
    Called,
    /// L2: after what is denied to all others.
    Effective,
}

/// # Errors
/// Where what it is given is not what it takes.
pub(super) fn parse(word: &RawKey, given: &Raw, names: &Names<'_>) -> Result<Named, RawError> {
    if word.name == "serves" {
        return served_paths(word, given, names);
    }
    if !names.has_statement() {
        let error = RawError::new(word.at, format!("`{}` speaks of statements of a policy", word.name));
        return Err(error.help("it stands in rules for a view that has a `document`"));
    }
    if word.name == "public" {
        return match given.text()? {
            "L1" => Ok(Named::Public(Level::Called)),
            "L2" => Ok(Named::Public(Level::Effective)),
            _ => Err(given.expected("L1 (as AWS calls it) or L2 (after what is denied to all others)")),
        };
    }
    let mut fields = Fields::of(given)?;
    let (action, on) = (wanted(fields.need("action")?)?, resource(fields.need("on")?)?);
    let without = match fields.take("without") {
        Some(keys) => keys.texts()?.into_iter().map(|key| key.to_ascii_lowercase().into()).collect(),
        None => Vec::new(),
    };
    fields.done()?;
    Ok(Named::Allows { action, on, without })
}

/// `*`, or `service:Name`: nothing else is ever an action.
fn wanted(raw: &Raw) -> Result<Wanted, RawError> {
    let text = raw.text()?;
    let named = text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
    if text == "*" || named && !text.contains(char::is_whitespace) {
        return Ok(Wanted::new(text));
    }
    Err(RawError::new(raw.at, format!("`{text}` is no action")).word(text).help("write `service:Name` (`iam:PassRole`, `s3:*`), or `*`"))
}

/// `*`, or an ARN.
fn resource(raw: &Raw) -> Result<On, RawError> {
    let text = raw.text()?;
    if text == "*" || text.starts_with("arn:") {
        return Ok(On::new(text));
    }
    Err(RawError::new(raw.at, format!("`{text}` is no resource")).word(text).help("write an ARN (`arn:aws:s3:::*`), or `*`"))
}

/// `{path: /.env}`, or a list of paths.
fn served_paths(word: &RawKey, given: &Raw, names: &Names<'_>) -> Result<Named, RawError> {
    if !names.has_file() {
        return Err(RawError::new(word.at, "`serves` speaks of a file").help("it stands in rules `for: files`, and over sets of files"));
    }
    let mut fields = Fields::of(given)?;
    let paths = fields.need("path")?;
    let all = paths.texts()?;
    fields.done()?;
    if all.is_empty() || all.iter().any(|path| !path.starts_with('/')) {
        return Err(paths.expected("paths as a browser asks for them, `/.env`"));
    }
    Ok(Named::Serves(all.into_iter().map(Box::from).collect()))
}

pub(super) fn ask<'w>(world: &World<'w>, case: &mut Case<'_>, named: &'w Named, env: &Env<'_, 'w>) -> Asked {
    if let Named::Serves(paths) = named {
        return ask_served(world, case, paths, env);
    }
    let Some((subject, prefix)) = env.statement() else { return Ok(Answer::of(Truth::False)) };
    if let Node::Unknown(id) = subject.base.node {
        return Ok(Answer::of(Truth::Unknown(Why::Value(id))));
    }
    let own = statement(case, &subject.base)?;
    let at = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    let leaf = |name: &str, held: &Held<'_>| held.by.map(|by| Leaf { path: at(name), value: by.clone() });
    match named {
        Named::Allows { action: wanted, on, without } => {
            let truth = own.has_effect("Allow");
            if truth == Truth::False {
                return Ok(Answer::of(truth));
            }
            let named = |element: Element, not: Element| if own.get(not).is_some() { not.name() } else { element.name() };
            let actions = action::allowed(own.get(Element::Action), own.get(Element::NotAction), wanted);
            let of_its_own = own.get(Element::Principal).is_some() || own.get(Element::NotPrincipal).is_some();
            let resources = iam::resource::reached(own.get(Element::Resource), own.get(Element::NotResource), of_its_own, on, wanted);
            let free = if without.is_empty() { Truth::TRUE } else { !condition::binds_key(own.get(Element::Condition), without) };
            let truth = truth.and(actions.truth.clone()).and(resources.truth.clone()).and(free);
            let leaves = [
                leaf(named(Element::Action, Element::NotAction), &actions),
                leaf(named(Element::Resource, Element::NotResource), &resources),
            ];
            Ok(answer(truth, leaves.into_iter().flatten().collect()))
        }
        Named::Public(level) => {
            let open = lets_everyone_in(&own);
            let mut truth = open.truth.clone();
            if *level == Level::Effective && truth != Truth::False {
                truth = truth.and(!undone(case, &own, subject)?);
            }
            let name = if own.get(Element::Principal).is_some() { Element::Principal } else { Element::NotPrincipal };
            Ok(answer(truth, leaf(name.name(), &open).into_iter().collect()))
        }
        Named::Serves(_) => Ok(Answer::of(Truth::False)),
    }
}

/// Its leaves are the paths that are served, each at the place in the file's text that serves it.
fn ask_served<'w>(world: &World<'w>, case: &mut Case<'_>, paths: &'w [Box<str>], env: &Env<'_, 'w>) -> Asked {
    let mut attribute = |name: &str| {
        let path = Path::parse(name, 0).map_err(|_| Stop::Budget)?;
        Ok::<_, Stop>(env.walk(case, &path)?.0)
    };
    let name = attribute("path")?.found.first().and_then(Value::as_text).and_then(|path| serves::Named::of(&path));
    let Some(name) = name else { return Ok(Answer::of(Truth::False)) };
    let content = attribute("content")?;
    if let Some(why) = content.unknown {
        return Ok(Answer::of(Truth::Unknown(why)));
    }
    let Some(Node::Text(content)) = content.found.first().map(|value| &value.node) else { return Ok(Answer::of(Truth::False)) };
    let unknown = |why: &str| match world.files {
        Some(files) => Truth::Unknown(Why::Value(files.unknowns.intern(Reason::Expression(why.into())))),
        None => Truth::Unknown(Why::Open),
    };
    let Ok(text) = std::str::from_utf8(content.bytes()) else {
        return Ok(Answer::of(unknown("its content, which is not UTF-8")));
    };
    case.step(u32::try_from(text.len() / 64 * paths.len()).unwrap_or(u32::MAX))?;
    let (mut truth, mut leaves) = (Truth::False, Vec::new());
    for (path, served) in paths.iter().zip(name.serves(text, paths)) {
        match served {
            Served::Yes(range) => {
                let place = Span::new(nowhere().file, offset(range.start)..offset(range.end));
                leaves.push(Leaf { path: "serves".to_owned(), value: Value::text(Text::within(path.as_bytes(), place), place) });
                truth = Truth::TRUE;
            }
            Served::Unsure(why) => truth = truth.or(unknown(&why)),
            Served::No | Served::Unsaid => {}
        }
    }
    Ok(answer(truth, leaves))
}

/// Whether a Deny beside a statement takes back what it gives to everyone.
fn undone(case: &mut Case<'_>, own: &Statement, subject: &Subject<'_>) -> Result<Truth, Stop> {
    let mut undone = Truth::False;
    for other in beside(&subject.base) {
        let deny = read_beside(case, other)?;
        undone = undone.or(is_undone_by(own, &deny));
        if undone.is_true() {
            break;
        }
    }
    Ok(undone)
}

fn answer(truth: Truth, leaves: Vec<Leaf>) -> Answer {
    let leaves = if truth.is_true() { leaves } else { Vec::new() };
    Answer { truth, leaves }
}
