//! The passes that check the parts of a model against each other (compose-go, `validation/`,
//! `loader/validate.go`).

mod cycles;
mod model;
mod numbers;

use std::collections::{BTreeMap, BTreeSet};

use super::fields::TEST_KINDS;
use super::notes::Notes;
use super::tree::{Entry, Kind, Mark, Node};
use crate::diagnostic::{Diagnostic, ProblemKind};
use crate::orchestrator::Orchestrator;
use crate::source::Path;
use crate::state::SERVICE;
use crate::text::expected;
pub(super) use model::model;

/// Checks a project as a whole. `disabled` are the services whose profile is not enabled.
pub(super) fn project(
    root: &Node,
    disabled: &BTreeSet<String>,
    orchestrator: Orchestrator,
    notes: &mut Notes,
) {
    // `docker stack deploy` drops names of containers, builds and the order of services.
    let is_stack = orchestrator.is_swarm();
    let check = Check {
        root,
        disabled,
        is_stack,
    };
    let mut names: BTreeMap<&str, (&str, Mark)> = BTreeMap::new();
    for (name, entry) in root.section("services") {
        check.service(name, entry, notes);
        if !is_stack
            && let Some(text) = entry.value.text_of("container_name")
            && let Some(own) = entry.value.get("container_name")
        {
            if let Some((other, at)) = names.get(text) {
                let diagnostic = Diagnostic::new(
                    format!("service `{other}` already uses the container name `{text}`"),
                    notes.place(own.at),
                )
                .of_kind(ProblemKind::NameTaken)
                .label("expected a unique name")
                .related(notes.place(*at), "used here");
                notes.push(diagnostic);
            }
            names.insert(text, (name, own.at));
        }
    }
    for (name, entry) in root.section("secrets") {
        let secret = &entry.value;
        let has_content = ["file", "environment"].map(|key| secret.text_of(key).is_some());
        // A swarm asks its driver.
        let is_driven = is_stack && secret.text_of("driver").is_some();
        if !secret.is_true("external") && !has_content.contains(&true) && !is_driven {
            notes.problem(
                entry.key_at,
                format!("secret `{name}` has no content"),
                "expected a `file` or an `environment`",
            );
        }
    }
    if !is_stack && notes.go_on().is_ok() {
        cycles::cycles(root, notes);
    }
}

struct Check<'a> {
    root: &'a Node,
    disabled: &'a BTreeSet<String>,
    is_stack: bool,
}

impl Check<'_> {
    fn service(&self, name: &str, entry: &Entry, notes: &mut Notes) {
        let service = &entry.value;
        let has_image = service.text_of("image").is_some();
        if !has_image && service.field("build").is_none() && service.field("provider").is_none() {
            let diagnostic = Diagnostic::new(
                format!("service `{name}` has neither an image nor a build"),
                notes.place(entry.key_at),
            )
            .label("expected an `image` or a `build`")
            .of_kind(ProblemKind::Incomplete);
            notes.push(diagnostic);
        }
        if !self.is_stack {
            self.build(name, service, notes);
            watches(service, notes);
            self.dependencies(name, service, notes);
            healthcheck(service, notes);
        }
        numbers::scale(service, self.is_stack, notes);
        self.networks(service, notes);
        for mount in service.list("volumes") {
            if mount.text_of("type") == Some("volume")
                && let Some(text) = mount.text_of("source")
                && let Some(source) = mount.get("source")
                && source.unset.is_none()
            {
                self.reference("volumes", text, source.at, notes);
            }
        }
        for section in ["configs", "secrets"] {
            for file in service.list(section) {
                self.file(section, file, notes);
            }
        }
        for (model, entry) in service.section("models") {
            if model.starts_with("x-") {
                extension(model, entry.key_at, notes);
            } else {
                self.reference("models", model, entry.key_at, notes);
            }
        }
        numbers::limits(name, service, notes);
        numbers::targets(service, notes);
    }

    fn build(&self, name: &str, service: &Node, notes: &mut Notes) {
        let Some(build) = service.field("build") else {
            return;
        };
        if build.text_of("dockerfile").is_some() && build.text_of("dockerfile_inline").is_some() {
            notes.problem(
                build.at,
                "a build cannot have both `dockerfile` and `dockerfile_inline`",
                expected::ONE_OF_TWO,
            );
        }
        for (_, entry) in build.section("additional_contexts") {
            let text = entry.value.as_text().unwrap_or_default();
            let Some(other) = text.strip_prefix(SERVICE) else {
                continue;
            };
            let Some(service) = self.root.dig(&["services", other]) else {
                self.reference("services", other, entry.value.at, notes);
                continue;
            };
            if service.field("build").is_none() {
                notes.problem(
                    entry.value.at,
                    format!("service `{other}` has no `build`"),
                    "expected a service with a `build`",
                );
            }
        }
        for secret in build.list("secrets") {
            self.file("secrets", secret, notes);
        }
        let platforms = build.list("platforms");
        if let Some(platform) = service.get("platform")
            && !platforms.is_empty()
            && service.text_of("platform").is_some()
            && !platforms.contains(platform)
        {
            notes.problem(
                platform.at,
                format!("service `{name}` is not built for its platform"),
                "expected one of `build.platforms`",
            );
        }
    }

    fn file(&self, section: &str, file: &Node, notes: &mut Notes) {
        if let Some(source) = file.get("source").filter(|source| source.unset.is_none()) {
            let text = source.as_text().unwrap_or_default();
            self.reference(section, text, source.at, notes);
        } else if file.get("source").is_none() && file.unset.is_none() {
            self.reference(section, "", file.at, notes);
        }
    }

    fn networks(&self, service: &Node, notes: &mut Notes) {
        let joined = service.get("networks").and_then(Node::as_map);
        if let Some(mode) = service.entry("network_mode")
            && let Some(text) = service.text_of("network_mode")
        {
            if let Some(networks) = service.entry("networks")
                && joined.is_some_and(|joined| !joined.is_empty())
            {
                let diagnostic = Diagnostic::new(
                    "a service cannot have both `networks` and `network_mode`",
                    notes.place(networks.key_at),
                )
                .label(expected::ONE_OF_TWO)
                .related(notes.place(mode.key_at), "the other one");
                notes.push(diagnostic);
                return;
            }
            if let Some(shared) = text.strip_prefix(SERVICE)
                && mode.value.unset.is_none()
            {
                self.reference("services", shared, mode.value.at, notes);
            }
        }
        let known = joined.into_iter().flatten();
        for (network, entry) in known.filter(|(_, entry)| entry.value.unset.is_none()) {
            if network.starts_with("x-") {
                extension(network, entry.key_at, notes);
            } else {
                self.reference("networks", network, entry.key_at, notes);
            }
        }
    }

    fn dependencies(&self, name: &str, service: &Node, notes: &mut Notes) {
        for (other, entry) in service.section("depends_on") {
            let is_there = self.root.dig(&["services", other]).is_some();
            let required = entry.value.get("required").map(|required| &required.kind);
            let is_required = required != Some(&Kind::Bool(false));
            let is_optional = self.disabled.contains(other) && !is_required;
            if is_there || is_optional || entry.value.unset.is_some() {
                continue;
            }
            if self.disabled.contains(other) {
                let diagnostic = Diagnostic::new(
                    format!("service `{name}` depends on `{other}`, whose profile is not enabled"),
                    notes.place(entry.key_at),
                )
                .label("expected a service that runs")
                .help("give both the same profile, enable it with --profile where the files are your own, or set `required: false`");
                notes.push(diagnostic);
            } else {
                self.reference("services", other, entry.key_at, notes);
            }
        }
    }

    /// Notes a reference to something that the file does not declare.
    fn reference(&self, section: &str, name: &str, at: Mark, notes: &mut Notes) {
        let declared = self.root.get(section);
        // A suggestion takes time, and is lost once no more mistakes are shown.
        if declared.is_some_and(|declared| declared.get(name).is_some()) || notes.is_full() {
            return;
        }
        let what = section.trim_end_matches('s');
        let known: Vec<&str> = self.root.section(section).map(|(name, _)| name).collect();
        let label = match known.len() {
            0 => format!("the file declares no {section}"),
            1..=12 => expected::one_of(&known),
            _ => format!("expected a declared {what}"),
        };
        let place = notes.place(at);
        // What the file declares itself was not taken over.
        let own = Path::root().key(section).key(name);
        let is_left = place.source.missing_steps(&own) == 0;
        let mut diagnostic = Diagnostic::new(format!("{what} `{name}` is not declared"), place)
            .label(label)
            .did_you_mean(name, known)
            .follows_from(format!("{what} {name}"));
        if is_left {
            let help = format!(
                "`extends` takes over the service alone: declare the {what} in the file that extends it"
            );
            diagnostic = diagnostic.help(help);
        }
        notes.push(diagnostic);
    }
}

/// A watch has a target, unless it rebuilds or restarts the service.
fn watches(service: &Node, notes: &mut Notes) {
    let watched = service.dig(&["develop", "watch"]);
    for watch in watched.map(Node::items).unwrap_or_default() {
        let text = |key| watch.get(key).and_then(Node::as_text).unwrap_or_default();
        if text("target").is_empty() && !matches!(text("action"), "rebuild" | "restart") {
            let message = format!("`{}` has no target", text("action"));
            notes.problem(watch.at, message, "expected a field `target`");
        }
    }
}

/// Compose reads every key that begins with `x-` as an extension, also where it is a name.
pub(super) fn extension(name: &str, at: Mark, notes: &mut Notes) {
    let diagnostic = Diagnostic::new(
        format!("Compose reads `{name}` as an extension, not as a name"),
        notes.place(at),
    )
    .label("expected a name that does not begin with `x-`");
    notes.push(diagnostic);
}

/// A health check begins with how it is run.
fn healthcheck(service: &Node, notes: &mut Notes) {
    let test = service.dig(&["healthcheck", "test"]);
    if let Some(first) = test.and_then(|test| test.items().first())
        && let Some(text) = first.as_text()
        && !TEST_KINDS.contains(&text)
        && first.unset.is_none()
    {
        let diagnostic = Diagnostic::new(
            "the `test` of a health check does not begin with CMD, CMD-SHELL or NONE",
            notes.place(first.at),
        )
        .label("expected CMD, CMD-SHELL or NONE")
        .did_you_mean(text, TEST_KINDS);
        notes.push(diagnostic);
    }
}
