//! What `docker compose up -d` acts on: what of the file changed since Compose created a thing, and
//! what of a container it looks at itself. What follows from it is up to the plan.

use std::collections::{BTreeMap, BTreeSet};

use super::attachments::is_of_a_gone_network;
use super::cause::{cause_by_age, certain_cause_of};
use super::difference::Difference;
use super::foreign::holders;
use super::pair::Pair;
use super::reasons::{listed, reasons};
use super::refused::{not_created, not_started};
use super::resource::Resource;
use super::services::moved_from;
use super::states::States;
use crate::fields::{Form, SERVICE};
use crate::finding::Cause;
use crate::plan::{DefinitionChange, Facts};
use crate::redact::Sensitive;
use crate::state::{CONTAINER, Container, Live, Port, PortRange, Service, Volume};

/// The facts that follow from the differences of two states.
pub(super) fn facts(
    found: &[Difference],
    of_containers: &[(Pair<'_>, Vec<Difference>)],
    states: &States<'_>,
) -> Facts {
    let expected = states.expected;
    let mut facts = Facts {
        networks: changes(&expected.networks, found, states, |name| {
            states.index.network(name)
        }),
        volumes: changes(&expected.volumes, found, states, |name| {
            states.index.volume(name)
        }),
        is_foreseen: states.context.is_applied,
        moved_from: moved_from(states).map(str::to_owned),
        required: expected.required.values().cloned().collect(),
        knows_variables: states.context.knows_variables,
        unnamed: expected.unset.keys().cloned().collect(),
        ..Facts::default()
    };
    if states.live.dialect.keeps_shared_namespaces {
        facts.not_removed = not_removed(states.live);
    }
    facts.precious = keys(&expected.volumes, |key, volume| {
        holds_state(key, volume, states)
    });
    for (name, service) in &expected.services {
        let taken = holders(service, states);
        if !taken.is_empty() {
            facts.ports.insert(name.clone(), taken);
        }
        let not_created = not_created(service, &expected.services, states.live);
        facts
            .not_created
            .extend(not_created.map(|why| (name.clone(), why)));
        let unset = Some(&expected.unset).filter(|_| states.context.knows_variables);
        let not_started = not_started(service, unset);
        facts
            .not_started
            .extend(not_started.map(|why| (name.clone(), why)));
    }
    facts.unchecked = keys(&expected.services, |name, service| {
        has_no_check(name, service, states)
    });
    for (pair, differences) in of_containers {
        let reasons = reasons(*pair, differences, states);
        if !reasons.is_empty() {
            facts.containers.insert(pair.container.id.clone(), reasons);
        }
        if !pair.container.is_running()
            && let Some(why) = why_unstartable(*pair, states)
        {
            facts.unstartable.insert(pair.container.id.clone(), why);
        }
    }
    facts
}

/// The containers in whose namespaces others are, and why they cannot be removed.
fn not_removed(live: &Live) -> BTreeMap<String, String> {
    let mut held = BTreeMap::new();
    for container in live.containers.iter().chain(&live.foreign) {
        let fields = SERVICE.iter().filter(|field| field.form == Form::Namespace);
        let modes = fields.filter_map(|field| container.config.fields.text(field.path));
        for mode in modes.chain(container.network_mode.as_deref()) {
            let Some(id) = mode.strip_prefix(CONTAINER) else {
                continue;
            };
            held.entry(id.to_owned()).or_insert_with(|| {
                let name = &container.name;
                format!("the engine does not remove it, as `{name}` is in one of its namespaces")
            });
        }
    }
    held
}

/// The keys of the entries of a section for which a condition holds.
fn keys<T>(section: &BTreeMap<String, T>, holds: impl Fn(&str, &T) -> bool) -> BTreeSet<String> {
    section
        .iter()
        .filter(|(key, value)| holds(key, value))
        .map(|(key, _)| key.clone())
        .collect()
}

/// The networks or volumes whose definition changed since Compose created them.
fn changes<'a, T: Resource + 'a>(
    expected: &BTreeMap<String, T>,
    found: &[Difference],
    states: &States<'_>,
    observed: impl Fn(&str) -> Option<&'a T>,
) -> BTreeMap<String, DefinitionChange> {
    let mut fields: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for difference in found.iter().filter(|one| one.code == T::CHANGED) {
        let all = fields.entry(&difference.resource).or_default();
        all.extend(difference.field.as_deref());
    }
    let mut changes = BTreeMap::new();
    for (key, one) in expected {
        let Some(is) = observed(one.name()).filter(|is| is.has_hash() && !one.is_external()) else {
            continue;
        };
        let fields = fields.remove(key.as_str()).unwrap_or_default();
        let (now, then) = (one.definition(), is.definition());
        let has_new_digest = now.zip(then).is_some_and(|(now, then)| now != then);
        if fields.is_empty() && !has_new_digest {
            continue;
        }
        let cause = match certain_cause_of(one, Some(is), states.context) {
            Cause::Unknown => match cause_by_age(Some(is), states.context) {
                Cause::OutOfBand if names_variable(T::SECTION, key, states) => Cause::Unknown,
                cause => cause,
            },
            certain => certain,
        };
        if cause == Cause::OutOfBand {
            continue;
        }
        let change = DefinitionChange {
            what: listed(&fields),
            is_certain: cause == Cause::Unapplied,
        };
        changes.insert(key.clone(), change);
    }
    changes
}

/// Whether a value of a network or a volume comes from a variable, so that an old file may say something new.
fn names_variable(section: &str, key: &str, states: &States<'_>) -> bool {
    let below = format!("{section}.{key}.");
    let mut paths = states.context.from_variables.range(below.clone()..);
    paths.next().is_some_and(|path| path.starts_with(&below))
}

/// Whether it is known that new containers of a service have no health check.
fn has_no_check(name: &str, service: &Service, states: &States<'_>) -> bool {
    if states.is_unset("services", name, "healthcheck.test") {
        return false;
    }
    if let Some(own) = service.config.fields.has_health_check() {
        return !own;
    }
    // Nobody looked at the images of a host that is only foreseen.
    let image = service
        .image_in(&states.expected.project, name)
        .filter(|_| !states.context.is_applied);
    let id = image.and_then(|image| states.live.images.get(&*image));
    let fields = id.and_then(|id| states.live.image_fields.get(id));
    fields.is_some_and(|fields| fields.has_health_check() != Some(true))
}

/// Why an engine cannot start a container any more.
fn why_unstartable(pair: Pair<'_>, states: &States<'_>) -> Option<String> {
    let (service, container) = (pair.service, pair.container);
    let gone = container.networks.iter().find(|(name, attached)| {
        states.index.networks(name).len() < 2 && is_of_a_gone_network(name, attached, states)
    });
    if let Some((network, _)) = gone {
        return Some(format!(
            "it is attached to a network `{network}` that was removed"
        ));
    }
    let missing = service.networks.keys().find_map(|key| {
        let network = states.expected.networks.get(key)?;
        let is_missing = states.index.network(&network.name).is_none();
        (is_missing && container.networks.contains_key(&network.name)).then_some(&network.name)
    });
    if let Some(network) = missing {
        return Some(format!(
            "it is attached to network `{network}`, which was removed"
        ));
    }
    let (port, holder) = taken_port(pair, states)?;
    Some(format!(
        "port `{port}` is already published by `{}`",
        holder.name
    ))
}

/// A port that a container needs and another container holds, of somebody else or of the project
/// itself: of two on one fixed port, the second cannot start.
fn taken_port<'a>(pair: Pair<'a>, states: &States<'a>) -> Option<(&'a Port, &'a Container)> {
    let own = Some(pair.container.id.as_str());
    pair.service.ports.iter().find_map(|port| {
        let (from, to) = port.published.map(PortRange::bounds)?;
        let mut held = (from..=to).map(|number| states.index.bound.holder(port, number, own));
        // All of a range have to be held.
        let first = held.next()??;
        held.all(|holder| holder.is_some()).then_some((port, first))
    })
}

/// Whether a volume holds data that must not be lost.
pub(super) fn holds_state(key: &str, volume: &Volume, states: &States<'_>) -> bool {
    let kind = volume.fields.map("driver_opts").get("type");
    let kind = kind.and_then(Option::as_ref).map(Sensitive::revealed);
    if kind == Some("tmpfs") {
        return false;
    }
    let Some(stateful) = &states.context.stateful else {
        return true;
    };
    let mut mounting = states.index.mounting(key).iter();
    mounting.any(|service| stateful.contains(*service))
}

#[cfg(test)]
mod tests {
    use super::super::{Context, compare};
    use crate::fields::{Value, Values};
    use crate::plan::made;
    use crate::redact::Sensitive;
    use crate::state::{Attachment, Network, Service, State};

    /// `web` waits for `db`, which is new on the host; its check in the file and in the image.
    fn waiting(own: Option<&str>, of_image: Option<&str>, is_made: bool) -> Vec<String> {
        let check = |word: &str| Value::Words(Sensitive::words(vec![word.into(), "true".into()]));
        let mut expected = State::empty("p");
        let mut db = Service {
            replicas: 1,
            image: Some("base".into()),
            ..Service::default()
        };
        let needs = [("db".to_owned(), "service_healthy".to_owned())];
        let web = Service {
            image: Some("other".into()),
            depends_on: needs.into(),
            ..db.clone()
        };
        if let Some(own) = own {
            db.config.fields.insert("healthcheck.test", check(own));
        }
        expected.services = [("db".to_owned(), db), ("web".to_owned(), web)].into();
        let mut observed = made(&expected);
        let live = observed.live.as_mut().unwrap();
        live.containers
            .retain(|one| one.service.as_deref() != Some("db"));
        if let Some(word) = of_image {
            let mut fields = Values::default();
            fields.insert("healthcheck.test", check(word));
            live.image_fields
                .insert(live.images["base"].clone(), fields);
        }
        let context = Context {
            is_applied: is_made,
            ..Context::default()
        };
        let plan = compare(&expected, &observed, &context).plan;
        let operations = plan.operations.iter();
        operations
            .map(|one| one.action.as_str().to_owned())
            .collect()
    }

    /// What `up` does with a container that is attached to `p_back`, where `back` is now another network.
    fn renamed(state: &str) -> Vec<String> {
        let mut expected = State::empty("p");
        let network = |name: &str| Network {
            name: name.to_owned(),
            external: false,
            fields: Values::default(),
            origin: None,
        };
        let web = Service {
            replicas: 1,
            image: Some("base".into()),
            networks: [("back".to_owned(), Attachment::default())].into(),
            ..Service::default()
        };
        expected.services.insert("web".into(), web);
        expected.networks.insert("back".into(), network("p_back"));
        let mut observed = made(&expected);
        let other = Network {
            external: true,
            ..network("other")
        };
        expected.networks.insert("back".into(), other.clone());
        observed.networks.insert("other".into(), other);
        for container in &mut observed.live.as_mut().unwrap().containers {
            state.clone_into(&mut container.state);
        }
        let plan = compare(&expected, &observed, &Context::default()).plan;
        let services = plan.operations.iter().filter(|one| one.container.is_some());
        services
            .map(|one| format!("{}: {}", one.action.as_str(), one.cause))
            .collect()
    }

    /// Compose's hash has the key of a network alone, and only a running container's networks are looked at.
    #[test]
    fn a_stopped_container_stays_attached_to_a_network_that_was_renamed() {
        let recreated = ["recreate: not attached to network `back`"];
        assert_eq!(renamed("running"), recreated);
        assert_eq!(renamed("exited"), ["start: not running (exited)"]);
    }

    #[test]
    fn nothing_waits_for_the_health_of_a_new_container_without_a_check() {
        assert_eq!(waiting(None, None, false), ["create", "fail"]);
        assert_eq!(
            waiting(Some("NONE"), Some("CMD"), false),
            ["create", "fail"]
        );
        assert_eq!(waiting(None, Some("NONE"), false), ["create", "fail"]);
        assert_eq!(waiting(Some("CMD"), None, false), ["create"]);
        assert_eq!(waiting(None, Some("CMD"), false), ["create"]);
        // Nobody looked at the image.
        assert_eq!(waiting(None, None, true), ["create"]);
        assert_eq!(waiting(Some("NONE"), None, true), ["create", "fail"]);
    }
}
