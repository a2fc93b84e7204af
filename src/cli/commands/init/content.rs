//! What the files say.

use std::path::Path;

/// What stands in the workflow where only a person knows what belongs there.
pub const PLACEHOLDER: &str = "OWNER/gatepost@COMMIT";

/// Folders that often hold the work of others.
const OF_OTHERS: [&str; 7] = ["vendor", "third_party", "node_modules", "external", "deps", "testdata", "fixtures"];

/// A configuration that changes nothing, and shows what it could.
pub fn config(top: &Path) -> String {
    let others: Vec<String> = OF_OTHERS.iter().filter(|name| top.join(name).is_dir()).map(|name| format!("{name}/")).collect();
    let example = if others.is_empty() { "vendor/".to_owned() } else { others.join(", ") };
    let tools = if top.join(".checkov.yaml").exists() || top.join(".checkov.yml").exists() { "checkov" } else { "gitleaks" };
    format!(
        "# What gatepost is to do in this repository. Everything is optional: `gatepost config show` tells what holds and\n\
         # where it was said, `gatepost config check` whether this file is right, docs/living-with-it.md what else there is.\n\
         fail-on: medium\n\
         \n\
         # Not looked at: the work of others, if its keys are not yours. A key that leaked there has leaked.\n\
         # exclude: [{example}]\n\
         \n\
         # Rules that are off otherwise, or that are not for you: ids, families, groups.\n\
         # extend-select: [platform]\n\
         # ignore: [s3-no-logging]\n\
         \n\
         # Marks of other tools that hold here, too.\n\
         # honor: [{tools}]\n\
         \n\
         # What may stay, and why. `gatepost allow ID --reason '...'` writes it.\n\
         # allow:\n"
    )
}

/// What GitHub runs on a pull request: the one of docs/ci, which is tried.
pub fn workflow() -> String {
    include_str!("../../../../docs/ci/github-pull-request.yml").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::config::config as read;

    #[test]
    fn the_configuration_is_one_with_and_without_what_is_a_comment() {
        let text = config(Path::new("/nonexistent"));
        assert!(read("", text.as_bytes()).is_ok(), "{text}");
        let all: String = text.lines().map(|line| if line.contains("# honor:") || line.contains("# exclude:") || line.contains("# ignore:") || line.contains("# extend-select:") { line.replace("# ", "") } else { line.to_owned() } + "\n").collect();
        assert!(read("", all.as_bytes()).is_ok(), "{all}");
        assert!(workflow().contains(PLACEHOLDER));
    }
}
