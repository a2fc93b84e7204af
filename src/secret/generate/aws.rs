//! Access keys of AWS.

use data_encoding::{BASE32, BASE64};

use super::chance::Chance;

/// Base32 over ten bytes: a set bit, 40 bits of account number, and chance.
pub(super) fn key_id(prefix: &str, chance: &mut Chance) -> String {
    let account = chance.below(1_000_000_000_000);
    let head = 1 << 47 | account << 7 | chance.below(1 << 7);
    let mut body = head.to_be_bytes()[2..].to_vec();
    body.extend(chance.bytes(4));
    format!("{prefix}{}", BASE32.encode(&body))
}

pub(super) fn secret(chance: &mut Chance) -> String {
    BASE64.encode(&chance.bytes(30))
}

/// What the Security Token Service sends: a message whose first field is `origin_ec`, in base64.
pub(super) fn session_token(chance: &mut Chance) -> String {
    let length = 230 + usize::try_from(chance.below(300)).unwrap_or(0);
    let mut message = b"\x21\x0a\x09origin_ec\x10".to_vec();
    message.extend(chance.bytes(length));
    BASE64.encode(&message)
}

/// A version and a signature. Source: the page of Amazon SES on obtaining SMTP credentials.
pub(super) fn smtp_password(version: u8, chance: &mut Chance) -> String {
    BASE64.encode(&[&[version][..], &chance.bytes(32)].concat())
}

/// A service-specific user name and its secret, in base64 behind `ABSK`.
pub(super) fn bedrock_key(chance: &mut Chance) -> String {
    let (suffix, account) = (chance.letters(b"abcdefghijklmnopqrstuvwxyz0123456789", 4), chance.below(1_000_000_000_000));
    let secret = BASE64.encode(&chance.bytes(32));
    format!("ABSK{}", BASE64.encode(format!("BedrockAPIKey-{suffix}-at-{account:012}:{secret}").as_bytes()))
}

/// An address that is signed for some hours, in base64.
pub(super) fn bedrock_short_key(chance: &mut Chance) -> String {
    let (id, token) = (key_id("ASIA", chance), session_token(chance).replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"));
    let signature = data_encoding::HEXLOWER.encode(&chance.bytes(32));
    let scope = format!("X-Amz-Credential={id}%2F20260101%2Fus-east-1%2Fbedrock%2Faws4_request");
    let query = format!("Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&{scope}&X-Amz-Security-Token={token}");
    let url = format!("bedrock.amazonaws.com/?{query}&X-Amz-Signature={signature}&Version=1");
    format!("bedrock-api-key-{}", BASE64.encode(url.as_bytes()))
}

/// The name of a user, and the account that it is of.
pub(super) fn codecommit_user(chance: &mut Chance) -> String {
    format!("{}-at-{:012}", chance.letters(b"abcdefghijklmnopqrstuvwxyz", 6), chance.below(1_000_000_000_000))
}
