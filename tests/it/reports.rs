//! What `drift` prints, of a host that was written down once: no engine is needed, so this is also
//! how the README shows it.

use std::fs;

use serde_json::{Value, json};

use crate::project::{Project, Ran, root};

/// The sound project, and the snapshot of a host on which somebody worked by hand.
fn drift(arguments: &[&str]) -> Ran {
    let project = Project::sound();
    let snapshot = fs::read_to_string(root().join("tests/fixtures/hosts/web.json")).unwrap();
    project.write("web.json", &snapshot);
    let arguments = [
        &["drift", "--host", "web", "--snapshot", "web.json"],
        arguments,
    ]
    .concat();
    project.run_with(&arguments, &[("KIOSK_TAG", "7.1")])
}

#[test]
fn for_people() {
    let ran = drift(&[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    insta::assert_snapshot!("human", ran.stdout);
    let coloured = drift(&["--color", "always"]).stdout;
    assert!(coloured.contains("\u{1b}["));
    // Without the colours it is the same.
    let bare: String = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(bare, ran.stdout);
}

#[test]
fn for_people_who_want_to_know_what_was_not_compared() {
    let ran = drift(&["-v"]);
    assert!(ran.stdout.contains("not compared"), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("an engine does not show what volumes hold")
    );
}

#[test]
fn as_a_diff() {
    let ran = drift(&["--diff"]);
    assert_eq!(ran.code, Some(1));
    insta::assert_snapshot!("diff", ran.stdout);
}

#[test]
fn for_a_pull_request() {
    insta::assert_snapshot!("markdown", drift(&["--format", "markdown"]).stdout);
}

#[test]
fn for_prometheus() {
    insta::assert_snapshot!("prometheus", drift(&["--format", "prometheus"]).stdout);
}

#[test]
fn one_line_per_finding() {
    insta::assert_snapshot!("concise", drift(&["--format", "concise"]).stdout);
}

#[test]
fn for_github() {
    insta::assert_snapshot!("github", drift(&["--format", "github"]).stdout);
}

#[test]
fn for_a_ci_server() {
    insta::assert_snapshot!("junit", drift(&["--format", "junit"]).stdout);
}

#[test]
fn for_code_scanning() {
    let log: Value = serde_json::from_str(&drift(&["--format", "sarif"]).stdout).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().map(Vec::len), Some(4));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    insta::assert_snapshot!(
        "sarif",
        serde_json::to_string_pretty(&run["results"][1]).unwrap()
    );
}

/// A host that cannot be reached is an error in every format, never a report without findings.
#[test]
fn an_unreachable_host_is_in_every_format() {
    let project = Project::sound();
    for format in [
        "human", "concise", "json", "markdown", "sarif", "github", "junit",
    ] {
        let arguments = [
            "drift", "web", "--docker", "unix:///nowhere", "--format", format,
        ];
        let ran = project.run_with(&arguments, &[("KIOSK_TAG", "7.1")]);
        assert_eq!(ran.code, Some(2), "{format}");
        let said = "cannot be reached (connect)";
        assert!(ran.stdout.contains(said), "{format}: {}", ran.stdout);
    }
}

#[test]
fn for_programs() {
    let report: Value = serde_json::from_str(&drift(&["--format", "json"]).stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["hosts"][0]["status"], "drifted");
    assert_eq!(report["summary"]["exposure"], 3);
    assert_eq!(report["summary"]["drift"], 1);
    insta::assert_snapshot!(
        "json",
        serde_json::to_string_pretty(&report["hosts"][0]["findings"][1]).unwrap()
    );
}

/// What is left out is counted and said, and the status stays that of the host.
#[test]
fn selected_findings_are_reported() {
    for (arguments, code, shown, left_out) in [
        (&["--fail-on", "exposure"][..], 1, 4, 0),
        (&["--service", "app"], 1, 1, 3),
        (&["--service", "app", "--fail-on", "exposure"], 0, 1, 3),
        (&["--code", "port-extra"], 1, 1, 3),
        (&["--only", "unapplied"], 0, 0, 4),
    ] {
        let json = [arguments, &["--format", "json"]].concat();
        let ran = drift(&json);
        assert_eq!(ran.code, Some(code), "{arguments:?} {}", ran.stdout);
        let report = ran.json();
        let host = &report["hosts"][0];
        assert_eq!(host["status"], "drifted");
        let findings = host["findings"].as_array().unwrap();
        assert_eq!(findings.len(), shown, "{arguments:?} {}", ran.stdout);
        assert_eq!(report["summary"]["not_selected"], left_out, "{arguments:?}");
        if left_out > 0 {
            let said = format!("{left_out} not selected");
            assert!(drift(arguments).stdout.contains(&said), "{arguments:?}");
            let diff = drift(&[arguments, &["--diff"]].concat());
            assert!(diff.stderr.contains("not selected"), "{}", diff.stderr);
        }
    }
    let ran = drift(&["--service", "appp"]);
    assert_eq!(ran.code, Some(2));
    let said = "there is no service `appp`; did you mean `app`?";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

/// Hosts and environments can be given by name alone, as to `render`.
#[test]
fn hosts_by_name() {
    let project = Project::sound();
    let snapshot = fs::read_to_string(root().join("tests/fixtures/hosts/web.json")).unwrap();
    project.write("web.json", &snapshot);
    let arguments = |name| ["drift", name, "--snapshot", "web.json"];
    let ran = project.run_with(&arguments("web"), &[("KIOSK_TAG", "7.1")]);
    assert_eq!(ran.stdout, drift(&[]).stdout, "{}", ran.stderr);
    let ran = project.run(&arguments("prod"));
    assert!(ran.stderr.contains("2 are selected"), "{}", ran.stderr);
    let ran = project.run(&["drift", "wbe"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("did you mean `web`?"), "{}", ran.stderr);
    for arguments in [&["drift"][..], &["drift", "web", "--all"]] {
        assert_eq!(project.run(arguments).code, Some(2), "{arguments:?}");
    }
}

/// What is reported of a Compose file, on the host of the snapshot with this change.
fn on_a_host(file: &str, change: impl Fn(&mut Value), arguments: &[&str]) -> Value {
    let project = Project::empty();
    let snapshot = fs::read_to_string(root().join("tests/fixtures/hosts/web.json")).unwrap();
    let mut snapshot: Value = serde_json::from_str(&snapshot).unwrap();
    change(&mut snapshot);
    project.write("web.json", &snapshot.to_string());
    project.write("c.yml", file);
    let before = [
        "drift", "-f", "c.yml", "--snapshot", "web.json", "--format", "json",
    ];
    let ran = project.run(&[&before[..], arguments].concat());
    ran.json()
}

fn codes(report: &Value) -> Vec<&str> {
    let findings = report["hosts"][0]["findings"].as_array().unwrap();
    let codes = findings.iter().map(|finding| finding["code"].as_str());
    codes.map(Option::unwrap).collect()
}

fn empty(snapshot: &mut Value) {
    snapshot["networks"] = json!({});
    snapshot["volumes"] = json!({});
    snapshot["live"]["containers"] = json!([]);
    snapshot["live"]["foreign"] = json!([]);
}

#[test]
fn a_project_that_is_not_there_is_one_finding() {
    let file = "name: kiosk-prod\nservices:\n  app: {image: app, volumes: ['data:/data']}\n  \
                db: {image: db, networks: [back]}\nnetworks: {back: {}}\nvolumes: {data: {}}\n";
    let report = on_a_host(file, empty, &[]);
    assert_eq!(codes(&report), ["project-missing"]);
    assert_eq!(
        report["hosts"][0]["findings"][0]["after_up"],
        "destroys-data"
    );
    // Without a volume, nothing can be lost.
    let report = on_a_host(
        "name: kiosk-prod\nservices: {app: {image: app}}\n",
        empty,
        &[],
    );
    assert_eq!(codes(&report), ["project-missing"]);
    assert_eq!(report["hosts"][0]["findings"][0]["after_up"], "heals");
    // What is external has to be there before, so `up` fails.
    let external = file.replace("back: {}", "back: {external: true}");
    let report = on_a_host(&external, empty, &[]);
    assert_eq!(codes(&report), ["project-missing", "network-missing"]);
    assert_eq!(report["hosts"][0]["findings"][0]["help"], Value::Null);
    // A volume is left, so the project was there.
    let left = |snapshot: &mut Value| {
        let volumes = snapshot["volumes"].clone();
        empty(snapshot);
        snapshot["volumes"] = volumes;
    };
    let report = on_a_host(file, left, &[]);
    assert!(!codes(&report).contains(&"project-missing"), "{report:#}");
    assert!(codes(&report).contains(&"service-missing"), "{report:#}");
}

#[test]
fn a_job_that_succeeded_is_not_drift() {
    let ended = |code: i32| {
        move |snapshot: &mut Value| {
            for container in snapshot["live"]["containers"].as_array_mut().unwrap() {
                container["state"] = json!("exited");
                container["exit_code"] = json!(code);
            }
        }
    };
    let file =
        |restart: &str| format!("name: kiosk-prod\nservices: {{app: {{image: app{restart}}}}}\n");
    let arguments = ["--code", "service-stopped"];
    for (restart, code, expected) in [
        (", restart: 'no'", 0, 0),
        (", restart: 'no'", 1, 1),
        // What does not say that it ends was stopped.
        ("", 0, 1),
        (", restart: always", 0, 1),
    ] {
        let report = on_a_host(&file(restart), ended(code), &arguments);
        assert_eq!(codes(&report).len(), expected, "{restart} {code}");
    }
}

/// What may be meant for a host and has no effect is said.
#[test]
fn variables_without_effect_are_reported() {
    let project = Project::sound();
    project.write(".env", "KIOSK_TAG=7.1\n");
    let drift = |more: &[&str], variables: &[(&str, &str)]| {
        let arguments = ["drift", "web", "--docker", "unix:///nowhere"];
        project
            .run_with(&[&arguments[..], more].concat(), variables)
            .stderr
    };
    let mistyped = [
        ("COMPOSEGEN_DOCKER_WBE", "ssh://box"),
        ("DOCKER_HOST", "tcp://box"),
    ];
    let said = drift(&[], &mistyped);
    let warning = "warning: `COMPOSEGEN_DOCKER_WBE` does not match any host; did you mean `COMPOSEGEN_DOCKER_WEB`?";
    assert!(said.contains(warning), "{said}");
    assert!(!said.contains("ignored"), "{said}");
    let said = drift(&["-v"], &mistyped);
    for ignored in ["DOCKER_HOST is ignored", "`.env` is ignored"] {
        assert!(said.contains(ignored), "{said}");
    }
    let said = drift(
        &["-v", "--env-file", ".env"],
        &[("COMPOSEGEN_DOCKER_WEB", "ssh://box"), ("DOCKER_HOST", "")],
    );
    assert!(
        !said.contains("ignored") && !said.contains("warning"),
        "{said}"
    );
}

#[test]
fn an_empty_docker_host_is_not_ignored() {
    let project = Project::empty();
    project.write("c.yml", "name: t\nservices: { web: { image: 'a:1' } }\n");
    for (host, is_ignored) in [("", false), ("tcp://box:2376", true)] {
        let arguments = ["drift", "-v", "-f", "c.yml", "--docker", "unix:///nowhere"];
        let said = project
            .run_with(&arguments, &[("DOCKER_HOST", host)])
            .stderr;
        assert_eq!(
            said.contains("DOCKER_HOST is ignored"),
            is_ignored,
            "{said}"
        );
    }
}

/// A Compose file that no spec renders has its ignore rules in an extension of ours.
#[test]
fn ignore_rules_of_a_compose_file() {
    let project = Project::empty();
    let snapshot = fs::read_to_string(root().join("tests/fixtures/hosts/web.json")).unwrap();
    project.write("web.json", &snapshot);
    let drift = |rule: &str| {
        let file = "name: kiosk-prod\nservices: {app: {image: app}}\n";
        let rules = format!("{file}x-composegen:\n  ignore:\n    - {{{rule}}}\n");
        project.write("c.yml", &rules);
        let arguments = ["drift", "-f", "c.yml", "--snapshot", "web.json"];
        project.run(&[&arguments[..], &["--format", "json"]].concat())
    };
    let rule = "code: service-orphan, resource: d*, field: cont*, reason: of a test, until: ";
    let ran = drift(&format!("{rule}2999-01-01"));
    let report = ran.json();
    let suppressed = report["hosts"][0]["suppressed"].as_array().unwrap();
    assert!(!suppressed.is_empty(), "{}", ran.stdout);
    for one in suppressed {
        assert_eq!(one["code"], "service-orphan");
        assert_eq!(one["reason"], "of a test");
        assert_eq!(one["until"], "2999-01-01");
    }
    let ran = drift(&format!("{rule}2001-01-01"));
    assert!(ran.stdout.contains("ignore-expired"), "{}", ran.stdout);
    for (rule, said) in [
        ("code: service-orphan", "`resource` is missing in a rule"),
        (
            "code: port-extr",
            "`code` of a rule of `x-composegen` is not valid",
        ),
        ("cod: port-extra", "unknown field in `x-composegen`"),
        (
            &format!("{rule}2999-01-32"),
            "expected a day, such as 2026-12-31",
        ),
        (
            "code: ignore-unused, resource: a, reason: a, until: 2999-01-01",
            "findings about ignore rules cannot be ignored",
        ),
    ] {
        let ran = drift(rule);
        assert_eq!(ran.code, Some(2), "{rule}");
        assert!(ran.stderr.contains(said), "{rule}: {}", ran.stderr);
    }
}

/// The README shows the report as it is; `UPDATE_DOCS=1 cargo test --test it reports` writes its first line again.
#[test]
fn the_readme_shows_it() {
    let path = root().join("README.md");
    let report = drift(&[]).stdout;
    let lines = report.lines().filter(|line| !line.trim().is_empty());
    let mut readme = fs::read_to_string(&path).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let title = "    web: drifted ";
        let old = readme.lines().find(|line| line.starts_with(title)).unwrap();
        let new = lines
            .clone()
            .find(|line| line.starts_with(title.trim_start()));
        readme = readme.replace(old, &format!("    {}", new.unwrap()));
        fs::write(&path, &readme).unwrap();
    }
    for line in lines {
        assert!(readme.contains(line.trim()), "the README lacks: {line}");
    }
}

/// Every code is explained in the docs, in the words of the code.
#[test]
fn every_code_is_explained() {
    let docs = fs::read_to_string(root().join("docs/drift.md")).unwrap();
    for code in composegen::finding::Code::ALL {
        let row = format!("| `{}` | {} |", code.as_str(), code.meaning());
        assert!(docs.contains(&row), "docs/drift.md lacks: {row}");
        let ran = Project::empty().run(&["rules", code.as_str()]);
        assert!(ran.stdout.contains(code.meaning()), "{}", ran.stderr);
    }
}
