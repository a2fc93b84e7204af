//! Credentials as they stand encoded: what they read, where they stand, and that nothing of them is shown.

#[path = "support/bench.rs"]
mod bench;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use gatepost::input::{Input, InputPath, Origin};
use gatepost::report::{Draft, Report};

use bench::{Bench, value};

type Encode = fn(&str) -> String;

fn base64(text: &str) -> String {
    BASE64.encode(text.as_bytes())
}

fn base64_url(text: &str) -> String {
    BASE64URL_NOPAD.encode(text.as_bytes())
}

fn hex(text: &str) -> String {
    HEXLOWER.encode(text.as_bytes())
}

fn hex_upper(text: &str) -> String {
    HEXUPPER.encode(text.as_bytes())
}

/// UTF-16 in base64, as `-EncodedCommand` takes it.
fn base64_wide(text: &str) -> String {
    BASE64.encode(&text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
}

fn lines(text: &str, width: usize, between: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(width).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join(between)
}

/// Everything but what no encoder touches.
fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// Every byte of a text, spelled.
fn each(text: &str, spelled: fn(u8) -> String) -> String {
    text.bytes().map(spelled).collect::<Vec<_>>().concat()
}

fn percent_all(text: &str) -> String {
    each(text, |b| format!("%{b:02x}"))
}

fn escape(text: &str, before: &str, behind: &str) -> String {
    text.bytes().map(|b| if b == b'\n' { "\\n".to_owned() } else { format!("{before}{b:02x}{behind}") }).collect()
}

const SECRET: &str = "AWS_SECRET_ACCESS_KEY={aws-secret}";
const NAMED: &str = "aws-secret-access-key";
const PAIR: &str = "[default]\naws_access_key_id = {aws-key-id}\naws_secret_access_key = {aws-secret}\n";
const TOKEN: &str = "export GITHUB_TOKEN={github-token}\necho done\n";
const ID: &str = "{aws-key-id}";

/// What is encoded, how, and what it stands in (`@`); the rule, and what the message calls the encoding.
struct Situation {
    plain: &'static str,
    encode: Encode,
    around: &'static str,
    rule: &'static str,
    coding: &'static str,
}

const fn situation(plain: &'static str, encode: Encode, around: &'static str, rule: &'static str, coding: &'static str) -> Situation {
    Situation { plain, encode, around, rule, coding }
}

const KEY: &str = "aws-access-key";
const GITHUB: &str = "github-token";
const PEM: &str = "pem-private-key";
/// The rule reads such escapes by itself, and calls them nothing.
const ITSELF: &str = "";

const SITUATIONS: &[Situation] = &[
    situation(PAIR, base64, "credentials: @\n", KEY, "base64"),
    situation(PAIR, base64_url, "https://x/?c=@&d=1", KEY, "base64"),
    situation(PAIR, |t| lines(&base64(t), 76, "\n"), "user_data: |\n@\nend: true\n", KEY, "base64"),
    situation(PAIR, |t| lines(&base64(t), 64, "\n      "), "data:\n  credentials: |\n      @\n  other: x\n", KEY, "base64"),
    situation(PAIR, |t| lines(&base64(t), 64, "\r\n"), "@\r\n", KEY, "base64"),
    situation(PAIR, |t| lines(&base64(t), 76, "\\n"), "{\"content\": \"@\\n\", \"encoding\": \"base64\"}", KEY, "base64"),
    situation(PAIR, hex, "blob = \"@\"", KEY, "hex"),
    situation(PAIR, hex_upper, "X'@'", KEY, "hex"),
    situation(TOKEN, base64, "<script>atob('@')</script>", GITHUB, "base64"),
    situation(TOKEN, base64, "data:text/plain;base64,@", GITHUB, "base64"),
    situation(TOKEN, hex, "0x@;", GITHUB, "hex"),
    situation(TOKEN, base64_wide, "powershell -EncodedCommand @", GITHUB, "base64 of UTF-16"),
    situation(PAIR, base64_wide, "powershell.exe -e @ \r\n", KEY, "base64 of UTF-16"),
    situation("{github-token}", base64, "data:\n  token: @\n", GITHUB, "base64"),
    situation(ID, base64, "id: @\n", KEY, "base64"),
    situation(ID, hex, "id: @\n", KEY, "hex"),
    situation("bob:{github-token}", base64, "Authorization: Basic @\r\n", GITHUB, "base64"),
    situation("{pem-rsa}\n", base64, "tls.key: @\n", PEM, "base64"),
    situation("{openssh-key}\n", |t| lines(&base64(t), 76, "\n    "), "key: |\n    @\n", PEM, "base64"),
    // Characters written as something else.
    situation(TOKEN, percent_all, "https://x/?q=@", GITHUB, "percent-encoding"),
    situation(SECRET, percent, "https://x/?q=@&r=1", NAMED, "percent-encoding"),
    situation(SECRET, |t| t.replace('/', "\\/"), "{\"env\": \"@\"}", NAMED, ITSELF),
    situation(TOKEN, |t| escape(t, "\\u00", ""), "s = \"@\"", GITHUB, "escapes"),
    situation(TOKEN, |t| escape(t, "\\x", ""), "s = '@'", GITHUB, "escapes"),
    situation(TOKEN, |t| escape(t, "\\\\x", ""), "s = '@'", GITHUB, "escapes"),
    situation(TOKEN, |t| escape(t, "\\u{", "}"), "s = `@`", GITHUB, "escapes"),
    situation(TOKEN, |t| escape(t, "&#x", ";"), "<p>@</p>", GITHUB, "character references"),
    situation(TOKEN, |t| each(t, |b| format!("&#{b};")), "<p>@</p>", GITHUB, "character references"),
    situation(
        TOKEN,
        |t| t.bytes().map(|b| if b == b'\n' { "\\n".to_owned() } else { format!("\\{b:03o}") }).collect(),
        "s = \"@\"",
        GITHUB,
        "escapes",
    ),
    situation(SECRET, |t| t.replace('+', "\\u002B").replace('/', "\\u002F"), "{\"env\": \"@\"}", NAMED, ITSELF),
    situation("{github-token}", |t| lines(t, 9, "\\\n"), "export T=@\n", GITHUB, "parts"),
    // Literals that a program joins.
    situation(ID, |t| lines(t, 4, "\" + \""), "var id = \"@\";", KEY, "parts"),
    situation(ID, |t| lines(t, 4, "'+'"), "var AKIA_ID = '@';", KEY, "parts"),
    situation("{github-token}", |t| lines(t, 10, "' . '"), "$token = '@';", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 10, "\" & \""), "Token = \"@\"", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 20, "\" & _\r\n    \""), "Token = \"@\"", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 10, "\" .. \""), "local token = \"@\"", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 10, "' || '"), "SELECT '@';", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 10, "\" <> \""), "token = \"@\"", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 10, "\" ++ \""), "token = \"@\"", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 10, "\" +\n      \""), "String token = \"@\";", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 10, "\"\n      + \""), "String token = \"@\";", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 10, "\" \\\n  \""), "token = \"@\"", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 10, "\" \""), "char *github_token = \"@\";", GITHUB, "parts"),
    situation("{github-token}", |t| lines(t, 20, "\"\n    \""), "github_token = (\"@\")", GITHUB, "parts"),
    situation("ghp{github-token}", |t| lines(&t[3..], 5, "\" + \""), "t := \"@\"", GITHUB, "parts"),
    // One in the other.
    situation(PAIR, |t| base64(t).replace('/', "\\/").replace('=', "\\u003d"), "{\"c\": \"@\"}", KEY, "base64"),
    situation(PAIR, |t| lines(&base64(t), 40, "\" +\n  \""), "s = \"@\"", KEY, "base64"),
    situation(PAIR, |t| percent(&base64(t)), "https://x/?c=@", KEY, "base64"),
    situation(SECRET, |t| base64(&percent(t)), "d: @\n", NAMED, "base64 of percent-encoding"),
    situation(TOKEN, |t| base64(&percent_all(&base64(t))), "d: @\n", GITHUB, "base64 of percent-encoding of base64"),
    situation(TOKEN, |t| base64(&base64(t)), "d: @\n", GITHUB, "base64 of base64"),
    situation(PAIR, |t| base64(&hex(t)), "d: @\n", KEY, "base64 of hex"),
    situation(TOKEN, |t| hex(&base64(&base64(t))), "d: @\n", GITHUB, "hex of base64 of base64"),
];

#[test]
fn what_is_encoded_is_found_as_if_it_were_plain() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for (number, Situation { plain, encode, around, rule, coding }) in SITUATIONS.iter().enumerate() {
        // Only some secrets have what is written otherwise.
        let is_telling = |plain: &String| !plain.starts_with("AWS_") || plain.contains('/') && plain.contains('+');
        let mut looked = 0;
        for (seed, plain) in (0..40).map(|seed| (seed, value(plain, seed))).filter(|(_, plain)| is_telling(plain)).take(4) {
            looked += 1;
            let encoded = encode(&plain);
            let text = around.replace('@', &encoded);
            if let Err(why) = check(&bench, &plain, &encoded, &text, rule, coding) {
                wrong.push(format!("{number} seed {seed} {around:?} ({coding}): {why}"));
                break;
            }
        }
        if looked == 0 {
            wrong.push(format!("{number} {around:?} ({coding}): no value has what is written otherwise"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), SITUATIONS.len(), wrong.join("\n"));
}

fn check(bench: &Bench, plain: &str, encoded: &str, text: &str, rule: &str, coding: &str) -> Result<(), String> {
    let (expected, found) = (bench.look(plain.as_bytes()), bench.look(text.as_bytes()));
    let said = || found.iter().map(|f| format!("{}: {}", f.rule, f.message)).collect::<Vec<_>>();
    let [found] = &found[..] else { return Err(format!("{:?}", said())) };
    let expected = expected.first().ok_or("nothing is found in the plain text")?;
    if found.rule.as_str() != rule || found.group != expected.group || found.identity != expected.identity {
        return Err(format!("another secret: {:?}", said()));
    }
    if found.severity != expected.severity || found.related.len() != expected.related.len() {
        return Err(format!("another finding: {:?} {:?}", found.severity, found.related.len()));
    }
    let in_coding = format!(" in {coding}");
    let called = match coding {
        ITSELF => found.message == expected.message,
        _ => found.message.ends_with(&in_coding) || found.message.contains(&format!("{in_coding}, ")),
    };
    if !called {
        return Err(format!("called {:?}", found.message));
    }
    let start = text.find(encoded).ok_or("no such text")?;
    let places: Vec<_> = std::iter::once(&found.primary).chain(found.related.iter().map(|l| &l.place)).collect();
    for place in &places {
        let range = place.span.ok_or("no span")?.range();
        let within = start <= range.start && range.end <= start + encoded.len() && !range.is_empty();
        // The secret is a part of what is encoded, and not a larger one than in the plain text.
        let share = |part: usize, whole: usize| part * 1000 / whole;
        let (here, there) =
            (share(range.len(), encoded.len()), expected.secrets.iter().map(|s| share(s.value.expose().len(), plain.len())).max());
        if !within || here > there.unwrap_or(0) + 150 {
            return Err(format!("stands at {range:?} of {start} and {}", encoded.len()));
        }
    }
    let hidden: Vec<&str> = places.iter().filter_map(|place| text.get(place.span?.range())).collect();
    let input = Input { path: InputPath::new(b"src/app"), origin: Origin::File };
    let report = Report::seal(Draft { inputs: vec![input], findings: vec![found.clone()], ..Draft::default() });
    let printed = format!("{report:?}");
    let is_header = hidden.iter().any(|text| text.contains("LS0tLS1C"));
    for line in hidden.iter().flat_map(|text| text.split_whitespace()).filter(|_| !is_header) {
        let (head, tail) = line.split_at(line.len() / 2);
        if [head, tail].iter().any(|half| half.len() >= 8 && printed.contains(half)) {
            return Err("what is encoded is shown".to_owned());
        }
    }
    for secret in &expected.secrets {
        if printed.contains(&*String::from_utf8_lossy(secret.value.expose())) {
            return Err("the secret is shown".to_owned());
        }
    }
    Ok(())
}

/// Two values of one manifest are one pair, and a weak name outside tells what the value inside is.
#[test]
fn a_secret_of_kubernetes_reads_as_a_mapping() {
    let bench = Bench::new();
    for seed in 0..4 {
        let (id, secret) = (value("{aws-key-id}", seed), value("{aws-secret}", seed));
        let text = format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s3\ntype: Opaque\ndata:\n  AWS_ACCESS_KEY_ID: {}\n  AWS_SECRET_ACCESS_KEY: \"{}\"\n",
            base64(&id),
            base64(&secret)
        );
        let found = bench.look(text.as_bytes());
        assert_eq!(found.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>(), [KEY], "{seed}");
        let places: Vec<&str> = [&found[0].primary, &found[0].related[0].place].map(|p| &text[p.span.expect("a span").range()]).to_vec();
        assert_eq!(places, [base64(&id), base64(&secret)].map(|place| place.trim_end_matches('=').to_owned()), "{seed}");
        assert!(found[0].message.contains(" in base64, with its "), "{}", found[0].message);
    }
}

/// A half that is plain and a half that is not.
#[test]
fn a_plain_id_pairs_with_an_encoded_secret() {
    let bench = Bench::new();
    let (id, secret) = (value("{aws-key-id}", 1), value("{aws-secret}", 1));
    let text = format!("aws_access_key_id: {id}\naws_secret_access_key: {}\n", base64(&secret));
    let found = bench.look(text.as_bytes());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].related.len(), 1);
    assert_eq!(&text[found[0].primary.span.expect("a span").range()], id);
    assert!(!found[0].message.contains("base64"), "{}", found[0].message);
}

/// Pictures, digests, certificates, maps, words: what is no text, or no secret.
#[test]
fn what_only_looks_encoded_is_silent() {
    let bench = Bench::new();
    let chance = value("{base64-4000}", 1);
    let token = value("{github-token}", 3);
    let certificate = lines(&value("{base64-1600}", 2), 64, "\n");
    for text in [
        format!("<img src=\"data:image/png;base64,{chance}\">"),
        format!("@font-face{{src:url(data:font/woff2;base64,{chance})}}"),
        format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n"),
        value("\"integrity\": \"sha512-{base64-86}==\"", 1),
        value("sha256: {hex-64}", 1),
        format!(
            "//# sourceMappingURL=data:application/json;base64,{}",
            base64("{\"version\":3,\"sources\":[\"a.ts\"],\"mappings\":\"AAAA\"}")
        ),
        format!("d: {}", base64("AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=changeme\n")),
        "organizationalUnitDistinguishedName/getObjectRequestFactoryBuilder".to_owned(),
        "const s = \"AKIA\" + name + \"ABCDEFGHIJKLMNOP\";".to_owned(),
        format!("'{}', '{}'", &value(ID, 1)[..10], &value(ID, 1)[10..]),
        value("{base64-40}", 9).repeat(40),
        format!("\\u0041\\u004b\\u0049\\u0041 {chance}"),
    ] {
        let said = |text: &str| bench.look(text.as_bytes()).into_iter().map(|f| (f.rule.to_string(), f.message)).collect::<Vec<_>>();
        let beginning: String = text.chars().take(60).collect();
        assert_eq!(said(&text), [], "{beginning}");
        // A token behind it is found all the same: it is not the look that is blind.
        let both = said(&format!("{text}\n\ntoken: {}\n", base64(&token)));
        assert_eq!(both, said(&format!("token: {}\n", base64(&token))), "{beginning}");
        assert_eq!(both.len(), 1, "{beginning}");
    }
}

/// Nothing that anybody can write makes it slow, and what was left out is said.
#[test]
fn hostile_encodings_come_to_an_end() {
    let bench = Bench::new();
    let mut bomb = value(TOKEN, 1).repeat(2_000);
    for _ in 0..6 {
        bomb = base64(&bomb);
    }
    let id = value(ID, 1);
    for (name, text, limited, found) in [
        ("nested", bomb, false, 0),
        ("percent", "%41".repeat(1 << 20), false, 0),
        ("parts", "\"a\"+".repeat(1 << 18), false, 0),
        ("spaced parts", "\"a\" + ".repeat(1 << 18), false, 0),
        ("one literal", format!("x = {}", lines(&id, 1, "\" + \"").repeat(20_000)), false, 0),
        ("escapes", "\\x41a\\u0042".repeat(100_000), false, 0),
        ("slashes", "\\".repeat(1 << 20), false, 0),
        ("entities", "&#65;".repeat(1 << 18), false, 0),
        ("zeros", "A".repeat(1 << 20), false, 0),
        ("manifests", "kind: Secret\n".repeat(50_000), false, 0),
        ("basic", "basic ".repeat(100_000), false, 0),
        ("short lines", format!("{}\n", &base64(&"text and ".repeat(8))[..32]).repeat(50_000), false, 0),
        ("ids", format!("{} , ", base64(&id)).repeat(20_000), false, 1),
        ("too many parts", "\"a\" + \"b\", ".repeat(530_000), true, 0),
        ("far ids", format!("{}{}", base64(&id), " ".repeat(3_000)).repeat(500), false, 1),
    ] {
        let start = std::time::Instant::now();
        let told = (bench.scan(text.as_bytes()).limited, bench.look(text.as_bytes()).len());
        assert_eq!(told, (limited, found), "{name}: whether something was left out, and how much is found");
        assert!(start.elapsed().as_secs() < 60, "{name}: {:?}", start.elapsed());
    }
}

/// How a text is carried, whatever stands around it.
fn carriers() -> impl proptest::strategy::Strategy<Value = Encode> {
    proptest::sample::select(vec![base64 as Encode, base64_url, hex, hex_upper, percent_all])
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]

    #[test]
    fn encoding_hides_nothing(
        encode in carriers(),
        plain in proptest::sample::select(vec![PAIR, TOKEN, "[x]\nkey = {aws-key-id}\n", "k: {github-token} # {aws-key-id}\n"]),
        seed in 0u64..1000,
        before in "[a-z ]{0,20}[ =:\"(]",
        behind in "[ \")\n][a-z ]{0,20}",
    ) {
        let bench = BENCH.get_or_init(Bench::new);
        let plain = value(plain, seed);
        let said = |text: &str| bench.look(text.as_bytes()).iter().map(|f| (f.rule.clone(), f.group)).collect::<std::collections::BTreeSet<_>>();
        proptest::prop_assert_eq!(said(&format!("{before}{}{behind}", encode(&plain))), said(&plain));
    }

    #[test]
    fn any_bytes_are_looked_at(bytes in proptest::collection::vec(proptest::sample::select(&b"AKIQUtJ0123456789abcdefx%\\u/+-_=\"' .&#;{}\n\r\0\xff"[..]), 0..400)) {
        BENCH.get_or_init(Bench::new).look(&bytes);
    }
}

static BENCH: std::sync::OnceLock<Bench> = std::sync::OnceLock::new();
