//! Networks, volumes and images, as `GET /networks`, `/volumes` and `/images/json` list them.

use super::answer::Answer;
use super::{labels, setup};
use crate::fields;
use crate::state::{Network, Origin, Volume, image_name};

fn origin(id: String, created: String, labels: &Answer<'_>, key: &str) -> Origin {
    let label = |name: &str| labels.at(name).text().map(str::to_owned);
    let config_hash = label(labels::CONFIG_HASH);
    Origin {
        id,
        created,
        project: label(labels::PROJECT),
        key: label(key),
        has_hash: config_hash.is_some(),
        config_hash,
    }
}

/// A network of the list.
pub(super) fn network(answer: &Answer<'_>) -> Result<Network, String> {
    let labels = answer.must_map("Labels");
    labels.demand_map("networks")?;
    let id = answer.must("Id").string();
    let created = answer.must("Created").time();
    Ok(Network {
        name: answer.must("Name").demand("a network")?.to_owned(),
        external: false,
        fields: setup::fields(answer, fields::NETWORK),
        origin: Some(origin(id, created, &labels, labels::NETWORK)),
    })
}

/// A volume of the list.
pub(super) fn volume(answer: &Answer<'_>) -> Result<Volume, String> {
    let labels = answer.must_map("Labels");
    labels.demand_map("volumes")?;
    let created = answer.at("CreatedAt").time();
    Ok(Volume {
        name: answer.must("Name").demand("a volume")?.to_owned(),
        external: false,
        fields: setup::fields(answer, fields::VOLUME),
        origin: Some(origin(String::new(), created, &labels, labels::VOLUME)),
    })
}

/// An image of the list: its ID, and its names as [`image_name`] writes them.
pub(super) fn image(answer: &Answer<'_>) -> Result<(String, Vec<String>), String> {
    let id = answer.must("Id").demand_id("an image")?.to_owned();
    let mut names = answer.must("RepoTags").texts();
    names.extend(answer.must("RepoDigests").texts());
    Ok((id, names.iter().map(|name| image_name(name)).collect()))
}
