//! The command line: raw words in, one [`Exit`] out. The only room that prints.

pub mod args;
mod commands;
pub mod exit;
mod output;
mod progress;

use std::ffi::OsString;

use clap::Parser;

pub use exit::Exit;

use args::{Args, Command};

/// Runs the program. Never panics: a fault of ours ends as [`Exit::Internal`], and its message carries no input.
pub fn run(argv: impl IntoIterator<Item = OsString>) -> Exit {
    quiet_panics();
    let args = match Args::try_parse_from(argv) {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dispatch(&args))).unwrap_or(Exit::Internal)
}

fn dispatch(args: &Args) -> Exit {
    let done = match &args.command {
        Command::Scan(scan) => commands::scan::run(scan, args.color),
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
        fault.exit
    })
}

/// `--help` and `--version` are answers; anything else that clap says is a usage error.
fn usage(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        // It quotes what was typed.
        output::note(&error.render().to_string());
        return Exit::Usage;
    }
    match error.print() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Exit::Internal,
        Ok(()) | Err(_) => Exit::Clean,
    }
}

/// A panic's message may hold bytes of what was scanned, so only its place is told.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        output::note(&format!("internal error{place}; please report it"));
    }));
}
