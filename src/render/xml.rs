//! XML as two formats need it: elements, attributes and text, in which nothing of others is markup.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::base::escape;

/// A document under way.
pub struct Xml {
    out: String,
    /// Names of what is open.
    open: Vec<&'static str>,
}

impl Xml {
    #[must_use]
    pub fn new() -> Xml {
        Xml { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), open: Vec::new() }
    }

    /// Begins an element that holds others.
    pub fn begin(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push_str(">\n");
        self.open.push(name);
    }

    pub fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            let _ = writeln!(self.out, "</{name}>");
        }
    }

    /// An element with a text, or with nothing in it.
    pub fn leaf(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes);
        if text.is_empty() {
            self.out.push_str("/>\n");
            return;
        }
        let lines: Vec<_> = text.lines().map(escaped).collect();
        let _ = writeln!(self.out, ">{}</{name}>", lines.join("\n"));
    }

    /// The document, with what is still open closed.
    #[must_use]
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        let _ = write!(self.out, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.out, " {key}=\"{}\"", escaped(value));
        }
    }

    fn indent(&mut self) {
        self.out.push_str(&"  ".repeat(self.open.len()));
    }
}

/// A line without a character that XML does not have, or that means something to it.
fn escaped(line: &str) -> Cow<'_, str> {
    let line = escape::name(line);
    if !line.contains(['&', '<', '>', '"', '\'', '\u{fffe}', '\u{ffff}']) {
        return line;
    }
    let mut out = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_closed_and_nothing_is_markup() {
        let mut xml = Xml::new();
        xml.begin("a", &[("b", "\"<&>'\n\u{ffff}")]);
        xml.leaf("c", &[], "]]></c>\u{1}");
        let document = xml.finish();
        let wanted = "<a b=\"&quot;&lt;&amp;&gt;&apos;\\n\\u{ffff}\">\n  <c>]]&gt;&lt;/c&gt;\\u{1}</c>\n</a>\n";
        assert_eq!(document.split_once('\n').map(|(_, rest)| rest), Some(wanted));
    }
}
