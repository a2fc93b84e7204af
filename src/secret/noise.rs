//! Places where a value that only its name tells is no secret, or not one to be told loud: lock files, translations,
//! minified code, pictures, tests. A value that its own shape tells is told in all of them: the field decides, not the file.

use std::ops::Range;

use super::context::Context;
use super::edge::line_start;
use super::words::Words;
use crate::base::ids::Severity;
use crate::input::InputPath;

/// Families whose values have no shape of their own.
const SHAPELESS: &[&str] = &["generic", "password"];
/// And those whose values can be made up by everybody who writes an example.
const INVENTED: &[&str] = &["generic", "password", "basicauth", "dburi"];

/// Whole names that tools write: they hold digests.
static LOCKS: Words = Words::new(
    "\
    package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml pnpm-lock.yml cargo.lock go.sum go.mod go.work.sum poetry.lock \
    composer.lock gemfile.lock podfile.lock flake.lock pipfile.lock uv.lock bun.lock deno.lock mix.lock pubspec.lock packages.lock.json \
    verification-metadata.xml gradle.lockfile .terraform.lock.hcl cabal.project.freeze conda-lock.yml paket.lock project.assets.json \
    cartfile.resolved package.resolved chart.lock requirements.lock shrinkwrap.yaml berry.lock pdm.lock jsr.lock",
);
/// Ends of names of pictures, maps, certificates, translations, data.
static SILENT_ENDS: Words = Words::new(
    "\
    svg map lock sum crt cer asc sig sha256 sha512 md5 po pot mo xlf xliff resx arb ftl strings stringsdict lproj pem csr crl der ttf woff \
    woff2 ics vcf csv tsv geojson ipynb patch diff rej snap har lst dic aff wordlist",
);
/// Folders of translations.
static LANGUAGES: Words = Words::new("locale locales i18n l10n lang langs language languages translation translations intl messages nls");
/// Files of code: a value without quotes is a name there.
static CODE: Words = Words::new(
    "\
    c cc cpp cs cxx dart go h hpp java js jsx kt kts m mjs mm php proto py rb rs scala swift ts tsx vue svelte groovy gradle clj erl ex exs hs \
    lua pl pm r jl zig cjs mts cts pyi html htm jsp erb haml ejs hbs scss css less sql vb fs graphql y l asm s coffee bsl raku t test el lisp scm tcl",
);
/// Files of what a browser is given.
static PAGES: Words = Words::new("html htm jsx tsx vue svelte astro mdx");
/// What a minified line is at least as long as.
const LONG_LINE: usize = 1500;

/// How far before a key its search stands.
const SEARCH: usize = 160;

/// Whether the families say that nothing but a name tells the value.
#[must_use]
pub fn is_weak(families: &[String]) -> bool {
    !families.is_empty() && families.iter().all(|family| SHAPELESS.contains(&family.as_str()))
}

/// Whether the families say that everybody who writes an example makes up such values.
#[must_use]
pub fn is_invented(families: &[String]) -> bool {
    // A rule of somebody's own, without a family, knows what it looks for.
    !families.is_empty() && families.iter().all(|family| INVENTED.contains(&family.as_str()))
}

/// The most that a finding weighs in a context: what is invented for a test opens nothing, and the key of an app is in
/// every copy of the app.
#[must_use]
pub fn most(families: &[String], context: Option<Context>, path: &InputPath) -> Severity {
    let is_idle = is_invented(families) && (context.is_some() || is_foreign(path)) || is_of_app(families, path);
    if is_idle { Severity::Low } else { Severity::Critical }
}

/// <https://firebase.google.com/docs/projects/api-keys>: these files are made to be shipped.
fn is_of_app(families: &[String], path: &InputPath) -> bool {
    let path = path.to_str();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let is_shipped = name.starts_with("google-services") || name.starts_with("GoogleService-Info");
    is_shipped && !families.is_empty() && families.iter().all(|family| family == "gcp")
}

/// Whether a place only shows what is written there: a test, a handbook, a comment, the code of others. A sample is run.
#[must_use]
pub fn is_shown(path: &InputPath, bytes: &[u8], place: usize) -> bool {
    is_foreign(path) || Context::at(path, bytes, place).is_some_and(|context| context != Context::Example)
}

/// The code of others, and descriptions of interfaces with their examples.
fn is_foreign(path: &InputPath) -> bool {
    static FOLDERS: Words = Words::new(
        "vendor vendors vendored node_modules third_party third-party thirdparty external bower_components deps site-packages swagger openapi",
    );
    const NAMES: &[&str] = &["swagger", "openapi", "postman", "api-docs", "api_spec", "apispec"];
    let lower = path.to_str().to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    lower.split('/').any(|part| FOLDERS.has(part)) || NAMES.iter().any(|start| name.contains(start))
}

/// Whether such a value, at its place, is known to be none.
#[must_use]
pub fn is_noise(path: &InputPath, bytes: &[u8], secret: &Range<usize>) -> bool {
    let lower = path.to_str().to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    LOCKS.has(name)
        || SILENT_ENDS.has(end)
        || name.contains(".min.")
        || lower.split('/').any(|part| LANGUAGES.has(part))
        || name.starts_with("messages_") && end == "properties"
        || CODE.has(end) && !is_quoted(bytes, secret)
        || is_long(bytes, secret)
        || is_digest_field(bytes, secret)
        || is_encoded_picture(bytes, secret)
        || PAGES.has(end) && is_search_key(bytes, secret)
        || CODE.has(end) && is_index_key(bytes, secret)
}

/// Whether quotes, or the signs of an element, stand around it.
fn is_quoted(bytes: &[u8], secret: &Range<usize>) -> bool {
    let around = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'>' | b'<'));
    let before = secret.start.checked_sub(1).and_then(|at| bytes.get(at));
    around(before) && around(bytes.get(secret.end))
        || bytes[..secret.start].iter().rev().take(3).any(|byte| matches!(byte, b'"' | b'\'' | b'`'))
}

fn is_long(bytes: &[u8], secret: &Range<usize>) -> bool {
    let before = &bytes[secret.start.saturating_sub(LONG_LINE)..secret.start];
    let after = &bytes[secret.end..bytes.len().min(secret.end + LONG_LINE)];
    let left = memchr::memrchr(b'\n', before).map_or(before.len(), |at| before.len() - at - 1);
    let right = memchr::memchr(b'\n', after).unwrap_or(after.len());
    left + right >= LONG_LINE
}

/// Fields of digests on the same line: `integrity`, `checksum`, `sha256`, `resolved`.
fn is_digest_field(bytes: &[u8], secret: &Range<usize>) -> bool {
    const FIELDS: [&[u8]; 9] =
        [b"integrity", b"checksum", b"sha1", b"sha256", b"sha384", b"sha512", b"digest", b"resolved", b"fingerprint"];
    let head = bytes[line_start(bytes, secret.start, 120)..secret.start].to_ascii_lowercase();
    FIELDS.iter().any(|field| memchr::memmem::find(&head, field).is_some())
}

/// The key that a page asks a search with is for every visitor: `new MeiliSearch({host: 'https://search.…', apiKey: '…'})`.
fn is_search_key(bytes: &[u8], secret: &Range<usize>) -> bool {
    let near = bytes[secret.start.saturating_sub(SEARCH)..secret.start].to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&near, word).is_some();
    has(b"search") && has(b"apikey") && !has(b"admin") && !has(b"master")
}

/// An application, its key and the index that it searches: what pages are given of Algolia. One that writes is called so.
fn is_index_key(bytes: &[u8], secret: &Range<usize>) -> bool {
    let before = bytes[secret.start.saturating_sub(SEARCH)..secret.start].to_ascii_lowercase();
    let after = bytes[secret.end..bytes.len().min(secret.end + SEARCH)].to_ascii_lowercase();
    let has = |text: &[u8], words: &[&[u8]]| words.iter().any(|word| memchr::memmem::find(text, word).is_some());
    let is_key = has(&before[before.len().saturating_sub(16)..], &[b"apikey"]) && secret.len() == 32;
    let is_whole = has(&before, &[b"appid", b"applicationid"]) && has(&after, &[b"index"]);
    is_key && is_whole && !has(&before, &[b"admin", b"write"])
}

fn is_encoded_picture(bytes: &[u8], secret: &Range<usize>) -> bool {
    const STARTS: [&[u8]; 6] = [b"iVBORw0KGgo", b"/9j/", b"R0lGOD", b"PHN2Zy", b"data:", b"UklGR"];
    let value = &bytes[secret.clone()];
    let before = &bytes[secret.start.saturating_sub(8)..secret.start];
    STARTS.iter().any(|start| value.starts_with(start)) || before.ends_with(b"base64,")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(path: &str, text: &str) -> bool {
        let start = text.find("VALUE").expect("a value");
        is_noise(&InputPath::new(path.as_bytes()), text.as_bytes(), &(start..start + 5))
    }

    #[test]
    fn places_of_digests_labels_and_names() {
        for (path, text) in [
            ("web/package-lock.json", "\"token\": \"VALUE\""),
            ("yarn.lock", "secret \"VALUE\""),
            ("go.sum", "token VALUE"),
            ("gradle/verification-metadata.xml", "<key value=\"VALUE\"/>"),
            ("src/locales/fr.json", "\"password\": \"VALUE\""),
            ("i18n/de.yml", "password: VALUE"),
            ("messages_fr.properties", "password=VALUE"),
            ("a.po", "msgid \"password\" \"VALUE\""),
            ("logo.svg", "key=\"VALUE\""),
            ("app.min.js", "password:\"VALUE\""),
            ("app.js.map", "token:\"VALUE\""),
            ("main.go", "password = VALUE"),
            ("Main.java", "password=VALUE;"),
            ("a.json", "\"integrity\": \"sha512-VALUE\""),
            ("a.yml", "checksum_key: VALUE"),
            ("server.crt", "key: VALUE"),
            ("web/Menu.tsx", "new MeiliSearch({\n  host: 'https://search.acme.io',\n  apiKey: 'VALUE',\n});"),
            ("a.json", "\"key\": \"data:image/png;base64,VALUE\""),
        ] {
            assert!(noise(path, text), "{path}: {text}");
        }
        let long = format!("{}password:\"VALUE\"", "a".repeat(LONG_LINE));
        assert!(noise("bundle.js", &long));
    }

    #[test]
    fn settings_and_code_are_read() {
        for (path, text) in [
            ("main.go", "password = \"VALUE\""),
            ("web/Menu.tsx", "new Mailer({ apiKey: 'VALUE' })"),
            ("src/index.ts", "new MeiliSearch({ host: 'http://search', apiKey: 'VALUE' })"),
            ("app.yml", "password: VALUE"),
            ("app.properties", "password=VALUE"),
            ("src/language.py", "token = 'VALUE'"),
            ("Cargo.toml", "token = \"VALUE\""),
            ("A.cs", "a = @\"VALUE\""),
            ("A.java", "a = \"\\\"VALUE\\\"\""),
        ] {
            assert!(!noise(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn what_is_invented_weighs_little_where_it_is_shown() {
        let families = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let at = |names: &[&str], context, path: &str| most(&families(names), context, &InputPath::new(path.as_bytes()));
        assert_eq!(at(&["password"], Some(Context::Test), "a"), Severity::Low);
        assert_eq!(at(&["dburi"], Some(Context::Comment), "a"), Severity::Low);
        assert_eq!(at(&["password"], None, "vendor/a.json"), Severity::Low);
        assert_eq!(at(&["password"], None, "api/swagger.yaml"), Severity::Low);
        assert_eq!(at(&["password"], None, "src/a"), Severity::Critical);
        assert_eq!(at(&["aws"], Some(Context::Test), "vendor/a"), Severity::Critical);
        assert!(is_shown(&InputPath::new(b"tests/a.py"), b"x", 0) && !is_shown(&InputPath::new(b".env.example"), b"x", 0));
        assert!(is_weak(&families(&["password", "generic"])) && !is_weak(&families(&["dburi"])));
    }
}
