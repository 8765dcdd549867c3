//! Public ports that lead to a port on which nothing is said to listen.

use crate::rules::prelude::*;
use crate::spec::Catalog;
use crate::state::Protocol;

pub(super) static RULE: Rule = Rule {
    code: "port-not-served",
    severity: Severity::Warning,
    title: "The public ports of a service lead to the port that it serves",
    why: "With another port behind them, the engine accepts connections that nothing answers.",
    bad: spec! {"prod.yaml", r#"
        hosts:
          # `app` serves 3000.
          live: { ports: { app: ["0.0.0.0:443:3001"] } }
    "#},
    good: spec! {"prod.yaml", r#"
        hosts:
          live: { ports: { gate: ["0.0.0.0:443:443"] } }
    "#},
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host, service) in catalog.services() {
        let Some(serves) = &service.serves else {
            continue;
        };
        let metrics = service.metrics.as_ref().map(|metrics| metrics.port.value);
        let mut public = service
            .ports
            .iter()
            .filter(|port| port.is_public() && port.protocol == Protocol::Tcp);
        let is_meant = |port: u16| port == serves.value || Some(port) == metrics;
        let Some(first) = public.clone().next() else {
            continue;
        };
        if public.any(|port| is_meant(port.target)) {
            continue;
        }
        let (name, target) = (&service.name, first.target);
        let message = format!(
            "`{}` leads to port {target} of `{name}`, which serves {}",
            first.value, serves.value
        );
        found.push(
            Found::new(name, message, &first.place)
                .label(format!("expected port {} behind it", serves.value))
                .related(&serves.place, "it serves this")
                .of_service(environment, host, service),
        );
    }
    found
}
