//! `user:password` in base64, as `.npmrc`, Docker's `config.json` and HTTP have it.

use data_encoding::{BASE64, BASE64_NOPAD};

use super::{Candidate, Check};
use crate::secret::likeness::{Look, look};
use crate::secret::placeholder::{is_placeholder, is_stand_in};
use crate::secret::setting::words;
use crate::secret::words::Words;

/// Shorter passwords protect nothing.
const SHORTEST: usize = 6;
static PASSWORDS: Words = Words::new("PASS PASSWORD PASSWD PWD SECRET TOKEN");
static USERS: Words = Words::new("USER USERNAME LOGIN NAME ACCOUNT");

pub(super) fn credentials(candidate: &Candidate<'_>) -> Check {
    let Some(decoded) = decoded(candidate.value()) else { return Check::Reject };
    let Some((user, password)) = decoded.split_once(':') else { return Check::Reject };
    let open = password.len() >= SHORTEST && !is_reference(password) && !user.contains(['\n', '\r']) && user != password;
    if open && !is_stand_in(password) && !is_placeholder(password.as_bytes()) && !is_made_up(user, password) {
        Check::PASS
    } else {
        Check::Reject
    }
}

/// `customUser` and `customPass`: words for what each is.
fn is_made_up(user: &str, password: &str) -> bool {
    let has = |text: &str, list: &Words| words(text).iter().any(|word| list.has(word));
    look(password) <= Look::Word && has(password, &PASSWORDS) && has(user, &USERS)
}

/// A password alone, as `.npmrc` has it under `_password`.
pub(super) fn password(candidate: &Candidate<'_>) -> Check {
    let Some(decoded) = decoded(candidate.value()) else { return Check::Reject };
    let open = decoded.len() >= SHORTEST && !is_reference(&decoded) && !is_stand_in(&decoded) && !is_placeholder(decoded.as_bytes());
    if open { Check::PASS } else { Check::Reject }
}

fn decoded(value: &[u8]) -> Option<String> {
    let bytes = BASE64.decode(value).or_else(|_| BASE64_NOPAD.decode(value)).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t') || !byte.is_ascii());
    // What is typed into `base64` often ends with the line.
    let text = text.trim_end_matches(['\n', '\r']);
    (printable || text.bytes().all(|byte| byte >= b' ')).then(|| text.to_owned())
}

/// Somebody's variable, to be replaced later.
fn is_reference(value: &str) -> bool {
    value.starts_with(['$', '%', '<', '{']) || value.contains("${") || value.contains("{{")
}
