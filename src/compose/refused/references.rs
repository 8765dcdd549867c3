//! What is refused of a service for what it refers to: networks, nodes, configs, and what a template names.

use super::refusal::{Refusal, known};
use super::service::ServiceCheck;
use super::template;
use crate::compose::view::{At, Restart};
use crate::state::{Constraint, DeployStep, LOCAL_DRIVERS, RestartPolicy};

impl<'a> ServiceCheck<'a, '_> {
    /// Adds all of it.
    pub(super) fn references(&mut self, model: At<'a>) {
        self.networks(model);
        self.constraints();
        self.credentials(model);
        self.restart();
        self.templates(model);
    }

    /// Networks that services cannot join.
    fn networks(&mut self, model: At<'_>) {
        let name = self.service.name;
        let networks = model.get("networks");
        let joined: Vec<(&str, At<'_>)> = self.service.networks().collect();
        for (key, joined) in joined {
            let Some(network) = networks.and_then(|networks| networks.get(key)) else {
                continue;
            };
            let is_external = network.is_on("external");
            let why = if is_external {
                let name = known(network.get("name")).map(|(name, _)| name);
                name.filter(|name| matches!(name.as_str(), "ingress" | "none"))
                    .map(|name| format!("expected another network than `{name}`"))
            } else {
                let driver = known(network.get("driver")).map(|(driver, _)| driver);
                driver
                    .filter(|driver| LOCAL_DRIVERS.contains(&driver.as_str()))
                    .map(|driver| {
                        format!("expected a network with the driver `overlay`, not `{driver}`")
                    })
            };
            if let Some(expected) = why {
                let message = format!("`{name}` cannot join the network `{key}` on a swarm");
                self.found.push(Refusal {
                    step: DeployStep::Services,
                    of: Some(("services", name.to_owned())),
                    path: "networks".to_owned(),
                    place: joined.key_place(),
                    message,
                    expected,
                });
            }
        }
    }

    fn constraints(&mut self) {
        let name = self.service.name;
        let constraints: Vec<_> = self
            .service
            .dig(&["deploy", "placement", "constraints"])
            .into_iter()
            .flat_map(At::texts)
            .collect();
        for (text, at) in constraints {
            if at.is_known() && Constraint::parse(&text).is_none() {
                let path = "deploy.placement.constraints";
                let message = format!("`{text}` is not a valid constraint of `{name}`");
                let expected = "expected one of `==` and `!=`, as in `node.role == manager`";
                self.add(DeployStep::Services, path, at, message, expected);
            }
        }
    }

    fn credentials(&mut self, model: At<'_>) {
        if let Some((key, at)) = self.known(&["credential_spec", "config"])
            && model
                .get("configs")
                .is_none_or(|configs| configs.get(&key).is_none())
        {
            let message = format!("`{}` has the credential spec `{key}`", self.service.name);
            let expected = "expected a config that is declared";
            self.add(
                DeployStep::Specs,
                "credential_spec.config",
                at,
                message,
                expected,
            );
        }
        let given: Vec<_> = ["config", "file", "registry"]
            .map(|key| self.known(&["credential_spec", key]))
            .into_iter()
            .flatten()
            .collect();
        if let [_, (_, at), ..] = given.as_slice() {
            let message = format!("`{}` has several credential specs", self.service.name);
            let expected = "expected one of `config`, `file` and `registry`";
            self.add(DeployStep::Specs, "credential_spec", *at, message, expected);
        }
    }

    /// The client reads `restart` where there is no `deploy.restart_policy`.
    fn restart(&mut self) {
        let Some(Restart::Own(own)) = self.service.restart() else {
            return;
        };
        if let Some((text, at)) = known(Some(own))
            && !RestartPolicy::of(&text).is_valid()
        {
            let message = format!("`{text}` is not a restart policy");
            self.add(
                DeployStep::Specs,
                "restart",
                at,
                message,
                RestartPolicy::expected(),
            );
        }
    }

    fn templates(&mut self, model: At<'a>) {
        let name = self.service.name;
        let mut texts: Vec<(&str, String, At<'_>)> = Vec::new();
        let values = |at: Option<At<'a>>| {
            let pairs = at.into_iter().flat_map(At::pairs);
            pairs.filter_map(|pair| Some((pair.value?, pair.at)))
        };
        let environment = values(self.service.get("environment"));
        texts.extend(environment.map(|(text, at)| ("environment", text, at)));
        let hostname = self.known(&["hostname"]);
        texts.extend(hostname.map(|(text, at)| ("hostname", text, at)));
        for mount in self.service.items("volumes") {
            let parts = ["source", "target"]
                .map(|key| known(mount.get(key)))
                .into_iter()
                .flatten();
            texts.extend(parts.map(|(text, at)| ("volumes", text, at)));
            let is_volume = known(mount.get("type")).is_some_and(|(kind, _)| kind == "volume");
            let source = known(mount.get("source")).filter(|_| is_volume);
            let volume = source.and_then(|(key, _)| model.get("volumes")?.get(&key));
            let Some(volume) = volume.filter(|at| at.get("external").is_none()) else {
                continue;
            };
            let options = ["driver_opts", "labels"]
                .map(|key| values(volume.get(key)))
                .into_iter()
                .flatten()
                .chain(known(volume.get("name")));
            texts.extend(options.map(|(text, at)| ("volumes", text, at)));
        }
        for (path, text, at) in texts {
            if !at.is_known() {
                continue;
            }
            if let Some(mistake) = template::mistake(&text) {
                // A value may be secret.
                let what = match path {
                    "environment" => "a template".to_owned(),
                    _ => mistake,
                };
                let message = format!("a swarm cannot expand {what} in `{path}` of `{name}`");
                let expected = "expected a template of `.Service`, `.Node` and `.Task`";
                self.add(DeployStep::Services, path, at, message, expected);
            }
        }
    }
}
