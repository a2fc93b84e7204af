//! nginx: which location a path is in, and what that does with it.

use super::{Ask, Holds, Served, is_harmless, name_of};
use crate::syntax::server_config::Directive;

pub(super) fn served(ask: &Ask<'_>) -> Served {
    let mut all = Served::No;
    for (number, directive) in ask.tree.all() {
        let is_http = || ask.tree.around(number).next().is_none_or(|(_, outer)| outer.is("http"));
        if directive.is_section && directive.is("server") && is_http() {
            all = all.or(server(ask, number));
        }
        if matches!(all, Served::Yes(_)) || !ask.spend(0) {
            break;
        }
    }
    all
}

fn server(ask: &Ask<'_>, server: usize) -> Served {
    rewritten(ask, server).then(|| {
        let mut perhaps = Vec::new();
        let found = match find(ask, server, &mut perhaps) {
            Found::Last(number) | Found::Prefix(number) => content(ask, number, server),
            Found::Nothing => content(ask, server, server),
        };
        perhaps
            .into_iter()
            .fold(found, |all, (number, pattern)| all.either(content(ask, number, server), &format!("the pattern {pattern}")))
    })
}

/// The location of a path, among those of a scope.
enum Found {
    /// Nothing outside of it is looked at any more.
    Last(usize),
    /// Patterns outside of it may still be taken.
    Prefix(usize),
    Nothing,
}

/// As nginx looks: `=`, the longest prefix and what is in it, and, but for `^~`, patterns in their order. Locations whose
/// pattern is not understood may be taken, too.
fn find<'a>(ask: &Ask<'a>, scope: usize, perhaps: &mut Vec<(usize, &'a str)>) -> Found {
    let (mut longest, mut patterns): (Option<(usize, &str, bool)>, _) = (None, Vec::new());
    for (number, directive) in ask.within(Some(scope)).filter(|(_, directive)| directive.is_section && directive.is("location")) {
        let Some((modifier, pattern)) = location(directive) else { continue };
        match modifier {
            "=" if pattern == ask.path => return Found::Last(number),
            "~" | "~*" => patterns.push((number, pattern, modifier == "~*")),
            "^~" | "" if ask.path.starts_with(pattern) && longest.is_none_or(|(_, longest, _)| longest.len() < pattern.len()) => {
                longest = Some((number, pattern, modifier == "^~"));
            }
            _ => {}
        }
    }
    let mut found = Found::Nothing;
    if let Some((number, _, is_last)) = longest {
        found = match find(ask, number, perhaps) {
            Found::Last(nested) => return Found::Last(nested),
            Found::Prefix(nested) => Found::Prefix(nested),
            Found::Nothing => Found::Prefix(number),
        };
        if is_last {
            return found;
        }
    }
    for (number, pattern, any_case) in patterns {
        match ask.found(pattern, ask.path, any_case) {
            Some(true) => {
                return match find(ask, number, perhaps) {
                    Found::Last(nested) | Found::Prefix(nested) => Found::Last(nested),
                    Found::Nothing => Found::Last(number),
                };
            }
            Some(false) => {}
            None => perhaps.push((number, pattern)),
        }
    }
    found
}

/// How a location is compared, and with what.
fn location(directive: &Directive) -> Option<(&str, &str)> {
    match (directive.arg(0)?, directive.arg(1)) {
        (modifier, Some(pattern)) => Some((modifier, pattern)),
        (name, None) if name.starts_with('@') => None,
        (glued, None) => {
            let modifier = ["~*", "^~", "~", "="].into_iter().find(|modifier| glued.starts_with(modifier)).unwrap_or("");
            Some((modifier, &glued[modifier.len()..]))
        }
    }
}

/// `return`, `rewrite` and `if` of a scope, which come first.
fn rewritten(ask: &Ask<'_>, scope: usize) -> Served {
    let mut said = Served::Unsaid;
    for (number, directive) in ask.within(Some(scope)) {
        let name = &*directive.name;
        let now = match name {
            "return" => Served::No,
            "rewrite" => rewrite(ask, directive),
            "if" => on(ask, number, directive),
            _ if name.starts_with("rewrite_by_lua") || name.starts_with("access_by_lua") => Served::unsure(name),
            _ => Served::Unsaid,
        };
        said = said.then(|| now);
        if said == Served::No {
            break;
        }
    }
    said
}

fn rewrite(ask: &Ask<'_>, directive: &Directive) -> Served {
    let (Some(pattern), Some(target)) = (directive.arg(0), directive.arg(1)) else { return Served::Unsaid };
    let redirects =
        matches!(directive.arg(2), Some("redirect" | "permanent")) || target.starts_with("http") || target.starts_with("$scheme");
    match ask.found(pattern, ask.path, false) {
        Some(false) => Served::Unsaid,
        Some(true) if redirects || !target.contains('$') => Served::No,
        _ => Served::unsure(format!("rewrite {pattern}")),
    }
}

/// An `if` that answers.
fn on(ask: &Ask<'_>, number: usize, directive: &Directive) -> Served {
    let passes = || ask.within(Some(number)).any(|(_, directive)| directive.name.ends_with("_pass"));
    let inner = rewritten(ask, number).then(|| if passes() { Served::No } else { Served::Unsaid });
    let written = directive.args.join(" ");
    match condition(ask, &written) {
        Holds::Yes => inner,
        Holds::Unknown if inner != Served::Unsaid => Served::unsure(format!("if {written}")),
        _ => Served::Unsaid,
    }
}

fn condition(ask: &Ask<'_>, written: &str) -> Holds {
    let inside = written.trim().trim_start_matches('(');
    let inside = inside.strip_suffix(')').unwrap_or(inside).trim();
    let mut words = inside.splitn(3, ' ');
    let (subject, operator, value) = (words.next().unwrap_or_default(), words.next(), words.next().unwrap_or_default());
    match subject {
        "-f" | "-e" | "!-d" | "-x" => return Holds::Yes,
        "!-f" | "!-e" | "-d" | "!-x" => return Holds::No,
        _ => {}
    }
    let text = match subject.trim_start_matches('$') {
        "uri" | "request_uri" | "document_uri" => ask.path,
        "request_method" => "GET",
        "host" | "scheme" | "https" | "server_port" | "args" | "query_string" | "is_args" | "server_name" => return Holds::Asked,
        name if ["http_", "arg_", "cookie_"].iter().any(|start| name.starts_with(start)) => return Holds::Asked,
        _ => return Holds::Unknown,
    };
    let found = |any_case| Holds::from(ask.found(value, text, any_case));
    match operator {
        Some("=") => Some(value == text).into(),
        Some("!=") => Some(value != text).into(),
        Some("~") => found(false),
        Some("~*") => found(true),
        Some("!~") => !found(false),
        Some("!~*") => !found(true),
        _ => Holds::Unknown,
    }
}

/// What a location, or the server where there is none, does with a path.
fn content(ask: &Ask<'_>, own: usize, server: usize) -> Served {
    let scopes: Vec<usize> = std::iter::once(own).chain(ask.tree.around(own).map(|(number, _)| number)).collect();
    let before = if own == server { Served::Unsaid } else { rewritten(ask, own) };
    before.then(|| answered(ask, own)).then(|| admitted(ask, &scopes)).then(|| tried(ask, own)).then(|| {
        let served = from_folder(ask, &scopes);
        let inside = scopes.iter().take_while(|scope| **scope != server).chain([&server]);
        let mut includes = inside.flat_map(|scope| ask.within(Some(*scope))).filter(|(_, directive)| directive.is("include"));
        let included = includes.find_map(|(_, directive)| directive.arg(0).filter(|file| !is_harmless(file)));
        included.map_or(served, |file| Served::unsure(format!("include {file}")))
    })
}

/// Something else than a file is the answer.
fn answered(ask: &Ask<'_>, own: usize) -> Served {
    let answers = |name: &str| {
        name.ends_with("_pass")
            || name.starts_with("content_by_")
            || matches!(name, "internal" | "js_content" | "stub_status" | "empty_gif")
    };
    if ask.within(Some(own)).any(|(_, directive)| answers(&directive.name)) { Served::No } else { Served::Unsaid }
}

/// The innermost rules of each sort say who may have it.
fn admitted(ask: &Ask<'_>, scopes: &[usize]) -> Served {
    let nearest = |name: &str| scopes.iter().find_map(|scope| ask.within(Some(*scope)).find(|(_, directive)| directive.is(name)));
    let is_on = |name: &str| nearest(name).is_some_and(|(_, directive)| directive.arg(0) != Some("off"));
    for scope in scopes {
        let mut rules = ask.within(Some(*scope)).filter(|(_, directive)| directive.is("allow") || directive.is("deny")).peekable();
        if rules.peek().is_some() {
            match rules.find(|(_, rule)| rule.arg(0) == Some("all")) {
                Some((_, rule)) if rule.is("deny") => return Served::No,
                _ => break,
            }
        }
    }
    if is_on("auth_basic") {
        return Served::No;
    }
    if is_on("auth_request") { Served::unsure("auth_request") } else { Served::Unsaid }
}

fn tried(ask: &Ask<'_>, own: usize) -> Served {
    let Some((_, files)) = ask.within(Some(own)).find(|(_, directive)| directive.is("try_files")) else { return Served::Unsaid };
    let looked_at = || files.args.iter().rev().skip(1).rev().map(|file| &**file);
    let plain = ["$uri", "${uri}", "$request_uri", "$document_uri"];
    let variable = |file: &&str| file.contains('$') && !plain.iter().any(|plain| file.starts_with(plain));
    if looked_at().any(|file| plain.contains(&file)) {
        return Served::Unsaid;
    }
    looked_at().find(variable).map_or(Served::No, |file| Served::unsure(format!("try_files {file}")))
}

/// The innermost `root` or `alias`. nginx has a folder of its own where neither is written: that is not the repository's.
fn from_folder(ask: &Ask<'_>, scopes: &[usize]) -> Served {
    for scope in scopes {
        let of = |(_, directive): &(usize, &Directive)| directive.is("root") || directive.is("alias");
        let Some((_, folder)) = ask.within(Some(*scope)).find(of) else { continue };
        let written = folder.arg(0).unwrap_or_default();
        let is_exact = || ask.tree.get(*scope).and_then(location).is_some_and(|(modifier, _)| modifier == "=");
        return if written.contains('$') {
            Served::unsure(format!("{} {written}", folder.name))
        } else if folder.is("alias") && is_exact() && name_of(written) != name_of(ask.path) {
            Served::No
        } else {
            Served::Yes(folder.span.clone())
        };
    }
    Served::No
}
