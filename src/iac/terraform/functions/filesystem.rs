//! Files of the tree that is scanned, and paths. Nothing outside of the tree is looked at; a path is relative to the root
//! module's folder, where Terraform is run.

use super::hash::{Hash, print};
use super::{Call, Failure, Outcome, Table, regex};
use crate::base::span::{FileId, Span, offset};
use crate::base::text_map::{HOLE, Text};
use crate::iac::files::beside;
use crate::iac::terraform::reference::CWD;
use crate::iac::text::{base64_room, hole, to_base64};
use crate::iac::{Node, Reason, Value};
use crate::input::{EntryKind, ReadError};

pub(super) const TABLE: Table = &[
    ("basename", |call| parts(call, |path| path.rsplit('/').next().unwrap_or_default().to_owned(), "/")),
    ("dirname", |call| {
        parts(call, |path| path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder }).to_owned(), "/")
    }),
    ("file", |call| {
        let (text, whole) = contents(call, 0)?;
        std::str::from_utf8(text.bytes()).map_err(|_| Failure::Failed)?;
        Ok(Value::text(text, whole))
    }),
    ("filebase64", |call| {
        let (text, whole) = contents(call, 0)?;
        call.room(base64_room(text.len()))?;
        Ok(Value::text(to_base64(&text, whole), whole))
    }),
    ("filebase64sha256", |call| digest(call, Hash::Sha256, true)),
    ("filebase64sha512", |call| digest(call, Hash::Sha512, true)),
    // One that is not there may be made before Terraform is run.
    ("fileexists", |call| read(call, 0).and_then(|_| call.truth(true))),
    ("filemd5", |call| digest(call, Hash::Md5, false)),
    ("fileset", fileset),
    ("filesha1", |call| digest(call, Hash::Sha1, false)),
    ("filesha256", |call| digest(call, Hash::Sha256, false)),
    ("filesha512", |call| digest(call, Hash::Sha512, false)),
    ("pathexpand", |call| {
        let path = call.known(0)?;
        // Whose home it is, nobody knows.
        if path.bytes().starts_with(b"~") { Err(Failure::Unknown) } else { call.argument(0).cloned() }
    }),
];

/// The longest file that is read for a function, in bytes.
const MAX_FILE: usize = 4 << 20;
/// Folders in folders that `fileset` goes into.
const MAX_FOLDERS: usize = 32;
/// What looking into a folder takes, in things looked at.
const FOLDER: usize = 64 * 16;

/// The path as Go's `filepath.Clean` has it, then a part of it.
fn parts(call: &Call<'_>, part: fn(&str) -> String, root: &str) -> Outcome {
    let path = call.word(0)?;
    let clean = cleaned(&path);
    Ok(call.computed(&if clean == root { root.to_owned() } else { part(&clean) }, 0))
}

/// Without `.`, doubled slashes, and `..` where it has something to take away.
fn cleaned(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => drop(kept.pop()),
            ".." if rooted => {}
            _ => kept.push(part),
        }
    }
    match (rooted, kept.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".to_owned(),
        (false, path) => path,
    }
}

/// A path below the folder that Terraform is run in, which is the root module's as a rule.
fn from_cwd(call: &Call<'_>, at: usize) -> Option<String> {
    let is_cwd = |id| matches!(call.terraform.unknowns.reason(id), Reason::Unset(name) if *name == *CWD);
    match &call.arguments.get(at)?.node {
        Node::Unknown(id) => is_cwd(*id).then(|| ".".to_owned()),
        Node::Text(text) => {
            let rest = text.bytes().strip_prefix(HOLE.as_bytes())?;
            let known = text.holes().count() == 1 && text.holes().all(is_cwd) && hole(text).is_some_and(|(at, _)| at == 0);
            known.then(|| format!(".{}", String::from_utf8_lossy(rest)))
        }
        _ => None,
    }
}

/// Where in the tree a path leads; unknown where it leads out of it.
fn resolved(call: &Call<'_>, at: usize) -> Outcome<Vec<u8>> {
    let path = from_cwd(call, at).map_or_else(|| call.word(at), Ok)?;
    if path.starts_with(['/', '~']) || path.contains(['\0', '\\']) {
        return Err(Failure::Unknown);
    }
    beside(call.scope.instance.root_folder(), path.as_bytes()).ok_or(Failure::Unknown)
}

/// A file that a path names.
fn read(call: &Call<'_>, at: usize) -> Outcome<(FileId, std::sync::Arc<[u8]>)> {
    let path = resolved(call, at)?;
    let known = call.terraform.files.read(&path);
    known.map_err(|error| match error {
        ReadError::Missing => Failure::Because(Reason::File(String::from_utf8_lossy(&path).into())),
        _ => Failure::Unknown,
    })
}

/// What a file holds, with its places in that file, and the place of all of it.
pub(super) fn contents(call: &Call<'_>, at: usize) -> Outcome<(Text, Span)> {
    let (file, bytes) = read(call, at)?;
    if bytes.len() > MAX_FILE {
        return Err(Failure::Budget);
    }
    call.room(bytes.len())?;
    let whole = Span::new(file, 0..offset(bytes.len()));
    Ok((Text::exact(&bytes, whole), whole))
}

fn digest(call: &Call<'_>, hash: Hash, base64: bool) -> Outcome {
    let (_, bytes) = read(call, 0)?;
    if bytes.len() > MAX_FILE {
        return Err(Failure::Budget);
    }
    print(call, &bytes, hash, base64)
}

/// The files below a folder that a pattern matches, relative to it.
fn fileset(call: &Call<'_>) -> Outcome {
    let (folder, pattern) = (resolved(call, 0)?, call.word(1)?);
    let pattern = regex::pattern(call, &matcher(&cleaned(&pattern))?)?;
    let mut found = Vec::new();
    let mut next = vec![(folder.clone(), 0)];
    while let Some((at, depth)) = next.pop() {
        let entries = match call.terraform.files.list(&at) {
            Ok(entries) => entries,
            Err(ReadError::Missing) => return Err(Failure::Because(Reason::File(String::from_utf8_lossy(&at).into()))),
            Err(_) => return Err(Failure::Unknown),
        };
        if depth > MAX_FOLDERS || !call.terraform.steps_for(FOLDER + entries.len() * 16) {
            return Err(Failure::Budget);
        }
        for entry in entries {
            let path = entry.path.bytes();
            match entry.kind {
                EntryKind::File => {
                    let below =
                        if folder.is_empty() { Some(path) } else { path.strip_prefix(&*folder).and_then(|rest| rest.strip_prefix(b"/")) };
                    let Some(name) = below.and_then(|below| std::str::from_utf8(below).ok()) else { continue };
                    if pattern.is_match(name) {
                        found.push(name.to_owned());
                    }
                }
                EntryKind::Folder => next.push((path.to_vec(), depth + 1)),
                EntryKind::Other => {}
            }
        }
    }
    found.sort();
    call.make(found.len().saturating_mul(2))?;
    let place = call.place;
    call.items(found.iter().map(|name| Value::text(Text::within(name.as_bytes(), place), place)).collect(), false)
}

/// A pattern for paths as a regular expression: `*` and `?` stay within a part, `**` goes over parts where it is one.
fn matcher(pattern: &str) -> Outcome<String> {
    // Each character is a few of the expression's, and what it compiles to is bounded by that.
    if pattern.len() > 256 {
        return Err(Failure::Budget);
    }
    let mut out = String::from("^");
    let (mut rest, mut braces) = (pattern, 0_usize);
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let at_start = rest.len() == pattern.len() || pattern[..pattern.len() - rest.len()].ends_with('/');
        if at_start && let Some(behind) = rest.strip_prefix("**/") {
            out.push_str("(?:.*/)?");
            rest = behind;
            continue;
        }
        if at_start && rest == "**" {
            out.push_str(".*");
            break;
        }
        match c {
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '{' => {
                braces += 1;
                out.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                out.push(')');
            }
            ',' if braces > 0 => out.push('|'),
            '[' => {
                let (class, behind) = after.split_once(']').ok_or(Failure::Failed)?;
                let (negated, class) = class.strip_prefix(['^', '!']).map_or(("", class), |class| ("^/", class));
                let escape = |c: char| if matches!(c, '[' | '&' | '~' | '\\' | '^') { format!("\\{c}") } else { c.to_string() };
                out.extend(["[", negated, &class.chars().map(escape).collect::<String>(), "]"]);
                rest = behind;
                continue;
            }
            '\\' => {
                let literal = after.chars().next().ok_or(Failure::Failed)?;
                push_literal(literal, &mut out);
                rest = &after[literal.len_utf8()..];
                continue;
            }
            _ => push_literal(c, &mut out),
        }
        rest = after;
    }
    if braces > 0 {
        return Err(Failure::Failed);
    }
    out.push('$');
    Ok(out)
}

fn push_literal(c: char, out: &mut String) {
    if c.is_ascii_punctuation() && !matches!(c, '<' | '>') {
        out.push('\\');
    }
    out.push(c);
}
