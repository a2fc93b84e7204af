//! The built-in rules as build.rs packed them. Decoding parses no YAML and compiles no pattern.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use super::def::{Page, RemoteModule, Rule, Table, View};
use super::remote::RemoteModules;

static RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));
static PAGES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pages.bin"));

/// The rules of a run: the built-in ones, and a user's after them.
pub struct RuleSet {
    rules: Vec<Rule>,
    views: Vec<View>,
    tables: Vec<Table>,
    modules: Arc<RemoteModules>,
    /// Pages of a user's rules, by index.
    added: BTreeMap<usize, Page>,
    pages: OnceLock<Vec<Page>>,
    /// Every id and alias by its hash, once somebody asks: the hash, whether it is an alias, the rule.
    names: OnceLock<Vec<(u64, bool, usize)>>,
    built_in: bool,
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

impl RuleSet {
    /// The rules that this binary carries.
    ///
    /// # Panics
    /// Where build.rs and this crate disagree on the shape of a rule, which a test would have shown.
    #[must_use]
    pub fn embedded() -> Self {
        let (rules, views, tables, modules): (Vec<Rule>, Vec<View>, Vec<Table>, Vec<RemoteModule>) =
            postcard::from_bytes(RULES).expect("build.rs wrote it with the same types");
        let modules = Arc::new(RemoteModules::built_in(modules));
        RuleSet { rules, views, tables, modules, added: BTreeMap::new(), pages: OnceLock::new(), names: OnceLock::new(), built_in: true }
    }

    /// Adds a user's rule; one of the same id is replaced where it stands, a built-in one included.
    pub fn add(&mut self, rule: Rule, page: Page) {
        self.built_in = false;
        self.names.take();
        let index = if let Some(index) = self.rules.iter().position(|r| r.meta.id == rule.meta.id) {
            self.rules[index] = rule;
            index
        } else {
            self.rules.push(rule);
            self.rules.len() - 1
        };
        self.added.insert(index, page);
    }

    pub fn add_view(&mut self, view: View) {
        self.built_in = false;
        self.views.retain(|v| v.name != view.name);
        self.views.push(view);
    }

    pub fn add_table(&mut self, table: Table) {
        self.built_in = false;
        self.tables.retain(|known| known.name != table.name);
        self.tables.push(table);
    }

    /// Adds a user's account of a module; one of the same name and versions is replaced, a built-in one included.
    pub fn add_module(&mut self, module: RemoteModule, hcl: String) {
        self.built_in = false;
        Arc::make_mut(&mut self.modules).add(module, hcl);
    }

    #[must_use]
    pub fn modules(&self) -> &Arc<RemoteModules> {
        &self.modules
    }

    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    #[must_use]
    pub fn views(&self) -> &[View] {
        &self.views
    }

    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The rule of an id or an alias.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        let names = self.names.get_or_init(|| {
            let of = |(index, rule): (usize, &Rule)| {
                let aliases: Vec<_> = rule.meta.aliases.iter().map(|alias| (hash(alias), true, index)).collect();
                std::iter::once((hash(rule.meta.id.as_str()), false, index)).chain(aliases)
            };
            let mut names: Vec<_> = self.rules.iter().enumerate().flat_map(of).collect();
            // An id before an alias, and the first rule before others.
            names.sort_unstable();
            names
        });
        let hash = hash(name);
        let start = names.partition_point(|(known, ..)| *known < hash);
        let is_it = |(_, is_alias, index): &&(u64, bool, usize)| {
            let meta = &self.rules[*index].meta;
            if *is_alias { meta.aliases.iter().any(|alias| alias == name) } else { meta.id.as_str() == name }
        };
        names[start..].iter().take_while(|(known, ..)| *known == hash).find(is_it).map(|(.., index)| *index)
    }

    /// The page of the rule at an index of [`RuleSet::rules`].
    ///
    /// # Panics
    /// As [`RuleSet::embedded`].
    #[must_use]
    pub fn page(&self, index: usize) -> &Page {
        if let Some(page) = self.added.get(&index) {
            return page;
        }
        &self.pages.get_or_init(|| postcard::from_bytes(PAGES).expect("build.rs wrote it with the same types"))[index]
    }

    /// What tells these rules from others, as far as they look for secrets: the built-in ones by how they are stored, a
    /// user's by all that they say.
    pub fn digest(&self, hash: &mut impl sha2::Digest) {
        hash.update(RULES);
        for rule in self.added.keys().filter_map(|index| self.rules.get(*index)) {
            hash.update(format!("{rule:?}"));
        }
    }

    /// Whether nothing came from a user's file.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.built_in
    }

    /// Whether the rule at an index came from a user's file.
    #[must_use]
    pub fn is_added(&self, index: usize) -> bool {
        self.added.contains_key(&index)
    }
}
