//! The structures that halves stand in: sections, objects, calls, rows, mappings by indentation. Not a parser of any
//! language: brackets, indents and a few kinds of lines are read in one pass, and what does not close is no harm.

use super::Half;

/// A structure that some half stands in, by its place in [`Scopes::nodes`]; the first is the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub parent: usize,
    pub wall: Wall,
}

/// Which halves find no partner outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wall {
    None,
    /// Those without a name.
    Bare,
    /// All: a profile, a row of a table.
    All,
}

/// Where halves stand: a node for each.
pub(super) struct Scopes {
    pub nodes: Vec<Node>,
    pub of: Vec<usize>,
}

/// Deeper brackets are not told apart.
const DEEPEST: usize = 32;
/// The longest line that is looked at for what it says of structure.
const LONGEST_LINE: usize = 400;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Section,
    /// A line of a table that a header began.
    Line,
    Bracket(u8),
    /// What is indented by more: twice the blanks, and one more for an item of a list.
    Indent(usize),
}

struct Open {
    kind: Kind,
    wall: Wall,
    node: Option<usize>,
}

struct Reader<'a> {
    bytes: &'a [u8],
    stack: Vec<Open>,
    /// Brackets that are open and too deep.
    deeper: usize,
    /// The lines that follow are rows of a table.
    in_table: bool,
    /// A row of values has ended, and nothing but a comma came since.
    after_row: bool,
    nodes: Vec<Node>,
}

/// The structures of all halves, which are sorted by place.
pub(super) fn scopes(bytes: &[u8], halves: &[Half]) -> Scopes {
    let root = Node { parent: 0, wall: Wall::None };
    let mut reader = Reader { bytes, stack: Vec::new(), deeper: 0, in_table: false, after_row: false, nodes: vec![root] };
    let mut of = Vec::with_capacity(halves.len());
    let mut at = 0;
    reader.line(0);
    for half in halves {
        let start = half.range.start.min(bytes.len());
        reader.read(at, start);
        of.push(reader.node());
        // What a value is made of opens and closes nothing.
        at = half.range.end.min(bytes.len()).max(start);
    }
    Scopes { nodes: reader.nodes, of }
}

impl Reader<'_> {
    fn read(&mut self, from: usize, to: usize) {
        let bytes = self.bytes;
        for (at, byte) in bytes.iter().enumerate().take(to).skip(from) {
            match *byte {
                b'\n' => self.line(at + 1),
                b'{' | b'[' => self.open(Kind::Bracket(*byte), Wall::None),
                b'(' => {
                    let wall = if self.after_row || follows_values(&bytes[..at]) { Wall::Bare } else { Wall::None };
                    self.open(Kind::Bracket(b'('), wall);
                }
                b'}' => self.close(b'{'),
                b']' => self.close(b'['),
                b')' => self.close(b'('),
                b',' | b' ' | b'\t' | b'\r' => continue,
                _ => {}
            }
            if !matches!(*byte, b')' | b'\n') {
                self.after_row = false;
            }
        }
    }

    fn open(&mut self, kind: Kind, wall: Wall) {
        if self.stack.len() < DEEPEST {
            self.stack.push(Open { kind, wall, node: None });
        } else {
            self.deeper += 1;
        }
    }

    /// Ends the nearest bracket of a kind, and what was opened in it; one that nothing opened is passed over.
    fn close(&mut self, bracket: u8) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let is_own = |open: &Open| open.kind == Kind::Bracket(bracket);
        let least = self.stack.iter().rposition(|open| matches!(open.kind, Kind::Section | Kind::Line)).map_or(0, |at| at + 1);
        if let Some(at) = self.stack.iter().rposition(is_own).filter(|at| *at >= least) {
            self.after_row = bracket == b'(' && self.stack[at].wall == Wall::Bare;
            self.stack.truncate(at);
        }
    }

    /// What the line that begins here says of structure.
    fn line(&mut self, start: usize) {
        let rest = &self.bytes[start..];
        let line = &rest[..memchr::memchr(b'\n', &rest[..rest.len().min(LONGEST_LINE)]).unwrap_or(rest.len().min(LONGEST_LINE))];
        let text = line.trim_ascii();
        if let Some(at) = self.stack.iter().rposition(|open| open.kind == Kind::Line) {
            self.stack.truncate(at);
        }
        if text.is_empty() {
            self.in_table = false;
            return;
        }
        let in_brackets = self.stack.iter().any(|open| matches!(open.kind, Kind::Bracket(_)));
        let is_end = matches!(text, b"---" | b"...");
        if is_end || !in_brackets && is_section(text) {
            self.stack.clear();
            self.deeper = 0;
            if !is_end {
                self.open(Kind::Section, Wall::All);
            }
            return;
        }
        if self.in_table {
            self.open(Kind::Line, Wall::All);
            return;
        }
        self.in_table = is_header(text);
        if !is_comment(text) {
            self.indent(line, text);
        }
    }

    /// Ends what is indented as far or further, and opens what this line begins.
    fn indent(&mut self, line: &[u8], text: &[u8]) {
        let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let is_item = text.starts_with(b"- ");
        let depth = 2 * blanks + usize::from(is_item);
        while let Some(Open { kind: Kind::Indent(open), .. }) = self.stack.last() {
            if depth > *open {
                break;
            }
            self.stack.pop();
        }
        if is_item {
            self.open(Kind::Indent(depth), Wall::None);
        }
        if text.ends_with(b":") {
            // The key of an item is indented like the keys below it.
            let inner = if is_item { 2 * (blanks + 2) } else { depth };
            self.open(Kind::Indent(inner), Wall::None);
        }
    }

    /// The node of what is open now, made where there is none yet.
    fn node(&mut self) -> usize {
        let mut parent = 0;
        for open in &mut self.stack {
            let nodes = &mut self.nodes;
            parent = *open.node.get_or_insert_with(|| {
                nodes.push(Node { parent, wall: open.wall });
                nodes.len() - 1
            });
        }
        parent
    }
}

fn is_comment(text: &[u8]) -> bool {
    text.starts_with(b"#") || text.starts_with(b"//") || text.starts_with(b";")
}

/// The header of an INI section or a TOML table, commented out or not.
fn is_section(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"#").or_else(|| text.strip_prefix(b";")).unwrap_or(text).trim_ascii();
    let Some(name) = text.strip_prefix(b"[").and_then(|name| name.strip_suffix(b"]")) else { return false };
    let named = name.iter().any(u8::is_ascii_alphanumeric);
    named && !name.starts_with(b"\"") && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b" _.-:@/+[]\"'".contains(byte))
}

/// The first line of the table that the console gives to a user: columns for the id and for the secret.
fn is_header(text: &[u8]) -> bool {
    if !text.iter().any(|byte| matches!(byte, b',' | b';' | b'\t' | b'|')) {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&lower, word).is_some();
    (has(b"access key") || has(b"access_key") || has(b"accesskey"))
        && has(b"secret")
        && !lower.iter().any(|b| matches!(b, b'=' | b'(' | b'{'))
}

/// Whether the word VALUES stands in front of a bracket.
fn follows_values(before: &[u8]) -> bool {
    let tail = before[before.len().saturating_sub(16)..].trim_ascii_end();
    tail.len() >= 6 && tail[tail.len() - 6..].eq_ignore_ascii_case(b"values")
}
