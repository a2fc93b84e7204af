//! What a rule is asked of: resources, a project, the scanned folder, files.

use std::collections::BTreeSet;

use super::names::Names;
use super::predicate::Predicate;
use crate::rule::def::PolicyBody;
use crate::rule::raw::RawError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Each resource that it is about.
    Resources,
    /// Each root module and each template.
    Project,
    /// Each scanned folder.
    Repository,
    /// Each file.
    Files,
}

impl Asked {
    /// By the rule's `for`; binds the names that there are then.
    ///
    /// # Errors
    /// Where `files` or `project` is one of several.
    pub fn of(body: &PolicyBody, names: &mut Names<'_>) -> Result<Asked, RawError> {
        match body.over.as_slice() {
            [one] if one == "files" => {
                names.bind_file();
                Ok(Asked::Files)
            }
            [one] if one == "project" => Ok(Asked::Project),
            all => match all.iter().find(|one| matches!(one.as_str(), "files" | "project")) {
                Some(word) => Err(RawError::new(body.where_.at, format!("`{word}` stands alone in `for`"))),
                None => Ok(Asked::Resources),
            },
        }
    }

    /// By what it asks for: a project is a root module or a template where that is a view, and the scanned folder where it
    /// is files.
    ///
    /// # Errors
    /// Where it asks for what it cannot have.
    pub fn settled(self, predicates: &[&Predicate], at: u32) -> Result<Asked, RawError> {
        let mut views = BTreeSet::new();
        for predicate in predicates {
            predicate.views(&mut views);
        }
        let files = predicates.iter().any(|predicate| predicate.asks_files());
        let refused = |what: &str, help: &str| Err(RawError::new(at, what).help(help));
        match self {
            Asked::Project if files && !views.is_empty() => refused(
                "a rule on a project asks either for views or for `files:`",
                "a project is one root module or template for views, and the scanned folder for files: write two rules",
            ),
            Asked::Project if files => Ok(Asked::Repository),
            Asked::Project if views.is_empty() => refused(
                "a rule on a project asks for a view or for `files:`",
                "write `none: VIEW`, `some: VIEW`, `every: VIEW` or `none: 'files:GLOB'`",
            ),
            Asked::Files if !views.is_empty() => {
                refused("a rule on files asks for no view", "write `for: project`, or a rule on resources")
            }
            Asked::Resources if files => refused("a rule on resources asks for no files", "write `for: project` or `for: files`"),
            asked => Ok(asked),
        }
    }
}
