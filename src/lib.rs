//! composegen plans, renders, judges and compares the Docker Compose files of a product that runs
//! in several environments.
//!
//! ```text
//! environments/*.yaml ── spec ──► Catalog ──► render ──► Compose text ──► generated/**
//!                                               ▲             │
//! templates/**  ────────────────────────────────┘             └─► compose ──► expected state
//! ```
//!
//! Data runs one way, and no module reaches back:
//!
//! - [`text`] is how text from outside is shown, in every output;
//! - `yaml` reads YAML so that every value knows its place, [`source`] says what a place is, and
//!   [`diagnostic`] shows it to a person;
//! - [`files`] opens the project's files by handles, so that no link leads out of it;
//! - [`redact`] knows what is secret, and hides it wherever something is shown;
//! - [`engine`] is what runs a Compose file: Docker Compose, or a swarm;
//! - [`spec`] turns the specs into a catalogue, or into all of their mistakes at once;
//! - [`compose`] turns a Compose file into a [`state`]: what it asks of a host;
//! - [`render`] turns the catalogue and the templates into Compose files, and holds each against
//!   its spec before any is written;
//! - [`rules`] holds what the environments promise against the catalogue and the Compose files, and
//!   [`report`] writes what was found;
//! - `graph` shows what runs on hosts, and who can reach it, as pictures;
//! - [`cli`] is the command line.

pub mod cli;
pub mod compose;
mod cycles;
pub mod diagnostic;
pub mod docker;
pub mod drift;
pub mod engine;
pub mod fields;
pub mod files;
pub mod finding;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod git;
mod graph;
mod history;
mod init;
pub mod journal;
mod parallel;
mod patch;
pub mod pattern;
pub mod plan;
mod process;
mod promote;
pub mod redact;
pub mod render;
pub mod report;
pub mod rules;
mod sandbox;
pub mod severity;
pub mod source;
pub mod spec;
pub mod state;
mod suppression;
mod target;
pub mod text;
pub mod variables;
mod watch;
mod yaml;
