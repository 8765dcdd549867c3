//! Engines that answer badly, or not at all: no panic, no waiting, and never a clean bill.

use std::fs;
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::fake::{Answer, Fake, nothing, plain};
use super::finding::notice;
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

/// A container of somebody else.
fn foreign() -> Value {
    json!({
        "Id": "1", "Names": ["/other"], "Image": "i", "ImageID": "sha256:1", "State": "running",
        "Created": 1_700_000_000, "Labels": {}, "Ports": [], "Mounts": [],
        "NetworkSettings": { "Networks": {} },
    })
}

/// The container of somebody else, with this instead of a field.
fn foreign_with(field: &str, value: Value) -> Fake {
    let mut container = foreign();
    container[field] = value;
    let list = json!([container]).to_string();
    faulty(&["/containers/json"], Answer::json(&list))
}

/// Of such a one it can: it has no label of the project. What is not readable is said.
#[test]
fn one_whose_containers_are_of_other_types() {
    for (field, value, expected, found) in [
        ("Names", json!("/other"), "a list", "text"),
        ("Names", json!([]), "the name of the container", "none"),
        ("Ports", json!({ "80": "80" }), "a list", "an object"),
        ("Mounts", json!(1), "a list", "a number"),
        ("Created", json!("once"), "a whole number", "text"),
        ("State", json!({ "Status": "running" }), "text", "an object"),
        ("State", json!(null), "text", "null"),
        ("NetworkSettings", json!(null), "an object", "null"),
    ] {
        let resource = if field == "Names" { "1" } else { "other" };
        let what = format!("{field}: {value}");
        let finding = notice("answer-unreadable", resource).field(field, expected, found);
        let finding = finding.after_up("unknown");
        run(&foreign_with(field, value), "shop").found_nothing_there_but(&what, vec![finding]);
    }
}

/// A word that nobody knows is said, and no reason not to read the rest.
#[test]
fn one_with_unknown_words() {
    for (field, value, path, expected, found) in [
        (
            "Mounts",
            json!([{ "Type": "hologram", "Destination": "/x", "RW": true }]),
            "Mounts[0].Type",
            "a type of mount",
            "`hologram`",
        ),
        (
            "Ports",
            json!([{ "PrivatePort": 80, "Type": "quic" }]),
            "Ports[0].Type",
            "one of tcp, udp, sctp",
            "`quic`",
        ),
        (
            "Ports",
            json!([{ "IP": "everywhere", "PrivatePort": 80, "PublicPort": 80, "Type": "tcp" }]),
            "Ports[0].IP",
            "an IP address",
            "`everywhere`",
        ),
    ] {
        let finding = notice("answer-unreadable", "other").field(path, expected, found);
        let finding = finding.after_up("unknown");
        run(&foreign_with(field, value), "shop").found_nothing_there_but(path, vec![finding]);
    }
}

#[test]
fn one_whose_lists_are_null() {
    let null = |path| faulty(path, Answer::json("null"));
    for path in [
        &["/containers/json"],
        &["/networks"],
        &["/images/json"],
        &["/volumes"],
    ] {
        run(&null(path), "shop").could_not_look("null for a list");
    }
    // Go writes null for a list without records.
    let volumes = faulty(&["/volumes"], Answer::json(r#"{"Volumes":null}"#));
    run(&volumes, "shop").found_nothing_there("no volumes");
    let volumes = faulty(&["/volumes"], Answer::json(r#"{"Warnings":null}"#));
    run(&volumes, "shop").could_not_look("no list of volumes");
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
        let mut thing = foreign();
        thing["Novel"] = json!({ "a": [null] });
        thing["Health"] = json!({ "Status": "fine" });
        thing["NetworkSettings"] = json!({
            "Networks": { "n": { "NetworkID": "2", "New": 1, "GwPriority": 0 } }, "Fresh": true,
        });
        let network = json!({
            "Name": "n", "Id": "2", "Created": "2026-01-01T00:00:00Z", "Driver": "bridge",
            "Internal": false, "Attachable": false, "EnableIPv4": true, "EnableIPv6": false,
            "IPAM": { "Config": null }, "Labels": null, "Options": null,
        });
        let volume = json!({ "Name": "v", "Driver": "local", "Labels": null, "Options": null, "Shape": "round" });
        let body = match path {
            "/containers/json" => json!([thing]),
            "/networks" => json!([network]),
            "/volumes" => json!({ "Volumes": [volume], "Next": 1 }),
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
