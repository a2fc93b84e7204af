//! Files of other tools, made for a test.

use crate::support::made;

/// A baseline of detect-secrets with one key.
pub fn secrets_baseline(path: &str, seed: u64) -> String {
    use sha1::Digest as _;
    let digest = data_encoding::HEXLOWER.encode(&sha1::Sha1::digest(made("aws-key-id", seed)));
    let found = serde_json::json!({"type": "AWS Access Key", "hashed_secret": digest, "line_number": 45});
    serde_json::json!({"version": "1.5.0", "results": {path: [found]}}).to_string()
}
