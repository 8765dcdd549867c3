//! The line of a source that a message quotes.

use std::ops::Range;

use super::replaced;

/// A line as it may be shown, and what is marked in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted {
    /// Its number, counted from one.
    pub number: usize,
    /// The line, without its end.
    pub line: String,
    /// The bytes of the line that are marked.
    pub mark: Range<usize>,
}

/// The line of `text` in which `range` begins. Each character that cannot be seen becomes one that can,
/// so that the mark stays below what it means and columns count as they do in the file: the control
/// characters of ASCII become their pictures, others U+FFFD, as in messages of rustc.
#[must_use]
pub fn quoted(text: &str, range: Range<usize>) -> Quoted {
    // Behind the last line break there is no line that could be shown.
    let last = text.strip_suffix('\n').map_or(text.len(), str::len);
    let (before, after) = text
        .split_at_checked(range.start.min(last))
        .unwrap_or((text, ""));
    let before = before
        .strip_suffix('\r')
        .filter(|_| after.starts_with('\n'))
        .unwrap_or(before);
    let start = before.rsplit('\n').next().unwrap_or_default();
    let number = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let end = after.split('\n').next().unwrap_or_default();
    let end = end.strip_suffix('\r').unwrap_or(end);
    let length = range.end.saturating_sub(range.start);
    let (marked, _) = end.split_at_checked(length).unwrap_or((end, ""));
    let line = replaced(&format!("{start}{end}"), |c| c == '\t', picture).into_owned();
    // One character stands for one, which may have another number of bytes.
    let byte = |count: usize| line.chars().take(count).map(char::len_utf8).sum();
    let from = start.chars().count();
    let mark = byte(from)..byte(from + marked.chars().count());
    Quoted { number, line, mark }
}

/// One character for one.
fn picture(c: char, out: &mut String) {
    let number = u32::from(c);
    out.push(match number {
        0..0x20 => char::from_u32(0x2400 + number).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7F => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::is_invisible;
    use crate::text::tests::nasty;

    #[test]
    fn a_mark_stays_below_what_it_means() {
        let text = "one\ntw\u{1b}o\u{202e}: \u{9b}x ##[error]\r\nthree\n";
        let at = text.find('\u{9b}').unwrap();
        let shown = quoted(text, at..at + 3);
        assert_eq!(shown.number, 2);
        assert_eq!(shown.line, "tw␛o\u{fffd}: \u{fffd}x ##\u{fffd}error]");
        assert_eq!(shown.line.get(shown.mark), Some("\u{fffd}x"));
        assert_eq!(quoted("a\nb\n", 4..4).number, 2);
        assert_eq!(quoted("a\nb\r\n", 5..5).line, "b");
        assert_eq!(quoted("", 0..0).line, "");
    }

    proptest! {
        #[test]
        fn columns_count_as_in_the_file(before in nasty(), marked in nasty(), after in nasty()) {
            // A mark in the middle of a line break, or behind the last one, is put before it.
            let text = format!("{before}x{marked}{after}");
            let shown = quoted(&text, before.len()..before.len() + 1 + marked.len());
            prop_assert!(!shown.line.chars().any(|c| is_invisible(c) && c != '\t'), "{shown:?}");
            prop_assert!(!shown.line.contains("##["));
            let start = before.rsplit('\n').next().unwrap();
            let unmarked = shown.line.get(..shown.mark.start).unwrap();
            prop_assert_eq!(unmarked.chars().count(), start.chars().count());
            prop_assert_eq!(shown.number, before.matches('\n').count() + 1);
        }
    }
}
