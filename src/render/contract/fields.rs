//! Every field that a spec sets is so in the file.

use std::collections::BTreeMap;

use super::{Contract, Owner};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::fields::{Value, Values, paths};
use crate::source::{Path, Place};
use crate::state::DEFINITION;
use crate::text::path::ENGINE_SOCKET;

const AS_IN_SPEC: &str = "expected the value of the spec";

impl Contract<'_> {
    /// Every field that the spec sets is so in the file; the entries of a list or mapping may be more.
    pub(super) fn fields(
        &self,
        owner: &Owner<'_>,
        prefix: &str,
        asked: &Values,
        written: &Values,
        problems: &mut Diagnostics,
    ) {
        for (path, value) in asked.iter() {
            let there = written.get(path);
            let field = format!("{prefix}{path}");
            match (value, there) {
                (_, Some(there)) if there == value => {}
                (Value::Map(ours), _) => {
                    let theirs = written.map(path);
                    // The digest is of the definition as the template writes it.
                    for (name, ours) in ours.iter().filter(|(name, _)| *name != DEFINITION) {
                        let field = format!("{field}.{name}");
                        match theirs.get(name) {
                            Some(theirs) if theirs == ours => {}
                            Some(_) => self.differs(owner, &field, AS_IN_SPEC, problems),
                            None => {
                                self.left_out(owner, &format!("`{field}`"), &field, problems);
                            }
                        }
                    }
                }
                (Value::List(ours), Some(Value::List(theirs)))
                    if ours.iter().all(|item| theirs.contains(item)) => {}
                (_, None) => self.left_out(owner, &format!("`{field}`"), &field, problems),
                (_, Some(_)) => self.differs(owner, &field, AS_IN_SPEC, problems),
            }
        }
    }

    /// The fields that no state has are as in the spec; a template may add some, but no profile, without which a service
    /// does not start.
    pub(super) fn beside_state(
        &self,
        name: &str,
        written: &BTreeMap<&'static str, Vec<String>>,
        problems: &mut Diagnostics,
    ) {
        let Some(asked) = self.asked.beside.get(name) else {
            return;
        };
        let owner = self.owner("service", name);
        for (field, ours) in asked {
            match written.get(field) {
                Some(theirs) if theirs == ours => {}
                Some(_) => self.differs(&owner, field, AS_IN_SPEC, problems),
                None => self.left_out(&owner, &format!("`{field}`"), field, problems),
            }
        }
        let added = ["profiles", "provider"].into_iter();
        for field in added.filter(|field| written.contains_key(field) && !asked.contains_key(field))
        {
            self.differs(&owner, field, "expected none, as in the spec", problems);
        }
    }

    pub(super) fn left_out(
        &self,
        owner: &Owner<'_>,
        what: &str,
        field: &str,
        problems: &mut Diagnostics,
    ) {
        let (place, path) = (self.spec_place(owner, field), self.at(&owner.path));
        problems.push(
            Diagnostic::new(format!("the template leaves out {what}"), place)
                .of(owner.what, owner.name)
                .label("declared here")
                .related(path, "expected it here"),
        );
    }

    pub(super) fn differs(
        &self,
        owner: &Owner<'_>,
        field: &str,
        expected: &str,
        problems: &mut Diagnostics,
    ) {
        // Of several ways to write a field, the one in the file.
        let written = paths(field)
            .into_iter()
            .map(|path| below(&owner.path, &path))
            .min_by_key(|path| self.source.missing_steps(path));
        let path = written.unwrap_or_else(|| below(&owner.path, field));
        problems.push(
            Diagnostic::new(
                format!(
                    "`{field}` of {} `{}` differs from its spec",
                    owner.what, owner.name
                ),
                self.at(&path),
            )
            .label(expected.to_owned())
            .related(self.spec_place(owner, field), "declared here"),
        );
    }

    /// Whether the spec sets a field.
    pub(super) fn is_set(&self, owner: &Owner<'_>, field: &str) -> bool {
        paths(field).into_iter().any(|path| {
            let path = below(&owner.path, &path);
            self.asked.find(&path).1 == path.segments().len()
        })
    }

    /// Where the spec says what a field is.
    pub(super) fn spec_place(&self, owner: &Owner<'_>, field: &str) -> Place {
        let found = paths(field)
            .into_iter()
            .map(|path| below(&owner.path, &path));
        let length = owner.path.segments().len();
        // Of two ways to write a field, the one of which most is written.
        let nearest = found
            .map(|path| (path.segments().len(), self.asked.find(&path)))
            .filter(|(_, (place, depth))| place.is_some() && *depth > length)
            .min_by_key(|(steps, (_, depth))| steps - depth);
        let found = self
            .socket(owner, field)
            .or_else(|| nearest.and_then(|(_, (place, _))| place));
        found.unwrap_or_else(|| owner.place.clone())
    }

    /// Where the spec gives a service the socket of the engine, if what the service has comes from that: Compose adds a mount
    /// and a variable.
    pub(super) fn socket(&self, owner: &Owner<'_>, what: &str) -> Option<Place> {
        let mount = what.strip_suffix(ENGINE_SOCKET);
        if what != "environment.DOCKER_CONFIG" && mount.is_none() {
            return None;
        }
        let path = owner.path.key("use_api_socket");
        let (place, depth) = self.asked.find(&path);
        place.filter(|_| depth == path.segments().len())
    }
}

/// The path of a field of a service, network or volume.
fn below(owner: &Path, field: &str) -> Path {
    field
        .split('.')
        .fold(owner.clone(), |path, key| path.key(key))
}
