//! The options of `docker stack deploy`.

use clap::ValueEnum;

/// The options of `docker stack deploy`.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeployOptions {
    /// `--prune`
    pub prune: bool,
    /// `--resolve-image`
    pub resolve_image: ResolveImage,
}

/// When the client has the swarm look up the digest of an image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ResolveImage {
    /// For each service
    #[default]
    Always,
    /// Where the file names another image than at the last deploy
    Changed,
    /// Not at all
    Never,
}
