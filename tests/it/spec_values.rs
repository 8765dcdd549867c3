//! What values of specs mean: numbers, lists and mappings, and `<pr>`.

use crate::project::Project;

/// A project of one environment with this catalogue and this spec.
fn project(catalog: &str, environment: &str) -> Project {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        &format!("product: p\n{catalog}"),
    );
    project.write("environments/e.yaml", environment);
    project
}

const HOST: &str = "environment: e\nhosts: { h: { project: p } }\n";

#[test]
fn numbers_are_those_of_compose() {
    let of_service = "environment: { A: 0440, B: 1_000, C: '0440', D: 08 }, oom_score_adj: 010, cpu_shares: 1_000";
    let catalog = format!("services: {{ a: {{ image: 'a:1', {of_service} }} }}\n");
    let project = project(&catalog, HOST);
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    project.write(
        "compose.yml",
        &format!("name: p\nservices: {{ a: {{ image: 'a:1', {of_service} }} }}\n"),
    );
    let state = |file: &str| {
        let ran = project.run(&["state", "-f", file]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let mut state: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        state["services"]["a"]["definition"].take();
        state["services"]["a"].take()
    };
    assert_eq!(state("generated/h.yml"), state("compose.yml"));
    let rendered = project.read("generated/h.yml");
    for value in ["A: 288", "B: 1000", "C: '0440'", "D: 8"] {
        assert!(rendered.contains(value), "{value}\n{rendered}");
    }
}

#[test]
fn the_mode_of_a_file_is_a_number_in_a_swarm() {
    let catalog =
        "services: { a: { image: 'a:1', configs: [{ source: c, target: /c, mode: 0440 }] } }\n";
    let host = "environment: e\nhosts: { h: { project: p, engine: swarm, configs: { c: { file: ../c } } } }\n";
    let project = project(catalog, host);
    project.write("c", "x\n");
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let rendered = project.read("generated/h.yml");
    assert!(rendered.contains("mode: 288"), "{rendered}");
    let checked = project.run(&["check", "--select", "refused-by-stack"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
}

#[test]
fn mounts_keep_their_order() {
    let mounts: Vec<String> = (0..12).map(|at| format!("/a{at}:/b{at}")).collect();
    let catalog = format!("services: {{ a: {{ image: 'a:1', volumes: {mounts:?} }} }}\n");
    let project = project(&catalog, HOST);
    assert_eq!(project.run(&["render"]).code, Some(0));
    let rendered = project.read("generated/h.yml");
    let at = |mount: &String| rendered.find(&format!("- {mount}\n")).unwrap();
    assert!(mounts.is_sorted_by_key(at), "{rendered}");
}

#[test]
fn a_name_alone_in_a_list_takes_the_variable_of_the_shell() {
    let catalog = "services: { a: { image: 'a:1', environment: { B: 1, C: 2, D: 3 } } }\n";
    let environment = format!("{HOST}services: {{ a: {{ environment: [B, D=4] }} }}\n");
    let project = project(catalog, &environment);
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let rendered = project.read("generated/h.yml");
    for line in ["      B: null\n", "      C: 2\n", "      D: '4'\n"] {
        assert!(rendered.contains(line), "{line}{rendered}");
    }
    project.write(
        "environments/e.yaml",
        &format!("{HOST}services: {{ a: {{ environment: {{ B: null }} }} }}\n"),
    );
    assert_eq!(project.run(&["render"]).code, Some(0));
    let rendered = project.read("generated/h.yml");
    assert!(!rendered.contains("B:"), "{rendered}");
}

const PREVIEW: &str = "environment: e\nper: pull-request\nat_most: 3\ndefaults: { labels: { 'd-<pr>': d } }\n\
    services: { a: { labels: { 'r-<pr>.rule': 'Host(`<pr>.x`)' }, extra_hosts: { 'pr-<pr>.x': 127.0.0.1 } } }\n\
    hosts: { h: { project: 'p-<pr>', output: 'h-<pr>.yml', stack: s } }\n";

#[test]
fn the_number_of_a_pull_request_is_filled_in_everywhere() {
    let catalog = "values: { v: 'v<pr>' }\nstacks: { s: { networks: { back: { name: 'n-<pr>' } } } }\n\
        services: { a: { image: 'a:pr-<pr>', environment: { 'K_<pr>': 'db_<pr>' }, networks: { back: { aliases: ['a-<pr>'] } } } }\n";
    let project = project(catalog, PREVIEW);
    let ran = project.run(&["render", "e", "--pr", "12"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let rendered = project.read("generated/h-12.yml");
    assert!(!rendered.contains("<pr>"), "{rendered}");
    for text in [
        "image: a:pr-12",
        "K_12: db_12",
        "- a-12",
        "name: n-12",
        "r-12.rule: 'Host(`12.x`)'",
        "d-12: d",
        "pr-12.x:",
    ] {
        assert!(rendered.contains(text), "{text}\n{rendered}");
    }
}

#[test]
fn the_number_of_a_pull_request_is_refused_where_there_is_none() {
    let catalog =
        "services: { a: { image: 'a:1', labels: { 'r-<pr>': x }, container_name: 'a-<pr>' } }\n";
    let project = project(catalog, HOST);
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn two_keys_that_become_one_are_set_twice() {
    let catalog =
        "services: { a: { image: 'a:1', labels: { r1: x, 'r<pr>': y } } }\nstacks: { s: {} }\n";
    let project = project(catalog, PREVIEW);
    let ran = project.run(&["render", "e", "--pr", "1"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("`r1` is set twice"), "{}", ran.stderr);
}
