//! How a run ends. Severity is in the report, not in the code.

use std::process::ExitCode;

use crate::base::ids::Severity;
use crate::report::Report;
use crate::settings::Incomplete;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Clean = 0,
    /// Active findings at or above `--fail-on`.
    Findings = 1,
    /// The command line, a rule file or the configuration is wrong.
    Usage = 2,
    /// Something was not looked at, and nothing else was found.
    Incomplete = 3,
    /// A fault of gatepost's own, or a report that could not be written.
    Internal = 4,
    Interrupted = 130,
}

impl Exit {
    /// What a report means; never asks which format it was rendered in.
    #[must_use]
    pub fn of(report: &Report, fail_on: Severity, incomplete: Incomplete) -> Exit {
        if report.interrupted {
            Exit::Interrupted
        } else if report.active().any(|f| f.severity >= fail_on) {
            Exit::Findings
        } else if report.is_incomplete() && incomplete == Incomplete::Fail {
            Exit::Incomplete
        } else {
            Exit::Clean
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
