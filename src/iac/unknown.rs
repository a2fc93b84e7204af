//! Why a value is not known: the table behind every [`UnknownId`].

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

use crate::base::ids::UnknownId;

/// What would have to be known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// More work than the evaluator does for one project.
    Budget,
    /// What asks for itself, by whatever way: `local.a`.
    Cycle(Box<str>),
    /// What is made elsewhere when it is deployed: a macro, an included file.
    Macro(Box<str>),
    /// A variable or a parameter that nobody set: `var.acl`, `module.m.var.acl`.
    Unset(Box<str>),
    /// A variable that is set by what is not evaluated: Terragrunt's inputs. With the file that sets it.
    SetBy { name: Box<str>, file: Box<str> },
    /// An attribute of a resource, which exists only once it is made. `attribute` is empty for the resource itself.
    Reference { address: Box<str>, attribute: Box<str> },
    /// What is kept elsewhere and read when it is deployed, as it is written: `{{resolve:secretsmanager:…}}`.
    Dynamic(Box<str>),
    /// A module that is not in this tree, by its source.
    Module(Box<str>),
    /// A function that is not evaluated here, or not with these arguments.
    Function(Box<str>),
    /// The same, with the unknown that it was given.
    FunctionOf { name: Box<str>, of: Box<str> },
    /// What Terraform itself refuses: a function with arguments that it does not take, an index that is not there.
    /// `try` goes on to its next argument there, which it does for nothing else.
    Failed(Box<str>),
    /// A file that is not in this tree: one that a build makes, often.
    File(Box<str>),
    /// An expression that needs one of the above.
    Expression(Box<str>),
    /// What cannot be deployed as it is written, said in full: `nothing is called X`.
    Refused(Box<str>),
}

/// The length of the part of an address up to its next dot, which more follows: a key of its own may hold one.
fn segment(rest: &str) -> Option<usize> {
    let mut quoted = false;
    let end = rest.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'.' && !quoted
    });
    end.filter(|end| *end > 0)
}

impl Reason {
    /// Whether it is kept where secrets are, and read when it is deployed.
    #[must_use]
    pub fn is_kept_secret(&self) -> bool {
        let stores = ["{{resolve:secretsmanager:", "{{resolve:ssm-secure:"];
        matches!(self, Reason::Dynamic(written) if stores.iter().any(|store| written.starts_with(store)))
    }

    /// The address of a resource of Terraform that is named and declared nowhere: it is none of those that are.
    #[must_use]
    pub fn undeclared(&self) -> Option<&str> {
        let Reason::Unset(name) = self else { return None };
        let mut from = 0;
        while name[from..].starts_with("module.") {
            let module = from + "module.".len();
            from = module + segment(&name[module..])? + 1;
        }
        let kind = from + segment(&name[from..])?;
        let last = kind + 1 + segment(&name[kind + 1..])?;
        // Kinds begin with the name of their provider.
        let is_kind = name[from..kind].split_once('_').is_some_and(|(provider, rest)| !provider.is_empty() && !rest.is_empty());
        (is_kind && !name[from..kind].contains(':')).then(|| &name[..last])
    }

    /// Of what kind it is, in a word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Reason::Budget => "budget",
            Reason::Cycle(_) => "cycle",
            Reason::Macro(_) => "macro",
            Reason::Unset(_) => "unset",
            Reason::SetBy { .. } => "set-elsewhere",
            Reason::Reference { .. } => "reference",
            Reason::Dynamic(_) => "dynamic",
            Reason::Module(_) => "module",
            Reason::Function(_) | Reason::FunctionOf { .. } => "function",
            Reason::Expression(_) => "expression",
            Reason::File(_) => "file",
            Reason::Failed(_) | Reason::Refused(_) => "error",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Budget => f.write_str("too much to evaluate"),
            Reason::Unset(name) | Reason::Expression(name) | Reason::Dynamic(name) => f.write_str(name),
            Reason::SetBy { name, file } => write!(f, "{name}, which {file} sets"),
            Reason::Reference { address, attribute } if attribute.is_empty() => f.write_str(address),
            Reason::Reference { address, attribute } => write!(f, "{address}.{attribute}"),
            Reason::Module(source) => write!(f, "module {source}"),
            Reason::Function(name) => write!(f, "{name}()"),
            Reason::FunctionOf { name, of } => write!(f, "{name}() of {of}"),
            Reason::Failed(name) => write!(f, "{name}, which fails"),
            Reason::File(path) => write!(f, "the file {path}"),
            Reason::Cycle(name) => write!(f, "{name}, which asks for itself"),
            Reason::Macro(name) => write!(f, "what {name} makes of it"),
            Reason::Refused(what) => f.write_str(what),
        }
    }
}

/// The reasons of one project. The same reason has the same number.
#[derive(Debug)]
pub struct Unknowns(RefCell<Table>);

#[derive(Debug)]
struct Table {
    ids: HashMap<Reason, UnknownId>,
    all: Vec<Reason>,
}

impl Default for Unknowns {
    fn default() -> Self {
        let table = Table { ids: HashMap::from([(Reason::Budget, Unknowns::BUDGET)]), all: vec![Reason::Budget] };
        Unknowns(RefCell::new(table))
    }
}

impl Unknowns {
    /// The number of [`Reason::Budget`] in every table.
    pub const BUDGET: UnknownId = UnknownId(0);

    pub fn intern(&self, reason: Reason) -> UnknownId {
        let mut table = self.0.borrow_mut();
        if let Some(id) = table.ids.get(&reason) {
            return *id;
        }
        let id = UnknownId(u32::try_from(table.all.len()).unwrap_or(u32::MAX));
        table.all.push(reason.clone());
        table.ids.insert(reason, id);
        id
    }

    #[must_use]
    pub fn reason(&self, id: UnknownId) -> Reason {
        self.0.borrow().all.get(id.0 as usize).cloned().unwrap_or(Reason::Budget)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_nothing_declares_is_told_from_other_names() {
        let undeclared = |name: &str| Reason::Unset(name.into()).undeclared().map(str::to_owned);
        for (name, address) in [
            ("aws_s3_bucket.logs.id", "aws_s3_bucket.logs"),
            ("aws_s3_bucket.logs[\"a.b\"].id", "aws_s3_bucket.logs[\"a.b\"]"),
            ("module.m[\"x.y\"].aws_iam_user.u.name", "module.m[\"x.y\"].aws_iam_user.u"),
        ] {
            assert_eq!(undeclared(name).as_deref(), Some(address), "{name}");
        }
        for name in [
            "var.my_acl.x",
            "module.m.var.acl",
            "module.m",
            "local.a_b.c",
            "data.aws_s3_bucket.b.id",
            "aws_s3_bucket.logs",
            "AWS::Region",
            "${self:custom.a_b.c}",
            "",
        ] {
            assert_eq!(undeclared(name), None, "{name}");
        }
    }
}
