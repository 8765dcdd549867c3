//! Recording what engines answer, for the tests that try every way in which an answer can be wrong
//! (`src/docker/damaged.rs`).

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value};

use super::kiosk::Kiosk;
use crate::outside::{Outside, succeed};
use crate::project::root;

/// `cargo test --test it manual_record -- --ignored` records them again.
#[test]
#[ignore = "writes tests/fixtures/engines"]
fn manual_record_what_engines_answer() {
    let docker = Outside::new();
    record(docker.clone(), "docker-20.10");
    record(docker.other("COMPOSEGEN_DOCKER_26"), "docker-26.1");
    record(docker.other("COMPOSEGEN_DOCKER_28"), "docker-28");
    record(docker.other("COMPOSEGEN_PODMAN"), "podman-4.3");
}

fn record(outside: Outside, file: &str) {
    let folder = root().join("tests/fixtures/engines");
    let kiosk = Kiosk::on(outside);
    let text = fs::read_to_string(folder.join("compose.yml")).unwrap();
    // The project is `NAME` here, so that it is taken down like any other.
    kiosk.write("compose.yml", &text.replace("kiosk", "NAME"));
    // An image that sets a variable, which the services do not.
    kiosk.docker("create --name NAME-base composegen-stub:latest");
    let (base, image) = (kiosk.named("-base"), kiosk.named("-stub:latest"));
    let archive = kiosk.path("base.tar").display().to_string();
    succeed(
        &mut kiosk
            .outside
            .docker(&["export", "--output", &archive, &base]),
    );
    let (variable, command) = ("ENV EXTRA=1", r#"CMD ["/bin/sleep", "1000000"]"#);
    let import = [
        "import", "--change", variable, "--change", command, &archive, &image,
    ];
    succeed(&mut kiosk.outside.docker(&import));
    kiosk.docker("rm NAME-base");
    let kiosk = kiosk.up();
    kiosk.docker(
        "run --detach --name NAME-other --publish 127.0.0.1:21099:99 --volume NAME-other:/other composegen-stub:latest",
    );
    let mut answers = Map::new();
    let mut ask = |path: &str| {
        let answer = ask(&kiosk, path);
        answers.insert(path.to_owned(), answer.clone());
        answer
    };
    let containers = ask("/containers/json?all=1");
    for container in containers.as_array().unwrap() {
        let is_own = container["Labels"]["com.docker.compose.project"] == kiosk.project;
        if is_own {
            let id = container["Id"].as_str().unwrap();
            ask(&format!("/containers/{id}/json"));
            let image = container["ImageID"].as_str().unwrap();
            ask(&format!("/images/{image}/json"));
        }
    }
    for path in ["/networks", "/volumes", "/images/json", "/version", "/info"] {
        ask(path);
    }
    if file.starts_with("podman") {
        ask("/v4.0.0/libpod/info");
    }
    // What other tests have on the engine is not recorded.
    let is_own = |answer: &Value| {
        let is_of_engine = ["bridge", "host", "none"]
            .iter()
            .any(|name| answer["Name"] == *name);
        is_of_engine || answer.to_string().contains(&kiosk.name)
    };
    for path in ["/containers/json?all=1", "/networks", "/images/json"] {
        answers[path].as_array_mut().unwrap().retain(is_own);
    }
    let volumes = answers["/volumes"]["Volumes"].as_array_mut().unwrap();
    let mounted = containers.to_string();
    volumes.retain(|volume| is_own(volume) || mounted.contains(volume["Name"].as_str().unwrap()));
    let text = serde_json::to_string_pretty(&answers).unwrap() + "\n";
    let project = kiosk.path("").display().to_string();
    let engine = fs::canonicalize(root().join("target/engine")).unwrap();
    let text = text
        .replace(project.trim_end_matches('/'), "/srv/kiosk")
        .replace(&kiosk.name, "kiosk")
        .replace(&*engine.to_string_lossy(), "/engine");
    fs::write(folder.join(format!("{file}.json")), without_ids(&text)).unwrap();
}

fn ask(kiosk: &Kiosk, path: &str) -> Value {
    let socket = kiosk.outside.url().trim_start_matches("unix://");
    let mut curl = std::process::Command::new("curl");
    curl.args(["--silent", "--fail", "--unix-socket", socket])
        .arg(format!("http://engine{path}"));
    serde_json::from_str(&succeed(&mut curl)).unwrap()
}

/// The text with a number instead of each ID, which is the same wherever the ID was, whole or short.
fn without_ids(text: &str) -> String {
    let mut ids = BTreeMap::new();
    let words = text.split(|c: char| !c.is_ascii_hexdigit());
    for word in words.filter(|word| word.len() == 64) {
        let number = ids.len() + 1;
        ids.entry(word).or_insert(number);
    }
    let mut text = text.to_owned();
    for (id, number) in ids {
        let new = format!("{number:064x}");
        // An ID begins with its number, so that its short form does too.
        let new: String = new.chars().rev().collect();
        let (short, new_short) = (id.split_at(12).0, new.split_at(12).0);
        text = text.replace(id, &new).replace(short, new_short);
    }
    text
}
