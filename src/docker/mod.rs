//! The Docker Engine: finding it, asking it, and turning its answers into a state.
//!
//! Every request is a GET. Engines of several versions and makers answer: unknown fields are skipped,
//! and a field that cannot be read is noted (`answer`) and no reason not to compare the rest.

mod answer;
mod assemble;
mod connection;
mod containers;
mod contexts;
mod cutter;
#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests read their fixtures")]
mod damaged;
mod endpoint;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod intake;
mod interest;
mod json;
#[cfg(unix)]
#[allow(
    clippy::disallowed_methods,
    reason = "ssh is run, and its words kept, in a temporary folder"
)]
mod keeper;
mod observe;
mod ports;
mod resources;
mod setup;
mod transport;
#[cfg(unix)]
mod tunnel;

pub use connection::{Connection, Failure};
pub use endpoint::{Endpoint, Ssh, Surroundings, Tls, Unresolved};
pub use interest::Interest;
pub use observe::observe;
