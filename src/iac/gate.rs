//! Which files are worth parsing, told by name and by a literal search: most YAML and JSON is no template.

use memchr::memmem;

/// What a file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// A file of a Terraform module: its folder is to be judged.
    Terraform,
    /// Perhaps a CloudFormation template (it names `Resources` and, behind that, a type of AWS), a service of the
    /// Serverless Framework, a plan or a state of Terraform.
    Template,
}

/// What a file may be, by its path and its bytes (all of them, or a long beginning).
#[must_use]
pub fn candidate(path: &[u8], bytes: &[u8]) -> Option<Candidate> {
    let name = memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..]);
    if is_terraform(name) {
        return Some(Candidate::Terraform);
    }
    let holds = |bytes| looks_like_template(bytes) || looks_like_service(path, bytes) || looks_like_plan(bytes);
    let fits = if may_be_state(name) { looks_like_state(bytes) } else { may_be_template(name) && holds(bytes) };
    fits.then_some(Candidate::Template)
}

/// What a file is to the Terraform module of its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Source,
    /// A source that is merged into what the others declare.
    Override,
    /// Values of variables that are read without being asked for.
    Automatic,
    /// Values of variables that are read where they are asked for.
    Settings,
    /// What Terragrunt calls a module with.
    Terragrunt,
}

/// What a file is to a Terraform module, by its name. Each but Terragrunt's is HCL, or JSON where the name says so.
#[must_use]
pub fn part(name: &[u8]) -> Option<Part> {
    if matches!(name, b"terragrunt.hcl" | b"terragrunt.hcl.json") {
        return Some(Part::Terragrunt);
    }
    let stem = name.strip_suffix(b".json").unwrap_or(name);
    if let Some(stem) = stem.strip_suffix(b".tf").or_else(|| stem.strip_suffix(b".tofu")) {
        let is_override = stem == b"override" || stem.ends_with(b"_override");
        return Some(if is_override { Part::Override } else { Part::Source });
    }
    let stem = stem.strip_suffix(b".tfvars")?;
    Some(if stem == b"terraform" || stem.ends_with(b".auto") { Part::Automatic } else { Part::Settings })
}

/// Whether a file of a Terraform module is its JSON form, by its name.
#[must_use]
pub fn is_json(name: &[u8]) -> bool {
    name.ends_with(b".json")
}

/// Whether a file belongs to a Terraform module, by its name.
#[must_use]
pub fn is_terraform(name: &[u8]) -> bool {
    part(name).is_some()
}

/// Whether a file may be a template, by its name.
#[must_use]
pub fn may_be_template(name: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 6] = [b".yaml", b".yml", b".json", b".template", b".cfn", b".cform"];
    ENDINGS.iter().any(|end| name.len() > end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end))
}

/// Whether a `Type` of AWS is named behind `Resources`.
#[must_use]
pub fn looks_like_template(bytes: &[u8]) -> bool {
    let Some(resources) = memmem::find(bytes, b"Resources") else { return false };
    let rest = &bytes[resources..];
    memmem::find_iter(rest, b"AWS::").any(|at| {
        let before = rest[..at].trim_ascii_end();
        let before = before.trim_suffix_bytes(b"\"").trim_suffix_bytes(b"'").trim_ascii_end();
        let before = before.trim_suffix_bytes(b":").trim_ascii_end();
        before.trim_suffix_bytes(b"\"").trim_suffix_bytes(b"'").ends_with(b"Type")
    })
}

/// Whether a file is of a dialect that makes resources of kinds that it does not name: SAM, the Serverless Framework.
#[must_use]
pub fn makes_more(path: &[u8], bytes: &[u8]) -> bool {
    memmem::find(bytes, b"AWS::Serverless::").is_some() || looks_like_service(path, bytes)
}

/// Whether a file may be a service of the Serverless Framework on AWS: `serverless.yml`, or under another name what has
/// its two sections and names AWS.
#[must_use]
pub fn looks_like_service(path: &[u8], bytes: &[u8]) -> bool {
    let name = memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..]);
    let has = |key: &[u8]| {
        memmem::find_iter(bytes, key).any(|at| {
            let starts = bytes[..at].last().is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b'"' | b'\'' | b'\xbf'));
            starts && bytes[at + key.len()..].first().is_some_and(|byte| matches!(byte, b':' | b'"' | b'\'' | b' '))
        })
    };
    (name.starts_with(b"serverless") || has(b"service")) && has(b"provider") && memmem::find(bytes, b"aws").is_some()
}

/// Whether a file may be a plan of Terraform, as `terraform show -json` prints it.
#[must_use]
pub fn looks_like_plan(bytes: &[u8]) -> bool {
    let names = |word: &[u8]| memmem::find(bytes, word).is_some();
    names(b"\"terraform_version\"") && (names(b"\"planned_values\"") || names(b"\"root_module\""))
}

/// Whether a file may be a state of Terraform, by its name.
#[must_use]
pub fn may_be_state(name: &[u8]) -> bool {
    name.ends_with(b".tfstate") || name.ends_with(b".tfstate.backup")
}

/// Whether a file may be a state of Terraform.
#[must_use]
pub fn looks_like_state(bytes: &[u8]) -> bool {
    let names = |word: &[u8]| memmem::find(bytes, word).is_some();
    names(b"\"version\"") && (names(b"\"resources\"") || names(b"\"modules\""))
}

trait TrimSuffix {
    fn trim_suffix_bytes(&self, suffix: &[u8]) -> &[u8];
}

impl TrimSuffix for [u8] {
    fn trim_suffix_bytes(&self, suffix: &[u8]) -> &[u8] {
        self.strip_suffix(suffix).unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_told_from_other_yaml_and_json() {
        for template in [
            "Resources:\n  B:\n    Type: AWS::S3::Bucket\n",
            "{\"Resources\": {\"B\": {\"Type\" : \"AWS::S3::Bucket\"}}}",
            "Resources: {B: {Type: 'AWS::S3::Bucket'}}",
        ] {
            assert_eq!(candidate(b"a/b.yml", template.as_bytes()), Some(Candidate::Template), "{template}");
        }
        for other in ["kind: Deployment\n", "Resources: 1\nx: AWS::Region\n", "Type: AWS::S3::Bucket\nResources: {}\n"] {
            assert_eq!(candidate(b"a/b.yml", other.as_bytes()), None, "{other}");
        }
        for name in ["main.tf", "a/main.tofu", "x.tfvars", "main.tf.json"] {
            assert_eq!(candidate(name.as_bytes(), b""), Some(Candidate::Terraform), "{name}");
        }
        let automatic = ["terraform.tfvars", "x.auto.tfvars", "terraform.tfvars.json", "x.auto.tfvars.json"];
        assert_eq!(automatic.map(|name| part(name.as_bytes())), [Some(Part::Automatic); 4]);
        let overrides = ["override.tf", "a_override.tf.json", "override.tofu", "my-override.tf"];
        let parts = [Part::Override, Part::Override, Part::Override, Part::Source].map(Some);
        assert_eq!(overrides.map(|name| part(name.as_bytes())), parts);
        assert_eq!(part(b"package.json"), None);
        assert_eq!(candidate(b"notes.txt", b"Resources Type: AWS::S3::Bucket"), None);
    }

    #[test]
    fn services_plans_and_states_are_told_from_what_looks_like_them() {
        let template = Some(Candidate::Template);
        for service in [
            "service: a\nprovider:\n  name: aws\n",
            "provider: {name: aws}\nservice: {name: a}\n",
            "{\"service\": \"a\", \"provider\": {\"name\": \"aws\"}}",
        ] {
            assert_eq!(candidate(b"a/app.yml", service.as_bytes()), template, "{service}");
        }
        assert_eq!(candidate(b"serverless.yml", b"functions: {}\nprovider: {name: aws}\n"), template);
        assert_eq!(candidate(b"compose.yml", b"services:\n  service: aws\n  provider: x\n"), None);
        assert_eq!(candidate(b"plan.json", br#"{"terraform_version": "1", "planned_values": {}}"#), template);
        assert_eq!(candidate(b"plan.json", br#"{"version": 4, "lineage": "x", "resources": []}"#), None, "a state has its name");
        for state in ["terraform.tfstate", "x/y.tfstate", "terraform.tfstate.backup"] {
            assert_eq!(candidate(state.as_bytes(), br#"{"version": 4, "resources": []}"#), template, "{state}");
            assert_eq!(candidate(state.as_bytes(), b"{}"), None, "{state}");
        }
        assert_eq!(candidate(b"package-lock.json", br#"{"version": "1", "resources": {}, "terraform_version": 1}"#), None);
        assert!(makes_more(b"t.yml", b"Type: AWS::Serverless::Function") && !makes_more(b"t.yml", b"Type: AWS::S3::Bucket"));
    }
}
