//! `gatepost iac show` through the binary, where a case needs values that are made on the spot.

#[path = "support/fixture.rs"]
mod fixture;
#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use support::{gatepost, made, write};

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_key_is_masked_wherever_evaluation_carries_it() {
    let dir = scratch();
    let (id, secret) = (made("aws-key-id", 7), made("aws-secret", 7));
    let encoded =
        data_encoding::BASE64.encode(format!("export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={secret}\n").as_bytes());
    let main = format!(
        "variable \"id\" {{\n  default = \"{id}\"\n}}\nresource \"aws_x\" \"b\" {{\n  for_each = toset([var.id])\n  a = \"k=${{var.id}}\"\n  b = base64decode(\"{encoded}\")\n  c = base64encode(var.id)\n  aws_secret_access_key = \"{secret}\"\n}}\n"
    );
    write(dir.path(), "main.tf", main);
    for format in ["human", "json"] {
        let run = gatepost(dir.path(), &["iac", "show", "--format", format]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        for secret in [&id, &secret, &data_encoding::BASE64.encode(id.as_bytes())] {
            assert!(!run.stdout.contains(secret.as_str()), "{secret} in {}", run.stdout);
        }
        assert!(run.stdout.contains("k=") && run.stdout.contains("****"), "{}", run.stdout);
    }
    // A name that was asked for in vain tells no more.
    let run = gatepost(dir.path(), &["iac", "show", "aws_x.c"]);
    assert!(run.code == 2 && !run.stderr.contains(&id), "{}", run.stderr);
}

#[test]
fn what_is_ignored_is_not_evaluated_unless_asked_for() {
    let dir = scratch();
    support::git(dir.path(), &["init", "-q"]);
    write(dir.path(), ".gitignore", "old/\n");
    write(dir.path(), "main.tf", "resource \"aws_x\" \"new\" {}\n");
    write(dir.path(), "old/main.tf", "resource \"aws_x\" \"old\" {}\n");
    let names = |args: &[&str]| {
        let report = gatepost(dir.path(), &[&["iac", "show", "--format", "json"], args].concat()).json();
        let projects = report["projects"].as_array().expect("a list").clone();
        projects.iter().map(|p| p["resources"][0]["address"].as_str().expect("an address").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["aws_x.new"]);
    assert_eq!(names(&["--no-ignore"]), ["aws_x.new", "aws_x.old"]);
    assert_eq!(names(&["--no-ignore", "--exclude", "main.tf"]).len(), 0);
}

#[test]
fn the_same_bytes_come_out_with_one_thread_and_many() {
    let dir = scratch();
    for n in 0..40 {
        write(
            dir.path(),
            &format!("r{n}/main.tf"),
            format!("resource \"aws_x\" \"b{n}\" {{\n  a = var.v{n}\n}}\nvariable \"v{n}\" {{}}\n"),
        );
    }
    let run = |threads| gatepost(dir.path(), &["iac", "show", "--format", "json", "--threads", threads]).stdout;
    assert_eq!(run("1"), run("8"));
}

/// Lists in lists, and a list that doubles itself: shown as far as a reader goes, and by other parsers of JSON too.
#[test]
fn what_is_deep_or_doubles_itself_has_an_end() {
    let dir = scratch();
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    let doubled: Vec<String> = (1..19).map(|n| format!("  l{n} = [local.l{before}, local.l{before}]", before = n - 1)).collect();
    let doubled = doubled.join("\n");
    let main = format!(
        "locals {{\n  l0 = [\"x\"]\n{doubled}\n}}\nresource \"aws_x\" \"b\" {{\n  deep = {deep}\n}}\nresource \"aws_x\" \"c\" {{\n  count = 2\n  a = local.l18\n}}\n"
    );
    write(dir.path(), "main.tf", main);
    let run = gatepost(dir.path(), &["iac", "show", "--format", "json"]);
    assert_eq!(run.code, 3, "more values than are shown is not all there is: {}", run.stderr);
    let report = run.json();
    assert!(report["troubles"].to_string().contains("more values than are shown"), "{}", report["troubles"]);
    assert_eq!(gatepost(dir.path(), &["iac", "show", "--summary"]).code, 0, "counting goes further");
}

#[test]
fn what_is_not_there_is_a_usage_error() {
    let dir = scratch();
    assert_eq!(gatepost(dir.path(), &["iac", "show", "--in", "nowhere"]).code, 2);
    assert_eq!(gatepost(dir.path(), &["iac", "show", "--format", "xml"]).code, 2);
    let run = gatepost(dir.path(), &["iac", "show"]);
    assert!(run.code == 0 && run.stdout.contains("nothing to evaluate"), "{}", run.stdout);
}

/// A module beside its caller, a file that is read, a nested stack: the same from wherever the folder is named.
#[test]
fn the_folder_is_named_in_any_way() {
    let dir = scratch();
    let root = dir.path().join("repo");
    let main = "module \"m\" {\n  source = \"../modules/m\"\n}\n";
    write(&root, "live/main.tf", main);
    write(&root, "live/p.json", "hello");
    write(&root, "modules/m/main.tf", "resource \"aws_x\" \"b\" {\n  a = file(\"${path.root}/p.json\")\n  b = path.module\n}\n");
    let stack = "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./below/child.yml\n";
    write(&root, "t.yml", stack);
    write(&root, "below/child.yml", "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: PublicRead\n");
    write(dir.path(), "elsewhere/x.txt", "");
    let of = |from: &str, named: &str| {
        let from = dir.path().join(from);
        let shown = gatepost(&from, &["iac", "show", "--in", named, "--format", "json"]);
        assert_eq!(shown.code, 0, "{named}: {}", shown.stderr);
        let report = shown.json();
        let mut values = Vec::new();
        for project in report["projects"].as_array().expect("a list") {
            for resource in project["resources"].as_array().expect("a list") {
                let attribute = |name: &str| resource["attributes"][name]["value"].clone();
                values.push((resource["address"].to_string(), attribute("a"), attribute("b"), attribute("AccessControl")));
            }
        }
        let scan = gatepost(&from, &["scan", named, "--select", "iac", "--format", "json"]).json();
        let messages =
            scan["findings"].as_array().expect("a list").iter().map(|finding| finding["message"].to_string()).collect::<Vec<_>>();
        (values, messages)
    };
    let inside = of("repo", ".");
    assert!(
        inside.0.iter().any(|(address, a, b, _)| address == "\"module.m.aws_x.b\"" && a == "hello" && b == "../modules/m"),
        "{inside:?}"
    );
    assert!(inside.0.iter().any(|(address, .., acl)| address == "\"S.B\"" && acl == "PublicRead"), "{inside:?}");
    let whole = root.to_str().expect("a path").to_owned();
    let linked = dir.path().join("link");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&root, &linked).expect("linked");
    for (from, named) in [("repo", "./"), ("elsewhere", "../repo"), ("elsewhere", "../repo/"), (".", "./repo"), (".", &whole)] {
        assert_eq!(of(from, named), inside, "{named} from {from}");
    }
    #[cfg(unix)]
    assert_eq!(of("elsewhere", linked.to_str().expect("a path")), inside);
}

#[test]
fn var_files_and_the_environment_hold_as_in_a_scan() {
    let dir = scratch();
    let main = "variable \"acl\" {\n  default = \"private\"\n}\nresource \"aws_x\" \"b\" {\n  acl = var.acl\n}\n";
    write(dir.path(), "repo/main.tf", main);
    write(dir.path(), "repo/one.tfvars", "acl = \"one\"\n");
    write(dir.path(), "repo/two.tfvars.json", "{\"acl\": \"two\"}");
    write(dir.path(), "repo/bad.tfvars", "acl = \n");
    let run = |args: &[&str]| {
        let mut command = support::command(dir.path(), &[&["iac", "show", "--in", "repo", "--format", "json"], args].concat());
        support::finish(command.env("TF_VAR_acl", "environment").output().expect("the binary runs"))
    };
    let acl = |args: &[&str]| {
        let projects = run(args).json()["projects"].as_array().expect("a list").clone();
        projects.iter().map(|p| p["resources"][0]["attributes"]["acl"]["value"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    // The two files are of no environment that was asked for: each is judged with.
    assert_eq!(acl(&["--var-file", "one.tfvars"]), ["one"]);
    assert_eq!(acl(&["--var-file", "one.tfvars", "--var-file", "two.tfvars.json"]), ["two"], "later ones win");
    assert_eq!(acl(&["--tf-env", "--var-file", "one.tfvars"]), ["one"], "a file holds over the environment");
    let each = acl(&[]);
    assert!(each.contains(&"one".to_owned()) && each.contains(&"two".to_owned()), "one for each environment: {each:?}");
    assert_eq!(run(&["--var-file", "bad.tfvars"]).code, 3, "one that cannot be read is told");
    for words in [&["iac", "show", "--in", "repo"][..], &["scan", "repo"]] {
        let missing = gatepost(dir.path(), &[words, &["--var-file", "none.tfvars"]].concat());
        assert!(missing.code == 2 && missing.stderr.contains("--var-file none.tfvars: no such file in repo"), "{}", missing.stderr);
        let outside = gatepost(dir.path(), &[words, &["--var-file", "../x.tfvars"]].concat());
        assert!(outside.code == 2 && outside.stderr.contains("not below"), "{}", outside.stderr);
    }
}

/// The page shows what a case holds the program to.
#[test]
fn the_documented_example_is_real() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("there");
    let (page, case) = (read("docs/iac-show.md"), "testdata/cases/iac-show/the-documented-example");
    for part in ["in/main.tf", "in/modules/bucket/main.tf", "out.txt"] {
        let written = fixture::expanded(read(&format!("{case}/{part}")).as_bytes());
        assert!(page.contains(String::from_utf8_lossy(&written).trim_end()), "{part}");
    }
}

/// A NoEcho default, a sensitive variable, `sensitive()`: whatever they are called, wherever they are used.
#[test]
fn what_is_marked_as_sensitive_is_masked_wherever_it_stands() {
    let dir = scratch();
    let template = "Parameters:\n  Conn:\n    Type: String\n    NoEcho: true\n    Default: plainwordone\n  Pin:\n    Type: Number\n    NoEcho: true\n    Default: 417\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !Ref Conn\n      TopicName: !Sub \"a-${Conn}\"\n      Size: !Ref Pin\n      Other: 417\n";
    write(dir.path(), "t.yml", template);
    let main = "variable \"conn\" {\n  sensitive = true\n  default = \"plainwordtwo\"\n}\nvariable \"sizes\" {\n  sensitive = true\n  default = { a = \"plainwordsix\", b = 418 }\n}\nresource \"aws_x\" \"b\" {\n  a = \"db-${var.conn}\"\n  b = var.conn\n  c = upper(sensitive(\"plainwordten\"))\n  d = \"x-${sensitive(\"plainwordten\")}\"\n  e = var.sizes\n  f = \"${var.sizes.a}!\"\n  g = 418\n  h = \"y-${upper(var.conn)}\"\n  i = \"z-${substr(var.conn, 0, 9)}\"\n}\n";
    write(dir.path(), "main.tf", main);
    for format in ["human", "json"] {
        let run = gatepost(dir.path(), &["iac", "show", "--format", format]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(!run.stdout.to_lowercase().contains("plainword"), "{}", run.stdout);
        for kept in ["a-************", "db-************", "x-************", "************!"] {
            assert!(run.stdout.contains(kept), "{kept} in {}", run.stdout);
        }
        // A number is masked where it is marked, and nowhere else.
        assert_eq!(["417", "418"].map(|number| run.stdout.matches(number).count()), [1, 1], "{}", run.stdout);
    }
}

#[test]
fn what_is_left_open_is_told() {
    let dir = scratch();
    let main = "module \"data\" {\n  source = \"terraform-aws-modules/s3-bucket/aws\"\n  bucket = \"b\"\n}\nmodule \"own\" {\n  source = \"git::https://example.com/x.git\"\n}\nresource \"aws_x\" \"b\" {}\n";
    write(dir.path(), "main.tf", main);
    write(dir.path(), "t.yml", "Transform: Own\nResources:\n  T:\n    Type: AWS::SNS::Topic\n");
    let run = gatepost(dir.path(), &["iac", "show"]);
    assert!(run.stdout.contains("module.own is not in this tree: git::https://example.com/x.git     main.tf:5:1\n"), "{}", run.stdout);
    assert!(run.stdout.contains("module.data is known in part: terraform-aws-modules/s3-bucket/aws"), "{}", run.stdout);
    assert!(
        run.stdout.contains("left open: ") && run.stdout.contains("1 thing left open, 1 module not in this tree, 1 module known in part"),
        "{}",
        run.stdout
    );
    let report = gatepost(dir.path(), &["iac", "show", "--format", "json", "module.d*"]).json();
    assert!(report["projects"][0]["resources"].to_string().contains("module.data."), "{report}");
    assert_eq!(report["projects"][0]["modules"][1]["place"]["line"], 5);
}

#[test]
fn columns_count_the_characters_of_an_editor() {
    let dir = scratch();
    let template = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: \u{e9}\u{4e2d}\n      TopicName: { Ref: \u{e9}X }\n";
    let wide: Vec<u8> = std::iter::once(0xFEFF).chain(template.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(dir.path().join("wide.yml"), wide).expect("written");
    write(dir.path(), "mark/main.tf", "\u{FEFF}resource \"aws_x\" \"b\" { a = 1 }\n");
    let run = gatepost(dir.path(), &["iac", "show"]);
    for place in ["wide.yml:2:3\n", " 5:20\n", " 6:18\n", "mark/main.tf:1:1\n", " 1:28\n"] {
        assert!(run.stdout.contains(place), "{place:?} in {}", run.stdout);
    }
}

#[test]
fn what_other_conditions_decide_is_not_shown_as_open() {
    let dir = scratch();
    let template = "Parameters:\n  Env:\n    Type: String\nConditions:\n  IsProd: !Equals [!Ref Env, prod]\n  IsDev: !Equals [!Ref Env, dev]\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    Condition: IsProd\n    Properties:\n      DisplayName: !If [IsProd, here, never]\n  U:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !If [IsProd, !If [IsDev, impossible, prod], other]\n";
    write(dir.path(), "t.yml", template);
    let run = gatepost(dir.path(), &["iac", "show"]);
    assert!(!run.stdout.contains("never") && !run.stdout.contains("impossible"), "{}", run.stdout);
    assert!(run.stdout.contains("DisplayName = \"here\"") && run.stdout.contains("when IsProd = \"prod\""), "{}", run.stdout);
    assert!(run.stdout.contains("\n1 condition left open\n"), "{}", run.stdout);
}

#[test]
fn texts_are_printed_as_strings_and_cut_once() {
    let dir = scratch();
    let long = "y".repeat(630);
    let main = format!(
        "resource \"aws_x\" \"b\" {{\n  a = \"C:\\\\n\"\n  b = \"{long}${{var.v}}z\"\n  c = {{ acl = \"x\" }}\n}}\nvariable \"v\" {{}}\n"
    );
    write(dir.path(), "main.tf", main);
    let run = gatepost(dir.path(), &["iac", "show"]);
    assert!(run.stdout.contains("a = \"C:\\\\n\" "), "{}", run.stdout);
    assert!(run.stdout.contains(&format!("\"{}\" and 472 bytes more", "y".repeat(159))), "{}", run.stdout);
    let run = gatepost(dir.path(), &["iac", "show", "aws_x.b.b"]);
    assert!(run.stdout.contains(&format!("\"{long}${{var.v}}z\"")), "{}", run.stdout);
    for glob in ["aws_x.*.c.acl", "*.c.acl", "aws_*.c.acl"] {
        let run = gatepost(dir.path(), &["iac", "show", glob]);
        assert!(run.code == 0 && run.stdout.contains("acl = \"x\"") && !run.stdout.contains("yyy"), "{glob}: {}", run.stdout);
    }
}

#[test]
fn a_module_stands_for_what_is_below_it() {
    let dir = scratch();
    write(dir.path(), "main.tf", "module \"m\" {\n  for_each = toset([\"A\", \"B\"])\n  source = \"./m\"\n}\n");
    write(dir.path(), "m/main.tf", "resource \"aws_x\" \"b\" {}\n");
    let shown = |address: &str| gatepost(dir.path(), &["iac", "show", address]).stdout.matches(".aws_x.b").count();
    assert_eq!((shown("module.m[\"A\"]"), shown("module.m")), (1, 2));
    for command in [["iac", "show"], ["scan", "."]] {
        assert_eq!(gatepost(dir.path(), &[&command[..], &["--root", "nope"]].concat()).code, 2);
    }
}

#[test]
fn files_and_projects_are_counted_by_what_they_are() {
    let dir = scratch();
    let child = "Resources:\n  U:\n    Type: AWS::SNS::Topic\n";
    write(
        dir.path(),
        "cfn/parent.yml",
        "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./child.yml\n",
    );
    write(dir.path(), "cfn/child.yml", child);
    write(dir.path(), "two.yml", format!("{child}---\nother: 1\n---\n{child}"));
    write(dir.path(), "tf/main.tf", "variable \"v\" {}\nresource \"aws_x\" \"b\" {\n  a = var.v\n}\n");
    write(dir.path(), "tf/prod.tfvars", "v = 1\n");
    write(dir.path(), "tf/dev.tfvars", "v = 2\n");
    write(dir.path(), "values/terraform.tfvars", "v = 3\n");
    let state = r#"{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "resources": [{"mode": "managed", "type": "aws_x", "name": "s", "instances": [{"attributes": {"a": 1}}]}]}"#;
    write(dir.path(), "now.tfstate", state);
    let run = gatepost(dir.path(), &["iac", "show"]);
    for wanted in ["two.yml (cloudformation, document 1)", "two.yml (cloudformation, document 3)", "now.tfstate (state)"] {
        assert!(run.stdout.contains(wanted), "{wanted} in {}", run.stdout);
    }
    assert!(run.stdout.contains("1 root module and 2 templates and 1 state, 8 files: 8 parsed"), "{}", run.stdout);
}

#[test]
fn a_module_without_its_callers_says_so() {
    let dir = scratch();
    write(dir.path(), "main.tf", "module \"m\" {\n  source = \"./m\"\n  v = 1\n}\n");
    write(dir.path(), "m/main.tf", "variable \"v\" {}\nresource \"aws_x\" \"b\" {\n  a = var.v\n}\n");
    let alone = "left open: m is shown alone: callers outside of what was asked for are not looked at";
    assert!(gatepost(dir.path(), &["iac", "show", "--in", "m"]).stdout.contains(alone));
    assert!(!gatepost(dir.path(), &["iac", "show"]).stdout.contains("alone"));
}
