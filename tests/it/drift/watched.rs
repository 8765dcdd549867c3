//! A run against an engine that answers badly, watched: how long it takes, and what it holds.

use std::fs;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::fake::Fake;
use super::finding::{Finding, drift};
use super::report::Report;
use crate::project::{Ran, composegen};

/// The seconds that a run may take to give up, and what a busy machine may add.
const TIMEOUT: u64 = 2;
const SLACK: u64 = 6;
/// What no run may need, in KiB: what it keeps of an answer has an end.
const MEMORY: u64 = 256 << 10;

/// A run of drift against an engine, and what it took.
pub(super) struct Run {
    pub(super) ran: Ran,
    timeout: u64,
    took: Duration,
    peak: u64,
    url: String,
}

pub(super) fn run(engine: &Fake, project: &str) -> Run {
    run_for(TIMEOUT, engine, project)
}

/// Like `run`, with a timeout in seconds.
pub(super) fn run_for(timeout: u64, engine: &Fake, project: &str) -> Run {
    let text = "services:\n  web:\n    image: stub:1\n    ports: ['127.0.0.1:8080:80']\n";
    run_with(timeout, engine, &format!("name: {project}\n{text}"), &[])
}

/// Like `run_for`, with a file of the test's own and these options.
pub(super) fn run_with(timeout: u64, engine: &Fake, text: &str, options: &[&str]) -> Run {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("compose.yml");
    fs::write(&file, text).unwrap();
    let url = engine.url();
    let start = Instant::now();
    let child = composegen()
        .args(["drift", "--format", "json", "--docker", &url])
        .args(["--timeout", &timeout.to_string()])
        .args(options)
        .arg("--file")
        .arg(&file)
        .envs(engine.variables())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (ran, peak) = watch(child, start, timeout);
    Run {
        ran,
        timeout,
        took: start.elapsed(),
        peak,
        url,
    }
}

/// Waits for the end of a process, and gives the most memory that it was seen to hold.
fn watch(mut child: Child, start: Instant, timeout: u64) -> (Ran, u64) {
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        // Before it is the program, it shows what this test program holds.
        let is_started = status.starts_with("Name:\tcomposegen\n");
        let mut lines = status.lines().filter(|_| is_started);
        let line = lines.find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(now.unwrap_or(0));
        let is_late = start.elapsed() > Duration::from_secs(timeout + SLACK + 10);
        if is_late || peak > 4 * MEMORY {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(10));
    }
    let ran = Ran::from(child.wait_with_output().unwrap());
    (ran, peak)
}

impl Run {
    /// It ended in time, in its own words.
    fn is_sound(&self, what: &str) -> &Self {
        let said = format!("{what}: {}{}", self.ran.stdout, self.ran.stderr);
        assert!(!said.contains("panicked"), "{said}");
        assert!(
            self.took < Duration::from_secs(self.timeout + SLACK),
            "{said}"
        );
        assert!(self.peak < MEMORY, "{} KiB; {said}", self.peak);
        self
    }

    /// It said that it could not look, and where.
    pub(super) fn could_not_look(&self, what: &str) {
        self.is_sound(what);
        let ran = &self.ran;
        assert_eq!(ran.code, Some(2), "{what}: {}{}", ran.stdout, ran.stderr);
        let report = self.report(what);
        let host = &report["hosts"][0];
        assert_eq!(host["status"], "unreachable", "{what}: {report:#}");
        assert_eq!(host["findings"], json!([]), "{what}: {report:#}");
        assert_eq!(report["summary"]["unreachable"], 1, "{what}: {report:#}");
        let error = host["error"].as_str().unwrap_or_default();
        assert!(!error.is_empty(), "{what}: {report:#}");
        let said = host["endpoint"].to_string() + error + &ran.stderr;
        assert!(said.contains(&self.url), "{what}: {said}");
    }

    /// It said that it could not look, and why, in these words.
    pub(super) fn could_not_look_because(&self, what: &str, cause: &str) {
        self.could_not_look(what);
        let report = self.report(what);
        let error = report["hosts"][0]["error"].as_str().unwrap_or_default();
        let has_cause = cause.split('|').any(|cause| error.contains(cause));
        assert!(has_cause, "{what}: expected `{cause}`: {error}");
    }

    /// The report of a run that ended in time.
    pub(super) fn report(&self, what: &str) -> Value {
        self.is_sound(what);
        serde_json::from_str(&self.ran.stdout)
            .unwrap_or_else(|error| panic!("{what}: {error}: {}", self.ran.stdout))
    }

    /// The answer could be used, and something differs.
    pub(super) fn found_drift(&self, what: &str) {
        self.is_sound(what);
        assert_eq!(self.ran.code, Some(1), "{what}: {}", self.ran.stderr);
    }

    /// The answer could be used: there is nothing of the project.
    pub(super) fn found_nothing_there(self, what: &str) {
        self.found_nothing_there_but(what, Vec::new());
    }

    /// The answer could be used but for this: there is nothing of the project.
    pub(super) fn found_nothing_there_but(self, what: &str, more: Vec<Finding>) {
        self.is_sound(what);
        let report = Report::read(self.ran, "shop");
        let expected = more.len();
        let mut findings = more;
        findings.push(
            drift("project-missing", "shop")
                .field("project", "shop", Value::Null)
                .after_up("heals"),
        );
        report.holds(&findings);
        let unchecked = report.host()["unchecked"].as_array().unwrap();
        let unreadable = unchecked.iter().filter(|unchecked| {
            let why = unchecked["why"].as_str().unwrap_or_default();
            why.contains("cannot be read")
        });
        assert_eq!(unreadable.count(), expected, "{what}: {unchecked:#?}");
        assert_eq!(report.ran.code, Some(1), "{what}");
    }
}
