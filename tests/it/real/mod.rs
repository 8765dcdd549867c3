//! The generated files as they are, with real software: Postgres, Redis, Caddy, Prometheus and Node from Debian's
//! packages, in images that `tests/tools/real` makes. What no Debian has is a stand-in, whose image says so in its label
//! `composegen.stand-in`; the product's own services are one small program (`tests/tools/real/app`).
//!
//! `make test-real` runs these, on an engine of their own, one after the other: ports are those of the specs.

mod local;
mod stack;
