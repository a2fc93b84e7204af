//! Functions of templates: values, the places that they come from, and what is not known.

use super::tests::{attr, parts, reason, template, template_of};
use crate::iac::{Memory, Node, Reason, Value};

/// One bucket with a property `X`, over what comes before it.
fn x(before: &str, value: &str) -> (crate::iac::Evaluated, Value) {
    let evaluated = template(&format!("{before}Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      X: {value}\n"));
    let value = attr(&evaluated, "B", "X");
    (evaluated, value)
}

fn printed(before: &str, value: &str) -> String {
    x(before, value).1.print()
}

/// 52, 53, 54, 55. Every function, in short and long form, within each other.
#[test]
fn functions_have_their_values() {
    let before = "Parameters:\n  Env: {Type: String, Default: prod}\n  List: {Type: CommaDelimitedList, Default: 'a, b,c'}\n  Numbers: {Type: List<Number>, Default: '80,22'}\n  One: {Type: Number, Default: 1}\nMappings:\n  M: {prod: {cidr: 10.0.0.0/16, list: [q, r]}, dev: {cidr: 10.1.0.0/16}}\nConditions: {IsProd: !Equals [!Ref Env, prod]}\n";
    for (value, wanted) in [
        ("!Ref Env", "prod"),
        ("{Ref: Env}", "prod"),
        ("!Ref List", "a, b, c"),
        ("!Select [1, !Ref Numbers]", "22"),
        ("!Select [!Ref One, !Ref List]", "b"),
        ("!Sub '${Env}-${ Env }-${!Env}-x'", "prod-prod-${Env}-x"),
        ("!Sub ['${a}-${Env}', {a: !Select [0, !Ref List]}]", "a-prod"),
        ("{'Fn::Sub': '${Env}'}", "prod"),
        ("!Sub {'Fn::Sub': x}", "…"),
        ("!Join ['-', [a, !Ref 'AWS::NoValue', !Ref Env]]", "a-prod"),
        ("!Join [',', !Ref List]", "a,b,c"),
        ("!Join ['', !Split ['.', 'a.b.c']]", "abc"),
        ("!Select ['2', !Split ['/', 'a/b/c']]", "c"),
        ("!FindInMap [M, !Ref Env, cidr]", "10.0.0.0/16"),
        ("!FindInMap [M, prod, list]", "q, r"),
        ("{'Fn::FindInMap': [M, !Sub '${Env}', cidr]}", "10.0.0.0/16"),
        ("!FindInMap [M, nope, cidr, {DefaultValue: dflt}]", "dflt"),
        ("{'Fn::Base64': !Sub 'x${Env}'}", "eHByb2Q="),
        ("!Base64 abc", "YWJj"),
        ("{'Fn::Length': !Ref List}", "3"),
        ("!Length [1, !Ref 'AWS::NoValue', 2]", "2"),
        ("{'Fn::ToJsonString': {a: [1, !Ref Env, true], b: 'q\"'}}", "{\"a\":[1,\"prod\",true],\"b\":\"q\\\"\"}"),
        ("!Select [1, !Cidr [!FindInMap [M, prod, cidr], 4, 8]]", "10.0.1.0/24"),
        ("{'Fn::Cidr': ['10.0.0.0/24', '2', '5']}", "10.0.0.0/27, 10.0.0.32/27"),
        ("!If [IsProd, !If [IsProd, deep, x], y]", "deep or x or y"),
        ("!GetAtt B.Arn", "…"),
        ("!GetAtt [B, Arn]", "…"),
        ("2012-10-17", "2012-10-17"),
        ("012345678901", "012345678901"),
        ("yes", "true"),
        ("'yes'", "yes"),
        ("OFF", "false"),
    ] {
        assert_eq!(printed(before, value), wanted, "{value}");
    }
}

#[test]
fn what_is_not_known_says_why() {
    let reference = |attribute: &str| Reason::Reference { address: "B".into(), attribute: attribute.into() };
    let function = |name: &str| Reason::Function(name.into());
    for (value, wanted) in [
        ("!GetAtt B.Arn", reference("Arn")),
        ("!GetAtt [B, Endpoint.Port]", reference("Endpoint.Port")),
        ("!Ref B", reference("Ref")),
        ("!Ref AWS::Region", Reason::Unset("AWS::Region".into())),
        ("!Ref Nobody", Reason::Refused("nothing is called Nobody".into())),
        ("!GetAZs ''", Reason::Dynamic("Fn::GetAZs".into())),
        ("!Select [1, !GetAZs eu-west-1]", Reason::Dynamic("Fn::GetAZs eu-west-1[1]".into())),
        ("!ImportValue shared-vpc", Reason::Expression("Fn::ImportValue shared-vpc".into())),
        ("{'Fn::Transform': {Name: AWS::Include, Parameters: {Location: s3://b/x}}}", Reason::Macro("AWS::Include".into())),
        ("!Select [9, [a]]", Reason::Refused("index 9 of 1 items".into())),
        ("!Base64 {Ref: AWS::Region}", function("Fn::Base64")),
        ("'{{resolve:ssm:/a/b:1}}'", Reason::Dynamic("{{resolve:ssm:/a/b:1}}".into())),
        ("!FindInMap [Nope, a, b]", Reason::Refused("no mapping Nope".into())),
        ("!Nope x", function("!Nope")),
    ] {
        let (evaluated, value) = x("", value);
        assert_eq!(reason(&evaluated, &value), wanted);
    }
}

/// 66. What is kept elsewhere is no literal, however the reference to it is put together.
#[test]
fn dynamic_references_are_holes_as_a_whole() {
    for (value, wanted) in [
        ("'{{resolve:secretsmanager:prod/db:SecretString:password}}'", "…"),
        ("!Sub '{{resolve:secretsmanager:${B}:SecretString:password}}'", "…"),
        ("!Join ['', ['{{resolve:secretsmanager:', !Ref B, '::password}}']]", "…"),
        ("'u:{{resolve:ssm-secure:a:1}}@{{resolve:ssm:h}}:{{x}}'", "u:…@…:{{x}}"),
        ("'{{resolve:ssm:a'", "{{resolve:ssm:a"),
        ("'{{resolve:ssm:{$A}}}-{{resolve:ssm:b}}'", "{{resolve:ssm:{$A}}}-…"),
        ("'{{resolve:secretsmanager:${B}:SecretString:password}}'", "{{resolve:secretsmanager:${B}:SecretString:password}}"),
    ] {
        assert_eq!(printed("", value), wanted, "{value}");
    }
    let (evaluated, value) = x("", "!Sub '{{resolve:secretsmanager:${B}:SecretString:password}}'");
    assert_eq!(reason(&evaluated, &value), Reason::Dynamic("{{resolve:secretsmanager:…:SecretString:password}}".into()));
}

/// 66. A default of a parameter that hides its value is written all the same.
#[test]
fn the_default_of_a_hidden_parameter_says_that_it_is_one() {
    for hidden in ["true", "'true'", "yes"] {
        let before = format!("Parameters:\n  Password: {{Type: String, NoEcho: {hidden}, Default: hunter2}}\n");
        let (_, value) = x(&before, "!Ref Password");
        let way: Vec<_> = value.way().into_iter().map(|via| &*via.text).collect();
        assert_eq!(
            (value.print().as_str(), way.as_slice()),
            ("hunter2", &["default of the NoEcho parameter Password", "used here as Password"][..])
        );
    }
    let (_, value) = x("Parameters:\n  P: {Type: String, NoEcho: false, Default: x}\n", "!Ref P");
    assert_eq!(value.way().len(), 1);
    let (evaluated, value) = x("Parameters:\n  P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}\n", "!Ref P");
    assert_eq!(reason(&evaluated, &value), Reason::Dynamic("the value of the SSM parameter /a/b".into()), "the default is a name");
}

/// 54. Allowed values narrow what a parameter may be, in values and in conditions alike.
#[test]
fn allowed_values_are_one_choice_for_values_and_conditions() {
    let before = "Parameters:\n  Acl: {Type: String, AllowedValues: [Private, PublicRead, AuthenticatedRead]}\nConditions:\n  Public: !Equals [!Ref Acl, PublicRead]\n  Odd: !Equals [Nonsense, !Ref Acl]\n  Same: !Equals [!Ref Acl, !Ref Acl]\n";
    let (evaluated, value) = x(before, "!Ref Acl");
    let conditions: Vec<String> = parts(&value).into_iter().map(|(cond, _)| cond).collect();
    assert_eq!(conditions, ["Acl == Private", "Acl == PublicRead", ""]);
    assert_eq!(value.print(), "Private or PublicRead or AuthenticatedRead");
    let none = crate::base::truth::Assumption::default();
    let (_, both) = x(before, "!If [Public, !Ref Acl, x]");
    assert!(matches!(both.node, Node::Choice { .. }));
    let decide = |when: &crate::base::truth::Assumption, condition: &str| evaluated.conditions.decide(when, condition);
    assert_eq!(decide(&none, "Acl == PublicRead"), None);
    assert_eq!(
        decide(&none.with("Acl == Private", false).with("Acl == PublicRead", false), "Acl == AuthenticatedRead"),
        None,
        "nobody asked"
    );
    let (evaluated, _) = x(before, "[!If [Public, 1, 2], !If [Odd, 1, 2], !If [Same, 1, 2], !Ref Acl]");
    let decide = |when: &crate::base::truth::Assumption, condition: &str| evaluated.conditions.decide(when, condition);
    assert_eq!(decide(&none, "Odd"), Some(false), "no such value is allowed");
    assert_eq!(decide(&none, "Same"), Some(true));
    assert_eq!(decide(&none, "Public"), None);
    assert_eq!(decide(&none.with("Public", true), "Acl == Private"), Some(false));
    assert_eq!(decide(&none.with("Acl == PublicRead", true), "Public"), Some(true));
    let (_, sub) = x(before, "!Sub '${Acl}-${Acl}'");
    assert_eq!(sub.print(), "Private-Private or PublicRead-PublicRead or AuthenticatedRead-AuthenticatedRead", "one parameter, one value");
}

/// 53. A key that nobody knows is one of those that are there.
#[test]
fn an_unknown_key_of_a_map_is_each_that_it_may_be() {
    let before = "Parameters:\n  Env: {Type: String}\nMappings:\n  M: {dev: {acl: Private, n: 1}, prod: {acl: PublicRead, n: 1}}\nConditions: {Dev: !Equals [!Ref Env, dev]}\n";
    let (evaluated, value) = x(before, "!FindInMap [M, !Ref Env, acl]");
    assert_eq!(parts(&value), [("Env == dev".to_owned(), "Private".to_owned()), (String::new(), "PublicRead".to_owned())]);
    drop(evaluated);
    assert_eq!(printed(before, "!FindInMap [M, !Ref Env, n]"), "1", "the same whatever the key is");
    assert_eq!(printed(before, "!FindInMap [M, !Ref Env, acl, {DefaultValue: Private}]"), "Private or PublicRead or Private");
    let (evaluated, value) = x(before, "[!If [Dev, 1, 2], !FindInMap [M, !Ref Env, acl]]");
    let dev = crate::base::truth::Assumption::default().with("Dev", true);
    assert_eq!(evaluated.conditions.decide(&dev, "Env == dev"), Some(true));
    drop(value);
    let keys = (0..100).map(|n| format!("k{n}: {{v: {n}}}, ")).collect::<Vec<_>>().concat();
    let (evaluated, value) = x(&format!("Mappings:\n  M: {{{keys}z: {{v: z}}}}\n"), "!FindInMap [M, !Ref AWS::Region, v]");
    assert_eq!(reason(&evaluated, &value), Reason::Unset("AWS::Region".into()), "too many to try");
}

/// 61. Loops, with places of the body and of the collection.
#[test]
fn loops_make_resources_properties_and_conditions() {
    let source = "Transform: AWS::LanguageExtensions\nParameters:\n  Names: {Type: CommaDelimitedList, Default: 'a-1,b-2'}\n  Any: {Type: CommaDelimitedList}\nConditions:\n  Fn::ForEach::C:\n    - Env\n    - [dev, prod]\n    - Is${Env}: !Equals [!Ref Name, !Ref Env]\nResources:\n  Fn::ForEach::Buckets:\n    - Name\n    - !Ref Names\n    - Bucket&{Name}:\n        Type: AWS::S3::Bucket\n        Properties:\n          BucketName: !Sub 'x-${Name}-${AWS::Region}'\n          Plain: '${Name}'\n          Acl: !Ref Name\n          Fn::ForEach::P:\n            - Key\n            - [k, l]\n            - Tag${Key}: !Sub '${Key}-${Name}'\n  Fn::ForEach::Outer:\n    - I\n    - [x, y]\n    - Fn::ForEach::Inner:\n        - J\n        - ['1', '2']\n        - Queue${I}${J}: {Type: AWS::SQS::Queue, Condition: 'Isprod', DependsOn: Bucketa1, DeletionPolicy: Retain}\n  Fn::ForEach::Unknown:\n    - N\n    - !Ref Any\n    - Topic${N}: {Type: AWS::SNS::Topic, Properties: {Name: !Ref N, Is: !Sub 'a${N}', R: !GetAtt 'Bucketa1.Arn'}}\n";
    let evaluated = template(source);
    let addresses: Vec<_> = evaluated.resources.iter().map(|resource| (&*resource.address, &*resource.plain_address)).collect();
    assert_eq!(
        addresses,
        [
            ("Bucketa1", "Bucket&{Name}"),
            ("Bucketb2", "Bucket&{Name}"),
            ("Queuex1", "Queue${I}${J}"),
            ("Queuex2", "Queue${I}${J}"),
            ("Queuey1", "Queue${I}${J}"),
            ("Queuey2", "Queue${I}${J}"),
            ("Topic…", "Topic${N}"),
        ]
    );
    assert_eq!(attr(&evaluated, "Bucketb2", "BucketName").print(), "x-b-2-…");
    assert_eq!(attr(&evaluated, "Bucketb2", "Plain").print(), "b-2");
    assert_eq!(attr(&evaluated, "Bucketb2", "Tagl").print(), "l-b-2");
    let acl = attr(&evaluated, "Bucketa1", "Acl");
    assert_eq!((&source[acl.place.range()], acl.print().as_str()), ("a-1", "a-1"));
    assert!(acl.way().iter().any(|via| &source[via.place.range()] == "!Ref Name"), "{:?}", acl.way());
    let key = &evaluated.resources[0].header;
    assert_eq!(&source[key.range()], "Bucket&{Name}");
    assert_eq!(evaluated.resources[2].when.0[0].condition.as_ref(), "Isprod");
    assert_eq!(attr(&evaluated, "Topic…", "Is").print(), "a…");
    assert_eq!(reason(&evaluated, &attr(&evaluated, "Topic…", "Name")), Reason::Unset("Any".into()));
    assert!(evaluated.notes.iter().any(|note| note.contains("has more Resources")), "{:?}", evaluated.notes);
    assert!(!evaluated.exhausted);
}

#[test]
fn loops_in_loops_end() {
    let items = (0..100).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let mut body = "'B${A}${B}${C}${D}': {Type: AWS::S3::Bucket}".to_owned();
    for name in ["D", "C", "B", "A"] {
        body = format!("'Fn::ForEach::{name}': [{name}, [{items}], {{{body}}}]");
    }
    let evaluated = template(&format!("{{Resources: {{X: {{Type: AWS::S3::Bucket}}, {body}}}}}"));
    assert!(evaluated.exhausted && evaluated.resources.len() <= 10_001, "{}", evaluated.resources.len());
}

/// 63. A nested stack is evaluated with what its caller gives, and gives its outputs back.
#[test]
fn a_nested_stack_has_its_callers_values() {
    let parent = "Parameters:\n  Acl: {Type: String, Default: PublicRead}\n  Env: {Type: String}\nResources:\n  Site:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./stacks/child.yml\n      Parameters:\n        Acl: !Ref Acl\n        Env: !Ref Env\n        Topic: !Ref T\n  T: {Type: AWS::SNS::Topic}\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      Given: !GetAtt Site.Outputs.Acl\n      Bucket: !GetAtt [Site, Outputs.Bucket]\n      Text: !Sub 'x-${Site.Outputs.Acl}'\n      None: !GetAtt Site.Outputs.Nope\n      Same: !If [Prod, 1, 2]\nConditions:\n  Prod: !Equals [!Ref Env, prod]\n";
    let child = "Parameters:\n  Acl: {Type: String, Default: Private}\n  Env: {Type: String}\n  Topic: {Type: String}\n  Own: {Type: String}\nConditions:\n  IsProd: !Equals [!Ref Env, prod]\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Condition: IsProd\n    Properties:\n      AccessControl: !Ref Acl\n      Topic: !Ref Topic\n      Own: !Ref Own\nOutputs:\n  Acl: {Value: !Ref Acl}\n  Bucket: {Value: !GetAtt Bucket.Arn}\n";
    let evaluated = template_of(&Memory::of([("a/t.yml", parent), ("a/stacks/child.yml", child)]), "a/t.yml");
    let bucket = evaluated.resources.iter().find(|resource| &*resource.address == "Site.Bucket").expect("the child's");
    assert_eq!((&*bucket.trace[0].address, &parent[bucket.trace[0].place.range()]), ("Site", "Site"));
    let acl = attr(&evaluated, "Site.Bucket", "AccessControl");
    assert_eq!(&parent[acl.place.range()], "PublicRead", "the literal is the caller's");
    let way: Vec<_> = acl.way().into_iter().map(|via| &*via.text).collect();
    assert_eq!(way, ["used here as Acl", "given here to Site as Acl", "used here as Acl"]);
    let of = |address: &str, attribute: &str| Reason::Reference { address: address.into(), attribute: attribute.into() };
    assert_eq!(reason(&evaluated, &attr(&evaluated, "Site.Bucket", "Topic")), of("T", "Ref"));
    assert_eq!(reason(&evaluated, &attr(&evaluated, "Site.Bucket", "Own")), Reason::Unset("Site.Own".into()));
    assert_eq!(attr(&evaluated, "Q", "Given").print(), "PublicRead");
    assert_eq!(reason(&evaluated, &attr(&evaluated, "Q", "Bucket")), of("Site.Bucket", "Arn"));
    assert_eq!(attr(&evaluated, "Q", "Text").print(), "x-PublicRead");
    assert_eq!(reason(&evaluated, &attr(&evaluated, "Q", "None")), of("Site", "Outputs.Nope"));
    let prod = crate::base::truth::Assumption::default().with("Prod", true);
    assert_eq!(&*bucket.when.0[0].condition, "Site.IsProd");
    assert_eq!(evaluated.conditions.decide(&prod, "Site.IsProd"), Some(true), "one parameter, through the call");
}

#[test]
fn stacks_that_call_each_other_and_stacks_that_are_elsewhere() {
    let calls = |url: &str| {
        format!(
            "Resources:\n  S: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {url}}}}}\n  B: {{Type: AWS::S3::Bucket}}\n"
        )
    };
    let (one, other) = (calls("b.yml"), calls("./a.yml"));
    let evaluated = template_of(&Memory::of([("a.yml", one.as_str()), ("b.yml", other.as_str())]), "a.yml");
    let addresses: Vec<_> = evaluated.resources.iter().map(|resource| &*resource.address).collect();
    assert_eq!(addresses, ["S.S", "S.B", "S", "B"]);
    assert!(evaluated.exhausted, "a circle is told");
    for url in [
        "https://s3.amazonaws.com/b/b.yml",
        "/b.yml",
        "../b.yml",
        "../../../etc/passwd",
        "s3://b/b.yml",
        "!Sub 'https://${AWS::Region}/b.yml'",
    ] {
        let evaluated = template_of(&Memory::of([("a.yml", calls(url).as_str()), ("b.yml", other.as_str())]), "a.yml");
        assert_eq!(evaluated.resources.len(), 2, "{url}");
    }
    let broken = template_of(&Memory::of([("a.yml", one.as_str()), ("b.yml", "Resources:\n  B: {Type: AWS::S3::Bucket\n")]), "a.yml");
    assert_eq!(broken.troubles.len(), 1);
    let missing = template_of(&Memory::of([("a.yml", one.as_str())]), "a.yml");
    assert_eq!(missing.notes, ["the template b.yml of S is not here"]);
    let many = (0..60)
        .map(|n| format!("  S{n}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: n.yml}}}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let files: Vec<(String, String)> =
        (0..8).map(|n| (format!("{n}.yml"), format!("Resources:\n{}", many.replace("n.yml", &format!("{}.yml", n + 1))))).collect();
    let tree = Memory::of(
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).chain([("8.yml", "Resources:\n  B: {Type: AWS::S3::Bucket}\n")]),
    );
    assert!(template_of(&tree, "0.yml").exhausted, "sixty to the power of eight");
}

/// 62. A macro is named, and what it may put in is open.
#[test]
fn macros_are_open_regions_and_are_told() {
    let source = "Transform: [AWS::LanguageExtensions, MyMacro]\nResources:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/more.yml}}\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/p.yml}}\n      A: 1\n  C:\n    Type: AWS::S3::Bucket\n    Fn::Transform: {Name: AWS::Include}\n    Properties: {A: 1}\n";
    let evaluated = template(source);
    assert_eq!(evaluated.resources.len(), 2);
    for resource in &evaluated.resources {
        assert!(matches!(resource.attrs.node, Node::Map { open: true, .. }), "{}", resource.address);
    }
    assert!(evaluated.notes[0].contains("MyMacro") && evaluated.notes[1].contains("has more Resources"), "{:?}", evaluated.notes);
}

/// 69. Properties as one choice: absent ones are missing from the resource.
#[test]
fn properties_may_be_one_choice() {
    let source = "Conditions: {C: !Equals [!Ref P, x]}\nParameters: {P: {Type: String}}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: !If [C, {AccessControl: PublicRead}, !Ref AWS::NoValue]\n";
    let evaluated = template(source);
    let bucket = &evaluated.resources[0];
    let Node::Choice { cond, then, else_ } = &bucket.attrs.node else { panic!("a choice") };
    assert_eq!((&**cond, then.place, else_.place), ("C", bucket.header, bucket.header));
    assert!(matches!(&else_.node, Node::Map { entries, .. } if entries.is_empty()));
}

/// 51. A statement that hangs on a condition.
#[test]
fn items_of_a_list_may_be_choices_and_none() {
    let (_, value) = x(
        "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\n",
        "[a, !If [C, {Action: '*'}, !Ref AWS::NoValue], !Ref AWS::NoValue]",
    );
    let Node::List { items, open: false } = &value.node else { panic!("a list") };
    assert_eq!(items.len(), 2);
    assert!(matches!(&items[1].node, Node::Choice { else_, .. } if matches!(else_.node, Node::Null)));
}

#[test]
fn attributes_that_the_template_sets_are_known_and_still_refer() {
    let source = "Resources:\n  P: {Type: AWS::SSM::Parameter, Properties: {Value: '*', Name: n}}\n  A: {Type: AWS::S3::Bucket, Properties: {X: !GetAtt P.Value, Y: !GetAtt A.Y, Z: !Sub '${P.Value}'}}\n";
    let evaluated = template(source);
    let value = attr(&evaluated, "A", "X");
    assert_eq!((value.print().as_str(), &source[value.place.range()]), ("*", "'*'"));
    let of = evaluated.unknowns.reason(value.of.expect("an attribute"));
    assert_eq!(of, Reason::Reference { address: "P".into(), attribute: "Value".into() });
    assert_eq!(attr(&evaluated, "A", "Z").print(), "*");
    assert_eq!(reason(&evaluated, &attr(&evaluated, "A", "Y")), Reason::Cycle("A.Y".into()));
}
