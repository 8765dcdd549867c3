//! A template without a part of it in which there is a mistake, so that what follows can be looked at.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::machinery::{Token, tokenize};

use super::engine::NOTHING;
use super::syntax::{BLOCKS, range, syntax};

/// A name that no template gives a value, instead of a value that is not known.
pub(super) const UNKNOWN: &str = "__";

/// A template without a part of it: nothing in it moves.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The text that is left, as long as before.
    pub(super) text: String,
    /// The names that the part may have given a value.
    pub(super) names: BTreeSet<String>,
}

/// A template without what is at a range. The value of a `{{ }}` becomes an empty text, or nothing at all; what a `{% set %}`
/// sets is not known; any other tag is left out with what is in its block. `None` where nothing can take its place.
pub(super) fn cut(text: &str, at: &Range<usize>, is_part: bool) -> Option<Cut> {
    let tags = tags(text);
    let index = tags.iter().position(|tag| tag.holds(at))?;
    let tag = tags.get(index)?;
    let cut = |range: Range<usize>, instead: &str, names: BTreeSet<String>| {
        let text = replaced(text, range, instead)?;
        Some(Cut { text, names })
    };
    match tag.keyword {
        None => {
            let instead = if is_part { NOTHING } else { "''" };
            cut(tag.inner.clone(), instead, BTreeSet::new())
        }
        Some("extends" | "block" | "endblock") => None,
        Some("set") if tag.assigned.is_some() => {
            let from = tag.assigned.unwrap_or(tag.inner.end);
            let names = tag.names();
            match names.len() {
                1 => cut(from..tag.inner.end, UNKNOWN, names),
                _ => cut(tag.outer.clone(), "", names),
            }
        }
        Some(keyword) => {
            let (first, last) = if keyword.starts_with("end") {
                (beginning(&tags, index)?, index)
            } else {
                (index, end(&tags, index)?)
            };
            let is_branch = matches!(keyword, "elif" | "else");
            let whole = tags.get(first..=last)?;
            let end = match whole {
                [.., end] if is_branch => end.outer.start,
                [.., end] => end.outer.end,
                [] => return None,
            };
            if whole.iter().any(|tag| tag.keyword == Some("block")) {
                return None;
            }
            let names = whole.iter().flat_map(Tag::names).collect();
            cut(whole.first()?.outer.start..end, "", names)
        }
    }
}

/// A `{{ }}` or a `{% %}`.
struct Tag<'a> {
    /// With its braces.
    outer: Range<usize>,
    /// Without them.
    inner: Range<usize>,
    /// The word that a `{% %}` begins with.
    keyword: Option<&'a str>,
    /// Where the value begins that it assigns.
    assigned: Option<usize>,
    /// The names before that, or all of them, without those of attributes.
    words: Vec<&'a str>,
}

impl Tag<'_> {
    fn holds(&self, at: &Range<usize>) -> bool {
        at.start <= self.inner.end && at.end > self.inner.start
    }

    /// The names that it gives a value.
    fn names(&self) -> BTreeSet<String> {
        let words = self.words.iter();
        let names: Vec<&&str> = match self.keyword {
            Some("set" | "import" | "from") => words.collect(),
            Some("macro") => words.take(1).collect(),
            _ => Vec::new(),
        };
        names.into_iter().map(|name| (*name).to_owned()).collect()
    }
}

/// The tags of a template, as far as it can be read.
fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags: Vec<Tag<'_>> = Vec::new();
    let mut open: Option<Tag<'_>> = None;
    let (mut begins, mut is_attribute) = (false, false);
    for (token, span) in tokenize(text, false, syntax()).map_while(Result::ok) {
        let at = range(span);
        match token {
            Token::VariableStart | Token::BlockStart => {
                begins = matches!(token, Token::BlockStart);
                open = Some(Tag {
                    outer: at.clone(),
                    inner: at.end..at.end,
                    keyword: None,
                    assigned: None,
                    words: Vec::new(),
                });
            }
            Token::VariableEnd | Token::BlockEnd => {
                if let Some(mut tag) = open.take() {
                    (tag.inner.end, tag.outer.end) = (at.start, at.end);
                    tags.push(tag);
                }
            }
            Token::Ident(word) => {
                if let Some(tag) = &mut open {
                    if std::mem::take(&mut begins) {
                        tag.keyword = Some(word);
                    } else if tag.assigned.is_none() && !is_attribute {
                        tag.words.push(word);
                    }
                }
            }
            Token::Assign => {
                if let Some(tag) = &mut open {
                    tag.assigned.get_or_insert(at.end);
                }
            }
            _ => {}
        }
        is_attribute = matches!(token, Token::Dot);
    }
    tags
}

/// By how much a tag changes how many blocks are open.
fn depth(tag: &Tag<'_>) -> i8 {
    match tag.keyword {
        Some("set") if tag.assigned.is_some() => 0,
        Some(word) if BLOCKS.contains(&word) => 1,
        Some(word) if word.starts_with("end") => -1,
        _ => 0,
    }
}

/// The tag that ends what the tag at an index begins or continues; that tag where it is not a block.
fn end(tags: &[Tag<'_>], index: usize) -> Option<usize> {
    let tag = tags.get(index)?;
    if depth(tag) == 0 && !matches!(tag.keyword, Some("elif" | "else")) {
        return Some(index);
    }
    let mut open = 1;
    for (at, tag) in tags.iter().enumerate().skip(index + 1) {
        open += i32::from(depth(tag));
        if open == 0 {
            return Some(at);
        }
    }
    None
}

/// The tag that begins what the tag at an index ends.
fn beginning(tags: &[Tag<'_>], index: usize) -> Option<usize> {
    let mut open = 0;
    for (at, tag) in tags.iter().enumerate().take(index + 1).rev() {
        open += i32::from(depth(tag));
        if open == 0 {
            return Some(at);
        }
    }
    None
}

/// The text with `instead` in a range, which keeps its length and its lines.
fn replaced(text: &str, range: Range<usize>, instead: &str) -> Option<String> {
    let old = text.get(range.clone())?;
    let mut bytes: Vec<u8> = old
        .bytes()
        .map(|byte| if byte == b'\n' { b'\n' } else { b' ' })
        .collect();
    let at = match instead {
        "" => 0,
        instead => {
            let mut room = bytes.windows(instead.len());
            room.position(|room| room.iter().all(|byte| *byte == b' '))?
        }
    };
    bytes
        .get_mut(at..at + instead.len())?
        .copy_from_slice(instead.as_bytes());
    let new = String::from_utf8(bytes).ok()?;
    Some([text.get(..range.start)?, &new, text.get(range.end..)?].concat())
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_part_is_left_out_and_nothing_moves() {
        for (text, part, expected, names) in [
            (
                "a: {{ b.c }}\n{{ d }}",
                "b.c",
                Some("a: {{'' }}\n{{ d }}"),
                "",
            ),
            (
                "{{ d }} {{- b\n -}} x",
                "b",
                Some("{{ d }} {{-''\n -}} x"),
                "",
            ),
            (
                "{% for a in b.c %}{{ a }}\n{% else %}{% if b %}{% endif %}{% endfor %}x",
                "b.c",
                Some(" \n x"),
                "",
            ),
            (
                "{% if b.c %}{% set d = e %}{% set f.g %}{% endset %}{% endif %}{{ a }}",
                "b.c",
                Some(" {{ a }}"),
                "d f",
            ),
            (
                "{% if b %}1{% elif b.c %}{% macro d(e) %}{% endmacro %}{% endif %}{{ a }}",
                "b.c",
                Some("{% if b %}1 {% endif %}{{ a }}"),
                "d",
            ),
            (
                "{% set a = b.c %}{{ a }}",
                "b.c",
                Some("{% set a =__ %}{{ a }}"),
                "a",
            ),
            (
                "{% set a, b = c.d %}{{ a }}",
                "c.d",
                Some(" {{ a }}"),
                "a b",
            ),
            ("{% include b.c %}{{ a }}", "b.c", Some(" {{ a }}"), ""),
            (
                "{% filter f(b.c) %}x{% endfilter %}y",
                "b.c",
                Some(" y"),
                "",
            ),
            (
                "{% if a %}{% filter f %}x{% endfilter %}y{% endif %}",
                "endfilter",
                Some("{% if a %} y{% endif %}"),
                "",
            ),
            ("{% extends b.c %}{{ a }}", "b.c", None, ""),
            (
                "{% if b.c %}{% block a %}{% endblock %}{% endif %}",
                "b.c",
                None,
                "",
            ),
        ] {
            let start = text.find(part).unwrap();
            let got = cut(text, &(start..start + part.len()), false);
            let found: Vec<&str> = got
                .iter()
                .flat_map(|got| got.names.iter().map(String::as_str))
                .collect();
            assert_eq!(found.join(" "), names, "{text}");
            let got = got.map(|got| got.text);
            let lines = |text: &str| text.split('\n').map(str::len).collect::<Vec<_>>();
            assert!(got.iter().all(|got| lines(got) == lines(text)), "{got:?}");
            // How many blanks there are is said by that.
            let words = |text: &str| {
                let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
                words.join(" ")
            };
            assert_eq!(got.as_deref().map(words), expected.map(words), "{text}");
        }
    }
}
