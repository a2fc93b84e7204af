//! The families that rules answer for: the classes by which findings of several tools are compared.
//!
//! A rule may have others; a name that is nearly one of these is most likely a mistake.

/// Every family that the built-in rules may carry, by what it is about.
const FAMILIES: &[&str] = &[
    // Secrets, by who gives them out, and files of them.
    "aws github gitlab slack stripe pem gcp azure npm pypi jwt dburi basicauth llm docker dotenv k8s hashicorp telegram",
    "discord sendgrid twilio password generic other credential-file served-credentials",
    // Identity and trust.
    "iam-full-admin iam-wildcard-action iam-service-wildcard iam-any-wildcard iam-wildcard-resource",
    "iam-write-unconstrained iam-not-action iam-not-resource iam-passrole-wildcard iam-privilege-escalation",
    "iam-permissions-management iam-credentials-exposure iam-data-exfiltration iam-trust-wildcard-principal",
    "iam-trust-account-root iam-trust-cross-account-no-condition iam-trust-not-principal iam-trust-wildcard-action",
    "iam-oidc-github-trust iam-policy-attached-to-user iam-admin-policy-attached iam-user-access-key",
    "iam-user-too-many-keys iam-root-access-key iam-password-policy-length iam-password-policy-lowercase",
    "iam-password-policy-uppercase iam-password-policy-number iam-password-policy-symbol iam-password-policy-expiry",
    "iam-password-policy-reuse iam-invalid-policy iam-unknown-action iam-resource-type-mismatch iam-redundant",
    "iam-condition-weak iam-user-no-mfa-condition",
    // Public resources and their policies.
    "s3-public-acl s3-authenticated-acl s3-public-bucket-policy s3-access-point-public s3-public-access-block-missing",
    "s3-block-public-acls-off s3-block-public-policy-off s3-ignore-public-acls-off s3-restrict-public-buckets-off",
    "sqs-policy-public sns-policy-public kms-policy-public ecr-policy-public secretsmanager-policy-public",
    "lambda-permission-public lambda-permission-no-source lambda-url-no-auth other-resource-policy-public",
    "resource-policy-wildcard-action resource-policy-not-action resource-policy-not-principal",
    // Storage, network, compute, data.
    "s3-no-encryption s3-no-versioning s3-no-logging s3-no-mfa-delete s3-insecure-transport",
    "sg-open-ingress-ssh sg-open-ingress-rdp sg-open-ingress-all-ports sg-open-ingress-any sg-open-egress",
    "sg-default-open nacl-open-ingress ec2-public-ip imdsv1 lambda-deprecated-runtime rds-public rds-unencrypted",
    "redshift-public dms-public mq-public msk-public ebs-unencrypted kms-no-rotation sqs-no-encryption",
    "sns-no-encryption ec2-shared-instance-role sg-default-egress",
    // Trails and accounts.
    "cloudtrail-disabled cloudtrail-not-multi-region cloudtrail-no-validation cloudtrail-no-kms",
    "cloudtrail-no-cloudwatch cloudtrail-bucket-public cloudtrail-bucket-no-logging account-no-billing-alarm",
    "account-no-cloudtrail account-no-guardduty account-no-password-policy account-no-s3-block",
    // What decides about findings.
    "suppression policy-changed",
    // Secrets in infrastructure code.
    "secret-provider-keys secret-lambda-env secret-user-data secret-db-password secret-other-property",
    "secret-parameter-name secret-reference-malformed",
];

/// Every known family.
pub fn all() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().flat_map(|line| line.split(' '))
}

/// Whether a family's first word is one of the known ones': `acme-token` is somebody's own, `s3-acl` is not.
#[must_use]
pub fn is_own(family: &str) -> bool {
    let first = |family: &str| family.split('-').next().unwrap_or_default().to_owned();
    let own = first(family);
    own != family && all().all(|known| first(known) != own)
}
