//! The text of a SQLite database, a member for each table: its rows as a dump in SQL, so that whoever judges dumps judges
//! it, by the names of its columns. Numbers are left out. <https://www.sqlite.org/fileformat2.html>
//!
//! Rows that were deleted are not read: what is left of them stands in the bytes of the file itself.

use std::collections::{HashSet, VecDeque};
use std::io::{self, Read, SeekFrom};

use super::{Opener, Packed, Why, member_path};
use crate::input::{InputPath, ReadSeek};

pub(super) fn open(opener: &mut Opener<'_>, path: &InputPath, packed: Packed<'_>) -> Result<(), Why> {
    let file = packed.seekable().map_err(|error| Why::Limit(error.to_string()))?;
    let mut pages = Pages::open(file).map_err(|error| Why::Damaged(error.to_string()))?;
    let mut tables = Vec::new();
    let mut schema = Cells::new(1);
    while let Some(row) = schema.next(&mut pages) {
        tables.extend(Table::of(&row.values(pages.encoding)));
        if tables.len() > MAX_TABLES {
            return Err(Why::Limit(format!("more than {MAX_TABLES} tables")));
        }
    }
    let mut is_damaged = schema.is_damaged;
    for Table { name, root, columns } in tables {
        let member = member_path(path, format!("{name}.sql").as_bytes());
        let mut rows = Rows { table: name, written: 0, cells: Cells::new(root), pages: &mut pages, columns, ready: VecDeque::new() };
        if opener.member(&member, &mut rows, 1, None).is_err() {
            return Ok(());
        }
        is_damaged |= rows.cells.is_damaged;
    }
    if is_damaged { Err(Why::Damaged("pages of the database".to_owned())) } else { Ok(()) }
}

const MAX_TABLES: usize = 10_000;

struct Table {
    name: String,
    root: u32,
    columns: Vec<String>,
}

impl Table {
    /// A table by its row in `sqlite_schema`: type, name, table, root page, SQL.
    fn of(row: &[Value]) -> Option<Table> {
        match row {
            [Value::Text(kind), Value::Text(name), _, Value::Number(root), Value::Text(sql)] if kind == "table" && *root > 0 => {
                Some(Table { name: name.clone(), root: u32::try_from(*root).ok()?, columns: columns(sql) })
            }
            _ => None,
        }
    }
}

/// The names in `CREATE TABLE t (name TYPE …, …)`.
fn columns(sql: &str) -> Vec<String> {
    let Some(open) = sql.find('(') else { return Vec::new() };
    let (mut depth, mut quote) = (0_u32, None);
    let mut parts = vec![String::new()];
    for c in sql[open + 1..].chars() {
        match c {
            _ if quote.is_some() => quote = quote.filter(|end| *end != c),
            '"' | '\'' | '`' => quote = Some(c),
            '[' => quote = Some(']'),
            '(' => depth += 1,
            ')' if depth == 0 => break,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("there is always one").push(c);
    }
    let name = |part: &String| {
        let part = part.trim();
        let close = match part.chars().next()? {
            quote @ ('"' | '\'' | '`') => Some(quote),
            '[' => Some(']'),
            _ => None,
        };
        let name = match close {
            Some(close) => part[1..].split(close).next()?,
            None => part.split_whitespace().next()?,
        };
        let is_constraint =
            close.is_none() && ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| name.eq_ignore_ascii_case(word));
        (!is_constraint).then(|| name.to_owned())
    };
    parts.iter().filter_map(name).collect()
}

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

enum Value {
    Nothing,
    Number(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// The pages of a database.
struct Pages<'f> {
    file: Box<dyn ReadSeek + 'f>,
    size: usize,
    /// Bytes of a page that hold content.
    usable: usize,
    count: u64,
    encoding: Encoding,
}

impl<'f> Pages<'f> {
    fn open(mut file: Box<dyn ReadSeek + 'f>) -> io::Result<Pages<'f>> {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let mut header = [0; 100];
        file.read_exact(&mut header)?;
        let size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            size if size >= 512 && size.is_power_of_two() => usize::from(size),
            _ => return Err(io::Error::other("no size of a page")),
        };
        let encoding = match header[59] {
            2 => Encoding::Utf16Le,
            3 => Encoding::Utf16Be,
            _ => Encoding::Utf8,
        };
        let usable = size - usize::from(header[20]);
        if usable < 480 {
            return Err(io::Error::other("no room in a page"));
        }
        Ok(Pages { file, size, usable, count: length / size as u64, encoding })
    }

    /// A page by its number, from 1.
    fn read(&mut self, number: u32) -> Option<Vec<u8>> {
        let at = u64::from(number).checked_sub(1).filter(|at| *at < self.count)?;
        let mut page = vec![0; self.size];
        self.file.seek(SeekFrom::Start(at * self.size as u64)).ok()?;
        self.file.read_exact(&mut page).ok()?;
        Some(page)
    }

    /// A payload of `length` bytes that begins at `at` in a page, and goes on in overflow pages where it is long.
    fn payload(&mut self, page: &[u8], at: usize, length: usize, most: usize) -> Option<Vec<u8>> {
        let usable = self.usable;
        if length <= most {
            return Some(page.get(at..at + length)?.to_vec());
        }
        if length as u64 > self.count * self.size as u64 {
            return None;
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let part = least + (length - least) % (usable - 4);
        let local = if part <= most { part } else { least };
        let mut all = page.get(at..at + local)?.to_vec();
        let mut next = be32(page, at + local)?;
        while all.len() < length {
            let page = self.read(next)?;
            next = be32(&page, 0)?;
            let rest = (length - all.len()).min(usable - 4);
            all.extend_from_slice(page.get(4..4 + rest)?);
        }
        Some(all)
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(*bytes.get(at)?) << 8 | usize::from(*bytes.get(at + 1)?))
}

/// A number of up to nine bytes, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut number = 0_u64;
    for step in 0..9 {
        let byte = *bytes.get(at + step)?;
        if step == 8 {
            return Some((number << 8 | u64::from(byte), at + 9));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, at + step + 1));
        }
    }
    None
}

/// The cells of a tree of pages, without recursion; a page is read once.
struct Cells {
    left: Vec<u32>,
    seen: HashSet<u32>,
    ready: VecDeque<Record>,
    is_damaged: bool,
}

impl Cells {
    fn new(root: u32) -> Cells {
        Cells { left: vec![root], seen: HashSet::from([root]), ready: VecDeque::new(), is_damaged: false }
    }

    fn next(&mut self, pages: &mut Pages<'_>) -> Option<Record> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                return Some(record);
            }
            let number = self.left.pop()?;
            if self.page(pages, number).is_none() {
                self.is_damaged = true;
            }
        }
    }

    fn page(&mut self, pages: &mut Pages<'_>, number: u32) -> Option<()> {
        let page = pages.read(number)?;
        let head = if number == 1 { 100 } else { 0 };
        let kind = *page.get(head)?;
        let (is_leaf, has_payload) = match kind {
            0x0d | 0x0a => (true, true),
            0x05 => (false, false),
            0x02 => (false, true),
            _ => return None,
        };
        let count = be16(&page, head + 3)?;
        let cells = head + if is_leaf { 8 } else { 12 };
        // The rightmost child is the last one to be looked at.
        if !is_leaf {
            self.child(be32(&page, head + 8)?);
        }
        for number in (0..count).rev() {
            let mut at = be16(&page, cells + 2 * number)?;
            if !is_leaf {
                self.child(be32(&page, at)?);
                at += 4;
            }
            if has_payload {
                let (length, mut start) = varint(&page, at)?;
                if kind == 0x0d {
                    start = varint(&page, start)?.1;
                }
                let most = if kind == 0x0d { pages.usable - 35 } else { (pages.usable - 12) * 64 / 255 - 23 };
                match pages.payload(&page, start, usize::try_from(length).ok()?, most) {
                    Some(payload) => self.ready.push_front(Record(payload)),
                    None => self.is_damaged = true,
                }
            }
        }
        Some(())
    }

    fn child(&mut self, number: u32) {
        if self.seen.insert(number) {
            self.left.push(number);
        } else {
            self.is_damaged = true;
        }
    }
}

/// A row as it is stored.
struct Record(Vec<u8>);

impl Record {
    fn values(&self, encoding: Encoding) -> Vec<Value> {
        let bytes = &self.0;
        let mut values = Vec::new();
        let Some((header, mut at)) = varint(bytes, 0) else { return values };
        let Ok(header) = usize::try_from(header) else { return values };
        let mut body = header;
        while at < header.min(bytes.len()) {
            let Some((kind, next)) = varint(bytes, at) else { break };
            at = next;
            let length = match kind {
                0 | 8.. if kind < 12 => 0,
                1..=4 => kind,
                5 => 6,
                6 | 7 => 8,
                _ => (kind - 12) / 2,
            };
            let Some(end) = usize::try_from(length).ok().and_then(|length| body.checked_add(length)) else { break };
            let Some(stored) = bytes.get(body..end) else { break };
            body = end;
            values.push(match kind {
                1..=6 => Value::Number(number(stored)),
                8 => Value::Number(0),
                9 => Value::Number(1),
                12.. if kind % 2 == 0 => Value::Blob(stored.to_vec()),
                13.. => Value::Text(text(stored, encoding)),
                _ => Value::Nothing,
            });
        }
        values
    }
}

fn number(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))
}

fn text(bytes: &[u8], encoding: Encoding) -> String {
    let wide = |read: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Encoding::Utf16Le => wide(u16::from_le_bytes),
        Encoding::Utf16Be => wide(u16::from_be_bytes),
    }
}

/// A table as a dump of it is written: whoever judges dumps judges it too.
struct Rows<'p, 'f> {
    table: String,
    written: usize,
    cells: Cells,
    pages: &'p mut Pages<'f>,
    columns: Vec<String>,
    ready: VecDeque<u8>,
}

/// Rows of one statement: what is read in parts has the names of its columns in each.
const ROWS_OF_STATEMENT: usize = 100;

impl Rows<'_, '_> {
    fn write(&mut self, row: &Record) {
        let values = row.values(self.pages.encoding);
        if !values.iter().any(|value| matches!(value, Value::Text(_) | Value::Blob(_))) {
            return;
        }
        let name = |name: &str| name.replace(|c: char| c.is_control() || matches!(c, '"' | '\\'), "_");
        if self.written.is_multiple_of(ROWS_OF_STATEMENT) {
            let columns: Vec<String> = self.columns.iter().map(|column| format!("\"{}\"", name(column))).collect();
            let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
            self.ready.extend(format!("INSERT INTO \"{}\"{columns} VALUES\n", name(&self.table)).as_bytes());
        }
        self.written += 1;
        for (at, value) in values.into_iter().enumerate() {
            self.ready.extend(if at == 0 { "(" } else { ", " }.as_bytes());
            match value {
                Value::Text(text) => self.quote(text.as_bytes()),
                Value::Blob(bytes) => self.quote(&bytes),
                Value::Nothing | Value::Number(_) => self.ready.extend(b"NULL"),
            }
        }
        let ends = self.written.is_multiple_of(ROWS_OF_STATEMENT);
        self.ready.extend(if ends { ");\n" } else { "),\n" }.as_bytes());
    }

    /// What stands before a quote must not escape it for those who read `\'` so.
    fn quote(&mut self, bytes: &[u8]) {
        self.ready.push_back(b'\'');
        let mut slashes = 0;
        for byte in bytes {
            match byte {
                b'\\' => slashes += 1,
                b'\'' => {
                    self.ready.extend(std::iter::repeat_n(b'\\', slashes));
                    self.ready.push_back(b'\'');
                    slashes = 0;
                }
                _ => slashes = 0,
            }
            self.ready.push_back(*byte);
        }
        self.ready.extend(std::iter::repeat_n(b'\\', slashes));
        self.ready.push_back(b'\'');
    }
}

impl Read for Rows<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.ready.len() < into.len() {
            let Some(row) = self.cells.next(self.pages) else { break };
            self.write(&row);
        }
        self.ready.read(into)
    }
}
