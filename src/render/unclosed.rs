//! The block of a template that nothing ends.

use std::ops::Range;

use minijinja::machinery::{Token, tokenize};

use super::syntax::{range, syntax};

/// The tags that begin a block, which `end` and the name ends. `set` is one only without a value.
const BLOCKS: [&str; 10] = [
    "for", "if", "with", "block", "macro", "call", "filter", "autoescape", "set", "raw",
];

/// The innermost block that is open at the end of a template: its name, and where its name is.
pub(super) fn unclosed(text: &str) -> Option<(&'static str, Range<usize>)> {
    let mut open: Vec<(&'static str, Range<usize>)> = Vec::new();
    let mut begins = false;
    let mut is_set = false;
    for token in tokenize(text, false, syntax()) {
        let (token, span) = token.ok()?;
        match token {
            Token::BlockStart => begins = true,
            Token::Ident(word) if std::mem::take(&mut begins) => {
                if let Some(name) = BLOCKS.into_iter().find(|name| *name == word) {
                    open.push((name, range(span)));
                    is_set = name == "set";
                } else if let Some(name) = word.strip_prefix("end")
                    && open.last().is_some_and(|(last, _)| *last == name)
                {
                    open.pop();
                }
            }
            Token::Assign if std::mem::take(&mut is_set) => {
                open.pop();
            }
            Token::BlockEnd => is_set = false,
            _ => {}
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::unclosed;

    #[test]
    fn the_innermost_open_block_is_named() {
        let name = |text: &str| unclosed(text).map(|(name, at)| (name, at.start));
        assert_eq!(
            name("{% for a in b %}{% if a %}{% endif %}"),
            Some(("for", 3))
        );
        assert_eq!(name("{% for a in b %}{% if a %}"), Some(("if", 19)));
        assert_eq!(name("{% set a = 1 %}{% with %}"), Some(("with", 18)));
        assert_eq!(name("{% set a %}x"), Some(("set", 3)));
        assert_eq!(name("{%- for a in b -%}x"), Some(("for", 4)));
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
}
