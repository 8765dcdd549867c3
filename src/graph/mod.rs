//! What runs on hosts as a picture: services, the networks that connect them, the ports by which they are
//! reached, volumes, and routes to other hosts.
//!
//! `build` makes a [`Graph`] of what is expected of a host and of what was found there; everything else is a
//! pure function of graphs. `layout` says where everything goes, so that no label covers another and no line
//! passes through a box, and `svg` writes it.

mod build;
mod dot;
mod edges;
mod input;
mod layout;
mod local;
mod measure;
mod mermaid;
mod model;
mod neighbours;
mod observed;
mod others;
mod overlay;
mod ports;
mod published;
mod reach;
mod routes;
mod svg;
#[cfg(test)]
mod tests;

pub(crate) use dot::dot;
pub(crate) use input::{Folders, LiveHost, ShownHost, Spec};
pub(crate) use mermaid::mermaid;
pub(crate) use model::{Caller, Drift, DriftKind, Graph, Port, Service, Zone};
pub(crate) use ports::{addresses, zone};
pub(crate) use reach::{AccessPath, Hop, PathOrigin, Reachability, reach};
pub(crate) use routes::connect;
pub(crate) use svg::{STYLE, Styles, svg};
