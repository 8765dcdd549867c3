//! Mounts that a service takes from another one.

use std::collections::HashMap;

use crate::compose::Service;
use crate::rules::prelude::*;
use crate::state::MountKind;

/// The services that take the mounts of one with a tmpfs among its `volumes`: an engine has no volume of that name (moby,
/// `daemon/volumes.go`, `registerMountPoints`). Podman starts them without it.
pub(super) fn refused(deployed: &Deployed<'_>) -> Vec<Found> {
    let services = || deployed.file.services();
    let mut takers = services().filter(|one| one.get("volumes_from").is_some());
    let Some(first) = takers.next() else {
        return Vec::new();
    };
    let by_name: HashMap<&str, Service<'_>> = services().map(|one| (one.name, one)).collect();
    let mut found = Vec::new();
    for taker in std::iter::once(first).chain(takers) {
        for (text, at) in taker.texts("volumes_from") {
            let of = text.split(':').next().unwrap_or_default();
            let mut mounts = by_name.get(of).into_iter().flat_map(|one| one.mounts());
            let Some(mount) = mounts.find(|mount| mount.kind == MountKind::Tmpfs) else {
                continue;
            };
            let message = format!(
                "`{}` takes the mounts of `{of}`, and an engine cannot share its tmpfs at `{}`",
                taker.name, mount.target
            );
            found.push(
                Found::new(taker.name, message, at.place())
                    .label("the engine answers `no such volume`")
                    .related(mount.place(), "the tmpfs")
                    .help(format!(
                        "write it as `tmpfs: [{}]` of `{of}`, which is not shared",
                        mount.target
                    )),
            );
        }
    }
    found
}
