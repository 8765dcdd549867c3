//! `composegen state --file`, on the command line.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::oracle::{Compose, as_state, difference};
use crate::project::Project;

/// A folder with these files and nothing else.
fn folder(files: &[(&str, &str)]) -> Project {
    let project = Project::empty();
    for (name, text) in files {
        project.write(name, text);
    }
    project
}

fn state(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn files_are_merged_in_their_order() {
    let project = folder(&[
        (
            "a.yml",
            "name: t\nservices: {web: {image: a, ports: ['80:80']}}\n",
        ),
        (
            "b.yml",
            "services: {web: {image: b, ports: ['81:81']}, debug: {image: c, profiles: [debug]}}\n",
        ),
        ("own.env", "TAG=1\n"),
    ]);
    let ran = project.run(&[
        "state", "-f", "a.yml", "-f", "b.yml", "--profile", "debug", "-p", "other", "--env-file",
        "own.env",
    ]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let state = state(&ran.stdout);
    assert_eq!(state["project"], "other");
    assert_eq!(state["services"]["web"]["image"], "b");
    assert_eq!(
        state["services"]["web"]["ports"].as_array().unwrap().len(),
        2
    );
    assert_eq!(state["services"]["debug"]["image"], "c");
}

#[test]
fn an_unset_variable_is_empty_with_a_warning() {
    let project = folder(&[(
        "compose.yml",
        "name: t\nservices: {web: {image: 'a:${TAG}', environment: {A: '${TAG} ${B:-b}'}}}\n",
    )]);
    let ran = project.run(&["state", "--file", "compose.yml"]);
    assert_eq!(ran.code, Some(0));
    insta::assert_snapshot!(ran.stderr, @"warning: the variable `TAG` is not set; an empty string is used");
    assert_eq!(state(&ran.stdout)["services"]["web"]["image"], "a:");
    let quiet = project.run(&["state", "-q", "--file", "compose.yml"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
    let set = project.run_with(&["state", "--file", "compose.yml"], &[("TAG", "1")]);
    assert_eq!(set.stderr, "");
    assert_eq!(state(&set.stdout)["services"]["web"]["image"], "a:1");
}

/// The file whose state does not depend on how it is passed.
fn passed() -> Project {
    folder(&[(
        "compose.yml",
        "name: t\nservices: {web: {image: a, ports: ['8080:80'], environment: {A: 'x$$y'}, volumes: ['./d:/d']}}\n",
    )])
}

/// What `state --file -` prints for a text on standard input.
fn state_of_standard_input(project: &Project, text: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_composegen"))
        .args(["state", "--file", "-"])
        .current_dir(project.path(""))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn standard_input_is_read_as_the_file_is() {
    let project = passed();
    let direct = project.run(&["state", "--file", "compose.yml"]);
    let text = project.read("compose.yml");
    assert_eq!(state_of_standard_input(&project, &text), direct.stdout);
}

#[test]
#[ignore = "needs Docker Compose: make test"]
fn standard_input_is_read_as_compose_prints_it() {
    let project = passed();
    let direct = project.run(&["state", "--file", "compose.yml"]);
    let printed = Compose::new().run(&project.path(""), &["-f", "compose.yml", "config"], &[]);
    assert!(printed.status.success());
    let text = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(state_of_standard_input(&project, &text), direct.stdout);
}

#[test]
fn values_of_variables_are_never_printed() {
    let secret = "correct-horse-battery";
    let file =
        "name: t\nservices: {web: {image: a, env_file: own.env, environment: {B: '${S}'}}}\n";
    let project = folder(&[
        ("compose.yml", file),
        ("own.env", &format!("C={secret}\nD='{secret}\n")),
    ]);
    let ran = project.run_with(&["state", "--file", "compose.yml"], &[("S", secret)]);
    assert_eq!(ran.code, Some(2));
    assert!(!ran.stderr.contains(secret), "{}", ran.stderr);
    project.write("own.env", &format!("C={secret}\n"));
    let ran = project.run_with(&["state", "--file", "compose.yml"], &[("S", secret)]);
    assert_eq!(ran.code, Some(0));
    assert!(!ran.stdout.contains(secret));
}

#[test]
fn an_unsupported_reference_is_named_and_placed() {
    let project = folder(&[
        (
            "git.yml",
            "name: t\ninclude:\n  - https://github.com/someone/something.git\n",
        ),
        (
            "oci.yml",
            "name: t\nservices:\n  web:\n    extends: {file: 'oci://registry/x', service: web}\n",
        ),
    ]);
    let git = project.run(&["state", "--file", "git.yml"]);
    let oci = project.run(&["state", "--file", "oci.yml"]);
    assert_eq!((git.code, oci.code), (Some(2), Some(2)));
    insta::assert_snapshot!(git.stderr + &oci.stderr);
}

#[test]
fn a_host_and_files_exclude_each_other() {
    let project = folder(&[("compose.yml", "name: t\n")]);
    for arguments in [
        &["state", "--host", "a", "--file", "compose.yml"] as &[&str],
        &["state", "--host", "a", "--profile", "x"],
        &["state", "--file", "compose.yml", "--pr", "1"],
        &["state", "-C", ".", "--file", "compose.yml"],
        &["state", "--file", "-", "--file", "-"],
    ] {
        let ran = project.run(arguments);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
    }
}

/// The oracle itself: a state that differs is reported as such.
#[test]
fn a_difference_is_seen() {
    let config = |port: &str| {
        let text = format!(
            r#"{{"name": "t", "services": {{"web": {{"image": "a", "ports": [{{"target": 80, "published": "{port}"}}]}}}}}}"#
        );
        as_state(&serde_json::from_str(&text).unwrap())
    };
    assert_eq!(difference(&config("1"), &config("1")), None);
    let how = difference(&config("1"), &config("2")).unwrap();
    assert_eq!(
        how,
        r#".services.web.ports[0].published: ours "1", theirs "2""#
    );
}
