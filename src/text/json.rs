//! Strings of JSON that may be printed: the same text, of characters that can be seen.

use std::io;

use super::{is_plain, replaced};

/// Writes a text as a string of JSON, with its quotation marks. Characters that cannot be seen are escaped as
/// JSON escapes them, so a program reads what was there, and a terminal or the log of a CI job that
/// shows it does nothing with it.
#[allow(
    clippy::disallowed_methods,
    reason = "whoever writes the text has hidden what is secret in it"
)]
pub(crate) fn write_json_string(text: &str, out: &mut (impl io::Write + ?Sized)) -> io::Result<()> {
    if is_plain(text, |byte| matches!(byte, b'"' | b'\\')) {
        out.write_all(b"\"")?;
        out.write_all(text.as_bytes())?;
        return out.write_all(b"\"");
    }
    // What JSON itself demands: quotation marks, backslashes and the control characters of ASCII.
    let text = serde_json::to_string(text)?;
    out.write_all(replaced(&text, |_| false, escape).as_bytes())
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
        fn a_program_reads_what_was_there_and_a_person_sees_it(text in nasty()) {
            let mut written = Vec::new();
            write_json_string(&text, &mut written).unwrap();
            let written = String::from_utf8(written).unwrap();
            prop_assert!(!written.chars().any(is_invisible), "{written:?}");
            prop_assert!(!is_command(&written));
            prop_assert!(!written.contains("##["));
            let read: String = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(read, text);
        }
    }
}
