//! gatepost stands at the gate of a repository and says what must not go through: leaked AWS keys and other
//! credentials, committed credential files, public S3. Every rule is data in `rules/`.
//!
//! The rooms, from the ground up; a room imports only from rooms on lower floors ([`FLOORS`]).
//!
//! | floor | room | what lives there |
//! |---|---|---|
//! | 0 | [`base`] | spans, text that knows where it came from, three-valued truth, secrets, excerpts, ids |
//! | 1 | [`input`] | what is looked at and where it came from |
//! | 2 | [`finding`], [`rule`] | what everybody talks about; rules as data |
//! | 3 | [`subject`] | a content with its name, about to be judged |
//! | 3 | [`report`] | the seal: sorted, resolved, masked |
//! | 3 | [`settings`] | what a run is to do, validated |
//! | 3 | [`git`] | repositories read in this process: index, commits, ranges, every object |
//! | 3 | [`syntax`] | from bytes to structure, without evaluation |
//! | 4 | [`container`] | archives, compressed files and databases, opened in memory |
//! | 4 | [`source`] | where content comes from |
//! | 4 | [`load`] | a user's rule files and configuration, read with places; those of other tools |
//! | 4 | [`render`] | reports as bytes: for people, for programs |
//! | 4 | [`suppress`] | ignores, allow list, baseline; marks of other tools |
//! | 4 | [`secret`] | keywords, confirmation, pairs |
//! | 5 | [`files`] | credential files, judged by content |
//! | 5 | [`iac`] | Terraform and CloudFormation, evaluated to resources |
//! | 6 | [`iam`] | policy statements: patterns, principals, conditions |
//! | 7 | [`policy`] | rules on resources, judged in three-valued truth |
//! | 8 | [`engine`] | wires everything into one run |
//! | 9 | [`cli`] | the command line |

pub mod base;
pub mod cli;
pub mod container;
pub mod engine;
pub mod files;
pub mod finding;
pub mod git;
pub mod iac;
pub mod iam;
pub mod input;
pub mod load;
pub mod policy;
pub mod render;
pub mod report;
pub mod rule;
pub mod secret;
pub mod settings;
pub mod source;
pub mod subject;
pub mod suppress;
pub mod syntax;

/// Every room and its floor. A test compares the `use crate::` lines with it: in one package it stands for crate walls.
pub const FLOORS: &[(&str, u8)] = &[
    ("base", 0),
    ("input", 1),
    ("finding", 2),
    ("rule", 2),
    ("subject", 3),
    ("report", 3),
    ("settings", 3),
    ("git", 3),
    ("syntax", 3),
    ("container", 4),
    ("source", 4),
    ("load", 4),
    ("render", 4),
    ("suppress", 4),
    ("secret", 4),
    ("files", 5),
    ("iac", 5),
    ("iam", 6),
    ("policy", 7),
    ("engine", 8),
    ("cli", 9),
];
