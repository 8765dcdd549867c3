//! A Compose file that runs, and what its services say from inside and outside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::outside::{Outside, everything, succeed};

/// The tag of the product's own images.
pub(super) const TAG: &str = "1.0.0";

/// A project of Compose that is taken down when it goes out of scope, whatever happened.
pub(super) struct Stack<'a> {
    pub(super) outside: &'a Outside,
    file: PathBuf,
    project: String,
}

impl<'a> Stack<'a> {
    /// Starts every service of a file as it is, until all are healthy.
    pub(super) fn start(outside: &'a Outside, file: &Path) -> Self {
        let mut stack = Self {
            outside,
            file: file.to_owned(),
            project: String::new(),
        };
        stack.config()["name"]
            .as_str()
            .unwrap()
            .clone_into(&mut stack.project);
        stack.tag_images(TAG);
        stack.up();
        stack
    }

    pub(super) fn up(&self) {
        let up = ["up", "--detach", "--wait", "--wait-timeout", "150"];
        let output = self.compose(&up).output().unwrap();
        if !output.status.success() {
            let state = succeed(&mut self.compose(&["ps", "--all"]));
            let logs = succeed(&mut self.compose(&["logs", "--tail", "30"]));
            panic!("{}\n{state}\n{logs}", everything(&output));
        }
    }

    pub(super) fn compose(&self, arguments: &[&str]) -> Command {
        let mut command = self.outside.docker(&["compose", "--file"]);
        command.arg(&self.file).args(arguments);
        command.env("NATA_TAG", TAG).env("DJANGO_TAG", TAG);
        // What a file takes from there is the test's own.
        command.env("HOME", self.file.parent().unwrap());
        command
    }

    /// Gives each image that the file names to the software that it means, and the product's own at a tag.
    pub(super) fn tag_images(&self, tag: &str) {
        let mut list = self.compose(&["config", "--images"]);
        for image in succeed(list.env("NATA_TAG", tag)).lines() {
            let name = image.split(':').next().unwrap();
            let software = name.rsplit('/').next().unwrap();
            let software = software.strip_prefix("bookstore-").unwrap_or(software);
            let made = format!("composegen-real/{software}");
            let tagged = self.outside.docker(&["tag", &made, image]).output();
            if !tagged.unwrap().status.success() {
                // It is one of the product's own.
                build_release(self.outside, image, software, tag);
            }
        }
    }

    /// The container of a service, of which there is one.
    pub(super) fn container(&self, service: &str) -> String {
        format!("{}-{service}-1", self.project)
    }

    /// Runs a command in the container of a service.
    pub(super) fn inside(&self, service: &str, command: &[&str]) -> Output {
        let container = self.container(service);
        self.outside
            .exec(&[&[container.as_str()], command].concat())
    }

    /// What a script of the shell prints in the container of a service.
    pub(super) fn shell(&self, service: &str, script: &str) -> String {
        let output = self.inside(service, &["sh", "-c", script]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The file as Compose reads it.
    pub(super) fn config(&self) -> Value {
        let config = succeed(&mut self.compose(&["config", "--format", "json"]));
        serde_json::from_str(&config).unwrap()
    }

    /// What the engine says of the container of a service.
    pub(super) fn inspect(&self, service: &str) -> Value {
        let container = self.container(service);
        let text = succeed(&mut self.outside.docker(&["inspect", &container]));
        serde_json::from_str::<Value>(&text).unwrap()[0].clone()
    }

    /// The services of the file.
    pub(super) fn services(&self) -> Vec<String> {
        let listed = succeed(&mut self.compose(&["config", "--services"]));
        listed.lines().map(str::to_owned).collect()
    }

    /// Every service can read its secrets as the user that it runs as, and none of these that it does not have.
    pub(super) fn secrets_are_read_by_those_that_have_them(
        &self,
        names: &[&str],
        value: impl Fn(&str) -> String,
    ) {
        let config = self.config();
        for service in self.running() {
            let own = config["services"][&service]["secrets"]
                .as_array()
                .into_iter()
                .flatten();
            let own: Vec<_> = own
                .map(|secret| secret["source"].as_str().unwrap())
                .collect();
            let read = format!(
                "for name in {}; do cat /run/secrets/$name 2>/dev/null; echo; done",
                names.join(" ")
            );
            let found = self.inside(&service, &["sh", "-c", &read]);
            let expected = names.iter().map(|name| {
                let value = own.contains(name).then(|| value(name));
                value.unwrap_or_default() + "\n"
            });
            assert_eq!(
                String::from_utf8(found.stdout).unwrap(),
                expected.collect::<String>(),
                "{service}: {names:?}"
            );
        }
    }

    /// The services that run.
    pub(super) fn running(&self) -> Vec<String> {
        let listed = succeed(&mut self.compose(&["ps", "--services", "--status", "running"]));
        listed.lines().map(str::to_owned).collect()
    }

    /// Takes it down, and gives what is left of it: containers, networks and volumes.
    pub(super) fn leaves(self) -> Vec<String> {
        let outside = self.outside;
        let filter = format!("label=com.docker.compose.project={}", self.project);
        drop(self);
        let lists: [&[&str]; 3] = [
            &["ps", "--all", "--format", "{{.Names}}"],
            &["network", "ls", "--format", "{{.Name}}"],
            &["volume", "ls", "--format", "{{.Name}}"],
        ];
        let left = lists.iter().map(|list| {
            let mut command = outside.docker(list);
            succeed(command.args(["--filter", &filter]))
        });
        left.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }
}

impl Drop for Stack<'_> {
    fn drop(&mut self) {
        let _ = self
            .compose(&["down", "--volumes", "--timeout", "5"])
            .output();
    }
}

/// Makes an image of one of the product's own services: the one program, which learns what it is.
fn build_release(outside: &Outside, image: &str, release: &str, tag: &str) {
    let text = format!("FROM composegen-real/app\nENV RELEASE={release}\nLABEL tag={tag}\n");
    let mut build = outside.docker(&["build", "--quiet", "--tag", image, "-"]);
    build.env("DOCKER_BUILDKIT", "0");
    let mut child = build
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", everything(&output));
}

/// The addresses and ports on which something listens in a network, by the path of its namespace.
pub(super) fn listening(network: &str) -> BTreeSet<String> {
    let mut list = Command::new("nsenter");
    list.args([&format!("--net={network}"), "ss", "-Htuln"]);
    let listed = succeed(&mut list);
    let lines = listed.lines();
    lines
        .map(|line| line.split_whitespace().nth(4).unwrap().to_owned())
        .collect()
}

/// A command in the network of the engine, where published ports are.
pub(super) fn on_host(outside: &Outside, command: &[&str]) -> Command {
    let mut enter = Command::new("nsenter");
    enter
        .arg(format!(
            "--net={}",
            outside.setting("COMPOSEGEN_ENGINE_NETNS")
        ))
        .arg("--")
        .args(command);
    enter
}

/// What a script of Node prints there.
pub(super) fn ask(outside: &Outside, script: &str) -> String {
    let node = outside.tool("node");
    let node = node.get_program().to_str().unwrap();
    succeed(&mut on_host(outside, &[node, "-e", script]))
        .trim()
        .to_owned()
}

/// The status and the text of a URL there.
pub(super) fn get(outside: &Outside, url: &str) -> (u16, String) {
    let answer = ask(
        outside,
        &format!(
            "fetch('{url}').then(async (r) => console.log(r.status + ' ' + (await r.text())))"
        ),
    );
    let (status, text) = answer.split_once(' ').unwrap();
    (status.parse().unwrap(), text.to_owned())
}

/// Does what an operator does by hand, of which `drift` finds what is expected and nothing else, and undoes it.
pub(super) fn changes_are_found(
    outside: &Outside,
    changes: &[(&str, &str, &[&str])],
    drift: impl Fn() -> Vec<Value>,
) {
    let look = || {
        let findings = drift();
        let findings = findings.iter().map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or_default();
            format!("{} {} {}", text("code"), text("resource"), text("field"))
        });
        findings.collect::<Vec<_>>()
    };
    // On a busy machine a health check may take too long; that passes.
    let found = || {
        for _ in 0..12 {
            let now = look();
            let is_unwell = |one: &String| one.starts_with("service-unhealthy");
            if !now.iter().any(is_unwell) {
                return now;
            }
            std::thread::sleep(std::time::Duration::from_secs(5));
        }
        look()
    };
    let run = |line: &str| {
        let mut shell = Command::new("sh");
        for (name, value) in outside.docker(&[]).get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        succeed(shell.args(["-ec", line]));
    };
    assert_eq!(found(), [""; 0]);
    for (done, undone, expected) in changes {
        run(done);
        assert_eq!(found(), *expected, "{done}");
        run(undone);
    }
    assert_eq!(found(), [""; 0]);
}
