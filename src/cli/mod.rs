//! The command line: raw words in, one [`Exit`] out. The only room that prints.

pub mod args;
mod commands;
pub mod exit;
mod output;
mod progress;

use std::ffi::OsString;

use clap::Parser;

pub use exit::Exit;

use args::{Args, Command, examples};

/// Runs the program. Never panics: a fault of ours ends as [`Exit::Internal`], and its message carries no input.
pub fn run(argv: impl IntoIterator<Item = OsString>) -> Exit {
    quiet_panics();
    let words: Vec<OsString> = argv.into_iter().collect();
    let args = match Args::try_parse_from(&words) {
        Ok(args) => args,
        Err(error) => return usage(&error, &words),
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dispatch(&args))).unwrap_or(Exit::Internal)
}

fn dispatch(args: &Args) -> Exit {
    let done = match &args.command {
        Command::Scan(scan) => commands::scan::run(scan, args.color),
        Command::Init(init) => commands::init::run(init),
        Command::Doctor(doctor) => commands::doctor::run(doctor),
        Command::Rules(rules) => commands::rules::run(rules, args.color),
        Command::Hook(hook) => commands::hook::run(hook),
        Command::Allow(allow) => commands::allow::run(allow),
        Command::Baseline(baseline) => commands::baseline::run(baseline, args.color),
        Command::Config(config) => commands::config::run(config),
        Command::Import(import) => commands::import::run(import),
        Command::Iac(iac) => commands::iac::run(iac, args.color),
        Command::Explain(explain) => commands::explain::run(explain),
        Command::Report(report) => commands::report::run(report, args.color),
        Command::Diff(diff) => commands::diff::run(diff, args.color),
        Command::Generate(generate) => commands::generate::run(generate),
    };
    done.unwrap_or_else(|fault| {
        output::complain(&fault);
        if !fault.says_what_to_type() {
            output::note(&format!("  next: `gatepost {} --help`", args.command.name()));
        }
        fault.exit
    })
}

/// `--help` and `--version` are answers; anything else that clap says is a usage error.
fn usage(error: &clap::Error, words: &[OsString]) -> Exit {
    use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand as NothingTyped};
    // Help has examples, which nobody waits for who only runs it.
    let with_examples = matches!(error.kind(), DisplayHelp | NothingTyped);
    let again = with_examples.then(|| examples::command().try_get_matches_from(words).err()).flatten();
    let error = again.as_ref().unwrap_or(error);
    if error.use_stderr() {
        // It quotes what was typed.
        let text = error.render().to_string();
        output::note(&text.replace("try '--help'", &format!("try `{} --help`", command_of(&text))));
        return Exit::Usage;
    }
    match error.print() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Exit::Internal,
        Ok(()) | Err(_) => Exit::Clean,
    }
}

/// The command that a usage line is of: `gatepost rules test`.
fn command_of(text: &str) -> String {
    let usage = text.lines().find_map(|line| line.strip_prefix("Usage: ")).unwrap_or("gatepost");
    let words: Vec<_> = usage.split(' ').take_while(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())).collect();
    words.join(" ")
}

/// A panic's message may hold bytes of what was scanned, so only its place is told.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        output::note(&format!("internal error{place}; please report it"));
    }));
}
