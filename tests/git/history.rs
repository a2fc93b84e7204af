//! `--history`.
