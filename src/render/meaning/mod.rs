//! What the expressions of a template stand for, without rendering it: which part of what the templates are given.

mod expression;
mod walk;

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::Arc;

pub(super) use self::expression::Seen;
pub(super) use self::walk::{of_variable, read, seen_at};

use super::context::NAMES;
use super::usage::Node;

/// One step into what the templates are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step<'a> {
    /// The entry of this name.
    Name(&'a str),
    /// Any entry: a loop's, or one whose name is a value.
    Any,
}

/// A way into what the templates are given.
pub(super) type Route<'a> = Vec<Step<'a>>;

/// What an expression stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning<'a> {
    /// What is there.
    Value(Route<'a>),
    /// The name of an entry of the mapping there.
    NameIn(Route<'a>),
    /// The names and values of the mapping there, in pairs.
    Pairs(Route<'a>),
    /// A list of what is there.
    List(Route<'a>),
    /// What only rendering could tell.
    Unknown,
}

impl<'a> Meaning<'a> {
    /// What may be either of two: what both have in common, such as that they are services.
    fn or(&self, other: &Self) -> Self {
        let common = |one: &Route<'a>, other: &Route<'a>| {
            let is_alike = one.len() == other.len() && one.first() == other.first();
            let steps = one
                .iter()
                .zip(other)
                .map(|(one, other)| if one == other { *one } else { Step::Any });
            is_alike.then(|| steps.collect())
        };
        let either = match (self, other) {
            (Self::Value(one), Self::Value(other)) => common(one, other).map(Self::Value),
            (Self::NameIn(one), Self::NameIn(other)) => common(one, other).map(Self::NameIn),
            (Self::Pairs(one), Self::Pairs(other)) => common(one, other).map(Self::Pairs),
            (Self::List(one), Self::List(other)) => common(one, other).map(Self::List),
            _ => None,
        };
        either.unwrap_or(Self::Unknown)
    }
}

/// What the templates of all hosts are given.
#[derive(Debug)]
pub(super) struct Given<'a> {
    contexts: &'a [&'a Arc<Node>],
}

impl<'a> Given<'a> {
    pub(super) fn new(contexts: &'a [&'a Arc<Node>]) -> Self {
        Self { contexts }
    }

    /// All that is at a route, in any host.
    pub(super) fn at(&self, route: &[Step<'_>]) -> Vec<&'a Arc<Node>> {
        let mut found = self.contexts.to_vec();
        for step in route {
            let mut next = Vec::new();
            for node in found {
                match step {
                    Step::Name(name) => next.extend(node.step(name)),
                    Step::Any => next.extend(node.children()),
                }
            }
            found = next;
        }
        found
    }

    /// Something that is at a route, in any host.
    pub(super) fn one_at(&self, route: &[Step<'_>]) -> Option<&'a Arc<Node>> {
        self.contexts
            .iter()
            .find_map(|context| first(context, route))
    }

    /// What a loop over a meaning gives each time.
    fn entry_of(&self, meaning: &Meaning<'a>) -> Meaning<'a> {
        match meaning {
            Meaning::List(route) => Meaning::Value(route.clone()),
            Meaning::Value(route) => match self.one_at(route).map(|node| &**node) {
                Some(Node::Map(..)) => Meaning::NameIn(route.clone()),
                Some(Node::List(_)) => Meaning::Value(below(route, Step::Any)),
                _ => Meaning::Unknown,
            },
            _ => Meaning::Unknown,
        }
    }
}

/// The first node that a route leads to.
fn first<'a>(node: &'a Arc<Node>, route: &[Step<'_>]) -> Option<&'a Arc<Node>> {
    match route {
        [] => Some(node),
        [Step::Name(name), rest @ ..] => first(node.step(name)?, rest),
        [Step::Any, rest @ ..] => node.children().find_map(|child| first(child, rest)),
    }
}

/// A route with one step more.
pub(super) fn below<'a>(route: &[Step<'a>], step: Step<'a>) -> Route<'a> {
    let mut route = route.to_vec();
    route.push(step);
    route
}

/// What the names stand for that templates themselves give: one that includes another passes them on, and a macro is
/// given what its calls have.
#[derive(Debug)]
pub(super) struct Names<'a> {
    names: BTreeMap<&'a str, Meaning<'a>>,
    arguments: BTreeMap<(&'a str, Argument<'a>), Meaning<'a>>,
}

/// Which argument of a macro one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Argument<'a> {
    At(usize),
    Named(&'a str),
}

impl<'a> Names<'a> {
    /// Those that composegen gives.
    pub(super) fn new() -> Self {
        let own = NAMES.iter().map(|name| {
            let route = match *name {
                "service" => vec![Step::Name("services"), Step::Any],
                name => vec![Step::Name(name)],
            };
            (*name, Meaning::Value(route))
        });
        Self {
            names: own.collect(),
            arguments: BTreeMap::new(),
        }
    }

    /// Notes a name that a template gives.
    fn give(&mut self, name: &'a str, meaning: &Meaning<'a>) {
        note(&mut self.names, name, meaning);
    }

    /// Notes what a call gives a macro, whatever template that is in.
    fn call(&mut self, called: &'a str, argument: Argument<'a>, meaning: &Meaning<'a>) {
        note(&mut self.arguments, (called, argument), meaning);
    }

    fn get(&self, name: &str) -> Option<&Meaning<'a>> {
        self.names.get(name)
    }

    /// What all calls of a macro give for one of its arguments.
    fn argument(&self, called: &'a str, at: usize, name: &'a str) -> Meaning<'a> {
        let given = [Argument::At(at), Argument::Named(name)];
        let mut given = given
            .into_iter()
            .filter_map(|argument| self.arguments.get(&(called, argument)));
        match (given.next(), given.next()) {
            (Some(one), None) => one.clone(),
            (Some(one), Some(other)) if one == other => one.clone(),
            _ => Meaning::Unknown,
        }
    }

    /// The names.
    pub(super) fn all(&self) -> BTreeSet<&'a str> {
        self.names.keys().copied().collect()
    }
}

/// Notes what something stands for. What stands for several things may be any of them.
fn note<'a, K: Ord>(known: &mut BTreeMap<K, Meaning<'a>>, key: K, meaning: &Meaning<'a>) {
    match known.entry(key) {
        Entry::Vacant(place) => drop(place.insert(meaning.clone())),
        Entry::Occupied(mut known) => {
            let either = known.get().or(meaning);
            known.insert(either);
        }
    }
}

/// The names on a route, with `*` for any.
pub(super) fn words<'a>(route: &[Step<'a>]) -> Vec<&'a str> {
    let words = route.iter().map(|step| match step {
        Step::Name(name) => name,
        Step::Any => "*",
    });
    words.collect()
}
