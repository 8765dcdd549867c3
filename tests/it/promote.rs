//! `composegen promote`, `composegen diff`, and the rules on the journal, in a repository made for it.

use std::process::Command;

use crate::project::{Project, Ran, root};

pub(crate) const JOURNAL: &str = "releases/journal.jsonl";

/// The small, clean project in a repository of its own, with its files rendered and committed.
pub(crate) struct Repository(pub(crate) Project);

impl Repository {
    pub(crate) fn new() -> Self {
        let project = Project::copy_of(&root().join("tests/fixtures/clean"));
        assert_eq!(project.run(&["render"]).code, Some(0));
        let repository = Self(project);
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit();
        repository
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args([
                "-c",
                "user.name=A Person",
                "-c",
                "user.email=person@example.org",
            ])
            .args(arguments)
            .current_dir(self.0.path("."))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z")
            .env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "A change"]);
    }

    /// Commits, where there is something to commit.
    pub(crate) fn commit_if_changed(&self) {
        if !self.git(&["status", "--porcelain"]).is_empty() {
            self.commit();
        }
    }

    pub(crate) fn promote(&self, arguments: &[&str]) -> Ran {
        let path = std::env::var("PATH").unwrap();
        self.0
            .run_with(&[&["promote"], arguments].concat(), &[("PATH", &path)])
    }

    /// A release candidate that went through staging and into prod.
    pub(crate) fn released() -> Self {
        let repository = Self::new();
        repository.git(&["tag", "v1.0.0-rc.1"]);
        for arguments in [
            &["main", "--to", "staging", "--record"][..],
            &[
                "v1.0.0-rc.1", "--to", "prod", "--approved-by", "A Person", "--record",
            ],
        ] {
            let ran = repository.promote(arguments);
            assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        }
        repository.commit();
        repository
    }

    pub(crate) fn check(&self) -> Vec<String> {
        let ran = self.0.run(&["check", "--format", "json"]);
        let findings = ran.findings();
        let findings = findings.iter();
        findings
            .map(|finding| finding["code"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[test]
fn a_candidate_goes_from_stage_to_stage_and_the_journal_says_so() {
    let repository = Repository::released();
    assert_eq!(repository.check(), Vec::<String>::new());
    let journal = repository.0.read(JOURNAL);
    let entries: Vec<serde_json::Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |field: &str| -> Vec<&serde_json::Value> {
        entries.iter().map(|entry| &entry[field]).collect()
    };
    assert_eq!(of("environment"), ["staging", "prod"]);
    assert_eq!(entries[1]["approver"], "A Person");
    assert_eq!(entries[0]["previous"], serde_json::Value::Null);
    assert!(
        entries[1]["previous"]
            .as_str()
            .unwrap()
            .starts_with("sha256:")
    );
    assert_eq!(entries[0]["commit"], entries[1]["commit"]);
    let files: Vec<&String> = entries[1]["files"].as_object().unwrap().keys().collect();
    assert_eq!(files, ["generated/live.yml", "generated/models.prod.yml"]);
}

#[test]
fn a_promotion_is_refused_with_every_reason() {
    let repository = Repository::new();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    let ran = repository.promote(&["main", "--to", "prod", "--record"]);
    assert_eq!(ran.code, Some(1));
    let said = ran.stderr.replace(commit.get(..12).unwrap(), "COMMIT");
    insta::assert_snapshot!(said);
    assert!(!repository.0.path(JOURNAL).exists(), "nothing is noted");

    repository.git(&["branch", "feature/x"]);
    for (reference, environment) in [("feature/x", "preview"), ("main", "staging")] {
        let ran = repository.promote(&[reference, "--to", environment]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let says_why = ran.stderr.contains("rendered for each pull request");
        assert_eq!(says_why, environment == "preview", "{}", ran.stderr);
    }
    let ran = repository.promote(&["feature/x", "--to", "staging"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let ran = repository.promote(&["nowhere", "--to", "staging"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let ran = repository.promote(&["main", "--to", "stagin"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.stderr, @"error: there is no environment `stagin` (expected one of local, preview, prod, staging); did you mean `staging`?");
}

/// The rules that the catalogue selects for `check` are those that keep a promotion from going on, from `error` on.
#[test]
fn a_promotion_follows_the_rules_that_the_catalogue_selects() {
    let repository = Repository::new();
    let project = &repository.0;
    let caps = "    cap_drop: [ALL]\n";
    let privileged = format!("{caps}    privileged: true\n");
    project.edit("templates/service.yml.j2", caps, &privileged);
    let catalog = "product: shop\n";
    for (settings, refused) in [
        ("", true),
        ("check: { level: error, fail_on: never }\n", true),
        ("check: { ignore: [privileged] }\n", false),
        ("check: { select: [no-restart] }\n", false),
        ("check: { select: [privileged] }\n", true),
        ("check:\n", true),
    ] {
        let with = format!("{catalog}{settings}");
        project.edit("environments/catalog.yaml", catalog, &with);
        assert_eq!(project.run(&["render"]).code, Some(0));
        repository.commit();
        let ran = repository.promote(&["main", "--to", "staging"]);
        assert_eq!(
            ran.code,
            Some(i32::from(refused)),
            "{settings}: {}",
            ran.stderr
        );
        let reported = ran.stderr.contains("rules report");
        assert_eq!(reported, refused, "{settings}: {}", ran.stderr);
        // The command that the refusal names shows the errors.
        let ran = project.run(&["check", "staging"]);
        assert_eq!(
            ran.stdout.contains("error[privileged]"),
            refused,
            "{settings}"
        );
        project.edit("environments/catalog.yaml", &with, catalog);
    }
}

#[test]
fn the_working_tree_must_be_the_commit_and_rendered() {
    let repository = Repository::new();
    repository
        .0
        .edit("environments/staging.yaml", "metrics: 15d", "metrics: 16d");
    let ran = repository.promote(&["main", "--to", "staging"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("`environments/staging.yaml` differs"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("composegen render staging"),
        "{}",
        ran.stderr
    );
}

/// A check-out of the candidate would have the journal of then.
#[test]
fn a_candidate_is_promoted_after_its_branch_went_on() {
    let repository = Repository::new();
    repository.git(&["tag", "v1.0.0-rc.1"]);
    let ran = repository.promote(&["main", "--to", "staging", "--record"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    repository.commit();
    repository
        .0
        .edit("environments/staging.yaml", "metrics: 15d", "metrics: 16d");
    repository.0.write("templates/new.j2", "a\n");
    repository.commit();
    let candidate = [
        "v1.0.0-rc.1", "--to", "prod", "--approved-by", "A Person", "--record",
    ];
    let ran = repository.promote(&candidate);
    assert_eq!(ran.code, Some(1));
    let (_, command) = ran
        .stderr
        .split_once("which keeps the journal: git ")
        .unwrap();
    let command: Vec<&str> = command.lines().next().unwrap().split(' ').collect();
    repository.git(&command);
    let ran = repository.promote(&candidate);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(repository.0.read(JOURNAL).lines().count(), 2);
    // In the journal of the candidate itself, nothing went before.
    repository.git(&["checkout", "-qf", "v1.0.0-rc.1"]);
    let ran = repository.promote(&candidate);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr
            .contains("go on from the branch whose journal has it"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_promotion_shows_what_it_would_change() {
    let repository = Repository::released();
    repository
        .0
        .edit("environments/prod.yaml", "metrics: 90d", "metrics: 91d");
    repository.0.run(&["render"]);
    repository.commit();
    assert_eq!(repository.check(), ["journal-files"]);
    repository.git(&["tag", "v1.1.0-rc.1"]);
    let commit = repository.git(&["rev-parse", "HEAD"]);
    let ran = repository.promote(&["v1.1.0-rc.1", "--to", "prod", "--approved-by", "A Person"]);
    assert_eq!(ran.code, Some(1), "it was not in staging");
    insta::assert_snapshot!(format!(
        "{}{}",
        ran.stdout,
        ran.stderr.replace(commit.get(..12).unwrap(), "COMMIT")
    ));
}

#[test]
fn a_journal_that_was_changed_shows_it() {
    let repository = Repository::released();
    let journal = repository.0.read(JOURNAL);
    let (first, second) = journal.split_once('\n').unwrap();
    let changes = [
        // Who did it, rewritten; taken out; the other way round; no entry at all.
        (
            format!("{}\n{second}", first.replace("\"main\"", "\"master\"")),
            "journal-chain",
        ),
        (second.to_owned(), "journal-chain"),
        (format!("{second}{first}\n"), "journal-chain"),
        (format!("{first}\nnothing\n"), "journal-chain"),
        (journal.replace("\"A Person\"", "\" \""), "journal-approval"),
        (
            journal.replace("\"staging\"", "\"preview\""),
            "journal-stage",
        ),
        (
            journal.replace("\"staging\"", "\"nowhere\""),
            "journal-stage",
        ),
    ];
    shows(&repository, &changes);
}

/// Each of these journals breaks its rule.
fn shows(repository: &Repository, changes: &[(String, &str)]) {
    for (changed, code) in changes {
        repository.0.write(JOURNAL, changed);
        let found = repository.check();
        assert!(
            found.iter().any(|found| found == code),
            "{code}: {found:?}\n{changed}"
        );
    }
}

#[test]
fn a_journal_that_was_forged_shows_it() {
    let repository = Repository::released();
    let journal = repository.0.read(JOURNAL);
    let (first, second) = journal.split_once('\n').unwrap();
    let commit = repository.git(&["rev-parse", "HEAD~1"]);
    let commit = commit.trim();
    let extra = second.replace(
        "\"files\":{",
        &format!(
            "\"files\":{{\"generated/old.yml\":\"sha256:{}\",",
            "0".repeat(64)
        ),
    );
    let changes = [
        (
            journal.replace("\"A Person\"", "\"\u{200b}\""),
            "journal-approval",
        ),
        (journal.replace(commit, "HEAD"), "journal-chain"),
        (second.replace("2026", "soon"), "journal-chain"),
        (format!("{first}\n{extra}"), "journal-files"),
        (format!("{first}\n{second}{second}"), "journal-chain"),
        (format!("{first}\n<<<<<<< HEAD\n{second}"), "journal-chain"),
        (format!("\u{feff}{journal}"), "journal-chain"),
        (format!("{first} \n{second}"), "journal-chain"),
        (
            format!("{first}\n{}", second.replace("sha256:", "sha256:0")),
            "journal-chain",
        ),
    ];
    shows(&repository, &changes);
    // Another end of line, and empty lines, change nothing that is said.
    for same in [journal.replace('\n', "\r\n"), journal.replace('\n', "\n\n")] {
        repository.0.write(JOURNAL, &same);
        assert_eq!(repository.check(), Vec::<String>::new());
    }
}

#[test]
fn a_released_file_that_was_changed_by_hand_shows_it() {
    let repository = Repository::released();
    let file = "generated/live.yml";
    let released = repository.0.read(file);
    repository.0.write(file, &format!("{released}# by hand\n"));
    assert_eq!(repository.check(), ["journal-files"]);
    repository.0.remove(file);
    assert_eq!(repository.check(), ["journal-files"]);
    repository.0.write(file, &released);
    assert_eq!(repository.check(), Vec::<String>::new());
}

#[test]
fn a_ref_that_only_looks_like_another_is_refused() {
    let repository = Repository::new();
    repository.git(&["checkout", "-q", "-b", "other"]);
    repository.0.write("environments/.note", "x");
    repository.commit();
    let names = ["main", "feature/x", "release-candidate"];
    for name in names {
        repository.git(&["tag", name]);
    }
    repository.git(&["branch", "v1.0.0-rc.1"]);
    repository.git(&["branch", "origin/main"]);
    let refused = [
        ("refs/tags/main", "staging"),
        ("tags/main", "staging"),
        ("refs/heads/origin/main", "staging"),
        ("main~0", "staging"),
        ("main^{}", "staging"),
        ("HEAD", "staging"),
        ("@", "staging"),
        ("feature/x", "preview"),
        ("heads/main", "staging"),
        ("v1.0.0-rc.1", "prod"),
    ];
    for (reference, environment) in refused {
        let ran = repository.promote(&[reference, "--to", environment, "--record"]);
        assert_eq!(
            ran.code,
            Some(1),
            "{reference}: {}{}",
            ran.stdout,
            ran.stderr
        );
    }
    for nothing in [
        "origin/mains", "feature/../main", "-h", "--all", "", "main feature/x",
    ] {
        let ran = repository.promote(&["--to", "staging", "--", nothing]);
        assert_eq!(ran.code, Some(2), "{nothing}: {}{}", ran.stdout, ran.stderr);
    }
    // Of a branch and a tag of one name it is the branch, which lies elsewhere.
    let ran = repository.promote(&["main", "--to", "staging"]);
    assert!(
        ran.stderr.contains("`environments/.note` differs"),
        "{}",
        ran.stderr
    );
    repository.git(&["checkout", "-q", "refs/heads/main", "-B", "main"]);
    for good in ["main", "refs/heads/main"] {
        let ran = repository.promote(&[good, "--to", "staging"]);
        assert_eq!(ran.code, Some(0), "{good}: {}", ran.stderr);
    }
    assert!(!repository.0.path(JOURNAL).exists(), "nothing was noted");
}

#[test]
fn nothing_goes_on_top_of_a_journal_whose_past_was_changed() {
    let repository = Repository::released();
    let journal = repository.0.read(JOURNAL);
    // A whole new chain: nothing in it is wrong, and it is not what was committed.
    repository.0.remove(JOURNAL);
    let ran = repository.promote(&["main", "--to", "staging", "--record"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("its history was changed"),
        "{}",
        ran.stderr
    );
    repository.0.write(JOURNAL, &journal);
    let ran = repository.promote(&["main", "--to", "staging", "--record"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn two_environments_beside_each_other() {
    let project = Project::copy_of(&root().join("tests/fixtures/clean"));
    project.edit(
        "environments/staging.yaml",
        "mirrors: prod\n",
        "mirrors: prod\ndiffers: [{ what: services.db.image, reason: The next version is tried here. }]\n\
         services: { db: { image: \"postgres:18.0\" }, app: { serves: 3001 } }\n",
    );
    let ran = project.run(&["diff", "staging", "prod"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout, @r"
    services.app.environment.ROUTE_office
      staging: (hidden)
      prod: (hidden)
      not allowed
    services.app.environment.ROUTE_site
      staging: (hidden)
      prod: (hidden)
      not allowed
    services.app.serves
      staging: 3001
      prod: 3000
      not allowed
    services.db.image
      staging: postgres:18.0
      prod: postgres:17.6
      allowed: The next version is tried here.
    services.worker.environment.ROUTE_office
      staging: (hidden)
      prod: (hidden)
      not allowed
    services.worker.environment.ROUTE_site
      staging: (hidden)
      prod: (hidden)
      not allowed
    6 differences, 5 not allowed
    ");
    assert_eq!(project.run(&["diff", "local", "prod"]).code, Some(0));
    assert_eq!(project.run(&["diff", "prod", "prod"]).code, Some(2));
    let json = project.run(&["diff", "prod", "staging", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["differences"][0]["verdict"], "not-allowed");
}

/// What `diff` finds where the services of staging and prod have these lines.
fn differences(staging: &str, prod: &str) -> Vec<String> {
    let project = Project::copy_of(&root().join("tests/fixtures/clean"));
    project.edit(
        "templates/service.yml.j2",
        "    cap_drop: [ALL]\n",
        &format!(
            "    cap_drop: [ALL]\n{{% if environment == \"staging\" %}}\n    {staging}\n\
             {{% else %}}\n    {prod}\n{{% endif %}}\n"
        ),
    );
    let ran = project.run(&["diff", "staging", "prod", "--format", "json"]);
    let report = ran.json();
    let differences = report["differences"].as_array().unwrap().iter();
    let names = differences.map(|difference| difference["what"].as_str().unwrap().to_owned());
    names
        .filter(|name| name.starts_with("services.app"))
        .collect()
}

#[test]
fn lists_of_two_environments_are_compared_as_sets_where_order_says_nothing() {
    let capabilities = "cap_add: [CHOWN, CAP_NET_RAW]";
    assert!(differences("cap_add: [net_raw, cap_chown]", capabilities).is_empty());
    assert_eq!(
        differences("cap_add: [net_raw]", capabilities),
        ["services.app.cap_add"]
    );
    assert!(differences("group_add: [a, b]", "group_add: [b, a]").is_empty());
    let names = differences("dns: [10.0.0.1, 10.0.0.2]", "dns: [10.0.0.2, 10.0.0.1]");
    assert_eq!(names, ["services.app.dns"]);
}

#[test]
fn every_field_of_two_environments_is_compared() {
    for (field, what) in [
        ("init: true", "init"),
        ("stop_signal: SIGINT", "stop_signal"),
        (
            "sysctls: { net.core.somaxconn: 1024 }",
            "sysctls.net.core.somaxconn",
        ),
        ("mem_reservation: 64m", "mem_reservation"),
        ("logging: { driver: json-file }", "logging"),
        ("labels: { tier: gold }", "labels.tier"),
        ("scale: 2", "scale"),
    ] {
        let expected = format!("services.app.{what}");
        assert_eq!(differences(field, "x-none: 1"), [expected]);
    }
}

/// The names of an environment are its own, whichever field they are in.
#[test]
fn an_environment_may_have_names_of_its_own() {
    let own = "hostname: {{ \"app-\" ~ environment ~ \".\" ~ domains.site }}";
    assert!(differences(own, own).is_empty());
}
