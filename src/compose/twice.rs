//! What a file lists twice, of which Compose drops the first.

use super::Written;
use super::notes::{Repeated, Twice};
use crate::source::Place;

/// The name of a variable or a label that a list has twice.
pub(crate) struct NamedTwice<'a> {
    /// Where the list is: `services`, its service, and the field.
    pub(crate) keys: &'a [String],
    /// The name.
    pub(crate) name: String,
    /// The later entry.
    pub(crate) place: Place,
}

/// What a service mounts at a path at which the same file mounts something before.
pub(crate) struct MountedTwice<'a> {
    pub(crate) service: &'a str,
    pub(crate) field: &'a str,
    /// The later entry.
    pub(crate) place: Place,
    /// The volume, config or secret of the earlier one, if it has any.
    pub(crate) dropped: Option<&'a str>,
}

impl Written {
    /// What services mount at a path at which the same file mounts something before.
    pub(crate) fn mounted_twice(&self) -> impl Iterator<Item = MountedTwice<'_>> {
        self.repeated().iter().filter_map(|repeated| {
            let [section, service, field] = repeated.keys.as_slice() else {
                return None;
            };
            let is_mount = matches!(repeated.what, Twice::File | Twice::Mount);
            let is_mount = section == "services" && is_mount;
            is_mount.then(|| MountedTwice {
                service,
                field,
                place: self.place(repeated.at),
                dropped: repeated.dropped.as_deref(),
            })
        })
    }

    /// The variables and labels that one list gives a value twice.
    pub(crate) fn named_twice(&self) -> impl Iterator<Item = NamedTwice<'_>> {
        let named = |repeated: &&Repeated| repeated.what == Twice::Name;
        self.repeated().iter().filter(named).filter_map(|repeated| {
            let place = self.place(repeated.at);
            let text = place.source.text.get(place.range()?)?;
            let name = super::unique::name_of(text.trim_matches(['"', '\'']));
            Some(NamedTwice {
                keys: &repeated.keys,
                name: name.to_owned(),
                place,
            })
        })
    }
}
