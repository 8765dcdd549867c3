//! A service without resource limits.

use super::each;
use crate::compose::At;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "no-limits",
    severity: Severity::Hardening,
    title: "A service has memory and CPU limits",
    why: "A service that leaks memory takes its neighbours down first.",
    origin: "OWASP Docker Security rule 7, CIS Docker 5.11, 5.12 (one lower in older editions)",
    equivalents: &[
        compose_lint("CL-0026"),
        kics("Cpus Not Limited"),
        kics("Memory Not Limited"),
    ],
    bad: service!(),
    good: service!("mem_limit: 128m", "cpus: 1"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        // In `mem_limit: 1e9`, Compose reads no bytes at all.
        let is_read = |at: &At<'_>| at.name() != Some("mem_limit") || !at.is_fraction();
        let has_limit = |own: &str, least: f64| {
            service
                .limits(own)
                .filter(is_read)
                .any(|at| at.text().is_some_and(|text| is_limit(&text, least)))
        };
        // Compose drops fractions of a byte, and then the limit.
        let has_memory = has_limit("mem_limit", 1.0);
        let has_share = ["cpus", "cpu_quota", "cpu_count", "cpu_percent"]
            .into_iter()
            .any(|share| has_limit(share, f64::MIN_POSITIVE));
        let missing = match (has_memory, has_share) {
            (true, true) => return None,
            (true, false) => "CPU",
            (false, true) => "memory",
            (false, false) => "memory or CPU",
        };
        let message = format!("`{}` has no {missing} limit", service.name);
        let found = Found::new(service.name, message, service.place());
        Some(found.help("set `deploy.resources.limits`"))
    })
}

/// Whether a quantity is a limit: zero is not, nor is a negative one, nor one without a unit below the
/// least. The value of a variable is unknown, and may be one.
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
