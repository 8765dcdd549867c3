//! The fields of a service.

use super::common::{
    A_TEXT, COMMAND, HOSTS, OPTIONS, PAIRS, TEXT_OR_LIST, TEXT_OR_NUMBER, UNIQUE_TEXTS,
};
use super::deploy::{BUILD, DEPLOY};
use super::{BOOLEAN, NULL, NUMBER, Others, Shape, TEXT, WHOLE, list, map, of, unique};

const HOOK: Shape = map(&[
    ("command", COMMAND),
    ("environment", PAIRS),
    ("privileged", of(BOOLEAN | TEXT)),
    ("user", A_TEXT),
    ("working_dir", A_TEXT),
])
.required(&["command"]);

const BLKIO_LIMIT: Shape =
    map(&[("path", A_TEXT), ("rate", of(WHOLE | TEXT))]).others(Others::Refused);

const BLKIO_WEIGHT: Shape =
    map(&[("path", A_TEXT), ("weight", of(WHOLE | TEXT))]).others(Others::Refused);

/// A secret or config of a service.
const FILE_MOUNT: Shape = of(TEXT).or_map(&[
    ("gid", A_TEXT),
    ("mode", of(NUMBER | TEXT)),
    ("source", A_TEXT),
    ("target", A_TEXT),
    ("uid", A_TEXT),
]);

pub(super) const FILE_MOUNTS: Shape = list(&FILE_MOUNT);

const ULIMIT: Shape = of(WHOLE | TEXT)
    .or_map(&[("hard", of(WHOLE | TEXT)), ("soft", of(WHOLE | TEXT))])
    .required(&["soft", "hard"]);

pub(super) const ULIMITS: Shape = map(&[]).others(Others::Each(&ULIMIT));

const DEPENDENCY: Shape = map(&[
    (
        "condition",
        of(TEXT).words(&[
            "service_started",
            "service_healthy",
            "service_completed_successfully",
        ]),
    ),
    ("required", of(BOOLEAN)),
    ("restart", of(BOOLEAN | TEXT)),
])
.required(&["condition"]);

const DEVICE: Shape = of(TEXT)
    .or_map(&[
        ("permissions", A_TEXT),
        ("source", A_TEXT),
        ("target", A_TEXT),
    ])
    .required(&["source"]);

const GPU: Shape = map(&[
    ("capabilities", UNIQUE_TEXTS),
    ("count", of(WHOLE | TEXT)),
    ("device_ids", UNIQUE_TEXTS),
    ("driver", A_TEXT),
    ("options", PAIRS),
])
.others(Others::Any);

const ENV_FILE: Shape = of(TEXT)
    .or_map(&[
        ("format", A_TEXT),
        ("path", A_TEXT),
        ("required", of(BOOLEAN | TEXT)),
    ])
    .required(&["path"])
    .others(Others::Refused);

const MODEL_OF_SERVICE: Shape = of(NULL).or_map(&[("endpoint_var", A_TEXT), ("model_var", A_TEXT)]);

/// How a service is on a network.
const ATTACHMENT: Shape = of(NULL).or_map(&[
    ("aliases", UNIQUE_TEXTS),
    ("driver_opts", OPTIONS),
    ("gw_priority", of(NUMBER)),
    ("interface_name", A_TEXT),
    ("ipv4_address", A_TEXT),
    ("ipv6_address", A_TEXT),
    ("link_local_ips", UNIQUE_TEXTS),
    ("mac_address", A_TEXT),
    ("priority", of(NUMBER)),
]);

const PORT: Shape = of(NUMBER | TEXT).or_map(&[
    ("app_protocol", A_TEXT),
    ("host_ip", A_TEXT),
    ("mode", A_TEXT),
    ("name", A_TEXT),
    ("protocol", A_TEXT),
    ("published", of(WHOLE | TEXT)),
    ("target", of(WHOLE | TEXT)),
]);

const MOUNT: Shape = of(TEXT)
    .or_map(&[
        (
            "bind",
            map(&[
                ("create_host_path", of(BOOLEAN | TEXT)),
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
        ("read_only", of(BOOLEAN | TEXT)),
        ("source", A_TEXT),
        ("target", A_TEXT),
        (
            "tmpfs",
            map(&[
                ("mode", of(NUMBER | TEXT)),
                ("size", of(WHOLE | TEXT).range(0, i128::MAX)),
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
                ("nocopy", of(BOOLEAN | TEXT)),
                ("subpath", A_TEXT),
            ]),
        ),
    ])
    .required(&["type"]);

const OPTION_OF_PROVIDER: Shape = of(TEXT | NUMBER | BOOLEAN).or_list(&SCALAR_BUT_NULL);

const SCALAR_BUT_NULL: Shape = of(TEXT | NUMBER | BOOLEAN);

const STORAGE_OPTION: Shape = of(TEXT | WHOLE | NULL);

const LOG_OPTION: Shape = of(TEXT | NUMBER | NULL);

const WATCH: Shape = map(&[
    (
        "action",
        of(TEXT).words(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]),
    ),
    ("exec", HOOK),
    ("ignore", TEXT_OR_LIST),
    ("include", TEXT_OR_LIST),
    ("initial_sync", of(BOOLEAN)),
    ("path", A_TEXT),
    ("target", A_TEXT),
])
.required(&["path", "action"]);

const HEALTHCHECK: Shape = map(&[
    ("disable", of(BOOLEAN | TEXT)),
    ("interval", A_TEXT),
    ("retries", of(NUMBER | TEXT)),
    ("start_interval", A_TEXT),
    ("start_period", A_TEXT),
    ("test", of(TEXT).or_list(&A_TEXT)),
    ("timeout", A_TEXT),
]);

pub(super) const SERVICE: Shape = map(&[
    ("annotations", PAIRS),
    ("attach", of(BOOLEAN | TEXT)),
    (
        "blkio_config",
        map(&[
            ("device_read_bps", list(&BLKIO_LIMIT)),
            ("device_read_iops", list(&BLKIO_LIMIT)),
            ("device_write_bps", list(&BLKIO_LIMIT)),
            ("device_write_iops", list(&BLKIO_LIMIT)),
            ("weight", of(WHOLE | TEXT)),
            ("weight_device", list(&BLKIO_WEIGHT)),
        ])
        .others(Others::Refused),
    ),
    ("build", BUILD),
    ("cap_add", UNIQUE_TEXTS),
    ("cap_drop", UNIQUE_TEXTS),
    ("cgroup", of(TEXT).words(&["host", "private"])),
    ("cgroup_parent", A_TEXT),
    ("command", COMMAND),
    ("configs", FILE_MOUNTS),
    (
        "container_name",
        of(TEXT).pattern(
            is_container_name,
            "a letter or digit, and then letters, digits, `.`, `_` and `-`",
        ),
    ),
    ("cpu_count", of(TEXT | WHOLE).range(0, i128::MAX)),
    ("cpu_percent", of(TEXT | WHOLE).range(0, 100)),
    ("cpu_period", of(NUMBER | TEXT)),
    ("cpu_quota", of(NUMBER | TEXT)),
    ("cpu_rt_period", of(NUMBER | TEXT)),
    ("cpu_rt_runtime", of(NUMBER | TEXT)),
    ("cpu_shares", of(NUMBER | TEXT)),
    ("cpus", of(NUMBER | TEXT)),
    ("cpuset", A_TEXT),
    (
        "credential_spec",
        map(&[("config", A_TEXT), ("file", A_TEXT), ("registry", A_TEXT)]),
    ),
    (
        "depends_on",
        of(0)
            .or_unique(&A_TEXT)
            .or_map(&[])
            .others(Others::Named(&DEPENDENCY)),
    ),
    ("deploy", DEPLOY),
    ("develop", of(NULL).or_map(&[("watch", list(&WATCH))])),
    ("device_cgroup_rules", UNIQUE_TEXTS),
    ("devices", list(&DEVICE)),
    ("dns", TEXT_OR_LIST),
    ("dns_opt", UNIQUE_TEXTS),
    ("dns_search", TEXT_OR_LIST),
    ("domainname", A_TEXT),
    ("entrypoint", COMMAND),
    ("env_file", of(TEXT).or_list(&ENV_FILE)),
    ("environment", PAIRS),
    ("expose", unique(&TEXT_OR_NUMBER)),
    (
        "extends",
        of(TEXT)
            .or_map(&[("file", A_TEXT), ("service", A_TEXT)])
            .required(&["service"])
            .others(Others::Refused),
    ),
    ("external_links", UNIQUE_TEXTS),
    ("extra_hosts", HOSTS),
    ("gpus", of(TEXT).words(&["all"]).or_list(&GPU)),
    ("group_add", unique(&TEXT_OR_NUMBER)),
    ("healthcheck", HEALTHCHECK),
    ("hostname", A_TEXT),
    ("image", A_TEXT),
    ("init", of(BOOLEAN | TEXT)),
    ("ipc", A_TEXT),
    ("isolation", A_TEXT),
    ("label_file", of(TEXT).or_list(&A_TEXT)),
    ("labels", PAIRS),
    ("links", UNIQUE_TEXTS),
    (
        "logging",
        map(&[
            ("driver", A_TEXT),
            ("options", map(&[]).others(Others::Each(&LOG_OPTION))),
        ]),
    ),
    ("mac_address", A_TEXT),
    ("mem_limit", of(NUMBER | TEXT)),
    ("mem_reservation", of(WHOLE | TEXT)),
    ("mem_swappiness", of(WHOLE | TEXT)),
    ("memswap_limit", of(NUMBER | TEXT)),
    (
        "models",
        of(0)
            .or_unique(&A_TEXT)
            .or_map(&[])
            .others(Others::MaybeNamed(&MODEL_OF_SERVICE)),
    ),
    ("network_mode", A_TEXT),
    (
        "networks",
        of(0)
            .or_unique(&A_TEXT)
            .or_map(&[])
            .others(Others::Named(&ATTACHMENT)),
    ),
    ("oom_kill_disable", of(BOOLEAN | TEXT)),
    ("oom_score_adj", of(TEXT | WHOLE).range(-1000, 1000)),
    ("pid", of(TEXT | NULL)),
    ("pids_limit", of(NUMBER | TEXT)),
    ("platform", A_TEXT),
    ("ports", unique(&PORT)),
    ("post_start", list(&HOOK)),
    ("pre_stop", list(&HOOK)),
    ("privileged", of(BOOLEAN | TEXT)),
    ("profiles", UNIQUE_TEXTS),
    (
        "provider",
        map(&[
            (
                "options",
                map(&[]).others(Others::Each(&OPTION_OF_PROVIDER)),
            ),
            ("type", A_TEXT),
        ])
        .required(&["type"]),
    ),
    (
        "pull_policy",
        of(TEXT).pattern(
            is_pull_policy,
            "one of always, never, build, missing, if_not_present, refresh, daily, weekly, every_…",
        ),
    ),
    ("pull_refresh_after", A_TEXT),
    ("read_only", of(BOOLEAN | TEXT)),
    ("restart", A_TEXT),
    ("runtime", A_TEXT),
    ("scale", of(WHOLE | TEXT)),
    ("secrets", FILE_MOUNTS),
    ("security_opt", UNIQUE_TEXTS),
    ("shm_size", of(NUMBER | TEXT)),
    ("stdin_open", of(BOOLEAN | TEXT)),
    ("stop_grace_period", A_TEXT),
    ("stop_signal", A_TEXT),
    (
        "storage_opt",
        map(&[]).others(Others::Each(&STORAGE_OPTION)),
    ),
    ("sysctls", PAIRS),
    ("tmpfs", TEXT_OR_LIST),
    ("tty", of(BOOLEAN | TEXT)),
    ("ulimits", ULIMITS),
    ("use_api_socket", of(BOOLEAN)),
    ("user", A_TEXT),
    ("userns_mode", A_TEXT),
    ("uts", A_TEXT),
    ("volumes", unique(&MOUNT)),
    ("volumes_from", UNIQUE_TEXTS),
    ("working_dir", A_TEXT),
]);

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
