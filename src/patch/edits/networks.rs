//! How a service is attached to networks, and the subnets of networks.

use serde_json::{Map, Value, json};

use super::values::{holds_hidden, keys, listed, literal};
use super::{Edit, FindingToSettle, SkipReason, Tries};
use crate::fields::{self, ATTACHMENT};
use crate::source::Segment;

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
        let Some(items) = self.editor.items(&networks) else {
            return match &value {
                Value::Array(items) => self.list(&path, &expected, items),
                value => self.set(path, value),
            };
        };
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
    pub(super) fn pools(&self, above: &[&str], key: &str) -> Result<Tries, SkipReason> {
        let path = keys(above, &["ipam", "config"]);
        let observed = &self.finding.observed;
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
        let mut whole = Vec::new();
        if self.editor.has(&path) {
            whole.push(Edit::Remove(path.clone()));
        }
        let pools = self.observed_pools(above.last().copied().unwrap_or_default());
        if !pools.is_empty() {
            whole.push(Edit::Set(path, Value::Array(pools)));
        }
        tries.push(whole);
        Ok(tries)
    }

    /// The subnets that a network has, as a file has them.
    fn observed_pools(&self, key: &str) -> Vec<Value> {
        let Some(network) = self.observed.networks.get(key) else {
            return Vec::new();
        };
        let pools = network
            .fields
            .list("ipam.config.subnet")
            .iter()
            .map(|subnet| {
                let mut pool = json!({ "subnet": subnet });
                for name in ["ip_range", "gateway"] {
                    let of = network.fields.map(&format!("ipam.config.{name}"));
                    if let (Some(Some(value)), Value::Object(pool)) = (of.get(subnet), &mut pool) {
                        pool.insert(name.to_owned(), json!(value));
                    }
                }
                pool
            });
        pools.collect()
    }
}
