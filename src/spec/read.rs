//! Small readers that every part of a spec uses.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use super::located::Located;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::Cursor;

/// A value at a cursor's place.
pub(super) fn located<T>(cursor: &Cursor<'_>, value: Option<T>) -> Option<Located<T>> {
    value.map(|value| Located::new(value, cursor.place()))
}

/// A list of texts that are each a `T`, none of them twice.
pub(super) fn parse_list<T>(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Vec<Located<T>>
where
    T: FromStr + PartialEq + Display,
    T::Err: Display,
{
    let mut list: Vec<Located<T>> = Vec::new();
    for item in cursor.list(problems) {
        let Some(value) = located(&item, item.parse::<T>(problems)) else {
            continue;
        };
        if let Some(first) = list.iter().find(|known| known.value == value.value) {
            problems.push(
                Diagnostic::new(format!("`{}` is listed twice", value.value), value.place)
                    .label("listed again here")
                    .related(first.place.clone(), "first listed here"),
            );
            continue;
        }
        list.push(value);
    }
    list
}

/// A mapping of texts that are each a `K` to texts that are each a `V`.
pub(super) fn parse_map<K, V>(
    cursor: &Cursor<'_>,
    problems: &mut Diagnostics,
) -> BTreeMap<K, Located<V>>
where
    K: FromStr + Ord + Display,
    K::Err: Display,
    V: FromStr,
    V::Err: Display,
{
    let mut map: BTreeMap<K, Located<V>> = BTreeMap::new();
    for (key, value) in keyed(cursor, problems) {
        match located(&value, value.parse(problems)) {
            Some(parsed) => drop(map.insert(key, parsed)),
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
