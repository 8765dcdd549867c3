//! Where what is mounted comes from.

use super::pair::Pair;
use super::states::States;
use crate::state::{Mount, MountKind};
use crate::text::path::clean;

/// What a mount's source is called on the engine; `None` where the engine chooses.
pub(super) fn on_engine<'a>(mount: &'a Mount, states: &States<'a>) -> Option<&'a str> {
    let source = mount.source.as_deref()?;
    let volume = states
        .expected
        .volumes
        .get(source)
        .filter(|_| mount.kind == MountKind::Volume);
    Some(volume.map_or(source, |volume| volume.name.as_str()))
}

/// A path below the folder here, below the folder that Compose was started in on the host.
fn there(pair: Pair<'_>, path: &str, states: &States<'_>) -> Option<String> {
    let below = path.strip_prefix(states.context.directory.as_deref()?)?;
    let folder = pair.container.working_dir.as_deref()?;
    (below.is_empty() || below.starts_with('/')).then(|| format!("{folder}{below}"))
}

pub(super) fn is_same_source(
    pair: Pair<'_>,
    wanted: &Mount,
    is: &Mount,
    states: &States<'_>,
) -> bool {
    let of = sources_of(is, states);
    sources(pair, wanted, states)
        .iter()
        .any(|source| of.iter().flatten().any(|own| own == source))
}

/// The sources that a mount may have: the same volume or folder can be named in several ways.
pub(super) fn sources(pair: Pair<'_>, wanted: &Mount, states: &States<'_>) -> Vec<MountSource> {
    let kind = wanted.kind;
    match (kind, on_engine(wanted, states)) {
        (MountKind::Volume, None) => vec![(kind, MountOrigin::Nobody)],
        (MountKind::Tmpfs, _) | (_, None) => vec![(kind, MountOrigin::Anybody)],
        (MountKind::Bind, Some(wanted)) => {
            let there = there(pair, wanted, states);
            std::iter::once(wanted)
                .chain(there.as_deref())
                .map(|path| (kind, MountOrigin::Named(host_path(path, states))))
                .collect()
        }
        (_, Some(wanted)) => vec![(kind, MountOrigin::Named(wanted.to_owned()))],
    }
}

/// A path of the host in one spelling: Compose sends an absolute one as it is written, and the engine shows it cleaned. A file that
/// is compared as if it had been applied has it as it is written, too.
fn host_path(path: &str, states: &States<'_>) -> String {
    if path.starts_with('/') {
        bare(&clean(path), states).to_owned()
    } else {
        bare(path, states).to_owned()
    }
}

/// What is mounted: its kind, and where it is from.
pub(super) type MountSource = (MountKind, MountOrigin);

/// Where something that is mounted is from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum MountOrigin {
    /// From anywhere.
    Anybody,
    /// A volume that the engine named.
    Nobody,
    /// A path or a volume.
    Named(String),
}

/// What a mount of a container is looked for by.
pub(super) fn sources_of(is: &Mount, states: &States<'_>) -> [Option<MountSource>; 3] {
    let source = is.source.as_deref().unwrap_or_default();
    let source = match is.kind {
        MountKind::Bind => host_path(source, states),
        _ => source.to_owned(),
    };
    [
        Some((is.kind, MountOrigin::Named(source))),
        Some((is.kind, MountOrigin::Anybody)),
        is.is_anonymous().then_some((is.kind, MountOrigin::Nobody)),
    ]
}

/// A path of the host without the folder below which the engine's machine shows it.
pub(super) fn bare<'a>(path: &'a str, states: &States<'_>) -> &'a str {
    let path = path
        .strip_prefix(states.live.dialect.host_root)
        .unwrap_or(path);
    path.trim_end_matches('/')
}

/// What is mounted, as a value.
pub(super) fn shown(mount: &Mount) -> &str {
    mount.source.as_deref().unwrap_or(unnamed(mount.kind))
}

/// What is mounted without a name.
fn unnamed(kind: MountKind) -> &'static str {
    match kind {
        MountKind::Tmpfs => "a tmpfs",
        MountKind::Image => "an image",
        _ => "an anonymous volume",
    }
}

/// What is mounted, in a message.
pub(super) fn described(mount: &Mount) -> String {
    match &mount.source {
        // The name of an anonymous volume tells people nothing.
        Some(source) if !mount.is_anonymous() => format!("`{source}`"),
        _ => unnamed(mount.kind).to_owned(),
    }
}

/// Why the source of a mount cannot be compared.
pub(super) fn why_unknown(wanted: &Mount, is: &Mount, states: &States<'_>) -> Option<&'static str> {
    let key = wanted.source.as_deref().unwrap_or_default();
    if wanted.kind == MountKind::Volume && states.is_unset("volumes", key, "name") {
        return Some("the name of the volume depends on a variable without a value");
    }
    let is_hidden = wanted.kind == MountKind::Image && is.source.is_none();
    is_hidden.then_some("an engine does not show it of a mount of another container")
}
