//! The one place that talks to miette: a message with its icon, and a frame around lines that are already small.

use std::error::Error;
use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity as Weight, SourceCode,
    SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use super::super::Style;
use super::snippet::Drawing;

/// What stands before a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Error,
    Warning,
    Advice,
    /// What belongs to the message before.
    Also,
}

/// Messages and frames in one look.
pub struct Frames {
    handler: GraphicalReportHandler,
    /// The same, with the icon of what belongs to another message.
    also: GraphicalReportHandler,
}

impl Frames {
    #[must_use]
    pub fn new(style: &Style) -> Frames {
        let mut theme = GraphicalTheme {
            characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
            styles: if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        let icons = if style.unicode { ["×", "!", "·"] } else { ["x", "!", "-"] };
        [theme.characters.error, theme.characters.warning, theme.characters.advice] = icons.map(str::to_owned);
        let mut also = theme.clone();
        also.characters.advice = String::from(if style.unicode { "↳" } else { "+" });
        let handler = |theme| {
            GraphicalReportHandler::new_themed(theme)
                .with_width(style.width())
                .with_urls(false)
                .without_cause_chain()
                .without_primary_span_start()
                .without_syntax_highlighting()
        };
        // A location is not wrapped: it would not be one any more.
        Frames { handler: handler(theme), also: handler(also).with_wrap_lines(false) }
    }

    /// Appends a message, which must be harmless already, and its lines.
    ///
    /// # Errors
    /// Where miette refuses a drawing, which a well-formed one does not make it do.
    pub fn push(&self, out: &mut String, icon: Icon, message: &str, drawing: Option<&Drawing>) -> fmt::Result {
        let shown = Shown { icon, message, drawing: drawing.filter(|d| !d.text.is_empty()) };
        let handler = if icon == Icon::Also { &self.also } else { &self.handler };
        handler.render_report(out, &shown)
    }
}

struct Shown<'a> {
    icon: Icon,
    message: &'a str,
    drawing: Option<&'a Drawing>,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<Weight> {
        Some(match self.icon {
            Icon::Error => Weight::Error,
            Icon::Warning => Weight::Warning,
            Icon::Advice | Icon::Also => Weight::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.drawing.map(|drawing| drawing as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.drawing?.labels.iter();
        Some(Box::new(labels.map(|(range, text)| LabeledSpan::new(text.clone(), range.start, range.len()))))
    }
}

impl SourceCode for Drawing {
    /// Always all of it: what is not to be shown was cut before.
    fn read_span<'a>(&'a self, _: &SourceSpan, _: usize, _: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let lines = self.text.matches('\n').count();
        let line = (self.first as usize).saturating_sub(1);
        Ok(Box::new(MietteSpanContents::new(self.text.as_bytes(), (0, self.text.len()).into(), line, 0, lines)))
    }
}
