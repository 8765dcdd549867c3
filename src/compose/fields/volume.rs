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
    .stack_extensions()
    .canonical(Canonical::External)
    .path(HostPath::VolumeDevice);

pub(super) const MOUNT: Field = of(TEXT)
    .or_map(&[
        (
            "bind",
            map(&[
                (
                    "create_host_path",
                    FLAG.dropped("a folder that is missing on a node is never created"),
                ),
                ("propagation", A_TEXT),
                (
                    "recursive",
                    of(TEXT)
                        .words(&["enabled", "disabled", "writable", "readonly"])
                        .dropped("mounts below it are mounted as by default"),
                ),
                (
                    "selinux",
                    of(TEXT)
                        .words(&["z", "Z"])
                        .dropped("files are not labelled for SELinux"),
                ),
            ])
            .stack_extensions(),
        ),
        ("consistency", A_TEXT),
        ("image", map(&[("subpath", A_TEXT)]).refused("")),
        ("read_only", CAST_FLAG),
        ("source", A_TEXT),
        ("target", A_TEXT),
        (
            "tmpfs",
            map(&[
                (
                    "mode",
                    of(NUMBER | TEXT)
                        .meaning(Meaning::Number)
                        .dropped("the mode is 1777"),
                ),
                (
                    "size",
                    of(WHOLE | TEXT)
                        .range(0, i128::MAX)
                        .meaning(Meaning::Bytes)
                        .stack_takes(WHOLE),
                ),
            ])
            .stack_extensions(),
        ),
        (
            "type",
            of(TEXT).words(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"]),
        ),
        (
            "volume",
            map(&[
                (
                    "labels",
                    PAIRS.dropped("the volume has the labels of `volumes` alone"),
                ),
                ("nocopy", CAST_FLAG),
                ("subpath", A_TEXT),
            ])
            .stack_extensions(),
        ),
    ])
    .required(&["type"])
    .canonical(Canonical::Mount)
    .path(HostPath::MountSource);
