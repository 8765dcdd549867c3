//! Secrets that Compose files hold become variables, so that no spec holds one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_yaml::{Mapping, Value};

use crate::redact::{self, Holds};
use crate::text::command_line::LineReader;
use crate::text::expression::{Operator, Piece, nested_expressions, pieces};
use crate::variables::Variables;

/// A secret that was replaced by a variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Replaced {
    /// The variable.
    pub(crate) variable: String,
    /// Where the value was: `services.db.environment.POSTGRES_PASSWORD`.
    pub(crate) path: String,
}

/// Replaces the secrets in the files of all environments, each with the variables that it has.
#[derive(Debug)]
pub(super) struct Secrets {
    /// The variables that files name or env files set: none of these gets another meaning.
    taken: BTreeSet<String>,
    /// The variable of each place.
    by_path: BTreeMap<String, String>,
    /// These variables.
    ours: BTreeSet<String>,
}

/// What was replaced in the file of an environment.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) replaced: Vec<Replaced>,
    /// The values of the variables; they are used to compare, and never written.
    pub(super) values: BTreeMap<String, String>,
}

impl Found {
    /// The variables whose values have a `$`.
    pub(super) fn with_dollar(&self) -> BTreeSet<String> {
        self.values
            .iter()
            .filter(|(_, value)| value.contains('$'))
            .map(|(name, _)| name.clone())
            .collect()
    }
}

impl Secrets {
    /// For files that name these variables.
    pub(super) fn new<'a>(files: impl IntoIterator<Item = (&'a Mapping, &'a Variables)>) -> Self {
        let mut taken = BTreeSet::new();
        for (file, variables) in files {
            taken.extend(variables.names().map(str::to_owned));
            for (_, section) in file {
                names(section, &mut taken);
            }
        }
        Self {
            taken,
            by_path: BTreeMap::new(),
            ours: BTreeSet::new(),
        }
    }

    /// Replaces the secrets of a file.
    pub(super) fn replace(&mut self, file: &mut Mapping, variables: &Variables) -> Found {
        let mut found = Found::default();
        for (section, value) in file {
            let path = section.as_str().unwrap_or_default().to_owned();
            self.visit(&path, "", value, variables, &mut found);
        }
        found
    }

    /// Replaces the secrets of a value; `name` says what it is, where that is a key of the user.
    fn visit(
        &mut self,
        path: &str,
        name: &str,
        value: &mut Value,
        variables: &Variables,
        found: &mut Found,
    ) {
        match value {
            Value::String(text) => {
                if let Some(new) = self.text(path, name, text, variables, found) {
                    *text = new;
                }
            }
            // A password of digits only.
            Value::Number(number) if is_secret(path, name, &number.to_string()) => {
                let text = number.to_string();
                let variable = self.variable(path, name, &text, found);
                *value = Value::String(required(&variable));
            }
            Value::Sequence(items) if reader(name).is_some() => {
                self.command(path, items, variables, found);
            }
            Value::Sequence(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.visit(&format!("{path}[{index}]"), "", item, variables, found);
                }
            }
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    let key = key.as_str().unwrap_or_default().to_owned();
                    self.visit(&format!("{path}.{key}"), &key, value, variables, found);
                }
            }
            _ => {}
        }
    }

    /// A text without its secrets, if it has any.
    fn text(
        &mut self,
        path: &str,
        name: &str,
        text: &str,
        variables: &Variables,
        found: &mut Found,
    ) -> Option<String> {
        // A digest looks like a key.
        if name == "image" && !is_held(path) {
            return None;
        }
        if is_secret(path, name, text) {
            let variable = self.variable(path, name, &text.replace("$$", "$"), found);
            return Some(required(&variable));
        }
        let new = defaults(path, name, text, variables, found);
        let ranges = located(name, path, &new);
        let new = self.without(path, new, ranges, found);
        (new != text).then_some(new)
    }

    /// A text with variables instead of these parts of it, each of which has a name.
    fn without(
        &mut self,
        path: &str,
        mut text: String,
        mut ranges: Vec<(Range<usize>, String)>,
        found: &mut Found,
    ) -> String {
        // `$$` is for a shell, which fills in what is not a literal.
        ranges.retain(|(range, _)| {
            let value = text.get(range.clone()).unwrap_or_default();
            !value.is_empty() && !value.replace("$$", "").contains(['$', '{', '}'])
        });
        ranges.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut end = text.len();
        for (number, (range, name)) in ranges.into_iter().enumerate() {
            // The same secret may be found in two ways.
            if range.end > end {
                continue;
            }
            end = range.start;
            let place = match number {
                0 => path.to_owned(),
                _ => format!("{path}#{number}"),
            };
            let value = text
                .get(range.clone())
                .unwrap_or_default()
                .replace("$$", "$");
            let variable = self.variable(&place, &name, &value, found);
            text.replace_range(range, &required(&variable));
        }
        text
    }

    /// Replaces the secrets of a command that is a list: `[--password, hunter2]`.
    fn command(
        &mut self,
        path: &str,
        items: &mut [Value],
        variables: &Variables,
        found: &mut Found,
    ) {
        let place = |part: usize| format!("{path}[{part}]");
        let texts: Vec<String> = items
            .iter()
            .enumerate()
            .map(|(part, item)| {
                let text = item.as_str().unwrap_or_default();
                defaults(&place(part), "", text, variables, found)
            })
            .collect();
        let parts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut by_part: BTreeMap<usize, Vec<(Range<usize>, String)>> = BTreeMap::new();
        for secret in redact::in_command(&parts) {
            by_part.entry(secret.part).or_default().push(named(secret));
        }
        for (part, (item, text)) in items.iter_mut().zip(texts).enumerate() {
            if let Value::String(item) = item {
                let path = place(part);
                let mut ranges = by_part.remove(&part).unwrap_or_default();
                ranges.extend(located("", &path, &text));
                *item = self.without(&path, text, ranges, found);
            }
        }
    }

    /// The variable for the secret at a path. It is the same in all environments.
    fn variable(&mut self, path: &str, name: &str, value: &str, found: &mut Found) -> String {
        let known = self.by_path.get(path).cloned();
        let fits =
            |found: &Found, name: &str| found.values.get(name).is_none_or(|known| known == value);
        let variable = match known {
            Some(known) if fits(found, &known) => known,
            _ => {
                let owner = path.split('.').nth(1).unwrap_or_default();
                let name = as_variable(last_key(name, path));
                let longer = as_variable(&format!("{owner}_{name}"));
                let numbered = (2..).map(|number| format!("{longer}_{number}"));
                // A variable of a container is called the same outside it.
                let is_own = [".environment.", ".args."]
                    .iter()
                    .any(|of| path.contains(of));
                let short = is_own.then_some(name);
                let mut candidates = short.into_iter().chain([longer.clone()]).chain(numbered);
                let free = candidates.find(|name| {
                    fits(found, name) && (self.ours.contains(name) || !self.taken.contains(name))
                });
                free.unwrap_or(longer)
            }
        };
        self.ours.insert(variable.clone());
        self.by_path.insert(path.to_owned(), variable.clone());
        found.values.insert(variable.clone(), value.to_owned());
        note(found, &variable, path);
        variable
    }
}

/// The key of a value: its name, or the last one of its path.
fn last_key<'a>(name: &'a str, path: &'a str) -> &'a str {
    let last = path.rsplit('.').next().unwrap_or_default();
    let last = last.split('[').next().unwrap_or_default();
    if name.is_empty() { last } else { name }
}

fn note(found: &mut Found, variable: &str, path: &str) {
    let path = path.split('#').next().unwrap_or_default();
    found.replaced.push(Replaced {
        variable: variable.to_owned(),
        path: path.to_owned(),
    });
}

/// Whether a key is one of the user's own, and not a field of Compose such as `secrets`.
fn is_held(path: &str) -> bool {
    let above = path.rsplit_once('.').map_or("", |(above, _)| above);
    let mut steps = above.split('.').skip(1);
    steps.any(|step| redact::holds(step) == Some(Holds::Values))
}

/// Whether the value of a variable, an argument, a label or an option is a secret.
fn is_secret(path: &str, name: &str, value: &str) -> bool {
    let value = value.replace("$$", "");
    !name.is_empty() && is_held(path) && redact::is_secret(name, &value)
}

/// Who reads a field that is a command, where it is a text.
fn reader(field: &str) -> Option<LineReader> {
    match redact::holds(field)? {
        Holds::Values | Holds::Dockerfile => None,
        Holds::Command => Some(LineReader::Compose),
        Holds::Check => Some(LineReader::Shell),
    }
}

/// Where a secret of a command is, and its name.
fn named(secret: redact::InCommand) -> (Range<usize>, String) {
    let name = secret.name.trim_start_matches('-');
    let name = if name.len() > 1 { name } else { "password" };
    (secret.at, name.to_owned())
}

/// Where the secrets of a text are, each with a name.
fn located(name: &str, path: &str, text: &str) -> Vec<(Range<usize>, String)> {
    let key = last_key(name, path);
    let mut found: Vec<(Range<usize>, String)> = redact::held(key, text)
        .into_iter()
        .map(|range| {
            let is_all = range.start == 0
                && text
                    .get(range.end..)
                    .is_some_and(|rest| rest.trim().is_empty());
            let name = if is_all {
                key.to_owned()
            } else {
                format!("{key}_SECRET")
            };
            (range, name)
        })
        .collect();
    let of_value = || (is_held(path) && redact::has_options(text)).then_some(LineReader::Compose);
    if let Some(reader) = reader(name).or_else(of_value) {
        found.extend(redact::in_command_line(text, reader).into_iter().map(named));
    }
    if redact::holds(name) == Some(Holds::Dockerfile) {
        found.extend(redact::in_dockerfile(text).into_iter().map(named));
    }
    if name == "content" {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            for (name, value) in redact::in_line(line) {
                if let Some(at) = line.rfind(value) {
                    found.push((start + at..start + at + value.len(), name.to_owned()));
                }
            }
            start += line.len();
        }
    }
    found
}

/// A text in which the defaults of variables for secrets are gone.
fn defaults(
    path: &str,
    name: &str,
    text: &str,
    variables: &Variables,
    found: &mut Found,
) -> String {
    let mut new = String::new();
    for piece in pieces(text) {
        let default = match piece {
            Piece::Expression(it) if it.operator == Some(Operator::Default) => {
                let is_secret = redact::is_secret(it.name, &redact::literal_dollars(it.word))
                    || is_secret(path, name, it.word);
                is_secret.then_some(it)
            }
            _ => None,
        };
        let Some(expression) = default else {
            new.push_str(piece.written());
            continue;
        };
        let variable = expression.name;
        if variables.get(variable).is_none() {
            let values = &mut found.values;
            values
                .entry(variable.to_owned())
                .or_insert_with(|| expression.word.replace("$$", "$"));
        }
        note(found, variable, path);
        new.push_str(&required(variable));
    }
    new
}

fn required(variable: &str) -> String {
    format!("${{{variable}:?set it in the env file}}")
}

/// A text as the name of a variable.
fn as_variable(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    let name = name.trim_matches('_').to_owned();
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("SECRET_{name}");
    }
    name
}

/// The variables that the texts of a value name.
fn names(value: &Value, taken: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let named = nested_expressions(text).into_iter();
            taken.extend(named.map(|expression| expression.name.to_owned()));
        }
        Value::Sequence(items) => items.iter().for_each(|item| names(item, taken)),
        Value::Mapping(entries) => entries.values().for_each(|value| names(value, taken)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
