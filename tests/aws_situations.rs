//! Access keys of AWS as people write them: each situation one id and its secret, and the traps where there is no pair.

#[path = "support/bench.rs"]
mod bench;

use gatepost::base::ids::{Confidence, Severity};
use gatepost::finding::Finding;
use gatepost::input::Focus;

use bench::{Bench, value};

fn said(found: &[Finding]) -> Vec<(String, Severity, String)> {
    found.iter().map(|f| (f.rule.to_string(), f.severity, f.message.clone())).collect()
}

/// The texts that a finding points at: its own, then those beside it that are no repetition.
fn texts<'t>(text: &'t str, finding: &Finding) -> Vec<&'t str> {
    let related = finding.related.iter().filter(|label| !label.repeats).map(|label| &label.place);
    std::iter::once(&finding.primary).chain(related).map(|place| &text[place.span.expect("a span").range()]).collect()
}

/// A place and what stands there; `@I`, `@S` and `@T` are an id, its secret and its session token, `@P` a secret with percent
/// signs for slashes and pluses, `@E` one with backslashes before its slashes, `@40` forty lines of something else.
const SITUATIONS: &[(&str, &str)] = &[
    // Profiles.
    (".aws/credentials", "[default]\naws_access_key_id = @I\naws_secret_access_key = @S\n"),
    (
        ".aws/credentials",
        "[old]\nregion = eu-west-1\n\n[new]\naws_access_key_id=@I\n@40region = us-east-1\n@40aws_secret_access_key=@S\n[third]\nx = 1\n",
    ),
    (".aws/config", "[profile a]\naws_access_key_id = @I ; laptop\naws_secret_access_key = @S ; laptop\n"),
    (".aws/credentials", "#[default]\n#aws_access_key_id = @I\n#aws_secret_access_key = @S\n"),
    (".s3cfg", "[default]\naccess_key = @I\naccess_token =\n@40secret_key = @S\n"),
    ("rclone.conf", "[remote]\ntype = s3\nprovider = AWS\naccess_key_id = @I\nsecret_access_key = @S\n"),
    ("boto.cfg", "[Credentials]\naws_access_key_id: @I\naws_secret_access_key: @S\n"),
    // The console's tables.
    ("credentials.csv", "User Name,Access Key Id,Secret Access Key\n\"bob\",@I,@S\n"),
    ("rootkey.csv", "AWSAccessKeyId=@I\r\nAWSSecretKey=@S\r\n"),
    ("bob_accessKeys.csv", "\u{FEFF}Access key ID,Secret access key\r\n@I,@S\r\n"),
    (
        "new_user_credentials.csv",
        "User name,Password,Access key ID,Secret access key,Console login link\r\nbob,,@I,@S,https://1.signin.aws.amazon.com/console\r\n",
    ),
    ("keys.tsv", "name\tAccess key ID\tSecret access key\nbob\t@I\t@S\n"),
    ("keys.csv", "User name;Access key ID;Secret access key\nbob;@I;@S\n"),
    // Data.
    ("config.json", "{\"aws\": {\"accessKeyId\": \"@I\", \"region\": \"eu-west-1\", \"secretAccessKey\": \"@S\"}}"),
    ("config.json", "{\n  \"aws\": {\n    \"key\": \"@I\",\n    \"secret\": \"@S\"\n  }\n}\n"),
    ("keys.json", "{\"AccessKeyId\":\"@I\",\"SecretAccessKey\":\"@E\"}"),
    ("application.yml", "cloud:\n  aws:\n    credentials:\n      access-key: @I\n      secret-key: @S\n"),
    ("values.yaml", "prod:\n  s3:\n    accessKey: @I\n@40    secretKey: @S\ndev:\n  s3:\n    accessKey: none\n"),
    (
        "app.config",
        "<appSettings>\n  <add key=\"AWSAccessKey\" value=\"@I\" />\n  <add key=\"AWSSecretKey\" value=\"@S\" />\n</appSettings>\n",
    ),
    ("Info.plist", "<dict>\n<key>AWSAccessKeyId</key>\n<string>@I</string>\n<key>AWSSecretKey</key>\n<string>@S</string>\n</dict>\n"),
    (
        "core-site.xml",
        "<property>\n<name>fs.s3a.access.key</name>\n<value>@I</value>\n</property>\n<property>\n<name>fs.s3a.secret.key</name>\n<value>@S</value>\n</property>\n",
    ),
    ("jets3t.properties", "prod.aws.accessKey=@I\nprod.bucket=a\nprod.aws.secretKey=@S\n"),
    ("application.properties", "spring.cloud.aws.credentials.access-key=@I\nspring.cloud.aws.credentials.secret-key=@S\n"),
    // Builds.
    ("Dockerfile", "ENV AWS_ACCESS_KEY_ID @I\nENV AWS_SECRET_ACCESS_KEY @S\n"),
    ("Dockerfile", "ENV AWS_ACCESS_KEY_ID=@I AWS_SECRET_ACCESS_KEY=@S\n"),
    ("Dockerfile", "ARG AWS_ACCESS_KEY_ID=@I\nARG AWS_SECRET_ACCESS_KEY=@S\nRUN make\n"),
    ("docker-compose.yml", "services:\n  a:\n    environment:\n      - AWS_ACCESS_KEY_ID=@I\n      - AWS_SECRET_ACCESS_KEY=@S\n"),
    (
        "docker-compose.yml",
        "services:\n  a:\n    environment:\n      AWS_ACCESS_KEY_ID: @I\n      AWS_REGION: eu-west-1\n      AWS_SECRET_ACCESS_KEY: \"@S\"\n",
    ),
    (
        ".github/workflows/a.yml",
        "jobs:\n  a:\n    steps:\n      - uses: aws-actions/configure-aws-credentials@v4\n        with:\n          aws-access-key-id: @I\n          aws-secret-access-key: @S\n",
    ),
    (".travis.yml", "deploy:\n  provider: s3\n  access_key_id: @I\n  secret_access_key: \"@S\"\n"),
    (".gitlab-ci.yml", "variables:\n  AWS_ACCESS_KEY_ID: \"@I\"\n  AWS_SECRET_ACCESS_KEY: \"@S\"\n"),
    ("secret.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  aws-access-key-id: @I\n  aws-secret-access-key: @S\n"),
    ("pod.yaml", "env:\n  - name: AWS_ACCESS_KEY_ID\n    value: @I\n  - name: AWS_SECRET_ACCESS_KEY\n    value: @S\n"),
    ("Jenkinsfile", "environment {\n  AWS_ACCESS_KEY_ID = '@I'\n  AWS_SECRET_ACCESS_KEY = '@S'\n}\n"),
    ("main.tf", "provider \"aws\" {\n  region     = \"eu-west-1\"\n  access_key = \"@I\"\n  secret_key = \"@S\"\n}\n"),
    (
        "main.tf",
        "resource \"aws_instance\" \"a\" {\n  user_data = <<-EOF\n    #!/bin/sh\n    export AWS_ACCESS_KEY_ID=@I\n    export AWS_SECRET_ACCESS_KEY=@S\n  EOF\n}\n",
    ),
    (
        "stack.yaml",
        "UserData:\n  Fn::Base64: !Sub |\n    #!/bin/sh\n    aws configure set aws_access_key_id @I\n    aws configure set aws_secret_access_key @S\n",
    ),
    (
        "stack.json",
        "{\"UserData\": {\"Fn::Base64\": {\"Fn::Join\": [\"\", [\"export AWS_ACCESS_KEY_ID=@I\\n\", \"export AWS_SECRET_ACCESS_KEY=@S\\n\"]]}}}",
    ),
    // Shells.
    ("run.sh", "export AWS_ACCESS_KEY_ID=@I # mine\nexport AWS_SECRET_ACCESS_KEY=@S # mine\n"),
    ("run.fish", "set -x AWS_ACCESS_KEY_ID @I\nset -x AWS_SECRET_ACCESS_KEY @S\n"),
    ("run.bat", "set AWS_ACCESS_KEY_ID=@I\r\nsetx AWS_SECRET_ACCESS_KEY \"@S\"\r\n"),
    ("run.ps1", "$env:AWS_ACCESS_KEY_ID = \"@I\"\n$env:AWS_SECRET_ACCESS_KEY = '@S'\n"),
    ("run.ps1", "Set-AWSCredential -AccessKey @I -SecretKey @S -StoreAs me\n"),
    ("Makefile", "AWS_ACCESS_KEY_ID ?= @I\nAWS_SECRET_ACCESS_KEY ?= @S\n"),
    ("a.ipynb", "{\"cells\": [{\"source\": [\"key = '@I'\\n\", \"secret = '@S'\\n\", \"s3 = boto3.client('s3', key, secret)\"]}]}"),
    // Calls, in ten languages.
    ("A.java", "AWSCredentials c = new BasicAWSCredentials(\n    \"@I\",\n    \"@S\");"),
    ("a.py", "s3 = boto3.client('s3', aws_access_key_id='@I',\n                  aws_secret_access_key='@S')"),
    ("a.py", "conn = boto.connect_s3('@I', b'@S')"),
    ("a.js", "AWS.config.update({ accessKeyId: '@I', secretAccessKey: '@S', region: 'eu-west-1' });"),
    ("a.ts", "const s3 = new S3Client({ credentials: { accessKeyId: `@I`, secretAccessKey: `@S` } });"),
    ("a.go", "creds := credentials.NewStaticCredentials(\"@I\", \"@S\", \"\")"),
    ("a.cs", "var client = new AmazonS3Client(@\"@I\", @\"@S\", RegionEndpoint.EUWest1);"),
    ("a.rb", "Aws.config[:credentials] = Aws::Credentials.new('@I', '@S')"),
    ("a.php", "'credentials' => ['key' => '@I', 'secret' => '@S'],"),
    ("a.rs", "let c = Credentials::new(\"@I\", \"@S\", None, None, \"static\");"),
    ("a.kt", "StaticCredentialsProvider { accessKeyId = \"@I\"; secretAccessKey = \"@S\" }"),
    ("a.scala", "val c = new BasicAWSCredentials(\"@I\", \"@S\")"),
    ("a.swift", "AWSStaticCredentialsProvider(accessKey: \"@I\", secretKey: \"@S\")"),
    ("a.m", "[[AWSStaticCredentialsProvider alloc] initWithAccessKey:@\"@I\" secretKey:@\"@S\"];"),
    (
        "settings.py",
        "AWS_ACCESS_KEY_ID = os.getenv('AWS_ACCESS_KEY_ID', '@I')\nAWS_SECRET_ACCESS_KEY = os.getenv('AWS_SECRET_ACCESS_KEY', u'@S')\n",
    ),
    ("settings.py", "AWS_ACCESS_KEY_ID = '@I'\n@40@40AWS_SECRET_ACCESS_KEY = '@S'\n"),
    ("Config.java", "class Config {\n  String AWS_ACCESS_KEY_ID = \"@I\";\n@40@40  String AWS_SECRET_ACCESS_KEY = \"@S\";\n}\n"),
    ("wp-config.php", "define( 'DBI_AWS_ACCESS_KEY_ID', '@I' );\ndefine( 'DBI_AWS_SECRET_ACCESS_KEY', '@S' );\n"),
    // Stores and addresses.
    ("dump.sql", "INSERT INTO `keys` VALUES (1,'bob','@I','@S','2020-01-01');"),
    (
        "dump.sql",
        "INSERT INTO wp_options VALUES (7,'wp_mail_smtp','a:2:{s:9:\\\"accesskey\\\";s:20:\\\"@I\\\";s:9:\\\"secretkey\\\";s:40:\\\"@S\\\";}','yes');",
    ),
    ("option.txt", "a:2:{s:17:\"access_key_id_val\";s:20:\"@I\";s:10:\"secret_key\";s:40:\"@S\";}"),
    ("run.sh", "aws s3 cp s3://@I:@S@bucket/a ."),
    ("job.sh", "hadoop distcp s3n://@I:@P@bucket/a hdfs://b"),
    ("notes.txt", "access key: @I\nsecret key: @S\n"),
];

#[test]
fn every_situation_is_one_finding_with_both_places() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for (path, template) in SITUATIONS {
        for seed in 0..8 {
            let (id, mut secret) = (value("{aws-key-id}", seed), value("{aws-secret}", seed));
            // One that has what is escaped.
            if template.contains("@P") || template.contains("@E") {
                secret.replace_range(7..8, "/");
                secret.replace_range(19..20, "/");
            }
            let written = match () {
                () if template.contains("@P") => secret.replace('/', "%2F").replace('+', "%2B"),
                () if template.contains("@E") => secret.replace('/', "\\/"),
                () => secret.clone(),
            };
            let filler = "  x = 1\n".repeat(40);
            let text = template.replace("@40", &filler).replace("@I", &id);
            let text = text.replace("@S", &written).replace("@P", &written).replace("@E", &written);
            let found = bench.look_in(path, text.as_bytes(), &Focus::Whole);
            let right = found.len() == 1
                && found[0].severity == Severity::Critical
                && found[0].families.iter().any(|family| family == "aws")
                && (found[0].confidence == Confidence::High) != template.starts_with('#')
                && texts(&text, &found[0]) == [id.as_str(), &written];
            if !right {
                wrong.push(format!("{path} seed {seed}: {template:?}: {:?}", said(&found)));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), SITUATIONS.len(), wrong.join("\n"));
}

/// What stands there, and what is found: the rules of AWS by place, and `pair` for an id with its secret. `@J`, `@R` are another
/// id and another secret, `@B` sixteen capitals, `@C` twelve, `@N` the rest of a name.
const TRAPS: &[(&str, &[&str])] = &[
    // Halves of different profiles, rows, tuples, places.
    ("[a]\naws_access_key_id=@I\n[b]\naws_secret_access_key=@S\n", &["aws-access-key", "aws-secret-access-key"]),
    ("[a]\nid=@I\n[b]\nsecret=@S\n", &["aws-access-key"]),
    ("User Name,Access Key Id,Secret Access Key\na,@I,\nb,,@S\n", &["aws-access-key"]),
    ("INSERT INTO k VALUES ('a','@I','x'),('b','y','@S');", &["aws-access-key"]),
    ("PROD_AWS_ACCESS_KEY_ID=@I\nDEV_AWS_SECRET_ACCESS_KEY=@S\n", &["aws-access-key", "aws-secret-access-key"]),
    ("access_key_1 = @I\naws_secret_key_2 = @S\n", &["aws-access-key", "aws-secret-access-key"]),
    // Two pairs stay two.
    ("dev.accessKey=@I\nprod.accessKey=@J\ndev.secretKey=@S\nprod.secretKey=@R\n", &["pair", "pair"]),
    ("Access key ID,Secret access key\n@I,@S\n@J,@R\n", &["pair", "pair"]),
    // What is no key.
    ("aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n", &[]),
    ("aws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\n", &[]),
    ("role AROA@B user AIDA@B group AGPA@B profile AIPA@B certificate ASCA@B public APKA@B", &[]),
    ("AKIA0189@C", &[]),
    ("aws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}", &[]),
    ("aws_secret_access_key = da39a3ee5e6b4b0d3255bfef95601890afd80709", &[]),
    ("aws_secret_access_key = @S=", &[]),
    ("aws_secret_key: arn:aws:secretsmanager:eu-west-1:123456789012:secret/@N", &[]),
    // The id of a signed request, whose secret is that of another id.
    (
        "https://b.s3.amazonaws.com/k?AWSAccessKeyId=@J&Expires=1700000000&Signature=abc%3D\naws_access_key_id=@I\naws_secret_access_key=@S\n",
        &["aws-access-key", "pair"],
    ),
    // gatepost: ignore[authorization-header] made up for an example
    ("Authorization: AWS4-HMAC-SHA256 Credential=@I/20260131/us-east-1/s3/aws4_request, SignedHeaders=host\n\"@S=\"", &["aws-access-key"]),
];

#[test]
fn traps_are_no_pairs() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for (template, rules) in TRAPS {
        let text = template.replace("@I", "{aws-key-id}").replace("@J", "{aws-key-id:2}").replace("@S", "{aws-secret}");
        let text = value(
            &text.replace("@R", "{aws-secret:2}").replace("@B", "{upper-16}").replace("@C", "{upper-12}").replace("@N", "{alnum-33}"),
            3,
        );
        let found = bench.look(text.as_bytes());
        let of_aws = found.iter().filter(|f| f.rule.as_str().starts_with("aws"));
        let names: Vec<&str> = of_aws.map(|f| if texts(&text, f).len() > 1 { "pair" } else { f.rule.as_str() }).collect();
        if names != *rules {
            wrong.push(format!("{template:?}: {:?}", said(&found)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), TRAPS.len(), wrong.join("\n"));
}

#[test]
fn pairs_that_cross_are_told_apart() {
    let bench = Bench::new();
    let template = "dev.accessKey={aws-key-id}\nprod.accessKey={aws-key-id:2}\ndev.secretKey={aws-secret}\nprod.secretKey={aws-secret:2}\n";
    let text = value(template, 1);
    let found = bench.look(text.as_bytes());
    let pairs: Vec<_> = found.iter().map(|f| texts(&text, f)).collect();
    let (a, b, s, t) = (value("{aws-key-id}", 1), value("{aws-key-id:2}", 1), value("{aws-secret}", 1), value("{aws-secret:2}", 1));
    assert_eq!(pairs, [[a.as_str(), &s], [b.as_str(), &t]]);
}

#[test]
fn what_is_signed_is_information() {
    let bench = Bench::new();
    let text = value(
        "https://b.s3.amazonaws.com/k?X-Amz-Credential={aws-key-id}%2F20260131%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature={hex-64}\nkey {hex-40}\n",
        2,
    );
    let found = bench.look(text.as_bytes());
    assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Info], "{:?}", said(&found));
    assert!(found[0].message.contains("in a signed request"), "{}", found[0].message);
    // Whatever says that a request is signed, a secret beside the id opens the account.
    for template in ["{aws-key-id}/20260131/ {aws-secret}", "{\"u\": \"X-Amz-Credential={aws-key-id}\", \"s\": \"{aws-secret}\"}"] {
        let found = bench.look(value(template, 2).as_bytes());
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Critical], "{:?}", said(&found));
    }
    // The same id with its secret elsewhere in the file is a pair all the same.
    let text = value(&format!("{text}\naws_access_key_id={{aws-key-id}}\naws_secret_access_key={{aws-secret:2}}\n"), 2);
    let found = bench.look(text.as_bytes());
    assert_eq!(found.len(), 1, "{:?}", said(&found));
    assert_eq!(found[0].severity, Severity::Critical);
}

/// A token belongs to its pair, and is told alone where there is none.
#[test]
fn a_session_token_is_a_part() {
    let bench = Bench::new();
    for template in [
        "[default]\naws_access_key_id={aws-temp-key-id}\naws_secret_access_key={aws-secret}\naws_session_token={aws-session-token}\n",
        "export AWS_SESSION_TOKEN={aws-session-token}\nexport AWS_ACCESS_KEY_ID={aws-temp-key-id}\nexport AWS_SECRET_ACCESS_KEY={aws-secret}\n",
        "{\"Credentials\": {\"AccessKeyId\": \"{aws-temp-key-id}\", \"SecretAccessKey\": \"{aws-secret}\", \"SessionToken\": \"{aws-session-token}\"}}",
        "new BasicSessionCredentials(\"{aws-temp-key-id}\", \"{aws-secret}\", \"{aws-session-token}\")",
    ] {
        let text = value(template, 4);
        let found = bench.look(text.as_bytes());
        assert_eq!(found.len(), 1, "{template}: {:?}", said(&found));
        assert_eq!((found[0].severity, texts(&text, &found[0]).len()), (Severity::High, 3), "{template}");
        assert!(
            found[0].message.contains("(temporary)") && found[0].message.ends_with("and its AWS session token"),
            "{}",
            found[0].message
        );
    }
    let alone = bench.look(value("AWS_SESSION_TOKEN={aws-session-token}", 4).as_bytes());
    assert_eq!(said(&alone), [("aws-session-token".into(), Severity::Low, "AWS session token (temporary)".into())]);
    let longlived = bench.look(value("AWS_ACCESS_KEY_ID={aws-key-id}\nAWS_SESSION_TOKEN={aws-session-token}\n", 4).as_bytes());
    assert_eq!(longlived.len(), 2, "a token is of temporary keys: {:?}", said(&longlived));
}

/// Known from the published script for this secret, which is nobody's.
#[test]
fn an_smtp_password_is_proved_to_be_of_its_secret() {
    let (secret, password) =
        (concat!("q8Zr2Lw0/bVN5xKt7Yp1", "MdHcJ3+uTgA6Se9RfQiW"), concat!("BHlm/4lkP7ChyENTsdLqSe", "h0zn5SG+V7cxQfTP9B8XOe"));
    let bench = Bench::new();
    let id = value("{aws-key-id}", 5);
    let far = "x = 1\n".repeat(900);
    for text in [
        format!(
            "aws_access_key_id={id}\naws_secret_access_key={secret}\n{far}[mail]\nSMTP_HOST=email-smtp.eu-west-1.amazonaws.com\nSMTP_PASS={password}\n"
        ),
        format!("aws_access_key_id={id}\naws_secret_access_key={secret}\nmail_user={id}\nother={password}\n"),
    ] {
        let found = bench.look(text.as_bytes());
        assert_eq!(found.len(), 1, "{:?}", said(&found));
        assert!(found[0].message.ends_with("and its Amazon SES SMTP password (made from it for eu-west-1)"), "{}", found[0].message);
        assert_eq!(texts(&text, &found[0])[1..], [secret, password]);
    }
    let text = format!("aws_secret_access_key={secret}\nSMTP_PASSWORD={password}\n");
    let found = bench.look(text.as_bytes());
    assert_eq!(said(&found).len(), 1, "{:?}", said(&found));
    assert!(found[0].message.contains("(made from it for eu-west-1)"), "{}", found[0].message);
    // One of another key is beside it, and not of it.
    let text = value(&format!("aws_secret_access_key={secret}\nSMTP_PASSWORD={{aws-ses-smtp-password}}\n"), 5);
    assert_eq!(bench.look(text.as_bytes()).len(), 2);
    let text = value("SMTP_USERNAME={aws-key-id}\nSMTP_PASSWORD={aws-ses-smtp-password}\n", 5);
    let found = bench.look(text.as_bytes());
    assert_eq!((found.len(), found[0].severity), (1, Severity::High), "{:?}", said(&found));
}

/// A pair says most, then a secret with its name, then an id; where it stands is said too.
#[test]
fn evidence_decides() {
    let bench = Bench::new();
    let look = |path: &str, template: &str| {
        let found = bench.look_in(path, value(template, 6).as_bytes(), &Focus::Whole);
        assert_eq!(found.len(), 1, "{:?}", said(&found));
        (found[0].severity, found[0].confidence, found[0].message.clone())
    };
    let pair = look("src/a", "id={aws-key-id}\naws_secret_access_key={aws-secret}");
    let named = look("src/a", "aws_secret_access_key={aws-secret}");
    let alone = look("src/a", "id={aws-key-id}");
    assert!(pair.0 > named.0 && named.0 > alone.0);
    assert!(pair.1 > alone.1 && named.1 >= alone.1);
    let test = look("tests/fixtures/a", "id={aws-key-id}\naws_secret_access_key={aws-secret}");
    assert!(test.1 < pair.1 && test.2.contains("in a test or an example"));
}
