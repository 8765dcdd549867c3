//! `composegen drift` on real engines: what a person changes on a host, and what is reported.
//!
//! A test starts a small project of its own, changes one thing with the docker command line, and
//! holds the report against what is expected: these findings, in this order of weight, and no other.

mod attributes;
mod by_hand;
mod certificates;
pub(crate) mod fake;
pub(crate) mod finding;
pub(crate) mod kiosk;
pub(crate) mod report;
mod shop;
pub(crate) mod shop_engine;
mod watched;

mod content;
mod content_faults;
mod costs;
mod every_fault;
mod false_drift;
mod faults;
mod foreign;
mod helps;
mod hostile_files;
mod hosts;
mod networks;
mod no_engine;
pub(crate) mod outlive;
mod patched;
mod proxy;
mod reach;
mod recorded;
mod services;
mod settings;
mod snapshots;
mod ssh;
mod stacks;
mod states;
mod tls;
mod variables;
mod volumes;
