//! Which files are worth parsing, told by name and by a literal search: most YAML and JSON is no template.

use memchr::memmem;

/// What a file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// A file of a Terraform module: its folder is to be judged.
    Terraform,
    /// Perhaps a CloudFormation template: it names `Resources` and, behind that, a type of AWS.
    Template,
}

/// What a file may be, by its path and its bytes (all of them, or a long beginning).
#[must_use]
pub fn candidate(path: &[u8], bytes: &[u8]) -> Option<Candidate> {
    let name = memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..]);
    if is_terraform(name) {
        return Some(Candidate::Terraform);
    }
    (may_be_template(name) && looks_like_template(bytes)).then_some(Candidate::Template)
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
}
