//! Containers, made on the spot.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use super::*;

/// What is seen in a container: each member's path and text, and what was left with why.
fn seen(bytes: &[u8]) -> Vec<(String, String)> {
    let stop = AtomicBool::new(false);
    let kind = kind(bytes).or_else(|| kind_at_end(bytes)).expect("a container");
    let mut all = Vec::new();
    open(kind, &InputPath::new(b"c"), Packed::Held(bytes), &Budget::new(Some(bytes.len() as u64), &stop), &mut |event| match event {
        Event::Member { path, bytes: Unpacked::Held(bytes) } => all.push((path.to_string(), String::from_utf8_lossy(bytes).into_owned())),
        Event::Member { path, bytes: Unpacked::Stream(stream) } => {
            let length = io::copy(stream, &mut io::sink()).map_or_else(|error| error.to_string(), |length| length.to_string());
            all.push((path.to_string(), format!("streamed: {length}")));
        }
        Event::Left { path, why } => all.push((path.to_string(), format!("left: {}", why.message()))),
    });
    all
}

fn names(bytes: &[u8]) -> Vec<String> {
    seen(bytes).into_iter().map(|(path, _)| path).collect()
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, content) in entries {
        let (mut entry, config) = archive.new_file(*name).compression_method(CompressionMethod::DEFLATE).start().expect("begun");
        let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default()));
        writer.write_all(content).expect("packed");
        let (encoder, descriptor) = writer.finish().expect("packed");
        encoder.finish().expect("packed");
        entry.finish(descriptor).expect("packed");
    }
    archive.finish().expect("closed");
    bytes
}

use rawzip::CompressionMethod;

fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ::tar::Builder::new(Vec::new());
    for (name, content) in entries {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *content).expect("packed");
    }
    archive.into_inner().expect("closed")
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).expect("packed");
    encoder.finish().expect("packed")
}

fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    encoder.write_all(content).expect("packed");
    encoder.finish().expect("packed")
}

fn zstd(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).expect("digits")
}

const XZ: &str = "fd377a585a000004e6d6b4460200210116000000742fe5a3010016666972737420\
                  6c696e650a7365636f6e64206c696e650a00";

#[test]
fn what_lies_in_an_archive_has_a_path_in_there() {
    let files: [(&str, &[u8]); 2] = [("a/.env", b"A=1\n"), ("b.txt", b"two")];
    let want = [("c!a/.env", "A=1\n"), ("c!b.txt", "two")].map(|(path, text)| (path.to_owned(), text.to_owned()));
    assert_eq!(seen(&zip(&files)), want);
    assert_eq!(seen(&tar(&files)), want);
    // An archive that is compressed as a whole is one container.
    for packed in [gzip(&tar(&files)), bzip2(&tar(&files)), zstd(&tar(&files))] {
        assert_eq!(seen(&packed)[1..], want);
    }
    let nested = seen(&zip(&[("x/inner.tgz", &gzip(&tar(&files)))]));
    assert_eq!(nested[2].0, "c!x/inner.tgz!a/.env");
    assert_eq!(nested.last().expect("a member").1, "two");
}

#[test]
fn a_compressed_file_loses_its_ending() {
    assert_eq!(seen(&gzip(b"one")), [("c!content".to_owned(), "one".to_owned())]);
    let two = [gzip(b"one "), gzip(b"two")].concat();
    assert_eq!(seen(&two)[0].1, "one two", "streams behind each other are one file");
    let two = [zstd(b"one "), hex("502a4d180300000061 6263".replace(' ', "").as_str()), zstd(b"two")].concat();
    assert_eq!(seen(&two)[0].1, "one two", "a frame to be skipped lies between them");
}

#[test]
fn a_cut_xz_gives_what_it_has() {
    let got = seen(&hex(XZ));
    assert!(got[0].1.starts_with("first line\nsecond line"), "{got:?}");
    assert!(got[1].1.starts_with("left: damaged"), "{got:?}");
}

#[test]
fn one_name_twice_is_two_members() {
    assert_eq!(seen(&zip(&[("a", b"one"), ("a", b"two")])).len(), 2);
}

#[test]
fn an_archive_behind_a_program_is_found() {
    let bytes = [b"#!/bin/sh\nexit 0\n".as_slice(), &zip(&[("a", b"one")])].concat();
    assert_eq!(kind(&bytes), None);
    assert_eq!(names(&bytes), ["c!a"]);
}

#[test]
fn what_is_encrypted_or_packed_otherwise_is_told() {
    let mut bytes = zip(&[("a", b"one"), ("b", b"two")]);
    // The flag in the directory, behind its signature, versions.
    let directory = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("a directory");
    bytes[directory + 8] |= 1;
    assert_eq!(seen(&bytes)[0], ("c!a".to_owned(), "left: encrypted, not looked at".to_owned()));
    assert_eq!(seen(&bytes)[1], ("c!b".to_owned(), "two".to_owned()));
    bytes[directory + 8] &= !1;
    bytes[directory + 10] = 97;
    assert!(seen(&bytes)[0].1.contains("method 97"), "{:?}", seen(&bytes)[0]);
    assert!(seen(b"7z\xbc\xaf\x27\x1c\0\x04")[0].1.contains("a 7z archive"));
    assert!(seen(b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0")[0].1.contains("LZMA"));
    assert!(seen(b"Rar!\x1a\x07\x01\0")[0].1.contains("a RAR archive"));
}

#[test]
fn what_is_damaged_is_looked_at_as_far_as_it_goes() {
    let packed = gzip(&tar(&[("a", b"one"), ("b", &vec![b'x'; 100_000])]));
    let got = seen(&packed[..packed.len() / 2]);
    assert!(got.iter().any(|(path, text)| path == "c!a" && text == "one"), "{got:?}");
    assert!(got.iter().any(|(_, text)| text.starts_with("left: damaged")), "{got:?}");
    let bytes = zip(&[("a", b"one")]);
    assert!(seen(&bytes[..bytes.len() - 30])[0].1.starts_with("left: damaged"));
}

#[test]
fn depth_entries_and_what_comes_out_are_limited() {
    let mut deep = zip(&[("a", b"one")]);
    for _ in 0..10 {
        deep = zip(&[("n.zip", &deep)]);
    }
    let got = seen(&deep);
    assert!(got.last().expect("told").1.contains("6 containers in each other"), "{got:?}");

    let zeros = vec![0; 24 << 20];
    let got = seen(&gzip(&zeros));
    assert_eq!(got.len(), 2, "what came out before is looked at");
    assert!(got[1].1.contains("more than 200 times its size"), "{}", got[1].1);

    let bomb = zip(&[("1", &zeros), ("2", &zeros), ("3", &zeros), ("4", &zeros), ("5", &zeros), ("6", &zeros), ("7", b"seven")]);
    let got = names(&bomb);
    assert!(!got.contains(&"c!7".to_owned()), "a container of such members is a bomb: {got:?}");
}

#[test]
fn a_long_member_is_streamed() {
    let long: Vec<u8> = (0..u32::try_from(HELD / 2).expect("small")).flat_map(u32::to_le_bytes).collect();
    assert_eq!(
        seen(&tar(&[("long", &long), ("b", b"two")]))[..],
        [("c!long".to_owned(), format!("streamed: {}", long.len())), ("c!b".to_owned(), "two".to_owned())]
    );
}

#[test]
fn names_longer_than_a_header_are_read() {
    let name = format!("{}/end.txt", "folder/".repeat(40));
    assert_eq!(names(&tar(&[(&name, b"one"), ("b", b"two")])), [format!("c!{name}"), "c!b".to_owned()]);
    let posix = ::tar::Builder::new(Vec::new());
    let mut posix = posix;
    posix.append_pax_extensions([("path", b"by/record.txt".as_slice())]).expect("packed");
    let mut header = ::tar::Header::new_ustar();
    header.set_size(3);
    posix.append_data(&mut header, "short", b"one".as_slice()).expect("packed");
    assert_eq!(names(&posix.into_inner().expect("closed")), ["c!by/record.txt"]);
}

#[test]
fn rows_of_a_database_are_text() {
    let packed = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/containers/notes.db.gz")).expect("there");
    let got = seen(&packed);
    let table = |name: &str| &got.iter().find(|(path, _)| path == &format!("c!content!{name}.sql")).expect("a table").1;
    let notes = table("notes");
    let beginning = "INSERT INTO \"notes\" (";
    assert!(notes.starts_with(beginning) && notes.matches(beginning).count() == 2, "{}", &notes[..100]);
    assert!(notes.contains("'note 1', 'word1"), "{}", &notes[..200]);
    assert!(notes.contains(&format!("'note 119', '{}'", "word119 ".repeat(181))), "a row over several pages");
    assert_eq!(notes.matches("'note ").count(), 120);
    assert_eq!(table("words").matches("'meaning ").count(), 60);
}

#[test]
fn no_prefix_and_no_changed_byte_breaks_a_reader() {
    let database = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/containers/notes.db.gz")).expect("there");
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&database[..]).read_to_end(&mut plain).expect("sound");
    for bytes in [zip(&[("a", b"one"), ("b/c", b"two")]), tar(&[("a", b"one")]), bzip2(b"one"), zstd(b"one"), plain] {
        let step = (bytes.len() / 400).max(1);
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            if kind(&changed).or_else(|| kind_at_end(&changed)).is_some() {
                seen(&changed);
            }
            if kind(&bytes[..at]).is_some() {
                seen(&bytes[..at]);
            }
        }
    }
}
