//! Names that contain the number of a pull request.

use crate::rules::prelude::*;
use crate::spec::Catalog;

pub(super) static RULE: Rule = Rule {
    code: "preview-names",
    severity: Severity::Error,
    title: "Names of a preview are short enough for any pull request number",
    why: "A container name is a DNS label of at most 63 characters, and the number keeps growing.",
    origin: "RFC 1035 2.3.4",
    bad: spec! {"preview.yaml", r#"
        hosts:
          preview: { project: "shop-preview-of-a-branch-with-a-name-that-is-far-too-long-<pr>" }
    "#},
    good: spec! {"preview.yaml", r#"
        hosts:
          preview: { project: "shop-preview-<pr>" }
    "#},
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

/// How many more digits the largest number has than the sample number.
const MORE_DIGITS: usize = 6;

/// The longest DNS label.
const LONGEST: usize = 63;

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host) in catalog.hosts() {
        if !environment.per_pull_request {
            continue;
        }
        let Some(longest) = host.services.keys().max_by_key(|name| name.as_str().len()) else {
            continue;
        };
        let length = host.project.as_str().len() + MORE_DIGITS + 1 + longest.as_str().len() + 2;
        if length > LONGEST {
            let message =
                format!("the container name of `{longest}` would have {length} characters");
            found.push(
                Found::new("project", message, &host.project.place)
                    .label(format!(
                        "expected a shorter project name: at most {LONGEST} characters in all"
                    ))
                    .of(environment)
                    .on(host),
            );
        }
    }
    for environment in catalog
        .environments
        .iter()
        .filter(|one| one.per_pull_request)
    {
        for (key, domain) in &environment.domains {
            let mut labels = domain.as_str().split('.').map(str::len);
            if labels.any(|length| length + MORE_DIGITS > LONGEST) {
                let message = format!("a label of `{}` would be too long", domain.value);
                found.push(
                    Found::new(format!("domains.{key}"), message, &domain.place)
                        .label(format!("expected labels of at most {LONGEST} characters"))
                        .of(environment),
                );
            }
        }
    }
    found
}
