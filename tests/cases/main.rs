//! Tests of which there are many of one kind: each case is a test with a name.
//!
//! `cargo test --test cases machine` runs those whose names contain `machine`.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod broken;
mod checked;
mod examples;
mod machine;
mod mutants;
#[path = "../it/project.rs"]
mod project;
mod services;

use std::collections::BTreeSet;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// A case with its name, and what it does; it fails by a panic or with a reason.
fn case(
    name: impl Into<String>,
    run: impl FnOnce() -> Result<(), String> + Send + 'static,
) -> Trial {
    Trial::test(name, || run().map_err(Failed::from))
}

fn main() -> ExitCode {
    let mut cases = broken::cases();
    cases.extend(examples::cases());
    cases.extend(machine::cases());
    cases.extend(mutants::cases());
    cases.extend(services::cases());
    let mut names = BTreeSet::new();
    let twice = cases.iter().find(|case| !names.insert(case.name()));
    assert!(twice.is_none(), "two cases have the same name: {twice:?}");
    libtest_mimic::run(&Arguments::from_args(), cases).exit_code()
}
