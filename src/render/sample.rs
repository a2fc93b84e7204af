//! One report with every kind of thing in it, for tests of every format.

use std::ops::Range;
use std::sync::Arc;

use crate::base::excerpt::Lines;
use crate::base::ids::{Confidence, RuleId, Severity};
use crate::base::secret::Secret;
use crate::base::span::{FileId, Span};
use crate::finding::{
    By, Change, Dialect, Exposure, Failure, Finding, Fix, Identity, Label, Masked, Place, Sighting, Skip, Snippet, State, Trouble,
    Unanswered, fingerprint,
};
use crate::input::{Input, InputPath, ObjectId, Origin};
use crate::report::{Counts, Draft, Report, RuleInfo};

/// A path that tries everything: a new line, a terminal escape, an override of direction, a build server's command.
pub const HOSTILE_PATH: &[u8] = b"::error file=x::a\n\x1b[2J\xe2\x80\xae##[error]b\x07.env";
/// No UTF-8.
pub const BYTE_PATH: &[u8] = b"caf\xe9/\xff.env";

/// Builds a draft: inputs get their numbers as they come.
#[derive(Default)]
pub struct Sketch {
    pub draft: Draft,
}

impl Sketch {
    pub fn input(&mut self, path: &[u8], origin: Origin) -> FileId {
        self.draft.inputs.push(Input { path: InputPath::new(path), origin });
        FileId(u32::try_from(self.draft.inputs.len() - 1).expect("few"))
    }

    pub fn finding(&mut self, rule: &str, severity: Severity, message: &str, primary: Place) -> &mut Finding {
        let at = self.draft.findings.len().to_le_bytes();
        let identity = Identity::new(fingerprint("sample", &[&at]), b"");
        self.draft.findings.push(Finding {
            families: Arc::from(["some-family".to_owned()]),
            group: fingerprint("sample group", &[&at]),
            ..Finding::new(RuleId::from(rule), (severity, Confidence::High), message, primary, identity)
        });
        self.draft.findings.last_mut().expect("just pushed")
    }

    pub fn seal(self) -> Report {
        Report::seal(self.draft)
    }
}

/// The place of the `nth` occurrence of `needle`.
pub fn place(file: FileId, text: &str, needle: &str, nth: usize) -> Place {
    let at = text.match_indices(needle).nth(nth).expect("it stands there").0;
    at_range(file, text.as_bytes(), at..at + needle.len())
}

pub fn at_range(file: FileId, text: &[u8], range: Range<usize>) -> Place {
    let offset = |at: usize| u32::try_from(at).expect("small");
    let excerpt = Lines::new(text).excerpt(range.clone());
    Place::pinned(Span::new(file, offset(range.start)..offset(range.end)), excerpt)
}

fn object(byte: u8) -> ObjectId {
    ObjectId::new(&[byte; 20]).expect("20 bytes")
}

/// A key id of no account, never written out.
pub fn key_id(letter: &str) -> String {
    format!("AKIA{}", letter.repeat(16))
}

/// Everything at once.
pub fn report() -> Report {
    let mut sketch = Sketch::default();
    pair(&mut sketch);
    resource(&mut sketch);
    hostile(&mut sketch);
    long_line(&mut sketch);
    copies(&mut sketch);
    origins(&mut sketch);
    let env = sketch.input(b"deploy/.env", Origin::File);
    let found = sketch.finding("env-file", Severity::Medium, "A file of credentials: 3 real values", Place::whole(env));
    found.confidence = Confidence::Medium;
    silent(&mut sketch);
    troubles(&mut sketch);
    sketch.draft.counts =
        Counts { scanned: 41, skipped: [(Skip::Ignored, 2), (Skip::Submodule, 1)].into_iter().collect(), failed: 1, bytes: 1_234_567 };
    sketch.draft.notes = vec!["a.tf:3: ignore[s3-public-acl] is not needed: nothing is found there".to_owned()];
    let info = |title: &str, fix: &str| RuleInfo {
        title: title.to_owned(),
        why: format!("{title}: whoever sees it can use it."),
        fix: fix.to_owned(),
        severity: Severity::High,
        confidence: Confidence::High,
        group: "some-group".to_owned(),
        families: vec!["some-family".to_owned()],
        references: vec!["https://docs.aws.amazon.com/IAM/latest/UserGuide/".to_owned()],
        controls: vec!["CIS 3.0.0: 2.1.4".to_owned()],
    };
    sketch.draft.rules = [
        (
            "aws-access-key",
            info("AWS access key", "Deactivate the key in IAM, then remove it from the code and from history; prefer a role."),
        ),
        ("env-file", info("Credentials in a dotenv file", "Take the file out of the repository and rotate what is in it.")),
        ("s3-public-acl", info("Public bucket by ACL", "Set the ACL to private and add a public access block.")),
    ]
    .map(|(id, info)| (RuleId::from(id), info))
    .into_iter()
    .collect();
    sketch.seal()
}

/// A key id and its secret on the next line, staged: one finding.
fn pair(sketch: &mut Sketch) {
    let (id, secret) = (key_id("Q"), "s3cr3t/".repeat(6)[..40].to_owned());
    let text = format!("[prod]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\nregion = eu-west-1\n");
    let file = sketch.input(b"deploy/credentials.ini", Origin::Staged);
    let primary = place(file, &text, &id, 0).concealed((4, 4));
    let message = format!("AWS access key {id} of account 581039954779, with its secret; only staged, nothing has leaked yet");
    let found = sketch.finding("aws-access-key", Severity::Critical, &message, primary);
    found.related.push(Label { place: place(file, &text, &secret, 0).concealed((0, 0)), text: "its secret".to_owned(), repeats: false });
    found.secrets =
        vec![Masked { value: Secret::new(id.as_bytes()), keep: (4, 4) }, Masked { value: Secret::new(secret.as_bytes()), keep: (0, 0) }];
    found.fix = Some(Fix {
        text: "Take it out of the index, then put it where no repository is, a role or a secret store.".to_owned(),
        snippet: None,
        commands: vec!["git restore --staged deploy/credentials.ini".to_owned()],
    });
    found.change = Some(Change::New);
}

/// A resource, whose value came through a variable in another file.
fn resource(sketch: &mut Sketch) {
    let main = "resource \"aws_s3_bucket_acl\" \"logs\" {\n\tbucket = aws_s3_bucket.logs.id\n\tacl    = var.acl\n}\n";
    let variables = "variable \"acl\" {\n  default = \"public-read\"\n}\n";
    let (main_file, variables_file) = (sketch.input(b"infra/main.tf", Origin::File), sketch.input(b"infra/variables.tf", Origin::File));
    let related =
        Label { place: place(variables_file, variables, "\"public-read\"", 0), text: "default of var.acl".to_owned(), repeats: false };
    let message = "ACL public-read makes aws_s3_bucket.logs public";
    let found = sketch.finding("s3-public-acl", Severity::High, message, place(main_file, main, "var.acl", 0));
    found.related.push(related);
    found.resource = Some("aws_s3_bucket_acl.logs".to_owned());
    let snippet = Snippet { dialect: Dialect::Hcl, text: "resource \"aws_s3_bucket_acl\" \"logs\" {\n\tacl = \"private\"\n}".to_owned() };
    let text = "Set the ACL to private and add a public access block.".to_owned();
    found.fix = Some(Fix { text, snippet: Some(snippet), commands: Vec::new() });
}

/// Hostile in path, content, message, label, resource, fix and command.
fn hostile(sketch: &mut Sketch) {
    let evil = "::error::x\u{1b}]0;t\u{7}\u{9b}31m\u{202e}##[error]y\r\n::z";
    let text = format!("before\n{evil} KEY\nafter\n");
    let file = sketch.input(HOSTILE_PATH, Origin::Stdin);
    let primary = place(file, &text, "KEY", 0);
    let found = sketch.finding("some-rule", Severity::Low, evil, primary);
    found.related.push(Label { place: Place::whole(file), text: evil.to_owned(), repeats: false });
    found.resource = Some(evil.to_owned());
    found.fix = Some(Fix {
        text: evil.to_owned(),
        snippet: Some(Snippet { dialect: Dialect::Cfn, text: format!("{evil}\n  {evil}") }),
        commands: vec![format!("rm {evil}")],
    });
}

/// A minified line with a label past where miette panics; in a path that is no UTF-8.
fn long_line(sketch: &mut Sketch) {
    let mut text = "x=1;".repeat(25_000);
    text.replace_range(70_000..70_003, "KEY");
    let file = sketch.input(BYTE_PATH, Origin::File);
    sketch.finding("some-rule", Severity::High, "A key in a minified file", place(file, &text, "KEY", 0));
}

/// The same secret in 15 files.
fn copies(sketch: &mut Sketch) {
    let text = "TOKEN=the-same-value\n";
    for n in 0..15 {
        let file = sketch.input(format!("svc/{n:02}.env").as_bytes(), Origin::File);
        let found = sketch.finding("some-token", Severity::High, "A token", place(file, text, "the-same-value", 0).concealed((0, 0)));
        found.group = fingerprint("sample group", &[b"copies"]);
        found.secrets = vec![Masked { value: Secret::new(b"the-same-value"), keep: (0, 0) }];
    }
}

fn origins(sketch: &mut Sketch) {
    let text = "k = KEY\n";
    let all = [
        ("old/config.py", Origin::Commit { id: object(0xa1), when: 1_740_787_200 }),
        ("lost.txt", Origin::Unreachable { id: object(0xb2) }),
        ("a commit message", Origin::Message { id: object(0xc3) }),
    ];
    for (path, origin) in all {
        let file = sketch.input(path.as_bytes(), origin);
        let is_commit = path.starts_with("old/");
        let found = sketch.finding("some-rule", Severity::Info, "An old key", place(file, text, "KEY", 0));
        found.change = Some(Change::Existing);
        if is_commit {
            let sighting =
                |byte: u8, when: i64, author: Option<&str>| Sighting { commit: object(byte), when, author: author.map(str::to_owned) };
            found.secrets = vec![Masked { value: Secret::new(b"a-value-of-old"), keep: (0, 0) }];
            found.account = Some("123456789012".to_owned());
            found.exposure = Some(Box::new(Exposure {
                first: sighting(0xa1, 1_740_787_200, Some("A. Uthor \u{1b}[31m<a@example.com>")),
                last: sighting(0xa2, 1_750_787_200, None),
                still_in: Some("refs/heads/main".to_owned()),
                until: 1_760_787_200,
            }));
        }
    }
    let root = sketch.input(b".", Origin::Root);
    sketch.finding("no-trail", Severity::Medium, "No CloudTrail is defined anywhere", Place::whole(root));
}

/// What is not shown: suppressed, baselined.
fn silent(sketch: &mut Sketch) {
    let file = sketch.input(b"tests/fixture.py", Origin::File);
    let text = "k = KEY  # gatepost: ignore[some-rule] a fixture\n";
    let state = [State::Suppressed { by: By::Inline, reason: "a fixture".to_owned() }, State::Baselined];
    for state in state {
        sketch.finding("some-rule", Severity::Critical, "A hidden finding", place(file, text, "KEY", 0)).state = state;
    }
}

fn troubles(sketch: &mut Sketch) {
    let text = "resource \"x\" {\n  a = [\n";
    let file = sketch.input(b"infra/broken.tf", Origin::File);
    let (header, why) = (place(file, text, "resource", 0), "var.\u{1b}[2J".to_owned());
    sketch.draft.unanswered.push(Unanswered { rule: "some-rule".into(), resource: "x.\u{202e}y".to_owned(), place: header, why });
    let place = place(file, text, "[", 0);
    let help = Some("close the list".to_owned());
    let message = "a list that is never closed".to_owned();
    sketch.draft.troubles.push(Trouble { place: Some(place), kind: Failure::Unparsed, message, help });
    let file = sketch.input(b"secret.bin", Origin::File);
    let message = "permission denied".to_owned();
    sketch.draft.troubles.push(Trouble { place: Some(Place::whole(file)), kind: Failure::Unreadable, message, help: None });
    let help = Some("fetch with `fetch-depth: 0`".to_owned());
    let message = "the base commit is not in this clone".to_owned();
    sketch.draft.troubles.push(Trouble { place: None, kind: Failure::Missing, message, help });
}
