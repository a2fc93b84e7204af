//! The kinds of credential files: each of them with a leak, in which the key whose value is real is named, and with a trap,
//! in which nothing is found. `testdata/credential-files/*.toml`, through the binary.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs;
use std::path::Path;

use gatepost::secret::generate::expand;
use serde::Deserialize;
use serde_json::Value;
use support::gatepost;

const KINDS: usize = 93;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(rename = "row")]
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: String,
    #[serde(rename = "leak")]
    leaks: Vec<Leak>,
    #[serde(rename = "trap")]
    traps: Vec<Trap>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leak {
    path: String,
    text: Option<String>,
    hex: Option<String>,
    sqlite: Option<Vec<String>>,
    /// What a finding's message names.
    names: String,
    /// The line that it or one of its other places points at.
    line: Option<u64>,
    /// Of the gravest finding; at least medium without it.
    severity: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trap {
    path: String,
    text: Option<String>,
    hex: Option<String>,
    sqlite: Option<Vec<String>>,
}

/// `{name-N}` is a value of a generator, `$|` a dollar sign before one.
fn filled(template: &str, seed: u64) -> String {
    expand(template, seed).expect("generators that there are").replace("$|", "$")
}

fn bytes(text: Option<&String>, hex: Option<&String>, sqlite: Option<&Vec<String>>, seed: u64) -> Vec<u8> {
    match (text, hex, sqlite) {
        (Some(text), None, None) => filled(text, seed).into_bytes(),
        (None, Some(hex), None) => {
            let digits: Vec<u8> = hex.bytes().filter(|byte| *byte != b' ').collect();
            let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).expect("ASCII"), 16).expect("hex");
            digits.chunks(2).map(byte).collect()
        }
        (None, None, Some(rows)) => {
            let values: Vec<String> = rows[1..].iter().map(|value| filled(value, seed)).collect();
            sqlite_file(&rows[0], &values)
        }
        _ => panic!("a case has `text`, `hex` or `sqlite`"),
    }
}

/// A database of one table with one row of texts, as <https://www.sqlite.org/fileformat2.html> says.
fn sqlite_file(table: &str, values: &[String]) -> Vec<u8> {
    const PAGE: usize = 4096;
    let varint = |n: usize| {
        if n < 128 {
            vec![u8::try_from(n).expect("small")]
        } else {
            vec![0x80 | u8::try_from(n >> 7).expect("small"), u8::try_from(n & 127).expect("small")]
        }
    };
    let record = |serial: Vec<Vec<u8>>, body: Vec<u8>| {
        let types: Vec<u8> = serial.concat();
        let payload = [varint(types.len() + 1), types, body].concat();
        [varint(payload.len()), varint(1), payload].concat()
    };
    let leaf = |cell: &[u8], from: usize| {
        let mut page = vec![0; PAGE];
        let at = PAGE - cell.len();
        page[at..].copy_from_slice(cell);
        let start = u16::try_from(at).expect("within a page").to_be_bytes();
        page[from..from + 8].copy_from_slice(&[13, 0, 0, 0, 1, start[0], start[1], 0]);
        page[from + 8..from + 10].copy_from_slice(&start);
        page
    };
    let of = |text: &str| varint(text.len() * 2 + 13);
    let (name, sql) = (table.split('(').next().expect("a name"), format!("CREATE TABLE {table}"));
    let schema = record(
        vec![of("table"), of(name), of(name), varint(1), of(&sql)],
        [b"table", name.as_bytes(), name.as_bytes(), &[2], sql.as_bytes()].concat(),
    );
    let row = record(values.iter().map(|value| of(value)).collect(), values.concat().into_bytes());
    let mut first = leaf(&schema, 100);
    first[..16].copy_from_slice(b"SQLite format 3\0");
    first[16..24].copy_from_slice(&[0x10, 0, 1, 1, 0, 64, 32, 32]);
    first[28..32].copy_from_slice(&2_u32.to_be_bytes());
    first[44..48].copy_from_slice(&4_u32.to_be_bytes());
    first[56..60].copy_from_slice(&1_u32.to_be_bytes());
    [first, leaf(&row, 0)].concat()
}

fn pages() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/credential-files");
    let mut files: Vec<_> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let page = |path: &std::path::PathBuf| -> Page {
        let text = fs::read_to_string(path).expect("readable");
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files.iter().flat_map(|path| page(path).rows).collect()
}

const GRAVITY: [&str; 5] = ["info", "low", "medium", "high", "critical"];

fn gravity(finding: &Value) -> usize {
    GRAVITY.iter().position(|name| finding["severity"] == **name).expect("a severity")
}

/// What is wrong with what was found of a leak.
fn missed(leak: &Leak, found: &[&Value]) -> Option<String> {
    let names = |finding: &&&Value| finding["message"].as_str().is_some_and(|message| message.contains(&leak.names));
    let line = |place: &Value| leak.line.is_none_or(|line| place["start"]["line"] == line);
    let points = |finding: &&&Value| line(finding) || finding["related"].as_array().is_some_and(|all| all.iter().any(line));
    let told = || {
        found
            .iter()
            .map(|f| format!("{} {} {}: {}", f["severity"], f["rule"], f["start"]["line"], f["message"]))
            .collect::<Vec<_>>()
            .join("; ")
    };
    if !found.iter().filter(names).any(|finding| points(&finding)) {
        return Some(format!("no finding names {} at line {:?}: {}", leak.names, leak.line, told()));
    }
    let gravest = found.iter().map(|finding| gravity(finding)).max().unwrap_or(0);
    let is_right = match &leak.severity {
        Some(wanted) => GRAVITY[gravest] == *wanted,
        None => gravest >= 2,
    };
    (!is_right).then(|| format!("its gravest finding is {}: {}", GRAVITY[gravest], told()))
}

#[test]
fn every_kind_of_credential_file_is_told_from_its_traps() {
    let rows = pages();
    assert_eq!(rows.len(), KINDS);
    let folder = tempfile::tempdir().expect("a folder");
    for (number, row) in rows.iter().enumerate() {
        assert!(!row.leaks.is_empty() && !row.traps.is_empty(), "{} has a leak and a trap", row.kind);
        let seed = number as u64 + 1;
        for (at, leak) in row.leaks.iter().enumerate() {
            let bytes = bytes(leak.text.as_ref(), leak.hex.as_ref(), leak.sqlite.as_ref(), seed);
            support::write(folder.path(), &format!("leak-{number}-{at}/{}", leak.path), bytes);
        }
        for (at, trap) in row.traps.iter().enumerate() {
            let bytes = bytes(trap.text.as_ref(), trap.hex.as_ref(), trap.sqlite.as_ref(), seed);
            support::write(folder.path(), &format!("trap-{number}-{at}/{}", trap.path), bytes);
        }
    }
    let run = gatepost(folder.path(), &["scan", "--format", "json", "."]);
    let report = run.json();
    let findings = report["findings"].as_array().expect("a list");
    let of = |case: &str| -> Vec<&Value> {
        let of_case = |finding: &&Value| finding["path"].as_str().is_some_and(|path| path.trim_start_matches("./").starts_with(case));
        findings.iter().filter(of_case).collect()
    };
    let mut wrong = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        for (at, leak) in row.leaks.iter().enumerate() {
            let told = missed(leak, &of(&format!("leak-{number}-{at}/")));
            wrong.extend(told.map(|told| format!("{}: {}: {told}", row.kind, leak.path)));
        }
        for (at, trap) in row.traps.iter().enumerate() {
            let alarms = of(&format!("trap-{number}-{at}/"));
            wrong.extend(
                alarms.iter().map(|finding| format!("{}: {} is a trap: {}: {}", row.kind, trap.path, finding["rule"], finding["message"])),
            );
        }
    }
    assert!(wrong.is_empty(), "{} cases come out wrong:\n{}", wrong.len(), wrong.join("\n"));
}
