//! What a value looks like that only its name makes a secret: a stand-in, a word, something that a person made up,
//! chance. No verdict on its name, and none on where it stands.

use data_encoding::BASE64;

use super::entropy::{class_changes, sequential};
use super::placeholder::{is_placeholder, is_stand_in};
use super::setting::is_kept;
use super::words::Words;
use crate::base::entropy::shannon;

/// From what hides nothing to what nobody types by heart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// A stand-in, a reference, a label, a name, an address, a number.
    Nothing,
    /// Made of words, perhaps with a number: a weak password, or no password.
    Word,
    /// Words do not make it: digits and signs stand between letters.
    Chosen,
    /// Made by chance.
    Random,
}

/// Shorter values protect nothing; longer ones are documents.
const SHORTEST: usize = 4;
const LONGEST: usize = 250;
/// The longest that anybody types.
const TYPED: usize = 64;
/// What chance makes is at least so long.
const RANDOM: usize = 16;

/// Bytes and what follows them that mark what a program fills in: `${x}`, `{{ x }}`, `%s`, `<x>`, `#{x}`.
static MARKS: Words = Words::new("${ $( {{ }} <% %> #{ %( %{ ${{ @{ \\( [[ ]] %s %d %v %q %@ %1$");
/// Words that somebody puts into a made-up password.
static MADE_UP: Words = Words::new(
    "\
    password passw0rd passwd passwort secret example sample foobar change default placeholder invalid hunter letmein qwerty \
    welcome correct battery staple abcdef abc123 mypass yourpass somepass pass123 pass1234 string passphrase insecure notreal \
    notsecret redacted deadbeef cafebabe badc0ffee 123456",
);
/// The same, where the value is short enough that they do not stand in it by chance.
static MADE_UP_SHORT: Words = Words::new(
    "\
    test dummy fake wrong horse token xyz demo pa55 lorem ipsum user admin root guest temp foo bar baz qux",
);

/// What a value looks like.
#[must_use]
pub fn look(value: &str) -> Look {
    if value.len() > TYPED && !is_random(value) || hides_nothing(value) {
        return Look::Nothing;
    }
    if let Some(text) = encoded(value) {
        if is_stand_in(&text) || is_marked(&text) || text.contains(' ') || is_keyboard(&text) {
            return Look::Nothing;
        }
        if is_wordy(&text) || is_made_up(&text) {
            return Look::Word;
        }
    }
    if is_random(value) {
        return Look::Random;
    }
    if is_name(value) {
        return Look::Nothing;
    }
    let lower = value.bytes().all(|byte| byte.is_ascii_lowercase());
    if lower || is_wordy(value) || is_leet(value) || is_made_up(value) || is_format(value) { Look::Word } else { Look::Chosen }
}

fn hides_nothing(value: &str) -> bool {
    let bytes = value.as_bytes();
    !(SHORTEST..=LONGEST).contains(&bytes.len())
        || bytes.iter().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control())
        || is_marked(value)
        || is_kept(value)
        || is_stand_in(value)
        || bytes.len() >= RANDOM && is_placeholder(bytes)
        || is_plain_kind(value)
        || is_keyboard(value)
        || is_monotone(bytes)
        || is_digest(value)
        || is_constant(value)
        || is_demand(value)
}

/// The text that a value is in base64: Kubernetes and others write settings so.
fn encoded(value: &str) -> Option<String> {
    let decoded = BASE64.decode(value.as_bytes()).ok().filter(|_| value.len().is_multiple_of(4))?;
    let text = String::from_utf8(decoded).ok()?;
    text.trim_end().bytes().all(|byte| matches!(byte, b' '..=b'~')).then(|| text.trim_end().to_owned())
}

/// `required|min:8|confirmed`: what a form asks of a value.
fn is_demand(value: &str) -> bool {
    let is_word = |part: &str| {
        let name = part.split(':').next().unwrap_or_default();
        name.len() >= 3 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    value.contains('|') && value.split('|').all(is_word)
}

/// `TR31_K0_KEY_ENCRYPTION_KEY`: a name of an enumeration.
fn is_constant(value: &str) -> bool {
    let parts: Vec<&str> = value.split('_').collect();
    let is_word = |part: &&str| part.len() >= 3 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    let words: usize = parts.iter().filter(|part| is_word(part) && is_said(part)).map(|part| part.len() + 1).sum();
    let all = value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    all && parts.len() >= 3 && words * 2 > value.len()
}

/// A password's digest, as its kind says in front.
fn is_digest(value: &str) -> bool {
    static STARTS: Words = Words::new(
        "sha1: sha256: sha512: sha1$ sha256$ md5$ $1$ $2a$ $2b$ $2y$ $5$ $6$ $7$ $y$ $P$ $S$ $apr1$ $argon2 $pbkdf2 pbkdf2 {SSHA {SHA {MD5 {bcrypt} {noop} {CRYPT} scrypt: argon2: bcrypt SCRAM-SHA- md5: *",
    );
    STARTS.begin(value)
}

/// A part that a program, a template or a person fills in.
#[must_use]
pub fn is_marked(value: &str) -> bool {
    let bytes = value.as_bytes();
    let wrapped = |open: char, close: char| value.starts_with(open) && value.ends_with(close);
    let variable = bytes.windows(2).any(|pair| pair[0] == b'$' && (pair[1].is_ascii_alphabetic() || pair[1] == b'_')) && is_variable(value);
    MARKS.are_in(bytes)
        || variable
        || has_slot(value)
        || wrapped('<', '>')
        || wrapped('{', '}')
        || wrapped('[', ']')
        || wrapped('%', '%')
        || wrapped('(', ')')
        || wrapped('$', '$')
        || wrapped('_', '_')
        || wrapped('#', '#')
        || value.contains("...")
        || value.contains('\u{2026}')
        || value.contains("***")
        || value.contains("\u{2022}\u{2022}")
}

/// `{name}` in the middle, as format strings and templates have it.
fn has_slot(value: &str) -> bool {
    value.split('{').skip(1).any(|rest| {
        let name = rest.split('}').next().filter(|name| name.len() < rest.len()).unwrap_or_default();
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b))
    })
}

/// `$name` and `pre$name`: a variable's name is long, or all there is. A password may hold the sign.
fn is_variable(value: &str) -> bool {
    value.split('$').skip(1).any(|rest| {
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        name.len() >= 3 && (name.len() == rest.len() || rest[name.len()..].starts_with(['-', '[', '.', '/', ':'])) && is_wordy(name)
    })
}

/// Shapes that are something else: a number, a date, an address, a path, a file, a colour, a version, a regular expression.
fn is_plain_kind(value: &str) -> bool {
    let bytes = value.as_bytes();
    let all = |class: fn(&u8) -> bool| bytes.iter().all(class);
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let number = all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_' | b':' | b',' | b'/' | b'+' | b'T' | b'Z'));
    let hexadecimal = (value.starts_with("0x") || value.starts_with("0X")) && bytes.len() <= 18;
    let path = value.starts_with(['/', '~', '.', '\\', '@', '#']) && !is_dense(value) || value.contains("://") || value.contains("::");
    let called = value.find("()").is_some_and(|at| at > 0 && bytes[at - 1].is_ascii_alphanumeric());
    // `var(--pass-colour)`
    let wraps = value.ends_with(')') && value.find('(').is_some_and(|at| at >= 2 && value[..at].bytes().all(|b| b.is_ascii_lowercase()));
    let call = called || wraps || value.contains("->") || value.contains("=>") || value.ends_with('(') || value.contains("](");
    let pattern =
        ["(?", "[^", "[a-z", "[A-Z", "[0-9", ".*", ".+", "\\d", "\\w", "\\x", "\\s", "\\b"].iter().any(|part| value.contains(part))
            || value.starts_with('^') && value.ends_with('$');
    let tag = value.starts_with('<') || value.contains("</") || value.contains("/>") || value.contains("&lt;");
    let object = value.starts_with(['{', '[']) && !is_dense(value);
    let cut = !bytes.iter().any(u8::is_ascii_digit) && (value.starts_with([',', ';', ')', ':', '=']) || value.ends_with(':'));
    !is_dense(value) && (cut || call || letters == 0)
        || number
        || hexadecimal
        || path
        || pattern
        || tag
        || object
        || is_file(value)
        || is_email(value)
}

/// Signs and digits all over: no path and no list has so many changes.
fn is_dense(value: &str) -> bool {
    value.len() >= 8 && class_changes(value.as_bytes()) * 3 >= value.len() * 2
}

/// `keystore.p12`, `com/acme/x.properties`.
fn is_file(value: &str) -> bool {
    static ENDS: Words = Words::new(
        "\
        pem key crt cer p12 pfx jks txt json yml yaml xml html htm php py rb js ts go java sh conf cfg ini log md png jpg svg css env \
        properties example sql db csv gz zip tar service com net org io local internal dev",
    );
    value.rsplit_once('.').is_some_and(|(stem, end)| !stem.is_empty() && ENDS.has(&end.to_ascii_lowercase()))
}

fn is_email(value: &str) -> bool {
    let Some((user, host)) = value.split_once('@') else { return false };
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+'));
    word(user) && word(host) && host.rsplit_once('.').is_some_and(|(_, end)| end.len() >= 2 && end.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// Ways along the keys of a keyboard, and through the alphabet; none has a sign twice.
const WAYS: [&[u8]; 6] = [
    b"qwertyuiopasdfghjklzxcvbnm",
    b"1234567890",
    b"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    b"abcdefghijklmnopqrstuvwxyz0123456789",
    b"0123456789abcdef",
    b"!@#$%^&*()",
];

/// For a sign and the one behind it the ways on which they follow each other, one bit each.
static STEPS: [[u8; 128]; 128] = {
    let mut steps = [[0; 128]; 128];
    let mut way = 0;
    while way < WAYS.len() {
        let mut at = 1;
        while at < WAYS[way].len() {
            steps[WAYS[way][at - 1] as usize][WAYS[way][at] as usize] |= 1 << way;
            at += 1;
        }
        way += 1;
    }
    steps
};

/// `qwertyuiop`, `asdfasdf`, `1qaz2wsx`: along the keys, or the same again and again.
fn is_keyboard(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    let step = |from: u8, to: u8| STEPS.get(from as usize).and_then(|steps| steps.get(to as usize)).copied().unwrap_or(0);
    let along = bytes.windows(3).filter(|three| step(three[0], three[1]) & step(three[1], three[2]) != 0).count();
    (bytes.len() >= 6 && (along + 2) * 4 >= bytes.len() * 3) || is_repeated(bytes) || is_counted(bytes)
}

/// `a1b2c3d4e5f6`: letters count, and so do the digits between them.
fn is_counted(lower: &[u8]) -> bool {
    let only = |class: fn(&u8) -> bool| lower.iter().copied().filter(class).collect::<Vec<u8>>();
    let counts =
        |bytes: &[u8]| bytes.len() >= 4 && bytes.windows(2).filter(|two| two[1] == two[0].wrapping_add(1)).count() + 2 >= bytes.len();
    counts(&only(u8::is_ascii_alphabetic)) && counts(&only(u8::is_ascii_digit))
}

/// `00000000-0000-0000-0000-000000000002`: one byte is more than half of it.
fn is_monotone(bytes: &[u8]) -> bool {
    // It is the one in the middle when they are sorted.
    let mut sorted = bytes.to_vec();
    sorted.sort_unstable();
    let middle = sorted.get(sorted.len() / 2);
    bytes.len() >= 8 && sorted.iter().filter(|byte| Some(*byte) == middle).count() * 2 > sorted.len()
}

/// `asdfasdfasdf`, `0123456789abcdef0123456789abcdef`.
fn is_repeated(bytes: &[u8]) -> bool {
    (1..=bytes.len() / 2)
        .take(32)
        .any(|period| bytes.len() >= 2 * period && bytes.len() >= 8 && bytes.iter().zip(&bytes[period..]).all(|(a, b)| a == b))
}

/// Runs of letters and of digits; a word of camelCase is one of its own.
fn pieces(value: &str) -> Vec<&str> {
    let bytes = value.as_bytes();
    let class = |byte: u8| {
        if byte.is_ascii_alphabetic() {
            0
        } else if byte.is_ascii_digit() {
            1
        } else {
            2
        }
    };
    let (mut all, mut from) = (Vec::new(), 0);
    for at in 1..=bytes.len() {
        let hump = |at: usize| {
            bytes[at].is_ascii_uppercase() && (bytes[at - 1].is_ascii_lowercase() || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
        };
        let ends = at == bytes.len() || class(bytes[at]) != class(bytes[at - 1]) || hump(at);
        if ends && value.is_char_boundary(at) && value.is_char_boundary(from) {
            all.push(&value[from..at]);
            from = at;
        }
    }
    all
}

/// Whether letters can be said: a vowel, and never many consonants on end.
fn is_said(letters: &str) -> bool {
    let lower = letters.to_ascii_lowercase();
    let vowels = lower.chars().filter(|c| is_vowel(*c)).count();
    let is_odd = |two: &[u8]| {
        matches!(
            two,
            b"qz" | b"zx" | b"xq" | b"jq" | b"vq" | b"qj" | b"jx" | b"wq" | b"kq" | b"qk" | b"zj" | b"vb" | b"jz" | b"hx" | b"qx" | b"xj"
        )
    };
    let odd = lower.as_bytes().windows(2).any(is_odd);
    vowels > 0 && consonants(&lower) <= 4 && vowels * 6 >= lower.len() && !odd
}

/// Words of two letters and of one that names are made with.
static SHORT_WORDS: Words = Words::new("a i v x db id my to of in is on no at as or by do we ms js ts ip os ui vm k s e b p n");

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// The most consonants on end.
fn consonants(lower: &str) -> usize {
    lower.split(is_vowel).map(str::len).max().unwrap_or(0)
}

/// Made of words and a number, whatever stands between them: `my-app-key2`, `SomePassword123`, `user_name`.
#[must_use]
pub fn is_wordy(value: &str) -> bool {
    if !value.is_ascii() {
        return true;
    }
    let (mut numbers, mut words, mut odd, mut signs, mut said) = (0, 0, 0, 0, 0);
    let all = pieces(value);
    for (at, piece) in all.iter().enumerate() {
        match piece.as_bytes()[0] {
            first if first.is_ascii_digit() => {
                let inner = at > 0 && all.get(at + 1).is_some_and(|next| next.as_bytes()[0].is_ascii_lowercase());
                numbers += if inner && all[at - 1].len() < 4 { 9 } else { 1 };
            }
            first if first.is_ascii_alphabetic() => {
                let acronym = piece.len() <= 4 && piece.bytes().all(|b| b.is_ascii_uppercase());
                let short = SHORT_WORDS.has(&piece.to_ascii_lowercase());
                said += usize::from(!short);
                if (piece.len() >= 3 && is_said(piece)) || acronym || short { words += piece.len() } else { odd += piece.len() }
            }
            _ => signs += usize::from(!piece.bytes().all(|b| matches!(b, b'_' | b'-' | b'.' | b'/' | b':' | b'!' | b'#' | b' '))),
        }
    }
    let long = said < 3 || words * 2 >= said * 7;
    words > 0 && long && (odd == 0 || words >= 6 * odd) && numbers <= 1 + words / 8 && signs == 0
}

/// A word that programs use for names: no digit, or words joined by a sign.
fn is_name(value: &str) -> bool {
    let bytes = value.as_bytes();
    let joined = bytes.iter().any(|b| matches!(b, b'_' | b'-' | b'.' | b'/' | b':' | b',' | b'=' | b'[' | b'|'));
    let camel = bytes.windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    let upper = bytes.iter().all(|b| !b.is_ascii_lowercase());
    let letters = bytes.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'.'));
    !value.is_ascii() || joined && letters || is_wordy(value) && (joined || camel || upper && !bytes.iter().any(u8::is_ascii_digit))
}

/// Letters that a typist writes as digits, read as letters.
fn unleet(value: &str) -> String {
    let read = |c: char| match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c.to_ascii_lowercase(),
    };
    value.chars().map(read).collect()
}

/// A word or two with digits for some letters, and a number: `conta1n3rize14`.
fn is_leet(value: &str) -> bool {
    let stem = value.trim_end_matches(|c: char| c.is_ascii_digit() || c == '!');
    let digits = stem.bytes().filter(|byte| !byte.is_ascii_alphabetic()).count();
    let one_case = !(stem[stem.len().min(1)..].bytes().any(|b| b.is_ascii_uppercase()) && stem.bytes().any(|b| b.is_ascii_lowercase()));
    digits * 3 <= stem.len() && one_case && stem.len() >= 4 && is_wordy(&unleet(stem)) && consonants(&unleet(stem)) <= 3
}

/// Whether it holds a word of examples, also where digits stand for letters: `P@ssw0rd!`.
#[must_use]
pub fn is_made_up(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let read = unleet(value);
    if is_stand_in(&read) {
        return true;
    }
    let short = value.len() < 24;
    let telling = |text: &str| MADE_UP.are_in(text.as_bytes()) || short && MADE_UP_SHORT.are_in(text.as_bytes());
    telling(&lower) || telling(&read) || sequential(lower.as_bytes()) * 2 >= lower.len()
}

/// `yyyy-MM-dd`, `HH:mm:ss`, `utf-8`, `sha256`, `AES/CBC/PKCS5Padding`.
fn is_format(value: &str) -> bool {
    static FORMATS: Words =
        Words::new("sha1 sha2 sha5 md5 utf base64 hmac pbkdf scrypt bcrypt argon rs256 hs256 aes yyyy oauth x509 ed25519");
    value.len() < 28 && FORMATS.are_in(value.as_bytes())
}

/// Whether chance made it: a key, a token, a digest.
#[must_use]
pub fn is_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    let body = value.trim_end_matches('=');
    if body.len() < RANDOM
        || bytes.len() > LONGEST
        || !body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'.' | b'~' | b':'))
    {
        return false;
    }
    let entropy = shannon(body.as_bytes());
    if body.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') && body.bytes().any(|b| b.is_ascii_digit()) {
        let one_case = !(body.bytes().any(|b| b.is_ascii_lowercase()) && body.bytes().any(|b| b.is_ascii_uppercase()));
        let letters = body.bytes().filter(u8::is_ascii_alphabetic).count();
        return one_case && entropy > 3.0 && letters * 12 >= body.len() && body.bytes().filter(|b| *b == b'-').count() <= 4;
    }
    let has = |class: fn(&u8) -> bool| bytes.iter().any(class);
    // `_setToStartOfDay`
    if !has(u8::is_ascii_digit) && is_wordy(body) {
        return false;
    }
    let classes = [has(u8::is_ascii_digit), has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase)].iter().filter(|is| **is).count();
    let said: usize = pieces(body)
        .iter()
        .filter(|piece| piece.len() >= 4 && piece.as_bytes()[0].is_ascii_alphabetic() && is_said(piece))
        .map(|piece| piece.len())
        .sum();
    let joints = bytes.iter().filter(|b| matches!(b, b'-' | b'_' | b'.' | b'/' | b':')).count();
    // Words have few numbers between them.
    let numbers = pieces(body).iter().filter(|piece| piece.as_bytes()[0].is_ascii_digit()).count();
    entropy > 3.3
        && classes >= 2
        && (said * 5 < body.len() * 2 || numbers >= 4 && said * 3 < body.len() * 2)
        && class_changes(bytes) * 5 >= body.len()
        && joints * 6 <= body.len()
}

/// Eight, four, four, four and twelve hexadecimal digits.
#[must_use]
pub fn is_uuid(value: &str) -> bool {
    let value = value.trim_start_matches('{').trim_end_matches('}');
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests;
