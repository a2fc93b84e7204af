//! What lies in containers, through the binary: in a tree, in the index, in a history.

mod support;

use std::io::Write;

use rawzip::{CompressionMethod, ZipArchiveWriter};
use support::{credentials, gatepost, git, places, write};

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, content) in entries {
        let (mut entry, config) = archive.new_file(*name).compression_method(CompressionMethod::DEFLATE).start().expect("begun");
        let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default()));
        writer.write_all(content.as_bytes()).expect("packed");
        let (encoder, descriptor) = writer.finish().expect("packed");
        encoder.finish().expect("packed");
        entry.finish(descriptor).expect("packed");
    }
    archive.finish().expect("closed");
    bytes
}

const BUCKET: &str = "resource \"aws_s3_bucket_acl\" \"a\" {\n  bucket = \"b\"\n  acl    = \"public-read\"\n}\n";

#[test]
fn all_rules_look_inside() {
    let dir = tempfile::tempdir().expect("a folder");
    let bytes = zip(&[("etc/aws.ini", &credentials(1)), (".env", "DB_PASSWORD=hunter2x9Q\n"), ("infra/main.tf", BUCKET)]);
    write(dir.path(), "old/backup.zip", bytes);
    let run = gatepost(dir.path(), &["scan", "--format", "json"]);
    let want = [
        "aws-access-key old/backup.zip!etc/aws.ini:2:21",
        "dotenv-file old/backup.zip!.env:1:13",
        "s3-public-acl old/backup.zip!infra/main.tf:3:12",
    ];
    let mut got = places(&run.json());
    got.sort();
    assert_eq!((run.code, got.as_slice()), (1, want.map(str::to_owned).as_slice()));
    assert_eq!(run.json()["counts"]["scanned"], 1, "a container is one input");
}

#[test]
fn what_was_not_looked_at_is_never_clean() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut bytes = zip(&[("a.txt", "one"), ("b.txt", "two")]);
    let directory = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("a directory");
    bytes[directory + 8] |= 1;
    write(dir.path(), "a.zip", bytes);
    let run = gatepost(dir.path(), &["scan"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("a.zip!a.txt") && run.stdout.contains("encrypted"), "{}", run.stdout);
    assert_eq!(gatepost(dir.path(), &["scan", "--exclude", "*.zip"]).code, 0);
}

#[test]
fn a_change_is_asked_for_the_members_that_it_changes() {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    let (first, second) = (credentials(1), credentials(2));
    write(dir.path(), "a.zip", zip(&[("old.ini", &first)]));
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-q", "-m", "one"]);
    write(dir.path(), "a.zip", zip(&[("old.ini", &first), ("new.ini", &second)]));
    git(dir.path(), &["add", "."]);
    let run = gatepost(dir.path(), &["scan", "--staged", "--format", "json"]);
    assert_eq!(places(&run.json()), ["aws-access-key a.zip!new.ini:2:21"]);
}

#[test]
fn a_history_is_asked_for_containers_that_are_gone() {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    write(dir.path(), "a.zip", zip(&[("x/aws.ini", &credentials(3))]));
    write(dir.path(), "b.txt", "two");
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-q", "-m", "one"]);
    git(dir.path(), &["rm", "-q", "a.zip"]);
    git(dir.path(), &["commit", "-q", "-m", "two"]);
    let run = gatepost(dir.path(), &["scan", "--history", "--format", "json"]);
    assert_eq!(places(&run.json()), ["aws-access-key a.zip!x/aws.ini:2:21"]);
    assert_eq!(run.json()["findings"][0]["origin"]["kind"], "commit");
}

#[test]
fn a_bundle_is_a_container() {
    let (dir, out) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    git(dir.path(), &["init", "-q"]);
    // Enough of a file for git to store its versions as differences.
    let long = (0..400).map(|n| n.to_string()).collect::<Vec<_>>().join("\n") + "\n";
    for seed in 1..4 {
        write(dir.path(), "deploy/aws.ini", format!("{long}{}", credentials(seed)));
        git(dir.path(), &["add", "."]);
        git(dir.path(), &["commit", "-q", "-m", "change"]);
    }
    let bundle = out.path().join("copy.bundle");
    git(dir.path(), &["bundle", "create", "-q", bundle.to_str().expect("UTF-8"), "--all"]);
    let run = gatepost(out.path(), &["scan", "--format", "json"]);
    assert_eq!(places(&run.json()).len(), 3, "{}", run.stdout);
    assert!(places(&run.json()).iter().all(|place| place.contains("copy.bundle!deploy/aws.ini:402:21")), "{}", run.stdout);
}

#[test]
fn a_container_in_a_pipe_is_opened() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut child = support::command(dir.path(), &["scan", "--format", "json", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let bytes = zip(&[("x/aws.ini", &credentials(4))]);
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("written");
    let run = support::finish(child.wait_with_output().expect("ended"));
    assert_eq!(places(&run.json()), ["aws-access-key <stdin>!x/aws.ini:2:21"]);
}
