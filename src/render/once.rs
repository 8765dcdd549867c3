//! Mistakes of a rendered file as those of its template, a line of which is one of many services.

use crate::compose::form_of_field;
use crate::diagnostic::{Diagnostic, Diagnostics, ProblemKind};
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

/// Mistakes at places in templates, with the service that each is of: a message about one place that several services have is
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
    match problem.kind().cloned() {
        Some(ProblemKind::UnknownField { field, holder }) => {
            let is_of_service = matches!(holder.as_slice(), [section, _] if section == "services");
            match OWN_FIELDS.iter().find(|(own, _)| *own == field) {
                Some((_, path)) if is_of_service => {
                    problem.with_only_help(where_to_write(&field, *path))
                }
                _ => problem,
            }
        }
        Some(ProblemKind::SetTwice { key }) => with_merge(problem, &key),
        Some(ProblemKind::Incomplete | ProblemKind::NameTaken) | None => problem,
    }
}

/// Where to write a field of specs, which Compose has at `path`.
fn where_to_write(field: &str, path: Option<&str>) -> String {
    match path {
        Some(path) => format!(
            "`{field}` is a field of specs: write it there, or `{path}` here, as Compose calls it"
        ),
        None => format!("`{field}` is a field of specs: write it there"),
    }
}

/// A key that is set twice, with how to change the first where an expression inserted that.
fn with_merge(problem: Diagnostic, key: &str) -> Diagnostic {
    let inserted = problem.related_places().iter().find_map(|(place, _)| {
        let text = place.source.text.get(place.range()?)?;
        let value = text.strip_prefix("{{")?.strip_suffix("}}")?.trim();
        Some(value.to_owned())
    });
    let Some(value) = inserted else {
        return problem;
    };
    if OF_SPECS.contains(&key) {
        return problem.help(format!("`{key}` comes from the specs; change it there"));
    }
    let form = form_of_field(key);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{OWN_FIELDS, with_help};
    use crate::diagnostic::{Diagnostic, ProblemKind};
    use crate::source::{Place, Source};
    use crate::spec;

    #[test]
    fn all_fields_that_only_specs_have_are_known() {
        let known: BTreeSet<&str> = OWN_FIELDS.iter().map(|(field, _)| *field).collect();
        assert_eq!(known, spec::OWN_FIELDS.into());
    }

    #[test]
    fn only_fields_of_services_are_fields_of_specs() {
        let helps = |holder: [&str; 2]| {
            let source = Source::new("compose.yml.j2", "limits: {}\n");
            let problem = Diagnostic::new("unknown field", Place::whole(&source));
            let kind = ProblemKind::UnknownField {
                field: "limits".to_owned(),
                holder: holder.map(str::to_owned).to_vec(),
            };
            with_help(problem.of_kind(kind)).helps().to_vec()
        };
        let [help] = helps(["services", "web.api"]).try_into().unwrap();
        assert!(help.contains("`deploy.resources.limits`"), "{help}");
        assert!(helps(["networks", "front"]).is_empty());
    }
}
