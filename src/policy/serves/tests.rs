//! What servers do with `/.env`, by their documentation; `git` is `/.git/config`.

use super::*;

/// The line of the directive that serves it, `no`, or what it hangs on.
fn said(name: &str, text: &str, path: &str) -> String {
    let Some(named) = Named::of(name) else { return "no".to_owned() };
    match named.serves(text, &[path.into()]).remove(0) {
        Served::Yes(at) => text[at].to_owned(),
        Served::No => "no".to_owned(),
        Served::Unsure(why) => format!("? {why}"),
        Served::Unsaid => panic!("an answer"),
    }
}

fn nginx(body: &str) -> String {
    said("nginx/site.conf", &format!("server {{\n  root /srv;\n{body}\n}}\n"), "/.env")
}

#[test]
fn nginx_takes_the_location_by_its_own_order() {
    for (body, want) in [
        ("", "root /srv"),
        ("location / { }", "root /srv"),
        ("location / { try_files $uri $uri/ /index.html; }", "root /srv"),
        ("location / { try_files $uri @app; }", "root /srv"),
        ("location / { try_files /index.html =404; }", "no"),
        ("location / { proxy_pass http://app; }", "no"),
        ("location / { } location ~ /\\. { deny all; }", "no"),
        ("location / { } location ~ /\\.(?!well-known).* { deny all; }", "no"),
        ("location / { } location ~ /\\.(?!env) { deny all; }", "root /srv"),
        ("location / { } location ~ /\\.ht { deny all; }", "root /srv"),
        ("location / { } location ~ \"/\\.(env|git)\" { return 404; }", "no"),
        ("location ~ /\\.ENV { deny all; }", "root /srv"),
        ("location ~* /\\.ENV { deny all; }", "no"),
        // The first pattern in order, not the longest.
        ("location ~ ^/ { } location ~ /\\. { deny all; }", "root /srv"),
        ("location ~ /\\. { deny all; } location ~ ^/ { }", "no"),
        // A prefix with ^~ keeps patterns out; a longer prefix without does not.
        ("location ^~ / { } location ~ /\\. { deny all; }", "root /srv"),
        ("location /.e { } location ~ /\\. { deny all; }", "no"),
        ("location ^~ / { } location /.env { deny all; }", "no"),
        ("location = /.env { return 404; } location ~ /\\. { }", "no"),
        ("location = /.env { } location ~ /\\. { deny all; }", "root /srv"),
        ("location / { location ~ /\\. { deny all; } }", "no"),
        ("location / { alias /var/www/; }", "alias /var/www/"),
        ("location = /.env { alias /srv/empty.txt; }", "no"),
        ("location / { root /other; }", "root /other"),
        ("location / { internal; }", "no"),
        ("location @app { deny all; }", "root /srv"),
    ] {
        assert_eq!(nginx(body), want, "{body}");
    }
}

#[test]
fn nginx_denies_by_rules_and_by_rewrites() {
    for (body, want) in [
        ("deny all;", "no"),
        ("allow 10.0.0.0/8; deny all;", "no"),
        ("deny 10.0.0.1;", "root /srv"),
        ("deny all; location / { allow all; }", "root /srv"),
        ("auth_basic secret;", "no"),
        ("auth_basic secret; location / { auth_basic off; }", "root /srv"),
        ("return 301 https://$host$request_uri;", "no"),
        ("rewrite ^ https://example.com$uri permanent;", "no"),
        ("rewrite ^/app /index.php last;", "root /srv"),
        ("if ($request_uri ~ \"\\.env\") { return 404; }", "no"),
        ("if ($request_method !~ ^(GET|HEAD)$) { return 405; }", "root /srv"),
        ("if ($scheme != https) { return 301 https://$host$uri; }", "root /srv"),
        ("if (!-e $request_filename) { rewrite ^ /index.php last; }", "root /srv"),
        ("location ~ /\\. { limit_except GET { deny all; } }", "root /srv"),
    ] {
        assert_eq!(nginx(body), want, "{body}");
    }
}

#[test]
fn what_nginx_does_not_say_here_is_not_known() {
    for (body, want) in [
        ("include snippets/deny.conf;", "? include snippets/deny.conf"),
        ("include mime.types;", "root /srv"),
        ("include snippets/x.conf; location ~ /\\. { deny all; }", "no"),
        ("if ($blocked) { return 403; }", "? if ($blocked)"),
        ("location / { root $folder; }", "? root $folder"),
        ("location ~ (?<!x)env { deny all; }", "? the pattern (?<!x)env"),
        ("location ~ (?<!x)env { deny all; } location / { deny all; }", "no"),
        ("location / { auth_request /auth; }", "? auth_request"),
        ("location / { access_by_lua_block { if x then y = {} end } }", "? access_by_lua_block"),
    ] {
        assert_eq!(nginx(body), want, "{body}");
    }
    let of = |text| said("conf.d/default.conf", text, "/.env");
    assert_eq!(of("server { listen 80; }"), "no", "no folder of its own");
    assert_eq!(of("location / { root /srv; }"), "no", "a part of a server");
    assert_eq!(of("http { root /a; server { location /x { deny all; } } }"), "no", "no server on a line of its own");
    assert_eq!(said("nginx.conf", "http { root /a; server { location /x { deny all; } } }", "/.env"), "root /a");
    assert_eq!(said("nginx.conf", "stream { server { root /a; } }", "/.env"), "no");
    assert_eq!(said("nginx.conf", "server { return 301 x; }\nserver { root /b; }", "/.env"), "root /b");
    assert!(said("nginx.conf.j2", "server { root {{ x }}; }", "/.env").starts_with("? this configuration, which is not read"));
    assert_eq!(said("main.rs", "server { root /a; }", "/.env"), "no");
}

fn apache(body: &str, path: &str) -> String {
    said("apache2.conf", &format!("<VirtualHost *:80>\nDocumentRoot /var/www/html\n{body}\n</VirtualHost>\n"), path)
}

#[test]
fn apache_merges_its_sections() {
    let root = "DocumentRoot /var/www/html";
    for (body, want) in [
        ("", root),
        ("<Directory /var/www/html>\nRequire all granted\n</Directory>", root),
        ("<Directory />\nRequire all denied\n</Directory>", "no"),
        ("<Directory /var/www>\nRequire all granted\n</Directory>\n<Directory />\nRequire all denied\n</Directory>", root),
        ("<Directory /srv>\nRequire all denied\n</Directory>", root),
        ("<Files .env>\nRequire all denied\n</Files>", "no"),
        ("<Files \".*\">\nOrder allow,deny\nDeny from all\n</Files>", "no"),
        ("<FilesMatch \"^\\.\">\nRequire all denied\n</FilesMatch>", "no"),
        ("<FilesMatch \"^\\.ht\">\nRequire all denied\n</FilesMatch>", root),
        ("<Files ~ \"^\\.env\">\nDeny from all\n</Files>", "no"),
        ("<FilesMatch \"^\\.\">\nRequire all denied\n</FilesMatch>\n<Location />\nRequire all granted\n</Location>", root),
        ("<LocationMatch \"/\\.\">\nRequire all denied\n</LocationMatch>", "no"),
        ("<DirectoryMatch \"/\\.git\">\nRequire all denied\n</DirectoryMatch>", root),
        ("RedirectMatch 404 /\\.", "no"),
        ("Redirect permanent / https://example.com/", "no"),
        ("ProxyPass / http://app:8080/", "no"),
        ("ProxyPass / !\nProxyPass / http://app:8080/", root),
        ("RewriteEngine On\nRewriteRule ^/\\.env - [F,L]", "no"),
        ("RewriteEngine On\nRewriteCond %{HTTPS} off\nRewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301]", root),
        ("RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ /index.php [L]", root),
        ("RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} -f [OR]\nRewriteCond %{REQUEST_FILENAME} -d\nRewriteRule ^ - [L]", root),
        ("<IfModule mod_authz_core.c>\nRequire all denied\n</IfModule>\n<IfModule !mod_authz_core.c>\nAllow from all\n</IfModule>", root),
        ("<Location />\n<IfModule mod_authz_core.c>\nRequire ip 10.0.0.0/8\n</IfModule>\n</Location>", "no"),
        ("<Location />\n<RequireAll>\nRequire all granted\nRequire not ip 10.0.0.1\n</RequireAll>\n</Location>", root),
        ("<Location />\nAuthType Basic\nRequire valid-user\n</Location>", "no"),
        ("<Location />\nOrder deny,allow\nDeny from all\nAllow from 10.0.0.0/8\n</Location>", "no"),
        ("<Directory /var/www>\n<FilesMatch \"^\\.\">\nRequire all denied\n</FilesMatch>\n</Directory>", "no"),
        ("<Directory /srv>\n<FilesMatch \"^\\.\">\nRequire all denied\n</FilesMatch>\n</Directory>", root),
        ("Include conf/deny.conf", "? Include conf/deny.conf"),
        ("<If \"%{REQUEST_URI} =~ /x/\">\nRequire all denied\n</If>", "? <If %{REQUEST_URI} =~ /x/>"),
        ("<Directory ${ROOT}>\nRequire all denied\n</Directory>", "? <Directory ${ROOT}>"),
    ] {
        assert_eq!(apache(body, "/.env"), want, "{body}");
    }
    let dots = "<FilesMatch \"^\\.\">\nRequire all denied\n</FilesMatch>";
    assert_eq!(apache(dots, "/.git/config"), root, "a folder with a dot is no file with one");
    assert_eq!(apache("<DirectoryMatch \"/\\.git\">\nRequire all denied\n</DirectoryMatch>", "/.git/config"), "no");
}

#[test]
fn a_htaccess_denies_and_only_a_server_serves() {
    let of = |text: &str| said("public/.htaccess", text, "/.env");
    assert_eq!(of("<Files .env>\nRequire all granted\n</Files>"), "Require all granted");
    assert_eq!(of("Require all denied"), "no");
    assert_eq!(of("RewriteEngine On\nRewriteRule ^\\.env - [F]"), "no");
    assert_eq!(of("Options -Indexes"), "? the server that reads this .htaccess");
    assert_eq!(said("httpd.conf", "Listen 80", "/.env"), "no");
    assert_eq!(
        said("httpd.conf", "DocumentRoot /a\n<Files .env>\nRequire all denied\n</Files>\n<VirtualHost *>\n</VirtualHost>", "/.env"),
        "no"
    );
}

fn caddy(body: &str, path: &str) -> String {
    said("Caddyfile", &format!("{{\n\temail a@example.com\n}}\nexample.com {{\n{body}\n}}\n"), path)
}

#[test]
fn caddy_runs_handlers_in_its_own_order() {
    for (body, want) in [
        ("root * /srv\nfile_server", "file_server"),
        ("root * /srv", "no"),
        ("file_server\nrespond /.env 404", "no"),
        ("file_server\nrespond /.git/* 404", "file_server"),
        ("@dot path */.*\nrespond @dot 403\nfile_server", "no"),
        ("@dot {\npath /.*\nnot path /.well-known/*\n}\nfile_server\nerror @dot 404", "no"),
        ("@dot path_regexp \\.git\nrespond @dot 403\nfile_server", "file_server"),
        ("@dot not path /.env\nrespond @dot 403\nfile_server", "file_server"),
        ("@post method POST\nrespond @post 403\nfile_server", "file_server"),
        ("@www host www.example.com\nredir @www https://example.com{uri}\nfile_server", "file_server"),
        ("@app host app.example.com\nhandle @app {\nfile_server\n}\nrespond 404", "file_server"),
        ("file_server {\nhide .env .git\n}", "no"),
        ("file_server {\nhide .git\n}", "file_server"),
        ("file_server {\nhide .*\n}", "no"),
        ("file_server /assets/*", "no"),
        ("file_server *", "file_server *"),
        ("reverse_proxy app:8080\nfile_server", "no"),
        ("reverse_proxy /api/* app:8080\nfile_server", "file_server"),
        ("php_fastcgi php:9000\nfile_server", "file_server"),
        ("try_files {path} /index.html\nfile_server", "file_server"),
        ("rewrite /index.html\nfile_server", "no"),
        ("basic_auth {\nbob x\n}\nfile_server", "no"),
        ("handle /api/* {\nreverse_proxy app\n}\nhandle {\nroot * /srv\nfile_server\n}", "file_server"),
        ("handle {\nfile_server\n}\nhandle /.* {\nrespond 404\n}", "no"),
        ("handle_path /* {\nfile_server\n}", "file_server"),
        ("route {\nfile_server\nrespond 404\n}", "file_server"),
        ("route {\nrespond 404\nfile_server\n}", "no"),
        ("root * {$ROOT}\nfile_server", "? root {$ROOT}"),
        ("root * {$ROOT:/srv}\nfile_server", "file_server"),
        ("import common.caddy\nfile_server", "? import common.caddy"),
    ] {
        assert_eq!(caddy(body, "/.env"), want, "{body}");
    }
    let snippet = "(safe) {\n@dot path /.*\nrespond @dot 404\n}\nexample.com {\nimport safe\nfile_server\n}\n";
    assert_eq!(said("deploy/Caddyfile", snippet, "/.env"), "no");
    assert_eq!(said("Caddyfile", "localhost\nfile_server\n", "/.env"), "file_server");
    assert_eq!(said("Caddyfile", "(a) {\nimport a\n}\nexample.com {\nimport a\nfile_server\n}\n", "/.env"), "? import a");
}

fn lighttpd(body: &str, path: &str) -> String {
    said("lighttpd/lighttpd.conf", &format!("var.base = \"/srv\"\nserver.document-root = var.base + \"/web\"\n{body}\n"), path)
}

#[test]
fn lighttpd_puts_conditions_over_what_is_around_them() {
    let root = "server.document-root = var.base + \"/web\"";
    for (body, want) in [
        ("", root),
        ("url.access-deny = ( \"~\", \".inc\" )", root),
        ("url.access-deny = ( \"~\", \".inc\", \".env\" )", "no"),
        ("url.access-deny = ( \".env\" )\nurl.access-deny = ( \"~\" )", root),
        ("url.access-deny = ( \".env\" )\nurl.access-deny += ( \"~\" )", "no"),
        ("$HTTP[\"url\"] =~ \"/\\.\" {\n  url.access-deny = ( \"\" )\n}", "no"),
        ("$HTTP[\"url\"] =~ \"^/\\.git\" { url.access-deny = ( \"\" ) }", root),
        ("$HTTP[\"url\"] =^ \"/.\" { url.access-deny = ( \"\" ) }", "no"),
        ("$HTTP[\"url\"] =~ \"^/\\.well\" { } else { url.access-deny = ( \"\" ) }", "no"),
        ("$HTTP[\"url\"] =~ \"/\\.\" { url.access-deny = ( \"\" ) $HTTP[\"url\"] == \"/.env\" { url.access-deny = () } }", root),
        ("$HTTP[\"remoteip\"] !~ \"^10\" { url.access-deny = ( \"\" ) }", "no"),
        ("$HTTP[\"host\"] == \"a\" { server.document-root = \"/srv/a\" }\nurl.access-deny = ( \".x\" )", root),
        (
            "$HTTP[\"host\"] == \"a\" { server.document-root = \"/a\" url.access-deny = () }\nurl.access-deny = ( \"\" )",
            "server.document-root = \"/a\"",
        ),
        ("url.redirect = ( \"^/(.*)\" => \"https://example.com/$1\" )", "no"),
        ("url.rewrite-if-not-file = ( \"^/(.*)\" => \"/index.php/$1\" )", root),
        ("url.rewrite-once = ( \"^/(.*)\" => \"/index.php/$1\" )", "? url.rewrite-once ^/(.*)"),
        ("proxy.server = ( \"\" => ( ( \"host\" => \"127.0.0.1\" ) ) )", "no"),
        ("fastcgi.server = ( \".php\" => (( \"socket\" => \"/tmp/php\" )) )", root),
        ("auth.require = ( \"/\" => ( \"method\" => \"basic\", \"require\" => \"valid-user\" ) )", "no"),
        ("include \"conf.d/deny.conf\"", "? include conf.d/deny.conf"),
        ("include_shell \"/usr/share/lighttpd/create-mime.assign.pl\"", root),
    ] {
        assert_eq!(lighttpd(body, "/.env"), want, "{body}");
    }
    assert_eq!(said("conf/lighttpd.conf", "server.document-root = env.ROOT", "/.env"), "? server.document-root = ${env.ROOT}");
    assert_eq!(said("conf/www.conf", "server.document-root = \"/a\"\n", "/.env"), "server.document-root = \"/a\"");
    assert_eq!(said("conf/lighttpd.conf", "server.port = 80", "/.env"), "no");
}

fn iis(body: &str, path: &str) -> String {
    said("site/Web.config", &format!("<configuration><system.webServer>\n{body}\n</system.webServer></configuration>\n"), path)
}

#[test]
fn iis_gives_out_what_it_has_a_type_for() {
    let map = "<staticContent><mimeMap fileExtension=\".env\" mimeType=\"text/plain\" /></staticContent>";
    let at = "mimeMap fileExtension=\".env\" mimeType=\"text/plain";
    let filter = |inside: &str| format!("{map}<security><requestFiltering>{inside}</requestFiltering></security>");
    for (body, want) in [
        (String::new(), "no"),
        (map.to_owned(), at),
        (filter("<hiddenSegments><add segment=\".git\" /></hiddenSegments>"), at),
        (filter("<hiddenSegments><add segment=\".ENV\" /></hiddenSegments>"), "no"),
        (filter("<fileExtensions><add fileExtension=\".env\" allowed=\"false\" /></fileExtensions>"), "no"),
        (filter("<fileExtensions allowUnlisted=\"false\"><add fileExtension=\".js\" allowed=\"true\" /></fileExtensions>"), "no"),
        (filter("<fileExtensions allowUnlisted=\"false\"><add fileExtension=\".env\" allowed=\"true\" /></fileExtensions>"), at),
        (filter("<denyUrlSequences><add sequence=\"/.\" /></denyUrlSequences>"), "no"),
        (format!("{map}<handlers><add name=\"a\" path=\"*\" verb=\"*\" modules=\"AspNetCoreModuleV2\" /></handlers>"), "no"),
        (format!("{map}<handlers><add name=\"a\" path=\"*.php\" verb=\"*\" modules=\"FastCgiModule\" /></handlers>"), at),
        (format!("{map}<httpRedirect enabled=\"true\" destination=\"https://example.com\" />"), "no"),
    ] {
        assert_eq!(iis(&body, "/.env"), want, "{body}");
    }
    let rule = |inside: &str| format!("{map}<rewrite><rules><rule name=\"a\" stopProcessing=\"true\">{inside}</rule></rules></rewrite>");
    for (inside, want) in [
        ("<match url=\"^\\.\" /><action type=\"CustomResponse\" statusCode=\"404\" />", "no"),
        (
            "<match url=\".*\" /><conditions><add input=\"{REQUEST_FILENAME}\" matchType=\"IsFile\" negate=\"true\" /></conditions><action type=\"Rewrite\" url=\"index.php\" />",
            at,
        ),
        ("<match url=\".*\" /><action type=\"Rewrite\" url=\"index.php\" />", "no"),
        ("<match url=\"(.*)\" /><action type=\"Rewrite\" url=\"public/{R:1}\" />", "? the rewrite to public/{R:1}"),
        (
            "<match url=\"(.*)\" /><conditions><add input=\"{HTTPS}\" pattern=\"off\" /></conditions><action type=\"Redirect\" url=\"https://a/{R:1}\" />",
            at,
        ),
    ] {
        assert_eq!(iis(&rule(inside), "/.env"), want, "{inside}");
    }
    assert_eq!(
        iis("<staticContent><mimeMap fileExtension=\".\" mimeType=\"a/b\" /></staticContent>", "/.git/config"),
        "mimeMap fileExtension=\".\" mimeType=\"a/b"
    );
    assert_eq!(iis("", "/backup.zip"), "? the server that reads this web.config");
    let apart = "</system.webServer><location path=\"a\"><system.webServer><httpRedirect enabled=\"true\" /></system.webServer></location><system.webServer>";
    assert_eq!(iis(&format!("{map}{apart}"), "/ab/.env"), at);
    assert_eq!(iis(&format!("{map}{apart}"), "/a/.env"), "no");
    let host = "<configuration><sites><site><application path=\"/\"><virtualDirectory path=\"/\" physicalPath=\"C:\\site\" /></application></site></sites></configuration>";
    assert_eq!(said("iis/applicationHost.config", host, "/a.zip"), "virtualDirectory path=\"/\" physicalPath=\"C:\\site");
}

#[test]
fn hostile_configurations_are_answered() {
    let path = "/.env";
    let many = |count: usize, piece: &dyn Fn(usize) -> String| (0..count).map(piece).collect::<String>();
    let server = |inside: String| format!("server {{ root /srv;\n{inside} }}");
    assert_eq!(said("nginx.conf", &server(many(60_000, &|n| format!("location /a{n} {{ }}\n"))), path), "root /srv");
    assert!(said("nginx.conf", &server(many(60_000, &|n| format!("location ~ a{n} {{ }}\n"))), path).starts_with("? more directives"));
    assert!(said("nginx.conf", &server(many(210_000, &|n| format!("location /a{n} {{ }}\n"))), path).starts_with("? this configuration"));
    assert!(said("nginx.conf", &"{".repeat(10 << 20), path).starts_with("? this configuration"));
    assert!(
        said("nginx.conf", &format!("http {{ {} }}", many(60_000, &|_| "server { }\n".to_owned())), path).starts_with("? more directives")
    );
    let hosts = many(30_000, &|_| "<VirtualHost *>\nDocumentRoot /a\nRequire all denied\n</VirtualHost>\n".to_owned());
    assert_ne!(said("httpd.conf", &hosts, path), "");
    let sites = many(30_000, &|n| format!("a{n} {{\nimport x\n}}\n"));
    assert_ne!(said("Caddyfile", &sites, path), "");
    let conditions = many(20_000, &|n| format!("$HTTP[\"host\"] == \"a{n}\" {{ url.access-deny = ( \"\" ) }}\n"));
    assert_ne!(said("lighttpd.conf", &format!("server.document-root = \"/a\"\nurl.access-deny = (\"\")\n{conditions}"), path), "");
    let elements = many(60_000, &|n| format!("<location path=\"a{n}\"/><rule><match url=\"a{n}\"/><action type=\"None\"/></rule>\n"));
    assert_ne!(said("web.config", &elements, path), "");
    let nested = format!("{}{}", "(?!a".repeat(100), ")".repeat(100));
    assert_eq!(nginx(&format!("location ~ {nested} {{ }}")), "root /srv");
}

proptest::proptest! {
    #[test]
    fn any_text_is_answered(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "server {", "location ~ /\\. {", "}", ";", "\n", " ", "root /a", "<Files .env>\n", "</Files>\n", "DocumentRoot /a\n", "Require all denied\n",
        "handle {\n", "import x\n", "file_server\n", "@a {\n", "respond @a 403\n", "é", "\"", "<VirtualHost *>\n", "not ", "RewriteRule ^ - [F]\n",
        "$HTTP[\"url\"] =~ \"/\\.\" {", "server.document-root = ", "\"/a\"", "( ", " => ", "<rule>", "<match url=\"a\"/>", "<mimeMap fileExtension=\".\">", " else ",
    ]), 0..40)) {
        let text = pieces.concat();
        for name in ["nginx.conf", "httpd.conf", "Caddyfile", ".htaccess", "default.conf", "lighttpd.conf", "web.config"] {
            said(name, &text, "/.env");
        }
    }
}
