//! Values that only a name in front of them tells: `ZEROBOUNCE_API_KEY=…`, `"datadog": {"app_key": "…"}`. Not what a
//! value looks like: the rule's pattern says that, at each place that is offered here.

use std::ops::Range;

use super::edge::{begins, value_begins};
use super::placeholder::is_placeholder;
use super::words::Words;
use crate::rule::def::NAME_GAP;

/// How far behind its name a value may begin, in bytes, in words and in line ends.
const GAP: usize = NAME_GAP as usize;
const MOST_WORDS: usize = 6;
const MOST_LINE_ENDS: usize = 2;

/// Words that say that what follows is a credential, wherever they stand in a longer one.
static CREDENTIAL: Words = Words::new("key token secret passw pwd auth bearer credential private access login client");

/// What may follow a name without a border: `mailgunapikey`, `datadoghq`.
const CONTINUES: [&[u8]; 30] = [
    b"api", b"hq", b"io", b"key", b"token", b"secret", b"auth", b"access", b"pass", b"pwd", b"app", b"client", b"prod", b"dev", b"test",
    b"live", b"org", b"com", b"sdk", b"private", b"cred", b"bot", b"web", b"admin", b"service", b"server", b"sandbox", b"license",
    b"login", b"account",
];

/// Where a value may begin of which the name at `name` speaks, the nearest first.
pub fn places(bytes: &[u8], name: Range<usize>) -> impl Iterator<Item = usize> + '_ {
    let walk = is_word(bytes, &name).then(|| Walk::new(bytes, &name));
    walk.into_iter().flatten()
}

/// The place of a whole name, `before` a word that stands at `word` and `after` it: any separator stands for each blank, or none.
#[must_use]
pub fn whole_name(bytes: &[u8], word: &Range<usize>, before: &str, after: &str) -> Option<Range<usize>> {
    let (mut start, mut end) = (word.start, word.end);
    for expected in before.bytes().rev() {
        let there = start.checked_sub(1).map(|at| bytes[at]);
        match there {
            Some(byte) if expected == b' ' => start -= usize::from(is_separator(byte)),
            Some(byte) if byte.eq_ignore_ascii_case(&expected) => start -= 1,
            _ => return None,
        }
    }
    for expected in after.bytes() {
        match bytes.get(end) {
            Some(byte) if expected == b' ' => end += usize::from(is_separator(*byte)),
            Some(byte) if byte.eq_ignore_ascii_case(&expected) => end += 1,
            _ => return None,
        }
    }
    Some(start..end)
}

/// What may stand between two words of a name.
fn is_separator(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b' ')
}

/// Whether a value is none, whatever its rule says of its shape: it was put there to be replaced, or it is made of words.
#[must_use]
pub fn is_empty_talk(value: &[u8]) -> bool {
    is_of_words(value) || is_placeholder(value)
}

/// A value that may be made of words though it has a digit.
const LONG: usize = 16;

/// Whether a value is spelled like `an_identifier` or `anIdentifier`: without digits (with one where it is long), and in one case or
/// with humps. Of random values of 20 letters and digits one in a hundred is, of 11 small ones three.
fn is_of_words(value: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| value.iter().any(class);
    let humps = !value.windows(2).any(|pair| pair.iter().all(u8::is_ascii_uppercase));
    let one_case = !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_lowercase);
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits <= usize::from(value.len() >= LONG) && (humps || one_case)
}

/// Whether a name stands there as a word of its own, or as the first of one that is known to go on so.
fn is_word(bytes: &[u8], name: &Range<usize>) -> bool {
    let first = bytes[name.start];
    let hump = first.is_ascii_uppercase() && name.start > 0 && bytes[name.start - 1].is_ascii_lowercase();
    if !hump && !begins(bytes, name.start) {
        return false;
    }
    let rest = &bytes[name.end..];
    let upper = bytes[name.end - 1].is_ascii_uppercase();
    let goes_on = rest.first().is_some_and(|next| if upper { next.is_ascii_alphabetic() } else { next.is_ascii_lowercase() });
    !goes_on || CONTINUES.iter().any(|more| rest.get(..more.len()).is_some_and(|head| head.eq_ignore_ascii_case(more)))
}

/// From the end of a name to the right.
struct Walk<'b> {
    bytes: &'b [u8],
    from: usize,
    at: usize,
    /// A credential word was passed.
    told: bool,
    /// The last of them speaks of what is made to be seen: `public_key`, `publishableKey`.
    published: bool,
    /// Nothing but signs was passed since the identifier that holds the name, one of which assigns.
    assigned: bool,
    words: usize,
    line_ends: usize,
}

impl<'b> Walk<'b> {
    fn new(bytes: &'b [u8], name: &Range<usize>) -> Self {
        let (from, told) = (name.end, speaks_of_credential(&bytes[name.clone()]));
        let mut walk = Walk { bytes, from, at: from, told, published: false, assigned: false, words: 0, line_ends: 0 };
        walk.finish_identifier();
        walk
    }

    /// Passes what is left of the identifier that holds the name, with members and hyphens: `.api-key`.
    fn finish_identifier(&mut self) {
        loop {
            self.published |= is_published(self.pass_word());
            let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            match self.bytes.get(self.at) {
                Some(b'.' | b'-') if goes_on(self.bytes.get(self.at + 1)) && self.at < self.from + GAP => self.at += 1,
                _ => return,
            }
        }
    }

    fn pass_word(&mut self) -> &'b [u8] {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take(2 * GAP).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        self.told |= speaks_of_credential(&rest[..length]);
        self.at += length;
        &rest[..length]
    }
}

impl Iterator for Walk<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.at < self.bytes.len() && self.at <= self.from + GAP {
            let at = self.at;
            let byte = self.bytes[at];
            match byte {
                b'\n' => {
                    self.line_ends += 1;
                    if self.line_ends > MOST_LINE_ENDS {
                        return None;
                    }
                }
                b';' | b'}' => return None,
                b'=' | b':' | b'(' | b'>' | b',' => self.assigned |= self.words == 0,
                _ => {}
            }
            let may_begin = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'.' | b'$');
            let offered = may_begin && (self.told || self.assigned) && !self.published && value_begins(self.bytes, at);
            if byte.is_ascii_alphanumeric() || byte == b'_' {
                self.words += 1;
                if self.words > MOST_WORDS {
                    return None;
                }
                let word = self.pass_word();
                if speaks_of_credential(word) {
                    self.published = is_published(word);
                }
                self.assigned = false;
            } else {
                self.at += 1;
            }
            if offered {
                return Some(at);
            }
        }
        None
    }
}

fn speaks_of_credential(word: &[u8]) -> bool {
    CREDENTIAL.are_in(word)
}

fn is_published(word: &[u8]) -> bool {
    [&b"public"[..], b"publishable"].iter().any(|part| word.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first words of what the name `acme` may speak of.
    fn offered(text: &str) -> Vec<&str> {
        let at = text.to_ascii_lowercase().find("acme").expect("the name");
        let word = |at: usize| text[at..].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        places(text.as_bytes(), at..at + 4).map(word).filter(|word| word.len() > 3).collect()
    }

    #[test]
    fn a_name_is_spelled_in_many_ways() {
        let found = |text: &str| {
            let at = text.to_ascii_lowercase().find("acme").expect("the word");
            whole_name(text.as_bytes(), &(at..at + 4), "x ", " api key").map(|name| text[name].to_owned())
        };
        for name in ["x_acme_api_key", "xAcmeApiKey", "X-ACME-API-KEY", "x.acme.api.key", "x acme apiKey"] {
            assert_eq!(found(&format!("my {name}=")), Some(name.to_owned()));
        }
        for text in ["acme_api_key", "y_acme_api_key", "x_acme_app_key", "x_acme_api", "x__acme_api_key"] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_speaks_of_what_is_assigned_to_it() {
        for text in [
            "ACME_API_KEY=value",
            "acme: value",
            "\"acmeApiKey\": \"value\"",
            "<add key=\"AcmeToken\" value=\"value\"/>",
            "acme.api.key = value",
            "- name: ACME_TOKEN\n  value: value",
            "<key>AcmeSecret</key>\n  <string>value</string>",
            "ENV ACME_KEY value",
            "new Acme(\"value\")",
            "acme login --with value",
            "X-Acme-Token: value",
            "myAcmeKey = value",
            "{\"acme\": {\"api_key\": \"value\"}}",
            "acme: {public_key: \"other\", secret_key: \"value\"}",
            "class Acme { public String token = \"value\"",
        ] {
            assert!(offered(text).contains(&"value"), "{text}: {:?}", offered(text));
        }
    }

    #[test]
    fn a_name_does_not_speak_of_what_is_far_or_of_another_matter() {
        for text in [
            "acme is a service. value",
            "acmeists_key = value",
            "dacme_key = value",
            "acme_key(); value",
            "acme {\n key\n\n\n value",
            "acme key one two three four five six value",
            "acme_key=https://acme.example/value",
            "ACME_PUBLIC_KEY=value",
            "acme-public-key: value",
            "acme: {publishableKey: \"value\"}",
        ] {
            assert!(!offered(text).contains(&"value"), "{text}: {:?}", offered(text));
        }
    }

    #[test]
    fn words_and_stand_ins_are_empty_talk() {
        for value in ["getApiKeyFromTheVault", "process_environment_key", "xxxxxxxxxxxxxxxx", "your-api-key-goes-here"] {
            assert!(is_empty_talk(value.as_bytes()), "{value}");
        }
        let value = |template| crate::secret::generate::expand(template, 3).expect("known");
        for template in ["{hex-32}", "{alnum-20}", "{loweralnum-26}", "{uuid-4}", "{base64url-43}"] {
            assert!(!is_empty_talk(value(template).as_bytes()), "{template}");
        }
    }
}
