//! Parts of a spec in Compose's own syntax, read as Compose reads them.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use super::read::listed_twice;
use crate::compose::{Service, Written};
use crate::diagnostic::Diagnostics;
use crate::redact;
use crate::source::Source;
use crate::yaml::{Cursor, Tree, TreeContent};

/// Reads every item of a list as the only one in a field of a service. What is wrong with an item is for the reader of
/// the whole Compose file to say.
pub(super) fn each<T>(
    field: &str,
    items: &[Tree],
    read: impl Fn(Service<'_>, &Tree) -> Vec<T>,
) -> Vec<T> {
    let mut services = Mapping::new();
    for (number, item) in items.iter().enumerate() {
        let list = Value::Sequence(vec![item.to_value()]);
        let service: Mapping = [(Value::from(field), list)].into_iter().collect();
        services.insert(Value::from(number.to_string()), Value::Mapping(service));
    }
    let file: Mapping = [(Value::from("services"), Value::Mapping(services))]
        .into_iter()
        .collect();
    // A tree that was read can be written.
    let text = serde_yaml::to_string(&file).unwrap_or_default();
    let Ok(file) = Written::read(&Source::new("spec", text)) else {
        return Vec::new();
    };
    let found = file.services().filter_map(|service| {
        let number: usize = service.name.parse().ok()?;
        Some((number, read(service, items.get(number)?)))
    });
    // Services are in the order of their names as texts.
    let found: BTreeMap<usize, Vec<T>> = found.collect();
    found.into_values().flatten().collect()
}

/// Refuses a label that a list has twice: it becomes a mapping, in which the first value would be lost.
pub(super) fn labels_once(owner: &Cursor<'_>, problems: &mut Diagnostics) {
    let labels = owner.get("labels");
    let Some(TreeContent::List(items)) = labels.as_ref().map(|labels| labels.tree().content())
    else {
        return;
    };
    let mut known = BTreeMap::new();
    for item in items {
        let Some(text) = item.as_str() else { continue };
        let name = text.split_once('=').map_or(text, |(name, _)| name);
        if let Some(first) = known.insert(name, item) {
            let shown = redact::name(name, true);
            let what = format!("the label `{shown}`");
            problems.push(listed_twice(&what, item.place(), &first.place()));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Diagnostics;
    use crate::source::Source;
    use crate::spec::mounts::mounts;
    use crate::spec::ports::ports;
    use crate::yaml::{self, Tree};

    fn tree(text: &str, problems: &mut Diagnostics) -> Tree {
        let source = Source::new("spec", text);
        Tree::of(&yaml::parse(&source).unwrap(), &source, problems)
    }

    #[test]
    fn a_label_is_listed_once() {
        let mut problems = Diagnostics::default();
        for (text, twice) in [
            ("labels: [a=1, b=1, a=2, a]", 2),
            ("labels: [a=1, b=1]", 0),
            ("labels: { a: 1, b: 1 }", 0),
            ("image: a", 0),
        ] {
            let known = problems.len();
            super::labels_once(&tree(text, &mut problems).cursor(), &mut problems);
            assert_eq!(problems.len() - known, twice, "{text}");
        }
    }

    #[test]
    fn ports_mean_what_they_mean_to_compose() {
        let mut problems = Diagnostics::default();
        let tree = tree(
            "['80', '8080:80/udp', '[::1]:90:90', '8000-8001:8000-8001', {target: 70, published: '71'}, '${PORT}:1']",
            &mut problems,
        );
        let found = ports(&tree.cursor(), &mut problems);
        let unset: Vec<String> = found.unset.iter().map(|port| port.to_string()).collect();
        assert_eq!(unset, ["${PORT}:1"]);
        let found: Vec<String> = found.known.iter().map(|port| port.to_string()).collect();
        assert_eq!(
            found,
            [
                "0.0.0.0::80",
                "0.0.0.0:8080:80/udp",
                "[::1]:90:90",
                "0.0.0.0:8000:8000",
                "0.0.0.0:8001:8001",
                "0.0.0.0:71:70",
            ]
        );
        assert!(problems.is_empty());
    }

    #[test]
    fn mounts_mean_what_they_mean_to_compose() {
        let mut problems = Diagnostics::default();
        let tree = tree(
            "['data:/a', 'data:/b:rw,ro', './x:/c', 'C:\\x:/d', /e, {type: volume, source: data, target: /f, read_only: true}]",
            &mut problems,
        );
        let found = mounts(&tree.cursor(), &mut problems);
        let found: Vec<(Option<&str>, &str, bool)> = found
            .iter()
            .map(|one| {
                let volume = one.volume.as_ref().map(|key| key.as_str());
                (volume, one.target.as_str(), one.is_read_only)
            })
            .collect();
        let data = Some("data");
        assert_eq!(
            found,
            [
                (data, "/a", false),
                (data, "/b", true),
                (None, "/c", false),
                (None, "/d", false),
                (None, "/e", false),
                (data, "/f", true),
            ]
        );
        assert!(problems.is_empty());
    }
}
