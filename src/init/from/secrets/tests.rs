use serde_yaml::{Mapping, Value};

use super::Secrets;
use crate::variables::Variables;

/// Every way in which a file can hold a secret.
const FILE: &str = r#"
services:
  redis:
    command: redis-server --requirepass hunter01
    healthcheck: { test: [CMD-SHELL, "redis-cli -a hunter02 ping"] }
  db: { healthcheck: { test: mysqladmin ping -phunter03 } }
  web:
    image: web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    command: [serve, --api-key=hunter04, --token, hunter05, --verbose]
    entrypoint: sh -c "export DB_PASSWORD=hunter06; run"
    environment:
      DATABASE_URL: postgres://u:hunter07@db:5432/${DB}
      OTHER_URL: postgres://same:same@db/x
      MAIL_PASS: ${MAIL_PASS:-hunter08}
      ADMIN_PASSWORD: pa$$hunter09
      BROKER: amqp://guest:${RABBIT_PASSWORD:-hunter10}@mq/
      PIN: 4711
      DB_PASSWORD: hunter11
      DB_PASSWORD_FILE: /run/secrets/db
      AUTH_PLUGIN: plain
    labels: { traefik.basicauth.users: admin:$$apr1$$hunter12 }
    build: { args: { NPM_TOKEN: hunter13 } }
    logging: { options: { splunk-token: hunter14 } }
  other: { environment: { DB_PASSWORD: hunter15 } }
  lines:
    entrypoint: [sh, -c, "export ADMIN_TOKEN=hunter20 && exec /game --password=hunter21 --db-password hunter22"]
    command: ["PGPASSWORD='hunter23' psql -h hunter23-host && echo done"]
    healthcheck: { test: [CMD-SHELL, "MYSQL_PWD=hunter24 mysqladmin ping || exit 1"] }
configs:
  c: { content: "user = x\npassword = hunter16\n" }
  redis: { content: "port 6379\nrequirepass hunter18\nuser a on >hunter19 ~*\n" }
volumes:
  nas: { driver_opts: { o: "username=u,password=hunter17" } }
"#;

#[test]
fn secrets_become_variables_and_nothing_else_does() {
    let mut file: Mapping = serde_yaml::from_str(FILE).unwrap();
    let variables = Variables::default();
    let mut secrets = Secrets::new([(&file.clone(), &variables)]);
    let found = secrets.replace(&mut file, &variables);
    let written = serde_yaml::to_string(&Value::Mapping(file)).unwrap();
    assert!(
        !written.replace("hunter23-host", "").contains("hunter") && !written.contains("4711"),
        "{written}"
    );
    for kept in [
        "image: web@sha256:0123",
        "/run/secrets/db",
        "AUTH_PLUGIN: plain",
        "- --token\n",
        "--verbose",
        "user = x",
        "export ADMIN_TOKEN=${LINES_ADMIN_TOKEN:?set it in the env file} && exec /game --password=${",
        ":?set it in the env file}' psql -h hunter23-host && echo done",
        "MYSQL_PWD=${LINES_MYSQL_PWD:?set it in the env file} mysqladmin ping || exit 1",
        "postgres://u:${DATABASE_URL_SECRET:?set it in the env file}@db:5432/${DB}",
        "OTHER_URL: postgres://same:${OTHER_URL_SECRET:?set it in the env file}@db/x",
        "mysqladmin ping -p${DB_PASSWORD:?set it in the env file}",
    ] {
        assert!(written.contains(kept), "{kept}: {written}");
    }
    assert!(found.values.keys().all(|name| !name.contains("HUNTER")));
    let mut values: Vec<&str> = found.values.values().map(String::as_str).collect();
    values.sort_unstable();
    let expected: Vec<String> = (1..=24)
        .map(|number| format!("hunter{number:02}"))
        .collect();
    for value in expected {
        assert!(
            values.iter().any(|known| known.contains(&value)),
            "{value}: {values:?}"
        );
    }
    assert_eq!(found.values["OTHER_DB_PASSWORD"], "hunter15");
}
