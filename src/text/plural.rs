//! Numbers of things, in words.

/// A number of things, with the noun that fits it: `1 error`, `2 errors`.
pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", noun(number, one, many))
}

/// The first texts of a list, followed by `N more` if it is longer.
pub(crate) fn first_of(mut texts: Vec<String>, most: usize) -> Vec<String> {
    let more = texts.len().saturating_sub(most);
    texts.truncate(most);
    if more > 0 {
        texts.push(format!("{more} more"));
    }
    texts
}

/// ` and N more`, behind the first things of a list; nothing where there are no others.
pub(crate) fn and_more(more: usize) -> String {
    match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}

/// The noun that fits a number of things.
pub(crate) const fn noun<'a>(number: usize, one: &'a str, many: &'a str) -> &'a str {
    if number == 1 { one } else { many }
}
