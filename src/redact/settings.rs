//! Literal secrets without quotes: in YAML, in files of settings, and in shell scripts.

use super::command;
use super::directive;
use super::shapes::{self, Spotted};
use super::value::is_secret;
use crate::text::file_purpose::FilePurpose;

/// How the lines of a file name their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    /// `name: value` and `name = value`.
    Settings,
    /// `NAME=value`, and the options of commands.
    Shell,
}

impl Syntax {
    /// By the name of a file; `None` for programs, where what follows a name is an expression.
    fn of(path: &str) -> Option<Self> {
        match FilePurpose::of(path)? {
            FilePurpose::Settings => Some(Self::Settings),
            FilePurpose::Variables | FilePurpose::Script => Some(Self::Shell),
            FilePurpose::Config | FilePurpose::Other => None,
        }
    }
}

/// The values without quotes that a name before them calls a secret, in a file with this path.
pub(crate) fn named_values(path: &str, text: &str) -> Vec<Spotted> {
    let ranges = match Syntax::of(path) {
        Some(Syntax::Settings) => lines(text)
            .flat_map(|(start, line)| {
                setting(line)
                    .into_iter()
                    .chain(directives(line))
                    .map(move |(from, value)| start + from..start + from + value.len())
            })
            .collect(),
        Some(Syntax::Shell) => command::in_file(text),
        None => Vec::new(),
    };
    ranges
        .into_iter()
        .map(|at| Spotted {
            at,
            kind: shapes::NAMED,
        })
        .collect()
}

/// The lines that are not comments, each with where it begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        start += line.len();
        (start - line.len(), line.trim_end())
    });
    lines.filter(|(_, line)| !line.trim_start().starts_with(['#', ';']))
}

/// The secrets that the words of a line set, and where each begins.
fn directives(line: &str) -> impl Iterator<Item = (usize, &str)> {
    directive::in_words(line)
        .into_iter()
        .filter_map(|(_, value)| Some((line.rfind(value)?, value)))
}

/// The secret that a line sets, and where it begins. What is in quotes is found as a string.
fn setting(line: &str) -> Option<(usize, &str)> {
    let (name, value) = line.split_once([':', '='])?;
    let name = name.trim_start_matches([' ', '\t', '-']).trim_end();
    let value = value.trim_start();
    let from = line.len() - value.len();
    let value = value.split(" #").next().unwrap_or_default().trim_end();
    let is_bare = !value.starts_with(['"', '\'', '|', '>', '[', '&', '*', '!']);
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    (is_bare && is_name && is_secret(name, value)).then_some((from, value))
}

#[cfg(test)]
mod tests {
    use super::named_values;

    fn found<'a>(path: &str, text: &'a str) -> Vec<&'a str> {
        named_values(path, text)
            .into_iter()
            .map(|one| text.get(one.at).unwrap())
            .collect()
    }

    #[test]
    fn what_a_name_calls_a_secret_is_one_without_quotes() {
        for (path, text) in [
            (
                "a.yaml",
                "users:\n  - name: ada\n    password: hunter2secret\n",
            ),
            ("a.yml", "- password: hunter2secret   # changed\n"),
            ("my.cnf", "[client]\npassword = hunter2secret\n"),
            ("redis.conf", "port 6379\nrequirepass hunter2secret\n"),
            ("app.properties", "db.password=hunter2secret\n"),
            (
                "seed.sh",
                "export PGPASSWORD=hunter2secret\npsql -f rows.sql\n",
            ),
            ("seed.sh", "PGPASSWORD=hunter2secret psql -f rows.sql\n"),
            ("seed.sh", "mysql -u root -phunter2secret <rows.sql\n"),
            (".env.local", "DB_PASSWORD=hunter2secret\n"),
        ] {
            assert_eq!(found(path, text), ["hunter2secret"], "{path}: {text}");
        }
    }

    #[test]
    fn expressions_and_names_of_secrets_are_none() {
        for (path, text) in [
            ("a.yaml", "# password: hunter2secret\n"),
            ("a.yaml", "password:\n  length: 12\n"),
            ("a.yaml", "password: ${PASSWORD}\n"),
            ("a.yaml", "password_file: /run/secrets/password\n"),
            ("a.yaml", "secrets: [password]\n"),
            ("seed.sh", "PGPASSWORD=$(cat /run/secrets/password)\n"),
            ("seed.sh", "PGPASSWORD=\"$PASSWORD\" psql\n"),
            ("app.ts", "token: string;\nconst password = read();\n"),
            ("rows.sql", "UPDATE t SET password = hash(name);\n"),
            ("README.md", "password: hunter2secret\n"),
        ] {
            assert_eq!(found(path, text), [""; 0], "{path}: {text}");
        }
    }
}
