//! JSON Schemas of what commands print and keep, for programs that read it. They are made of the types that are written;
//! `schemas/` has them, and a test compares.

#![allow(
    clippy::disallowed_methods,
    reason = "a test compares the files of the repository"
)]

use std::path::Path;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use serde_json::{Value, json};

use super::{check, drift, plan};
use crate::journal::Entry;
use crate::spec::{schema_documents, schema_url};
use crate::state::State;

/// The schema of a type as it is written.
pub(super) fn of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft07().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    // A link of the documentation leads nowhere here.
    let mut unlinked = RecursiveTransform(|schema: &mut schemars::Schema| {
        if let Some(Value::String(text)) = schema.get_mut("description") {
            *text = text.replace("[`", "`").replace("`]", "`");
        }
    });
    unlinked.transform(&mut schema);
    schema.to_value()
}

/// A schema with its address, its title and an example.
fn document(name: &str, title: &str, mut schema: Value, example: &Value) -> (String, Value) {
    schema["$id"] = schema_url(name).into();
    schema["title"] = title.into();
    schema["examples"] = json!([example]);
    (name.to_owned(), schema)
}

/// All schemas of reports, by the names of their files.
fn documents() -> Vec<(String, Value)> {
    let state = State::empty("shop");
    let state = crate::redact::to_json(&state).unwrap();
    let place = json!({ "file": "compose.yml", "line": 2, "column": 3 });
    let operation = json!({
        "action": "create", "kind": "service", "resource": "cache", "container": null, "cause": "it is missing",
        "loses": null, "certain": true, "rule": "scale"
    });
    vec![
        document(
            "state",
            "composegen: what `state` and `snapshot` print",
            of::<State>(),
            &serde_json::from_str(&state).unwrap(),
        ),
        document(
            "drift",
            "composegen: what `drift --format json` prints",
            drift::schema(),
            &json!({
                "version": 1,
                "hosts": [{
                    "host": "web", "environment": "prod", "project": "shop-prod", "endpoint": "ssh://deploy@shop.example.org",
                    "engine": null, "observed_at": null, "from_snapshot": false, "status": "unreachable", "findings": [],
                    "suppressed": [], "not_selected": 0, "unchecked": [], "coverage": null, "error": "timed out after 10 s",
                    "first_seen": []
                }],
                "summary": {
                    "hosts": 1, "exposure": 0, "drift": 0, "notice": 0, "suppressed": 0, "not_selected": 0,
                    "unchecked": 0, "unreachable": 1
                }
            }),
        ),
        document(
            "check",
            "composegen: what `check --format json` prints",
            check::schema(),
            &json!({
                "version": 1,
                "findings": [{
                    "code": "no-restart", "level": "warning", "fails": true,
                    "message": "`db` has no restart policy", "what": "db", "environments": [], "hosts": [],
                    "service": "db", "place": place
                }],
                "allowed": [],
                "summary": {
                    "files": 1, "rules": 90, "errors": 0, "warnings": 1, "hardening": 0, "not_shown": 0, "known": 0,
                    "gone": 0, "allowed": 0
                }
            }),
        ),
        document(
            "plan",
            "composegen: what `plan --format json` prints",
            plan::schema(),
            &json!({
                "version": 1,
                "hosts": [{
                    "host": null, "environment": null, "project": "shop", "endpoint": "unix:///var/run/docker.sock",
                    "engine": { "id": "ABCD", "version": "28.5.2", "api": "1.51", "name": "Engine" },
                    "observed_at": "2026-01-02T03:04:05Z", "from_snapshot": false, "from_base": false, "files": [],
                    "command": "docker compose up -d",
                    "compose": { "version": "2.40", "origin": "cli" },
                    "operations": [operation],
                    "downtime": [], "rules": [], "unknown": [], "error": null
                }],
                "operations": [operation],
                "summary": {
                    "hosts": 1, "files": 0, "create": 1, "recreate": 0, "update": 0, "start": 0, "stop": 0, "remove": 0, "leave": 0,
                    "fail": 0, "uncertain": 0, "data_lost": 0, "unreachable": 0
                }
            }),
        ),
        document(
            "journal",
            "composegen: a line of the release journal",
            of::<Entry>(),
            &json!({
                "time": "2026-01-02T03:04:05Z", "ref": "v1.2.0", "commit": "0123456789abcdef0123456789abcdef01234567",
                "environment": "prod", "files": { "generated/web.yml": format!("sha256:{}", "0".repeat(64)) },
                "approver": null, "previous": null
            }),
        ),
    ]
}

#[test]
fn the_schemas_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let of_specs = schema_documents()
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema));
    for (name, schema) in documents().into_iter().chain(of_specs) {
        let path = folder.join(format!("{name}.json"));
        let text = format!("{schema:#}\n");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "schemas/{name}.json is stale: UPDATE_DOCS=1 cargo test --lib schema"
        );
    }
}
