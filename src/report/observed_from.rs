//! Where the observed state in a report comes from.

use serde::Serialize;

use crate::state::{Engine, Live};

/// The engine of a host, and when it was observed.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ObservedFrom {
    /// The address of its engine.
    pub(crate) endpoint: String,
    /// Its engine, where it can be reached.
    pub(crate) engine: Option<Engine>,
    /// When it was observed, in RFC 3339.
    pub(crate) observed_at: Option<String>,
    /// Whether that was read from a snapshot, and not from the live host.
    #[serde(rename = "from_snapshot")]
    pub(crate) is_snapshot: bool,
}

impl ObservedFrom {
    /// An engine of which only the address is known.
    pub(super) fn unreached(endpoint: String, is_snapshot: bool) -> Self {
        Self {
            endpoint,
            engine: None,
            observed_at: None,
            is_snapshot,
        }
    }

    /// Takes over the name and version of the engine.
    pub(super) fn reach(&mut self, live: &Live) {
        self.endpoint.clone_from(&live.endpoint);
        self.engine = Some(live.engine.clone());
        self.observed_at = Some(live.taken.clone());
    }

    /// When its snapshot was taken, where it was read from one.
    pub(super) fn snapshot_time(&self) -> Option<&str> {
        self.observed_at.as_deref().filter(|_| self.is_snapshot)
    }

    /// The snapshot and the version of the engine, for people.
    pub(super) fn about(&self) -> impl Iterator<Item = String> {
        let snapshot = self.snapshot_time();
        let engine = self.engine.as_ref();
        let snapshot = snapshot.map(|time| format!("snapshot of {time}"));
        let engine = engine.map(|engine| format!("engine {}", engine.version));
        snapshot.into_iter().chain(engine)
    }
}
