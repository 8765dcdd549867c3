//! The value of a field, in one form for what a file asks for and for what an engine shows.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ATTACHMENT, Field, Form, MOUNT, NETWORK, SERVICE, STACK, STACK_FILE, VOLUME};
use crate::redact::{Sensitive, serialize_named};

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// True or false.
    Flag(bool),
    /// A number in the unit of the form.
    Number(i64),
    /// A text.
    Text(Sensitive),
    /// Texts, sorted where their order does not matter.
    List(Vec<String>),
    /// The words of a command.
    Words(Vec<Sensitive>),
    /// Values by name; `None` where one is not known.
    Map(BTreeMap<String, Option<Sensitive>>),
}

/// The fields that are set, by their paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<&'static str, Value>);

static NO_ENTRIES: BTreeMap<String, Option<Sensitive>> = BTreeMap::new();

impl Values {
    /// Sets a field.
    pub fn set(&mut self, field: &Field, value: Value) {
        self.0.insert(field.path, value);
    }

    /// Sets the field at a path of a table.
    pub(crate) fn insert(&mut self, path: &'static str, value: Value) {
        self.0.insert(path, value);
    }

    /// Takes out the empty texts of name servers and search domains, which say nothing.
    pub(crate) fn drop_empty_names(&mut self) {
        for path in ["dns", "dns_search"] {
            if let Some(Value::List(list)) = self.get_mut(path) {
                list.retain(|one| !one.is_empty());
                if list.is_empty() {
                    self.take(path);
                }
            }
        }
    }

    /// Removes the value of a field.
    pub fn take(&mut self, path: &str) -> Option<Value> {
        self.0.remove(path)
    }

    /// Keeps the fields with these paths.
    pub fn retain(&mut self, keeps: impl Fn(&str) -> bool) {
        self.0.retain(|path, _| keeps(path));
    }

    /// The value of the field at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.0.get(path)
    }

    /// The value of the field at a path, to be changed.
    pub fn get_mut(&mut self, path: &str) -> Option<&mut Value> {
        self.0.get_mut(path)
    }

    /// Whether a field is set and true.
    #[must_use]
    pub fn is_on(&self, path: &str) -> bool {
        self.get(path) == Some(&Value::Flag(true))
    }

    /// The number of a field.
    #[must_use]
    pub fn number(&self, path: &str) -> Option<i64> {
        match self.get(path) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// The text of a field.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.get(path) {
            Some(Value::Text(text)) => Some(text.revealed()),
            _ => None,
        }
    }

    /// The texts of a field.
    #[must_use]
    pub fn list(&self, path: &str) -> &[String] {
        match self.get(path) {
            Some(Value::List(list)) => list,
            _ => &[],
        }
    }

    /// The words of a field.
    #[must_use]
    pub fn words(&self, path: &str) -> Option<&[Sensitive]> {
        match self.get(path) {
            Some(Value::Words(words)) => Some(words),
            _ => None,
        }
    }

    /// Whether it has a health check, as against one that is turned off; `None` if it does not say.
    #[must_use]
    pub fn has_health_check(&self) -> Option<bool> {
        let word = self.words("healthcheck.test")?.first();
        Some(word.is_some_and(|word| word.revealed() != "NONE"))
    }

    /// The names and values of a field.
    #[must_use]
    pub fn map(&self, path: &str) -> &BTreeMap<String, Option<Sensitive>> {
        match self.get(path) {
            Some(Value::Map(map)) => map,
            _ => &NO_ENTRIES,
        }
    }

    /// The fields that are set.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(path, value)| (*path, value))
    }

    /// Changes every text that may be secret; it is given with its name.
    pub fn seal(&mut self, seal: &dyn Fn(&str, &Sensitive) -> Sensitive) {
        for (path, value) in &mut self.0 {
            let name = path.split('.').next().unwrap_or_default();
            match value {
                Value::Words(words) => words.iter_mut().for_each(|word| *word = seal(name, word)),
                Value::Map(map) => {
                    for (name, value) in map {
                        *value = value.as_ref().map(|value| seal(name, value));
                    }
                }
                Value::Text(text) => *text = seal(name, text),
                Value::Flag(_) | Value::Number(_) | Value::List(_) => {}
            }
        }
    }
}

impl Value {
    /// Whether it is a list or a map without entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::List(list) => list.is_empty(),
            Self::Words(words) => words.is_empty(),
            Self::Map(map) => map.is_empty(),
            Self::Flag(_) | Self::Number(_) | Self::Text(_) => false,
        }
    }
}

impl FromIterator<(&'static str, Value)> for Values {
    fn from_iter<T: IntoIterator<Item = (&'static str, Value)>>(values: T) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => flag.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
            Self::List(list) => list.serialize(serializer),
            Self::Words(words) => words.serialize(serializer),
            Self::Map(map) => serialize_named(map, serializer),
        }
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write(SERVICE, serializer)
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByField(SERVICE))
    }
}

impl Values {
    fn write<S: Serializer>(&self, table: &[Field], serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in table {
            match self.0.get(field.path) {
                Some(value) => map.serialize_entry(field.name(), value)?,
                None if field.written.is_none() => {}
                None if field.form == Form::Flag => map.serialize_entry(field.name(), &false)?,
                None if field.form.is_list() => map.serialize_entry(field.name(), &[(); 0])?,
                None if field.form.is_map() => map.serialize_entry(field.name(), &NO_ENTRIES)?,
                None => map.serialize_entry(field.name(), &())?,
            }
        }
        map.end()
    }
}

/// How the fields of other things than services are written and read.
macro_rules! written {
    ($($name:ident: $table:expr),*) => { $(
        pub(crate) mod $name {
            use serde::{Deserializer, Serializer};

            use super::{ByField, Values};

            pub(crate) fn serialize<S: Serializer>(values: &Values, to: S) -> Result<S::Ok, S::Error> {
                values.write($table, to)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Values, D::Error> {
                from.deserialize_map(ByField($table))
            }
        }
    )* };
}

written!(attachment: super::ATTACHMENT, of_mount: super::MOUNT, network: super::NETWORK, of_stack: super::STACK,
    of_stack_file: super::STACK_FILE, volume: super::VOLUME);

/// What older snapshots call a field.
fn path_of(name: &str) -> &str {
    match name {
        "memory" => "mem_limit",
        "nano_cpus" => "cpus",
        "pids" => "pids_limit",
        "healthcheck" => "healthcheck.test",
        _ => name,
    }
}

/// The entries of a map; in older snapshots some have only names.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entries {
    Map(BTreeMap<String, Option<Sensitive>>),
    Names(Vec<String>),
}

/// Reads values by the forms of the fields of a table.
struct ByField(&'static [Field]);

impl<'de> Visitor<'de> for ByField {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fields by their names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Values, A::Error> {
        let mut values = Values::default();
        while let Some(name) = entries.next_key::<String>()? {
            let path = path_of(&name);
            let Some(field) = self.0.iter().find(|field| field.name() == path) else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = match field.form {
                Form::Flag => {
                    let flag = entries.next_value::<Option<bool>>()?;
                    flag.filter(|flag| *flag).map(Value::Flag)
                }
                Form::Switch => entries.next_value::<Option<bool>>()?.map(Value::Flag),
                form if form.is_number() => entries.next_value::<Option<i64>>()?.map(Value::Number),
                form if form.is_map() => entries.next_value::<Option<Entries>>()?.map(|entries| {
                    let nothing = |name| (name, Some(Sensitive::public("")));
                    Value::Map(match entries {
                        Entries::Map(map) => map,
                        Entries::Names(names) => names.into_iter().map(nothing).collect(),
                    })
                }),
                form if form.is_words() => entries.next_value::<Option<_>>()?.map(Value::Words),
                form if form.is_list() => entries.next_value::<Option<_>>()?.map(Value::List),
                _ => entries.next_value::<Option<_>>()?.map(Value::Text),
            };
            // An entrypoint may have no words.
            let is_set = |value: &Value| !value.is_empty() || matches!(value, Value::Words(_));
            if let Some(value) = value.filter(is_set) {
                values.set(field, value);
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, Values};
    use crate::redact::Sensitive;

    #[test]
    fn values_are_read_by_the_forms_of_their_fields() {
        let sysctls = [("net.x".to_owned(), Some(Sensitive::public("1")))].into();
        let values: Values = [
            ("privileged", Value::Flag(true)),
            ("mem_limit", Value::Number(1 << 20)),
            ("user", Value::Text(Sensitive::public("1000"))),
            ("dns", Value::List(vec!["1.1.1.1".into()])),
            ("sysctls", Value::Map(sysctls)),
        ]
        .into_iter()
        .collect();
        let json = crate::redact::to_json(&values).unwrap();
        assert_eq!(serde_json::from_str::<Values>(&json).unwrap(), values);
    }

    #[test]
    fn older_snapshots_have_other_names_and_null() {
        let old = r#"{"memory": 1048576, "user": null, "privileged": false, "tmpfs": ["/t"], "hostname": "x"}"#;
        let values: Values = serde_json::from_str(old).unwrap();
        assert_eq!(values.number("mem_limit"), Some(1 << 20));
        assert!(values.map("tmpfs").contains_key("/t"));
        assert_eq!(values.iter().count(), 3);
    }
}
