//! A bind mount of a file that does not exist.

use std::path::Path;

use super::host::each_mount;
use crate::rules::prelude::*;
use crate::text::path::{clean, is_in};

pub(super) static RULE: Rule = Rule {
    code: "bind-missing",
    severity: Severity::Warning,
    title: "A file that is mounted from the folder of the Compose file exists",
    why: "Docker creates an empty directory instead of a file that does not exist, and the service finds a directory where it expects its file.",
    bad: service!("volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']"),
    good: service!(
        "nginx.conf" = "events {}\n";
        "volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']"
    ),
    check: Check::File(check),
    ..Rule::DEFAULT
};

/// Endings of the names of files that somebody writes, rather than a service.
const ENDINGS: [&str; 32] = [
    "cer", "cert", "cfg", "cnf", "conf", "config", "crt", "css", "env", "graphql", "html", "ini",
    "j2", "js", "json", "key", "lua", "pem", "php", "properties", "py", "rb", "rules", "sh", "sql",
    "template", "tmpl", "toml", "ts", "xml", "yaml", "yml",
];

/// Names of such files without an ending.
const NAMES: [&str; 4] = ["Caddyfile", "Corefile", "Makefile", "crontab"];

/// Endings of files that are copied to the real ones when a service is set up.
const SAMPLES: [&str; 7] = [
    ".dist", ".example", ".sample", ".template", ".tmpl", ".default", "-example",
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    // What specs render runs in another folder, on its host.
    let is_here = deployed.of.is_none_or(|(_, host)| host.by_hand().is_some());
    let Some(folder) = deployed.file.directory.as_deref().filter(|_| is_here) else {
        return Vec::new();
    };
    each_mount(deployed, |service, mount| {
        let target = mount.target.as_str();
        if mount.path.contains('$') || !is_file(&mount.path) || !is_file(target) {
            return None;
        }
        let root = folder.to_str()?;
        let path = clean(&if mount.path.starts_with('/') {
            mount.path.clone()
        } else {
            format!("{root}/{}", mount.path)
        });
        // Only what belongs to the project is looked at.
        if !is_in(&path, root) || exists(&path) {
            return None;
        }
        let message = format!(
            "`{}` mounts the file `{}`, which does not exist",
            service.name, mount.path
        );
        Some(
            Found::new(service.name, message, &mount.place)
                .label("Docker creates a directory instead"),
        )
    })
}

/// Whether a path is that of a file that somebody writes.
fn is_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    NAMES.contains(&name) || ENDINGS.contains(&ending)
}

/// Whether there is a file, or a sample from which it is made.
fn exists(path: &str) -> bool {
    let is_sampled = || {
        let samples = SAMPLES.iter().map(|ending| format!("{path}{ending}"));
        let mut samples = samples.into_iter();
        samples.any(|sample| Path::new(&sample).exists())
    };
    Path::new(path).exists() || is_sampled()
}

#[cfg(test)]
mod tests {
    use super::is_file;

    #[test]
    fn a_file_is_known_by_its_name() {
        for path in [
            "./nginx.conf",
            "/etc/caddy/Caddyfile",
            "init.sql",
            "a/b.c.yml",
        ] {
            assert!(is_file(path), "{path}");
        }
        for path in [
            "./data", "./conf.d", "/var/lib/app.db", ".", "", "/run/app.sock",
        ] {
            assert!(!is_file(path), "{path}");
        }
    }
}
