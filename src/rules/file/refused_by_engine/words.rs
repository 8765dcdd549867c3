//! Texts of a service that an engine refuses.

use std::net::IpAddr;

use super::bad;
use super::platform::{self, is_platform, misspelt_platform};
use crate::compose::{At, Service, bytes};
use crate::diagnostic::is_one_slip;
use crate::fields::{boolean, capability, is_signal, mac_address};
use crate::rules::prelude::*;
use crate::state::is_joined;
use crate::text::expected;

/// A field, the form that its texts must have, and the message about others.
type FieldForm = (&'static str, fn(&str) -> bool, &'static str);

const FORMS: [FieldForm; 10] = [
    (
        "working_dir",
        super::is_absolute,
        "expected a path in the container that begins with `/`",
    ),
    (
        "mac_address",
        is_mac,
        "expected six bytes: 02:42:ac:11:00:02",
    ),
    (
        "cpuset",
        is_cpuset,
        "expected numbers and ranges of CPUs: 0-3,6",
    ),
    (
        "stop_signal",
        is_signal,
        "expected a signal, such as SIGTERM, or its number",
    ),
    (
        "ipc",
        is_ipc,
        "expected one of none, private, shareable, host, service:NAME, container:NAME",
    ),
    (
        "pid",
        is_pid,
        "expected host, service:NAME or container:NAME",
    ),
    ("platform", is_platform, platform::EXPECTED),
    ("uts", |text| text == "host", "expected host"),
    (
        "isolation",
        |text| text == "default",
        "expected default, which is all that Linux has",
    ),
    (
        "device_cgroup_rules",
        is_device_rule,
        "expected a type, device numbers and access: c 1:3 rwm",
    ),
];

/// The capabilities of Linux, as an engine writes them.
const CAPABILITIES: [&str; 42] = [
    "ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF",
    "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID",
    "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE",
    "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE",
    "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
    "SYS_TTY_CONFIG", "WAKE_ALARM",
];

/// Kernel settings for shared memory, which are separate for each container.
const IPC_SYSCTLS: [&str; 8] = [
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shm_rmid_forced",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
];

/// What `security_opt` can set.
const SECURITY: [&str; 6] = [
    "apparmor", "label", "no-new-privileges", "seccomp", "systempaths", "writable-cgroups",
];

/// Logging drivers that keep files, and their options.
const LOGS: [(&str, &[&str]); 2] = [
    (
        "json-file",
        &[
            "compress", "env", "env-regex", "labels", "labels-regex", "max-buffer-size",
            "max-file", "max-size", "mode", "tag",
        ],
    ),
    (
        "local",
        &[
            "compress", "max-buffer-size", "max-file", "max-size", "mode",
        ],
    ),
];

/// The other logging drivers that Docker has (<https://docs.docker.com/engine/logging/configure/>).
const OTHER_LOGS: [&str; 9] = [
    "awslogs", "etwlogs", "fluentd", "gcplogs", "gelf", "journald", "none", "splunk", "syslog",
];

pub(super) fn refused(service: Service<'_>) -> Vec<Found> {
    let name = service.name;
    let mut found = Vec::new();
    for (key, is_good, expected) in FORMS {
        for (_, at) in service.texts(key) {
            if let Some((text, at)) = bad(Some(at), is_good) {
                let message = format!("`{key}` of `{name}` cannot be `{text}`");
                found.push(Found::new(name, message, at.place()).label(expected));
            }
        }
    }
    for key in ["cap_add", "cap_drop"] {
        for (_, at) in service.texts(key) {
            let is_known = |text: &str| CAPABILITIES.contains(&capability(text).as_str());
            if let Some((text, at)) = bad(Some(at), is_known) {
                let message = format!("`{text}` is not a capability");
                found.push(
                    Found::new(name, message, at.place())
                        .label("expected a capability of Linux")
                        .did_you_mean(&capability(&text), CAPABILITIES),
                );
            }
        }
    }
    for (_, at) in service.texts("security_opt") {
        if let Some((text, at)) = bad(Some(at), is_security) {
            let key = text.split(['=', ':']).next().unwrap_or_default();
            let message = format!("`{text}` is not a security option");
            found.push(
                Found::new(name, message, at.place())
                    .label(format!("{}, with its value", expected::one_of(SECURITY)))
                    .did_you_mean(key, SECURITY),
            );
        }
    }
    for (_, at) in service.texts("tmpfs") {
        let is_good = |text: &str| super::is_absolute(text.split(':').next().unwrap_or_default());
        if let Some((text, at)) = bad(Some(at), is_good) {
            let message = format!("`{name}` mounts a tmpfs at `{text}`, which is not absolute");
            found.push(
                Found::new(name, message, at.place())
                    .label("expected a path in the container that begins with `/`"),
            );
        }
    }
    found.extend(misspelt_platform(service));
    found.extend(devices(service));
    found.extend(sysctls(service));
    found.extend(unnamed(service));
    found.extend(hosts(service));
    found.extend(logging(service));
    found
}

/// Devices that are not paths: an engine looks for them in its own folder. Those of the Container Device Interface have
/// names such as `nvidia.com/gpu=all`.
fn devices(service: Service<'_>) -> Vec<Found> {
    let is_good = |text: &str| {
        let source = text.split(':').next().unwrap_or_default();
        super::is_absolute(source) || source.contains('/') && source.contains('=')
    };
    let items = service.items("devices");
    let sources = items.map(|item| item.get("source").unwrap_or(item));
    let refused = sources.filter_map(|at| bad(Some(at), is_good));
    let found = refused.map(|(text, at)| {
        let source = text.split(':').next().unwrap_or_default();
        let message = format!("`{source}` is not the path of a device");
        Found::new(service.name, message, at.place())
            .label("expected a path of the host that begins with `/`")
            .help(format!(
                "write `/dev/{}`",
                source.trim_start_matches("dev/")
            ))
    });
    found.collect()
}

/// Kernel settings that are not separate for each container, or not for one in a namespace of the host (runc, `validate.sysctl`).
fn sysctls(service: Service<'_>) -> Vec<Found> {
    let name = service.name;
    let is_host = |key: &str| service.get(key).and_then(|at| at.text()).as_deref() == Some("host");
    let mut found = Vec::new();
    for pair in service.get("sysctls").into_iter().flat_map(At::pairs) {
        let sysctl = pair.name.replace('/', ".");
        let is_of_network = sysctl.starts_with("net.");
        let is_of_ipc = sysctl.starts_with("fs.mqueue.") || IPC_SYSCTLS.contains(&sysctl.as_str());
        let expected = if is_of_network && is_host("network_mode") {
            "not with `network_mode: host`: it is a setting of the host's network"
        } else if is_of_ipc && is_host("ipc") {
            "not with `ipc: host`: it is a setting of the host's memory"
        } else if is_of_network || is_of_ipc || sysctl == "kernel.domainname" {
            continue;
        } else {
            "expected one that a container has for itself: net.*, fs.mqueue.*, kernel.shm*, kernel.msg*, kernel.sem"
        };
        if sysctl.contains('$') {
            continue;
        }
        let message = format!("`{name}` cannot set `{}`", pair.name);
        found.push(Found::new(name, message, pair.at.place()).label(expected));
    }
    found
}

/// Variables without a name, which Compose takes in a list.
fn unnamed(service: Service<'_>) -> Vec<Found> {
    let unnamed = service
        .get("environment")
        .into_iter()
        .flat_map(At::pairs)
        .filter(|pair| pair.name.is_empty());
    let found = unnamed.map(|pair| {
        let message = format!("a variable of `{}` has no name", service.name);
        Found::new(service.name, message, pair.at.place()).label("expected a name before the `=`")
    });
    found.collect()
}

/// Invalid addresses in `extra_hosts`.
fn hosts(service: Service<'_>) -> Vec<Found> {
    let is_good = |text: &str| {
        let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        text == "host-gateway" || bare.unwrap_or(text).parse::<IpAddr>().is_ok()
    };
    let mut found = Vec::new();
    let Some(hosts) = service.get("extra_hosts") else {
        return found;
    };
    let mut look = |address: &str, at: At<'_>| {
        if at.is_known() && !is_good(address) {
            let message = format!("`{address}` is not an IP address");
            found.push(
                Found::new(service.name, message, at.place())
                    .label("expected an IP address, or host-gateway"),
            );
        }
    };
    for (_, at) in hosts.entries() {
        for (address, at) in at.texts() {
            look(&address, at);
        }
    }
    for (text, at) in hosts.items().filter_map(|at| Some((at.text()?, at))) {
        if let Some((_, address)) = text.split_once(['=', ':']) {
            look(address, at);
        }
    }
    found
}

/// Options of logging drivers whose options are known.
fn logging(service: Service<'_>) -> Vec<Found> {
    let name = service.name;
    let mut found = Vec::new();
    let driver = service
        .dig(&["logging", "driver"])
        .and_then(|at| at.text().filter(|_| at.is_known()));
    let Some((driver, known)) = LOGS.iter().find(|(own, _)| driver.as_deref() == Some(own)) else {
        found.extend(driver.and_then(|driver| misspelt_driver(service, &driver)));
        return found;
    };
    let options = service.dig(&["logging", "options"]);
    for (key, at) in options.into_iter().flat_map(At::entries) {
        if !known.contains(&key) {
            let message = format!("`{key}` is not an option of the logging driver `{driver}`");
            found.push(
                Found::new(name, message, at.key_place())
                    .label(expected::one_of(*known))
                    .did_you_mean(key, known.iter().copied()),
            );
            continue;
        }
        let expected = match key {
            "max-size" => "expected a size, such as 10m",
            "max-file" => "expected at least 1",
            "compress" => "expected true or false",
            _ => continue,
        };
        let is_good = |text: &str| match key {
            "max-size" => text == "-1" || bytes(text).is_some_and(|size| size > 0),
            "max-file" => text.parse::<u32>().is_ok_and(|files| files > 0),
            _ => boolean(text).is_some(),
        };
        if let Some((text, at)) = bad(Some(at), is_good) {
            let message = format!("`{key}` of `{name}` cannot be `{text}`");
            found.push(Found::new(name, message, at.place()).label(expected));
        }
    }
    found
}

/// A logging driver that is nearly one of Docker's. A plugin may have any other name.
fn misspelt_driver(service: Service<'_>, driver: &str) -> Option<Found> {
    let is_known = LOGS.iter().any(|(own, _)| *own == driver) || OTHER_LOGS.contains(&driver);
    let known = LOGS.iter().map(|(own, _)| *own).chain(OTHER_LOGS);
    let letters = |text: &str| text.replace(['-', '_'], "");
    let meant = known.clone().find(|own| {
        letters(own) == letters(driver) || is_one_slip(&letters(own), &letters(driver))
    });
    meant.filter(|_| !is_known)?;
    let at = service.dig(&["logging", "driver"])?;
    let message = format!("`{driver}` is not a logging driver of Docker");
    let found = Found::new(service.name, message, at.place());
    Some(
        found
            .label(expected::one_of(known.clone()))
            .did_you_mean(driver, known),
    )
}

fn is_ipc(text: &str) -> bool {
    matches!(text, "none" | "private" | "shareable" | "host") || is_joined(text)
}

fn is_pid(text: &str) -> bool {
    text == "host" || is_joined(text)
}

fn is_mac(text: &str) -> bool {
    mac_address(text).is_some()
}

/// Numbers and ranges (moby, `pkg/parsers`, `ParseUintList`).
fn is_cpuset(text: &str) -> bool {
    text.split(',').all(|part| match part.split_once('-') {
        None => part.parse::<u32>().is_ok(),
        Some((first, last)) => {
            let both = first.parse::<u32>().ok().zip(last.parse::<u32>().ok());
            both.is_some_and(|(first, last)| first <= last)
        }
    })
}

fn is_security(text: &str) -> bool {
    if text == "no-new-privileges" {
        return true;
    }
    let Some((key, value)) = text.split_once('=').or_else(|| text.split_once(':')) else {
        return false;
    };
    // With `=` in the value, the option is before a colon.
    let (key, value) = match key.split_once(':') {
        Some((key, _)) => (key, value),
        None => (key, value),
    };
    let is_flag = matches!(key, "no-new-privileges" | "writable-cgroups");
    SECURITY.contains(&key) && (!is_flag || boolean(value).is_some())
}

/// A rule such as `c 1:3 rwm` (moby, `deviceCgroupRuleRegex`).
fn is_device_rule(text: &str) -> bool {
    let parts: Vec<&str> = text.split(' ').collect();
    let [kind, numbers, rights] = parts.as_slice() else {
        return false;
    };
    let is_number =
        |text: &str| text == "*" || !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let numbers = numbers.split_once(':');
    matches!(*kind, "a" | "b" | "c")
        && numbers.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
        && (1..=3).contains(&rights.len())
        && rights.chars().all(|c| matches!(c, 'r' | 'w' | 'm'))
}
