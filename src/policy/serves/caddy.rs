//! Caddy: the handlers of a site in the order in which Caddy runs them, up to the first that answers.

use super::pattern::glob;
use super::{Ask, Holds, Served, name_of};
use crate::syntax::server_config::Directive;

/// The order of handlers, as far as they answer or change a path. Others do neither.
const ORDER: [&str; 17] = [
    "redir",
    "rewrite",
    "try_files",
    "basic_auth",
    "basicauth",
    "forward_auth",
    "authorize",
    "route",
    "handle",
    "handle_path",
    "abort",
    "error",
    "respond",
    "metrics",
    "reverse_proxy",
    "import",
    "file_server",
];
/// Snippets in snippets.
const MAX_IMPORTS: usize = 8;

pub(super) fn served(ask: &Ask<'_>) -> Served {
    let top: Vec<_> = ask.within(None).collect();
    // Without a block, the first line is the address of the one site.
    if !top.iter().any(|(_, one)| one.is_section && !one.name.starts_with('(') && !one.name.is_empty() && !is_directive(&one.name)) {
        return site(ask, None);
    }
    let sites = top.iter().filter(|(_, one)| one.is_section && !one.name.is_empty() && !one.name.starts_with('('));
    sites.fold(Served::No, |all, (number, _)| if matches!(all, Served::Yes(_)) { all } else { all.or(site(ask, Some(*number))) })
}

fn is_directive(name: &str) -> bool {
    ORDER.contains(&name) || matches!(name, "root" | "header" | "encode" | "log" | "tls" | "php_fastcgi")
}

fn site(ask: &Ask<'_>, number: Option<usize>) -> Served {
    let scope = Scope { outer: None, number, path: ask.path, imports: 0 };
    match scope.run(ask, false) {
        Served::Unsaid => Served::No,
        said => said,
    }
}

/// A block of handlers, and the path as it is there.
#[derive(Clone, Copy)]
struct Scope<'s> {
    outer: Option<&'s Scope<'s>>,
    number: Option<usize>,
    path: &'s str,
    imports: usize,
}

impl Scope<'_> {
    fn run(&self, ask: &Ask<'_>, as_written: bool) -> Served {
        let rank = |one: &Directive| ORDER.iter().position(|name| *name == &*one.name);
        let mut all: Vec<_> = ask.within(self.number).filter_map(|(number, one)| Some((rank(one)?, number, one))).collect();
        if !as_written {
            // Handles are one group; of two of a kind, the longer path comes first, and none last.
            let handle = ORDER.iter().position(|name| *name == "handle").unwrap_or_default();
            let length = |one: &Directive| one.arg(0).filter(|arg| arg.starts_with('/') && !is_target(one)).map_or(0, str::len);
            let last = |one: &Directive| !one.arg(0).is_some_and(|arg| arg.starts_with(['/', '@']));
            let group = |rank: usize, one: &Directive| if &*one.name == "handle_path" { handle } else { rank };
            all.sort_by_key(|(rank, _, one)| (group(*rank, one), last(one), std::cmp::Reverse(length(one))));
        }
        let (mut said, mut is_handled) = (Served::Unsaid, false);
        for (_, number, one) in all {
            let is_handle = matches!(&*one.name, "handle" | "handle_path");
            if is_handle && is_handled {
                continue;
            }
            let holds = self.matched(ask, one);
            is_handled |= is_handle && holds == Holds::Yes;
            if holds == Holds::No {
                continue;
            }
            let now = self.handled(ask, number, one);
            said = match (holds, now) {
                (_, Served::Unsaid) | (Holds::Asked, Served::No) => said,
                (Holds::Yes, now) => said.then(|| now),
                // A client asks as it likes: it does so where that gets the file, and does not where it keeps it from it.
                (Holds::Asked, yes @ Served::Yes(_)) => said.then(|| yes),
                _ => said.then(|| Served::unsure(format!("{} {}", one.name, one.args.join(" ")))),
            };
            if matches!(said, Served::Yes(_) | Served::No) {
                break;
            }
        }
        said
    }

    /// What a handler does that a request comes to.
    fn handled(&self, ask: &Ask<'_>, number: usize, one: &Directive) -> Served {
        let inner =
            |path: &str, as_written| Scope { outer: Some(self), number: Some(number), path, imports: self.imports }.run(ask, as_written);
        let rest = || one.args.iter().skip(usize::from(is_matched(one))).map(|arg| &**arg);
        match &*one.name {
            "redir" | "basic_auth" | "basicauth" | "abort" | "error" | "respond" | "metrics" | "reverse_proxy" => Served::No,
            "forward_auth" | "authorize" => Served::unsure(&*one.name),
            "rewrite" => match rest().next() {
                Some(to) if to.contains("{uri}") || to.contains("{path}") || to.contains("{http.") => {
                    Served::unsure(format!("rewrite {to}"))
                }
                _ => Served::No,
            },
            "try_files" => {
                if rest().any(|file| matches!(file, "{path}" | "{http.request.uri.path}" | "{uri}")) {
                    Served::Unsaid
                } else {
                    Served::No
                }
            }
            "route" => inner(self.path, true),
            "handle" => inner(self.path, false),
            "handle_path" => {
                let prefix = one.arg(0).unwrap_or_default().trim_end_matches('*').trim_end_matches('/');
                inner(self.path.get(prefix.len()..).unwrap_or(self.path), false)
            }
            "import" => self.imported(ask, one),
            _ => self.file(ask, number, one),
        }
    }

    /// A snippet of this file; another file is not read.
    fn imported(&self, ask: &Ask<'_>, one: &Directive) -> Served {
        let name = format!("({})", one.arg(0).unwrap_or_default());
        match ask.within(None).find(|(_, snippet)| *snippet.name == *name) {
            Some((number, _)) if self.imports < MAX_IMPORTS && one.args.len() == 1 => {
                Scope { outer: Some(self), number: Some(number), path: self.path, imports: self.imports + 1 }.run(ask, false)
            }
            _ => Served::unsure(format!("import {}", one.args.join(" "))),
        }
    }

    fn file(&self, ask: &Ask<'_>, number: usize, one: &Directive) -> Served {
        let inside: Vec<_> = if one.is_section { ask.within(Some(number)).map(|(_, one)| one).collect() } else { Vec::new() };
        for hidden in inside.iter().filter(|inner| &*inner.name == "hide").flat_map(|hide| &hide.args) {
            let by_name = || self.path.split('/').any(|part| glob(hidden, part));
            let in_folder =
                || self.path.ends_with(&format!("/{}", hidden.trim_start_matches(['.', '/']))) || name_of(hidden) == name_of(self.path);
            if if hidden.contains('/') { in_folder() } else { by_name() } {
                return Served::No;
            }
        }
        let own = inside.iter().find(|inner| &*inner.name == "root").and_then(|root| root.arg(0)).map(str::to_owned);
        let root = own.or_else(|| self.root(ask));
        match root {
            // `{$NAME}` is the environment's; with a default, that is taken.
            Some(root) if root.starts_with('{') && !root.contains(':') => Served::unsure(format!("root {root}")),
            _ => Served::Yes(one.span.clone()),
        }
    }

    /// The innermost `root`, `root * FOLDER`.
    fn root(&self, ask: &Ask<'_>) -> Option<String> {
        let scopes = std::iter::successors(Some(self), |scope| scope.outer);
        let mut roots = scopes.flat_map(|scope| ask.within(scope.number)).filter(|(_, one)| &*one.name == "root");
        roots.find_map(|(_, root)| root.args.last().map(|root| String::from(&**root)))
    }

    /// Whether a handler is for the path, by its matcher.
    fn matched(&self, ask: &Ask<'_>, one: &Directive) -> Holds {
        match one.arg(0) {
            Some(matcher) if is_matched(one) => match matcher.strip_prefix('@') {
                Some(_) => self.by_name(ask, matcher),
                None => Some(is_path(matcher, self.path)).into(),
            },
            _ => Holds::Yes,
        }
    }

    /// A named matcher of this block or of one around it: all that it says, and any of what each says.
    fn by_name(&self, ask: &Ask<'_>, name: &str) -> Holds {
        let scopes = std::iter::successors(Some(self), |scope| scope.outer);
        let Some((number, one)) = scopes.flat_map(|scope| ask.within(scope.number)).find(|(_, one)| &*one.name == name && !name.is_empty())
        else {
            return Holds::Unknown;
        };
        let own: Vec<&str> = one.args.iter().map(|arg| &**arg).collect();
        match (one.is_section, own.as_slice()) {
            (true, []) => self.all(ask, number),
            (true, ["not"]) => !self.all(ask, number),
            (false, [kind, args @ ..]) => self.holds(ask, kind, args),
            _ => Holds::Unknown,
        }
    }

    fn all(&self, ask: &Ask<'_>, section: usize) -> Holds {
        ask.within(Some(section)).fold(Holds::Yes, |all, (number, one)| {
            let args: Vec<&str> = one.args.iter().map(|arg| &**arg).collect();
            let holds = match (&*one.name, one.is_section) {
                ("not", true) => !self.all(ask, number),
                (_, true) => Holds::Unknown,
                (kind, false) => self.holds(ask, kind, &args),
            };
            all.and(holds)
        })
    }

    fn holds(&self, ask: &Ask<'_>, kind: &str, args: &[&str]) -> Holds {
        match (kind, args) {
            ("not", [kind, args @ ..]) if *kind != "not" => !self.holds(ask, kind, args),
            ("path", paths) => Some(paths.iter().any(|path| is_path(path, self.path))).into(),
            ("path_regexp", [.., pattern]) => ask.found(pattern, self.path, false).into(),
            ("method", methods) => Some(methods.contains(&"GET")).into(),
            ("host" | "header" | "header_regexp" | "query" | "protocol", _) => Holds::Asked,
            // An address is not what a client chooses: whoever is not in a range is outside.
            ("remote_ip" | "client_ip", _) => Holds::No,
            _ => Holds::Unknown,
        }
    }
}

/// Whether the first argument says which requests it is for.
fn is_matched(one: &Directive) -> bool {
    one.arg(0).is_some_and(|arg| arg == "*" || arg.starts_with('@') || arg.starts_with('/') && !is_target(one))
}

/// Where it goes, not what it is for: `redir /login` has one argument.
fn is_target(one: &Directive) -> bool {
    matches!(&*one.name, "redir" | "rewrite" | "try_files") && one.args.len() == 1
}

/// In whatever case; `*` at either end is any text.
fn is_path(written: &str, path: &str) -> bool {
    glob(&written.to_ascii_lowercase(), &path.to_ascii_lowercase())
}
