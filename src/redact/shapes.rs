//! What a secret looks like.

use std::ops::Range;

use super::assigned::assigned;
use super::dollars::literal_dollars;
use super::{hashes, public, ranges};
use crate::text::expression::{Operator, Piece, pieces};

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spotted {
    pub(crate) at: Range<usize>,
    pub(crate) kind: &'static str,
}

/// Beginnings of tokens, how long the rest is at least, and whose they are.
const SHAPES: [(&str, usize, &str); 33] = [
    ("AKIA", 16, "an access key of AWS"),
    ("ASIA", 16, "an access key of AWS"),
    ("ghp_", 36, "a token of GitHub"),
    ("gho_", 36, "a token of GitHub"),
    ("ghs_", 36, "a token of GitHub"),
    ("ghu_", 36, "a token of GitHub"),
    ("ghr_", 36, "a token of GitHub"),
    ("github_pat_", 50, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("xoxb-", 20, "a token of Slack"),
    ("xoxp-", 20, "a token of Slack"),
    ("xoxa-", 20, "a token of Slack"),
    ("sk_live_", 16, "a key of Stripe"),
    ("rk_live_", 16, "a key of Stripe"),
    ("sk-ant-", 20, "a key of Anthropic"),
    ("sk-proj-", 20, "a key of OpenAI"),
    ("AIza", 35, "a key of Google"),
    ("npm_", 36, "a token of npm"),
    ("pypi-", 40, "a token of PyPI"),
    ("dckr_pat_", 20, "a token of Docker Hub"),
    ("hf_", 30, "a token of Hugging Face"),
    ("SG.", 40, "a key of SendGrid"),
    ("sk_test_", 16, "a key of Stripe"),
    ("rk_test_", 16, "a key of Stripe"),
    ("xoxs-", 20, "a token of Slack"),
    ("xapp-", 20, "a token of Slack"),
    ("gsk_", 40, "a key of Groq"),
    ("AGE-SECRET-KEY-1", 50, "a key of age"),
    ("hvs.", 24, "a token of Vault"),
    ("dop_v1_", 60, "a token of DigitalOcean"),
    ("shpat_", 32, "a token of Shopify"),
    ("ATATT3", 40, "a token of Atlassian"),
    ("lin_api_", 32, "a key of Linear"),
];

impl Spotted {
    /// The secret itself, for those who compare it; it is not to be shown.
    pub(crate) fn in_text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.at.clone()).unwrap_or_default()
    }
}

/// Every secret of a text, by its shape.
pub(crate) fn spot(text: &str) -> Vec<Spotted> {
    let mut found = Vec::new();
    // Most texts are short. Looking for one character first is cheaper than looking for a string.
    let is_long = text.len() >= MIN_TOKEN;
    if is_long {
        found.extend(private_keys(text));
        if text.contains('$') {
            found.extend(hashes::modular(text).into_iter().map(hash));
        }
        if text.contains('{') {
            found.extend(hashes::schemed(text).into_iter().map(hash));
        }
    }
    // A password may have a `$` in it, which Compose files double.
    let literal = literal_dollars(text);
    if text.contains('/') {
        found.extend(urls(&literal));
        found.extend(webhooks(text));
    }
    if text.contains('=') {
        found.extend(connection_strings(&literal));
    }
    let words = if is_long { words(text) } else { Vec::new() };
    for at in words {
        let word = text.get(at.clone()).unwrap_or_default();
        let before = text.get(..at.start).unwrap_or_default();
        let kind = shape(word).or_else(|| {
            let is_key = is_hex_key(word) && !DIGESTS.iter().any(|of| before.ends_with(of));
            is_key.then_some(RANDOM)
        });
        let kind = kind.filter(|kind| *kind != RANDOM || !public::is_said_public(text, &at));
        if let Some(kind) = kind {
            found.push(Spotted { at, kind });
        }
    }
    found.sort_by_key(|spotted| (spotted.at.start, spotted.at.end));
    found.dedup_by(|later, earlier| {
        let between = text.get(earlier.at.end..later.at.start);
        let is_one = earlier.kind == RANDOM
            && later.kind == RANDOM
            && between.is_some_and(|between| !between.contains(char::is_whitespace));
        if is_one {
            // A hash holds its salt as well.
            earlier.at.end = later.at.end;
        }
        is_one || later.at.start < earlier.at.end
    });
    found
}

fn hash(at: Range<usize>) -> Spotted {
    Spotted {
        at,
        kind: "a hash of a password",
    }
}

/// What ends a key.
const END: &str = "-----END";

fn private_keys(text: &str) -> Vec<Spotted> {
    let mut found = Vec::new();
    let (mut done, mut has_end) = (0, true);
    for (start, _) in text.match_indices("-----BEGIN ") {
        if start < done {
            continue;
        }
        let rest = text.get(start..).unwrap_or_default();
        // The name of a kind of key is short.
        let head = rest.get(..ranges::floor(rest, 80)).unwrap_or_default();
        let head = head.lines().next().unwrap_or_default();
        if head.contains("PRIVATE KEY") {
            let line = rest.lines().next().unwrap_or_default();
            let end = has_end.then(|| rest.find(END)).flatten();
            has_end = end.is_some();
            let end = end.map(|end| {
                let name = rest.get(end + END.len()..).unwrap_or_default();
                let near = name.get(..ranges::floor(name, 80)).unwrap_or_default();
                let dashes = near.find("-----").map_or(0, |at| at + "-----".len());
                end + END.len() + dashes
            });
            done = start + end.unwrap_or(line.len());
            found.push(Spotted {
                at: start..done,
                kind: "a private key",
            });
        } else {
            done = start + head.len();
        }
    }
    found
}

/// `scheme://user:password@host`, where the password is not a variable, or one with a default.
fn urls(text: &str) -> Vec<Spotted> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("//") {
        let before = text.get(..at).unwrap_or_default();
        // An address of a share has no scheme: `//user:password@host/share`.
        let is_share = !before.ends_with(':');
        if is_share && !(before.is_empty() || before.ends_with(['"', '\'', ' ', '='])) {
            continue;
        }
        let start = at + 2;
        let rest = text.get(start..).unwrap_or_default();
        let ends = |c: char| {
            c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '?' | '#' | ',' | ')' | '`' | '<')
        };
        let (mut colon, mut end, mut depth) = (None, None, 0_usize);
        // The colons of an expression are its own.
        for (at, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                // Longer than any name and password; a line of JSON may hold many URLs.
                '\n' => break,
                _ if at > 1024 => break,
                _ if depth > 0 => {}
                ':' if colon.is_none() => colon = Some(at + 1),
                '@' => end = Some(at),
                _ if ends(c) => break,
                _ => {}
            }
        }
        let (Some(colon), Some(end)) = (colon, end) else {
            continue;
        };
        let Some(password) = rest.get(colon..end) else {
            continue;
        };
        if is_share && !is_of_share(rest, colon, end) {
            continue;
        }
        let (skipped, password) = default(password);
        if is_literal(password) {
            let from = start + colon + skipped;
            found.push(Spotted {
                at: from..from + password.len(),
                kind: "a password in a URL",
            });
        }
    }
    found
}

/// Whether an address without a scheme has the user and the path of a share. A comment is none: `// a: b@c`.
fn is_of_share(address: &str, colon: usize, end: usize) -> bool {
    let user = address.get(..colon.saturating_sub(1)).unwrap_or_default();
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let host = address.get(end + 1..).unwrap_or_default();
    let path = host.trim_start_matches(is_part);
    !user.is_empty()
        && user.chars().all(is_part)
        && path.len() < host.len()
        && path.starts_with('/')
}

/// The default of a value that is one variable, after how many bytes; another value as it is.
fn default(value: &str) -> (usize, &str) {
    match pieces(value).next() {
        Some(Piece::Expression(expression))
            if expression.written == value && expression.operator == Some(Operator::Default) =>
        {
            (value.len() - 1 - expression.word.len(), expression.word)
        }
        _ => (0, value),
    }
}

/// Addresses that are secrets themselves: anyone who has one can write there.
fn webhooks(text: &str) -> Vec<Spotted> {
    let mut found = Vec::new();
    for head in ["hooks.slack.com/services/", "discord.com/api/webhooks/"] {
        for (at, _) in text.match_indices(head) {
            let start = at + head.len();
            let rest = text.get(start..).unwrap_or_default();
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-');
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            if length >= 30 {
                found.push(Spotted {
                    at: start..start + length,
                    kind: "the address of a webhook",
                });
            }
        }
    }
    found
}

/// `password=…` of a connection string, where it is neither a variable nor a file.
fn connection_strings(text: &str) -> Vec<Spotted> {
    let is_password = |name: &str| {
        let word = name.rsplit(['.', '-']).next().unwrap_or_default();
        let passwords = ["password", "passwd", "pwd"];
        passwords.iter().any(|own| word.eq_ignore_ascii_case(own))
    };
    let mut found = Vec::new();
    for mut at in assigned(text, b"=", is_password) {
        let value = text.get(at.clone()).unwrap_or_default();
        let value = value.split('\\').next().unwrap_or_default();
        at.end = at.start + value.len();
        let is_bare = text.get(..at.start).is_some_and(|text| text.ends_with('='));
        if is_bare && value.len() >= 3 && !value.starts_with('/') && is_literal(value) {
            found.push(Spotted {
                at,
                kind: "a password in a connection string",
            });
        }
    }
    found
}

/// What a reference to a secret begins with: a program looks it up in a file or a store.
const REFERENCES: [&str; 7] = [
    "!env", "!secret ", "arn:aws", "file:.", "file:/", "op://", "ssm:/",
];

/// What is before the path of a secret in a store.
const STORES: [&str; 7] = [
    "aws-sm:", "awssm:", "docker-secret:", "gcpsm:", "keyring:", "secretsmanager:", "vault:",
];

fn is_reference(value: &str) -> bool {
    let is_of_cloud = value.starts_with("projects/") && value.contains("/secrets/");
    let is_name = |name: &str| {
        let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(is_part)
    };
    let is_variable = || value.strip_prefix("env:").is_some_and(is_name);
    let is_stored = |head: &str| {
        let path = value.strip_prefix(head);
        path.is_some_and(|path| path.contains('/'))
    };
    is_of_cloud
        || REFERENCES.iter().any(|head| value.starts_with(head))
        || STORES.iter().any(|head| is_stored(head))
        || is_variable()
}

/// Whether a value is the secret itself, and not what is filled in for it.
pub(crate) fn is_literal(value: &str) -> bool {
    !value.is_empty()
        && !is_reference(value)
        && !value.contains(['$', '{', '}', '<', '>', '\u{1}'])
        && !value
            .chars()
            .all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '…' | '-'))
}

/// Runs of the characters that tokens are made of, as long as the shortest token at least.
fn words(text: &str) -> Vec<Range<usize>> {
    let belongs = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=')
    };
    let mut words = Vec::new();
    let mut start = 0;
    let ends = text.bytes().enumerate().filter(|(_, byte)| !belongs(*byte));
    for end in ends.map(|(at, _)| at).chain([text.len()]) {
        if end - start >= MIN_TOKEN {
            words.push(start..end);
        }
        start = end + 1;
    }
    // `KEY=value` and `/path/…` are looked at without what leads to them.
    words
        .into_iter()
        .map(|word| {
            let shown = text.get(word.clone()).unwrap_or_default();
            let trimmed = shown.trim_end_matches(['=', '.']);
            match trimmed.rfind('=') {
                Some(at) => word.start + at + 1..word.end,
                None => word,
            }
        })
        .collect()
}

/// The shortest token that is known by its shape.
pub(super) const MIN_TOKEN: usize = 20;

fn shape(word: &str) -> Option<&'static str> {
    if word.len() < MIN_TOKEN {
        return None;
    }
    let is_token = |rest: &str| {
        rest.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    for (head, length, kind) in SHAPES {
        if let Some(rest) = word.strip_prefix(head)
            && rest.len() >= length
            && is_token(rest)
        {
            return Some(kind);
        }
    }
    // A JSON Web Token: two texts of JSON in base64, and a signature.
    let parts: Vec<&str> = word.split('.').collect();
    if let [head, body, signature] = parts.as_slice()
        && head.starts_with("eyJ")
        && body.starts_with("eyJ")
        && signature.len() >= 20
    {
        return Some("a JSON Web Token");
    }
    is_random(word).then_some(RANDOM)
}

pub(super) const RANDOM: &str = "a random value, as keys are";

/// What a value is whose name says that it is secret.
pub(super) const NAMED: &str = "a password or key, as its name says";

/// Prefixes of digests, which need not be hidden.
const DIGESTS: [&str; 5] = ["sha1:", "sha256:", "sha384:", "sha512:", "md5:"];

/// Whether a word is a key in hexadecimal digits: of 128 bits or more in whole words of 64, which a
/// commit is not.
fn is_hex_key(word: &str) -> bool {
    let count = |test: fn(&char) -> bool| word.chars().filter(test).count();
    matches!(word.len(), 32 | 48 | 64 | 96 | 128)
        && word.chars().all(|c| c.is_ascii_hexdigit())
        && count(char::is_ascii_digit) >= 4
        && count(char::is_ascii_alphabetic) >= 4
        && entropy(word) >= 3.0
}

/// Whether a word looks random: long, of all kinds of characters, with no
/// word in it, and with as many bits to a character as base64 of random bytes has.
fn is_random(word: &str) -> bool {
    let word = word.trim_end_matches('=');
    if word.len() < 28
        || word.len() > 512
        || word.contains('.')
        || word.matches('/').count() > 2.max(word.len() / 12)
    {
        return false;
    }
    let has = |test: fn(&char) -> bool| word.chars().filter(test).count() >= 3;
    if !has(char::is_ascii_uppercase)
        || !has(char::is_ascii_lowercase)
        || !has(char::is_ascii_digit)
    {
        return false;
    }
    // Names change between kinds of characters seldom, random text at every other one.
    let kind = |c: char| match c {
        'a'..='z' => 0,
        'A'..='Z' => 1,
        '0'..='9' => 2,
        _ => 3,
    };
    let kinds: Vec<u8> = word.chars().map(kind).collect();
    let changes = kinds
        .windows(2)
        .filter(|pair| pair.first() != pair.last())
        .count();
    changes * 5 >= word.len() * 2 && entropy(word) >= 4.0
}

/// Bits to a character (Shannon).
#[allow(clippy::cast_precision_loss, reason = "lengths are small")]
fn entropy(word: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in word.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let all = word.len() as f64;
    let parts = counts.iter().filter(|count| **count > 0).map(|count| {
        let part = f64::from(*count) / all;
        -part * part.log2()
    });
    parts.sum()
}

#[cfg(test)]
mod tests;
