//! What a file mounts twice at one path.

use super::Written;
use super::notes::Twice;
use crate::source::Place;

impl Written {
    /// What a service mounts at a path at which the same file mounts something before: the service, the field and the place.
    pub(crate) fn mounted_twice(&self) -> impl Iterator<Item = (&str, &str, Place)> {
        self.repeated().iter().filter_map(|repeated| {
            let [section, service, field] = repeated.keys.as_slice() else {
                return None;
            };
            let is_mount = section == "services" && repeated.what != Twice::Item;
            is_mount.then(|| (service.as_str(), field.as_str(), self.place(repeated.at)))
        })
    }
}
