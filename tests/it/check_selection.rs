//! Which findings `composegen check` reports, which of them fail, and which files allow.

use serde_json::Value;

use crate::project::{Project, Ran, root};

/// A file with an error, warnings and hardening suggestions.
const SHOP: &str = "\
services:
  web:
    image: nginx
    ports: [\"8080:80\"]
  db:
    image: postgres:17.6
    healthcheck: { test: [CMD, pg_isready] }
    environment:
      POSTGRES_PASSWORD: hunter2
";

/// All levels.
const HARDENING: &[&str] = &["--level", "hardening"];

fn shop(text: &str) -> Project {
    let project = Project::empty();
    project.write("compose.yml", text);
    project
}

/// Checks the file, and gives its findings as `line code`.
fn findings(project: &Project, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let ran = json(project, arguments);
    let report = ran.json();
    (ran.code, codes(&report["findings"]))
}

fn json(project: &Project, arguments: &[&str]) -> Ran {
    let command = ["check", "-f", "compose.yml", "--format", "json"];
    project.run(&[&command[..], arguments].concat())
}

fn codes(findings: &Value) -> Vec<String> {
    let findings = findings.as_array().unwrap().iter();
    let code = |one: &Value| {
        format!(
            "{} {}",
            one["place"]["line"],
            one["code"].as_str().unwrap_or_default()
        )
    };
    findings.map(code).collect()
}

#[test]
fn hardening_suggestions_are_counted_and_shown_on_demand() {
    let project = shop(SHOP);
    let ran = project.run(&["check", "-f", "compose.yml"]);
    assert_eq!(ran.code, Some(1));
    insta::assert_snapshot!(ran.stdout);
    let (_, reported) = findings(&project, &[]);
    assert!(!reported.iter().any(|one| one.ends_with("no-limits")));
    let (_, all) = findings(&project, &["--level", "hardening"]);
    assert!(all.iter().any(|one| one == "2 no-limits"), "{all:?}");
    let (_, errors) = findings(&project, &["--level", "error"]);
    assert_eq!(errors, ["9 secret-in-environment"]);
}

#[test]
fn findings_are_sorted_by_level_and_place() {
    let report: Value = {
        let ran = json(&shop(SHOP), &["--level", "hardening"]);
        ran.json()
    };
    let key = |one: &Value| {
        let levels = ["error", "warning", "hardening"];
        let level = levels.iter().position(|level| one["level"] == *level);
        (level.unwrap(), one["place"]["line"].as_u64().unwrap())
    };
    let keys: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(key)
        .collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert!(keys.len() > 5);
}

#[test]
fn what_is_reported_fails_unless_another_level_is_set() {
    let project = shop(
        "services:\n  web:\n    image: nginx:1.29.1\n    restart: always\n    healthcheck: { test: [CMD, a] }\n",
    );
    for (arguments, code) in [
        (&[][..], 0),
        (&["--level", "hardening"], 1),
        (&["--level", "hardening", "--fail-on", "warning"], 0),
        (&["--level", "hardening", "--fail-on", "never"], 0),
        (&["--select", "no-limits"], 1),
    ] {
        let (ended, found) = findings(&project, arguments);
        assert_eq!(ended, Some(code), "{arguments:?}: {found:?}");
    }
}

#[test]
fn a_selection_of_no_rule_is_refused() {
    let project = shop(SHOP);
    let refused = |arguments: &[&str], why: &str| {
        let ran = json(&project, arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stdout);
        assert!(ran.stderr.contains(why), "{arguments:?}: {}", ran.stderr);
    };
    refused(
        &["--select", "no-limits", "--level", "error"],
        "below the level `error`",
    );
    refused(
        &["--select", "no-limits", "--ignore", "no-*"],
        "`ignore` names all rules",
    );
    refused(
        &["--ignore", "*"],
        "no rule is selected: `ignore` names all rules\n",
    );
    // What a file says is at its line.
    for (settings, place) in [
        ("check: { ignore: ['*'] }\n", "composegen.yaml:1:19"),
        (
            "check: { select: [no-limits], ignore: ['no-*'] }\n",
            "composegen.yaml:1:40",
        ),
    ] {
        project.write("composegen.yaml", settings);
        let ran = project.run(&["check"]);
        assert_eq!(ran.code, Some(2), "{settings}: {}", ran.stdout);
        for text in ["no rule is selected", place] {
            assert!(ran.stderr.contains(text), "{settings}: {}", ran.stderr);
        }
    }
}

#[test]
fn the_command_line_selects_what_a_file_ignores() {
    let project = shop(SHOP);
    project.write(
        "composegen.yaml",
        "check: { level: error, ignore: [no-*] }\n",
    );
    assert!(
        !findings(&project, &[])
            .1
            .iter()
            .any(|one| one.contains("no-"))
    );
    let (code, found) = findings(&project, &["--select", "no-restart"]);
    assert_eq!(code, Some(1));
    assert!(!found.is_empty());
}

#[test]
fn settings_may_be_empty() {
    let project = shop(SHOP);
    let (_, all) = findings(&project, &[]);
    for text in ["", "# none\n", "check:\n", "check: {}\n", "{}\n"] {
        project.write("composegen.yaml", text);
        assert_eq!(findings(&project, &[]), (Some(1), all.clone()), "{text}");
    }
}

#[test]
fn a_section_of_settings_may_be_empty_in_the_specs() {
    let project = Project::copy_of(&root().join("tests/fixtures/clean"));
    project.edit(
        "environments/catalog.yaml",
        "product: shop\n",
        "product: shop\ncheck:\n",
    );
    let prod = "environments/prod.yaml";
    project.edit(prod, "environment: prod\n", "environment: prod\ncheck:\n");
    let machine = "    machine: rack\n";
    project.edit(prod, machine, &format!("{machine}    check:\n"));
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn what_does_not_fail_says_so() {
    let project = shop(SHOP);
    let run = |format: &str, level: &str| {
        let arguments = [
            "check", "-f", "compose.yml", "--format", format, "--fail-on", level,
        ];
        project.run(&arguments).stdout
    };
    assert!(run("github", "warning").contains("::error "));
    let never = run("github", "never");
    assert!(
        !never.contains("::error ") && never.contains("::warning "),
        "{never}"
    );
    let errors = run("github", "error");
    assert!(
        errors.contains("::error ") && errors.contains("::notice "),
        "{errors}"
    );
    assert!(!errors.contains("::warning "), "{errors}");
    assert!(!run("sarif", "never").contains("\"level\": \"error\",\n          \"locations\""));
    assert!(!run("gitlab", "never").contains("critical"));
    let report: Value = serde_json::from_str(&run("json", "error")).unwrap();
    for finding in report["findings"].as_array().unwrap() {
        assert_eq!(finding["fails"], finding["level"] == "error", "{finding}");
    }
}

#[test]
fn an_unknown_code_is_refused_with_a_suggestion() {
    let project = shop(SHOP);
    let ran = project.run(&["check", "-f", "compose.yml", "--select", "no-limit"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("did you mean `no-limits`?"),
        "{}",
        ran.stderr
    );
    project.write("composegen.yaml", "check:\n  ignore: [no-limit]\n");
    let ran = project.run(&["check", "-f", "compose.yml"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn a_comment_allows_the_findings_of_its_line_or_of_the_next() {
    let commented = SHOP
        .replace(
            "  web:\n",
            "  # composegen: ignore[no-healthcheck, no-restart] nobody waits for it\n\n  # more\n  web:\n",
        )
        .replace(
            "hunter2\n",
            "hunter2 # composegen: ignore[secret-in-environment] a test\n",
        );
    let project = shop(&commented);
    let (_, before) = findings(&shop(SHOP), HARDENING);
    let (_, after) = findings(&project, HARDENING);
    assert_eq!(before.len() - 3, after.len(), "{before:?} {after:?}");
    for code in [
        "no-healthcheck",
        "secret-in-environment",
        "unused-allowance",
    ] {
        assert!(!after.iter().any(|one| one.ends_with(code)), "{after:?}");
    }
    let report: Value = serde_json::from_str(&json(&project, &[]).stdout).unwrap();
    assert_eq!(report["allowed"][0]["allowed"], "a test");
}

#[test]
fn a_text_that_looks_like_a_comment_allows_nothing() {
    for text in [
        "    labels: { a: \"# composegen: ignore[no-restart] no\" }\n",
        "    command: |\n      # composegen: ignore[no-restart] no\n      run\n",
        "    command: >\n      run\n      # composegen: ignore[no-restart] no\n",
    ] {
        let file = format!("services:\n  web:\n    image: a:1\n{text}  db:\n    image: b:1\n");
        let (_, found) = findings(&shop(&file), HARDENING);
        let open = found.iter().filter(|one| one.ends_with("no-restart"));
        assert_eq!(open.count(), 2, "{text}: {found:?}");
        assert!(!found.iter().any(|one| one.ends_with("unused-allowance")));
    }
}

#[test]
fn a_comment_without_a_finding_a_rule_or_a_reason_is_reported() {
    let project = shop(
        "services:\n  # composegen: ignore[privileged] once\n  web:\n    \
         # composegen: ignore[privilege] typo\n    image: a:1\n  \
         # composegen: ignore[no-restart]\n  db:\n    image: b:1\n",
    );
    let ran = project.run(&["check", "-f", "compose.yml", "--select", "unused-allowance"]);
    assert_eq!(ran.code, Some(1));
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn an_extension_allows_findings_of_a_file_or_a_service() {
    let text = format!("x-composegen: {{ allow: {{ no-restart: later }} }}\n{SHOP}");
    let (_, found) = findings(&shop(&text), HARDENING);
    assert!(
        !found.iter().any(|one| one.ends_with("no-restart")),
        "{found:?}"
    );
    let text = SHOP.replace(
        "  db:\n",
        "  db:\n    x-composegen: { allow: { no-restart: later } }\n",
    );
    let (_, found) = findings(&shop(&text), HARDENING);
    let open: Vec<_> = found
        .iter()
        .filter(|one| one.ends_with("no-restart"))
        .collect();
    assert_eq!(open, ["2 no-restart"]);
    for (extension, said) in [
        ("{ allow: [no-restart] }", "`x-composegen.allow` is a list"),
        (
            "{ allow: { no-restart: } }",
            "warning[unused-allowance]: `allow` of `no-restart` has no reason",
        ),
        ("{ allowed: {} }", "unknown field in `x-composegen`"),
    ] {
        let project = shop(&format!("x-composegen: {extension}\n{SHOP}"));
        let ran = project.run(&["check", "-f", "compose.yml"]);
        assert!(ran.stdout.contains(said), "{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_baseline_hides_what_it_knows_and_nothing_else() {
    let project = shop(SHOP);
    let baseline = &["--baseline", "known.json"][..];
    let ran = json(&project, baseline);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--update-baseline"), "{}", ran.stderr);
    let ran = json(&project, &[baseline, &["--update-baseline"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let written = std::fs::read_to_string(project.path("known.json")).unwrap();
    assert!(!written.contains("hunter"), "{written}");
    // Lines may move; what is new is reported.
    project.write(
        "compose.yml",
        &format!("# moved\n{SHOP}  cache:\n    image: redis\n"),
    );
    assert_eq!(
        findings(&project, baseline),
        (Some(1), vec!["12 unpinned-image".to_owned()])
    );
    project.write("compose.yml", &SHOP.replace("hunter2", "\"${PASSWORD:?}\""));
    let ran = project.run(&[&["check", "-f", "compose.yml"][..], baseline].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("1 finding of the baseline was not found again"),
        "{}",
        ran.stdout
    );
    for broken in ["", "{}", "{\"version\":2,\"findings\":[]}", "[1]"] {
        project.write("known.json", broken);
        assert_eq!(json(&project, baseline).code, Some(2), "{broken}");
    }
}

#[test]
fn settings_of_a_folder_hold_below_it_and_the_command_line_beats_them() {
    let project = shop(SHOP);
    project.write(
        "composegen.yaml",
        "check:\n  level: hardening\n  fail_on: never\n  ignore: [secret-*]\n",
    );
    let (code, found) = findings(&project, &[]);
    assert_eq!(code, Some(0));
    assert!(
        found.iter().any(|one| one.ends_with("no-limits")),
        "{found:?}"
    );
    assert!(!found.iter().any(|one| one.contains("secret")), "{found:?}");
    let (code, found) = findings(&project, &["--fail-on", "warning", "--level", "warning"]);
    assert_eq!(code, Some(1));
    assert!(
        !found.iter().any(|one| one.ends_with("no-limits")),
        "{found:?}"
    );
    project.write("composegen.yaml", "check: { levels: error }\n");
    assert_eq!(json(&project, &[]).code, Some(2));
}

#[test]
fn a_host_an_environment_and_the_catalogue_ask_for_levels() {
    let project = Project::copy_of(&root().join("tests/fixtures/clean"));
    project.edit("templates/service.yml.j2", "    cap_drop: [ALL]\n", "");
    // The finding of a line that hosts have in common is about all of them, and is reported where one asks for it.
    let is_reported = || {
        let ran = project.run(&["check", "--format", "json"]);
        let report = ran.json();
        !report["findings"].as_array().unwrap().is_empty()
    };
    let set = |file: &str, before: &str, level: &str| {
        let with = format!("{before}check: {{ level: {level} }}\n");
        project.edit(file, before, &with);
    };
    assert!(!is_reported());
    set("environments/catalog.yaml", "product: shop\n", "hardening");
    assert!(is_reported());
    for environment in ["local", "preview", "staging", "prod"] {
        let file = format!("environments/{environment}.yaml");
        set(&file, &format!("environment: {environment}\n"), "error");
        assert_eq!(is_reported(), environment != "prod", "{environment}");
    }
    project.edit(
        "environments/prod.yaml",
        "    machine: rack\n",
        "    machine: rack\n    check: { level: hardening }\n",
    );
    assert!(is_reported());
}

#[test]
fn every_format_says_the_same_and_hides_secrets() {
    let project = shop(SHOP);
    let run = |format: &str| {
        let ran = project.run(&["check", "-f", "compose.yml", "--format", format]);
        assert_eq!(ran.code, Some(1), "{format}: {}", ran.stderr);
        assert!(!ran.stdout.contains("hunter"), "{format}: {}", ran.stdout);
        ran.stdout
    };
    for format in ["concise", "gitlab", "junit", "markdown"] {
        insta::assert_snapshot!(format, run(format));
    }
    for format in ["json", "sarif", "github"] {
        assert!(run(format).contains("secret-in-environment"));
    }
}
