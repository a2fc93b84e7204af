//! Readers of configuration that is a script: PHP, Python, Ruby. Only what stands between quotes is a value.

use super::credentials::Setting;
use crate::syntax::{loose, php as words};

/// Literals of PHP under the names that they are given.
pub(super) fn php(bytes: &[u8]) -> Vec<Setting> {
    let literals = words::literals(bytes).into_iter().filter(|literal| !is_label(&bytes[literal.value.clone()]));
    literals
        .map(|literal| Setting::new(String::from_utf8_lossy(&bytes[literal.key]).trim_start_matches('$').to_owned(), literal.value))
        .collect()
}

/// Words of a form, and what WordPress puts there to be replaced; its keys have blanks too, but are longer.
fn is_label(value: &[u8]) -> bool {
    value.len() < 40 && value.contains(&b' ') || value.ends_with(b"-test") || value.ends_with(b"_test")
}

/// What Django's own `startproject` wrote says so by how it begins.
const GENERATED: &[u8] = b"django-insecure-";

/// Literals of Python and Ruby: a key, a sign and a text between quotes that ends its line or its entry.
pub(super) fn script(bytes: &[u8]) -> Vec<Setting> {
    let pairs = loose::pairs(bytes).into_iter().filter(|pair| {
        let quote = pair.value.start.checked_sub(1).and_then(|at| bytes.get(at)).filter(|byte| matches!(byte, b'"' | b'\''));
        let line = bytes.get(pair.value.end + 1..).unwrap_or_default();
        let behind = line.iter().copied().find(|byte| !matches!(byte, b' ' | b'\t'));
        let ends = matches!(behind, None | Some(b',' | b'\n' | b'\r' | b'#' | b'}' | b')' | b']' | b';'));
        quote.is_some_and(|quote| bytes.get(pair.value.end) == Some(quote)) && ends && !bytes[pair.value.clone()].starts_with(GENERATED)
    });
    // `#{ENV['X']}` is put in by Ruby.
    let plain = pairs.filter(|pair| memchr::memmem::find(&bytes[pair.value.clone()], b"#{").is_none());
    plain.map(|pair| Setting::new(called(&String::from_utf8_lossy(&bytes[pair.key])), pair.value)).collect()
}

/// `secret_key_base` is a secret key, and so is the pepper that Devise mixes into passwords.
fn called(key: &str) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    match name {
        "secret_key_base" => "secret_key".to_owned(),
        "pepper" => "pepper_secret".to_owned(),
        _ => name.to_owned(),
    }
}

/// The key that `startproject` made, where it still stands.
pub(super) fn generated(bytes: &[u8]) -> Vec<Setting> {
    let pairs = loose::pairs(bytes).into_iter();
    let kept = pairs.filter(|pair| &bytes[pair.key.clone()] == b"SECRET_KEY" && bytes[pair.value.clone()].starts_with(GENERATED));
    kept.map(|pair| Setting::new("SECRET_KEY".to_owned(), pair.value.start + GENERATED.len()..pair.value.end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_between_quotes_are_values() {
        let text =
            "A = 'b'\nC = os.environ['D']\nE = f'{g}'\nH = 'i' + J\n'K': \"l\",\nconfig.secret_key_base = 'm'\nn = \"#{ENV['O']}\"\n";
        let found: Vec<_> = script(text.as_bytes()).into_iter().map(|s| (s.key, &text[s.value])).collect();
        let want = [("A", "b"), ("K", "l"), ("secret_key", "m")].map(|(key, value)| (key.to_owned(), value));
        assert_eq!(found, want);
    }
}
