//! Credentials in the places where people leave them: every spelling, every encoding, every position, both orders.

#[path = "support/bench.rs"]
mod bench;

use gatepost::base::ids::Severity;
use gatepost::finding::Finding;
use gatepost::input::{Focus, Input, InputPath, Origin};
use gatepost::report::{Draft, Report};

use bench::{Bench, value};

/// `@I` and `@S` stand for id and secret.
const PAIRS: &[&str] = &[
    "[default]\naws_access_key_id = @I\naws_secret_access_key = @S\n",
    "[default]\naws_secret_access_key=@S\naws_access_key_id=@I\nregion=us-east-1\n",
    "[default]\r\naws_access_key_id = @I\r\naws_secret_access_key = @S\r\n",
    "export AWS_ACCESS_KEY_ID=@I\nexport AWS_SECRET_ACCESS_KEY=@S\n",
    "export AWS_ACCESS_KEY_ID='@I' AWS_SECRET_ACCESS_KEY='@S'; make",
    "set AWS_ACCESS_KEY_ID=@I\nset AWS_SECRET_ACCESS_KEY=@S\n",
    "$Env:AWS_ACCESS_KEY_ID=\"@I\"\n$Env:AWS_SECRET_ACCESS_KEY=\"@S\"\n",
    "aws configure set aws_access_key_id @I\naws configure set aws_secret_access_key @S\n",
    "{\"accessKeyId\": \"@I\", \"secretAccessKey\": \"@S\"}",
    "{\n  \"AccessKey\": {\n    \"UserName\": \"bob\",\n    \"AccessKeyId\": \"@I\",\n    \"Status\": \"Active\",\n    \"SecretAccessKey\": \"@S\"\n  }\n}",
    "{\"cfg\": \"{\\\"accessKeyId\\\": \\\"@I\\\", \\\"secretAccessKey\\\": \\\"@S\\\"}\"}",
    "[{\"name\": \"AWS_ACCESS_KEY_ID\", \"value\": \"@I\"}, {\"name\": \"AWS_SECRET_ACCESS_KEY\", \"value\": \"@S\"}]",
    "aws:\n  access_key_id: @I\n  secret_access_key: @S\n",
    "aws:\n  access_key_id: \"@I\"\n  secret_access_key: >-\n    @S\n",
    "env:\n  - name: AWS_ACCESS_KEY_ID\n    value: @I\n  - name: AWS_SECRET_ACCESS_KEY\n    value: @S\n",
    "provider \"aws\" {\n  access_key = \"@I\"\n  secret_key = \"@S\"\n}\n",
    "variable \"aws_access_key_id\" {\n  default = \"@I\"\n}\n\nvariable \"aws_secret_access_key\" {\n  type    = string\n  default = \"@S\"\n}\n",
    "boto3.client('s3', aws_access_key_id='@I', aws_secret_access_key='@S')",
    "new BasicAWSCredentials(\"@I\", \"@S\");",
    "credentials.NewStaticCredentials(\"@I\", \"@S\", \"\")",
    "AWS.config.update({accessKeyId: '@I', secretAccessKey: '@S'});",
    "const KEY = '@I';\nconst SECRET_KEY = '@S';\n",
    "'key' => '@I',\n'secret' => '@S',\n",
    "define('AWS_KEY', '@I');\ndefine('AWS_SECRET_KEY', '@S');",
    "cloud.aws.credentials.accessKey=@I\ncloud.aws.credentials.secretKey=@S\n",
    "<add key=\"AWSAccessKey\" value=\"@I\" />\n<add key=\"AWSSecretKey\" value=\"@S\" />",
    "<accessKey>@I</accessKey>\n<secretKey>@S</secretKey>",
    "<key>id</key><string>@I</string><key>secret</key><string>@S</string>",
    "ENV AWS_ACCESS_KEY_ID @I\nENV AWS_SECRET_ACCESS_KEY @S\n",
    "ENV AWS_ACCESS_KEY_ID=@I \\\n    AWS_SECRET_ACCESS_KEY=@S\n",
    "Access key ID,Secret access key\n@I,@S\n",
    "User name,Password,Access key ID,Secret access key,Console login link\nbob,,@I,@S,https://1.signin.aws.amazon.com/console\n",
    "@I:@S",
    "s3://@I:@S@bucket/path",
    "access key: @I\nsecret key: @S\n",
    "INSERT INTO keys VALUES ('bob', '@I', '@S');",
    "# old\n# aws_access_key_id = @I\n# aws_secret_access_key = @S\n",
    "curl -u @I:@S --aws-sigv4 'aws:amz:us-east-1:s3' https://x",
    "| @I | @S |",
];

#[test]
fn every_spelling_of_a_pair_is_one_critical_finding() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for (number, template) in PAIRS.iter().enumerate() {
        for seed in 0..12 {
            let (id, secret) = (value("{aws-key-id}", seed), value("{aws-secret}", seed));
            let text = template.replace("@I", &id).replace("@S", &secret);
            let found = bench.look(text.as_bytes());
            let first = found.first();
            let right = found.len() == 1
                && first.is_some_and(|f| {
                    let points = text[f.primary.span.expect("a span").range()] == id;
                    let related: Vec<_> = f.related.iter().map(|l| &text[l.place.span.expect("a span").range()]).collect();
                    f.rule.as_str() == "aws-access-key" && f.severity == Severity::Critical && points && related == [secret.as_str()]
                });
            if !right {
                let said: Vec<_> = found.iter().map(|f| (f.rule.to_string(), f.severity, f.message.clone())).collect();
                wrong.push(format!("{number} seed {seed}: {template:?}: {said:?}"));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), PAIRS.len(), wrong.join("\n"));
}

/// A secret under its name, without an id.
const NAMED: &[&str] = &[
    "aws_secret_access_key=@S",
    "aws_secret_access_key : '@S'",
    "AWS_SECRET_ACCESS_KEY: @S",
    "AWS_SECRET_ACCESS_KEY ?= @S",
    "AWS_SECRET_ACCESS_KEY_PROD=@S",
    "AWS_SECRET=@S",
    "AWS_SECRET_KEY := \"@S\"",
    "awsSecretKey: `@S`,",
    "aws.secretKey = @S",
    "aws-secret-access-key: @S",
    "--aws-secret-access-key @S",
    "--secret-access-key=@S",
    "-e AWS_SECRET_ACCESS_KEY=@S image",
    "secretAccessKey: '@S',",
    "\"SecretAccessKey\" : \"@S\"",
    "\\\"SecretAccessKey\\\":\\\"@S\\\"",
    "<SecretAccessKey>@S</SecretAccessKey>",
    "Secret Access Key: @S",
    "Secret access key\n@S\n",
    "os.environ['AWS_SECRET_ACCESS_KEY'] = '@S'",
    "os.environ.setdefault(\"AWS_SECRET_ACCESS_KEY\", \"@S\")",
    "System.setProperty(\"aws.secretKey\", \"@S\");",
    "private static final String AWS_SECRET_KEY = \"@S\";",
    "let aws_secret_access_key: &str = \"@S\";",
    "const awsSecretAccessKey string = \"@S\"",
    "secret_access_key => '@S'",
    ":secret_access_key: @S",
    "ARG AWS_SECRET_ACCESS_KEY=@S",
    "- AWS_SECRET_ACCESS_KEY=@S",
    "setenv AWS_SECRET_ACCESS_KEY @S",
    "ENV['AWS_SECRET_ACCESS_KEY'] || '@S'",
    "AWS_SECRET_ACCESS_KEY = os.getenv('AWS_SECRET_ACCESS_KEY', '@S')",
    "Environment:\n  Variables:\n    AWS_SECRET_ACCESS_KEY: '@S'",
    "[profile x]\nAWS_Secret_Access_Key=@S",
    "s3:\n  endpoint: x\n  secret_key: @S",
    "amazon:\n  secretkey: \"@S\"",
    "\"AWS_SECRET_ACCESS_KEY\": { \"value\": \"@S\" }",
    "AwsSecretKey\" value=\"@S\"",
];

#[test]
fn every_spelling_of_a_named_secret_is_found() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for template in NAMED {
        for seed in 0..12 {
            let secret = value("{aws-secret}", seed);
            let text = template.replace("@S", &secret);
            let found = bench.look(text.as_bytes());
            let right = found.len() == 1
                && found[0].rule.as_str() == "aws-secret-access-key"
                && text[found[0].primary.span.expect("a span").range()] == secret;
            if !right {
                wrong.push(format!("seed {seed}: {template:?}: {:?}", said(&found)));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), NAMED.len(), wrong.join("\n"));
}

fn said(found: &[Finding]) -> Vec<(String, Severity)> {
    found.iter().map(|f| (f.rule.to_string(), f.severity)).collect()
}

fn access_key(severity: Severity) -> (String, Severity) {
    ("aws-access-key".to_owned(), severity)
}

/// What stands beside an id is no secret because it is 40 characters long.
#[test]
fn an_id_does_not_pair_with_hashes_and_paths() {
    let bench = Bench::new();
    let id = value("{aws-key-id}", 1);
    for other in [
        value("commit {hex-40}", 1),
        value("commit {hex-40}", 1).to_uppercase(),
        value("\"integrity\": \"sha1-{base64-27}=\"", 1),
        value("\"integrity\": \"sha512-{base64-86}==\"", 1),
        value("https://host/{base64-40}/x", 1),
        value("token {base64-41}", 1),
        value("token {base64-39}", 1),
        "com/amazonaws/Services/S3/Model/GetObject".to_owned(),
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
    ] {
        let text = format!("aws_access_key_id = {id}\n{other}\n");
        assert_eq!(said(&bench.look(text.as_bytes())), [access_key(Severity::Medium)], "{other}");
    }
}

#[test]
fn profiles_keep_their_own_secrets() {
    let bench = Bench::new();
    let (a, b, s, t) = (value("{aws-key-id}", 1), value("{aws-key-id:2}", 1), value("{aws-secret}", 1), value("{aws-secret:2}", 1));
    let text = format!("[a]\naws_access_key_id={a}\naws_secret_access_key={s}\n[b]\naws_secret_access_key={t}\naws_access_key_id={b}\n");
    let found = bench.look(text.as_bytes());
    let pairs: Vec<_> =
        found.iter().map(|f| [f.primary.span, f.related[0].place.span].map(|span| &text[span.expect("a span").range()])).collect();
    assert_eq!(pairs, [[a.as_str(), &s], [&b, &t]]);
    let apart = format!("[a]\naws_access_key_id={a}\n[b]\naws_secret_access_key={t}\n");
    let found = said(&bench.look(apart.as_bytes()));
    assert_eq!(found, [access_key(Severity::Medium), ("aws-secret-access-key".to_owned(), Severity::High)]);
}

#[test]
fn the_same_key_twice_is_one_finding() {
    let bench = Bench::new();
    let text = value("{aws-key-id}\n\n{aws-key-id}\n{aws-key-id}\n{aws-key-id:2}\n", 4);
    let found = bench.look(text.as_bytes());
    assert_eq!(said(&found), [access_key(Severity::Medium), access_key(Severity::Medium)]);
    let lines: Vec<_> = found[0].related.iter().map(|l| l.place.excerpt.as_ref().expect("pinned").start.line).collect();
    assert_eq!(lines, [3, 4]);
    assert_ne!(found[0].group, found[1].group);
}

#[test]
fn a_change_that_adds_either_half_is_about_the_pair() {
    let bench = Bench::new();
    let text = value("id = {aws-key-id}\nx = 1\naws_secret_access_key = {aws-secret}\n", 2);
    let line = |n: usize| {
        let start: usize = text.split_inclusive('\n').take(n - 1).map(str::len).sum();
        let end = start + text[start..].find('\n').expect("a line");
        let range = u32::try_from(start).expect("small")..u32::try_from(end).expect("small");
        Focus::Ranges(std::iter::once(range).collect())
    };
    for (number, found) in [(1, 1), (2, 0), (3, 1)] {
        assert_eq!(bench.look_in("app", text.as_bytes(), &line(number)).len(), found, "line {number}");
    }
}

/// A lone id that is baselined does not cover the day its secret is committed too.
#[test]
fn a_secret_added_to_a_known_id_is_news() {
    let bench = Bench::new();
    let text = value("aws_access_key_id = {aws-key-id}\naws_secret_access_key = {aws-secret}\n", 2);
    let (alone, paired) = (&bench.look(text.lines().next().expect("a line").as_bytes())[0], &bench.look(text.as_bytes())[0]);
    assert_eq!(alone.group, paired.group);
    assert_ne!(alone.identity, paired.identity);
}

#[test]
fn what_a_path_says_lowers_confidence_alone() {
    let bench = Bench::new();
    let text = value("k = {aws-key-id}", 2);
    let look = |path: &str| bench.look_in(path, text.as_bytes(), &Focus::Whole).remove(0);
    let (plain, test, docs) = (look("src/a.py"), look("tests/a.py"), look("README.md"));
    assert!(plain.confidence > test.confidence && plain.confidence > docs.confidence);
    assert!(
        plain.severity == test.severity && test.message.ends_with("in a test or an example") && docs.message.ends_with("in documentation")
    );
}

/// Twelve encodings, and the start, the middle and the end of a file that is long enough for a second look.
#[test]
fn every_encoding_and_position() {
    fn wide(text: &str, unit: usize, big: bool) -> Vec<u8> {
        let bytes = |c: u32| {
            let all = c.to_le_bytes();
            let mut used = all[..unit].to_vec();
            if big {
                used.reverse();
            }
            used
        };
        match unit {
            2 => text.encode_utf16().flat_map(|c| bytes(u32::from(c))).collect(),
            _ => text.chars().flat_map(|c| bytes(u32::from(c))).collect(),
        }
    }
    type Encode = Box<dyn Fn(&str) -> Vec<u8>>;
    let mut encodings: Vec<(String, Encode)> = vec![
        ("utf-8".into(), Box::new(|t| t.as_bytes().to_vec())),
        ("utf-8 with mark".into(), Box::new(|t| format!("\u{FEFF}{t}").into_bytes())),
        ("latin-1".into(), Box::new(|t| t.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect())),
        ("nul bytes".into(), Box::new(|t| [b"\0\0x\0", t.as_bytes(), b"\0\0"].concat())),
    ];
    for (unit, big) in [(2, false), (2, true), (4, false), (4, true)] {
        for mark in ["", "\u{FEFF}"] {
            let name = format!("utf-{} {} {}", unit * 8, if big { "be" } else { "le" }, mark.len());
            encodings.push((name, Box::new(move |t| wide(&format!("{mark}{t}"), unit, big))));
        }
    }
    assert_eq!(encodings.len(), 12);
    let bench = Bench::new();
    let (id, filler) = (value("{aws-key-id}", 3), "nothing to see in d\u{e9}tail\n".repeat(300));
    for (name, encode) in &encodings {
        for (before, after) in [("", filler.as_str()), (&filler, &filler), (&filler, "")] {
            let bytes = encode(&format!("{before}k = {id}\n{after}"));
            let found = bench.look(&bytes);
            assert_eq!(said(&found), [access_key(Severity::Medium)], "{name}");
            let stored = &bytes[found[0].primary.span.expect("a span").range()];
            let ascii: Vec<u8> = stored.iter().copied().filter(|byte| *byte != 0).collect();
            assert_eq!(ascii, id.as_bytes(), "{name}");
            let line = before.lines().count() + 1;
            assert_eq!(found[0].primary.excerpt.as_ref().expect("pinned").start.line as usize, line, "{name}");
        }
    }
}

/// Nothing of a secret leaves, not even a line of a long one.
#[test]
fn a_sealed_report_shows_no_secret() {
    let bench = Bench::new();
    for (template, parts) in [
        ("aws_access_key_id = {aws-key-id}\naws_secret_access_key = {aws-secret}\n", vec!["{aws-key-id}", "{aws-secret}"]),
        ("k: |\n{pem-rsa}\n", vec!["{pem-rsa}"]),
        ("{\"k\": \"{pem-rsa-line}\"}", vec!["{pem-rsa-line}"]),
        ("token = {github-token}\n", vec!["{github-token}"]),
    ] {
        let text = value(template, 8);
        let findings = bench.look(text.as_bytes());
        assert_eq!(findings.len(), 1, "{template}");
        let input = Input { path: InputPath::new(b"src/app"), origin: Origin::File };
        let report = Report::seal(Draft { inputs: vec![input], findings, ..Draft::default() });
        let printed = format!("{report:?}");
        for part in parts {
            for line in value(part, 8).split("\\n").flat_map(str::lines).filter(|line| !line.starts_with("-----")) {
                let tail = &line[line.len().saturating_sub(12)..];
                assert!(tail.len() < 12 || !printed.contains(tail), "{template} shows a secret");
            }
        }
        assert!(printed.contains("aws_access_key_id") || !template.starts_with("aws"), "names stay");
    }
}

/// Files of nothing but beginnings come to an end, with nothing found but what is there.
#[test]
fn hostile_files_come_to_an_end() {
    let bench = Bench::new();
    let key = value("{pem-rsa}", 1);
    for (name, line) in [
        ("ids", "AKIAAKIA".to_owned()),
        ("names", "aws secret_key secret_access_key=".to_owned()),
        ("headers", "-----BEGIN RSA PRIVATE KEY-----\n".to_owned()),
        ("bodies", key[..1200].to_owned()),
        ("tokens", "ghp_ghp_".to_owned()),
        ("backslashes", "-----BEGIN PRIVATE KEY-----\\\\\\\\\\\\\\".to_owned()),
    ] {
        let text = line.repeat(320_000 / line.len());
        let found = bench.look(text.as_bytes());
        assert!(found.len() <= 1, "{name}: {found:?}");
    }
}
