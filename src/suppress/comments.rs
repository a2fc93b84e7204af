//! How a comment is written in a file, by its name.

/// What opens a comment of its own line in a file of this name, and what closes it. None where no comment is known.
#[must_use]
pub fn of(name: &[u8]) -> Option<(&'static str, &'static str)> {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    if matches!(name.as_str(), "dockerfile" | "makefile" | "gemfile" | "rakefile" | "jenkinsfile" | "vagrantfile" | "procfile") {
        return Some(if name == "jenkinsfile" { ("// ", "") } else { ("# ", "") });
    }
    if stem == "dockerfile" || name.starts_with(".env") || stem.is_empty() && !matches!(extension, "json") {
        return Some(("# ", ""));
    }
    Some(match extension {
        "py" | "rb" | "sh" | "bash" | "zsh" | "fish" | "pl" | "r" | "jl" | "yml" | "yaml" | "toml" | "tf" | "tfvars" | "hcl" | "conf"
        | "cfg" | "properties" | "env" | "ps1" | "ex" | "exs" | "nix" | "cmake" | "dockerfile" | "tcl" | "graphql" | "ini" => ("# ", ""),
        "js" | "mjs" | "cjs" | "ts" | "tsx" | "jsx" | "java" | "kt" | "kts" | "scala" | "groovy" | "gradle" | "go" | "rs" | "c" | "h"
        | "cc" | "cpp" | "hpp" | "cs" | "swift" | "dart" | "php" | "m" | "mm" | "proto" | "zig" | "sol" | "jsonc" | "json5" => ("// ", ""),
        "sql" | "lua" | "hs" | "elm" | "adb" | "vhd" => ("-- ", ""),
        "html" | "htm" | "xml" | "svg" | "md" | "vue" | "config" | "csproj" | "plist" | "xaml" | "pom" => ("<!-- ", " -->"),
        "css" | "scss" | "less" => ("/* ", " */"),
        "lisp" | "el" | "clj" | "scm" | "asm" => ("; ", ""),
        "tex" | "erl" => ("% ", ""),
        "bat" | "cmd" => ("REM ", ""),
        "vb" | "vbs" | "bas" => ("' ", ""),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::suppress::pragma;

    #[test]
    fn a_comment_is_one_that_ignores_are_read_from() {
        for name in
            ["a.py", "main.tf", ".env.prod", "x.sql", "page.html", "a.css", "run.bat", "Dockerfile", "a.ts", ".npmrc", "a.vbs", "a.tex"]
        {
            let (open, close) = of(name.as_bytes()).expect(name);
            let text = format!("{open}gatepost: ignore[some-rule] made up{close}\nkey\n");
            let found = pragma::find(text.as_bytes(), 1);
            assert_eq!((found[0].alone, found[0].reason.as_str()), (true, "made up"), "{name}: {text}");
        }
        assert_eq!(of(b"a.json"), None);
        assert_eq!(of(b"a.bin"), None);
    }
}
