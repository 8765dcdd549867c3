//! The further mistakes of a template: the engine stops at the first.
//!
//! The value that is wrong is left out of a copy of its template, and the copy is rendered.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use minijinja::machinery::{Token, tokenize};
use minijinja::{Error, ErrorKind};

use super::engine::{Budget, Engine, NOTHING};
use super::explain::explain;
use super::functions::FILTERS;
use super::placeholders::Misplaced;
use super::syntax::{range, syntax};
use super::texts::Sources;
use super::usage::Node;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::folders::TEMPLATES;
use crate::source::{Place, Source};

/// The most mistakes that are looked for in the templates of one host.
const MAX: usize = 100;

/// What is rendered, and with what.
pub(super) struct Attempt<'a> {
    pub(super) engine: &'a Engine,
    pub(super) sources: &'a Sources,
    pub(super) name: &'a str,
    pub(super) context: &'a Arc<Node>,
    pub(super) budget: Budget,
}

impl Attempt<'_> {
    /// All mistakes; `None` where there is none.
    pub(super) fn mistakes(&self) -> Option<Diagnostics> {
        let explained = |error: &Error| explain(error, self.sources, self.name, Some(self.context));
        let first = self
            .engine
            .render(self.name, self.context, self.budget)
            .err()?;
        let mut found = vec![explained(&first)];
        let mut engine = self.engine.clone();
        engine.add_nothing();
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        let mut last = misplaced(&first);
        while let Some(is_part) = last {
            let next = found.last().and_then(|last| {
                let place = last.place();
                let name = place.source.name.strip_prefix(TEMPLATES)?;
                let name = name.trim_start_matches('/').to_owned();
                let text = texts.get(&name).unwrap_or(&place.source.text);
                Some((without(text, &place.range()?, is_part)?, name))
            });
            let Some((text, name)) = next else { break };
            let copy = Source::new(name.as_str(), text.as_str());
            if engine.add(&name, &copy).is_err() {
                break;
            }
            texts.insert(name, text);
            let Err(error) = engine.render(self.name, self.context, self.budget) else {
                break;
            };
            let one = explained(&error);
            let is_new = found
                .iter()
                .all(|known| known.place().identity() != one.place().identity());
            last = misplaced(&error).filter(|_| is_new);
            if is_new && found.len() == MAX {
                let last = found.pop().map(|last| {
                    last.help(format!(
                        "these are the first {MAX} mistakes; there are more"
                    ))
                });
                found.extend(last);
                break;
            }
            if last.is_some() {
                found.push(one);
            }
        }
        // Where the engine cannot go on, these are mistakes whatever values there are.
        for name in self.engine.loaded() {
            let source = self.sources.get(&name).into_iter();
            for one in source.flat_map(unknown_filters) {
                let is_new = found
                    .iter()
                    .all(|known| known.place().identity() != one.place().identity());
                if is_new && found.len() < MAX {
                    found.push(one);
                }
            }
        }
        Some(found.into_iter().collect())
    }
}

/// The filters of a template that do not exist.
fn unknown_filters(source: &Arc<Source>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut is_filter = false;
    for (token, span) in tokenize(&source.text, false, syntax()).map_while(Result::ok) {
        if let Token::Ident(word) = token
            && is_filter
            && !FILTERS.contains(&word)
        {
            let message = format!("unknown filter: filter {word} is unknown");
            let place = Place::bytes(source, range(span));
            found.push(Diagnostic::new(message, place).did_you_mean(word, FILTERS));
        }
        is_filter = matches!(token, Token::Pipe);
    }
    found
}

/// Whether a mistake is that a value is only a part of a scalar; `None` where it is the costs of the template: no other
/// can be behind it.
fn misplaced(error: &Error) -> Option<bool> {
    let mut kind = error.kind();
    let mut is_part = false;
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        kind = inner.downcast_ref::<Error>().map_or(kind, Error::kind);
        is_part |= inner.is::<Misplaced>();
        cause = inner.source();
    }
    (kind != ErrorKind::OutOfFuel).then_some(is_part)
}

/// A template without the value at a range: nothing in it moves. The value of a `{{ }}` becomes an empty
/// text, or nothing at all; what a `{% for %}` runs over becomes an empty list. `None` elsewhere, where
/// what follows may depend on it.
fn without(text: &str, at: &Range<usize>, is_part: bool) -> Option<String> {
    let mut value: Option<usize> = None;
    let (mut begins, mut is_loop) = (false, false);
    for token in tokenize(text, false, syntax()) {
        let (token, span) = token.ok()?;
        let Range { start, end } = range(span);
        match token {
            Token::VariableStart => value = Some(end),
            Token::BlockStart => (begins, is_loop, value) = (true, false, None),
            Token::Ident(word) if std::mem::take(&mut begins) => is_loop = word == "for",
            Token::Ident("in") if is_loop => value = value.or(Some(end)),
            Token::VariableEnd | Token::BlockEnd => {
                if let Some(from) = value.take()
                    && at.start <= start
                    && at.end > from
                {
                    let instead = match (is_loop, is_part) {
                        (true, _) => " []",
                        (_, true) => NOTHING,
                        (_, false) => "''",
                    };
                    return replaced(text, from..start, instead);
                }
                is_loop = false;
            }
            _ => {}
        }
        if start > at.end && value.is_none() {
            return None;
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
    let room = bytes.windows(instead.len());
    let at = room
        .enumerate()
        .find(|(_, room)| room.iter().all(|byte| *byte == b' '))?
        .0;
    bytes
        .get_mut(at..at + instead.len())?
        .copy_from_slice(instead.as_bytes());
    let new = String::from_utf8(bytes).ok()?;
    Some([text.get(..range.start)?, &new, text.get(range.end..)?].concat())
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn a_value_is_left_out_and_nothing_moves() {
        for (text, part, expected) in [
            (
                "a: {{ b.c }}\n{{ d }}",
                "b.c",
                Some("a: {{''   }}\n{{ d }}"),
            ),
            ("{{ d }} {{- b\n -}} x", "b", Some("{{ d }} {{-''\n -}} x")),
            (
                "{% for a in b.c %}{{ a }}{% endfor %}",
                "b.c",
                Some("{% for a in []  %}{{ a }}{% endfor %}"),
            ),
            ("{% if b.c %}{{ a }}{% endif %}", "b.c", None),
            ("{% set a = b.c %}{{ a }}", "b.c", None),
        ] {
            let start = text.find(part).unwrap();
            let got = without(text, &(start..start + part.len()), false);
            assert_eq!(got.as_deref(), expected, "{text}");
            assert!(got.is_none_or(|got| got.len() == text.len()));
        }
    }
}
