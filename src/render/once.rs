//! Mistakes of a rendered file as those of its template, a line of which is one of many services.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Place, Segment};

/// The service that a place of a Compose file is in.
pub(super) fn service_of(place: &Place) -> Option<String> {
    match place.path().segments().as_slice() {
        [Segment::Key(section), Segment::Key(name), ..] if section == "services" => {
            Some(name.clone())
        }
        _ => None,
    }
}

/// Mistakes at places in templates, with the service that each is of: what is said of one place for several services is
/// said once.
pub(super) fn once(problems: impl Iterator<Item = (Diagnostic, Option<String>)>) -> Diagnostics {
    let problems = problems.map(|(problem, service)| with_merge(problem).in_service(service));
    problems.collect::<Diagnostics>().across_services()
}

/// A mistake, with the way to add to a mapping that a template inserts as a whole.
fn with_merge(problem: Diagnostic) -> Diagnostic {
    let is_twice = problem.message().ends_with(" is set twice");
    let mut related = problem.related_places().iter();
    let inserted = related.find_map(|(place, _)| {
        let text = place.source.text.get(place.range()?)?;
        Some(text.strip_prefix("{{")?.strip_suffix("}}")?.trim())
    });
    let key = problem.message().split('`').nth(1);
    match (is_twice, inserted, key) {
        (true, Some(value), Some(key)) => {
            let help =
                format!("or add to what is there: `{{{{ {value}|merge({{\"{key}\": {{…}}}}) }}}}`");
            problem.help(help)
        }
        _ => problem,
    }
}
