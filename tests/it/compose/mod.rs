//! Compose files, held against what Docker Compose makes of them.

pub(crate) mod oracle;
