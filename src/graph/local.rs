//! Paths of the project's folder, on this machine and on the live host, as the project has them: `./conf/app.conf`.

use std::path::Path;

use super::input::Folders;
use super::model::{Drift, Graph};
use crate::state::State;
use crate::text::path::local;

impl Graph {
    /// Writes the paths of the project relative to it.
    pub(super) fn localize(&mut self, folders: Option<&Folders>, observed: Option<&State>) {
        let Some(folders) = folders else { return };
        let roots = roots(folders, observed);
        let shorten = |text: &mut String| *text = local(text, &roots);
        let of_drift = |drift: &mut Option<Drift>| {
            drift
                .iter_mut()
                .flat_map(|drift| &mut drift.messages)
                .for_each(shorten);
        };
        for service in &mut self.services {
            service.binds.iter_mut().for_each(shorten);
            service.binds.sort();
            service.binds.dedup();
            of_drift(&mut service.drift);
            service
                .networks
                .iter_mut()
                .chain(&mut service.volumes)
                .for_each(|one| of_drift(&mut one.drift));
            service
                .ports
                .iter_mut()
                .for_each(|port| of_drift(&mut port.drift));
        }
        let networks = self.networks.iter_mut().map(|one| &mut one.drift);
        let volumes = self.volumes.iter_mut().map(|one| &mut one.drift);
        networks.chain(volumes).for_each(of_drift);
        self.findings
            .iter_mut()
            .map(|note| &mut note.message)
            .chain(&mut self.error)
            .for_each(shorten);
    }
}

/// The folder of the project here, and where the containers of a live host have it.
fn roots(folders: &Folders, observed: Option<&State>) -> Vec<String> {
    let mut roots = vec![folders.project.display().to_string()];
    let below = folders
        .compose
        .strip_prefix(&folders.project)
        .unwrap_or_else(|_| Path::new(""));
    let live = observed.and_then(|state| state.live.as_ref());
    let containers = live.map_or(&[][..], |live| live.containers.as_slice());
    for container in containers.iter().filter(|one| one.service.is_some()) {
        // Compose was started in the directory of the Compose file, which may be below that of the project.
        let started_in = container.working_dir.as_deref().map(Path::new);
        let root = started_in
            .into_iter()
            .flat_map(Path::ancestors)
            .find(|root| Some(root.join(below).as_path()) == started_in);
        roots.extend(root.map(|root| root.display().to_string()));
    }
    roots.sort();
    roots.dedup();
    // The longest first: one may be in another.
    roots.reverse();
    roots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::model::{Note, Service};
    use crate::severity::Severity;
    use crate::state::{Container, Live};

    /// The host has the project in another directory, and its Compose file is in one of the project.
    #[test]
    fn a_path_of_the_project_is_relative_wherever_it_is() {
        let container = Container {
            service: Some("web".to_owned()),
            working_dir: Some("/srv/shop/generated/compose".to_owned()),
            ..Container::default()
        };
        let observed = State {
            live: Some(Live {
                containers: vec![container],
                ..Live::default()
            }),
            ..State::empty("shop")
        };
        let folders = Folders {
            project: "/home/ann/shop".into(),
            compose: "/home/ann/shop/generated/compose".into(),
        };
        let mut graph = Graph {
            services: vec![Service {
                binds: ["/home/ann/shop/conf", "/srv/shop/conf", "/srv/data"]
                    .map(str::to_owned)
                    .into(),
                ..Service::default()
            }],
            findings: vec![Note {
                severity: Severity::Drift,
                message: "expected `/home/ann/shop/a`, found `/srv/shop/b`".to_owned(),
            }],
            ..Graph::default()
        };
        graph.localize(Some(&folders), Some(&observed));
        let service = graph.services.first().unwrap();
        assert_eq!(service.binds, ["./conf", "/srv/data"]);
        let note = graph.findings.first().unwrap();
        assert_eq!(note.message, "expected `./a`, found `./b`");
    }
}
