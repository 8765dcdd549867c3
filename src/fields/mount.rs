//! The fields of a mount. Its type, source and target, by which mounts are paired, have a form of their own
//! in a state. `bind.create_host_path` is not among them, as it only matters when a container is created.

use super::row::field;
use super::{Field, Form};
use Form::{Bytes, Flag, Mode, Options, Propagation, Recursive, Text};

/// The fields of a mount (Compose specification, `05-services.md`, `volumes`; Engine API, `MountPoint`, and
/// what the engine was asked for: `HostConfig.Mounts`, of which each is a `Mount`, and `HostConfig.Binds`).
#[rustfmt::skip]
pub static MOUNT: &[Field] = &[
    // The engine shows the opposite.
    field("read_only",        "Mounts.RW",                              Flag).always().written().exposes(),
    field("bind.propagation", "Mounts.Propagation",                     Propagation).known(&["rprivate"]).exposes(),
    field("bind.selinux",     "HostConfig.Binds",                       Text),
    field("bind.recursive",   "HostConfig.Mounts.BindOptions",          Recursive).known(&["enabled"]),
    field("volume.nocopy",    "HostConfig.Mounts.VolumeOptions.NoCopy", Flag),
    field("volume.subpath",   "HostConfig.Mounts.VolumeOptions.Subpath", Text),
    field("volume.labels",    "HostConfig.Mounts.VolumeOptions.Labels", Options),
    field("tmpfs.size",       "HostConfig.Mounts.TmpfsOptions.SizeBytes", Bytes),
    field("tmpfs.mode",       "HostConfig.Mounts.TmpfsOptions.Mode",    Mode).known(&["1777"]),
    field("image.subpath",    "HostConfig.Mounts.ImageOptions.Subpath", Text),
];

/// Whether a mount takes what is mounted in the container to the host.
pub(crate) fn is_shared(propagation: &str) -> bool {
    matches!(propagation, "shared" | "rshared")
}

/// The permissions of a directory as people write them; 0 means that they are not set.
pub(crate) fn octal(mode: i64) -> Option<String> {
    (mode != 0).then(|| format!("{mode:o}"))
}
