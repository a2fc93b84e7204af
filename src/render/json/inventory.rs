//! Credentials and how long they were exposed, on the wire.

use serde::Serialize;

use crate::base::ids::Severity;
use crate::base::when;
use crate::finding::{Exposure, Sighting};
use crate::report::{Credential, Report};

/// `until` is the day of the scan where a ref still has it.
#[derive(Serialize)]
pub struct ExposureV1 {
    first: SightingV1,
    last: SightingV1,
    still_in: Option<String>,
    until: String,
    days: u64,
}

#[derive(Serialize)]
struct SightingV1 {
    commit: String,
    /// The committer's time, in UTC.
    when: String,
    author: Option<String>,
}

#[derive(Serialize)]
pub struct CredentialV1<'a> {
    group: String,
    rule: &'a str,
    kind: &'a str,
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure: Option<ExposureV1>,
    authors: Vec<&'a str>,
    places: Vec<String>,
    in_head: bool,
}

impl ExposureV1 {
    pub fn of(exposure: &Exposure) -> Self {
        let sighting = |s: &Sighting| SightingV1 { commit: s.commit.to_string(), when: when::utc(s.when), author: s.author.clone() };
        ExposureV1 {
            first: sighting(&exposure.first),
            last: sighting(&exposure.last),
            still_in: exposure.still_in.clone(),
            until: when::utc(exposure.until),
            days: exposure.days(),
        }
    }
}

/// The inventory of a report.
pub fn rows(report: &Report) -> Vec<CredentialV1<'_>> {
    report.inventory().into_iter().map(row).collect()
}

fn row(credential: Credential<'_>) -> CredentialV1<'_> {
    CredentialV1 {
        group: credential.group.to_string(),
        in_head: credential.is_in_head(),
        rule: credential.rule.as_str(),
        kind: credential.kind,
        severity: credential.severity,
        account: credential.account,
        exposure: credential.exposure.as_ref().map(ExposureV1::of),
        authors: credential.authors.into_iter().collect(),
        places: credential.places.iter().map(|place| place.path.to_str().into_owned()).collect(),
    }
}
