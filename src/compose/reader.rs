//! Reading the scalars of a Compose file: variables filled in, and the types that Compose accepts.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_yaml::Value;

use super::interpolate::{Filled, interpolate};
use super::mounts::clean;
use super::{Options, Unset};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::Cursor;

/// The file, and how to read it.
pub(super) struct Reader<'a> {
    pub(super) root: Cursor<'a>,
    pub(super) options: &'a Options,
    /// The fields that cannot be told, and the variables that have no value.
    pub(super) unset: RefCell<BTreeMap<String, Vec<String>>>,
}

impl<'a> Reader<'a> {
    /// A text, number or boolean as text, with its variables filled in.
    pub(super) fn filled(&self, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Filled> {
        let known = |text| Filled {
            text,
            unset: Vec::new(),
        };
        match cursor.value() {
            Value::String(text) if !text.contains('$') => Some(known(text.clone())),
            Value::String(text) => {
                let filled = interpolate(text, &self.options.variables, self.options.unset);
                filled
                    .map_err(|failure| {
                        problems.push(Diagnostic::new(failure.to_string(), cursor.place()));
                    })
                    .ok()
            }
            Value::Number(number) => Some(known(number.to_string())),
            Value::Bool(value) => Some(known(value.to_string())),
            _ => {
                cursor.mismatch("text", problems);
                None
            }
        }
    }

    /// A text, number or boolean as text. Where a variable in it has no value, that is noted, and
    /// the expression stays in the text.
    pub(super) fn scalar(&self, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<String> {
        let filled = self.filled(cursor, problems)?;
        if !filled.unset.is_empty() {
            self.note_unset(cursor.path(), filled.unset);
        }
        Some(filled.text)
    }

    /// A text, number or boolean as text, for a field that has to be understood. Where a variable
    /// in it has no value, that is noted, and there is none.
    pub(super) fn known(&self, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<String> {
        let filled = self.filled(cursor, problems)?;
        if filled.unset.is_empty() || self.options.unset == Unset::Strict {
            return Some(filled.text);
        }
        self.note_unset(cursor.path(), filled.unset);
        None
    }

    /// A boolean, in any of the words that Compose takes for one (compose-go,
    /// `loader/interpolate.go`).
    pub(super) fn boolean(&self, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<bool> {
        let text = self.known(cursor, problems)?;
        match text.to_ascii_lowercase().as_str() {
            "true" | "y" | "yes" | "on" | "t" | "1" => Some(true),
            "false" | "n" | "no" | "off" | "f" | "0" => Some(false),
            _ => {
                cursor.mismatch("true or false", problems);
                None
            }
        }
    }

    /// A list of `KEY=VALUE`, or a mapping.
    pub(super) fn pairs(
        &self,
        cursor: &Cursor<'_>,
        problems: &mut Diagnostics,
    ) -> BTreeMap<String, String> {
        let mut pairs = BTreeMap::new();
        let mut insert = |key: &str, value: String, unset: Vec<String>| {
            if !unset.is_empty() {
                self.note_unset(&cursor.path().key(key), unset);
            }
            pairs.insert(key.to_owned(), value);
        };
        if cursor.value().is_sequence() {
            for item in cursor.list(problems) {
                if let Some(filled) = self.filled(&item, problems) {
                    let (key, value) = filled.text.split_once('=').unwrap_or((&filled.text, ""));
                    insert(key, value.to_owned(), filled.unset);
                }
            }
            return pairs;
        }
        for (key, value) in cursor.entries(problems) {
            if value.is_null() {
                insert(key, String::new(), Vec::new());
            } else if let Some(filled) = self.filled(&value, problems) {
                insert(key, filled.text, filled.unset);
            }
        }
        pairs
    }

    /// A path of the host: absolute, or from the file's folder, or from the home.
    pub(super) fn path(&self, path: &str) -> String {
        let home = path
            .strip_prefix('~')
            .filter(|rest| rest.is_empty() || rest.starts_with('/'));
        match (home, self.options.variables.get("HOME")) {
            (Some(rest), Some(home)) => clean(&format!("{home}{rest}")),
            _ if path.starts_with('/') => clean(path),
            _ => clean(&format!("{}/{path}", self.options.directory.display())),
        }
    }

    /// An entry of a top-level section.
    pub(super) fn declared(&self, section: &str, name: &str) -> Option<Cursor<'a>> {
        self.root.get(section)?.get(name)
    }

    /// A reference to an entry that no top-level section has.
    pub(super) fn dangling(&self, section: &str, name: &str, at: &Cursor<'_>) -> Diagnostic {
        let what = section.trim_end_matches('s');
        let known: Vec<&str> = self
            .root
            .get(section)
            .map(|entries| entries.entries(&mut Diagnostics::default()))
            .unwrap_or_default()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        let label = if known.is_empty() {
            format!("expected a {what} that the file declares, and it declares none")
        } else {
            format!("expected one of {}", known.join(", "))
        };
        Diagnostic::new(format!("there is no {what} `{name}`"), at.place())
            .label(label)
            .did_you_mean(name, known)
    }
}
