//! A small project on a real engine, for one test.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use tempfile::TempDir;

use super::report::Report;
use crate::outside::{Outside, TIMEOUT, everything, succeed};
use crate::project::{Ran, composegen, root};

/// `NAME`, `PORT` and `SUBNET` are the test's own: no other test uses them.
const FILE: &str = r#"name: NAME
services:
  web:
    image: composegen-stub:latest
    init: true
    stop_grace_period: 0s
    user: "1000:1000"
    environment: { MODE: live }
    env_file: web.env
    networks: [edge, internal]
    ports: ["127.0.0.1:PORT:80"]
    volumes: ["data:/data", "./site:/site:ro"]
    deploy: { resources: { limits: { cpus: 0.5, memory: 64M, pids: 50 } } }
  db:
    image: composegen-stub:latest
    init: true
    stop_grace_period: 0s
    networks: { internal: { aliases: [postgres] } }
    volumes: ["store:/var/lib/db"]
networks:
  edge: {}
  internal: { internal: true }
volumes:
  data: {}
  store: {}
"#;

/// A Compose project of two services, and all else that a test makes on the engine: its names begin
/// with the project's. It is taken down when it goes out of scope, whatever happened.
pub(crate) struct Kiosk {
    pub(crate) outside: Outside,
    /// What the name of each thing of this test begins with.
    pub(crate) name: String,
    /// The project's name.
    pub(crate) project: String,
    /// The Compose file.
    pub(super) file: &'static str,
    folder: TempDir,
    number: u16,
    /// The variables that Compose and composegen are given.
    variables: Vec<(&'static str, &'static str)>,
}

impl Kiosk {
    /// The project, not yet started.
    pub(crate) fn new() -> Self {
        Self::on(Outside::new())
    }

    /// A project that uses everything but what the engine cannot do, started.
    pub(crate) fn with_everything(outside: Outside, edits: &[(&str, &str)]) -> Self {
        let kiosk = Self::on(outside).set("FROM_OUTSIDE", "from outside");
        let everything = root().join("tests/fixtures/live/everything.yml");
        kiosk.write("compose.yml", &fs::read_to_string(everything).unwrap());
        let kiosk = edits
            .iter()
            .fold(kiosk, |kiosk, (old, new)| kiosk.with(old, new));
        kiosk.write("file.txt", "a config");
        kiosk.write("secret.txt", "a secret");
        kiosk.write("long/index.html", "here");
        kiosk.docker("network create --internal NAME-theirs");
        kiosk.docker("volume create NAME-theirs");
        let kiosk = kiosk.up();
        kiosk.wait_for(&kiosk.container("once"), |once| {
            once["State"]["Status"] == "exited"
        });
        kiosk
    }

    /// The project on this engine.
    pub(crate) fn on(outside: Outside) -> Self {
        static COUNT: AtomicU16 = AtomicU16::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("kiosk-{}-{number}", std::process::id());
        let kiosk = Self {
            outside,
            project: name.clone(),
            name,
            file: "compose.yml",
            folder: tempfile::Builder::new()
                .prefix("composegen-")
                .tempdir()
                .unwrap(),
            number,
            variables: Vec::new(),
        };
        kiosk.write("compose.yml", FILE);
        kiosk.write("web.env", "KEY=one\n");
        kiosk.write("site/index.html", "here");
        kiosk
    }

    /// Gives this variable to Compose and to composegen.
    pub(crate) fn set(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    /// Takes every variable away again.
    pub(crate) fn forget(mut self) -> Self {
        self.variables.clear();
        self
    }

    /// One of ten ports that no other test uses.
    pub(crate) fn port(&self, number: u16) -> u16 {
        21_000 + self.number * 10 + number
    }

    /// The text with the names, ports and networks of this test.
    pub(crate) fn own(&self, text: &str) -> String {
        let (high, low) = (77 + self.number / 250, self.number % 250);
        let mut text = text.replace("NAME", &self.name);
        for number in 0..10 {
            text = text
                .replace(&format!("PORT{number}"), &self.port(number).to_string())
                .replace(
                    &format!("SUBNET{number}"),
                    &format!("10.{}.{low}", high + 10 * number),
                );
        }
        text.replace("PORT", &self.port(0).to_string())
            .replace("SUBNET", &format!("10.{high}.{low}"))
    }

    /// What a thing of this project is called on the engine: `kiosk-1-0_data`, `kiosk-1-0-web-1`.
    pub(crate) fn named(&self, rest: &str) -> String {
        self.name.clone() + rest
    }

    /// The first container of a service.
    pub(crate) fn container(&self, service: &str) -> String {
        format!("{}-{service}-1", self.project)
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes a file that has been there for a while.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, self.own(text)).unwrap();
        let then = SystemTime::now() - Duration::from_secs(60);
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(then).unwrap();
    }

    /// Replaces a text of the Compose file that must stand there.
    pub(crate) fn with(self, old: &str, new: &str) -> Self {
        let text = fs::read_to_string(self.path("compose.yml")).unwrap();
        let old = self.own(old);
        assert!(text.contains(&old), "no {old:?} in {text}");
        self.write("compose.yml", &text.replacen(&old, new, 1));
        self
    }

    /// Changes the file after all services were started.
    pub(crate) fn change(&self, file: &str, old: &str, new: &str) {
        let path = self.path(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(&self.own(old)), "no {old:?} in {text}");
        fs::write(&path, text.replacen(&self.own(old), &self.own(new), 1)).unwrap();
        let file = fs::File::options().append(true).open(path).unwrap();
        let soon = SystemTime::now() + Duration::from_secs(2);
        file.set_modified(soon).unwrap();
    }

    /// Starts the project.
    pub(crate) fn up(self) -> Self {
        self.compose(&["up", "--detach"]);
        self
    }

    pub(crate) fn compose(&self, arguments: &[&str]) -> String {
        let file = self.path(self.file);
        let mut command = self.outside.docker(&["compose", "-f"]);
        command.envs(self.variables.iter().copied());
        succeed(command.arg(file).args(arguments))
    }

    /// A docker command that must succeed, with `NAME`, `PORT` and `SUBNET` filled in.
    pub(crate) fn docker(&self, arguments: &str) -> String {
        let arguments = self.own(arguments);
        let words: Vec<&str> = arguments.split_whitespace().collect();
        succeed(&mut self.outside.docker(&words)).trim().to_owned()
    }

    /// What the engine says of a thing.
    pub(crate) fn inspect(&self, thing: &str) -> Value {
        let text = self.docker(&format!("inspect {thing}"));
        let all: Value = serde_json::from_str(&text).unwrap();
        all[0].clone()
    }

    /// Waits until the engine says this of a container.
    pub(crate) fn wait_for(&self, container: &str, is_so: impl Fn(&Value) -> bool) {
        let start = Instant::now();
        loop {
            let inspected = self.inspect(container);
            if is_so(&inspected) {
                return;
            }
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "it never came: {inspected:#}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Asks for the drift of the project.
    pub(crate) fn drift(&self) -> Report {
        self.drift_with(&[])
    }

    pub(crate) fn drift_with(&self, more: &[&str]) -> Report {
        self.drift_at(self.outside.url(), more)
    }

    /// Asks for the drift of the project on the engine at this URL.
    pub(crate) fn drift_at(&self, url: &str, more: &[&str]) -> Report {
        let file = self.path(self.file);
        let file = [
            "drift",
            "--format",
            "json",
            "--docker",
            url,
            "--file",
            file.to_str().unwrap(),
        ];
        let report = Report::read(self.run(&[&file, more].concat()), &self.name);
        // `make patches`: whatever a test does to a host, a patch makes the file say it.
        if more.is_empty() && std::env::var_os("COMPOSEGEN_PATCHES").is_some() {
            self.patch_holds(url);
        }
        // `make states`: whatever runs, a file can say it.
        if more.is_empty() && std::env::var_os("COMPOSEGEN_STATES").is_some() {
            self.state_holds(url);
        }
        report
    }

    /// Runs composegen beside the project's files.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = composegen();
        command
            .args(arguments)
            .envs(self.variables.iter().copied())
            .current_dir(self.folder.path());
        if arguments.contains(&"--docker") && !arguments.contains(&"--timeout") {
            command.args(["--timeout", TIMEOUT]);
        }
        Ran::of(&mut command)
    }

    /// Whether a name on the engine is of this test, and not of one with a number that begins alike.
    fn owns(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&self.name);
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
    }

    /// Removes all of one kind that is of this test, and says whether all of it is gone.
    fn remove(&self, list: &[&str], remove: &[&str]) -> bool {
        let Ok(output) = self.outside.docker(list).output() else {
            return true;
        };
        let text = everything(&output);
        let own = text.lines().filter_map(|line| {
            let (id, name) = line.split_once(' ')?;
            name.split(' ').any(|name| self.owns(name)).then_some(id)
        });
        let own: Vec<&str> = own.collect();
        if own.is_empty() {
            return true;
        }
        let removed = self.outside.docker(remove).args(own).output();
        removed.is_ok_and(|output| output.status.success())
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Where a command failed, the engine may still be at work on it.
            std::thread::sleep(Duration::from_secs(1));
        }
        let project = r#"{{.ID}} {{.Names}} {{.Label "com.docker.compose.project"}}"#;
        // Podman keeps a container as long as another is in its network.
        for _ in 0..3 {
            if self.remove(&["ps", "-a", "--format", project], &["rm", "-fv"]) {
                break;
            }
        }
        let id = "{{.ID}} {{.Name}}";
        self.remove(&["network", "ls", "--format", id], &["network", "rm"]);
        let name = "{{.Name}} {{.Name}}";
        self.remove(&["volume", "ls", "--format", name], &["volume", "rm"]);
        let tag = "{{.Repository}}:{{.Tag}} {{.Repository}}";
        self.remove(&["image", "ls", "--format", tag], &["image", "rm"]);
    }
}
