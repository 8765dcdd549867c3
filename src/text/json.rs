//! JSON that may be printed: the same value, of characters that can be seen.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::replaced;

/// A value as indented JSON with a line break at its end. Characters that cannot be seen are escaped
/// as JSON escapes them, so a program reads what was there, and a terminal or the log of a CI job
/// that shows it does nothing with it.
///
/// # Errors
/// What the value's own `Serialize` says.
pub fn json(value: &impl Serialize) -> io::Result<String> {
    let mut out = Vec::new();
    write_json(value, &mut out)?;
    String::from_utf8(out).map_err(io::Error::other)
}

/// Writes the same, part by part.
///
/// # Errors
/// What the value's own `Serialize` says, and what `out` gives.
pub fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Visible(PrettyFormatter::new()));
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Indented JSON whose strings can be seen. Outside of them JSON has no character that could not.
struct Visible(PrettyFormatter<'static>);

/// Passes methods on that this form has in common with the indented one.
macro_rules! as_indented {
    ($($name:ident($($argument:ident: $type:ty),*);)+) => {$(
        fn $name<W: ?Sized + Write>(&mut self, writer: &mut W, $($argument: $type),*) -> io::Result<()> {
            self.0.$name(writer, $($argument),*)
        }
    )+};
}

impl Formatter for Visible {
    as_indented! {
        begin_array();
        end_array();
        begin_array_value(is_first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(is_first: bool);
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        writer.write_all(replaced(fragment, |_| false, escape).as_bytes())
    }
}

/// A character as JSON escapes it: by its UTF-16 units (RFC 8259, section 7).
fn escape(c: char, out: &mut String) {
    use std::fmt::Write as _;
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a `String` cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::is_invisible;
    use crate::text::tests::{is_command, nasty};

    proptest! {
        #[test]
        fn a_program_reads_what_was_there_and_a_person_sees_it(texts in proptest::collection::btree_map(nasty(), nasty(), 0..4)) {
            let written = json(&texts).unwrap();
            prop_assert!(!written.chars().any(|c| is_invisible(c) && c != '\n'), "{written:?}");
            prop_assert!(!written.lines().any(is_command));
            prop_assert!(!written.contains("##["));
            let read: std::collections::BTreeMap<String, String> = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(read, texts);
        }
    }
}
