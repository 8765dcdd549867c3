//! What templates can call: composegen's own functions, and the engine's filters and tests where they
//! must know the marks.

use std::borrow::Cow;
use std::path::Path;

use minijinja::value::{Rest, StringInput, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, Value, filters, tests};

use super::marks::Marks;
use crate::files::folders::FIXTURES;
use crate::files::{ReadError, Root, limits};
use crate::text::hex::short_sha256;
use crate::text::path::clean;
use crate::text::unix_lines;

/// What is wrong with a mapping that has an undefined key.
pub(super) const UNDEFINED_KEY: &str = "a key of this mapping is undefined";

pub(super) const RENDERED: &str = "already rendered text is used as a value; use the value itself";

pub(super) fn refusal(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// Adds the functions and filters that know the marks.
pub(super) fn add_to(environment: &mut Environment<'static>, marks: Marks) {
    environment.add_function("var", move |name: &str, why: &str| {
        variable(name, why, marks.dollar)
    });
    environment.add_function("definition", move || marks.digest.to_string());
    environment.add_filter("safe", move |value: Value| safe(value, marks));
    let filters = [
        ("upper", Value::from_function(filters::upper)),
        ("lower", Value::from_function(filters::lower)),
        ("title", Value::from_function(filters::title)),
        ("capitalize", Value::from_function(filters::capitalize)),
        ("replace", Value::from_function(replace)),
        (LENGTH, Value::from_function(length)),
        ("count", Value::from_function(length)),
        ("split", Value::from_function(filters::split)),
        ("lines", Value::from_function(filters::lines)),
        ("list", Value::from_function(filters::list)),
        ("format", Value::from_function(filters::format)),
    ];
    for (name, filter) in filters {
        environment.add_filter(
            name,
            move |state: &mut State<'_, '_>, arguments: Rest<ValueOrKwargs>| {
                call_unrendered(&filter, state, arguments, marks)
            },
        );
    }
    let tests = [
        ("startingwith", Value::from_function(tests::is_startingwith)),
        ("endingwith", Value::from_function(tests::is_endingwith)),
        ("lower", Value::from_function(tests::is_lower)),
        ("upper", Value::from_function(tests::is_upper)),
        ("in", Value::from_function(tests::is_in)),
    ];
    for (name, test) in tests.into_iter().chain(comparisons()) {
        environment.add_test(
            name,
            move |state: &mut State<'_, '_>, arguments: Rest<ValueOrKwargs>| {
                call_unrendered(&test, state, arguments, marks).map(|value| value.is_true())
            },
        );
    }
}

/// The tests that compare, under all of their names.
fn comparisons() -> impl Iterator<Item = (&'static str, Value)> {
    let named: [(&[&str], Value); 6] = [
        (&["eq", "equalto", "=="], Value::from_function(tests::is_eq)),
        (&["ne", "!="], Value::from_function(tests::is_ne)),
        (&["lt", "lessthan", "<"], Value::from_function(tests::is_lt)),
        (&["le", "<="], Value::from_function(tests::is_le)),
        (
            &["gt", "greaterthan", ">"],
            Value::from_function(tests::is_gt),
        ),
        (&["ge", ">="], Value::from_function(tests::is_ge)),
    ];
    named
        .into_iter()
        .flat_map(|(names, test)| names.iter().map(move |name| (*name, test.clone())))
}

/// Calls a filter or test that must see the value itself. It refuses text that is already rendered, for which the result would
/// differ.
fn call_unrendered(
    called: &Value,
    state: &mut State<'_, '_>,
    arguments: Rest<ValueOrKwargs>,
    marks: Marks,
) -> Result<Value, Error> {
    let arguments = arguments.into_values();
    let is_rendered = |value: &Value| value.as_str().is_some_and(|text| marks.is_rendered(text));
    if arguments.iter().any(is_rendered) {
        return Err(refusal(RENDERED));
    }
    let result = called.call(state, &arguments)?;
    // `format` makes any character of its number.
    let is_marked = |value: &Value| value.as_str().is_some_and(|text| marks.is_marked(text));
    if is_marked(&result) && !arguments.iter().any(is_marked) {
        return Err(refusal(RESERVED));
    }
    Ok(result)
}

const RESERVED: &str = "this text contains a character that composegen uses as a marker while it renders; \
     write it in the template as it is";

/// `safe`: a text that is written as it is.
fn safe(value: Value, marks: Marks) -> Result<Value, Error> {
    if value.is_safe() {
        return Ok(value);
    }
    if !matches!(
        value.kind(),
        ValueKind::String | ValueKind::Number | ValueKind::Bool
    ) {
        return Err(refusal("only a text can be safe"));
    }
    let text = value.to_string();
    if marks.is_rendered(&text) || text.contains(marks.digest) {
        return Err(refusal(RENDERED));
    }
    Ok(Value::from_safe_string(text))
}

/// The name of the filter that measures.
const LENGTH: &str = "length";

/// `length`: the engine's own takes an undefined value for an empty one.
fn length(value: &Value) -> Result<usize, Error> {
    if value.is_undefined() {
        // It is the engine that knows what has no value.
        value.get_attr(LENGTH)?;
    }
    filters::length(value)
}

/// `replace`: every occurrence of `from`, or the first `count` of them.
fn replace(
    state: &mut State<'_, '_>,
    text: StringInput<'_>,
    from: StringInput<'_>,
    to: StringInput<'_>,
    count: Option<usize>,
) -> Result<Value, Error> {
    let Some(count) = count else {
        return filters::replace(state, text, from, to);
    };
    let places = text.as_str().matches(from.as_str()).take(count).count();
    let bytes = places.saturating_mul(to.as_str().len());
    state.consume_fuel(u64::try_from(bytes / 64).unwrap_or(u64::MAX))?;
    let replaced = text.as_str().replacen(from.as_str(), to.as_str(), count);
    Ok(Value::from(replaced))
}

/// `fixture(NAME)`: the text of a file below `fixtures/`, with the line ends of Unix; nothing where it does not exist and there is a default.
pub(super) fn fixture(
    root: Option<&Root>,
    name: &str,
    has_default: bool,
    marks: Marks,
) -> Result<Option<String>, Error> {
    if clean(name) != name || name.starts_with(['.', '/']) {
        return Err(refusal(
            "`fixture` takes the path of a file below `fixtures/`",
        ));
    }
    let path = format!("{FIXTURES}/{name}");
    let text = root.map(|root| root.text(Path::new(&path), limits::FIXTURE));
    let text = match text {
        Some(Ok(text)) => text,
        Some(Err(error)) if error.is_not_found() && has_default => return Ok(None),
        Some(Err(error)) if error.is_not_found() => {
            return Err(refusal(format!(
                "`{path}` does not exist; create it, name another file below `{FIXTURES}/`, or give a `default`"
            )));
        }
        Some(Err(error)) => return Err(refusal(format!("cannot read `{path}`: {error}"))),
        None => return Err(refusal(format!("cannot read `{path}`"))),
    };
    if marks.is_marked(&text) {
        return Err(refusal(format!(
            "`{path}` contains a character that composegen uses as a marker while it renders"
        )));
    }
    Ok(Some(unix_lines(&text).into_owned()))
}

/// How many letters of a digest a name has.
const SHORT: usize = 12;

/// The content of a file of the project.
pub(super) fn content(root: &Root, path: &str) -> Result<Vec<u8>, ReadError> {
    root.bytes(Path::new(path), limits::STACK_FILE)
}

/// What a name has of the digest of a content.
pub(super) fn short_digest(content: &[u8]) -> String {
    short_sha256(content, SHORT)
}

/// `content_digest(FILE)`: what the name of a config changes with, for the path of a file of the project; and the bytes
/// that were read for it.
pub(super) fn content_digest(root: Option<&Root>, name: &str) -> Result<(String, usize), Error> {
    if clean(name) != name || name.starts_with(['.', '/']) {
        return Err(refusal(
            "`content_digest` takes the path of a file of the project, such as `files/app.conf`",
        ));
    }
    let read = root.map(|root| content(root, name));
    match read {
        Some(Ok(bytes)) => Ok((short_digest(&bytes), bytes.len())),
        Some(Err(error)) => Err(refusal(format!("cannot read `{name}`: {error}"))),
        None => Err(refusal(format!("cannot read `{name}`"))),
    }
}

/// `var(NAME, WHY)`: the value of a variable on the host, required by Compose.
fn variable(name: &str, why: &str, dollar: char) -> Result<String, Error> {
    if name.parse::<crate::spec::Variable>().is_err() {
        return Err(refusal(
            "`var` takes the name of a variable: letters, digits and `_`",
        ));
    }
    if why.is_empty() || why.contains(['{', '}', '$', '\n', '\r']) {
        return Err(refusal(
            "`var` takes a reason without `$`, `{`, `}` and line breaks",
        ));
    }
    Ok(format!("{dollar}{{{name}:?{why}}}"))
}
