//! How the project's containers are configured.
//!
//! What an image may set (user, command, variables, labels, health check) is compared only where the
//! file sets it; what only a file or a person sets (limits, restarts, rights) always is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::difference::{Difference, FieldDifference};
use super::pair::Pair;
use super::states::States;
use crate::finding::Code;
use crate::redact::{self, HIDDEN, Sensitive};
use crate::state::{Config, Habits, is_filled_in};
use crate::text::path::clean;

/// Every capability.
const ALL: &str = "ALL";

/// The capabilities of a container for which nothing else is said (moby, `oci/caps/defaults.go`).
const DEFAULT_CAPABILITIES: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Compares the configuration of a service with that of a container.
pub(super) fn config(pair: Pair<'_>, states: &States<'_>) -> Vec<Difference> {
    let (name, container) = (pair.name, pair.container);
    let (wanted, is) = (&pair.service.config, &container.config);
    let mut differences = fields(wanted, is, &states.live.habits);
    // A file of variables that is only on the host may name any of them.
    let is_known = !states.is_unset("services", name, "env_file");
    let set = states.live.set_by_images.get(&container.image_id);
    if let Some(set) = set.filter(|_| is_known) {
        differences.extend(more_variables(wanted, is, set));
    }
    differences
        .into_iter()
        .filter(|difference| !states.is_unset("services", name, &difference.field))
        .map(|difference| {
            let message = difference.message(&format!("service `{name}`"));
            Difference::new(Code::ServiceConfig, name, message)
                .container(&container.name)
                .at_field("services", name, &difference.field)
                .values(&difference.field, difference.expected, difference.observed)
        })
        .collect()
}

/// The fields that differ, with both values; of what may be secret, that there is one.
fn fields(wanted: &Config, is: &Config, habits: &Habits) -> Vec<FieldDifference> {
    let mut differences = set_by_file(wanted, is);
    let mut compare = |field: &str, expected: Value, observed: Value| {
        differences.extend(FieldDifference::of(field, expected, observed));
    };
    compare("restart", json!(restart(wanted)), json!(restart(is)));
    compare("memory", json!(wanted.memory), json!(is.memory));
    if !is_about(wanted.nano_cpus, is.nano_cpus) {
        compare("nano_cpus", json!(wanted.nano_cpus), json!(is.nano_cpus));
    }
    let pids = |config: &Config| config.pids.filter(|pids| *pids > 0);
    if pids(wanted).is_some() || pids(is) != habits.pids {
        compare("pids", json!(pids(wanted)), json!(pids(is)));
    }
    compare("privileged", json!(wanted.privileged), json!(is.privileged));
    compare("read_only", json!(wanted.read_only), json!(is.read_only));
    if wanted.init.is_some() {
        let observed = Some(is.init.unwrap_or(false));
        compare("init", json!(wanted.init), json!(observed));
    }
    // A privileged container has every capability, whatever is written.
    if !(wanted.privileged && is.privileged) && capabilities(wanted) != capabilities(is) {
        compare("cap_add", json!(wanted.cap_add), json!(is.cap_add));
        compare("cap_drop", json!(wanted.cap_drop), json!(is.cap_drop));
    }
    compare(
        "security_opt",
        json!(security_options(wanted)),
        json!(security_options(is)),
    );
    for (field, wanted, is) in [("pid", &wanted.pid, &is.pid), ("ipc", &wanted.ipc, &is.ipc)] {
        if is_host(wanted.as_ref()) != is_host(is.as_ref()) {
            compare(field, json!(wanted), json!(is));
        }
    }
    if wanted.tmpfs.iter().any(|target| !is.tmpfs.contains(target)) {
        compare("tmpfs", json!(wanted.tmpfs), json!(is.tmpfs));
    }
    compare("extra_hosts", json!(hosts(wanted)), json!(hosts(is)));
    differences
}

/// The fields that an image may set as well, among those that the file sets.
fn set_by_file(wanted: &Config, is: &Config) -> Vec<FieldDifference> {
    let mut differences = Vec::new();
    for (field, wanted, is) in [
        ("user", &wanted.user, &is.user),
        ("hostname", &wanted.hostname, &is.hostname),
    ] {
        if wanted.is_some() {
            differences.extend(FieldDifference::of(field, json!(wanted), json!(is)));
        }
    }
    let folder = |config: &Config| config.working_dir.as_deref().map(clean);
    if wanted.working_dir.is_some() && folder(wanted) != folder(is) {
        differences.push(FieldDifference::new(
            "working_dir",
            json!(wanted.working_dir),
            json!(is.working_dir),
        ));
    }
    for (field, wanted, is) in [
        ("command", &wanted.command, &is.command),
        ("entrypoint", &wanted.entrypoint, &is.entrypoint),
        ("healthcheck", &wanted.healthcheck, &is.healthcheck),
    ] {
        let is_set = wanted.as_ref().is_some_and(|words| !words.is_empty());
        if is_set && wanted != is {
            let hidden = |words: &Option<Vec<Sensitive>>| json!(words.as_ref().map(|_| HIDDEN));
            differences.push(FieldDifference::new(field, hidden(wanted), hidden(is)));
        }
    }
    for (name, value) in &wanted.environment {
        // Nothing is known of a value that names a variable without one.
        if value.is_some() {
            let is = is.environment.get(name).and_then(Option::as_ref);
            let field = format!("environment.{}", redact::name(name, true));
            differences.extend(FieldDifference::of_sensitive(field, value.as_ref(), is));
        }
    }
    for (name, value) in &wanted.labels {
        let field = format!("labels.{}", redact::name(name, true));
        let is = is.labels.get(name);
        differences.extend(FieldDifference::of_sensitive(field, Some(value), is));
    }
    differences
}

/// Variables of a container that neither its service nor its image (`set`) sets.
fn more_variables(
    wanted: &Config,
    is: &Config,
    set: &BTreeMap<String, Option<Sensitive>>,
) -> Vec<FieldDifference> {
    is.environment
        .iter()
        .filter(|(name, value)| {
            !wanted.environment.contains_key(*name)
                && !is_filled_in(name)
                && set.get(*name) != Some(*value)
        })
        .map(|(name, value)| {
            FieldDifference::new(&format!("environment.{name}"), Value::Null, json!(value))
        })
        .collect()
}

fn restart(config: &Config) -> Option<&str> {
    let restart = config.restart.as_deref();
    restart.filter(|word| !word.is_empty() && *word != "no")
}

fn is_host(mode: Option<&String>) -> bool {
    mode.is_some_and(|mode| mode == "host")
}

fn hosts(config: &Config) -> Vec<String> {
    let hosts = config.extra_hosts.iter();
    let mut hosts: Vec<String> = hosts.map(|host| host.replacen('=', ":", 1)).collect();
    hosts.sort();
    hosts
}

/// Engines that keep a share as quota and period round it.
fn is_about(a: Option<u64>, b: Option<u64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.abs_diff(b) <= a / 1000,
        (a, b) => a == b,
    }
}

/// The capabilities that a container has (moby, `oci/caps`). Some engines repeat what was asked for,
/// others write what differs from their default: only the result can be compared.
fn capabilities(config: &Config) -> BTreeSet<&str> {
    let has = |names: &[String], name: &str| names.iter().any(|known| known == name);
    let mut names: BTreeSet<&str> = if has(&config.cap_add, ALL) {
        BTreeSet::from([ALL])
    } else if has(&config.cap_drop, ALL) {
        BTreeSet::new()
    } else {
        DEFAULT_CAPABILITIES.into()
    };
    for name in &config.cap_drop {
        names.remove(name.as_str());
        if names.contains(ALL) && name != ALL {
            // All but this one.
            names.insert(name);
        }
    }
    names.extend(config.cap_add.iter().map(String::as_str));
    names
}

/// Security options in one spelling: `no-new-privileges:true` is `no-new-privileges`, and `:` is
/// an old `=` (docker/cli, `opts`).
fn security_options(config: &Config) -> Vec<String> {
    let mut options: Vec<String> = config
        .security_opt
        .iter()
        .map(|option| {
            let option = match option.find([':', '=']) {
                Some(at) => format!(
                    "{}={}",
                    option.get(..at).unwrap_or_default(),
                    option.get(at + 1..).unwrap_or_default()
                ),
                None => option.clone(),
            };
            // Compose sends what is in the file, and the engine shows that.
            if option.starts_with("seccomp=")
                && !matches!(option.as_str(), "seccomp=unconfined" | "seccomp=builtin")
            {
                return "seccomp=(a profile)".to_owned();
            }
            match option.strip_suffix("=true") {
                Some(bare) => bare.to_owned(),
                None => option,
            }
        })
        .collect();
    // The engine itself adds it to a container that shares so much with the host (moby,
    // `daemon/create.go`, `generateSecurityOpt`).
    if config.privileged || is_host(config.pid.as_ref()) || is_host(config.ipc.as_ref()) {
        options.retain(|option| option != "label=disable");
    }
    options.sort();
    options
}

#[cfg(test)]
mod tests {
    use super::fields;
    use crate::redact::Sensitive;
    use crate::state::{Config, Habits};

    const PODMAN: Habits = Habits {
        pids: Some(2048),
        ..Habits::DOCKER
    };

    #[test]
    fn what_the_image_or_the_engine_sets_is_not_a_difference() {
        let wanted = Config {
            security_opt: vec!["no-new-privileges:true".into()],
            nano_cpus: Some(500_000_000),
            extra_hosts: vec!["a:1.2.3.4".into()],
            ..Config::default()
        };
        let is = Config {
            user: Some("node".into()),
            command: Some(vec![Sensitive::whole("serve")]),
            working_dir: Some("/app".into()),
            hostname: Some("0123456789ab".into()),
            restart: Some("no".into()),
            pids: Some(2048),
            security_opt: vec!["no-new-privileges".into()],
            nano_cpus: Some(499_999_999),
            ipc: Some("private".into()),
            extra_hosts: vec!["a=1.2.3.4".into()],
            environment: [("PATH".to_owned(), Some(Sensitive::whole("/bin")))].into(),
            labels: [("maintainer".to_owned(), Sensitive::whole("x"))].into(),
            ..Config::default()
        };
        assert_eq!(fields(&wanted, &is, &PODMAN), []);
    }

    #[test]
    fn capabilities_are_what_comes_of_both_lists() {
        let config = |add: &[&str], drop: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            Config {
                cap_add: owned(add),
                cap_drop: owned(drop),
                ..Config::default()
            }
        };
        let all_but_one: Vec<&str> = super::DEFAULT_CAPABILITIES
            .into_iter()
            .filter(|name| *name != "NET_BIND_SERVICE")
            .collect();
        // As Podman says it.
        let asked = config(&["NET_BIND_SERVICE"], &["ALL"]);
        assert_eq!(fields(&asked, &config(&[], &all_but_one), &PODMAN), []);
        assert_eq!(fields(&asked, &config(&[], &["ALL"]), &PODMAN).len(), 1);
        assert_eq!(
            fields(&config(&[], &["ALL"]), &config(&[], &[]), &PODMAN).len(),
            1
        );
        assert_eq!(
            fields(
                &config(&["ALL"], &["CHOWN"]),
                &config(&["ALL"], &[]),
                &PODMAN
            )
            .len(),
            1
        );
    }

    #[test]
    fn what_a_hand_sets_is_one() {
        let wanted = Config {
            memory: Some(1 << 20),
            ..Config::default()
        };
        let is = Config {
            privileged: true,
            cap_add: vec!["NET_ADMIN".into()],
            security_opt: vec!["seccomp=unconfined".into()],
            pid: Some("host".into()),
            restart: Some("always".into()),
            pids: Some(5),
            ..Config::default()
        };
        let fields: Vec<String> = fields(&wanted, &is, &PODMAN)
            .into_iter()
            .map(|difference| difference.field)
            .collect();
        assert_eq!(
            fields,
            [
                "restart",
                "memory",
                "pids",
                "privileged",
                "cap_add",
                "security_opt",
                "pid"
            ]
        );
    }
}
