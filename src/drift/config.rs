//! How the project's containers are configured: every field of the table in `fields`, both ways.
//!
//! Where the file does not set a field, its value is that of the image, or else what the engine makes
//! of it. So a value that was taken out of the file is found, and one that was put in by hand.

use std::borrow::Cow;

use super::capabilities;
use super::container::ComparedContainer;
use super::coverage::{CoverageTracker, NOT_SHOWN_BY_ENGINE};
use super::difference::Difference;
use super::forms::{Sides, opens};
use super::links::links;
use super::names::{UNKNOWN_CONTAINER, mode_in_file};
use super::pair::Pair;
use super::states::States;
use super::{expected, table};
use crate::fields::{Field, FieldDifference, Form, SERVICE};
use crate::finding::Code;
use crate::state::is_joined;

/// Compares the configuration of a service with that of a container.
pub(super) fn config(
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let image = states.live.image_fields.get(&pair.container.image_id);
    if image.is_none() {
        coverage.unchecked(
            format!("the fields that the image of service `{}` sets", pair.name),
            "the image of its container is not known",
        );
    }
    let mut wanted = expected::with_image(&pair.service.config.fields, image);
    expected::add_tmpfs_options(&mut wanted, states.live.dialect.tmpfs_options);
    expected::remove_unshown_permissions(&mut wanted, &pair.container.config.fields);
    let sides = Sides {
        wanted: &wanted,
        is: &pair.container.config.fields,
    };
    let has_same_capabilities = capabilities::are_same(sides, states.live);
    let is = match has_same_capabilities {
        Some(false) => capabilities::as_asked_for(sides, states.live),
        _ => Cow::Borrowed(sides.is),
    };
    let sides = Sides { is: &is, ..sides };
    let has_image = image.is_some();
    let compared = ComparedContainer::of(pair, states, sides, has_image, has_same_capabilities);
    let mut differences = Vec::new();
    for field in SERVICE {
        let is_set = compared.own.get(field.path).is_some();
        if !is_set && states.live.dialect.unknown.contains(&field.path) {
            continue;
        }
        if let Some(why) = why_not(&compared, field) {
            let what = if is_set {
                format!("`{}` of service `{}`", field.path, pair.name)
            } else {
                format!("`{}` of services that do not set it", field.path)
            };
            coverage.unchecked(what, why);
            coverage.count(false);
            continue;
        }
        let unchecked = compared.unchecked(field);
        coverage.count(compared.is_known(field) && unchecked.is_empty());
        for (what, why) in unchecked {
            coverage.unchecked(what, why);
        }
        let found = if field.form == Form::Links {
            Vec::from_iter(links(field, pair, states, compared.sides))
        } else if compared.is_reported(field) {
            table::differences(field, compared.sides, &compared)
        } else {
            Vec::new()
        };
        let found = found.into_iter();
        differences.extend(found.filter_map(|one| explained(&compared, field, one)));
    }
    differences
}

/// Fields that an engine drops where the kernel does not support them; the first two on every kernel,
/// the others on those with version 2 of cgroups.
const NEEDS_KERNEL: &[&str] = &[
    "blkio_config.weight",
    "blkio_config.weight_device",
    "mem_swappiness",
    "oom_kill_disable",
];
const NEEDS_BLOCK_KERNEL: &[&str] = &["blkio_config.weight", "blkio_config.weight_device"];

/// Why a field cannot be compared.
fn why_not(compared: &ComparedContainer<'_>, field: &Field) -> Option<&'static str> {
    let live = compared.states.live;
    if let Some(why) = compared.states.why_not(field.path) {
        return Some(why);
    }
    if field.form == Form::Capabilities && compared.has_same_capabilities.is_none() {
        return Some("this engine does not say which capabilities a container has by default");
    }
    if compared.is_of_unknown(field) {
        return Some(UNKNOWN_CONTAINER);
    }
    let needs_kernel = match live.engine.cgroups.as_deref() {
        Some("2") => NEEDS_KERNEL,
        _ => NEEDS_BLOCK_KERNEL,
    };
    let (own, is) = (compared.own, compared.sides.is);
    let shown = is.text(field.path).unwrap_or_default();
    if live.dialect.vague.contains(&(field.path, shown))
        && !own.text(field.path).is_some_and(is_joined)
    {
        return Some(NOT_SHOWN_BY_ENGINE);
    }
    let (is_set, is_shown) = (own.get(field.path).is_some(), is.get(field.path).is_some());
    if field.form == Form::Platform && is_set && !is_shown {
        return Some("the platform of its image is not known");
    }
    let is_dropped = is_set && !is_shown;
    (is_dropped && needs_kernel.contains(&field.path))
        .then_some("an engine drops it where the kernel does not support it")
}

fn explained(
    compared: &ComparedContainer<'_>,
    field: &Field,
    mut one: FieldDifference,
) -> Option<Difference> {
    let Pair {
        name, container, ..
    } = compared.pair;
    if compared.states.is_unset("services", name, &one.field) {
        return None;
    }
    let opens = opens(field, &one.expected, &one.observed);
    if let (Form::Namespace, Some(mode)) = (field.form, one.observed.as_str()) {
        one.observed = mode_in_file(mode, compared.states).into();
    }
    let message = one.message(&format!("service `{name}`"));
    Some(
        Difference::new(Code::ServiceConfig, name, message)
            .exposure_if(opens)
            .container(&container.name)
            .of(&["services", name], field, one),
    )
}

#[cfg(test)]
mod tests;
