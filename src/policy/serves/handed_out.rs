//! Whether something in a repository hands out a file that lies there: a server whose folder holds it, or an upload of a
//! site. A folder of a server is told by where images and compose files put the repository's folders, and by its name.

use std::cell::Cell;

use super::deployed::{self, LeftOut, Mount, Site, below, folder_of, joined};
use super::{Named, Read, Served};
use crate::syntax::server_config::Server;

/// Configurations of one repository that are looked at.
pub(in crate::policy) const MAX_FILES: usize = 1000;
/// The largest of them, in bytes.
pub(in crate::policy) const MAX_SIZE: u64 = 1 << 20;
/// Folders of servers, and folders that are put elsewhere.
const MAX_ROOTS: usize = 500;
const MAX_MOUNTS: usize = 200;
/// Folders around a file that are looked at.
const MAX_DEPTH: usize = 64;
/// Directives that all questions about one repository look at.
const MAX_WORK: usize = 20_000_000;

/// Files that may say so.
pub(in crate::policy) const FILES: &str = "**/{.htaccess,web.config,Web.config,applicationHost.config,Caddyfile,Caddyfile.*,*.caddyfile,*.conf,\
*.conf.template,*.vhost,*.nginx,sites-available/*,sites-enabled/*,Dockerfile,Dockerfile.*,*.dockerfile,Containerfile,\
docker-compose*.yml,docker-compose*.yaml,compose*.yml,compose*.yaml,.dockerignore,firebase.json,vercel.json,netlify.toml,\
package.json,Procfile,.gitlab-ci.yml,bitbucket-pipelines.yml,Makefile,deploy*.sh,.github/workflows/*.yml,.github/workflows/*.yaml}";

/// Names that folders have because servers are pointed at them.
const WEB_FOLDERS: [&str; 14] = [
    "public",
    "public_html",
    "htdocs",
    "httpdocs",
    "html",
    "www",
    "wwwroot",
    "webroot",
    "docroot",
    "web",
    "static",
    "dist",
    "_site",
    "site",
];

/// What of a repository may hand out files. Paths are those from its root.
#[derive(Default)]
pub(in crate::policy) struct Servers {
    configurations: Vec<Configuration>,
    mounts: Vec<Mount>,
    sites: Vec<Site>,
    left_out: Vec<LeftOut>,
    work: Cell<usize>,
    compared: Cell<usize>,
}

struct Configuration {
    path: String,
    named: Named,
    read: Read,
    roots: Vec<Root>,
}

/// A folder that a server is pointed at.
struct Root {
    /// What its paths begin with for who asks.
    prefix: String,
    folder: String,
    /// The folders of the repository that it may be, and whether it is one in an image.
    folders: Vec<(String, bool)>,
    span: std::ops::Range<usize>,
}

impl Servers {
    /// Takes what a file of the repository says.
    pub fn add(&mut self, path: &str, text: &str) {
        let name = super::name_of(path);
        let lower = name.to_ascii_lowercase();
        if name == ".dockerignore" {
            self.left_out.push(LeftOut::read(folder_of(path), text));
        } else if lower.contains("dockerfile") || lower == "containerfile" {
            self.mounts.extend(deployed::of_dockerfile(path, text));
        } else if lower.contains("compose") {
            self.mounts.extend(deployed::of_compose(path, text));
        } else if matches!(name, "firebase.json" | "vercel.json" | "netlify.toml") {
            self.sites.extend(deployed::of_host(path, text));
        } else if let Some(named) = Named::of(path) {
            let Some(Ok(read)) = named.read(text) else { return };
            let roots = roots(&read);
            self.configurations.push(Configuration { path: path.to_owned(), named, read, roots });
        } else {
            self.sites.extend(deployed::of_commands(path, text));
        }
    }

    /// Finds the folders of the repository that servers are pointed at, once all that says so was taken.
    pub fn joined(mut self) -> Servers {
        self.mounts.truncate(MAX_MOUNTS);
        let mut left = MAX_ROOTS;
        for one in &mut self.configurations {
            let beside = folder_of(&one.path);
            one.roots.truncate(left);
            left -= one.roots.len();
            for root in &mut one.roots {
                let folders = if is_absolute(&root.folder) {
                    self.mounts.iter().filter_map(|mount| mount.put(&root.folder)).collect()
                } else {
                    vec![(joined(beside, &root.folder), false), (joined("", &root.folder), false)]
                };
                root.folders = folders.into_iter().filter_map(|(folder, is_image)| Some((folder?, is_image))).collect();
                root.folders.sort();
                root.folders.dedup();
            }
        }
        self
    }

    /// The path of the file by which another is handed out; None where none is known to do so.
    pub fn hands_out(&self, path: &str) -> Option<&str> {
        // What lies in the folders themselves speaks first: a denial in one of them holds for all servers that read it.
        let mut denied = Vec::new();
        let mut found = None;
        for one in self.configurations.iter().filter(|one| one.named.in_folder) {
            let folder = folder_of(&one.path);
            if below(folder, path).is_none() {
                continue;
            }
            match self.asked(one, &url("", folder, path)) {
                Served::Yes(_) => found = Some((one.read.server, &*one.path)),
                _ => denied.push(one.read.server),
            }
        }
        if let Some((server, by)) = found
            && !denied.contains(&server)
        {
            return Some(by);
        }
        let is_left_out = self.left_out.iter().any(|left_out| left_out.has(path, &self.compared));
        for one in self.configurations.iter().filter(|one| !one.named.in_folder && !denied.contains(&one.read.server)) {
            for root in &one.roots {
                let known = root.folders.iter().filter(|(_, is_image)| !(*is_image && is_left_out)).map(|(folder, _)| &**folder);
                let named = named(&root.folder, folder_of(&one.path), path);
                for folder in known.chain(named).filter(|folder| below(folder, path).is_some_and(|rest| !rest.is_empty())) {
                    match self.asked(one, &url(&root.prefix, folder, path)) {
                        Served::Yes(at) if at == root.span || one.read.server == Server::Caddy => return Some(&one.path),
                        _ => {}
                    }
                }
            }
        }
        let by_image = |mount: &&Mount| {
            let Some(root) = mount.handed_out else { return false };
            let inner = || below(root.trim_matches('/'), mount.at.trim_matches('/')).map(|_| mount.folder.clone());
            let folder = mount.put(root).and_then(|(folder, _)| folder).or_else(inner);
            let is_there = folder.is_some_and(|folder| below(&folder, path).is_some());
            is_there && !denied.contains(&server_of(root)) && !(mount.is_image && is_left_out)
        };
        let by_image = self.mounts.iter().find(by_image).map(|mount| &*mount.told_by);
        by_image.or_else(|| self.sites.iter().find(|site| site.has(path, &self.compared)).map(|site| &*site.told_by))
    }

    fn asked(&self, one: &Configuration, url: &str) -> Served {
        if self.work.get() > MAX_WORK {
            return Served::unsure("more questions than are asked");
        }
        one.read.served(one.named, url, Some(&self.work))
    }
}

/// Which server hands out a folder of a well-known image.
fn server_of(root: &str) -> Server {
    match root {
        "/usr/share/nginx/html" => Server::Nginx,
        "/usr/share/caddy" => Server::Caddy,
        _ => Server::Apache,
    }
}

impl Mount {
    /// Which folder of the repository one of a server is; whether that is in an image.
    fn put(&self, root: &str) -> Option<(Option<String>, bool)> {
        let rest = below(self.at.trim_matches('/'), root.trim_matches('/'))?;
        Some((joined(&self.folder, rest), self.is_image))
    }
}

fn is_absolute(folder: &str) -> bool {
    folder.starts_with('/') || folder.as_bytes().get(1) == Some(&b':')
}

/// The folder around a file that has the name of a server's, where that name is one of servers' folders, or more of the
/// way to it is the same.
fn named<'p>(root: &str, beside: &str, path: &'p str) -> Option<&'p str> {
    if !is_absolute(root) {
        return None;
    }
    let root = root.trim_end_matches('/');
    let last = super::name_of(root);
    path.match_indices('/').take(MAX_DEPTH).map(|(at, _)| &path[..at]).find(|folder| {
        let outer = folder_of(folder);
        let is_web = || WEB_FOLDERS.contains(&last) && (outer.is_empty() || below(outer, beside).is_some());
        super::name_of(folder) == last && (is_web() || !outer.is_empty() && root.ends_with(&format!("/{folder}")))
    })
}

fn url(prefix: &str, folder: &str, path: &str) -> String {
    format!("{}/{}", prefix.trim_end_matches('/'), below(folder, path).unwrap_or(path))
}

/// The folders that a configuration names.
fn roots(read: &Read) -> Vec<Root> {
    let mut all = Vec::new();
    for (number, one) in read.tree.all() {
        let argument = |at: usize| one.arg(at).map(str::to_owned);
        let (prefix, folder) = match (read.server, one.name.to_ascii_lowercase().as_str()) {
            (Server::Nginx, "root") | (Server::Apache, "documentroot") => (String::new(), argument(0)),
            (Server::Nginx, "alias") => {
                let location = read.tree.around(number).map(|(_, outer)| outer).find(|outer| outer.is("location"));
                let prefix = match location.map(|location| (location.arg(0), location.arg(1))) {
                    Some((Some("^~"), Some(prefix)) | (Some(prefix), None)) if prefix.starts_with('/') => prefix.to_owned(),
                    _ => continue,
                };
                (prefix, argument(0))
            }
            (Server::Caddy, "root") => (String::new(), one.args.last().map(|folder| String::from(&**folder))),
            (Server::Lighttpd, "server.document-root") => (String::new(), Some(read.lighttpd_folder(one))),
            (Server::Iis, "virtualdirectory") => {
                let physical = one.args.iter().find_map(|arg| arg.strip_prefix("physicalPath="));
                (String::new(), physical.map(str::to_owned))
            }
            _ => continue,
        };
        if let Some(folder) = folder.filter(|folder| !folder.is_empty() && !folder.contains(['$', '{', '%'])) {
            all.push(Root { prefix, folder: folder.replace('\\', "/"), folders: Vec::new(), span: one.span.clone() });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(files: &[(&str, &str)], path: &str) -> String {
        let mut servers = Servers::default();
        for (path, text) in files {
            servers.add(path, text);
        }
        servers.joined().hands_out(path).unwrap_or("nobody").to_owned()
    }

    #[test]
    fn a_folder_of_a_server_is_told_by_its_name_and_by_what_is_put_there() {
        let nginx = |root: &str| format!("server {{\n  root {root};\n}}\n");
        let of = |root: &str, path: &str| by(&[("deploy/nginx.conf", &nginx(root))], path);
        assert_eq!(of("/var/www/shop/public", "public/.env"), "deploy/nginx.conf");
        assert_eq!(of("/var/www/shop/public", "public/a/dump.sql"), "deploy/nginx.conf");
        assert_eq!(of("/var/www/shop/public", ".env"), "nobody");
        assert_eq!(of("/var/www/shop/public", "other/public/.env"), "nobody");
        assert_eq!(of("/srv/shop/front/app", "front/app/.env"), "deploy/nginx.conf");
        assert_eq!(of("/srv/app", "app/.env"), "nobody", "any folder may be called so");
        assert_eq!(of("$folder", "public/.env"), "nobody");
        assert_eq!(by(&[("Caddyfile", "a.example {\n\troot * public\n\tfile_server\n}\n")], "public/.env"), "Caddyfile");
        assert_eq!(by(&[("web/Caddyfile", "a.example {\n\troot * ..\n\tfile_server\n}\n")], ".env"), "web/Caddyfile");

        let (conf, image) = (("nginx.conf", &*nginx("/srv/app")), ("Dockerfile", "FROM nginx\nWORKDIR /srv\nCOPY --chown=a . app/\n"));
        assert_eq!(by(&[conf, image], ".env"), "nginx.conf");
        assert_eq!(by(&[conf, image, (".dockerignore", "# x\n**/.env*\n")], ".env"), "nobody");
        assert_eq!(by(&[conf, image, (".dockerignore", "node_modules\n")], "a/.env"), "nginx.conf");
        assert_eq!(by(&[conf, image, (".dockerignore", "a\n")], "a/.env"), "nobody");
        assert_eq!(by(&[conf, ("Dockerfile", "FROM a\nCOPY --from=b /x /srv/app\nCOPY src /srv/app/src\n")], ".env"), "nobody");
        let compose = ("docker/compose.yml", "services:\n  web:\n    volumes:\n      - ../app:/srv/app:ro\n      - data:/srv/data\n");
        assert_eq!(by(&[conf, compose], "app/.env"), "nginx.conf");
        assert_eq!(by(&[conf, compose], ".env"), "nobody");
    }

    #[test]
    fn what_is_denied_is_not_handed_out() {
        let denies = "server {\n  root /srv/public;\n  location ~ /\\. { deny all; }\n}\n";
        assert_eq!(by(&[("nginx.conf", denies)], "public/.env"), "nobody");
        assert_eq!(by(&[("nginx.conf", denies)], "public/dump.sql"), "nginx.conf");
        let alias = "server {\n  root /a;\n  location /static/ {\n    alias /srv/static/;\n  }\n}\n";
        assert_eq!(by(&[("nginx.conf", alias)], "static/db.sql"), "nginx.conf");
        let elsewhere = "server {\n  root /srv/public;\n  location / {\n    root /other;\n  }\n}\n";
        assert_eq!(by(&[("nginx.conf", elsewhere)], "public/.env"), "nobody", "another folder answers");

        let rewrites = "RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ index.php [L]\n";
        assert_eq!(by(&[(".htaccess", rewrites)], ".env"), ".htaccess");
        assert_eq!(by(&[("public/.htaccess", rewrites)], ".env"), "nobody");
        assert_eq!(by(&[(".htaccess", rewrites), ("a/.htaccess", "Require all denied\n")], "a/.env"), "nobody");
        assert_eq!(by(&[(".htaccess", "RewriteRule ^(.*)$ public/$1 [L]\n")], ".env"), "nobody");
        assert_eq!(by(&[(".htaccess", "<FilesMatch \"^\\.\">\nRequire all denied\n</FilesMatch>\n")], ".env"), "nobody");
        let site = ("apache.conf", "<VirtualHost *>\nDocumentRoot /var/www/html\n</VirtualHost>\n");
        assert_eq!(by(&[site], "html/.env"), "apache.conf");
        assert_eq!(by(&[site, ("html/.htaccess", "RedirectMatch 404 /\\.\n")], "html/.env"), "nobody");

        let typed = "<configuration><system.webServer><staticContent><mimeMap fileExtension=\".env\" /></staticContent></system.webServer></configuration>";
        assert_eq!(by(&[("wwwroot/web.config", typed)], "wwwroot/.env"), "wwwroot/web.config");
        assert_eq!(by(&[("wwwroot/web.config", "<configuration/>")], "wwwroot/.env"), "nobody");
        assert_eq!(by(&[("lighttpd.conf", "server.document-root = \"/srv/htdocs\"\n")], "htdocs/.env"), "lighttpd.conf");
    }

    #[test]
    fn images_sites_and_uploads_hand_out_what_is_copied() {
        let image = ("Dockerfile", "FROM php:8.3-apache\nCOPY . /var/www/html/\n");
        assert_eq!(by(&[image], ".env"), "Dockerfile");
        assert_eq!(by(&[image, (".dockerignore", ".env\n")], ".env"), "nobody");
        assert_eq!(by(&[image, (".htaccess", "<FilesMatch \"^\\.\">\nRequire all denied\n</FilesMatch>\n")], ".env"), "nobody");
        assert_eq!(by(&[("Dockerfile", "FROM nginx\nCOPY dist /usr/share/nginx/html\n")], ".env"), "nobody");
        assert_eq!(by(&[("Dockerfile", "FROM nginx\nCOPY dist /usr/share/nginx/html\n")], "dist/.env"), "Dockerfile");
        assert_eq!(by(&[("Dockerfile", "FROM nginx\nCOPY dist /usr/share/nginx/html/a\n")], "dist/.env"), "Dockerfile");
        assert_eq!(by(&[("Dockerfile", "FROM nginx\nCOPY . /srv\n")], ".env"), "nobody");
        assert_eq!(by(&[("Dockerfile", "FROM php:8-apache\nCOPY src .env ./\n")], ".env"), "Dockerfile");
        let upload = "jobs:\n  - run: aws s3 sync ./site s3://shop --acl public-read\n";
        assert_eq!(by(&[(".github/workflows/deploy.yml", upload)], "site/.env"), ".github/workflows/deploy.yml");
        let script = "{\"scripts\": {\"deploy\": \"aws s3 cp . s3://shop --recursive --acl public-read && echo\"}}";
        assert_eq!(by(&[("web/package.json", script)], "web/.env"), "web/package.json");
        assert_eq!(by(&[("web/package.json", script)], ".env"), "nobody");
    }

    #[test]
    fn hostile_repositories_are_answered() {
        let deep = "a/".repeat(2000);
        let roots = "root /srv/public;\n".repeat(50_000);
        let mounts = "COPY . /srv/public\n".repeat(20_000);
        let lines = "*a*b*c*\n".repeat(2000);
        let files = [("nginx.conf", &*format!("server {{\n{roots}}}\n")), ("Dockerfile", &mounts), (".dockerignore", &lines)];
        assert_ne!(by(&files, &format!("{}.env", &deep[..40])), "");
        assert_ne!(by(&files[..2], &format!("{deep}.env")), "");
        let located = "location /a { root /srv/public; }\n".repeat(20_000);
        assert_ne!(by(&[("nginx.conf", &format!("server {{\n{located}}}\n")), files[1]], "a/.env"), "");
    }
}
