//! Programs that take a password by their own convention: in an option of one letter, or by its place.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::value::is_plain;
use crate::text::command_line::is_separator;

/// A secret in a word of a command.
#[derive(Debug)]
pub(super) struct InWord<'a> {
    /// What it is called there: `--password`.
    pub(super) name: &'a str,
    /// The secret.
    pub(super) value: &'a str,
    /// The number of the word.
    pub(super) word: usize,
}

/// Where a program takes a password.
#[derive(Debug, Clone, Copy)]
enum Where {
    /// In the word after one of these.
    After(&'static [&'static str]),
    /// In the same word, behind this: `-pPASSWORD`.
    Attached(&'static str),
    /// There, behind this: `-U NAME%PASSWORD`.
    Behind(&'static [&'static str], &'static str),
    /// In this argument that is not an option, from 0.
    Argument(usize),
    /// In the last argument, with an option that has this letter.
    Last(char),
}

struct Client {
    programs: &'static [&'static str],
    /// A word behind the program, without which it takes none there.
    verb: &'static str,
    place: Where,
}

const fn client(programs: &'static [&'static str], verb: &'static str, place: Where) -> Client {
    Client {
        programs,
        verb,
        place,
    }
}

static CLIENTS: [Client; 19] = [
    client(
        &[
            "mysql", "mysqladmin", "mysqldump", "mysqlcheck", "mariadb", "mariadb-admin",
            "mariadb-dump", "mariadb-check",
        ],
        "",
        Where::Attached("-p"),
    ),
    client(
        &["mosquitto_pub", "mosquitto_sub", "mosquitto_rr"],
        "",
        Where::After(&["-P", "--pw"]),
    ),
    client(
        &[
            "mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport",
        ],
        "",
        Where::After(&["-p"]),
    ),
    client(&["cqlsh", "sshpass"], "", Where::After(&["-p"])),
    client(
        &["docker", "podman", "nerdctl", "helm", "oras", "crane", "az"],
        "login",
        Where::After(&["-p"]),
    ),
    client(
        &["sqlcmd", "bcp", "ipmitool", "zip", "unzip"],
        "",
        Where::After(&["-P"]),
    ),
    client(
        &[
            "ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldappasswd",
        ],
        "",
        Where::After(&["-w"]),
    ),
    client(
        &["redis-cli", "valkey-cli", "keydb-cli"],
        "",
        Where::After(&["-a"]),
    ),
    client(&["smbclient"], "", Where::Behind(&["-U"], "%")),
    client(
        &["openssl"],
        "",
        Where::Behind(&["-pass", "-passin", "-passout"], "pass:"),
    ),
    client(&["openssl"], "enc", Where::After(&["-k"])),
    client(
        &["kinit", "passwd", "chpasswd", "sudo"],
        "",
        Where::After(&["<<<"]),
    ),
    client(&["rabbitmqctl"], "add_user", Where::Argument(1)),
    client(&["rabbitmqctl"], "change_password", Where::Argument(1)),
    client(&["rabbitmqctl"], "authenticate_user", Where::Argument(1)),
    client(&["vault"], "login", Where::Argument(0)),
    client(
        &["grafana-cli", "grafana"],
        "reset-admin-password",
        Where::Argument(0),
    ),
    client(&["mc"], "set", Where::Argument(3)),
    client(&["htpasswd", "mosquitto_passwd"], "", Where::Last('b')),
];

/// What is known of each program.
static KNOWN: LazyLock<HashMap<&str, Vec<&Client>>> = LazyLock::new(|| {
    let mut known: HashMap<&str, Vec<&Client>> = HashMap::new();
    for client in &CLIENTS {
        for program in client.programs {
            known.entry(program).or_default().push(client);
        }
    }
    known
});

/// How many words behind a program may be its own: in a file, commands are not always separated from what follows.
pub(super) const REACH: usize = 200;

/// The passwords that such programs are given.
pub(super) fn in_clients<'a>(words: &[&'a str]) -> Vec<InWord<'a>> {
    let mut found = Vec::new();
    let mut start = 0;
    for command in words.split(|word| is_separator(word)) {
        for (at, word) in command.iter().enumerate() {
            let program = program(word);
            let rest = command.get(at + 1..).unwrap_or_default();
            let rest = rest.get(..REACH).unwrap_or(rest);
            for client in KNOWN.get(program).into_iter().flatten() {
                let secret = given(client, rest);
                found.extend(secret.map(|(name, value, word)| InWord {
                    name: name.unwrap_or(program),
                    value,
                    word: start + at + 1 + word,
                }));
            }
        }
        start += command.len() + 1;
    }
    found
}

/// The name of the program that a word calls, which may be a path.
pub(super) fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or_default()
}

/// What the words behind a program give it: the option, the password, and the number of its word.
fn given<'a>(client: &Client, words: &[&'a str]) -> Option<(Option<&'a str>, &'a str, usize)> {
    let from = match client.verb {
        "" => 0,
        verb => words.iter().position(|word| *word == verb)? + 1,
    };
    let numbered = || words.iter().copied().enumerate().skip(from);
    let after = |options: &[&str]| {
        let (at, option) = numbered().find(|(_, word)| options.contains(word))?;
        Some((option, *words.get(at + 1)?, at + 1))
    };
    // What a shell reads or writes ends the arguments.
    let arguments = || {
        let own = numbered().take_while(|(_, word)| !word.starts_with(['<', '>']));
        own.filter(|(_, word)| !word.starts_with('-'))
    };
    let (option, value, at) = match client.place {
        Where::After(options) => {
            after(options).map(|(option, value, at)| (Some(option), value, at))
        }
        Where::Attached(option) => {
            let mut attached = numbered().filter_map(|(at, word)| {
                let value = word.strip_prefix(option)?;
                (!value.is_empty()).then_some((at, value))
            });
            let (at, value) = attached.next()?;
            Some((Some(option), value, at))
        }
        Where::Behind(options, mark) => {
            let (option, value, at) = after(options)?;
            let (_, password) = value.split_once(mark)?;
            Some((Some(option), password, at))
        }
        Where::Argument(number) => {
            let (at, value) = arguments().nth(number)?;
            Some((None, value, at))
        }
        Where::Last(letter) => {
            let is_it = |word: &str| word.starts_with('-') && word.contains(letter);
            numbered().find(|(_, word)| is_it(word))?;
            let (at, value) = arguments().last()?;
            Some((None, value, at))
        }
    }?;
    // `vault login username=…` names what it is given.
    let is_named = matches!(client.place, Where::Argument(_)) && value.contains('=');
    let is_given = is_plain(value) && !value.starts_with('-') && !is_named;
    is_given.then_some((option, value, at))
}

/// The password in a statement of SQL: `ALTER USER app PASSWORD 'x'`, `IDENTIFIED BY 'x'`.
pub(super) fn in_sql(word: &str) -> Option<(&str, &str)> {
    const BEFORE: [&str; 2] = ["password", "identified by"];
    if !word.contains('\'') || !word.contains(' ') {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    BEFORE.iter().find_map(|before| {
        let mut all = lower.match_indices(before);
        all.find_map(|(at, _)| {
            let name = word.get(at..at + before.len())?;
            let rest = word.get(at + before.len()..)?.strip_prefix(' ')?;
            let (value, _) = rest.trim_start().strip_prefix('\'')?.split_once('\'')?;
            is_plain(value).then_some((name, value))
        })
    })
}

/// The password in a statement of SQL whose words stand for themselves.
pub(super) fn in_statement<'a>(words: &[&'a str]) -> Option<InWord<'a>> {
    let is = |word: &str, known: &[&str]| known.iter().any(|one| word.eq_ignore_ascii_case(one));
    let mut starts = words.windows(2);
    let start = starts.position(
        |two| matches!(two, [a, b] if is(a, &["alter", "create"]) && is(b, &["user", "role"])),
    )?;
    let mut statement = words
        .iter()
        .copied()
        .enumerate()
        .skip(start + 2)
        .take_while(|(_, word)| !is_separator(word));
    let (at, name) = statement.find(|(at, word)| {
        let before = words.get(at - 1).copied().unwrap_or_default();
        is(word, &["password"]) || is(word, &["by"]) && is(before, &["identified"])
    })?;
    let value = words.get(at + 1).copied()?;
    is_plain(value).then_some(InWord {
        name,
        value,
        word: at + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::{REACH, in_clients, in_sql};

    fn found(line: &str) -> Vec<&str> {
        let words: Vec<&str> = line.split(' ').collect();
        in_clients(&words)
            .into_iter()
            .map(|one| one.value)
            .collect()
    }

    #[test]
    fn what_is_far_behind_a_program_is_not_its_own() {
        let line = |between| format!("mysql {}-pAdm1n", "x ".repeat(between));
        assert_eq!(found(&line(REACH - 1)), ["Adm1n"]);
        assert!(found(&line(REACH)).is_empty());
    }

    #[test]
    fn programs_take_passwords_by_their_own_conventions() {
        for line in [
            "mysqladmin ping -uroot -pAdm1n",
            "mosquitto_sub -u admin -P Adm1n -t up",
            "mongosh -u root -p Adm1n --eval ping",
            "/usr/bin/cqlsh -u c -p Adm1n",
            "docker login -u x -p Adm1n registry",
            "sqlcmd -U sa -P Adm1n",
            "ldapsearch -x -w Adm1n",
            "redis-cli -h db -a Adm1n ping",
            "smbclient -U u%Adm1n //a/b",
            "sshpass -p Adm1n ssh a",
            "rabbitmqctl add_user u Adm1n",
            "rabbitmqctl -n a change_password u Adm1n",
            "htpasswd -bc /etc/users u Adm1n > /dev/null",
            "mosquitto_passwd -b /tmp/pw u Adm1n",
            "vault login Adm1n",
            "mysql -pAdm1n --host=db",
            "grafana-cli admin reset-admin-password Adm1n",
            "openssl enc -pass pass:Adm1n -in a",
            "kinit u <<< Adm1n",
            "mc alias set s3 http://minio:9000 key Adm1n",
            "sleep 1 && mongosh -p Adm1n",
        ] {
            let line = line.replace("&&", "& &");
            assert_eq!(found(&line), ["Adm1n"], "{line}");
        }
    }

    #[test]
    fn other_arguments_are_shown() {
        for line in [
            "docker run -p 8080:80 nginx",
            "mysql -u root && openssl enc -path x",
            "mysqladmin ping --port=3306",
            "mkdir -p /data",
            "ssh -p 2222 host",
            "mongosh -p $PASSWORD",
            "mongosh --port 27017",
            "openssl enc -pass env:PASSWORD -in a",
            "openssl enc -pass file:/run/secrets/key",
            "htpasswd -c /etc/users u",
            "vault login -method=userpass username=u",
            "rabbitmqctl list_users",
            "unzip archive",
            "mongosh db & mkdir -p /data",
            "smbclient -U u //a/b",
        ] {
            let line = line.replace("&&", "& &");
            assert_eq!(found(&line), [""; 0], "{line}");
        }
    }

    #[test]
    fn statements_of_sql_have_passwords() {
        for (text, expected) in [
            ("ALTER USER app WITH PASSWORD 'Adm1n'", Some("Adm1n")),
            ("create user a identified by 'Adm1n';", Some("Adm1n")),
            ("ALTER USER app PASSWORD '${X}'", None),
            ("SELECT password FROM 'x'", None),
        ] {
            assert_eq!(in_sql(text).map(|(_, value)| value), expected, "{text}");
        }
    }
}
