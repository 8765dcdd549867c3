//! The pass that makes paths of the host absolute (compose-go, `paths/`).

use std::path::Path;

use super::fields::{FILE, FieldPass, HostPath};
use super::notes::Notes;
use super::tree::{Kind, Node};
use crate::text::path::clean;

/// Where relative paths and `~` start from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base<'a> {
    /// The folder; absolute.
    pub(super) directory: &'a Path,
    /// The user's home.
    pub(super) home: Option<&'a str>,
}

/// Makes the paths of a model absolute.
pub(super) fn resolve(root: &mut Node, base: Base<'_>, notes: &mut Notes) {
    FILE.visit_mut(
        FieldPass::Paths,
        root,
        &mut |field, node| match field.path {
            None | Some(HostPath::Context | HostPath::Contexts) => {}
            Some(HostPath::Own) => base.own(node),
            Some(HostPath::Any) => base.any(node),
            Some(HostPath::MountSource) => mount_source(node, base, notes),
            Some(HostPath::VolumeDevice) => {
                if let Some(device) = bound_device(node) {
                    base.any(device);
                }
            }
        },
    );
}

fn mount_source(mount: &mut Node, base: Base<'_>, notes: &mut Notes) {
    if mount.get("type").and_then(Node::as_text) != Some("bind") {
        return;
    }
    match mount.get_mut("source") {
        Some(source) => base.any(source),
        None => notes.problem(
            mount.at,
            "this bind mount has no source",
            "expected a field `source`",
        ),
    }
}

/// The path of the host that a volume of the local driver is in fact.
pub(super) fn bound_device(volume: &mut Node) -> Option<&mut Node> {
    let is = |node: Option<&Node>, word| node.and_then(Node::as_text) == Some(word);
    let is_local = is(volume.get("driver"), "local");
    let options = volume.get_mut("driver_opts").filter(|_| is_local)?;
    let is_bound = is(options.get("o"), "bind");
    options.get_mut("device").filter(|_| is_bound)
}

impl Base<'_> {
    /// A path of this kind of system.
    fn own(self, node: &mut Node) {
        self.change(node, |path| path.starts_with('/') || path.is_empty());
    }

    /// A path that may be one of Windows.
    fn any(self, node: &mut Node) {
        self.change(node, |path| path.starts_with('/') || is_windows(path));
    }

    fn change(self, node: &mut Node, is_absolute: fn(&str) -> bool) {
        if node.unset.is_some() {
            return;
        }
        let Kind::Text(text) = &mut node.kind else {
            return;
        };
        if let (Some(rest), Some(home)) = (text.strip_prefix('~'), self.home) {
            *text = clean(&format!("{home}/{rest}"));
        }
        if !is_absolute(text) {
            *text = clean(&format!("{}/{text}", self.directory.display()));
        }
    }
}

/// Whether a path is an absolute one of Windows: `c:\x`, `c:/x`, `\\server\share`.
pub(super) fn is_windows(path: &str) -> bool {
    match path.as_bytes() {
        [_, b':', rest @ ..] => matches!(rest.first(), Some(b'\\' | b'/')),
        [b'\\' | b'/', b'\\' | b'/', ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_windows;

    #[test]
    fn paths_of_windows() {
        for (path, expected) in [
            ("c:\\a", true),
            ("d:/v", true),
            ("c:a", false),
            ("\\\\.\\pipe\\x", true),
            ("/a", false),
        ] {
            assert_eq!(is_windows(path), expected, "{path}");
        }
    }
}
