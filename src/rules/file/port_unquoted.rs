//! A port that YAML 1.1 reads as a number.

use super::{each, each_port};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "port-unquoted",
    severity: Severity::Warning,
    title: "A port that YAML 1.1 reads as a number is quoted",
    why: "YAML 1.1 parsers, such as those of podman-compose and Ansible, read `2222:22` as minutes and seconds: 133342.",
    equivalents: &[dclint("require-quotes-in-ports").except(
        "Only for ports that YAML 1.1 reads as a base-60 number; any other port is the same \
             with and without quotes.",
    )],
    bad: service!("ports: [2222:22]"),
    good: service!("ports: ['2222:22', 8080:80]"),
    check: Check::File(check),
    fix: "puts quotes around the port",
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let expose = service.texts("expose").map(|(_, at)| at);
        let ports = each_port(service).map(|port| port.at);
        let plain = ports.chain(expose).filter(|at| is_number(at.written()));
        plain.map(move |at| {
            let text = at.written();
            let message = format!(
                "YAML 1.1 reads the port `{text}` of `{}` as a number",
                service.name
            );
            Found::new(service.name, message, at.place())
                .label(format!("expected \"{text}\""))
                .fix(Fix::quote(at))
        })
    })
}

/// Whether an unquoted scalar is a base-60 number (YAML 1.1, `tag:yaml.org,2002:int`).
fn is_number(text: &str) -> bool {
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    rest.peek().is_some()
        && first.starts_with(|c: char| matches!(c, '1'..='9'))
        && first.chars().all(|c| c.is_ascii_digit())
        && rest.all(|part| {
            matches!(part.len(), 1 | 2)
                && part.chars().all(|c| c.is_ascii_digit())
                && part.parse::<u8>().is_ok_and(|part| part < 60)
        })
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn yaml_1_1_reads_digits_and_colons_as_a_number_of_base_60() {
        for text in ["22:22", "2222:22", "1:2:3", "53:5"] {
            assert!(is_number(text), "{text}");
        }
        for text in [
            "8080:80", "'22:22'", "22", "22:", "022:22", "22:22/udp", "22:022",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }
}
