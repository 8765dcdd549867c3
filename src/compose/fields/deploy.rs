//! How a service is deployed.

use strum::VariantNames as _;

use super::common::{A_TEXT, CAST_WHOLE, COUNT, DEVICE_REQUEST, DURATION, MERGED_PAIRS, TEXTS};
use super::row::{list, map, of};
use super::{Cast, Field, Meaning, NULL, NUMBER, StackDuration, StackWords, TEXT, WHOLE};
use crate::state::{DeployMode, EndpointMode};

/// A duration that cannot be negative.
const DELAY: Field = DURATION.stack_duration(StackDuration::ZeroOrMore);

const UPDATE: Field = map(&rollout(&DELAY));

/// The swarm does not look at its durations.
const ROLLBACK: Field = map(&rollout(&DURATION));

/// The fields of an update and of a rollback, whose durations are fields of this kind.
const fn rollout(duration: &Field) -> [(&'static str, Field); 6] {
    [
        ("delay", *duration),
        (
            "failure_action",
            A_TEXT.stack_words(StackWords::of_swarm(&["pause", "continue", "rollback"])),
        ),
        (
            "max_failure_ratio",
            of(NUMBER | TEXT).cast(Cast::Fraction).stack_takes(NUMBER),
        ),
        ("monitor", *duration),
        ("order", of(TEXT).words(&["start-first", "stop-first"])),
        ("parallelism", COUNT),
    ]
}

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
    (
        "endpoint_mode",
        A_TEXT.stack_words(StackWords::of_swarm(EndpointMode::VARIANTS).ignoring_case()),
    ),
    ("labels", MERGED_PAIRS),
    (
        "mode",
        A_TEXT.stack_words(StackWords::of_client(DeployMode::VARIANTS)),
    ),
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
            (
                "condition",
                A_TEXT.stack_words(StackWords::of_swarm(&["none", "on-failure", "any"])),
            ),
            ("delay", DELAY),
            ("max_attempts", COUNT),
            ("window", DELAY),
        ]),
    ),
    ("rollback_config", ROLLBACK),
    ("update_config", UPDATE),
]);
