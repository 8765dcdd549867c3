//! The options of networks that an engine has its own names for.

use std::borrow::Cow;

use super::states::States;
use crate::fields::Value;
use crate::state::Network;

/// A network with the options that the file has by the engine's own names under these names.
pub(super) fn with_options_as_written<'a>(
    expected: &Network,
    observed: &'a Network,
    states: &States<'_>,
) -> Cow<'a, Network> {
    let written = expected.fields.map("driver_opts");
    let names = states.live.dialect.option_names.iter();
    let own: Vec<_> = names
        .filter(|(_, own)| written.contains_key(*own))
        .collect();
    if own.is_empty() {
        return Cow::Borrowed(observed);
    }
    let mut renamed = observed.clone();
    if let Some(Value::Map(options)) = renamed.fields.get_mut("driver_opts") {
        for (name, own) in own {
            let is = if written.contains_key(*name) {
                options.get(*name).cloned()
            } else {
                options.remove(*name)
            };
            options.extend(is.map(|value| ((*own).to_owned(), value)));
        }
    }
    Cow::Owned(renamed)
}

#[cfg(test)]
mod tests {
    use crate::drift::testing::compared_networks;
    use crate::fields::Value;
    use crate::finding::Finding;
    use crate::redact::Sensitive;
    use crate::state::{Live, Network, Origin};

    #[test]
    fn an_option_is_the_same_by_either_name() {
        const NAMES: (&str, &str) = ("com.docker.network.driver.mtu", "mtu");
        let network = |options: &[(&str, &str)]| {
            let options = options.iter().map(|(name, value)| {
                let value = Sensitive::of_option(name, *value);
                ((*name).to_owned(), Some(value))
            });
            Network {
                name: "p_n".into(),
                origin: Some(Origin {
                    project: Some("p".to_owned()),
                    key: Some("n".to_owned()),
                    ..Origin::default()
                }),
                fields: [("driver_opts", Value::Map(options.collect()))]
                    .into_iter()
                    .collect(),
                ..Network::default()
            }
        };
        let found = |written: &[(&str, &str)], is: &[(&str, &str)]| -> Vec<String> {
            let mut live = Live::default();
            live.dialect.option_names = &[NAMES];
            live.dialect.hidden_of_networks = &["driver_opts"];
            let compared = compared_networks(network(written), network(is), live);
            let values = |one: &Finding| {
                format!(
                    "{}: {} {}",
                    one.field.as_deref().unwrap_or_default(),
                    one.expected,
                    one.observed
                )
            };
            compared.findings.iter().map(values).collect()
        };
        let (docker, own) = NAMES;
        assert_eq!(found(&[(own, "1400")], &[(docker, "1400")]), [""; 0]);
        assert_eq!(found(&[(docker, "1400")], &[(docker, "1400")]), [""; 0]);
        let both = [(own, "1400"), (docker, "1400")];
        assert_eq!(found(&both, &[(docker, "1400")]), [""; 0]);
        let differs = found(&[(own, "1400")], &[(docker, "1300")]);
        assert_eq!(differs, ["driver_opts.mtu: \"1400\" \"1300\""]);
        let missing = found(&[(own, "1400")], &[]);
        assert_eq!(missing, ["driver_opts.mtu: \"1400\" null"]);
    }
}
