//! The configs and secrets of a stack. Their content cannot be changed: the client fails where the file has another one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Stacks, is_label_of_stack};
use crate::drift::coverage::CoverageTracker;
use crate::drift::difference::Difference;
use crate::drift::forms::Sides;
use crate::drift::table::{Rules, differing};
use crate::fields::{Field, FieldDifference, STACK_FILE};
use crate::finding::Code;
use crate::redact::HIDDEN;
use crate::state::StackFile;

/// Compares the configs and secrets.
pub(super) fn files(stacks: Stacks<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let mut differences = Vec::new();
    for section in [Section::CONFIGS, Section::SECRETS] {
        let (wanted, is) = section.of(stacks);
        for (name, wanted) in wanted {
            let key = wanted.key.as_deref().unwrap_or(name);
            let pair = Pair {
                section,
                name,
                key,
                wanted,
            };
            match is.get(name) {
                None => differences.extend(pair.missing(stacks)),
                Some(_) if wanted.external => {}
                Some(is) => {
                    differences.extend(pair.taken(is, stacks));
                    differences.extend(pair.changed(is, stacks, coverage));
                    differences.extend(pair.content(is, coverage));
                }
            }
        }
        let extra = is
            .iter()
            .filter(|(name, is)| is.is_own && !wanted.contains_key(*name));
        differences.extend(extra.map(|(name, _)| section.extra(name)));
    }
    differences
}

/// Configs or secrets.
#[derive(Clone, Copy)]
struct Section {
    /// `configs`.
    name: &'static str,
    /// `config`.
    kind: &'static str,
    missing: Code,
    owner: Code,
    changed: Code,
    extra: Code,
}

impl Section {
    const CONFIGS: Self = Self {
        name: "configs",
        kind: "config",
        missing: Code::ConfigMissing,
        owner: Code::ConfigOwner,
        changed: Code::ConfigChanged,
        extra: Code::ConfigExtra,
    };
    const SECRETS: Self = Self {
        name: "secrets",
        kind: "secret",
        missing: Code::SecretMissing,
        owner: Code::SecretOwner,
        changed: Code::SecretChanged,
        extra: Code::SecretExtra,
    };

    /// Those of the file, and those of the swarm, by their names there.
    fn of(self, stacks: Stacks<'_>) -> (&Files, &Files) {
        if self.name == Self::CONFIGS.name {
            (&stacks.declared.configs, &stacks.deployed.configs)
        } else {
            (&stacks.declared.secrets, &stacks.deployed.secrets)
        }
    }

    /// One that is left over.
    fn extra(self, name: &str) -> Difference {
        let message = format!(
            "{} `{name}` of the stack is not in the Compose file",
            self.kind
        );
        // An earlier deploy made it.
        let extra = Difference::new(self.extra, name, message);
        extra.values("name", Value::Null, name)
    }
}

type Files = BTreeMap<String, StackFile>;

/// A config or secret of the file.
#[derive(Clone, Copy)]
struct Pair<'a> {
    section: Section,
    /// Its name on the swarm.
    name: &'a str,
    /// Its key in the file.
    key: &'a str,
    wanted: &'a StackFile,
}

impl Pair<'_> {
    fn difference(self, code: Code, message: String) -> Difference {
        Difference::new(code, self.key, message)
    }

    /// What it is, for people.
    fn title(self) -> String {
        format!("{} `{}`", self.section.kind, self.name)
    }

    /// That the swarm does not have it. The client looks for those external ones alone that services use.
    fn missing(self, stacks: Stacks<'_>) -> Option<Difference> {
        let (section, name) = (self.section.name, self.name);
        let mut services = stacks.declared.services.values();
        let is_external = self.wanted.external;
        if is_external && !services.any(|service| service.is_given(section, name)) {
            return None;
        }
        let external = if is_external { "external " } else { "" };
        let message = format!("{external}{} is missing", self.title());
        let missing =
            self.difference(self.section.missing, message)
                .values("name", name, Value::Null);
        Some(missing.at(&["stack", section, name]))
    }

    /// That it is another's.
    fn taken(self, is: &StackFile, stacks: Stacks<'_>) -> Option<Difference> {
        let owner = is.owner.as_deref();
        let project = stacks.expected.project.as_str();
        let message = stacks.taken(&self.title(), owner);
        let taken = self.difference(self.section.owner, message).by_hand();
        (!is.is_own).then(|| taken.values("owner", project, owner))
    }

    /// Its options and labels.
    fn changed(
        self,
        is: &StackFile,
        stacks: Stacks<'_>,
        coverage: &mut CoverageTracker,
    ) -> Vec<Difference> {
        let (section, name) = (self.section.name, self.name);
        let is_set = |field: &str| !stacks.is_unset(section, self.key, field);
        for field in STACK_FILE {
            coverage.count(is_set(field.path));
        }
        let sides = Sides {
            wanted: &self.wanted.fields,
            is: &is.fields,
        };
        let changed = differing(STACK_FILE, sides, &Labelled)
            .into_iter()
            .filter(|(_, one)| is_set(&one.field));
        let difference = |(field, one): (&Field, FieldDifference)| {
            let message = one.message(&self.title());
            let changed = self.difference(self.section.changed, message);
            changed.of(&[section, name], field, one)
        };
        changed.map(difference).collect()
    }

    /// Its content, as far as that is known.
    fn content(self, is: &StackFile, coverage: &mut CoverageTracker) -> Option<Difference> {
        let wanted = self.wanted;
        coverage.count(wanted.digest.is_some() && is.digest.is_some());
        let why = match (&wanted.digest, &is.digest) {
            (Some(digest), Some(other)) => {
                return (digest != other).then(|| {
                    let title = self.title();
                    let message =
                        format!("content of {title} is not that of the file (values hidden)");
                    let differs = self
                        .difference(Code::ConfigContent, message)
                        .values("content", HIDDEN, HIDDEN);
                    differs.at(&["stack", self.section.name, self.name])
                });
            }
            // A driver has it.
            (None, _) if wanted.fields.get("driver").is_some() => return None,
            (None, _) => "its file cannot be read here as text",
            (Some(_), None) => {
                "a swarm does not show what a secret holds; name it by a hash of its content"
            }
        };
        coverage.unchecked(format!("the content of {}", self.title()), why);
        None
    }
}

/// The labels that say whose a config or secret is are compared as its owner.
struct Labelled;

impl Rules for Labelled {
    fn is_left_out(&self, field: &Field, key: &str) -> bool {
        is_label_of_stack(field, key)
    }
}
