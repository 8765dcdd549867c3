//! Errors about mistakes in specs, and about what templates add to them.

use crate::mistakes::refused;
use crate::project::Project;

#[test]
fn a_mistake_of_a_spec_is_reported_once_where_it_is_written() {
    let project = Project::empty();
    project.run(&["init"]);
    let (catalog, prod) = ("environments/catalog.yaml", "environments/prod.yaml");
    project.edit(
        catalog,
        "    template: compose.yml.j2",
        "    template: compose.yml.j2\n    services: []",
    );
    let ran = refused(&project, &["render", "--format", "concise"]);
    // The stack has the name of the folder.
    let empty = "services` is empty (expected at least one service)";
    assert!(
        ran.stdout
            .starts_with("environments/catalog.yaml:41:15: error: `stacks."),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.trim_end().ends_with(empty), "{}", ran.stdout);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    project.edit(catalog, "\n    services: []", "");
    project.edit(prod, "[\"127.0.0.1:80:8080\"]", "[]");
    let ran = refused(&project, &["render", "--format", "concise"]);
    insta::assert_snapshot!(ran.stdout, @"environments/prod.yaml:9:19: error: `hosts.prod.ports.web` is empty (expected at least one port)");
    project.edit(prod, "[]", "[\"127.0.0.1:80:8080\"]");
    project.edit(prod, "  prod:", "  local:");
    let ran = refused(&project, &["render", "--format", "concise"]);
    insta::assert_snapshot!(ran.stdout, @"environments/prod.yaml:6:3: error: two hosts are called `local` (again here)");
    project.edit(prod, "  local:", "  prod:");
    project.edit(catalog, "memory: 64M", "memory: 64Q");
    let ran = refused(&project, &["render", "--format", "concise"]);
    insta::assert_snapshot!(ran.stdout, @"environments/catalog.yaml:17:34: error: `services.web.limits.memory` cannot be `64Q` (expected an amount of memory above 0, such as `512M` or `1.5g`)");
}

#[test]
fn a_template_adds_to_a_mapping_of_the_specs() {
    let project = Project::empty();
    project.run(&["init"]);
    let (catalog, template) = ("environments/catalog.yaml", "templates/compose.yml.j2");
    let networks = "    networks: [front, back]";
    project.edit(
        catalog,
        networks,
        &format!("{networks}\n    environment: {{ A: b }}"),
    );
    project.edit(
        template,
        "    read_only: true",
        "    environment: { NAME: {{ name }} }\n    read_only: true",
    );
    let ran = refused(&project, &["render"]);
    let help = "or add to what is there: `{{ service.compose|merge({\"environment\": {…}}) }}`";
    assert!(ran.stderr.contains(help), "{}", ran.stderr);
    // What a template says is not a secret, but for its texts.
    let line = "    environment: { NAME: {{ name }} }\n";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
    project.edit(template, "    environment: { NAME: {{ name }} }\n", "");
    let merged = "{{ service.compose|merge({\"environment\": {\"NAME\": name}, \"init\": true}) }}";
    project.edit(template, "{{ service.compose }}", merged);
    assert_eq!(project.run(&["render"]).code, Some(0));
    let file = project.read("generated/prod.yml");
    assert!(
        file.contains("    environment:\n      A: b\n      NAME: web\n"),
        "{file}"
    );
    assert!(
        file.contains("    environment:\n      NAME: cache\n    init: true\n"),
        "{file}"
    );
    // What is taken away and is not there leaves nothing behind.
    let taken = "\"init\": true, \"annotations\": {\"gone\": none}";
    project.edit(template, "\"init\": true", taken);
    assert_eq!(project.run(&["render"]).code, Some(0));
    assert!(!project.read("generated/prod.yml").contains("annotations"));
    // A name that no field has takes nothing away from any service.
    for (name, near) in [
        ("\"helthcheck\": none", "did you mean `healthcheck`?"),
        (
            "\"healthcheck\": {\"intervall\": none}",
            "did you mean `interval`?",
        ),
    ] {
        let wrong = format!("\"init\": true, {name}");
        project.edit(template, "\"init\": true", &wrong);
        let ran = refused(&project, &["render"]);
        assert!(
            ran.stderr.contains("`none` removes nothing"),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains(near), "{}", ran.stderr);
        project.edit(template, &wrong, "\"init\": true");
    }
    // What the specs promise stays.
    project.edit(template, "\"init\": true", "\"restart\": none");
    let ran = refused(&project, &["render"]);
    assert!(
        ran.stderr.contains("the template leaves out `restart`"),
        "{}",
        ran.stderr
    );
    project.edit(template, "\"restart\": none", "\"deploy\": 1");
    let ran = refused(&project, &["render"]);
    assert!(
        ran.stderr
            .contains("`deploy` is a mapping in the first and a scalar in the second"),
        "{}",
        ran.stderr
    );
}

/// The digest of a definition is for nobody else to say.
#[test]
fn the_label_of_the_digest_is_nobody_elses() {
    let own = "the label `composegen.definition` is composegen's own";
    let (catalog, template) = ("environments/catalog.yaml", "templates/compose.yml.j2");
    let networks = "    networks: [front, back]";
    let of_spec = |labels: &str| format!("{networks}\n    labels: {labels}");
    let of_template =
        "{{ service.compose|merge({\"labels\": {\"composegen.definition\": \"x\"}}) }}";
    for (file, old, new) in [
        (catalog, networks, of_spec("{ composegen.definition: x }")),
        (catalog, networks, of_spec("[composegen.definition=x]")),
        (
            catalog,
            "networks: { front: {}",
            "networks: { front: { labels: { composegen.definition: x } }".to_owned(),
        ),
        (template, "{{ service.compose }}", of_template.to_owned()),
    ] {
        let project = Project::empty();
        project.run(&["init"]);
        project.edit(file, old, &new);
        let ran = refused(&project, &["render", "--format", "concise"]);
        assert!(
            ran.stdout.starts_with(&format!("{file}:")),
            "{new}: {}",
            ran.stdout
        );
        assert!(ran.stdout.contains(own), "{new}: {}", ran.stdout);
        assert_eq!(ran.stdout.lines().count(), 1, "{new}: {}", ran.stdout);
    }
}

/// What would be dropped without a word is refused.
#[test]
fn fields_that_have_no_effect_beside_another_are_refused() {
    for (section, fields, message) in [
        (
            "volumes",
            "{ bind: /srv, driver: local, labels: { a: b } }",
            "`driver`, `labels` cannot be used beside `bind`",
        ),
        (
            "volumes",
            "{ bind: /srv, external: true }",
            "`external` cannot be used beside `bind`",
        ),
        (
            "volumes",
            "{ external: true, name: x, driver: local }",
            "`driver` cannot be used beside `external`",
        ),
        (
            "volumes",
            "{ ephemeral: { size: 1G, user: 1, mode: '0700' }, driver_opts: { type: nfs } }",
            "`driver_opts` cannot be used beside `ephemeral`",
        ),
        (
            "networks",
            "{ external: true, internal: true }",
            "`internal` cannot be used beside `external`",
        ),
        (
            "networks",
            "{ external: true, subnet: 10.9.0.0/24, driver: bridge }",
            "`subnet`, `driver` cannot be used beside `external`",
        ),
    ] {
        let project = Project::empty();
        project.write(
            "environments/catalog.yaml",
            "product: shop\nservices:\n  db: { image: 'd:1', networks: [it], volumes: { it: /data } }\n",
        );
        let other = if section == "volumes" {
            "networks"
        } else {
            "volumes"
        };
        let host = format!("{section}: {{ it: {fields} }}\n    {other}: {{ it: {{}} }}\n");
        project.write(
            "environments/prod.yaml",
            &format!("environment: prod\nhosts:\n  prod:\n    {host}"),
        );
        let ran = refused(&project, &["render", "--format", "concise"]);
        assert!(ran.stdout.contains(message), "{fields}: {}", ran.stdout);
        // A host that says one half of it over its stack is not better.
        let (stack, own) = (
            format!("stacks:\n  s:\n    {host}"),
            "environment: prod\nhosts:\n  prod:\n    stack: s\n",
        );
        project.edit(
            "environments/catalog.yaml",
            "services:",
            &format!("{stack}services:"),
        );
        project.write("environments/prod.yaml", own);
        let ran = refused(&project, &["render", "--format", "concise"]);
        assert_eq!(
            ran.stdout.matches(message).count(),
            1,
            "{fields}: {}",
            ran.stdout
        );
    }
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop\nservices:\n  db: { image: 'd:1', volumes: { it: /data } }\n\
         stacks:\n  s:\n    volumes: { it: { driver_opts: { type: nfs } } }\n",
    );
    let prod = |volume: &str| {
        format!(
            "environment: prod\nhosts:\n  prod:\n    stack: s\n    volumes: {{ it: {volume} }}\n"
        )
    };
    project.write("environments/prod.yaml", &prod("{ bind: /srv }"));
    let ran = refused(&project, &["render"]);
    assert!(
        ran.stderr
            .contains("`driver_opts` cannot be used beside `bind`"),
        "{}",
        ran.stderr
    );
    project.write(
        "environments/prod.yaml",
        &prod("{ bind: /srv, driver_opts: null }"),
    );
    assert_eq!(project.run(&["render"]).code, Some(0));
}

/// A host of which nothing is left, and a service that another one still needs.
#[test]
fn what_is_left_out_and_missed_is_reported_once() {
    let catalog =
        "product: shop\nservices:\n  web: { image: 'w:1', needs: [db] }\n  db: { image: 'd:1' }\n";
    let nothing =
        "environments/prod.yaml:4:3: error: host `prod` runs no service: all of them are left out";
    let missed = "service `web` needs `db`, which `prod` leaves out";
    for (of_environment, of_host, expected) in [
        ("{ web: null, db: null }", "{}", nothing),
        ("{}", "{ services: { web: null, db: null } }", nothing),
        ("{ web: null }", "{ services: { db: null } }", nothing),
        ("{ db: null }", "{}", missed),
        ("{}", "{ services: { db: null } }", missed),
    ] {
        let project = Project::empty();
        project.write("environments/catalog.yaml", catalog);
        let prod =
            format!("environment: prod\nservices: {of_environment}\nhosts:\n  prod: {of_host}\n");
        project.write("environments/prod.yaml", &prod);
        for command in ["render", "check"] {
            let ran = refused(&project, &[command, "--format", "concise"]);
            assert!(ran.stdout.contains(expected), "{prod}: {}", ran.stdout);
            assert_eq!(ran.stdout.lines().count(), 1, "{prod}: {}", ran.stdout);
        }
    }
}

/// What an environment says of a service is said of another one, where its name has a slip.
#[test]
fn a_misspelled_service_of_an_environment_or_a_host_has_a_suggestion() {
    let expected = "service `wbe` has no image (expected a field `image`, `release` or `build`); \
                    did you mean `web`?";
    for (of_environment, of_host) in [
        ("{ wbe: { init: true } }", "{}"),
        ("{}", "{ services: { wbe: { init: true } } }"),
    ] {
        let project = Project::empty();
        project.write(
            "environments/catalog.yaml",
            "product: shop\nservices:\n  web: { image: 'w:1' }\n",
        );
        let prod =
            format!("environment: prod\nservices: {of_environment}\nhosts:\n  prod: {of_host}\n");
        project.write("environments/prod.yaml", &prod);
        let ran = refused(&project, &["render", "--format", "concise"]);
        assert!(ran.stdout.contains(expected), "{prod}: {}", ran.stdout);
    }
}

#[test]
fn a_mistake_in_a_spec_has_the_usual_form_as_its_help() {
    let (catalog, prod) = ("environments/catalog.yaml", "environments/prod.yaml");
    for (file, old, new, expected) in [
        (
            catalog,
            "serves: 3000",
            "serves: 3000\n    replicas: 2",
            "help: it is a field of `deploy`: `deploy: { replicas: … }`",
        ),
        (
            catalog,
            "addresses: { private: 10.9.0.1 }",
            "private: 10.9.0.1",
            "help: write it below `addresses`: `addresses: { private: … }`",
        ),
        (
            catalog,
            "serves: 3000",
            "serves: 3000\n    command: { up: 1 }",
            "21:14\n",
        ),
        (
            catalog,
            "serves: 3000",
            "serves: 3000\n    command: { up: { a: 1, b: 2 } }",
            "21:14\n",
        ),
        (
            prod,
            "directory: /srv",
            "dir: /srv",
            "help: did you mean `directory`?",
        ),
        (
            catalog,
            "site: { /: app }",
            "site: app",
            "expected a service for each path, such as `{ /: web }`",
        ),
        (
            prod,
            "kiosk.example",
            "{{ x }}",
            "`domains.site` is an expression, and this is not a template",
        ),
        (
            prod,
            "domains: { site: kiosk.example }",
            "domains:\n  site: {{ x }}.a",
            "help: put quotes around the whole value; only templates are filled in",
        ),
    ] {
        let project = Project::sound();
        project.edit(file, old, new);
        let ran = refused(&project, &["render"]);
        assert!(ran.stderr.contains(expected), "{new}: {}", ran.stderr);
        assert!(
            ran.stderr.ends_with("1 error; nothing was written\n"),
            "{new}: {}",
            ran.stderr
        );
    }
}

/// Errors that follow from a mistake in the catalogue do not hide other errors of an environment.
#[test]
fn what_follows_from_the_catalogue_hides_nothing_else() {
    let (catalog, prod) = ("environments/catalog.yaml", "environments/prod.yaml");
    let services = |count: usize| -> String {
        let one = |number| format!("  s{number}: {{ role: one }}\n");
        let all: Vec<_> = (0..count).map(one).collect();
        all.concat()
    };
    let project = Project::nata();
    let roles = project.read(catalog) + "roles: { one: 3 }\n";
    project.write(catalog, &roles);
    let own = project.read(prod) + "services:\n" + &services(1200) + "zzz: 1\n";
    project.write(prod, &own);
    let ran = refused(&project, &["render", "--format", "concise"]);
    assert!(ran.stdout.contains("`roles.one`"), "{}", ran.stdout);
    assert!(ran.stdout.contains("`zzz`"), "{}", ran.stdout);
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);

    let project = Project::nata();
    project.write(catalog, &roles);
    let own = project.read(prod) + "services:\n" + &services(1);
    project.write(prod, &own);
    let stack = "    stack: vps\n";
    project.edit(prod, stack, &format!("{stack}    services: [s0]\n"));
    let ran = refused(&project, &["render", "--format", "concise"]);
    let message = "service `s0` has no image";
    assert!(ran.stdout.contains(message), "{}", ran.stdout);
}
