use crate::iac::{Evaluated, Files, Lookup, Memory, Node, document, gate};
use crate::input::Inputs;

fn state(source: &str) -> Evaluated {
    let (tree, inputs) = (Memory::of([("terraform.tfstate", source)]), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let (file, bytes) = files.read(b"terraform.tfstate").expect("there");
    assert!(gate::candidate(b"a/terraform.tfstate", &bytes).is_some() && gate::candidate(b"terraform.tfstate.backup", &bytes).is_some());
    document::evaluate(&files, b"terraform.tfstate", (file, &bytes), &crate::iac::is_resource).expect("parses").remove(0)
}

#[test]
fn what_is_deployed_has_addresses_values_and_places() {
    let secret = format!("hunter{}", 2);
    let source = format!(
        r#"{{"version": 4, "terraform_version": "1.9.0", "serial": 3, "lineage": "x", "outputs": {{}}, "resources": [
  {{"mode": "data", "type": "aws_caller_identity", "name": "me", "instances": [{{"attributes": {{"id": "1"}}}}]}},
  {{"module": "module.m[\"k\"]", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "instances": [
    {{"index_key": "a.b", "attributes": {{"acl": "public-read"}}}},
    {{"index_key": 1, "attributes": {{"acl": "private"}}, "sensitive_attributes": []}},
    {{"deposed": "0123", "attributes": {{"acl": "public-read"}}}}]}},
  {{"mode": "managed", "type": "aws_db_instance", "name": "d", "instances": [
    {{"attributes": {{"password": "{secret}", "nested": [{{"key": "{secret}"}}], "port": 5432}},
      "sensitive_attributes": [[{{"type": "get_attr", "value": "password"}}],
        [{{"type": "get_attr", "value": "nested"}}, {{"type": "index", "value": {{"value": 0, "type": "number"}}}}, {{"type": "get_attr", "value": "key"}}]]}}]}}]}}"#
    );
    let evaluated = state(&source);
    let addresses: Vec<&str> = evaluated.resources.iter().map(|resource| &*resource.address).collect();
    assert_eq!(addresses, [r#"module.m["k"].aws_s3_bucket.b["a.b"]"#, r#"module.m["k"].aws_s3_bucket.b[1]"#, "aws_db_instance.d"]);
    assert_eq!(&*evaluated.resources[0].plain_address, "module.m.aws_s3_bucket.b");
    let Lookup::Found(acl) = evaluated.resources[0].attrs.lookup("acl") else { panic!("acl") };
    assert_eq!((&source[acl.place.range()], &source[evaluated.resources[0].header.range()]), ("\"public-read\"", "\"b\""));
    let database = &evaluated.resources[2].attrs;
    assert!(matches!(database.lookup("password"), Lookup::Found(value) if matches!(value.node, Node::Unknown(_))));
    assert_eq!(database.print(), "password: …, nested: key: …, port: 5432");
    assert_eq!(evaluated.sensitive.len(), 2);
}

#[test]
fn an_old_state_is_trouble_and_no_silence() {
    let source = r#"{"version": 3, "terraform_version": "0.11.0", "serial": 1, "modules": [{"path": ["root"], "resources": {}}]}"#;
    assert_eq!(state(source).troubles[0].message, "a state of version 3");
}

#[test]
fn odd_shapes_are_no_panic() {
    let source = r#"{"version": 4, "serial": 1, "resources": [3, {"type": "a", "name": "b", "instances": [1, {}, {"attributes": [], "sensitive_attributes": [[{}], 3, [[]]]}]}]}"#;
    assert_eq!(state(source).resources.len(), 3);
    let other = r#"{"version": 4, "resources": []}"#;
    let (tree, inputs) = (Memory::of([("x.tfstate", other)]), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let (file, bytes) = files.read(b"x.tfstate").expect("there");
    assert!(document::evaluate(&files, b"x.tfstate", (file, &bytes), &crate::iac::is_resource).expect("parses").is_empty());
}
