//! The configuration in a plan: which resource an attribute is taken from that is known after the apply only.

use std::collections::{HashMap, HashSet};

use super::plain;
use crate::syntax::document::Node;

/// References through modules that are followed.
const MAX_HOPS: usize = 16;

/// What each module declares, by its path without keys: `module.a.module.b.`, empty for the root.
pub(super) struct Configuration<'n> {
    resources: HashMap<String, &'n Node>,
    /// Modules and calls of them, by the same paths.
    modules: HashMap<String, Module<'n>>,
    /// The addresses that are planned.
    planned: HashSet<&'n str>,
}

struct Module<'n> {
    node: &'n Node,
    /// Its arguments.
    call: Option<&'n Node>,
}

impl<'n> Configuration<'n> {
    pub fn read(root: &'n Node, planned: impl Iterator<Item = &'n str>) -> Self {
        let mut configuration = Configuration { resources: HashMap::new(), modules: HashMap::new(), planned: planned.collect() };
        let module = root.get("configuration").and_then(|configuration| configuration.get("root_module"));
        let mut left: Vec<(String, Module<'n>)> = module.map(|node| (String::new(), Module { node, call: None })).into_iter().collect();
        while let Some((path, module)) = left.pop() {
            for resource in module.node.get("resources").map(Node::items).unwrap_or_default() {
                if let Some(address) = resource.get("address").and_then(Node::as_str) {
                    configuration.resources.insert(format!("{path}{address}"), resource);
                }
            }
            for (name, call) in module.node.get("module_calls").map(Node::entries).unwrap_or_default() {
                if let (Some(name), Some(node)) = (name.as_str(), call.get("module")) {
                    left.push((format!("{path}module.{name}."), Module { node, call: call.get("expressions") }));
                }
            }
            configuration.modules.insert(path, module);
        }
        configuration
    }

    /// The resource and its attribute that an attribute of a planned resource is taken from, if that is one.
    pub fn target(&self, address: &str, path: &str) -> Option<(String, String)> {
        let resource = self.resources.get(&plain(address))?;
        let (module, own) = split(address);
        let name = path.split('.').next()?;
        let expression = resource.get("expressions")?.get(name)?;
        let key = key_of(own);
        let each = resource.get("for_each_expression");
        self.follow(module, expression, key, each, 0)
    }

    /// What one expression in an instance of a module refers to. `key` is that of the instance which asks.
    fn follow(&self, module: &str, expression: &Node, key: &str, each: Option<&Node>, hops: usize) -> Option<(String, String)> {
        if hops > MAX_HOPS {
            return None;
        }
        // A block is a list of its arguments.
        let references = expression.get("references").map(Node::items)?;
        let texts: Vec<String> = references.iter().filter_map(|node| node.as_str().map(std::borrow::Cow::into_owned)).collect();
        let (mut target, mut keyed): (Option<String>, bool) = (None, false);
        for text in &texts {
            let first = text.split(['.', '[']).next().unwrap_or_default();
            match first {
                "each" | "count" => keyed = true,
                "path" | "terraform" | "self" | "local" | "data" => return None,
                _ => {
                    // Of `aws_s3_bucket.b.id` and `aws_s3_bucket.b`, the first says more.
                    let longer = match &target {
                        None => true,
                        Some(known) if text.starts_with(known.as_str()) => true,
                        Some(known) if known.starts_with(text.as_str()) => false,
                        Some(_) => return None,
                    };
                    if longer {
                        target = Some(text.clone());
                    }
                }
            }
        }
        match target {
            Some(target) => self.named(module, &target, key, keyed, hops),
            // `each.value.id` where `for_each` is a resource.
            None if keyed && texts.iter().any(|text| text.starts_with("each.value")) => {
                let attribute = texts.iter().find_map(|text| text.strip_prefix("each.value.")).unwrap_or_default().to_owned();
                let (address, _) = self.follow(module, each?, key, None, hops + 1)?;
                Some((self.instance(&address, key), attribute))
            }
            None => None,
        }
    }

    fn named(&self, module: &str, target: &str, key: &str, keyed: bool, hops: usize) -> Option<(String, String)> {
        if let Some(variable) = target.strip_prefix("var.") {
            let name = variable.split(['.', '[']).next()?;
            let call = self.modules.get(&plain(module))?.call?.get(name)?;
            let (outer, own) = parent(module)?;
            return self.follow(outer, call, key_of(own), None, hops + 1);
        }
        if target.starts_with("module.") {
            let (path, output) = split_output(target)?;
            let inner = format!("{module}{path}");
            let inner = if keyed && key_of(&path).is_empty() { format!("{inner}{key}.") } else { format!("{inner}.") };
            let expression = self.modules.get(&plain(&inner))?.node.get("outputs")?.get(&output)?.get("expression")?;
            return self.follow(&inner, expression, "", None, hops + 1);
        }
        let mut parts = cut(target).into_iter();
        let (kind, name) = (parts.next()?, parts.next()?);
        let attribute = parts.collect::<Vec<_>>().join(".");
        let address = format!("{module}{kind}.{name}");
        let address = if keyed && key_of(&address).is_empty() { self.instance(&address, key) } else { address };
        Some((address, attribute))
    }

    /// The instance of the same key, where there is one.
    fn instance(&self, address: &str, key: &str) -> String {
        let same = format!("{address}{key}");
        if self.planned.contains(same.as_str()) { same } else { address.to_owned() }
    }
}

/// The parts of an address between dots outside of keys: `module`, `a["x.y"]`.
fn cut(address: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quoted, mut escaped) = (Vec::new(), 0, 0_usize, false, false);
    for (at, letter) in address.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                parts.push(&address[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&address[start..]);
    parts
}

/// The module of a resource, with its last dot, and the rest.
fn split(address: &str) -> (&str, &str) {
    let parts = cut(address);
    let of_modules = parts.chunks(2).take_while(|pair| pair[0] == "module" && pair.len() == 2).flatten().map(|part| part.len() + 1).sum();
    // A module has no address of its own in a plan; whoever writes one gets no resource.
    address.split_at_checked(of_modules).unwrap_or((address, ""))
}

/// The module around a module, and what it is called there: `module.a.` and `module.b["k"]` of `module.a.module.b["k"].`
fn parent(module: &str) -> Option<(&str, &str)> {
    let whole = module.strip_suffix('.')?;
    let parts = cut(whole);
    let length = parts.len().checked_sub(2)?;
    let outer: usize = parts[..length].iter().map(|part| part.len() + 1).sum();
    Some((&module[..outer], &whole[outer..]))
}

/// `module.m["k"]` and `out` of `module.m["k"].out`.
fn split_output(target: &str) -> Option<(String, String)> {
    let parts = cut(target);
    let [module, name, output, ..] = parts.as_slice() else { return None };
    Some((format!("{module}.{name}"), output.split('[').next()?.to_owned()))
}

/// The key at the end of an address: `["k"]`, or nothing.
fn key_of(address: &str) -> &str {
    let last = cut(address).last().copied().unwrap_or_default();
    last.find('[').filter(|_| last.ends_with(']')).map_or("", |at| &last[at..])
}
