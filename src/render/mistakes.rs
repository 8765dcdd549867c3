//! The further mistakes of a template: the engine stops at the first.
//!
//! What is wrong is left out of a copy of its template, and the copy is rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::machinery::{Token, tokenize};
use minijinja::{Error, ErrorKind};

use super::cut::{UNKNOWN, cut};
use super::engine::{Budget, TemplateEngine};
use super::explain::{explain, used_at};
use super::placeholders::Misplaced;
use super::signature::filters;
use super::syntax::{range, syntax};
use super::texts::Sources;
use super::usage::Node;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::folders::TEMPLATES;
use crate::source::{Place, Source};

/// The most mistakes that are looked for in the templates of one host.
const MAX: usize = 100;

/// How often the templates of one host are rendered for them: what follows from a mistake is left out too.
const ATTEMPTS: usize = 4 * MAX;

/// What is rendered, and with what.
pub(super) struct Attempt<'a> {
    pub(super) engine: &'a TemplateEngine,
    pub(super) sources: &'a Sources,
    pub(super) name: &'a str,
    pub(super) context: &'a Arc<Node>,
    pub(super) budget: Budget,
}

impl Attempt<'_> {
    /// All mistakes; `None` where there is none.
    pub(super) fn mistakes(&self) -> Option<Diagnostics> {
        let explained = |error: &Error| explain(error, self.sources, self.name, Some(self.context));
        let mut last = self
            .engine
            .render(self.name, self.context, self.budget)
            .err()?;
        let mut found = vec![explained(&last)];
        let mut engine = self.engine.clone();
        engine.add_nothing();
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        for _ in 0..ATTEMPTS {
            let place = used_at(&last, self.sources, self.name);
            let next = misplaced(&last).and_then(|is_part| {
                let name = place
                    .source
                    .name
                    .strip_prefix(TEMPLATES)?
                    .trim_start_matches('/')
                    .to_owned();
                let text = texts.get(&name).unwrap_or(&place.source.text);
                let cut = cut(text, &place.range()?, is_part)?;
                (cut.text != *text).then_some((cut, name))
            });
            let Some((cut, name)) = next else { break };
            let copy = Source::new(name.as_str(), cut.text.as_str());
            if engine.add(&name, &copy).is_err() {
                break;
            }
            texts.insert(name, cut.text);
            unknown.extend(cut.names);
            let Err(error) = engine.render(self.name, self.context, self.budget) else {
                break;
            };
            last = error;
            let place = used_at(&last, self.sources, self.name);
            if misplaced(&last).is_none() {
                break;
            }
            if follows(&last, &place, &unknown) {
                continue;
            }
            let one = explained(&last);
            let is_part = misplaced(&last) == Some(true);
            if !is_new(&found, &one) || is_part && holds(&one, &found) {
                continue;
            }
            if found.len() == MAX {
                let last = found.pop().map(|last| {
                    last.help(format!(
                        "these are the first {MAX} mistakes; there are more"
                    ))
                });
                found.extend(last);
                break;
            }
            found.push(one);
        }
        // Where the engine cannot go on, these are mistakes whatever values there are.
        for name in self.engine.loaded() {
            let source = self.sources.get(&name).into_iter();
            for one in source.flat_map(unknown_filters) {
                if is_new(&found, &one) && found.len() < MAX {
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
            && filters().all(|known| known != word)
        {
            let message = format!("unknown filter `{word}`");
            let place = Place::bytes(source, range(span));
            found.push(Diagnostic::new(message, place).did_you_mean(word, filters()));
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

/// Whether a mistake is at no place of those that were found.
fn is_new(found: &[Diagnostic], one: &Diagnostic) -> bool {
    let identity = one.place().identity();
    found
        .iter()
        .all(|known| known.place().identity() != identity)
}

/// Whether a mistake is around one of those that were found: what was left out there is no longer a whole line.
fn holds(one: &Diagnostic, found: &[Diagnostic]) -> bool {
    let Some(around) = one.place().range() else {
        return false;
    };
    found.iter().any(|known| {
        let is_here = known.place().source.name == one.place().source.name;
        let inner = known.place().range().filter(|_| is_here);
        inner.is_some_and(|inner| around.start <= inner.start && inner.end <= around.end)
    })
}

/// Whether a mistake at a place may only follow from what was left out: from a value that is not known, or from a name
/// that what was left out may have given one.
fn follows(error: &Error, place: &Place, unknown: &BTreeSet<String>) -> bool {
    let errors = std::iter::successors(Some(error), |error| {
        std::error::Error::source(*error)?.downcast_ref::<Error>()
    });
    let mut values = errors.filter_map(|error| error.detail()?.rsplit('`').nth(1));
    if values.any(|value| names(value, |name| name == UNKNOWN || unknown.contains(name))) {
        return true;
    }
    let text = place.range();
    let text = text.and_then(|range| place.source.text.get(range));
    names(text.unwrap_or_default(), |name| unknown.contains(name))
}

/// Whether an expression has such a name, not counting those of attributes.
fn names(expression: &str, is_such: impl Fn(&str) -> bool) -> bool {
    let mut is_attribute = false;
    let tokens = tokenize(expression, true, syntax());
    tokens.map_while(Result::ok).any(|(token, _)| {
        let is_name = !std::mem::replace(&mut is_attribute, matches!(token, Token::Dot));
        matches!(token, Token::Ident(word) if is_name && is_such(word))
    })
}
