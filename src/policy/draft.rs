//! A finding on a resource: what is said of it, and where.

use std::collections::BTreeSet;

use super::eval::{Env, World};
use super::path::Path;
use super::project;
use super::subjects::{self, Known};
use super::verdict::{Answer, Case, Leaf, Proof, Verdict, always, judge};
use super::{Asked, Policy};
use crate::base::ids::{Confidence, Fingerprint};
use crate::base::span::Span;
use crate::base::truth::{Assumption, Truth, Why};
use crate::finding::{Dialect, Finding, Identity, Place, fingerprint, group_of};
use crate::iac::resource::{PARAMETER, VARIABLE};
use crate::iac::{Conditions, Resource, Value};

/// Labels of one finding.
pub(super) const MAX_LABELS: usize = 8;
/// Instances of one block that an ignore can speak of one by one; of more of them, none.
const MAX_OWNERS: usize = 1000;
/// Secrets of one resource that are findings of their own; more of them are told together.
const MAX_SECRETS: usize = 100;
/// Conditions of one finding that are told, and characters of each.
const MAX_SIDES: usize = 4;
const MAX_CONDITION: usize = 80;

/// A finding before its lines are pinned.
pub(super) struct Draft {
    pub rule: usize,
    pub dialect: Option<Dialect>,
    pub finding: Finding,
    pub primary: Span,
    pub related: Vec<(Span, String)>,
    /// The instances that it is about, each with where somebody may speak of it.
    pub owners: Vec<(String, Vec<Span>)>,
    /// Those of its places that are secrets.
    pub concealed: Vec<Span>,
    /// It is about a variable or a parameter.
    pub declared: bool,
}

impl Draft {
    /// Instances of one block break a rule once, the worst of them.
    pub fn join(&mut self, mut other: Draft) {
        if self.finding.severity < other.finding.severity {
            std::mem::swap(self, &mut other);
        }
        let news = other.owners.into_iter().filter(|(address, _)| self.owners.iter().all(|(known, _)| known != address));
        let news: Vec<_> = news.take(MAX_OWNERS.saturating_sub(self.owners.len())).collect();
        self.owners.extend(news);
    }
}

impl Policy {
    /// What a broken rule tells: each secret by itself, so that one which a change adds is a finding that was not there
    /// before; else one finding.
    pub fn drafts<'w>(
        &'w self,
        world: &World<'w>,
        known: &Known<'_, 'w>,
        asked: subjects::Asked,
        proof: &Proof,
        path: &[u8],
    ) -> Vec<Draft> {
        world.told.tell(&proof.leaves);
        let is_secret = |leaf: &Leaf| world.told.found(leaf.value.place).is_some();
        let (mut secrets, others): (Vec<Leaf>, Vec<Leaf>) = proof.leaves.iter().cloned().partition(is_secret);
        if secrets.len() < 2 {
            return self.draft(world, known, asked, proof, path).into_iter().collect();
        }
        let rest = secrets.split_off(secrets.len().min(MAX_SECRETS));
        let mut groups: Vec<Vec<Leaf>> = secrets.into_iter().map(|secret| vec![secret]).collect();
        groups.extend((!rest.is_empty()).then_some(rest));
        let proofs = groups.into_iter().map(|mut leaves| {
            leaves.extend(others.iter().cloned());
            Proof { when: proof.when.clone(), case: proof.case.clone(), leaves }
        });
        proofs.filter_map(|proof| self.draft(world, known, asked, &proof, path)).collect()
    }

    fn draft<'w>(&'w self, world: &World<'w>, known: &Known<'_, 'w>, asked: subjects::Asked, proof: &Proof, path: &[u8]) -> Option<Draft> {
        let Proof { when, leaves, .. } = proof;
        let mut case = Case::new(world.conditions, proof.case.clone());
        let subjects = known.of(&mut case).ok()?;
        let subject = asked.among(&subjects)?;
        let env = Env::of(subject);
        let resource = subject.resource;
        world.told.tell(leaves);
        let lowered = self.lower.as_ref().filter(|lower| {
            let ask = |case: &mut Case<'_>| {
                let subjects = known.of(case)?;
                match asked.among(&subjects) {
                    Some(subject) => world.ask(case, &lower.where_, &Env::of(subject)),
                    None => Ok(Answer::of(Truth::False)),
                }
            };
            always(world.conditions, when, &|case| world.counted(case, ask))
        });
        let (severity, message) = lowered.map_or((self.meta.severity, &self.message), |lower| (lower.severity, &lower.message));
        let mut message =
            message.print(world, &mut case, &env, leaves).unwrap_or_else(|_| format!("{}: {}", self.meta.title, resource.address));
        if !when.is_empty() {
            message.push_str(&assuming(world.conditions, when));
        }
        let primary = self.primary(&mut case, &env, leaves);
        let span = primary.as_ref().map_or(resource.header, |leaf| leaf.value.place);
        // Of a password that can be guessed, a fingerprint tells no more than the group of any secret.
        let digest = match primary.as_ref().and_then(|leaf| world.told.found(leaf.value.place)) {
            Some(secret) => group_of(self.id(), &secret),
            None => self::digest(primary.as_ref(), leaves),
        };
        let attribute = primary.as_ref().map_or("", |leaf| &leaf.path);
        let id = self.id();
        let group = fingerprint("iac", &[id.as_str().as_bytes(), resource.plain_address.as_bytes(), attribute.as_bytes(), &digest.0]);
        let related = related(span, primary.as_ref(), leaves, resource);
        let judged = (severity, self.meta.confidence);
        let finding = Finding {
            families: self.families.clone(),
            resource: (self.asked == Asked::Resources).then(|| resource.address.to_string()),
            ..Finding::new(id.clone(), judged, message, Place::whole(span.file), Identity::new(group, path))
        };
        let dialect = world.project.filter(|_| self.asked == Asked::Project);
        let dialect = dialect.map_or_else(|| Dialect::of_kind(&resource.kind), project::dialect);
        Some(Draft {
            rule: self.index,
            dialect: Some(dialect),
            finding,
            primary: span,
            related,
            owners: vec![owner(resource)],
            concealed: Vec::new(),
            declared: matches!(&*resource.kind, VARIABLE | PARAMETER),
        })
    }

    /// A finding where what is not known may make the rule true, and the rule says that this is worth a word.
    pub fn perhaps<'w>(
        &'w self,
        world: &World<'w>,
        known: &Known<'_, 'w>,
        resource: &'w Resource,
        asked: subjects::Asked,
        why: Why,
        path: &[u8],
    ) -> Option<Draft> {
        let holds = |case: &mut Case<'_>| {
            let subjects = known.of(case)?;
            let Some(subject) = asked.among(&subjects) else { return Ok(Answer::of(Truth::False)) };
            for possible in &self.possible {
                if let Some(leaf) = possible.holds(world, case, subject, why)? {
                    return Ok(Answer { truth: Truth::TRUE, leaves: vec![leaf] });
                }
            }
            Ok(Answer::of(Truth::False))
        };
        let Verdict::True(proof) = judge(world.conditions, &resource.when, &|case| world.counted(case, holds)) else { return None };
        let mut draft = self.draft(world, known, asked, &proof, path)?;
        let what = match why {
            Why::Value(id) => format!("{} is not known", world.unknowns.reason(id)),
            Why::Open => format!("not all of {} is known", proof.leaves.first().map_or("it", |leaf| &leaf.path)),
            Why::Budget => return None,
        };
        draft.finding.message = format!("perhaps: {}; {what}", draft.finding.message);
        draft.finding.confidence = Confidence::Low;
        Some(draft)
    }

    /// What to point at: of what made it true, what lies under `at`; else what stands there; else nothing but the header.
    fn primary(&self, case: &mut Case<'_>, env: &Env<'_, '_>, leaves: &[Leaf]) -> Option<Leaf> {
        if self.asked == Asked::Project {
            return None;
        }
        let Some(at) = &self.at else { return leaves.first().cloned() };
        let name = at.to_string();
        let under = |leaf: &&Leaf| leaf.path.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        leaves.iter().find(under).cloned().or_else(|| there(case, env, at))
    }
}

/// What is wrong, whatever its order: another action in a list that was too wide already is another finding.
fn digest(primary: Option<&Leaf>, leaves: &[Leaf]) -> Fingerprint {
    let Some(primary) = primary else { return fingerprint("iac-value", &[b""]) };
    let beside = leaves.iter().filter(|leaf| leaf.path == primary.path);
    let values: BTreeSet<String> = std::iter::once(primary).chain(beside).map(|leaf| leaf.value.print()).collect();
    fingerprint("iac-value", &values.iter().map(String::as_bytes).collect::<Vec<_>>())
}

/// What stands at a path, whatever was made of it.
fn there(case: &mut Case<'_>, env: &Env<'_, '_>, at: &Path) -> Option<Leaf> {
    let (walked, path) = env.walk(case, at).ok()?;
    // What is not known, another resource's name above all, stands somewhere all the same.
    let nameless = walked.nameless.first().map(|(id, place)| Value::unknown(*id, *place));
    walked.found.into_iter().next().or(nameless).map(|value| Leaf { path: path.to_string(), value })
}

/// `, when CreatePublic is false and Env is true`.
fn assuming(conditions: &Conditions, when: &Assumption) -> String {
    let said = conditions.said(when);
    let mut sides: Vec<String> = said.iter().take(MAX_SIDES).map(|(condition, holds)| side(condition, *holds)).collect();
    if said.len() > MAX_SIDES {
        sides.push(format!("{} more", said.len() - MAX_SIDES));
    }
    format!(", when {}", sides.join(" and "))
}

/// How a condition goes, as a person is told of it: `module.logs is made`, `var.n > 0 is true`.
fn side(condition: &str, holds: bool) -> String {
    if let Some(of) = condition.strip_prefix("anything else in ") {
        return format!("{} holds {}more than is known", short(of), if holds { "" } else { "no " });
    }
    match block(condition) {
        Some(address) => format!("{} is {}made", short(&address), if holds { "" } else { "not " }),
        None => format!("{} is {holds}", short(condition)),
    }
}

/// The address of a block whose header asks whether there is one: `module "a" in module.b` is `module.b.module.a`.
fn block(condition: &str) -> Option<String> {
    let (kind, rest) = condition.split_once(" \"")?;
    let rest = format!("\"{rest}");
    let (labels, prefix) = rest.rsplit_once("\" in ").map_or((&*rest, None), |(labels, prefix)| (labels, Some(prefix)));
    let labels: Vec<&str> = labels.split('"').map(str::trim).filter(|label| !label.is_empty()).collect();
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let is_block = labels.len()
        == match kind {
            "module" => 1,
            "resource" | "data" => 2,
            _ => return None,
        };
    let own = if kind == "resource" { labels.join(".") } else { format!("{kind}.{}", labels.join(".")) };
    let address = prefix.map_or_else(|| own.clone(), |prefix| format!("{prefix}.{own}"));
    (is_block && labels.iter().all(is_name)).then_some(address)
}

fn short(condition: &str) -> String {
    if condition.chars().count() <= MAX_CONDITION {
        return condition.to_owned();
    }
    condition.chars().take(MAX_CONDITION - 1).chain(['…']).collect()
}

/// An instance, and the places that speak of it alone: what is said at a call holds for all that is in the module.
fn owner(resource: &Resource) -> (String, Vec<Span>) {
    let calls = resource.trace.iter().flat_map(|call| [Some(call.place), call.key]);
    (resource.address.to_string(), [Some(resource.header), resource.key].into_iter().chain(calls).flatten().collect())
}

/// The other places of a finding: how its value came there, what else made it true, the resource, the calls.
fn related(primary: Span, leaf: Option<&Leaf>, leaves: &[Leaf], resource: &Resource) -> Vec<(Span, String)> {
    let mut related: Vec<(Span, String)> = Vec::new();
    let mut add = |span: Span, text: String| {
        // What holds the primary place says no more than that place.
        let holds = span.file == primary.file && span.start <= primary.start && primary.end <= span.end;
        if !holds && related.len() < MAX_LABELS && !related.iter().any(|(known, _)| *known == span) {
            related.push((span, text));
        }
    };
    for via in leaf.into_iter().flat_map(|leaf| leaf.value.way()) {
        add(via.place, via.text.to_string());
    }
    for other in leaves {
        // `write_action` is an action to whoever wrote it.
        let name = other.path.rsplit(['.', '_']).next().unwrap_or(&other.path);
        let also = leaf.is_some_and(|leaf| leaf.path == other.path);
        add(other.value.place, if also { "and here".to_owned() } else { format!("with this {name}") });
    }
    add(resource.header, resource.address.to_string());
    for call in resource.trace.iter().rev() {
        add(call.place, format!("called here as {}", call.address));
    }
    related
}

#[cfg(test)]
mod tests {
    use super::side;

    #[test]
    fn a_condition_is_told_so_that_a_reader_can_act_on_it() {
        assert_eq!(side("module \"cloudtrail\" in module.logs[0]", true), "module.logs[0].module.cloudtrail is made");
        assert_eq!(side("resource \"aws_s3_bucket\" \"b\"", false), "aws_s3_bucket.b is not made");
        assert_eq!(side("var.name == \"a\" in module.m", true), "var.name == \"a\" in module.m is true");
        let set = format!("anything else in toset([for x in {} : x])", "y".repeat(100));
        let told = side(&set, true);
        assert!(told.starts_with("toset([for x in yyy") && told.ends_with("… holds more than is known"), "{told}");
        assert!(told.chars().count() < 110, "{told}");
        assert_eq!(side("CreatePublic", false), "CreatePublic is false");
    }
}
