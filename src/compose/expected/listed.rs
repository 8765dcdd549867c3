//! The fields of a service or a network that are lists.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::filled;
use super::reading::{FieldReader, bytes};
use crate::compose::tree::Node;
use crate::compose::view;
use crate::fields::{Field, Form, device_request, one_spelling};
use crate::redact::{HIDDEN, Sensitive, may_be_secret};

impl FieldReader<'_, '_> {
    /// A list of `NAME:ADDRESS` and `NAME=ADDRESS`, or a mapping (compose-go, `types/hostList.go`).
    pub(super) fn hosts(&mut self, field: Option<&Node>) -> Vec<String> {
        let host = |name: &str, address: &str| {
            let inner = address
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            let address = inner.filter(|inner| !inner.is_empty()).unwrap_or(address);
            // The engine refuses what is not an address; it may be a secret.
            let is_address =
                matches!(address, "" | "host-gateway") || address.parse::<IpAddr>().is_ok();
            let is_secret = may_be_secret(name) && !is_address;
            format!("{name}:{}", if is_secret { HIDDEN } else { address })
        };
        let Some(field) = field else {
            return Vec::new();
        };
        let mut hosts = Vec::new();
        for item in field.items() {
            let Some(text) = self.reader.text(Some(item)) else {
                continue;
            };
            let parts = text.split_once('=').or_else(|| text.split_once(':'));
            let (name, addresses) = parts.unwrap_or((&text, ""));
            hosts.extend(addresses.split(',').map(|address| host(name, address)));
        }
        for (name, entry) in field.entries() {
            let mut addresses = self.reader.texts(Some(&entry.value));
            if entry.value.is_null() {
                addresses.push(String::new());
            }
            hosts.extend(addresses.iter().map(|address| host(name, address)));
        }
        hosts
    }

    /// Labels of nodes over which the tasks of a service are spread.
    pub(super) fn spreads(&mut self, field: Option<&Node>) -> Vec<String> {
        let items = field.map(Node::items).unwrap_or_default().iter();
        // The client sends one without `spread` as an empty one.
        items
            .map(|item| self.reader.text(item.field("spread")).unwrap_or_default())
            .collect()
    }

    /// Resources of nodes that can be counted.
    pub(super) fn discrete(&mut self, field: Option<&Node>) -> Vec<String> {
        let resources = field
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| {
                let discrete = item.field("discrete_resource_spec")?;
                let kind = self.reader.text(discrete.field("kind"))?;
                let number = self.reader.whole(discrete.field("value"))?;
                Some(format!("{kind}={number}"))
            });
        resources.collect()
    }

    pub(super) fn devices(&mut self, field: Option<&Node>) -> Vec<String> {
        let mut devices = Vec::new();
        for item in field.map(Node::items).unwrap_or_default() {
            if !self.reader.all_known(item) || item.as_map().is_none() {
                continue;
            }
            let mut part = |key: &str| self.reader.text(item.field(key)).unwrap_or_default();
            let (source, target, permissions) =
                (part("source"), part("target"), part("permissions"));
            if is_cdi(&source) {
                continue;
            }
            let target = filled(Some(target)).unwrap_or_else(|| source.clone());
            devices.push(format!("{source}:{target}:{permissions}"));
        }
        devices
    }

    /// Requests of `gpus`, of `deploy.resources.reservations.devices`, and of devices by the names of
    /// the Container Device Interface.
    pub(super) fn device_requests(&mut self, gpus: Option<&Node>) -> Vec<String> {
        let mut requests = Vec::new();
        let reserved = self.at("deploy.resources.reservations.devices");
        for (list, is_gpu) in [(reserved, false), (gpus, true)] {
            for item in list.map(Node::items).unwrap_or_default() {
                if !self.reader.all_known(item) {
                    continue;
                }
                let mut capabilities = self.reader.texts(item.field("capabilities"));
                if is_gpu && !capabilities.iter().any(|name| name == "gpu") {
                    capabilities.push("gpu".to_owned());
                }
                let ids = self.reader.texts(item.field("device_ids"));
                let count = match item.field("count") {
                    Some(count) => view::whole(count).unwrap_or(-1),
                    None if ids.is_empty() => -1,
                    None => 0,
                };
                let driver = self.reader.text(item.field("driver"));
                let options = view_options(item);
                requests.push(device_request(
                    &driver.unwrap_or_default(),
                    count,
                    &ids,
                    &[capabilities],
                    &options,
                ));
            }
        }
        for item in self.at("devices").map(Node::items).unwrap_or_default() {
            let source = self.reader.known(item.field("source"));
            if let Some(source) = source.filter(|source| is_cdi(source)) {
                let ids = [source];
                requests.push(device_request("cdi", 0, &ids, &[], &[]));
            }
        }
        requests
    }

    /// The subnets of a network that are known.
    pub(super) fn subnets(&mut self) -> Vec<String> {
        let configs = self.at("ipam.config").map(Node::items).unwrap_or_default();
        configs
            .iter()
            .filter_map(|config| filled(self.reader.known(config.field("subnet"))))
            .collect()
    }

    /// The setting of the last key of a path for each subnet of a network.
    pub(super) fn pools(&mut self, field: &Field) -> BTreeMap<String, Option<Sensitive>> {
        let key = field.path.rsplit('.').next().unwrap_or_default();
        let mut pools = BTreeMap::new();
        for config in self.at("ipam.config").map(Node::items).unwrap_or_default() {
            if field.form == Form::PoolHosts {
                let path = format!("{}.{}", self.path, field.path);
                let hosts = self.reader.pairs(config.field(key), &path).into_iter();
                pools.extend(hosts.map(|(name, host)| (name, Some(network_address(&host)))));
                continue;
            }
            let subnet = self.reader.known(config.field("subnet"));
            let value = filled(self.reader.known(config.field(key)));
            if let (Some(subnet), Some(value)) = (subnet, value) {
                pools.insert(one_spelling(&subnet), Some(network_address(&value)));
            }
        }
        pools
    }

    pub(super) fn rates(&mut self, field: Option<&Node>, number: &str) -> Vec<String> {
        let mut rates = Vec::new();
        for item in field.map(Node::items).unwrap_or_default() {
            if !self.reader.all_known(item) {
                continue;
            }
            let path = self.reader.text(item.field("path")).unwrap_or_default();
            let rate = item.field(number).and_then(bytes).unwrap_or(0);
            rates.push(format!("{path}:{rate}"));
        }
        rates
    }
}

/// An address or a subnet in one spelling.
fn network_address(text: &str) -> Sensitive {
    Sensitive::public(one_spelling(text))
}

/// `NAME=VALUE` of the options of a request.
fn view_options(item: &Node) -> Vec<String> {
    let options = item.field("options").into_iter().flat_map(view::pairs);
    options
        .map(|(name, value, _)| format!("{name}={}", value.unwrap_or_default()))
        .collect()
}

/// Whether the name of a device is one of the Container Device Interface: `vendor.com/class=name`.
fn is_cdi(name: &str) -> bool {
    !name.starts_with('/') && name.contains('/') && name.contains('=')
}
