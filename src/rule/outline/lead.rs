//! Whether a pattern's matches begin where a keyword stands, or a few bytes before it: then they are looked for there and
//! nowhere else, which costs a few bytes in place of the whole window on either side.

use regex_syntax::hir::{Class, Hir, HirKind};

/// More ways to begin than this are not followed further.
const MOST: usize = 600;
/// A class of more bytes than this says nothing of how a match begins.
const WIDEST: usize = 6;
/// Keywords are told apart long before.
const LONGEST: usize = 32;
/// The most bytes that are tried before a keyword, each as the beginning of a match.
const FURTHEST: usize = 12;
/// Bytes by which a beginning is taken for a keyword's.
const ALIKE: usize = 2;

/// How a match may begin, in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Start {
    bytes: Vec<u8>,
    /// What follows in the pattern follows these bytes.
    open: bool,
}

/// How many bytes of a match stand before its keyword at most, where every match has one near its beginning.
pub(super) fn lead(hir: &Hir, keywords: &[String]) -> Option<usize> {
    if leads(hir, keywords) {
        return Some(0);
    }
    let HirKind::Concat(parts) = hir.kind() else { return None };
    let before = parts.iter().scan(0, |sum, part| {
        *sum += part.properties().maximum_len()?;
        Some(*sum)
    });
    let mut rests = before.take_while(|sum| *sum <= FURTHEST).zip(1..);
    rests.find(|(_, first)| leads(&Hir::concat(parts[*first..].to_vec()), keywords)).map(|(sum, _)| sum)
}

/// Whether every match begins with a keyword, whatever its case. A pattern may leave it to what follows which of them it is
/// (`pass` with the keywords `pass=` and `passw`): then each keyword is one that a match can begin with.
fn leads(hir: &Hir, keywords: &[String]) -> bool {
    let keywords: Vec<Vec<u8>> = keywords.iter().map(|word| word.to_ascii_lowercase().into_bytes()).collect();
    let starts = extended(vec![Start { bytes: Vec::new(), open: true }], hir);
    let is_told = |start: &Start| keywords.iter().any(|word| start.bytes.starts_with(word));
    // What begins like a keyword and goes on otherwise is found by no hit at its beginning, nor meant to be.
    let alike = |start: &Start, word: &[u8]| start.bytes.len() >= ALIKE && word.starts_with(&start.bytes[..ALIKE]);
    let fits = |start: &Start, word: &[u8]| start.bytes.starts_with(word) || (start.bytes.len() >= 2 && word.starts_with(&start.bytes));
    starts.iter().all(is_told)
        || (starts.iter().all(|start| keywords.iter().any(|word| fits(start, word) || alike(start, word)))
            && keywords.iter().all(|word| starts.iter().any(|start| fits(start, word))))
}

/// The starts, gone on with a part of the pattern.
fn extended(starts: Vec<Start>, hir: &Hir) -> Vec<Start> {
    if starts.iter().all(|start| !start.open) {
        return starts;
    }
    let mut all = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => starts,
        HirKind::Literal(literal) => appended(starts, &[literal.0.to_ascii_lowercase()]),
        HirKind::Class(class) => match folded(class) {
            Some(bytes) => appended(starts, &bytes.iter().map(|byte| vec![*byte]).collect::<Vec<_>>()),
            None => closed(starts),
        },
        HirKind::Repetition(repetition) => {
            let mut all = starts;
            for _ in 0..repetition.min.min(8) {
                all = extended(all, &repetition.sub);
            }
            if repetition.max == Some(repetition.min) && repetition.min <= 8 {
                return all;
            }
            // Once more, which what follows may not follow at once, or not.
            let more = closed(extended(all.clone(), &repetition.sub));
            all.extend(more);
            all
        }
        HirKind::Capture(capture) => extended(starts, &capture.sub),
        HirKind::Concat(parts) => parts.iter().fold(starts, extended),
        HirKind::Alternation(ways) => ways.iter().flat_map(|way| extended(starts.clone(), way)).collect(),
    };
    all.sort_unstable();
    all.dedup();
    all
}

fn closed(starts: Vec<Start>) -> Vec<Start> {
    starts.into_iter().map(|start| Start { open: false, ..start }).collect()
}

/// Each open start with each of some endings; all closed where they would be too many.
fn appended(starts: Vec<Start>, endings: &[Vec<u8>]) -> Vec<Start> {
    if starts.len() * endings.len() > MOST {
        return closed(starts);
    }
    let mut all = Vec::with_capacity(starts.len() * endings.len());
    for start in starts {
        if !start.open {
            all.push(start);
            continue;
        }
        all.extend(endings.iter().map(|ending| {
            let bytes = [&start.bytes[..], ending].concat();
            Start { open: bytes.len() < LONGEST, bytes }
        }));
    }
    all
}

/// The bytes of a class in lower case, if they are few.
fn folded(class: &Class) -> Option<Vec<u8>> {
    let Class::Bytes(class) = class else { return None };
    let mut all: Vec<u8> = Vec::new();
    for range in class.iter() {
        for byte in range.start()..=range.end() {
            let byte = byte.to_ascii_lowercase();
            if !all.contains(&byte) {
                all.push(byte);
            }
            if all.len() > WIDEST {
                return None;
            }
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str, keywords: &[&str]) -> bool {
        let hir = regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build().parse(pattern).expect("a pattern");
        leads(&hir, &keywords.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_pattern_that_begins_with_its_keywords_leads() {
        assert!(of("(?:AKIA|ASIA)[A-Z2-7]{16}", &["AKIA", "ASIA"]));
        assert!(of(r"\bATTA[0-9a-f]{64}", &["atta"]));
        assert!(of("(?i:secret|token|api[_-]?key)[a-z]{0,40}=(x{8,99})", &["secret", "token", "apikey", "api_key", "api-key"]));
        assert!(of("(?i)(?:private|preshared)[_ -]?key", &["privatekey", "private_key", "private-key", "private key", "preshared"]));
        assert!(of("(?i:pass|pwd)[a-z]{0,9}=", &["passw", "pass=", "pwd="]), "which keyword it is shows later");
        assert!(of("https?://[a-z]{1,9}", &["http://", "https://"]));
    }

    #[test]
    fn another_may_begin_before_its_keyword() {
        assert!(!of("[a-z]{0,9}token", &["token"]));
        assert!(!of("(?:x|token)=", &["token"]));
        assert!(!of("(?:token)?=[a-z]{9}", &["token"]));
        assert!(!of("api[a-z]{1,9}T3BlbkFJ", &["api_", "T3BlbkFJ"]), "one keyword stands further on");
        assert!(!of("", &["token"]));
    }

    #[test]
    fn a_few_bytes_may_stand_before_a_keyword() {
        let of = |pattern: &str, keywords: &[&str]| {
            let hir = regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build().parse(pattern).expect("a pattern");
            lead(&hir, &keywords.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(of(r#"\\{0,3}"auth"\s{0,8}:"#, &["\"auth\""]), Some(3));
        assert_eq!(of("AKIA[A-Z2-7]{16}", &["AKIA"]), Some(0));
        assert_eq!(of("[a-z]{0,40}token", &["token"]), None, "too far");
        assert_eq!(of("[0-9]{8}x?token", &["token"]), Some(9));
        assert_eq!(of("[a-z]{1,9}", &["token"]), None);
    }

    #[test]
    fn many_ways_to_begin_end_somewhere() {
        assert!(!of("(?:[abc][def][ghi]){12}token", &["token"]));
        assert!(!of("(?:(?:a|b){0,9}){0,9}token", &["token"]));
    }
}
