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
    BOOLEAN, Canonical, Cast, EntryIdentity, Field, HostPath, LIST, Meaning, Merge, NULL, NUMBER,
    Others, StackDuration, TEXT, WHOLE,
};
use crate::state::{COMPLETED, HEALTHY, STARTED};
use crate::text::path::SECRETS_FOLDER;

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
    ("condition", of(TEXT).words(&[STARTED, HEALTHY, COMPLETED])),
    ("required", of(BOOLEAN)),
    ("restart", FLAG),
])
.required(&["condition"]);

const DEVICE: Field = of(TEXT)
    .stack_shapes(0)
    .or_map(&[
        ("permissions", A_TEXT),
        ("source", A_TEXT),
        ("target", A_TEXT),
    ])
    .required(&["source"])
    .canonical(Canonical::Device);

const ENV_FILE: Field = of(TEXT)
    .stack_shapes(0)
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
    ("app_protocol", A_TEXT.refused("")),
    (
        "host_ip",
        A_TEXT.refused("a swarm publishes on every address of a node"),
    ),
    ("mode", A_TEXT),
    ("name", A_TEXT.refused("")),
    ("protocol", A_TEXT),
    (
        "published",
        of(WHOLE | TEXT).stack_takes(WHOLE).stack_cast(true),
    ),
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

const CHECK_TIME: Field = DURATION.stack_duration(StackDuration::ZeroOrAtLeastOneMillisecond);

/// How the list of a health check says what runs its test (Compose specification, `healthcheck`).
pub(crate) const TEST_KINDS: [&str; 3] = ["CMD", "CMD-SHELL", "NONE"];

const HEALTHCHECK: Field = map(&[
    ("disable", CAST_FLAG),
    ("interval", CHECK_TIME),
    ("retries", CAST_NUMBER.meaning(Meaning::Count)),
    ("start_interval", CHECK_TIME),
    ("start_period", CHECK_TIME),
    (
        "test",
        of(TEXT)
            .or_list(&A_TEXT)
            .merge(Merge::Replace)
            .meaning(Meaning::Test),
    ),
    ("timeout", CHECK_TIME),
]);

pub(in crate::compose) static SERVICE: Field = map(&[
    ("annotations", MERGED_PAIRS.refused("use `labels`")),
    ("attach", FLAG.refused("")),
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
        .others(Others::Refused).refused(""),
    ),
    ("build", BUILD.dropped("nothing is built: each node pulls the `image` from a registry")),
    ("cap_add", UNIQUE_TEXTS.identity(EntryIdentity::Key)),
    ("cap_drop", UNIQUE_TEXTS.identity(EntryIdentity::Key)),
    ("cgroup", of(TEXT).words(&["host", "private"]).refused("")),
    ("cgroup_parent", A_TEXT.dropped("containers are in the cgroup of the engine")),
    ("command", COMMAND.merge(Merge::Replace)),
    ("configs", FILE_MOUNTS.identity(EntryIdentity::FileTarget("/"))),
    (
        "container_name",
        of(TEXT).pattern(
            is_container_name,
            "a letter or digit, and then letters, digits, `.`, `_` and `-`",
        ).dropped("containers are named by the swarm: `STACK_SERVICE.NUMBER.ID`"),
    ),
    ("cpu_count", CAST_WHOLE.range(0, i128::MAX).refused("use `deploy.resources`")),
    (
        "cpu_percent",
        of(TEXT | WHOLE).range(0, 100).cast(Cast::Fraction).refused("use `deploy.resources`"),
    ),
    ("cpu_period", CAST_NUMBER.refused("use `deploy.resources`")),
    ("cpu_quota", CAST_NUMBER.refused("use `deploy.resources`")),
    ("cpu_rt_period", CAST_NUMBER.refused("use `deploy.resources`")),
    ("cpu_rt_runtime", CAST_NUMBER.refused("use `deploy.resources`")),
    ("cpu_shares", CAST_NUMBER.refused("use `deploy.resources`")),
    ("cpus", of(NUMBER | TEXT).cast(Cast::Fraction).refused("use `deploy.resources`")),
    ("cpuset", A_TEXT.refused("use `deploy.resources`")),
    (
        "credential_spec",
        map(&[("config", A_TEXT), ("file", A_TEXT), ("registry", A_TEXT)]),
    ),
    (
        "depends_on",
        of(0)
            .or_unique(&A_TEXT)
            .or_map(&[])
            .stack_shapes(LIST)
            .others(Others::Named(&DEPENDENCY))
            .merge(Merge::Dependencies)
            .canonical(Canonical::Dependencies).dropped("all services start at once, and each has to wait for what it needs by itself"),
    ),
    ("deploy", DEPLOY),
    ("develop", of(NULL).or_map(&[("watch", list(&WATCH))]).refused("")),
    ("device_cgroup_rules", UNIQUE_TEXTS.refused("")),
    ("devices", list(&DEVICE).identity(EntryIdentity::DeviceTarget).dropped("containers get no device")),
    (
        "dns",
        TEXT_OR_LIST
            .merge(Merge::Pairs)
            .identity(EntryIdentity::Key)
            .canonical(Canonical::FilledList),
    ),
    (
        "dns_opt",
        UNIQUE_TEXTS.merge(Merge::Pairs).identity(EntryIdentity::Key).refused(""),
    ),
    (
        "dns_search",
        TEXT_OR_LIST.merge(Merge::Pairs).identity(EntryIdentity::Key),
    ),
    ("domainname", A_TEXT.dropped("containers have no domain name")),
    ("entrypoint", COMMAND.merge(Merge::Replace)),
    (
        "env_file",
        of(TEXT)
            .path(HostPath::Own)
            .or_list(&ENV_FILE)
            .merge(Merge::Pairs)
            .identity(EntryIdentity::EnvFile)
            .canonical(Canonical::List),
    ),
    ("environment", VARIABLES),
    ("expose", unique(&TEXT_OR_NUMBER).identity(EntryIdentity::Scalar).dropped("")),
    (
        "extends",
        of(TEXT)
            .or_map(&[("file", A_TEXT.path(HostPath::Own)), ("service", A_TEXT)])
            .required(&["service"])
            .others(Others::Refused).refused("write all of the service here, or share it with a YAML anchor"),
    ),
    ("external_links", UNIQUE_TEXTS.dropped("services reach each other by their names on a common network")),
    ("extra_hosts", HOSTS),
    (
        "gpus",
        of(TEXT)
            .words(&["all"])
            .or_list(&DEVICE_REQUEST.others(Others::Any))
            .canonical(Canonical::Gpus).refused("name what the nodes advertise in `deploy.resources.reservations.generic_resources`"),
    ),
    ("group_add", unique(&TEXT_OR_NUMBER).refused("")),
    ("healthcheck", HEALTHCHECK),
    ("hostname", A_TEXT),
    ("image", A_TEXT),
    ("init", CAST_FLAG.stack_cast(false)),
    ("ipc", A_TEXT.dropped("containers have an IPC namespace of their own")),
    ("isolation", A_TEXT),
    (
        "label_file",
        of(TEXT)
            .path(HostPath::Own)
            .or_list(&A_TEXT.path(HostPath::Own))
            .merge(Merge::Pairs)
            .canonical(Canonical::List).refused("use `labels`"),
    ),
    ("labels", MERGED_PAIRS),
    ("links", UNIQUE_TEXTS.identity(EntryIdentity::Key).dropped("services reach each other by their names on a common network")),
    (
        "logging",
        map(&[
            ("driver", A_TEXT),
            ("options", map(&[]).others(Others::Each(&LOG_OPTION))),
        ])
        .merge(Merge::Logging),
    ),
    ("mac_address", A_TEXT.dropped("the engine chooses the address")),
    ("mem_limit", BYTES.refused("use `deploy.resources`")),
    ("mem_reservation", WHOLE_BYTES.refused("use `deploy.resources`")),
    ("mem_swappiness", WHOLE_BYTES.refused("")),
    ("memswap_limit", BYTES.refused("use `deploy.resources`")),
    (
        "models",
        of(0)
            .or_unique(&A_TEXT)
            .or_map(&[])
            .others(Others::MaybeNamed(&MODEL))
            .merge(Merge::Names)
            .canonical(Canonical::Names).refused(""),
    ),
    ("network_mode", A_TEXT.dropped("it joins the default network of the stack instead")),
    (
        "networks",
        of(0)
            .or_unique(&A_TEXT)
            .or_map(&[])
            .others(Others::Named(&ATTACHMENT))
            .merge(Merge::Names)
            .canonical(Canonical::Names),
    ),
    ("oom_kill_disable", CAST_FLAG.refused("")),
    ("oom_score_adj", CAST_WHOLE.range(-1000, 1000).stack_cast(false)),
    ("pid", of(TEXT | NULL).dropped("containers have a PID namespace of their own")),
    ("pids_limit", CAST_NUMBER.refused("use `deploy.resources`")),
    ("platform", A_TEXT.refused("use `deploy.placement.constraints` with `node.platform.arch`")),
    (
        "ports",
        unique(&PORT)
            .identity(EntryIdentity::Port)
            .canonical(Canonical::Ports),
    ),
    ("post_start", list(&HOOK).refused("")),
    ("pre_stop", list(&HOOK).refused("")),
    ("privileged", CAST_FLAG.dropped("containers are not privileged")),
    ("profiles", UNIQUE_TEXTS.identity(EntryIdentity::Key).refused("write such a service in a file of its own")),
    (
        "provider",
        map(&[
            ("options", map(&[]).others(Others::Each(&PROVIDER_OPTION))),
            ("type", A_TEXT),
        ])
        .required(&["type"]).refused(""),
    ),
    (
        "pull_policy",
        of(TEXT).pattern(
            is_pull_policy,
            "one of always, never, build, missing, if_not_present, refresh, daily, weekly, every_…",
        ).refused("use `docker stack deploy --resolve-image`"),
    ),
    ("pull_refresh_after", A_TEXT.refused("use `docker stack deploy --resolve-image`")),
    ("read_only", CAST_FLAG),
    ("restart", A_TEXT),
    ("runtime", A_TEXT.refused("set the default runtime of the engine")),
    ("scale", CAST_WHOLE.refused("use `deploy.replicas`")),
    (
        "secrets",
        FILE_MOUNTS.identity(EntryIdentity::FileTarget(SECRETS_FOLDER)),
    ),
    ("security_opt", UNIQUE_TEXTS.dropped("containers have the default profiles, and `no-new-privileges` is off")),
    ("shm_size", BYTES.dropped("/dev/shm has 64 MiB; mount a `tmpfs` there")),
    ("stdin_open", CAST_FLAG),
    ("stop_grace_period", DURATION),
    ("stop_signal", A_TEXT),
    (
        "storage_opt",
        map(&[]).others(Others::Each(&STORAGE_OPTION)).refused(""),
    ),
    ("sysctls", MERGED_PAIRS),
    (
        "tmpfs",
        TEXT_OR_LIST.merge(Merge::Pairs).identity(EntryIdentity::Key).dropped("nothing is mounted there; write a mount of type `tmpfs` under `volumes`"),
    ),
    ("tty", CAST_FLAG),
    ("ulimits", CAST_ULIMITS),
    ("use_api_socket", of(BOOLEAN).refused("")),
    ("user", A_TEXT),
    ("userns_mode", A_TEXT.dropped("containers are in the user namespace of the engine")),
    ("uts", A_TEXT.refused("")),
    ("volumes", unique(&MOUNT).identity(EntryIdentity::MountTarget)),
    ("volumes_from", UNIQUE_TEXTS.refused("name the volume in each service that mounts it")),
    ("working_dir", A_TEXT),
])
.stack_extensions();

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
