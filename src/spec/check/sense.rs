//! What is declared can work.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::fields;
use crate::source::Place;
use crate::spec::{Catalog, Environment, Host, Key, Located, Machine, Published, Service, Trait};
use crate::state::DEFINITION;
use crate::text::expected;
use crate::yaml::Tree;

/// Notes what cannot work.
pub(super) fn check(catalog: &Catalog, problems: &mut Diagnostics) {
    for environment in &catalog.environments {
        upstreams(environment, problems);
        for host in &environment.hosts {
            let machine = catalog.machines.get(&host.machine.value);
            labels(host, problems);
            for service in host.services.values() {
                way_out(host, service, problems);
                said_twice(service, problems);
                job_restarted(host, service, problems);
                if host.by_hand().is_some() {
                    continue;
                }
                for port in &service.ports {
                    if let Some(machine) = machine {
                        published(host, machine, port, problems);
                    }
                }
            }
            if host.by_hand().is_none() {
                secrets(environment, host, problems);
            }
            routes(host, problems);
        }
    }
}

/// The label of the digest is composegen's own.
fn labels(host: &Host, problems: &mut Diagnostics) {
    let services = host.services.values().flat_map(|service| {
        let deploy = service.compose.get("deploy");
        [Some(&service.compose), deploy]
    });
    let networks = host.networks.values().map(|network| Some(&network.compose));
    let volumes = host.volumes.values().map(|volume| Some(&volume.compose));
    let all = services.chain(networks).chain(volumes).flatten();
    for labels in all.filter_map(|tree| tree.get("labels")) {
        let listed = labels.items().iter().filter(|item| {
            let text = item.as_str().unwrap_or_default();
            text.split('=').next() == Some(DEFINITION)
        });
        let named = labels.get(DEFINITION).map(Tree::key_place);
        for place in named.into_iter().chain(listed.map(Tree::place)) {
            problems.push(
                Diagnostic::new(
                    format!("the label `{DEFINITION}` is composegen's own"),
                    place,
                )
                .label("expected no such label: composegen writes the digest of the definition"),
            );
        }
    }
}

/// Reports `served_by` without a `route`, where it has no effect.
fn upstreams(environment: &Environment, problems: &mut Diagnostics) {
    for upstream in environment.upstreams.values() {
        let (None, Some(server)) = (&upstream.route, &upstream.served_by) else {
            continue;
        };
        problems.push(
            Diagnostic::new(
                "`served_by` has no effect without a `route`",
                server.place.to_key(),
            )
            .label("expected a `route` beside it, or no `served_by`")
            .related(upstream.place.clone(), "the upstream"),
        );
    }
}

/// A service whose networks are all internal cannot call anything outside.
fn way_out(host: &Host, service: &Service, problems: &mut Diagnostics) {
    let is_elsewhere = service.networks.is_empty() || service.compose.get("network_mode").is_some();
    let has_way_out = is_elsewhere
        || service.networks.iter().any(|network| {
            let network = host.networks.get(&network.value);
            network.is_none_or(|network| !network.is_internal())
        });
    if has_way_out {
        return;
    }
    let why = "it is attached only to `internal` networks";
    for call in &service.calls {
        problems.push(
            Diagnostic::new(
                format!("service `{}` cannot call {}", service.name, call.value),
                call.place.clone(),
            )
            .label(why)
            .related(service.place.clone(), "the service"),
        );
    }
}

/// A job ends, and would be started again for ever.
fn job_restarted(host: &Host, service: &Service, problems: &mut Diagnostics) {
    let restart = service.compose.get("restart");
    let policy = restart.and_then(|restart| Some((restart.as_str()?, restart)));
    if let Some((policy @ ("always" | "unless-stopped"), restart)) = policy
        && service.has(Trait::Job)
        && !host.is_stack()
    {
        let role = service.role.as_ref().map(|role| &role.place);
        let mut problem = Diagnostic::new(
            format!(
                "service `{}` is a job, and `restart: {policy}` runs it again whenever it ends",
                service.name
            ),
            restart.place(),
        )
        .label("expected `on-failure` or \"no\", or none");
        if let Some(role) = role {
            problem = problem.related(role.clone(), "a role of jobs");
        }
        problems.push(problem);
    }
}

/// What a service says in two ways: only one of them would be in the Compose file.
fn said_twice(service: &Service, problems: &mut Diagnostics) {
    let mut note = |first: (String, Place), second: (&str, Place)| {
        let message = format!(
            "service `{}` has `{}` and `{}`",
            service.name, first.0, second.0
        );
        problems.push(
            Diagnostic::new(message, first.1.to_key())
                .label(expected::ONE_OF_TWO)
                .related(second.1.to_key(), "the other one"),
        );
    };
    let dig = |path: &str| {
        let mut keys = path.split('.');
        keys.try_fold(&service.compose, |tree, key| tree.get(key))
    };
    let limits = &service.limits;
    for (key, place) in [
        ("cpus", limits.cpus.as_ref().map(|limit| &limit.place)),
        ("memory", limits.memory.as_ref().map(|limit| &limit.place)),
        ("pids", limits.pids.as_ref().map(|limit| &limit.place)),
    ] {
        let deploy = format!("deploy.resources.limits.{key}");
        let own = fields::limits().find_map(|(own, path)| (path == deploy).then_some(own));
        for path in [Some(deploy.as_str()), own].into_iter().flatten() {
            if let (Some(place), Some(written)) = (place, dig(path)) {
                let first = (format!("limits.{key}"), place.clone());
                note(first, (path, written.place()));
            }
        }
    }
    let dependencies = dig("depends_on");
    for need in &service.needs {
        let name = need.service.as_str();
        let written = dependencies.and_then(|written| {
            let mut listed = written
                .items()
                .iter()
                .filter(|item| item.as_str() == Some(name));
            written.get(name).or_else(|| listed.next())
        });
        if let Some(written) = written {
            let first = (format!("needs.{name}"), need.service.place.clone());
            note(first, (&format!("depends_on.{name}"), written.place()));
        }
    }
    let (own, _) = service
        .ports
        .split_at_checked(service.ports.len().saturating_sub(service.listed.len()))
        .unwrap_or_default();
    for port in &service.listed {
        let same = own.iter().find(|own| own.value == port.value);
        if let Some(same) = same {
            let text = port.value.to_string();
            problems.push(
                Diagnostic::new(
                    format!("`{text}` of service `{}` is published twice", service.name),
                    port.place.clone(),
                )
                .label("expected it once")
                .related(same.place.clone(), "the service publishes it itself"),
            );
        }
    }
}

/// A secret is declared by the host, or is a file in the environment's directory of secrets.
fn secrets(environment: &Environment, host: &Host, problems: &mut Diagnostics) {
    if environment.secret_directory().is_some() {
        return;
    }
    let declared: Vec<&str> = host
        .sections
        .get("secrets")
        .map(Tree::entries)
        .unwrap_or_default()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let services = host.services.values();
    let missing: Vec<(&Service, &Located<Key>)> = services
        .flat_map(|service| service.secrets.iter().map(move |secret| (service, secret)))
        .filter(|(_, secret)| !declared.contains(&secret.as_str()))
        .collect();
    let Some((_, first)) = missing.first() else {
        return;
    };
    let given = |service: &Service| {
        let own: Vec<String> = missing
            .iter()
            .filter(|(user, _)| user.name == service.name)
            .map(|(_, secret)| format!("`{}`", secret.value))
            .collect();
        let secrets = if own.len() == 1 { "secret" } else { "secrets" };
        format!(
            "service `{}` uses the {secrets} {}",
            service.name,
            own.join(" and ")
        )
    };
    let mut users: Vec<String> = missing.iter().map(|(service, _)| given(service)).collect();
    users.dedup();
    let what = format!(
        "`{}` has no directory of secrets: {}",
        environment.name,
        users.join(", ")
    );
    let mut problem = Diagnostic::new(what, first.place.clone())
        .label("expected no secret here")
        .did_you_mean(first.as_str(), declared.iter().copied());
    let class = environment
        .secrets
        .as_ref()
        .and_then(|secrets| secrets.class.as_ref());
    if let Some(class) = class {
        problem = problem.related(class.place.clone(), "this class has no `directory`");
    }
    problems.push(problem.help(format!(
        "say where they are, `secrets: {{ directory: ./secrets }}` of `{}`; or declare them under `secrets:` of the host \
         as Compose does; or say `secrets: null` for the services in this environment",
        environment.name
    )));
}

/// A port is published on an address that the machine has.
fn published(
    host: &Host,
    machine: &Machine,
    port: &Located<Published>,
    problems: &mut Diagnostics,
) {
    let mut addresses = machine.addresses.values();
    if port.address.is_loopback()
        || port.is_public()
        || addresses.any(|address| address.value == port.address)
    {
        return;
    }
    let known: Vec<String> = machine.addresses.values().map(|a| a.to_string()).collect();
    let expected = if known.is_empty() {
        "expected a loopback address: the machine has no `addresses`".to_owned()
    } else {
        expected::one_of(known)
    };
    problems.push(
        Diagnostic::new(
            format!(
                "machine `{}` has no address {}",
                host.machine.value, port.address
            ),
            port.place.clone(),
        )
        .label(expected)
        .related(machine.place.clone(), "the machine"),
    );
}

/// A route leads to a service that answers on some port.
fn routes(host: &Host, problems: &mut Diagnostics) {
    for name in host.routes.values().flat_map(|routes| routes.values()) {
        let Some(service) = host.services.get(&name.value) else {
            continue;
        };
        if service.serves.is_none() {
            problems.push(
                Diagnostic::new(
                    format!("service `{}` has no `serves` port", name.value),
                    name.place.clone(),
                )
                .label("a route leads to it")
                .related(service.place.clone(), "expected a field `serves` here"),
            );
        }
    }
}
