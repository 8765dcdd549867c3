//! Numbers that only Compose takes for such: `mode: 0440` and `1_000` mean the same in a spec as in a Compose file.

use std::collections::HashMap;
use std::sync::Arc;

use serde_yaml::{Number, Value};

use super::plain::{ScalarType, is_number_of_1_1, plain};
use crate::source::{Path, Place, Source};

/// How many characters before a value are looked at for its tag and its anchor.
const NEAR: usize = 200;

/// For how many anchors is looked.
const MOST_ANCHORS: usize = 100;

/// Makes numbers of the texts of a document that are written like such, without quotes and without a tag.
pub(super) fn read(document: &mut Value, source: &Arc<Source>) {
    let mut reader = Reader {
        source,
        bare_anchors: HashMap::new(),
    };
    reader.walk(document, &Path::root());
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    /// Whether what the anchors stand for is written without quotes and without a tag: there may be very many aliases.
    bare_anchors: HashMap<String, bool>,
}

impl Reader<'_> {
    fn walk(&mut self, value: &mut Value, path: &Path) {
        match value {
            Value::String(text) => {
                if is_number_of_1_1(text)
                    && self.is_bare(text, path)
                    && let Some(number) = number(text)
                {
                    *value = Value::Number(number);
                }
            }
            Value::Sequence(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    if may_hold_one(item) {
                        self.walk(item, &path.index(index));
                    }
                }
            }
            Value::Mapping(entries) => {
                for (key, item) in entries.iter_mut() {
                    if let Some(key) = key.as_str()
                        && may_hold_one(item)
                    {
                        self.walk(item, &path.key(key));
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a text is written without quotes and without a tag.
    fn is_bare(&mut self, text: &str, path: &Path) -> bool {
        let Some(range) = Place::value(self.source, path.clone()).whole_range() else {
            return false;
        };
        let all = self.source.text.as_str();
        let written = all.get(range.clone()).unwrap_or_default();
        let before = all.get(..range.start).unwrap_or_default();
        let Some(name) = written.strip_prefix('*') else {
            return is_bare_in(text, before, written);
        };
        if let Some(known) = self.bare_anchors.get(name) {
            return *known;
        }
        // Each is looked for in the whole text.
        if self.bare_anchors.len() == MOST_ANCHORS {
            return false;
        }
        let is_bare = is_bare_behind(&format!("&{name}"), text, before);
        self.bare_anchors.insert(name.to_owned(), is_bare);
        is_bare
    }
}

/// Whether there may be such a number: the way to most values need not be known.
fn may_hold_one(value: &Value) -> bool {
    match value {
        Value::String(text) => is_number_of_1_1(text),
        Value::Sequence(_) | Value::Mapping(_) => true,
        _ => false,
    }
}

/// Whether an anchor is written before a text without quotes and without a tag.
fn is_bare_behind(anchor: &str, text: &str, before: &str) -> bool {
    before.rmatch_indices(anchor).any(|(at, _)| {
        let (before, rest) = before.split_at(at);
        let value = rest.get(anchor.len()..).unwrap_or_default();
        let is_whole = value.starts_with(char::is_whitespace);
        let end = |c: char| c.is_whitespace() || ",]}".contains(c);
        let value = value.trim_start().split(end).next().unwrap_or_default();
        is_whole && is_bare_in(text, before, value)
    })
}

/// Whether what is written is this text alone, behind anchors at most; `before` is what is written before it.
fn is_bare_in(text: &str, before: &str, written: &str) -> bool {
    let (anchors, value) = match written.rsplit_once(char::is_whitespace) {
        Some((anchors, value)) => (anchors, value),
        None => ("", written),
    };
    // No tag or anchor that a person writes is longer.
    let near = before.char_indices().rev().take(NEAR).last();
    let near = near
        .and_then(|(at, _)| before.get(at..))
        .unwrap_or_default();
    let words = near.rsplit(|c: char| c.is_whitespace() || "[{,".contains(c));
    let is_tagged = words
        .filter(|word| !word.is_empty())
        .find(|word| !word.starts_with('&'))
        .is_some_and(|word| word.starts_with('!'));
    value == text && !is_tagged && anchors.split_whitespace().all(|word| word.starts_with('&'))
}

fn number(text: &str) -> Option<Number> {
    match plain(text) {
        ScalarType::Whole(number) => match (i64::try_from(number), u64::try_from(number)) {
            (Ok(number), _) => Some(number.into()),
            (_, Ok(number)) => Some(number.into()),
            _ => None,
        },
        ScalarType::Float(number) => Some(number.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use crate::source::Source;
    use crate::yaml::parse;

    #[test]
    fn numbers_are_those_of_compose() {
        let read =
            |text: &str| parse(&Source::new("a.yaml", format!("a: {{b: [{text}]}}\n"))).unwrap();
        let item = |text: &str| read(text)["a"]["b"][0].clone();
        for (text, expected) in [
            ("0440", Value::from(288)),
            ("1_000", Value::from(1000)),
            ("-010", Value::from(-8)),
            ("08", Value::from(8.0)),
            ("'0440'", Value::from("0440")),
            ("\"1_000\"", Value::from("1_000")),
            ("!!str 0440", Value::from("0440")),
            ("!!str &a 0440", Value::from("0440")),
            ("&a 0440", Value::from(288)),
            ("&a !!str 0440", Value::from("0440")),
            ("x,!!str 0440", Value::from("x")),
            ("0440m", Value::from("0440m")),
        ] {
            assert_eq!(item(text), expected, "{text}");
        }
        assert_eq!(read("x,!!str 0440")["a"]["b"][1], Value::from("0440"));
        let of_anchor = |text: &str| read(&format!("{text}, *a"))["a"]["b"][1].clone();
        assert_eq!(of_anchor("&a 0440"), Value::from(288));
        assert_eq!(of_anchor("&a '0440'"), Value::from("0440"));
    }
}
