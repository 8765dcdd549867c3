//! Compose files and what they name.

use serde_json::{Value, json};

use super::{CONTROLS, MARKUP, both, each, holds, quoted, with_each_text, yaml};
use crate::project::{Project, composegen};

/// The commands that read a Compose file, without its name.
const COMMANDS: [&[&str]; 11] = [
    &["check", "-f"],
    &["check", "--color", "always", "-f"],
    &["check", "--format", "json", "-f"],
    &["check", "--format", "sarif", "-f"],
    &["check", "--format", "github", "-f"],
    &["state", "-f"],
    &["graph", "-f"],
    &["graph", "--format", "svg", "-f"],
    &["graph", "--format", "mermaid", "-f"],
    &["graph", "--format", "dot", "-f"],
    &[
        "drift", "--docker", "unix:///nowhere", "--format", "markdown", "-f",
    ],
];

fn run(project: &Project, what: &str, arguments: &[&str]) -> Vec<u8> {
    let mut command = composegen();
    let output = command
        .args(arguments)
        .current_dir(project.path("."))
        .output()
        .unwrap();
    holds(what, arguments, &output);
    output.stdout
}

/// A file that many rules have something to say of.
fn file() -> Value {
    json!({
        "name": "p",
        "version": "3",
        "services": {
            "a": { "image": "i:latest", "privileged": true, "ports": ["80:80", { "target": 81, "published": "8081", "mode": "host" }],
                   "volumes": ["/etc:/e", "data:/d", { "type": "bind", "source": "/var/run/docker.sock", "target": "/s" }],
                   "environment": { "DB_PASSWORD": "hunter2", "B": "$MISSING ${C:-d}" }, "cap_add": ["SYS_ADMIN"], "pid": "host",
                    "networks": { "n": { "aliases": ["x"] } },
                   "logging": { "driver": "none", "options": { "o": "p" } }, "user": "root", "container_name": "cc",
                   "security_opt": ["seccomp:unconfined"], "labels": { "l": "v" }, "command": ["run", "it"], "tmpfs": ["/t:exec"],
                   "healthcheck": { "test": ["CMD", "true"], "interval": "1s" }, "deploy": { "resources": { "limits": { "memory": "1g" } } },
                   "devices": ["/dev/mem:/dev/mem"], "extra_hosts": ["h:1.2.3.4"], "restart": "no" },
            "b": { "build": { "context": ".", "args": { "A": "b" } }, "env_file": ["none.env"], "profiles": ["x"] }
        },
        "networks": { "n": { "driver": "bridge", "ipam": { "config": [{ "subnet": "10.0.0.0/24" }] } }, "unused": {} },
        "volumes": { "data": { "driver_opts": { "device": "d" } } },
        "secrets": { "s": { "file": "./s" } },
        "configs": { "c": { "content": "x" } }
    })
}

#[test]
fn every_word_of_a_compose_file_is_shown_as_text() {
    let project = Project::empty();
    let cases: Vec<_> = with_each_text(&file(), &both())
        .into_iter()
        .enumerate()
        .collect();
    assert!(cases.len() > 80);
    each(&cases, |(index, (at, changed))| {
        let name = format!("{index}.yml");
        project.write(&name, &yaml(changed));
        let commands = [COMMANDS[index % COMMANDS.len()], COMMANDS[0], COMMANDS[4]];
        for command in commands {
            let shown = run(&project, at, &[command, &[name.as_str()]].concat());
            // A text that no parser takes would try nothing.
            assert!(
                !String::from_utf8_lossy(&shown).contains("not valid YAML"),
                "{at}"
            );
        }
    });
}

/// What stands in the lines that findings quote, as far as YAML allows it there.
#[test]
fn lines_that_are_quoted_are_shown_as_text() {
    let raw = "\u{202e}\u{2066}\u{200b}\u{ad}\u{e0041}::error::x ##[error]x ##vso[a]b";
    let project = Project::empty();
    project.write(
        "c.yml",
        &format!(
            "services:\n  'a{raw}':\n    image: i # {raw}\n    privileged: true # {raw}\n    ports: ['80:80'] # {raw}\n    \
             '{raw}': 1\n"
        ),
    );
    project.write(
        "broken.yml",
        &format!("services: [ # {raw}\n  {raw}: \u{1b}[31m\u{9b}\u{7}\n"),
    );
    project.write(
        "control.yml",
        &format!("services:\n  a:\n    image: \"\u{1b}{CONTROLS}\" # {raw}\n"),
    );
    for file in ["c.yml", "broken.yml", "control.yml"] {
        for command in COMMANDS {
            let shown = run(&project, file, &[command, &[file]].concat());
            assert!(!String::from_utf8_lossy(&shown).contains("\u{1b}[31m\u{9b}"));
        }
    }
}

#[test]
fn names_of_files_are_shown_as_text() {
    let names: Vec<String> = [CONTROLS, MARKUP, &both()]
        .iter()
        .flat_map(|text| {
            let short: String = text.replace('/', "_").chars().take(60).collect();
            let rest: String = text.replace('/', "_").chars().skip(60).take(60).collect();
            [short, rest]
        })
        .collect();
    each(&names, |name| {
        let project = Project::empty();
        project.write(
            &format!("{name}/c.yml"),
            "services: { a: { image: i, privileged: true, env_file: [e.env] } }\n",
        );
        project.write(&format!("{name}/e.env"), "A B=c\n=x\n");
        project.write(&format!("{name}.yml"), "services: { a: { image: [i] } }\n");
        project.write(
            "c.yml",
            &format!(
                "include: [{}]\nservices: {{}}\n",
                quoted(&format!("{name}/c.yml"))
            ),
        );
        project.write(
            "extends.yml",
            &format!(
                "services: {{ a: {{ extends: {{ file: {}, service: a }} }} }}\n",
                quoted(&format!("{name}.yml"))
            ),
        );
        let inside = format!("{name}/c.yml");
        let beside = format!("{name}.yml");
        let missing = format!("{name}.missing");
        for file in [&inside, &beside, &missing, "c.yml", "extends.yml"] {
            for command in COMMANDS {
                run(&project, name, &[command, &["--", file][1..]].concat());
            }
        }
        let env = format!("{name}/e.env");
        run(
            &project,
            name,
            &["state", "-f", "extends.yml", "--env-file", &env],
        );
        run(
            &project,
            name,
            &["state", "-f", "extends.yml", "--env-file", &missing],
        );
        run(
            &project,
            name,
            &["drift", "-f", "c.yml", "--snapshot", &beside],
        );
        run(
            &project,
            name,
            &["drift", "-f", "c.yml", "--snapshot", &missing],
        );
        run(
            &project,
            name,
            &["state", "-v", "-f", &inside, "--project-directory", name],
        );
    });
}
