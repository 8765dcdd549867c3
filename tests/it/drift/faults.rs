//! Engines that answer badly, or not at all: no panic, no waiting, and never a clean bill.

use std::fs;
use std::thread;

use serde_json::json;
use tempfile::TempDir;

use super::fake::{Answer, Fake, nothing, plain};
use super::watched::run;

/// One answer to some paths, and that of an empty engine to the others.
fn faulty(paths: &'static [&'static str], answer: Answer) -> Fake {
    Fake::new(move |path| {
        if paths.is_empty() || paths.contains(&path) {
            answer.clone()
        } else {
            nothing(path)
        }
    })
}

/// Runs all of them at once: most of them only wait.
fn each(cases: Vec<(&'static str, Answer)>, paths: &'static [&'static str]) {
    thread::scope(|scope| {
        for (what, answer) in cases {
            let what = format!("{what} to {paths:?}");
            scope.spawn(move || {
                run(&faulty(paths, answer), "shop").could_not_look(&what);
            });
        }
    });
}

fn slow() -> Vec<(&'static str, Answer)> {
    vec![
        ("no answer", Answer::Never),
        ("headers only", Answer::Headers),
        ("a byte now and then", Answer::Drip),
    ]
}

fn wrong() -> Vec<(&'static str, Answer)> {
    let text = |text: &str| text.to_owned();
    vec![
        ("half a body", Answer::HalfABody),
        ("half a header", Answer::HalfAHeader),
        (
            "500",
            Answer::Body(500, text(r#"{"message":"out of order"}"#)),
        ),
        ("503 without a word", Answer::Body(503, String::new())),
        (
            "HTML",
            Answer::json("<!doctype html><title>Sign in</title>"),
        ),
        (
            "HTML and 403",
            Answer::Body(403, text("<html>Forbidden</html>")),
        ),
        ("nothing", Answer::json("")),
        ("half of the JSON", Answer::json(r#"[{"Id":"1","Nam"#)),
        ("a number", Answer::json("7")),
        ("a text", Answer::json("\"all is well\"")),
        ("a list of numbers", Answer::json("[1, 2]")),
        ("a list in a list", Answer::json("[[]]")),
    ]
}

#[test]
fn one_that_is_slow_in_everything() {
    each(slow(), &[]);
}

#[test]
fn one_that_is_slow_in_one_thing() {
    thread::scope(|scope| {
        scope.spawn(|| each(slow(), &["/containers/json"]));
        scope.spawn(|| each(slow(), &["/networks"]));
        scope.spawn(|| each(slow(), &["/volumes"]));
    });
}

#[test]
fn one_that_never_ends() {
    for paths in [&[][..], &["/containers/json"]] {
        for (what, answer) in [
            ("200 without end", Answer::Endless(200)),
            ("500 without end", Answer::Endless(500)),
            ("headers without end", Answer::EndlessHeaders),
        ] {
            run(&faulty(paths, answer), "shop").could_not_look(what);
        }
    }
}

#[test]
fn one_that_is_wrong_in_everything() {
    each(wrong(), &[]);
}

#[test]
fn one_that_is_wrong_in_one_thing() {
    each(wrong(), &["/containers/json"]);
    each(wrong(), &["/networks"]);
    each(wrong(), &["/volumes"]);
}

/// Of such a container nobody can tell whose it is.
#[test]
fn one_whose_containers_cannot_be_told_apart() {
    for container in [
        json!({ "Id": 7 }),
        json!({ "Id": "1", "Names": ["/shop-web-1"], "Labels": ["a"] }),
        json!({ "Id": "1", "Names": ["/shop-web-1"], "Labels": "com.docker.compose.project=shop" }),
    ] {
        let list = Answer::json(&json!([container]).to_string());
        let what = container.to_string();
        run(&faulty(&["/containers/json"], list), "shop").could_not_look(&what);
    }
}

/// Of such a one it can: it bears no label of the project. So either is right, and nothing else is.
#[test]
fn one_whose_containers_are_of_other_types() {
    for container in [
        json!({ "Id": "1", "Names": "/web" }),
        json!({ "Id": "1", "Names": [1] }),
        json!({ "Id": "1", "Names": ["/web"], "Ports": { "80": "80" } }),
        json!({ "Id": "1", "Names": ["/web"], "Mounts": 1, "Created": "once" }),
        json!({ "Id": "1", "Names": ["/web"], "State": { "Status": "running" } }),
    ] {
        let list = Answer::json(&json!([container]).to_string());
        let what = container.to_string();
        let run = run(&faulty(&["/containers/json"], list), "shop");
        match run.ran.code {
            Some(2) => run.could_not_look(&what),
            _ => run.found_nothing_there(&what),
        }
    }
}

#[test]
fn one_whose_lists_are_null() {
    let engine = Fake::new(|path| match path {
        "/containers/json" | "/networks" => Answer::json("null"),
        "/volumes" => Answer::json(r#"{"Volumes":null}"#),
        _ => nothing(path),
    });
    run(&engine, "shop").found_nothing_there("null");
}

/// A list that is not there is not a list with nothing on it.
#[test]
fn one_that_leaves_things_out() {
    run(&faulty(&["/containers/json"], Answer::json("{}")), "shop")
        .could_not_look("a map for a list");
}

#[test]
fn one_that_says_more_than_anybody_knows() {
    let engine = Fake::new(|path| {
        let thing = json!({
            "Id": "1", "Names": ["/other"], "State": "dreaming", "Novel": { "a": [null] },
            "NetworkSettings": { "Networks": { "n": { "New": 1, "GwPriority": 0 } }, "Fresh": true },
            "Mounts": [{ "Type": "hologram", "Destination": "/x", "RW": true }],
            "Ports": [{ "PrivatePort": 80, "Type": "quic" }], "Health": { "Status": "fine" },
        });
        let network =
            json!({ "Name": "n", "Id": "2", "EnableIPv4": true, "Labels": null, "Options": null });
        let body = match path {
            "/containers/json" => json!([thing]),
            "/networks" => json!([network]),
            "/volumes" => json!({ "Volumes": [{ "Name": "v", "Shape": "round" }], "Next": 1 }),
            _ => return nothing(path),
        };
        Answer::json(&body.to_string())
    });
    run(&engine, "shop").found_nothing_there("unknown fields");
}

/// The container of a service, whose details cannot be had.
#[test]
fn one_that_cannot_tell_more_of_a_container() {
    let list = json!([{
        "Id": "0123456789abcdef", "Names": ["/shop-web-1"], "Image": "stub:1", "ImageID": "sha256:1",
        "State": "running", "Status": "Up", "Created": 1_700_000_000,
        "Labels": {
            "com.docker.compose.project": "shop", "com.docker.compose.service": "web",
            "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False",
        },
        "NetworkSettings": { "Networks": {} }, "Mounts": [], "Ports": [],
    }]);
    let list = list.to_string();
    thread::scope(|scope| {
        for (what, answer) in slow().into_iter().chain(wrong()) {
            let list = list.clone();
            scope.spawn(move || {
                let engine = Fake::new(move |path| match path {
                    "/containers/json" => Answer::json(&list),
                    _ if path.starts_with("/containers/") => answer.clone(),
                    _ => nothing(path),
                });
                run(&engine, "shop").could_not_look(&format!("{what} to an inspect"));
            });
        }
    });
}

#[test]
fn one_that_is_not_there() {
    let engine = Fake::empty();
    let path = engine.url().replacen("unix://", "", 1);
    fs::remove_file(path).unwrap();
    run(&engine, "shop").could_not_look("no socket");
}

#[test]
fn one_that_nobody_listens_for() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("docker.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let engine = Fake::empty();
    let path = engine.url().replacen("unix://", "", 1);
    fs::rename(&socket, path).unwrap();
    run(&engine, "shop").could_not_look("a socket of nobody");
}

#[test]
fn a_fake_engine_reads_paths_as_engines_do() {
    assert_eq!(plain("/v1.41/containers/json?all=1"), "/containers/json");
    assert_eq!(plain("/_ping"), "/_ping");
}
