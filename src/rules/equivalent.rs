//! Rules of other linters that check the same as a rule here.

use std::fmt;

use strum::IntoStaticStr;

/// A linter for Compose files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Tool {
    /// compose-lint, from `PyPI`.
    ComposeLint,
    /// dclint, from npm.
    Dclint,
    /// The queries of KICS for Docker Compose.
    #[strum(serialize = "KICS")]
    Kics,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ComposeLint, Self::Dclint, Self::Kics];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A rule of another linter that checks the same as a rule here.
#[derive(Debug, Clone, Copy)]
pub struct Equivalent {
    /// The linter.
    pub tool: Tool,
    /// The name of its rule.
    pub name: &'static str,
    /// What that rule reports and the rule here does not, with the reason; empty if nothing.
    pub except: &'static str,
}

impl Equivalent {
    pub(super) const fn except(mut self, except: &'static str) -> Self {
        self.except = except;
        self
    }
}

impl fmt::Display for Equivalent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tool {
            Tool::ComposeLint => write!(out, "{} {}", self.tool.name(), self.name),
            Tool::Dclint | Tool::Kics => write!(out, "{} `{}`", self.tool.name(), self.name),
        }
    }
}

pub(super) const fn compose_lint(name: &'static str) -> Equivalent {
    of(Tool::ComposeLint, name)
}

pub(super) const fn dclint(name: &'static str) -> Equivalent {
    of(Tool::Dclint, name)
}

pub(super) const fn kics(name: &'static str) -> Equivalent {
    of(Tool::Kics, name)
}

const fn of(tool: Tool, name: &'static str) -> Equivalent {
    Equivalent {
        tool,
        name,
        except: "",
    }
}
