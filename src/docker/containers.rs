//! Containers: what `GET /containers/json` lists, and what `GET /containers/{id}/json` adds
//! (Engine API, `ContainerSummary` and `ContainerInspectResponse`).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use super::answer::{Answer, own_labels};
use crate::redact::Sensitive;
use crate::state::{
    Attached, Bound, Config, Container, DEFINITION, LiveMount, MountKind, Port, PortRange, Protocol,
};

const PROJECT: &str = "com.docker.compose.project";
const SERVICE: &str = "com.docker.compose.service";
const NUMBER: &str = "com.docker.compose.container-number";
const ONEOFF: &str = "com.docker.compose.oneoff";
const IMAGE: &str = "com.docker.compose.image";
const WORKING_DIR: &str = "com.docker.compose.project.working_dir";
const CONFIG_FILES: &str = "com.docker.compose.project.config_files";

/// A container of the list.
pub(super) fn listed(answer: Answer<'_>) -> Result<Container, String> {
    const WHAT: &str = "containers";
    answer.lists(&["Names", "Ports", "Mounts"], WHAT)?;
    answer.objects(&["Labels", "NetworkSettings"], WHAT)?;
    answer.at("NetworkSettings").objects(&["Networks"], WHAT)?;
    let labels = answer.at("Labels");
    let label = |name: &str| labels.at(name).text().map(str::to_owned);
    let names = answer.at("Names").texts();
    // A link of another container (`/other/alias`) is listed among the names.
    let own = names
        .iter()
        .find(|name| !name.trim_start_matches('/').contains('/'));
    let mut container = Container {
        id: answer.demand("Id", WHAT)?.to_owned(),
        name: own
            .map(|name| name.trim_start_matches('/').to_owned())
            .unwrap_or_default(),
        project: label(PROJECT),
        service: label(SERVICE),
        number: label(NUMBER).and_then(|number| number.parse().ok()),
        is_oneoff: label(ONEOFF).is_some_and(|word| word.eq_ignore_ascii_case("true")),
        config_files: label(CONFIG_FILES),
        working_dir: label(WORKING_DIR),
        state: answer.at("State").string(),
        created: answer
            .at("Created")
            .number()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .map(|time| time.to_string())
            .unwrap_or_default(),
        image: answer.at("Image").string(),
        image_id: answer.at("ImageID").string(),
        made_of: label(IMAGE),
        networks: networks(answer.at("NetworkSettings").at("Networks")),
        mounts: mounts(answer.at("Mounts")),
        ..Container::default()
    };
    let ports = answer.at("Ports").items();
    container.bound = ports
        .filter_map(|port| {
            Some(Bound {
                target: u16::try_from(port.at("PrivatePort").number()?).ok()?,
                protocol: port.at("Type").text().unwrap_or("tcp").parse().ok()?,
                host_ip: address(port.at("IP")),
                published: u16::try_from(port.at("PublicPort").number()?)
                    .ok()
                    .filter(|port| *port > 0)?,
            })
        })
        .collect();
    tidy_ports(&mut container);
    Ok(container)
}

/// Leaves the ports that are bound now, each once. Podman lists those of a container that does not
/// run as well, and those of the parent for one in its network.
fn tidy_ports(container: &mut Container) {
    let runs = matches!(
        container.state.as_str(),
        "running" | "paused" | "restarting" | "stopping"
    );
    let mode = container.network_mode.as_deref().unwrap_or_default();
    if !runs || mode.starts_with("container:") {
        container.bound.clear();
    }
    container.bound.sort();
    container.bound.dedup();
}

/// An address that a port is bound to; Podman says nothing for every one.
fn address(answer: Answer<'_>) -> IpAddr {
    let address = answer.text().and_then(|text| text.parse().ok());
    address.unwrap_or(Ipv4Addr::UNSPECIFIED.into())
}

/// Adds what only an inspection tells.
pub(super) fn inspected(container: &mut Container, answer: Answer<'_>) -> Result<(), String> {
    const WHAT: &str = "containers";
    answer.objects(&["Config", "HostConfig", "NetworkSettings", "State"], WHAT)?;
    answer.lists(&["Mounts"], WHAT)?;
    answer.at("NetworkSettings").objects(&["Networks"], WHAT)?;
    answer
        .at("HostConfig")
        .objects(&["PortBindings", "RestartPolicy", "Tmpfs"], WHAT)?;
    answer.at("Config").lists(&["Env"], WHAT)?;
    answer
        .at("Config")
        .objects(&["Labels", "Healthcheck"], WHAT)?;
    let (config, host) = (answer.at("Config"), answer.at("HostConfig"));
    let state = answer.at("State");
    if let Some(status) = state.at("Status").text() {
        status.clone_into(&mut container.state);
    }
    container.health = state
        .at("Health")
        .at("Status")
        .text()
        .or(state.at("Healthcheck").at("Status").text())
        .filter(|health| *health != "none")
        .map(str::to_owned);
    container.exit_code = state.at("ExitCode").number();
    container.started = state.at("StartedAt").string();
    if let Some(created) = answer.at("Created").text() {
        created.clone_into(&mut container.created);
    }
    if let Some(image) = config.at("Image").text() {
        image.clone_into(&mut container.image);
    }
    if let Some(id) = answer.at("Image").text() {
        id.clone_into(&mut container.image_id);
    }
    container.network_mode = host
        .at("NetworkMode")
        .text()
        .filter(|mode| matches!(*mode, "host" | "none") || mode.starts_with("container:"))
        .map(str::to_owned);
    let attached = networks(answer.at("NetworkSettings").at("Networks"));
    if !attached.is_empty() || container.network_mode.is_some() {
        container.networks = attached;
    }
    let mounted = mounts(answer.at("Mounts"));
    if !mounted.is_empty() {
        container.mounts = mounted;
    }
    container.ports = configured_ports(host.at("PortBindings"));
    // Podman lists only the first of ports that follow each other.
    let bound = configured_ports(answer.at("NetworkSettings").at("Ports"));
    let bound = bound.into_iter().filter_map(|port| {
        Some(Bound {
            target: port.target,
            protocol: port.protocol,
            host_ip: port.host_ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            published: port.published?.bounds().0,
        })
    });
    container.bound.extend(bound);
    tidy_ports(container);
    container.config = self::config(config, host);
    Ok(())
}

/// The variables of an image, as `GET /images/{id}/json` tells them.
pub(super) fn environment(config: Answer<'_>) -> BTreeMap<String, Option<Sensitive>> {
    let entries = config.at("Env").items();
    entries
        .filter_map(|entry| {
            let (name, value) = entry.0.as_str()?.split_once('=')?;
            Some((name.to_owned(), Some(Sensitive::whole(value))))
        })
        .collect()
}

fn networks(answer: Answer<'_>) -> BTreeMap<String, Attached> {
    let attached = |answer: Answer<'_>| {
        // Before API 1.45 the aliases hold the short ID as well; since then all names that are
        // answered to are in `DNSNames`.
        let mut aliases = answer.at("Aliases").texts();
        aliases.extend(answer.at("DNSNames").texts());
        aliases.sort();
        aliases.dedup();
        let pinned = answer.at("IPAMConfig");
        let address = |now: &str, pin: &str| {
            let text = answer.at(now).text().or(pinned.at(pin).text());
            text.map(str::to_owned)
        };
        Attached {
            network: answer.at("NetworkID").string(),
            aliases,
            ipv4: address("IPAddress", "IPv4Address"),
            ipv6: address("GlobalIPv6Address", "IPv6Address"),
        }
    };
    answer
        .entries()
        .map(|(name, answer)| (name.to_owned(), attached(answer)))
        .collect()
}

fn mounts(answer: Answer<'_>) -> Vec<LiveMount> {
    let mut mounts: Vec<LiveMount> = answer
        .items()
        .filter_map(|mount| {
            let kind: MountKind = mount.at("Type").text()?.parse().ok()?;
            let source = match kind {
                MountKind::Volume => mount.at("Name").text().or(mount.at("Source").text()),
                _ => mount.at("Source").text(),
            };
            Some(LiveMount {
                target: mount.at("Destination").text()?.to_owned(),
                kind,
                source: source.map(str::to_owned),
                // `Mode` says `z`, `rw`, `ro` or nothing; this flag always tells.
                read_only: !mount.at("RW").0.as_bool().unwrap_or(true),
            })
        })
        .collect();
    mounts.sort();
    mounts
}

/// `HostConfig.PortBindings`: `{"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}`.
fn configured_ports(answer: Answer<'_>) -> Vec<Port> {
    let mut ports: Vec<Port> = answer
        .entries()
        .filter_map(|(key, bindings)| {
            let (target, protocol) = key.split_once('/').unwrap_or((key, "tcp"));
            Some((target.parse().ok()?, protocol.parse().ok()?, bindings))
        })
        .flat_map(
            |(target, protocol, bindings): (u16, Protocol, Answer<'_>)| {
                bindings.items().map(move |binding| Port {
                    target,
                    protocol,
                    host_ip: binding
                        .at("HostIp")
                        .text()
                        .and_then(|text| text.parse().ok()),
                    published: binding
                        .at("HostPort")
                        .text()
                        .and_then(|text| text.parse::<PortRange>().ok()),
                })
            },
        )
        .collect();
    ports.sort();
    ports
}

fn config(config: Answer<'_>, host: Answer<'_>) -> Config {
    let words = |answer: Answer<'_>| {
        let words = match answer.texts() {
            words if words.is_empty() => vec![answer.text()?.to_owned()],
            words => words,
        };
        Some(Sensitive::words(words))
    };
    let mut labels = own_labels(config.at("Labels"));
    let definition = labels.remove(DEFINITION);
    let text = |answer: Answer<'_>| answer.text().map(str::to_owned);
    Config {
        user: text(config.at("User")),
        command: words(config.at("Cmd")),
        entrypoint: words(config.at("Entrypoint")),
        working_dir: text(config.at("WorkingDir")),
        hostname: text(config.at("Hostname")),
        container_name: None,
        environment: environment(config),
        labels: Sensitive::values(labels),
        definition,
        restart: restart(host.at("RestartPolicy")),
        memory: host.at("Memory").limit(),
        nano_cpus: host.at("NanoCpus").limit().or_else(|| cpus_by_quota(host)),
        pids: host.at("PidsLimit").number().filter(|pids| *pids > 0),
        privileged: host.at("Privileged").is_true(),
        read_only: host.at("ReadonlyRootfs").is_true(),
        init: host.at("Init").0.as_bool(),
        cap_add: capabilities(host.at("CapAdd")),
        cap_drop: capabilities(host.at("CapDrop")),
        security_opt: host.at("SecurityOpt").sorted(),
        pid: text(host.at("PidMode")),
        ipc: text(host.at("IpcMode")),
        tmpfs: host
            .at("Tmpfs")
            .entries()
            .map(|(target, _)| target.to_owned())
            .collect(),
        extra_hosts: host.at("ExtraHosts").sorted(),
        healthcheck: words(config.at("Healthcheck").at("Test")),
    }
}

fn restart(policy: Answer<'_>) -> Option<String> {
    let name = policy.at("Name").text()?;
    match policy.at("MaximumRetryCount").limit() {
        Some(most) if name == "on-failure" => Some(format!("{name}:{most}")),
        _ => Some(name.to_owned()),
    }
}

/// A limit that was set as a quota of a period, in billionths of a processor.
fn cpus_by_quota(host: Answer<'_>) -> Option<u64> {
    let quota = host.at("CpuQuota").limit()?;
    // The kernel's default period, in microseconds.
    let period = host.at("CpuPeriod").limit().unwrap_or(100_000);
    quota.checked_mul(1_000_000_000).map(|quota| quota / period)
}

fn capabilities(answer: Answer<'_>) -> Vec<String> {
    let mut names: Vec<String> = answer
        .texts()
        .iter()
        .map(|name| name.to_ascii_uppercase())
        .map(|name| {
            name.strip_prefix("CAP_")
                .map_or(name.clone(), str::to_owned)
        })
        .collect();
    names.sort();
    names.dedup();
    names
}
