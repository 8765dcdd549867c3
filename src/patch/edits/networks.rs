//! How a service is attached to networks, and the subnets of networks.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Map, Value, json};

use super::values::{holds_hidden, keys, listed, literal};
use super::{Edit, FindingToSettle, SkipReason, Tries};
use crate::fields::{self, ATTACHMENT};
use crate::source::Segment;
use crate::state::Network;

impl FindingToSettle<'_> {
    pub(super) fn attached(&self, name: &str, network: &str) -> Tries {
        let path = keys(&["services", name], &["networks"]);
        let (key, declared) = self.resource("networks", network);
        let joined = if self.editor.items(&path).is_some() {
            vec![Edit::Add(path, json!(key))]
        } else if self.editor.has(&path) {
            vec![Edit::Set([path, keys(&[&key], &[])].concat(), Value::Null)]
        } else {
            vec![Edit::Set(path, json!(["default", key]))]
        };
        vec![declared.into_iter().chain(joined).collect()]
    }

    /// Joins one of the engine's own networks, which no service is on beside others.
    pub(super) fn in_mode(&self, name: &str, network: &str) -> Result<Tries, SkipReason> {
        let container = self.container().ok_or(SkipReason::NotSaid)?;
        if !container.networks.keys().eq([network]) {
            return Err(SkipReason::NotSaid);
        }
        let mode = keys(&["services", name], &["network_mode"]);
        let set = Edit::Set(mode, json!(network));
        let edits = self.without_networks(name).into_iter().chain([set]);
        Ok(vec![edits.collect()])
    }

    /// Removes the networks of a service, if the file says which it is on.
    pub(super) fn without_networks(&self, name: &str) -> Option<Edit> {
        let networks = keys(&["services", name], &["networks"]);
        self.editor.has(&networks).then_some(Edit::Remove(networks))
    }

    pub(super) fn detached(&self, name: &str, key: &str) -> Tries {
        let path = keys(&["services", name], &["networks"]);
        let items = self.editor.items(&path).unwrap_or_default();
        let at = items.iter().position(|item| item.as_deref() == Some(key));
        let step = at.map_or_else(|| Segment::Key(key.to_owned()), Segment::Index);
        vec![vec![Edit::Remove([path, vec![step]].concat())]]
    }

    /// A field of how a service is attached to a network.
    pub(super) fn attachment(
        &self,
        name: &str,
        key: &str,
        field: &str,
        entry: Option<&str>,
    ) -> Result<Tries, SkipReason> {
        let field = ATTACHMENT
            .iter()
            .find(|one| one.name() == field)
            .ok_or(SkipReason::NotSaid)?;
        let observed = &self.finding.observed;
        if holds_hidden(observed) {
            return Err(SkipReason::Hidden);
        }
        let networks = keys(&["services", name], &["networks"]);
        let mut value = fields::written(field.path, observed);
        if let Value::Array(items) = &mut value {
            items.retain(|alias| alias != name);
        }
        // Each container has the name of its service; that one lacks it cannot be said.
        let mut expected = listed(&self.finding.expected);
        expected.retain(|alias| alias != name);
        if value == Value::Array(expected.clone()) {
            return Err(SkipReason::NotSaid);
        }
        let path = [networks.clone(), keys(&[key, field.path], &[])].concat();
        let entry = entry.filter(|_| field.form.is_map());
        let Some(items) = self.editor.items(&networks) else {
            return match (&value, entry) {
                (Value::Array(items), _) => self.list(&path, &expected, items),
                (value, Some(entry)) => self.set([path, keys(&[entry], &[])].concat(), value),
                (value, None) => self.set(path, value),
            };
        };
        if let Some(entry) = entry {
            value = json!({ entry: value });
        }
        // A list says no more than names.
        let joined: Map<String, Value> = items
            .iter()
            .flatten()
            .map(|network| {
                let own = if network == key {
                    json!({ field.path: value })
                } else {
                    Value::Null
                };
                (network.clone(), own)
            })
            .collect();
        Ok(vec![vec![
            Edit::Remove(networks.clone()),
            Edit::Set(networks, literal(&Value::Object(joined))),
        ]])
    }

    /// The subnets of a network with their settings: the one value that differs, or all of them.
    pub(super) fn pools(
        &self,
        above: &[&str],
        key: &str,
        entry: Option<&str>,
    ) -> Result<Tries, SkipReason> {
        let path = keys(above, &["ipam", "config"]);
        let observed = &self.finding.observed;
        let whole = || {
            let mut whole = Vec::new();
            if self.editor.has(&path) {
                whole.push(Edit::Remove(path.clone()));
            }
            let pools = self.observed_pools(above.last().copied().unwrap_or_default());
            if !pools.is_empty() {
                whole.push(Edit::Set(path.clone(), Value::Array(pools)));
            }
            whole
        };
        if let (AUX, Some(entry)) = (key, entry) {
            if self.is_variable(&path) {
                return Err(SkipReason::Variable);
            }
            let mut tries = self.aux_address(&path, entry)?;
            tries.push(whole());
            return Ok(tries);
        }
        let inner = [
            path.clone(),
            vec![Segment::Index(0), Segment::Key(key.to_owned())],
        ]
        .concat();
        if self.is_variable(&inner) {
            return Err(SkipReason::Variable);
        }
        let mut tries = Tries::new();
        match (listed(observed).as_slice(), key) {
            ([only], _) => tries.push(vec![Edit::Set(inner, only.clone())]),
            (_, "subnet") => {}
            _ => tries.push(vec![Edit::Remove(inner)]),
        }
        tries.push(whole());
        Ok(tries)
    }

    /// The edits for an address that no container gets, in the subnet that contains it.
    fn aux_address(&self, pools: &[Segment], entry: &str) -> Result<Tries, SkipReason> {
        let observed = &self.finding.observed;
        let mut tries = Tries::new();
        for at in 0.. {
            let pool = [pools, &[Segment::Index(at)]].concat();
            if !self.editor.has(&pool) {
                break;
            }
            let subnet = self
                .editor
                .written(&[pool.as_slice(), &keys(&["subnet"], &[])].concat());
            let subnet = subnet.map(|subnet| subnet.trim_matches(['"', '\'']).to_owned());
            let is_of = |address: &str| subnet.is_some_and(|subnet| is_in(address, &subnet));
            // An address that the engine no longer has is removed from every subnet.
            if observed.as_str().is_none_or(is_of) {
                let path = [pool.as_slice(), &keys(&[AUX, entry], &[])].concat();
                tries.extend(self.set(path, observed)?);
            }
        }
        Ok(tries)
    }

    /// The subnets that a network has, as a file has them.
    fn observed_pools(&self, key: &str) -> Vec<Value> {
        let network = self.observed.networks.get(key);
        network.map_or_else(Vec::new, |network| written_pools(network, |_| true))
    }
}

const AUX: &str = "aux_addresses";

/// The subnets of a network with their settings, as a file has them.
pub(in super::super) fn written_pools(
    network: &Network,
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<Value> {
    let fields = &network.fields;
    let subnets = fields.list("ipam.config.subnet").iter();
    let pools = subnets.filter(|subnet| is_wanted(subnet)).map(|subnet| {
        let mut pool = Map::from_iter([("subnet".to_owned(), json!(subnet))]);
        for name in ["ip_range", "gateway"] {
            let of = fields.map(&format!("ipam.config.{name}"));
            if let Some(Some(value)) = of.get(subnet) {
                pool.insert(name.to_owned(), json!(value));
            }
        }
        let aux = fields.map("ipam.config.aux_addresses").iter();
        let aux: Map<String, Value> = aux
            .filter_map(|(name, address)| Some((name, address.as_ref()?)))
            .filter(|(_, address)| is_in(address.revealed(), subnet))
            .map(|(name, address)| (name.clone(), json!(address)))
            .collect();
        if !aux.is_empty() {
            pool.insert(AUX.to_owned(), Value::Object(aux));
        }
        Value::Object(pool)
    });
    pools.collect()
}

/// Whether an address is in a subnet.
pub(in super::super) fn is_in(address: &str, subnet: &str) -> bool {
    let parsed = || {
        Some((
            subnet.parse::<IpNet>().ok()?,
            address.parse::<IpAddr>().ok()?,
        ))
    };
    parsed().is_some_and(|(subnet, address)| subnet.contains(&address))
}
