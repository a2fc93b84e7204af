//! Marks and ignore files of other tools, as their own documentation writes them: they hold where somebody asks for it, and
//! say nothing otherwise.

#[path = "support/others.rs"]
mod others;
#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::path::Path;

use others::secrets_baseline;
use support::{gatepost, git, made, write};

/// The rules and states of what is found, the tool's marks honoured.
fn states(folder: &Path, tool: Option<&str>, select: &str) -> Vec<String> {
    let mut words = vec!["scan", "--format", "json", "--select", select];
    words.extend(tool.iter().flat_map(|tool| ["--honor", tool]));
    let run = gatepost(folder, &words);
    let report = run.json();
    let findings = report["findings"].as_array().expect("a list").iter();
    findings
        .map(|f| format!("{}:{} {}", f["rule"].as_str().expect("one"), f["start"]["line"], f["suppressed_by"].as_str().unwrap_or("active")))
        .collect()
}

/// A file that is found without the tool and not with it.
fn holds(tool: &str, name: &str, text: &str, select: &str, lines: &[u32]) {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    write(dir.path(), name, text);
    let line =
        |state: &String| state.split(':').nth(1).and_then(|rest| rest.split(' ').next()).and_then(|line| line.parse().ok()).unwrap_or(0);
    let without = states(dir.path(), None, select);
    assert!(!without.is_empty() && without.iter().all(|state| state.ends_with("active")), "{tool}: {without:?}\n{text}");
    let with = states(dir.path(), Some(tool), select);
    let held: Vec<u32> = with.iter().filter(|state| state.ends_with(tool)).map(line).collect();
    assert_eq!(held, lines, "{tool}: {with:?}\n{text}");
}

/// A line of code with a key in it, in front of a mark or not.
fn line(seed: u64, rest: &str) -> String {
    format!("token = '{}'{rest}\n", made("aws-key-id", seed))
}

fn secret(tool: &str, text: &str, lines: &[u32]) {
    holds(tool, "a.py", text, "aws-access-key", lines);
}

#[test]
fn marks_beside_secrets() {
    secret("gitleaks", &(line(1, "  #gitleaks:allow") + &line(2, "")), &[1]);
    secret("betterleaks", &(line(1, "; // betterleaks:allow") + &line(2, " # gitleaks:allow") + &line(3, "")), &[1, 2]);
    secret("kingfisher", &format!("# kingfisher:ignore\n{}\n{}", line(1, ""), line(2, "")), &[2]);
    secret("kingfisher", &(line(1, " # Kingfisher:Ignore") + "\n" + &line(2, "")), &[1]);
    secret("trufflehog", &(line(1, " // trufflehog:ignore") + "// trufflehog:ignore\n" + &line(2, "")), &[1]);
    secret("detect-secrets", &(line(1, "      # pragma: allowlist secret") + &line(2, "")), &[1]);
    secret("detect-secrets", &(line(1, "  # pragma: no cover  # pragma: allowlist secret") + &line(2, " # pragma: no cover")), &[1]);
    secret("detect-secrets", &format!("//  pragma: allowlist nextline secret\n{}{}", line(1, ""), line(2, "")), &[2]);
    let block = format!("token: |    # pragma: allowlist secret\n    {}\nother: {}\n", made("aws-key-id", 3), made("aws-key-id", 4));
    holds("detect-secrets", "a.yml", &block, "aws-access-key", &[2]);
    secret("checkov", &format!("# checkov:skip=CKV_SECRET_6 before it\n{}\n{}", line(1, ""), line(2, "")), &[2]);
}

#[test]
fn a_mark_of_one_tool_is_nothing_to_another() {
    let text = line(1, " # gitleaks:allow");
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "a.py", text);
    for tool in ["kingfisher", "trufflehog", "detect-secrets", "checkov", "trivy", "tfsec", "kics", "cfn-nag", "cfn-guard"] {
        assert_eq!(states(dir.path(), Some(tool), "aws-access-key"), ["aws-access-key:1 active"], "{tool}");
    }
    let run = gatepost(dir.path(), &["scan", "--honor", "gitleak"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `gitleaks`?"), "{}", run.stderr);
}

#[test]
fn marks_of_checkov_speak_of_the_block_that_they_stand_in() {
    let bucket = "resource \"aws_s3_bucket\" \"foo-bucket\" {\n  #checkov:skip=CKV_AWS_20:The bucket is a public static content host\n  bucket        = local.bucket_name\n  acl           = \"public-read\"\n}\n";
    let other = "# checkov:skip=CKV_AWS_20:above a block is nowhere\nresource \"aws_s3_bucket\" \"other\" {\n  acl = \"public-read\"\n}\n";
    holds("checkov", "main.tf", &format!("{bucket}{other}"), "s3-public-acl", &[4]);
    let template = "Resources:\n  Site:\n    Type: AWS::S3::Bucket\n    Metadata:\n      checkov:\n        skip:\n          - id: CKV_AWS_20\n            comment: a public static content host\n    Properties:\n      AccessControl: PublicRead\n  Other:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: PublicRead\n";
    holds("checkov", "t.yml", template, "s3-public-acl", &[10]);
    let inline = "Resources:\n  Site:\n    Type: AWS::S3::Bucket\n    # checkov:skip=CKV_AWS_20:a public static content host\n    Properties:\n      AccessControl: PublicRead\n";
    holds("checkov", "t.yml", inline, "s3-public-acl", &[6]);
}

#[test]
fn marks_of_trivy_and_tfsec_stand_above_or_beside() {
    let above = "#trivy:ignore:AVD-AWS-0092 trivy:ignore:aws-s3-enable-logging\nresource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\nresource \"aws_s3_bucket\" \"c\" {\n  acl = \"public-read\"\n}\n";
    holds("trivy", "main.tf", above, "s3-public-acl", &[3]);
    let any = "Resources:\n#trivy:ignore:*\n  S3Bucket:\n    Type: 'AWS::S3::Bucket'\n    Properties:\n      AccessControl: PublicRead\n";
    holds("trivy", "t.yml", any, "s3-public-acl", &[6]);
    let beside = "resource \"aws_security_group_rule\" \"my-rule\" {\n    type = \"ingress\"\n    protocol = \"tcp\"\n    from_port = 8080\n    to_port = 8080\n    cidr_blocks = [\"0.0.0.0/0\"] #tfsec:ignore:aws-vpc-no-public-ingress-sgr\n}\n";
    holds("tfsec", "main.tf", beside, "sg-open-ingress-any", &[6]);
    let ended =
        "#trivy:ignore:aws-s3-no-public-access-with-acl:exp:2020-03-10\nresource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n";
    holds("trivy", "main.tf", ended, "s3-public-acl", &[]);
    holds("trivy", "main.tf", &ended.replace("2020", "9020"), "s3-public-acl", &[3]);
}

#[test]
fn marks_of_kics_speak_of_lines_blocks_and_files() {
    let buckets = |first: &str, mark: &str, inner: &str| {
        format!(
            "{first}resource \"aws_s3_bucket\" \"b\" {{\n{inner}  acl = \"public-read\"\n}}\n{mark}resource \"aws_s3_bucket\" \"c\" {{\n  acl = \"public-read\"\n}}\n"
        )
    };
    holds("kics", "main.tf", &buckets("", "# kics-scan ignore-block\n", ""), "s3-public-acl", &[6]);
    holds("kics", "main.tf", &buckets("", "", "  # kics-scan ignore-line\n"), "s3-public-acl", &[3]);
    holds("kics", "main.tf", &buckets("# kics-scan ignore\n", "", ""), "s3-public-acl", &[3, 6]);
    holds("kics", "main.tf", &buckets("", "# kics-scan ignore\n", ""), "s3-public-acl", &[]);
}

#[test]
fn metadata_of_resources() {
    let template = |metadata: &str| {
        format!(
            "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Metadata:\n{metadata}    Properties:\n      AccessControl: PublicReadWrite\n"
        )
    };
    let nag =
        template("      cfn_nag:\n        rules_to_suppress:\n          - id: F14\n            reason: \"This is a public bucket.\"\n");
    holds("cfn-nag", "t.yml", &nag, "s3-public-acl", &[10]);
    let json = r#"{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Metadata": {"cfn_nag": {"rules_to_suppress": [{"id": "F14"}]}},
        "Properties": {"AccessControl": "PublicReadWrite"}}}}"#;
    holds("cfn-nag", "t.json", json, "s3-public-acl", &[2]);
    let guard = template("      guard:\n        SuppressedRules:\n        - S3_BUCKET_PUBLIC_READ_PROHIBITED\n");
    holds("cfn-guard", "t.yml", &guard, "s3-bucket-public", &[9]);
}

/// A repository with a secret in line 2 of `a.py`, and a file of another tool.
fn file(tool: &str, name: &str, text: &str, select: &str) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    write(dir.path(), "a.py", format!("\n{}", line(1, "")));
    write(dir.path(), "main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n");
    write(dir.path(), name, text);
    states(dir.path(), Some(tool), select)
}

#[test]
fn files_of_other_tools() {
    let left_out = |tool: &str| vec![format!("aws-access-key:2 {tool}")];
    let told = vec!["aws-access-key:2 active".to_owned()];
    assert_eq!(file("gitleaks", ".gitleaksignore", "# comment\na.py:aws-access-token:2\n", "aws-access-key"), left_out("gitleaks"));
    assert_eq!(file("gitleaks", ".gitleaksignore", "a.py:aws-access-token:3\nb.py:aws-access-token:2\n", "aws-access-key"), told);
    assert_eq!(file("betterleaks", ".betterleaksignore", "a.py:aws-access-token:2\n", "aws-access-key"), left_out("betterleaks"));
    assert_eq!(file("detect-secrets", ".secrets.baseline", &secrets_baseline("a.py", 1), "aws-access-key"), left_out("detect-secrets"));
    assert_eq!(file("detect-secrets", ".secrets.baseline", &secrets_baseline("a.py", 2), "aws-access-key"), told, "another value");
    let of_paths = "misconfigurations:\n  - id: AVD-AWS-0092\n    paths:\n      - \"main.tf\"\n    statement: The site is public\n";
    let of_resources =
        r#"{"failed_checks": [{"file": "/main.tf", "findings": [{"resource": "aws_s3_bucket.b", "check_ids": ["CKV_AWS_20"]}]}]}"#;
    for (tool, name, text, by) in [
        ("trivy", ".trivyignore", "# Accept the risk\nCVE-2018-14618\nAVD-AWS-0092\n", "trivy"),
        ("trivy", ".trivyignore", "AVD-AWS-0092 exp:2020-01-01\n", "active"),
        ("trivy", ".trivyignore.yaml", of_paths, "trivy"),
        ("checkov", ".checkov.yaml", "framework:\n  - all\nskip-check:\n  - CKV_DOCKER_3\n  - CKV_AWS_20\n", "checkov"),
        ("checkov", ".checkov.yaml", "skip-path:\n  - ^main\n", "checkov"),
        ("checkov", ".checkov.baseline", of_resources, "checkov"),
        ("tfsec", ".tfsec/config.yml", "---\nexclude:\n  - CUS002:2022-12-31\n  - aws-s3-no-public-access-with-acl\n", "tfsec"),
        ("kics", "kics.config", "exclude-paths: \"main.tf\"\n", "kics"),
    ] {
        assert_eq!(file(tool, name, text, "s3-public-acl"), [format!("s3-public-acl:2 {by}")], "{name}: {text}");
    }
}

/// Marks cost what their lines do, however many there are and whatever they stand in.
#[test]
fn a_hundred_thousand_marks_are_read_in_no_time_and_told_to_be_cut() {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    let many = |row: &str| row.repeat(100_000);
    write(dir.path(), "stacked.tf", many("# trivy:ignore:AVD-AWS-0086\n"));
    write(dir.path(), "open.tf", many("a { # tfsec:ignore:aws-s3-x\n"));
    write(dir.path(), "around.tf", format!("a {{\n{}}}\n", many("# checkov:skip=CKV_AWS_20:why\n")));
    write(dir.path(), "below.yml", format!("Resources:\n{}", many("  a: # checkov:skip=CKV_AWS_20\n")));
    write(dir.path(), "blocks.yml", many("# kics-scan ignore-block\nk:\n"));
    write(dir.path(), "line.py", format!("{}\n", "# trivy:ignore:AVD-AWS-0086 ".repeat(100_000)));
    let start = std::time::Instant::now();
    let run = gatepost(dir.path(), &["scan", "--honor", "all", "--select", "aws-access-key", "--format", "json"]);
    let took = start.elapsed();
    let report = run.json();
    let notes = report["notes"].as_array().expect("a list");
    let cut = notes.iter().filter(|note| note.as_str().is_some_and(|note| note.contains("marks of other tools are read"))).count();
    assert_eq!(cut, 5, "{notes:?}");
    // Of a build without optimizations; looking on from each mark took hours.
    assert!(took.as_secs() < 60, "{took:?}");
}
