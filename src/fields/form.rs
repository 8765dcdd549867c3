//! The forms in which fields are compared.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Value, json};

use super::difference::FieldDifference;
use crate::redact::{self, HIDDEN, Sensitive};
use crate::state::Config;
use crate::text::path::clean;

/// In which form a field is compared, and how it is read of a container.
pub(super) enum Form {
    /// A value that is equal on both sides.
    Value(fn(&Config) -> Value),
    /// A text.
    Text(fn(&Config) -> Option<&str>),
    /// A path in the container, however it is written.
    Path(fn(&Config) -> Option<&str>),
    /// Yes or no; a container for which nothing is said has it not.
    Flag(fn(&Config) -> Option<bool>),
    /// An amount of memory.
    Bytes(fn(&Config) -> Option<u64>),
    /// Billionths of a CPU. Engines that keep a share as quota and period round it.
    Cpus(fn(&Config) -> Option<u64>),
    /// A limit, of which zero and less mean that there is none.
    Limit(fn(&Config) -> Option<i64>),
    /// A namespace, of which only counts whether it is the host's.
    HostOrNot(fn(&Config) -> Option<&str>),
    /// A list of which the container may have more.
    AtLeast(fn(&Config) -> &Vec<String>),
    /// A list that counts together with others: they are compared by their common result.
    Part(fn(&Config) -> &Vec<String>, fn(&Config, &Config) -> bool),
    /// The words of a command, which may be secret.
    Words(fn(&Config) -> Option<&[Sensitive]>),
    /// Variables by their names, which may be secret. A value that is not known is not compared.
    Variables(fn(&Config) -> &BTreeMap<String, Option<Sensitive>>),
    /// Labels by their names, which may be secret.
    Labels(fn(&Config) -> &BTreeMap<String, Sensitive>),
}

impl Form {
    /// How a field differs. What is not set is null.
    pub(super) fn differences(
        &self,
        name: &str,
        wanted: &Config,
        is: &Config,
    ) -> Vec<FieldDifference> {
        let unless = |is_same: bool, expected: Value, observed: Value| {
            let difference = (!is_same).then(|| FieldDifference::new(name, expected, observed));
            Vec::from_iter(difference)
        };
        match self {
            Self::Value(get) => {
                let (wanted, is) = (get(wanted), get(is));
                unless(wanted == is, wanted, is)
            }
            Self::Text(get) => {
                let (wanted, is) = (get(wanted), get(is));
                unless(wanted == is, json!(wanted), json!(is))
            }
            Self::Path(get) => {
                let (wanted, is) = (get(wanted), get(is));
                unless(wanted.map(clean) == is.map(clean), json!(wanted), json!(is))
            }
            Self::Flag(get) => {
                let (wanted, is) = (get(wanted), get(is).unwrap_or(false));
                unless(wanted == Some(is), json!(wanted), json!(is))
            }
            Self::Bytes(get) => {
                let (wanted, is) = (get(wanted), get(is));
                unless(wanted == is, json!(wanted), json!(is))
            }
            Self::Cpus(get) => {
                let (wanted, is) = (get(wanted), get(is));
                unless(is_about(wanted, is), json!(wanted), json!(is))
            }
            Self::Limit(get) => {
                let limit = |config: &Config| get(config).filter(|limit| *limit > 0);
                let (wanted, is) = (limit(wanted), limit(is));
                unless(wanted == is, json!(wanted), json!(is))
            }
            Self::HostOrNot(get) => {
                let (wanted, is) = (get(wanted), get(is));
                let is_same = is_host(wanted) == is_host(is);
                unless(is_same, json!(wanted), json!(is))
            }
            Self::AtLeast(get) => {
                let (wanted, is) = (get(wanted), get(is));
                let known: HashSet<&String> = is.iter().collect();
                let is_same = wanted.iter().all(|entry| known.contains(entry));
                unless(is_same, json!(wanted), json!(is))
            }
            Self::Part(get, has_same_result) => {
                let (expected, observed) = (get(wanted), get(is));
                let is_same = expected == observed || has_same_result(wanted, is);
                unless(is_same, json!(expected), json!(observed))
            }
            Self::Words(get) => {
                let wanted = get(wanted).filter(|words| !words.is_empty());
                let is = get(is);
                let hidden = |words: Option<&[Sensitive]>| json!(words.map(|_| HIDDEN));
                unless(wanted == is, hidden(wanted), hidden(is))
            }
            Self::Variables(get) => {
                let observed = get(is);
                let known = get(wanted)
                    .iter()
                    .filter_map(|(key, value)| Some((key, value.as_ref()?)));
                let is = |key: &str| observed.get(key).and_then(Option::as_ref);
                entries(name, known, is)
            }
            Self::Labels(get) => {
                let observed = get(is);
                entries(name, get(wanted).iter(), |key| observed.get(key))
            }
        }
    }
}

/// The entries of a map that differ, among those that are expected.
fn entries<'a>(
    name: &str,
    wanted: impl Iterator<Item = (&'a String, &'a Sensitive)>,
    is: impl Fn(&str) -> Option<&'a Sensitive>,
) -> Vec<FieldDifference> {
    wanted
        .filter_map(|(key, value)| {
            let field = format!("{name}.{}", redact::name(key, true));
            FieldDifference::of_sensitive(field, Some(value), is(key))
        })
        .collect()
}

fn is_about(a: Option<u64>, b: Option<u64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.abs_diff(b) <= a / 1000,
        (a, b) => a == b,
    }
}

fn is_host(mode: Option<&str>) -> bool {
    mode == Some("host")
}

/// The restart policy; `no` is none.
pub(super) fn restart(config: &Config) -> Option<&str> {
    let restart = config.restart.as_deref();
    restart.filter(|word| !word.is_empty() && *word != "no")
}

/// Entries of the hosts file in one spelling: `=` is a new `:`.
pub(super) fn extra_hosts(config: &Config) -> Vec<String> {
    let hosts = config.extra_hosts.iter();
    let mut hosts: Vec<String> = hosts.map(|host| host.replacen('=', ":", 1)).collect();
    hosts.sort();
    hosts
}

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

/// Whether two containers have the same capabilities. A privileged one has all, whatever is written.
pub(super) fn has_same_capabilities(wanted: &Config, is: &Config) -> bool {
    wanted.privileged && is.privileged || capabilities(wanted) == capabilities(is)
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
pub(super) fn security_options(config: &Config) -> Vec<String> {
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
    if config.privileged || is_host(config.pid.as_deref()) || is_host(config.ipc.as_deref()) {
        options.retain(|option| option != "label=disable");
    }
    options.sort();
    options
}

#[cfg(test)]
mod tests {
    use crate::fields::{FieldDifference, differences};
    use crate::redact::Sensitive;
    use crate::state::{Config, Habits};

    const PODMAN: Habits = Habits {
        pids: Some(2048),
        ..Habits::DOCKER
    };

    fn fields(wanted: &Config, is: &Config, habits: &Habits) -> Vec<FieldDifference> {
        differences(wanted, is, habits).collect()
    }

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
