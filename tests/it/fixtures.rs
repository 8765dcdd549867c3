//! Fixtures: what templates embed and hosts mount of them, and what must not be in them.

use serde_json::Value;

use crate::project::{Project, root};

/// The findings of a rule: where, and the message.
fn findings(project: &Project, rule: &str) -> Vec<(String, String)> {
    let ran = project.run(&["check", "--select", rule, "--format", "json"]);
    let report = ran.json();
    let found = report["findings"].as_array().unwrap().iter().map(|one| {
        let place = format!(
            "{}:{}:{}",
            one["place"]["file"].as_str().unwrap(),
            one["place"]["line"],
            one["place"]["column"]
        );
        (place, one["message"].as_str().unwrap().to_owned())
    });
    found.collect()
}

const RULE: &str = "unscrubbed-fixture";

#[test]
fn those_of_this_repository_agree() {
    let read = |name: &str| std::fs::read_to_string(root().join("fixtures").join(name)).unwrap();
    let answers: Value = serde_json::from_str(&read("api.json")).unwrap();
    let points: Value = serde_json::from_str(&read("qdrant/points.json")).unwrap();
    let rows = read("postgres.sql");
    let incidents = answers["/api/incidents"].as_array().unwrap();
    for (incident, point) in incidents.iter().zip(points["points"].as_array().unwrap()) {
        assert_eq!(point["payload"]["incident"], incident["id"]);
        assert_eq!(point["payload"]["title"], incident["title"]);
    }
    for (table, fields) in [
        (
            "incidents",
            ["id", "title", "severity", "status"].as_slice(),
        ),
        ("pulse", &["id", "headline", "published"]),
    ] {
        for row in answers[format!("/api/{table}")].as_array().unwrap() {
            let values: Vec<String> = fields
                .iter()
                .map(|field| format!("'{}'", row[field].as_str().unwrap()))
                .collect();
            let row = format!("({})", values.join(", "));
            assert!(rows.contains(&row), "{row} is not in postgres.sql");
        }
    }
}

/// Whatever is in a file that is mounted or embedded is reported at its line, and is not shown.
#[test]
fn what_is_not_invented_is_reported_where_it_is_and_not_shown() {
    // Put together here, so that this file holds none itself.
    let token = format!("ghp_{}", "a1B2".repeat(9));
    let mail = ["ada", "nowhere.dev"].join("@");
    let project = Project::nata();
    assert_eq!(findings(&project, RULE), []);
    project.edit("fixtures/api.json", "Another one", &mail);
    project.edit(
        "fixtures/postgres.sql",
        "'Another one'",
        &format!("'{token}'"),
    );
    let found = findings(&project, RULE);
    assert_eq!(
        found,
        [
            (
                "fixtures/api.json:10:37".to_owned(),
                "this is an e-mail address".to_owned()
            ),
            (
                "fixtures/postgres.sql:20:16".to_owned(),
                "this is a token of GitHub".to_owned()
            ),
        ]
    );
    for format in ["human", "concise", "json", "sarif", "markdown"] {
        let ran = project.run(&["check", "--select", RULE, "--format", format]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        let shown = ran.stdout + &ran.stderr;
        assert!(!shown.contains(&mail) && !shown.contains(&token), "{shown}");
    }
    // The mocks of previews have the same answers, so it is theirs as well.
    let ran = project.run(&["check", "--select", RULE, "--format", "json"]);
    let report = ran.json();
    assert_eq!(
        report["findings"][0]["environments"],
        serde_json::json!(["local", "preview"])
    );
}

/// A host with Compose files of its own is read like any other, a folder of fixtures file by file; sources of programs that
/// it mounts are not.
#[test]
fn files_of_hosts_are_read_as_well() {
    let project = Project::empty();
    project.write("environments/catalog.yaml", "product: shop\n");
    project.write(
        "environments/local.yaml",
        "environment: local\ndata: fixtures\nhosts:\n  local: { files: [deploy/compose.yml] }\n",
    );
    project.write(
        "deploy/compose.yml",
        "services:\n  db:\n    image: postgres:17.6\n    volumes:\n      - ../fixtures:/docker-entrypoint-initdb.d:ro\n      \
         - ./seed.sql:/seed.sql:ro\n      - ../app:/app\n      - ../fixtures/none.sql:/none.sql:ro\n",
    );
    let phone = ["+49", "151", "23456789"].join(" ");
    project.write(
        "fixtures/a/rows.sql",
        &format!("-- one\nSELECT '{phone}';\n"),
    );
    project.write(
        "deploy/seed.sql",
        "SELECT 'https://nowhere.dev/x', 'https://a.example/';\n",
    );
    project.write("app/package.json", "{ \"author\": \"ada@nowhere.dev\" }\n");
    let found = findings(&project, RULE);
    assert_eq!(
        found,
        [
            (
                "deploy/compose.yml:8:9".to_owned(),
                "`fixtures/none.sql` does not exist".to_owned()
            ),
            (
                "deploy/seed.sql:1:17".to_owned(),
                "this is the name of a real domain".to_owned()
            ),
            (
                "fixtures/a/rows.sql:2:9".to_owned(),
                "this is a telephone number".to_owned()
            ),
        ]
    );
    // Without a promise about its data, nothing is looked at.
    project.edit("environments/local.yaml", "data: fixtures\n", "");
    assert_eq!(findings(&project, RULE), []);
    project.edit("environments/local.yaml", "hosts:", "data: own\nhosts:");
    let misplaced = findings(&project, "misplaced-fixture");
    let places: Vec<&str> = misplaced.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["deploy/compose.yml:5:9", "deploy/compose.yml:8:9"]);
}

/// A project with a host of its own Compose file, with the given kind of data.
fn shop(data: &str, compose: &str) -> Project {
    let project = Project::empty();
    project.write("environments/catalog.yaml", "product: shop\n");
    project.write(
        "environments/local.yaml",
        &format!("environment: local\ndata: {data}\nhosts:\n  local: {{ files: [compose.yml] }}\n"),
    );
    project.write("compose.yml", compose);
    project
}

/// The places of the findings of a rule.
fn places(project: &Project, rule: &str) -> Vec<String> {
    let found = findings(project, rule).into_iter();
    found.map(|(place, _)| place).collect()
}

/// Whatever way a file takes into a service, it is read.
#[test]
fn files_are_read_however_they_come_into_a_service() {
    let mail = ["ada", "nowhere.dev"].join("@");
    for (way, file) in [
        ("env_file: seed.env", "seed.env"),
        (
            "env_file: [{ path: ./seed.env, required: false }]",
            "seed.env",
        ),
        ("volumes: ['./seed.bin:/seed']", "seed.bin"),
        (
            "volumes: ['./init:/docker-entrypoint-initdb.d:ro']",
            "init/a/seed.sh",
        ),
        ("volumes: ['./seeds:/seeds']", "seeds/rows.csv"),
        ("volumes: ['.:/app']", "fixtures/rows.sql"),
        ("volumes: ['..:/all']", "fixtures/rows.sql"),
        ("volumes: ['${PWD}/fixtures:/fix']", "fixtures/rows.sql"),
        ("volumes: ['$PWD:/fix']", "fixtures/rows.sql"),
        (
            "volumes: ['HERE/fixtures/rows.sql:/rows.sql']",
            "fixtures/rows.sql",
        ),
        ("volumes: ['${SEED:-./fixtures}:/fix']", "fixtures/rows.sql"),
        ("volumes: ['./link:/fix']", "fixtures/rows.sql"),
        (
            "volumes: ['rows:/rows']\nvolumes:\n  rows: { driver_opts: { type: none, o: 'bind,ro', device: HERE/fixtures } }",
            "fixtures/rows.sql",
        ),
        (
            "secrets: [a]\nsecrets: { a: { file: ./seed.txt } }",
            "seed.txt",
        ),
        (
            "configs: [a]\nconfigs: { a: { file: ./seed.txt } }",
            "seed.txt",
        ),
    ] {
        let project = shop("fixtures", "");
        let here = project.path("");
        let way = way.replace("HERE", here.to_str().unwrap().trim_end_matches('/'));
        let compose = format!("services:\n  db:\n    image: postgres:17.6\n    {way}\n");
        project.write("compose.yml", &compose);
        project.write("fixtures/clean.sql", "SELECT 1;\n");
        project.write(file, &format!("one\n{mail}\n"));
        std::os::unix::fs::symlink("fixtures", project.path("link")).unwrap();
        assert_eq!(places(&project, RULE), [format!("{file}:2:1")], "{way}");
        let misplaced = shop("own", &compose);
        misplaced.write(file, "rows\n");
        misplaced.write(
            "compose.yml",
            &compose.replace(
                here.to_str().unwrap().trim_end_matches('/'),
                misplaced.path("").to_str().unwrap().trim_end_matches('/'),
            ),
        );
        std::os::unix::fs::symlink("fixtures", misplaced.path("link")).unwrap();
        let expected = usize::from(file.starts_with("fixtures/"));
        let found = findings(&misplaced, "misplaced-fixture");
        assert_eq!(found.len(), expected, "{way}: {found:?}");
    }
}

/// Sources of programs are none, and neither is what is elsewhere.
#[test]
fn other_files_are_not_read() {
    let mail = ["ada", "nowhere.dev"].join("@");
    for (way, file) in [
        ("volumes: ['./app:/app']", "app/package.json"),
        ("volumes: ['.:/app']", "README.md"),
        ("volumes: ['.:/app']", "node_modules/a/rows.csv"),
        ("volumes: ['.:/app']", ".git/rows.sql"),
        (
            "volumes: ['rows:/rows']\nvolumes: { rows: {} }",
            "rows/rows.sql",
        ),
        ("volumes: ['/:/host:ro']", "fixtures/rows.sql"),
        ("volumes: ['~/app/fixtures:/fix']", "fixtures/rows.sql"),
        ("labels: { maintainer: MAIL }", "fixtures/rows.sql"),
        (
            "environment: { DATABASE: 'postgres://shop@db.nowhere.dev/shop', PAGE: 'https://nowhere.dev', DNS: 9.9.9.9 }",
            "a",
        ),
    ] {
        let way = way.replace("MAIL", &mail);
        let compose = format!("services:\n  db:\n    image: postgres:17.6\n    {way}\n");
        for (data, rule) in [("fixtures", RULE), ("own", "misplaced-fixture")] {
            let project = shop(data, &compose);
            project.write(file, &format!("{mail}\n"));
            assert_eq!(findings(&project, rule), [], "{way}");
        }
    }
}

/// A service gets data as values of variables and in commands as well, with the place in the Compose file.
#[test]
fn values_of_a_compose_file_are_read() {
    let mail = ["berta.meier", "gmail.com"].join("@");
    let encoded = mail.replace('@', "%40");
    let card = ["45391488", "03436467"].concat();
    for (way, place) in [
        (
            format!("environment: {{ SEED: {mail} }}"),
            "compose.yml:4:26",
        ),
        (
            format!("environment: ['SEED={encoded}']"),
            "compose.yml:4:25",
        ),
        (
            format!("environment: {{ SEED: '{card}' }}"),
            "compose.yml:4:27",
        ),
        (
            format!("command: psql -c \"INSERT INTO t VALUES ('{mail}')\""),
            "compose.yml:4:46",
        ),
        (
            format!("command: [seed, '--mail', {mail}]"),
            "compose.yml:4:31",
        ),
        (format!("entrypoint: [seed, {mail}]"), "compose.yml:4:24"),
        (
            format!("post_start: [{{ command: [seed, {mail}] }}]"),
            "compose.yml:4:36",
        ),
    ] {
        let compose = format!("services:\n  db:\n    image: postgres:17.6\n    {way}\n");
        assert_eq!(places(&shop("fixtures", &compose), RULE), [place], "{way}");
        assert_eq!(findings(&shop("own", &compose), RULE), [], "{way}");
    }
}

/// A password is one in a script, in YAML and in SQL, and a reserved address is none however it is written.
#[test]
fn secrets_are_found_by_their_names_in_every_kind_of_file() {
    let compose = "services:\n  db:\n    image: postgres:17.6\n    volumes: ['./fixtures:/docker-entrypoint-initdb.d']\n";
    let secret = ["hunter2", "secret"].concat();
    for (file, text, is_found) in [
        ("a.yaml", format!("admin:\n  password: {secret}\n"), true),
        ("a.sh", format!("export PGPASSWORD={secret}\n"), true),
        ("a.mjs", format!("const password = \"{secret}\";\n"), true),
        (
            "a.sql",
            format!("ALTER USER shop PASSWORD '{secret}';\n"),
            true,
        ),
        ("a.json", format!("{{ \"token\": \"{secret}\" }}\n"), true),
        (
            "a.yaml",
            "password: ${PASSWORD}\nmail: ada%40example.org\n".to_owned(),
            false,
        ),
        (
            "a.mjs",
            "const password = read(\"/run/secrets/password\");\n".to_owned(),
            false,
        ),
    ] {
        let project = shop("fixtures", compose);
        project.write(&format!("fixtures/{file}"), &text);
        let found = findings(&project, RULE);
        assert_eq!(
            found.len(),
            usize::from(is_found),
            "{file}: {text}{found:?}"
        );
        let shown = project.run(&["check", "--select", RULE]);
        assert!(!shown.stdout.contains(&secret), "{}", shown.stdout);
    }
}

/// What a template makes of a fixture stays one, and a script that it embeds holds no password.
#[test]
fn what_templates_embed_is_known_whatever_they_make_of_it() {
    for embedded in [
        "fixture(\"api.json\")",
        "fixture(\"api.json\") ~ \"// tail\"",
        "fixture(\"api.json\")|replace(\"\\n\", \"\")",
        "fixture(\"api.json\")|upper",
    ] {
        let project = Project::nata();
        project.edit(
            "templates/compose/vps.yml.j2",
            "  loki:\n",
            &format!("  rows:\n    content: {{{{ {embedded} }}}}\n  loki:\n"),
        );
        let found = findings(&project, "misplaced-fixture");
        assert!(!found.is_empty(), "{embedded}");
        let (_, message) = &found[0];
        assert!(message.contains("`fixtures/api.json`"), "{message}");
    }
    let project = Project::nata();
    project.edit(
        "templates/services/app.yml.j2",
        "      DATA: {{ data }}\n",
        "      DATA: {{ data }}\n      SEED: {{ fixture(\"postgres.sql\") }}\n",
    );
    let found = findings(&project, "misplaced-fixture");
    assert!(!found.is_empty());
    assert!(
        found[0].0.starts_with("templates/services/app.yml.j2:"),
        "{found:?}"
    );

    let project = Project::nata();
    let secret = ["hunter2", "secret"].concat();
    project.edit(
        "templates/configs/mock-api.mjs.j2",
        "const fixtures =",
        &format!("const password = \"{secret}\";\nconst fixtures ="),
    );
    let found = findings(&project, RULE);
    let [(place, message)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(
        place.starts_with("templates/compose/mocked.yml.j2:9:"),
        "{place}"
    );
    assert!(message.contains("password"), "{message}");
}

/// A template can embed a text below `fixtures/`, and nothing else.
#[test]
fn a_template_embeds_a_fixture_as_it_is() {
    let project = Project::sound();
    let host = "templates/web.yml.j2";
    let text = "a: $x {{ y }}\n# \u{e000}\n\tb: 'c'\n";
    project.write("fixtures/deep/text", text);
    let rows = "x-rows: {{ fixture(\"deep/text\") }}\n";
    project.write(host, &(rows.to_owned() + &project.read(host)));
    let ran = project.run(&["render", "--stdout", "web"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let document: serde_yaml::Value = serde_yaml::from_str(&ran.stdout).unwrap();
    assert_eq!(document["x-rows"], text.replace('$', "$$"));
    // What is below a key that a file makes up is hidden, so only the rest of a message is shown.
    for (name, why) in [
        (
            "../environments/catalog.yaml",
            "takes the path of a file below",
        ),
        ("/etc/passwd", "takes the path of a file below"),
        ("missing", "does not exist"),
        ("deep", "it is a directory"),
    ] {
        project.edit(
            host,
            "fixture(\"deep/text\")",
            &format!("fixture(\"{name}\")"),
        );
        let ran = project.run(&["render", "--stdout", "web"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
        assert!(ran.stderr.contains(host), "{}", ran.stderr);
        project.edit(
            host,
            &format!("fixture(\"{name}\")"),
            "fixture(\"deep/text\")",
        );
    }
}

#[test]
fn a_default_is_written_only_where_there_is_no_fixture() {
    let project = Project::sound();
    let host = "templates/web.yml.j2";
    let rows = "x-rows: {{ fixture(\"rows\", default=\"{}\") }}\n";
    project.write(host, &(rows.to_owned() + &project.read(host)));
    let renders = |rows: &str| {
        let ran = project.run(&["render", "--stdout", "web"]);
        assert!(ran.stdout.contains(rows), "{}{}", ran.stdout, ran.stderr);
    };
    renders("x-rows: '{}'\n");
    project.write("fixtures/rows", "some");
    renders("x-rows: some\n");
    project.edit(host, "default=", "defualt=");
    let ran = project.run(&["render", "--stdout", "web"]);
    assert!(
        ran.stderr.contains("defualt"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
}

/// A package or a part of a checkout may have no fixtures: it renders, and has no finding of its own.
#[test]
fn this_repository_can_be_rendered_and_checked_without_its_fixtures() {
    let project = Project::nata();
    std::fs::remove_dir_all(project.path("fixtures")).unwrap();
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}
