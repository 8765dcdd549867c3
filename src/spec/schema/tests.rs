//! No key of a reader is missing.

#![allow(
    clippy::disallowed_methods,
    reason = "a test compares the files of the repository"
)]

use std::collections::BTreeSet;

use super::fields::{layout, record, service};
use super::*;
use crate::redact::TextForm;
use crate::source::Source;

/// The keys that a reader names where it is given one that it does not know.
fn keys_of(said: &str) -> BTreeSet<String> {
    let (_, rest) = said.split_once("expected one of ").unwrap();
    let line = rest.lines().next().unwrap();
    line.split(", ").map(|key| key.trim().to_owned()).collect()
}

fn keys_in(schema: &Value) -> BTreeSet<String> {
    let properties = schema["properties"].as_object().unwrap();
    properties.keys().cloned().collect()
}

/// The files of a project.
fn mistakes(catalog: &str, environment: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let specs = folder.path().join("environments");
    std::fs::create_dir(&specs).unwrap();
    std::fs::write(specs.join("catalog.yaml"), catalog).unwrap();
    std::fs::write(specs.join("prod.yaml"), environment).unwrap();
    let root = crate::files::Root::open(folder.path()).unwrap();
    let read = crate::spec::load(&root, crate::spec::PullRequest::SAMPLE);
    read.unwrap_err().to_string()
}

#[test]
fn a_schema_has_the_keys_that_the_reader_knows() {
    let environment = "environment: prod\nhosts: {}\n";
    let catalog = "product: shop\n";
    let said = mistakes("product: shop\nzzz: 1\n", environment);
    assert_eq!(keys_of(&said), keys_in(&Shared::schema()));
    let said = mistakes(catalog, &format!("{environment}zzz: 1\n"));
    assert_eq!(keys_of(&said), keys_in(&Environment::schema()));
    let said = mistakes(catalog, "environment: prod\nhosts: { web: { zzz: 1 } }\n");
    assert_eq!(keys_of(&said), keys_in(&HostFile::schema()));
    let said = mistakes("product: shop\nstacks: { web: { zzz: 1 } }\n", environment);
    assert_eq!(keys_of(&said), keys_in(&record("", layout())));
    let own = [
        "role", "release", "needs", "serves", "metrics", "limits", "calls", "allow", "values",
    ];
    let said = mistakes(
        "product: shop\nservices: { web: { zzz: 1 } }\n",
        environment,
    );
    for key in own {
        assert!(
            said.contains(key) && service()["properties"][key].is_object(),
            "{key}: {said}"
        );
    }
    let source = Source::of(TextForm::Spec, "composegen.yaml", "zzz: 1\n");
    let said = Settings::of(&source).unwrap_err().to_string();
    assert_eq!(keys_of(&said), keys_in(&Settings::schema()));
}
