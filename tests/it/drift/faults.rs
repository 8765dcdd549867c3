//! Engines whose answers are JSON and still say something else: no panic, and never a clean bill.

use serde_json::{Value, json};

use super::fake::{Answer, Fake, nothing, plain};
use super::finding::notice;
use super::shop_engine::{ID, exposed};
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
fn one_whose_containers_cannot_be_distinguished() {
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
            json!([{ "PrivatePort": 80, "Type": "quic" }, { "PrivatePort": 0, "Type": "tcp" }]),
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

/// Of a service it cannot be told how its container is set up; of an orphan it need not be.
#[test]
fn one_that_inspects_another_container() {
    let engine = |service: &'static str| {
        Fake::new(move |path| match exposed(path) {
            Answer::Body(200, body) if path.starts_with(&format!("/containers/{ID}")) => {
                Answer::json(&body.replace(ID, &"f".repeat(ID.len())))
            }
            Answer::Body(status, body) => {
                let own = r#""com.docker.compose.service":"web""#;
                let label = own.replace("web", service);
                Answer::Body(status, body.replace(own, &label))
            }
            other => other,
        })
    };
    run(&engine("web"), "shop").could_not_look("another container than the service's");
    let report = run(&engine("gone"), "shop").report("another container than the orphan");
    let findings = report["hosts"][0]["findings"].as_array().unwrap();
    let codes: Vec<_> = findings.iter().map(|one| &one["code"]).collect();
    for code in ["service-orphan", "answer-unreadable"] {
        assert!(codes.contains(&&json!(code)), "{code}: {codes:?}");
    }
}

/// A list that is not there is not a list with nothing on it.
#[test]
fn one_that_leaves_things_out() {
    run(&faulty(&["/containers/json"], Answer::json("{}")), "shop")
        .could_not_look("a map for a list");
}

#[test]
fn one_that_sends_unknown_fields() {
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

#[test]
fn a_fake_engine_reads_paths_as_engines_do() {
    assert_eq!(plain("/v1.41/containers/json?all=1"), "/containers/json");
    assert_eq!(plain("/_ping"), "/_ping");
}
