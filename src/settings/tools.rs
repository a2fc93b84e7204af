//! Other tools whose marks and ignore files can be respected.

use crate::rule::raw::nearest;

/// What is known of a tool. What its marks and files mean is told where they are read; a test there asks for every row.
#[derive(Debug)]
pub struct Tool {
    pub name: &'static str,
    /// Words of which a text holds one, in any letter case, where the tool has marks in it.
    pub words: &'static [&'static str],
    /// A word that stands in the metadata of a template, as written, where the tool finds something there.
    pub metadata: Option<&'static str>,
    /// The files that say what it leaves out, where it finds them by itself: from the top of the repository.
    pub files: &'static [ToolFile],
}

/// A file of a tool.
#[derive(Debug)]
pub struct ToolFile {
    pub name: &'static str,
    pub form: Form,
    /// Only the tool's heir reads it too: it is imported as the first one's.
    pub is_shared: bool,
}

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A line for a finding: its commit, file, rule and line.
    Fingerprints,
    /// A line for a check.
    Checks,
    /// Of detect-secrets: values by file.
    Secrets,
    /// Of checkov: checks by resource and file.
    Resources,
    /// Settings of the tool, in YAML or JSON.
    Settings,
}

impl Form {
    /// Whether such a file names findings, and not what to look for.
    #[must_use]
    pub fn names_findings(self) -> bool {
        matches!(self, Form::Fingerprints | Form::Secrets | Form::Resources)
    }
}

const fn file(name: &'static str, form: Form) -> ToolFile {
    ToolFile { name, form, is_shared: false }
}

/// The tools that are known.
pub const TABLE: [Tool; 11] = [
    Tool { name: "gitleaks", words: &["gitleaks:allow"], metadata: None, files: &[file(".gitleaksignore", Form::Fingerprints)] },
    Tool {
        name: "betterleaks",
        words: &["betterleaks:allow", "gitleaks:allow"],
        metadata: None,
        files: &[
            file(".betterleaksignore", Form::Fingerprints),
            ToolFile { name: ".gitleaksignore", form: Form::Fingerprints, is_shared: true },
        ],
    },
    Tool { name: "kingfisher", words: &["kingfisher:ignore"], metadata: None, files: &[] },
    Tool { name: "trufflehog", words: &["trufflehog:ignore"], metadata: None, files: &[] },
    Tool { name: "detect-secrets", words: &["pragma:"], metadata: None, files: &[file(".secrets.baseline", Form::Secrets)] },
    Tool {
        name: "checkov",
        words: &["checkov:skip", "bridgecrew:skip", "cortex:skip", "metadata"],
        metadata: Some("skip"),
        files: &[file(".checkov.yaml", Form::Settings), file(".checkov.yml", Form::Settings), file(".checkov.baseline", Form::Resources)],
    },
    Tool {
        name: "trivy",
        words: &["trivy:", "tfsec:"],
        metadata: None,
        files: &[file(".trivyignore", Form::Checks), file(".trivyignore.yaml", Form::Settings)],
    },
    Tool {
        name: "tfsec",
        words: &["tfsec:", "trivy:"],
        metadata: None,
        files: &[
            file(".tfsec/config.yml", Form::Settings),
            file(".tfsec/config.yaml", Form::Settings),
            file(".tfsec/config.json", Form::Settings),
        ],
    },
    Tool { name: "kics", words: &["kics-scan"], metadata: None, files: &[file("kics.config", Form::Settings)] },
    Tool { name: "cfn-nag", words: &["rules_to_suppress"], metadata: Some("rules_to_suppress"), files: &[] },
    Tool { name: "cfn-guard", words: &["suppressedrules"], metadata: Some("SuppressedRules"), files: &[] },
];

/// Their names.
pub const TOOLS: [&str; TABLE.len()] = {
    let mut names = [""; TABLE.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = TABLE[at].name;
        at += 1;
    }
    names
};

/// The tool of a name.
#[must_use]
pub fn tool(name: &str) -> Option<&'static Tool> {
    static ALL: [Tool; TABLE.len()] = TABLE;
    ALL.iter().find(|tool| tool.name == name)
}

/// The tools of some names; `all` is every one.
///
/// # Errors
/// At the first name of none: the name, and a hint.
pub fn tools(names: &[String]) -> Result<Vec<&'static str>, (String, String)> {
    let mut tools = Vec::new();
    for name in names {
        if name == "all" {
            return Ok(TOOLS.to_vec());
        }
        let known = TOOLS.into_iter().find(|tool| tool == name).ok_or_else(|| {
            let help =
                nearest(name, TOOLS).map_or_else(|| format!("one of {}", TOOLS.join(", ")), |near| format!("did you mean `{near}`?"));
            (name.clone(), help)
        })?;
        if !tools.contains(&known) {
            tools.push(known);
        }
    }
    Ok(tools)
}
