//! An entry of the journal, of values that are checked when they are read.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::git::{Commit, RefName};
use crate::spec::{FilePath, Name};
use crate::text::hex::sha256;
use crate::text::{Invalid, unix_lines, word};

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When it was made (UTC).
    #[serde(with = "text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) time: Time,
    /// The branch, tag or release that was promoted.
    #[serde(rename = "ref", with = "text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) reference: RefName,
    /// Its commit.
    #[serde(with = "text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) commit: Commit,
    /// The environment that it went into.
    #[serde(with = "text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) environment: Name,
    /// The environment's files, with their digests.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub(crate) files: BTreeMap<Released, Digest>,
    /// Who said that it may.
    pub(crate) approver: Option<String>,
    /// The digest of the line before; nothing for the first.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) previous: Option<Digest>,
}

/// A point in time, as RFC 3339 writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Time {
    written: String,
    /// The time.
    pub(crate) at: Timestamp,
}

impl Time {
    /// The time now, to the second, in UTC.
    pub(crate) fn now() -> Self {
        let now = Timestamp::now();
        let at = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self {
            written: at.to_string(),
            at,
        }
    }
}

impl FromStr for Time {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const EXPECTED: Invalid = Invalid("expected a time such as 2026-01-02T03:04:05Z");
        // jiff reads more than RFC 3339, such as a time zone in brackets.
        let is_rfc_3339 = (20..=35).contains(&text.len())
            && text
                .as_bytes()
                .get(10)
                .is_some_and(|byte| matches!(byte, b'T' | b't'))
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"TtZz:.+-".contains(&byte));
        let at = text.parse().map_err(|_| EXPECTED)?;
        if !is_rfc_3339 {
            return Err(EXPECTED);
        }
        Ok(Self {
            written: text.to_owned(),
            at,
        })
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

word!(
    /// A SHA-256 digest: `sha256:` and 64 hexadecimal digits.
    pub Digest,
    |text| text.strip_prefix("sha256:").is_some_and(|digits| {
        digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }),
    "a digest: `sha256:` and 64 hexadecimal digits"
);

impl Digest {
    /// The digest of a text.
    pub fn of(bytes: &[u8]) -> Self {
        Self(format!("sha256:{}", sha256(bytes)))
    }
}

/// The digests that a file of a release may be recorded with.
#[derive(Debug, Clone)]
pub(crate) struct FileDigests {
    /// That of the file as it is.
    as_it_is: Digest,
    /// That of the file as it is in git, if its lines end as on Windows.
    in_git: Option<Digest>,
}

impl FileDigests {
    /// The digests of the content of a file.
    pub(crate) fn of(content: &[u8]) -> Self {
        let text = std::str::from_utf8(content).ok();
        let lines = text
            .map(unix_lines)
            .filter(|lines| lines.as_bytes() != content);
        Self {
            as_it_is: Digest::of(content),
            in_git: lines.map(|lines| Digest::of(lines.as_bytes())),
        }
    }

    /// Whether the file was released with this digest.
    pub(crate) fn has(&self, digest: &Digest) -> bool {
        self.as_it_is == *digest || self.in_git.as_ref() == Some(digest)
    }

    /// The digest to record, which is the same on every system.
    pub(crate) fn recorded(self) -> Digest {
        self.in_git.unwrap_or(self.as_it_is)
    }
}

word!(
    /// A file of a release, relative to the project's root.
    pub(crate) Released,
    |text| !text.starts_with('-') && text.parse::<FilePath>().is_ok(),
    "the path of a file of the project"
);

/// Values that are written as a text, and parsed from it.
mod text {
    use super::{Deserialize, Deserializer, FromStr, Serializer, fmt};

    pub(super) fn serialize<S: Serializer>(
        value: &impl fmt::Display,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D, T>(deserializer: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err: fmt::Display>,
    {
        let written = String::deserialize(deserializer)?;
        written
            .parse()
            .map_err(<D::Error as serde::de::Error>::custom)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        text::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

impl Serialize for Released {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        text::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Released {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}
