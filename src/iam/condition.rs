//! Conditions: which of them limit who a statement speaks of. That there is one says nothing.

use super::items;
use crate::base::text_map::HOLE;
use crate::base::truth::{Truth, Why};
use crate::iac::{Lookup, Node, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    String,
    /// With wildcards.
    Like,
    /// With wildcards, also as `ArnEquals`.
    Arn,
    Ip,
    Bool,
    Null,
    /// Of numbers, dates, bytes.
    Order,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    One,
    ForAny,
    ForAll,
}

/// A condition operator, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
    over: Over,
}

impl Operator {
    /// The operator of a name, letters of either case alike.
    #[must_use]
    pub fn parse(name: &str) -> Option<Operator> {
        let name = name.to_ascii_lowercase();
        let (over, name) = match name.split_once(':') {
            Some(("foranyvalue", name)) => (Over::ForAny, name),
            Some(("forallvalues", name)) => (Over::ForAll, name),
            Some(_) => return None,
            None => (Over::One, &*name),
        };
        let (if_exists, name) = name.strip_suffix("ifexists").map_or((false, name), |name| (true, name));
        let (comparison, negated) = match name {
            "stringequals" | "stringequalsignorecase" => (Comparison::String, false),
            "stringnotequals" | "stringnotequalsignorecase" => (Comparison::String, true),
            "stringlike" => (Comparison::Like, false),
            "stringnotlike" => (Comparison::Like, true),
            "arnequals" | "arnlike" => (Comparison::Arn, false),
            "arnnotequals" | "arnnotlike" => (Comparison::Arn, true),
            "ipaddress" => (Comparison::Ip, false),
            "notipaddress" => (Comparison::Ip, true),
            "bool" => (Comparison::Bool, false),
            "null" => (Comparison::Null, false),
            "numericnotequals" | "datenotequals" => (Comparison::Order, true),
            name if name.starts_with("numeric") || name.starts_with("date") || name == "binaryequals" => (Comparison::Order, false),
            _ => return None,
        };
        Some(Operator { comparison, negated, if_exists, over })
    }

    /// Whether a request without the key fails it: else whoever has none is not held up.
    #[must_use]
    pub fn binds(self) -> bool {
        !self.negated && !self.if_exists && self.over != Over::ForAll && self.comparison != Comparison::Null
    }

    /// Whether it turns away all but those with the values: in a Deny, what binds in an Allow.
    fn denies_others(self) -> bool {
        self.negated && self.over != Over::ForAny
    }
}

/// What has to be fixed of a key's values to tell who is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fixed {
    /// All of it: no wildcard, no variable.
    Whole,
    /// `o-abc/r-abc/*`: all but the end.
    Path,
    /// An ARN: its account, or a name that is nobody else's.
    Arn,
    /// Ranges of addresses that are nobody's world.
    Range,
    /// A role's id before `:*`.
    UserId,
    /// True.
    True,
    /// A service of AWS: `*.amazonaws.com` will do.
    Service,
    /// This text.
    Is(&'static str),
}

/// Keys that tell who asks, or from where. Keys that are not here never do: `aws:SecureTransport`, `aws:Referer`, ..
/// Source: "The meaning of public" in the S3 user guide, and the global condition keys of the IAM user guide.
const LIMITING: [(&str, Fixed); 26] = [
    ("aws:principalorgid", Fixed::Whole),
    ("aws:principalaccount", Fixed::Whole),
    ("aws:sourceaccount", Fixed::Whole),
    ("aws:sourceowner", Fixed::Whole),
    ("aws:sourceorgid", Fixed::Whole),
    ("aws:sourcevpc", Fixed::Whole),
    ("aws:sourcevpce", Fixed::Whole),
    ("aws:vpceaccount", Fixed::Whole),
    ("aws:vpceorgid", Fixed::Whole),
    ("kms:calleraccount", Fixed::Whole),
    ("s3:dataaccesspointaccount", Fixed::Whole),
    ("s3:x-amz-server-side-encryption-aws-kms-key-id", Fixed::Whole),
    ("aws:principalorgpaths", Fixed::Path),
    ("aws:sourceorgpaths", Fixed::Path),
    ("aws:vpceorgpaths", Fixed::Path),
    ("aws:sourcearn", Fixed::Arn),
    ("aws:principalarn", Fixed::Arn),
    ("aws:sourcevpcarn", Fixed::Arn),
    ("s3:dataaccesspointarn", Fixed::Arn),
    ("aws:sourceip", Fixed::Range),
    ("aws:userid", Fixed::UserId),
    ("aws:principalisawsservice", Fixed::True),
    ("aws:principalservicename", Fixed::Service),
    ("aws:principalservicenameslist", Fixed::Service),
    ("elasticfilesystem:accessedviamounttarget", Fixed::True),
    ("lambda:functionurlauthtype", Fixed::Is("AWS_IAM")),
];

/// Whether a condition, in the normal form, leaves only those who are told by it: some entry of it has to.
#[must_use]
pub fn limits(condition: Option<&Value>) -> Truth {
    some_entry(condition, &|operator, key, values| {
        let fixed = LIMITING.iter().find(|(known, _)| *known == key);
        fixed.map_or(Truth::False, |(_, fixed)| if operator.binds() { all_fixed(operator, *fixed, values) } else { Truth::False })
    })
}

/// Whether a condition binds one of these keys to something: `aws:ResourceTag/*` is a pattern of keys.
#[must_use]
pub fn binds_key(condition: Option<&Value>, keys: &[Box<str>]) -> Truth {
    let is = |key: &str, known: &str| known.strip_suffix('*').map_or(key == known, |start| key.starts_with(start));
    some_entry(condition, &|operator, key, values| {
        if !operator.binds() || !keys.iter().any(|known| is(key, known)) {
            return Truth::False;
        }
        match LIMITING.iter().find(|(known, _)| *known == key) {
            Some((_, fixed)) => all_fixed(operator, *fixed, values),
            None if items(values).0.is_empty() && items(values).1 == Truth::False => Truth::False,
            None => every(values, &|value| is_bound(operator, value).into()),
        }
    })
}

/// Whether a value of a key that has no rule of its own says something.
fn is_bound(operator: Operator, value: &str) -> bool {
    match operator.comparison {
        Comparison::Bool => value.eq_ignore_ascii_case("true"),
        Comparison::String => !value.is_empty(),
        _ => !value.is_empty() && !value.starts_with(['*', '?']),
    }
}

/// Whether a condition of a Deny turns away all but those who are told by it: it has no other entry.
#[must_use]
pub fn turns_others_away(condition: Option<&Value>) -> Truth {
    let Some(condition) = condition else { return Truth::TRUE };
    let (entries, open) = items(condition);
    entries.iter().fold(!open, |all, item| {
        all.and(entry(item, &|operator, key, values| {
            if operator.comparison == Comparison::Bool && key == "aws:principalisawsservice" {
                return every(values, &|value| value.eq_ignore_ascii_case("false").into());
            }
            let fixed = LIMITING.iter().find(|(known, _)| *known == key);
            fixed.map_or(
                Truth::False,
                |(_, fixed)| if operator.denies_others() { all_fixed(operator, *fixed, values) } else { Truth::False },
            )
        }))
    })
}

type Entry<'t> = dyn Fn(Operator, &str, &Value) -> Truth + 't;

fn some_entry(condition: Option<&Value>, test: &Entry<'_>) -> Truth {
    let Some(condition) = condition else { return Truth::False };
    let (entries, open) = items(condition);
    entries.iter().fold(open, |some, item| some.or(entry(item, test)))
}

fn entry(item: &Value, test: &Entry<'_>) -> Truth {
    if let Node::Unknown(id) = item.node {
        return Truth::Unknown(Why::Value(id));
    }
    let (Lookup::Found(operator), Lookup::Found(key), Lookup::Found(values)) =
        (item.lookup("operator"), item.lookup("key"), item.lookup("values"))
    else {
        return Truth::False;
    };
    let operator = operator.as_text().and_then(|name| Operator::parse(&name));
    match (operator, key.as_text()) {
        (Some(operator), Some(key)) => test(operator, &key, values),
        _ => Truth::False,
    }
}

/// Whether each value is fixed; one that is not known is where its operator knows no wildcards.
fn all_fixed(operator: Operator, fixed: Fixed, values: &Value) -> Truth {
    let (all, open) = items(values);
    if all.is_empty() && open == Truth::False {
        return Truth::False;
    }
    let literal = operator.comparison == Comparison::String && !matches!(fixed, Fixed::True | Fixed::Is(_));
    all.iter().fold(if literal { Truth::TRUE } else { !open }, |every, value| {
        every.and(match &value.node {
            Node::Unknown(_) if literal => Truth::TRUE,
            Node::Unknown(id) => Truth::Unknown(Why::Value(*id)),
            Node::Text(text) => {
                let known = is_fixed(operator, fixed, &text.to_str());
                // A variable of the policy is whoever asks; so may be what stands in a hole before the wildcard.
                match text.holes().next() {
                    Some(hole) if !known && fixed == Fixed::Range => Truth::Unknown(Why::Value(hole)),
                    _ => known.into(),
                }
            }
            _ => value.as_text().is_some_and(|text| is_fixed(operator, fixed, &text)).into(),
        })
    })
}

fn every(values: &Value, test: &dyn Fn(&str) -> Truth) -> Truth {
    let (all, open) = items(values);
    all.iter().fold(!open, |every, value| {
        every.and(match &value.node {
            Node::Unknown(id) => Truth::Unknown(Why::Value(*id)),
            Node::Text(text) => test(&text.to_str()),
            _ => value.as_text().map_or(Truth::False, |text| test(&text)),
        })
    })
}

fn is_fixed(operator: Operator, fixed: Fixed, value: &str) -> bool {
    let wild = |text: &str| operator.comparison != Comparison::String && text.contains(['*', '?']) || text.contains("${");
    match fixed {
        Fixed::True => operator.comparison == Comparison::Bool && value.eq_ignore_ascii_case("true"),
        Fixed::Is(text) => value == text,
        _ if operator.comparison == Comparison::Order || operator.comparison == Comparison::Bool => false,
        Fixed::Whole => !value.is_empty() && !wild(value),
        Fixed::Service => value.trim_start_matches('*').ends_with("amazonaws.com") || !wild(value),
        Fixed::Path => {
            let path = value.trim_end_matches('*');
            path.starts_with("o-") && path.contains('/') && !path.contains(['*', '?']) && !path.contains("${")
                || path.starts_with(HOLE) && !wild(path)
        }
        Fixed::UserId => !wild(value) || value.strip_suffix(":*").is_some_and(|id| !id.is_empty() && !wild(id)),
        Fixed::Arn => is_fixed_arn(value, &wild),
        Fixed::Range => operator.comparison == Comparison::Ip && is_small_range(value),
    }
}

/// An ARN whose account is fixed; of S3, which has none there, its bucket.
fn is_fixed_arn(value: &str, wild: &dyn Fn(&str) -> bool) -> bool {
    if !wild(value) {
        return !value.is_empty();
    }
    let segments: Vec<&str> = value.splitn(6, ':').collect();
    match segments[..] {
        [_, _, service, _, "", name] => service == "s3" && !name.is_empty() && !wild(name.split('/').next().unwrap_or(name)),
        [_, _, _, _, account, _] => !wild(account),
        // What stands before the wildcard is all of an ARN: `${aws_cloudwatch_event_rule.r.arn}*`.
        _ => value.starts_with("arn:") && value.contains(HOLE) && !wild(value.split(HOLE).next().unwrap_or_default()),
    }
}

/// Whether a range is private, or no wider than AWS takes for some party's: /8, of IPv6 /32.
fn is_small_range(value: &str) -> bool {
    let (address, bits) = value.split_once('/').map_or((value, None), |(address, bits)| (address, Some(bits)));
    let bits = match bits.map(str::parse::<u8>) {
        Some(Ok(bits)) => Some(bits),
        Some(Err(_)) => return false,
        None => None,
    };
    match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => bits.is_none_or(|bits| (8..=32).contains(&bits)),
        Ok(std::net::IpAddr::V6(_)) => bits.is_none_or(|bits| (32..=128).contains(&bits)),
        // One of ours that is not known: an address with a length is one party's.
        Err(_) => address.contains(HOLE) && bits.is_some_and(|bits| bits >= 8),
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::Element;
    use super::*;
    use crate::base::span::{FileId, Span};
    use crate::base::text_map::Text;
    use crate::syntax::json;

    fn condition(source: &str) -> Value {
        let text = Text::within(source.as_bytes(), Span::new(FileId(0), 0..1));
        Element::Condition.normal(&Value::from_node(&json::parse_text(&text, Span::new(FileId(0), 0..1)).expect("JSON")))
    }

    fn limits(operator: &str, key: &str, values: &str) -> bool {
        super::limits(Some(&condition(&format!("{{\"{operator}\": {{\"{key}\": {values}}}}}")))).is_true()
    }

    #[test]
    fn a_condition_limits_where_it_tells_who() {
        for (operator, key, values) in [
            ("StringEquals", "aws:PrincipalOrgID", "\"o-abc\""),
            ("stringequals", "AWS:principalorgid", "[\"o-abc\", \"o-def\"]"),
            ("StringLike", "aws:SourceVpce", "\"vpce-1\""),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "\"o-abc/r-abc/*\""),
            ("ArnLike", "aws:SourceArn", "\"arn:aws:sns:*:123456789012:*\""),
            ("ArnLike", "aws:SourceArn", "\"arn:aws:s3:::bucket\""),
            ("IpAddress", "aws:SourceIp", "[\"203.0.113.0/24\", \"198.51.100.7\"]"),
            ("IpAddress", "aws:SourceIp", "\"10.0.0.0/8\""),
            ("Bool", "aws:PrincipalIsAWSService", "true"),
            ("StringLike", "aws:userid", "\"AROAEXAMPLE:*\""),
            ("StringEquals", "lambda:FunctionUrlAuthType", "\"AWS_IAM\""),
        ] {
            assert!(limits(operator, key, values), "{operator} {key} {values}");
        }
        for (operator, key, values) in [
            ("StringLike", "aws:PrincipalOrgID", "\"o-*\""),
            ("StringEquals", "aws:PrincipalOrgID", "[]"),
            ("StringLike", "aws:PrincipalOrgID", "[\"o-abc\", \"*\"]"),
            ("StringEqualsIfExists", "aws:PrincipalOrgID", "\"o-abc\""),
            ("ForAllValues:StringEquals", "aws:PrincipalOrgID", "\"o-abc\""),
            ("StringNotEquals", "aws:PrincipalOrgID", "\"o-abc\""),
            ("StringEquals", "aws:PrincipalAccount", "\"${aws:PrincipalAccount}\""),
            ("Null", "aws:PrincipalOrgID", "\"false\""),
            ("Bool", "aws:SecureTransport", "true"),
            ("Bool", "aws:PrincipalIsAWSService", "false"),
            ("StringLike", "aws:Referer", "\"https://example.com/*\""),
            ("StringEquals", "sts:ExternalId", "\"x\""),
            ("IpAddress", "aws:SourceIp", "[\"203.0.113.0/24\", \"0.0.0.0/1\"]"),
            ("IpAddress", "aws:SourceIp", "\"::/0\""),
            ("ArnLike", "aws:SourceArn", "\"arn:aws:s3:::*\""),
            ("ArnLike", "aws:PrincipalArn", "\"arn:aws:iam::*:role/x\""),
            ("StringEquals", "lambda:FunctionUrlAuthType", "\"NONE\""),
        ] {
            assert!(!limits(operator, key, values), "{operator} {key} {values}");
        }
    }

    #[test]
    fn a_deny_of_all_others_is_told_by_the_same_keys() {
        for (source, turns) in [
            ("{\"StringNotEquals\": {\"aws:SourceVpce\": \"vpce-1\"}}", true),
            (
                "{\"NotIpAddressIfExists\": {\"aws:SourceIp\": [\"203.0.113.0/24\"]}, \"StringNotEquals\": {\"aws:PrincipalOrgID\": \"o-abc\"}}",
                true,
            ),
            ("{\"StringNotEquals\": {\"aws:SourceVpce\": \"vpce-1\", \"aws:RequestedRegion\": \"eu-west-1\"}}", false),
            ("{\"StringNotLike\": {\"aws:PrincipalOrgID\": \"*\"}}", false),
            ("{\"Bool\": {\"aws:SecureTransport\": \"false\"}}", false),
            (
                "{\"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\"}, \"StringNotEqualsIfExists\": {\"aws:SourceVpc\": \"vpc-1\"}}",
                true,
            ),
        ] {
            assert_eq!(turns_others_away(Some(&condition(source))).is_true(), turns, "{source}");
        }
    }

    proptest::proptest! {
        /// Whatever else is asked, what limits goes on to; a weaker operator never limits; a wider value undoes it.
        #[test]
        fn limiting_is_kept_by_more_entries_and_lost_by_weaker_ones(
            key in proptest::sample::select(vec!["aws:SourceArn", "aws:PrincipalOrgID", "aws:SourceVpce", "aws:SourceAccount", "aws:userid"]),
            value in proptest::sample::select(vec!["o-abc", "arn:aws:sns:eu-west-1:123456789012:t", "123456789012", "*", "a*"]),
            other in proptest::sample::select(vec!["aws:SecureTransport", "aws:Referer", "sts:ExternalId"]),
        ) {
            let alone = limits("StringLike", key, &format!("\"{value}\""));
            let more = format!("{{\"StringLike\": {{\"{key}\": \"{value}\", \"{other}\": \"x\"}}, \"Bool\": {{\"{other}\": \"true\"}}}}");
            proptest::prop_assert_eq!(super::limits(Some(&condition(&more))).is_true(), alone);
            let list = format!("[\"{value}\", \"*\"]");
            proptest::prop_assert!(!limits("StringLike", key, &list));
            for weak in ["StringLikeIfExists", "ForAllValues:StringLike", "StringNotLike"] {
                let quoted = format!("\"{value}\"");
                proptest::prop_assert!(!limits(weak, key, &quoted));
            }
        }
    }
}
