//! Which files are worth parsing, told by name and by a literal search: most YAML and JSON is no template.

use std::borrow::Cow;

use memchr::memmem;

use crate::base::span::FileId;
use crate::syntax::encoding;

/// Lines in which the first one with content is looked for.
const FIRST_LINES: usize = 200;

/// What a file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// A file of a Terraform module: its folder is to be judged.
    Terraform,
    /// Perhaps a CloudFormation template (it names `Resources` and, behind that, a type of AWS), a service of the
    /// Serverless Framework, a plan or a state of Terraform, a policy of IAM.
    Template,
}

/// What a file may be, by its path and its bytes (all of them, or a long beginning).
#[must_use]
pub fn candidate(path: &[u8], bytes: &[u8]) -> Option<Candidate> {
    let name = name(path);
    if is_terraform(name) {
        return Some(Candidate::Terraform);
    }
    let (named, state) = (may_be_template(name), may_be_state(name));
    // Escapes and wide characters hide words: they are undone where a name says that it may be worth it.
    let found = if named || state || encoding::detect(bytes).is_some() {
        let plain = plain(bytes);
        if state {
            looks_like_state(&plain)
        } else {
            mentions_resources(&plain)
                || named && (looks_like_service(path, &plain) || looks_like_plan(&plain))
                || looks_like_policy(&plain)
        }
    } else {
        looks_like_template(bytes) || bytes.trim_ascii_start().starts_with(b"{") && looks_like_policy(bytes)
    };
    found.then_some(Candidate::Template)
}

fn name(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..])
}

/// The bytes of a file as far as words are looked for in them: in UTF-8, and ASCII that is escaped in strings written out.
#[must_use]
pub fn plain(bytes: &[u8]) -> Cow<'_, [u8]> {
    let decoded = encoding::detect(bytes).map(|encoding| encoding::decode_as(encoding, bytes, FileId(0)).into_bytes());
    let text = decoded.as_deref().unwrap_or(bytes);
    if let Some(unescaped) = unescaped(text) {
        return Cow::Owned(unescaped);
    }
    decoded.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

/// Letters that are escaped by their number, and lines that are continued; None where there are none.
fn unescaped(bytes: &[u8]) -> Option<Vec<u8>> {
    let escaped = |bytes: &[u8]| -> Option<(Option<u8>, usize)> {
        let digits = match bytes.get(1)? {
            b'u' => 4,
            b'x' => 2,
            b'U' => 8,
            b'\n' | b'\r' => return Some((None, 1 + bytes[1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count())),
            _ => return None,
        };
        let hex = std::str::from_utf8(bytes.get(2..2 + digits)?).ok()?;
        let letter = u32::from_str_radix(hex, 16).ok().and_then(|code| u8::try_from(code).ok()).filter(u8::is_ascii_graphic)?;
        Some((Some(letter), 2 + digits))
    };
    let (mut out, mut done) = (Vec::new(), 0);
    for at in memchr::memchr_iter(b'\\', bytes) {
        if at < done {
            continue;
        }
        if let Some((letter, length)) = escaped(&bytes[at..]) {
            out.extend_from_slice(&bytes[done..at]);
            out.extend(letter);
            done = at + length;
        }
    }
    (done > 0).then(|| {
        out.extend_from_slice(&bytes[done..]);
        out
    })
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
    // Terraform passes over what is hidden and over what editors leave behind.
    if name.starts_with(b".") || name.ends_with(b"~") || name.starts_with(b"#") {
        return None;
    }
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

/// Whether the words of a template are there, in whatever form: of resources, or of a macro that makes some.
fn mentions_resources(bytes: &[u8]) -> bool {
    let names = |word: &[u8]| memmem::find(bytes, word).is_some();
    names(b"Resources") && (names(b"AWS::") && names(b"Type") || names(b"Fn::Transform") || names(b"!Transform"))
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
        let before = before.trim_suffix_bytes(b"\"").trim_suffix_bytes(b"'");
        before.strip_suffix(b"Type").is_some_and(|before| !before.last().is_some_and(u8::is_ascii_alphanumeric))
    })
}

/// Whether a file that cannot be parsed says that it is a template: by its name and a type in it, or by its first line.
/// Prose with a template in it does not.
#[must_use]
pub fn claims_template(path: &[u8], bytes: &[u8]) -> bool {
    let plain = plain(bytes);
    let (begins, looks) = (begins_like_template(&plain), looks_like_template(&plain));
    let named = may_be_template(name(path));
    looks && (named || begins) || named && begins && mentions_resources(&plain)
}

/// Whether a file that cannot be parsed says that it holds resources, of whatever dialect.
#[must_use]
pub fn claims_resources(path: &[u8], bytes: &[u8]) -> bool {
    let plain = plain(bytes);
    // Code and prose may speak of services and plans: what no name claims has to begin like one.
    let named = || may_be_template(name(path)) && (looks_like_service(path, &plain) || looks_like_plan(&plain));
    claims_template(path, bytes) || may_be_state(name(path)) || named()
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

/// Whether a file may be a policy of IAM and nothing else.
#[must_use]
pub fn looks_like_policy(bytes: &[u8]) -> bool {
    [&b"Statement"[..], b"Effect", b"Action"].iter().all(|word| memmem::find(bytes, word).is_some())
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

/// Whether the first thing that is said is a section of a template, or JSON.
fn begins_like_template(bytes: &[u8]) -> bool {
    const SECTIONS: [&[u8]; 9] = [
        b"AWSTemplateFormatVersion",
        b"Description",
        b"Metadata",
        b"Parameters",
        b"Mappings",
        b"Conditions",
        b"Transform",
        b"Globals",
        b"Resources",
    ];
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let said = |line: &&[u8]| {
        let line = line.trim_ascii();
        !line.is_empty() && !line.starts_with(b"#") && !line.starts_with(b"//") && !line.starts_with(b"---") && !line.starts_with(b"%")
    };
    let Some(line) = body.split(|byte| *byte == b'\n').take(FIRST_LINES).find(said) else { return false };
    if line.trim_ascii_start().starts_with(b"{")
        && !line.trim_ascii_start().starts_with(b"{{")
        && !line.trim_ascii_start().starts_with(b"{%")
    {
        return true;
    }
    let line = line.trim_prefix_bytes(b"\"").trim_prefix_bytes(b"'");
    SECTIONS.iter().filter_map(|section| line.strip_prefix(*section)).any(|rest| {
        let rest = rest.trim_prefix_bytes(b"\"").trim_prefix_bytes(b"'").trim_ascii_start();
        rest.starts_with(b":")
    })
}

trait Trim {
    fn trim_suffix_bytes(&self, suffix: &[u8]) -> &[u8];
    fn trim_prefix_bytes(&self, prefix: &[u8]) -> &[u8];
}

impl Trim for [u8] {
    fn trim_suffix_bytes(&self, suffix: &[u8]) -> &[u8] {
        self.strip_suffix(suffix).unwrap_or(self)
    }

    fn trim_prefix_bytes(&self, prefix: &[u8]) -> &[u8] {
        self.strip_prefix(prefix).unwrap_or(self)
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
        for other in ["kind: Deployment\n", "Resources: 1\nx: AWS::Region\n", "Type: AWS::S3::Bucket\n"] {
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
        for name in ["notes.txt", "template", "a/readme.md"] {
            assert_eq!(candidate(name.as_bytes(), b"Resources:\n  B:\n    Type: AWS::S3::Bucket"), Some(Candidate::Template), "{name}");
            assert_eq!(candidate(name.as_bytes(), b"StackResources:\n - ResourceType: AWS::S3::Bucket"), None, "{name}");
        }
    }

    #[test]
    fn escapes_anchors_and_wide_characters_do_not_hide_a_template() {
        for hidden in [
            r#"{"Resources": {"B": {"Type": "\u0041WS::S3::Bucket"}}}"#,
            r#"{"\u0052esources": {"B": {"Ty\u0070e": "AWS:\u003aS3::Bucket"}}}"#,
            "Resources:\n  B:\n    Type: &t AWS::S3::Bucket\n",
            "Resources:\n  B:\n    Type: # why\n      AWS::S3::Bucket\n",
            "Resources:\n  B:\n    Type: \"\\x41WS::S\\\n      3::Bucket\"\n",
        ] {
            assert_eq!(candidate(b"t.json", hidden.as_bytes()), Some(Candidate::Template), "{hidden}");
        }
        let wide: Vec<u8> = "\u{feff}Resources: {B: {Type: AWS::S3::Bucket}}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(candidate(b"t.yml", &wide), Some(Candidate::Template));
        assert_eq!(candidate(b"t", &wide), Some(Candidate::Template));
    }

    #[test]
    fn wide_characters_hide_no_plan_state_or_service() {
        for (path, text) in [
            ("plan.json", r#"{"format_version": "1.2", "terraform_version": "1.9", "planned_values": {}}"#),
            ("terraform.tfstate", r#"{"version": 4, "serial": 1, "resources": []}"#),
            ("serverless.yml", "service: a\nprovider:\n  name: aws\n"),
            ("a/app.yml", "service: a\nprovider: {name: aws}\n"),
            ("t.yml", "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function}}\n"),
        ] {
            for mark in ["\u{feff}", ""] {
                let units: Vec<u16> = format!("{mark}{text}").encode_utf16().collect();
                let little: Vec<u8> = units.iter().copied().flat_map(u16::to_le_bytes).collect();
                let big: Vec<u8> = units.iter().copied().flat_map(u16::to_be_bytes).collect();
                for bytes in [little, big] {
                    assert_eq!(candidate(path.as_bytes(), &bytes), Some(Candidate::Template), "{path} {mark:?}");
                    assert!(claims_resources(path.as_bytes(), &bytes), "{path} {mark:?}");
                }
            }
        }
    }

    #[test]
    fn prose_with_a_template_in_it_does_not_claim_to_be_one() {
        let snippet = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n";
        assert!(claims_template(b"t.yml", snippet.as_bytes()));
        assert!(claims_template(b"stack", format!("---\n# why\n\n{snippet}").as_bytes()));
        assert!(claims_template(b"stack", b"{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\""));
        assert!(!claims_template(b"a.md", format!("Write this:\n```\n{snippet}```\n").as_bytes()));
        assert!(!claims_template(b"a.py", format!("T = \"\"\"\n{snippet}\"\"\"\n").as_bytes()));
        assert!(!claims_template(b"a.snap", format!("// Jest\nexports[`x`] = `\n{{{snippet}`;\n").as_bytes()));
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
    }
}
