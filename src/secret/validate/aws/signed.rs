//! Requests that are signed already: what stands in them is the id of a key, and a signature that is good for one request.
//! Sources: the pages of the Amazon S3 API on signing by query parameters, and on the older signature version 2.

use super::super::Candidate;

/// How far from an id the signature of the same address may stand.
const ADDRESS: usize = 380;

/// How an address calls the id in its query, as it is written and escaped.
const CREDENTIAL: &[&[u8]] = &[b"x-amz-credential"];
const ACCESS_KEY_ID: &[&[u8]] = &[b"awsaccesskeyid"];
const TOKEN: &[&[u8]] = &[b"x-amz-security-token"];
const SIGNATURE: &[u8] = b"signature";

/// Whether an id stands in a signed request: with its scope (`ID/20240131/us-east-1/s3/aws4_request`), as the credential of
/// an address, or as the key id of an address that has a signature too.
pub(super) fn is_signed(candidate: &Candidate<'_>) -> bool {
    has_scope(candidate.after())
        || follows(candidate.before(), CREDENTIAL)
        || follows(candidate.before(), ACCESS_KEY_ID) && has_signature(candidate)
}

/// Whether what comes next is the session token of a signed address.
pub(super) fn names_a_token(before: &[u8]) -> bool {
    follows(before, TOKEN)
}

/// A slash, escaped any times, and a date.
fn has_scope(after: &[u8]) -> bool {
    let rest = match after {
        [b'/', rest @ ..] | [b'\\', b'/', rest @ ..] => rest,
        [b'%', rest @ ..] => {
            let mut rest = rest;
            while let [b'2', b'5', more @ ..] = rest {
                rest = more;
            }
            match rest {
                [b'2', b'F' | b'f', more @ ..] => more,
                _ => return false,
            }
        }
        _ => return false,
    };
    matches!(rest.get(..8), Some([b'2', b'0', digits @ ..]) if digits.iter().all(u8::is_ascii_digit))
        && rest.get(8).is_some_and(|next| matches!(next, b'/' | b'%' | b'\\'))
}

/// Whether one of the names stands in front, with an equals sign in between, escaped any times: `=`, `%3D`, `%253D`.
fn follows(before: &[u8], names: &[&[u8]]) -> bool {
    let tail = before[before.len().saturating_sub(32)..].to_ascii_lowercase();
    let mut rest = tail.as_slice();
    if let Some(less) = rest.strip_suffix(b"=") {
        rest = less;
    } else if let Some(less) = rest.strip_suffix(b"3d") {
        rest = less;
        while let Some(less) = rest.strip_suffix(b"25") {
            rest = less;
        }
        rest = rest.strip_suffix(b"%").or_else(|| rest.strip_suffix(b"\\u00")).unwrap_or_default();
    } else {
        return false;
    }
    names.iter().any(|name| rest.ends_with(name))
}

/// Whether the address goes on to a signature, or had one before: no blank, quote or bracket ends it in between.
fn has_signature(candidate: &Candidate<'_>) -> bool {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'(' | b')');
    let (before, after) = (candidate.before(), candidate.after());
    let after = &after[..after.len().min(ADDRESS)];
    let after = &after[..after.iter().position(ends).unwrap_or(after.len())];
    let before = &before[before.len().saturating_sub(ADDRESS)..];
    let before = &before[before.iter().rposition(ends).map_or(0, |at| at + 1)..];
    [before, after].iter().any(|part| memchr::memmem::find(&part.to_ascii_lowercase(), SIGNATURE).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(text: &str) -> bool {
        let at = text.find("IIII").expect("an id");
        is_signed(&Candidate { bytes: text.as_bytes(), secret: at..at + 4 })
    }

    #[test]
    fn addresses_and_headers() {
        for text in [
            "https://b.s3.amazonaws.com/k?X-Amz-Credential=IIII%2F20240131%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=x",
            "?X-Amz-Credential%3DIIII%252F20240131%252Feu",
            "Credential=IIII/20240131/us-east-1/s3/aws4_request, SignedHeaders=host",
            "https://b.s3.amazonaws.com/k?AWSAccessKeyId=IIII&Expires=1700000000&Signature=a%2Bb",
            "https://b.s3.amazonaws.com/k?Signature=ab&Expires=17&AWSAccessKeyId=IIII",
        ] {
            assert!(signed(text), "{text}");
        }
        for text in [
            "AWSAccessKeyId=IIII\nAWSSecretKey=SSSS\nSignature=v4",
            "https://b.s3.amazonaws.com/k?AWSAccessKeyId=IIII&Expires=1700000000",
            "s3://IIII/2024",
            "aws_access_key_id=IIII",
        ] {
            assert!(!signed(text), "{text}");
        }
    }
}
