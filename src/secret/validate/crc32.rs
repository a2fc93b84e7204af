//! Tokens that end with the CRC32 of what stands before it, in eight hex digits.

use data_encoding::HEXLOWER_PERMISSIVE;

use super::{Candidate, Check, Evidence};
use crate::base::ids::Confidence;

/// A service account token of Grafana: `glsa_<32>_<8>`. The underscore before the checksum is not covered by it, and its least
/// byte comes first. Source: the samples of Samsung's CredSweeper, and tokens in public write-ups.
pub(super) fn grafana(candidate: &Candidate<'_>) -> Check {
    let sealed = ending(candidate.value()).and_then(|(body, sum)| Some((body.strip_suffix(b"_")?, sum)));
    verdict(sealed.is_some_and(|(body, sum)| crc32fast::hash(body) == u32::from_le_bytes(sum)))
}

/// An API token of Atlassian, of a person (`ATATT3`) or of a repository, project or workspace (`ATCTT3`): `<token>=<8>`, where
/// the checksum covers the sign of equality, which files may spell in other ways. Source: the tests of Datadog's
/// dd-sensitive-data-scanner, and the samples of CredSweeper. Of service accounts (`ATSTT3`) nobody publishes one: theirs is not looked at.
pub(super) fn atlassian(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    if value.starts_with(b"ATSTT3") {
        return Check::PASS;
    }
    let sealed = ending(value).is_some_and(|(body, sum)| {
        let token = body.split(|byte| matches!(byte, b'=' | b'\\' | b'%')).next().unwrap_or_default();
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(token);
        hasher.update(b"=");
        hasher.finalize() == u32::from_be_bytes(sum)
    });
    verdict(sealed)
}

/// A token whose checksum covers all of it: an app password of Bitbucket, `ATBB<24><8>`, and a token of Trello, `ATTA<64><8>`.
/// Source: the samples of CredSweeper, and addresses in public files.
pub(super) fn whole(candidate: &Candidate<'_>) -> Check {
    verdict(ending(candidate.value()).is_some_and(|(body, sum)| crc32fast::hash(body) == u32::from_be_bytes(sum)))
}

/// A token of Cloudflare, `cfut_<40><8>`: the checksum covers what stands behind the prefix. Source: CredSweeper, its filter and
/// its samples; that there is a checksum, developers.cloudflare.com/fundamentals/api/get-started/token-formats. Cloudflare does
/// not say which one: a token without it is only less sure.
pub(super) fn cloudflare(candidate: &Candidate<'_>) -> Check {
    let random = |body: &[u8]| body.splitn(2, |byte| *byte == b'_').nth(1).map(crc32fast::hash);
    let sealed = ending(candidate.value()).is_some_and(|(body, sum)| random(body) == Some(u32::from_be_bytes(sum)));
    if sealed { Check::PASS } else { Check::Accept(Evidence { confidence: Some(Confidence::Medium), ..Evidence::NONE }) }
}

/// What stands before the last eight digits, and what they say.
fn ending(value: &[u8]) -> Option<(&[u8], [u8; 4])> {
    let (body, sum) = value.split_at_checked(value.len().checked_sub(8)?)?;
    let sum = HEXLOWER_PERMISSIVE.decode(sum).ok()?;
    Some((body, sum.try_into().ok()?))
}

fn verdict(sealed: bool) -> Check {
    if sealed { Check::PASS } else { Check::Reject }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::generate::expand;

    fn checked(check: impl Fn(&Candidate<'_>) -> Check, value: &str) -> Check {
        check(&Candidate { bytes: value.as_bytes(), secret: 0..value.len() })
    }

    /// A token that its publisher made for the tests of a scanner.
    #[test]
    fn a_published_token_has_its_checksum_however_it_is_spelled() {
        let body = concat!(
            "ATATT3xFfGF0YZuf-EBmAHs1FyiNmk0cYQKtD9zx2LIv8d_zB-yk5Zp8nkug2Rp_ZnYJwq9ys-lS0PRAXLS4vL-crh5tbBbG",
            "QISteyOCpgUGgKjckD2MF9A6EZVGdTXikj52U2VDS8HeDlUq9Gmw8KYs5Kb0hS-LZo4Sb2PMpT1Zx0MmTXs_EyA",
        );
        for sign in ["=", "%3D", "\\=", "\\u003D"] {
            assert_eq!(checked(atlassian, &format!("{body}{sign}E2826606")), Check::PASS, "{sign}");
            assert_eq!(checked(atlassian, &format!("{body}{sign}E2826607")), Check::Reject, "{sign}");
        }
        let other = body.replacen("ATATT3", "ATSTT3", 1);
        assert_eq!(checked(atlassian, &format!("{other}=E2826607")), Check::PASS);
    }

    #[test]
    fn a_token_of_cloudflare_is_surer_with_its_checksum() {
        for seed in 0..100 {
            let value = expand("{cloudflare-token}", seed).expect("a generator");
            assert_eq!(checked(cloudflare, &value), Check::PASS, "{value}");
            let other = format!("{}{}", &value[..45], if value.ends_with("00000000") { "00000001" } else { "00000000" });
            let unsure = Evidence { confidence: Some(Confidence::Medium), ..Evidence::NONE };
            assert_eq!(checked(cloudflare, &other), Check::Accept(unsure), "{other}");
        }
    }

    #[test]
    fn what_is_too_short_is_none() {
        for value in ["", "_", "ATBB", "glsa_", "0123456", "_01234567", "cfut01234567"] {
            assert_eq!(checked(grafana, value), Check::Reject);
            assert_eq!(checked(whole, value), Check::Reject);
            assert_ne!(checked(cloudflare, value), Check::PASS);
        }
    }
}
