//! One thing that `up` would do, or would not do though it should.

use serde::Serialize;
use strum::IntoStaticStr;

use super::Rule;
use crate::finding::{Code, Finding, ResourceKind};
use crate::orchestrator::Orchestrator;

/// What `up` does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Action {
    /// It is created, and started where it is a container.
    Create,
    /// It is replaced by a new one.
    Recreate,
    /// It is changed: a service of a stack.
    Update,
    /// It is started.
    Start,
    /// It is stopped.
    Stop,
    /// It is removed.
    Remove,
    /// It stays as it is, although it is not as the file says.
    Leave,
    /// It fails, and `up` with it.
    Fail,
}

impl Action {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One operation of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Operation {
    /// What `up` does.
    pub action: Action,
    /// The kind of resource that it does this to.
    pub kind: ResourceKind,
    /// Its name in the Compose file, or its own where it has none there.
    pub resource: String,
    /// The container, where it is one.
    pub container: Option<String>,
    /// Why.
    pub cause: String,
    /// What becomes of the tasks of a service that is updated on a swarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<String>,
    /// The data that is lost, or left where nothing uses it.
    pub loses: Option<String>,
    /// Whether what is lost cannot be had back.
    #[serde(skip)]
    pub is_destructive: bool,
    /// Whether it is sure to be done; otherwise the cause says what it depends on.
    pub certain: bool,
    /// The rule of Compose or of stacks that it follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
}

impl Operation {
    pub(super) fn new(
        action: Action,
        kind: ResourceKind,
        resource: impl Into<String>,
        rule: Rule,
        cause: impl Into<String>,
    ) -> Self {
        Self {
            action,
            kind,
            resource: resource.into(),
            container: None,
            cause: cause.into(),
            tasks: None,
            loses: None,
            is_destructive: false,
            certain: true,
            rule: Some(rule),
        }
    }

    /// What stays as it is: `up`, or `docker stack deploy`, does not look at it.
    #[must_use]
    pub fn left(finding: &Finding) -> Self {
        let rule = match finding.orchestrator {
            Orchestrator::Docker => Rule::Ignored,
            Orchestrator::Swarm => Rule::StackLeft,
        };
        // It is about a network, and its resource is the service of others.
        let kind = match (finding.orchestrator, finding.code) {
            (Orchestrator::Swarm, Code::NetworkForeign) => ResourceKind::Service,
            _ => finding.kind,
        };
        Self {
            container: finding.container.clone(),
            ..Self::new(
                Action::Leave,
                kind,
                &finding.resource,
                rule,
                &finding.message,
            )
        }
    }

    pub(super) fn container(mut self, name: &str) -> Self {
        self.container = Some(name.to_owned());
        self
    }

    pub(super) fn tasks(mut self, tasks: String) -> Self {
        self.tasks = Some(tasks);
        self
    }

    pub(super) fn loses(mut self, what: Option<String>) -> Self {
        self.loses = what;
        self
    }

    pub(super) fn destroys(mut self, what: impl Into<String>) -> Self {
        self.loses = Some(what.into());
        self.is_destructive = true;
        self
    }

    pub(super) fn certain(mut self, is_certain: bool) -> Self {
        self.certain = is_certain;
        self
    }

    /// Whether something is done, or attempted.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.action != Action::Leave
    }
}
