//! How a service is built and deployed.

use super::common::{A_TEXT, HOSTS, PAIRS, TEXTS, UNIQUE_TEXTS};
use super::service::{FILE_MOUNTS, ULIMITS};
use super::{BOOLEAN, NULL, NUMBER, Shape, TEXT, WHOLE, list, map, of};

const DEVICE_REQUEST: Shape = map(&[
    ("capabilities", UNIQUE_TEXTS),
    ("count", of(WHOLE | TEXT)),
    ("device_ids", UNIQUE_TEXTS),
    ("driver", A_TEXT),
    ("options", PAIRS),
])
.required(&["capabilities"]);

const UPDATE: Shape = map(&[
    ("delay", A_TEXT),
    ("failure_action", A_TEXT),
    ("max_failure_ratio", of(NUMBER | TEXT)),
    ("monitor", A_TEXT),
    ("order", of(TEXT).words(&["start-first", "stop-first"])),
    ("parallelism", of(WHOLE | TEXT)),
]);

const GENERIC_RESOURCE: Shape = map(&[(
    "discrete_resource_spec",
    map(&[("kind", A_TEXT), ("value", of(NUMBER | TEXT))]),
)]);

const PREFERENCE: Shape = map(&[("spread", A_TEXT)]);

pub(super) const DEPLOY: Shape = of(NULL).or_map(&[
    ("endpoint_mode", A_TEXT),
    ("labels", PAIRS),
    ("mode", A_TEXT),
    (
        "placement",
        map(&[
            ("constraints", TEXTS),
            ("max_replicas_per_node", of(WHOLE | TEXT)),
            ("preferences", list(&PREFERENCE)),
        ]),
    ),
    ("replicas", of(WHOLE | TEXT)),
    (
        "resources",
        map(&[
            (
                "limits",
                map(&[
                    ("cpus", of(NUMBER | TEXT)),
                    ("memory", A_TEXT),
                    ("pids", of(WHOLE | TEXT)),
                ]),
            ),
            (
                "reservations",
                map(&[
                    ("cpus", of(NUMBER | TEXT)),
                    ("devices", list(&DEVICE_REQUEST)),
                    ("generic_resources", list(&GENERIC_RESOURCE)),
                    ("memory", A_TEXT),
                ]),
            ),
        ]),
    ),
    (
        "restart_policy",
        map(&[
            ("condition", A_TEXT),
            ("delay", A_TEXT),
            ("max_attempts", of(WHOLE | TEXT)),
            ("window", A_TEXT),
        ]),
    ),
    ("rollback_config", UPDATE),
    ("update_config", UPDATE),
]);

pub(super) const BUILD: Shape = of(TEXT).or_map(&[
    ("additional_contexts", PAIRS),
    ("args", PAIRS),
    ("cache_from", TEXTS),
    ("cache_to", TEXTS),
    ("context", A_TEXT),
    ("dockerfile", A_TEXT),
    ("dockerfile_inline", A_TEXT),
    ("entitlements", TEXTS),
    ("extra_hosts", HOSTS),
    ("isolation", A_TEXT),
    ("labels", PAIRS),
    ("network", A_TEXT),
    ("no_cache", of(BOOLEAN | TEXT)),
    ("platforms", TEXTS),
    ("privileged", of(BOOLEAN | TEXT)),
    ("provenance", of(BOOLEAN | TEXT)),
    ("pull", of(BOOLEAN | TEXT)),
    ("sbom", of(BOOLEAN | TEXT)),
    ("secrets", FILE_MOUNTS),
    ("shm_size", of(WHOLE | TEXT)),
    ("ssh", PAIRS),
    ("tags", TEXTS),
    ("target", A_TEXT),
    ("ulimits", ULIMITS),
]);
