//! A resource as policies see it: the same shape from both dialects, in the framework's own attribute names.

use crate::base::span::Span;
use crate::base::truth::Assumption;

use super::value::Value;

/// Instances of one block, and of what a rule looks at in one resource, that are looked at. That there are more is told.
pub const MAX_INSTANCES: usize = 1000;

/// The kind of a module call of Terraform, as a rule may look at it.
pub const MODULE: &str = "module";
/// The kind of a variable of Terraform, as a rule may look at it. A provider is of the kind `provider.aws`.
pub const VARIABLE: &str = "variable";
/// The kind of a parameter of CloudFormation.
pub const PARAMETER: &str = "parameter";
/// What the kind of a provider begins with.
pub const PROVIDER: &str = "provider.";

/// The kind of a policy document of Terraform's that nothing in its module refers to: nobody knows yet what takes it.
pub const UNUSED_DOCUMENT: &str = "data.aws_iam_policy_document";

/// The kind of a policy document in a file of its own.
pub const POLICY_FILE: &str = "file.policy";

/// Whether a kind is one of resources, and not of what a source declares beside them.
#[must_use]
pub fn is_resource(kind: &str) -> bool {
    kind != VARIABLE && kind != MODULE && kind != PARAMETER && kind != UNUSED_DOCUMENT && kind != POLICY_FILE && !kind.starts_with(PROVIDER)
}

/// What a source says that holds something of this kind.
#[must_use]
pub fn word(kind: &str) -> &str {
    match kind {
        PARAMETER => "Parameters",
        UNUSED_DOCUMENT => "aws_iam_policy_document",
        POLICY_FILE => "Statement",
        _ if kind.starts_with(PROVIDER) => "provider",
        _ => kind,
    }
}

#[derive(Clone, Debug)]
pub struct Resource {
    /// `module.m["k"].aws_s3_bucket.b[0]`, or a logical id.
    pub address: Box<str>,
    /// The same without instance keys: what stays when an instance is added.
    pub plain_address: Box<str>,
    /// `aws_s3_bucket`, `AWS::S3::Bucket`.
    pub kind: Box<str>,
    /// A map; its place is the header.
    pub attrs: Value,
    pub header: Span,
    /// Where the key of this instance stands, if it has one that is written out.
    pub key: Option<Span>,
    /// The calls that lead to it, the outermost first.
    pub trace: Vec<Call>,
    /// It exists only if these hold.
    pub when: Assumption,
}

/// A module call: where it stands, and its address.
#[derive(Clone, Debug)]
pub struct Call {
    pub place: Span,
    /// As that of a [`Resource`].
    pub key: Option<Span>,
    pub address: Box<str>,
}
