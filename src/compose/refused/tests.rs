use crate::compose::Written;
use crate::orchestrator::Orchestrator;
use crate::source::Source;
use crate::state::DeployStep::{self, Configs, File, Networks, Secrets, Services, Specs};

/// What is refused of a file: the step, and the message.
fn refused(text: &str) -> Vec<(DeployStep, String)> {
    let source = Source::new("stack.yml", text);
    let file = Written::read_as(&source, Some("s".to_owned()), Orchestrator::Swarm).unwrap();
    super::refused(&file)
        .into_iter()
        .map(|one| (one.step, one.message))
        .collect()
}

/// A service with these fields, and the rest of a file.
fn service(fields: &str, rest: &str) -> String {
    format!("services:\n  a: {{image: 'a:1', {fields}}}\n{rest}")
}

/// Most were tried on a swarm of Docker 20.10 with the docker CLI 28; a few are as the source says.
#[rustfmt::skip]
const REFUSED: &[(&str, &str, DeployStep, &str)] = &[
    ("mem_limit: 1g", "", File, "a stack cannot have `mem_limit`"),
    ("stop_grace_period: 1w", "", File, "`stop_grace_period` of `a` cannot be `1w`"),
    ("deploy: {update_config: {monitor: 1d}}", "", File, "`deploy.update_config.monitor` of `a` cannot be `1d`"),
    ("healthcheck: {test: a, interval: 1d}", "", File, "`healthcheck.interval` of `a` cannot be `1d`"),
    ("networks: {n: {aliases: [x, x]}}", "networks: {n: {}}", File, "a stack cannot have an entry of `networks.n.aliases` of `a` twice"),
    ("dns: [10.0.0.1, 10.0.0.1]", "", File, "a stack cannot have an entry of `dns` of `a` twice"),
    ("ports: ['81:80', '81:80']", "", File, "a stack cannot have an entry of `ports` of `a` twice"),
    ("configs: [x, x]", "configs: {x: {external: true}}", Specs, "a stack cannot have a target of `configs` of `a` twice"),
    ("configs: [{source: x, target: /t}, {source: y, target: /t}]", "configs: {x: {external: true}, y: {external: true}}", Specs, "a stack cannot have a target of `configs` of `a` twice"),
    ("secrets: [x, {source: y, target: x}]", "secrets: {x: {external: true}, y: {external: true}}", Specs, "a stack cannot have a target of `secrets` of `a` twice"),
    ("volumes: ['vv:/t', 'ww:/t']", "volumes: {vv: {}, ww: {}}", Services, "a stack cannot have a mount target of `volumes` of `a` twice"),
    ("volumes: ['vv:/t', {type: tmpfs, target: /t}]", "volumes: {vv: {}}", Services, "a stack cannot have a mount target of `volumes` of `a` twice"),
    ("volumes: [{type: tmpfs, source: v, target: /t}]", "", Specs, "a mount of the type `tmpfs` of `a` cannot have a source"),
    ("volumes: [{type: bind, source: /t, target: /t, volume: {nocopy: true}}]", "", Specs, "a mount of the type `bind` of `a` cannot have `volume`"),
    ("deploy: {mode: foo}", "", Specs, "`deploy.mode` of `a` cannot be `foo`"),
    ("deploy: {mode: Global}", "", Specs, "`deploy.mode` of `a` cannot be `Global`"),
    ("volumes: ['/t:/t:ro,nocopy']", "", Specs, "a mount of the type `bind` of `a` cannot have `volume`"),
    ("volumes: ['vv:/t:rshared']", "volumes: {vv: {}}", Specs, "a mount of the type `volume` of `a` cannot have `bind`"),
    ("deploy: {resources: {limits: {pids: '${P:-10}'}}}", "", File, "a stack cannot have `deploy.resources.limits.pids` as text with a variable"),
    ("init: '${I:-true}'", "", File, "a stack cannot have `init` as text with a variable"),
    ("volumes: [{type: tmpfs, target: /t, tmpfs: {size: '${S:-10}'}}]", "", File, "a stack cannot have `volumes.tmpfs.size` as text with a variable"),
    ("deploy: {mode: global, replicas: 1}", "", Specs, "`a` cannot have `deploy.replicas` in the mode `global`"),
    ("deploy: {mode: global-job, replicas: 1}", "", Specs, "`a` cannot have `deploy.replicas` in the mode `global-job`"),
    ("deploy: {mode: replicated-job, update_config: {}}", "", Services, "`a` is a job, and cannot have `deploy.update_config`"),
    ("deploy: {endpoint_mode: foo}", "", Services, "`deploy.endpoint_mode` of `a` cannot be `foo`"),
    ("deploy: {endpoint_mode: dnsrr}, ports: ['81:80']", "", Services, "`a` cannot publish `81:80` in the endpoint mode `dnsrr`"),
    ("deploy: {endpoint_mode: DNSRR}, ports: ['80']", "", Services, "`a` cannot publish `80` in the endpoint mode `dnsrr`"),
    ("deploy: {restart_policy: {condition: ANY}}", "", Services, "`deploy.restart_policy.condition` of `a` cannot be `ANY`"),
    ("deploy: {restart_policy: {delay: -1s}}", "", Services, "`deploy.restart_policy.delay` of `a` cannot be `-1s`"),
    ("deploy: {restart_policy: {window: -1s}}", "", Services, "`deploy.restart_policy.window` of `a` cannot be `-1s`"),
    ("deploy: {update_config: {failure_action: foo}}", "", Services, "`deploy.update_config.failure_action` of `a` cannot be `foo`"),
    ("deploy: {update_config: {delay: -1s}}", "", Services, "`deploy.update_config.delay` of `a` cannot be `-1s`"),
    ("deploy: {update_config: {monitor: -1s}}", "", Services, "`deploy.update_config.monitor` of `a` cannot be `-1s`"),
    ("deploy: {update_config: {max_failure_ratio: 1.1}}", "", Services, "`deploy.update_config.max_failure_ratio` of `a` cannot be `1.1`"),
    ("deploy: {update_config: {max_failure_ratio: -0.1}}", "", Services, "`deploy.update_config.max_failure_ratio` of `a` cannot be `-0.1`"),
    ("deploy: {resources: {limits: {memory: 4095k}}}", "", Services, "`deploy.resources.limits.memory` of `a` cannot be `4095k`"),
    ("deploy: {resources: {reservations: {memory: 1M}}}", "", Services, "`deploy.resources.reservations.memory` of `a` cannot be `1M`"),
    ("deploy: {resources: {limits: {cpus: '0.0009'}}}", "", Services, "`deploy.resources.limits.cpus` of `a` cannot be `0.0009`"),
    ("deploy: {resources: {limits: {cpus: '-1'}}}", "", Services, "`deploy.resources.limits.cpus` of `a` cannot be `-1`"),
    ("deploy: {resources: {limits: {cpus: '0.12345678912'}}}", "", Specs, "`deploy.resources.limits.cpus` of `a` cannot be `0.12345678912`"),
    ("deploy: {placement: {constraints: [node.role = manager]}}", "", Services, "`node.role = manager` is not a valid constraint of `a`"),
    ("credential_spec: {config: x, file: y}", "configs: {x: {external: true}}", Specs, "`a` has several credential specs"),
    ("credential_spec: {file: x, registry: y}", "", Specs, "`a` has several credential specs"),
    ("credential_spec: {config: x}", "", Specs, "`a` has the credential spec `x`"),
    ("healthcheck: {test: a, interval: 999us}", "", Services, "`healthcheck.interval` of `a` cannot be `999us`"),
    ("healthcheck: {test: a, timeout: -1s}", "", Services, "`healthcheck.timeout` of `a` cannot be `-1s`"),
    ("healthcheck: {test: a, disable: true}", "", Specs, "the health check of `a` has a `test` and is disabled"),
    ("ports: ['81:80', '81:82']", "", Services, "`a` publishes port `81/tcp` twice"),
    ("ports: ['81-83:81-83', {target: 90, published: 83, mode: host}]", "", Services, "`a` publishes port `83/tcp` twice"),
    ("restart: foo", "", Specs, "`foo` is not a restart policy"),
    ("environment: {A: '{{.Foo}}'}", "", Services, "a swarm cannot expand a template in `environment` of `a`"),
    ("environment: ['A={{']", "", Services, "a swarm cannot expand a template in `environment` of `a`"),
    ("hostname: '{{.Foo}}'", "", Services, "a swarm cannot expand `.Foo` in `hostname` of `a`"),
    ("volumes: ['vv:/{{.Foo}}']", "volumes: {vv: {}}", Services, "a swarm cannot expand `.Foo` in `volumes` of `a`"),
    ("volumes: ['vv:/t']", "volumes: {vv: {labels: {a: '{{.Foo}}'}}}", Services, "a swarm cannot expand `.Foo` in `volumes` of `a`"),
    ("networks: [n]", "networks: {n: {driver: bridge}}", Services, "`a` cannot join the network `n` on a swarm"),
    ("user: a", "networks: {default: {driver: macvlan}}", Services, "`a` cannot join the network `default` on a swarm"),
    ("networks: [n]", "networks: {n: {external: true, name: ingress}}", Services, "`a` cannot join the network `n` on a swarm"),
    ("networks: [n]", "networks: {n: {external: true, name: none}}", Services, "`a` cannot join the network `n` on a swarm"),
    ("networks: [n]", "networks: {n: {driver: host}}", Networks, "network `n` cannot have the driver `host`"),
    ("networks: [n]", "networks: {n: {name: a.b}}", Networks, "`a.b` is not a valid name of a network on a swarm"),
    ("networks: [n.m]", "networks: {n.m: {}}", Networks, "`s_n.m` is not a valid name of a network on a swarm"),
    ("networks: [n]", "networks: {n: {ipam: {config: [{subnet: foo}]}}}", Networks, "`foo` is not a valid subnet"),
    ("user: a", "secrets: {x: {file: f, name: 'a b'}}", Secrets, "`a b` is not a valid name of a secret"),
    ("user: a", "secrets: {x-: {file: f}}", Secrets, "`s_x-` is not a valid name of a secret"),
    ("networks: [N, n]", "networks: {N: {}, n: {}}", Networks, "the name of `n` differs from that of `N` in case alone"),
    ("networks: [n, m]", "networks: {n: {name: x}, m: {name: X}}", Networks, "the name of `n` differs from that of `m` in case alone"),
    ("user: a", "secrets: {X: {file: f}, x: {file: f}}", Secrets, "the name of `x` differs from that of `X` in case alone"),
    ("user: a", "configs: {X: {file: LICENSE-MIT}, x: {file: LICENSE-MIT}}", Configs, "the name of `x` differs from that of `X` in case alone"),
    ("user: a", "  A: {image: 'a:1'}", Services, "the name of `a` differs from that of `A` in case alone"),
    ("user: a", "configs: {x: {file: LICENSE-MIT, name: a/b}}", Configs, "`a/b` is not a valid name of a config"),
];

#[test]
fn what_is_refused_is_found_with_the_step_that_fails() {
    for (fields, rest, step, message) in REFUSED {
        let found = refused(&service(fields, rest));
        assert_eq!(found, [(*step, (*message).to_owned())], "{fields} {rest}");
    }
}

/// Each was deployed to the same swarm.
const TAKEN: &[(&str, &str)] = &[
    ("networks: {n: {aliases: [a]}}", "networks: {n: {}}"),
    (
        "configs: [{source: x, target: t}, {source: y, target: /t}]",
        "configs: {x: {external: true}, y: {external: true}}",
    ),
    ("deploy: {endpoint_mode: DNSRR}", ""),
    (
        "deploy: {endpoint_mode: dnsrr}, ports: [{target: 80, published: 81, mode: host}]",
        "",
    ),
    (
        "deploy: {resources: {limits: {memory: '0', cpus: '0', pids: -1}}}",
        "",
    ),
    (
        "deploy: {resources: {limits: {memory: 4M, cpus: '0.001'}}}",
        "",
    ),
    (
        "deploy: {mode: replicated-job, rollback_config: {parallelism: 1}}",
        "",
    ),
    (
        "deploy: {rollback_config: {delay: -1s, max_failure_ratio: 2, failure_action: rollback}}",
        "",
    ),
    (
        "deploy: {placement: {constraints: [node.foo == a, node.labels.a == b c]}}",
        "",
    ),
    ("healthcheck: {disable: true, interval: 1us}", ""),
    ("healthcheck: {test: a, interval: 0s}", ""),
    ("ports: ['81:80', '81:80/udp', '80', '80/udp']", ""),
    ("restart: 'always:2'", ""),
    (
        "deploy: {replicas: '${P:-2}', resources: {limits: {memory: '${M:-10M}', cpus: '${C:-1}'}}}, read_only: '${R:-true}'",
        "",
    ),
    (
        "ulimits: {nofile: '${N:-5}', nproc: {soft: '${N:-5}', hard: 6}}, hostname: '${H:-a}'",
        "",
    ),
    (
        "restart: foo, deploy: {restart_policy: {condition: any}}",
        "",
    ),
    (
        "environment: {A: '{{.Node.Hostname}}', B: '$X {{.Foo', C: '{{\"x\"}}'}, labels: {a: '{{.Foo}}'}",
        "",
    ),
    ("user: a", "networks: {n: {driver: bridge, name: a.b}}"),
    (
        "networks: [n]",
        "networks: {n: {external: true, name: bridge}}",
    ),
    (
        "user: a",
        "configs: {x: {file: LICENSE-MIT, name: a.b_c-d}, y: {external: true, name: a b}}",
    ),
];

#[test]
fn what_is_taken_is_not_found() {
    for (fields, rest) in TAKEN {
        let found = refused(&service(fields, rest));
        let found: Vec<_> = found
            .iter()
            .filter(|(_, message)| !message.contains("`$X"))
            .collect();
        assert!(found.is_empty(), "{fields} {rest}: {found:?}");
    }
}

#[test]
fn a_service_has_a_valid_image() {
    let of = |fields: &str| refused(&format!("services: {{a: {{{fields}}}}}\n"));
    assert_eq!(of("build: ."), [(File, "`a` has no image".to_owned())]);
    for image in [
        "acme/Shop:1.0", "a b", ":x", "a:", "a/-b", "a@sha256:00", "https://a/b",
    ] {
        let expected = format!("`{image}` is not a valid image");
        assert_eq!(of(&format!("image: '{image}'")), [(File, expected)]);
    }
    let digest = format!("a@sha256:{}", "0".repeat(64));
    for image in [
        "my_org/a__b--c.d:V1",
        "localhost:5000/a/b",
        "Reg.example/a",
        "[::1]:80/a",
        &digest,
        "a:${TAG}",
    ] {
        let found: Vec<_> = of(&format!("image: '{image}'"));
        assert!(
            found.iter().all(|(_, message)| !message.contains("image")),
            "{found:?}"
        );
    }
}

#[test]
fn names_are_those_on_the_swarm() {
    let named = |name: &str| refused(&format!("services: {{{name}: {{image: 'a:1'}}}}\n"));
    for name in ["a.b", "a_"] {
        let expected = format!("`{name}` is not a valid name of a service on a swarm");
        assert_eq!(named(name), [(Services, expected)]);
    }
    // Together with that of the stack, 63 characters.
    assert_eq!(named(&"a".repeat(61)), []);
    assert_eq!(named(&"a".repeat(62)).len(), 1);
    let secret = |name: &str| {
        let secrets = format!("secrets: {{x: {{file: f, name: {name}}}}}\n");
        refused(&service("user: a", &secrets)).len()
    };
    assert_eq!((secret(&"a".repeat(64)), secret(&"a".repeat(65))), (0, 1));
}

#[test]
fn a_file_has_a_version_that_knows_its_fields() {
    let of = |version: &str, fields: &str, rest: &str| -> Vec<String> {
        let file = format!("version: '{version}'\n{}", service(fields, rest));
        refused(&file)
            .into_iter()
            .map(|(_, message)| message)
            .collect()
    };
    for version in ["2.4", "3.14", "3.07", "4", "abc", "3.7.1"] {
        let message = format!("a stack cannot have the version `{version}`");
        assert_eq!(of(version, "user: a", ""), [message]);
    }
    for version in ["", "3", "3.0", "3.13"] {
        assert_eq!(of(version, "user: a", ""), [""; 0], "{version}");
    }
    let fields = "init: true, ports: ['80', {target: 81}], x-a: b";
    let found = [
        "a stack of version 3.1 cannot have `ports.target`",
        "a stack of version 3.1 cannot have `init`",
        "a stack of version 3.1 cannot have `x-a`",
    ];
    assert_eq!(of("3.1", fields, ""), found);
    assert_eq!(
        of("3.6", fields, ""),
        found[1..]
            .iter()
            .map(|one| one.replace("3.1", "3.6"))
            .collect::<Vec<_>>()
    );
    assert_eq!(of("3.7", fields, ""), [""; 0]);
    assert_eq!(of("3", fields, ""), [""; 0]);
    let rest = "configs: {c: {file: LICENSE-MIT}}";
    let message = "a stack of version 3.2 cannot have `configs`";
    assert_eq!(of("3.2", "user: a", rest), [message]);
}
