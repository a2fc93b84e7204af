//! Whether a place in a file is in a comment, by what stands before it on its line and, for block comments, a little
//! above. No parser: what a table of signs tells.

use super::edge::line_start;
use super::words::Words;

/// Names of files, by their ends, and what begins a comment in them.
static LINE_SIGNS: [(Words, &[&str]); 7] = [
    (
        Words::new(
            "c cc cpp cs cxx dart go gradle groovy h hpp java js jsx kt kts m mjs mm php proto rs scala scss swift ts tsx v zig cjs less jsonc json5 hcl tf",
        ),
        &["//"],
    ),
    (
        Words::new(
            "bash cfg cmake conf coffee dockerfile env ex exs fish gemspec hcl ini mk nix pl pm properties ps1 psm1 py r rake rb service sh tcl tf tfvars toml yaml yml zsh php jl",
        ),
        &["#"],
    ),
    (Words::new("hs lua sql elm ada vhd"), &["--"]),
    (Words::new("clj el lisp scm ini asm"), &[";"]),
    (Words::new("erl tex sty m"), &["%"]),
    (Words::new("bat cmd"), &["rem ", "REM ", "::"]),
    (Words::new("vb bas vbs"), &["'"]),
];
/// Files whose comments begin with `/*` and end with `*/`.
static BLOCKS: Words = Words::new(
    "c cc cpp cs css cxx dart go gradle groovy h hpp java js jsx kt kts less m mjs mm php proto rs scala scss sql swift ts tsx hcl tf cjs",
);
static MARKUP: Words = Words::new("html htm xml xhtml vue svelte jsp cshtml config pom xsl xsd csproj plist");
/// Ends of names behind the end that tells.
const TEMPLATES: [&str; 10] = [".tt", ".erb", ".j2", ".tmpl", ".tpl", ".template", ".dist", ".example", ".sample", ".in"];
/// How far above a comment may begin.
const ABOVE: usize = 4096;

/// Whether a comment holds the place.
#[must_use]
pub fn holds(path: &str, bytes: &[u8], place: usize) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    // A template is written as what it becomes.
    let name = TEMPLATES.iter().find_map(|end| name.strip_suffix(end)).map_or(name.clone(), str::to_owned);
    let end = if name.starts_with("dockerfile") || name == "makefile" { "env" } else { name.rsplit('.').next().unwrap_or_default() };
    let signs = LINE_SIGNS.iter().filter(|(ends, _)| ends.has(end)).flat_map(|(_, signs)| *signs);
    let least = place.saturating_sub(ABOVE);
    let head = &bytes[line_start(bytes, place, ABOVE)..place];
    let mut known = signs.clone().peekable();
    let by_line = if known.peek().is_none() && !name.contains('.') {
        begins(head, "#") || begins(head, "//")
    } else {
        signs.clone().any(|sign| begins(head, sign) || stands(head, sign))
    };
    by_line
        || matches!(end, "py" | "pyi" | "toml") && is_told(&bytes[..place])
        || head.trim_ascii_start().starts_with(b">>> ")
        || BLOCKS.has(end) && is_open(&bytes[least..place], b"/*", b"*/")
        || MARKUP.has(end) && is_open(&bytes[least..place], b"<!--", b"-->")
}

/// Names of texts that tell: a module of Ansible has the first three.
static TOLD: Words = Words::new(
    "DOCUMENTATION EXAMPLES EXAMPLE RETURN USAGE HELP DOC __doc__ __usage__ description epilog help Example Examples Description",
);
/// Longer files of Python are tables.
const LONGEST: usize = 256 << 10;

/// Whether a text in three quotes is open that tells about the code: one that begins a statement, or a constant that is called so.
fn is_told(before: &[u8]) -> bool {
    let told = |quotes: &[u8]| {
        let mut last = None;
        let count = memchr::memmem::find_iter(before, quotes).inspect(|at| last = Some(*at)).count();
        let Some(open) = last.filter(|_| count % 2 == 1) else { return false };
        let head = before[..open].strip_suffix(b"r").unwrap_or(&before[..open]).trim_ascii_end();
        match head.strip_suffix(b"=") {
            Some(set) => {
                let name = set.trim_ascii_end().rsplit(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').next();
                name.and_then(|name| std::str::from_utf8(name).ok()).is_some_and(|name| TOLD.has(name))
            }
            // An argument is used, and so is a part of a sum.
            None => !matches!(head.last(), Some(b'(' | b',' | b'+' | b'[' | b'\\' | b'{' | b'%')) && !head.ends_with(b"return"),
        }
    };
    before.len() <= LONGEST && (told(b"\"\"\"") || told(b"'''"))
}

fn begins(head: &[u8], sign: &str) -> bool {
    head.trim_ascii_start().starts_with(sign.as_bytes())
}

/// Whether a sign stands behind a blank, and in no string.
fn stands(head: &[u8], sign: &str) -> bool {
    let sign = sign.as_bytes();
    let mut quote = None;
    for (at, byte) in head.iter().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if *byte == open => quote = None,
            (None, b'"' | b'\'' | b'`') => quote = Some(*byte),
            (None, b' ' | b'\t') if head[at + 1..].starts_with(sign) => return true,
            _ => {}
        }
    }
    false
}

fn is_open(before: &[u8], open: &[u8], close: &[u8]) -> bool {
    let opened = memchr::memmem::rfind(before, open);
    // `/*` in a glob or in a string begins none: a comment's stands at the start of a word.
    let begins = |at: usize| at == 0 || matches!(before[at - 1], b' ' | b'\t' | b'\n' | b'\r' | b'(' | b',' | b';' | b'{' | b'}' | b'>');
    opened.filter(|at| begins(*at)).is_some_and(|at| memchr::memmem::find(&before[at..], close).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(path: &str, text: &str) -> bool {
        holds(path, text.as_bytes(), text.find('X').expect("a place"))
    }

    #[test]
    fn comments_of_many_tongues() {
        for (path, text) in [
            ("a.py", "# key = X"),
            ("a.py", "a = 1  # key = X"),
            ("a.go", "\t// key = X"),
            ("a.go", "f() // X"),
            ("A.java", "/**\n * key = X\n */"),
            ("a.sql", "-- X"),
            ("a.html", "<!--\n<b>X</b> -->"),
            ("a.tf", "# X"),
            ("a.tf", "/*\nX"),
            ("a.py", ">>> login('X')"),
            ("Dockerfile", "# ENV X"),
            ("a.bat", "rem set X"),
            ("Makefile", "# X"),
            ("config", "#X"),
            ("a.py", "def f():\n    \"\"\"Signs in.\n\n    password: X\n"),
            ("database.yml.tt", "# url: X"),
            (".env.example", "# KEY=X"),
            ("a.toml", "Example = '''\nPASSWORD=X \\\nrun it\n'''\n"),
            ("a.py", "x = '''a'''\nDOCUMENTATION = r'''\n- name: a\n  password: X\n"),
        ] {
            assert!(is(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn code_is_no_comment() {
        for (path, text) in [
            ("a.py", "key = 'X'"),
            ("a.py", "url = 'a #b' + X"),
            ("a.go", "u := \"http://a/\" + X"),
            ("A.java", "/* a */ key = X"),
            ("a.js", "glob('src/*') + X"),
            ("a.yml", "# a\nkey: X"),
            ("a.html", "<!-- a --><b>X"),
            ("a.json", "{\"a\": \"X\"}"),
            ("a.md", "# X"),
            ("a.py", "\"\"\"What it does.\"\"\"\npassword = 'X'"),
            ("a.py", "TEMPLATE = \"\"\"\npassword: X\n"),
            ("a.py", "load(\"\"\"\npassword: X\n"),
            ("a.c", "#define X"),
        ] {
            assert!(!is(path, text), "{path}: {text}");
        }
    }
}
