//! What `check` says of the fields of a stack, as the docker CLI has it: `docker stack config` needs no engine.

use composegen::compose::{FileArgument, Request, Unset, load_from};
use composegen::orchestrator::Orchestrator;

use crate::outside::{Outside, everything};
use crate::project::Project;

/// Fields of a service in YAML, and what the client makes of them: taken, dropped or refused.
const SERVICE: &[(&str, &str)] = &[
    ("annotations: { a: b }", "refused"),
    ("attach: true", "refused"),
    ("blkio_config: { weight: 300 }", "refused"),
    ("build: .", "taken"),
    ("cap_add: [CHOWN]", "taken"),
    ("cgroup: host", "refused"),
    ("cgroup_parent: a", "dropped"),
    ("command: null", "refused"),
    ("command: [a]", "taken"),
    ("container_name: web", "dropped"),
    ("cpus: 1", "refused"),
    ("cpu_shares: 10", "refused"),
    ("depends_on: [other]", "dropped"),
    (
        "depends_on: { other: { condition: service_healthy } }",
        "refused",
    ),
    (
        "deploy: { resources: { limits: { cpus: 0.5 } } }",
        "refused",
    ),
    (
        "deploy: { resources: { limits: { cpus: '0.5', pids: 10 } } }",
        "taken",
    ),
    (
        "deploy: { resources: { limits: { pids: '10' } } }",
        "refused",
    ),
    (
        "deploy: { resources: { reservations: { devices: [{ capabilities: [gpu] }] } } }",
        "refused",
    ),
    ("deploy: { replicas: '2' }", "refused"),
    (
        "deploy: { restart_policy: { condition: any, delay: 5s } }",
        "taken",
    ),
    (
        "deploy: { update_config: { order: start-first, max_failure_ratio: 0.5 } }",
        "taken",
    ),
    ("develop: { watch: [] }", "refused"),
    ("device_cgroup_rules: ['c 1:3 mr']", "refused"),
    ("devices: [/dev/null]", "dropped"),
    ("devices: [{ source: /dev/null }]", "refused"),
    ("dns: 10.0.0.1", "taken"),
    ("dns_opt: [ndots:2]", "refused"),
    ("domainname: a.example", "dropped"),
    ("env_file: [{ path: a.env, required: false }]", "refused"),
    ("environment: { A: true }", "refused"),
    ("environment: { A: 'true', B: 1, C: null }", "taken"),
    ("expose: [80]", "taken"),
    ("external_links: [a]", "dropped"),
    ("extra_hosts: { a: 10.0.0.1 }", "taken"),
    ("extra_hosts: { a: [10.0.0.1] }", "refused"),
    ("gpus: all", "refused"),
    ("group_add: [a]", "refused"),
    (
        "healthcheck: { test: [CMD, a], interval: 5s, retries: 3 }",
        "taken",
    ),
    ("healthcheck: { test: [CMD, a], retries: '3' }", "refused"),
    ("hostname: a", "taken"),
    ("init: true", "taken"),
    ("init: 'true'", "refused"),
    ("ipc: host", "dropped"),
    ("label_file: a", "refused"),
    ("labels: { a: true }", "refused"),
    ("links: [other]", "dropped"),
    (
        "logging: { driver: json-file, options: { max-file: 3 } }",
        "taken",
    ),
    ("mac_address: '02:42:ac:11:65:43'", "dropped"),
    ("mem_limit: 1g", "refused"),
    ("mem_reservation: 1g", "refused"),
    ("network_mode: host", "dropped"),
    ("networks: { n: { ipv4_address: 10.9.0.2 } }", "dropped"),
    ("networks: { n: { priority: 1 } }", "refused"),
    ("networks: { n: { aliases: [a] } }", "taken"),
    ("oom_score_adj: 10", "taken"),
    ("pid: host", "dropped"),
    ("pids_limit: 10", "refused"),
    ("platform: linux/amd64", "refused"),
    (
        "ports: [{ target: 80, published: 8080, mode: host }]",
        "taken",
    ),
    ("ports: [{ target: 80, published: '8080' }]", "refused"),
    ("ports: [{ target: 80, host_ip: 127.0.0.1 }]", "refused"),
    ("post_start: [{ command: a }]", "refused"),
    ("privileged: true", "dropped"),
    ("profiles: [a]", "refused"),
    ("pull_policy: always", "refused"),
    ("read_only: true", "taken"),
    ("restart: always", "taken"),
    ("restart: 'no'", "dropped"),
    ("runtime: runc", "refused"),
    ("scale: 2", "refused"),
    ("secrets: [{ source: s, mode: 0400 }]", "taken"),
    ("secrets: [{ source: s, mode: '0400' }]", "refused"),
    ("security_opt: ['no-new-privileges:true']", "dropped"),
    ("shm_size: 1g", "dropped"),
    ("stdin_open: true", "taken"),
    ("stop_grace_period: 5s", "taken"),
    ("storage_opt: { size: 1G }", "refused"),
    ("sysctls: { net.core.somaxconn: 1024 }", "taken"),
    ("tmpfs: [/tmp]", "dropped"),
    ("tty: true", "taken"),
    ("ulimits: { nofile: { soft: 1, hard: 2 } }", "taken"),
    ("use_api_socket: true", "refused"),
    ("user: '1000'", "taken"),
    ("userns_mode: host", "dropped"),
    ("uts: host", "refused"),
    (
        "volumes: [{ type: tmpfs, target: /a, tmpfs: { size: 1000 } }]",
        "taken",
    ),
    (
        "volumes: [{ type: tmpfs, target: /a, tmpfs: { size: 1m } }]",
        "refused",
    ),
    (
        "volumes: [{ type: bind, source: /a, target: /a, bind: { selinux: z } }]",
        "dropped",
    ),
    (
        "volumes: [{ type: bind, source: /a, target: /a, bind: { propagation: rslave } }]",
        "taken",
    ),
    ("volumes_from: [other]", "refused"),
    ("working_dir: /a", "taken"),
    // The client knows extensions in few places.
    ("x-own: { a: b }", "taken"),
    ("build: { context: ., x-own: a }", "taken"),
    ("configs: [{ source: c, x-own: a }]", "taken"),
    ("credential_spec: { file: a, x-own: b }", "refused"),
    ("deploy: { x-own: a }", "refused"),
    ("deploy: { placement: { x-own: a } }", "refused"),
    ("deploy: { resources: { x-own: a } }", "refused"),
    ("deploy: { resources: { limits: { x-own: a } } }", "refused"),
    ("deploy: { restart_policy: { x-own: a } }", "refused"),
    ("deploy: { update_config: { x-own: a } }", "refused"),
    ("healthcheck: { test: [CMD, a], x-own: a }", "refused"),
    ("logging: { driver: local, x-own: a }", "refused"),
    ("networks: { n: { x-own: a } }", "refused"),
    ("ports: [{ target: 80, x-own: a }]", "refused"),
    ("secrets: [{ source: s, x-own: a }]", "taken"),
    (
        "ulimits: { nofile: { soft: 1, hard: 2, x-own: a } }",
        "refused",
    ),
    (
        "volumes: [{ type: bind, source: /a, target: /a, x-own: a }]",
        "refused",
    ),
    (
        "volumes: [{ type: bind, source: /a, target: /a, bind: { x-own: a } }]",
        "taken",
    ),
    (
        "volumes: [{ type: tmpfs, target: /a, tmpfs: { x-own: a } }]",
        "taken",
    ),
    (
        "volumes: [{ type: volume, target: /a, volume: { x-own: a } }]",
        "taken",
    ),
];

/// Further lines of a file.
const FILE: &[(&str, &str)] = &[
    ("name: shop", "refused"),
    ("version: '3.9'", "taken"),
    (
        "volumes: { v: { driver: local, driver_opts: { type: none } } }",
        "taken",
    ),
    ("configs: { c: { file: a, name: a_1 } }", "taken"),
    ("configs: { c: { content: a } }", "refused"),
    ("configs: { c: { environment: A } }", "refused"),
    ("x-own: { a: b }", "taken"),
    ("configs: { c: { file: a, x-own: a } }", "taken"),
    ("networks: { n: { x-own: a } }", "taken"),
    ("networks: { n: { ipam: { x-own: a } } }", "refused"),
    (
        "networks: { n: { ipam: { config: [{ subnet: 10.9.0.0/24, x-own: a }] } } }",
        "refused",
    ),
    ("secrets: { s: { file: a, x-own: a } }", "taken"),
    ("volumes: { v: { x-own: a } }", "taken"),
];

#[test]
#[ignore = "needs the docker CLI: make test"]
fn swarm_fields_are_dropped_or_refused_as_by_the_client() {
    let outside = Outside::swarm();
    let service = SERVICE.iter().map(|(field, expected)| {
        let text =
            format!("services:\n  web:\n    image: a:1\n    {field}\n  other: {{ image: a:1 }}\n");
        (
            text + "networks: { n: {} }\nsecrets: { s: { external: true } }\nconfigs: { c: { external: true } }\n",
            *expected,
        )
    });
    let file = FILE.iter().map(|(field, expected)| {
        (
            format!("{field}\nservices:\n  web: {{ image: a:1 }}\n"),
            *expected,
        )
    });
    let mut wrong = Vec::new();
    for (text, expected) in service.chain(file) {
        let project = Project::empty();
        project.write("stack.yml", &text);
        // The client reads it when it deploys.
        project.write("a", "some");
        let mut client = outside.docker(&["stack", "config", "-c", "stack.yml"]);
        let output = client.current_dir(project.path("")).output().unwrap();
        let is_refused = !output.status.success();
        let ran = project.run(&[
            "check",
            "-f",
            "stack.yml",
            "--engine",
            "swarm",
            "--format",
            "json",
            "--select",
            "refused-by-stack,dropped-by-stack",
        ]);
        let found = match (
            ran.stdout.contains("refused-by-stack"),
            ran.stdout.contains("dropped-by-stack"),
        ) {
            (true, _) => "refused",
            (_, true) => "dropped",
            _ => "taken",
        };
        if found != expected || is_refused != (expected == "refused") {
            wrong.push(format!(
                "{text}\nfound {found}, the client says {}",
                everything(&output)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
}

/// Texts with variables, of which `A` is `a` and `EMPTY` empty.
const TEXTS: &[&str] = &[
    "$A/${A}", "$$A", "${NONE}x", "${NONE:-d}", "${EMPTY:-d}", "${EMPTY-d}", "${NONE:-${A}}",
    "${A:-${A}}", "$NONE-d", "$A-d $A", "$NONE:-x}y", "${A:?b-c}", "${A?why}", "${NONE:?why}",
    "${EMPTY:?why}", "${A:+s}", "$(x)", "a$", "$1", "${A", "${a:-lower}",
];

/// What the client makes of variables is what a stack has, and what it refuses is found.
#[test]
#[ignore = "needs the docker CLI: make test"]
fn swarm_variables_are_filled_in_as_by_the_client() {
    let outside = Outside::swarm();
    let shell = [("A", "a"), ("EMPTY", "")];
    let mut wrong = Vec::new();
    for text in TEXTS {
        let project = Project::empty();
        let quoted = serde_json::to_string(text).unwrap();
        project.write(
            "stack.yml",
            &format!("services:\n  web:\n    image: a:1\n    hostname: {quoted}\n"),
        );
        let mut client = outside.docker(&["stack", "config", "-c", "stack.yml"]);
        let client = client.current_dir(project.path("")).envs(shell);
        let output = client.output().unwrap();
        let said = everything(&output);
        let line = said
            .lines()
            .find_map(|line| line.trim().strip_prefix("hostname:"));
        let expected = output.status.success().then(|| {
            let value = line.unwrap_or_default().trim();
            value.trim_matches(|c| c == '\'' || c == '"').to_owned()
        });
        let found = hostname(&project, &shell);
        if found != expected {
            wrong.push(format!("{text}: found {found:?}, the client says {said}"));
        }
        let ran = project.run(&[
            "check", "-f", "stack.yml", "--engine", "swarm", "--select", "refused-by-stack",
            "--format", "json",
        ]);
        let is_found = ran.stdout.contains("refused-by-stack");
        let is_required = said.contains("required variable") || said.contains("is missing a value");
        if is_found != (expected.is_none() && !is_required) {
            wrong.push(format!(
                "{text}: found by check: {is_found}, the client says {said}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
}

/// The host name of the service, if the file can be read.
fn hostname(project: &Project, shell: &[(&str, &str)]) -> Option<String> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut request = Request::new(shell.iter().map(own).collect(), Unset::Strict);
    request.files = vec![FileArgument::Path("stack.yml".into())];
    request.orchestrator = Orchestrator::Swarm;
    let state = load_from(&project.path(""), &request).ok()?.state;
    let service = &state.stack.unwrap().services["web"];
    Some(
        service
            .fields
            .text("hostname")
            .unwrap_or_default()
            .to_owned(),
    )
}
