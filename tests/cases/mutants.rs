//! One edit of the specs or templates of this repository, and the rule that finds it at its line.
//!
//! A mutant that makes a catalog unusable is refused by every command, at its line; then the message is
//! given instead of the code.

use libtest_mimic::Trial;

use crate::checked::{self, codes};
use crate::project::Project;

/// What catches a mutant.
enum By {
    /// A rule, by its code, with a finding whose place is on a line that holds the text.
    Rule(&'static str, &'static str),
    /// A message of every command, shown at a line that holds the text.
    Refusal(&'static str, &'static str),
}

use By::{Refusal, Rule};

/// The file, the text to replace, its replacement, and what catches that.
type Mutant = (&'static str, &'static str, &'static str, By);

const CATALOG: &str = "environments/catalog.yaml";
const LOCAL: &str = "environments/local.yaml";
const PREVIEW: &str = "environments/preview.yaml";
const STAGING: &str = "environments/staging.yaml";
const PROD: &str = "environments/prod.yaml";
const APP: &str = "templates/services/app.yml.j2";
const SERVICE: &str = "templates/service.yml.j2";
const MOCK: &str = "templates/services/mock.yml.j2";
const BASE: &str = "templates/compose/base.yml.j2";

const MUTANTS: &[Mutant] = &[
    // Invented data.
    (
        "fixtures/api.json",
        "An example of a headline",
        "Write to ada@nowhere.dev",
        Rule("unscrubbed-fixture", "nowhere.dev"),
    ),
    (
        "fixtures/postgres.sql",
        "'Another one'",
        "'See staging.dashboard.nata.onl'",
        Rule("unscrubbed-fixture", "staging.dashboard"),
    ),
    (
        "fixtures/qdrant/points.json",
        "Example sensor is silent",
        "Call +49 151 23456789",
        Rule("unscrubbed-fixture", "+49 151"),
    ),
    (
        "fixtures/qdrant/points.json",
        "\"title\": \"Example sensor is silent\"",
        "\"password\": \"hunter2secret\"",
        Rule("unscrubbed-fixture", "hunter2secret"),
    ),
    (
        "fixtures/postgres.sql",
        "INSERT INTO pulse",
        "ALTER USER nata PASSWORD 's3cr3tpw9';\nINSERT INTO pulse",
        Rule("unscrubbed-fixture", "PASSWORD"),
    ),
    (
        "fixtures/postgres.sql",
        "'Another one'",
        "'See api.nata.onl'",
        Rule("unscrubbed-fixture", "api.nata.onl"),
    ),
    (
        "fixtures/postgres.sql",
        "'Another one'",
        "'http://8.8.8.8:8080/x'",
        Rule("unscrubbed-fixture", "8.8.8.8"),
    ),
    (
        "templates/configs/mock-ws.mjs.j2",
        "type: \"hello\"",
        "type: \"hello\", from: \"ada@nowhere.dev\"",
        Rule("unscrubbed-fixture", "nowhere.dev"),
    ),
    (
        "templates/compose/vps.yml.j2",
        "configs:\n",
        "configs:\n  rows:\n    content: {{ fixture(\"api.json\") }}\n",
        Rule("misplaced-fixture", "content"),
    ),
    // What is published, and to whom.
    (
        LOCAL,
        "127.0.0.1:3000:3000",
        "0.0.0.0:3000:3000",
        Rule("loopback-only", "0.0.0.0:3000"),
    ),
    (
        LOCAL,
        "127.0.0.1:5432:5432",
        "[::]:5432:5432",
        Rule("loopback-only", "[::]:5432"),
    ),
    (
        PREVIEW,
        "127.0.0.1:20000-24999:3000",
        "0.0.0.0:20000-24999:3000",
        Rule("loopback-only", "0.0.0.0:20000"),
    ),
    (
        PROD,
        "ports: { caddy: [",
        "ports: { postgres: [\"10.20.0.2:5432:5432\"], caddy: [",
        Rule("undeclared-port", "10.20.0.2:5432"),
    ),
    (
        PROD,
        "ports: { caddy: [",
        "ports: { orchestrator: [\"0.0.0.0:9464:9464\"], caddy: [",
        Rule("edge-only", "9464:9464"),
    ),
    (
        PROD,
        "ports: { caddy: [",
        "ports: { orchestrator: [\"10.20.0.2:9464:9464\"], caddy: [",
        Rule("undeclared-port", "9464:9464"),
    ),
    (
        STAGING,
        "private: [11435]",
        "private: [\"11436-11440\"]",
        Rule("undeclared-port", "10.20.0.5:11435"),
    ),
    (
        STAGING,
        "private: [11435]",
        "private: [11435, \"11436-11440\"]",
        Rule("unused-port", "11436-11440"),
    ),
    (
        PROD,
        "\"0.0.0.0:443:443\"]",
        "\"0.0.0.0:443:443\", \"0.0.0.0:8443:8443\"]",
        Rule("edge-only", "8443:8443"),
    ),
    (
        PROD,
        "10.20.0.5:11434:11434",
        "0.0.0.0:11434:11434",
        Rule("upstream-route", "0.0.0.0:11434"),
    ),
    (
        PROD,
        "10.20.0.5:11434:11434",
        "10.20.0.9:11434:11434",
        Refusal("has no address", "10.20.0.9"),
    ),
    (
        PROD,
        "public: [80, 443]",
        "public: [443]",
        Rule("edge-only", "0.0.0.0:80:80"),
    ),
    (
        PROD,
        "public: [80, 443]",
        "public: [80, 443, 9000]",
        Rule("unused-port", "9000]"),
    ),
    (
        PROD,
        "private: [11434] }",
        "private: [] }",
        Rule("undeclared-port", "10.20.0.5:11434"),
    ),
    (
        PROD,
        "reach: public, public: [80, 443]",
        "reach: private, public: [80, 443]",
        Rule("edge-only", "0.0.0.0:80:80"),
    ),
    (
        STAGING,
        "reach: public",
        "reach: loopback",
        Rule("loopback-only", "0.0.0.0:80:80"),
    ),
    (
        STAGING,
        "\"0.0.0.0:443:443\"]",
        "\"0.0.0.0:80:8080\"]",
        Rule("port-taken", "0.0.0.0:80:8080"),
    ),
    (
        CATALOG,
        "      public-port: The edge",
        "      public-prt: The edge",
        Rule("unused-allowance", "public-prt"),
    ),
    (
        CATALOG,
        "    allow:\n      public-port: The edge is the only way in from the internet, on the ports listed under isolation.\n",
        "    allow:\n",
        Rule("public-port", "0.0.0.0:80:80"),
    ),
    (
        CATALOG,
        "    role: edge",
        "    role: api",
        Rule("edge-only", "0.0.0.0:80:80"),
    ),
    // Ways out.
    (
        CATALOG,
        "    image: postgres:17.6\n    role: state\n    networks: [internal]",
        "    image: postgres:17.6\n    role: state\n    networks: [egress, internal]",
        Rule("needless-way-out", "networks: [egress, internal]"),
    ),
    (
        CATALOG,
        "internal: { internal: true } }",
        "internal: {} }",
        Rule("needless-way-out", "networks: [internal]"),
    ),
    (
        CATALOG,
        "    calls: [channels]",
        "    calls: []",
        Rule("needless-way-out", "networks: [egress, internal]"),
    ),
    (
        CATALOG,
        "    networks: [egress, internal]\n    needs: [postgres, qdrant, redis]",
        "    networks: [internal]\n    needs: [postgres, qdrant, redis]",
        Refusal("cannot call compute", "calls: [compute]"),
    ),
    // Namespaces, domains and secrets.
    (
        STAGING,
        "database: nata_staging",
        "database: nata_prod",
        Rule("namespace-shared", "database: nata_prod"),
    ),
    (
        STAGING,
        "vectors: nata_staging",
        "vectors: nata_prod",
        Rule("namespace-shared", "vectors: nata_prod"),
    ),
    (
        STAGING,
        "bucket: nata-staging",
        "bucket: nata-prod",
        Rule("namespace-shared", "bucket: nata-prod"),
    ),
    (
        STAGING,
        "queue: staging",
        "queue: prod",
        Rule("namespace-shared", "queue: prod"),
    ),
    (
        LOCAL,
        "bucket: nata-local",
        "bucket: nata-staging",
        Rule("namespace-shared", "bucket: nata-staging"),
    ),
    (
        PREVIEW,
        "database: nata_preview_<pr>",
        "database: nata_prod",
        Rule("preview-shares", "database: nata_prod"),
    ),
    (
        STAGING,
        "pulse: staging.natapulse.com",
        "pulse: natapulse.com",
        Rule("domain-shared", "pulse: natapulse.com"),
    ),
    (
        PREVIEW,
        "ops: pr-<pr>.preview",
        "ops: preview",
        Rule("preview-shares", "ops: preview"),
    ),
    (
        STAGING,
        "class: staging",
        "class: prod",
        Rule("secret-class", "class: prod"),
    ),
    (
        STAGING,
        "directory: /srv/nata/staging/secrets",
        "directory: /srv/nata/prod/secrets",
        Rule("secret-class", "/srv/nata/prod/secrets"),
    ),
    (
        STAGING,
        "directory: /srv/nata/staging/secrets",
        "directory: /srv/nata/prod/secrets/staging",
        Rule("secret-class", "/srv/nata/prod/secrets/staging"),
    ),
    (
        PREVIEW,
        "secrets: { class: none }",
        "secrets: { class: prod, directory: /srv/nata/prod/secrets }",
        Rule("secret-class", "class: prod"),
    ),
    (
        LOCAL,
        "secrets: { class: none }",
        "secrets: { class: staging, directory: /srv/x }",
        Rule("secret-class", "class: staging"),
    ),
    (
        LOCAL,
        "  postgres:\n    networks: [edge, internal]\n    secrets: []\n",
        "  postgres:\n    networks: [edge, internal]\n",
        Refusal("uses the secret", "secrets: [postgres_password]"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      API_KEY: hunter2hunter2",
        Rule("secret-in-environment", "API_KEY"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      COPY: postgres://nata:hunter2@db/x",
        Rule("literal-secret", "COPY: postgres"),
    ),
    (
        CATALOG,
        "product: nata",
        "# AKIAABCDEFGHIJKLMNOP\nproduct: nata",
        Rule("literal-secret", "# AKIA"),
    ),
    (
        APP,
        "DATABASE: {{ namespaces.database }}",
        "DATABASE: nata_prod",
        Rule("foreign-name", "DATABASE: nata_prod"),
    ),
    (
        APP,
        "BUCKET: {{ namespaces.bucket }}",
        "BUCKET: nata-staging",
        Rule("foreign-name", "BUCKET: nata-staging"),
    ),
    (
        APP,
        "QUEUE: {{ namespaces.queue }}",
        "QUEUE: prod",
        Rule("foreign-name", "QUEUE: prod"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      LINK: https://staging.natapulse.com/x",
        Rule("foreign-name", "LINK: https://staging.natapulse.com"),
    ),
    (
        "templates/configs/Caddyfile.j2",
        "admin localhost:2019",
        "admin localhost:2019\n\t# once natapulse.com and dashboard.nata.onl",
        Rule("foreign-name", "# once natapulse.com"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      PEER: http://10.20.0.2:8080",
        Rule("foreign-name", "PEER: http://10.20.0.2"),
    ),
    // Mock-first.
    (
        LOCAL,
        "channels: none",
        "channels: sandbox",
        Rule("mock-first", "channels: sandbox"),
    ),
    (
        PREVIEW,
        "health: mock",
        "health: live",
        Rule("mock-first", "health: live"),
    ),
    (
        CATALOG,
        "    role: mock\n",
        "    role: api\n",
        Rule("mock-first", "services: [mock-api"),
    ),
    // Mirror.
    (
        STAGING,
        "channels: sandbox",
        "channels: live",
        Rule("live-upstream", "channels: live"),
    ),
    (
        STAGING,
        "    stack: vps\n",
        "    stack: vps\n    services: [caddy, loki, minio, ops-api, ops-web, orchestrator, postgres, prometheus, pulse-api, pulse-web, qdrant, redis, scheduler, worker-alerts, worker-ingest, ws-gateway]\n",
        Rule("mirror", "vps-staging:"),
    ),
    (
        STAGING,
        "health: live\n",
        "health: live\nservices: { redis: { image: \"redis:7.4.6\" } }\n",
        Rule("mirror", "redis:7.4.6"),
    ),
    (
        STAGING,
        "health: live\n",
        "health: live\nservices: { scheduler: { needs: [redis] } }\n",
        Rule("mirror", "needs: [redis]"),
    ),
    (
        STAGING,
        "    stack: vps\n",
        "    stack: vps\n    volumes: { redis_data: { bind: /srv/nata/staging/redis } }\n",
        Rule("mirror", "bind: /srv/nata/staging/redis"),
    ),
    (
        STAGING,
        "    stack: vps\n",
        "    stack: vps\n    routes: { ops: { /ws/*: ops-api } }\n",
        Rule("mirror", "/ws/*: ops-api"),
    ),
    (
        STAGING,
        "what: volumes.ollama_models",
        "what: volumes.ollama_model",
        Rule("mirror", "volumes"),
    ),
    (
        STAGING,
        "what: volumes.ollama_models\n    reason: In prod, the models have their own disk; staging does not need a second one.\n",
        "what: volumes.ollama_models\n    reason: Prod's own disk.\n  - what: services.redis\n    reason: None.\n",
        Rule("mirror", "what: services.redis"),
    ),
    (
        SERVICE,
        "      interval: 15s",
        "      interval: {{ \"15s\" if environment == \"prod\" else \"60s\" }}",
        Rule("mirror", "interval:"),
    ),
    (
        APP,
        "      DATA: {{ data }}\n",
        "      DATA: {{ data }}\n      CHECKOUT: {{ \"new\" if environment == \"prod\" else \"old\" }}\n",
        Rule("mirror", "CHECKOUT: "),
    ),
    (
        SERVICE,
        "    deploy:\n",
        "    deploy:\n      replicas: {{ 2 if environment == \"prod\" else 1 }}\n",
        Rule("mirror", "replicas:"),
    ),
    (
        SERVICE,
        "    init: true\n",
        "    init: true\n{% if environment == \"prod\" %}\n    privileged: true\n{% endif %}\n",
        Rule("mirror", "vps-staging:"),
    ),
    (
        STAGING,
        "hosts:\n",
        "services:\n  redis: { limits: { memory: 2G } }\nhosts:\n",
        Rule("mirror", "memory:"),
    ),
    (
        SERVICE,
        "    labels:\n",
        "    labels:\n      tier: {{ \"gold\" if environment == \"prod\" else \"tin\" }}\n",
        Rule("mirror", "tier: "),
    ),
    // The models.
    (
        STAGING,
        "10.20.0.5:11435:11434",
        "10.20.0.5:11434:11434",
        Rule("upstream-route", "ollama-staging:11435"),
    ),
    (
        STAGING,
        "ollama-staging:11435",
        "ollama-prod:11435",
        Rule("upstream-route", "ollama-prod:11435"),
    ),
    (
        STAGING,
        "\"ollama-staging:11435\", served_by: mac-staging",
        "\"ollama-staging:11435\"",
        Rule("upstream-route", "ollama-staging:11435"),
    ),
    (
        STAGING,
        "[\"10.20.0.5:11435:11434\"]",
        "[\"10.20.0.5:11435:11434\", \"10.20.0.5:11434:11435\"]",
        Rule("port-taken", "11434:11435"),
    ),
    (
        PREVIEW,
        "    # The engine chooses",
        "    volumes: { data: {} }\n    # The engine chooses",
        Rule("unused-value", "volumes: { data"),
    ),
    // Access, retention, promotion.
    (
        PROD,
        "mfa: true",
        "mfa: false",
        Rule("private-access", "mfa: false"),
    ),
    (
        PROD,
        "access: { ops: { private: [10.20.0.0/24], mfa: true } }\n",
        "",
        Rule("private-access", "dashboard.nata.onl"),
    ),
    (
        PROD,
        "private: [10.20.0.0/24]",
        "private: [0.0.0.0/0]",
        Rule("private-access", "0.0.0.0/0"),
    ),
    (
        PROD,
        "retention: { metrics: 90d, logs: 30d }\n",
        "retention: { metrics: 90d, logs: 30d, traces: 5d }\n",
        Rule("retention", "metrics: 15d"),
    ),
    (
        PROD,
        "requires: [approval, journal]",
        "requires: [journal]",
        Rule("guarded-release", "requires: [journal]"),
    ),
    (
        PROD,
        "requires: [approval, journal]",
        "requires: [approval]",
        Rule("guarded-release", "requires: [approval]"),
    ),
    (
        PROD,
        "promotion: { from: release-candidate, requires: [approval, journal] }\n",
        "",
        Rule("guarded-release", "environment: prod"),
    ),
    (
        PROD,
        "from: release-candidate",
        "from: main",
        Rule("promotion-overlap", "from: main"),
    ),
    (
        STAGING,
        "from: main",
        "from: feature/x",
        Rule("promotion-overlap", "from: feature/"),
    ),
    // Previews.
    (
        PREVIEW,
        "127.0.0.1:20000-24999:3000",
        "127.0.0.1:20000:3000",
        Rule("preview-shares", "127.0.0.1:20000:3000"),
    ),
    (
        PREVIEW,
        "networks: { edge: {}, internal: { internal: true }",
        "networks: { edge: { subnet: 10.99.0.0/24 }, internal: { internal: true }",
        Rule("preview-shares", "10.99.0.0/24"),
    ),
    (
        PREVIEW,
        "project: nata-preview-<pr>",
        "project: nata-preview",
        Rule("preview-shares", "project: nata-preview"),
    ),
    (
        PREVIEW,
        "project: nata-preview-<pr>",
        "project: nata-preview-of-the-whole-of-a-very-long-name-<pr>",
        Rule("preview-names", "project: nata-preview-of"),
    ),
    (
        PREVIEW,
        "at_most: 15 ",
        "at_most: 16 ",
        Rule("preview-budget", "at_most: 16"),
    ),
    (
        PREVIEW,
        "20000-24999:3000",
        "20000-20009:3000",
        Rule("preview-budget", "20000-20009"),
    ),
    // What removing a preview takes along, or leaves behind.
    (
        PREVIEW,
        "hosts:\n",
        "hosts:\n  twin: { machine: vps-preview, docker: \"ssh://deploy@vps-preview\", project: \"nata-preview-1<pr>\", \
         template: compose/preview.yml.j2, output: \"twin-<pr>.yml\", services: [mock-api, mock-ws], \
         networks: { internal: { internal: true }, previews: { external: true, name: nata-previews } } }\n",
        Rule("preview-teardown", "project: nata-preview-<pr>"),
    ),
    (
        LOCAL,
        "hosts:\n",
        "hosts:\n  demo: { machine: vps-preview, docker: default, project: nata-preview-12, \
         template: compose/local.yml.j2, output: demo.yml, services: [mock-api, mock-ws], \
         networks: { edge: {}, internal: { internal: true } } }\n",
        Rule("preview-teardown", "project: nata-preview-12"),
    ),
    (
        LOCAL,
        "output: docker-compose.local.yml",
        "output: compose/preview.pr-7.yml",
        Rule("preview-teardown", "output: compose/preview.pr-7.yml"),
    ),
    (
        MOCK,
        "    configs:\n",
        "    stop_grace_period: 10m\n    configs:\n",
        Rule("preview-teardown", "stop_grace_period: 10m"),
    ),
    (
        "templates/services/ops-web.yml.j2",
        "{% block own_environment %}\n",
        "{% block configs %}\n{% if environment == \"preview\" %}\n    profiles: [web]\n{% endif %}\n{% endblock %}\n\
         {% block own_environment %}\n",
        Refusal(
            "`profiles` of service `ops-web` differs from its spec",
            "profiles: [web]",
        ),
    ),
    (
        MOCK,
        "    configs:\n",
        "    volumes_from: ['container:nata-x']\n    configs:\n",
        Rule("preview-teardown", "container:nata-x"),
    ),
    (
        MOCK,
        "    configs:\n",
        "    external_links: [nata-x]\n    configs:\n",
        Rule("preview-teardown", "nata-x"),
    ),
    (
        MOCK,
        "    configs:\n",
        "    volumes: ['/srv/mocks:/run/secrets/x']\n    configs:\n",
        Rule("preview-teardown", "/srv/mocks"),
    ),
    (
        BASE,
        "    internal: true\n",
        "    internal: true\n    driver_opts: { com.docker.network.bridge.name: br-nata }\n",
        Rule("preview-teardown", "br-nata"),
    ),
    // Machines.
    (
        STAGING,
        "ssh://deploy@vps-staging",
        "ssh://deploy@vps-prod",
        Rule("engine-of-two-machines", "ssh://deploy@vps-prod"),
    ),
    (
        STAGING,
        "machine: vps-staging",
        "machine: vps-prod",
        Rule("unused-value", "vps-staging: {"),
    ),
    (
        STAGING,
        "project: nata-staging-models",
        "project: nata-prod-models",
        Rule("project-shared", "nata-prod-models"),
    ),
    // What the sly write: another case, escapes, other numbers, keys, ranges.
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      LINK: https://STAGING.NATAPULSE.COM/x",
        Rule("foreign-name", "LINK:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      COPY: NATA_PROD",
        Rule("foreign-name", "COPY:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      LINK: \"to=staging%2Enatapulse%2Ecom\"",
        Rule("foreign-name", "LINK:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      LINK: https://api.natapulse.com",
        Rule("foreign-name", "LINK:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      QUEUES: prod,alerts",
        Rule("foreign-name", "QUEUES:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      BROKER: amqp://mq/prod",
        Rule("foreign-name", "BROKER:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      COPY: nata_preview_7",
        Rule("foreign-name", "COPY:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      PEER: nata-prod-postgres-1",
        Rule("foreign-name", "PEER:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      PEER: http://vps-prod:9100",
        Rule("foreign-name", "PEER:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      PEER: http://10.20.0.5:11434",
        Rule("foreign-name", "PEER:"),
    ),
    (
        SERVICE,
        "      composegen.definition:",
        "      traefik.http.routers.nata-staging.rule: x\n      composegen.definition:",
        Rule("foreign-name", "routers.nata-staging"),
    ),
    (
        MOCK,
        "[node, /mock/server.mjs]",
        "[node, /mock/server.mjs, \"--queue=prod\"]",
        Rule("foreign-name", "--queue=prod"),
    ),
    (
        STAGING,
        "ops: staging.dashboard.nata.onl",
        "ops: PR-9.preview.dashboard.nata.onl",
        Rule("domain-shared", "PR-9.preview"),
    ),
    (
        LOCAL,
        "bucket: nata-local",
        "bucket: nata-preview-9",
        Rule("namespace-shared", "bucket: nata-preview-9"),
    ),
    (
        PROD,
        "[\"10.20.0.5:11434:11434\"]",
        "[\"10.20.0.5:11434:11434\", \"[::]:11434:11434\"]",
        Rule("upstream-route", "[::]:11434"),
    ),
    (
        PROD,
        "[\"10.20.0.5:11434:11434\"]",
        "[\"127.0.0.1:11434:11434\"]",
        Rule("upstream-route", "127.0.0.1:11434"),
    ),
    (
        STAGING,
        "[\"10.20.0.5:11435:11434\"]",
        "[\"10.20.0.5:11435:11434\", \"127.0.0.1:11430-11434:11439\"]",
        Rule("upstream-route", "11430-11434"),
    ),
    (
        STAGING,
        "ollama-staging:11435",
        "Ollama-Prod:11435",
        Rule("upstream-route", "Ollama-Prod:11435"),
    ),
    (
        STAGING,
        "ollama-staging:11435",
        "10.20.0.2:11435",
        Rule("upstream-route", "10.20.0.5:11435"),
    ),
    (
        PROD,
        "\"0.0.0.0:443:443\"]",
        "\"0.0.0.0:443:443\", \"0.0.0.0:443:443/udp\"]",
        Rule("mirror", "0.0.0.0:80:80"),
    ),
    (
        BASE,
        "    internal: true\n",
        "    internal: true\n{% if environment == \"staging\" %}\n    driver_opts: { com.docker.network.driver.mtu: \"1400\" }\n{% endif %}\n",
        Rule("mirror", "driver_opts"),
    ),
    (
        STAGING,
        "what: volumes.ollama_models",
        "what: \"*\"",
        Rule("mirror", "what: \"*\""),
    ),
    (
        PREVIEW,
        "data: mocked",
        "data: own",
        Rule("mock-first", "data: own"),
    ),
    (
        LOCAL,
        "data: fixtures",
        "data: own",
        Rule("mock-first", "data: own"),
    ),
    (
        STAGING,
        "class: staging",
        "class: Prod",
        Rule("secret-class", "class: Prod"),
    ),
    (
        PROD,
        "class: prod,",
        "class: none,",
        Rule("secret-class", "class: none"),
    ),
    (
        STAGING,
        "channels: sandbox",
        "channels: none",
        Rule("live-upstream", "channels: none"),
    ),
    (
        STAGING,
        "mirrors: prod\ndiffers:\n  - what: volumes.ollama_models\n    reason: In prod, the models have their own disk; staging does not need a second one.\n",
        "",
        Rule("guarded-release", "requires: [approval, journal]"),
    ),
    // Secrets in other clothes. None stands here as it is, since this file is looked through as well.
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      DSN: \"host=db user=a password=hunter2\"",
        Rule("literal-secret", "DSN:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      DSN: \"postgres://u:${PW:-hunter2}@db/x\"",
        Rule("literal-secret", "DSN:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      COPY: {{ \"9f86d081884c7d65\" ~ \"9a2feaa0c55ad015\" }}",
        Rule("literal-secret", "COPY:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      SALT_KEY: {{ \"9f86d081884c7d65\" ~ \"9a2feaa0c55ad015\" }}",
        Rule("secret-in-environment", "SALT_KEY:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      X: ${DB_PASSWORD:-hunter2}",
        Rule("secret-in-environment", "X:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      HDR: \"Authorization: Bearer EEEsecret5abcdef\"",
        Rule("secret-in-environment", "HDR:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      OPTS: \"-u admin:hunter22\"",
        Rule("secret-in-environment", "OPTS:"),
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      KEEP: \"ghp_a1B2a1B2a1B2a1B2a1\\x42\\x32a1B2a1B2a1B2a1B2\"",
        Rule("literal-secret", "KEEP:"),
    ),
    // Machines by other names, and promises taken back.
    (
        STAGING,
        "ssh://deploy@vps-staging",
        "ssh://root@VPS-PROD:22",
        Rule("engine-of-two-machines", "VPS-PROD"),
    ),
    (
        STAGING,
        "ssh://deploy@vps-staging",
        "tcp://10.20.0.2:2376",
        Rule("engine-of-two-machines", "10.20.0.2:2376"),
    ),
    (
        CATALOG,
        "private: 10.20.0.3 }",
        "private: 10.20.0.2 }",
        Rule("engine-of-two-machines", "10.20.0.2"),
    ),
    (
        PREVIEW,
        "hosts:\n",
        "hosts:\n  second: { machine: vps-preview, docker: \"ssh://deploy@vps-preview\", project: \"nata-second-<pr>\", template: compose/preview.yml.j2, output: \"second-<pr>.yml\", services: [mock-api, mock-ws], networks: { internal: { internal: true }, previews: { external: true, name: nata-previews } } }\n",
        Rule("preview-budget", "at_most: 15"),
    ),
    (
        STAGING,
        "from: main",
        "from: \"v*\"",
        Rule("promotion-overlap", "release-candidate"),
    ),
    (
        CATALOG,
        "private_domains: [ops]\n",
        "",
        Rule("private-access", "access: { ops"),
    ),
    (
        STAGING,
        "    stack: mac\n",
        "    stack: mac\n    networks: { private: { subnet: 10.20.0.0/24 } }\n",
        Rule("subnet-overlap", "10.20.0.0/24"),
    ),
    (
        STAGING,
        "    reason: In prod, the models have their own disk; staging does not need a second one.\n",
        "    reason: \" \"\n",
        Refusal("is empty", "reason: \" \""),
    ),
    // Secrets from elsewhere.
    (
        BASE,
        "file: {{ secrets.directory ~ \"/\" ~ name }}",
        "file: {{ \"/srv/nata/prod/../staging/secrets/\" ~ name }}",
        Rule("foreign-name", "../staging/secrets/"),
    ),
    (
        BASE,
        "file: {{ secrets.directory ~ \"/\" ~ name }}",
        "file: {{ \"/srv/nata/shared/\" ~ name }}",
        Rule("secret-elsewhere", "/srv/nata/shared/"),
    ),
    (
        BASE,
        "file: {{ secrets.directory ~ \"/\" ~ name }}",
        "file: {{ secrets.directory ~ \"/../\" ~ name }}",
        Rule("secret-elsewhere", "/../"),
    ),
    (
        BASE,
        "file: {{ secrets.directory ~ \"/\" ~ name }}",
        "environment: {{ name|upper }}",
        Rule("secret-elsewhere", "environment:"),
    ),
    // How services are written.
    (
        SERVICE,
        "    cap_drop:\n      - ALL\n",
        "",
        Rule("capability-kept", ""),
    ),
    (
        SERVICE,
        "    restart: unless-stopped\n",
        "",
        Rule("no-restart", ""),
    ),
    (
        SERVICE,
        "      - no-new-privileges:true",
        "      - seccomp:unconfined",
        Rule("security-profile", "seccomp:unconfined"),
    ),
    (
        SERVICE,
        "    init: true\n",
        "    init: true\n    privileged: true\n",
        Rule("privileged", "privileged: true"),
    ),
    (
        SERVICE,
        "    init: true\n",
        "    init: true\n    pid: host\n",
        Rule("host-namespace", "pid: host"),
    ),
    (
        "templates/services/qdrant.yml.j2",
        "    user: ",
        "    container_name: fixed\n    user: ",
        Rule("container-name", "container_name: fixed"),
    ),
    (
        SERVICE,
        "          pids: {{ service.limits.pids }}\n",
        "",
        Refusal("leaves out `pids_limit`", "limits: {"),
    ),
    (
        SERVICE,
        "      driver: json-file",
        "      driver: none",
        Rule("logging-off", "driver: none"),
    ),
    (
        "templates/services/qdrant.yml.j2",
        "    user: ",
        "    cap_add: [SYS_ADMIN]\n    user: ",
        Rule("capability-escape", "cap_add: [SYS_ADMIN]"),
    ),
    (
        MOCK,
        "        target: /mock/server.mjs\n",
        "        target: /mock/server.mjs\n      - source: {{ service.name|replace(\"-\", \"_\") }}\n        target: /mock/server.mjs\n",
        Rule("mounted-twice", "source: "),
    ),
    (
        MOCK,
        "    command: [node, /mock/server.mjs]\n",
        "    command: [node, /mock/server.mjs]\n    annotations: [a=1, a=2]\n",
        Rule("set-twice", "a=2"),
    ),
    (
        MOCK,
        "      PORT: {{ service.serves|string }}\n",
        "      PORT: {{ service.serves|string }}\n      LOG LEVEL: debug\n",
        Rule("variable-name", "LOG LEVEL"),
    ),
];

/// Edits that break nothing, though they look like those that do: the file, the text to replace, and its
/// replacement. Nothing may be found.
const SPARED: &[(&str, &str, &str)] = &[
    (STAGING, "ssh://deploy@vps-staging", "tcp://127.0.0.1:2375"),
    (STAGING, "from: main", "from: m*n"),
    (STAGING, "private: [11435]", "private: [\"11430-11440\"]"),
    (PREVIEW, "25000-29999:3000", "20000-24999:3000"),
    (LOCAL, "127.0.0.1:3000:3000", "[::1]:3000:3000"),
    (LOCAL, "127.0.0.1:3000:3000", "127.0.0.2:3000:3000"),
    (LOCAL, "bucket: nata-local", "bucket: nata-preview-x"),
    (LOCAL, "bucket: nata-local", "bucket: nata-preview-07"),
    (STAGING, "database: nata_staging", "database: nata_prod2"),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      NODE_ENV: production",
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      LOGS: /srv/prod/x",
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      NOTE: the prod and the staging are elsewhere",
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      OTHER: nata_production nata-prod-x",
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      RANDOM: 258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n{% if environment == \"preview\" %}\n      OWN: nata_preview_1 pr-1.preview.natapulse.com nata-preview-1-ops-web-1\n{% endif %}",
    ),
    (
        BASE,
        "    internal: true\n",
        "    internal: true\n    driver_opts: { com.docker.network.driver.mtu: \"1400\" }\n",
    ),
    (
        MOCK,
        "    configs:\n",
        "    stop_grace_period: 1m\n    configs:\n",
    ),
    (
        MOCK,
        "    configs:\n",
        "    volumes_from: []\n    external_links: []\n    configs:\n",
    ),
];

pub(crate) fn cases() -> Vec<Trial> {
    assert!(MUTANTS.len() >= 60, "{} mutants", MUTANTS.len());
    let mutants = MUTANTS
        .iter()
        .enumerate()
        .map(|(at, (file, old, new, by))| {
            let (Rule(by_what, _) | Refusal(by_what, _)) = by;
            crate::case(format!("mutants::{:03} {by_what}", at + 1), move || {
                caught(&mutant(file, old, new), by).map_err(|why| format!("{file}: {new:?}\n{why}"))
            })
        });
    let spared = SPARED.iter().enumerate().map(|(at, (file, old, new))| {
        crate::case(format!("mutants::spared {:03} {file}", at + 1), move || {
            clean(&mutant(file, old, new)).map_err(|why| format!("{file}: {new:?}\n{why}"))
        })
    });
    let originals = crate::case("mutants::the originals are clean", || {
        clean(&Project::nata())
    });
    mutants.chain(spared).chain([originals]).collect()
}

fn mutant(file: &str, old: &str, new: &str) -> Project {
    let project = Project::nata();
    project.edit(file, old, new);
    project
}

/// Whether a project is caught as it should be; if not, why.
fn caught(project: &Project, by: &By) -> Result<(), String> {
    match (by, checked::project(&project.path(""))) {
        (Rule(code, text), Ok(findings)) => {
            let places = findings.iter().map(|finding| {
                let place = finding.found.diagnostic.place();
                let line = place.line_column().map_or(0, |(line, _)| line);
                let text = place.source.text.lines().nth(line.saturating_sub(1));
                let at = format!("{} at {}:{line}", finding.rule.code, place.source.name);
                (finding.rule.code, text.unwrap_or_default(), at)
            });
            let places: Vec<_> = places.collect();
            if places
                .iter()
                .any(|(found, line, _)| found == code && line.contains(text))
            {
                return Ok(());
            }
            let seen: Vec<_> = places.into_iter().map(|(.., at)| at).collect();
            Err(format!("found only\n{}", seen.join("\n")))
        }
        (Refusal(message, text), Err(refusal)) => {
            let refusal = refusal.to_string();
            let mut lines = refusal.lines();
            let is_shown = lines.any(|line| line.contains(" | ") && line.contains(text));
            if is_shown && refusal.contains(message) {
                return Ok(());
            }
            Err(refusal)
        }
        (Refusal(..), Ok(findings)) => {
            Err(format!("not refused, but found {:?}", codes(&findings)))
        }
        (Rule(..), Err(refusal)) => Err(refusal.to_string()),
    }
}

fn clean(project: &Project) -> Result<(), String> {
    let findings = checked::project(&project.path("")).map_err(|why| why.to_string())?;
    if findings.is_empty() {
        return Ok(());
    }
    Err(format!("found {:?}", codes(&findings)))
}
