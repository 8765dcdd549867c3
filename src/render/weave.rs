//! From the text that the templates gave to the text that is written.
//!
//! While a template renders, every `{{ value }}` leaves a mark that holds the value as it is. Here
//! each mark becomes a scalar that suits its place. A mark that is only part of a scalar, as in
//! `image: app:{{ tag }}`, is refused: what such a line means would depend on what the value holds.

use super::scalar::{self, Position};

/// Begins a mark. Noncharacters can stand neither in a spec nor in a template, so that no input
/// can forge a mark.
pub(super) const OPEN: char = '\u{FDD0}';
/// Ends a mark.
pub(super) const CLOSE: char = '\u{FDD1}';
/// Parts the template's name from the value in a mark.
pub(super) const PART: char = '\u{FDD2}';
/// Stands for the `$` of a variable that Compose is to fill in; any other `$` of a value is text.
pub(super) const VARIABLE: char = '\u{FDD3}';
/// Parts the template's name from a value that is no text (a number, `true`, `false`).
pub(super) const PART_BARE: char = '\u{FDD4}';

/// A mark that stands where no value may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misplaced {
    /// The template that holds the `{{ }}`.
    pub(super) template: String,
    /// What stands before it on its line.
    pub(super) before: String,
    /// Why it may not stand there.
    pub(super) why: &'static str,
}

/// What becomes of `$` in values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dollar {
    /// Written as `$$`, so that Compose reads it as text.
    Escape,
    /// Left as it is, in a text that becomes a value of another one.
    Keep,
}

/// Replaces every mark of `text`.
pub(super) fn weave(text: &str, dollar: Dollar) -> Result<String, Misplaced> {
    let mut woven = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after_open)) = rest.split_once(OPEN) {
        woven.push_str(before);
        let (mark, after) = after_open.split_once(CLOSE).unwrap_or((after_open, ""));
        rest = after;
        let line_start = woven.rfind('\n').map_or(0, |at| at + 1);
        let line = woven.get(line_start..).unwrap_or_default();
        let to_end = after.split('\n').next().unwrap_or_default();
        let is_text = mark.contains(PART);
        let (template, value) = mark.split_once([PART, PART_BARE]).unwrap_or(("", mark));
        let misplaced = |why| Misplaced {
            template: template.to_owned(),
            before: line.to_owned(),
            why,
        };
        if value.contains([OPEN, PART, PART_BARE]) {
            return Err(misplaced("a piece of rendered text is used as a value"));
        }
        let position = position(line, to_end).map_err(misplaced)?;
        let scalar = match (is_text, dollar, position) {
            (false, ..) => value.to_owned(),
            // Compose fills in values only; a key is what it is.
            (true, Dollar::Escape, Place::Value(position)) => {
                scalar::write(&value.replace('$', "$$").replace(VARIABLE, "$"), position)
            }
            (true, Dollar::Escape, Place::Key) => {
                scalar::write(&value.replace(VARIABLE, "$"), Position::Line)
            }
            (true, Dollar::Keep, Place::Value(position)) => keep_variables(value, position),
            (true, Dollar::Keep, Place::Key) => keep_variables(value, Position::Line),
        };
        woven.push_str(&scalar);
    }
    woven.push_str(rest);
    Ok(woven)
}

/// Writes a value whose variables wait for the text around it. The stand-in is a noncharacter,
/// which would be escaped; a private one that needs quotes but no escape takes its place meanwhile.
fn keep_variables(value: &str, position: Position) -> String {
    const MEANWHILE: &str = "\u{10FFFD}";
    let variable = VARIABLE.to_string();
    scalar::write(&value.replace(VARIABLE, MEANWHILE), position).replace(MEANWHILE, &variable)
}

/// The place of a mark on its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Key,
    Value(Position),
}

/// The place of a mark between the text before and after it on its line.
fn position(before: &str, after: &str) -> Result<Place, &'static str> {
    const NOT_WHOLE: &str =
        "it must be a whole YAML value; join texts inside it: `{{ a ~ \":\" ~ b }}`";
    let (start, rest) = entry(before);
    let ends_line =
        after.trim().is_empty() || after.trim_start().starts_with('#') && after.starts_with(' ');
    let ends_key = after == ":" || after.starts_with(": ");
    if rest.starts_with(['[', '{']) {
        return if !opens_flow_item(rest) {
            Err(NOT_WHOLE)
        } else if after.trim_start().starts_with([',', ']', '}']) {
            Ok(Place::Value(Position::Line))
        } else if ends_key {
            Ok(Place::Key)
        } else {
            Err(NOT_WHOLE)
        };
    }
    if !rest.is_empty() {
        return Err(NOT_WHOLE);
    }
    let is_value = before.trim_end().ends_with([':', '-']);
    if ends_line && (is_value || before.trim().is_empty()) {
        Ok(Place::Value(Position::Block { indent: start + 2 }))
    } else if ends_key && (before.trim().is_empty() || before.trim_end().ends_with('-')) {
        Ok(Place::Key)
    } else {
        Err(NOT_WHOLE)
    }
}

/// Skips the indentation, the dashes and the key of a block line: where its entry starts, and
/// what follows.
fn entry(line: &str) -> (usize, &str) {
    let mut rest = line.trim_start_matches(' ');
    while let Some(after) = rest.strip_prefix("- ") {
        rest = after.trim_start_matches(' ');
    }
    let start = line.len() - rest.len();
    let key_end = match rest.chars().next() {
        Some(quote @ ('\'' | '"')) => {
            let inner = rest.get(1..).unwrap_or_default();
            inner.find(quote).map(|end| end + 2)
        }
        Some('[' | '{' | '#') | None => None,
        Some(_) => rest.find(": "),
    };
    let value = key_end.and_then(|end| rest.get(end..)?.strip_prefix(": "));
    match value {
        Some(value) => (start, value.trim_start_matches(' ')),
        None if rest.is_empty() && start >= 2 && line.ends_with("- ") => (start - 2, rest),
        None => (start, rest),
    }
}

/// Whether a value may begin at the end of a flow collection's text.
fn opens_flow_item(flow: &str) -> bool {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut last = ' ';
    let mut may_begin = false;
    let mut chars = flow.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            // `''` in single quotes and `\` in double ones do not end them.
            (Some('\''), '\'') if chars.peek() == Some(&'\'') => drop(chars.next()),
            (Some('"'), '\\') => drop(chars.next()),
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') if may_begin => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        may_begin = quote.is_none()
            && match c {
                '[' | '{' | ',' => true,
                ' ' => may_begin || last == ':',
                _ => false,
            };
        last = c;
    }
    may_begin && depth > 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_yaml::Value;

    use super::{CLOSE, Dollar, OPEN, PART, weave};

    fn marked(template: &str, value: &str) -> String {
        template.replace('@', &format!("{OPEN}t{PART}{value}{CLOSE}"))
    }

    fn woven(template: &str, value: &str) -> Option<String> {
        weave(&marked(template, value), Dollar::Escape).ok()
    }

    #[test]
    fn a_whole_scalar_is_written_to_suit_its_place() {
        for (template, value, expected) in [
            ("a: @\n", "b", "a: b\n"),
            ("a: @ # why\n", "22:22", "a: '22:22' # why\n"),
            ("  - @\n", "1", "  - '1'\n"),
            ("  - a: @\n", "x\ny\n", "  - a: |\n      x\n      y\n"),
            ("  - @\n", "x\ny", "  - |-\n    x\n    y\n"),
            ("  @:\n    a: 1\n", "yes", "  'yes':\n    a: 1\n"),
            ("a: [@, \"b\", @]\n", "c, d", "a: ['c, d', \"b\", 'c, d']\n"),
            ("a: { b: @, @: 1 }\n", "c", "a: { b: c, c: 1 }\n"),
            ("'a b': @\n", "$x", "'a b': '$$x'\n"),
            ("@: 1\n", "$x", "'$x': 1\n"),
        ] {
            assert_eq!(woven(template, value).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_part_of_a_scalar_is_refused() {
        for template in [
            "a: b@\n",
            "a: @b\n",
            "a: '@'\n",
            "a: \"x @\"\n",
            "a: x [@]\n",
            "a: [b@]\n",
            "a: ['@']\n",
            "a: @@\n",
            "# @\n",
            "@a: 1\n",
            "text @\n",
            "a: [x] @\n",
            "a: @: b\n",
        ] {
            assert_eq!(woven(template, "v"), None, "{template}");
        }
    }

    /// The shape of a document: everything but its texts.
    fn shape(value: &Value) -> String {
        match value {
            Value::Mapping(entries) => {
                let entries: Vec<_> = entries.values().map(shape).collect();
                format!("{{{}}}", entries.join(","))
            }
            Value::Sequence(items) => {
                let items: Vec<_> = items.iter().map(shape).collect();
                format!("[{}]", items.join(","))
            }
            Value::String(_) => "s".into(),
            other => format!("{other:?}"),
        }
    }

    /// Any text, and texts of the characters that mean something to YAML.
    fn hostile() -> impl Strategy<Value = String> {
        prop_oneof!["(?s).*", "[-:#'\"\\[\\]{},&*!|>%@`$? \n\ta0~=.\\\\]{0,12}"]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_value_changes_the_structure(value in hostile()) {
            let value: String = value.chars().filter(|c| !('\u{FDD0}'..='\u{FDEF}').contains(c)).collect();
            let template = "a: @\nb:\n  - @\n  - c: @\n    d: [@, { e: @ }]\n  - {@: 1}\nz: @\n";
            let read = |value: &str| -> Value {
                serde_yaml::from_str(&woven(template, value).unwrap()).unwrap()
            };
            prop_assert_eq!(shape(&read(&value)), shape(&read("harmless")));
            let escaped = value.replace('$', "$$");
            let document = read(&value);
            prop_assert_eq!(document["z"].as_str(), Some(escaped.as_str()));
        }
    }
}
