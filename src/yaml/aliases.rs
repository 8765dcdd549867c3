//! How large a document becomes when its aliases are replaced: a few lines may become gigabytes.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser};

/// About what a value takes beside its text, in bytes.
const VALUE: usize = 128;

/// A collection that is being read: its anchor, and what is in it so far.
struct Open {
    anchor: usize,
    size: usize,
}

/// Where a text with its aliases replaced becomes larger than `room` bytes, if anywhere.
pub(super) fn outgrow(text: &str, room: usize) -> Option<Range<usize>> {
    if !(text.contains('*') && text.contains('&')) {
        return None;
    }
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, usize> = HashMap::new();
    let mut total = 0_usize;
    for event in Parser::new_from_str(text) {
        // The parser reports what is wrong with the text.
        let (event, span) = event.ok()?;
        let (anchor, size) = match event {
            Event::Scalar(text, _, anchor, _) => (anchor, text.len().saturating_add(VALUE)),
            Event::Alias(anchor) => {
                let size = anchors.get(&anchor).copied().unwrap_or_default();
                total = total.saturating_add(size);
                (0, size)
            }
            Event::MappingStart(anchor, _) | Event::SequenceStart(anchor, _) => {
                let size = VALUE;
                open.push(Open { anchor, size });
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let done = open.pop()?;
                (done.anchor, done.size)
            }
            _ => continue,
        };
        if anchor > 0 {
            anchors.insert(anchor, size);
        }
        if let Some(parent) = open.last_mut() {
            parent.size = parent.size.saturating_add(size);
        }
        if total > room {
            let byte = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
            return Some(byte(span.start.index())..byte(span.end.index()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::outgrow;

    #[test]
    fn values_of_aliases_are_counted() {
        assert_eq!(outgrow("a: &a [x, x]\nb: [*a, *a]\n", 10_000), None);
        let bomb: String = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
            let last = n - 1;
            text + &format!("a{n}: &a{n} [*a{last}, *a{last}]\n")
        });
        let at = outgrow(&bomb, 1 << 20).unwrap();
        assert!(bomb.get(at).unwrap().starts_with("*a"));
        let long = format!(
            "é: &a {}\nb: [{}]\n",
            "x".repeat(10_000),
            "*a, ".repeat(200)
        );
        assert_eq!(long.get(outgrow(&long, 1 << 20).unwrap()), Some("*a"));
        assert_eq!(outgrow(&"a: &b\n*".repeat(10), 1 << 20), None);
    }
}
