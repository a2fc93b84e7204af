//! Actions: `service:Name` with wildcards, letters of either case alike.

use std::sync::LazyLock;

use super::pattern::Pattern;
use super::{Held, items};
use crate::base::text_map::Text;
use crate::base::truth::{Truth, Why};
use crate::iac::{Node, Value};

/// Actions that a question is about: `s3:*`, `iam:PassRole`, `*` for everything.
#[derive(Clone, Debug)]
pub struct Wanted {
    pattern: Pattern,
    /// The service, if it is one.
    service: Option<Box<str>>,
}

impl Wanted {
    #[must_use]
    pub fn new(action: &str) -> Wanted {
        Wanted { pattern: pattern(action.as_bytes()), service: service(action).map(str::to_ascii_lowercase).map(Into::into) }
    }

    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }
}

/// Every action has a service: `*` is `*:*`.
fn pattern(action: &[u8]) -> Pattern {
    if action.iter().all(|byte| *byte == b'*') && !action.is_empty() { Pattern::of(b"*:*") } else { Pattern::folded(action) }
}

/// The one service that an action is of, as it is written.
#[must_use]
pub fn service(action: &str) -> Option<&str> {
    let (service, _) = action.split_once(':')?;
    (!service.is_empty() && service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')).then_some(service)
}

/// Whether a pattern of a policy takes in all that is wanted. One with a space or a comma in it matches nothing.
#[must_use]
pub fn covers(written: &Text, wanted: &Wanted) -> Truth {
    if written.bytes().iter().any(|byte| byte.is_ascii_whitespace() || *byte == b',') {
        return Truth::False;
    }
    match pattern(written.bytes()).covers(&wanted.pattern) {
        Some(covers) => covers.into(),
        None => written.holes().next().map_or(Truth::False, |hole| Truth::Unknown(Why::Value(hole))),
    }
}

/// Whether a statement's actions take in all that is wanted.
#[must_use]
pub fn allowed<'v>(action: Option<&'v Value>, not_action: Option<&'v Value>, wanted: &Wanted) -> Held<'v> {
    let own = Held::some(action, |item| match &item.node {
        Node::Text(text) => covers(text, wanted),
        _ => Truth::False,
    });
    if own.truth.is_true() {
        return own;
    }
    let Some(excluded) = not_action else { return own };
    // All but what is named: everything wanted, if nothing of it is named.
    let (names, open) = items(excluded);
    let mut free = !open;
    for name in names {
        let meets = match &name.node {
            Node::Text(text) => match text.holes().next() {
                Some(hole) => Truth::Unknown(Why::Value(hole)).and(pattern(text.bytes()).meets(&wanted.pattern).into()),
                None => pattern(text.bytes()).meets(&wanted.pattern).into(),
            },
            Node::Unknown(id) => Truth::Unknown(Why::Value(*id)),
            _ => Truth::False,
        };
        free = free.and(!meets);
    }
    Held { by: free.is_true().then_some(excluded), truth: own.truth.or(free) }
}

/// Whether an action is all that one service, or some, can do: `s3:*`.
#[must_use]
pub fn is_whole_service(action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else { return false };
    !name.is_empty() && name.bytes().all(|byte| byte == b'*') && !service.bytes().all(|byte| byte == b'*')
}

/// Beginnings of the names of actions that change nothing.
const READING: [&str; 26] = [
    "get",
    "list",
    "describe",
    "head",
    "batchget",
    "batchdescribe",
    "batchcheck",
    "search",
    "query",
    "scan",
    "select",
    "view",
    "lookup",
    "check",
    "test",
    "simulate",
    "validate",
    "estimate",
    "preview",
    "read",
    "receive",
    "discover",
    "filter",
    "detect",
    "generatecredentialreport",
    "assess",
];

/// Whether an action is one that changes something, as its verb says; one whose verb a wildcard leaves open may.
#[must_use]
pub fn writes(action: &str) -> bool {
    let Some((_, name)) = action.split_once(':') else { return action.contains('*') };
    // A verb ends where the next word begins: `CheckoutLicense` checks nothing. In small letters alone nobody can tell.
    let plain = !name.bytes().any(|byte| byte.is_ascii_uppercase());
    let is = |verb: &str| {
        let head = name.get(..verb.len()).is_some_and(|head| head.eq_ignore_ascii_case(verb));
        head && (plain || !name[verb.len()..].starts_with(|next: char| next.is_ascii_lowercase()))
    };
    !READING.iter().any(|verb| is(verb))
}

/// Actions that no policy can limit to a resource: `Resource` has to be `*`.
const UNRESTRICTABLE: &str = include_str!("../../rules/tables/unrestrictable-actions.txt");

/// Actions that change nothing that another workload hangs on.
const HARMLESS: &str = include_str!("../../rules/tables/harmless-actions.txt");

/// Patterns of names of actions, by service.
struct Table(std::collections::HashMap<&'static str, Vec<Pattern>>);

impl Table {
    fn read(text: &'static str) -> Table {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let words = lines.filter_map(|line| line.split_once(' '));
        let mut by_service: std::collections::HashMap<&str, Vec<Pattern>> = std::collections::HashMap::new();
        for (service, names) in words {
            by_service.entry(service).or_default().extend(names.split(' ').map(|name| Pattern::folded(name.as_bytes())));
        }
        Table(by_service)
    }

    /// Whether an action, or all that a pattern matches, is in it.
    fn holds(&self, action: &str) -> bool {
        let Some((service, name)) = action.split_once(':') else { return false };
        let Some(known) = self.0.get(&*service.to_ascii_lowercase()) else { return false };
        let name = Pattern::folded(name.as_bytes());
        known.iter().any(|pattern| pattern.covers(&name) == Some(true))
    }
}

static UNRESTRICTABLE_BY_SERVICE: LazyLock<Table> = LazyLock::new(|| Table::read(UNRESTRICTABLE));
static HARMLESS_BY_SERVICE: LazyLock<Table> = LazyLock::new(|| Table::read(HARMLESS));

/// Whether it is known that an action, or all that a pattern matches, cannot be limited to a resource.
#[must_use]
pub fn is_unrestrictable(action: &str) -> bool {
    UNRESTRICTABLE_BY_SERVICE.holds(action)
}

/// Whether an action on every resource, or all that a pattern matches, is worth a word and no more.
#[must_use]
pub fn is_harmless(action: &str) -> bool {
    HARMLESS_BY_SERVICE.holds(action)
}

/// Prefixes that are no service, though they look like one.
const NOT_SERVICES: &str = include_str!("../../rules/tables/not-services.txt");

/// Whether an action allows nothing: its prefix is known to be no service.
#[must_use]
pub fn is_of_no_service(action: &str) -> bool {
    let Some((prefix, _)) = action.split_once(':') else { return false };
    NOT_SERVICES.lines().any(|line| line.eq_ignore_ascii_case(prefix))
}

/// Whether a policy can limit an action to a resource, as far as is known.
#[must_use]
pub fn is_restrictable(action: &str) -> bool {
    !is_unrestrictable(action) && !is_of_no_service(action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::span::{FileId, Span};

    fn covers(written: &str, wanted: &str) -> bool {
        super::covers(&Text::within(written.as_bytes(), Span::new(FileId(0), 0..1)), &Wanted::new(wanted)).is_true()
    }

    #[test]
    fn a_star_is_everything_and_letters_of_either_case_are_alike() {
        for (written, wanted) in [
            ("*", "*"),
            ("*:*", "*"),
            ("**", "*"),
            ("*", "s3:*"),
            ("*:*", "s3:*"),
            ("S3:*", "s3:*"),
            ("s*", "s3:*"),
            ("s3:**", "s3:*"),
            ("iam:pass*", "iam:PassRole"),
            ("i*:*", "iam:PassRole"),
            ("iam:?assRole", "iam:PassRole"),
        ] {
            assert!(covers(written, wanted), "{written} covers {wanted}");
        }
        for (written, wanted) in
            [("s3:*", "*"), ("*:Get*", "*"), ("s3:Get*", "s3:*"), ("iam:PassRole ", "iam:PassRole"), ("s3:*, iam:*", "iam:*"), ("", "s3:*")]
        {
            assert!(!covers(written, wanted), "{written} does not cover {wanted}");
        }
    }

    #[test]
    fn verbs_tell_what_changes_something() {
        for action in
            ["license-manager:CheckoutLicense", "s3:PutObject", "ec2:RunInstances", "s3:*", "s3:P*", "dynamodb:BatchWriteItem", "*"]
        {
            assert!(writes(action), "{action}");
        }
        for action in ["s3:GetObject", "ec2:Describe*", "dynamodb:BatchGetItem", "s3:list*", "sqs:ReceiveMessage"] {
            assert!(!writes(action), "{action}");
        }
    }

    #[test]
    fn what_cannot_be_limited_is_known_by_name_or_pattern() {
        for action in
            ["ec2:DescribeInstances", "ec2:Describe*", "ECR:GetAuthorizationToken", "cloudwatch:PutMetricData", "xray:PutTraceSegments"]
        {
            assert!(is_unrestrictable(action), "{action}");
        }
        assert!(is_harmless("logs:PutLogEvents") && is_harmless("Logs:*") && is_harmless("ec2:CreateNetworkInterface"));
        assert!(!is_harmless("ec2:*") && !is_harmless("s3:PutObject") && !is_harmless("lambda:InvokeFunction"));
        assert!(is_of_no_service("Bedrock-Runtime:*") && !is_of_no_service("bedrock:*") && !is_of_no_service("*"));
        assert!(is_restrictable("s3:GetObject") && !is_restrictable("docdb:*") && !is_restrictable("kafka:CreateConfiguration"));
        for action in ["ec2:*", "s3:GetObject", "*", "cloudwatch:Put*", "ec2:D*"] {
            assert!(!is_unrestrictable(action), "{action}");
        }
    }
}
