use crate::iac::{Evaluated, Files, Lookup, Memory, Node, Reason, Unknowns, Value, document};
use crate::input::Inputs;
use crate::syntax::document::SyntaxError;

fn all(source: &str) -> Result<Vec<Evaluated>, SyntaxError> {
    let (tree, inputs) = (Memory::of([("t.yml", source)]), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let (file, bytes) = files.read(b"t.yml").expect("there");
    document::evaluate(&files, b"t.yml", (file, &bytes), &crate::iac::is_resource)
}

pub(super) fn template(source: &str) -> Evaluated {
    all(source).expect("parses").remove(0)
}

/// A template of several files.
pub(super) fn template_of(tree: &Memory, path: &str) -> Evaluated {
    let inputs = Inputs::new();
    let files = Files::new(tree, &inputs);
    let (file, bytes) = files.read(path.as_bytes()).expect("there");
    document::evaluate(&files, path.as_bytes(), (file, &bytes), &crate::iac::is_resource).expect("parses").remove(0)
}

/// Conditions and values of a chain of choices; the last value has no condition.
pub(super) fn parts(value: &Value) -> Vec<(String, String)> {
    match &value.node {
        Node::Choice { cond, then, else_ } => [vec![(cond.to_string(), then.print())], parts(else_)].concat(),
        _ => vec![(String::new(), value.print())],
    }
}

pub(super) fn attr(evaluated: &Evaluated, address: &str, name: &str) -> Value {
    let resource = evaluated.resources.iter().find(|resource| &*resource.address == address).expect("the resource");
    match resource.attrs.lookup(name) {
        Lookup::Found(value) => value.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

pub(super) fn reason(evaluated: &Evaluated, value: &Value) -> Reason {
    match value.node {
        Node::Unknown(id) => evaluated.unknowns.reason(id),
        _ => panic!("{value:?} is known"),
    }
}

#[test]
fn parameters_substitutions_and_joins_keep_their_places() {
    let source = "Parameters:\n  Acl: {Type: String, Default: PublicRead}\nMappings: {M: {a: {b: c}}}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: !Ref Acl\n      Name: !Sub 'x-${AWS::Region}-${Acl}-${!lit}'\n      Arn: !Join [':', [arn, !Ref AWS::Partition, !GetAtt B.Arn]]\n      Map: !FindInMap [M, a, b]\n";
    let evaluated = template(source);
    let acl = attr(&evaluated, "B", "AccessControl");
    assert_eq!((&source[acl.place.range()], &source[acl.way()[0].place.range()]), ("PublicRead", "!Ref Acl"));
    assert_eq!(attr(&evaluated, "B", "Name").print(), "x-…-PublicRead-${lit}");
    assert_eq!(attr(&evaluated, "B", "Arn").print(), "arn:…:…");
    assert_eq!(attr(&evaluated, "B", "Map").print(), "c");
}

#[test]
fn conditions_are_taken_apart_and_defaults_settle_them() {
    let source = "Parameters:\n  Env: {Type: String}\n  On: {Type: String, Default: 'false'}\nConditions:\n  Prod: !Equals [!Ref Env, prod]\n  Dev: !Equals [!Ref Env, dev]\n  NotProd: !Not [!Condition Prod]\n  IsOn: !Equals [!Ref On, 'true']\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      A: !If [NotProd, 1, 2]\n      D: !If [Dev, 1, 2]\n      L: [!If [IsOn, x, !Ref AWS::NoValue], y]\n  C: {Type: AWS::S3::Bucket, Condition: IsOn}\n";
    let evaluated = template(source);
    let Node::Choice { cond, then, .. } = attr(&evaluated, "B", "A").node else { panic!("choice") };
    assert_eq!((&*cond, then.print().as_str()), ("Prod", "2"), "the negation is the same question");
    assert_eq!(evaluated.resources.len(), 1, "what defaults switch off is not there");
    let prod = crate::base::truth::Assumption::default().with("Prod", true);
    assert_eq!(evaluated.conditions.decide(&prod, "Dev"), Some(false), "a parameter has one value");
    assert_eq!(evaluated.conditions.decide(&crate::base::truth::Assumption::default(), "IsOn"), Some(false));
    assert_eq!(evaluated.conditions.decide(&crate::base::truth::Assumption::default(), "Prod"), None);
}

#[test]
fn circles_and_odd_shapes_are_unknown_and_no_hang() {
    let source = "Conditions:\n  A: !And [!Condition B, !Condition A]\n  B: !Not [!Condition A]\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: !If [A, {X: 1}, !Ref AWS::NoValue]\n  C: {Type: AWS::S3::Bucket, Properties: {X: !If [A], Y: !Sub [1], Z: !Select [9, [1]]}}\n";
    let evaluated = template(source);
    assert_eq!(reason(&evaluated, &evaluated.resources[0].attrs), Reason::Cycle("A".into()));
    for name in ["X", "Y", "Z"] {
        assert!(matches!(attr(&evaluated, "C", name).node, Node::Unknown(_)), "{name}");
    }
}

#[test]
fn a_long_chain_of_conditions_is_no_deep_recursion() {
    const LENGTH: usize = 3_000;
    let bucket = "    Type: AWS::S3::Bucket\n    Properties: {X: !If [C0, 1, 2]}\n";
    for step in ["!Condition C{}", "!Not [!Condition C{}]", "!Equals [!If [C{}, a, b], a]", "!And [!Condition C{}, !Condition C{}]"] {
        let chain = |numbers: &mut dyn Iterator<Item = usize>| -> String {
            numbers.map(|n| format!("  C{n}: {}\n", step.replace("{}", &(n + 1).to_string()))).collect::<Vec<_>>().concat()
        };
        let forward = format!("Conditions:\n{}Resources:\n  B:\n{bucket}", chain(&mut (0..LENGTH)));
        assert!(matches!(attr(&template(&forward), "B", "X").node, Node::Choice { .. }), "{step}");
        // Asked for from the end on, each is known when the next one names it.
        let asked = (0..LENGTH).rev().map(|n| format!("!If [C{n}, 1, 2], ")).collect::<Vec<_>>().concat();
        let backward = forward.replace("{X: !If [C0, 1, 2]}", &format!("{{L: [{asked}], X: !If [C0, 1, 2]}}"));
        assert!(matches!(attr(&template(&backward), "B", "X").node, Node::Choice { .. }), "{step}");
    }
}

#[test]
fn a_text_of_commas_is_not_taken_apart_beyond_the_budget() {
    let commas = ",".repeat(2 << 20);
    for (parameter, value) in [("String", "!Split [',', !Ref P]"), ("CommaDelimitedList", "!Ref P")] {
        let source = format!(
            "Parameters:\n  P: {{Type: {parameter}, Default: '{commas}'}}\nResources:\n  B: {{Type: AWS::S3::Bucket, Properties: {{X: {value}}}}}\n"
        );
        let evaluated = template(&source);
        assert!(evaluated.exhausted, "{value}");
        assert!(matches!(attr(&evaluated, "B", "X").node, Node::Unknown(Unknowns::BUDGET)), "{value}");
    }
}

#[test]
fn json_with_comments_and_json_in_yaml_are_templates() {
    for source in ["{// c\n\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\"}}}", "{Resources: {B: {Type: AWS::S3::Bucket}}}"] {
        assert_eq!(template(source).resources.len(), 1);
    }
    assert!(all("a: 1\n").expect("parses").is_empty());
    assert!(all("Resources:\n  B: {Type: AWS::S3::Bucket\n").is_err());
}
