//! Terraform's and OpenTofu's own documented examples, and what lies at their edges, in `testdata/terraform/functions`.

use super::*;
use crate::iac::{Files, Lookup, Memory};
use crate::input::Inputs;
use crate::settings::Variables;

/// The functions that the documentation of either tool lists.
const PUBLISHED: &str = "abs abspath alltrue anytrue assumeequal assumelistlength assumelistlengthmax assumelistlengthmin \
    assumemaplength assumemaplengthmax assumemaplengthmin assumenotnull assumesetlength assumesetlengthmax assumesetlengthmin \
    assumestringprefix base64decode base64encode base64gunzip base64gzip base64sha256 base64sha512 basename bcrypt can ceil chomp \
    chunklist cidrcontains cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce coalescelist compact concat contains convert \
    csvdecode defaults dirname distinct element endswith ephemeralasnull file filebase64 filebase64sha256 filebase64sha512 \
    fileexists filemd5 fileset filesha1 filesha256 filesha512 flatten floor format formatdate formatlist indent index issensitive \
    join jsondecode jsonencode keys length log lookup lower matchkeys max md5 merge min nonsensitive one parseint pathexpand \
    plantimestamp pow provider::aws::arn_build provider::aws::arn_parse provider::aws::trim_iam_role_path \
    provider::terraform::decode_tfvars provider::terraform::encode_expr provider::terraform::encode_tfvars range regex regexall \
    replace reverse rsadecrypt sensitive setintersection setproduct setsubtract setunion sha1 sha256 sha512 signum slice sort split \
    startswith strcontains strrev substr sum templatefile templatestring textdecodebase64 textencodebase64 timeadd timecmp timestamp \
    title tobool tolist tomap tonumber toset tostring transpose trim trimprefix trimspace trimsuffix try type upper urldecode \
    urlencode uuid uuidv5 values yamldecode yamlencode zipmap";

/// Those whose result is another one every time, or needs what is not in the tree: a machine's folders, a key. `type` is
/// for the console only.
const UNKNOWN: &str = "abspath bcrypt plantimestamp rsadecrypt timestamp type uuid";

/// Those that are given expressions.
const LAZY: &str = "can convert issensitive try";

const EXAMPLES: &[(&str, &str)] = &[
    ("collection", include_str!("../../../../testdata/terraform/functions/collection.txt")),
    ("convert", include_str!("../../../../testdata/terraform/functions/convert.txt")),
    ("encode", include_str!("../../../../testdata/terraform/functions/encode.txt")),
    ("filesystem", include_str!("../../../../testdata/terraform/functions/filesystem.txt")),
    ("format", include_str!("../../../../testdata/terraform/functions/format.txt")),
    ("hash", include_str!("../../../../testdata/terraform/functions/hash.txt")),
    ("network", include_str!("../../../../testdata/terraform/functions/network.txt")),
    ("numeric", include_str!("../../../../testdata/terraform/functions/numeric.txt")),
    ("provider", include_str!("../../../../testdata/terraform/functions/provider.txt")),
    ("string", include_str!("../../../../testdata/terraform/functions/string.txt")),
    ("time", include_str!("../../../../testdata/terraform/functions/time.txt")),
];

const TREE: &[(&str, &str)] = &[
    ("hello.txt", "Hello World"),
    ("files/hello.txt", "hi"),
    ("files/world.txt", "world"),
    ("files/subdirectory/anotherfile.txt", "more"),
    ("backends.tftpl", "%{ for addr in ip_addrs ~}\nbackend ${addr}:${port}\n%{ endfor ~}\n"),
    ("config.tftpl", "%{ for config_key, config_value in config ~}\nset ${config_key} = ${config_value}\n%{ endfor ~}\n"),
    ("backends.json.tftpl", "${jsonencode({\n  \"backends\": [for addr in ip_addrs : \"${addr}:${port}\"],\n})}"),
    ("hello.tftpl", "Hello, ${name}!"),
    ("itself.tftpl", "${templatefile(\"itself.tftpl\", { name = name })}"),
];

/// The attributes of the only resource of `source`, in a module with files beside it.
fn resource<T>(source: &str, look: impl FnOnce(&Terraform<'_>, &Value) -> T) -> T {
    let tree = Memory::of(TREE.iter().copied().chain([("main.tf", source)]));
    let inputs = Inputs::new();
    let (files, variables) = (Files::new(&tree, &inputs), Variables::default());
    let terraform = Terraform::new(&files, &variables);
    let resources = terraform.evaluate(b"", &crate::iac::is_resource).remove(0).resources;
    let troubles = terraform.troubles(&terraform.folders(b""));
    assert!(troubles.is_empty(), "{:?}", troubles[0].message);
    look(&terraform, &resources[0].attrs)
}

fn module(expressions: &[&str]) -> String {
    let head = "variable \"u\" {}\nvariable \"c\" {}\nlocals {\n  foo = { bar = \"baz\" }\n}\nresource \"r\" \"x\" {\n";
    let attributes = expressions.iter().enumerate().map(|(number, expression)| format!("  v{number} = {expression}\n"));
    format!("{head}{}}}\n", attributes.collect::<String>())
}

/// One expression's value.
fn value<T>(expression: &str, look: impl FnOnce(&Terraform<'_>, &Value) -> T) -> T {
    resource(&module(&[expression]), |terraform, attributes| match attributes.lookup("v0") {
        Lookup::Found(value) => look(terraform, value),
        other => panic!("{expression}: {other:?}"),
    })
}

/// A value as the examples write it.
fn print(terraform: &Terraform<'_>, value: &Value, top: bool) -> String {
    let open = |open: bool, any: bool| match (open, any) {
        (false, _) => "",
        (true, true) => ", …",
        (true, false) => "…",
    };
    match &value.node {
        Node::Null => "null".to_owned(),
        Node::Bool(truth) => truth.to_string(),
        Node::Number(number) => number.to_string(),
        Node::Text(text) => serde_json::to_string(&text.to_str().replace(crate::base::text_map::HOLE, "…")).expect("text"),
        Node::List { items, open: more } => {
            let all: Vec<_> = items.iter().map(|item| print(terraform, item, false)).collect();
            format!("[{}{}]", all.join(", "), open(*more, !items.is_empty()))
        }
        Node::Map { entries, open: more } => {
            let mut all: Vec<_> = entries
                .iter()
                .map(|e| format!("{}: {}", serde_json::to_string(&*e.key).expect("text"), print(terraform, &e.value, false)))
                .collect();
            all.sort();
            format!("{{{}{}}}", all.join(", "), open(*more, !entries.is_empty()))
        }
        Node::Choice { then, else_, .. } => format!("{} or {}", print(terraform, then, top), print(terraform, else_, top)),
        Node::Unknown(id) => match terraform.unknowns.reason(*id) {
            Reason::Failed(_) => "fails".to_owned(),
            _ if top => "unknown".to_owned(),
            _ => "…".to_owned(),
        },
    }
}

/// Expressions and what they are to be.
fn examples(text: &'static str) -> Vec<(&'static str, &'static str)> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let pair = |pair: &[&'static str]| (pair[0], pair[1].strip_prefix("=> ").unwrap_or_else(|| panic!("{}: no result", pair[0])));
    lines.chunks(2).map(pair).collect()
}

#[test]
fn every_documented_example_is_what_the_documentation_says() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (group, text) in EXAMPLES {
        let all = examples(text);
        count += all.len();
        let expressions: Vec<&str> = all.iter().map(|(expression, _)| *expression).collect();
        resource(&module(&expressions), |terraform, attributes| {
            for (number, (expression, expected)) in all.iter().enumerate() {
                let printed = match attributes.lookup(&format!("v{number}")) {
                    Lookup::Found(value) => print(terraform, value, true),
                    _ => "null".to_owned(),
                };
                let expected = if *expected == "…" { "unknown" } else { expected };
                if printed != expected {
                    wrong.push(format!("{group}: {expression}\n     is {printed}\n not {expected}"));
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_published_function_is_known_and_has_an_example() {
    let tables: Vec<&str> = TABLES.iter().flat_map(|table| table.iter().map(|(name, _)| *name)).collect();
    let (unknown, lazy): (Vec<&str>, Vec<&str>) = (UNKNOWN.split_whitespace().collect(), LAZY.split_whitespace().collect());
    let text: String = EXAMPLES.iter().map(|(_, text)| *text).collect();
    for name in PUBLISHED.split_whitespace() {
        let homes = [tables.contains(&name), unknown.contains(&name), lazy.contains(&name)];
        assert_eq!(homes.iter().filter(|home| **home).count(), 1, "{name}");
        assert!(unknown.contains(&name) || text.contains(&format!("{name}(")), "{name} has no example");
    }
    for name in tables.iter().chain(OF_ALL).chain(OF_ITEMS) {
        assert!(PUBLISHED.split_whitespace().any(|published| published == *name), "{name} is in a table and not published");
    }
    let mut once = tables.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), tables.len(), "a function has one home");
}

/// Where a part of an expression's value was written: the file, and what stands there.
fn origin(expression: &str, part: &str) -> (String, String) {
    value(expression, |terraform, value| {
        let Node::Text(text) = &value.node else { panic!("{expression}: {value:?}") };
        let at = memchr::memmem::find(text.bytes(), part.as_bytes()).unwrap_or_else(|| panic!("{part} in {}", text.to_str()));
        let span = text.span(at..at + part.len()).expect("a place");
        let pinned = terraform.files.pin(&[span].into());
        let names = ["main.tf", "hello.txt", "backends.tftpl"];
        let file = names.iter().find(|name| terraform.files.file(name.as_bytes()) == span.file).expect("a file");
        assert!(pinned.contains_key(&span));
        ((*file).to_owned(), terraform.files.slice(span))
    })
}

#[test]
fn what_goes_through_a_function_keeps_its_place() {
    for (expression, part, stands) in [
        ("split(\",\", \"ab,cd\")[1]", "cd", "cd"),
        ("substr(\"hello world\", 6, 3)", "wor", "wor"),
        ("trimspace(\"  hello \")", "ell", "ell"),
        ("format(\"%s-%5s\", \"one\", \"two\")", "two", "two"),
        ("join(\"/\", [\"one\", \"two\"])", "two", "two"),
        ("lower(\"ONE two\")", "one", "ONE"),
        ("replace(\"one two\", \"one\", \"three\")", "two", "two"),
        ("replace(\"one two\", \"/o(n)e/\", \"$1$1\")", "nn", "n"),
        ("regex(\"b+\", \"aabbcc\")", "bb", "bb"),
        ("regexall(\"([a-z])\", \"1a2b\")[1][0]", "b", "b"),
        ("jsondecode(\"{\\\"k\\\": \\\"val\\\"}\").k", "val", "val"),
        ("yamldecode(\"k:\\n  - 'val'\\n\").k[0]", "val", "val"),
        ("csvdecode(\"k,l\\nv1,v2\\n\")[0].l", "v2", "v2"),
        ("urldecode(\"one%20two\")", "two", "two"),
        ("urldecode(\"one%20two\")", " ", "%20"),
        ("base64encode(\"one\")", "b25l", "one"),
        ("base64decode(\"b25ldHdv\")", "two", "dHdv"),
        ("base64decode(base64encode(\"one two\"))", "two", "two"),
        ("textdecodebase64(textencodebase64(\"one two\", \"UTF-16LE\"), \"UTF-16LE\")", "w", "tw"),
        ("concat([\"a\"], [\"bb\"])[1]", "bb", "bb"),
        ("merge({ k = \"a\" }, { k = \"bb\" }).k", "bb", "bb"),
        ("jsonencode({ k = \"val\" })", "val", "val"),
        ("yamlencode({ k = \"val\" })", "val", "val"),
        ("indent(2, \"a\\nbb\")", "bb", "bb"),
        ("provider::aws::arn_parse(\"arn:aws:iam::1:role/x\").resource", "role/x", "role/x"),
        ("try(tobool(\"no\"), \"yes\")", "yes", "yes"),
        ("setunion([\"bb\"], [\"a\"])[1]", "bb", "bb"),
        ("convert({ a = \"bb\" }, object({ a = string })).a", "bb", "bb"),
        ("templatestring(\"a-$${k}\", { k = \"val\" })", "val", "val"),
    ] {
        assert_eq!(origin(expression, part), ("main.tf".to_owned(), stands.to_owned()), "{expression}");
    }
}

#[test]
fn what_is_read_from_a_file_points_into_that_file() {
    for (expression, part, file, stands) in [
        ("file(\"hello.txt\")", "World", "hello.txt", "World"),
        ("upper(file(\"./hello.txt\"))", "WORLD", "hello.txt", "World"),
        ("filebase64(\"hello.txt\")", "SGVs", "hello.txt", "Hel"),
        ("templatefile(\"backends.tftpl\", { port = 80, ip_addrs = [\"10.0.0.1\"] })", "backend", "backends.tftpl", "backend"),
        ("templatefile(\"backends.tftpl\", { port = 80, ip_addrs = [\"10.0.0.1\"] })", "10.0.0.1", "main.tf", "10.0.0.1"),
    ] {
        assert_eq!(origin(expression, part), (file.to_owned(), stands.to_owned()), "{expression}");
    }
    value("file(\"missing.txt\")", |terraform, value| {
        let Node::Unknown(id) = value.node else { panic!("{value:?}") };
        assert_eq!(terraform.unknowns.reason(id).to_string(), "the file missing.txt");
    });
}

#[test]
fn hostile_calls_end_soon_and_cost_the_others_nothing() {
    let hostile = [
        "indent(1000000000000, \"a\\nb\")".to_owned(),
        "format(\"%1000000000000d\", 1)".to_owned(),
        "format(\"%4000d%4000d%4000d\", 1, 2, 3)".to_owned(),
        "setproduct([for a in range(1000) : a], [for a in range(1000) : a], [for a in range(1000) : a])".to_owned(),
        "chunklist(range(1000), 9999999999999)".to_owned(),
        "pow(10, pow(10, 10))".to_owned(),
        "parseint(\"99999999999999999999999999\", 62)".to_owned(),
        "range(0, 1000000000, 0.000001)".to_owned(),
        "cidrhost(\"::/0\", 170141183460469231731687303715884105727)".to_owned(),
        "cidrsubnet(\"::/0\", 128, 9007199254740991)".to_owned(),
        "cidrsubnets(\"::/0\", [for n in range(1000) : 32]...)".to_owned(),
        "timeadd(\"9999-12-31T23:59:59Z\", \"9999999999h\")".to_owned(),
        "timeadd(\"2000-01-01T00:00:00Z\", \"2000000h\")".to_owned(),
        "formatdate(\"'\", \"2000-01-01T00:00:00Z\")".to_owned(),
        "substr(\"abc\", -9007199254740991, 9007199254740991)".to_owned(),
        "regex(\"(a*)*b\", join(\"\", [for n in range(1000) : \"aaaaaaaaaaaaaaaa\"]))".to_owned(),
        "regexall(\"a.*b|a\", join(\"\", [for n in range(1000) : \"aaaaaaaaaaaaaaaa\"]))".to_owned(),
        "replace(join(\"\", [for n in range(1000) : \"aaaaaaaaaaaaaaaa\"]), \"/(a*)/\", \"$1$1$1$1$1$1$1$1$1$1$1$1\")".to_owned(),
        "replace(join(\"\", [for n in range(1000) : \"aaaaaaaaaaaaaaaa\"]), \"a\", join(\"\", [for n in range(1000) : \"aaaaaaaaaaaaaaaa\"]))".to_owned(),
        format!("regex(\"{}\", \"a\")", "(".repeat(1000)),
        format!("fileset(\".\", \"{}\")", "{*,".repeat(100)),
        format!("fileset(\".\", \"{}b\")", "*a".repeat(200)),
        format!("yamldecode(\"a: &a [1,1,1,1,1,1,1,1]\\n{}\")", (0..9).fold(String::new(), |text, n| {
            let (before, name) = (char::from(b'a' + n), char::from(b'b' + n));
            format!("{text}{name}: &{name} [{}]\\n", vec![format!("*{before}"); 9].join(","))
        })),
        format!("jsondecode(\"{}\")", "[".repeat(10_000)),
        format!("convert(null, {}string{})", "list(".repeat(60), ")".repeat(60)),
        format!("try({})", vec!["tobool(\"x\")"; 500].join(", ")),
        "templatefile(\"itself.tftpl\", { name = 1 })".to_owned(),
    ];
    for call in hostile {
        let source = module(&[&call, "upper(\"still here\")"]);
        let run = move || {
            resource(&source, |_, attributes| matches!(attributes.lookup("v1"), Lookup::Found(value) if value.print() == "STILL HERE"))
        };
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
        assert!(thread.expect("a thread").join().expect("no panic"), "{call}: the next call has its value");
    }
}

/// A few bytes of base64 may hold a gigabyte; two megabytes are too much already.
#[test]
fn a_bomb_is_not_unpacked() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..2 {
        encoder.write_all(&vec![b'a'; 1 << 20]).expect("memory");
    }
    let bomb = data_encoding::BASE64.encode(&encoder.finish().expect("memory"));
    value(&format!("base64gunzip(\"{bomb}\")"), |_, value| assert!(matches!(value.node, Node::Unknown(crate::iac::Unknowns::BUDGET))));
}
