//! The capabilities of containers.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::forms::Sides;
use crate::fields::{Value, Values};
use crate::state::{Dialect, Live};

/// Every capability.
const ALL: &str = "ALL";

/// Whether two containers have the same capabilities; `None` where that depends on what the engine
/// gives to every container, and it does not say.
pub(super) fn are_same(sides: Sides<'_>, live: &Live) -> Option<bool> {
    let Sides { wanted, is } = sides;
    // A privileged container has all, whatever is written; that it is privileged is the difference.
    let shows_result = live.dialect.shows_resulting_capabilities;
    if is.is_on("privileged") && (shows_result || wanted.is_on("privileged")) {
        return Some(true);
    }
    // Docker repeats what was asked for. Podman writes what differs from Docker's default, whatever its own is
    // (podman, `libpod/container_inspect.go`).
    let shown = Dialect::CAPABILITIES.iter().copied().collect();
    let shown = capabilities(is, &shown);
    let are_same = |default: &BTreeSet<&str>| capabilities(wanted, default) == shown;
    let mut answers = defaults(live)
        .iter()
        .map(are_same)
        .collect::<BTreeSet<bool>>();
    let answer = answers.pop_first();
    answer.filter(|_| answers.is_empty())
}

/// The fields of a container with its capabilities as a file would ask for them, as near to this file as that can be
/// said. An engine that shows only what differs from Docker's default shows capabilities as dropped that nobody dropped.
pub(super) fn as_asked_for<'a>(sides: Sides<'a>, live: &Live) -> Cow<'a, Values> {
    let Sides { wanted, is } = sides;
    if !live.dialect.shows_resulting_capabilities || is.list(ADD).iter().any(|name| name == ALL) {
        return Cow::Borrowed(is);
    }
    let shown = Dialect::CAPABILITIES.iter().copied().collect();
    let shown = capabilities(is, &shown);
    let set = |path| -> BTreeSet<&str> { wanted.list(path).iter().map(String::as_str).collect() };
    let (add, drop) = (set(ADD), set(DROP));
    // What the container would begin with, and the word for that in the list of what is dropped.
    let mut bases: Vec<_> = defaults(live)
        .into_iter()
        .map(|base| (base, None))
        .collect();
    bases.push((BTreeSet::new(), Some(ALL)));
    let asked = bases.into_iter().map(|(base, all)| {
        let mut added = &shown - &base;
        // What the file asks for without need is no difference.
        added.extend(add.intersection(&shown));
        let mut dropped = &base - &shown;
        dropped.extend(drop.difference(&shown).filter(|name| **name != ALL));
        dropped.extend(all);
        (added, dropped)
    });
    let distance = |(added, dropped): &(BTreeSet<&str>, BTreeSet<&str>)| {
        (&add ^ added).len() + (&drop ^ dropped).len()
    };
    let Some((added, dropped)) = asked.min_by_key(distance) else {
        return Cow::Borrowed(is);
    };
    let mut asked = is.clone();
    for (path, names) in [(ADD, added), (DROP, dropped)] {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        asked.take(path);
        if !names.is_empty() {
            asked.insert(path, Value::List(names));
        }
    }
    Cow::Owned(asked)
}

const ADD: &str = "cap_add";
const DROP: &str = "cap_drop";

/// The capabilities that a container may have for which none are set.
fn defaults(live: &Live) -> Vec<BTreeSet<&str>> {
    let reported = &live.engine.capabilities;
    if reported.is_empty() {
        live.dialect
            .capabilities
            .iter()
            .map(|names| names.iter().copied().collect())
            .collect()
    } else {
        vec![reported.iter().map(String::as_str).collect()]
    }
}

/// The capabilities that a container has (moby, `oci/caps`). Some engines repeat what was asked for,
/// others write what differs from their default: only the result can be compared.
fn capabilities<'a>(fields: &'a Values, default: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let (add, drop) = (fields.list(ADD), fields.list(DROP));
    let has = |names: &[String], name: &str| names.iter().any(|known| known == name);
    let mut names = if has(add, ALL) {
        BTreeSet::from([ALL])
    } else if has(drop, ALL) {
        BTreeSet::new()
    } else {
        default.clone()
    };
    for name in drop {
        names.remove(name.as_str());
        if names.contains(ALL) && name != ALL {
            // All but this one.
            names.insert(name);
        }
    }
    names.extend(add.iter().map(String::as_str));
    names
}

#[cfg(test)]
mod tests {
    use super::{are_same, as_asked_for};
    use crate::drift::forms::Sides;
    use crate::fields::{Value, Values};
    use crate::state::{Dialect, Live};

    fn caps(add: &[&str], drop: &[&str]) -> Values {
        let lists = [("cap_add", add), ("cap_drop", drop)]
            .into_iter()
            .filter(|(_, names)| !names.is_empty());
        lists
            .map(|(path, names)| {
                let names = names.iter().map(|name| (*name).to_owned());
                (path, Value::List(names.collect()))
            })
            .collect()
    }

    const FULL: &[&str] = Dialect::CAPABILITIES;
    /// What distributions leave of it for Podman.
    const BARE: &[&str] = &[
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ];
    const LESS: &[&str] = &["AUDIT_WRITE", "MKNOD", "NET_RAW"];

    fn live(known: &'static [&'static [&'static str]], reported: &[&str]) -> Live {
        let mut live = Live {
            dialect: Dialect {
                capabilities: known,
                ..Dialect::DOCKER
            },
            ..Live::default()
        };
        live.engine.capabilities = reported.iter().map(|name| (*name).to_owned()).collect();
        live
    }

    #[test]
    fn capabilities_are_the_result_of_both_lists() {
        let live = live(&[FULL], &[]);
        let are_same = |wanted: &Values, is: &Values| are_same(Sides { wanted, is }, &live);
        // As Podman shows it.
        let asked = caps(&["KILL"], &["ALL"]);
        let others: Vec<&str> = FULL
            .iter()
            .copied()
            .filter(|name| *name != "KILL")
            .collect();
        assert_eq!(are_same(&asked, &caps(&[], &others)), Some(true));
        assert_eq!(are_same(&asked, &caps(&[], &["ALL"])), Some(false));
        assert_eq!(are_same(&caps(&[], &["ALL"]), &caps(&[], &[])), Some(false));
        let all = caps(&["ALL"], &[]);
        assert_eq!(are_same(&caps(&["ALL"], &["CHOWN"]), &all), Some(false));
    }

    /// Podman shows all that a privileged container has.
    #[test]
    fn what_a_privileged_container_has_is_no_difference_of_its_own() {
        let own = caps(&[], &[]);
        let mut is = caps(&["SYS_ADMIN", "NET_RAW"], &[]);
        is.insert("privileged", Value::Flag(true));
        let sides = Sides {
            wanted: &own,
            is: &is,
        };
        let mut live = live(&[FULL], &[]);
        assert_eq!(are_same(sides, &live), Some(false));
        live.dialect.shows_resulting_capabilities = true;
        assert_eq!(are_same(sides, &live), Some(true));
    }

    #[test]
    fn what_nobody_dropped_is_not_shown_as_dropped() {
        let mut live = live(&[BARE, FULL], BARE);
        live.dialect.shows_resulting_capabilities = true;
        let more: Vec<&str> = FULL
            .iter()
            .copied()
            .filter(|name| *name != "KILL")
            .collect();
        for (wanted, is, asked) in [
            // As Podman shows them: what differs from Docker's default.
            (
                caps(&["SYS_ADMIN"], &[]),
                caps(&["NET_ADMIN"], LESS),
                caps(&["NET_ADMIN"], &[]),
            ),
            (
                caps(&[], &[]),
                caps(&["NET_ADMIN"], LESS),
                caps(&["NET_ADMIN"], &[]),
            ),
            (
                caps(&["SYS_ADMIN", "CHOWN"], &["MKNOD"]),
                caps(&[], LESS),
                caps(&["CHOWN"], &["MKNOD"]),
            ),
            (
                caps(&["KILL"], &["ALL"]),
                caps(&["NET_ADMIN"], &more),
                caps(&["KILL", "NET_ADMIN"], &["ALL"]),
            ),
            (caps(&[], &["ALL"]), caps(&[], LESS), caps(&[], &[])),
        ] {
            let sides = Sides {
                wanted: &wanted,
                is: &is,
            };
            let shown = as_asked_for(sides, &live);
            assert_eq!(*shown, asked, "{wanted:?} {is:?}");
        }
        live.dialect.shows_resulting_capabilities = false;
        let (wanted, is) = (caps(&[], &[]), caps(&["NET_ADMIN"], LESS));
        let sides = Sides {
            wanted: &wanted,
            is: &is,
        };
        assert_eq!(*as_asked_for(sides, &live), is);
    }

    #[test]
    fn what_a_container_has_by_default_depends_on_the_engine() {
        let nothing = caps(&[], &[]);
        let (added, dropped) = (caps(&["NET_RAW"], &[]), caps(&[], &["NET_RAW"]));
        // What Podman shows of a container with all of its default, and of one with a capability more.
        let (bare, more) = (caps(&[], LESS), caps(&[], &["AUDIT_WRITE", "MKNOD"]));
        for (known, reported, is, silent, add, drop) in [
            (
                &[FULL][..],
                &[][..],
                &nothing,
                Some(true),
                Some(true),
                Some(false),
            ),
            (&[BARE], &[], &bare, Some(true), Some(false), Some(true)),
            (&[BARE], &[], &more, Some(false), Some(true), Some(false)),
            (
                &[BARE, FULL],
                BARE,
                &more,
                Some(false),
                Some(true),
                Some(false),
            ),
            (
                &[BARE, FULL],
                FULL,
                &nothing,
                Some(true),
                Some(true),
                Some(false),
            ),
            (&[BARE, FULL], &[], &nothing, None, None, Some(false)),
        ] {
            let live = live(known, reported);
            let are_same = |wanted| are_same(Sides { wanted, is }, &live);
            assert_eq!(are_same(&nothing), silent, "{known:?} {reported:?}");
            assert_eq!(are_same(&added), add, "{known:?} {reported:?}");
            assert_eq!(are_same(&dropped), drop, "{known:?} {reported:?}");
        }
        // Whatever it gives, nothing is left of it.
        let live = live(&[BARE, FULL], &[]);
        let all = caps(&[], &["ALL"]);
        let sides = Sides {
            wanted: &all,
            is: &all,
        };
        assert_eq!(are_same(sides, &live), Some(true));
    }
}
