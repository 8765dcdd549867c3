//! The developer's stack.

use std::collections::BTreeSet;

use serde_json::Value;

use super::stack::{self, Stack, ask, get};
use super::world::alone;
use crate::drift::report::Report;
use crate::judges::rendered;
use crate::outside::{Outside, succeed};
use crate::project::Project;

const OUTPUT: &str = "generated/docker-compose.local.yml";

/// The addresses and ports on which something listens in the network of the engine, without what other projects publish.
fn listening(outside: &Outside) -> BTreeSet<String> {
    let published = || succeed(&mut outside.docker(&["ps", "--format", "{{.Names}} {{.Ports}}"]));
    let before = published();
    let listed = stack::listening(outside.setting("COMPOSEGEN_ENGINE_NETNS"));
    let published = before + &published();
    let others: String = published
        .lines()
        .filter(|line| !line.starts_with("nata-local-"))
        .collect();
    let listed = listed.into_iter();
    listed
        .filter(|address| !others.contains(&format!("{address}->")))
        .collect()
}

#[test]
#[ignore = "needs the images of real software: make test-real"]
fn it_runs_on_loopback_alone_and_leaves_nothing() {
    let _alone = alone();
    let outside = Outside::real();
    let project = rendered();
    let before = listening(&outside);
    let stack = Stack::start(&outside, &project.path(OUTPUT));
    stack.is_confined();

    let opened: Vec<_> = listening(&outside).difference(&before).cloned().collect();
    assert_eq!(
        opened,
        [
            "127.0.0.1:3000", "127.0.0.1:4000", "127.0.0.1:4001", "127.0.0.1:5432",
            "127.0.0.1:6333"
        ]
    );

    // The app has its stores and its mocks.
    assert_eq!(get(&outside, "http://127.0.0.1:3000/healthz").0, 200);
    fixtures_agree(&outside, &project);
    let greeting = ask(
        &outside,
        "const s = new WebSocket('ws://127.0.0.1:4001/ws'); \
         s.onmessage = (m) => { console.log(m.data); s.close(); }",
    );
    assert_eq!(greeting, r#"{"type":"hello","mock":true}"#);
    assert_eq!(psql(&outside, "SHOW data_checksums"), "on");

    let ran = project.run(&[
        "drift",
        "local",
        "--docker",
        outside.url(),
        "--format",
        "json",
    ]);
    Report::read(ran, "").is_in_sync();

    assert_eq!(stack.leaves(), [""; 0]);
    assert_eq!(listening(&outside), before);
}

/// The app's page, the mock API, `PostgreSQL` and Qdrant tell the same: what the fixtures say.
fn fixtures_agree(outside: &Outside, project: &Project) {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let fixtures = json(&project.read("fixtures/api.json"));
    for (table, fields) in [
        ("incidents", "id, title, severity, status"),
        ("pulse", "id, headline, published"),
    ] {
        let expected = &fixtures[format!("/api/{table}")];
        let (_, answer) = get(outside, &format!("http://127.0.0.1:4000/api/{table}"));
        assert_eq!(&json(&answer), expected);
        let query = format!("SELECT json_agg(r) FROM (SELECT {fields} FROM {table} ORDER BY id) r");
        assert_eq!(&json(&psql(outside, &query)), expected);
    }
    let incidents = fixtures["/api/incidents"].as_array().unwrap();
    let (status, page) = get(outside, "http://127.0.0.1:3000/");
    assert_eq!(status, 200, "{page}");
    let rows = incidents.iter().map(|row| {
        let (id, title) = (row["id"].as_str().unwrap(), row["title"].as_str().unwrap());
        format!("<li>{id}: {title}</li>")
    });
    let rows: String = rows.collect();
    for list in ["api", "stored"] {
        let expected = format!("<ul id=\"{list}\">{rows}</ul>");
        assert!(page.contains(&expected), "{expected}: {page}");
    }
    let near = ask(
        outside,
        "fetch('http://127.0.0.1:6333/collections/nata_local/points/query', { method: 'POST', \
         headers: { 'content-type': 'application/json' }, body: '{\"query\":[0,0,0,1],\"limit\":1}' }) \
         .then(async (r) => console.log((await r.text())))",
    );
    let last = &incidents[2];
    let point = &json(&near)["result"]["points"][0]["payload"];
    assert_eq!(
        (&point["incident"], &point["title"]),
        (&last["id"], &last["title"])
    );
}

/// What a query on the published port answers, from the machine's own network.
fn psql(outside: &Outside, query: &str) -> String {
    let arguments = [
        "run",
        "--rm",
        "--network",
        "host",
        "composegen-real/postgres",
        "psql",
        "-h",
        "127.0.0.1",
        "-U",
        "nata",
        "-d",
        "nata_local",
        "-Atc",
        query,
    ];
    succeed(&mut outside.docker(&arguments)).trim().to_owned()
}
