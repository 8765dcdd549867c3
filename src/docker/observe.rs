//! Asking an engine for everything that it lists at once, and then for each of the project's own
//! containers, some at a time; nobody else's container is inspected.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::answer::Answer;
use super::interest::Interest;
use super::{Connection, Failure, assemble, containers, resources};
use crate::redact::Sensitive;
use crate::state::{Container, Engine, Network, State, Volume};

/// How many containers are inspected at once.
const AT_ONCE: usize = 16;

/// What an engine lists, whoever it belongs to.
pub(super) struct Listed {
    pub(super) endpoint: String,
    pub(super) engine: Engine,
    pub(super) containers: Vec<Container>,
    pub(super) networks: Vec<Network>,
    pub(super) volumes: Vec<Volume>,
    /// Names to IDs.
    pub(super) images: BTreeMap<String, String>,
}

/// What the engine runs that has to do with a project.
///
/// # Errors
/// An answer that does not come, or cannot be used.
pub async fn observe(connection: &Connection, interest: &Interest) -> Result<State, Failure> {
    let mut listed = list(connection).await?;
    let containers = std::mem::take(&mut listed.containers);
    let (own, others) = containers
        .into_iter()
        .partition(|container| container.project.as_ref() == Some(&interest.project));
    let own = inspect(connection, own).await?;
    let set_by_images = image_variables(connection, &own, interest).await?;
    Ok(assemble::state(
        listed,
        own,
        others,
        set_by_images,
        interest,
    ))
}

/// The variables that images set, by the images' IDs. Only where a container has variables besides
/// those of its service does it matter whether its image set them.
async fn image_variables(
    connection: &Connection,
    own: &[Container],
    interest: &Interest,
) -> Result<BTreeMap<String, BTreeMap<String, Option<Sensitive>>>, Failure> {
    let images: BTreeSet<&String> = own
        .iter()
        .filter(|container| interest.has_more_variables(container))
        .map(|container| &container.image_id)
        .collect();
    let inspections = images.into_iter().map(|id| async move {
        let path = format!("/images/{id}/json");
        match connection.get(&path).await {
            Ok(answer) => {
                let config = Answer(&answer).at("Config");
                Ok(Some((id.clone(), containers::environment(config))))
            }
            // A container outlives its image.
            Err(failure) if failure.status == Some(404) => Ok(None),
            Err(failure) => Err(failure),
        }
    });
    let inspected = stream::iter(inspections).buffer_unordered(AT_ONCE);
    let inspected: Vec<Option<_>> = inspected.try_collect().await?;
    Ok(inspected.into_iter().flatten().collect())
}

async fn list(connection: &Connection) -> Result<Listed, Failure> {
    const PATHS: [&str; 6] = [
        "/containers/json?all=1",
        "/networks",
        "/volumes",
        "/images/json",
        "/version",
        "/info",
    ];
    let answers = try_join_all(PATHS.iter().map(|path| connection.get(path))).await?;
    let answer = |index: usize| Answer(answers.get(index).unwrap_or(&Value::Null));
    let unusable = |index: usize| {
        let path = PATHS.get(index).copied().unwrap_or_default();
        move |why: String| connection.failure(path, why)
    };
    let containers = answer(0).records("containers").map_err(unusable(0))?;
    let networks = answer(1).records("networks").map_err(unusable(1))?;
    let volumes = answer(2)
        .object("volumes")
        .and_then(|answer| answer.at("Volumes").records("volumes"))
        .map_err(unusable(2))?;
    let images = answer(3).records("images").map_err(unusable(3))?;
    let (version, info) = (answer(4), answer(5));
    // Whoever answers without a version is no engine.
    let api = version
        .at("ApiVersion")
        .text()
        .ok_or_else(|| unusable(4)("it names no `ApiVersion`: this is no Docker Engine".into()))?;
    let mut components = version.at("Components").items();
    let name = components.next().map(|component| component.at("Name"));
    Ok(Listed {
        endpoint: connection.endpoint().to_owned(),
        engine: Engine {
            id: info.at("ID").string(),
            version: version.at("Version").string(),
            api: api.to_owned(),
            name: name.map(Answer::string).unwrap_or_default(),
        },
        containers: read(containers, containers::listed).map_err(unusable(0))?,
        networks: read(networks, resources::network).map_err(unusable(1))?,
        volumes: read(volumes, resources::volume).map_err(unusable(2))?,
        images: resources::images(&images),
    })
}

fn read<'a, T>(
    records: Vec<Answer<'a>>,
    read: impl Fn(Answer<'a>) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    records.into_iter().map(read).collect()
}

async fn inspect(
    connection: &Connection,
    containers: Vec<Container>,
) -> Result<Vec<Container>, Failure> {
    let inspections = containers.into_iter().map(|mut container| async move {
        let path = format!("/containers/{}/json", container.id);
        let answer = match connection.get(&path).await {
            Ok(answer) => answer,
            // It was removed since it was listed.
            Err(failure) if failure.status == Some(404) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let answer = Answer(&answer)
            .object("a container")
            .map_err(|why| connection.failure(&path, why))?;
        containers::inspected(&mut container, answer)
            .map_err(|why| connection.failure(&path, why))?;
        Ok(Some(container))
    });
    let inspected = stream::iter(inspections).buffer_unordered(AT_ONCE);
    let inspected: Vec<Option<Container>> = inspected.try_collect().await?;
    let mut inspected: Vec<Container> = inspected.into_iter().flatten().collect();
    inspected.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(inspected)
}
