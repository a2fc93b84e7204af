//! What a run looks at and by what policy: words, environment and the configuration of the repository, made into settings.
//!
//! The configuration, the baseline and the rules of a repository are read where its author can be trusted: from the index for
//! what is staged, from the base for a range, from the disk for a tree, from HEAD for a history.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::variables::variables;
use super::{Loaded, load_rules};
use crate::base::escape;
use crate::base::ids::Severity;
use crate::base::when;
use crate::cli::args::{PolicyFrom, Scan};
use crate::cli::output::Fault;
use crate::git::Limits;
use crate::input::{ReadError, Tree};
use crate::load;
use crate::load::config::NAME;
use crate::rule::raw::nearest;
use crate::settings::{Config, From, Incomplete, Layer, Paths, Said, Selection, Settings, Trust, tools};
use crate::source::diff::Diff;
use crate::source::disk::{Rooted, to_bytes};
use crate::source::history::History;
use crate::source::message::Message;
use crate::source::staged::Staged;
use crate::source::stdin::Stdin;
use crate::source::walk::{Tracking, Walk, WalkOptions};
use crate::source::{Source, SourceError, commit, pushed, top_of};
use crate::suppress::baseline::Baseline;
use crate::suppress::honor::files;

/// All that a run needs.
pub struct Prepared {
    pub loaded: Loaded,
    pub settings: Settings,
    /// What could not be opened is told in the report.
    pub source: Result<Box<dyn Source>, SourceError>,
    /// Every setting as it was said, lowest layer first.
    pub said: Layer,
    pub config: Config,
    pub baseline: Baseline,
    /// The top of the repository on the disk, or the folder that is looked at.
    pub top: PathBuf,
}

/// # Errors
/// Where words, variables or the configuration are wrong.
pub fn prepare(scan: &Scan) -> Result<Prepared, Fault> {
    prepare_all(scan).map_err(|faults| {
        let of_file = faults.iter().filter(|fault| fault.of_file).count();
        let Some(first) = faults.into_iter().next() else { return Vec::new().into() };
        let more = if first.of_file && of_file > 1 {
            format!(" (and {} more: `gatepost config check` tells all)", of_file - 1)
        } else {
            String::new()
        };
        Fault { message: format!("{}{more}", first.fault.message), ..first.fault }
    })
}

/// A fault, and whether a configuration file is at fault.
pub struct Wrong {
    pub fault: Fault,
    pub of_file: bool,
}

/// The same with every fault that there is.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_all(scan: &Scan) -> Result<Prepared, Vec<Wrong>> {
    let mut faults = Faults::default();
    let from_git = from_git(scan);
    let root = root(scan);
    let top = top_of(root);
    let disk = Rooted::new(top.clone());
    let overridden = overridden(scan, root).map_err(|fault| vec![Wrong { fault, of_file: false }])?;
    let tree: Option<&dyn Tree> = match (&overridden, &from_git) {
        (Some(tree), _) => Some(&**tree),
        (None, Some(Ok(source))) => source.policy(scan.policy_from == Some(PolicyFrom::Head) || scan.accept_new_suppressions),
        (None, Some(Err(_))) => None,
        (None, None) => Some(&disk),
    };
    let tree = tree.filter(|_| !scan.isolated);
    let mut notes = Vec::new();
    let config = configuration(scan, tree, &top, &mut notes, &mut faults);
    let environment = if scan.isolated { Layer::default() } else { Layer::environment(|name| std::env::var(name).ok()) };
    let said = Layer::defaults().under(config.layer.clone()).under(environment).under(flags(scan));

    notes.extend(switched_off(&config));
    let loaded = load_rules(&scan.rules, tree, said.all("rules"));
    let baseline = faults.sound(baseline(scan, tree, &top, &said));
    let loaded = match loaded {
        Ok(loaded) => loaded,
        // Names of rules that could not be read are not known.
        Err(wrong) => {
            faults.all.extend(wrong.into_iter().map(Wrong::of));
            return Err(faults.all);
        }
    };
    let settings = settings(scan, &loaded, (&config, &said), &top, notes, &mut faults);
    let (Some(mut settings), Some(baseline), true) = (settings, baseline, faults.all.is_empty()) else { return Err(faults.all) };
    if let Some(tree) = tree.filter(|_| !settings.honor.is_empty()) {
        let foreign = files::read(tree, &settings.honor, &|name| loaded.rules.find(name).is_some());
        settings.allow.extend(foreign.allow);
        settings.notes.extend(foreign.notes);
    }
    let source = match from_git {
        Some(source) => source,
        None if scan.paths.iter().any(|path| path == Path::new("-")) => stdin(scan),
        None => walk(scan, &said, &settings.exclude),
    };
    Ok(Prepared { loaded, settings, source, said, config, baseline, top })
}

/// Faults as they are found.
#[derive(Default)]
struct Faults {
    all: Vec<Wrong>,
}

impl Faults {
    /// What is sound, or a fault more.
    fn sound<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.all.push(Wrong::of(fault))).ok()
    }

    fn of(&mut self, said: Option<&Said>, fault: Fault) {
        let of_file = matches!(said.map(|said| &said.from), Some(From::File { .. }));
        self.all.push(Wrong { fault: Fault { message: format!("{}{}", place(said), fault.message), ..fault }, of_file });
    }
}

impl Wrong {
    fn of(fault: Fault) -> Wrong {
        Wrong { fault, of_file: false }
    }
}

/// A configuration that comes with what is looked at may look away: whoever reads the report is told.
fn switched_off(config: &Config) -> Option<String> {
    let said = ["select", "ignore"].iter().find_map(|name| config.layer.one(name))?;
    Some(format!("rules are switched off by {}: `gatepost config show` tells which, `--isolated` leaves that out", said.from))
}

/// What lies in the repository whose policy holds: the first path, or here.
fn root(scan: &Scan) -> &Path {
    match scan.paths.first().filter(|path| path.as_path() != Path::new("-")) {
        // A file that is staged need not be on the disk, nor its folder.
        Some(file) if names_files(scan) => file.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(Path::new(".")),
        Some(path) => path,
        None => Path::new("."),
    }
}

/// Whether paths of the index are named, and not its repository.
fn names_files(scan: &Scan) -> bool {
    scan.staged && !scan.paths.is_empty() && !matches!(scan.paths.as_slice(), [only] if only.is_dir())
}

/// With --staged, the paths of which only the staged ones are looked at. None of them: all that is staged is.
fn files_of_index(scan: &Scan) -> Result<Vec<Vec<u8>>, SourceError> {
    if !names_files(scan) {
        return Ok(Vec::new());
    }
    let top = top_of(root(scan));
    let from_top = |path: &PathBuf| {
        let real = real(path);
        real.strip_prefix(&top).map(to_bytes).map_err(|_| SourceError::Usage {
            message: format!("{} is not in the work tree {}", escaped(&path.display().to_string()), escaped(&top.display().to_string())),
            help: "--staged takes paths of one repository".to_owned(),
        })
    };
    scan.paths.iter().map(from_top).collect()
}

/// A path without links in its folder, as git has it: the file itself may be one, or not be there.
fn real(path: &Path) -> PathBuf {
    if path.is_dir() && !path.is_symlink() {
        return std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut folders = path.ancestors().skip(1);
    let there = folders.find_map(|folder| Some((std::fs::canonicalize(folder).ok()?, path.strip_prefix(folder).ok()?)));
    there.map_or_else(|| path.clone(), |(folder, below)| folder.join(below))
}

/// What is looked at where that is a repository's database; None for the disk and standard input.
fn from_git(scan: &Scan) -> Option<Result<Box<dyn Source>, SourceError>> {
    let root = root(scan);
    if scan.staged {
        return Some(files_of_index(scan).and_then(|files| boxed(Staged::open(root).map(|staged| staged.only(&files)))));
    }
    if let Some(range) = &scan.diff {
        return Some(one(scan, "--diff").and_then(|()| boxed(Diff::open(root, range))));
    }
    if let Some(file) = &scan.commit_msg {
        return Some(one(scan, "--commit-msg").and_then(|()| boxed(Message::open(root, file))));
    }
    if let Some(remote) = &scan.pre_push {
        // The framework names the remote in the environment.
        let named = std::env::var("PRE_COMMIT_REMOTE_NAME").ok().filter(|name| !name.is_empty());
        let remote = named.as_deref().unwrap_or(remote);
        return Some(one(scan, "--pre-push").and_then(|()| pushed::open(root, remote, &updates(root)?)));
    }
    scan.history.then(|| {
        let limits = limits(scan)?;
        one(scan, "--history").and_then(|()| {
            boxed(History::open(root, limits).map(|history| {
                let history = history.without_delta(scan.no_delta).holding(scan.limits.max_memory);
                history.with_cache(scan.limits.cache.clone())
            }))
        })
    })
}

/// What git says to a pre-push hook. The framework of that name keeps standard input to itself and sets variables: both ends, or
/// the branch alone where the other side has nothing of it.
fn updates(root: &Path) -> Result<Vec<pushed::Update>, SourceError> {
    let mut text = String::new();
    let usage = |message: String| SourceError::Usage {
        message,
        help: "--pre-push is for a hook: git writes `<local ref> <local id> <remote ref> <remote id>` to its standard input".to_owned(),
    };
    std::io::stdin().lock().read_to_string(&mut text).map_err(|error| usage(format!("standard input: {error}")))?;
    if text.trim().is_empty() {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(to) = variable("PRE_COMMIT_TO_REF") {
            let from = variable("PRE_COMMIT_FROM_REF").unwrap_or_else(|| "0".repeat(to.len()));
            text = format!("to {to} from {from}");
        } else if let Some(branch) = variable("PRE_COMMIT_LOCAL_BRANCH") {
            return Ok(vec![pushed::branch(root, &branch)?]);
        }
    }
    pushed::updates(&text).map_err(|line| usage(format!("line {line} of standard input is none that git writes")))
}

/// Which part of a history is looked at.
fn limits(scan: &Scan) -> Result<Limits, SourceError> {
    let asked = &scan.limits;
    let since = asked.since.as_deref().map(|text| {
        when::ago(text, super::scan::today()).ok_or_else(|| SourceError::Usage {
            message: format!("--since `{text}` is no day"),
            help: "write a day as in 2025-01-31, or how long ago: 90d, 12w, 2y".to_owned(),
        })
    });
    let since = since.transpose()?.map(|day| day.saturating_mul(86_400));
    Ok(Limits { reachable_only: asked.reachable_only, since, max_commits: asked.max_commits })
}

fn boxed<S: Source + 'static>(source: Result<S, SourceError>) -> Result<Box<dyn Source>, SourceError> {
    source.map(|source| Box::new(source) as Box<dyn Source>)
}

fn one(scan: &Scan, what: &str) -> Result<(), SourceError> {
    match scan.paths.as_slice() {
        [] => Ok(()),
        [only] if only.is_dir() || only == Path::new("-") => Ok(()),
        [only] => Err(SourceError::Usage {
            message: format!("{what} takes a repository's folder, and {} is none", only.display()),
            help: "leave the path out: all of the repository is looked at".to_owned(),
        }),
        _ => Err(SourceError::Usage { message: format!("{what} takes one repository"), help: "run it once for each".to_owned() }),
    }
}

fn stdin(scan: &Scan) -> Result<Box<dyn Source>, SourceError> {
    one(scan, "standard input")?;
    Ok(Box::new(Stdin::new(scan.stdin_filename.as_deref())))
}

fn walk(scan: &Scan, said: &Layer, exclude: &Paths) -> Result<Box<dyn Source>, SourceError> {
    let options = WalkOptions {
        paths: if scan.paths.is_empty() { vec![PathBuf::from(".")] } else { scan.paths.clone() },
        exclude: scan.exclude.clone(),
        exclude_from_top: exclude.clone(),
        no_ignore: scan.no_ignore || scan.isolated,
        max_file_size: said.one("max-file-size").map(size).transpose()?,
        beside: scan.root.iter().cloned().collect(),
        force_exclude: scan.force_exclude,
    };
    Ok(Box::new(Walk::new(options, Tracking::around)?))
}

fn size(said: &Said) -> Result<u64, SourceError> {
    let wrong = || format!("`{}` is no size ({})", escape::harmless(&said.text), said.from);
    crate::settings::size(&said.text).map_err(|wanted| SourceError::Usage { message: wrong(), help: wanted })
}

/// The tree that `--policy-from` names, where that is not the source's own.
fn overridden(scan: &Scan, root: &Path) -> Result<Option<Box<dyn Tree>>, Fault> {
    let tree = match (scan.policy_from, scan.diff.is_some(), scan.staged) {
        (None, ..) | (Some(PolicyFrom::Base | PolicyFrom::Head), true, _) | (Some(PolicyFrom::Index | PolicyFrom::Head), _, true) => {
            return Ok(None);
        }
        (Some(PolicyFrom::Index), ..) => commit::index(root),
        (Some(PolicyFrom::Base | PolicyFrom::Head), ..) => commit::head(root),
    };
    tree.map(Some).map_err(|error| super::scan::fault(&error))
}

/// A file that was named. One of the repository is the trusted side's where a range is looked at: the change may have
/// brought its own.
fn named(scan: &Scan, tree: Option<&dyn Tree>, top: &Path, path: &Path) -> Result<Vec<u8>, String> {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match (tree, real.strip_prefix(top)) {
        (Some(tree), Ok(below)) if scan.diff.is_some() => tree.read(&to_bytes(below)).map_err(|error| error.to_string()),
        _ => std::fs::read(path).map_err(|error| error.to_string()),
    }
}

/// The configuration: a file that was named, or the repository's. What of it is sound, where it has faults.
fn configuration(scan: &Scan, tree: Option<&dyn Tree>, top: &Path, notes: &mut Vec<String>, faults: &mut Faults) -> Config {
    let mut read = |file: &str, bytes: &[u8]| {
        let (config, errors) = load::config::read(file, bytes);
        let wrong =
            |error: load::FileError| Wrong { fault: Fault { help: error.help.clone(), ..Fault::usage(error.to_string()) }, of_file: true };
        faults.all.extend(errors.into_iter().map(wrong));
        config
    };
    if let Some(path) = &scan.config {
        return match named(scan, tree, top, path) {
            Ok(bytes) => read(&from_top(top, path), &bytes),
            Err(error) => {
                faults.all.push(Wrong::of(Fault::usage(format!("--config {}: {error}", path.display()))));
                Config::default()
            }
        };
    }
    let Some(tree) = tree else { return Config::default() };
    if tree.size(b".gatepost.yaml").is_ok() {
        notes.push(format!(".gatepost.yaml is not read: the configuration is {NAME}"));
    }
    match tree.read(NAME.as_bytes()) {
        Ok(bytes) => read(NAME, &bytes),
        Err(ReadError::Missing) => Config::default(),
        Err(error) => {
            let fault = Fault::usage(format!("{NAME}: {error}")).help("the configuration is a file at the top of the repository");
            faults.all.push(Wrong { fault, of_file: true });
            Config::default()
        }
    }
}

/// A file by its path from the top of the repository, where it lies there; as it was typed elsewhere.
fn from_top(top: &Path, path: &Path) -> String {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let below = real.strip_prefix(top).map(|below| String::from_utf8_lossy(&to_bytes(below)).into_owned());
    below.unwrap_or_else(|_| path.display().to_string())
}

fn baseline(scan: &Scan, tree: Option<&dyn Tree>, top: &Path, said: &Layer) -> Result<Baseline, Fault> {
    let Some(name) = said.one("baseline").filter(|_| !scan.no_baseline) else { return Ok(Baseline::default()) };
    let shown = escaped(&name.text);
    let parse = |bytes: Vec<u8>| {
        let fault = |what: String| Fault::usage(format!("{shown}: {what}"));
        let text = String::from_utf8(bytes).map_err(|_| fault("not a baseline: no UTF-8".to_owned()))?;
        Baseline::parse(&text).map_err(|error| fault(error.to_string()))
    };
    // What was named is there; what is called so by default may not be.
    if scan.baseline.is_some() {
        let bytes = named(scan, tree, top, Path::new(&name.text))
            .map_err(|error| Fault::usage(format!("--baseline {shown}: {error}")).help("`gatepost baseline create` writes one"))?;
        return parse(bytes);
    }
    let Some(tree) = tree else { return Ok(Baseline::default()) };
    match tree.read(name.text.as_bytes()) {
        Ok(bytes) => parse(bytes),
        Err(ReadError::Missing) if name.from == From::Default => Ok(Baseline::default()),
        Err(error) => {
            Err(Fault::usage(format!("{}{shown}: {error}", place(Some(name)))).help("`gatepost baseline create` writes a baseline"))
        }
    }
}

fn escaped(text: &str) -> String {
    crate::base::escape::name(text).into_owned()
}

/// What the command line says of settings.
fn flags(scan: &Scan) -> Layer {
    let mut layer = Layer::default();
    layer.flag("select", &scan.select);
    layer.flag("extend-select", &scan.extend_select);
    layer.flag("ignore", &scan.ignore);
    layer.flag("rules", scan.rules.iter().map(|path| path.display()));
    layer.flag("exclude", &scan.exclude);
    layer.flag("fail-on", &scan.fail_on);
    layer.flag("incomplete", scan.incomplete.map(|what| if what == crate::cli::args::Incomplete::Fail { "fail" } else { "warn" }));
    layer.flag("max-file-size", scan.max_file_size);
    layer.flag("baseline", scan.baseline.as_ref().map(|path| path.display()));
    layer.flag("var-file", scan.variables.var_file.iter().map(|path| path.display()));
    layer.flag("honor", &scan.honor);
    layer
}

fn settings(
    scan: &Scan,
    loaded: &Loaded,
    (config, said): (&Config, &Layer),
    top: &Path,
    notes: Vec<String>,
    faults: &mut Faults,
) -> Option<Settings> {
    let rules = &loaded.rules;
    let names = ["select", "extend-select", "ignore"].map(|name| said.texts(name));
    let selection = Selection::new(rules, &names[0], &names[1], &names[2]);
    let selection = selection.map_err(|unknown| {
        for error in unknown {
            let mut all = ["select", "extend-select", "ignore"].iter().flat_map(|name| said.all(name));
            faults.of(all.find(|said| said.text == error.name), Fault::usage(error.to_string()).help(error.help));
        }
    });
    let mut severities = std::collections::BTreeMap::new();
    for (name, severity) in &config.severities {
        if let Some(index) = rules.find(&name.text) {
            severities.insert(rules.rules()[index].meta.id.clone(), *severity);
            continue;
        }
        let near = nearest(&name.text, rules.rules().iter().map(|rule| rule.meta.id.as_str()));
        let help = near.map_or_else(|| "`gatepost rules list` shows every rule".to_owned(), |near| format!("did you mean `{near}`?"));
        faults.of(Some(name), Fault::usage(format!("`{}` is no rule", escape::harmless(&name.text))).help(help));
    }
    let in_git = scan.is_in_git();
    // Below a folder that was typed, its own globs hold; they are the walk's.
    let globs = said.all("exclude").iter().filter(|said| in_git || said.from != From::Flag);
    let exclude = Paths::new(globs.clone().map(|said| said.text.as_str()));
    let exclude = exclude.map_err(|(glob, why)| {
        let wrong = Fault::usage(format!("`{}` is no glob: {why}", escape::harmless(&glob)));
        faults.of(
            globs.clone().find(|said| said.text == glob),
            wrong.help("`exclude` takes globs as in a .gitignore: `*.min.js`, `vendor/**`"),
        );
    });
    let honor = tools(&said.texts("honor")).map_err(|(name, help)| {
        let wrong = Fault::usage(format!("`{}` is no tool whose marks are known", escape::harmless(&name)));
        faults.of(said.all("honor").iter().find(|said| said.text == name), wrong.help(help));
    });
    let (fail_on, incomplete) = (said.one("fail-on"), said.one("incomplete"));
    let fail_on = severity(fail_on).map_err(|fault| faults.of(fail_on, fault));
    let incomplete = self::incomplete(incomplete).map_err(|fault| faults.of(incomplete, fault));
    let variables = faults.sound(variables(&scan.variables, said.all("var-file"), super::scan::on_disk(scan), top));
    Some(Settings {
        selection: selection.ok()?,
        fail_on: fail_on.ok()?,
        incomplete: incomplete.ok()?,
        trust: trust(scan),
        today: super::scan::today(),
        severities,
        exclude: exclude.ok()?,
        allow: config.allow.clone(),
        honor: honor.ok()?,
        notes,
        threads: super::scan::threads(scan.threads),
        variables: variables?,
        plan_root: scan.root.as_deref().map(to_bytes),
    })
}

/// Whose suppressions hold.
fn trust(scan: &Scan) -> Trust {
    let accepts = scan.accept_new_suppressions || scan.policy_from == Some(PolicyFrom::Head);
    match (scan.diff.is_some(), scan.staged || scan.pre_push.is_some() || scan.commit_msg.is_some()) {
        (true, _) if !accepts => Trust::Base,
        (true, _) | (false, true) => Trust::Author,
        (false, false) => Trust::All,
    }
}

/// Where a value was said, in front of a fault: nothing for the command line, where everybody looks first.
fn place(said: Option<&Said>) -> String {
    match said.map(|said| &said.from) {
        None | Some(From::Flag | From::Default) => String::new(),
        Some(from) => format!("{from}: "),
    }
}

fn severity(said: Option<&Said>) -> Result<Severity, Fault> {
    super::scan::severity(said.map_or("medium", |said| &said.text))
}

fn incomplete(said: Option<&Said>) -> Result<Incomplete, Fault> {
    match said.map_or("fail", |said| &said.text) {
        "fail" => Ok(Incomplete::Fail),
        "warn" => Ok(Incomplete::Warn),
        other => Err(Fault::usage(format!("`{}` is none of fail, warn", escape::harmless(other)))),
    }
}
