//! What was observed of a target, compared with what is expected.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Observation, Target};
use crate::drift::{Comparison, Context, Select, Status, Suppressed, compare, suppress};
use crate::finding::{AfterUp, Code, Finding, Severity};
use crate::plan::Plan;
use crate::state::State;

/// A host that was observed, and how it differs from what is expected.
#[derive(Debug)]
pub(crate) struct Compared {
    observation: Observation,
    /// Nothing where it could not be observed.
    comparison: Comparison,
}

impl Compared {
    /// Compares what was observed.
    pub(crate) fn of(observation: Observation) -> Self {
        let mut compared = Self {
            observation,
            comparison: Comparison::default(),
        };
        compared.again();
        compared
    }

    /// Compares once more, with what is known now.
    pub(super) fn again(&mut self) {
        let Observation {
            target, observed, ..
        } = &self.observation;
        if let Ok(observed) = observed {
            self.comparison = compare(&target.expected, observed, &target.context);
        }
    }

    /// Whether what is known of Compose by now may change what was found.
    pub(super) fn is_outdated(&self) -> bool {
        let context = &self.target().context;
        let modelled = &self.comparison.plan.compose;
        !context.hashes.is_empty() || context.up.compose.reconciles() != modelled.reconciles()
    }

    /// Whether anything differs.
    pub(super) fn is_different(&self) -> bool {
        !self.comparison.findings.is_empty()
    }

    /// Whether a network or volume differs from its definition, so that Compose may recreate it.
    pub(super) fn has_changed_resources(&self) -> bool {
        self.comparison.findings.iter().any(Finding::is_of_setting)
    }

    /// What was observed.
    pub(crate) fn observation(&self) -> &Observation {
        &self.observation
    }

    /// What it was compared with.
    pub(crate) fn target(&self) -> &Target {
        &self.observation.target
    }

    /// What the comparison knows besides.
    pub(super) fn context(&mut self) -> &mut Context {
        &mut self.observation.target.context
    }

    /// What is to be reported of it, as of a day: ignore rules have a last one. Its status is that of all differences,
    /// whatever is selected of them.
    pub(crate) fn examined(self, today: Date, select: &Select) -> Examined {
        let Self {
            observation,
            mut comparison,
        } = self;
        let mut suppressed = Vec::new();
        if observation.observed.is_ok() {
            let target = &observation.target;
            comparison.findings.extend(target.stale.clone());
            suppressed = suppress(&mut comparison, &target.ignore, today);
        }
        let services = services(&observation.target.expected, &comparison.findings);
        Examined {
            status: match &observation.observed {
                Ok(_) => Status::of(&comparison.findings),
                Err(_) => Status::Unreachable,
            },
            not_selected: select.apply(&mut comparison.findings),
            observation,
            comparison,
            suppressed,
            services,
        }
    }

    /// What is to be reported of the next deployment, as of a day.
    pub(crate) fn foreseen(self, today: Date) -> Foreseen {
        let Self {
            observation,
            mut comparison,
        } = self;
        let target = &observation.target;
        suppress(&mut comparison, &target.ignore, today);
        let plan = comparison.plan;
        comparison.findings.retain(|finding| {
            let is_done = |service: &str| {
                !plan.services.contains(service) && target.expected.services.contains_key(service)
            };
            is_left(finding) && !finding.service().is_some_and(is_done)
        });
        Foreseen {
            observation,
            plan,
            left: comparison.findings,
        }
    }
}

/// A host whose differences are known, without those that an ignore rule suppresses.
#[derive(Debug)]
pub(crate) struct Examined {
    pub(crate) observation: Observation,
    /// Its status.
    pub(crate) status: Status,
    /// The comparison, with the differences that are selected.
    pub(crate) comparison: Comparison,
    /// The differences that an ignore rule suppresses.
    pub(crate) suppressed: Vec<Suppressed>,
    /// How many differences are not selected.
    pub(crate) not_selected: usize,
    /// Its services: of the file, and of all differences.
    pub(crate) services: BTreeSet<String>,
}

/// The services of a file, with those whose profile is not enabled, and those that findings are about.
fn services(expected: &State, findings: &[Finding]) -> BTreeSet<String> {
    let of_file = expected.services.keys().chain(&expected.unused.services);
    let found = findings.iter().filter_map(Finding::service);
    of_file.cloned().chain(found.map(str::to_owned)).collect()
}

/// A host whose next deployment is known.
#[derive(Debug)]
pub(crate) struct Foreseen {
    pub(crate) observation: Observation,
    pub(crate) plan: Plan,
    /// What stays that is not as the file says.
    pub(crate) left: Vec<Finding>,
}

/// Whether a finding says that something stays which is not as the file says.
fn is_left(finding: &Finding) -> bool {
    let stays = finding.after_up == AfterUp::Ignores || finding.code == Code::ProjectMoved;
    stays && finding.severity != Severity::Notice
}
