//! What happens to stacks beyond the specs of their services, and what `docker stack deploy` then does: the
//! `after_up` of findings is tried.

use composegen::compose::{FileArgument, Request, Unset, load_from};
use composegen::fields::{Field, STACK};
use composegen::orchestrator::Orchestrator;
use composegen::variables::Variables;

use super::planned::agreed;
use super::stack::{Stack, briefs};
use crate::drift::report::Report;

const FULL: &str = include_str!("../../fixtures/swarm/full.yml");
const FILE: &str = include_str!("../../fixtures/swarm/cases.yml");

/// One service that runs.
pub(super) const ONE: &str = "version: '3.9'\nservices:\n  web:\n    image: composegen-stub:latest\n    stop_grace_period: 0s\n";

/// What the `env_file` of the stack below holds.
const VARIABLES: &str = include_str!("../../fixtures/swarm/full.env");

/// A stack that has all of them.
pub(super) fn full(test: &str) -> Stack {
    let stack = Stack::of(test, FULL);
    let file = stack.project.read("stack.yml").replace("NAME", &stack.name);
    stack.project.write("stack.yml", &file);
    stack.project.write("full.env", VARIABLES);
    stack.with("SHELL_ONLY", "s").with("EMPTY", "e")
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_stack_with_every_field_is_in_sync() {
    let stack = full("full");
    // What managers answered was recorded without it.
    let token = "SECRET_TOKEN: hunter2";
    let with_unset = format!("{token}, NOWHERE_SET: null");
    stack.project.edit("stack.yml", token, &with_unset);
    has_every_field(&stack);
    let stack = stack.up();
    let report = stack.until("update is done", |report| report.findings.is_empty());
    report.is_in_sync();
    let mut unchecked: Vec<&str> = report.host()["unchecked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["what"].as_str().unwrap())
        .collect();
    // What the engines do not know they drop.
    let api = report.host()["engine"]["api"].as_str().unwrap();
    let minor: u32 = api.strip_prefix("1.").unwrap().parse().unwrap();
    let since = [
        (44, "`healthcheck.start_interval` of service `web`"),
        (46, "`oom_score_adj` of service `unplaced`"),
    ];
    unchecked.retain(|what| {
        !since
            .iter()
            .any(|(first, field)| minor < *first && what == field)
    });
    let name = &stack.name;
    let expected = [
        "services.web.environment.NOWHERE_SET".to_owned(),
        format!("the containers that were attached to network `{name}_front` by hand"),
        format!("the content of secret `{name}-labelled`"),
        format!("the content of secret `{name}_key`"),
        "the volumes of the stack".to_owned(),
    ];
    assert_eq!(unchecked, expected);
    stack.is_in_sync_with_its_snapshot();
    // Nothing but the jobs is run again.
    stack.deploy().unwrap();
    let is_of_job = |one: &serde_json::Value| {
        one["code"] == "service-tasks" && one["resource"].as_str().unwrap().ends_with("job")
    };
    stack
        .drift()
        .findings
        .iter()
        .for_each(|one| assert!(is_of_job(one), "{one:#}"));
    stack.until("jobs are done", |report| report.findings.is_empty());
}

/// The services of a stack have every field that a file can say, with another value than the one of a swarm.
fn has_every_field(stack: &Stack) {
    let mut request = Request::new(Variables::default(), Unset::Keep);
    request.files = vec![FileArgument::Path("stack.yml".into())];
    request.orchestrator = Orchestrator::Swarm;
    let state = load_from(&stack.project.path(""), &request).unwrap().state;
    let services = state.stack.unwrap().services;
    let is_there = |field: &Field| {
        services
            .values()
            .any(|one| one.fields.get(field.path).is_some())
    };
    // The kinds of isolation are of Windows alone, and the client drops the default.
    let fields = STACK
        .iter()
        .filter(|field| !field.is_by_hand && field.path != "isolation");
    let missing: Vec<&str> = fields
        .filter(|field| !is_there(field))
        .map(|field| field.path)
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_nothing_of_a_stack_is_one_finding() {
    let stack = Stack::of("nothing", FILE);
    let expected = format!("project-missing {} project heals", stack.name);
    assert_eq!(briefs(&agreed(&stack)), [expected]);
    stack.deploy().unwrap();
    stack.drift().is_in_sync();
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_services_that_are_missing_or_left_over() {
    let stack = Stack::of("services", FILE).up();
    stack.docker("service rm NAME_bare");
    assert_eq!(briefs(&agreed(&stack)), ["service-missing bare name heals"]);
    stack.deploy().unwrap();
    stack.drift().is_in_sync();
    stack.docker(
        "service create --detach --no-resolve-image --name NAME_more --label com.docker.stack.namespace=NAME \
         --replicas 0 composegen-stub:latest",
    );
    let extra = ["service-orphan more name ignores"];
    assert_eq!(briefs(&agreed(&stack)), extra);
    stack.deploy().unwrap();
    assert_eq!(briefs(&agreed(&stack)), extra);
    stack.docker("stack deploy --detach --resolve-image never --prune -c stack.yml NAME");
    stack.drift().is_in_sync();
    // One that somebody else has created is in the way.
    stack.docker("service rm NAME_bare");
    stack.docker(
        "service create --detach --no-resolve-image --name NAME_bare --replicas 0 composegen-stub:latest",
    );
    assert_eq!(briefs(&agreed(&stack)), ["name-taken bare - fails"]);
    assert!(stack.deploy().is_err());
    stack.docker("service rm NAME_bare");
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_network_stays_as_it_is() {
    let stack = Stack::of("networks", FILE).up();
    stack.docker("service rm NAME_web NAME_bare");
    stack.docker("network rm NAME_back NAME_front");
    stack.docker(
        "network create -d overlay --label com.docker.stack.namespace=NAME --attachable NAME_back",
    );
    let is_gone = |report: &Report| {
        let gone = "network-missing front name heals".to_owned();
        briefs(report).contains(&gone)
    };
    let mut found = briefs(&stack.until("network is gone", is_gone));
    found.sort();
    assert_eq!(
        found,
        [
            "network-changed back attachable ignores",
            "network-changed back internal ignores",
            "network-missing front name heals",
            "service-missing bare name heals",
            "service-missing web name heals",
        ]
    );
    stack.deploy().unwrap();
    let mut left = briefs(&agreed(&stack));
    left.sort();
    assert_eq!(left, found[..2]);
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_what_is_left_over_is_never_pruned() {
    let stack = Stack::of("left", FILE).up();
    stack.docker("network create -d overlay --label com.docker.stack.namespace=NAME NAME_more");
    stack.docker("config create --label com.docker.stack.namespace=NAME NAME_old app.conf");
    stack.docker("secret create --label com.docker.stack.namespace=NAME NAME_older key.txt");
    let mut found = briefs(&agreed(&stack));
    found.sort();
    let name = &stack.name;
    let expected = [
        format!("config-extra {name}_old name ignores"),
        format!("network-extra {name}_more name ignores"),
        format!("secret-extra {name}_older name ignores"),
    ];
    assert_eq!(found, expected);
    stack.docker("stack deploy --detach --resolve-image never --prune -c stack.yml NAME");
    let mut left = briefs(&agreed(&stack));
    left.sort();
    assert_eq!(left, expected);
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_config_that_changed_fails_the_deploy_before_any_service() {
    let stack = Stack::of("config", FILE).up();
    stack.project.write("app.conf", "a=2\n");
    stack.docker("service update --detach --no-resolve-image --user nobody NAME_web");
    let mut found = briefs(&agreed(&stack));
    found.sort();
    let expected = [
        "config-content app content fails",
        "service-config web user fails",
    ];
    assert_eq!(found, expected);
    let failed = stack.deploy().unwrap_err();
    assert!(
        failed.contains("only updates to Labels are allowed"),
        "{failed}"
    );
    let mut left = briefs(&agreed(&stack));
    left.sort();
    assert_eq!(left, expected);
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_external_things_have_to_be_there() {
    let file = FILE.replace(
        "back: {internal: true}",
        "back: {external: true, name: NAME_outside}",
    );
    let stack = Stack::of("external", &file);
    stack.project.edit(
        "stack.yml",
        "NAME_outside",
        &format!("{}_outside", stack.name),
    );
    let found = briefs(&agreed(&stack));
    let name = &stack.name;
    let expected = [
        format!("project-missing {name} project fails"),
        "network-missing back name fails".to_owned(),
    ];
    assert_eq!(found, expected);
    assert!(stack.deploy().is_err());
    stack.docker("network create -d overlay NAME_outside");
    stack.deploy().unwrap();
    stack.drift().is_in_sync();
    stack.docker("stack rm NAME");
    let rm = || stack.try_docker("network rm NAME_outside").is_ok();
    assert!((0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        rm()
    }));
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_service_of_others_on_a_network_of_the_stack() {
    let stack = Stack::of("foreign", FILE).up();
    stack.docker(
        "service create --detach --no-resolve-image --name NAMEstranger --replicas 0 --network NAME_back \
         composegen-stub:latest",
    );
    let name = &stack.name;
    let expected = [format!("network-foreign {name}stranger networks ignores")];
    let report = stack.drift();
    assert_eq!(briefs(&report), expected);
    assert_eq!(report.findings[0]["severity"], "exposure");
    stack.deploy().unwrap();
    assert_eq!(briefs(&agreed(&stack)), expected);
    stack.docker("service rm NAMEstranger");
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_tasks_that_no_node_takes() {
    let stack = Stack::of("pending", ONE).up();
    stack.docker("service update --detach --no-resolve-image --constraint-add node.hostname==nowhere NAME_web");
    let report = stack.until("pending task", |report| {
        let mut findings = report.findings.iter();
        findings.any(|one| {
            let message = one["message"].as_str().unwrap();
            one["code"] == "service-tasks" && message.contains("no suitable node")
        })
    });
    let found = briefs(&report);
    assert!(
        found.contains(&"service-tasks web tasks unknown".to_owned()),
        "{found:?}"
    );
    stack.deploy().unwrap();
    stack.until("healthy service", |report| report.findings.is_empty());
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_tasks_whose_image_is_missing() {
    let stack = Stack::of("rejected", ONE).up();
    stack
        .docker("service update --detach --no-resolve-image --image composegen-nowhere:1 NAME_web");
    let report = stack.until("rejected task", |report| {
        let mut findings = report.findings.iter();
        findings.any(|one| {
            one["message"]
                .as_str()
                .unwrap()
                .contains("rejected: No such image")
        })
    });
    assert!(briefs(&report).contains(&"service-image web image heals".to_owned()));
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_an_update_that_is_rolled_back() {
    let stack = Stack::of("rollback", ONE).up();
    stack.docker(
        "service update --detach --no-resolve-image --update-failure-action rollback --update-monitor 2s \
         --restart-max-attempts 0 --args false NAME_web",
    );
    let report = stack.until("rollback", |report| {
        let mut findings = report.findings.iter();
        findings.any(|one| one["observed"] == "rollback_completed")
    });
    // What the update set is gone with it. The task of the old spec may still start: only that may be found besides.
    let mut found = briefs(&report);
    found.retain(|one| !one.starts_with("service-tasks web tasks"));
    assert_eq!(found, ["service-update web update_status heals"]);
    let report = stack.until("task of the old spec", |report| report.findings.len() == 1);
    assert_eq!(briefs(&report), ["service-update web update_status heals"]);
    // A file that asks for it again may fail again.
    let file = stack.project.read("stack.yml");
    stack.project.write(
        "stack.yml",
        &file.replace("    stop", "    user: '7'\n    stop"),
    );
    let mut found = briefs(&stack.drift());
    found.sort();
    assert_eq!(
        found,
        [
            "service-config web user unknown",
            "service-update web update_status unknown"
        ]
    );
    // What runs is sent once more, and the update is forgotten.
    stack.project.write("stack.yml", &file);
    stack.deploy().unwrap();
    stack.until("a deploy of what runs", |report| report.findings.is_empty());
}

/// New tasks that have no place beside old ones, which keep running.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_an_update_that_waits_without_end_is_drift() {
    let file = |value: &str| {
        format!(
            "version: '3.9'\nservices:\n  web:\n    image: composegen-stub:latest\n    environment: {{ V: '{value}' }}\n    \
             deploy: {{ replicas: 3, placement: {{ max_replicas_per_node: 1 }}, update_config: {{ order: start-first }} }}\n"
        )
    };
    let stack = Stack::alone("waits", &file("1")).up();
    stack.project.write("stack.yml", &file("2"));
    let plan = super::planned::ask(&stack, "plan", &["--resolve-image", "never"]);
    let tasks = plan["operations"][0]["tasks"].as_str().unwrap();
    assert!(tasks.contains("old tasks keep their places"), "{tasks}");
    stack.deploy().unwrap();
    let report = stack.until("a pending task", |report| {
        report.findings.iter().any(|one| one["severity"] == "drift")
    });
    let finding = report
        .findings
        .iter()
        .find(|one| one["severity"] == "drift");
    let message = finding.unwrap()["message"].as_str().unwrap();
    assert!(message.contains("is being updated"), "{message}");
    assert!(message.contains("max replicas per node"), "{message}");
}

/// A node that takes no tasks, active again when it goes out of scope.
struct Drained<'a>(&'a Stack, &'a str);

impl<'a> Drained<'a> {
    fn new(stack: &'a Stack, node: &'a str) -> Self {
        let drained = Self(stack, node);
        drained.set("drain");
        drained
    }

    fn set(&self, availability: &str) {
        let Self(stack, node) = self;
        stack.docker(&format!("node update --availability {availability} {node}"));
    }
}

impl Drop for Drained<'_> {
    fn drop(&mut self) {
        self.set("active");
    }
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_drained_node_moves_its_tasks_and_is_not_a_difference() {
    // A drained node stops the tasks of all stacks, and those with `restart_policy: none` are not started elsewhere.
    let stack = Stack::alone(
        "drained",
        &ONE.replace("    stop", "    deploy: {replicas: 3}\n    stop"),
    )
    .up();
    let node = stack.docker("node ls --filter role=worker --quiet");
    let drained = Drained::new(&stack, node.lines().next().unwrap());
    stack.until("moved tasks", |report| report.findings.is_empty());
    drop(drained);
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_an_engine_that_is_not_a_manager_is_an_error() {
    let stack = Stack::of("worker", ONE);
    let worker = stack.swarm.setting("COMPOSEGEN_SWARM_WORKER").to_owned();
    let ask = |engine: &str| {
        stack.project.run(&[
            "drift", "-f", "stack.yml", "--engine", "swarm", "--docker", engine,
        ])
    };
    let ran = ask(&worker);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout
            .contains("a worker of a swarm, not a manager; its managers are 10.98.7.1:2377")
    );
    assert!(!ran.stdout.contains("in sync"), "{}", ran.stdout);
}

/// What the client does about a name that is taken: a network fails it, a config or secret it takes over if the content is the
/// same.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_names_that_are_taken() {
    let stack = Stack::of(
        "taken",
        &ONE.replace(
            "services:",
            "configs: {app: {file: app.conf}}\nsecrets: {key: {file: key.txt}}\nservices:",
        ),
    );
    for create in [
        "network create NAME_default",
        "network create -d overlay NAME_default",
        "network create -d overlay --label com.docker.stack.namespace=NAMEother NAME_default",
    ] {
        stack.docker(create);
        let found = briefs(&stack.drift());
        assert!(
            found.contains(&"network-unlabelled default labels fails".to_owned()),
            "{create}: {found:?}"
        );
        let failed = stack.deploy().unwrap_err();
        assert!(failed.contains("already exists"), "{create}: {failed}");
        stack.docker("network rm NAME_default");
        stack.until("network is gone", |report| {
            briefs(report)
                .iter()
                .all(|one| !one.starts_with("network-"))
        });
    }
    stack.docker("config create NAME_app app.conf");
    stack.docker("secret create --label com.docker.stack.namespace=NAMEother NAME_key key.txt");
    let found = briefs(&stack.drift());
    for expected in [
        "config-owner app owner heals",
        "secret-owner key owner unknown",
    ] {
        assert!(found.contains(&expected.to_owned()), "{found:?}");
    }
    let stack = stack.up();
    stack.drift().is_in_sync();
    stack.docker("service rm NAME_web");
    for (kind, create, expected) in [
        (
            "config",
            "config create NAME_app key.txt",
            "config-owner app owner fails",
        ),
        (
            "secret",
            "secret create NAME_key app.conf",
            "secret-owner key owner unknown",
        ),
    ] {
        let file = if kind == "config" { "app" } else { "key" };
        stack.docker(&format!("{kind} rm NAME_{file}"));
        stack.docker(create);
        let found = briefs(&stack.drift());
        assert!(found.contains(&expected.to_owned()), "{found:?}");
        let failed = stack.deploy().unwrap_err();
        assert!(failed.contains("only updates to Labels"), "{failed}");
        stack.docker(&format!("{kind} rm NAME_{file}"));
        stack.deploy().unwrap();
        stack.docker("service rm NAME_web");
    }
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_what_a_config_or_secret_has_besides_its_content() {
    let stack = Stack::of(
        "besides",
        &ONE.replace(
            "services:",
            "configs: {app: {file: app.conf, labels: {l: '1'}}}\nsecrets: {key: {file: key.txt}}\nservices:",
        ),
    )
    .up();
    stack.drift().is_in_sync();
    stack.docker("service rm NAME_web");
    stack.docker("config rm NAME_app");
    stack.docker("secret rm NAME_key");
    let label = "--label com.docker.stack.namespace=NAME";
    stack.docker(&format!(
        "config create {label} --label l=2 --template-driver golang NAME_app app.conf"
    ));
    stack.docker(&format!(
        "secret create {label} --label m=1 --template-driver golang NAME_key key.txt"
    ));
    let mut found = briefs(&stack.drift());
    found.sort();
    let expected = [
        "config-changed app labels.l heals",
        "config-changed app template_driver ignores",
        "secret-changed key labels.m heals",
        "secret-changed key template_driver ignores",
        "service-missing web name heals",
    ];
    assert_eq!(found, expected);
    let stack = stack.up();
    let mut left = briefs(&stack.drift());
    left.sort();
    assert_eq!(left, [expected[1], expected[3]]);
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_labels_that_the_client_adds() {
    let stack = Stack::of("labels", FILE).up();
    let update = "service update --detach --no-resolve-image";
    for (change, expected) in [
        (
            "--label-add com.docker.stack.image=other",
            "service-config web deploy.labels.com.docker.stack.image heals",
        ),
        (
            "--container-label-add com.docker.stack.namespace=other",
            "service-config web labels.com.docker.stack.namespace heals",
        ),
    ] {
        stack.docker(&format!("{update} {change} NAME_web"));
        assert_eq!(briefs(&stack.drift()), [expected]);
        stack.deploy().unwrap();
        stack.drift().is_in_sync();
    }
    stack.docker(&format!(
        "{update} --label-add com.docker.stack.namespace=NAMEother NAME_web"
    ));
    // It is one of another stack by now, on both networks of this one.
    let foreign = format!("network-foreign {}_web networks ignores", stack.name);
    let mut found = briefs(&stack.drift());
    found.sort();
    let (taken, port) = ("name-taken web - fails", "port-taken web ports fails");
    assert_eq!(found, [taken, &foreign, &foreign, port]);
    assert!(stack.deploy().is_err());
    stack.docker("service rm NAME_web");
}

/// A stack whose jobs fail, or whose services end for good.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_tasks_that_end_badly_are_found() {
    let service = "image: 'composegen-stub:latest', entrypoint: [/bin/false]";
    let stack = Stack::of(
        "ended",
        &format!(
            "services:\n  job: {{{service}, deploy: {{mode: replicated-job, replicas: 2, restart_policy: {{condition: none}}}}}}\n  \
             once: {{{service}, deploy: {{restart_policy: {{condition: none}}}}}}\n"
        ),
    );
    stack.deploy().unwrap();
    let is_said = |report: &Report| {
        let said = |one: &serde_json::Value| {
            one["message"]
                .as_str()
                .unwrap()
                .contains("non-zero exit (1)")
        };
        report.findings.iter().filter(|one| said(one)).count() == 2
    };
    let report = stack.until("both have failed", is_said);
    let mut found = briefs(&report);
    found.sort();
    assert_eq!(
        found,
        [
            "service-tasks job tasks unknown",
            "service-tasks once tasks ignores"
        ]
    );
}
