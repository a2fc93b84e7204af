//! Tables: names with dates, which rules compare values with. Also compiled into build.rs.

use serde::{Deserialize, Serialize};

use super::raw::{Fields, Raw, RawError};

/// Names with the day from which each is old: runtimes and when they are no longer kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    /// The day that the table speaks of, `2026-11-01`.
    pub as_of: String,
    /// Names, in which `*` is anything, and days.
    pub entries: Vec<(String, String)>,
}

impl Table {
    /// Reads the fields beside `table: NAME`.
    ///
    /// # Errors
    /// Where a day is none.
    pub fn read(name: &Raw, fields: &mut Fields<'_>) -> Result<Table, RawError> {
        let entries = fields.need("entries")?.map()?.iter().map(|(key, value)| Ok((key.name.clone(), day(value)?)));
        Ok(Table { name: name.text()?.to_owned(), entries: entries.collect::<Result<_, RawError>>()?, as_of: day(fields.need("as-of")?)? })
    }

    /// The names whose day has come.
    pub fn old(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|(_, day)| *day <= self.as_of).map(|(name, _)| name.as_str())
    }
}

/// A day as it is compared: `2026-11-01`.
fn day(raw: &Raw) -> Result<String, RawError> {
    let text = raw.text()?;
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    let (month, day) = (text.get(5..7).unwrap_or_default(), text.get(8..10).unwrap_or_default());
    if shape && ("01"..="12").contains(&month) && ("01"..="31").contains(&day) {
        return Ok(text.to_owned());
    }
    Err(RawError::new(raw.at, format!("`{text}` is no day")).help("write `2026-11-01`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::raw::RawKind;

    #[test]
    fn days_are_written_in_one_way() {
        let read = |text: &str| day(&Raw { at: 3, kind: RawKind::Text(text.to_owned()) });
        assert_eq!(read("2026-11-01").as_deref(), Ok("2026-11-01"));
        for wrong in ["2026-11-1", "01.11.2026", "2026-13-01", "2026-11-32", "2026-11-00", "soon", "２026-11-0"] {
            assert_eq!(read(wrong).expect_err(wrong).at, 3, "{wrong}");
        }
    }
}
