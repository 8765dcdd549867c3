//! Engines that answer far more than any project needs: no run takes more memory or time for it.

use std::thread;

use serde_json::json;

use super::fake::{Answer, Fake, nothing};
use super::watched::run;

const ID: &str = "0123456789abcdef";

/// The container of the service, as the list has it.
fn listed(id: &str) -> String {
    json!({
        "Id": id, "Names": [format!("/shop-web-{id}")], "Image": "stub:1", "ImageID": "sha256:1",
        "State": "running", "Created": 1_700_000_000,
        "Labels": {
            "com.docker.compose.project": "shop", "io.podman.compose.config-hash": "0", "com.docker.compose.service": "web",
            "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False",
        },
        "NetworkSettings": { "Networks": {} }, "Mounts": [], "Ports": [],
    })
    .to_string()
}

/// The inspection of a container with these variables and labels, as texts of JSON.
fn inspected(id: &str, variables: &str, labels: &str) -> String {
    let inspection = json!({
        "Id": id, "Name": format!("/shop-web-{id}"), "Created": "2026-01-01T00:00:00Z",
        "Image": "sha256:1",
        "State": { "Status": "running", "ExitCode": 0, "StartedAt": "2026-01-01T00:00:00Z" },
        "Mounts": [], "NetworkSettings": { "Networks": {}, "Ports": {} },
        "Config": {
            "User": "", "Hostname": "", "WorkingDir": "", "Cmd": null, "Entrypoint": null,
            "Image": "stub:1", "Env": ["VARIABLES"], "Labels": { "LABELS": "" },
        },
        "HostConfig": {
            "NetworkMode": "default", "PortBindings": {}, "Privileged": false,
            "ReadonlyRootfs": false, "CapAdd": null, "CapDrop": null, "SecurityOpt": null,
            "PidMode": "", "IpcMode": "", "ExtraHosts": null, "Memory": 0, "NanoCpus": 0,
            "CpuQuota": 0, "CpuPeriod": 0,
            "RestartPolicy": { "Name": "no", "MaximumRetryCount": 0 },
        },
    });
    let text = inspection.to_string().replace("\"VARIABLES\"", variables);
    text.replace("\"LABELS\":\"\"", labels)
}

/// An engine that answers this to this path, lists the service's container, and has nothing else.
fn engine(path: &'static str, answer: Answer) -> Fake {
    Fake::new(move |asked| match asked {
        _ if asked == path || asked.starts_with("/containers/0") && path == ID => answer.clone(),
        "/containers/json" => Answer::json(&format!("[{}]", listed(ID))),
        _ => nothing(asked),
    })
}

fn gives_up(cases: Vec<(&'static str, &'static str, Answer)>) {
    // One after the other: each is measured.
    for (what, path, answer) in cases {
        run(&engine(path, answer), "shop").could_not_look(&format!("{what} to {path}"));
    }
}

/// A beginning, and then a part again and again.
fn again(beginning: &str, part: &str) -> Answer {
    let part = part.repeat(65536 / part.len());
    Answer::Again(beginning.to_owned(), part)
}

#[test]
fn large_lists() {
    let image = r#"{"Id":"i","RepoTags":[],"RepoDigests":[]},"#;
    gives_up(vec![
        ("objects", "/containers/json", again("[", r#"{"a":0},"#)),
        ("one text", "/containers/json", again(r#"[{"Id":""#, "a")),
        (
            "volumes",
            "/volumes",
            again(r#"{"Volumes":["#, r#"{"Name":"v"},"#),
        ),
        ("images", "/images/json", again("[", image)),
        ("one text", "/volumes", again(r#"{"Warnings":[""#, "a")),
    ]);
}

#[test]
fn large_objects() {
    let objects = || again(r#"{"ID":["#, r#"{"a":0},"#);
    let deep = || again(r#"{"ID":"#, "[");
    let whole = inspected(ID, "", "LABELS");
    let (before, _) = whole.split_once("LABELS").unwrap();
    gives_up(vec![
        ("objects", "/info", objects()),
        ("objects", "/version", objects()),
        ("objects", ID, objects()),
        ("labels", ID, again(before, r#""l":"","#)),
        ("a deep value", "/info", deep()),
        ("a deep value", ID, deep()),
    ]);
}

/// What has an end, and is as large as a record may be.
#[test]
fn large_records() {
    let objects = r#"{"a":0},"#.repeat(300_000);
    let labels: Vec<String> = (0..90_000).map(|n| format!(r#""l{n}":"""#)).collect();
    let values = format!(r#"{{"ID":[{objects}0]}}"#);
    gives_up(vec![
        ("objects", "/info", Answer::json(&values)),
        ("objects", ID, Answer::json(&values)),
    ]);
    // So many labels can be read; nothing else is expected to be as it should be.
    let answer = Answer::json(&inspected(ID, "", &labels.join(",")));
    run(&engine(ID, answer), "shop").found_drift("labels");
}

#[test]
fn lists_without_end() {
    let network = json!({
        "Name": "n", "Id": "1", "Created": "2026-01-01T00:00:00Z", "Driver": "bridge", "Internal": false,
        "Attachable": false, "EnableIPv6": false, "IPAM": { "Config": [] }, "Options": {}, "Labels": {},
    });
    let foreign = listed(ID).replace("com.docker.compose.project", "another.label");
    gives_up(vec![
        (
            "containers",
            "/containers/json",
            again("[", &format!("{foreign},")),
        ),
        ("networks", "/networks", again("[", &format!("{network},"))),
        ("spaces", "/containers/json", again("[", " ")),
        ("spaces", "/info", again("{", " ")),
    ]);
}

/// None of them is too large, all of them are.
#[test]
fn many_large_inspections() {
    let engine = Fake::new(|path| {
        let id = path
            .trim_start_matches("/containers/")
            .trim_end_matches("/json");
        match path {
            "/containers/json" => {
                let all: Vec<String> = (100..400).map(|id| listed(&id.to_string())).collect();
                Answer::json(&format!("[{}]", all.join(",")))
            }
            _ if path.starts_with("/containers/") => {
                let variables: Vec<String> = (0..30_000)
                    .map(|number| format!("\"VARIABLE_{number}=a value of it\""))
                    .collect();
                Answer::json(&inspected(id, &variables.join(","), ""))
            }
            _ => nothing(path),
        }
    });
    run(&engine, "shop").could_not_look("many large inspections");
}

#[test]
fn an_encoding_that_was_not_asked_for() {
    // The beginning of what gzip makes of anything.
    let body = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0; 100]].concat();
    thread::scope(|scope| {
        for path in ["/containers/json", "/info", "/volumes"] {
            let answer = Answer::Encoded("gzip", body.clone());
            scope.spawn(move || run(&engine(path, answer), "shop").could_not_look(path));
        }
    });
}

/// What is large, but not too large, is read as always.
#[test]
fn a_host_with_many_things() {
    let engine = Fake::new(|path| {
        let list = |records: Vec<String>| format!("[{}]", records.join(","));
        match path {
            "/containers/json" => {
                let foreign = |id: u32| listed(&id.to_string()).replace("shop", "other");
                Answer::json(&list((0..2000).map(foreign).collect()))
            }
            "/volumes" => {
                let volume = |id: u32| {
                    let volume = json!({ "Name": format!("v{id}"), "Driver": "local", "Labels": null,
                        "Options": null, "CreatedAt": "2026-01-01T00:00:00Z" });
                    volume.to_string()
                };
                let volumes = list((0..5000).map(volume).collect());
                Answer::json(&format!("{{\"Volumes\":{volumes},\"Warnings\":null}}"))
            }
            _ => nothing(path),
        }
    });
    run(&engine, "shop").found_nothing_there("many things");
}
