//! How a container is set up, beyond its networks, mounts and ports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How a container is set up, in the units and words of the Engine API.
///
/// `None` and empty mean that the file does not say: the image or the engine decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The user, and the group behind a `:`.
    pub user: Option<String>,
    /// The words of the command; like the values of variables, and for the same reason, they are
    /// not kept: `--password ${PASSWORD}` is such words.
    pub command: Option<Vec<Digest>>,
    /// The words of the entrypoint.
    pub entrypoint: Option<Vec<Digest>>,
    /// The folder that it starts in.
    pub working_dir: Option<String>,
    /// The host name.
    pub hostname: Option<String>,
    /// The container's name, where the file names it.
    pub container_name: Option<String>,
    /// The variables. Their values are never kept: only what tells whether two are the same, and
    /// nothing at all where the value is not known.
    pub environment: BTreeMap<String, Option<Digest>>,
    /// The labels, without those that Compose adds.
    pub labels: BTreeMap<String, Digest>,
    /// The digest of the definition that it was made from, where composegen rendered it.
    pub definition: Option<String>,
    /// `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3`.
    pub restart: Option<String>,
    /// The most memory, in bytes.
    pub memory: Option<u64>,
    /// The most processor time, in billionths of a processor.
    pub nano_cpus: Option<u64>,
    /// The most processes.
    pub pids: Option<i64>,
    /// Whether it may do what the host may.
    pub privileged: bool,
    /// Whether its root is read-only.
    pub read_only: bool,
    /// Whether an init process runs in it, where the file says so.
    pub init: Option<bool>,
    /// Capabilities that it has besides the default ones, without `CAP_`; sorted.
    pub cap_add: Vec<String>,
    /// Capabilities that it has not, without `CAP_`; sorted.
    pub cap_drop: Vec<String>,
    /// Options for security modules, as `no-new-privileges` or `seccomp=unconfined`; sorted.
    pub security_opt: Vec<String>,
    /// The process namespace that it shares: `host`, `service:NAME`, `container:NAME`.
    pub pid: Option<String>,
    /// The IPC namespace that it shares: `host`, `service:NAME`, `container:NAME`, `shareable`.
    pub ipc: Option<String>,
    /// Where it has memory for a file system by the short form `tmpfs:`; sorted.
    pub tmpfs: Vec<String>,
    /// Names that it resolves by itself, `NAME:ADDRESS`; sorted.
    pub extra_hosts: Vec<String>,
    /// The words of the health check; `NONE` where it is turned off.
    pub healthcheck: Option<Vec<Digest>>,
}

/// What tells two texts apart without saying what they are: the values of a variable, the words of a
/// command.
///
/// It has 32 bits: enough to see a change, and far too few to bring a value back. A guess at a weak
/// password can still be tried against it, so a snapshot is no text for the public. The name is part of it, so that equal values
/// under two names do not show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of the value of a variable.
    #[must_use]
    pub fn of(name: &str, value: &str) -> Self {
        let text = [name.as_bytes(), &[0], value.as_bytes()].concat();
        let digest = Sha256::digest(&text);
        let nibbles = digest
            .iter()
            .take(4)
            .flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = nibbles.filter_map(|nibble| char::from_digit(u32::from(nibble), 16));
        Self(digits.collect())
    }

    /// The digests of words, each for itself.
    #[must_use]
    pub fn of_words(name: &str, words: &[String]) -> Vec<Self> {
        words.iter().map(|word| Self::of(name, word)).collect()
    }

    /// The digests of named values.
    #[must_use]
    pub fn of_pairs(pairs: &BTreeMap<String, String>) -> BTreeMap<String, Self> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.clone(), Self::of(name, value)))
            .collect()
    }

    /// Eight hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names by which secrets go in the options of drivers and in labels.
const SECRET_NAMES: [&str; 8] = [
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "api_key",
    "apikey",
    "auth",
];

/// Options of a driver, or labels, with digests in the place of what their names say is secret:
/// `o: username=me,password=…` of a network file system, say.
#[must_use]
pub fn without_secrets(pairs: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let sealed = |(name, value): (String, String)| {
        let value = if is_secret(&name) {
            format!("digest:{}", Digest::of(&name, &value).as_str())
        } else {
            let parts = value.split(',').map(|part| match part.split_once('=') {
                Some((inner, secret)) if is_secret(inner) => {
                    format!("{inner}=digest:{}", Digest::of(inner, secret).as_str())
                }
                _ => part.to_owned(),
            });
            parts.collect::<Vec<_>>().join(",")
        };
        (name, value)
    };
    pairs.into_iter().map(sealed).collect()
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // `pass` alone is what mount.cifs takes as well.
    name == "pass" || SECRET_NAMES.iter().any(|secret| name.contains(secret))
}

/// Whether a variable is one that nobody asked for: the engine sets it (`PATH` on every engine, the
/// others on Podman), or the docker CLI does, from the proxies of its configuration.
#[must_use]
pub fn is_filled_in(name: &str) -> bool {
    matches!(name, "PATH" | "HOME" | "HOSTNAME" | "TERM" | "container")
        || name.to_ascii_lowercase().ends_with("_proxy")
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn a_secret_in_an_option_is_not_kept() {
        let pairs = [
            ("o", "addr=10.0.0.1,username=me,password=hunter2,vers=3"),
            ("type", "cifs"),
            ("api.token", "hunter2"),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let kept = super::without_secrets(pairs.into());
        assert_eq!(kept["type"], "cifs");
        assert!(kept["o"].starts_with("addr=10.0.0.1,username=me,password=digest:"));
        assert!(
            !kept.values().any(|value| value.contains("hunter2")),
            "{kept:?}"
        );
    }

    #[test]
    fn a_digest_tells_values_apart_and_says_little() {
        let digest = Digest::of("PASSWORD", "hunter2");
        assert_eq!(digest, Digest::of("PASSWORD", "hunter2"));
        assert_ne!(digest, Digest::of("PASSWORD", "hunter3"));
        assert_ne!(digest, Digest::of("PASSPHRASE", "hunter2"));
        assert_eq!(digest.as_str().len(), 8);
    }
}
