//! What a manager must know, in a few sentences and figures.

use std::collections::BTreeSet;

use super::markup::{Page, place, text};
use crate::base::ids::Severity;
use crate::base::when;
use crate::finding::State;
use crate::render::summary;
use crate::report::{Credential, Report};

/// Troubles that are named at the top; all of them stand at the end.
const TROUBLES_SHOWN: usize = 5;
/// Accounts that are named.
const ACCOUNTS_SHOWN: usize = 8;

pub fn write(report: &Report, page: &mut Page) {
    let inventory = report.inventory();
    page.put("<section aria-labelledby=\"overview\">\n<h2 id=\"overview\">At a glance</h2>\n");
    incomplete(report, page);
    page.put("<dl class=\"cards\">\n");
    credentials(&inventory, page);
    accounts(&inventory, page);
    exposed(&inventory, page);
    findings(report, page);
    page.put("</dl>\n</section>\n");
}

fn incomplete(report: &Report, page: &mut Page) {
    let Some(incomplete) = summary::incomplete(report) else {
        page.put("<p class=\"complete\">Everything was looked at.</p>\n");
        return;
    };
    page.put(&format!("<div class=\"alarm\">\n<p><strong>{}</strong></p>\n", text(incomplete)));
    if !report.troubles.is_empty() {
        page.put("<ul>\n");
        for trouble in report.troubles.iter().take(TROUBLES_SHOWN) {
            let at = trouble.place.as_ref().map(|at| place(at) + ": ").unwrap_or_default();
            page.put(&format!("<li>{at}{}</li>\n", text(&trouble.message)));
        }
        if report.troubles.len() > TROUBLES_SHOWN {
            let more = report.troubles.len() - TROUBLES_SHOWN;
            page.put(&format!("<li><a href=\"#troubles\">and {more} more</a></li>\n"));
        }
        page.put("</ul>\n");
    }
    page.put("</div>\n");
}

/// Whether it may open something: what is encrypted, published, an example or in a test is of less severity.
pub fn looks_alive(credential: &Credential<'_>) -> bool {
    credential.severity >= Severity::Medium
}

fn credentials(inventory: &[Credential<'_>], page: &mut Page) {
    let alive = inventory.iter().filter(|credential| looks_alive(credential)).count();
    // Where a history was looked at, what no commit has is not there.
    let history = inventory.iter().any(|credential| credential.exposure.is_some());
    let is_there = |credential: &&Credential<'_>| credential.is_in_head() && (credential.exposure.is_some() || !history);
    let there = inventory.iter().filter(|credential| looks_alive(credential)).filter(is_there).count();
    let mut said = Vec::new();
    if alive > 0 {
        said.push(format!("{there} of them in what is checked out"));
    }
    if inventory.len() > alive {
        said.push(format!("{} more that open nothing by the looks of them", inventory.len() - alive));
    }
    let noun = if alive == 1 { "credential that looks alive: rotate it" } else { "credentials that look alive: rotate them" };
    card(page, if alive > 0 { "bad" } else { "good" }, &alive.to_string(), noun, &said.join("; "));
}

fn accounts(inventory: &[Credential<'_>], page: &mut Page) {
    let all: BTreeSet<_> =
        inventory.iter().filter(|credential| looks_alive(credential)).filter_map(|credential| credential.account).collect();
    if all.is_empty() {
        return;
    }
    let mut named: Vec<_> = all.iter().take(ACCOUNTS_SHOWN).copied().collect();
    let more = format!("and {} more", all.len().saturating_sub(ACCOUNTS_SHOWN));
    if all.len() > ACCOUNTS_SHOWN {
        named.push(&more);
    }
    let noun = if all.len() == 1 { "account that they are of" } else { "accounts that they are of" };
    card(page, "bad", &all.len().to_string(), noun, &named.join(", "));
}

fn exposed(inventory: &[Credential<'_>], page: &mut Page) {
    let alive = inventory.iter().filter(|credential| looks_alive(credential));
    let exposures: Vec<_> = alive.filter_map(|credential| credential.exposure.as_ref()).collect();
    let Some(since) = exposures.iter().map(|exposure| exposure.first.when).min() else { return };
    let longest = exposures.iter().map(|exposure| exposure.days()).max().unwrap_or(0);
    let said = format!("the longest was exposed for {}", summary::number(longest, "day"));
    card(page, "bad", &when::date(since), "is the day of the first commit with one of them", &said);
}

fn findings(report: &Report, page: &mut Page) {
    let shown = report.shown().count();
    let each = |s: Severity| (report.shown().filter(|f| f.severity == s).count(), s);
    let said: Vec<_> = Severity::ALL.into_iter().rev().map(each).filter(|(n, _)| *n > 0).map(|(n, s)| format!("{n} {s}")).collect();
    let noun = if shown == 1 { "finding" } else { "findings" };
    card(page, if shown > 0 { "bad" } else { "good" }, &shown.to_string(), noun, &said.join(", "));
    let silent = report.findings.iter().filter(|f| f.state != State::Active).count();
    if silent > 0 {
        card(page, "", &silent.to_string(), "suppressed or in the baseline", "");
    }
}

fn card(page: &mut Page, kind: &str, figure: &str, noun: &str, said: &str) {
    let said = if said.is_empty() { String::new() } else { format!("<dd>{}</dd>", text(said)) };
    page.put(&format!("<div class=\"card {kind}\"><dt><b>{}</b> {}</dt>{said}</div>\n", text(figure), text(noun)));
}
