//! The fields of a Compose file: whose values are hidden, and whose are not.

use crate::text::has_same_letters;

/// The block of a Compose file that is composegen's own.
pub(crate) const EXTENSION: &str = "x-composegen";

/// What is visible of a field whose values are hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visible {
    /// The names one level below it; `environment`.
    Names,
    /// Nothing; `command`.
    Nothing,
}

/// The fields of a Compose file whose values are hidden
/// (<https://github.com/compose-spec/compose-spec/blob/main/spec.md>): they hold what a product
/// wants to know, and people put secrets there.
const FIELDS: [(&str, Visible); 15] = [
    ("environment", Visible::Names),
    ("args", Visible::Names),
    ("labels", Visible::Names),
    ("annotations", Visible::Names),
    ("driver_opts", Visible::Names),
    ("options", Visible::Names),
    ("additional_contexts", Visible::Names),
    ("parameters", Visible::Names),
    ("command", Visible::Nothing),
    ("entrypoint", Visible::Nothing),
    ("test", Visible::Nothing),
    ("content", Visible::Nothing),
    ("dockerfile_inline", Visible::Nothing),
    ("device", Visible::Nothing),
    ("runtime_flags", Visible::Nothing),
];

/// What of a field of a Compose file may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// The values of names that are the user's own.
    Values,
    /// The words of a command.
    Command,
    /// The words of a command; a text is a line for a shell.
    Check,
    /// A Dockerfile.
    Dockerfile,
}

/// What may be a secret in a field of a Compose file, wherever the field is: of a service, a hook, a network.
pub(crate) fn holds(field: &str) -> Option<Holds> {
    Some(match field {
        "environment" | "args" | "labels" | "annotations" | "options" | "driver_opts" => {
            Holds::Values
        }
        "command" | "entrypoint" | "runtime_flags" => Holds::Command,
        "test" => Holds::Check,
        "dockerfile_inline" => Holds::Dockerfile,
        _ => return None,
    })
}

/// The other fields of a Compose file, as far as they end a field whose values are hidden.
const OTHERS: &[&str] = &[
    "version", "name", "services", "networks", "volumes", "secrets", "configs", "include",
    "models", "image", "build", "context", "dockerfile", "target", "cache_from", "cache_to",
    "no_cache", "pull", "platforms", "platform", "ssh", "shm_size", "isolation", "privileged",
    "extra_hosts", "ulimits", "deploy", "resources", "limits", "reservations", "memory", "cpus",
    "pids", "replicas", "mode", "endpoint_mode", "placement", "restart_policy", "condition",
    "update_config", "rollback_config", "depends_on", "required", "restart", "healthcheck",
    "interval", "timeout", "retries", "start_period", "start_interval", "disable", "logging",
    "driver", "ports", "published", "protocol", "host_ip", "app_protocol", "expose", "env_file",
    "label_file", "path", "format", "extends", "service", "file", "profiles", "user",
    "userns_mode", "working_dir", "hostname", "domainname", "container_name", "network_mode",
    "aliases", "ipv4_address", "ipv6_address", "link_local_ips", "mac_address", "priority", "ipam",
    "config", "subnet", "gateway", "ip_range", "internal", "external", "attachable", "enable_ipv4",
    "enable_ipv6", "type", "source", "read_only", "bind", "volume", "tmpfs", "init", "cap_add",
    "cap_drop", "security_opt", "pid", "ipc", "uts", "cgroup", "cgroup_parent", "devices", "dns",
    "dns_search", "dns_opt", "sysctls", "stdin_open", "tty", "stop_signal", "stop_grace_period",
    "mem_limit", "mem_reservation", "pids_limit", "scale", "group_add", "develop", "runtime",
];

/// The fields of a Compose file that are shown in blocks that begin with `x-` too, and that do not end a field whose values
/// are hidden: a variable may well have such a name.
const SHOWN: &[&str] = &[
    "action",
    "attach",
    "aux_addresses",
    "blkio_config",
    "capabilities",
    "consistency",
    "constraints",
    "context_size",
    "count",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpuset",
    "create_host_path",
    "credential_spec",
    "delay",
    "device_cgroup_rules",
    "device_ids",
    "device_read_bps",
    "device_read_iops",
    "device_write_bps",
    "device_write_iops",
    "discrete_resource_spec",
    "endpoint_var",
    "entitlements",
    "exec",
    "external_links",
    "failure_action",
    "generic_resources",
    "gid",
    "gpus",
    "gw_priority",
    "hard",
    "ignore",
    "initial_sync",
    "interface_name",
    "kind",
    "links",
    "max_attempts",
    "max_failure_ratio",
    "max_replicas_per_node",
    "mem_swappiness",
    "memswap_limit",
    "model",
    "model_var",
    "monitor",
    "network",
    "nocopy",
    "oom_kill_disable",
    "oom_score_adj",
    "order",
    "parallelism",
    "permissions",
    "post_start",
    "pre_stop",
    "preferences",
    "project_directory",
    "propagation",
    "provenance",
    "provider",
    "pull_policy",
    "pull_refresh_after",
    "rate",
    "recursive",
    "registry",
    "sbom",
    "selinux",
    "size",
    "soft",
    "spread",
    "storage_opt",
    "subpath",
    "tags",
    "template_driver",
    "uid",
    "use_api_socket",
    "volumes_from",
    "watch",
    "weight",
    "weight_device",
    "window",
];

/// Fields of Compose files and of specs below which the user's own names are: of services, networks, hosts, rules. Such a
/// name says nothing of its value: `valkey` is not a key. What is below `secrets` may be one.
const OF_NAMES: &[&str] = &[
    "access", "allow", "aux_addresses", "calls", "configs", "depends_on", "domains", "extra_hosts",
    "hosts", "machines", "models", "namespaces", "needs", "networks", "ports", "retention",
    "roles", "routes", "services", "stacks", "storage_opt", "sysctls", "ulimits", "upstreams",
    "volumes",
];

/// Whether the keys of a field are names of things.
pub(super) fn has_names(field: &str) -> bool {
    OF_NAMES.contains(&field)
}

/// What is visible of a field of a Compose file whose values are hidden. A name that is almost one
/// of theirs counts: it is a typing error.
pub(super) fn field(name: &str) -> Option<Visible> {
    let lower = name.to_ascii_lowercase();
    let exact = FIELDS.iter().find(|(field, _)| *field == lower);
    if let Some((_, visible)) = exact {
        return Some(*visible);
    }
    if is_shown(&lower) || lower.len() < 4 || lower.len() > 24 {
        return None;
    }
    FIELDS
        .iter()
        .find(|(field, _)| is_near(&lower, field))
        .map(|(_, visible)| *visible)
}

/// Whether a name is such a field, letter for letter.
pub(super) fn is_exact(name: &str) -> bool {
    FIELDS.iter().any(|(field, _)| *field == name)
}

/// Whether a name is a field of a Compose file whose values are shown.
pub(super) fn is_shown(name: &str) -> bool {
    is_field(name) || SHOWN.contains(&name)
}

/// Whether a name is such a field, or a slip of one.
pub(super) fn is_like_shown(name: &str) -> bool {
    let begins_alike = |field: &&&str| field.as_bytes().first() == name.as_bytes().first();
    let mut near = OTHERS.iter().chain(SHOWN).filter(begins_alike);
    is_shown(name) || near.any(|field| is_near(name, field))
}

/// Whether a name is such a field, and ends one whose values are hidden.
pub(super) fn is_field(name: &str) -> bool {
    OTHERS.contains(&name)
}

/// Whether a word is a field of a Compose file.
pub(super) fn is_word(word: &str) -> bool {
    is_exact(word) || is_field(word)
}

/// Whether two edits make one name of the other; only one where they are short.
fn is_near(name: &str, field: &str) -> bool {
    let most = match field.len() {
        0..=4 => return false,
        5..=6 => 1,
        _ => 2,
    };
    if name.len().abs_diff(field.len()) > most {
        return false;
    }
    // The same letters in another order are one slip.
    let begins_alike = name.as_bytes().first() == field.as_bytes().first();
    begins_alike && has_same_letters(name, field) || strsim::levenshtein(name, field) <= most
}

/// Whether a path in a Compose file (`services.web.environment[0]`) leads to a value that is hidden.
pub(crate) fn is_hidden_path(path: &str) -> bool {
    if path.starts_with("x-") && !path.starts_with(EXTENSION) {
        return true;
    }
    let mut steps = path.split(['.', '[']);
    steps.any(|step| FIELDS.iter().any(|(field, _)| *field == step))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `value` names nothing: in a block of someone's own, it may be anything.
    const HIDDEN: [&str; 1] = ["value"];

    fn names(schema: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
        if let Some(properties) = schema.get("properties").and_then(|one| one.as_object()) {
            found.extend(properties.keys().cloned());
        }
        let (items, entries) = (schema.as_array(), schema.as_object());
        let below = items.into_iter().flatten();
        for one in below.chain(entries.into_iter().flat_map(|entries| entries.values())) {
            names(one, found);
        }
    }

    #[test]
    fn every_field_of_the_schema_of_compose_is_known() {
        let text = include_str!("../../tests/fixtures/compose/schema.json");
        let mut all = std::collections::BTreeSet::new();
        names(&serde_json::from_str(text).unwrap(), &mut all);
        all.retain(|name| !is_exact(name) && !is_shown(name));
        assert!(all.iter().eq(&HIDDEN), "{all:?}");
    }

    #[test]
    fn fields_are_known_by_their_names_and_by_slips_of_them() {
        assert_eq!(field("environment"), Some(Visible::Names));
        for slip in [
            "enviroment", "Environment", "environments", "comand", "lables", "driver-opts",
        ] {
            assert!(field(slip).is_some(), "{slip}");
        }
        for other in ["image", "context", "web", "configs", "target", "tests_of"] {
            assert_eq!(field(other), None, "{other}");
        }
    }
}
