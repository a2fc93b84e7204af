//! Values that somebody wrote to be replaced: not secrets, whatever their shape.

use super::entropy::sequential;
use super::words::Words;

/// Words that say so; no vendor's alphabet makes them by chance often (the shortest: once in 80,000 key ids).
static WORDS: Words = Words::new(
    "\
    example placeholder replace changeme redacted dummy insert yourkey yoursecret youraccess yourtoken youraws samplekey fakekey \
    testkey accesskey secretkey notareal notreal masked xxxx foobar",
);

/// Whether a value says of itself that it is none, or only counts.
#[must_use]
pub fn is_placeholder(value: &[u8]) -> bool {
    WORDS.are_in(value) || value.len() >= 8 && sequential(value) * 2 >= value.len()
}

/// Whole values that a person means to replace, in lower case, and without digits at the end.
static STAND_INS: Words = Words::new(
    "\
    admin apikey bar baz blank change changeit changeme change_me changethis default demo dev development disabled dummy empty \
    enabled example false fake foo foobar fixme guest hidden homestead insecure key local localhost masked minio minioadmin mock \
    mypassword mysecret mysql n/a na nil no none null off on pass passw0rd password passwd placeholder postgres postgresql private \
    pwd rabbitmq redacted redis replace replaceme replace_me root sample sandbox secret secretkey string supersecret tbd temp test testing \
    testpass testpassword todo token true undefined unset user username value verysecret xxx yes your yourpassword",
);

/// Words between stand-ins: `my-dev-password`, `the_app_secret`.
static FILLERS: Words = Words::new("a api app auth db in jwt my production session super the this very");

/// Parts of values that a person means to replace.
static TELLING: Words = Words::new(
    "\
    example placeholder changeme changeit change_me change-me replace_me replace-me replaceme replace_with replace-with your_ your- my_secret \
    my-secret my_password my-password insert_ insert- put_your put-your dummy redacted xxxx **** .... to_be_ to-be- not_a_real \
    not-a-real not_real fake_ fake- _here -here some_ some- generate_ generate- enter_ enter- dev-only django-insecure myaws dev_only yourstrong yourweak",
);

/// Whole values that stand for none at all, in lower case.
static NOTHING: Words = Words::new(
    "\
    blank disabled dummy empty enabled false fixme hidden ignored ignore managed masked mock n/a na nil no none null off on placeholder \
    redacted replace replaced replaceme replace_me tbd todo true undefined unset unused user username value yes",
);

/// Parts of values that nobody means to be deployed.
static GAPS: Words = Words::new(
    "\
    placeholder replace_me replace-me replaceme replace_with replace-with your_ your- insert_ insert- put_your put-your redacted xxxx \
    **** .... to_be_ to-be- not_a_real not-a-real not_real -here _here enter_ enter- generate_ generate- not_used not-used ignored",
);

/// Whether a value only marks a gap. A password that everybody knows is none: it opens what it was set for.
#[must_use]
pub fn is_gap(value: &str) -> bool {
    let lower = value.trim().to_ascii_lowercase();
    NOTHING.has(lower.trim_matches(|c: char| !c.is_ascii_alphanumeric())) || GAPS.are_in(lower.as_bytes()) || is_name_of_gap(value.trim())
}

/// `SECRET_ACCESS_KEY`: what is to be written there, in capitals.
fn is_name_of_gap(value: &str) -> bool {
    let parts = || value.split(['_', '-', ' ']);
    let is_word = |part: &str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    let last = parts().next_back().unwrap_or_default();
    parts().count() >= 2
        && parts().all(is_word)
        && matches!(last, "KEY" | "PASSWORD" | "PASSWD" | "SECRET" | "TOKEN" | "ID" | "USER" | "USERNAME" | "VALUE")
}

/// Whether a setting's value is one to be replaced, or nothing to hide: for files whose keys say what is secret.
#[must_use]
pub fn is_stand_in(value: &str) -> bool {
    let lower = value.trim().to_ascii_lowercase();
    let word = lower.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | '#' | '.' | '_' | '-'));
    STAND_INS.has(word)
        || lower == "keyboard cat"
        || is_of_few(&lower)
        || is_of_stand_ins(&lower)
        || TELLING.are_in(lower.as_bytes())
        // `put your unique phrase here`
        || lower.contains(' ') && TELLING.are_in(lower.replace(' ', "_").as_bytes())
        || (lower.len() >= 6 && sequential(lower.as_bytes()) * 4 >= lower.len() * 3)
}

/// `my-dev-password2`: words for others, with a number.
fn is_of_stand_ins(lower: &str) -> bool {
    let parts = lower.split(|c: char| !c.is_ascii_alphanumeric()).map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()));
    let mut parts = parts.filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some() && parts.all(|part| STAND_INS.has(part) || FILLERS.has(part))
}

/// Of three characters at most, again and again.
fn is_of_few(value: &str) -> bool {
    let mut kinds = Vec::with_capacity(3);
    value.chars().all(|c| {
        let is_new = !kinds.contains(&c);
        if is_new && kinds.len() < 3 {
            kinds.push(c);
        }
        !is_new || kinds.contains(&c)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_or_says_so_is_a_placeholder() {
        for value in ["AKIAIOSFODNN7EXAMPLE", "AKIAXXXXXXXXXXXXXXXX", "abcdefghijklmnopqrstuvwxyz0123456789ABCD", "YourAwsSecretGoesHere"] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in ["q8Zr2Lw0VbN5xKt7Yp1MdHc", "hunter2"] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn stand_ins_are_whole_words_or_telling_parts() {
        for value in ["changeme", "Password123!", "your_key_here", "xxxxxxxx", "", "  ", "1234567890", "00000000", "sk-xxxxxxxxxxxx"] {
            assert!(is_stand_in(value), "{value}");
        }
        for value in ["hunter2", "correct horse battery", "tr0ub4dor&3", "9f8a7c6d5e", "839201947561"] {
            assert!(!is_stand_in(value), "{value}");
        }
    }
}
