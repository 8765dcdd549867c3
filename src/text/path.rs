//! Paths as texts.

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

#[cfg(test)]
mod tests {
    use super::clean;

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
