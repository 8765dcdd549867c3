//! What `plan` says that `docker stack deploy` would do, compared with what it does: each round makes several changes,
//! plans, deploys, and looks at the specs and tasks of all services.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::stack::Stack;
use crate::drift::report::Report;
use crate::outside::TIMEOUT;
use crate::project::Ran;

/// A service a line, so that a change is one of a line. All run, so that tasks can be replaced.
const FILE: &str = "\
version: '3.9'
services:
  env: {image: 'composegen-stub:latest', stop_grace_period: 0s, environment: {A: '1'}, deploy: {update_config: {monitor: 300ms}}}
  labels: {image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {update_config: {monitor: 300ms}, labels: {a: '1'}}}
  scale: {image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {update_config: {monitor: 300ms}, replicas: 2}}
  ports: {image: 'composegen-stub:latest', stop_grace_period: 0s, ports: ['28000:80'], deploy: {update_config: {monitor: 300ms}}}
  place: {image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {update_config: {monitor: 300ms}, placement: {constraints: [node.platform.os==linux]}}}
  prefs: {image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {update_config: {monitor: 300ms}, placement: {preferences: [{spread: node.id}]}}}
  policy: {image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {update_config: {monitor: 300ms, order: start-first}}}
  mount: {image: 'composegen-stub:latest', stop_grace_period: 0s, volumes: ['data:/data'], deploy: {update_config: {monitor: 300ms}}}
  nets: {image: 'composegen-stub:latest', stop_grace_period: 0s, networks: {front: {aliases: [www]}}, deploy: {update_config: {monitor: 300ms}}}
  files: {image: 'composegen-stub:latest', stop_grace_period: 0s, configs: [app], secrets: [key], deploy: {update_config: {monitor: 300ms}}}
  globe: {image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {mode: global, update_config: {monitor: 300ms, parallelism: 0}}}
networks: {front: {}}
volumes: {data: {}, other: {}}
configs: {app: {file: ./app.conf}}
secrets: {key: {file: ./key.txt}}
";

/// What is done before a deploy.
enum Change {
    /// In the file.
    Edit(&'static str, &'static str),
    /// With the docker command.
    Docker(&'static str),
    /// Of the file of the config.
    Config(&'static str),
}
use Change::{Config, Docker, Edit};

/// Changes, and the options of the deploy.
struct Round {
    what: &'static str,
    changes: &'static [Change],
    options: &'static [&'static str],
    /// What undoes it, where the next round starts from something else.
    undo: &'static [Change],
}

const KEEP: &[&str] = &["--resolve-image", "never"];
const PRUNE: &[&str] = &["--resolve-image", "never", "--prune"];

#[rustfmt::skip]
const ROUNDS: &[Round] = &[
    Round {
        what: "the file sets defaults",
        changes: &[
            Edit("  labels: {image: 'composegen-stub:latest',", "  labels: {image: 'composegen-stub:latest', logging: {},"),
            Edit("  mount: {image: 'composegen-stub:latest',", "  mount: {image: 'composegen-stub:latest', healthcheck: {},"),
            Edit("  nets: {image: 'composegen-stub:latest',", "  nets: {image: 'composegen-stub:latest', init: false, dns: [],"),
            Edit("{update_config: {monitor: 300ms}, replicas: 2}", "{resources: {limits: {}}, update_config: {monitor: 300ms}, replicas: 2}"),
        ],
        options: KEEP,
        undo: &[],
    },
    Round {
        what: "the file changed",
        changes: &[
            Edit("{A: '1'}", "{A: '2'}"),
            Edit("labels: {a: '1'}", "labels: {a: '2', b: '1'}"),
            Edit("replicas: 2", "replicas: 3"),
            Edit("28000:80", "28001:80"),
            Edit("[node.platform.os==linux]", "[node.platform.os==linux, node.platform.os!=windows]"),
            Edit("spread: node.id", "spread: node.hostname"),
            Edit("order: start-first", "order: stop-first, delay: 1s"),
            Edit("data:/data", "other:/data"),
            Edit("aliases: [www]", "aliases: [www, web]"),
            Edit("configs: [app], secrets: [key]", "secrets: [key]"),
            Edit("deploy: {mode: global,", "hostname: h, deploy: {mode: global,"),
            Edit("networks: {front: {}}", "  more: {image: 'composegen-stub:latest', stop_grace_period: 0s}\nnetworks: {front: {}}"),
        ],
        options: KEEP,
        undo: &[],
    },
    Round {
        what: "the swarm was changed by hand",
        changes: &[
            Docker("service update --detach --no-resolve-image --env-add C=3 NAME_env"),
            Docker("service update --detach --no-resolve-image --label-add more=1 NAME_labels"),
            Docker("service update --detach --no-resolve-image --replicas 1 NAME_scale"),
            Docker("service update --detach --no-resolve-image --publish-add 28002:81 NAME_ports"),
            Docker("service update --detach --no-resolve-image --limit-memory 64m NAME_place"),
            Docker("service update --detach --no-resolve-image --placement-pref-rm spread=node.hostname NAME_prefs"),
            Docker("service update --detach --no-resolve-image --rollback-delay 3s NAME_policy"),
            Docker("service update --detach --no-resolve-image --mount-add type=tmpfs,target=/more NAME_mount"),
            Docker("service update --detach --no-resolve-image --host-add other:10.0.0.8 NAME_nets"),
            Docker("service update --detach --no-resolve-image --secret-rm NAME_key NAME_files"),
            Docker("service update --detach --no-resolve-image --container-label-add more=1 NAME_globe"),
            Docker("service rm NAME_more"),
        ],
        options: KEEP,
        undo: &[],
    },
    Round {
        what: "things are missing and left over, and services pruned",
        changes: &[
            Docker("network create -d overlay --label com.docker.stack.namespace=NAME NAME_left"),
            Docker("config create --label com.docker.stack.namespace=NAME NAME_left app.conf"),
            Docker("secret create --label com.docker.stack.namespace=NAME NAME_left key.txt"),
            Docker("service create --detach --no-resolve-image --name NAME_left --label com.docker.stack.namespace=NAME composegen-stub:latest"),
            Docker("service update --detach --no-resolve-image --image composegen-stub:moved NAME_env"),
            Edit("networks: {front: {}}", "networks: {front: {}, back: {internal: true}}"),
            Edit("networks: {front: {aliases: [www, web]}}", "networks: {front: {aliases: [www, web]}, back: {}}"),
            Edit("secrets: [key]", "secrets: [key, new]"),
            Edit("secrets: {key: {file: ./key.txt}}", "secrets: {key: {file: ./key.txt}, new: {file: ./key.txt}}"),
            Edit("configs: {app: {file: ./app.conf}}", "configs: {app: {file: ./app.conf}, new: {file: ./app.conf}}"),
            Edit("replicas: 3", "replicas: 1"),
            Edit("28001:80", "28001:80', '28003:81"),
            Edit("  more: {image: 'composegen-stub:latest', stop_grace_period: 0s}\n", ""),
        ],
        options: PRUNE,
        undo: &[],
    },
    Round {
        what: "an image changed by hand is looked up again",
        changes: &[],
        options: &["--resolve-image", "always"],
        undo: &[],
    },
    Round {
        what: "an existing network has other options",
        changes: &[Edit("back: {internal: true}", "back: {internal: true, attachable: true}")],
        options: KEEP,
        undo: &[Edit("back: {internal: true, attachable: true}", "back: {internal: true}")],
    },
    Round {
        what: "a config changed",
        changes: &[
            Config("a=2\n"),
            Edit("{A: '2'}", "{A: '3'}"),
            Edit("networks: {front: {}, back", "networks: {front: {}, third: {}, back"),
            Edit("[www, web]}, back: {}}", "[www, web]}, back: {}, third: {}}"),
            Docker("service create --detach --no-resolve-image --name NAME_gone --label com.docker.stack.namespace=NAME composegen-stub:latest"),
        ],
        options: PRUNE,
        undo: &[Config("a=1\n")],
    },
    Round {
        what: "what failed is fixed",
        changes: &[],
        options: KEEP,
        undo: &[],
    },
    Round {
        what: "the mode of a service changed",
        changes: &[
            Edit("{update_config: {monitor: 300ms, order: stop-first", "{mode: global, update_config: {monitor: 300ms, order: stop-first"),
            Edit("{A: '3'}", "{A: '4'}"),
        ],
        options: KEEP,
        undo: &[Edit("{mode: global, update_config: {monitor: 300ms, order: stop-first", "{update_config: {monitor: 300ms, order: stop-first")],
    },
    Round {
        what: "the name of a service is taken",
        changes: &[
            Docker("service rm NAME_prefs"),
            Docker("service create --detach --no-resolve-image --name NAME_prefs --replicas 0 composegen-stub:latest"),
        ],
        options: KEEP,
        undo: &[Docker("service rm NAME_prefs")],
    },
    Round {
        what: "a port is taken by a service that is left over",
        changes: &[
            Edit("  ports: {image", "  doors: {image"),
        ],
        options: KEEP,
        undo: &[],
    },
    Round {
        what: "the service that is left over is pruned",
        changes: &[],
        options: PRUNE,
        undo: &[],
    },
    Round {
        what: "an external network is missing",
        changes: &[
            Edit("third: {}, back: {i", "third: {external: true, name: nowhere}, back: {i"),
            Edit("labels: {a: '2', b: '1'}", "labels: {a: '3'}"),
        ],
        options: KEEP,
        undo: &[Edit("third: {external: true, name: nowhere}", "third: {}")],
    },
    Round {
        what: "an external secret is missing",
        changes: &[
            Edit("new: {file: ./key.txt}", "new: {external: true, name: nowhere}"),
            Edit("new: {file: ./app.conf}", "newer: {file: ./app.conf}"),
        ],
        options: KEEP,
        undo: &[Edit("new: {external: true, name: nowhere}", "new: {file: ./key.txt}")],
    },
    Round {
        what: "the name of a network is taken",
        changes: &[
            Docker("network create -d overlay NAME_fourth"),
            Edit("third: {}, back: {i", "third: {}, fourth: {}, back: {i"),
            Edit("[www, web]}, back: {}, third: {}}", "[www, web]}, back: {}, third: {}, fourth: {}}"),
        ],
        options: KEEP,
        undo: &[Docker("network rm NAME_fourth")],
    },
    Round {
        what: "all is well again",
        changes: &[],
        options: KEEP,
        undo: &[],
    },
];

type Tasks = BTreeMap<String, BTreeSet<String>>;

/// What a swarm has of a stack.
#[derive(Clone, Default)]
struct Seen {
    /// The specs of the services.
    specs: BTreeMap<String, Value>,
    /// The tasks of each that are to run.
    tasks: Tasks,
    /// Networks, secrets and configs.
    others: BTreeSet<String>,
}

/// The name of a thing of a stack in its file.
fn key(stack: &Stack, name: &str) -> String {
    let prefix = format!("{}_", stack.name);
    name.strip_prefix(&prefix).unwrap_or(name).to_owned()
}

/// The tasks that are to run, and whether all of them do.
fn tasks(stack: &Stack) -> (Tasks, bool) {
    let listed = stack.docker(
        "stack ps --filter desired-state=running --no-trunc --format {{.ID}}={{.Name}}={{.CurrentState}} NAME",
    );
    let (mut tasks, mut run) = (Tasks::new(), true);
    for line in listed.lines() {
        let [id, name, state] = line.splitn(3, '=').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let name = key(stack, name.split('.').next().unwrap());
        tasks.entry(name).or_default().insert(id.to_owned());
        run &= state.starts_with("Running");
    }
    (tasks, run)
}

impl Seen {
    fn of(stack: &Stack) -> Self {
        let mut seen = Self::default();
        let label = "--filter label=com.docker.stack.namespace=NAME";
        let ids = stack.docker(&format!("service ls {label} --quiet"));
        let ids: Vec<&str> = ids.split_whitespace().collect();
        let services = stack.docker(&format!("service inspect {}", ids.join(" ")));
        let services: Value = serde_json::from_str(&services).unwrap();
        for service in services.as_array().unwrap() {
            let name = key(stack, service["Spec"]["Name"].as_str().unwrap());
            seen.specs.insert(name, service["Spec"].clone());
        }
        for kind in ["network", "secret", "config"] {
            let names = stack.docker(&format!("{kind} ls {label} --format {{{{.Name}}}}"));
            let names = names
                .lines()
                .map(|name| format!("{kind} {}", key(stack, name)));
            seen.others.extend(names);
        }
        seen.tasks = tasks(stack).0;
        seen
    }

    /// Whether each service has all of its tasks.
    fn is_complete(&self) -> bool {
        let mut specs = self.specs.iter();
        specs.all(|(name, spec)| {
            let replicas = &spec["Mode"]["Replicated"]["Replicas"];
            let tasks = self.tasks.get(name).map_or(0, BTreeSet::len);
            // The swarm of the tests has three nodes.
            tasks as u64 == replicas.as_u64().unwrap_or(3)
        })
    }

    /// Waits until all tasks run, and none is about to be replaced.
    fn settled(mut self, stack: &Stack) -> Self {
        let start = Instant::now();
        loop {
            let (tasks, run) = tasks(stack);
            let is_same = tasks == self.tasks;
            self.tasks = tasks;
            if is_same && run && self.is_complete() {
                return self;
            }
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{:?}",
                self.tasks
            );
            std::thread::sleep(Duration::from_millis(300));
        }
    }
}

pub(super) fn ask(stack: &Stack, command: &str, more: &[&str]) -> Value {
    let file = [
        command,
        "-f",
        "stack.yml",
        "-p",
        &stack.name,
        "--engine",
        "swarm",
        "--format",
        "json",
        "--docker",
        stack.swarm.url(),
        "--timeout",
        TIMEOUT,
    ];
    let ran: Ran = stack.project.run(&[&file[..], more].concat());
    let report: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    let host = report["hosts"][0].clone();
    assert!(host["error"].is_null(), "{host:#}");
    host
}

fn operations(host: &Value) -> Vec<Value> {
    host["operations"].as_array().unwrap().clone()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// How what happened is not what a plan says.
fn misses(operations: &[Value], before: &Seen, after: &Seen, is_ok: bool) -> Vec<String> {
    let mut misses = Vec::new();
    let fails = operations.iter().any(|one| text(one, "action") == "fail");
    if fails == is_ok {
        misses.push(format!("exit status: the plan fails: {fails}; ok: {is_ok}"));
    }
    let names: BTreeSet<&String> = before.specs.keys().chain(after.specs.keys()).collect();
    for name in names {
        let own = operations.iter().find(|one| {
            text(one, "kind") == "service"
                && text(one, "resource") == name
                && text(one, "action") != "leave"
        });
        let planned = own.map_or("", |one| text(one, "action"));
        if own.is_some_and(|one| one["certain"] == false) {
            continue;
        }
        let (then, now) = (before.specs.get(name), after.specs.get(name));
        let happened = match (then, now) {
            (None, _) => "create",
            (_, None) => "remove",
            (then, now) if then != now => "update",
            _ => "",
        };
        if happened != planned.replace("fail", "") {
            misses.push(format!(
                "{name}: planned {planned:?}, happened {happened:?}"
            ));
        }
        let nothing = BTreeSet::new();
        let old = before.tasks.get(name).unwrap_or(&nothing);
        let new = after.tasks.get(name).unwrap_or(&nothing);
        let (gone, come) = (old.difference(new).count(), new.difference(old).count());
        let said = own.map_or("", |one| text(one, "tasks"));
        let replaced = if gone > 0 && come > 0 {
            "replaced"
        } else if come > 0 {
            "added"
        } else if gone > 0 {
            "removed"
        } else {
            ""
        };
        let is_said = match replaced {
            _ if happened != "update" => !happened.is_empty() || replaced.is_empty(),
            "" => said.contains("no task is replaced") || said.contains("others keep running"),
            word => said.contains(word) && !said.contains("no task"),
        };
        if !is_said {
            misses.push(format!(
                "{name}: said {said:?}, {gone} tasks gone, {come} new"
            ));
        }
    }
    let created = operations.iter().filter(|one| {
        text(one, "kind") != "service" && text(one, "action") == "create" && one["certain"] == true
    });
    let created = created.map(|one| format!("{} {}", text(one, "kind"), text(one, "resource")));
    let created: BTreeSet<String> = created.collect();
    let new: BTreeSet<String> = after.others.difference(&before.others).cloned().collect();
    if created != new || !before.others.is_subset(&after.others) {
        misses.push(format!("planned to create {created:?}, created {new:?}"));
    }
    misses
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_plan_is_what_a_deploy_does() {
    let stack = Stack::of("planned", FILE).up();
    let (mut wrong, mut planned, mut changes) = (Vec::new(), 0, 0);
    let change = |change: &Change| match change {
        Edit(from, to) => {
            let (from, to) = (stack.own_ports(from), stack.own_ports(to));
            stack.project.edit("stack.yml", &from, &to);
        }
        Docker(command) => {
            stack.docker(command);
        }
        Config(content) => stack.project.write("app.conf", content),
    };
    let mut last = None;
    for round in ROUNDS {
        round.changes.iter().for_each(change);
        changes += round.changes.len();
        // What was changed by hand takes a moment to begin, and the client fails on a service while its update ends.
        std::thread::sleep(Duration::from_millis(500));
        stack.until("end of all updates", |report| {
            let mut findings = report.findings.iter();
            findings.all(|one| one["code"] != "service-update" && one["code"] != "service-tasks")
        });
        let has_commands = |changes: &[Change]| changes.iter().any(|one| matches!(one, Docker(_)));
        let before = match last.take() {
            Some(seen) if !has_commands(round.changes) => seen,
            _ => Seen::of(&stack).settled(&stack),
        };
        let operations = operations(&ask(&stack, "plan", round.options));
        planned += operations.len();
        let deploy = ["stack", "deploy", "--detach", "-c", "stack.yml"];
        let deploy = [&deploy[..], round.options, &["NAME"]].concat().join(" ");
        let deployed = stack.try_docker(&deploy);
        let is_ok = deployed.is_ok();
        let mut after = Seen::of(&stack);
        let start = Instant::now();
        while !misses(&operations, &before, &after, is_ok).is_empty()
            && start.elapsed() < Duration::from_secs(20)
        {
            std::thread::sleep(Duration::from_millis(300));
            after.tasks = tasks(&stack).0;
        }
        // Nothing more is replaced.
        let after = after.settled(&stack);
        let found = misses(&operations, &before, &after, is_ok);
        if !found.is_empty() {
            wrong.push(format!("{}: {found:#?} {deployed:?}", round.what));
        }
        // What it left is what it would leave again.
        let is_left = |one: &&Value| text(one, "action") == "leave";
        let left = |operations: &[Value]| -> BTreeSet<String> {
            let left = operations.iter().filter(is_left);
            left.map(|one| text(one, "cause").to_owned()).collect()
        };
        let now = self::operations(&ask(&stack, "plan", round.options));
        if deployed.is_ok()
            && (left(&now) != left(&operations) || !now.iter().all(|one| is_left(&one)))
        {
            wrong.push(format!("{}: then {now:#?}", round.what));
        }
        round.undo.iter().for_each(change);
        last = Some(after).filter(|_| !has_commands(round.undo));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(changes >= 30, "{changes}");
    println!(
        "{changes} changes, {} deploys, {planned} operations",
        ROUNDS.len()
    );
}

/// What `drift` finds; `plan` says the same of all of it.
pub(super) fn agreed(stack: &Stack) -> Report {
    let report = stack.drift();
    let findings = &report.findings;
    let operations = operations(&ask(stack, "plan", &[]));
    let of = |finding: &Value| {
        let of_resource = operations
            .iter()
            .filter(|one| one["resource"] == finding["resource"]);
        of_resource
            .map(|one| format!("{} {}", text(one, "action"), one["certain"]))
            .collect::<Vec<_>>()
    };
    let wrong = findings.iter().filter(|one| one["severity"] != "notice");
    let wrong = wrong.filter(|finding| {
        let planned = of(finding);
        let any = |is: &[&str]| planned.iter().any(|one| is.contains(&one.as_str()));
        !match text(finding, "after_up") {
            _ if finding["code"] == "project-missing" => !operations.is_empty(),
            "heals" => any(&["create true", "update true", "remove true"]),
            "ignores" => any(&["leave true"]),
            "fails" => any(&["fail true", "leave true"]),
            "unknown" => any(&["create false", "update false", "update true"]),
            _ => false,
        }
    });
    let wrong: Vec<&Value> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?} {operations:#?}");
    report
}
