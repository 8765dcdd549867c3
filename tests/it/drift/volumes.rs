//! Volumes: what they are, whose they are, and whether they are there.

use serde_json::{Value, json};

use super::finding::{drift, exposure};
use super::kiosk::Kiosk;

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
            .unapplied("destroys-data")
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
