//! What a stack has instead of what Docker Compose has: the loader of `docker stack deploy` is that of version 3.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Planned;
use super::functions::{content, short_digest};
use super::usage::Node;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::Root;
use crate::source::Place;
use crate::spec::Service;
use crate::state::RestartPolicy;
use crate::text::path::clean;
use crate::yaml::Tree;

/// The fields of a service.
type Entries = BTreeMap<String, Arc<Node>>;

/// Brings the fields of a service into the forms of a stack, where there are such forms. A field without such a form stays as it
/// is written, and the rules for stacks report it.
pub(super) fn fit(fields: &mut Entries, service: &Service) {
    // A swarm starts everything at once.
    fields.remove("depends_on");
    restart(fields, service);
    tmpfs(fields, service);
}

/// `restart` becomes `deploy.restart_policy`, unless there is one.
fn restart(fields: &mut Entries, service: &Service) {
    let Some(restart) = service.compose.get("restart") else {
        return;
    };
    let policy = RestartPolicy::of(restart.as_str().unwrap_or("no"));
    // What is not valid stays as it is, and a rule reports it.
    if !policy.is_valid() {
        return;
    }
    let condition = match policy.condition {
        "no" => "none",
        "always" | "unless-stopped" => "any",
        "on-failure" => policy.condition,
        _ => return,
    };
    let attempts = policy.attempts.and_then(|text| text.parse::<u64>().ok());
    fields.remove("restart");
    let deploy = fields
        .get("deploy")
        .map_or_else(|| Node::map::<&str>([]), Arc::clone);
    if deploy.entry("restart_policy").is_some() {
        return;
    }
    let place = restart.place();
    let mut policy = vec![("condition", Node::from_spec(condition, &place))];
    if let Some(attempts) = attempts {
        policy.push(("max_attempts", Node::from_spec(attempts, &place)));
    }
    let deploy = deploy.with([("restart_policy", Node::map(policy))]);
    fields.insert("deploy".to_owned(), deploy);
}

/// Each `tmpfs` becomes a mount; one with options, which a mount cannot have, stays as it is.
fn tmpfs(fields: &mut Entries, service: &Service) {
    let Some(written) = service.compose.get("tmpfs") else {
        return;
    };
    let items = match written.as_str() {
        Some(_) => std::slice::from_ref(written),
        None => written.items(),
    };
    let is_plain = |item: &&Tree| {
        let target = item.as_str();
        target.is_some_and(|target| !target.contains([':', '$']))
    };
    let (plain, kept): (Vec<&Tree>, Vec<&Tree>) = items.iter().partition(is_plain);
    if plain.is_empty() {
        return;
    }
    let mounts = plain.into_iter().map(|item| {
        Node::map([
            ("type", Node::own("tmpfs")),
            ("target", Node::compose(item)),
        ])
    });
    if kept.is_empty() {
        fields.remove("tmpfs");
    } else {
        let kept = kept.into_iter().map(Node::compose);
        fields.insert("tmpfs".to_owned(), Node::list(kept));
    }
    let others = match fields.get("volumes").map(|node| &**node) {
        Some(Node::List(others)) => others.clone(),
        _ => Vec::new(),
    };
    let all = others.into_iter().chain(mounts);
    fields.insert("volumes".to_owned(), Node::list(all));
}

/// The file of the project that a config without a name of its own is made of, relative to the root.
fn file_of(config: &Tree, output: &str) -> Option<(String, Place)> {
    if config.get("name").is_some() {
        return None;
    }
    let file = config.get("file")?;
    let folder = Path::new(output).parent().unwrap_or(Path::new(""));
    let path = folder.join(file.as_str()?);
    let path = clean(&path.to_string_lossy());
    let is_elsewhere = path.contains('$') || path.starts_with('/') || path.starts_with("..");
    (!is_elsewhere).then(|| (path, file.place()))
}

/// The configs of a stack, each from a file of the project with a name that changes with it.
pub(super) fn named(configs: &Arc<Node>, planned: &Planned<'_>, root: Option<&Root>) -> Arc<Node> {
    let (Node::Map(entries, _), Some(root), Some(output)) =
        (&**configs, root, planned.output_path())
    else {
        return Arc::clone(configs);
    };
    let declared = planned.host.sections.get("configs");
    let named = entries.iter().map(|(key, config)| {
        let file = declared.and_then(|declared| file_of(declared.get(key)?, &output));
        let content = file.and_then(|(path, _)| content(root, &path).ok());
        let node = match content {
            Some(content) => {
                let stack = &planned.host.project.value;
                let name = format!("{stack}_{key}_{}", short_digest(&content));
                config.with([("name", Node::own(name))])
            }
            None => Arc::clone(config),
        };
        (key.as_str(), node)
    });
    Node::map(named)
}

/// The configs of a stack that cannot have such a name, as their files cannot be read here.
pub(super) fn unreadable(planned: &Planned<'_>, root: Option<&Root>) -> Diagnostics {
    let (true, Some(root), Some(output)) = (planned.host.is_stack(), root, planned.output_path())
    else {
        return Diagnostics::default();
    };
    let declared = planned.host.sections.get("configs");
    let unreadable = declared
        .map(Tree::entries)
        .unwrap_or_default()
        .iter()
        .filter_map(|(_, config)| {
            let (path, place) = file_of(config, &output)?;
            let error = content(root, &path).err()?;
            let message = format!("cannot read `{path}`: {error}");
            Some(
                Diagnostic::new(message, place)
                    .label("the name of the config ends in a digest of this file")
                    .help("create the file, or give the config a `name`"),
            )
        });
    unreadable.collect()
}
