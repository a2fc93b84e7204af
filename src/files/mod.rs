//! Credential files: known by name, judged by content. A name alone accuses nobody: a `.env` of settings is clean.

use crate::base::ids::Fingerprint;
use crate::finding::{Finding, Fix, Identity, Place};
use crate::input::Window;
use crate::rule::def::FileBody;
use crate::rule::{Body, Rule, RuleSet};
use crate::secret::context::{Context, lowered};
use crate::subject::Subject;

mod compose;
mod connection;
mod credentials;
mod deployed;
mod docker;
mod documents;
mod dumps;
pub mod glob;
mod hashes;
mod history;
pub mod index;
mod keystore;
mod lines;
mod markup;
mod recorded;
mod scripts;

use credentials::Setting;
use glob::Glob;
use index::NameIndex;

/// A rule names a reader or a judge that there is none of: whoever wrote it is to change it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule {rule}: no {what} is called `{name}`; there are: {known}")]
pub struct FilesError {
    pub rule: crate::base::ids::RuleId,
    pub what: &'static str,
    pub name: String,
    pub known: String,
}

/// What turns a file into settings.
#[derive(Clone, Copy)]
enum Reader {
    /// A format without structure: there is always something to read.
    Lines(fn(&[u8]) -> Vec<Setting>),
    /// The same where a part of the file says as much as all of it: each line stands for itself.
    Rows(fn(&[u8]) -> Vec<Setting>),
    /// One that may be broken.
    Document(fn(&[u8]) -> Result<Vec<Setting>, Unread>),
}
use Reader::{Document, Lines, Rows};

/// What rules want of an input because of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    Nothing,
    /// Any part of it, as it comes.
    Parts,
    /// All of it at once.
    Whole,
}

/// Why a file that a rule looks at could not be read by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub message: String,
    /// True where a limit of ours was met, not a fault of the file's.
    pub limit: bool,
}

/// What the rules say of one input.
#[derive(Default)]
pub struct Judged {
    /// At most one for each rule.
    pub findings: Vec<Finding>,
    pub unread: Option<Unread>,
}

/// What every finding on a credential file has. In a test or an example it is less sure.
fn finding(rule: &Rule, fix: &str, message: String, primary: Place, group: Fingerprint, subject: &Subject<'_>) -> Finding {
    let sure = rule.meta.confidence;
    let sure = if Context::of(subject.path).is_some() { lowered(sure) } else { sure };
    let identity = Identity::new(group, subject.path.bytes());
    Finding {
        families: rule.meta.families.clone().into(),
        fix: Some(Fix { text: fix.to_owned(), ..Fix::default() }),
        ..Finding::new(rule.meta.id.clone(), (rule.meta.severity, sure), message, primary, identity)
    }
}

type Judge = fn(&Rule, &str, &[Setting], &Subject<'_>) -> Option<Finding>;

/// All readers, by name.
static READERS: &[(&str, Reader)] = &[
    ("addresses", Rows(lines::addresses)),
    ("aws-console", Rows(lines::aws_console)),
    ("compose", Lines(compose::environments)),
    ("dbeaver", Lines(documents::dbeaver)),
    ("django-generated", Lines(scripts::generated)),
    ("docker", Lines(documents::docker)),
    ("dockerfile-copies", Lines(docker::read_copies)),
    ("dockerfile-environment", Lines(docker::read_environment)),
    ("dotenv", Rows(credentials::read_dotenv)),
    ("filezilla", Lines(markup::filezilla)),
    ("git-config", Lines(lines::git_config)),
    ("git-credentials", Rows(lines::git_credentials)),
    ("google", Lines(documents::google)),
    ("har", Document(recorded::har)),
    ("hex-key", Lines(lines::hex_key)),
    ("history", Rows(history::history)),
    ("htpasswd", Rows(lines::htpasswd)),
    ("ini", Lines(lines::ini)),
    ("json", Lines(documents::json)),
    ("kubernetes", Lines(documents::kubernetes)),
    ("line", Lines(lines::line)),
    ("mail", Lines(lines::mail)),
    ("mcp", Lines(recorded::mcp)),
    ("netrc", Lines(lines::netrc)),
    ("notebook", Document(recorded::notebook)),
    ("nothing", Rows(keystore::read_nothing)),
    ("npmrc", Lines(lines::npmrc)),
    ("openvpn", Lines(lines::openvpn)),
    ("p4tickets", Rows(lines::p4tickets)),
    ("parameters", Lines(deployed::parameters)),
    ("pgpass", Rows(lines::pgpass)),
    ("php", Lines(scripts::php)),
    ("pip", Lines(lines::pip)),
    ("rails", Lines(documents::rails)),
    ("rdp", Lines(lines::rdp)),
    ("s3fs", Rows(lines::s3fs)),
    ("samconfig", Lines(deployed::samconfig)),
    ("sasl", Rows(lines::sasl)),
    ("script", Lines(scripts::script)),
    ("sealed-xml", Lines(markup::sealed_xml)),
    ("serverless", Lines(documents::serverless)),
    ("shadow", Rows(lines::shadow)),
    ("sql", Rows(dumps::sql)),
    ("svn", Lines(lines::svn)),
    ("systemd", Rows(credentials::read_systemd)),
    ("tfstate", Document(deployed::tfstate)),
    ("tfvars", Lines(deployed::tfvars)),
    ("token", Rows(lines::token)),
    ("xml", Lines(markup::xml)),
    ("yaml", Lines(documents::yaml)),
];
/// What finds fault with settings.
static JUDGES: &[(&str, Judge)] = &[
    ("chance", credentials::judge_chance),
    ("copied-credentials", docker::judge_copies),
    ("credentials", credentials::judge),
    ("dump", dumps::judge),
    ("hashes", hashes::judge),
    ("keystore", keystore::judge),
    ("literals", credentials::judge_literals),
    ("named", keystore::judge_named),
    ("passwords", credentials::judge_passwords),
];

/// All rules about credential files, ready to be used.
pub struct Files {
    slots: Vec<Slot>,
    /// Slots by the names that they want.
    names: NameIndex,
}

struct Slot {
    rule: usize,
    names: Vec<Glob>,
    except: Vec<Glob>,
    reader: Reader,
    keys: Vec<Glob>,
    judge: Judge,
}

impl Files {
    /// `rules` are the rules to use, each with its index in the rule set; those without a `file` body are passed over.
    ///
    /// # Errors
    /// Where a rule names a reader or a judge that there is none of.
    pub fn new<'r>(rules: impl IntoIterator<Item = (usize, &'r Rule)>) -> Result<Files, FilesError> {
        let mut slots = Vec::new();
        for (rule, Rule { meta, body }) in rules {
            let Body::File(FileBody { names, except, reader, keys, judge }) = body else { continue };
            let globs = |patterns: &[String]| patterns.iter().map(|p| Glob::new(p)).collect();
            slots.push(Slot {
                rule,
                names: globs(names),
                except: globs(except),
                keys: globs(keys),
                reader: named(READERS, "reader", reader).map_err(|e| FilesError { rule: meta.id.clone(), ..e })?,
                judge: named(JUDGES, "judge", judge).map_err(|e| FilesError { rule: meta.id.clone(), ..e })?,
            });
        }
        let mut index = NameIndex::default();
        for (number, slot) in slots.iter().enumerate() {
            slot.names.iter().for_each(|glob| index.add(number, glob));
        }
        Ok(Files { slots, names: index })
    }

    /// The rules that look at a path.
    fn slots_of<'s>(&'s self, path: &'s [u8]) -> impl Iterator<Item = &'s Slot> {
        self.names.candidates(path).into_iter().filter_map(|number| self.slots.get(number)).filter(move |slot| slot.wants(path))
    }

    /// What of an input the rules look at because of its path, whatever is in it.
    #[must_use]
    pub fn wants(&self, path: &[u8]) -> Wanted {
        let wanted = self.slots_of(path).map(|slot| if matches!(slot.reader, Rows(_)) { Wanted::Parts } else { Wanted::Whole });
        wanted.max().unwrap_or(Wanted::Nothing)
    }

    /// The findings of an input by its name and what is in it. Of a part, rules that want all of it say nothing.
    #[must_use]
    pub fn judge(&self, rules: &RuleSet, subject: &Subject<'_>) -> Judged {
        let mut judged = Judged::default();
        for slot in self.slots_of(subject.path.inner()) {
            let Some(rule) = rules.rules().get(slot.rule) else { continue };
            if subject.content.window != Window::WHOLE && !matches!(slot.reader, Rows(_)) {
                continue;
            }
            match slot.read(subject.bytes()) {
                Ok(settings) => judged.findings.extend((slot.judge)(rule, &rules.page(slot.rule).fix, &settings, subject)),
                Err(unread) => judged.unread = Some(unread),
            }
        }
        judged
    }
}

/// Bytes of the longest value that may be a credential.
const LONGEST: usize = 256 << 10;

impl Slot {
    fn wants(&self, path: &[u8]) -> bool {
        self.names.iter().any(|glob| glob.matches(path)) && !self.except.iter().any(|glob| glob.matches(path))
    }

    /// The settings that the rule asks for.
    fn read(&self, bytes: &[u8]) -> Result<Vec<Setting>, Unread> {
        let mut settings = match self.reader {
            Lines(read) | Rows(read) => read(bytes),
            Document(read) => read(bytes)?,
        };
        settings.retain(|setting| setting.value.len() <= LONGEST);
        if !self.keys.is_empty() {
            settings.retain(|setting| self.keys.iter().any(|glob| glob.matches(setting.path.as_bytes())));
        }
        Ok(settings)
    }
}

fn named<T: Copy>(table: &[(&str, T)], what: &'static str, name: &str) -> Result<T, FilesError> {
    table.iter().find(|(known, _)| *known == name).map(|(_, found)| *found).ok_or_else(|| FilesError {
        rule: String::new().into(),
        what,
        name: name.to_owned(),
        known: table.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::span::FileId;
    use crate::input::{Content, ContentId, Focus, InputPath};

    fn judge(path: &str, text: &str, focus: &Focus) -> Vec<Finding> {
        let rules = RuleSet::embedded();
        let files = Files::new(rules.rules().iter().enumerate()).expect("built-in rules are sound");
        let path = InputPath::new(path.as_bytes());
        let content = Content::whole(ContentId::Number(0), text.as_bytes());
        files.judge(&rules, &Subject::new(FileId(0), &path, &content, None, focus)).findings
    }

    #[test]
    fn names_choose_and_templates_do_not() {
        let rules = RuleSet::embedded();
        let files = Files::new(rules.rules().iter().enumerate()).expect("built-in rules are sound");
        for path in [".env", "a/.env.production", "deploy/prod.env", ".envrc", ".env.local"] {
            assert_eq!(files.wants(path.as_bytes()), Wanted::Parts, "{path}");
        }
        for path in [".env.example", ".env.prod.sample", ".env.template", "example.env", ".env.dist"] {
            assert!(files.wants(path.as_bytes()) > Wanted::Nothing, "{path}: an example is looked at for what is none");
        }
        for path in ["env", "a.environment", ".env.test", "src/env.rs"] {
            assert_eq!(files.wants(path.as_bytes()), Wanted::Nothing, "{path}");
        }
    }

    #[test]
    fn one_finding_names_every_key_that_is_set() {
        // gatepost: ignore[secret-assigned] made up for an example
        let text = "PORT=80\nDB_PASSWORD=hunter2x9\nDEBUG=true\nAPI_TOKEN='tok9f8a7c6d5e'\nEMPTY_SECRET=\n";
        let found = judge("app/.env", text, &Focus::Whole);
        assert_eq!(found.len(), 1);
        let finding = &found[0];
        assert!(finding.message.contains("DB_PASSWORD") && finding.message.contains("API_TOKEN"), "{}", finding.message);
        assert!(!finding.message.contains("EMPTY") && !finding.message.contains("hunter2"), "{}", finding.message);
        assert_eq!(finding.primary.excerpt.as_ref().expect("pinned").start.line, 2);
        assert_eq!((finding.related.len(), finding.secrets.len()), (1, 2));
        assert_eq!(finding.primary.conceal, Some((0, 0)));
    }

    #[test]
    fn a_change_elsewhere_in_the_file_is_not_about_them() {
        let only = |range: std::ops::Range<u32>| Focus::Ranges(std::iter::once(range).collect());
        let text = "DB_PASSWORD=hunter2x9\nPORT=81\nAPI_TOKEN='tok9f8a7c6d5e'\n";
        let port = u32::try_from(text.find("PORT").expect("there")).expect("small");
        assert!(judge(".env", text, &only(port..port + 8)).is_empty());
        let token = u32::try_from(text.find("API").expect("there")).expect("small");
        let found = judge(".env", text, &only(token..token + 25));
        assert_eq!(found[0].primary.excerpt.as_ref().expect("pinned").start.line, 3, "what was added comes first");
    }

    /// A file of many keys costs what it is long, names ten of them, and still hides every value.
    #[test]
    fn many_keys_are_read_in_one_pass() {
        const KEYS: usize = 60_000;
        let text = (0..KEYS).map(|n| format!("DB_{n:06}_PASSWORD=h{n}unter2x9")).collect::<Vec<_>>().join("\n");
        let found = judge(".env", &text, &Focus::Whole);
        assert!(found[0].message.ends_with(&format!("DB_000009_PASSWORD and {} more", KEYS - 10)), "{}", found[0].message);
        assert_eq!((found[0].related.len(), found[0].secrets.len()), (10, KEYS));
    }
}
