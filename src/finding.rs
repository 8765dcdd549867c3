//! A finding: one difference, with a stable code, what was expected, what was seen and what to do.

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::severity::Severity;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The Compose project as a whole.
    Project,
    /// A service.
    Service,
    /// A network, or a service's place on one.
    Network,
    /// A published port.
    Port,
    /// A volume.
    Volume,
    /// Something mounted into a service.
    Mount,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Service => "service",
            Self::Network => "network",
            Self::Port => "port",
            Self::Volume => "volume",
            Self::Mount => "mount",
        }
    }
}

/// Why there is a difference, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// What the host runs was made from an older spec: the change was never applied.
    Unapplied,
    /// What the host runs was made from this spec, and was changed by hand since.
    OutOfBand,
    /// Neither can be told.
    Unknown,
}

/// What `docker compose up -d` would do about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterUp {
    /// It would mend it.
    Heals,
    /// It would not see it.
    Ignores,
    /// It would try, and not get there.
    Fails,
    /// It would mend it, and lose data in doing so.
    DestroysData,
    /// It depends on what cannot be told from here.
    Unknown,
}

impl AfterUp {
    /// The same for people.
    #[must_use]
    pub fn explained(self) -> &'static str {
        match self {
            Self::Heals => "`docker compose up -d` mends it",
            Self::Ignores => "`docker compose up -d` does not see it",
            Self::Fails => "`docker compose up -d` fails on it",
            Self::DestroysData => "`docker compose up -d` loses data over it",
            Self::Unknown => "whether `docker compose up -d` mends it cannot be told",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:literal => $variant:ident, $kind:ident;)+) => {
        /// The stable code of a finding of `drift`. Their order is that in which a person would act
        /// on them: what explains others comes before them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
            pub fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)+ }
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
    /// A container of somebody else bears the name that a service's container needs.
    "name-taken" => NameTaken, Service;
    /// A container of somebody else holds a port that a service needs.
    "port-taken" => PortTaken, Port;
    /// A network is not there.
    "network-missing" => NetworkMissing, Network;
    /// A network bears the project's name for it and none of its labels, so Compose refuses it.
    "network-unlabelled" => NetworkUnlabelled, Network;
    /// A service is not on a network that it should be on.
    "network-detached" => NetworkDetached, Network;
    /// A service is on a network that it should not be on.
    "network-attached" => NetworkAttached, Network;
    /// A container of somebody else is on a network of the project.
    "network-foreign" => NetworkForeign, Network;
    /// A port is published that should not be.
    "port-extra" => PortExtra, Port;
    /// A port is published on another address or port than it should be.
    "port-changed" => PortChanged, Port;
    /// A port that should be published is not.
    "port-missing" => PortMissing, Port;
    /// A service does not answer to its names on a network.
    "network-alias" => NetworkAlias, Network;
    /// A network, or a service's address on it, is not what it should be.
    "network-changed" => NetworkChanged, Network;
    /// A container of somebody else mounts a volume of the project.
    "volume-foreign" => VolumeForeign, Volume;
    /// A volume of the project belongs to another project.
    "volume-owner" => VolumeOwner, Volume;
    /// A volume is not there.
    "volume-missing" => VolumeMissing, Volume;
    /// A volume is made of something else than it should be.
    "volume-changed" => VolumeChanged, Volume;
    /// A service mounts something else than it should.
    "mount-changed" => MountChanged, Mount;
    /// A service has no container.
    "service-missing" => ServiceMissing, Service;
    /// A service has another number of containers than it should.
    "service-replicas" => ServiceReplicas, Service;
    /// A service is set up otherwise than it should be.
    "service-config" => ServiceConfig, Service;
    /// A service runs another image than its name stands for.
    "service-image" => ServiceImage, Service;
    /// A service's container does not run.
    "service-stopped" => ServiceStopped, Service;
    /// The project has a container of a service that is not in its file.
    "service-orphan" => ServiceOrphan, Service;
    /// A container of somebody else publishes a port to others than the machine itself.
    "port-foreign" => PortForeign, Port;
    /// The project has a network that is not in its file.
    "network-extra" => NetworkExtra, Network;
    /// The project has a volume that is not in its file.
    "volume-extra" => VolumeExtra, Volume;
    /// A service is not well, by its own health check.
    "service-unhealthy" => ServiceUnhealthy, Service;
    /// A service's container has another name than Compose gave it.
    "service-renamed" => ServiceRenamed, Service;
    /// A container of `docker compose run` was left behind.
    "service-oneoff" => ServiceOneoff, Service;
    /// A field of an engine's answer is not readable, so it was not compared.
    "answer-unreadable" => AnswerUnreadable, Project;
    /// The committed Compose file is not what the spec renders now.
    "file-stale" => FileStale, Project;
    /// An ignore rule is past its date and suppresses nothing any more.
    "ignore-expired" => IgnoreExpired, Project;
    /// An ignore rule matches no finding.
    "ignore-unused" => IgnoreUnused, Project;
}

/// One difference between what is expected and what is there.
///
/// Built from a code, a severity and a resource, so that none of them can be forgotten.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Its stable code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub kind: Kind,
    /// The name in the Compose file, or a foreign container's own name.
    pub resource: String,
    /// What of it differs, in the words of a state.
    pub field: Option<String>,
    /// What was expected; null for nothing.
    pub expected: Value,
    /// What is there; null for nothing.
    pub observed: Value,
    /// Why there is a difference.
    pub cause: Cause,
    /// What `docker compose up -d` would do about it.
    pub after_up: AfterUp,
    /// What is wrong, in one sentence.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// Which of several of the resource it is about, where the field does not tell: a port's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl Finding {
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
            field: None,
            expected: Value::Null,
            observed: Value::Null,
            cause: Cause::Unknown,
            after_up: AfterUp::Ignores,
            message: message.into(),
            help: None,
            subject: None,
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

    /// Why there is a difference.
    #[must_use]
    pub fn cause(mut self, cause: Cause) -> Self {
        self.cause = cause;
        self
    }

    /// What `docker compose up -d` would do about it.
    #[must_use]
    pub fn after_up(mut self, after_up: AfterUp) -> Self {
        self.after_up = after_up;
        self
    }

    /// Which of several of the resource it is about.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The command that mends it, where one can be given.
    #[must_use]
    pub fn command(mut self, command: Option<String>) -> Self {
        self.help = command;
        self
    }

    /// How to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
