//! The digest of a definition, as a label of the thing that is made from it.
//!
//! A container, network or volume that bears an older digest than the spec gives now was never made
//! anew since the spec changed; one that bears the current digest, and differs all the same, was
//! changed by hand. `drift` tells the two apart by it.

use std::ops::Range;

/// What a template's `definition()` gives; the digest, which is as long, takes its place when the
/// whole is rendered, so that no place in the text moves.
pub(super) const PLACEHOLDER: &str = "sha256-0000000000000000";

/// Writes digests into a rendered text, at these places.
///
/// # Errors
/// A placeholder that stands elsewhere.
pub(super) fn fill_in(
    text: &str,
    digests: &[(Range<usize>, String)],
) -> Result<String, &'static str> {
    let mut filled = text.to_owned();
    for (at, digest) in digests {
        // A quoted label is longer than its text.
        let written = filled
            .get(at.clone())
            .and_then(|label| label.find(PLACEHOLDER));
        if let Some(offset) = written {
            let start = at.start + offset;
            filled.replace_range(start..start + PLACEHOLDER.len(), digest);
        }
    }
    if filled.contains(PLACEHOLDER) {
        return Err(
            "`definition()` must be the value of the label `composegen.definition`, in the mapping of \
             labels of a service, a network or a volume",
        );
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::{PLACEHOLDER, fill_in};
    use crate::compose::{Document, Options, read_document};
    use crate::source::Source;

    /// The text, and the digest that the state which was read from it holds.
    fn filled(text: &str) -> (String, Option<String>) {
        let text = text.replace('@', PLACEHOLDER);
        let mut document = Document::parse(&Source::new("c.yml", text.as_str())).unwrap();
        let digests = document.label_definitions(PLACEHOLDER);
        let text = fill_in(&text, &digests).unwrap();
        let state = read_document(document, &Options::verbatim()).unwrap();
        (text, state.services["a"].config.definition.clone())
    }

    fn digest(text: &str) -> String {
        filled(&format!("name: p\n{text}")).1.unwrap()
    }

    #[test]
    fn the_text_and_the_state_hold_the_same_digest() {
        let (text, digest) = filled(
            "name: p\nservices: { a: { image: x, command: [é], networks: [n], labels: { composegen.definition: '@' } }, b: { image: y } }\n\
             networks: { n: { internal: true, labels: { composegen.definition: @ } } }\n",
        );
        assert!(
            text.contains(&digest.unwrap()) && !text.contains(PLACEHOLDER),
            "{text}"
        );
    }

    #[test]
    fn a_digest_changes_with_the_definition_and_the_files_it_uses() {
        let one = "services: { a: { image: x, labels: { composegen.definition: @ } } }";
        let reordered = "services: { a: { labels: { composegen.definition: @ }, image: x } }";
        let other = "services: { a: { image: y, labels: { composegen.definition: @ } } }";
        assert_eq!(digest(one), digest(reordered));
        assert_ne!(digest(one), digest(other));
        let config = |content: &str| {
            format!(
                "services: {{ a: {{ image: x, configs: [c], labels: {{ composegen.definition: @ }} }} }}\n\
                 configs: {{ c: {{ content: {content} }} }}"
            )
        };
        assert_ne!(digest(&config("one")), digest(&config("two")));
    }

    #[test]
    fn elsewhere_it_means_nothing() {
        let text = format!("name: p\nservices: {{ a: {{ image: {PLACEHOLDER} }} }}");
        let mut document = Document::parse(&Source::new("c.yml", text.as_str())).unwrap();
        let digests = document.label_definitions(PLACEHOLDER);
        assert!(fill_in(&text, &digests).is_err());
    }
}
