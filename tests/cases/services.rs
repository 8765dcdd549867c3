//! A service in which a rule finds something, and one that only looks like it.

use composegen::orchestrator::Orchestrator;
use libtest_mimic::Trial;

use crate::checked;
use crate::project::Project;

/// The rule, the fields of a service, and whether it finds something in them.
type Case = (&'static str, &'static str, bool);

const CASES: &[Case] = &[
    ("new-privileges", "security_opt: [no-new-privileges]", false),
    (
        "new-privileges",
        "security_opt: ['no-new-privileges:1']",
        false,
    ),
    (
        "new-privileges",
        "security_opt: ['no-new-privileges=True']",
        false,
    ),
    (
        "new-privileges",
        "security_opt: ['no-new-privileges:0']",
        true,
    ),
    ("dead-port", "ports: ['80:80']", false),
    (
        "engine-socket",
        "volumes: ['${S}:/var/run/docker.sock:ro']",
        true,
    ),
    ("engine-socket", "volumes: ['${S}:/srv/a:ro']", false),
    ("engine-socket", "volumes: ['/:/host:ro']", true),
    ("host-path-writable", "volumes: ['/:/host']", true),
    ("host-path-writable", "volumes: ['/:/host:ro']", false),
    (
        "command-form",
        "healthcheck: { test: 'CMD curl -f http://a' }",
        true,
    ),
    (
        "command-form",
        "healthcheck: { test: 'curl -f http://a || exit 1' }",
        false,
    ),
    ("command-form", "command: npm install && npm run dev", true),
    ("command-form", "entrypoint: sh -c 'a' ; b", true),
    ("command-form", "command: [a, b, '|', c]", true),
    (
        "command-form",
        "command: [tcpdump, port, '80', '||', port, '443']",
        false,
    ),
    (
        "command-form",
        "command: [pwsh, -Command, a, '|', b]",
        false,
    ),
    ("command-form", "command: [-i, any, '||', b]", false),
    (
        "command-form",
        "healthcheck: { test: [CMD, pg_isready, '||', exit, '1'] }",
        true,
    ),
    ("command-form", "healthcheck: { test: NONE }", true),
    (
        "command-form",
        "post_start: [{ command: [a, '&&', b] }]",
        true,
    ),
    ("command-form", "command: sh -c 'a && b'", false),
    (
        "command-form",
        "entrypoint: [sh, -c]\n    command: ['a && b']",
        false,
    ),
    ("command-form", "command: 'a --b=\"c && d\"'", false),
    (
        "variable-may-be-empty",
        "environment: { A: '${NO_PROXY}', B: '${DISPLAY}' }",
        false,
    ),
    // A build can be privileged as well.
    (
        "privileged",
        "build: { context: ., privileged: true }",
        true,
    ),
    (
        "privileged",
        "build: { context: ., entitlements: [security.insecure] }",
        true,
    ),
    (
        "privileged",
        "build: { context: ., entitlements: [network.host] }",
        false,
    ),
    // Secrets of hooks are those of services.
    (
        "secret-in-environment",
        "post_start: [{ command: [x], environment: { DB_PASSWORD: hunter2x } }]",
        true,
    ),
    (
        "secret-in-environment",
        "pre_stop: [{ command: x, environment: [DB_PASSWORD=hunter2x] }]",
        true,
    ),
    (
        "secret-in-environment",
        "post_start: [{ command: [x, --password, hunter2x] }]",
        true,
    ),
    (
        "secret-in-environment",
        "pre_stop: [{ command: 'x --password=hunter2x' }]",
        true,
    ),
    (
        "secret-in-environment",
        "develop: { watch: [{ path: ., action: sync+exec, target: /a, exec: { command: x --token hunter2x } }] }",
        true,
    ),
    (
        "secret-in-environment",
        "networks: { default: { driver_opts: { x.password: hunter2x } } }",
        true,
    ),
    (
        "secret-in-environment",
        "post_start: [{ command: [x], environment: { DB_PASSWORD: '${DB_PASSWORD:?}' } }]",
        false,
    ),
    (
        "secret-in-environment",
        "models: [m]\nmodels: { m: { model: x, runtime_flags: [--api-key, hunter2x] } }",
        true,
    ),
    (
        "secret-in-environment",
        "models: [m]\nmodels: { m: { model: x, runtime_flags: [--api-key, '${KEY:?}'] } }",
        false,
    ),
    // A value may name a secret of its own.
    (
        "secret-in-environment",
        "environment: { JAAS: 'x.PlainLoginModule required username=\"a\" password=\"s3cr3tpw99\";' }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { JAAS: \"x required password=\\\"s3cr3tpw99\\\";\" }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: [\"DB=host=db password='s3cr3tpw99'\"]",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { JSON: '{\"db\": {\"password\": \"s3cr3tpw99\"}}' }",
        true,
    ),
    (
        "secret-in-environment",
        "command: [x, 'sasl.jaas.config=y required password=\"s3cr3tpw99\";']",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { DB: 'host=db password=\"${DB_PASSWORD:?}\"' }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { DB: \"host=db password='/run/secrets/db'\" }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { HINT: 'Enter your password: it is not stored' }",
        false,
    ),
    // `$$` is a dollar sign.
    (
        "secret-in-environment",
        "command: [mysqld, '--password=p@ss$$word1']",
        true,
    ),
    (
        "secret-in-environment",
        "command: [mysqld, --password, p@ss$$word1]",
        true,
    ),
    (
        "secret-in-environment",
        "command: mysqld --password=p@ss$$word1",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { ARGS: '--requirepass p@ss$$word1' }",
        true,
    ),
    (
        "secret-in-environment",
        "healthcheck: { test: [CMD, redis-cli, -a, p@ss$$word1, ping] }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { X: '${DB_PASSWORD:-p@ss$$word1}' }",
        true,
    ),
    (
        "literal-secret",
        "environment: { DB: 'postgres://u:p@ss$$word1@db/x' }",
        true,
    ),
    (
        "secret-in-environment",
        "healthcheck: { test: [CMD, mysqladmin, ping, -p$$MYSQL_ROOT_PASSWORD] }",
        false,
    ),
    (
        "secret-in-environment",
        "healthcheck: { test: 'mysqladmin ping -p$$pw' }",
        false,
    ),
    (
        "secret-in-environment",
        "command: [sh, -c, 'serve --password=$$DB_PASSWORD']",
        false,
    ),
    (
        "literal-secret",
        "command: [sh, -c, 'psql postgres://u:$$password@db/x']",
        false,
    ),
    // A connection is secret only by its password.
    (
        "secret-in-environment",
        "environment: { MAILER_DSN: 'smtp://mailpit:1025?verify_peer=0' }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { MESSENGER_TRANSPORT_DSN: 'doctrine://default?auto_setup=0', LOCK_DSN: flock }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { DSN: 'sqlite:///var/lib/sqlite/db.sqlite?_fk=true&mode=rwc' }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { DSN: 'postgres://kratos@db:5432/kratos?sslmode=disable' }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { DSN: 'postgres://kratos:hunter22@db:5432/kratos' }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { DSN: 'postgres://db/kratos?password=hunter22' }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { SENTRY_DSN: 'https://93dcc18adc78c65a028a84799ecf8ad4@o1.ingest.sentry.io/1' }",
        true,
    ),
    // Public keys and digests look like secrets.
    (
        "literal-secret",
        "environment: { WIREGUARD_PUBLIC_KEY: 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=' }",
        false,
    ),
    (
        "literal-secret",
        "environment: ['VAPID_PUBLIC_KEY=xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=']",
        false,
    ),
    (
        "literal-secret",
        "environment: { PUBLIC_KEY: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl }",
        false,
    ),
    (
        "literal-secret",
        "environment: { WIREGUARD_PRIVATE: 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=' }",
        true,
    ),
    (
        "literal-secret",
        "build: { context: ., args: { TINI_SHA256: 93dcc18adc78c65a028a84799ecf8ad40c936fdfc5f2a57b1acda5a8117fa82c } }",
        false,
    ),
    (
        "literal-secret",
        "build: { context: ., args: ['APP_CHECKSUM=93dcc18adc78c65a028a84799ecf8ad40c936fdfc5f2a57b1acda5a8117fa82c'] }",
        false,
    ),
    (
        "literal-secret",
        "environment: { X: 93dcc18adc78c65a028a84799ecf8ad40c936fdfc5f2a57b1acda5a8117fa82c }",
        true,
    ),
    (
        "literal-secret",
        "labels: { csp: \"script-src 'sha256-xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg='\" }",
        false,
    ),
    (
        "literal-secret",
        "environment: { SRI: 'sha384-xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=' }",
        false,
    ),
    // What only stands for a secret.
    (
        "secret-in-environment",
        "environment: { TLS_PRIVATE_KEY: certs/privkey.pem, JWT_PRIVATE_KEY: keys/jwt.pem }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { OPENAI_API_KEY: EMPTY, LLM_API_KEY: ollama, X_API_KEY: sk-no-key-required }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { DB_PASSWORD: 'vault:secret/data/mysql#MYSQL_PASSWORD', SMTP_PASSWORD: 'file:/run/secrets/smtp' }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { DB_PASSWORD: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db', AUTH_TOKEN: '!secret auth_token' }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { STRATEGIES_ACCESS_TOKEN: jwt, AWS_CREDENTIAL_SOURCE: Ec2InstanceMetadata, DOVECOT_PASS_ATTRS: 'uid=user,userPassword=password' }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { RECAPTCHA_SITE_KEY: 6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ, TURNSTILE_SITE_KEY: 0x4AAAAAAAAbcdef }",
        false,
    ),
    (
        "secret-in-environment",
        "environment: { STRIPE_PUBLISHABLE_KEY: pk_live_51H8abcdEFGH12ab }",
        false,
    ),
    // A user and a password are those of one command.
    (
        "secret-in-environment",
        "command: [sh, -c, 'docker exec -u www-data:www-data nextcloud php -f cron.php && curl -fsS https://hc-ping.com/x']",
        false,
    ),
    (
        "secret-in-environment",
        "command: [sh, -c, 'date && curl -u admin:hunter https://example.org/x']",
        true,
    ),
    // Headers have a scheme before their secret.
    (
        "secret-in-environment",
        "environment: { AUTHORIZATION: 'Basic YWRtaW46aHVudGVyMjI=' }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { API_AUTHORIZATION: 'Bearer abcdef1234567890abcdef' }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic YWRtaW46aHVudGVyMjI=' }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20YWRtaW46aHVudGVyMjI=' }",
        true,
    ),
    (
        "secret-in-environment",
        "labels: { traefik.http.middlewares.up.headers.customrequestheaders.Authorization: 'Basic YWRtaW46aHVudGVyMjI=' }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { AUTH_CHALLENGE: 'Basic realm=\"x1\"', AUTH_HELP: 'Basic auth2 is needed', AUTHORIZATION: 'Bearer token' }",
        false,
    ),
    // A Dockerfile has secrets, too.
    (
        "secret-in-environment",
        "build: { context: ., dockerfile_inline: \"FROM a:1\\nENV DB_PASSWORD=hunter22\\n\" }",
        true,
    ),
    (
        "secret-in-environment",
        "build: { context: ., dockerfile_inline: \"FROM a:1\\nARG GH_TOKEN=hunter22\\n\" }",
        true,
    ),
    (
        "secret-in-environment",
        "build: { context: ., dockerfile_inline: \"FROM a:1\\nRUN curl -u admin:hunter22 https://example.org/x\\n\" }",
        true,
    ),
    (
        "secret-in-environment",
        "build: { context: ., dockerfile_inline: \"FROM a:1\\nARG GH_TOKEN\\nRUN --mount=type=secret,id=token x\\n\" }",
        false,
    ),
    // Pairs, hashes and cookies.
    (
        "literal-secret",
        "environment: { HTPASSWD: 'admin:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { RABBITMQ_ERLANG_COOKIE: SWQOKODSQALRPCLNMEQG }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { BASIC_AUTH: 'admin:hunter22' }",
        true,
    ),
    (
        "secret-in-environment",
        "environment: { BASIC_AUTH: 'auth.localhost:8080' }",
        false,
    ),
    (
        "secret-in-environment",
        "configs: [own]\nconfigs:\n  own: { content: \"<x>\\n  <password>hunter22F</password>\\n</x>\\n\" }",
        true,
    ),
    // A data port is one wherever it is in a range.
    (
        "data-port-everywhere",
        "ports: ['5431-5432:5431-5432']",
        true,
    ),
    (
        "data-port-everywhere",
        "ports: ['5430-5433:5430-5433']",
        true,
    ),
    (
        "data-port-everywhere",
        "ports: ['127.0.0.1:5430-5433:5430-5433']",
        false,
    ),
    ("port-everywhere", "ports: ['5430-5433:5430-5433']", false),
    (
        "data-port-everywhere",
        "ports: ['5433-5440:5433-5440']",
        false,
    ),
    (
        "data-port-everywhere",
        "ports: ['10000-20000:10000-20000/udp']",
        false,
    ),
    (
        "data-port-everywhere",
        "ports: ['30000-30100:21000-21100', '27015-27030:27015-27030', '27015-27020:27015-27020']",
        false,
    ),
    (
        "data-port-everywhere",
        "command: [node, '--inspect=9230', a.js]\n    ports: ['9230:9230']",
        false,
    ),
    (
        "data-port-everywhere",
        "command: [java, '-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005']\n    ports: ['5005:5005']",
        true,
    ),
    (
        "data-port-everywhere",
        "environment: { JAVA_TOOL_OPTIONS: '-agentlib:jdwp=transport=dt_socket,address=0.0.0.0:8000' }\n    ports: ['8000:8000']",
        true,
    ),
    (
        "data-port-everywhere",
        "command: [node, '--inspect=0.0.0.0:9230', a.js]\n    ports: ['9230:9230']",
        true,
    ),
    (
        "data-port-everywhere",
        "command: [node, '--inspect=127.0.0.1:9230', a.js]\n    ports: ['9230:9230', '5005:5005']",
        false,
    ),
    (
        "data-port-everywhere",
        "ports: ['9000:9000', '8123:8123', '8086:8086']",
        false,
    ),
    (
        "data-port-everywhere",
        "ports: ['27017:27017/udp', '5432:5432/udp']",
        false,
    ),
    ("data-port-everywhere", "ports: ['11211:11211/udp']", true),
    // Two spellings of one path.
    (
        "mounted-twice",
        "volumes: ['/x/../y:/a/../b', '/q:/b']",
        true,
    ),
    ("mounted-twice", "volumes: ['/a:/data', '/b:/data/']", true),
    (
        "mounted-twice",
        "volumes: ['/a:/data', '/b:/data/x']",
        false,
    ),
    // Whoever sets it for Compose still replaces it in the container.
    (
        "variable-may-be-empty",
        "environment: { PORT: 80 }\n    healthcheck: { test: 'curl http://localhost:$PORT' }",
        false,
    ),
    (
        "variable-may-be-empty",
        "environment: { PORT: 80 }\n    healthcheck: { test: 'curl http://$HOST:$PORT' }",
        true,
    ),
    // What an engine takes for a name.
    ("refused-by-engine", "container_name: 'db c<1>'", true),
    ("refused-by-engine", "container_name: db-1", false),
    // Compose refuses it itself.
    ("refused-by-engine", "container_name: x", false),
    (
        "command-form",
        "entrypoint: [su, -s, /bin/sh, -c, /cron.sh, www-data]",
        false,
    ),
    ("command-form", "command: [bash, -c, /run.sh, bash]", false),
    (
        "secret-in-environment",
        "command: [bash, -c, '[ \"$$PASSWORD\" == \"changed\" ] || exit 1']",
        false,
    ),
    // Hooks have a shell too.
    (
        "shell-variable",
        "environment: { PORT: 80 }\n    post_start: [{ command: [sh, -c, 'echo $PORT'] }]",
        true,
    ),
    (
        "shell-variable",
        "post_start: [{ command: [sh, -c, 'echo $PORT'], environment: { PORT: 80 } }]",
        true,
    ),
    (
        "shell-variable",
        "environment: { PORT: 80 }\n    pre_stop: [{ command: [sh, -c, 'echo $$PORT'] }]",
        false,
    ),
    (
        "shell-variable",
        "environment: { PORT: 80 }\n    pre_stop: [{ command: [echo, $PORT] }]",
        false,
    ),
    (
        "shell-variable",
        "env_file: own.env\n    command: [sh, -c, 'echo $OWN']",
        true,
    ),
    (
        "shell-variable",
        "env_file: [{ path: own.env }]\n    command: [sh, -c, 'echo $OTHER $$OWN']",
        false,
    ),
    // A shell runs one item.
    ("command-form", "command: [sh, -c, echo, hi]", true),
    ("command-form", "command: sh -c echo hi", true),
    ("command-form", "entrypoint: [sh, -c, echo, hi]", true),
    (
        "command-form",
        "entrypoint: [tini, --, sh, -ec]\n    command: [echo, hi]",
        true,
    ),
    (
        "command-form",
        "command: [bash, -e, -c, npm, run, start]",
        true,
    ),
    (
        "command-form",
        "healthcheck: { test: [CMD, sh, -c, curl, -f, 'http://a'] }",
        true,
    ),
    (
        "command-form",
        "post_start: [{ command: [sh, -c, echo, hi] }]",
        true,
    ),
    ("command-form", "command: [sh, -c, 'echo a', b, c]", true),
    (
        "command-form",
        "command: [sh, -c, 'echo \"$1\"', name, arg]",
        false,
    ),
    (
        "command-form",
        "command: [sh, -c, 'exec \"$$@\"', sh, run, fast]",
        false,
    ),
    (
        "command-form",
        "entrypoint: [sh, -c, 'exec app \"$$@\"', --]\n    command: [--fast, --loud]",
        false,
    ),
    ("command-form", "command: [sh, -c, 'a; b', sh]", false),
    ("command-form", "command: [sh, -c, 'echo hi']", false),
    ("command-form", "command: sh -c 'echo hi'", false),
    (
        "command-form",
        "command: [sh, run.sh, -c, a.conf, b]",
        false,
    ),
    // A name with a space, which Compose accepts.
    ("variable-name", "environment: ['LOG LEVEL=debug']", true),
    ("variable-name", "environment: { 'LOG ': debug }", true),
    ("refused-by-compose", "environment: [LOG = debug]", true),
    // A port that a variable may leave empty.
    ("random-port", "ports: ['127.0.0.1:${R}:80']", true),
    ("random-port", "ports: ['${R:-}:87']", true),
    (
        "random-port",
        "ports: [{ target: 80, published: '${R:-}' }]",
        true,
    ),
    (
        "random-port",
        "ports: ['80', '127.0.0.1::81', { target: 85, published: '' }, { target: 86, published: 0 }]",
        false,
    ),
    (
        "random-port",
        "ports: ['${IP:-127.0.0.1}::80', '${IP:-}:8080:80', '[::1]::82']",
        false,
    ),
    (
        "random-port",
        "ports: ['${R:-8080}:80', '${S:?}:81']",
        false,
    ),
];

/// Images that are no references, and others.
const IMAGES: &[(&str, bool)] = &[
    ("Acme/Web:1", true),
    ("a:1:2", true),
    ("a:", true),
    ("a@sha256:12", true),
    ("https://registry.example/a:1", true),
    ("Acme/web:1", false),
    ("box:5000/a/b:1", false),
    ("${IMAGE}:1:2", false),
    ("${REGISTRY:-registry.example}/a:1", false),
];

/// Services that are attached to one network, how that network is declared, and whether an address is refused.
const ADDRESSES: &[(&str, &str, &str, bool)] = &[
    (
        "10.9.0.5",
        "10.9.0.5",
        "ipam: { config: [{ subnet: 10.9.0.0/24 }] }",
        true,
    ),
    (
        "10.9.0.5",
        "10.9.0.6",
        "ipam: { config: [{ subnet: 10.9.0.0/24 }] }",
        false,
    ),
    ("10.9.0.5", "10.9.0.5", "external: true", true),
    ("10.9.0.5", "10.9.0.6", "external: true", false),
    (
        "10.9.0.5",
        "10.9.0.6",
        "ipam: { config: [{ subnet: '${SUBNET}' }] }",
        false,
    ),
    (
        "10.9.0.5",
        "${ADDRESS}",
        "ipam: { config: [{ subnet: 10.9.0.0/24 }] }",
        false,
    ),
    ("10.9.0.5", "10.9.0.6", "ipam: { driver: dhcp }", false),
    (
        "10.9.0.1",
        "10.9.0.6",
        "driver: macvlan, ipam: { config: [{ subnet: 10.9.0.0/24 }] }",
        false,
    ),
    (
        "10.9.0.1",
        "10.9.0.6",
        "driver: bridge, ipam: { config: [{ subnet: 10.9.0.0/24 }] }",
        true,
    ),
];

fn addresses() -> impl Iterator<Item = Trial> {
    let service = |name: &str, address: &str, more: &str| {
        format!(
            "{name}: {{ image: 'a:1', networks: {{ n: {{ ipv4_address: '{address}' }} }}{more} }}"
        )
    };
    let shared = ADDRESSES
        .iter()
        .map(move |(first, second, network, is_found)| {
            let title = format!("services::refused-by-engine: {first} and {second} on {network}");
            let services = [service("a", first, ""), service("b", second, "")].join(", ");
            (title, services, *network, *is_found)
        });
    let own = "ipam: { config: [{ subnet: 10.9.0.0/24 }] }";
    let of_profiles =
        [("cpu", "cpu", true), ("cpu", "gpu", false)].map(|(first, second, is_found)| {
            let services = [("a", first), ("b", second)].map(|(name, profile)| {
                service(name, "10.9.0.5", &format!(", profiles: [{profile}]"))
            });
            let title =
                format!("services::refused-by-engine: an address with {first} and {second}");
            (title, services.join(", "), own, is_found)
        });
    let replicas = [("1", false), ("2", true)].map(|(number, is_found)| {
        let title = format!("services::refused-by-engine: an address of {number} containers");
        (
            title,
            service("a", "10.9.0.5", &format!(", scale: {number}")),
            own,
            is_found,
        )
    });
    shared
        .chain(of_profiles)
        .chain(replicas)
        .map(|(title, services, network, is_found)| {
            let text = format!("services: {{ {services} }}\nnetworks: {{ n: {{ {network} }} }}\n");
            crate::case(title, move || found("refused-by-engine", &text, is_found))
        })
}

/// How a service is attached, how the network `n` is declared, and whether the engine refuses it.
const PREDEFINED: &[(&str, &str, bool)] = &[
    ("networks: [n]", "n: { external: true, name: bridge }", true),
    (
        "networks: [default, n]",
        "n: { external: true, name: host }",
        true,
    ),
    ("networks: { n: {} }", "n: { name: none }", true),
    ("networks: [bridge]", "bridge: { external: true }", true),
    ("networks: [bridge]", "bridge: {}", false),
    (
        "networks: [n]",
        "n: { external: true, name: bridge-1 }",
        false,
    ),
    (
        "networks: [n]",
        "n: { external: true, name: '${NET}' }",
        false,
    ),
    (
        "network_mode: bridge",
        "n: { external: true, name: bridge }",
        false,
    ),
    (
        "networks: [n], scale: 0",
        "n: { external: true, name: bridge }",
        false,
    ),
];

fn predefined() -> impl Iterator<Item = Trial> {
    PREDEFINED.iter().map(|(service, network, is_found)| {
        let title = format!("services::refused-by-engine: {service} with {network}");
        let text = format!(
            "services: {{ web: {{ image: 'a:1', {service} }} }}\nnetworks: {{ {network} }}\n"
        );
        crate::case(title, move || found("refused-by-engine", &text, *is_found))
    })
}

pub(crate) fn cases() -> Vec<Trial> {
    let fields = CASES.iter().map(|(code, fields, is_found)| {
        let name = format!("services::{code}: {fields}");
        let text = format!("services:\n  web:\n    image: \"a:1\"\n    {fields}\n");
        crate::case(name, move || found(code, &text, *is_found))
    });
    let images = IMAGES.iter().map(|(image, is_found)| {
        let name = format!("services::refused-by-engine: image {image}");
        let text = format!("services: {{ web: {{ image: '{image}' }} }}\n");
        crate::case(name, move || found("refused-by-engine", &text, *is_found))
    });
    let of_images = [
        ("clickhouse/clickhouse-server:25.3", "9000:9000", true),
        ("clickhouse/clickhouse-server:25.3", "8123:8123", true),
        ("influxdb:2.7", "8086:8086", true),
        ("influxdb2:2.7", "8086:8086", true),
        ("postgres:17", "5400-5500:5400-5500", true),
        ("acme/javascript-api:1.0", "5005:5005", false),
        ("acme/openjdk17-api:1.0", "5005:5005", true),
        ("acme/research:1.0", "9200:9200", false),
        ("elasticsearch:9.1", "9200:9200", true),
    ];
    let of_images = of_images.into_iter().map(|(image, port, is_found)| {
        let text = format!("services: {{ x: {{ image: '{image}', ports: ['{port}'] }} }}\n");
        let name = format!("services::data-port-everywhere: {image} {port}");
        crate::case(name, move || found("data-port-everywhere", &text, is_found))
    });
    let dropped = [
        "services: { web: { image: 'a:1', volumes: ['data:/data', 'data2:/data/'] } }\nvolumes: { data: {}, data2: {} }\n",
        "services: { web: { image: 'a:1', configs: [{ source: y, target: /etc/y }, { source: z, target: /etc/y }] } }\n\
         configs: { y: { content: a }, z: { content: b } }\n",
    ];
    let dropped = dropped.into_iter().enumerate().map(|(at, text)| {
        crate::case(
            format!("services::mounted-twice says it all: {at}"),
            move || {
                found("mounted-twice", text, true)?;
                found("unused-resource", text, false)
            },
        )
    });
    let volumes = [
        ("'a b'", "", true),
        ("a", "", true),
        ("ab", "", false),
        ("'a b'", "driver: x", false),
        ("'a b'", "external: true", false),
    ];
    let volumes = volumes.into_iter().map(|(name, more, is_found)| {
        let more = if more.is_empty() { String::new() } else { format!(", {more}") };
        let text = format!("services: {{ web: {{ image: 'a:1', volumes: ['d:/d'] }} }}\nvolumes: {{ d: {{ name: {name}{more} }} }}\n");
        let title = format!("services::refused-by-engine: volume {name}{more}");
        crate::case(title, move || found("refused-by-engine", &text, is_found))
    });
    fields
        .chain(volumes)
        .chain(addresses())
        .chain(predefined())
        .chain(images)
        .chain(of_images)
        .chain(dropped)
        .collect()
}

/// Whether a rule finds something in a file, as it should or should not; if not, why.
fn found(code: &str, text: &str, is_expected: bool) -> Result<(), String> {
    let project = Project::empty();
    project.write("compose.yml", text);
    project.write("own.env", "OWN=1\n");
    let names = ["compose.yml".to_owned()];
    let codes = checked::files(&project.path(""), &names, Orchestrator::Docker)
        .map_err(|why| why.to_string())?;
    if codes.contains(&code) == is_expected {
        return Ok(());
    }
    Err(format!("{text}found {codes:?}"))
}
