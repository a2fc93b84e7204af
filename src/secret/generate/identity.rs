//! Keys that programs for encryption, signing and payment write: OpenPGP, age, minisign, signify, JSON web keys, wallets.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest as _, Sha256, Sha512};

use super::chance::Chance;
use super::keys::pem;

/// A block with an Ed25519 key of version 4 and a name for it.
pub(super) fn pgp(locked: bool, chance: &mut Chance) -> String {
    let oid = [9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1];
    let head = [&[4, 0x66, 0, 0, 0, 22][..], &oid, &[1, 7, 0x40], &chance.bytes(32)].concat();
    let secret = if locked {
        [&[254, 7, 3, 8][..], &chance.bytes(8), &[0x60], &chance.bytes(16), &chance.bytes(54)].concat()
    } else {
        [&[0, 0, 255, 0x7f][..], &chance.bytes(31), &chance.bytes(2)].concat()
    };
    let packet = |tag: u8, body: &[u8]| [&[tag, body.len().to_be_bytes()[7]][..], body].concat();
    let packets = [packet(0x94, &[head, secret].concat()), packet(0xb4, b"Alice <alice@host.invalid>")].concat();
    let sum = crc24(&packets).to_be_bytes();
    let block = pem("PGP PRIVATE KEY BLOCK", &packets).replacen("-----\n", "-----\n\n", 1);
    block.replacen("\n-----END", &format!("\n={}\n-----END", BASE64.encode(&sum[1..])), 1)
}

/// The remainder of the bytes as a polynomial, from a start that is not zero.
fn crc24(bytes: &[u8]) -> u32 {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| u32::from(byte >> bit & 1)));
    bits.fold(0x00b7_04ce, |crc, bit| {
        let top = crc >> 23 & 1 ^ bit;
        let shifted = crc << 1 & 0x00ff_ffff;
        if top == 1 { shifted ^ 0x0086_4cfb } else { shifted }
    })
}

/// An identity of age: bytes in five bits a letter behind a name, with six letters of checksum.
pub(super) fn age(name: &str, bytes: usize, chance: &mut Chance) -> String {
    const LETTERS: &[u8] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    let bits: Vec<u8> = chance.bytes(bytes).iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let data = bits.chunks(5).map(|five| five.iter().fold(0, |n, bit| n << 1 | u32::from(*bit)) << (5 - five.len())).collect::<Vec<u32>>();
    let lower: Vec<u32> = name.to_ascii_lowercase().bytes().map(u32::from).collect();
    let spread = lower.iter().map(|c| c >> 5).chain([0]).chain(lower.iter().map(|c| c & 31));
    let sum = spread.chain(data.iter().copied()).chain([0; 6]).fold(1u32, |sum, value| {
        let top = sum >> 25;
        let mut next = (sum & 0x01ff_ffff) << 5 ^ value;
        for (bit, word) in [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3].into_iter().enumerate() {
            if top >> bit & 1 == 1 {
                next ^= word;
            }
        }
        next
    }) ^ 1;
    let sum = (0..6).map(|i| sum >> (25 - 5 * i) & 31);
    let letter = |five: u32| char::from(LETTERS[usize::try_from(five).unwrap_or(0)]);
    format!("{name}1{}", data.into_iter().chain(sum).map(letter).collect::<String>())
}

/// The second line of a file of minisign.
pub(super) fn minisign(locked: bool, chance: &mut Chance) -> String {
    let derivation: &[u8] = if locked { b"Sc" } else { &[0, 0] };
    BASE64.encode(&[b"Ed", derivation, b"B2", &chance.bytes(152)].concat())
}

/// The second line of a file of signify; the checksum is of the key where nothing locks it.
pub(super) fn signify(locked: bool, chance: &mut Chance) -> String {
    let (salt, number, key) = (chance.bytes(16), chance.bytes(8), chance.bytes(64));
    let sum = if locked { chance.bytes(8) } else { Sha512::digest(&key)[..8].to_vec() };
    BASE64.encode(&[b"EdBK", &[0, 0, 0, if locked { 42 } else { 0 }][..], &salt, &sum, &number, &key].concat())
}

pub(super) fn jwk_rsa(chance: &mut Chance) -> String {
    let n = BASE64URL_NOPAD.encode(&chance.bytes(256));
    let d = BASE64URL_NOPAD.encode(&chance.bytes(256));
    let p = BASE64URL_NOPAD.encode(&chance.bytes(128));
    format!("{{\"kty\":\"RSA\",\"kid\":\"1\",\"use\":\"sig\",\"n\":\"{n}\",\"e\":\"AQAB\",\"d\":\"{d}\",\"p\":\"{p}\"}}")
}

pub(super) fn jwk_ec(chance: &mut Chance) -> String {
    let [x, y, d] = [0; 3].map(|_| BASE64URL_NOPAD.encode(&chance.bytes(32)));
    format!("{{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"{x}\", \"y\": \"{y}\", \"d\": \"{d}\"}}")
}

pub(super) fn jwk_okp(chance: &mut Chance) -> String {
    let [x, d] = [0; 2].map(|_| BASE64URL_NOPAD.encode(&chance.bytes(32)));
    format!("{{\n  \"crv\": \"Ed25519\",\n  \"d\": \"{d}\",\n  \"kty\": \"OKP\",\n  \"x\": \"{x}\"\n}}")
}

pub(super) fn xml_rsa(chance: &mut Chance) -> String {
    let number = |name: &str, bytes: usize, chance: &mut Chance| format!("<{name}>{}</{name}>", BASE64.encode(&chance.bytes(bytes)));
    let modulus = number("Modulus", 256, chance);
    let parts: String = ["P", "Q", "DP", "DQ", "InverseQ"].map(|name| number(name, 128, chance)).concat();
    format!("<RSAKeyValue>{modulus}<Exponent>AQAB</Exponent>{parts}{}</RSAKeyValue>", number("D", 256, chance))
}

/// 32 bytes, three bits cleared and two set.
pub(super) fn wireguard(chance: &mut Chance) -> String {
    let mut key = chance.bytes(32);
    key[0] &= 0xf8;
    key[31] = key[31] & 0x3f | 0x40;
    BASE64.encode(&key)
}

/// Sixteen lines of hex between a header and a footer.
pub(super) fn openvpn(chance: &mut Chance) -> String {
    let lines: Vec<String> = (0..16).map(|_| HEXLOWER.encode(&chance.bytes(16))).collect();
    format!("-----BEGIN OpenVPN Static key V1-----\n{}\n-----END OpenVPN Static key V1-----", lines.join("\n"))
}

/// The key of an address of Bitcoin, for a compressed public key.
pub(super) fn wif(chance: &mut Chance) -> String {
    base58_checked(&[&[0x80][..], &chance.bytes(32), &[1]].concat())
}

/// The root of a wallet.
pub(super) fn xprv(chance: &mut Chance) -> String {
    base58_checked(&[&[0x04, 0x88, 0xad, 0xe4][..], &[0; 9], &chance.bytes(32), &[0], &chance.bytes(32)].concat())
}

fn base58_checked(payload: &[u8]) -> String {
    const DIGITS: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes = [payload, &Sha256::digest(Sha256::digest(payload))[..4]].concat();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut digits = Vec::new();
    // The remainder of the number by 58 is the last digit of what is left.
    while bytes.iter().any(|byte| *byte != 0) {
        let mut remainder = 0;
        for byte in &mut bytes {
            let number = remainder << 8 | usize::from(*byte);
            *byte = u8::try_from(number / 58).unwrap_or(0);
            remainder = number % 58;
        }
        digits.push(DIGITS[remainder]);
    }
    digits.extend(std::iter::repeat_n(b'1', zeros));
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}
