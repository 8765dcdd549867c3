//! Secrets in files that `init --from` makes specs of.

use crate::init::{FROM, bookstore};
use crate::project::Project;

#[test]
fn no_value_of_a_secret_is_copied() {
    let project = bookstore();
    let ran = project.run(&[&["init"], &FROM[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for folder in ["environments", "generated"] {
        for file in [
            "catalog.yaml", "local.yaml", "prod.yaml", "local.yml", "prod.yml",
        ] {
            let path = project.path(folder).join(file);
            let text = std::fs::read_to_string(path).unwrap_or_default();
            assert!(!text.contains("hunter"), "{text}");
        }
    }
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!said.contains("hunter"), "{said}");
    for line in [
        "2 secrets were not copied; add to .env.prod:",
        "POSTGRES_PASSWORD (from services.db.environment.POSTGRES_PASSWORD)",
        "BACKUP_PASSWORD (from services.backup.command[2])",
    ] {
        assert!(said.contains(line), "{said}");
    }
}

/// Fields of a service that hold a secret, and the secret.
const SECRETS: [(&str, &str); 42] = [
    ("environment: { DB_PASSWORD: hunter22x }", "hunter22x"),
    ("environment: [DB_PW=hunter22x]", "hunter22x"),
    ("environment: { SALT: hunter22x }", "hunter22x"),
    ("environment: { JWT: hunter22x }", "hunter22x"),
    (
        "environment: { X: \"${DB_PASSWORD:-hunter22x}\" }",
        "hunter22x",
    ),
    (
        "environment: { DSN: \"https://abcdef0123@o1.ingest.sentry.example/5\" }",
        "abcdef0123",
    ),
    (
        "environment: { URL: \"postgres://u:hunter22x@db/x\" }",
        "hunter22x",
    ),
    (
        "environment: { HDR: \"Authorization: Bearer EEEsecret5abcdef\" }",
        "EEEsecret5abcdef",
    ),
    (
        "environment: { REDIS_ARGS: \"--requirepass hunter22x\" }",
        "hunter22x",
    ),
    ("environment: { OPTS: \"-u admin:hunter22x\" }", "hunter22x"),
    (
        "build: { context: ., args: { NPM_TOKEN: hunter22x } }",
        "hunter22x",
    ),
    ("labels: { my.api-key: hunter22x }", "hunter22x"),
    (
        "labels: { auth.header: \"Authorization: Bearer EEEsecret5abcdef\" }",
        "EEEsecret5abcdef",
    ),
    (
        "labels: { users: \"admin:$$apr1$$H6uskkkW$$IgXLP6ewTrSuBkTrqE8wj/\" }",
        "IgXLP6ewTrSuBkTrqE8wj",
    ),
    (
        "logging: { driver: splunk, options: { splunk-token: hunter22x } }",
        "hunter22x",
    ),
    ("command: redis-server --requirepass hunter22x", "hunter22x"),
    ("command: [serve, --api-key=hunter22x]", "hunter22x"),
    (
        "entrypoint: [sh, -c, \"echo hunter22x | docker login --password-stdin\"]",
        "hunter22x",
    ),
    (
        "healthcheck: { test: [CMD, curl, -u, \"admin:hunter22x\", \"http://x\"] }",
        "hunter22x",
    ),
    (
        "healthcheck: { test: \"curl -H 'Authorization: Bearer EEEsecret5abcdef' http://x\" }",
        "EEEsecret5abcdef",
    ),
    (
        "healthcheck: { test: [CMD, curl, -H, \"X-Api-Key: hunter22x\", \"http://x\"] }",
        "hunter22x",
    ),
    (
        "healthcheck: { test: mysqladmin ping -phunter22x }",
        "hunter22x",
    ),
    (
        "post_start: [{ command: [x], environment: { DB_PASSWORD: hunter22x } }]",
        "hunter22x",
    ),
    (
        "pre_stop: [{ command: x, environment: [DB_PASSWORD=hunter22x] }]",
        "hunter22x",
    ),
    (
        "post_start: [{ command: [x, --password, hunter22x] }]",
        "hunter22x",
    ),
    (
        "environment: { JAAS: 'x.PlainLoginModule required username=\"a\" password=\"hunter22x\";' }",
        "hunter22x",
    ),
    (
        "environment: { JAAS: \"x required password=\\\"hunter22x\\\";\" }",
        "hunter22x",
    ),
    (
        "command: [x, 'sasl.jaas.config=y required password=\"hunter22x\";']",
        "hunter22x",
    ),
    ("command: [mysqld, '--password=hunt$$er22x']", "hunt$$er22x"),
    ("command: mysqld --password hunt$$er22x", "hunt$$er22x"),
    (
        "healthcheck: { test: [CMD, redis-cli, -a, hunt$$er22x, ping] }",
        "hunt$$er22x",
    ),
    (
        "environment: { URL: 'postgres://u:hunt$$er22x@db/x' }",
        "hunt$$er22x",
    ),
    (
        "environment: { AUTHORIZATION: 'Basic YWRtaW46aHVudGVyMjI=' }",
        "YWRtaW46aHVudGVyMjI",
    ),
    (
        "environment: { OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic YWRtaW46aHVudGVyMjI=' }",
        "YWRtaW46aHVudGVyMjI",
    ),
    (
        "labels: { traefik.http.middlewares.up.headers.customrequestheaders.Authorization: 'Basic YWRtaW46aHVudGVyMjI=' }",
        "YWRtaW46aHVudGVyMjI",
    ),
    (
        "build: { context: ., dockerfile_inline: \"FROM a:1\\nENV DB_PASSWORD=hunter22x\\n\" }",
        "hunter22x",
    ),
    (
        "build: { context: ., dockerfile_inline: \"FROM a:1\\nENV DB_PASSWORD hunter22x\\n\" }",
        "hunter22x",
    ),
    (
        "build: { context: ., dockerfile_inline: \"FROM a:1\\nRUN curl -u admin:hunter22x https://a.example\\n\" }",
        "hunter22x",
    ),
    (
        "build: { context: ., dockerfile_inline: \"FROM a:1\\nCMD ['a', '--password', 'hunter22x']\\n\" }",
        "hunter22x",
    ),
    (
        "environment: { HTPASSWD: 'admin:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' }",
        "W6ph5Mm5Pz8GgiULbPgzG37mj9g",
    ),
    (
        "environment: { RABBITMQ_ERLANG_COOKIE: SWQOKODSQALRPCLNMEQG }",
        "SWQOKODSQALRPCLNMEQG",
    ),
    (
        "environment: { BASIC_AUTH: 'admin:hunter22x' }",
        "hunter22x",
    ),
];

#[test]
fn what_init_does_not_copy_is_what_check_reports() {
    for (field, secret) in SECRETS {
        let project = Project::empty();
        let text = format!("services:\n  web:\n    image: web:1\n    {field}\n");
        project.write("compose.yml", &text);
        let ran = project.run(&["check", "-f", "compose.yml"]);
        assert_eq!(ran.code, Some(1), "{field}: {}", ran.stdout);
        let is_reported = ["[secret-in-environment]", "[literal-secret]"];
        assert!(
            is_reported.iter().any(|code| ran.stdout.contains(code)),
            "{field}: {}",
            ran.stdout
        );
        assert!(!ran.stdout.contains(secret), "{field}: {}", ran.stdout);
        let ran = project.run(&["init", "--from", "compose.yml", "new"]);
        assert_eq!(ran.code, Some(0), "{field}: {}", ran.stderr);
        for file in ["environments/catalog.yaml", "generated/local.yml"] {
            let text = project.read(&format!("new/{file}"));
            assert!(!text.contains(secret), "{field}: {text}");
            assert!(
                text.contains(":?set it in the env file}"),
                "{field}: {text}"
            );
        }
    }
}

#[test]
fn an_element_of_xml_in_a_config_is_not_copied() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "services: { web: { image: 'web:1', configs: [own] } }\n\
         configs: { own: { content: '<x><password>hunter22x</password></x>' } }\n",
    );
    let ran = project.run(&["init", "--from", "compose.yml", "new"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let text = project.read("new/generated/local.yml");
    assert!(text.contains("<password>${OWN_PASSWORD:?"), "{text}");
}

#[test]
fn what_is_no_secret_is_copied_and_not_reported() {
    for field in [
        "environment: { X: \"${AUTH_DOMAIN:-auth.localhost}\" }",
        "environment: { COOKIE_DOMAIN: shop.example, AUTH: basic, LICENSE: Apache-2.0, CACHE_KEY: web-app-1 }",
        "environment: { DB_PASSWORD_FILE: /run/secrets/db_password, SEED: 42, DB_DSN: \"postgres://db/x\" }",
        "environment: { OPTS: \"--user 1000:1000 --verbose\", NOTE: \"Status: ok\" }",
        "labels: { traefik.http.middlewares.auth.forwardauth.address: \"http://auth:9000/verify\" }",
        "command: [su-exec, -u, \"www-data:www-data\", serve]",
        "healthcheck: { test: [CMD, mysqladmin, ping, -p$$MYSQL_ROOT_PASSWORD] }",
        "environment: { HINT: 'Enter your password: it is not stored' }",
        "environment: { MAILER_DSN: 'smtp://mailpit:1025?verify_peer=0', LOCK_DSN: flock, DSN: 'postgres://kratos@db:5432/kratos?sslmode=disable' }",
        "environment: { VAPID_PUBLIC_KEY: xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=, OPENAI_API_KEY: EMPTY }",
        "build: { context: ., args: { TINI_SHA256: 93dcc18adc78c65a028a84799ecf8ad40c936fdfc5f2a57b1acda5a8117fa82c } }",
        "environment: { DB_PASSWORD: 'vault:secret/data/mysql#MYSQL_PASSWORD', TLS_PRIVATE_KEY: certs/privkey.pem }",
        "labels: { csp: \"script-src 'sha256-xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg='\" }",
    ] {
        let project = Project::empty();
        let text = format!("services:\n  web:\n    image: web:1\n    {field}\n");
        project.write("compose.yml", &text);
        let ran = project.run(&["check", "-f", "compose.yml"]);
        for code in ["secret-in-environment", "literal-secret"] {
            assert!(!ran.stdout.contains(code), "{field}: {}", ran.stdout);
        }
        let ran = project.run(&["init", "--from", "compose.yml", "new"]);
        assert!(
            !ran.stderr.contains("not copied"),
            "{field}: {}",
            ran.stderr
        );
    }
}

#[test]
fn a_key_is_replaced_with_its_frame() {
    let project = Project::empty();
    let kind = "PRIVATE";
    project.write(
        "compose.yml",
        &format!(
            "services:\n  web:\n    image: web:1\n    environment:\n      CERT: |\n        -----BEGIN {kind} KEY-----\n        \
             MIIhunter22\n        -----END {kind} KEY-----\n"
        ),
    );
    let ran = project.run(&["init", "--from", "compose.yml", "new"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let text = project.read("new/environments/catalog.yaml");
    assert!(
        !text.contains("-----") && text.contains("${CERT:?"),
        "{text}"
    );
}

#[test]
fn secrets_that_an_env_file_sets_already_are_listed_as_such() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "services:\n  web:\n    image: web:1\n    environment: { DB_PASSWORD: \"${DB_PASSWORD:-hunter22x}\" }\n    \
         labels: { users: \"admin:$$apr1$$H6uskkkW$$IgXLP6ewTrSuBkTrqE8wj/\" }\n",
    );
    project.write(".env", "DB_PASSWORD=hunter23x\n");
    let ran = project.run(&["init", "--from", "compose.yml", "new"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for part in [
        "add to .env:\n    WEB_USERS_SECRET (from services.web.labels.users; in single quotes, with `$` for `$$`)\n",
        "already in .env:\n    DB_PASSWORD (from services.web.environment.DB_PASSWORD)\n",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
}
