//! Settings as people say them, in layers: flags over the environment over the configuration file over the defaults. Every
//! value keeps where it was said, so that a fault, and `gatepost config show`, can tell.

use std::collections::BTreeMap;
use std::fmt;

use super::Allow;
use crate::base::escape;
use crate::base::excerpt::Position;
use crate::base::ids::Severity;
use crate::rule::raw::nearest;

/// Where a value was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    Flag,
    /// The name of the variable.
    Environment(&'static str),
    File {
        path: String,
        at: Position,
    },
    Default,
}

impl fmt::Display for From {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            From::Flag => f.write_str("command line"),
            From::Environment(name) => write!(f, "${name}"),
            From::File { path, at } => write!(f, "{path}:{}:{}", at.line, at.column),
            From::Default => f.write_str("default"),
        }
    }
}

/// A value as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub text: String,
    pub from: From,
}

/// How layers of a setting come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One value: the highest layer's.
    One,
    /// A list: the highest layer's.
    Replace,
    /// A list: those of all layers.
    Add,
}

/// A setting.
#[derive(Debug)]
pub struct Key {
    /// As in the file, and as the flag.
    pub name: &'static str,
    pub kind: Kind,
    pub environment: &'static str,
    pub default: &'static [&'static str],
    pub about: &'static str,
}

/// Every setting but `severities` and `allow`, which only the file has.
pub const KEYS: &[Key] = &[
    key(
        "select",
        Kind::Replace,
        "GATEPOST_SELECT",
        &[],
        "Use these rules instead of the default ones: ids, families, groups, `iac`, `all`.",
    ),
    key("extend-select", Kind::Add, "GATEPOST_EXTEND_SELECT", &[], "Use these rules too."),
    key("ignore", Kind::Add, "GATEPOST_IGNORE", &[], "Do not use these rules."),
    key("rules", Kind::Add, "GATEPOST_RULES", &[], "Folders of your own rules, from the top of the repository."),
    key(
        "exclude",
        Kind::Add,
        "GATEPOST_EXCLUDE",
        &[],
        "Paths that are not looked at: globs as in a .gitignore, from the top of the repository.",
    ),
    key("fail-on", Kind::One, "GATEPOST_FAIL_ON", &["medium"], "The lowest severity that fails a run: info, low, medium, high, critical."),
    key("incomplete", Kind::One, "GATEPOST_INCOMPLETE", &["fail"], "What an incomplete scan without findings is: fail (exit 3) or warn."),
    key("max-file-size", Kind::One, "GATEPOST_MAX_FILE_SIZE", &[], "Skip larger files of a tree: 500k, 20M, 1G."),
    key("baseline", Kind::One, "GATEPOST_BASELINE", &[".gatepost-baseline"], "The file of findings that were there before."),
    key(
        "var-file",
        Kind::Add,
        "GATEPOST_VAR_FILE",
        &[],
        "Files of values for Terraform's variables, for every root module that declares them.",
    ),
    key("honor", Kind::Add, "GATEPOST_HONOR", &[], "Other tools whose inline marks and ignore files hold too."),
];

const fn key(name: &'static str, kind: Kind, environment: &'static str, default: &'static [&'static str], about: &'static str) -> Key {
    Key { name, kind, environment, default, about }
}

/// The severity of a name.
///
/// # Errors
/// Where there is none of it: what is wrong, and a hint.
pub fn severity(text: &str) -> Result<Severity, (String, String)> {
    Severity::ALL.into_iter().find(|severity| severity.as_str() == text).ok_or_else(|| {
        let names = Severity::ALL.map(Severity::as_str);
        let help = nearest(text, names).map_or_else(|| format!("one of {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
        (format!("`{}` is no severity", escape::harmless(text)), help)
    })
}

/// Bytes, as people write them: `500k`, `20M`, `1GiB`.
///
/// # Errors
/// Where it is no size: what one is.
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err("a number, or one with k, M or G".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "a number, or one with k, M or G".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "a size that fits 64 bits".to_owned())
}

/// What one place says of settings, by their names; or what all of them say together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer(pub BTreeMap<&'static str, Vec<Said>>);

impl Layer {
    /// What is so where nobody says anything.
    #[must_use]
    pub fn defaults() -> Layer {
        let said = |text: &&str| Said { text: (*text).to_owned(), from: From::Default };
        Layer(KEYS.iter().filter(|key| !key.default.is_empty()).map(|key| (key.name, key.default.iter().map(said).collect())).collect())
    }

    /// What an environment says. Lists have commas.
    #[must_use]
    pub fn environment(read: impl Fn(&str) -> Option<String>) -> Layer {
        let mut layer = Layer::default();
        for key in KEYS {
            let Some(text) = read(key.environment).filter(|text| !text.is_empty()) else { continue };
            let texts: Vec<&str> = if key.kind == Kind::One { vec![&text] } else { text.split(',').map(str::trim).collect() };
            let said = |text: &&str| Said { text: (*text).to_owned(), from: From::Environment(key.environment) };
            layer.0.insert(key.name, texts.iter().map(said).collect());
        }
        layer
    }

    /// Says values on the command line. Nothing is said where there are none.
    pub fn flag<T: ToString>(&mut self, name: &'static str, values: impl IntoIterator<Item = T>) {
        let said: Vec<Said> = values.into_iter().map(|value| Said { text: value.to_string(), from: From::Flag }).collect();
        if !said.is_empty() {
            self.0.insert(name, said);
        }
    }

    /// Puts a higher layer over this one.
    #[must_use]
    pub fn under(mut self, higher: Layer) -> Layer {
        for (name, said) in higher.0 {
            let adds = KEYS.iter().any(|key| key.name == name && key.kind == Kind::Add);
            let own = self.0.entry(name).or_default();
            if adds {
                own.extend(said);
            } else {
                *own = said;
            }
        }
        self
    }

    /// The values of a setting.
    #[must_use]
    pub fn all(&self, name: &str) -> &[Said] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The value of a setting that has one.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&Said> {
        self.all(name).last()
    }

    /// The texts of a list.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.all(name).iter().map(|said| said.text.clone()).collect()
    }
}

/// A configuration file, read.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub layer: Layer,
    /// By the name of the rule.
    pub severities: Vec<(Said, Severity)>,
    pub allow: Vec<Allow>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, from: From) -> Said {
        Said { text: text.to_owned(), from }
    }

    #[test]
    fn flags_go_before_the_environment_before_the_file_before_the_defaults() {
        let at = |line| From::File { path: "c.yml".to_owned(), at: Position { line, column: 1 } };
        let file = Layer(BTreeMap::from([
            ("fail-on", vec![said("high", at(1))]),
            ("baseline", vec![said("b", at(2))]),
            ("exclude", vec![said("vendor", at(3))]),
            ("select", vec![said("aws", at(4))]),
        ]));
        let environment = Layer::environment(|name| match name {
            "GATEPOST_FAIL_ON" => Some("low".to_owned()),
            "GATEPOST_EXCLUDE" => Some("a, b".to_owned()),
            "GATEPOST_SELECT" => Some(String::new()),
            _ => None,
        });
        let mut flags = Layer::default();
        flags.flag("fail-on", ["critical"]);
        flags.flag("exclude", ["c"]);
        flags.flag("ignore", Vec::<String>::new());
        let all = Layer::defaults().under(file).under(environment).under(flags);
        assert_eq!(all.one("fail-on"), Some(&said("critical", From::Flag)));
        assert_eq!(all.one("baseline"), Some(&said("b", at(2))));
        assert_eq!(all.one("incomplete"), Some(&said("fail", From::Default)));
        assert_eq!(all.texts("exclude"), ["vendor", "a", "b", "c"]);
        assert_eq!(all.texts("select"), ["aws"], "an empty variable says nothing");
        assert_eq!(all.all("ignore"), []);
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!((size("12"), size("2k"), size("3M"), size("1GiB")), (Ok(12), Ok(2048), Ok(3 << 20), Ok(1 << 30)));
        assert!(size("M").is_err() && size("1x").is_err() && size("99999999999G").is_err());
    }

    #[test]
    fn every_key_has_its_variable() {
        for key in KEYS {
            assert_eq!(key.environment, format!("GATEPOST_{}", key.name.to_uppercase().replace('-', "_")));
            assert!(key.about.ends_with('.'));
        }
    }
}
