//! Reading a record of an engine's answer, field by field. Nothing is read in a way that could forget
//! a mistake: a field that cannot be read is noted with its path, and then counts as not set.
//!
//! An optional field may be absent or null, as engines of other versions and makers have it. One that
//! every engine sends is asked for by [`Answer::must`]: it may not be absent, and null only where it
//! is a list or a map of the user's own names, which is how Go writes an empty one.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::json::Json;
use super::reading::{Misread, Reading};
use crate::source::Path;

/// How long an unknown word, and the path of a field, may be to be shown in full.
const MAX_WORD: usize = 32;
const MAX_FIELD: usize = 200;

/// A part of a record.
#[derive(Debug, Clone)]
pub(super) struct Answer<'a> {
    /// `None` where the field is absent.
    value: Option<&'a Json<'a>>,
    is_must: bool,
    /// The path of what it is in, and what it is called there.
    above: Path,
    name: Name<'a>,
    /// Its own path, once that was asked for: of most fields it never is.
    path: OnceCell<Path>,
    reading: &'a Reading,
}

/// What a part of a record is called.
#[derive(Debug, Clone, Copy)]
enum Name<'a> {
    Record,
    Field(&'a str),
    Entry(usize),
}

impl<'a> Answer<'a> {
    /// A record. Where it is not an object, all of its fields are absent.
    pub(super) fn record(value: &'a Json<'a>, reading: &'a Reading) -> Self {
        Self {
            value: Some(value),
            is_must: true,
            above: Path::root(),
            name: Name::Record,
            path: OnceCell::new(),
            reading,
        }
    }

    /// An optional field.
    pub(super) fn at(&self, name: &'a str) -> Self {
        self.field(name, false)
    }

    /// A field that every engine sends.
    pub(super) fn must(&self, name: &'a str) -> Self {
        // Below something that is absent or not an object, which is noted already, nothing is missed.
        self.field(name, matches!(self.value, Some(Json::Object(_))))
    }

    /// A map that every engine sends, if only as null, of which single entries are asked for.
    pub(super) fn must_map(&self, name: &'a str) -> Self {
        let mut map = self.must(name);
        map.is_must &= !matches!(map.value, Some(Json::Null));
        map
    }

    fn field(&self, name: &'a str, is_must: bool) -> Self {
        if self.is_must && matches!(self.value, Some(Json::Null)) {
            self.mistake::<()>("an object");
        }
        let value = self.fields().and_then(|fields| {
            let mut found = fields.iter().filter(|(field, _)| field == name);
            let value = found.next().map(|(_, value)| value);
            if found.next().is_some() {
                self.note::<()>(&self.path().key(name), "one value", "several".to_owned());
            }
            value
        });
        Self {
            value,
            is_must,
            above: self.path().clone(),
            name: Name::Field(name),
            path: OnceCell::new(),
            reading: self.reading,
        }
    }

    fn fields(&self) -> Option<&'a [(std::borrow::Cow<'a, str>, Json<'a>)]> {
        self.read(false, 0);
        match self.value {
            Some(Json::Object(fields)) => Some(fields),
            Some(Json::Null) => None,
            None => self.absent("an object"),
            Some(_) => self.mistake("an object"),
        }
    }

    /// Text that is not empty.
    pub(super) fn text(&self) -> Option<&'a str> {
        self.text_that_is(false)
    }

    fn text_that_is(&self, is_word: bool) -> Option<&'a str> {
        self.read(is_word, 32);
        let text = match self.value {
            Some(Json::Text(text)) => Some(&**text),
            _ => self.scalar("text"),
        };
        let text = text.filter(|text| !text.is_empty());
        self.weigh(text.map_or(0, str::len));
        text
    }

    /// Text that may not be empty either.
    pub(super) fn filled(&self) -> Option<&'a str> {
        let text = self.text();
        if matches!(self.value, Some(Json::Text(text)) if text.is_empty()) {
            self.wrong("text", "empty");
        }
        text
    }

    /// The text as an owned one, empty where it is not set.
    pub(super) fn string(&self) -> String {
        self.text().unwrap_or_default().to_owned()
    }

    /// Text that is a `T`; `expected` says which texts are.
    pub(super) fn parse<T: FromStr>(&self, expected: &str) -> Option<T> {
        let text = self.text_that_is(true)?;
        text.parse().ok().or_else(|| self.unknown(expected, text))
    }

    /// A text that is a time, as it is.
    pub(super) fn time(&self) -> String {
        let text = self.text_that_is(true).unwrap_or_default();
        if !text.is_empty() && text.parse::<jiff::Timestamp>().is_err() {
            return self.unknown("a time", text).unwrap_or_default();
        }
        text.to_owned()
    }

    /// One of a set of words.
    pub(super) fn word(&self, words: &[&str]) -> Option<&'a str> {
        let text = self.text_that_is(true)?;
        if words.contains(&text) {
            return Some(text);
        }
        self.unknown(&format!("one of {}", words.join(", ")), text)
    }

    /// Text that `is_known` knows.
    pub(super) fn known(
        &self,
        expected: &str,
        is_known: impl FnOnce(&str) -> bool,
    ) -> Option<&'a str> {
        let text = self.text_that_is(true)?;
        if is_known(text) {
            return Some(text);
        }
        self.unknown(expected, text)
    }

    /// A variable: its name and its value, of which nothing is ever shown. A name alone removes the
    /// variable that the image sets (moby, `container/env.go`).
    pub(super) fn variable(&self) -> Option<(&'a str, Option<&'a str>)> {
        let text = self.filled()?;
        let whole = text.split_once('=');
        Some(whole.map_or((text, None), |(name, value)| (name, Some(value))))
    }

    /// Whether it is true.
    pub(super) fn flag(&self) -> Option<bool> {
        self.read(false, 0);
        match self.value {
            Some(Json::Bool(value)) => Some(*value),
            _ => self.scalar("true or false"),
        }
    }

    /// A whole number.
    pub(super) fn number(&self) -> Option<i64> {
        self.read(false, 0);
        match self.value {
            Some(Json::Number(Some(number))) => Some(*number),
            _ => self.scalar("a whole number"),
        }
    }

    /// A number, with or without a fraction, as text.
    pub(super) fn fraction(&self) -> Option<String> {
        self.read(false, 0);
        match self.value {
            Some(Json::Number(Some(number))) => Some(number.to_string()),
            Some(Json::Fraction(number)) => Some(number.to_string()),
            _ => self.scalar("a number"),
        }
    }

    /// A whole number that is a `T`, such as a port.
    pub(super) fn number_that_is<T: TryFrom<i64>>(&self, expected: &str) -> Option<T> {
        let number = self.number()?;
        let value = T::try_from(number).ok();
        value.or_else(|| self.note(self.path(), expected, number.to_string()))
    }

    /// A number above zero, which is how engines write "no limit".
    pub(super) fn limit(&self) -> Option<u64> {
        let number = self.number().and_then(|number| u64::try_from(number).ok());
        number.filter(|number| *number > 0)
    }

    /// The entries of a list.
    pub(super) fn items(&self) -> impl Iterator<Item = Answer<'a>> + use<'a> {
        self.read(false, 0);
        let items = match self.value {
            Some(Json::List(items)) => &**items,
            Some(Json::Null) => &[],
            None => self.absent("a list").unwrap_or_default(),
            Some(_) => self.mistake("a list").unwrap_or_default(),
        };
        let (above, reading) = (self.path().clone(), self.reading);
        items.iter().enumerate().map(move |(index, value)| {
            reading.weigh(64);
            Answer {
                value: Some(value),
                is_must: true,
                above: above.clone(),
                name: Name::Entry(index),
                path: OnceCell::new(),
                reading,
            }
        })
    }

    /// The entries of a map.
    pub(super) fn entries(&self) -> Vec<(&'a str, Answer<'a>)> {
        let mut names = BTreeSet::new();
        let entries = self
            .fields()
            .unwrap_or_default()
            .iter()
            .map(|(name, value)| {
                self.weigh(256 + name.len());
                let answer = Answer {
                    value: Some(value),
                    is_must: true,
                    above: self.path().clone(),
                    name: Name::Field(name),
                    path: OnceCell::new(),
                    reading: self.reading,
                };
                if !names.insert(&**name) {
                    answer.wrong("one value", "several");
                }
                (&**name, answer)
            });
        entries.collect()
    }

    /// The texts of a list; an engine keeps the empty ones that it is sent.
    pub(super) fn texts(&self) -> Vec<String> {
        self.items().map(|item| item.string()).collect()
    }

    /// The words of a command: a list of texts, or one text (older versions of Podman).
    pub(super) fn words(&self) -> Option<Vec<String>> {
        if let Some(Json::Text(_)) = self.value {
            return Some(vec![self.text()?.to_owned()]);
        }
        let words: Vec<String> = self.items().map(|item| item.string()).collect();
        (!words.is_empty()).then_some(words)
    }

    /// The texts of a list, sorted, each once.
    pub(super) fn sorted(&self) -> Vec<String> {
        let mut texts = self.texts();
        texts.sort();
        texts.dedup();
        texts
    }

    /// The texts of a map.
    pub(super) fn map(&self) -> BTreeMap<String, String> {
        self.entries()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.string()))
            .collect()
    }

    /// Demands a map or null. Without it, the owner of the record is unknown.
    pub(super) fn demand_map(&self, what: &str) -> Result<(), String> {
        match self.value {
            None | Some(Json::Null | Json::Object(_)) => Ok(()),
            Some(other) => Err(format!(
                "`{}` of one of the {what} is {}, expected an object",
                self.path(),
                other.kind()
            )),
        }
    }

    /// An ID, which may become part of the path of a request.
    pub(super) fn id(&self) -> Option<&'a str> {
        let is_id = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == ':');
        self.known("an ID", is_id)
    }

    /// Demands an ID, without which a record is useless.
    pub(super) fn demand_id(&self, what: &str) -> Result<&'a str, String> {
        let id = self.id();
        id.ok_or_else(|| format!("the answer has {what} without a valid `{}`", self.path()))
    }

    /// Demands a text, without which a record is useless.
    pub(super) fn demand(&self, what: &str) -> Result<&'a str, String> {
        let text = self.text();
        text.ok_or_else(|| format!("the answer has {what} without a valid `{}`", self.path()))
    }

    /// Whether the field is absent or null.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, None | Some(Json::Null))
    }

    /// Notes that the field is not what it may be, where [`Answer::mistake`] does not say it.
    pub(super) fn wrong(&self, expected: &str, found: &str) {
        self.note::<()>(self.path(), expected, found.to_owned());
    }

    /// Notes that the field is not what it may be; `word` is how the engine has it.
    pub(super) fn unknown<T>(&self, expected: &str, word: &str) -> Option<T> {
        // What is not a plain word may be anything, and is not repeated.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/:".contains(c);
        let found = if word.len() <= MAX_WORD && word.chars().all(is_plain) {
            format!("`{word}`")
        } else {
            "another text".to_owned()
        };
        self.note(self.path(), expected, found)
    }

    /// Notes that something else than `expected` is here.
    pub(super) fn mistake<T>(&self, expected: &str) -> Option<T> {
        let found = self.value.map_or("absent", Json::kind);
        self.note(self.path(), expected, found.to_owned())
    }

    /// What is not a value of the kind that was asked for, where only one value may be.
    fn scalar<T>(&self, expected: &str) -> Option<T> {
        match self.value {
            None | Some(Json::Null) => self.absent(expected),
            Some(_) => self.mistake(expected),
        }
    }

    fn absent<T>(&self, expected: &str) -> Option<T> {
        if self.is_must {
            self.mistake(expected)
        } else {
            None
        }
    }

    fn note<T>(&self, path: &Path, expected: &str, found: String) -> Option<T> {
        self.reading.note(Misread {
            // A label's name may be of any length.
            field: path.to_string().chars().take(MAX_FIELD).collect(),
            expected: expected.to_owned(),
            found,
        });
        None
    }

    /// The path in the record.
    fn path(&self) -> &Path {
        self.path.get_or_init(|| match self.name {
            Name::Record => self.above.clone(),
            Name::Field(name) => self.above.key(name),
            Name::Entry(index) => self.above.index(index),
        })
    }

    fn weigh(&self, bytes: usize) {
        self.reading.weigh(bytes);
    }

    /// Notes that the field is read, and how much of it is kept.
    #[cfg_attr(not(test), allow(unused_variables))]
    fn read(&self, is_word: bool, bytes: usize) {
        self.weigh(bytes);
        #[cfg(test)]
        {
            let mut fields = self.reading.fields.borrow_mut();
            let field = fields.entry(self.path().to_string()).or_default();
            field.is_must |= self.is_must;
            field.is_word |= is_word;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;
    use crate::docker::json::Json;
    use crate::docker::reading::{MAX_MISREAD, Reading};

    /// What is not readable of a record.
    fn misread(text: &str, read: impl Fn(&Answer<'_>)) -> Vec<String> {
        let json = Json::parse(text.as_bytes()).unwrap();
        let reading = Reading::default();
        read(&Answer::record(&json, &reading));
        reading
            .misread()
            .into_iter()
            .map(|one| format!("{}: {}, {}", one.field, one.expected, one.found))
            .collect()
    }

    #[test]
    fn optional_and_required_fields() {
        let optional = |answer: &Answer<'_>| {
            assert_eq!(answer.at("a").number(), None);
            assert_eq!(answer.at("o").at("a").text(), None);
            assert!(answer.at("l").texts().is_empty());
        };
        for text in ["{}", r#"{"a":null,"o":null,"l":null}"#] {
            assert_eq!(misread(text, optional), Vec::<String>::new(), "{text}");
        }
        let must = |answer: &Answer<'_>| {
            answer.must("a").number();
            answer.must("o").must("a").text();
            answer.must("l").texts();
            answer.must("m").map();
            answer.must_map("n").at("a").text();
        };
        let absent = [
            "a: a whole number, absent",
            "o: an object, absent",
            "l: a list, absent",
            "m: an object, absent",
            "n: an object, absent",
        ];
        assert_eq!(misread("{}", must), absent);
        let null = r#"{"a":null,"o":null,"l":null,"m":null,"n":null}"#;
        assert_eq!(
            misread(null, must),
            ["a: a whole number, null", "o: an object, null"]
        );
    }

    #[test]
    fn null_in_a_list_or_a_map() {
        let read = |answer: &Answer<'_>| {
            answer.must("l").texts();
            answer.must("m").map();
            let items = answer.must("o").items();
            assert_eq!(items.filter_map(|item| item.must("a").text()).count(), 0);
        };
        let text = r#"{"l":["a",null],"m":{"a":null},"o":[null]}"#;
        let expected = [
            "l[1]: text, null",
            "m.a: text, null",
            "o[0]: an object, null",
        ];
        assert_eq!(misread(text, read), expected);
    }

    /// Which of them the engine means is unknown.
    #[test]
    fn a_field_that_is_listed_twice() {
        let read = |answer: &Answer<'_>| {
            answer.must("a").flag();
            answer.must("m").map();
        };
        let text = r#"{"a":true,"a":false,"m":{"b":"","b":""}}"#;
        assert_eq!(
            misread(text, read),
            ["a: one value, several", "m.b: one value, several"]
        );
    }

    #[test]
    fn only_so_much_is_noted_of_a_record() {
        let many = format!("{{\"l\":[{}7]}}", "7,".repeat(100));
        let noted = misread(&many, |answer| drop(answer.must("l").texts()));
        assert_eq!(noted.len(), MAX_MISREAD);
        let long = format!("{{\"m\":{{\"{}\":7}}}}", "k".repeat(10_000));
        let noted = misread(&long, |answer| drop(answer.must("m").map()));
        assert!(noted.iter().all(|line| line.len() < 300));
    }
}
