//! What others say of the generated files: Compose itself, the schema of its specification, and
//! two linters.

use std::collections::BTreeSet;

use serde_yaml::Value;

use crate::outside::{Outside, everything, succeed};
use crate::project::{Project, root};

/// Every output of this repository, a preview among them.
pub(crate) const OUTPUTS: [&str; 7] = [
    "generated/docker-compose.local.yml",
    "generated/compose/preview.pr-123.yml",
    "generated/compose/vps.preview-edge.yml",
    "generated/compose/vps.staging.yml",
    "generated/compose/mac.staging.yml",
    "generated/compose/vps.prod.yml",
    "generated/compose/mac.prod.yml",
];

/// This repository's project with all of its outputs.
pub(crate) fn rendered() -> Project {
    let project = Project::nata();
    let ran = project.run(&["render", "--pr", "123"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    project
}

/// Compose reads each of these files without a warning.
pub(crate) fn compose_accepts(outside: &Outside, project: &Project, names: &[&str]) {
    for name in names {
        let file = project.path(name);
        let output = outside
            .docker(&["compose", "-f", file.to_str().unwrap(), "config", "-q"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {}", everything(&output));
        assert_eq!(everything(&output), "", "{name}");
    }
}

/// dclint finds nothing in any of these files.
pub(crate) fn dclint_accepts(outside: &Outside, project: &Project, names: &[&str]) {
    let paths = names.iter().map(|name| project.path(name));
    let output = outside.tool("dclint").args(paths).output().unwrap();
    assert!(output.status.success(), "{}", everything(&output));
    assert_eq!(everything(&output).trim(), "");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn compose_reads_every_output_without_a_warning() {
    compose_accepts(&Outside::new(), &rendered(), &OUTPUTS);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn every_output_fits_the_schema_of_the_compose_specification() {
    let outside = Outside::new();
    let project = rendered();
    succeed(
        outside
            .tool("check-jsonschema")
            .args(["--builtin-schema", "vendor.compose-spec"])
            .args(OUTPUTS.map(|name| project.path(name))),
    );
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn dclint_finds_nothing() {
    dclint_accepts(&Outside::new(), &rendered(), &OUTPUTS);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn compose_lint_finds_only_what_a_spec_allows() {
    let outside = Outside::new();
    let project = rendered();
    let output = outside
        .tool("compose-lint")
        .args([
            "check", "--strict-config", "--fail-on", "low", "--format", "json", "--config",
        ])
        .arg(root().join(".compose-lint.yml"))
        .args(OUTPUTS.map(|name| project.path(name)))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", everything(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["suppressed"] == true));
    assert!(!findings.is_empty(), "the linter read the files");
}

/// The reasons of the linter's configuration are those of the specs, no more and no fewer.
#[test]
fn compose_lint_and_the_specs_allow_the_same() {
    let read = |name: &str| -> Value {
        serde_yaml::from_str(&std::fs::read_to_string(root().join(name)).unwrap()).unwrap()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let catalog = read("environments/catalog.yaml");
    let mut allowed = BTreeSet::new();
    for (service, description) in catalog["services"].as_mapping().unwrap() {
        let Some(allowances) = description.get("allow").and_then(Value::as_mapping) else {
            continue;
        };
        for (rule, reason) in allowances {
            let code = match rule.as_str().unwrap() {
                "public-port" => "CL-0005",
                "writable-root" => "CL-0007",
                other => panic!("which rule of compose-lint is `{other}`?"),
            };
            allowed.insert((code.to_owned(), text(service), text(reason)));
        }
    }
    let config = read(".compose-lint.yml");
    let mut reported = BTreeSet::new();
    for (code, rule) in config["rules"].as_mapping().unwrap() {
        let Some(services) = rule.get("exclude_services").and_then(Value::as_mapping) else {
            assert_eq!(code, "CL-0019", "only digests are left to the registry");
            continue;
        };
        for (service, reason) in services {
            reported.insert((text(code), text(service), text(reason)));
        }
    }
    assert_eq!(reported, allowed);
}
