//! JUnit's XML, for build servers that show tests: a suite for each file, a failed test for each finding, a skipped one for
//! what is suppressed or in the baseline, an error for what was not looked at.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::listing::listing;
use super::xml::Xml;
use super::{Style, came_from, fix_of, location, summary, write_lines};
use crate::finding::{Change, State};
use crate::input::InputPath;
use crate::report::{Report, SealedFinding, SealedTrouble};

/// What has no file: a limit of the whole run, a base that is not there.
const WHOLE: &str = "gatepost";

#[derive(Default)]
struct Suite<'r> {
    findings: Vec<&'r SealedFinding>,
    troubles: Vec<&'r SealedTrouble>,
}

impl Suite<'_> {
    /// Tests, failures, errors, skipped.
    fn counts(&self) -> [usize; 4] {
        let failures = self.findings.iter().filter(|f| f.is_active()).count();
        let (findings, errors) = (self.findings.len(), self.troubles.len());
        [findings + errors, failures, errors, findings - failures]
    }
}

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: BTreeMap<&InputPath, Suite<'_>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|f| is_told(report, f)) {
        suites.entry(&finding.primary.path).or_default().findings.push(finding);
    }
    let mut whole = Suite::default();
    for trouble in &report.troubles {
        let suite = trouble.place.as_ref().map_or(&mut whole, |place| suites.entry(&place.path).or_default());
        suite.troubles.push(trouble);
    }
    // A run without a test is a failure to some build servers: that everything was looked at is one.
    let incomplete = summary::incomplete(report);
    let mut own = whole.counts();
    own[0] += 1;
    own[2] += usize::from(incomplete.is_some());
    let all = suites.values().map(Suite::counts).fold(own, |all, one| [0, 1, 2, 3].map(|at| all[at] + one[at]));

    let mut xml = Xml::new();
    let [tests, failures, errors, _] = all.map(|n| n.to_string());
    xml.begin("testsuites", &[("name", WHOLE), ("tests", &tests), ("failures", &failures), ("errors", &errors)]);
    begin(&mut xml, WHOLE, own);
    xml.begin("testcase", &[("classname", WHOLE), ("name", &summary::inputs(report))]);
    if let Some(incomplete) = incomplete {
        xml.leaf("error", &[("type", "incomplete"), ("message", incomplete)], "");
    }
    xml.end();
    whole.troubles.iter().for_each(|found| trouble(found, WHOLE, &mut xml));
    xml.end();
    for (path, suite) in &suites {
        let name = path.to_str();
        begin(&mut xml, &name, suite.counts());
        suite.findings.iter().for_each(|found| finding(report, found, &name, &mut xml));
        suite.troubles.iter().for_each(|found| trouble(found, &name, &mut xml));
        xml.end();
    }
    write_lines(out, &xml.finish())
}

fn begin(xml: &mut Xml, name: &str, counts: [usize; 4]) {
    let [tests, failures, errors, skipped] = counts.map(|n| n.to_string());
    let counts = [("tests", &*tests), ("failures", &*failures), ("errors", &*errors), ("skipped", &*skipped)];
    xml.begin("testsuite", &[&[("name", name)], counts.as_slice()].concat());
}

fn trouble(t: &SealedTrouble, classname: &str, xml: &mut Xml) {
    let place = t.place.as_ref().filter(|place| place.excerpt.is_some());
    let at = place.map(|place| format!(" at {}:{}", place.start.line, place.start.column)).unwrap_or_default();
    xml.begin("testcase", &[("classname", classname), ("name", &format!("{}{at}", t.kind.as_str()))]);
    xml.leaf("error", &[("type", "incomplete"), ("message", &t.message)], t.help.as_deref().unwrap_or_default());
    xml.end();
}

/// What is fixed is no test any more, and of a comparison only what is new is one.
fn is_told(report: &Report, finding: &SealedFinding) -> bool {
    match finding.change {
        Some(Change::Fixed) => false,
        change => report.compared.is_none() || change == Some(Change::New),
    }
}

fn finding(report: &Report, f: &SealedFinding, classname: &str, xml: &mut Xml) {
    let name = format!("{} at {}:{}", f.rule.as_str(), f.primary.start.line, f.primary.start.column);
    let file = f.primary.path.outermost().map_or_else(|| f.primary.path.to_str(), String::from_utf8_lossy);
    xml.begin("testcase", &[("classname", classname), ("name", &name), ("file", &file)]);
    match &f.state {
        State::Active => {
            xml.leaf("failure", &[("type", f.severity.as_str()), ("message", &f.message)], &words(report, f));
        }
        State::Suppressed { by, reason } => {
            let message = format!("{}: {}: {reason}", f.message, by.as_str());
            xml.leaf("skipped", &[("message", &message)], "");
        }
        State::Baselined => xml.leaf("skipped", &[("message", &format!("{}: in the baseline", f.message))], ""),
    }
    xml.end();
}

fn words(report: &Report, f: &SealedFinding) -> String {
    let mut lines = format!("{}{}\n", location(&f.primary), came_from(&f.primary.origin));
    lines.extend(f.primary.excerpt.as_deref().map(listing));
    lines.extend(f.related.iter().map(|label| format!("{}: {}\n", location(&label.place), label.text.replace('\n', " "))));
    lines.extend(fix_of(report, f).map(|fix| format!("fix: {}\n", fix.replace('\n', " "))));
    lines + "why: gatepost explain " + f.rule.as_str()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, Sketch};
    use super::*;
    use crate::report::Counts;

    fn printed(report: &Report) -> String {
        let mut out = Vec::new();
        render(report, &Style::PLAIN, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn counts_are_those_of_what_is_there() {
        let report = sample::report();
        let xml = printed(&report);
        let (tests, failures, errors) =
            (xml.matches("<testcase ").count(), xml.matches("<failure ").count(), xml.matches("<error ").count());
        let head = format!("<testsuites name=\"gatepost\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n");
        assert!(xml.contains(&head), "{head}");
        assert_eq!((failures, xml.matches("<skipped ").count()), (report.active().count(), 2));
        assert_eq!(errors, report.troubles.len() + 1);
    }

    #[test]
    fn a_clean_run_is_one_test_that_passes() {
        let mut sketch = Sketch::default();
        sketch.draft.counts = Counts { scanned: 3, bytes: 10, ..Counts::default() };
        let xml = printed(&sketch.seal());
        assert!(xml.contains("tests=\"1\" failures=\"0\" errors=\"0\""), "{xml}");
        assert!(xml.contains("name=\"scanned 3 inputs (10 bytes)\""), "{xml}");
    }
}
