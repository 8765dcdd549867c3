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
}

impl<'a> Stack<'a> {
    /// Starts every service of a file as it is, until all are healthy.
    pub(super) fn start(outside: &'a Outside, file: &Path) -> Self {
        let stack = Self {
            outside,
            file: file.to_owned(),
        };
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

    /// Runs a command in the container of a service.
    pub(super) fn inside(&self, service: &str, command: &[&str]) -> Output {
        let mut exec = self.compose(&["exec", "-T", service]);
        exec.args(command).output().unwrap()
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
        let config = self.config();
        for service in services {
            self.is_limited(service, &config["services"][service]);
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
            // Neither has any of the processes that it started, nor another group than the one that the file names.
            let all = self.shell(service, "cat /proc/[0-9]*/status 2>/dev/null");
            for line in all.lines().filter(|line| line.starts_with("Uid:")) {
                let users: BTreeSet<&str> = line.split_whitespace().skip(1).collect();
                assert_eq!(users, BTreeSet::from([expected]), "{service}: {line}");
            }
            if let Some((_, group)) = user.split_once(':') {
                for line in all.lines().filter(|line| line.starts_with("Gid:")) {
                    let groups: BTreeSet<&str> = line.split_whitespace().skip(1).collect();
                    assert_eq!(groups, BTreeSet::from([group]), "{service}: {line}");
                }
            }
            let is_read_only = container["HostConfig"]["ReadonlyRootfs"] == true;
            let root = self.inside(service, &["sh", "-c", "grep ' / ' /proc/mounts"]);
            let root = String::from_utf8(root.stdout).unwrap();
            let is_mounted_so = root.contains(" ro,");
            assert_eq!(is_mounted_so, is_read_only, "{service}: {root}");
        }
    }

    /// The kernel holds a container to the memory, the processor time and the number of processes of its definition, and
    /// what it can write to in memory is mounted as there.
    fn is_limited(&self, service: &str, definition: &Value) {
        // cgroup v2, or else v1.
        let measured = self.shell(
            service,
            "cd /sys/fs/cgroup; cat memory.max 2>/dev/null || cat memory/memory.limit_in_bytes; \
             cat cpu.max 2>/dev/null || echo $(cat cpu/cpu.cfs_quota_us) $(cat cpu/cpu.cfs_period_us); \
             cat pids.max 2>/dev/null || cat pids/pids.max",
        );
        let numbers: Vec<f64> = measured
            .split_whitespace()
            .map(|number| {
                number
                    .parse()
                    .unwrap_or_else(|_| panic!("{service}: {measured}"))
            })
            .collect();
        let limits = &definition["deploy"]["resources"]["limits"];
        let limit = |name: &str| match &limits[name] {
            Value::String(text) => text.parse::<f64>().unwrap(),
            number => number
                .as_f64()
                .unwrap_or_else(|| panic!("{service}: {limits}")),
        };
        let [memory, quota, period, pids] = numbers.as_slice() else {
            panic!("{service}: {measured}");
        };
        let found = [*memory, quota / period, *pids].map(|number| format!("{number:.3}"));
        let expected = ["memory", "cpus", "pids"].map(|name| format!("{:.3}", limit(name)));
        assert_eq!(found, expected, "{service}");
        let mounted = self.shell(service, "cat /proc/mounts");
        for tmpfs in definition["tmpfs"].as_array().into_iter().flatten() {
            let tmpfs = tmpfs.as_str().unwrap();
            let (path, options) = tmpfs.split_once(':').unwrap_or((tmpfs, ""));
            let path = self.shell(service, &format!("realpath {path}"));
            let line = mounted
                .lines()
                .find(|line| line.starts_with(&format!("tmpfs {path} tmpfs ")));
            let line = line.unwrap_or_else(|| panic!("{service}: {path}: {mounted}"));
            let found: BTreeSet<&str> =
                line.split_whitespace().nth(3).unwrap().split(',').collect();
            let options = options.split(',').filter(|option| !option.is_empty());
            for option in options.chain(["noexec", "nosuid", "nodev"]) {
                let option = option.replace("mode=0", "mode=");
                assert!(
                    found.contains(option.as_str()),
                    "{service}: {option}: {line}"
                );
            }
        }
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
            for name in names {
                let text = self.shell(&service, &format!("cat /run/secrets/{name}"));
                let expected = own.contains(name).then(|| value(name));
                assert_eq!(text, expected.unwrap_or_default(), "{service}: {name}");
            }
        }
    }

    /// The services that run.
    pub(super) fn running(&self) -> Vec<String> {
        let listed = succeed(&mut self.compose(&["ps", "--services", "--status", "running"]));
        listed.lines().map(str::to_owned).collect()
    }

    /// Takes it down, and gives what is left of it: containers, networks and volumes.
    pub(super) fn leaves(self) -> Vec<String> {
        let project = self.config()["name"].as_str().unwrap().to_owned();
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
    let found = || {
        let findings = drift();
        let findings = findings.iter().map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or_default();
            format!("{} {} {}", text("code"), text("resource"), text("field"))
        });
        findings.collect::<Vec<_>>()
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
