//! Ranges of addresses, and whether the union of some holds another: `0.0.0.0/1` with `128.0.0.0/1` is everybody.

use std::net::IpAddr;

/// Addresses `first..=last`, of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    v6: bool,
    first: u128,
    last: u128,
}

impl Range {
    /// A CIDR range; an address alone is a range of one.
    pub fn parse(text: &str) -> Option<Range> {
        let (address, length) = match text.trim().split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (text.trim(), None),
        };
        let (value, bits, v6) = match address.parse().ok()? {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32, false),
            IpAddr::V6(address) => (address.to_bits(), 128, true),
        };
        let length = length.unwrap_or(bits);
        let host = bits.checked_sub(length)?;
        let mask = if host == 128 { u128::MAX } else { (1u128 << host) - 1 };
        Some(Range { v6, first: value & !mask, last: value | mask })
    }

    pub fn touches(&self, other: &Range) -> bool {
        self.v6 == other.v6 && self.first <= other.last && other.first <= self.last
    }
}

/// Whether the union of `parts` holds all of `whole`.
pub(super) fn covers(parts: &[Range], whole: &Range) -> bool {
    let mut parts: Vec<_> = parts.iter().filter(|part| part.touches(whole)).collect();
    parts.sort_unstable();
    let mut next = Some(whole.first);
    for part in parts {
        match next {
            Some(first) if part.first <= first => {
                if part.last >= whole.last {
                    return true;
                }
                next = Some(first.max(part.last + 1));
            }
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(texts: &[&str]) -> Vec<Range> {
        texts.iter().map(|text| Range::parse(text).expect("a range")).collect()
    }

    #[test]
    fn halves_make_a_whole_and_gaps_do_not() {
        let world = Range::parse("0.0.0.0/0").expect("a range");
        assert!(covers(&ranges(&["128.0.0.0/1", "0.0.0.0/1"]), &world));
        assert!(covers(&ranges(&["10.0.0.0/8", "0.0.0.0/0"]), &world));
        assert!(!covers(&ranges(&["0.0.0.0/1", "128.0.0.0/2"]), &world));
        assert!(!covers(&ranges(&["::/0"]), &world));
        assert!(covers(&ranges(&["::/0"]), &Range::parse("::/0").expect("a range")));
        assert_eq!(Range::parse("10.0.0.0/33"), None);
        assert_eq!(Range::parse("x"), None);
    }

    proptest::proptest! {
        /// On a small network the union is what counting says.
        #[test]
        fn agrees_with_counting(parts in proptest::collection::vec((0u32..16, 28u32..33), 0..6), whole in (0u32..16, 28u32..33)) {
            let cidr = |(host, length): (u32, u32)| format!("10.0.0.{host}/{length}");
            let set = |range: &Range| (0..256u128).filter(|n| (range.first..=range.last).contains(&(0x0A00_0000 + n))).collect::<std::collections::BTreeSet<_>>();
            let parts: Vec<Range> = parts.into_iter().map(|part| Range::parse(&cidr(part)).expect("a range")).collect();
            let whole = Range::parse(&cidr(whole)).expect("a range");
            let union: std::collections::BTreeSet<_> = parts.iter().flat_map(&set).collect();
            proptest::prop_assert_eq!(covers(&parts, &whole), set(&whole).is_subset(&union));
        }
    }
}
