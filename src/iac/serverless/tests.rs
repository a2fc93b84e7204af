use crate::iac::{Evaluated, Files, Lookup, Memory, Node, Resource, Value, document, gate};
use crate::input::Inputs;

fn service(files: &[(&str, &str)]) -> Evaluated {
    let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
    let files_ = Files::new(&tree, &inputs);
    let path = files[0].0.as_bytes();
    let (file, bytes) = files_.read(path).expect("there");
    assert!(gate::candidate(path, &bytes).is_some(), "it is a candidate");
    document::evaluate(&files_, path, (file, &bytes), &crate::iac::is_resource).expect("parses").remove(0)
}

fn made<'e>(evaluated: &'e Evaluated, address: &str) -> &'e Resource {
    let found = evaluated.resources.iter().find(|resource| &*resource.address == address);
    found.unwrap_or_else(|| panic!("{address}: {:?}", evaluated.resources.iter().map(|r| &r.address).collect::<Vec<_>>()))
}

fn at(resource: &Resource, path: &str) -> Value {
    path.split('.').fold(resource.attrs.clone(), |value, name| match (&value.node, name.parse::<usize>()) {
        (Node::List { items, .. }, Ok(number)) => items[number].clone(),
        _ => match value.lookup(name) {
            Lookup::Found(found) => found.clone(),
            other => panic!("{path}: {other:?}"),
        },
    })
}

const SOURCE: &str = "service: shop
custom:
  table: ${self:service}-${self:provider.stage}
  stages: {dev: small, prod: large}
  size: ${self:custom.stages.${self:provider.stage}}
  loop: ${self:custom.pool}
  pool: ${self:custom.loop}
provider:
  name: aws
  runtime: nodejs14.x
  stage: ${opt:stage, 'dev'}
  environment: {TABLE: '${self:custom.table}', KEY: '${ssm:/shop/key}', WHO: '${env:WHO, \"me\"}'}
  iam:
    role:
      managedPolicies: [arn:aws:iam::aws:policy/AdministratorAccess]
      statements:
        - Effect: Allow
          Action: 'dynamodb:*'
          Resource: !Sub 'arn:${AWS::Partition}:dynamodb:*:*:table/${self:custom.table}'
functions:
  get-order:
    handler: a.b
    environment: {SIZE: '${self:custom.size}', LOOP: '${self:custom.loop}'}
    url: true
  own_role:
    handler: a.c
    runtime: python3.13
    role: arn:aws:iam::123456789012:role/r
    url: {authorizer: aws_iam}
resources:
  Resources:
    Orders: {Type: AWS::S3::Bucket, Properties: {BucketName: '${self:custom.table}', Key: !GetAtt GetDashorderLambdaFunction.Arn}}
";

#[test]
fn a_service_becomes_its_functions_role_and_resources() {
    let evaluated = service(&[("serverless.yml", SOURCE)]);
    assert!(!evaluated.exhausted && evaluated.troubles.is_empty());
    let role = made(&evaluated, "IamRoleLambdaExecution");
    assert_eq!(&SOURCE[role.header.range()], "role");
    assert_eq!(&SOURCE[at(role, "ManagedPolicyArns.0").place.range()], "arn:aws:iam::aws:policy/AdministratorAccess");
    let statement = at(role, "Policies.0.PolicyDocument.Statement.0");
    let Lookup::Found(action) = statement.lookup("Action") else { panic!("action") };
    assert_eq!(&SOURCE[action.place.range()], "'dynamodb:*'");
    let Lookup::Found(resource) = statement.lookup("Resource") else { panic!("resource") };
    assert_eq!(resource.print(), "arn:…:dynamodb:*:*:table/shop-dev");
    let function = made(&evaluated, "GetDashorderLambdaFunction");
    assert_eq!(&SOURCE[at(function, "Runtime").place.range()], "nodejs14.x");
    let variable = |name: &str| at(function, &format!("Environment.Variables.{name}")).print();
    assert_eq!(["TABLE", "KEY", "WHO", "SIZE", "LOOP"].map(variable), ["shop-dev", "…", "me", "small", "…"]);
    assert_eq!(at(made(&evaluated, "GetDashorderLambdaFunctionUrl"), "AuthType").print(), "NONE");
    assert_eq!(at(made(&evaluated, "GetDashorderLambdaPermissionFnUrl"), "Principal").print(), "*");
    let other = made(&evaluated, "OwnUnderscoreroleLambdaFunction");
    assert_eq!((at(other, "Runtime").print(), at(other, "Role").print()), ("python3.13".into(), "arn:aws:iam::123456789012:role/r".into()));
    assert_eq!(at(made(&evaluated, "OwnUnderscoreroleLambdaFunctionUrl"), "AuthType").print(), "AWS_IAM");
    assert!(!evaluated.resources.iter().any(|resource| &*resource.address == "OwnUnderscoreroleLambdaPermissionFnUrl"));
    assert_eq!(at(made(&evaluated, "Orders"), "BucketName").print(), "shop-dev");
}

#[test]
fn files_are_taken_in_from_below_the_root_and_parts_of_them_keep_their_places() {
    let source = "service: {name: shop}
provider:
  name: aws
  iamRoleStatements: ${file(../shared/iam.yml):statements}
custom: ${file(custom.yml)}
functions: ['${file(functions.yml)}']
resources:
  - ${file(table.json)}
  - Resources: ${file(bucket.yml)}
  - ${file(./gone.yml)}
  - ${file(../../../etc/passwd.yml)}
  - ${file(made.js):build}
";
    let iam = "statements:\n  - {Effect: Allow, Action: '*', Resource: '*'}\n";
    let bucket = "Logs: {Type: AWS::S3::Bucket, Properties: {BucketName: '${self:custom.name}'}}\n";
    let evaluated = service(&[
        ("svc/serverless.yml", source),
        ("shared/iam.yml", iam),
        ("svc/custom.yml", "name: ${self:custom.base}-logs\nbase: shop\n"),
        ("svc/functions.yml", "hello: {handler: a.b}\n"),
        ("svc/table.json", "{\"Resources\": {\"T\": {\"Type\": \"AWS::DynamoDB::Table\"}}}"),
        ("svc/bucket.yml", bucket),
    ]);
    let action = at(made(&evaluated, "IamRoleLambdaExecution"), "Policies.0.PolicyDocument.Statement.0.Action");
    assert_eq!(&iam[action.place.range()], "'*'", "in its own file");
    made(&evaluated, "HelloLambdaFunction");
    let logs = made(&evaluated, "Logs");
    assert_eq!((at(logs, "BucketName").print().as_str(), &bucket[logs.header.range()]), ("shop-logs", "Logs"));
    assert_eq!(&source[logs.trace[0].place.range()], "resources", "where the service takes it in");
    assert!(!evaluated.resources.iter().any(|resource| &*resource.address == "T"), "a template of its own is judged where it lies");
}

#[test]
fn roles_of_single_functions_inherit_where_they_say_so() {
    let source = "service: s
plugins: [serverless-iam-roles-per-function]
provider: {name: aws, iamRoleStatements: [{Effect: Allow, Action: 's3:*', Resource: x}]}
functions:
  a: {handler: h, iamRoleStatementsInherit: true, iamRoleStatements: [{Effect: Allow, Action: '*', Resource: '*'}]}
";
    let evaluated = service(&[("serverless.yml", source)]);
    let role = made(&evaluated, "AIamRoleLambdaExecution");
    assert_eq!(at(role, "Policies.0.PolicyDocument.Statement.0.Action").print(), "*");
    assert_eq!(at(role, "Policies.0.PolicyDocument.Statement.1.Action").print(), "s3:*");
    assert!(!evaluated.resources.iter().any(|resource| &*resource.address == "IamRoleLambdaExecution"), "no function has it");
}

#[test]
fn circles_and_doubling_variables_end() {
    let doubling = (0..40).map(|n| format!("  v{n}: '${{self:custom.v{0}}}${{self:custom.v{0}}}'\n", n + 1)).collect::<Vec<_>>().concat();
    let source =
        format!("service: s\ncustom:\n{doubling}  v40: x\nprovider: {{name: aws}}\nfunctions: {{a: {{handler: '${{self:custom.v0}}'}}}}\n");
    assert!(service(&[("serverless.yml", &source)]).exhausted);
    let lists = (0..20)
        .map(|n| format!("  v{n}: ['${{self:custom.v{0}}}', '${{self:custom.v{0}}}', '${{self:custom.v{0}}}']\n", n + 1))
        .collect::<Vec<_>>()
        .concat();
    let source = source.replace(&doubling, &lists).replace("v40", "v20");
    assert!(service(&[("serverless.yml", &source)]).exhausted);
    let circle = "service: s\ncustom: {a: {b: '${self:custom.a}'}}\nprovider: {name: aws}\nfunctions: {f: {handler: '${self:custom.a}', environment: '${self:}'}}\n";
    assert!(!service(&[("serverless.yml", circle)]).exhausted);
    let nested = format!(
        "service: s\nprovider: {{name: aws}}\nfunctions: {{f: {{handler: '{}x{}'}}}}\n",
        "${self:".repeat(5_000),
        "}".repeat(5_000)
    );
    service(&[("serverless.yml", &nested)]);
    let open = format!("service: s\nprovider: {{name: aws}}\nfunctions: {{f: {{handler: '{}'}}}}\n", "${self:".repeat(50_000));
    service(&[("serverless.yml", &open)]);
}

#[test]
fn other_yaml_is_no_service() {
    for source in ["service: a\nprovider: {name: google}\n", "provider: {name: aws}\n", "service: aws\nprovider: [aws]\n"] {
        let (tree, inputs) = (Memory::of([("serverless.yml", source)]), Inputs::new());
        let files = Files::new(&tree, &inputs);
        let (file, bytes) = files.read(b"serverless.yml").expect("there");
        assert!(
            document::evaluate(&files, b"serverless.yml", (file, &bytes), &crate::iac::is_resource).expect("parses").is_empty(),
            "{source}"
        );
    }
}

#[test]
fn statements_of_single_functions_count_with_the_plugin_that_reads_them() {
    let of = |plugins: &str| {
        service(&[(
            "serverless.yml",
            &format!(
                "service: s
{plugins}provider:
  name: aws
  iam: {{role: {{statements: [{{Effect: Allow, Action: '*', Resource: '*'}}]}}}}
functions:
  a:
    handler: x.y
    iamRoleStatements: [{{Effect: Allow, Action: 's3:GetObject', Resource: x}}]
  b:
    handler: x.z
    iamRoleStatementsInherit: true
    iamRoleStatements: [{{Effect: Allow, Action: 's3:PutObject', Resource: y}}]
"
            ),
        )])
    };
    let roles = |evaluated: &Evaluated| -> Vec<(String, String)> {
        let roles = evaluated.resources.iter().filter(|resource| &*resource.kind == "AWS::IAM::Role");
        roles.map(|role| (role.address.to_string(), at(role, "Policies.0.PolicyDocument.Statement").print())).collect()
    };
    let shared = "Effect: Allow, Action: *, Resource: *";
    let (a, b) = ("Effect: Allow, Action: s3:GetObject, Resource: x", "Effect: Allow, Action: s3:PutObject, Resource: y");
    let pair = |name: &str, said: &str| (name.to_owned(), said.to_owned());
    for plugins in ["", "plugins: [serverless-offline]\n", "plugins: {modules: [serverless-offline]}\n"] {
        let evaluated = of(plugins);
        assert_eq!(roles(&evaluated), [pair("IamRoleLambdaExecution", shared)], "{plugins}");
        let Node::Unknown(id) = at(made(&evaluated, "ALambdaFunction"), "Role").node else { panic!("a reference") };
        assert_eq!(evaluated.unknowns.reason(id).to_string(), "IamRoleLambdaExecution.Arn");
    }
    let own = [pair("AIamRoleLambdaExecution", a), pair("BIamRoleLambdaExecution", &format!("{b}, {shared}"))];
    for plugins in ["plugins:\n  - serverless-iam-roles-per-function\n", "plugins: {modules: [x, serverless-iam-roles-per-function]}\n"] {
        assert_eq!(roles(&of(plugins)), own, "{plugins}");
    }
    let inherited =
        of("plugins: [serverless-iam-roles-per-function]\ncustom: {serverless-iam-roles-per-function: {defaultInherit: true}}\n");
    assert_eq!(roles(&inherited)[0].1, format!("{a}, {shared}"));
    let perhaps: Vec<String> = roles(&of("plugins: '${env:PLUGINS}'\n")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(perhaps, ["IamRoleLambdaExecution", "AIamRoleLambdaExecution", "BIamRoleLambdaExecution"]);
}
