//! What an engine fills in by itself is not drift, on any of them.

use std::io::Write;
use std::process::Stdio;

use super::finding::drift;
use super::kiosk::Kiosk;
use super::report::Report;
use crate::engine::Up;
use crate::judges::rendered;
use crate::outside::{Outside, everything};
use crate::project::{Ran, composegen};

/// Starts a project that uses everything but what the engine cannot do, and finds nothing.
fn nothing_differs(outside: Outside, edits: &[(&str, &str)]) -> Report {
    let kiosk = Kiosk::with_everything(outside, edits);
    let report = kiosk.drift();
    report.is_in_sync();
    let unchecked = report.host()["unchecked"].to_string();
    assert!(
        unchecked.contains("use --content"),
        "said, not hidden: {unchecked}"
    );
    let deep = kiosk.drift_with(&["--content", "--changes"]);
    deep.is_in_sync();
    let unchecked = deep.host()["unchecked"].to_string();
    assert!(
        !unchecked.contains("use --content") && !unchecked.contains("use --changes"),
        "{unchecked}"
    );
    report
}

/// Starts that project on a Docker Engine, which shows every field. One has a variable without a value.
fn nothing_is_left_out(outside: Outside) {
    let report = nothing_differs(outside, &[]);
    let (coverage, unchecked) = (&report.host()["coverage"], &report.host()["unchecked"]);
    let number = |name: &str| coverage[name].as_u64().unwrap();
    assert_eq!(number("of") - number("compared"), 1, "{unchecked:#}");
    assert!(number("of") > 100, "{coverage}");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn on_docker_20_10() {
    nothing_is_left_out(Outside::new());
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn on_docker_26_1() {
    nothing_is_left_out(Outside::new().other("COMPOSEGEN_DOCKER_26"));
}

#[test]
#[ignore = "needs Docker 28 from Debian sid: make test"]
fn on_docker_28() {
    nothing_is_left_out(Outside::new().other("COMPOSEGEN_DOCKER_28"));
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn on_podman() {
    // Podman takes no range of which it is to choose a port, and runs no health checks here. What it
    // does not know of a network it drops, and one option it calls otherwise.
    let edits = [
        ("PORT2-PORT4:80", "PORT2:80"),
        ("service_healthy", "service_started"),
        (
            "bridge.enable_icc: \"false\" }",
            "bridge.enable_icc: \"false\", com.docker.network.driver.mtu: \"1400\" }",
        ),
    ];
    let report = nothing_differs(Outside::new().other("COMPOSEGEN_PODMAN"), &edits);
    let (coverage, unchecked) = (&report.host()["coverage"], &report.host()["unchecked"]);
    assert!(
        coverage["compared"].as_u64() < coverage["of"].as_u64(),
        "{coverage}"
    );
    let hidden = "`sysctls` of services that do not set it";
    assert!(unchecked.to_string().contains(hidden), "{unchecked:#}");
}

/// Podman says nothing of the address that it will give to what does not run.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_pinned_address_of_a_stopped_container() {
    let docker = Outside::new();
    let podman = docker.other("COMPOSEGEN_PODMAN");
    for outside in [docker, podman] {
        let kiosk = Kiosk::on(outside)
            .with("aliases: [postgres]", "ipv4_address: SUBNET.10")
            .with(
                "internal: { internal: true }",
                "internal: { ipam: { config: [{ subnet: SUBNET.0/24 }] } }",
            )
            .up();
        kiosk.drift().is_in_sync();
        kiosk.docker("stop NAME-db-1");
        kiosk.drift().finds(&[drift("service-stopped", "db")
            .field("state", "running", "exited")
            .after_up("heals")]);
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_freshly_started_project_has_no_findings() {
    let kiosk = Kiosk::new().up();
    let report = kiosk.drift();
    report.is_in_sync();
    let host = report.host();
    assert_eq!(host["host"], serde_json::Value::Null);
    assert_eq!(host["environment"], serde_json::Value::Null);
    assert_eq!(host["project"], kiosk.name);
    assert_eq!(host["endpoint"], kiosk.outside.url());
    let id = kiosk.docker("info --format {{.ID}}");
    assert_eq!(host["engine"]["id"], id);
    let version = kiosk.docker("version --format {{.Server.Version}}");
    assert_eq!(host["engine"]["version"], version);
    assert_eq!(host["error"], serde_json::Value::Null);
    assert_eq!(host["suppressed"], serde_json::json!([]));
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_project_that_was_stopped_and_started_again() {
    let kiosk = Kiosk::new().up();
    kiosk.compose(&["stop"]);
    kiosk.compose(&["start"]);
    kiosk.compose(&["restart"]);
    kiosk.drift().is_in_sync();
}

/// Compose does not pass on that what is taken from another service is to be read-only.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn volumes_from_another_service() {
    let kiosk = Kiosk::new();
    let from = "volumes_from: [\"web:ro\"]";
    let kiosk = kiosk
        .with(
            "networks: { internal: {",
            &format!("{from}\n    networks: {{ internal: {{"),
        )
        .up();
    kiosk.drift().is_in_sync();
}

/// Docker refuses to share a tmpfs, and Podman starts the service without it.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_tmpfs_of_another_service() {
    let docker = Outside::new();
    let podman = docker.other("COMPOSEGEN_PODMAN");
    let file = "name: NAME\nservices:\n  b: { image: composegen-stub:latest, volumes_from: [c] }\n  \
                c: { image: composegen-stub:latest, volumes: [{ type: tmpfs, target: /t }] }\n";
    let on = |outside: Outside| {
        let kiosk = Kiosk::on(outside);
        kiosk.write("compose.yml", &kiosk.own(file));
        kiosk
    };
    on(podman).up().drift().is_in_sync();
    let kiosk = on(docker);
    let mut up = kiosk.outside.docker(&["compose", "-f"]);
    let up = up.arg(kiosk.path("compose.yml")).args(["up", "--detach"]);
    let said = everything(&up.output().unwrap());
    assert!(said.contains("no such volume"), "{said}");
    kiosk.drift().finds(&[
        drift("service-missing", "b")
            .field("replicas", 1, 0)
            .after_up("fails"),
        drift("service-stopped", "c")
            .field("state", "running", "created")
            .after_up("fails"),
    ]);
}

/// What the other container mounts is not in the file.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn volumes_from_a_container_of_another_project() {
    let kiosk = Kiosk::new();
    kiosk.docker("create --name NAME-store --volume NAME-a:/stored composegen-stub:latest");
    let from = "volumes_from: [\"container:NAME-store\"]";
    let kiosk = kiosk
        .with(
            "networks: { internal: {",
            &format!("{from}\n    networks: {{ internal: {{"),
        )
        .up();
    let report = kiosk.drift();
    report.is_in_sync();
    let unchecked = report.host()["unchecked"].to_string();
    assert!(unchecked.contains(&kiosk.named("-store")), "{unchecked}");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn the_output_of_compose_config_gives_the_same_findings() {
    let kiosk = Kiosk::new().up();
    let mut command = composegen();
    command
        .args(["drift", "--file", "-", "--format", "json", "--docker"])
        .arg(kiosk.outside.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(kiosk.compose(&["config"]).as_bytes())
        .unwrap();
    drop(stdin);
    let ran = Ran::from(child.wait_with_output().unwrap());
    Report::read(ran, &kiosk.name).is_in_sync();
}

/// The product of this repository, with a stub instead of each image. Its ports are taken on
/// the engine where all hosts start, so this is another.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_host_of_the_product_itself() {
    let outside = Outside::new().other("COMPOSEGEN_DOCKER_26");
    let project = rendered();
    let up = Up::start(&outside, &project, "generated/compose/vps.prod.yml", &[]);
    up.drift(&project, "nata").is_in_sync();
}

/// What Compose and engines choose, clean, copy or add.
const FILLED_IN: &str = "\
name: NAME
services:
  app:
    image: composegen-stub:latest
    init: true
    stop_grace_period: 0s
    env_file: web.env
    mem_limit: 64m
    memswap_limit: -1
    volumes: ['/tmp//NAME/x/../y:/unclean', '/tmp//NAME/z/:/ends', { type: volume, target: /kept, volume: { labels: { a: b } } }]
    depends_on: { debug: { condition: service_started, required: false } }
    networks: [only6]
  debug: { image: 'composegen-stub:latest', profiles: [debug] }
  labelled: { image: 'composegen-stub:latest', init: true, stop_grace_period: 0s, label_file: web.env, networks: [only6] }
  parent: { image: 'composegen-stub:latest', init: true, stop_grace_period: 0s, domainname: example, networks: [only6] }
  child: { image: 'composegen-stub:latest', init: true, stop_grace_period: 0s, network_mode: 'service:parent' }
  named: { image: 'composegen-stub:latest', init: true, stop_grace_period: 0s, network_mode: NAME-named }
networks:
  only6: { enable_ipv6: true, ipam: { config: [{ subnet: 'SUBNET_OF_6' }] } }
";

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn what_is_chosen_cleaned_copied_or_added() {
    let docker = Outside::new();
    let other = docker.other("COMPOSEGEN_DOCKER_26");
    for outside in [docker, other] {
        let url = outside.url().to_owned();
        let config = outside.setting("DOCKER_CONFIG").to_owned().leak();
        let kiosk = Kiosk::on(outside)
            .set("DOCKER_CONFIG", config)
            .set("PATH", "/usr/local/bin:/usr/bin:/bin");
        let subnet = format!(
            "fd{:x}:{:x}::/64",
            kiosk.port(0) % 256,
            std::process::id() % 65536
        );
        kiosk.write("compose.yml", &FILLED_IN.replace("SUBNET_OF_6", &subnet));
        kiosk.docker("network create NAME-named");
        let kiosk = kiosk.up();
        kiosk.drift().is_in_sync();
        let plan = kiosk.run(&["plan", "-f", "compose.yml", "--docker", &url]);
        assert!(
            plan.stdout.contains("Nothing to do."),
            "{}{}",
            plan.stdout,
            plan.stderr
        );
        // A younger file says nothing where Compose says that it has not changed.
        kiosk.change("compose.yml", "init: true", "init: true");
        kiosk.docker("update --cpus 0.5 NAME-app-1");
        let plan = kiosk.run(&["plan", "-f", "compose.yml", "--docker", &url]);
        assert!(
            plan.stdout.contains("0 to recreate"),
            "{}{}",
            plan.stdout,
            plan.stderr
        );
        // No engine shows it, and Compose hashes it.
        let label_file = "label_file: web.env,";
        kiosk.change(
            "compose.yml",
            label_file,
            &format!("{label_file} attach: false,"),
        );
        let plan = kiosk.run(&["plan", "-f", "compose.yml", "--docker", &url]);
        assert!(
            plan.stdout.contains("1 to recreate"),
            "{}{}",
            plan.stdout,
            plan.stderr
        );
    }
}

/// Compose gives it to the new container by its name.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_anonymous_volume_of_a_container_that_compose_replaced() {
    let kiosk = Kiosk::new()
        .with(
            r#"volumes: ["store:/var/lib/db"]"#,
            "volumes: [{ type: volume, target: /anon, volume: { nocopy: true } }]
    environment: { ROUND: first }",
        )
        .up();
    kiosk.drift().is_in_sync();
    kiosk.change("compose.yml", "ROUND: first", "ROUND: second");
    kiosk.compose(&["up", "--detach"]);
    kiosk.drift().is_in_sync();
}
