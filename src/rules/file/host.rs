//! What services mount from the host.

use std::collections::BTreeMap;

use super::each;
use crate::compose::Service;
use crate::rules::{Deployed, Found};
use crate::source::Place;
use crate::state::MountKind;
use crate::text::host_path::without_link;

/// Something of the host that a service mounts.
pub(super) struct HostMount {
    /// Its path, without `..` and double slashes; as it is written if it is not absolute.
    pub(super) path: String,
    /// Where it is in the container.
    pub(super) target: String,
    pub(super) is_read_only: bool,
    /// Whether the engine creates a folder where there is nothing.
    pub(super) is_created: bool,
    pub(super) place: Place,
}

/// A volume that is a folder of the host.
struct Bound {
    device: String,
    is_read_only: bool,
    place: Place,
}

/// Runs a check on everything that the services of a file mount from the host, be it through a named
/// volume that is bound to a path.
pub(super) fn each_mount(
    deployed: &Deployed<'_>,
    look: impl Fn(Service<'_>, &HostMount) -> Option<Found>,
) -> Vec<Found> {
    let volumes = bound_volumes(deployed);
    each(deployed, |service| {
        let mut found = Vec::new();
        for mut mount in service.mounts() {
            let key = mount.source.as_deref().unwrap_or_default();
            let volume = match (mount.kind, volumes.get(key)) {
                (MountKind::Bind, _) => None,
                (MountKind::Volume, Some(volume)) => Some(volume),
                _ => continue,
            };
            let place = mount.place();
            if let Some(volume) = volume {
                mount.kind = MountKind::Bind;
                mount.source = Some(volume.device.clone());
                mount.read_only |= volume.is_read_only;
            }
            let Some(path) = mount.host_path().or_else(|| mount.source.clone()) else {
                continue;
            };
            let mount = HostMount {
                path: without_link(&path).to_owned(),
                target: mount.target.clone(),
                is_read_only: mount.read_only,
                is_created: mount.is_created,
                place,
            };
            let one = look(service, &mount);
            found.extend(one.map(|one| match volume {
                Some(volume) => one.related(&volume.place, "the volume is bound to this host path"),
                None => one,
            }));
        }
        found
    })
}

/// The volumes that the driver `local` binds to a path of the host, by key.
fn bound_volumes<'a>(deployed: &'a Deployed<'_>) -> BTreeMap<&'a str, Bound> {
    let declared = deployed.file.entries("volumes");
    let bound = declared.filter_map(|(key, at)| {
        let driver = at.get("driver").and_then(|at| at.text());
        if driver.is_some_and(|driver| driver != "local") {
            return None;
        }
        let device = at.driver_option("device")?;
        let flags = at
            .driver_option("o")
            .and_then(|at| at.text())
            .unwrap_or_default();
        let mut flags = flags.split(',').map(str::trim);
        let is_bound = flags.clone().any(|flag| matches!(flag, "bind" | "rbind"));
        is_bound.then_some((
            key,
            Bound {
                device: device.text()?,
                is_read_only: flags.any(|flag| flag == "ro"),
                place: device.place(),
            },
        ))
    });
    bound.collect()
}
