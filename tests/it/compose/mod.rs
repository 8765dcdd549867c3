//! Compose files, held against what Docker Compose makes of them.

mod corpus;
pub(crate) mod oracle;
mod verdict;
