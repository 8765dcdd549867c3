//! Hashes of passwords.

use std::ops::Range;

use super::ranges;

/// Beginnings of hashes of passwords, as in the users of basic authentication; Compose files double the `$`.
const HASHES: [&str; 11] = [
    "apr1", "2a", "2b", "2y", "1", "5", "6", "7", "y", "argon2i", "argon2id",
];

/// Hashes of passwords: `$apr1$salt$hash`, `$2y$05$hash`. Who has one can try all words.
pub(super) fn modular(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let is_part =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '$' | '.' | '/' | '=' | ',' | '+');
    for (at, _) in text.match_indices('$') {
        let before = text.get(..at).unwrap_or_default();
        if before.ends_with('$') || found.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let rest = text.get(at..).unwrap_or_default().trim_start_matches('$');
        let near = rest.get(..ranges::floor(rest, 10)).unwrap_or_default();
        let kind = near.split('$').next().unwrap_or_default();
        if kind.len() == near.len() || !HASHES.contains(&kind) {
            continue;
        }
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if length >= 30 {
            found.push(at..text.len() - rest.len() + length);
        }
    }
    found
}

/// Whether what `secret` has without its dollar signs is, or has in it, a hash that a text has.
pub(crate) fn has_hash(text: &str, secret: &str) -> bool {
    let bare = |text: &str| text.replace('$', "");
    let secret = bare(secret);
    let mut found = modular(text).into_iter().chain(schemed(text));
    found.any(|at| {
        text.get(at)
            .is_some_and(|hash| secret.contains(&bare(hash)))
    })
}

/// Schemes of hashes of passwords, as LDAP, Apache and Dovecot write them: `{SHA}HASH`.
const HASH_SCHEMES: [&str; 9] = [
    "SHA", "SSHA", "SHA256", "SSHA256", "SHA512", "SSHA512", "MD5", "SMD5", "PBKDF2-SHA256",
];

pub(super) fn schemed(text: &str) -> Vec<Range<usize>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '=' | '+' | '$');
    let found = text.match_indices('{').filter_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let near = rest.get(..ranges::floor(rest, 20))?;
        let (scheme, _) = near.split_once('}')?;
        let hash = rest.get(scheme.len() + 1..)?;
        let length = hash.find(|c| !is_part(c)).unwrap_or(hash.len());
        let start = at + scheme.len() + 2;
        (HASH_SCHEMES.contains(&scheme) && length >= 22).then_some(start..start + length)
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::schemed;

    #[test]
    fn a_hash_follows_the_name_of_its_scheme() {
        let text = "HTPASSWD: \"admin:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\"";
        let found: Vec<_> = schemed(text)
            .iter()
            .map(|at| text.get(at.clone()).unwrap())
            .collect();
        assert_eq!(found, ["W6ph5Mm5Pz8GgiULbPgzG37mj9g="]);
        for text in ["{SHA}", "{SHA}${HASH}", "{sha}/path", "a{b}c", "{{ SHA }}x"] {
            assert!(schemed(text).is_empty(), "{text}");
        }
    }
}
