//! The top level of a file, and the secrets, configs and models that it declares.

use super::common::{A_TEXT, OPTIONS, PAIRS, TEXTS};
use super::network::{EXTERNAL, NETWORK};
use super::row::{list, map, of};
use super::service::SERVICE;
use super::volume::VOLUME;
use super::{Canonical, Field, HostPath, Others, WHOLE};

const IN_A_FILE: &str = "write it to a file, and name that with `file`";

const SECRET: Field = map(&[
    ("driver", A_TEXT),
    ("driver_opts", OPTIONS),
    ("environment", A_TEXT.refused(IN_A_FILE)),
    ("external", EXTERNAL.others(Others::Any)),
    ("file", A_TEXT.path(HostPath::Any)),
    ("labels", PAIRS),
    ("name", A_TEXT),
    ("template_driver", A_TEXT),
])
.stack_extensions()
.canonical(Canonical::External);

const CONFIG: Field = map(&[
    ("content", A_TEXT.refused(IN_A_FILE)),
    ("environment", A_TEXT.refused(IN_A_FILE)),
    ("external", EXTERNAL.others(Others::Any)),
    ("file", A_TEXT.path(HostPath::Any)),
    ("labels", PAIRS),
    ("name", A_TEXT),
    ("template_driver", A_TEXT),
])
.stack_extensions()
.canonical(Canonical::External);

const MODEL: Field = map(&[
    ("context_size", of(WHOLE)),
    ("model", A_TEXT),
    ("name", A_TEXT),
    ("runtime_flags", TEXTS),
])
.required(&["model"]);

/// The sections of a file whose entries have names, as they are usually ordered.
pub(crate) const SECTIONS: [&str; 6] = [
    "services", "networks", "volumes", "secrets", "configs", "models",
];

/// The sections of what Compose creates and `drift` compares, each entry by itself.
pub(crate) const COMPARED_SECTIONS: [&str; 3] = ["services", "networks", "volumes"];

/// The sections of what has a name on the engine besides its key.
pub(in crate::compose) const NAMED_SECTIONS: [&str; 4] =
    ["networks", "volumes", "secrets", "configs"];

/// A whole file.
pub(in crate::compose) static FILE: Field = map(&[
    ("configs", map(&[]).others(Others::Named(&CONFIG))),
    (
        "include",
        list(&A_TEXT).refused("name each file with `docker stack deploy -c`"),
    ),
    (
        "models",
        map(&[]).others(Others::MaybeNamed(&MODEL)).refused(""),
    ),
    (
        "name",
        A_TEXT.refused("a stack has the name that `docker stack deploy` is given"),
    ),
    ("networks", map(&[]).others(Others::MaybeNamed(&NETWORK))),
    ("secrets", map(&[]).others(Others::Named(&SECRET))),
    ("services", map(&[]).others(Others::Named(&SERVICE))),
    ("version", A_TEXT),
    ("volumes", map(&[]).others(Others::Named(&VOLUME))),
])
.stack_extensions();

#[cfg(test)]
mod tests {
    use super::super::of_section;
    use super::{COMPARED_SECTIONS, FILE, NAMED_SECTIONS, SECTIONS};

    #[test]
    fn sections_are_those_of_the_table() {
        for (name, _) in FILE.map.expect("a mapping").known {
            let has_entries = !of_section(name).is_empty();
            assert_eq!(SECTIONS.contains(name), has_entries, "{name}");
        }
        for name in COMPARED_SECTIONS.iter().chain(&NAMED_SECTIONS) {
            assert!(SECTIONS.contains(name), "{name}");
        }
    }
}
