//! Compiles `rules/` into compact blobs: what the engine needs at every start, and the pages and modules that few runs
//! read.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Mounted at the paths that the crate itself uses, so that both read a rule by the same lines.
#[expect(dead_code, reason = "the crate uses more of them than this script does")]
#[path = "src/base"]
mod base {
    pub mod ids;
}
#[expect(dead_code, reason = "the crate uses more of them than this script does")]
#[path = "src/rule"]
mod rule {
    pub mod def;
    pub mod names;
    pub mod outline;
    pub mod raw;
    pub mod table;
}

use rule::def::{Item, Page, RemoteModule, Rule, Table, View, read_file};
use rule::raw::{Raw, RawKey, RawKind};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    list(Path::new("rules"), &mut files)?;
    files.sort();
    let (mut rules, mut pages, mut views): (Vec<Rule>, Vec<Page>, Vec<View>) = Default::default();
    let (mut tables, mut modules, mut sources): (Vec<Table>, Vec<RemoteModule>, Vec<String>) = Default::default();
    for file in files {
        let group = file.iter().nth(1).and_then(|part| part.to_str()).ok_or("a rule file lies in a folder of rules/")?;
        let yaml: yaml_serde::Value = yaml_serde::from_str(&fs::read_to_string(&file)?).map_err(|e| format!("{}: {e}", file.display()))?;
        let items = read_file(&raw(yaml)?, group);
        for item in items.map_err(|errors| {
            format!(
                "{}: {}",
                file.display(),
                errors.iter().map(|e| format!("{} {}", e.message, e.help.as_deref().unwrap_or_default())).collect::<Vec<_>>().join("; ")
            )
        })? {
            match item {
                Item::Rule(both) => {
                    if rules.iter().any(|r: &Rule| r.meta.id == both.0.meta.id) {
                        return Err(format!("{}: two rules are called {}", file.display(), both.0.meta.id).into());
                    }
                    rules.push(both.0);
                    pages.push(both.1);
                }
                Item::View(view) => views.push(view),
                Item::Table(table) => tables.push(table),
                Item::Module(module, hcl) => {
                    modules.push(module);
                    sources.push(hcl);
                }
            }
        }
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("rules.bin"), postcard::to_stdvec(&(rules, views, tables, modules))?)?;
    fs::write(out.join("pages.bin"), postcard::to_stdvec(&pages)?)?;
    fs::write(out.join("modules.bin"), postcard::to_stdvec(&sources)?)?;
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "yml") {
            files.push(path);
        }
    }
    Ok(())
}

fn raw(value: yaml_serde::Value) -> Result<Raw, Box<dyn Error>> {
    use yaml_serde::Value;
    let kind = match value {
        Value::Null => RawKind::Null,
        Value::Bool(b) => RawKind::Bool(b),
        Value::Number(n) => n.as_i64().map(RawKind::Int).or_else(|| n.as_f64().map(RawKind::Float)).ok_or("a number out of range")?,
        Value::String(s) => RawKind::Text(s),
        Value::Sequence(items) => RawKind::List(items.into_iter().map(raw).collect::<Result<_, _>>()?),
        Value::Mapping(entries) => RawKind::Map(
            entries
                .into_iter()
                .map(|(key, value)| match key {
                    Value::String(name) => Ok((RawKey { at: 0, name }, raw(value)?)),
                    other => Err(format!("a key that is no text: {other:?}").into()),
                })
                .collect::<Result<_, Box<dyn Error>>>()?,
        ),
        Value::Tagged(_) => return Err("rules have no tags".into()),
    };
    Ok(Raw { at: 0, kind })
}
