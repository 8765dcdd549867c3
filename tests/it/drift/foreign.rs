//! Containers that are not of the project, and get in its way.

use serde_json::Value;

use super::finding::{Want, drift, exposure, notice};
use super::kiosk::Kiosk;
use crate::outside::Outside;

/// A container of nobody, with these options.
fn stranger(kiosk: &Kiosk, options: &str) -> String {
    let stop = "--init --stop-timeout 0";
    kiosk.docker(&format!(
        "run -d {stop} --name NAME-stranger {options} composegen-stub:latest"
    ));
    kiosk.named("-stranger")
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_on_the_network() {
    let kiosk = Kiosk::new().up();
    let stranger = stranger(&kiosk, "--network NAME_internal");
    kiosk.drift().finds(&[exposure("network-foreign", &stranger)
        .field("networks", Value::Null, "internal")
        .by_hand("ignores")]);
}

/// Docker lists no network of such a container, Podman those of the other one.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_in_the_network_of_a_container() {
    let docker = Outside::new();
    let podman = docker.other("COMPOSEGEN_PODMAN");
    for outside in [docker, podman] {
        let kiosk = Kiosk::on(outside).up();
        let stranger = stranger(&kiosk, "--network container:NAME-db-1");
        let second = kiosk.named("-second");
        let start = "run -d --init --stop-timeout 0 --name NAME-second";
        kiosk.docker(&format!(
            "{start} --network container:{stranger} composegen-stub:latest"
        ));
        let found = |name: &str| {
            exposure("network-foreign", name)
                .field("networks", Value::Null, "internal")
                .by_hand("ignores")
        };
        kiosk.drift().finds(&[found(&second), found(&stranger)]);
    }
}

/// The service of the container is no longer in the file.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_in_the_network_of_an_orphan() {
    let kiosk = Kiosk::new();
    let file = std::fs::read_to_string(kiosk.path("compose.yml")).unwrap();
    let more = "  more: { image: 'composegen-stub:latest', init: true, networks: [internal] }\n";
    kiosk.write(
        "compose.yml",
        &file.replacen("networks:\n  edge", &format!("{more}networks:\n  edge"), 1),
    );
    let kiosk = kiosk.up();
    kiosk.write("compose.yml", &file);
    let stranger = stranger(&kiosk, "--network container:NAME-more-1");
    kiosk.drift().finds(&[
        exposure("network-foreign", &stranger)
            .field("networks", Value::Null, "internal")
            .by_hand("ignores"),
        drift("service-orphan", "more")
            .field("containers", Value::Null, kiosk.container("more"))
            .after_up("ignores"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_in_the_volume() {
    let kiosk = Kiosk::new().up();
    let stranger = stranger(&kiosk, "--volume NAME_data:/stolen");
    kiosk.drift().finds(&[exposure("volume-foreign", &stranger)
        .field("mounts", Value::Null, "data")
        .by_hand("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_that_publishes_to_the_world() {
    let kiosk = Kiosk::new().up();
    let port = kiosk.port(1);
    let stranger = stranger(&kiosk, &format!("--publish 0.0.0.0:{port}:80"));
    kiosk.drift().finds(&[notice("port-foreign", &stranger)
        .field("ports", Value::Null, format!("0.0.0.0:{port}:80/tcp"))
        .by_hand("ignores")]);
    assert_eq!(kiosk.drift_with(&["--strict"]).ran.code, Some(1));
}

/// One number, two ports.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_that_publishes_a_port_by_two_protocols() {
    let kiosk = Kiosk::new().up();
    let port = kiosk.port(1);
    let publish = format!("--publish {port}:53/tcp --publish {port}:53/udp");
    let stranger = stranger(&kiosk, &publish);
    let published = |protocol: &str| {
        let port = format!("0.0.0.0:{port}:53/{protocol}");
        notice("port-foreign", &stranger)
            .field("ports", Value::Null, port)
            .by_hand("ignores")
    };
    kiosk.drift().holds(&[published("tcp"), published("udp")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_that_keeps_to_itself() {
    let kiosk = Kiosk::new().up();
    let port = kiosk.port(1);
    stranger(&kiosk, &format!("--publish 127.0.0.1:{port}:80"));
    kiosk.drift().is_in_sync();
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_at_the_port_of_a_stopped_service() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("stop NAME-web-1");
    let stranger = stranger(&kiosk, "--publish 127.0.0.1:PORT:80");
    kiosk.drift().finds(&[
        drift("port-taken", "web")
            .field("ports", kiosk.own("127.0.0.1:PORT:80/tcp"), stranger)
            .by_hand("fails"),
        drift("service-stopped", "web")
            .field("state", "running", "exited")
            .after_up("fails"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_at_the_port_of_a_stopped_service_on_every_address() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("stop NAME-web-1");
    let stranger = stranger(&kiosk, "--publish 0.0.0.0:PORT:80");
    kiosk.drift().finds(&[
        drift("port-taken", "web")
            .field(
                "ports",
                kiosk.own("127.0.0.1:PORT:80/tcp"),
                stranger.as_str(),
            )
            .by_hand("fails"),
        drift("service-stopped", "web")
            .field("state", "running", "exited")
            .after_up("fails"),
        notice("port-foreign", &stranger)
            .field("ports", Value::Null, kiosk.own("0.0.0.0:PORT:80/tcp"))
            .by_hand("ignores"),
    ]);
}

/// Podman lists the ports of what does not run, too.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_that_does_not_run_holds_no_port() {
    let docker = Outside::new();
    let podman = docker.other("COMPOSEGEN_PODMAN");
    for outside in [docker, podman] {
        let kiosk = Kiosk::on(outside).up();
        kiosk.docker("stop NAME-web-1");
        stranger(&kiosk, "--publish PORT:80");
        kiosk.docker("stop NAME-stranger");
        kiosk.drift().finds(&[drift("service-stopped", "web")
            .field("state", "running", "exited")
            .after_up("heals")]);
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_with_the_name_of_a_service() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("rm -f NAME-web-1");
    kiosk.docker("run -d --init --name NAME-web-1 composegen-stub:latest");
    kiosk.drift().finds(&[
        drift("name-taken", "web")
            .field("container_name", kiosk.container("web"), Want::Something)
            .by_hand("fails"),
        drift("service-missing", "web")
            .field("replicas", 1, 0)
            .after_up("fails"),
    ]);
}
