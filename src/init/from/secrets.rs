//! Secrets that Compose files hold become variables, so that no spec holds one.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::{Mapping, Value};

use crate::redact;
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
            Value::Number(number) if is_secret_name(path, name) => {
                let text = number.to_string();
                let variable = self.variable(path, name, &text, found);
                *value = Value::String(required(&variable));
            }
            Value::Sequence(items) => {
                self.words(path, items, found);
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
        // The default of a variable for a secret.
        let mut new = String::new();
        let mut has_default = false;
        for piece in pieces(text) {
            let default = match piece {
                Piece::Expression(it) if it.operator == Some(Operator::Default) => {
                    let is_secret = redact::may_be_secret(it.name) || is_secret_name(path, name);
                    (is_secret && is_plain(it.word)).then_some(it)
                }
                _ => None,
            };
            match default {
                Some(expression) => {
                    has_default = true;
                    let variable = expression.name;
                    if variables.get(variable).is_none() {
                        let value = expression.word.to_owned();
                        found.values.entry(variable.to_owned()).or_insert(value);
                    }
                    note(found, variable, path);
                    new.push_str(&required(variable));
                }
                None => new.push_str(piece.written()),
            }
        }
        if has_default {
            return Some(new);
        }
        let plain = text.replace("$$", "\u{1}");
        if plain.contains('$') {
            return None;
        }
        if is_secret_name(path, name) && is_plain(text) {
            let variable = self.variable(path, name, &text.replace("$$", "$"), found);
            return Some(required(&variable));
        }
        // Its digest looks like a key.
        if name == "image" {
            return None;
        }
        let mut ranges = redact::secrets(text);
        ranges.sort_by_key(|range| std::cmp::Reverse(range.start));
        // `$$` is for a shell, which fills in what is not a literal.
        ranges.retain(|range| {
            let value = text.get(range.clone()).unwrap_or_default();
            is_plain(value) && !value.contains("$$")
        });
        if ranges.is_empty() {
            return None;
        }
        let mut new = text.to_owned();
        let count = ranges.len();
        for (number, range) in ranges.into_iter().enumerate() {
            let value = text.get(range.clone())?.replace("$$", "$");
            let place = match count {
                1 => path.to_owned(),
                _ => format!("{path}#{number}"),
            };
            let name = format!("{}_SECRET", last_key(name, path));
            let variable = self.variable(&place, &name, &value, found);
            new.replace_range(range, &required(&variable));
        }
        Some(new)
    }

    /// The secrets of a command that is a list: `[--password, hunter2]`.
    fn words(&mut self, path: &str, items: &mut [Value], found: &mut Found) {
        for index in 1..items.len() {
            let Some([Value::String(flag), Value::String(word)]) = items.get(index - 1..=index)
            else {
                continue;
            };
            let name = flag.trim_start_matches('-');
            if flag.starts_with("--")
                && redact::may_be_secret(name)
                && is_plain(word)
                && !word.contains('$')
            {
                let (name, value) = (name.to_owned(), word.clone());
                let variable = self.variable(&format!("{path}[{index}]"), &name, &value, found);
                if let Some(item) = items.get_mut(index) {
                    *item = Value::String(required(&variable));
                }
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
                let mut candidates = [name, longer.clone()].into_iter().chain(numbered);
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

/// Whether a value is named like a secret: a variable, an argument or an option. Fields of Compose such as
/// `secrets` are not.
fn is_secret_name(path: &str, name: &str) -> bool {
    const HOLDERS: [&str; 6] = [
        ".environment.", ".args.", ".labels.", ".options.", ".driver_opts.", ".annotations.",
    ];
    !name.is_empty()
        && HOLDERS.iter().any(|holder| path.contains(holder))
        && redact::may_be_secret(name)
}

/// Whether a value is the secret itself, and not a switch, a number of seconds or the path of a file.
fn is_plain(value: &str) -> bool {
    let value = value.replace("$$", "");
    let is_switch = matches!(
        value.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off"
    );
    !value.is_empty() && !value.contains('$') && !value.starts_with(['/', '.', '~']) && !is_switch
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
mod tests {
    use serde_yaml::{Mapping, Value};

    use super::Secrets;
    use crate::variables::Variables;

    #[test]
    fn secrets_become_variables_by_their_names() {
        let text = "services:\n  db:\n    environment: {DB_PASSWORD: hunter2, DB_USER: me, URL: 'pg://me:hunter3@db/x', \
                    TOKEN: '${TOKEN:-hunter4}', KEY_FILE: /run/secrets/key}\n    command: [run, --password, hunter5]\n  \
                    other:\n    environment: {DB_PASSWORD: hunter6}\n";
        let mut file: Mapping = serde_yaml::from_str(text).unwrap();
        let variables = Variables::default();
        let mut secrets = Secrets::new([(&file.clone(), &variables)]);
        let found = secrets.replace(&mut file, &variables);
        let written = serde_yaml::to_string(&Value::Mapping(file)).unwrap();
        assert!(!written.contains("hunter"), "{written}");
        assert!(written.contains("DB_USER: me") && written.contains("/run/secrets/key"));
        let names: Vec<&str> = found.values.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "DB_PASSWORD", "OTHER_DB_PASSWORD", "PASSWORD", "TOKEN", "URL_SECRET"
            ]
        );
    }
}
