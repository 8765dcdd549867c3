//! The pass that completes services by those that they extend, of the same file or of another
//! (compose-go, `loader/extends.go`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::growth::Growth;
use super::loader::{LoadContext, Loader, NamedBy, Passes, Reading};
use super::merge;
use super::notes::Stop;
use super::relocate::relocate;
use super::tree::{Kind, Map, Mark, Node, Resets};
use crate::diagnostic::Diagnostic;

/// How many services may extend one another in a row.
const MAX_DEPTH: usize = 100;

/// A service that is being completed: its file and its name.
type Step = (PathBuf, String);

/// The services of a file, and what its last document resets.
struct Services {
    file: PathBuf,
    named: Map,
    resets: Resets,
}

/// What is remembered while the services of a document are completed.
#[derive(Default)]
struct Route {
    /// The services that led here.
    steps: Vec<Step>,
    /// The files that were read and are not in use: many services extend those of one.
    bases: HashMap<PathBuf, Services>,
}

/// The service that another one extends.
struct Target {
    name: String,
    at: Mark,
    /// The file that it is in, where that is another one, and where it is named.
    file: Option<(String, Mark)>,
}

impl Loader {
    /// Completes the services of a document.
    pub(super) fn extend(
        &mut self,
        root: &mut Node,
        file: &Path,
        context: &LoadContext,
        resets: &Resets,
    ) -> Result<(), Stop> {
        let Some(services) = root.get_mut("services").and_then(Node::as_map_mut) else {
            // The kinds are checked later.
            return Ok(());
        };
        let names: Vec<String> = services
            .iter()
            .filter(|(_, entry)| extending(&entry.value))
            .map(|(name, _)| name.clone())
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        let mut own = Services {
            file: file.to_owned(),
            named: std::mem::take(services),
            resets: resets.clone(),
        };
        let mut route = Route::default();
        for name in names {
            let completed = self.complete(&name, &mut own, context, resets, &mut route)?;
            if let Some(entry) = own.named.get_mut(&name) {
                entry.value = completed;
            }
        }
        if let Some(services) = root.get_mut("services") {
            services.kind = Kind::Map(own.named);
        }
        Ok(())
    }

    /// A service with what it extends below it.
    fn complete(
        &mut self,
        name: &str,
        own: &mut Services,
        context: &LoadContext,
        resets: &Resets,
        route: &mut Route,
    ) -> Result<Node, Stop> {
        let Some(entry) = own.named.get(name) else {
            return Ok(Node::default());
        };
        let service = entry.value.clone();
        if service.is_null() {
            return Ok(service);
        }
        if service.as_map().is_none() {
            return self.notes.refuse(
                service.at,
                format!("service `{name}` is {}", service.kind.words()),
                "expected a mapping",
            );
        }
        let Some(extends) = service.get("extends") else {
            return Ok(service);
        };
        let target = self.target(extends)?;
        self.enter(name, own, extends.at, route)?;
        let mut base = self.base(&target, own, context, route)?;
        self.notes.grow(Growth::Extended, base.size(), extends.at)?;
        route.steps.pop();
        if base.is_null() {
            return Ok(service);
        }
        resets.apply(&["services", name], &mut base);
        let mut merged = merge::service(name, base, service, &mut self.notes)?;
        let extends = merged.as_map_mut().and_then(|map| map.remove("extends"));
        let key = extends.map(|entry| ("extends", entry.key_at));
        self.notes.brought_in.extend(key);
        Ok(merged)
    }

    /// Adds a service to the route. It must not be on it, and the route must not be too long.
    fn enter(
        &mut self,
        name: &str,
        own: &Services,
        at: Mark,
        route: &mut Route,
    ) -> Result<(), Stop> {
        let step = (own.file.clone(), name.to_owned());
        if route.steps.contains(&step) {
            return self.notes.refuse(
                at,
                format!("service `{name}` extends itself"),
                "expected a service that does not extend this one",
            );
        }
        if route.steps.len() == MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} services extend one another");
            return self.notes.refuse(at, message, "this is not supported");
        }
        route.steps.push(step);
        Ok(())
    }

    /// The service that is extended, itself completed.
    fn base(
        &mut self,
        target: &Target,
        own: &mut Services,
        context: &LoadContext,
        route: &mut Route,
    ) -> Result<Node, Stop> {
        let name = &target.name;
        let Some((file, at)) = &target.file else {
            self.find(own, name, target.at)?;
            let base = self.complete(name, own, context, &Resets::default(), route)?;
            if let Some(entry) = own.named.get_mut(name)
                && extending(&entry.value)
            {
                entry.value = base.clone();
            }
            return Ok(base);
        };
        let path = context.directory.join(self.path_of(file, context));
        let mut other = match route.bases.remove(&path) {
            Some(other) => other,
            None => self.base_file(file, &path, *at, context)?,
        };
        self.find(&other, name, target.at)?;
        let resets = other.resets.clone();
        let base = self.complete(name, &mut other, context, &resets, route)?;
        // What completes a service of it that resets something differs from one to the next.
        if other.resets.is_empty() {
            route.bases.insert(path, other);
        }
        Ok(base)
    }

    fn target(&mut self, extends: &Node) -> Result<Target, Stop> {
        if let Some(name) = extends.as_text() {
            return Ok(Target {
                name: name.to_owned(),
                at: extends.at,
                file: None,
            });
        }
        let service = extends.get("service");
        let Some(name) = service.and_then(Node::as_text) else {
            return self.notes.refuse(
                extends.at,
                "`extends` has no `service`",
                "expected the name of a service, or a field `service`",
            );
        };
        let file = extends.field("file");
        let file = match file.map(|file| (file, file.as_text())) {
            None => None,
            Some((file, Some(text))) => Some((text.to_owned(), file.at)),
            Some((file, None)) => {
                let message = format!("`file` is {}", file.kind.words());
                return self.notes.refuse(file.at, message, "expected text");
            }
        };
        Ok(Target {
            name: name.to_owned(),
            at: service.map(|service| service.at).unwrap_or_default(),
            file,
        })
    }

    fn find(&mut self, own: &Services, name: &str, at: Mark) -> Result<(), Stop> {
        if own.named.contains_key(name) {
            return Ok(());
        }
        let known = own.named.keys().map(String::as_str);
        let file = self.display(&own.file);
        let diagnostic = Diagnostic::new(
            format!("service `{name}` is not declared in `{file}`"),
            self.notes.place(at),
        )
        .label("expected a service to extend");
        let mut texts = own.named.iter().map(|(_, entry)| entry.key_at);
        let diagnostic = if texts.any(|at| self.notes.is_outside(at)) {
            diagnostic
        } else {
            diagnostic.did_you_mean(name, known)
        };
        self.notes.stop(diagnostic)
    }

    /// The services of a file, in canonical form, with every path absolute.
    fn base_file(
        &mut self,
        named: &str,
        path: &Path,
        at: Mark,
        context: &LoadContext,
    ) -> Result<Services, Stop> {
        self.expect_local(named, at, "extending a service of")?;
        if !self.reads_files {
            return self.notes.refuse(
                at,
                "`extends` of another file is not supported here",
                "only this file is read here",
            );
        }
        let file = self.file(path, NamedBy::File(at))?;
        let resets = file.documents.last().map(|last| last.resets.clone());
        let empty = Node::new(Kind::Map(Map::new()), at);
        let mut model = self.lay(empty, file, context, &[], Passes::Base)?;
        let directory = path.parent().unwrap_or(path).to_owned();
        match self.reading {
            Reading::Meant => self.resolve_paths(&mut model, &directory),
            Reading::Written => relocate(&mut model, &directory, &context.directory),
        }
        self.go_on()?;
        let services = model.get_mut("services");
        let kind = services.map(|services| std::mem::take(&mut services.kind));
        let Some(Kind::Map(named)) = kind else {
            let message = format!("`{}` has no services", self.display(path));
            return self
                .notes
                .refuse(at, message, "expected a Compose file with `services`");
        };
        Ok(Services {
            file: path.to_owned(),
            named,
            resets: resets.unwrap_or_default(),
        })
    }
}

fn extending(service: &Node) -> bool {
    service.get("extends").is_some()
}
