//! JSON that may be shown. Not another dialect: every parser reads the same strings out of it.

use std::io::{self, Write};

use serde_json::ser::Formatter;

use crate::base::escape::is_hostile;

/// Compact JSON in which what could repaint a terminal or command a build server is spelled `\u202e`: the same string to
/// a parser, harmless to `cat`.
pub struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let (mut done, mut last) = (0, '\0');
        for (at, c) in fragment.char_indices() {
            if is_hostile(c) || (c == '#' && last == '#') {
                out.write_all(&fragment.as_bytes()[done..at])?;
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))?;
                done = at + c.len_utf8();
            }
            last = c;
        }
        out.write_all(&fragment.as_bytes()[done..])
    }
}
