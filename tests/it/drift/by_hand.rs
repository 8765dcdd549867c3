//! What a person does to a host when no one looks: things are made anew by hand, with all that
//! Compose goes by copied, so that it notices nothing.

use serde_json::Value;

use super::kiosk::Kiosk;
use crate::outside::succeed;

/// Which labels a network that is made by hand gets.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Labels {
    /// Those of the one it replaces.
    Copied,
    /// All labels but the hash by which Compose sees a change.
    WithoutHash,
    /// None.
    None,
}

impl Kiosk {
    /// Replaces the container of a service by one that differs in some options of `docker run`:
    /// each edit is the beginning of an option and what stands there instead, or nothing. An edit
    /// of nothing adds an option.
    pub(crate) fn replace(&self, service: &str, edits: &[(&str, &str)]) {
        let name = self.container(service);
        let old = self.inspect(&name);
        let mut options = options(&old);
        for (from, to) in edits {
            let (from, to) = (self.own(from), self.own(to));
            if from.is_empty() {
                options.push(to);
                continue;
            }
            let place = options.iter_mut().find(|one| one.starts_with(&from));
            let place = place.unwrap_or_else(|| panic!("no {from} in {old:#}"));
            *place = match to.as_str() {
                "" => String::new(),
                to => place.replacen(&from, to, 1),
            };
        }
        options.retain(|option| !option.is_empty());
        self.docker(&format!("rm -f {name}"));

        let networks = entries(&old["NetworkSettings"]["Networks"]);
        let (first, others) = networks.split_first().unwrap();
        let mut create = self.outside.docker(&["create", "--name", &name]);
        create.args(["--network", &first.0]);
        for alias in aliases(first.1, &old) {
            create.args(["--network-alias", &alias]);
        }
        create.args(options).arg(text(&old["Config"]["Image"]));
        succeed(create.args(strings(&old["Config"]["Cmd"])));
        for (network, attachment) in others {
            self.connect(network, &name, &aliases(attachment, &old));
        }
        self.docker(&format!("start {name}"));
    }

    pub(crate) fn connect(&self, network: &str, container: &str, aliases: &[String]) {
        let mut connect = self.outside.docker(&["network", "connect"]);
        for alias in aliases {
            connect.args(["--alias", alias]);
        }
        succeed(connect.args([network, container]));
    }

    /// Makes a network anew with these options, and connects again what was on it.
    pub(crate) fn remake_network(&self, name: &str, labels: Labels, options: &str) {
        let old = self.inspect(name);
        let mut was_on = Vec::new();
        for (id, _) in entries(&old["Containers"]) {
            let container = self.inspect(&id);
            was_on.push((
                id,
                aliases(&container["NetworkSettings"]["Networks"][name], &container),
            ));
        }
        for (id, _) in &was_on {
            self.docker(&format!("network disconnect {name} {id}"));
        }
        self.docker(&format!("network rm {name}"));
        let mut create = self.outside.docker(&["network", "create"]);
        create.args(self.own(options).split_whitespace());
        for (label, value) in entries(&old["Labels"]) {
            let is_hash = label.ends_with("config-hash");
            if labels == Labels::Copied || labels == Labels::WithoutHash && !is_hash {
                create.args(["--label", &format!("{label}={}", text(value))]);
            }
        }
        succeed(create.arg(name));
        for (id, aliases) in &was_on {
            self.connect(name, id, aliases);
        }
    }
}

/// The options of `docker run` that make such a container.
fn options(container: &Value) -> Vec<String> {
    let (config, host) = (&container["Config"], &container["HostConfig"]);
    let mut options = vec!["--init".to_owned(), "--stop-timeout=0".to_owned()];
    let mut add = |name: &str, value: String| options.push(format!("--{name}={value}"));
    for (label, value) in entries(&config["Labels"]) {
        add("label", format!("{label}={}", text(value)));
    }
    // Podman shows the host name, which is another one.
    let variables = strings(&config["Env"]).into_iter();
    for variable in variables.filter(|variable| !variable.starts_with("HOSTNAME=")) {
        add("env", variable);
    }
    for mount in container["Mounts"].as_array().into_iter().flatten() {
        let source = if mount["Type"] == "volume" {
            "Name"
        } else {
            "Source"
        };
        let source = text(&mount[source]);
        let mode = if mount["RW"] == true { "rw" } else { "ro" };
        add(
            "volume",
            format!("{source}:{}:{mode}", text(&mount["Destination"])),
        );
    }
    for (port, bindings) in entries(&host["PortBindings"]) {
        for binding in bindings.as_array().into_iter().flatten() {
            let (ip, number) = (text(&binding["HostIp"]), text(&binding["HostPort"]));
            add("publish", format!("{ip}:{number}:{port}"));
        }
    }
    add("user", text(&config["User"]));
    for (option, key) in [("memory", "Memory"), ("pids-limit", "PidsLimit")] {
        if let Some(number) = host[key].as_u64().filter(|number| *number > 0) {
            add(option, number.to_string());
        }
    }
    if let Some(nanos) = host["NanoCpus"].as_u64().filter(|nanos| *nanos > 0) {
        add("cpus", format!("0.{:09}", nanos % 1_000_000_000));
    }
    options
}

/// The names that a container answers to on a network, without the short ID that the engine adds.
fn aliases(attachment: &Value, container: &Value) -> Vec<String> {
    let id = text(&container["Id"]);
    let mut aliases = strings(&attachment["Aliases"]);
    aliases.retain(|alias| Some(alias.as_str()) != id.get(..12));
    aliases
}

fn entries(map: &Value) -> Vec<(String, &Value)> {
    let entries = map.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), value)).collect()
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(text).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_name_that_an_id_happens_to_begin_with_is_a_name() {
    let container = serde_json::json!({ "Id": "dbfb01234567890123456789" });
    let attachment = serde_json::json!({ "Aliases": ["one-db-1", "db", "dbfb01234567"] });
    assert_eq!(aliases(&attachment, &container), ["one-db-1", "db"]);
}
