//! The digest of a definition, as a label of the thing that is made from it.
//!
//! A container, network or volume with an older digest than the spec gives now was not recreated since the
//! spec changed. One with the current digest that still differs was changed by hand. `drift` uses it to
//! distinguish the two.

use std::collections::BTreeMap;
use std::ops::Range;

/// The placeholder of a digest until the whole is rendered; the digest is as long, so that
/// no place in the text moves.
pub(super) const PLACEHOLDER: &str = "sha256-0000000000000000";

/// Where `definition()` is allowed.
pub(super) const EXPECTED: &str = "`definition()` must be the value of the label `composegen.definition`, in the mapping of \
     labels of a service, a network or a volume";

/// Writes digests into a rendered text: `asked` is where placeholders begin, `digests` are those of
/// the labels that begin there. Where none begins for a placeholder, that place is the error.
pub(super) fn fill_in(
    text: &str,
    asked: &[usize],
    digests: &[(Range<usize>, String)],
) -> Result<String, Range<usize>> {
    let mut at = BTreeMap::new();
    for (label, digest) in digests {
        if at
            .insert(label.start, digest)
            .is_some_and(|other| other != digest)
        {
            return Err(label.clone());
        }
    }
    let mut filled = text.to_owned();
    for start in asked {
        let place = *start..start + PLACEHOLDER.len();
        let digest = at.get(start).ok_or_else(|| place.clone())?;
        filled.replace_range(place, digest);
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::{PLACEHOLDER, fill_in};
    use crate::compose::{Document, Options, read_document};
    use crate::source::Source;

    /// The text with a placeholder for every `@`, and where these begin.
    fn asked(text: &str) -> (String, Vec<usize>) {
        let text = text.replace('@', PLACEHOLDER);
        let asked = text.match_indices(PLACEHOLDER).map(|(at, _)| at).collect();
        (text, asked)
    }

    /// The text, and the digest that the state which was read from it holds.
    fn filled(text: &str) -> (String, Option<String>) {
        let (text, asked) = asked(text);
        let mut document = Document::parse(&Source::new("c.yml", text.as_str())).unwrap();
        let digests = document.label_definitions(&asked);
        let text = fill_in(&text, &asked, &digests).unwrap();
        let state = read_document(document, &Options::verbatim()).unwrap();
        (text, state.services["a"].config.definition.clone())
    }

    fn digest(text: &str) -> String {
        filled(&format!("name: p\n{text}")).1.unwrap()
    }

    #[test]
    fn the_text_and_the_state_hold_the_same_digest() {
        let (text, digest) = filled(
            "name: p\nservices: { a: { image: x, command: [é], networks: [n], labels: { composegen.definition: @ } }, b: { image: y } }\n\
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
        let (text, asked) = asked("name: p\nservices: { a: { image: @ } }");
        let mut document = Document::parse(&Source::new("c.yml", text.as_str())).unwrap();
        let digests = document.label_definitions(&asked);
        assert!(fill_in(&text, &asked, &digests).is_err());
    }

    #[test]
    fn a_value_that_reads_like_a_placeholder_is_none() {
        let text = format!(
            "name: p\nservices: {{ a: {{ image: x, labels: {{ composegen.definition: {PLACEHOLDER} }} }} }}"
        );
        let mut document = Document::parse(&Source::new("c.yml", text.as_str())).unwrap();
        let digests = document.label_definitions(&[]);
        assert_eq!(fill_in(&text, &[], &digests), Ok(text));
    }
}
