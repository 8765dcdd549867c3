//! The labels that Compose keeps on what it creates (docker/compose, `pkg/api/labels.go`).

pub(super) const PROJECT: &str = "com.docker.compose.project";
pub(super) const SERVICE: &str = "com.docker.compose.service";
pub(super) const NETWORK: &str = "com.docker.compose.network";
pub(super) const VOLUME: &str = "com.docker.compose.volume";
pub(super) const NUMBER: &str = "com.docker.compose.container-number";
pub(super) const ONEOFF: &str = "com.docker.compose.oneoff";
pub(super) const IMAGE: &str = "com.docker.compose.image";
pub(super) const WORKING_DIR: &str = "com.docker.compose.project.working_dir";
pub(super) const CONFIG_FILES: &str = "com.docker.compose.project.config_files";
pub(super) const COMPOSE_VERSION: &str = "com.docker.compose.version";
pub(super) const CONFIG_HASH: &str = "com.docker.compose.config-hash";
/// The label as podman-compose writes it.
pub(super) const PODMAN_CONFIG_HASH: &str = "io.podman.compose.config-hash";
