//! Secrets among the words of a command.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::assigned::after_scheme;
use super::clients::{InWord, REACH, in_clients, in_sql, in_statement, program};
use super::directive::DIRECTIVES;
use super::dollars::{literal_dollars, written_dollars};
use super::ranges;
use super::value::{is_plain, is_secret, looks_secret};
use super::within::in_value;
use crate::text::command_line::{LineReader, Word, is_separator, words_of_line, words_of_list};

/// Options that take a name and its password, `NAME:PASSWORD`.
const USERS: [&str; 4] = ["-u", "-U", "--user", "--proxy-user"];

/// Programs whose options these are; the user of others may be `UID:GID`.
const OF_USERS: [&str; 3] = ["curl", "http", "https"];

/// A secret in a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InCommand {
    /// What it is called there: `--password`.
    pub(crate) name: String,
    /// The secret, as the program is given it, but with `$$` for `$`.
    pub(crate) value: String,
    /// Which part of the command it is in, from 0.
    pub(crate) part: usize,
    /// Where it stands there, in bytes.
    pub(crate) at: Range<usize>,
}

/// The secrets in a command that is written as a list. Its parts are as in a file, with `$$` for `$`.
pub(crate) fn in_command(parts: &[&str]) -> Vec<InCommand> {
    located(parts, &words_of_list(parts))
}

/// The secrets in a command that is written as a text, with `$$` for `$`.
pub(crate) fn in_command_line(line: &str, reader: LineReader) -> Vec<InCommand> {
    located(&[line], &words_of_line(line, reader))
}

fn located(parts: &[&str], words: &[Word]) -> Vec<InCommand> {
    let texts = words.iter().map(|word| {
        if word.expands {
            Cow::Borrowed(word.text.as_str())
        } else {
            literal_dollars(&word.text)
        }
    });
    let texts: Vec<Cow<'_, str>> = texts.collect();
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    let found = among(&texts).into_iter().filter_map(|secret| {
        let word = words.get(secret.word)?;
        let written = parts.get(word.part)?.get(word.at.clone())?;
        let value = written_dollars(secret.value);
        // A value with escapes in it is not in the text as it is: all that may be of it goes.
        let at = match written.rfind(&value) {
            Some(start) => start..start + value.len(),
            None => written.find(['=', ':']).map_or(0, |at| at + 1)..written.len(),
        };
        Some(InCommand {
            name: secret.name.to_owned(),
            value,
            part: word.part,
            at: word.at.start + at.start..word.at.start + at.end,
        })
    });
    let mut found: Vec<InCommand> = found.collect();
    let mut known: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
    for one in &found {
        known.entry(one.part).or_default().push(one.at.clone());
    }
    let expanding = words.iter().filter(|word| word.expands);
    let expanding: BTreeSet<usize> = expanding.map(|word| word.part).collect();
    for (part, written) in parts.iter().enumerate() {
        let text = if expanding.contains(&part) {
            Cow::Borrowed(*written)
        } else {
            literal_dollars(written)
        };
        let known = ranges::merged(known.remove(&part).unwrap_or_default());
        let named = in_value(&text).into_iter();
        let named = named.filter(|one| !ranges::meet(&known, &one.at));
        found.extend(named.map(|one| InCommand {
            name: one.name,
            value: one.value,
            part,
            at: one.at,
        }));
    }
    found
}

/// The secrets among the words of a command.
fn among<'a>(words: &[&'a str]) -> Vec<InWord<'a>> {
    // Where a program with users was called in the command that a word belongs to.
    let mut called = None;
    let is_piped = words
        .iter()
        .any(|word| matches!(*word, "--password-stdin" | "--stdin" | "chpasswd" | "kinit"));
    let mut found = in_clients(words);
    found.extend(in_statement(words));
    for (at, word) in words.iter().enumerate() {
        if is_separator(word) {
            called = None;
        } else if OF_USERS.contains(&program(word)) {
            called = Some(at);
        }
        let has_users = called.is_some_and(|called| at - called <= REACH);
        if let Some((name, value)) = in_header(word).or_else(|| in_sql(word)) {
            found.push(InWord {
                name,
                value,
                word: at,
            });
            continue;
        }
        let flag = word.trim_start_matches('-');
        let is_flag = flag.len() < word.len();
        let next = words
            .get(at + 1)
            .filter(|next| !next.starts_with('-') && !is_separator(next) && !is_switch(word));
        let (name, value, word_at) = match (word.split_once('='), next) {
            (Some((name, value)), _) => (name, value, at),
            (None, Some(value)) if is_flag => (*word, *value, at + 1),
            (None, _) if matches!(*word, "echo" | "printf") => match printed(words, at, is_piped) {
                Some((value, at)) => ("--password-stdin", value, at),
                None => continue,
            },
            _ => continue,
        };
        let bare = name.trim_start_matches('-');
        if let (true, Some((_, password))) = (USERS.contains(&name), value.split_once(':')) {
            if is_plain(password) && (has_users || looks_secret(password)) {
                found.push(InWord {
                    name,
                    value: password,
                    word: word_at,
                });
            }
            continue;
        }
        let is_known = bare == "password-stdin" || DIRECTIVES.contains(&bare);
        if is_known && is_plain(value) || is_secret(bare, value) {
            found.push(InWord {
                name,
                value,
                word: word_at,
            });
        }
    }
    found.sort_by_key(|one| one.word);
    found.dedup_by_key(|one| one.word);
    found
}

/// The password that `echo` or `printf` writes for another program, and its word. What `chpasswd` reads, and files with users,
/// is `NAME:PASSWORD`.
fn printed<'a>(words: &[&'a str], at: usize, is_piped: bool) -> Option<(&'a str, usize)> {
    let mut texts = words
        .iter()
        .copied()
        .enumerate()
        .skip(at + 1)
        .take_while(|(_, word)| !is_separator(word))
        // `printf '%s' VALUE`
        .filter(|(_, word)| !word.starts_with('-') && !word.contains('%'));
    let (at, text) = texts.next()?;
    let (user, value) = text.split_once(':').unwrap_or(("", text));
    let is_name = user
        .chars()
        .all(|c| c.is_alphanumeric() || "-_.".contains(c));
    let is_of_user = !user.is_empty() && looks_secret(value);
    (is_name && (is_piped || is_of_user)).then_some((value, at))
}

/// The secrets of commands in a file, wherever its syntax lets words end: `command: app --password hunter2`,
/// `[redis-cli, -a, hunter2]`, the items of a list.
pub(super) fn in_file(text: &str) -> Vec<Range<usize>> {
    let found = named_in_file(text).into_iter();
    found.map(|(_, range)| range).collect()
}

/// These secrets with what each is called there.
pub(super) fn named_in_file(text: &str) -> Vec<(&str, Range<usize>)> {
    const QUOTES: [char; 2] = ['"', '\''];
    let is_end = |c: char| c.is_whitespace() || QUOTES.contains(&c) || ",[]".contains(c);
    let (mut words, mut starts, mut at) = (Vec::new(), Vec::new(), 0);
    for part in text.split_inclusive(is_end) {
        let word = part.trim_end_matches(is_end);
        // The dash of an item is not an option.
        if !word.is_empty() && word != "-" {
            words.push(word);
            starts.push(at);
        }
        at += part.len();
    }
    let found = among(&words).into_iter();
    let ranges = found.filter_map(|found| {
        let end = starts.get(found.word)? + words.get(found.word)?.len();
        let start = end - found.value.len();
        let (before, rest) = text.split_at_checked(start)?;
        let quoted = before
            .chars()
            .next_back()
            .filter(|quote| QUOTES.contains(quote))
            .and_then(|quote| rest.lines().next()?.find(quote));
        let end = quoted.map_or(end, |length| end.max(start + length));
        Some((found.name, start..end))
    });
    ranges.collect()
}

/// Whether an option that names a secret has no value.
fn is_switch(option: &str) -> bool {
    const ASKED_FOR: [&str; 4] = ["no", "ask", "prompt", "without"];
    let name = option.trim_start_matches('-');
    let first = name.split('-').next().unwrap_or_default();
    name == "password-stdin" || first.len() < name.len() && ASKED_FOR.contains(&first)
}

/// Whether a text has options in it, as a command has.
pub(crate) fn has_options(text: &str) -> bool {
    text.starts_with('-') || text.contains(" -")
}

/// The name and the secret of a header of HTTP, as `curl -H` takes it: `Authorization: Bearer TOKEN`.
pub(crate) fn in_header(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once(": ")?;
    let value = after_scheme(value.trim_start());
    (!name.contains(char::is_whitespace) && is_secret(name, value)).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::{in_command, in_command_line, in_file};
    use crate::text::command_line::LineReader;

    fn hidden(text: &str) -> Vec<&str> {
        in_file(text)
            .into_iter()
            .map(|range| text.get(range).unwrap())
            .collect()
    }

    #[test]
    fn a_password_behind_an_option_is_found_however_a_file_writes_the_command() {
        for text in [
            "command: app --password Tr0ub4dor9xQz --fast",
            "command: redis-server --requirepass Tr0ub4dor9xQz",
            "command: [app, --api-key, Tr0ub4dor9xQz]",
            "command: ['app', '--api-key', 'Tr0ub4dor9xQz']",
            "command:\n  - --requirepass\n  - Tr0ub4dor9xQz\n",
            "command: >\n  redis-server\n  --requirepass\n  Tr0ub4dor9xQz\n",
            "healthcheck: { test: [CMD-SHELL, redis-cli -a Tr0ub4dor9xQz ping] }",
            "test: mysqladmin ping -pTr0ub4dor9xQz",
            "test: curl -u admin:Tr0ub4dor9xQz http://localhost",
        ] {
            assert_eq!(hidden(text), ["Tr0ub4dor9xQz"], "{text}");
        }
        assert_eq!(hidden("[app, --password, \"a b, c\"]"), ["a b, c"]);
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "command: app --password ${PASSWORD}",
            "command: app --password {{ password }}",
            "command: app --password-file /run/secrets/password",
            "test: [CMD, pg_isready, -U, app]",
            "- --requirepass\n- ${REDIS_PASSWORD:?}\n",
            "test: curl -u admin:${WEB_PASSWORD:?set it in the env file} http://localhost",
            "test: curl -u admin:${WEB_PASSWORD} http://localhost",
            "docker exec -u www-data:www-data app run && curl http://localhost",
            "curl http://localhost || docker exec -u www-data:www-data app run",
        ] {
            assert_eq!(hidden(text), [""; 0], "{text}");
        }
    }

    fn names(parts: &[&str]) -> Vec<String> {
        in_command(parts).into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn a_command_contains_a_secret_in_many_ways() {
        assert_eq!(
            names(&["redis-server --requirepass hunter2"]),
            ["--requirepass"]
        );
        assert_eq!(
            names(&["redis-server --primaryauth hunter2"]),
            ["--primaryauth"]
        );
        assert_eq!(
            names(&["a", "--admin-password=hunter2"]),
            ["--admin-password"]
        );
        assert_eq!(
            names(&["CMD-SHELL", "PGPASSWORD='hunter2' psql"]),
            ["PGPASSWORD"]
        );
        assert_eq!(names(&["sh", "-c", "x --token hunter2"]), ["--token"]);
        assert_eq!(names(&["mysqladmin ping -phunter2"]), ["-p"]);
        for line in [
            "redis-server --requirepass $PASSWORD",
            "a --token --verbose",
            "a --token-file /run/secrets/t",
            "a --password=${PASSWORD}",
            "ssh -p2222",
            "a --token",
        ] {
            assert_eq!(names(&[line]), <[&str; 0]>::default(), "{line}");
        }
    }

    #[test]
    fn a_doubled_dollar_is_a_part_of_a_secret_that_no_shell_reads() {
        let values = |parts: &[&str]| -> Vec<String> {
            in_command(parts).into_iter().map(|one| one.value).collect()
        };
        for parts in [
            &["mysqld", "--password=p@ss$$word1"][..],
            &["mysqld", "--password", "p@ss$$word1"],
            &["--password=p@ss$$word1"],
            &["CMD", "mysqladmin", "ping", "-pp@ss$$word1"],
            &["CMD", "redis-cli", "-a", "p@ss$$word1", "ping"],
            &["curl", "-u", "admin:p@ss$$word1"],
            &["curl", "-H", "X-Api-Key: p@ss$$word1"],
            &["sh", "-c", "mysqladmin ping --password='p@ss$$word1'"],
            &["app", "sasl=x required password=\"p@ss$$word1\";"],
        ] {
            assert_eq!(values(parts), ["p@ss$$word1"], "{parts:?}");
        }
        let line = "mysqld --password=p@ss$$word1";
        let of = |reader| in_command_line(line, reader).len();
        assert_eq!((of(LineReader::Compose), of(LineReader::Shell)), (1, 0));
        for parts in [
            &["CMD", "mysqladmin", "ping", "-p$$MYSQL_ROOT_PASSWORD"][..],
            &["CMD-SHELL", "mysqladmin ping -p$$p"],
            &["sh", "-c", "PASSWORD=\"pre-$$x\" serve"],
            &["--password", "$$DB_PASSWORD"],
            &["--password", "$${DB_PASSWORD}"],
        ] {
            assert_eq!(values(parts), [""; 0], "{parts:?}");
        }
    }

    #[test]
    fn a_secret_ends_where_its_word_ends() {
        let without = |parts: &[&str]| {
            let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            let texts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let mut found = in_command(&texts);
            found.reverse();
            for one in found {
                parts[one.part].replace_range(one.at, "_");
            }
            parts.join(" ")
        };
        for (parts, expected) in [
            (
                &["CMD-SHELL", "MYSQL_PWD=pw mysqladmin -h pw ping || exit 1"][..],
                "CMD-SHELL MYSQL_PWD=_ mysqladmin -h pw ping || exit 1",
            ),
            (
                &["sh", "-c", "PGPASSWORD='pw' psql -h pw-host && echo done"],
                "sh -c PGPASSWORD='_' psql -h pw-host && echo done",
            ),
            (
                &[
                    "sh",
                    "-c",
                    "export ADMIN_TOKEN=t && exec /game --password=p1 --db-password p2",
                ],
                "sh -c export ADMIN_TOKEN=_ && exec /game --password=_ --db-password _",
            ),
            (&["sh", "-c", "--api-key=k;run"], "sh -c --api-key=_;run"),
            (&["a", "--password=b c", "d"], "a --password=_ d"),
            (
                &["sh -c \"export API_TOKEN=t; run\" x"],
                "sh -c \"export API_TOKEN=_; run\" x",
            ),
            (
                &[
                    "bash",
                    "-c",
                    "echo pw | docker login -u x --password-stdin && run",
                ],
                "bash -c echo _ | docker login -u x --password-stdin && run",
            ),
            (
                &[
                    "sh",
                    "-c",
                    "printf '%s' 'a:pw' | chpasswd && mongosh -p p1 --password p2",
                ],
                "sh -c printf '%s' 'a:_' | chpasswd && mongosh -p _ --password _",
            ),
            (
                &[
                    "sh",
                    "-c",
                    "echo -n 'sensor:Qw7zzTop88' > /tmp/pw; echo a:b",
                ],
                "sh -c echo -n 'sensor:_' > /tmp/pw; echo a:b",
            ),
            (
                &["psql", "-c", "ALTER USER app PASSWORD 'pw'"],
                "psql -c ALTER USER app PASSWORD '_'",
            ),
            (&["a", "--no-password", "db"], "a --no-password db"),
            (
                &["sh", "-c", r#"run --password "a\"b" c"#],
                "sh -c run --password _ c",
            ),
        ] {
            assert_eq!(without(parts), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_command_can_be_read(text in "[ -~é\n]{0,60}") {
            let _ = (names(&[&text]), names(&["sh", "-c", &text]), in_command_line(&text, LineReader::Shell));
        }
    }
}
