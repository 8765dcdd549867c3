//! What composegen does as a whole: given these files, when this command, then this output.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod arguments;
mod bookstore;
mod catalog;
mod check;
mod check_allowed;
mod check_baseline;
mod check_files;
mod check_secrets;
mod check_selection;
mod committed;
mod compose;
mod coverage;
mod custom_rules;
mod delivered;
mod docker_cli;
mod drift;
mod engine;
mod expressible;
mod files;
mod files_of_hosts;
mod files_of_hosts_variables;
mod fix;
mod fixtures;
mod graph;
mod growing_cost;
mod history;
mod hooks;
mod hostile_cost;
mod init;
mod init_secrets;
mod injection;
mod journal;
mod judges;
mod memory;
mod mirror;
mod mistakes;
mod mistakes_in_specs;
mod mistakes_in_templates;
mod one_mistake;
mod operators;
mod outside;
mod page;
mod pages;
mod plan;
mod project;
mod promises;
mod promote;
// Linux shows how much memory another process took.
mod other_linters;
#[cfg(target_os = "linux")]
mod reading;
mod reading_hostile;
mod real;
mod refused;
mod render;
mod rendered_env_files;
mod reports;
mod required_variables;
mod revision;
mod rules;
mod sarif;
mod schemas;
mod secrets;
mod security;
mod shells;
mod shown;
mod site;
mod spec_values;
mod state;
mod swarm;
mod templates;
mod threads;
mod tutorial;
mod unknown_names;
mod watching;
mod writing;
