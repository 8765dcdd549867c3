//! Engines whose answers are JSON and still say something else: no panic, and never a clean bill.

use serde_json::json;

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

#[test]
fn a_fake_engine_reads_paths_as_engines_do() {
    assert_eq!(plain("/v1.41/containers/json?all=1"), "/containers/json");
    assert_eq!(plain("/_ping"), "/_ping");
}
