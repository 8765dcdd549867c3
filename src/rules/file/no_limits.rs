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
    origin: "compose-lint CL-0026, KICS `Cpus Not Limited`, `Memory Not Limited`, OWASP Docker Security rule 7, CIS Docker 5.11, 5.12 (one lower in older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    mem_limit: 128m\n    cpus: 1\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let limit = |old: &[&str], new: &str| {
            let old = old.iter().map(|key| service.get(key));
            let new = service.dig(&["deploy", "resources", "limits", new]);
            let mut limits = old.chain([new]).flatten();
            limits.any(|at| text(&at).is_some_and(|text| is_limit(&text)))
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

/// Whether a quantity limits anything: zero does not, nor does a negative one. What a variable holds
/// is not known, and may.
fn is_limit(text: &str) -> bool {
    let number = text
        .trim()
        .trim_end_matches(|c: char| c.is_ascii_alphabetic());
    match number.parse::<f64>() {
        Ok(number) => number > 0.0,
        Err(_) => !text.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_limit;

    #[test]
    fn nothing_is_no_limit() {
        for text in ["1", "0.5", "64m", "1.5GB", "${MEMORY}"] {
            assert!(is_limit(text), "{text}");
        }
        for text in ["0", "0.0", "0m", "-1", ""] {
            assert!(!is_limit(text), "{text}");
        }
    }
}
