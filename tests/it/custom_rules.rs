//! Custom rules: `check --rules`, and `rules` of a catalogue.

use std::time::{Duration, Instant};

use crate::project::{Project, Ran, root};

/// The findings of rules that are not built in: code, level, place and message.
fn own(ran: &Ran) -> Vec<String> {
    let findings = ran.findings();
    let findings = findings.iter();
    let own = findings.filter(|finding| finding["code"].as_str().unwrap().starts_with("acme-"));
    own.map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let place = &finding["place"];
        format!(
            "{} {} {}:{}:{} {}",
            text("code"),
            text("level"),
            place["file"].as_str().unwrap(),
            place["line"],
            place["column"],
            text("message")
        )
    })
    .collect()
}

/// A project with a Compose file, and a rule that requires something.
fn with(file: &str, fields: &str) -> Project {
    let project = Project::empty();
    project.write("compose.yml", file);
    let rule = format!(
        "rules:\n- {{ code: acme-x, level: warning, message: '{{service}}/{{name}}', {fields} }}\n"
    );
    project.write("rules.yaml", &rule);
    project
}

const CHECK: [&str; 7] = [
    "check", "--file", "compose.yml", "--rules", "rules.yaml", "--format", "json",
];

/// What breaks a rule: places and messages.
fn broken(file: &str, fields: &str) -> Vec<String> {
    let found = own(&with(file, fields).run(&CHECK));
    let found = found
        .iter()
        .map(|one| one.replace("acme-x warning compose.yml:", ""));
    found.collect()
}

#[test]
fn the_example_of_the_documentation_shows_its_real_output() {
    const COMMAND: &str = "    $ composegen check --file compose.yml --rules rules.yaml\n";
    let page = std::fs::read_to_string(root().join("docs/custom-rules.md")).unwrap();
    let project = Project::empty();
    for name in ["rules.yaml", "compose.yml"] {
        let file = code_after(&page, &format!("`{name}`:\n\n"));
        project.write(name, &file.replace("\n    ", "\n").replacen("    ", "", 1));
    }
    let ran = project.run(&["check", "--file", "compose.yml", "--rules", "rules.yaml"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let lines = ran.stdout.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("    {line}\n"),
    });
    let (shown, printed) = (code_after(&page, COMMAND), lines.collect::<String>());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let page = page.replace(shown, &printed);
        std::fs::write(root().join("docs/custom-rules.md"), page).unwrap();
        return;
    }
    assert_eq!(
        shown, printed,
        "docs/custom-rules.md is stale: UPDATE_DOCS=1 cargo test --test it custom_rules"
    );
}

/// A key may have dots, of a label as of a service.
#[test]
fn a_path_leads_to_keys_with_dots() {
    let file = "services:\n  web:\n    image: a\n    labels:\n      com.acme.team: shop\n      com: other\n  \
                a.b:\n    image: b\n";
    let fields = |path: &str| format!("for: {path}, require: 'false'");
    for (path, expected) in [
        (
            "services.*.labels.com.acme.team",
            vec!["5:7 web/com.acme.team"],
        ),
        ("services.web.labels.com", vec!["6:7 web/com"]),
        ("services.web.labels.com.acme", vec![]),
        ("services.web.labels.com.acme.team.x", vec![]),
        ("services.a.b.image", vec!["8:5 a.b/image"]),
        ("services.a.b", vec!["7:3 a.b/a.b"]),
    ] {
        let found = broken(file, &fields(path));
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let places = |one: &&str| one.split_once(' ').map(|(_, what)| what.to_owned());
        let what: Vec<_> = found.iter().filter_map(places).collect();
        let expected: Vec<_> = expected.iter().filter_map(places).collect();
        assert_eq!(what, expected, "{path}: {found:?}");
    }
}

/// The lines of code after a text of a page.
fn code_after<'a>(page: &'a str, start: &str) -> &'a str {
    let (_, rest) = page.split_once(start).unwrap();
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        if !line.starts_with("    ") && !line.trim().is_empty() {
            break;
        }
        end += line.len();
    }
    let code = rest.get(..end).unwrap().trim_end();
    rest.get(..=code.len()).unwrap()
}

#[test]
fn an_expression_sees_the_file_as_compose_shows_it() {
    let file = "x-l: &l [team=a]\nservices:\n  a:\n    image: a:1\n    labels: *l\n    mem_limit: 512m\n    \
        command: run it\n    environment: [A=1, B]\n    ports: ['80-81:80-81']\n    networks: [n]\n    \
        healthcheck: { test: run it, interval: 1m30s }\n    tmpfs: /run\n    extra_hosts: ['h:10.0.0.1']\n    cpus: '0.5'\n  b: { extends: a, mem_limit: 2g }\n\
        networks: { n: {} }\n";
    for holds in [
        "self.labels.team == \"a\"",
        "self.command == [\"run\", \"it\"]",
        "self.environment.A == \"1\" && self.environment.B == null",
        "size(self.ports) == 2 && self.ports.all(p, p.target in [80, 81])",
        "\"n\" in self.networks && \"n\" in project.networks",
        "self.healthcheck.interval == 90",
        "self.healthcheck.test == [\"CMD-SHELL\", \"run it\"]",
        "self.tmpfs == [\"/run\"]",
        "self.extra_hosts.h == \"10.0.0.1\"",
        "self.cpus == 0.5",
        "name == service && has(project.services[name].image)",
    ] {
        let found = broken(file, &format!("require: '{holds}'"));
        assert!(found.is_empty(), "{holds}: {found:?}");
    }
    assert_eq!(
        broken(file, "require: self.mem_limit <= 1073741824"),
        ["15:3 b/b"]
    );
    // A text for a list of one is an item of it.
    assert_eq!(
        broken(file, "for: services.a.tmpfs.*, require: self == \"/tmp\""),
        ["12:12 a/tmpfs"]
    );
}

#[test]
fn a_finding_is_where_the_value_is_written() {
    let file = "services:\n  a:\n    image: a:1\n    labels:\n      - x=1\n      - y=2\n    ports:\n      - 80:80\n      - target: 81\n\
        volumes:\n  v: { driver: local }\n";
    for (path, found) in [
        ("services", vec!["1:1 /services"]),
        ("services.*", vec!["2:3 a/a"]),
        ("services.a.image", vec!["3:12 a/image"]),
        ("services.*.labels.y", vec!["6:9 a/y"]),
        ("services.*.ports.*", vec!["8:9 a/ports", "9:9 a/ports"]),
        ("volumes.*.driver", vec!["11:16 /driver"]),
        ("services.none.image", vec![]),
        // Compose adds it.
        ("networks.default", vec!["1:1 /default"]),
    ] {
        let fields = format!("for: '{path}', require: 'false'");
        assert_eq!(broken(file, &fields), found, "{path}");
    }
}

#[test]
fn a_finding_in_another_file_is_there() {
    let project = with(
        "include: [more.yml]\nservices: { a: { image: 'a:1' } }\n",
        "require: self.image != \"b:1\"",
    );
    project.write("more.yml", "services:\n  b: { image: 'b:1' }\n");
    let found = own(&project.run(&CHECK));
    assert_eq!(found, ["acme-x warning more.yml:2:3 b/b"]);
}

#[test]
fn every_mistake_in_a_file_of_rules_is_reported() {
    let project = with("services: { a: { image: 'a:1' } }\n", "require: 'true'");
    project.write(
        "rules.yaml",
        "rules:\n- { code: no-restart, level: error, message: m, require: 'true' }\n\
         - { code: acme-a, level: fatal, message: m, require: 'true' }\n\
         - { code: acme-b, level: error, message: m, require: 'self.a ==' }\n\
         - { code: acme-b, level: error, require: 'true', when: x }\n\
         - { code: acme-c, level: error, message: m, require: 'true', for: service.* }\n\
         - { code: Acme B, level: error, message: m }\n- x\nrule: y\n",
    );
    let ran = project.run(&CHECK[..5]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn an_expression_without_a_value_is_an_error_that_shows_no_secret() {
    let file = "services:\n  a: { image: 'a:1', environment: { PASSWORD: hunter2 } }\n";
    let mut shown = String::new();
    for require in [
        "self.labels.team == \"a\"",
        "self.image + 1 == 2",
        "self.environment.PASSWORD < 1",
        "self.environment.PASSWORD",
        "unknown == 1",
        "self.environment[self.environment.PASSWORD] == 1",
        "int(self.environment.PASSWORD) == 1",
    ] {
        let ran = with(file, &format!("require: '{require}'")).run(&CHECK[..5]);
        assert_eq!(ran.code, Some(2), "{require}: {}", ran.stdout);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
        shown.extend([ran.stderr.lines().next().unwrap(), "\n"]);
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn a_rule_that_does_not_end_is_given_up() {
    let ten = "[0,1,2,3,4,5,6,7,8,9]";
    let nested = (0..12).fold("true".to_owned(), |inner, level| {
        format!("{ten}.all(v{level}, {inner})")
    });
    let project = with(
        "services: { a: { image: 'a:1' } }\n",
        &format!("require: '{nested}'"),
    );
    let start = Instant::now();
    let ran = project.run(&CHECK[..5]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains("`acme-x` cannot be evaluated: it takes too long"),
        "{}",
        ran.stderr
    );
    assert!(start.elapsed() < Duration::from_secs(120));
    // As many brackets as fit.
    let deep = format!("{}1{} == 1", "(".repeat(2000), ")".repeat(2000));
    let project = with(
        "services: { a: { image: 'a:1' } }\n",
        &format!("require: '{deep}'"),
    );
    let ran = project.run(&CHECK[..5]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_catalogue_names_its_rules_and_specs_allow_what_they_find() {
    let project = Project::copy_of(&root().join("tests/fixtures/clean"));
    let catalog = project.read("environments/catalog.yaml");
    project.write(
        "environments/catalog.yaml",
        &format!("{catalog}\nrules: [own/rules.yaml]\n"),
    );
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("cannot read `own/rules.yaml`"),
        "{}",
        ran.stderr
    );
    project.write(
        "own/rules.yaml",
        "rules: [{ code: acme-x, level: error, message: '{service}', require: 'false' }]\n",
    );
    let ran = project.run(&["check", "--format", "json"]);
    assert!(!own(&ran).is_empty(), "{}{}", ran.stdout, ran.stderr);
    let explained = project.run(&["rules", "acme-x"]);
    assert_eq!(explained.code, Some(0), "{}", explained.stderr);
    project.write(
        "environments/catalog.yaml",
        &format!("{catalog}\nrules: own\n"),
    );
    assert_eq!(project.run(&["rules", "acme-x"]).code, Some(2));
    let ran = project.run(&["rules", "no-restart"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("rules that they name are left out"),
        "{}",
        ran.stderr
    );
    project.write(
        "environments/catalog.yaml",
        &format!(
            "{catalog}\nrules: [own/rules.yaml]\nallow: [{{ rule: acme-x, what: '*', reason: known }}]\n"
        ),
    );
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_file_of_settings_names_its_rules() {
    let project = with("services:\n  web:\n    image: a:1\n", "require: 'false'");
    project.write(
        "composegen.yaml",
        "check: { ignore: [no-restart] }\nrules: [rules.yaml]\n",
    );
    project.write("part/compose.yml", "services:\n  db:\n    image: d:1\n");
    let check = ["check", "--file", "compose.yml", "--format", "json"];
    let ran = project.run(&check);
    assert_eq!(own(&ran), ["acme-x warning compose.yml:2:3 web/web"]);
    assert_eq!(project.run(&["rules", "acme-x"]).code, Some(0));
    let below = crate::project::composegen()
        .args(check)
        .current_dir(project.path("part"))
        .output()
        .unwrap();
    let text = String::from_utf8(below.stdout).unwrap();
    assert!(text.contains("db/db"), "{text}");
    // A file of rules is below the folder of the settings.
    for (listed, said) in [
        ("[../rules.yaml]", "cannot be `../rules.yaml`"),
        ("[none.yaml]", "cannot read `none.yaml`"),
    ] {
        project.write("composegen.yaml", &format!("rules: {listed}\n"));
        let ran = project.run(&check[..3]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn rules_lists_and_explains_them_and_sarif_knows_them() {
    let project = with(
        "services: { a: { image: 'a:1' } }\n",
        "help: try this, require: 'false'",
    );
    let list = project.run(&["rules", "--rules", "rules.yaml"]).stdout;
    assert!(list.contains("acme-x"), "{list}");
    let ran = project.run(&["rules", "--rules", "rules.yaml", "acme-x"]);
    insta::assert_snapshot!(ran.stdout);
    assert_eq!(project.run(&["rules", "acme-x"]).code, Some(2));
    let ran = project.run(&[&CHECK[..6], &["sarif"]].concat());
    let log = ran.json();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let own = results.iter().find(|result| result["ruleId"] == "acme-x");
    let index = own.unwrap()["ruleIndex"].as_u64().unwrap();
    let rule = &run["tool"]["driver"]["rules"][usize::try_from(index).unwrap()];
    assert_eq!(rule["id"], "acme-x");
    let help = rule["helpUri"].as_str().unwrap();
    assert!(help.ends_with("docs/custom-rules.md"), "{help}");
}

#[test]
fn they_are_allowed_ignored_selected_and_known_like_the_built_in_ones() {
    let services = "services:\n  web:\n    image: a:1\n  db:\n    image: d:1\n";
    let run = |file: &str, arguments: &[&str]| {
        let project = with(file, "require: 'false'");
        let ran = project.run(&[&CHECK[..], arguments].concat());
        (own(&ran).len(), ran)
    };
    assert_eq!(run(services, &[]).0, 2);
    for (before, after) in [
        ("  web:\n", "  # composegen: ignore[acme-x] r\n  web:\n"),
        ("  web:\n", "  web: # composegen: ignore[acme-x] r\n"),
        (
            "  web:\n",
            "  web:\n    x-composegen: { allow: { acme-x: r } }\n",
        ),
    ] {
        let (left, ran) = run(&services.replacen(before, after, 1), &[]);
        assert_eq!(left, 1, "{after}: {}", ran.stdout);
        assert!(ran.stdout.contains("\"allowed\": \"r\""), "{}", ran.stdout);
        assert!(!ran.stdout.contains("unused-allowance"), "{}", ran.stdout);
    }
    let whole = format!("x-composegen: {{ allow: {{ acme-x: r }} }}\n{services}");
    assert_eq!(run(&whole, &[]).0, 0);
    for (comment, said) in [
        ("ignore[acme-x] r", "`ignore[acme-x]` matches no finding"),
        ("ignore[acme-x]", "`ignore[acme-x]` has no reason"),
        ("ignore[acme-y] r", "did you mean `acme-x`?"),
    ] {
        let text = services.replacen("a:1\n", &format!("a:1 # composegen: {comment}\n"), 1);
        let (_, ran) = run(&text, &[]);
        assert!(ran.stdout.contains(said), "{comment}: {}", ran.stdout);
    }
    assert_eq!(run(services, &["--ignore", "acme-*"]).0, 0);
    assert_eq!(run(services, &["--select", "acme-x"]).0, 2);
    let refused = |arguments: &[&str]| {
        let ran = with(services, "require: 'false'").run(&[&CHECK[..], arguments].concat());
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        ran
    };
    refused(&["--select", "acme-x", "--level", "error"]);
    let ran = refused(&["--select", "acme-y"]);
    assert!(
        ran.stderr.contains("did you mean `acme-x`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_baseline_keeps_what_a_rule_found_that_a_run_does_not_have() {
    let project = with("services:\n  web:\n    image: a:1\n", "require: 'false'");
    let known = ["--baseline", "known.json"];
    let update = [&known[..], &["--update-baseline"]].concat();
    let written = || std::fs::read_to_string(project.path("known.json")).unwrap();
    assert_eq!(project.run(&[&CHECK[..], &update].concat()).code, Some(0));
    let all = written();
    assert!(all.contains("acme-x"), "{all}");
    assert_eq!(project.run(&[&CHECK[..], &known].concat()).code, Some(0));
    let without = ["check", "--file", "compose.yml", "--format", "json"];
    let ran = project.run(&[&without[..], &known].concat());
    assert!(ran.stdout.contains("\"gone\": 0"), "{}", ran.stdout);
    assert_eq!(project.run(&[&without[..], &update].concat()).code, Some(0));
    assert_eq!(all, written());
    // The rule finds nothing any more.
    project.edit("rules.yaml", "'false'", "'true'");
    let ran = project.run(&[&CHECK[..], &known].concat());
    assert!(ran.stdout.contains("\"gone\": 1"), "{}", ran.stdout);
}
