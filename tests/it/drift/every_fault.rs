//! Every fault at every stage, over each way to an engine: a run says that it could not look, at what
//! and why, or its answer is right; it ends in time, and never says that all is well.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

use serde_json::Value;

use super::fake::{Answer, Fake, Way};
use super::shop_engine::exposed;
use super::watched::{run, run_for};

/// How many runs go on at once: most of them wait.
const AT_ONCE: usize = 24;

/// Which test runs its cases.
static TURN: Mutex<()> = Mutex::new(());

type Stage = (&'static str, fn(&str) -> bool);

/// The kinds of requests, by a name and what their paths are.
const STAGES: [Stage; 9] = [
    ("everything", |_| true),
    ("/version", |path| path == "/version"),
    ("/info", |path| path == "/info"),
    ("the containers", |path| path == "/containers/json"),
    ("the networks", |path| path == "/networks"),
    ("the volumes", |path| path == "/volumes"),
    ("the images", |path| path == "/images/json"),
    ("an inspection", |path| {
        path.starts_with("/containers/") && path != "/containers/json"
    }),
    ("an image", |path| {
        path.starts_with("/images/") && path != "/images/json"
    }),
];

/// What may come of a fault.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Expected {
    /// It could not look, for a reason with one of these words (`a|b`).
    Because(&'static str),
    /// The answer is good, and so is the report.
    Right,
    /// Where it is what one thing is answered with, it may be taken as an answer: what the engine
    /// no longer has, or does not say. What is exposed is reported all the same.
    Either,
}

pub(super) type Fault = (&'static str, Answer, Expected);

pub(super) const CUT: &str = "closed|reset|incomplete|unexpected|end of file|broken pipe|ssh says";
pub(super) const LATE: &str = "no complete answer within";

pub(super) fn silence() -> Vec<Fault> {
    use Expected::Because;
    let stall = |text: &str| Answer::Stall(text.as_bytes().to_vec());
    vec![
        ("no answer", stall(""), Because(LATE)),
        ("half a status line", stall("HTTP/1.1 2"), Because(LATE)),
        (
            "half a header",
            stall("HTTP/1.1 200 OK\r\nConte"),
            Because(LATE),
        ),
        (
            "headers only",
            stall("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
            Because(LATE),
        ),
        (
            "a body that stops",
            stall("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{\"Id\":"),
            Because(LATE),
        ),
        (
            "chunks that stop",
            stall("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n"),
            Because(LATE),
        ),
        (
            "an error that stops",
            stall("HTTP/1.1 500 Oops\r\nContent-Length: 1000\r\n\r\n{\"mess"),
            Because(LATE),
        ),
        ("a byte now and then", Answer::Drip, Because(LATE)),
    ]
}

pub(super) fn floods() -> Vec<Fault> {
    use Expected::Because;
    // What is too much depends on what is asked: of most answers, memory or time has an end.
    let much = "within|too large|too long|larger|more than|limit|500";
    vec![
        ("200 without end", Answer::Endless(200), Because(much)),
        ("500 without end", Answer::Endless(500), Because(much)),
        (
            "headers without end",
            Answer::EndlessHeaders,
            Because("too large|parse|header|within"),
        ),
    ]
}

pub(super) fn broken() -> Vec<Fault> {
    use Expected::Because;
    let raw = |text: &str| Answer::Raw(text.as_bytes().to_vec());
    vec![
        ("a reset", Answer::Reset, Because(CUT)),
        ("a closed connection", raw(""), Because(CUT)),
        (
            "the end in a header",
            raw("HTTP/1.1 200 OK\r\nConte"),
            Because(CUT),
        ),
        (
            "the end in a body",
            Answer::http("200 OK\r\nContent-Length: 1000", b"[{\"Id\":"),
            Because(CUT),
        ),
        (
            "the end in a chunk",
            Answer::http("200 OK\r\nTransfer-Encoding: chunked", b"10\r\n[{\"Id\""),
            Because(CUT),
        ),
        (
            "no last chunk",
            Answer::http("200 OK\r\nTransfer-Encoding: chunked", b"2\r\n[]\r\n"),
            Because(CUT),
        ),
        (
            "a chunk of a wrong size",
            Answer::http(
                "200 OK\r\nTransfer-Encoding: chunked",
                b"zz\r\n[]\r\n0\r\n\r\n",
            ),
            Because("chunk"),
        ),
        (
            "a length that is too long",
            Answer::http("200 OK\r\nContent-Length: 9", b"[]"),
            Because(CUT),
        ),
        (
            "a length that is too short",
            Answer::http("200 OK\r\nContent-Length: 1", b"[]"),
            Because("JSON|EOF"),
        ),
        (
            "a length that is not a number",
            Answer::http("200 OK\r\nContent-Length: many", b"[]"),
            Because("content-length|invalid"),
        ),
        (
            "no HTTP",
            raw("SSH-2.0-OpenSSH_9.2\r\n"),
            Because("HTTP|parse"),
        ),
        (
            "bytes of TLS",
            Answer::Raw(b"\x15\x03\x01\0\x02\x02\x0a".to_vec()),
            Because("HTTP|parse"),
        ),
        (
            "gzip that nobody asked for",
            Answer::http(
                "200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 22",
                b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x8b\x8e\x05\0\x29\xbb\x4c\x0d\x02\0\0\0",
            ),
            Because("JSON"),
        ),
    ]
}

pub(super) fn refusals() -> Vec<Fault> {
    use Expected::{Because, Either};
    let json = |status| Answer::Body(status, r#"{"message":"not here"}"#.to_owned());
    let said = |status, text: &str| Answer::Body(status, text.to_owned());
    vec![
        (
            "301",
            Answer::http(
                "301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0",
                b"",
            ),
            Because("301"),
        ),
        (
            "302 and HTML",
            said(302, "<a href='/login'>Sign in</a>"),
            Because("302"),
        ),
        ("304", Answer::http("304 Not Modified", b""), Because("304")),
        ("401", json(401), Because("401: not here")),
        (
            "403 and HTML",
            said(403, "<html>Forbidden</html>"),
            Because("403"),
        ),
        // What is not found was removed since it was listed.
        ("404", json(404), Either),
        (
            "404 without JSON",
            said(404, "404 page not found\n"),
            Either,
        ),
        (
            "407",
            said(407, "Proxy authentication required"),
            Because("407"),
        ),
        ("429", json(429), Because("429")),
        ("500", json(500), Because("500: not here")),
        (
            "500 and half of the JSON",
            said(500, r#"{"messa"#),
            Because("500"),
        ),
        (
            "502 of a proxy",
            said(502, "<html><h1>502 Bad Gateway</h1></html>"),
            Because("502"),
        ),
        ("503 without a word", said(503, ""), Because("503")),
    ]
}

pub(super) fn wrong() -> Vec<Fault> {
    use Expected::{Because, Either, Right};
    vec![
        (
            "204",
            Answer::http("204 No Content", b""),
            Because("JSON|EOF|204"),
        ),
        ("nothing", Answer::json(""), Because("JSON|EOF")),
        (
            "HTML",
            Answer::json("<!doctype html><title>Sign in</title>"),
            Because("JSON"),
        ),
        (
            "half of the JSON",
            Answer::json(r#"[{"Id":"1","Nam"#),
            Because("JSON|EOF"),
        ),
        (
            "JSON and more",
            Answer::json("[] []"),
            Because("JSON|trailing"),
        ),
        (
            "invalid UTF-8",
            Answer::http("200 OK\r\nContent-Length: 13", b"[{\"Id\":\"\xff\xfe\"}]"),
            Because("JSON|UTF|unicode"),
        ),
        ("null", Answer::json("null"), Either),
        ("a number", Answer::json("7"), Either),
        ("a text", Answer::json("\"all is well\""), Either),
        ("a list of numbers", Answer::json("[1, 2]"), Either),
        ("a list in a list", Answer::json("[[]]"), Either),
        ("an object with nothing", Answer::json("{}"), Either),
        ("HTTP/1.0", Answer::Raw(Vec::new()), Right),
    ]
}

/// The answer of an engine, by the older protocol.
pub(super) fn by_http_1_0(answer: &Answer) -> Answer {
    match answer {
        Answer::Body(status, body) => Answer::Raw(
            format!("HTTP/1.0 {status} Said\r\nContent-Type: application/json\r\n\r\n{body}")
                .into(),
        ),
        other => other.clone(),
    }
}

pub(super) fn exposure(report: &Value) -> bool {
    let findings = report["hosts"][0]["findings"].as_array().unwrap();
    findings
        .iter()
        .any(|finding| finding["severity"] == "exposure")
}

/// Runs a fault at a stage, and holds what comes of it against what may.
fn hold(way: Way, stage: usize, (fault, answer, expected): &Fault) {
    let (name, meant) = STAGES[stage];
    let what = format!("{fault} to {name} over {way:?}");
    let (right, answer) = (*expected == Expected::Right, answer.clone());
    let engine = Fake::over(way, move |path| match exposed(path) {
        good if !meant(path) => good,
        good if right => by_http_1_0(&good),
        _ => answer.clone(),
    });
    // A short time where it is waited for, and enough of it where much is to be read.
    let is_slow = matches!(expected, Expected::Because(cause) if *cause == LATE);
    let run = run_for(if is_slow { 1 } else { 5 }, &engine, "shop");
    match expected {
        Expected::Because(cause) => run.could_not_look_because(&what, cause),
        Expected::Either if run.ran.code == Some(2) => run.could_not_look(&what),
        Expected::Either | Expected::Right => {
            let report = run.report(&what);
            assert_eq!(run.ran.code, Some(1), "{what}: {report:#}");
            // Without the container, or what is known of it, it is missing instead.
            let is_about_it = matches!(name, "the containers" | "an inspection");
            assert!(exposure(&report) || is_about_it, "{what}: {report:#}");
            assert!(name != "everything" || right, "{what}: {report:#}");
        }
    }
}

/// Does all of it, some at a time, and says all that was wrong.
pub(super) fn each(cases: Vec<(Way, usize, Fault)>, hold: fn(Way, usize, &Fault)) {
    // They are so many that those of two tests would keep each other from ending in time.
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let count = cases.len();
    let queue = Mutex::new(VecDeque::from(cases));
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().pop_front();
                    let Some((way, stage, fault)) = next else {
                        return;
                    };
                    let ended = std::panic::catch_unwind(|| hold(way, stage, &fault));
                    if let Err(why) = ended {
                        let why = why.downcast_ref::<String>().cloned();
                        wrong.lock().unwrap().push(why.unwrap_or_default());
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} of {count}: {}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

/// Over a Unix socket at every stage; over another way at one stage each, and another for each fault.
pub(super) fn everywhere(faults: &[Fault], stages: usize) -> Vec<(Way, usize, Fault)> {
    let mut cases = Vec::new();
    for fault in faults {
        cases.extend((0..stages).map(|stage| (Way::Unix, stage, fault.clone())));
    }
    for (shift, way) in [Way::Tcp, Way::Tls, Way::Ssh].into_iter().enumerate() {
        for (index, fault) in faults.iter().enumerate() {
            cases.push((way, (index + 3 * shift) % stages, fault.clone()));
        }
    }
    cases
}

#[test]
fn every_way_leads_to_an_engine_that_works() {
    for way in [Way::Unix, Way::Tcp, Way::Tls, Way::Ssh] {
        let engine = Fake::over(way, exposed);
        let what = format!("{way:?}");
        let run = run(&engine, "shop");
        let report = run.report(&what);
        assert!(exposure(&report), "{what}: {report:#}");
        let asked = engine.requests();
        for (name, meant) in STAGES {
            let is_asked = asked.iter().any(|line| {
                let path = line.split(' ').nth(1).unwrap();
                meant(super::fake::plain(path))
            });
            assert!(is_asked, "{name} over {what}: {asked:#?}");
        }
    }
}

#[test]
fn an_engine_that_falls_silent() {
    each(everywhere(&silence(), STAGES.len()), hold);
}

#[test]
fn an_engine_that_does_not_end() {
    let cases = floods();
    let unix = cases
        .iter()
        .flat_map(|fault| [0, 3, 7].map(|stage| (Way::Unix, stage, fault.clone())));
    let others = [Way::Tcp, Way::Tls, Way::Ssh].into_iter();
    let others = others.flat_map(|way| cases.iter().map(move |fault| (way, 0, fault.clone())));
    each(unix.chain(others).collect(), hold);
}

#[test]
fn an_engine_that_breaks_off() {
    each(everywhere(&broken(), STAGES.len()), hold);
}

#[test]
fn an_engine_that_refuses() {
    each(everywhere(&refusals(), STAGES.len()), hold);
}

#[test]
fn an_engine_that_answers_something_else() {
    each(everywhere(&wrong(), STAGES.len()), hold);
}
