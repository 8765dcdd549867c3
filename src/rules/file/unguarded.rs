//! Variables that may be empty.

use std::collections::HashSet;

use crate::text::expression::nested_expressions;

/// Variables that Compose or every shell sets, and those of a session of which an empty one is meant: no proxy, no display.
const SET: [&str; 18] = [
    "COMPOSE_PROJECT_NAME",
    "HOME",
    "PWD",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "SSH_AUTH_SOCK",
    "CI",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "all_proxy",
    "no_proxy",
];

/// The variables of a text that have neither a default nor a `:?`, and that not every shell sets, each
/// once.
pub(super) fn unguarded(text: &str) -> Vec<&str> {
    let mut known = HashSet::new();
    nested_expressions(text)
        .into_iter()
        .filter(|expression| expression.operator.is_none())
        .map(|expression| expression.name)
        .filter(|name| !SET.contains(name) && known.insert(*name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::unguarded;

    #[test]
    fn a_default_or_a_demand_is_a_guard() {
        assert_eq!(
            unguarded("$A ${B} $$C ${D:-x} ${E:?no} ${F-$G} $1 $A"),
            ["A", "B", "G"]
        );
        assert_eq!(unguarded("$NO_PROXY ${DISPLAY}:/x $UID"), ["UID"]);
    }
}
