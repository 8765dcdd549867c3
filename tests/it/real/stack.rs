//! A Compose file that runs, and what its services say from inside and outside.

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
}

impl<'a> Stack<'a> {
    /// Starts every service of a file as it is, until all are healthy.
    pub(super) fn start(outside: &'a Outside, file: &Path) -> Self {
        let stack = Self {
            outside,
            file: file.to_owned(),
        };
        stack.tag_images();
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
        command
    }

    /// Gives each image that the file names to the software that it means.
    fn tag_images(&self) {
        for image in succeed(&mut self.compose(&["config", "--images"])).lines() {
            let name = image.split(':').next().unwrap();
            let software = name.rsplit('/').next().unwrap();
            let made = format!("composegen-real/{software}");
            let tagged = self.outside.docker(&["tag", &made, image]).output();
            if !tagged.unwrap().status.success() {
                // It is one of the product's own.
                build_release(self.outside, image, software);
            }
        }
    }

    /// Runs a command in the container of a service.
    pub(super) fn inside(&self, service: &str, command: &[&str]) -> Output {
        let mut exec = self.compose(&["exec", "-T", service]);
        exec.args(command).output().unwrap()
    }

    /// What the engine says of the container of a service.
    pub(super) fn inspect(&self, service: &str) -> Value {
        let id = succeed(&mut self.compose(&["ps", "--quiet", service]));
        let text = succeed(&mut self.outside.docker(&["inspect", id.trim()]));
        serde_json::from_str::<Value>(&text).unwrap()[0].clone()
    }

    /// The services of the file.
    pub(super) fn services(&self) -> Vec<String> {
        let listed = succeed(&mut self.compose(&["config", "--services"]));
        listed.lines().map(str::to_owned).collect()
    }

    /// The processes of every service have no privilege that the file did not give them, and every root filesystem is as
    /// the file says.
    pub(super) fn is_confined(&self) {
        let services = self.services();
        let services: Vec<&str> = services.iter().map(String::as_str).collect();
        self.are_confined(&services);
    }

    /// The same of some services.
    pub(super) fn are_confined(&self, services: &[&str]) {
        for service in services {
            let container = self.inspect(service);
            let added = container["HostConfig"]["CapAdd"]
                .as_array()
                .map_or(0, Vec::len);
            // Of what runs, not of what was asked for: the first process is that of docker-init.
            let status = self.inside(service, &["cat", "/proc/1/status"]);
            let status = String::from_utf8(status.stdout).unwrap();
            let field = |name: &str| {
                let line = status.lines().find(|line| line.starts_with(name)).unwrap();
                line.split_whitespace().nth(1).unwrap().to_owned()
            };
            let bounds = u64::from_str_radix(&field("CapBnd:"), 16).unwrap();
            assert_eq!(bounds.count_ones() as usize, added, "{service}: {status}");
            assert_eq!(field("NoNewPrivs:"), "1", "{service}");
            assert_eq!(field("Seccomp:"), "2", "{service}");
            let user = container["Config"]["User"].as_str().unwrap();
            let expected = user.split(':').next().unwrap();
            let expected = match expected {
                "" => "0",
                "nobody" => "65534",
                own => own,
            };
            assert_eq!(field("Uid:"), expected, "{service}");
            let is_read_only = container["HostConfig"]["ReadonlyRootfs"] == true;
            let root = self.inside(service, &["sh", "-c", "grep ' / ' /proc/mounts"]);
            let root = String::from_utf8(root.stdout).unwrap();
            let is_mounted_so = root.contains(" ro,");
            assert_eq!(is_mounted_so, is_read_only, "{service}: {root}");
        }
    }

    /// Takes it down, and gives what is left of it: containers, networks and volumes.
    pub(super) fn leaves(self) -> Vec<String> {
        let config = succeed(&mut self.compose(&["config", "--format", "json"]));
        let config: Value = serde_json::from_str(&config).unwrap();
        let project = config["name"].as_str().unwrap().to_owned();
        let outside = self.outside;
        drop(self);
        let filter = format!("label=com.docker.compose.project={project}");
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
fn build_release(outside: &Outside, image: &str, release: &str) {
    let text = format!("FROM composegen-real/app\nENV RELEASE={release}\n");
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
