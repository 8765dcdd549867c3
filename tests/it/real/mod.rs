//! The generated files as they are, with real software: `PostgreSQL`, Redis, Caddy, Prometheus and Node from Debian's
//! packages, in images that `tests/tools/real` makes. What no Debian has is a stand-in, whose image says so in its label
//! `composegen.stand-in`; the product's own services are one small program (`tests/tools/real/app`).
//!
//! `make test-real` runs these, on engines of their own.

mod bookstore;
mod confined;
mod embedded;
mod local;
mod preview;
mod stack;
mod vps;
mod world;
