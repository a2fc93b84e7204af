use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::*;
use crate::base::ids::Severity;
use crate::finding::{Place, fingerprint};
use crate::input::Origin;
use crate::render::sample::{self, Sketch};
use crate::report::Counts;

fn printed(report: &Report) -> String {
    let mut out = Vec::new();
    render(report, &Style::PLAIN, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

/// What stands between a tag that has nothing but its name and its end.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    page.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map(|(inner, _)| inner).expect(start)
}

#[test]
fn the_policy_allows_the_style_and_the_script_that_are_there_and_nothing_else() {
    let page = printed(&sample::report());
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (kind, tag) in [("style-src", "style"), ("script-src", "script")] {
        let hash = BASE64.encode(&Sha256::digest(between(&page, &format!("<{tag}>"), &format!("</{tag}>"))));
        assert!(policy.contains(&format!("{kind} 'sha256-{hash}'")), "{tag}");
        assert_eq!(page.matches(&format!("<{tag}")).count(), 1, "{tag}");
    }
    for forbidden in [" style=", " src=", "@import", "url(", "<iframe", "<object", "<link", "<base", "javascript:"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let tags = page.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default());
    assert_eq!(tags.clone().find(|tag| tag.contains(" on")), None);
    assert!(tags.filter_map(|tag| tag.split_once("href=\"")).all(|(_, url)| url.starts_with(['#']) || url.starts_with("https://")));
}

#[test]
fn a_manager_reads_first_what_to_rotate() {
    let page = printed(&sample::report());
    let at = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part}"));
    assert!(at("incomplete: not everything was looked at") < at("<dl class=\"cards\">"));
    assert!(at("credentials that look alive: rotate them") < at("What to rotate"));
    assert!(at("What to rotate") < at("Where and when") && at("Where and when") < at(">Findings</h2>"));
    // An old one of an account, still in a branch.
    let row = between(&page, "of account <code>123456789012</code>", "</tr>");
    assert!(row.contains("2025-03-01 to 2025-06-24, 231 days, <strong>still in main</strong>"), "{row}");
}

/// What lies in no commit is not in what is checked out.
#[test]
fn what_is_checked_out_is_counted_as_the_inventory_does() {
    let page = |in_head: bool| {
        let mut report = sample::report();
        report.findings.retain(|f| f.rule.as_str() == "aws-access-key" || f.exposure.is_some());
        for f in &mut report.findings {
            f.severity = Severity::High;
            if let Some(exposure) = &mut f.exposure {
                exposure.still_in = in_head.then(|| "HEAD".to_owned());
            }
        }
        printed(&report)
    };
    assert!(page(false).contains("0 of them in what is checked out"));
    assert!(page(true).contains("1 of them in what is checked out"));
}

#[test]
fn every_finding_is_there_with_code_chain_reason_fix_and_the_way_to_ignore_it() {
    let report = sample::report();
    let page = printed(&report);
    let row = between(&page, "<summary>ACL public-read makes aws_s3_bucket.logs public<br>", "</tr>");
    for part in [
        "<span class=\"n\">3</span> ",
        "<mark>var.acl</mark>",
        "<li><code>infra/variables.tf:2:13</code>: default of var.acl<pre>",
        "<b>Why:</b> Public bucket by ACL: whoever sees it can use it.",
        "<b>Fix:</b> Set the ACL to private",
        "acl = &quot;private&quot;",
        "gatepost allow 01",
    ] {
        assert!(row.contains(part), "{part} in {row}");
    }
    let rows = page.matches("<tr><td data-k=").count();
    assert_eq!(rows, report.findings.len());
    let (counting, apart) = page.split_once("id=\"silent\"").expect("some are silent");
    assert_eq!(counting.matches("<tr><td data-k=").count(), report.shown().count());
    assert!(apart.contains("suppressed, inline: a fixture") && apart.contains("in the baseline"));
}

#[test]
fn nothing_found_and_everything_looked_at_is_told() {
    let mut sketch = Sketch::default();
    sketch.draft.counts = Counts { scanned: 3, bytes: 10, ..Counts::default() };
    let page = printed(&sketch.seal());
    assert!(page.contains("Everything was looked at.") && page.contains("<p>None.</p>"));
    assert!(!page.contains("<svg") && !page.contains("class=\"alarm\""));
}

#[test]
fn many_findings_have_their_reasons_once() {
    let mut report = sample::report();
    let one = report.findings.iter().find(|f| f.rule.as_str() == "s3-public-acl").expect("there").clone();
    report.findings = vec![one; 3000];
    let page = printed(&report);
    assert_eq!(page.matches("<tr><td data-k=").count(), 3000);
    assert_eq!(page.matches("Public bucket by ACL: whoever sees it").count(), 1);
    assert!(page.len() < 4 << 20, "{}", page.len());
}

#[test]
fn years_and_bars_are_bounded() {
    let mut sketch = Sketch::default();
    for n in 0..100_usize {
        let file = sketch.input(format!("d{n}/x").as_bytes(), Origin::File);
        sketch.finding(&format!("rule-{n}"), Severity::High, "m", Place::whole(file)).group = fingerprint("n", &[&n.to_le_bytes()]);
    }
    let mut report = sketch.seal();
    let exposure = sample::report().findings.iter().find_map(|f| f.exposure.clone()).expect("one has");
    for (f, when) in report.findings.iter_mut().zip([i64::MIN / 2, -1, i64::MAX / 2]) {
        let mut exposure = exposure.clone();
        exposure.first.when = when;
        exposure.last.when = when;
        exposure.until = when;
        f.exposure = Some(exposure);
    }
    let page = printed(&report);
    assert!(page.matches("<rect").count() <= 2 + 2 * 40 + 6 + 10 + 10, "{}", page.matches("<rect").count());
    assert!(page.contains(">91 others</text>"));
}
