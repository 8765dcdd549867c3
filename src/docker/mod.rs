//! The Docker Engine: finding it, asking it, and turning its answers into a state.
//!
//! Every request is a GET. The answers are read leniently: engines of several versions and makers
//! answer, and a field that is missing, null or unknown is no reason not to compare the rest.

mod answer;
mod assemble;
mod connection;
mod containers;
mod contexts;
mod endpoint;
mod interest;
#[cfg(unix)]
mod keeper;
mod observe;
mod resources;
mod transport;
#[cfg(unix)]
mod tunnel;

pub use connection::{Connection, Failure};
pub use endpoint::{Endpoint, Ssh, Surroundings, Tls, Unresolved};
pub use interest::Interest;
pub use observe::observe;
