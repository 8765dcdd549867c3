//! What the tests use of the outside: the engine and the judges that `make engine` sets up.

use std::collections::HashMap;
use std::fmt::Debug;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::project::{Ran, root};

/// Seconds that an engine has to answer. Many tests ask it at once, and it is slow then, and no less right.
pub(crate) const TIMEOUT: &str = "60";

/// The tools that `make engine` set up.
#[derive(Clone)]
pub(crate) struct Outside {
    settings: HashMap<String, String>,
}

impl Outside {
    /// The tools. A test that needs them is ignored unless it is asked for, so they must be there.
    pub(crate) fn new() -> Self {
        Self::of("target/engine/env", "make engine")
    }

    /// The tools, with the engine that has the images of real software.
    pub(crate) fn real() -> Self {
        Self::of("target/real/engine/env", "make engine-real")
    }

    /// The tools, with the manager of the swarm; `SWARM=swarm-26` is another one.
    pub(crate) fn swarm() -> Self {
        let swarm = std::env::var("SWARM").unwrap_or_else(|_| "swarm".to_owned());
        Self::of(&format!("target/{swarm}/env"), "make engine")
    }

    fn of(settings: &str, made_by: &str) -> Self {
        let text = std::fs::read_to_string(root().join(settings));
        let text = text.unwrap_or_else(|_| {
            panic!("no Docker Engine: run `{made_by}` first (as root on Debian)")
        });
        let settings = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        Self { settings }
    }

    /// Another engine, by the name of its setting.
    pub(crate) fn other(&self, setting: &str) -> Self {
        let url = self.setting(setting).to_owned();
        let mut other = self.clone();
        other.settings.insert("DOCKER_HOST".to_owned(), url);
        other
    }

    pub(crate) fn setting(&self, name: &str) -> &str {
        self.settings.get(name).unwrap_or_else(|| {
            panic!("{name} is missing from target/engine/env: run `make engine`")
        })
    }

    /// Where the engine is: `unix://` and a path.
    pub(crate) fn url(&self) -> &str {
        self.setting("DOCKER_HOST")
    }

    /// A docker command that talks to the engine of the tests, and to no other.
    pub(crate) fn docker(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        for name in [
            "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH",
        ] {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .env("DOCKER_HOST", self.setting("DOCKER_HOST"))
            .env("DOCKER_CONFIG", self.setting("DOCKER_CONFIG"))
            // The product's own images need the tag of a release.
            .env("NATA_TAG", "0.0.0-test")
            .env("DJANGO_TAG", "0.0.0-test")
            .env("COMPOSE_PROGRESS", "quiet");
        command
    }

    /// Runs a program in a container. On a busy machine the runtime may fail to start one; it has done nothing then, and
    /// is asked again.
    pub(crate) fn exec(&self, arguments: &[&str]) -> Output {
        let mut attempts_left = 5;
        loop {
            let output = self.docker(&["exec"]).args(arguments).output().unwrap();
            attempts_left -= 1;
            let has_not_begun =
                everything(&output).contains("read init-p: connection reset by peer");
            if !has_not_begun || attempts_left == 0 {
                return output;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// A program among the judges.
    pub(crate) fn tool(&self, name: &str) -> Command {
        Command::new(PathBuf::from(self.setting("COMPOSEGEN_TOOLS_BIN")).join(name))
    }
}

/// Runs a command that must succeed, and gives what it printed.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    printed(command, output)
}

/// What a command printed that must have succeeded.
pub(crate) fn printed(what: impl Debug, output: Output) -> String {
    assert!(
        output.status.success(),
        "{what:?}: {}\n{}",
        output.status,
        everything(&output)
    );
    String::from_utf8(output.stdout).unwrap()
}

impl Ran {
    /// What it wrote as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}{}", self.stdout, self.stderr))
    }

    /// The findings of a report as JSON.
    pub(crate) fn findings(&self) -> Vec<Value> {
        self.json()["findings"].as_array().unwrap().clone()
    }
}

/// What a command does with a text on its standard input.
pub(crate) fn fed(command: &mut Command, text: &str) -> Output {
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

/// All that a command printed.
pub(crate) fn everything(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
