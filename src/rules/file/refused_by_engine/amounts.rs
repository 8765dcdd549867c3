//! Numbers of a service that an engine refuses (moby, `daemon/daemon_unix.go`, `verifyPlatformContainerResources`), or runc
//! where it starts the container.

use super::bad;
use crate::compose::{At, Service, bytes};
use crate::rules::prelude::*;
use crate::text::expected;

/// The least memory of a container (moby, `linuxMinMemory`).
const LEAST_MEMORY: i64 = 6 << 20;

/// Numbers and what they may be; 0 is not set.
const RANGES: [(&str, i64, i64, &str); 4] = [
    ("mem_swappiness", -1, 100, "expected a number from 0 to 100"),
    ("cpu_shares", 0, i64::MAX, "expected zero or more"),
    (
        "cpu_period",
        1_000,
        1_000_000,
        "expected microseconds from 1000 to 1000000",
    ),
    (
        "cpu_quota",
        1_000,
        i64::MAX,
        "expected at least 1000 microseconds",
    ),
];

/// What can be limited by `ulimits` (runc, `libcontainer/specconv`).
const ULIMITS: [&str; 16] = [
    "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile",
    "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
];

pub(super) fn refused(service: Service<'_>) -> Vec<Found> {
    let mut found = memory(service);
    found.extend(ulimits(service));
    let name = service.name;
    for (key, least, most, expected) in RANGES {
        let is_good = |text: &str| {
            let number = text.parse::<i64>().unwrap_or_default();
            // -1 means no quota.
            let is_none = number == 0 || key == "cpu_quota" && number < 0;
            is_none || (least..=most).contains(&number)
        };
        if let Some((text, at)) = bad(service.get(key), is_good) {
            let message = format!("`{key}` of `{name}` cannot be `{text}`");
            found.push(Found::new(name, message, at.place()).label(expected));
        }
    }
    let mut times = ["cpu_period", "cpu_quota"].into_iter();
    if service.limits("cpus").any(is_set)
        && let Some((key, at)) = times.find_map(|key| {
            let at = service.get(key)?;
            is_set(at).then_some((key, at))
        })
    {
        let message = format!("`{name}` cannot have both `cpus` and `{key}`");
        found.push(Found::new(name, message, at.key_place()).label(expected::ONE_OF_TWO));
    }
    found
}

/// Whether a number is known and not 0.
fn is_set(at: At<'_>) -> bool {
    let text = at.text().filter(|_| at.is_known());
    text.and_then(|text| text.parse::<f64>().ok())
        .is_some_and(|number| number > 0.0)
}

/// An amount of memory that is known.
fn amount<'a>(service: Service<'a>, limit: &str) -> Option<(i64, At<'a>)> {
    let at = service.limits(limit).next()?;
    let text = at.text().filter(|_| at.is_known() && !at.is_fraction())?;
    Some((bytes(&text)?, at)).filter(|(bytes, _)| *bytes != 0)
}

fn memory(service: Service<'_>) -> Vec<Found> {
    let name = service.name;
    let limit = amount(service, "mem_limit");
    let reserved = amount(service, "mem_reservation");
    let swap = amount(service, "memswap_limit");
    let mut found = Vec::new();
    for (bytes, at) in [limit, reserved].into_iter().flatten() {
        if (1..LEAST_MEMORY).contains(&bytes) {
            let message = format!(
                "`{name}` cannot have so little memory: {}",
                at.text().unwrap_or_default()
            );
            found.push(Found::new(name, message, at.place()).label("expected at least 6 MiB"));
        }
    }
    if let (Some((limit, at_limit)), Some((reserved, at))) = (limit, reserved)
        && reserved > limit
    {
        let message = format!("`{name}` cannot reserve more memory than its limit");
        found.push(
            Found::new(name, message, at.place())
                .label("expected no more than the limit")
                .related(at_limit.place(), "the limit"),
        );
    }
    // -1, which is not an amount, is swap without a limit.
    if let Some((swap, at)) = swap {
        let expected = match limit {
            Some((limit, _)) if swap < limit => {
                "expected memory and swap together, at least the memory limit"
            }
            None if !is_limited(service) => "expected a memory limit as well",
            _ => return found,
        };
        let message = format!("`{name}` cannot have this `memswap_limit`");
        found.push(Found::new(name, message, at.place()).label(expected));
    }
    found
}

/// Whether there is a memory limit, known or not.
fn is_limited(service: Service<'_>) -> bool {
    service
        .limits("mem_limit")
        .any(|at| !at.is_known() || at.text().and_then(|it| bytes(&it)) != Some(0))
}

fn ulimits(service: Service<'_>) -> Vec<Found> {
    let name = service.name;
    let mut found = Vec::new();
    for (kind, at) in service.get("ulimits").into_iter().flat_map(At::entries) {
        let small = kind.to_ascii_lowercase();
        if !ULIMITS.contains(&small.as_str()) {
            let message = format!("`{kind}` of `{name}` is not a ulimit");
            found.push(
                Found::new(name, message, at.key_place())
                    .label("expected the name of a ulimit, such as nofile")
                    .did_you_mean(&small, ULIMITS),
            );
        }
        let number = |key| {
            let at: At<'_> = at.get(key)?;
            let number = at.text().filter(|_| at.is_known())?.parse::<i64>().ok()?;
            // -1 is not a limit.
            Some(if number < 0 { i64::MAX } else { number })
        };
        if let (Some(soft), Some(hard)) = (number("soft"), number("hard"))
            && soft > hard
        {
            let message = format!("the soft limit `{kind}` of `{name}` is above the hard one");
            found.push(
                Found::new(name, message, at.key_place())
                    .label("expected no more than the hard limit"),
            );
        }
    }
    found
}
