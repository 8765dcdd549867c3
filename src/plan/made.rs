//! What `docker compose up -d`, or `docker stack deploy`, makes of a file on an engine that has nothing, as an observed state.
//!
//! A changed file can be planned against it without a host. It has what the file says, and nothing that
//! an engine or an image adds: images are taken to set no fields and to have no volumes.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use crate::fields::{ATTACHMENT, Form, SERVICE, Value, Values};
use crate::redact::Sensitive;
use crate::state;
use crate::state::{
    Attached, Bound, COMPLETED, CONTAINER, Container, Content, FileKind, Live, Mount, MountKind,
    Network, Origin, Running, Service, Stack, StackFile, State, Swarm, Volume, container_name,
    is_default_network,
};
use crate::text::hex::sha256;

/// When all of it was created: before any file that is planned against it.
const CREATED: &str = "1970-01-01T00:00:00Z";
/// The first of the ports that an engine chooses by itself (Linux, `ip_local_port_range`).
const FIRST_EPHEMERAL: u16 = 32_768;

/// The state of an engine on which a file was just applied for the first time.
#[must_use]
pub fn made(expected: &State) -> State {
    let networks = expected.networks.iter().map(|(key, network)| {
        let network = Network {
            origin: Some(origin(expected, "network", key, network.external)),
            ..network.clone()
        };
        (key.clone(), network)
    });
    let volumes = expected.volumes.iter().map(|(key, volume)| {
        let volume = Volume {
            origin: Some(origin(expected, "volume", key, volume.external)),
            ..volume.clone()
        };
        (key.clone(), volume)
    });
    let mut live = Live::default();
    if let Some(stack) = &expected.stack {
        return State {
            networks: networks.collect(),
            stack: Some(made_stack(stack)),
            live: Some(live),
            ..State::empty(&*expected.project)
        };
    }
    for (name, service) in &expected.services {
        let image = service.image_in(&expected.project, name);
        let image = image.as_deref().unwrap_or_default();
        let id = id("image", image, "");
        live.images.insert(image.to_owned(), id.clone());
        live.image_fields.insert(id.clone(), Values::default());
        live.image_volumes.insert(id, [].into());
        let mut taken = 0;
        for number in 1..=service.replicas {
            let maker = Maker {
                expected,
                name,
                service,
                number,
            };
            live.containers.push(maker.container(image, &mut taken));
        }
    }
    State {
        networks: networks.collect(),
        volumes: volumes.collect(),
        live: Some(live),
        ..State::empty(&*expected.project)
    }
}

/// What `docker stack deploy` makes of a stack: all that it says, and what is external is there.
fn made_stack(expected: &Stack) -> Stack {
    let files = |files: &BTreeMap<String, StackFile>| {
        let files = files.iter().map(|(name, file)| {
            let is_own = !file.external;
            (
                name.clone(),
                StackFile {
                    is_own,
                    ..file.clone()
                },
            )
        });
        files.collect()
    };
    let running = expected.services.iter().map(|(name, service)| {
        let replicas = service.fields.number("deploy.replicas").unwrap_or(1);
        let replicas = u64::try_from(replicas).unwrap_or_default();
        let running = Running {
            running: replicas,
            desired: replicas,
            ..Running::default()
        };
        (name.clone(), running)
    });
    Stack {
        services: expected.services.clone(),
        configs: files(&expected.configs),
        secrets: files(&expected.secrets),
        live: Some(Swarm {
            running: running.collect(),
            ..Swarm::default()
        }),
        ..Stack::default()
    }
}

fn origin(expected: &State, kind: &str, key: &str, is_external: bool) -> Origin {
    Origin {
        id: id(kind, key, ""),
        created: CREATED.to_owned(),
        project: (!is_external).then(|| expected.project.clone()),
        key: (!is_external).then(|| key.to_owned()),
        has_hash: !is_external,
        config_hash: None,
    }
}

/// 64 hexadecimal digits that are the same for the same thing.
fn id(kind: &str, name: &str, place: &str) -> String {
    sha256(format!("{kind}\0{name}\0{place}"))
}

/// Makes one container of a service.
struct Maker<'a> {
    expected: &'a State,
    name: &'a str,
    service: &'a Service,
    number: u32,
}

impl Maker<'_> {
    fn container(&self, image: &str, taken: &mut u16) -> Container {
        let Self {
            expected, service, ..
        } = *self;
        let mut config = service.config.clone();
        config.container_name = None;
        let mut fields = config.fields;
        // Variables without a value are not set, and namespaces are those of containers.
        let is_known = |fields: &mut Values, path: &str| {
            if let Some(Value::Map(entries)) = fields.get_mut(path) {
                entries.retain(|_, value| value.is_some());
            }
        };
        for field in SERVICE {
            is_known(&mut fields, field.path);
            if field.form == Form::Namespace
                && let Some(text) = fields.text(field.path).and_then(Self::shared)
            {
                fields.set(field, Value::Text(Sensitive::public(text)));
            }
        }
        self.link(&mut fields);
        config.fields = fields;
        let is_job = self.is_job();
        // The image may have a check where the file has none.
        let may_be_checked = config.fields.has_health_check() != Some(false);
        let mode = service.network_mode.as_deref();
        Container {
            id: id("container", self.name, &self.number.to_string()),
            name: service.container_name(&expected.project, self.name, self.number),
            project: Some(expected.project.clone()),
            service: Some(self.name.to_owned()),
            number: Some(self.number),
            state: if is_job { "exited" } else { "running" }.to_owned(),
            exit_code: is_job.then_some(0),
            health: may_be_checked.then(|| "healthy".to_owned()),
            created: CREATED.to_owned(),
            started: CREATED.to_owned(),
            image: image.to_owned(),
            image_id: id("image", image, ""),
            image_at_creation: Some(id("image", image, "")),
            network_mode: mode
                .filter(|mode| !is_default_network(mode))
                .map(|mode| Self::shared(mode).unwrap_or_else(|| mode.to_owned())),
            networks: self.networks(),
            mounts: service
                .mounts
                .iter()
                .map(|mount| self.mount(mount))
                .collect(),
            ports: service.ports.clone(),
            bound: if is_job {
                Vec::new()
            } else {
                self.bound(taken)
            },
            config,
            contents: self.contents(),
            ..Container::default()
        }
    }

    /// Whether others wait for its end.
    fn is_job(&self) -> bool {
        let mut conditions = self
            .expected
            .services
            .values()
            .filter_map(|other| other.depends_on.get(self.name));
        conditions.any(|condition| condition == COMPLETED)
    }

    /// The namespace of a container that a service shares, where it does.
    fn shared(mode: &str) -> Option<String> {
        let other = mode.strip_prefix(state::SERVICE)?;
        Some(format!("{CONTAINER}{}", id("container", other, "1")))
    }

    /// Compose links to each container of a service by three names (docker/compose, `pkg/compose/convergence.go`, `getLinks`).
    fn link(&self, fields: &mut Values) {
        let project = &self.expected.project;
        let mut links = Vec::new();
        for link in fields.list("links") {
            let (other, alias) = link.split_once(':').unwrap_or((link, link));
            let Some(service) = self.expected.services.get(other) else {
                continue;
            };
            for number in 1..=service.replicas {
                let container = service.container_name(project, other, number);
                let numbered = format!("{other}-{number}");
                let whole = container_name(project, other, number);
                for name in [alias, &numbered, &whole] {
                    links.push(format!("{container}:{name}"));
                }
            }
        }
        links.extend(fields.list("external_links").iter().cloned());
        fields.take("external_links");
        if !links.is_empty() {
            fields.insert("links", Value::List(links));
        }
    }

    fn networks(&self) -> BTreeMap<String, Attached> {
        let mode = self.service.network_mode.as_deref();
        let bridge = mode.is_some_and(is_default_network);
        let bridge = bridge.then(|| ("bridge".to_owned(), Attached::default()));
        let joined = self
            .service
            .networks
            .iter()
            .filter_map(|(key, attachment)| {
                let network = self.expected.networks.get(key)?;
                let mut fields = attachment.fields.clone();
                let mut aliases = vec![self.name.to_owned()];
                aliases.extend(fields.list("aliases").iter().cloned());
                fields.insert("aliases", Value::List(aliases));
                let addresses = ATTACHMENT
                    .iter()
                    .filter(|field| field.form == Form::Address);
                let pinned = addresses.filter_map(|field| fields.text(field.path));
                let attached = Attached {
                    network: id("network", key, ""),
                    pinned: pinned.map(str::to_owned).collect(),
                    fields,
                };
                Some((network.name.clone(), attached))
            });
        joined.chain(bridge).collect()
    }

    fn mount(&self, mount: &Mount) -> Mount {
        let source = match (mount.kind, &mount.source) {
            (MountKind::Volume, Some(key)) => {
                let volume = self.expected.volumes.get(key);
                Some(volume.map_or(key, |volume| &volume.name).clone())
            }
            (MountKind::Volume, None) => {
                let place = format!("{} {}", self.number, mount.target);
                Some(id("volume", self.name, &place))
            }
            (_, source) => source.clone(),
        };
        Mount {
            source,
            ..mount.clone()
        }
    }

    /// The ports as the engine publishes them; where it chooses, the next that is free.
    fn bound(&self, taken: &mut u16) -> Vec<Bound> {
        let ports = self.service.ports.iter().map(|port| {
            let first = if let Some(range) = port.published {
                let before = u16::try_from(self.number.saturating_sub(1));
                range.bounds().0.saturating_add(before.unwrap_or(u16::MAX))
            } else {
                *taken = taken.saturating_add(1);
                FIRST_EPHEMERAL.saturating_add(*taken)
            };
            let last = port.published.map_or(first, |range| range.bounds().1);
            Bound {
                target: port.target,
                protocol: port.protocol,
                host_ip: port.host_ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                published: first.min(last),
            }
        });
        ports.collect()
    }

    /// What Compose copies into it.
    fn contents(&self) -> BTreeMap<String, Content> {
        let copies = self.service.copies.iter().map(|copied| {
            let digest = copied.digest.iter().cloned();
            let content = Content {
                kind: FileKind::File,
                mode: Some(copied.mode.unwrap_or(0o444)),
                uid: Some(copied.uid.unwrap_or_default()),
                gid: Some(copied.gid.unwrap_or_default()),
                files: digest.map(|digest| (String::new(), digest)).collect(),
                ..Content::default()
            };
            (copied.target.clone(), content)
        });
        copies.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::made;
    use crate::compose;
    use crate::source::Source;

    #[test]
    fn a_service_is_linked_to_all_containers_of_another_by_the_names_that_they_have() {
        let text = "name: shop
services:
  web: { image: stub, links: [db, 'jobs:work'] }
  db: { image: stub, container_name: store }
  jobs: { image: stub, scale: 2 }
";
        let source: Arc<Source> = Source::new("compose.yml", text);
        let expected = compose::read(&source, &compose::Options::verbatim()).unwrap();
        let made = made(&expected).live.unwrap();
        let web = made.containers.iter().find(|one| one.name == "shop-web-1");
        let links = web.unwrap().config.fields.list("links");
        assert_eq!(
            links,
            [
                "store:db",
                "store:db-1",
                "store:shop-db-1",
                "shop-jobs-1:work",
                "shop-jobs-1:jobs-1",
                "shop-jobs-1:shop-jobs-1",
                "shop-jobs-2:work",
                "shop-jobs-2:jobs-2",
                "shop-jobs-2:shop-jobs-2",
            ]
        );
    }
}
