//! How much is read, of which kind of file. A limit is far above what people write, and low enough
//! for every machine that runs Compose.

use std::fmt;

/// One mebibyte.
const MIB: usize = 1024 * 1024;

/// How large one file of a kind may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    /// The kind, with its article: `a template`.
    pub(crate) what: &'static str,
    /// The most bytes that are read.
    pub(crate) bytes: usize,
}

impl Limit {
    const fn new(what: &'static str, bytes: usize) -> Self {
        Self { what, bytes }
    }
}

/// The size in the largest unit that is exact: `16 MiB`.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes {
            bytes if bytes % MIB == 0 => write!(f, "{} MiB", bytes / MIB),
            bytes if bytes % 1024 == 0 => write!(f, "{} KiB", bytes / 1024),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

/// A spec. The parser's time grows faster than its input on hostile texts, and no spec comes near
/// this size.
pub(crate) const SPEC: Limit = Limit::new("a spec", 16 * MIB);

/// All specs of a project together.
pub(crate) const SPECS: Limit = Limit::new("all specs together", 64 * MIB);

/// A Compose file, also on standard input.
pub(crate) const COMPOSE_FILE: Limit = Limit::new("a Compose file", 16 * MIB);

/// An env file, or a file of labels: `.env`, `env_file`, `label_file`. Linux passes a process less than
/// this in all (`execve(2)`, 6 MiB).
pub(crate) const ENV_FILE: Limit = Limit::new("an env file", 4 * MIB);

/// The files together that git does not track and a project may read, such as env files.
pub(crate) const UNTRACKED: Limit =
    Limit::new("all files together that git does not track", 64 * MIB);

/// How many of these files are read.
pub(crate) const UNTRACKED_FILES: usize = 4096;

/// A seccomp profile; that of Docker has 12 KiB.
pub(crate) const SECCOMP_PROFILE: Limit = Limit::new("a seccomp profile", MIB);

/// A config or secret of a stack, of which a swarm takes 1000 KiB.
pub(crate) const STACK_FILE: Limit = Limit::new("a config or secret", MIB);

/// A file of custom rules, for which memory is kept to the end of a run.
pub(crate) const RULES: Limit = Limit::new("a rules file", MIB);

/// A Dockerfile.
pub(crate) const DOCKERFILE: Limit = Limit::new("a Dockerfile", MIB);

/// A template.
pub(crate) const TEMPLATE: Limit = Limit::new("a template", 4 * MIB);

/// All templates of a project together.
pub(crate) const TEMPLATES: Limit = Limit::new("all templates together", 32 * MIB);

/// A file of made-up data: what a template embeds of it is text of a Compose file.
pub(crate) const FIXTURE: Limit = Limit::new("a fixture", 4 * MIB);

/// All fixtures of a project together.
pub(crate) const FIXTURES: Limit = Limit::new("all fixtures together", 32 * MIB);

/// A generated file, which is a Compose file.
pub(crate) const GENERATED: Limit = Limit::new("a generated file", 16 * MIB);

/// All files in `generated/` together, where each is looked at.
pub(crate) const ALL_GENERATED: Limit = Limit::new("all generated files together", 64 * MIB);

/// The release journal: some fifty thousand entries.
pub(crate) const JOURNAL: Limit = Limit::new("a release journal", 16 * MIB);

/// A baseline of findings: some fifty thousand of them.
pub(crate) const BASELINE: Limit = Limit::new("a baseline", 16 * MIB);

/// What `drift --record` writes: a thousand runs of many hosts.
pub(crate) const HISTORY: Limit = Limit::new("a file of recorded runs", 16 * MIB);

/// A page that `report` writes, where it replaces an older one.
pub(crate) const PAGE: Limit = Limit::new("a page", 64 * MIB);

/// A snapshot: the observed state of a host with tens of thousands of containers.
pub(crate) const SNAPSHOT: Limit = Limit::new("a snapshot", 64 * MIB);

/// `config.json` of the docker CLI, and `meta.json` of a context.
pub(crate) const DOCKER_CONFIG: Limit = Limit::new("a configuration file of the docker CLI", MIB);

/// A certificate, a key, or a bundle of certificates. The one of Mozilla has a quarter of this.
pub(crate) const CERTIFICATE: Limit = Limit::new("a certificate or key", MIB);

/// What the kernel reports about a thread: one line.
pub(crate) const PROCESS: Limit = Limit::new("the figures of a thread", 16 * 1024);

/// What ssh printed before it ended.
pub(crate) const COMPLAINT: Limit = Limit::new("the output of ssh", 4 * MIB);

/// How many entries of one folder are looked at.
pub(crate) const ENTRIES: usize = 10_000;

/// How deeply folders may be nested below `templates/` and `generated/`.
pub(crate) const FOLDER_DEPTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::{COMPOSE_FILE, Limit};

    #[test]
    fn a_limit_is_shown_in_the_largest_unit() {
        assert_eq!(COMPOSE_FILE.to_string(), "16 MiB");
        assert_eq!(Limit::new("x", 64 * 1024).to_string(), "64 KiB");
        assert_eq!(Limit::new("x", 7).to_string(), "7 bytes");
    }
}
