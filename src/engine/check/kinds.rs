//! Kinds of resources, and words of views' shapes, that are spelt almost like one that is known.

use std::collections::BTreeSet;

use super::{Remark, Weight};
use crate::rule::RuleSet;
use crate::rule::def::{Body, View};
use crate::rule::raw::{RawKind, edits, nearest};
use crate::rule::scaffold::WORDS;
use crate::settings::Selection;

/// Kinds of rules and views that no built-in rule, view or module knows, and that are very near one that is known.
pub fn unheard_of(rules: &RuleSet, wanted: &Selection) -> Vec<Remark> {
    let built_in = RuleSet::embedded();
    let known = known(&built_in);
    let doubt = |name: &str, part: &str, kind: &str| {
        let near = (!known.contains(kind)).then(|| known.iter().find(|other| is_near(kind, other)))??;
        let remark = Remark::new(Weight::Warning, name, part, format!("no rule and no view that is built in knows the kind `{kind}`"));
        Some(Remark { word: Some(kind.to_owned()), ..remark.help(format!("did you mean `{near}`?")) })
    };
    let mut remarks = Vec::new();
    for (_, rule) in wanted.selected(rules) {
        let Body::Policy(body) = &rule.body else { continue };
        let kinds = body.over.iter().enumerate().filter(|(_, over)| rules.views().iter().all(|view| view.name != **over));
        remarks.extend(kinds.filter_map(|(number, kind)| doubt(rule.meta.id.as_str(), &format!("for.{number}"), kind)));
    }
    for view in rules.views() {
        remarks.extend(view.kinds.iter().filter_map(|(kind, _)| doubt(&view.name, "kinds", kind)));
    }
    remarks
}

/// The kinds that what is built in speaks of.
fn known(rules: &RuleSet) -> BTreeSet<&str> {
    let of_views = rules.views().iter().flat_map(|view| view.kinds.iter().map(|(kind, _)| kind).chain(&view.carriers));
    let of_modules = rules.modules().all().iter().flat_map(|module| &module.kinds);
    let of_rules = rules.rules().iter().filter_map(|rule| if let Body::Policy(body) = &rule.body { Some(&body.over) } else { None });
    of_views.chain(of_modules).chain(of_rules.flatten()).map(String::as_str).collect()
}

/// Letters of a part of a kind that may be misspelt: shorter ones (`ecs`, `eks`) are names of services, a letter apart.
const LONG: usize = 5;
/// Letters of a part in which two may be wrong.
const LONGER: usize = 9;

/// Whether two kinds are the same but for separators, for the case of letters, or for an edit or two in one long part.
fn is_near(kind: &str, known: &str) -> bool {
    let is_data = |kind: &str| kind.starts_with("data.");
    if is_data(kind) != is_data(known) {
        return false;
    }
    let letters = |kind: &str| kind.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect::<String>();
    if letters(kind) == letters(known) {
        return kind.contains(':') == known.contains(':');
    }
    let parts = |kind: &'_ str| kind.split(['_', ':', '.']).map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (parts(kind), parts(known));
    let mut differing = one.iter().zip(&other).filter(|(a, b)| a != b);
    let (Some((a, b)), None, true) = (differing.next(), differing.next(), one.len() == other.len()) else { return false };
    // Another version of a service is another kind, and so is a source that gives several things.
    let digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
    let several = is_data(kind) && a.trim_end_matches('s') == b.trim_end_matches('s');
    let most = if b.len() < LONGER { 1 } else { 2 };
    b.len() >= LONG && digits(a) == digits(b) && !several && edits(a, b) <= most
}

/// Keys of a view's kinds that are no names of attributes most likely, but misspelt words of a shape.
pub fn misspelt_words(view: &View) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (_, shape) in &view.kinds {
        let RawKind::Map(entries) = &shape.kind else { continue };
        let own: BTreeSet<&str> = entries.iter().map(|(key, _)| key.name.as_str()).collect();
        for (key, _) in entries.iter().filter(|(key, _)| !WORDS.contains(&key.name.as_str())) {
            let near = nearest(&key.name, WORDS).filter(|near| !own.contains(near) && edits(&key.name, near) <= near.len() / 3);
            remarks.extend(near.map(|near| {
                let message = format!("`{}` is taken for a name of `{}`", key.name, view.name);
                let remark = Remark::new(Weight::Warning, &view.name, "kinds", message).help(format!("did you mean `{near}`?"));
                Remark { at: Some(key.at), word: Some(key.name.clone()), ..remark }
            }));
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_kind_is_near_and_another_service_is_not() {
        for (kind, known) in [
            ("aws_s3_buket", "aws_s3_bucket"),
            ("aws_s3_bucketpolicy", "aws_s3_bucket_policy"),
            ("awscc_s3_bukcet", "awscc_s3_bucket"),
            ("AWS::S3::bucket", "AWS::S3::Bucket"),
            ("AWS::Lambda::Fucntion", "AWS::Lambda::Function"),
            ("AWS:S3::Bucket", "AWS::S3::Bucket"),
            ("aws_secretmanagr_secret", "aws_secretsmanager_secret"),
        ] {
            assert!(is_near(kind, known), "{kind}");
        }
        for (kind, known) in [
            ("aws_eks_cluster", "aws_ecs_cluster"),
            ("aws_alb", "aws_elb"),
            ("aws_wafv2_web_acl", "aws_waf_web_acl"),
            ("AWS::ApiGatewayV2::Stage", "AWS::ApiGateway::Stage"),
            ("data.aws_subnets", "data.aws_subnet"),
            ("data.aws_subnet", "aws_subnet"),
            ("awscc_s3_bucket", "aws_s3_bucket"),
            ("aws_s3_object", "aws_s3_bucket"),
            ("acme_thing", "aws_thing"),
        ] {
            assert!(!is_near(kind, known), "{kind}");
        }
    }
}
