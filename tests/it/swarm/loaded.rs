//! What a file asks a swarm for, as the client of `docker stack deploy` reads it (docker/cli, `cli/compose`).

use composegen::compose::{FileArgument, Loaded, Request, Unset, load_from};
use composegen::orchestrator::Orchestrator;
use serde_json::{Value, json};

use crate::project::Project;

/// A stack called `s`, read with these variables.
fn load(project: &Project, variables: &[(&str, &str)]) -> Loaded {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut request = Request::new(variables.iter().map(own).collect(), Unset::Strict);
    request.files = vec![FileArgument::Path("stack.yml".into())];
    request.project_name = Some("s".to_owned());
    request.orchestrator = Orchestrator::Swarm;
    load_from(&project.path(""), &request).unwrap()
}

/// A field of the only service of a file; text that is hidden is shown.
fn field(file: &str, path: &str) -> Value {
    let project = Project::empty();
    project.write("stack.yml", file);
    project.write("a.txt", "a\n");
    of(&load(&project, &[]), path)
}

fn of(loaded: &Loaded, path: &str) -> Value {
    let stack = loaded.state.stack.as_ref().unwrap();
    let service = stack.services.values().next().unwrap();
    match service.fields.get(path) {
        Some(composegen::fields::Value::Map(map)) => map
            .iter()
            .map(|(name, value)| {
                let value = value.as_ref().map(|value| value.revealed().to_owned());
                (name.clone(), json!(value))
            })
            .collect(),
        other => json!(other),
    }
}

/// A service with these lines, and what else is in the file.
fn service(lines: &str, more: &str) -> String {
    format!("services:\n  web:\n    image: a\n    {lines}\n{more}")
}

#[test]
fn swarm_variables_come_from_the_shell_alone() {
    let project = Project::empty();
    project.write(
        "stack.yml",
        &service("hostname: '${A:-none} ${COMPOSE_PROJECT_NAME:-none}'", ""),
    );
    project.write(".env", "A=file\nCOMPOSE_PROJECT_NAME=file\n");
    let loaded = load(&project, &[]);
    assert_eq!(of(&loaded, "hostname"), json!("none none"));
    assert!(
        loaded
            .warnings
            .iter()
            .any(|one| one.contains("`.env` is ignored")),
        "{:?}",
        loaded.warnings
    );
    let loaded = load(&project, &[("A", "shell"), ("COMPOSE_ENV_FILES", ".env")]);
    assert_eq!(of(&loaded, "hostname"), json!("shell none"));
}

#[test]
fn swarm_an_env_file_is_taken_line_by_line() {
    let project = Project::empty();
    project.write(
        "stack.yml",
        &service(
            "env_file: [a.env, b.env]\n    environment: {OWN: '', GONE: null, A: over}",
            "",
        ),
    );
    project.write(
        "a.env",
        "\u{FEFF}QUOTED=\"a b\"\n  # no\nRAW=$OWN ${SHELL} # c\nSHELL\nABSENT\nEMPTY=\nSPACED=x  \nA=file\n",
    );
    project.write("b.env", "QUOTED='c'\nGONE=x\n");
    let shell = [("SHELL", "sh"), ("EMPTY", "shell"), ("OWN", "own")];
    let expected = json!({
        "QUOTED": "'c'", "RAW": "$OWN ${SHELL} # c", "SHELL": "sh", "EMPTY": "shell", "SPACED": "x  ", "A": "over",
        "OWN": "own",
    });
    assert_eq!(of(&load(&project, &shell), "environment"), expected);
}

#[test]
fn swarm_every_port_of_a_range_is_published() {
    for (ports, expected) in [
        (
            "['8000-8002:80']",
            &["8000:80/tcp", "8001:80/tcp", "8002:80/tcp"][..],
        ),
        ("['8000-8001:80-81/udp']", &["8000:80/udp", "8001:81/udp"]),
        ("['80-81']", &["80/tcp", "81/tcp"]),
        ("['127.0.0.1:8000:80']", &["8000:80/tcp"]),
        ("['8000:80', '8000:80']", &["8000:80/tcp"]),
        (
            "[{target: 80, published: 8000, mode: host}, {target: 81}]",
            &["8000:80/tcp (host)", "81/tcp"],
        ),
    ] {
        let file = service(&format!("ports: {ports}"), "");
        assert_eq!(field(&file, "ports"), json!(expected), "{ports}");
    }
}

#[test]
fn swarm_networks_are_joined_by_their_names() {
    for (lines, more, expected) in [
        (
            "",
            "",
            json!({"s_default": "attached", "s_default,aliases": "web"}),
        ),
        (
            "networks: {}",
            "",
            json!({"s_default": "attached", "s_default,aliases": "web"}),
        ),
        (
            "network_mode: host",
            "",
            json!({"s_default": "attached", "s_default,aliases": "web"}),
        ),
        (
            "networks: {default: {aliases: [www]}}",
            "networks: {default: {name: own}}\n",
            json!({"own": "attached", "own,aliases": "web www"}),
        ),
        (
            "",
            "networks: {default: {external: true, name: shared}}\n",
            json!({"shared": "attached", "shared,aliases": "web"}),
        ),
        (
            "networks: [a, b, c]",
            "networks: {a: {}, b: {external: true}, c: {name: d}}\n",
            json!({
                "s_a": "attached", "s_a,aliases": "web", "b": "attached", "b,aliases": "web", "d": "attached",
                "d,aliases": "web",
            }),
        ),
        // What every engine has knows no names of services.
        (
            "network_mode: bridge\n    networks: [a, b]",
            "networks: {a: {external: true, name: host}, b: {external: true, name: bridge}}\n",
            json!({"host": "attached", "bridge": "attached"}),
        ),
        (
            "networks: {a: {driver_opts: {x: y}}}",
            "networks: {a: {name: n}}\n",
            json!({"n": "attached", "n,aliases": "web", "n,driver_opts.x": "y"}),
        ),
    ] {
        assert_eq!(
            field(&service(lines, more), "networks"),
            expected,
            "{lines} {more}"
        );
    }
}

#[test]
fn swarm_the_default_network_is_one_that_a_service_uses() {
    let networks = |file: &str| {
        let project = Project::empty();
        project.write("stack.yml", file);
        let networks = load(&project, &[]).state.networks;
        let networks = networks.into_iter();
        networks
            .map(|(key, network)| format!("{key}={}", network.name))
            .collect::<Vec<_>>()
    };
    let own = "networks: {own: {}, other: {}, default: {name: d}}\n";
    assert_eq!(networks(&service("networks: [own]", own)), ["own=s_own"]);
    assert_eq!(networks(&service("", own)), ["default=d"]);
    assert_eq!(
        networks(&service("network_mode: none", "")),
        ["default=s_default"]
    );
}

#[test]
fn swarm_mounts_have_all_that_the_client_sends() {
    let label = json!("s");
    for (volumes, more, expected) in [
        (
            "['data:/a:ro,nocopy']",
            "volumes: {data: {}}\n",
            json!({
                "/a": "volume s_data", "/a,read_only": "true", "/a,volume.nocopy": "true",
                "/a,labels.com.docker.stack.namespace": label,
            }),
        ),
        (
            "['data:/a']",
            "volumes: {data: {name: own, driver: d, driver_opts: {o: p}, labels: {l: m}}}\n",
            json!({
                "/a": "volume own", "/a,driver": "d", "/a,driver_opts.o": "p", "/a,labels.l": "m",
                "/a,labels.com.docker.stack.namespace": label,
            }),
        ),
        (
            "['data:/a']",
            "volumes: {data: {external: true}}\n",
            json!({"/a": "volume data"}),
        ),
        ("['/a']", "", json!({"/a": "volume"})),
        (
            "[{type: volume, target: /a, volume: {nocopy: true}}]",
            "",
            json!({"/a": "volume"}),
        ),
        (
            "['/b:/a:rslave']",
            "",
            json!({"/a": "bind /b", "/a,bind.propagation": "rslave"}),
        ),
        (
            "[{type: bind, source: /b, target: /a, bind: {propagation: shared, selinux: z, create_host_path: true}}]",
            "",
            json!({"/a": "bind /b", "/a,bind.propagation": "shared"}),
        ),
        (
            "[{type: tmpfs, target: /a, tmpfs: {size: 1000, mode: 448}}]",
            "",
            json!({"/a": "tmpfs", "/a,tmpfs.size": "1000"}),
        ),
        (
            "[{type: cluster, source: data, target: /a}, {type: cluster, source: 'group:g', target: /b}]",
            "volumes: {data: {}}\n",
            json!({"/a": "cluster s_data", "/b": "cluster group:g"}),
        ),
        (
            "[{type: npipe, source: '\\\\.\\pipe\\x', target: /a}]",
            "",
            json!({"/a": "npipe \\\\.\\pipe\\x"}),
        ),
    ] {
        let file = service(&format!("volumes: {volumes}"), more);
        assert_eq!(field(&file, "volumes"), expected, "{volumes}");
    }
}

#[test]
fn swarm_configs_and_secrets_are_given_by_their_names() {
    let more = "configs: {c: {file: a.txt}, named: {file: a.txt, name: n}, out: {external: true}}\n\
                secrets: {s: {file: a.txt}, driven: {driver: vault, driver_opts: {o: p}, name: v}}\n";
    let configs = service(
        "configs: [c, named, {source: out, target: /o, uid: '1', mode: 0400}]",
        more,
    );
    assert_eq!(
        field(&configs, "configs"),
        json!({
            "/c": "s_c (uid 0, gid 0, mode 0444)", "/named": "n (uid 0, gid 0, mode 0444)",
            "/o": "out (uid 1, gid 0, mode 0400)",
        })
    );
    let secrets = service("secrets: [s, driven]", more);
    assert_eq!(
        field(&secrets, "secrets"),
        json!({
            "/run/secrets/s": "s_s (uid 0, gid 0, mode 0444)", "/run/secrets/driven": "v (uid 0, gid 0, mode 0444)",
        })
    );
    let project = Project::empty();
    project.write("stack.yml", &secrets);
    project.write("a.txt", "a\n");
    let state = load(&project, &[]).state;
    let secret = &state.stack.as_ref().unwrap().secrets["v"];
    assert_eq!(secret.fields.text("driver"), Some("vault"));
    assert!(secret.fields.map("driver_opts").contains_key("o"));
}

#[test]
fn swarm_a_credential_spec_is_a_config_a_file_or_a_key() {
    let more = "configs: {spec: {file: a.txt}}\n";
    let file = service("credential_spec: {config: spec}", more);
    assert_eq!(field(&file, "credential_spec.config"), json!("s_spec"));
    assert_eq!(
        field(&file, "configs"),
        json!({"s_spec,runtime": "runtime"})
    );
    for (key, path) in [
        ("file", "credential_spec.file"),
        ("registry", "credential_spec.registry"),
    ] {
        let file = service(&format!("credential_spec: {{{key}: x}}"), "");
        assert_eq!(field(&file, path), json!("x"));
    }
}

#[test]
fn swarm_the_client_labels_all_that_it_sends() {
    let file = service("labels: {own: '1'}\n    deploy: {labels: {other: '2'}}", "");
    let stack = "com.docker.stack.namespace";
    assert_eq!(field(&file, "labels"), json!({"own": "1", stack: "s"}));
    assert_eq!(
        field(&file, "deploy.labels"),
        json!({"other": "2", stack: "s", "com.docker.stack.image": "a"})
    );
}

#[test]
fn swarm_a_job_runs_all_of_its_tasks_at_once() {
    for (deploy, replicas, at_once) in [
        ("{mode: replicated-job, replicas: 3}", json!(3), json!(3)),
        ("{mode: replicated-job}", json!(null), json!(1)),
        ("{mode: global-job}", json!(null), json!(null)),
        ("{replicas: 3}", json!(3), json!(null)),
    ] {
        let file = service(&format!("deploy: {deploy}"), "");
        assert_eq!(field(&file, "deploy.replicas"), replicas, "{deploy}");
        assert_eq!(field(&file, "max_concurrent"), at_once, "{deploy}");
    }
}

/// A name that depends on a variable without a value leaves what it names unknown.
#[test]
fn swarm_what_an_unknown_name_stands_for_is_not_known() {
    let project = Project::empty();
    project.write(
        "stack.yml",
        &service(
            "networks: [n]\n    volumes: ['vol:/v']\n    configs: [c]\n    secrets: [s]",
            "networks: {n: {name: '$N'}}\nvolumes: {vol: {name: '$N'}}\nconfigs: {c: {external: true, name: '$N'}}\n\
             secrets: {s: {external: true, name: '$N'}}\n",
        ),
    );
    let mut request = Request::new(std::iter::empty().collect(), Unset::Keep);
    request.files = vec![FileArgument::Path("stack.yml".into())];
    request.orchestrator = Orchestrator::Swarm;
    let loaded = load_from(&project.path(""), &request).unwrap();
    for field in ["networks", "volumes", "configs", "secrets"] {
        let unset = &loaded.state.unset;
        assert!(
            unset.contains_key(&format!("services.web.{field}")),
            "{field}: {unset:?}"
        );
    }
}
