//! What `docker compose config --format json` says of a file, in the words of a state.

mod mounts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use composegen::fields::SERVICE;
use composegen::redact::{Salt, Sensitive};
use composegen::state::DEFINITION;
use serde_json::{Map, Value, json};

use crate::project::root;

/// Docker Compose, as `tests/tools/setup.sh` set it up.
pub(crate) struct Compose {
    program: PathBuf,
}

impl Compose {
    /// Compose. A test that needs it is ignored unless it is asked for, so it must be there.
    pub(crate) fn new() -> Self {
        let program = root().join("target/tools/docker-config/cli-plugins/docker-compose");
        assert!(
            program.exists(),
            "no Docker Compose: run `make engine` first (as root on Debian)"
        );
        Self { program }
    }

    /// Compose run in a folder, without the variables of this process.
    pub(crate) fn run(
        &self,
        folder: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Output {
        Command::new(&self.program)
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    /// The state that Compose reads, or why it refuses.
    pub(crate) fn state(
        &self,
        folder: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<Value, String> {
        let arguments = [arguments, &["config", "--format", "json"]].concat();
        let output = self.run(folder, &arguments, variables);
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(as_state(&unescaped(
            serde_json::from_slice(&output.stdout).unwrap(),
        )))
    }
}

/// The salt of all digests here.
pub(crate) fn salt() -> Salt {
    serde_json::from_value(json!("5e1f".repeat(16))).unwrap()
}

/// A value as a state holds it that is sealed with this salt.
fn whole(name: &str, value: &str) -> String {
    sealed_text(name, &Sensitive::whole(value))
}

/// The digests are to be seen here: what differs must not look alike.
fn sealed_text(name: &str, value: &Sensitive) -> String {
    value.sealed(name, &salt()).revealed().to_owned()
}

fn options(pairs: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let sealed = |(name, value): (&String, &Value)| {
        let value = Sensitive::of_option(name, text(value));
        (name.clone(), sealed_text(name, &value))
    };
    entries(pairs).map(sealed).collect()
}

/// A state as the command line prints it: without the digests.
pub(crate) fn printed(sealed: &Value) -> Value {
    match sealed {
        Value::String(text) => match text.split_once("(hidden:") {
            Some((before, rest)) => {
                let after = rest.split_once(')').map_or("", |(_, after)| after);
                json!(format!("{before}(hidden){after}"))
            }
            None => json!(text),
        },
        Value::Array(items) => items.iter().map(printed).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            fields
                .map(|(key, value)| (key.clone(), printed(value)))
                .collect()
        }
        other => other.clone(),
    }
}

/// The first place where two states differ, and what stands there in either.
pub(crate) fn difference(ours: &Value, theirs: &Value) -> Option<String> {
    fn find(path: &str, ours: &Value, theirs: &Value) -> Option<String> {
        match (ours, theirs) {
            (Value::Object(left), Value::Object(right)) => {
                let keys: BTreeSet<_> = left.keys().chain(right.keys()).collect();
                keys.into_iter().find_map(|key| {
                    let at = format!("{path}.{key}");
                    match (left.get(key), right.get(key)) {
                        (Some(left), Some(right)) => find(&at, left, right),
                        (left, right) => Some(described(&at, left, right)),
                    }
                })
            }
            (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
                let pairs = left.iter().zip(right).enumerate();
                pairs
                    .into_iter()
                    .find_map(|(at, (left, right))| find(&format!("{path}[{at}]"), left, right))
            }
            (left, right) if left == right || right == ANY => None,
            (left, right) => Some(described(path, Some(left), Some(right))),
        }
    }
    fn described(path: &str, ours: Option<&Value>, theirs: Option<&Value>) -> String {
        let text = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
        format!("{path}: ours {}, theirs {}", text(ours), text(theirs))
    }
    find("", ours, theirs)
}

/// `config` prints a Compose file, in which a `$` is written as `$$`.
fn unescaped(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("$$", "$")),
        Value::Array(items) => items.into_iter().map(unescaped).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key.replace("$$", "$"), unescaped(value)))
            .collect(),
        other => other,
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn or_null(value: &Value, key: &str, default: &Value) -> Value {
    value
        .get(key)
        .filter(|found| !found.is_null())
        .unwrap_or(default)
        .clone()
}

/// What `docker compose config` says, in the words of a state.
pub(crate) fn as_state(config: &Value) -> Value {
    let own = |thing: &Value, more: &[(&str, Value)]| {
        let mut own = json!({
            // An empty name is not printed.
            "name": or_null(thing, "name", &json!("")),
            "external": or_null(thing, "external", &json!(false)),
            "driver": or_null(thing, "driver", &Value::Null),
            "options": options(&thing["driver_opts"]),
            "labels": options(&thing["labels"]),
        });
        for (key, value) in more {
            own[*key] = value.clone();
        }
        own
    };
    let networks: BTreeMap<_, _> = entries(&config["networks"])
        .map(|(key, network)| {
            let subnets: BTreeSet<_> = items(&network["ipam"]["config"])
                .filter_map(|config| config["subnet"].as_str())
                .collect();
            let mut more = vec![
                ("internal", or_null(network, "internal", &json!(false))),
                ("attachable", or_null(network, "attachable", &json!(false))),
                ("ipv6", or_null(network, "enable_ipv6", &Value::Null)),
                ("subnets", json!(subnets)),
            ];
            if !network["enable_ipv4"].is_null() {
                more.push(("enable_ipv4", network["enable_ipv4"].clone()));
            }
            if says(&network["ipam"]["driver"]) {
                more.push(("ipam.driver", network["ipam"]["driver"].clone()));
            }
            let configs = || items(&network["ipam"]["config"]);
            for (key, path) in [
                ("gateway", "ipam.config.gateway"),
                ("ip_range", "ipam.config.ip_range"),
            ] {
                let pools =
                    configs().filter(|config| says(&config[key]) && says(&config["subnet"]));
                let pools: Map<_, _> = pools
                    .map(|config| {
                        (
                            config["subnet"].as_str().unwrap().to_owned(),
                            config[key].clone(),
                        )
                    })
                    .collect();
                if !pools.is_empty() {
                    more.push((path, json!(pools)));
                }
            }
            let hosts = configs().flat_map(|config| entries(&config["aux_addresses"]));
            let hosts: Map<_, _> = hosts
                .map(|(name, host)| (name.clone(), host.clone()))
                .collect();
            if !hosts.is_empty() {
                more.push(("ipam.config.aux_addresses", json!(hosts)));
            }
            (key, own(network, &more))
        })
        .collect();
    let volumes: BTreeMap<_, _> = entries(&config["volumes"])
        .map(|(key, volume)| (key, own(volume, &[])))
        .collect();
    let services: BTreeMap<_, _> = entries(&config["services"])
        .filter(|(_, service)| service.get("provider").is_none())
        .map(|(key, service)| (key, service_as_state(config, service)))
        .collect();
    json!({
        "version": 1, "project": config["name"],
        "networks": networks, "volumes": volumes, "services": services,
    })
}

fn service_as_state(config: &Value, service: &Value) -> Value {
    let networks: BTreeMap<_, _> = entries(&service["networks"])
        .map(|(key, attachment)| {
            let aliases: BTreeSet<_> = items(&attachment["aliases"])
                .filter_map(Value::as_str)
                .collect();
            let mut state = json!({
                "aliases": aliases,
                "ipv4": or_null(attachment, "ipv4_address", &Value::Null),
                "ipv6": or_null(attachment, "ipv6_address", &Value::Null),
            });
            let link_local: BTreeSet<_> = items(&attachment["link_local_ips"])
                .filter_map(Value::as_str)
                .collect();
            let mac = attachment["mac_address"].as_str().unwrap_or_default();
            for (key, value) in [
                ("link_local_ips", json!(link_local)),
                ("mac_address", json!(mac.to_ascii_lowercase())),
                ("driver_opts", json!(options(&attachment["driver_opts"]))),
                ("gw_priority", attachment["gw_priority"].clone()),
                ("interface_name", attachment["interface_name"].clone()),
            ] {
                if says(&value) {
                    state[key] = value;
                }
            }
            (key, state)
        })
        .collect();
    let mut state = json!({
        "replicas": or_null(service, "scale", &or_null(&service["deploy"], "replicas", &json!(1))),
        "image": service["image"], "network_mode": service["network_mode"],
        "networks": networks, "mounts": mounts::mounts(config, service), "ports": ports(service),
        "copies": mounts::copies(config, service),
        "depends_on": entries(&service["depends_on"])
            .map(|(name, on)| (name, on["condition"].clone()))
            .collect::<BTreeMap<_, _>>(),
    });
    let exact = set_up(service);
    for (key, value) in entries(&exact) {
        let is_kept = key == "entrypoint" && value.is_array();
        if says(value) || is_kept || ["container_name", "definition"].contains(&key.as_str()) {
            state[key] = value.clone();
        }
    }
    for field in SERVICE {
        let paths = [Some(field.path), field.deploy];
        let mut set = paths.into_iter().flatten().map(|path| {
            let keys = path.split('.');
            keys.fold(service, |at, key| &at[key])
        });
        let is_own = field.path == "gpus"
            && says(&service["deploy"]["resources"]["reservations"]["devices"]);
        if exact.get(field.path).is_none() && (is_own || set.any(says)) {
            state[field.path] = json!(ANY);
        }
    }
    let not_shown: Vec<&str> = NOT_SHOWN
        .into_iter()
        .filter(|key| !service[*key].is_null())
        .chain(mounts::not_shown(service))
        .collect();
    if !not_shown.is_empty() {
        state["not_shown"] = json!(not_shown);
    }
    let containers = mounts::mounts_of(config, service);
    if !containers.is_empty() {
        state["mounts_of"] = json!(containers);
    }
    state
}

/// The value of a field of which only counts that it is set.
const ANY: &str = "(any value)";

/// What configures a container, and no engine shows.
const NOT_SHOWN: [&str; 2] = ["cpu_percent", "credential_spec"];

/// Whether a value says more than its absence.
fn says(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !["", "0", "0s"].contains(&text.as_str()),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        Value::Bool(true) => true,
    }
}

fn ports(service: &Value) -> Vec<Value> {
    let mut ports: Vec<Value> = items(&service["ports"])
        .map(|port| {
            json!({
                "host_ip": port["host_ip"], "published": published(&port["published"]),
                "target": port["target"], "protocol": or_null(port, "protocol", &json!("tcp")),
            })
        })
        .collect();
    sort_ports(&mut ports);
    ports.dedup();
    ports
}

/// Port 0 is any.
fn published(value: &Value) -> Value {
    if value == "0" {
        Value::Null
    } else {
        value.clone()
    }
}

/// Puts ports in an order that both can be given.
pub(crate) fn sort_ports(ports: &mut [Value]) {
    ports.sort_by_key(|port| (port["target"].as_u64(), port.to_string()));
}

/// How the containers are set up: what Compose asks of the engine (docker/compose,
/// `pkg/compose/create.go`).
fn set_up(service: &Value) -> Value {
    let text = |key: &str| {
        let value = or_null(service, key, &Value::Null);
        if value == "" { Value::Null } else { value }
    };
    let boolean = |key: &str| or_null(service, key, &json!(false));
    let sorted = |key: &str, form: &dyn Fn(&str) -> String| {
        let texts = items(&service[key]).filter_map(Value::as_str).map(form);
        texts.collect::<BTreeSet<String>>()
    };
    let capability = |word: &str| {
        let word = word.to_uppercase();
        word.strip_prefix("CAP_")
            .map_or(word.clone(), str::to_owned)
    };
    let mut environment: BTreeMap<_, _> = entries(&service["environment"])
        .filter_map(|(name, value)| Some((name.clone(), whole(name, value.as_str()?))))
        .collect();
    if service["use_api_socket"] == true {
        let name = "DOCKER_CONFIG";
        let default = || whole(name, "/run/secrets/docker");
        environment.entry(name.to_owned()).or_insert_with(default);
    }
    let definition = or_null(&service["labels"], DEFINITION, &Value::Null);
    let labels: BTreeMap<_, _> = entries(&service["labels"])
        .filter(|(name, _)| *name != DEFINITION)
        .filter_map(|(name, value)| Some((name, whole(name, value.as_str()?))))
        .collect();
    let limits = &service["deploy"]["resources"]["limits"];
    let limit = |own: &str, deployed: &str, read: &dyn Fn(&Value) -> i64| {
        let number = |value: &Value| Some(read(value)).filter(|number| *number != 0);
        number(&limits[deployed]).or_else(|| number(&service[own]))
    };
    let bytes = |value: &Value| value.as_str().map_or(0, |text| text.parse().unwrap());
    #[allow(clippy::cast_possible_truncation)]
    let nano = |value: &Value| (value.as_f64().unwrap_or(0.0) as f32 * 1e9_f32) as i64;
    let whole = |value: &Value| value.as_i64().unwrap_or(0);
    let check = &service["healthcheck"];
    let check = if check["disable"] == true {
        json!(["NONE"])
    } else {
        check["test"].clone()
    };
    json!({
        "user": text("user"), "command": sealed("command", &text("command")),
        "entrypoint": sealed("entrypoint", &text("entrypoint")),
        "working_dir": text("working_dir"), "hostname": text("hostname"),
        "container_name": text("container_name"), "environment": environment,
        "labels": labels, "definition": definition, "restart": restart(service),
        "mem_limit": limit("mem_limit", "memory", &bytes), "cpus": limit("cpus", "cpus", &nano),
        "pids_limit": limit("pids_limit", "pids", &whole).filter(|limit| *limit > 0), "privileged": boolean("privileged"),
        "read_only": boolean("read_only"), "init": text("init"),
        "cap_add": sorted("cap_add", &capability), "cap_drop": sorted("cap_drop", &capability),
        "security_opt": sorted("security_opt", &security_option), "pid": text("pid"),
        "ipc": text("ipc"),
        "extra_hosts": sorted("extra_hosts", &|text| text.replacen('=', ":", 1)),
        "healthcheck.test": sealed("healthcheck", &check),
    })
}

/// Words that are compared by their digests.
fn sealed(name: &str, words: &Value) -> Value {
    let words = words.as_array().map(|words| {
        let words = words.iter().filter_map(Value::as_str);
        words.map(|word| whole(name, word)).collect::<Vec<_>>()
    });
    json!(words)
}

fn restart(service: &Value) -> Value {
    let policy = &service["deploy"]["restart_policy"];
    let (condition, attempts) = if policy.is_object() {
        let condition = policy["condition"].as_str().unwrap_or("");
        (condition, policy["max_attempts"].as_u64().unwrap_or(0))
    } else {
        let Some(own) = service["restart"].as_str() else {
            return Value::Null;
        };
        let (condition, attempts) = own.split_once(':').unwrap_or((own, "0"));
        (condition, attempts.parse().unwrap_or(0))
    };
    let condition = match condition {
        "" => return Value::Null,
        "none" => "no",
        "any" => "always",
        other => other,
    };
    if attempts == 0 {
        json!(condition)
    } else {
        json!(format!("{condition}:{attempts}"))
    }
}

/// `:` is an old `=`, and what is on need not say so.
fn security_option(option: &str) -> String {
    match option.replacen(':', "=", 1).as_str() {
        "no-new-privileges=true" => "no-new-privileges".to_owned(),
        option => option.to_owned(),
    }
}
