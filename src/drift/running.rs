//! What a container of the project runs, and whether it runs well.

use std::fmt::Write as _;

use super::cause::certain_cause_of_container;
use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::names::is_id_of;
use super::pair::Pair;
use super::states::States;
use crate::finding::{Cause, Code, Severity};
use crate::state::{Container, image_name};

/// Compares the image that a container was created from.
pub(super) fn image(
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Option<Difference> {
    let Pair {
        name,
        service,
        container,
    } = pair;
    let image = &*service.image_in(&states.expected.project, name)?;
    let is_unset = states.is_unset("services", name, "image");
    coverage.count(!is_unset && states.live.images.contains_key(image));
    if is_unset {
        return None;
    }
    let differs = |message: String, expected: &str, observed: &str| {
        Difference::new(Code::ServiceImage, name, message)
            .values("image", expected, observed)
            .container(&container.name)
            .at(&["services", name, "image"])
    };
    let observed = container.image.as_str();
    if image_name(image) != image_name(observed) && !is_id_of(image, &container.image_id) {
        let message =
            format!("`image` of service `{name}` differs: expected {image}, found {observed}");
        return Some(differs(message, image, observed));
    }
    let Some(id) = states.live.images.get(image) else {
        coverage.unchecked(
            format!("whether service `{name}` runs the image that `{image}` points to"),
            "the engine no longer has an image with this name",
        );
        return None;
    };
    (*id != container.image_id).then(|| {
        let message = format!(
            "service `{name}` runs an outdated image: the tag `{image}` now points to a different image"
        );
        differs(message, id, &container.image_id).by_hand()
    })
}

/// Whether a container runs and is healthy.
pub(super) fn state(pair: Pair<'_>, states: &States<'_>) -> Option<Difference> {
    let Pair {
        name, container, ..
    } = pair;
    let subject = format!("service `{name}`");
    // The health of a container that does not run is that of a time when it did.
    let is_unhealthy = container.is_running() && container.health.as_deref() == Some("unhealthy");
    if is_unhealthy || container.state == "restarting" {
        let (field, wanted, is) = if is_unhealthy {
            ("health", "healthy", "unhealthy")
        } else {
            ("state", "running", "restarting")
        };
        return Some(
            Difference::new(Code::ServiceUnhealthy, name, format!("{subject} is {is}"))
                .severity(Severity::Notice)
                .values(field, wanted, is)
                .container(&container.name)
                .at(&["services", name, field]),
        );
    }
    if container.is_running() || has_done_its_work(pair, states) {
        return None;
    }
    let state = match container.state.as_str() {
        "" => "unknown",
        state => state,
    };
    let mut message = match container.exit_code.filter(|_| state == "exited") {
        Some(code) => format!("{subject} is not running ({state}, code {code})"),
        None => format!("{subject} is not running ({state})"),
    };
    if let Some(error) = &container.error {
        let _ = write!(message, ": {error}");
    }
    Some(
        Difference::new(Code::ServiceStopped, name, message)
            .values("state", "running", state)
            .container(&container.name)
            .at(&["services", name, "state"]),
    )
}

/// Whether a container ended well, and is a job: the file says `restart: no` or `on-failure`, or others of the
/// file wait for its end. A service for which it says neither was stopped.
fn has_done_its_work(pair: Pair<'_>, states: &States<'_>) -> bool {
    let Container {
        exit_code, state, ..
    } = pair.container;
    let policy = pair.service.config.fields.text("restart");
    let ends = |policy: &str| policy == "no" || policy.starts_with("on-failure");
    let is_job = states.index.is_job(pair.name) || policy.is_some_and(ends);
    *exit_code == Some(0) && state == "exited" && is_job
}

/// Whether a container has the name that Compose gives it, or that the file gives it now.
pub(super) fn name(pair: Pair<'_>, states: &States<'_>) -> Option<Difference> {
    let cause = certain_cause_of_container(pair, states.context);
    let Pair {
        name,
        service,
        container,
    } = pair;
    let number = container.number.unwrap_or(1);
    let names = service.container_names(&states.expected.project, name, number);
    // A container that Compose is just replacing has its ID before its name.
    if names.contains(&container.name) {
        return None;
    }
    let wanted = service.container_name(&states.expected.project, name, number);
    let is = container.name.as_str();
    // Compose makes the name that a container is created with an alias of it.
    let was_named = |name: &String| {
        container
            .networks
            .values()
            .any(|network| network.fields.list("aliases").contains(name))
    };
    let is_of_file = match (names.iter().any(was_named), was_named(&container.name)) {
        (true, false) => false,
        (false, true) => true,
        _ => service.config.container_name.is_some() || cause == Cause::Unapplied,
    };
    if is_of_file {
        let message =
            format!("`container_name` of service `{name}` differs: expected {wanted}, found {is}");
        return Some(
            Difference::new(Code::ServiceConfig, name, message)
                .values("container_name", &*wanted, is)
                .container(is)
                .at(&["services", name, "container_name"]),
        );
    }
    let taken = match states.index.container(&wanted) {
        Some(_) => ", which is the name of another container",
        None => "",
    };
    let message =
        format!("the container of service `{name}` is named `{is}`; expected `{wanted}`{taken}");
    Some(
        Difference::new(Code::ServiceRenamed, name, message)
            .severity(Severity::Notice)
            .values("name", &*wanted, is)
            .container(is)
            .by_hand()
            .at(&["services", name, "name"]),
    )
}

/// Something of the definition changed that is not compared, such as the order of DNS servers.
pub(super) fn definition(pair: Pair<'_>) -> Option<Difference> {
    let now = pair.service.config.definition.as_deref()?;
    let then = pair.container.config.definition.as_deref()?;
    if now == then {
        return None;
    }
    let name = pair.name;
    let message = format!(
        "the definition of service `{name}` changed since its container was created, in fields that are not compared"
    );
    Some(
        Difference::new(Code::ServiceConfig, name, message)
            .severity(Severity::Notice)
            .values("definition", now, then)
            .container(&pair.container.name)
            .at(&["services", name, "definition"]),
    )
}

#[cfg(test)]
mod tests {
    use crate::drift::Context;
    use crate::drift::testing::{compared, file, running, web};
    use crate::finding::Code;
    use crate::state::{Container, Service};

    #[test]
    fn a_container_is_renamed_to_a_name_that_is_free() {
        let other = Container {
            id: "bb".into(),
            name: "p-web-x".into(),
            ..web()
        };
        let help = |containers: &[Container]| {
            let mut context = Context::default();
            context.commands.docker = Some(vec!["docker".to_owned()]);
            let live = running(containers);
            let compared = compared(&file(Service::default()), live, &context);
            let mut found = compared.findings.into_iter();
            let found = found.find(|one| one.code == Code::ServiceRenamed).unwrap();
            assert_eq!(found.container.as_deref(), Some("p-web-x"));
            found.help
        };
        assert_eq!(
            help(std::slice::from_ref(&other)).as_deref(),
            Some("docker rename p-web-x p-web-1")
        );
        assert_eq!(help(&[web(), other]), None);
    }
}
