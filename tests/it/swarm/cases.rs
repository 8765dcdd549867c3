//! What a person changes on a service with the docker CLI, each found as one field, and healed by the next deploy.

use super::planned::agreed;
use super::stack::{Stack, brief, briefs};
use crate::drift::report::Report;

const FILE: &str = include_str!("../../fixtures/swarm/cases.yml");

/// A service, the arguments of `docker service update`, and what is found: its code and its field.
#[rustfmt::skip]
const CASES: &[(&str, &str, &str, &str)] = &[
    ("web", "--args false", "service-config", "command"),
    ("web", "--entrypoint /bin/busybox", "service-config", "entrypoint"),
    ("web", "--env-add C=3", "service-config", "environment.C"),
    ("web", "--env-add A=2", "service-config", "environment.A"),
    ("web", "--env-rm B", "service-config", "environment.B"),
    ("web", "--label-add more=1", "service-config", "deploy.labels.more"),
    ("web", "--label-rm own", "service-config", "deploy.labels.own"),
    ("web", "--container-label-add more=1", "service-config", "labels.more"),
    ("web", "--container-label-rm own", "service-config", "labels.own"),
    ("web", "--hostname other", "service-config", "hostname"),
    ("web", "--user nobody", "service-config", "user"),
    ("web", "--group-add 0", "service-config", "groups"),
    ("web", "--workdir /tmp", "service-config", "working_dir"),
    ("web", "--host-add other:10.0.0.8", "service-config", "extra_hosts"),
    ("web", "--host-rm db.local:10.0.0.9", "service-config", "extra_hosts"),
    ("web", "--dns-add 10.0.0.3", "service-config", "dns"),
    ("web", "--dns-rm 10.0.0.2", "service-config", "dns"),
    ("web", "--dns-search-add example.org", "service-config", "dns_search"),
    ("web", "--dns-option-add ndots:2", "service-config", "dns_options"),
    ("web", "--cap-add NET_ADMIN", "service-config", "cap_add"),
    ("web", "--cap-add MKNOD", "service-config", "cap_drop"),
    ("web", "--sysctl-add net.core.somaxconn=1024", "service-config", "sysctls.net.core.somaxconn"),
    ("web", "--ulimit-add nofile=100:200", "service-config", "ulimits.nofile"),
    ("web", "--stop-grace-period 3s", "service-config", "stop_grace_period"),
    ("web", "--stop-signal SIGINT", "service-config", "stop_signal"),
    ("web", "--tty", "service-config", "tty"),
    ("web", "--init", "service-config", "init"),
    ("web", "--read-only=false", "service-config", "read_only"),
    ("web", "--health-cmd false", "service-config", "healthcheck.test"),
    ("web", "--health-interval 6s", "service-config", "healthcheck.interval"),
    ("web", "--health-timeout 6s", "service-config", "healthcheck.timeout"),
    ("web", "--health-retries 6", "service-config", "healthcheck.retries"),
    ("web", "--health-start-period 6s", "service-config", "healthcheck.start_period"),
    ("bare", "--no-healthcheck", "service-config", "healthcheck.test"),
    ("web", "--log-driver local", "service-config", "logging.driver"),
    ("web", "--publish-add 28001:81", "port-extra", "ports"),
    ("web", "--publish-rm 80", "port-missing", "ports"),
    ("web", "--publish-rm 80 --publish-add 28001:80", "port-changed", "ports"),
    ("web", "--publish-rm 80 --publish-add mode=host,published=28000,target=80", "port-changed", "ports"),
    ("web", "--mount-add type=tmpfs,target=/more", "mount-changed", "volumes./more"),
    ("web", "--mount-add type=bind,source=/var/run/docker.sock,target=/sock", "mount-changed", "volumes./sock"),
    ("web", "--mount-rm /data", "mount-changed", "volumes./data"),
    ("web", "--mount-add type=bind,source=/tmp,target=/host", "mount-changed", "volumes./host,read_only"),
    ("web", "--config-rm NAME_app", "service-config", "configs./app"),
    ("web", "--config-add source=NAME_app,target=/more,mode=0400", "service-config", "configs./more"),
    ("web", "--secret-rm NAME_key", "service-config", "secrets./run/secrets/key"),
    ("web", "--network-rm NAME_back", "network-detached", "networks.NAME_back"),
    ("bare", "--network-add NAME_back", "network-attached", "networks.NAME_back"),
    ("web", "--network-rm NAME_front --network-add NAME_front", "network-alias", "networks.NAME_front,aliases"),
    ("web", "--replicas 2 --constraint-add node.role==nobody", "service-replicas", "deploy.replicas"),
    ("bare", "--endpoint-mode dnsrr", "service-config", "deploy.endpoint_mode"),
    ("web", "--constraint-add node.role==worker", "service-config", "deploy.placement.constraints"),
    ("web", "--constraint-rm node.platform.os==linux", "service-config", "deploy.placement.constraints"),
    ("web", "--placement-pref-add spread=node.labels.zone", "service-config", "deploy.placement.preferences"),
    ("web", "--replicas-max-per-node 1", "service-config", "deploy.placement.max_replicas_per_node"),
    ("web", "--limit-cpu 0.5", "service-config", "deploy.resources.limits.cpus"),
    ("web", "--limit-memory 128m", "service-config", "deploy.resources.limits.memory"),
    ("web", "--limit-pids 50", "service-config", "deploy.resources.limits.pids"),
    ("web", "--reserve-cpu 0.1", "service-config", "deploy.resources.reservations.cpus"),
    ("web", "--reserve-memory 16m", "service-config", "deploy.resources.reservations.memory"),
    ("web", "--generic-resource-add gpu=1", "service-config", "deploy.resources.reservations.generic_resources"),
    ("web", "--restart-condition none", "service-config", "deploy.restart_policy.condition"),
    ("web", "--restart-delay 0s", "service-config", "deploy.restart_policy.delay"),
    ("web", "--restart-max-attempts 3", "service-config", "deploy.restart_policy.max_attempts"),
    ("web", "--restart-window 3s", "service-config", "deploy.restart_policy.window"),
    ("web", "--update-parallelism 1", "service-config", "deploy.update_config.parallelism"),
    ("web", "--update-delay 3s", "service-config", "deploy.update_config.delay"),
    ("web", "--update-failure-action continue", "service-config", "deploy.update_config.failure_action"),
    ("web", "--update-monitor 3s", "service-config", "deploy.update_config.monitor"),
    ("web", "--update-max-failure-ratio 0.2", "service-config", "deploy.update_config.max_failure_ratio"),
    ("web", "--update-order stop-first", "service-config", "deploy.update_config.order"),
    ("bare", "--rollback-parallelism 0", "service-config", "deploy.rollback_config.parallelism"),
    ("bare", "--rollback-delay 3s", "service-config", "deploy.rollback_config.delay"),
    ("bare", "--rollback-failure-action continue", "service-config", "deploy.rollback_config.failure_action"),
    ("bare", "--rollback-monitor 3s", "service-config", "deploy.rollback_config.monitor"),
    ("bare", "--rollback-max-failure-ratio 0.2", "service-config", "deploy.rollback_config.max_failure_ratio"),
    ("bare", "--rollback-order start-first", "service-config", "deploy.rollback_config.order"),
];

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_every_change_of_a_service_is_found_and_healed_by_a_deploy() {
    let stack = Stack::of("cases", FILE).up();
    stack.drift().is_in_sync();
    let mut wrong = Vec::new();
    for (service, arguments, code, field) in CASES {
        let update =
            format!("service update --detach --no-resolve-image {arguments} NAME_{service}");
        if let Err(why) = stack.try_docker(&update) {
            wrong.push(format!("{arguments}: {why}"));
            continue;
        }
        let found = found(&agreed(&stack));
        let expected = format!("{code} {service} {field} heals").replace("NAME", &stack.name);
        let allowed = ["--replicas 2", "--cap-add MKNOD"];
        let has_more = allowed.iter().any(|more| arguments.starts_with(more));
        let is_right = found.contains(&expected) && (found.len() == 1 || has_more);
        if !is_right {
            wrong.push(format!("{arguments}: expected {expected}, found {found:?}"));
        }
        stack.deploy().unwrap();
        let left = self::found(&stack.drift());
        if !left.is_empty() {
            wrong.push(format!("{arguments}: {left:?} after a deploy"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is found, but for an update that is in progress, and tasks that it has not started yet: both pass by themselves, at a time
/// that no test can choose.
fn found(report: &Report) -> Vec<String> {
    let passes = |one: &&serde_json::Value| {
        let is_updating = one["code"] == "service-update" && one["observed"] == "updating";
        is_updating || one["code"] == "service-tasks"
    };
    let found = report.findings.iter().filter(|one| !passes(one));
    found.map(brief).collect()
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_forced_update_is_not_a_difference() {
    let stack = Stack::of("forced", FILE).up();
    stack.docker("service update --detach --no-resolve-image --force NAME_web");
    stack.drift().is_in_sync();
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_value_is_compared_and_never_shown() {
    let stack = Stack::of("hidden", FILE).up();
    stack.docker("service update --detach --no-resolve-image --env-add A=hunter2 NAME_web");
    let report = stack.drift();
    assert_eq!(briefs(&report), ["service-config web environment.A heals"]);
    for format in [
        "human", "json", "markdown", "sarif", "github", "junit", "concise", "prometheus",
    ] {
        let ran = stack.run(&["--format", format]);
        assert!(!(ran.stdout + &ran.stderr).contains("hunter2"), "{format}");
    }
}

/// The client keeps an image that it does not resolve again, if the file names the same one as before.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_an_image_is_healed_where_the_client_resolves_it() {
    let stack = Stack::of("image", FILE).up();
    stack.docker(
        "service update --detach --no-resolve-image --image composegen-stub:moved NAME_web",
    );
    let expected = ["service-image web image heals"];
    assert_eq!(briefs(&stack.drift()), expected);
    stack.deploy().unwrap();
    assert_eq!(briefs(&stack.drift()), expected);
    stack.docker("stack deploy --detach -c stack.yml NAME");
    stack.drift().is_in_sync();
}
