//! Rules and the expected state read a file alike, wherever no variable is left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{Service, Written};
use crate::compose::{FileArgument, Request, Unset, load_from};
use crate::state::{self, MountKind, State};
use crate::text::path::clean;
use crate::variables::Variables;

/// What a service says, in one form for both readings.
#[derive(Debug, PartialEq)]
struct Seen {
    ports: BTreeSet<state::Port>,
    mounts: BTreeSet<(MountKind, Option<String>, String, bool)>,
    networks: BTreeSet<String>,
    capabilities: [BTreeSet<String>; 2],
    flags: [bool; 2],
    replicas: u32,
}

impl Seen {
    fn by_rules(service: &Service<'_>, folder: &Path) -> Self {
        let capabilities = |key: &str| service.capabilities(key).map(|(name, _)| name).collect();
        let mounts = service.mounts().map(|mount| {
            let source = source(mount.kind, mount.source, folder);
            (mount.kind, source, mount.target, mount.read_only)
        });
        Self {
            ports: service.ports().filter_map(|port| port.known()).collect(),
            mounts: mounts.collect(),
            networks: service.networks().map(|(key, _)| key.to_owned()).collect(),
            capabilities: [capabilities("cap_add"), capabilities("cap_drop")],
            flags: ["privileged", "read_only"].map(|key| service.is_on(key)),
            replicas: service.replicas(),
        }
    }

    fn by_state(service: &state::Service, folder: &Path) -> Self {
        let mounts = service.mounts.iter().map(|mount| {
            let source = source(mount.kind, mount.source.clone(), folder);
            (
                mount.kind,
                source,
                mount.target.clone(),
                mount.is_read_only(),
            )
        });
        let fields = &service.config.fields;
        let capabilities = |names: &[String]| names.iter().cloned().collect();
        Self {
            ports: service.ports.iter().copied().collect(),
            mounts: mounts.collect(),
            networks: service.networks.keys().cloned().collect(),
            capabilities: [
                capabilities(fields.list("cap_add")),
                capabilities(fields.list("cap_drop")),
            ],
            flags: ["privileged", "read_only"].map(|key| fields.is_on(key)),
            replicas: service.replicas,
        }
    }
}

/// The source of a mount; of one of the host its last name, as a state holds whole paths.
fn source(kind: MountKind, source: Option<String>, folder: &Path) -> Option<String> {
    let source = source?;
    if kind != MountKind::Bind {
        return Some(source);
    }
    let path = clean(&folder.join(source).display().to_string());
    Some(path.rsplit('/').next().unwrap_or_default().to_owned())
}

/// Holds the readings of a file against each other; how many services it has that both know.
fn compare(file: FileArgument, name: &str, folder: &Path) -> usize {
    let request = Request::new(Variables::default(), Unset::Keep);
    let request = Request {
        files: vec![file],
        ..request
    };
    let written = Written::load(folder, &request);
    let (Ok(written), Ok(loaded)) = (written, load_from(folder, &request)) else {
        return 0;
    };
    let state: State = loaded.state;
    assert_eq!(written.project, state.project, "{name}");
    for (key, service) in &state.services {
        let of_rules = written
            .service(key)
            .unwrap_or_else(|| panic!("{name}: rules know no `{key}`"));
        // What is mounted by other fields is not `volumes`.
        let others = ["volumes_from", "secrets", "configs", "use_api_socket"];
        let mut expected = Seen::by_state(service, folder);
        let mut seen = Seen::by_rules(&of_rules, folder);
        if others.iter().any(|other| of_rules.get(other).is_some()) {
            expected.mounts.clear();
            seen.mounts.clear();
        }
        // What a variable decides is not compared; those that the process sets have no value here.
        let mounts = of_rules.mounts();
        let open =
            mounts.filter(|mount| mount.source.as_ref().is_some_and(|one| one.contains('$')));
        let open: BTreeSet<String> = open.map(|mount| mount.target).collect();
        seen.mounts
            .retain(|mount| !open.contains(&mount.2) && !mount.2.contains('$'));
        expected.mounts.retain(|mount| !open.contains(&mount.2));
        assert_eq!(seen, expected, "{name}: {key}");
    }
    for network in written.networks() {
        let expected = state
            .networks
            .get(&network.key)
            .map(|network| (network.name.as_str(), network.external));
        // A service of a profile may be alone on it.
        let seen = (network.name.as_str(), network.is_external);
        assert!(
            expected.is_none_or(|expected| expected == seen),
            "{name}: {seen:?}"
        );
    }
    state.services.len()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    #[allow(clippy::disallowed_methods, reason = "fixtures of the tests")]
    let entries = std::fs::read_dir(folder).unwrap();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path
            .extension()
            .is_some_and(|ending| ending == "yml" || ending == "yaml")
        {
            found.push(path);
        }
    }
}

#[test]
fn rules_and_state_read_every_fixture_alike() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["tests/fixtures", "generated"] {
        files(&root.join(folder), &mut found);
    }
    let compared = found.iter().map(|path| {
        let folder = path.parent().unwrap();
        let name = path.display().to_string();
        compare(FileArgument::Path(path.clone()), &name, folder)
    });
    let services: usize = compared.sum();
    assert!(services > 100, "{services} services were compared");
}

/// A short port or mount, made of what people and nobody write.
fn short(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let parts = proptest::collection::vec(proptest::sample::select(pieces), 1..4);
    parts.prop_map(|parts| parts.join(":"))
}

const PORTS: &[&str] = &[
    "80", "8080-8082", "127.0.0.1", "[::1]", "90-92", "", "0", "53/udp", "${P:-81}",
    "${IP:-10.0.0.1}", "$$", "${P}",
];

const MOUNTS: &[&str] = &[
    "/a", "./b", "data", "~/c", "/x/../y", "C", "\\d", "ro", "rw", "ro,rw", "z,ro", "rshared",
    "${V:-data}", "${V}", "",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn rules_and_state_read_short_forms_alike(
        port in short(PORTS),
        mount in short(MOUNTS),
        flag in proptest::sample::select(vec!["true", "'yes'", "off", "t", "'1'", "0", "n"]),
        capability in proptest::sample::select(vec!["net_raw", "CAP_SYS_TIME", "cap_CAP_X", " ALL"]),
    ) {
        let text = format!(
            "name: p\nservices:\n  a:\n    image: a:1\n    ports: ['{port}']\n    volumes: ['{mount}']\n    \
             privileged: {flag}\n    cap_add: ['{capability}']\nvolumes: {{ data: {{}} }}\n",
        );
        compare(FileArgument::Text(text.clone()), &text, Path::new("/"));
    }
}
