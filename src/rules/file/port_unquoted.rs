//! A port that is a number to some.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "port-unquoted",
    severity: Severity::Warning,
    title: "A port that looks like a time is in quotes",
    why: "To a reader of YAML 1.1, as podman-compose and Ansible are, `2222:22` is 133342: minutes and seconds.",
    origin: "dclint `require-quotes-in-ports`",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    ports: [2222:22]\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    ports: ['2222:22', 8080:80]\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let ports = ["ports", "expose"].into_iter();
        let plain = ports
            .flat_map(|key| service.list(key))
            .filter(|(_, place)| is_number(written(place)));
        plain
            .map(|(text, place)| {
                let message = format!(
                    "some read the port `{text}` of `{}` as a number",
                    service.name
                );
                Found::new(service.name, message, place).label(format!("expected \"{text}\""))
            })
            .collect()
    })
}

/// The text of a place, with its quotes.
fn written(place: &Place) -> &str {
    let range = place.range().unwrap_or_default();
    place.source.text.get(range).unwrap_or_default()
}

/// Whether a scalar without quotes is a number of base 60 (YAML 1.1, `tag:yaml.org,2002:int`).
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
    fn what_yaml_1_1_reads_as_a_number_of_base_60() {
        for text in ["22:22", "2222:22", "1:2:3", "53:5"] {
            assert!(is_number(text), "{text}");
        }
        for text in [
            "8080:80",
            "'22:22'",
            "22",
            "22:",
            "022:22",
            "22:22/udp",
            "22:022",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }
}
