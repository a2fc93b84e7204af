//! A piece of rule data before it is read: YAML's shapes with places. Also compiled into build.rs.

use serde::{Deserialize, Serialize};

/// A value and the byte offset where it stands in its file (0 where nobody knows).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Raw {
    pub at: u32,
    pub kind: RawKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RawKind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(RawKey, Raw)>),
}

impl Raw {
    /// Whether some text in it is `wanted`.
    #[must_use]
    pub fn has_text(&self, wanted: &impl Fn(&str) -> bool) -> bool {
        match &self.kind {
            RawKind::Text(text) => wanted(text),
            RawKind::List(items) => items.iter().any(|item| item.has_text(wanted)),
            RawKind::Map(entries) => entries.iter().any(|(_, value)| value.has_text(wanted)),
            RawKind::Null | RawKind::Bool(_) | RawKind::Int(_) | RawKind::Float(_) => false,
        }
    }
}

/// A key of a map, and where it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RawKey {
    pub at: u32,
    pub name: String,
}

/// Places do not count: the same rule read by another reader is the same rule.
impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl PartialEq for RawKey {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A fault in rule data: whoever wrote the file is to change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawError {
    /// Byte offset in the file.
    pub at: u32,
    pub message: String,
    pub help: Option<String>,
    /// The part of an item that it is about, where `at` is not known: `message`, `lower.message`.
    pub field: Option<&'static str>,
    /// What is wrong stands there, or is the first such text after it.
    pub word: Option<String>,
    /// A field that has to be there and is not, or is under a name that is nearly its own, at `at`.
    pub missing: Option<&'static str>,
}

impl RawError {
    #[must_use]
    pub fn new(at: u32, message: impl Into<String>) -> Self {
        RawError { at, message: message.into(), help: None, field: None, word: None, missing: None }
    }

    #[must_use]
    pub fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    #[must_use]
    pub fn word(mut self, word: impl Into<String>) -> Self {
        self.word = Some(word.into());
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Raw {
    /// The shape's name, for messages.
    #[must_use]
    pub fn shape(&self) -> &'static str {
        match self.kind {
            RawKind::Null => "nothing",
            RawKind::Bool(_) => "a boolean",
            RawKind::Int(_) | RawKind::Float(_) => "a number",
            RawKind::Text(_) => "text",
            RawKind::List(_) => "a list",
            RawKind::Map(_) => "a map",
        }
    }

    #[must_use]
    pub fn expected(&self, what: &str) -> RawError {
        RawError::new(self.at, format!("expected {what}, got {}", self.shape()))
    }

    /// # Errors
    /// Where it is anything but text.
    pub fn text(&self) -> Result<&str, RawError> {
        match &self.kind {
            RawKind::Text(text) => Ok(text),
            _ => Err(self.expected("text")),
        }
    }

    /// # Errors
    /// Where it is anything but a boolean.
    pub fn bool(&self) -> Result<bool, RawError> {
        match self.kind {
            RawKind::Bool(value) => Ok(value),
            _ => Err(self.expected("true or false")),
        }
    }

    /// # Errors
    /// Where it is anything but a number.
    pub fn number(&self) -> Result<f64, RawError> {
        match self.kind {
            #[expect(clippy::cast_precision_loss, reason = "limits in rules are small")]
            RawKind::Int(value) => Ok(value as f64),
            RawKind::Float(value) => Ok(value),
            _ => Err(self.expected("a number")),
        }
    }

    /// # Errors
    /// Where it is anything but a list.
    pub fn list(&self) -> Result<&[Raw], RawError> {
        match &self.kind {
            RawKind::List(items) => Ok(items),
            _ => Err(self.expected("a list")),
        }
    }

    /// # Errors
    /// Where it is anything but a map.
    pub fn map(&self) -> Result<&[(RawKey, Raw)], RawError> {
        match &self.kind {
            RawKind::Map(entries) => Ok(entries),
            _ => Err(self.expected("a map")),
        }
    }

    /// Text, or a list of texts.
    ///
    /// # Errors
    /// Where it is neither.
    pub fn texts(&self) -> Result<Vec<String>, RawError> {
        match &self.kind {
            RawKind::Text(text) => Ok(vec![text.clone()]),
            RawKind::List(items) => items.iter().map(|item| item.text().map(str::to_owned)).collect(),
            _ => Err(self.expected("text or a list of texts")),
        }
    }
}

/// The fields of a map, taken one by one; what is left at the end is a mistake.
pub struct Fields<'a> {
    at: u32,
    left: Vec<&'a (RawKey, Raw)>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// # Errors
    /// Where it is no map, or a key stands twice.
    pub fn of(raw: &'a Raw) -> Result<Self, RawError> {
        let entries = raw.map()?;
        for (i, (key, _)) in entries.iter().enumerate() {
            if entries[..i].iter().any(|(before, _)| before.name == key.name) {
                return Err(RawError::new(key.at, format!("`{}` stands twice", key.name)));
            }
        }
        Ok(Fields { at: raw.at, left: entries.iter().collect(), known: Vec::new() })
    }

    pub fn take(&mut self, name: &'static str) -> Option<&'a Raw> {
        self.known.push(name);
        let at = self.left.iter().position(|(key, _)| key.name == name)?;
        Some(&self.left.remove(at).1)
    }

    /// # Errors
    /// Where the field is missing.
    pub fn need(&mut self, name: &'static str) -> Result<&'a Raw, RawError> {
        if let Some(value) = self.take(name) {
            return Ok(value);
        }
        let nearly = |key: &RawKey| nearest(&key.name, [name]).is_some();
        let error = match self.left.iter().find(|(key, _)| nearly(key)) {
            Some((key, _)) => RawError::new(key.at, format!("unknown field `{}`", key.name)).help(format!("did you mean `{name}`?")),
            None => RawError::new(self.at, format!("`{name}` is missing")),
        };
        Err(RawError { missing: Some(name), ..error })
    }

    /// # Errors
    /// Where a field is left that nobody asked for.
    pub fn done(self) -> Result<(), RawError> {
        let Some((key, _)) = self.left.first() else { return Ok(()) };
        let error = RawError::new(key.at, format!("unknown field `{}`", key.name));
        Err(match nearest(&key.name, self.known.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("known fields: {}", self.known.join(", "))),
        })
    }
}

/// The known name that somebody who typed `name` most likely meant.
#[must_use]
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (name.len() / 3).max(1);
    known.into_iter().map(|k| (edits(name, k), k)).filter(|(d, _)| *d <= limit).min().map(|(_, k)| k)
}

/// Edits between two short words: letters added, left out, replaced, or two neighbours swapped.
#[must_use]
pub fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(row[j - 1] + 1).min(rows[i - 1][j] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
