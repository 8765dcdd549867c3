//! What programs are for, as far as the names of their images tell: what one of them needs from the host is not a mistake.

use crate::compose::Service;

/// Parts of the names of images of programs that watch the host: its files, its processes and its traffic.
const WATCHERS: [&str; 26] = [
    "alloy",
    "auditbeat",
    "beszel-agent",
    "cadvisor",
    "crowdsec",
    "datadog",
    "ebpf-profiler",
    "elastic-agent",
    "fail2ban",
    "filebeat",
    "fleet-server",
    "fluent-bit",
    "fluentd",
    "glances",
    "grafana-agent",
    "metricbeat",
    "netdata",
    "netfilter",
    "node-exporter",
    "node_exporter",
    "opentelemetry-collector",
    "packetbeat",
    "promtail",
    "telegraf",
    "vector",
    "zabbix-agent",
];

/// Parts of the names of images of programs that speak with the devices of the local network, by broadcasts, or that
/// make networks of the host: no network of Docker's lets them.
const NEIGHBOURS: [&str; 21] = [
    "adguardhome", "avahi", "dhcp", "emby", "esphome", "home-assistant", "homeassistant",
    "homebridge", "jellyfin", "keepalived", "mdns", "netbird", "openhab", "pihole", "plex",
    "scrypted", "tailscale", "upsnap", "watchyourlan", "wireguard", "zerotier",
];

/// Whether a service watches the host.
pub(super) fn watches_host(service: Service<'_>) -> bool {
    is_one_of(service, &WATCHERS)
}

/// Whether a service is for the network of the host.
pub(super) fn is_for_host_network(service: Service<'_>) -> bool {
    watches_host(service) || is_one_of(service, &NEIGHBOURS)
}

/// Whether the name of its image has one of these parts as whole words; if it is built here, the name of the service.
fn is_one_of(service: Service<'_>, parts: &[&str]) -> bool {
    let image = service.text("image");
    let name = match &image {
        Some(image) => {
            let name = image.split([':', '@']).next().unwrap_or_default();
            name.rsplit('/').next().unwrap_or_default()
        }
        None => service.name,
    };
    let is_end = |rest: Option<char>| rest.is_none_or(|c| !c.is_ascii_alphanumeric());
    parts.iter().any(|part| {
        name.match_indices(part).any(|(at, part)| {
            let (before, after) = (name.get(..at), name.get(at + part.len()..));
            is_end(before.and_then(|before| before.chars().next_back()))
                && is_end(after.and_then(|after| after.chars().next()))
        })
    })
}
