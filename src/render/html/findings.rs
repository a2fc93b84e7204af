//! Every finding: a table of those that count, one apart of those that do not, and the rules, each told once.

use std::collections::BTreeMap;

use super::inventory::exposed;
use super::markup::{Page, lines, place, prose, source, text};
use crate::base::ids::{Confidence, RuleId};
use crate::base::when;
use crate::finding::{Change, Fix, State};
use crate::render::{gravest_first, summary};
use crate::report::{Report, RuleInfo, SealedFinding};

/// Findings of which each has its reason and its fix beside it; of more, the rule alone has them, so that a browser opens the page.
const IN_FULL: usize = 2000;
/// Related places that are told of a finding.
const RELATED_SHOWN: usize = 20;

pub fn write(report: &Report, page: &mut Page) {
    let numbers: BTreeMap<&RuleId, usize> = report.rules.keys().enumerate().map(|(number, id)| (id, number)).collect();
    let shown = gravest_first(report);
    let table = Table { report, numbers: &numbers, in_full: report.findings.len() <= IN_FULL };
    page.put("<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings</h2>\n");
    if shown.is_empty() {
        page.put("<p>None.</p>\n");
    } else {
        controls(&shown, page);
        table.write(&shown, "Findings that count, the gravest first", page);
    }
    page.put("</section>\n");
    let silent: Vec<_> = report.findings.iter().filter(|f| !f.is_active()).collect();
    if !silent.is_empty() {
        page.put("<section aria-labelledby=\"silent\">\n<h2 id=\"silent\">Suppressed, in the baseline, or fixed</h2>\n<details>\n");
        page.put(&format!("<summary>{}</summary>\n", summary::number(silent.len() as u64, "finding")));
        table.write(&silent, "Findings that do not count", page);
        page.put("</details>\n</section>\n");
    }
    rules(report, page);
}

/// For whoever has a script; without one everything is there, unfiltered.
fn controls(shown: &[&SealedFinding], page: &mut Page) {
    page.put(
        "<div id=\"filter\" role=\"search\" hidden>\n<label>Search <input type=\"search\" id=\"words\" autocomplete=\"off\"></label>\n",
    );
    page.put("<label>Severity <select id=\"severity\"><option value=\"0\">all</option><option value=\"1\">low and above</option>");
    page.put("<option value=\"2\">medium and above</option><option value=\"3\">high and above</option><option value=\"4\">critical</option></select></label>\n");
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for f in shown {
        *rules.entry(f.rule.as_str()).or_default() += 1;
    }
    page.put("<label>Rule <select id=\"rule\"><option value=\"\">all</option>");
    for (rule, count) in rules {
        page.put(&format!("<option value=\"{0}\">{0} ({count})</option>", text(rule)));
    }
    page.put("</select></label>\n<button type=\"button\" id=\"expand\">Open all</button>\n<button type=\"button\" id=\"more\" hidden>Show more</button>\n<p id=\"count\" role=\"status\"></p>\n</div>\n");
}

struct Table<'r> {
    report: &'r Report,
    numbers: &'r BTreeMap<&'r RuleId, usize>,
    in_full: bool,
}

impl Table<'_> {
    fn write(&self, findings: &[&SealedFinding], caption: &str, page: &mut Page) {
        page.put("<table class=\"findings\">\n");
        page.line("caption", caption);
        page.put(
            "<thead>\n<tr><th scope=\"col\" class=\"s\">Severity</th><th scope=\"col\">Finding</th><th scope=\"col\" class=\"r\">Rule</th>",
        );
        page.put("<th scope=\"col\" class=\"d\">Since</th></tr>\n</thead>\n<tbody>\n");
        for f in findings {
            self.row(f, page);
        }
        page.put("</tbody>\n</table>\n");
    }

    fn row(&self, f: &SealedFinding, page: &mut Page) {
        let (severity, message) = (f.severity, text(&f.message));
        page.put(&format!("<tr><td data-k=\"{}\"><span class=\"badge {severity}\">{severity}</span></td><td>", f.severity as u8));
        let at = format!("<span class=\"at\">{}{}</span>", place(&f.primary), standing(f));
        page.put(&format!("<details><summary>{message}<br>{at}</summary>\n"));
        self.body(f, page);
        page.put("</details></td>");
        let rule = text(f.rule.as_str());
        let rule = self.numbers.get(&f.rule).map_or_else(|| rule.clone(), |number| format!("<a href=\"#rule-{number}\">{rule}</a>"));
        let since = f.exposure.as_ref().map(|exposure| when::date(exposure.first.when)).unwrap_or_default();
        page.put(&format!("<td>{rule}</td><td>{since}</td></tr>\n"));
    }

    fn body(&self, f: &SealedFinding, page: &mut Page) {
        if f.suppressed_here {
            page.put("<p><strong>An inline ignore that came with this change names it; it does not hold.</strong></p>\n");
        }
        if let Some(excerpt) = &f.primary.excerpt {
            page.put(&source(excerpt));
        }
        if !f.related.is_empty() {
            page.put("<ol class=\"chain\">\n");
            for label in f.related.iter().take(RELATED_SHOWN) {
                let at = label.place.excerpt.as_deref().filter(|_| self.in_full).map(source).unwrap_or_default();
                page.put(&format!("<li>{}: {}{at}</li>\n", place(&label.place), text(&label.text)));
            }
            if f.related.len() > RELATED_SHOWN {
                page.put(&format!("<li>and {} more</li>\n", f.related.len() - RELATED_SHOWN));
            }
            page.put("</ol>\n");
        }
        let info = self.report.rules.get(&f.rule);
        if let Some(resource) = &f.resource {
            page.put(&format!("<p>In <code>{}</code></p>\n", text(resource)));
        }
        if let Some(exposure) = &f.exposure {
            let by = exposure.first.author.as_deref().map(|author| format!(", by {}", text(author))).unwrap_or_default();
            page.put(&format!("<p><b>Exposed:</b> {}{by}</p>\n", exposed(exposure)));
        }
        if f.confidence != Confidence::High {
            page.put(&format!("<p>{} confidence</p>\n", f.confidence));
        }
        let general = info.is_some_and(|info| f.fix.as_ref().is_none_or(|fix| fix.text == info.fix && fix.commands.is_empty()));
        if let Some(info) = info.filter(|_| self.in_full) {
            page.put(&format!("<p><b>Why:</b> {}</p>\n", prose(&info.why)));
        }
        match (&f.fix, info) {
            (Some(fix), _) if self.in_full || !general => self::fix(fix, page),
            (None, Some(info)) if self.in_full => page.put(&format!("<p><b>Fix:</b> {}</p>\n", prose(&info.fix))),
            _ => {}
        }
        if let Some(number) = self.numbers.get(&f.rule).filter(|_| !self.in_full) {
            page.put(&format!("<p><a href=\"#rule-{number}\">Why, and what to do</a></p>\n"));
        }
        if f.is_active() {
            page.put(&format!("<p>May it stay? <code>gatepost allow {} --reason &#39;...&#39;</code></p>\n", f.id()));
        }
    }
}

/// Why it does not count, or what the change did to it.
fn standing(f: &SealedFinding) -> String {
    let state = match &f.state {
        State::Active => None,
        State::Suppressed { by, reason } => Some(format!("suppressed, {}: {}", by.as_str(), text(reason))),
        State::Baselined => Some("in the baseline".to_owned()),
    };
    let change = match f.change {
        Some(Change::Fixed) => Some("fixed".to_owned()),
        Some(Change::New) => Some("new".to_owned()),
        _ => None,
    };
    state.into_iter().chain(change).fold(String::new(), |all, words| all + " <i>" + &words + "</i>")
}

fn fix(fix: &Fix, page: &mut Page) {
    page.put(&format!("<p><b>Fix:</b> {}</p>\n", prose(&fix.text)));
    if let Some(snippet) = &fix.snippet {
        page.put(&format!("<pre><code>{}</code></pre>\n", lines(snippet.text.trim_end())));
    }
    if !fix.commands.is_empty() {
        page.put(&format!("<pre><code>{}</code></pre>\n", lines(&fix.commands.join("\n"))));
    }
}

/// What each rule is about, once.
fn rules(report: &Report, page: &mut Page) {
    if report.rules.is_empty() {
        return;
    }
    page.put("<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Rules</h2>\n");
    for (number, (id, info)) in report.rules.iter().enumerate() {
        page.put(&format!("<article id=\"rule-{number}\">\n<h3>{} <code>{}</code></h3>\n", text(&info.title), text(id.as_str())));
        page.put(&format!("<p>{}</p>\n<p><b>Fix:</b> {}</p>\n", prose(&info.why), prose(&info.fix)));
        more(info, page);
        page.put("</article>\n");
    }
    page.put("</section>\n");
}

fn more(info: &RuleInfo, page: &mut Page) {
    if info.references.is_empty() && info.controls.is_empty() {
        return;
    }
    page.put("<ul>\n");
    for url in &info.references {
        // Nothing but the web's own addresses is a link.
        let is_link = url.starts_with("https://") && !url.contains(|c: char| c.is_whitespace() || c.is_control());
        let shown = text(url);
        let item = if is_link { format!("<a href=\"{shown}\" rel=\"noreferrer\">{shown}</a>") } else { shown };
        page.put(&format!("<li>{item}</li>\n"));
    }
    for control in &info.controls {
        page.line("li", control);
    }
    page.put("</ul>\n");
}
