//! Staging and prod: the stack of the VPS, with the models on the machine beside it.

use std::process::Command;

use serde_json::Value;

use super::stack::{Stack, TAG};
use super::world::{From, INTERNET, MODELS, World, furnish};
use crate::drift::report::Report;
use crate::judges::rendered;
use crate::outside::{Outside, succeed};
use crate::project::Project;

/// What differs between the two.
struct Environment {
    name: &'static str,
    /// The address of its VPS in the private network.
    private: &'static str,
    ops: &'static str,
    pulse: &'static str,
    models: &'static str,
}

const STAGING: Environment = Environment {
    name: "staging",
    private: "10.20.0.3",
    ops: "staging.dashboard.nata.onl",
    pulse: "staging.natapulse.com",
    models: "ollama-staging:11435",
};

const PROD: Environment = Environment {
    name: "prod",
    private: "10.20.0.2",
    ops: "dashboard.nata.onl",
    pulse: "natapulse.com",
    models: "ollama-prod:11434",
};

const SECRETS: [&str; 6] = [
    "channel_token",
    "minio_root_password",
    "postgres_password",
    "qdrant_api_key",
    "redis_password",
    "session_key",
];

impl Environment {
    /// What a secret holds here.
    fn secret(&self, name: &str) -> String {
        format!("of-{}-{name}", self.name)
    }

    fn output(&self, machine: &str) -> String {
        format!("generated/compose/{machine}.{}.yml", self.name)
    }

    /// Secrets and folders of its machines, with the owners and modes that docs/specs.md asks for.
    fn furnish(&self, outside: &Outside) {
        let folder = format!("/srv/nata/{}", self.name);
        let secrets = SECRETS
            .map(|name| format!("printf %s {} >{name}; chmod 444 {name};", self.secret(name)));
        let secrets = secrets.concat();
        let script = format!(
            "mkdir -p {folder}/secrets; chmod 700 {folder}/secrets; cd {folder}/secrets; {secrets}"
        );
        furnish(outside, "COMPOSEGEN_ENGINE_NETNS", &script);
        let script = format!("mkdir -p {folder}/ollama_models");
        furnish(outside, "COMPOSEGEN_DOCKER_26_B_NETNS", &script);
    }

    fn drift(&self, project: &Project, outside: &Outside) -> Report {
        let host = format!("vps-{}", self.name);
        let arguments = [
            "drift",
            &host,
            "--changes",
            "--docker",
            outside.url(),
            "--format",
            "json",
        ];
        let ran = project.run_with(&arguments, &[("NATA_TAG", TAG)]);
        Report::read(ran, "")
    }
}

#[test]
#[ignore = "needs the images of real software: make test-real"]
fn staging_works_and_is_as_its_spec_says() {
    let outside = Outside::real();
    let project = rendered();
    let world = World::around(&outside, STAGING.private, &[STAGING.ops, STAGING.pulse]);
    STAGING.furnish(&outside);
    let beside = outside.other("COMPOSEGEN_DOCKER_26_B");
    let models = Stack::start(&beside, &project.path(&STAGING.output("mac")));
    let stack = Stack::start(&outside, &project.path(&STAGING.output("vps")));
    domains_answer(&world, &STAGING);
    every_target_is_up(&stack);
    only_callers_reach_the_models(&stack, &STAGING);
    STAGING.drift(&project, &outside).is_in_sync();
    assert_eq!(stack.leaves(), [""; 0]);
    assert_eq!(models.leaves(), [""; 0]);
}

#[test]
#[ignore = "needs the images of real software: make test-real"]
fn prod_works_and_is_as_its_spec_says() {
    let outside = Outside::real();
    let project = rendered();
    let world = World::around(&outside, PROD.private, &[PROD.ops, PROD.pulse]);
    PROD.furnish(&outside);
    STAGING.furnish(&outside);
    let beside = outside.other("COMPOSEGEN_DOCKER_26_B");
    // The models of both run on one machine.
    let models = Stack::start(&beside, &project.path(&PROD.output("mac")));
    let _others = Stack::start(&beside, &project.path(&STAGING.output("mac")));
    let stack = Stack::start(&outside, &project.path(&PROD.output("vps")));

    stack.is_confined();
    models.is_confined();
    domains_answer(&world, &PROD);
    every_target_is_up(&stack);
    only_callers_reach_the_models(&stack, &PROD);
    secrets_are_read_by_those_that_have_them(&stack, &PROD);
    changes_by_hand_are_found(&project, &outside);
    data_is_kept(&world, &stack);
}

/// Certificates, routes, and who may see the private domain.
fn domains_answer(world: &World, environment: &Environment) {
    // Caddy has got its certificates from an authority that it found by name, and that saw it at both domains.
    for (path, release) in [
        ("/", "pulse-web"),
        ("/api/x", "pulse-api"),
        ("/ws/x", "ws-gateway"),
    ] {
        let answer = world.https(From::Internet, environment.pulse, path, "{}");
        assert_eq!(answer.release, release, "{path}: {answer:?}");
    }
    for path in ["/", "/api/incidents", "/ws/x", "/api/auth/sign-in"] {
        let answer = world.https(From::Internet, environment.ops, path, "{}");
        assert_eq!(
            (answer.status, answer.release.as_str()),
            (403, ""),
            "{path}: {answer:?}"
        );
    }
    let upgrade = "{ headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', \
                    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' } }";
    let answer = world.https(From::Internet, environment.pulse, "/ws/x", upgrade);
    assert_eq!(answer.status, 101, "{answer:?}");

    // Inside, whoever has no second factor reaches the sign-in alone.
    for path in ["/", "/api/incidents", "/ws/x"] {
        let answer = world.https(From::Office, environment.ops, path, "{}");
        assert_eq!(
            (answer.status, answer.release.as_str()),
            (401, "ops-api"),
            "{path}: {answer:?}"
        );
    }
    let wrong = world.https(
        From::Office,
        environment.ops,
        "/api/auth/sign-in",
        "{ method: 'POST', body: 'code=1' }",
    );
    assert_eq!(wrong.status, 401);
    let session = sign_in(world, environment);
    for (path, release) in [
        ("/", "ops-web"),
        ("/api/x", "ops-api"),
        ("/ws/x", "ws-gateway"),
    ] {
        let more = format!("{{ headers: {{ cookie: '{session}' }} }}");
        let answer = world.https(From::Office, environment.ops, path, &more);
        assert_eq!(answer.release, release, "{path}: {answer:?}");
    }
    // Who somebody is, is said by ops-api, not by whoever asks.
    let more = format!("{{ headers: {{ cookie: '{session}', 'x-auth-user': 'somebody-else' }} }}");
    let answer = world.https(From::Office, environment.ops, "/api/x", &more);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["user"], "operator");
}

fn sign_in(world: &World, environment: &Environment) -> String {
    let answer = world.https(
        From::Office,
        environment.ops,
        "/api/auth/sign-in",
        "{ method: 'POST', body: 'code=000000' }",
    );
    assert_eq!(answer.status, 204, "{answer:?}");
    answer.cookie.split(';').next().unwrap().to_owned()
}

/// Prometheus has scraped all that the spec says has metrics, and all of it is up.
fn every_target_is_up(stack: &Stack<'_>) {
    let mut last = Value::Null;
    for _ in 0..30 {
        let url = "http://127.0.0.1:9090/api/v1/targets?state=active";
        let listed = stack.inside("prometheus", &["wget", "-q", "-O", "-", url]);
        last = serde_json::from_slice(&listed.stdout).unwrap();
        let targets = last["data"]["activeTargets"].as_array().unwrap();
        if targets.iter().all(|target| target["health"] == "up") {
            let mut jobs: Vec<_> = targets
                .iter()
                .map(|target| target["labels"]["job"].as_str().unwrap())
                .collect();
            jobs.sort_unstable();
            assert_eq!(
                jobs,
                [
                    "caddy", "loki", "minio", "ops-api", "orchestrator", "prometheus", "pulse-api",
                    "scheduler", "worker-alerts", "worker-ingest", "worker-reports", "ws-gateway"
                ]
            );
            return;
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    panic!("{last:#}");
}

/// What a service can reach: `yes`, or why not.
fn reaches(stack: &Stack<'_>, service: &str, url: &str) -> String {
    let script = format!(
        "fetch('{url}', {{ signal: AbortSignal.timeout(1500) }}).then(() => console.log('yes'), (e) => console.log(e.cause?.code ?? e.name))"
    );
    let output = stack.inside(service, &["node", "-e", &script]);
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Services on `egress` reach the outside and the others do not; only those that call the models know where they are.
fn only_callers_reach_the_models(stack: &Stack<'_>, environment: &Environment) {
    let outside = format!("http://{INTERNET}/");
    let (_, port) = environment.models.split_once(':').unwrap();
    let by_address = format!("http://{MODELS}:{port}/api/tags");
    let by_name = format!("http://{}/api/tags", environment.models);
    for service in ["orchestrator", "worker-ingest", "worker-reports"] {
        assert_eq!(reaches(stack, service, &by_name), "yes", "{service}");
        assert_eq!(reaches(stack, service, &outside), "yes", "{service}");
    }
    for service in [
        "ops-api", "pulse-api", "ws-gateway", "scheduler", "ops-web", "pulse-web",
    ] {
        for url in [&outside, &by_address, &by_name] {
            assert_ne!(
                reaches(stack, service, url),
                "yes",
                "{service} reaches {url}"
            );
        }
    }
    // It may call out, to the channels; nobody tells it where the models are.
    assert_eq!(reaches(stack, "worker-alerts", &outside), "yes");
    assert_ne!(reaches(stack, "worker-alerts", &by_name), "yes");
}

/// Every service can read its secrets as the user that it runs as, and has no others.
fn secrets_are_read_by_those_that_have_them(stack: &Stack<'_>, environment: &Environment) {
    let config: Value = serde_json::from_str(&succeed(
        &mut stack.compose(&["config", "--format", "json"]),
    ))
    .unwrap();
    for (service, definition) in config["services"].as_object().unwrap() {
        let own = definition["secrets"].as_array().into_iter().flatten();
        let own: Vec<_> = own
            .map(|secret| secret["source"].as_str().unwrap())
            .collect();
        for name in SECRETS {
            let read = stack.inside(service, &["cat", &format!("/run/secrets/{name}")]);
            let text = String::from_utf8(read.stdout).unwrap();
            let expected = own.contains(&name).then(|| environment.secret(name));
            assert_eq!(text, expected.unwrap_or_default(), "{service}: {name}");
        }
    }
}

/// What is written is there after `down` and `up`.
fn data_is_kept(world: &World, stack: &Stack<'_>) {
    let session = sign_in(world, &PROD);
    let incident = r#"{"id":"inc-9","title":"Kept","severity":"low","status":"open"}"#;
    let more =
        format!("{{ method: 'POST', headers: {{ cookie: '{session}' }}, body: '{incident}' }}");
    let answer = world.https(From::Office, PROD.ops, "/api/incidents", &more);
    assert_eq!(answer.status, 201, "{answer:?}");
    let redis = |command: &str| {
        let script =
            format!("REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli {command}");
        let output = stack.inside("redis", &["sh", "-c", &script]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(redis("SET kept yes"), "OK");
    let certificate = [
        "cat",
        "/data/caddy/certificates/acme-v02.api.letsencrypt.org-directory/natapulse.com/natapulse.com.crt",
    ];
    let before = stack.inside("caddy", &certificate);
    assert!(before.status.success());

    succeed(&mut stack.compose(&["down", "--timeout", "10"]));
    succeed(&mut stack.compose(&[
        "up", "--detach", "--wait", "--wait-timeout", "60", "postgres", "redis",
    ]));
    let query = "SELECT title FROM incidents WHERE id = 'inc-9'";
    let row = stack.inside(
        "postgres",
        &["psql", "-U", "nata", "-d", "nata_prod", "-Atc", query],
    );
    assert_eq!(String::from_utf8(row.stdout).unwrap().trim(), "Kept");
    assert_eq!(redis("GET kept"), "yes");
    succeed(&mut stack.compose(&["up", "--detach", "--no-deps", "caddy"]));
    assert_eq!(stack.inside("caddy", &certificate).stdout, before.stdout);
}

/// What an operator really does by hand on such a machine, how it is undone, and what `drift --changes` finds of it. Where
/// nothing is found, docs/drift.md says why nobody could from outside.
const BY_HAND: [(&str, &str, &[&str]); 12] = [
    // A setting of the database, which is in its volume.
    (
        "docker exec nata-prod-postgres-1 psql -qU nata -d nata_prod -c \"ALTER SYSTEM SET work_mem='64MB'\"",
        "docker exec nata-prod-postgres-1 psql -qU nata -d nata_prod -c 'ALTER SYSTEM RESET work_mem'",
        &[],
    ),
    // A setting of a process, in its memory.
    (
        "docker exec nata-prod-redis-1 sh -c 'REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli CONFIG SET maxmemory 100mb'",
        "docker exec nata-prod-redis-1 sh -c 'REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli CONFIG SET maxmemory 0'",
        &[],
    ),
    // The private domain, opened in the container.
    (
        "docker exec nata-prod-caddy-1 sed -i s#10.20.0.0/24#0.0.0.0/0# /etc/caddy/Caddyfile",
        "docker exec nata-prod-caddy-1 sed -i s#0.0.0.0/0#10.20.0.0/24# /etc/caddy/Caddyfile",
        &["config-content caddy configs.caddyfile"],
    ),
    // A file for debugging, left in a container.
    (
        "docker exec nata-prod-caddy-1 sh -c 'echo here >/srv/debug.html'",
        "docker exec nata-prod-caddy-1 rm /srv/debug.html",
        &["container-changed caddy changes"],
    ),
    // More memory for a night.
    (
        "docker update --memory 512m --memory-swap 1g nata-prod-ws-gateway-1",
        "docker update --memory 256m --memory-swap 512m nata-prod-ws-gateway-1",
        &["service-config ws-gateway mem_limit"],
    ),
    // A container that is not to come back.
    (
        "docker update --restart no nata-prod-redis-1",
        "docker update --restart unless-stopped nata-prod-redis-1",
        &["service-config redis restart"],
    ),
    // A way to the database for somebody's laptop.
    (
        "docker run --detach --name helper --network nata-prod_internal composegen-real/node sleep 1000",
        "docker rm --force helper",
        &["network-foreign helper networks"],
    ),
    // A port, opened beside the project.
    (
        "docker run --detach --name helper --publish 0.0.0.0:15432:5432 composegen-real/node sleep 1000",
        "docker rm --force helper",
        &["port-foreign helper ports"],
    ),
    // A service that should call out, and was not allowed to.
    (
        "docker network connect nata-prod_egress nata-prod-scheduler-1",
        "docker network disconnect nata-prod_egress nata-prod-scheduler-1",
        &["network-attached scheduler networks"],
    ),
    // A rollback by tag: the image that runs is not the one that the tag names now.
    (
        "docker tag ghcr.io/nata-onl/ops-web:1.0.0 kept:1 && docker tag composegen-real/app ghcr.io/nata-onl/ops-web:1.0.0",
        "docker tag kept:1 ghcr.io/nata-onl/ops-web:1.0.0 && docker rmi kept:1",
        &["service-image ops-web image"],
    ),
    // Restarted by hand: it is the same container, which runs what it should.
    ("docker restart --time 1 nata-prod-scheduler-1", "true", &[]),
    (
        "docker stop --time 1 nata-prod-worker-alerts-1",
        "docker start nata-prod-worker-alerts-1",
        &["service-stopped worker-alerts state"],
    ),
];

fn changes_by_hand_are_found(project: &Project, outside: &Outside) {
    let found = || {
        let report = PROD.drift(project, outside);
        let findings = report.findings.iter().map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or_default();
            format!("{} {} {}", text("code"), text("resource"), text("field"))
        });
        findings.collect::<Vec<_>>()
    };
    let run = |line: &str| {
        let mut shell = Command::new("sh");
        for (name, value) in outside.docker(&[]).get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        succeed(shell.args(["-ec", line]));
    };
    assert_eq!(found(), [""; 0]);
    for (done, undone, expected) in BY_HAND {
        run(done);
        assert_eq!(found(), expected, "{done}");
        run(undone);
    }
    assert_eq!(found(), [""; 0]);
}
