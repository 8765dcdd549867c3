//! Something mounted, in either form.

use super::{flag, raw, text};
use crate::compose::At;
use crate::source::Place;
use crate::text::path;

/// Something mounted into a service.
#[derive(Debug, Clone)]
pub(in crate::rules) struct Mount {
    pub(in crate::rules) kind: MountKind,
    /// A path of the host or a volume's key, where one is written.
    pub(in crate::rules) source: Option<String>,
    /// Where in the container.
    pub(in crate::rules) target: String,
    pub(in crate::rules) is_read_only: bool,
    /// How mounts made below it spread between host and container.
    pub(in crate::rules) propagation: Option<String>,
    pub(in crate::rules) place: Place,
}

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum MountKind {
    /// A path of the host.
    Bind,
    /// A volume, named or not.
    Volume,
    /// Anything else.
    Other,
}

impl Mount {
    /// The path of the host, without `.`, `..` and doubled slashes.
    pub(in crate::rules) fn host_path(&self) -> Option<String> {
        let source = self
            .source
            .as_ref()
            .filter(|_| self.kind == MountKind::Bind)?;
        source.starts_with('/').then(|| clean(source))
    }
}

/// A path without `.`, `..` and doubled slashes, from the root.
pub(in crate::rules) fn clean(path: &str) -> String {
    path::clean(&format!("/{path}"))
}

pub(super) fn read(at: &At<'_>) -> Option<Mount> {
    if at.is_mapping() {
        return long(at);
    }
    Some(short(&text(at)?, &raw(at)?, at.place()))
}

fn long(at: &At<'_>) -> Option<Mount> {
    let field = |key: &str| at.get(key).and_then(|field| text(&field));
    let kind = match field("type").as_deref() {
        Some("bind") => MountKind::Bind,
        Some("volume") => MountKind::Volume,
        _ => MountKind::Other,
    };
    let bind = at.get("bind").and_then(|bind| bind.get("propagation"));
    Some(Mount {
        kind,
        source: field("source").or_else(|| field("src")),
        target: field("target")
            .or_else(|| field("dst"))
            .or_else(|| field("destination"))?,
        is_read_only: at.get("read_only").and_then(|at| flag(&at)) == Some(true),
        propagation: bind.as_ref().and_then(text),
        place: at.get("source").unwrap_or_else(|| at.clone()).place(),
    })
}

/// `[SOURCE:]TARGET[:MODE]` (compose-go, `format/volume.go`).
fn short(text: &str, written: &str, place: Place) -> Mount {
    // The colons of an expression are its own; what it holds cannot be told.
    let text = if text.contains("${") { written } else { text };
    let parts: Vec<&str> = split(text);
    let (source, target, mode) = match parts.as_slice() {
        [target] => (None, *target, ""),
        [source, target] => (Some(*source), *target, ""),
        [source, target, mode, ..] => (Some(*source), *target, *mode),
        [] => (None, "", ""),
    };
    let is_path = source.is_some_and(|source| source.starts_with(['/', '.', '~', '$']));
    let modes: Vec<&str> = mode.split(',').collect();
    let propagation = modes.iter().find(|mode| {
        matches!(
            **mode,
            "shared" | "rshared" | "slave" | "rslave" | "private" | "rprivate"
        )
    });
    Mount {
        kind: if is_path {
            MountKind::Bind
        } else {
            MountKind::Volume
        },
        source: source.map(str::to_owned),
        target: target.to_owned(),
        is_read_only: modes.contains(&"ro"),
        propagation: propagation.map(|mode| (*mode).to_owned()),
        place,
    }
}

/// Splits at colons outside `${…}`.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::{clean, short, split};
    use crate::source::{Place, Source};

    #[test]
    fn paths_are_cleaned_and_colons_of_expressions_kept() {
        assert_eq!(clean("/a/./b/../c//"), "/a/c");
        assert_eq!(split("${A:-/x}:/y:ro"), ["${A:-/x}", "/y", "ro"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in "[ -~é\\n:${}\\-\\[\\]@/.=]{0,60}") {
            let _ = (short(&text, &text, Place::whole(&Source::new("f", ""))), clean(&text));
        }
    }
}
