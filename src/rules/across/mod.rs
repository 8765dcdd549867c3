//! Rules on several Compose files together: what two of them would share.
//!
//! Names, ports and directories are compared between files that run on one machine; files that no
//! spec describes are taken to run on one.

use super::rule::Rule;

mod alias_shared;
mod bind_shared;
mod foreign_name;
mod literal_secret;
mod mirror;
mod name_shared;
mod port_collision;
mod preview_teardown;
mod project_shared;
mod subnet_overlap;

pub(super) const RULES: &[&Rule] = &[
    &literal_secret::RULE,
    &mirror::RULE,
    &foreign_name::RULE,
    &port_collision::RULE,
    &project_shared::RULE,
    &name_shared::RULE,
    &alias_shared::RULE,
    &bind_shared::RULE,
    &subnet_overlap::RULE,
    &preview_teardown::RULE,
];
