//! A service that may take all.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::text;
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "no-limits",
    severity: Severity::Warning,
    title: "A service has limits of memory and processor",
    why: "One that leaks memory takes down its neighbours first.",
    origin: "compose-lint CL-0026, KICS `Memory Not Limited`, OWASP Docker Security rule 7, CIS Docker 5.11, 5.12 (one lower in older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    mem_limit: 128m\n    cpus: 1\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let limit = |old: &[&str], new: &str| {
            let is_set = |at: Option<crate::compose::At<'_>>| {
                at.and_then(|at| text(&at))
                    .is_some_and(|text| !matches!(text.as_str(), "" | "0" | "0.0"))
            };
            old.iter().any(|key| is_set(service.get(key)))
                || is_set(service.dig(&["deploy", "resources", "limits", new]))
        };
        let mut missing = Vec::new();
        if !limit(&["mem_limit"], "memory") {
            missing.push("memory");
        }
        if !limit(&["cpus", "cpu_quota", "cpu_count", "cpu_percent"], "cpus") {
            missing.push("processor time");
        }
        if missing.is_empty() {
            return Vec::new();
        }
        let message = format!(
            "`{}` may take all {} of the host",
            service.name,
            missing.join(" and ")
        );
        vec![
            Found::new(service.name, message, service.place())
                .help("set `deploy.resources.limits`"),
        ]
    })
}
