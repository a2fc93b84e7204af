//! Configuration of web servers: nginx, Apache httpd, Caddy, lighttpd and IIS. Directives with their places, nothing resolved. The tree is
//! a list in source order, so that no depth of a hostile file becomes a depth of calls.

mod iis;
mod lighttpd;

use std::ops::Range;

/// Sections in sections.
pub const MAX_DEPTH: usize = 32;
/// Directives of a file.
pub const MAX_DIRECTIVES: usize = 200_000;
/// Words of a file.
const MAX_WORDS: usize = 1_000_000;

/// Whose language a file is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Nginx,
    Apache,
    Caddy,
    Lighttpd,
    Iis,
}

/// A directive or a section. A Caddy block without a name has an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    pub name: Box<str>,
    /// Without their quotes.
    pub args: Vec<Box<str>>,
    /// Bytes from its name to its last argument.
    pub span: Range<usize>,
    /// It has a body: directives that stand in it.
    pub is_section: bool,
    /// The number of the first directive after it and all that it holds.
    end: usize,
    parent: Option<usize>,
}

/// All directives of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives(Vec<Directive>);

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("sections nest deeper than {MAX_DEPTH}")]
    Depth,
    #[error("it has more directives than are read")]
    Size,
    #[error("a section of it is not closed, or closed and not open")]
    Section,
    #[error("it is a template")]
    Template,
}

impl Directives {
    /// # Errors
    /// Where its sections are not closed, or a limit is met.
    pub fn read(server: Server, text: &str) -> Result<Directives, Refused> {
        if ["{{", "{%", "<%"].iter().any(|mark| text.contains(mark)) {
            return Err(Refused::Template);
        }
        let mut tree = Tree::default();
        match server {
            Server::Nginx => nginx(text, &mut tree)?,
            Server::Caddy => caddy(text, &mut tree)?,
            Server::Apache => apache(text, &mut tree)?,
            Server::Lighttpd => lighttpd::read(text, &mut tree)?,
            Server::Iis => iis::read(text, &mut tree)?,
        }
        if tree.open.is_empty() { Ok(Directives(tree.all)) } else { Err(Refused::Section) }
    }

    #[must_use]
    pub fn get(&self, number: usize) -> Option<&Directive> {
        self.0.get(number)
    }

    /// The directives right within a section, or at the top.
    pub fn within(&self, section: Option<usize>) -> impl Iterator<Item = (usize, &Directive)> {
        let (first, end) = match section {
            Some(number) => (number + 1, self.0.get(number).map_or(0, |section| section.end)),
            None => (0, self.0.len()),
        };
        let next = move |number: usize| (number < end).then_some(number);
        std::iter::successors(next(first), move |number| next(self.0[*number].end)).map(|number| (number, &self.0[number]))
    }

    /// All, in source order.
    pub fn all(&self) -> impl Iterator<Item = (usize, &Directive)> {
        self.0.iter().enumerate()
    }

    /// The sections that a directive stands in, the innermost first.
    pub fn around(&self, number: usize) -> impl Iterator<Item = (usize, &Directive)> {
        let up = |number: usize| self.0.get(number).and_then(|directive| directive.parent);
        std::iter::successors(up(number), move |number| up(*number)).map(|number| (number, &self.0[number]))
    }
}

impl Directive {
    /// Compared as servers do but Caddy: whatever case it is in.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    #[must_use]
    pub fn arg(&self, number: usize) -> Option<&str> {
        self.args.get(number).map(|arg| &**arg)
    }
}

#[derive(Default)]
struct Tree {
    all: Vec<Directive>,
    open: Vec<usize>,
    words: usize,
}

impl Tree {
    fn add(&mut self, words: Vec<(Box<str>, Range<usize>)>, at: usize, is_section: bool) -> Result<(), Refused> {
        self.words += words.len();
        if self.all.len() >= MAX_DIRECTIVES || self.words > MAX_WORDS {
            return Err(Refused::Size);
        }
        let start = words.first().map_or(at, |(_, range)| range.start);
        let span = start..words.last().map_or(at, |(_, range)| range.end);
        let mut words = words.into_iter().map(|(word, _)| word);
        let name = words.next().unwrap_or_default();
        let (number, parent) = (self.all.len(), self.open.last().copied());
        self.all.push(Directive { name, args: words.collect(), span, is_section, end: number + 1, parent });
        if is_section {
            if self.open.len() >= MAX_DEPTH {
                return Err(Refused::Depth);
            }
            self.open.push(number);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<usize, Refused> {
        let number = self.open.pop().ok_or(Refused::Section)?;
        self.all[number].end = self.all.len();
        Ok(number)
    }
}

/// Words up to `;`, or up to `{` and its `}`.
fn nginx(text: &str, tree: &mut Tree) -> Result<(), Refused> {
    let bytes = text.as_bytes();
    let (mut at, mut words) = (0, Vec::new());
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' => at = line_end(bytes, at),
            b';' => {
                if !words.is_empty() {
                    tree.add(std::mem::take(&mut words), at, false)?;
                }
                at += 1;
            }
            b'{' => {
                let is_code = words.first().is_some_and(|(name, _): &(Box<str>, _)| name.ends_with("_by_lua_block"));
                tree.add(std::mem::take(&mut words), at, true)?;
                at += 1;
                if is_code {
                    at = code_end(bytes, at);
                }
            }
            b'}' => {
                if !words.is_empty() {
                    return Err(Refused::Section);
                }
                tree.close()?;
                at += 1;
            }
            quote @ (b'"' | b'\'') => {
                let end = quoted(bytes, at, *quote);
                words.push((unescaped(&text[at + 1..end], "\"'\\"), at..(end + 1).min(bytes.len())));
                at = end + 1;
            }
            _ => {
                let end = bare(bytes, at);
                words.push((unescaped(&text[at..end], "\"'\\"), at..end));
                at = end;
            }
        }
        if words.len() > MAX_WORDS {
            return Err(Refused::Size);
        }
    }
    if words.is_empty() { Ok(()) } else { Err(Refused::Section) }
}

/// The end of a word of nginx: `${name}` is a part of it.
fn bare(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' => break,
            b'\\' => at += 2,
            b'$' if bytes.get(at + 1) == Some(&b'{') => at += 2,
            b'}' if at == from => break,
            _ => at += 1,
        }
    }
    boundary(bytes, at)
}

/// Where the quote that is open at `from` closes.
fn quoted(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == quote => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// A place at a character's beginning, and in the text: an escape may have led into the middle of one.
fn boundary(bytes: &[u8], at: usize) -> usize {
    let mut at = at.min(bytes.len());
    while bytes.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
        at += 1;
    }
    at
}

/// Where a block of Lua ends: its braces are counted. At its own `}`.
fn code_end(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return at,
            b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// A backslash before one of `special` is left out; before anything else, as in patterns, it stays.
fn unescaped(text: &str, special: &str) -> Box<str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match chars.peek() {
            Some(next) if char == '\\' && special.contains(*next) => out.extend(chars.next()),
            Some(next) if char == '\\' => {
                out.push(char);
                out.push(*next);
                chars.next();
            }
            _ => out.push(char),
        }
    }
    out.into()
}

/// Lines, with those that end in a backslash put to the next; where each begins and ends.
fn lines(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        if from >= bytes.len() {
            return None;
        }
        let start = from;
        let mut end = line_end(bytes, from);
        while end < bytes.len() && bytes[from..end].strip_suffix(b"\r").unwrap_or(&bytes[from..end]).ends_with(b"\\") {
            from = end + 1;
            end = line_end(bytes, from);
        }
        from = end + 1;
        Some(start..end)
    })
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &bytes[from.min(bytes.len())..]).map_or(bytes.len(), |at| from + at)
}

/// The words of a line, from `"`, `'` and, in Caddy, backticks.
fn words(text: &str, line: Range<usize>, quotes: &[u8], comments: bool) -> Vec<(Box<str>, Range<usize>)> {
    let bytes = &text.as_bytes()[..line.end];
    let (mut at, mut words) = (line.start, Vec::new());
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'\\' if bytes[at + 1..].iter().take_while(|byte| **byte != b'\n').all(u8::is_ascii_whitespace) => at += 1,
            b'#' if comments => break,
            quote if quotes.contains(quote) => {
                let end = if *quote == b'`' {
                    memchr::memchr(b'`', &bytes[at + 1..]).map_or(bytes.len(), |found| at + 1 + found)
                } else {
                    quoted(bytes, at, *quote).min(bytes.len())
                };
                words.push((unescaped(&text[at + 1..end], "\"'"), at..(end + 1).min(bytes.len())));
                at = end + 1;
            }
            _ => {
                let end = bytes[at..].iter().position(u8::is_ascii_whitespace).map_or(bytes.len(), |length| at + length);
                words.push((text[at..end].into(), at..end));
                at = end;
            }
        }
    }
    words
}

/// A directive a line; a section begins with a line that ends in `{` and ends with the line `}`.
fn caddy(text: &str, tree: &mut Tree) -> Result<(), Refused> {
    for line in lines(text.as_bytes()) {
        let at = line.start;
        let mut words = words(text, line, b"\"`", true);
        match words.last() {
            None => {}
            Some((last, _)) if &**last == "{" => {
                words.pop();
                tree.add(words, at, true)?;
            }
            Some((last, _)) if &**last == "}" && words.len() == 1 => drop(tree.close()?),
            Some(_) => tree.add(words, at, false)?,
        }
    }
    Ok(())
}

/// A directive a line; sections are `<Name ...>` and `</Name>`.
fn apache(text: &str, tree: &mut Tree) -> Result<(), Refused> {
    for line in lines(text.as_bytes()) {
        let own = text[line.clone()].trim();
        if own.is_empty() || own.starts_with('#') {
            continue;
        }
        let start = line.start + (text[line.clone()].len() - text[line.clone()].trim_start().len());
        if let Some(name) = own.strip_prefix("</") {
            let number = tree.close()?;
            if !tree.all[number].is(name.trim_end_matches('>').trim()) {
                return Err(Refused::Section);
            }
        } else if own.starts_with('<') && own.ends_with('>') {
            let all = words(text, start + 1..start + own.len() - 1, b"\"'", false);
            tree.add(all, start, true)?;
        } else {
            tree.add(words(text, start..start + own.len(), b"\"'", false), start, false)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names by depth, with their arguments.
    fn shown(server: Server, text: &str) -> Vec<String> {
        let tree = Directives::read(server, text).expect("a configuration");
        let line = |(number, directive): (usize, &Directive)| {
            let indent = "  ".repeat(tree.around(number).count());
            format!("{indent}{}({})", directive.name, directive.args.join("|"))
        };
        tree.all().map(line).collect()
    }

    #[test]
    fn each_language_gives_the_same_tree() {
        let nginx = "server { # all\n  root /srv;\n  location ~ \"\\.(a|b){2}$\" { deny all; }\n  set $x ${y}z; }";
        assert_eq!(
            shown(Server::Nginx, nginx),
            ["server()", "  root(/srv)", "  location(~|\\.(a|b){2}$)", "    deny(all)", "  set($x|${y}z)"]
        );
        let apache = "# x\n<Directory \"/srv/a b\">\n  Require \\\n    all denied\n</Directory>\nDocumentRoot /srv\n";
        assert_eq!(shown(Server::Apache, apache), ["Directory(/srv/a b)", "  Require(all|denied)", "DocumentRoot(/srv)"]);
        let caddy = "example.com {\n\troot * {$ROOT}\n\tfile_server {\n\t\thide .git # x\n\t}\n}\n";
        assert_eq!(shown(Server::Caddy, caddy), ["example.com()", "  root(*|{$ROOT})", "  file_server()", "    hide(.git)"]);
        let lighttpd = "# x\nserver.document-root = var.base + \"/web\"\n$HTTP[\"url\"] =~ \"^/\\.\" {\n  url.access-deny += ( \"\", \"~\" )\n} else {\n\
            auth.require = ( \"/a\" => ( \"method\" => \"basic\" ), \"/b\" => () )\n}\n";
        assert_eq!(
            shown(Server::Lighttpd, lighttpd),
            [
                "server.document-root(=|${var.base}/web)",
                "$HTTP[\"url\"](=~|^/\\.)",
                "  url.access-deny(+=||~)",
                "else()",
                "  auth.require(=|/a|/b)"
            ]
        );
        let iis = "<?xml version=\"1.0\"?>\n<configuration><system.webServer>\n<!-- x --><security/><staticContent>\
            <mimeMap fileExtension=\".a&amp;b\" /></staticContent></system.webServer></configuration>";
        assert_eq!(
            shown(Server::Iis, iis),
            ["configuration()", "  system.webServer()", "    security()", "    staticContent()", "      mimeMap(fileExtension=.a&b)"]
        );
        let lua = "location / { content_by_lua_block { if a then b = {1; } end } deny all; }";
        assert_eq!(shown(Server::Nginx, lua), ["location(/)", "  content_by_lua_block()", "  deny(all)"]);
    }

    #[test]
    fn children_are_those_right_within() {
        let tree = Directives::read(Server::Nginx, "a { b { c; } d; } e;").expect("a configuration");
        let names = |section| tree.within(section).map(|(_, directive)| &*directive.name).collect::<String>();
        assert_eq!((names(None), names(Some(0)), names(Some(1))), ("ae".into(), "bd".into(), "c".into()));
    }

    #[test]
    fn what_is_hostile_is_refused_in_time() {
        let many = |text: &str, count: usize| text.repeat(count);
        for server in [Server::Nginx, Server::Apache, Server::Caddy, Server::Lighttpd, Server::Iis] {
            for piece in [
                "{ ", "{\n", "<A>\n", "}", "\"", "\\\n", "a;", "a\n", "a ", "'", "é\\", "a {\n", "</", "$é\"", "a=(", "a=\"é", "a=b+",
                "<a b='",
            ] {
                let _ = Directives::read(server, &many(piece, 1_000_000));
            }
        }
        assert_eq!(Directives::read(Server::Nginx, &many("{ ", 5 << 20)), Err(Refused::Depth));
        assert_eq!(Directives::read(Server::Caddy, &many("{\n", 5 << 20)), Err(Refused::Depth));
        assert_eq!(Directives::read(Server::Apache, &many("<A>\n", 2 << 20)), Err(Refused::Depth));
        assert_eq!(Directives::read(Server::Nginx, &many("a;", 5 << 20)), Err(Refused::Size));
        assert_eq!(Directives::read(Server::Nginx, "server { a b"), Err(Refused::Section));
        assert_eq!(Directives::read(Server::Nginx, "server { {{ x }} }"), Err(Refused::Template));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(pieces in proptest::collection::vec(proptest::sample::select(vec!["{", "}", ";", "\"", "'", "`", "\\", "\n", " ", "é", "<a", ">", "</a>", "$", "#", "a"]), 0..60)) {
            let text = pieces.concat();
            for server in [Server::Nginx, Server::Apache, Server::Caddy, Server::Lighttpd, Server::Iis] {
                if let Ok(tree) = Directives::read(server, &text) {
                    for (_, directive) in tree.all() {
                        proptest::prop_assert!(text.get(directive.span.clone()).is_some());
                    }
                }
            }
        }
    }
}
