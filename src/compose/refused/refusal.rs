//! A part of a file that is refused.

use crate::compose::view::At;
use crate::source::Place;
use crate::state::{DeployStep, StackRefusal};

/// A part of a file that `docker stack deploy` refuses.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The step that fails.
    pub(crate) step: DeployStep,
    /// What it is a part of: the section and the name of an entry. Nothing, where it is a part of the file.
    pub(crate) of: Option<(&'static str, String)>,
    /// Its path there.
    pub(crate) path: String,
    pub(crate) place: Place,
    /// What is wrong.
    pub(crate) message: String,
    /// What is expected, or what to write instead; empty where there is nothing.
    pub(crate) expected: String,
}

impl Refusal {
    /// The service that it is a part of.
    pub(crate) fn service(&self) -> Option<&str> {
        match &self.of {
            Some(("services", service)) => Some(service),
            _ => None,
        }
    }

    /// The refusal as a state has it.
    pub(in crate::compose) fn known(self) -> StackRefusal {
        let (section, resource) = match self.of {
            Some((section, name)) => (section, name),
            None => ("", self.path.clone()),
        };
        let of_stack = matches!(section, "configs" | "secrets").then_some("stack");
        let place = [section, &resource, &self.path]
            .into_iter()
            .filter(|part| !part.is_empty());
        StackRefusal {
            step: self.step,
            place: of_stack
                .into_iter()
                .chain(place)
                .map(str::to_owned)
                .collect(),
            message: match self.expected.as_str() {
                "" => self.message,
                expected => format!("{}: {expected}", self.message),
            },
            resource,
        }
    }
}

/// A value that is known and not empty.
pub(super) fn known(at: Option<At<'_>>) -> Option<(String, At<'_>)> {
    let at = at.filter(At::is_known)?;
    Some((at.text().filter(|text| !text.is_empty())?, at))
}
