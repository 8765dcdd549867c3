//! Which Compose a plan is for.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use strum::IntoStaticStr;

/// A version of Docker Compose, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Compose {
    /// As Compose prints it, without `v`.
    pub version: String,
    /// How it is known.
    pub origin: VersionSource,
    #[serde(skip)]
    number: (u32, u32),
}

/// How the version is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, IntoStaticStr)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Origin"))]
#[serde(rename_all = "lowercase")]
pub enum VersionSource {
    /// `--compose` says so.
    #[strum(serialize = "--compose")]
    Option,
    /// `docker compose version` says so.
    #[strum(serialize = "`docker compose version`")]
    Cli,
    /// The label of the newest container says which Compose created it.
    #[strum(serialize = "the label of the newest container")]
    Label,
    /// Nothing says so.
    #[default]
    #[strum(serialize = "assumed")]
    Default,
}

impl VersionSource {
    /// The origin for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The version that is modelled where nothing says which: what fails with any version is then said to
/// fail.
impl Default for Compose {
    fn default() -> Self {
        Self {
            version: "2.40".to_owned(),
            origin: VersionSource::Default,
            number: (2, 40),
        }
    }
}

impl Compose {
    /// The same version, known in this way.
    #[must_use]
    pub fn known_by(mut self, origin: VersionSource) -> Self {
        self.origin = origin;
        self
    }

    /// Whether it plans all changes before it makes any (docker/compose 5.2.0, `pkg/compose/reconcile.go`).
    #[must_use]
    pub fn reconciles(&self) -> bool {
        self.number >= (5, 2)
    }
}

impl FromStr for Compose {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let version = text.strip_prefix('v').unwrap_or(text);
        let mut parts = version.split(['.', '-', '+']);
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        let number: Option<(u32, u32)> = number().zip(number());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-+~".contains(c);
        match number {
            Some(number) if number.0 >= 2 && version.chars().all(is_plain) => Ok(Self {
                version: version.to_owned(),
                origin: VersionSource::Option,
                number,
            }),
            _ => Err("expected a version of Docker Compose from 2.0 on, such as 2.40.3"),
        }
    }
}

impl fmt::Display for Compose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Docker Compose {}", self.version)
    }
}
