use super::*;
use crate::base::excerpt::Lines;
use crate::base::secret::Secret;
use crate::base::span::Span;
use crate::finding::{Dialect, Identity, Label, Masked, Snippet, fingerprint};

const FILE: FileId = FileId(0);

fn input() -> Input {
    Input { path: InputPath::new(b"conf/app.ini"), origin: Origin::File }
}

/// A finding whose secret stands at `range` of `text`.
fn finding(text: &[u8], range: std::ops::Range<u32>, message: &str) -> Finding {
    let value = Secret::new(&text[range.start as usize..range.end as usize]);
    let excerpt = Lines::new(text).excerpt(range.start as usize..range.end as usize);
    let place = Place::pinned(Span::new(FILE, range), excerpt).concealed((0, 0));
    let identity = Identity::new(fingerprint("test", &[]), b"");
    Finding {
        secrets: vec![Masked { value, keep: (0, 0) }],
        ..Finding::new(RuleId::from("some-rule"), (Severity::High, Confidence::High), message, place, identity)
    }
}

/// A report of one finding.
pub fn one() -> Report {
    seal(vec![finding(b"key = value", 6..11, "m")])
}

fn seal(findings: Vec<Finding>) -> Report {
    Report::seal(Draft { inputs: vec![input()], findings, ..Draft::default() })
}

#[test]
fn a_value_is_masked_in_every_string_and_every_encoding() {
    let value = "Tr0ub4dor&3xyz";
    let text = format!("password = {value}\nnext = 1\n");
    let forms = [
        value.to_owned(),
        BASE64.encode(format!("x{value}").as_bytes()),
        BASE64.encode(format!("xy{value}z").as_bytes()),
        data_encoding::HEXLOWER.encode(value.as_bytes()),
        value.replace('&', "%26"),
    ];
    let mut f = finding(text.as_bytes(), 11..25, &forms.join(" | "));
    f.resource = Some(format!("aws_thing[\"{value}\"]"));
    f.fix = Some(Fix {
        text: format!("remove {value}"),
        snippet: Some(Snippet { dialect: Dialect::Hcl, text: format!("a = {value}\n") }),
        commands: vec![format!("git rm {value}")],
    });
    f.related.push(Label { place: Place::whole(FILE), text: format!("here: {value}"), repeats: false });
    let report = seal(vec![f]);
    let printed = format!("{report:?}");
    for form in &forms {
        let core = &form[3..form.len() - 4];
        assert!(!printed.contains(core), "{core} in {printed}");
    }
    let excerpt = report.findings[0].primary.excerpt.as_ref().expect("pinned");
    assert_eq!(excerpt.text, "password = **************\nnext = 1");
}

use data_encoding::BASE64;

#[test]
fn a_neighbour_s_excerpt_shows_no_secret_in_an_escaped_spelling() {
    // The source spells the value with an escape, so that no automaton over the value would see it there.
    let text = br#"a = "Tr0ub\u0034dor_3xyz" b = 1"#;
    let mut escaped = finding(text, 5..24, "m");
    escaped.secrets = vec![Masked { value: Secret::new(b"Tr0ub4dor_3xyz"), keep: (0, 0) }];
    let mut neighbour = finding(text, 26..27, "n");
    neighbour.secrets.clear();
    neighbour.primary.conceal = None;
    let report = seal(vec![neighbour, escaped]);
    for f in &report.findings {
        assert_eq!(f.primary.excerpt.as_ref().expect("pinned").text, r#"a = "*******************" b = 1"#);
    }
}

#[test]
fn an_id_keeps_its_ends_and_a_short_one_does_not() {
    let text = b"id = ABCDEFGHIJKLMNOPQRST";
    let mut f = finding(text, 5..25, "key ABCDEFGHIJKLMNOPQRST");
    f.secrets[0].keep = (4, 4);
    f.primary.conceal = Some((4, 4));
    let report = seal(vec![f]);
    assert_eq!(report.findings[0].message, "key ABCD************QRST");
    let text = b"id = ABCDEFGH";
    let mut f = finding(text, 5..13, "key ABCDEFGH");
    f.secrets[0].keep = (4, 4);
    assert_eq!(seal(vec![f]).findings[0].message, "key ********", "more than half of it would show");
}

#[test]
fn a_secret_of_small_letters_alone_hides_no_folder() {
    let value = Masked { value: Secret::new(b"wordpress"), keep: (0, 0) };
    let mask = Mask::of(std::iter::once(&value));
    assert_eq!(mask.path(&InputPath::new(b"stacks/wordpress/a.yaml")), InputPath::new(b"stacks/wordpress/a.yaml"));
    assert_eq!((mask.name("cd wordpress").as_str(), mask.text("it is wordpress").as_str()), ("cd wordpress", "it is *********"));
}

#[test]
fn order_of_the_draft_does_not_matter() {
    let text = b"one secret-number-1\ntwo secret-number-2\n";
    let (a, b) = (finding(text, 4..19, "a"), finding(text, 24..39, "b"));
    let forth = seal(vec![a.clone(), b.clone()]);
    let back = seal(vec![b, a]);
    assert_eq!(forth.findings, back.findings);
    assert_eq!(forth.findings[1].primary.start, Position { line: 2, column: 5 });
}

#[test]
fn a_long_value_is_masked_as_far_as_it_goes() {
    let value: String = ('a'..='w').chain('0'..='7').cycle().step_by(7).take(400).collect();
    let text = format!("key = {value}\n");
    let f = finding(text.as_bytes(), 6..406, &format!("whole {value}, cut {}!, and {}", &value[..60], &value[..10]));
    let message = &seal(vec![f]).findings[0].message;
    assert_eq!(*message, format!("whole {}, cut {}!, and {}", "*".repeat(400), "*".repeat(60), &value[..10]));
}
