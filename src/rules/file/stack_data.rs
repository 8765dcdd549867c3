//! The data of a service of a stack, which is on one node.

use crate::compose::{Mount, Service};
use crate::rules::prelude::*;
use crate::state::MountKind;
use crate::text::path::is_in;

/// Folders that every node has for itself, and that programs expect there.
const OF_NODES: [&str; 7] = ["/dev", "/etc", "/lib", "/proc", "/run", "/sys", "/var/run"];

/// What a service mounts that is on one node: volumes of the local driver, and folders of the host.
pub(super) fn data<'a>(
    deployed: &'a Deployed<'_>,
    service: Service<'a>,
) -> impl Iterator<Item = Mount<'a>> {
    service.mounts().filter(|mount| match mount.kind {
        MountKind::Bind => !mount
            .host_path()
            .is_some_and(|path| OF_NODES.iter().any(|folder| is_in(&path, folder))),
        MountKind::Volume => {
            let source = mount.source.as_deref();
            source.is_some_and(|key| is_local(deployed, key))
        }
        _ => false,
    })
}

/// Whether a volume is on the disk of a node: it has the local driver, which mounts nothing from elsewhere.
fn is_local(deployed: &Deployed<'_>, key: &str) -> bool {
    let Some(volume) = deployed.file.declared("volumes", key) else {
        return true;
    };
    let driver = volume.field("driver").and_then(|at| at.text());
    let kind = volume.driver_option("type").and_then(|at| at.text());
    driver.is_none_or(|driver| driver == "local")
        && kind.is_none_or(|kind| matches!(kind.as_str(), "none" | "bind"))
}
