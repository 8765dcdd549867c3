//! What a service mounts: volumes in the short and the long form (compose-go, `format/volume.go`),
//! and the secrets and configs that are files of the host.

use super::reader::Reader;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::{Mount, MountKind};
use crate::yaml::Cursor;

/// The mounts of a service, sorted by target; a target that is mounted twice is a mistake.
pub(super) fn read(
    reader: &Reader<'_>,
    service: &Cursor<'_>,
    problems: &mut Diagnostics,
) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = Vec::new();
    for item in service
        .get("volumes")
        .map(|c| c.list(problems))
        .unwrap_or_default()
    {
        let mount = if item.value().is_mapping() {
            long(reader, &item, problems)
        } else {
            reader.known(&item, problems).and_then(|text| {
                short(reader, &text)
                    .map_err(|expected| {
                        problems.push(
                            Diagnostic::new(format!("`{text}` is no mount"), item.place())
                                .label(expected),
                        );
                    })
                    .ok()
            })
        };
        let Some(mount) = mount else { continue };
        if mounts.iter().any(|known| known.target == mount.target) {
            problems.push(
                Diagnostic::new(format!("`{}` is mounted twice", mount.target), item.place())
                    .label("expected a target of its own"),
            );
        }
        mounts.push(mount);
    }
    for (section, folder) in [("secrets", "/run/secrets/"), ("configs", "/")] {
        for item in service
            .get(section)
            .map(|c| c.list(problems))
            .unwrap_or_default()
        {
            let Some(mount) = file(reader, section, folder, &item, problems) else {
                continue;
            };
            // A volume on the same target wins.
            if !mounts.iter().any(|known| known.target == mount.target) {
                mounts.push(mount);
            }
        }
    }
    mounts.sort();
    mounts
}

/// `[SOURCE:]TARGET[:OPTIONS]`.
fn short(reader: &Reader<'_>, text: &str) -> Result<Mount, &'static str> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, *target, ""),
        [source, target] => (Some(*source), *target, ""),
        [source, target, options] => (Some(*source), *target, *options),
        _ => return Err("expected SOURCE:TARGET:OPTIONS"),
    };
    if target.is_empty() || source == Some("") {
        return Err("expected a source and a target");
    }
    let is_path = source.is_some_and(|source| source.starts_with(['.', '/', '~']));
    Ok(Mount {
        target: clean(target),
        kind: if is_path {
            MountKind::Bind
        } else {
            MountKind::Volume
        },
        source: source.map(|source| {
            if is_path {
                reader.path(source)
            } else {
                source.to_owned()
            }
        }),
        read_only: options.split(',').any(|option| option == "ro"),
    })
}

fn long(reader: &Reader<'_>, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Mount> {
    const KINDS: [(&str, MountKind); 6] = [
        ("bind", MountKind::Bind),
        ("volume", MountKind::Volume),
        ("tmpfs", MountKind::Tmpfs),
        ("image", MountKind::Image),
        ("npipe", MountKind::Npipe),
        ("cluster", MountKind::Cluster),
    ];
    let mut is_known = true;
    let mut text = |key| {
        let text = reader.known(&cursor.get(key)?, problems);
        is_known &= text.is_some();
        text
    };
    let (target, source) = (text("target"), text("source"));
    let kind = text("type");
    let kind = kind.and_then(|word| KINDS.iter().find(|(known, _)| *known == word));
    let read_only = cursor
        .get("read_only")
        .and_then(|c| reader.boolean(&c, problems));
    if !is_known {
        return None;
    }
    let (Some(target), Some((_, kind))) = (target, kind) else {
        problems.push(
            Diagnostic::new("this is no mount", cursor.place()).label(
                "expected a field `target`, and a `type` that is one of bind, volume, tmpfs, image, npipe, cluster",
            ),
        );
        return None;
    };
    let source = source.filter(|source| !source.is_empty());
    Some(Mount {
        target: clean(&target),
        kind: *kind,
        source: match kind {
            MountKind::Bind => source.map(|source| reader.path(&source)),
            _ => source,
        },
        read_only: read_only.unwrap_or(false),
    })
}

/// A secret or config of a service, where it is a file of the host; Compose copies any other into
/// the container, which is no mount.
fn file(
    reader: &Reader<'_>,
    section: &str,
    folder: &str,
    item: &Cursor<'_>,
    problems: &mut Diagnostics,
) -> Option<Mount> {
    let (name, target) = if item.value().is_mapping() {
        let name = item
            .get("source")
            .and_then(|c| reader.known(&c, problems))?;
        let target = match item.get("target") {
            Some(target) => Some(reader.known(&target, problems)?),
            None => None,
        };
        (name, target)
    } else {
        (reader.known(item, problems)?, None)
    };
    let Some(declared) = reader.declared(section, &name) else {
        problems.push(reader.dangling(section, &name, item));
        return None;
    };
    let path = declared
        .get("file")
        .and_then(|c| reader.known(&c, problems))?;
    let target = match target {
        Some(target) if target.starts_with('/') => target,
        Some(target) => format!("{folder}{target}"),
        None => format!("{folder}{name}"),
    };
    Some(Mount {
        target: clean(&target),
        kind: MountKind::Bind,
        source: Some(reader.path(&path)),
        read_only: true,
    })
}

/// A path without `.`, `..` and double `/`, as Compose cleans it.
pub(super) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let start = if path.starts_with('/') { "/" } else { "" };
    format!("{start}{}", parts.join("/"))
}
