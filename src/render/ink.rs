//! Colours, where they are wanted. Not a style sheet: six tones, each with one meaning.

use crate::base::ids::Severity;

/// What a piece of text is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Severity(Severity),
    /// Names a rule or a count that the eye should find.
    Strong,
    /// Of use, but not at first sight.
    Quiet,
    /// All is well.
    Good,
    /// Something was not looked at.
    Alarm,
}

#[derive(Clone, Copy, Debug)]
pub struct Ink {
    pub color: bool,
}

impl Ink {
    /// The text, coloured where colours are on.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Severity(Severity::Critical) => "1;31",
            Tone::Severity(Severity::High) => "31",
            Tone::Severity(Severity::Medium) | Tone::Alarm => "33",
            Tone::Severity(Severity::Low) => "36",
            Tone::Severity(Severity::Info) | Tone::Quiet => "2",
            Tone::Strong => "1",
            Tone::Good => "32",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
