//! How a value is written as lines of YAML.

use std::fmt::Write as _;

use serde_json::Value;

use super::scalar;

/// How many columns a mapping or list is indented below its key.
pub(crate) const INDENT: usize = 2;

/// A value as YAML, in the order of its keys.
pub(crate) fn write(value: &Value) -> String {
    lines(value, 0)
}

/// A value as block lines, indented.
pub(crate) fn lines(value: &Value, indent: usize) -> String {
    let mut written = String::new();
    write_block(value, indent, &mut written);
    written
}

fn write_block(value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                let _ = write!(out, "{pad}{}:", text(key, Quotes::None));
                write_below(value, indent + INDENT, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                let mut lines = String::new();
                write_block(item, indent + INDENT, &mut lines);
                // The first line goes behind the dash.
                let first = lines.get(indent + INDENT..).unwrap_or(&lines);
                let _ = write!(out, "{pad}- {first}");
            }
        }
        other => {
            let _ = writeln!(out, "{pad}{}", scalar(other, Quotes::None));
        }
    }
}

fn write_below(value: &Value, indent: usize, out: &mut String) {
    let is_empty = match value {
        Value::Object(entries) => entries.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Null => {
            out.push('\n');
            return;
        }
        other => {
            let _ = writeln!(out, " {}", scalar(other, Quotes::None));
            return;
        }
    };
    if is_empty {
        let _ = writeln!(out, " {}", flow(value));
    } else {
        out.push('\n');
        write_block(value, indent, out);
    }
}

/// A value on one line, in brackets or braces.
pub(crate) fn flow(value: &Value) -> String {
    match value {
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let pairs = entries.iter();
            let pairs =
                pairs.map(|(key, value)| format!("{}: {}", text(key, Quotes::None), flow(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        other => scalar(other, Quotes::None),
    }
}

/// Which quotes a scalar is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// None, where it needs none.
    None,
    /// Single ones, where what it holds allows them.
    Single,
    /// Double ones.
    Double,
}

impl Quotes {
    /// Those that a scalar has in a file.
    pub(crate) fn of(written: &str) -> Self {
        match written.chars().next() {
            Some('\'') => Self::Single,
            Some('"') => Self::Double,
            _ => Self::None,
        }
    }
}

/// A value that is neither a list nor a mapping.
pub(crate) fn scalar(value: &Value, quotes: Quotes) -> String {
    match value {
        Value::String(string) => text(string, quotes),
        other if quotes == Quotes::None => other.to_string(),
        other => text(&other.to_string(), quotes),
    }
}

fn text(text: &str, quotes: Quotes) -> String {
    match quotes {
        Quotes::None if scalar::is_plain(text) || scalar::is_measure(text) => text.to_owned(),
        Quotes::Single => {
            scalar::single_quoted(text).unwrap_or_else(|| scalar::double_quoted(text))
        }
        _ => scalar::double_quoted(text),
    }
}
