//! The expressions and tags of a template: only their texts may be secret.

use std::ops::Range;

/// What can be shown in the lines of a range, which may begin in the middle of an expression: all but their texts.
pub(super) fn shown(whole: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    let before = whole.get(..range.start).unwrap_or_default();
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let after = whole.get(range.end..).unwrap_or_default();
    let end = range.end + after.find('\n').unwrap_or(after.len());
    let mut found = Vec::new();
    let mut at = begin;
    while at < end {
        let rest = whole.get(at..end).unwrap_or_default();
        let starts = ["{{", "{%"].iter().filter_map(|start| rest.find(start));
        let Some(start) = starts.min() else { break };
        let rest = rest.get(start..).unwrap_or_default();
        let line = rest.find('\n').unwrap_or(rest.len());
        let length = closed(rest).map_or(line, |length| length.min(line));
        let (start, inner) = (at + start, rest.get(..length).unwrap_or_default());
        let mut shown = 0;
        for text in strings(inner) {
            found.push(start + shown..start + text.start);
            shown = text.end;
        }
        found.push(start + shown..start + length);
        at = start + length.max(2);
    }
    found
}

/// The length of an expression or a tag, with its braces. Those of a mapping in it do not end it.
fn closed(rest: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut quote = None;
    let mut last = ' ';
    for (at, c) in rest.char_indices().skip(2) {
        match (quote, c) {
            (Some(end), _) => quote = Some(end).filter(|end| *end != c),
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => open += 1,
            (None, '}') if open > 0 => {
                open -= 1;
                last = ' ';
                continue;
            }
            (None, '}') if matches!(last, '}' | '%') => return Some(at + 1),
            _ => {}
        }
        last = c;
    }
    None
}

/// The texts in quotes of an expression, without these; the name of a file is not one of them.
fn strings(inner: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, char)> = None;
    for (at, c) in inner.char_indices() {
        match open {
            None if matches!(c, '"' | '\'') => open = Some((at + 1, c)),
            Some((start, quote)) if c == quote => {
                let before = inner.get(..start - 1).unwrap_or_default();
                if !before.ends_with("embed(") && !before.ends_with("fixture(") {
                    found.push(start..at);
                }
                open = None;
            }
            _ => {}
        }
    }
    found.extend(open.map(|(start, _)| start..inner.len()));
    found
}

#[cfg(test)]
mod tests {
    use crate::redact::{Mask, TextForm};

    #[test]
    fn only_the_texts_of_an_expression_are_hidden() {
        let shown = |line: &str| {
            let text = format!("services:\n  web:\n{line}\n");
            let mask = Mask::of(&text, TextForm::Template);
            mask.shown(&text).lines().nth(2).unwrap().to_owned()
        };
        for line in [
            "    environment: { NAME: {{ name }} }",
            "    environment: { NAME: {{ a.b|lower }}, B: {{ {} }} }",
            "    environment: {{ service.compose.environment }}",
        ] {
            assert_eq!(shown(line), line);
        }
        for line in [
            "    environment: { NAME: {{ name|default('hunter2') }} }",
            "    environment: {{ a|merge({\"P\": \"hunter2\"}) }}",
            "    environment: { NAME: {{ a }}, B: hunter2 }",
            "    environment: { NAME: hunter2, B: {{ a }} }",
            "    environment: { NAME: {{ 'hunter2",
            "    environment: [\"NAME={{ a }}hunter2\"]",
        ] {
            assert!(!shown(line).contains("hunter2"), "{}", shown(line));
        }
    }
}
