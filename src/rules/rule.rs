//! What a rule is.

use super::deployed::Deployed;
use super::equivalent::Equivalent;
use super::found::Found;
use super::subject::Subject;
use crate::orchestrator::Orchestrator;
pub use crate::severity::Severity;
use crate::spec::Catalog;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its stable code.
    pub code: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// What it requires.
    pub title: &'static str,
    /// Why, in one sentence.
    pub why: &'static str,
    /// Its source, if it has one: numbers of OWASP and CIS, issues.
    pub origin: &'static str,
    /// Rules of other linters that check the same.
    pub equivalents: &'static [Equivalent],
    /// A violation.
    pub bad: Example,
    /// The example without the violation.
    pub good: Example,
    /// What it checks.
    pub check: Check,
    /// What runs the Compose files that it is about, where it is not about all of them.
    pub only: Option<Orchestrator>,
    /// What `check --fix` does about a finding; empty where it can do nothing.
    pub fix: &'static str,
}

/// What a rule checks, and how.
#[derive(Debug)]
pub enum Check {
    /// The specs.
    Spec(fn(&Catalog) -> Vec<Found>),
    /// All Compose files together.
    Across(fn(&Subject<'_>) -> Vec<Found>),
    /// One Compose file.
    File(fn(&Deployed<'_>) -> Vec<Found>),
    /// The allowances of the specs, after all other rules.
    Allowances,
    /// One Compose file, by a custom rule.
    Custom {
        /// The path to what it is checked for, as in `services.*`.
        each: &'static str,
        /// The expression that has to be true.
        require: &'static str,
    },
}

/// An example: files of a project, or a Compose file.
#[derive(Debug)]
pub enum Example {
    /// A spec; it is merged over a spec of a small, clean project.
    Spec {
        /// The spec's file, below `environments/`.
        file: &'static str,
        /// Its text.
        text: &'static str,
    },
    /// A template; it is appended to a template of that project.
    Template {
        /// The template's file, below `templates/`.
        file: &'static str,
        /// Its text.
        text: &'static str,
    },
    /// A release journal of that project.
    Journal(&'static str),
    /// Compose files.
    Compose(&'static [&'static str]),
    /// A Compose file, and another file in its folder.
    Beside {
        /// The Compose file.
        compose: &'static str,
        /// The name of the other file.
        file: &'static str,
        /// Its text.
        text: &'static str,
    },
}

/// An example of Compose files, one after the other.
macro_rules! compose {
    ($($text:tt),+ $(,)?) => { Example::Compose(&[$(indoc::indoc! {$text}),+]) };
}

/// An example of a Compose file with one service, which has an image and these fields; after
/// `NAME = TEXT;`, with another file in its folder.
macro_rules! service {
    (text $($field:literal),*) => {
        concat!("services:\n  web:\n    image: \"a:1\"\n" $(, "    ", $field, "\n")*)
    };
    ($file:literal = $text:literal; $($field:literal),*) => {
        Example::Beside {
            compose: service!(text $($field),*),
            file: $file,
            text: $text,
        }
    };
    ($($field:literal),*) => {
        Example::Compose(&[service!(text $($field),*)])
    };
}

/// An example of lines of a spec: its file, and the lines.
macro_rules! spec {
    ($file:literal, $text:tt) => {
        Example::Spec {
            file: $file,
            text: indoc::indoc! {$text},
        }
    };
}

pub(super) use {compose, service, spec};

impl Rule {
    /// What a rule leaves out has no source, and no other linter checks the same.
    pub(super) const DEFAULT: Self = Self {
        code: "",
        severity: Severity::Error,
        title: "",
        why: "",
        origin: "",
        equivalents: &[],
        bad: Example::Compose(&[]),
        good: Example::Compose(&[]),
        check: Check::Allowances,
        only: None,
        fix: "",
    };

    /// Where to read more: rules of other linters, and the sources.
    #[must_use]
    pub fn references(&self) -> String {
        let equivalents = self.equivalents.iter().map(ToString::to_string);
        let origin = (!self.origin.is_empty()).then(|| self.origin.to_owned());
        equivalents.chain(origin).collect::<Vec<_>>().join(", ")
    }

    /// Which Compose files it is about, where it is not about all of them.
    #[must_use]
    pub fn which(&self) -> Option<&'static str> {
        Some(match self.only? {
            Orchestrator::Swarm => {
                "Only for stacks: hosts with `engine: swarm`, and `check -f FILE --engine swarm`."
            }
            Orchestrator::Docker => "Not for stacks.",
        })
    }

    /// How to allow a finding of it.
    #[must_use]
    pub fn how_to_allow(&self) -> &'static str {
        match self.check {
            Check::Allowances => "this cannot be allowed; remove the allowance.",
            Check::Spec(_) | Check::Across(_) => {
                "in the environment (or in catalog.yaml), `allow: [{ rule: CODE, what: NAME, reason: … }]`."
            }
            Check::File(_) | Check::Custom { .. } => {
                "in the file, `# composegen: ignore[CODE] reason` at the end of the line of the finding or above it, or \
                 `x-composegen: { allow: { CODE: reason } }` of the file or of a service; in a spec, for a service \
                 `allow: { CODE: reason }`, for anything in the environment \
                 `allow: [{ rule: CODE, what: NAME, reason: … }]`."
            }
        }
    }
}
