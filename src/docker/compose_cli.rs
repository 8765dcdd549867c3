//! What the Docker Compose that is installed here says: its version, and the hashes of services, networks and volumes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use serde_yaml::{Mapping, Value as YamlValue};

use super::contexts;
use super::resolve::Surroundings;
use crate::process::{self, Complaints, End, Limits};
use crate::text::hex::sha256;

/// How long Compose may take, and how long an answer may be.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(5),
    output: 1 << 20,
};

/// A socket that does not exist: these commands need no engine, but the docker CLI pings the one that it would use.
const NO_ENGINE: [&str; 2] = ["-H", "unix:///dev/null/docker.sock"];

/// The folders of a system in which the docker CLI looks for plugins (docker/cli, `cli-plugins/manager`).
const PLUGIN_FOLDERS: [&str; 4] = [
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
];

/// Tells a plugin that the docker CLI runs it (docker/cli, `cli-plugins/metadata`, `ReexecEnvvar`).
const RUN_BY_DOCKER: &str = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND";

/// Through this socket, the docker CLI tells a plugin of its own end (docker/cli, `cli-plugins/socket`, `EnvKey`).
const SOCKET_OF_DOCKER: &str = "DOCKER_CLI_PLUGIN_SOCKET";

/// The Compose plugin of the docker CLI, if it is certain which one that CLI would run.
fn plugin(docker_config: &Path) -> Option<PathBuf> {
    // Without a home, the folder of the configuration would be one of the working directory. Windows has other folders.
    if cfg!(windows) || !docker_config.is_absolute() {
        return None;
    }
    if contexts::names_plugin_folders(docker_config).ok()? {
        return None;
    }
    let own = iter::once(docker_config.join("cli-plugins"));
    let folders = own.chain(PLUGIN_FOLDERS.iter().map(PathBuf::from));
    let mut plugins = folders.map(|folder| folder.join("docker-compose"));
    plugins.find(|plugin| plugin.exists())
}

/// `docker compose`. The plugin is run as the docker CLI would run it, if possible: that CLI takes longer to start than Compose,
/// and asks it for its version before each command.
fn compose() -> Command {
    let mut command = match plugin(&Surroundings::of_process().docker_config) {
        Some(plugin) => {
            let mut command = Command::new(plugin);
            command.env(RUN_BY_DOCKER, "docker");
            command
        }
        None => Command::new("docker"),
    };
    // composegen may be a plugin itself.
    command.env_remove(SOCKET_OF_DOCKER);
    command.args(NO_ENGINE).arg("compose");
    command
}

/// What `docker compose version --short` prints; nothing where Compose is not installed.
#[must_use]
pub fn compose_version() -> Option<String> {
    let text = answer(&["version", "--short"].map(str::to_owned), &[])?;
    Some(text.trim().to_owned())
}

/// The hash of each service that Compose would write on its containers, as `docker compose config
/// --hash` prints it; `options` name the files and the project. What names the container of another service is not filled
/// in. The services in `taking` use env or label files, each with the paths of its label files; for these Compose first prints the
/// files with all values: if it cannot read what it printed, these services have no hash here.
#[must_use]
pub fn service_hashes(
    options: &[String],
    taking: &BTreeMap<String, Vec<String>>,
) -> BTreeMap<String, String> {
    if !taking.is_empty()
        && let Some(hashes) = hashes_of_filled(options, taking)
    {
        return hashes;
    }
    let mut hashes = config(options, HASHES, &[]).map_or_else(BTreeMap::new, |text| listed(&text));
    hashes.retain(|service, _| !taking.contains_key(service));
    hashes
}

/// The hashes of the services of files that Compose has filled in.
fn hashes_of_filled(
    options: &[String],
    taking: &BTreeMap<String, Vec<String>>,
) -> Option<BTreeMap<String, String>> {
    let printed = config(options, &["--format", "json"], &[])?;
    let filled = readable(&printed)?;
    let mut others = vec!["-f".to_owned(), "-".to_owned()];
    let mut options = options.iter();
    while let Some(option) = options.next() {
        if option == "-f" {
            options.next();
        } else {
            others.push(option.clone());
        }
    }
    let hashes = listed(&config(&others, HASHES, filled.as_bytes())?);
    Some(with_label_files(hashes, &printed, taking))
}

/// What Compose leaves out of a service when it takes its hash (docker/compose, `pkg/compose/hash.go`, `ServiceHash`).
const NOT_HASHED: &[&str] = &["build", "pull_policy", "scale", "depends_on", "profiles"];

/// Replaces the hashes of services with label files by those that `up` writes, which are of the paths of these files as well;
/// `config` prints neither. Where what is printed does not give the hash that Compose prints, the service has none.
fn with_label_files(
    mut hashes: BTreeMap<String, String>,
    printed: &str,
    taking: &BTreeMap<String, Vec<String>>,
) -> BTreeMap<String, String> {
    let project = project_of(printed);
    let services = project.get("services");
    for (name, files) in taking.iter().filter(|(_, files)| !files.is_empty()) {
        let service = services.and_then(|services| services.get(name)?.as_mapping());
        let with_files = hashes
            .remove(name)
            .zip(service)
            .and_then(|(hash, service)| with_paths(service, files, &hash));
        hashes.extend(with_files.map(|hash| (name.clone(), hash)));
    }
    hashes
}

/// The hash of a service with the paths of its label files, if it has this one without them.
fn with_paths(service: &Mapping, files: &[String], without: &str) -> Option<String> {
    let (mut plain, mut whole) = (Mapping::new(), Mapping::new());
    for (key, value) in service {
        let name = key.as_str()?;
        if NOT_HASHED.contains(&name) {
            continue;
        }
        let mut value = value.clone();
        if name == "deploy"
            && let Some(deploy) = value.as_mapping_mut()
        {
            deploy.shift_remove("replicas");
        }
        plain.insert(key.clone(), value.clone());
        whole.insert(key.clone(), value);
        // The order counts: in Compose, a service has its label files behind its labels.
        if name == "labels" {
            whole.insert("label_file".into(), files.into());
        }
    }
    let has_files = whole.contains_key("label_file") && json_hash(&plain)? == without;
    has_files.then(|| json_hash(&whole)).flatten()
}

/// A project as Compose prints it, with the values that it hashes: it doubles each `$` that it prints. The order of the keys
/// counts for hashes as well.
fn project_of(printed: &str) -> Mapping {
    serde_json::from_str(&printed.replace("$$", "$")).unwrap_or_default()
}

/// The hash of a thing, as Compose takes it.
fn json_hash(thing: &Mapping) -> Option<String> {
    let text = serde_json::to_string(thing).ok()?;
    Some(sha256(escaped(&text)))
}

fn listed(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .map(|(service, hash)| (service.to_owned(), hash.trim().to_owned()))
        .collect()
}

/// What Compose prints, so that it can read it, with the same hashes. It refuses what it prints of `depends_on` for a service that
/// does not run, which no hash depends on (docker/compose, `pkg/compose/hash.go`), of an amount of -1, and of limits of devices
/// (compose-go, `types.ThrottleDevice`).
fn readable(printed: &str) -> Option<String> {
    let mut project: Value = serde_json::from_str(printed).ok()?;
    let services = project.get_mut("services").and_then(Value::as_object_mut)?;
    for service in services.values_mut().filter_map(Value::as_object_mut) {
        service.remove("depends_on");
        for value in service.values_mut().filter(|value| *value == "-1") {
            *value = Value::from(-1);
        }
        let limits = service
            .get_mut("blkio_config")
            .and_then(Value::as_object_mut);
        let of_devices = limits.into_iter().flat_map(|limits| limits.values_mut());
        for device in of_devices.filter_map(Value::as_array_mut).flatten() {
            if let Some(fields) = device.as_object_mut() {
                let named = std::mem::take(fields).into_iter();
                *fields = named
                    .map(|(name, value)| (name.to_lowercase(), value))
                    .collect();
            }
        }
    }
    Some(project.to_string())
}

const HASHES: &[&str] = &["--hash", "*"];

/// The hashes that Compose would write on networks and volumes, by their sections and their names on the engine. It never prints
/// them, but what they are made of (docker/compose, `pkg/compose/hash.go`, `NetworkHash` and `VolumeHash`).
#[must_use]
pub fn resource_hashes(options: &[String]) -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let printed = config(options, &["--format", "json"], &[]);
    printed.map_or_else(BTreeMap::new, |printed| hashes_of_resources(&printed))
}

fn hashes_of_resources(printed: &str) -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let project = project_of(printed);
    let hashes = |section: &str| -> BTreeMap<String, String> {
        let things = project.get(section).and_then(YamlValue::as_mapping);
        let things = things.into_iter().flatten();
        let hash = |thing: &YamlValue| {
            let name = thing.get("name")?.as_str()?;
            let hash = json_hash(&hashed(section, thing.as_mapping()?))?;
            Some((name.to_owned(), hash))
        };
        things.filter_map(|(_, thing)| hash(thing)).collect()
    };
    ["networks", "volumes"]
        .into_iter()
        .map(|section| (section, hashes(section)))
        .collect()
}

/// What is hashed: a volume always has a driver, which comes after its name.
fn hashed(section: &str, thing: &Mapping) -> Mapping {
    let needs_driver = section == "volumes" && !thing.contains_key("driver");
    let mut hashed = Mapping::new();
    for (key, value) in thing {
        hashed.insert(key.clone(), value.clone());
        if needs_driver && key == "name" {
            hashed.insert("driver".into(), "local".into());
        }
    }
    hashed
}

/// JSON as Go writes it, with escapes for what HTML could take for its own (`encoding/json`, `HTMLEscape`).
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text
}

/// What `docker compose config` prints.
fn config(options: &[String], wanted: &[&str], input: &[u8]) -> Option<String> {
    let mut arguments = options.to_vec();
    arguments.push("config".to_owned());
    arguments.extend(wanted.iter().map(|&one| one.to_owned()));
    answer(&arguments, input)
}

/// What Compose prints, if it ends well and within the limits.
fn answer(arguments: &[String], input: &[u8]) -> Option<String> {
    let mut command = compose();
    command.args(arguments);
    let ended = process::run(command, input, Complaints::Dropped, LIMITS).ok()?;
    match ended.end {
        End::Status(status) if status.success() => String::from_utf8(ended.output).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::{hashes_of_resources, plugin, readable, with_label_files};

    /// Of Compose 2.40.
    #[test]
    fn networks_and_volumes_have_the_hashes_that_compose_writes() {
        let printed = r#"{"name": "cg-a1", "services": {}, "networks": {
            "m": {"name": "cg-a1_m", "driver": "bridge", "driver_opts": {"com.docker.network.driver.mtu": "1400"},
                "ipam": {"config": [{"subnet": "10.214.95.0/24", "aux_addresses": {"q": "10.214.95.8"}}]},
                "enable_ipv6": false},
            "n": {"name": "cg-a1_n", "ipam": {}, "labels": {"a": "x<y&", "b": "1"}},
            "d": {"name": "cg-d_n", "ipam": {}, "labels": {"a": "x$$y"}}},
            "volumes": {"data": {"name": "cg-a1_data", "labels": {"size": "1m"}}, "d2": {"name": "cg-a1_d2"}}}"#;
        let found = hashes_of_resources(printed);
        for (section, name, hash) in [
            (
                "networks",
                "cg-a1_m",
                "91fffa091cc7ecfc5ccc2217c6e62f2b864a4f8f75f2fd6e2a945a940362cd0a",
            ),
            (
                "networks",
                "cg-a1_n",
                "57339578980f81292e70cba2e0d6068ea38406a65d810179fa3fdb6ab51d16de",
            ),
            (
                "volumes",
                "cg-a1_data",
                "7c4e43ef7aec290dd215175b1fe140416e0da27ce6a0e9a54811f6c9bdcb6e92",
            ),
            (
                "volumes",
                "cg-a1_d2",
                "c0e260e94daa9ae726a30052fef8eba6662cd6bbc7f356c6055111d8bae45abd",
            ),
        ] {
            assert_eq!(found[section][name], hash, "{name}");
        }
    }

    /// Of Compose 2.40.
    #[test]
    fn a_service_with_label_files_has_the_hash_that_up_writes() {
        let printed = r#"{"name": "cg", "services": {"app": {"command": null, "depends_on": {}, "entrypoint": null,
            "image": "composegen-stub", "init": true, "labels": {"a": "b"}, "networks": {"default": null}}}}"#;
        let files = vec!["/srv/shop/web.labels".to_owned()];
        let taking = BTreeMap::from([("app".to_owned(), files)]);
        let hash_of = |printed: &str| {
            let without = "5de0c8088666896a040d37a422efdedf99206a4274aba53520c830a3e0053431";
            let hashes = BTreeMap::from([("app".to_owned(), without.to_owned())]);
            with_label_files(hashes, printed, &taking).remove("app")
        };
        let with = "b26030a98b6bc1d1c9e4524cd7016cb4ab1d66b773b032daa7210f2028a8da8f";
        assert_eq!(hash_of(printed).as_deref(), Some(with));
        assert_eq!(hash_of(&printed.replace("stub", "other")), None);
        assert_eq!(hash_of("not JSON"), None);
    }

    #[test]
    fn what_compose_prints_is_made_readable_for_it() {
        let printed = r#"{"name": "p", "services": {"a": {
            "blkio_config": {"device_read_bps": [{"Path": "/dev/sda", "Rate": "1"}], "weight": 10},
            "depends_on": {"b": {"condition": "service_started", "required": false}},
            "command": ["-1"], "memswap_limit": "-1"}}}"#;
        let expected = r#"{"name":"p","services":{"a":{"blkio_config":{"device_read_bps":[{"path":"/dev/sda","rate":"1"}],"weight":10},"command":["-1"],"memswap_limit":-1}}}"#;
        assert_eq!(readable(printed).as_deref(), Some(expected));
        assert_eq!(readable("not JSON"), None);
    }

    #[test]
    fn nothing_is_run_from_the_working_directory() {
        // The tests run in the folder of the crate.
        let folder = tempfile::tempdir_in("target").unwrap();
        let here = std::path::Path::new("target").join(folder.path().file_name().unwrap());
        fs::create_dir(here.join("cli-plugins")).unwrap();
        fs::write(here.join("cli-plugins/docker-compose"), "").unwrap();
        assert_eq!(plugin(&here), None);
        assert!(cfg!(windows) || plugin(&std::path::absolute(&here).unwrap()).is_some());
    }

    #[test]
    #[cfg(unix)]
    fn a_plugin_of_the_user_is_taken_unless_other_folders_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let plugins = folder.path().join("cli-plugins");
        fs::create_dir(&plugins).unwrap();
        let own = plugins.join("docker-compose");
        assert_ne!(plugin(folder.path()), Some(own.clone()));
        fs::write(&own, "").unwrap();
        let config = |text: &str| fs::write(folder.path().join("config.json"), text).unwrap();
        assert_eq!(plugin(folder.path()), Some(own.clone()));
        config(r#"{"auths": {}, "cliPluginsExtraDirs": []}"#);
        assert_eq!(plugin(folder.path()), Some(own));
        // The version of the CLI decides which folder comes first.
        config(r#"{"cliPluginsExtraDirs": ["/opt/plugins"]}"#);
        assert_eq!(plugin(folder.path()), None);
        config("not JSON");
        assert_eq!(plugin(folder.path()), None);
    }
}
