//! The shape of a rule, and how it is [read](read_file) from data.
//!
//! build.rs compiles this file too, with what it imports beside and below it, so that the built-in rules and a user's are read by
//! the same lines.

mod read;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::ids::{Confidence, RuleId, Severity};
use crate::rule::names::Sought;
use crate::rule::outline::Outline;
use crate::rule::raw::Raw;
pub use crate::rule::table::Table;
pub use read::read_file;

/// A rule as the engine needs it; its [`Page`] stays encoded until somebody asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub meta: RuleMeta,
    pub body: Body,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleMeta {
    pub id: RuleId,
    /// The top folder under `rules/`: `secrets`, `files`, `s3`.
    pub group: String,
    pub families: Vec<String>,
    pub title: String,
    pub severity: Severity,
    pub confidence: Confidence,
    pub default_on: bool,
    /// Old and foreign ids that also name it.
    pub aliases: Vec<String>,
}

/// What a person reads: `gatepost explain`, `docs/rules/`, the fix beside a finding; and the examples that prove it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    pub why: String,
    pub fix: String,
    /// What to write instead, by dialect.
    pub snippets: Snippets,
    pub references: Vec<String>,
    pub controls: Vec<String>,
    pub since: Option<String>,
    pub bad: Vec<Example>,
    pub good: Vec<Example>,
}

/// A fix as source, in the dialects that it is written in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snippets {
    pub hcl: Option<String>,
    pub cfn: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// Shared with whoever matches it.
    Secret(Arc<SecretBody>),
    File(FileBody),
    Policy(PolicyBody),
    /// What is told of the policy of the repository itself.
    Suppression(Told),
}

/// What a rule on suppressions tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Told {
    /// It does not hold: no reason, no such rule, no such day.
    Invalid,
    /// Nothing needs it.
    Unused,
    /// Its last day has passed.
    Expired,
    /// A change touches what decides about findings.
    Changed,
}

impl Told {
    pub const ALL: [Told; 4] = [Told::Invalid, Told::Unused, Told::Expired, Told::Changed];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Told::Invalid => "invalid",
            Told::Unused => "unused",
            Told::Expired => "expired",
            Told::Changed => "changed",
        }
    }
}

/// A credential known by its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecretBody {
    /// At least one stands in every match, in any letter case. None where the value is `named`.
    pub keywords: Vec<String>,
    /// Names in front of the value, by which alone it is known, and what they are looked for by.
    pub named: Vec<String>,
    pub sought: Vec<Sought>,
    /// A bounded regular expression over bytes; the group `secret`, or else the whole match, is the value. Of the value
    /// alone where it is `named`.
    pub pattern: String,
    pub outline: Outline,
    /// Where the pattern is of the value alone: how many bytes behind a keyword it begins at most.
    pub within: Option<u32>,
    /// How far around a keyword a verdict can depend on the bytes: the longest match, or what a validator reads more.
    pub reach: u32,
    /// Named validators of `secret::validate`, all of which must accept.
    pub validate: Vec<String>,
    /// The least Shannon entropy of the value, in bits per byte.
    pub entropy: Option<f32>,
    pub pair: Option<PairBody>,
    /// Bytes at either end of the value that a report may show.
    pub show: (u8, u8),
}

/// What belongs to a match: the secret of an id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairBody {
    /// The rule whose matches are candidates.
    pub with: RuleId,
    /// What else is a candidate when it stands near, without a name beside it.
    pub pattern: Option<String>,
    /// The least entropy of such a candidate, and the validators that must accept it.
    pub entropy: Option<f32>,
    pub validate: Vec<String>,
    /// What a match weighs that has no partner.
    pub alone: Option<Severity>,
    /// How a match begins that may have it.
    pub prefix: Option<String>,
    /// A proof of `secret::proof`: that this was made from the partner.
    pub proof: Option<String>,
    /// What more belongs to a match: a third part, what is made from its partner. Their own `alone` and `also` are empty.
    pub also: Vec<PairBody>,
}

/// A credential file, judged by what is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileBody {
    /// Globs over the path; one without `/` is over the name.
    pub names: Vec<String>,
    pub except: Vec<String>,
    /// A reader of `files`, which yields entries.
    pub reader: String,
    /// Globs over the way to an entry, `users/*/token`: only these are judged. None: all of them.
    pub keys: Vec<String>,
    /// A judgement of `files` over those entries.
    pub judge: String,
}

/// A statement about resources, kept as data until `policy` compiles it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyBody {
    /// Views, kinds, or `project`.
    pub over: Vec<String>,
    pub when: Option<Raw>,
    pub where_: Raw,
    pub at: Option<String>,
    pub message: String,
    pub lower: Option<LowerBody>,
    pub unknown: Option<Raw>,
}

impl PolicyBody {
    /// Whether the rule looks at files, and not at resources.
    #[must_use]
    pub fn asks_files(&self) -> bool {
        let predicates = || self.when.iter().chain([&self.where_]).chain(self.lower.as_ref().map(|lower| &lower.where_));
        self.over == ["files"] || (self.over == ["project"] && predicates().any(|raw| raw.has_text(&|text| text.starts_with("files:"))))
    }
}

/// When a finding weighs less, and what is said then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LowerBody {
    pub where_: Raw,
    pub severity: Severity,
    pub message: String,
}

/// A resource shape: one name over every kind that has it, in both dialects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub name: String,
    pub default: Option<Raw>,
    pub carriers: Vec<String>,
    pub kinds: Vec<(String, Raw)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    pub source: ExampleSource,
    /// The path it stands at, where that matters.
    pub name: Option<String>,
    /// The text that the finding must point at.
    pub at: Option<String>,
    /// What else the finding must be, where it is given.
    pub severity: Option<Severity>,
    pub message: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExampleSource {
    /// Text, in which `{generator}` stands for a generated value where `gen` was asked for.
    Text {
        text: String,
        generated: bool,
    },
    /// A file that is no text.
    Bytes(Vec<u8>),
    Hcl(String),
    Cfn(String),
    Tree(Vec<(String, String)>),
}

/// A public module that no tree holds: what of it policies look at, in Terraform's own language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemoteModule {
    /// As a registry names it: `terraform-aws-modules/iam/aws//modules/iam-user`.
    pub name: String,
    /// Other names that it goes by. How a name is spelled as an address of a repository is known without them.
    pub sources: Vec<String>,
    /// The major versions that it is like; empty for all.
    pub versions: Vec<u32>,
    /// The version that its defaults were taken from.
    pub taken_from: String,
    /// The kinds of its resources.
    pub kinds: Vec<String>,
}

/// One item of a rule file.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Rule(Box<(Rule, Page)>),
    View(View),
    Table(Table),
    /// With its source.
    Module(RemoteModule, String),
}

/// How far behind its name a value may begin, in bytes.
pub const NAME_GAP: u32 = 80;
