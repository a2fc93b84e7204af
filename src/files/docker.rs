//! Dockerfiles: what they set in the image's environment, and which credential files they copy into it.

use super::credentials::Setting;
use super::glob::Glob;
use crate::base::secret::Secret;
use crate::finding::{Finding, Label, group_of};
use crate::rule::Rule;
use crate::subject::Subject;
use crate::syntax::dockerfile::{Instruction, instructions};

/// Files that are credentials whatever is in them, as far as a Dockerfile tells. Not those that are public as often: `*.pem`.
const CREDENTIALS: &[&str] = &[
    ".env",
    ".env.{local,prod,production,dev,development,staging,live}",
    "{prod,production,staging,secrets}.env",
    "{.aws,.ssh,.kube,.gnupg,.azure,.git}",
    ".aws/*",
    ".ssh/{id_*,config}",
    "id_{rsa,dsa,ecdsa,ed25519}",
    "{.netrc,_netrc,.git-credentials,.pgpass,.my.cnf,.pypirc,.vault-token,.htpasswd}",
    ".docker/config.json",
    ".config/gcloud/*",
    ".kube/config",
    "kubeconfig",
    "{service-account,service_account,serviceaccount,client_secret,application_default_credentials}*.json",
    "*.{tfstate,ppk,kdbx,p12,pfx}",
    "{master.key,secrets.yml,.credentials}",
];

/// What `ENV` and `ARG` set: `KEY=value` words, and the old form `ENV KEY value`.
pub(super) fn read_environment(bytes: &[u8]) -> Vec<Setting> {
    let mut all = Vec::new();
    for Instruction { name, words } in instructions(bytes) {
        let name = &bytes[name];
        if !(name.eq_ignore_ascii_case(b"ENV") || name.eq_ignore_ascii_case(b"ARG")) {
            continue;
        }
        let text = |range: std::ops::Range<usize>| String::from_utf8_lossy(&bytes[range]).into_owned();
        let sign = |word: &std::ops::Range<usize>| memchr::memchr(b'=', &bytes[word.clone()]).map(|at| word.start + at);
        if let [key, value] = words.as_slice()
            && sign(key).is_none()
        {
            all.push(Setting::new(text(key.clone()), value.clone()));
            continue;
        }
        for word in words {
            let Some(at) = sign(&word) else { continue };
            let value = at + 1..word.end;
            let is_quoted = value.len() >= 2 && matches!(bytes[value.start], b'"' | b'\'') && bytes[value.end - 1] == bytes[value.start];
            let value = if is_quoted { value.start + 1..value.end - 1 } else { value };
            all.push(Setting::new(text(word.start..at), value));
        }
    }
    all
}

/// The files and folders of the build's context that are copied, by the instruction that does it. What another stage made is not
/// among them.
pub(super) fn read_copies(bytes: &[u8]) -> Vec<Setting> {
    let mut all = Vec::new();
    for Instruction { name, mut words } in instructions(bytes) {
        let copies = [&b"COPY"[..], b"ADD"].iter().any(|copy| bytes[name.clone()].eq_ignore_ascii_case(copy));
        if !copies || words.iter().any(|word| bytes[word.clone()].starts_with(b"--from=")) {
            continue;
        }
        words.retain(|word| !bytes[word.clone()].starts_with(b"--"));
        words.pop();
        let key = String::from_utf8_lossy(&bytes[name]).to_uppercase();
        all.extend(words.into_iter().map(|value| Setting::new(key.clone(), value)));
    }
    all
}

/// One finding for all credential files that are copied.
pub(super) fn judge_copies(rule: &Rule, fix: &str, copies: &[Setting], subject: &Subject<'_>) -> Option<Finding> {
    let bytes = subject.bytes();
    let names: Vec<Glob> = CREDENTIALS.iter().map(|name| Glob::new(name)).collect();
    let is_credential = |copy: &&Setting| {
        let path = bytes.get(copy.value.clone()).unwrap_or_default();
        let path = path.strip_suffix(b"/").unwrap_or(path);
        names.iter().any(|name| name.matches(path))
    };
    let mut told: Vec<&Setting> = copies.iter().filter(is_credential).collect();
    told.sort_by_key(|copy| (!subject.in_focus(copy.value.clone()), copy.value.start));
    let (first, others) = told.split_first().filter(|(first, _)| subject.in_focus(first.value.clone()))?;
    let paths: Vec<_> = told.iter().map(|copy| String::from_utf8_lossy(&bytes[copy.value.clone()])).collect();
    let group = group_of(&rule.meta.id, &Secret::new(paths.join("\n").as_bytes()));
    let message = format!("{}: {}", rule.meta.title, paths[..paths.len().min(SHOWN)].join(", "));
    Some(Finding {
        related: others
            .iter()
            .take(SHOWN)
            .map(|copy| Label { place: subject.place(copy.value.clone()), text: "and this".to_owned(), repeats: true })
            .collect(),
        ..super::finding(rule, fix, message, subject.place(first.value.clone()), group, subject)
    })
}

/// Files that a finding names.
const SHOWN: usize = 10;
