//! What `drift --watch` hands on, to receivers and commands that behave badly.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::drift::fake::Fake;
use crate::drift::shop_engine::exposed;
use crate::project::Project;
use crate::watching::{Changing, PATIENCE, Watch, drift, shop};

/// What a webhook's address has that nobody may see.
const TOKEN: &str = "T0KEN-x9z";

/// A receiver that answers every request with these bytes; the first line of each request is sent on.
fn receiver(answer: impl Into<Vec<u8>>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = channel();
    let answer = answer.into();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let (mut first, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or_default() <= 2 {
                    break;
                }
                let lower = line.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if first.is_empty() {
                    line.trim().clone_into(&mut first);
                }
            }
            let mut body = vec![0; length];
            let _ = reader.read_exact(&mut body);
            let _ = reader.get_mut().write_all(&answer);
            if sender.send(first).is_err() {
                break;
            }
        }
    });
    (url, requests)
}

/// A run that has something to tell, until it said this on standard error; all that it said by then.
fn said(project: &Project, options: &[&str], until: &str) -> String {
    let engine = Fake::new(exposed);
    let mut watch = Watch::start(&mut drift(project, &engine, options));
    let errors = BufReader::new(watch.errors.take().unwrap());
    watch.next();
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in errors.lines() {
            if sender.send(line.unwrap()).is_err() {
                break;
            }
        }
    });
    let mut all = String::new();
    while !all.contains(until) {
        let line = lines.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|_| panic!("no `{until}` in: {all}"));
        all = all + &line + "\n";
    }
    all
}

#[test]
fn a_receiver_is_tried_again_only_where_that_may_help() {
    let long = format!(
        "HTTP/1.1 200 OK\r\n{}\r\n",
        format!("X-Long: {}\r\n", "x".repeat(1000)).repeat(100)
    );
    let cases: &[(&[u8], usize, &str)] = &[
        (b"HTTP/1.1 500 No\r\nX-Odd: \xff\xfe ::error::\r\nContent-Length: 0\r\n\r\n", 3, "status 500"),
        (b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 3, "status 429"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 1, "status 404"),
        (
            b"HTTP/1.1 302 There\r\nLocation: /other-T0KEN-x9z\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            1,
            "status 302; redirects are not followed",
        ),
        (b"SSH-2.0-nothing of HTTP\r\n\r\n", 3, "the webhook did not take changes"),
        (b"", 3, "the webhook did not take changes"),
        (long.as_bytes(), 3, "the webhook did not take changes"),
    ];
    let project = shop();
    thread::scope(|scope| {
        for (answer, times, why) in cases {
            let project = &project;
            scope.spawn(move || {
                let (url, requests) = receiver(*answer);
                let url = format!("{url}/a/%20/{TOKEN}/\u{e9}?q=[{TOKEN}]#frag");
                let said = said(
                    project,
                    &["--webhook", &url],
                    "the webhook did not take changes",
                );
                assert!(said.contains(why), "{why}: {said}");
                assert!(!said.contains(TOKEN), "{said}");
                let asked: Vec<String> = requests.try_iter().collect();
                // An odd header may end the answer before its status counts.
                assert!(asked.len() == *times, "{why}: {asked:?}");
                let path = format!("POST /a/%20/{TOKEN}/\u{e9}?q=[{TOKEN}] HTTP/1.1");
                assert!(asked.iter().all(|line| *line == path), "{asked:?}");
            });
        }
    });
}

#[test]
fn a_receiver_that_cannot_be_reached_is_not_named() {
    let project = shop();
    for url in [
        format!("http://127.0.0.1:1/{TOKEN}"),
        format!("http://user:{TOKEN}@127.0.0.1:1/"),
        format!("http://{TOKEN}.invalid/"),
    ] {
        let said = said(
            &project,
            &["--webhook", &url],
            "the webhook did not take changes",
        );
        assert!(!said.contains(TOKEN), "{said}");
    }
}

#[test]
fn a_command_that_prints_without_end_is_ended_and_the_next_one_runs() {
    let changing = Changing::default();
    let engine = changing.engine();
    let project = shop();
    let exec = "echo run >> runs; yes & yes >&2";
    let options = ["--interval", "1h", "--exec", exec];
    let mut watch = Watch::start(&mut drift(&project, &engine, &options));
    let mut errors = watch.errors.take().unwrap();
    let reader = thread::spawn(move || {
        let mut said = String::new();
        errors.read_to_string(&mut said).unwrap();
        said
    });
    thread::sleep(Duration::from_secs(2));
    for is_open in [true, false] {
        changing.is_open(is_open, "start");
        watch.next();
    }
    until("the command runs twice", || {
        fs::read_to_string(project.path("runs")).unwrap_or_default() == "run\nrun\n"
    });
    thread::sleep(Duration::from_secs(1));
    watch.child.kill().unwrap();
    let said = reader.join().unwrap();
    let why = "the command of --exec failed: it printed more than 64 KiB, and was ended";
    assert_eq!(said.matches(why).count(), 2, "{}", said.replace("y\n", ""));
    assert!(said.len() < 200 << 10, "{}", said.len());
}

#[test]
fn a_webhook_that_hangs_holds_no_command_up() {
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", hanging.local_addr().unwrap());
    let engine = Fake::new(exposed);
    let project = shop();
    let options = ["--webhook", &url, "--exec", "echo run >> runs"];
    let mut watch = Watch::start(&mut drift(&project, &engine, &options));
    watch.next();
    until("the command runs", || {
        fs::read_to_string(project.path("runs")).unwrap_or_default() == "run\n"
    });
    watch.child.kill().unwrap();
}

#[test]
fn a_command_and_what_it_started_end_with_the_watch() {
    let engine = Fake::new(exposed);
    let project = shop();
    // It does not read what it is given.
    let exec = "sleep 600 & echo $! > child; echo $$ > shell; exec sleep 600";
    let mut watch = Watch::start(&mut drift(&project, &engine, &["--exec", exec]));
    watch.next();
    let pid = |file: &str| fs::read_to_string(project.path(file)).unwrap_or_default();
    until("the command runs", || pid("shell").ends_with('\n'));
    watch.child.kill().unwrap();
    for file in ["shell", "child"] {
        let pid = pid(file);
        let is_gone = || {
            let status = fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
            status.is_err() || status.is_ok_and(|status| status.contains(") Z "))
        };
        until("the command is ended", is_gone);
    }
}

#[test]
fn a_watch_ends_with_its_reader() {
    let changing = Changing::default();
    let engine = changing.engine();
    let project = shop();
    let mut command = drift(&project, &engine, &["--interval", "1h"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_secs(2));
    drop(child.stdout.take());
    changing.is_open(true, "start");
    until("it ends", || child.try_wait().unwrap().is_some());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}
