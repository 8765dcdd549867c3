//! Why there is a difference.
//!
//! Compose recreates a thing when the hash of its definition differs from the one on its label. That
//! hash differs with folder, shell and version, so only Compose itself is asked for it; the label with
//! composegen's own digest shows the same. Where a file has no such label, its age does: a thing
//! that is younger than the file was created from it. An age explains a finding and never makes one, as a file that is
//! touched says the same as before.

use std::collections::BTreeMap;

use super::content::is_of_copy;
use super::context::Context;
use super::difference::Difference;
use super::index::Index;
use super::pair::Pair;
use super::resource::Resource;
use super::states::States;
use crate::finding::{Cause, Code};
use crate::state::State;

/// Why a thing differs, by the digests of its definition now and then.
fn by_digests(now: Option<&str>, then: Option<&str>, context: &Context) -> Cause {
    match (now, then) {
        (Some(now), Some(then)) if now == then => Cause::OutOfBand,
        (Some(_), Some(_)) => Cause::Unapplied,
        _ if context.is_applied => Cause::Unapplied,
        _ => Cause::Unknown,
    }
}

fn by_age(created: &str, context: &Context) -> Cause {
    match is_newer(context.modified.as_deref(), created) {
        Some(true) => Cause::Unapplied,
        Some(false) => Cause::OutOfBand,
        None => Cause::Unknown,
    }
}

/// Why a network or a volume differs.
pub(super) fn cause_of<T: Resource>(
    expected: &T,
    observed: Option<&T>,
    context: &Context,
) -> Cause {
    match certain_cause_of(expected, observed, context) {
        Cause::Unknown => cause_by_age(observed, context),
        known => known,
    }
}

/// Why a network or a volume differs, by when it was created.
pub(super) fn cause_by_age<T: Resource>(observed: Option<&T>, context: &Context) -> Cause {
    let origin = observed.and_then(Resource::origin);
    by_age(origin.map_or("", |origin| &origin.created), context)
}

/// Why a network or a volume differs, without what ages say.
pub(super) fn certain_cause_of<T: Resource>(
    expected: &T,
    observed: Option<&T>,
    context: &Context,
) -> Cause {
    let hashes = context.resource_hashes.get(T::SECTION);
    let now = hashes.and_then(|hashes| hashes.get(expected.name()));
    let origin = observed.and_then(Resource::origin);
    let then = origin.and_then(|origin| origin.config_hash.as_ref());
    match now.zip(then) {
        Some((now, then)) if now == then => Cause::OutOfBand,
        Some(_) => Cause::Unapplied,
        None => {
            let then = observed.and_then(Resource::definition);
            by_digests(expected.definition(), then, context)
        }
    }
}

/// Whether a file was changed after a thing was created.
fn is_newer(modified: Option<&str>, created: &str) -> Option<bool> {
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    Some(time(modified?)? > time(created)?)
}

/// Why a container differs from its service, where it does.
pub(super) fn cause_of_container(pair: Pair<'_>, context: &Context) -> Cause {
    match certain_cause_of_container(pair, context) {
        Cause::Unknown => by_age(&pair.container.created, context),
        known => known,
    }
}

/// The cause without what ages say.
pub(super) fn certain_cause_of_container(pair: Pair<'_>, context: &Context) -> Cause {
    if let Some(cause) = by_hash(pair, context) {
        return cause;
    }
    let now = pair.service.config.definition.as_deref();
    let then = pair.container.config.definition.as_deref();
    by_digests(now, then, context)
}

/// Whether Compose itself says that a container was created from the definition of now.
fn by_hash(pair: Pair<'_>, context: &Context) -> Option<Cause> {
    let now = context.hashes.get(pair.name)?;
    if *now == *pair.container.config_hash.as_ref()? {
        Some(Cause::OutOfBand)
    } else {
        (!pair.service.is_completed).then_some(Cause::Unapplied)
    }
}

/// Whether Compose recreates a container since its hash says so, whatever differs.
pub(super) fn has_new_hash(pair: Pair<'_>, context: &Context) -> bool {
    by_hash(pair, context) == Some(Cause::Unapplied)
}

/// What is known, with a new date of the file where a hash shows that the file was changed since a container was
/// created, although its date is older: archives, backups and copies keep dates.
pub(super) fn of_changed_file(
    expected: &State,
    index: &Index<'_>,
    context: &Context,
) -> Option<Context> {
    let is_changed = expected.services.iter().any(|(name, service)| {
        index.containers(name).iter().any(|container| {
            let pair = Pair {
                name,
                service,
                container,
            };
            has_new_hash(pair, context)
        })
    });
    (is_changed && context.modified.is_some()).then(|| Context {
        modified: Some(jiff::Timestamp::now().to_string()),
        ..context.clone()
    })
}

/// Why there is a difference of a container. A value that comes from a variable, or from an env
/// file that is younger than the container, was changed without a change of the definition;
/// Compose, whose hash is of the values, detects it.
pub(super) fn cause_of_difference(
    difference: &Difference,
    pair: Pair<'_>,
    states: &States<'_>,
) -> Cause {
    if let Some(cause) = difference.cause {
        return cause;
    }
    if is_of_renamed(difference, pair, states) {
        return Cause::Unapplied;
    }
    // Neither Compose's hash nor a digest of the service is of the content of what is copied into a container.
    if difference.code == Code::ConfigContent && !is_of_copy(difference) {
        return if is_from_variable(difference, states) {
            Cause::Unapplied
        } else {
            by_age(&pair.container.created, states.context)
        };
    }
    if let Some(cause) = by_hash(pair, states.context) {
        return cause;
    }
    let field = match difference.code {
        Code::PortExtra | Code::PortChanged | Code::PortMissing => "ports",
        Code::NetworkAlias | Code::NetworkChanged | Code::ServiceConfig | Code::ServiceImage => {
            difference.field.as_deref().unwrap_or_default()
        }
        _ => return cause_of_container(pair, states.context),
    };
    let modified = states.context.variables_modified.as_deref();
    let is_of_file = field.starts_with("environment.")
        && is_newer(modified, &pair.container.created) == Some(true);
    if is_of_file || states.is_from_variable(pair.name, field) {
        return Cause::Unapplied;
    }
    cause_of_container(pair, states.context)
}

/// Whether the difference comes from a network or volume that was renamed in the file. Compose's hash of a service covers
/// their keys, but not their names.
pub(super) fn is_of_renamed(difference: &Difference, pair: Pair<'_>, states: &States<'_>) -> bool {
    let State {
        project,
        networks,
        volumes,
        ..
    } = states.expected;
    let network = |name: &str| old_key(states.index.network(name)?, project, networks);
    match difference.code {
        Code::NetworkDetached => {
            let mut attached = pair.container.networks.keys();
            let key = difference.expected.as_str();
            key.is_some() && attached.any(|name| network(name) == key)
        }
        Code::NetworkAttached => difference.observed.as_str().and_then(network).is_some(),
        Code::MountChanged if difference.field.as_deref() == Some("source") => {
            let [_, _, _, target, ..] = difference.place.as_slice() else {
                return false;
            };
            let mut mounts = pair.container.mounts.iter();
            let mount = mounts.find(|is| is.target == *target);
            let volume = mount.and_then(|is| states.index.volume(is.source.as_deref()?));
            volume.is_some_and(|volume| old_key(volume, project, volumes).is_some())
        }
        _ => false,
    }
}

/// The key that a network or volume was created for, if the file has a different name under that key now.
fn old_key<'a, T: Resource>(
    one: &'a T,
    project: &str,
    expected: &BTreeMap<String, T>,
) -> Option<&'a str> {
    let key = one.origin()?.key.as_deref()?;
    let is_renamed = one.owner() == Some(project) && expected.get(key)?.name() != one.name();
    is_renamed.then_some(key)
}

/// Whether a secret or config is made of variables.
fn is_from_variable(difference: &Difference, states: &States<'_>) -> bool {
    let field = difference.field.as_deref().unwrap_or_default();
    states.names_variable(field)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Comparison, compare};
    use super::Context;
    use crate::finding::{Cause, Code};
    use crate::plan::made;
    use crate::redact::Sensitive;
    use crate::state::{
        Attachment, Content, Copied, FileKind, Mount, MountKind, Network, Service, State, Volume,
    };

    /// A service whose container was created from another definition, in 2026, by a file of this year.
    fn compared(
        year: &str,
        now: Option<&str>,
        edit: impl Fn(&mut Service, &mut State),
    ) -> Comparison {
        let mut expected = State::empty("p");
        let mut service = Service {
            replicas: 1,
            image: Some("stub".into()),
            ..Service::default()
        };
        expected.services.insert("web".into(), service.clone());
        let mut observed = made(&expected);
        for container in observed
            .live
            .iter_mut()
            .flat_map(|live| &mut live.containers)
        {
            container.created = "2026-01-01T00:00:00Z".into();
            container.config_hash = Some("then".into());
        }
        edit(&mut service, &mut observed);
        expected.services.insert("web".into(), service);
        let hashes = now.map(|now| ("web".to_owned(), now.to_owned()));
        let context = Context {
            modified: Some(format!("{year}-01-01T00:00:00Z")),
            hashes: BTreeMap::from_iter(hashes),
            ..Context::default()
        };
        compare(&expected, &observed, &context)
    }

    #[test]
    fn compose_recreates_what_has_another_hash_whatever_the_date_of_the_file() {
        for year in ["2025", "2027"] {
            let operations = |now, is_completed| {
                let compared = compared(year, Some(now), |service, _| {
                    service.is_completed = is_completed;
                });
                compared
                    .plan
                    .operations
                    .into_iter()
                    .map(|one| (one.action.as_str(), one.certain))
                    .collect::<Vec<_>>()
            };
            assert_eq!(operations("now", false), [("recreate", true)], "{year}");
            assert_eq!(operations("then", false), [], "{year}");
            // The hash of these is of more than a file has.
            assert_eq!(operations("now", true), [], "{year}");
            assert_eq!(operations("then", true), [], "{year}");
        }
    }

    #[test]
    fn a_file_that_is_touched_gives_the_same_findings() {
        for name in [None, Some("gate")] {
            let found = |year: &str| {
                let compared = compared(year, None, |service, observed| {
                    service.config.container_name = name.map(str::to_owned);
                    for container in observed
                        .live
                        .iter_mut()
                        .flat_map(|live| &mut live.containers)
                    {
                        container.name = "away".into();
                    }
                });
                let found: Vec<_> = compared
                    .findings
                    .into_iter()
                    .map(|one| (one.code, one.severity, one.field))
                    .collect();
                assert_eq!(found.len(), 1, "{found:?}");
                found
            };
            assert_eq!(found("2025"), found("2027"), "{name:?}");
        }
    }

    #[test]
    fn no_hash_covers_the_content_of_a_config() {
        let copied = Copied {
            path: "configs.app".into(),
            target: "/app.conf".into(),
            digest: Some(Sensitive::public("now")),
            mode: None,
            uid: None,
            gid: None,
        };
        let content = Content {
            kind: FileKind::File,
            ..Content::default()
        };
        let cause = |year: &str| {
            let compared = compared(year, Some("then"), |service, observed| {
                service.copies = vec![copied.clone()];
                for container in observed
                    .live
                    .iter_mut()
                    .flat_map(|live| &mut live.containers)
                {
                    let contents = &mut container.contents;
                    contents.insert("/app.conf".into(), content.clone());
                }
            });
            let found = compared.findings.iter();
            found.map(|one| (one.code, one.cause)).collect::<Vec<_>>()
        };
        assert_eq!(cause("2027"), [(Code::ConfigContent, Cause::Unapplied)]);
        assert_eq!(cause("2025"), [(Code::ConfigContent, Cause::OutOfBand)]);
    }

    #[test]
    fn a_network_and_a_volume_get_their_names_from_the_file_and_not_from_the_hash() {
        let mut expected = State::empty("p");
        let mount = Mount {
            kind: MountKind::Volume,
            source: Some("store".into()),
            target: "/data".into(),
            fields: crate::fields::Values::default(),
        };
        let service = Service {
            replicas: 1,
            image: Some("stub".into()),
            networks: [("back".to_owned(), Attachment::default())].into(),
            mounts: vec![mount],
            ..Service::default()
        };
        expected.services.insert("web".into(), service);
        let named = |name: &str| {
            let (network, volume) = (
                Network {
                    name: name.into(),
                    ..Network::default()
                },
                Volume {
                    name: name.into(),
                    ..Volume::default()
                },
            );
            (
                [("back".to_owned(), network)].into(),
                [("store".to_owned(), volume)].into(),
            )
        };
        (expected.networks, expected.volumes) = named("old");
        let mut observed = made(&expected);
        let live = observed.live.as_mut().unwrap();
        live.containers[0].config_hash = Some("now".into());
        (expected.networks, expected.volumes) = named("new");
        let context = Context {
            hashes: [("web".to_owned(), "now".to_owned())].into(),
            ..Context::default()
        };
        let found = compare(&expected, &observed, &context).findings;
        let of_service: Vec<_> = found
            .into_iter()
            .filter(|one| one.resource == "web")
            .map(|one| (one.code, one.cause))
            .collect();
        let codes = [
            Code::NetworkAttached,
            Code::NetworkDetached,
            Code::MountChanged,
        ];
        assert_eq!(of_service, codes.map(|code| (code, Cause::Unapplied)));
    }
}
