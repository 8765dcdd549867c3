//! What is found where a manager lists a stack in a certain way; no engine is needed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::stack::briefs;
use crate::drift::fake::{Answer, Fake};
use crate::drift::report::Report;
use crate::project::{Project, Ran};

const STACK: &str = "com.docker.stack.namespace";

/// What a manager lists of the stack `s`.
pub(super) struct Manager {
    answers: BTreeMap<&'static str, Value>,
}

impl Manager {
    /// One that lists these services, and the default network.
    pub(super) fn new(services: &[Value]) -> Self {
        let answers = [
            (
                "/version",
                json!({"Version": "26.1.5", "ApiVersion": "1.45"}),
            ),
            (
                "/info",
                json!({"ID": "e1", "Swarm": {"LocalNodeState": "active", "ControlAvailable": true}}),
            ),
            ("/services", json!(services)),
            (
                "/networks",
                json!([network("s_default", "n1", Some("s"), "swarm")]),
            ),
        ];
        Self {
            answers: answers.into(),
        }
    }

    /// Adds a list at a path.
    pub(super) fn and(mut self, path: &'static str, list: Value) -> Self {
        self.answers.insert(path, list);
        self
    }

    /// What is found of a file.
    pub(super) fn drift(&self, file: &str) -> Report {
        Report::read(self.run("drift", &[], file), "s")
    }

    /// What `docker stack deploy` would do.
    pub(super) fn plan(&self, more: &[&str], file: &str) -> Value {
        let ran = self.run(
            "plan",
            &[&["--resolve-image", "never"], more].concat(),
            file,
        );
        let report: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        report["hosts"][0].clone()
    }

    fn run(&self, command: &str, more: &[&str], file: &str) -> Ran {
        let project = Project::empty();
        project.write("stack.yml", file);
        project.write("app.conf", "a=1\n");
        let answers = self.answers.clone();
        let engine = Fake::new(move |path| {
            let path = path.split('?').next().unwrap();
            match answers.get(path) {
                Some(answer) => Answer::json(&answer.to_string()),
                None if path.starts_with("/networks/") => {
                    Answer::Body(404, r#"{"message": "no"}"#.into())
                }
                None => Answer::json("[]"),
            }
        });
        let url = engine.url();
        let ask = [
            command, "-f", "stack.yml", "-p", "s", "--engine", "swarm", "--docker", &url,
            "--format", "json",
        ];
        project.run(&[&ask[..], more].concat())
    }

    pub(super) fn finds(&self, file: &str, expected: &[&str]) {
        let mut found = briefs(&self.drift(file));
        found.sort();
        assert_eq!(found, expected, "{file}");
    }
}

fn network(name: &str, id: &str, stack: Option<&str>, scope: &str) -> Value {
    let labels: Value = stack.map_or(json!({}), |stack| json!({STACK: stack}));
    json!({
        "Name": name, "Id": id, "Created": "2026-11-27T11:07:56Z", "Scope": scope, "Driver": "overlay",
        "EnableIPv6": false, "Internal": false, "Attachable": false, "Labels": labels, "Options": null,
        "IPAM": {"Driver": "default", "Options": null, "Config": []}
    })
}

/// The service `s_web`, with something else at places of its answer.
pub(super) fn service(others: &[(&str, Value)]) -> Value {
    let mut service = json!({
        "ID": "s1",
        "Spec": {
            "Name": "s_web",
            "Labels": {STACK: "s", "com.docker.stack.image": "a"},
            "TaskTemplate": {
                "ContainerSpec": {"Image": "a:latest", "Labels": {STACK: "s"}},
                "RestartPolicy": {"Condition": "any"},
                "Networks": [{"Target": "n1", "Aliases": ["web"]}]
            },
            "Mode": {"Replicated": {"Replicas": 1}},
            "EndpointSpec": {"Mode": "vip"}
        },
        "ServiceStatus": {"RunningTasks": 1, "DesiredTasks": 1}
    });
    for (path, value) in others {
        let (above, key) = path.rsplit_once('/').unwrap();
        service.pointer_mut(above).unwrap()[key] = value.clone();
    }
    service
}

pub(super) const ONE: &str = "services: {web: {image: a}}\n";

#[test]
fn swarm_lists_as_the_file_says() {
    Manager::new(&[service(&[])]).finds(ONE, &[]);
    // The client drops these without looking at them.
    for dropped in [
        "depends_on: [gone], links: [other]",
        "container_name: x, shm_size: foo, cgroupns_mode: host, privileged: true",
    ] {
        let file = format!("services: {{web: {{image: a, {dropped}}}}}\n");
        Manager::new(&[service(&[])]).finds(&file, &[]);
    }
}

#[test]
fn swarm_networks_that_a_swarm_has_for_itself() {
    let file =
        "services: {web: {image: a, networks: [h]}}\nnetworks: {h: {external: true, name: host}}\n";
    let joined = service(&[("/Spec/TaskTemplate/Networks", json!([{"Target": "p1"}]))]);
    let manager = || {
        Manager::new(std::slice::from_ref(&joined))
            .and("/networks", json!([network("host", "l1", None, "local")]))
            .and(
                "/networks/p1",
                json!({"Name": "host", "Id": "p1", "Scope": "swarm"}),
            )
    };
    manager().finds(file, &[]);
    let other = file.replace("name: host", "name: bridge");
    manager()
        .and(
            "/networks",
            json!([
                network("host", "l1", None, "local"),
                network("bridge", "l2", None, "local")
            ]),
        )
        .finds(
            &other,
            &[
                "network-attached web networks.host heals",
                "network-detached web networks.bridge heals",
            ],
        );
    // No service can join it. The client does not look for it, and creates the networks of the stack before the swarm refuses it.
    let none = file.replace("name: host}}", "name: none}, n: {}}");
    let none = none.replace("[h]", "[h, n]");
    manager()
        .and("/networks", json!([network("none", "l3", None, "local")]))
        .finds(
            &none,
            &[
                "deploy-refused web - fails",
                "network-attached web networks.host fails",
                "network-detached web networks.none fails",
                "network-detached web networks.s_n fails",
                "network-missing n name heals",
            ],
        );
}

#[test]
fn swarm_platforms_that_were_set_by_hand() {
    let platforms = json!([{"OS": "linux", "Architecture": "amd64"}]);
    let of = |image: &str| {
        service(&[
            (
                "/Spec/TaskTemplate/Placement",
                json!({"Platforms": platforms}),
            ),
            ("/Spec/TaskTemplate/ContainerSpec/Image", json!(image)),
        ])
    };
    Manager::new(&[of("a:latest")]).finds(ONE, &["service-config web platforms heals"]);
    let digest = format!("a:latest@sha256:{}", "0".repeat(64));
    Manager::new(&[of(&digest)]).finds(ONE, &[]);
}

#[test]
fn swarm_an_external_network_of_one_engine_is_missing() {
    let file =
        "services: {web: {image: a, networks: [h]}}\nnetworks: {h: {external: true, name: own}}\n";
    let joined = service(&[(
        "/Spec/TaskTemplate/Networks",
        json!([{"Target": "n2", "Aliases": ["web"]}]),
    )]);
    for (scope, expected) in [
        ("swarm", &[][..]),
        ("local", &["network-missing h name fails"]),
    ] {
        Manager::new(std::slice::from_ref(&joined))
            .and("/networks", json!([network("own", "n2", None, scope)]))
            .finds(file, expected);
    }
}

/// The client creates a network unless one of the name has the label of the stack; then the engine refuses it.
#[test]
fn swarm_a_network_whose_name_is_taken() {
    for (owner, scope) in [(None, "swarm"), (Some("other"), "swarm"), (None, "local")] {
        Manager::new(&[service(&[])])
            .and(
                "/networks",
                json!([network("s_default", "n1", owner, scope)]),
            )
            .finds(ONE, &["network-unlabelled default labels fails"]);
    }
}

fn content(name: &str, labels: &Value, more: &Value) -> Value {
    let mut spec = json!({"Name": name, "Labels": labels});
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    json!([{"ID": "c1", "Spec": spec}])
}

#[test]
fn swarm_a_config_or_secret_whose_name_is_taken() {
    let file = "services: {web: {image: a}}\nconfigs: {app: {file: app.conf}}\nsecrets: {key: {file: app.conf}}\n";
    let own = json!({STACK: "s"});
    for other in [json!({}), json!({STACK: "other"})] {
        Manager::new(&[service(&[])])
            .and(
                "/configs",
                content("s_app", &other, &json!({"Data": "YT0xCg=="})),
            )
            .and("/secrets", content("s_key", &other, &json!({})))
            .finds(
                file,
                &[
                    "config-owner app owner heals",
                    "secret-owner key owner unknown",
                ],
            );
        // With another content, the swarm refuses the update.
        Manager::new(&[service(&[])])
            .and(
                "/configs",
                content("s_app", &other, &json!({"Data": "YT0yCg=="})),
            )
            .and("/secrets", content("s_key", &own, &json!({})))
            .finds(
                file,
                &[
                    "config-content app content fails",
                    "config-owner app owner fails",
                ],
            );
    }
}

#[test]
fn swarm_labels_and_drivers_of_configs_and_secrets() {
    let file = "services: {web: {image: a}}\nconfigs: {app: {file: app.conf, labels: {l: '1'}, template_driver: golang}}\n\
                secrets: {key: {driver: vault, driver_opts: {o: p}}}\n";
    let config = |labels: &Value, driver: &str| {
        content(
            "s_app",
            labels,
            &json!({"Data": "YT0xCg==", "Templating": {"Name": driver}}),
        )
    };
    let secret = |driver: &str| {
        content(
            "s_key",
            &json!({STACK: "s"}),
            &json!({"Driver": {"Name": driver, "Options": {"o": "p"}}}),
        )
    };
    let (same, other) = (
        json!({STACK: "s", "l": "1"}),
        json!({STACK: "s", "l": "2", "m": ""}),
    );
    Manager::new(&[service(&[])])
        .and("/configs", config(&same, "golang"))
        .and("/secrets", secret("vault"))
        .finds(file, &[]);
    Manager::new(&[service(&[])])
        .and("/configs", config(&other, "other"))
        .and("/secrets", secret("other"))
        .finds(
            file,
            &[
                "config-changed app labels.l heals",
                "config-changed app labels.m heals",
                "config-changed app template_driver ignores",
                "secret-changed key driver ignores",
            ],
        );
}

#[test]
fn swarm_labels_of_the_client_that_were_changed() {
    for (path, expected) in [
        (
            "/Spec/Labels/com.docker.stack.image",
            "service-config web deploy.labels.com.docker.stack.image heals",
        ),
        (
            "/Spec/TaskTemplate/ContainerSpec/Labels/com.docker.stack.namespace",
            "service-config web labels.com.docker.stack.namespace heals",
        ),
    ] {
        let changed = service(&[(path, json!("other"))]);
        Manager::new(&[changed]).finds(ONE, &[expected]);
    }
    let taken = service(&[("/Spec/Labels/com.docker.stack.namespace", json!("other"))]);
    Manager::new(&[taken]).finds(
        ONE,
        &[
            "name-taken web - fails",
            "network-foreign s_web networks ignores",
        ],
    );
}

/// The client knows a service by its whole name.
#[test]
fn swarm_a_service_of_the_stack_with_another_name() {
    let named = |name: &str| service(&[("/Spec/Name", json!(name)), ("/ID", json!("s2"))]);
    Manager::new(&[named("web")]).finds(
        ONE,
        &[
            "service-missing web name heals",
            "service-orphan web name ignores",
        ],
    );
    Manager::new(&[service(&[]), named("web")]).finds(ONE, &["service-orphan web name ignores"]);
    let report = Manager::new(&[service(&[]), named("web")]).drift(ONE);
    let help = report.findings[0]["help"].as_str().unwrap();
    assert!(help.ends_with("service rm web"), "{help}");
}

/// Two keys of a file can be for one network.
/// The client finds services by their label, and keeps those whose names, without that of the stack, are in the file.
#[test]
fn swarm_a_prune_removes_services_with_other_names() {
    let named = |name: &str| {
        let mounts = json!([{"Type": "volume", "Source": "kept", "Target": "/d"}]);
        let mut other = service(&[
            ("/Spec/Name", json!(name)),
            ("/Spec/TaskTemplate/ContainerSpec/Mounts", mounts),
        ]);
        other["ID"] = json!("s2");
        // The file sets no restart policy: with one, the service would have to be updated.
        let web = service(&[("/Spec/TaskTemplate/RestartPolicy", json!(null))]);
        let plan = Manager::new(&[web, other]).plan(&["--prune"], ONE);
        let operation = &plan["operations"][0];
        let text = |key: &str| operation[key].as_str().unwrap_or_default().to_owned();
        (
            format!("{} {}", text("action"), text("resource")),
            text("loses"),
        )
    };
    let (removed, loses) = named("other");
    assert_eq!(removed, "remove other");
    assert!(loses.contains("volume `kept`"), "{loses}");
    assert_eq!(named("web").0, "leave web");
}

/// An entry of which a variable has no value is not compared; all others are, and `plan` names it.
#[test]
fn swarm_a_variable_without_a_value_hides_no_other_entry() {
    let file = "services:\n  web:\n    image: a\n    environment: {A: '${GONE_A}', B: x, C: '1'}\n    \
                labels: {a: '${GONE_A}', b: x}\n    deploy: {labels: {a: '${GONE_A}', b: x}}\n";
    let container = "/Spec/TaskTemplate/ContainerSpec";
    let manager = Manager::new(&[service(&[
        (&format!("{container}/Env"), json!(["A=7", "B=y", "N=1"])),
        (
            &format!("{container}/Labels"),
            json!({STACK: "s", "a": "7", "b": "y", "n": "1"}),
        ),
        (
            "/Spec/Labels",
            json!({STACK: "s", "com.docker.stack.image": "a", "a": "7", "b": "y", "n": "1"}),
        ),
    ])]);
    manager.finds(
        file,
        &[
            "service-config web deploy.labels.b heals",
            "service-config web deploy.labels.n heals",
            "service-config web environment.B heals",
            "service-config web environment.C heals",
            "service-config web environment.N heals",
            "service-config web labels.b heals",
            "service-config web labels.n heals",
        ],
    );
    let plan = manager.plan(&[], file);
    let unknown = plan["unknown"].to_string();
    for part in ["environment.A", "deploy.labels.a", "labels.a"] {
        let expected = format!("what `services.web.{part}` is: variable GONE_A has no value here");
        assert!(unknown.contains(&expected), "{unknown}");
    }
    let file = "services: {web: {image: a, env_file: [gone.env], secrets: [s]}}\n\
                secrets: {s: {file: gone.txt}}\n";
    let unknown = manager.plan(&[], file)["unknown"].to_string();
    assert!(
        unknown.contains("the file that it names cannot be read here"),
        "{unknown}"
    );
    assert!(
        unknown.contains("whether the file of secret `s_s` is where"),
        "{unknown}"
    );
}

/// What cannot be read of a service of others is not compared, and no difference of this stack.
#[test]
fn swarm_an_unreadable_service_of_others_is_not_a_difference() {
    let ports = json!([{"TargetPort": 70000, "PublishedPort": 8080, "Protocol": "tcp", "PublishMode": "ingress"}]);
    let mut other = service(&[
        ("/Spec/Name", json!("t_odd")),
        ("/Spec/Labels", json!({STACK: "t"})),
        ("/Spec/EndpointSpec/Ports", ports.clone()),
        ("/Spec/TaskTemplate/Networks", json!([])),
    ]);
    other["ID"] = json!("s2");
    Manager::new(&[service(&[]), other]).finds(ONE, &[]);
    let mut own = service(&[("/Spec/EndpointSpec/Ports", ports)]);
    own["ID"] = json!("s1");
    let report = Manager::new(&[own]).drift(ONE);
    assert_eq!(report.findings[0]["code"], "answer-unreadable");
}

#[test]
fn swarm_a_network_under_two_keys() {
    let file = "services: {web: {image: a, networks: [a, b]}}\nnetworks: {a: {name: s_default}, b: {name: s_default}}\n";
    Manager::new(&[service(&[])]).finds(file, &[]);
}

/// A network that is called as another one is in the file is not that one.
#[test]
fn swarm_a_network_of_the_stack_with_another_name() {
    let own = network("s_default", "n1", Some("s"), "swarm");
    let other = network("default", "n2", Some("s"), "swarm");
    for networks in [json!([own, other]), json!([other, own])] {
        Manager::new(&[service(&[])])
            .and("/networks", networks)
            .finds(ONE, &["network-extra network default name ignores"]);
    }
}

#[test]
fn swarm_a_field_that_the_engines_do_not_know_is_not_compared() {
    let file = "services: {web: {image: a, oom_score_adj: 10}}\n";
    let version = |api: &str| json!({"Version": "x", "ApiVersion": api});
    let old = Manager::new(&[service(&[])])
        .and("/version", version("1.45"))
        .drift(file);
    assert_eq!(briefs(&old), Vec::<String>::new());
    let unchecked = old.host()["unchecked"].to_string();
    assert!(
        unchecked.contains("`oom_score_adj` of service `web`"),
        "{unchecked}"
    );
    Manager::new(&[service(&[])])
        .and("/version", version("1.46"))
        .finds(file, &["service-config web oom_score_adj heals"]);
}

fn node(number: u64, state: &str, manager: Option<&str>) -> Value {
    let mut node = json!({
        "ID": format!("n{number}"), "Spec": {"Availability": "active"}, "Description": {"Hostname": format!("h{number}")},
        "Status": {"State": state}
    });
    if let Some(manager) = manager {
        node["ManagerStatus"] = json!({"Reachability": manager});
    }
    node
}

/// A manager that was cut off is called ready for a while.
#[test]
fn swarm_a_manager_that_the_others_cannot_reach() {
    let (yes, no) = (Some("reachable"), Some("unreachable"));
    Manager::new(&[service(&[])])
        .and(
            "/nodes",
            json!([
                node(1, "ready", yes),
                node(2, "ready", yes),
                node(3, "ready", no),
                node(4, "ready", None)
            ]),
        )
        .finds(ONE, &["node-down h3 state ignores"]);
    for nodes in [
        json!([node(1, "ready", yes), node(2, "ready", no)]),
        json!([
            node(1, "ready", yes),
            node(2, "ready", no),
            node(3, "down", no)
        ]),
    ] {
        let report = Manager::new(&[service(&[])])
            .and("/nodes", nodes)
            .drift(ONE);
        assert_eq!(report.ran.code, Some(2), "{}", report.ran.stdout);
        assert!(
            report
                .ran
                .stdout
                .contains("managers of the swarm are unreachable"),
            "{}",
            report.ran.stdout
        );
    }
}

/// What runs on a drained node has been moved; the node is as a person wants it.
#[test]
fn swarm_a_drained_node_is_not_a_difference() {
    let mut drained = node(2, "ready", None);
    drained["Spec"]["Availability"] = json!("drain");
    Manager::new(&[service(&[])])
        .and(
            "/nodes",
            json!([node(1, "ready", Some("reachable")), drained]),
        )
        .finds(ONE, &[]);
}

/// Values of an `env_file` that is only on the host may be what the swarm has.
#[test]
fn swarm_variables_of_a_file_that_is_not_here_are_not_compared() {
    let file = "services: {web: {image: a, env_file: [gone.env], environment: {OWN: x}}}\n";
    let with = |variables: Value| service(&[("/Spec/TaskTemplate/ContainerSpec/Env", variables)]);
    Manager::new(&[with(json!(["OWN=x", "OTHER=y"]))]).finds(file, &[]);
    Manager::new(&[with(json!(["OWN=z", "OTHER=y"]))])
        .finds(file, &["service-config web environment.OWN heals"]);
}
