//! Evaluation and all built-in rules beside parsing alone, and what ten and a hundred times as much costs: `cargo bench --bench iac`.
//!
//! Ratios only, rounds of all contenders by turns, medians: what a shared machine can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use gatepost::base::span::FileId;
use gatepost::iac::terraform::Terraform;
use gatepost::iac::{Files, document, is_resource};
use gatepost::input::{Entry, EntryKind, Input, InputPath, Inputs, Origin, ReadError, Tree};
use gatepost::policy::Compiled;
use gatepost::rule::RuleSet;
use gatepost::settings::Variables;
use gatepost::syntax::{hcl, yaml};

const ROUNDS: usize = 7;

/// A project: its files by path, and how many resources it has.
struct Project {
    files: Vec<(String, String)>,
    resources: usize,
}

/// Root modules, each with a child module, variables, locals and a policy.
fn modules(count: usize) -> Project {
    let child = "variable \"name\" {}\nvariable \"acl\" {\n  default = \"private\"\n}\nlocals {\n  bucket = \"${var.name}-data\"\n}\n\
                 resource \"aws_s3_bucket\" \"this\" {\n  bucket = local.bucket\n}\n\
                 resource \"aws_s3_bucket_acl\" \"this\" {\n  bucket = aws_s3_bucket.this.id\n  acl    = var.acl\n}\n\
                 output \"arn\" {\n  value = aws_s3_bucket.this.arn\n}\n";
    let root = "variable \"stage\" {\n  default = \"dev\"\n}\nlocals {\n  tags = { stage = var.stage, team = \"data\" }\n}\n\
                module \"bucket\" {\n  source = \"./bucket\"\n  name   = \"x-${var.stage}\"\n  acl    = var.stage == \"dev\" ? \"private\" : \"log-delivery-write\"\n}\n\
                resource \"aws_iam_policy\" \"read\" {\n  tags = merge(local.tags, { for k, v in local.tags : upper(k) => v })\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n\
                \u{20}   Statement = [for action in [\"s3:GetObject\", \"s3:ListBucket\"] : {\n      Effect = \"Allow\"\n      Action = action\n      Resource = [module.bucket.arn, \"${module.bucket.arn}/*\"]\n    }]\n  })\n}\n\
                resource \"aws_security_group\" \"web\" {\n  dynamic \"ingress\" {\n    for_each = toset([80, 443])\n    content {\n      from_port   = ingress.value\n      to_port     = ingress.value\n      cidr_blocks = [\"10.0.0.0/8\"]\n    }\n  }\n}\n";
    let files = (0..count).flat_map(|n| [(format!("r{n}/main.tf"), root.to_owned()), (format!("r{n}/bucket/main.tf"), child.to_owned())]);
    Project { files: files.collect(), resources: count * 4 }
}

/// One module with so many instances of a bucket and of its access block.
fn instances(count: usize) -> Project {
    let main = format!(
        "resource \"aws_s3_bucket\" \"b\" {{\n  for_each = toset([for n in range({count}) : \"bucket-${{n}}\"])\n  bucket   = each.key\n}}\n\
         resource \"aws_s3_bucket_public_access_block\" \"b\" {{\n  for_each          = aws_s3_bucket.b\n  bucket            = each.value.id\n  block_public_acls = true\n}}\n"
    );
    Project { files: vec![("main.tf".to_owned(), main)], resources: count * 2 }
}

/// A template with so many buckets, conditions and substitutions.
fn template(count: usize) -> Project {
    let mut text =
        "Parameters:\n  Stage: {Type: String, AllowedValues: [dev, prod]}\nConditions:\n  IsProd: !Equals [!Ref Stage, prod]\nResources:\n"
            .to_owned();
    for n in 0..count {
        let _ = write!(
            text,
            "  Bucket{n}:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub 'bucket-{n}-${{Stage}}-${{AWS::AccountId}}'\n      AccessControl: !If [IsProd, Private, LogDeliveryWrite]\n\
             \u{20}     Tags:\n        - {{Key: stage, Value: !Ref Stage}}\n        - Key: arn\n          Value: !Join [':', [arn, !Ref AWS::Partition, s3, '', '', !Sub 'x-{n}']]\n"
        );
    }
    Project { files: vec![("template.yml".to_owned(), text)], resources: count }
}

/// The files of a project, by folder: reading costs next to nothing.
struct Held<'p>(BTreeMap<&'p str, Vec<(&'p str, &'p str)>>);

impl<'p> Held<'p> {
    fn of(project: &'p Project) -> Self {
        let mut folders = BTreeMap::<_, Vec<_>>::new();
        for (path, text) in &project.files {
            folders.entry(folder(path)).or_default().push((path.as_str(), text.as_str()));
        }
        Held(folders)
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl Tree for Held<'_> {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        let files = std::str::from_utf8(folder).ok().and_then(|folder| self.0.get(folder)).ok_or(ReadError::Missing)?;
        Ok(files.iter().map(|(path, _)| Entry { path: InputPath::new(path.as_bytes()), kind: EntryKind::File }).collect())
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        let path = std::str::from_utf8(path).map_err(|_| ReadError::Missing)?;
        let files = self.0.get(folder(path)).ok_or(ReadError::Missing)?;
        files.iter().find(|(known, _)| *known == path).map(|(_, text)| text.as_bytes().to_vec()).ok_or(ReadError::Missing)
    }

    fn input(&self, path: &[u8]) -> Input {
        Input { path: InputPath::new(path), origin: Origin::File }
    }
}

fn is_terraform(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|ending| ending == "tf")
}

fn parse(project: &Project) {
    for (path, text) in &project.files {
        if is_terraform(path) {
            assert!(divan::black_box(hcl::parse(FileId(0), text.as_bytes())).broken.is_empty());
        } else {
            divan::black_box(yaml::parse(FileId(0), text.as_bytes())).expect("YAML");
        }
    }
}

fn evaluate(project: &Project, tree: &dyn Tree) {
    let (inputs, variables) = (Inputs::new(), Variables::default());
    let files = Files::new(tree, &inputs);
    let mut resources = 0;
    if is_terraform(&project.files[0].0) {
        let folders: BTreeSet<Vec<u8>> = project.files.iter().map(|(path, _)| folder(path).as_bytes().to_vec()).collect();
        let terraform = Terraform::new(&files, &variables);
        for root in terraform.roots(&folders) {
            resources += terraform.evaluate(&root, &is_resource).iter().map(|evaluated| evaluated.resources.len()).sum::<usize>();
        }
    } else {
        let (file, bytes) = files.read(b"template.yml").expect("there");
        let evaluated = document::evaluate(&files, b"template.yml", (file, &bytes), &is_resource).expect("a template");
        resources += evaluated.iter().map(|evaluated| evaluated.resources.len()).sum::<usize>();
    }
    assert_eq!(resources, project.resources);
}

/// Everything from files to findings.
fn judge(rules: &Compiled, project: &Project, tree: &dyn Tree) {
    let (inputs, variables) = (Inputs::new(), Variables::default());
    let judged = if is_terraform(&project.files[0].0) {
        let folders: BTreeSet<Vec<u8>> = project.files.iter().map(|(path, _)| folder(path).as_bytes().to_vec()).collect();
        rules.judge_terraform(tree, &folders, &inputs, &variables)
    } else {
        rules.judge_template(tree, b"template.yml", &inputs)
    };
    assert!(divan::black_box(judged).troubles.is_empty());
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

#[expect(clippy::print_stdout, reason = "a bench prints")]
fn ratios(rules: &Compiled, name: &str, make: fn(usize) -> Project, sizes: &[usize]) {
    let projects: Vec<_> = sizes.iter().map(|size| make(*size)).collect();
    let mut times = vec![(Vec::new(), Vec::new(), Vec::new()); projects.len()];
    for _ in 0..ROUNDS {
        for (project, (parsing, evaluating, judging)) in projects.iter().zip(&mut times) {
            let tree = Held::of(project);
            let start = Instant::now();
            parse(project);
            parsing.push(start.elapsed());
            let start = Instant::now();
            evaluate(project, &tree);
            evaluating.push(start.elapsed());
            let start = Instant::now();
            judge(rules, project, &tree);
            judging.push(start.elapsed());
        }
    }
    let medians: Vec<_> =
        times.into_iter().map(|(parsing, evaluating, judging)| (median(parsing), median(evaluating), median(judging))).collect();
    let first = medians[0].1;
    for ((size, (parsing, evaluating, judging)), project) in sizes.iter().zip(medians).zip(&projects) {
        println!(
            "{name:10} x{size:<6} {:7} resources  {:6.2} x parsing alone  {:8.2} x the first  {:8.1} ms  rules {:6.2} x parsing alone",
            project.resources,
            evaluating / parsing,
            evaluating / first,
            evaluating * 1e3,
            (judging - evaluating) / parsing
        );
    }
}

fn main() {
    let set = RuleSet::embedded();
    // What runs by default: hygiene that nobody asked for costs nothing.
    let policies = set.rules().iter().enumerate().filter(|(_, rule)| rule.meta.default_on);
    let rules = Compiled::new(policies, set.views(), set.tables()).expect("sound rules");
    ratios(&rules, "modules", modules, &[10, 100, 1000]);
    ratios(&rules, "instances", instances, &[10, 100, 1000]);
    ratios(&rules, "template", template, &[50, 500, 5000]);
}
