//! Generated projects, held against Docker Compose: services put together from parts that mean
//! something by themselves, one file laid over another.
//!
//! The cases are the same on every run; `PROPTEST_CASES` makes more of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::oracle::Compose;
use super::verdict::{Case, Verdict, judge};

/// Fields of a service. Those that Compose refuses are few, so that most projects are accepted.
const FIELDS: [&str; 118] = [
    "image: other",
    "image: 'x:${TAG:-latest}'",
    "command: [a, b]",
    "command: sh -c \"a 'b'\"; c",
    "command: ",
    "entrypoint: /x --y",
    "entrypoint: []",
    "environment: {A: 1, B: '${TAG}', C: }",
    "environment: [A=2, 'D=x=y', E, 'TAG']",
    "environment: {A: 1.0, B: true, x-c: d}",
    "ports: ['80:80', '81:81/udp']",
    "ports: [80, '127.0.0.1:80:80']",
    "ports: ['8000-8002:80-82', {target: 81, published: 8001}]",
    "ports: [{target: 80, published: '80', host_ip: 127.0.0.1}, '9000-9005:9']",
    "ports: ['${PORT}:80', ':82']",
    "ports: !override ['99:99']",
    "ports: !reset []",
    "ports: ['80:80', '80:80']",
    "ports: ['1-2:1-3']",
    "volumes: ['data:/data', './x:/x:ro']",
    "volumes: ['other:/data/', '/anonymous']",
    "volumes: [{type: bind, source: ../y, target: /x}]",
    "volumes: [{type: volume, source: data, target: /a/../b, read_only: true}]",
    "volumes: [{type: tmpfs, target: /tmp}]",
    "volumes: !override ['~/h:/h']",
    "volumes: ['missing:/m']",
    "tmpfs: /run",
    "tmpfs: ['/run:size=1m', /tmp]",
    "networks: [front]",
    "networks: [front, back]",
    "networks: {back: {aliases: [q, a], ipv4_address: 10.0.0.9}, default: }",
    "networks: {front: {aliases: [z]}}",
    "networks: []",
    "networks: !override [back]",
    "network_mode: host",
    "network_mode: 'service:db'",
    "labels: {a: b, c: 1}",
    "labels: [a=c, d]",
    "labels: !reset {}",
    "cap_add: [NET_ADMIN]",
    "cap_add: [net_raw, CAP_NET_ADMIN]",
    "cap_drop: [ALL]",
    "security_opt: ['no-new-privileges:true']",
    "security_opt: ['seccomp=unconfined']",
    "user: '1000'",
    "user: root:root",
    "working_dir: /w",
    "hostname: h",
    "container_name: named",
    "restart: always",
    "restart: on-failure:2",
    "restart: 'no'",
    "mem_limit: 64m",
    "mem_limit: 1073741824",
    "mem_limit: 1.5",
    "cpus: 0.5",
    "cpus: '1.25'",
    "pids_limit: 10",
    "pids_limit: -1",
    "privileged: yes",
    "privileged: false",
    "read_only: true",
    "read_only: 'off'",
    "init: true",
    "init: '${YES}'",
    "pid: host",
    "pid: 'service:db'",
    "ipc: shareable",
    "extra_hosts: ['a:1.1.1.1', 'b=::1']",
    "extra_hosts: {c: 2.2.2.2, d: [3.3.3.3, 4.4.4.4]}",
    "extra_hosts: ['a:1.1.1.1', 'a:5.5.5.5']",
    "healthcheck: {test: [CMD, a]}",
    "healthcheck: {test: 'a | b', interval: 5s}",
    "healthcheck: {disable: true}",
    "healthcheck: !reset {}",
    "deploy: {replicas: 2}",
    "deploy: {resources: {limits: {memory: 32M, cpus: '0.25', pids: 7}}}",
    "deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}",
    "deploy: {restart_policy: {}}",
    "deploy: ",
    "scale: 2",
    "scale: '3'",
    "depends_on: [db]",
    "depends_on: {db: {condition: service_healthy, required: false}}",
    "depends_on: [web]",
    "links: ['db:alias']",
    "volumes_from: [db]",
    "profiles: [debug]",
    "profiles: []",
    "secrets: [token]",
    "secrets: [{source: token, target: other}]",
    "secrets: [from-environment]",
    "configs: [settings]",
    "configs: [{source: settings, target: /etc/settings}, inline]",
    "extends: base",
    "extends: {service: base}",
    "extends: {file: other.yml, service: far}",
    "env_file: own.env",
    "env_file: [own.env, {path: none.env, required: false}]",
    "label_file: own.env",
    "build: .",
    "build: {context: ., args: [A=1]}",
    "dns: 1.1.1.1",
    "dns: [2.2.2.2, 1.1.1.1]",
    "expose: [80, '81']",
    "ulimits: {nofile: 5, nproc: {soft: 1, hard: 2}}",
    "logging: {driver: local, options: {a: b}}",
    "logging: {driver: json-file}",
    "sysctls: [a=1]",
    "sysctls: {b: 2}",
    "stop_grace_period: 1m30s",
    "x-own: {any: thing}",
    "<<: *shared",
    "annotations: {a: b}",
    "devices: ['/dev/a:/dev/b']",
    "platform: linux/amd64",
    "shm_size: 1g",
    "hostnme: typo",
];

const NETWORKS: [&str; 7] = [
    "front: ",
    "front: {internal: yes, labels: {a: b}}",
    "front: {ipam: {config: [{subnet: 10.0.0.0/8}]}}",
    "back: {ipam: {config: [{subnet: 10.0.0.0/8, gateway: 10.0.0.1}, {subnet: 10.1.0.0/16}]}}",
    "back: {external: true, name: shared}",
    "default: {enable_ipv6: true, driver_opts: {a: 1}}",
    "unused: {attachable: true}",
];

const VOLUMES: [&str; 6] = [
    "data: ",
    "data: {name: own, labels: [a=b]}",
    "other: {external: true}",
    "other: {driver: local, driver_opts: {o: bind, device: ./d}}",
    "missing: {driver: x}",
    "unused: ",
];

/// A section of a file: entries whose keys differ.
fn section(name: &str, indent: &str, entries: &[&str]) -> String {
    let mut chosen: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in entries {
        let (key, _) = entry.split_once(':').unwrap();
        chosen.entry(key).or_insert(entry);
    }
    if chosen.is_empty() {
        return String::new();
    }
    let mut text = format!("{name}:\n");
    for entry in chosen.values() {
        writeln!(text, "{indent}{entry}").unwrap();
    }
    text
}

fn fields(high: usize) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(FIELDS.to_vec(), 0..high)
}

/// A file with up to three services.
fn file(high: usize) -> impl Strategy<Value = String> {
    let services =
        proptest::collection::btree_map(select(vec!["web", "db", "worker"]), fields(high), 1..3);
    let networks = subsequence(NETWORKS.to_vec(), 0..NETWORKS.len());
    let volumes = subsequence(VOLUMES.to_vec(), 0..VOLUMES.len());
    (services, networks, volumes).prop_map(|(services, networks, volumes)| {
        let mut text =
            "x-shared: &shared {hostname: shared, labels: {s: t}}\nservices:\n".to_owned();
        for (name, fields) in services {
            let service = section(&format!("  {name}"), "    ", &fields);
            if service.is_empty() {
                writeln!(text, "  {name}: {{image: plain}}").unwrap();
            } else {
                text.push_str(&service);
            }
        }
        text + &section("networks", "  ", &networks) + &section("volumes", "  ", &volumes)
    })
}

const BASE: &str = "name: generated
services:
  base: {image: base, environment: {A: base, Z: base}, ports: ['70:70'], networks: [front], volumes: ['data:/base']}
  db: {image: db, healthcheck: {test: [CMD, 'true']}}
  web: {image: web}
  worker: {image: worker}
networks: {front: , back: }
volumes: {data: , other: }
secrets: {token: {file: ./token}, from-environment: {environment: TOKEN}}
configs: {settings: {file: /settings}, inline: {content: x}}
";

const OTHER: &str =
    "services: {far: {image: far, volumes: ['./far:/far'], env_file: own.env, ports: ['71:71']}}\n";

/// Words put together at random.
fn words(words: &[&'static str], high: usize) -> impl Strategy<Value = String> + use<> {
    let words = select(words.to_vec());
    proptest::collection::vec(words, 0..high).prop_map(|words| words.concat())
}

#[test]
#[ignore = "needs Docker Compose: make test"]
fn short_forms_are_read_as_compose_reads_them() {
    let compose = Compose::new();
    let port = words(
        &[
            "80", "8080", "1-3", "5-7", ":", ":", "-", "127.0.0.1", "[::1]", "/tcp", "/udp", "/",
            "0", " ",
        ],
        6,
    );
    let mount = words(
        &[
            "data", "./x", "/a", "~", ":", ":", "ro", ",z", "..", "\\", "d", "b/../c", "rw", "/",
        ],
        6,
    );
    let text = words(
        &[
            "$", "{", "}", "TAG", "NONE", "EMPTY", ":-", "-", ":+", "?", "x", "${", "${TAG", "}",
            "$$", " ", "${NONE:-", "\n",
        ],
        8,
    );
    let command = words(
        &[
            "a", " ", "'", "\"", "\\", ";", "$$(b)", "`c`", "|", "n", "2>", "(",
        ],
        7,
    );
    let variables = words(
        &[
            "A=", "B=", "C: ", "1", "x y", "\n", "\n", "'", "\"", "\\", "n", "$A", "${B:-d}", "$$",
            "#", " #", " ", "export ", "=", "D", "\t", "\\$", "\\0101",
        ],
        12,
    );
    // One at a time, so that what is refused hides nothing.
    let case = (0..5_usize, port, mount, text, command, variables);
    let (mut runner, _) = runner();
    let result = runner.run(&case, |(which, port, mount, text, command, variables)| {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let field = match which {
            0 => format!("ports: [{}]", quoted(&port)),
            1 => format!("volumes: [{}]", quoted(&mount)),
            2 => format!("labels: {{l: {}}}", quoted(&text)),
            3 => format!("command: {}", quoted(&command)),
            _ => "env_file: own.env".to_owned(),
        };
        let folder = tempfile::tempdir().unwrap();
        let file = format!(
            "name: t\nservices: {{web: {{image: a, {field}}}}}\nvolumes: {{data: , d: }}\n"
        );
        std::fs::write(folder.path().join("compose.yml"), file).unwrap();
        std::fs::write(folder.path().join("own.env"), &variables).unwrap();
        let case = Case {
            folder: folder.path().canonicalize().unwrap(),
            files: vec!["compose.yml".into()],
            variables: [
                ("HOME", "/home/x"),
                ("PWD", "/"),
                ("TAG", "t"),
                ("EMPTY", ""),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
            ..Case::default()
        };
        match judge(&compose, &case) {
            Verdict::Agree | Verdict::Refused => Ok(()),
            verdict => Err(TestCaseError::fail(format!(
                "{field} {variables:?}: {verdict}"
            ))),
        }
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// Runs the same cases every time; gives how many there are.
fn runner() -> (TestRunner, u32) {
    let cases = std::env::var("PROPTEST_CASES").ok();
    let config = Config {
        cases: cases.and_then(|cases| cases.parse().ok()).unwrap_or(64),
        failure_persistence: None,
        ..Config::default()
    };
    let all = config.cases;
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    (TestRunner::new_with_rng(config, rng), all)
}

#[test]
#[ignore = "needs Docker Compose: make test"]
fn generated_projects_are_read_as_compose_reads_them() {
    let compose = Compose::new();
    let (mut runner, all) = runner();
    // A generator whose projects are all refused would prove little.
    let accepted = std::cell::Cell::new(0_u32);
    let strategy = (file(9), proptest::option::of(file(5)), any::<bool>());
    let result = runner.run(&strategy, |(second, third, is_debug)| {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
            name.into()
        };
        write("other.yml", OTHER);
        write("own.env", "A=file\nF=${TAG}\n");
        let mut files = vec![write("a.yml", BASE), write("b.yml", &second)];
        if let Some(third) = &third {
            files.push(write("c.yml", third));
        }
        let case = Case {
            folder: folder.path().canonicalize().unwrap(),
            files,
            profiles: if is_debug {
                vec!["debug".into()]
            } else {
                Vec::new()
            },
            variables: [
                ("HOME", "/home/x"),
                ("PWD", "/"),
                ("TAG", "t"),
                ("PORT", "88"),
                ("YES", "yes"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
            ..Case::default()
        };
        match judge(&compose, &case) {
            Verdict::Agree => {
                accepted.set(accepted.get() + 1);
                Ok(())
            }
            Verdict::Refused => Ok(()),
            verdict => Err(TestCaseError::fail(verdict.to_string())),
        }
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    assert!(
        accepted.get() * 4 > all,
        "{} of {all} are accepted",
        accepted.get()
    );
}
