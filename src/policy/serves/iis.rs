//! IIS: which extensions it has a type for, and what request filtering, rewrites and handlers keep from it.

use super::pattern::glob;
use super::{Ask, Holds, Served, name_of};
use crate::syntax::server_config::Directive;

/// Folders and files that `applicationHost.config` hides as it is installed.
const HIDDEN: [&str; 7] = ["web.config", "bin", "app_code", "app_globalresources", "app_localresources", "app_webreferences", "app_data"];
/// Extensions that it denies.
const DENIED: [&str; 12] = [".asax", ".ascx", ".master", ".config", ".cs", ".csproj", ".vb", ".vbproj", ".resx", ".mdb", ".mdf", ".java"];
/// Extensions that may hold credentials and that it has a type for. A file of no known type is not given out.
const TYPES: [&str; 14] = [".txt", ".xml", ".json", ".zip", ".gz", ".tgz", ".tar", ".z", ".p12", ".pfx", ".js", ".html", ".csv", ".xls"];

pub(super) fn served(ask: &Ask<'_>) -> Served {
    let said = filtered(ask).then(|| rewritten(ask));
    if said == Served::No {
        return Served::No;
    }
    said.then(|| {
        let extension = extension(ask.path);
        let is_type = |one: &Directive| get(one, "fileExtension").is_some_and(|named| is_meant(named, &extension));
        let types = || in_force(ask).into_iter().filter(|(_, one)| is_type(one));
        let root = ask.tree.all().find(|(_, one)| one.is("virtualDirectory") && get(one, "path").is_none_or(|path| path == "/"));
        let removed = types().any(|(number, one)| one.is("remove") && stands_in(ask, number, "staticContent"));
        if let Some((_, map)) = types().find(|(_, one)| one.is("mimeMap")) {
            Served::Yes(map.span.clone())
        } else if removed || !TYPES.contains(&extension.as_str()) {
            Served::No
        } else if let Some((_, root)) = root {
            Served::Yes(root.span.clone())
        } else {
            ask.left_to_reader("web.config")
        }
    })
}

/// The value of an attribute.
fn get<'d>(element: &'d Directive, name: &str) -> Option<&'d str> {
    element.args.iter().find_map(|arg| arg.split_once('=').filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn is_true(element: &Directive, name: &str) -> bool {
    get(element, name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn stands_in(ask: &Ask<'_>, number: usize, name: &str) -> bool {
    ask.tree.around(number).any(|(_, outer)| outer.is(name))
}

/// From the last dot on, in small letters; `.` where there is none.
fn extension(path: &str) -> String {
    let name = name_of(path);
    name.rfind('.').map_or_else(|| ".".to_owned(), |dot| name[dot..].to_ascii_lowercase())
}

fn is_meant(named: &str, extension: &str) -> bool {
    named.eq_ignore_ascii_case(extension) || matches!(named, "*" | ".*")
}

/// All elements but those of a `<location path="...">` that the path is not in.
fn in_force<'a>(ask: &Ask<'a>) -> Vec<(usize, &'a Directive)> {
    let is_apart = |location: &Directive| {
        let path = get(location, "path").unwrap_or_default().trim_matches('/');
        let own = ask.path.trim_start_matches('/');
        let below = own.get(..path.len()).is_some_and(|start| start.eq_ignore_ascii_case(path))
            && matches!(own.as_bytes().get(path.len()), None | Some(b'/'));
        location.is("location") && !matches!(path, "" | ".") && !below
    };
    let mut all = Vec::new();
    let mut apart: Vec<usize> = Vec::new();
    for (number, one) in ask.tree.all() {
        if !ask.spend(1) {
            break;
        }
        let is_inside = apart.last().is_some_and(|outer| ask.tree.around(number).any(|(at, _)| at == *outer));
        if is_apart(one) {
            apart.push(number);
        } else if !is_inside {
            all.push((number, one));
        }
    }
    all
}

/// Request filtering, authorization, and handlers that take every path.
fn filtered(ask: &Ask<'_>) -> Served {
    let path = ask.path.to_ascii_lowercase();
    let extension = extension(ask.path);
    let is_part = |segment: &str| path.split('/').any(|part| part.eq_ignore_ascii_case(segment));
    let holds = |text: Option<&str>| text.is_some_and(|text| !text.is_empty() && path.contains(&text.to_ascii_lowercase()));
    let everyone = |users: Option<&str>| users.is_some_and(|users| users.split(',').any(|user| matches!(user.trim(), "*" | "?")));
    let mut denied = HIDDEN.iter().any(|hidden| is_part(hidden)) || DENIED.contains(&extension.as_str());
    let mut only_listed = false;
    let mut listed = None;
    for (number, one) in in_force(ask) {
        let within = |name: &str| stands_in(ask, number, name);
        match one.name.to_ascii_lowercase().as_str() {
            "add" if within("hiddenSegments") => denied |= get(one, "segment").is_some_and(is_part),
            "add" if within("fileExtensions") && get(one, "fileExtension").is_some_and(|named| named.eq_ignore_ascii_case(&extension)) => {
                listed = Some(is_true(one, "allowed"));
            }
            "fileextensions" => only_listed = get(one, "allowUnlisted").is_some_and(|value| value.eq_ignore_ascii_case("false")),
            "add" if within("denyUrlSequences") => denied |= holds(get(one, "sequence")),
            "add" if within("denyStrings") => denied |= holds(get(one, "string")),
            "add" if within("authorization") => {
                denied |= get(one, "accessType").is_some_and(|kind| kind.eq_ignore_ascii_case("deny")) && everyone(get(one, "users"));
            }
            "deny" if within("authorization") => denied |= everyone(get(one, "users")),
            "add" if within("handlers") => {
                let is_static = get(one, "modules").is_none_or(|modules| modules.contains("StaticFile"));
                denied |= matches!(get(one, "path"), Some("*" | "/*")) && !is_static;
            }
            "remove" if within("handlers") => denied |= get(one, "name").is_some_and(|name| name.eq_ignore_ascii_case("StaticFile")),
            "httpredirect" => denied |= is_true(one, "enabled"),
            _ => {}
        }
    }
    match listed {
        Some(false) => Served::No,
        None if only_listed => Served::No,
        _ if denied => Served::No,
        _ => Served::Unsaid,
    }
}

/// The rules of URL Rewrite, in their order.
fn rewritten(ask: &Ask<'_>) -> Served {
    let mut said = Served::Unsaid;
    for (number, rule) in in_force(ask).into_iter().filter(|(number, one)| one.is("rule") && !stands_in(ask, *number, "outboundRules")) {
        if get(rule, "enabled").is_some_and(|value| value.eq_ignore_ascii_case("false")) {
            continue;
        }
        let part = |name: &str| ask.within(Some(number)).find(|(_, one)| one.is(name));
        let (Some((_, url)), Some((_, action))) = (part("match"), part("action")) else { continue };
        let kind = get(rule, "patternSyntax").unwrap_or_default().to_owned();
        let mut holds = matched(ask, &kind, get(url, "url").unwrap_or_default(), ask.path.trim_start_matches('/'), url);
        if let Some((at, group)) = part("conditions") {
            let all = ask.within(Some(at)).filter(|(_, one)| one.is("add")).map(|(_, one)| condition(ask, &kind, one));
            let any = get(group, "logicalGrouping").is_some_and(|how| how.eq_ignore_ascii_case("MatchAny"));
            holds = holds.and(if any { all.fold(Holds::No, Holds::or) } else { all.fold(Holds::Yes, Holds::and) });
        }
        let to = get(action, "url").unwrap_or_default();
        let now = match get(action, "type").unwrap_or_default().to_ascii_lowercase().as_str() {
            "redirect" | "customresponse" | "abortrequest" => Served::No,
            "rewrite" if !to.contains('{') => Served::No,
            "rewrite" => Served::unsure(format!("the rewrite to {to}")),
            _ => Served::Unsaid,
        };
        match (holds, now) {
            (Holds::Yes, Served::Unsaid) if is_true(rule, "stopProcessing") => break,
            (Holds::Yes, now) => said = said.then(|| now),
            (Holds::Unknown, now) if now != Served::Unsaid => {
                said = said.then(|| Served::unsure(format!("the rule {}", get(rule, "name").unwrap_or_default())));
            }
            _ => {}
        }
        if said == Served::No {
            break;
        }
    }
    said
}

/// Whether a text meets what an element says, `negate` and `ignoreCase` with it.
fn matched(ask: &Ask<'_>, kind: &str, pattern: &str, text: &str, element: &Directive) -> Holds {
    let any_case = !get(element, "ignoreCase").is_some_and(|value| value.eq_ignore_ascii_case("false"));
    let holds: Holds = match kind.to_ascii_lowercase().as_str() {
        "wildcard" => Some(glob(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())).into(),
        "exactmatch" => Some(pattern.eq_ignore_ascii_case(text)).into(),
        _ => ask.found(pattern, text, any_case).into(),
    };
    if is_true(element, "negate") { !holds } else { holds }
}

fn condition(ask: &Ask<'_>, kind: &str, element: &Directive) -> Holds {
    let negated = |holds: Holds| if is_true(element, "negate") { !holds } else { holds };
    match get(element, "matchType").unwrap_or_default().to_ascii_lowercase().as_str() {
        "isfile" => return negated(Holds::Yes),
        "isdirectory" => return negated(Holds::No),
        _ => {}
    }
    let pattern = get(element, "pattern").unwrap_or_default();
    match get(element, "input").unwrap_or_default().trim_matches(['{', '}']).to_ascii_uppercase().as_str() {
        "REQUEST_URI" | "URL" | "PATH_INFO" | "UNENCODED_URL" => matched(ask, kind, pattern, ask.path, element),
        "REQUEST_METHOD" => matched(ask, kind, pattern, "GET", element),
        "HTTPS" | "QUERY_STRING" | "SERVER_PORT" | "SERVER_PORT_SECURE" | "SERVER_NAME" => Holds::Asked,
        name if name.starts_with("HTTP_") => Holds::Asked,
        _ => Holds::Unknown,
    }
}
