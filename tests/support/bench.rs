//! A detector of every built-in rule, and files it looks at.

use gatepost::base::span::FileId;
use gatepost::finding::Finding;
use gatepost::input::{Content, ContentId, Focus, InputPath};
use gatepost::rule::RuleSet;
use gatepost::secret::generate::expand;
use gatepost::secret::{ContentMatches, Detector, Scratch};
use gatepost::subject::Subject;
use gatepost::syntax::encoding;

pub struct Bench {
    rules: RuleSet,
    detector: Detector,
}

impl Bench {
    pub fn new() -> Self {
        let rules = RuleSet::embedded();
        let detector = Detector::new(rules.rules().iter().enumerate()).expect("sound");
        Bench { rules, detector }
    }

    /// What is found in a file of that path.
    pub fn look_in(&self, path: &str, bytes: &[u8], focus: &Focus) -> Vec<Finding> {
        let path = InputPath::new(path.as_bytes());
        let content = Content::whole(ContentId::Number(0), bytes);
        let text = encoding::detect(bytes).map(|encoding| encoding::decode_as(encoding, bytes, FileId(0)));
        let subject = Subject::new(FileId(0), &path, &content, text.as_ref(), focus);
        let matches = self.scan(subject.bytes());
        self.detector.judge(&self.rules, &matches, &subject).0
    }

    /// What the bytes of a text say by themselves.
    pub fn scan(&self, bytes: &[u8]) -> ContentMatches {
        self.detector.scan(bytes, &mut Scratch::default())
    }

    /// What is found in a file whose path says nothing.
    pub fn look(&self, bytes: &[u8]) -> Vec<Finding> {
        self.look_in("src/app", bytes, &Focus::Whole)
    }
}

/// A text with its values made.
pub fn value(template: &str, seed: u64) -> String {
    expand(template, seed).expect("known")
}
