//! Source lines that a message quotes.

use std::ops::Range;

use super::{Marker, is_invisible};

/// A line of a source, or several, as a message may quote them, and where in them `mark` is then. Each
/// character that cannot be seen becomes one that can, so that marks and columns stay true: the
/// control characters of ASCII become their pictures, others U+FFFD, as in messages of rustc.
pub(crate) fn quoted(text: &str, mark: Range<usize>) -> (String, Range<usize>) {
    let mut out = String::with_capacity(text.len());
    let (mut from, mut to) = (None, None);
    let mut marker = Marker::default();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if at >= mark.start {
            from.get_or_insert(out.len());
        }
        if at >= mark.end {
            to.get_or_insert(out.len());
        }
        let ends_line = c == '\r' && chars.peek().is_none_or(|(_, next)| *next == '\n');
        if ends_line {
            // One that only belongs to a line break is nothing to see.
        } else if marker.ends_at(c) || (is_invisible(c) && !matches!(c, '\n' | '\t')) {
            out.push(picture(c));
        } else {
            out.push(c);
        }
    }
    let end = out.len();
    (out, from.unwrap_or(end)..to.unwrap_or(end))
}

/// One character for one.
fn picture(c: char) -> char {
    let number = u32::from(c);
    match number {
        0..0x20 => char::from_u32(0x2400 + number).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7F => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::tests::nasty;

    #[test]
    fn a_mark_stays_below_what_it_means() {
        let text = "tw\u{1b}o\u{202e}: \u{9b}x ##[error]\r\nthree\ta\rb\r";
        let at = text.find('\u{9b}').unwrap();
        let (shown, mark) = quoted(text, at..at + 3);
        assert_eq!(
            shown,
            "tw␛o\u{fffd}: \u{fffd}x ##\u{fffd}error]\nthree\ta␍b"
        );
        assert_eq!(shown.get(mark), Some("\u{fffd}x"));
        assert_eq!(quoted("", 0..0), (String::new(), 0..0));
        assert_eq!(quoted("a\n", 2..2), ("a\n".to_owned(), 2..2));
    }

    proptest! {
        #[test]
        fn columns_count_as_in_the_file(before in nasty(), marked in nasty(), after in nasty()) {
            let text = format!("{before}x{marked}y{after}");
            let range = before.len()..before.len() + 1 + marked.len();
            let (shown, mark) = quoted(&text, range);
            prop_assert!(!shown.chars().any(|c| is_invisible(c) && !matches!(c, '\t' | '\n')), "{shown:?}");
            prop_assert!(!shown.contains("##["));
            let column = |text: &str| text.rsplit('\n').next().map(|line| line.chars().count());
            prop_assert_eq!(column(shown.get(..mark.start).unwrap()), column(&before));
            let lines = shown.get(..mark.end).unwrap().matches('\n').count();
            prop_assert_eq!(lines, (before + &marked).matches('\n').count());
        }
    }
}
