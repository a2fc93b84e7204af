//! Names as people write them: `.env.*`, `*.{key,pem}`. Over a name alone, or over a path where the pattern has a `/`.
//! Not a file-system walk; letters match in any case, as they do on many disks.

/// A pattern, ready to be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    /// Without braces; lower case.
    alternatives: Vec<Vec<u8>>,
    over_path: bool,
}

/// Alternatives of braces that a pattern may have in all.
const MOST: usize = 64;

impl Glob {
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let mut alternatives = vec![pattern.to_ascii_lowercase()];
        while let Some(at) = alternatives.iter().position(|p| p.contains('{') && p.contains('}')) {
            let next = alternatives.swap_remove(at);
            let (Some(open), Some(close)) = (next.rfind('{'), next.find('}')) else { break };
            let close = if close > open { Some(close) } else { next[open..].find('}').map(|c| open + c) };
            let Some(close) = close.filter(|_| alternatives.len() < MOST) else {
                alternatives.push(next.replace(['{', '}'], "?"));
                break;
            };
            alternatives.extend(next[open + 1..close].split(',').map(|part| format!("{}{part}{}", &next[..open], &next[close + 1..])));
        }
        Glob { over_path: pattern.contains('/'), alternatives: alternatives.into_iter().map(String::into_bytes).collect() }
    }

    /// The pattern without braces, in lower case: a path that it means is meant by one of these.
    pub fn alternatives(&self) -> impl Iterator<Item = &[u8]> {
        self.alternatives.iter().map(Vec::as_slice)
    }

    /// Whether a path (with `/` between its parts) is meant. A pattern with `/` is anchored at any folder.
    #[must_use]
    pub fn matches(&self, path: &[u8]) -> bool {
        let name_at = memchr::memrchr(b'/', path).map_or(0, |at| at + 1);
        if !self.over_path {
            return self.alternatives.iter().any(|pattern| matches(pattern, &path[name_at..]));
        }
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'/', path).map(|at| at + 1));
        starts.into_iter().any(|start| self.alternatives.iter().any(|pattern| matches(pattern, &path[start..])))
    }
}

/// `*` is anything but `/`, `**` anything, `?` one byte but `/`. Linear in the text for each star that is passed.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when a byte does not fit: behind the last star, one byte further.
    let mut retry: Option<(usize, usize, bool)> = None;
    loop {
        match (pattern.get(p), text.get(t)) {
            (Some(b'*'), _) => {
                let deep = pattern.get(p + 1) == Some(&b'*');
                p += 1 + usize::from(deep);
                retry = Some((p, t, deep));
                continue;
            }
            (None, None) => return true,
            (Some(b'?'), Some(byte)) if *byte != b'/' => {
                (p, t) = (p + 1, t + 1);
                continue;
            }
            (Some(want), Some(byte)) if *want == byte.to_ascii_lowercase() => {
                (p, t) = (p + 1, t + 1);
                continue;
            }
            _ => {}
        }
        match retry {
            Some((after, from, deep)) if from < text.len() && (deep || text[from] != b'/') => {
                retry = Some((after, from + 1, deep));
                (p, t) = (after, from + 1);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths() {
        let is = |pattern: &str, path: &str| Glob::new(pattern).matches(path.as_bytes());
        for (pattern, path) in [
            (".env", "a/b/.env"),
            (".env.*", ".env.production"),
            ("*.env", "prod.env"),
            ("*.ENV", "Prod.Env"),
            ("id_{rsa,dsa}", "x/id_dsa"),
            (".aws/credentials", "home/.aws/credentials"),
            (".aws/credentials", ".aws/credentials"),
            ("**/x/*.yml", "a/b/x/c.yml"),
            ("a?c", "abc"),
            ("*", ""),
            ("*.{a,{b,c}}", "x.c"),
            ("*a*b*", "xaxaxbx"),
        ] {
            assert!(is(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            (".env", "x.env"),
            (".env", ".env/readme"),
            (".env.*", ".environment"),
            ("*.env", "env"),
            (".aws/credentials", "my.aws/credentials"),
            ("x/*.yml", "x/y/c.yml"),
            ("a?c", "a/c"),
            ("id_{rsa,dsa}", "id_rsa.pub"),
        ] {
            assert!(!is(pattern, path), "{pattern} {path}");
        }
    }
}
