//! What engines answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{CONTROLS, MARKUP, both, each, holds, with_all_texts, with_each_text};
use crate::drift::fake::{Answer, Fake, nothing};
use crate::project::{Project, composegen};

const FILE: &str = "name: atk
services:
  w:
    image: stub:latest
    networks: { back: { aliases: [own] } }
    ports: ['127.0.0.1:8080:80']
    volumes: ['data:/data']
    environment: { A: b }
    user: '1'
    labels: { own: label }
  gone:
    image: stub:latest
    network_mode: none
networks: { back: { internal: true }, lost: {} }
volumes: { data: {}, lost: {} }
";

/// The forms of a report, without the one of a diff.
const FORMATS: [&[&str]; 9] = [
    &["--color", "never"],
    &["-v", "--color", "always"],
    &["--format", "json"],
    &["--format", "markdown"],
    &["--format", "prometheus"],
    &["--format", "sarif"],
    &["--format", "github"],
    &["--format", "junit"],
    &["--format", "concise"],
];

/// The formats of a plan.
const PLAN_FORMATS: [&[&str]; 3] = [
    &["-v", "--color", "always"],
    &["--format", "json"],
    &["--format", "markdown"],
];

type Answers = BTreeMap<String, Value>;

/// What an engine answers on which everything is a little other than the file says.
fn answers() -> Answers {
    let labels = |service: &str| {
        json!({ "com.docker.compose.project": "atk", "com.docker.compose.service": service,
                "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False",
                "com.docker.compose.config-hash": "h", "com.docker.compose.image": "sha256:1",
                "com.docker.compose.project.working_dir": "/x", "com.docker.compose.project.config_files": "/x/c.yml",
                "own": "other" })
    };
    let networks = json!({ "atk_back": { "NetworkID": "n1", "Aliases": ["w", "alias"], "IPAddress": "10.0.0.2" },
                           "stray": { "NetworkID": "n2", "Aliases": ["w"] } });
    let mounts = json!([{ "Type": "volume", "Name": "atk_data", "Source": "/v", "Destination": "/other", "RW": true, "Driver": "local" },
                        { "Type": "bind", "Source": "/src", "Destination": "/dst", "Mode": "z", "RW": true, "Propagation": "rprivate" }]);
    let listed = |id: &str, name: &str, labels: Value| {
        json!({ "Id": id, "Names": [format!("/{name}")], "Image": "stub:latest", "ImageID": "sha256:1", "State": "running",
                "Status": "Up", "Created": 1, "Labels": labels, "Mounts": mounts, "NetworkSettings": { "Networks": networks },
                "Ports": [{ "IP": "0.0.0.0", "PrivatePort": 81, "PublicPort": 8081, "Type": "tcp" }] })
    };
    let inspected = |id: &str, name: &str, labels: Value| {
        json!({ "Id": id, "Name": format!("/{name}"), "Image": "sha256:1", "Platform": "linux",
                "State": { "Status": "running", "Health": { "Status": "unhealthy" }, "Error": "e" },
                "HostConfig": { "NetworkMode": "atk_back", "RestartPolicy": { "Name": "always" }, "CapAdd": ["NET_ADMIN"],
                                "CapDrop": ["ALL"], "SecurityOpt": ["label=disable"], "Privileged": true, "PidMode": "host", "IpcMode": "host",
                                "Dns": ["1.1.1.1"], "ExtraHosts": ["a:1.2.3.4"], "Runtime": "runc", "Sysctls": { "a.b": "1" },
                                "LogConfig": { "Type": "json-file", "Config": { "max-size": "1m" } }, "Tmpfs": { "/t": "rw" },
                                "Devices": [{ "PathOnHost": "/dev/a", "PathInContainer": "/dev/a", "CgroupPermissions": "rwm" }],
                                "PortBindings": { "81/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "8081" }] } },
                "Config": { "Image": "stub:latest", "User": "u", "Hostname": "h", "WorkingDir": "/w", "Env": ["A=c", "B=d"],
                            "Cmd": ["run", "it"], "Entrypoint": ["sh"], "Labels": labels, "StopSignal": "TERM", "Domainname": "d",
                            "Healthcheck": { "Test": ["CMD", "true"] } },
                "Mounts": mounts, "NetworkSettings": { "Networks": networks } })
    };
    let foreign = json!({ "com.docker.compose.project": "other" });
    let network = |name: &str, key: &str| {
        json!({ "Name": name, "Id": "n1", "Driver": "overlay", "Scope": "local", "Internal": false, "Created": "2026-01-01T00:00:00Z",
                "IPAM": { "Driver": "default", "Config": [{ "Subnet": "10.0.0.0/24" }] }, "Options": { "o": "p" },
                "Labels": { "com.docker.compose.project": "atk", "com.docker.compose.network": key, "more": "m" } })
    };
    let volume = |name: &str, key: &str| {
        json!({ "Name": name, "Driver": "nfs", "Mountpoint": "/m", "Scope": "local", "CreatedAt": "2026-01-01T00:00:00Z",
                "Options": { "device": "d", "o": "p" },
                "Labels": { "com.docker.compose.project": "atk", "com.docker.compose.volume": key, "more": "m" } })
    };
    let containers = json!([
        listed("w1", "atk-w-1", labels("w")),
        listed("o1", "atk-old-1", labels("old")),
        listed("f1", "foreign", foreign.clone()),
    ]);
    [
        ("/version", json!({ "Version": "27.1", "ApiVersion": "1.41", "MinAPIVersion": "1.12", "Os": "linux", "Arch": "amd64",
                             "Components": [{ "Name": "Engine", "Version": "27.1", "Details": { "a": "b" } }] })),
        ("/info", json!({ "ID": "ID", "Name": "box", "ServerVersion": "27.1", "OSType": "linux", "OperatingSystem": "Debian",
                          "SecurityOptions": ["name=seccomp"], "Warnings": ["w"], "Swarm": { "NodeID": "", "LocalNodeState": "inactive" } })),
        ("/containers/json", containers),
        ("/networks", json!([network("atk_back", "back"), network("atk_extra", "extra"), network("stray", "back")])),
        ("/volumes", json!({ "Volumes": [volume("atk_data", "data"), volume("atk_extra", "extra")], "Warnings": ["w"] })),
        ("/images/json", json!([{ "Id": "sha256:2", "RepoTags": ["stub:latest"], "RepoDigests": ["stub@sha256:3"], "Labels": { "a": "b" } }])),
        ("/containers/w1/json", inspected("w1", "atk-w-1", labels("w"))),
        ("/containers/o1/json", inspected("o1", "atk-old-1", labels("old"))),
        ("/containers/f1/json", inspected("f1", "foreign", foreign)),
        ("/images/sha256:1/json", json!({ "Id": "sha256:1", "Config": { "Env": ["PATH=/bin"], "Labels": { "l": "v" } } })),
    ]
    .map(|(path, answer)| (path.to_owned(), answer))
    .into()
}

fn engine(answers: Answers) -> Fake {
    Fake::new(move |path| {
        let answer = answers.get(path).map(Value::to_string);
        answer.map_or_else(|| nothing(path), |body| Answer::json(&body))
    })
}

fn drift(project: &Project, engine: &Fake, what: &str, more: &[&str]) -> Vec<u8> {
    ask("drift", project, engine, what, more)
}

fn plan(project: &Project, engine: &Fake, what: &str, more: &[&str]) -> Vec<u8> {
    let more = [&["--compose", "2.40.3", "--remove-orphans"], more].concat();
    ask("plan", project, engine, what, &more)
}

fn ask(command: &str, project: &Project, engine: &Fake, what: &str, more: &[&str]) -> Vec<u8> {
    let url = engine.url();
    let arguments = [&[command, "-f", "c.yml", "--docker", &url], more].concat();
    let mut command = composegen();
    let output = command
        .args(&arguments)
        .current_dir(project.path("."))
        .output()
        .unwrap();
    holds(what, &arguments, &output);
    output.stdout
}

fn project() -> Project {
    let project = Project::empty();
    project.write("c.yml", FILE);
    project
}

/// The tests are only worth something where the engine's words are in the report.
#[test]
fn an_honest_engine_is_read() {
    let stdout = drift(
        &project(),
        &engine(answers()),
        "honest",
        &["--format", "json"],
    );
    let report: Value = serde_json::from_slice(&stdout).unwrap();
    let findings = report["hosts"][0]["findings"].as_array().unwrap();
    assert!(findings.len() > 15, "{report:#}");
    let stdout = plan(
        &project(),
        &engine(answers()),
        "honest",
        &["--format", "json"],
    );
    let report: Value = serde_json::from_slice(&stdout).unwrap();
    let operations = report["operations"].as_array().unwrap();
    assert!(operations.len() > 10, "{report:#}");
}

#[test]
fn every_word_of_an_engine_is_shown_as_text() {
    let mut cases = Vec::new();
    // The containers are alike; two inspections of three would say nothing more.
    let answers = || answers().into_iter();
    for (path, answer) in answers().filter(|(path, _)| path != "/containers/o1/json") {
        for (at, changed) in with_each_text(&answer, &both()) {
            cases.push((format!("{path}{at}"), path.clone(), changed));
        }
    }
    let project = project();
    let cases: Vec<_> = cases.into_iter().enumerate().collect();
    each(&cases, |(index, (what, path, changed))| {
        let mut answers: Answers = answers().collect();
        answers.insert(path.clone(), changed.clone());
        let engine = engine(answers);
        drift(&project, &engine, what, FORMATS[index % FORMATS.len()]);
        plan(&project, &engine, what, PLAN_FORMATS[index % 3]);
    });
}

#[test]
fn all_words_of_an_engine_at_once_are_shown_as_text_in_every_form() {
    // What holds the project together stays.
    let keeps = |at: &str| {
        [
            "Id",
            "Image",
            "ImageID",
            "Name",
            "Names",
            "com.docker.compose.project",
            "com.docker.compose.oneoff",
            "State",
            "Status",
            "Type",
            "com.docker.compose.container-number",
            "Created",
            "CreatedAt",
        ]
        .contains(&at)
    };
    let project = Arc::new(project());
    let texts = [CONTROLS.to_owned(), MARKUP.to_owned(), both()];
    each(&texts, |text| {
        for names in [false, true] {
            let changed = |at: &str, own: &str| {
                if !keeps(at) && (names || !at.starts_with("com.docker")) || names && at == "Name" {
                    format!("{own}{text}")
                } else {
                    own.to_owned()
                }
            };
            let answers = answers().into_iter();
            let answers: Answers = answers
                .map(|(path, answer)| (path, with_all_texts(&answer, &changed, "")))
                .collect();
            let engine = engine(answers);
            for format in FORMATS
                .iter()
                .chain([&["--diff"][..], &["--diff", "--color", "always"]].iter())
            {
                drift(&project, &engine, "all", format);
            }
            for format in PLAN_FORMATS {
                plan(&project, &engine, "all", format);
            }
            let url = engine.url();
            let arguments = ["snapshot", "-f", "c.yml", "--docker", &url];
            let output = composegen()
                .args(arguments)
                .current_dir(project.path("."))
                .output()
                .unwrap();
            holds("all", &arguments, &output);
            assert_eq!(
                output.status.code(),
                Some(0),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            // The same words out of a file.
            std::fs::write(
                project.path(&format!("{}{names}.json", text.len())),
                &output.stdout,
            )
            .unwrap();
            for format in FORMATS {
                let file = format!("{}{names}.json", text.len());
                let arguments = [&["drift", "-f", "c.yml", "--snapshot", &file], format].concat();
                let output = composegen()
                    .args(&arguments)
                    .current_dir(project.path("."))
                    .output()
                    .unwrap();
                holds("snapshot", &arguments, &output);
            }
        }
    });
}

#[test]
fn an_error_of_an_engine_is_shown_as_text() {
    let project = project();
    let said = json!({ "message": both() }).to_string();
    let refusals = [
        Answer::Body(500, said.clone()),
        Answer::Body(404, said.clone()),
        Answer::Body(200, both()),
        Answer::Body(200, said),
        Answer::Body(500, both()),
    ];
    for refused in [
        "/version",
        "/info",
        "/containers/json",
        "/networks",
        "/volumes",
        "/containers/w1/json",
    ] {
        each(&refusals, |refusal| {
            let refusal = refusal.clone();
            let answers = answers();
            let engine = Fake::new(move |path| match answers.get(path) {
                _ if path == refused => refusal.clone(),
                Some(answer) => Answer::json(&answer.to_string()),
                None => nothing(path),
            });
            for format in [
                &[][..],
                &["--format", "markdown"],
                &["--format", "json"],
                &["--diff"],
            ] {
                drift(&project, &engine, refused, format);
            }
            for format in PLAN_FORMATS {
                plan(&project, &engine, refused, format);
            }
        });
    }
}
