//! The passes that check what one part of a model says of another (compose-go, `validation/`,
//! `loader/validate.go`).

mod cycles;
mod model;
mod numbers;

use std::collections::{BTreeMap, BTreeSet};

use super::notes::Notes;
use super::tree::{Entry, Kind, Mark, Node};
use crate::diagnostic::Diagnostic;
pub(super) use model::model;

/// Checks a project as a whole. `disabled` are the services whose profile is not asked for.
pub(super) fn project(root: &Node, disabled: &BTreeSet<String>, notes: &mut Notes) {
    let check = Check { root, disabled };
    let mut names: BTreeMap<&str, (&str, Mark)> = BTreeMap::new();
    for (name, entry) in root.section("services") {
        check.service(name, entry, notes);
        let own = entry.value.field("container_name");
        if let Some(own) = own
            && let Some(text) = own.as_text().filter(|text| !text.is_empty())
        {
            if let Some((other, at)) = names.get(text) {
                let diagnostic = Diagnostic::new(
                    format!("the container name `{text}` is taken by service `{other}`"),
                    notes.place(own.at),
                )
                .label("expected a name of its own")
                .related(notes.place(*at), "taken here");
                notes.push(diagnostic);
            }
            names.insert(text, (name, own.at));
        }
    }
    for (name, entry) in root.section("secrets") {
        let secret = &entry.value;
        let is_external =
            secret.get("external").map(|external| &external.kind) == Some(&Kind::Bool(true));
        let is_empty = |key: &str| {
            let text = secret.get(key).and_then(Node::as_text);
            text.is_none_or(str::is_empty)
        };
        if !is_external && is_empty("file") && is_empty("environment") {
            notes.problem(
                entry.key_at,
                format!("secret `{name}` has no content"),
                "expected a `file` or an `environment`",
            );
        }
    }
    if notes.go_on().is_ok() {
        cycles::cycles(root, notes);
    }
}

struct Check<'a> {
    root: &'a Node,
    disabled: &'a BTreeSet<String>,
}

impl Check<'_> {
    fn service(&self, name: &str, entry: &Entry, notes: &mut Notes) {
        let service = &entry.value;
        let has_image = service
            .get("image")
            .and_then(Node::as_text)
            .is_some_and(|image| !image.is_empty());
        if !has_image && service.field("build").is_none() && service.field("provider").is_none() {
            notes.problem(
                entry.key_at,
                format!("service `{name}` has neither an image nor a build"),
                "expected an `image` or a `build`",
            );
        }
        self.build(name, service, notes);
        self.networks(service, notes);
        healthcheck(service, notes);
        self.dependencies(name, service, notes);
        for mount in service.get("volumes").map(Node::items).unwrap_or_default() {
            let is_volume = mount.get("type").and_then(Node::as_text) == Some("volume");
            if let Some(source) = mount.get("source").filter(|_| is_volume)
                && let Some(text) = source.as_text().filter(|text| !text.is_empty())
                && source.unset.is_none()
            {
                self.reference("volumes", text, source.at, notes);
            }
        }
        for section in ["configs", "secrets"] {
            for file in service.get(section).map(Node::items).unwrap_or_default() {
                self.file(section, file, notes);
            }
        }
        for (model, entry) in service.get("models").into_iter().flat_map(Node::entries) {
            if model.starts_with("x-") {
                extension(model, entry.key_at, notes);
            } else {
                self.reference("models", model, entry.key_at, notes);
            }
        }
        watches(service, notes);
        numbers::limits(service, notes);
        numbers::scale(service, notes);
        numbers::targets(service, notes);
    }

    fn build(&self, name: &str, service: &Node, notes: &mut Notes) {
        let Some(build) = service.field("build") else {
            return;
        };
        let is_set = |key: &str| {
            build
                .get(key)
                .and_then(Node::as_text)
                .is_some_and(|text| !text.is_empty())
        };
        if is_set("dockerfile") && is_set("dockerfile_inline") {
            notes.problem(
                build.at,
                "a build has a `dockerfile` or a `dockerfile_inline`",
                "expected one of the two",
            );
        }
        for (_, entry) in build
            .get("additional_contexts")
            .into_iter()
            .flat_map(Node::entries)
        {
            let text = entry.value.as_text().unwrap_or_default();
            let Some(other) = text.strip_prefix("service:") else {
                continue;
            };
            let other_service = self
                .root
                .get("services")
                .and_then(|services| services.get(other));
            if other_service.is_none() {
                self.reference("services", other, entry.value.at, notes);
            } else if other_service
                .and_then(|other| other.field("build"))
                .is_none()
            {
                notes.problem(
                    entry.value.at,
                    format!("service `{other}` is not built"),
                    "expected a service with a `build`",
                );
            }
        }
        for secret in build.get("secrets").map(Node::items).unwrap_or_default() {
            self.file("secrets", secret, notes);
        }
        let platforms = build.get("platforms").map(Node::items).unwrap_or_default();
        if let Some(platform) = service.field("platform")
            && !platforms.is_empty()
            && platform.as_text().is_some_and(|text| !text.is_empty())
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
            && mode.value.as_text().is_some_and(|mode| !mode.is_empty())
        {
            if let Some(networks) = service.entry("networks")
                && joined.is_some_and(|joined| !joined.is_empty())
            {
                let diagnostic = Diagnostic::new(
                    "a service has `networks` or a `network_mode`",
                    notes.place(networks.key_at),
                )
                .label("expected one of the two")
                .related(notes.place(mode.key_at), "the other one");
                notes.push(diagnostic);
                return;
            }
            let shared = mode
                .value
                .as_text()
                .and_then(|mode| mode.strip_prefix("service:"));
            if let Some(shared) = shared
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
        for (other, entry) in service
            .get("depends_on")
            .into_iter()
            .flat_map(Node::entries)
        {
            let is_there = self
                .root
                .get("services")
                .is_some_and(|services| services.get(other).is_some());
            let required = entry.value.get("required").map(|required| &required.kind);
            let is_required = required != Some(&Kind::Bool(false));
            let is_optional = self.disabled.contains(other) && !is_required;
            if is_there || is_optional || entry.value.unset.is_some() {
                continue;
            }
            if self.disabled.contains(other) {
                let diagnostic = Diagnostic::new(
                    format!(
                        "service `{name}` depends on `{other}`, whose profile is not asked for"
                    ),
                    notes.place(entry.key_at),
                )
                .label("expected a service that runs")
                .help("ask for its profile with --profile, or say `required: false`");
                notes.push(diagnostic);
            } else {
                self.reference("services", other, entry.key_at, notes);
            }
        }
    }

    /// Notes a reference to something that the file does not declare.
    fn reference(&self, section: &str, name: &str, at: Mark, notes: &mut Notes) {
        let declared = self.root.get(section);
        // To name those that are declared takes time, and is in vain where no more is told.
        if declared.is_some_and(|declared| declared.get(name).is_some()) || notes.is_full() {
            return;
        }
        let what = section.trim_end_matches('s');
        let known: Vec<&str> = declared
            .into_iter()
            .flat_map(Node::entries)
            .map(|(name, _)| name)
            .collect();
        let label = match known.len() {
            0 => format!("expected a {what} that the file declares, and it declares none"),
            1..=12 => format!("expected one of {}", known.join(", ")),
            _ => format!("expected a {what} that the file declares"),
        };
        let diagnostic = Diagnostic::new(format!("there is no {what} `{name}`"), notes.place(at))
            .label(label)
            .did_you_mean(name, known);
        notes.push(diagnostic);
    }
}

/// What is watched is put somewhere, unless the service is built or started anew for it.
fn watches(service: &Node, notes: &mut Notes) {
    let watched = service
        .get("develop")
        .and_then(|develop| develop.get("watch"));
    for watch in watched.map(Node::items).unwrap_or_default() {
        let text = |key| watch.get(key).and_then(Node::as_text).unwrap_or_default();
        if text("target").is_empty() && !matches!(text("action"), "rebuild" | "restart") {
            let message = format!("`{}` puts files nowhere", text("action"));
            notes.problem(watch.at, message, "expected a field `target`");
        }
    }
}

/// Compose takes every key that begins with `x-` for an extension, also where it is a name.
pub(super) fn extension(name: &str, at: Mark, notes: &mut Notes) {
    let diagnostic = Diagnostic::new(
        format!("Compose takes `{name}` for an extension, not for a name"),
        notes.place(at),
    )
    .label("expected a name that does not begin with `x-`");
    notes.push(diagnostic);
}

/// A check begins with a word that says how it is run.
fn healthcheck(service: &Node, notes: &mut Notes) {
    let test = service
        .get("healthcheck")
        .and_then(|check| check.get("test"));
    if let Some(first) = test.and_then(|test| test.items().first())
        && let Some(text) = first.as_text()
        && !matches!(text, "CMD" | "CMD-SHELL" | "NONE")
        && first.unset.is_none()
    {
        let diagnostic = Diagnostic::new(
            format!("a health check cannot begin with `{text}`"),
            notes.place(first.at),
        )
        .label("expected CMD, CMD-SHELL or NONE")
        .did_you_mean(text, ["CMD", "CMD-SHELL", "NONE"]);
        notes.push(diagnostic);
    }
}
