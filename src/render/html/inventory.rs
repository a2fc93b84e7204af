//! The list of what to rotate, the gravest first.

use super::markup::{Page, place, text};
use crate::base::when;
use crate::finding::Exposure;
use crate::render::inventory::ref_name;
use crate::render::{short, summary};
use crate::report::{Credential, Report};

/// Credentials that are listed; where there are more, the gravest.
const ROWS: usize = 1000;
/// Places and people that are named of a credential; the findings have all.
const SHOWN: usize = 5;

pub fn write(report: &Report, page: &mut Page) {
    let inventory = report.inventory();
    if inventory.is_empty() {
        return;
    }
    let history = inventory.iter().any(|credential| credential.exposure.is_some());
    page.put("<section aria-labelledby=\"rotate\">\n<h2 id=\"rotate\">What to rotate</h2>\n");
    page.put("<p>Each credential once, the gravest first, then what is still there, then the oldest. What leaked stays leaked: ");
    page.put("taking it out of the code does not take it back.</p>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Credentials\">\n");
    page.put("<table>\n<thead>\n<tr><th scope=\"col\">Severity</th><th scope=\"col\">Credential</th>");
    page.put(if history { "<th scope=\"col\">Exposed</th><th scope=\"col\">Brought by</th>" } else { "" });
    page.put("<th scope=\"col\">Where</th></tr>\n</thead>\n<tbody>\n");
    for credential in inventory.iter().take(ROWS) {
        row(credential, history, page);
    }
    page.put("</tbody>\n</table>\n</div>\n");
    if inventory.len() > ROWS {
        let more = inventory.len() - ROWS;
        page.put(&format!("<p>And {more} more of no more weight: <code>--format inventory</code> lists all.</p>\n"));
    }
    page.put("</section>\n");
}

fn row(credential: &Credential<'_>, history: bool, page: &mut Page) {
    let account = credential.account.map(|account| format!(" of account <code>{}</code>", text(account))).unwrap_or_default();
    let severity = credential.severity;
    page.put(&format!("<tr><td><span class=\"badge {severity}\">{severity}</span></td><td>{}{account}</td>", text(credential.kind)));
    if history {
        let exposed = credential.exposure.as_ref().map(exposed).unwrap_or_default();
        let authors = some(credential.authors.iter().map(|author| text(author)).collect());
        page.put(&format!("<td>{exposed}</td><td>{authors}</td>"));
    }
    page.put(&format!("<td>{}</td></tr>\n", some(credential.places.iter().map(|at| place(at)).collect())));
}

/// Since when, until when, and whether anybody who clones has it.
pub fn exposed(exposure: &Exposure) -> String {
    let (first, last) = (when::date(exposure.first.when), when::date(exposure.last.when));
    let to = if first == last { String::new() } else { format!(" to {last}") };
    let days = summary::number(exposure.days(), "day");
    let still = exposure
        .still_in
        .as_deref()
        .map_or_else(|| "in no ref any more".to_owned(), |name| format!("<strong>still in {}</strong>", text(&ref_name(name))));
    format!("{first}{to}, {days}, {still}; first in <code>{}</code>", short(exposure.first.commit))
}

/// The first few, each on a line.
fn some(mut items: Vec<String>) -> String {
    let more = items.len().saturating_sub(SHOWN);
    items.truncate(SHOWN);
    if more > 0 {
        items.push(format!("and {more} more"));
    }
    items.join("<br>")
}
