//! What `up` did: the things of a project before and after it, held against a plan.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::drift::kiosk::Kiosk;

/// The things of a project on an engine.
pub(super) struct State {
    /// The containers by their IDs.
    containers: BTreeMap<String, Container>,
    /// The IDs of networks by their keys.
    networks: BTreeMap<String, String>,
    /// When volumes were created, by their keys.
    volumes: BTreeMap<String, String>,
}

struct Container {
    name: String,
    is_running: bool,
    started: String,
}

impl State {
    pub(super) fn of(kiosk: &Kiosk) -> Self {
        let project = format!(
            "--filter=label=com.docker.compose.project={}",
            kiosk.project
        );
        let ask = |list: &str| -> Vec<Value> {
            let ids = kiosk.docker(&format!("{list} {project} -q"));
            let ids = ids.split_whitespace().collect::<Vec<_>>().join(" ");
            if ids.is_empty() {
                return Vec::new();
            }
            let kind = list.split(' ').next().unwrap().replace("ps", "container");
            serde_json::from_str(&kiosk.docker(&format!("{kind} inspect {ids}"))).unwrap()
        };
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let label = |one: &Value, label: &str| word(&one["Labels"][label]);
        let networks = ask("network ls");
        let volumes = ask("volume ls");
        Self {
            containers: ask("ps -a")
                .iter()
                .map(|one| {
                    let container = Container {
                        name: word(&one["Name"]).trim_start_matches('/').to_owned(),
                        is_running: one["State"]["Running"] == true,
                        started: word(&one["State"]["StartedAt"]),
                    };
                    (word(&one["Id"]), container)
                })
                .collect(),
            networks: networks
                .iter()
                .map(|one| {
                    let key = label(one, "com.docker.compose.network");
                    (format!("{key} {}", word(&one["Name"])), word(&one["Id"]))
                })
                .collect(),
            volumes: volumes
                .iter()
                .map(|one| {
                    let key = label(one, "com.docker.compose.volume");
                    (
                        format!("{key} {}", word(&one["Name"])),
                        word(&one["CreatedAt"]),
                    )
                })
                .collect(),
        }
    }

    fn named(&self, name: &str) -> Option<(&String, &Container)> {
        self.containers.iter().find(|(_, one)| one.name == name)
    }
}

/// The keys of the things that are new in the second map, and of those that are gone.
fn renewed(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> BTreeSet<String> {
    let key = |name: &String| name.split(' ').next().unwrap_or_default().to_owned();
    let is_new = |(name, id): &(&String, &String)| before.get(*name) != Some(*id);
    after
        .iter()
        .filter(is_new)
        .map(|(name, _)| key(name))
        .collect()
}

/// Compares a plan with what happened. Whether a part of the plan is not certain. `is_whole` says that
/// `up` was for all of the file, so that what is not as the file says was not fixed.
pub(super) fn compare(
    plan: &Value,
    (before, after): (&State, &State),
    is_done: bool,
    (drift, is_whole): (&[Value], bool),
) -> Result<bool, String> {
    let operations = plan["operations"].as_array().unwrap();
    let with = |action: &str, kind: &str| with(operations, action, kind);
    let is_failing = operations.iter().any(|one| one["action"] == "fail");
    if is_failing == is_done {
        return Err(format!("the plan says that `up` fails: {is_failing}"));
    }
    for (kind, was, is) in [
        ("network", &before.networks, &after.networks),
        ("volume", &before.volumes, &after.volumes),
    ] {
        let planned = [with("create", kind), with("recreate", kind)].concat();
        let happened = renewed(was, is);
        for (key, certain) in &planned {
            if *certain && !happened.contains(*key) {
                return Err(format!("{kind} {key} is not new"));
            }
        }
        if let Some(key) = happened
            .iter()
            .find(|key| !planned.iter().any(|(planned, _)| planned == key))
        {
            return Err(format!("{kind} {key} is new"));
        }
    }
    let recreated = with("recreate", "service");
    let removed = with("remove", "service");
    let started = with("start", "service");
    let stopped = with("stop", "service");
    let failing = with("fail", "service");
    let gone = |name: &str| says(&recreated, name).or(says(&removed, name));
    for (id, was) in &before.containers {
        let name = was.name.as_str();
        let is = after.containers.get(id);
        match (gone(name), is) {
            (Some(true), Some(_)) if says(&failing, name).is_none() => {
                return Err(format!("{name} is still there"));
            }
            (None, None) => return Err(format!("{name} is gone")),
            _ => {}
        }
        let Some(is) = is else { continue };
        let is_restarted = is.started != was.started;
        let is_up = is.is_running && (is_restarted || !was.is_running);
        let certain = says(&started, name);
        let is_failing = says(&failing, name).is_some() || gone(name).is_some();
        if certain == Some(true) && !is_up && !is_job(name, is_restarted) {
            return Err(format!("{name} is not started"));
        }
        let is_stopped = says(&stopped, name).is_some();
        if certain.is_none() && !is_failing && is_restarted {
            return Err(format!("{name} is started"));
        }
        if certain.is_none() && !is_failing && !is_stopped && was.is_running && !is.is_running {
            return Err(format!("{name} is stopped"));
        }
    }
    new_containers(operations, (before, after), is_done)?;
    if is_done {
        stays(operations, drift, is_whole)?;
    }
    Ok(operations.iter().any(|one| one["certain"] == false))
}

/// What `drift` says of `up` is what the plan says.
pub(super) fn agree(plan: &Value, drift: &[Value]) -> Result<(), String> {
    let operations = plan["operations"].as_array().unwrap();
    let text = |one: &Value| one.as_str().unwrap().to_owned();
    let mut actions = operations.iter().map(|one| &one["action"]);
    let left = operations.iter().filter(|one| one["rule"] == "ignored");
    let left: BTreeSet<_> = left.map(|one| text(&one["cause"])).collect();
    let drift = drift.iter().filter(|one| one["severity"] != "notice");
    let after = |after: &str| {
        let found = drift.clone().filter(|one| one["after_up"] == after);
        found
            .map(|one| text(&one["message"]))
            .collect::<BTreeSet<_>>()
    };
    let ignored = after("ignores");
    if left != ignored {
        return Err(format!(
            "the plan says that {left:?} stays, drift that {ignored:?} does"
        ));
    }
    let fails = after("fails");
    if !fails.is_empty() && !actions.clone().any(|action| action == "fail") {
        return Err(format!("drift says that `up` fails: {fails:?}"));
    }
    let healed = after("heals");
    if !healed.is_empty() && actions.all(|action| action == "leave") {
        return Err(format!("drift says that `up` fixes {healed:?}"));
    }
    Ok(())
}

/// The names of the operations with an action on a kind of things, and whether each is certain.
fn with<'a>(operations: &'a [Value], action: &str, kind: &str) -> Vec<(&'a str, bool)> {
    let own = operations.iter();
    own.filter(|one| one["action"] == action && one["kind"] == kind)
        .map(|one| {
            let name = one["container"].as_str().or(one["resource"].as_str());
            (name.unwrap(), one["certain"] == true)
        })
        .collect()
}

/// Whether a list has a name, and whether that is certain.
fn says(list: &[(&str, bool)], name: &str) -> Option<bool> {
    list.iter()
        .find(|(planned, _)| *planned == name)
        .map(|(_, certain)| *certain)
}

/// The containers that are new are those that the plan creates or recreates, and they run.
fn new_containers(
    operations: &[Value],
    (before, after): (&State, &State),
    is_done: bool,
) -> Result<(), String> {
    let with = |action: &str| with(operations, action, "service");
    let (created, recreated, left) = (with("create"), with("recreate"), with("leave"));
    let replaced = recreated.len() + with("remove").len();
    let new: BTreeSet<&str> = after
        .containers
        .iter()
        .filter(|(id, _)| !before.containers.contains_key(*id))
        .map(|(_, one)| one.name.as_str())
        .collect();
    for (name, certain) in &created {
        if *certain && !new.contains(name) {
            return Err(format!("{name} is not created"));
        }
    }
    for name in &new {
        let is_planned = says(&created, name).is_some() || says(&recreated, name).is_some();
        // The new one has the name that the old one should have had.
        if !is_planned && replaced == 0 {
            return Err(format!("{name} is new"));
        }
        let (_, one) = after.named(name).unwrap();
        let is_left = says(&left, name).is_some() || !is_done;
        if !one.is_running && !is_left && !is_job(name, true) {
            return Err(format!("{name} is not running"));
        }
    }
    Ok(())
}

/// A job may have ended already.
fn is_job(name: &str, is_started: bool) -> bool {
    name.ends_with("-job-1") && is_started
}

/// What a plan says will stay is what is found after `up`.
fn stays(operations: &[Value], drift: &[Value], is_whole: bool) -> Result<(), String> {
    let about = |one: &Value| -> (String, String) {
        let word = |key: &str| one[key].as_str().unwrap().to_owned();
        (word("kind"), word("resource"))
    };
    let left = operations.iter().filter(|one| one["action"] == "leave");
    let is_certain = operations.iter().all(|one| one["certain"] == true);
    let left: BTreeSet<_> = left.map(about).collect();
    let found = drift.iter().filter(|one| one["severity"] != "notice");
    let found: BTreeSet<_> = found.map(about).collect();
    let resources = |set: &BTreeSet<(String, String)>| -> BTreeSet<String> {
        // One whose key is another's has its name on the engine.
        let key = |resource: &String| match resource.strip_suffix("-kept") {
            Some(_) => "store".to_owned(),
            None => resource.rsplit('_').next().unwrap().to_owned(),
        };
        set.iter().map(|(_, resource)| key(resource)).collect()
    };
    let (left, found) = (resources(&left), resources(&found));
    let is_so = if is_whole {
        left == found
    } else {
        left.is_subset(&found)
    };
    if !is_so && is_certain {
        return Err(format!(
            "the plan says that {left:?} stays, drift finds {found:?}"
        ));
    }
    Ok(())
}
