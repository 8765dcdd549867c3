//! Hosts whose Compose files are written by hand: no template, nothing to render, and everything else works.

use serde_json::{Value, json};

use crate::drift::fake::Fake;
use crate::project::{Project, Ran};
use crate::promote::Repository;

const BASE: &str = "\
services:
  web:
    image: nginx:1.29.1
    ports: [\"127.0.0.1:${WEB_PORT}:80\"]
    networks: [front]
    depends_on: [db]
  db:
    image: postgres:17.6
    environment:
      POSTGRES_DB: ${DB_NAME}
      POSTGRES_PASSWORD: ${DB_PASSWORD:?set it in the env file}
    volumes: [data:/var/lib/postgresql/data]
    networks: [back]
  debug:
    image: adminer:5.4.0
    profiles: [debug]
    ports: [\"127.0.0.1:9000:8080\"]
    networks: [back]
networks:
  front: {}
  back: { internal: true }
volumes:
  data: {}
";

pub(crate) const DEV: &str = "\
services:
  web:
    environment: { MODE: dev }
";

const PROD: &str = "\
services:
  web:
    restart: unless-stopped
  db:
    restart: unless-stopped
";

const CATALOG: &str = "\
product: shop
services:
  web: { role: edge, serves: 80 }
  db: { role: state }
";

pub(crate) fn environment(name: &str, fields: &str) -> String {
    format!(
        "environment: {name}\n{fields}hosts:\n  {name}-box:\n    machine: box\n    docker: unix:///var/run/docker.sock\n    \
         files: [compose.yml, compose.{name}.yml]\n    env_files: [.env.{name}]\n    project: shop-{name}\n"
    )
}

/// A shop with two environments on one machine, which collide in nothing.
pub(crate) fn shop() -> Project {
    let project = Project::empty();
    project.write("environments/catalog.yaml", CATALOG);
    for (name, fields, file, port) in [
        ("dev", "", DEV, 8081),
        (
            "prod",
            "promotion: { from: main, requires: [journal] }\n",
            PROD,
            8080,
        ),
    ] {
        project.write(
            &format!("environments/{name}.yaml"),
            &environment(name, fields),
        );
        project.write(&format!("compose.{name}.yml"), file);
        let variables = format!("WEB_PORT={port}\nDB_NAME=shop\nDB_PASSWORD=of-{name}-alone\n");
        project.write(&format!(".env.{name}"), &variables);
    }
    project.write("compose.yml", BASE);
    project
}

/// The findings of a check: code, place and message.
fn findings(project: &Project) -> Vec<(String, String, String)> {
    read(&project.run(&["check", "--format", "json"]))
}

pub(crate) fn read(ran: &Ran) -> Vec<(String, String, String)> {
    let report = ran.json();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let (code, message) = (text(finding, "code"), text(finding, "message"));
            (code, text(&finding["place"], "file"), message)
        })
        .collect()
}

pub(crate) fn with_git(repository: &Repository, arguments: &[&str]) -> Ran {
    let path = std::env::var("PATH").unwrap();
    repository.0.run_with(arguments, &[("PATH", &path)])
}

pub(crate) fn of_code_with_git(repository: &Repository, code: &str) -> Vec<(String, String)> {
    let ran = with_git(repository, &["check", "--format", "json"]);
    let found = read(&ran).into_iter();
    found
        .filter(|(own, ..)| own == code)
        .map(|(_, file, message)| (file, message))
        .collect()
}

pub(crate) fn of_code(project: &Project, code: &str) -> Vec<(String, String)> {
    let found = findings(project).into_iter();
    found
        .filter(|(own, ..)| own == code)
        .map(|(_, file, message)| (file, message))
        .collect()
}

#[test]
fn the_files_of_a_host_are_fixed() {
    let project = shop();
    for file in ["compose.dev.yml", "compose.prod.yml"] {
        project.edit(file, "services:", "version: '3'\nservices:");
    }
    project.edit("compose.yml", "nginx:1.29.1", "nginx:${TAG}");
    let ran = project.run(&["check", "--fix", "dev"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("compose.dev.yml"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("prod"), "{}", ran.stdout);
    let ran = project.run(&["check", "--fix", "--write"]);
    succeeded(&ran);
    assert_eq!(project.read("compose.dev.yml"), DEV);
    assert_eq!(project.read("compose.prod.yml"), PROD);
    assert_eq!(
        project.read("compose.yml"),
        BASE.replace("nginx:1.29.1", "nginx:${TAG:?}")
    );
    assert_eq!(project.run(&["check", "--fix"]).code, Some(0));
}

pub(crate) fn succeeded(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn nothing_is_rendered() {
    let project = shop();
    let before = project.everything();
    for arguments in [&["render"][..], &["render", "prod"], &["render", "--check"]] {
        let ran = project.run(arguments);
        succeeded(&ran);
        assert_eq!(ran.stderr, "", "{arguments:?}");
        assert!(
            project.everything() == before,
            "{arguments:?} wrote something"
        );
    }
    let ran = project.run(&["render", "-v"]);
    assert!(
        ran.stderr.contains("`prod-box` has files of its own"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_port_of_two_environments_on_one_machine() {
    let project = shop();
    assert_eq!(of_code(&project, "port-taken"), []);
    // The numbers come from env files, and a service without its profile takes no port.
    project.edit(".env.dev", "WEB_PORT=8081", "WEB_PORT=8080");
    let found = of_code(&project, "port-taken");
    let [(file, message)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(file, "compose.yml");
    assert!(message.contains("on machine `box`"), "{message}");
    project.edit(
        "environments/dev.yaml",
        "    machine: box\n",
        "    machine: laptop\n",
    );
    assert_eq!(of_code(&project, "port-taken"), []);
}

#[test]
fn what_is_wrong_is_reported_in_the_file_that_says_it() {
    let project = shop();
    let secret = |project: &Project| of_code(project, "secret-in-environment");
    // A value from an env file is not in the Compose file.
    assert_eq!(secret(&project), []);
    let own = "environment: { MODE: dev, ADMIN_PASSWORD: hunter2hunter2 }";
    project.edit("compose.dev.yml", "environment: { MODE: dev }", own);
    project.edit(
        "compose.prod.yml",
        "restart: unless-stopped",
        "privileged: true",
    );
    let found = secret(&project);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "compose.dev.yml");
    let found = of_code(&project, "privileged");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "compose.prod.yml");
}

#[test]
fn names_of_other_environments_and_isolation() {
    let project = shop();
    project.write(
        "environments/catalog.yaml",
        &format!("{CATALOG}namespaces: [database]\n"),
    );
    for name in ["dev", "prod"] {
        let file = format!("environments/{name}.yaml");
        let fields = format!(
            "namespaces: {{ database: shop_{name} }}\nisolation: {{ reach: loopback }}\nhosts:"
        );
        project.edit(&file, "hosts:", &fields);
    }
    assert_eq!(of_code(&project, "foreign-name"), []);
    project.edit("compose.dev.yml", "MODE: dev", "DATABASE: shop_prod");
    let found = of_code(&project, "foreign-name");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "compose.dev.yml");
    // A variable may have it as a default, or a part of it.
    let variables = project.read(".env.dev");
    project.write(".env.dev", &format!("{variables}SET=shop_dev\nEMPTY=\n"));
    for value in [
        "\"${DB:-shop_prod}\"",
        "\"${DB-shop_prod}\"",
        "\"${DB:+shop_prod}\"",
        "\"${A:-${B-shop_prod}}\"",
        "\"shop_${E:-prod}\"",
        "\"${EMPTY:-shop_prod}\"",
        "\"${EMPTY+shop_prod}\"",
        "\"${SET:+shop_prod}\"",
        "\"$${A}${DB:-shop_prod}\"",
        "\"postgres://db/${DB:-shop%5Fprod}\"",
    ] {
        let edited = format!("services: {{ web: {{ environment: {{ DATABASE: {value} }} }} }}\n");
        project.write("compose.dev.yml", &edited);
        assert_eq!(of_code(&project, "foreign-name").len(), 1, "{value}");
    }
    for value in [
        "\"${DB:-shop_dev}\"",
        "\"${DB:-my-shop_prod}\"",
        "\"shop_${E}prod\"",
        // A shell is to read it, or somebody.
        "\"$${DB:-shop_prod}\"",
        "\"${DB:?shop_prod, or what you have}\"",
        // The env file of the host sets `SET`, and sets `EMPTY` to nothing.
        "\"${SET:-shop_prod}\"",
        "\"${SET-shop_prod}\"",
        "\"${EMPTY-shop_prod}\"",
        "\"${EMPTY:+shop_prod}\"",
        "\"shop_${SET:-prod}\"",
        "\"postgres://db/${SET:-shop_prod}\"",
        "\"${SET:-db/shop_prod}\"",
        "\"${SET:-${B:-shop_prod}}\"",
    ] {
        let edited = format!("services: {{ web: {{ environment: {{ DATABASE: {value} }} }} }}\n");
        project.write("compose.dev.yml", &edited);
        assert_eq!(of_code(&project, "foreign-name"), [], "{value}");
    }
    // What a file that is not here sets is not known.
    project.write(
        "compose.dev.yml",
        "services: { web: { labels: { db: '${DB:-shop_prod}' } } }\n",
    );
    assert_eq!(of_code(&project, "foreign-name").len(), 1);
    project.remove(".env.dev");
    assert_eq!(of_code(&project, "foreign-name"), []);
    project.write(".env.dev", &variables);
    project.edit(
        "compose.yml",
        "127.0.0.1:${WEB_PORT}",
        "0.0.0.0:${WEB_PORT}",
    );
    let found = findings(&project);
    let is_open = |(code, file, _): &(String, String, String)| {
        file == "compose.yml" && code == "loopback-only"
    };
    assert!(found.iter().any(is_open), "{found:?}");
}

#[test]
fn a_described_service_that_no_file_has_is_reported() {
    let project = shop();
    assert_eq!(of_code(&project, "unused-value"), []);
    project.write(
        "environments/catalog.yaml",
        &format!("{CATALOG}  cache: {{ role: state }}\n"),
    );
    let found = of_code(&project, "unused-value");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].1.contains("no host runs the service `cache`"),
        "{found:?}"
    );
}

/// What a service is made of is in the Compose files: a spec only says what it is for.
#[test]
fn what_has_no_effect_beside_files_is_reported() {
    let described = |file: &str, old: &str, new: &str| {
        let project = shop();
        project.edit(file, old, new);
        of_code(&project, "unused-value")
    };
    let (catalog, prod) = ("environments/catalog.yaml", "environments/prod.yaml");
    for (file, old, new, expected) in [
        (
            catalog,
            "db: { role: state }",
            "db: { role: state, image: 'd:2', limits: { memory: 1G } }",
            "`image`, `limits` of the service `db` have no effect",
        ),
        (
            prod,
            "hosts:",
            "services: { web: { environment: { A: b } } }\nhosts:",
            "`environment` of the service `web` has no effect",
        ),
        (
            prod,
            "hosts:",
            "services: { db: null }\nhosts:",
            "`db: null` has no effect",
        ),
        (
            prod,
            "hosts:",
            "values: { a: 1 }\nhosts:",
            "`values` has no effect",
        ),
        (
            catalog,
            "services:",
            "values: { a: 1 }\nservices:",
            "`values` has no effect",
        ),
        (
            catalog,
            "services:",
            "defaults: { restart: always }\nservices:",
            "`defaults` has no effect",
        ),
        (
            prod,
            "hosts:",
            "defaults: { restart: always }\nhosts:",
            "`defaults` has no effect",
        ),
    ] {
        let found = described(file, old, new);
        assert_eq!(found.len(), 1, "{new}: {found:?}");
        assert!(found[0].1.contains(expected), "{found:?}");
    }
    let found = described(
        prod,
        "hosts:",
        "services: { db: { role: state, allow: {} } }\nhosts:",
    );
    assert_eq!(found, []);
}

#[test]
fn the_state_is_that_of_the_same_files_on_the_command_line() {
    let project = shop();
    let of_host = project.run(&["state", "--host", "prod-box"]);
    succeeded(&of_host);
    let of_files = project.run(&[
        "state", "-f", "compose.yml", "-f", "compose.prod.yml", "--env-file", ".env.prod", "-p",
        "shop-prod",
    ]);
    assert_eq!(of_host.json(), of_files.json());
    assert_eq!(
        of_host.json()["services"]["web"]["ports"][0]["published"],
        "8080"
    );
    // Without a name in the spec, the project has the one that Compose gives it.
    project.edit("environments/prod.yaml", "    project: shop-prod\n", "");
    project.edit("compose.yml", "services:\n", "name: bookshop\nservices:\n");
    let ran = project.run(&["state", "--host", "prod-box"]);
    assert_eq!(ran.json()["project"], "bookshop");
}

#[test]
fn two_environments_are_compared() {
    let project = shop();
    let ran = project.run(&["diff", "dev", "prod", "--format", "json"]);
    let report = ran.json();
    let text = report.to_string();
    for what in ["services.web.restart", "services.db.restart"] {
        assert!(text.contains(what), "{text}");
    }
    for what in ["services.db.image", "services.debug", "networks.back"] {
        assert!(!text.contains(what), "{text}");
    }
    project.edit("environments/dev.yaml", "hosts:", "mirrors: prod\nhosts:");
    let found = of_code(&project, "mirror");
    assert!(
        found.iter().any(|(_, message)| message.contains("restart")),
        "{found:?}"
    );
}

#[test]
fn paths_stay_in_the_project() {
    let project = shop();
    project.edit(
        "environments/prod.yaml",
        "compose.prod.yml]",
        "compose.none.yml]",
    );
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("cannot read `compose.none.yml`"),
        "{}",
        ran.stderr
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/hosts", project.path("compose.none.yml")).unwrap();
        let ran = project.run(&["check"]);
        assert_eq!(ran.code, Some(2));
        assert!(
            ran.stderr.contains("leads out of the project"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_promotion_records_the_files() {
    let project = shop();
    project.write(".gitignore", ".env.*\n");
    let repository = Repository(project);
    repository.git(&["init", "-q", "-b", "main"]);
    repository.commit();
    let ran = repository.promote(&["main", "--to", "prod", "--record"]);
    succeeded(&ran);
    let journal = repository.0.read("releases/journal.jsonl");
    let entry: Value = serde_json::from_str(journal.trim_end()).unwrap();
    let files: Vec<&String> = entry["files"].as_object().unwrap().keys().collect();
    assert_eq!(files, ["compose.prod.yml", "compose.yml"]);
    assert_eq!(of_code(&repository.0, "journal-files"), []);
    repository
        .0
        .edit("compose.prod.yml", "unless-stopped", "always");
    let found = of_code(&repository.0, "journal-files");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "compose.prod.yml");
    let ran = repository.promote(&["main", "--to", "prod"]);
    assert_eq!(ran.code, Some(1));
    let said = ran.stdout + &ran.stderr;
    assert!(said.contains("`compose.prod.yml` differs"), "{said}");
}

/// An env file decides what runs as much as a Compose file, and is released with the commit that has it.
#[test]
fn a_promotion_records_the_env_files_of_the_commit() {
    let project = shop();
    project.edit(
        "compose.prod.yml",
        "  web:\n",
        "  web:\n    env_file: web.env\n",
    );
    project.write("web.env", "MODE=fast\n");
    project.write(".env.prod", "WEB_PORT=8080\nDB_NAME=shop\n");
    project.write(".gitignore", ".env.dev\n");
    let repository = Repository(project);
    repository.git(&["init", "-q", "-b", "main"]);
    repository.commit();
    succeeded(&repository.promote(&["main", "--to", "prod", "--record"]));
    repository.commit();
    let journal = repository.0.read("releases/journal.jsonl");
    let entry: Value = serde_json::from_str(journal.trim_end()).unwrap();
    let files: Vec<&String> = entry["files"].as_object().unwrap().keys().collect();
    assert_eq!(
        files,
        [".env.prod", "compose.prod.yml", "compose.yml", "web.env"]
    );
    assert_eq!(of_code(&repository.0, "journal-files"), []);
    for (file, old, new) in [
        (".env.prod", "DB_NAME=shop", "DB_NAME=other"),
        ("web.env", "fast", "slow"),
    ] {
        repository.0.edit(file, old, new);
        let ran = repository.promote(&["main", "--to", "prod"]);
        assert_eq!(ran.code, Some(1));
        let said = ran.stdout + &ran.stderr;
        assert!(said.contains(&format!("`{file}` differs")), "{said}");
        assert!(said.contains(&format!("changed    {file}")), "{said}");
        // What changed may be a secret.
        assert!(!said.contains(new), "{said}");
        repository.commit();
        let found = of_code(&repository.0, "journal-files");
        let message = format!("`{file}` differs from what was released into `prod`");
        assert_eq!(found, [(file.to_owned(), message)]);
        succeeded(&repository.promote(&["main", "--to", "prod", "--record"]));
        repository.commit();
        assert_eq!(of_code(&repository.0, "journal-files"), []);
    }
}

#[test]
fn an_engine_without_the_project_has_drifted() {
    let project = shop();
    let engine = Fake::empty();
    let mut command = crate::project::composegen();
    command
        .args([
            "drift",
            "--host",
            "prod-box",
            "--format",
            "json",
            "--docker",
            &engine.url(),
        ])
        .current_dir(project.path("."))
        .envs(engine.variables());
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let report = ran.json();
    let host = &report["hosts"][0];
    assert_eq!(host["host"], "prod-box");
    assert_eq!(host["environment"], "prod");
    assert_eq!(host["project"], "shop-prod");
    assert_eq!(host["findings"][0]["code"], json!("project-missing"));
    let help = host["findings"][0]["help"].as_str().unwrap();
    assert!(
        help.contains("-f compose.yml -f compose.prod.yml"),
        "{help}"
    );
}

#[test]
fn an_allowance_of_one_host_is_not_for_another_that_shares_a_file() {
    let allow = "x-composegen: { allow: { privileged: r } }\n";
    for dev in [format!("{allow}{DEV}"), format!("{DEV}  db:\n    {allow}")] {
        let project = shop();
        let image = "    image: postgres:17.6\n";
        project.edit(
            "compose.yml",
            image,
            &format!("{image}    privileged: true\n"),
        );
        project.write("compose.dev.yml", &dev);
        let ran = project.run(&["check", "--format", "json"]);
        let report = ran.json();
        let hosts = |list: &str, code: &str| {
            let all = report[list].as_array().unwrap().iter();
            let of_code = all.filter(|one| one["code"] == code);
            of_code.map(|one| one["hosts"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            hosts("findings", "privileged"),
            [json!(["prod-box"])],
            "{dev}"
        );
        assert_eq!(
            hosts("allowed", "privileged"),
            [json!(["dev-box"])],
            "{dev}"
        );
        assert!(hosts("findings", "unused-allowance").is_empty(), "{dev}");
    }
}

/// Files of which one overrides the other are one project: each for itself would lack what the other has.
#[test]
fn files_that_override_each_other_are_checked_as_one() {
    let project = Project::empty();
    project.write(
        "a.yml",
        "services: { web: { image: a, networks: [back] } }\nnetworks: { back: {} }\nsecrets: { s: { file: ./s } }\n",
    );
    project.write(
        "b.yml",
        "services: { web: { ports: ['8080:80'], secrets: [s] }, job: { image: 'j:1', networks: [back] } }\n",
    );
    let checked = |extra: &[&str]| {
        let mut arguments = vec!["check", "--format", "json", "-f", "a.yml", "-f", "b.yml"];
        arguments.extend(extra);
        let found = read(&project.run(&arguments)).into_iter();
        let mut found: Vec<String> = found
            .map(|(code, file, _)| format!("{code} {file}"))
            .collect();
        found.sort();
        found
    };
    let alone = checked(&[]);
    for expected in [
        "project-shared b.yml",
        "refused-by-compose b.yml",
        "undefined-resource b.yml",
        "unused-resource a.yml",
    ] {
        assert!(
            alone.iter().any(|found| found == expected),
            "{expected}: {alone:?}"
        );
    }
    assert_eq!(checked(&["--merge"]), ["unpinned-image a.yml"]);
    let ran = project.run(&["check", "--merge"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

/// A swarm reads its files otherwise than Docker Compose: no `.env`, and a secret may come from a driver.
#[test]
fn the_files_of_a_swarm_are_read_as_a_stack() {
    let project = Project::empty();
    project.write("environments/catalog.yaml", "product: shop\n");
    project.write(
        "environments/prod.yaml",
        "environment: prod\nhosts:\n  cluster:\n    engine: swarm\n    docker: unix:///var/run/docker.sock\n    \
         files: [stack.yml]\n    project: shop\n",
    );
    project.write(
        "stack.yml",
        "services:\n  web:\n    image: nginx:1.29.1\n    ports: [\"${PORT:-8000}:80\"]\n    secrets: [key]\n\
         secrets: {key: {driver: vault}}\n",
    );
    project.write(".env", "PORT=9000\n");
    let ran = project.run(&["catalog", "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("8000"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("9000"), "{}", ran.stdout);
    let refused = |project: &Project| {
        let ran = project.run(&["state", "cluster"]);
        (ran.code, ran.stderr.contains("secret `key` has no content"))
    };
    assert_eq!(refused(&project), (Some(0), false));
    project.edit("environments/prod.yaml", "    engine: swarm\n", "");
    let ran = project.run(&["catalog", "--format", "json"]);
    assert!(ran.stdout.contains("9000"), "{}", ran.stdout);
    assert_eq!(refused(&project), (Some(2), true));
}
