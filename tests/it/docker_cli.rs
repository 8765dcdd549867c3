//! composegen where the docker CLI is at home: as its plugin, with its variables, in a folder with a Compose file.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::outside::{Outside, everything, succeed};
use crate::project::{Project, Ran};

const COMPOSE: &str = "services:
  web:
    image: composegen-stub:latest
    stop_grace_period: 0s
    environment: { LEVEL: \"${LEVEL:-none}\" }
  job: { image: \"composegen-stub:latest\", profiles: [jobs] }
";

/// A folder with a Compose file and nothing of composegen's.
fn alone() -> Project {
    let project = Project::empty();
    project.write("shop/compose.yaml", COMPOSE);
    project
}

fn state(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> Value {
    let mut command = crate::project::composegen();
    command
        .current_dir(project.path("shop"))
        .arg("state")
        .args(arguments)
        .envs(variables.iter().copied());
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.json()
}

fn services(state: &Value) -> Vec<&str> {
    let services = state["services"].as_object().unwrap();
    services.keys().map(String::as_str).collect()
}

#[test]
fn a_folder_with_a_compose_file_needs_no_options() {
    let project = alone();
    let found = state(&project, &[], &[]);
    assert_eq!(
        (found["project"].as_str(), services(&found)),
        (Some("shop"), vec!["web"])
    );

    // As with `docker compose`: the overriding file, a folder above, the options.
    project.write(
        "shop/compose.override.yaml",
        "services: { more: { image: x } }\n",
    );
    fs::create_dir(project.path("shop/below")).unwrap();
    let mut below = crate::project::composegen();
    below
        .current_dir(project.path("shop/below"))
        .args(["state", "-p", "mine", "--profile", "jobs"]);
    let below: Value = serde_json::from_str(&Ran::of(&mut below).stdout).unwrap();
    assert_eq!(
        (below["project"].as_str(), services(&below)),
        (Some("mine"), vec!["job", "more", "web"])
    );

    project.write(
        "shop/compose.override.yaml",
        "services: { web: { ports: [\"80:80\"] } }\n",
    );
    for arguments in [["check", "--format=concise"], ["graph", "--format=json"]] {
        let mut command = crate::project::composegen();
        let ran = Ran::of(command.current_dir(project.path("shop")).args(arguments));
        assert!(
            matches!(ran.code, Some(0 | 1)),
            "{arguments:?}: {}",
            ran.stderr
        );
        assert!(ran.stdout.contains("web"), "{arguments:?}: {}", ran.stdout);
    }
}

#[test]
fn the_variables_of_compose_mean_what_they_mean_to_compose() {
    let project = alone();
    project.write(
        "other.yml",
        "services: { other: { image: \"x:${LEVEL}\" } }\n",
    );
    project.write("more.yml", "services: { more: { image: y } }\n");
    project.write("settings.env", "LEVEL=high\n");
    project.write("shop/.env", "LEVEL=low\nCOMPOSE_PROFILES=jobs\n");
    let found = state(&project, &[], &[]);
    assert_eq!(services(&found), ["job", "web"], ".env");
    let found = state(
        &project,
        &[],
        &[
            ("COMPOSE_FILE", "../other.yml:../more.yml"),
            ("COMPOSE_PROJECT_NAME", "named"),
            ("COMPOSE_ENV_FILES", "../settings.env"),
        ],
    );
    assert_eq!(
        (found["project"].as_str(), services(&found)),
        (Some("named"), vec!["more", "other"])
    );
    assert_eq!(found["services"]["other"]["image"], "x:high");
    let found = state(
        &project,
        &["-f", "compose.yaml"],
        &[("COMPOSE_FILE", "../other.yml")],
    );
    assert_eq!(services(&found), ["job", "web"], "-f wins");
}

/// As `docker compose config` has it: the `.env` of the current folder leads to the file, and counts before the one beside it.
#[test]
fn the_env_file_of_the_current_folder_counts_where_the_file_is_elsewhere() {
    let project = alone();
    let file = "services: { a: { image: \"a:${A}-${B}-${C:-}\", profiles: [jobs] } }\n";
    project.write("deploy/compose.yml", file);
    project.write("deploy/.env", "A=beside\nB=beside\n");
    project.write(
        "shop/.env",
        "COMPOSE_FILE=../deploy/compose.yml\nA=here\nC=here\nCOMPOSE_PROFILES=jobs\nCOMPOSE_PROJECT_NAME=named\n",
    );
    let found = state(&project, &[], &[]);
    assert_eq!(found["project"], "named");
    assert_eq!(found["services"]["a"]["image"], "a:here-beside-here");
    let found = state(
        &project,
        &[],
        &[
            ("COMPOSE_DISABLE_ENV_FILE", "1"),
            ("COMPOSE_FILE", "../deploy/compose.yml"),
        ],
    );
    assert_eq!(services(&found), Vec::<&str>::new());
    project.write("shop/.env", "COMPOSE_FILE=\n");
    let mut command = crate::project::composegen();
    let ran = command
        .arg("state")
        .current_dir(project.path("shop"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(said.contains("`COMPOSE_FILE` has an empty name"), "{said}");
}

#[test]
fn without_a_project_and_a_compose_file_the_message_says_both() {
    let project = Project::empty();
    for command in ["drift", "plan", "snapshot", "state", "check", "graph"] {
        let ran = project.run(&[command]);
        assert_eq!(ran.code, Some(2), "{command}: {}", ran.stdout);
        for part in ["no Compose file found", "compose.yaml", "-f", "-C DIR"] {
            assert!(ran.stderr.contains(part), "{command}: {}", ran.stderr);
        }
    }
    // In a project, a command for one host does not guess which.
    let project = Project::sound();
    project.write("compose.yaml", COMPOSE);
    for command in ["drift", "plan", "snapshot", "state"] {
        let ran = project.run(&[command]);
        assert_eq!(ran.code, Some(2), "{command}: {}", ran.stdout);
        assert!(
            ran.stderr.contains("--all, or a Compose file with -f"),
            "{command}: {}",
            ran.stderr
        );
    }
}

/// The docker CLI with composegen and Compose as its plugins.
struct Docker<'a> {
    outside: &'a Outside,
    project: &'a Project,
}

impl Docker<'_> {
    fn new<'a>(outside: &'a Outside, project: &'a Project) -> Docker<'a> {
        let plugins = project.path("config/cli-plugins");
        fs::create_dir_all(&plugins).unwrap();
        symlink(
            env!("CARGO_BIN_EXE_composegen"),
            plugins.join("docker-composegen"),
        )
        .unwrap();
        let compose =
            Path::new(outside.setting("DOCKER_CONFIG")).join("cli-plugins/docker-compose");
        symlink(compose, plugins.join("docker-compose")).unwrap();
        Docker { outside, project }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.outside.docker(arguments);
        command
            .env("DOCKER_CONFIG", self.project.path("config"))
            .current_dir(self.project.path("shop"));
        command
    }

    /// Without `DOCKER_HOST`.
    fn undirected(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command.env_remove("DOCKER_HOST");
        command
    }
}

impl Drop for Docker<'_> {
    fn drop(&mut self) {
        let _ = self
            .command(&["compose", "-p", NAME, "down", "--timeout", "0"])
            .output();
    }
}

/// The project on the engine.
const NAME: &str = "composegen-plugin";

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn docker_composegen_is_a_plugin_of_docker() {
    let outside = Outside::new();
    let project = alone();
    let docker = Docker::new(&outside, &project);
    let listed = succeed(&mut docker.command(&["--help"]));
    assert!(listed.contains("composegen*"), "{listed}");
    let version = succeed(&mut docker.command(&["composegen", "--version"]));
    assert!(version.starts_with("composegen "), "{version}");
    for help in [
        &["composegen", "drift", "--help"],
        &["help", "composegen", "drift"],
    ] {
        let help = succeed(&mut docker.command(help));
        assert!(help.contains("Usage: docker composegen drift"), "{help}");
    }
    let refused = docker.command(&["composegen", "drfit"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", everything(&refused));
    assert!(
        everything(&refused).contains("Usage: docker composegen"),
        "{}",
        everything(&refused)
    );

    succeed(&mut docker.command(&["compose", "-p", NAME, "up", "--detach"]));
    let in_sync = |command: &mut Command| {
        let output = command.env("COMPOSE_PROJECT_NAME", NAME).output().unwrap();
        let said = everything(&output);
        assert_eq!(output.status.code(), Some(0), "{command:?}: {said}");
        assert!(said.contains("in sync"), "{command:?}: {said}");
        said
    };
    in_sync(&mut docker.command(&["composegen", "drift"]));
    // Compose runs as a plugin of docker too, while composegen is one itself.
    let mut plan = docker.command(&["composegen", "plan"]);
    let plan = succeed(plan.env("COMPOSE_PROJECT_NAME", NAME));
    assert!(plan.contains("(`docker compose version`)"), "{plan}");

    // The engine that docker itself is told to use.
    let url = outside.url();
    let said = in_sync(&mut docker.undirected(&["-H", url, "composegen", "drift"]));
    assert!(said.contains(url), "{said}");
    let endpoint = format!("host={url}");
    succeed(&mut docker.undirected(&["context", "create", "box", "--docker", &endpoint]));
    in_sync(&mut docker.undirected(&["--context", "box", "composegen", "drift"]));
    in_sync(
        docker
            .undirected(&["composegen", "drift"])
            .env("DOCKER_CONTEXT", "box"),
    );
    succeed(&mut docker.undirected(&["context", "use", "box"]));
    in_sync(&mut docker.undirected(&["composegen", "drift"]));
    let other = docker
        .undirected(&["--context", "other", "composegen", "drift"])
        .output()
        .unwrap();
    assert_ne!(other.status.code(), Some(0), "{}", everything(&other));

    // A change by hand is found, and its help can be pasted here.
    let container = format!("{NAME}-web-1");
    succeed(&mut docker.command(&[
        "update", "--memory", "64m", "--memory-swap", "64m", &container,
    ]));
    let mut drifted = docker.command(&["composegen", "drift"]);
    let drifted = drifted.env("COMPOSE_PROJECT_NAME", NAME).output().unwrap();
    let said = everything(&drifted);
    assert_eq!(drifted.status.code(), Some(1), "{said}");
    assert!(said.contains("docker compose -f compose.yaml"), "{said}");
}
