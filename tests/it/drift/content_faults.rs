//! Every fault of what is asked about the files in a container: a run says that it could not look, or lists what
//! was not compared, and never says that all is well.

use serde_json::{Value, json};

use super::every_fault::{
    Expected, Fault, broken, by_http_1_0, each, everywhere, floods, refusals, silence, wrong,
};
use super::fake::{Answer, Fake, Way};
use super::shop_engine::{ID, exposed};
use super::watched::{Run, run_with};

type Stage = (&'static str, fn(&str) -> bool, &'static str);

/// The kinds of requests, by a name and what their paths are, and what is not compared without them.
const STAGES: [Stage; 3] = [
    (
        "a copied file",
        |path| path.starts_with("/containers/") && path.ends_with("/archive"),
        "config `inline` of service `web`",
    ),
    (
        "the age of a file",
        |path| path.starts_with("HEAD "),
        "whether `/etc/app.conf` of service `web` was changed",
    ),
    (
        "the changes",
        |path| path.ends_with("/changes"),
        "what was changed in",
    ),
];

const FILE: &str = "name: shop
services:
  web:
    image: stub:1
    ports: ['127.0.0.1:8080:80']
    configs: [{ source: inline, target: /inline.conf }]
    volumes: ['/srv/app.conf:/etc/app.conf:ro']
configs:
  inline: { content: one }
";

/// `{"name":"app.conf","size":4,"mode":420,"mtime":"2023-11-14T22:13:20Z","linkTarget":""}`
const STAT: &str = "eyJuYW1lIjogImFwcC5jb25mIiwgInNpemUiOiA0LCAibW9kZSI6IDQyMCwgIm10aW1lIjogIjIwMjMtMTEtMTRUMjI6MTM6MjBaIiwgImxpbmtUYXJnZXQiOiAiIn0=";

/// The engine, with a file in its container, and one that is bound there.
fn engine(path: &str) -> Answer {
    match path {
        _ if path == format!("HEAD /containers/{ID}/archive") => Answer::http(
            &format!("200 OK\r\nX-Docker-Container-Path-Stat: {STAT}\r\nContent-Length: 0"),
            b"",
        ),
        _ if path == format!("/containers/{ID}/archive") => {
            let archive = archive();
            let headers = format!(
                "200 OK\r\nContent-Type: application/x-tar\r\nContent-Length: {}",
                archive.len()
            );
            Answer::http(&headers, &archive)
        }
        _ if path == format!("/containers/{ID}/changes") => Answer::json("[]"),
        _ if path == format!("/containers/{ID}/json") => {
            let Answer::Body(status, body) = exposed(path) else {
                panic!("the engine has no container");
            };
            let mut container: Value = serde_json::from_str(&body).unwrap();
            container["State"]["StartedAt"] = json!("2023-11-15T00:00:00Z");
            container["Mounts"] = json!([{
                "Type": "bind", "Source": "/srv/app.conf", "Destination": "/etc/app.conf",
                "Mode": "ro", "RW": false, "Propagation": "rprivate",
            }]);
            Answer::Body(status, container.to_string())
        }
        _ => exposed(path),
    }
}

/// A file with the content of the config.
fn archive() -> Vec<u8> {
    let mut header = [0; 512];
    let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
    put(0, b"inline.conf");
    put(100, b"0000444\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, b"00000000003\0");
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut content = [0; 512];
    content[..3].copy_from_slice(b"one");
    [&header[..], &content, &[0; 1024]].concat()
}

fn run(timeout: u64, engine: &Fake) -> Run {
    run_with(timeout, engine, FILE, &["--changes"])
}

/// What a report says of the files in the container: what is not compared, and what differs.
fn said(report: &Value) -> (Vec<String>, Vec<String>) {
    let host = &report["hosts"][0];
    let unchecked = host["unchecked"].as_array().unwrap().iter();
    let unchecked = unchecked.map(|one| format!("{}: {}", one["what"], one["why"]));
    let of_files = unchecked.filter(|text| STAGES.iter().any(|(_, _, what)| text.contains(what)));
    let findings = host["findings"].as_array().unwrap().iter();
    let codes = ["config-content", "mount-newer", "container-changed"];
    let findings = findings.filter(|one| codes.iter().any(|code| one["code"] == *code));
    let findings = findings.map(|one| one["message"].to_string());
    (of_files.collect(), findings.collect())
}

/// Runs a fault at a stage, and holds what comes of it against what may.
fn hold(way: Way, stage: usize, (fault, answer, expected): &Fault) {
    let (name, meant, unchecked) = STAGES[stage];
    let what = format!("{fault} to {name} over {way:?}");
    let (right, answer) = (*expected == Expected::Right, answer.clone());
    let engine = Fake::over(way, move |path| match engine(path) {
        good if !meant(path) => good,
        good if right => by_http_1_0(&good),
        _ => answer.clone(),
    });
    let is_slow = matches!(expected, Expected::Because(cause) if cause.contains("within"));
    let run = run(if is_slow { 1 } else { 5 }, &engine);
    if run.ran.code == Some(2) {
        return run.could_not_look(&what);
    }
    let report = run.report(&what);
    let (not_compared, found) = said(&report);
    assert_eq!(found, Vec::<String>::new(), "{what}");
    // There may be no changes to list.
    let is_answer = right || name == "the changes" && *fault == "null";
    if is_answer {
        assert_eq!(not_compared, Vec::<String>::new(), "{what}");
    } else {
        let mut not_compared = not_compared.iter();
        let is_listed = not_compared.any(|text| text.contains(unchecked));
        assert!(is_listed, "{what}: {report:#}");
    }
}

#[test]
fn good_answers_are_compared() {
    for way in [Way::Unix, Way::Tcp, Way::Tls, Way::Ssh] {
        let engine = Fake::over(way, engine);
        let run = run(5, &engine);
        let report = run.report("good answers");
        assert_eq!(said(&report), (Vec::new(), Vec::new()), "{report:#}");
        let asked = engine.requests();
        for (name, verb, end) in [
            ("a copied file", "GET ", "/archive?path=/inline.conf"),
            ("the age of a file", "HEAD ", "/archive?path=/etc/app.conf"),
            ("the changes", "GET ", "/changes"),
        ] {
            let is_it = |line: &String| line.starts_with(verb) && line.ends_with(end);
            assert!(asked.iter().any(is_it), "{name} over {way:?}: {asked:#?}");
        }
    }
}

#[test]
fn answers_that_do_not_come() {
    each(everywhere(&silence(), STAGES.len()), hold);
}

#[test]
fn answers_that_do_not_end() {
    each(everywhere(&floods(), STAGES.len()), hold);
}

#[test]
fn answers_that_break_off() {
    each(everywhere(&broken(), STAGES.len()), hold);
}

#[test]
fn answers_that_refuse() {
    each(everywhere(&refusals(), STAGES.len()), hold);
}

#[test]
fn answers_that_say_something_else() {
    each(everywhere(&wrong(), STAGES.len()), hold);
}
