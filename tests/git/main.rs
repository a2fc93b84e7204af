//! The git sources against repositories that the `git` program makes, and against what it says of them.

mod diff;
mod history;
mod scratch;
mod sink;
mod staged;
