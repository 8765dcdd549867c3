//! Names still fit with the largest number of a pull request.

use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::Catalog;

pub(super) static RULE: Rule = Rule {
    code: "preview-names",
    severity: Severity::Error,
    title: "Names of a preview fit, whatever the number of its pull request",
    why: "A container's name is a label of the DNS, of which 63 characters are looked at, and the number grows by itself.",
    origin: "RFC 1035 2.3.4",
    bad: Example::Spec {
        file: "preview.yaml",
        text: "hosts:\n  preview: { project: \"shop-preview-of-a-branch-with-a-name-that-is-far-too-long-<pr>\" }\n",
    },
    good: Example::Spec {
        file: "preview.yaml",
        text: "hosts:\n  preview: { project: \"shop-preview-<pr>\" }\n",
    },
    check: Check::Spec(check),
};

/// The digits that the largest number has more than the one that stands in for it.
const MORE_DIGITS: usize = 6;

/// The longest label of the DNS.
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
                format!("the container of `{longest}` would have a name of {length} characters");
            found.push(
                Found::new("project", message, host.project.place.clone())
                    .label(format!(
                        "expected a project that leaves it at most {LONGEST}"
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
                    Found::new(format!("domains.{key}"), message, domain.place.clone())
                        .label(format!("expected labels of at most {LONGEST} characters"))
                        .of(environment),
                );
            }
        }
    }
    found
}
