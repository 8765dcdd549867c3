//! `composegen catalog`: what the specs declare, and no more than was measured.

use std::fs;

use serde_json::Value;

use crate::engine::Up;
use crate::outside::Outside;
use crate::project::{Project, copy, root};

fn catalog(project: &Project, arguments: &[&str]) -> String {
    let ran = project.run(&[&["catalog"], arguments].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stderr, "");
    ran.stdout
}

fn json(project: &Project, arguments: &[&str]) -> Value {
    let text = catalog(project, &[&["--format", "json"], arguments].concat());
    serde_json::from_str(&text).unwrap()
}

fn bookstore() -> Project {
    Project::copy_of(&root().join("examples/bookstore"))
}

#[test]
fn for_people() {
    insta::assert_snapshot!("catalog", catalog(&Project::nata(), &[]));
    insta::assert_snapshot!("catalog_of_bookstore", catalog(&bookstore(), &[]));
}

/// A product that promises nothing has a table of what it has.
#[test]
fn nothing_is_shown_that_nobody_declares() {
    let project = Project::empty();
    assert_eq!(project.run(&["init", "shop"]).code, Some(0));
    let shown = catalog(&project, &["-C", "shop"]);
    insta::assert_snapshot!("catalog_of_init", shown);
    for absent in ["Domains", "Health", "Secrets", "Upstream", "Measured"] {
        assert!(!shown.contains(absent), "{absent}");
    }
}

/// `composegen catalog --format markdown > docs/environments.md` writes it again.
#[test]
fn the_page_of_the_environments_is_up_to_date() {
    let page = fs::read_to_string(root().join("docs/environments.md")).unwrap_or_default();
    assert!(
        page == catalog(&Project::nata(), &["--format", "markdown"]),
        "docs/environments.md is stale: composegen catalog --format markdown"
    );
}

#[test]
fn for_programs() {
    let nata = json(&Project::nata(), &[]);
    assert_eq!(
        (&nata["version"], &nata["product"]),
        (&1.into(), &"nata".into())
    );
    let environments = nata["environments"].as_array().unwrap();
    let names: Vec<&Value> = environments.iter().map(|one| &one["name"]).collect();
    assert_eq!(
        names,
        ["local", "preview", "preview-edge", "prod", "staging"]
    );
    let prod = &environments[3];
    assert_eq!(prod["domains"]["ops"], "dashboard.nata.onl");
    assert_eq!(prod["isolation"]["public"], Value::from(vec![80, 443]));
    assert_eq!(prod["namespaces"]["bucket"], "nata-prod");
    assert_eq!(prod["secrets"]["class"], "prod");
    assert_eq!(prod["health"], "live");
    let compute = &prod["upstreams"]["compute"];
    assert_eq!(
        (
            &compute["route"],
            &compute["fallback"],
            &compute["served_by"]
        ),
        (
            &"ollama-prod:11434".into(),
            &"premium".into(),
            &"mac-prod".into()
        )
    );
    let host = &prod["hosts"][0];
    assert_eq!(
        host["files"],
        Value::from(vec!["generated/compose/vps.prod.yml"])
    );
    assert_eq!(host["services"].as_array().unwrap().len(), 17);
    assert_eq!(host["networks"]["internal"]["internal"], true);
    // The number of a pull request is not a fact.
    let preview = &environments[1];
    assert_eq!(preview["hosts"][0]["project"], "nata-preview-<pr>");
    assert_eq!(preview["domains"]["pulse"], "pr-<pr>.preview.natapulse.com");
}

#[test]
fn names_select_hosts_and_environments() {
    let project = Project::nata();
    let hosts = |arguments: &[&str]| {
        let catalog = json(&project, arguments);
        let environments = catalog["environments"].as_array().unwrap().clone();
        let hosts = environments
            .iter()
            .flat_map(|one| one["hosts"].as_array().unwrap());
        let names = hosts.map(|host| host["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(hosts(&["mac-prod"]), ["mac-prod"]);
    assert_eq!(
        hosts(&["staging", "local"]),
        ["local", "vps-staging", "mac-staging"]
    );
    let ran = project.run(&["catalog", "vps-prd"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("did you mean `vps-prod`?"),
        "{}",
        ran.stderr
    );
}

/// A host with Compose files of its own is one as any other.
#[test]
fn files_written_by_hand_are_shown() {
    let project = Project::empty();
    project.write("environments/catalog.yaml", "product: shop\n");
    project.write(
        "environments/prod.yaml",
        "environment: prod\nhosts:\n  prod:\n    files: [compose.yml, compose.prod.yml]\n",
    );
    project.write(
        "compose.yml",
        "services:\n  web: { image: nginx:1.29, ports: [\"127.0.0.1:80:80\"], volumes: [data:/data] }\nvolumes: { data: {} }\n",
    );
    project.write(
        "compose.prod.yml",
        "services:\n  web: { restart: always }\n",
    );
    let catalog = json(&project, &[]);
    let host = &catalog["environments"][0]["hosts"][0];
    assert_eq!(host["rendered"], false);
    assert_eq!(
        host["files"],
        Value::from(vec!["compose.yml", "compose.prod.yml"])
    );
    assert_eq!(host["services"][0]["image"], "nginx:1.29");
    assert_eq!(
        host["services"][0]["ports"],
        Value::from(vec!["127.0.0.1:80:80"])
    );
    assert!(host["volumes"]["data"].is_object());
}

/// Health is what a spec declares of it until somebody looks.
#[test]
fn nothing_is_in_sync_that_was_not_measured() {
    let nata = Project::nata();
    for format in ["human", "json", "markdown", "html"] {
        let shown = catalog(&nata, &["--format", format]);
        assert!(
            !shown.contains("in sync") && !shown.contains("in-sync"),
            "{format}"
        );
        assert!(shown.contains("measured"), "{format}");
    }
    let project = Project::sound();
    let snapshot = fs::read_to_string(root().join("tests/fixtures/hosts/web.json")).unwrap();
    project.write("web.json", &snapshot);
    let measured = |arguments: &[&str], variables: &[(&str, &str)], code| {
        let arguments = [&["catalog", "prod", "--format", "json"], arguments].concat();
        let ran = project.run_with(&arguments, variables);
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        let catalog = ran.json();
        let hosts = catalog["environments"][0]["hosts"]
            .as_array()
            .unwrap()
            .clone();
        let states = hosts.iter().map(|host| {
            let health = &host["health"];
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&host["name"]), text(&health["status"]))
        });
        states.collect::<Vec<_>>()
    };
    let states = |web: &str, models: &str| {
        [("web", web), ("models", models)].map(|(name, state)| (name.to_owned(), state.to_owned()))
    };
    let tag = ("KIOSK_TAG", "7.1");
    assert_eq!(
        measured(&["--snapshot", "web=web.json"], &[tag], 1),
        states("drifted", "not-measured")
    );
    let mut unhealthy: Value = serde_json::from_str(&snapshot).unwrap();
    for container in unhealthy["live"]["containers"].as_array_mut().unwrap() {
        container["health"] = "unhealthy".into();
    }
    project.write("unhealthy.json", &unhealthy.to_string());
    assert_eq!(
        measured(&["--snapshot", "web=unhealthy.json"], &[tag], 1),
        states("unhealthy", "not-measured")
    );
    let nowhere = [
        tag,
        ("COMPOSEGEN_DOCKER_WEB", "unix:///nowhere"),
        ("COMPOSEGEN_DOCKER_MODELS", "unix:///nowhere"),
    ];
    assert_eq!(
        measured(&["--live"], &nowhere, 2),
        states("unreachable", "unreachable")
    );
}

#[test]
fn why_a_host_cannot_be_reached_is_reported() {
    let nata = Project::nata();
    let nowhere = [
        ("COMPOSEGEN_DOCKER_VPS_PROD", "unix:///nowhere"),
        ("COMPOSEGEN_DOCKER_MAC_PROD", "unix:///nowhere"),
    ];
    let ran = nata.run_with(&["catalog", "prod", "--live"], &nowhere);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("error: vps-prod: "), "{}", ran.stderr);
    assert!(ran.stdout.contains("live (not measured)"), "{}", ran.stdout);
    let ran = nata.run_with(&["catalog", "prod", "--live", "--format", "json"], &nowhere);
    let health = &ran.json()["environments"][0]["hosts"][0]["health"];
    assert!(health["error"].as_str().unwrap().contains("/nowhere"));
}

#[test]
fn ports_in_a_row_are_a_range() {
    let project = Project::empty();
    project.write("environments/catalog.yaml", "product: shop\n");
    project.write(
        "environments/prod.yaml",
        "environment: prod\nhosts:\n  prod:\n    files: [compose.yml]\n",
    );
    project.write(
        "compose.yml",
        "services: { a: { image: a, ports: ['127.0.0.1:8000-8100:8000-8100', '53:53/udp'] } }\n",
    );
    let host = &json(&project, &[])["environments"][0]["hosts"][0];
    let ports = &host["services"][0]["ports"];
    let expected = ["127.0.0.1:8000-8100:8000-8100", "0.0.0.0:53:53/udp"];
    assert_eq!(*ports, Value::from(expected.to_vec()));
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_host_is_measured() {
    let outside = Outside::new().other("COMPOSEGEN_DOCKER_26");
    let project = bookstore();
    copy(
        &root().join("examples/bookstore/generated"),
        &project.path("generated"),
    );
    let up = Up::start(&outside, &project, "generated/qa.yml", &[]);
    let ran = project.run_with(
        &["catalog", "qa", "--live", "--docker", outside.url()],
        &[("DJANGO_TAG", "0.0.0-test")],
    );
    // The engine runs stubs instead of the services.
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("qa: drifted"), "{}", ran.stdout);
    drop(up);
    let ran = project.run_with(
        &["catalog", "qa", "--live"],
        &[("COMPOSEGEN_DOCKER_QA", outside.url())],
    );
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
}
