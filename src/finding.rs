//! What everybody talks about: findings, their places, and what could not be looked at.

mod exposure;

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::base::entropy::bits;
use crate::base::excerpt::{Excerpt, Lines};
use crate::base::ids::{Confidence, Fingerprint, RuleId, Severity};
use crate::base::secret::Secret;
use crate::base::span::{FileId, Span, offset};

pub use exposure::{Exposure, Sighting, precedence};

/// An input, and where in it. Without a span it is all of the input: a keystore, a missing control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: FileId,
    pub span: Option<Span>,
    /// The lines around the span, pinned by whoever had the bytes.
    pub excerpt: Option<Arc<Excerpt>>,
    /// Where the span is a secret: how many bytes at either end a report may show.
    pub conceal: Option<(u8, u8)>,
}

impl Place {
    #[must_use]
    pub fn whole(file: FileId) -> Self {
        Place { file, span: None, excerpt: None, conceal: None }
    }

    #[must_use]
    pub fn pinned(span: Span, excerpt: Excerpt) -> Self {
        Place { file: span.file, span: Some(span), excerpt: Some(Arc::new(excerpt)), conceal: None }
    }

    /// A line of a text, from 1, without the space before it.
    #[must_use]
    pub fn of_line(file: FileId, text: &[u8], line: u32) -> Self {
        let start: usize = text.split_inclusive(|byte| *byte == b'\n').take((line as usize).saturating_sub(1)).map(<[u8]>::len).sum();
        let end = start + text[start..].iter().position(|byte| *byte == b'\n').unwrap_or(text.len() - start);
        let start = start + text[start..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        Place::pinned(Span::new(file, offset(start)..offset(end)), Lines::new(text).excerpt(start..end))
    }

    #[must_use]
    pub fn concealed(mut self, keep: (u8, u8)) -> Self {
        self.conceal = Some(keep);
        self
    }
}

/// A second place, and what it has to do with the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub place: Place,
    pub text: String,
    /// The rule is broken here as well, so that an inline ignore must speak of this place too.
    pub repeats: bool,
}

/// What to do: a sentence, what to write instead where a rule knows it, and the commands where there are any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fix {
    pub text: String,
    pub snippet: Option<Snippet>,
    pub commands: Vec<String>,
}

/// Source that keeps a rule, in the dialect of the file that breaks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    pub dialect: Dialect,
    pub text: String,
}

/// How infrastructure code is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Terraform.
    Hcl,
    /// CloudFormation, and what becomes it: SAM, serverless.yml.
    Cfn,
}

impl Dialect {
    /// The dialect that a kind belongs to: `aws_s3_bucket`, `provider.aws`; `AWS::S3::Bucket`, a template's `parameter`.
    #[must_use]
    pub fn of_kind(kind: &str) -> Dialect {
        if kind.contains("::") || kind == "parameter" { Dialect::Cfn } else { Dialect::Hcl }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::Hcl => "hcl",
            Dialect::Cfn => "cfn",
        }
    }
}

/// Whether a finding counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    /// Somebody said that it may stand.
    Suppressed {
        by: By,
        reason: String,
    },
    Baselined,
}

/// Where somebody said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// In a comment beside it.
    Inline,
    /// In the allow list of the configuration.
    Configuration,
    /// In another tool's mark or file, by the name of that tool.
    Tool(&'static str),
    /// By something that only a newer gatepost knows, in a report that it saved.
    Other,
}

impl By {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            By::Inline => "inline",
            By::Configuration => "configuration",
            By::Tool(name) => name,
            By::Other => "other",
        }
    }
}

/// What the change that was looked at has to do with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    New,
    Existing,
    Fixed,
}

/// A value to mask wherever it stands in a report, and how many bytes at either end say what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    pub value: Secret,
    pub keep: (u8, u8),
}

/// What a finding is known by, wherever its lines go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The rule and what breaks it.
    pub what: Fingerprint,
    /// The file, or the folder of the root module.
    pub path: Arc<[u8]>,
}

impl Identity {
    #[must_use]
    pub fn new(what: Fingerprint, path: &[u8]) -> Self {
        Identity { what, path: path.into() }
    }

    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint("finding", &[&self.what.0, &self.path])
    }
}

/// An instance of a resource, and where somebody may speak of it: its header, its key, the calls of modules that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub address: String,
    pub places: Vec<Place>,
}

/// One rule broken in one input. A pair (id and secret) is one finding, under the id's rule.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: RuleId,
    pub families: Arc<[String]>,
    pub severity: Severity,
    pub confidence: Confidence,
    pub message: String,
    pub primary: Place,
    pub related: Vec<Label>,
    /// A Terraform address or a CloudFormation logical id.
    pub resource: Option<String>,
    pub fix: Option<Fix>,
    pub identity: Identity,
    /// The same for the same secret in another input.
    pub group: Fingerprint,
    /// The instances of resources that it is about, where it is about any.
    pub owners: Vec<Owner>,
    pub state: State,
    /// True where the suppression came with the change itself.
    pub suppressed_here: bool,
    pub change: Option<Change>,
    /// The account that a credential is of, where the value tells.
    pub account: Option<String>,
    /// Since when it stands in the history that was looked at.
    pub exposure: Option<Box<Exposure>>,
    /// Every value that must not leave; the report masks them wherever they stand.
    pub secrets: Vec<Masked>,
}

impl Finding {
    /// An active finding with what each has; what only some have is added by whoever knows it.
    #[must_use]
    pub fn new(
        rule: RuleId,
        (severity, confidence): (Severity, Confidence),
        message: impl Into<String>,
        primary: Place,
        identity: Identity,
    ) -> Finding {
        Finding {
            rule,
            families: Arc::from([]),
            severity,
            confidence,
            message: message.into(),
            primary,
            related: Vec::new(),
            resource: None,
            fix: None,
            group: identity.what,
            identity,
            owners: Vec::new(),
            state: State::Active,
            suppressed_here: false,
            change: None,
            account: None,
            exposure: None,
            secrets: Vec::new(),
        }
    }

    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.identity.fingerprint()
    }

    /// Whether it is about a credential. What only stands beside one is masked in a finding on something else.
    #[must_use]
    pub fn is_credential(&self) -> bool {
        !self.secrets.is_empty() && (self.resource.is_none() || self.primary.conceal.is_some())
    }
}

/// A hash of parts under a domain, each part with its length, so that no two lists run together.
#[must_use]
pub fn fingerprint(domain: &str, parts: &[&[u8]]) -> Fingerprint {
    let mut hash = Sha256::new();
    hash.update(b"gatepost/");
    hash.update(domain.as_bytes());
    hash.update([0]);
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut out = [0; 16];
    out[0] = Fingerprint::VERSION;
    out[1..].copy_from_slice(&hash.finalize()[..15]);
    Fingerprint(out)
}

/// Bits of entropy (Shannon, over the value's own bytes) under which a value is guessable from its digest.
const GUESSABLE_BITS: f32 = 64.0;

/// The group of a secret: rule and value. A guessable value is cut to a 16-bit tag, so that a committed baseline is no
/// oracle for passwords.
#[must_use]
pub fn group_of(rule: &RuleId, value: &Secret) -> Fingerprint {
    let digest = fingerprint("value", &[value.expose()]);
    let known = if bits(value.expose()) < GUESSABLE_BITS { &digest.0[1..3] } else { &digest.0[1..] };
    fingerprint("group", &[rule.as_str().as_bytes(), known])
}

/// A rule that is neither broken nor kept by a resource, as far as the source tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    pub rule: RuleId,
    /// The resource's address.
    pub resource: String,
    /// The resource's header.
    pub place: Place,
    /// What would have to be known: `var.acl`.
    pub why: String,
}

/// Why an input was not looked at, by somebody's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// An ignore file names it and git does not track it.
    Ignored,
    /// `--exclude` names it.
    Excluded,
    Submodule,
    /// A link; what it points at is looked at where it lies. In git, the target's text is scanned instead.
    Link,
    /// A device, a pipe, a socket.
    Special,
    LfsPointer,
    /// Larger than the user's own `--max-file-size`.
    TooLargeForUser,
}

impl Skip {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Skip::Ignored => "ignored and not tracked",
            Skip::Excluded => "excluded",
            Skip::Submodule => "submodule",
            Skip::Link => "symbolic link",
            Skip::Special => "not a regular file",
            Skip::LfsPointer => "LFS pointer",
            Skip::TooLargeForUser => "over --max-file-size",
        }
    }
}

/// What kind of thing went wrong with an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    Unreadable,
    /// Not, or only in part, parsed where a rule needed it.
    Unparsed,
    /// Over a limit of gatepost's own.
    Limit,
    /// An object or a range that the repository does not have.
    Missing,
    /// A fault of gatepost's own, contained to one input.
    Internal,
}

impl Failure {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Failure::Unreadable => "unreadable",
            Failure::Unparsed => "unparsed",
            Failure::Limit => "over a limit",
            Failure::Missing => "missing",
            Failure::Internal => "internal error",
        }
    }
}

/// Something that was not, or not fully, looked at; it stands beside the findings in every report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The input, if it is about one.
    pub place: Option<Place>,
    pub kind: Failure,
    pub message: String,
    pub help: Option<String>,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(fingerprint("d", &[b"ab", b"c"]), fingerprint("d", &[b"a", b"bc"]));
        assert_ne!(fingerprint("d", &[b"a"]), fingerprint("e", &[b"a"]));
        assert_eq!(fingerprint("d", &[b"a"]).to_string().len(), 32);
        assert!(fingerprint("d", &[b"a"]).to_string().starts_with("01"));
    }

    /// 16 bits are left of a guessable value: among 200,000 passwords, many share a group.
    #[test]
    fn a_weak_value_is_not_told_by_its_group() {
        let rule = RuleId::from("r");
        let groups: std::collections::HashSet<_> =
            (0..200_000).map(|n| group_of(&rule, &Secret::new(format!("pw{n}").as_bytes()))).collect();
        assert!(groups.len() <= 65_536);
        let strong = |c: char| group_of(&rule, &Secret::new(format!("q8Zr2Lw0{c}VbN5xKt7Yp1MdHc").as_bytes()));
        assert_ne!(strong('a'), strong('b'));
    }
}
