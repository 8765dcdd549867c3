//! What environments promise: mirrors, models, access, promotion, previews and machines.

use super::By::{Refusal, Rule};
use super::{APP, BASE, LOCAL, MOCK, Mutant, PREVIEW, PROD, SERVICE, STAGING};

pub(super) const MUTANTS: &[Mutant] = &[
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
        MOCK,
        "[node, /mock/server.mjs]",
        "[node, /mock/server.mjs]\n    container_name: {{ service.name }}",
        Rule("preview-shares", "container_name"),
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
];
