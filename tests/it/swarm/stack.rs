//! A stack that a test deploys, and what `drift` finds.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::drift::report::Report;
use crate::outside::{Outside, TIMEOUT, everything, succeed};
use crate::project::{Project, Ran};

/// Whoever cuts off or drains a node has the swarm alone: its tasks are those of all tests.
static SWARM: RwLock<()> = RwLock::new(());

/// A part of the swarm, or all of it, for as long as a test runs.
pub(super) enum Share {
    Part(#[allow(dead_code)] RwLockReadGuard<'static, ()>),
    All(#[allow(dead_code)] RwLockWriteGuard<'static, ()>),
}

impl Share {
    /// A part, which no test has that cuts off a node.
    pub(super) fn part() -> Self {
        Self::Part(SWARM.read().unwrap_or_else(PoisonError::into_inner))
    }
}

static PORT: AtomicU16 = AtomicU16::new(28_000);

/// A stack on the swarm of the tests, removed when it goes out of scope.
pub(super) struct Stack {
    pub(super) swarm: Outside,
    pub(super) name: String,
    /// The first of the ports that are its own, 28000 in files and commands.
    port: u16,
    _share: Share,
    /// Variables of the shell, for the client and for `drift`.
    variables: Vec<(&'static str, &'static str)>,
    pub(super) project: Project,
}

impl Stack {
    /// The stack of a Compose file, whose name is the test's own; it is not deployed yet.
    pub(super) fn of(test: &str, file: &str) -> Self {
        Self::new(Share::part(), test, file)
    }

    /// A stack on a swarm that no other test uses meanwhile.
    pub(super) fn alone(test: &str, file: &str) -> Self {
        let all = SWARM.write().unwrap_or_else(PoisonError::into_inner);
        Self::new(Share::All(all), test, file)
    }

    fn new(share: Share, test: &str, file: &str) -> Self {
        // A port is one of all nodes.
        let port = PORT.fetch_add(10, Ordering::Relaxed);
        let project = Project::empty();
        project.write("stack.yml", &own_ports(port, file));
        project.write("app.conf", "a=1\n");
        project.write("key.txt", "hush\n");
        Self {
            swarm: Outside::swarm(),
            port,
            _share: share,
            variables: Vec::new(),
            name: format!("swarm_{test}_{}", std::process::id()),
            project,
        }
    }

    /// The first of its ports.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The stack in a shell that has this variable.
    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    /// Runs a docker command on the manager; `NAME` is that of the stack.
    pub(super) fn docker(&self, arguments: &str) -> String {
        succeed(&mut self.command(arguments))
    }

    /// Like `docker`, for a command that may fail.
    pub(super) fn try_docker(&self, arguments: &str) -> Result<String, String> {
        let output = self.command(arguments).output().unwrap();
        let said = everything(&output);
        if output.status.success() {
            Ok(said)
        } else {
            Err(said)
        }
    }

    /// One of its own ports instead of one from 28000 on in the text of a test; the last digit stays.
    pub(super) fn own_ports(&self, text: &str) -> String {
        own_ports(self.port, text)
    }

    fn command(&self, arguments: &str) -> std::process::Command {
        let arguments = arguments.replace("NAME", &self.name);
        let arguments = self.own_ports(&arguments);
        let words: Vec<&str> = arguments.split(' ').collect();
        let mut command = self.swarm.docker(&words);
        command.current_dir(self.project.path(""));
        command.envs(self.variables.iter().copied());
        command
    }

    /// Deploys the file. The swarm of the tests reaches no registry.
    pub(super) fn deploy(&self) -> Result<String, String> {
        self.try_docker("stack deploy --detach --resolve-image never -c stack.yml NAME")
    }

    /// Deploys it, and waits until its tasks run.
    pub(super) fn up(self) -> Self {
        self.deploy().unwrap();
        self.until("its tasks run", |report| {
            report
                .findings
                .iter()
                .all(|one| one["code"] != "service-tasks")
        });
        self
    }

    pub(super) fn run(&self, more: &[&str]) -> Ran {
        let ask = [
            "drift",
            "-f",
            "stack.yml",
            "-p",
            &self.name,
            "--engine",
            "swarm",
            "--docker",
            self.swarm.url(),
            "--timeout",
            TIMEOUT,
        ];
        let ask = [&ask[..], more].concat();
        self.project.run_with(&ask, &self.variables)
    }

    /// What a snapshot holds is enough to compare the stack.
    pub(super) fn is_in_sync_with_its_snapshot(&self) {
        let of_stack = ["-f", "stack.yml", "-p", &self.name, "--engine", "swarm"];
        let url = self.swarm.url();
        let snapshot = [
            "snapshot", "-o", "stack.json", "--docker", url, "--timeout", TIMEOUT,
        ];
        let ran = self
            .project
            .run_with(&[&snapshot[..], &of_stack].concat(), &self.variables);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let drift = ["drift", "--format", "json", "--snapshot", "stack.json"];
        let ran = self
            .project
            .run_with(&[&drift[..], &of_stack].concat(), &self.variables);
        let report = Report::read(ran, &self.name);
        assert_eq!(briefs(&report), [""; 0]);
    }

    pub(super) fn drift(&self) -> Report {
        Report::read(self.run(&["--format", "json"]), &self.name)
    }

    /// Waits for a report.
    pub(super) fn until(&self, what: &str, is: impl Fn(&Report) -> bool) -> Report {
        let start = Instant::now();
        loop {
            let report = self.drift();
            if is(&report) {
                return report;
            }
            let waited = start.elapsed();
            let found = &report.findings;
            assert!(waited < Duration::from_secs(60), "no {what}: {found:#?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

fn own_ports(first: u16, text: &str) -> String {
    text.replace("2800", &(first / 10).to_string())
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.try_docker("stack rm NAME");
    }
}

/// What a finding is about, and what the next deploy does about it.
pub(super) fn brief(finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
    format!(
        "{} {} {} {}",
        text("code"),
        text("resource"),
        text("field"),
        text("after_up")
    )
}

/// All findings of a report, in brief.
pub(super) fn briefs(report: &Report) -> Vec<String> {
    report.findings.iter().map(brief).collect()
}
