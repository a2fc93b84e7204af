//! Every kind of value that carries a checksum: what is made by its rule is accepted, and what is changed is not.

use super::{Candidate, Check, find};
use crate::secret::generate::expand;

/// How many values of each kind are made, and how many times each is changed.
const VALUES: u64 = 1_000;
const CHANGES: u64 = 10;

struct Sealed {
    generator: &'static str,
    validator: &'static str,
    /// Of a million changed values as many may be accepted: those whose changed characters no checksum covers, and those
    /// that chance lets through, once in 66³ for the shortest checksum.
    may_pass: u64,
}

const fn row(generator: &'static str, validator: &'static str, may_pass: u64) -> Sealed {
    Sealed { generator, validator, may_pass }
}

const SEALED: &[Sealed] = &[
    row("github-token", "github-crc32", 0),
    row("github-app-token", "github-crc32", 0),
    row("npm-token", "npm-crc32", 0),
    row("gitlab-routable-token", "gitlab-routable", 0),
    row("azure-storage-key", "azure-marked-key", 0),
    // Two of its seeds differ by what one changed letter differs by: that is a sound key of the other kind.
    row("azure-cosmos-key", "azure-marked-key", 1_000),
    row("azure-batch-key", "azure-marked-key", 0),
    row("azure-service-bus-key", "azure-marked-key", 0),
    row("azure-event-hub-key", "azure-marked-key", 0),
    row("azure-iot-key", "azure-marked-key", 0),
    row("azure-function-key", "azure-marked-key", 0),
    row("azure-search-key", "azure-marked-key", 0),
    row("azure-registry-key", "azure-marked-key", 0),
    row("azure-openai-key", "azure-annotated-key", 1_000),
    row("azure-devops-new-token", "azure-annotated-key", 1_000),
    row("azure-devops-token", "azure-devops-token", 1_000),
    row("azure-client-secret", "azure-client-secret", 1_000),
    row("age-key", "age-checksum", 0),
    row("age-pq-key", "age-checksum", 0),
    row("age-plugin-key", "age-checksum", 0),
    row("bitcoin-wif", "base58check-key", 0),
    row("bitcoin-xprv", "base58check-extended-key", 0),
    row("grafana-token", "grafana-crc32", 0),
    row("atlassian-token", "atlassian-crc32", 0),
    row("atlassian-repository-token", "atlassian-crc32", 0),
    // gatepost: ignore[password-assigned] made up for an example
    row("bitbucket-app-password", "hex-crc32", 0),
    row("trello-token", "hex-crc32", 0),
];

fn accepts(validator: &str, value: &str) -> bool {
    let validator = find(validator).expect("a validator");
    validator.check(&Candidate { bytes: value.as_bytes(), secret: 0..value.len() }) != Check::Reject
}

/// Another character of its class in the place of one behind the prefix.
fn changed(value: &str, chance: u64) -> String {
    let mut bytes = value.as_bytes().to_vec();
    let from = value.find(['_', '-']).filter(|at| *at < 7).map_or(0, |at| at + 1);
    let places: Vec<usize> = (from..bytes.len()).filter(|at| bytes[*at].is_ascii_alphanumeric()).collect();
    let place = places[usize::try_from(chance % places.len() as u64).expect("small")];
    let step = u8::try_from(1 + chance / 1_000 % 9).expect("small");
    bytes[place] = match bytes[place] {
        byte @ b'0'..=b'9' => b'0' + (byte - b'0' + step) % 10,
        byte @ b'a'..=b'z' => b'a' + (byte - b'a' + step) % 26,
        byte => b'A' + (byte - b'A' + step) % 26,
    };
    String::from_utf8(bytes).expect("ASCII")
}

#[test]
fn what_is_sealed_is_accepted_and_what_is_changed_is_not() {
    for Sealed { generator, validator, may_pass } in SEALED {
        let mut passed = 0;
        for seed in 0..VALUES {
            let value = expand(&format!("{{{generator}}}"), seed).expect("a generator");
            assert!(accepts(validator, &value), "{generator} {seed}: {value}");
            for change in 0..CHANGES {
                let other = changed(&value, seed * 7_919 + change * 104_729);
                passed += u64::from(other != value && accepts(validator, &other));
            }
        }
        let limit = may_pass * VALUES * CHANGES / 1_000_000;
        assert!(passed <= limit, "{generator}: {passed} of {} changed ones are accepted, more than {limit}", VALUES * CHANGES);
    }
}

/// Where nobody but the vendor can check the signature, what is there must still be whole.
#[test]
fn what_has_a_structure_is_accepted_and_what_is_cut_is_not() {
    let kinds = [
        ("pypi-token", "pypi-macaroon"),
        ("pypi-test-token", "pypi-macaroon"),
        ("jwt-user", "jwt-other"),
        ("jwt-entra", "jwt-azure"),
        ("jwt-kubernetes", "jwt-kubernetes"),
        ("jwt-supabase-service", "jwt-supabase"),
        ("kubernetes-client-key", "kubernetes-client-key"),
        ("basic-auth", "basic-credentials"),
        ("der-rsa", "der-key"),
        ("der-pkcs8-rsa", "der-key"),
        ("der-pkcs8-ec", "der-key"),
        ("der-pkcs8-ed25519", "der-key"),
        ("minisign-key", "signing-key"),
        ("minisign-key-locked", "signing-key"),
        ("signify-key", "signing-key"),
        ("signify-key-locked", "signing-key"),
        ("wireguard-key", "wireguard-key"),
        ("hex-64", "curve-hex"),
    ];
    for (generator, validator) in kinds {
        for seed in 0..VALUES {
            let value = expand(&format!("{{{generator}}}"), seed).expect("a generator");
            assert!(accepts(validator, &value), "{generator} {seed}: {value}");
            let cuts = match generator {
                // A login is whole as long as its colon is there, and a key in PEM is told without its last line.
                "basic-auth" => value.len() - 4..value.len(),
                "kubernetes-client-key" => value.len() / 8 * 4..value.len() / 8 * 4 + 4,
                // The padding of base64 may be left out.
                _ => 3..13,
            };
            for cut in cuts {
                assert!(!accepts(validator, &value[..value.len() - cut]), "{generator} {seed}: cut by {cut}");
            }
        }
    }
}
