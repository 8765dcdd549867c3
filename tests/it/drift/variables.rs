//! Variables in a Compose file: where one has no value, nothing is claimed.

use serde_json::Value;

use super::finding::{Want, drift};
use super::kiosk::Kiosk;
use crate::outside::Outside;

/// A tag and a variable of the container that come from outside.
fn kiosk() -> Kiosk {
    let kiosk = Kiosk::new();
    kiosk.docker("tag composegen-stub:latest NAME-app:7");
    let kiosk = kiosk
        .with(
            "composegen-stub:latest",
            "NAME-app:${APP_TAG:?which release}",
        )
        .with("MODE: live", "MODE: \"${APP_MODE}\"")
        .set("APP_TAG", "7")
        .set("APP_MODE", "live");
    kiosk.up()
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn the_same_values_give_no_findings() {
    let kiosk = kiosk();
    kiosk.drift().is_in_sync();
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn without_a_value_a_field_is_unchecked_and_not_different() {
    let kiosk = kiosk();
    let kiosk = kiosk.forget();
    let report = kiosk.drift();
    report.is_in_sync();
    let unchecked = report.host()["unchecked"].to_string();
    assert!(unchecked.contains("APP_TAG"), "{unchecked}");
    for format in ["human", "markdown"] {
        let file = kiosk.path("compose.yml");
        let drift = ["drift", "--docker", kiosk.outside.url(), "--format", format];
        let ran = kiosk.run(&[&drift[..], &["--file", file.to_str().unwrap()]].concat());
        let warning = "the image of `web` was not compared: ";
        assert!(ran.stdout.contains(warning), "{}", ran.stdout);
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn with_other_values_it_is_drift() {
    let kiosk = kiosk();
    kiosk.docker("tag composegen-stub:moved NAME-app:8");
    let kiosk = kiosk.forget().set("APP_TAG", "8").set("APP_MODE", "dead");
    let image = |tag| kiosk.named("-app:") + tag;
    kiosk.drift().holds(&[
        drift("service-image", "web")
            .field("image", image("8"), image("7"))
            .unapplied("heals"),
        drift("service-config", "web")
            .field("environment.MODE", Want::Hidden, Want::Hidden)
            .unapplied("heals"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_env_file_for_the_command_gives_values_and_the_process_goes_before_it() {
    let kiosk = kiosk();
    kiosk.write("values.env", "APP_TAG=7\nAPP_MODE=live\n");
    kiosk.write("other.env", "APP_TAG=8\nAPP_MODE=live\n");
    let file = |name: &str| kiosk.path(name).to_str().unwrap().to_owned();
    let (values, other) = (file("values.env"), file("other.env"));
    kiosk.drift_with(&["--env-file", &other]).is_in_sync();
    let kiosk = kiosk.forget();
    kiosk.drift_with(&["--env-file", &values]).is_in_sync();
    kiosk
        .drift_with(&["--env-file", &other])
        .finds(&[drift("service-image", "web")
            // `up` would have to pull it.
            .field("image", Want::Something, Want::Something)
            .by_hand("unknown")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn the_folders_own_env_file_is_read_as_compose_reads_it() {
    let kiosk = kiosk();
    kiosk.write(".env", "APP_TAG=7\nAPP_MODE=live\n");
    kiosk.forget().drift().is_in_sync();
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn mounts_and_networks_without_a_value_are_unchecked() {
    let docker = Outside::new();
    let podman = docker.other("COMPOSEGEN_PODMAN");
    for outside in [docker, podman] {
        let kiosk = Kiosk::on(outside)
            .with(
                "./site:/site:ro\"]",
                "${SITE}:/site:ro\"]\n    secrets: [token]",
            )
            .with("  edge: {}", "  edge: { name: \"NAME-${EDGE}\" }")
            .with(
                "  store: {}",
                "  store: { name: \"NAME-${STORE}\" }\nsecrets:\n  token: { file: \"${TOKEN}\" }",
            )
            .set("SITE", "./site")
            .set("STORE", "stored")
            .set("EDGE", "edged")
            .set("TOKEN", "./web.env")
            .up();
        kiosk.drift().is_in_sync();
        let kiosk = kiosk.forget();
        let report = kiosk.drift();
        report.is_in_sync();
        let unchecked = report.host()["unchecked"].to_string();
        for what in [
            "services.web.volumes[1]",
            "secrets.token.file",
            "volumes.store.name",
            "networks.edge.name",
        ] {
            assert!(unchecked.contains(what), "{what}: {unchecked}");
        }
        // What else is mounted is compared all the same.
        kiosk.replace("web", &[("", "--volume=NAME-more:/more")]);
        kiosk.drift().finds(&[drift("mount-changed", "web")
            .field("source", Value::Null, kiosk.named("-more"))
            .by_hand("ignores")]);
    }
}
