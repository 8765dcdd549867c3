//! Compose files, held against what Docker Compose makes of them.

mod cli;
pub(crate) mod corpus;
mod fixtures;
mod generated;
mod hostile;
pub(crate) mod oracle;
mod verdict;
