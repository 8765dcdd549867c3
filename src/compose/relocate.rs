//! Makes the relative paths of a file start from another directory, for a text that is written elsewhere.

use std::path::Path;

use super::fields::{FILE, FieldPass, HostPath};
use super::paths::{bound_device, is_windows};
use super::tree::{Kind, Node};
use crate::fields::{seccomp_file, security_option};
use crate::text::expression::{Operator, Piece, pieces};
use crate::text::path::{clean, relative};

/// Makes the relative paths of a model, which start from the directory `from`, start from `to`. The values may be as they
/// are written, with variables and in any form.
pub(super) fn relocate(root: &mut Node, from: &Path, to: &Path) {
    if from == to {
        return;
    }
    let prefix = relative(to, from);
    FILE.visit_mut(
        FieldPass::Paths,
        root,
        &mut |field, node| match field.path {
            None => {}
            Some(HostPath::Own | HostPath::Any) => change(node, &prefix, is_relative),
            Some(HostPath::Context) => change(node, &prefix, is_context),
            Some(HostPath::Contexts) => contexts(node, &prefix),
            Some(HostPath::MountSource) => mount(node, &prefix),
            Some(HostPath::VolumeDevice) => {
                if let Some(device) = bound_device(node) {
                    change(device, &prefix, is_relative);
                }
            }
        },
    );
}

/// Makes the seccomp profiles of a project, which start from the directory `from` whichever file names them, start from `to`
/// (docker/compose, `parseSecurityOpts`).
pub(super) fn relocate_profiles(root: &mut Node, from: &Path, to: &Path) {
    let prefix = relative(to, from);
    let services = root.section_mut("services");
    for option in services.flat_map(|(_, service)| service.items_mut("security_opt")) {
        if let Kind::Text(text) = &mut option.kind {
            let normal = security_option(text);
            if let Some(file) = seccomp_file(&normal)
                && let Some(head) = text.strip_suffix(file)
                && let Some(path) = rebased(file, &prefix, is_relative)
            {
                *text = format!("{head}{path}");
            }
        }
    }
}

/// Makes a whole file start from another directory, also the builds that name none (compose-go, `transform/build.go`).
pub(super) fn relocate_file(root: &mut Node, from: &Path, to: &Path) {
    for (_, service) in root.section_mut("services") {
        if let Some(build) = service.get_mut("build")
            && build.as_map().is_some()
            && build.field("context").is_none()
        {
            let at = build.at;
            build.set("context", Node::text(".", at), at);
        }
    }
    relocate(root, from, to);
}

fn is_relative(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(['/', '~', '$']) && !is_windows(text)
}

/// Whether a source is a relative path, and not the name of a volume.
fn is_path(text: &str) -> bool {
    text.starts_with('.')
}

/// Whether a build context is a relative directory (docker/compose, `pkg/compose/build.go`; compose-go,
/// `paths/context.go`).
fn is_context(text: &str) -> bool {
    let is_remote = text.contains("://")
        || ["git@", "github.com/", "service:"]
            .iter()
            .any(|start| text.starts_with(start));
    is_relative(text) && !is_remote
}

/// Contexts by name, as a mapping or a list of `NAME=CONTEXT`.
fn contexts(node: &mut Node, prefix: &str) {
    match &mut node.kind {
        Kind::Map(map) => {
            for entry in map.values_mut() {
                change(&mut entry.value, prefix, is_context);
            }
        }
        Kind::List(items) => {
            for item in items {
                if let Kind::Text(text) = &mut item.kind
                    && let Some((name, context)) = text.split_once('=')
                    && let Some(path) = rebased(context, prefix, is_context)
                {
                    *text = format!("{name}={path}");
                }
            }
        }
        _ => {}
    }
}

fn mount(node: &mut Node, prefix: &str) {
    if node.get("type").and_then(Node::as_text) == Some("bind")
        && let Some(source) = node.get_mut("source")
    {
        change(source, prefix, is_relative);
    }
    if let Kind::Text(text) = &mut node.kind {
        let (source, rest) = text.split_at(source_end(text));
        if let Some(source) = rebased(source, prefix, is_path).filter(|_| !rest.is_empty()) {
            *text = format!("{source}{rest}");
        }
    }
}

/// Where the source of a mount in the short syntax ends: before the first `:` outside of a variable.
fn source_end(text: &str) -> usize {
    let mut end = 0;
    for piece in pieces(text) {
        match piece {
            Piece::Literal(literal) => match literal.find(':') {
                Some(at) => return end + at,
                None => end += literal.len(),
            },
            other => end += other.written().len(),
        }
    }
    text.len()
}

fn change(node: &mut Node, prefix: &str, is_relative: impl Fn(&str) -> bool) {
    if let Kind::Text(text) = &mut node.kind
        && let Some(path) = rebased(text, prefix, is_relative)
    {
        *text = path;
    }
}

/// A path that starts from the directory that `prefix` leads to. Of a variable with a default, the default does.
fn rebased(text: &str, prefix: &str, is_relative: impl Fn(&str) -> bool) -> Option<String> {
    if let Some(Piece::Expression(expression)) = pieces(text).next() {
        let is_default = expression.operator == Some(Operator::Default);
        let word = expression.word;
        if !is_default || word.is_empty() || !is_relative(word) {
            return None;
        }
        let rest = text.get(expression.written.len()..)?;
        let colon = if expression.refuses_empty { ":" } else { "" };
        let path = joined(word, prefix);
        return Some(format!("${{{}{colon}-{path}}}{rest}", expression.name));
    }
    is_relative(text).then(|| joined(text, prefix))
}

fn joined(path: &str, prefix: &str) -> String {
    let joined = format!("{prefix}/{path}");
    let path = if joined.contains('$') {
        format!("{prefix}/{}", path.trim_start_matches("./"))
    } else {
        clean(&joined)
    };
    // Without a dot it would be the name of a volume.
    if path.starts_with('.') {
        path
    } else {
        format!("./{path}")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{is_path, is_relative, rebased, relative, source_end};

    #[test]
    fn the_way_between_directories() {
        for (from, to, way) in [
            ("/p/generated", "/p", ".."),
            ("/p/generated", "/p/deploy/a", "../deploy/a"),
            ("/p", "/p/a", "a"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), way);
        }
    }

    #[test]
    fn relative_paths_start_from_the_prefix_and_others_stay() {
        for (text, prefix, path) in [
            ("./a", "..", Some("../a")),
            ("../a", "..", Some("../../a")),
            (".", "a", Some("./a")),
            ("./a/${B}", "..", Some("../a/${B}")),
            ("${A:-./b}/c", "..", Some("${A:-../b}/c")),
            ("${A}/c", "..", None),
            ("${A:-/b}", "..", None),
            ("/a", "..", None),
            ("~/a", "..", None),
        ] {
            assert_eq!(
                rebased(text, prefix, is_relative).as_deref(),
                path,
                "{text}"
            );
        }
        assert_eq!(rebased("data", "..", is_path), None);
        assert_eq!(source_end("${A:-./b}:/c:ro"), 9);
    }
}
