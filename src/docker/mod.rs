//! The Docker Engine: finding it, asking it, and turning its answers into a state.
//!
//! Every request is a GET or a HEAD. Engines of several versions and makers answer: unknown fields are skipped,
//! and a field that cannot be read is noted (`answer`) and no reason not to compare the rest.

mod answer;
mod archive;
mod assemble;
mod attached;
mod changes;
#[allow(
    clippy::disallowed_methods,
    reason = "this is the one place that runs the docker CLI, which only reads"
)]
mod compose_cli;
mod connection;
mod containers;
mod contents;
mod contexts;
mod cutter;
#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests read their fixtures")]
mod damaged;
mod dialect;
mod endpoint;
mod events;
mod failure;
mod intake;
mod json;
#[cfg(unix)]
#[allow(
    clippy::disallowed_methods,
    reason = "ssh is run, and its words kept, in a temporary folder"
)]
mod keeper;
mod labels;
mod mounts;
mod observe;
mod platform;
mod podman;
mod ports;
mod reading;
#[cfg(any(test, fuzzing))]
#[cfg_attr(
    not(fuzzing),
    allow(unreachable_pub, reason = "fuzz targets use it from outside the crate")
)]
pub(crate) mod recorded;
mod resolve;
mod resources;
mod scope;
mod setup;
mod swarm;
mod transport;
#[cfg(unix)]
mod tunnel;
mod unresolved;

pub use compose_cli::{compose_version, resource_hashes, service_hashes};
pub use connection::Connection;
pub use dialect::translate;
pub use endpoint::{Endpoint, Ssh, Tls};
pub use events::{Event, Waited, events, wait};
pub use failure::{Failure, FailureKind};
pub use observe::observe;
pub use resolve::Surroundings;
pub use scope::{Contents, Depth, ProjectScope};
pub use swarm::observe_stack;
pub use unresolved::Unresolved;
