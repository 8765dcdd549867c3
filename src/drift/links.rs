//! What containers are linked to. An engine has the links of a service and its external links in one
//! list, with names that Compose adds (docker/compose, `pkg/compose/convergence.go`, `getLinks`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::forms::Sides;
use super::pair::Pair;
use super::states::States;
use crate::fields::{Field, FieldDifference};
use crate::state::is_default_network;

/// How the links differ that a field has.
pub(super) fn links(
    field: &Field,
    pair: Pair<'_>,
    states: &States<'_>,
    sides: Sides<'_>,
) -> Option<FieldDifference> {
    let is_external = field.path == "external_links";
    let (mut wanted, mut of_missing) = (BTreeSet::new(), BTreeSet::new());
    for link in sides.wanted.list(field.path) {
        let (other, name) = link.split_once(':').unwrap_or((link, link));
        // Compose links to the containers that there are; a link to one that was removed since is as wanted.
        let is_there = is_external || !states.index.containers(other).is_empty();
        let all = if is_there {
            &mut wanted
        } else {
            &mut of_missing
        };
        all.insert(format!("{other}:{name}"));
    }
    let external: BTreeSet<&String> = sides.wanted.list("external_links").iter().collect();
    let mut is = BTreeSet::new();
    for (container, names) in by_container(sides.is.list("links")) {
        let service = linked_service(&states.expected.project, &names);
        let other = match service {
            Some(_) if is_external => {
                // The file may name such a container as an external one as well.
                let names = names.iter().map(|name| format!("{container}:{name}"));
                is.extend(names.filter(|link| wanted.contains(link)));
                continue;
            }
            None if !is_external => continue,
            service => service.unwrap_or(container),
        };
        let own = names.iter().filter(|name| {
            let is_added =
                service.is_some_and(|service| is_added(name, service, &states.expected.project));
            let link = format!("{container}:{name}");
            !is_added && (is_external || !external.contains(&link))
        });
        is.extend(own.map(|name| format!("{other}:{name}")));
    }
    is.retain(|link| !of_missing.contains(link));
    // Without a network of its own, a container has none.
    let mode = pair.service.network_mode.as_deref();
    let has_no_network = mode.is_some_and(|mode| !is_default_network(mode));
    if wanted == is || is.is_empty() && has_no_network {
        return None;
    }
    Some(FieldDifference::new(field.path, json!(wanted), json!(is)))
}

/// The names that each container is linked by.
fn by_container(links: &[String]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for link in links {
        let (container, name) = link.split_once(':').unwrap_or((link, link));
        all.entry(container).or_default().insert(name);
    }
    all
}

/// The service that a container was linked for: Compose adds `SERVICE-NUMBER` and
/// `PROJECT-SERVICE-NUMBER`.
fn linked_service<'a>(project: &str, names: &BTreeSet<&'a str>) -> Option<&'a str> {
    let mut services = names.iter().filter_map(|name| {
        let rest = name.strip_prefix(project)?;
        let numbered = rest.strip_prefix(['-', '_'])?;
        let (service, number) = numbered.rsplit_once(['-', '_'])?;
        (names.contains(numbered) && number.parse::<u32>().is_ok()).then_some(service)
    });
    services.next()
}

/// Whether Compose adds a name to the links to a service.
fn is_added(name: &str, service: &str, project: &str) -> bool {
    let bare = name
        .strip_prefix(project)
        .and_then(|rest| rest.strip_prefix(['-', '_']))
        .unwrap_or(name);
    let number = bare
        .strip_prefix(service)
        .and_then(|rest| rest.strip_prefix(['-', '_']));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::{by_container, is_added, linked_service};

    #[test]
    fn the_names_that_compose_adds_name_the_service() {
        let links = ["shop-db-1:sql", "shop-db-1:db-2", "shop-db-1:shop-db-2"].map(str::to_owned);
        let links = by_container(&links);
        let names = links.get("shop-db-1").unwrap();
        assert_eq!(linked_service("shop", names), Some("db"));
        let own: Vec<_> = names
            .iter()
            .filter(|name| !is_added(name, "db", "shop"))
            .collect();
        assert_eq!(own, [&"sql"]);
    }

    #[test]
    fn an_external_link_has_no_other_name() {
        let links = ["shop-db-1:sql".to_owned()];
        let links = by_container(&links);
        assert_eq!(
            linked_service("shop", links.get("shop-db-1").unwrap()),
            None
        );
    }
}
