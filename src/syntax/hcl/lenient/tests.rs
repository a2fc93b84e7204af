use std::path::{Path, PathBuf};

use super::super::{Expr, ExprKind, Parsed, parse, read};
use super::*;
use crate::base::span::FileId;

const FILE: FileId = FileId(0);

fn leniently(source: &str) -> Parsed {
    body(source, Places::File(FILE, 0), &BTreeSet::new())
}

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        if kind.as_ref().is_ok_and(std::fs::FileType::is_dir) {
            files(&path, all);
        } else if kind.is_ok_and(|kind| kind.is_file())
            && path.extension().is_some_and(|end| ["tf", "tfvars", "tofu", "hcl", "json"].iter().any(|known| end == *known))
        {
            all.push(path);
        }
    }
}

/// Both readers over every file of a folder: `GATEPOST_CORPUS=… cargo test --lib corpus -- --ignored --nocapture`.
#[test]
#[ignore = "needs a folder of public repositories"]
#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
fn both_readers_agree_on_a_corpus() {
    let root = std::env::var_os("GATEPOST_CORPUS").expect("GATEPOST_CORPUS names a folder");
    let mut paths = Vec::new();
    files(Path::new(&root), &mut paths);
    paths.sort();
    let (mut sound, mut partial, mut quirky, mut failed, mut differ) = (0, 0, 0, 0, 0);
    let (mut json, mut json_broken) = (0, 0);
    for path in &paths {
        if let Some(settings) = [(".tf.json", false), (".tofu.json", false), (".tfvars.json", true)]
            .iter()
            .find_map(|(end, settings)| path.to_string_lossy().ends_with(end).then_some(*settings))
        {
            let bytes = std::fs::read(path).expect("readable");
            let read = if settings { super::super::json::parse_settings } else { super::super::json::parse };
            let broken = read(FILE, &bytes).broken;
            json += 1;
            if let Some(first) = broken.first() {
                json_broken += 1;
                println!("json: {} {first:?}", path.display());
            }
        }
        if path.extension().is_some_and(|end| end == "json") {
            continue;
        }
        let bytes = std::fs::read(path).expect("readable");
        let Parsed { body, broken } = parse(FILE, &bytes);
        if let Ok((source, base)) = crate::syntax::document::utf8(FILE, &bytes) {
            let places = Places::File(FILE, base);
            match read::body(source, places) {
                Ok(strict) => {
                    sound += 1;
                    let lenient = super::body(source, places, &BTreeSet::new());
                    if lenient.body != strict || !lenient.broken.is_empty() {
                        differ += 1;
                        let cut = |span: Span| source.get((span.start - base) as usize..(span.end - base) as usize);
                        let difference = first_difference(&strict, &lenient.body).and_then(cut);
                        println!("differs: {} {:?} {difference:?}", path.display(), lenient.broken.first());
                    }
                    continue;
                }
                Err(error) => println!("refused: {} {error:?}", path.display()),
            }
        }
        match (body.blocks.is_empty() && body.attributes.is_empty(), broken.is_empty()) {
            (_, true) => quirky += 1,
            (false, false) => partial += 1,
            (true, false) => failed += 1,
        }
        let told: Vec<_> = broken.iter().map(|error| (error.at.start, &error.message)).collect();
        println!("   {} blocks, {told:?}", body.blocks.len());
    }
    println!("JSON: {json} files, {json_broken} broken");
    println!("HCL: {} files, {sound} strict, {quirky} lenient, {partial} partial, {failed} failed", sound + quirky + partial + failed);
    println!("{differ} differ");
    assert_eq!(differ, 0);
}

fn first_difference(one: &Body, other: &Body) -> Option<Span> {
    let attributes = one.attributes.iter().zip(&other.attributes).find(|(a, b)| a != b);
    let blocks = || one.blocks.iter().zip(&other.blocks).find(|(a, b)| a != b);
    attributes
        .map(|(a, b)| inside(&a.value, &b.value).unwrap_or(a.name_span))
        .or_else(|| blocks().map(|(a, b)| first_difference(&a.body, &b.body).unwrap_or(a.header)))
}

/// The innermost of lists, objects and calls that differ.
fn inside(one: &Expr, other: &Expr) -> Option<Span> {
    if one == other {
        return None;
    }
    let deeper = match (&one.kind, &other.kind) {
        (ExprKind::List(a), ExprKind::List(b)) | (ExprKind::Call { arguments: a, .. }, ExprKind::Call { arguments: b, .. }) => {
            a.iter().zip(b).find_map(|(a, b)| inside(a, b))
        }
        (ExprKind::Object(a), ExprKind::Object(b)) => a.iter().zip(b).find_map(|(a, b)| inside(&a.0, &b.0).or_else(|| inside(&a.1, &b.1))),
        _ => None,
    };
    Some(deeper.unwrap_or(one.span))
}

/// The blocks that are read, each with its attributes as they are written, and the lines of what is told.
fn told(source: &str) -> (Vec<String>, Vec<usize>) {
    let Parsed { body, broken } = parse(FILE, source.as_bytes());
    let lines = broken.iter().map(|error| source[..error.at.start as usize].matches('\n').count() + 1).collect();
    (body.blocks.iter().map(|block| shape(source, block)).collect(), lines)
}

fn shape(source: &str, block: &Block) -> String {
    let attributes = block.body.attributes.iter().map(|a| format!("{}={}", a.name, &source[a.value.span.range()]));
    let blocks = block.body.blocks.iter().map(|inner| shape(source, inner));
    let inside: Vec<String> = attributes.chain(blocks).collect();
    format!("{}({})", block.labels.last().unwrap_or(&block.kind), inside.join(" "))
}

const AFTER: &str = "\nresource \"x\" \"after\" {\n  acl = \"public-read\"\n}\n";

#[test]
fn what_is_sound_around_a_broken_region_is_read() {
    let block = |inside: &str| format!("resource \"x\" \"b\" {{\n{inside}}}\n{AFTER}");
    let after = "after(acl=\"public-read\")";
    for (inside, read, lines) in [
        ("  acl = \"a\n  tags = 1\n", "b(tags=1)", vec![2]),
        ("  acl = \"a\"\"\n  tags = 1\n", "b(acl=\"a\" tags=1)", vec![2]),
        ("  acl = [\"a\",\n", "b()", vec![3]),
        ("  acl = \n  tags = 1\n", "b(tags=1)", vec![2]),
        ("  tags = {\n    a = = 1\n    b = 2\n  }\n  acl = 1\n", "b(acl=1)", vec![3]),
        ("  acl = 1\n  acl = 2\n", "b(acl=1 acl=2)", vec![3]),
        ("  a = <<E\n  }\n", "b()", vec![2]),
        ("  a = \"${\n  b = 1\n", "b()", vec![3]),
        ("  a = 1\n  /* never\n  b = 2\n", "b(a=1 b=2)", vec![3]),
        ("  a = 1 \0\n  b = 2\n", "b(a=1 b=2)", vec![2]),
    ] {
        let (blocks, told) = told(&block(inside));
        let first = told.first().copied().into_iter().collect::<Vec<_>>();
        assert_eq!((blocks.last().map(String::as_str), first), (Some(after), lines), "{inside:?}");
        assert_eq!(blocks[0], read, "{inside:?}");
    }
}

#[test]
fn a_brace_too_few_costs_its_own_block_at_most() {
    let (blocks, lines) = told(&format!("resource \"x\" \"b\" {{\n  acl = 1\n{AFTER}"));
    assert_eq!((blocks, lines), (vec!["b(acl=1)".to_owned(), "after(acl=\"public-read\")".to_owned()], vec![1]));
    let (blocks, lines) = told(&format!("resource \"x\" \"b\" {{\n  tags = {{\n    a = 1\n{AFTER}"));
    assert_eq!((blocks.last().map(String::as_str), lines.len()), (Some("after(acl=\"public-read\")"), 1));
    let (blocks, lines) = told(&format!("{AFTER}resource \"x\" \"b\" {{\n  acl = \"pub"));
    assert_eq!((blocks[0].as_str(), lines[0]), ("after(acl=\"public-read\")", 6));
}

#[test]
fn a_brace_too_many_costs_nothing() {
    let (blocks, lines) = told(&format!("resource \"x\" \"b\" {{\n  acl = 1\n}}\n}}\n{AFTER}"));
    assert_eq!((blocks, lines), (vec!["b(acl=1)".to_owned(), "after(acl=\"public-read\")".to_owned()], vec![4]));
}

#[test]
fn both_sides_of_a_merge_conflict_are_read() {
    let source = format!(
        "resource \"x\" \"b\" {{\n<<<<<<< HEAD\n  acl = \"private\"\n=======\n  acl = \"public-read\"\n>>>>>>> other\n  tags = 1\n}}\n{AFTER}"
    );
    let (blocks, lines) = told(&source);
    assert_eq!(blocks, ["b(acl=\"private\" acl=\"public-read\" tags=1)", "after(acl=\"public-read\")"]);
    assert_eq!(lines, [2, 4, 6, 5]);
}

#[test]
fn what_is_sound_and_refused_is_read_without_a_word() {
    let deep = format!("a = {}1{}\n", "[".repeat(100), "]".repeat(100));
    let long = format!("a = {}1\n", "1 + ".repeat(5000));
    for (source, what) in [
        ("a = { k = 1, k = 2 }\n", "a key that is there twice"),
        (deep.as_str(), "100 levels"),
        (long.as_str(), "5,000 operators"),
        ("a {\n  \"quoted:key\" = 1\n}\n", "as before Terraform 0.12"),
        ("a { b = 1, c = 2 }\n", "the same"),
        ("a = 1\rb = \"x\"\rc {\r}\r", "an old Macintosh"),
        ("a = 1\nb = 2 \r\nc = 3\r\n", "lone and paired carriage returns"),
        ("a = 1 # \u{0}\n", "NUL in a comment"),
    ] {
        let Parsed { body, broken } = parse(FILE, source.as_bytes());
        assert_eq!((broken, body.attributes.is_empty() && body.blocks.is_empty()), (Vec::new(), false), "{what}");
    }
    let ExprKind::Object(entries) = parse(FILE, b"a = { k = 1, k = 2 }\n").body.attributes.remove(0).value.kind else { panic!("object") };
    assert_eq!(entries.len(), 2);
}

#[test]
fn bytes_that_are_no_text_are_told_unless_they_stand_in_a_comment() {
    let Parsed { body, broken } = parse(FILE, b"a = 1 # caf\xe9\nb = 2\n");
    assert_eq!((body.attributes.len(), broken), (2, Vec::new()));
    let Parsed { body, broken } = parse(FILE, b"\xef\xbb\xbfa = \"caf\xe9\"\r\nb = 2\r\n");
    assert_eq!((body.attributes.len(), broken.len(), broken[0].at.start), (2, 1, 11));
    assert_eq!(body.attributes[1].name_span, Span::new(FILE, 15..16));
}

#[test]
fn hostile_files_end() {
    let many = |unit: &str| unit.repeat((1 << 17) / unit.len());
    for source in [
        many("["),
        many("a = ["),
        many("a = [\n"),
        many("a = [ = \n"),
        many("a {\n"),
        many("a = <<E\n"),
        many("a = <<E\n{\n"),
        format!("{}E\n", many("a = <<E = \n")),
        many("/* \n"),
        many("a = \"${\n"),
        many("\"${"),
        many("a = \"%{if a}\n"),
        many("}"),
        many("<<<<<<< \n"),
        many("resource \"a\" \"b\" {\n"),
        many("resource \"a\" \"b\" {\nx = [\n"),
        format!("a = {}1\n", many("1 - ")),
        format!("a = {}1\n", many("!")),
        format!("a = {}1\n", many("-")),
        format!("a = {}", many("(")),
        format!("a = {}1\n", many("b ? c : ")),
        format!("a = {}1\n", many("{ a = ")),
        format!("a = b{}\n", many("[0]")),
        format!("a = 1\n{}", many("a = 1\n")),
        "\0".repeat(1 << 17),
    ] {
        let Parsed { broken, .. } = leniently(&source);
        assert!(broken.len() <= MAX_ERRORS + 1);
    }
    // The strict reader looks at every key of an object for each key of it.
    let keys: Vec<String> = (0..20_000).map(|n| format!("k{n} = 1\n")).collect();
    let Parsed { body, broken } = parse(FILE, format!("a = {{\n{}}}\n", keys.concat()).as_bytes());
    let ExprKind::Object(entries) = &body.attributes[0].value.kind else { panic!("object") };
    assert_eq!((entries.len(), broken), (20_000, Vec::new()));
    for depth in [1_000, 10_000] {
        let source = format!("a = {}1{}\nb = 2\n", "[".repeat(depth), "]".repeat(depth));
        let Parsed { body, broken } = parse(FILE, source.as_bytes());
        assert_eq!((body.attributes.len(), broken.len(), broken[0].limit), (1, 1, true));
        let source = format!("{}{}\nb = 2\n", "a {\n".repeat(depth), "}\n".repeat(depth));
        let Parsed { body, broken } = parse(FILE, source.as_bytes());
        assert_eq!((body.attributes.len(), body.blocks.len(), broken.len()), (1, 1, 1));
    }
}

/// Well-formed files, by their grammar.
fn generated() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let leaf = prop_oneof![
        "[a-z]{1,3}(\\.[a-z]{1,2}|\\[0\\]|\\[\\*\\]|\\.\\*|\\.0|\\[\"k\"\\]){0,2}",
        "-?[0-9]{1,3}(\\.[0-9]{1,2})?(e[0-9])?",
        Just("true".to_owned()),
        Just("null".to_owned()),
        "\"([a-zé $%*:/]|\\\\n|\\\\\"|\\\\u00e9|\\$\\$\\{|%%\\{){0,6}\"",
        // Not without a line: where another heredoc follows an empty one, the grammar takes both for one.
        "<<-?E\n(  [a-z${*]{0,4}\n|\n|   \"Action\": \"\\*\"\n){1,3}  E\n",
    ];
    let text = |inner: &str| !inner.contains('\n');
    let expr = leaf.prop_recursive(4, 24, 4, move |inner| {
        let flat = inner.clone().prop_filter("a heredoc ends its line", move |written| text(written));
        prop_oneof![
            prop::collection::vec(flat.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(flat.clone(), 0..4).prop_map(|items| format!("[\n  {}\n  # end\n]", items.join(",\n  "))),
            prop::collection::vec(("[a-z]{1,4}", inner.clone()), 0..3).prop_map(|mut items| {
                items.sort();
                items.dedup_by(|a, b| a.0 == b.0);
                let items: Vec<String> = items.iter().map(|(key, value)| format!("  {key} = {}\n", value.trim_end())).collect();
                format!("{{\n{}}}", items.concat())
            }),
            ("[a-z_]{1,6}", prop::collection::vec(flat.clone(), 0..3)).prop_map(|(name, items)| format!("{name}({})", items.join(", "))),
            (flat.clone(), "[-+*/%<>]|==|!=|<=|>=|&&|\\|\\|", flat.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (flat.clone(), flat.clone(), flat.clone()).prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
            flat.clone().prop_map(|a| format!("({a})")),
            flat.clone().prop_map(|a| format!("!{a}")),
            (flat.clone(), "[~]?").prop_map(|(a, strip)| format!("\"x ${{{strip}{a} {strip}}} y\"")),
            (flat.clone(), flat.clone()).prop_map(|(a, b)| format!("\"%{{ if {a} }}y%{{ else }}${{{b}}}%{{ endif }}\"")),
            flat.clone().prop_map(|a| format!("\"%{{ for k, v in {a} ~}} z %{{~ endfor }}\"")),
            (flat.clone(), flat.clone()).prop_map(|(a, b)| format!("[for k in {a} : k if {b}]")),
            (flat.clone(), flat).prop_map(|(a, b)| format!("{{ for k, v in {a} : k => {b}... }}")),
        ]
    });
    let item = ("[a-z]{1,5}", expr).prop_map(|(name, value)| format!("{name} = {}\n", value.trim_end()));
    let block = ("[a-z]{1,5}", prop::collection::vec(item.clone(), 0..3))
        .prop_map(|(name, items)| format!("{name} \"l\" {{\n{}}}\n", items.concat()));
    prop::collection::vec(prop_oneof![item, block], 0..4).prop_map(|items| items.concat())
}

proptest::proptest! {
    /// What the strict reader takes, the lenient one reads alike, places included.
    #[test]
    fn both_readers_agree(source in generated()) {
        if let Ok(strict) = read::body(&source, Places::File(FILE, 0)) {
            proptest::prop_assert_eq!(leniently(&source), Parsed { body: strict, broken: Vec::new() });
        }
    }

    /// Whatever is torn out of a file, and whatever is put in: no panic, and places inside.
    #[test]
    fn torn_files_are_read_or_told(source in generated(), cut in 0usize..200, put in "(\\}|\\{|\"|\\[|\n|<<E\n|\\$\\{|é|\0|/\\*){0,3}") {
        let cut = (cut.min(source.len())..=source.len()).find(|at| source.is_char_boundary(*at)).unwrap_or(0);
        let torn = format!("{}{put}{}", &source[..cut], source[cut..].chars().skip(2).collect::<String>());
        for error in parse(FILE, torn.as_bytes()).broken {
            proptest::prop_assert!(error.at.end as usize <= torn.len());
        }
    }
}
