//! Apache httpd: which of its sections speak of a path, and what the last of them says.

use super::pattern::glob;
use super::{Ask, Holds, Served, is_harmless, name_of};
use crate::syntax::server_config::Directive;

type Directives<'a> = Vec<(usize, &'a Directive)>;

/// `in_folder`: it is a `.htaccess`, which a server reads from the folder that it serves.
pub(super) fn served(ask: &Ask<'_>, in_folder: bool) -> Served {
    let main = opened(ask, None);
    if in_folder {
        return of_host(ask, &main, None);
    }
    let folder = |all: &Directives<'_>| all.iter().rev().find(|(_, one)| one.is("DocumentRoot")).map(|(number, _)| *number);
    let mut all = match folder(&main) {
        Some(root) => of_host(ask, &main, Some(root)),
        None => Served::No,
    };
    for (number, _) in main.iter().filter(|(_, one)| one.is_section && one.is("VirtualHost")) {
        let own = opened(ask, Some(*number));
        let Some(root) = folder(&own).or_else(|| folder(&main)) else { continue };
        if !ask.spend(main.len()) {
            break;
        }
        all = all.or(of_host(ask, &[&main[..], &own[..]].concat(), Some(root)));
    }
    all
}

/// The directives of a section and of those in it that only ask for a module or a version: all modules are there.
fn opened<'a>(ask: &Ask<'a>, section: Option<usize>) -> Directives<'a> {
    let mut all = Vec::new();
    for (number, directive) in ask.within(section) {
        let begins = |mark: char| directive.arg(0).is_some_and(|arg| arg.starts_with(mark));
        let is_open = match directive.name.to_ascii_lowercase().as_str() {
            "ifmodule" => !begins('!'),
            "ifversion" => !begins('<') && !begins('!'),
            "limit" => names_get(directive),
            "limitexcept" => !names_get(directive),
            _ => false,
        };
        if directive.is_section && is_open {
            all.extend(opened(ask, Some(number)));
        } else {
            all.push((number, directive));
        }
    }
    all
}

fn names_get(directive: &Directive) -> bool {
    directive.args.iter().any(|method| method.eq_ignore_ascii_case("GET"))
}

/// One host: what answers otherwise, then whether its sections let anyone in.
fn of_host(ask: &Ask<'_>, all: &Directives<'_>, root: Option<usize>) -> Served {
    let folder = root.and_then(|root| ask.tree.get(root)).and_then(|root| root.arg(0));
    let mut said = answered(ask, all, root.is_none());
    let mut access = Access::default();
    if root.is_none() {
        access.take(ask, all);
    }
    // With what stands within the sections that speak of the path.
    let mut all = all.clone();
    for kind in [Kind::Directory, Kind::DirectoryMatch, Kind::Files, Kind::Location, Kind::If] {
        let mut sections: Vec<(usize, usize)> = Vec::new();
        for (number, section) in all.iter().filter(|(_, one)| one.is_section && Kind::of(one) == Some(kind)) {
            let why = || format!("<{} {}>", section.name, section.args.join(" "));
            match kind.meant(ask, section, folder) {
                Holds::Yes => sections.push((section.args.last().map_or(0, |path| path.trim_end_matches('/').len()), *number)),
                Holds::No => {}
                _ if says_anything(ask, *number) => said = said.then(|| Served::unsure(why())),
                _ => {}
            }
        }
        if kind == Kind::Directory {
            sections.sort_by_key(|(length, _)| *length);
        }
        for (_, number) in sections {
            let inner = opened(ask, Some(number));
            access.take(ask, &inner);
            said = said.then(|| answered(ask, &inner, true));
            all.extend(inner.into_iter().filter(|(_, one)| one.is_section));
        }
    }
    said.then(|| access.said()).then(|| {
        let include = all.iter().find(|(_, one)| (one.is("Include") || one.is("IncludeOptional")) && !one.arg(0).is_some_and(is_harmless));
        let unread = all.iter().find(|(number, one)| one.is("IfDefine") && says_anything(ask, *number));
        match (include.or(unread), root.and_then(|root| ask.tree.get(root))) {
            (Some((_, one)), _) => Served::unsure(format!("{} {}", one.name, one.args.join(" "))),
            (None, Some(root)) => Served::Yes(root.span.clone()),
            (None, None) => access.granted(ask).unwrap_or_else(|| ask.left_to_reader(".htaccess")),
        }
    })
}

/// Whether a section speaks of access or answers.
fn says_anything(ask: &Ask<'_>, section: usize) -> bool {
    let words = ["require", "deny", "allow", "order", "redirect", "rewriterule", "requireall", "requireany", "requirenone"];
    opened(ask, Some(section)).iter().any(|(_, one)| {
        words.iter().any(|word| one.is(word) || one.name.len() > 8 && one.name.to_ascii_lowercase().starts_with("redirect"))
    })
}

/// In the order in which httpd merges them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Directory,
    DirectoryMatch,
    Files,
    Location,
    If,
}

impl Kind {
    fn of(section: &Directive) -> Option<Kind> {
        let by_pattern = section.arg(0) == Some("~");
        Some(match section.name.to_ascii_lowercase().as_str() {
            "directory" if !by_pattern => Kind::Directory,
            "directory" | "directorymatch" => Kind::DirectoryMatch,
            "files" | "filesmatch" => Kind::Files,
            "location" | "locationmatch" => Kind::Location,
            "if" => Kind::If,
            _ => return None,
        })
    }

    /// Whether a section speaks of the path, which lies in a folder.
    fn meant(self, ask: &Ask<'_>, section: &Directive, folder: Option<&str>) -> Holds {
        let Some(written) = section.args.last() else { return Holds::No };
        let by_pattern = section.arg(0) == Some("~") || section.name.to_ascii_lowercase().ends_with("match");
        let folders = ask.path.rsplit_once('/').map_or("", |(folders, _)| folders);
        match (self, folder) {
            (Kind::Files, _) if by_pattern => ask.found(written, name_of(ask.path), false).into(),
            (Kind::Files, _) => Some(glob(written, name_of(ask.path))).into(),
            (Kind::Location, _) if by_pattern => ask.found(written, ask.path, false).into(),
            (Kind::Location, _) => Some(begins(ask.path, written)).into(),
            (Kind::If, _) | (_, None) => Holds::Unknown,
            (Kind::DirectoryMatch, Some(folder)) => {
                let (whole, plain) =
                    (format!("{}{folders}/", folder.trim_end_matches('/')), format!("{}{folders}", folder.trim_end_matches('/')));
                Holds::from(ask.found(written, &whole, false)).or(ask.found(written, &plain, false).into())
            }
            (Kind::Directory, Some(folder)) => {
                let whole = format!("{}{folders}", folder.trim_end_matches('/'));
                let named = |path: &str| path.contains("${") || path.contains('%');
                if begins(&whole, written) {
                    Holds::Yes
                } else if named(written) != named(folder) {
                    Holds::Unknown
                } else {
                    Holds::No
                }
            }
        }
    }
}

/// Whether a path is, or lies in, what a section names; `*` and `?` are of one part.
fn begins(path: &str, written: &str) -> bool {
    let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (path, written) = (parts(path), parts(written));
    written.len() <= path.len() && written.iter().zip(&path).all(|(written, part)| glob(written, part))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Open(usize),
    Shut,
    Doubt(usize),
}

/// What the sections so far say: `Require`, and `Order`, `Allow` and `Deny` of 2.2. Of each, the last section's word holds.
#[derive(Default)]
struct Access {
    require: Option<Gate>,
    order: Option<Gate>,
}

impl Access {
    fn take(&mut self, ask: &Ask<'_>, all: &Directives<'_>) {
        self.require = require(ask, all, "requireany").or(self.require);
        self.order = order(all).or(self.order);
    }

    fn said(&self) -> Served {
        match (self.require, self.order) {
            (Some(Gate::Shut), _) | (_, Some(Gate::Shut)) => Served::No,
            (Some(Gate::Doubt(_)), _) | (_, Some(Gate::Doubt(_))) => Served::unsure("who is let in"),
            _ => Served::Unsaid,
        }
    }

    /// By what it is let out, where something says so.
    fn granted(&self, ask: &Ask<'_>) -> Option<Served> {
        let ((Some(Gate::Open(number)), _) | (_, Some(Gate::Open(number)))) = (self.require, self.order) else { return None };
        ask.tree.get(number).map(|directive| Served::Yes(directive.span.clone()))
    }
}

/// `Require` of a section, of which any, all or none must hold for anyone.
fn require(ask: &Ask<'_>, all: &Directives<'_>, how: &str) -> Option<Gate> {
    let mut gates = Vec::new();
    for (number, directive) in all {
        let name = directive.name.to_ascii_lowercase();
        match name.as_str() {
            "require" => {
                let args: Vec<String> = directive.args.iter().map(|arg| arg.to_ascii_lowercase()).collect();
                let args: Vec<&str> = args.iter().map(String::as_str).collect();
                gates.extend(match args.as_slice() {
                    ["all", "granted", ..] => Some(Gate::Open(*number)),
                    ["not", "all", "granted"] => Some(Gate::Shut),
                    ["not", "env" | "expr", ..] | ["env" | "expr", ..] => Some(Gate::Doubt(*number)),
                    ["not", ..] => None,
                    ["method", methods @ ..] if methods.contains(&"get") => Some(Gate::Open(*number)),
                    _ => Some(Gate::Shut),
                });
            }
            "requireall" | "requireany" | "requirenone" => gates.extend(require(ask, &opened(ask, Some(*number)), &name)),
            _ => {}
        }
    }
    let open = gates.iter().find(|gate| matches!(gate, Gate::Open(_))).copied();
    let doubt = gates.iter().find(|gate| matches!(gate, Gate::Doubt(_))).copied();
    let shut = gates.contains(&Gate::Shut).then_some(Gate::Shut);
    match how {
        "requireall" => shut.or(doubt).or(open),
        "requirenone" => open.map(|_| Gate::Shut).or(doubt),
        _ => open.or(doubt).or(shut),
    }
}

fn order(all: &Directives<'_>) -> Option<Gate> {
    let (mut allow_first, mut allowed, mut denied, mut at) = (false, false, false, None);
    for (number, directive) in all {
        let everyone = || directive.args.iter().any(|arg| arg.eq_ignore_ascii_case("all"));
        if directive.is("Order") {
            allow_first = directive.arg(0).is_some_and(|order| order.to_ascii_lowercase().starts_with("allow"));
        } else if directive.is("Allow") {
            allowed |= everyone();
        } else if directive.is("Deny") {
            denied |= everyone();
        } else {
            continue;
        }
        at = Some(*number);
    }
    let open = if allow_first { allowed && !denied } else { allowed || !denied };
    at.map(|number| if open { Gate::Open(number) } else { Gate::Shut })
}

/// Redirects, rewrites and what is handed on to another server. `in_folder`: patterns of rewrites have no `/` before them.
fn answered(ask: &Ask<'_>, all: &Directives<'_>, in_folder: bool) -> Served {
    let mut said = rewritten(ask, all, if in_folder { ask.path.trim_start_matches('/') } else { ask.path });
    let mut handed_on = None;
    for (_, directive) in all {
        let args: Vec<&str> = directive.args.iter().map(|arg| &**arg).collect();
        let name = directive.name.to_ascii_lowercase();
        let status =
            |word: &str| word.bytes().all(|byte| byte.is_ascii_digit()) || matches!(word, "permanent" | "temp" | "seeother" | "gone");
        let from = match args.as_slice() {
            [first, second, ..] if status(first) => *second,
            [first, ..] => *first,
            [] => continue,
        };
        let hit = match name.as_str() {
            "redirect" | "redirectpermanent" | "redirecttemp" => Holds::from(Some(begins(ask.path, from))),
            "redirectmatch" => ask.found(from, ask.path, false).into(),
            "proxypass" | "proxypassmatch" if handed_on.is_none() => {
                let hit = if name == "proxypass" { Some(ask.path.starts_with(from)) } else { ask.found(from, ask.path, false) };
                if hit == Some(true) {
                    handed_on = Some(args.get(1) != Some(&"!"));
                }
                if handed_on == Some(false) { Holds::No } else { hit.into() }
            }
            _ => continue,
        };
        said = match hit {
            Holds::Yes => said.then(|| Served::No),
            Holds::Unknown => said.then(|| Served::unsure(format!("{} {}", directive.name, args.join(" ")))),
            _ => said,
        };
    }
    said
}

fn rewritten(ask: &Ask<'_>, all: &Directives<'_>, subject: &str) -> Served {
    let (mut said, mut conditions) = (Served::Unsaid, Vec::new());
    if all.iter().any(|(_, one)| one.is("RewriteEngine") && one.arg(0).is_some_and(|arg| arg.eq_ignore_ascii_case("off"))) {
        return said;
    }
    for (_, directive) in all {
        if directive.is("RewriteCond") {
            conditions.push(*directive);
        }
        if !directive.is("RewriteRule") {
            continue;
        }
        let holds = conditions_hold(ask, &std::mem::take(&mut conditions));
        let (Some(pattern), Some(target)) = (directive.arg(0), directive.arg(1)) else { continue };
        let hit = match pattern.strip_prefix('!') {
            Some(pattern) => !Holds::from(ask.found(pattern, subject, false)),
            None => ask.found(pattern, subject, directive.arg(2).is_some_and(|flags| flags.contains("NC"))).into(),
        };
        let flags = directive.arg(2).unwrap_or_default().trim_matches(['[', ']']).to_ascii_uppercase();
        let flag = |names: &[&str]| flags.split(',').any(|flag| names.contains(&flag.split('=').next().unwrap_or_default().trim()));
        let answers =
            flag(&["F", "FORBIDDEN", "G", "GONE", "R", "REDIRECT", "P", "PROXY"]) || !target.contains(['$', '%']) && target != "-";
        match hit.and(holds) {
            Holds::Yes if answers => return said.then(|| Served::No),
            Holds::Yes if target == "-" && flag(&["L", "LAST", "END"]) => return said,
            Holds::Yes | Holds::Unknown if target != "-" || answers => {
                said = said.then(|| Served::unsure(format!("RewriteRule {pattern}")));
            }
            _ => {}
        }
    }
    said
}

/// All of them, but for those that `[OR]` joins.
fn conditions_hold(ask: &Ask<'_>, conditions: &[&Directive]) -> Holds {
    let (mut all, mut any) = (Holds::Yes, Holds::No);
    for condition in conditions {
        let flags = condition.arg(2).unwrap_or_default().to_ascii_uppercase();
        any = any.or(holds(ask, condition, flags.contains("NC") || flags.contains("NOCASE")));
        if !flags.split(',').any(|flag| flag.trim_matches(['[', ']', ' ']) == "OR" || flag.contains("ORNEXT")) {
            all = all.and(std::mem::replace(&mut any, Holds::No));
        }
    }
    all
}

fn holds(ask: &Ask<'_>, condition: &Directive, any_case: bool) -> Holds {
    let (Some(subject), Some(written)) = (condition.arg(0), condition.arg(1)) else { return Holds::Unknown };
    let text = match subject.trim_start_matches("%{").trim_end_matches('}') {
        _ if matches!(written, "-f" | "-s" | "!-d" | "!-l") => return Holds::Yes,
        _ if matches!(written, "!-f" | "!-s" | "-d" | "-l") => return Holds::No,
        "REQUEST_URI" => ask.path,
        "REQUEST_METHOD" => "GET",
        "REQUEST_FILENAME" | "SCRIPT_FILENAME" => {
            return ask.found(written.trim_start_matches('!'), ask.path, any_case).map_or(Holds::Unknown, |found| {
                // The folder before it is not known: a pattern that is found without it is found.
                let hit = if found { Holds::Yes } else { Holds::Unknown };
                if written.starts_with('!') { !hit } else { hit }
            });
        }
        "HTTPS" | "QUERY_STRING" | "REQUEST_SCHEME" | "SERVER_PORT" | "THE_REQUEST" | "SERVER_NAME" | "REMOTE_ADDR" => return Holds::Asked,
        name if name.starts_with("HTTP") => return Holds::Asked,
        _ => return Holds::Unknown,
    };
    match written.strip_prefix('!') {
        Some(pattern) => !Holds::from(ask.found(pattern, text, any_case)),
        None => ask.found(written, text, any_case).into(),
    }
}
