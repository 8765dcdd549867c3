//! Mounts of a service.

use serde_json::{Value, json};

use super::values::{keys, literal, put};
use super::{Edit, FindingToSettle, SkipReason, Tries};
use crate::fields;
use crate::source::Segment;
use crate::state::{Mount, MountKind};

impl FindingToSettle<'_> {
    pub(super) fn mount(&self, name: &str) -> Result<Tries, SkipReason> {
        let [_, _, _, target, ..] = self.finding.place.as_slice() else {
            return Err(SkipReason::NotSaid);
        };
        let path = keys(&["services", name], &["volumes"]);
        let is = self.mounted(target);
        let moved = (self.finding.field.as_deref() == Some("target"))
            .then(|| self.finding.observed.as_str())
            .flatten();
        let is = moved.map_or(is, |target| self.mounted(target));
        let mut declared = None;
        let new = match is {
            Some(is) => {
                let key_of = |name: &str| {
                    let (key, edit) = self.resource("volumes", name);
                    declared = edit;
                    Some(key)
                };
                Some(written_mount(is, key_of).ok_or(SkipReason::NotSaid)?)
            }
            None => None,
        };
        let items = self.editor.items(&path).unwrap_or_default();
        let mut tries = Tries::new();
        let mut is_variable = false;
        let of_item = |at: usize| [path.clone(), vec![Segment::Index(at)]].concat();
        let is_there = |at: usize| {
            let written = self.editor.written(&of_item(at));
            written.is_some_and(|written| written.contains(target.as_str()))
        };
        // An edit of another item may settle the finding, too: of two mounts at one place, Compose takes the last.
        let (own, others): (Vec<_>, Vec<_>) =
            items.iter().enumerate().partition(|(at, _)| is_there(*at));
        for (at, item) in if own.is_empty() { others } else { own } {
            let item_path = of_item(at);
            if self.is_variable(&item_path) {
                is_variable = true;
                continue;
            }
            let Some(new) = &new else {
                tries.push(vec![Edit::Remove(item_path)]);
                continue;
            };
            if let (Some(_), Value::String(_)) = (item, new) {
                tries.push(vec![Edit::Set(item_path.clone(), new.clone())]);
            }
            // In the long form, only what differs is written. A mount of another type has other fields.
            let field = self.finding.field.as_deref().unwrap_or_default();
            if item.is_none() && moved.is_none() && field != "type" {
                let route: Vec<&str> = field.split('.').collect();
                let inner = [item_path.clone(), keys(&route, &[])].concat();
                let value = fields::written(field, &self.finding.observed);
                if let Ok(inner) = self.set(inner, &value) {
                    tries.extend(inner);
                }
            }
            tries.push(vec![
                Edit::Add(path.clone(), new.clone()),
                Edit::Remove(item_path),
            ]);
        }
        if let Some(new) = &new
            && self.finding.expected.is_null()
        {
            tries.insert(0, vec![Edit::Add(path, new.clone())]);
        }
        if tries.is_empty() && is_variable {
            return Err(SkipReason::Variable);
        }
        for edits in &mut tries {
            edits.extend(declared.clone());
        }
        Ok(tries)
    }

    /// What the container of the finding has at a place.
    pub(super) fn mounted(&self, target: &str) -> Option<&Mount> {
        let mut mounts = self.container()?.mounts.iter();
        mounts.find(|mount| mount.target == target)
    }
}

/// A mount as a file has it: in short where that says all. `key_of` gives the key of a volume.
pub(in super::super) fn written_mount(
    is: &Mount,
    key_of: impl FnOnce(&str) -> Option<String>,
) -> Option<Value> {
    let source = match is.kind {
        MountKind::Volume if is.is_anonymous() => None,
        MountKind::Volume => Some(key_of(is.source.as_deref()?)?),
        _ => is.source.clone(),
    };
    let fields = serde_json::to_value(is).ok()?;
    let mut long = json!({ "type": is.kind.as_str(), "target": is.target });
    let entries = long.as_object_mut()?;
    if let Some(source) = &source {
        entries.insert("source".to_owned(), json!(source));
    }
    // Compose joins a bind with `:`, but for one whose directory it does not create.
    if is.kind == MountKind::Bind
        && [&is.target]
            .into_iter()
            .chain(&source)
            .any(|path| path.contains(':'))
    {
        entries.insert("bind".to_owned(), json!({ "create_host_path": false }));
    }
    // What the short form can say; of `selinux`, Compose takes no other.
    let mut options = Vec::new();
    let mut is_short = matches!(is.kind, MountKind::Bind | MountKind::Volume);
    for (key, value) in fields.as_object()? {
        match (key.as_str(), value) {
            ("type" | "target" | "source", _) | (_, Value::Null | Value::Bool(false)) => continue,
            // What every mount has is not written.
            ("bind.propagation", value) if value == "rprivate" => continue,
            ("read_only", _) => options.push("ro"),
            ("volume.nocopy", _) => options.push("nocopy"),
            ("bind.propagation" | "bind.selinux", Value::String(option)) => options.push(option),
            _ => is_short = false,
        }
        let value = match (key.as_str(), value.as_str()) {
            // A file has a number, in which these are octal digits.
            ("tmpfs.mode", Some(digits)) => json!(i64::from_str_radix(digits, 8).ok()?),
            _ => fields::written(key, value),
        };
        put(entries, key, value);
    }
    is_short &= match &source {
        Some(source) => is_source_of_short(source) && !is.target.contains(':'),
        // What follows a target alone would be a second one.
        None => options.is_empty() && !is.target.contains(':'),
    };
    if !is_short {
        return Some(literal(&long));
    }
    let end = if options.is_empty() {
        String::new()
    } else {
        format!(":{}", options.join(","))
    };
    let source = source.map_or_else(String::new, |source| format!("{source}:"));
    Some(literal(&json!(format!("{source}{}{end}", is.target))))
}

/// Whether the short form of a mount can have a source: behind one letter, its colon is that of a drive of Windows.
fn is_source_of_short(source: &str) -> bool {
    let mut letters = source.chars();
    let is_drive = letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none();
    !is_drive && !source.contains(':')
}
