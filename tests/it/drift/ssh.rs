//! An engine behind ssh: a real sshd on loopback, with keys of its own.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::fake::{Answer, Fake};
use super::finding::exposure;
use super::kiosk::Kiosk;
use super::outlive::{SIGNALS, command_lines, is_empty, start, wait};
use super::report::Report;
use super::watched::run_for;
use crate::outside::succeed;
use crate::project::{Ran, composegen};

/// A sshd that serves one key, and the configuration of a user who has it.
struct Sshd {
    folder: TempDir,
    process: Child,
    port: u16,
    user: String,
}

impl Sshd {
    fn start() -> Self {
        let program = Path::new("/usr/sbin/sshd");
        assert!(
            program.exists(),
            "no sshd: run `make engine` first (as root on Debian)"
        );
        let folder = TempDir::new().unwrap();
        let file = |name: &str| folder.path().join(name).display().to_string();
        for key in ["host", "user"] {
            let make = [
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-C",
                "test",
                "-f",
                &file(key),
            ];
            succeed(Command::new("ssh-keygen").args(make));
        }
        // Free a moment ago; nobody else is quick enough.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let (host, public, log) = (file("host"), file("user.pub"), file("sshd.log"));
        let config = format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {host}\nAuthorizedKeysFile {public}\n\
             StrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
        );
        fs::write(file("sshd_config"), config).unwrap();
        let _ = fs::create_dir_all("/run/sshd");
        let process = Command::new(program)
            .args(["-D", "-f", &file("sshd_config"), "-E", &log])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let user = succeed(Command::new("id").arg("-un")).trim().to_owned();
        let sshd = Self {
            folder,
            process,
            port,
            user,
        };
        sshd.configure_the_client();
        let start = Instant::now();
        while !sshd.log().contains("Server listening") {
            assert!(start.elapsed() < Duration::from_secs(10), "{}", sshd.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        sshd
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An `ssh` that reads a configuration of its own: the real one reads that of the user's home.
    fn configure_the_client(&self) {
        let (port, user) = (self.port, &self.user);
        let show = |name: &str| self.path(name).display().to_string();
        let key = fs::read_to_string(self.path("host.pub")).unwrap();
        fs::write(
            self.path("known_hosts"),
            format!("[127.0.0.1]:{port} {key}"),
        )
        .unwrap();
        let config = format!(
            "Host nicknamed\n  HostName 127.0.0.1\n  Port {port}\n  User {user}\n\
             Host *\n  IdentityFile {}\n  IdentitiesOnly yes\n  IdentityAgent none\n  \
             UserKnownHostsFile {}\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n",
            show("user"),
            show("known_hosts"),
        );
        fs::write(self.path("config"), config).unwrap();
        fs::create_dir(self.path("bin")).unwrap();
        let script = format!(
            "#!/bin/sh\nexec /usr/bin/ssh -F {} \"$@\"\n",
            show("config")
        );
        fs::write(self.path("bin/ssh"), script).unwrap();
        fs::set_permissions(self.path("bin/ssh"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("sshd.log")).unwrap_or_default()
    }

    /// How often somebody came in.
    fn logins(&self) -> usize {
        self.log().matches("Accepted publickey").count()
    }

    /// Runs composegen with this ssh before all others.
    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = composegen();
        command
            .args(arguments)
            .env("PATH", self.search_path())
            .envs(variables.iter().copied());
        Ran::of(&mut command)
    }

    fn search_path(&self) -> String {
        format!("{}:/usr/bin:/bin", self.path("bin").display())
    }

    /// An engine by way of this sshd.
    fn before(&self, engine: Fake) -> Fake {
        let socket = engine.url().replacen("unix://", "", 1);
        let url = format!("ssh://{}@127.0.0.1:{}{socket}", self.user, self.port);
        engine.by(&url).with("PATH", &self.search_path())
    }

    /// What of the ssh that was started still runs, by process.
    fn left_behind(&self) -> Vec<(String, String)> {
        let mut running = command_lines(&self.path("config").display().to_string());
        running.retain(|(_, line)| line.contains("ssh") && !line.contains("sshd"));
        running
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn drift(sshd: &Sshd, kiosk: &Kiosk, url: &str) -> Ran {
    let file = kiosk.path("compose.yml").display().to_string();
    let ask = [
        "drift", "--format", "json", "--file", &file, "--docker", url,
    ];
    sshd.run(&ask, &[])
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn one_login_serves_every_request() {
    let kiosk = Kiosk::new();
    let sshd = Sshd::start();
    let kiosk = kiosk.up();
    kiosk.docker("network create NAME-open");
    kiosk.docker("network connect NAME-open NAME-db-1");
    let socket = kiosk.outside.url().replacen("unix://", "", 1);
    let url = format!("ssh://{}@127.0.0.1:{}{socket}", sshd.user, sshd.port);
    let report = Report::read(drift(&sshd, &kiosk, &url), &kiosk.name);
    report.finds(&[exposure("network-attached", "db")
        .field("networks", Value::Null, kiosk.named("-open"))
        .by_hand("ignores")]);
    assert_eq!(report.host()["endpoint"], url);
    assert_eq!(sshd.logins(), 1, "{}", sshd.log());
    assert_eq!(sshd.left_behind(), Vec::new());
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn the_users_own_configuration_counts() {
    let kiosk = Kiosk::new();
    let sshd = Sshd::start();
    let kiosk = kiosk.up();
    let socket = kiosk.outside.url().replacen("unix://", "", 1);
    let ran = drift(&sshd, &kiosk, &format!("ssh://nicknamed{socket}"));
    Report::read(ran, &kiosk.name).is_in_sync();
    assert_eq!(sshd.logins(), 1, "{}", sshd.log());
}

/// Where nothing is found behind ssh, nobody asks the engine here.
#[test]
#[ignore = "needs sshd: make test"]
fn an_error_behind_ssh_is_reported_and_no_other_engine_is_used() {
    let sshd = Sshd::start();
    let local = Fake::empty();
    let here = local.url();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap().port();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("compose.yml");
    fs::write(
        &file,
        "name: shop\nservices: { web: { image: 'stub:1' } }\n",
    )
    .unwrap();
    let (user, port) = (&sshd.user, sshd.port);
    for (what, url) in [
        (
            "no socket there",
            format!("ssh://{user}@127.0.0.1:{port}/nowhere/docker.sock"),
        ),
        (
            "no such user",
            format!("ssh://nobody-of-that-name@127.0.0.1:{port}/nowhere/d.sock"),
        ),
        (
            "a port that says nothing",
            format!("ssh://{user}@127.0.0.1:{silent}/nowhere/d.sock"),
        ),
        (
            "a host key that nobody knows",
            format!("ssh://{user}@localhost:{port}/nowhere/d.sock"),
        ),
    ] {
        let start = Instant::now();
        let file = file.to_str().unwrap();
        let ask = [
            "drift", "--format", "json", "--timeout", "2", "--file", file, "--docker", &url,
        ];
        let ran = sshd.run(&ask, &[("DOCKER_HOST", &here)]);
        assert!(start.elapsed() < Duration::from_secs(4), "{what}");
        assert_eq!(ran.code, Some(2), "{what}: {}{}", ran.stdout, ran.stderr);
        let json = ran.json();
        let host = &json["hosts"][0];
        assert_eq!(host["status"], "unreachable", "{what}: {json:#}");
        assert_eq!(host["endpoint"], url, "{what}");
        assert!(host["error"].is_string(), "{what}: {json:#}");
        assert_eq!(sshd.left_behind(), Vec::new(), "{what}");
    }
    assert_eq!(local.requests(), Vec::<String>::new());
}

#[test]
#[ignore = "needs sshd: make test"]
fn the_real_ssh_ends_with_composegen() {
    let sshd = Sshd::start();
    let engine = sshd.before(Fake::new(|_| Answer::Stall(Vec::new())));
    let temporary = TempDir::new().unwrap();
    for signal in SIGNALS {
        let asked = engine.requests().len();
        let mut run = start(&engine, temporary.path());
        wait(signal, || engine.requests().len() > asked);
        assert!(!sshd.left_behind().is_empty(), "{signal}");
        let process = run.id().to_string();
        succeed(Command::new("kill").args(["-s", signal, &process]));
        run.wait().unwrap();
        wait(signal, || sshd.left_behind().is_empty());
        wait(signal, || is_empty(temporary.path()));
    }
}

/// A connection that is lost ends the run, long before its time is over.
#[test]
#[ignore = "needs sshd: make test"]
fn an_ssh_that_is_lost() {
    let sshd = Sshd::start();
    let engine = sshd.before(Fake::new(|_| Answer::Stall(Vec::new())));
    let temporary = TempDir::new().unwrap();
    let mut run = start(&engine, temporary.path());
    wait("a request", || !engine.requests().is_empty());
    for (process, _) in sshd.left_behind() {
        succeed(Command::new("kill").args(["-s", "KILL", &process]));
    }
    wait("the end", || run.try_wait().unwrap().is_some());
    assert_eq!(run.wait().unwrap().code(), Some(2));
    assert!(is_empty(temporary.path()));
}

#[test]
#[ignore = "needs sshd: make test"]
fn an_engine_behind_the_real_ssh_that_answers_badly() {
    let sshd = Sshd::start();
    std::thread::scope(|scope| {
        // A login takes its time on a busy machine.
        for (what, answer, timeout, cause) in [
            (
                "silence",
                Answer::Stall(Vec::new()),
                2,
                "no complete answer",
            ),
            ("a reset", Answer::Reset, 30, "closed|reset|ssh says"),
            ("500", Answer::Body(500, "out of order".into()), 30, "500"),
            ("HTML", Answer::json("<html>"), 30, "JSON"),
        ] {
            let engine = sshd.before(Fake::new(move |_| answer.clone()));
            scope.spawn(move || {
                run_for(timeout, &engine, "shop").could_not_look_because(what, cause);
            });
        }
    });
    wait("an ssh runs", || sshd.left_behind().is_empty());
    let gone = sshd.before(Fake::empty());
    fs::remove_file(gone.folder().join("docker.sock")).unwrap();
    run_for(30, &gone, "shop").could_not_look_because("no socket there", "ssh says: channel");
}
