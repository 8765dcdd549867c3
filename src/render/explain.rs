//! Errors of the template engine as messages, each at its place in a template.

use std::error::Error as _;
use std::sync::Arc;

use minijinja::{Error, ErrorKind};

use super::functions::UNDEFINED_KEY;
use super::idioms;
use super::placeholders::Misplaced;
use super::signature;
use super::structure::UNDEFINED_PART;
use super::syntax::{BLOCKS, OTHER_TAGS};
use super::texts::Sources;
use super::unclosed::unclosed;
use super::undefined;
use super::usage::Node;
use crate::diagnostic::Diagnostic;
use crate::files::folders::TEMPLATES;
use crate::sandbox::Stopped;
use crate::source::{Place, Source};
use crate::text::shortened;

/// An error in the template called `name`, or in one that it uses, at the innermost place that the
/// engine names. `context` is what the template was given.
pub(super) fn explain(
    error: &Error,
    sources: &Sources,
    name: &str,
    context: Option<&Arc<Node>>,
) -> Diagnostic {
    let (errors, misplaced) = chain(error);
    let innermost = errors.last().copied().unwrap_or(error);
    let place = used_at(error, sources, name);
    if let Some(misplaced) = misplaced {
        return of_misplaced(misplaced, place);
    }
    if innermost.detail() == Some(UNDEFINED_PART)
        && let Some(diagnostic) = undefined::in_part(&place, sources, context)
    {
        return diagnostic;
    }
    if let Some(diagnostic) = of_its_own(
        &errors,
        innermost,
        &place,
        context.map(|context| &**context),
    ) {
        return diagnostic;
    }
    of_engine(innermost, place, sources, context)
}

/// A `{{ }}` that is only a part of a YAML value.
fn of_misplaced(misplaced: &Misplaced, place: Place) -> Diagnostic {
    let place = around_braces(place);
    let label = if is_quoted(&place) {
        "expected no quotes around it: the value gets its own where it needs them"
    } else {
        misplaced.0
    };
    Diagnostic::new(misplaced.message(), place).label(label)
}

/// An error in the words of the engine, and what helps against it.
fn of_engine(
    error: &Error,
    place: Place,
    sources: &Sources,
    context: Option<&Arc<Node>>,
) -> Diagnostic {
    let marked = place
        .range()
        .and_then(|range| place.source.text.get(range))
        .unwrap_or_default()
        .to_owned();
    let called = signature::called(&marked);
    let reason = reason(error, called, &marked);
    let is_unknown = matches!(
        error.kind(),
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownFunction
    );
    // The engine marks the arguments, too.
    let place = match place.range().filter(|_| is_unknown) {
        Some(range) => Place::bytes(&place.source, range.start..range.start + called.len()),
        None => place,
    };
    let (reason, from) = origin(&reason);
    let reason = if reason.ends_with(NO_NAME) {
        no_name(&marked)
    } else {
        reason
    };
    let is_undefined = error.kind() == ErrorKind::UndefinedError || reason.ends_with(UNDEFINED);
    let origin = from.and_then(|from| origin_place(&reason, from, error, sources));
    let place = match reason.split('`').nth(1).filter(|_| is_undefined) {
        Some(named) => within(&place, named),
        None => place,
    };
    let mut diagnostic = match origin {
        Some(origin) => Diagnostic::new(shortened(&reason, MAX_REASON).into_owned(), origin)
            .related(place, "used here"),
        None => Diagnostic::new(shortened(&reason, MAX_REASON).into_owned(), place),
    };
    if is_undefined {
        // The engine names the part without a value, and marks more than that.
        let named = reason.split('`').nth(1).unwrap_or(&marked);
        diagnostic = of_undefined(diagnostic, named, sources, context);
    } else if error.kind() == ErrorKind::CannotUnpack {
        let help =
            "for the names and values of a mapping, write `{% for name, value in mapping|items %}`";
        diagnostic = diagnostic.help(help);
    }
    suggested(diagnostic, error, called, sources)
}

/// Why a name has no value: it is a parameter without an argument, or the context lacks it.
fn of_undefined(
    diagnostic: Diagnostic,
    named: &str,
    sources: &Sources,
    context: Option<&Arc<Node>>,
) -> Diagnostic {
    let at = diagnostic.place().range().unwrap_or_default().start;
    let called = signature::parameter(&diagnostic.place().source.text, at, named)
        .map(|called| format!("expected an argument in each call of `{called}`"));
    match called {
        Some(label) => diagnostic.label(label),
        None => undefined::explained(diagnostic, named, sources, context),
    }
}

/// An error whose words are not those of the engine.
fn of_its_own(
    errors: &[&Error],
    innermost: &Error,
    place: &Place,
    context: Option<&Node>,
) -> Option<Diagnostic> {
    let detail = innermost.detail();
    if innermost.kind() == ErrorKind::OutOfFuel {
        let message = "the template takes too many steps or too much memory";
        return Some(Diagnostic::new(message, place).label("the limit was reached here"));
    }
    if detail == Some(TOO_DEEP) {
        return Some(Diagnostic::new(too_deep(errors), place).label("expected this to end"));
    }
    if innermost.kind() == ErrorKind::UnknownMethod {
        let message = innermost.detail().unwrap_or("unknown method");
        return Some(idioms::method(place, message));
    }
    if detail == Some(UNDEFINED_KEY) {
        return Some(idioms::undefined_key(place, context));
    }
    None
}

/// Moves an error at the end of a text to the block that nothing ends, if there is one.
fn at_open_block(diagnostic: Diagnostic) -> Diagnostic {
    let end = diagnostic.place().clone();
    let source = Arc::clone(&end.source);
    let at = end.range().map_or(source.text.len(), |range| range.start);
    let Some(open) = unclosed(&source.text, at) else {
        return diagnostic;
    };
    let diagnostic =
        Diagnostic::new(open.message, Place::bytes(&source, open.at)).label(open.label);
    match open.expected {
        Some(expected) => diagnostic.related(end, expected),
        None => diagnostic,
    }
}

/// What an error says, of what is marked and of the name that it begins with.
fn reason(error: &Error, called: &str, marked: &str) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::UndefinedError | ErrorKind::InvalidOperation, Some(detail)) => {
            detail.to_owned()
        }
        (ErrorKind::UnknownFilter, _) => format!("unknown filter `{called}`"),
        (ErrorKind::UnknownTest, _) => format!("unknown test `{called}`"),
        (ErrorKind::UnknownFunction, _) => format!("unknown function `{called}`"),
        (ErrorKind::MissingArgument, None) => format!("`{called}` is missing an argument"),
        (ErrorKind::TooManyArguments, None) => format!("`{called}` has too many arguments"),
        (ErrorKind::UndefinedError, None) if !marked.is_empty() => {
            format!("`{marked}{UNDEFINED}")
        }
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}

/// Adds what was probably meant by a name that the engine does not know, or what is called with other arguments,
/// and where the block begins that nothing ends.
fn suggested(diagnostic: Diagnostic, error: &Error, called: &str, sources: &Sources) -> Diagnostic {
    let detail = error.detail();
    match error.kind() {
        ErrorKind::UnknownFilter => diagnostic.did_you_mean(called, signature::filters()),
        ErrorKind::UnknownFunction => diagnostic.did_you_mean(called, signature::functions()),
        ErrorKind::UnknownTest => diagnostic.did_you_mean(called, signature::TESTS),
        ErrorKind::SyntaxError => {
            let tag = detail.and_then(|detail| detail.strip_prefix(UNKNOWN_TAG));
            at_open_block(match tag {
                Some(word) => with_tag(diagnostic, word),
                None => diagnostic,
            })
        }
        ErrorKind::TemplateNotFound => {
            let wanted = detail.unwrap_or_default().split(['"', '`', '\'']).nth(1);
            let names = sources.keys().map(String::as_str);
            diagnostic.did_you_mean(wanted.unwrap_or_default(), names)
        }
        kind if signature::is_of_arguments(kind, detail) => match signature::usage(called) {
            Some(usage) => diagnostic.label(format!("expected `{usage}`")),
            None => diagnostic,
        },
        _ => diagnostic,
    }
}

/// What the engine says before the name of a tag that it does not know.
const UNKNOWN_TAG: &str = "unknown statement ";

/// The tag that was probably meant: one that begins or ends a block, or another one.
fn with_tag(diagnostic: Diagnostic, word: &str) -> Diagnostic {
    let ends: Vec<String> = BLOCKS.iter().map(|block| format!("end{block}")).collect();
    let ends = ends.iter().map(String::as_str);
    diagnostic.did_you_mean(word, BLOCKS.into_iter().chain(OTHER_TAGS).chain(ends))
}

/// What the engine says of an `include` whose value is not a text.
const NO_NAME: &str = "template name was not a string";

/// What is wrong with such an `include`: an undefined value is not a text either.
fn no_name(marked: &str) -> String {
    let written = marked.trim_start_matches("include").trim();
    let named = written.split(" ignore missing").next().unwrap_or(written);
    format!(
        "`{}` is undefined, or not the name of a template",
        named.trim()
    )
}

/// An error and those that it comes from, the innermost last.
fn chain(error: &Error) -> (Vec<&Error>, Option<&Misplaced>) {
    let mut errors = vec![error];
    let mut misplaced = None;
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(inner) = inner.downcast_ref::<Error>() {
            errors.push(inner);
        }
        misplaced = misplaced.or(inner.downcast_ref::<Misplaced>());
        cause = inner.source();
    }
    (errors, misplaced)
}

/// Where the engine gave up: the innermost place that it names.
pub(super) fn used_at(error: &Error, sources: &Sources, name: &str) -> Place {
    let (errors, _) = chain(error);
    let place = errors
        .iter()
        .rev()
        .find_map(|error| place(error, sources))
        .or_else(|| sources.get(name).map(Place::whole));
    place.unwrap_or_else(nowhere)
}

/// What the engine says of a value behind its name.
const UNDEFINED: &str = "` is undefined";

/// A reason by the value that is undefined, if it is for one, and where that comes from, if it is another place than that of
/// the error. The engine writes "REASON (`VALUE` is undefined, from line 2)", or "from TEMPLATE:2", or less of it.
fn origin(reason: &str) -> (String, Option<&str>) {
    let bare = reason.strip_suffix(')').unwrap_or(reason);
    let (before, from) = match bare.rsplit_once("from ") {
        Some((before, from)) => (before.trim_end_matches([' ', ',', '(']), Some(from)),
        None => (bare, None),
    };
    let named = before.strip_suffix(UNDEFINED).and_then(|value| {
        let start = value.rfind('`')?;
        before.get(start..)
    });
    match named {
        Some(named) => (named.to_owned(), from),
        None => (reason.to_owned(), None),
    }
}

/// The place of the value that a reason names, in the line that it comes from.
fn origin_place(reason: &str, from: &str, error: &Error, sources: &Sources) -> Option<Place> {
    let (name, line) = match from.strip_prefix("line ") {
        Some(line) => (error.name()?, line),
        None => from.rsplit_once(':')?,
    };
    let line = line_of(sources.get(name)?, line.parse().ok()?)?;
    let expression = reason.split('`').nth(1)?;
    let range = line.range()?;
    let at = line.source.text.get(range.clone())?.find(expression);
    Some(match at {
        Some(at) => {
            let start = range.start + at;
            Place::bytes(&line.source, start..start + expression.len())
        }
        None => line,
    })
}

/// The place of a name in an expression: the engine marks the expression as a whole, or what is behind the name.
fn within(place: &Place, named: &str) -> Place {
    let text = &place.source.text;
    let found = place.range().and_then(|range| {
        let before = text.get(..range.start)?;
        let start = before.rfind(['{', '\n']).map_or(0, |at| at + 1);
        let marked = text.get(start..range.end)?;
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let mut found = marked
            .match_indices(named)
            .map(|(at, _)| start + at)
            .filter(|at| {
                let before = text.get(start..*at).unwrap_or_default();
                let after = text.get(at + named.len()..).unwrap_or_default();
                !before.ends_with(is_part) && !after.starts_with(|c: char| is_part(c) && c != '.')
            });
        // The first that is marked, or else the last before.
        let all: Vec<usize> = found.by_ref().collect();
        let inside = all.iter().find(|at| **at >= range.start);
        let at = *inside.or(all.last())?;
        Some(at..at + named.len())
    });
    found.map_or_else(|| place.clone(), |range| Place::bytes(&place.source, range))
}

/// The longest reason, in characters: it may quote a template or a value.
const MAX_REASON: usize = 400;

/// What the engine says where templates, macros, blocks or loops nest too deeply.
const TOO_DEEP: &str = "recursion limit exceeded";

/// What nests too deeply: the templates that include each other, or else macros and the like.
fn too_deep(errors: &[&Error]) -> String {
    let names: Vec<&str> = errors.iter().filter_map(|error| error.name()).collect();
    let cycle = names.split_last().and_then(|(last, outer)| {
        let from = outer.iter().rposition(|name| name == last)?;
        names.get(from..)
    });
    match cycle {
        Some(cycle) => format!("templates include each other: {}", cycle.join(" → ")),
        None => "macros, blocks or loops call themselves too often".to_owned(),
    }
}

/// A place for what is in no file.
pub(super) fn nowhere() -> Place {
    Place::whole(&Source::new(TEMPLATES, ""))
}

fn place(error: &Error, sources: &Sources) -> Option<Place> {
    let source = sources.get(error.name()?)?;
    if let Some(range) = error.range() {
        return Some(Place::bytes(source, range));
    }
    line_of(source, error.line()?)
}

/// A line of a template, without its indentation.
fn line_of(source: &Arc<Source>, line: usize) -> Option<Place> {
    let before = source.text.split_inclusive('\n');
    let start = before.take(line.checked_sub(1)?).map(str::len).sum();
    let text = source.text.get(start..)?.lines().next()?;
    let indent = text.len() - text.trim_start().len();
    Some(Place::bytes(source, start + indent..start + text.len()))
}

/// Why a template was given up on.
pub(super) fn stopped(why: &Stopped) -> String {
    match why {
        Stopped::Time => "the template takes too long".to_owned(),
        Stopped::Memory => "the template takes too much memory".to_owned(),
        Stopped::Another => "the template was not rendered: another one takes too much".to_owned(),
        Stopped::Failed => "the template engine failed".to_owned(),
        Stopped::NoThread(error) => format!("cannot start a thread for the templates: {error}"),
    }
}

/// Whether nothing but quotes is around a place.
fn is_quoted(place: &Place) -> bool {
    let text = &place.source.text;
    let around = place.range().and_then(|range| {
        let before = text.get(..range.start)?.chars().next_back()?;
        let after = text.get(range.end..)?.chars().next()?;
        Some((before, after))
    });
    matches!(around, Some(('"', '"') | ('\'', '\'')))
}

/// The `{{ }}` around an expression.
fn around_braces(place: Place) -> Place {
    let text = &place.source.text;
    let braces = place.range().and_then(|range| {
        let start = text.get(..range.start)?.rfind("{{")?;
        let end = range.end + text.get(range.end..)?.find("}}")? + 2;
        Some(start..end)
    });
    match braces {
        Some(range) => Place::bytes(&place.source, range),
        None => place,
    }
}
