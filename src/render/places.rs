//! Where somebody wrote what a rendered file says: a line of a spec, or else of a template.

use std::sync::OnceLock;

use super::origins::Origins;
use super::structure::Structure;
use super::usage::Node;
use super::{Rendered, Runner, Templates, budget, labelled};
use crate::source::{Place, Segment, TextPart};
use crate::spec::{Catalog, Host};
use crate::yaml::Tree;

/// The places behind those of rendered files. A host is looked at when one of its places is asked for.
#[derive(Debug)]
pub struct Places<'a> {
    runner: Runner<'a>,
    files: Vec<TracedFile<'a>>,
}

#[derive(Debug)]
struct TracedFile<'a> {
    rendered: &'a Rendered<'a>,
    /// Which lines of templates wrote it; not known where a template does not let itself be traced.
    origins: OnceLock<Option<Origins>>,
}

impl<'a> Places<'a> {
    /// The places behind those of all rendered files.
    pub fn of(
        catalog: &'a Catalog,
        templates: &'a Templates,
        rendered: &'a [Rendered<'a>],
    ) -> Self {
        let services = rendered.iter().map(|one| one.planned.host.services.len());
        let files = rendered.iter().map(|rendered| TracedFile {
            rendered,
            origins: OnceLock::new(),
        });
        Self {
            runner: Runner::new(templates, services.sum(), budget(catalog)),
            files: files.collect(),
        }
    }

    /// The place that somebody wrote behind a place of a rendered file.
    pub(crate) fn written(&self, at: &Place) -> Option<Place> {
        let name = &at.source.name;
        let file = self
            .files
            .iter()
            .find(|file| file.rendered.source.name == *name)?;
        if matches!(at.at, TextPart::Whole) {
            return None;
        }
        let Rendered {
            planned,
            output,
            context,
            ..
        } = file.rendered;
        let path = at.path();
        let steps = path.segments();
        let (node, depth) = context.entry("compose")?.nearest(&steps);
        let is_of_template = depth < steps.len() || is_another(node, at, &steps);
        let Some(template) = output.template.as_ref().filter(|_| is_of_template) else {
            return Some(of_spec(planned.host, node, steps.get(..depth)?));
        };
        let templates = self.runner.templates;
        let header = file
            .rendered
            .source
            .text
            .find('\n')
            .map_or(0, |end| end + 1);
        let origins = file.origins.get_or_init(|| {
            let origins = self.runner.origins(template.as_str(), context)?;
            let (header, _) = file.rendered.source.text.split_at_checked(header)?;
            let (_, text) =
                labelled(&output.file(), header, &origins.done, &planned.options()).ok()?;
            (text.text == file.rendered.source.text).then_some(origins)
        });
        let place = origins
            .as_ref()
            .and_then(|origins| origins.place(at, header, templates.by_name()));
        match place {
            Some(place) => Some(place),
            None => Some(Place::whole(templates.source(template.as_str())?)),
        }
    }
}

/// Whether a text of a file is another one than that of the specs at its path.
fn is_another(node: &Node, at: &Place, path: &[&Segment]) -> bool {
    let Structure::Text(expected) = node.structure() else {
        return false;
    };
    let written = at
        .range()
        .and_then(|range| at.source.text.get(range))
        .and_then(|text| serde_yaml::from_str::<String>(text).ok());
    // The place may be that of its key.
    let is_key = |text: &str| matches!(path.last(), Some(Segment::Key(key)) if key == text);
    written.is_some_and(|text| text != expected && !is_key(&text))
}

/// Where the specs of a host say what is at a path of its file.
fn of_spec(host: &Host, node: &Node, path: &[&Segment]) -> Place {
    match path {
        [Segment::Key(section), Segment::Key(name)] => declared(host, section, name),
        [Segment::Key(section), Segment::Key(name), ..] => {
            let last = path.last().copied();
            last.and_then(|last| node.named(last))
                .unwrap_or_else(|| declared(host, section, name))
        }
        _ => host.place.clone(),
    }
}

/// Where a service, network or volume is declared; the host where it is neither.
pub(super) fn declared(host: &Host, section: &str, name: &str) -> Place {
    let place = match section {
        "services" => host.services.get(name).map(|service| &service.place),
        "networks" => host.networks.get(name).map(|network| &network.place),
        "volumes" => host.volumes.get(name).map(|volume| &volume.place),
        section => {
            let entry = host.sections.get(section).and_then(|tree| tree.get(name));
            return entry.map_or_else(|| host.place.clone(), Tree::key_place);
        }
    };
    place.unwrap_or(&host.place).clone()
}
