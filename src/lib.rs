//! composegen renders, checks, plans and compares the Docker Compose files of a product that runs
//! in several environments.
//!
//! ```text
//! environments/*.yaml ── spec ──► Catalog ──► render ──► Compose text ──► generated/**
//!                                               ▲             │
//! templates/**  ────────────────────────────────┘             └─► compose ──► expected state ─┐
//!                                                                                           drift ──► report
//! Docker Engine ──────────────────────────────────────────────► docker ──► observed state ────┘
//! ```
//!
//! Data runs one way:
//!
//! - [`text`] is how text from outside is shown, in every output;
//! - `yaml` reads YAML so that every value knows its place, [`source`] is a text and a place in it, and
//!   [`diagnostic`] shows it to a person;
//! - [`files`] opens the project's files by handles, so that no link leads out of it;
//! - [`redact`] knows what is secret, and hides it wherever something is shown;
//! - [`engine`] is what runs a Compose file: Docker Compose, or a swarm;
//! - [`spec`] turns the specs into a catalogue, or into all of their mistakes at once;
//! - [`compose`] turns a Compose file into a [`state`]: what it expects of a host;
//! - [`render`] turns the catalogue and the templates into Compose files, and compares each with its
//!   spec before any is written;
//! - [`rules`] checks the specs and the Compose files;
//! - [`docker`] asks an engine for the observed [`state`], by the table of [`fields`];
//! - [`drift`] compares both states, and [`plan`] says what `docker compose up` would do;
//! - [`report`] writes what was found, and `graph` draws what runs on hosts and who can reach it;
//! - [`cli`] is the command line.

pub mod cli;
pub mod compose;
mod cycles;
pub mod diagnostic;
pub mod docker;
pub mod drift;
pub mod fields;
pub mod files;
pub mod finding;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod git;
mod graph;
mod history;
mod host_id;
mod init;
pub mod journal;
pub mod orchestrator;
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
