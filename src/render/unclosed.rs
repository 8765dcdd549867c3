//! What of a template nothing ends: a block, a tag, a text in quotes, a comment.

use std::ops::Range;

use minijinja::Error;
use minijinja::machinery::{Token, tokenize};

use super::syntax::{BLOCKS, range, syntax};

/// What has a beginning and no end, or an end and no beginning.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclosed {
    /// What is so, in a sentence.
    pub(super) message: String,
    /// The label at its place.
    pub(super) label: &'static str,
    /// Where it is.
    pub(super) at: Range<usize>,
    /// What was expected before the engine gave up.
    pub(super) expected: Option<String>,
}

impl Unclosed {
    fn new(begin: &str, end: &str, at: Range<usize>) -> Self {
        Self {
            message: format!("`{begin}` has no `{end}`"),
            label: "opened here",
            at,
            expected: Some(format!("expected `{end}` before this")),
        }
    }

    fn block(block: Block) -> Self {
        let Block { name, at } = block;
        Self::new(
            &format!("{{% {name} %}}"),
            &format!("{{% end{name} %}}"),
            at,
        )
    }

    fn text(start: usize) -> Self {
        Self {
            message: "a text in quotes has no end".to_owned(),
            label: "opened here",
            at: start..start + 1,
            expected: None,
        }
    }
}

/// A block that is open.
struct Block {
    name: &'static str,
    at: Range<usize>,
}

/// What is not closed where the engine gives up, at the byte `end`: the innermost.
pub(super) fn unclosed(text: &str, end: usize) -> Option<Unclosed> {
    let mut open: Vec<Block> = Vec::new();
    let mut tag: Option<Tag> = None;
    let mut begins = false;
    let mut is_set = false;
    let mut last = 0;
    for token in tokenize(text, false, syntax()) {
        let (token, at) = match token {
            Ok((token, span)) => (token, range(span)),
            Err(error) => return unread(text, last, &error).or_else(|| tag?.unclosed(text)),
        };
        last = at.end;
        match token {
            Token::VariableStart => tag = Some(Tag::new("{{", "}}", &at)),
            Token::BlockStart => {
                begins = true;
                tag = Some(Tag::new("{%", "%}", &at));
            }
            Token::VariableEnd | Token::BlockEnd => {
                tag = None;
                is_set = false;
            }
            Token::Ident(word) if std::mem::take(&mut begins) => {
                if let Some(name) = BLOCKS.into_iter().find(|name| *name == word) {
                    is_set = name == "set";
                    let at = at.clone();
                    open.push(Block { name, at });
                } else if let Some(name) = word.strip_prefix("end") {
                    match open.pop() {
                        Some(inner) if inner.name == name => {}
                        Some(inner) => return Some(Unclosed::block(inner)),
                        None if BLOCKS.contains(&name) => {
                            return Some(Unclosed {
                                message: format!("`{{% {word} %}}` ends no block"),
                                label: "no block is open here",
                                at,
                                expected: None,
                            });
                        }
                        None => {}
                    }
                } else if at.start >= end && matches!(word, "else" | "elif") {
                    return open.pop().map(Unclosed::block);
                }
            }
            Token::Assign if std::mem::take(&mut is_set) => {
                open.pop();
            }
            Token::Str(_) | Token::String(_) => {
                if let Some(tag) = &mut tag
                    && text.get(at.clone()).is_some_and(|text| text.contains('\n'))
                {
                    tag.lines.get_or_insert(at.start);
                }
            }
            _ => {}
        }
        if at.start >= end
            && let Some(tag) = tag.take()
        {
            return tag.unclosed(text);
        }
    }
    if let Some(tag) = tag {
        return tag.unclosed(text);
    }
    open.pop().map(Unclosed::block)
}

/// A `{{` or `{%` whose end was not found yet.
struct Tag {
    begin: &'static str,
    end: &'static str,
    at: Range<usize>,
    /// Where a text in quotes begins in it that takes several lines.
    lines: Option<usize>,
}

impl Tag {
    fn new(begin: &'static str, end: &'static str, at: &Range<usize>) -> Self {
        Self {
            begin,
            end,
            at: at.clone(),
            lines: None,
        }
    }

    /// `None` where it ends before the next tag begins: what is wrong is in it.
    fn unclosed(self, text: &str) -> Option<Unclosed> {
        if let Some(start) = self.lines {
            return Some(Unclosed::text(start));
        }
        let rest = text.get(self.at.end..)?;
        let begins = ["{{", "{%", "{#"].iter();
        let next = begins.filter_map(|begin| rest.find(begin)).min();
        let is_closed = rest
            .find(self.end)
            .is_some_and(|end| next.is_none_or(|next| end < next));
        (!is_closed).then(|| Unclosed::new(self.begin, self.end, self.at))
    }
}

/// What the engine cannot read to its end, somewhere behind the byte `last`.
fn unread(text: &str, last: usize, error: &Error) -> Option<Unclosed> {
    let rest = text.get(last..)?;
    match error.detail()? {
        "unexpected end of string" => Some(Unclosed::text(last + rest.find(['"', '\''])?)),
        "unexpected end of comment" => {
            let mut at = last + rest.find("{#")?;
            while let Some(end) = text.get(at..)?.find("#}") {
                at += end + text.get(at + end..)?.find("{#")?;
            }
            Some(Unclosed {
                expected: None,
                ..Unclosed::new("{#", "#}", at..at + 2)
            })
        }
        "unexpected end of raw block" => {
            let at = last + rest.find("{%")?;
            let end = at + text.get(at..)?.find("%}")? + 2;
            Some(Unclosed {
                expected: None,
                ..Unclosed::new("{% raw %}", "{% endraw %}", at..end)
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::unclosed;

    /// The label of a text, and its part, where the engine gives up at `end`.
    fn found(text: &str, end: usize) -> Option<(String, usize)> {
        unclosed(text, end).map(|one| (one.message, one.at.start))
    }

    #[test]
    fn the_innermost_open_block_is_named() {
        let name = |text: &str| {
            let (message, at) = found(text, text.len())?;
            Some((message.split(' ').nth(1)?.to_owned(), at))
        };
        for (text, expected, at) in [
            ("{% for a in b %}{% if a %}{% endif %}", "for", 3),
            ("{% for a in b %}{% if a %}", "if", 19),
            ("{% for a in b %}{% if a %}{% endfor %}", "if", 19),
            ("{% set a = 1 %}{% with %}", "with", 18),
            ("{% set a %}x", "set", 3),
            ("{%- for a in b -%}x", "for", 4),
        ] {
            assert_eq!(name(text), Some((expected.to_owned(), at)), "{text}");
        }
        for text in [
            "",
            "{% for a in b %}{% else %}{% endfor %}",
            "{% set a %}x{% endset %}",
            "{% set a, b = 1, 2 %}",
            "{# {% for #}",
            "{{ '{% for a in b %}' }}",
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }

    #[test]
    fn what_begins_and_does_not_end_is_named_where_it_begins() {
        for (text, end, message, at) in [
            ("a: {{ b\nc: {{ d }}", 8, "`{{` has no `}}`", 3),
            ("a: {{ b\nc: d", 13, "`{{` has no `}}`", 3),
            ("{% if b\n{{ d }}", 8, "`{%` has no `%}`", 0),
            ("a: {{ 'b }}\nc", 14, "a text in quotes has no end", 6),
            ("a: {{ 'b }}\nc: 'd'", 16, "a text in quotes has no end", 6),
            ("{# a #}{{ b }}{# c", 18, "`{#` has no `#}`", 14),
            ("a{# b #}{# c", 12, "`{#` has no `#}`", 8),
            ("a\n{% raw %}b", 12, "`{% raw %}` has no `{% endraw %}`", 2),
            ("{% endfor %}", 3, "`{% endfor %}` ends no block", 3),
            (
                "{% if a %}{% with %}{% else %}",
                23,
                "`{% with %}` has no `{% endwith %}`",
                13,
            ),
        ] {
            assert_eq!(found(text, end), Some((message.to_owned(), at)), "{text}");
        }
        for (text, end) in [("{{ a b }}{{ c }}", 5), ("{{ a\n b }}", 6), ("{% do %}", 6)] {
            assert_eq!(found(text, end), None, "{text}");
        }
    }
}
