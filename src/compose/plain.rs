//! A file as plain data, for expressions that people write about it: like `docker compose config --format json`,
//! but that amounts are numbers. What depends on a variable without a value is the text as it is written.

use serde_json::{Map, Number, Value};

use super::fields::{FILE, Field, Meaning};
use super::quantities::{bytes, float, nanoseconds};
use super::tree::{Kind, Node};
use super::view::{At, flag, pairs};
use super::written::Written;
use crate::source::Place;
use crate::text::command_line::split;

/// A value of a file, with what is said where something is wrong with it.
#[derive(Debug)]
pub(crate) struct Plain<'a> {
    /// Its key; that of its list, if it is an item.
    pub(crate) name: String,
    /// The service that it belongs to.
    pub(crate) service: Option<&'a str>,
    pub(crate) value: Value,
    at: At<'a>,
    /// The value as it is written, or what is above it where no file has it.
    written: At<'a>,
}

impl Plain<'_> {
    /// Where it is written: its key, where it is a mapping.
    pub(crate) fn place(&self) -> Place {
        if self.written.is_mapping() {
            self.written.key_place()
        } else {
            self.written.place()
        }
    }
}

/// A value on the way to those that are looked for.
struct Found<'a> {
    plain: Plain<'a>,
    field: Option<&'static Field>,
    /// `KEY=VALUE` is a text, and its value another one.
    is_pair: bool,
    /// Whether it is the section of the services.
    is_services: bool,
}

impl Written {
    /// The file as data.
    pub(crate) fn plain(&self) -> Value {
        plain(Some(&FILE), self.model().node)
    }

    /// The values at the end of a path of keys, in which `*` stands for any key or item.
    pub(crate) fn each_plain(&self, path: &[&str]) -> Vec<Plain<'_>> {
        let root = Found {
            plain: Plain {
                name: String::new(),
                service: None,
                value: Value::Null,
                at: self.model(),
                written: self.model(),
            },
            field: Some(&FILE),
            is_pair: false,
            is_services: false,
        };
        let mut found = Vec::new();
        self.descend(root, path, path.first() == Some(&"services"), &mut found);
        let values = found.into_iter().map(|found| Plain {
            value: if found.is_pair {
                found.plain.value
            } else {
                plain(found.field, found.plain.at.node)
            },
            ..found.plain
        });
        values.collect()
    }

    /// Adds what is at the end of a path below a value. `is_services` says whether its first key is that of the services.
    fn descend<'a>(
        &'a self,
        from: Found<'a>,
        path: &[&str],
        is_services: bool,
        found: &mut Vec<Found<'a>>,
    ) {
        if path.is_empty() {
            found.push(from);
            return;
        }
        let is_service = from.is_services;
        for mut below in from.below() {
            let Some(rest) = below.rest(path) else {
                continue;
            };
            if is_service {
                let Some(service) = self.service(&below.plain.name) else {
                    continue;
                };
                below.plain.service = Some(service.name);
            }
            below.is_services = is_services;
            self.descend(below, rest, false, found);
        }
    }
}

impl<'a> Found<'a> {
    /// What is left of a path behind this value, which its first key means, or the first ones: a key may have dots.
    fn rest<'p>(&self, path: &'p [&'p str]) -> Option<&'p [&'p str]> {
        let (first, rest) = path.split_first()?;
        if *first == "*" {
            return Some(rest);
        }
        if self.is_item() {
            return None;
        }
        let mut rest = path;
        for part in self.plain.name.split('.') {
            let (key, behind) = rest.split_first()?;
            rest = Some(behind).filter(|_| *key == part)?;
        }
        Some(rest)
    }

    fn is_item(&self) -> bool {
        self.plain.at.name().is_none() && !self.is_pair
    }

    /// What is directly below it.
    fn below(&self) -> Vec<Self> {
        let at = self.plain.at;
        if is_pairs(self.field, at.node) {
            let pairs = at.pairs();
            return pairs
                .map(|pair| self.child(pair.name, pair.at, text(pair.value), true))
                .collect();
        }
        let entries = at.entries();
        let entries =
            entries.map(|(key, entry)| self.child(key.to_owned(), entry, Value::Null, false));
        let items = at
            .items()
            .map(|item| self.child(self.plain.name.clone(), item, Value::Null, false));
        let itself = is_only_item(self.field, at.node)
            .then(|| self.child(self.plain.name.clone(), at, Value::Null, false));
        entries.chain(items).chain(itself).collect()
    }

    fn child(&self, name: String, at: At<'a>, value: Value, is_pair: bool) -> Self {
        let field = match at.name() {
            Some(key) => Field::below(self.field, key),
            None => self.field.and_then(|field| Some(field.list?.items)),
        };
        Found {
            plain: Plain {
                name,
                service: self.plain.service,
                value,
                at,
                written: if at.is_declared() {
                    at
                } else {
                    self.plain.written
                },
            },
            field,
            is_pair,
            is_services: false,
        }
    }
}

/// Whether a list stands for a mapping.
fn is_pairs(field: Option<&'static Field>, node: &Node) -> bool {
    let is_either = field.is_some_and(|field| field.list.is_some() && field.map.is_some());
    is_either && node.as_list().is_some()
}

/// Whether a text stands for a list of which it is the only item.
fn is_only_item(field: Option<&'static Field>, node: &Node) -> bool {
    let is_list = |field: &Field| field.list.is_some() && field.meaning.is_none();
    field.is_some_and(is_list) && node.as_text().is_some()
}

fn text(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::String)
}

fn plain(field: Option<&'static Field>, node: &Node) -> Value {
    match &node.kind {
        Kind::Null | Kind::Date => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Int(number) => {
            let number = number.get();
            let whole = i64::try_from(number).map(Value::from);
            whole
                .or_else(|_| u64::try_from(number).map(Value::from))
                .unwrap_or_default()
        }
        Kind::Float(number) => decimal(*number),
        Kind::Text(text) => {
            let meaning = field.and_then(|field| field.meaning);
            let meant = meaning
                .filter(|_| node.unset.is_none())
                .and_then(|meaning| meant_by(meaning, text, node));
            meant.unwrap_or_else(|| {
                let text = Value::String(text.clone());
                if is_only_item(field, node) {
                    return Value::Array(vec![text]);
                }
                text
            })
        }
        Kind::List(_) if is_pairs(field, node) => {
            let hosts = field.is_some_and(|field| matches!(field.meaning, Some(Meaning::Hosts)));
            let entries = pairs(node).map(|(name, value, _)| match name.split_once(':') {
                Some((name, address)) if hosts && value.is_none() => {
                    (name.to_owned(), Value::String(address.to_owned()))
                }
                _ => (name, text(value)),
            });
            Value::Object(entries.collect())
        }
        Kind::List(items) => {
            let of = field.and_then(|field| Some(field.list?.items));
            Value::Array(items.iter().map(|item| plain(of, item)).collect())
        }
        Kind::Map(map) => {
            let entries = map.iter().map(|(key, entry)| {
                let value = plain(Field::below(field, key), &entry.value);
                (key.clone(), value)
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

fn meant_by(meaning: Meaning, text: &str, node: &Node) -> Option<Value> {
    match meaning {
        Meaning::Bytes => bytes(text).map(Value::from),
        #[allow(clippy::cast_precision_loss, reason = "seconds of a time, for people")]
        Meaning::Duration => nanoseconds(text).map(|nanoseconds| decimal(nanoseconds as f64 / 1e9)),
        Meaning::Fraction | Meaning::Number => float(text).map(decimal),
        Meaning::Whole | Meaning::Count => text.parse::<i64>().ok().map(Value::from),
        Meaning::Boolean => flag(node).map(Value::Bool),
        Meaning::Command => {
            let words = split(text)?;
            Some(Value::Array(words.into_iter().map(Value::String).collect()))
        }
        Meaning::Test => Some(Value::from(["CMD-SHELL", text].map(Value::from).to_vec())),
        _ => None,
    }
}

/// A number, whole where it has no fraction.
#[allow(
    clippy::cast_possible_truncation,
    reason = "it is whole and small enough"
)]
fn decimal(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}
