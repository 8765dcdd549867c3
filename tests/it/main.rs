//! What composegen does as a whole: given these files, when this command, then this output.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod broken;
mod compose;
mod drift;
mod engine;
mod injection;
mod judges;
mod outside;
mod project;
mod render;
mod reports;
mod state;
