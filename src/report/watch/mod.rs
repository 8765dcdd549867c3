//! What changed on hosts that are watched: a line of JSON for each change, and bodies for webhooks.

use std::io;

use jiff::Timestamp;
use serde::Serialize;

use super::Output;
use super::drift::HostReport;
use crate::host_id::HostId;
use crate::redact::{self, write_line};
use crate::text::visible;
use crate::watch::{Change, ChangeKind, Noticed};

/// The version of the form.
const VERSION: u8 = 1;
/// How many changes a message for people lists.
const MOST_SHOWN: usize = 20;

/// A change on a host.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChangeLine {
    version: u8,
    /// When it was noticed, in RFC 3339.
    time: String,
    #[serde(flatten)]
    host: HostId,
    endpoint: String,
    #[serde(flatten)]
    change: Change,
    /// What the engine reported before it. Which of it is the cause is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Events>,
}

#[derive(Debug, Clone, Serialize)]
struct Events {
    /// Always, so that nobody takes them for proof.
    best_effort: bool,
    last: Vec<String>,
}

/// What changed on a host at once.
#[derive(Debug)]
pub(crate) struct Batch(pub(crate) Vec<ChangeLine>);

#[derive(Serialize)]
struct Generic<'a> {
    version: u8,
    changes: &'a [ChangeLine],
}

#[derive(Serialize)]
struct Slack {
    text: String,
}

impl ChangeLine {
    /// A change, with the last events about it.
    pub(crate) fn of(host: &HostReport, noticed: Noticed, now: Timestamp) -> Self {
        let Noticed { change, events } = noticed;
        Self {
            version: VERSION,
            time: now.to_string(),
            host: host.id.clone(),
            endpoint: host.from.endpoint.clone(),
            change,
            events: (!events.is_empty()).then_some(Events {
                best_effort: true,
                last: events,
            }),
        }
    }

    /// A sentence for people.
    fn sentence(&self) -> String {
        let host = self.host.title();
        let what = match (&self.change.finding, &self.change.error) {
            (Some(finding), _) => {
                let (severity, code) = (finding.severity.as_str(), finding.code.as_str());
                format!("{severity}: {} [{code}]", finding.message)
            }
            (None, Some(error)) => error.clone(),
            (None, None) => "it can be examined again".to_owned(),
        };
        let since = match self.change.event {
            ChangeKind::Reminder | ChangeKind::Resolved => format!(", since {}", self.change.since),
            _ => String::new(),
        };
        let events = self.events.as_ref().map_or_else(String::new, |events| {
            format!("; last events (best effort): {}", events.last.join(", "))
        });
        format!(
            "{host}: {}: {what}{since}{events}",
            self.change.event.as_str()
        )
    }
}

impl Batch {
    /// Writes a line for each change.
    pub(crate) fn write(&self, out: &mut Output<'_>) -> io::Result<()> {
        out.text(&self.lines())
    }

    /// The changes as lines of JSON.
    pub(crate) fn lines(&self) -> String {
        self.0.iter().map(line).collect()
    }

    /// All of them in one document.
    pub(crate) fn generic(&self) -> String {
        line(&Generic {
            version: VERSION,
            changes: &self.0,
        })
    }

    /// A message for Slack and those that take the same.
    pub(crate) fn slack(&self) -> String {
        let mut lines: Vec<String> = self
            .0
            .iter()
            .take(MOST_SHOWN)
            .map(|line| format!("• {}", escaped(&line.sentence())))
            .collect();
        let more = self.0.len().saturating_sub(MOST_SHOWN);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        line(&Slack {
            text: lines.join("\n"),
        })
    }
}

fn line(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = write_line(value, &mut bytes);
    String::from_utf8(bytes).unwrap_or_default()
}

/// A text in which Slack finds no markup, mention or link
/// (<https://docs.slack.dev/messaging/formatting-message-text>).
fn escaped(text: &str) -> String {
    let text = redact::text(text).into_owned();
    let text = visible(&text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    // What is between these would be bold, struck or code; backquotes are what names are in anyway.
    text.replace('*', "\u{2217}")
        .replace('~', "\u{223c}")
        .replace('@', "\u{ff20}")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn slack_gets_no_markup_from_outside() {
        assert_eq!(
            escaped("a <!channel> & <http://x|y> *b* @here\n"),
            "a &lt;!channel&gt; &amp; &lt;http://x|y&gt; \u{2217}b\u{2217} \u{ff20}here\\n"
        );
    }
}
