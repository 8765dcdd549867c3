//! Asking an engine for everything that it lists at once, and for each of the project's own containers
//! as soon as they are listed, some at a time; no other container is inspected.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{try_join, try_join3};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::answer::Answer;
use super::assemble::{self, Details, Listed};
use super::connection::Connection;
use super::contents::{AT_ONCE, ContainerFiles};
use super::cutter::List;
use super::dialect::{PODMAN_INFO, is_podman, translate};
use super::failure::{Failure, FailureKind};
use super::intake::{Intake, Read, Source};
use super::reading::Misread;
use super::scope::ProjectScope;
use super::transport::Server;
use super::{attached, changes, containers, contents, platform, podman, resources, setup};
use crate::fields::Values;
use crate::state::{Answered, Container, Engine, Network, State, Unreadable, minor_of_api};

/// What the engine runs that has to do with a project.
///
/// # Errors
/// An answer that does not come, or cannot be used.
pub async fn observe(connection: &Connection, scope: &ProjectScope) -> Result<State, Failure> {
    observe_from(&Intake::new(connection), scope).await
}

/// Like [`observe`], with any source of answers. Containers are inspected as soon as they are listed: for
/// `/info` an engine runs other programs, which takes as long as everything else.
pub(super) async fn observe_from<S: Source>(
    intake: &Intake<'_, S>,
    scope: &ProjectScope,
) -> Result<State, Failure> {
    let lists = try_join(
        intake.list(
            "/volumes",
            List::Field("Volumes"),
            "a volume",
            resources::volume,
        ),
        intake.list("/images/json", List::Whole, "an image", resources::image),
    );
    let all = try_join3(containers(intake, scope), lists, engine(intake)).await?;
    let (inspected, (volumes, named_images), (engine, unreadable_of_engine)) = all;
    let mut unreadable = inspected.unreadable;
    let volumes = noted(volumes, Answered::Volume, &mut unreadable, |volume| {
        &volume.name
    });
    let named_images = noted(named_images, Answered::Image, &mut unreadable, |(id, _)| id);
    unreadable.extend(unreadable_of_engine);
    let mut own = noted(
        inspected.own,
        Answered::Container,
        &mut unreadable,
        |container| &container.name,
    );
    own.sort_by(|a, b| a.name.cmp(&b.name));
    let mut contents = inspected.contents;
    for container in &mut own {
        let read = contents.remove(&container.id).unwrap_or_default();
        add_contents(container, read, scope, &mut unreadable);
    }
    let mut images = noted(
        inspected.images,
        Answered::Image,
        &mut unreadable,
        |(id, _)| id,
    );
    if is_podman(&engine) {
        add_health_checks(intake, &mut images, &mut unreadable).await?;
    }
    let (images, image_volumes): (BTreeMap<_, Values>, BTreeMap<_, _>) = images
        .into_iter()
        .map(|(id, (fields, volumes))| ((id.clone(), fields), (id, volumes)))
        .unzip();
    for container in &mut own {
        platform::add(
            &mut container.config.fields,
            images.get(&container.image_id),
        );
    }
    let listed = Listed {
        endpoint: intake.name().to_owned(),
        engine,
        networks: inspected.networks,
        volumes,
        image_ids: named_images.iter().map(|(id, _)| id.clone()).collect(),
        images: named_images
            .into_iter()
            .flat_map(|(id, names)| names.into_iter().map(move |name| (name, id.clone())))
            .collect(),
        others: inspected.others,
        unreadable,
    };
    let details = Details {
        own,
        image_fields: images,
        image_volumes,
    };
    let mut observed = assemble::state(listed, details, scope);
    translate(&mut observed);
    Ok(observed)
}

/// Adds the health checks of images, for which Podman is asked by its own API.
async fn add_health_checks<S: Source>(
    intake: &Intake<'_, S>,
    images: &mut [ImageSettings],
    unreadable: &mut Vec<Unreadable>,
) -> Result<(), Failure> {
    let asked = images.iter_mut().map(|(id, (fields, _))| async move {
        let read = podman::add_health_check(intake, id, fields).await?;
        Ok(read.map(|read| (&*id, read)))
    });
    let answers: Vec<Option<_>> = stream::iter(asked)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    for (id, read) in answers.into_iter().flatten() {
        one(read, Answered::Image, unreadable, id);
    }
    Ok(())
}

/// Adds what was read of the files in a container.
fn add_contents(
    container: &mut Container,
    read: ContainerFiles,
    scope: &ProjectScope,
    unreadable: &mut Vec<Unreadable>,
) {
    container.contents = read.contents;
    let name = container.name.as_str();
    container.changes = read
        .changes
        .map(|read| one(read, Answered::Container, unreadable, name));
    changes::settle(container, scope);
}

/// The containers of an engine and what they are attached to and made of.
struct Inspected {
    /// Those of the project.
    own: Vec<Read<Container>>,
    /// Those of others, as they are listed.
    others: Vec<Container>,
    networks: Vec<Network>,
    /// What the containers hold, by their IDs.
    contents: contents::FilesByContainer,
    /// What the images of the project's containers set.
    images: Vec<Read<ImageSettings>>,
    /// What of the lists could not be read.
    unreadable: Vec<Unreadable>,
}

/// What an image sets and where it has volumes, with its ID.
type ImageSettings = (String, (Values, BTreeSet<String>));

/// The containers that an engine lists, with what is asked about each of the project's own.
async fn containers<S: Source>(
    intake: &Intake<'_, S>,
    scope: &ProjectScope,
) -> Result<Inspected, Failure> {
    let (containers, networks) = try_join(
        intake.list(
            "/containers/json?all=1",
            List::Whole,
            "a container",
            containers::listed,
        ),
        intake.list("/networks", List::Whole, "a network", resources::network),
    )
    .await?;
    let mut unreadable = Vec::new();
    let containers = noted(
        containers,
        Answered::Container,
        &mut unreadable,
        |container| {
            Some(&*container.name)
                .filter(|name| !name.is_empty())
                .unwrap_or(&container.id)
        },
    );
    let networks = noted(networks, Answered::Network, &mut unreadable, |network| {
        &network.name
    });
    let (own, mut others): (Vec<Container>, Vec<Container>) = containers
        .into_iter()
        .partition(|container| container.project.as_ref() == Some(&scope.project));
    attached::share(&own, &mut others);
    let images: BTreeSet<String> = own
        .iter()
        .filter(|container| scope.declares(container) && !container.image_id.is_empty())
        .map(|container| container.image_id.clone())
        .collect();
    let asked = contents::asked(&own, scope);
    let (contents, own, images) = try_join3(
        contents::read(intake, asked),
        inspect(intake, own, &networks, scope),
        inspect_images(intake, &images),
    )
    .await?;
    Ok(Inspected {
        own,
        others,
        networks,
        contents,
        images,
        unreadable,
    })
}

/// The version and features of an engine, and which of them could not be read.
async fn engine<S: Source>(intake: &Intake<'_, S>) -> Result<(Engine, Vec<Unreadable>), Failure> {
    let mut unreadable = Vec::new();
    let (version, info) = version_and_info(intake, info, &mut unreadable).await?;
    let mut engine = merged(version, info);
    if let Some(podman) = podman::info(intake, &engine).await? {
        let (capabilities, driver) = one(podman, Answered::Engine, &mut unreadable, PODMAN_INFO);
        engine.capabilities = capabilities;
        engine.logging_driver = driver.or(engine.logging_driver);
    }
    Ok((engine, unreadable))
}

/// The version of an engine, and what is read of its `/info`.
///
/// Engines start several programs to answer either request, which takes longer than all other answers together. The
/// headers of their answers hold all that is needed of `/version`, so it is only asked for where these do not arrive: through
/// some proxies, and over a named pipe.
pub(super) async fn version_and_info<S: Source, T>(
    intake: &Intake<'_, S>,
    info: impl FnOnce(&Answer<'_>) -> Result<T, String>,
    unreadable: &mut Vec<Unreadable>,
) -> Result<(Engine, T), Failure> {
    let info = intake.get("/info", "the engine", info).await?;
    let of_headers = intake.server().and_then(version_in_headers);
    let version = if let Some(version) = of_headers {
        version
    } else {
        let version = intake.get("/version", "the version", version).await?;
        one(version, Answered::Engine, unreadable, "/version")
    };
    Ok((version, one(info, Answered::Engine, unreadable, "/info")))
}

/// The version of an engine, from headers: `Server: Docker/28.5.2 (linux)` (moby, `daemon/server/middleware/version.go`),
/// `Server: Libpod/4.3.1 (linux)` (podman, `pkg/api/server/handler_api.go`).
pub(super) fn version_in_headers(server: &Server) -> Option<Engine> {
    let (program, rest) = server.program.split_once('/')?;
    let (version, _) = rest.split_once(" (")?;
    // What each calls itself among the components of `/version`.
    let name = match program {
        "Docker" => "Engine",
        "Libpod" => "Podman Engine",
        _ => return None,
    };
    if version.is_empty() || minor_of_api(&server.api).is_none() {
        return None;
    }
    Some(Engine {
        version: version.to_owned(),
        api: server.api.clone(),
        name: name.to_owned(),
        ..Engine::default()
    })
}

/// What images set, and where they have volumes, with their IDs.
async fn inspect_images<S: Source>(
    intake: &Intake<'_, S>,
    images: &BTreeSet<String>,
) -> Result<Vec<Read<ImageSettings>>, Failure> {
    let inspections = images.iter().map(|id| async move {
        let path = format!("/images/{id}/json");
        let read = |answer: &Answer<'_>| {
            containers::is_of(id, answer)?;
            Ok((
                id.clone(),
                (setup::image(answer), setup::image_volumes(answer)),
            ))
        };
        or_gone(intake.get(&path, "an image", read).await)
    });
    let inspected: Vec<Option<_>> = stream::iter(inspections)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(inspected.into_iter().flatten().collect())
}

/// What `/version` says of the engine.
fn version(answer: &Answer<'_>) -> Result<Engine, String> {
    // An answer without a version is not from an engine.
    let api = answer
        .must("ApiVersion")
        .text()
        .ok_or("it has no valid `ApiVersion`: this is not a Docker Engine")?;
    // Docker before 17.12 lists no components.
    let name = answer
        .at("Components")
        .items()
        .next()
        .and_then(|component| {
            component
                .must("Name")
                .known("the name of an engine", |name| {
                    name.to_ascii_lowercase().contains("engine")
                })
        });
    Ok(Engine {
        version: answer.must("Version").string(),
        api: api.to_owned(),
        name: name.unwrap_or_default().to_owned(),
        ..Engine::default()
    })
}

/// What `/info` says of the engine and of its defaults for containers.
#[allow(clippy::unnecessary_wraps, reason = "any answer will do")]
pub(super) fn info(answer: &Answer<'_>) -> Result<Engine, String> {
    let text = |name| answer.at(name).text().map(str::to_owned);
    // Docker lists it where the namespace is private unless told otherwise (moby, `daemon/info_unix.go`).
    let options = answer.at("SecurityOptions").texts();
    let is_private = options.iter().any(|option| option == "name=cgroupns");
    let cgroup_namespace = if is_private { "private" } else { "host" };
    let pools = answer.at("DefaultAddressPools").items().filter_map(|pool| {
        let size = pool.must("Size").number()?;
        Some(format!("{}:{size}", pool.must("Base").text()?))
    });
    Ok(Engine {
        id: answer.must("ID").string(),
        logging_driver: text("LoggingDriver"),
        runtime: text("DefaultRuntime"),
        root: text("DockerRootDir"),
        cgroups: text("CgroupVersion"),
        cgroup_namespace: (!options.is_empty()).then(|| cgroup_namespace.to_owned()),
        swap_limit: answer.at("SwapLimit").flag(),
        pools: pools.collect(),
        ..Engine::default()
    })
}

/// An engine, from the answers of `/version` and `/info`.
pub(super) fn merged(version: Engine, info: Engine) -> Engine {
    Engine {
        version: version.version,
        api: version.api,
        name: version.name,
        ..info
    }
}

/// Puts what could not be read of a thing with the rest.
fn note(kind: Answered, name: &str, misread: Vec<Misread>, unreadable: &mut Vec<Unreadable>) {
    let fields = misread.into_iter().map(|misread| Unreadable {
        kind,
        name: name.to_owned(),
        field: misread.field,
        expected: misread.expected,
        found: misread.found,
    });
    unreadable.extend(fields);
}

/// What was read of one answer, with what could not be read of it put with the rest.
pub(super) fn one<T>(
    read: Read<T>,
    kind: Answered,
    unreadable: &mut Vec<Unreadable>,
    name: &str,
) -> T {
    note(kind, name, read.misread, unreadable);
    read.value
}

/// Like [`one`], for all things of a list.
pub(super) fn noted<T>(
    read: Vec<Read<T>>,
    kind: Answered,
    unreadable: &mut Vec<Unreadable>,
    name: impl Fn(&T) -> &str,
) -> Vec<T> {
    let values = read.into_iter().map(|Read { value, misread }| {
        note(kind, name(&value), misread, unreadable);
        value
    });
    values.collect()
}

/// What was asked of one thing, or nothing where it is gone since it was listed.
pub(super) fn or_gone<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(failure) if failure.kind == FailureKind::Status(404) => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn inspect<S: Source>(
    intake: &Intake<'_, S>,
    own: Vec<Container>,
    networks: &[Network],
    scope: &ProjectScope,
) -> Result<Vec<Read<Container>>, Failure> {
    let origins = networks
        .iter()
        .filter_map(|network| network.origin.as_ref());
    let ids: BTreeSet<&str> = origins.map(|origin| &*origin.id).collect();
    let names: BTreeSet<&str> = networks.iter().map(|network| &*network.name).collect();
    let is_network = |name: &str| {
        // An ID may be cut short.
        let mut ids = ids.range(name..);
        scope.networks.contains(name)
            || names.contains(name)
            || name.len() >= 12 && ids.next().is_some_and(|id| id.starts_with(name))
    };
    let is_network = &is_network;
    let inspections = own.into_iter().map(|mut container| async move {
        let path = format!("/containers/{}/json", container.id);
        let is_declared = scope.declares(&container);
        let read = |answer: &Answer<'_>| {
            if is_declared || containers::is_of(&container.id, answer).is_ok() {
                containers::inspected(&mut container, answer, is_network)?;
            } else {
                // No setting of an orphan is compared: what the list shows is reported.
                let expected = "the ID that was asked for";
                answer.must("Id").wrong(expected, "another ID");
            }
            Ok(container)
        };
        or_gone(intake.get(&path, "a container", read).await)
    });
    let inspected: Vec<Option<Read<Container>>> = stream::iter(inspections)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(inspected.into_iter().flatten().collect())
}
