//! Marks and ignore files of other tools, respected where somebody asks for it.

/// The files of a tool that say what it leaves out, where it finds them by itself: from the top of the repository.
#[must_use]
pub fn files_of(tool: &str) -> &'static [&'static str] {
    match tool {
        "gitleaks" => &[".gitleaksignore"],
        "betterleaks" => &[".betterleaksignore", ".gitleaksignore"],
        "detect-secrets" => &[".secrets.baseline"],
        "checkov" => &[".checkov.yaml", ".checkov.yml", ".checkov.baseline"],
        "trivy" => &[".trivyignore", ".trivyignore.yaml"],
        "tfsec" => &[".tfsec/config.yml", ".tfsec/config.yaml", ".tfsec/config.json"],
        "kics" => &["kics.config"],
        _ => &[],
    }
}
