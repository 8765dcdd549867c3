//! A state as a snapshot: digests instead of secrets.

use std::collections::BTreeMap;

use super::{Content, State};
use crate::redact::{Salt, Sensitive};

impl State {
    /// The state with digests instead of its secrets, made with a salt. Two states can be compared
    /// where both are sealed with the same salt; that of a snapshot already is.
    #[must_use]
    pub fn sealed(self, salt: &Salt) -> Self {
        self.with(&|name, value| value.sealed(name, salt))
    }

    /// The sealed state as it is written to a snapshot: only there, the digests can be seen.
    #[must_use]
    pub fn snapshot(self, salt: &Salt) -> Self {
        let mut state = self.with(&|name, value| value.sealed(name, salt).written());
        state.salt = Some(salt.clone());
        state
    }

    fn with(mut self, seal: &dyn Fn(&str, &Sensitive) -> Sensitive) -> Self {
        for network in self.networks.values_mut() {
            network.fields.seal(seal);
        }
        for volume in self.volumes.values_mut() {
            volume.fields.seal(seal);
        }
        for service in self.services.values_mut() {
            service.config.fields.seal(seal);
            seal_contents(&mut service.bound, seal);
            for copied in &mut service.copies {
                if let Some(digest) = &mut copied.digest {
                    *digest = seal(&copied.target, digest);
                }
            }
            for attachment in service.networks.values_mut() {
                attachment.fields.seal(seal);
            }
            service
                .mounts
                .iter_mut()
                .for_each(|mount| mount.fields.seal(seal));
        }
        if let Some(stack) = &mut self.stack {
            for service in stack.services.values_mut() {
                service.fields.seal(seal);
            }
            for (name, config) in stack.configs.iter_mut().chain(&mut stack.secrets) {
                config.fields.seal(seal);
                config.digest = config.digest.as_ref().map(|digest| seal(name, digest));
            }
        }
        if let Some(live) = &mut self.live {
            for container in live.containers.iter_mut().chain(&mut live.foreign) {
                container.config.fields.seal(seal);
                seal_contents(&mut container.contents, seal);
                for attached in container.networks.values_mut() {
                    attached.fields.seal(seal);
                }
                container
                    .mounts
                    .iter_mut()
                    .for_each(|mount| mount.fields.seal(seal));
            }
            for fields in live.image_fields.values_mut() {
                fields.seal(seal);
            }
        }
        self
    }
}

fn seal_contents(
    contents: &mut BTreeMap<String, Content>,
    seal: &dyn Fn(&str, &Sensitive) -> Sensitive,
) {
    for (target, content) in contents {
        for (path, digest) in &mut content.files {
            *digest = seal(&format!("{target}{path}"), digest);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fields::Value;
    use crate::redact::{Salt, Sensitive};
    use crate::state::{Config, Service, Stack, StackFile, State};

    #[test]
    fn a_sealed_state_shows_a_change_and_no_value() {
        let state = |value: &str| {
            let environment = [("PASSWORD".to_owned(), Some(Sensitive::whole(value)))].into();
            let command = Sensitive::words(vec!["--password".into(), value.into()]);
            let fields = [
                ("environment", Value::Map(environment)),
                ("command", Value::Words(command)),
            ];
            let config = Config {
                fields: fields.into_iter().collect(),
                ..Config::default()
            };
            let service = Service {
                config,
                ..Service::default()
            };
            State {
                services: [("web".to_owned(), service)].into(),
                ..State::empty("p")
            }
        };
        let salt = Salt::random().unwrap();
        let sealed = state("hunter2").sealed(&salt);
        assert_eq!(sealed, state("hunter2").sealed(&salt));
        assert_ne!(sealed, state("hunter3").sealed(&salt));
        assert_ne!(sealed, state("hunter2").sealed(&Salt::random().unwrap()));
        assert!(
            !crate::redact::to_json(&sealed)
                .unwrap()
                .contains("(hidden:")
        );
        let written = crate::redact::to_json(&state("hunter2").snapshot(&salt)).unwrap();
        assert!(!written.contains("hunter"), "{written}");
        let read: State = serde_json::from_str(&written).unwrap();
        assert_eq!(read.services, sealed.services);
    }

    #[test]
    fn a_sealed_stack_shows_a_change_of_a_label_and_no_value() {
        let state = |value: &str| {
            let labels = [("owner".to_owned(), Some(Sensitive::whole(value)))].into();
            let file = StackFile {
                fields: [("labels", Value::Map(labels))].into_iter().collect(),
                ..StackFile::default()
            };
            let files = || [("p_app".to_owned(), file.clone())].into();
            let stack = Stack {
                configs: files(),
                secrets: files(),
                ..Stack::default()
            };
            State {
                stack: Some(stack),
                ..State::empty("p")
            }
        };
        let salt = Salt::random().unwrap();
        let written = crate::redact::to_json(&state("hunter2").snapshot(&salt)).unwrap();
        assert!(!written.contains("hunter"), "{written}");
        let read: State = serde_json::from_str(&written).unwrap();
        assert_eq!(read.stack, state("hunter2").sealed(&salt).stack);
        assert_ne!(read.stack, state("hunter3").sealed(&salt).stack);
    }
}
