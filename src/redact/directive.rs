//! The secrets in a line of a file of settings: `password = VALUE`, `requirepass VALUE`.

use super::assigned::after_scheme;
use super::names::names_secret;
use super::value::{is_plain, is_secret};

/// Directives whose names have no words in them, which are options of commands too.
pub(super) const DIRECTIVES: [&str; 3] = ["requirepass", "masterauth", "primaryauth"];

/// What a password follows in a line about a user or a machine: `user admin password VALUE`.
const PASSWORDS: [&str; 4] = [
    "password", "insecure-password", "auth-pass", "sentinel-pass",
];

/// What begins such a line.
const ABOUT: [&str; 5] = ["user", "machine", "default", "login", "sentinel"];

/// What follows the word `password` in prose, and where it names a way to log in.
const OTHER: [&str; 11] = [
    "required", "requisite", "sufficient", "optional", "protected", "needed", "missing",
    "authentication", "hashing", "encryption", "prompt",
];

/// A word of a line, without its quotes.
#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    is_quoted: bool,
}

/// The names and the secrets of a line of a configuration, however it separates them.
pub(crate) fn in_line(line: &str) -> Vec<(&str, &str)> {
    let mut found = in_elements(line);
    let rest = if found.is_empty() {
        line
    } else {
        line.split('<').next().unwrap_or_default()
    };
    found.extend(assigned(rest).map_or_else(|| in_words(rest), |one| vec![one]));
    found
}

/// Those of the elements of XML in a line: `<password>hunter2</password>`. The keys of a property list are names.
fn in_elements(line: &str) -> Vec<(&str, &str)> {
    if line.trim_start().starts_with("<!--") {
        return Vec::new();
    }
    let parts: Vec<&str> = line.split('<').skip(1).collect();
    let found = parts.windows(2).filter_map(|pair| {
        let (start, end) = (pair.first()?, pair.last()?);
        let (tag, value) = start.split_once('>')?;
        let name = tag.split_ascii_whitespace().next()?;
        let is_closed = end
            .strip_prefix('/')
            .is_some_and(|rest| rest.starts_with(name));
        let value = value.trim();
        (is_closed && !name.eq_ignore_ascii_case("key") && is_secret(name, value))
            .then_some((name, value))
    });
    found.collect()
}

/// Those of a line that has neither `:` nor `=` behind their names.
pub(super) fn in_words(line: &str) -> Vec<(&str, &str)> {
    let line = line.trim();
    let comments = ["#", ";", "//", "--", "/*", "*"];
    if comments.iter().any(|sign| line.starts_with(sign)) {
        return Vec::new();
    }
    if let Some(password) = of_password_file(line) {
        return vec![("password", password)];
    }
    of_words(&words(line))
}

/// The name and the secret of `password = hunter2`.
fn assigned(line: &str) -> Option<(&str, &str)> {
    let quotes = ['"', '\'', ' ', '\t', ',', ';', '\r', '\n'];
    let (name, value) = line.split_once(['=', ':'])?;
    let (name, value) = (name.trim_matches(quotes), value.trim_matches(quotes));
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    (is_name && is_secret(name, value)).then_some((name, value))
}

/// The password of a line of `.pgpass`: `HOST:PORT:DATABASE:USER:PASSWORD`.
fn of_password_file(line: &str) -> Option<&str> {
    let mut parts = line.splitn(5, ':');
    let (_, port, _, user, password) = (
        parts.next().filter(|host| !host.is_empty())?,
        parts.next()?,
        parts.next().filter(|database| !database.is_empty())?,
        parts.next()?,
        parts.next()?,
    );
    let is_port = port == "*" || !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
    let is_user = user == "*" || user.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_line = is_port && is_user && !line.contains(char::is_whitespace);
    (is_line && is_plain(password)).then_some(password)
}

/// The secrets of a line whose words say what they are.
fn of_words<'a>(words: &[Word<'a>]) -> Vec<(&'a str, &'a str)> {
    let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
    let secret = |name, value: &'a str| is_plain(value).then_some((name, value));
    let found = match texts.as_slice() {
        ["stats", "auth", pair] => pair
            .split_once(':')
            .and_then(|(_, password)| secret("auth", password)),
        [user, password] if words.iter().all(|word| word.is_quoted) => {
            secret(*user, password).filter(|_| is_of_user_list(password))
        }
        [name, value] => is_directive(name, value, words.last().is_some_and(|it| it.is_quoted))
            .then(|| secret(*name, value))
            .flatten(),
        [.., directive, name, value] if is_of_header(directive) => {
            let token = after_scheme(value);
            let is_secret = token.len() < value.len() && is_plain(token) || is_secret(name, token);
            is_secret.then_some((*name, token))
        }
        _ => None,
    };
    let mut found: Vec<_> = found.into_iter().collect();
    let first = texts.first().copied().unwrap_or_default();
    if !found.is_empty() || !ABOUT.contains(&first) {
        return found;
    }
    for pair in texts.windows(2) {
        let (name, value) = match pair {
            // One of a list of rules for a user of Redis.
            [_, rule] if first == "user" && rule.starts_with('>') => {
                ("password", rule.get(1..).unwrap_or_default())
            }
            // The name of the primary is between.
            ["auth-pass", _] => continue,
            [name, value] if PASSWORDS.contains(name) => (*name, *value),
            _ => continue,
        };
        found.extend(secret(name, value).filter(|_| !OTHER.contains(&value)));
    }
    if let ["sentinel", "auth-pass", _, value] = texts.as_slice() {
        found.extend(secret("auth-pass", value));
    }
    found
}

/// Whether the second of two words in quotes is a password of the list of users of `PgBouncer`; many settings have two such
/// words.
fn is_of_user_list(value: &str) -> bool {
    let has_digit = value.contains(|c: char| c.is_ascii_digit());
    has_digit && value.len() >= 8 && !value.contains([' ', ';', '/', '.'])
}

/// Whether a line of two words sets a secret.
fn is_directive(name: &str, value: &str, is_quoted: bool) -> bool {
    let is_prose = !is_quoted && (OTHER.contains(&value) || value.ends_with(['.', ',', ':', '?']));
    DIRECTIVES.contains(&name.to_ascii_lowercase().as_str())
        || names_secret(name) && !is_prose && !name.starts_with(['-', '<', '['])
}

/// Whether a word says that a header follows: `proxy_set_header`, `set-header`, `header_up`.
fn is_of_header(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.ends_with("header") || word.starts_with("header_")
}

/// The words of a line. What is in quotes is one, and the end of a statement belongs to none.
fn words(line: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = line.trim_end_matches(';').trim_end();
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            return words;
        };
        if first == '#' {
            return words;
        }
        let quoted = rest
            .strip_prefix(['"', '\''])
            .and_then(|inner| inner.split_once(first));
        let (text, after) = quoted.unwrap_or_else(|| {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest.split_at_checked(end).unwrap_or((rest, ""))
        });
        words.push(Word {
            text,
            is_quoted: quoted.is_some(),
        });
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::in_line;

    #[test]
    fn a_secret_is_found_however_a_line_separates_it_from_its_name() {
        for line in [
            "password = hunter2secret",
            "\"password\": \"hunter2secret\",",
            "requirepass hunter2secret",
            "  masterauth \"hunter2secret\"",
            "password hunter2secret",
            "remote_password hunter2secret",
            "user default on >hunter2secret ~* +@all",
            "user admin password hunter2secret",
            "user admin insecure-password hunter2secret groups a",
            "stats auth admin:hunter2secret",
            "sentinel auth-pass main hunter2secret",
            "machine registry login ada password hunter2secret",
            "\"shop\" \"hunter2secret\"",
            "db:5432:*:shop:hunter2secret",
            "proxy_set_header Authorization \"Basic hunter2secret\";",
            "proxy_set_header X-Api-Key hunter2secret;",
            "http-request set-header Authorization \"Bearer hunter2secret\"",
            "header_up Authorization \"Basic hunter2secret\"",
            "<password>hunter2secret</password>",
            "<user>a</user><db-password type=\"x\">hunter2secret</db-password>",
        ] {
            let found: Vec<_> = in_line(line).into_iter().map(|(_, value)| value).collect();
            assert_eq!(found, ["hunter2secret"], "{line}");
        }
        let found = in_line("user ada on >hunter1secret >hunter2secret");
        assert_eq!(found.len(), 2, "{found:?}");
        let found = in_line("password=hunter1secret <token>hunter2secret</token>");
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn prose_paths_switches_and_variables_are_none() {
        for line in [
            "# requirepass hunter2secret",
            "; password hunter2secret",
            "-- password hunter2secret",
            "password required",
            "password required pam_unix.so",
            "password missing.",
            "the password is in the file /run/secrets/db",
            "user admin needs a password",
            "user nginx;",
            "requirepass ${REDIS_PASSWORD}",
            "requirepass $REDIS_PASSWORD",
            "password off",
            "password none",
            "password_file /run/secrets/db",
            "password /run/secrets/db",
            "password_encryption scram-sha-256",
            "ssl_certificate_key certs/key2048.pem;",
            "user default on nopass ~* +@all",
            "proxy_set_header Authorization $http_authorization;",
            "proxy_set_header Host $host;",
            "add_header X-Frame-Options \"DENY\";",
            "include \"a.conf\"",
            "\"upgrade\" \"keep-alive\";",
            "\"~*iphone\" \"mobile\";",
            "\"v1\" \"/api/version1\"",
            "127.0.0.1:80:8080:90:443",
            "tokens 5",
            "<password></password>",
            "<password from_env=\"DB_PASSWORD\"/>",
            "<!-- <password>hunter2secret</password> -->",
            "<label for=\"password\">Password1</label>",
            "<password>$DB_PASSWORD</password>",
            "<key>hunter2secret</key>",
        ] {
            assert_eq!(in_line(line), [], "{line}");
        }
    }
}
