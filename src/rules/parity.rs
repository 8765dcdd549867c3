//! What two environments are made of, compared thing by thing.
//!
//! Services are compared in every field of the files that they are rendered to; what is an environment's own is taken out
//! first: its names, domains, namespaces, levels of upstreams, addresses. Anything else is a difference, which a mirror has to declare.

mod alike;
mod fact;
mod field;
mod limits;
mod mounts;
mod own;
mod parts;
mod spec;
mod unsure;
mod values;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use self::alike::{Named, unite_names};
use self::fact::{Fact, Hides, Naming};
use self::field::{WrittenField, of_field};
use self::limits::{has_own, other_names, unite_limits};
use self::mounts::mounts;
use self::own::{Kinds, OwnNames};
use self::parts::{of_files, of_parts};
use self::spec::of_host;
use self::unsure::of_variables;
use super::Subject;
use crate::compose::{At, Written, field_names};
use crate::fields::{Field, Form, NETWORK, SERVICE, VOLUME};
use crate::pattern;
use crate::redact::Sensitive;
use crate::source::Place;
use crate::spec::{Environment, Host};

/// What an environment is made of: each thing by its name, its value, and where that is set; on several hosts it may
/// have several.
///
/// A command or an option may hold a secret: it is compared, and not shown.
#[derive(Default)]
struct Facts {
    known: BTreeMap<String, Vec<Fact>>,
    /// The paths in which names of the environment are.
    named: BTreeMap<String, Named>,
    /// What depends on variables that are not known here.
    unsure: BTreeSet<String>,
    /// What the list in a spec names that is compared as a whole: where only one environment has `services.web.secrets.key`,
    /// `services.web.secrets` differs, and nothing below needs to be reported.
    listed: BTreeSet<String>,
    /// Dependencies that a spec lists, on services that run on another host: Compose knows none of those.
    apart: BTreeSet<String>,
    /// Whether the hosts of both environments have files of their own, so that no spec says what services need.
    is_by_hand: bool,
}

impl Facts {
    fn insert(&mut self, what: String, fact: Fact) {
        // Nearly every fact has one value; an empty `Vec` would grow to four.
        let known = self
            .known
            .entry(what)
            .or_insert_with(|| Vec::with_capacity(1));
        if !known.iter().any(|known| known.is_written_like(&fact)) {
            known.push(fact);
        }
    }

    /// Whether something is known of a part of a thing.
    fn has_part_of(&self, what: &str) -> bool {
        let parts = format!("{what}.");
        let from = (Bound::Included(parts.as_str()), Bound::Unbounded);
        let mut after = self.known.range::<str, _>(from);
        after
            .next()
            .is_some_and(|(part, _)| part.starts_with(&parts))
    }

    /// What is known of a thing.
    fn of(&self, what: &str) -> &[Fact] {
        self.known.get(what).map_or(&[], Vec::as_slice)
    }
}

/// Whether a thing is alike in two environments: each value of the one at some host of the other. What is meant anyway
/// need not be written.
fn is_alike(ours: &[Fact], theirs: &[Fact]) -> bool {
    let is_default = |facts: &[Fact]| facts.iter().all(Fact::is_default);
    is_default(ours) && is_default(theirs)
        || ours.is_empty() == theirs.is_empty()
            && ours.iter().all(|our| our.is_in(theirs))
            && theirs.iter().all(|their| their.is_in(ours))
}

/// The values of a thing, and where the first is set that the other environment has not.
fn shown(what: &str, own: &[Fact], others: &[Fact]) -> Option<(Sensitive, Place)> {
    let first = own
        .iter()
        .find(|fact| !fact.is_in(others))
        .or(own.first())?;
    let mut values: Vec<Sensitive> = Vec::new();
    for value in own.iter().map(|fact| fact.shown(what)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Some((Sensitive::one_of(values), first.place.clone()))
}

/// Something that is not alike in two environments.
#[derive(Debug, Clone)]
pub struct Difference {
    /// What it is: `services.db.image`.
    pub what: String,
    /// Its value in the first environment, and where that is set; `None` where it is missing.
    pub first: Option<(Sensitive, Place)>,
    /// Its value in the second environment, in the same way.
    pub second: Option<(Sensitive, Place)>,
}

impl Difference {
    /// The value of a side, as it may be shown; `None` where it is missing.
    pub(crate) fn shown(side: Option<&(Sensitive, Place)>) -> Option<String> {
        let text = side?.0.shown();
        Some(if text.is_empty() {
            "none".to_owned()
        } else {
            text
        })
    }
}

/// Everything that is not alike in two environments: services, networks, volumes, routes, and how
/// services are written.
#[must_use]
pub fn differences(
    subject: &Subject<'_>,
    first: &Environment,
    second: &Environment,
) -> Vec<Difference> {
    let kinds = Kinds::of(subject.catalog, [first, second]);
    let mut hosts = first.hosts.iter().chain(&second.hosts);
    let is_by_hand = hosts.all(|host| host.by_hand().is_some());
    let facts = |environment| facts(subject, environment, &kinds, is_by_hand);
    let (mut ours, mut theirs) = (facts(first), facts(second));
    unite_names(&mut ours, &mut theirs);
    unite_limits(&mut ours, &mut theirs);
    let names: BTreeSet<&String> = ours.known.keys().chain(theirs.known.keys()).collect();
    let mut found = Vec::new();
    for what in names {
        let (our, their) = (ours.of(what), theirs.of(what));
        if is_partly_there(what, &ours, &theirs) {
            continue;
        }
        // That a file is missing is a difference of the services that use it.
        let is_file = ["configs.", "secrets."]
            .iter()
            .any(|section| what.starts_with(section));
        if is_file && (our.is_empty() || their.is_empty())
            || ours.is_unsure(what)
            || theirs.is_unsure(what)
        {
            continue;
        }
        // A service that is missing is one difference, not one for each of its fields.
        if !is_alike(our, their) && !is_below_a_difference(what, &ours, &theirs) {
            found.push(Difference {
                what: what.clone(),
                first: shown(what, our, their),
                second: shown(what, their, our),
            });
        }
    }
    found
}

/// Why a mirror may differ in something, where its spec says so: which of its reasons.
#[must_use]
pub fn reasons(mirror: &Environment, what: &str) -> Vec<usize> {
    let differs = mirror.differs.iter().enumerate();
    differs
        .filter(|(_, differs)| covers(&differs.what.value, what))
        .map(|(at, _)| at)
        .collect()
}

/// Whether a pattern means a thing, or a field of which it is a part: `services.web.deploy` is
/// `services.web.deploy.replicas` as well.
fn covers(pattern: &str, what: &str) -> bool {
    let parts = what.match_indices('.').map(|(at, _)| at).skip(2);
    let others = other_names(what);
    let mut names = parts
        .map(|at| what.get(..at).unwrap_or_default())
        .chain([what])
        .chain(others.iter().map(String::as_str));
    names.any(|name| pattern::matches(pattern, name))
}

/// Whether only one environment has a mapping as a whole, and the other has parts of it, which are compared by themselves.
fn is_partly_there(what: &str, ours: &Facts, theirs: &Facts) -> bool {
    let is = |facts: &Facts, other: &Facts| {
        let fact = facts.of(what);
        fact.iter().any(Fact::is_of_mapping) && other.of(what).is_empty() && other.has_part_of(what)
    };
    is(ours, theirs) || is(theirs, ours)
}

fn is_below_a_difference(what: &str, theirs: &Facts, ours: &Facts) -> bool {
    let is_reported_elsewhere = |what: &str| {
        ours.listed.contains(what) != theirs.listed.contains(what)
            || ours.apart.contains(what)
            || theirs.apart.contains(what)
    };
    if is_reported_elsewhere(what) {
        return true;
    }
    for (at, _) in what.rmatch_indices('.') {
        let parent = what.get(..at).unwrap_or_default();
        let (our, their) = (ours.of(parent), theirs.of(parent));
        let facts = || our.iter().chain(their);
        // A name may have dots in it: what a value has in front of its own is another thing.
        let has_parts = facts().any(|fact| fact.is_of_thing() || fact.is_of_mapping());
        let is_missing = has_parts
            && our.is_empty() != their.is_empty()
            && !is_partly_there(parent, ours, theirs);
        // A volume of another kind has other options.
        let is_of_another_kind = parent.starts_with("volumes.") && !is_alike(our, their);
        if is_missing || is_of_another_kind || is_reported_elsewhere(parent) {
            return true;
        }
        if facts().any(Fact::is_of_thing) {
            return false;
        }
    }
    false
}

/// Fields of a service that are not compared as they are written: what each environment decides for itself, what the specs
/// say, and what is compared part by part.
const OWN_OF_SERVICE: [&str; 8] = [
    "container_name", "depends_on", "image", "mac_address", "networks", "ports", "secrets",
    "volumes",
];

const OWN_OF_NETWORK: &[&str] = &["internal", "ipam"];

/// What else is compared of networks and volumes: whether the project owns them.
const BESIDES_OF_RESOURCE: [&str; 1] = ["external"];

/// The fields that are compared in the files as they are written, by their first keys; the specs say
/// the rest.
fn compared(table: &'static [Field], own: &[&str]) -> BTreeMap<&'static str, Form> {
    let keys = table.iter().map(|field| {
        let key = field.path.split('.').next().unwrap_or_default();
        (key, field.form)
    });
    keys.filter(|(key, _)| !own.contains(key)).collect()
}

fn facts(
    subject: &Subject<'_>,
    environment: &Environment,
    kinds: &Kinds,
    is_by_hand: bool,
) -> Facts {
    let mut facts = Facts {
        is_by_hand,
        ..Facts::default()
    };
    let deployed: Vec<(&Host, Cow<'_, Written>)> = subject
        .deployed
        .iter()
        .filter_map(|deployed| {
            let (_, host) = deployed
                .of
                .filter(|(own, _)| own.name == environment.name)?;
            let filled = deployed.file.with_values().map(Cow::Owned);
            Some((host, filled.unwrap_or(Cow::Borrowed(&*deployed.file))))
        })
        .collect();
    let files: BTreeMap<&str, &Written> = deployed
        .iter()
        .map(|(host, file)| (host.name.as_str(), &**file))
        .collect();
    for host in &environment.hosts {
        of_host(
            subject.catalog,
            host,
            files.get(host.name.as_str()).copied(),
            &mut facts,
        );
    }
    let sections = sections();
    for (host, file) in &deployed {
        let own = OwnNames::of(subject.catalog, environment, host, kinds);
        if host
            .by_hand()
            .is_some_and(|by_hand| !by_hand.missing.is_empty())
        {
            of_variables(file, &mut facts);
        }
        mounts(&own, host, file, &mut facts);
        of_files(&own, file, &mut facts);
        for (section, fields) in &sections {
            of_section(&own, host, file, section, fields, &mut facts);
        }
    }
    facts
}

/// The fields that are compared in each section of a file as it is written.
fn sections() -> [(&'static str, BTreeMap<&'static str, Form>); 4] {
    let forms = compared(SERVICE, &[]);
    let services: BTreeMap<_, _> = field_names("services")
        .into_iter()
        .filter(|field| !OWN_OF_SERVICE.contains(field))
        .map(|field| (field, forms.get(field).copied().unwrap_or(Form::Text)))
        .collect();
    let resource = |table, own| {
        let mut fields = compared(table, own);
        fields.extend(BESIDES_OF_RESOURCE.map(|field| (field, Form::Text)));
        fields
    };
    let networks = resource(NETWORK, OWN_OF_NETWORK);
    let volumes = resource(VOLUME, &[]);
    let models = field_names("models")
        .into_iter()
        .map(|field| (field, Form::Text))
        .collect();
    [
        ("models", models),
        ("services", services),
        ("networks", networks),
        ("volumes", volumes),
    ]
}

/// The entries of a section.
fn of_section(
    own: &OwnNames<'_>,
    host: &Host,
    file: &Written,
    section: &str,
    fields: &BTreeMap<&str, Form>,
    facts: &mut Facts,
) {
    for (name, at) in file.entries(section) {
        if section == "services" && file.service(name).is_none() {
            continue;
        }
        match section {
            "services" => of_parts(own, host, file, name, at, facts),
            "models" => {
                let what = format!("{section}.{name}");
                facts.insert(what, Fact::present(&at.key_place()));
            }
            _ => {}
        }
        let pools = at.get("ipam").filter(|_| section == "networks");
        for (field, at) in pools.into_iter().flat_map(At::entries) {
            if field != "config" {
                let what = format!("{section}.{name}.ipam.{field}");
                of_field(own, WrittenField::new(&what, field, at), facts);
            }
        }
        // The drivers that an engine takes without one; a swarm takes another one for networks.
        let usual = match section {
            "networks" if !host.orchestrator.value.is_swarm() => "bridge",
            "volumes" => "local",
            _ => "",
        };
        for (field, at) in at.entries() {
            if field == "driver" && at.text().is_some_and(|text| text == usual) {
                continue;
            }
            if let Some(form) = fields.get(field) {
                let what = format!("{section}.{name}.{field}");
                let field = WrittenField::new(&what, field, at).with_form(*form);
                of_field(own, field, facts);
            }
        }
    }
}
