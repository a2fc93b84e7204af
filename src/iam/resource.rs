//! Resources: ARNs with wildcards, and which of them are as good as every resource.

use super::action::Wanted;
use super::pattern::Pattern;
use super::{Held, items};
use crate::base::text_map::{HOLE, Text};
use crate::base::truth::{Truth, Why};
use crate::iac::{Node, Value};

/// Resources that a question is about: `*` for every one.
#[derive(Clone, Debug)]
pub struct On {
    every: bool,
    pattern: Pattern,
}

impl On {
    #[must_use]
    pub fn new(resource: &str) -> On {
        On { every: is_star(resource.as_bytes()), pattern: Pattern::of(resource.as_bytes()) }
    }
}

/// Services whose resources have no type before their name: `bucket/*` is one bucket.
const NAME_FIRST: [&str; 7] = ["s3", "sns", "sqs", "execute-api", "codecommit", "codepipeline", "apigateway"];

fn is_star(segment: &[u8]) -> bool {
    !segment.is_empty() && segment.iter().all(|byte| *byte == b'*')
}

/// Wildcards, and what stands between them in a name: `*/*`, `*:*`, `*-*` is not.
fn is_any(segment: &str) -> bool {
    segment.contains('*') && segment.bytes().all(|byte| matches!(byte, b'*' | b'?' | b'/' | b':'))
}

/// Whether a resource is as good as every resource; of one service, if that is what is asked. What is not known of it is
/// one thing, never a wildcard.
#[must_use]
pub fn is_every(written: &str, service: Option<&str>) -> bool {
    if is_any(written) {
        return true;
    }
    let segments: Vec<&str> = written.splitn(6, ':').collect();
    let star = |segment: &str| is_star(segment.as_bytes());
    let [arn, _, of, region, account, name] = segments[..] else {
        // `arn:aws:*`: the last star takes what is left.
        let last = segments.last().copied().unwrap_or_default();
        let of_service = segments.get(2).is_none_or(|of| star(of) || service.is_some_and(|service| service.eq_ignore_ascii_case(of)));
        return segments.len() > 1 && (segments[0] == "arn" || star(segments[0])) && star(last) && of_service;
    };
    let any_service = star(of);
    if !(arn == "arn" || star(arn)) || !(any_service || service.is_some_and(|service| is_of(of, service))) {
        return false;
    }
    // In IAM an account is as far as an identity of it can reach.
    let anywhere = |segment: &str| segment.is_empty() || is_any(segment);
    anywhere(region) && (anywhere(account) || of == "iam" && !account.is_empty()) && is_any_name(of, name)
}

/// Whether the ARNs of a service are those of an action's.
fn is_of(of: &str, service: &str) -> bool {
    match service {
        "application-autoscaling" => matches!(of, "autoscaling" | "application-autoscaling"),
        "ecr-public" => of == "ecr-public",
        _ => of.eq_ignore_ascii_case(service),
    }
}

/// `*`, `role/*`, `table/*/index/*`: every name of a type.
fn is_any_name(service: &str, name: &str) -> bool {
    if is_any(name) {
        return true;
    }
    if NAME_FIRST.contains(&service) || name.contains(HOLE) {
        return false;
    }
    let Some(at) = name.find(['/', ':']) else { return false };
    let (kind, rest) = (&name[..at], &name[at + 1..]);
    let mut parts = rest.split(['/', ':']);
    // Every second word of a long name is a type: `table/*/index/*`.
    !kind.contains(['*', '?']) && rest.contains('*') && parts.by_ref().step_by(2).all(is_any)
}

/// Whether a statement's resources take in what is asked for, as far as the actions go. A statement of a resource's own
/// policy that names none is about that one, which is all it can be about.
#[must_use]
pub fn reached<'v>(resource: Option<&'v Value>, not_resource: Option<&'v Value>, own: bool, on: &On, wanted: &Wanted) -> Held<'v> {
    let reached = Held::some(resource, |item| match &item.node {
        Node::Text(text) => reaches(text, on, wanted.service()),
        _ => Truth::False,
    });
    if reached.truth.is_true() {
        return reached;
    }
    match (resource, not_resource) {
        (None, None) => Held::of(own.into()),
        (_, None) => reached,
        // All but what is named: as good as all, unless it is everything.
        (_, Some(excluded)) => {
            let (names, open) = items(excluded);
            let nothing = names.iter().fold(open, |nothing, name| {
                nothing.or(match &name.node {
                    Node::Text(text) => (on.every && is_every(&text.to_str(), None) || !on.every && meets(text, on)).into(),
                    Node::Unknown(id) => Truth::Unknown(Why::Value(*id)),
                    _ => Truth::False,
                })
            });
            let free = !nothing;
            Held { by: free.is_true().then_some(excluded), truth: reached.truth.or(free) }
        }
    }
}

fn reaches(text: &Text, on: &On, service: Option<&str>) -> Truth {
    if is_every(&text.to_str(), service) {
        return Truth::TRUE;
    }
    if on.every {
        return Truth::False;
    }
    match Pattern::of(text.bytes()).covers(&on.pattern) {
        Some(covers) => covers.into(),
        None => text.holes().next().map_or(Truth::False, |hole| Truth::Unknown(Why::Value(hole))),
    }
}

fn meets(text: &Text, on: &On) -> bool {
    Pattern::of(text.bytes()).meets(&on.pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_has_many_spellings() {
        for (written, service) in [
            ("*", None),
            ("**", None),
            ("*:*", None),
            ("arn:*", None),
            ("arn:aws:*", None),
            ("arn:*:*:*:*:*", None),
            ("arn:aws:s3:::*", Some("s3")),
            ("arn:aws:s3:::*/*", Some("s3")),
            ("arn:*:s3:::*", Some("s3")),
            ("arn:aws:iam::*:role/*", Some("iam")),
            ("arn:aws:iam::123456789012:role/*", Some("iam")),
            ("arn:aws:iam::\u{FFFC}:role/*", Some("iam")),
            ("arn:aws:dynamodb:*:*:table/*", Some("dynamodb")),
            ("arn:aws:dynamodb:*:*:table/*/index/*", Some("dynamodb")),
            ("arn:*:cloudtrail:*:*:trail/*", Some("cloudtrail")),
            ("arn:aws:logs:*:*:*", Some("logs")),
        ] {
            assert!(is_every(written, service), "{written}");
        }
    }

    #[test]
    fn a_wildcard_within_a_name_or_behind_one_is_not_every_resource() {
        for (written, service) in [
            ("arn:aws:s3:::bucket/*", Some("s3")),
            ("arn:aws:s3:::*", None),
            ("arn:aws:s3:::*", Some("iam")),
            ("arn:aws:s3:::logs-*", Some("s3")),
            ("arn:aws:logs:*:*:log-group:NAME:*", Some("logs")),
            ("\u{FFFC}/*", Some("s3")),
            ("\u{FFFC}", None),
            ("arn:aws:sqs:us-east-1:*:*", Some("sqs")),
            ("arn:aws:lambda:*:123456789012:function:*", Some("lambda")),
            ("arn:aws:secretsmanager:*:*:secret:name-??????", Some("secretsmanager")),
            ("arn:aws:iam::*:role/app-*", Some("iam")),
            ("arn:aws:iam::*:role/path/*", Some("iam")),
            ("", None),
        ] {
            assert!(!is_every(written, service), "{written}");
        }
    }
}
