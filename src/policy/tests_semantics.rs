//! What the language promises, line by line: three values, absence, openness, links, evidence, messages, budgets.

use std::collections::BTreeSet;

use super::tests::{compiled, try_compiled};
use super::{Breach, Judged};
use crate::base::ids::Confidence;
use crate::iac::Memory;
use crate::input::Inputs;
use crate::settings::Variables;

const VIEWS: &str = "
- view: t.bucket
  kinds:
    aws_s3_bucket: {anchor: [self, bucket], name: bucket, acl: acl}
    AWS::S3::Bucket: {anchor: [self, BucketName], name: BucketName, acl: AccessControl}
- view: t.block
  kinds:
    aws_s3_bucket_public_access_block: {anchor: bucket, bucket: bucket, on: block_public_acls}
- view: t.trail
  carriers: ['*trail*']
  kinds:
    aws_cloudtrail: {bucket: s3_bucket_name, kms: kms_key_id, regions: is_multi_region_trail}
    AWS::CloudTrail::Trail: {bucket: S3BucketName, regions: IsMultiRegionTrail}
";

fn rule(over: &str, rest: &str) -> String {
    format!("{VIEWS}- {{id: r, title: t, severity: low, why: w, fix: f, for: {over}, {rest}}}\n")
}

fn judged(rule: &str, source: &str) -> Judged {
    let (tree, inputs) = (Memory::of([("main.tf", source)]), Inputs::new());
    compiled(rule).judge_terraform(&tree, &BTreeSet::from([Vec::new()]), &inputs, &Variables::default())
}

/// Findings and open questions of a rule over `t.bucket`, with one bucket that has these attributes.
fn asked(where_: &str, attributes: &str) -> (usize, usize) {
    let rule = rule("t.bucket", &format!("where: {where_}, message: m"));
    let judged = judged(&rule, &format!("variable \"u\" {{}}\nresource \"aws_s3_bucket\" \"b\" {{\n{attributes}\n}}\n"));
    (judged.findings.len(), judged.unknown.len())
}

fn messages(judged: Judged) -> Vec<String> {
    judged.findings.into_iter().map(|Breach { finding, .. }| finding.message).collect()
}

const YES: (usize, usize) = (1, 0);
const NO: (usize, usize) = (0, 0);
const UNKNOWN: (usize, usize) = (0, 1);

#[test]
fn semantics_1_kleene_throughout_and_open_lists_are_never_known_to_lack_something() {
    assert_eq!(asked("{any: [{acl: a}, {name: n}]}", "acl = var.u\nbucket = \"n\""), YES);
    assert_eq!(asked("{any: [{acl: a}, {name: n}]}", "acl = var.u\nbucket = \"x\""), UNKNOWN);
    assert_eq!(asked("{all: [{acl: a}, {name: n}]}", "acl = var.u\nbucket = \"x\""), NO);
    assert_eq!(asked("{not: {acl: a}}", "acl = var.u"), UNKNOWN);
    let list = "acl = concat([\"a\"], var.u)";
    for (where_, answer) in [
        ("{some: acl, as: x, where: {x: a}}", YES),
        ("{some: acl, as: x, where: {x: b}}", UNKNOWN),
        ("{every: acl, as: x, where: {x: a}}", UNKNOWN),
        ("{every: acl, as: x, where: {x: b}}", NO),
        ("{none: acl, as: x, where: {x: b}}", UNKNOWN),
        ("{none: acl, as: x, where: {x: a}}", NO),
        ("{count: {of: acl, ge: 1}}", YES),
        ("{count: {of: acl, ge: 2}}", UNKNOWN),
        ("{count: {of: acl, le: 0}}", NO),
        ("{count: {of: acl, le: 5}}", UNKNOWN),
        ("{count: {of: acl, eq: 1}}", UNKNOWN),
        ("{count: {of: acl, eq: 0}}", NO),
    ] {
        assert_eq!(asked(where_, list), answer, "{where_}");
    }
    let list = "acl = [\"a\", \"b\", \"a\", var.u]";
    for (where_, answer) in [
        ("{count: {of: acl, as: x, where: {x: a}, ge: 2}}", YES),
        ("{count: {of: acl, as: x, where: {x: a}, ge: 3}}", UNKNOWN),
        ("{count: {of: acl, as: x, where: {x: a}, eq: 1}}", NO),
        ("{count: {of: acl, as: x, where: {x: b}, le: 0}}", NO),
    ] {
        assert_eq!(asked(where_, list), answer, "{where_}");
    }
    assert_eq!(asked("{count: {of: acl, eq: 2}}", "acl = [\"a\", \"b\"]"), YES);
}

#[test]
fn semantics_2_absent_is_null_or_nothing_in_every_branch() {
    assert_eq!(asked("{acl: {unset: true}}", ""), YES);
    assert_eq!(asked("{acl: {unset: true}}", "acl = null"), YES);
    assert_eq!(asked("{acl: {unset: true}}", "acl = \"\""), NO);
    assert_eq!(asked("{acl: {unset: true}}", "acl = []"), YES, "a list of nothing is nothing");
    assert_eq!(asked("{acl: {set: true}}", "acl = []"), NO);
    assert_eq!(asked("{acl: {set: true}}", "acl = [var.u]"), YES, "one that nobody knows is one");
    assert_eq!(asked("{acl: {unset: true}}", "acl = var.u"), UNKNOWN);
    assert_eq!(asked("{acl: {unset: true}}", "acl = var.u == \"x\" ? null : \"a\""), YES, "in one branch, and that is named");
    let named = rule("t.bucket", "where: {acl: {unset: true}}, message: m");
    let conditional = "variable \"u\" {}\nresource \"aws_s3_bucket\" \"b\" {\n  acl = var.u == \"x\" ? null : \"a\"\n}\n";
    assert_eq!(messages(judged(&named, conditional)), ["m, when var.u == \"x\" is true"]);
    // A test of what is absent is false, whatever the test; its opposite is said with `not`.
    for test in
        ["a", "{not-in: [a]}", "{glob: '*'}", "{regex: ''}", "{lt: 1}", "{contains: a}", "{covers: ['0.0.0.0/0']}", "{ref: t.bucket}"]
    {
        assert_eq!(asked(&format!("{{acl: {test}}}"), ""), NO, "{test}");
        assert_eq!(asked(&format!("{{not: {{acl: {test}}}}}"), ""), YES, "{test}");
    }
    // What a kind of the view lacks is absent there, and so is what `AWS::NoValue` stands for.
    let trails = |where_: &str, properties: &str| {
        let source = format!("Resources:\n  T:\n    Type: AWS::CloudTrail::Trail\n    Properties: {{{properties}}}\n");
        let rule = rule("t.trail", &format!("where: {where_}, message: m"));
        compiled(&rule).judge_template(&Memory::of([("t.yml", source.as_str())]), b"t.yml", &Inputs::new()).findings.len()
    };
    assert_eq!(trails("{kms: {unset: true}}", "KmsKeyId: x"), 1);
    assert_eq!(trails("{regions: {unset: true}}", "IsMultiRegionTrail: !Ref AWS::NoValue"), 1);
    assert_eq!(trails("{regions: {unset: true}}", "IsMultiRegionTrail: true"), 0);
}

#[test]
fn semantics_3_unknown_is_possible_where_the_rule_says_so() {
    let source = |value: &str| {
        format!("variable \"u\" {{}}\nvariable \"n\" {{}}\nresource \"aws_s3_bucket\" \"b\" {{\n  bucket = var.n\n  acl = {value}\n}}\n")
    };
    let text = rule("t.bucket", "where: {acl: public-read}, at: acl, message: 'ACL {acl}', unknown: {acl: possible}");
    let found = judged(&text, &source("var.u"));
    assert_eq!((found.findings.len(), found.unknown.len()), (1, 0));
    let finding = &found.findings[0].finding;
    assert_eq!(finding.message, "perhaps: ACL var.u; var.u is not known");
    assert_eq!(finding.confidence, Confidence::Low);
    let excerpt = finding.primary.excerpt.as_ref().expect("pinned");
    assert_eq!((excerpt.start.line, excerpt.start.column), (5, 9), "where the value is used");
    // What is known has its usual confidence, and what is not known elsewhere is no more than a question.
    let known = judged(&text, &source("\"public-read\""));
    assert_eq!((known.findings[0].finding.confidence, &*known.findings[0].finding.message), (Confidence::High, "ACL public-read"));
    let elsewhere = rule("t.bucket", "where: {acl: public-read, name: x}, message: m, unknown: {acl: possible}");
    let open = judged(&elsewhere, &source("\"public-read\""));
    assert_eq!((open.findings.len(), open.unknown.len()), (0, 1));
    let view = rule("t.bucket", "where: {linked: t.block, quant: none, where: {on: true}}, message: m, unknown: {t.block: possible}");
    let block = "resource \"aws_s3_bucket_public_access_block\" \"p\" {\n  bucket = var.u\n  block_public_acls = true\n}\n";
    let found = judged(&view, &format!("{}{block}", source("null")));
    assert_eq!((found.findings.len(), found.unknown.len()), (1, 0), "{:?}", found.unknown.iter().map(|open| &open.why).collect::<Vec<_>>());
    for wrong in ["unknown: {acll: possible}", "unknown: {acl: maybe}", "unknown: [acl]"] {
        assert!(try_compiled(&rule("t.bucket", &format!("where: {{acl: x}}, message: m, {wrong}"))).is_err(), "{wrong}");
    }
}

#[test]
fn semantics_4_none_of_a_view_is_unknown_while_a_module_may_carry_it() {
    let text = rule("t.bucket", "where: {none: t.trail, where: {regions: true}}, message: m");
    let bucket = "variable \"u\" {}\nresource \"aws_s3_bucket\" \"b\" {}\n";
    let trail = |regions: &str| format!("{bucket}resource \"aws_cloudtrail\" \"t\" {{\n  is_multi_region_trail = {regions}\n}}\n");
    let counts = |source: &str| {
        let judged = judged(&text, source);
        (judged.findings.len(), judged.unknown.len())
    };
    assert_eq!(counts(bucket), YES);
    assert_eq!(counts(&trail("true")), NO);
    assert_eq!(counts(&trail("false")), YES);
    assert_eq!(counts(&trail("var.u")), UNKNOWN);
    assert_eq!(counts(&format!("{bucket}module \"m\" {{\n  source = \"acme/cloudtrail/aws\"\n}}\n")), UNKNOWN);
    assert_eq!(counts(&format!("{bucket}module \"m\" {{\n  source = \"acme/network/aws\"\n}}\n")), YES);
    // The instance of the set and the resource that is asked about.
    let both = rule("t.bucket", "where: {some: t.trail, as: t, where: {t.bucket: logs, ^.acl: x}}, message: '{address}'");
    let source = "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"x\"\n}\nresource \"aws_s3_bucket\" \"c\" {}\nresource \"aws_cloudtrail\" \"t\" {\n  s3_bucket_name = \"logs\"\n}\n";
    assert_eq!(messages(judged(&both, source)), ["aws_s3_bucket.b"]);
    let count = rule("t.bucket", "where: {count: {of: t.trail, where: {regions: true}, ge: 1}}, message: m");
    assert_eq!(judged(&count, &trail("true")).findings.len(), 1);
    assert_eq!(judged(&count, &trail("false")).findings.len(), 0);
}

#[test]
fn semantics_5_links_follow_references_and_names_and_an_unresolved_one_is_perhaps_this_one() {
    let text = rule("t.trail", "where: {bucket: {ref: t.bucket}}, at: bucket, message: '{bucket}'");
    let trail = |bucket: &str| {
        format!(
            "variable \"u\" {{}}\nlocals {{\n  own = aws_s3_bucket.logs.id\n}}\nresource \"aws_sns_topic\" \"other\" {{}}\nresource \"aws_s3_bucket\" \"logs\" {{\n  bucket = \"acme-logs\"\n}}\nresource \"aws_cloudtrail\" \"t\" {{\n  s3_bucket_name = {bucket}\n}}\n"
        )
    };
    for (bucket, answer) in [
        ("aws_s3_bucket.logs.id", YES),
        ("aws_s3_bucket.logs.bucket", YES),
        ("local.own", YES),
        ("\"acme-logs\"", YES),
        ("\"others-logs\"", NO),
        ("aws_sns_topic.other.id", NO),
        ("null", NO),
        ("var.u", UNKNOWN),
        ("\"${var.u}-logs\"", UNKNOWN),
    ] {
        let judged = judged(&text, &trail(bucket));
        assert_eq!((judged.findings.len(), judged.unknown.len()), answer, "{bucket}");
    }
    let linked = rule("t.bucket", "where: {linked: t.block, where: {on: true}}, message: m");
    for (bucket, answer) in [("aws_s3_bucket.b.id", YES), ("\"n\"", YES), ("\"other\"", NO), ("var.u", UNKNOWN)] {
        let source = format!(
            "variable \"u\" {{}}\nresource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"n\"\n}}\nresource \"aws_s3_bucket_public_access_block\" \"p\" {{\n  bucket = {bucket}\n  block_public_acls = true\n}}\n"
        );
        let judged = judged(&linked, &source);
        assert_eq!((judged.findings.len(), judged.unknown.len()), answer, "{bucket}");
    }
}

/// Buckets of two accounts may be called the same, which says nothing; a resource that names one means either.
#[test]
fn two_of_a_kind_do_not_meet_by_their_name() {
    let text = rule("t.bucket", "where: {linked: t.block, quant: none, where: {on: true}}, message: '{address} is open'");
    let source = |bucket: &str| {
        format!(
            "data \"aws_s3_bucket\" \"d\" {{\n  bucket = \"n\"\n}}\nresource \"aws_s3_bucket\" \"a\" {{\n  bucket = \"n\"\n}}\nresource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"n\"\n}}\nresource \"aws_s3_bucket\" \"c\" {{\n  count = 2\n  bucket = \"n\"\n}}\nresource \"aws_s3_bucket_public_access_block\" \"p\" {{\n  bucket = {bucket}\n  block_public_acls = true\n}}\n"
        )
    };
    let open = |bucket: &str| {
        let mut names = messages(judged(&text, &source(bucket)));
        names.sort();
        names.into_iter().map(|name| name.replace("aws_s3_bucket.", "").replace(" is open", "")).collect::<Vec<_>>()
    };
    assert_eq!(open("aws_s3_bucket.a.id"), ["b", "c[0]"]);
    assert_eq!(open("aws_s3_bucket.b.bucket"), ["a", "c[0]"]);
    assert_eq!(open("aws_s3_bucket.c[1].id"), ["a", "b", "c[0]"]);
    assert_eq!(open("\"n\""), Vec::<String>::new(), "the name is theirs");
    assert_eq!(open("data.aws_s3_bucket.d.bucket"), Vec::<String>::new(), "looked up by the name");
}

#[test]
fn semantics_6_evidence_is_what_made_it_true() {
    let text = rule("t.bucket", "where: {all: [{acl: x}, {name: n}]}, at: name, message: m");
    let judged = judged(&text, "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"x\"\n  bucket = \"n\"\n}\n");
    let line = |place: &crate::finding::Place| place.excerpt.as_ref().expect("pinned").start.line;
    let finding = &judged.findings[0].finding;
    assert_eq!(line(&finding.primary), 3, "what `at` names");
    assert_eq!(finding.related.iter().map(|label| line(&label.place)).collect::<Vec<_>>(), [2, 1]);
    // `not` and `none` stand at the header.
    for where_ in ["{not: {acl: y}}", "{none: t.trail}"] {
        let text = rule("t.bucket", &format!("where: {where_}, message: m"));
        let judged = self::judged(&text, "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"x\"\n}\n");
        assert_eq!(line(&judged.findings[0].finding.primary), 1, "{where_}");
    }
}

#[test]
fn semantics_7_messages_print_values_and_unbound_names_are_refused() {
    let text = rule("t.bucket", "where: {acl: {set: true}}, message: '{acl} of {anchor}'");
    let long = "x".repeat(80);
    let source = format!("resource \"aws_s3_bucket\" \"b\" {{\n  acl = \"{long}\"\n}}\n");
    assert_eq!(messages(judged(&text, &source)), [format!("{}… of aws_s3_bucket.b", "x".repeat(59))]);
    let errors = try_compiled(&text.replace("{acl} of", "{acll} of")).err().expect("unbound");
    assert_eq!(errors[0].error.message, "nothing is called `acll` here");
    assert_eq!(errors[0].error.help.as_deref(), Some("did you mean `acl`? `t.bucket` has acl, name"));
}

#[test]
fn semantics_8_depth_and_bindings_have_budgets() {
    let nested = |levels: usize| {
        let mut where_ = "{x: a}".to_owned();
        for _ in 0..levels {
            where_ = format!("{{some: x, as: x, where: {where_}}}");
        }
        where_.replacen("some: x", "some: acl", 1)
    };
    assert_eq!(asked(&nested(4), "acl = \"a\""), YES);
    let rule_of = |where_: &str| rule("t.bucket", &format!("where: {where_}, message: m"));
    let deep = judged(&rule_of(&nested(6)), "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"a\"\n}\n");
    assert_eq!((deep.findings.len(), deep.troubles.len()), (0, 1), "that it is too much is told");
    assert!(try_compiled(&rule_of(&nested(20))).is_err());
    // Each of a thousand with each of a thousand with each.
    let list = format!("acl = [{}]", "\"b\", ".repeat(1000));
    let cubic = "{some: acl, as: x, where: {some: ^.acl, as: y, where: {some: ^.^.acl, as: z, where: {z: a}}}}";
    let source = format!("resource \"aws_s3_bucket\" \"b\" {{\n{list}\n}}\n");
    let judged = judged(&rule_of(cubic), &source);
    assert_eq!((judged.findings.len(), judged.troubles.len()), (0, 1));
}

#[test]
fn what_is_named_and_declared_nowhere_is_set_and_is_no_other() {
    let block = "linked: t.block, quant: none";
    let of = |bucket: &str| {
        let source = format!(
            "variable \"u\" {{}}\nresource \"aws_s3_bucket\" \"b\" {{\n  acl = aws_s3_bucket.gone.acl\n}}\nresource \"aws_s3_bucket_public_access_block\" \"p\" {{\n  bucket = {bucket}\n}}\n"
        );
        let judged = judged(&rule("t.bucket", &format!("where: {{{block}}}, message: m")), &source);
        (judged.findings.len(), judged.unknown.len())
    };
    assert_eq!(of("aws_s3_bucket.gone.id"), (1, 0));
    assert_eq!(of("aws_s3_bucket.b.id"), (0, 0));
    assert_eq!(of("var.u"), (0, 1));
    assert_eq!(asked("{acl: {set: true}}", "acl = aws_s3_bucket.gone.acl"), (1, 0));
    assert_eq!(asked("{acl: {set: true}}", "acl = var.u"), (0, 1));
}
