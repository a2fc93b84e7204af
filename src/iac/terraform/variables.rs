//! Variables of a root module: what is set for them from outside, and which of that holds.

use std::collections::BTreeMap;

use super::Terraform;
use super::module::{self, Module};
use crate::finding::{Failure, Place, Trouble};
use crate::iac::gate;
use crate::syntax::hcl;

/// Bytes of the largest var file that is read.
const MAX_FILE: usize = 8 << 20;

/// Values for the variables of one root module, by name.
#[derive(Default)]
pub(super) struct Settings {
    /// Text from an environment.
    pub texts: BTreeMap<Box<str>, Box<str>>,
    /// From var files; they hold over texts.
    pub exprs: module::Settings,
}

impl Terraform<'_> {
    /// What holds for a root module: an environment, then the var files that are read without being asked for, then those
    /// that are asked for. With it, which of the latter cannot be read.
    pub(super) fn settings(&self, module: &Module, environment: Option<&module::Settings>) -> (Settings, Vec<Trouble>) {
        let mut settings = Settings { texts: self.variables.values.clone(), exprs: module.settings.clone() };
        let mut troubles = Vec::new();
        settings.exprs.extend(environment.cloned().unwrap_or_default());
        for path in &self.variables.files {
            let trouble = |kind, message: String| Trouble {
                place: Some(Place::whole(self.files.file(path))),
                kind,
                message,
                help: Some("what it sets is taken for unknown or for the default".to_owned()),
            };
            match self.files.read(path) {
                Err(error) => troubles.push(trouble(Failure::Unreadable, error.to_string())),
                Ok((_, bytes)) if bytes.len() > MAX_FILE => {
                    troubles.push(trouble(Failure::Limit, format!("{} bytes; at most {MAX_FILE} are evaluated", bytes.len())));
                }
                Ok((file, bytes)) => {
                    let parsed = if gate::is_json(path) { hcl::json::parse_settings(file, &bytes) } else { hcl::parse(file, &bytes) };
                    troubles.extend(parsed.broken.into_iter().map(|error| trouble(Failure::Unparsed, error.message)));
                    settings.exprs.extend(parsed.body.attributes.into_iter().map(|attribute| (attribute.name, attribute.value)));
                }
            }
        }
        (settings, troubles)
    }
}
