//! Compose files, held against what Docker Compose makes of them.

mod corpus;
mod fixtures;
pub(crate) mod oracle;
mod verdict;
