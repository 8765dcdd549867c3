//! The schemas that editors read, held against every project here, sound and broken.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::outside::{Outside, everything};
use crate::project::{Project, root};

/// The specs of a project: the catalogue, and the environments.
fn specs(project: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let folder = fs::read_dir(project.join("environments")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|end| end == "yaml"));
    files.partition(|file| file.ends_with("catalog.yaml"))
}

/// The files that a schema refuses, with what it says of each.
pub(crate) fn refused(
    outside: &Outside,
    schema: &str,
    files: &[PathBuf],
) -> BTreeSet<(PathBuf, String)> {
    let output = outside
        .tool("check-jsonschema")
        .args(["--output-format", "json", "--schemafile"])
        .arg(root().join(format!("schemas/{schema}.json")))
        .args(files)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", everything(&output)));
    let of = |kind: &str| report[kind].as_array().cloned().unwrap_or_default();
    // What is not YAML is refused by every reader.
    let all = of("errors").into_iter().chain(of("parse_errors"));
    all.map(|error| {
        let file = error["filename"].as_str().unwrap();
        (file.into(), error["message"].to_string())
    })
    .collect()
}

#[test]
#[ignore = "needs check-jsonschema: make test"]
fn every_spec_here_follows_its_schema() {
    let outside = Outside::new();
    let started = Project::empty();
    assert_eq!(started.run(&["init", "shop"]).code, Some(0));
    let adopted = Project::empty();
    for name in ["compose.yml", "compose.prod.yml", ".env.prod"] {
        let from = root().join("tests/fixtures/adopt").join(name);
        if from.exists() {
            adopted.write(name, &fs::read_to_string(from).unwrap());
        }
    }
    let ran = adopted.run(&[
        "init",
        "--from",
        "compose.yml",
        "--from",
        "prod=compose.yml,compose.prod.yml",
        "new",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let (mut catalogs, mut environments) = (Vec::new(), Vec::new());
    for project in [
        root().to_owned(),
        root().join("examples/bookstore"),
        root().join("tests/fixtures/sound"),
        root().join("tests/fixtures/clean"),
        started.path("shop"),
        adopted.path("new"),
    ] {
        let (catalog, rest) = specs(&project);
        assert_eq!(catalog.len(), 1, "{}", project.display());
        catalogs.extend(catalog);
        environments.extend(rest);
    }
    assert!(environments.len() >= 15);
    assert_eq!(refused(&outside, "catalog", &catalogs), BTreeSet::new());
    assert_eq!(
        refused(&outside, "environment", &environments),
        BTreeSet::new()
    );

    // Editors find the schemas by the first line of what `init` writes.
    for file in catalogs.iter().chain(&environments) {
        if !file.starts_with(started.path("shop")) && !file.starts_with(adopted.path("new")) {
            continue;
        }
        let name = if file.ends_with("catalog.yaml") {
            "catalog"
        } else {
            "environment"
        };
        let line = format!(
            "# yaml-language-server: $schema=https://raw.githubusercontent.com/composegen/composegen/main/schemas/{name}.json"
        );
        let text = fs::read_to_string(file).unwrap();
        assert_eq!(
            text.lines().next(),
            Some(line.as_str()),
            "{}",
            file.display()
        );
    }
}

/// A run whose output follows a schema.
fn of<'a>(schema: &'a str, arguments: &[&[&'a str]]) -> (&'a str, Vec<&'a str>) {
    (schema, arguments.concat())
}

#[test]
#[ignore = "needs check-jsonschema: make test"]
fn what_is_printed_follows_its_schema() {
    let outside = Outside::new();
    let project = Project::sound();
    let snapshot = root().join("tests/fixtures/hosts/web.json");
    let snapshot = snapshot.to_str().unwrap();
    let plain = "services: { web: { image: 'a:1', ports: ['80:80'] }, db: { image: 'd:1', privileged: true } }\n";
    project.write("compose.yml", plain);
    let host = ["--host", "web", "--snapshot", snapshot, "--format", "json"];
    let gone = ["--docker", "unix:///nowhere", "--format", "json"];
    let baseline = ["--baseline", "known.json"];
    let check = ["check", "-f", "compose.yml", "--level", "hardening"];
    let runs = [
        of("state", &[&["state", "--host", "web"]]),
        of("state", &[&["state", "-f", "compose.yml"]]),
        of("drift", &[&["drift"], &host]),
        of("drift", &[&["drift", "-f", "compose.yml"], &gone]),
        of("plan", &[&["plan"], &host]),
        of("plan", &[&["plan", "-f", "compose.yml"], &gone]),
        of("check", &[&["check", "--format", "json"]]),
        of("check", &[&check, &["--format", "json"]]),
        of(
            "check",
            &[
                &check,
                &baseline,
                &["--update-baseline", "--format", "json"],
            ],
        ),
    ];
    let mut files: Vec<(&str, PathBuf)> = Vec::new();
    for (number, (schema, arguments)) in runs.iter().enumerate() {
        let ran = project.run(arguments);
        assert!(ran.stdout.starts_with('{'), "{arguments:?}: {}", ran.stderr);
        let name = format!("printed-{number}.json");
        project.write(&name, &ran.stdout);
        files.push((schema, project.path(&name)));
    }
    for name in ["state", "drift", "plan", "check", "journal"] {
        let schema = fs::read_to_string(root().join(format!("schemas/{name}.json"))).unwrap();
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let example = format!("example-{name}.json");
        project.write(&example, &schema["examples"][0].to_string());
        let mut all = vec![project.path(&example)];
        let printed = files.iter().filter(|(schema, _)| *schema == name);
        all.extend(printed.map(|(_, file)| file.clone()));
        assert_eq!(refused(&outside, name, &all), BTreeSet::new(), "{name}");
        // A report of another version is none of this schema.
        let other = all[0].with_extension("wrong.json");
        fs::write(&other, "{ \"version\": \"2\" }").unwrap();
        assert!(!refused(&outside, name, &[other]).is_empty(), "{name}");
    }
}

#[test]
#[ignore = "needs check-jsonschema: make test"]
fn what_is_broken_in_its_form_breaks_the_schema() {
    let outside = Outside::new();
    let mut projects = Vec::new();
    let (mut catalogs, mut environments) = (Vec::new(), Vec::new());
    for fixture in fs::read_dir(root().join("tests/fixtures/broken")).unwrap() {
        let fixture = fixture.unwrap().path();
        let name = fixture.file_stem().unwrap().to_str().unwrap().to_owned();
        let project = Project::sound();
        project.apply(&fs::read_to_string(&fixture).unwrap());
        if !project.path("environments").is_dir() {
            continue;
        }
        let (catalog, rest) = specs(&project.path("."));
        catalogs.extend(catalog);
        environments.extend(rest);
        projects.push((name, project));
    }
    let mut found = refused(&outside, "catalog", &catalogs);
    found.extend(refused(&outside, "environment", &environments));
    let is_refused = |project: &Project| {
        let folder = project.path("environments");
        found.iter().any(|(file, _)| file.starts_with(&folder))
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, project) in &projects {
        let snapshot = root().join(format!("tests/snapshots/broken/{name}.snap"));
        let snapshot = fs::read_to_string(snapshot).unwrap_or_default();
        let of_specs = snapshot.contains("--> environments/");
        let first = snapshot
            .lines()
            .find_map(|line| line.strip_prefix("error: "));
        let first = first.unwrap_or_default();
        // These are about one value in one place; others are about what values mean together. Merge keys are gone by the
        // time a schema sees a file, and what is in fields of Compose is for the schema of Compose.
        let is_missing = first.starts_with('`') && first.contains("` has no `");
        let is_unknown = first.starts_with("unknown field")
            && !["`<<`", "` of `"].iter().any(|part| first.contains(part));
        let is_of_form = is_missing
            || is_unknown
            || first.contains(", expected ")
            || first.ends_with("is empty");
        if of_specs && is_of_form {
            count += 1;
            if !is_refused(project) {
                wrong.push(format!("{name} follows the schema"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count >= 12, "{count}");
}
