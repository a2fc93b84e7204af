//! Dumps of databases: which value stands in which column of which table, and the passwords that accounts are given.
//! Statements are told by their first words; nothing is run. MySQL's and PostgreSQL's spelling.

use std::collections::HashMap;
use std::ops::Range;

/// A text in a table. The range is bytes of the file, without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The table, in lower case; `account` where it is what an account is given.
    pub table: String,
    /// The column, in lower case; empty where the file does not say.
    pub column: String,
    pub value: Range<usize>,
}

/// The texts of a dump, in order, of the columns that `wanted` asks for by name (empty where that is not known). Linear in
/// the file.
pub fn cells(bytes: &[u8], wanted: &dyn Fn(&str) -> bool) -> Vec<Cell> {
    let mut dump = Dump { bytes, at: 0, columns: HashMap::new(), all: Vec::new(), wanted };
    while let Some(word) = dump.word() {
        dump.statement(&word);
    }
    dump.all
}

/// Columns of a table, tables and texts of a dump that are kept.
const MAX_COLUMNS: usize = 1_000;
const MAX_TABLES: usize = 10_000;
const MAX_CELLS: usize = 200_000;
/// Bytes of a name that are kept.
const MAX_NAME: usize = 64;
/// Words of a statement on an account.
const MAX_WORDS: usize = 64;

struct Dump<'a> {
    bytes: &'a [u8],
    at: usize,
    columns: HashMap<String, Vec<String>>,
    all: Vec<Cell>,
    wanted: &'a dyn Fn(&str) -> bool,
}

/// A word, a quoted text or name, or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Name(Range<usize>),
    Text(Range<usize>),
    Sign(u8),
}

impl Dump<'_> {
    fn word(&mut self) -> Option<Word> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            let start = self.at;
            let line = || memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            match rest {
                [] => return None,
                [byte, ..] if byte.is_ascii_whitespace() => self.at += 1,
                [b'-', b'-', ..] => self.at += line(),
                // What MySQL runs and others pass over.
                [b'/', b'*', b'!', ..] => self.at += 3 + rest[3..].iter().take_while(|byte| byte.is_ascii_digit()).count(),
                [b'/', b'*', ..] => self.at += memchr::memmem::find(&rest[2..], b"*/").map_or(rest.len(), |end| end + 4),
                [b'*', b'/', ..] => self.at += 2,
                [quote @ (b'\'' | b'"' | b'`'), ..] => {
                    let end = closed(&rest[1..], *quote).unwrap_or(rest.len() - 1);
                    self.at += end + 2;
                    let range = start + 1..start + 1 + end;
                    return Some(if *quote == b'\'' { Word::Text(range) } else { Word::Name(range) });
                }
                [b'[', ..] => {
                    let end = memchr::memchr(b']', rest).unwrap_or(rest.len() - 1);
                    self.at += end + 1;
                    return Some(Word::Name(start + 1..start + end.max(1)));
                }
                [byte, ..] if is_name(*byte) => {
                    let end = rest.iter().position(|byte| !is_name(*byte)).unwrap_or(rest.len());
                    self.at += end;
                    return Some(Word::Name(start..start + end));
                }
                [byte, ..] => {
                    self.at += 1;
                    return Some(Word::Sign(*byte));
                }
            }
        }
    }

    fn is(&self, word: Option<&Word>, text: &[u8]) -> bool {
        matches!(word, Some(Word::Name(range)) if self.bytes[range.clone()].eq_ignore_ascii_case(text))
    }

    fn name(&self, range: &Range<usize>) -> String {
        let name = &self.bytes[range.clone()];
        String::from_utf8_lossy(&name[..name.len().min(MAX_NAME)]).to_lowercase()
    }

    fn statement(&mut self, first: &Word) {
        let first = Some(first);
        if self.is(first, b"create") {
            let second = self.word();
            if self.is(second.as_ref(), b"table") {
                self.create_table();
            } else if self.is(second.as_ref(), b"user") || self.is(second.as_ref(), b"role") || self.is(second.as_ref(), b"login") {
                self.account();
            }
        } else if self.is(first, b"insert") || self.is(first, b"replace") {
            self.insert();
        } else if self.is(first, b"copy") {
            self.copy();
        } else if self.is(first, b"alter") || self.is(first, b"grant") || self.is(first, b"set") {
            self.account();
        }
    }

    /// `schema.table`: its last part, and the word behind it.
    fn table(&mut self) -> Option<(String, Option<Word>)> {
        let mut word = self.word();
        for skipped in [&b"if"[..], b"not", b"exists", b"only", b"ignore", b"into"] {
            if self.is(word.as_ref(), skipped) {
                word = self.word();
            }
        }
        let Some(Word::Name(mut name)) = word else { return None };
        let mut next = self.word();
        while next == Some(Word::Sign(b'.')) {
            if let Some(Word::Name(part)) = self.word() {
                name = part;
            }
            next = self.word();
        }
        Some((self.name(&name), next))
    }

    fn create_table(&mut self) {
        let Some((table, Some(Word::Sign(b'(')))) = self.table() else { return };
        let (mut depth, mut columns, mut is_start) = (1_u32, Vec::new(), true);
        while let Some(word) = self.word() {
            match word {
                Word::Sign(b'(') => depth += 1,
                Word::Sign(b')') if depth == 1 => break,
                Word::Sign(b')') => depth -= 1,
                Word::Sign(b';') => break,
                Word::Sign(b',') if depth == 1 => {
                    is_start = true;
                    continue;
                }
                Word::Name(range) if is_start && columns.len() < MAX_COLUMNS => columns.push(self.name(&range)),
                _ => {}
            }
            is_start = false;
        }
        if self.columns.len() < MAX_TABLES {
            self.columns.insert(table, columns);
        }
    }

    /// `INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y');`
    fn insert(&mut self) {
        let Some((table, mut next)) = self.table() else { return };
        let mut columns = self.columns.get(&table).cloned().unwrap_or_default();
        if next == Some(Word::Sign(b'(')) {
            columns.clear();
            loop {
                match self.word() {
                    Some(Word::Name(range)) if columns.len() < MAX_COLUMNS => columns.push(self.name(&range)),
                    Some(Word::Sign(b',')) => {}
                    _ => break,
                }
            }
            next = self.word();
        }
        if !self.is(next.as_ref(), b"values") {
            return;
        }
        let wanted: Vec<bool> = columns.iter().map(|column| (self.wanted)(column)).collect();
        let unnamed = columns.is_empty() && (self.wanted)("");
        let (mut depth, mut column) = (0_u32, 0_usize);
        while let Some(word) = self.word() {
            match word {
                Word::Sign(b';') => return,
                Word::Sign(b'(') => {
                    depth += 1;
                    if depth == 1 {
                        column = 0;
                    }
                }
                Word::Sign(b')') => depth = depth.saturating_sub(1),
                Word::Sign(b',') if depth == 1 => column += 1,
                Word::Text(value) if depth == 1 && wanted.get(column).copied().unwrap_or(unnamed) => {
                    let column = columns.get(column).cloned().unwrap_or_default();
                    self.push(table.clone(), column, value);
                }
                _ => {}
            }
        }
    }

    /// `COPY t (a, b) FROM stdin;` and rows of fields between tabs, up to `\.`.
    fn copy(&mut self) {
        let Some((table, Some(Word::Sign(b'(')))) = self.table() else { return };
        let mut columns = Vec::new();
        loop {
            match self.word() {
                Some(Word::Name(range)) if columns.len() < MAX_COLUMNS => columns.push(self.name(&range)),
                Some(Word::Sign(b',')) => {}
                _ => break,
            }
        }
        let (from, stdin) = (self.word(), self.word());
        if !self.is(from.as_ref(), b"from") || !self.is(stdin.as_ref(), b"stdin") {
            return;
        }
        let wanted: Vec<usize> = (0..columns.len()).filter(|at| (self.wanted)(&columns[*at])).collect();
        let end = |at: usize| memchr::memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |found| at + found);
        let mut at = end(self.at) + 1;
        while at < self.bytes.len() {
            let line = at..end(at);
            at = line.end + 1;
            if self.bytes[line.clone()].trim_ascii_end() == b"\\." {
                break;
            }
            let mut field = line.start;
            for (column, part) in self.bytes[line.clone()].split(|byte| *byte == b'\t').enumerate() {
                let value = field..field + part.trim_ascii_end().len();
                field += part.len() + 1;
                if wanted.binary_search(&column).is_ok() && part != b"\\N" {
                    self.push(table.clone(), columns[column].clone(), value);
                }
            }
        }
        self.at = at.min(self.bytes.len());
    }

    /// `IDENTIFIED BY 'x'`, `PASSWORD 'x'`, `PASSWORD = 'x'`, up to the end of the statement.
    fn account(&mut self) {
        let mut is_password = false;
        for _ in 0..MAX_WORDS {
            match self.word() {
                None | Some(Word::Sign(b';')) => return,
                Some(Word::Text(value)) if is_password => {
                    self.push("account".to_owned(), "password".to_owned(), value);
                    is_password = false;
                }
                Some(Word::Sign(b'=' | b'(')) => {}
                word => {
                    is_password = self.is(word.as_ref(), b"password") || self.is(word.as_ref(), b"by");
                }
            }
        }
    }

    fn push(&mut self, table: String, column: String, value: Range<usize>) {
        if !value.is_empty() && self.all.len() < MAX_CELLS {
            self.all.push(Cell { table, column, value });
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

/// Where a quote is closed; one that is doubled, or behind a `\`, is part of the text.
fn closed(text: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(quote, b'\\', text.get(at..)?) {
        at += found;
        if text[at] == b'\\' || text.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return Some(at);
        }
    }
    None
}

/// Pairs of a text that PHP serialized, `s:8:"password";s:9:"hunter2x9";`: the ranges of key and value in it. Lengths are
/// not believed.
#[must_use]
pub fn serialized(text: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut strings: Vec<Range<usize>> = Vec::new();
    let mut pairs = Vec::new();
    let mut at = 0;
    while let Some(start) = memchr::memmem::find(&text[at..], b"s:").map(|found| at + found) {
        at = start + 2;
        let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        // A quote is doubled or escaped where the text is itself one of SQL.
        let open = at + digits;
        let quote = if text[open..].starts_with(b":\\\"") { 3 } else { 2 };
        if digits == 0 || !(text[open..].starts_with(b":\"") || quote == 3) {
            continue;
        }
        let from = open + quote;
        let Some(end) = memchr::memmem::find(&text[from..], b"\";").map(|found| from + found) else { break };
        let value = from..if text[..end].ends_with(b"\\") { end - 1 } else { end };
        at = end + 2;
        // A key stands right before its value.
        if let Some(key) = strings.last().filter(|key| key.end + 4 >= start && !key.is_empty()) {
            pairs.push((key.clone(), value.clone()));
        }
        strings.push(value);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, &str)> {
        let all = cells(text.as_bytes(), &|_| true);
        all.into_iter().map(|cell| (format!("{}.{}", cell.table, cell.column), &text[cell.value])).collect()
    }

    #[test]
    fn values_are_told_by_their_columns() {
        let text = "-- a dump\n/*!40101 SET NAMES utf8 */;\nCREATE TABLE IF NOT EXISTS `app`.`users` (\n `id` int(11) NOT NULL,\n `Email` varchar(9) DEFAULT 'x',\n \
                    `word` text,\n PRIMARY KEY (`id`)\n);\nINSERT INTO `users` VALUES (1,'a@b','it''s; (x)'),(2,NULL,'b\\'c');\n\
                    INSERT IGNORE INTO posts (title, body) VALUES ('t', concat('a', 'b'));\n";
        let want = [("users.email", "a@b"), ("users.word", "it''s; (x)"), ("users.word", "b\\'c"), ("posts.title", "t")];
        assert_eq!(read(text), want.map(|(column, value)| (column.to_owned(), value)));
    }

    #[test]
    fn rows_of_copy_and_accounts() {
        let text = "COPY public.users (id, name, hash) FROM stdin;\n1\ta b\th1\n2\t\\N\th2\n\\.\nCREATE USER 'a'@'%' IDENTIFIED BY 'p1';\n\
                    ALTER ROLE x WITH LOGIN ENCRYPTED PASSWORD 'p2';\nSET PASSWORD FOR 'a'@'b' = PASSWORD('p3');\n\
                    ALTER TABLE t ADD c int DEFAULT 'no';\n";
        let want = [
            ("users.id", "1"),
            ("users.name", "a b"),
            ("users.hash", "h1"),
            ("users.id", "2"),
            ("users.hash", "h2"),
            ("account.password", "p1"),
            ("account.password", "p2"),
            ("account.password", "p3"),
        ];
        assert_eq!(read(text), want.map(|(column, value)| (column.to_owned(), value)));
    }

    #[test]
    fn serialized_pairs() {
        let text = b"a:2:{s:4:\"host\";s:2:\"db\";s:8:\\\"password\\\";s:3:\\\"x y\\\";}";
        let read: Vec<_> = serialized(text).into_iter().map(|(k, v)| (text[k].to_vec(), text[v].to_vec())).collect();
        assert!(read.contains(&(b"host".to_vec(), b"db".to_vec())) && read.contains(&(b"password".to_vec(), b"x y".to_vec())), "{read:?}");
    }

    #[test]
    fn broken_text_ends() {
        for text in [
            "insert",
            "insert into",
            "INSERT INTO a VALUES (",
            "create table a (",
            "copy a (b) from stdin;",
            "'",
            "/*",
            "copy a (b",
            "[",
            "set",
        ] {
            read(text);
        }
        assert!(read(&"insert into a values ('".repeat(50_000)).len() < 50_000);
        assert!(read(&"create user ".repeat(50_000)).is_empty());
    }
}
