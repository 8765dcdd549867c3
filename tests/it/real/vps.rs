//! Staging and prod: the stack of the VPS, with the models on the machine beside it.

use std::process::Command;
use std::thread;

use serde_json::Value;

use super::stack::{Stack, TAG, changes_are_found, listening};
use super::world::{Answer, From, INTERNET, MODELS, PUBLIC, UPGRADE, World, furnish};
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
    /// Where those of the other one are.
    others_models: &'static str,
}

const STAGING: Environment = Environment {
    name: "staging",
    private: "10.20.0.3",
    ops: "staging.dashboard.nata.onl",
    pulse: "staging.natapulse.com",
    models: "ollama-staging:11435",
    others_models: "ollama-prod:11434",
};

const PROD: Environment = Environment {
    name: "prod",
    private: "10.20.0.2",
    ops: "dashboard.nata.onl",
    pulse: "natapulse.com",
    models: "ollama-prod:11434",
    others_models: "ollama-staging:11435",
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
    let (models, stack) = thread::scope(|scope| {
        let stack = scope.spawn(|| Stack::start(&outside, &project.path(&STAGING.output("vps"))));
        let models = Stack::start(&beside, &project.path(&STAGING.output("mac")));
        (models, stack.join().unwrap())
    });
    domains_answer(&world, &STAGING);
    every_target_is_up(&stack);
    only_callers_reach_the_models(&world, &stack, &STAGING);
    stack.is_confined();
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
    let (models, _others, stack) = thread::scope(|scope| {
        let stack = scope.spawn(|| Stack::start(&outside, &project.path(&PROD.output("vps"))));
        let start = |one: &Environment| Stack::start(&beside, &project.path(&one.output("mac")));
        (start(&PROD), start(&STAGING), stack.join().unwrap())
    });

    stack.is_confined();
    models.is_confined();
    domains_answer(&world, &PROD);
    every_target_is_up(&stack);
    only_callers_reach_the_models(&world, &stack, &PROD);
    // The machine with the models listens where the specs say, and nowhere else.
    assert_eq!(
        listening(outside.setting("COMPOSEGEN_DOCKER_26_B_NETNS")),
        ["10.20.0.5:11434", "10.20.0.5:11435"]
            .map(str::to_owned)
            .into()
    );
    stack.secrets_are_read_by_those_that_have_them(&SECRETS, |name| PROD.secret(name));
    changes_are_found(&outside, &BY_HAND, || {
        PROD.drift(&project, &outside).findings
    });
    a_rollback_is_found(&project, &stack);
    data_is_kept(&world, &stack);
}

/// Certificates, routes, and who may see the private domain.
fn domains_answer(world: &World, environment: &Environment) {
    let own = format!("<p>nata_{}</p>", environment.name);
    // Caddy has got its certificates from an authority that it found by name, and that saw it at both domains.
    let page = world.https(From::Internet, environment.pulse, "/", "{}");
    assert_eq!((page.status, page.release.as_str()), (200, "pulse-web"));
    // What the API says is on the page.
    let row = "<li>pulse-api: /api/pulse</li>";
    assert!(
        page.body.contains(&own) && page.body.contains(row),
        "{page:?}"
    );
    let answer = world.https(From::Internet, environment.pulse, "/api/x", "{}");
    assert_eq!(echoed(&answer), ("pulse-api".to_owned(), Value::Null));
    let answer = world.https(From::Internet, environment.pulse, "/ws/x", "{}");
    assert_eq!(
        (answer.status, answer.release.as_str()),
        (404, "ws-gateway")
    );
    assert_eq!(
        world
            .https(From::Internet, environment.pulse, "/ws/x", UPGRADE)
            .status,
        101
    );
    for path in ["/", "/api/incidents", "/ws/x", "/api/auth/sign-in"] {
        let answer = world.https(From::Internet, environment.ops, path, "{}");
        assert_eq!(
            (answer.status, answer.release.as_str(), answer.body.as_str()),
            (403, "", ""),
            "{path}: {answer:?}"
        );
    }

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
    let signed_in = format!("{{ headers: {{ cookie: '{session}' }} }}");
    add_incident(world, environment, &session);
    let row = format!("inc-9: Kept by {}", environment.name);
    let page = world.https(From::Office, environment.ops, "/", &signed_in);
    assert_eq!((page.status, page.release.as_str()), (200, "ops-web"));
    assert!(
        page.body.contains(&own) && page.body.contains(&row),
        "{page:?}"
    );
    let answer = world.https(From::Office, environment.ops, "/api/incidents", &signed_in);
    let rows: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, answer.release.as_str()), (200, "ops-api"));
    assert_eq!(
        (&rows[0]["id"], rows.as_array().unwrap().len()),
        (&Value::from("inc-9"), 1)
    );
    let answer = world.https(From::Office, environment.ops, "/ws/x", &signed_in);
    assert_eq!(
        (answer.status, answer.release.as_str()),
        (404, "ws-gateway")
    );

    // Who somebody is, is said by ops-api, not by whoever asks: not with a session, not on a path that is open to all, and
    // not at a domain where nobody signs in.
    let forged = "'X-Auth-User': 'root'";
    let with_session = format!("{{ headers: {{ cookie: '{session}', {forged} }} }}");
    let without = format!("{{ headers: {{ {forged} }} }}");
    for (from, domain, path, more, user) in [
        (
            From::Office,
            environment.ops,
            "/api/x",
            &with_session,
            Value::from("operator"),
        ),
        (
            From::Office,
            environment.ops,
            "/api/auth/x",
            &without,
            Value::Null,
        ),
        (
            From::Internet,
            environment.pulse,
            "/api/x",
            &without,
            Value::Null,
        ),
    ] {
        let answer = world.https(from, domain, path, more);
        assert_eq!(echoed(&answer).1, user, "{domain}{path}");
    }
}

/// The service that answered, and who it takes the client for.
fn echoed(answer: &Answer) -> (String, Value) {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    assert_eq!(
        (answer.status, &body["release"]),
        (200, &Value::from(answer.release.as_str())),
        "{answer:?}"
    );
    (answer.release.clone(), body["user"].clone())
}

/// Writes a row to the database, by the API.
fn add_incident(world: &World, environment: &Environment, session: &str) {
    let title = format!("Kept by {}", environment.name);
    let incident =
        format!(r#"{{"id":"inc-9","title":"{title}","severity":"low","status":"open"}}"#);
    let more =
        format!("{{ method: 'POST', headers: {{ cookie: '{session}' }}, body: '{incident}' }}");
    let answer = world.https(From::Office, environment.ops, "/api/incidents", &more);
    assert_eq!(
        (answer.status, answer.release.as_str()),
        (201, "ops-api"),
        "{answer:?}"
    );
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
        thread::sleep(std::time::Duration::from_secs(1));
    }
    panic!("{last:#}");
}

/// Services on a network with a way out reach the outside and the others do not; only those that call the models know where
/// they are.
fn only_callers_reach_the_models(world: &World, stack: &Stack<'_>, environment: &Environment) {
    let (_, port) = environment.models.split_once(':').unwrap();
    let (_, others) = environment.others_models.split_once(':').unwrap();
    let by_address = format!("http://{MODELS}:{port}/api/tags");
    let urls = [
        format!("http://{}/api/tags", environment.models),
        format!("http://{INTERNET}/"),
        // A network that leads out leads wherever its machine reaches, so by address any service on one finds the models of
        // both environments, as far as they run. That is for the firewall of the machine with the models to refuse.
        by_address.clone(),
        format!("http://{MODELS}:{others}/api/tags"),
        // Those of the other environment have no name here.
        format!("http://{}/api/tags", environment.others_models),
    ];
    let are_others_up = environment.name == PROD.name;
    let config = stack.config();
    let services = config["services"].as_object().unwrap();
    let reached = thread::scope(|scope| {
        let urls = &urls;
        let asked = services.keys().map(|service| {
            scope.spawn(move || {
                let answers = urls.iter().map(|url| {
                    let ask = format!("timeout 4 wget -q -T 3 -O /dev/null {url} && echo yes");
                    stack.shell(service, &ask) == "yes"
                });
                (service.as_str(), answers.collect::<Vec<_>>())
            })
        });
        let asked: Vec<_> = asked.collect();
        asked
            .into_iter()
            .map(|one| one.join().unwrap())
            .collect::<Vec<_>>()
    });
    let calls = ["orchestrator", "worker-ingest", "worker-reports"];
    for (service, found) in reached {
        let networks = services[service]["networks"].as_object().unwrap();
        let is_out = networks
            .keys()
            .any(|network| config["networks"][network]["internal"] != true);
        let is_a_caller = calls.contains(&service);
        let expected = [is_a_caller, is_out, is_out, is_out && are_others_up, false];
        assert_eq!(found, expected, "{service}: {urls:?}");
    }
    let out = services.keys().filter(|service| {
        let networks = services[service.as_str()]["networks"].as_object().unwrap();
        networks.contains_key("edge") || networks.contains_key("egress")
    });
    let out: Vec<&str> = out.map(String::as_str).collect();
    assert_eq!(
        out,
        [
            "caddy", "orchestrator", "worker-alerts", "worker-ingest", "worker-reports"
        ]
    );

    // From the Internet nobody gets there, although the machine of the stack is a way into the private network.
    let at_the_stack = format!("http://{PUBLIC}:{port}/api/tags");
    let private = format!("http://{}:{port}/api/tags", environment.private);
    for url in [&by_address, &at_the_stack, &private] {
        assert!(!world.reaches(From::Internet, url), "{url}");
    }
    assert!(world.reaches(From::Internet, &format!("http://{PUBLIC}/")));
}

/// Stores of the stack, by what a client of each writes and reads. The first argument of each script is `write` or `read`.
const STORES: [(&str, &str, &str); 3] = [
    (
        "qdrant",
        "ops-api",
        "const at = 'http://qdrant:6333/collections/kept', headers = { 'content-type': 'application/json', \
           'api-key': fs.readFileSync('/run/secrets/qdrant_api_key', 'utf8') };\
         const send = (method, path, body) => fetch(at + path, { method, headers, body: JSON.stringify(body) }).then((r) => r.json());\
         if (process.argv[1] === 'write') { await send('PUT', '', { vectors: { size: 2, distance: 'Cosine' } });\
           await send('PUT', '/points?wait=true', { points: [{ id: 7, vector: [1, 0], payload: { kept: 'yes' } }] }); }\
         console.log((await send('POST', '/points/query', { query: [1, 0], limit: 1 })).result?.points[0]?.payload.kept);",
    ),
    (
        "minio",
        "ops-api",
        "const login = 'nata:' + fs.readFileSync('/run/secrets/minio_root_password', 'utf8');\
         const headers = { authorization: 'Basic ' + Buffer.from(login).toString('base64') };\
         const send = (method, path, body) => fetch('http://minio:9000/kept' + path, { method, headers, body });\
         if (process.argv[1] === 'write') { await send('PUT', ''); await send('PUT', '/object', 'yes'); }\
         console.log(await (await send('GET', '/object')).text());",
    ),
    (
        "loki",
        "scheduler",
        "const at = 'http://loki:3100/loki/api/v1/', line = [`${Date.now()}000000`, 'yes'];\
         const body = JSON.stringify({ streams: [{ stream: { job: 'kept' }, values: [line] }] });\
         if (process.argv[1] === 'write') await fetch(at + 'push', { method: 'POST', headers: { 'content-type': 'application/json' }, body });\
         const found = await fetch(at + 'query_range?query=' + encodeURIComponent('{job=\"kept\"}')).then((r) => r.json());\
         console.log(found.data.result[0]?.values[0]?.[1]);",
    ),
];

/// What is written is there after `down` and `up`, in every store, and all of the stack is healthy and answers again.
fn data_is_kept(world: &World, stack: &Stack<'_>) {
    let redis = |command: &str| {
        let script =
            format!("REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli {command}");
        stack.shell("redis", &script)
    };
    let store = |service: &str, script: &str, verb: &str| {
        let script = format!("const fs = require('node:fs'); (async () => {{ {script} }})()");
        let output = stack.inside(service, &["node", "-e", &script, verb]);
        let said =
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
        said.trim().to_owned()
    };
    // How often Prometheus had found itself up at a time.
    let now = succeed(Command::new("date").arg("+%s"));
    let samples = || {
        let url = format!(
            "http://127.0.0.1:9090/api/v1/query?query=count_over_time(up%7Bjob=%22redis%22%7D%5B10m%5D)%20or%20count_over_time(up%7Bjob=%22caddy%22%7D%5B10m%5D)&time={}",
            now.trim()
        );
        let answer = stack.shell("prometheus", &format!("wget -q -O - '{url}'"));
        let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
        let value = answer["data"]["result"][0]["value"][1].as_str();
        value
            .and_then(|count| count.parse::<u64>().ok())
            .unwrap_or_default()
    };
    assert_eq!(redis("SET kept yes"), "OK");
    for (name, from, script) in STORES {
        assert_ne!(store(from, script, "read"), "yes", "{name}");
        assert_eq!(store(from, script, "write"), "yes", "{name}");
    }
    let scraped = samples();
    assert!(scraped > 0);
    let certificate = "cat /data/caddy/certificates/acme-v02.api.letsencrypt.org-directory/natapulse.com/natapulse.com.crt";
    let before = stack.shell("caddy", certificate);
    assert!(before.contains("BEGIN CERTIFICATE"), "{before}");

    succeed(&mut stack.compose(&["down", "--timeout", "10"]));
    stack.up();
    assert_eq!(redis("GET kept"), "yes");
    for (name, from, script) in STORES {
        assert_eq!(store(from, script, "read"), "yes", "{name}");
    }
    assert_eq!(samples(), scraped);
    assert_eq!(stack.shell("caddy", certificate), before);
    let more = format!("{{ headers: {{ cookie: '{}' }} }}", sign_in(world, &PROD));
    let page = world.https(From::Office, PROD.ops, "/", &more);
    assert!(
        page.status == 200 && page.body.contains("inc-9: Kept by prod"),
        "{page:?}"
    );
    let page = world.https(From::Internet, PROD.pulse, "/", "{}");
    assert!(
        page.status == 200 && page.body.contains("/api/pulse"),
        "{page:?}"
    );
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

/// The usual rollback, an older tag for everything: drift names each service that runs another image than the file asks for now,
/// and nothing else.
fn a_rollback_is_found(project: &Project, stack: &Stack<'_>) {
    const OLD: &str = "0.9.0";
    stack.tag_images(OLD);
    let up = ["up", "--detach", "--timeout", "2"];
    succeed(stack.compose(&up).env("NATA_TAG", OLD));
    let report = PROD.drift(project, stack.outside);
    let own = stack.config();
    let own = own["services"].as_object().unwrap().iter();
    let own = own.filter_map(|(service, definition)| {
        let image = definition["image"].as_str().unwrap();
        Some((service.as_str(), image.strip_suffix(TAG)?.to_owned()))
    });
    let own: Vec<_> = own.collect();
    assert_eq!(own.len(), 10, "{own:?}");
    let found = report.findings.iter().map(|finding| {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        [
            "code", "resource", "field", "expected", "observed", "after_up", "severity",
        ]
        .map(text)
    });
    let expected = own.iter().map(|(service, image)| {
        let (now, old) = (format!("{image}{TAG}"), format!("{image}{OLD}"));
        [
            "service-image",
            *service,
            "image",
            now.as_str(),
            old.as_str(),
            "heals",
            "drift",
        ]
        .map(str::to_owned)
    });
    assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    stack.up();
    PROD.drift(project, stack.outside).is_in_sync();
}
