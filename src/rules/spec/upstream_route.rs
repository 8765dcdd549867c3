//! The routes to upstreams that the product itself serves.

use std::net::IpAddr;

use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{Catalog, Environment, Host, Located, Name, Route, Upstream};

pub(super) static RULE: Rule = Rule {
    code: "upstream-route",
    severity: Severity::Error,
    title: "The route to an upstream leads to a host of the same environment",
    why: "If another environment answers, both share what serves it, and one can read the requests of the other.",
    bad: spec! {"staging.yaml", r#"
        upstreams: { compute: { route: "models-prod:11435" } }
    "#},
    good: spec! {"staging.yaml", r#"
        upstreams: { compute: { route: "models-staging:11435" } }
    "#},
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

/// An upstream of an environment that has a route.
struct Routed<'a> {
    environment: &'a Environment,
    name: &'a Name,
    upstream: &'a Upstream,
    route: &'a Located<Route>,
}

impl<'a> Routed<'a> {
    fn of(environment: &'a Environment) -> impl Iterator<Item = Self> {
        environment
            .upstreams
            .iter()
            .filter_map(move |(name, upstream)| {
                Some(Self {
                    environment,
                    name,
                    upstream,
                    route: upstream.route.as_ref()?,
                })
            })
    }

    fn found(&self, message: String, place: &Place) -> Found {
        Found::new(format!("upstreams.{}.route", self.name), message, place).of(self.environment)
    }
}

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for environment in &catalog.environments {
        for routed in Routed::of(environment) {
            if routed.upstream.served_by.is_none() {
                found.extend(unserved(catalog, &routed));
            }
            found.extend(published(&routed));
            let others = catalog.environments.iter();
            for other in others.filter(|other| other.name != environment.name) {
                found.extend(taken(&routed, other));
            }
        }
    }
    found
}

/// Where it is promised that all promises are stated, a route names the host that serves it.
fn unserved(catalog: &Catalog, routed: &Routed<'_>) -> Option<Found> {
    let message = format!(
        "no host of `{}` serves the route `{}`",
        routed.environment.name, routed.route.value
    );
    let found = routed.found(message, &routed.route.place);
    catalog
        .is_strict()
        .then(|| found.label("expected `served_by` beside it"))
}

/// What is wrong with where the port of the route is published: on a public address, where no caller
/// reaches it, or on another address than the route has.
fn published(routed: &Routed<'_>) -> Vec<Found> {
    let Routed {
        environment,
        name,
        upstream,
        route,
    } = routed;
    let Some(server) = environment.server(upstream) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut note = |message: String, place: &Place, label: &'static str| {
        found.push(
            routed
                .found(message, place)
                .label(label)
                .related(&route.place, "the route"),
        );
    };
    for public in server.services.values().flat_map(|service| &service.ports) {
        if public.is_public() && public.may_be_on(route.port) {
            note(
                format!("`{name}` of `{}` is open to the internet", environment.name),
                &public.place,
                "expected a private address of the machine",
            );
        }
    }
    let Some(at) = environment.address(upstream) else {
        found.push(not_published(routed, server));
        return found;
    };
    if at.is_public() {
        return found;
    }
    let caller = environment
        .hosts
        .iter()
        .find(|host| host.machine.value != server.machine.value && host.calls(name));
    if let Some(caller) = caller.filter(|_| at.address.is_loopback()) {
        note(
            format!(
                "`{}` cannot reach `{name}` of `{}`",
                caller.name, environment.name
            ),
            &at.place,
            "expected an address that other machines can reach",
        );
    }
    let address: Result<IpAddr, _> = route.host.as_str().parse();
    if address.is_ok_and(|address| address != at.address) {
        note(
            format!(
                "the route of `{}` leads to {}, but `{name}` is published elsewhere",
                environment.name, route.host
            ),
            &at.place,
            "published here",
        );
    }
    found
}

/// The host that serves the route does not publish its port.
fn not_published(routed: &Routed<'_>, server: &Host) -> Found {
    let port = routed.route.port;
    let message = format!("host `{}` does not publish port {port}", server.name);
    routed
        .found(message, &routed.route.place)
        .label("the route's port")
        .related(&server.place, "this host should serve it")
        .help(format!(
            "publish it under `ports:` of the host, as \"ADDRESS:{port}:CONTAINER_PORT\""
        ))
        .on(server)
}

/// Another environment that publishes the port of the route on the machine, or uses the same name.
fn taken(routed: &Routed<'_>, other: &Environment) -> Option<Found> {
    let (environment, route) = (routed.environment, routed.route);
    let host = route.host.as_str().to_ascii_lowercase();
    let same =
        Routed::of(other).find(|other| other.route.host.as_str().eq_ignore_ascii_case(&host));
    if let Some(same) = same {
        // The environment that the name contains is right.
        if host.contains(environment.name.as_str())
            || (!host.contains(other.name.as_str()) && environment.name < other.name)
        {
            return None;
        }
        let message = format!(
            "`{}` and `{}` use the same name for `{}`, `{host}`",
            environment.name, other.name, routed.name
        );
        return Some(
            routed
                .found(message, &route.place)
                .label("expected its own name")
                .related(&same.route.place, format!("the route of `{}`", other.name))
                .of(other),
        );
    }
    let own = environment.server(routed.upstream)?;
    let rivals = other
        .hosts
        .iter()
        .filter(|host| host.machine.value == own.machine.value);
    let mut published = rivals
        .flat_map(|host| host.services.values())
        .flat_map(|service| &service.ports);
    let rival = published.find(|rival| rival.may_be_on(route.port))?;
    let message = format!(
        "`{}` publishes port {} of machine `{}`, which is the route of `{}`",
        other.name, route.port, own.machine.value, environment.name
    );
    Some(
        Found::new(
            format!("upstreams.{}.route", routed.name),
            message,
            &rival.place,
        )
        .label("expected another port")
        .related(&route.place, "the route")
        .of(other)
        .of(environment),
    )
}
