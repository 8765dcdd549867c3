//! What no finding may show.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::found::Finding;
use super::secrets;
use crate::source::{At, Place, Source};

/// The rules that find secrets; what they point at is one.
const FINDERS: [&str; 2] = ["literal-secret", "secret-in-environment"];

/// Puts stars in the place of every secret in the lines and words that findings show: any rule may
/// have something to say of a line that holds one.
pub(super) fn secrets_in<'a>(findings: impl Iterator<Item = &'a mut Finding>) {
    let findings: Vec<&mut Finding> = findings.collect();
    let copies = copies(&findings);
    for finding in findings {
        finding.found.diagnostic.rewrite(
            |place| {
                let copy = copies.get(place.source.name.as_str())?;
                Some(Place::bytes(copy, place.range()?))
            },
            secrets::hidden,
        );
    }
}

/// The texts that findings show and that hold secrets, without these, by their names.
fn copies(findings: &[&mut Finding]) -> BTreeMap<String, Arc<Source>> {
    let mut shown: BTreeMap<&str, (&Arc<Source>, Vec<Range<usize>>)> = BTreeMap::new();
    for finding in findings {
        let diagnostic = &finding.found.diagnostic;
        let related = diagnostic.related_places().iter().map(|(place, _)| place);
        for place in std::iter::once(diagnostic.place()).chain(related) {
            shown.entry(&place.source.name).or_insert_with(|| {
                let spotted = secrets::spot(&place.source.text).into_iter();
                (&place.source, spotted.map(|one| one.at).collect())
            });
        }
        let place = diagnostic.place();
        if let At::Bytes(at) = &place.at
            && FINDERS.contains(&finding.rule.code)
            && let Some((_, secrets)) = shown.get_mut(place.source.name.as_str())
        {
            secrets.push(at.clone());
        }
    }
    let holding = shown.into_iter().filter(|(_, (_, at))| !at.is_empty());
    holding
        .map(|(name, (source, at))| (name.to_owned(), secrets::masked(source, &at)))
        .collect()
}
