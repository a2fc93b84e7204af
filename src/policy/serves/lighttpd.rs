//! lighttpd: the options that are in force for a path, those of its conditions over those around them.

use super::{Ask, Holds, Served, is_harmless};
use crate::syntax::server_config::{Directive, Directives};

type Options<'a> = Vec<(usize, &'a Directive)>;

pub(super) fn served(ask: &Ask<'_>) -> Served {
    let mut all = host(ask, None);
    // Which of these a request meets, the client chooses.
    for (number, section) in ask.tree.all().filter(|(_, one)| one.is_section) {
        if matches!(all, Served::Yes(_)) || !ask.spend(1) {
            break;
        }
        if condition(ask, section) == Holds::Asked {
            all = all.or(host(ask, Some(number)));
        }
    }
    all
}

/// What a request is answered that meets one of the conditions that clients choose, or none.
fn host(ask: &Ask<'_>, chosen: Option<usize>) -> Served {
    let (mut options, mut said) = (Vec::new(), Served::Unsaid);
    let chosen: Vec<usize> = chosen.into_iter().chain(chosen.into_iter().flat_map(|one| ask.tree.around(one).map(|(at, _)| at))).collect();
    in_force(ask, None, &chosen, &mut options, &mut said);
    let denied = denied(ask, &options);
    if denied == Served::No {
        return Served::No;
    }
    said.then(|| denied).then(|| from_folder(ask, &options))
}

/// Those of a section, then those of the conditions in it that hold, in their order.
fn in_force<'a>(ask: &Ask<'a>, section: Option<usize>, chosen: &[usize], options: &mut Options<'a>, said: &mut Served) {
    options.extend(ask.within(section).filter(|(_, one)| !one.is_section));
    // Whether a condition of the same chain was met.
    let mut met = Holds::No;
    for (number, one) in ask.within(section).filter(|(_, one)| one.is_section) {
        let mut holds = match condition(ask, one) {
            Holds::Asked if chosen.contains(&number) => Holds::Yes,
            Holds::Asked => Holds::No,
            told => told,
        };
        if one.is("else") {
            holds = holds.and(!met);
            met = met.or(holds);
        } else {
            met = holds;
        }
        match holds {
            Holds::Yes => in_force(ask, Some(number), chosen, options, said),
            Holds::Unknown if ask.within(Some(number)).any(|(_, inner)| inner.is_section || speaks(inner)) => {
                *said = std::mem::replace(said, Served::Unsaid).then(|| Served::unsure(format!("{} {}", one.name, one.args.join(" "))));
            }
            _ => {}
        }
    }
}

/// Whether it says of some path that it is served or not.
fn speaks(option: &Directive) -> bool {
    let starts = ["url.", "auth.", "proxy.", "fastcgi.", "scgi.", "server.document-root", "include"];
    starts.iter().any(|start| option.name.starts_with(start))
}

fn condition(ask: &Ask<'_>, section: &Directive) -> Holds {
    let args: Vec<&str> = section.args.iter().map(|arg| &**arg).collect();
    let (subject, operator, text) = match (section.is("else"), args.as_slice()) {
        (true, []) => return Holds::Yes,
        (true, [subject, operator, text, ..]) => (*subject, *operator, *text),
        (false, [operator, text, ..]) => (&*section.name, *operator, *text),
        _ => return Holds::Unknown,
    };
    let compared = |with: &str| match operator {
        "==" => Some(text == with).into(),
        "!=" => Some(text != with).into(),
        "=~" => ask.found(text, with, false).into(),
        "!~" => !Holds::from(ask.found(text, with, false)),
        "=^" => Some(with.starts_with(text)).into(),
        "=$" => Some(with.ends_with(text)).into(),
        _ => Holds::Unknown,
    };
    match subject {
        "$HTTP[\"url\"]" | "$PHYSICAL[\"path\"]" if text.contains("${") => Holds::Unknown,
        "$HTTP[\"url\"]" => compared(ask.path),
        "$HTTP[\"request-method\"]" => compared("GET"),
        // An address is not what a client chooses: whoever is not in a range is outside.
        "$HTTP[\"remoteip\"]" | "$HTTP[\"remote-ip\"]" => Some(matches!(operator, "!=" | "!~")).into(),
        _ if subject.starts_with("$HTTP[") || subject.starts_with("$SERVER[") || subject.starts_with("$REQUEST_HEADER[") => Holds::Asked,
        _ => Holds::Unknown,
    }
}

/// The values that an option has in the end: `+=` adds to those so far.
fn values<'a>(options: &Options<'a>, name: &str) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for (_, option) in options.iter().filter(|(_, option)| &*option.name == name) {
        if option.arg(0) == Some("=") {
            all.clear();
        }
        all.extend(option.args.iter().skip(1).map(|arg| &**arg));
    }
    all
}

/// It is denied, answered with something else, or handed on to another server.
fn denied(ask: &Ask<'_>, options: &Options<'_>) -> Served {
    let ends = |name: &str| values(options, name).iter().any(|end| ask.path.ends_with(end));
    let handed_on = |name: &str| {
        values(options, name).iter().any(|key| if key.starts_with('/') { ask.path.starts_with(key) } else { ask.path.ends_with(key) })
    };
    let is_elsewhere = ["url.access-deny", "static-file.exclude-extensions"].into_iter().any(ends)
        || !values(options, "url.access-allow").is_empty() && !ends("url.access-allow")
        || values(options, "auth.require").iter().any(|key| ask.path.starts_with(key))
        || ["proxy.server", "fastcgi.server", "scgi.server", "wstunnel.server"].into_iter().any(handed_on);
    if is_elsewhere {
        return Served::No;
    }
    let mut said = Served::Unsaid;
    for name in ["url.redirect", "url.rewrite", "url.rewrite-once", "url.rewrite-repeat"] {
        for pattern in values(options, name) {
            let now = match (ask.found(pattern, ask.path, false), name) {
                (Some(true), "url.redirect") => return Served::No,
                (Some(false), _) => Served::Unsaid,
                _ => Served::unsure(format!("{name} {pattern}")),
            };
            said = said.then(|| now);
        }
    }
    said
}

fn from_folder(ask: &Ask<'_>, options: &Options<'_>) -> Served {
    let unread = options.iter().find(|(_, one)| {
        (one.is("include") || one.is("include_shell")) && !one.arg(0).is_some_and(|file| is_harmless(file) || file.contains("mime"))
    });
    let Some((_, root)) = options.iter().rev().find(|(_, one)| &*one.name == "server.document-root") else { return Served::No };
    match unread {
        Some((_, one)) => Served::unsure(format!("{} {}", one.name, one.args.join(" "))),
        None if folder(ask.tree, root).contains('$') => Served::unsure(format!("server.document-root {}", root.args.join(" "))),
        None => Served::Yes(root.span.clone()),
    }
}

/// What `server.document-root` says, with the variables that this file sets.
pub(super) fn folder(tree: &Directives, root: &Directive) -> String {
    let written = root.arg(1).unwrap_or_default();
    let Some((name, rest)) = written.strip_prefix("${").and_then(|written| written.split_once('}')) else { return written.to_owned() };
    let set = |one: &Directive| &*one.name == name && one.arg(0) == Some("=");
    match tree.all().find(|(_, one)| set(one)).and_then(|(_, one)| one.arg(1)) {
        Some(value) => format!("{value}{rest}"),
        None => written.to_owned(),
    }
}
