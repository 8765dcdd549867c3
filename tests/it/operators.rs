//! What `contrib` gives to operators, with the programs that read it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::outside::everything;
use crate::project::{Project, Ran, composegen, root};

fn contrib(file: &str) -> PathBuf {
    root().join("contrib").join(file)
}

/// The names of our metrics in a text.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let own = words.filter(|word| word.starts_with("composegen_drift_"));
    own.map(str::to_owned).collect()
}

/// The script, in a project of which a host has drifted: its status, and the metrics.
fn textfile(project: &Project, options: &[&str]) -> Output {
    let bin = PathBuf::from(composegen().get_program());
    let path = format!("{}:/usr/bin:/bin", bin.parent().unwrap().display());
    let mut command = Command::new(contrib("composegen-textfile"));
    command
        .env_clear()
        .env("PATH", path)
        .env("KIOSK_TAG", "7.1");
    command.current_dir(project.path("."));
    command
        .arg("composegen.prom")
        .args(options)
        .output()
        .unwrap()
}

#[test]
fn the_script_writes_the_metrics_whole_and_ends_as_drift_does() {
    let project = Project::sound();
    let snapshot = root().join("tests/fixtures/hosts/web.json");
    let snapshot = [
        "web",
        "--snapshot",
        snapshot.to_str().unwrap(),
        "--record",
        "runs.jsonl",
    ];
    let output = textfile(&project, &snapshot);
    assert_eq!(output.status.code(), Some(1), "{}", everything(&output));
    let text = project.read("composegen.prom");
    let seen = r#"composegen_drift_first_seen_timestamp_seconds{host="web",environment="prod",project="kiosk-prod",code="port-extra",severity="exposure"} 1795561293"#;
    assert!(text.contains(seen), "{text}");
    // A host that cannot be reached is told.
    let output = textfile(&project, &["web", "--docker", "unix:///nowhere"]);
    assert_eq!(output.status.code(), Some(2), "{}", everything(&output));
    assert!(project.read("composegen.prom").contains(
        "composegen_drift_up{host=\"web\",environment=\"prod\",project=\"kiosk-prod\"} 0"
    ));
    // Without any metrics, the older ones stay.
    let before = project.read("composegen.prom");
    let output = textfile(&project, &["nowhere"]);
    assert_eq!(output.status.code(), Some(2), "{}", everything(&output));
    assert_eq!(project.read("composegen.prom"), before);
    let left = fs::read_dir(project.path(".")).unwrap();
    let left = left.filter(|one| {
        one.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains(".prom.")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn rules_dashboard_and_page_name_just_the_metrics_that_there_are() {
    let project = Project::sound();
    let snapshot = root().join("tests/fixtures/hosts/web.json");
    let mut command = composegen();
    command
        .args(["drift", "web", "--format", "prometheus", "--snapshot"])
        .arg(snapshot);
    command
        .current_dir(project.path("."))
        .env("KIOSK_TAG", "7.1");
    let emitted = metrics(&Ran::of(&mut command).stdout);
    assert!(emitted.len() > 8, "{emitted:?}");
    for file in [
        "prometheus/rules.yml",
        "prometheus/rules_test.yml",
        "grafana/composegen.json",
    ] {
        let named = metrics(&fs::read_to_string(contrib(file)).unwrap());
        let unknown: Vec<_> = named.difference(&emitted).collect();
        assert!(named.len() > 4 && unknown.is_empty(), "{file}: {unknown:?}");
    }
    let page = fs::read_to_string(root().join("docs/operate.md")).unwrap();
    assert_eq!(metrics(&page), emitted, "docs/operate.md");
    let dashboard = fs::read_to_string(contrib("grafana/composegen.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<i64> = panels
        .iter()
        .map(|panel| panel["id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids.len(), panels.len());
}

#[test]
#[ignore = "needs promtool: make test"]
fn prometheus_takes_the_rules_and_they_alert_as_expected() {
    let metrics = || {
        let project = Project::sound();
        let snapshot = root().join("tests/fixtures/hosts/web.json");
        textfile(&project, &["web", "--snapshot", snapshot.to_str().unwrap()]);
        fs::File::open(project.path("composegen.prom")).unwrap()
    };
    for (arguments, input) in [
        (&["check", "rules", "rules.yml"][..], None),
        (&["test", "rules", "rules_test.yml"], None),
        (&["check", "metrics"], Some(metrics())),
    ] {
        let mut command = Command::new("promtool");
        command.args(arguments).current_dir(contrib("prometheus"));
        if let Some(input) = input {
            command.stdin(input);
        }
        let output = command
            .output()
            .expect("no promtool: run `make engine` first (as root on Debian)");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            everything(&output)
        );
    }
}

#[test]
#[ignore = "needs systemd-analyze: make test"]
fn systemd_takes_the_units() {
    // What the units start must be there for it to be content.
    let folder = Project::empty();
    for unit in [
        "composegen-drift.service",
        "composegen-drift.timer",
        "composegen-watch.service",
    ] {
        let text = fs::read_to_string(contrib("systemd").join(unit)).unwrap();
        let text = text.replace("/usr/local/bin/composegen", "/bin/true #");
        folder.write(unit, &text.replace("/bin/true #-textfile", "/bin/true"));
    }
    let units = [
        "composegen-drift.service",
        "composegen-drift.timer",
        "composegen-watch.service",
    ];
    let output = Command::new("systemd-analyze")
        .arg("verify")
        .args(units.map(|unit| folder.path(unit)))
        .output()
        .expect("no systemd-analyze: run `make engine` first (as root on Debian)");
    let said = everything(&output);
    // What it says of other units on the machine is not about ours.
    let own: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("composegen"))
        .collect();
    assert!(own.is_empty(), "{own:#?}");
    assert!(output.status.success(), "{said}");
}
