//! Keys that are nothing but random bytes: what stands around them says what they are.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

use super::armour::{decode, lines};
use super::{Candidate, Check, State, following};
use crate::base::ids::Confidence;
use crate::secret::placeholder::is_placeholder;
use crate::secret::validate::Evidence;

/// How far around a key the tunnel's settings are looked for.
const NEAR: usize = 400;

/// A key of WireGuard: 32 bytes, of which a generated one has three bits cleared and two set (RFC 7748, 5). One that has not
/// must stand among the settings of a tunnel.
pub(in crate::secret::validate) fn wireguard(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let Some(bytes) = decode(value).filter(|bytes| bytes.len() == 32) else { return Check::Reject };
    let mut distinct = bytes.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if is_placeholder(value) || distinct.len() < 16 {
        return Check::Reject;
    }
    let is_generated = bytes[0].trailing_zeros() >= 3 && bytes[31] & 0xC0 == 0x40 && BASE64.encode(&bytes).as_bytes() == value;
    let start = candidate.secret.start.saturating_sub(NEAR);
    let end = candidate.bytes.len().min(candidate.secret.end + NEAR);
    let around = candidate.bytes[start..end].to_ascii_lowercase();
    let is_tunnel = ["[interface]", "[peer]", "wireguard", "allowedips", "allowed_ips", "wg0"]
        .iter()
        .any(|word| memchr::memmem::find(&around, word.as_bytes()).is_some());
    match (is_generated, is_tunnel) {
        (true, true) => State::Open.evidence(candidate.secret.clone(), &bytes),
        (true, false) | (false, true) => Check::Accept(Evidence { confidence: Some(Confidence::Medium), ..Evidence::NONE }),
        (false, false) => Check::Reject,
    }
}

/// A private key on the curve of Bitcoin and Ethereum: 32 bytes in hex, not a hash's neighbour in value only.
pub(in crate::secret::validate) fn curve_hex(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let hex = value.strip_prefix(b"0x").unwrap_or(value);
    let Some(bytes) = HEXLOWER_PERMISSIVE.decode(hex).ok().filter(|bytes| bytes.len() == 32) else { return Check::Reject };
    let mut distinct = bytes.clone();
    distinct.sort_unstable();
    distinct.dedup();
    // The order of the group begins with 15 bytes of ones and FE.
    let beyond = bytes[..15].iter().all(|byte| *byte == 0xFF);
    if beyond || distinct.len() < 20 || is_placeholder(hex) {
        return Check::Reject;
    }
    State::Open.evidence(candidate.secret.clone(), &bytes)
}

/// What is written about accounts of Ethereum and its kin: without it, 64 hex digits may be any key, or a digest.
const CHAINS: [&[u8]; 22] = [
    b"ethereum",
    b"etherscan",
    b"ethers",
    b"geth",
    b"eth_",
    b"wallet",
    b"deployer",
    b"metamask",
    b"mnemonic",
    b"hardhat",
    b"infura",
    b"alchemy",
    b"web3",
    b"solidity",
    b"truffle",
    b"ganache",
    b"foundry",
    b"sepolia",
    b"goerli",
    b"polygonscan",
    b"bscscan",
    b"blockchain",
];

/// A key says itself what it is with `0x`, or something of its kind is spoken of near it.
pub(in crate::secret::validate) fn ethereum(candidate: &Candidate<'_>) -> Check {
    let start = candidate.secret.start.saturating_sub(NEAR);
    let end = candidate.bytes.len().min(candidate.secret.end + NEAR);
    let around = candidate.bytes[start..end].to_ascii_lowercase();
    let is_told = || CHAINS.iter().any(|word| memchr::memmem::find(&around, word).is_some());
    if candidate.value().starts_with(b"0x") || is_told() { Check::PASS } else { Check::Reject }
}

/// A shared key of OpenVPN: 256 bytes in lines of hex.
pub(in crate::secret::validate) fn openvpn(candidate: &Candidate<'_>) -> Check {
    let bytes = following(candidate);
    let mut hex = Vec::new();
    let mut range: Option<std::ops::Range<usize>> = None;
    for line in lines(bytes) {
        let text = &bytes[line.clone()];
        if text.is_empty() {
            continue;
        }
        if text.starts_with(b"-----") || !text.iter().all(u8::is_ascii_hexdigit) {
            break;
        }
        hex.extend_from_slice(text);
        range = Some(range.map_or(line.start, |r| r.start)..line.end);
    }
    let decoded = HEXLOWER_PERMISSIVE.decode(&hex).ok().filter(|decoded| decoded.len() == 256);
    let Some((decoded, range)) = decoded.zip(range) else { return Check::Reject };
    let mut distinct = decoded.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 80 {
        return Check::Reject;
    }
    let start = candidate.secret.end;
    State::Open.evidence(start + range.start..start + range.end, &decoded)
}
