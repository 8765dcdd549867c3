//! The names that Compose and `docker stack deploy` give to what has none in the file.

/// The name of a container (docker/compose, `getContainerName`).
pub(crate) fn container_name(project: &str, service: &str, number: u32) -> String {
    let [name, _] = container_names(project, service, number);
    name
}

/// The names that a container may have: with dashes, or in compatibility mode with underscores.
pub(crate) fn container_names(project: &str, service: &str, number: u32) -> [String; 2] {
    ["-", "_"].map(|dash| format!("{project}{dash}{service}{dash}{number}"))
}

/// The name of the image that is built for a service (docker/compose, `pkg/api/api.go`, `GetImageNameOrDefault`).
pub(crate) fn built_image_name(project: &str, service: &str) -> String {
    format!("{project}-{service}")
}

/// The name of a network, volume, secret or config (compose-go, `loader/normalize.go`, `setNameFromKey`); in a stack,
/// that of a service too (docker/cli, `convert.Namespace.Scope`).
pub(crate) fn scoped_name(project: &str, key: &str) -> String {
    format!("{project}_{key}")
}
