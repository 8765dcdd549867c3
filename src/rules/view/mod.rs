//! A Compose file as rules look at it: what it says, and where.
//!
//! A rule asks what stands in the text, not what a host makes of it: variables are not filled in.
//! What cannot be understood here is left out; that Compose refuses it is a rule of its own.

mod mount;
mod port;

use std::collections::HashSet;
use std::sync::Arc;

pub(super) use mount::{Mount, MountKind, clean};
pub(super) use port::{HostPort, Port};

use crate::compose::{At, FileArgument, Request, Unset, Written, interpolate, project_name};
use crate::diagnostic::Diagnostics;
use crate::source::{Place, Source};
use crate::variables::Variables;

/// A Compose file.
#[derive(Debug)]
pub struct File {
    /// Its own text.
    pub source: Arc<Source>,
    written: Written,
}

/// A service of a Compose file.
#[derive(Debug, Clone)]
pub(super) struct Service<'a> {
    pub(super) name: &'a str,
    pub(super) at: At<'a>,
}

/// A network or volume of a Compose file.
#[derive(Debug, Clone)]
pub(super) struct Resource<'a> {
    /// Its key in the file.
    pub(super) key: String,
    /// Its name on the engine.
    pub(super) name: String,
    /// Whether somebody else makes it.
    pub(super) is_external: bool,
    /// Where it is declared, where it is.
    pub(super) place: Place,
    /// What is declared.
    pub(super) at: Option<At<'a>>,
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// A text that is no YAML, or that takes more in from elsewhere than it says.
    pub(super) fn read(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        Ok(Self {
            source: Arc::clone(source),
            written: Written::read(source)?,
        })
    }

    /// Reads a file that somebody wrote, with what it extends and includes.
    ///
    /// # Errors
    /// A text that is no YAML, or something that it brings in and that cannot be found.
    pub(super) fn load(
        file: FileArgument,
        here: &std::path::Path,
        request: &Request,
    ) -> Result<Self, Diagnostics> {
        let written = Written::load(file, here, request)?;
        let source = written.sources().first().map(Arc::clone);
        Ok(Self {
            source: source.unwrap_or_else(|| Source::new("", "")),
            written,
        })
    }

    /// Every text behind it: its own, then those that it brings in.
    pub(super) fn sources(&self) -> &[Arc<Source>] {
        self.written.sources()
    }

    /// Why Compose would not read it, where it would not.
    pub(super) fn refusal(&self) -> &Diagnostics {
        &self.written.refusal
    }

    pub(super) fn root(&self) -> At<'_> {
        self.written.root()
    }

    /// The services, by their names.
    pub(super) fn services(&self) -> Vec<Service<'_>> {
        let entries = self.entries("services").into_iter();
        entries.map(|(name, at)| Service { name, at }).collect()
    }

    /// The service of a name.
    pub(super) fn service(&self, name: &str) -> Option<Service<'_>> {
        let (name, at) = self.root().get("services")?.entry(name)?;
        Some(Service { name, at })
    }

    /// Whether a top-level section has an entry.
    pub(super) fn declares(&self, section: &str, key: &str) -> bool {
        self.root()
            .get(section)
            .is_some_and(|section| section.get(key).is_some())
    }

    /// The entries of a top-level section.
    pub(super) fn entries(&self, section: &str) -> Vec<(&str, At<'_>)> {
        self.root()
            .get(section)
            .map(|at| entries(&at))
            .unwrap_or_default()
    }

    /// The project's name, where the file says it.
    pub(super) fn project(&self) -> Option<(String, Place)> {
        let name = self.root().get("name")?;
        Some((text(&name)?, name.place()))
    }

    /// The project's name as Compose makes it: the file's, or that of its folder (compose-go,
    /// `loader.NormalizeProjectName`).
    pub(super) fn project_name(&self) -> String {
        if let Some(name) = &self.written.project {
            return name.clone();
        }
        let name = self.project().map(|(name, _)| name);
        let name = name.unwrap_or_else(|| {
            let path = std::path::absolute(&self.source.name).unwrap_or_default();
            let folder = path.parent().and_then(std::path::Path::file_name);
            folder
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default()
        });
        project_name(&name)
    }

    /// The networks that services join.
    pub(super) fn networks(&self) -> Vec<Resource<'_>> {
        let services = self.services();
        let used = services.iter().flat_map(Service::networks);
        self.resources(
            "networks",
            used.map(|(key, _, place)| (key, place)).collect(),
        )
    }

    /// The named volumes that services mount.
    pub(super) fn volumes(&self) -> Vec<Resource<'_>> {
        let services = self.services();
        let mounts = services.iter().flat_map(Service::mounts);
        let used = mounts.filter_map(|mount| match (mount.kind, mount.source) {
            (MountKind::Volume, Some(source)) => Some((source, mount.place)),
            _ => None,
        });
        self.resources("volumes", used.collect())
    }

    fn resources(&self, section: &str, used: Vec<(String, Place)>) -> Vec<Resource<'_>> {
        let declared = self.root().get(section);
        let project = self.project_name();
        let mut found: Vec<Resource<'_>> = Vec::new();
        let mut known = HashSet::new();
        for (key, place) in used {
            if !known.insert(key.clone()) {
                continue;
            }
            let at = declared.as_ref().and_then(|section| section.get(&key));
            let external = at.as_ref().and_then(|at| at.get("external"));
            let is_external = external
                .as_ref()
                .is_some_and(|external| external.is_mapping() || flag(external) == Some(true));
            let own_name = at.as_ref().and_then(|at| at.get("name")).or_else(|| {
                let external = external.as_ref()?;
                external.get("name")
            });
            let name = match own_name.as_ref().and_then(text) {
                Some(name) => name,
                None if is_external => key.clone(),
                None => format!("{project}_{key}"),
            };
            let place = match (&own_name, &at) {
                (Some(name), _) => name.place(),
                (None, Some(at)) => at.key_place(),
                (None, None) => place,
            };
            found.push(Resource {
                key,
                name,
                is_external,
                place,
                at,
            });
        }
        found
    }
}

impl<'a> Service<'a> {
    /// The place of its name.
    pub(super) fn place(&self) -> Place {
        self.at.key_place()
    }

    pub(super) fn get(&self, key: &str) -> Option<At<'a>> {
        self.at.get(key).filter(|cursor| !cursor.is_null())
    }

    /// What stands at the end of a path of keys.
    pub(super) fn dig(&self, keys: &[&str]) -> Option<At<'a>> {
        let mut at = self.at.clone();
        for key in keys {
            at = at.get(key)?;
        }
        (!at.is_null()).then_some(at)
    }

    /// A scalar as text, with the defaults of its variables filled in.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        text(&self.get(key)?)
    }

    /// Whether a field says yes, in any of the words that Compose takes for it.
    pub(super) fn is_on(&self, key: &str) -> bool {
        self.get(key).and_then(|at| flag(&at)) == Some(true)
    }

    /// The scalars of a list, or the one that stands in its place.
    pub(super) fn list(&self, key: &str) -> Vec<(String, Place)> {
        let Some(at) = self.get(key) else {
            return Vec::new();
        };
        scalars(&at)
    }

    /// The capabilities under a key, without `CAP_`, in capitals.
    pub(super) fn capabilities(&self, key: &str) -> Vec<(String, Place)> {
        let list = self.list(key).into_iter();
        list.map(|(text, place)| {
            let text = text.trim().to_ascii_uppercase();
            (text.trim_start_matches("CAP_").to_owned(), place)
        })
        .collect()
    }

    /// The variables: name, value as it is written, and the place of the value.
    pub(super) fn environment(&self) -> Vec<(String, Option<String>, Place)> {
        pairs(self.get("environment"))
    }

    /// What it mounts.
    pub(super) fn mounts(&self) -> Vec<Mount> {
        let items = self.get("volumes").map(|at| items(&at)).unwrap_or_default();
        items.iter().filter_map(mount::read).collect()
    }

    /// What it publishes.
    pub(super) fn ports(&self) -> Vec<Port> {
        let items = self.get("ports").map(|at| items(&at)).unwrap_or_default();
        items.iter().filter_map(port::read).collect()
    }

    /// The networks that it joins: the key, the names that it answers to there, and the place.
    pub(super) fn networks(&self) -> Vec<(String, Vec<String>, Place)> {
        if self.get("network_mode").is_some() {
            return Vec::new();
        }
        let Some(at) = self.get("networks") else {
            return vec![("default".to_owned(), Vec::new(), self.place())];
        };
        if at.is_list() {
            let keys = scalars(&at).into_iter();
            return keys.map(|(key, place)| (key, Vec::new(), place)).collect();
        }
        let entries = entries(&at).into_iter();
        entries
            .map(|(key, at)| {
                let aliases = at.get("aliases").map(|at| scalars(&at)).unwrap_or_default();
                let aliases = aliases.into_iter().map(|(alias, _)| alias).collect();
                (key.to_owned(), aliases, at.key_place())
            })
            .collect()
    }

    /// How many of it run, where the file says a number.
    pub(super) fn replicas(&self) -> u64 {
        let scale = self
            .get("scale")
            .or_else(|| self.dig(&["deploy", "replicas"]));
        scale.and_then(|at| text(&at)?.parse().ok()).unwrap_or(1)
    }
}

/// An option that a network or volume hands to its driver.
pub(super) fn driver_option<'a>(at: &At<'a>, name: &str) -> Option<At<'a>> {
    at.get("driver_opts")?.get(name)
}

/// The entries of a mapping; nothing where it is none.
pub(super) fn entries<'a>(at: &At<'a>) -> Vec<(&'a str, At<'a>)> {
    at.entries().collect()
}

/// The items of a list; nothing where it is none.
pub(super) fn items<'a>(at: &At<'a>) -> Vec<At<'a>> {
    at.items().collect()
}

/// A text, number or boolean as it is written.
pub(super) fn raw(at: &At<'_>) -> Option<String> {
    at.scalar()
}

/// A text, number or boolean, with the defaults of its variables filled in; an expression without
/// a default stays as it is written.
pub(super) fn text(at: &At<'_>) -> Option<String> {
    let raw = raw(at)?;
    match interpolate(&raw, &Variables::default(), Unset::Keep) {
        Ok(filled) => Some(filled.text),
        Err(_) => Some(raw),
    }
}

/// A boolean, in any of the words that Compose takes for one.
pub(super) fn flag(at: &At<'_>) -> Option<bool> {
    match text(at)?.to_ascii_lowercase().as_str() {
        "true" | "y" | "yes" | "on" | "t" | "1" => Some(true),
        "false" | "n" | "no" | "off" | "f" | "0" => Some(false),
        _ => None,
    }
}

/// The scalars of a list, or the one that stands in its place.
pub(super) fn scalars(at: &At<'_>) -> Vec<(String, Place)> {
    if at.is_list() {
        let items = items(at);
        let texts = items
            .iter()
            .filter_map(|item| Some((text(item)?, item.place())));
        return texts.collect();
    }
    text(at)
        .map(|text| (text, at.place()))
        .into_iter()
        .collect()
}

/// `KEY=VALUE` of a list, or the entries of a mapping.
pub(super) fn pairs(at: Option<At<'_>>) -> Vec<(String, Option<String>, Place)> {
    let Some(at) = at else { return Vec::new() };
    if at.is_list() {
        let items = items(&at);
        let pairs = items.iter().filter_map(|item| {
            let text = raw(item)?;
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (text, None),
            };
            Some((name, value, item.place()))
        });
        return pairs.collect();
    }
    let entries = entries(&at).into_iter();
    entries
        .map(|(name, value)| (name.to_owned(), raw(&value), value.place()))
        .collect()
}

/// What looks at a scalar.
type Look<'a> = dyn FnMut(Option<&str>, &str, &dyn Fn() -> Place) + 'a;

/// Looks at every scalar below a value: the key that names it, where one does, its text as it is written, and its place, which is
/// made for those who ask.
pub(super) fn every_scalar(at: &At<'_>, look: &mut Look<'_>) {
    for item in at.items() {
        every_scalar(&item, look);
    }
    for (_, value) in at.entries() {
        every_scalar(&value, look);
    }
    if let Some(text) = at.scalar() {
        look(at.name(), &text, &|| at.place());
    }
}
