//! The events of a YAML text, from either of two parsers.
//!
//! The first is a port of libyaml, as Compose's own parser is one, and takes what that takes. It
//! cannot go on where a tag is right before a comma, as in `[!reset, a]`; a text in which that may
//! be is given to the second, which keeps to the specification more strictly. If it then has a tag, it
//! is refused, as Compose takes the comma for a part of the tag.

use std::io::BufReader;
use std::ops::Range;

/// How many bytes the parser is given at once: it keeps four bytes for each character that it has not read yet.
const PIECE: usize = 2048;

/// What comes next in a text.
#[derive(Debug, PartialEq)]
pub(super) enum Event {
    Scalar {
        text: String,
        /// Whether it is written without quotes, and not as a block.
        is_plain: bool,
    },
    Alias(String),
    List,
    Map,
    End,
    Document,
    Other,
}

/// What may be written before a value.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Properties {
    pub(super) tag: Option<String>,
    pub(super) anchor: Option<String>,
}

/// An event with the properties of its value, and its bytes in the text.
pub(super) type Placed = (Event, Properties, Range<usize>);

/// Why a text cannot be read on, and where.
pub(super) type Failure = (String, usize);

/// Calls `take` for every event, until that or the parser fails.
pub(super) fn each<E>(
    text: &str,
    failed: impl FnOnce(Failure) -> E,
    mut take: impl FnMut(Placed) -> Result<(), E>,
) -> Result<(), E> {
    if may_hold_tag_before_comma(text) {
        let offsets = Offsets::of(text);
        for event in saphyr_parser::Parser::new_from_str(text) {
            match event {
                Ok((event, span)) => {
                    let start = offsets.byte(span.start.index());
                    let end = offsets.byte(span.end.index()).max(start);
                    let (event, properties) = strict(event);
                    if properties.tag.is_some() {
                        let reason = "a tag is directly before a comma; put a space between them";
                        return Err(failed((reason.to_owned(), start)));
                    }
                    take((event, properties, start..end))?;
                }
                Err(error) => {
                    let at = offsets.byte(error.marker().index());
                    return Err(failed((error.info().to_owned(), at)));
                }
            }
        }
        return Ok(());
    }
    each_in_pieces(text, PIECE, failed, take)
}

/// Like [`each`], with the first parser. A character that YAML does not allow is found when its piece is
/// read, so after the mistakes in the pieces before.
fn each_in_pieces<E>(
    text: &str,
    piece: usize,
    failed: impl FnOnce(Failure) -> E,
    mut take: impl FnMut(Placed) -> Result<(), E>,
) -> Result<(), E> {
    // It does not look for the end of the text behind a backslash or in a block.
    let is_padded = !text.ends_with('\n');
    let padded = is_padded.then(|| format!("{text}\n"));
    let bytes = padded.as_deref().unwrap_or(text).as_bytes();
    let mut parser = libyaml_safer::Parser::new();
    parser.set_input(BufReader::with_capacity(piece, bytes));
    let byte = |index: u64| usize::try_from(index).unwrap_or(usize::MAX).min(text.len());
    for event in parser {
        match event {
            Ok(event) => {
                let start = byte(event.start_mark.index);
                let end = byte(event.end_mark.index).max(start);
                let mut data = event.data;
                if !is_known_version(&data) {
                    let reason = "`%YAML` names a version that Compose does not read; use `%YAML 1.1`, or delete the line";
                    return Err(failed((reason.to_owned(), start)));
                }
                if is_padded && end == text.len() {
                    without_padding(&mut data);
                }
                let (event, properties) = lenient(data);
                take((event, properties, start..end))?;
            }
            Err(error) => {
                let at = error.problem_mark().map_or(0, |mark| byte(mark.index));
                return Err(failed((error.problem().to_owned(), at)));
            }
        }
    }
    Ok(())
}

/// The bytes from the outermost brackets and braces of a text to their ends, in its order.
pub(in super::super) fn flow(text: &str) -> Vec<Range<usize>> {
    let unmarked = text.trim_start_matches('\u{FEFF}');
    let skipped = text.len() - unmarked.len();
    // For each open collection, where its bracket is, if it has one.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut found = Vec::new();
    // What cannot be read further has no more values.
    let _ = each(unmarked, drop, |(event, _, range)| {
        match event {
            Event::List | Event::Map => {
                let bracket = unmarked.get(range.clone()).unwrap_or_default();
                let is_flow = bracket.ends_with(['[', '{']);
                open.push(is_flow.then_some(range.start));
            }
            Event::End => {
                let start = open.pop().flatten();
                if let Some(start) = start.filter(|_| open.iter().all(Option::is_none)) {
                    found.push(start + skipped..range.end + skipped);
                }
            }
            _ => {}
        }
        Ok::<(), ()>(())
    });
    found
}

/// Whether a document is in a version of YAML that Compose's parser knows (go-yaml, `parserc.go`,
/// `yaml_parser_process_directives`).
fn is_known_version(event: &libyaml_safer::EventData) -> bool {
    let libyaml_safer::EventData::DocumentStart {
        version_directive: Some(version),
        ..
    } = event
    else {
        return true;
    };
    (version.major, version.minor) == (1, 1)
}

/// Takes the line break away that was added to a text which ends in a block.
fn without_padding(event: &mut libyaml_safer::EventData) {
    use libyaml_safer::{EventData, ScalarStyle};
    if let EventData::Scalar { value, style, .. } = event
        && matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
        && value.ends_with('\n')
    {
        value.pop();
    }
}

/// Whether a word right before a comma may be a tag: one that begins with `!`, also behind a quote or
/// a colon. Tags in `<…>` may hold anything.
fn may_hold_tag_before_comma(text: &str) -> bool {
    let ends_word = |c: char| c.is_whitespace() || ",[]{}".contains(c);
    let is_tag = |word: &str| {
        let mut last = ':';
        word.chars().any(|c| {
            let begins = c == '!' && ":\"'!\u{FEFF}".contains(last);
            last = c;
            begins
        })
    };
    if !text.contains('!') {
        return false;
    }
    text.contains("!<")
        || text.match_indices(',').any(|(comma, _)| {
            let before = text.get(..comma).unwrap_or_default();
            before.rsplit(ends_word).next().is_some_and(is_tag)
        })
}

fn lenient(event: libyaml_safer::EventData) -> (Event, Properties) {
    use libyaml_safer::{EventData, ScalarStyle};
    let event = match event {
        EventData::Scalar {
            anchor,
            tag,
            value: text,
            style,
            ..
        } => {
            let is_plain = style == ScalarStyle::Plain;
            return (Event::Scalar { text, is_plain }, Properties { tag, anchor });
        }
        EventData::SequenceStart { anchor, tag, .. } => {
            return (Event::List, Properties { tag, anchor });
        }
        EventData::MappingStart { anchor, tag, .. } => {
            return (Event::Map, Properties { tag, anchor });
        }
        EventData::Alias { anchor } => Event::Alias(anchor),
        EventData::SequenceEnd | EventData::MappingEnd => Event::End,
        EventData::DocumentStart { .. } => Event::Document,
        _ => Event::Other,
    };
    (event, Properties::default())
}

/// Anchors have numbers here instead of names.
fn strict(event: saphyr_parser::Event<'_>) -> (Event, Properties) {
    use saphyr_parser::{Event as Strict, ScalarStyle};
    let (event, anchor, tag) = match event {
        Strict::Scalar(text, style, anchor, tag) => {
            let text = text.into_owned();
            let is_plain = style == ScalarStyle::Plain;
            (Event::Scalar { text, is_plain }, anchor, tag)
        }
        Strict::SequenceStart(anchor, tag) => (Event::List, anchor, tag),
        Strict::MappingStart(anchor, tag) => (Event::Map, anchor, tag),
        Strict::Alias(anchor) => (Event::Alias(anchor.to_string()), 0, None),
        Strict::SequenceEnd | Strict::MappingEnd => (Event::End, 0, None),
        Strict::DocumentStart(_) => (Event::Document, 0, None),
        _ => (Event::Other, 0, None),
    };
    let properties = Properties {
        tag: tag.map(|tag| tag.to_string()),
        anchor: (anchor > 0).then(|| anchor.to_string()),
    };
    (event, properties)
}

/// Turns positions in characters into bytes.
struct Offsets {
    bytes: Vec<usize>,
    length: usize,
}

impl Offsets {
    fn of(text: &str) -> Self {
        Self {
            bytes: text.char_indices().map(|(at, _)| at).collect(),
            length: text.len(),
        }
    }

    fn byte(&self, character: usize) -> usize {
        self.bytes.get(character).copied().unwrap_or(self.length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Placed, each_in_pieces, may_hold_tag_before_comma};

    /// What is written in files, and needs a parser to look ahead: over line breaks, escapes and characters of several bytes.
    const LINES: &[&str] = &[
        "a: 1\r\n",
        "é: \"ü\\n\\x41\\\n  ö\"\n",
        "b: |\n  x\n\n  𝄞y\n",
        "c: >-\r\n  folded\r\n\r\n  text\r\n",
        "d: [x, {y: 'it''s'}]\n",
        "? k\n: &v v\n",
        "e: *v\n",
        "# 𝄞\n",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "f: !!str\n  - g\n",
        "\u{85}\u{2028}",
        "\t: \t",
        "\u{1}",
        "h: \"",
        "'",
        "plain\n words",
    ];

    fn events(text: &str, piece: usize) -> Result<Vec<Placed>, ()> {
        let mut all = Vec::new();
        each_in_pieces(text, piece, drop, |placed| {
            all.push(placed);
            Ok(())
        })?;
        Ok(all)
    }

    proptest! {
        #[test]
        fn a_text_in_pieces_is_the_text(
            lines in prop::collection::vec(prop::sample::select(LINES), 0..12),
            piece in 1usize..9,
        ) {
            let text = lines.concat();
            prop_assert_eq!(events(&text, piece), events(&text, text.len() + 1));
        }
    }

    #[test]
    fn words_that_may_be_tags() {
        for text in [
            "[!a, b]", "{\"a\":!x, b}", "[ !a!b,]", "[!<x>, a]", "['a'!b, c]", "'!x, y'",
        ] {
            assert!(may_hold_tag_before_comma(text), "{text}");
        }
        for text in [
            "hello!, you", "[a!b, c]", "!reset", "[!reset a, b]", "[a, !b c]", "\"hello!\", x",
        ] {
            assert!(!may_hold_tag_before_comma(text), "{text}");
        }
    }
}
