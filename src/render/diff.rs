//! Unified diffs, without secrets.

use std::fmt::Write as _;
use std::time::Duration;

use similar::TextDiff;

use crate::redact::{Form, Mask};
use crate::text::visible;

/// After this time a diff is finished without being minimal.
const DIFF_TIME: Duration = Duration::from_millis(500);

/// The difference between two texts, as a unified diff.
pub(crate) fn unified_diff(old: &str, new: &str, old_name: &str, new_name: &str) -> String {
    let diff = TextDiff::configure()
        .timeout(DIFF_TIME)
        .diff_lines(old, new);
    let (old, new) = (Shown::of(old), Shown::of(new));
    let mut out = String::new();
    for hunk in diff.unified_diff().iter_hunks() {
        if out.is_empty() {
            // Writing to a `String` cannot fail.
            let _ = writeln!(out, "--- {}\n+++ {}", visible(old_name), visible(new_name));
        }
        let _ = writeln!(out, "{}", hunk.header());
        for change in hunk.iter_changes() {
            let line = match (change.old_index(), change.new_index()) {
                (_, Some(index)) => new.line(index),
                (Some(index), None) => old.line(index),
                (None, None) => continue,
            };
            let _ = writeln!(out, "{}{line}", change.tag());
            if change.missing_newline() {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}

/// The lines of a text without the secrets that a name or a shape gives away, since a diff goes into
/// logs. The values of fields are shown, as they are what was asked for.
struct Shown(Vec<String>);

impl Shown {
    fn of(text: &str) -> Self {
        let mask = Mask::of(text, Form::Spec);
        let lines = mask.shown(text).split('\n');
        Self(
            lines
                .map(|line| line.trim_end_matches('\r').to_owned())
                .collect(),
        )
    }

    fn line(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }
}
