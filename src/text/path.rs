//! Paths as texts.

use std::path::{Component, Path};

/// Where secrets are in a container that name no other place (Compose specification, `secrets`; docker/cli, `convert`).
pub(crate) const SECRETS_FOLDER: &str = "/run/secrets/";

/// The engine's socket, on a host and in a container that is given it.
pub(crate) const ENGINE_SOCKET: &str = "/var/run/docker.sock";

/// A path without `.`, `..` and double `/`, as Go's `path.Clean` returns it.
pub(crate) fn clean(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// The way from one directory to another; both are absolute and clean.
pub(crate) fn relative(from: &Path, to: &Path) -> String {
    let (mut from, mut to) = (from.components().peekable(), to.components().peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.map(|_| "..".to_owned());
    let down = to.filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let parts: Vec<String> = up.chain(down).collect();
    parts.join("/")
}

/// A text in which paths in one of some folders are relative to it: `./conf`. The folders are absolute and clean.
pub(crate) fn local(text: &str, folders: &[String]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let is_of_path = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '~');
    while let Some(at) = rest.find('/') {
        let (before, path) = rest.split_at(at);
        out.push_str(before);
        let begins = !out.ends_with(is_of_path);
        // The root itself is not a folder of a project.
        let mut below = folders
            .iter()
            .filter(|folder| begins && folder.len() > 1)
            .filter_map(|folder| path.strip_prefix(folder.as_str()));
        let below = below.find(|below| below.starts_with('/') || !below.starts_with(is_of_path));
        if let Some(below) = below {
            out.push('.');
            rest = below;
        } else {
            let path = path.strip_prefix('/').unwrap_or(path);
            out.push('/');
            rest = path;
            continue;
        }
        // What is below goes on as it is.
        let end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
        let (path, after) = rest.split_at(end);
        out.push_str(path);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether a clean path is a folder, or inside it.
pub(crate) fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path, and every directory above it but the root.
pub(crate) fn upwards(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| Some(path.rsplit_once('/')?.0))
        .filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{clean, is_in, local, upwards};

    #[test]
    fn a_path_of_a_folder_is_local() {
        let folders = ["/srv/shop".to_owned(), "/".to_owned()];
        for (text, expected) in [
            ("/srv/shop/conf/a", "./conf/a"),
            ("/srv/shop", "."),
            (
                "`/srv/shop/a` differs from `/srv/shop/b`",
                "`./a` differs from `./b`",
            ),
            ("/srv/shopping/a", "/srv/shopping/a"),
            ("/mnt/srv/shop/a", "/mnt/srv/shop/a"),
            ("/srv/shop/a:/srv/shop/b", "./a:/srv/shop/b"),
            ("a / b, ssh://host", "a / b, ssh://host"),
            ("", ""),
        ] {
            assert_eq!(local(text, &folders), expected, "{text}");
        }
    }

    #[test]
    fn a_path_is_in_a_folder_by_whole_names() {
        assert!(is_in("/a", "/a") && is_in("/a/b", "/a"));
        assert!(!is_in("/ab", "/a") && !is_in("/", "/a"));
        let all: Vec<&str> = upwards("/a/b/c").collect();
        assert_eq!(all, ["/a/b/c", "/a/b", "/a"]);
    }

    #[test]
    fn paths_are_cleaned_as_in_go() {
        for (path, expected) in [
            ("/a/../b/./c//d/", "/b/c/d"),
            ("/..", "/"),
            ("", "."),
            ("a/..", "."),
            ("../a/../..", "../.."),
        ] {
            assert_eq!(clean(path), expected, "{path}");
        }
    }
}
