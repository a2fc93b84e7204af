//! How templates are found and read: encodings, dialects of JSON and YAML, what merely looks like one, hostile ones.

use super::tests::{attr, template};
use crate::base::span::Span;
use crate::iac::gate::{self, Candidate};
use crate::iac::{Evaluated, Files, Memory, Node, document};
use crate::input::Inputs;
use crate::syntax::document::SyntaxError;

type Read = (Vec<Evaluated>, Option<(u32, u32)>);

/// What comes of a file with a name, with the line and column of the property `X` of the resource `B`.
fn read(path: &str, bytes: &[u8]) -> Result<Read, SyntaxError> {
    let (tree, inputs) = (Memory::default().with(path, bytes), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let (file, stored) = files.read(path.as_bytes()).expect("there");
    let all = document::evaluate(&files, path.as_bytes(), (file, &stored), &crate::iac::is_resource)?;
    let of = |evaluated: &Evaluated| evaluated.resources.iter().any(|r| &*r.address == "B").then(|| attr(evaluated, "B", "X").place);
    let place = all.iter().find_map(of).and_then(|span: Span| files.pin(&[span].into()).into_values().next());
    let position = place.and_then(|place| place.excerpt.map(|excerpt| (excerpt.start.line, excerpt.start.column)));
    Ok((all, position))
}

fn position(path: &str, bytes: &[u8]) -> Option<(u32, u32)> {
    assert_eq!(gate::candidate(path.as_bytes(), bytes), Some(Candidate::Template), "{path}");
    read(path, bytes).expect("parses").1
}

const YAML: &str = "# ключ\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {\"ä\": 1, X: PublicRead}\n";

/// 57. Byte order marks, wide characters and CRLF move nothing.
#[test]
fn encodings_and_line_ends_move_no_place() {
    let wide = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let marked = format!("\u{feff}{YAML}");
    let little: Vec<u8> = wide(&marked).into_iter().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = wide(&marked).into_iter().flat_map(u16::to_be_bytes).collect();
    let bare: Vec<u8> = wide(YAML).into_iter().flat_map(u16::to_le_bytes).collect();
    let carriage = YAML.replace('\n', "\r\n");
    for (name, bytes) in [
        ("plain", YAML.as_bytes()),
        ("mark", marked.as_bytes()),
        ("UTF-16LE", &little),
        ("UTF-16BE", &big),
        ("UTF-16LE without a mark", &bare),
        ("CRLF", carriage.as_bytes()),
    ] {
        assert_eq!(position("t.yml", bytes), Some((5, 29)), "{name}");
    }
    let json = "\u{feff}{\r\n\t\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\",\r\n\t\t\"Properties\": {\"X\": 1}}}}";
    let little: Vec<u8> = wide(json).into_iter().flat_map(u16::to_le_bytes).collect();
    assert_eq!((position("t.json", json.as_bytes()), position("t.json", &little)), (Some((3, 23)), Some((3, 23))));
}

/// 59. Under any name; by what is in it.
#[test]
fn a_template_is_one_under_any_name() {
    for name in ["t.template", "t.cfn", "t.json", "cdk.out/S.template.json", "stack", "t.txt", "T.YML", "t.yaml.tpl"] {
        assert_eq!(position(name, YAML.as_bytes()), Some((5, 29)), "{name}");
        let json = b"{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\", \"Properties\": {\"X\": 1}}}}";
        assert_eq!(position(name, json), Some((1, 69)), "{name}");
    }
    let hidden = br#"{"Resources": {"B": {"Type": "\u0041WS::S3::Bucket", "Properties": {"X": 1}}}}"#;
    assert_eq!(position("t.json", hidden), Some((1, 74)));
}

/// 58. JSON that is not quite JSON, and YAML that other readers take.
#[test]
fn loose_json_and_loose_yaml_are_read() {
    let json = |inner: &str| format!("{{\"Resources\": {{\"B\": {{\"Type\": \"AWS::S3::Bucket\", \"Properties\": {{\n{inner}}}}}}}}}");
    for (inner, at) in [
        ("\t\"X\": 1", (2, 7)),
        ("// why\n\"X\": 1 /* and */", (3, 6)),
        ("\"X\": [1, 2,],", (2, 6)),
        ("\"L\": \"\\ud800\", \"X\": \"\\udc00\"", (2, 21)),
        ("L: 'yaml', X: 1", (2, 15)),
    ] {
        assert_eq!(position("t.json", json(inner).as_bytes()), Some(at), "{inner}");
    }
    let head = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n";
    for (inner, at, printed) in [
        ("      L: [\n        a,\n  ]\n      X: 1\n", (8, 10), "1"),
        ("      X: {\n\"Version\": 1,\n\"S\": [\n{\"a\": \"b\"},\n{\"c\": 1}\n]\n}\n      Y: 1\n", (5, 10), "Version: 1, S: a: b, c: 1"),
        ("      L: \"one\ntwo\n three\"\n      X: 'a\n\n  it''s\n'\n", (8, 10), "a\nit's "),
        ("      L: \"\\ud83d\\ude00\"\n      X: \"a\\ud800b\"\n", (6, 10), "a\u{fffd}b"),
        ("      L: {\n    a: 'x',\n  b: [1,\n2]}\n      X: z\n", (9, 10), "z"),
    ] {
        let source = format!("{head}{inner}");
        assert_eq!(position("t.yml", source.as_bytes()), Some(at), "{inner}");
        assert_eq!(attr(&template(&source), "B", "X").print(), printed, "{inner}");
    }
    let source = format!("{head}      X: {{\n\"S\": [\n{{\"Action\": \"*\"}}\n]\n}}\n");
    let value = attr(&template(&source), "B", "X");
    let Node::Map { entries, .. } = &value.node else { panic!("a map") };
    let Node::List { items, .. } = &entries[0].value.node else { panic!("a list") };
    let Node::Map { entries, .. } = &items[0].node else { panic!("a map") };
    assert_eq!(&source[entries[0].value.place.range()], "\"*\"", "moved lines are pointed at where they stand");
}

/// 55 and 56. Tags within flow, anchors and merge keys.
#[test]
fn tags_anchors_and_merge_keys_keep_their_lines() {
    let source = "%YAML 1.1\n---\nBase: &base\n  X: PublicRead\n  Y: 1\nOther: &other {Z: 3, Y: 4}\nConditions: {A: !Equals [!Ref P, x]}\nParameters: {P: {Type: String}}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      <<: [*base, *other]\n      Y: 2\n      If: !If [A, !Ref B, !Sub 'x-${B}']\n      Deep: {k: [!If [A, !If [A, [!GetAtt B.Arn], {Ref: B}], !Join [':', [a, !Ref B]]]]}\n      Long: {'Fn::If': [A, !Sub '${P}', {'Fn::GetAtt': [B, Arn]}]}\n";
    let (all, at) = read("t.yml", source.as_bytes()).expect("parses");
    assert_eq!(at, Some((4, 6)), "the line of the anchor");
    let print = |name: &str| attr(&all[0], "B", name).print();
    assert_eq!((print("Y").as_str(), print("Z").as_str()), ("2", "3"));
    assert_eq!(print("If"), "… or x-…");
    assert_eq!(print("Deep"), "k: … or … or a:…");
    assert_eq!(print("Long"), "… or …");
    assert!(all[0].troubles.is_empty(), "{:?}", all[0].troubles);
}

/// 58. Of a key that stands twice, the last one holds, and that there are two is told.
#[test]
fn keys_that_stand_twice_are_told() {
    let yaml = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      X: PublicRead\n      X: Private\n  B:\n    Type: AWS::S3::Bucket\n";
    let (all, _) = read("t.yml", yaml.as_bytes()).expect("parses");
    let told: Vec<_> = all[0]
        .troubles
        .iter()
        .map(|trouble| {
            let excerpt = trouble.place.as_ref().and_then(|place| place.excerpt.clone()).expect("pinned");
            (trouble.message.as_str(), excerpt.start.line, excerpt.start.column)
        })
        .collect();
    assert_eq!(told, [("B stands here for the second time", 7, 3), ("X stands here for the second time", 6, 7)]);
    assert_eq!(all[0].resources.len(), 2, "both are judged");
    let json = "{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\", \"Properties\": {\"X\": 1, \"X\": 2}}}}";
    let (all, at) = read("t.json", json.as_bytes()).expect("parses");
    assert_eq!((all[0].troubles.len(), at), (1, Some((1, 77))));
}

#[test]
fn a_file_is_worth_parsing_by_its_words_in_any_spelling_or_by_what_makes_more() {
    let may_hold = |path: &str, text: &str| {
        let bucket = |plain: &[u8]| memchr::memmem::find(plain, b"AWS::S3::Bucket").is_some();
        document::may_hold(path.as_bytes(), text.as_bytes(), &bucket)
    };
    for text in
        ["AWS::S3::Bucket", r#""\u0041WS::S3::Bucket""#, "AWS::Serverless::Function", "AWS::CloudFormation::Stack", "Fn::ForEach::X"]
    {
        assert!(may_hold("t.yml", text), "{text}");
    }
    assert!(may_hold("serverless.yml", "service: x\nprovider:\n  name: aws\n"));
    assert!(!may_hold("t.yml", "AWS::SQS::Queue"));
}

#[test]
fn each_document_of_a_file_is_a_template_of_its_own() {
    let two = format!("---\na: 1\n---\n{YAML}---\n{}", YAML.replace("  B:", "  C:"));
    let (all, at) = read("t.yml", two.as_bytes()).expect("parses");
    assert_eq!((all.len(), at), (2, Some((8, 29))));
    assert_eq!(&*all[1].resources[0].address, "C");
}

/// 71. What looks like a template and is none gives nothing, not even trouble.
#[test]
fn what_merely_looks_like_a_template_is_none() {
    for (path, text) in [
        ("package-lock.json", r#"{"name": "x", "lockfileVersion": 3, "packages": {"AWS::S3": {"Resources": "Type"}}}"#),
        ("composer.lock", r#"{"packages": [{"name": "a", "description": "Resources Type: AWS::S3::Bucket"}]}"#),
        (
            "swagger.yml",
            "swagger: '2.0'\npaths: {/x: {get: {x-amazon-apigateway-integration: {uri: {Fn::Sub: 'arn:${AWS::Partition}'}, Type: AWS}}}}\nResources: none\n",
        ),
        ("openapi.json", r#"{"openapi": "3.0", "Resources": {"a": {"Type": "AWS"}}, "x": "AWS::Region"}"#),
        (
            "states.asl.json",
            r#"{"StartAt": "Resources", "States": {"Resources": {"Type": "Task", "Resource": "arn:aws:states:::x", "Comment": "AWS::S3::Bucket"}}}"#,
        ),
        ("cdk.out/S.assets.json", r#"{"version": "36.0.0", "files": {"x": {"source": {"path": "Resources"}, "Type": "AWS::S3"}}}"#),
        (
            "cdk.out/manifest.json",
            r#"{"artifacts": {"S": {"type": "aws:cloudformation:stack", "metadata": {"/S/Resources": [{"Type": "AWS::S3::Bucket"}]}}}}"#,
        ),
        (
            "cdk.out/tree.json",
            r#"{"tree": {"id": "App", "Resources": 1, "attributes": {"aws:cdk:cloudformation:Type": "AWS::S3::Bucket"}}}"#,
        ),
        (
            "CloudFormationResourceSpecification.json",
            r#"{"ResourceTypes": {"AWS::S3::Bucket": {"Properties": {"Resources": {"Type": "AWS::S3::Bucket"}}}}}"#,
        ),
        ("aws-s3-bucket.schema.json", r#"{"typeName": "AWS::S3::Bucket", "Resources": {"type": "object", "Type": 1}}"#),
        (
            "a.snap",
            "// Jest Snapshot v1\nexports[`x`] = `\nObject {\n  \"Resources\": Object {\n    \"B\": Object {\n      \"Type\": \"AWS::S3::Bucket\",\n",
        ),
        ("samconfig.toml", "[default.deploy.parameters]\nx = \"Resources Type: AWS::S3::Bucket\"\n"),
        ("events.json", r#"{"StackEvents": [{"ResourceType": "AWS::S3::Bucket", "Type": "Resources"}]}"#),
        ("resources.yml", "StackResources:\n  - ResourceType: AWS::S3::Bucket\n    Type: x\n"),
        ("README.md", "# A bucket\n```yaml\nResources:\n  B:\n    Type: AWS::S3::Bucket\n```\nand: so: on [\n"),
        ("app.py", "TEMPLATE = '''\nResources:\n  B:\n    Type: AWS::S3::Bucket\n'''\ndef f(x): return {x\n"),
        ("notes.txt", "Of these\nResources: see\n\tType: AWS::S3::Bucket: {{\n"),
        ("values.yaml", "image: {{ .Values.image }}\n# AWS:: Resources Type\n"),
    ] {
        let found = read(path, text.as_bytes()).map(|(all, _)| all.len());
        assert_eq!(found.as_ref().map_err(ToString::to_string), Ok(&0), "{path}");
    }
}

#[test]
fn a_template_that_cannot_be_read_says_so_and_where() {
    let error = |path: &str, text: &str| read(path, text.as_bytes()).expect_err(path);
    let tabs = error("t.yml", "Resources:\n\tB:\n\t\tType: AWS::S3::Bucket\n");
    assert!(tabs.message.contains("tab") && tabs.at.start >= 11, "{tabs:?}");
    for made in [
        "{% if x %}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n{% endif %}\n",
        "Resources:\n  B:\n    Type: AWS::S3::Bucket\n  {{- x }}: y\n",
    ] {
        assert!(error("t.yaml", made).message.contains("templates are made from"), "{made}");
    }
    assert!(!error("stack", "Resources:\n  B:\n    Type: AWS::S3::Bucket\n  x: [1\n y: 2\n").limit);
    error("t.yml", "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    X: a\0b\n");
    error("t.json", "{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\"");
    error("t.yml", "AWSTemplateFormatVersion: x\nResources:\n  B:\n    Type: &t AWS::S3::Bucket\n   x: [\n");
    let deep = format!("Resources:\n  B:\n    Type: AWS::S3::Bucket\n    X: {}\n", "[".repeat(500));
    let deep = error("t.yml", &deep);
    assert!(deep.limit, "{deep:?}");
}

/// 70. Large and hostile templates end, and without work for each pair of entries.
#[test]
fn wide_maps_are_no_pairs() {
    const MANY: usize = 8_000;
    let keys = (0..MANY).map(|n| format!("k{n}: {{v: {n}}}, ")).collect::<Vec<_>>().concat();
    let resources = (0..MANY)
        .map(|n| format!("  R{n}: {{Type: AWS::S3::Bucket, Condition: C{n}, Properties: {{X: !Ref R{n}}}}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let conditions = (0..MANY).map(|n| format!("  C{n}: !Equals [!Ref P, '{n}']\n")).collect::<Vec<_>>().concat();
    let source = format!(
        "Parameters: {{P: {{Type: String}}}}\nMappings:\n  M: {{{keys}z: {{v: z}}}}\nConditions:\n{conditions}Resources:\n{resources}  B: {{Type: AWS::S3::Bucket, Properties: {{{keys}X: !FindInMap [M, k7, v]}}}}\n"
    );
    let evaluated = template(&source);
    assert_eq!(evaluated.resources.len(), MANY + 1);
    assert_eq!(attr(&evaluated, "B", "X").print(), "7");
}

#[test]
fn parameters_are_there_where_they_are_wanted() {
    let source = "Parameters:\n  Pass: {Type: String, NoEcho: true, Default: letmein}\n  Name: {Type: String}\nResources:\n  B: {Type: 'AWS::S3::Bucket'}\n";
    let (tree, inputs) = (Memory::of([("t.yml", source)]), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let (file, bytes) = files.read(b"t.yml").expect("there");
    let evaluated = document::evaluate(&files, b"t.yml", (file, &bytes), &|kind| kind == "parameter").expect("parses").remove(0);
    let told: Vec<_> = evaluated.resources.iter().map(|resource| (&*resource.address, resource.attrs.print())).collect();
    let pass = "Name: Pass, Type: String, NoEcho: true, Default: letmein, named: Pass: letmein".to_owned();
    assert_eq!(told, [("Pass", pass), ("Name", "Name: Name, Type: String".to_owned())]);
    assert!(!evaluated.sensitive.is_empty(), "a hidden default is masked though nothing refers to it");
}
