//! Files that were made to cost much, through the binary: each ends with a report and an exit code that say what became of it.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use data_encoding::BASE64;
use support::{gatepost, made, places, write};

const SIZE: usize = 256 << 10;

/// What becomes of a file.
#[derive(Debug, PartialEq)]
struct End {
    code: i32,
    scanned: u64,
    failed: u64,
    findings: usize,
    troubles: Vec<String>,
}

impl End {
    fn of(name: &str, text: &str) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        write(dir.path(), name, text);
        let run = gatepost(dir.path(), &["scan", "--isolated", "--format", "json"]);
        let report = run.json();
        let count = |name: &str| report["counts"][name].as_u64().expect("a number");
        assert_eq!((count("inputs"), count("bytes")), (1, text.len() as u64), "{name}");
        let troubles = report["troubles"].as_array().expect("a list");
        End {
            code: run.code,
            scanned: count("scanned"),
            failed: count("failed"),
            findings: places(&report).len(),
            troubles: troubles.iter().map(|t| t["message"].as_str().expect("text").to_owned()).collect(),
        }
    }

    fn clean() -> Self {
        End { code: 0, scanned: 1, failed: 0, findings: 0, troubles: Vec::new() }
    }
}

const LIMIT: &str = "more of it is encoded, or only looks like a secret, than is looked at";

/// A text of [`SIZE`] that repeats a piece.
fn many(piece: &str) -> String {
    piece.repeat(SIZE / piece.len())
}

/// Texts in base64 in each other, each but the innermost without its end.
fn half_open(plain: &str) -> String {
    (0..8).fold(plain.to_owned(), |inner, _| {
        let outer = BASE64.encode(inner.as_bytes());
        format!("{inner} {}", &outer[..outer.len() - 3])
    })
}

/// Nothing is found in what only begins, and the token behind it is: whatever was passed over on the way, and said to be.
#[test]
fn what_only_begins_is_looked_at_to_its_end() {
    let open = half_open("AWS_SECRET_ACCESS_KEY=");
    for piece in ["key=", "token:", "\"auth\":\"", "password=\"", "https://a:", "-----BEGIN RSA PRIVATE KEY-----\n", &open] {
        let text = format!("{}\n\nexport GITHUB_TOKEN={}\n", many(piece), made("github-token", 1));
        let end = End::of("a.txt", &text);
        assert_eq!((end.code, end.findings), (1, 1), "{}: {end:?}", &piece[..4]);
        assert_eq!(end.failed == 1, end.troubles == [LIMIT], "{end:?}");
    }
}

/// It is clean, or said not to have been looked at in full.
#[test]
fn what_only_begins_is_no_finding() {
    let open = half_open("AWS_SECRET_ACCESS_KEY=");
    for (name, piece) in [("a.json", "\"auth\":\""), ("a.yml", "token:"), ("a.txt", &open)] {
        let limited = End { code: 3, scanned: 0, failed: 1, findings: 0, troubles: vec![LIMIT.to_owned()] };
        let end = End::of(name, &many(piece));
        assert!(end == End::clean() || end == limited, "{name}: {end:?}");
    }
}

/// What takes long to look at is not looked at without end.
#[test]
fn what_is_made_to_be_slow_is_incomplete() {
    for start in ["FQoDYXdz", "IQoJb3JpZ2luX2Vj"] {
        let end = End::of("a.txt", &many(start));
        assert_eq!((end.code, end.troubles.as_slice()), (3, &[LIMIT.to_owned()][..]), "{start}");
    }
}

/// A thousand are told, and how many are not; the file does not count as scanned.
#[test]
fn more_ids_than_anybody_reads_are_told_as_a_number() {
    let text: String = (0..5_000).map(|seed| made("aws-key-id", seed) + "\n").collect();
    let troubles = vec!["4000 more findings in this input are not told".to_owned()];
    assert_eq!(End::of("ids.txt", &text), End { code: 1, scanned: 0, failed: 1, findings: 1_000, troubles });
}

/// More is encoded than is looked at: incomplete, and not clean.
#[test]
fn more_than_is_decoded_is_incomplete() {
    let text = "\"a\" + \"b\", ".repeat(530_000);
    let troubles = vec![LIMIT.to_owned()];
    assert_eq!(End::of("a.js", &text), End { code: 3, scanned: 0, failed: 1, findings: 0, troubles });
}
