//! Blocks of addresses in a block, as `Fn::Cidr` counts them out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks that `Fn::Cidr` gives at most.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html>
const MAX_BLOCKS: f64 = 256.0;

/// The first `count` blocks in a block whose hosts have `bits` bits; None where they do not fit.
pub(super) fn blocks(block: &str, count: f64, bits: f64) -> Option<Vec<String>> {
    if !(1.0..=MAX_BLOCKS).contains(&count) || !(1.0..=128.0).contains(&bits) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both were looked at above")]
    let (count, bits) = (count as u128, bits as u32);
    let (address, length) = block.split_once('/')?;
    let length: u32 = length.parse().ok()?;
    let (width, first) = match address.parse().ok()? {
        IpAddr::V4(address) => (32, u128::from(u32::from(address))),
        IpAddr::V6(address) => (128, u128::from(address)),
    };
    if length > width || bits > width - length {
        return None;
    }
    let room = width - length - bits;
    if room < 8 && count > 1 << room {
        return None;
    }
    let hosts = width - length;
    let base = if hosts >= 128 { 0 } else { first >> hosts << hosts };
    (0..count)
        .map(|number| {
            let at = if number == 0 { base } else { base.checked_add(number.checked_shl(bits)?)? };
            let address = if width == 32 { IpAddr::V4(Ipv4Addr::from(u32::try_from(at).ok()?)) } else { IpAddr::V6(Ipv6Addr::from(at)) };
            Some(format!("{address}/{}", width - bits))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_counted_out_as_they_are_documented() {
        let of = |block, count, bits| blocks(block, count, bits).map(|all| all.join(" "));
        assert_eq!(
            of("192.168.0.0/24", 6.0, 5.0).as_deref(),
            Some("192.168.0.0/27 192.168.0.32/27 192.168.0.64/27 192.168.0.96/27 192.168.0.128/27 192.168.0.160/27")
        );
        assert_eq!(of("2001:db8::/56", 2.0, 64.0).as_deref(), Some("2001:db8::/64 2001:db8:0:1::/64"));
        assert_eq!(of("0.0.0.0/0", 1.0, 32.0).as_deref(), Some("0.0.0.0/0"));
        assert_eq!(of("::/0", 1.0, 128.0).as_deref(), Some("::/0"));
    }

    #[test]
    fn what_does_not_fit_is_none() {
        for (block, count, bits) in [
            ("10.0.0.0/24", 9.0, 5.0),
            ("10.0.0.0/24", 1.0, 9.0),
            ("10.0.0.0/33", 1.0, 1.0),
            ("10.0.0.0", 1.0, 8.0),
            ("x/8", 1.0, 8.0),
            ("10.0.0.0/8", 1e9, 8.0),
            ("10.0.0.0/8", f64::NAN, 8.0),
            ("10.0.0.0/8", 0.0, 8.0),
        ] {
            assert_eq!(blocks(block, count, bits), None, "{block} {count} {bits}");
        }
    }
}
