//! Places in recorded answers, at which they can be damaged.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The request for the list of containers.
pub(super) const CONTAINERS: &str = "/containers/json?all=1";

/// Answers by the paths of their requests.
pub(in crate::docker) type Answers = BTreeMap<String, Value>;

/// The records of the answers, by their requests, numbers, and pointers into the answers.
pub(in crate::docker) fn records(answers: &Answers) -> Vec<Place> {
    let mut records = Vec::new();
    for (request, answer) in answers {
        let (prefix, list) = match answer {
            Value::Array(list) => ("", list),
            answer if request == "/volumes" => ("/Volumes", answer["Volumes"].as_array().unwrap()),
            _ => {
                records.push(Place::of_record(request, 0, String::new()));
                continue;
            }
        };
        let numbers = 0..list.len();
        records.extend(
            numbers.map(|number| Place::of_record(request, number, format!("{prefix}/{number}"))),
        );
    }
    records
}

/// The answers of an engine on which there is nothing but one record, and what is asked because of it.
pub(in crate::docker) fn alone(answers: &Answers, record: &Place) -> (Answers, Place) {
    let mut few = answers.clone();
    let at = |path: &str| record.request == path;
    let id = match &answers[&record.request] {
        Value::Object(inspection) => inspection.get("Id"),
        Value::Array(list) => list[record.number].get("Id"),
        _ => None,
    };
    let keep = |path: &str, number: usize, value: &Value| {
        let is_asked_for = path == CONTAINERS && id.is_some() && value.get("Id") == id
            || at_image(&record.request) && path == CONTAINERS;
        at(path) && number == record.number || !at(path) && is_asked_for
    };
    for (path, answer) in &mut few {
        let list = match answer {
            Value::Array(list) => list,
            answer if path == "/volumes" => answer["Volumes"].as_array_mut().unwrap(),
            _ => continue,
        };
        let mut number = 0;
        list.retain(|value| {
            number += 1;
            keep(path, number - 1, value)
        });
    }
    if !at("/info") {
        few.insert("/info".into(), json!({ "ID": "1" }));
    }
    let is_in_list = !record.record.is_empty();
    let place = Place {
        record: if is_in_list {
            record
                .record
                .trim_end_matches(|c: char| c.is_ascii_digit())
                .to_owned()
                + "0"
        } else {
            String::new()
        },
        ..record.clone()
    };
    (few, place)
}

pub(in crate::docker) fn at_image(request: &str) -> bool {
    request.starts_with("/images/sha")
}

/// A value in an answer.
#[derive(Debug, Clone)]
pub(in crate::docker) struct Place {
    pub(in crate::docker) request: String,
    /// The record's number, and the pointer to it.
    pub(in crate::docker) number: usize,
    pub(in crate::docker) record: String,
    /// The path of the field in the record, and the pointer to it.
    pub(in crate::docker) field: String,
    pub(in crate::docker) pointer: String,
    /// Whether it is an entry of a list, which may have fewer.
    pub(in crate::docker) is_item: bool,
}

impl Place {
    pub(in crate::docker) fn of_record(request: &str, number: usize, record: String) -> Self {
        Self {
            request: request.to_owned(),
            number,
            record,
            field: String::new(),
            pointer: String::new(),
            is_item: false,
        }
    }

    /// A field of the record.
    pub(in crate::docker) fn field(&self, pointer: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            ..self.clone()
        }
    }

    /// The value, where it is there.
    pub(in crate::docker) fn find<'a>(&self, answers: &'a mut Answers) -> Option<&'a mut Value> {
        let answer = answers.get_mut(&self.request)?;
        answer.pointer_mut(&format!("{}{}", self.record, self.pointer))
    }

    pub(in crate::docker) fn of<'a>(&self, answers: &'a mut Answers) -> &'a mut Value {
        self.find(answers).unwrap()
    }

    /// Takes the field away.
    pub(in crate::docker) fn remove(&self, answers: &mut Answers) {
        let (above, key) = self.pointer.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        let above = self.field(above);
        above.of(answers).as_object_mut().unwrap().remove(&key);
    }

    /// The values in it, and in them.
    pub(in crate::docker) fn inner(&self, answers: &mut Answers) -> Vec<Self> {
        let value = self.of(answers).clone();
        let mut places = Vec::new();
        walk(&value, self, &mut places);
        places
    }
}

fn walk(value: &Value, at: &Place, places: &mut Vec<Place>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    let inner: Vec<(String, String, bool, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| {
                let dot = if at.field.is_empty() { "" } else { "." };
                let field = format!("{}{dot}{key}", at.field);
                let pointer = format!("{}/{}", at.pointer, escaped(key));
                (pointer, field, false, value)
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let field = format!("{}[{index}]", at.field);
                (format!("{}/{index}", at.pointer), field, true, value)
            })
            .collect(),
        _ => Vec::new(),
    };
    for (pointer, field, is_item, value) in inner {
        let place = Place {
            field,
            pointer,
            is_item,
            ..at.clone()
        };
        places.push(place.clone());
        walk(value, &place, places);
    }
}
