//! Inline marks of other tools, each with the reach that its tool gives it. Marks that name rules use the tool's own ids, which
//! our rules carry as aliases.

use super::Mark;
use super::covers;
use super::extent::{Text, block_around, block_from, resource_around};
use crate::subject::Subject;
use crate::suppress::ignores::{Cover, Named, Names, Of, Until};

/// The marks of some tools in a content. `first` is the number of its first line.
#[must_use]
pub(super) fn read(subject: &Subject<'_>, tools: &[&'static str], names: Names<'_>) -> Vec<Mark> {
    let text = Text::new(subject.bytes(), subject.content.window.position.line);
    let mut found = Vec::new();
    for tool in tools {
        match *tool {
            "gitleaks" => secrets(&text, tool, &["gitleaks:allow"], touches, &mut found),
            "betterleaks" => secrets(&text, tool, &["betterleaks:allow", "gitleaks:allow"], touches, &mut found),
            "kingfisher" => secrets(&text, tool, &["kingfisher:ignore"], near, &mut found),
            "trufflehog" => {
                let before = |line, at: usize| Cover::Before(line, subject.span(at..at + 1).start);
                secrets(&text, tool, &["trufflehog:ignore"], before, &mut found);
            }
            "detect-secrets" => detect_secrets(&text, &mut found),
            "checkov" => checkov(&text, names, &mut found),
            "trivy" | "tfsec" => trivy(&text, tool, names, &mut found),
            "kics" => kics(&text, names, &mut found),
            _ => {}
        }
    }
    found
}

fn touches(line: u32, _: usize) -> Cover {
    Cover::Touched(line, line)
}

/// Its line, the next one, and what ends in the line above.
fn near(line: u32, _: usize) -> Cover {
    Cover::Near(line)
}

/// Marks of tools that look for secrets alone: all of them on the line.
/// `reach`: how far one on a line reaches that stands at an offset.
fn secrets(text: &Text<'_>, tool: &'static str, words: &[&str], reach: impl Fn(u32, usize) -> Cover, found: &mut Vec<Mark>) {
    for (line, start, row) in text.rows() {
        let low = row.to_ascii_lowercase();
        let whole = if tool == "kingfisher" { &low } else { row };
        let Some((word, at)) = words.iter().find_map(|word| Some((*word, whole.find(word)?))) else { continue };
        let at = start + at;
        let of = vec![(word.to_owned(), Of::Secrets)];
        found.push(Mark { tool, at, len: word.len(), cover: reach(line, at), of, reason: format!("marked `{word}`"), until: None });
    }
}

/// `pragma: allowlist secret`, at the end of the line; `pragma: allowlist nextline secret`, alone on the line above.
fn detect_secrets(text: &Text<'_>, found: &mut Vec<Mark>) {
    for (line, start, row) in text.rows() {
        // Other tools have pragmas too.
        let mark = row.match_indices("pragma:").find_map(|(at, word)| {
            let rest = &row[at + word.len()..];
            let rest = rest.strip_prefix(' ').unwrap_or(rest);
            let (kind, rest) = ["allowlist", "whitelist"].iter().find_map(|kind| Some((*kind, rest.strip_prefix(kind)?)))?;
            let rest = rest.strip_prefix([' ', '-'])?;
            let next = rest.strip_prefix("nextline").and_then(|rest| rest.strip_prefix([' ', '-']));
            let (cover, rest) = match next {
                // It begins its line.
                Some(rest) if kind == "allowlist" && row[..at].trim_matches(['#', '/', '*', '-', '<', '!', '\'', ' ']).is_empty() => {
                    (Cover::Lines(line + 1, line + 1), rest)
                }
                Some(_) => return None,
                // A block of text begins under the key that the mark stands beside.
                None if row[..at].trim_end_matches([' ', '#']).ends_with(['|', '>']) => (Cover::Lines(line, block_from(text, line)), rest),
                None => (Cover::Touched(line, line), rest),
            };
            rest.starts_with("secret").then_some((at, kind, cover))
        });
        let Some((at, kind, cover)) = mark else { continue };
        let of = vec![("pragma".to_owned(), Of::Secrets)];
        let reason = format!("marked `pragma: {kind} secret`");
        found.push(Mark { tool: "detect-secrets", at: start + at, len: row.len() - at, cover, of, reason, until: None });
    }
}

/// `checkov:skip=CKV_AWS_20,CKV_AWS_57:reason` inside of a block, a resource of a template, or beside a secret.
fn checkov(text: &Text<'_>, names: Names<'_>, found: &mut Vec<Mark>) {
    for (line, start, row) in text.rows() {
        let Some((word, at)) = ["checkov:skip=", "bridgecrew:skip=", "cortex:skip="].iter().find_map(|word| Some((*word, row.find(word)?)))
        else {
            continue;
        };
        let rest = row[at + word.len()..].trim_start();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ','))).unwrap_or(rest.len());
        let ids: Vec<&str> = rest[..end].split(',').filter(|id| !id.is_empty()).collect();
        let reason = rest[end..].strip_prefix(':').map(str::trim).filter(|reason| !reason.is_empty());
        let reason = reason.map_or_else(|| format!("marked `{word}`"), str::to_owned);
        let (secret, others): (Vec<&str>, Vec<&str>) = ids.into_iter().partition(|id| id.starts_with("CKV_SECRET"));
        let mut push = |cover, of: Vec<(String, Of)>| {
            if !of.is_empty() {
                found.push(Mark { tool: "checkov", at: start + at, len: row.len() - at, cover, of, reason: reason.clone(), until: None });
            }
        };
        push(Cover::Lines(line.saturating_sub(1), line + 1), secret.into_iter().map(|id| (id.to_owned(), Of::Secrets)).collect());
        let block = block_around(text, line).or_else(|| resource_around(text, line));
        if let Some((first, last)) = block {
            push(Cover::Lines(first, last), others.into_iter().flat_map(|id| named(id, names)).collect());
        }
    }
}

/// `trivy:ignore:AVD-AWS-0086:exp:2031-05-31` on the line, or above what it speaks of; several may stand above each other.
fn trivy(text: &Text<'_>, tool: &'static str, names: Names<'_>, found: &mut Vec<Mark>) {
    let own = ["trivy:", "tfsec:"];
    // The first line below the marks above each other that were looked at last.
    let mut behind = 0;
    for (line, start, row) in text.rows() {
        if !own.iter().any(|own| row.contains(own)) {
            continue;
        }
        let mut alone = true;
        let (mut of, mut until, mut said, mut first) = (Vec::new(), None, Vec::new(), None);
        for word in row.split_whitespace() {
            let bare = word.trim_start_matches(['#', '/', '*']);
            let Some(rest) = own.iter().find_map(|own| bare.strip_prefix(own)) else {
                if first.is_none() && !bare.is_empty() {
                    alone = false;
                } else if !bare.is_empty() {
                    said.push(bare);
                }
                continue;
            };
            first.get_or_insert_with(|| row.find(bare).unwrap_or(0));
            let mut parts = rest.split(':');
            while let Some(part) = parts.next() {
                match part {
                    "ignore" => {
                        of.extend(parts.next().map(|id| id.split('[').next().unwrap_or(id)).into_iter().flat_map(|id| any(id, names)));
                    }
                    "exp" => until = parts.next().map(|day| Until::of(day.to_owned())),
                    _ => {}
                }
            }
        }
        let Some(at) = first.filter(|_| !of.is_empty()) else { continue };
        // What follows the last of the marks above each other, and all that is in it.
        let is_mark = |row: &str| own.iter().any(|own| row.trim_start().trim_start_matches(['#', '/', ' ']).starts_with(own));
        let mut below = (line + 1).max(behind);
        while alone && text.row(below).is_some_and(is_mark) {
            below += 1;
        }
        if alone {
            behind = below;
        } else {
            below = line + 1;
        }
        let cover = if alone { Cover::Lines(line, block_from(text, below)) } else { Cover::Lines(line, block_from(text, line)) };
        let reason = if said.is_empty() { format!("marked `{tool}:ignore`") } else { said.join(" ") };
        found.push(Mark { tool, at: start + at, len: row.len() - at, cover, of, reason, until });
    }
}

/// `kics-scan ignore`, `ignore-line`, `ignore-block`, `disable=<query>,..`.
fn kics(text: &Text<'_>, names: Names<'_>, found: &mut Vec<Mark>) {
    let mut begins = true;
    for (line, start, row) in text.rows() {
        let low = row.trim().to_ascii_lowercase();
        let comment = low.trim_start_matches(['#', '/', ';', ' ']);
        let is_comment = low.starts_with(['#', ';']) || low.starts_with("//");
        begins &= is_comment || low.is_empty() || low == "---";
        let Some(command) = comment.strip_prefix("kics-scan").map(str::trim).filter(|_| is_comment) else { continue };
        let all = || vec![(command.to_owned(), Of::Resources)];
        let ids = |list: &str| list.split(',').flat_map(|id| named(id.trim(), names)).collect::<Vec<_>>();
        let (cover, of) = match command.split_once('=') {
            None if command == "ignore" && begins => (Cover::Lines(1, u32::MAX), all()),
            None if command == "ignore-line" => (Cover::Lines(line, line + 1), all()),
            None if command == "ignore-block" => (Cover::Lines(line, block_from(text, line + 1)), all()),
            Some(("ignore-line", list)) => (Cover::Lines(line, line + 1), ids(list)),
            Some(("ignore-block", list)) => (Cover::Lines(line, block_from(text, line + 1)), ids(list)),
            Some(("disable", list)) if begins => (Cover::Lines(1, u32::MAX), ids(list)),
            _ => continue,
        };
        let reason = format!("marked `kics-scan {}`", command.split('=').next().unwrap_or(command));
        found.push(Mark { tool: "kics", at: start, len: row.len(), cover, of, reason, until: None });
    }
}

/// What an id speaks of: the rule that it is an alias of, and those that it means beside it.
pub(super) fn named(id: &str, names: Names<'_>) -> Vec<(String, Of)> {
    let spelt = [id.to_owned(), id.to_ascii_lowercase(), id.to_ascii_uppercase()];
    let known = spelt.iter().map(|id| names(id)).find(|named| *named != Named::Unknown).unwrap_or(Named::Unknown);
    std::iter::once(known).chain(covers::of(id).map(names)).map(|named| (id.to_owned(), Of::Named(named))).collect()
}

/// An id, or `*`.
fn any(id: &str, names: Names<'_>) -> Vec<(String, Of)> {
    if id == "*" { vec![(id.to_owned(), Of::Resources)] } else { named(id, names) }
}
