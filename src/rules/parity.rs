//! What two environments are made of, compared thing by thing.
//!
//! Services are compared in every field of the files that they are rendered to; what is an environment's own is taken out
//! first: its names, domains, namespaces, levels of upstreams, addresses. Anything else is a difference, which a mirror has to declare.

mod alike;
mod fact;
mod limits;
mod mounts;
mod own;
mod parts;
mod spec;
mod unsure;
mod values;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use self::alike::{Named, unite_names};
use self::fact::{Fact, Hides, Naming};
use self::limits::{has_own, other_names, unite_limits};
use self::mounts::mounts;
use self::own::{Kinds, OwnNames};
use self::parts::{of_files, of_parts};
use self::spec::of_host;
use self::unsure::of_variables;
use self::values::{amount, written};
use super::Subject;
use crate::compose::{At, Written, field_names};
use crate::fields::{Field, Form, NETWORK, SERVICE, VOLUME, tmpfs_entry};
use crate::pattern;
use crate::redact::{self, Sensitive};
use crate::source::Place;
use crate::spec::{Environment, Host};
use crate::state::DEFINITION;

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

    /// What is known of a thing.
    fn of(&self, what: &str) -> &[Fact] {
        self.known.get(what).map_or(&[], Vec::as_slice)
    }
}

/// Whether two environments have the same of a thing: each value of the one at some host of the other.
fn is_alike(ours: &[Fact], theirs: &[Fact]) -> bool {
    ours.is_empty() == theirs.is_empty()
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

/// Everything that is not alike in two environments: services, networks, volumes, routes, and how
/// services are written.
#[must_use]
pub fn differences(
    subject: &Subject<'_>,
    first: &Environment,
    second: &Environment,
) -> Vec<Difference> {
    let kinds = Kinds::of(subject.catalog, [first, second]);
    let facts = |environment| facts(subject, environment, &kinds);
    let (mut ours, mut theirs) = (facts(first), facts(second));
    unite_names(&mut ours, &mut theirs);
    unite_limits(&mut ours, &mut theirs);
    let names: BTreeSet<&String> = ours.known.keys().chain(theirs.known.keys()).collect();
    let mut found = Vec::new();
    for what in names {
        let (our, their) = (ours.of(what), theirs.of(what));
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

fn is_below_a_difference(what: &str, theirs: &Facts, ours: &Facts) -> bool {
    let is_reported_elsewhere = |what: &str| {
        ours.listed.contains(what) != theirs.listed.contains(what)
            || ours.apart.contains(what)
            || theirs.apart.contains(what)
    };
    if is_reported_elsewhere(what) {
        return true;
    }
    let mut dots = what.match_indices('.').map(|(at, _)| at);
    dots.any(|at| {
        let parent = what.get(..at).unwrap_or_default();
        let (our, their) = (ours.of(parent), theirs.of(parent));
        // A volume of another kind has other options.
        let is_of_another_kind = parent.starts_with("volumes.") && !is_alike(our, their);
        our.is_empty() != their.is_empty() || is_of_another_kind || is_reported_elsewhere(parent)
    })
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

/// Lists of mappings with commands, which are compared as a whole.
const HIDDEN: [&str; 3] = ["develop", "post_start", "pre_stop"];

fn facts(subject: &Subject<'_>, environment: &Environment, kinds: &Kinds) -> Facts {
    let mut facts = Facts::default();
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
        for (field, at) in at.entries() {
            if let Some(form) = fields.get(field) {
                let what = format!("{section}.{name}.{field}");
                let field = WrittenField::new(&what, field, at).with_form(*form);
                of_field(own, field, facts);
            }
        }
    }
}

/// A field as it is written.
#[derive(Clone, Copy)]
struct WrittenField<'a> {
    /// The path that its fact has.
    what: &'a str,
    /// Its name.
    field: &'a str,
    form: Form,
    at: At<'a>,
}

impl<'a> WrittenField<'a> {
    /// A field of which the text is compared.
    fn new(what: &'a str, field: &'a str, at: At<'a>) -> Self {
        let form = Form::Text;
        Self {
            what,
            field,
            form,
            at,
        }
    }

    fn with_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// A part of it, whose fact has a path of its own.
    fn part<'b>(self, what: &'b str, at: At<'b>) -> WrittenField<'b>
    where
        'a: 'b,
    {
        WrittenField { what, at, ..self }
    }
}

/// Adds the fact of a field as it is written; where it is a mapping, one fact for each of its parts.
fn of_field(own: &OwnNames<'_>, written_field: WrittenField<'_>, facts: &mut Facts) {
    let WrittenField {
        what,
        field,
        form,
        at,
    } = written_field;
    if at.is_null() {
        return;
    }
    if form == Form::Tmpfs {
        for (text, at) in at.texts() {
            let (target, options) = tmpfs_entry(&text);
            let options = |own: &Naming<'_>| own(options);
            let fact = Fact::of_text(own, Hides::Shapes, options, at.place());
            let what = facts.path(own, what, target, |target| target);
            facts.insert(what, fact);
        }
        return;
    }
    if form.is_map() && field != "logging" {
        entries(own, what, at, facts);
        return;
    }
    if at.is_mapping() {
        if has_own(what, at) {
            // Where it is missing as a whole, that is one difference.
            facts.insert(what.to_owned(), Fact::present(&at.key_place()));
        }
        for (key, at) in at.entries() {
            let what = format!("{what}.{key}");
            of_field(own, written_field.part(&what, at), facts);
        }
        return;
    }
    let name = at.name().unwrap_or(field);
    let hides = if is_option(what) {
        Hides::OfOption(name.to_owned())
    } else if HIDDEN.contains(&field) {
        Hides::All
    } else {
        Hides::OfField(name.to_owned())
    };
    let text = |own: &Naming<'_>| written(own, form, at);
    let amount = at.text().and_then(|text| amount(what, form, &text));
    let fact = Fact::of_text(own, hides, text, at.last_place());
    facts.insert(what.to_owned(), fact.of_amount(amount));
}

/// Whether a path leads to an option of a driver, some of which are known to be public.
fn is_option(what: &str) -> bool {
    let holder = what.rsplit_once('.').map_or("", |(holder, _)| holder);
    holder.ends_with(".driver_opts") || holder.ends_with(".logging.options")
}

/// Adds one fact for each entry of a mapping: a variable, a label, an option. Their values may be secret, except those of known
/// options.
fn entries(own: &OwnNames<'_>, what: &str, at: At<'_>, facts: &mut Facts) {
    for pair in at.pairs() {
        // It is the digest of the definition, in which the environment's own names are.
        if pair.name == DEFINITION {
            continue;
        }
        let text = pair.value.unwrap_or_default();
        let name = &pair.name;
        let hides = if is_option(&format!("{what}.{name}")) {
            Hides::OfOption(name.clone())
        } else {
            Hides::All
        };
        let value = |own: &Naming<'_>| own(&text);
        let fact = if what.ends_with(".environment") {
            Fact::of_variable(own, hides, value, pair.at.place())
        } else {
            Fact::of_text(own, hides, value, pair.at.place())
        };
        let what = facts.path(own, what, name, |name| {
            redact::name(&name, !text.is_empty()).into_owned()
        });
        // As of the limits `soft` and `hard`.
        let parts = pair.at.entries().filter(|_| pair.at.is_mapping());
        for (key, at) in parts {
            let what = format!("{what}.{key}");
            of_field(own, WrittenField::new(&what, key, at), facts);
        }
        facts.insert(what, fact);
    }
}
