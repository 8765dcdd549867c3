//! Networks, volumes and images, as `GET /networks`, `/volumes` and `/images/json` list them.

use std::collections::BTreeMap;

use super::answer::{Answer, own_labels};
use crate::redact::Sensitive;
use crate::state::{Network, Origin, Volume, image_name};

const PROJECT: &str = "com.docker.compose.project";
const NETWORK: &str = "com.docker.compose.network";
const VOLUME: &str = "com.docker.compose.volume";
const HASH: &str = "com.docker.compose.config-hash";

fn origin(answer: Answer<'_>, key: &str, created: &str) -> Origin {
    let labels = answer.at("Labels");
    Origin {
        id: answer.at("Id").string(),
        created: answer.at(created).string(),
        project: labels.at(PROJECT).text().map(str::to_owned),
        key: labels.at(key).text().map(str::to_owned),
        has_hash: labels.at(HASH).text().is_some(),
    }
}

/// A network of the list.
pub(super) fn network(answer: Answer<'_>) -> Result<Network, String> {
    answer.objects(&["IPAM", "Labels", "Options"], "networks")?;
    answer.at("IPAM").lists(&["Config"], "networks")?;
    let mut subnets: Vec<String> = answer
        .at("IPAM")
        .at("Config")
        .items()
        .filter_map(|config| config.at("Subnet").text().map(str::to_owned))
        .collect();
    subnets.sort();
    Ok(Network {
        name: answer.demand("Name", "networks")?.to_owned(),
        external: false,
        driver: answer.at("Driver").text().map(str::to_owned),
        internal: answer.at("Internal").is_true(),
        attachable: answer.at("Attachable").is_true(),
        ipv6: answer.at("EnableIPv6").0.as_bool(),
        subnets,
        options: Sensitive::options(answer.at("Options").map()),
        labels: Sensitive::options(own_labels(answer.at("Labels"))),
        origin: Some(origin(answer, NETWORK, "Created")),
    })
}

/// A volume of the list.
pub(super) fn volume(answer: Answer<'_>) -> Result<Volume, String> {
    answer.objects(&["Labels", "Options"], "volumes")?;
    Ok(Volume {
        name: answer.demand("Name", "volumes")?.to_owned(),
        external: false,
        driver: answer.at("Driver").text().map(str::to_owned),
        options: Sensitive::options(answer.at("Options").map()),
        labels: Sensitive::options(own_labels(answer.at("Labels"))),
        origin: Some(origin(answer, VOLUME, "CreatedAt")),
    })
}

/// The IDs of the images of the list, by each of their names as [`image_name`] writes it.
pub(super) fn images(answers: &[Answer<'_>]) -> BTreeMap<String, String> {
    let mut images = BTreeMap::new();
    for answer in answers {
        let names = answer.at("RepoTags").texts().into_iter();
        for name in names.chain(answer.at("RepoDigests").texts()) {
            images.insert(image_name(&name), answer.at("Id").string());
        }
    }
    images
}
