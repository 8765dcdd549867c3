//! A misspelt field or driver of a request for GPUs.

use super::each;
use crate::compose::{At, fields_of_service};
use crate::diagnostic::is_one_slip;
use crate::rules::prelude::*;
use crate::text::expected;

pub(super) static RULE: Rule = Rule {
    code: "gpu-field",
    severity: Severity::Error,
    title: "A request for GPUs has the fields that Compose knows",
    why: "Compose 2 ignores an unknown field of `gpus`: without its `count`, a service gets all of them. An engine refuses a driver that it does not have.",
    origin: "compose-go, `schema/compose-spec.json`",
    bad: service!("gpus: [{ driver: nvidia, cuont: 1 }]"),
    good: service!("gpus: [{ driver: nvidia, count: 1 }]"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

/// Where the same request has a closed list of fields.
const RESERVED: [&str; 4] = ["deploy", "resources", "reservations", "devices"];

/// Drivers that come with Docker.
const DRIVERS: [&str; 2] = ["nvidia", "cdi"];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let known = fields_of_service(&RESERVED).unwrap_or_default();
    each(deployed, |service| {
        let requests = service
            .items("gpus")
            .chain(service.dig(&RESERVED).into_iter().flat_map(At::items));
        let mut found = Vec::new();
        for request in requests {
            for (field, at) in request.entries() {
                if !known.contains(&field) && !field.starts_with("x-") {
                    let message = format!("a request for GPUs has an unknown field `{field}`");
                    found.push(
                        Found::new(service.name, message, at.key_place())
                            .label(expected::one_of(&known))
                            .did_you_mean(field, known.iter().copied()),
                    );
                }
            }
            let driver = request
                .get("driver")
                .and_then(|at| Some((at.text().filter(|_| at.is_known())?, at)));
            if let Some((driver, at)) = driver
                && DRIVERS.iter().any(|known| is_one_slip(&driver, known))
            {
                let message = format!("`{driver}` is not a driver for GPUs");
                found.push(
                    Found::new(service.name, message, at.place())
                        .label(expected::one_of(DRIVERS))
                        .did_you_mean(&driver, DRIVERS),
                );
            }
        }
        found
    })
}
