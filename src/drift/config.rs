//! How the project's containers are set up.
//!
//! What an image may set (user, command, variables, labels, health check) is compared only where the
//! file sets it; what only a file or a hand sets (limits, restarts, rights) always is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::services::Pair;
use super::{Comparer, difference, is_hidden};
use crate::finding::{Code, Finding, Severity};
use crate::redact::{self, HIDDEN, Sensitive};
use crate::state::{Config, is_filled_in};
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

/// The most processes that Podman allows where nobody says how many.
const PODMAN_PIDS: i64 = 2048;

impl Comparer<'_> {
    /// Compares how a service and a container are set up.
    pub(super) fn config(&mut self, pair: Pair<'_>) {
        let (wanted, is) = (&pair.service.config, &pair.container.config);
        let mut differences = differences(wanted, is);
        let set = self.live.set_by_images.get(&pair.container.image_id);
        // A file of variables that is only on the host may name any of them.
        let is_known = !self.cannot_tell("services", pair.name, "env_file");
        if let Some(set) = set.filter(|_| is_known) {
            differences.extend(more_variables(wanted, is, set));
        }
        for (field, expected, observed) in differences {
            if self.cannot_tell("services", pair.name, &field) {
                continue;
            }
            let pair = self.by_variables(pair, &field);
            let name = pair.name;
            let thing = match field.split_once('.') {
                Some(("environment", variable)) => variable,
                Some(("labels", label)) => label,
                _ => &field,
            };
            let message = if is_hidden(&expected, &observed) {
                format!("`{thing}` of service `{name}` differs, values hidden")
            } else if thing == field {
                format!("service `{name}` has another `{field}`")
            } else if observed.is_null() {
                format!("`{thing}` of service `{name}` is missing")
            } else {
                format!("`{thing}` of service `{name}` is set, and is not in the file")
            };
            self.note(
                Finding::new(Code::ServiceConfig, Severity::Drift, name, message)
                    .field(field, expected, observed)
                    .cause(pair.cause)
                    .after_up(pair.after_up)
                    .help(pair.remedy()),
            );
        }
    }
}

/// The fields that differ, with both values; of what may be secret, that there is one.
fn differences(wanted: &Config, is: &Config) -> Vec<(String, Value, Value)> {
    let mut differences: Vec<(String, Value, Value)> = Vec::new();
    let mut differs = |field: &str, expected: Value, observed: Value| {
        if expected != observed {
            differences.push((field.to_owned(), expected, observed));
        }
    };
    for (field, wanted, is) in [
        ("user", &wanted.user, &is.user),
        ("hostname", &wanted.hostname, &is.hostname),
    ] {
        if wanted.is_some() {
            differs(field, json!(wanted), json!(is));
        }
    }
    let folder = |config: &Config| config.working_dir.as_deref().map(clean);
    if wanted.working_dir.is_some() && folder(wanted) != folder(is) {
        differs(
            "working_dir",
            json!(wanted.working_dir),
            json!(is.working_dir),
        );
    }
    for (field, wanted, is) in [
        ("command", &wanted.command, &is.command),
        ("entrypoint", &wanted.entrypoint, &is.entrypoint),
        ("healthcheck", &wanted.healthcheck, &is.healthcheck),
    ] {
        if wanted.as_ref().is_some_and(|words| !words.is_empty()) {
            let hidden = |words: &Option<Vec<Sensitive>>| words.as_ref().map(|_| HIDDEN);
            if wanted != is {
                differences.push((field.to_owned(), json!(hidden(wanted)), json!(hidden(is))));
            }
        }
    }
    for (name, value) in &wanted.environment {
        // Nothing is known of a value that names a variable without one.
        if value.is_some() {
            let is = is.environment.get(name).and_then(Option::as_ref);
            let field = format!("environment.{}", redact::name(name, true));
            differences.extend(difference(field, value.as_ref(), is));
        }
    }
    for (name, value) in &wanted.labels {
        let field = format!("labels.{}", redact::name(name, true));
        differences.extend(difference(field, Some(value), is.labels.get(name)));
    }
    let mut differs = |field: &str, expected: Value, observed: Value| {
        if expected != observed {
            differences.push((field.to_owned(), expected, observed));
        }
    };
    let restart = |config: &Config| {
        config
            .restart
            .clone()
            .filter(|word| !word.is_empty() && word != "no")
    };
    differs("restart", json!(restart(wanted)), json!(restart(is)));
    differs("memory", json!(wanted.memory), json!(is.memory));
    if !is_about(wanted.nano_cpus, is.nano_cpus) {
        differs("nano_cpus", json!(wanted.nano_cpus), json!(is.nano_cpus));
    }
    let pids = |config: &Config| config.pids.filter(|pids| *pids > 0);
    if pids(wanted).is_some() || pids(is) != Some(PODMAN_PIDS) {
        differs("pids", json!(pids(wanted)), json!(pids(is)));
    }
    differs("privileged", json!(wanted.privileged), json!(is.privileged));
    differs("read_only", json!(wanted.read_only), json!(is.read_only));
    if wanted.init.is_some() {
        differs(
            "init",
            json!(wanted.init),
            json!(Some(is.init.unwrap_or(false))),
        );
    }
    // A container with every right has every capability, whatever is written.
    if !(wanted.privileged && is.privileged) && capabilities(wanted) != capabilities(is) {
        differs("cap_add", json!(wanted.cap_add), json!(is.cap_add));
        differs("cap_drop", json!(wanted.cap_drop), json!(is.cap_drop));
    }
    differs("security_opt", json!(security(wanted)), json!(security(is)));
    for (field, wanted, is) in [("pid", &wanted.pid, &is.pid), ("ipc", &wanted.ipc, &is.ipc)] {
        let is_host = |mode: &Option<String>| mode.as_deref() == Some("host");
        if is_host(wanted) != is_host(is) {
            differs(field, json!(wanted), json!(is));
        }
    }
    let lacks = wanted.tmpfs.iter().any(|target| !is.tmpfs.contains(target));
    if lacks {
        differs("tmpfs", json!(wanted.tmpfs), json!(is.tmpfs));
    }
    let hosts = |config: &Config| -> Vec<String> {
        let mut hosts: Vec<String> = config
            .extra_hosts
            .iter()
            .map(|host| host.replacen('=', ":", 1))
            .collect();
        hosts.sort();
        hosts
    };
    differs("extra_hosts", json!(hosts(wanted)), json!(hosts(is)));
    differences
}

/// Variables of a container that neither its service nor its image (`set`) sets.
fn more_variables(
    wanted: &Config,
    is: &Config,
    set: &BTreeMap<String, Option<Sensitive>>,
) -> Vec<(String, Value, Value)> {
    let more = is.environment.iter().filter(|(name, value)| {
        !wanted.environment.contains_key(*name)
            && !is_filled_in(name)
            && set.get(*name) != Some(*value)
    });
    more.map(|(name, value)| (format!("environment.{name}"), Value::Null, json!(value)))
        .collect()
}

/// Engines that keep a share as quota and period round it.
fn is_about(a: Option<u64>, b: Option<u64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.abs_diff(b) <= a / 1000,
        (a, b) => a == b,
    }
}

/// The capabilities that a container has (moby, `oci/caps`). Docker repeats what was asked for,
/// Podman writes what differs from its default: only what comes of it can be compared.
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
fn security(config: &Config) -> Vec<String> {
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
    let is_host = |mode: &Option<String>| mode.as_deref() == Some("host");
    if config.privileged || is_host(&config.pid) || is_host(&config.ipc) {
        options.retain(|option| option != "label=disable");
    }
    options.sort();
    options
}

#[cfg(test)]
mod tests {
    use super::differences;
    use crate::redact::Sensitive;
    use crate::state::Config;

    #[test]
    fn what_the_image_or_the_engine_sets_is_no_difference() {
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
        assert_eq!(differences(&wanted, &is), []);
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
        assert_eq!(differences(&asked, &config(&[], &all_but_one)), []);
        assert_eq!(differences(&asked, &config(&[], &["ALL"])).len(), 1);
        assert_eq!(
            differences(&config(&[], &["ALL"]), &config(&[], &[])).len(),
            1
        );
        assert_eq!(
            differences(&config(&["ALL"], &["CHOWN"]), &config(&["ALL"], &[])).len(),
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
        let fields: Vec<String> = differences(&wanted, &is)
            .into_iter()
            .map(|(field, ..)| field)
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
