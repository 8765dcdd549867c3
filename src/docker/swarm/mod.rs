//! Asking a manager of a swarm for a stack. Lists show all of it: a field which the service does not set is not shown, and is
//! what the table in `fields` says the swarm makes of it.

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests read their fixtures")]
mod damaged;
mod nodes;
mod seen;
mod service;
mod tasks;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::{join, try_join, try_join3, try_join4};

use super::answer::Answer;
use super::connection::Connection;
use super::cutter::List;
use super::dialect::translate;
use super::failure::{Failure, FailureKind};
use super::intake::{Intake, Read, Source};
use super::observe::{info, merged, noted, or_gone, version_and_info};
use super::{resources, setup};
use crate::fields::STACK_FILE;
use crate::redact::Sensitive;
use crate::state::{
    Answered, Live, Network, Reserved, STACK_LABEL, Stack, StackFile, State, Swarm, SwarmNode,
    Unreadable,
};
use seen::Seen;
use service::ListedService;

/// What a manager has that has to do with a stack.
///
/// # Errors
/// An engine that is not a manager, and an answer that does not come or cannot be used.
pub async fn observe_stack(connection: &Connection, expected: &State) -> Result<State, Failure> {
    observe_from(&Intake::new(connection), expected).await
}

/// Like [`observe_stack`], with any source of answers.
pub(in crate::docker) async fn observe_from<S: Source>(
    intake: &Intake<'_, S>,
    expected: &State,
) -> Result<State, Failure> {
    let mut unreadable = Vec::new();
    let read = |answer: &Answer<'_>| Ok((info(answer)?, is_manager(answer)));
    let about = version_and_info(intake, read, &mut unreadable);
    // All at once; an engine that is not a manager refuses the lists, and says why only there.
    let (about, lists) = join(about, Lists::of(intake, expected)).await;
    let (version, (info, is_manager)) = about?;
    is_manager.map_err(|why| unusable(intake.name(), "/info", why))?;
    let (networks, stack) = lists?.read(intake, expected, &mut unreadable).await?;
    let mut observed = State {
        networks,
        stack: Some(stack),
        live: Some(Live {
            endpoint: intake.name().to_owned(),
            engine: merged(version, info),
            taken: jiff::Timestamp::now().to_string(),
            unreadable,
            ..Live::default()
        }),
        ..State::empty(expected.project.as_str())
    };
    translate(&mut observed);
    Ok(observed)
}

/// An answer that cannot be used.
fn unusable(endpoint: &str, doing: &str, why: String) -> Failure {
    Failure {
        endpoint: endpoint.to_owned(),
        doing: doing.to_owned(),
        why,
        kind: FailureKind::Unusable,
    }
}

/// What a manager lists.
struct Lists {
    services: Vec<Read<ListedService>>,
    tasks: Vec<Read<tasks::Task>>,
    /// The networks, and whether all nodes have each.
    networks: Vec<Read<(Network, bool)>>,
    nodes: Vec<Read<SwarmNode>>,
    configs: Vec<Named>,
    secrets: Vec<Named>,
    /// The tasks that reserve something, where that matters.
    reserving: Option<Vec<Read<tasks::Reserving>>>,
}

impl Lists {
    /// Asks for all lists at once.
    async fn of<S: Source>(intake: &Intake<'_, S>, expected: &State) -> Result<Self, Failure> {
        let project = expected.project.as_str();
        let nothing = Stack::default();
        let wanted = expected.stack.as_ref().unwrap_or(&nothing);
        let services = intake.list(
            "/services?status=true",
            List::Optional,
            "a service",
            service::listed,
        );
        let of_tasks = of_stack("/tasks", project);
        let tasks = intake.list(&of_tasks, List::Optional, "a task", tasks::listed);
        let networks = intake.list("/networks", List::Whole, "a network", |answer| {
            Ok((network(answer)?, is_of_swarm(answer)))
        });
        let nodes = intake.list("/nodes", List::Optional, "a node", nodes::listed);
        let files = try_join(
            files(intake, "/configs", project, &wanted.configs),
            files(intake, "/secrets", project, &wanted.secrets),
        );
        let lists = try_join3(
            try_join4(services, tasks, networks, nodes),
            files,
            reserving(intake, wanted),
        );
        let ((services, tasks, networks, nodes), (configs, secrets), reserving) = lists.await?;
        Ok(Self {
            services,
            tasks,
            networks,
            nodes,
            configs,
            secrets,
            reserving,
        })
    }

    /// The networks and the stack that the lists show.
    async fn read<S: Source>(
        self,
        intake: &Intake<'_, S>,
        expected: &State,
        unreadable: &mut Vec<Unreadable>,
    ) -> Result<(BTreeMap<String, Network>, Stack), Failure> {
        let services = noted(self.services, Answered::Service, unreadable, |one| {
            &one.name
        });
        let tasks = noted(self.tasks, Answered::Task, unreadable, |one| &one.id);
        let networks = noted(self.networks, Answered::Network, unreadable, |(one, _)| {
            &one.name
        });
        let mut nodes = noted(self.nodes, Answered::Node, unreadable, |one| &one.id);
        nodes::has_quorum(&nodes).map_err(|why| unusable(intake.name(), "/nodes", why))?;
        if let Some(reserving) = self.reserving {
            let reserving = noted(reserving, Answered::Task, unreadable, |one| &one.id);
            let names = services
                .iter()
                .map(|one| (one.id.clone(), one.name.clone()))
                .collect();
            tasks::reserve(reserving, &names, &mut nodes);
        }
        let configs = noted(self.configs, Answered::Config, unreadable, |(name, _)| name);
        let secrets = noted(self.secrets, Answered::Secret, unreadable, |(name, _)| name);
        let seen = Seen { expected, networks };
        let mut live = Swarm {
            nodes,
            ..Swarm::default()
        };
        let (own_networks, mut ids) = seen.networks(&mut live);
        predefined(intake, &services, &mut ids).await?;
        let stack = Stack {
            services: seen.services(services, tasks, &ids, &mut live),
            configs: configs.into_iter().collect(),
            secrets: secrets.into_iter().collect(),
            live: Some(live),
            ..Stack::default()
        };
        Ok((own_networks, stack))
    }
}

/// The tasks of all services that are to run, where the file reserves something: what they reserve is not free for it.
async fn reserving<S: Source>(
    intake: &Intake<'_, S>,
    wanted: &Stack,
) -> Result<Option<Vec<Read<tasks::Reserving>>>, Failure> {
    let mut services = wanted.services.values();
    if services.all(|service| service.reserved() == Reserved::default()) {
        return Ok(None);
    }
    let running = running_tasks();
    let tasks = intake.list(&running, List::Optional, "a task", tasks::reserving);
    tasks.await.map(Some)
}

/// Names the networks that services join and that no list has: a swarm has a `host` and a `bridge` of its own (swarmkit,
/// `manager/allocator/networkallocator`), which moby leaves out of lists (`daemon/cluster/networks.go`, `getNetworks`).
async fn predefined<S: Source>(
    intake: &Intake<'_, S>,
    services: &[ListedService],
    ids: &mut BTreeMap<String, String>,
) -> Result<(), Failure> {
    let joined = services.iter().flat_map(ListedService::joined);
    let unknown: BTreeSet<String> = joined
        .filter(|id| !ids.contains_key(*id) && id.chars().all(|c| c.is_ascii_alphanumeric()))
        .map(str::to_owned)
        .collect();
    for id in unknown {
        let read = |answer: &Answer<'_>| Ok(answer.must("Name").demand("a network")?.to_owned());
        let path = format!("/networks/{id}");
        if let Some(network) = or_gone(intake.get(&path, "a network", read).await)? {
            ids.insert(id, network.value);
        }
    }
    Ok(())
}

/// Whether an engine can say what a swarm runs, or why not.
fn is_manager(info: &Answer<'_>) -> Result<(), String> {
    let swarm = info.must("Swarm");
    let state = swarm.must("LocalNodeState").string();
    let is_manager = swarm.must("ControlAvailable").flag() == Some(true);
    if state == "active" && is_manager {
        return Ok(());
    }
    let managers: Vec<String> = swarm
        .at("RemoteManagers")
        .items()
        .filter_map(|manager| manager.at("Addr").text().map(str::to_owned))
        .collect();
    Err(match (state.as_str(), managers.is_empty()) {
        ("active", true) => "it is a worker of a swarm, not a manager; ask a manager".to_owned(),
        ("active", false) => format!(
            "it is a worker of a swarm, not a manager; its managers are {}",
            managers.join(", ")
        ),
        ("locked", _) => "its swarm is locked; unlock it first: docker swarm unlock".to_owned(),
        ("inactive", _) => "it is not part of a swarm".to_owned(),
        _ => "it is not a manager of a working swarm".to_owned(),
    })
}

/// A request for what has the label of a stack. Its name is made of letters, digits, `-` and `_`.
fn of_stack(path: &str, project: &str) -> String {
    filtered(path, "label", [format!("{STACK_LABEL}={project}")])
}

/// A request for the tasks of all services that are to run.
fn running_tasks() -> String {
    filtered("/tasks", "desired-state", ["running".to_owned()])
}

/// A request with a filter, as percent-encoded JSON.
fn filtered(path: &str, key: &str, values: impl IntoIterator<Item = String>) -> String {
    let values: Vec<String> = values.into_iter().collect();
    let filters = serde_json::json!({ key: values }).to_string();
    let mut encoded = String::new();
    for byte in filters.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    format!("{path}?filters={encoded}")
}

type Named = Read<(String, StackFile)>;

/// The configs or secrets with the label of the stack, and those with the names of the file. Those of others are not asked
/// for: a config comes with its content.
async fn files<S: Source>(
    intake: &Intake<'_, S>,
    path: &'static str,
    project: &str,
    wanted: &BTreeMap<String, StackFile>,
) -> Result<Vec<Named>, Failure> {
    let (by_label, by_name) = (
        of_stack(path, project),
        filtered(path, "name", wanted.keys().cloned()),
    );
    let ask = |request| async move {
        let read = |answer: &Answer<'_>| file(answer, project);
        intake
            .list(request, List::Optional, "a config or secret", read)
            .await
    };
    let named = async {
        if wanted.is_empty() {
            Ok(Vec::new())
        } else {
            ask(&by_name).await
        }
    };
    let (mut own, named) = try_join(ask(&by_label), named).await?;
    let known: BTreeSet<String> = own.iter().map(|one| one.value.0.clone()).collect();
    // The filter finds names that begin with it too.
    let is_new = |one: &Named| !known.contains(&one.value.0) && wanted.contains_key(&one.value.0);
    own.extend(named.into_iter().filter(is_new));
    Ok(own)
}

/// A config or a secret of the list.
fn file(answer: &Answer<'_>, project: &str) -> Result<(String, StackFile), String> {
    let spec = answer.must("Spec");
    let name = spec.must("Name").demand("a config or secret")?.to_owned();
    let owner = spec.must_map("Labels").at(STACK_LABEL).text();
    let data = spec.at("Data");
    let digest = data.text().and_then(|text| {
        let bytes = BASE64_STANDARD.decode(text).ok();
        if bytes.is_none() {
            data.wrong("base64", "another text");
        }
        bytes.map(Sensitive::digest)
    });
    let file = StackFile {
        is_own: owner == Some(project),
        owner: owner.filter(|owner| *owner != project).map(str::to_owned),
        digest,
        fields: setup::fields(answer, STACK_FILE),
        ..StackFile::default()
    };
    Ok((name, file))
}

/// A network of the list, with the stack that its labels name.
fn network(answer: &Answer<'_>) -> Result<Network, String> {
    let mut network = resources::network(answer)?;
    let labels = answer.must_map("Labels");
    let stack = labels.at(STACK_LABEL).text().map(str::to_owned);
    if let Some(origin) = &mut network.origin {
        origin.project = stack.or(origin.project.take());
    }
    Ok(network)
}

/// Whether all nodes have a network.
fn is_of_swarm(answer: &Answer<'_>) -> bool {
    answer.must("Scope").text() == Some("swarm")
}
