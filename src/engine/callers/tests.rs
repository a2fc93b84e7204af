use super::*;
use crate::iac::Memory;
use crate::rule::RuleSet;

/// Files in memory; every read is counted.
struct Counting {
    files: Memory,
    reads: Mutex<BTreeMap<Vec<u8>, usize>>,
}

impl Counting {
    fn of(files: &[(String, String)]) -> Self {
        let files = Memory::of(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        Counting { files, reads: Mutex::default() }
    }

    /// The paths that were read, and how often the one that was read most.
    fn reads(&self) -> (BTreeSet<String>, usize) {
        let reads = self.reads.lock().expect("nobody panicked");
        let paths = reads.keys().map(|path| String::from_utf8_lossy(path).into_owned()).collect();
        (paths, reads.values().copied().max().unwrap_or(0))
    }
}

impl Tree for Counting {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        self.files.list(folder)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        *self.reads.lock().expect("nobody panicked").entry(path.to_vec()).or_default() += 1;
        self.files.read(path)
    }

    fn input(&self, path: &[u8]) -> Input {
        self.files.input(path)
    }
}

fn policy() -> Compiled {
    let set = RuleSet::embedded();
    Compiled::new(set.rules().iter().enumerate(), set.views(), set.tables()).expect("sound rules")
}

const BUCKET: &str = "variable \"acl\" {}\nresource \"aws_s3_bucket\" \"b\" {\n  acl = var.acl\n}\n";

/// Roots that each call a child of their own; with a backend, if asked.
fn roots(count: usize, backend: bool) -> Vec<(String, String)> {
    let backend = if backend { "terraform {\n  backend \"s3\" {}\n}\n" } else { "" };
    (0..count)
        .flat_map(|n| {
            let main = format!("{backend}module \"child\" {{\n  source = \"./child\"\n  acl    = \"private\"\n}}\n{BUCKET}");
            [
                (format!("r{n}/main.tf"), main),
                (format!("r{n}/child/main.tf"), BUCKET.to_owned()),
                (format!("r{n}/values.tfvars"), "acl = 1\n".to_owned()),
                (format!("r{n}/notes.md"), "module \"./child\"\n".to_owned()),
            ]
        })
        .collect()
}

fn called(tree: &Counting, base: Option<&dyn Tree>, changed: &str) -> (BTreeSet<String>, Vec<String>) {
    let mut folders = BTreeSet::from([changed.as_bytes().to_vec()]);
    let mut remembered = Remembered::new(tree);
    let unread = add(&policy(), &mut remembered, base, &mut folders, 2);
    // What is evaluated afterwards is read from memory.
    for folder in &folders {
        for entry in tree.list(folder).expect("a folder").iter().filter(|entry| is_source(entry)) {
            remembered.read(entry.path.bytes()).expect("there");
        }
    }
    (folders.iter().map(|folder| String::from_utf8_lossy(folder).into_owned()).collect(), unread)
}

#[test]
fn a_root_with_a_backend_is_asked_for_no_callers() {
    let tree = Counting::of(&roots(1000, true));
    let (folders, _) = called(&tree, Some(&tree), "r7");
    assert_eq!(folders, BTreeSet::from(["r7".to_owned()]));
    assert_eq!(tree.reads().0, BTreeSet::from(["r7/main.tf".to_owned()]), "nothing else of 1,000 roots is read");
}

#[test]
fn a_child_leads_to_its_root_and_each_source_is_read_once() {
    let tree = Counting::of(&roots(100, false));
    let (folders, unread) = called(&tree, None, "r7/child");
    assert_eq!((folders, unread.len()), (BTreeSet::from(["r7".to_owned(), "r7/child".to_owned()]), 0));
    let (paths, most) = tree.reads();
    assert!(paths.iter().all(|path| path.ends_with("main.tf")), "only sources can call: {paths:?}");
    assert_eq!((paths.len(), most), (200, 1));
}

#[test]
fn a_backend_that_only_the_change_brings_hides_nobody() {
    let call = ("env/main.tf".to_owned(), "module \"m\" {\n  source = \"../mod\"\n}\n".to_owned());
    let base = Counting::of(&[call.clone(), ("mod/main.tf".to_owned(), BUCKET.to_owned())]);
    let head = Counting::of(&[call, ("mod/main.tf".to_owned(), format!("terraform {{\n  backend \"local\" {{}}\n}}\n{BUCKET}"))]);
    let both = BTreeSet::from(["env".to_owned(), "mod".to_owned()]);
    assert_eq!(called(&head, Some(&base), "mod").0, both);
    assert_eq!(called(&head, Some(&head), "mod").0.len(), 1, "one that was there before is a root's");
}

#[test]
fn callers_of_callers_are_found_upwards_sideways_and_in_json() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let tree = Counting::of(&[
        file("mods/a/main.tf", BUCKET),
        file("mods/b/main.tf", "module \"a\" {\n  source = \"../a/\"\n}\n"),
        file("env/prod/main.tf", "module \"b\" {\n  source = \"../../mods/./b\"\n}\n"),
        file("mods/a/examples/x/main.tf", "module \"a\" {\n  source = \"../..\"\n}\n"),
        file("json/main.tf.json", "{\"module\": {\"a\": {\"source\": \"../mods/a\"}}}"),
        file("slashes/main.tf.json", "{\"module\": {\"a\": {\"source\": \"..\\/mods\\/a\"}}}"),
        file("escaped/main.tf", "module \"a\" {\n  source = \"\\u002e./mods/a\"\n}\n"),
        file("other/main.tf", "module \"a\" {\n  source = \"../mods/aa\"\n}\n"),
        file("live/terragrunt.hcl", "terraform {\n  source = \"${get_repo_root()}/mods//a\"\n}\n"),
        file("live/x/terragrunt.hcl", "terraform {\n  source = \"../../mods/a\"\n}\n"),
        file("merged/main_override.tf", "module \"a\" {\n  source = \"../mods/a\"\n}\n"),
        file("out/main.tf", "module \"a\" {\n  source = \"../../mods/a\"\n}\n"),
        file("words/main.tf", "locals {\n  x = \"../mods/a\"\n}\n"),
    ]);
    let wanted =
        ["env/prod", "escaped", "json", "live", "live/x", "merged", "mods/a", "mods/a/examples/x", "mods/b", "slashes"].map(str::to_owned);
    assert_eq!(called(&tree, None, "mods/a").0, BTreeSet::from(wanted));
}

/// Modules that Terragrunt calls have a backend, for it to fill in.
#[test]
fn a_backend_hides_no_call_of_terragrunt() {
    let mut files = roots(50, true);
    files.push(("live/terragrunt.hcl".to_owned(), "terraform {\n  source = \"../r7\"\n}\n".to_owned()));
    let tree = Counting::of(&files);
    assert_eq!(called(&tree, Some(&tree), "r7").0, BTreeSet::from(["live".to_owned(), "r7".to_owned()]));
    assert_eq!(tree.reads(), (BTreeSet::from(["live/terragrunt.hcl".to_owned(), "r7/main.tf".to_owned()]), 2));
}

#[test]
fn a_circle_of_callers_ends() {
    let call = |to: &str| format!("module \"m\" {{\n  source = \"{to}\"\n}}\n{BUCKET}");
    let tree = Counting::of(&[("a/main.tf".to_owned(), call("../b")), ("b/main.tf".to_owned(), call("../a"))]);
    assert_eq!(called(&tree, None, "a").0.len(), 2);
}
