//! From the text that the templates gave to the text that is written.
//!
//! While a template renders, every `{{ value }}` leaves a placeholder, the index of the value in a
//! list. Here each becomes YAML that suits its place. A placeholder that is only part of a
//! scalar, as in `image: app:{{ tag }}`, is refused: what such a line means would depend on what the
//! value holds.

use std::collections::BTreeSet;
use std::fmt;

use super::definition;
use super::line::{Line, Place, TAB};
use super::marks::Marks;
use super::structure::{Dollar, Structure, TooLong, Writer};

const NO_KEY: &str = "a list or a mapping cannot be a key";

/// A text in which every placeholder has become its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Substituted {
    /// The text.
    pub(super) text: String,
    /// Where in it the placeholders of digests begin.
    pub(super) digests: Vec<usize>,
    /// Its parts, in order: templates' own text and values by turns.
    pub(super) chunks: Vec<Chunk>,
    /// The fixtures that templates were given for it.
    pub(super) fixtures: BTreeSet<String>,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Where it begins.
    start: usize,
    /// Where it begins in the text with placeholders.
    raw: usize,
    kind: Kind,
}

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Text of a template, byte for byte.
    Same,
    /// Text of a template with variables in it, which are written otherwise.
    Changed,
    /// A value.
    Value,
}

impl Substituted {
    /// Where a byte of the text comes from in the text with placeholders: in a value, where its placeholder
    /// begins. `None` where that is not known.
    pub(super) fn raw_offset(&self, at: usize) -> Option<usize> {
        let end = self.chunks.partition_point(|chunk| chunk.start <= at);
        let chunk = self.chunks.get(end.checked_sub(1)?)?;
        match chunk.kind {
            Kind::Same => Some(chunk.raw + (at - chunk.start)),
            Kind::Changed => None,
            Kind::Value => Some(chunk.raw),
        }
    }
}

impl Substituted {
    /// Notes that what is written next comes from where `rest` begins in `text`.
    fn begin(&mut self, text: &str, rest: &str, kind: Kind) {
        self.chunks.push(Chunk {
            start: self.text.len(),
            raw: text.len() - rest.len(),
            kind,
        });
    }
}

/// Why a text cannot be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The placeholder with this index is where no value may be.
    Misplaced(usize, Misplaced),
    /// A template took a piece of rendered text apart.
    Broken,
    /// The text would be longer than it may be.
    TooLong,
}

/// Why a placeholder may not be where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Misplaced(pub(super) &'static str);

impl Misplaced {
    /// What is wrong, in a sentence.
    pub(super) fn message(self) -> &'static str {
        if self.0 == TAB {
            "a tab is before a `{{ }}`"
        } else {
            "a `{{ }}` is only a part of a YAML value"
        }
    }
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Misplaced {}

/// Writes a placeholder.
pub(super) fn placeholder(marks: Marks, index: usize) -> String {
    format!("{}{index}{}", marks.open, marks.close)
}

/// Replaces every placeholder of `text`; the result has at most `limit` bytes.
pub(super) fn substitute(
    text: &str,
    marks: Marks,
    values: &[Structure],
    dollar: Dollar,
    limit: usize,
) -> Result<Substituted, Fault> {
    let mut done = Substituted {
        text: String::with_capacity(text.len().min(limit)),
        digests: Vec::new(),
        chunks: Vec::new(),
        fixtures: BTreeSet::new(),
    };
    let mut line = Line::default();
    let mut rest = text;
    while let Some((before, after_open)) = rest.split_once(marks.open) {
        done.begin(text, rest, kind_of(before, marks, dollar));
        push(&mut done.text, before, marks, dollar, limit)?;
        let (index, after) = after_open.split_once(marks.close).ok_or(Fault::Broken)?;
        let index: usize = index.parse().map_err(|_| Fault::Broken)?;
        let value = values.get(index).ok_or(Fault::Broken)?;
        done.begin(
            text,
            rest.get(before.len()..).unwrap_or_default(),
            Kind::Value,
        );
        rest = after;
        let misplaced = |why| Fault::Misplaced(index, Misplaced(why));
        let place = line.place(&done.text, after).map_err(misplaced)?;
        let is_digest_here = dollar == Dollar::Escape && place != Place::Key;
        if value.has_digest() && !is_digest_here {
            return Err(misplaced(definition::EXPECTED));
        }
        let mut writer = Writer {
            out: &mut done.text,
            digests: &mut done.digests,
            dollar: marks.dollar,
            escape: dollar,
            limit,
        };
        let written = match (place, value) {
            (Place::Value(spot), _) => writer.write(value, spot),
            (Place::Key, Structure::Text(text)) => writer.key(text),
            (Place::Key, Structure::Bare(text)) => writer.push(text),
            (Place::Key, _) => return Err(misplaced(NO_KEY)),
        };
        written.map_err(|TooLong| Fault::TooLong)?;
    }
    if rest.contains(marks.close) {
        return Err(Fault::Broken);
    }
    done.begin(text, rest, kind_of(rest, marks, dollar));
    push(&mut done.text, rest, marks, dollar, limit)?;
    Ok(done)
}

/// What becomes of text that the templates gave as it is.
fn kind_of(text: &str, marks: Marks, dollar: Dollar) -> Kind {
    if dollar == Dollar::Escape && text.contains(marks.dollar) {
        Kind::Changed
    } else {
        Kind::Same
    }
}

/// Adds text that the templates gave as it is.
fn push(
    done: &mut String,
    text: &str,
    marks: Marks,
    dollar: Dollar,
    limit: usize,
) -> Result<(), Fault> {
    if text.contains(marks.close) {
        return Err(Fault::Broken);
    }
    if done.len() + text.len() > limit {
        return Err(Fault::TooLong);
    }
    match dollar {
        // What was marked as safe is written as it is, and so is a variable in it.
        Dollar::Escape if text.contains(marks.dollar) => {
            done.push_str(&text.replace(marks.dollar, "$"));
        }
        _ => done.push_str(text),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_yaml::Value;

    use super::{Dollar, Fault, Structure as Held, Substituted, placeholder, substitute};
    use crate::render::definition::PLACEHOLDER;
    use crate::render::marks::{Marks, note};

    const LIMIT: usize = 1 << 20;

    fn marks() -> Marks {
        Marks::absent_from(&BTreeSet::new()).unwrap()
    }

    fn marked(template: &str, marks: Marks) -> String {
        template.replace('@', &placeholder(marks, 0))
    }

    fn filled(template: &str, held: Held, dollar: Dollar) -> Result<Substituted, Fault> {
        substitute(&marked(template, marks()), marks(), &[held], dollar, LIMIT)
    }

    fn written(template: &str, value: &str) -> Option<String> {
        let mut used = BTreeSet::new();
        note(&mut used, value);
        let marks = Marks::absent_from(&used)?;
        let held = [Held::Text(value.to_owned())];
        let text = marked(template, marks);
        let filled = substitute(&text, marks, &held, Dollar::Escape, LIMIT);
        filled.ok().map(|filled| filled.text)
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
            assert_eq!(written(template, value).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_part_of_a_scalar_is_refused() {
        for template in [
            "a: b@\n", "a: @b\n", "a: '@'\n", "a: \"x @\"\n", "a: x [@]\n", "a: [b@]\n",
            "a: ['@']\n", "a: @@\n", "# @\n", "@a: 1\n", "text @\n", "a: [x] @\n", "a: @: b\n",
        ] {
            assert_eq!(written(template, "v"), None, "{template}");
        }
    }

    #[test]
    fn marks_that_a_text_holds_are_never_placeholders() {
        let marks = marks();
        let own: String = [marks.open, '0', marks.close, marks.dollar, marks.digest]
            .iter()
            .collect();
        let mut used = BTreeSet::new();
        note(&mut used, &own);
        let other = Marks::absent_from(&used).unwrap();
        let text = format!("a: {}\nb: '{own}'\n", placeholder(other, 0));
        let held = [Held::Text(own.clone())];
        let filled = substitute(&text, other, &held, Dollar::Escape, LIMIT).unwrap();
        let read: Value = serde_yaml::from_str(&filled.text).unwrap();
        assert_eq!(read["a"], read["b"]);
        assert_eq!(read["a"].as_str(), Some(own.as_str()));
    }

    #[test]
    fn a_placeholder_that_was_taken_apart_is_refused() {
        let marks = marks();
        for text in [
            format!("a: {}", marks.open),
            format!("a: 0{}", marks.close),
            format!("a: {}x{}", marks.open, marks.close),
            format!("a: {}7{}", marks.open, marks.close),
            format!("a: {}{}", marks.open, placeholder(marks, 0)),
            format!("a: {}\n{}", placeholder(marks, 0), marks.close),
        ] {
            let held = [Held::Text("v".into())];
            let filled = substitute(&text, marks, &held, Dollar::Escape, LIMIT);
            assert_eq!(filled, Err(Fault::Broken), "{text}");
        }
    }

    #[test]
    fn a_variable_stays_one_through_a_text_in_a_text() {
        let variable = format!("{}{{A:?why}} $x", marks().dollar);
        let inner = filled("b: @\n", Held::Text(variable), Dollar::Keep).unwrap();
        let outer = filled("a: @\n", Held::Text(inner.text), Dollar::Escape).unwrap();
        assert_eq!(outer.text, "a: |\n  b: '${A:?why} $$x'\n");
        let raw = substitute(
            &format!("a: {}A", marks().dollar),
            marks(),
            &[],
            Dollar::Escape,
            LIMIT,
        );
        assert_eq!(raw.unwrap().text, "a: $A");
    }

    #[test]
    fn a_digest_is_a_value_and_its_place_is_known() {
        let digest = |template| filled(template, Held::Digest, Dollar::Escape);
        let filled_in = digest("a: @\nb: { c: @ }\n").unwrap();
        let found: Vec<usize> = filled_in
            .text
            .match_indices(PLACEHOLDER)
            .map(|(at, _)| at)
            .collect();
        assert_eq!(filled_in.digests, found);
        assert_eq!(found.len(), 2);
        assert!(matches!(digest("@: 1\n"), Err(Fault::Misplaced(0, _))));
        let kept = filled("a: @\n", Held::Digest, Dollar::Keep);
        assert!(matches!(kept, Err(Fault::Misplaced(0, _))));
    }

    #[test]
    fn the_result_is_bounded_whatever_it_is_made_of() {
        let marks = marks();
        let held = [Held::Text("x\n".repeat(1000))];
        let many = format!("a: {}\n", placeholder(marks, 0)).repeat(1000);
        let deep = format!("{}a: {}\n", " ".repeat(1500), placeholder(marks, 0));
        for text in [many, deep, "a\n".repeat(LIMIT)] {
            let filled = substitute(&text, marks, &held, Dollar::Escape, LIMIT);
            assert_eq!(filled, Err(Fault::TooLong));
        }
    }

    #[test]
    fn many_values_on_one_line_cost_what_as_many_lines_cost() {
        let marks = marks();
        let text = format!(
            "a: [{}1]\n",
            format!("{}, ", placeholder(marks, 0)).repeat(100_000)
        );
        let held = [Held::Text("x y".into())];
        let filled = substitute(&text, marks, &held, Dollar::Escape, LIMIT).unwrap();
        assert!(filled.text.starts_with("a: ['x y', 'x y', "));
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
            let template = "a: @\nb:\n  - @\n  - c: @\n    d: [@, { e: @ }]\n  - {@: 1}\nz: @\n";
            let read = |value: &str| -> Value {
                serde_yaml::from_str(&written(template, value).unwrap()).unwrap()
            };
            prop_assert_eq!(shape(&read(&value)), shape(&read("harmless")));
            let escaped = value.replace('$', "$$");
            let document = read(&value);
            prop_assert_eq!(document["z"].as_str(), Some(escaped.as_str()));
        }
    }
}
