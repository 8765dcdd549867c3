//! Volumes: what they are, whose they are, and whether they are there.

use serde_json::{Value, json};

use super::finding::{Want, drift, exposure};
use super::kiosk::Kiosk;
use crate::outside::{Outside, succeed};

/// The options of a volume that is a directory of the host, and their fields.
const OPTIONS: [(&str, &str); 3] = [
    ("type", "driver_opts.type"),
    ("o", "driver_opts.o"),
    ("device", "driver_opts.device"),
];

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn volumes_recreated_in_another_directory() {
    let kiosk = Kiosk::new().up();
    let bind = |folder: &str| {
        kiosk.write(&format!("{folder}/file"), "");
        json!({ "type": "none", "o": "bind", "device": kiosk.path(folder) })
    };
    let labels = [
        "--label com.docker.compose.project=NAME",
        "--label com.docker.compose.volume=data",
        "--label com.docker.compose.version=2.40.3",
    ];
    let (data, store) = (bind("data"), bind("store"));
    for (service, volume, labels, options) in [
        ("web", "data", labels.join(" ").as_str(), &data),
        ("db", "store", "", &store),
    ] {
        // By way of another volume, so that the container can be made anew with the same options.
        let away = kiosk.named("-away");
        let (there, back) = (format!("NAME_{volume}"), format!("--volume={away}"));
        kiosk.replace(service, &[(&format!("--volume={there}"), &back)]);
        kiosk.docker(&format!("volume rm {there}"));
        let entries = options.as_object().unwrap().iter();
        let options: Vec<String> = entries
            .map(|(key, value)| format!("--opt {key}={}", value.as_str().unwrap()))
            .collect();
        let options = options.join(" ");
        kiosk.docker(&format!("volume create {labels} {options} {there}"));
        kiosk.replace(service, &[(&back, &format!("--volume={there}"))]);
        kiosk.docker(&format!("volume rm {away}"));
    }
    let changed = |volume: &'static str, options: &Value| {
        OPTIONS.map(|(name, field)| {
            drift("volume-changed", volume)
                .field(field, Value::Null, options[name].clone())
                .by_hand("ignores")
        })
    };
    let changed = [changed("data", &data), changed("store", &store)];
    kiosk.drift().holds(changed.as_flattened());
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_volume_whose_options_changed_in_the_file() {
    let kiosk = Kiosk::new().up();
    let options = json!({ "type": "tmpfs", "device": "tmpfs" });
    kiosk.change(
        "compose.yml",
        "data: {}",
        &format!("data: {{ driver_opts: {options} }}"),
    );
    let changed = ["driver_opts.device", "driver_opts.type"].map(|field| {
        drift("volume-changed", "data")
            .field(field, "tmpfs", Value::Null)
            .unapplied("asks")
    });
    kiosk.drift().finds(&changed);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_volume_of_another_project() {
    let kiosk = Kiosk::new();
    let labels =
        "--label com.docker.compose.project=NAME-other --label com.docker.compose.volume=data";
    kiosk.docker(&format!("volume create {labels} NAME_data"));
    let kiosk = kiosk.up();
    kiosk.drift().finds(&[exposure("volume-owner", "data")
        .field("project", kiosk.name.as_str(), kiosk.named("-other"))
        .after_up("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_volume_that_is_no_longer_in_the_file() {
    let kiosk = Kiosk::new().up();
    let labels = "--label com.docker.compose.project=NAME --label com.docker.compose.volume=old";
    kiosk.docker(&format!("volume create {labels} NAME_old"));
    kiosk.drift().finds(&[drift("volume-extra", "old")
        .field("volumes", Value::Null, kiosk.named("_old"))
        .after_up("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_volume_that_was_removed() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("rm -f NAME-db-1");
    kiosk.docker("volume rm NAME_store");
    kiosk.drift().finds(&[
        drift("volume-missing", "store")
            .field("volumes", kiosk.named("_store"), Value::Null)
            .after_up("destroys-data"),
        drift("service-missing", "db")
            .field("replicas", 1, 0)
            .after_up("heals"),
    ]);
}

/// Builds an image with a volume of its own.
fn with_volume(kiosk: &Kiosk) -> String {
    kiosk.docker("create --name NAME-seed composegen-stub:latest");
    let (seed, image) = (kiosk.named("-seed"), kiosk.named("-volume:latest"));
    let commit = ["commit", "--change", "VOLUME /of-image", &seed, &image];
    succeed(&mut kiosk.outside.docker(&commit));
    kiosk.docker("rm NAME-seed");
    image
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_anonymous_volume_that_nobody_asks_for() {
    let docker = Outside::new();
    let podman = docker.other("COMPOSEGEN_PODMAN");
    for (outside, is_docker) in [(docker, true), (podman, false)] {
        let kiosk = Kiosk::on(outside);
        // Podman takes no commit from the docker CLI.
        let image = if is_docker {
            with_volume(&kiosk)
        } else {
            "composegen-stub:latest".to_owned()
        };
        let kiosk = kiosk
            .with(
                "db:\n    image: composegen-stub:latest",
                &format!("db:\n    image: {image}"),
            )
            .with("\"store:/var/lib/db\"]", "\"store:/var/lib/db\", /of-file]")
            .with(
                "    user: \"1000:1000\"",
                "    user: \"1000:1000\"\n    volumes_from: [db]",
            )
            .up();
        kiosk.drift().is_in_sync();
        kiosk.replace("web", &[("", "--volume=/by-hand")]);
        kiosk.drift().finds(&[drift("mount-changed", "web")
            .field("source", Value::Null, Want::Something)
            .by_hand("ignores")]);
    }
}

/// What an image mount of another container is of, an engine does not show.
#[test]
#[ignore = "needs Docker 28 from Debian sid: make test"]
fn an_image_mounted_by_way_of_another_service() {
    let mounts = "{ type: image, source: \"composegen-stub:latest\", target: /image }";
    let kiosk = Kiosk::on(Outside::new().other("COMPOSEGEN_DOCKER_28"))
        .with(
            "\"store:/var/lib/db\"]",
            &format!("\"store:/var/lib/db\", {mounts}]"),
        )
        .with(
            "    user: \"1000:1000\"",
            "    user: \"1000:1000\"\n    volumes_from: [db]",
        )
        .up();
    let report = kiosk.drift();
    report.is_in_sync();
    let unchecked = report.host()["unchecked"].to_string();
    let what = "the source of the mount at `/image` of service `web`";
    assert!(unchecked.contains(what), "{unchecked}");
}
