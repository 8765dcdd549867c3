//! Volumes, and what a service mounts.

use super::common::{A_TEXT, CAST_FLAG, FLAG, OPTIONS, PAIRS};
use super::network::EXTERNAL;
use super::row::{map, of};
use super::{Canonical, Field, HostPath, Meaning, Merge, NULL, NUMBER, TEXT, WHOLE};

pub(super) const VOLUME: Field = of(NULL)
    .or_map(&[
        ("driver", A_TEXT),
        ("driver_opts", OPTIONS),
        ("external", EXTERNAL),
        ("labels", PAIRS.merge(Merge::Pairs)),
        ("name", A_TEXT),
    ])
    .canonical(Canonical::External)
    .path(HostPath::VolumeDevice);

pub(super) const MOUNT: Field = of(TEXT)
    .or_map(&[
        (
            "bind",
            map(&[
                ("create_host_path", FLAG),
                ("propagation", A_TEXT),
                (
                    "recursive",
                    of(TEXT).words(&["enabled", "disabled", "writable", "readonly"]),
                ),
                ("selinux", of(TEXT).words(&["z", "Z"])),
            ]),
        ),
        ("consistency", A_TEXT),
        ("image", map(&[("subpath", A_TEXT)])),
        ("read_only", CAST_FLAG),
        ("source", A_TEXT),
        ("target", A_TEXT),
        (
            "tmpfs",
            map(&[
                ("mode", of(NUMBER | TEXT).meaning(Meaning::Number)),
                (
                    "size",
                    of(WHOLE | TEXT).range(0, i128::MAX).meaning(Meaning::Bytes),
                ),
            ]),
        ),
        (
            "type",
            of(TEXT).words(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"]),
        ),
        (
            "volume",
            map(&[
                ("labels", PAIRS),
                ("nocopy", CAST_FLAG),
                ("subpath", A_TEXT),
            ]),
        ),
    ])
    .required(&["type"])
    .canonical(Canonical::Mount)
    .path(HostPath::MountSource);
