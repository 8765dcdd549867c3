//! The rules of other linters, and which rules here check the same.
//!
//! Every rule of theirs has an equivalent here ([`super::Rule::equivalents`]) or a reason why not, and
//! tests compare both with the linters themselves.

use std::collections::BTreeMap;

pub use super::equivalent::Tool;

/// A rule of another linter.
#[derive(Debug)]
pub struct Counterpart {
    /// Its name there.
    pub name: &'static str,
    /// The codes of the rules that check the same.
    pub ours: Vec<&'static str>,
    /// Why there is none, or what the other linter reports and these rules do not.
    pub except: &'static str,
}

/// The rules of a linter, by name.
#[must_use]
pub fn rules_of(tool: Tool) -> Vec<Counterpart> {
    let mut rules: BTreeMap<&str, Counterpart> = BTreeMap::new();
    let equivalents = super::all().flat_map(|rule| {
        rule.equivalents
            .iter()
            .map(move |theirs| (theirs.tool, theirs.name, Some(rule.code), theirs.except))
    });
    let uncovered = UNCOVERED
        .iter()
        .map(|(tool, name, why)| (*tool, *name, None, *why));
    for (_, name, code, except) in equivalents.chain(uncovered).filter(|one| one.0 == tool) {
        let rule = rules.entry(name).or_insert_with(|| Counterpart {
            name,
            ours: Vec::new(),
            except: "",
        });
        rule.ours.extend(code);
        if rule.except.is_empty() {
            rule.except = except;
        }
    }
    rules.into_values().collect()
}

/// The reason for a rule of style.
const STYLE: &str = "Style: it changes nothing that runs.";

/// The rules of other linters that nothing here checks, each with the reason.
const UNCOVERED: &[(Tool, &str, &str)] = &[
    (
        Tool::ComposeLint,
        "CL-0019",
        "An image without a digest: only a registry knows the digest of a tag, and one that was typed \
         by hand says nothing to readers. A version that does not change is required \
         (`unpinned-image`).",
    ),
    (
        Tool::Dclint,
        "no-build-and-image",
        "A service with both is built, and the image is the name of the result. Compose pulls over the \
         build only if `pull_policy` says so (`build-and-image`).",
    ),
    (Tool::Dclint, "no-quotes-in-volumes", STYLE),
    (
        Tool::Dclint,
        "require-project-name-field",
        "A project without a name has the name of its folder. Two projects with the same name do harm \
         (`project-shared`).",
    ),
    (
        Tool::Dclint,
        "service-dependencies-alphabetical-order",
        STYLE,
    ),
    (Tool::Dclint, "service-keys-order", STYLE),
    (Tool::Dclint, "service-ports-alphabetical-order", STYLE),
    (Tool::Dclint, "services-alphabetical-order", STYLE),
    (Tool::Dclint, "top-level-properties-order", STYLE),
    (
        Tool::Kics,
        "Networks Not Set",
        "Compose attaches a service without networks to `<project>_default`, not to `docker0`.",
    ),
    (
        Tool::Kics,
        "Privileged Ports Mapped In Container",
        "A port below 1024 in a container needs no privilege since Docker 20.10, and on the host it is \
         the engine that listens.",
    ),
    (
        Tool::Kics,
        "Restart Policy On Failure Not Set To 5",
        "How often a service is restarted is up to its author. A missing restart policy is found \
         (`no-restart`).",
    ),
    (
        Tool::Kics,
        "Shared Volumes Between Containers",
        "Two services of one project share a volume on purpose. What two projects share is found \
         (`name-shared`, `bind-shared`).",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Tool, UNCOVERED, rules_of};

    #[test]
    fn a_rule_of_another_linter_has_an_equivalent_or_a_reason_and_not_both() {
        let mut reasons = BTreeSet::new();
        for (tool, name, why) in UNCOVERED {
            assert!(!why.is_empty(), "{name}");
            assert!(
                reasons.insert((tool.name(), *name)),
                "{name} is listed twice"
            );
        }
        for tool in Tool::ALL {
            for rule in rules_of(tool) {
                let is_uncovered = reasons.contains(&(tool.name(), rule.name));
                assert_eq!(rule.ours.is_empty(), is_uncovered, "{}", rule.name);
            }
        }
    }
}
