//! The fields of a service, read by the forms of their values.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Reader, filled};
use crate::compose::quantities;
use crate::compose::tree::{Kind, Node};
use crate::compose::view::capability;
use crate::compose::{view, words};
use crate::fields::{Field, Form, Value, Values, one_spelling, signal};
use crate::redact::{HIDDEN, Sensitive, may_be_secret};
use crate::text::path::clean;

/// The fields of something.
pub(super) struct Fields<'a, 'b> {
    reader: &'b mut Reader<'a>,
    /// Its path in the file.
    path: String,
    node: &'b Node,
}

impl<'a, 'b> Fields<'a, 'b> {
    pub(super) fn of(reader: &'b mut Reader<'a>, path: String, node: &'b Node) -> Self {
        Self { reader, path, node }
    }

    /// The values of all fields of a table that are set.
    pub(super) fn all(mut self, table: &[Field]) -> Values {
        let mut values = Values::default();
        for field in table {
            let value = self.value(field);
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                values.set(field, value);
            }
        }
        values
    }

    /// The value of a field, where it is set.
    pub(super) fn value(&mut self, field: &Field) -> Option<Value> {
        let at = self.at(field.path);
        match field.form {
            form if form.is_number() => {
                let own = self.number(at, form);
                let deployed = field.deploy.and_then(|path| self.at(path));
                self.number(deployed, form).or(own).map(Value::Number)
            }
            Form::Flag => {
                let is_on = self.reader.boolean(at);
                is_on.filter(|is_on| *is_on).map(Value::Flag)
            }
            Form::Switch => self.reader.boolean(at).map(Value::Flag),
            Form::Restart => self
                .restart()
                .map(|text| Value::Text(Sensitive::public(text))),
            Form::Path
            | Form::Text
            | Form::Address
            | Form::Namespace
            | Form::Signal
            | Form::Mac => {
                let text = filled(self.reader.text(at))?;
                let is_known = at.is_some_and(|at| at.unset.is_none());
                let text = match field.form {
                    Form::Path if is_known => clean(&text),
                    Form::Signal if is_known => signal(&text),
                    Form::Mac => text.to_ascii_lowercase(),
                    _ => text,
                };
                Some(Value::Text(if self.reader.is_from_secret(at?) {
                    Sensitive::whole(text)
                } else {
                    Sensitive::public(text)
                }))
            }
            Form::Words => {
                let words = self.words(at?)?;
                // Without words, a command is the image's; an entrypoint is none.
                let says = !words.is_empty() || field.path == "entrypoint";
                says.then(|| Value::Words(Sensitive::words(words)))
            }
            Form::Check => Some(Value::Words(Sensitive::words(self.check()?))),
            Form::NotSent => None,
            Form::Map | Form::Options | Form::Labels => {
                let path = format!("{}.{}", self.path, field.path);
                let pairs = self.reader.pairs(at, &path).into_iter();
                let value = |name: &str, text| match field.form {
                    Form::Map => Sensitive::of_field(name, text),
                    Form::Options => Sensitive::of_option(name, text),
                    _ => Sensitive::whole(text),
                };
                let map: BTreeMap<_, _> = pairs
                    .map(|(name, text)| {
                        let value = value(&name, text);
                        (name, Some(value))
                    })
                    .collect();
                Some(Value::Map(map))
            }
            Form::Ulimits => Some(Value::Map(self.ulimits(at?))),
            Form::Tmpfs => {
                let texts = self.reader.texts(at).into_iter();
                let tmpfs = texts.map(|text| {
                    let (target, options) = text.split_once(':').unwrap_or((&text, ""));
                    (target.to_owned(), Some(Sensitive::public(options)))
                });
                Some(Value::Map(tmpfs.collect()))
            }
            Form::Pools | Form::PoolHosts => Some(Value::Map(self.pools(field))),
            _ => {
                let list = self.list(at, field);
                (!list.is_empty()).then_some(Value::List(list))
            }
        }
    }

    /// A field that is set.
    fn at(&self, path: &str) -> Option<&'b Node> {
        let mut keys = path.split('.');
        keys.try_fold(self.node, |at, key| at.field(key))
    }

    fn number(&mut self, at: Option<&Node>, form: Form) -> Option<i64> {
        let at = at?;
        if !self.reader.is_known(at) {
            return None;
        }
        let number = match form {
            Form::Bytes => bytes(at),
            Form::NanoCpus => quantities::nano_cpus(&at.scalar()?),
            Form::Nanoseconds => quantities::nanoseconds(&at.scalar()?),
            Form::Seconds => {
                let nanoseconds = quantities::nanoseconds(&at.scalar()?)?;
                return Some(nanoseconds / 1_000_000_000);
            }
            _ => view::whole(at),
        };
        number.filter(|number| *number != 0 && (*number > 0 || form != Form::Limit))
    }

    fn list(&mut self, at: Option<&Node>, field: &Field) -> Vec<String> {
        let mut list = match field.form {
            Form::Hosts => self.hosts(at),
            Form::Devices => self.devices(at),
            Form::DeviceRequests => self.device_requests(at),
            Form::Rates(number, _) => self.rates(at, number),
            Form::Subnets => self.subnets(),
            _ => self.reader.texts(at),
        };
        match field.form {
            Form::List => return list,
            Form::Capabilities => {
                list = list.iter().map(|word| capability(word)).collect();
            }
            Form::Exposed => {
                for port in &mut list {
                    if !port.contains('/') {
                        port.push_str("/tcp");
                    }
                }
            }
            _ => {}
        }
        list.sort();
        list.dedup();
        list
    }

    /// A command: its words, or one text that is split.
    fn words(&mut self, field: &Node) -> Option<Vec<String>> {
        if field.as_list().is_some() {
            return Some(self.reader.texts(Some(field)));
        }
        let text = self.reader.text(Some(field))?;
        // An unknown one may not even be splittable.
        words::split(&text).or_else(|| field.unset.is_some().then(|| vec![text]))
    }

    /// `restart`, or `deploy.restart_policy`, which wins.
    fn restart(&mut self) -> Option<String> {
        let own = filled(self.reader.text(self.at("restart")));
        let (condition, attempts) = if let Some(policy) = self.at("deploy.restart_policy") {
            let condition = self.reader.text(policy.field("condition"));
            let attempts = self.reader.whole(policy.field("max_attempts"));
            (condition.unwrap_or_default(), attempts)
        } else {
            let own = own?;
            match own.split_once(':') {
                Some((condition, attempts)) => (condition.to_owned(), attempts.parse::<i64>().ok()),
                None => (own, None),
            }
        };
        let condition = match condition.as_str() {
            "" => return None,
            "none" => "no",
            "any" => "always",
            other => other,
        };
        Some(match attempts.filter(|attempts| *attempts != 0) {
            Some(attempts) => format!("{condition}:{attempts}"),
            None => condition.to_owned(),
        })
    }

    /// A list of `NAME:ADDRESS` and `NAME=ADDRESS`, or a mapping (compose-go, `types/hostList.go`).
    fn hosts(&mut self, field: Option<&Node>) -> Vec<String> {
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

    /// The words of the health check; a text is one for the image's shell (compose-go,
    /// `types/healthcheck.go`).
    fn check(&mut self) -> Option<Vec<String>> {
        let check = self.node.field("healthcheck")?;
        if self.reader.boolean(check.field("disable")) == Some(true) {
            return Some(vec!["NONE".to_owned()]);
        }
        let test = check.field("test")?;
        let words = self.reader.texts(Some(test));
        if test.as_list().is_some() {
            return (!words.is_empty()).then_some(words);
        }
        let mut check = vec!["CMD-SHELL".to_owned()];
        check.extend(words);
        Some(check)
    }

    /// A number for both limits, or `soft` and `hard`.
    fn ulimits(&mut self, field: &Node) -> BTreeMap<String, Option<Sensitive>> {
        let mut limits = BTreeMap::new();
        for (name, entry) in field.entries() {
            let both = &entry.value;
            if !self.reader.all_known(both) {
                limits.insert(name.to_owned(), None);
                continue;
            }
            let mut limit = |key: &str| self.reader.whole(both.field(key));
            let single = limit("single").or(view::whole(both));
            let pair = (limit("soft").or(single), limit("hard").or(single));
            let text = format!("{}:{}", pair.0.unwrap_or(0), pair.1.unwrap_or(0));
            limits.insert(name.to_owned(), Some(Sensitive::public(text)));
        }
        limits
    }

    fn devices(&mut self, field: Option<&Node>) -> Vec<String> {
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
            let permissions = filled(Some(permissions)).unwrap_or_else(|| "rwm".to_owned());
            devices.push(format!("{source}:{target}:{permissions}"));
        }
        devices
    }

    /// Requests of `gpus`, of `deploy.resources.reservations.devices`, and of devices by the names of
    /// the Container Device Interface.
    fn device_requests(&mut self, gpus: Option<&Node>) -> Vec<String> {
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
                requests.push(crate::fields::device_request(
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
                requests.push(crate::fields::device_request("cdi", 0, &ids, &[], &[]));
            }
        }
        requests
    }

    /// The subnets of a network that are known.
    fn subnets(&mut self) -> Vec<String> {
        let configs = self.at("ipam.config").map(Node::items).unwrap_or_default();
        let subnets = configs.iter();
        subnets
            .filter_map(|config| filled(self.reader.known(config.field("subnet"))))
            .collect()
    }

    /// What is said of each subnet of a network under the last key of a path.
    fn pools(&mut self, field: &Field) -> BTreeMap<String, Option<Sensitive>> {
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

    fn rates(&mut self, field: Option<&Node>, number: &str) -> Vec<String> {
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

/// Bytes. Compose takes a fraction for nothing.
fn bytes(node: &Node) -> Option<i64> {
    match &node.kind {
        Kind::Int(number) => i64::try_from(number.get()).ok(),
        Kind::Text(text) if text == "-1" => Some(-1),
        Kind::Text(text) => quantities::bytes(text),
        _ => None,
    }
}
