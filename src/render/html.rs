//! The audit as one page: a file without anything from outside, readable without a script.
//!
//! What a manager must know stands first: what to rotate, of which accounts, exposed since when, and whether everything was
//! looked at. Then charts, then every finding, then the rules. The policy of the page (CSP) allows its own style and its
//! own script by their hashes, and nothing else; whatever is text of others passes [`markup::text`].

mod charts;
mod findings;
mod inventory;
mod markup;
mod overview;

use std::io::{self, Write};

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::{Style, summary, write_lines};
use crate::base::when;
use crate::report::Report;
use markup::{Page, place, text};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// # Errors
/// What `out` says.
pub fn render(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    head(&mut page);
    page.put("<a class=\"skip\" href=\"#findings\">To the findings</a>\n<header>\n<h1>gatepost report</h1>\n");
    // Zero is no day that anybody asks about: a test, a run without a clock.
    let made = if style.now == 0 { String::new() } else { format!("{}; ", when::date(style.now)) };
    page.line("p", &format!("{made}{}", summary::inputs(report)));
    page.put("</header>\n<main>\n");
    overview::write(report, &mut page);
    inventory::write(report, &mut page);
    charts::write(report, &mut page);
    findings::write(report, &mut page);
    rest(report, &mut page);
    page.put("</main>\n<footer>\n");
    page.line("p", &format!("gatepost {}. Every value that a rule matched is masked.", env!("CARGO_PKG_VERSION")));
    page.put("</footer>\n<script>");
    page.put(SCRIPT);
    page.put("</script>\n</body>\n</html>\n");
    write_lines(out, &page.finish())
}

fn head(page: &mut Page) {
    let hash = |asset: &str| BASE64.encode(&Sha256::digest(asset));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    page.put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.put(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n"));
    page.put(
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n",
    );
    page.put("<meta name=\"color-scheme\" content=\"light dark\">\n<title>gatepost report</title>\n<style>");
    page.put(STYLE);
    page.put("</style>\n</head>\n<body>\n");
}

/// What else a reader must know: what was not looked at, what the source does not tell, notes.
fn rest(report: &Report, page: &mut Page) {
    let troubles: Vec<String> = report
        .troubles
        .iter()
        .map(|trouble| {
            let at = trouble.place.as_ref().map(|at| place(at) + ": ").unwrap_or_default();
            let help = trouble.help.as_ref().map(|help| format!(" <em>{}</em>", text(help))).unwrap_or_default();
            format!("{at}{}: {}{help}", trouble.kind.as_str(), text(&trouble.message))
        })
        .collect();
    let unanswered: Vec<String> = report
        .unanswered
        .iter()
        .map(|question| {
            let (rule, resource) = (text(question.rule.as_str()), text(&question.resource));
            format!(
                "{}: <code>{rule}</code> of <code>{resource}</code> depends on <code>{}</code>",
                place(&question.place),
                text(&question.why)
            )
        })
        .collect();
    let notes: Vec<String> = report.notes.iter().map(|note| text(note)).collect();
    for (id, title, items) in [
        ("troubles", "What was not looked at", troubles),
        ("unanswered", "What the source does not tell", unanswered),
        ("notes", "Notes", notes),
    ] {
        if items.is_empty() {
            continue;
        }
        page.put(&format!("<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n<details>\n"));
        page.put(&format!("<summary>{}</summary>\n<ul>\n", summary::number(items.len() as u64, "line")));
        for item in &items {
            page.put(&format!("<li>{item}</li>\n"));
        }
        page.put("</ul>\n</details>\n</section>\n");
    }
}

#[cfg(test)]
mod tests;
