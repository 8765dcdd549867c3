//! A finding: one difference, with a stable code, what was expected, what was seen and what to do.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use strum::IntoStaticStr;

use crate::orchestrator::Orchestrator;
pub use crate::severity::Severity;

/// What a finding is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ResourceKind {
    /// The Compose project as a whole.
    Project,
    /// A service.
    Service,
    /// A network, or how a service is attached to one.
    Network,
    /// A published port.
    Port,
    /// A volume.
    Volume,
    /// Something mounted into a service.
    Mount,
    /// A config of a stack.
    Config,
    /// A secret of a stack.
    Secret,
}

impl ResourceKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Why there is a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The spec changed since the host was deployed: the change was never applied.
    Unapplied,
    /// The host was deployed from this spec, and was changed by hand since.
    OutOfBand,
    /// It is not known.
    Unknown,
}

/// What `docker compose up -d`, or `docker stack deploy` on a swarm, would do about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AfterUp {
    /// It would fix it.
    Heals,
    /// It would not detect it.
    Ignores,
    /// It would fail.
    Fails,
    /// It would start with an empty volume, or recreate one.
    DestroysData,
    /// It would ask whether to recreate a volume, and keep it unless the answer is yes.
    Asks,
    /// It depends on what is not known.
    Unknown,
}

impl AfterUp {
    /// What the command that deploys to an engine does about it, for people.
    pub(crate) fn outcome(self, orchestrator: Orchestrator) -> &'static str {
        match self {
            Self::Heals => "fixes it",
            Self::Ignores if orchestrator.is_swarm() => "will not change it",
            Self::Ignores => "will not detect it",
            Self::Fails => "will fail",
            Self::DestroysData => "will start with an empty volume",
            Self::Asks => "recreates the volume, empty, only if its question is answered with yes",
            Self::Unknown => "unknown",
        }
    }

    /// The outcome with the command, as a sentence.
    fn explained(self, orchestrator: Orchestrator) -> String {
        let command = match orchestrator {
            Orchestrator::Docker => "`docker compose up -d`",
            Orchestrator::Swarm => "`docker stack deploy`",
        };
        match self {
            Self::Unknown => format!("unknown whether {command} fixes it"),
            _ => format!("{command} {}", self.outcome(orchestrator)),
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:literal => $variant:ident, $kind:ident;)+) => {
        /// The stable code of a finding of `drift`. They are in the order in which a person would act
        /// on them: what explains others comes before them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(rename_all = "kebab-case")]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What findings of this code are about.
            #[must_use]
            pub fn kind(self) -> ResourceKind {
                match self { $(Self::$variant => ResourceKind::$kind,)+ }
            }

            /// Whether an ignore rule can be for it. Findings about the rules themselves cannot be ignored.
            #[must_use]
            pub fn can_be_ignored(self) -> bool {
                !matches!(self, Self::IgnoreExpired | Self::IgnoreUnused)
            }

            /// What it means.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

impl std::str::FromStr for Code {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|code| code.as_str() == text);
        found
            .copied()
            .ok_or("expected the code of a finding of drift, such as port-extra")
    }
}

codes! {
    /// The project's services run under another project's name.
    "project-moved" => ProjectMoved, Project;
    /// Nothing of the project is on the engine: no container, network or volume.
    "project-missing" => ProjectMissing, Project;
    /// `docker stack deploy` refuses something in the Compose file.
    "deploy-refused" => DeployRefused, Project;
    /// A container outside the project has the name that a service's container needs.
    "name-taken" => NameTaken, Service;
    /// Another container already publishes a port that a service needs.
    "port-taken" => PortTaken, Port;
    /// A node of the swarm is not ready, so what runs there is not known.
    "node-down" => NodeDown, Project;
    /// A network is missing.
    "network-missing" => NetworkMissing, Network;
    /// A network has the name that the project needs and not the project's labels, so Compose or the swarm refuses it.
    "network-unlabelled" => NetworkUnlabelled, Network;
    /// Several networks have the name that the project needs, so the engine cannot tell which one is meant.
    "network-ambiguous" => NetworkAmbiguous, Network;
    /// A service is not attached to one of its networks.
    "network-detached" => NetworkDetached, Network;
    /// A service is attached to a network that is not one of its networks.
    "network-attached" => NetworkAttached, Network;
    /// A container outside the project is attached to a network of the project.
    "network-foreign" => NetworkForeign, Network;
    /// A port is published that is not in the Compose file.
    "port-extra" => PortExtra, Port;
    /// A port is published on a different address or port.
    "port-changed" => PortChanged, Port;
    /// A port of the Compose file is not published.
    "port-missing" => PortMissing, Port;
    /// A service is missing an alias on a network, or has one that the Compose file does not list.
    "network-alias" => NetworkAlias, Network;
    /// A network, or how a service is attached to it, differs.
    "network-changed" => NetworkChanged, Network;
    /// A container outside the project mounts a volume of the project.
    "volume-foreign" => VolumeForeign, Volume;
    /// A volume that the project uses belongs to another project.
    "volume-owner" => VolumeOwner, Volume;
    /// A volume is missing.
    "volume-missing" => VolumeMissing, Volume;
    /// The driver, options or labels of a volume differ.
    "volume-changed" => VolumeChanged, Volume;
    /// A mount of a service differs.
    "mount-changed" => MountChanged, Mount;
    /// A file that is bound into a container does not hold what the file here holds.
    "mount-content" => MountContent, Mount;
    /// A file that is bound into a container was changed after the container was started.
    "mount-newer" => MountNewer, Mount;
    /// A service has no container.
    "service-missing" => ServiceMissing, Service;
    /// A config of a stack is missing.
    "config-missing" => ConfigMissing, Config;
    /// A secret of a stack is missing.
    "secret-missing" => SecretMissing, Secret;
    /// A config has the name that a stack needs, and belongs to another stack or to none.
    "config-owner" => ConfigOwner, Config;
    /// A secret has the name that a stack needs, and belongs to another stack or to none.
    "secret-owner" => SecretOwner, Secret;
    /// The labels or the template driver of a config of a stack differ.
    "config-changed" => ConfigChanged, Config;
    /// The labels, the driver or the template driver of a secret of a stack differ.
    "secret-changed" => SecretChanged, Secret;
    /// A service does not have the expected number of containers, or of tasks on a swarm.
    "service-replicas" => ServiceReplicas, Service;
    /// The configuration of a service differs.
    "service-config" => ServiceConfig, Service;
    /// A secret or config that Compose copied into a container, or a config of a stack, is not what the file says.
    "config-content" => ConfigContent, Service;
    /// A service runs a different or an outdated image.
    "service-image" => ServiceImage, Service;
    /// The last update of a service on a swarm was paused or rolled back, or is not done.
    "service-update" => ServiceUpdate, Service;
    /// Fewer tasks of a service are running on a swarm than expected.
    "service-tasks" => ServiceTasks, Service;
    /// A container of a service is not running.
    "service-stopped" => ServiceStopped, Service;
    /// The project has a container of a service that is not in the Compose file, or one without Compose's hash, which Compose does not find.
    "service-orphan" => ServiceOrphan, Service;
    /// A service runs although none of its profiles is enabled.
    "service-profile" => ServiceProfile, Service;
    /// A container outside the project publishes a port beyond the loopback address.
    "port-foreign" => PortForeign, Port;
    /// The project has a network that is not in the Compose file.
    "network-extra" => NetworkExtra, Network;
    /// The project has a volume that is not in the Compose file.
    "volume-extra" => VolumeExtra, Volume;
    /// The stack has a config that is not in the Compose file.
    "config-extra" => ConfigExtra, Config;
    /// The stack has a secret that is not in the Compose file.
    "secret-extra" => SecretExtra, Secret;
    /// Files of a container were changed since it was created, and are part of no volume.
    "container-changed" => ContainerChanged, Service;
    /// A service is unhealthy, or keeps restarting.
    "service-unhealthy" => ServiceUnhealthy, Service;
    /// A container of a service was renamed.
    "service-renamed" => ServiceRenamed, Service;
    /// A one-off container of `docker compose run` is left over.
    "service-oneoff" => ServiceOneoff, Service;
    /// A field of an engine's answer cannot be read, so it was not compared.
    "answer-unreadable" => AnswerUnreadable, Project;
    /// The committed Compose file is out of date with the spec.
    "file-stale" => FileStale, Project;
    /// An ignore rule has expired and suppresses nothing.
    "ignore-expired" => IgnoreExpired, Project;
    /// An ignore rule matches no finding.
    "ignore-unused" => IgnoreUnused, Project;
}

/// One difference between what is expected and what is there.
///
/// Built from a code, a severity and a resource, so that none of them can be forgotten.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// Its stable code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub kind: ResourceKind,
    /// The name in the Compose file, or a foreign container's own name.
    pub resource: String,
    /// The container, where it is not about all containers of a service.
    pub container: Option<String>,
    /// What of it differs, in the words of a state.
    pub field: Option<String>,
    /// What was expected; null for nothing.
    pub expected: Value,
    /// What is there; null for nothing.
    pub observed: Value,
    /// Why there is a difference.
    pub cause: Cause,
    /// What `docker compose up -d`, or `docker stack deploy` on a swarm, would do about it.
    pub after_up: AfterUp,
    /// Why that fails, if it does and the message does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The command that fixes it, or shows more.
    pub help: Option<String>,
    /// Which part of the resource it is about, where the field does not say it: a port's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What runs the Compose file of the host.
    #[serde(skip)]
    pub orchestrator: Orchestrator,
    /// The route to it in a state as JSON; empty where a state does not hold it.
    #[serde(skip)]
    pub place: Vec<String>,
    /// What is there, as a state has it, where the observed value is only a part of it.
    #[serde(skip)]
    pub whole: Option<Value>,
}

impl Finding {
    /// Whether it is about a setting of a network or volume itself, and not about how a service uses it.
    pub(crate) fn is_of_setting(&self) -> bool {
        let section = self.place.first().map(String::as_str);
        matches!(self.code, Code::NetworkChanged | Code::VolumeChanged)
            && matches!(section, Some("networks" | "volumes"))
    }

    /// A finding about a resource.
    #[must_use]
    pub fn new(
        code: Code,
        severity: Severity,
        resource: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity,
            kind: code.kind(),
            resource: resource.into(),
            container: None,
            field: None,
            expected: Value::Null,
            observed: Value::Null,
            cause: Cause::Unknown,
            after_up: AfterUp::Ignores,
            failure: None,
            message: message.into(),
            help: None,
            subject: None,
            orchestrator: Orchestrator::default(),
            place: Vec::new(),
            whole: None,
        }
    }

    /// What the next deploy would do about it, for people.
    #[must_use]
    pub fn after(&self) -> String {
        let after = self.after_up.explained(self.orchestrator);
        match &self.failure {
            Some(why) => format!("{after}: {why}"),
            None => after,
        }
    }

    /// What of the resource differs, and how.
    #[must_use]
    pub fn field(
        mut self,
        field: impl Into<String>,
        expected: impl Into<Value>,
        observed: impl Into<Value>,
    ) -> Self {
        self.field = Some(field.into());
        self.expected = expected.into();
        self.observed = observed.into();
        self
    }

    /// The service that it is about, where it is about one.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        match self.place.as_slice() {
            [section, service, ..] if section == "services" || section == "unreadable" => {
                Some(service)
            }
            _ => None,
        }
    }

    /// The command that fixes it, or shows more.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
