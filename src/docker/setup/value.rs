//! The value of a field from an engine's answer, by the form of the field.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::super::answer::Answer;
use super::super::dialect::own_labels;
use super::super::platform;
use crate::fields::{
    Field, Form, Value, capability, device_request, exposed_port, mac_address, octal, one_spelling,
    ratio, security_option, signal,
};
use crate::redact::Sensitive;
use crate::state::{DeployMode, RestartPolicy};
use crate::text::path::clean;

/// The value of a field; nothing where it is not set.
pub(super) fn value(field: &Field, answer: &Answer<'_>) -> Option<Value> {
    let text = |text: String| Value::Text(Sensitive::public(text));
    match field.form {
        Form::Whole if field.path == "deploy.replicas" => replicas(answer).map(Value::Number),
        form if form.is_number() => number(answer, form).map(Value::Number),
        Form::Flag => answer
            .flag()
            .filter(|is_on| *is_on)
            .map(|_| Value::Flag(true)),
        Form::Switch => answer.flag().map(Value::Flag),
        Form::Restart => restart(answer).map(text),
        Form::Path => Some(text(clean(answer.text()?))),
        Form::Signal => Some(text(signal(answer.text()?))),
        Form::Mac => {
            let address = answer.text()?;
            Some(text(
                mac_address(address).unwrap_or_else(|| address.to_owned()),
            ))
        }
        Form::Address => {
            let address = answer.parse::<IpAddr>("an IP address")?;
            Some(text(address.to_string()))
        }
        Form::Platform => platform::of(answer, ["os", "architecture", "variant"]).map(text),
        Form::Mode => octal(answer.number()?).map(text),
        Form::Recursive => recursive(answer).map(|word| text(word.to_owned())),
        Form::Text | Form::Namespace | Form::Propagation => Some(text(answer.text()?.to_owned())),
        Form::Words | Form::Check => Some(Value::Words(Sensitive::words(answer.words()?))),
        Form::List => listed(answer.texts()),
        Form::Capabilities => listed(capabilities(answer)),
        Form::Exposed => listed(exposed(answer)),
        Form::Links if field.path == "links" => listed(links(answer)),
        Form::NotListed(paths) => listed(not_listed(answer, paths)),
        Form::ServiceMode => service_mode(answer).map(|mode| text(mode.to_owned())),
        Form::Ratio => Some(text(ratio(&answer.fraction()?)?)),
        Form::HostLines => listed(host_lines(answer)),
        Form::Spreads => listed(spreads(answer)),
        Form::Discrete => listed(discrete(answer)),
        Form::Devices => listed(devices(answer)),
        Form::DeviceRequests => listed(device_requests(answer)),
        Form::Rates(_, number) => listed(rates(answer, number)),
        Form::Set | Form::Addresses | Form::Hosts => listed(answer.sorted()),
        Form::SecurityOptions => {
            let options = answer.texts().into_iter();
            listed(sorted(options.map(|option| security_option(&option))))
        }
        Form::Environment => mapped(environment(answer)),
        Form::Labels if field.path == "labels" => {
            named(own_labels(answer), |_, text| Sensitive::whole(text))
        }
        Form::Options if field.path == "labels" => named(own_labels(answer), Sensitive::of_option),
        Form::Labels => named(answer.map(), |_, text| Sensitive::whole(text)),
        Form::Map | Form::NotSent => named(answer.map(), Sensitive::of_field),
        Form::Options => named(answer.map(), Sensitive::of_option),
        Form::Tmpfs => named(answer.map(), |_, text| Sensitive::public(text)),
        Form::Ulimits => mapped(ulimits(answer)),
        Form::Subnets => listed(subnets(answer)),
        Form::Pools => mapped(pools(answer, last(field))),
        Form::PoolHosts => mapped(pool_hosts(answer, last(field))),
        _ => None,
    }
}

fn number(answer: &Answer<'_>, form: Form) -> Option<i64> {
    answer.number().filter(|number| match form {
        Form::Limit => *number > 0,
        Form::Seconds => true,
        form => form.keeps_zero() || *number != 0,
    })
}

/// Those of `paths` that a list lacks.
fn not_listed(list: &Answer<'_>, paths: &[&str]) -> Vec<String> {
    if list.is_null() {
        return Vec::new();
    }
    let mut paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let listed = list.sorted();
    paths.retain(|path| !listed.contains(path));
    paths
}

/// How a bind mount was asked to treat the mounts below its source (docker/compose, `buildBindOption`).
fn recursive(options: &Answer<'_>) -> Option<&'static str> {
    let mut words = [
        ("NonRecursive", "disabled"),
        ("ReadOnlyNonRecursive", "writable"),
        ("ReadOnlyForceRecursive", "readonly"),
    ]
    .into_iter();
    let word = words.find(|(name, _)| options.at(name).flag() == Some(true));
    word.map(|(_, word)| word)
}

/// The last key of a field's path.
fn last(field: &Field) -> &'static str {
    field.engine.rsplit('.').next().unwrap_or_default()
}

fn subnets(configs: &Answer<'_>) -> Vec<String> {
    let subnets = configs.items().filter_map(|config| {
        let is_subnet = |text: &str| text.parse::<IpNet>().is_ok();
        let subnet = config.must("Subnet").known("a subnet", is_subnet);
        subnet.map(str::to_owned)
    });
    sorted(subnets)
}

/// The setting of a key for each subnet of a network.
fn pools(configs: &Answer<'_>, key: &'static str) -> BTreeMap<String, Option<Sensitive>> {
    let pools = configs.items().filter_map(|config| {
        let value = Sensitive::public(one_spelling(config.at(key).text()?));
        Some((one_spelling(config.must("Subnet").text()?), Some(value)))
    });
    pools.collect()
}

/// The addresses under a key of each subnet of a network, by what has them.
fn pool_hosts(configs: &Answer<'_>, key: &'static str) -> BTreeMap<String, Option<Sensitive>> {
    configs
        .items()
        .flat_map(|config| config.at(key).map())
        .map(|(name, address)| (name, Some(Sensitive::public(one_spelling(&address)))))
        .collect()
}

pub(super) fn listed(list: Vec<String>) -> Option<Value> {
    (!list.is_empty()).then_some(Value::List(list))
}

fn mapped(map: BTreeMap<String, Option<Sensitive>>) -> Option<Value> {
    (!map.is_empty()).then_some(Value::Map(map))
}

fn named(
    texts: BTreeMap<String, String>,
    value: impl Fn(&str, String) -> Sensitive,
) -> Option<Value> {
    let values = texts.into_iter().map(|(name, text)| {
        let value = value(&name, text);
        (name, Some(value))
    });
    mapped(values.collect())
}

/// The variables in `Env` of a container or an image.
fn environment(answer: &Answer<'_>) -> BTreeMap<String, Option<Sensitive>> {
    let entries = answer.items().filter_map(|entry| {
        let (name, value) = entry.variable()?;
        Some((name.to_owned(), Some(Sensitive::whole(value?))))
    });
    entries.collect()
}

fn restart(policy: &Answer<'_>) -> Option<String> {
    let most = policy.must("MaximumRetryCount").limit();
    let name = policy.must("Name").word(&RestartPolicy::CONDITIONS)?;
    match most {
        Some(most) if name == "on-failure" => Some(format!("{name}:{most}")),
        _ => Some(name.to_owned()),
    }
}

fn capabilities(answer: &Answer<'_>) -> Vec<String> {
    sorted(answer.texts().iter().map(|name| capability(name)))
}

/// Capabilities in one text, with commas between them.
pub(in crate::docker) fn capabilities_in(answer: &Answer<'_>) -> Vec<String> {
    let names = answer
        .text()
        .unwrap_or_default()
        .split(',')
        .filter(|name| !name.is_empty());
    sorted(names.map(capability))
}

/// Ports; Docker keeps the spelling that it was sent.
fn exposed(answer: &Answer<'_>) -> Vec<String> {
    let ports = answer.entries().into_iter();
    sorted(ports.map(|(port, _)| exposed_port(port)))
}

/// Links of the default network: `/OTHER:/OWN/NAME`.
fn links(answer: &Answer<'_>) -> Vec<String> {
    let links = answer.texts().into_iter().map(|link| {
        let (other, name) = link.split_once(':').unwrap_or((&link, &link));
        let name = name.rsplit('/').next().unwrap_or_default();
        format!("{}:{name}", other.trim_start_matches('/'))
    });
    sorted(links)
}

fn devices(answer: &Answer<'_>) -> Vec<String> {
    let devices = answer.items().map(|device| {
        let text = |name: &'static str| device.must(name).string();
        let permissions = text("CgroupPermissions");
        format!(
            "{}:{}:{permissions}",
            text("PathOnHost"),
            text("PathInContainer")
        )
    });
    sorted(devices)
}

fn device_requests(answer: &Answer<'_>) -> Vec<String> {
    let requests = answer.items().map(|request| {
        let capabilities = request.must("Capabilities").items();
        let sets: Vec<Vec<String>> = capabilities.map(|set| set.texts()).collect();
        let options: Vec<String> = request
            .must("Options")
            .map()
            .into_iter()
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        device_request(
            &request.must("Driver").string(),
            request.must("Count").number().unwrap_or(0),
            &request.must("DeviceIDs").texts(),
            &sets,
            &options,
        )
    });
    sorted(requests)
}

/// The modes of a service (Engine API, `ServiceSpec`).
const MODES: [(&str, DeployMode); 4] = [
    ("Replicated", DeployMode::Replicated),
    ("Global", DeployMode::Global),
    ("ReplicatedJob", DeployMode::ReplicatedJob),
    ("GlobalJob", DeployMode::GlobalJob),
];

fn service_mode(answer: &Answer<'_>) -> Option<&'static str> {
    let mode = MODES
        .into_iter()
        .find(|(name, _)| !answer.at(name).is_null());
    if mode.is_none() {
        answer.wrong("the mode of a service", "another one");
    }
    mode.map(|(_, mode)| mode.into())
}

fn replicas(mode: &Answer<'_>) -> Option<i64> {
    let job = mode.at("ReplicatedJob");
    let of_job = job.at("TotalCompletions").number();
    mode.at("Replicated").at("Replicas").number().or(of_job)
}

/// Lines of the hosts file, an address and its names.
fn host_lines(answer: &Answer<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for line in answer.texts() {
        let mut words = line.split_whitespace();
        let address = words.next().unwrap_or_default();
        lines.extend(words.map(|name| format!("{name}:{address}")));
    }
    sorted(lines.into_iter())
}

fn spreads(answer: &Answer<'_>) -> Vec<String> {
    answer
        .items()
        .map(|one| one.must("Spread").must("SpreadDescriptor").string())
        .collect()
}

fn discrete(answer: &Answer<'_>) -> Vec<String> {
    let resources = answer.items().filter_map(|one| {
        let discrete = one.at("DiscreteResourceSpec");
        if discrete.is_null() {
            let named = one.must("NamedResourceSpec");
            return Some(format!(
                "{}={}",
                named.must("Kind").text()?,
                named.must("Value").text()?
            ));
        }
        // A zero is not sent.
        let number = discrete.at("Value").number().unwrap_or_default();
        Some(format!("{}={number}", discrete.must("Kind").text()?))
    });
    sorted(resources)
}

fn rates(answer: &Answer<'_>, number: &'static str) -> Vec<String> {
    let rates = answer.items().map(|rate| {
        let number = rate.must(number).number().unwrap_or(0);
        format!("{}:{number}", rate.must("Path").string())
    });
    sorted(rates)
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts.dedup();
    texts
}

fn ulimits(answer: &Answer<'_>) -> BTreeMap<String, Option<Sensitive>> {
    let limits = answer.items().map(|limit| {
        let name = limit.must("Name").string();
        let number = |name: &'static str| limit.must(name).number().unwrap_or(0);
        let text = format!("{}:{}", number("Soft"), number("Hard"));
        (name, Some(Sensitive::public(text)))
    });
    limits.collect()
}
