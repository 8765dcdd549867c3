//! How the image of a service is built.

use super::common::{
    A_TEXT, FILE_MOUNTS, FLAG, HOSTS, MERGED_PAIRS, PAIRS, TEXTS, ULIMITS, VARIABLES, WHOLE_BYTES,
};
use super::row::of;
use super::{BOOLEAN, Canonical, EntryIdentity, Field, HostPath, Merge, TEXT};

pub(super) const BUILD: Field = of(TEXT)
    .or_map(&[
        (
            "additional_contexts",
            MERGED_PAIRS
                .canonical(Canonical::Pairs)
                .path(HostPath::Contexts),
        ),
        ("args", VARIABLES),
        ("cache_from", TEXTS),
        ("cache_to", TEXTS),
        ("context", A_TEXT.path(HostPath::Context)),
        ("dockerfile", A_TEXT),
        ("dockerfile_inline", A_TEXT),
        ("entitlements", TEXTS),
        ("extra_hosts", HOSTS),
        ("isolation", A_TEXT),
        ("labels", MERGED_PAIRS),
        ("network", A_TEXT),
        ("no_cache", FLAG),
        ("platforms", TEXTS),
        ("privileged", FLAG),
        ("provenance", of(BOOLEAN | TEXT)),
        ("pull", FLAG),
        ("sbom", of(BOOLEAN | TEXT)),
        ("secrets", FILE_MOUNTS),
        ("shm_size", WHOLE_BYTES),
        ("ssh", PAIRS.canonical(Canonical::SshKeys)),
        ("tags", TEXTS.identity(EntryIdentity::Key)),
        ("target", A_TEXT),
        ("ulimits", ULIMITS),
    ])
    .path(HostPath::Context)
    .merge(Merge::Build)
    .canonical(Canonical::Mapping("context"));
