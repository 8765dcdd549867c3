//! What a comparison knows of the things that `up` looks at.

use std::collections::{BTreeMap, BTreeSet};

/// What the comparison of a file with a host found that `up` acts on.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The networks, by their keys, whose definition changed since Compose created them.
    pub networks: BTreeMap<String, DefinitionChange>,
    /// The volumes, by their keys, whose definition changed since Compose created them.
    pub volumes: BTreeMap<String, DefinitionChange>,
    /// What Compose would recreate a container for, by its ID.
    pub containers: BTreeMap<String, Vec<Reason>>,
    /// The containers, by their IDs, that the engine cannot start any more, and why.
    pub unstartable: BTreeMap<String, String>,
    /// The containers, by their IDs, that the engine does not remove, and why.
    pub not_removed: BTreeMap<String, String>,
    /// The services of which Compose creates no container, and why.
    pub not_created: BTreeMap<String, String>,
    /// The services of which Compose starts no container, and why.
    pub not_started: BTreeMap<String, String>,
    /// The services whose ports are held by containers outside of the file's services.
    pub ports: BTreeMap<String, Vec<Taken>>,
    /// The services whose new containers have no health check, neither of the file nor of the image.
    pub unchecked: BTreeSet<String>,
    /// Whether the host is only foreseen, so that nobody knows which images it has.
    pub is_foreseen: bool,
    /// The keys of the volumes whose data must not be lost.
    pub precious: BTreeSet<String>,
    /// The name of the project under which the services of this one still run.
    pub moved_from: Option<String>,
    /// What is wrong with each required variable that has no value.
    pub required: BTreeSet<String>,
    /// Whether `up` is known to have no other variables than those that were used here.
    pub knows_variables: bool,
    /// What is not known because a variable has no value, such as `networks.back.name`.
    pub unnamed: BTreeSet<String>,
}

/// A definition that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionChange {
    /// What of it: `` `internal`, `driver` ``.
    pub what: String,
    /// Whether it was changed in the file, so that Compose detects it; otherwise that is not known.
    pub is_certain: bool,
}

/// Why Compose recreates a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Its definition changed.
    Definition(DefinitionChange),
    /// The name of its image points to another image.
    Image(String),
    /// The name of its image points to the one that it runs, and its label names another.
    ImageLabel,
    /// It is not attached to this network.
    Network(String),
    /// It is attached to this network, and the engine does not show its ID, by which Compose looks for it.
    UnseenNetwork(String),
    /// It does not mount this volume.
    Volume(String),
    /// It shares the network of a container that this service no longer has.
    Namespace(String),
}

impl Reason {
    pub(super) fn is_certain(&self) -> bool {
        match self {
            Self::Definition(change) => change.is_certain,
            _ => true,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Definition(DefinitionChange { what, is_certain }) if *is_certain => {
                format!("{what} changed")
            }
            Self::Definition(DefinitionChange { what, .. }) => {
                format!("{what} differ, and may have been changed in the file")
            }
            Self::Image(image) => format!("image tag `{image}` points to a different image"),
            Self::ImageLabel => {
                "its label `com.docker.compose.image` names another image than it runs".to_owned()
            }
            Self::Network(key) => format!("not attached to network `{key}`"),
            Self::UnseenNetwork(key) => format!(
                "Compose does not see that it is attached to network `{key}`, as the engine shows a name and no ID"
            ),
            Self::Volume(key) => format!("does not mount volume `{key}`"),
            Self::Namespace(parent) => {
                format!(
                    "shares a namespace or volumes with a container that service `{parent}` no longer has"
                )
            }
        }
    }
}

/// A port that is held by a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The port, as the file has it.
    pub port: String,
    /// The name of the container.
    pub holder: String,
}
