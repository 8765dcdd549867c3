//! How large and how deeply nested the text of a template may be.
//!
//! The template engine parses expressions, compiles and drops them recursively, and bounds only
//! some of it. So a text is measured, token by token, before the engine parses it.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::captured::Captured;
use super::marks;
use super::syntax::{BLOCKS, range};
use crate::diagnostic::Diagnostic;
use crate::source::{Place, Source};

/// The largest template, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// The most lines of a template: the engine counts no further.
const MAX_LINES: usize = 65_000;

/// The longest line of a template, in bytes: the engine counts no further here either.
const MAX_LINE: usize = 60_000;

/// How many brackets may be open at once in one tag.
const MAX_BRACKETS: usize = 32;

/// How many tokens an expression may have, not counting the items of lists and arguments, each of
/// which may have as many: operators, attributes and filters in a row nest as brackets do.
const MAX_TOKENS: usize = 1000;

/// How many blocks may be open at once, each `elif` counted as one: it is a block in the `else` of
/// the one before.
const MAX_BLOCKS: usize = 100;

/// Refuses a template that is too large, too deeply nested, or takes rendered text for a value, and
/// notes the characters of its text and of the texts in its expressions.
pub(super) fn check(
    source: &Arc<Source>,
    syntax: &SyntaxConfig,
    used: &mut BTreeSet<char>,
) -> Result<(), Diagnostic> {
    let text = &source.text;
    let too_large = |what: String, at: usize| {
        let end = text.get(at..).and_then(|rest| rest.chars().next());
        let end = at + end.map_or(0, char::len_utf8);
        Diagnostic::new("the template is too large", Place::bytes(source, at..end)).label(what)
    };
    if text.len() > MAX_BYTES {
        let what = format!("expected at most {MAX_BYTES} bytes, found {}", text.len());
        return Err(too_large(what, 0));
    }
    if let Some((at, _)) = text.match_indices('\n').nth(MAX_LINES) {
        return Err(too_large(format!("expected at most {MAX_LINES} lines"), at));
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.len() > MAX_LINE {
            let what = format!("expected at most {MAX_LINE} bytes in a line");
            return Err(too_large(what, start));
        }
        start += line.len();
    }
    marks::note(used, text);
    let mut nesting = Nesting::default();
    let mut captured = Captured::default();
    for token in tokenize(text, false, syntax.clone()) {
        // What is not a token is the parser's to report.
        let Ok((token, span)) = token else { break };
        if let Token::String(text) = &token {
            marks::note(used, text);
        }
        if captured.enter(&token) {
            let place = Place::bytes(source, range(span));
            return Err(
                Diagnostic::new("rendered text is compared or taken apart", place)
                    .label("expected a value: the result of a macro or a `{% set %}` block is already rendered"),
            );
        }
        if let Err(what) = nesting.enter(&token) {
            let place = Place::bytes(source, range(span));
            return Err(Diagnostic::new("the template is too deeply nested", place).label(what));
        }
    }
    Ok(())
}

/// How deep the expression of the current tag, and the blocks around it, can nest.
#[derive(Default)]
struct Nesting {
    /// For every open bracket of the tag, and the tag itself, the tokens since its last comma.
    tokens: Vec<usize>,
    /// The blocks that are open, and the `elif` of each.
    blocks: Vec<usize>,
    /// Whether the next token is the keyword of a block.
    is_keyword_next: bool,
}

impl Nesting {
    /// Takes note of a token.
    fn enter(&mut self, token: &Token<'_>) -> Result<(), String> {
        let begins = std::mem::take(&mut self.is_keyword_next);
        match token {
            Token::TemplateData(_) => return Ok(()),
            Token::VariableStart | Token::BlockStart => {
                self.tokens.clear();
                self.tokens.push(0);
                self.is_keyword_next = matches!(token, Token::BlockStart);
                return Ok(());
            }
            Token::Ident(keyword) if begins => self.keyword(keyword)?,
            _ => {}
        }
        match token {
            Token::Comma => {
                if let Some(last) = self.tokens.last_mut() {
                    *last = 0;
                }
            }
            Token::BracketClose | Token::ParenClose | Token::BraceClose
                if self.tokens.len() > 1 =>
            {
                self.tokens.pop();
            }
            _ => {
                if let Some(last) = self.tokens.last_mut() {
                    *last += 1;
                }
                if matches!(
                    token,
                    Token::BracketOpen | Token::ParenOpen | Token::BraceOpen
                ) {
                    self.tokens.push(0);
                }
            }
        }
        if self.tokens.len() > MAX_BRACKETS + 1 {
            return Err(format!("expected at most {MAX_BRACKETS} open brackets"));
        }
        if self.tokens.iter().sum::<usize>() > MAX_TOKENS {
            return Err(format!(
                "expected at most {MAX_TOKENS} tokens in an expression"
            ));
        }
        Ok(())
    }

    /// Takes note of the keyword that a block begins with. That an end is the end of what is open
    /// is the parser's to check: it reads no further where it is not.
    fn keyword(&mut self, keyword: &str) -> Result<(), String> {
        match keyword {
            "elif" => {
                if let Some(last) = self.blocks.last_mut() {
                    *last += 1;
                }
            }
            // A `set` may open a block or not. The parser itself bounds how deep blocks nest, and
            // only what follows from an `elif` escapes it.
            keyword if BLOCKS.contains(&keyword) && keyword != "set" => self.blocks.push(1),
            keyword if keyword.starts_with("end") && keyword != "endset" => {
                self.blocks.pop();
            }
            _ => {}
        }
        if self.blocks.iter().sum::<usize>() > MAX_BLOCKS {
            return Err(format!("expected at most {MAX_BLOCKS} open blocks"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use minijinja::syntax::SyntaxConfig;

    use super::check;
    use crate::source::Source;

    fn refused(text: &str) -> Option<String> {
        let source = Source::new("t.j2", text);
        let checked = check(&source, &SyntaxConfig::default(), &mut BTreeSet::new());
        checked
            .err()
            .map(|diagnostic| diagnostic.label_text().to_owned())
    }

    #[test]
    fn deeply_nested_and_oversized_templates_are_refused() {
        let many = 3000;
        for text in [
            format!("{{{{ {}1 }}}}", "-".repeat(many)),
            format!("{{{{ {}1 }}}}", "not ".repeat(many)),
            format!("{{{{ 1{} }}}}", "~1".repeat(many)),
            format!("{{{{ a{} }}}}", ".b".repeat(many)),
            format!("{{{{ a{} }}}}", "[0]".repeat(many)),
            format!("{{{{ f{} }}}}", "(1, 2)".repeat(many)),
            format!("{{{{ a{} }}}}", "|f(1, 2)".repeat(many)),
            format!("{{{{ a{} }}}}", " is f".repeat(many)),
            format!("{{{{ {}1 }}}}", "1 if 1 else ".repeat(many)),
            format!("{{{{ {} }}}}", "[".repeat(many)),
            format!("{{{{ {} }}}}", "f(".repeat(many)),
            format!("{{{{ {} }}}}", "[1, (2, {3: ".repeat(many)),
            format!("{{% set {}a = 1 %}}", "(".repeat(many)),
            format!("{{% set a{} = 1 %}}", ".b".repeat(many)),
            "{% if 1 %}".repeat(many),
            format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}".repeat(many)),
            "{% for a in b %}{% if 1 %}{% elif 1 %}".repeat(many),
            "\n".repeat(70_000),
            "x\n".repeat(600_000),
            "x".repeat(60_001),
        ] {
            assert!(refused(&text).is_some(), "{}", text.get(..60).unwrap());
        }
    }

    #[test]
    fn a_long_text_without_nesting_is_accepted() {
        for text in [
            format!("{{{{ [{}] }}}}", "1, 2, 3,\n".repeat(50_000)),
            format!("{{{{ f({}) }}}}", "a.b|c(1),\n".repeat(10_000)),
            format!("{{% set a = {{{}}} %}}", "'a': [1, 2],\n".repeat(10_000)),
            "{{ a ~ b }}\n".repeat(50_000),
            "{% set a = 1 %}\n".repeat(50_000),
            "{% set a %}{% endset %}\n".repeat(10_000),
            "{% if a %}{% elif b %}{% else %}{% endif %}\n".repeat(10_000),
            "{# {{ #}{% raw %}{{ ((( {% endraw %}\n".repeat(10_000),
        ] {
            assert_eq!(refused(&text), None, "{}", text.get(..60).unwrap());
        }
    }
}
