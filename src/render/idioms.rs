//! What is written otherwise in templates than in Python, and in other engines.

use minijinja::machinery::{Token, tokenize};

use super::context::NAMES;
use super::functions::UNDEFINED_KEY;
use super::syntax::{range, syntax};
use super::usage::Node;
use crate::diagnostic::Diagnostic;
use crate::source::Place;

/// The methods of Python that are filters or tests here, and how each is written; `_` is the value.
const METHODS: [(&str, &str); 19] = [
    ("append", "_ + [value]"),
    ("endswith", "_ is endingwith(\"end\")"),
    ("extend", "_ + other"),
    ("format", "_|format(value)"),
    ("get", "_.name|default(\"instead\")"),
    ("has_key", "\"name\" in _"),
    ("items", "_|items"),
    ("iteritems", "_|items"),
    ("join", "list|join(_)"),
    ("keys", "_|list"),
    ("lower", "_|lower"),
    ("replace", "_|replace(\"from\", \"to\")"),
    ("split", "_|split(\",\")"),
    ("startswith", "_ is startingwith(\"start\")"),
    ("strip", "_|trim"),
    ("title", "_|title"),
    ("update", "_|merge({\"name\": value})"),
    ("upper", "_|upper"),
    ("values", "_|items|map(\"last\")"),
];

/// A method that the engine does not have, at its name, with what to write instead.
pub(super) fn method(place: &Place, message: &str) -> Diagnostic {
    let text = &place.source.text;
    let marked = place.range().unwrap_or_default();
    let call = text.get(marked.clone()).unwrap_or_default();
    let before = call.split('(').next().unwrap_or_default();
    let name = before.rsplit('.').next().unwrap_or_default().trim();
    let start = marked.start + before.rfind(name).unwrap_or_default();
    let at = Place::bytes(&place.source, start..start + name.len());
    let Some((_, instead)) = METHODS.iter().find(|(method, _)| *method == name) else {
        return Diagnostic::new(message.to_owned(), at)
            .label("expected a filter instead of a method, such as `value|upper`");
    };
    let instead = instead.replace('_', receiver(text, start).unwrap_or("value"));
    Diagnostic::new(format!("there is no method `{name}`"), at)
        .label(format!("expected `{instead}`"))
}

/// The names before the dot of a method.
fn receiver(text: &str, method: usize) -> Option<&str> {
    let before = text.get(..method)?.trim_end().strip_suffix('.')?;
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '"' | '\'');
    let name = before.get(before.trim_end_matches(is_part).len()..)?;
    (!name.is_empty()).then_some(name)
}

/// A mapping with a key that is a name without a value: the name.
pub(super) fn undefined_key(place: &Place, context: Option<&Node>) -> Diagnostic {
    let marked = place.range().unwrap_or_default();
    let text = place.source.text.get(marked.clone()).unwrap_or_default();
    let mut open: Vec<bool> = Vec::new();
    let mut is_key = false;
    let mut last: Option<(&str, std::ops::Range<usize>)> = None;
    for (token, span) in tokenize(text, true, syntax()).map_while(Result::ok) {
        match token {
            Token::Colon => {
                let unknown = last.take().filter(|(name, _)| {
                    let is_given = context.is_some_and(|context| context.entry(name).is_some());
                    !is_given && !NAMES.contains(name) && !is_set(&place.source.text, name)
                });
                if let Some((name, at)) = unknown {
                    let at = marked.start + at.start..marked.start + at.end;
                    return Diagnostic::new(
                        format!("`{name}` is undefined"),
                        Place::bytes(&place.source, at),
                    )
                    .label(format!("expected a text as the key: `\"{name}\"`"));
                }
            }
            Token::Ident(name) if is_key => last = Some((name, range(span))),
            _ => last = None,
        }
        match token {
            Token::BraceOpen => open.push(true),
            Token::BracketOpen | Token::ParenOpen => open.push(false),
            Token::BraceClose | Token::BracketClose | Token::ParenClose => drop(open.pop()),
            _ => {}
        }
        let is_next = matches!(token, Token::BraceOpen | Token::Comma);
        is_key = is_next && open.last() == Some(&true);
    }
    Diagnostic::new(UNDEFINED_KEY, place.clone())
        .label("expected texts as keys: `{\"name\": value}`")
}

/// Whether a template gives a name a value somewhere: in a loop, a macro or a `set`.
fn is_set(template: &str, wanted: &str) -> bool {
    let mut is_setting = false;
    let mut tokens = tokenize(template, false, syntax()).map_while(Result::ok);
    tokens.any(|(token, _)| {
        match token {
            Token::Ident("for" | "set" | "macro" | "import" | "with") => is_setting = true,
            Token::Ident("in") | Token::BlockEnd => is_setting = false,
            Token::Ident(name) => return is_setting && name == wanted,
            _ => {}
        }
        false
    })
}
