//! Which secret belongs to which id, by where they stand: the same profile, row, object or mapping, under names that agree,
//! one beside the other, or simply near. Not by value: nothing in an id tells its secret.
//!
//! Structures are settled from the inside out. What finds no partner in one is looked at again in the one around it.

mod label;
mod scope;

use std::collections::BTreeMap;
use std::ops::Range;

use label::Label;
use scope::{Wall, scopes};

/// Something that may be half of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Half {
    pub range: Range<usize>,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Id,
    /// A secret that a name beside it says to be one.
    Named,
    /// A value that looks like one.
    Bare,
}

/// How far apart the halves of a pair may stand, in lines and in bytes: with a name on the secret, and without.
const NAMED_LINES: usize = 40;
const NAMED_BYTES: usize = 4000;
const BARE_LINES: usize = 5;
const BARE_BYTES: usize = 600;
/// The only two of a structure may stand further apart.
const ALONE_LINES: usize = 400;
const ALONE_BYTES: usize = 1 << 16;
/// A bare value in another structure than the id must stand closer still.
const BARE_LINES_OUTSIDE: usize = 2;
/// Halves that may be passed over between the halves of a pair.
const BETWEEN: usize = 4;

/// How far from an id a value may stand that could be its secret.
pub const AROUND: usize = NAMED_BYTES;

/// What a value is that has the looks of a secret and that no rule has named.
#[must_use]
pub fn kind(bytes: &[u8], at: usize) -> Kind {
    if label::is_secret_key(bytes, at) { Kind::Named } else { Kind::Bare }
}

/// Pairs of indices into `halves`, the id first, by place: as many as there can be in each structure, then as close as they can
/// be. A half belongs to one pair.
#[must_use]
pub fn pairs(bytes: &[u8], halves: &[Half]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..halves.len()).collect();
    order.sort_by_key(|at| (halves[*at].range.start, halves[*at].range.end));
    let sorted: Vec<Half> = order.iter().map(|at| halves[*at].clone()).collect();
    if sorted.iter().all(|half| half.kind == Kind::Id) || sorted.iter().all(|half| half.kind != Kind::Id) {
        return Vec::new();
    }
    let mut found = Pairing::of(bytes, &sorted).settled();
    found.sort_unstable();
    found.into_iter().map(|(id, secret)| (order[id], order[secret])).collect()
}

/// A half that has no partner yet, and the structure that it was in before this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Free {
    half: usize,
    from: usize,
}

struct Pairing<'a> {
    bytes: &'a [u8],
    halves: &'a [Half],
    labels: Vec<Option<Label>>,
    /// The line ends in front of each half.
    lines: Vec<usize>,
    found: Vec<(usize, usize)>,
}

impl<'a> Pairing<'a> {
    fn of(bytes: &'a [u8], halves: &'a [Half]) -> Self {
        let mut labels = Vec::with_capacity(halves.len());
        let mut lines = Vec::with_capacity(halves.len());
        let (mut count, mut at) = (0, 0);
        for (number, half) in halves.iter().enumerate() {
            let start = half.range.start.min(bytes.len());
            count += memchr::memchr_iter(b'\n', &bytes[at.min(start)..start]).count();
            at = start;
            lines.push(count);
            let before = &halves[number.saturating_sub(2)..number];
            let is_value = |name: &[u8]| before.iter().any(|half| bytes.get(half.range.clone()) == Some(name));
            labels.push(Label::of(bytes, start, is_value));
        }
        Pairing { bytes, halves, labels, lines, found: Vec::new() }
    }

    fn settled(mut self) -> Vec<(usize, usize)> {
        let scopes = scopes(self.bytes, self.halves);
        let mut members: Vec<Vec<Free>> = vec![Vec::new(); scopes.nodes.len()];
        for (half, node) in scopes.of.iter().enumerate() {
            members[*node].push(Free { half, from: *node });
        }
        // What is inside was entered after what is around it.
        for node in (0..scopes.nodes.len()).rev() {
            let mut own = std::mem::take(&mut members[node]);
            own.sort_unstable();
            let left = self.settle(node, own);
            if node == 0 {
                break;
            }
            let scope::Node { parent, wall } = scopes.nodes[node];
            let leaves = left.into_iter().filter(|free| match wall {
                Wall::None => true,
                Wall::Bare => self.halves[free.half].kind != Kind::Bare,
                Wall::All => false,
            });
            let leaves: Vec<Free> = leaves.map(|free| Free { from: node, ..free }).collect();
            members[parent].extend(leaves);
        }
        self.found
    }

    /// Pairs what stands in one structure; returns what is left.
    fn settle(&mut self, node: usize, mut free: Vec<Free>) -> Vec<Free> {
        let mut agreeing: BTreeMap<&Label, Vec<Free>> = BTreeMap::new();
        for one in free.iter().filter(|one| self.halves[one.half].kind != Kind::Bare) {
            if let Some(label) = self.labels[one.half].as_ref().filter(|label| label.tells()) {
                agreeing.entry(label).or_default().push(*one);
            }
        }
        let mut found = Vec::new();
        for group in agreeing.values() {
            match self.only_two(node, group) {
                Some(pair) => found.push(pair),
                None => found.extend(self.nearest(node, group)),
            }
        }
        self.take(&mut free, found);
        let alone = self.only_two(node, &free);
        self.take(&mut free, alone.into_iter().collect());
        let near = self.nearest(node, &free);
        self.take(&mut free, near);
        free
    }

    fn take(&mut self, free: &mut Vec<Free>, mut found: Vec<(usize, usize)>) {
        let mut taken: Vec<usize> = found.iter().flat_map(|(id, secret)| [*id, *secret]).collect();
        taken.sort_unstable();
        free.retain(|one| taken.binary_search(&one.half).is_err());
        self.found.append(&mut found);
    }

    /// The only id and the only named secret: they belong together however far apart; at the top of a text, if names agree.
    fn only_two(&self, node: usize, free: &[Free]) -> Option<(usize, usize)> {
        let of = |kind: Kind| {
            let mut all = free.iter().map(|one| one.half).filter(|half| self.halves[*half].kind == kind);
            all.next().filter(|_| all.next().is_none())
        };
        let (id, secret) = (of(Kind::Id)?, of(Kind::Named)?);
        let labels = (self.labels[id].as_ref(), self.labels[secret].as_ref());
        let agree = matches!(labels, (Some(a), Some(b)) if a == b);
        let contradict = matches!(labels, (Some(a), Some(b)) if a.contradicts(b));
        let (left, right) = (id.min(secret), id.max(secret));
        let apart = self.halves[right].range.start.checked_sub(self.halves[left].range.end)?;
        let near = self.lines[right] - self.lines[left] <= ALONE_LINES && apart <= ALONE_BYTES;
        (near && !contradict && (agree || node != 0)).then_some((id, secret))
    }

    /// As many pairs as there can be, then as close as they can be; these do not interlock.
    fn nearest(&self, node: usize, free: &[Free]) -> Vec<(usize, usize)> {
        // best[n] is for the first n halves: the weight so far, and the start of the pair that ends at n - 1.
        let mut best: Vec<(i64, Option<usize>)> = vec![(0, None)];
        for (end, right) in free.iter().enumerate() {
            let mut found = (best[end].0, None);
            for start in (end.saturating_sub(BETWEEN)..end).rev() {
                if let Some(weight) = self.weight(node, free[start], *right) {
                    let total = best[start].0 + weight;
                    if total > found.0 {
                        found = (total, Some(start));
                    }
                }
            }
            best.push(found);
        }
        let (mut all, mut n) = (Vec::new(), free.len());
        while n > 0 {
            match best[n].1 {
                Some(start) => {
                    let (left, right) = (free[start].half, free[n - 1].half);
                    all.push(if self.halves[left].kind == Kind::Id { (left, right) } else { (right, left) });
                    n = start;
                }
                None => n -= 1,
            }
        }
        all
    }

    /// How good a pair is; None where they do not belong together.
    fn weight(&self, node: usize, first: Free, second: Free) -> Option<i64> {
        let (left, right) = (&self.halves[first.half], &self.halves[second.half]);
        if (left.kind == Kind::Id) == (right.kind == Kind::Id) {
            return None;
        }
        let named = left.kind.max(right.kind) == Kind::Named;
        let gap = right.range.start.checked_sub(left.range.end)?;
        let lines = self.lines[second.half] - self.lines[first.half];
        let (most_lines, most_bytes) = if named { (NAMED_LINES, NAMED_BYTES) } else { (BARE_LINES, BARE_BYTES) };
        if gap > most_bytes || lines > most_lines {
            return None;
        }
        // Each in a structure of its own, beside the other's.
        let outside = first.from != node && second.from != node && first.from != second.from;
        if outside && !named && lines > BARE_LINES_OUTSIDE {
            return None;
        }
        let (mut base, apart) = (if named { 1_000_000 } else { 600_000 }, i64::try_from(gap).unwrap_or(i64::MAX / 64).saturating_mul(16));
        if let (Some(a), Some(b)) = (&self.labels[first.half], &self.labels[second.half]) {
            if named && a.contradicts(b) {
                return None;
            }
            base += if a == b { 50_000 } else { 0 };
        }
        Some(base - apart - if outside { 200_000 } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// `I` is an id, `S` a named secret, `B` a bare value, each four letters long.
    fn paired(text: &str) -> Vec<(usize, usize)> {
        pairs(text.as_bytes(), &halves(text))
    }

    fn halves(text: &str) -> Vec<Half> {
        let kinds = [(b'I', Kind::Id), (b'S', Kind::Named), (b'B', Kind::Bare)];
        let mut halves = Vec::new();
        for at in 0..text.len().saturating_sub(3) {
            if let Some((_, kind)) = kinds.iter().find(|(c, _)| text.as_bytes()[at..at + 4] == [*c; 4]) {
                halves.push(Half { range: at..at + 4, kind: *kind });
            }
        }
        halves
    }

    #[test]
    fn neighbours_pair_in_either_order() {
        assert_eq!(paired("IIII\nSSSS\n"), [(0, 1)]);
        assert_eq!(paired("SSSS\nIIII\n"), [(1, 0)]);
        assert_eq!(paired("IIII SSSS IIII SSSS"), [(0, 1), (2, 3)]);
        assert_eq!(paired("SSSS IIII SSSS IIII"), [(1, 0), (3, 2)]);
        assert_eq!(paired("SSSS IIII IIII SSSS"), [(1, 0), (2, 3)]);
    }

    #[test]
    fn a_section_divides() {
        assert_eq!(paired("[a]\nid = IIII\n[b]\nsecret = SSSS\n"), []);
        assert_eq!(paired("[a]\nid = IIII\nsecret = SSSS\n[b]\nsecret = SSSS\nid = IIII\n"), [(0, 1), (3, 2)]);
        assert_eq!(paired("[\nIIII\n,\nSSSS\n]"), [(0, 1)], "a JSON list is no section");
    }

    #[test]
    fn objects_and_mappings_keep_their_own() {
        assert_eq!(paired(r#"[{"s": "SSSS", "i": "IIII"}, {"i": "IIII", "s": "SSSS"}]"#), [(1, 0), (2, 3)]);
        assert_eq!(paired(r#"[{"i": "IIII"}, {"i": "IIII", "s": "SSSS"}]"#), [(1, 2)]);
        assert_eq!(paired("a:\n  i: IIII\nb:\n  i: IIII\n  s: SSSS\n"), [(1, 2)]);
        assert_eq!(paired("a:\n  i: IIII\nb:\n  x: 1\n  y: 2\n  z: 3\n  s: BBBB\n"), []);
        let listed = r#"[{"name": "ID", "value": "IIII"}, {"name": "SECRET", "value": "SSSS"}]"#;
        assert_eq!(paired(listed), [(0, 1)], "names and values of a container's environment");
    }

    #[test]
    fn a_name_beats_nearness() {
        assert_eq!(paired("IIII\nBBBB\nSSSS\n"), [(0, 2)]);
        assert_eq!(paired("BBBB\nIIII\nx\nx\nSSSS\n"), [(1, 2)]);
    }

    #[test]
    fn names_that_agree_cross() {
        let text = "dev.access.key=IIII\nprod.access.key=IIII\ndev.secret.key=SSSS\nprod.secret.key=SSSS\n";
        assert_eq!(paired(text), [(0, 2), (1, 3)]);
        let text = "aws.key=IIII\nprod.aws.key=IIII\naws.secret=SSSS\nprod.aws.secret=SSSS\n";
        assert_eq!(paired(text), [(0, 2), (1, 3)]);
        assert_eq!(paired("PROD_AWS_KEY=IIII\nDEV_AWS_SECRET=SSSS\n"), []);
        let apart = format!("AWS_ACCESS_KEY_ID=IIII\n{}AWS_SECRET_ACCESS_KEY=SSSS\n", "x=1\n".repeat(100));
        assert_eq!(paired(&apart), [(0, 1)]);
    }

    #[test]
    fn what_is_alone_in_a_structure_pairs_over_many_lines() {
        let many = "  x = 1\n".repeat(200);
        assert_eq!(paired(&format!("[a]\nIIII\n{many}SSSS\n[b]\nIIII\n")), [(0, 1)]);
        assert_eq!(paired(&format!("[a]\nIIII\n{many}\n[b]\nSSSS\n")), []);
        assert_eq!(paired(&format!("#[a]\n#IIII\n;[b]\n#SSSS\n{many}")), []);
        assert_eq!(paired(&format!("a {{\nIIII\n{many}SSSS\n}}\nb {{\nSSSS\n}}")), [(0, 1)]);
        assert_eq!(paired(&format!("a:\n  k: IIII\n{many}  s: SSSS\nb:\n  k: IIII\n")), [(0, 1)]);
    }

    #[test]
    fn rows_keep_their_own() {
        assert_eq!(paired("Access key ID,Secret access key\nIIII,BBBB\nIIII,BBBB\n"), [(0, 1), (2, 3)]);
        assert_eq!(paired("User Name,Access Key Id,Secret Access Key\na,IIII,\nb,,BBBB\n"), []);
        assert_eq!(paired("INSERT INTO k VALUES (1,'IIII','BBBB'),(2,'IIII','BBBB');"), [(0, 1), (2, 3)]);
        assert_eq!(paired("INSERT INTO k VALUES (1,'IIII','x'),(2,'y','BBBB');"), []);
        assert_eq!(paired("INSERT INTO o VALUES ('aws_key','IIII'),('aws_secret','SSSS');"), [(0, 1)]);
    }

    fn pieces() -> impl Strategy<Value = String> {
        let all =
            ["IIII", "SSSS", "BBBB", "{", "}", "(", ")", "\n", "[a]\n", "  ", "- ", "a:\n", "prod_key=", "dev_secret=", ",", "VALUES ("];
        let piece = (0usize..all.len()).prop_map(move |at| format!("{} ", all[at]).replace("\n ", "\n"));
        proptest::collection::vec(piece, 0..60).prop_map(|all| all.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn a_half_belongs_to_one_pair_in_whatever_order_they_come(text in pieces(), seed in 0u64..1000) {
            let halves = halves(&text);
            let found = pairs(text.as_bytes(), &halves);
            let mut used = BTreeSet::new();
            for (id, secret) in &found {
                prop_assert!(halves[*id].kind == Kind::Id && halves[*secret].kind != Kind::Id);
                prop_assert!(used.insert(*id) && used.insert(*secret), "{found:?}");
            }
            let mut order: Vec<usize> = (0..halves.len()).collect();
            order.sort_by_key(|at| (*at as u64 + 1).wrapping_mul(seed | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let shuffled: Vec<Half> = order.iter().map(|at| halves[*at].clone()).collect();
            let again: BTreeSet<_> = pairs(text.as_bytes(), &shuffled).into_iter().map(|(id, secret)| (order[id], order[secret])).collect();
            prop_assert_eq!(again, found.into_iter().collect::<BTreeSet<_>>());
        }
    }

    /// Structures that never end, and halves without number, cost what they are long.
    #[test]
    fn hostile_structures_come_to_an_end() {
        for piece in
            ["{IIII SSSS ", "(IIII [SSSS ", "- a:\n  IIII\n", "VALUES (IIII),(BBBB", "prod_key=IIII\nprod_secret=SSSS\n", "x_1=IIII\n"]
        {
            let text = piece.repeat(200_000 / piece.len());
            let _ = paired(&text);
        }
    }

    #[test]
    fn what_is_far_does_not_pair() {
        let far = |lines: usize, end: &str| paired(&format!("IIII{}{end}", "\n".repeat(lines)));
        assert_eq!(far(NAMED_LINES, "SSSS"), [(0, 1)]);
        assert_eq!(far(NAMED_LINES + 1, "SSSS"), []);
        assert_eq!(far(BARE_LINES, "BBBB"), [(0, 1)]);
        assert_eq!(far(BARE_LINES + 1, "BBBB"), []);
        assert_eq!(paired(&format!("IIII{}BBBB", " ".repeat(BARE_BYTES + 1))), []);
    }
}
