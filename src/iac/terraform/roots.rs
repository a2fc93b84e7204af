//! Root modules: which folders are judged on their own, and what lies below them.

use std::collections::BTreeSet;

use super::{Terraform, module};

impl Terraform<'_> {
    /// Of these folders, those to judge on their own: no other calls them, or only ones that are called from there; and
    /// those that say themselves that they are applied, by a backend or by values for their variables.
    #[must_use]
    pub fn roots(&self, folders: &BTreeSet<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut roots: BTreeSet<Vec<u8>> = BTreeSet::new();
        let called: BTreeSet<Vec<u8>> = folders.iter().flat_map(|folder| self.reached(folder, false)).collect();
        let mut seen = BTreeSet::new();
        for folder in folders.iter().filter(|folder| !called.contains(*folder) || self.is_applied(folder)) {
            seen.extend(self.reached(folder, true));
            roots.insert(folder.clone());
        }
        // Modules that call each other in a circle are judged from the first of them.
        for folder in folders {
            if !seen.contains(folder) && !roots.contains(folder) {
                seen.insert(folder.clone());
                seen.extend(self.reached(folder, true));
                roots.insert(folder.clone());
            }
        }
        roots.into_iter().collect()
    }

    /// Whether a folder is a root module by what it holds.
    fn is_applied(&self, folder: &[u8]) -> bool {
        self.module(folder).is_entry()
    }

    /// The folders of a root module: its own, and those of what it calls.
    #[must_use]
    pub fn folders(&self, root: &[u8]) -> BTreeSet<Vec<u8>> {
        let mut folders = self.reached(root, true);
        folders.insert(root.to_vec());
        folders
    }

    /// The folders that a folder's modules come from; with `all`, those that these call too.
    fn reached(&self, folder: &[u8], all: bool) -> BTreeSet<Vec<u8>> {
        let mut found = BTreeSet::new();
        let mut next = vec![folder.to_vec()];
        while let Some(folder) = next.pop() {
            let module = self.module(&folder);
            // Its sources may lie elsewhere: Terragrunt's.
            let elsewhere = (module.folder != folder).then(|| module.folder.clone());
            let called = module.calls().filter_map(|call| module::local_source(&module.folder, call));
            let vendored = self.vendored(&folder);
            for target in elsewhere.into_iter().chain(called).chain(vendored.values().cloned()) {
                if found.insert(target.clone()) && all {
                    next.push(target);
                }
            }
        }
        found
    }
}
