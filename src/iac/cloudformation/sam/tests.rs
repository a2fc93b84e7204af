use crate::iac::{Evaluated, Files, Lookup, Memory, Node, Resource, Value, document};
use crate::input::Inputs;

fn template(source: &str) -> Evaluated {
    let (tree, inputs) = (Memory::of([("t.yml", source)]), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let (file, bytes) = files.read(b"t.yml").expect("there");
    document::evaluate(&files, b"t.yml", (file, &bytes), &crate::iac::is_resource).expect("parses").remove(0)
}

fn made<'e>(evaluated: &'e Evaluated, address: &str, kind: &str) -> &'e Resource {
    let found = evaluated.resources.iter().find(|resource| &*resource.address == address && &*resource.kind == kind);
    found.unwrap_or_else(|| {
        panic!("{address} of {kind}: {:?}", evaluated.resources.iter().map(|r| (&r.address, &r.kind)).collect::<Vec<_>>())
    })
}

fn at(resource: &Resource, path: &str) -> Value {
    let mut value = resource.attrs.clone();
    for name in path.split('.') {
        let next = match (&value.node, name.parse::<usize>()) {
            (Node::List { items, .. }, Ok(number)) => items[number].clone(),
            _ => match value.lookup(name) {
                Lookup::Found(found) => found.clone(),
                other => panic!("{path}: {other:?}"),
            },
        };
        value = next;
    }
    value
}

const HEAD: &str = "Transform: AWS::Serverless-2016-10-31\n";

#[test]
fn a_function_becomes_a_function_and_a_role_in_the_transforms_names() {
    let source = format!(
        "{HEAD}Resources:
  F:
    Type: AWS::Serverless::Function
    Condition: C
    Properties:
      Runtime: python3.8
      Tracing: Active
      VpcConfig: {{SubnetIds: [a]}}
      Tags: {{team: x}}
      Policies:
        - AdministratorAccess
        - AWSLambdaRole
        - !Sub 'arn:${{AWS::Partition}}:iam::aws:policy/ReadOnlyAccess'
        - !Ref Own
        - Statement: {{Effect: Allow, Action: '*', Resource: '*'}}
        - S3ReadPolicy: {{BucketName: !Ref B}}
  Own: {{Type: AWS::IAM::ManagedPolicy}}
  B: {{Type: AWS::S3::Bucket}}
Conditions: {{C: !Equals [!Ref AWS::Region, x]}}
"
    );
    let evaluated = template(&source);
    let function = made(&evaluated, "F", "AWS::Lambda::Function");
    assert_eq!(&source[at(function, "Runtime").place.range()], "python3.8");
    assert_eq!((at(function, "TracingConfig.Mode").print(), at(function, "Tags.0.Key").print()), ("Active".into(), "team".into()));
    assert_eq!(function.when.0[0].condition.as_ref(), "C", "its condition is theirs");
    made(&evaluated, "F", "AWS::Serverless::Function");
    let role = made(&evaluated, "FRole", "AWS::IAM::Role");
    assert_eq!((role.when.get("C"), &source[role.header.range()]), (Some(true), "F"));
    let arns: Vec<String> = (0..7).map(|n| at(role, &format!("ManagedPolicyArns.{n}")).print()).collect();
    assert_eq!(
        arns,
        [
            "arn:…:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            "arn:…:iam::aws:policy/AWSXRayDaemonWriteAccess",
            "arn:…:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
            "arn:…:iam::aws:policy/AdministratorAccess",
            "arn:…:iam::aws:policy/service-role/AWSLambdaRole",
            "arn:…:iam::aws:policy/ReadOnlyAccess",
            "…",
        ]
    );
    assert_eq!(&source[at(role, "ManagedPolicyArns.3").place.range()], "AdministratorAccess");
    assert_eq!(at(role, "AssumeRolePolicyDocument.Statement.0.Principal.Service").print(), "lambda.amazonaws.com");
    let star = at(role, "Policies.0.PolicyDocument.Statement.Action");
    assert_eq!(&source[star.place.range()], "'*'");
    let scoped = at(role, "Policies.1.PolicyDocument.Statement.0");
    let Lookup::Found(resources) = scoped.lookup("Resource") else { panic!("resources") };
    assert_eq!(resources.print(), "arn:…:s3:::…, arn:…:s3:::…/*");
    assert_eq!(&source[resources.place.range()], "S3ReadPolicy", "where the template is named");
}

#[test]
fn every_published_template_is_known_and_an_unknown_one_is_unknown() {
    let source = format!(
        "{HEAD}Resources:
  F: {{Type: AWS::Serverless::Function, Properties: {{Policies: [NoSuchPolicy: {{}}, EFSWriteAccessPolicy: {{FileSystem: f, AccessPoint: a}}]}}}}
"
    );
    let evaluated = template(&source);
    let role = made(&evaluated, "FRole", "AWS::IAM::Role");
    assert!(matches!(at(role, "Policies.0.PolicyDocument").node, Node::Unknown(_)));
    let efs = at(role, "Policies.1.PolicyDocument.Statement.0");
    assert!(efs.print().contains("elasticfilesystem:AccessPointArn: arn:…:elasticfilesystem:…:…:access-point/a"), "{}", efs.print());
}

#[test]
fn globals_merge_append_and_give_way() {
    let source = format!(
        "{HEAD}Globals:
  Function:
    Runtime: nodejs18.x
    Timeout: 3
    Layers: [one]
    Environment: {{Variables: {{A: global, B: global}}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 9
      Layers: [two]
      Environment: {{Variables: {{B: own}}}}
  G:
    Type: AWS::Serverless::Function
    IgnoreGlobals: [Runtime]
  H:
    Type: AWS::Serverless::Function
    IgnoreGlobals: '*'
    Properties: {{Timeout: 1}}
"
    );
    let evaluated = template(&source);
    let function = made(&evaluated, "F", "AWS::Lambda::Function");
    let runtime = at(function, "Runtime");
    assert_eq!((&source[runtime.place.range()], &*runtime.way()[0].text), ("nodejs18.x", "Globals.Function applies to F"));
    assert_eq!(at(function, "Timeout").print(), "9");
    assert_eq!(at(function, "Layers").print(), "one, two");
    assert_eq!(
        (at(function, "Environment.Variables.A").print(), at(function, "Environment.Variables.B").print()),
        ("global".into(), "own".into())
    );
    let other = made(&evaluated, "G", "AWS::Lambda::Function");
    assert!(matches!(other.attrs.lookup("Runtime"), Lookup::Absent(_)));
    assert_eq!(at(other, "Timeout").print(), "3");
    assert!(matches!(made(&evaluated, "H", "AWS::Lambda::Function").attrs.lookup("Layers"), Lookup::Absent(_)));
}

#[test]
fn addresses_and_events_say_who_may_call() {
    let source = format!(
        "{HEAD}Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Role: arn:aws:iam::123456789012:role/r
      FunctionUrlConfig: {{AuthType: NONE}}
      Events:
        Up: {{Type: S3, Properties: {{Bucket: !Ref B}}}}
        Get: {{Type: Api, Properties: {{Path: /x, Method: get}}}}
        Own: {{Type: Api, Properties: {{Path: /y, Method: any, RestApiId: !Ref A}}}}
        Tick: {{Type: Schedule, Properties: {{Schedule: rate(1 day)}}}}
        Queue: {{Type: SQS, Properties: {{Queue: !GetAtt Q.Arn}}}}
        Told: {{Type: SNS, Properties: {{Topic: !Ref T}}}}
  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: live}}}}
"
    );
    let evaluated = template(&source);
    assert!(!evaluated.resources.iter().any(|resource| &*resource.kind == "AWS::IAM::Role"), "it has one");
    let url = made(&evaluated, "FUrl", "AWS::Lambda::Url");
    assert_eq!(&source[at(url, "AuthType").place.range()], "NONE");
    let permission = made(&evaluated, "FUrlPublicPermissions", "AWS::Lambda::Permission");
    assert_eq!((at(permission, "Principal").print(), &source[at(permission, "Principal").place.range()]), ("*".into(), "NONE"));
    let of = |name: &str, attribute: &str| at(made(&evaluated, name, "AWS::Lambda::Permission"), attribute).print();
    assert_eq!((of("FUpPermission", "Principal"), of("FUpPermission", "SourceAccount")), ("s3.amazonaws.com".into(), "…".into()));
    assert_eq!(of("FGetPermissionProd", "SourceArn"), "arn:…:execute-api:…:…:…/*/GET/x");
    assert_eq!(of("FOwnPermissionlive", "SourceArn"), "arn:…:execute-api:…:…:…/*/*/y");
    assert_eq!(of("FTickPermission", "Principal"), "events.amazonaws.com");
    assert_eq!(of("FToldPermission", "SourceArn"), "…");
    made(&evaluated, "FQueue", "AWS::Lambda::EventSourceMapping");
}

#[test]
fn other_resources_become_theirs() {
    let source = format!(
        "{HEAD}Globals: {{Api: {{TracingEnabled: true}}, SimpleTable: {{SSESpecification: {{SSEEnabled: true}}}}}}
Resources:
  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: prod, EndpointConfiguration: PRIVATE, MethodSettings: [{{HttpMethod: '*'}}]}}}}
  H: {{Type: AWS::Serverless::HttpApi}}
  T: {{Type: AWS::Serverless::SimpleTable}}
  W: {{Type: AWS::Serverless::WebSocketApi}}
  M: {{Type: AWS::Serverless::StateMachine, Properties: {{Policies: [{{Statement: []}}], Tracing: {{Enabled: true}}}}}}
  C: {{Type: AWS::Serverless::Connector}}
  N: {{Type: AWS::Serverless::Application, Properties: {{Location: {{ApplicationId: a}}}}}}
"
    );
    let evaluated = template(&source);
    assert_eq!(at(made(&evaluated, "A", "AWS::ApiGateway::RestApi"), "EndpointConfiguration.Types").print(), "PRIVATE");
    assert_eq!(at(made(&evaluated, "AprodStage", "AWS::ApiGateway::Stage"), "TracingEnabled").print(), "true");
    made(&evaluated, "WDefaultStage", "AWS::ApiGatewayV2::Stage");
    made(&evaluated, "HApiGatewayDefaultStage", "AWS::ApiGatewayV2::Stage");
    assert_eq!(at(made(&evaluated, "T", "AWS::DynamoDB::Table"), "SSESpecification.SSEEnabled").print(), "true");
    let role = made(&evaluated, "MRole", "AWS::IAM::Role");
    assert_eq!(at(role, "AssumeRolePolicyDocument.Statement.0.Principal.Service").print(), "states.amazonaws.com");
    assert_eq!(at(role, "ManagedPolicyArns").print(), "arn:…:iam::aws:policy/AWSXRayDaemonWriteAccess");
    assert!(matches!(at(made(&evaluated, "CPolicy", "AWS::IAM::ManagedPolicy"), "PolicyDocument").node, Node::Unknown(_)));
    assert!(matches!(at(made(&evaluated, "N", "AWS::CloudFormation::Stack"), "TemplateURL").node, Node::Unknown(_)));
}

#[test]
fn policies_under_conditions_stay_on_their_side() {
    let source = format!(
        "{HEAD}Conditions: {{P: !Equals [!Ref AWS::Region, x]}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Role: !If [P, arn:aws:iam::123456789012:role/r, !Ref AWS::NoValue]
      Policies: !If [P, [ReadOnlyAccess], [AdministratorAccess, {{Statement: [{{Effect: Allow, Action: '*', Resource: '*'}}]}}]]
  G:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [!If [P, AdministratorAccess, !Ref AWS::NoValue]]
"
    );
    let evaluated = template(&source);
    let role = made(&evaluated, "FRole", "AWS::IAM::Role");
    assert_eq!(role.when.get("P"), Some(false), "where none is given");
    let arns = at(role, "ManagedPolicyArns");
    assert!(arns.assume("P", false).print().contains("AdministratorAccess") && !arns.assume("P", false).print().contains("ReadOnly"));
    assert!(arns.assume("P", true).print().contains("ReadOnly") && !arns.assume("P", true).print().contains("Administrator"));
    let arns = at(made(&evaluated, "GRole", "AWS::IAM::Role"), "ManagedPolicyArns");
    assert!(arns.assume("P", true).print().contains("AdministratorAccess") && !arns.assume("P", false).print().contains("Administrator"));
}

#[test]
fn a_parameter_of_a_policy_template_may_hang_on_a_condition() {
    let source = format!(
        "{HEAD}Conditions: {{P: !Equals [!Ref AWS::Region, x]}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [DynamoDBReadPolicy: {{TableName: !If [P, '*', orders]}}]
"
    );
    let evaluated = template(&source);
    let document = at(made(&evaluated, "FRole", "AWS::IAM::Role"), "Policies.0.PolicyDocument");
    assert_eq!(document.condition().as_deref(), Some("P"));
    let resources = |holds: bool| document.assume("P", holds).print();
    assert!(resources(true).contains(":table/*,") && !resources(true).contains(":table/orders"), "{}", resources(true));
    assert!(resources(false).contains(":table/orders,") && !resources(false).contains(":table/*"), "{}", resources(false));
}

#[test]
fn globals_of_many_entries_for_many_functions_end() {
    let entries = |word: &str| (0..500).map(|n| format!("{word}{n}: v, ")).collect::<Vec<_>>().concat();
    let function =
        |n: usize| format!("  F{n}: {{Type: AWS::Serverless::Function, Properties: {{Environment: {{Variables: {{A: b}}}}}}}}\n");
    let functions: String = (0..500).map(function).collect();
    let source = format!("{HEAD}Globals: {{Function: {{Environment: {{Variables: {{{}}}}}}}}}\nResources:\n{functions}", entries("G"));
    let evaluated = template(&source);
    assert_eq!(evaluated.resources.iter().filter(|resource| &*resource.kind == "AWS::Serverless::Function").count(), 500);
}
