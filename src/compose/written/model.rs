//! The canonical form of a text, with what is known of its variables.

use std::path::Path;

use crate::compose::interpolate::{Unset, interpolate};
use crate::compose::notes::{Notes, Sources};
use crate::compose::tree::Node;
use crate::compose::{canonical::canonical, fill, name, normalize, unique};
use crate::orchestrator::Orchestrator;
use crate::variables::Variables;

/// What is known of the surroundings of a file.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) variables: &'a Variables,
    /// Whether these are all variables, rather than what the file has in common with others.
    pub(super) has_all: bool,
    /// What is to run it.
    pub(super) orchestrator: Orchestrator,
}

/// The fields of a service that say what a host may have in common with another one. The variables of a host count in
/// no other: what they put into an environment is not written in the file.
const COMMON: [&str; 6] = [
    "container_name", "image", "network_mode", "networks", "ports", "volumes",
];

/// The canonical form of a text, where the variables without a value or a default are left out of what is known.
pub(super) fn model(text: &Node, project: &str, known: Known<'_>, notes: &mut Notes) -> Node {
    let Known {
        variables,
        orchestrator,
        ..
    } = known;
    let mut model = text.clone();
    let with_name = |mut variables: Variables| {
        // A stack knows no such variable.
        if !orchestrator.is_swarm() {
            variables.set("COMPOSE_PROJECT_NAME", project);
        }
        variables
    };
    let host = with_name(variables.clone());
    let own = if known.has_all {
        host.clone()
    } else {
        with_name(Variables::default())
    };
    fill::fill(&mut model, &own, Unset::Keep, orchestrator, notes);
    let mut refill = |model: Option<&mut Node>, text: Option<&Node>| {
        if let (Some(model), Some(text)) = (model, text) {
            model.clone_from(text);
            fill::fill(model, &host, Unset::Keep, orchestrator, notes);
        }
    };
    if variables.count() > 0 && !known.has_all {
        for section in ["networks", "volumes"] {
            refill(model.get_mut(section), text.get(section));
        }
        for (name, service) in model.section_mut("services") {
            let text = text.get("services").and_then(|services| services.get(name));
            for field in COMMON {
                refill(
                    service.get_mut(field),
                    text.and_then(|text| text.get(field)),
                );
            }
        }
    }
    fill::cast(&mut model, notes);
    canonical(&mut model, notes);
    unique::enforce(&mut model, notes);
    normalize::defaults(&mut model);
    normalize::normalize(&mut model, project);
    model
}

/// The name of a project: the file's, or that of its folder (compose-go,
/// `loader.NormalizeProjectName`).
pub(super) fn project_name(text: &Node, sources: &Sources) -> String {
    let own = text.field("name").and_then(Node::scalar).map(|own| {
        match interpolate(&own, &Variables::default(), Unset::Keep) {
            Ok(filled) => filled.text,
            Err(_) => own,
        }
    });
    let own = own.unwrap_or_else(|| {
        let name = sources.all().first().map_or("", |source| &source.name);
        let path = std::path::absolute(name).unwrap_or_default();
        let folder = path.parent().and_then(Path::file_name);
        folder.unwrap_or_default().to_string_lossy().into_owned()
    });
    name::normal(&own)
}
