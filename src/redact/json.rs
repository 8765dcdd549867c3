//! JSON in which no text has a secret (by its name or shape) or an invisible character.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::text;
use crate::text::json_string;

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
    let formatter = Redacting {
        layout: PrettyFormatter::new(),
        held: None,
    };
    value.serialize(&mut Serializer::with_formatter(&mut *out, formatter))?;
    out.write_all(b"\n")
}

/// Writes a value as one line of JSON, without secrets as well.
pub(crate) fn write_line(
    value: &impl Serialize,
    out: &mut (impl io::Write + ?Sized),
) -> io::Result<()> {
    let formatter = Redacting {
        layout: CompactFormatter,
        held: None,
    };
    value.serialize(&mut Serializer::with_formatter(&mut *out, formatter))?;
    out.write_all(b"\n")
}

/// Holds a text back until its end, as a secret in it may be in several pieces.
struct Redacting<L> {
    layout: L,
    held: Option<Vec<u8>>,
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
        self.held = Some(Vec::new());
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        match &mut self.held {
            Some(held) => io::Write::write_all(held, fragment.as_bytes()),
            None => writer.write_all(fragment.as_bytes()),
        }
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        let Some(held) = &mut self.held else {
            return CompactFormatter.write_char_escape(writer, escape);
        };
        held.push(match escape {
            CharEscape::Quote => b'"',
            CharEscape::ReverseSolidus => b'\\',
            CharEscape::Solidus => b'/',
            CharEscape::Backspace => 8,
            CharEscape::FormFeed => 12,
            CharEscape::LineFeed => b'\n',
            CharEscape::CarriageReturn => b'\r',
            CharEscape::Tab => b'\t',
            CharEscape::AsciiControl(byte) => byte,
        });
        Ok(())
    }

    fn end_string<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let held =
            String::from_utf8(self.held.take().unwrap_or_default()).map_err(io::Error::other)?;
        writer.write_all(json_string(&text::text(&held)).as_bytes())
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
