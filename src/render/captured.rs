//! Where a template compares text that is rendered already, or takes a part of it.
//!
//! What a macro, an import or a `{% set %}` block gives is text with placeholders in it, which equals
//! no text that a person would compare it with. Filters and tests refuse it when they are called;
//! operators cannot, so their operands are looked at before the template runs.

use std::collections::BTreeSet;

use minijinja::machinery::Token;

/// What an operand of an operator is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Operand {
    /// Anything else.
    #[default]
    Other,
    /// Text that is rendered already.
    Rendered,
    /// What gives such text when it is called.
    Callee,
    /// What holds such callees.
    Module,
}

/// Follows the tokens of a template.
#[derive(Debug, Default)]
pub(super) struct Captured<'a> {
    /// The variables of `{% set %}` blocks.
    variables: BTreeSet<&'a str>,
    /// Macros, by their names here.
    macros: BTreeSet<&'a str>,
    /// Imported templates, by their names here.
    modules: BTreeSet<&'a str>,
    /// The keyword of the current block, until what it declares is known.
    keyword: Option<&'a str>,
    is_keyword_next: bool,
    /// Whether names are those of parameters or of a loop, which hide others.
    hides: bool,
    /// The last name, which may be the one that the block declares.
    name: Option<&'a str>,
    /// The last operand, and whether it is compared with the one before.
    operand: Operand,
    is_compared: bool,
    /// What is before the last token, where that is a `.`.
    owner: Option<Operand>,
    /// For every open bracket: what a call gives, and whether that is compared.
    brackets: Vec<(Operand, bool)>,
}

impl<'a> Captured<'a> {
    /// Takes note of a token; `true` where rendered text is compared or a part of it is taken.
    pub(super) fn enter(&mut self, token: &Token<'a>) -> bool {
        let begins = std::mem::take(&mut self.is_keyword_next);
        let owner = self.owner.take();
        match token {
            Token::VariableStart | Token::BlockStart => {
                self.is_keyword_next = matches!(token, Token::BlockStart);
                (self.keyword, self.name, self.hides) = (None, None, false);
                self.brackets.clear();
                self.other();
            }
            Token::Ident(keyword) if begins => {
                self.keyword = Some(*keyword);
                self.hides = matches!(*keyword, "for" | "macro" | "call");
            }
            Token::Ident("in") if self.keyword == Some("for") => {
                (self.keyword, self.hides) = (None, false);
                self.other();
            }
            Token::Ident("in") => return self.compare(),
            Token::Ident("not") | Token::BracketOpen if self.operand == Operand::Rendered => {
                return true;
            }
            Token::Ident("and" | "or" | "if" | "else" | "is" | "not" | "import" | "as") => {
                self.other();
            }
            Token::Ident(name) => {
                if owner.is_none() {
                    self.name = Some(*name);
                    if self.hides {
                        self.variables.remove(name);
                    }
                }
                self.operand = self.named(name, owner);
                return self.is_compared && self.operand == Operand::Rendered;
            }
            Token::Eq | Token::Ne | Token::Lt | Token::Lte | Token::Gt | Token::Gte => {
                return self.compare();
            }
            Token::Dot => self.owner = Some(self.operand),
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => {
                self.declare(Some("macro"));
                let gives = match (token, self.operand) {
                    (Token::ParenOpen, Operand::Callee) => Operand::Rendered,
                    _ => Operand::Other,
                };
                self.brackets.push((gives, self.is_compared));
                self.other();
            }
            Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                let (gives, is_compared) = self.brackets.pop().unwrap_or_default();
                // Parentheses around a single operand change nothing.
                if gives == Operand::Rendered || !matches!(token, Token::ParenClose) {
                    self.operand = gives;
                }
                self.is_compared = is_compared;
                return is_compared && self.operand == Operand::Rendered;
            }
            Token::Assign => {
                self.declare(Some("="));
                self.other();
            }
            // A filter looks at what it is given by itself.
            Token::Pipe | Token::BlockEnd | Token::Comma => {
                self.declare(None);
                self.other();
            }
            _ => self.other(),
        }
        false
    }

    /// Whatever comes next is not compared with what was last.
    fn other(&mut self) {
        (self.operand, self.is_compared) = (Operand::Other, false);
    }

    /// Takes note of an operator that compares what was last with what comes next.
    fn compare(&mut self) -> bool {
        let is_rendered = self.operand == Operand::Rendered;
        (self.operand, self.is_compared) = (Operand::Other, true);
        is_rendered
    }

    /// Takes note of the name that the block declares, now that it is known: at a bracket, at a
    /// `=`, or at a comma or the end.
    fn declare(&mut self, at: Option<&str>) {
        let (Some(keyword), Some(name)) = (self.keyword, self.name) else {
            return;
        };
        match (keyword, at) {
            ("set", None) => self.variables.insert(name),
            ("set" | "with", Some("=")) => self.variables.remove(name),
            ("macro", Some("macro")) | ("from", None) => self.macros.insert(name),
            ("import", None) => self.modules.insert(name),
            _ => false,
        };
        // These may declare several.
        if !(keyword == "with" || (keyword, at) == ("from", None)) {
            self.keyword = None;
        }
    }

    fn named(&self, name: &str, owner: Option<Operand>) -> Operand {
        match owner {
            Some(Operand::Module) => Operand::Callee,
            None if self.variables.contains(name) => Operand::Rendered,
            None if self.macros.contains(name) || matches!(name, "caller" | "super") => {
                Operand::Callee
            }
            None if self.modules.contains(name) || name == "self" => Operand::Module,
            _ => Operand::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use minijinja::machinery::tokenize;

    use super::Captured;

    fn is_refused(text: &str) -> bool {
        let mut captured = Captured::default();
        tokenize(text, false, crate::render::syntax::syntax())
            .any(|token| captured.enter(&token.unwrap().0))
    }

    #[test]
    fn rendered_text_is_neither_compared_nor_taken_apart() {
        for text in [
            "{% set c %}x{% endset %}{% if c == 'x' %}{% endif %}",
            "{% set c | trim %}x{% endset %}{% if 'x' != c %}{% endif %}",
            "{% set c %}x{% endset %}{{ (c) < 'x' }}",
            "{% set c %}x{% endset %}{{ c in ['x'] }}",
            "{% set c %}x{% endset %}{{ c not in ['x'] }}",
            "{% set c %}x{% endset %}{{ 'x' in c }}",
            "{% set c %}x{% endset %}{{ c[0:2] }}",
            "{% macro m(a) %}{% endmacro %}{{ m(1) == 'x' }}",
            "{% macro m(a) %}{% endmacro %}{{ 'x' == m((1), [2]) }}",
            "{% macro m(a) %}{% endmacro %}{{ m(1)[0] }}",
            "{% from 'x' import a, b as c %}{{ c(1) == 'x' }}",
            "{% import 'x' as lib %}{{ lib.m(1) == 'x' }}",
            "{% if caller() == 'x' %}{% endif %}",
            "{% if self.block() == 'x' %}{% endif %}",
            "{% for a in b if a in super() %}{% endfor %}",
        ] {
            assert!(is_refused(text), "{text}");
        }
    }

    #[test]
    fn everything_else_is() {
        for text in [
            "{% set c = 'x' %}{% if c == 'x' %}{% endif %}",
            "{% set c %}x{% endset %}{{ c }}{{ c ~ 'x' }}{{ c|trim }}{{ c if a == b else d }}",
            "{% set c %}x{% endset %}{% set c = 1 %}{{ c == 1 }}",
            "{% set a = b, d %}{{ a == b and d == a }}{{ a[0] }}",
            "{% macro m(a, b=1) %}{{ a == b }}{% endmacro %}{{ m(1 == 2) }}{{ m in [m] }}",
            "{% from 'x' import m %}{% for a in b if a in d %}{{ m(a == 1, b) }}{% endfor %}",
            "{% if service.c == 'x' and f(c) == 1 and [c][0] == 2 %}{% endif %}",
            "{% call(a) m(1) %}{{ a == 1 }}{% endcall %}",
            "{% set c %}x{% endset %}{% for a, c in b %}{{ c == 1 }}{% endfor %}",
            "{% set c %}x{% endset %}{% macro m(a, c=1) %}{{ c == 1 }}{% endmacro %}",
            "{% set c %}x{% endset %}{% with a = 1, c = 2 %}{{ c == 1 }}{% endwith %}",
        ] {
            assert!(!is_refused(text), "{text}");
        }
    }
}
