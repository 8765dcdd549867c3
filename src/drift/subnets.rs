//! The subnets that an engine chooses for a network.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ipnet::IpNet;

use super::states::States;
use crate::fields::{Form, NETWORK, Value};
use crate::state::Network;

/// The subnets that the engine chose because the file has none of their family of addresses: beside one of IPv6, it chooses one of
/// IPv4.
pub(super) fn chosen_subnets<'a>(
    expected: &Network,
    observed: &'a Network,
    states: &States<'_>,
) -> BTreeSet<&'a str> {
    let is_ipv6 = |subnet: &str| subnet.contains(':');
    let set = expected.fields.list("ipam.config.subnet");
    let has_family = |subnet: &str| set.iter().any(|own| is_ipv6(own) == is_ipv6(subnet));
    let all = observed.fields.list("ipam.config.subnet").iter();
    let others = all.filter(|subnet| !set.is_empty() && !has_family(subnet));
    let chosen = others.filter(|subnet| may_be_chosen(subnet, states));
    chosen.map(String::as_str).collect()
}

/// A network without some of its subnets.
pub(super) fn without_subnets<'a>(
    network: &'a Network,
    subnets: &BTreeSet<&str>,
) -> Cow<'a, Network> {
    if subnets.is_empty() {
        return Cow::Borrowed(network);
    }
    let mut left = network.clone();
    for field in NETWORK {
        match (field.form, left.fields.get_mut(field.path)) {
            (Form::Subnets, Some(Value::List(all))) => {
                all.retain(|subnet| !subnets.contains(subnet.as_str()));
            }
            (Form::Pools, Some(Value::Map(all))) => {
                all.retain(|subnet, _| !subnets.contains(subnet.as_str()));
            }
            _ => {}
        }
    }
    Cow::Owned(left)
}

/// Whether an engine may have taken a subnet out of the pools that it chooses from.
pub(super) fn may_be_chosen(subnet: &str, states: &States<'_>) -> bool {
    let live = states.live;
    let own = live.engine.pools.iter().map(String::as_str);
    let pools: Vec<&str> = if live.engine.pools.is_empty() {
        live.dialect.pools.to_vec()
    } else {
        own.collect()
    };
    pools.is_empty() || subnet.contains(':') || pools.iter().any(|pool| is_of(pool, subnet))
}

/// Whether a subnet is one that an engine takes out of a pool, `BASE:SIZE`.
fn is_of(pool: &str, subnet: &str) -> bool {
    let parsed = || {
        let (base, size) = pool.split_once(':')?;
        let base: IpNet = base.parse().ok()?;
        Some((
            base,
            size.parse::<u8>().ok()?,
            subnet.parse::<IpNet>().ok()?,
        ))
    };
    parsed()
        .is_some_and(|(base, size, subnet)| base.contains(&subnet) && subnet.prefix_len() == size)
}

#[cfg(test)]
mod tests {
    use super::is_of;
    use crate::drift::testing::{compared_networks, fields};
    use crate::fields::{Value, Values};
    use crate::redact::Sensitive;
    use crate::state::{Live, Network};

    /// The fields that differ where the file does not set a subnet.
    fn differences(wanted: &[(&'static str, &str)], subnet: &str) -> Vec<String> {
        let text =
            |(path, text): &(&'static str, &str)| (*path, Value::Text(Sensitive::public(*text)));
        of_subnets(wanted.iter().map(text).collect(), &[subnet])
    }

    /// The fields that differ where a network has these subnets.
    fn of_subnets(wanted: Values, subnets: &[&str]) -> Vec<String> {
        let network = |fields: Values| Network {
            name: "p_n".into(),
            fields,
            ..Network::default()
        };
        let mut is = wanted.clone();
        is.insert("ipam.config.subnet", listed(subnets));
        let mut live = Live::default();
        live.engine.pools = vec!["172.16.0.0/12:16".into()];
        let compared = compared_networks(network(wanted), network(is), live);
        fields(&compared)
            .into_iter()
            .filter(|field| *field != "labels")
            .map(str::to_owned)
            .collect()
    }

    fn listed(subnets: &[&str]) -> Value {
        Value::List(subnets.iter().map(|&subnet| subnet.to_owned()).collect())
    }

    #[test]
    fn an_engine_chooses_the_subnets_of_a_family_that_the_file_leaves_out() {
        let (own, other) = ("172.20.0.0/16", "10.0.5.0/24");
        for (wanted, subnets, is_found) in [
            ("fd00:77::/64", &["fd00:77::/64", own][..], false),
            ("fd00:77::/64", &["fd00:77::/64", other], true),
            ("fd00:77::/64", &["fd00:78::/64", own], true),
            ("fd00:77::/64", &[own], true),
            (other, &[other, "fd00:77::/64"], false),
            (other, &[other, own], true),
        ] {
            let wanted_fields = [("ipam.config.subnet", listed(&[wanted]))];
            let found = of_subnets(wanted_fields.into_iter().collect(), subnets);
            let expected: &[&str] = if is_found {
                &["ipam.config.subnet"]
            } else {
                &[]
            };
            assert_eq!(found, expected, "{wanted} {subnets:?}");
        }
    }

    #[test]
    fn a_pool_gives_subnets_of_its_size() {
        for (subnet, is_chosen) in [
            ("10.89.3.0/24", true),
            ("10.127.255.0/24", true),
            ("10.78.1.0/24", false),
            ("10.89.0.0/16", false),
            ("172.20.0.0/16", false),
        ] {
            let pools = ["10.89.0.0/16:24", "10.96.0.0/11:24"];
            let found = pools.iter().any(|pool| is_of(pool, subnet));
            assert_eq!(found, is_chosen, "{subnet}");
        }
    }

    #[test]
    fn an_engine_takes_subnets_from_its_own_pools_or_those_of_others() {
        let (own, other) = ("172.20.0.0/16", "10.0.5.0/24");
        for (network, subnet, is_found) in [
            (&[][..], own, false),
            (&[], other, true),
            (&[("driver", "macvlan")], other, true),
            (&[("driver", "overlay")], other, false),
            (&[("driver", "weave")], other, false),
            (&[("ipam.driver", "dhcp")], other, false),
            (&[("ipam.driver", "default")], other, true),
        ] {
            let found = differences(network, subnet);
            let expected: &[&str] = if is_found {
                &["ipam.config.subnet"]
            } else {
                &[]
            };
            assert_eq!(found, expected, "{network:?} {subnet}");
        }
    }
}
