//! Numbers of things, in words.

/// A number of things, with the noun that fits it: `1 error`, `2 errors`.
pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", noun(number, one, many))
}

/// The noun that fits a number of things.
pub(crate) const fn noun<'a>(number: usize, one: &'a str, many: &'a str) -> &'a str {
    if number == 1 { one } else { many }
}
