//! JSON that may be printed: the same value, of characters that can be seen.

use std::fmt::Write as _;

use serde::Serialize;

use super::replaced;

/// A value as indented JSON with a line break at its end. Characters that cannot be seen are escaped
/// as JSON escapes them, so a program reads what was there, and a terminal or the log of a CI job
/// that shows it does nothing with it.
///
/// # Errors
/// What the value's own `Serialize` says.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    #[allow(clippy::disallowed_methods, reason = "what it leaves is escaped below")]
    let text = serde_json::to_string_pretty(value)? + "\n";
    // Outside of strings, JSON has no such character but the line break, and within them no such one
    // is left unescaped but those above ASCII.
    Ok(replaced(&text, |c| c == '\n', escape).into_owned())
}

/// A character as JSON escapes it: by its UTF-16 units (RFC 8259, section 7).
fn escape(c: char, out: &mut String) {
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
