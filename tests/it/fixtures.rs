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
                "`fixtures/none.sql` cannot be checked for data of people: No such file or directory (os error 2)".to_owned()
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
        ("missing", "cannot read"),
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
