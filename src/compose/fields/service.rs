//! The fields of a service.

use super::build::BUILD;
use super::common::{
    A_TEXT, BYTES, CAST_FLAG, CAST_NUMBER, CAST_ULIMITS, CAST_WHOLE, COMMAND, DEVICE_REQUEST,
    DURATION, FILE_MOUNTS, FLAG, HOSTS, MERGED_PAIRS, PAIRS, TEXT_OR_LIST, TEXT_OR_NUMBER,
    UNIQUE_TEXTS, VARIABLES, WHOLE_BYTES,
};
use super::deploy::DEPLOY;
use super::network::ATTACHMENT;
use super::row::{list, map, of, unique};
use super::volume::MOUNT;
use super::{
    BOOLEAN, Canonical, Cast, Field, HostPath, Identity, Meaning, Merge, NULL, NUMBER, Others,
    TEXT, WHOLE,
};

const HOOK: Field = map(&[
    ("command", COMMAND),
    ("environment", PAIRS),
    ("privileged", FLAG),
    ("user", A_TEXT),
    ("working_dir", A_TEXT),
])
.required(&["command"]);

const RATES: Field = list(&map(&[("path", A_TEXT), ("rate", WHOLE_BYTES)]).others(Others::Refused));

const WEIGHT: Field = of(WHOLE | TEXT).meaning(Meaning::Number);

const DEPENDENCY: Field = map(&[
    (
        "condition",
        of(TEXT).words(&[
            "service_started",
            "service_healthy",
            "service_completed_successfully",
        ]),
    ),
    ("required", of(BOOLEAN)),
    ("restart", FLAG),
])
.required(&["condition"]);

const DEVICE: Field = of(TEXT)
    .or_map(&[
        ("permissions", A_TEXT),
        ("source", A_TEXT),
        ("target", A_TEXT),
    ])
    .required(&["source"])
    .canonical(Canonical::Device);

const ENV_FILE: Field = of(TEXT)
    .or_map(&[
        ("format", A_TEXT),
        ("path", A_TEXT.path(HostPath::Own)),
        ("required", FLAG),
    ])
    .required(&["path"])
    .others(Others::Refused)
    .path(HostPath::Own)
    .canonical(Canonical::Mapping("path"));

const MODEL: Field = of(NULL).or_map(&[("endpoint_var", A_TEXT), ("model_var", A_TEXT)]);

const PORT: Field = of(NUMBER | TEXT).or_map(&[
    ("app_protocol", A_TEXT),
    ("host_ip", A_TEXT),
    ("mode", A_TEXT),
    ("name", A_TEXT),
    ("protocol", A_TEXT),
    ("published", of(WHOLE | TEXT)),
    ("target", CAST_WHOLE),
]);

const PROVIDER_OPTION: Field = of(TEXT | NUMBER | BOOLEAN).or_list(&of(TEXT | NUMBER | BOOLEAN));

const STORAGE_OPTION: Field = of(TEXT | WHOLE | NULL);

const LOG_OPTION: Field = of(TEXT | NUMBER | NULL);

const WATCH: Field = map(&[
    (
        "action",
        of(TEXT).words(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]),
    ),
    ("exec", HOOK),
    ("ignore", TEXT_OR_LIST),
    ("include", TEXT_OR_LIST),
    ("initial_sync", of(BOOLEAN)),
    ("path", A_TEXT.path(HostPath::Context)),
    ("target", A_TEXT),
])
.required(&["path", "action"]);

const HEALTHCHECK: Field = map(&[
    ("disable", CAST_FLAG),
    ("interval", DURATION),
    ("retries", CAST_NUMBER.meaning(Meaning::Count)),
    ("start_interval", DURATION),
    ("start_period", DURATION),
    ("test", of(TEXT).or_list(&A_TEXT).merge(Merge::Replace)),
    ("timeout", DURATION),
]);

pub(in crate::compose) static SERVICE: Field = map(&[
    ("annotations", MERGED_PAIRS),
    ("attach", FLAG),
    (
        "blkio_config",
        map(&[
            ("device_read_bps", RATES),
            ("device_read_iops", RATES),
            ("device_write_bps", RATES),
            ("device_write_iops", RATES),
            ("weight", WEIGHT),
            (
                "weight_device",
                list(&map(&[("path", A_TEXT), ("weight", WEIGHT)]).others(Others::Refused)),
            ),
        ])
        .others(Others::Refused),
    ),
    ("build", BUILD),
    ("cap_add", UNIQUE_TEXTS.identity(Identity::Key)),
    ("cap_drop", UNIQUE_TEXTS.identity(Identity::Key)),
    ("cgroup", of(TEXT).words(&["host", "private"])),
    ("cgroup_parent", A_TEXT),
    ("command", COMMAND.merge(Merge::Replace)),
    ("configs", FILE_MOUNTS.identity(Identity::FileTarget(""))),
    (
        "container_name",
        of(TEXT).pattern(
            is_container_name,
            "a letter or digit, and then letters, digits, `.`, `_` and `-`",
        ),
    ),
    ("cpu_count", CAST_WHOLE.range(0, i128::MAX)),
    (
        "cpu_percent",
        of(TEXT | WHOLE).range(0, 100).cast(Cast::Fraction),
    ),
    ("cpu_period", CAST_NUMBER),
    ("cpu_quota", CAST_NUMBER),
    ("cpu_rt_period", CAST_NUMBER),
    ("cpu_rt_runtime", CAST_NUMBER),
    ("cpu_shares", CAST_NUMBER),
    ("cpus", of(NUMBER | TEXT).cast(Cast::Fraction)),
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
            .others(Others::Named(&DEPENDENCY))
            .merge(Merge::Dependencies)
            .canonical(Canonical::Dependencies),
    ),
    ("deploy", DEPLOY),
    ("develop", of(NULL).or_map(&[("watch", list(&WATCH))])),
    ("device_cgroup_rules", UNIQUE_TEXTS),
    ("devices", list(&DEVICE).identity(Identity::DeviceTarget)),
    (
        "dns",
        TEXT_OR_LIST
            .merge(Merge::Pairs)
            .identity(Identity::Key)
            .canonical(Canonical::List),
    ),
    (
        "dns_opt",
        UNIQUE_TEXTS.merge(Merge::Pairs).identity(Identity::Key),
    ),
    (
        "dns_search",
        TEXT_OR_LIST.merge(Merge::Pairs).identity(Identity::Key),
    ),
    ("domainname", A_TEXT),
    ("entrypoint", COMMAND.merge(Merge::Replace)),
    (
        "env_file",
        of(TEXT)
            .path(HostPath::Own)
            .or_list(&ENV_FILE)
            .merge(Merge::Pairs)
            .identity(Identity::EnvFile)
            .canonical(Canonical::List),
    ),
    ("environment", VARIABLES),
    ("expose", unique(&TEXT_OR_NUMBER).identity(Identity::Scalar)),
    (
        "extends",
        of(TEXT)
            .or_map(&[("file", A_TEXT.path(HostPath::Own)), ("service", A_TEXT)])
            .required(&["service"])
            .others(Others::Refused),
    ),
    ("external_links", UNIQUE_TEXTS),
    ("extra_hosts", HOSTS),
    (
        "gpus",
        of(TEXT)
            .words(&["all"])
            .or_list(&DEVICE_REQUEST.others(Others::Any))
            .canonical(Canonical::Gpus),
    ),
    ("group_add", unique(&TEXT_OR_NUMBER)),
    ("healthcheck", HEALTHCHECK),
    ("hostname", A_TEXT),
    ("image", A_TEXT),
    ("init", CAST_FLAG),
    ("ipc", A_TEXT),
    ("isolation", A_TEXT),
    (
        "label_file",
        of(TEXT)
            .path(HostPath::Own)
            .or_list(&A_TEXT.path(HostPath::Own))
            .merge(Merge::Pairs)
            .canonical(Canonical::List),
    ),
    ("labels", MERGED_PAIRS),
    ("links", UNIQUE_TEXTS.identity(Identity::Key)),
    (
        "logging",
        map(&[
            ("driver", A_TEXT),
            ("options", map(&[]).others(Others::Each(&LOG_OPTION))),
        ])
        .merge(Merge::Logging),
    ),
    ("mac_address", A_TEXT),
    ("mem_limit", BYTES),
    ("mem_reservation", WHOLE_BYTES),
    ("mem_swappiness", WHOLE_BYTES),
    ("memswap_limit", BYTES),
    (
        "models",
        of(0)
            .or_unique(&A_TEXT)
            .or_map(&[])
            .others(Others::MaybeNamed(&MODEL))
            .merge(Merge::Names)
            .canonical(Canonical::Names),
    ),
    ("network_mode", A_TEXT),
    (
        "networks",
        of(0)
            .or_unique(&A_TEXT)
            .or_map(&[])
            .others(Others::Named(&ATTACHMENT))
            .merge(Merge::Names)
            .canonical(Canonical::Names),
    ),
    ("oom_kill_disable", CAST_FLAG),
    ("oom_score_adj", CAST_WHOLE.range(-1000, 1000)),
    ("pid", of(TEXT | NULL)),
    ("pids_limit", CAST_NUMBER),
    ("platform", A_TEXT),
    (
        "ports",
        unique(&PORT)
            .identity(Identity::Port)
            .canonical(Canonical::Ports),
    ),
    ("post_start", list(&HOOK)),
    ("pre_stop", list(&HOOK)),
    ("privileged", CAST_FLAG),
    ("profiles", UNIQUE_TEXTS.identity(Identity::Key)),
    (
        "provider",
        map(&[
            ("options", map(&[]).others(Others::Each(&PROVIDER_OPTION))),
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
    ("read_only", CAST_FLAG),
    ("restart", A_TEXT),
    ("runtime", A_TEXT),
    ("scale", CAST_WHOLE),
    (
        "secrets",
        FILE_MOUNTS.identity(Identity::FileTarget("/run/secrets")),
    ),
    ("security_opt", UNIQUE_TEXTS),
    ("shm_size", BYTES),
    ("stdin_open", CAST_FLAG),
    ("stop_grace_period", DURATION),
    ("stop_signal", A_TEXT),
    (
        "storage_opt",
        map(&[]).others(Others::Each(&STORAGE_OPTION)),
    ),
    ("sysctls", MERGED_PAIRS),
    (
        "tmpfs",
        TEXT_OR_LIST.merge(Merge::Pairs).identity(Identity::Key),
    ),
    ("tty", CAST_FLAG),
    ("ulimits", CAST_ULIMITS),
    ("use_api_socket", of(BOOLEAN)),
    ("user", A_TEXT),
    ("userns_mode", A_TEXT),
    ("uts", A_TEXT),
    ("volumes", unique(&MOUNT).identity(Identity::MountTarget)),
    ("volumes_from", UNIQUE_TEXTS),
    ("working_dir", A_TEXT),
]);

/// Whether it contains a letter or digit followed by one more character of a name, as Compose's own
/// expression is not anchored.
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

/// Whether it contains one of the policies; this expression is not anchored either.
fn is_pull_policy(text: &str) -> bool {
    const WORDS: [&str; 8] = [
        "always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly",
    ];
    let is_interval = |(at, _): (usize, &str)| {
        let rest = text.get(at + "every_".len()..).unwrap_or_default();
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        unit.len() < rest.len() && unit.starts_with(['w', 'd', 'h', 'm', 's'])
    };
    WORDS.iter().any(|word| text.contains(word)) || text.match_indices("every_").any(is_interval)
}
