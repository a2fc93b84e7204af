//! What of one secret can be computed from another, and so shows that the two belong together: offline, and beyond doubt.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

/// A proof as rules call it.
pub struct Proof {
    pub name: &'static str,
    /// All that a secret can be turned into, and what is said of each.
    pub derived: fn(&[u8]) -> Vec<(Vec<u8>, String)>,
}

/// Every proof.
pub static PROOFS: &[Proof] = &[Proof { name: "aws-ses-smtp", derived: smtp_passwords }];

/// The proof of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Proof> {
    PROOFS.iter().find(|proof| proof.name == name)
}

/// Secrets that are looked at in one content.
const MOST_SECRETS: usize = 64;

impl Proof {
    /// For each value that one of the secrets gives: the secret's number, and what is said.
    #[must_use]
    pub fn of<'s>(&self, secrets: impl IntoIterator<Item = &'s [u8]>) -> BTreeMap<Vec<u8>, (usize, String)> {
        let numbered = secrets.into_iter().take(MOST_SECRETS).enumerate();
        numbered.flat_map(|(number, secret)| (self.derived)(secret).into_iter().map(move |(value, said)| (value, (number, said)))).collect()
    }
}

/// Every region that Amazon SES may be in, in every partition: its name is a part of the password.
const REGIONS: &[&str] = &[
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-gov-east-1",
    "us-gov-west-1",
];

/// The SMTP passwords of a secret access key: one for each region, and the old one, which knew no region.
/// Source: docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html, the conversion of credentials that exist.
fn smtp_passwords(secret: &[u8]) -> Vec<(Vec<u8>, String)> {
    let password = |version: u8, signature: [u8; 32]| BASE64.encode(&[&[version][..], &signature].concat()).into_bytes();
    let date = hmac(&[b"AWS4", secret].concat(), b"11111111");
    let mut all: Vec<_> = REGIONS
        .iter()
        .map(|region| {
            let steps = [region.as_bytes(), b"ses", b"aws4_request", b"SendRawEmail"];
            let signature = steps.iter().fold(date, |key, step| hmac(&key, step));
            (password(4, signature), format!("made from it for {region}"))
        })
        .collect();
    all.push((password(2, hmac(secret, b"SendRawEmail")), "made from it".to_owned()));
    all
}

/// HMAC with SHA-256, of RFC 2104.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |pad: u8| Sha256::new().chain_update(block.map(|byte| byte ^ pad));
    let inner = padded(0x36).chain_update(message).finalize();
    padded(0x5c).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;
    use crate::secret::generate::expand;

    /// Cases 1, 2 and 6 of RFC 4231.
    #[test]
    fn published_codes() {
        let of = |key: &[u8], message: &[u8]| HEXLOWER.encode(&hmac(key, message));
        assert_eq!(of(&[0x0b; 20], b"Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        let jefe = of(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(jefe, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let long = of(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(long, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    /// Computed by the script that the page publishes.
    #[test]
    fn a_password_is_the_published_one() {
        let secret = concat!("AAECAwQFBgcICQoLDA0O", "DxAREhMUFRYXGBkaGxwd");
        let all = smtp_passwords(secret.as_bytes());
        let of = all.iter().find(|(_, said)| said.ends_with("eu-west-1")).map(|(value, _)| value.as_slice());
        assert_eq!(of, Some(concat!("BNKE7b9HYQLrO0sew50ihC", "Hntut6Q6gXHl768uGm1GDI").as_bytes()));
    }

    #[test]
    fn passwords_are_of_their_secret() {
        let (own, other) = (expand("{aws-secret}", 1).expect("known"), expand("{aws-secret}", 2).expect("known"));
        let all = smtp_passwords(own.as_bytes());
        assert_eq!(all.len(), REGIONS.len() + 1);
        assert!(all.iter().all(|(value, _)| value.len() == 44));
        let known = find("aws-ses-smtp").expect("a proof").of([other.as_bytes(), own.as_bytes()]);
        assert_eq!(known.len(), 2 * all.len(), "no two are alike");
        assert!(all.iter().all(|(value, _)| known.get(value).is_some_and(|(number, _)| *number == 1)));
    }
}
