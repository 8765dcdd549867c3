//! What engines and their versions do differently: the words that only some of them use, and what
//! they fill in or leave out. It is translated while it is read, so that nothing that compares has to
//! know which engine answered.

use std::collections::BTreeMap;

use super::answer::Answer;
use crate::fields::{Value, Values};
use crate::state::{CONTAINER, Container, Dialect, Engine, State, Variable, is_label_of_compose};

/// The states of containers, of Docker and then those that only Podman has.
pub(super) const STATES: &[&str] = &[
    "created", "running", "paused", "restarting", "removing", "exited", "dead", "configured",
    "initialized", "stopping", "stopped",
];

/// The states in which no port is published; in one that is not known some may be.
const NOT_RUNNING: &[&str] = &[
    "created", "configured", "initialized", "exited", "stopped", "removing", "dead",
];

/// The results of health checks, of Docker and then those that only Podman has.
pub(super) const HEALTH: &[&str] = &[
    "none", "starting", "healthy", "unhealthy", "stopped", "reset",
];

/// The network modes of Docker (`nat` is that of Windows), and then those that only Podman has.
pub(super) const NETWORK_MODES: &[&str] = &[
    "default", "bridge", "host", "none", "nat", "private", "slirp4netns", "pasta", "ns",
];

/// What Docker Engine does.
const DOCKER: Dialect = Dialect {
    // Docker Desktop shows the folders of its machine below this one.
    host_root: "/host_mnt",
    own_options: &[
        "com.docker.network.driver.overlay.",
        "com.docker.network.enable_ipv",
        "com.docker.network.windowsshim.",
    ],
    pools: &["172.16.0.0/12:16", "192.168.0.0/16:20"],
    ..Dialect::DOCKER
};

/// The capabilities that Podman gives to a container as distributions set it up; without settings,
/// some versions give those of Docker (containers/common, `pkg/config/containers.conf` and
/// `default.go`).
const BARE_CAPABILITIES: &[&str] = &[
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID",
    "SETPCAP", "SETUID", "SYS_CHROOT",
];

/// The request for Podman's version in its own API, which has a version in every path.
pub(super) const PODMAN_INFO: &str = "/v4.0.0/libpod/info";

/// The request for an image in Podman's own API: the one of Docker's does not show its health check.
pub(super) fn podman_image(id: &str) -> String {
    format!("/v4.0.0/libpod/images/{id}/json")
}

/// The name by which Podman shows a logging driver of a container (podman, `pkg/api/handlers/compat/containers.go`).
pub(super) fn logging_driver(own: &str) -> String {
    let shown = if own == "k8s-file" { "json-file" } else { own };
    shown.to_owned()
}

/// What Podman does.
const PODMAN: Dialect = Dialect {
    defaults: &[
        ("pids_limit", "2048"),
        ("shm_size", "65536000"),
        ("stop_grace_period", "0"),
    ],
    hidden: &[
        "sysctls",
        "logging.options",
        "device_cgroup_rules",
        "mac_address",
        "runtime",
        "userns_mode",
        "gpus",
        "annotations",
        "cgroup",
        "cpu_count",
        "domainname",
        "bind.selinux",
        "bind.recursive",
        "volume.nocopy",
        "volume.subpath",
        "volume.labels",
        "unmasked_paths",
        "writable_paths",
    ],
    vague: &[("ipc", "shareable")],
    capabilities: &[BARE_CAPABILITIES, Dialect::CAPABILITIES],
    // podman, `libpod/container_inspect.go`
    shows_resulting_capabilities: true,
    // Docker does not show what it sets itself.
    variables: &[
        ("HOME", Variable::Home),
        ("HOSTNAME", Variable::Hostname),
        (
            "PATH",
            Variable::Known("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ),
        ("TERM", Variable::Known("xterm")),
        ("container", Variable::Known("podman")),
    ],
    extended: &["ulimits"],
    hides_system_paths: true,
    repeats_cpus: true,
    tmpfs: &["/run", "/tmp", "/var/tmp", "/dev/shm"],
    hidden_of_networks: &[
        "attachable",
        "driver_opts",
        "ipam.config.ip_range",
        "ipam.config.aux_addresses",
    ],
    hidden_of_attachments: &["link_local_ips", "driver_opts"],
    unknown_settings: NETWORK_OPTIONS,
    unknown: &[
        "enable_ipv4", "gw_priority", "interface_name", "cgroup_spec", "kernel_memory",
        "kernel_memory_tcp", "network_disabled", "publish_all_ports", "shell", "stdin_once",
        "volume_driver",
    ],
    ipv6_follows_subnets: true,
    own_options: &["driver", "isolate", "UID", "GID"],
    option_names: OPTION_NAMES,
    // podman, `pkg/api/handlers/compat/containers.go`
    names_networks: true,
    default_network: "podman",
    // podman, `pkg/util/mountOpts.go`
    tmpfs_options: &[
        ("rw", &["ro"]),
        (
            "rprivate",
            &["private", "shared", "rshared", "slave", "rslave"],
        ),
        ("nosuid", &["suid"]),
        ("nodev", &["dev"]),
        ("tmpcopyup", &["notmpcopyup"]),
    ],
    // containers/common, `pkg/config/default.go`; no answer shows those that it is configured to have.
    pools: &[
        "10.89.0.0/16:24", "10.90.0.0/15:24", "10.92.0.0/14:24", "10.96.0.0/11:24",
        "10.128.0.0/9:24",
    ],
    hides_addresses: true,
    // podman, `libpod/runtime_ctr.go`
    keeps_shared_namespaces: true,
    leaves_out_shared_tmpfs: true,
    reads_below_tmpfs: false,
    drops_owners: true,
    ..DOCKER
};

/// Network options for which Podman has its own name, beside that of Docker; it accepts both (podman,
/// `pkg/api/handlers/compat/networks.go`).
const OPTION_NAMES: &[(&str, &str)] = &[("com.docker.network.driver.mtu", "mtu")];

/// Translates what an engine, or a snapshot of it, says into the terms of a state. Once it is
/// translated, it stays as it is.
pub fn translate(observed: &mut State) {
    let Some(live) = &mut observed.live else {
        return;
    };
    if !is_podman(&live.engine) {
        live.dialect = DOCKER;
        let minor = live.engine.minor().unwrap_or(u32::MAX);
        let unknown = match observed.stack {
            Some(_) => UNKNOWN_TO_SWARM_BEFORE,
            None => UNKNOWN_BEFORE,
        };
        live.dialect.unknown = unknown
            .iter()
            .find(|(first, _)| minor < *first)
            .map(|(_, fields)| *fields)
            .unwrap_or_default();
        if minor < 43 {
            live.dialect.unknown_settings = NETWORK_OPTIONS;
        }
        if minor < 44 {
            live.dialect.unknown_of_attachments = UNKNOWN_OF_ATTACHMENTS_BEFORE_44;
        }
        if (52..u32::MAX).contains(&minor) {
            live.dialect.hidden = HIDDEN_SINCE_52;
        }
        return;
    }
    live.dialect = PODMAN;
    for network in observed.networks.values_mut() {
        let Some(Value::Map(options)) = network.fields.get_mut("driver_opts") else {
            continue;
        };
        for (name, own) in live.dialect.option_names {
            if let Some(value) = options.remove(*own) {
                options.entry((*name).to_owned()).or_insert(value);
            }
        }
    }
    for container in live.containers.iter_mut().chain(&mut live.foreign) {
        with_whole_ids(container);
        with_names_of_docker(&mut container.config.fields);
    }
    for id in live.images.values_mut() {
        *id = image_id(id);
    }
    live.image_fields = std::mem::take(&mut live.image_fields)
        .into_iter()
        .map(|(id, fields)| (image_id(&id), fields))
        .collect();
    live.image_volumes = std::mem::take(&mut live.image_volumes)
        .into_iter()
        .map(|(id, volumes)| (image_id(&id), volumes))
        .collect();
    for unreadable in &mut live.unreadable {
        unreadable.name = image_id(&unreadable.name);
    }
}

/// What Docker does not know before versions of its API, by their second numbers. Before 1.44, it knows one
/// kind of `bind.recursive` only.
const UNKNOWN_BEFORE: &[(u32, &[&str])] = &[
    (
        43,
        &[
            "annotations", "bind.recursive", "enable_ipv4", "gw_priority", "volume.subpath",
        ],
    ),
    (
        44,
        &[
            "bind.recursive", "enable_ipv4", "gw_priority", "volume.subpath",
        ],
    ),
    (45, &["enable_ipv4", "gw_priority", "volume.subpath"]),
    (48, &["enable_ipv4", "gw_priority"]),
];

/// The fields of a service that a swarm drops without a word before versions of the API (moby, `docs/api/version-history.md`).
const UNKNOWN_TO_SWARM_BEFORE: &[(u32, &[&str])] = &[
    (
        44,
        &[
            "healthcheck.start_interval",
            "oom_score_adj",
            "volume.subpath",
        ],
    ),
    (45, &["oom_score_adj", "volume.subpath"]),
    (46, &["oom_score_adj"]),
];

/// What Docker can be configured to do since version 1.43 of its API, and Podman cannot.
const NETWORK_OPTIONS: &[&str] = &["default-network-opts"];

/// What Docker ignores of an attachment before version 1.44 (moby, `docs/api/version-history.md`).
const UNKNOWN_OF_ATTACHMENTS_BEFORE_44: &[&str] = &["mac_address"];

/// What Docker no longer shows since version 1.52.
const HIDDEN_SINCE_52: &[&str] = &["mac_address"];

pub(super) fn is_podman(engine: &Engine) -> bool {
    engine.name.to_ascii_lowercase().contains("podman")
}

fn with_whole_ids(container: &mut Container) {
    container.image_id = image_id(&container.image_id);
    container.image_at_creation = container.image_at_creation.as_deref().map(image_id);
    for (name, attached) in &mut container.networks {
        // Podman writes the name of a network instead of its ID.
        if attached.network == *name {
            attached.network.clear();
        }
    }
}

fn with_names_of_docker(fields: &mut Values) {
    if let Some(Value::Map(limits)) = fields.get_mut("ulimits") {
        let renamed = std::mem::take(limits).into_iter().map(|(name, limit)| {
            let bare = name.strip_prefix("RLIMIT_").map(str::to_ascii_lowercase);
            (bare.unwrap_or(name), limit)
        });
        *limits = renamed.collect();
    }
    // Podman shows no permissions of devices.
    if let Some(Value::List(devices)) = fields.get_mut("devices") {
        for device in devices.iter_mut().filter(|device| device.ends_with(':')) {
            device.pop();
        }
    }
}

/// The ID of an image with the algorithm before its digest, which Podman leaves out.
fn image_id(id: &str) -> String {
    if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        format!("sha256:{id}")
    } else {
        id.to_owned()
    }
}

/// Leaves the ports that are bound now, each once. Podman lists those of a container that is not
/// running as well, and those of the parent for one in its network.
pub(super) fn tidy_ports(container: &mut Container) {
    let mode = container.network_mode.as_deref().unwrap_or_default();
    if NOT_RUNNING.contains(&container.state.as_str()) || mode.starts_with(CONTAINER) {
        container.bound.clear();
    }
    container.bound.sort();
    container.bound.dedup();
}

/// The aliases of a container on a network. Before API 1.45 they include its short ID; since then
/// all names that it has there are in `DNSNames`.
pub(super) fn aliases(attached: &Answer<'_>) -> Vec<String> {
    let mut aliases = attached.at("Aliases").texts();
    aliases.extend(attached.at("DNSNames").texts());
    aliases.sort();
    aliases.dedup();
    aliases
}

/// Labels, without those that Compose adds.
pub(super) fn own_labels(labels: &Answer<'_>) -> BTreeMap<String, String> {
    let mut own = labels.map();
    own.retain(|key, _| !is_label_of_compose(key));
    own
}

#[cfg(test)]
mod tests {
    use super::{logging_driver, translate};
    use crate::fields::Value;
    use crate::redact::Sensitive;
    use crate::state::{Attached, Container, Engine, Live, Network, State};

    fn observed(engine: &str) -> State {
        let id = "5f".repeat(32);
        let attached = Attached {
            network: "kiosk_back".into(),
            ..Attached::default()
        };
        let devices = Value::List(vec!["/dev/null:/dev/n2:".into()]);
        let mut container = Container {
            image_id: id.clone(),
            networks: [("kiosk_back".to_owned(), attached)].into(),
            ..Container::default()
        };
        container.config.fields.insert("devices", devices);
        let options = [("mtu".to_owned(), Some(Sensitive::of_option("mtu", "1400")))].into();
        let network = Network {
            name: "kiosk_back".into(),
            fields: [("driver_opts", Value::Map(options))].into_iter().collect(),
            ..Network::default()
        };
        let live = Live {
            engine: Engine {
                name: engine.into(),
                ..Engine::default()
            },
            containers: vec![container],
            images: [("kiosk".to_owned(), id)].into(),
            ..Live::default()
        };
        State {
            networks: [("back".to_owned(), network)].into(),
            live: Some(live),
            ..State::empty("kiosk")
        }
    }

    #[test]
    fn what_podman_says_is_translated_once() {
        let mut podman = observed("Podman Engine");
        translate(&mut podman);
        let live = podman.live.as_ref().unwrap();
        let container = live.containers.first().unwrap();
        assert!(container.image_id.starts_with("sha256:"));
        assert_eq!(live.images.get("kiosk"), Some(&container.image_id));
        assert_eq!(container.networks["kiosk_back"].network, "");
        assert!(live.dialect.hidden.contains(&"sysctls"));
        assert!(!live.dialect.pools.is_empty());
        let devices = container.config.fields.list("devices");
        assert_eq!(devices, ["/dev/null:/dev/n2"]);
        let options = podman.networks["back"].fields.map("driver_opts");
        let mtu = Some(Sensitive::public("1400"));
        assert_eq!(options["com.docker.network.driver.mtu"], mtu);
        let mut again = podman.clone();
        translate(&mut again);
        assert_eq!(again, podman);
    }

    #[test]
    fn a_logging_driver_has_the_name_that_containers_show() {
        assert_eq!(logging_driver("k8s-file"), "json-file");
        assert_eq!(logging_driver("journald"), "journald");
    }

    #[test]
    fn what_old_engines_ignore_of_an_attachment() {
        for (version, ignored) in [("1.43", &["mac_address"][..]), ("1.44", &[])] {
            let mut docker = observed("Engine");
            if let Some(live) = &mut docker.live {
                live.engine.api = version.into();
            }
            translate(&mut docker);
            let dialect = docker.live.map(|live| live.dialect);
            let ignores = dialect.map(|dialect| dialect.unknown_of_attachments);
            assert_eq!(ignores, Some(ignored), "{version}");
        }
    }

    #[test]
    fn what_docker_says_is_left_as_it_is() {
        let mut docker = observed("Engine");
        translate(&mut docker);
        let live = docker.live.as_mut().unwrap();
        assert!(live.dialect.hidden.is_empty());
        live.dialect = crate::state::Dialect::default();
        assert_eq!(docker, observed("Engine"));
    }
}
