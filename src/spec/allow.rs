//! Findings of `check` that are accepted, and why.

use super::located::Located;
use super::read::{readable, record};

record! {
    /// Findings of `check` that are allowed to an environment, or to all of them.
    pub(crate) Allowance, read(cursor, fields, problems):
    /// The code of the rule.
    required pub(crate) rule: Located<String>,
    /// What the findings are about; `*` stands for any text.
    required pub(crate) what: Located<String>,
    /// Why they are allowed.
    required pub(crate) reason: Located<String>,
}

record! {
    /// A difference between an environment and the one that it mirrors.
    pub(crate) Difference, read(cursor, fields, problems):
    /// What differs, as in `volumes.data` or `services.app.limits`; `*` stands for any text.
    required pub(crate) what: Located<String>,
    /// Why it may.
    required pub(crate) reason: Located<String>,
}

readable!(Allowance, Difference);
