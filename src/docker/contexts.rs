//! The configuration of the docker CLI and its contexts, as it stores them (docker/cli, `cli/config`, `cli/context/store`).

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::endpoint::Tls;
use super::unresolved::Unresolved;
use crate::files::{self, limits};
use crate::text::hex::sha256;

/// The engine of a context, and how to connect to it.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) url: String,
    pub(super) tls: Option<Tls>,
    pub(super) skips_verification: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    name: String,
    endpoints: Endpoints,
}

#[derive(Deserialize)]
struct Endpoints {
    docker: Option<Docker>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Docker {
    host: Option<String>,
    #[serde(default, rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

/// The configuration of the CLI.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CliConfig {
    current_context: Option<String>,
    cli_plugins_extra_dirs: Value,
}

/// The context that the CLI's configuration names, if any.
pub(super) fn current(docker_config: &Path) -> Result<Option<String>, Unresolved> {
    let context = config(docker_config)?.current_context;
    Ok(context.filter(|name| !name.is_empty()))
}

/// Whether the CLI's configuration names folders in which it looks for plugins.
pub(super) fn names_plugin_folders(docker_config: &Path) -> Result<bool, Unresolved> {
    let folders = config(docker_config)?.cli_plugins_extra_dirs;
    Ok(folders
        .as_array()
        .map_or(!folders.is_null(), |folders| !folders.is_empty()))
}

fn config(docker_config: &Path) -> Result<CliConfig, Unresolved> {
    let path = docker_config.join("config.json");
    let bad = |why: String| Unresolved::BadConfig {
        path: path.display().to_string(),
        why,
    };
    let text = match files::text(&path, limits::DOCKER_CONFIG) {
        Ok(text) => text,
        Err(error) if error.is_not_found() => return Ok(CliConfig::default()),
        Err(error) => return Err(bad(error.to_string())),
    };
    serde_json::from_str(&text).map_err(|error| bad(error.to_string()))
}

/// Reads a context by its name.
pub(super) fn read(docker_config: &Path, name: &str) -> Result<Context, Unresolved> {
    let bad = |why: String| Unresolved::BadContext {
        name: name.to_owned(),
        why,
    };
    // The folder of a context is the SHA-256 digest of its name.
    let id = sha256(name);
    let contexts = docker_config.join("contexts");
    let path = contexts.join("meta").join(&id).join("meta.json");
    let text = match files::text(&path, limits::DOCKER_CONFIG) {
        Ok(text) => text,
        Err(error) if error.is_not_found() => {
            let known = names(&contexts.join("meta"));
            let name = name.to_owned();
            return Err(Unresolved::NoContext { name, known });
        }
        Err(error) => return Err(bad(error.to_string())),
    };
    let meta: Meta = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    let docker = meta
        .endpoints
        .docker
        .ok_or_else(|| bad("it has no Docker endpoint".into()))?;
    let url = docker
        .host
        .filter(|url| !url.is_empty())
        .ok_or_else(|| bad("it has no Docker endpoint".into()))?;
    let folder = contexts.join("tls").join(&id).join("docker");
    let tls = Tls::in_folder(&folder);
    let has_tls = folder.is_dir();
    if has_tls && !tls.ca.exists() && !docker.skip_tls_verify {
        return Err(bad(
            "it has no ca.pem to verify the engine's certificate with".into(),
        ));
    }
    Ok(Context {
        url,
        tls: has_tls.then_some(tls),
        skips_verification: docker.skip_tls_verify,
    })
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = files::entries(folder)
        .unwrap_or_default()
        .into_iter()
        .map(|id| folder.join(id).join("meta.json"))
        .filter_map(|path| files::text(&path, limits::DOCKER_CONFIG).ok())
        .filter_map(|text| serde_json::from_str::<Meta>(&text).ok())
        .map(|meta| meta.name)
        .collect();
    names.sort();
    names
}
