//! A target on a host that runs what its file was before.

use std::time::Duration;

use super::{Observation, Target};
use crate::plan::made;
use crate::state::{Stack, State};

impl Target {
    /// The target, observed on an engine that has what an older version of its file makes, or nothing.
    pub(crate) fn after(mut self, before: Option<State>) -> Observation {
        let expected = &self.expected;
        // What Docker Compose ran is nothing on a swarm, and the other way round.
        let before = before.filter(|before| before.stack.is_some() == expected.stack.is_some());
        let mut observed = made(&before.unwrap_or_else(|| State {
            stack: expected.stack.as_ref().map(|_| Stack::default()),
            ..State::empty(&*expected.project)
        }));
        // Whatever differs was changed in the file. The digest of a definition does not cover what files
        // of variables hold, so an equal one says nothing here.
        self.context.is_applied = true;
        for container in observed
            .live
            .iter_mut()
            .flat_map(|live| &mut live.containers)
        {
            let service = container.service.as_ref();
            let now = service.and_then(|name| expected.services.get(name));
            let now = now.and_then(|service| service.config.definition.as_ref());
            container
                .config
                .definition
                .take_if(|then| Some(&*then) == now);
        }
        // It is not known from which files such a host was started.
        self.context.files = None;
        Observation {
            target: self,
            observed: Ok(observed),
            took: Duration::ZERO,
            is_snapshot: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use crate::compose::{FileArgument, Request, Unset, load_from};
    use crate::drift::{Context, compare};
    use crate::plan::{self, made};
    use crate::state::State;
    use crate::variables::Variables;

    /// The Compose files of the fixtures that need no others.
    #[allow(clippy::disallowed_methods, reason = "tests list their fixtures")]
    fn fixtures() -> Vec<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = [
            "tests/fixtures/compose/accepted",
            "tests/fixtures/live",
            "generated",
        ];
        folders
            .iter()
            .flat_map(|folder| root.join(folder).read_dir().unwrap())
            .map(|file| file.unwrap().path())
            .filter(|file| file.extension().is_some_and(|end| end == "yml"))
            .collect()
    }

    fn read(file: &Path) -> Option<State> {
        let mut variables = Variables::from_process();
        variables.set("FROM_OUTSIDE", "from outside");
        let request = Request {
            files: vec![FileArgument::Path(file.to_owned())],
            ..Request::new(variables, Unset::Keep)
        };
        Some(load_from(Path::new("/"), &request).ok()?.state)
    }

    #[test]
    fn what_a_file_makes_is_as_the_file_says() {
        let mut read_files = 0;
        for file in fixtures() {
            let Some(expected) = read(&file) else {
                continue;
            };
            read_files += 1;
            for compose in ["2.40.3", "5.5"] {
                let context = Context {
                    up: plan::Options {
                        compose: compose.parse().unwrap(),
                        ..plan::Options::default()
                    },
                    ..Context::default()
                };
                let comparison = compare(&expected, &made(&expected), &context);
                assert_eq!(comparison.findings, [], "{}", file.display());
                assert_eq!(comparison.plan.operations, [], "{}", file.display());
            }
        }
        assert!(read_files > 20, "{read_files}");
    }
}
