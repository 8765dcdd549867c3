//! The images that `up` pulls or builds before it does anything else: what they are then is not known.

use std::collections::HashMap;

use super::planner::Planner;
use super::policy::{Absent, Policy};

impl<'a> Planner<'a> {
    /// Notes the images that are pulled or built, and those that the engine does not have.
    pub(super) fn images(&mut self) {
        if self.input.facts.is_foreseen {
            return;
        }
        let expected = self.input.expected;
        let builders = self.builders();
        for name in self.order.services.clone() {
            let Some(service) = self.service(name).filter(|_| self.replicas(name) > 0) else {
                continue;
            };
            let Some(image) = service.image_in(&expected.project, name) else {
                continue;
            };
            let is_there = self.input.live.images.contains_key(&*image);
            let policy = Policy::of(service, self.input.options);
            let verb = if service.build { "builds" } else { "pulls" };
            let is_fetched = match policy {
                Policy::Always => !service.build,
                Policy::Build => service.build,
                _ => false,
            };
            let image_of = service.image.as_deref().filter(|_| !service.build);
            let builder = image_of.and_then(|image| builders.get(image));
            if policy == Policy::Never && !service.build && !is_there {
                self.absent.insert(
                    name,
                    match builder {
                        Some(_) => Absent::Fetched("builds"),
                        None => Absent::Never,
                    },
                );
            } else if !is_there {
                self.absent.insert(name, Absent::Fetched(verb));
                let otherwise = match builder {
                    Some(builder) => format!("it takes the one that it builds for `{builder}`"),
                    None => "it does nothing".to_owned(),
                };
                self.plan.unknown.push(format!(
                    "`up` {verb} `{image}`, which is not on the engine; if that fails, {otherwise}"
                ));
            } else if is_fetched {
                self.plan.unknown.push(format!(
                    "`up` {verb} `{image}`; if that is a new image, `{name}` is recreated"
                ));
            } else if policy == Policy::Aged && !service.build {
                self.plan.unknown.push(format!(
                    "`up` pulls `{image}` if it has not done so lately; if that is a new image, `{name}` is recreated"
                ));
            }
        }
    }

    /// The services that build images, the first of each image. Others may have the same image: then `up` goes on if it cannot be pulled
    /// (docker/compose, `isServiceImageToBuild`).
    fn builders(&self) -> HashMap<&'a str, &'a str> {
        let mut builders = HashMap::new();
        for name in &self.order.services {
            let built = self.service(name).filter(|service| service.build);
            if let Some(image) = built.and_then(|service| service.image.as_deref()) {
                builders.entry(image).or_insert(*name);
            }
        }
        builders
    }
}
