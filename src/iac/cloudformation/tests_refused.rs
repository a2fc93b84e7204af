//! Templates that CloudFormation refuses or that are not all there: what is wrong is said, and nothing is guessed.

use super::tests::{attr, parts, reason, template};
use crate::iac::{Evaluated, Node, Reason};

const BUCKET: &str = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n";

/// Troubles with the line and column of their places.
fn troubles(evaluated: &Evaluated) -> Vec<(&str, u32, u32)> {
    let place = |trouble: &crate::finding::Trouble| trouble.place.as_ref().and_then(|place| place.excerpt.clone()).expect("pinned").start;
    evaluated.troubles.iter().map(|trouble| (&*trouble.message, place(trouble).line, place(trouble).column)).collect()
}

#[test]
fn conditions_in_a_circle_are_told_and_take_no_side() {
    let source = "Conditions:\n  C1: !Condition C2\n  C2: !Not [!Condition C1]\n  C3: !Not [!Condition C1]\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Condition: C1\n    Properties:\n      X: !If [C1, a, b]\n      Y: !If [C2, a, b]\n      Z: !If [C3, a, b]\n  C: {Type: AWS::S3::Bucket, Condition: C2}\n";
    let evaluated = template(source);
    assert_eq!(troubles(&evaluated), [("the condition C1 asks for itself", 2, 3)]);
    for (name, condition) in [("X", "C1"), ("Y", "C2"), ("Z", "C3")] {
        assert_eq!(reason(&evaluated, &attr(&evaluated, "B", name)), Reason::Cycle(condition.into()));
    }
    for (resource, condition) in evaluated.resources.iter().zip(["C1", "C2"]) {
        assert_eq!((resource.when.0.len(), resource.when.get(condition)), (1, Some(true)), "as it is written");
        assert_eq!(evaluated.conditions.told(condition, true), (condition, true));
    }
}

#[test]
fn a_condition_that_nobody_declares_is_told() {
    let source = "Resources:\n  B: {Type: AWS::S3::Bucket, Condition: Nowhere, Properties: {X: !If [Neither, a, b]}}\n";
    let evaluated = template(source);
    let note = |name: &str| format!("t.yml declares no condition {name}; what hangs on it was judged as if it were open");
    assert_eq!(evaluated.notes, [note("Nowhere"), note("Neither")]);
    assert_eq!(evaluated.resources[0].when.get("Nowhere"), Some(true));
    let of_macro = template(&format!("Transform: Mine\n{source}"));
    assert_eq!(of_macro.notes, ["t.yml is changed by Mine when it is deployed; it was judged as it is written"]);
}

#[test]
fn what_stands_twice_is_judged_as_the_message_says() {
    let source = "Parameters:\n  P: {Type: String, Default: a}\n  P: {Type: String, Default: b}\nResources:\n  B: {Type: AWS::S3::Bucket, Properties: {X: !Ref P, Y: {k: 1, l: 2, k: 3}}}\n  B: {Type: AWS::SQS::Queue}\n";
    let evaluated = template(source);
    let help = |line: u32| {
        let at = troubles(&evaluated).iter().position(|(_, at, _)| *at == line).expect("told");
        evaluated.troubles[at].help.clone().expect("help")
    };
    assert!(help(3).contains("only the last one is judged") && help(5).contains("only the last one is judged"));
    assert!(help(6).contains("both are judged"));
    assert_eq!(evaluated.resources.len(), 2);
    assert_eq!((attr(&evaluated, "B", "X").print().as_str(), attr(&evaluated, "B", "Y").print().as_str()), ("b", "l: 2, k: 3"));
}

#[test]
fn a_macro_wherever_it_stands_is_told() {
    let note = |what: &str| vec![format!("t.yml {what}; it was judged as it is written")];
    let include = "'Fn::Transform': {Name: AWS::Include, Parameters: {Location: s3://b/x}}";
    let more = |place: &str| note(&format!("has more in {place} when it is deployed than is written in it"));
    let bucket = "B: {Type: AWS::S3::Bucket, Properties: {X: 1}}";
    for (source, told) in [
        (format!("Resources:\n  Inc: {{{include}}}\n"), more("Resources.Inc")),
        ("Resources:\n  Inc: !Transform {Name: AWS::Include, Parameters: {Location: s3://b/x}}\n".to_owned(), more("Resources.Inc")),
        (format!("Resources:\n  B: {{Type: AWS::S3::Bucket, {include}}}\n"), more("Resources.B")),
        (format!("Resources:\n  B: {{Type: AWS::S3::Bucket, Properties: {{L: [{{{include}}}]}}}}\n"), more("Resources.B")),
        (format!("Mappings: {{M: {{k: {{{include}}}}}}}\nResources: {{{bucket}}}\n"), more("Mappings.M")),
        (format!("Resources: {{{include}}}\n"), note("has more Resources when it is deployed than are written in it")),
        (
            format!("Transform: {{Name: AWS::Include, Parameters: {{Location: x}}}}\nResources: {{{bucket}}}\n"),
            note("is changed by AWS::Include when it is deployed"),
        ),
        (format!("{include}\nResources: {{{bucket}}}\n"), note("has more sections when it is deployed than are written in it")),
    ] {
        assert!(crate::iac::gate::candidate(b"t.yml", source.as_bytes()).is_some(), "{source}");
        let evaluated = template(&source);
        assert_eq!((&evaluated.notes, evaluated.troubles.len()), (&told, 0), "{source}");
    }
}

#[test]
fn what_is_asked_for_and_is_not_there_says_so() {
    let refused = |what: &str| Reason::Refused(what.into());
    for (value, why) in [
        ("!FindInMap [N, a, b]", refused("no mapping N")),
        ("!FindInMap [M, c, b]", refused("no key c in the mapping")),
        ("!FindInMap [M, a, c]", refused("no key c in the mapping")),
        ("!Select [5, [a, b, c]]", refused("index 5 of 3 items")),
        ("!Ref Nobody", refused("nothing is called Nobody")),
        ("!Bogus x", Reason::Function("!Bogus".into())),
        ("!Bogus {a: b}", Reason::Function("!Bogus".into())),
    ] {
        let source = format!("Mappings: {{M: {{a: {{b: c}}}}}}\n{BUCKET}      X: {value}\n");
        let evaluated = template(&source);
        assert_eq!(reason(&evaluated, &attr(&evaluated, "B", "X")), why, "{value}");
    }
    let made = template(&format!("Transform: AWS::Serverless-2016-10-31\n{BUCKET}      X: !Ref ServerlessRestApi\n      Y: !!str 1\n"));
    assert_eq!(reason(&made, &attr(&made, "B", "X")), Reason::Unset("ServerlessRestApi".into()), "SAM makes it");
    assert_eq!(attr(&made, "B", "Y").print(), "1", "a tag of YAML's own");
}

#[test]
fn an_entry_that_is_no_resource_is_told() {
    let source = "Resources:\n  B: {Type: AWS::S3::Bucket}\n  N: {Properties: {X: 1}}\n  Nothing:\n  List: [a]\n";
    let told = ["N", "Nothing", "List"].map(|name| format!("{name} is no resource: it has no Type"));
    let evaluated = template(source);
    assert_eq!(troubles(&evaluated), [(&*told[0], 3, 3), (&*told[1], 4, 3), (&*told[2], 5, 3)]);
    assert!(template(&format!("Transform: Mine\n{source}")).troubles.is_empty(), "a macro may make resources of them");
    for kind in ["!Rain::Module vpc.yml", "{'Rain::Module': vpc.yml}"] {
        let made = template(&format!("Resources:\n  B: {{Type: AWS::S3::Bucket}}\n  V: {{Type: {kind}}}\n"));
        assert_eq!((made.resources.len(), made.troubles.len()), (1, 0), "{kind}");
        assert_eq!(made.notes, ["t.yml does not say of what type V is: it was not judged"]);
    }
}

#[test]
fn a_question_of_a_parameter_has_one_name() {
    let source = format!(
        "Parameters:\n  Env: {{Type: String, AllowedValues: [dev, prod]}}\nConditions:\n  IsDev: !Equals [!Ref Env, dev]\n{BUCKET}      X: !Ref Env\n      Y: !If [IsDev, a, b]\n"
    );
    let evaluated = template(&source);
    let x = attr(&evaluated, "B", "X");
    let Node::Choice { cond, .. } = &x.node else { panic!("{:?}", parts(&x)) };
    assert_eq!(evaluated.conditions.told(cond, true), ("IsDev", true));
    assert_eq!(parts(&attr(&evaluated, "B", "Y"))[0].0, "IsDev");
}
