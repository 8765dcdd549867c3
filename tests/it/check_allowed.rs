//! Which findings comments and `x-composegen` allow, and the warnings about those that allow nothing.

use serde_json::Value;

use crate::project::{Project, root};

/// The report on files, as JSON.
fn report(project: &Project, arguments: &[&str]) -> Value {
    let ran = project.run(&[&["check", "--format", "json"], arguments].concat());
    ran.json()
}

/// The findings of a code, as `file:line`.
fn open(report: &Value, code: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let of_code = findings.filter(|one| one["code"] == code);
    let place = |one: &Value| {
        let file = one["place"]["file"].as_str().unwrap();
        format!("{file}:{}", one["place"]["line"])
    };
    of_code.map(place).collect()
}

fn messages(report: &Value, code: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let of_code = findings.filter(|one| one["code"] == code);
    of_code
        .map(|one| one["message"].as_str().unwrap().to_owned())
        .collect()
}

fn file(text: &str) -> Project {
    let project = Project::empty();
    project.write("compose.yml", text);
    project
}

#[test]
fn a_comment_counts_behind_any_value() {
    for item in [
        "- \"81:81\" # composegen: ignore[port-everywhere] r",
        "- '81:81' # composegen: ignore[port-everywhere] r",
        "- 81:81 # composegen: ignore[port-everywhere] r",
        "- \"81:81\" #composegen:ignore[port-everywhere] r",
        "# composegen: ignore[port-everywhere] r\n      - \"81:81\"",
    ] {
        let project = file(&format!(
            "services:\n  web:\n    image: a:1\n    ports:\n      {item}\n"
        ));
        let report = report(&project, &["-f", "compose.yml"]);
        assert_eq!(open(&report, "port-everywhere"), [""; 0], "{item}");
        assert_eq!(open(&report, "unused-allowance"), [""; 0], "{item}");
        assert_eq!(report["allowed"][0]["allowed"], "r", "{item}");
    }
}

#[test]
fn an_allowance_without_a_reason_allows_nothing() {
    let project = file(
        "services:\n  # composegen: ignore[no-restart]\n  web:\n    image: a:1\n    healthcheck: { test: [CMD, a] }\n",
    );
    let report = report(&project, &["-f", "compose.yml", "--level", "hardening"]);
    assert_eq!(open(&report, "no-restart"), ["compose.yml:3"]);
    assert_eq!(
        messages(&report, "unused-allowance"),
        ["`ignore[no-restart]` has no reason"]
    );
}

#[test]
fn a_comment_that_cannot_be_read_is_reported() {
    for comment in [
        "ignore x",
        "ignore[x",
        "ignore[]",
        "ignore[no-restart,] r",
        "allow[x] y",
    ] {
        let project = file(&format!(
            "services:\n  # composegen: {comment}\n  web:\n    image: a:1\n"
        ));
        let report = report(
            &project,
            &["-f", "compose.yml", "--select", "unused-allowance"],
        );
        let finding = &report["findings"][0];
        assert_eq!(
            finding["message"], "this comment cannot be read",
            "{comment}"
        );
        assert_eq!(
            finding["label"], "expected `# composegen: ignore[CODE] reason`",
            "{comment}"
        );
    }
}

/// Two projects that extend one file.
fn extending(a: &str, base: &str) -> Project {
    let project = Project::empty();
    let extending = "services:\n  web:\n    extends: { file: base.yml, service: base }\n";
    project.write("a.yml", &format!("{a}{extending}"));
    project.write("b.yml", extending);
    project.write(
        "base.yml",
        &format!("services:\n  base:\n    image: a:1\n    privileged: true\n{base}"),
    );
    project
}

#[test]
fn an_allowance_of_one_file_is_not_for_another_that_shares_a_text() {
    let privileged = "base.yml:4";
    let both = [
        "-f",
        "a.yml",
        "-f",
        "b.yml",
        "--select",
        "privileged,unused-allowance",
    ];
    let of_file = extending("x-composegen: { allow: { privileged: r } }\n", "");
    let found = report(&of_file, &both);
    assert_eq!(open(&found, "privileged"), [privileged]);
    assert_eq!(found["allowed"].as_array().unwrap().len(), 1);
    // An allowance of a service.
    let of_service = extending("", "");
    of_service.edit(
        "a.yml",
        "  web:\n",
        "  web:\n    x-composegen: { allow: { privileged: r } }\n",
    );
    let found = report(&of_service, &both);
    assert_eq!(open(&found, "privileged"), [privileged]);
    assert_eq!(open(&found, "unused-allowance"), [""; 0]);
    // What the extended service allows itself is for both.
    let of_base = extending("", "    x-composegen: { allow: { privileged: r } }\n");
    assert_eq!(open(&report(&of_base, &both), "privileged"), [""; 0]);
}

#[test]
fn an_allowance_in_a_text_that_is_only_extended_is_not_reported() {
    let project = extending(
        "",
        "    # composegen: ignore[no-limits] r\n    init: false\n",
    );
    let of_a = report(&project, &["-f", "a.yml", "--select", "unused-allowance"]);
    assert_eq!(open(&of_a, "unused-allowance"), [""; 0]);
    let of_base = report(
        &project,
        &["-f", "base.yml", "--select", "unused-allowance"],
    );
    assert_eq!(open(&of_base, "unused-allowance"), ["base.yml:5"]);
}

#[test]
fn an_included_file_allows_what_is_found_in_it() {
    let project = Project::empty();
    let service =
        |name: &str| format!("services:\n  {name}:\n    image: a:1\n    privileged: true\n");
    let included = "x-composegen: { allow: { privileged: r, no-restart: r, engine-socket: r } }\n";
    project.write(
        "compose.yml",
        &format!("include: [other.yml]\n{}", service("web")),
    );
    project.write("other.yml", &format!("{included}{}", service("db")));
    let arguments = [
        "-f",
        "compose.yml",
        "--select",
        "privileged,unused-allowance",
    ];
    let found = report(&project, &arguments);
    assert_eq!(open(&found, "privileged"), ["compose.yml:5"]);
    assert_eq!(
        messages(&found, "unused-allowance"),
        ["`allow` of `engine-socket` matches no finding"]
    );
    // That of the project's own file covers all of it.
    project.write(
        "compose.yml",
        &format!(
            "include: [other.yml]\nx-composegen: {{ allow: {{ privileged: r }} }}\n{}",
            service("web")
        ),
    );
    project.write("other.yml", &service("db"));
    assert_eq!(open(&report(&project, &arguments), "privileged"), [""; 0]);
}

#[test]
fn a_mistake_in_the_allowances_of_an_included_file_is_reported() {
    for (allow, said) in [
        ("{ allow: [privileged] }", "`x-composegen.allow` is a list"),
        (
            "{ alow: { privileged: r } }",
            "unknown field in `x-composegen`",
        ),
        (
            "{ allow: { priviledged: r } }",
            "there is no rule `priviledged`",
        ),
    ] {
        let project = file("include: [other.yml]\n");
        let service = "services:\n  db:\n    image: a:1\n";
        project.write("other.yml", &format!("x-composegen: {allow}\n{service}"));
        let report = report(&project, &["-f", "compose.yml"]);
        let findings = report["findings"].as_array().unwrap();
        let [finding] = &findings[..] else {
            panic!("{report:#}");
        };
        assert!(
            finding["message"].as_str().unwrap().contains(said),
            "{finding}"
        );
        assert_eq!(finding["place"]["file"], "other.yml", "{finding}");
        assert_eq!(finding["place"]["line"], 1, "{finding}");
    }
}

#[test]
fn no_format_shows_a_secret_of_an_allowance() {
    let project = file(
        "x-composegen:\n  allow:\n    no-restart: not hunter2-secret9\nservices:\n  \
         # composegen: ignore[no-healthcheck] it was hunter2-secret9 before\n  \
         # composegen: ignore[s3cret-of-mine] r\n  \
         # composegen: ignore[engine-socket] hunter2-secret9\n  web:\n    image: a:1\n    \
         environment:\n      DB_PASSWORD: hunter2-secret9 # composegen: ignore[secret-in-environment, privileged] a test\n",
    );
    for format in [
        "human", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown",
    ] {
        let ran = project.run(&["check", "-f", "compose.yml", "--format", format]);
        assert_eq!(ran.code, Some(1), "{format}: {}", ran.stderr);
        for secret in ["hunter2", "secret9", "s3cret-of"] {
            assert!(!ran.stdout.contains(secret), "{format}: {}", ran.stdout);
        }
        // The code of a rule is not a secret, also where its line is hidden.
        assert!(
            ran.stdout
                .contains("`ignore[privileged]` matches no finding")
                || ran.stdout.contains("ignore\\[privileged\\]")
                || matches!(format, "markdown"),
            "{format}: {}",
            ran.stdout
        );
    }
    let report = report(&project, &["-f", "compose.yml"]);
    let allowed = report["allowed"].as_array().unwrap().iter();
    let reasons: Vec<&str> = allowed
        .map(|one| one["allowed"].as_str().unwrap())
        .collect();
    assert!(reasons.contains(&"a test"), "{reasons:?}");
    assert!(reasons.contains(&"it was (hidden) before"), "{reasons:?}");
    assert!(reasons.contains(&"not (hidden)"), "{reasons:?}");
}

#[test]
fn comments_in_templates_are_allowances_of_their_own() {
    let project = Project::copy_of(&root().join("tests/fixtures/clean"));
    let ignored = "    # composegen: ignore[privileged] r\n    privileged: true\n";
    project.edit("templates/service.yml.j2", "    cap_drop: [ALL]\n", &format!(
        "    cap_drop: [ALL]\n{ignored}    # composegen: ignore[privileged] r\n    init: false\n"
    ));
    let report = report(&project, &["--select", "privileged,unused-allowance"]);
    assert_eq!(open(&report, "privileged"), [""; 0], "{report:#}");
    // Of two that read the same, the one that allows nothing is reported, and once for all hosts.
    assert_eq!(open(&report, "unused-allowance").len(), 1, "{report:#}");
}

#[test]
fn what_is_unused_in_the_files_of_other_hosts_is_not_reported() {
    let project = Project::copy_of(&root().join("tests/fixtures/clean"));
    let comment = "# composegen: ignore[privileged] r\n";
    for environment in ["prod", "staging"] {
        let line = format!("environment: {environment}\n");
        let file = format!("environments/{environment}.yaml");
        project.edit(&file, &line, &format!("{comment}{line}"));
    }
    let found = |names: &[&str]| open(&report(&project, names), "unused-allowance");
    assert_eq!(
        found(&[]),
        ["environments/prod.yaml:1", "environments/staging.yaml:1"]
    );
    assert_eq!(found(&["live"]), ["environments/prod.yaml:1"]);
    assert_eq!(found(&["local"]), [""; 0]);
    let all = report(&project, &[]);
    assert_eq!(all["findings"][0]["environments"][0], "prod");
}
