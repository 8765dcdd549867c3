//! The folders of a project, below its root.

/// The specs.
pub(crate) const ENVIRONMENTS: &str = "environments";

/// The templates of Compose files.
pub(crate) const TEMPLATES: &str = "templates";

/// Made-up data, for environments that have no other.
pub(crate) const FIXTURES: &str = "fixtures";

/// The Compose files that are rendered from both.
pub(crate) const GENERATED: &str = "generated";

/// The journal of releases.
pub(crate) const RELEASES: &str = "releases";
