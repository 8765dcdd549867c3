//! What engines refuse of a service, and whether `check` says so.

use std::fmt::Write as _;

use crate::outside::{Outside, everything};
use crate::project::Project;

/// Fields of a service that Compose passes on and engines refuse.
const REFUSED: [&str; 66] = [
    "volumes_from: [\"b:ro\"]\n  b:\n    image: composegen-stub:latest\n    volumes: [{ type: tmpfs, target: /t }]",
    "devices: [nullx]",
    "devices: [\"nullx:/dev/b:rw\"]",
    "mem_limit: 5m",
    "mem_limit: 6000000",
    "deploy: { resources: { limits: { memory: 5m } } }",
    "mem_reservation: 5m",
    "deploy: { resources: { reservations: { memory: 5m } } }",
    "mem_limit: 64m\n    mem_reservation: 128m",
    "mem_limit: 64m\n    memswap_limit: 32m",
    "memswap_limit: 64m",
    "mem_swappiness: 101",
    "mem_swappiness: -2",
    "cpu_shares: -1",
    "cpu_period: 100",
    "cpu_quota: 100",
    "cpus: 1\n    cpu_period: 100000",
    "ulimits: { nofile: { soft: 200, hard: 100 } }",
    "ulimits: { nofile: { soft: -1, hard: 100 } }",
    "ulimits: { nofiles: 100 }",
    "mac_address: zz:00",
    "cpuset: a",
    "cpuset: 0-",
    "cpuset: 3-1",
    "stop_signal: SIGFOO",
    "stop_signal: \"0\"",
    "working_dir: app",
    "tmpfs: run",
    "tmpfs: [\"run:size=1m\"]",
    "extra_hosts: [\"a:b\"]",
    "extra_hosts: { a: 1.2.3 }",
    "ipc: foo",
    "pid: foo",
    "pid: private",
    "uts: foo",
    "isolation: hyperv",
    "security_opt: [foo]",
    "security_opt: [\"foo:bar\"]",
    "security_opt: [\"no-new-privileges:maybe\"]",
    "cap_add: [FOO]",
    "cap_drop: [CAP_FOO]",
    "logging: { driver: json-file, options: { foo: a } }",
    "logging: { driver: json-file, options: { max-size: abc } }",
    "logging: { driver: jsonfile }",
    "logging: { driver: json-fil }",
    "logging: { driver: json-file, options: { max-file: \"0\" } }",
    "logging: { driver: json-file, options: { compress: maybe } }",
    "logging: { driver: local, options: { labels: a } }",
    "device_cgroup_rules: [x]",
    "device_cgroup_rules: [\"c 1:3 rwmx\"]",
    "restart: alway",
    "restart: always:3",
    "restart: on-failure:-1",
    "deploy: { restart_policy: { condition: sometimes } }",
    "deploy: { restart_policy: { condition: any, max_attempts: 3 } }",
    "dns: [8.8.8]",
    "network_mode: bridgee",
    "platform: foo",
    "platform: linux/foo/bar/baz",
    "platform: linux/amd46",
    "platform: \"linux / amd64\"",
    "environment: [\"=c\"]",
    "sysctls: { vm.swappiness: 1 }",
    "sysctls: [kernel.hostname=a]",
    "network_mode: host\n    sysctls: { net.core.somaxconn: 5 }",
    "ipc: host\n    sysctls: { kernel.shmmax: 5 }",
];

/// Fields of a service that look like these, and that engines accept.
const ACCEPTED: [&str; 48] = [
    "devices: [/dev/null]",
    "devices: [\"/dev/null:/dev/b:r\"]",
    "mem_limit: 6m",
    "mem_limit: 1e6",
    "mem_limit: 0",
    "memswap_limit: -1",
    "mem_limit: 64m\n    memswap_limit: 64m",
    "mem_limit: 64m\n    memswap_limit: -1",
    "cpu_quota: -1",
    "cpu_period: 100000\n    cpu_quota: 5000",
    "ulimits: { NOFILE: 100, core: 0 }",
    "ulimits: { nproc: { soft: 100, hard: 100 } }",
    "mac_address: 02:42:ac:11:00:02",
    "mac_address: 02-42-ac-11-00-02",
    "cpuset: 0,1",
    "cpuset: \"\"",
    "stop_signal: SIGRTMIN+3",
    "stop_signal: term",
    "stop_signal: \"99\"",
    "stop_signal: POLL",
    "volumes_from: [b]\n  b:\n    image: composegen-stub:latest\n    volumes: [/a]\n    tmpfs: [/t]",
    "working_dir: /app",
    "tmpfs: [\"/run:size=1m\"]",
    "extra_hosts: [\"a:host-gateway\"]",
    "extra_hosts: [\"a:[::1]\"]",
    "extra_hosts: [\"a=::1\"]",
    "ipc: shareable",
    "pid: host",
    "uts: host",
    "isolation: default",
    "security_opt: [\"no-new-privileges:T\"]",
    "security_opt: [no-new-privileges, \"apparmor:unconfined\", \"label=foo\"]",
    "cap_add: [net_admin, CAP_SYS_TIME]",
    "logging: { driver: json-file, options: { max-size: 10m, max-file: \"3\", compress: \"true\" } }",
    "logging: { driver: local, options: { max-size: 10m } }",
    "device_cgroup_rules: [\"c *:* r\"]",
    "restart: on-failure:3",
    "restart: on-failure:x",
    "restart: any",
    "restart: none",
    "restart: alway\n    deploy: { restart_policy: { condition: any } }",
    "deploy: { restart_policy: { condition: on-failure, max_attempts: 3 } }",
    "platform: linux",
    "environment: [\"A B=c\"]",
    "sysctls: { kernel.domainname: a }",
    "sysctls: { net/core/somaxconn: 5 }",
    "sysctls: [net.core.somaxconn=5]\n    network_mode: none",
    "ipc: private\n    sysctls: { kernel.shmmax: 5 }",
];

/// How a network is declared, and how a service is attached to it, that engines refuse. Each has a subnet of its own, as older
/// engines keep the subnet of a network that they refused.
const REFUSED_ADDRESSES: [(&str, &str); 23] = [
    ("subnet: 10.219.1.1/24", ""),
    ("subnet: 10.219.2.0", ""),
    ("gateway: 10.219.3.1", ""),
    ("subnet: 10.219.4.0/24, gateway: 10.219.3.1", ""),
    ("subnet: 10.219.5.0/24, gateway: 10.219.5.1/24", ""),
    ("subnet: 10.219.6.0/24, ip_range: 10.219.7.0/25", ""),
    ("subnet: 10.219.7.0/24, ip_range: 10.219.0.0/16", ""),
    ("subnet: 10.219.8.0/24, ip_range: 10.219.8.129/25", ""),
    (
        "subnet: 10.219.9.0/24, aux_addresses: { a: 10.219.8.9 }",
        "",
    ),
    ("subnet: 10.219.10.0/24, aux_addresses: { a: b }", ""),
    ("subnet: 10.219.11.0/24 }, { subnet: 10.219.12.0/24", ""),
    ("", "ipv4_address: 10.219.13.9"),
    ("", "ipv6_address: 'fd19:1::9'"),
    ("subnet: 10.219.14.0/24", "ipv4_address: 10.219.15.9"),
    ("subnet: 10.219.15.0/24", "ipv4_address: 10.219.15.1"),
    ("subnet: 10.219.16.0/24", "ipv4_address: 10.219.16.0"),
    ("subnet: 10.219.17.0/24", "ipv4_address: 10.219.17.255"),
    ("subnet: 10.219.18.0/24", "ipv4_address: 'fd19:1::9'"),
    ("subnet: 10.219.19.0/24", "ipv4_address: 10.219.19.9/24"),
    ("subnet: 10.219.20.0/24", "ipv6_address: 'fd19:1::9'"),
    (
        "subnet: 10.219.21.0/24, gateway: 10.219.21.254",
        "ipv4_address: 10.219.21.254",
    ),
    (
        "subnet: 10.219.22.0/24, aux_addresses: { a: 10.219.22.9 }",
        "ipv4_address: 10.219.22.9",
    ),
    ("subnet: 10.219.23.0/24", "link_local_ips: [a]"),
];

/// Those that look like these, and that engines accept.
const ACCEPTED_ADDRESSES: [(&str, &str); 8] = [
    ("subnet: 10.219.31.0/24, ip_range: 10.219.31.0/24", ""),
    (
        "subnet: 10.219.32.0/24, ip_range: 10.219.32.128/25",
        "ipv4_address: 10.219.32.9",
    ),
    (
        "subnet: 10.219.33.0/24, gateway: 10.219.33.254",
        "ipv4_address: 10.219.33.1",
    ),
    (
        "subnet: 10.219.34.0/24 }, { subnet: 'fd19:2::/64'",
        "ipv6_address: 'fd19:2::9'",
    ),
    ("subnet: 10.219.35.0/31", ""),
    ("subnet: 'fd19:3::1/64'", ""),
    (
        "subnet: 10.219.36.0/24, aux_addresses: { a: 10.219.36.9 }",
        "",
    ),
    (
        "subnet: 10.219.37.0/24",
        "ipv4_address: '', link_local_ips: [169.254.5.5]",
    ),
];

/// A service that is attached to a network in this way.
fn attached(project: &str, (network, attached): (&str, &str)) -> String {
    let pools = if network.is_empty() {
        String::new()
    } else {
        format!("{{ {network} }}")
    };
    format!(
        "name: {project}\nservices:\n  web:\n    image: composegen-stub:latest\n    stop_grace_period: 0s\n    \
         networks: {{ own: {{ {attached} }} }}\nnetworks:\n  own: {{ ipam: {{ config: [{pools}] }} }}\n"
    )
}

/// All of them, and whether each is refused.
fn all() -> impl Iterator<Item = (&'static str, bool)> {
    let refused = REFUSED.iter().map(|field| (*field, true));
    refused.chain(ACCEPTED.iter().map(|field| (*field, false)))
}

/// A service for each of these fields.
fn services(project: &str, fields: &[(&str, &str)]) -> String {
    let mut file = format!("name: {project}\nservices:\n");
    for (name, field) in fields {
        let image = "image: composegen-stub:latest\n    stop_grace_period: 0s";
        writeln!(file, "  {name}:\n    {image}\n    {field}").unwrap();
    }
    file
}

fn file(project: &str, field: &str) -> String {
    services(project, &[("web", field)])
}

#[test]
fn what_engines_refuse_is_found() {
    let project = Project::empty();
    for (field, is_refused) in all() {
        project.write("c.yml", &file("shop", field));
        let ran = project.run(&["check", "-f", "c.yml", "--select", "refused-by-engine"]);
        let found = ran.stdout.matches("error[refused-by-engine]").count();
        let said = ran.stdout + &ran.stderr;
        assert_eq!(found, usize::from(is_refused), "{field}: {said}");
    }
}

#[test]
fn addresses_that_engines_refuse_are_found() {
    let project = Project::empty();
    let refused = REFUSED_ADDRESSES.map(|addresses| (addresses, true));
    let accepted = ACCEPTED_ADDRESSES.map(|addresses| (addresses, false));
    for (addresses, is_refused) in refused.into_iter().chain(accepted) {
        project.write("c.yml", &attached("shop", addresses));
        let ran = project.run(&["check", "-f", "c.yml", "--select", "refused-by-engine"]);
        let found = ran.stdout.matches("error[refused-by-engine]").count();
        let said = ran.stdout + &ran.stderr;
        assert_eq!(found, usize::from(is_refused), "{addresses:?}: {said}");
    }
}

#[test]
#[ignore = "needs Docker 28 from Debian sid: make test"]
fn engines_refuse_what_is_said_to_be_refused() {
    let outside = Outside::new().other("COMPOSEGEN_DOCKER_28");
    let project = Project::empty();
    let name = format!("composegen-refused-{}", std::process::id());
    let up = |text: &str| {
        project.write("c.yml", text);
        let compose = |arguments: &[&str]| {
            let mut command = outside.docker(&["compose", "-f"]);
            command.arg(project.path("c.yml"));
            command.args(arguments).output().unwrap()
        };
        let up = compose(&["up", "--detach"]);
        compose(&["down", "--timeout", "0"]);
        up
    };
    for field in REFUSED {
        let up = up(&file(&name, field));
        assert!(!up.status.success(), "{field}: {}", everything(&up));
    }
    for addresses in REFUSED_ADDRESSES {
        let up = up(&attached(&name, addresses));
        assert!(!up.status.success(), "{addresses:?}: {}", everything(&up));
    }
    for addresses in ACCEPTED_ADDRESSES {
        let up = up(&attached(&name, addresses));
        assert!(up.status.success(), "{addresses:?}: {}", everything(&up));
    }
    // Nothing is refused of these, so that they can be tried together.
    let names: Vec<String> = (0..ACCEPTED.len()).map(|at| format!("web{at}")).collect();
    let names = names.iter().map(String::as_str);
    let accepted: Vec<(&str, &str)> = names.zip(ACCEPTED.iter().copied()).collect();
    let up = up(&services(&name, &accepted));
    assert!(up.status.success(), "{accepted:#?}: {}", everything(&up));
}

/// What Compose refuses of names of containers, builds and circles, a stack drops. The file of a config has to be there.
#[test]
fn a_stack_is_checked_by_its_own_rules() {
    let project = Project::empty();
    let file = "services:\n  \
        a: { image: 'a:1', container_name: xy, depends_on: [b], deploy: { replicas: 2 } }\n  \
        b: { image: 'a:1', container_name: xy, depends_on: [a], configs: [c] }\nconfigs: { c: { file: ./c.conf } }\n";
    project.write("c.yml", file);
    let found = |engine: &str| {
        let select = "refused-by-compose,refused-by-stack,undefined-resource,dependency-cycle,container-name-taken,bind-missing";
        let ran = project.run(&[
            "check", "-f", "c.yml", "--engine", engine, "--select", select, "--format", "concise",
        ]);
        let lines = ran.stdout.lines();
        let codes =
            lines.filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned()));
        codes.collect::<std::collections::BTreeSet<_>>()
    };
    let of_compose = [
        "bind-missing",
        "container-name-taken",
        "dependency-cycle",
        "refused-by-compose",
    ];
    assert_eq!(found("docker"), of_compose.map(str::to_owned).into());
    assert_eq!(found("swarm"), ["refused-by-stack".to_owned()].into());
    project.write("c.conf", "a");
    assert_eq!(found("swarm"), [].into());
    // What a stack drops is not looked at any further.
    project.write(
        "c.yml",
        "name: p\nservices:\n  a: { image: 'a:1', build: ./gone, container_name: x, network_mode: brigde, privileged: maybe }\n",
    );
    let select = "refused-by-compose,refused-by-engine,bind-missing";
    let check = ["check", "-f", "c.yml", "--select", select];
    for (engine, code) in [("docker", 1), ("swarm", 0)] {
        let ran = project.run(&[&check[..], &["--engine", engine]].concat());
        assert_eq!(ran.code, Some(code), "{}", ran.stdout);
    }
    project.write(
        "c.yml",
        "services: { a: { image: 'a:1', cgroupns_mode: host } }\n",
    );
    assert_eq!(found("docker"), ["refused-by-compose".to_owned()].into());
    assert_eq!(found("swarm"), [].into());
    let dropped = [
        "check", "-f", "c.yml", "--engine", "swarm", "--select", "dropped-by-stack",
    ];
    assert_eq!(project.run(&dropped).code, Some(1));
    let missing = file.replace("depends_on: [a]", "depends_on: [gone], links: [other]");
    project.write("c.yml", &missing);
    assert!(found("docker").contains("undefined-resource"));
    assert_eq!(found("swarm"), [].into());
}

#[test]
fn a_stack_has_the_first_document_of_a_file() {
    let project = Project::empty();
    let file = "services: { a: { image: 'a:1' } }\n---\nservices: { b: { image: 'b:1' } }\n";
    project.write("stack.yml", file);
    for (engine, services, code) in [("docker", &["a", "b"][..], 0), ("swarm", &["a"], 1)] {
        let state = ["state", "-f", "stack.yml", "-p", "s", "--engine", engine];
        let ran = project.run(&state);
        let state = ran.json();
        let names = state["services"].as_object().unwrap().keys();
        assert_eq!(names.collect::<Vec<_>>(), services, "{}", ran.stdout);
        let is_said = ran
            .stderr
            .contains("`docker stack deploy` reads the first one");
        assert_eq!(is_said, engine == "swarm", "{}", ran.stderr);
        let ran = project.run(&[
            "check", "-f", "stack.yml", "--engine", engine, "--select", "dropped-by-stack",
        ]);
        assert_eq!(ran.code, Some(code), "{}", ran.stdout);
    }
    // An end of a document is none.
    project.write(
        "stack.yml",
        &file.replace("services: { b: { image: 'b:1' } }\n", ""),
    );
    let ran = project.run(&["state", "-f", "stack.yml", "-p", "s", "--engine", "swarm"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_port_of_a_database_that_may_be_empty_is_one_finding() {
    let project = Project::empty();
    for (port, found) in [
        ("${PORT}:3306", vec!["data-port-everywhere"]),
        ("127.0.0.1:${PORT}:3306", vec!["random-port"]),
        ("${PORT}:80", vec!["random-port"]),
        ("3306:3306", vec!["data-port-everywhere"]),
    ] {
        project.write("c.yml", &file("shop", &format!("ports: ['{port}']")));
        let select = "data-port-everywhere,random-port";
        let ran = project.run(&[
            "check", "-f", "c.yml", "--select", select, "--format", "json",
        ]);
        let report = ran.json();
        let codes = report["findings"].as_array().unwrap().iter();
        let codes: Vec<&str> = codes.filter_map(|one| one["code"].as_str()).collect();
        assert_eq!(codes, found, "{port}");
        let is_said = ran.stdout.contains("the host port may be empty");
        assert_eq!(is_said, port.contains('$'), "{port}: {}", ran.stdout);
    }
}

/// Compose reads no bytes in a number with an exponent or a fraction.
#[test]
fn a_number_that_compose_drops_is_not_a_limit() {
    let project = Project::empty();
    for (memory, is_limit) in [
        ("1e9", false),
        ("1000000000.0", false),
        ("'1e9'", true),
        ("1000000000", true),
    ] {
        project.write(
            "c.yml",
            &file("shop", &format!("cpus: 1\n    mem_limit: {memory}")),
        );
        let ran = project.run(&["check", "-f", "c.yml", "--select", "no-limits"]);
        let is_found = ran.stdout.contains("`web` has no memory limit");
        assert_eq!(is_found, !is_limit, "{memory}: {}", ran.stdout);
    }
}

#[test]
fn a_volume_of_one_letter_is_found_declared_or_not() {
    let project = Project::empty();
    for (mount, is_found) in [
        ("d:/data", true),
        ("d:/data:ro", true),
        ("c:/data:/data", false),
        ("data:/data", false),
    ] {
        project.write(
            "c.yml",
            &(file("shop", &format!("volumes: ['{mount}']")) + "volumes: { data: {} }\n"),
        );
        let ran = project.run(&["check", "-f", "c.yml", "--select", "drive-letter"]);
        assert_eq!(
            ran.stdout.contains("drive-letter"),
            is_found,
            "{mount}: {}",
            ran.stdout
        );
    }
}
