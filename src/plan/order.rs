//! The services that `up` is for, and the order in which it looks at them.

use std::collections::{BTreeMap, BTreeSet};

use super::Options;
use crate::state::State;

/// Services, each after those that it depends on.
#[derive(Debug, Default)]
pub(super) struct Order<'a> {
    pub(super) services: Vec<&'a str>,
    selected: BTreeSet<&'a str>,
    /// Each service, with those that depend on it.
    users: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Order<'a> {
    pub(super) fn of(expected: &'a State, options: &Options) -> Self {
        let selected = selected(expected, options);
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut open: BTreeMap<&str, usize> = BTreeMap::new();
        for name in &selected {
            let needs: Vec<&str> = expected
                .services
                .get(*name)
                .map(|one| &one.depends_on)
                .into_iter()
                .flatten()
                .map(|(need, _)| need.as_str())
                .filter(|need| selected.contains(need))
                .collect();
            open.insert(name, needs.len());
            for need in needs {
                users.entry(need).or_default().push(name);
            }
        }
        let mut ready: BTreeSet<&str> = open
            .iter()
            .filter_map(|(name, needs)| (*needs == 0).then_some(*name))
            .collect();
        let mut services = Vec::new();
        while let Some(name) = ready.pop_first() {
            services.push(name);
            for user in users.get(name).into_iter().flatten() {
                if let Some(needs) = open.get_mut(user) {
                    *needs -= 1;
                    if *needs == 0 {
                        ready.insert(user);
                    }
                }
            }
        }
        Self {
            services,
            selected,
            users,
        }
    }

    pub(super) fn contains(&self, service: &str) -> bool {
        self.selected.contains(service)
    }

    /// The services that depend on one, directly.
    pub(super) fn users(&self, service: &str) -> &[&'a str] {
        self.users.get(service).map_or(&[], Vec::as_slice)
    }

    /// The services that depend on one, directly or through others.
    pub(super) fn dependents(&self, service: &str) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut ahead: Vec<&str> = self.users(service).to_vec();
        while let Some(name) = ahead.pop() {
            if found.insert(name) {
                ahead.extend(self.users(name));
            }
        }
        found
    }
}

/// The services that are named, with all that they depend on; all where none is named.
fn selected<'a>(expected: &'a State, options: &Options) -> BTreeSet<&'a str> {
    let all = expected.services.keys().map(String::as_str);
    if options.services.is_empty() {
        return all.collect();
    }
    let mut ahead: Vec<&str> = all
        .filter(|name| options.services.contains(*name))
        .collect();
    let mut selected = BTreeSet::new();
    while let Some(name) = ahead.pop() {
        let Some(service) = expected.services.get(name) else {
            continue;
        };
        if selected.insert(name) && !options.no_deps {
            ahead.extend(service.depends_on.keys().map(String::as_str));
        }
    }
    selected
}
