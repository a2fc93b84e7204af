//! Where folders of a repository end up, as its own files tell: in images, in containers, in buckets that are sites, with
//! hosts of sites. Read as far as a path is written out; nothing is expanded.

use std::cell::Cell;

use super::pattern::glob;
use crate::base::span::FileId;
use crate::syntax::document::Node;
use crate::syntax::{dockerfile, ini, json, yaml};

/// A folder of the repository, and where it stands where a server runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// The file that says so.
    pub told_by: String,
    pub folder: String,
    pub at: String,
    /// It is copied into an image: `.dockerignore` leaves files out.
    pub is_image: bool,
    /// The folder that the server of the image hands out, where nothing else is said.
    pub handed_out: Option<&'static str>,
}

/// A folder that is copied to where everybody reads it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Site {
    pub told_by: String,
    pub folder: String,
    /// Patterns of what is left out, and of what is taken all the same; the last that matches is right.
    pub rules: Vec<(String, bool)>,
    pub with_dotfiles: bool,
}

impl Site {
    pub fn has(&self, path: &str, work: &Cell<usize>) -> bool {
        let Some(own) = below(&self.folder, path).filter(|own| !own.is_empty()) else { return false };
        let is_hidden = own.split('/').any(|part| part.starts_with('.'));
        let last = self.rules.iter().rev().find(|(pattern, _)| matches(pattern, own, work));
        (self.with_dotfiles || !is_hidden) && last.is_none_or(|(_, taken)| *taken)
    }
}

/// A pattern, or the folder that it names; `**/` at its beginning means every folder. False once too much was compared:
/// then nothing is left out.
fn matches(pattern: &str, own: &str, work: &Cell<usize>) -> bool {
    let anywhere = pattern.strip_prefix("**/");
    let pattern = anywhere.unwrap_or(pattern);
    let folder = pattern.strip_suffix("/**").unwrap_or(pattern).trim_matches('/');
    let mut starts = std::iter::once(0).chain(own.match_indices('/').map(|(at, _)| at + 1).filter(|_| anywhere.is_some()));
    let ends = || own.match_indices('/').map(|(at, _)| at).chain([own.len()]);
    starts.any(|start| {
        ends().filter(|end| *end > start).any(|end| {
            work.set(work.get().saturating_add(folder.len() * (end - start)));
            work.get() <= MAX_COMPARED && glob(folder, &own[start..end])
        })
    })
}

/// Characters that all questions about one repository compare, each with each of a pattern.
const MAX_COMPARED: usize = 200_000_000;

/// What `.dockerignore` leaves out of an image: its folder, and its lines.
pub(super) struct LeftOut {
    folder: String,
    lines: Vec<(String, bool)>,
}

impl LeftOut {
    pub fn read(folder: &str, text: &str) -> LeftOut {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let line = |line: &str| {
            let kept = line.strip_prefix('!');
            (kept.unwrap_or(line).trim_start_matches("./").trim_start_matches('/').to_owned(), kept.is_some())
        };
        LeftOut { folder: folder.to_owned(), lines: lines.take(MAX_LINES).map(line).collect() }
    }

    pub fn has(&self, path: &str, work: &Cell<usize>) -> bool {
        let Some(own) = below(&self.folder, path) else { return false };
        self.lines.iter().rev().find(|(pattern, _)| matches(pattern, own, work)).is_some_and(|(_, kept)| !kept)
    }
}

/// Lines of an ignore file that count.
const MAX_LINES: usize = 2000;

/// The folder that servers of well-known images hand out, as their own configuration says.
fn handed_out_by(image: &str) -> Option<&'static str> {
    let image = image.to_ascii_lowercase();
    let name = super::name_of(image.split('@').next().unwrap_or_default());
    let (name, tag) = name.split_once(':').unwrap_or((name, ""));
    match name {
        "nginx" | "nginx-unprivileged" => Some("/usr/share/nginx/html"),
        "httpd" => Some("/usr/local/apache2/htdocs"),
        "caddy" => Some("/usr/share/caddy"),
        "php" if tag.contains("apache") => Some("/var/www/html"),
        "wordpress" | "drupal" | "joomla" if !tag.contains("fpm") => Some("/var/www/html"),
        _ => None,
    }
}

/// `COPY` and `ADD` of a Dockerfile; its context is the folder that it lies in, or the repository.
pub(super) fn of_dockerfile(path: &str, text: &str) -> Vec<Mount> {
    let (mut all, mut work, mut handed_out) = (Vec::new(), String::from("/"), None);
    let moves_root = text.contains("APACHE_DOCUMENT_ROOT") || text.contains("sites-available") || text.contains("/etc/nginx/");
    for instruction in dockerfile::instructions(text.as_bytes()) {
        let words: Vec<&str> = instruction.words.iter().map(|word| &text[word.clone()]).collect();
        let name = text[instruction.name.clone()].to_ascii_uppercase();
        let absolute = |to: &str| if to.starts_with('/') { to.to_owned() } else { format!("/{}", joined(&work, to).unwrap_or_default()) };
        match name.as_str() {
            "FROM" => {
                let image = words.iter().find(|word| !word.starts_with("--"));
                handed_out = image.and_then(|image| handed_out_by(image)).filter(|_| !moves_root);
                work = String::from(if handed_out == Some("/var/www/html") { "/var/www/html" } else { "/" });
            }
            "WORKDIR" => work = words.first().map_or(String::new(), |to| absolute(to)),
            "COPY" | "ADD" if !words.iter().any(|word| word.starts_with("--from")) => {
                let mut words: Vec<&str> = words.into_iter().filter(|word| !word.starts_with("--")).collect();
                let Some(to) = words.pop().filter(|to| !to.contains('$')) else { continue };
                for from in words.iter().filter(|from| !from.contains([':', '*', '$'])) {
                    for context in [folder_of(path), ""] {
                        let told = |folder| Mount { told_by: path.to_owned(), folder, at: absolute(to), is_image: true, handed_out };
                        all.extend(joined(context, from).map(told));
                    }
                }
            }
            _ => {}
        }
    }
    all
}

/// The volumes of a compose file's services: `./public:/var/www/html:ro`, or `source` and `target`.
pub(super) fn of_compose(path: &str, text: &str) -> Vec<Mount> {
    let Ok(documents) = yaml::parse(FileId(0), text.as_bytes()) else { return Vec::new() };
    let mut all = Vec::new();
    for (_, service) in documents.iter().filter_map(|document| document.root.get("services")).flat_map(Node::entries) {
        let image = service.get("image").and_then(Node::as_str);
        let volumes = service.get("volumes").map(Node::items).unwrap_or_default();
        // A volume over a server's configuration changes what it hands out.
        let is_own = |volume: &Node| volume.as_str().is_some_and(|written| written.contains(":/etc/"));
        let moves_root = service.get("environment").is_some_and(|set| {
            let is_root = |name: &str| name.starts_with("APACHE_DOCUMENT_ROOT");
            set.get("APACHE_DOCUMENT_ROOT").is_some() || set.items().iter().filter_map(Node::as_str).any(|set| is_root(&set))
        });
        let handed_out = image.as_deref().and_then(handed_out_by).filter(|_| !moves_root && !volumes.iter().any(is_own));
        for volume in volumes {
            let text = |key: &str| volume.get(key).and_then(Node::as_str).map(String::from);
            let pair = match volume.as_str() {
                Some(written) => written.split_once(':').map(|(from, to)| (from.to_owned(), to.split(':').next().unwrap_or(to).to_owned())),
                None => text("source").zip(text("target")),
            };
            let Some((from, at)) = pair.filter(|(from, to)| from.starts_with('.') && to.starts_with('/')) else { continue };
            if from.contains('$') || at.contains('$') {
                continue;
            }
            let told = |folder| Mount { told_by: path.to_owned(), folder, at, is_image: false, handed_out };
            all.extend(joined(folder_of(path), &from).map(told));
        }
    }
    all
}

/// Commands that copy a folder to where everybody reads it: `aws s3 sync . s3://shop --acl public-read`, or where the same
/// file says that the bucket is a site; `az storage blob upload-batch -d '$web' -s .`; `php -S 0.0.0.0:80 -t site`.
pub(super) fn of_commands(path: &str, text: &str) -> Vec<Site> {
    let text = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let is_site = text.contains("cloudfront create-invalidation") || text.contains("s3 website ");
    let beside = if super::name_of(path) == "package.json" { folder_of(path) } else { "" };
    let mut all = Vec::new();
    for line in text.lines() {
        for (at, start) in COMMANDS.iter().flat_map(|start| line.match_indices(start)) {
            let command = line[at + start.len()..].split(['&', ';', '|']).next().unwrap_or_default();
            let words: Vec<&str> =
                command.split_whitespace().map(|word| word.trim_matches(['"', '\'', '\\', ','])).take(MAX_WORDS).collect();
            let value = |names: &[&str]| words.windows(2).find(|two| names.contains(&two[0])).map(|two| two[1]);
            let from = match start {
                "aws s3 " => copied(&words, is_site || value(&["--acl"]).is_some_and(|acl| acl.starts_with("public-read"))),
                "az storage blob upload-batch " => {
                    value(&["-s", "--source"]).filter(|_| value(&["-d", "--destination"]).is_some_and(|to| to.contains("$web")))
                }
                _ => {
                    let is_open = words.first().is_some_and(|host| !host.starts_with("localhost") && !host.starts_with("127."));
                    is_open.then(|| value(&["-t", "--docroot"]).unwrap_or("."))
                }
            };
            let Some(from) = from.filter(|from| !from.contains("://") && !from.contains('$')) else { continue };
            let rule = |two: &[&str]| match two[0] {
                "--exclude" => Some((two[1].to_owned(), false)),
                "--include" => Some((two[1].to_owned(), true)),
                _ => None,
            };
            let rules = words.windows(2).filter_map(rule).collect();
            let told = |folder| Site { told_by: path.to_owned(), folder, rules, with_dotfiles: true };
            all.extend(joined(beside, from).map(told));
        }
    }
    all
}

const COMMANDS: [&str; 3] = ["aws s3 ", "az storage blob upload-batch ", "php -S "];
/// Words of a command that count.
const MAX_WORDS: usize = 200;

/// What `sync` and `cp --recursive` take.
fn copied<'w>(words: &[&'w str], is_public: bool) -> Option<&'w str> {
    let [verb, from, to, ..] = words else { return None };
    let is_copy = *verb == "sync" || *verb == "cp" && words.contains(&"--recursive");
    (is_copy && is_public && to.starts_with("s3://")).then_some(*from)
}

/// `firebase.json` of Firebase Hosting, `vercel.json` of Vercel, `netlify.toml` of Netlify. The last two take no dotfiles.
pub(super) fn of_host(path: &str, text: &str) -> Vec<Site> {
    let site = |folder: &str, rules, with_dotfiles| {
        let folder = joined(folder_of(path), folder)?;
        Some(Site { told_by: path.to_owned(), folder, rules, with_dotfiles })
    };
    if super::name_of(path) == "netlify.toml" {
        let published = |entry: &ini::Entry| &text[entry.section.clone()] == "build" && &text[entry.key.clone()] == "publish";
        let all = ini::entries(text.as_bytes());
        return all
            .iter()
            .filter(|entry| published(entry))
            .filter_map(|entry| site(&text[entry.value.clone()], Vec::new(), false))
            .collect();
    }
    let Ok(document) = json::parse(FileId(0), text.as_bytes()) else { return Vec::new() };
    let string = |node: Option<&Node>| node.and_then(Node::as_str).map(String::from);
    if super::name_of(path) == "vercel.json" {
        return string(document.root.get("outputDirectory")).and_then(|folder| site(&folder, Vec::new(), false)).into_iter().collect();
    }
    let Some(hosting) = document.root.get("hosting") else { return Vec::new() };
    let several = hosting.items();
    let hosted = |one: &Node| {
        let ignored = one.get("ignore").map(Node::items).unwrap_or_default();
        let rules = ignored.iter().filter_map(Node::as_str).map(|pattern| (pattern.into_owned(), false)).collect();
        site(&string(one.get("public"))?, rules, true)
    };
    if several.is_empty() { hosted(hosting).into_iter().collect() } else { several.iter().filter_map(hosted).collect() }
}

pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path from a folder that it lies in.
pub(super) fn below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    let folder = folder.trim_end_matches('/');
    if folder.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// A path from a folder of the repository; None where it leads out of it.
pub(super) fn joined(from: &str, path: &str) -> Option<String> {
    let mut all: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(all.pop()?),
            part => all.push(part),
        }
    }
    Some(all.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(mounts: &[Mount]) -> Vec<(&str, &str, Option<&str>)> {
        mounts.iter().map(|mount| (&*mount.folder, &*mount.at, mount.handed_out)).collect()
    }

    #[test]
    fn images_hold_what_is_copied() {
        let text = "FROM node AS b\nCOPY . /src\nFROM nginx:1.27-alpine\nCOPY --from=b /src/dist /x\nCOPY --chown=a \\\n site pages /usr/share/nginx/html/\n";
        let html = Some("/usr/share/nginx/html");
        let all = of_dockerfile("Dockerfile", text);
        let told = put(&all);
        assert_eq!(told[0], ("", "/src", None));
        assert!(told.contains(&("site", "/usr/share/nginx/html/", html)) && told.contains(&("pages", "/usr/share/nginx/html/", html)));
        assert_eq!(
            put(&of_dockerfile("Dockerfile", "FROM php:8.3-apache\nCOPY src/ .\n"))[0],
            ("src", "/var/www/html", Some("/var/www/html"))
        );
        let own = "FROM nginx\nCOPY nginx.conf /etc/nginx/conf.d/default.conf\nCOPY . /usr/share/nginx/html\n";
        assert!(of_dockerfile("Dockerfile", own).iter().all(|mount| mount.handed_out.is_none()), "its own configuration decides");
        assert!(of_dockerfile("Dockerfile", "FROM php:8-fpm\nCOPY . /var/www/html\n").iter().all(|mount| mount.handed_out.is_none()));
    }

    #[test]
    fn services_hold_what_is_mounted() {
        let text = "services:\n  web:\n    image: httpd:2.4\n    volumes:\n      - ./site:/usr/local/apache2/htdocs:ro\n      - data:/x\n      - type: bind\n        source: ../a\n        target: /srv/a\n";
        let htdocs = Some("/usr/local/apache2/htdocs");
        assert_eq!(
            put(&of_compose("docker/compose.yml", text)),
            [("docker/site", "/usr/local/apache2/htdocs", htdocs), ("a", "/srv/a", htdocs)]
        );
        let own = text.replace("data:/x", "./httpd.conf:/etc/httpd.conf");
        assert!(of_compose("compose.yml", &own).iter().all(|mount| mount.handed_out.is_none()));
        let moved = text.replace("    volumes", "    environment:\n      - APACHE_DOCUMENT_ROOT=/x\n    volumes");
        assert!(of_compose("compose.yml", &moved).iter().all(|mount| mount.handed_out.is_none()));
    }

    fn has(sites: &[Site], path: &str) -> bool {
        sites.iter().any(|site| site.has(path, &Cell::new(0)))
    }

    #[test]
    fn commands_take_folders_to_sites() {
        let of = |command: &str, path: &str| has(&of_commands("deploy.sh", command), path);
        assert!(of("aws s3 sync . s3://shop --acl public-read", ".env"));
        assert!(!of("aws s3 sync . s3://backup", ".env"), "a bucket may be nobody's");
        assert!(!of("aws s3 sync s3://shop . --acl public-read", ".env"));
        assert!(!of("aws s3 sync . s3://shop --acl public-read --exclude '.env*'", ".env"));
        assert!(!of("aws s3 sync . s3://shop --acl public-read --exclude '*' --include '*.html'", ".env"));
        assert!(of("aws s3 sync . s3://shop --acl public-read --exclude '.*' --include '.env'", ".env"));
        assert!(of("aws s3 sync . s3://shop \\\n  --delete\naws cloudfront create-invalidation --paths '/*'", ".env"));
        assert!(
            of("az storage blob upload-batch -d '$web' -s site", "site/.env")
                && !of("az storage blob upload-batch -d x -s site", "site/.env")
        );
        assert!(of("web: php -S 0.0.0.0:$PORT -t site", "site/.env") && !of("web: php -S localhost:80 -t site", "site/.env"));
        assert!(!of("web: php -S 0.0.0.0:$PORT -t site", ".env"));
    }

    #[test]
    fn hosts_take_what_their_files_say() {
        let firebase = r#"{"hosting": {"public": "site", "ignore": ["firebase.json", "**/.*", "**/node_modules/**"]}}"#;
        let sites = of_host("web/firebase.json", firebase);
        assert!(has(&sites, "web/site/db.sql") && !has(&sites, "web/site/a/.env") && !has(&sites, "web/site/node_modules/a/db.sql"));
        assert!(!has(&sites, "db.sql"));
        let several = of_host("firebase.json", r#"{"hosting": [{"target": "a", "public": "a"}, {"target": "b", "public": "b"}]}"#);
        assert!(has(&several, "a/.env") && has(&several, "b/.env") && !has(&several, ".env"));
        let netlify = of_host("netlify.toml", "[build]\n  publish = \"site/\"\n  command = \"make\"\n");
        assert!(has(&netlify, "site/db.sql") && !has(&netlify, "site/.env") && !has(&netlify, "db.sql"));
        assert!(has(&of_host("vercel.json", r#"{"outputDirectory": "."}"#), "db.sql"));
        assert!(of_host("vercel.json", "{").is_empty() && of_host("firebase.json", "[1]").is_empty());
    }

    #[test]
    fn ignore_files_leave_out_what_they_name_last() {
        let of = |lines: &str, path: &str| LeftOut::read("", lines).has(path, &Cell::new(0));
        assert!(of("# x\n**/.env*\n", "a/.env.local") && of(".env\n", ".env") && !of(".env\n", "a/.env"));
        assert!(of("a\n", "a/.env") && of("a/**\n", "a/b/.env") && !of("*\n!.env\n", ".env") && of("*\n!src\n", ".env"));
    }
}
