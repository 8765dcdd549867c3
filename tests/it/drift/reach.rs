//! Which engine is asked: the one that was named, and never another.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::fake::Fake;
use super::kiosk::Kiosk;
use crate::project::{Project, Ran, composegen, root};

/// The specs of a shop whose host `shop-prod` says this of its engine, and nothing on any engine.
fn shop(docker: &str) -> Project {
    let project = Project::copy_of(&root().join("tests/fixtures/live/shop"));
    for file in ["catalog.yaml", "prod.yaml", "staging.yaml"] {
        let file = format!("environments/{file}");
        let text = project.read(&file);
        let text = text.replace("NAME", "nobodys").replace("PORT", "2100");
        project.write(&file, &text);
    }
    let old = "docker: unix:///nowhere/prod.sock";
    project.edit("environments/prod.yaml", old, &format!("docker: {docker}"));
    project
}

fn drift(project: &Project, more: &[&str], variables: &[(&str, &str)]) -> (Ran, Value) {
    let ask = [
        "drift", "--host", "shop-prod", "--format", "json", "--timeout", "2",
    ];
    let ran = project.run_with(&[&ask, more].concat(), variables);
    let json = ran.json();
    (ran, json)
}

/// This engine was asked, and reported on.
fn asks(engine: &Fake, project: &Project, more: &[&str], variables: &[(&str, &str)]) {
    let (ran, json) = drift(project, more, variables);
    assert_eq!(ran.code, Some(1), "{json:#}{}", ran.stderr);
    assert_eq!(json["hosts"][0]["engine"]["id"], "FAKE");
    assert!(!engine.requests().is_empty());
}

/// No engine could be asked, and the report says so.
fn asks_nobody(engine: &Fake, project: &Project, more: &[&str], variables: &[(&str, &str)]) {
    let (ran, json) = drift(project, more, variables);
    assert_eq!(ran.code, Some(2), "{json:#}{}", ran.stderr);
    let host = &json["hosts"][0];
    assert_eq!(host["status"], "unreachable", "{json:#}");
    assert_eq!(host["host"], "shop-prod");
    assert_eq!(host["findings"], json!([]));
    assert!(host["error"].is_string(), "{json:#}");
    assert_eq!(engine.requests(), Vec::<String>::new());
}

#[test]
fn the_command_wins_over_a_variable_and_a_variable_over_the_spec() {
    let names = ["spec", "variable", "command", "default"];
    let engines = names.map(|_| Fake::empty());
    let [spec, variable, command, default] = &engines;
    let project = shop(&spec.url());
    let default = ("DOCKER_HOST", default.url());
    let own = ("COMPOSEGEN_DOCKER_SHOP_PROD", variable.url());
    let (default, own) = ((default.0, &*default.1), (own.0, &*own.1));

    let heard = || {
        engines
            .each_ref()
            .map(|engine| !engine.requests().is_empty())
    };
    asks(spec, &project, &[], &[default]);
    assert_eq!(heard(), [true, false, false, false]);
    asks(variable, &project, &[], &[default, own]);
    assert_eq!(heard(), [true, true, false, false]);
    let before = variable.requests().len();
    asks(
        command,
        &project,
        &["--docker", &command.url()],
        &[default, own],
    );
    assert_eq!(heard(), [true, true, true, false]);
    assert_eq!(variable.requests().len(), before);
}

#[test]
fn docker_host_is_for_hosts_that_say_so() {
    let engine = Fake::empty();
    let url = engine.url();
    let variables = [("DOCKER_HOST", &*url)];
    asks_nobody(
        &engine,
        &shop("unix:///nowhere/docker.sock"),
        &[],
        &variables,
    );
    asks(&engine, &shop("default"), &[], &variables);
}

#[test]
fn one_that_cannot_be_reached_is_never_replaced_by_the_local_one() {
    let engine = Fake::empty();
    let url = engine.url();
    let path = std::env::var("PATH").unwrap();
    let variables = [("DOCKER_HOST", &*url), ("PATH", &*path)];
    for docker in [
        "ssh://nobody@127.0.0.1:1",
        "ssh://nobody@127.0.0.1:1/var/run/docker.sock",
        "ssh://nobody@host.invalid",
        "tcp://127.0.0.1:1",
        "unix:///nowhere/docker.sock",
        "context:unheard-of",
    ] {
        asks_nobody(&engine, &shop(docker), &[], &variables);
    }
    // Without an ssh at all.
    let variables = [("DOCKER_HOST", &*url), ("PATH", "/nowhere")];
    asks_nobody(&engine, &shop("ssh://nobody@127.0.0.1:1"), &[], &variables);
}

/// A folder with a context of this name that leads to this engine.
fn context(name: &str, endpoint: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut command = std::process::Command::new("docker");
    command
        .env("DOCKER_CONFIG", folder.path())
        .args(["context", "create", name, "--docker", endpoint]);
    crate::outside::succeed(&mut command);
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
#[ignore = "needs the docker command: make test"]
fn a_context_by_its_name() {
    let (engine, other) = (Fake::empty(), Fake::empty());
    let config = context("shop", &format!("host={}", engine.url()));
    let url = other.url();
    let variables = [
        ("DOCKER_CONFIG", text(config.path())),
        ("DOCKER_HOST", &*url),
    ];
    asks(&engine, &shop("context:shop"), &[], &variables);
    asks(
        &engine,
        &shop("unix:///nowhere"),
        &["--docker", "context:shop"],
        &variables,
    );
    asks_nobody(&other, &shop("context:shoe"), &[], &variables);
}

/// Without `--docker`, a file is compared with the engine that the docker command would ask.
#[test]
#[ignore = "needs the docker command: make test"]
fn a_file_alone_uses_the_engine_that_docker_uses() {
    let (engine, other) = (Fake::empty(), Fake::empty());
    let config = context("shop", &format!("host={}", engine.url()));
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("compose.yml");
    fs::write(
        &file,
        "name: shop\nservices: { web: { image: 'stub:1' } }\n",
    )
    .unwrap();
    let url = other.url();
    let ask = |variables: &[(&str, &str)]| {
        let mut command = composegen();
        command
            .args(["drift", "--format", "json", "--file", text(&file)])
            .env("DOCKER_CONFIG", config.path())
            .envs(variables.iter().copied());
        let ran = Ran::of(&mut command);
        assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
        (engine.requests().len(), other.requests().len())
    };
    let (first, nobody) = ask(&[("DOCKER_CONTEXT", "shop")]);
    assert!(first > 0 && nobody == 0);
    let (still, second) = ask(&[("DOCKER_HOST", &url)]);
    assert!(still == first && second > 0);
    let current = json!({ "currentContext": "shop" }).to_string();
    fs::write(config.path().join("config.json"), current).unwrap();
    let (third, still) = ask(&[]);
    assert!(third > first && still == second);
}

#[test]
fn one_unreachable_host_does_not_hide_the_others() {
    let engine = Fake::empty();
    let project = shop(&engine.url());
    let ran = project.run(&["drift", "--format", "json", "--all"]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    let json = ran.json();
    let status = |name: &str| {
        let hosts = json["hosts"].as_array().unwrap();
        let host = hosts.iter().find(|host| host["host"] == name).unwrap();
        host["status"].clone()
    };
    assert_eq!(status("shop-prod"), "drifted");
    assert_eq!(status("shop-staging"), "unreachable");
    assert_eq!(json["summary"]["hosts"], 2);

    let ran = project.run(&["drift", "--format", "json", "--env", "prod"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_invalid_address_of_an_engine() {
    let kiosk = Kiosk::new();
    let file = kiosk.path("compose.yml");
    for url in [
        "",
        "docker.sock",
        "ftp://example",
        "ssh://",
        "ssh://-oProxyCommand=true/",
        "tcp://",
    ] {
        let ran = kiosk.run(&["drift", "--file", text(&file), "--docker", url]);
        assert_eq!(ran.code, Some(2), "{url}: {}{}", ran.stdout, ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{url}: {}", ran.stderr);
    }
}
