use super::*;
use crate::load;
use crate::rule::RuleSet;
use crate::rule::def::Item;
use crate::settings::Variables;

/// Rules and the built-in views, compiled.
pub(super) fn compiled(rules: &str) -> Compiled {
    try_compiled(rules).expect("sound rules")
}

pub(super) fn try_compiled(rules: &str) -> Result<Compiled, Vec<PolicyError>> {
    let items = load::rules("test.yml", rules.as_bytes(), "test").expect("rules");
    let mut set = RuleSet::embedded();
    let mut rules: Vec<Rule> = Vec::new();
    for item in items {
        match item {
            Item::Rule(both) => rules.push(both.0),
            Item::View(view) => set.add_view(view),
            Item::Table(table) => set.add_table(table),
            Item::Module(..) => panic!("no module"),
        }
    }
    Compiled::new(rules.iter().enumerate(), set.views(), set.tables())
}

/// Message, line and column of the only finding, and the places of its related ones.
pub(super) type Found = (String, (u32, u32), Vec<(u32, u32)>);

pub(super) fn one(judged: Judged) -> Option<Found> {
    assert!(judged.troubles.is_empty(), "{:?}", judged.troubles);
    assert!(judged.findings.len() < 2, "{:?}", judged.findings);
    let position = |place: &crate::finding::Place| {
        let excerpt = place.excerpt.as_ref().expect("pinned");
        (excerpt.start.line, excerpt.start.column)
    };
    let Breach { finding, .. } = judged.findings.into_iter().next()?;
    Some((finding.message, position(&finding.primary), finding.related.iter().map(|label| position(&label.place)).collect()))
}

use std::collections::{BTreeMap, BTreeSet};

use crate::base::ids::Severity as Level;
use crate::base::span::FileId;
use crate::finding::{Failure, Finding, Place};
use crate::iac::Memory;
use crate::input::{Entry, Input, Inputs, ReadError, Tree};

/// The rule on public ACLs alone: what is asked here is what becomes of a rule, not what else a bucket lacks.
fn built_in() -> Compiled {
    let set = RuleSet::embedded();
    let rules = set.rules().iter().enumerate().filter(|(_, rule)| rule.meta.id.as_str() == "s3-public-acl");
    Compiled::new(rules, set.views(), set.tables()).expect("sound rules")
}

pub(super) fn folders(files: &[(&str, &str)]) -> BTreeSet<Vec<u8>> {
    files
        .iter()
        .filter(|(path, _)| crate::iac::gate::is_terraform(path.as_bytes()))
        .map(|(path, _)| path.rsplit_once('/').map_or("", |(folder, _)| folder).as_bytes().to_vec())
        .collect()
}

fn terraform(files: &[(&str, &str)]) -> Judged {
    built_in().judge_terraform(&Memory::of(files.iter().copied()), &folders(files), &Inputs::new(), &Variables::default())
}

fn template(source: &str) -> Judged {
    built_in().judge_template(&Memory::of([("t.json", source)]), b"t.json", &Inputs::new())
}

/// Path, line and column of a place, and what stands there.
fn label(place: &crate::finding::Place) -> (u32, u32, String) {
    let excerpt = place.excerpt.as_ref().expect("pinned");
    (excerpt.start.line, excerpt.start.column, excerpt.text[excerpt.label.clone()].to_owned())
}

fn only(judged: Judged) -> Finding {
    assert!(judged.troubles.is_empty(), "{:?}", judged.troubles);
    assert_eq!(judged.findings.len(), 1, "{:?}", judged.findings);
    judged.findings.into_iter().next().expect("one").finding
}

/// 1 and 2. A child module is judged with what its caller says, and the call is named.
#[test]
fn a_public_acl_through_a_module_is_reported_in_the_module_block() {
    let child = "variable \"acl\" {\n  default = \"public-read\"\n}\nresource \"aws_s3_bucket\" \"this\" {\n  acl = var.acl\n}\n";
    let public =
        "locals {\n  acl = \"public-read-write\"\n}\nmodule \"site\" {\n  source = \"./modules/bucket\"\n  acl    = local.acl\n}\n";
    let finding = only(terraform(&[("main.tf", public), ("modules/bucket/main.tf", child)]));
    assert_eq!(finding.message, "ACL public-read-write makes module.site.aws_s3_bucket.this public");
    assert_eq!((finding.severity, finding.resource.as_deref()), (Level::High, Some("module.site.aws_s3_bucket.this")));
    assert_eq!(label(&finding.primary), (2, 9, "\"public-read-write\"".to_owned()));
    let related: Vec<_> =
        finding.related.iter().map(|l| (l.place.file == finding.primary.file, label(&l.place), l.text.as_str())).collect();
    assert_eq!(
        related,
        [
            (true, (6, 12, "local.acl".to_owned()), "passed to module.site as `acl`"),
            (false, (5, 9, "var.acl".to_owned()), "used here as var.acl"),
            (false, (4, 1, "resource \"aws_s3_bucket\" \"this\"".to_owned()), "module.site.aws_s3_bucket.this"),
            (true, (4, 1, "module \"site\"".to_owned()), "called here as module.site"),
        ]
    );
    let private = public.replace("public-read-write", "private");
    assert!(terraform(&[("main.tf", &private), ("modules/bucket/main.tf", child)]).findings.is_empty());
    // Nobody calls it: it is judged alone, by its default.
    assert_eq!(label(&only(terraform(&[("modules/bucket/main.tf", child)])).primary).0, 2);
}

/// 17, 18 and 20: a var file decides, and nothing is guessed.
#[test]
fn a_var_file_decides_and_an_unset_variable_is_unknown() {
    let main = "variable \"public\" {\n  default = false\n}\nresource \"aws_s3_bucket\" \"b\" {\n  acl = var.public ? \"public-read\" : \"private\"\n}\n";
    assert!(terraform(&[("main.tf", main)]).findings.is_empty());
    let judged = terraform(&[("main.tf", main), ("terraform.tfvars", "public = true\n")]);
    assert_eq!(label(&only(judged).primary), (5, 22, "\"public-read\"".to_owned()));
    let unset = main.replace("  default = false\n", "");
    assert_eq!(only(terraform(&[("main.tf", &unset)])).message, "ACL public-read makes aws_s3_bucket.b public, when var.public is true");
    let plain = "variable \"acl\" {}\nresource \"aws_s3_bucket\" \"b\" {\n  acl = var.acl\n}\n";
    let judged = terraform(&[("main.tf", plain)]);
    assert_eq!((judged.findings.len(), judged.unknown[0].why.as_str()), (0, "var.acl"));
    let judged = terraform(&[("main.tf", plain), ("x.auto.tfvars", "acl = \"public-read\"\n")]);
    assert_eq!(label(&only(judged).primary), (1, 7, "\"public-read\"".to_owned()));
}

/// 3, 5, 6, 7 and 48: an access block lowers the finding of its own bucket, and of no other.
#[test]
fn an_access_block_lowers_the_finding_of_its_bucket() {
    let levels = |source: &str| -> BTreeMap<String, Level> {
        let judged = terraform(&[("main.tf", source)]);
        judged.findings.into_iter().map(|Breach { finding, .. }| (finding.resource.unwrap_or_default(), finding.severity)).collect()
    };
    let block = |bucket: &str, meta: &str| {
        format!("resource \"aws_s3_bucket_public_access_block\" \"p\" {{\n  {meta}\n  bucket = {bucket}\n  ignore_public_acls = true\n}}\n")
    };
    let bucket = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"example-name\"\n  acl = \"public-read\"\n}\nresource \"aws_s3_bucket\" \"other\" {\n  acl = \"public-read\"\n}\n";
    for anchor in ["aws_s3_bucket.b.id", "aws_s3_bucket.b.bucket", "\"example-name\""] {
        let found = levels(&format!("{bucket}{}", block(anchor, "")));
        assert_eq!((found["aws_s3_bucket.b"], found["aws_s3_bucket.other"]), (Level::Info, Level::High), "{anchor}");
    }
    let acl = "resource \"aws_s3_bucket_acl\" \"a\" {\n  bucket = \"example-name\"\n  acl = \"public-read\"\n}\n";
    let found = levels(&format!("{bucket}{acl}{}", block("aws_s3_bucket.b.id", "")));
    assert_eq!(found["aws_s3_bucket_acl.a"], Level::Info, "a name and a reference are the same bucket");
    let each = "resource \"aws_s3_bucket\" \"b\" {\n  for_each = toset([\"x\", \"y\"])\n  acl = \"public-read\"\n}\n";
    let found = levels(&format!("{each}{}", block("aws_s3_bucket.b[each.key].id", "for_each = toset([\"x\"])")));
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [("aws_s3_bucket.b[\"y\"]".to_owned(), Level::High)], "of the instances, the worst");
    let found = levels(&format!("{each}{}", block("each.value.id", "for_each = aws_s3_bucket.b")));
    assert_eq!(found.values().collect::<Vec<_>>(), [&Level::Info], "instances of one block, both lowered, break the rule once");
    assert_eq!(levels(&format!("{bucket}{}", block("var.x", "")))["aws_s3_bucket.b"], Level::High, "perhaps is not enough");
    assert_eq!(levels(&format!("{bucket}{}", block("aws_s3_bucket.b.id", "count = 0")))["aws_s3_bucket.b"], Level::High);
}

#[test]
fn a_bucket_of_a_template_is_lowered_by_its_own_block() {
    let source = r#"{
  "Conditions": {"Open": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}},
  "Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {
    "AccessControl": "PublicRead",
    "PublicAccessBlockConfiguration": {"IgnorePublicAcls": {"Fn::If": ["Open", false, "true"]}}
  }}}
}"#;
    let finding = only(template(source));
    assert_eq!((finding.severity, finding.message.as_str()), (Level::High, "ACL public-read makes B public"), "one side leaves it open");
    assert_eq!(label(&finding.primary), (4, 22, "\"PublicRead\"".to_owned()));
    let finding = only(template(&source.replace("false", "true")));
    assert_eq!(
        (finding.severity, finding.message.starts_with("ACL public-read has no effect: B ")),
        (Level::Info, true),
        "{}",
        finding.message
    );
}

#[test]
fn what_does_not_parse_is_trouble_with_its_place() {
    let judged = terraform(&[
        ("main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  acl = \n}\n"),
        ("ok.tf", "resource \"aws_s3_bucket\" \"c\" {\n  acl = \"public-read\"\n}\n"),
    ]);
    assert_eq!((judged.findings.len(), judged.troubles.len()), (1, 1), "the other file is judged");
    assert_eq!(judged.troubles[0].kind, Failure::Unparsed);
    assert!(judged.troubles[0].place.as_ref().is_some_and(|place| label(place).0 >= 2));
    // What no rule needs may be broken, also beside modules that are needed.
    let judged = terraform(&[
        ("a/main.tf", "resource \"aws_vpc\" {\n"),
        ("b/main.tf", "resource \"aws_s3_bucket\" \"c\" {}\n"),
        ("c/x.tf", "aws_s3_bucket {\n"),
    ]);
    assert_eq!(judged.troubles.len(), 1);
    let judged = template("Resources:\n  B:\n    Type: AWS::S3::Bucket\n   x: [\n");
    assert_eq!(judged.troubles.iter().map(|trouble| trouble.kind).collect::<Vec<_>>(), [Failure::Unparsed]);
    let judged = template("{\"a\": 1}");
    assert!(judged.troubles.is_empty() && judged.findings.is_empty());
}

/// The thousandth is looked at; that there is one more is told.
#[test]
fn instances_that_are_not_looked_at_are_trouble() {
    let wanted = |count: usize| if count > 1000 { vec![Failure::Limit] } else { vec![] };
    for count in [1000, 1001] {
        let numbers = (0..count).map(|n| format!("\"{n}\", ")).collect::<Vec<_>>().concat();
        for source in [
            format!("resource \"aws_s3_bucket\" \"b\" {{\n  count = {count}\n}}\n"),
            format!("resource \"aws_s3_bucket\" \"b\" {{\n  for_each = toset([{numbers}])\n}}\n"),
            format!("resource \"aws_s3_bucket\" \"b\" {{\n  for_each = {{ for n in [{numbers}] : n => n }}\n}}\n"),
            format!("resource \"aws_s3_bucket\" \"b\" {{\n  dynamic \"x\" {{\n for_each = [{numbers}]\n content {{}}\n}}\n}}\n"),
        ] {
            let judged = terraform(&[("main.tf", &source)]);
            let kinds: Vec<_> = judged.troubles.iter().map(|trouble| trouble.kind).collect();
            assert_eq!(kinds, wanted(count), "{count} of {}", &source[..60]);
        }
    }
}

#[test]
fn a_template_over_the_budget_is_trouble() {
    let source = |references: usize| {
        let long = "x".repeat(1 << 20);
        let all = "{\"Fn::Sub\": \"${P}\"}, ".repeat(references);
        format!(
            r#"{{"Parameters": {{"P": {{"Default": "{long}"}}}}, "Resources": {{"B": {{"Type": "AWS::S3::Bucket", "Properties": {{"X": [{all}1]}}}}}}}}"#
        )
    };
    assert!(template(&source(60)).troubles.is_empty());
    let judged = template(&source(70));
    assert_eq!(judged.troubles.iter().map(|trouble| trouble.kind).collect::<Vec<_>>(), [Failure::Limit]);
    assert!(judged.troubles[0].place.is_some());
}

#[test]
fn the_commonest_reasons_come_first() {
    let place = Place::whole(FileId(0));
    let of = |why: &str| Unanswered { rule: "r".into(), resource: "a.b".to_owned(), place: place.clone(), why: why.to_owned() };
    let all = ["c", "b", "a", "b", "a", "a"].map(of);
    let named: Vec<_> = commonest(&all, 2).into_iter().map(|(first, count)| (first.why.as_str(), count)).collect();
    assert_eq!(named, [("a", 3), ("b", 2)]);
}

/// A question without an answer names its rule, its resource and where that stands.
#[test]
fn a_question_has_a_place() {
    let judged = terraform(&[("main.tf", "variable \"acl\" {}\n\nresource \"aws_s3_bucket\" \"b\" {\n  acl = var.acl\n}\n")]);
    let asked: Vec<_> = judged.unknown.iter().filter(|q| q.rule.as_str() == "s3-public-acl").collect();
    let [question] = asked.as_slice() else { panic!("{asked:?}") };
    let start = question.place.excerpt.as_ref().expect("pinned").start;
    assert_eq!((question.resource.as_str(), question.why.as_str(), start.line, start.column), ("aws_s3_bucket.b", "var.acl", 3, 1));
}

/// What a rule asks for and a limit keeps from it is trouble at its place, once for a project, and no question.
#[test]
fn a_limit_that_a_rule_meets_is_trouble() {
    let deep = ".z".repeat(100);
    let main = format!("\nresource \"aws_s3_bucket\" \"b\" {{\n  for_each = toset([\"x\", \"y\"])\n  acl = data.a.b{deep}\n}}\n");
    let judged = terraform(&[("main.tf", &main)]);
    assert!(judged.unknown.iter().all(|q| q.rule.as_str() != "s3-public-acl"), "{:?}", judged.unknown);
    let [trouble] = judged.troubles.as_slice() else { panic!("{:?}", judged.troubles) };
    let start = trouble.place.as_ref().and_then(|place| place.excerpt.as_ref()).expect("pinned").start;
    assert_eq!((trouble.kind, start.line, start.column), (Failure::Limit, 2, 1));
    assert!(trouble.message.contains("aws_s3_bucket.b[\"x\"]"), "{}", trouble.message);
}

/// A tree of which one path cannot be read or listed.
struct Locked(Memory, &'static [u8]);

impl Tree for Locked {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        if folder == self.1 { Err(ReadError::Unreadable("permission denied".to_owned())) } else { self.0.list(folder) }
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        if path == self.1 { Err(ReadError::Unreadable("permission denied".to_owned())) } else { self.0.read(path) }
    }

    fn input(&self, path: &[u8]) -> Input {
        self.0.input(path)
    }
}

#[test]
fn what_cannot_be_read_is_trouble_with_its_place() {
    let files = [
        ("main.tf", "module \"m\" {\n  source = \"./m\"\n}\nmodule \"gone\" {\n  source = \"./gone\"\n}\n"),
        ("m/main.tf", "resource \"aws_s3_bucket\" \"b\" {}\n"),
    ];
    for (locked, wanted) in [("m", 1), ("m/main.tf", 1), ("", 1), ("main.tf", 1), ("elsewhere", 0)] {
        let inputs = Inputs::new();
        let tree = Locked(Memory::of(files), locked.as_bytes());
        let judged = built_in().judge_terraform(&tree, &folders(&files), &inputs, &Variables::default());
        let places: Vec<_> = judged.troubles.iter().map(|t| (t.kind, t.place.as_ref().map(|p| p.file))).collect();
        let place = Some(inputs.intern(&tree.input(locked.as_bytes())));
        assert_eq!(places, vec![(Failure::Unreadable, place); wanted], "{locked}");
    }
}

#[test]
fn the_fingerprint_knows_no_lines_and_no_instances() {
    let source = "resource \"aws_s3_bucket\" \"b\" {\n  count = 2\n  acl = \"public-read\"\n}\n";
    let print = |source: &str| only(terraform(&[("main.tf", source)])).fingerprint();
    assert_eq!(print(source), print(&format!("\n\n{}", source.replace("count = 2", "count = 1"))));
    assert_ne!(print(source), print(&source.replace("public-read", "public-read-write")));
    assert_ne!(print(source), print(&source.replace("\"b\"", "\"c\"")));
}

#[test]
fn elements_of_a_view_that_are_not_looked_at_are_trouble() {
    let source = "
- view: some.ports
  kinds: {aws_x: {each: 'port[*]', number: number}}
- {id: r, title: t, severity: low, why: w, fix: f, for: some.ports, where: {number: '1'}, message: m}
";
    let compiled = compiled(source);
    for (count, troubles) in [(1000, 0), (1001, 1)] {
        let main = format!("resource \"aws_x\" \"a\" {{\n{}}}\n", "port {\n number = 2\n}\n".repeat(count));
        let tree = Memory::of([("main.tf", main.as_str())]);
        let judged = compiled.judge_terraform(&tree, &BTreeSet::from([Vec::new()]), &Inputs::new(), &Variables::default());
        assert_eq!((judged.findings.len(), judged.troubles.len()), (0, troubles), "{:?}", judged.troubles);
    }
}

#[test]
fn faults_of_rules_are_told_with_a_suggestion() {
    let rule = |over: &str, where_: &str, message: &str| {
        format!("- {{id: r, title: t, severity: low, why: w, fix: f, for: {over}, where: {where_}, message: '{message}'}}\n")
    };
    let fault = |over: &str, where_: &str, message: &str| {
        let errors = try_compiled(&rule(over, where_, message)).err().expect("a fault");
        (errors[0].error.message.clone(), errors[0].error.help.clone().unwrap_or_default())
    };
    assert!(fault("s3.acl", "{acll: x}", "m").1.starts_with("did you mean `acl`?"));
    assert_eq!(fault("s3.acls", "{acl: x}", "m").1, "did you mean `s3.acl`?");
    assert_eq!(fault("s3.acl", "{acl: {inn: [x]}}", "m").1, "did you mean `in`?");
    assert!(fault("s3.acl", "{acl: x}", "is {acll}").1.starts_with("did you mean `acl`?"));
    assert!(fault("s3.acl", "{serves: x}", "m").0.contains("speaks of a file"));
    assert!(fault("s3.acl", "{linked: s3.acl, wher: {acl: x}}", "m").0.contains("`wher` does not stand beside `linked`"));
    assert!(fault("s3.acl", "{}", "m").0.contains("says something"));
    assert!(try_compiled(&rule("s3.acl", "{not: {acl: x}}", "{acl} {anchor} {address}")).is_ok());
}

/// Kleene, over what is open: `none` and `every` are never true, `some` only of what is known.
#[test]
fn open_lists_are_never_known_to_lack_something() {
    let judge = |where_: &str, value: &str| {
        let rule = format!("- {{id: r, title: t, severity: low, why: w, fix: f, for: aws_x, where: {where_}, message: m}}\n");
        let source = format!("variable \"u\" {{}}\nresource \"aws_x\" \"a\" {{\n  l = {value}\n}}\n");
        let judged = compiled(&rule).judge_terraform(
            &Memory::of([("main.tf", source.as_str())]),
            &BTreeSet::from([Vec::new()]),
            &Inputs::new(),
            &Variables::default(),
        );
        (judged.findings.len(), judged.unknown.len())
    };
    let (yes, no, unknown) = ((1, 0), (0, 0), (0, 1));
    for (where_, value, answer) in [
        ("{some: l, as: x, where: {x: a}}", "concat([\"a\"], var.u)", yes),
        ("{some: l, as: x, where: {x: b}}", "concat([\"a\"], var.u)", unknown),
        ("{none: l, as: x, where: {x: b}}", "concat([\"a\"], var.u)", unknown),
        ("{none: l, as: x, where: {x: b}}", "[\"a\"]", yes),
        ("{every: l, as: x, where: {x: a}}", "concat([\"a\"], var.u)", unknown),
        ("{every: l, as: x, where: {x: a}}", "[\"a\", \"a\"]", yes),
        ("{every: l, as: x, where: {x: a}}", "concat([\"b\"], var.u)", no),
        ("{l: {contains: a}}", "concat([\"a\"], var.u)", yes),
        ("{l: {contains: b}}", "concat([\"a\"], var.u)", unknown),
        ("{l: {unset: true}}", "null", yes),
        ("{m: {unset: true}}", "1", yes),
        ("{l: {unset: true}}", "var.u", unknown),
        ("{l.k: {unset: true}}", "merge({ a = 1 }, var.u)", unknown),
        ("{l: {set: true}}", "[]", no),
        ("{not: {l: a}}", "var.u", unknown),
        ("{l: 'true'}", "true", yes),
        ("{l: 22}", "\"22\"", yes),
        ("{l: a}", "[\"a\"]", yes),
        ("{l: a}", "[\"a\", \"b\"]", no),
        ("{'l[*]': b}", "[\"a\", \"b\"]", yes),
        ("{l: {not-in: [a]}}", "\"b\"", yes),
        ("{l: {ge: 3}}", "\"4\"", yes),
        ("{l: {glob: 'a*c'}}", "\"a${var.u}c\"", yes),
        ("{l: {glob: 'abc'}}", "\"a${var.u}c\"", unknown),
        ("{l: {glob: 'x*'}}", "\"a${var.u}c\"", no),
        ("{l: 'a*c'}", "\"a${var.u}c\"", unknown),
        ("{l: 'xyz'}", "\"a${var.u}c\"", no),
        ("{l: a}", "var.u ? \"a\" : \"b\"", yes),
        ("{l: {in: [a, b]}}", "var.u ? \"a\" : \"b\"", yes),
        ("{all: [{l: a}, {l: b}]}", "var.u ? \"a\" : \"b\"", no),
        ("{l: {covers: ['0.0.0.0/0']}}", "[\"0.0.0.0/1\", var.u ? \"128.0.0.0/1\" : \"10.0.0.0/8\"]", yes),
        ("{some: l, as: x, where: {x.k: 1, ^.l.k: 2}}", "[{ k = 1 }, { k = 2 }]", yes),
    ] {
        assert_eq!(judge(where_, value), answer, "{where_} of {value}");
    }
}
