//! Variables of a container that its file does not set: who may have done so.

use super::pair::Pair;
use super::states::States;
use crate::redact::Sensitive;
use crate::state::Variable;

/// Who set a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SetBy {
    /// The engine sets it to this value.
    Engine,
    /// A client or the engine may, to a value that the host does not show.
    Other(Unshown),
    /// A person, or an older file.
    Hand,
}

/// What is not compared, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unshown {
    pub(super) what: &'static str,
    pub(super) why: &'static str,
}

/// The variables that clients set from `proxies` of their `config.json` (docker/cli,
/// `cli/config/configfile`, `ParseProxyConfig`), in lower case.
const PROXIES: [&str; 5] = [
    "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy",
];

const PROXY: SetBy = SetBy::Other(Unshown {
    what: "the proxies in `environment`",
    why: "the docker CLI and Podman set them from their own configuration",
});
const HOME: SetBy = SetBy::Other(Unshown {
    what: "`environment.HOME`",
    why: "the engine takes it from the user's entry in the image's `/etc/passwd`",
});
const HOSTNAME: SetBy = SetBy::Other(Unshown {
    what: "`environment.HOSTNAME`",
    why: "the engine sets it to the name of the host",
});

/// Who set a variable of a container that its file does not set.
pub(super) fn set_by(name: &str, value: &Sensitive, pair: Pair<'_>, states: &States<'_>) -> SetBy {
    let is_lower = !name.contains(|c: char| c.is_ascii_uppercase());
    let is_upper = !name.contains(|c: char| c.is_ascii_lowercase());
    if (is_lower || is_upper) && PROXIES.iter().any(|proxy| proxy.eq_ignore_ascii_case(name)) {
        return PROXY;
    }
    let mut variables = states.live.dialect.variables.iter();
    let Some((_, variable)) = variables.find(|(variable, _)| *variable == name) else {
        return SetBy::Hand;
    };
    let is = |text: &str| {
        let known = Sensitive::whole(text);
        match &states.observed.salt {
            Some(salt) => known.sealed(name, salt) == *value,
            None => known == *value,
        }
    };
    let fields = &pair.container.config.fields;
    let is_engine = match variable {
        Variable::Known(text) => is(text),
        Variable::Home => {
            let user = fields
                .text("user")
                .unwrap_or_default()
                .split(':')
                .next()
                .unwrap_or_default();
            if !matches!(user, "" | "0" | "root") {
                return HOME;
            }
            is("/root") || is("/")
        }
        Variable::Hostname if fields.text("uts") == Some("host") => return HOSTNAME,
        Variable::Hostname => fields.text("hostname").is_some_and(is),
    };
    if is_engine {
        SetBy::Engine
    } else {
        SetBy::Hand
    }
}
