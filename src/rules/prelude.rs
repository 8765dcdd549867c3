//! What every rule is written with.

pub(super) use super::deployed::Deployed;
pub(super) use super::equivalent::{compose_lint, dclint, kics};
pub(super) use super::fix::Fix;
pub(super) use super::found::Found;
pub(super) use super::rule::{Check, Example, Rule, Severity, compose, service, spec};
pub(super) use super::subject::Subject;
pub(super) use crate::orchestrator::Orchestrator;
