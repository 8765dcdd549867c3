//! JSON in which no text has a secret (by its name or shape) or an invisible character.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::text;
use crate::text::write_json_string;

/// A value as indented JSON with a line break at its end, each of its texts without secrets.
pub fn to_json(value: &impl Serialize) -> serde_json::Result<String> {
    let mut out = Vec::new();
    write_json(value, &mut out).map_err(serde_json::Error::io)?;
    String::from_utf8(out).map_err(serde::ser::Error::custom)
}

/// Writes a value as [`to_json`] has it.
pub(crate) fn write_json(
    value: &impl Serialize,
    out: &mut (impl io::Write + ?Sized),
) -> io::Result<()> {
    let formatter = Redacting::over(PrettyFormatter::new());
    value.serialize(&mut Serializer::with_formatter(&mut *out, formatter))?;
    out.write_all(b"\n")
}

/// Writes a value as one line of JSON, without secrets as well.
pub(crate) fn write_line(
    value: &impl Serialize,
    out: &mut (impl io::Write + ?Sized),
) -> io::Result<()> {
    let formatter = Redacting::over(CompactFormatter);
    value.serialize(&mut Serializer::with_formatter(&mut *out, formatter))?;
    out.write_all(b"\n")
}

/// Holds a text back until its end, as a secret in it may be in several pieces.
struct Redacting<L> {
    layout: L,
    held: String,
    /// Whether what is written is of a text, and not a number or a word of JSON.
    is_text: bool,
}

impl<L> Redacting<L> {
    fn over(layout: L) -> Self {
        Self {
            layout,
            held: String::new(),
            is_text: false,
        }
    }
}

macro_rules! as_layout {
    ($($name:ident($($argument:ident: $kind:ty)?);)+) => { $(
        fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $argument: $kind)?) -> io::Result<()> {
            self.layout.$name(writer $(, $argument)?)
        }
    )+ };
}

impl<L: Formatter> Formatter for Redacting<L> {
    as_layout! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }

    fn begin_string<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_text = true;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if self.is_text {
            self.held.push_str(fragment);
            return Ok(());
        }
        writer.write_all(fragment.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        if !self.is_text {
            return CompactFormatter.write_char_escape(writer, escape);
        }
        self.held.push(match escape {
            CharEscape::Quote => '"',
            CharEscape::ReverseSolidus => '\\',
            CharEscape::Solidus => '/',
            CharEscape::Backspace => '\u{8}',
            CharEscape::FormFeed => '\u{c}',
            CharEscape::LineFeed => '\n',
            CharEscape::CarriageReturn => '\r',
            CharEscape::Tab => '\t',
            CharEscape::AsciiControl(byte) => char::from(byte),
        });
        Ok(())
    }

    fn end_string<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        write_json_string(&text::text(&self.held), writer)?;
        self.held.clear();
        self.is_text = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::to_json;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "what it is compared with")]
    fn a_text_is_written_as_ever_and_a_secret_is_not() {
        let value = json!({"a": ["x \"y\"\n\u{1}é", 1, null, {}], "b": {"c": true}, "d": []});
        let plain = serde_json::to_string_pretty(&value).unwrap() + "\n";
        assert_eq!(to_json(&value).unwrap(), plain);
        let mut line = Vec::new();
        super::write_line(&value, &mut line).unwrap();
        assert_eq!(line, format!("{value}\n").as_bytes());
        let value = json!({"at": "tcp://u:hun\"ter2@h"});
        assert!(!to_json(&value).unwrap().contains("ter2@"));
    }
}
