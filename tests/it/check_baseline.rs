//! Findings that are known, and what tells findings apart.

use serde_json::Value;

use crate::project::{Project, root};

const SECRET: &str = "services:\n  db:\n    image: postgres:17.6\n    restart: always\n    \
    healthcheck: { test: [CMD, a] }\n    environment:\n      A_PASSWORD: hunter2\n";

fn file(text: &str) -> Project {
    let project = Project::empty();
    project.write("compose.yml", text);
    project
}

/// The exit status and the report of a check with the baseline `known.json`.
fn compared(project: &Project, arguments: &[&str]) -> (Option<i32>, Value) {
    let command = ["check", "--format", "json", "--baseline", "known.json"];
    let ran = project.run(&[&command[..], arguments].concat());
    let report = serde_json::from_str(&ran.stdout);
    (
        ran.code,
        report.unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr)),
    )
}

fn update(project: &Project, arguments: &[&str]) {
    let (code, _) = compared(project, &[&["--update-baseline"], arguments].concat());
    assert_eq!(code, Some(0));
}

/// Part of a check finds nothing new or gone, and an update with it keeps the rest.
fn changes_nothing(project: &Project, part: &[&str]) {
    let before = project.read("known.json");
    let (code, report) = compared(project, part);
    let gone = &report["summary"]["gone"];
    assert_eq!((code, gone), (Some(0), &Value::from(0)), "{part:?}");
    update(project, part);
    assert_eq!(before, project.read("known.json"), "{part:?}");
}

#[test]
fn a_secret_at_another_key_is_new() {
    for (before, after) in [
        (
            "environment:\n      A_PASSWORD: hunter2\n",
            "environment:\n      B_PASSWORD: hunter3\n",
        ),
        (
            "labels: { a: ghp_16C7e42F292c6912E7710c838347Ae178B4a }\n",
            "labels: { b: ghp_16C7e42F292c6912E7710c838347Ae178B4b }\n",
        ),
        (
            "environment:\n      - A_KEY=ghp_16C7e42F292c6912E7710c838347Ae178B4a\n",
            "environment:\n      - B_KEY=ghp_16C7e42F292c6912E7710c838347Ae178B4b\n",
        ),
    ] {
        let with = |part: &str| SECRET.replace("environment:\n      A_PASSWORD: hunter2\n", part);
        let project = file(&with(before));
        update(&project, &["-f", "compose.yml"]);
        let (code, _) = compared(&project, &["-f", "compose.yml"]);
        assert_eq!(code, Some(0));
        project.write("compose.yml", &with(after));
        let (code, report) = compared(&project, &["-f", "compose.yml"]);
        assert_eq!(code, Some(1), "{after}: {report:#}");
        assert_eq!(report["summary"]["gone"], 1, "{after}: {report:#}");
        assert_eq!(report["gone"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn what_is_not_selected_is_neither_gone_nor_forgotten() {
    let project = file(SECRET);
    project.write("other.yml", "services:\n  web:\n    image: a:1\n");
    let both = ["-f", "compose.yml", "-f", "other.yml"];
    update(&project, &[&both[..], &["--level", "hardening"]].concat());
    for part in [
        &["-f", "compose.yml"][..],
        &[
            "-f", "compose.yml", "-f", "other.yml", "--select", "no-restart",
        ],
        &["-f", "compose.yml", "-f", "other.yml", "--level", "error"],
        &[
            "-f", "compose.yml", "-f", "other.yml", "--ignore", "no-restart",
        ],
    ] {
        changes_nothing(&project, part);
    }
}

#[test]
fn what_is_about_others_is_neither_gone_nor_forgotten() {
    let project = Project::copy_of(&root().join("tests/fixtures/clean"));
    project.edit(
        "templates/service.yml.j2",
        "    cap_drop: [ALL]\n",
        "    cap_drop: [ALL]\n    privileged: true\n",
    );
    update(&project, &[]);
    for part in [&["live"][..], &["staging"], &["local", "preview"]] {
        changes_nothing(&project, part);
    }
}

#[test]
fn it_does_not_matter_where_a_command_runs() {
    let project = Project::empty();
    project.write("a/compose.yml", SECRET);
    project.write("ci/.keep", "");
    let ran = project.run(&[
        "check", "-f", "a/compose.yml", "--baseline", "ci/known.json", "--update-baseline",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let text = std::fs::read_to_string(project.path("ci/known.json")).unwrap();
    assert!(text.contains("\"../a/compose.yml\""), "{text}");
    for (folder, compose, baseline) in [
        ("a", "compose.yml", "../ci/known.json"),
        ("ci", "../a/compose.yml", "known.json"),
        (".", "./a/compose.yml", "ci/known.json"),
    ] {
        let output = crate::project::composegen()
            .args(["check", "-f", compose, "--baseline", baseline])
            .current_dir(project.path(folder))
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{folder}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
}

#[test]
fn a_file_that_is_not_a_baseline_is_neither_quoted_nor_overwritten() {
    let project = file(SECRET);
    for text in [
        "{\"hunter2hunter2\": 1}",
        "hunter2hunter2",
        "{\"version\": \"hunter2hunter2\", \"findings\": []}",
        SECRET,
    ] {
        project.write("known.json", text);
        for more in [&[][..], &["--update-baseline"]] {
            let arguments = ["check", "-f", "compose.yml", "--baseline", "known.json"];
            let ran = project.run(&[&arguments[..], more].concat());
            assert_eq!(ran.code, Some(2), "{text}");
            assert!(
                ran.stderr.contains("`known.json` is not a baseline file"),
                "{}",
                ran.stderr
            );
            assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
            assert_eq!(
                std::fs::read_to_string(project.path("known.json")).unwrap(),
                text
            );
        }
    }
}

#[test]
fn counts_of_any_size_are_counted() {
    let project = file(SECRET);
    let known = format!(
        "{{\"code\":\"privileged\",\"file\":\"compose.yml\",\"key\":\"x\",\"message\":\"m\",\"count\":{}}}",
        u64::MAX
    );
    let other = known.replace("\"x\"", "\"y\"");
    project.write(
        "known.json",
        &format!("{{\"version\":1,\"findings\":[{known},{known},{other}]}}"),
    );
    let (code, report) = compared(&project, &["-f", "compose.yml"]);
    assert_eq!(code, Some(1));
    assert_eq!(report["summary"]["gone"], u64::MAX);
    assert_eq!(
        compared(&project, &["-f", "compose.yml", "--update-baseline"]).0,
        Some(0)
    );
}

#[test]
fn every_format_for_people_says_what_is_gone_and_hidden() {
    let project = file(SECRET);
    update(&project, &["-f", "compose.yml"]);
    project.write(
        "compose.yml",
        &SECRET.replace("hunter2", "\"${A_PASSWORD:?}\""),
    );
    for format in ["human", "markdown"] {
        let ran = project.run(&[
            "check", "-f", "compose.yml", "--baseline", "known.json", "--format", format,
        ]);
        for said in ["of the baseline was not found again", "not shown"] {
            assert!(ran.stdout.contains(said), "{format}: {}", ran.stdout);
        }
    }
}

/// The fingerprints of a file's findings by line, also of those that are allowed.
fn fingerprints(project: &Project, arguments: &[&str]) -> Vec<(String, Value)> {
    let command = ["check", "-f", "compose.yml", "--format", "sarif"];
    let ran = project.run(&[&command[..], arguments].concat());
    let log = ran.json();
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let mut prints: Vec<_> = results
        .map(|one| {
            let print = one["partialFingerprints"]["composegen/v1"]
                .as_str()
                .unwrap();
            (print.to_owned(), one.clone())
        })
        .collect();
    prints.sort_by(|a, b| a.0.cmp(&b.0));
    prints
}

#[test]
fn fingerprints_do_not_depend_on_what_is_allowed() {
    let text = "services:\n  web:\n    image: a:1\n    ports:\n      - \"81:80\"\n      - \"81:80/udp\"\n      - \"82:80\"\n";
    let project = file(text);
    let names = |all: Vec<(String, Value)>| all.into_iter().map(|one| one.0).collect::<Vec<_>>();
    let select = ["--select", "port-everywhere"];
    let before = names(fingerprints(&project, &select));
    project.edit(
        "compose.yml",
        "\"81:80\"\n",
        "\"81:80\" # composegen: ignore[port-everywhere] r\n",
    );
    let after = fingerprints(&project, &select);
    let allowed: Vec<_> = after
        .iter()
        .filter(|one| one.1.get("suppressions").is_some())
        .collect();
    assert_eq!(allowed.len(), 1);
    assert_eq!(allowed[0].1["suppressions"][0]["kind"], "inSource");
    assert_eq!(before, names(after.clone()));
    update(
        &project,
        &["-f", "compose.yml", "--select", "port-everywhere"],
    );
    let compared = fingerprints(
        &project,
        &["--select", "port-everywhere", "--baseline", "known.json"],
    );
    for (_, result) in &compared {
        let is_allowed = result.get("suppressions").is_some();
        assert_eq!(
            result.get("baselineState").is_some(),
            !is_allowed,
            "{result:#}"
        );
    }
    assert_eq!(before, names(compared));
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let prints = |text: &str| {
        let ran = file(text).run(&["check", "-f", "compose.yml", "--format", "sarif"]);
        let log = ran.json();
        let results = log["runs"][0]["results"].as_array().unwrap().iter();
        let prints: Vec<_> = results
            .map(|result| {
                result["partialFingerprints"]["composegen/v1"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        prints
    };
    let before = prints(SECRET);
    assert_eq!(before, prints(&format!("\n\n{SECRET}")));
    let distinct: std::collections::BTreeSet<_> = before.iter().collect();
    assert_eq!(distinct.len(), before.len());
}
