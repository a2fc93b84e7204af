//! Named checks that a match must pass: what a pattern cannot say. All of them are offline and look at bytes alone.

use std::ops::Range;

use crate::base::ids::{Confidence, Severity};
use crate::base::secret::Secret;

use super::placeholder::is_placeholder;

pub mod address;
pub mod assigned;
pub mod aws;
pub mod azure;
pub mod base62;
pub mod basic;
pub mod crc32;
pub mod gcp;
pub mod github;
pub mod gitlab;
pub mod jwt;
pub mod keys;
pub mod kubernetes;
pub mod macaroon;
pub mod made;
pub mod marvin;
pub mod npm;
#[cfg(test)]
mod tests_checksums;

/// What a rule's pattern found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The content; a validator looks no further than its rule's reach.
    pub bytes: &'a [u8],
    pub secret: Range<usize>,
}

impl<'a> Candidate<'a> {
    #[must_use]
    pub fn value(&self) -> &'a [u8] {
        self.bytes.get(self.secret.clone()).unwrap_or_default()
    }

    /// The bytes in front, the nearest last.
    #[must_use]
    pub fn before(&self) -> &'a [u8] {
        self.bytes.get(..self.secret.start).unwrap_or_default()
    }

    #[must_use]
    pub fn after(&self) -> &'a [u8] {
        self.bytes.get(self.secret.end..).unwrap_or_default()
    }
}

/// What a validator says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    Reject,
    Accept(Evidence),
}

impl Check {
    /// Nothing to add.
    pub const PASS: Check = Check::Accept(Evidence::NONE);
}

/// What a validator found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Follows the rule's title in a message: `of account 123456789012`.
    pub note: Option<String>,
    /// The account that the value belongs to.
    pub account: Option<String>,
    /// The most that a finding weighs, and one without its partner.
    pub severity: Option<Severity>,
    pub alone: Option<Severity>,
    /// The most that a finding is sure of.
    pub confidence: Option<Confidence>,
    /// The whole of the secret, where it goes on behind the pattern's match.
    pub secret: Option<Range<usize>>,
    /// The secret itself, where the same one can be spelled in many ways.
    pub identity: Option<Secret>,
    /// It stands where no partner of it does.
    pub single: bool,
}

impl Evidence {
    pub const NONE: Evidence =
        Evidence { note: None, account: None, severity: None, alone: None, confidence: None, secret: None, identity: None, single: false };

    /// Both say something: the stricter limits hold, and the first note.
    #[must_use]
    pub fn and(self, other: Evidence) -> Evidence {
        Evidence {
            note: self.note.or(other.note),
            account: self.account.or(other.account),
            severity: least(self.severity, other.severity),
            alone: least(self.alone, other.alone),
            confidence: least(self.confidence, other.confidence),
            secret: self.secret.or(other.secret),
            identity: self.identity.or(other.identity),
            single: self.single || other.single,
        }
    }
}

fn least<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// A check of a match.
pub trait Validator: Sync {
    fn check(&self, candidate: &Candidate<'_>) -> Check;
}

impl<F: Fn(&Candidate<'_>) -> Check + Sync> Validator for F {
    fn check(&self, candidate: &Candidate<'_>) -> Check {
        self(candidate)
    }
}

/// A validator as rules call it.
pub struct Named {
    pub name: &'static str,
    pub validator: &'static dyn Validator,
}

/// Every validator, by its name.
pub static VALIDATORS: &[Named] = &[
    Named { name: "address-login", validator: &address::login },
    Named { name: "address-password", validator: &address::url },
    Named { name: "address-token", validator: &address::url_token },
    Named { name: "age-checksum", validator: &keys::bech32::age },
    Named { name: "atlassian-crc32", validator: &crc32::atlassian },
    Named { name: "authorization", validator: &address::header },
    Named { name: "aws-access-key-id", validator: &aws::key_id },
    Named { name: "aws-appsync-key", validator: &aws::tokens::appsync },
    Named { name: "aws-bedrock-key", validator: &aws::tokens::bedrock },
    Named { name: "aws-bedrock-short-key", validator: &aws::tokens::bedrock_short },
    Named { name: "aws-codecommit-password", validator: &aws::tokens::codecommit },
    Named { name: "aws-secret", validator: &aws::secret },
    Named { name: "aws-ses-smtp-bare", validator: &aws::tokens::ses_smtp_bare },
    Named { name: "aws-ses-smtp-password", validator: &aws::tokens::ses_smtp },
    Named { name: "aws-session-token", validator: &aws::tokens::session_token },
    Named { name: "aws-spoken-of", validator: &aws::spoken_of },
    Named { name: "azure-annotated-key", validator: &azure::annotated },
    Named { name: "azure-client-secret", validator: &azure::client_secret },
    Named { name: "azure-devops-token", validator: &azure::devops },
    Named { name: "azure-key", validator: &azure::random },
    Named { name: "azure-marked-key", validator: &azure::marked },
    Named { name: "azure-shared-access", validator: &azure::shared_access },
    Named { name: "base58check-extended-key", validator: &keys::coin::extended },
    Named { name: "base58check-key", validator: &keys::coin::wif },
    Named { name: "basic-auth", validator: &address::basic },
    Named { name: "basic-credentials", validator: &basic::credentials },
    Named { name: "basic-password", validator: &basic::password },
    Named { name: "cloudflare-crc32", validator: &crc32::cloudflare },
    Named { name: "connection-string", validator: &address::connection },
    Named { name: "curve-hex", validator: &keys::raw::curve_hex },
    Named { name: "der-key", validator: &keys::der::headless },
    Named { name: "driver-address", validator: &address::driver },
    Named { name: "encoded-password", validator: &address::encoded },
    Named { name: "ethereum-account", validator: &keys::raw::ethereum },
    Named { name: "github-crc32", validator: &github::checksum },
    Named { name: "gitlab-routable", validator: &gitlab::routable },
    Named { name: "google-api-key", validator: &gcp::api_key },
    Named { name: "google-service-account", validator: &gcp::service_account },
    Named { name: "grafana-crc32", validator: &crc32::grafana },
    Named { name: "hex-crc32", validator: &crc32::whole },
    Named { name: "jwk", validator: &keys::jwk::json },
    Named { name: "jwt", validator: &github::jwt },
    Named { name: "jwt-azure", validator: &jwt::azure },
    Named { name: "jwt-kubernetes", validator: &jwt::kubernetes },
    Named { name: "jwt-other", validator: &jwt::other },
    Named { name: "jwt-supabase", validator: &jwt::supabase },
    Named { name: "kubernetes-bootstrap-token", validator: &kubernetes::bootstrap_token },
    Named { name: "kubernetes-client-key", validator: &kubernetes::client_key },
    Named { name: "mixed-letters", validator: &made::mixed },
    Named { name: "not-placeholder", validator: &not_placeholder },
    Named { name: "npm-crc32", validator: &npm::checksum },
    Named { name: "openvpn-body", validator: &keys::raw::openvpn },
    Named { name: "pem-body", validator: &keys::pem::body },
    Named { name: "putty-body", validator: &keys::putty::key },
    Named { name: "pypi-macaroon", validator: &macaroon::pypi },
    Named { name: "registry-token", validator: &made::registry_token },
    Named { name: "signing-key", validator: &keys::signing::key },
    Named { name: "signing-secret", validator: &made::signing_secret },
    Named { name: "slack-token", validator: &made::slack },
    Named { name: "stripe-key", validator: &made::stripe },
    Named { name: "told-chance", validator: &assigned::chance },
    Named { name: "told-given", validator: &assigned::given },
    Named { name: "told-mentioned", validator: &assigned::mentioned },
    Named { name: "told-password", validator: &assigned::password },
    Named { name: "told-secret", validator: &assigned::secret },
    Named { name: "vault-token", validator: &made::vault },
    Named { name: "wireguard-key", validator: &keys::raw::wireguard },
    Named { name: "xml-key", validator: &keys::jwk::xml },
];

/// The validator of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Validator> {
    VALIDATORS.iter().find(|named| named.name == name).map(|named| named.validator)
}

fn not_placeholder(candidate: &Candidate<'_>) -> Check {
    if is_placeholder(candidate.value()) { Check::Reject } else { Check::PASS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validators_stand_by_their_names() {
        assert!(VALIDATORS.is_sorted_by(|a, b| a.name < b.name));
    }
}
