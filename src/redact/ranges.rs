//! Ranges of a text, in bytes.

use std::ops::Range;

/// The first bytes of a possible value, from which it is known whether it is one.
pub(super) const MAX_NEAR: usize = 1024;

/// A text with something else instead of each of some parts of it, which are sorted.
pub(super) fn replaced(text: &str, ranges: &[Range<usize>], by: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&by(text.get(range.clone()).unwrap_or_default()));
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Ranges in order, those that touch as one.
pub(crate) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ if range.is_empty() => {}
            _ => merged.push(range),
        }
    }
    merged
}

/// Whether a range has anything in common with one of some merged ones.
pub(super) fn meet(merged: &[Range<usize>], range: &Range<usize>) -> bool {
    let next = merged.partition_point(|own| own.end <= range.start);
    merged.get(next).is_some_and(|own| own.start < range.end)
}

/// The nearest boundary of a character at or before a position.
pub(super) fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
