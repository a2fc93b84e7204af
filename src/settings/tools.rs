//! Other tools whose marks and ignore files can be respected.

use crate::rule::raw::nearest;

/// The tools whose marks are known.
pub const TOOLS: [&str; 11] =
    ["gitleaks", "betterleaks", "kingfisher", "trufflehog", "detect-secrets", "checkov", "trivy", "tfsec", "kics", "cfn-nag", "cfn-guard"];

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
