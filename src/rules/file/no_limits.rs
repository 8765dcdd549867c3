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
        let limit = |old: &[&str], new: &str, least: f64| {
            let old = old.iter().map(|key| service.get(key));
            let new = service.dig(&["deploy", "resources", "limits", new]);
            let mut limits = old.chain([new]).flatten();
            limits.any(|at| text(&at).is_some_and(|text| is_limit(&text, least)))
        };
        let mut missing = Vec::new();
        // Compose leaves out the part of a byte, and then the limit.
        if !limit(&["mem_limit"], "memory", 1.0) {
            missing.push("memory");
        }
        let shares = ["cpus", "cpu_quota", "cpu_count", "cpu_percent"];
        if !limit(&shares, "cpus", f64::MIN_POSITIVE) {
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

/// Whether a quantity limits anything: zero does not, nor does a negative one, nor less than the
/// least without a unit. What a variable holds is not known, and may.
fn is_limit(text: &str, least: f64) -> bool {
    let number = text
        .trim()
        .trim_end_matches(|c: char| c.is_ascii_alphabetic());
    match number.parse::<f64>() {
        Ok(quantity) if number.len() == text.trim().len() => quantity >= least,
        Ok(quantity) => quantity > 0.0,
        Err(_) => !text.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_limit;

    #[test]
    fn nothing_is_no_limit() {
        for text in ["1", "0.5", "64m", "1.5GB", "${MEMORY}"] {
            assert!(is_limit(text, 0.1), "{text}");
        }
        assert!(!is_limit("0.5", 1.0) && is_limit("0.5k", 1.0));
        for text in ["0", "0.0", "0m", "-1", ""] {
            assert!(!is_limit(text, 0.1), "{text}");
        }
    }
}
