//! The fields of a Compose file, and the kinds of their values.
//!
//! The tables are long and hold no logic: one constant per mapping, its fields in the order of their
//! names.

use super::{BOOLEAN, Fields, List, NULL, NUMBER, Others, Shape, TEXT, WHOLE};

/// What nothing fits; the base of the others.
const NOTHING: Shape = Shape {
    scalars: 0,
    words: &[],
    pattern: None,
    range: None,
    list: None,
    map: None,
};

const A_TEXT: Shape = Shape {
    scalars: TEXT,
    ..NOTHING
};

const TEXTS: Shape = Shape {
    list: Some(List {
        items: &A_TEXT,
        is_unique: false,
    }),
    ..NOTHING
};

const UNIQUE_TEXTS: Shape = Shape {
    list: Some(List {
        items: &A_TEXT,
        is_unique: true,
    }),
    ..NOTHING
};

const TEXT_OR_LIST: Shape = Shape {
    scalars: TEXT,
    list: Some(List {
        items: &A_TEXT,
        is_unique: true,
    }),
    ..NOTHING
};

const SCALAR: Shape = Shape {
    scalars: TEXT | NUMBER | BOOLEAN | NULL,
    ..NOTHING
};

/// A list of `KEY=VALUE`, or a mapping.
const PAIRS: Shape = Shape {
    list: Some(List {
        items: &A_TEXT,
        is_unique: true,
    }),
    map: Some(Fields {
        known: &[],
        required: &[],
        others: Others::Each(&SCALAR),
    }),
    ..NOTHING
};

/// Options of a driver.
const OPTIONS: Shape = Shape {
    map: Some(Fields {
        known: &[],
        required: &[],
        others: Others::Each(&TEXT_OR_NUMBER),
    }),
    ..NOTHING
};

const TEXT_OR_NUMBER: Shape = Shape {
    scalars: TEXT | NUMBER,
    ..NOTHING
};

const HOSTS: Shape = Shape {
    list: Some(List {
        items: &A_TEXT,
        is_unique: true,
    }),
    map: Some(Fields {
        known: &[],
        required: &[],
        others: Others::Each(&HOST),
    }),
    ..NOTHING
};

const HOST: Shape = Shape {
    scalars: TEXT,
    list: Some(List {
        items: &A_TEXT,
        is_unique: false,
    }),
    ..NOTHING
};

const COMMAND: Shape = Shape {
    scalars: TEXT | NULL,
    list: Some(List {
        items: &A_TEXT,
        is_unique: false,
    }),
    ..NOTHING
};

const HOOK: Shape = Shape {
    map: Some(Fields {
        known: &[
            ("command", COMMAND),
            ("environment", PAIRS),
            (
                "privileged",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("user", A_TEXT),
            ("working_dir", A_TEXT),
        ],
        required: &["command"],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const BLKIO_LIMIT: Shape = Shape {
    map: Some(Fields {
        known: &[
            ("path", A_TEXT),
            (
                "rate",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
        ],
        required: &[],
        others: Others::Refused,
    }),
    ..NOTHING
};

const BLKIO_WEIGHT: Shape = Shape {
    map: Some(Fields {
        known: &[
            ("path", A_TEXT),
            (
                "weight",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
        ],
        required: &[],
        others: Others::Refused,
    }),
    ..NOTHING
};

/// A secret or config of a service.
const FILE_MOUNT: Shape = Shape {
    scalars: TEXT,
    map: Some(Fields {
        known: &[
            ("gid", A_TEXT),
            (
                "mode",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            ("source", A_TEXT),
            ("target", A_TEXT),
            ("uid", A_TEXT),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const FILE_MOUNTS: Shape = Shape {
    list: Some(List {
        items: &FILE_MOUNT,
        is_unique: false,
    }),
    ..NOTHING
};

const ULIMIT: Shape = Shape {
    scalars: WHOLE | TEXT,
    map: Some(Fields {
        known: &[
            (
                "hard",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
            (
                "soft",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
        ],
        required: &["soft", "hard"],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const ULIMITS: Shape = Shape {
    map: Some(Fields {
        known: &[],
        required: &[],
        others: Others::Each(&ULIMIT),
    }),
    ..NOTHING
};

const DEPENDENCY: Shape = Shape {
    map: Some(Fields {
        known: &[
            (
                "condition",
                Shape {
                    scalars: TEXT,
                    words: &[
                        "service_started",
                        "service_healthy",
                        "service_completed_successfully",
                    ],
                    ..NOTHING
                },
            ),
            (
                "required",
                Shape {
                    scalars: BOOLEAN,
                    ..NOTHING
                },
            ),
            (
                "restart",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
        ],
        required: &["condition"],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const DEVICE: Shape = Shape {
    scalars: TEXT,
    map: Some(Fields {
        known: &[
            ("permissions", A_TEXT),
            ("source", A_TEXT),
            ("target", A_TEXT),
        ],
        required: &["source"],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const DEVICE_REQUEST: Shape = Shape {
    map: Some(Fields {
        known: &[
            ("capabilities", UNIQUE_TEXTS),
            (
                "count",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
            ("device_ids", UNIQUE_TEXTS),
            ("driver", A_TEXT),
            ("options", PAIRS),
        ],
        required: &["capabilities"],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const GPU: Shape = Shape {
    map: Some(Fields {
        known: &[
            ("capabilities", UNIQUE_TEXTS),
            (
                "count",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
            ("device_ids", UNIQUE_TEXTS),
            ("driver", A_TEXT),
            ("options", PAIRS),
        ],
        required: &[],
        others: Others::Any,
    }),
    ..NOTHING
};

const ENV_FILE: Shape = Shape {
    scalars: TEXT,
    map: Some(Fields {
        known: &[
            ("format", A_TEXT),
            ("path", A_TEXT),
            (
                "required",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
        ],
        required: &["path"],
        others: Others::Refused,
    }),
    ..NOTHING
};

const MODEL_OF_SERVICE: Shape = Shape {
    scalars: NULL,
    map: Some(Fields {
        known: &[("endpoint_var", A_TEXT), ("model_var", A_TEXT)],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

/// How a service is on a network.
const ATTACHMENT: Shape = Shape {
    scalars: NULL,
    map: Some(Fields {
        known: &[
            ("aliases", UNIQUE_TEXTS),
            ("driver_opts", OPTIONS),
            (
                "gw_priority",
                Shape {
                    scalars: NUMBER,
                    ..NOTHING
                },
            ),
            ("interface_name", A_TEXT),
            ("ipv4_address", A_TEXT),
            ("ipv6_address", A_TEXT),
            ("link_local_ips", UNIQUE_TEXTS),
            ("mac_address", A_TEXT),
            (
                "priority",
                Shape {
                    scalars: NUMBER,
                    ..NOTHING
                },
            ),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const PORT: Shape = Shape {
    scalars: NUMBER | TEXT,
    map: Some(Fields {
        known: &[
            ("app_protocol", A_TEXT),
            ("host_ip", A_TEXT),
            ("mode", A_TEXT),
            ("name", A_TEXT),
            ("protocol", A_TEXT),
            (
                "published",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
            (
                "target",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const MOUNT: Shape = Shape {
    scalars: TEXT,
    map: Some(Fields {
        known: &[
            (
                "bind",
                Shape {
                    map: Some(Fields {
                        known: &[
                            (
                                "create_host_path",
                                Shape {
                                    scalars: BOOLEAN | TEXT,
                                    ..NOTHING
                                },
                            ),
                            ("propagation", A_TEXT),
                            (
                                "recursive",
                                Shape {
                                    scalars: TEXT,
                                    words: &["enabled", "disabled", "writable", "readonly"],
                                    ..NOTHING
                                },
                            ),
                            (
                                "selinux",
                                Shape {
                                    scalars: TEXT,
                                    words: &["z", "Z"],
                                    ..NOTHING
                                },
                            ),
                        ],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            ("consistency", A_TEXT),
            (
                "image",
                Shape {
                    map: Some(Fields {
                        known: &[("subpath", A_TEXT)],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            (
                "read_only",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("source", A_TEXT),
            ("target", A_TEXT),
            (
                "tmpfs",
                Shape {
                    map: Some(Fields {
                        known: &[
                            (
                                "mode",
                                Shape {
                                    scalars: NUMBER | TEXT,
                                    ..NOTHING
                                },
                            ),
                            (
                                "size",
                                Shape {
                                    scalars: WHOLE | TEXT,
                                    range: Some((0, i128::MAX)),
                                    ..NOTHING
                                },
                            ),
                        ],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            (
                "type",
                Shape {
                    scalars: TEXT,
                    words: &["bind", "volume", "tmpfs", "cluster", "npipe", "image"],
                    ..NOTHING
                },
            ),
            (
                "volume",
                Shape {
                    map: Some(Fields {
                        known: &[
                            ("labels", PAIRS),
                            (
                                "nocopy",
                                Shape {
                                    scalars: BOOLEAN | TEXT,
                                    ..NOTHING
                                },
                            ),
                            ("subpath", A_TEXT),
                        ],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
        ],
        required: &["type"],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const OPTION_OF_PROVIDER: Shape = Shape {
    scalars: TEXT | NUMBER | BOOLEAN,
    list: Some(List {
        items: &SCALAR_BUT_NULL,
        is_unique: false,
    }),
    ..NOTHING
};

const SCALAR_BUT_NULL: Shape = Shape {
    scalars: TEXT | NUMBER | BOOLEAN,
    ..NOTHING
};

const LOG_OPTION: Shape = Shape {
    scalars: TEXT | NUMBER | NULL,
    ..NOTHING
};

const WATCH: Shape = Shape {
    map: Some(Fields {
        known: &[
            (
                "action",
                Shape {
                    scalars: TEXT,
                    words: &["rebuild", "sync", "restart", "sync+restart", "sync+exec"],
                    ..NOTHING
                },
            ),
            ("exec", HOOK),
            ("ignore", TEXT_OR_LIST),
            ("include", TEXT_OR_LIST),
            (
                "initial_sync",
                Shape {
                    scalars: BOOLEAN,
                    ..NOTHING
                },
            ),
            ("path", A_TEXT),
            ("target", A_TEXT),
        ],
        required: &["path", "action"],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const UPDATE: Shape = Shape {
    map: Some(Fields {
        known: &[
            ("delay", A_TEXT),
            ("failure_action", A_TEXT),
            (
                "max_failure_ratio",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            ("monitor", A_TEXT),
            (
                "order",
                Shape {
                    scalars: TEXT,
                    words: &["start-first", "stop-first"],
                    ..NOTHING
                },
            ),
            (
                "parallelism",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const GENERIC_RESOURCE: Shape = Shape {
    map: Some(Fields {
        known: &[(
            "discrete_resource_spec",
            Shape {
                map: Some(Fields {
                    known: &[
                        ("kind", A_TEXT),
                        (
                            "value",
                            Shape {
                                scalars: NUMBER | TEXT,
                                ..NOTHING
                            },
                        ),
                    ],
                    required: &[],
                    others: Others::Extensions,
                }),
                ..NOTHING
            },
        )],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const PREFERENCE: Shape = Shape {
    map: Some(Fields {
        known: &[("spread", A_TEXT)],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const DEPLOY: Shape = Shape {
    scalars: NULL,
    map: Some(Fields {
        known: &[
            ("endpoint_mode", A_TEXT),
            ("labels", PAIRS),
            ("mode", A_TEXT),
            (
                "placement",
                Shape {
                    map: Some(Fields {
                        known: &[
                            ("constraints", TEXTS),
                            (
                                "max_replicas_per_node",
                                Shape {
                                    scalars: WHOLE | TEXT,
                                    ..NOTHING
                                },
                            ),
                            (
                                "preferences",
                                Shape {
                                    list: Some(List {
                                        items: &PREFERENCE,
                                        is_unique: false,
                                    }),
                                    ..NOTHING
                                },
                            ),
                        ],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            (
                "replicas",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
            (
                "resources",
                Shape {
                    map: Some(Fields {
                        known: &[
                            (
                                "limits",
                                Shape {
                                    map: Some(Fields {
                                        known: &[
                                            (
                                                "cpus",
                                                Shape {
                                                    scalars: NUMBER | TEXT,
                                                    ..NOTHING
                                                },
                                            ),
                                            ("memory", A_TEXT),
                                            (
                                                "pids",
                                                Shape {
                                                    scalars: WHOLE | TEXT,
                                                    ..NOTHING
                                                },
                                            ),
                                        ],
                                        required: &[],
                                        others: Others::Extensions,
                                    }),
                                    ..NOTHING
                                },
                            ),
                            (
                                "reservations",
                                Shape {
                                    map: Some(Fields {
                                        known: &[
                                            (
                                                "cpus",
                                                Shape {
                                                    scalars: NUMBER | TEXT,
                                                    ..NOTHING
                                                },
                                            ),
                                            (
                                                "devices",
                                                Shape {
                                                    list: Some(List {
                                                        items: &DEVICE_REQUEST,
                                                        is_unique: false,
                                                    }),
                                                    ..NOTHING
                                                },
                                            ),
                                            (
                                                "generic_resources",
                                                Shape {
                                                    list: Some(List {
                                                        items: &GENERIC_RESOURCE,
                                                        is_unique: false,
                                                    }),
                                                    ..NOTHING
                                                },
                                            ),
                                            ("memory", A_TEXT),
                                        ],
                                        required: &[],
                                        others: Others::Extensions,
                                    }),
                                    ..NOTHING
                                },
                            ),
                        ],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            (
                "restart_policy",
                Shape {
                    map: Some(Fields {
                        known: &[
                            ("condition", A_TEXT),
                            ("delay", A_TEXT),
                            (
                                "max_attempts",
                                Shape {
                                    scalars: WHOLE | TEXT,
                                    ..NOTHING
                                },
                            ),
                            ("window", A_TEXT),
                        ],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            ("rollback_config", UPDATE),
            ("update_config", UPDATE),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const HEALTHCHECK: Shape = Shape {
    map: Some(Fields {
        known: &[
            (
                "disable",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("interval", A_TEXT),
            (
                "retries",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            ("start_interval", A_TEXT),
            ("start_period", A_TEXT),
            (
                "test",
                Shape {
                    scalars: TEXT,
                    list: Some(List {
                        items: &A_TEXT,
                        is_unique: false,
                    }),
                    ..NOTHING
                },
            ),
            ("timeout", A_TEXT),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const BUILD: Shape = Shape {
    scalars: TEXT,
    map: Some(Fields {
        known: &[
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
            (
                "no_cache",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("platforms", TEXTS),
            (
                "privileged",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            (
                "provenance",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            (
                "pull",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            (
                "sbom",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("secrets", FILE_MOUNTS),
            (
                "shm_size",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
            ("ssh", PAIRS),
            ("tags", TEXTS),
            ("target", A_TEXT),
            ("ulimits", ULIMITS),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const SERVICE: Shape = Shape {
    map: Some(Fields {
        known: &[
            ("annotations", PAIRS),
            (
                "attach",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            (
                "blkio_config",
                Shape {
                    map: Some(Fields {
                        known: &[
                            (
                                "device_read_bps",
                                Shape {
                                    list: Some(List {
                                        items: &BLKIO_LIMIT,
                                        is_unique: false,
                                    }),
                                    ..NOTHING
                                },
                            ),
                            (
                                "device_read_iops",
                                Shape {
                                    list: Some(List {
                                        items: &BLKIO_LIMIT,
                                        is_unique: false,
                                    }),
                                    ..NOTHING
                                },
                            ),
                            (
                                "device_write_bps",
                                Shape {
                                    list: Some(List {
                                        items: &BLKIO_LIMIT,
                                        is_unique: false,
                                    }),
                                    ..NOTHING
                                },
                            ),
                            (
                                "device_write_iops",
                                Shape {
                                    list: Some(List {
                                        items: &BLKIO_LIMIT,
                                        is_unique: false,
                                    }),
                                    ..NOTHING
                                },
                            ),
                            (
                                "weight",
                                Shape {
                                    scalars: WHOLE | TEXT,
                                    ..NOTHING
                                },
                            ),
                            (
                                "weight_device",
                                Shape {
                                    list: Some(List {
                                        items: &BLKIO_WEIGHT,
                                        is_unique: false,
                                    }),
                                    ..NOTHING
                                },
                            ),
                        ],
                        required: &[],
                        others: Others::Refused,
                    }),
                    ..NOTHING
                },
            ),
            ("build", BUILD),
            ("cap_add", UNIQUE_TEXTS),
            ("cap_drop", UNIQUE_TEXTS),
            (
                "cgroup",
                Shape {
                    scalars: TEXT,
                    words: &["host", "private"],
                    ..NOTHING
                },
            ),
            ("cgroup_parent", A_TEXT),
            ("command", COMMAND),
            ("configs", FILE_MOUNTS),
            (
                "container_name",
                Shape {
                    scalars: TEXT,
                    pattern: Some((
                        is_container_name,
                        "a letter or digit, and then letters, digits, `.`, `_` and `-`",
                    )),
                    ..NOTHING
                },
            ),
            (
                "cpu_count",
                Shape {
                    scalars: TEXT | WHOLE,
                    range: Some((0, i128::MAX)),
                    ..NOTHING
                },
            ),
            (
                "cpu_percent",
                Shape {
                    scalars: TEXT | WHOLE,
                    range: Some((0, 100)),
                    ..NOTHING
                },
            ),
            (
                "cpu_period",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            (
                "cpu_quota",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            (
                "cpu_rt_period",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            (
                "cpu_rt_runtime",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            (
                "cpu_shares",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            (
                "cpus",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            ("cpuset", A_TEXT),
            (
                "credential_spec",
                Shape {
                    map: Some(Fields {
                        known: &[("config", A_TEXT), ("file", A_TEXT), ("registry", A_TEXT)],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            (
                "depends_on",
                Shape {
                    list: Some(List {
                        items: &A_TEXT,
                        is_unique: true,
                    }),
                    map: Some(Fields {
                        known: &[],
                        required: &[],
                        others: Others::Named(&DEPENDENCY),
                    }),
                    ..NOTHING
                },
            ),
            ("deploy", DEPLOY),
            (
                "develop",
                Shape {
                    scalars: NULL,
                    map: Some(Fields {
                        known: &[(
                            "watch",
                            Shape {
                                list: Some(List {
                                    items: &WATCH,
                                    is_unique: false,
                                }),
                                ..NOTHING
                            },
                        )],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            ("device_cgroup_rules", UNIQUE_TEXTS),
            (
                "devices",
                Shape {
                    list: Some(List {
                        items: &DEVICE,
                        is_unique: false,
                    }),
                    ..NOTHING
                },
            ),
            ("dns", TEXT_OR_LIST),
            ("dns_opt", UNIQUE_TEXTS),
            ("dns_search", TEXT_OR_LIST),
            ("domainname", A_TEXT),
            ("entrypoint", COMMAND),
            (
                "env_file",
                Shape {
                    scalars: TEXT,
                    list: Some(List {
                        items: &ENV_FILE,
                        is_unique: false,
                    }),
                    ..NOTHING
                },
            ),
            ("environment", PAIRS),
            (
                "expose",
                Shape {
                    list: Some(List {
                        items: &TEXT_OR_NUMBER,
                        is_unique: true,
                    }),
                    ..NOTHING
                },
            ),
            (
                "extends",
                Shape {
                    scalars: TEXT,
                    map: Some(Fields {
                        known: &[("file", A_TEXT), ("service", A_TEXT)],
                        required: &["service"],
                        others: Others::Refused,
                    }),
                    ..NOTHING
                },
            ),
            ("external_links", UNIQUE_TEXTS),
            ("extra_hosts", HOSTS),
            (
                "gpus",
                Shape {
                    scalars: TEXT,
                    words: &["all"],
                    list: Some(List {
                        items: &GPU,
                        is_unique: false,
                    }),
                    ..NOTHING
                },
            ),
            (
                "group_add",
                Shape {
                    list: Some(List {
                        items: &TEXT_OR_NUMBER,
                        is_unique: true,
                    }),
                    ..NOTHING
                },
            ),
            ("healthcheck", HEALTHCHECK),
            ("hostname", A_TEXT),
            ("image", A_TEXT),
            (
                "init",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("ipc", A_TEXT),
            ("isolation", A_TEXT),
            (
                "label_file",
                Shape {
                    scalars: TEXT,
                    list: Some(List {
                        items: &A_TEXT,
                        is_unique: false,
                    }),
                    ..NOTHING
                },
            ),
            ("labels", PAIRS),
            ("links", UNIQUE_TEXTS),
            (
                "logging",
                Shape {
                    map: Some(Fields {
                        known: &[
                            ("driver", A_TEXT),
                            (
                                "options",
                                Shape {
                                    map: Some(Fields {
                                        known: &[],
                                        required: &[],
                                        others: Others::Each(&LOG_OPTION),
                                    }),
                                    ..NOTHING
                                },
                            ),
                        ],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            ("mac_address", A_TEXT),
            (
                "mem_limit",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            (
                "mem_reservation",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
            (
                "mem_swappiness",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
            (
                "memswap_limit",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            (
                "models",
                Shape {
                    list: Some(List {
                        items: &A_TEXT,
                        is_unique: true,
                    }),
                    map: Some(Fields {
                        known: &[],
                        required: &[],
                        others: Others::MaybeNamed(&MODEL_OF_SERVICE),
                    }),
                    ..NOTHING
                },
            ),
            ("network_mode", A_TEXT),
            (
                "networks",
                Shape {
                    list: Some(List {
                        items: &A_TEXT,
                        is_unique: true,
                    }),
                    map: Some(Fields {
                        known: &[],
                        required: &[],
                        others: Others::Named(&ATTACHMENT),
                    }),
                    ..NOTHING
                },
            ),
            (
                "oom_kill_disable",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            (
                "oom_score_adj",
                Shape {
                    scalars: TEXT | WHOLE,
                    range: Some((-1000, 1000)),
                    ..NOTHING
                },
            ),
            (
                "pid",
                Shape {
                    scalars: TEXT | NULL,
                    ..NOTHING
                },
            ),
            (
                "pids_limit",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            ("platform", A_TEXT),
            (
                "ports",
                Shape {
                    list: Some(List {
                        items: &PORT,
                        is_unique: true,
                    }),
                    ..NOTHING
                },
            ),
            (
                "post_start",
                Shape {
                    list: Some(List {
                        items: &HOOK,
                        is_unique: false,
                    }),
                    ..NOTHING
                },
            ),
            (
                "pre_stop",
                Shape {
                    list: Some(List {
                        items: &HOOK,
                        is_unique: false,
                    }),
                    ..NOTHING
                },
            ),
            (
                "privileged",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("profiles", UNIQUE_TEXTS),
            (
                "provider",
                Shape {
                    map: Some(Fields {
                        known: &[
                            (
                                "options",
                                Shape {
                                    map: Some(Fields {
                                        known: &[],
                                        required: &[],
                                        others: Others::Each(&OPTION_OF_PROVIDER),
                                    }),
                                    ..NOTHING
                                },
                            ),
                            ("type", A_TEXT),
                        ],
                        required: &["type"],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            (
                "pull_policy",
                Shape {
                    scalars: TEXT,
                    pattern: Some((
                        is_pull_policy,
                        "one of always, never, build, missing, if_not_present, refresh, daily, weekly, every_…",
                    )),
                    ..NOTHING
                },
            ),
            ("pull_refresh_after", A_TEXT),
            (
                "read_only",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("restart", A_TEXT),
            ("runtime", A_TEXT),
            (
                "scale",
                Shape {
                    scalars: WHOLE | TEXT,
                    ..NOTHING
                },
            ),
            ("secrets", FILE_MOUNTS),
            ("security_opt", UNIQUE_TEXTS),
            (
                "shm_size",
                Shape {
                    scalars: NUMBER | TEXT,
                    ..NOTHING
                },
            ),
            (
                "stdin_open",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("stop_grace_period", A_TEXT),
            ("stop_signal", A_TEXT),
            (
                "storage_opt",
                Shape {
                    map: Some(Fields {
                        known: &[],
                        required: &[],
                        others: Others::Any,
                    }),
                    ..NOTHING
                },
            ),
            ("sysctls", PAIRS),
            ("tmpfs", TEXT_OR_LIST),
            (
                "tty",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("ulimits", ULIMITS),
            (
                "use_api_socket",
                Shape {
                    scalars: BOOLEAN,
                    ..NOTHING
                },
            ),
            ("user", A_TEXT),
            ("userns_mode", A_TEXT),
            ("uts", A_TEXT),
            (
                "volumes",
                Shape {
                    list: Some(List {
                        items: &MOUNT,
                        is_unique: true,
                    }),
                    ..NOTHING
                },
            ),
            ("volumes_from", UNIQUE_TEXTS),
            ("working_dir", A_TEXT),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const AUX_ADDRESSES: Shape = Shape {
    map: Some(Fields {
        known: &[],
        required: &[],
        others: Others::Each(&A_TEXT),
    }),
    ..NOTHING
};

const SUBNET: Shape = Shape {
    map: Some(Fields {
        known: &[
            ("aux_addresses", AUX_ADDRESSES),
            ("gateway", A_TEXT),
            ("ip_range", A_TEXT),
            ("subnet", A_TEXT),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const NETWORK: Shape = Shape {
    scalars: NULL,
    map: Some(Fields {
        known: &[
            (
                "attachable",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            ("driver", A_TEXT),
            ("driver_opts", OPTIONS),
            (
                "enable_ipv4",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            (
                "enable_ipv6",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            (
                "external",
                Shape {
                    scalars: TEXT | BOOLEAN,
                    map: Some(Fields {
                        known: &[("name", A_TEXT)],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            (
                "internal",
                Shape {
                    scalars: BOOLEAN | TEXT,
                    ..NOTHING
                },
            ),
            (
                "ipam",
                Shape {
                    map: Some(Fields {
                        known: &[
                            (
                                "config",
                                Shape {
                                    list: Some(List {
                                        items: &SUBNET,
                                        is_unique: false,
                                    }),
                                    ..NOTHING
                                },
                            ),
                            ("driver", A_TEXT),
                            ("options", AUX_ADDRESSES),
                        ],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            ("labels", PAIRS),
            ("name", A_TEXT),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const VOLUME: Shape = Shape {
    scalars: NULL,
    map: Some(Fields {
        known: &[
            ("driver", A_TEXT),
            ("driver_opts", OPTIONS),
            (
                "external",
                Shape {
                    scalars: TEXT | BOOLEAN,
                    map: Some(Fields {
                        known: &[("name", A_TEXT)],
                        required: &[],
                        others: Others::Extensions,
                    }),
                    ..NOTHING
                },
            ),
            ("labels", PAIRS),
            ("name", A_TEXT),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const SECRET: Shape = Shape {
    map: Some(Fields {
        known: &[
            ("driver", A_TEXT),
            ("driver_opts", OPTIONS),
            ("environment", A_TEXT),
            (
                "external",
                Shape {
                    scalars: TEXT | BOOLEAN,
                    map: Some(Fields {
                        known: &[("name", A_TEXT)],
                        required: &[],
                        others: Others::Any,
                    }),
                    ..NOTHING
                },
            ),
            ("file", A_TEXT),
            ("labels", PAIRS),
            ("name", A_TEXT),
            ("template_driver", A_TEXT),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const CONFIG: Shape = Shape {
    map: Some(Fields {
        known: &[
            ("content", A_TEXT),
            ("environment", A_TEXT),
            (
                "external",
                Shape {
                    scalars: TEXT | BOOLEAN,
                    map: Some(Fields {
                        known: &[("name", A_TEXT)],
                        required: &[],
                        others: Others::Any,
                    }),
                    ..NOTHING
                },
            ),
            ("file", A_TEXT),
            ("labels", PAIRS),
            ("name", A_TEXT),
            ("template_driver", A_TEXT),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

const MODEL: Shape = Shape {
    map: Some(Fields {
        known: &[
            (
                "context_size",
                Shape {
                    scalars: WHOLE,
                    ..NOTHING
                },
            ),
            ("model", A_TEXT),
            ("name", A_TEXT),
            ("runtime_flags", TEXTS),
        ],
        required: &["model"],
        others: Others::Extensions,
    }),
    ..NOTHING
};

/// A whole file.
pub(super) const FILE: Shape = Shape {
    map: Some(Fields {
        known: &[
            (
                "configs",
                Shape {
                    map: Some(Fields {
                        known: &[],
                        required: &[],
                        others: Others::Named(&CONFIG),
                    }),
                    ..NOTHING
                },
            ),
            (
                "include",
                Shape {
                    list: Some(List {
                        items: &A_TEXT,
                        is_unique: false,
                    }),
                    ..NOTHING
                },
            ),
            (
                "models",
                Shape {
                    map: Some(Fields {
                        known: &[],
                        required: &[],
                        others: Others::MaybeNamed(&MODEL),
                    }),
                    ..NOTHING
                },
            ),
            ("name", A_TEXT),
            (
                "networks",
                Shape {
                    map: Some(Fields {
                        known: &[],
                        required: &[],
                        others: Others::MaybeNamed(&NETWORK),
                    }),
                    ..NOTHING
                },
            ),
            (
                "secrets",
                Shape {
                    map: Some(Fields {
                        known: &[],
                        required: &[],
                        others: Others::Named(&SECRET),
                    }),
                    ..NOTHING
                },
            ),
            (
                "services",
                Shape {
                    map: Some(Fields {
                        known: &[],
                        required: &[],
                        others: Others::Named(&SERVICE),
                    }),
                    ..NOTHING
                },
            ),
            ("version", A_TEXT),
            (
                "volumes",
                Shape {
                    map: Some(Fields {
                        known: &[],
                        required: &[],
                        others: Others::Named(&VOLUME),
                    }),
                    ..NOTHING
                },
            ),
        ],
        required: &[],
        others: Others::Extensions,
    }),
    ..NOTHING
};

/// Whether a letter or digit and one more character of a name stand in it somewhere.
fn is_container_name(text: &str) -> bool {
    let mut last_starts = false;
    text.chars().any(|c| {
        let is_letter = c.is_ascii_alphanumeric();
        let is_part = is_letter || matches!(c, '_' | '.' | '-');
        let fits = last_starts && is_part;
        last_starts = is_letter;
        fits
    })
}

/// Whether one of the policies stands in it.
fn is_pull_policy(text: &str) -> bool {
    const WORDS: [&str; 8] = [
        "always",
        "never",
        "build",
        "if_not_present",
        "missing",
        "refresh",
        "daily",
        "weekly",
    ];
    let is_interval = |(at, _): (usize, &str)| {
        let rest = text.get(at + "every_".len()..).unwrap_or_default();
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        unit.len() < rest.len() && unit.starts_with(['w', 'd', 'h', 'm', 's'])
    };
    WORDS.iter().any(|word| text.contains(word)) || text.match_indices("every_").any(is_interval)
}

#[cfg(test)]
mod tests {
    use super::super::{Others, Shape};
    use super::FILE;

    /// Fields are looked for by halving, so their order counts.
    #[test]
    fn fields_are_in_the_order_of_their_names() {
        fn check(shape: &Shape) {
            if let Some(list) = &shape.list {
                check(list.items);
            }
            let Some(fields) = &shape.map else { return };
            assert!(fields.known.is_sorted_by_key(|(name, _)| name));
            for (_, shape) in fields.known {
                check(shape);
            }
            if let Others::Each(shape) | Others::Named(shape) | Others::MaybeNamed(shape) =
                &fields.others
            {
                check(shape);
            }
        }
        check(&FILE);
    }
}
