//! The selected rules on resources and files, compiled when the first input asks for them: most commits touch none.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::scan::RuleFault;
use crate::policy::{Compiled, Secrets};
use crate::rule::{Body, Rule, RuleSet};
use crate::secret::Detector;
use crate::settings::Settings;

pub struct Policies<'r> {
    rules: &'r RuleSet,
    settings: &'r Settings,
    detector: Arc<Detector>,
    compiled: OnceLock<Compiled>,
    /// Those on files alone, where nothing asked for the others.
    of_files: OnceLock<Compiled>,
    begun: AtomicBool,
    /// A rule looks at resources: inputs are looked at for them.
    pub asks_resources: bool,
    /// A rule may look at files: they are remembered.
    pub asks_files: bool,
}

impl<'r> Policies<'r> {
    /// A user's rules and views compile now. A test has compiled the built-in ones.
    ///
    /// # Errors
    /// At the first that cannot be compiled.
    pub fn new(rules: &'r RuleSet, settings: &'r Settings, detector: Arc<Detector>) -> Result<Policies<'r>, RuleFault> {
        let bodies = settings.selection.selected(rules).filter_map(|(_, rule)| match &rule.body {
            Body::Policy(body) => Some(body),
            Body::Secret(_) | Body::File(_) | Body::Suppression(_) => None,
        });
        let (mut asks_resources, mut asks_files) = (false, false);
        for body in bodies {
            asks_resources |= !body.asks_files();
            asks_files |= body.asks_files();
        }
        let (compiled, of_files, begun) = (OnceLock::new(), OnceLock::new(), AtomicBool::new(false));
        let policies = Policies { rules, settings, detector, compiled, of_files, begun, asks_resources, asks_files };
        if !rules.is_built_in() {
            let compiled = policies.compile()?;
            if settings.selection.selected(rules).any(|(index, _)| rules.is_added(index)) {
                let faults = compiled.faults(rules.rules());
                if !faults.is_empty() {
                    return Err(RuleFault::of_policy(faults));
                }
            }
            drop(policies.compiled.set(compiled));
        }
        Ok(policies)
    }

    fn compile(&self) -> Result<Compiled, RuleFault> {
        let Policies { rules, settings, .. } = self;
        let compiled = Compiled::new(settings.selection.selected(rules), rules.views(), rules.tables())
            .and_then(|compiled| compiled.with_modules(rules.modules()))
            .map_err(RuleFault::of_policy)?;
        Ok(compiled.with_secrets(Secrets::new(self.detector.clone(), rules)))
    }

    pub fn get(&self) -> &Compiled {
        self.compiled.get_or_init(|| self.compile().expect("built-in rules compile, as a test has shown"))
    }

    /// Those on files, among others where there are any by now: a run without resources compiles a few rules and no view.
    pub fn of_files(&self) -> &Compiled {
        if let Some(all) = self.compiled.get() {
            return all;
        }
        self.of_files.get_or_init(|| {
            let Policies { rules, settings, .. } = self;
            let of_files = |(_, rule): &(usize, &Rule)| matches!(&rule.body, Body::Policy(body) if body.asks_files());
            let compiled = Compiled::new(settings.selection.selected(rules).filter(of_files), &[], rules.tables());
            let compiled = compiled.map(|compiled| compiled.with_secrets(Secrets::new(self.detector.clone(), rules)));
            // One of them looks at a view.
            compiled.or_else(|_| self.compile()).expect("built-in rules compile, as a test has shown")
        })
    }

    /// They will be asked for: whoever is the first to know makes them while others go on.
    pub fn prepare(&self) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.get();
        }
    }
}
