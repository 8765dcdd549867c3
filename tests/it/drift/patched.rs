//! `drift --patch` and `state --live`: a file that says what runs.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::fake::Fake;
use super::kiosk::Kiosk;
use super::report::Report;
use super::shop_engine::exposed;
use crate::outside::{Outside, fed};
use crate::project::{Project, Ran, composegen};

/// Applies a patch with the program that people apply patches with.
fn apply(patch: &str, folder: &std::path::Path) {
    let output = fed(
        Command::new("patch")
            .args(["-p1", "--no-backup-if-mismatch", "--fuzz=0"])
            .current_dir(folder),
        patch,
    );
    assert!(
        output.status.success(),
        "{}\n{patch}",
        String::from_utf8_lossy(&output.stdout)
    );
}

/// Applies it with git, which has the last word on what a patch is.
fn apply_with_git(patch: &str, folder: &std::path::Path) {
    let mut git = Command::new("git");
    git.args(["apply", "--unidiff-zero", "-p1"])
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", folder);
    let output = fed(&mut git, patch);
    assert!(
        output.status.success(),
        "{}\n{patch}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A service is where its file says it, which may be one that the project's file includes or extends.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_of_another_file_is_edited_there() {
    let kiosk = Kiosk::new();
    let service = "image: 'composegen-stub:latest', init: true, stop_grace_period: 0s";
    kiosk.write(
        "compose.yml",
        &format!(
            "name: NAME\ninclude: [more/db.yml]\nservices:\n  web:\n    extends: {{ file: base.yml, service: base }}\n    labels: {{ a: b }}\n  own: {{ {service} }}\n"
        ),
    );
    kiosk.write(
        "more/db.yml",
        &format!("services:\n  db: {{ {service}, mem_limit: 64m }}\n"),
    );
    kiosk.write(
        "base.yml",
        &format!("services:\n  base: {{ {service}, mem_limit: 64m }}\n"),
    );
    let kiosk = kiosk.up();
    kiosk.docker("update --memory 99m --memory-swap 198m NAME-db-1");
    kiosk.docker("update --memory 98m --memory-swap 196m NAME-web-1");
    let ran = kiosk.patch_holds(kiosk.outside.url());
    assert!(ran.stderr.contains("settles 2 findings"), "{}", ran.stderr);
    let db = fs::read_to_string(kiosk.path("more/db.yml")).unwrap();
    assert!(db.contains("mem_limit: 99m"), "{db}");
    // What only the other service says stays as it is.
    let base = fs::read_to_string(kiosk.path("base.yml")).unwrap();
    assert!(base.contains("mem_limit: 64m"), "{base}");
    assert!(ran.stdout.contains("+    mem_limit: 98m"), "{}", ran.stdout);
}

impl Kiosk {
    /// Whether the patch of the project's file leaves no finding but those that it says it leaves. The file
    /// stays as it was.
    pub(super) fn patch_holds(&self, url: &str) -> Ran {
        let path = self.path(self.file);
        let before = fs::read_to_string(&path).unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let ran = self.run(&["drift", "--patch", "--file", self.file, "--docker", url]);
        assert!(
            matches!(ran.code, Some(0 | 1)),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
        if !ran.stdout.is_empty() {
            apply(
                &ran.stdout,
                path.ancestors().nth(self.file.split('/').count()).unwrap(),
            );
        }
        let reset = |path: &std::path::Path| {
            let file = fs::File::options().append(true).open(path).unwrap();
            file.set_modified(modified).unwrap();
        };
        reset(&path);
        let again = self.run(&[
            "drift", "--format", "json", "--file", self.file, "--docker", url,
        ]);
        let after = fs::read_to_string(&path).unwrap();
        fs::write(&path, before).unwrap();
        reset(&path);
        let again = Report::read(again, &self.name);
        for finding in again
            .findings
            .iter()
            .filter(|one| one["severity"] != "notice")
        {
            let message = finding["message"].as_str().unwrap();
            let is_left = ran.stderr.contains(&format!("left out: {message} ("));
            assert!(
                is_left,
                "{message}\n{}\n{}\n{after}",
                ran.stdout, ran.stderr
            );
        }
        ran
    }

    /// A Compose file of what runs, and the variables that it names.
    fn live(&self) -> (String, Vec<String>) {
        let url = self.outside.url();
        let ran = self.run(&["state", "--live", "--file", self.file, "--docker", url]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        let parts = ran.stdout.split("${").skip(1);
        let names = parts.map(|part| part.split(":?}").next().unwrap().to_owned());
        let names = names.collect();
        (ran.stdout, names)
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_patch_makes_the_file_say_what_a_person_did() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("update --memory 128m --memory-swap 256m --cpus 0.25 NAME-web-1");
    kiosk.docker("network connect --alias queue NAME_edge NAME-db-1");
    kiosk.docker("network create NAME-others");
    kiosk.docker("network connect NAME-others NAME-web-1");
    kiosk.docker("network disconnect NAME_internal NAME-web-1");
    let ran = kiosk.patch_holds(kiosk.outside.url());
    for line in [
        "--- a/compose.yml\n+++ b/compose.yml\n",
        "-    networks: [edge, internal]",
        "+    deploy: { resources: { limits: { cpus: \"0.25\", memory: 128m, pids: 50 } } }",
        "+    external: true",
    ] {
        assert!(
            ran.stdout.contains(line),
            "{line}\n{}{}",
            ran.stdout,
            ran.stderr
        );
    }
    assert!(ran.stderr.contains("the patch settles"), "{}", ran.stderr);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn what_a_rendered_host_runs_is_shown_as_the_file_that_the_spec_has_to_give() {
    let kiosk = Kiosk::shop().up();
    kiosk.docker("update --memory 300m --memory-swap 600m NAME-prod-gate-1");
    let url = kiosk.outside.url();
    let ran = kiosk.run(&["drift", "--patch", "shop-prod", "--docker", url]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let first = "# `generated/shop.prod.yml` is rendered: change the specs or templates so that they give this\n--- a/";
    assert!(
        ran.stdout.starts_with(first),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert!(ran.stdout.contains("300m"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(super::shop::SECRET) && !ran.stderr.contains(super::shop::SECRET));
}

#[test]
fn a_patch_is_one_and_says_what_it_leaves() {
    let engine = Fake::new(exposed);
    let project = Project::empty();
    project.write(
        "compose.yml",
        "name: shop\nservices:\n  web:\n    image: stub:1 # ours\n    environment: { A: b }\n    ports: [\"127.0.0.1:8080:80\"]\n",
    );
    let url = engine.url();
    // This engine leaves out a few fields, which is another finding.
    let codes = ["--code", "port-changed", "--code", "service-config"];
    let options = ["-f", "compose.yml", "--docker", &url];
    let drift = |more: &[&str]| project.run(&[&["drift"], &options[..], &codes, more].concat());
    let ran = drift(&["--patch"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "--- a/compose.yml\n+++ b/compose.yml\n@@ -2,5 +2,4 @@\n services:\n   web:\n     image: stub:1 # ours\n-    environment: { A: b }\n-    ports: [\"127.0.0.1:8080:80\"]\n+    ports: [\"0.0.0.0:8080:80\"]\n"
    );
    apply(&ran.stdout, &project.path("."));
    let ran = drift(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
}

#[test]
fn a_patch_fits_files_with_other_line_ends_marks_and_names() {
    let engine = Fake::new(exposed);
    let url = engine.url();
    let plain = "name: shop\nservices:\n  web:\n    image: stub:1 # \u{e9}\u{200b}\u{202e} ours\n    environment: { A: b }\n    ports: [\"127.0.0.1:8080:80\"]\n    stdin_open: true";
    let texts = [
        plain.to_owned(),
        format!("{plain}\n"),
        format!("\u{feff}{plain}\n"),
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}\n").replace('\n', "\r\n"),
        plain.replace("ours", "\u{1f980}\tou\u{feff}rs  "),
    ];
    for (text, name) in texts.iter().zip([
        "compose.yml", "my compose.yml", "\u{e9}.yml", "a\"b.yml", "a/b c.yml", "x.yml",
    ]) {
        for apply in [apply, apply_with_git] {
            let project = Project::empty();
            project.write(name, text);
            let codes = ["--code", "port-changed", "--code", "service-config"];
            let options = [&["drift", "-f", name, "--docker", &url], &codes[..]].concat();
            let ran = project.run(&[&options[..], &["--patch"]].concat());
            assert_eq!(ran.code, Some(1), "{}", ran.stderr);
            apply(&ran.stdout, &project.path("."));
            let new = fs::read_to_string(project.path(name)).unwrap();
            let expected = text
                .replace("127.0.0.1", "0.0.0.0")
                .replace("    environment: { A: b }\r\n", "")
                .replace("    environment: { A: b }\n", "");
            let end = new.find("    stdin_open").map_or(new.len(), |at| at - 1);
            assert!(
                expected.starts_with(new.get(..end).unwrap().trim_end()),
                "{new:?}\n{expected:?}"
            );
            let ran = project.run(&options);
            assert_eq!(ran.code, Some(0), "{name}: {}{new:?}", ran.stdout);
        }
    }
}

#[test]
fn a_patch_of_a_file_elsewhere_says_where_it_is_to_be_applied() {
    let engine = Fake::new(exposed);
    let project = Project::empty();
    let text = "name: shop\nservices: { web: { image: stub:1, ports: [\"127.0.0.1:8080:80\"] } }\n";
    project.write("compose.yml", text);
    project.write("sub/x", "");
    let url = engine.url();
    let mut drift = composegen();
    drift
        .args(["drift", "-f", "../compose.yml", "--docker", &url, "--patch"])
        .args(["--code", "port-changed"])
        .current_dir(project.path("sub"));
    let ran = Ran::of(&mut drift);
    let start = "# apply it in `..`\n--- a/compose.yml\n+++ b/compose.yml\n";
    assert!(ran.stdout.starts_with(start), "{}", ran.stdout);
    apply(&ran.stdout, &project.path("."));
    let new = fs::read_to_string(project.path("compose.yml")).unwrap();
    assert_eq!(new, text.replace("127.0.0.1", "0.0.0.0"));
}

#[test]
fn what_runs_is_written_without_values_that_may_be_secret() {
    let engine = Fake::new(exposed);
    let project = Project::empty();
    project.write(
        "compose.yml",
        "name: shop\nservices: { web: { image: stub:1 } }\n",
    );
    let ran = project.run(&[
        "state",
        "--live",
        "-f",
        "compose.yml",
        "--docker",
        &engine.url(),
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "name: shop\nservices:\n  web:\n    image: stub:1\n    ports:\n      - \"0.0.0.0:8080:80\"\n"
    );
    let options = [
        "state", "--live", "-f", "compose.yml", "--docker", "unix:///nowhere",
    ];
    let ran = project.run(&options);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stderr.contains("nowhere"), "{}", ran.stderr);
    let ran = project.run(&["state", "-f", "compose.yml", "--docker", "unix:///nowhere"]);
    assert!(ran.stderr.contains("--live"), "{}", ran.stderr);
    let url = engine.url();
    let options = [
        "state", "--live", "-f", "compose.yml", "-p", "shopp", "--docker", &url,
    ];
    let ran = project.run(&options);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    let why = "project `shopp` has no containers; other projects there: `shop`";
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}

/// The project that uses everything: what runs of it is a Compose file that Compose takes, and against which there
/// is not drift.
fn what_runs_is_in_sync(outside: Outside) {
    let kiosk = Kiosk::with_everything(outside, &[]);
    let (text, names) = kiosk.live();
    assert!(!text.contains("from outside"), "{text}");
    assert!(
        names.iter().any(|name| name == "EVERY_OPTION_FROM_OUTSIDE"),
        "{names:?}"
    );
    let live = Project::empty();
    live.write("compose.yml", &text);
    let file = live.path("compose.yml");
    let mut config = kiosk.outside.docker(&["compose", "-f"]);
    config.arg(&file).args(["config", "-q"]);
    config.envs(names.iter().map(|name| (name, "value")));
    let accepted = config.output().unwrap();
    assert!(
        accepted.status.success(),
        "{}\n{text}",
        String::from_utf8_lossy(&accepted.stderr)
    );
    let mut drift = composegen();
    drift
        .args([
            "drift",
            "--format",
            "json",
            "--docker",
            kiosk.outside.url(),
            "--file",
        ])
        .arg(&file);
    let report = Report::read(Ran::of(&mut drift), &kiosk.name);
    let found: Vec<&Value> = report
        .findings
        .iter()
        .filter(|one| one["severity"] != "notice")
        .collect();
    assert!(found.is_empty(), "{found:#?}\n{text}");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn what_runs_on_docker_20_10() {
    what_runs_is_in_sync(Outside::new());
}

#[test]
#[ignore = "needs Docker 28 from Debian sid: make test"]
fn what_runs_on_docker_28() {
    what_runs_is_in_sync(Outside::new().other("COMPOSEGEN_DOCKER_28"));
}
