//! `composegen drift` on real engines: what a person changes on a host, and what is said of it.
//!
//! A test starts a small project of its own, changes one thing with the docker command line, and
//! holds the report against what is expected: these findings, in this order of weight, and no other.

mod by_hand;
mod kiosk;
mod report;

mod foreign;
mod networks;
mod services;
mod settings;
mod volumes;
