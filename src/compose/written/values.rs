//! What the env files of its host say of a file.

use std::collections::BTreeSet;

use super::model::{Known, model};
use super::{At, Notes, Written};
use crate::redact::may_be_secret;
use crate::text::expression::nested_expressions;

impl Written {
    /// The value that the env files of its host give to a variable.
    pub(crate) fn value(&self, variable: &str) -> Option<&str> {
        let (variables, _) = self.of_host.as_ref()?;
        variables.get(variable)
    }

    /// A host's own file with what its variables stand for everywhere, but for those that may be secret; `None` where it
    /// has none.
    pub(crate) fn with_values(&self) -> Option<Self> {
        let (variables, engine) = self.of_host.as_ref()?;
        let mut secrets = BTreeSet::new();
        for (_, service) in self.entries("services") {
            secret_variables(service, &mut secrets);
        }
        let variables = variables.only(|name| !may_be_secret(name) && !secrets.contains(name));
        let known = Known {
            variables: &variables,
            has_all: true,
            orchestrator: *engine,
        };
        // What is wrong with it was said when it was read.
        let mut notes = Notes::default();
        notes.sources.clone_from(&self.sources);
        (variables.count() > 0).then(|| Self {
            model: model(&self.text, &self.project, known, &mut notes),
            ..self.clone()
        })
    }
}

/// The variables in a value that make a secret: of a name that names one, or the password of a URL.
fn secret_variables<'a>(at: At<'a>, secrets: &mut BTreeSet<&'a str>) {
    for pair in at.pairs().filter(|pair| may_be_secret(&pair.name)) {
        let expressions = nested_expressions(pair.at.written()).into_iter();
        secrets.extend(expressions.map(|expression| expression.name));
    }
    let written = at.written();
    let passwords = nested_expressions(written)
        .into_iter()
        .filter(|expression| {
            let (before, after) = written.split_once(expression.written).unwrap_or_default();
            let user = before.rsplit_once("://").map(|(_, user)| user);
            let is_open = user.is_some_and(|user| user.contains(':') && !user.contains(['/', '@']));
            is_open && after.contains('@')
        });
    secrets.extend(passwords.map(|expression| expression.name));
    for part in at.items().chain(at.entries().map(|(_, at)| at)) {
        secret_variables(part, secrets);
    }
}
