//! Pages for man(1), from the same words as `--help`. `clap_mangen` writes the parts; examples keep their lines, and
//! each page names its neighbours, which it would not do by itself.

use std::collections::BTreeMap;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::base::when;

/// Every page by the name of its file: gatepost's own and one for each command that is shown, however deep. Without a date, none
/// is printed: what is made twice is the same.
pub fn pages(program: Command, seconds: Option<i64>) -> BTreeMap<String, Vec<u8>> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let date = seconds.map(when::date).unwrap_or_default();
    let mut pages = BTreeMap::new();
    add(&program, None, &date, &mut pages);
    pages
}

fn add(command: &Command, parent: Option<&str>, date: &str, pages: &mut BTreeMap<String, Vec<u8>>) {
    let name = title(command);
    let shown: Vec<&Command> = command.get_subcommands().filter(|c| !c.is_hide_set()).collect();
    for below in &shown {
        add(below, Some(name), date, pages);
    }
    let near: Vec<&str> = parent.into_iter().chain(shown.into_iter().map(title)).collect();
    pages.insert(format!("{name}.1"), page(command, &near, date).expect("memory takes all that is written"));
}

/// `gatepost-hook-install`
fn title(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page(command: &Command, near: &[&str], date: &str) -> std::io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    // By hand: a date that is not said has to stand there as an empty word, or all after it is taken for what is before it.
    let title = title(command).to_uppercase();
    let mut out = format!(".TH {title} 1 \"{date}\" \"gatepost {}\" \"gatepost\"\n", env!("CARGO_PKG_VERSION")).into_bytes();
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut out)?;
    }
    let mut rest = Roff::default();
    if let Some(after) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        let after = after.to_string();
        rest.control("SH", ["NOTES"]);
        // Examples and tables are lines and stay so; a sentence is filled.
        let lines = after.lines().count() > 1;
        if lines {
            rest.control("nf", []);
        }
        for line in after.lines() {
            rest.text([roman(line)]);
        }
        if lines {
            rest.control("fi", []);
        }
    }
    if !near.is_empty() {
        rest.control("SH", ["SEE ALSO"]);
        for (index, name) in near.iter().enumerate() {
            rest.text([bold(*name), roman(if index + 1 < near.len() { "(1)," } else { "(1)" })]);
        }
    }
    rest.to_writer(&mut out)?;
    Ok(out)
}
