//! The edits that could make a file say what a finding found.

mod checks;
mod memory;
mod mounts;
mod networks;
mod ports;
mod values;

use serde_json::{Value, json};

pub(super) use mounts::written_mount;
pub(super) use networks::{is_in, written_pools};
pub(super) use values::{declared, literal, shared, short};

use super::{Hidden, SkipReason};
use crate::compose::Editor;
use crate::fields::{self, Field, Form, NETWORK, SERVICE, VOLUME, Values};
use crate::finding::{Code, Finding};
use crate::source::Segment;
use crate::state::{Container, State, is_predefined};
use values::{holds_hidden, is_like, keys, listed, non_empty, ulimit, variable};

/// One edit.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    Set(Vec<Segment>, Value),
    Add(Vec<Segment>, Value),
    Remove(Vec<Segment>),
}

impl Edit {
    pub(super) fn apply(&self, editor: &Editor<'_>) -> Option<String> {
        match self {
            Self::Set(path, value) => editor.set(path, value),
            Self::Add(path, value) => editor.add(path, value),
            Self::Remove(path) => editor.remove(path),
        }
    }
}

/// The edits to try one after the other, each of them a few that belong together.
type Tries = Vec<Vec<Edit>>;

/// The edits of a file that could settle a finding.
pub(super) fn of(
    finding: &Finding,
    editor: &Editor<'_>,
    project: &super::PatchInput<'_>,
) -> Result<Tries, SkipReason> {
    let place: Vec<&str> = finding.place.iter().map(String::as_str).collect();
    let to_settle = FindingToSettle {
        finding,
        editor,
        observed: project.observed,
        hidden: project.hidden,
    };
    let tries = match (finding.code, place.as_slice()) {
        (Code::PortExtra | Code::PortMissing | Code::PortChanged, ["services", name, ..]) => {
            to_settle.port(&["services", name, "ports"])?
        }
        (Code::MountChanged, ["services", name, ..]) => to_settle.mount(name)?,
        (Code::NetworkAttached, ["services", name, "networks", network]) => {
            if is_predefined(network) {
                to_settle.in_mode(name, network)?
            } else {
                to_settle.attached(name, network)
            }
        }
        (Code::NetworkDetached, ["services", name, "networks", key]) => {
            to_settle.detached(name, key)
        }
        (
            Code::NetworkAlias | Code::NetworkChanged,
            ["services", name, "networks", key, field, entry @ ..],
        ) => to_settle.attachment(name, key, field, entry.first().copied())?,
        (Code::NetworkMissing | Code::VolumeMissing, [section, key, ..]) => {
            vec![vec![Edit::Remove(keys(&[section, key], &[]))]]
        }
        (Code::NetworkExtra | Code::VolumeExtra, [section, _]) => {
            let name = finding.observed.as_str().ok_or(SkipReason::NotSaid)?;
            let (_, edit) = to_settle.resource(section, name);
            vec![edit.into_iter().collect()]
        }
        (Code::NetworkChanged | Code::VolumeChanged, [section, key, ..]) => to_settle.field(
            &[section, key],
            if *section == "networks" {
                NETWORK
            } else {
                VOLUME
            },
        )?,
        // It runs, and Compose does not find it.
        (
            Code::ServiceReplicas | Code::ServiceMissing | Code::ServiceOrphan,
            ["services", name, ..],
        ) if to_settle.has_unlisted(name) => {
            return Err(SkipReason::NotSaid);
        }
        (Code::ServiceReplicas | Code::ServiceMissing, ["services", name, ..]) => {
            let at = ["deploy", "replicas"];
            let path = keys(&["services", name], &at);
            let path = if editor.has(&path) {
                path
            } else {
                keys(&["services", name], &["scale"])
            };
            vec![vec![Edit::Set(path, finding.observed.clone())]]
        }
        (Code::ServiceImage, ["services", name, ..]) => to_settle.image(name)?,
        (Code::ServiceConfig, ["services", name, ..]) => to_settle.config(name)?,
        (Code::ServiceOrphan, _) => return Err(SkipReason::Service),
        _ => return Err(SkipReason::NotSaid),
    };
    Ok(tries)
}

/// Whether a key holds what may be secret, so that nobody knows it.
fn is_hidden(step: &Segment) -> bool {
    matches!(step, Segment::Key(key) if holds_hidden(&json!(key)))
}

/// A finding, and the file that is to say what it found.
struct FindingToSettle<'a> {
    finding: &'a Finding,
    editor: &'a Editor<'a>,
    observed: &'a State,
    hidden: Hidden,
}

impl FindingToSettle<'_> {
    /// The new value of a path, unless the file takes it from a variable.
    fn set(&self, path: Vec<Segment>, value: &Value) -> Result<Tries, SkipReason> {
        if self.is_variable(&path) {
            return Err(SkipReason::Variable);
        }
        if value.is_null() {
            return Ok(vec![vec![Edit::Remove(path)]]);
        }
        if path.iter().any(is_hidden) {
            return Err(SkipReason::Hidden);
        }
        let value = match (holds_hidden(value), self.hidden) {
            (true, Hidden::LeftOut) => return Err(SkipReason::Hidden),
            (true, Hidden::Variable) => self.variable(&path),
            (false, _) => literal(value),
        };
        let again = vec![
            Edit::Remove(path.clone()),
            Edit::Set(path.clone(), value.clone()),
        ];
        Ok(vec![vec![Edit::Set(path, value)], again])
    }

    /// A variable that the file does not name yet.
    fn variable(&self, path: &[Segment]) -> Value {
        json!(variable(path, |name| self.editor.holds(name)))
    }

    fn is_variable(&self, path: &[Segment]) -> bool {
        let written = self.editor.written(path).unwrap_or_default();
        written.replace("$$", "").contains('$')
    }

    fn image(&self, name: &str) -> Result<Tries, SkipReason> {
        let is_id = |value: &Value| {
            value
                .as_str()
                .is_some_and(|text| text.starts_with("sha256:"))
        };
        // The same name points to another image now: the file already says that name.
        if is_id(&self.finding.observed) {
            return Err(SkipReason::NotSaid);
        }
        self.set(
            keys(&["services", name], &["image"]),
            &self.finding.observed,
        )
    }

    fn config(&self, name: &str) -> Result<Tries, SkipReason> {
        let field = self.finding.field.as_deref().unwrap_or_default();
        match field {
            "network_mode" => {
                let mode = self
                    .finding
                    .observed
                    .as_str()
                    .map(|mode| json!(shared(self.observed, mode)));
                let path = keys(&["services", name], &[field]);
                let mut tries = self.set(path, &mode.unwrap_or_default())?;
                if let Some(networks) = self.without_networks(name) {
                    for edits in &mut tries {
                        edits.insert(0, networks.clone());
                    }
                }
                Ok(tries)
            }
            "container_name" => {
                self.set(keys(&["services", name], &[field]), &self.finding.observed)
            }
            _ => self.field(&["services", name], SERVICE),
        }
    }

    /// A field of a table.
    fn field(&self, above: &[&str], table: &'static [Field]) -> Result<Tries, SkipReason> {
        let finding = self.finding;
        let [_, _, name, entry @ ..] = finding.place.as_slice() else {
            return Err(SkipReason::NotSaid);
        };
        let field = table
            .iter()
            .find(|field| field.name() == name)
            .filter(|field| !field.is_by_hand)
            .ok_or(SkipReason::NotSaid)?;
        let path = self.written_path(above, field);
        if let Some(of_pool) = field.path.strip_prefix("ipam.config.") {
            return self.pools(above, of_pool, entry.first().map(String::as_str));
        }
        match (field.form, entry.first()) {
            (Form::Ulimits, Some(entry)) => {
                let limits = finding.observed.as_str().map_or(Value::Null, ulimit);
                self.set([path, keys(&[entry], &[])].concat(), &limits)
            }
            (Form::Tmpfs, _) => self.list(
                &path,
                &listed(&finding.expected),
                &listed(&finding.observed),
            ),
            (form, Some(entry)) if form.is_map() => self.entry(path, entry, field.path),
            (Form::Check, _) => self.check(path),
            (Form::Rates(number, _), _) => {
                let rates = listed(&finding.observed).into_iter().filter_map(|rate| {
                    let (path, limit) = rate.as_str()?.rsplit_once(':')?;
                    Some(json!({ "path": path, number: limit.parse::<i64>().ok()? }))
                });
                self.set(path, &non_empty(rates.collect()))
            }
            (Form::DeviceRequests | Form::NotListed(_), _) => Err(SkipReason::NotSaid),
            (Form::Namespace, _) => {
                let mode = finding
                    .observed
                    .as_str()
                    .map(|mode| json!(shared(self.observed, mode)));
                self.set(path, &mode.unwrap_or_default())
            }
            (form, _) if form.is_list() => self.list(
                &path,
                &listed(&finding.expected),
                &listed(&finding.observed),
            ),
            (Form::Flag, _) if finding.observed == json!(false) && self.editor.has(&path) => {
                let is_over = vec![Edit::Set(path.clone(), json!(false))];
                Ok(vec![vec![Edit::Remove(path)], is_over])
            }
            _ => {
                let mut tries = self.set(
                    path.clone(),
                    &fields::written(field.path, &finding.observed),
                )?;
                tries.extend(self.with_swap(above, field, &tries));
                // Over an image that sets one, an empty list says that there is none.
                if field.path == "entrypoint" && finding.observed.is_null() {
                    tries.push(vec![Edit::Set(path, json!([]))]);
                }
                Ok(tries)
            }
        }
    }

    /// Where a field is written, or would be.
    fn written_path(&self, above: &[&str], field: &Field) -> Vec<Segment> {
        let split = |path: &str| keys(above, &path.split('.').collect::<Vec<_>>());
        let deploy = field.deploy.map(split);
        deploy
            .filter(|path| self.editor.has(path))
            .unwrap_or_else(|| split(field.path))
    }

    /// An entry of a mapping, or of a list of `KEY=VALUE`.
    fn entry(&self, path: Vec<Segment>, entry: &str, field: &str) -> Result<Tries, SkipReason> {
        // That a value is empty is not a secret.
        let fields = self.observed_fields();
        let is = fields.and_then(|fields| fields.map(field).get(entry)?.as_ref());
        let is_empty = is.is_some_and(|is| is.revealed().is_empty());
        let empty = json!("");
        let observed = if is_empty {
            &empty
        } else {
            &self.finding.observed
        };
        let Some(items) = self.editor.items(&path) else {
            return self.set([path, keys(&[entry], &[])].concat(), observed);
        };
        let is_entry = |item: &Option<String>| {
            let name = item
                .as_deref()
                .map(|item| item.split('=').next().unwrap_or(item));
            name == Some(entry)
        };
        let pair = observed
            .as_str()
            .map(|value| json!(format!("{entry}={value}")));
        let is_hidden = pair.as_ref().is_some_and(holds_hidden);
        match items.iter().position(is_entry) {
            Some(at) => self.set(
                [path, vec![Segment::Index(at)]].concat(),
                &pair.unwrap_or_default(),
            ),
            None if is_hidden => Err(SkipReason::Hidden),
            None => Ok(vec![vec![Edit::Add(
                path,
                literal(&pair.unwrap_or_default()),
            )]]),
        }
    }

    /// The fields of what the finding is about, as the engine has them.
    fn observed_fields(&self) -> Option<&Values> {
        let finding = self.finding;
        let key = finding.place.get(1)?;
        match finding.place.first()?.as_str() {
            "networks" => Some(&self.observed.networks.get(key)?.fields),
            "volumes" => Some(&self.observed.volumes.get(key)?.fields),
            _ => Some(&self.container()?.config.fields),
        }
    }

    /// Whether a service has a container that Compose does not find.
    fn has_unlisted(&self, service: &str) -> bool {
        let mut containers = self.observed.live.iter().flat_map(|live| &live.containers);
        containers.any(|one| one.is_unlisted && one.service.as_deref() == Some(service))
    }

    /// The container of the finding; the first one of its service, where it is about all of them.
    fn container(&self) -> Option<&Container> {
        let live = self.observed.live.as_ref()?;
        let (name, service) = (self.finding.container.as_deref(), self.finding.service());
        let mut containers = live.containers.iter();
        containers.find(|one| match name {
            Some(name) => one.name == name,
            None => one.serves() == service,
        })
    }

    /// A list, of which only the items that differ change where they are.
    fn list(
        &self,
        path: &[Segment],
        expected: &[Value],
        observed: &[Value],
    ) -> Result<Tries, SkipReason> {
        let observed_value = Value::Array(observed.to_vec());
        if holds_hidden(&observed_value) {
            return Err(SkipReason::Hidden);
        }
        let is_profile = |item: &Value| item.as_str().is_some_and(fields::is_profile);
        let is_new = |item: &&Value| !expected.contains(item);
        if observed.iter().filter(is_new).any(is_profile) {
            return Err(SkipReason::Profile);
        }
        let whole = || {
            let mut edits = Vec::new();
            if self.editor.has(path) {
                edits.push(Edit::Remove(path.to_vec()));
            }
            if !observed.is_empty() {
                edits.push(Edit::Set(path.to_vec(), literal(&observed_value)));
            }
            edits
        };
        let Some(items) = self.editor.items(path) else {
            return if self.is_variable(path) {
                Err(SkipReason::Variable)
            } else {
                Ok(vec![whole()])
            };
        };
        let gone = expected.iter().filter(|item| !observed.contains(item));
        let positions = gone.map(|gone| {
            let text = gone.as_str()?;
            items
                .iter()
                .position(|item| item.as_deref().is_some_and(|item| is_like(item, text)))
        });
        let mut edits = Vec::new();
        if let Some(mut gone) = positions.collect::<Option<Vec<usize>>>() {
            // From the last one on, so that the others stay where they are.
            gone.sort_unstable_by(|a, b| b.cmp(a));
            let new = observed.iter().filter(is_new);
            edits.extend(new.map(|item| Edit::Add(path.to_vec(), literal(item))));
            let item = |at| Edit::Remove([path, &[Segment::Index(at)]].concat());
            edits.extend(gone.into_iter().map(item));
        }
        let mut tries = vec![edits];
        // The file of a profile is known only where it stays as it is.
        if !observed.iter().any(is_profile) {
            tries.push(whole());
        }
        tries.retain(|edits| !edits.is_empty());
        Ok(tries)
    }

    /// The key of a network or volume that has a name on the engine, and what declares it where this file does not.
    fn resource(&self, section: &str, name: &str) -> (String, Option<Edit>) {
        let project = format!("{}_", self.observed.project);
        if let Some(bare) = name.strip_prefix(&project) {
            let is_default = section == "networks" && bare == "default";
            if is_default || self.editor.has(&keys(&[section, bare], &[])) {
                return (bare.to_owned(), None);
            }
        }
        let (key, declared) = declared(self.observed, section, name);
        let path = keys(&[section, &key], &[]);
        let edit = (!self.editor.has(&path)).then_some(Edit::Set(path, declared));
        (key, edit)
    }
}
