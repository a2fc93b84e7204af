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

pub(super) fn dsa(chance: &mut Chance) -> Vec<u8> {
    let mut all = vec![0x02, 1, 0];
    for bytes in [256, 32, 256, 256, 32] {
        all.extend(integer(bytes, chance));
    }
    der(0x30, &all)
}

/// A key of some algorithm in the envelope of PKCS #8.
fn pkcs8(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    der(0x30, &[&[0x02, 1, 0][..], &der(0x30, algorithm), &der(0x04, key)].concat())
}

pub(super) fn pkcs8_rsa(chance: &mut Chance) -> Vec<u8> {
    let algorithm = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0];
    pkcs8(&algorithm, &rsa(chance))
}

pub(super) fn pkcs8_ec(chance: &mut Chance) -> Vec<u8> {
    let algorithm = [0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    let public = der(0xA1, &der(0x03, &[&[0, 4][..], &chance.bytes(64)].concat()));
    pkcs8(&algorithm, &der(0x30, &[&[0x02, 1, 1][..], &der(0x04, &chance.bytes(32)), &public].concat()))
}

/// PBES2: what derives the key, then ciphertext.
pub(super) fn pkcs8_locked(chance: &mut Chance) -> String {
    let pbes2 = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
    let salt = der(0x30, &der(0x04, &chance.bytes(16)));
    let algorithm = der(0x30, &[&pbes2[..], &der(0x30, &salt)].concat());
    pem("ENCRYPTED PRIVATE KEY", &der(0x30, &[algorithm, der(0x04, &chance.bytes(1232))].concat()))
}

/// What OpenSSL wrote before PKCS #8.
pub(super) fn pem_locked(chance: &mut Chance) -> String {
    let headers = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{}\n\n", chance.letters(b"0123456789ABCDEF", 32));
    let header = "-----BEGIN RSA PRIVATE KEY-----\n";
    pem("RSA PRIVATE KEY", &chance.bytes(1200)).replacen(header, &format!("{header}{headers}"), 1)
}

/// A string behind its length, as SSH sends it.
fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes(), bytes].concat()
}

pub(super) fn openssh_locked(chance: &mut Chance) -> Vec<u8> {
    let public = [string(b"ssh-ed25519"), string(&chance.bytes(32))].concat();
    let options = [string(&chance.bytes(16)), vec![0, 0, 0, 16]].concat();
    let parts = [string(b"aes256-ctr"), string(b"bcrypt"), string(&options), vec![0, 0, 0, 1], string(&public), string(&chance.bytes(144))];
    [b"openssh-key-v1\0".to_vec(), parts.concat()].concat()
}

/// A file of PuTTY of some version, with Ed25519.
pub(super) fn ppk(version: u8, locked: bool, chance: &mut Chance) -> String {
    let cipher = if locked { "aes256-cbc" } else { "none" };
    let public = [string(b"ssh-ed25519"), string(&chance.bytes(32))].concat();
    let private = if locked { chance.bytes(48) } else { string(&chance.bytes(32)) };
    let lines =
        |bytes: &[u8]| pem("X", bytes).lines().filter(|line| !line.starts_with('-')).map(|line| format!("{line}\n")).collect::<Vec<_>>();
    let part = |name: &str, bytes: &[u8]| format!("{name}-Lines: {}\n{}", lines(bytes).len(), lines(bytes).concat());
    let derivation = if version == 3 && locked { "Key-Derivation: Argon2id\nArgon2-Memory: 8192\nArgon2-Passes: 13\n" } else { "" };
    let mac = chance.letters(b"0123456789abcdef", if version == 3 { 64 } else { 40 });
    format!(
        "PuTTY-User-Key-File-{version}: ssh-ed25519\nEncryption: {cipher}\nComment: eddsa-key-20240101\n{}{derivation}{}Private-MAC: {mac}\n",
        part("Public", &public),
        part("Private", &private)
    )
}

/// A key of ssh.com: magic, size, type, cipher, and the rest.
pub(super) fn ssh2(locked: bool, chance: &mut Chance) -> String {
    let cipher: &[u8] = if locked { b"3des-cbc" } else { b"none" };
    let rest = [string(b"if-modn{sign{rsa-pkcs1-sha1},encrypt{rsa-pkcs1v2-oaep}}"), string(cipher), string(&chance.bytes(640))].concat();
    let size = u32::try_from(rest.len() + 8).unwrap_or(0).to_be_bytes();
    let body = [&[0x3f, 0x6f, 0xf9, 0xeb][..], &size, &rest].concat();
    let text = pem("X", &body);
    let body: Vec<&str> = text.lines().filter(|line| !line.starts_with('-')).collect();
    format!(
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"me@host\"\n{}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----",
        body.join("\n")
    )
}
