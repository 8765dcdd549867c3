//! What a container is expected to have: what the file says, over what the image sets.

use std::collections::{BTreeMap, BTreeSet};

use crate::fields::{Form, SERVICE, Value, Values};
use crate::redact::Sensitive;

/// The fields of a service, and those of its image that the service leaves to it.
pub(super) fn with_image(own: &Values, image: Option<&Values>) -> Values {
    let mut expected = own.clone();
    for field in SERVICE.iter().filter(|field| field.is_of_image) {
        let Some(of_image) = image.and_then(|image| image.get(field.path)) else {
            continue;
        };
        // The command of the image belongs to its entrypoint.
        if field.path == "command" && own.words("entrypoint").is_some_and(|own| !own.is_empty()) {
            continue;
        }
        let value = match (own.get(field.path), of_image) {
            (Some(Value::Map(own)), Value::Map(of_image)) => {
                let mut map: BTreeMap<_, _> = of_image.clone();
                map.extend(own.clone());
                Value::Map(map)
            }
            (Some(Value::List(own)), Value::List(of_image)) if field.form == Form::Exposed => {
                let mut list = [own.as_slice(), of_image].concat();
                list.sort();
                list.dedup();
                Value::List(list)
            }
            (Some(_), _) => continue,
            (None, of_image) => of_image.clone(),
        };
        expected.set(field, value);
    }
    expected
}

/// The option of a tmpfs that an engine takes without showing it.
const NOT_SHOWN: &str = "notmpcopyup";

/// Adds the options that an engine adds to each tmpfs, besides those that rule them out.
pub(super) fn add_tmpfs_options(
    expected: &mut Values,
    added: &[(&'static str, &'static [&'static str])],
) {
    let Some(Value::Map(directories)) = expected.get_mut("tmpfs").filter(|_| !added.is_empty())
    else {
        return;
    };
    for options in directories.values_mut().flatten() {
        let own: Vec<&str> = options.revealed().split(',').collect();
        let added = added.iter().filter(|(option, others)| {
            !own.contains(option) && !others.iter().any(|other| own.contains(other))
        });
        let shown = own.iter().filter(|option| **option != NOT_SHOWN);
        let all: Vec<&str> = shown
            .chain(added.map(|(option, _)| option))
            .copied()
            .collect();
        *options = Sensitive::public(all.join(","));
    }
}

/// Removes the permissions of devices of which an engine does not show them.
pub(super) fn remove_unshown_permissions(expected: &mut Values, observed: &Values) {
    let shown: BTreeSet<&str> = observed
        .list("devices")
        .iter()
        .map(String::as_str)
        .collect();
    let Some(Value::List(devices)) = expected.get_mut("devices").filter(|_| !shown.is_empty())
    else {
        return;
    };
    for device in devices.iter_mut() {
        let bare = device.rsplit_once(':').map(|(bare, _)| bare);
        if let Some(bare) = bare.filter(|bare| shown.contains(bare)) {
            *device = bare.to_owned();
        }
    }
    devices.sort();
    devices.dedup();
}

#[cfg(test)]
mod tests {
    use super::{remove_unshown_permissions, with_image};
    use crate::fields::{Value, Values};
    use crate::redact::Sensitive;

    fn words(words: &[&str]) -> Value {
        let words = words.iter().map(|word| Sensitive::public(*word));
        Value::Words(words.collect())
    }

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn permissions_of_devices_that_are_not_shown_are_not_expected() {
        let devices =
            |devices: &[&str]| -> Values { [("devices", list(devices))].into_iter().collect() };
        let of = |shown: &[&str]| {
            let mut expected = devices(&["/dev/a:/dev/b1:r", "/dev/a:/dev/b:rwm"]);
            remove_unshown_permissions(&mut expected, &devices(shown));
            expected.list("devices").to_vec()
        };
        assert_eq!(
            of(&["/dev/a:/dev/b", "/dev/a:/dev/b1"]),
            ["/dev/a:/dev/b", "/dev/a:/dev/b1"]
        );
        // One that is missing is named with its permissions.
        assert_eq!(
            of(&["/dev/a:/dev/b"]),
            ["/dev/a:/dev/b", "/dev/a:/dev/b1:r"]
        );
        let as_written = ["/dev/a:/dev/b1:r", "/dev/a:/dev/b:rwm"];
        assert_eq!(of(&["/dev/a:/dev/b:rwm"]), as_written);
        assert_eq!(of(&[]), as_written);
    }

    #[test]
    fn a_service_has_what_its_image_sets() {
        let fields = |fields: &[(&'static str, Value)]| fields.iter().cloned().collect::<Values>();
        let image = fields(&[
            ("command", words(&["serve"])),
            ("expose", list(&["80/tcp"])),
            ("user", Value::Text(Sensitive::public("app"))),
        ]);
        let own = fields(&[("expose", list(&["443/tcp"]))]);
        let expected = with_image(&own, Some(&image));
        assert_eq!(expected.list("expose"), ["443/tcp", "80/tcp"]);
        assert_eq!(expected.text("user"), Some("app"));
        assert!(expected.words("command").is_some());
        assert_eq!(with_image(&own, None), own);
        let own = fields(&[("entrypoint", words(&["/bin/sh"]))]);
        assert!(with_image(&own, Some(&image)).words("command").is_none());
        let own = fields(&[("entrypoint", words(&[]))]);
        assert!(with_image(&own, Some(&image)).words("command").is_some());
    }
}
