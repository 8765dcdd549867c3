//! What Compose refuses of a service for the sake of its engine, whatever runs there: what the engine does not know, and secrets
//! and configs that cannot be copied (docker/compose, `pkg/compose/create.go`, `convert.go` and `secrets.go`). What it refuses
//! of a file by itself is in `compose`, and what engines refuse of any file is a rule, `refused-by-engine`.

use std::collections::BTreeMap;

use crate::state::{Copied, Engine, Live, MountKind, Service};

/// Why Compose creates no container of a service on an engine.
pub(super) fn not_created(
    service: &Service,
    services: &BTreeMap<String, Service>,
    live: &Live,
) -> Option<String> {
    not_known(service, &live.engine).or_else(|| {
        let shared = shared_tmpfs(service, services)?;
        (!live.dialect.leaves_out_shared_tmpfs).then_some(shared)
    })
}

/// Why a service cannot take the mounts of another one.
fn shared_tmpfs(service: &Service, services: &BTreeMap<String, Service>) -> Option<String> {
    service.mounts_from.iter().find_map(|name| {
        let mut mounts = services.get(name)?.mounts.iter();
        let tmpfs = mounts.find(|mount| mount.kind == MountKind::Tmpfs)?;
        Some(format!(
            "the engine cannot share the tmpfs at `{}` of service `{name}`",
            tmpfs.target
        ))
    })
}

/// Why Compose creates no container of a service, where its engine is too old for it.
fn not_known(service: &Service, engine: &Engine) -> Option<String> {
    let needs = |minor: u32, what: &str, version: &str| {
        let is_older = engine.minor().is_some_and(|own| own < minor);
        is_older.then(|| format!("{what} needs Docker Engine {version}"))
    };
    let is_image = |kind: MountKind| kind == MountKind::Image;
    if service.mounts.iter().any(|mount| is_image(mount.kind))
        && let Some(why) = needs(48, "a mount of an image", "28")
    {
        return Some(why);
    }
    let mut attachments = service.networks.values();
    if attachments.any(|one| one.fields.get("interface_name").is_some())
        && let Some(why) = needs(49, "`interface_name`", "28.1")
    {
        return Some(why);
    }
    if has_mac_address_on_first(service)
        && let Some(why) = needs(44, "`mac_address` of a network", "25")
    {
        return Some(why);
    }
    let has_period = service.start_interval_has_period?;
    let what = "`healthcheck.start_interval`";
    needs(44, what, "25")
        .or_else(|| (!has_period).then(|| format!("{what} needs `healthcheck.start_period`")))
}

/// Whether a service has a `mac_address` on the network that its containers are created on. Which one that is of several with
/// the highest priority depends on the version of Compose.
fn has_mac_address_on_first(service: &Service) -> bool {
    let networks = service.networks.values();
    let highest = networks.clone().map(|one| one.priority).max();
    let mut first = networks.filter(|one| Some(one.priority) == highest);
    highest.is_some() && first.all(|one| one.fields.get("mac_address").is_some())
}

/// Why Compose starts no container of a service. `unset` has what depends on variables that are known to have no value.
pub(super) fn not_started(
    service: &Service,
    unset: Option<&BTreeMap<String, Vec<String>>>,
) -> Option<String> {
    let of_variable = |copied: &Copied| {
        let variable = unset?
            .get(&format!("{}.environment", copied.path))?
            .first()?;
        let what = what_is_copied(copied);
        Some(format!(
            "variable `{variable}`, which has the content of {what}, is not set"
        ))
    };
    if let Some(why) = service.copies.iter().find_map(of_variable) {
        return Some(why);
    }
    if !service.config.fields.is_on("read_only") {
        return None;
    }
    // What a variable without a value would give is not known.
    let mut all = service.copies.iter();
    let known = all.find(|copied| copied.digest.is_some())?;
    let what = what_is_copied(known);
    Some(format!(
        "{what} cannot be copied into a read-only container"
    ))
}

/// A secret or config by its kind and its key.
fn what_is_copied(copied: &Copied) -> String {
    let (section, name) = copied
        .path
        .split_once('.')
        .unwrap_or(("configs", &copied.path));
    format!("{} `{name}`", section.trim_end_matches('s'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{not_created, not_known, not_started};
    use crate::fields::{Value, Values};
    use crate::redact::Sensitive;
    use crate::state::{Attachment, Config, Copied, Engine, Live, Mount, MountKind, Service};

    fn of(fields: &[(&'static str, Value)]) -> Service {
        Service {
            config: Config {
                fields: fields.iter().cloned().collect(),
                ..Config::default()
            },
            ..Service::default()
        }
    }

    #[test]
    fn what_the_engine_does_not_know() {
        let checked = |has_period| Service {
            start_interval_has_period: Some(has_period),
            ..Service::default()
        };
        let image = Mount {
            target: "/i".into(),
            kind: MountKind::Image,
            source: Some("stub".into()),
            fields: Values::default(),
        };
        let attachment = |field: &'static str, priority| Attachment {
            fields: [(field, Value::Text(Sensitive::public("x")))]
                .into_iter()
                .collect(),
            priority,
        };
        let on = |networks: &[Attachment]| Service {
            networks: networks
                .iter()
                .enumerate()
                .map(|(at, one)| (at.to_string(), one.clone()))
                .collect(),
            ..Service::default()
        };
        let (plain, mac) = (Attachment::default(), attachment("mac_address", 0));
        let mounted = Service {
            mounts: vec![image],
            ..Service::default()
        };
        for (service, since) in [
            (checked(true), Some(44)),
            (checked(false), None),
            (mounted, Some(48)),
            (on(&[attachment("interface_name", 0)]), Some(49)),
            (on(std::slice::from_ref(&mac)), Some(44)),
            (on(&[mac.clone(), mac.clone()]), Some(44)),
            (on(&[plain.clone(), attachment("mac_address", 1)]), Some(44)),
            // It depends on the version of Compose, or the engine is not told.
            (on(&[plain.clone(), mac.clone()]), Some(0)),
            (on(&[attachment("gw_priority", 1), mac]), Some(0)),
        ] {
            for minor in [41, 43, 44, 47, 48, 49, 51] {
                let engine = Engine {
                    api: format!("1.{minor}"),
                    ..Engine::default()
                };
                let is_refused = not_known(&service, &engine).is_some();
                assert_eq!(
                    is_refused,
                    since.is_none_or(|since| minor < since),
                    "{minor}"
                );
            }
        }
        assert_eq!(not_known(&Service::default(), &Engine::default()), None);
    }

    #[test]
    fn a_tmpfs_is_not_shared() {
        let mounting = |kind| Service {
            mounts: vec![Mount {
                target: "/t".into(),
                kind,
                source: None,
                fields: Values::default(),
            }],
            ..Service::default()
        };
        let taker = Service {
            mounts_from: ["c".to_owned()].into(),
            ..Service::default()
        };
        let mut live = Live::default();
        let services = |kind| BTreeMap::from([("c".to_owned(), mounting(kind))]);
        let of = |kind, live: &Live| not_created(&taker, &services(kind), live);
        let why = "the engine cannot share the tmpfs at `/t` of service `c`";
        assert_eq!(of(MountKind::Tmpfs, &live).as_deref(), Some(why));
        assert_eq!(of(MountKind::Volume, &live), None);
        live.dialect.leaves_out_shared_tmpfs = true;
        assert_eq!(of(MountKind::Tmpfs, &live), None);
    }

    #[test]
    fn what_cannot_be_copied() {
        let copied = Copied {
            target: "/run/secrets/key".into(),
            path: "secrets.key".into(),
            digest: Some(Sensitive::digest("key")),
            mode: None,
            uid: None,
            gid: None,
        };
        let with = |is_read_only| {
            let fields = [("read_only", Value::Flag(true))];
            Service {
                copies: vec![copied.clone()],
                ..of(if is_read_only { &fields } else { &[] })
            }
        };
        let why = "secret `key` cannot be copied into a read-only container";
        assert_eq!(not_started(&with(true), None).as_deref(), Some(why));
        assert_eq!(not_started(&with(false), None), None);
        let read_only = of(&[("read_only", Value::Flag(true))]);
        assert_eq!(not_started(&read_only, None), None);
        let of_key = |path: &str| [(path.to_owned(), vec!["KEY".to_owned()])].into();
        let unset = of_key("secrets.key.environment");
        let why = "variable `KEY`, which has the content of secret `key`, is not set";
        assert_eq!(
            not_started(&with(false), Some(&unset)).as_deref(),
            Some(why)
        );
        let unset = of_key("secrets.other.environment");
        assert_eq!(not_started(&with(false), Some(&unset)), None);
    }
}
