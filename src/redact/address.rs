//! Passwords and tokens in addresses.

use std::ops::Range;

use crate::text::expression::{Piece, pieces};

/// The passwords of addresses: `scheme://user:PASSWORD@host`, `//user:PASSWORD@host/share`,
/// `https://TOKEN@host`, and the same in the percent encoding.
pub(super) fn credentials(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (slashes, ats, colons) in [
        ("//", "@", ":"),
        ("%2F%2F", "%40", "%3A"),
        ("%2f%2f", "%40", "%3a"),
    ] {
        let mut done = 0;
        if !text.contains(if ats == "@" { '@' } else { '%' }) {
            continue;
        }
        for (at, _) in text.match_indices(slashes) {
            if at < done {
                continue;
            }
            let start = at + slashes.len();
            let rest = text.get(start..).unwrap_or_default();
            let length = address_end(rest);
            done = start + length;
            let word = rest.get(..length).unwrap_or_default();
            let Some(end) = word.rfind(ats) else { continue };
            let before = word.get(..end).unwrap_or_default();
            let scheme = text.get(..at).unwrap_or_default();
            if let Some((colon, is_word)) = separator(before, colons) {
                let from = colon + colons.len();
                let end = end - usize::from(is_word && before.ends_with('}'));
                let password = before.get(from..).unwrap_or_default();
                // `host:80/path@1` and `host:80?from=a@b` have a port.
                let port = password.split(['/', '?']).next().unwrap_or_default();
                let rest = password.get(port.len()..).unwrap_or_default();
                let is_port = (rest.starts_with('/') || rest.contains('='))
                    && port.chars().all(|c| c.is_ascii_digit())
                    && !port.is_empty();
                if !is_port {
                    found.push(start + from..start + end);
                }
            } else if is_web(scheme) && before.len() >= 8 && !before.contains('/') {
                found.push(start..start + end);
            }
        }
    }
    found
}

/// Where the user ends in `USER:PASSWORD`, and whether that is in the default of a variable. The colon of an operator, as
/// in `${USER:?}`, ends none.
fn separator(text: &str, colons: &str) -> Option<(usize, bool)> {
    let mut at = 0;
    for piece in pieces(text) {
        let written = piece.written();
        let searched = match piece {
            Piece::Expression(expression) => expression.word,
            Piece::Literal(_) | Piece::Dollar | Piece::Invalid(_) => written,
        };
        if let Some(found) = searched.find(colons) {
            // A brace is behind the word.
            let is_word = searched.len() < written.len();
            let start = at + written.len() - searched.len() - usize::from(is_word);
            return Some((start + found, is_word));
        }
        at += written.len();
    }
    None
}

/// Where an address ends: a quote may be a part of a password, where no end follows it.
fn address_end(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_end = match c {
            '"' | '\'' | '`' => chars.peek().is_none_or(|(_, next)| {
                next.is_whitespace() || matches!(next, ',' | ';' | ':' | ')' | ']' | '}' | '.')
            }),
            c => c.is_whitespace() || matches!(c, '<' | '>'),
        };
        if is_end {
            return at;
        }
    }
    rest.len()
}

fn is_web(before: &str) -> bool {
    let before = before.trim_end_matches(':').trim_end_matches("%3A");
    ["http", "https", "tcp"]
        .iter()
        .any(|scheme| before.ends_with(scheme))
}

/// Whether an address has a password or a token before its host: `scheme://user:PASSWORD@host`, `https://TOKEN@host`,
/// `user:PASSWORD@tcp(host)`, `user/PASSWORD@host`. A user alone is none, unless `is_token` says so.
pub(super) fn has_credentials(address: &str, is_token: impl Fn(&str) -> bool) -> bool {
    let Some((scheme, rest)) = address.split_once("//") else {
        let before = address.rsplit_once('@').map(|(before, _)| before);
        let password = before.and_then(|before| before.split_once([':', '/']));
        return password.is_some_and(|(_, password)| !password.is_empty());
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_user_token = authority
        .rsplit_once('@')
        .is_some_and(|(user, _)| is_web(scheme) || is_token(user));
    is_user_token || credentials(address).iter().any(|range| !range.is_empty())
}

#[cfg(test)]
mod tests {
    use super::has_credentials;

    #[test]
    fn an_address_has_credentials_before_its_host() {
        for address in [
            "postgres://u:hunter2@db/x",
            "redis://:hunter2@cache",
            "https://abc@o1.example/5",
            "u:hunter2@tcp(db:3306)/x",
            "u/hunter2@db:1521/x",
            "sendgrid://TOKEN@default",
        ] {
            assert!(
                has_credentials(address, |user| user == "TOKEN"),
                "{address}"
            );
        }
        for address in [
            "postgres://u@db:5432/x?sslmode=disable",
            "postgres://u:@db/x",
            "smtp://mail:1025?from=a@b.example",
            "http://h:80/a@b",
            "u@tcp(db:3306)/x",
            "sqlite:///var/a.db",
            "flock",
        ] {
            assert!(!has_credentials(address, |_| false), "{address}");
        }
    }
}
