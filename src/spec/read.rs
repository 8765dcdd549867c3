//! Reading the values of a spec: their types say how.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Display;
use std::str::FromStr;

use serde_yaml::Value;

use super::located::Located;
use crate::diagnostic::{Diagnostic, Diagnostics, Words};
use crate::source::Place;
use crate::state::PortRange;
use crate::text::expected;
use crate::yaml::{Cursor, Fields, TreeContent};

/// A value that a spec can hold.
pub(super) trait Readable: Sized {
    /// Reads the value, and notes what is wrong with it.
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self>;

    /// What makes two entries of a list the same one, where a list may hold each only once.
    fn identity(&self) -> Option<String> {
        None
    }

    /// What it may be, as a JSON Schema.
    #[cfg(test)]
    fn schema() -> serde_json::Value;
}

impl Readable for bool {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        cursor.boolean(problems)
    }

    #[cfg(test)]
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "boolean" })
    }
}

impl Readable for String {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        cursor.text(problems).map(str::to_owned)
    }

    #[cfg(test)]
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "minLength": 1 })
    }
}

/// The number of a port.
impl Readable for u16 {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let number = cursor.whole(1, 65535, problems)?;
        Self::try_from(number).ok()
    }

    #[cfg(test)]
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "integer", "minimum": 1, "maximum": 65535 })
    }
}

/// A port, or a range of ports in a text.
impl Readable for PortRange {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        if let Some(Value::String(_)) = cursor.scalar() {
            return cursor.parse(problems);
        }
        Self::one(u16::read(cursor, problems)?)
    }

    #[cfg(test)]
    fn schema() -> serde_json::Value {
        let range = serde_json::json!({ "type": "string", "pattern": "^[0-9]+(-[0-9]+)?$" });
        serde_json::json!({ "anyOf": [u16::schema(), range] })
    }
}

impl<T: Readable> Readable for Option<T> {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        T::read(cursor, problems).map(Some)
    }

    #[cfg(test)]
    fn schema() -> serde_json::Value {
        T::schema()
    }
}

impl<T: Readable> Readable for Located<T> {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        located(cursor, T::read(cursor, problems))
    }

    #[cfg(test)]
    fn schema() -> serde_json::Value {
        T::schema()
    }
}

/// The error of what a list may hold only once.
pub(super) fn listed_twice(what: &str, again: Place, first: &Place) -> Diagnostic {
    Diagnostic::new(format!("{what} is listed twice"), again)
        .label("listed again here")
        .related(first, "first listed here")
}

impl<T: Readable> Readable for Vec<Located<T>> {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let mut list = Self::new();
        let mut known: HashMap<String, Place> = HashMap::new();
        if !matches!(cursor.tree().content(), TreeContent::List(_)) {
            cursor.mismatch("a list", problems);
            return None;
        }
        for item in cursor.list(problems) {
            let Some(entry) = Located::<T>::read(&item, problems) else {
                continue;
            };
            if let Some(identity) = entry.value.identity() {
                if let Some(first) = known.get(&identity) {
                    problems.push(listed_twice(&format!("`{identity}`"), entry.place, first));
                    continue;
                }
                known.insert(identity, entry.place.clone());
            }
            list.push(entry);
        }
        Some(list)
    }

    #[cfg(test)]
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "array", "items": T::schema() })
    }
}

impl<K, V> Readable for BTreeMap<K, V>
where
    K: FromStr + Ord + Display,
    K::Err: Display,
    V: Readable,
{
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        Some(read_map(cursor, V::read, problems))
    }

    #[cfg(test)]
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "object", "additionalProperties": V::schema() })
    }
}

/// Reads a mapping whose keys are each a `K`.
pub(super) fn read_map<K, V>(
    cursor: &Cursor<'_>,
    mut read: impl FnMut(&Cursor<'_>, &mut Diagnostics) -> Option<V>,
    problems: &mut Diagnostics,
) -> BTreeMap<K, V>
where
    K: FromStr + Ord + Display,
    K::Err: Display,
{
    let mut map = BTreeMap::<K, V>::new();
    for (key, value) in keyed(cursor, problems) {
        match read(&value, problems) {
            Some(value) => {
                map.insert(key, value);
            }
            None => problems.unreadable(key.to_string()),
        }
    }
    map
}

/// The entries of a mapping whose keys are each a `K`.
pub(super) fn keyed<'a, K>(cursor: &Cursor<'a>, problems: &mut Diagnostics) -> Vec<(K, Cursor<'a>)>
where
    K: FromStr,
    K::Err: Display,
{
    let mut entries = Vec::new();
    for (key, value) in cursor.entries(problems) {
        match key.parse::<K>() {
            Ok(key) => entries.push((key, value)),
            Err(error) => {
                problems.unreadable(key);
                let message = format!("`{key}` is not a valid name");
                problems.push(Diagnostic::new(message, value.key_place()).label(error.to_string()));
            }
        }
    }
    entries
}

/// Notes a list or mapping with nothing in it, where at least one of something is `expected`.
pub(super) fn demand_one(
    cursor: &Cursor<'_>,
    expected: &str,
    help: &'static str,
    problems: &mut Diagnostics,
) {
    if cursor.is_empty() {
        let message = format!("{} is empty", cursor.name());
        problems.push(
            Diagnostic::new(Words::named(message), cursor.place())
                .label(format!("expected at least one {expected}"))
                .help(help),
        );
    }
}

/// A value at a cursor's place.
pub(super) fn located<T>(cursor: &Cursor<'_>, value: Option<T>) -> Option<Located<T>> {
    value.map(|value| Located::new(value, cursor.place()))
}

/// A value at the place of its key.
pub(super) fn at_key<T: Readable>(
    cursor: &Cursor<'_>,
    problems: &mut Diagnostics,
) -> Option<Located<T>> {
    T::read(cursor, problems).map(|value| Located::new(value, cursor.key_place()))
}

/// A field that must be set.
pub(super) fn required<T: Readable>(
    fields: &mut Fields<'_>,
    key: &'static str,
    problems: &mut Diagnostics,
) -> Option<T> {
    let cursor = fields.required(key, problems)?;
    T::read(&cursor, problems)
}

/// A field that may be left out; one that cannot be read is noted and treated as left out.
pub(super) fn optional<T: Readable + Default>(
    fields: &mut Fields<'_>,
    key: &'static str,
    problems: &mut Diagnostics,
) -> T {
    let Some(cursor) = fields.optional(key) else {
        return T::default();
    };
    T::read(&cursor, problems).unwrap_or_else(|| {
        problems.unreadable(fields.owner().field(key));
        T::default()
    })
}

/// A reference that leads nowhere.
pub(super) fn dangling<T: Display>(
    what: &str,
    name: &Located<T>,
    known: impl IntoIterator<Item = impl Display>,
) -> Diagnostic {
    let mut known: Vec<String> = known.into_iter().map(|name| name.to_string()).collect();
    // An environment may have a service that the catalogue has as well.
    let mut seen = HashSet::new();
    known.retain(|name| seen.insert(name.clone()));
    let label = if known.is_empty() {
        format!("no {what} is declared")
    } else {
        expected::one_of(&known)
    };
    Diagnostic::new(format!("there is no {what} `{}`", name.value), &name.place)
        .label(label)
        .did_you_mean(&name.to_string(), known.iter().map(String::as_str))
        .follows_from(name.to_string())
        .follows_from_field(format!("{what}s"))
}

/// Declares a struct together with the mapping that it is read from. Each line is a field:
///
/// - `required name: T` and `optional name: T` are read from the key of that name;
/// - `computed name: T = expression` is an `Option<T>`, from the cursor, its fields and all fields above.
///
/// All fields are read before the first one that is missing fails the whole.
macro_rules! record {
    (@required $field:ident $type:ty, $fields:ident, $problems:ident) => {
        $crate::spec::read::required::<$type>(&mut $fields, stringify!($field), $problems)
    };
    (@optional $field:ident $type:ty, $fields:ident, $problems:ident) => {
        Some($crate::spec::read::optional::<$type>(&mut $fields, stringify!($field), $problems))
    };
    (@computed $field:ident $type:ty, $fields:ident, $problems:ident, $value:expr) => {
        $value
    };
    (@schema required $field:ident $type:ty, $schema:ident, $docs:expr) => {
        $schema.field(stringify!($field), true, &$docs, <$type as $crate::spec::read::Readable>::schema())
    };
    (@schema optional $field:ident $type:ty, $schema:ident, $docs:expr) => {
        $schema.field(stringify!($field), false, &$docs, <$type as $crate::spec::read::Readable>::schema())
    };
    // What is computed is in `schema::computed`, by the name of the record.
    (@schema computed $field:ident $type:ty, $schema:ident, $docs:expr) => {};
    (
        $(#[$doc:meta])*
        $struct_visible:vis $name:ident, read($cursor:ident, $fields:ident, $problems:ident $(, $given:ident: $given_type:ty)*):
        $($(#[$field_doc:meta])* $kind:ident $visible:vis $field:ident: $type:ty $(= $value:expr)?,)+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        $struct_visible struct $name {
            $($(#[$field_doc])* $visible $field: $type,)+
        }

        impl $name {
            /// Reads it, and notes what is wrong with it.
            pub(super) fn read(
                $cursor: &$crate::yaml::Cursor<'_>,
                $problems: &mut $crate::diagnostic::Diagnostics,
                $($given: $given_type,)*
            ) -> Option<Self> {
                let mut $fields = $cursor.fields($problems)?;
                $(let $field: Option<$type> =
                    record!(@$kind $field $type, $fields, $problems $(, $value)?);)+
                $fields.finish($problems);
                Some(Self { $($field: $field?,)+ })
            }

            /// What it may be, as a JSON Schema.
            #[cfg(test)]
            pub(super) fn schema() -> serde_json::Value {
                let docs: &[&str] = &[$(stringify!($doc)),*];
                #[allow(unused_mut, reason = "a record may have computed fields only")]
                let mut schema = $crate::spec::schema::Record::new(stringify!($name), docs);
                $(record!(@schema $kind $field $type, schema, [$(stringify!($field_doc)),*]);)+
                schema.done()
            }
        }
    };
}

/// Declares that types are read by their own `read`.
macro_rules! readable {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::spec::read::Readable for $name {
            fn read(
                cursor: &$crate::yaml::Cursor<'_>,
                problems: &mut $crate::diagnostic::Diagnostics,
            ) -> Option<Self> {
                <$name>::read(cursor, problems)
            }

            #[cfg(test)]
            fn schema() -> serde_json::Value {
                <$name>::schema()
            }
        }
    )+};
}

/// Declares that a type is read by a method of a cursor, with a schema of that name.
macro_rules! read_by {
    ($method:ident, $schema:ident, $name:ty { $($more:tt)* }) => {
        impl $crate::spec::read::Readable for $name {
            fn read(
                cursor: &$crate::yaml::Cursor<'_>,
                problems: &mut $crate::diagnostic::Diagnostics,
            ) -> Option<Self> {
                cursor.$method(problems)
            }

            $($more)*

            #[cfg(test)]
            fn schema() -> serde_json::Value {
                $crate::spec::schema::$schema::<$name>()
            }
        }
    };
}

/// Declares that types are parsed from a text, and listed once.
macro_rules! parsed {
    ($($name:ty),+ $(,)?) => {$(
        $crate::spec::read::read_by!(parse, parsed, $name {
            fn identity(&self) -> Option<String> {
                Some(self.to_string())
            }
        });
    )+};
}

/// Declares that types are parsed from a number or a text.
macro_rules! amounts {
    ($($name:ty),+ $(,)?) => {$(
        $crate::spec::read::read_by!(amount, amount, $name {});
    )+};
}

pub(super) use {amounts, parsed, read_by, readable, record};
