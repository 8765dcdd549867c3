//! Built, and called like somebody else's.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "build-and-image",
    severity: Severity::Error,
    title: "What is built is pulled from nowhere",
    why: "With both and `pull_policy: always`, what was just built is thrown away for what the registry has.",
    origin: "",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    build: .\n    pull_policy: always\n",
    ]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    build: .\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let (Some(_), Some(image)) = (service.get("build"), service.get("image")) else {
            return Vec::new();
        };
        let Some(policy) = service.get("pull_policy") else {
            return Vec::new();
        };
        let text = service.text("pull_policy").unwrap_or_default();
        if matches!(
            text.as_str(),
            "build" | "never" | "missing" | "if_not_present"
        ) {
            return Vec::new();
        }
        let message = format!("`{}` is built, and then pulled over it", service.name);
        vec![
            Found::new(service.name, message, policy.place())
                .label("expected `build`")
                .related(image.place(), "pulled as this"),
        ]
    })
}
