//! Mistakes of a rendered file as those of its template, a line of which is one of many services.

use crate::compose::form_of_field;
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
    let problems = problems.map(|(problem, service)| with_help(problem).in_service(service));
    problems.collect::<Diagnostics>().across_services()
}

/// What specs call what Compose calls otherwise; of the others, templates have nothing to write.
const OWN_FIELDS: [(&str, Option<&str>); 9] = [
    ("allow", None),
    ("calls", None),
    ("limits", Some("deploy.resources.limits")),
    ("metrics", None),
    ("needs", Some("depends_on")),
    ("release", Some("image")),
    ("role", None),
    ("serves", Some("expose")),
    ("values", None),
];

/// What of a service only its specs say: a template must not write anything else.
const OF_SPECS: [&str; 5] = ["image", "networks", "ports", "secrets", "volumes"];

/// A mistake, with what to write in a template instead.
fn with_help(problem: Diagnostic) -> Diagnostic {
    let field = |problem: &Diagnostic| problem.message().split('`').nth(1).map(str::to_owned);
    if problem.message().starts_with("unknown field `") {
        let field = field(&problem).unwrap_or_default();
        let own = OWN_FIELDS.iter().find(|(own, _)| *own == field);
        let is_of_service = problem.message().split('.').count() == 2;
        return match own.filter(|_| is_of_service) {
            Some((_, Some(path))) => problem.with_only_help(format!(
                "`{field}` is a field of specs: write it there, or `{path}` here, as Compose calls it"
            )),
            Some((_, None)) => {
                problem.with_only_help(format!("`{field}` is a field of specs: write it there"))
            }
            None => problem,
        };
    }
    let is_twice = problem.message().ends_with(" is set twice");
    let mut related = problem.related_places().iter();
    let inserted = related.find_map(|(place, _)| {
        let text = place.source.text.get(place.range()?)?;
        let value = text.strip_prefix("{{")?.strip_suffix("}}")?.trim();
        Some(value.to_owned())
    });
    let (true, Some(value), Some(key)) = (is_twice, inserted, field(&problem)) else {
        return problem;
    };
    if OF_SPECS.contains(&key.as_str()) {
        return problem.help(format!("`{key}` is what the specs say: change it there"));
    }
    let form = form_of_field(&key);
    let how = if form.starts_with('{') {
        "add to"
    } else {
        "replace"
    };
    let problem = if key == "labels" && value.contains(".compose") {
        problem.help("`compose` has the label `composegen.definition`, whatever the specs say")
    } else {
        problem
    };
    problem.help(format!(
        "or {how} what is there: `{{{{ {value}|merge({{\"{key}\": {form}}}) }}}}`"
    ))
}
