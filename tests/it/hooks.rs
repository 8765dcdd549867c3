//! The hooks for pre-commit, with the real one, in a repository made for it.

use std::process::{Command, Output};

use serde_yaml::Value;

use crate::outside::{Outside, everything};
use crate::project::{Project, root};

/// A repository of the small, clean project with its files rendered and the hooks installed.
struct Repository {
    project: Project,
    tools: String,
}

impl Repository {
    fn new(outside: &Outside) -> Self {
        let project = Project::copy_of(&root().join("tests/fixtures/clean"));
        assert_eq!(project.run(&["render"]).code, Some(0));
        let hooks = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
        let mut hooks: Value = serde_yaml::from_str(&hooks).unwrap();
        let all = hooks.as_sequence_mut().unwrap();
        all.retain(|hook| hook["language"] == "python");
        assert_eq!(all.len(), 2);
        for hook in all {
            // As they are offered, by the binary that was built, and not built once more.
            let entry = hook["entry"].as_str().unwrap().to_owned();
            let arguments = entry.strip_prefix("composegen").unwrap();
            let entry = format!("{}{arguments}", env!("CARGO_BIN_EXE_composegen"));
            hook["entry"] = entry.into();
            hook["language"] = "system".into();
        }
        let hooks = serde_yaml::to_string(&hooks).unwrap();
        let indented = hooks.trim_end().replace('\n', "\n      ");
        project.write(
            ".pre-commit-config.yaml",
            &format!("repos:\n  - repo: local\n    hooks:\n      {indented}\n"),
        );
        let program = outside.tool("pre-commit");
        let tools = std::path::Path::new(program.get_program())
            .parent()
            .unwrap();
        let repository = Self {
            project,
            tools: tools.display().to_string(),
        };
        repository.succeed("git", &["init", "-q"]);
        repository.succeed("git", &["add", "-A"]);
        repository.succeed("git", &["commit", "-qm", "As it was"]);
        repository.succeed("pre-commit", &["install"]);
        repository
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new(program)
            .args(arguments)
            .current_dir(self.project.path("."))
            .env("PATH", format!("{}:{path}", self.tools))
            .env(
                "PRE_COMMIT_HOME",
                self.project.path(".git/pre-commit-cache"),
            )
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .envs(["AUTHOR", "COMMITTER"].iter().flat_map(|who| {
                [
                    (format!("GIT_{who}_NAME"), "A Person"),
                    (format!("GIT_{who}_EMAIL"), "person@example.org"),
                ]
            }))
            .output()
            .unwrap()
    }

    fn succeed(&self, program: &str, arguments: &[&str]) {
        let output = self.run(program, arguments);
        assert!(
            output.status.success(),
            "{program}: {}",
            everything(&output)
        );
    }

    /// What a commit of all that was changed gives.
    fn commit(&self) -> (bool, String) {
        self.succeed("git", &["add", "-A"]);
        let output = self.run("git", &["commit", "-m", "A change"]);
        (output.status.success(), everything(&output))
    }
}

#[test]
fn every_hook_can_be_compiled_instead_and_installs_this_version() {
    let hooks = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Vec<Value> = serde_yaml::from_str(&hooks).unwrap();
    let (installed, compiled): (Vec<_>, Vec<_>) =
        hooks.iter().partition(|hook| hook["language"] == "python");
    assert_eq!(installed.len(), compiled.len());
    for (hook, source) in installed.iter().zip(&compiled) {
        assert_eq!(source["language"], "rust");
        let id = hook["id"].as_str().unwrap();
        assert_eq!(source["id"].as_str().unwrap(), format!("{id}-src"));
        for same in ["entry", "always_run", "pass_filenames", "name"] {
            assert_eq!(hook[same], source[same], "{id}: {same}");
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    for (file, line) in [
        ("pyproject.toml", format!("version = \"{version}\"")),
        (
            "pyproject.toml",
            format!("dependencies = [\"composegen=={version}\"]"),
        ),
        (
            "ci/gitlab/templates/check.yml",
            format!("default: \"{version}\""),
        ),
    ] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        assert!(text.contains(&line), "{file} lacks: {line}");
    }
}

#[test]
#[ignore = "needs pre-commit: make test"]
fn a_commit_is_stopped_by_a_stale_file_and_by_a_broken_rule() {
    let outside = Outside::new();
    let repository = Repository::new(&outside);
    let project = &repository.project;

    project.edit("environments/prod.yaml", "metrics: 90d", "metrics: 91d");
    let (is_done, said) = repository.commit();
    assert!(
        !is_done && said.contains("generated/live.yml"),
        "stale: {said}"
    );

    project.run(&["render"]);
    let (is_done, said) = repository.commit();
    assert!(is_done, "rendered: {said}");

    project.edit(
        "environments/staging.yaml",
        "channels: sandbox",
        "channels: live",
    );
    project.run(&["render"]);
    let (is_done, said) = repository.commit();
    assert!(!is_done && said.contains("live-upstream"), "broken: {said}");

    project.edit(
        "environments/staging.yaml",
        "channels: live",
        "channels: sandbox",
    );
    project.run(&["render"]);
    // A spec may name files that are anywhere.
    project.write("data/rows.csv", "a\n");
    let (is_done, said) = repository.commit();
    assert!(is_done && !said.contains("Skipped"), "elsewhere: {said}");

    // To pre-commit, a commit that only deletes has no files.
    project.remove("generated/live.yml");
    let (is_done, said) = repository.commit();
    assert!(
        !is_done && said.contains("generated/live.yml"),
        "deleted: {said}"
    );
}
