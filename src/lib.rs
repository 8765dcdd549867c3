//! composegen plans, renders, judges and compares the Docker Compose files of a product that runs
//! in several environments.
pub mod compose;
pub mod diagnostic;
pub mod render;
pub mod source;
pub mod spec;
pub mod state;
pub mod yaml;
