//! `composegen drift --watch`: each change once, to everybody who wants to know, whatever fails around it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::drift::fake::{Answer, Fake, nothing};
use crate::drift::kiosk::Kiosk;
use crate::drift::shop_engine::{ID, exposed};
use crate::project::{Project, Ran, composegen};

/// How long something may take that comes; the machine may have other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A run that watches, until it goes out of scope.
pub(crate) struct Watch {
    pub(crate) child: Child,
    lines: Receiver<Value>,
    pub(crate) errors: Option<ChildStderr>,
}

impl Watch {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let out: ChildStdout = child.stdout.take().unwrap();
        thread::spawn(move || {
            for line in BufReader::new(out).lines() {
                let json = serde_json::from_str(&line.unwrap()).unwrap();
                if sender.send(json).is_err() {
                    break;
                }
            }
        });
        let errors = child.stderr.take();
        Self {
            child,
            lines,
            errors,
        }
    }

    /// The next change: its kind, and what it is about.
    pub(crate) fn next(&self) -> (String, Value) {
        let line = self
            .lines
            .recv_timeout(PATIENCE)
            .expect("a change is reported");
        assert_eq!(line["version"], 1);
        let event = line["event"].as_str().unwrap().to_owned();
        let what = line["finding"]["code"].as_str().map(str::to_owned);
        let what = what.unwrap_or_else(|| line["host"].as_str().unwrap_or("host").to_owned());
        (format!("{event} {what}"), line)
    }

    /// Nothing is reported for a while.
    fn is_quiet(&self, time: Duration) {
        let received = self.lines.recv_timeout(time);
        assert!(received.is_err(), "{received:?}");
    }

    /// How much memory it takes, in KiB (`proc_pid_status(5)`, `VmRSS`).
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The bodies that are posted to an address.
fn receiver() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, bodies) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let lower = line.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            reader.get_mut().write_all(answer).unwrap();
            if sender.send(String::from_utf8(body).unwrap()).is_err() {
                break;
            }
        }
    });
    (url, bodies)
}

/// An engine of the project `shop` that a person changes, and that tells its events.
#[derive(Clone, Default)]
pub(crate) struct Changing(Arc<Mutex<(bool, Option<String>, u8)>>);

impl Changing {
    /// The port is opened, or closed.
    pub(crate) fn is_open(&self, is_open: bool, action: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let event = json!({
            "Type": "container", "Action": action, "timeNano": i64::try_from(now.as_nanos()).unwrap(),
            "Actor": { "ID": ID, "Attributes": {
                "name": "shop-web-1", "com.docker.compose.service": "web",
                "com.docker.compose.project": "shop",
            } },
        });
        *self.0.lock().unwrap() = (is_open, Some(event.to_string()), 2);
    }

    pub(crate) fn engine(&self) -> Fake {
        let state = self.clone();
        Fake::new(move |path| match path {
            "/events" => {
                // It is reported to the wait, which ends, and then to who asks what happened.
                let start = Instant::now();
                while start.elapsed() < Duration::from_millis(400) {
                    let (_, event, times) = &mut *state.0.lock().unwrap();
                    if let (Some(event), true) = (event.as_ref(), *times > 0) {
                        *times -= 1;
                        return Answer::json(&format!("{event}\n"));
                    }
                    thread::sleep(Duration::from_millis(10));
                }
                Answer::json("")
            }
            path => {
                let (status, body) = answered(path);
                let is_open = state.0.lock().unwrap().0;
                let closed = body.replace("0.0.0.0", "127.0.0.1");
                Answer::Body(status, if is_open { body } else { closed })
            }
        })
    }
}

/// What the engine of the project `shop` says.
fn answered(path: &str) -> (u16, String) {
    match exposed(path) {
        Answer::Body(status, body) => (status, body),
        _ => panic!("{path}"),
    }
}

pub(crate) fn shop() -> Project {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "name: shop\nservices:\n  web:\n    image: stub:1\n    ports: [\"127.0.0.1:8080:80\"]\n",
    );
    project
}

pub(crate) fn drift(project: &Project, engine: &Fake, options: &[&str]) -> Command {
    let mut command = composegen();
    command
        .current_dir(project.path("."))
        .env("PATH", "/usr/bin:/bin");
    command.args([
        "drift",
        "--watch",
        "-f",
        "compose.yml",
        "--docker",
        &engine.url(),
    ]);
    // This engine leaves out a few fields, which is another finding.
    command
        .args(["--code", "port-changed", "--code", "service-image"])
        .args(options);
    command
}

#[test]
fn a_change_is_reported_once_at_the_event_and_to_every_receiver() {
    let changing = Changing::default();
    let engine = changing.engine();
    let project = shop();
    let (url, bodies) = receiver();
    let exec = "cat >> changes.jsonl";
    let options = ["--interval", "1h", "--webhook", &url, "--exec", exec];
    let watch = Watch::start(&mut drift(&project, &engine, &options));
    watch.is_quiet(Duration::from_secs(2));
    changing.is_open(true, "start");
    let (what, found) = watch.next();
    assert_eq!(what, "found port-changed");
    assert_eq!(found["project"], "shop");
    assert_eq!(found["finding"]["severity"], "exposure");
    assert_eq!(found["events"]["best_effort"], true);
    let last = found["events"]["last"][0].as_str().unwrap();
    assert!(last.starts_with("container start "), "{last}");
    assert!(last.ends_with("Z shop-web-1"), "{last}");
    let body: Value = serde_json::from_str(&bodies.recv_timeout(PATIENCE).unwrap()).unwrap();
    assert_eq!(body["changes"][0], found);
    // Something happens, and nothing has changed.
    changing.is_open(true, "restart");
    watch.is_quiet(Duration::from_secs(3));
    changing.is_open(false, "start");
    let (what, resolved) = watch.next();
    assert_eq!(what, "resolved port-changed");
    assert_eq!(
        (&resolved["digest"], &resolved["since"]),
        (&found["digest"], &found["since"])
    );
    bodies.recv_timeout(PATIENCE).unwrap();
    let start = Instant::now();
    while fs::read_to_string(project.path("changes.jsonl"))
        .unwrap_or_default()
        .lines()
        .count()
        < 2
    {
        assert!(start.elapsed() < PATIENCE, "the command is run");
        thread::sleep(Duration::from_millis(20));
    }
    let changes = fs::read_to_string(project.path("changes.jsonl")).unwrap();
    let first: Value = serde_json::from_str(changes.lines().next().unwrap()).unwrap();
    assert_eq!(first, found);
    assert!(
        engine
            .requests()
            .iter()
            .any(|one| one.starts_with("GET /events?filters="))
    );
}

#[test]
fn what_an_engine_says_is_neither_a_command_nor_markup() {
    let hostile = "$(touch broken) `touch broken` <!channel> *x*";
    let engine = Fake::new(move |path| {
        let (status, body) = answered(path);
        Answer::Body(
            status,
            body.replace("\"stub:1\"", &json!(hostile).to_string()),
        )
    });
    let project = shop();
    let (url, bodies) = receiver();
    let options = [
        "--interval", "1h", "--webhook", &url, "--webhook-format", "slack", "--exec",
        "cat > changes",
    ];
    let watch = Watch::start(&mut drift(&project, &engine, &options));
    watch.next();
    let body: Value = serde_json::from_str(&bodies.recv_timeout(PATIENCE).unwrap()).unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(
        text.contains("&lt;!channel&gt;") && !text.contains("<!"),
        "{text}"
    );
    let start = Instant::now();
    while !project.path("changes").exists() {
        assert!(start.elapsed() < PATIENCE, "the command is run");
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_millis(100));
    assert!(!project.path("broken").exists());
}

#[test]
fn what_can_never_report_anything_is_refused() {
    let project = shop();
    let engine = Fake::new(nothing);
    for (options, message) in [
        (
            ["--service", "wbe"],
            "there is no service `wbe`; did you mean `web`?",
        ),
        (
            ["--webhook", "hooks.example/TOKEN"],
            "--webhook takes a URL",
        ),
        (
            ["--webhook", "ftp://hooks.example/TOKEN"],
            "--webhook takes a URL",
        ),
        (["--webhook", "https:///TOKEN"], "--webhook takes a URL"),
        (
            ["--webhook", "https://hooks.example/a TOKEN"],
            "--webhook takes a URL",
        ),
        (
            ["--webhook", "https://hooks.example\\TOKEN"],
            "--webhook takes a URL",
        ),
        (["--webhook", "https://[::1/TOKEN"], "--webhook takes a URL"),
        (["--webhook", "/TOKEN"], "--webhook takes a URL"),
        (["--webhook", ""], "--webhook takes a URL"),
    ] {
        let ran = Ran::of(&mut drift(&project, &engine, &options));
        assert_eq!(ran.code, Some(2), "{options:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
        assert!(!ran.stderr.contains("TOKEN"), "{}", ran.stderr);
    }
}

#[test]
fn an_engine_that_is_gone_is_reported_once_and_tried_again_and_delays_no_other() {
    let gone = Arc::new(Mutex::new(false));
    let is_gone = Arc::clone(&gone);
    let engine = Fake::new(move |path| {
        if *is_gone.lock().unwrap() {
            Answer::Reset
        } else {
            nothing(path)
        }
    });
    let project = Project::sound();
    let mut command = composegen();
    command
        .current_dir(project.path("."))
        .env("KIOSK_TAG", "1")
        .env("PATH", "/nowhere");
    command.env("COMPOSEGEN_DOCKER_WEB", engine.url());
    command.env("COMPOSEGEN_DOCKER_MODELS", "tcp://127.0.0.1:1");
    command.args(["drift", "--watch", "--env", "prod", "--interval", "300ms"]);
    let watch = Watch::start(&mut command);
    let mut first = [watch.next().0, watch.next().0];
    first.sort();
    assert_eq!(first, ["found project-missing", "unreachable models"]);
    *gone.lock().unwrap() = true;
    assert_eq!(watch.next().0, "unreachable web");
    *gone.lock().unwrap() = false;
    assert_eq!(watch.next().0, "reachable web");
    watch.is_quiet(Duration::from_secs(1));
}

#[test]
fn what_is_still_there_is_reported_again() {
    let engine = Fake::new(exposed);
    let project = shop();
    let options = ["--interval", "50ms", "--remind", "1s"];
    let watch = Watch::start(&mut drift(&project, &engine, &options));
    let (what, found) = watch.next();
    assert_eq!(what, "found port-changed");
    let (what, again) = watch.next();
    assert_eq!(what, "reminder port-changed");
    assert_eq!(
        (&again["digest"], &again["since"]),
        (&found["digest"], &found["since"])
    );
    for wrong in [
        &["--interval", "soon"][..],
        &["--format", "json"],
        &["--snapshot", "x"],
    ] {
        let ran = drift(&project, &engine, wrong).output().unwrap();
        assert_eq!(ran.status.code(), Some(2), "{wrong:?}");
    }
}

/// Watches for a number of rounds in which something changes each time; the memory before and after.
fn rounds(count: usize) -> (u64, u64) {
    let round = Arc::new(Mutex::new(0_usize));
    let counted = Arc::clone(&round);
    let engine = Fake::new(move |path| {
        let (status, body) = answered(path);
        let mut round = counted.lock().unwrap();
        if path == "/containers/json" {
            *round += 1;
        }
        let port = (20_000 + *round % 10_000).to_string();
        Answer::Body(status, body.replace("8080", &port))
    });
    let project = shop();
    let watch = Watch::start(&mut drift(&project, &engine, &["--interval", "1ms"]));
    let at = |wanted: usize| {
        let start = Instant::now();
        while *round.lock().unwrap() < wanted {
            assert!(
                start.elapsed() < Duration::from_secs(1200),
                "round {wanted} comes"
            );
            thread::sleep(Duration::from_millis(5));
            while watch.lines.try_recv().is_ok() {}
        }
        watch.memory()
    };
    (at(count / 5), at(count))
}

#[test]
fn memory_does_not_grow() {
    let (before, after) = rounds(500);
    assert!(after < before + 4096, "{before} KiB, then {after} KiB");
}

#[test]
#[ignore = "takes minutes: cargo test --test it -- --ignored manual_ten_thousand_rounds"]
fn manual_ten_thousand_rounds() {
    let (before, after) = rounds(10_000);
    println!("after 2,000 rounds {before} KiB, after 10,000 {after} KiB");
    assert!(after < before + 4096, "{before} KiB, then {after} KiB");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn what_a_person_does_on_a_real_engine_is_reported_with_its_events() {
    let kiosk = Kiosk::new().up();
    let mut command = composegen();
    command.args([
        "drift",
        "--watch",
        "--interval",
        "1h",
        "--docker",
        kiosk.outside.url(),
    ]);
    command.arg("-f").arg(kiosk.path("compose.yml"));
    let watch = Watch::start(&mut command);
    watch.is_quiet(Duration::from_secs(4));
    kiosk.docker("network connect NAME_edge NAME-db-1");
    let (what, found) = watch.next();
    assert_eq!(what, "found network-attached");
    let events = found["events"]["last"].as_array().unwrap();
    let is_it = |event: &Value| {
        let text = event.as_str().unwrap();
        text.starts_with("network connect ") && text.ends_with(&kiosk.named("_edge"))
    };
    assert!(events.iter().any(is_it), "{events:#?}");
    kiosk.docker("network disconnect NAME_edge NAME-db-1");
    assert_eq!(watch.next().0, "resolved network-attached");
    watch.is_quiet(Duration::from_secs(3));
}
