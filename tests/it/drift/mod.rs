//! `composegen drift` on real engines: what a person changes on a host, and what is said of it.
//!
//! A test starts a small project of its own, changes one thing with the docker command line, and
//! holds the report against what is expected: these findings, in this order of weight, and no other.

mod by_hand;
pub(crate) mod fake;
mod finding;
mod kiosk;
mod report;
mod shop;
mod watched;

mod false_drift;
mod faults;
mod foreign;
mod hosts;
mod networks;
mod proxy;
mod reach;
mod services;
mod settings;
mod snapshots;
mod ssh;
mod tls;
mod variables;
mod volumes;
