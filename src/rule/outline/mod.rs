//! What is told of all matches of a pattern without looking for one: most hits of a keyword are settled by it. Also compiled into
//! build.rs, so that no run reads a pattern only to know this.

mod lead;
mod run;

use regex_syntax::hir::Hir;
use serde::{Deserialize, Serialize};

pub use run::Run;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// The most bytes of a match, with one of look-around at either end.
    pub longest: u32,
    /// How many bytes of a match may stand before its keyword, where that is known: it is looked for there, and nowhere else.
    pub lead: Option<u32>,
    /// What every match holds in a row.
    pub run: Option<Run>,
}

impl Outline {
    #[must_use]
    pub fn of(hir: &Hir, keywords: &[String]) -> Outline {
        let fitting = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let longest = hir.properties().maximum_len().unwrap_or(u16::MAX.into()) + 2;
        Outline { longest: fitting(longest), lead: lead::lead(hir, keywords).map(fitting), run: Run::of(hir) }
    }

    /// Whether some bytes may hold a match: a look at few of them.
    #[must_use]
    pub fn may_be_in(&self, bytes: &[u8]) -> bool {
        self.run.as_ref().is_none_or(|run| run.is_in(bytes))
    }
}
