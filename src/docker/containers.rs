//! Containers: what `GET /containers/json` lists, and what `GET /containers/{id}/json` adds
//! (Engine API, `ContainerSummary` and `ContainerInspectResponse`).

use super::answer::Answer;
use super::attached::networks;
use super::mounts::mounts;
use super::{dialect, labels, ports, setup};
use crate::redact;
use crate::state::{CONTAINER, Container};

/// A container of the list.
pub(super) fn listed(answer: &Answer<'_>) -> Result<Container, String> {
    const WHAT: &str = "a container";
    let labels = answer.must_map("Labels");
    labels.demand_map("containers")?;
    let label = |name: &str| labels.at(name).text().map(str::to_owned);
    let names = answer.must("Names");
    // A link of another container (`/other/alias`) is listed among the names.
    let own = names.texts().into_iter().find_map(|name| {
        let name = name.trim_start_matches('/');
        (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
    });
    if own.is_none() {
        names.wrong("the name of the container", "none");
    }
    let created = answer.must("Created").number_that_is("a time");
    let has_hash = [labels::CONFIG_HASH, labels::PODMAN_CONFIG_HASH]
        .iter()
        .any(|name| !labels.at(name).is_null());
    let mut container = Container {
        id: answer.must("Id").demand_id(WHAT)?.to_owned(),
        name: own.unwrap_or_default(),
        project: label(labels::PROJECT),
        service: label(labels::SERVICE),
        number: labels.at(labels::NUMBER).parse("a number"),
        is_oneoff: labels
            .at(labels::ONEOFF)
            .word(&["True", "False", "true", "false"])
            .is_some_and(|word| word.eq_ignore_ascii_case("true")),
        is_unlisted: !has_hash && !labels.at(labels::PROJECT).is_null(),
        config_files: label(labels::CONFIG_FILES),
        compose_version: label(labels::COMPOSE_VERSION),
        config_hash: label(labels::CONFIG_HASH),
        working_dir: label(labels::WORKING_DIR),
        state: state(&answer.must("State")),
        created: created
            .map(|Seconds(time)| time.to_string())
            .unwrap_or_default(),
        image: answer.must("Image").string(),
        image_id: answer.must("ImageID").id().unwrap_or_default().to_owned(),
        image_at_creation: label(labels::IMAGE),
        networks: networks(&answer.must("NetworkSettings").must("Networks")),
        mounts: mounts(&answer.must("Mounts"), None),
        ..Container::default()
    };
    // Of all modes, this one is the same on every engine: Podman lists `host` whatever it is.
    let mode = answer.at("HostConfig").at("NetworkMode");
    let joined = mode.text().filter(|mode| mode.starts_with(CONTAINER));
    container.network_mode = joined.map(str::to_owned);
    container.bound = ports::listed(&answer.must("Ports"));
    dialect::tidy_ports(&mut container);
    Ok(container)
}

/// A time in seconds since 1970.
struct Seconds(jiff::Timestamp);

impl TryFrom<i64> for Seconds {
    type Error = jiff::Error;

    fn try_from(seconds: i64) -> Result<Self, Self::Error> {
        jiff::Timestamp::from_second(seconds).map(Self)
    }
}

/// The state as the engine has it; one that is not known is noted, and shown all the same.
fn state(answer: &Answer<'_>) -> String {
    answer.word(dialect::STATES);
    answer.string()
}

/// Adds what only an inspection shows. `is_network` knows the names of networks.
pub(super) fn inspected(
    container: &mut Container,
    answer: &Answer<'_>,
    is_network: impl Fn(&str) -> bool,
) -> Result<(), String> {
    is_of(&container.id, answer)?;
    answer.must("Name").known("the name in the list", |name| {
        name.trim_start_matches('/') == container.name
    });
    let (config, host) = (answer.must("Config"), answer.must("HostConfig"));
    let state = answer.must("State");
    let status = self::state(&state.must("Status"));
    if !status.is_empty() {
        container.state = status;
    }
    container.health = ["Health", "Healthcheck"].iter().find_map(|name| {
        let health = state.at(name);
        let word = (!health.is_null()).then(|| health.must("Status").word(dialect::HEALTH));
        word.flatten()
            .filter(|word| *word != "none")
            .map(str::to_owned)
    });
    container.exit_code = state.must("ExitCode").number();
    let error = state.at("Error").text().map(str::trim);
    container.error = error
        .filter(|error| !error.is_empty())
        .map(|error| redact::text(error).into_owned());
    container.started = state.must("StartedAt").time();
    let created = answer.must("Created").time();
    if !created.is_empty() {
        container.created = created;
    }
    if let Some(image) = config.must("Image").text() {
        image.clone_into(&mut container.image);
    }
    if let Some(id) = answer.must("Image").id() {
        id.clone_into(&mut container.image_id);
    }
    let settings = answer.must("NetworkSettings");
    let attached = networks(&settings.must("Networks"));
    let mode = host.must("NetworkMode");
    container.network_mode = network_mode(&mode, |name| {
        is_network(name) || attached.contains_key(name)
    });
    container.first_network = mode
        .text()
        .filter(|name| attached.contains_key(*name))
        .map(str::to_owned);
    if !attached.is_empty() || container.network_mode.is_some() {
        container.networks = attached;
    }
    let mounted = mounts(&answer.must("Mounts"), Some(&host));
    if !mounted.is_empty() {
        container.mounts = mounted;
    }
    container.ports = ports::configured(&host.must("PortBindings"));
    let bound = match container.ports.as_slice() {
        [] => settings.at("Ports"),
        _ => settings.must("Ports"),
    };
    // Podman lists only the first of ports that follow each other.
    container.bound.extend(ports::bound(&bound));
    dialect::tidy_ports(container);
    container.config = setup::config(answer);
    Ok(())
}

/// Demands that an inspection is of the requested thing. An engine takes the beginning of an
/// ID for the whole of it.
pub(super) fn is_of(id: &str, answer: &Answer<'_>) -> Result<(), String> {
    let found = answer.must("Id").demand("an inspection")?;
    let bare = |id: &'_ str| id.strip_prefix("sha256:").unwrap_or(id).to_owned();
    if bare(found).starts_with(&bare(id)) {
        return Ok(());
    }
    Err("the inspection is of a different container or image".into())
}

/// What a container has instead of networks of its own.
fn network_mode(answer: &Answer<'_>, is_network: impl Fn(&str) -> bool) -> Option<String> {
    let mode = answer.known("a network mode or the name of a network", |mode| {
        let word = mode.split_once(':').map_or(mode, |(word, _)| word);
        dialect::NETWORK_MODES.contains(&word) || mode.starts_with(CONTAINER) || is_network(mode)
    });
    mode.filter(|mode| matches!(*mode, "host" | "none") || mode.starts_with(CONTAINER))
        .map(str::to_owned)
}
