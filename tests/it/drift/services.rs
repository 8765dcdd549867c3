//! Whether services run, and how many containers there are of them.

use serde_json::Value;

use super::by_hand::Labels;
use super::finding::{Want, drift, notice};
use super::kiosk::Kiosk;

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_stopped_and_one_never_started() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("stop NAME-web-1");
    kiosk.docker("rm -f NAME-db-1");
    kiosk.compose(&["create", "db"]);
    kiosk.drift().holds(&[
        drift("service-stopped", "web")
            .field("state", "running", "exited")
            .after_up("heals"),
        drift("service-stopped", "db")
            .field("state", "running", "created")
            .after_up("heals"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_project_that_was_only_created() {
    let kiosk = Kiosk::new();
    kiosk.compose(&["create"]);
    let created = |service| {
        drift("service-stopped", service)
            .field("state", "running", "created")
            .after_up("heals")
    };
    kiosk.drift().holds(&[created("web"), created("db")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_that_is_paused() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("pause NAME-web-1");
    kiosk.drift().finds(&[drift("service-stopped", "web")
        .field("state", "running", "paused")
        .after_up("fails")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_that_was_removed() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("rm -f NAME-web-1");
    kiosk.drift().finds(&[drift("service-missing", "web")
        .field("replicas", 1, 0)
        .after_up("heals")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_container_that_was_renamed() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("rename NAME-web-1 NAME-front");
    kiosk.drift().finds(&[notice("service-renamed", "web")
        .field("name", kiosk.container("web"), kiosk.named("-front"))
        .by_hand("ignores")]);
    assert_eq!(kiosk.drift_with(&["--strict"]).ran.code, Some(1));
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_container_of_a_service_that_is_no_longer_in_the_file() {
    let old =
        "  old:\n    image: composegen-stub:latest\n    init: true\n    networks: [internal]\n";
    let kiosk = Kiosk::new();
    let kiosk = kiosk
        .with("networks:\n  edge", &format!("{old}networks:\n  edge"))
        .up()
        .with(old, "");
    kiosk.drift().finds(&[drift("service-orphan", "old")
        .field("containers", Value::Null, kiosk.container("old"))
        .after_up("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn leftover_containers_of_compose_run() {
    let kiosk = Kiosk::new().up();
    kiosk.compose(&["run", "--name", &kiosk.named("-once"), "db", "true"]);
    kiosk.compose(&["run", "-d", "--name", &kiosk.named("-still"), "db"]);
    let left = |name| {
        notice("service-oneoff", "db")
            .field("containers", Value::Null, kiosk.named(name))
            .after_up("ignores")
    };
    kiosk.drift().holds(&[left("-once"), left("-still")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_scaled_by_hand() {
    let kiosk = Kiosk::new().up();
    kiosk.compose(&["up", "-d", "--no-recreate", "--scale", "db=3"]);
    kiosk.drift().finds(&[drift("service-replicas", "db")
        .field("replicas", 1, 3)
        .after_up("heals")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_unhealthy_service_and_one_that_keeps_restarting() {
    let kiosk = Kiosk::new();
    let sick = "healthcheck: { test: [CMD, /bin/false], interval: 1s, retries: 1 }";
    let kiosk = kiosk
        .with("environment: {", &format!("{sick}\n    environment: {{"))
        .with(
            "networks: { internal",
            "command: [\"/bin/false\"]\n    restart: always\n    networks: { internal",
        )
        .up();
    kiosk.wait_for(&kiosk.container("web"), |web| {
        web["State"]["Health"]["Status"] == "unhealthy"
    });
    // The pause before the fifth restart is long enough to look.
    kiosk.wait_for(&kiosk.container("db"), |db| {
        db["State"]["Status"] == "restarting" && db["RestartCount"].as_u64() >= Some(4)
    });
    kiosk.drift().holds(&[
        notice("service-unhealthy", "web")
            .field("health", "healthy", "unhealthy")
            .after_up("ignores"),
        notice("service-unhealthy", "db")
            .field("state", "running", "restarting")
            .after_up("ignores"),
    ]);
}

/// The engine leaves the health that a container had, and calls one unhealthy that it stops.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_that_was_unhealthy_when_it_was_stopped() {
    let kiosk = Kiosk::new();
    let sick = "healthcheck: { test: [CMD, /bin/false], interval: 1s, retries: 1 }";
    let kiosk = kiosk
        .with("environment: {", &format!("{sick}\n    environment: {{"))
        .up();
    kiosk.wait_for(&kiosk.container("web"), |web| {
        web["State"]["Health"]["Status"] == "unhealthy"
    });
    kiosk.docker("stop NAME-web-1");
    kiosk.drift().finds(&[drift("service-stopped", "web")
        .field("state", "running", "exited")
        .after_up("heals")]);
}

/// The other containers of the service may be fine.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn one_container_of_two_that_is_stopped() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk.with(
        "networks: { internal: {",
        "scale: 2\n    networks: { internal: {",
    );
    let kiosk = kiosk.up();
    // Its grace period is 0s: without `-t`, it may be killed before it exits.
    kiosk.docker("stop -t 60 NAME-db-2");
    let report = kiosk.drift();
    report.finds(&[drift("service-stopped", "db")
        .field("state", "running", "exited")
        .after_up("heals")]);
    let message =
        kiosk.own("service `db` is not running (exited, code 143, container `NAME-db-2`)");
    assert_eq!(report.findings[0]["message"], message);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_second_container_on_the_port_of_the_first() {
    let kiosk = Kiosk::new().up();
    kiosk.change(
        "compose.yml",
        "    env_file: web.env",
        "    env_file: web.env\n    scale: 2",
    );
    let mut up = kiosk.outside.docker(&["compose", "-f"]);
    let up = up.arg(kiosk.path("compose.yml")).args(["up", "--detach"]);
    assert!(!up.output().unwrap().status.success());
    let report = kiosk.drift();
    report.contains(&[drift("service-stopped", "web")
        .field("state", "running", Want::Something)
        .after_up("fails")]);
}

/// Once more it may fail, or not.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn work_that_failed() {
    let kiosk = Kiosk::new();
    let waits = "depends_on: { db: { condition: service_completed_successfully } }";
    let kiosk = kiosk
        .with("environment: {", &format!("{waits}\n    environment: {{"))
        .with(
            "networks: { internal: {",
            "command: [\"false\"]\n    networks: { internal: {",
        );
    let mut up = kiosk.outside.docker(&["compose", "-f"]);
    let up = up.arg(kiosk.path("compose.yml")).args(["up", "--detach"]);
    assert!(!up.output().unwrap().status.success());
    kiosk.drift().holds(&[
        drift("service-stopped", "db")
            .field("state", "running", "exited")
            .after_up("unknown"),
        drift("service-stopped", "web")
            .field("state", "running", "created")
            .after_up("heals"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_that_waits_for_an_unhealthy_one() {
    let kiosk = Kiosk::new();
    let check = "healthcheck: { test: \"test ! -e /tmp/sick\", interval: 1s, retries: 2 }";
    let waits = "depends_on: { db: { condition: service_healthy } }";
    let kiosk = kiosk
        .with("environment: {", &format!("{waits}\n    environment: {{"))
        .with(
            "networks: { internal: {",
            &format!("{check}\n    networks: {{ internal: {{"),
        )
        .up();
    kiosk.docker("exec NAME-db-1 touch /tmp/sick");
    kiosk.docker("stop NAME-web-1");
    kiosk.wait_for(&kiosk.container("db"), |db| {
        db["State"]["Health"]["Status"] == "unhealthy"
    });
    kiosk.drift().finds(&[
        drift("service-stopped", "web")
            .field("state", "running", "exited")
            .after_up("fails"),
        notice("service-unhealthy", "db")
            .field("health", "healthy", "unhealthy")
            .after_up("fails"),
    ]);
    // What waits for it is not come to.
    kiosk.docker("exec NAME-db-1 rm /tmp/sick");
    kiosk.docker("pause NAME-db-1");
    kiosk.drift().holds(&[
        drift("service-stopped", "web")
            .field("state", "running", "exited")
            .after_up("fails"),
        drift("service-stopped", "db")
            .field("state", "running", "paused")
            .after_up("fails"),
    ]);
}

/// Compose looks at the networks first, and gives up.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_to_start_and_a_network_that_is_not_composes() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("rm -f NAME-web-1");
    kiosk.docker("stop NAME-db-1");
    kiosk.remake_network(&kiosk.named("_edge"), Labels::None, "");
    kiosk.drift().finds(&[
        drift("network-unlabelled", "edge")
            .field("labels", kiosk.name.as_str(), Value::Null)
            .by_hand("fails"),
        drift("service-missing", "web")
            .field("replicas", 1, 0)
            .after_up("fails"),
        drift("service-stopped", "db")
            .field("state", "running", "exited")
            .after_up("fails"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_project_that_was_renamed() {
    let kiosk = Kiosk::new().up();
    let new = kiosk.named("-new");
    kiosk.change("compose.yml", "name: NAME", "name: NAME-new");
    let report = kiosk.drift();
    report.begins_with(
        &drift("project-moved", &new)
            .field("project", new.as_str(), kiosk.name.as_str())
            .after_up("fails"),
    );
    // Nothing of the new project is there yet; what is in its way may be said as well.
    let missing = |service| drift("service-missing", service).field("replicas", 1, 0);
    report.contains(&[
        missing("web").after_up("fails"),
        missing("db").after_up("heals"),
    ]);
    for finding in &report.findings {
        let code = finding["code"].as_str().unwrap();
        let is_implied = code.ends_with("-missing") || code == "port-taken";
        assert!(is_implied || code == "project-moved", "{finding:#}");
    }
}

/// Two environments of one product on one machine have the same services, of the same images.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_project_that_was_never_started_beside_another_of_the_same_services() {
    let kiosk = Kiosk::new();
    let other = Kiosk::new();
    let _other = other.up();
    kiosk
        .drift()
        .finds(&[drift("project-missing", &kiosk.project)
            .field("project", kiosk.project.as_str(), Value::Null)
            .after_up("destroys-data")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn containers_of_a_service_that_differ_and_that_do_not() {
    let kiosk = Kiosk::new()
        .with(
            "    volumes: [\"store",
            "    scale: 3\n    volumes: [\"store",
        )
        .up();
    let memory = || {
        drift("service-config", "db")
            .field("mem_limit", Value::Null, 64 << 20)
            .by_hand("ignores")
    };
    let update = "update --memory 64m --memory-swap 128m";
    kiosk.docker(&format!("{update} NAME-db-2"));
    let report = kiosk.drift();
    report.finds(&[memory()]);
    let second = kiosk.named("-db-2");
    let fact = "`mem_limit` of service `db` differs: expected no limit, found 64 MiB";
    assert_eq!(report.findings[0]["container"], *second);
    assert_eq!(
        report.findings[0]["message"],
        format!("{fact} (container `{second}`)")
    );
    kiosk.docker(&format!("{update} NAME-db-1 NAME-db-3"));
    let report = kiosk.drift();
    report.finds(&[memory()]);
    assert_eq!(
        report.findings[0]["message"],
        format!("{fact} (all 3 containers)")
    );
    assert_eq!(report.findings[0]["container"], Value::Null);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_gets_another_container_name() {
    let kiosk = Kiosk::new()
        .with("    env_file", "    container_name: NAME-one\n    env_file")
        .up();
    let named = |wanted: String| {
        drift("service-config", "web").field("container_name", wanted, kiosk.named("-one"))
    };
    kiosk.change("compose.yml", "NAME-one", "NAME-two");
    kiosk
        .drift()
        .finds(&[named(kiosk.named("-two")).unapplied("heals")]);
    kiosk.change("compose.yml", "    container_name: NAME-two\n", "");
    kiosk
        .drift()
        .finds(&[named(kiosk.container("web")).unapplied("heals")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_running_service_whose_profile_is_no_longer_enabled() {
    let kiosk = Kiosk::new().with("    env_file", "    profiles: [debug]\n    env_file");
    kiosk.compose(&["--profile", "debug", "up", "--detach"]);
    assert_eq!(kiosk.drift_with(&["--profile", "debug"]).ran.code, Some(0));
    kiosk.drift().finds(&[drift("service-profile", "web")
        .field("containers", Value::Null, kiosk.container("web"))
        .after_up("ignores")]);
    kiosk.docker("stop NAME-web-1");
    kiosk.drift().holds(&[]);
}

/// A project of one service.
const ALONE: &str = "name: NAME\nservices:\n  web: { image: 'composegen-stub:latest', init: true, stop_grace_period: 0s, ports: ['127.0.0.1:PORT:80'] }\n";

/// The project, running.
fn alone(text: &str) -> Kiosk {
    let kiosk = Kiosk::new();
    kiosk.write("compose.yml", text);
    kiosk.up()
}

/// What `plan` prints.
fn plan(kiosk: &Kiosk) -> String {
    let url = kiosk.outside.url();
    kiosk
        .run(&["plan", "-f", "compose.yml", "--docker", url])
        .stdout
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn the_only_container_of_a_project_without_the_hash_by_which_compose_finds_it() {
    let kiosk = alone(ALONE);
    kiosk.replace("web", &[("--label=com.docker.compose.config-hash=", "")]);
    let report = kiosk.drift();
    let codes = report
        .findings
        .iter()
        .filter_map(|one| one["code"].as_str());
    let codes: Vec<&str> = codes.filter(|code| !code.starts_with("port-")).collect();
    assert_eq!(codes, ["name-taken", "service-missing", "service-orphan"]);
    let plan = plan(&kiosk);
    assert!(plan.contains("is taken by"), "{plan}");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_container_whose_label_names_another_image() {
    let kiosk = alone(ALONE);
    let label = "--label=com.docker.compose.image=";
    kiosk.replace("web", &[(label, &format!("{label}sha256:0"))]);
    let plan = plan(&kiosk);
    let why = "its label `com.docker.compose.image` names another image than it runs";
    assert!(plan.contains(why), "{plan}");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_container_that_the_engine_cannot_start() {
    let kiosk = alone(ALONE);
    kiosk.docker("stop NAME-web-1");
    kiosk.docker("run -d --name NAME-other -p 127.0.0.1:PORT:80 composegen-stub:latest");
    let name = kiosk.container("web");
    let start = kiosk.outside.docker(&["start", &name]).output().unwrap();
    assert!(!start.status.success());
    let report = kiosk.drift();
    let stopped = report
        .findings
        .iter()
        .find(|one| one["code"] == "service-stopped")
        .unwrap();
    let message = stopped["message"].as_str().unwrap();
    assert!(message.contains("port is already allocated"), "{message}");
    let help = stopped["help"].as_str().unwrap();
    assert!(help.ends_with(&format!("start {name}")), "{help}");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_job_that_is_to_be_restarted_on_failure_and_did_not_fail() {
    let job = "command: ['true'], restart: 'on-failure', init: true";
    let kiosk = alone(&ALONE.replace("init: true", job));
    let name = kiosk.container("web");
    kiosk.wait_for(&name, |container| container["State"]["Status"] == "exited");
    kiosk.drift().is_in_sync();
    let options = ["state", "--live", "-f", "compose.yml", "--docker"];
    let live = kiosk.run(&[&options[..], &[kiosk.outside.url()]].concat());
    assert!(
        live.stdout.contains("restart: on-failure\n"),
        "{}",
        live.stdout
    );
}
