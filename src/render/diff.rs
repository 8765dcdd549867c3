//! Unified diffs, without secrets.

use std::fmt::Write as _;
use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use crate::redact::{Mask, TextForm};
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

/// The number of unchanged lines around a change.
const CONTEXT: usize = 3;

/// How many lines of both texts are before a line.
#[derive(Clone, Copy, Default)]
struct LinesBefore {
    old: usize,
    new: usize,
}

/// A line of a patch.
struct Line<'a> {
    tag: ChangeTag,
    text: &'a str,
    before: LinesBefore,
    /// Whether a part of it is hidden in the old text.
    is_masked: bool,
    /// Whether it can be a part of the patch.
    is_kept: bool,
}

/// The lines of a text with their ends, as programs that apply patches see them: a carriage return ends none.
pub(crate) fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The difference between two texts as a patch, which programs apply: no line of it is masked. Around a line that
/// would be, a change has less context. Changed lines are as they are.
pub(crate) fn patch(old: &str, new: &str, path: &str) -> String {
    let compared = compared(&lines(old), &lines(new), &Shown::of(old));
    written(compared, path)
}

/// A patch where nothing that changes is masked, else a diff, which only shows the changes.
pub(crate) fn patch_or_diff(old: &str, new: &str, path: &str) -> String {
    let compared = compared(&lines(old), &lines(new), &Shown::of(old));
    let shown = Shown::of(new);
    let is_hidden = |line: &Line<'_>| match line.tag {
        ChangeTag::Equal => false,
        ChangeTag::Delete => line.is_masked,
        ChangeTag::Insert => shown.masks(line.before.new, line.text),
    };
    if compared.iter().any(is_hidden) {
        unified_diff(old, new, &format!("a/{path}"), &format!("b/{path}"))
    } else {
        written(compared, path)
    }
}

/// The lines of two texts, those that only one of them has among them.
fn compared<'a>(old: &[&'a str], new: &[&'a str], shown: &Shown) -> Vec<Line<'a>> {
    let diff = TextDiff::configure()
        .timeout(DIFF_TIME)
        .diff_slices(old, new);
    let mut before = LinesBefore::default();
    let mut lines = Vec::new();
    for change in diff.iter_all_changes() {
        let of_old = change.old_index().and_then(|at| old.get(at));
        let of_new = change.new_index().and_then(|at| new.get(at));
        let text = of_old.or(of_new).copied().unwrap_or_default();
        let is_masked = change.old_index().is_some_and(|at| shown.masks(at, text));
        lines.push(Line {
            tag: change.tag(),
            text,
            before,
            is_masked,
            is_kept: change.tag() != ChangeTag::Equal || !is_masked,
        });
        before.old += usize::from(change.old_index().is_some());
        before.new += usize::from(change.new_index().is_some());
    }
    lines
}

/// The patch of lines that were compared.
fn written(mut lines: Vec<Line<'_>>, path: &str) -> String {
    let lines_of_old = lines
        .iter()
        .filter(|line| line.tag != ChangeTag::Insert)
        .count();
    keep_near_changes(&mut lines);
    let mut out = format!("--- {}\n+++ {}\n", named("a", path), named("b", path));
    for hunk in lines.chunk_by(|one, other| one.is_kept == other.is_kept) {
        if hunk.first().is_some_and(|first| first.is_kept) {
            write_hunk(applicable(hunk, lines_of_old), &mut out);
        }
    }
    out
}

/// The name of a file in a patch, as git writes it: in quotes where it has what ends a name, and before a tab where it
/// has a space.
fn named(side: &str, path: &str) -> String {
    let name = format!("{side}/{path}");
    if name.contains(|c: char| c.is_control() || matches!(c, '"' | '\\')) {
        let mut quoted = String::from("\"");
        for c in name.chars() {
            let mut bytes = [0; 4];
            match c {
                '"' | '\\' => quoted.extend(['\\', c]),
                c if c.is_control() => {
                    for byte in c.encode_utf8(&mut bytes).bytes() {
                        let _ = write!(quoted, "\\{byte:03o}");
                    }
                }
                c => quoted.push(c),
            }
        }
        return quoted + "\"";
    }
    let end = if name.contains(' ') { "\t" } else { "" };
    name + end
}

/// A hunk without the first lines for which it has no counterpart at its end: GNU patch applies a hunk with less context
/// behind its changes than before them at the end of a file only.
fn applicable<'a, 'b>(hunk: &'a [Line<'b>], lines_of_old: usize) -> &'a [Line<'b>] {
    let is_context = |line: &&Line<'_>| line.tag == ChangeTag::Equal;
    let before = hunk.iter().take_while(is_context).count();
    let after = hunk.iter().rev().take_while(is_context).count();
    let old = hunk.iter().filter(|line| line.tag != ChangeTag::Insert);
    let end = hunk.first().map_or(0, |first| first.before.old) + old.count();
    if end == lines_of_old {
        return hunk;
    }
    hunk.get(before.saturating_sub(after)..).unwrap_or(hunk)
}

/// Keeps the unchanged lines that are near a change, without one between that is not kept.
fn keep_near_changes(lines: &mut [Line<'_>]) {
    let count = lines.len();
    let mut is_near = vec![false; count];
    let mut mark = |order: &mut dyn Iterator<Item = usize>| {
        let mut since = CONTEXT;
        for at in order {
            let Some(line) = lines.get(at) else { continue };
            since = match line.tag {
                ChangeTag::Equal if line.is_kept => since.saturating_add(1),
                ChangeTag::Equal => usize::MAX,
                _ => 0,
            };
            if let Some(near) = is_near.get_mut(at) {
                *near |= since <= CONTEXT;
            }
        }
    };
    mark(&mut (0..count));
    mark(&mut (0..count).rev());
    for (line, is_near) in lines.iter_mut().zip(is_near) {
        line.is_kept &= is_near;
    }
}

fn write_hunk(hunk: &[Line<'_>], out: &mut String) {
    let of = |other: ChangeTag| hunk.iter().filter(|line| line.tag != other).count();
    let (old, new) = (of(ChangeTag::Insert), of(ChangeTag::Delete));
    let start = hunk.first().map(|first| first.before).unwrap_or_default();
    // A side without lines is named by the line before.
    let begin = |before: usize, count: usize| before + usize::from(count > 0);
    let (old_at, new_at) = (begin(start.old, old), begin(start.new, new));
    let _ = writeln!(out, "@@ -{old_at},{old} +{new_at},{new} @@");
    for line in hunk {
        let _ = write!(out, "{}{}", line.tag, line.text);
        if !line.text.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// The lines of a text without the secrets that a name or a shape gives away, since a diff goes into
/// logs. The values of fields are shown, as they are what was asked for.
struct Shown(Vec<String>);

impl Shown {
    fn of(text: &str) -> Self {
        let mask = Mask::of(text, TextForm::Spec);
        let lines = mask.shown(text).split('\n');
        Self(
            lines
                .map(|line| line.trim_end_matches('\r').to_owned())
                .collect(),
        )
    }

    /// Whether a part of a line is hidden.
    fn masks(&self, index: usize, line: &str) -> bool {
        self.line(index) != line.trim_end_matches(['\r', '\n'])
    }

    fn line(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::patch;

    #[test]
    fn a_patch_has_no_line_with_a_secret_around_what_changes() {
        let old = "a: 1\nb: 2\npassword: hunter2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\nh: 8";
        let new = old.replace("c: 3", "c: 4").replace("h: 8", "h: 9");
        assert_eq!(
            patch(old, &new, "x"),
            "--- a/x\n+++ b/x\n@@ -4,6 +4,6 @@\n-c: 3\n+c: 4\n d: 4\n e: 5\n f: 6\n g: 7\n-h: 8\n\
             \\ No newline at end of file\n+h: 9\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn a_hunk_has_no_more_context_before_its_changes_than_behind() {
        let old = "a: 1\nb: 2\nc: 3\nd: 4\npassword: hunter2\ne: 5\n";
        let new = old.replace("d: 4", "d: 5");
        assert_eq!(
            patch(old, &new, "x"),
            "--- a/x\n+++ b/x\n@@ -4,1 +4,1 @@\n-d: 4\n+d: 5\n"
        );
        // At the end of a file there is none behind.
        let new = old
            .replace("e: 5", "e: 6")
            .replace("password: hunter2", "f: 1");
        let old = old.replace("password: hunter2", "f: 1");
        assert!(patch(&old, &new, "x").contains("@@ -3,4 +3,4 @@\n c: 3\n d: 4\n f: 1\n-e: 5\n"));
    }

    #[test]
    fn a_patch_has_the_bytes_of_the_file() {
        let old = "\u{FEFF}a: 1\r\nb: \u{200b}x\ry\r\nc: 2\r\nd: \u{e9}";
        let new = old.replace("c: 2", "c: 3");
        assert_eq!(
            patch(old, &new, "my \u{e9} file"),
            "--- a/my \u{e9} file\t\n+++ b/my \u{e9} file\t\n@@ -1,4 +1,4 @@\n \u{FEFF}a: 1\r\n b: \u{200b}x\ry\r\n\
             -c: 2\r\n+c: 3\r\n d: \u{e9}\n\\ No newline at end of file\n"
        );
        assert!(patch(old, &new, "a\"\n").starts_with("--- \"a/a\\\"\\012\"\n"));
    }

    #[test]
    fn a_password_in_a_command_is_not_shown_as_context() {
        let old = "image: a\nmem_limit: 64m\ncommand: app --password Tr0ub4dor9xQz\nuser: b\n";
        let new = old.replace("64m", "96m");
        let patch = patch(old, &new, "x");
        assert!(
            patch.contains("+mem_limit: 96m") && !patch.contains("Tr0ub4dor9xQz"),
            "{patch}"
        );
    }
}
