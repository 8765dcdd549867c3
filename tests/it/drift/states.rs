//! `state --live`: the file that it writes is what runs, for Compose too.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::kiosk::Kiosk;
use super::report::Report;
use crate::outside::Outside;
use crate::project::{Project, Ran, composegen};

/// What a file cannot say: that something stopped, runs an older image, is renamed, or belongs to others.
const OF_THE_HOST: &[&str] = &[
    "service-stopped", "service-image", "service-renamed", "service-unhealthy", "service-oneoff",
    "network-foreign", "port-foreign", "volume-foreign", "container-changed", "config-content",
    "mount-content", "name-taken", "port-taken", "answer-unreadable", "service-replicas",
];

/// A file of what runs, with the values of the variables that it names.
pub(super) struct Written {
    project: Project,
    variables: BTreeMap<String, String>,
    /// What it leaves out, as it says.
    left: String,
    pub(super) text: String,
}

impl Kiosk {
    /// The file of what runs on an engine; nothing where that cannot be reached.
    pub(super) fn written(&self, url: &str) -> Option<Written> {
        let options = ["state", "--live", "--file", self.file, "--docker", url];
        let ran = self.run(&options);
        if ran.code != Some(0) {
            assert!(ran.stderr.contains("error"), "{}", ran.stderr);
            return None;
        }
        let project = Project::empty();
        project.write("written.yml", &ran.stdout);
        let file: Value = serde_yaml::from_str(&ran.stdout).unwrap();
        let mut variables = BTreeMap::new();
        self.fill(&file, &file, &mut Vec::new(), &mut variables);
        Some(Written {
            project,
            variables,
            left: ran.stderr,
            text: ran.stdout,
        })
    }

    /// Finds the value of each variable in what the engine says.
    fn fill(
        &self,
        file: &Value,
        at: &Value,
        path: &mut Vec<String>,
        found: &mut BTreeMap<String, String>,
    ) {
        let children: Vec<(String, &Value)> = match at {
            Value::Object(entries) => entries
                .iter()
                .map(|(key, value)| (key.clone(), value))
                .collect(),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(at, value)| (at.to_string(), value))
                .collect(),
            Value::String(text) => {
                if let Some(name) = text
                    .strip_prefix("${")
                    .and_then(|rest| rest.strip_suffix(":?}"))
                {
                    let value = self.value_of(file, path);
                    assert!(
                        found.insert(name.to_owned(), value).is_none(),
                        "{name} is named twice"
                    );
                }
                return;
            }
            _ => return,
        };
        for (key, value) in children {
            path.push(key);
            self.fill(file, value, path, found);
            path.pop();
        }
    }

    fn value_of(&self, file: &Value, path: &[String]) -> String {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let quoted = |words: &Value| {
            let words = words.as_array().unwrap().iter();
            let words = words.map(|word| format!("'{}'", text(word).replace('\'', "'\\''")));
            words.collect::<Vec<_>>().join(" ")
        };
        match words.as_slice() {
            ["services", service, rest @ ..] => {
                let filters = format!(
                    "ps -aq --filter label=com.docker.compose.project={} --filter label=com.docker.compose.service={service} --filter label=com.docker.compose.oneoff=False",
                    text(&file["name"])
                );
                let ids = self.docker(&filters);
                // Of several, the first one is written.
                let all = ids.split_whitespace().map(|id| self.inspect(id));
                let one = all.min_by_key(|one| text(&one["Name"])).unwrap();
                let config = &one["Config"];
                match rest {
                    ["environment", name] => {
                        let start = format!("{name}=");
                        let all = config["Env"].as_array().unwrap().iter();
                        let mut values = all
                            .filter_map(|pair| text(pair).strip_prefix(&start).map(str::to_owned));
                        values.next().unwrap()
                    }
                    ["labels", name] => text(&config["Labels"][name]),
                    ["command"] => quoted(&config["Cmd"]),
                    ["entrypoint"] => quoted(&config["Entrypoint"]),
                    ["healthcheck", "test"] => text(&config["Healthcheck"]["Test"][1]),
                    ["healthcheck", "test", at] => {
                        text(&config["Healthcheck"]["Test"][at.parse::<usize>().unwrap()])
                    }
                    ["logging", "options", name] => {
                        text(&one["HostConfig"]["LogConfig"]["Config"][name])
                    }
                    ["annotations", name] => text(&one["HostConfig"]["Annotations"][name]),
                    ["sysctls", name] => text(&one["HostConfig"]["Sysctls"][name]),
                    ["storage_opt", name] => text(&one["HostConfig"]["StorageOpt"][name]),
                    ["networks", key, "driver_opts", name] => {
                        let networks = one["NetworkSettings"]["Networks"].as_object().unwrap();
                        let own = networks
                            .iter()
                            .find(|(own, _)| own.ends_with(key))
                            .unwrap()
                            .1;
                        text(&own["DriverOpts"][name])
                    }
                    other => panic!("where is the value of {other:?}?"),
                }
            }
            [section @ ("networks" | "volumes"), key, field, name] => {
                let kind = section.trim_end_matches('s');
                let own = file[section][key]["name"].as_str().map(str::to_owned);
                let name_there = own.unwrap_or_else(|| format!("{}_{key}", text(&file["name"])));
                let one: Value =
                    serde_json::from_str(&self.docker(&format!("{kind} inspect {name_there}")))
                        .unwrap();
                let field = if *field == "labels" {
                    "Labels"
                } else {
                    "Options"
                };
                text(&one[0][field][name])
            }
            other => panic!("where is the value of {other:?}?"),
        }
    }

    /// The file of what runs says what runs: nothing drifts that a file can say.
    pub(super) fn state_holds(&self, url: &str) {
        let Some(written) = self.written(url) else {
            return;
        };
        let mut drift = composegen();
        drift
            .args(["drift", "--format", "json", "--docker", url, "--file"])
            .arg(written.project.path("written.yml"))
            .envs(&written.variables);
        let report = Report::read(Ran::of(&mut drift), &self.name);
        let found: Vec<&Value> = report
            .findings
            .iter()
            .filter(|one| {
                one["severity"] != "notice" && !OF_THE_HOST.iter().any(|code| one["code"] == *code)
            })
            .filter(|one| {
                let message = one["message"].as_str().unwrap();
                !written.left.contains(&format!("left out: {message} ("))
            })
            .collect();
        assert!(
            found.is_empty(),
            "{found:#?}\n{}\n{}",
            written.text,
            written.left
        );
        if url == self.outside.url() && !url.contains("podman") {
            println!("{}", written.recreates(self).join("\n"));
        }
    }
}

impl Written {
    fn compose(&self, kiosk: &Kiosk, arguments: &[&str]) -> std::process::Output {
        let mut compose = kiosk.outside.docker(&["compose", "-f"]);
        compose
            .arg(self.project.path("written.yml"))
            .args(arguments)
            .envs(&self.variables);
        compose.output().unwrap()
    }

    /// The services whose containers `up` would recreate, as Compose's hash of them says.
    fn recreates(&self, kiosk: &Kiosk) -> Vec<String> {
        let output = self.compose(kiosk, &["config", "--hash", "*"]);
        assert!(
            output.status.success(),
            "{}\n{}",
            String::from_utf8_lossy(&output.stderr),
            self.text
        );
        let file: Value = serde_yaml::from_str(&self.text).unwrap();
        let hashes = String::from_utf8(output.stdout).unwrap();
        let of = |line: &str| -> Option<String> {
            let (service, hash) = line.split_once(' ')?;
            let filter = format!(
                "ps -a --filter label=com.docker.compose.project={} --filter label=com.docker.compose.service={service}",
                file["name"].as_str().unwrap()
            );
            let mut words: Vec<&str> = filter.split(' ').collect();
            words.extend(["--format", "{{.Label \"com.docker.compose.config-hash\"}}"]);
            let labels = crate::outside::succeed(&mut kiosk.outside.docker(&words));
            let is_same = labels.lines().any(|label| label == hash);
            Some(format!(
                "STATE {} {service}",
                if is_same { "same" } else { "recreated" }
            ))
        };
        hashes.lines().filter_map(of).collect()
    }
}

/// A project of what a container shows in full: `up` with the file of what runs recreates nothing.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn up_with_what_runs_recreates_nothing() {
    let kiosk = Kiosk::on(Outside::new().other("COMPOSEGEN_DOCKER_26"));
    let text = json!({
        "name": "NAME",
        "services": {
            "web": {
                "image": "composegen-stub:latest", "init": true, "stop_grace_period": "0s",
                "environment": { "A": "b", "EMPTY": "", "PRICE": "a$$b${c}".replace("${c}", "$${c}"), "B_C": "1" },
                "labels": { "team": "x", "rule": "Host(`a`) && $$b", "none": "" },
                "ports": ["PORT0:80", "127.0.0.1:PORT1:81/udp"],
                "volumes": ["data:/data", "/tmp:/host:ro"],
                "networks": ["front", "back"],
                "healthcheck": { "test": ["CMD", "/bin/true", "a b", "$$x"], "interval": "30s", "retries": 3 },
                "logging": { "driver": "json-file", "options": { "max-size": "1m" } },
                "ulimits": { "nofile": 1024 },
                "restart": "always",
                "scale": 1,
            },
            "web-b": {
                "image": "composegen-stub:latest", "init": true, "stop_grace_period": "0s",
                "environment": { "C": "2" },
                "healthcheck": { "test": "true", "timeout": "5s" },
                "networks": ["back"],
            },
            "web_b": {
                "image": "composegen-stub:latest", "init": true, "stop_grace_period": "0s",
                "environment": { "C": "3" },
                "healthcheck": { "disable": true },
                "network_mode": "none",
            },
            "plain": { "image": "composegen-stub:latest", "init": true, "stop_grace_period": "0s", "user": "1000" },
        },
        "networks": {
            "front": { "driver_opts": { "com.docker.network.driver.mtu": "1400" }, "labels": { "a": "b" } },
            "back": { "internal": true },
        },
        "volumes": { "data": { "labels": { "keep": "yes" } } },
    });
    kiosk.write("compose.yml", &text.to_string());
    let kiosk = kiosk.up();
    let ids = || kiosk.docker("ps -q --no-trunc --filter name=NAME");
    let networks = || kiosk.docker("network ls -q --no-trunc --filter name=NAME");
    let before = (ids(), networks());
    let url = kiosk.outside.url().to_owned();
    kiosk.state_holds(&url);
    let written = kiosk.written(&url).unwrap();
    assert_eq!(written.left, "");
    let output = written.compose(&kiosk, &["up", "-d"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        (ids(), networks()),
        before,
        "{}\n{}",
        written.text,
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(fs::exists(written.project.path("written.yml")).unwrap());
}
