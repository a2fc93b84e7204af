//! The reports of several repositories as one.

use super::{Counts, Report, SealedFinding, SealedLabel, SealedPlace, order, question_order, trouble_order};

/// One report of several, each with the name that its paths are told below. Everything else of a finding stays as it is: its
/// fingerprint is that of its own repository.
#[must_use]
pub fn combine(parts: Vec<(String, Report)>) -> Report {
    let mut all = Report {
        findings: Vec::new(),
        troubles: Vec::new(),
        unanswered: Vec::new(),
        counts: Counts::default(),
        notes: Vec::new(),
        rules: std::collections::BTreeMap::new(),
        compared: None,
        interrupted: false,
    };
    for (name, part) in parts {
        all.findings.extend(part.findings.into_iter().map(|finding| below(finding, &name)));
        all.troubles.extend(part.troubles.into_iter().map(|mut trouble| {
            match trouble.place.as_mut() {
                Some(place) => move_below(place, &name),
                None => trouble.message = format!("{name}: {}", trouble.message),
            }
            trouble
        }));
        all.unanswered.extend(part.unanswered.into_iter().map(|mut question| {
            move_below(&mut question.place, &name);
            question
        }));
        all.notes.extend(part.notes.into_iter().map(|note| format!("{name}: {note}")));
        all.counts.add(&part.counts);
        all.rules.extend(part.rules);
        all.interrupted |= part.interrupted;
    }
    all.findings.sort_by(|a, b| order(a).cmp(&order(b)));
    all.troubles.sort_by(|a, b| trouble_order(a).cmp(&trouble_order(b)));
    all.unanswered.sort_by(|a, b| question_order(a).cmp(&question_order(b)));
    all
}

fn below(finding: SealedFinding, name: &str) -> SealedFinding {
    let (mut primary, mut related) = (finding.primary, finding.related);
    move_below(&mut primary, name);
    for SealedLabel { place, .. } in &mut related {
        move_below(place, name);
    }
    SealedFinding { primary, related, ..finding }
}

fn move_below(place: &mut SealedPlace, name: &str) {
    place.path = place.path.below(name.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::one;

    #[test]
    fn everything_is_told_below_its_repository() {
        let (a, b) = (one(), one());
        let path = a.findings[0].primary.path.to_string();
        let both = combine(vec![("z".to_owned(), a.clone()), ("y".to_owned(), b)]);
        let paths: Vec<_> = both.findings.iter().map(|finding| finding.primary.path.to_string()).collect();
        assert_eq!(paths, [format!("y/{path}"), format!("z/{path}")]);
        assert_eq!(both.counts.scanned, 2 * a.counts.scanned);
        assert_eq!(both.findings[0].fingerprint, a.findings[0].fingerprint);
        assert!(both.inventory().len() <= 1, "the same credential in two repositories is one");
    }
}
