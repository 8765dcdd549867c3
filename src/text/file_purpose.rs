//! What a file is for, as its name says.

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilePurpose {
    /// Settings, a line each: `name: value`, `name = value` or `name value`.
    Settings,
    /// Variables: `NAME=value`.
    Variables,
    /// What a program reads when it starts, in another form.
    Config,
    /// Commands of a shell.
    Script,
    /// Anything else that is a file rather than a folder.
    Other,
}

use FilePurpose::{Config, Other, Script, Settings, Variables};

/// Endings of names.
const ENDINGS: [(&[&str], FilePurpose); 5] = [
    (
        &[
            "cfg", "cnf", "conf", "ini", "properties", "toml", "yaml", "yml",
        ],
        Settings,
    ),
    (&["env", "envrc"], Variables),
    (
        &["config", "hcl", "json", "lua", "rules", "vcl", "xml"],
        Config,
    ),
    (&["bash", "sh"], Script),
    (
        &[
            "cer", "cert", "crt", "css", "csv", "db", "graphql", "gz", "html", "j2", "js", "key",
            "log", "md", "pem", "php", "py", "rb", "sql", "sqlite", "sqlite3", "template", "tmpl",
            "ts", "txt", "zip",
        ],
        Other,
    ),
];

/// Names without an ending.
const NAMES: [(&[&str], FilePurpose); 2] = [
    (&["Caddyfile", "Corefile"], Config),
    (
        &[
            ".htpasswd", ".pgpass", "Dockerfile", "Gemfile", "LICENSE", "Makefile", "Procfile",
            "README", "crontab", "htpasswd",
        ],
        Other,
    ),
];

impl FilePurpose {
    /// What a file with a path is for; `None` for what may as well be a folder.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or_default();
        // `.env.local`, `.env_local`, `.envrc`, but not `.environments`.
        if let Some(rest) = name.strip_prefix(".env")
            && (rest == "rc" || !rest.starts_with(char::is_alphanumeric))
        {
            return Some(Variables);
        }
        // `.npmrc`, `.netrc`.
        if name.starts_with('.') && name.ends_with("rc") {
            return Some(Config);
        }
        let listed = |table: &[(&[&str], Self)], wanted: &str| {
            let mut rows = table.iter();
            rows.find_map(|(names, kind)| names.contains(&wanted).then_some(*kind))
        };
        match name.rsplit_once('.') {
            // `.config` is a folder.
            None | Some(("", _)) => listed(&NAMES, name),
            Some((_, ending)) => listed(&ENDINGS, ending),
        }
    }

    /// Whether a program reads it when it starts.
    pub(crate) fn is_read_at_start(self) -> bool {
        matches!(self, Settings | Variables | Config)
    }
}

#[cfg(test)]
mod tests {
    use super::FilePurpose::{self, Config, Other, Script, Settings, Variables};

    #[test]
    fn a_file_is_known_by_its_name() {
        for (path, kind) in [
            ("./nginx.conf", Settings),
            ("a/b.c.yml", Settings),
            (".env", Variables),
            ("files/.env.local", Variables),
            (".env_local", Variables),
            (".envrc", Variables),
            ("files/app.env", Variables),
            ("/etc/caddy/Caddyfile", Config),
            ("/root/.npmrc", Config),
            ("init.sql", Other),
            ("wait.sh", Script),
            ("./.htpasswd", Other),
            ("LICENSE", Other),
        ] {
            assert_eq!(FilePurpose::of(path), Some(kind), "{path}");
        }
        for path in [
            "./data", "./conf.d", ".", "", "/run/app.sock", "./.config", "./conf", ".environments",
            "./src",
        ] {
            assert_eq!(FilePurpose::of(path), None, "{path}");
        }
    }
}
