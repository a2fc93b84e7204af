//! `serves: {path: /.env}`: whether a web server's configuration gives a path out as a file. Three-valued: what an include,
//! a variable or another program decides is not known. What lies in the folder is not looked at.

mod apache;
mod caddy;
mod deployed;
pub(super) mod handed_out;
mod iis;
mod lighttpd;
mod nginx;
mod pattern;

use std::cell::Cell;
use std::ops::Range;

use crate::syntax::server_config::{Directive, Directives, Refused, Server};

/// Directives that one question looks at.
const MAX_WORK: usize = 2_000_000;
/// Patterns that one question compiles.
const MAX_PATTERNS: usize = 500;

/// What a server does with a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Served {
    /// As a file, by the directive that stands here.
    Yes(Range<usize>),
    /// It is denied, or answered with something else.
    No,
    /// It hangs on this.
    Unsure(Box<str>),
    /// Nothing so far says so.
    Unsaid,
}

impl Served {
    fn unsure(why: impl Into<String>) -> Served {
        Served::Unsure(why.into().into())
    }

    /// What comes after it, where it leaves that open.
    fn then(self, next: impl FnOnce() -> Served) -> Served {
        match self {
            Served::Unsaid => next(),
            Served::Unsure(why) => match next() {
                Served::No => Served::No,
                _ => Served::Unsure(why),
            },
            said => said,
        }
    }

    /// One of two servers, or of two requests.
    fn or(self, other: Served) -> Served {
        match (self, other) {
            (yes @ Served::Yes(_), _) | (_, yes @ Served::Yes(_)) => yes,
            (unsure @ Served::Unsure(_), _) | (_, unsure @ Served::Unsure(_)) => unsure,
            _ => Served::No,
        }
    }

    /// Of two that it may be.
    fn either(self, other: Served, why: &str) -> Served {
        match (self, other) {
            (yes @ Served::Yes(_), Served::Yes(_)) => yes,
            (Served::No | Served::Unsaid, Served::No | Served::Unsaid) => Served::No,
            _ => Served::unsure(why),
        }
    }
}

/// Whether a condition holds for a request for the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    /// As the client likes: it may ask by another host, method or header.
    Asked,
    Unknown,
}

impl From<Option<bool>> for Holds {
    fn from(holds: Option<bool>) -> Self {
        holds.map_or(Holds::Unknown, |holds| if holds { Holds::Yes } else { Holds::No })
    }
}

impl Holds {
    fn and(self, other: Holds) -> Holds {
        match (self, other) {
            (Holds::No, _) | (_, Holds::No) => Holds::No,
            (Holds::Unknown, _) | (_, Holds::Unknown) => Holds::Unknown,
            (Holds::Asked, _) | (_, Holds::Asked) => Holds::Asked,
            (Holds::Yes, Holds::Yes) => Holds::Yes,
        }
    }

    fn or(self, other: Holds) -> Holds {
        !(!self).and(!other)
    }
}

impl std::ops::Not for Holds {
    type Output = Holds;

    fn not(self) -> Holds {
        match self {
            Holds::Yes => Holds::No,
            Holds::No => Holds::Yes,
            open => open,
        }
    }
}

/// A question about a path.
struct Ask<'a> {
    tree: &'a Directives,
    path: &'a str,
    /// There is a server that reads a file like `.htaccess`.
    is_read: bool,
    work: Cell<usize>,
    patterns: Cell<usize>,
}

impl<'a> Ask<'a> {
    /// The directives right within a section, as long as there is work left.
    fn within(&self, section: Option<usize>) -> impl Iterator<Item = (usize, &'a Directive)> {
        self.tree.within(section).take_while(|_| self.spend(1))
    }

    /// What is denied nowhere in a file that a server reads from the folder that it serves.
    fn left_to_reader(&self, name: &str) -> Served {
        if self.is_read { Served::Yes(0..0) } else { Served::unsure(format!("the server that reads this {name}")) }
    }

    /// Whether there is work left.
    fn spend(&self, work: usize) -> bool {
        self.work.set(self.work.get().saturating_add(work));
        self.work.get() <= MAX_WORK
    }

    /// Whether a pattern is found in a text; None where it cannot be told.
    fn found(&self, written: &str, text: &str, any_case: bool) -> Option<bool> {
        self.patterns.set(self.patterns.get() + 1);
        if self.patterns.get() > MAX_PATTERNS {
            return None;
        }
        pattern::found(written, text, any_case)
    }
}

/// Which server's configuration a file may be, by its path; its content tells where that says `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    server: Option<Server>,
    in_folder: bool,
}

impl Named {
    /// None where no server reads such a file.
    pub fn of(path: &str) -> Option<Named> {
        let path = path.to_ascii_lowercase();
        let path = [".template", ".tmpl", ".tpl", ".j2", ".erb"].iter().find_map(|end| path.strip_suffix(end)).unwrap_or(&path);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let ends = |end: &str| name.ends_with(end);
        let server = match name {
            ".htaccess" => return Some(Named { server: Some(Server::Apache), in_folder: true }),
            "caddyfile" => Some(Server::Caddy),
            _ if name.starts_with("caddyfile.") || ends(".caddyfile") => Some(Server::Caddy),
            // IIS reads it from the folder that it serves.
            "web.config" => return Some(Named { server: Some(Server::Iis), in_folder: true }),
            "applicationhost.config" => Some(Server::Iis),
            _ if name.contains("lighttpd") && ends(".conf") => Some(Server::Lighttpd),
            "httpd.conf" => Some(Server::Apache),
            _ if name.starts_with("apache") && ends(".conf") => Some(Server::Apache),
            _ if name.contains("nginx") && ends(".conf") || ends(".nginx") => Some(Server::Nginx),
            _ if ends(".conf") || ends(".vhost") => None,
            _ if folder.ends_with("sites-available") || folder.ends_with("sites-enabled") => None,
            _ => return None,
        };
        Some(Named { server, in_folder: false })
    }

    fn server(self, text: &str) -> Option<Server> {
        if self.server.is_some() {
            return self.server;
        }
        let lines = || text.lines().map(str::trim_start);
        let begins = |line: &str, word: &str| line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if lines().any(|line| begins(line, "<virtualhost") || begins(line, "<directory") || begins(line, "documentroot")) {
            return Some(Server::Apache);
        }
        if lines().any(|line| begins(line, "server.document-root")) {
            return Some(Server::Lighttpd);
        }
        let is_server =
            |line: &str| line.strip_prefix("server").is_some_and(|rest| matches!(rest.trim_start().as_bytes().first(), None | Some(b'{')));
        lines().any(is_server).then_some(Server::Nginx)
    }

    /// None where it is no server's.
    fn read(self, text: &str) -> Option<Result<Read, Refused>> {
        let server = self.server(text)?;
        Some(Directives::read(server, text).map(|tree| Read { server, tree }))
    }

    /// What the configuration does with a path.
    pub fn serves(self, text: &str, paths: &[Box<str>]) -> Vec<Served> {
        match self.read(text) {
            None => vec![Served::No; paths.len()],
            Some(Ok(read)) => paths.iter().map(|path| read.served(self, path, None)).collect(),
            Some(Err(why)) => vec![Served::unsure(format!("this configuration, which is not read: {why}")); paths.len()],
        }
    }
}

/// A configuration that is read.
struct Read {
    server: Server,
    tree: Directives,
}

impl Read {
    /// `of_all`: it is asked among others, with what all of them look at; and there is a server that reads it, where it
    /// stands in a folder that is served.
    fn served(&self, named: Named, path: &str, of_all: Option<&Cell<usize>>) -> Served {
        let ask = Ask { tree: &self.tree, path, is_read: of_all.is_some(), work: Cell::new(0), patterns: Cell::new(0) };
        let served = match self.server {
            Server::Nginx => nginx::served(&ask),
            Server::Apache => apache::served(&ask, named.in_folder),
            Server::Caddy => caddy::served(&ask),
            Server::Lighttpd => lighttpd::served(&ask),
            Server::Iis => iis::served(&ask),
        };
        if let Some(all) = of_all {
            all.set(all.get().saturating_add(ask.work.get()));
        }
        if ask.spend(0) { served } else { Served::unsure("more directives than are looked at") }
    }

    fn lighttpd_folder(&self, root: &Directive) -> String {
        lighttpd::folder(&self.tree, root)
    }
}

/// Included files that say nothing of which paths are served.
fn is_harmless(included: &str) -> bool {
    let name = included.rsplit('/').next().unwrap_or(included);
    ["mime.types", "_params", "fastcgi.conf", "ssl", "letsencrypt", "dhparam", "gzip"].iter().any(|part| name.contains(part))
}

/// The last part of a path.
fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests;
