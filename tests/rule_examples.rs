//! Every rule that judges text proves itself by its own examples.

use gatepost::base::span::FileId;
use gatepost::files::Files;
use gatepost::finding::Finding;
use gatepost::input::{Content, ContentId, Focus, InputPath};
use gatepost::rule::{Body, RuleSet};
use gatepost::secret::{Detector, Scratch, example};
use gatepost::subject::Subject;

#[test]
fn every_example_holds() {
    let rules = RuleSet::embedded();
    let all = || rules.rules().iter().enumerate();
    let detector = Detector::new(all()).expect("built-in rules name real validators");
    let files = Files::new(all()).expect("built-in rules name real readers");
    assert_eq!(detector.check(), [], "every pattern compiles");
    let look = |path: &str, bytes: &[u8]| -> Vec<Finding> {
        let path = InputPath::new(path.as_bytes());
        let content = Content::whole(ContentId::Number(0), bytes);
        let subject = Subject::new(FileId(0), &path, &content, None, &Focus::Whole);
        let matches = detector.scan(bytes, &mut Scratch::default());
        [detector.judge(&rules, &matches, &subject), files.judge(&rules, &subject)].concat()
    };
    let mut judged = 0;
    for (index, rule) in all().filter(|(_, rule)| !matches!(rule.body, Body::Policy(_))) {
        let faults = example::run(&rules, index, &look);
        assert!(faults.is_empty(), "{}: {faults:?}", rule.meta.id);
        judged += 1;
    }
    assert!(judged >= 6, "{judged} rules were tried");
}
