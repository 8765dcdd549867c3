//! Names that can be shown.

use super::shapes;

/// Whether the word before a `:` or `=` can be shown as a name: a token is not one.
pub(super) fn is_name(word: &str) -> bool {
    let has = |test: fn(char) -> bool| word.contains(test);
    let is_mixed = has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_digit());
    !word.is_empty()
        && word.len() <= 100
        && word.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '<'))
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | '<'))
        && (!is_mixed || word.contains('.') || word.contains("__"))
        && shapes::spot(word).is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_name_is_not_a_token() {
        assert!(is_name("DB_PASSWORD") && is_name("traefik.http.routers.web2App.rule"));
        assert!(!is_name("hunter2Canary") && !is_name("a b") && !is_name(""));
    }
}
