//! `composegen report`: what is on the page, and what Chromium, axe and a keyboard make of it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::outside::{Outside, succeed};
use crate::project::{Project, Ran, root};

/// A value of a spec that would be a program if it were not escaped.
const SCRIPT: &str = "<script>alert(1)</script>";

fn report(project: &Project, arguments: &[&str]) -> Ran {
    let arguments = [&["report", "-o", "site"], arguments].concat();
    project.run_with(&arguments, &[("KIOSK_TAG", "7.1")])
}

fn page(project: &Project) -> String {
    project.read("site/index.html")
}

/// The sound project with a snapshot of a host on which somebody worked by hand, and a record of it.
fn drifted() -> Project {
    let project = Project::sound();
    let snapshot = fs::read_to_string(root().join("tests/fixtures/hosts/web.json")).unwrap();
    project.write("web.json", &snapshot);
    let earlier = snapshot.replace("2026-11-24T23:01:33Z", "2026-11-20T10:00:00Z");
    assert_ne!(earlier, snapshot);
    project.write("earlier.json", &earlier);
    for file in ["earlier.json", "web.json"] {
        let drift = [
            "drift", "web", "--snapshot", file, "--record", "runs.jsonl", "-q",
        ];
        let ran = project.run_with(&drift, &[("KIOSK_TAG", "7.1")]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    }
    project
}

#[test]
fn a_page_shows_environments_and_what_was_not_measured() {
    let project = Project::nata();
    let ran = report(&project, &[]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr, "wrote site/index.html\n");
    let page = page(&project);
    for text in [
        "dashboard.nata.onl",
        "ollama-prod:11434",
        "mock (declared)",
        "live (not measured)",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.contains("this page was written without --live"));
    assert!(!page.contains("in sync"), "nobody measured anything");
    // The same specs give the same page.
    assert_eq!(report(&project, &[]).code, Some(0));
    assert_eq!(self::page(&project), page);
    let ran = report(&project, &["vps-prod"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!self::page(&project).contains("vps-staging"));
}

#[test]
fn a_page_shows_drift_and_history() {
    let project = drifted();
    let ran = report(
        &project,
        &["--snapshot", "web=web.json", "--history", "runs.jsonl"],
    );
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let page = page(&project);
    for text in [
        "port-extra",
        "drifted",
        " fields compared",
        "2 runs from",
        "2026-11-20T10:00:00Z",
    ] {
        assert!(page.contains(text), "{text}");
    }
    for (arguments, why) in [
        (["--snapshot", "web.json"], "matches no host"),
        (["--snapshot", "web=nowhere.json"], "nowhere.json"),
        (["--history", "web.json"], "line 1 is not a recorded run"),
    ] {
        let ran = report(&project, &arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}");
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
}

#[test]
fn an_unreachable_host_is_on_the_page_and_in_the_exit_status() {
    let project = Project::sound();
    let ran = project.run_with(
        &["report", "-o", "site", "web", "--live"],
        &[
            ("COMPOSEGEN_DOCKER_WEB", "unix:///nowhere"),
            ("KIOSK_TAG", "7.1"),
        ],
    );
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(page(&project).contains("unreachable"));
}

#[test]
fn another_page_is_not_replaced() {
    let project = Project::sound();
    project.write("site/index.html", "<h1>Ours</h1>");
    let ran = report(&project, &[]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("was not written by composegen"),
        "{}",
        ran.stderr
    );
    assert_eq!(page(&project), "<h1>Ours</h1>");
}

/// The sound project with a program where a reason should be.
fn hostile() -> Project {
    let project = Project::sound();
    project.edit(
        "environments/catalog.yaml",
        "The gate is the way in.",
        SCRIPT,
    );
    project
}

#[test]
fn a_program_in_a_spec_is_text() {
    let project = hostile();
    report(&project, &[]);
    let page = page(&project);
    assert!(!page.contains(SCRIPT));
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;"),
        "{page}"
    );
}

/// What Chromium saw, at each width and in each colour scheme.
fn views(outside: &Outside, project: &Project, pictures: Option<&Path>) -> Vec<Value> {
    let tools = root().join("tests/tools/page.mjs");
    let mut command = outside.tool("node");
    command
        .arg(tools)
        .arg(root().join("target/tools/npm"))
        .arg(project.path("site/index.html"))
        .args(pictures);
    let views: Value = serde_json::from_str(&succeed(&mut command)).unwrap();
    views.as_array().unwrap().clone()
}

/// Holds a view to what every page must be.
fn is_sound(view: &Value) {
    let at = format!("{} {}", view["width"], view["scheme"]);
    for nothing in ["said", "requests", "dialogs", "violations"] {
        assert_eq!(view[nothing], Value::Array(Vec::new()), "{at}: {nothing}");
    }
    assert_eq!(view["overflow"], 0, "{at}: wider than the screen");
}

#[test]
#[ignore = "needs Chromium: make test"]
fn a_browser_shows_a_page_without_an_error_or_a_request() {
    let outside = Outside::new();
    let project = Project::nata();
    report(&project, &[]);
    // `UPDATE_DOCS=1` writes the pictures of docs/report.md again.
    let pictures = root().join("docs/report");
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let views = views(&outside, &project, update.then_some(pictures.as_path()));
    assert_eq!(views.len(), 4);
    for view in &views {
        is_sound(view);
    }
    assert_ne!(
        views[0]["background"], views[1]["background"],
        "light and dark"
    );
    let project = drifted();
    report(
        &project,
        &["--snapshot", "web=web.json", "--history", "runs.jsonl"],
    );
    for view in self::views(&outside, &project, None) {
        is_sound(&view);
    }
}

/// The judge is worth something only if it finds what is wrong.
#[test]
#[ignore = "needs Chromium: make test"]
fn a_bad_page_is_found_to_be_one() {
    let project = Project::empty();
    project.write(
        "site/index.html",
        "<body><p style='color:#ccc;width:2000px'>pale</p><img src='http://127.0.0.1:9/x.png'><script>alert(1)</script>",
    );
    for view in views(&Outside::new(), &project, None) {
        for something in ["said", "requests", "dialogs", "violations"] {
            assert_ne!(view[something], Value::Array(Vec::new()), "{something}");
        }
        let violations = view["violations"].to_string();
        assert!(violations.contains("color-contrast"), "{violations}");
        assert_ne!(view["overflow"], 0);
    }
}

#[test]
#[ignore = "needs Chromium: make test"]
fn the_page_is_filtered_by_keyboard() {
    let project = Project::nata();
    report(&project, &[]);
    for view in views(&Outside::new(), &project, None) {
        let used = &view["used"];
        let count = |state: &str| used[state]["count"].as_str().unwrap().to_owned();
        let rows = |state: &str| used[state]["rows"].as_array().unwrap().clone();
        assert_eq!(used["tab"]["focus"], "skip");
        assert_eq!(used["postgres"]["focus"], "query");
        let found = rows("postgres");
        assert!(
            !found.is_empty() && found.len() < rows("before").len(),
            "{found:?}"
        );
        assert_eq!(
            count("postgres"),
            format!("{} of {}", found.len(), count("before"))
        );
        let hosts = used["postgres"]["hosts"].as_array().unwrap();
        assert!(hosts.contains(&"host-vps-prod".into()), "{hosts:?}");
        assert!(!hosts.contains(&"host-mac-prod".into()), "{hosts:?}");
        assert_eq!(used["none"]["nothing"], true);
        assert!(rows("none").is_empty() && used["none"]["hosts"] == Value::Array(Vec::new()));
        assert_eq!(rows("after"), rows("before"));
        assert_eq!(count("after"), count("before"));
        // The last of the environments, in the list beside the field.
        assert_eq!(used["last"]["focus"], "environment");
        assert_eq!(
            used["last"]["environments"],
            Value::from(vec!["environment-staging"])
        );
    }
}

#[test]
#[ignore = "needs Chromium: make test"]
fn a_browser_shows_a_program_in_a_spec_as_text() {
    let project = hostile();
    report(&project, &[]);
    for view in views(&Outside::new(), &project, None) {
        is_sound(&view);
    }
}

#[test]
fn a_page_for_a_hundred_hosts_is_written() {
    let project = Project::sound();
    let spec = project.read("environments/prod.yaml");
    let (before, hosts) = spec.split_once("hosts:\n").unwrap();
    assert!(hosts.contains("  web:"), "{hosts}");
    for number in 0..50 {
        let copy = before.replace("environment: prod", &format!("environment: e{number}"));
        let copy = copy.replace("kiosk", &format!("kiosk-{number}"));
        let hosts = hosts
            .replace("  web:", &format!("  web-{number}:"))
            .replace("  models:", &format!("  models-{number}:"))
            .replace("output: ", &format!("output: e{number}-"))
            .replace("project: ", &format!("project: e{number}-"));
        let copy = copy.replace("served_by: models", &format!("served_by: models-{number}"));
        project.write(
            &format!("environments/e{number}.yaml"),
            &format!("{copy}hosts:\n{hosts}"),
        );
    }
    let ran = report(&project, &[]);
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.stderr);
    let page = page(&project);
    assert_eq!(page.matches("<article").count(), 103);
}

#[test]
#[cfg(unix)]
fn no_file_that_an_option_names_is_written_through_a_link_out_of_the_project() {
    let project = Project::sound();
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), project.path("link")).unwrap();
    for arguments in [
        &["report", "-o", "link"][..],
        &["report", "-o", "link/deeper"],
        &["report", "-o", "./link"],
        &["report", "-o", "templates/../link"],
        &["report", "-o", "templates/../link/deeper"],
        &[
            "check", "--baseline", "link/known.json", "--update-baseline",
        ],
        &[
            "check",
            "--baseline",
            "templates/../link/known.json",
            "--update-baseline",
        ],
    ] {
        let ran = project.run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        let cause = "leads out of the project";
        assert!(ran.stderr.contains(cause), "{arguments:?}: {}", ran.stderr);
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    // What the user names outside of it, and links inside of it, are followed.
    std::os::unix::fs::symlink("real", project.path("inner")).unwrap();
    fs::create_dir(project.path("real")).unwrap();
    let absolute = outside.path().join("page");
    for (folder, page) in [
        ("inner", project.path("real/index.html")),
        (absolute.to_str().unwrap(), absolute.join("index.html")),
    ] {
        let ran = project.run(&["report", "-o", folder]);
        assert_ne!(ran.code, Some(2), "{folder}: {}", ran.stderr);
        assert!(page.is_file(), "{folder}");
    }
}
