//! A policy document of IAM in a file of its own: `policy.json`, whatever its name. Nobody knows what takes it: an
//! identity, a role as its trust policy, a bucket; its statements tell. One that speaks for accounts (a service control
//! policy) or limits what others allow (a boundary) gives nobody anything, and only its path tells: it is left out.

use super::document::Source;
use super::evaluated::Evaluated;
use super::resource::POLICY_FILE;
use super::value::Entry;
use super::{Resource, Value};
use crate::base::truth::Assumption;
use crate::syntax::document::{Document, Node, NodeKind};

/// What a path says of a policy that allows nothing by itself.
const LIMITS: [&str; 7] = ["scp", "rcp", "service-control", "service_control", "servicecontrol", "boundar", "guardrail"];

/// Whether a document is a policy, all of it: nothing but its elements, and statements that each have an effect and what
/// it is about.
pub(super) fn is_policy(root: &Node) -> bool {
    let known = |key: &Node| matches!(key.as_str().as_deref(), Some("Version" | "Id" | "Statement"));
    let Some(statements) = root.get("Statement") else { return false };
    let statements = match &statements.kind {
        NodeKind::List(items) => items.as_slice(),
        NodeKind::Map(_) => std::slice::from_ref(statements),
        _ => return false,
    };
    root.entries().iter().all(|(key, _)| known(key)) && !statements.is_empty() && statements.iter().all(is_statement)
}

fn is_statement(node: &Node) -> bool {
    let effect = node.get("Effect").and_then(Node::as_str);
    let actions = node.get("Action").or_else(|| node.get("NotAction"));
    let is_action = |action: &Node| action.as_str().is_some_and(|action| action.contains(':') || action.contains('*'));
    let named = actions.is_some_and(|actions| match &actions.kind {
        NodeKind::List(items) => !items.is_empty() && items.iter().all(is_action),
        _ => is_action(actions),
    });
    matches!(effect.as_deref(), Some("Allow" | "Deny")) && named
}

/// The policy as one resource, with the name of its file for an address.
pub(super) fn evaluate(source: &Source<'_>, document: &Document, wanted: &dyn Fn(&str) -> bool) -> Vec<Evaluated> {
    let path = String::from_utf8_lossy(source.path);
    let lower = path.to_ascii_lowercase();
    let mut evaluated = Evaluated::default();
    if !wanted(POLICY_FILE) || LIMITS.iter().any(|word| is_said(&lower, word)) {
        return vec![evaluated];
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let header = document.root.span;
    let policy = Entry { key: "document".into(), key_place: header, value: Value::from_node(&document.root) };
    evaluated.resources.push(Resource {
        address: name.into(),
        plain_address: name.into(),
        kind: POLICY_FILE.into(),
        attrs: Value::map(vec![policy], false, header),
        header,
        key: None,
        trace: Vec::new(),
        when: Assumption::default(),
    });
    vec![evaluated]
}

/// Whether a word stands in a path where a word begins: `scp` in `deny-scp.json`, not in `descp`.
fn is_said(path: &str, word: &str) -> bool {
    path.match_indices(word).any(|(at, _)| !path[..at].ends_with(|before: char| before.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::span::FileId;
    use crate::iac::document;
    use crate::iac::gate::{Candidate, candidate};
    use crate::iac::{Files, Memory};
    use crate::input::Inputs;

    const ADMIN: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

    fn resources(path: &str, text: &str) -> Vec<String> {
        assert_eq!(candidate(path.as_bytes(), text.as_bytes()), Some(Candidate::Template), "{path}: it is a candidate");
        let (tree, inputs) = (Memory::of([(path, text)]), Inputs::new());
        let files = Files::new(&tree, &inputs);
        let all = document::evaluate(&files, path.as_bytes(), (FileId(0), text.as_bytes()), &|_| true).expect("parses");
        all.iter().flat_map(|one| &one.resources).map(|resource| format!("{} {}", resource.kind, resource.address)).collect()
    }

    #[test]
    fn a_policy_is_one_under_any_name() {
        let yaml = "Version: '2012-10-17'\nStatement:\n  Effect: Allow\n  Action: ['s3:*']\n  Resource: '*'\n";
        for (path, text) in [("a/admin.json", ADMIN), ("admin", ADMIN), ("p.json.tpl", ADMIN), ("p.yml", yaml)] {
            let name = path.rsplit('/').next().expect("one");
            assert_eq!(resources(path, text), [format!("{POLICY_FILE} {name}")], "{path}");
        }
    }

    #[test]
    fn what_only_looks_like_a_policy_is_none() {
        for text in [
            r#"{"Statement": [{"Effect": "Allow", "Action": "click"}]}"#,
            r#"{"Statement": [], "Effect": "Action"}"#,
            r#"{"Statement": [{"Effect": "allow", "Action": "s3:*"}]}"#,
            r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*"}], "RoleName": "r"}"#,
            r#"{"Statement": "Effect", "Action": 1}"#,
        ] {
            assert_eq!(resources("a.json", text), Vec::<String>::new(), "{text}");
        }
        for path in ["policies/scp/all.json", "permission-boundary.json", "org_scp.json"] {
            assert_eq!(resources(path, ADMIN), Vec::<String>::new(), "{path}");
        }
        assert_eq!(resources("describe-scpx.json", ADMIN).len(), 0);
        assert_eq!(resources("descp.json", ADMIN).len(), 1);
    }
}
