//! Secrets in a text that is not a file: an address, an option, an error.

use std::borrow::Cow;
use std::ops::Range;

use super::address::credentials;
use super::assigned::{SEPARATORS, assigned};
use super::dollars::literal_dollars;
use super::flow::Entry;
use super::value::{is_secret, looks_secret};
use super::{HIDDEN, names, public, ranges, shapes};

/// The text with `(hidden)` instead of every secret that a name or a shape gives away: passwords in
/// addresses, `password=…`, tokens of known makers.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    // Most texts of a report are words: neither a name with a value, nor an address, nor a token.
    if text.len() < shapes::MIN_TOKEN && !text.contains([':', '=', '@', '%']) {
        return Cow::Borrowed(text);
    }
    let ranges = secrets(text);
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(ranges::replaced(text, &ranges, |_| HIDDEN.to_owned()))
}

/// Replaces every such secret of a text in place.
pub(crate) fn hide(in_place: &mut String) {
    if let Cow::Owned(hidden) = text(in_place) {
        *in_place = hidden;
    }
}

/// The secrets of a text that is not a file, sorted and apart.
pub(crate) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut ranges = named(text);
    ranges.extend(credentials(text));
    let shaped = shapes::spot(text).into_iter();
    // A value without order may be the ID of a container or an image.
    let shaped = shaped.filter(|spotted| spotted.kind != shapes::RANDOM);
    ranges.extend(shaped.map(|spotted| spotted.at));
    ranges.retain(|range| {
        let secret = text.get(range.clone()).unwrap_or_default();
        !secret.starts_with("(hidden")
    });
    ranges::merged(ranges)
}

/// The secrets of a text that a file holds, which are not to be copied: by shape, in addresses, and the values of names in
/// it that are secrets. `name` is the one of the whole text.
pub(crate) fn held(name: &str, text: &str) -> Vec<Range<usize>> {
    let literal = literal_dollars(text);
    let named = assigned_secrets(&literal).into_iter();
    let mut ranges: Vec<Range<usize>> = named.map(|(_, range)| range).collect();
    ranges.extend(credentials(text));
    let is_public = public::is_public_for(name, text);
    let spotted = shapes::spot(text).into_iter();
    let spotted = spotted.filter(|spotted| !is_public || spotted.kind != shapes::RANDOM);
    ranges.extend(spotted.map(|spotted| spotted.at));
    ranges::merged(ranges)
}

/// The secrets of a text that a name before them calls so, each with its name.
pub(super) fn assigned_secrets(text: &str) -> Vec<(&str, Range<usize>)> {
    if !text.contains([':', '=']) {
        return Vec::new();
    }
    let values = assigned(text, SEPARATORS, names::may_be_secret).into_iter();
    let named = values.filter_map(|range| {
        let value = text.get(range.clone())?.trim_end_matches('\\');
        let range = range.start..range.start + value.len();
        let before = text.get(..range.start)?;
        let is_quoted = before.ends_with(['"', '\'']);
        let before = before.trim_end_matches(['"', '\'', '\\', ' ', '\t']);
        // What is before it is the scheme of a header, or the name.
        let is_assigned = before.ends_with(['=', ':']);
        let before = if is_assigned {
            before
        } else {
            let named = before.rsplit_once([':', '=']);
            named.map_or(before, |(before, _)| before)
        };
        let is_colon = before.ends_with(':');
        let before = before.trim_end_matches(['=', ':', '"', '\'', ' ', '\\']);
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let name = before.rsplit(|c: char| !is_name(c)).next()?;
        let name = name.trim_start_matches('-');
        // `Enter your password: it is not stored` is prose.
        let lead = before.strip_suffix(name)?.trim_end_matches(' ');
        let behind = text.get(range.end..)?.strip_prefix(' ').unwrap_or_default();
        let is_prose = is_colon
            && !is_quoted
            && (lead.ends_with(char::is_alphanumeric) || behind.starts_with(char::is_alphanumeric));
        let is_it = !is_prose || looks_secret(value);
        (is_it && (!is_assigned || is_secret(name, value))).then_some((name, range))
    });
    named.collect()
}

/// Whether a text holds a secret by any name or shape.
pub(super) fn has_secret(text: &str) -> bool {
    !secrets(text).is_empty() || !shapes::spot(text).is_empty()
}

/// The values of names that say that they are secret: `password=…`, `"api_key": "…"`, `token: …`.
pub(super) fn named(text: &str) -> Vec<Range<usize>> {
    assigned(text, SEPARATORS, |name| {
        names::may_be_secret(name.trim_start_matches('-'))
    })
}

/// The name of a variable, a label or an option as it may be shown: a slip makes a name of
/// `NAME:secret`, and one without a value may be the secret itself.
pub(crate) fn name(name: &str, has_value: bool) -> Cow<'_, str> {
    let is_plain = !name.contains([' ', ':', '=', '"', '\'']);
    // That of a mount is a path.
    let bare = name.strip_prefix('/').unwrap_or(name);
    if super::shown_name::is_name(bare) || has_value && is_plain {
        return name.into();
    }
    let entry = Entry::of(name);
    match entry.value.and_then(|end| name.get(..end)) {
        Some(before) if entry.is_name() => format!("{before}{HIDDEN}").into(),
        _ => HIDDEN.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn addresses_and_options_lose_their_secrets() {
        for (whole, shown) in [
            ("tcp://u:hunter2@h:2375", "tcp://u:(hidden)@h:2375"),
            ("tcp://u:p%40ss@h", "tcp://u:(hidden)@h"),
            ("//u:hunter2@nas/share", "//u:(hidden)@nas/share"),
            ("redis://:a/b@c@h", "redis://:(hidden)@h"),
            ("a://${U:?}:hunter2@h", "a://${U:?}:(hidden)@h"),
            ("a://${U:-u:hunter2}@h", "a://${U:-u:(hidden)}@h"),
            (
                "https://abcdefgh1@github.com/a",
                "https://(hidden)@github.com/a",
            ),
            (
                "tcp%3A%2F%2Fu%3Ahunter2%40h",
                "tcp%3A%2F%2Fu%3A(hidden)%40h",
            ),
            (
                "addr=1,password=hunter2,vers=3",
                "addr=1,password=(hidden),vers=3",
            ),
            ("a --token=hunter2 b", "a --token=(hidden) b"),
            (
                r#"{"api_key": "hunter2", "a": 1}"#,
                r#"{"api_key": "(hidden)", "a": 1}"#,
            ),
            ("password: hunter2", "password: (hidden)"),
        ] {
            assert_eq!(text(whole), shown);
            assert_eq!(text(shown), shown);
        }
    }

    #[test]
    fn a_text_without_a_secret_stays() {
        for whole in [
            "unix:///var/run/docker.sock",
            "ssh://git@github.com/a",
            "http://h:80/a@b",
            "ghcr.io/a/b@sha256:de2d93a737fb3463aa11bb22cc33dd44ee55ff6677889900aabbccddeeff0011",
            "the variable DB_PASSWORD is not set",
            "/run/secrets/db_password:/x",
            "postgres://u@h/db",
            "postgres://${U:?}@h:5432/db",
            "secrets: a",
            "password=${PASSWORD}",
        ] {
            assert_eq!(text(whole), whole);
        }
    }

    proptest::proptest! {
        #[test]
        fn hiding_twice_hides_no_more(whole in "[a-z:/@=%$ {}\"é,-]{0,60}|(password|token|//|=|:|@|x| ){0,12}") {
            let once = text(&whole).into_owned();
            proptest::prop_assert_eq!(text(&once).into_owned(), once.clone());
        }
    }
}
