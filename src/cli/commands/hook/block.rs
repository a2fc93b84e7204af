//! Our lines in a hook: put in, found again, taken out, without a byte of the rest changed.

use crate::cli::args::HookKind;

const BEGIN: &[u8] = b"# >>> gatepost hook (`gatepost hook uninstall` takes these lines out) >>>\n";
/// The same where the file was made for it.
const BEGIN_MADE: &[u8] = b"# >>> gatepost hook (`gatepost hook uninstall` takes this file away) >>>\n";
const BEGIN_ANY: &[u8] = b"# >>> gatepost hook ";
const END: &[u8] = b"# <<< gatepost hook <<<";
/// The first line of a hook that was made for it.
const SHEBANG: &[u8] = b"#!/bin/sh\n";
/// Shells that read our lines.
const SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"];

/// Why our lines cannot be put into a file, or found in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    #[error("it is no shell script")]
    NoScript,
    #[error("the line that ends gatepost's part is missing or stands before its beginning")]
    NoEnd,
}

/// Our lines for a kind of hook, with a line end.
fn lines(kind: HookKind) -> String {
    let missing = "gatepost: not found on PATH, so nothing was looked at; install it, or skip the hook once with --no-verify";
    let run = match kind {
        HookKind::PreCommit | HookKind::CommitMsg => format!("  {} || exit $?\n", kind.command()),
        // What git says on standard input is for whoever comes next, too.
        HookKind::PrePush => format!(
            "  gatepost_pushed=$(cat)\n  printf '%s\\n' \"$gatepost_pushed\" | {} || exit $?\n  if [ -n \"$gatepost_pushed\" ]; then\n    \
             exec <<GATEPOST_PUSHED\n$gatepost_pushed\nGATEPOST_PUSHED\n  else\n    exec </dev/null\n  fi\n",
            kind.command()
        ),
    };
    format!("if command -v gatepost >/dev/null 2>&1; then\n{run}else\n  echo '{missing}' >&2\n  exit 1\nfi\n")
}

/// A hook with our lines: those that were there before are replaced. None is no file.
///
/// # Errors
/// Where the file is none that our lines can be in.
pub fn put(hook: Option<&[u8]>, kind: HookKind) -> Result<Vec<u8>, BlockError> {
    let Some(hook) = hook else {
        return Ok([SHEBANG, BEGIN_MADE, lines(kind).as_bytes(), END, b"\n"].concat());
    };
    if let Some(found) = find(hook)? {
        let (before, after) = (&hook[..found.start], &hook[found.end..]);
        let begin = if found.made { BEGIN_MADE } else { BEGIN };
        let end: &[u8] = if found.ended { b"\n" } else { b"" };
        return Ok([before, begin, lines(kind).as_bytes(), END, end, after].concat());
    }
    let first = first_line(hook);
    if !is_script(hook) {
        return Err(BlockError::NoScript);
    }
    let head = if hook.starts_with(b"#!") { first } else { 0 };
    let (before, after) = hook.split_at(head);
    // A first line without an end gets one, and our last line then has none: so it is known again.
    if head > 0 && !before.ends_with(b"\n") {
        return Ok([before, b"\n", BEGIN, lines(kind).as_bytes(), END].concat());
    }
    Ok([before, BEGIN, lines(kind).as_bytes(), END, b"\n", after].concat())
}

/// A hook without our lines; None where nothing is left of a file that was made for them. The file itself where they are not in it.
///
/// # Errors
/// Where their end is not found.
pub fn take_out(hook: &[u8]) -> Result<Option<Vec<u8>>, BlockError> {
    let Some(found) = find(hook)? else { return Ok(Some(hook.to_vec())) };
    let (before, after) = (&hook[..found.start], &hook[found.end..]);
    if found.made && before == SHEBANG && after.is_empty() {
        return Ok(None);
    }
    let before = if found.ended { before } else { before.strip_suffix(b"\n").unwrap_or(before) };
    Ok(Some([before, after].concat()))
}

/// Whether our lines are in a hook.
pub fn is_in(hook: &[u8]) -> bool {
    matches!(find(hook), Ok(Some(_)))
}

/// Where our lines stand.
struct Found {
    start: usize,
    end: usize,
    /// The file was made for them.
    made: bool,
    /// A line end stands behind them.
    ended: bool,
}

fn find(hook: &[u8]) -> Result<Option<Found>, BlockError> {
    let at_line = |needle: &[u8], from: usize| {
        let starts = |at: &usize| *at == 0 || hook[at - 1] == b'\n';
        memchr::memmem::find_iter(&hook[from..], needle).map(|at| from + at).find(starts)
    };
    let Some(start) = at_line(BEGIN_ANY, 0) else {
        return if at_line(END, 0).is_some() { Err(BlockError::NoEnd) } else { Ok(None) };
    };
    let end = at_line(END, start).ok_or(BlockError::NoEnd)? + END.len();
    let ended = hook.get(end) == Some(&b'\n');
    Ok(Some(Found { start, end: end + usize::from(ended), made: hook[start..].starts_with(BEGIN_MADE), ended }))
}

fn first_line(hook: &[u8]) -> usize {
    memchr::memchr(b'\n', hook).map_or(hook.len(), |end| end + 1)
}

/// Whether a shell runs it: its first line says so, or it has none that says otherwise.
fn is_script(hook: &[u8]) -> bool {
    if hook.contains(&0) || std::str::from_utf8(hook).is_err() {
        return false;
    }
    let Some(line) = hook.strip_prefix(b"#!") else { return true };
    let line = String::from_utf8_lossy(&line[..first_line(line)]).into_owned();
    let mut words = line.split_ascii_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = match words.next() {
        Some("env") => words.find(|word| !word.starts_with('-') && !word.contains('=')),
        other => other,
    };
    program.is_some_and(|program| SHELLS.contains(&program))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(hook: Option<&[u8]>) {
        for kind in HookKind::ALL {
            let with = put(hook, kind).expect("a script");
            assert!(is_in(&with));
            assert_eq!(put(Some(&with), kind).expect("again"), with, "putting it in twice is putting it in once");
            assert_eq!(take_out(&with).expect("sound").as_deref(), hook, "{:?}", String::from_utf8_lossy(&with));
        }
    }

    #[test]
    fn what_was_there_comes_back() {
        round(None);
        let hooks: [&[u8]; 9] = [
            b"",
            b"#!/bin/sh\n",
            b"#!/bin/sh",
            b"#!/bin/sh\r\nexit 0\r\n",
            b"#!/usr/bin/env -S bash -e\nexec other \"$@\"",
            b"echo no first line\n",
            b"\n\n",
            b"#!/bin/sh\n# >>> another tool >>>\nexit 1\n# <<< another tool <<<\n",
            b"exit 0",
        ];
        for hook in hooks {
            round(Some(hook));
        }
    }

    #[test]
    fn what_no_shell_runs_is_left_alone() {
        for hook in [&b"#!/usr/bin/env python3\nprint()\n"[..], b"\x7fELF\0", b"#!/usr/bin/perl\n", b"#!\n", b"#!/bin/sh\n\xff"] {
            assert_eq!(put(Some(hook), HookKind::PreCommit), Err(BlockError::NoScript));
        }
        assert_eq!(take_out(b"#!/bin/sh\n# >>> gatepost hook (x) >>>\nexit 0\n"), Err(BlockError::NoEnd));
        assert_eq!(take_out(b"# <<< gatepost hook <<<\n# >>> gatepost hook (x) >>>\n"), Err(BlockError::NoEnd));
    }

    #[test]
    fn ours_runs_before_anything_of_theirs() {
        let with = put(Some(b"#!/bin/sh\nexec other\n"), HookKind::PreCommit).expect("a script");
        let text = String::from_utf8(with).expect("UTF-8");
        assert!(text.find("gatepost scan --staged") < text.find("exec other"), "{text}");
    }

    #[test]
    fn what_was_written_around_ours_stays() {
        let with = put(None, HookKind::PreCommit).expect("made");
        let more = [&with[..], b"echo more\n"].concat();
        assert_eq!(take_out(&more).expect("sound").as_deref(), Some(&b"#!/bin/sh\necho more\n"[..]));
    }

    proptest::proptest! {
        #[test]
        fn any_script_comes_back(first in "(#!/bin/(ba)?sh( -e)?)?", rest in "((\r?\n)|[a-z#$ ]|exit 0|# <<< x <<<){0,20}") {
            // Without an end of the first line, the rest would be part of it.
            let hook = if first.is_empty() || rest.starts_with(['\n', '\r']) || rest.is_empty() { format!("{first}{rest}") } else { format!("{first}\n{rest}") };
            if is_script(hook.as_bytes()) {
                round(Some(hook.as_bytes()));
            }
        }

        #[test]
        fn any_bytes_are_read_to_the_end(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = (put(Some(&bytes), HookKind::PrePush), take_out(&bytes));
        }
    }
}
