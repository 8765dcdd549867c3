//! x
mod context;
mod scalar;
mod templates;
mod usage;
mod weave;
pub use templates::Templates;
