//! Public modules that no tree holds, as data: under which names they are called, and what stands for them.
//!
//! Not a registry client: nothing is fetched. What stands for a module is written in Terraform's language and evaluated
//! elsewhere; it is decoded when the first of them is called.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::def::RemoteModule;

static SOURCES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/modules.bin"));

/// The modules of a run: the built-in ones, and a user's.
#[derive(Clone, Debug, Default)]
pub struct RemoteModules {
    all: Vec<RemoteModule>,
    /// Sources of a user's modules, by index.
    added: BTreeMap<usize, String>,
}

/// A source of a module call, as it is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Address {
    /// `namespace/name/provider`, `host/owner/repository`; with `//part` behind it.
    name: String,
    /// What is asked for: a constraint, a tag.
    version: Option<String>,
}

impl RemoteModules {
    pub(super) fn built_in(all: Vec<RemoteModule>) -> Self {
        RemoteModules { all, added: BTreeMap::new() }
    }

    /// Adds one; of the same name and versions there is one only.
    pub fn add(&mut self, module: RemoteModule, hcl: String) {
        let same = |known: &RemoteModule| known.name == module.name && known.versions == module.versions;
        let index = if let Some(index) = self.all.iter().position(same) {
            self.all[index] = module;
            index
        } else {
            self.all.push(module);
            self.all.len() - 1
        };
        self.added.insert(index, hcl);
    }

    #[must_use]
    pub fn all(&self) -> &[RemoteModule] {
        &self.all
    }

    /// The module of a call's `source` and `version`, if it is known.
    #[must_use]
    pub fn find(&self, source: &str, version: Option<&str>) -> Option<usize> {
        let address = address(source)?;
        let major = version.or(address.version.as_deref()).and_then(major);
        let fits = |index: &usize| {
            let module = &self.all[*index];
            let of_version = major.is_none_or(|major| module.versions.is_empty() || module.versions.contains(&major));
            of_version && std::iter::once(&module.name).chain(&module.sources).any(|name| *name == address.name)
        };
        // A user knows better.
        self.added.keys().copied().find(fits).or_else(|| (0..self.all.len()).find(fits))
    }

    /// What stands for the module at an index of [`RemoteModules::all`].
    ///
    /// # Panics
    /// Where build.rs and this crate disagree, which a test would have shown.
    #[must_use]
    pub fn hcl(&self, index: usize) -> &str {
        static BUILT_IN: OnceLock<Vec<String>> = OnceLock::new();
        if let Some(hcl) = self.added.get(&index) {
            return hcl;
        }
        let built_in = BUILT_IN.get_or_init(|| postcard::from_bytes(SOURCES).expect("build.rs wrote it with the same types"));
        built_in.get(index).map_or("", String::as_str)
    }

    /// Words of which one stands in every file that calls a module with a resource of one of these kinds.
    #[must_use]
    pub fn words(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut words = Vec::new();
        for module in self.all.iter().filter(|module| module.kinds.iter().any(|kind| wanted(kind))) {
            for name in std::iter::once(&module.name).chain(&module.sources) {
                let name = name.split("//").next().unwrap_or(name);
                words.push(name.to_owned());
                if let [namespace, name, provider] = name.split('/').collect::<Vec<_>>().as_slice() {
                    words.push(format!("{namespace}/terraform-{provider}-{name}"));
                }
            }
        }
        words.sort_unstable();
        words.dedup();
        words
    }
}

/// The address of a source; None for what lies in the tree, and for what is no address of a module.
fn address(source: &str) -> Option<Address> {
    let source = source.trim();
    if source.starts_with('.') || source.starts_with('/') {
        return None;
    }
    let (source, query) = source.split_once('?').unwrap_or((source, ""));
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("ref=").or_else(|| pair.strip_prefix("version=")));
    let source = source.strip_prefix("git::").or_else(|| source.strip_prefix("tfr://")).unwrap_or(source);
    let source = ["https://", "http://", "ssh://", "git://"].iter().find_map(|scheme| source.strip_prefix(scheme)).unwrap_or(source);
    // `git@host:owner/repository` and `user@host/owner/repository`.
    let source = match source.split_once('@') {
        Some((_, rest)) => rest.replacen(':', "/", 1),
        None => source.to_owned(),
    };
    let source = source.trim_start_matches('/').trim_end_matches('/');
    let (repository, part) = match source.split_once("//") {
        Some((repository, part)) => (repository, format!("//{}", part.trim_matches('/'))),
        None => (source, String::new()),
    };
    let repository = repository.strip_suffix(".git").unwrap_or(repository);
    let parts: Vec<&str> = repository.split('/').collect();
    let name = match parts.as_slice() {
        ["registry.terraform.io" | "registry.opentofu.org", namespace, name, provider] => format!("{namespace}/{name}/{provider}"),
        ["github.com", owner, repository, inside @ ..] => {
            // `github.com/owner/repository/part` is short for `…//part` nowhere but in old configurations.
            let inside = if inside.is_empty() { part } else { format!("//{}", inside.join("/")) };
            return Some(Address { name: format!("{}{inside}", in_registry(owner, repository)), version: asked.map(str::to_owned) });
        }
        [_, _, ..] => repository.to_owned(),
        _ => return None,
    };
    Some(Address { name: format!("{name}{part}"), version: asked.map(str::to_owned) })
}

/// A repository `terraform-PROVIDER-NAME` is what the registry calls `OWNER/NAME/PROVIDER`.
fn in_registry(owner: &str, repository: &str) -> String {
    match repository.strip_prefix("terraform-").and_then(|rest| rest.split_once('-')) {
        Some((provider, name)) => format!("{owner}/{name}/{provider}"),
        None => format!("github.com/{owner}/{repository}"),
    }
}

/// The one major version that a constraint or a tag allows; None where it may be any, or several.
fn major(version: &str) -> Option<u32> {
    let mut parts = version.split(',').map(str::trim);
    let (only, None) = (parts.next()?, parts.next()) else { return None };
    let number = only.strip_prefix("~>").or_else(|| only.strip_prefix('=')).unwrap_or(only).trim();
    // `~> 5` allows every later one too.
    let bounded = !only.starts_with("~>") || number.contains('.');
    let number = number.strip_prefix('v').unwrap_or(number);
    let digits = number.split('.').next().unwrap_or_default();
    // A commit may begin with digits.
    let version = bounded && number.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.len() < 4;
    if version { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_source_is_one_address() {
        let bucket = "terraform-aws-modules/s3-bucket/aws";
        for (source, name, version) in [
            ("terraform-aws-modules/s3-bucket/aws", bucket, None),
            ("registry.terraform.io/terraform-aws-modules/s3-bucket/aws", bucket, None),
            ("git::https://github.com/terraform-aws-modules/terraform-aws-s3-bucket.git?ref=v4.1.0", bucket, Some("v4.1.0")),
            ("github.com/terraform-aws-modules/terraform-aws-s3-bucket", bucket, None),
            ("git@github.com:terraform-aws-modules/terraform-aws-s3-bucket.git", bucket, None),
            ("git::ssh://git@github.com/terraform-aws-modules/terraform-aws-s3-bucket.git?depth=1&ref=v3.0.0", bucket, Some("v3.0.0")),
            ("tfr:///terraform-aws-modules/s3-bucket/aws?version=4.1.0", bucket, Some("4.1.0")),
            ("https://github.com/terraform-aws-modules/terraform-aws-s3-bucket", bucket, None),
            ("terraform-aws-modules/iam/aws//modules/iam-user", "terraform-aws-modules/iam/aws//modules/iam-user", None),
            (
                "git::https://github.com/terraform-aws-modules/terraform-aws-iam.git//modules/iam-user?ref=v5",
                "terraform-aws-modules/iam/aws//modules/iam-user",
                Some("v5"),
            ),
            ("app.terraform.io/acme/vpc/aws", "app.terraform.io/acme/vpc/aws", None),
            ("github.com/acme/infra", "github.com/acme/infra", None),
        ] {
            assert_eq!(address(source), Some(Address { name: name.to_owned(), version: version.map(str::to_owned) }), "{source}");
        }
        for source in ["./m", "../m", "/etc/m", "", "vpc"] {
            assert_eq!(address(source), None, "{source}");
        }
    }

    #[test]
    fn a_version_allows_one_major_or_nobody_knows() {
        for (version, expected) in [
            ("~> 4.1", Some(4)),
            ("4.1.2", Some(4)),
            ("= 3.0.0", Some(3)),
            ("v5.1.0", Some(5)),
            ("~> 4", None),
            (">= 3.0", None),
            (">= 3.0, < 5.0", None),
            ("1234567", None),
            ("main", None),
            ("8f3c2d1", None),
        ] {
            assert_eq!(major(version), expected, "{version}");
        }
    }

    #[test]
    fn a_module_is_found_by_name_and_version_and_a_users_own_goes_first() {
        let module = |name: &str, versions: &[u32]| RemoteModule {
            name: name.to_owned(),
            sources: vec!["app.terraform.io/acme/b/aws".to_owned()],
            versions: versions.to_vec(),
            taken_from: "1".to_owned(),
            kinds: vec!["aws_s3_bucket".to_owned()],
        };
        let mut all = RemoteModules::default();
        all.add(module("acme/b/aws", &[2]), "two".to_owned());
        all.add(module("acme/b/aws", &[1]), "one".to_owned());
        all.add(module("acme/b/aws", &[1]), "one again".to_owned());
        let found = |source: &str, version: Option<&str>| all.find(source, version).map(|index| all.hcl(index).to_owned());
        assert_eq!(found("acme/b/aws", None).as_deref(), Some("two"));
        assert_eq!(found("acme/b/aws", Some("~> 1.4")).as_deref(), Some("one again"));
        assert_eq!(found("github.com/acme/terraform-aws-b?ref=v1.0.0", None).as_deref(), Some("one again"));
        assert_eq!(found("app.terraform.io/acme/b/aws", None).as_deref(), Some("two"));
        assert_eq!(found("acme/b/aws", Some("3.0.0")), None);
        assert_eq!(all.words(&|kind| kind == "aws_s3_bucket"), ["acme/b/aws", "acme/terraform-aws-b", "app.terraform.io/acme/b/aws"]);
        assert!(all.words(&|kind| kind == "aws_sqs_queue").is_empty());
    }
}
