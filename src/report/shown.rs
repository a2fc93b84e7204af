//! Resources as evaluated, for people and programs: values with their places and ways, what is unknown and why. Not a
//! [`Report`](super::Report): nothing is judged here. The same seal all the same: nothing leaves but through
//! [`Shown::seal`], which masks.

use std::collections::BTreeMap;

use super::mask::{Mask, star};
use super::{Seal, SealedTrouble, trouble_order};
use crate::base::excerpt::Position;
use crate::base::secret::Secret;
use crate::finding::{Masked, Trouble};
use crate::input::{Input, InputPath};

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub path: InputPath,
    pub at: Position,
}

/// One setting of one root module or template, with those of its resources that were asked for.
#[derive(Clone, Debug)]
pub struct ShownProject {
    /// A folder, or a file.
    pub path: InputPath,
    pub dialect: Option<&'static str>,
    /// `with prod.tfvars`.
    pub variant: Option<String>,
    /// What is left open on purpose: a macro, a file that is not here.
    pub notes: Vec<String>,
    /// Calls of modules that are not in the tree.
    pub modules: Vec<ShownModule>,
    pub resources: Vec<ShownResource>,
}

/// A module that is not in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownModule {
    pub address: String,
    pub source: String,
    /// The call.
    pub call: Spot,
    /// Its resources are there, but perhaps not all of them.
    pub mapped: bool,
}

#[derive(Clone, Debug)]
pub struct ShownResource {
    pub address: String,
    pub kind: String,
    pub header: Spot,
    /// Conditions, and the side of each that it exists on.
    pub when: Vec<(String, bool)>,
    /// The calls that lead to it, the outermost first.
    pub trace: Vec<(String, Spot)>,
    /// Only a part of it was asked for: that is shown whole.
    pub part: bool,
    /// All of them by name, or the one that was asked for by its path.
    pub attributes: Vec<(String, ShownValue)>,
    /// There may be more attributes than these.
    pub open: bool,
    /// The attributes as a whole, where they are no map: unknown, or a choice between maps.
    pub whole: Option<ShownValue>,
}

#[derive(Clone, Debug)]
pub struct ShownValue {
    pub node: ShownNode,
    pub place: Spot,
    /// How it came here, the first step first.
    pub via: Vec<(String, Spot)>,
}

#[derive(Clone, Debug)]
pub enum ShownNode {
    Null,
    Bool(bool),
    Number(f64),
    /// `cut`: bytes that are not shown.
    Text {
        parts: Vec<Part>,
        cut: usize,
    },
    /// `more`: items that are not shown; `open`: there may be others than the source tells.
    List {
        items: Vec<ShownValue>,
        open: bool,
        more: usize,
    },
    Map {
        entries: Vec<(String, ShownValue)>,
        open: bool,
        more: usize,
    },
    Choice {
        condition: String,
        then: Box<ShownValue>,
        else_: Box<ShownValue>,
    },
    Unknown {
        kind: &'static str,
        reason: String,
    },
    /// Deeper, or more, than is shown.
    Cut,
}

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Known(String),
    /// What would have to be known.
    Hole(String),
}

/// What evaluation came to, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub roots: u64,
    pub templates: u64,
    pub plans: u64,
    pub states: u64,
    pub files: FileCounts,
    pub resources: u64,
    /// Things that are left open, each told once.
    pub notes: u64,
    /// Calls of modules that are not in the tree; of modules that are known in part.
    pub absent: u64,
    pub mapped: u64,
    pub values: ValueCounts,
    /// Unknown values by the kind of their reason.
    pub kinds: BTreeMap<&'static str, u64>,
    /// The commonest reasons, the commonest first.
    pub reasons: Vec<ReasonCount>,
}

/// Sources of Terraform, files of variables, templates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileCounts {
    pub parsed: u64,
    /// Some of it was not understood; the rest was evaluated.
    pub partial: u64,
    pub failed: u64,
}

/// Leaves of attributes: what is no list, no map and no choice. An empty list is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValueCounts {
    pub known: u64,
    /// Texts of which some part is unknown.
    pub partial: u64,
    pub unknown: u64,
    /// Lists and maps that may hold more.
    pub open: u64,
    /// Conditions that the source leaves open.
    pub choices: u64,
}

impl ValueCounts {
    #[must_use]
    pub fn all(&self) -> u64 {
        self.known + self.partial + self.unknown
    }

    /// Of a hundred thousand values.
    #[must_use]
    pub fn share(&self, of: u64) -> u64 {
        (of * 100_000).checked_div(self.all()).unwrap_or(0)
    }
}

/// How often a reason stands for a value, and one place where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonCount {
    pub reason: String,
    pub kind: &'static str,
    pub count: u64,
    pub place: Spot,
}

/// What is to be shown, before its seal.
#[derive(Default)]
pub struct ShownDraft {
    /// The run's table, which troubles speak of.
    pub inputs: Vec<Input>,
    pub projects: Vec<ShownProject>,
    pub summary: Summary,
    pub troubles: Vec<Trouble>,
    /// Names near one that was asked for and is not there, the nearest first.
    pub near: Vec<String>,
    /// What is masked wherever it stands.
    pub secrets: Vec<Masked>,
}

/// Resources as evaluated; sorted, resolved, masked.
#[derive(Clone, Debug)]
pub struct Shown {
    pub projects: Vec<ShownProject>,
    pub summary: Summary,
    pub troubles: Vec<SealedTrouble>,
    /// Names near one that was asked for and is not there, the nearest first.
    pub near: Vec<String>,
}

/// Bytes of one text that are shown. A draft may hold more, so that no secret is cut where nothing can tell it any more.
pub const MAX_TEXT: usize = 16 << 10;

impl Shown {
    /// Masks: the secrets of the draft wherever they stand, and literals that are secret by the name of their attribute.
    #[must_use]
    pub fn seal(mut draft: ShownDraft) -> Shown {
        let mut named = Vec::new();
        for resource in draft.projects.iter_mut().flat_map(|project| &mut project.resources) {
            secretive(&mut resource.attributes, &mut named);
            resource.whole.iter_mut().for_each(|whole| below(whole, &mut named));
        }
        draft.secrets.append(&mut named);
        let mask = Mask::of(draft.secrets.iter());
        let mut curtain = Curtain { mask: &mask, paths: BTreeMap::new() };
        draft.projects.iter_mut().for_each(|project| curtain.project(project));
        for reason in &mut draft.summary.reasons {
            reason.reason = mask.text(&reason.reason);
            curtain.spot(&mut reason.place);
        }
        let seal = Seal { inputs: &draft.inputs, mask: &mask };
        let mut troubles: Vec<_> = draft.troubles.iter().map(|trouble| seal.trouble(trouble)).collect();
        troubles.sort_by(|a, b| trouble_order(a).cmp(&trouble_order(b)));
        troubles.dedup();
        let near = draft.near.iter().map(|name| mask.text(name)).collect();
        Shown { projects: draft.projects, summary: draft.summary, troubles, near }
    }
}

/// The beginning of a text, in whole characters.
#[must_use]
pub fn head(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

/// What goes over everything that is shown.
struct Curtain<'m> {
    mask: &'m Mask,
    /// Paths as they are shown.
    paths: BTreeMap<InputPath, InputPath>,
}

impl Curtain<'_> {
    /// What somebody called something: short values in it may be ordinary words.
    fn name(&self, name: &mut String) {
        *name = self.mask.name(name);
    }

    fn project(&mut self, project: &mut ShownProject) {
        self.path(&mut project.path);
        project.variant.iter_mut().for_each(|variant| self.text(variant));
        project.notes.iter_mut().for_each(|note| self.text(note));
        for module in &mut project.modules {
            self.name(&mut module.address);
            self.text(&mut module.source);
            self.spot(&mut module.call);
        }
        for resource in &mut project.resources {
            self.name(&mut resource.address);
            self.name(&mut resource.kind);
            self.spot(&mut resource.header);
            resource.when.iter_mut().for_each(|(condition, _)| self.text(condition));
            self.steps(&mut resource.trace);
            resource.whole.iter_mut().for_each(|whole| self.value(whole));
            for (name, value) in &mut resource.attributes {
                self.text(name);
                self.value(value);
            }
        }
    }

    fn value(&mut self, value: &mut ShownValue) {
        self.spot(&mut value.place);
        self.steps(&mut value.via);
        match &mut value.node {
            ShownNode::Null | ShownNode::Bool(_) | ShownNode::Number(_) | ShownNode::Cut => {}
            ShownNode::Text { parts, cut } => self.parts(parts, cut),
            ShownNode::List { items, .. } => items.iter_mut().for_each(|item| self.value(item)),
            ShownNode::Map { entries, .. } => {
                for (key, value) in entries {
                    self.text(key);
                    self.value(value);
                }
            }
            ShownNode::Choice { condition, then, else_ } => {
                self.text(condition);
                self.value(then);
                self.value(else_);
            }
            ShownNode::Unknown { reason, .. } => self.text(reason),
        }
    }

    fn parts(&self, parts: &mut [Part], cut: &mut usize) {
        let mut left = MAX_TEXT;
        for part in parts {
            match part {
                Part::Hole(reason) => *reason = self.mask.text(reason),
                Part::Known(text) => {
                    *text = self.mask.text(text);
                    let end = head(text, left).len();
                    *cut += text.len() - end;
                    text.truncate(end);
                    left -= end;
                }
            }
        }
    }

    fn steps(&mut self, steps: &mut [(String, Spot)]) {
        for (text, spot) in steps {
            self.text(text);
            self.spot(spot);
        }
    }

    fn spot(&mut self, spot: &mut Spot) {
        self.path(&mut spot.path);
    }

    fn path(&mut self, path: &mut InputPath) {
        *path = self.paths.entry(path.clone()).or_insert_with_key(|path| self.mask.path(path)).clone();
    }

    fn text(&self, text: &mut String) {
        *text = self.mask.text(text);
    }
}

/// Stars the literals of entries that are secret by name; those that are no ordinary words are masked everywhere.
fn secretive(entries: &mut [(String, ShownValue)], named: &mut Vec<Masked>) {
    // `{ name = "DB_PASSWORD", value = "…" }`
    let of = |entries: &[(String, ShownValue)]| {
        let name = entries.iter().find(|(key, _)| matches!(key.as_str(), "name" | "Name" | "key" | "Key"));
        name.is_some_and(|(_, value)| matches!(&value.node, ShownNode::Text { parts, .. } if matches!(parts.as_slice(), [Part::Known(name)] if is_secretive(name))))
    };
    let pair = of(entries);
    for (key, value) in entries {
        if is_secretive(key) || pair && matches!(key.as_str(), "value" | "Value") {
            conceal(value, named, !pair && may_be_word(key));
        }
        below(value, named);
    }
}

fn below(value: &mut ShownValue, named: &mut Vec<Masked>) {
    match &mut value.node {
        ShownNode::List { items, .. } => items.iter_mut().for_each(|item| below(item, named)),
        ShownNode::Map { entries, .. } => secretive(entries, named),
        ShownNode::Choice { then, else_, .. } => {
            below(then, named);
            below(else_, named);
        }
        _ => {}
    }
}

/// Stars the literals that a name makes secret. What a map holds has names of its own.
/// With `words`, one that is a plain word stays.
fn conceal(value: &mut ShownValue, named: &mut Vec<Masked>, words: bool) {
    match &mut value.node {
        ShownNode::Text { parts, .. } => {
            for part in parts {
                let Part::Known(text) = part else { continue };
                if is_reference(text) || words && is_word(text) {
                    continue;
                }
                if is_no_word(text) {
                    named.push(Masked { value: Secret::new(text.as_bytes()), keep: (0, 0) });
                }
                let mut bytes = std::mem::take(text).into_bytes();
                star(&mut bytes, (0, 0));
                *text = String::from_utf8_lossy(&bytes).into_owned();
            }
        }
        ShownNode::List { items, .. } => items.iter_mut().for_each(|item| conceal(item, named, words)),
        ShownNode::Choice { then, else_, .. } => {
            conceal(then, named, words);
            conceal(else_, named, words);
        }
        _ => {}
    }
}

/// Whether what is called so is a secret, if it is a literal: `db_password`, `SecretString`, `API_TOKEN`.
fn is_secretive(name: &str) -> bool {
    const SECRET: [&str; 10] =
        ["password", "passwd", "passphrase", "secret", "token", "privatekey", "apikey", "accesskey", "credential", "connectionstring"];
    // What speaks of a secret and is none.
    const ABOUT: [&str; 21] = [
        "arn",
        "id",
        "ids",
        "name",
        "names",
        "type",
        "types",
        "path",
        "length",
        "ttl",
        "policy",
        "enabled",
        "version",
        "url",
        "uri",
        "endpoint",
        "algorithm",
        "days",
        "duration",
        "validity",
        "encryption",
    ];
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRET.iter().any(|word| letters.contains(word)) && !ABOUT.iter().any(|end| letters.ends_with(end))
}

/// Whether what is called so may also be a setting of what it names: `http_tokens`, `id_token = "minutes"`, `signing_key`.
/// A password is what a person chose, and people choose words; so is what an environment holds: `API_TOKEN`.
fn may_be_word(name: &str) -> bool {
    if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let chosen = ["password", "passwd", "passphrase", "secret", "credential", "connection"];
    ["token", "key"].iter().any(|word| name.contains(word)) && !chosen.iter().any(|word| name.contains(word))
}

/// The longest word of an enumeration.
const MAX_WORD: usize = 12;

/// Whether a literal reads like one value of a few: `optional`, `minutes`. Keys and tokens are longer, and no words.
fn is_word(text: &str) -> bool {
    text.len() <= MAX_WORD && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Whether a literal only says where the secret is.
fn is_reference(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || ["{{resolve:", "arn:"].iter().any(|start| text.starts_with(start)) || matches!(text, "true" | "false")
}

/// Long enough, and of more than one kind of character.
fn is_no_word(text: &str) -> bool {
    let kinds = [
        text.bytes().any(|b| b.is_ascii_digit()),
        text.bytes().any(|b| b.is_ascii_uppercase()),
        text.bytes().any(|b| !b.is_ascii_alphanumeric()),
    ];
    text.len() >= 8 && kinds.contains(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot() -> Spot {
        Spot { path: InputPath::new(b"main.tf"), at: Position::START }
    }

    fn text(text: &str) -> ShownValue {
        ShownValue { node: ShownNode::Text { parts: vec![Part::Known(text.to_owned())], cut: 0 }, place: spot(), via: Vec::new() }
    }

    fn map(entries: Vec<(&str, ShownValue)>) -> ShownValue {
        let entries = entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        ShownValue { node: ShownNode::Map { entries, open: false, more: 0 }, place: spot(), via: Vec::new() }
    }

    fn sealed(attributes: Vec<(&str, ShownValue)>, secrets: Vec<Masked>) -> String {
        let attributes = attributes.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let resource = ShownResource {
            address: "a.b".to_owned(),
            kind: "a".to_owned(),
            header: spot(),
            when: Vec::new(),
            trace: Vec::new(),
            part: false,
            attributes,
            open: false,
            whole: None,
        };
        let project = ShownProject {
            path: InputPath::new(b"."),
            dialect: None,
            variant: None,
            notes: Vec::new(),
            modules: Vec::new(),
            resources: vec![resource],
        };
        format!("{:?}", Shown::seal(ShownDraft { projects: vec![project], secrets, ..ShownDraft::default() }).projects)
    }

    #[test]
    fn a_literal_that_its_name_makes_secret_is_starred_here_and_elsewhere() {
        let value = ["hunter2", "hunter2"].concat();
        let shown =
            sealed(vec![("master_password", text(&value)), ("url", text(&format!("db://u:{value}@h"))), ("user", text("admin"))], vec![]);
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("db://u:**************@h") && shown.contains("admin"), "{shown}");
    }

    #[test]
    fn a_short_one_is_starred_only_where_its_name_says_so() {
        let shown = sealed(vec![("password", text("postgres")), ("engine", text("postgres"))], vec![]);
        assert_eq!((shown.matches("\"postgres\"").count(), shown.matches("\"********\"").count()), (1, 1), "{shown}");
    }

    #[test]
    fn what_only_refers_to_a_secret_stays() {
        let kept = ["arn:aws:secretsmanager:x", "{{resolve:ssm-secure:p}}"];
        let shown = sealed(
            vec![("password", text(kept[1])), ("secret", text(kept[0])), ("secret_arn", text("x-y-z")), ("token_type", text("jwt"))],
            vec![],
        );
        assert!(kept.iter().chain(&["x-y-z", "jwt"]).all(|kept| shown.contains(kept)), "{shown}");
        assert!(!shown.contains('*'), "{shown}");
    }

    #[test]
    fn a_setting_of_a_token_is_shown_and_a_password_that_is_a_word_is_not() {
        let options = map(vec![("http_tokens", text("optional"))]);
        let units = map(vec![("id_token", text("minutes"))]);
        let shown = sealed(
            vec![
                ("metadata_options", options),
                ("token_validity_units", units),
                ("password", text("swordfish")),
                ("secret_key", text("opensesame")),
                ("auth_token", text("Tr0ub4dor")),
                ("session_token", text("correcthorsebattery")),
            ],
            vec![],
        );
        assert!(shown.contains("\"optional\"") && shown.contains("\"minutes\""), "{shown}");
        for masked in ["swordfish", "opensesame", "Tr0ub4dor", "correcthorsebattery"] {
            assert!(!shown.contains(masked), "{masked} in {shown}");
        }
    }

    #[test]
    fn names_below_count_too_and_pairs_of_name_and_value() {
        let value = ["s3cr3t-", "value"].concat();
        let pair = map(vec![("name", text("API_TOKEN")), ("value", text(&value))]);
        let shown = sealed(vec![("environment", pair), ("variables", map(vec![("DB_PASSWORD", text("abc"))]))], vec![]);
        assert!(!shown.contains(&value) && !shown.contains("abc") && shown.contains("API_TOKEN"), "{shown}");
    }

    #[test]
    fn a_long_text_is_cut_after_it_is_masked() {
        let value = "q8Zr2Lw0".repeat(8);
        let long = format!("{}{value}", ".".repeat(MAX_TEXT - 4));
        let shown = sealed(vec![("user_data", text(&long))], vec![Masked { value: Secret::new(value.as_bytes()), keep: (0, 0) }]);
        assert!(shown.contains("****\"") && !shown.contains("q8Zr"), "cut within the secret");
        assert!(shown.contains("cut: 60"), "{}", &shown[shown.len() - 400..]);
    }
}
