//! A pattern of another tool as one of ours: every repetition has an end, and the value has a name.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{self, Ast, GroupKind, RepetitionKind, RepetitionRange, Visitor};

/// How often something may stand at most that could stand without end.
const MOST: u32 = 200;

/// Rewrites a pattern. `group` is the capture that is the value: none for the first one, or all of the match where there is none.
///
/// # Errors
/// Where it is no pattern, or has no such group.
pub fn bounded(pattern: &str, group: Option<u32>) -> Result<String, String> {
    let parsed = Parser::new().parse(pattern).map_err(|error| error.kind().to_string())?;
    let wanted = group.filter(|group| *group > 0);
    let edits =
        ast::visit(&parsed, Edits { wanted: wanted.unwrap_or(1), all: Vec::new(), named: false }).map_err(|()| "too deep".to_owned())?;
    if wanted.is_some() && !edits.named {
        return Err(format!("it has no group {}", wanted.unwrap_or_default()));
    }
    let mut text = pattern.to_owned();
    let mut all = edits.all;
    // From the last one up, so that offsets hold.
    all.sort_by_key(|(start, ..)| std::cmp::Reverse(*start));
    for (start, end, new) in all {
        text.replace_range(start..end, &new);
    }
    Ok(text)
}

struct Edits {
    wanted: u32,
    all: Vec<(usize, usize, String)>,
    named: bool,
}

impl Visitor for Edits {
    type Output = Edits;
    type Err = ();

    fn finish(self) -> Result<Edits, ()> {
        Ok(self)
    }

    fn visit_pre(&mut self, node: &Ast) -> Result<(), ()> {
        match node {
            Ast::Repetition(repetition) => {
                let span = repetition.op.span;
                let lazy = if repetition.greedy { "" } else { "?" };
                let least = match &repetition.op.kind {
                    RepetitionKind::ZeroOrMore => 0,
                    RepetitionKind::OneOrMore => 1,
                    RepetitionKind::Range(RepetitionRange::AtLeast(least)) => *least,
                    _ => return Ok(()),
                };
                self.all.push((span.start.offset, span.end.offset, format!("{{{least},{}}}{lazy}", least.max(1).saturating_add(MOST))));
            }
            Ast::Group(group) => {
                let start = group.span.start.offset;
                match &group.kind {
                    GroupKind::CaptureIndex(index) if *index == self.wanted => {
                        self.all.push((start + 1, start + 1, "?P<secret>".to_owned()));
                        self.named = true;
                    }
                    GroupKind::CaptureName { name, .. } if name.index == self.wanted => {
                        self.all.push((name.span.start.offset, name.span.end.offset, "secret".to_owned()));
                        self.named = true;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn every_repetition_ends_and_the_value_has_a_name() {
        for (pattern, group, wanted) in [
            ("acme_[a-z]+", None, "acme_[a-z]{1,201}"),
            (r"(?:x|y)\s*=\s*(a{3,})", None, r"(?:x|y)\s{0,201}=\s{0,201}(?P<secret>a{3,203})"),
            ("(a)(b*?)", Some(2), "(a)(?P<secret>b{0,201}?)"),
            ("(?P<key>a)", Some(1), "(?P<secret>a)"),
            ("a{2,4}", Some(0), "a{2,4}"),
        ] {
            assert_eq!(bounded(pattern, group).as_deref(), Ok(wanted));
        }
        assert!(bounded("(a", None).is_err() && bounded("a", Some(1)).is_err());
    }
}
