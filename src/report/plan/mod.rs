//! What `plan` foresees.

mod base;
mod human;
mod json;
mod markdown;

#[cfg(test)]
pub(super) use json::schema;

use serde::Serialize;

pub(crate) use self::base::Base;
use super::observed_from::ObservedFrom;
use super::{Format, Report, Writer};
use crate::finding::ResourceKind;
use crate::host_id::HostId;
use crate::orchestrator::Orchestrator;
use crate::plan::{Action, Compose, Downtime, Operation, Rule};
use crate::redact::hide;
use crate::target::{FileChange, Foreseen, Observation, Removed, Target};
use crate::text::plural::counted;

/// What `docker compose up -d` would do on all hosts of a run.
#[derive(Debug, Clone)]
pub(crate) struct PlanReport {
    /// The commit that the specs and templates are compared with, where there is one.
    pub(crate) base: Option<Base>,
    /// The hosts.
    pub(crate) hosts: Vec<HostPlan>,
    /// The numbers of all hosts together.
    pub(crate) summary: Summary,
}

/// What it would do on a host.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct HostPlan {
    /// Which host it is.
    #[serde(flatten)]
    pub(crate) id: HostId,
    /// Where it was observed.
    #[serde(flatten)]
    pub(crate) from: ObservedFrom,
    /// Whether no host was looked at: the plan is for one that runs what the file was at the commit.
    pub(crate) from_base: bool,
    /// What changed in its files since the commit.
    pub(crate) files: Vec<FileChange>,
    /// The command that the plan is of.
    pub(crate) command: DeployCommand,
    /// The version of Compose that is modelled.
    pub(crate) compose: Option<Compose>,
    /// What it would do, in order, and what it would leave.
    pub(crate) operations: Vec<Operation>,
    /// The services that do not answer for a while.
    pub(crate) downtime: Vec<Downtime>,
    /// The rules of Compose that the operations follow from.
    pub(crate) rules: Vec<RuleOfCompose>,
    /// What is not known.
    pub(crate) unknown: Vec<String>,
    /// Why the engine cannot be reached.
    pub(crate) error: Option<String>,
}

/// The command that a plan is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum DeployCommand {
    #[serde(rename = "docker compose up -d")]
    #[strum(serialize = "Docker Compose")]
    Up,
    #[serde(rename = "docker stack deploy")]
    #[strum(serialize = "`docker stack deploy`")]
    Deploy,
}

impl DeployCommand {
    fn of(orchestrator: Orchestrator) -> Self {
        match orchestrator {
            Orchestrator::Docker => Self::Up,
            Orchestrator::Swarm => Self::Deploy,
        }
    }

    fn is_swarm(self) -> bool {
        self == Self::Deploy
    }

    /// What does it, for people.
    pub(super) fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A rule of Compose or of stacks, with where to read it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RuleOfCompose {
    rule: Rule,
    text: &'static str,
    versions: &'static str,
    source: &'static str,
}

/// The numbers of all hosts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Summary {
    /// Hosts.
    pub(crate) hosts: usize,
    /// Compose files that changed since the commit.
    pub(crate) files: usize,
    // The operations of each action.
    pub(crate) create: usize,
    pub(crate) recreate: usize,
    pub(crate) update: usize,
    pub(crate) start: usize,
    pub(crate) stop: usize,
    pub(crate) remove: usize,
    /// What stays, and is not as the file says.
    pub(crate) leave: usize,
    pub(crate) fail: usize,
    /// Operations of which it is not certain that they are done.
    pub(crate) uncertain: usize,
    /// Operations that lose data for good.
    pub(crate) data_lost: usize,
    /// Those of them that are done only if a question of `up` is answered with yes.
    #[serde(skip)]
    pub(crate) asked: usize,
    /// Hosts that cannot be reached.
    pub(crate) unreachable: usize,
    /// Hosts that are swarms.
    #[serde(skip)]
    pub(crate) swarms: usize,
}

impl Report for PlanReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[
        (Format::Human, human::write),
        (Format::Json, json::write),
        (Format::Markdown, markdown::write),
    ];
}

impl PlanReport {
    /// The report of a run.
    pub(crate) fn of(mut hosts: Vec<HostPlan>, base: Option<Base>) -> Self {
        hosts.iter_mut().for_each(HostPlan::redact);
        let mut summary = Summary {
            hosts: hosts.len(),
            ..Summary::default()
        };
        for host in &hosts {
            summary.files += host.files.len();
            summary.unreachable += usize::from(host.error.is_some());
            summary.swarms += usize::from(host.command.is_swarm());
            for operation in &host.operations {
                summary.count(operation);
            }
        }
        Self {
            base,
            hosts,
            summary,
        }
    }
}

impl Summary {
    fn count(&mut self, operation: &Operation) {
        *match operation.action {
            Action::Create => &mut self.create,
            Action::Recreate => &mut self.recreate,
            Action::Update => &mut self.update,
            Action::Start => &mut self.start,
            Action::Stop => &mut self.stop,
            Action::Remove => &mut self.remove,
            Action::Leave => &mut self.leave,
            Action::Fail => &mut self.fail,
        } += 1;
        self.uncertain += usize::from(!operation.certain);
        self.data_lost += usize::from(operation.is_destructive);
        let is_asked = operation.is_destructive && operation.action == Action::Leave;
        self.asked += usize::from(is_asked);
    }

    /// How many operations are done or attempted.
    pub(crate) fn done(&self) -> usize {
        self.create + self.recreate + self.update + self.start + self.stop + self.remove + self.fail
    }

    /// The numbers for people. Of a host that could not be examined, only that is said.
    fn sentence(&self) -> String {
        let unknown = counted(self.unreachable, "host", "hosts");
        let unknown = format!("{unknown} could not be examined");
        match self.unreachable {
            0 => format!("Plan: {}{}", self.changed(), self.foreseen()),
            all if all == self.hosts => format!("No plan: {unknown}"),
            some => format!(
                "Plan for {} of {} hosts: {}{}; {unknown}",
                self.hosts - some,
                self.hosts,
                self.changed(),
                self.foreseen()
            ),
        }
    }

    fn changed(&self) -> String {
        match self.files {
            0 => String::new(),
            files => format!("{} changed; ", counted(files, "file", "files")),
        }
    }

    fn foreseen(&self) -> String {
        let mut parts = Vec::new();
        for (number, verb) in [
            (self.create, "create"),
            (self.recreate, "recreate"),
            (self.update, "update"),
            (self.start, "start"),
            (self.stop, "stop"),
            (self.remove, "remove"),
        ] {
            // What each kind of host always says.
            let is_said = match verb {
                "create" | "remove" => true,
                "recreate" => self.swarms < self.hosts || self.hosts == 0,
                "update" => self.swarms > 0,
                _ => false,
            };
            if number > 0 || is_said {
                parts.push(format!("{number} to {verb}"));
            }
        }
        let some = |number: usize, one: &str, many: &str| match number {
            0 => String::new(),
            1 => format!(", {number} {one}"),
            _ => format!(", {number} {many}"),
        };
        let lost = |number: usize| {
            let volumes = counted(number, "volume", "volumes");
            format!("data of {volumes} lost")
        };
        let asked = format!(
            "{} if the question of `up` is answered with yes",
            lost(self.asked)
        );
        let data = match (self.data_lost - self.asked, self.asked) {
            (0, 0) => "no data lost".to_owned(),
            (certain, 0) => lost(certain),
            (0, _) => asked,
            (certain, _) => format!("{}, {asked}", lost(certain)),
        };
        format!(
            "{}{}{}{}; {data}",
            parts.join(", "),
            some(
                self.leave,
                "difference would remain",
                "differences would remain"
            ),
            some(self.fail, "operation would fail", "operations would fail"),
            some(self.uncertain, "is not certain", "are not certain"),
        )
    }
}

impl HostPlan {
    /// A host of which nothing is known yet.
    fn unknown(target: &Target, is_snapshot: bool) -> Self {
        Self {
            id: target.id.clone(),
            from: ObservedFrom::unreached(target.endpoint_text(), is_snapshot),
            from_base: false,
            files: Vec::new(),
            command: DeployCommand::of(target.orchestrator),
            compose: None,
            operations: Vec::new(),
            downtime: Vec::new(),
            rules: Vec::new(),
            unknown: Vec::new(),
            error: None,
        }
    }

    /// A host that is no longer in the specs.
    pub(crate) fn removed(removed: Removed) -> Self {
        Self {
            from_base: true,
            files: removed.files,
            operations: vec![Operation::left(&removed.left)],
            ..Self::unknown(&removed.target, false)
        }
    }

    /// The plan for a host. With `from_base`, what is observed is what the file at a commit makes.
    pub(crate) fn of(foreseen: Foreseen, from_base: bool) -> Self {
        let Foreseen {
            observation:
                Observation {
                    target,
                    observed,
                    is_snapshot,
                    ..
                },
            plan,
            left,
        } = foreseen;
        let mut host = Self {
            from_base,
            ..Self::unknown(&target, is_snapshot)
        };
        let observed = match observed {
            Ok(observed) => observed,
            Err(error) => {
                host.error = Some(error);
                return host;
            }
        };
        host.operations = plan.operations;
        host.operations.extend(left.iter().map(Operation::left));
        host.downtime = plan.downtime;
        host.compose = (!target.orchestrator.is_swarm()).then_some(plan.compose);
        host.unknown = plan.unknown;
        host.rules = Rule::ALL
            .iter()
            .filter(|rule| host.operations.iter().any(|one| one.rule == Some(**rule)))
            .map(|rule| RuleOfCompose {
                rule: *rule,
                text: rule.meaning(),
                versions: rule.versions(),
                source: rule.source(),
            })
            .collect();
        if let Some(live) = observed.live.filter(|_| !from_base) {
            host.from.reach(&live);
        }
        host
    }

    /// Where it is, and which Compose is meant.
    fn about(&self, separator: &str) -> String {
        let mut about: Vec<String> = self.id.about().collect();
        about.push(if self.from_base {
            "compared with what its file at the commit makes".to_owned()
        } else {
            self.from.endpoint.clone()
        });
        about.extend(self.from.about());
        if let Some(compose) = &self.compose {
            about.push(format!("{compose} ({})", compose.origin.as_str()));
        } else if self.command.is_swarm() {
            about.push(self.command.as_str().to_owned());
        }
        about.join(separator)
    }

    /// Hides what a name or a shape shows to be secret in texts that an engine or a file brought in.
    fn redact(&mut self) {
        [&mut self.from.endpoint]
            .into_iter()
            .chain(&mut self.error)
            .chain(&mut self.unknown)
            .for_each(hide);
        for operation in &mut self.operations {
            hide(&mut operation.resource);
            hide(&mut operation.cause);
            operation
                .container
                .iter_mut()
                .chain(&mut operation.loses)
                .for_each(hide);
        }
    }
}

/// What an operation is about, for people.
fn subject(operation: &Operation) -> String {
    match (operation.kind, &operation.container) {
        (
            ResourceKind::Network
            | ResourceKind::Volume
            | ResourceKind::Config
            | ResourceKind::Secret,
            None,
        ) => {
            format!("{} {}", operation.kind.as_str(), operation.resource)
        }
        (_, Some(container)) => container.clone(),
        _ => operation.resource.clone(),
    }
}
