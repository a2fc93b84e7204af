use super::*;
use crate::base::excerpt::Lines;
use crate::base::ids::{Confidence, Severity};
use crate::base::span::Span;
use crate::finding::{Identity, Label, Owner, fingerprint};
use crate::input::{Content, ContentId, Focus, InputPath, Window};
use crate::syntax::encoding;

const TODAY: i64 = 20_000;

fn names(name: &str) -> Named {
    match name {
        "some-rule" | "old-name" => Named::Rule(RuleId::from("some-rule")),
        "off-rule" => Named::Off,
        _ => Named::Unknown,
    }
}

fn finding(text: &str, at: usize, rule: &str) -> Finding {
    let lines = Lines::new(text.as_bytes());
    let end = u32::try_from(at + 3).expect("short");
    let place = Place::pinned(Span::new(FileId(0), end - 3..end), lines.excerpt(at..at + 3));
    let identity = Identity::new(fingerprint("test", &[]), b"");
    Finding::new(RuleId::from(rule), (Severity::High, Confidence::High), "", place, identity)
}

/// A finding at each `KEY` of a text.
fn findings(text: &str, rule: &str) -> Vec<Finding> {
    text.match_indices("KEY").map(|(at, _)| finding(text, at, rule)).collect()
}

fn read(text: &str, focus: &Focus) -> Suppressions {
    let path = InputPath::new(b"a.env");
    let content = Content::whole(ContentId::Number(0), text.as_bytes());
    let subject = Subject::new(FileId(0), &path, &content, None, focus);
    let mut suppressions = Suppressions::default();
    suppressions.add(FileId(0), Ignores { complete: true, ..Ignores::of(&subject, &names, &|_| false) });
    suppressions
}

fn how(trust: Trust, is_news: &dyn Fn(&Finding) -> bool) -> How<'_> {
    How { today: TODAY, trust, is_news }
}

fn no_news(_: &Finding) -> bool {
    false
}

/// The lines whose findings are suppressed, and the remarks with their lines.
fn run(text: &str) -> (Vec<u32>, Vec<String>) {
    let mut suppressions = read(text, &Focus::Whole);
    let mut all = findings(text, "some-rule");
    for finding in &mut all {
        suppressions.suppress(finding, &how(Trust::All, &no_news));
    }
    let line = |place: &Place| place.excerpt.as_ref().expect("pinned").start.line;
    let suppressed = all.iter().filter(|f| f.state != State::Active).map(|f| line(&f.primary)).collect();
    let remarks = suppressions.files[&FileId(0)].remarks(TODAY);
    (suppressed, remarks.iter().map(|remark| format!("{}: {}", line(&remark.place), remark.message)).collect())
}

#[test]
fn names_are_those_of_the_rules() {
    let rules = RuleSet::embedded();
    let first = rules.rules()[0].meta.id.clone();
    assert_eq!(names_of(&rules, |_| true)(first.as_str()), Named::Rule(first.clone()));
    assert_eq!(names_of(&rules, |_| false)(first.as_str()), Named::Off);
    assert_eq!(names_of(&rules, |_| true)("no-such-rule"), Named::Unknown);
}

#[test]
fn an_ignore_holds_on_its_line_and_alone_on_the_next() {
    assert_eq!(run("KEY # gatepost: ignore[some-rule] for a test\nKEY\n"), (vec![1], vec![]));
    assert_eq!(run("KEY\n# gatepost: ignore[some-rule] for a test\nKEY\nKEY\n"), (vec![3], vec![]));
    assert_eq!(run("// gatepost: ignore[old-name] by its alias\nKEY\n"), (vec![2], vec![]));
}

#[test]
fn the_reason_goes_into_the_report() {
    let text = "KEY # gatepost: ignore[some-rule] for a test";
    let mut all = findings(text, "some-rule");
    read(text, &Focus::Whole).suppress(&mut all[0], &how(Trust::All, &no_news));
    assert_eq!(all[0].state, State::Suppressed { by: By::Inline, reason: "for a test".to_owned() });
}

#[test]
fn ignores_above_each_other_reach_the_line_below_them() {
    let text = "# gatepost: ignore[some-rule] one\n# gatepost: ignore[off-rule] two\n\n# gatepost: ignore[some-rule] a\n# gatepost: ignore[off-rule] b\nKEY\nKEY\n";
    let (lines, remarks) = run(text);
    assert_eq!(lines, [6]);
    assert_eq!(remarks, ["1: ignore[some-rule] is not needed: nothing is found there"]);
    assert_eq!(run("# gatepost: ignore[off-rule] x # gatepost: ignore[some-rule] y\nKEY\n"), (vec![2], vec![]));
}

#[test]
fn a_block_holds_up_to_its_end() {
    let text = "KEY\n# gatepost: ignore-start[some-rule] made up\nKEY\nKEY\n# gatepost: ignore-end\nKEY\n";
    assert_eq!(run(text), (vec![3, 4], vec![]));
    let nested = "# gatepost: ignore-start[some-rule] a\n# gatepost: ignore-start[off-rule] b\nKEY\n# gatepost: ignore-end[off-rule]\nKEY\n# gatepost: ignore-end[some-rule]\nKEY\n";
    assert_eq!(run(nested).0, [3, 5]);
    let (lines, remarks) = run("# gatepost: ignore-start[some-rule] made up\nKEY\n");
    assert_eq!(lines, Vec::<u32>::new());
    assert_eq!(remarks, ["1: ignore-start[some-rule] does not hold: no `gatepost: ignore-end` follows it"]);
}

#[test]
fn an_ignore_may_have_a_last_day() {
    let day = |days: i64| when::date(days * 86_400);
    assert_eq!(run(&format!("KEY # gatepost: ignore[some-rule] we move until={}\n", day(TODAY))), (vec![1], vec![]));
    let (lines, remarks) = run(&format!("KEY # gatepost: ignore[some-rule] we move until={}\n", day(TODAY - 1)));
    assert_eq!((lines, remarks), (vec![], vec![format!("1: ignore[some-rule] held until {}", day(TODAY - 1))]));
    let (lines, remarks) = run("KEY # gatepost: ignore[some-rule] we move until=May\n");
    assert_eq!((lines, remarks), (vec![], vec!["1: ignore[some-rule] does not hold: `May` is no day, as 2031-05-31 is".to_owned()]));
}

#[test]
fn in_json_it_holds_for_its_object() {
    let text = "{\n\"a\": {\"//\": \"gatepost: ignore[some-rule] made up\",\n\"b\": [\n\"KEY\"]},\n\"c\": \"KEY\"\n}\n";
    assert_eq!(run(text), (vec![4], vec![]));
}

#[test]
fn what_is_about_all_of_an_input_stands_at_its_beginning() {
    for (text, held) in [("# gatepost: ignore[some-rule] known\nx\n", true), ("\n\n# gatepost: ignore[some-rule] known\n", false)] {
        let mut whole = finding("KEY", 0, "some-rule");
        whole.primary = Place::whole(FileId(0));
        read(text, &Focus::Whole).suppress(&mut whole, &how(Trust::All, &no_news));
        assert_eq!(whole.state != State::Active, held, "{text:?}");
    }
}

#[test]
fn a_value_may_be_named() {
    let one = finding("KEY", 0, "some-rule");
    let mut other = one.clone();
    other.identity.what = fingerprint("another", &[]);
    let text = format!("KEY # gatepost: ignore[some-rule@{}] this one alone\n", &tag(&one)[..TAG]);
    for (mut finding, held) in [(one, true), (other, false)] {
        read(&text, &Focus::Whole).suppress(&mut finding, &how(Trust::All, &no_news));
        assert_eq!(finding.state != State::Active, held);
    }
    assert_eq!(run("KEY # gatepost: ignore[some-rule@12] too short\n").1.len(), 1, "no rule of that name");
}

#[test]
fn a_text_about_ignores_is_no_ignore_that_nothing_needs() {
    let remarks = |name: &str, text: &str| {
        let path = InputPath::new(name.as_bytes());
        let content = Content::whole(ContentId::Number(0), text.as_bytes());
        let subject = Subject::new(FileId(0), &path, &content, None, &Focus::Whole);
        Ignores { complete: true, ..Ignores::of(&subject, &names, &|_| false) }.remarks(TODAY).len()
    };
    let text = "Write `# gatepost: ignore[some-rule] reason`.\n<!-- gatepost: ignore[some-rule] for the next line -->\n";
    assert_eq!((remarks("README.md", text), remarks("a.py", text)), (1, 2));
}

#[test]
fn one_line_s_ignore_does_not_speak_for_another() {
    let text = "KEY # gatepost: ignore[some-rule] x\nKEY\n";
    let mut both = findings(text, "some-rule");
    let repeated = both.pop().expect("two");
    both[0].related.push(Label { place: repeated.primary, text: "the same again".to_owned(), repeats: true });
    read(text, &Focus::Whole).suppress(&mut both[0], &how(Trust::All, &no_news));
    assert_eq!(both[0].state, State::Active);
}

#[test]
fn an_instance_is_spoken_of_by_itself() {
    let text = "a # gatepost: ignore[some-rule] a website\nb\nKEY\nKEY\n";
    let place = |line: usize| {
        let at: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        Place::pinned(Span::new(FileId(0), 0..1), Lines::new(text.as_bytes()).excerpt(at..at + 1))
    };
    let owner = |address: &str, line: usize| Owner { address: address.to_owned(), places: vec![place(line)] };
    let mut of_one = finding(text, text.find("KEY").expect("one"), "some-rule");
    of_one.resource = Some("r[\"a\"]".to_owned());
    of_one.owners = vec![owner("r[\"a\"]", 1)];
    let mut of_two = of_one.clone();
    of_two.owners.push(owner("r[\"b\"]", 2));
    let mut suppressions = read(text, &Focus::Whole);
    suppressions.suppress(&mut of_one, &how(Trust::All, &no_news));
    suppressions.suppress(&mut of_two, &how(Trust::All, &no_news));
    assert_ne!(of_one.state, State::Active);
    assert_eq!((of_two.state, of_two.resource.as_deref()), (State::Active, Some("r[\"b\"]")));
}

#[test]
fn a_change_does_not_decide_about_itself() {
    let text = "KEY # gatepost: ignore[some-rule] x\n";
    // What the change brings, and whether the value is news, by whom is asked.
    let cases = [
        (Trust::Base, true, false, false, true),
        (Trust::Base, true, true, false, true),
        (Trust::Base, false, true, false, false),
        (Trust::Base, false, false, true, false),
        (Trust::Author, true, true, true, false),
        (Trust::Author, false, true, false, false),
        (Trust::Author, false, false, true, false),
        (Trust::All, false, true, true, false),
    ];
    for (trust, new, news, held, here) in cases {
        let focus = Focus::Ranges(std::iter::once(0..40).filter(|_| new).collect());
        let mut one = finding(text, 0, "some-rule");
        read(text, &focus).suppress(&mut one, &how(trust, &|_| news));
        assert_eq!((one.state != State::Active, one.suppressed_here), (held, here), "{trust:?}, new {new}, news {news}");
        assert_eq!(one.message.contains("for another value"), !held && !here);
    }
}

#[test]
fn what_does_not_hold_is_said() {
    let (lines, remarks) = run("KEY # gatepost: ignore[some-rule]\nKEY # gatepost: ignore[sone-rule] x\nKEY # gatepost: ignore me\n");
    assert_eq!(lines, Vec::<u32>::new());
    assert_eq!(
        remarks,
        [
            "1: ignore[some-rule] does not hold without a reason after it",
            "2: ignore[sone-rule] names no rule that there is",
            "3: the ignore names no rule: write `gatepost: ignore[rule-id] reason`",
        ]
    );
}

#[test]
fn another_rule_s_finding_stays() {
    let text = "KEY # gatepost: ignore[some-rule] x\n";
    let mut other = findings(text, "other-rule");
    let mut suppressions = read(text, &Focus::Whole);
    suppressions.suppress(&mut other[0], &how(Trust::All, &no_news));
    assert_eq!(other[0].state, State::Active);
    let mut ignores = suppressions.files.remove(&FileId(0)).expect("one");
    assert_eq!(ignores.remarks(TODAY).len(), 1);
    ignores.complete = false;
    assert_eq!(ignores.remarks(TODAY), [], "a finding may lie out of focus");
}

#[test]
fn every_ignore_and_every_finding_on_one_line_is_no_quadratic_trap() {
    let text = "KEY gatepost: ignore[some-rule] x ".repeat(3_000);
    assert_eq!(run(&text).0.len(), 3_000);
}

/// A text in two windows, the second from an offset, which repeats some bytes.
fn in_windows(text: &str, first_end: usize, overlap: usize) -> Suppressions {
    let path = InputPath::new(b"a.env");
    let (bytes, mut suppressions) = (text.as_bytes(), Suppressions::default());
    let start = first_end - overlap;
    let line = u32::try_from(text[..start].matches('\n').count() + 1).expect("few");
    let second = Window {
        offset: offset(start),
        overlap: offset(overlap),
        position: crate::base::excerpt::Position { line, column: 1 },
        last: true,
    };
    let windows = [(0, first_end, Window { last: false, ..Window::WHOLE }), (start, bytes.len(), second)];
    for (start, end, window) in windows {
        let content = Content { id: ContentId::Number(0), bytes: &bytes[start..end], window };
        let subject = Subject::new(FileId(0), &path, &content, None, &Focus::Whole);
        suppressions.add(FileId(0), Ignores { complete: true, ..Ignores::of(&subject, &names, &|_| false) });
    }
    suppressions.settle();
    suppressions
}

#[test]
fn a_block_may_end_in_another_window() {
    let rows = "KEY x\n".repeat(8);
    let text = format!("# gatepost: ignore-start[some-rule] made up\n{rows}{rows}# gatepost: ignore-end\nKEY\n");
    for (end, overlap) in [(60, 20), (60, 0), (text.len() - 20, 10), (text.len() - 10, 30)] {
        let mut all = findings(&text, "some-rule");
        let mut suppressions = in_windows(&text, end, overlap);
        for finding in &mut all {
            suppressions.suppress(finding, &how(Trust::All, &no_news));
        }
        let held = all.iter().filter(|finding| finding.state != State::Active).count();
        assert_eq!((held, all.len()), (16, 17), "{end} {overlap}");
        assert!(suppressions.files[&FileId(0)].remarks(TODAY).is_empty());
    }
}

/// What the end of a window cuts, the next one shows whole; what stands near the beginning of that one, the first does.
#[test]
fn an_ignore_that_a_window_cuts_has_its_reason_and_speaks_of_one_line() {
    let text = format!("{}KEY # gatepost: ignore[some-rule] a reason of several words\nKEY\n", "x = 1\n".repeat(20));
    let mark = text.find("gatepost").expect("one");
    for (end, overlap) in (mark + 6..text.len()).map(|end| (end, 2 * (end - mark))).chain([(text.len() - 1, 2 * (text.len() - mark) + 4)]) {
        let mut all = findings(&text, "some-rule");
        let mut suppressions = in_windows(&text, end, overlap);
        for finding in &mut all {
            suppressions.suppress(finding, &how(Trust::All, &no_news));
        }
        let wanted = State::Suppressed { by: By::Inline, reason: "a reason of several words".to_owned() };
        assert_eq!((&all[0].state, &all[1].state), (&wanted, &State::Active), "{end} {overlap}");
    }
}

#[test]
fn what_an_ignore_speaks_of_is_counted_in_stored_bytes() {
    let text = "{\n\"a\": {\"//\": \"gatepost: ignore[some-rule] made up\",\n\"b\": [\n\"KEY\"]},\n\"c\": \"KEY\"\n}\n";
    let stored: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let (path, content) = (InputPath::new(b"a.json"), Content::whole(ContentId::Number(0), &stored));
    let decoded = encoding::decode_as(encoding::detect(&stored).expect("a mark of its encoding"), &stored, FileId(0));
    let subject = Subject::new(FileId(0), &path, &content, Some(&decoded), &Focus::Whole);
    let mut suppressions = Suppressions::default();
    suppressions.add(FileId(0), Ignores::of(&subject, &names, &|_| false));
    let held: Vec<bool> = text
        .match_indices("KEY")
        .map(|(at, _)| {
            let mut one = finding(text, at, "some-rule");
            one.primary = subject.place(at..at + 3);
            suppressions.suppress(&mut one, &how(Trust::All, &no_news));
            one.state != State::Active
        })
        .collect();
    assert_eq!(held, [true, false]);
}
