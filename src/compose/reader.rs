//! Reading the scalars of a Compose file: variables filled in, and the types that Compose accepts.

use serde_yaml::Value;

use super::Options;
use super::interpolate::interpolate;
use super::mounts::clean;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::Cursor;

/// The file, and how to read it.
pub(super) struct Reader<'a> {
    pub(super) root: Cursor<'a>,
    pub(super) options: &'a Options,
}

impl<'a> Reader<'a> {
    /// A text, number or boolean as text, with its variables filled in.
    pub(super) fn scalar(&self, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<String> {
        match cursor.value() {
            Value::String(text) => {
                let filled = interpolate(text, &self.options.variables, self.options.unset);
                filled
                    .map_err(|failure| {
                        problems.push(Diagnostic::new(failure.to_string(), cursor.place()));
                    })
                    .ok()
            }
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            _ => {
                cursor.mismatch("text", problems);
                None
            }
        }
    }

    /// A boolean, in any of the words that Compose takes for one (compose-go,
    /// `loader/interpolate.go`).
    pub(super) fn boolean(&self, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<bool> {
        let text = self.scalar(cursor, problems)?;
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
    ) -> std::collections::BTreeMap<String, String> {
        if cursor.value().is_sequence() {
            let items = cursor.list(problems).into_iter();
            let texts: Vec<String> = items
                .filter_map(|item| self.scalar(&item, problems))
                .collect();
            return texts
                .iter()
                .map(|text| text.split_once('=').unwrap_or((text, "")))
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect();
        }
        let entries = cursor.entries(problems).into_iter();
        entries
            .filter_map(|(key, value)| {
                let value = if value.is_null() {
                    String::new()
                } else {
                    self.scalar(&value, problems)?
                };
                Some((key.to_owned(), value))
            })
            .collect()
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
