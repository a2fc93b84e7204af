//! Private keys in the formats that programs write.

use std::fmt::Write as _;

use data_encoding::BASE64;

use super::chance::Chance;

pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    let base64 = BASE64.encode(der);
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        let _ = writeln!(out, "{line}");
        rest = more;
    }
    let _ = write!(out, "-----END {label}-----");
    out
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let mut out = vec![tag];
    match content.len() {
        0..=0x7f => out.push(length[7]),
        0x80..=0xff => out.extend([0x81, length[7]]),
        _ => out.extend([0x82, length[6], length[7]]),
    }
    out.extend_from_slice(content);
    out
}

fn integer(bytes: usize, chance: &mut Chance) -> Vec<u8> {
    let mut number = chance.bytes(bytes);
    number[0] = number[0] & 0x7f | 0x40;
    der(0x02, &number)
}

pub(super) fn rsa(chance: &mut Chance) -> Vec<u8> {
    let mut all = vec![0x02, 1, 0];
    all.extend(integer(256, chance));
    all.extend([0x02, 3, 1, 0, 1]);
    for bytes in [256, 128, 128, 128, 128, 128] {
        all.extend(integer(bytes, chance));
    }
    der(0x30, &all)
}

pub(super) fn ec(chance: &mut Chance) -> Vec<u8> {
    let mut all = vec![0x02, 1, 1];
    all.extend(der(0x04, &chance.bytes(32)));
    all.extend(der(0xA0, &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]));
    all.extend(der(0xA1, &der(0x03, &[&[0, 4][..], &chance.bytes(64)].concat())));
    der(0x30, &all)
}

pub(super) fn ed25519(chance: &mut Chance) -> Vec<u8> {
    let mut all = vec![0x02, 1, 0];
    all.extend(der(0x30, &[0x06, 3, 0x2b, 0x65, 0x70]));
    all.extend(der(0x04, &der(0x04, &chance.bytes(32))));
    der(0x30, &all)
}

pub(super) fn openssh(chance: &mut Chance) -> Vec<u8> {
    let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes(), bytes].concat();
    let (public, seed, check) = (chance.bytes(32), chance.bytes(32), chance.bytes(4));
    let public_key = [string(b"ssh-ed25519"), string(&public)].concat();
    let pair = [seed, public].concat();
    let private = [check.clone(), check, public_key.clone(), string(&pair), string(b"me@host"), vec![1]].concat();
    let mut all = b"openssh-key-v1\0".to_vec();
    for part in [string(b"none"), string(b"none"), string(b""), vec![0, 0, 0, 1], string(&public_key), string(&private)] {
        all.extend(part);
    }
    all
}
