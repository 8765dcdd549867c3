//! Networks: who is on them, and what they are.

use serde_json::{Value, json};

use super::by_hand::Labels;
use super::finding::{Want, drift, exposure};
use super::kiosk::Kiosk;
use crate::outside::Outside;

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_container_on_one_more_network() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("network create NAME-open");
    kiosk.docker("network create --internal NAME-closed");
    let others = "com.docker.compose.project=NAME-other";
    kiosk.docker(&format!(
        "network create --internal --label {others} NAME-other_back"
    ));
    for network in ["open", "closed", "other_back"] {
        kiosk.docker(&format!("network connect NAME-{network} NAME-web-1"));
    }
    let attached = |network| kiosk.named(network);
    kiosk.drift().finds(&[
        exposure("network-attached", "web")
            .field("networks", Value::Null, attached("-open"))
            .by_hand("ignores"),
        exposure("network-attached", "web")
            .field("networks", Value::Null, attached("-other_back"))
            .by_hand("ignores"),
        drift("network-attached", "web")
            .field("networks", Value::Null, attached("-closed"))
            .by_hand("ignores"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_running_container_taken_off_its_network() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("network disconnect NAME_internal NAME-web-1");
    kiosk.drift().finds(&[drift("network-detached", "web")
        .field("networks", "internal", Value::Null)
        .by_hand("heals")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_stopped_container_taken_off_its_network() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("stop NAME-web-1");
    kiosk.docker("network disconnect NAME_internal NAME-web-1");
    kiosk.drift().finds(&[
        drift("network-detached", "web")
            .field("networks", "internal", Value::Null)
            .by_hand("ignores"),
        drift("service-stopped", "web")
            .field("state", "running", "exited")
            .after_up("heals"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_container_connected_again_without_its_names() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("network disconnect NAME_internal NAME-db-1");
    kiosk.docker("network connect --alias elsewhere NAME_internal NAME-db-1");
    kiosk.drift().finds(&[drift("network-alias", "db")
        .field(
            "networks.internal.aliases",
            json!(["db", "postgres"]),
            Want::Names("elsewhere", "db"),
        )
        .by_hand("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_container_connected_again_with_another_address() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk
        .with(
            "internal: { internal: true }\n",
            "internal: { internal: true, ipam: { config: [{ subnet: SUBNET.0/24 }] } }\n",
        )
        .with(
            "internal: { aliases: [postgres] }",
            "internal: { aliases: [postgres], ipv4_address: SUBNET.10 }",
        )
        .up();
    kiosk.docker("network disconnect NAME_internal NAME-db-1");
    kiosk.docker(
        "network connect --ip SUBNET.20 --alias db --alias postgres NAME_internal NAME-db-1",
    );
    kiosk.drift().finds(&[drift("network-changed", "db")
        .field(
            "networks.internal.ipv4_address",
            kiosk.own("SUBNET.10"),
            kiosk.own("SUBNET.20"),
        )
        .by_hand("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_recreated_without_labels() {
    let kiosk = Kiosk::new().up();
    let internal = kiosk.named("_internal");
    kiosk.remake_network(&internal, Labels::None, "--internal");
    kiosk
        .drift()
        .finds(&[drift("network-unlabelled", "internal")
            .field("labels", kiosk.name.as_str(), Value::Null)
            .by_hand("fails")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_recreated_as_not_internal_with_another_subnet() {
    for labels in [Labels::Copied, Labels::WithoutHash] {
        let kiosk = Kiosk::new();
        let kiosk = kiosk
            .with(
                "internal: { internal: true }\n",
                "internal: { internal: true, ipam: { config: [{ subnet: SUBNET.0/25 }] } }\n",
            )
            .up();
        let internal = kiosk.named("_internal");
        kiosk.remake_network(&internal, labels, "--subnet SUBNET.128/25");
        let subnet = |text| json!([kiosk.own(text)]);
        kiosk.drift().finds(&[
            exposure("network-changed", "internal")
                .field("internal", true, false)
                .by_hand("ignores"),
            drift("network-changed", "internal")
                .field(
                    "ipam.config.subnet",
                    subnet("SUBNET.0/25"),
                    subnet("SUBNET.128/25"),
                )
                .by_hand("ignores"),
        ]);
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_external_network_recreated_as_internal() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk
        .with("edge: {}", "edge: { external: true, name: NAME-shared }")
        .with("networks: [edge, internal]", "networks: [edge]");
    kiosk.docker("network create NAME-shared");
    let kiosk = kiosk.up();
    let shared = kiosk.named("-shared");
    kiosk.remake_network(&shared, Labels::None, "--internal");
    kiosk.drift().finds(&[
        drift("port-missing", "web")
            .field("ports", kiosk.own("127.0.0.1:PORT:80/tcp"), Value::Null)
            .by_hand("ignores"),
        drift("network-changed", "edge")
            .field("internal", false, true)
            .by_hand("ignores"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_deleted_while_its_container_is_stopped() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("stop NAME-web-1");
    kiosk.docker("network rm NAME_edge");
    kiosk.drift().finds(&[
        drift("network-missing", "edge")
            .field("networks", kiosk.named("_edge"), Value::Null)
            .after_up("fails"),
        drift("service-stopped", "web")
            .field("state", "running", "exited")
            .after_up("fails"),
    ]);
}

/// What did not run when its network was made anew knows it by an ID that is gone.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_recreated_while_its_container_is_stopped() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("stop NAME-web-1");
    kiosk.remake_network(&kiosk.named("_edge"), Labels::Copied, "");
    kiosk.drift().finds(&[
        drift("network-detached", "web")
            .field("networks", "edge", Value::Null)
            .by_hand("fails"),
        drift("service-stopped", "web")
            .field("state", "running", "exited")
            .after_up("fails"),
    ]);
    let file = kiosk.path("compose.yml");
    let mut up = kiosk.outside.docker(&["compose", "-f"]);
    let up = up.arg(file).args(["up", "--detach"]).output().unwrap();
    assert!(!up.status.success());
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_that_the_file_now_opens() {
    let kiosk = Kiosk::new().up();
    kiosk.change(
        "compose.yml",
        "internal: { internal: true }",
        "internal: {}",
    );
    kiosk.drift().finds(&[drift("network-changed", "internal")
        .field("internal", false, true)
        .unapplied("heals")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_that_the_file_now_closes() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk
        .with("edge: {}", "edge: {}\n  quiet: {}")
        .with(
            "networks: { internal: { aliases: [postgres] } }",
            "networks: [quiet]",
        )
        .up();
    kiosk.change("compose.yml", "quiet: {}", "quiet: { internal: true }");
    kiosk.drift().finds(&[exposure("network-changed", "quiet")
        .field("internal", true, false)
        .unapplied("heals")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_that_is_no_longer_in_the_file() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk
        .with("networks:\n  edge", "networks:\n  old: {}\n  edge")
        .with("[edge, internal]", "[edge, internal, old]")
        .up();
    kiosk.docker("network disconnect NAME_old NAME-web-1");
    let kiosk = kiosk
        .with("  old: {}\n", "")
        .with("[edge, internal, old]", "[edge, internal]");
    kiosk.drift().finds(&[drift("network-extra", "old")
        .field("networks", Value::Null, kiosk.named("_old"))
        .after_up("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_container_with_a_network_mode_on_one_more_network() {
    let docker = Outside::new();
    let podman = docker.other("COMPOSEGEN_PODMAN");
    for (outside, default) in [(docker, "bridge"), (podman, "podman")] {
        let kiosk = Kiosk::on(outside)
            .with(
                "networks: { internal: { aliases: [postgres] } }",
                "network_mode: bridge",
            )
            .up();
        kiosk.drift().is_in_sync();
        kiosk.docker("network create NAME-open");
        kiosk.docker("network connect NAME-open NAME-db-1");
        let attached = exposure("network-attached", "db")
            .field("networks", Value::Null, kiosk.named("-open"))
            .by_hand("ignores");
        kiosk.drift().finds(&[attached]);
        kiosk.docker("network disconnect NAME-open NAME-db-1");
        kiosk.drift().is_in_sync();
        // Podman cannot take a container off it.
        if default == "bridge" {
            kiosk.docker("network disconnect bridge NAME-db-1");
            kiosk.drift().finds(&[drift("network-detached", "db")
                .field("networks", "bridge", Value::Null)
                .by_hand("ignores")]);
        }
    }
}
