//! What a message says was expected.

/// What is expected where two things exclude each other.
pub(crate) const ONE_OF_TWO: &str = "expected one of the two";

/// That one of `words` is expected.
pub(crate) fn one_of<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> String {
    let mut text = "expected one of ".to_owned();
    for (index, word) in words.into_iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(word.as_ref());
    }
    text
}
