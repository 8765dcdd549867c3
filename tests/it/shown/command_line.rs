//! Arguments, variables, Docker contexts, and what ssh says.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::{CONTROLS, DRIFT_FORMATS, MARKUP, both, each, holds};
use crate::project::{Project, composegen};

fn run(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) {
    let mut command = composegen();
    let output = command
        .args(arguments)
        .current_dir(project.path("."))
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(0), "{arguments:?}");
    holds(&format!("{variables:?}"), arguments, &output);
}

#[test]
fn arguments_are_shown_as_text() {
    let texts = [
        CONTROLS.to_owned(),
        MARKUP.to_owned(),
        both(),
        "\n::error::x".to_owned(),
        "##[error]x".to_owned(),
    ];
    each(&texts, |text| {
        let project = Project::sound();
        project.write("c.yml", "services: {}\n");
        let option = format!("--{text}");
        let with_value = format!("--format={text}");
        for arguments in [
            &[text.as_str()][..],
            &[&option],
            &["check", &option],
            &["check", &with_value],
            &["check", "--format", "human", "-C", text],
            &["check", text],
            &["check", "-f", text],
            &["render", text],
            &["render", "--pr", text],
            &["rules", text],
            &["diff", text, "prod"],
            &["promote", text, "--to", text],
            &["drift", "--host", text],
            &["drift", "--env", text],
            &["drift", "--host", "web", "--docker", text],
            &["drift", "--host", "web", "--timeout", text],
            &["drift", text],
            &["drift", "web", "--service", text],
            &["drift", "web", "--code", text],
            &["drift", "--host", "web", "--snapshot", text],
            &["drift", "-f", "c.yml", "-p", text],
            &["snapshot", "--host", text],
            &[
                "snapshot", "--host", "web", "--docker", "unix:///nowhere", "-o", text,
            ],
            &["state", "--host", text],
            &["graph", "web", "--reach", text],
            &["state", "-f", text, "--profile", text],
            &["--color", text],
        ] {
            run(&project, arguments, &[]);
        }
    });
}

#[test]
fn the_address_of_an_engine_is_shown_as_text() {
    let texts = [CONTROLS, MARKUP];
    each(&texts, |text| {
        let project = Project::sound();
        project.write("c.yml", "name: p\nservices: { a: { image: i } }\n");
        for before in [
            "", "unix://", "unix:///", "tcp://", "ssh://", "ssh://box/", "npipe://", "context:",
            "http://",
        ] {
            let value = format!("{before}{text}");
            for format in DRIFT_FORMATS {
                let host = [
                    "drift", "--host", "web", "--format", format, "--timeout", "1",
                ];
                run(&project, &host, &[("COMPOSEGEN_DOCKER_WEB", &value)]);
                let file = ["drift", "-f", "c.yml", "--format", format, "--timeout", "1"];
                run(&project, &file, &[("DOCKER_HOST", &value)]);
                run(&project, &file, &[("DOCKER_CONTEXT", &value)]);
                run(&project, &file, &[("DOCKER_CONFIG", &value)]);
            }
        }
        let tls = [
            ("DOCKER_HOST", "tcp://127.0.0.1:1"),
            ("DOCKER_TLS_VERIFY", "1"),
            ("DOCKER_CERT_PATH", *text),
        ];
        run(&project, &["drift", "-f", "c.yml"], &tls);
    });
}

#[test]
fn contexts_of_docker_are_shown_as_text() {
    let text = both();
    let project = Project::empty();
    project.write("c.yml", "name: p\nservices: { a: { image: i } }\n");
    let endpoint = |host: &str| {
        json!({ "Name": text, "Metadata": {}, "Endpoints": { "docker": { "Host": host, "SkipTLSVerify": false } } }).to_string()
    };
    let unreadable = format!("{{\"currentContext\": {text}");
    let configs = [
        json!({ "currentContext": text }).to_string(),
        json!({ text.as_str(): text }).to_string(),
        unreadable.clone(),
    ];
    for config in configs {
        project.write("docker/config.json", &config);
        for meta in [
            endpoint(&text),
            endpoint(&format!("tcp://{text}")),
            unreadable.clone(),
        ] {
            project.write("docker/contexts/meta/0a/meta.json", &meta);
            let folder = project.path("docker").display().to_string();
            for docker in ["default", "context:x", &format!("context:{text}")] {
                let arguments = ["drift", "-f", "c.yml", "--timeout", "1", "--docker", docker];
                run(&project, &arguments, &[("DOCKER_CONFIG", &folder)]);
            }
            run(
                &project,
                &["drift", "-f", "c.yml", "--timeout", "1"],
                &[
                    ("DOCKER_CONFIG", &folder),
                    ("DOCKER_HOST", "unix:///nowhere"),
                ],
            );
        }
    }
}

#[test]
fn output_of_ssh_is_shown_as_text() {
    let project = Project::sound();
    project.write("said", &both());
    project.write(
        "bin/ssh",
        "#!/bin/sh\n/bin/cat \"${0%/bin/ssh}/said\" >&2\nexit 255\n",
    );
    fs::set_permissions(project.path("bin/ssh"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = project.path("bin").display().to_string();
    for format in DRIFT_FORMATS {
        for colour in ["always", "never"] {
            let arguments = [
                "drift", "--host", "web", "--format", format, "--color", colour,
            ];
            run(
                &project,
                &arguments,
                &[("PATH", &path), ("KIOSK_TAG", &both())],
            );
        }
    }
    run(&project, &["snapshot", "--host", "web"], &[("PATH", &path)]);
}
