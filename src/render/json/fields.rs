//! Values out of JSON that anybody may have written, one by one; what is wrong is told by the way to it.

use serde_json::{Map, Value};

/// What is wrong, and where: `findings/3/severity`.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    pub way: String,
    pub message: String,
}

pub type Read<T> = Result<T, Wrong>;

/// Larger numbers are no counts, and two of them do not add up in 64 bits.
const LARGEST: u64 = 1 << 53;

pub fn wrong<T>(message: impl Into<String>) -> Read<T> {
    Err(Wrong { way: String::new(), message: message.into() })
}

impl Wrong {
    /// The same, seen from one step above.
    fn within(mut self, step: &str) -> Wrong {
        self.way = if self.way.is_empty() { step.to_owned() } else { format!("{step}/{}", self.way) };
        self
    }
}

/// The fields of an object.
#[derive(Clone, Copy)]
pub struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub fn of(value: &'a Value) -> Read<Fields<'a>> {
        value.as_object().map_or_else(|| wrong("not an object"), |map| Ok(Fields(map)))
    }

    /// A field that must be there.
    pub fn need<T>(self, name: &str, read: impl FnOnce(&'a Value) -> Read<T>) -> Read<T> {
        let value = self.0.get(name).map_or_else(|| wrong("missing"), Ok);
        value.and_then(read).map_err(|wrong| wrong.within(name))
    }

    /// A field that may be absent or null.
    pub fn may<T>(self, name: &str, read: impl FnOnce(&'a Value) -> Read<T>) -> Read<Option<T>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).map_err(|wrong| wrong.within(name)),
        }
    }

    /// A list, which is empty where it is absent.
    pub fn list<T>(self, name: &str, read: impl FnMut(&'a Value) -> Read<T>) -> Read<Vec<T>> {
        Ok(self.may(name, |value| list(value, read))?.unwrap_or_default())
    }

    /// Each entry with its name; none where the field is absent.
    pub fn entries<T>(self, name: &str, mut read: impl FnMut(&'a str, &'a Value) -> Read<T>) -> Read<Vec<T>> {
        let all = |value: &'a Value| {
            let Fields(map) = Fields::of(value)?;
            map.iter().map(|(key, value)| read(key, value).map_err(|wrong| wrong.within(key))).collect()
        };
        Ok(self.may(name, all)?.unwrap_or_default())
    }

    pub fn has(self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

pub fn list<'a, T>(value: &'a Value, mut read: impl FnMut(&'a Value) -> Read<T>) -> Read<Vec<T>> {
    let Some(items) = value.as_array() else { return wrong("not a list") };
    items.iter().enumerate().map(|(at, item)| read(item).map_err(|wrong| wrong.within(&at.to_string()))).collect()
}

pub fn text(value: &Value) -> Read<String> {
    value.as_str().map_or_else(|| wrong("not a text"), |text| Ok(text.to_owned()))
}

pub fn flag(value: &Value) -> Read<bool> {
    value.as_bool().map_or_else(|| wrong("neither true nor false"), Ok)
}

pub fn number(value: &Value) -> Read<u64> {
    value.as_u64().filter(|number| *number <= LARGEST).map_or_else(|| wrong("not a whole number"), Ok)
}

/// A value by its word.
pub fn word<T: Copy>(table: &'static [(T, &'static str)]) -> impl Fn(&Value) -> Read<T> {
    move |value| {
        let known = table.iter().find(|(_, word)| value.as_str() == Some(word));
        known.map_or_else(
            || wrong(format!("not one of {}", table.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(", "))),
            |(value, _)| Ok(*value),
        )
    }
}
