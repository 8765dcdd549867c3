//! Files inside containers: what Compose copied into them, what is bound, and what was changed.

use serde_json::Value;

use super::finding::{Want, drift, notice};
use super::kiosk::Kiosk;
use super::report::Report;
use crate::outside::{Outside, printed};

/// Each engine that the tests have, by its name.
fn engines() -> [(&'static str, Outside); 3] {
    [
        ("Docker 20.10", Outside::new()),
        ("Docker 26.1", Outside::new().other("COMPOSEGEN_DOCKER_26")),
        ("Podman", Outside::new().other("COMPOSEGEN_PODMAN")),
    ]
}

const SECRET: &str = "correct-horse-battery";

const FILE: &str = r#"name: NAME
services:
  web:
    image: composegen-stub:latest
    init: true
    stop_grace_period: 0s
    tmpfs: [/hidden]
    configs:
      - { source: inline, target: /etc/app/inline.conf, mode: 0640 }
      - { source: hidden, target: /hidden/inline.conf }
      - { source: variable, target: /etc/app/variable.conf }
    secrets:
      - token
      - { source: token, target: /etc/app/token, uid: "12", gid: "34", mode: 0400 }
configs:
  inline: { content: "one\n" }
  hidden: { content: "three\n" }
  variable: { content: "limit=${LIMIT}\n" }
secrets:
  token: { environment: TOKEN }
"#;

fn started(outside: Outside) -> Kiosk {
    let kiosk = Kiosk::on(outside).set("TOKEN", SECRET).set("LIMIT", "7");
    kiosk.write("compose.yml", FILE);
    kiosk.up()
}

fn whats(unchecked: &Value) -> Vec<&str> {
    let unchecked = unchecked.as_array().unwrap().iter();
    unchecked.map(|one| one["what"].as_str().unwrap()).collect()
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn copied_configs_and_secrets_are_compared() {
    for (engine, outside) in engines() {
        let is_podman = engine == "Podman";
        let kiosk = started(outside);
        let report = kiosk.drift();
        report.finds(&[]);
        let unchecked = whats(&report.host()["unchecked"]);
        // Docker cannot see what is in memory, and Podman gives every file to root.
        let hidden = if is_podman {
            "`uid` of secret `token`"
        } else {
            "config `hidden`"
        };
        assert!(
            unchecked.iter().any(|what| what.starts_with(hidden)),
            "{engine}: {unchecked:?}"
        );

        // Changed in the file: `up` will not detect it.
        kiosk.change("compose.yml", "\"one\\n\"", "\"two\\n\"");
        let changed =
            || drift("config-content", "web").field("configs.inline", Want::Hidden, Want::Hidden);
        kiosk.drift().finds(&[changed().unapplied("ignores")]);
        kiosk.compose(&["stop"]);
        let report = kiosk.drift();
        let content = |one: &&Value| one["code"] == "config-content";
        let finding = report.findings.iter().find(content);
        let after_up = finding.map(|finding| &finding["after_up"]);
        assert_eq!(
            after_up,
            Some(&Value::from("heals")),
            "{engine}: {:#}",
            report.host()
        );
        kiosk.write("compose.yml", &FILE.replace("one", "two"));
        kiosk.compose(&["up", "-d", "--force-recreate"]);
        kiosk.drift().finds(&[]);

        // Of the mode and the place it is.
        let other = [
            ("0640", "0644", "configs.inline.mode"),
            ("inline.conf, mode", "other.conf, mode", "configs.inline"),
        ];
        for (from, to, field) in other {
            kiosk.change("compose.yml", from, to);
            let report = kiosk.drift();
            let after: Vec<_> = report
                .findings
                .iter()
                .map(|one| (&one["field"], &one["after_up"]))
                .collect();
            assert_eq!(
                after,
                [(&Value::from(field), &Value::from("heals"))],
                "{engine}"
            );
            kiosk.compose(&["up", "-d"]);
            kiosk.drift().finds(&[]);
            kiosk.write("compose.yml", &FILE.replace("one", "two"));
            kiosk.compose(&["up", "-d", "--force-recreate"]);
        }

        // Changed in the container.
        for (command, field, expected, observed) in [
            (
                "echo x > /etc/app/inline.conf",
                "configs.inline",
                Want::Hidden,
                Want::Hidden,
            ),
            (
                "rm /etc/app/inline.conf",
                "configs.inline",
                Want::Hidden,
                Want::Is(Value::Null),
            ),
            (
                "rm -f /etc/app/inline.conf; mkdir /etc/app/inline.conf",
                "configs.inline",
                Want::Hidden,
                Want::Is("a directory".into()),
            ),
            (
                "rm -r /etc/app/inline.conf; ln -s token /etc/app/inline.conf",
                "configs.inline",
                Want::Hidden,
                Want::Is("a symbolic link".into()),
            ),
            (
                "rm -r /etc/app/inline.conf; echo two > /etc/app/inline.conf; chmod 644 /etc/app/inline.conf",
                "configs.inline.mode",
                Want::Is("0640".into()),
                Want::Is("0644".into()),
            ),
        ] {
            // Podman shows what a link leads to.
            if is_podman && command.contains("ln -s") {
                continue;
            }
            let container = kiosk.container("web");
            let ran = kiosk.outside.exec(&[&container, "sh", "-c", command]);
            printed(format_args!("{engine}: {command}"), ran);
            let finding = drift("config-content", "web").field(field, expected, observed);
            kiosk.drift().finds(&[finding.by_hand("ignores")]);
        }
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_secret_that_changed_is_found_and_never_shown() {
    const OTHER: &str = "another-horse-battery";
    for (_, outside) in engines() {
        let url = outside.url().to_owned();
        let kiosk = started(outside);
        let file = kiosk.path("snapshot.json");
        let snapshot = file.to_str().unwrap();
        let compose = kiosk.path("compose.yml");
        let compose = compose.to_str().unwrap();
        let from = ["--docker", &url, "--file", compose];
        let taken = kiosk.run(&[&["snapshot", "-o", snapshot], &from[..]].concat());
        assert_eq!(taken.code, Some(0), "{}", taken.stderr);
        let with = ["--snapshot", snapshot, "--file", compose];
        let same = kiosk.run(&[&["drift"], &with[..]].concat());
        assert_eq!(same.code, Some(0), "{}{}", same.stdout, same.stderr);

        let kiosk = kiosk.forget().set("TOKEN", OTHER).set("LIMIT", "8");
        let mut printed = std::fs::read_to_string(&file).unwrap();
        for source in [&from[..], &with[..]] {
            for format in [
                "human", "concise", "json", "prometheus", "markdown", "sarif", "github", "junit",
                "",
            ] {
                let option = if format.is_empty() {
                    vec!["--diff"]
                } else {
                    vec!["--format", format]
                };
                let ran = kiosk.run(&[&["drift", "-v"], &option[..], source].concat());
                assert_eq!(ran.code, Some(1), "{format}: {}", ran.stderr);
                if format == "concise" {
                    let found: Vec<_> = ran.stdout.lines().collect();
                    assert_eq!(found.len(), 3, "{}", ran.stdout);
                }
                printed += &ran.stdout;
                printed += &ran.stderr;
            }
        }
        for text in [SECRET, OTHER, "limit=", &sha256(SECRET), &sha256(OTHER)] {
            assert!(!printed.contains(text), "{text} in {printed}");
        }
    }
}

/// What is listed as a config is one, whatever its name.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_config_that_is_newer_than_the_container_is_a_notice() {
    for (engine, outside) in engines() {
        let kiosk = Kiosk::on(outside);
        kiosk.write("rules", "one");
        let kiosk = kiosk
            .with(
                "    env_file: web.env\n",
                "    env_file: web.env\n    configs: [rules]\n",
            )
            .with(
                "volumes:\n  data: {}",
                "configs: { rules: { file: ./rules } }\nvolumes:\n  data: {}",
            )
            .up();
        kiosk.drift().finds(&[]);
        std::thread::sleep(std::time::Duration::from_millis(1100));
        std::fs::write(kiosk.path("rules"), "two").unwrap();
        let report = kiosk.drift();
        report.finds(&[notice("mount-newer", "web")
            .field("modified", Value::Null, Want::Something)
            .after_up("ignores")]);
        assert_eq!(report.findings[0]["subject"], "/rules", "{engine}");
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_bound_file_that_is_newer_than_the_container_is_a_notice() {
    for (engine, outside) in engines() {
        let kiosk = Kiosk::on(outside);
        kiosk.write("app.conf", "one");
        kiosk.write("data.db", "one");
        kiosk.write("key", "one");
        let own = r#""./site:/site:ro", "./app.conf:/etc/app.conf", "./data.db:/data.db", "./key:/etc/key""#;
        let kiosk = kiosk.with(r#""./site:/site:ro""#, own).up();
        kiosk.drift().finds(&[]);
        let newer = || {
            notice("mount-newer", "web")
                .field("modified", Value::Null, Want::Something)
                .after_up("ignores")
        };
        // Podman shows the time of a file in whole seconds.
        let wait = || std::thread::sleep(std::time::Duration::from_millis(1100));
        wait();
        std::fs::write(kiosk.path("key"), "two").unwrap();
        // An engine is asked for the age of any other file only with `--content`.
        kiosk.drift().finds(&[]);
        let report = kiosk.drift_with(&["--content"]);
        report.finds(&[newer()]);
        assert_eq!(report.findings[0]["subject"], "/etc/key");
        kiosk.compose(&["restart"]);
        wait();
        for file in ["app.conf", "data.db", "site/index.html"] {
            std::fs::write(kiosk.path(file), "two").unwrap();
        }
        let report = kiosk.drift();
        report.finds(&[newer()]);
        assert_eq!(report.host()["status"], "in-sync");
        let finding = &report.findings[0];
        assert_eq!(finding["subject"], "/etc/app.conf");
        assert!(finding["help"].as_str().unwrap().ends_with("-web-1"));
        kiosk.compose(&["restart"]);
        kiosk.drift().finds(&[]);
        // Docker looks a file up by its path, and sees one that replaced it; Podman still has the old one.
        wait();
        std::fs::write(kiosk.path("next.conf"), "three").unwrap();
        std::fs::rename(kiosk.path("next.conf"), kiosk.path("app.conf")).unwrap();
        if engine == "Podman" {
            let differs = notice("mount-content", "web");
            let differs = differs.field("content", Want::Hidden, Want::Hidden);
            kiosk
                .drift_with(&["--content"])
                .finds(&[differs.after_up("ignores")]);
        } else {
            kiosk.drift().finds(&[newer()]);
        }
        // What does not run has read nothing.
        kiosk.compose(&["stop"]);
        let report = kiosk.drift();
        let codes = report
            .findings
            .iter()
            .map(|finding| finding["code"].as_str());
        assert!(
            codes
                .into_iter()
                .all(|code| code == Some("service-stopped"))
        );
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn files_changed_inside_a_container_are_listed() {
    for (engine, outside) in engines() {
        let kiosk = started(outside);
        kiosk.drift_with(&["--changes"]).finds(&[]);
        let container = kiosk.container("web");
        let exec = |command: &str| {
            let ran = kiosk.outside.exec(&[&container, "sh", "-c", command]);
            printed(format_args!("{engine}: {command}"), ran);
        };
        exec("touch /tmp/a /hidden/a /run/a.pid; mkdir -p /root && touch /root/.ash_history");
        kiosk.drift_with(&["--changes"]).finds(&[]);
        exec("mkdir -p /opt/app && touch /opt/app/y");
        let changed = notice("container-changed", "web");
        let changed = changed.field("changes", Value::Null, vec!["/opt/app/y"]);
        kiosk
            .drift_with(&["--changes"])
            .finds(&[changed.after_up("ignores")]);
        exec("rm -r /opt; touch /etc/x");
        let changed = drift("container-changed", "web");
        let changed = changed.field("changes", Value::Null, vec!["/etc/x"]);
        kiosk
            .drift_with(&["--changes"])
            .finds(&[changed.by_hand("ignores")]);
        kiosk.drift().finds(&[]);
        let mut said = String::new();
        for format in [
            "human", "concise", "json", "markdown", "sarif", "github", "junit",
        ] {
            let compose = kiosk.path("compose.yml");
            let file = compose.to_str().unwrap();
            let ran = kiosk.run(&[
                "drift",
                "--changes",
                "--docker",
                kiosk.outside.url(),
                "--file",
                file,
                "--format",
                format,
            ]);
            assert_eq!(ran.code, Some(1), "{format}");
            assert!(ran.stdout.contains("/etc/x"), "{format}: {}", ran.stdout);
            said += &ran.stdout;
        }
        assert!(
            !said.contains("docker-init") && !said.contains("ash_history"),
            "{said}"
        );
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn bind_mounted_files_are_compared_with_the_project() {
    for (engine, outside) in engines() {
        let url = outside.url().to_owned();
        let kiosk = Kiosk::on(outside);
        kiosk.write("conf/a", "one");
        kiosk.write("conf/sub/b", "two");
        let binds =
            r#""./site:/site:ro", "./conf:/etc/app:ro", "./web.env:/w.env", "/etc/hostname:/h:ro""#;
        let kiosk = kiosk.with(r#""./site:/site:ro""#, binds).up();
        let report = kiosk.drift_with(&["--content"]);
        report.finds(&[]);
        let unchecked = whats(&report.host()["unchecked"]);
        assert!(
            unchecked.contains(&"the content of `/h` of service `web`"),
            "{unchecked:?}"
        );
        assert!(
            !unchecked.iter().any(|what| what.contains("bind mount")),
            "{unchecked:?}"
        );
        let report = kiosk.drift();
        assert!(whats(&report.host()["unchecked"]).contains(&"the content of 4 bind mounts"));

        // As on a machine whose copy of the project is older.
        let file = kiosk.path("snapshot.json");
        let compose = kiosk.path("compose.yml");
        let (snapshot, compose) = (file.to_str().unwrap(), compose.to_str().unwrap());
        let take = |options: &[&str]| {
            let to = [
                "snapshot", "-o", snapshot, "--docker", &url, "--file", compose,
            ];
            assert_eq!(
                kiosk.run(&[&to, options].concat()).code,
                Some(0),
                "{engine}"
            );
        };
        take(&["--content"]);
        let compare = || {
            let with = [
                "drift", "--format", "json", "--content", "--snapshot", snapshot,
            ];
            Report::read(
                kiosk.run(&[&with[..], &["--file", compose]].concat()),
                &kiosk.name,
            )
        };
        compare().finds(&[]);
        kiosk.write("conf/sub/b", "three");
        kiosk.write("conf/c", "new");
        let differs = drift("mount-content", "web").field("content", Want::Hidden, Want::Hidden);
        let report = compare();
        report.finds(&[differs.after_up("ignores")]);
        let message = report.findings[0]["message"].as_str().unwrap();
        assert!(
            message.contains(": `c` is missing, `sub/b` differs"),
            "{engine}: {message}"
        );
        std::fs::remove_file(kiosk.path("conf/c")).unwrap();
        kiosk.write("conf/sub/b", "two");
        kiosk.write("web.env", "KEY=two");
        let report = compare();
        let about = |finding: &&Value| finding["code"] == "mount-content";
        let finding = report.findings.iter().find(about).unwrap();
        assert_eq!(
            (&finding["severity"], &finding["subject"]),
            (&"notice".into(), &"/w.env".into())
        );
        kiosk.write("web.env", "KEY=one\n");
        take(&[]);
        let report = compare();
        report.finds(&[]);
        assert!(
            whats(&report.host()["unchecked"])
                .contains(&"the content of `/etc/app` of service `web`")
        );
    }
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(text);
    let digits = digest.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}
