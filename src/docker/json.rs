//! A part of an answer as a tree: texts are borrowed from the answer's bytes, and the number of
//! values is limited, so that the tree is never much larger than its text.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How many values one record may have. An inspection of a container has about 500.
const MAX_VALUES: usize = 200_000;
/// How long one text may be, in bytes. The kernel takes no variable or argument of more than 128 KiB.
/// But a swarm takes configs of 1000 KiB, and shows them in base64.
const MAX_TEXT: usize = 2 << 20;

/// A JSON value.
#[derive(Debug, PartialEq)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    /// A number; `None` where it is a whole number of more than 64 bits.
    Number(Option<i64>),
    /// A number with a fraction.
    Fraction(f64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    /// The fields in the order of the text; a name that is listed twice is kept twice.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// Parses a whole value.
    ///
    /// # Errors
    /// A text that is not JSON, or that has more values or longer texts than any engine sends.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let left = Cell::new(MAX_VALUES);
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let value = Seed(&left).deserialize(&mut deserializer);
        value
            .and_then(|value| deserializer.end().map(|()| value))
            .map_err(|error| {
                // Only the limits below refuse what is valid.
                let what = if error.is_data() {
                    "too large"
                } else {
                    "not valid JSON"
                };
                format!("the answer is {what}: {error}")
            })
    }

    /// What kind of value it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Number(_) | Self::Fraction(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

/// Builds a value, with the number of values that are still allowed.
#[derive(Clone, Copy)]
struct Seed<'c>(&'c Cell<usize>);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        let left = self.0.get().checked_sub(1);
        let left =
            left.ok_or_else(|| D::Error::custom(format!("more than {MAX_VALUES} values")))?;
        self.0.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(Some(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(i64::try_from(value).ok()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Fraction(value))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Json<'de>, E> {
        short(value).map(|()| Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json<'de>, E> {
        short(value).map(|()| Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        items.shrink_to_fit();
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = access.next_key_seed(self)? {
            let value = access.next_value_seed(self)?;
            // The names of a JSON object are texts; nothing else gets here.
            if let Json::Text(name) = name {
                fields.push((name, value));
            }
        }
        fields.shrink_to_fit();
        Ok(Json::Object(fields))
    }
}

fn short<E: Error>(text: &str) -> Result<(), E> {
    if text.len() > MAX_TEXT {
        return Err(E::custom(format!(
            "a text of more than {} MiB",
            MAX_TEXT >> 20
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Json, MAX_TEXT, MAX_VALUES};

    #[test]
    fn a_value_of_every_kind() {
        let json = Json::parse(br#"{"a":[null,true,1,-1,1.5,18446744073709551615,"\u0041"]}"#);
        let items = vec![
            Json::Null,
            Json::Bool(true),
            Json::Number(Some(1)),
            Json::Number(Some(-1)),
            Json::Fraction(1.5),
            Json::Number(None),
            Json::Text("A".into()),
        ];
        assert_eq!(
            json,
            Ok(Json::Object(vec![("a".into(), Json::List(items))]))
        );
    }

    #[test]
    fn invalid_json_and_more_than_any_engine_sends() {
        let deep = "[".repeat(100_000);
        let many = format!("[{}0]", "0,".repeat(MAX_VALUES));
        let long = format!("\"{}\"", "a".repeat(MAX_TEXT + 1));
        let broken = ["", "{", "[1,]", "{} {}", "{\"a\" 1}", "nul"];
        for text in broken.into_iter().chain([&*deep, &*many, &*long]) {
            assert!(Json::parse(text.as_bytes()).is_err());
        }
        assert!(Json::parse(b"\"\xff\"").is_err());
    }
}
