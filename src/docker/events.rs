//! What an engine reports when something happens to it (Engine API, `SystemEvents`): one JSON object a line. An engine
//! keeps the last 256 events.

use std::collections::VecDeque;

use serde_json::Value;

use super::connection::Connection;
use super::dialect;
use super::failure::{Failure, FailureKind};
use super::intake::Source as _;
use super::labels;
use super::observe::version_in_headers;

/// How many events are kept of an answer, and how long one may be, in bytes.
const MAX_EVENTS: usize = 256;
const MAX_LINE: usize = 64 << 10;

/// `{"type":["container","image","network","volume"]}`
const FILTERS: &str =
    "%7B%22type%22%3A%5B%22container%22%2C%22image%22%2C%22network%22%2C%22volume%22%5D%7D";

/// What changes something that is compared. Others are left out, such as what a health check or a request of our own
/// (`archive-path`) causes.
const CHANGES: &[(&str, &[&str])] = &[
    (
        "container",
        &[
            "create", "destroy", "remove", "die", "died", "start", "stop", "kill", "pause",
            "unpause", "rename", "update", "restart", "oom", "extract-to-dir",
        ],
    ),
    (
        "network",
        &[
            "create", "connect", "disconnect", "destroy", "remove", "prune",
        ],
    ),
    ("volume", &["create", "destroy", "remove", "prune"]),
    (
        "image",
        &["tag", "untag", "pull", "load", "import", "delete", "remove"],
    ),
];

/// Something that happened on an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// When, in nanoseconds since 1970 by the engine's clock.
    pub time: i64,
    /// To what: `container`, `network`, `volume`, `image`.
    pub kind: String,
    /// What: `connect`, `rename`.
    pub action: String,
    /// The name of the container, network or volume; of an image, its name or ID.
    pub name: String,
    /// The ID of the container that it is about, or that a network was attached to.
    pub container: String,
    /// The service that the container's labels name, and its project.
    pub service: String,
    /// See `service`.
    pub project: String,
}

/// How a wait for an event ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// Something happened.
    Happened(Event),
    /// No event came before the deadline of the connection.
    Nothing,
    /// The engine, or a proxy before it, ended the answer.
    Ended,
}

/// If Podman sends nothing, it is asked once more for events until this many nanoseconds later: it sends nothing if the end is
/// already past.
const LATER: i64 = 500_000_000;

/// What happened between two times, in nanoseconds; the newest, where there are too many.
///
/// # Errors
/// An engine that cannot be reached, or refuses to tell.
pub async fn events(
    connection: &Connection,
    since: i64,
    until: i64,
) -> Result<Vec<Event>, Failure> {
    let found = between(connection, since, until).await?;
    if found.is_empty() && is_podman(connection) {
        return between(connection, since, until.saturating_add(LATER)).await;
    }
    Ok(found)
}

async fn between(connection: &Connection, since: i64, until: i64) -> Result<Vec<Event>, Failure> {
    let mut found = VecDeque::new();
    let path = format!("{}&until={}", path(since), time(until));
    let mut lines = Lines::default();
    let asked = connection
        .get(&path, &mut |bytes| {
            lines.push(bytes, earliest(connection, since), |event| {
                if found.len() == MAX_EVENTS {
                    found.pop_front();
                }
                found.push_back(event);
                true
            });
            Ok(())
        })
        .await;
    match asked {
        // An engine whose clock is behind ours ends later; what it reported by then counts.
        Err(failure) if failure.kind != FailureKind::Unanswered => Err(failure),
        _ => Ok(found.into()),
    }
}

/// Waits for the first event after a time.
///
/// # Errors
/// An engine that cannot be reached, or refuses to tell.
pub async fn wait(connection: &Connection, since: i64) -> Result<Waited, Failure> {
    let mut first = None;
    let mut is_late = false;
    let mut lines = Lines::default();
    let asked = connection
        .get(&path(since), &mut |bytes| {
            lines.push(bytes, earliest(connection, since), |event| {
                first.get_or_insert(event);
                false
            });
            // There is no other way to end an answer.
            if first.is_some() {
                Err(String::new())
            } else {
                Ok(())
            }
        })
        .await;
    if let Err(failure) = &asked {
        is_late = failure.kind == FailureKind::Unanswered && connection.is_late();
    }
    match (first, asked) {
        (Some(event), _) => Ok(Waited::Happened(event)),
        (None, Ok(())) => Ok(Waited::Ended),
        (None, Err(_)) if is_late => Ok(Waited::Nothing),
        (None, Err(failure)) => Err(failure),
    }
}

/// Whether an engine that has answered is Podman.
fn is_podman(connection: &Connection) -> bool {
    let engine = connection.server().and_then(version_in_headers);
    engine.is_some_and(|engine| dialect::is_podman(&engine))
}

/// The time of the earliest event that counts. Podman sends those of its log again; the events of any other engine are new, although
/// its clock may be behind ours.
fn earliest(connection: &Connection, since: i64) -> i64 {
    if is_podman(connection) {
        since
    } else {
        i64::MIN
    }
}

fn path(since: i64) -> String {
    format!("/events?filters={FILTERS}&since={}", time(since))
}

/// A time as the Engine API takes it: seconds and billionths.
fn time(nanoseconds: i64) -> String {
    let nanoseconds = nanoseconds.max(0);
    format!(
        "{}.{:09}",
        nanoseconds / 1_000_000_000,
        nanoseconds % 1_000_000_000
    )
}

/// The lines of an answer that comes in pieces.
#[derive(Default)]
struct Lines {
    held: Vec<u8>,
    is_too_long: bool,
}

impl Lines {
    /// Takes the next bytes, and gives each event since a time that they complete to `each`, until that wants no more.
    fn push(&mut self, bytes: &[u8], since: i64, mut each: impl FnMut(Event) -> bool) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let is_whole = part.ends_with(b"\n");
            if self.held.len() + part.len() > MAX_LINE {
                self.is_too_long = true;
                self.held.clear();
            }
            if !self.is_too_long {
                self.held.extend_from_slice(part);
            }
            if !is_whole {
                continue;
            }
            let line = std::mem::take(&mut self.held);
            if !std::mem::take(&mut self.is_too_long)
                && let Some(event) = read(&line)
                && event.time >= since
                && !each(event)
            {
                return;
            }
        }
    }
}

/// An event that changes something; nothing where a line is not one.
fn read(line: &[u8]) -> Option<Event> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let text = |path: &str| {
        let text = value.pointer(path).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let number = |path: &str| value.pointer(path).and_then(Value::as_i64);
    let attribute = |name: &str| text(&format!("/Actor/Attributes/{name}"));
    let (kind, action, id) = (text("/Type"), text("/Action"), text("/Actor/ID"));
    let (_, actions) = CHANGES.iter().find(|(own, _)| *own == kind)?;
    if !actions.contains(&action.as_str()) {
        return None;
    }
    let name = Some(attribute("name")).filter(|name| !name.is_empty());
    let container = match kind.as_str() {
        "container" => id.clone(),
        _ => attribute("container"),
    };
    let seconds = || number("/time").unwrap_or_default();
    Some(Event {
        time: number("/timeNano").unwrap_or_else(|| seconds().saturating_mul(1_000_000_000)),
        kind,
        action,
        name: name.unwrap_or(id),
        container,
        service: attribute(labels::SERVICE),
        project: attribute(labels::PROJECT),
    })
}

#[cfg(test)]
mod tests {
    use super::{Event, Lines, MAX_LINE, time};

    fn read(pieces: &[&str]) -> Vec<Event> {
        read_since(0, pieces)
    }

    fn read_since(since: i64, pieces: &[&str]) -> Vec<Event> {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.push(piece.as_bytes(), since, |event| {
                found.push(event);
                true
            });
        }
        found
    }

    #[test]
    fn events_that_change_something_are_read_in_any_pieces() {
        let connect = r#"{"Type":"network","Action":"connect","Actor":{"ID":"n1","Attributes":{"container":"c1","name":"shop_back","type":"bridge"}},"scope":"local","time":1700000000,"timeNano":1700000000123456789}"#;
        let rename = r#"{"Type":"container","Action":"rename","Actor":{"ID":"c1","Attributes":{"name":"x","com.docker.compose.service":"web"}},"time":1700000001}"#;
        let own =
            r#"{"Type":"container","Action":"archive-path","Actor":{"ID":"c1","Attributes":{}}}"#;
        let health =
            r#"{"Type":"container","Action":"health_status: healthy","Actor":{"ID":"c1"}}"#;
        let text = format!("{connect}\n{own}\nnot JSON\n[]\n{health}\n{rename}\n");
        let (first, second) = text.split_at(77);
        for pieces in [&[text.as_str()][..], &[first, second]] {
            let found = read(pieces);
            let [one, other] = found.as_slice() else {
                panic!("{found:#?}")
            };
            assert_eq!(one.time, 1_700_000_000_123_456_789);
            assert_eq!(
                (one.name.as_str(), one.container.as_str()),
                ("shop_back", "c1")
            );
            assert_eq!(
                (other.service.as_str(), other.time),
                ("web", 1_700_000_001_000_000_000)
            );
        }
        let long = format!("\"{}\"\n{rename}\n", "x".repeat(2 * MAX_LINE));
        assert_eq!(read(&[&long]).len(), 1);
        assert_eq!(read(&[rename]), []);
        // An engine may send its whole log.
        let later = read_since(1_700_000_001_000_000_000, &[&text]);
        let actions: Vec<&str> = later.iter().map(|one| &*one.action).collect();
        assert_eq!(actions, ["rename"]);
        assert_eq!(time(1_700_000_000_000_000_001), "1700000000.000000001");
    }
}
