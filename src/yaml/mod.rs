//! YAML: a text becomes a value that knows its place, and a value becomes text.

mod aliases;
pub(crate) mod block;
mod cursor;
mod numbers;
mod plain;
pub(crate) mod scalar;
mod syntax;
mod tree;

use std::sync::Arc;

use serde_yaml::Value;

pub(crate) use cursor::{Cursor, Fields};
pub(crate) use plain::{ScalarType, plain};
pub(crate) use tree::{Tree, TreeContent};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::limits;
use crate::source::{Outline, Path, Place, Source};

/// How many flow collections (`[`, `{`) may stand open at once: the parser's time grows with the
/// square of it.
const MAX_FLOW_DEPTH: usize = 256;

/// How many characters may begin or end a value. A spec of a megabyte has a fifth of them, and each may
/// cost the parser a kilobyte.
const MAX_INDICATORS: usize = 250_000;

/// What a field of a file is called where another mistake may follow from it.
pub(crate) fn field(source: &Source, path: &Path) -> String {
    format!("{}: {path}", source.name)
}

/// Reads a spec: a text that holds one YAML document.
pub(crate) fn parse(source: &Arc<Source>) -> Result<Value, Diagnostics> {
    let indicators = source.text.bytes().filter(|byte| b",:-?[{".contains(byte));
    if indicators.count() > MAX_INDICATORS {
        let message = format!("the file may have more than {MAX_INDICATORS} values");
        let diagnostic = Diagnostic::new(message, Place::whole(source));
        return Err(diagnostic.label("expected several smaller specs").into());
    }
    parse_any(source)
}

/// Reads a text that holds one YAML document, however many values it holds.
pub(crate) fn parse_any(source: &Arc<Source>) -> Result<Value, Diagnostics> {
    guard(source)?;
    let room = room(source.text.len());
    if let Some(at) = aliases::outgrow(&source.text, room) {
        return Err(outgrown(Place::bytes(source, at))
            .label("the limit was reached here")
            .into());
    }
    let mut value = serde_yaml::from_str(&source.text).map_err(|error| explain(source, &error))?;
    numbers::read(&mut value, source);
    Ok(value)
}

/// The error of a file that has too many values where its aliases are used.
pub(crate) fn outgrown(place: Place) -> Diagnostic {
    Diagnostic::new(
        "this file is too large when its aliases are replaced",
        place,
    )
}

/// The error of a key that is set twice in one mapping.
pub(crate) fn set_twice(key: &str, again: Place, first: Place) -> Diagnostic {
    Diagnostic::new(format!("`{key}` is set twice"), again)
        .label("set again here")
        .related(first, "first set here")
        .help("keep one of the two")
}

/// How much room the values of a text may take when every alias is replaced, in bytes: so much for each
/// byte of the text, and for a small text as much as for one of a megabyte. A file that people write
/// takes a tenth of it.
pub(crate) fn room(length: usize) -> usize {
    const PER_BYTE: usize = 64;
    length.max(1 << 20).saturating_mul(PER_BYTE)
}

pub(crate) fn guard(source: &Arc<Source>) -> Result<(), Diagnostic> {
    // A file that is read is smaller; a text may also come of a template.
    if source.text.len() > limits::COMPOSE_FILE.bytes {
        let message = format!("the text is larger than {}", limits::COMPOSE_FILE);
        return Err(Diagnostic::new(message, Place::whole(source)));
    }
    let mut depth = 0_usize;
    for (at, byte) in source.text.bytes().enumerate() {
        match byte {
            b'[' | b'{' if depth == MAX_FLOW_DEPTH => {
                let message = format!("more than {MAX_FLOW_DEPTH} brackets are open at once");
                return Err(Diagnostic::new(message, Place::bytes(source, at..at + 1)));
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

fn explain(source: &Arc<Source>, error: &serde_yaml::Error) -> Diagnostics {
    // The parser gives no place for a duplicate key, and stops at the first.
    let duplicates = Outline::of(&source.text).duplicates();
    if !duplicates.is_empty() {
        let mut diagnostics = Diagnostics::default();
        for duplicate in duplicates {
            let again = Place::bytes(source, duplicate.again);
            let first = Place::bytes(source, duplicate.first);
            diagnostics.push(set_twice(&duplicate.key, again, first));
        }
        return diagnostics;
    }
    if error.to_string().contains("more than one document") {
        let first_line = source.text.find('\n').map_or(0, |end| end + 1);
        let rest = source.text.get(first_line..).unwrap_or_default();
        let at = rest.find("\n---").map_or(0, |at| first_line + at + 1);
        return Diagnostic::new(
            "the file holds more than one document",
            Place::bytes(source, at..at + 3),
        )
        .label("expected one document")
        .help("keep each document in a file of its own")
        .into();
    }
    syntax::explain(source, &error.to_string()).into()
}
