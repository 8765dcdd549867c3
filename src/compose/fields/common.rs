//! What many fields share.

use super::row::{list, map, of, unique};
use super::{
    BOOLEAN, Canonical, Cast, EntryIdentity, Field, Meaning, Merge, NULL, NUMBER, Others, TEXT,
    WHOLE,
};

pub(super) const A_TEXT: Field = of(TEXT);

pub(super) const TEXTS: Field = list(&A_TEXT);

pub(super) const UNIQUE_TEXTS: Field = unique(&A_TEXT);

pub(super) const TEXT_OR_LIST: Field = of(TEXT).or_unique(&A_TEXT);

pub(super) const TEXT_OR_NUMBER: Field = of(TEXT | NUMBER);

/// True or false. A text becomes a boolean when variables are filled in.
pub(super) const CAST_FLAG: Field = of(BOOLEAN | TEXT).cast(Cast::Boolean).stack_takes(BOOLEAN);

/// True or false, or a text that means it.
pub(super) const FLAG: Field = of(BOOLEAN | TEXT).meaning(Meaning::Boolean);

pub(super) const CAST_NUMBER: Field = of(NUMBER | TEXT).cast(Cast::Whole).stack_takes(NUMBER);

pub(super) const CAST_WHOLE: Field = of(WHOLE | TEXT).cast(Cast::Whole).stack_takes(WHOLE);

pub(super) const COUNT: Field = CAST_WHOLE.meaning(Meaning::Count);

pub(super) const BYTES: Field = of(NUMBER | TEXT).meaning(Meaning::Bytes);

pub(super) const WHOLE_BYTES: Field = of(WHOLE | TEXT).meaning(Meaning::Bytes);

pub(super) const DURATION: Field = A_TEXT.meaning(Meaning::Duration);

const SCALAR: Field = of(TEXT | NUMBER | BOOLEAN | NULL).stack_takes(TEXT | NUMBER | NULL);

/// A list of `KEY=VALUE`, or a mapping.
pub(super) const PAIRS: Field = pairs(&A_TEXT);

/// Like [`PAIRS`], merged and held apart by their keys.
pub(super) const MERGED_PAIRS: Field = PAIRS.merge(Merge::Pairs).identity(EntryIdentity::Key);

pub(super) const VARIABLES: Field = pairs(&A_TEXT.meaning(Meaning::Pair))
    .merge(Merge::Pairs)
    .identity(EntryIdentity::Key);

const fn pairs(items: &'static Field) -> Field {
    of(0)
        .or_unique(items)
        .or_map(&[])
        .others(Others::Each(&SCALAR))
}

/// Options of a driver.
pub(super) const OPTIONS: Field = map(&[]).others(Others::Each(&TEXT_OR_NUMBER));

pub(super) const HOSTS: Field = of(0)
    .or_unique(&A_TEXT.meaning(Meaning::Host))
    .or_map(&[])
    .others(Others::Each(&of(TEXT).or_list(&A_TEXT).stack_shapes(0)))
    .merge(Merge::Hosts)
    .meaning(Meaning::Hosts);

pub(super) const COMMAND: Field = of(TEXT | NULL)
    .or_list(&A_TEXT)
    .meaning(Meaning::Command)
    .stack_takes(TEXT);

/// The secrets or configs of a service.
pub(super) const FILE_MOUNTS: Field = list(
    &of(TEXT)
        .or_map(&[
            ("gid", A_TEXT),
            (
                "mode",
                of(NUMBER | TEXT)
                    .meaning(Meaning::Mode)
                    .stack_takes(NUMBER)
                    .stack_cast(true),
            ),
            ("source", A_TEXT),
            ("target", A_TEXT),
            ("uid", A_TEXT),
        ])
        .stack_extensions()
        .canonical(Canonical::Mapping("source")),
);

pub(super) const DEVICE_COUNT: Field = of(WHOLE | TEXT).meaning(Meaning::DeviceCount);

/// A device of a service, or one that is reserved for it.
pub(super) const DEVICE_REQUEST: Field = map(&[
    ("capabilities", UNIQUE_TEXTS),
    ("count", DEVICE_COUNT),
    ("device_ids", UNIQUE_TEXTS),
    ("driver", A_TEXT),
    ("options", PAIRS),
]);

pub(super) const ULIMITS: Field = map(&[]).others(Others::Each(
    &of(WHOLE | TEXT)
        .or_map(&[("hard", of(WHOLE | TEXT)), ("soft", of(WHOLE | TEXT))])
        .required(&["soft", "hard"])
        .canonical(Canonical::Limit),
));

/// Those of a service. Compose casts them, and not those of a build.
pub(super) const CAST_ULIMITS: Field = map(&[]).others(Others::Each(
    &CAST_WHOLE
        .or_map(&[("hard", CAST_WHOLE), ("soft", CAST_WHOLE)])
        .required(&["soft", "hard"])
        .merge(Merge::Replace)
        .canonical(Canonical::Limit),
));
