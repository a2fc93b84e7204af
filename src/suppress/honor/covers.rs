//! Ids of other tools that mean several of our rules: the first carries the id as an alias, these are the others.

/// Ids, and the rules that they mean beside the one they are an alias of.
const COVERS: &[(&str, &str)] = &[
    (
        "AWS-0107 AVD-AWS-0107 aws-ec2-no-public-ingress-sgr aws-vpc-no-public-ingress-sgr W2 EC2_SECURITY_GROUP_INGRESS_OPEN_TO_WORLD_RULE",
        "sg-open-ingress-any sg-open-ingress-ssh sg-open-ingress-rdp sg-open-ingress-remote-access sg-open-ingress-all-ports \
         sg-open-ingress-admin sg-open-ingress-database sg-open-ingress-broker",
    ),
    ("CKV_AWS_24 INCOMING_SSH_DISABLED CKV_AWS_25", "sg-open-ingress-remote-access sg-open-ingress-all-ports"),
    ("RESTRICTED_INCOMING_TRAFFIC", "sg-open-ingress-admin sg-open-ingress-database sg-open-ingress-rdp"),
    (
        "AWS-0057 AVD-AWS-0057 aws-iam-no-policy-wildcards",
        "iam-full-admin iam-wildcard-action iam-identity-wildcard iam-service-wildcard iam-service-wildcard-scoped iam-write-unconstrained \
         iam-wildcard-resource",
    ),
    ("CKV_AWS_49 CKV_AWS_63 F3 F4 F5 IAM_ROLE_NO_WILDCARD_ACTIONS_ON_PERMISSIONS", "iam-full-admin"),
    (
        "CKV_AWS_355 CKV_AWS_356 W11 W12 W13 IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE",
        "iam-write-unconstrained iam-service-wildcard iam-full-admin",
    ),
    ("W15 W16 W17", "iam-not-action-admin"),
    ("CKV_AWS_60", "iam-trust-not-principal"),
    ("CKV_AWS_358", "iam-oidc-github-org-trust"),
    ("CKV_AWS_79 AWS-0028 AVD-AWS-0028 AWS-0130 AVD-AWS-0130", "imdsv1-default"),
    ("CKV_AWS_27 AWS-0096 AVD-AWS-0096", "sqs-no-kms-key"),
    ("CKV_AWS_96 AWS-0079 AVD-AWS-0079 F26", "aurora-encryption-unsaid"),
    ("CKV_AWS_20 CKV_AWS_57 AWS-0092 AVD-AWS-0092", "s3-authenticated-acl s3-public-grant s3-authenticated-grant s3-bucket-public"),
    ("CKV2_AWS_43", "s3-authenticated-grant"),
    ("CKV_AWS_70 F16 S3_BUCKET_POLICY_NO_WILDCARD_PRINCIPAL", "s3-bucket-public s3-policy-by-address resource-policy-not-principal"),
    ("CKV_AWS_21 AWS-0090 AVD-AWS-0090", "s3-versioning-off"),
    ("AWS-0170 AVD-AWS-0170", "s3-mfa-delete-off"),
    ("CKV_AWS_379 S3_BUCKET_SSL_REQUESTS_ONLY", "s3-insecure-transport"),
    ("CKV_AWS_168", "sqs-policy-by-address"),
    ("CKV_AWS_169", "sns-policy-by-address"),
    ("CKV2_AWS_12 AWS-0173 AVD-AWS-0173", "sg-default-group-unmanaged"),
    ("CKV_AWS_45", "lambda-env-credential-shape"),
    ("CKV_AWS_46 AWS-0029 AVD-AWS-0029 AWS-0129 AVD-AWS-0129 AWS-0122 AVD-AWS-0122", "user-data-credential-shape"),
    ("CKV_AWS_41", "provider-credential-shape secret-provider-token"),
    ("stripe-access-token", "stripe-test-key"),
    ("github-pat github-oauth github-app-token", "github-installation-token github-old-token"),
    ("gitlab-pat", "gitlab-routable-token gitlab-named-token"),
    ("private-key", "private-key-without-header putty-private-key json-web-private-key xml-private-key"),
    ("generic-api-key", "high-entropy-value password-assigned password-in-call authorization-header"),
    ("aws-access-token", "aws-secret-access-key aws-session-token"),
];

/// A name, and those of the rules that it means beside the one it is an alias of.
pub fn all(id: &str) -> Vec<String> {
    std::iter::once(id.to_owned()).chain(of(id).map(str::to_owned)).collect()
}

/// The rules that an id means beside the one that has it as an alias.
pub fn of(id: &str) -> impl Iterator<Item = &'static str> {
    let rules = COVERS.iter().filter(move |(ids, _)| ids.split_whitespace().any(|known| known.eq_ignore_ascii_case(id)));
    rules.flat_map(|(_, rules)| rules.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn every_id_is_an_alias_and_every_rule_is_there() {
        let rules = RuleSet::embedded();
        for (ids, covered) in COVERS {
            for id in ids.split_whitespace() {
                assert!(rules.find(id).is_some(), "{id} is no alias");
            }
            for rule in covered.split_whitespace() {
                assert!(rules.rules().iter().any(|known| known.meta.id.as_str() == rule), "{rule} is no rule");
            }
        }
    }
}
