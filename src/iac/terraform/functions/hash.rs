//! Digests. They tell nothing of places but where what was digested stands.

use sha2::Digest;

use super::{Call, Failure, Outcome, Table, encode};

pub(super) const TABLE: Table = &[
    ("base64sha256", |call| digested(call, Hash::Sha256, true)),
    ("base64sha512", |call| digested(call, Hash::Sha512, true)),
    ("md5", |call| digested(call, Hash::Md5, false)),
    ("sha1", |call| digested(call, Hash::Sha1, false)),
    ("sha256", |call| digested(call, Hash::Sha256, false)),
    ("sha512", |call| digested(call, Hash::Sha512, false)),
    ("uuidv5", uuidv5),
];

#[derive(Clone, Copy)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Hash {
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Hash::Md5 => md5::Md5::digest(bytes).to_vec(),
            Hash::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
            Hash::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
            Hash::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
        }
    }
}

fn digested(call: &Call<'_>, hash: Hash, base64: bool) -> Outcome {
    let text = call.known(0)?;
    print(call, text.bytes(), hash, base64)
}

/// The digest of what an argument holds or names, in base64 or in hexadecimal digits.
pub(super) fn print(call: &Call<'_>, bytes: &[u8], hash: Hash, base64: bool) -> Outcome {
    // As much work as text of that length.
    call.room(bytes.len())?;
    let digest = hash.of(bytes);
    if base64 { encode::base64(call, &digest, 0) } else { Ok(call.computed(&data_encoding::HEXLOWER.encode(&digest), 0)) }
}

/// RFC 4122, section 4.3, with the namespaces of its appendix C by name.
fn uuidv5(call: &Call<'_>) -> Outcome {
    let namespace = match call.word(0)?.as_str() {
        "dns" => "6ba7b8109dad11d180b400c04fd430c8".to_owned(),
        "url" => "6ba7b8119dad11d180b400c04fd430c8".to_owned(),
        "oid" => "6ba7b8129dad11d180b400c04fd430c8".to_owned(),
        "x500" => "6ba7b8149dad11d180b400c04fd430c8".to_owned(),
        other => other.to_ascii_lowercase().replace('-', ""),
    };
    let mut named = data_encoding::HEXLOWER.decode(namespace.as_bytes()).map_err(|_| Failure::Failed)?;
    if named.len() != 16 {
        return Err(Failure::Failed);
    }
    let name = call.word(1)?;
    call.room(name.len())?;
    named.extend_from_slice(name.as_bytes());
    let mut digest = Hash::Sha1.of(&named);
    digest.truncate(16);
    // The version and the variant.
    digest[6] = digest[6] & 0x0F | 0x50;
    digest[8] = digest[8] & 0x3F | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&digest);
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    Ok(call.computed(&parts.join("-"), 1))
}
