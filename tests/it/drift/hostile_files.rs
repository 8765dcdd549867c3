//! Engines that answer badly when they are asked for the files in a container: nothing is taken for
//! what was expected, and no run takes more memory or time for it.

use serde_json::{Value, json};
use tar::{EntryType, Header};

use super::fake::{Answer, Fake};
use super::shop_engine::exposed;
use super::watched::{Run, run_with};

const FILE: &str = "name: shop
services: { web: { image: 'stub:1', configs: [{ source: inline, target: /etc/inline }] } }
configs: { inline: { content: one } }
";

/// A run with an engine that answers this when it is asked for an archive, or for changes.
fn ask(kind: &'static str, answer: Answer) -> Run {
    let engine = Fake::new(move |path| {
        if path.ends_with(kind) {
            answer.clone()
        } else {
            exposed(path)
        }
    });
    run_with(2, &engine, FILE, &["--changes"])
}

fn header(name: &str, kind: EntryType, size: u64) -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_entry_type(kind);
    header.set_mode(0o444);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    header.set_cksum();
    header.as_bytes().to_vec()
}

/// An archive that begins with these bytes and goes on with `part` for ever.
fn endless(beginning: &[u8], part: &[u8]) -> Answer {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Answer::Again(text(beginning), text(&part.repeat(65536 / part.len())))
}

/// The archive of one file.
fn file(content: &[u8]) -> Answer {
    let mut bytes = header("inline", EntryType::Regular, content.len() as u64);
    bytes.extend(content);
    bytes.resize(2048, 0);
    Answer::http("200 OK\r\nContent-Length: 2048", &bytes)
}

fn findings(report: &Value) -> Vec<&Value> {
    let findings = report["hosts"][0]["findings"].as_array().unwrap().iter();
    let about = ["config-content", "container-changed"];
    findings
        .filter(|one| about.contains(&one["code"].as_str().unwrap()))
        .collect()
}

#[test]
fn an_archive_that_cannot_be_used_is_unchecked() {
    let entry = header("d/a", EntryType::Regular, 0);
    for (what, answer) in [
        ("no tar", Answer::Body(200, "x".repeat(5000))),
        ("nothing", Answer::Body(200, String::new())),
        ("JSON", Answer::json("{}")),
        (
            "cut off",
            Answer::http(
                "200 OK\r\nContent-Length: 512",
                &header("inline", EntryType::Regular, 3),
            ),
        ),
        (
            "a file without end",
            endless(
                &header("inline", EntryType::Regular, (1 << 33) - 1),
                b"secret ",
            ),
        ),
        (
            "files without end",
            endless(&header("d/", EntryType::Directory, 0), &entry),
        ),
        (
            "a header without end",
            endless(&header("x", EntryType::GNULongName, 1 << 30), b"name"),
        ),
        (
            "headers without end",
            endless(b"", &header("x", EntryType::XHeader, 0)),
        ),
        (
            "an error",
            Answer::Body(500, r#"{"message":"cannot"}"#.into()),
        ),
        ("a refusal", Answer::Body(403, "no".into())),
        (
            "a container that is gone",
            Answer::Body(404, r#"{"message":"No such container: 0"}"#.into()),
        ),
    ] {
        let run = ask("/archive", answer);
        let report = run.report(what);
        let host = &report["hosts"][0];
        assert_ne!(host["status"], "in-sync", "{what}");
        assert_eq!(findings(&report), [] as [&Value; 0], "{what}");
        let unchecked = host["unchecked"].as_array().unwrap();
        let about = unchecked
            .iter()
            .find(|one| one["what"] == "config `inline` of service `web`");
        let why = about.unwrap_or_else(|| panic!("{what}: {unchecked:#?}"))["why"].as_str();
        assert!(
            !why.unwrap().is_empty() && !report.to_string().contains("secret "),
            "{what}"
        );
    }
}

#[test]
fn an_archive_that_can_be_used_is_compared() {
    let same = ask("/archive", file(b"one")).report("the same");
    assert_eq!(findings(&same), [] as [&Value; 0], "{same:#}");
    let link = header("inline", EntryType::Symlink, 0);
    let gone = r#"{"message":"Could not find the file /etc/inline in container 0"}"#;
    for (what, answer, observed) in [
        ("another content", file(b"two"), json!("(hidden)")),
        (
            "a link",
            Answer::http("200 OK\r\nContent-Length: 512", &link),
            json!("a symbolic link"),
        ),
        ("nothing", Answer::Body(404, gone.into()), Value::Null),
    ] {
        let report = ask("/archive", answer).report(what);
        let found = findings(&report);
        assert_eq!(found.len(), 1, "{what}: {report:#}");
        assert_eq!(found[0]["observed"], observed, "{what}");
    }
}

#[test]
fn an_engine_whose_answer_never_ends_cannot_be_checked() {
    for kind in ["/archive", "/changes"] {
        ask(
            kind,
            Answer::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".to_vec()),
        )
        .could_not_look_because(kind, "no complete answer within");
        ask(kind, Answer::Reset).could_not_look(kind);
    }
}

#[test]
fn changes_that_cannot_be_used_are_unchecked() {
    let path = r#"{"Path":"/opt/x","Kind":1},"#;
    for (what, answer) in [
        ("no list", Answer::json("{}")),
        ("no JSON", Answer::json("[")),
        ("a list without end", endless(b"[", path.as_bytes())),
        ("a text without end", endless(br#"[{"Path":""#, b"a")),
        ("an error", Answer::Body(500, "no".into())),
    ] {
        let report = ask("/changes", answer).report(what);
        assert_eq!(findings(&report), [] as [&Value; 0], "{what}: {report:#}");
        let unchecked = report["hosts"][0]["unchecked"].as_array().unwrap();
        let mut whats = unchecked.iter().map(|one| one["what"].as_str().unwrap());
        assert!(
            whats.any(|text| text.starts_with("what was changed in")),
            "{what}: {unchecked:#?}"
        );
    }
    let unknown = ask("/changes", Answer::json(r#"[{"Path":"/opt/x","Kind":7}]"#));
    assert!(
        unknown
            .report("a kind")
            .to_string()
            .contains("answer-unreadable")
    );
    let none = ask("/changes", Answer::json("null")).report("none");
    assert_eq!(findings(&none), [] as [&Value; 0], "{none:#}");
}
