//! How a service is deployed.

use super::common::{A_TEXT, CAST_WHOLE, COUNT, DEVICE_REQUEST, DURATION, MERGED_PAIRS, TEXTS};
use super::row::{list, map, of};
use super::{Cast, Field, Meaning, NULL, NUMBER, TEXT, WHOLE};

const UPDATE: Field = map(&[
    ("delay", DURATION),
    ("failure_action", A_TEXT),
    (
        "max_failure_ratio",
        of(NUMBER | TEXT).cast(Cast::Fraction).stack_takes(NUMBER),
    ),
    ("monitor", DURATION),
    ("order", of(TEXT).words(&["start-first", "stop-first"])),
    ("parallelism", COUNT),
]);

const GENERIC_RESOURCE: Field = map(&[(
    "discrete_resource_spec",
    map(&[
        ("kind", A_TEXT),
        (
            "value",
            of(NUMBER | TEXT)
                .meaning(Meaning::Whole)
                .stack_takes(NUMBER),
        ),
    ]),
)]);

const CPUS: Field = of(NUMBER | TEXT)
    .meaning(Meaning::Fraction)
    .stack_takes(TEXT);

const MEMORY: Field = A_TEXT.meaning(Meaning::Bytes);

pub(super) const DEPLOY: Field = of(NULL).or_map(&[
    ("endpoint_mode", A_TEXT),
    ("labels", MERGED_PAIRS),
    ("mode", A_TEXT),
    (
        "placement",
        map(&[
            ("constraints", TEXTS),
            ("max_replicas_per_node", COUNT),
            ("preferences", list(&map(&[("spread", A_TEXT)]))),
        ]),
    ),
    ("replicas", CAST_WHOLE),
    (
        "resources",
        map(&[
            (
                "limits",
                map(&[
                    ("cpus", CPUS),
                    ("memory", MEMORY),
                    (
                        "pids",
                        of(WHOLE | TEXT).meaning(Meaning::Whole).stack_takes(WHOLE),
                    ),
                ]),
            ),
            (
                "reservations",
                map(&[
                    ("cpus", CPUS),
                    (
                        "devices",
                        list(&DEVICE_REQUEST.required(&["capabilities"]))
                            .refused("name what the nodes advertise in `generic_resources`"),
                    ),
                    ("generic_resources", list(&GENERIC_RESOURCE)),
                    ("memory", MEMORY),
                ]),
            ),
        ]),
    ),
    (
        "restart_policy",
        map(&[
            ("condition", A_TEXT),
            ("delay", DURATION),
            ("max_attempts", COUNT),
            ("window", DURATION),
        ]),
    ),
    ("rollback_config", UPDATE),
    ("update_config", UPDATE),
]);
