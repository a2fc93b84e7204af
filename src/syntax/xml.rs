//! Elements of XML as they come, with the way to them. Tolerant: ends that fit nothing are passed over, declarations of
//! entities are not expanded, what is broken is text. No recursion; linear in the text.

use std::ops::Range;

use super::line::trimmed;

/// An attribute's name and what stands between its quotes. Ranges are bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: Range<usize>,
    pub value: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An element begins: the last name of [`Reader::way`].
    Open(Vec<Attribute>),
    /// Text directly inside of it, or a CDATA section, without the blanks around.
    Text(Range<usize>),
}

/// Elements below this many are not told from their parents.
const MAX_DEPTH: usize = 64;
/// Attributes of an element that are kept.
const MAX_ATTRIBUTES: usize = 256;

pub struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    open: Vec<Range<usize>>,
    /// Elements open below the deepest that has a name.
    deeper: usize,
    /// The last element had no content: its name is dropped before the next event.
    ended: bool,
}

impl<'b> Reader<'b> {
    #[must_use]
    pub fn new(bytes: &'b [u8]) -> Reader<'b> {
        Reader { bytes, at: 0, open: Vec::new(), deeper: 0, ended: false }
    }

    /// The names of the open elements, outermost first, without the prefixes of their namespaces.
    pub fn way(&self) -> impl Iterator<Item = &'b [u8]> + '_ {
        self.open.iter().map(|name| &self.bytes[name.clone()])
    }

    /// Where the name of the innermost open element stands.
    #[must_use]
    pub fn name(&self) -> Option<Range<usize>> {
        self.open.last().cloned()
    }

    /// What stands between the next `<` and where it ends.
    fn markup(&mut self) -> Option<Event> {
        let bytes = self.bytes;
        let rest = &bytes[self.at..];
        let past = |end: &[u8]| memchr::memmem::find(rest, end).map_or(bytes.len(), |found| self.at + found + end.len());
        if rest.starts_with(b"<!--") {
            self.at = past(b"-->");
        } else if rest.starts_with(b"<![CDATA[") {
            let end = past(b"]]>");
            let text = trimmed(bytes, self.at + 9..end.saturating_sub(3).max(self.at + 9));
            self.at = end;
            return (!text.is_empty()).then_some(Event::Text(text));
        } else if rest.starts_with(b"<?") {
            self.at = past(b"?>");
        } else if rest.starts_with(b"<!") {
            self.at = declaration(bytes, self.at);
        } else if rest.starts_with(b"</") {
            let end = memchr::memchr(b'>', rest).map_or(bytes.len(), |found| self.at + found);
            let name = local(bytes, trimmed(bytes, self.at + 2..end));
            self.at = (end + 1).min(bytes.len());
            self.close(name);
        } else {
            return self.element();
        }
        None
    }

    fn element(&mut self) -> Option<Event> {
        let bytes = self.bytes;
        let start = self.at + 1;
        let length = bytes[start..].iter().take_while(|byte| is_name(**byte)).count();
        self.at = start + length;
        if length == 0 {
            return None;
        }
        let mut attributes = Vec::new();
        let mut is_empty = false;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'>' => {
                    self.at += 1;
                    break;
                }
                b'<' => break,
                b'/' => {
                    is_empty = bytes.get(self.at + 1) == Some(&b'>');
                    self.at += 1;
                }
                byte if is_name(*byte) => attributes.extend(self.attribute().filter(|_| attributes.len() < MAX_ATTRIBUTES)),
                _ => self.at += 1,
            }
        }
        if self.open.len() < MAX_DEPTH {
            self.open.push(local(bytes, start..start + length));
            self.ended = is_empty;
        } else if !is_empty {
            self.deeper += 1;
        }
        Some(Event::Open(attributes))
    }

    fn attribute(&mut self) -> Option<Attribute> {
        let bytes = self.bytes;
        let start = self.at;
        self.at += bytes[start..].iter().take_while(|byte| is_name(**byte)).count();
        let name = start..self.at;
        let blanks = |at: usize| at + bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let equals = blanks(self.at);
        if bytes.get(equals) != Some(&b'=') {
            self.at = equals;
            return None;
        }
        let open = blanks(equals + 1);
        self.at = open;
        let quote = *bytes.get(open).filter(|byte| matches!(byte, b'"' | b'\''))?;
        let close = memchr::memchr(quote, &bytes[open + 1..]).map_or(bytes.len(), |found| open + 1 + found);
        self.at = (close + 1).min(bytes.len());
        Some(Attribute { name, value: open + 1..close })
    }

    fn close(&mut self, name: Range<usize>) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(at) = self.open.iter().rposition(|open| self.bytes[open.clone()] == self.bytes[name.clone()]) {
            self.open.truncate(at);
        }
    }
}

impl Iterator for Reader<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if std::mem::take(&mut self.ended) {
            self.open.pop();
        }
        while self.at < self.bytes.len() {
            if self.bytes[self.at] == b'<' {
                if let Some(event) = self.markup() {
                    return Some(event);
                }
                continue;
            }
            let end = memchr::memchr(b'<', &self.bytes[self.at..]).map_or(self.bytes.len(), |found| self.at + found);
            let text = trimmed(self.bytes, self.at..end);
            self.at = end;
            if !text.is_empty() && !self.open.is_empty() {
                return Some(Event::Text(text));
            }
        }
        None
    }
}

/// Where `<!DOCTYPE … [ … ]>` ends.
fn declaration(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    let mut inside = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'[' => inside = true,
            b']' => inside = false,
            b'"' | b'\'' => match memchr::memchr(*byte, &bytes[at + 1..]) {
                Some(found) => at += found + 1,
                None => return bytes.len(),
            },
            b'>' if !inside => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || byte >= 0x80
}

fn local(bytes: &[u8], name: Range<usize>) -> Range<usize> {
    memchr::memrchr(b':', &bytes[name.clone()]).map_or(name.clone(), |at| name.start + at + 1..name.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut reader = Reader::new(text.as_bytes());
        let mut all = Vec::new();
        while let Some(event) = reader.next() {
            let way = reader.way().map(|name| String::from_utf8_lossy(name).into_owned()).collect::<Vec<_>>().join("/");
            match event {
                Event::Open(attributes) => {
                    all.extend(attributes.iter().map(|a| format!("{way}/@{}={}", &text[a.name.clone()], &text[a.value.clone()])));
                }
                Event::Text(range) => all.push(format!("{way}={}", &text[range])),
            }
        }
        all
    }

    #[test]
    fn texts_and_attributes_with_the_way_to_them() {
        let text = "<?xml version='1'?><!DOCTYPE a [<!ENTITY x \"<y>]\">]><a><!-- <b>c</b> --><n:b k=\"v>\" l='w'/><c> t </c></z><d><![CDATA[<e>]]></a><f>g";
        assert_eq!(read(text), ["a/b/@k=v>", "a/b/@l=w", "a/c=t", "a/d=<e>", "f=g"]);
    }

    #[test]
    fn deep_and_long_ones_are_read_once() {
        for text in
            ["<a>".repeat(100_000), "<a b=\"".repeat(100_000), "</a>".repeat(100_000), "<![CDATA[".repeat(100_000), "<!--".repeat(100_000)]
        {
            assert!(read(&text).len() <= 100_000);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::sample::select(b"<>/!-[]?=\"' a:CDT&".to_vec()), 0..150)) {
            for event in Reader::new(&bytes) {
                if let Event::Text(range) = event {
                    proptest::prop_assert!(range.start < range.end && range.end <= bytes.len());
                }
            }
        }
    }
}
