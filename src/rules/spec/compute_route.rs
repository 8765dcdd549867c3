//! The models' route is an environment's own.

use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::{Catalog, Environment, Route};

pub(super) static RULE: Rule = Rule {
    code: "compute-route",
    severity: Severity::Error,
    title: "The route to the models is served by the environment's own host, and by no other",
    why: "A route that another environment answers lets one of them use up the models of both, and read what the other asks.",
    origin: "",
    bad: Example::Spec {
        file: "staging.yaml",
        text: "compute: { route: \"models-prod:11435\" }\n",
    },
    good: Example::Spec {
        file: "staging.yaml",
        text: "compute: { route: \"models-staging:11435\" }\n",
    },
    check: Check::Spec(check),
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for environment in &catalog.environments {
        let Route::Address { host: name, port } = &environment.compute.route.value else {
            continue;
        };
        let route = &environment.compute.route;
        if environment.compute.served_by.is_none() {
            found.push(
                Found::new(
                    "compute.route",
                    format!(
                        "no host of `{}` serves the route `{}`",
                        environment.name, route.value
                    ),
                    route.place.clone(),
                )
                .label("expected a `served_by` beside it")
                .of(environment),
            );
        }
        if let Some(published) = environment
            .compute_address()
            .filter(|port| port.is_public())
        {
            found.push(
                Found::new(
                    "compute.route",
                    format!(
                        "the models of `{}` are published to the world",
                        environment.name
                    ),
                    published.place.clone(),
                )
                .label("expected a private address of the machine")
                .related(route.place.clone(), "the route")
                .of(environment),
            );
        }
        for other in catalog
            .environments
            .iter()
            .filter(|other| other.name != environment.name)
        {
            found.extend(taken(environment, name.as_str(), *port, other));
        }
    }
    found
}

/// Another environment that answers on the route's port of the machine, or calls the same name.
fn taken(environment: &Environment, name: &str, port: u16, other: &Environment) -> Option<Found> {
    let route = &environment.compute.route;
    if let Route::Address { host, .. } = &other.compute.route.value
        && host.as_str() == name
    {
        // The one whose name stands in it is right.
        if name.contains(environment.name.as_str())
            || (!name.contains(other.name.as_str()) && environment.name < other.name)
        {
            return None;
        }
        return Some(
            Found::new(
                "compute.route",
                format!(
                    "`{}` and `{}` call their models by one name, `{name}`",
                    environment.name, other.name
                ),
                route.place.clone(),
            )
            .label("expected a name of its own")
            .related(
                other.compute.route.place.clone(),
                format!("that of `{}`", other.name),
            )
            .of(environment)
            .of(other),
        );
    }
    let server = environment.compute.served_by.as_ref()?;
    let own = environment
        .hosts
        .iter()
        .find(|host| host.name == server.value)?;
    let rivals = other
        .hosts
        .iter()
        .filter(|host| host.machine.value == own.machine.value);
    let mut published = rivals
        .flat_map(|host| host.services.values())
        .flat_map(|service| &service.ports);
    let rival = published.find(|rival| rival.port.fixed() == Some(port))?;
    Some(
        Found::new(
            "compute.route",
            format!(
                "`{}` publishes port {port} of machine `{}`, which is the route of `{}`",
                other.name, own.machine.value, environment.name
            ),
            rival.place.clone(),
        )
        .label("expected another port")
        .related(route.place.clone(), "the route")
        .of(other)
        .of(environment),
    )
}
