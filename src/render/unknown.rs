//! Names and texts in templates that nothing in the specs has, though nothing fails: in a test, before `default`, in a
//! comparison, or where a condition never leads.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use strum::IntoEnumIterator as _;

use super::context::optional;
use super::meaning::{Given, Meaning, Names, Seen, Step, below, read, words};
use super::signature;
use super::usage::Node;
use crate::diagnostic::misspelt;
use crate::orchestrator::Orchestrator;
use crate::source::{Place, Source};
use crate::spec::Catalog;

/// A name or a text in a template that nothing in the specs has.
#[derive(Debug)]
pub(crate) struct Unknown {
    /// Where it is.
    pub(crate) place: Place,
    /// The name or the text.
    pub(crate) word: String,
    /// What is wrong with it.
    pub(crate) message: String,
    /// What there is instead.
    pub(crate) known: BTreeSet<String>,
}

/// All of them in these templates; `contexts` are what the templates are given for each host.
pub(super) fn unknown<'a>(
    catalog: &Catalog,
    templates: &[&'a Arc<Source>],
    contexts: &[&'a Arc<Node>],
) -> Vec<Unknown> {
    if contexts.is_empty() {
        return Vec::new();
    }
    let given = Given::new(contexts);
    let mut names = Names::new();
    for template in templates {
        read(template, &given, &mut names, &mut |_| {});
    }
    let all = names.all();
    let mut found = Vec::new();
    let judge = Judge {
        catalog,
        given: &given,
        names: &all,
        known: RefCell::default(),
    };
    for template in templates {
        read(template, &given, &mut names, &mut |seen| {
            let unknown = judge.unknown(&seen);
            found.extend(unknown.map(|(at, word, message, known)| Unknown {
                place: Place::bytes(template, at),
                word: word.to_owned(),
                message,
                known,
            }));
        });
    }
    found
}

struct Judge<'j, 'a> {
    catalog: &'j Catalog,
    given: &'j Given<'a>,
    names: &'j BTreeSet<&'a str>,
    /// The words of each kind that was asked for.
    known: RefCell<BTreeMap<&'static str, Rc<Vocabulary>>>,
}

/// Where it is, the word, what is wrong, and what there is instead.
type UnknownWord<'s> = (Range<usize>, &'s str, String, BTreeSet<String>);

impl Judge<'_, '_> {
    fn unknown<'s>(&self, seen: &'s Seen<'_>) -> Option<UnknownWord<'s>> {
        match seen {
            Seen::Variable {
                name,
                meaning: None,
                at,
            } => {
                misspelt(name, self.names.iter().copied())?;
                let is_function = signature::functions().any(|function| function == *name);
                let message = format!("nothing is called `{name}`");
                let known = self.names.iter().map(|name| (*name).to_owned()).collect();
                (!is_function).then_some((at.clone(), *name, message, known))
            }
            Seen::Variable { .. } => None,
            Seen::Entry { holder, name, at } => {
                let (message, known) = self.entry(holder, name)?;
                Some((at.clone(), *name, message, known))
            }
            Seen::Compared { value, text, at } => {
                let words = self.words_for(value)?;
                let message = words.lacks(text)?;
                Some((at.clone(), text, message, words.all.clone()))
            }
            Seen::Sought { within, text, at } => {
                let words = self.words_within(within)?;
                let message = words.lacks(text)?;
                Some((at.clone(), text, message, words.all.clone()))
            }
        }
    }

    /// What is wrong with an entry that no host has.
    fn entry(&self, holder: &[Step<'_>], name: &str) -> Option<(String, BTreeSet<String>)> {
        if self
            .given
            .one_at(&below(holder, Step::Name(name)))
            .is_some()
        {
            return None;
        }
        let words = words(holder);
        if optional(&words).contains(&name) {
            return None;
        }
        let holders = self.given.at(holder);
        if holders.is_empty() {
            return None;
        }
        if holders.iter().all(|one| one.is_scalar()) {
            let held = words.iter().rfind(|word| **word != "*").unwrap_or(&"it");
            let message = format!("`{held}` is a single value, which has no `{name}`");
            return Some((message, BTreeSet::new()));
        }
        let mut known: BTreeSet<&str> = holders.iter().flat_map(|one| one.own_names()).collect();
        known.extend(optional(&words));
        let is_unknown = has_fixed_names(&words) || misspelt(name, known.iter().copied()).is_some();
        let known = known.into_iter().map(str::to_owned).collect();
        is_unknown.then(|| (format!("`{name}` never has a value"), known))
    }

    /// What a value can be, where the specs say that.
    fn words_for(&self, value: &Meaning<'_>) -> Option<Rc<Vocabulary>> {
        let route = match value {
            Meaning::NameIn(route) => return self.words_within(route),
            Meaning::Value(route) => words(route),
            _ => return None,
        };
        let catalog = self.catalog;
        match route.as_slice() {
            ["environment"] => self.words("environment", || {
                catalog
                    .environments
                    .iter()
                    .map(|environment| environment.name.as_str())
                    .collect()
            }),
            ["host"] => self.words("host", || {
                let all = catalog.hosts();
                all.map(|(_, host)| host.name.as_str()).collect()
            }),
            ["machine"] => self.words("machine", || {
                let all = catalog.hosts();
                all.map(|(_, host)| host.machine.as_str()).collect()
            }),
            ["engine"] => self.words("engine", || {
                Orchestrator::iter().map(<&str>::from).collect()
            }),
            ["services", _, "role"] => self.words("role", || {
                let all = catalog
                    .services()
                    .filter_map(|(.., service)| service.role.as_ref());
                all.map(|role| role.name.as_str()).collect()
            }),
            ["upstreams", _, "level"] => self.words("level", || {
                let all = catalog
                    .environments
                    .iter()
                    .flat_map(|environment| environment.upstreams.values());
                all.map(|upstream| upstream.level.as_str()).collect()
            }),
            ["secrets", "class"] => self.words("class", || {
                let all = self.given.at(&[Step::Name("secrets"), Step::Name("class")]);
                all.into_iter().filter_map(|class| class.text()).collect()
            }),
            ["services", _, "name"] | ["services", _, "needs", _] | ["routes", _, _, "service"] => {
                self.services()
            }
            ["services", _, "networks", _] => self.names("network", "networks"),
            ["services", _, "secrets", _] | ["secrets", "names", _] => self.secrets(),
            _ => None,
        }
    }

    /// The names that can be in a mapping or a list of names.
    fn words_within(&self, within: &[Step<'_>]) -> Option<Rc<Vocabulary>> {
        match words(within).as_slice() {
            ["services"] | ["services", _, "needs"] => self.services(),
            ["services", _, "secrets"] | ["secrets", "names"] => self.secrets(),
            ["networks"] | ["services", _, "networks"] => self.names("network", "networks"),
            ["volumes"] => self.names("volume", "volumes"),
            ["upstreams"] => self.names("upstream", "upstreams"),
            _ => None,
        }
    }

    fn services(&self) -> Option<Rc<Vocabulary>> {
        self.words("service", || {
            let all = self.catalog.services();
            all.map(|(.., service)| service.name.as_str()).collect()
        })
    }

    fn secrets(&self) -> Option<Rc<Vocabulary>> {
        self.words("secret", || {
            let all = self
                .catalog
                .services()
                .flat_map(|(.., service)| &service.secrets);
            all.map(|secret| secret.as_str()).collect()
        })
    }

    /// The names in a section.
    fn names(&self, noun: &'static str, section: &str) -> Option<Rc<Vocabulary>> {
        self.words(noun, || {
            self.given
                .at(&[Step::Name(section)])
                .into_iter()
                .flat_map(|one| one.own_names())
                .collect()
        })
    }

    /// The words of a kind, if there are any.
    fn words<'w>(
        &self,
        noun: &'static str,
        all: impl FnOnce() -> BTreeSet<&'w str>,
    ) -> Option<Rc<Vocabulary>> {
        let mut known = self.known.borrow_mut();
        let words = known.entry(noun).or_insert_with(|| {
            let all = all().into_iter().map(str::to_owned).collect();
            Rc::new(Vocabulary { noun, all })
        });
        (!words.all.is_empty()).then(|| Rc::clone(words))
    }
}

/// Whether the names of what is at a route are those of composegen, not of the product.
fn has_fixed_names(route: &[&str]) -> bool {
    matches!(
        route,
        [
            "services" | "networks" | "volumes" | "upstreams" | "access",
            _
        ] | ["secrets"]
            | ["routes", _, _]
            | ["services", _, "limits" | "metrics"]
            | ["volumes", _, "ephemeral"]
    )
}

/// The words that something can be.
#[derive(Debug)]
struct Vocabulary {
    noun: &'static str,
    all: BTreeSet<String>,
}

impl Vocabulary {
    /// What is wrong with a text that is not among them.
    fn lacks(&self, text: &str) -> Option<String> {
        if text.is_empty() || self.all.contains(text) {
            return None;
        }
        Some(match self.noun {
            noun @ ("role" | "secret") => format!("no service has the {noun} `{text}`"),
            noun => format!("there is no {noun} `{text}`"),
        })
    }
}
