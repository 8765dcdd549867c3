//! Errors about mistakes in specs and templates: each once, at a line that somebody wrote, in the format that
//! was asked for.

use crate::project::{Project, Ran};

/// The sound project with other text instead of the first line of a template.
fn edited(file: &str, old: &str, new: &str) -> Project {
    let project = Project::sound();
    project.edit(file, old, new);
    project
}

pub(crate) fn refused(project: &Project, arguments: &[&str]) -> Ran {
    let ran = project.run(arguments);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    ran
}

const SERVICE: &str = "templates/service.yml.j2";
const IMAGE: &str = "    image: {{ service.image }}";

#[test]
fn all_mistakes_of_a_template_are_reported_each_once() {
    let lines = "    image: {{ service.imag }}\n    user: x{{ service.image }}\n    hostname: {{ service.limit.cpus }}\n\
                 {% for a in service.netwerks %}\n      - {{ a }}\n{% endfor %}\n    domainname: {{ nothing }}";
    let ran = refused(
        &edited(SERVICE, IMAGE, lines),
        &["render", "--format", "concise"],
    );
    insta::assert_snapshot!(ran.stdout, @r#"
templates/service.yml.j2:1:15: error: `service.imag` is undefined (expected a name that the specs give a value); did you mean `image`?
templates/service.yml.j2:2:12: error: a `{{ }}` is only a part of a YAML value (it must be a whole YAML value; join texts inside it: `{{ a ~ ":" ~ b }}`)
templates/service.yml.j2:3:18: error: `service.limit` is undefined (expected a name that the specs give a value); did you mean `limits`?
templates/service.yml.j2:4:13: error: `service.netwerks` is undefined (expected a name that the specs give a value); did you mean `networks`?
templates/service.yml.j2:7:20: error: `nothing` is undefined (expected a name that the specs give a value)
"#);
    insta::assert_snapshot!(ran.stderr, @"5 errors; nothing was written");
}

#[test]
fn what_a_condition_or_a_variable_lacks_hides_no_other_mistake() {
    let lines = "    image: {{ service.image }}\n{% if service.typo %}\n{% set a = 1 %}\n    hostname: {{ hidden }}\n{% else %}\n\
                 {% set b = service.typa.x %}\n{% endif %}\n{% set c = service.typb.x %}\n{% set d = service.typc %}\n\
                 {% macro m(x) %}{{ x.y }}{% endmacro %}\n    user: {{ a }}\n    user: {{ b|length }}\n    user: {{ c.d }}\n    user: {{ m(c) }}\n\
                 {% for e in c %}{{ e }}{% else %}{{ none }}{% endfor %}\n    user: {{ d }}\n    user: {{ d.e }}\n\
                 {% include service.typd %}\n    domainname: {{ nothing }}";
    let ran = refused(
        &edited(SERVICE, IMAGE, lines),
        &["render", "--format", "concise"],
    );
    let of_names = ran.stdout.lines().map(|line| {
        let line = line.trim_start_matches("templates/service.yml.j2:");
        line.split(" (").next().unwrap_or_default()
    });
    let reported: Vec<&str> = of_names.collect();
    insta::assert_snapshot!(reported.join("\n"), @r"
2:7: error: `service.typo` is undefined
8:12: error: `service.typb` is undefined
9:12: error: `service.typc` is undefined
18:4: error: `service.typd` is undefined, or not the name of a template
19:20: error: `nothing` is undefined
");
}

#[test]
fn a_call_with_wrong_arguments_says_what_it_takes() {
    for (value, expected) in [
        (
            r#"{{ var("A") }}"#,
            [
                "`var` is missing an argument",
                r#"expected `var("API_KEY", "set it in .env")`"#,
            ],
        ),
        (
            r#"{{ var("A", "b", "c") }}"#,
            ["`var` has too many arguments", "expected `var("],
        ),
        (
            r#"{{ var("A", 1) }}"#,
            ["value is not a string", "expected `var("],
        ),
        (
            "{{ service|merge }}",
            [
                "`merge` is missing an argument",
                "expected `service.compose|merge(",
            ],
        ),
        (
            r#"{{ "a"|replace("b") }}"#,
            [
                "`replace` is missing an argument",
                r#"expected `text|replace("from", "to")`"#,
            ],
        ),
        (
            "{{ embed() }}",
            ["`embed` is missing an argument", "expected `embed("],
        ),
        (
            r#"{{ fixture("a", foo=1) }}"#,
            ["unknown keyword argument 'foo'", "expected `fixture("],
        ),
        (
            r#"{{ vra("A", "b") }}"#,
            ["unknown function `vra`", "did you mean `var`?"],
        ),
    ] {
        let ran = refused(
            &edited(SERVICE, IMAGE, &format!("    image: {value}")),
            &["render"],
        );
        for expected in expected {
            assert!(ran.stderr.contains(expected), "{value}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_misspelled_section_is_named_and_not_what_is_in_it() {
    for (old, new, expected) in [
        ("services:", "service:", "did you mean `services`?"),
        ("services:", "volume:\nservices:", "did you mean `volumes`?"),
        (
            "services:",
            "network:\nservices:",
            "did you mean `networks`?",
        ),
    ] {
        let ran = refused(
            &edited("templates/models.yml.j2", old, new),
            &["render", "models"],
        );
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        assert!(!ran.stderr.contains("definition()"), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(" templates/models.yml.j2:"),
            "{}",
            ran.stderr
        );
    }
    let ran = refused(
        &edited(
            SERVICE,
            IMAGE,
            "    image: {{ service.image }}\n    hostname: {{ definition() }}",
        ),
        &["render", "models", "--format", "concise"],
    );
    assert!(
        ran.stdout
            .starts_with("templates/service.yml.j2:2:5: error: `definition()` is not allowed here"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_tab_before_a_value_is_named() {
    for line in ["\t{{ service.image }}", "    image:\t{{ service.image }}"] {
        let ran = refused(&edited(SERVICE, IMAGE, line), &["render", "models"]);
        assert!(
            ran.stderr.contains("a tab is before a `{{ }}`")
                && ran
                    .stderr
                    .contains("expected spaces before it instead of a tab"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_mistake_of_one_line_says_what_was_expected_once() {
    let ran = refused(
        &edited(SERVICE, IMAGE, "    image: [a]"),
        &["render", "models", "--format", "concise"],
    );
    assert_eq!(
        ran.stdout.matches("expected text").count(),
        1,
        "{}",
        ran.stdout
    );
}

#[test]
fn the_names_of_an_object_are_suggested() {
    for (value, expected) in [
        ("{{ service.limit.cpus }}", "did you mean `limits`?"),
        ("{{ services.ap.image }}", "did you mean `app`?"),
        ("{{ secrets.nams }}", "did you mean `names`?"),
    ] {
        let ran = refused(
            &edited(SERVICE, IMAGE, &format!("    image: {value}")),
            &["render"],
        );
        assert!(ran.stderr.contains(expected), "{value}: {}", ran.stderr);
    }
}

#[test]
fn what_is_empty_is_said_to_be_empty() {
    let project = edited(
        "templates/models.yml.j2",
        "name: {{ project }}",
        "name: {{ secrets.names[0] }}",
    );
    let ran = refused(&project, &["render", "models"]);
    assert!(
        ran.stderr.contains("`secrets.names` is empty in the specs"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_mistake_in_many_hosts_is_reported_once_and_names_them_with_verbose() {
    let project = edited(SERVICE, IMAGE, "    image: {{ service.imag }}");
    let ran = refused(&project, &["render"]);
    assert_eq!(ran.stderr.matches("is undefined").count(), 1);
    assert!(
        ran.stderr
            .contains("in 3 hosts: `preview`, `web`, `models`"),
        "{}",
        ran.stderr
    );
    // Of a single host there is nothing to tell.
    let ran = refused(&project, &["render", "web"]);
    assert!(!ran.stderr.contains("in host"), "{}", ran.stderr);
}

#[test]
fn mistakes_are_written_in_the_format_of_the_command() {
    let project = edited(SERVICE, IMAGE, "    image: busybox:1.37");
    for command in ["render", "check"] {
        let ran = refused(&project, &[command, "models", "--format", "json"]);
        let json = ran.json();
        assert_eq!(json["version"], 1);
        assert_eq!(json["more"], 0);
        let errors = json["errors"].as_array().unwrap();
        let model = errors
            .iter()
            .find(|one| one["message"] == "`image` of service `model` differs from its spec");
        let model = model.unwrap();
        assert_eq!(model["place"]["file"], SERVICE);
        assert_eq!(model["place"]["line"], 1);
        assert_eq!(model["related"][0]["file"], "environments/prod.yaml");
        let ran = refused(&project, &[command, "models", "--format", "github"]);
        let line = ran
            .stdout
            .lines()
            .find(|line| line.contains("service `model`"));
        let expected = "::error file=templates/service.yml.j2,line=1,col=5::`image` of service `model` differs";
        assert!(line.unwrap().starts_with(expected), "{}", ran.stdout);
    }
    let ran = refused(&project, &["render", "models", "--format", "concise"]);
    insta::assert_snapshot!(ran.stdout, @"templates/service.yml.j2:1:5: error: `image` of service `model` differs from its spec (expected `ollama/ollama:0.12.6`)");
    let broken = edited("environments/prod.yaml", "stack: web", "stack: wed");
    let ran = refused(&broken, &["render", "--format", "concise"]);
    insta::assert_snapshot!(ran.stdout, @"environments/prod.yaml:19:12: error: there is no stack `wed` (expected one of web); did you mean `web`?");
}

#[test]
fn render_reports_files_in_every_format() {
    let project = Project::sound();
    let ran = project.run(&["render", "--check", "--format", "concise"]);
    insta::assert_snapshot!(ran.stdout, @r"
generated/web.yml: missing
generated/models.yml: missing
");
    let ran = project.run(&["render", "--check", "--format", "github"]);
    insta::assert_snapshot!(ran.stdout, @r"
::error file=generated/web.yml::generated/web.yml is missing; render it again: composegen render
::error file=generated/models.yml::generated/models.yml is missing; render it again: composegen render
");
    assert_eq!(ran.code, Some(1));
}

#[test]
fn no_place_is_in_a_text_that_was_never_written() {
    for line in [
        "    image: {{ service.image }}\n    imag: x",
        "    image: {{ service.image }}\n    {{ service.image }}: x",
        "    image: {{ service.image }}\n    cpus: {{ service.image }}",
        "    image: {{ service.image }}\n{% filter replace('a', 'b') %}    x: y\n{% endfilter %}",
        "    image: {{ service.image }}\n{% set lines %}\n    xy: z\n{% endset %}\n{{ lines }}",
        "    image: {{ service.image }}\n    ports: [{{ service.image }}]",
    ] {
        let ran = refused(&edited(SERVICE, IMAGE, line), &["render"]);
        assert!(!ran.stderr.contains("generated/"), "{line}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("--> templates/service.yml.j2:"),
            "{line}: {}",
            ran.stderr
        );
    }
}

#[test]
fn a_place_that_is_not_known_is_the_template_with_the_rendered_line() {
    // The length of text with marks is not that of the text.
    let line =
        "    image: {{ service.image }}\n{% set x %}\nxyz\n{% endset %}\n    imag: {{ x|length }}";
    let ran = refused(&edited(SERVICE, IMAGE, line), &["render", "models"]);
    insta::assert_snapshot!(ran.stderr, @r"
error: unknown field `imag` of `services.model`
--> templates/models.yml.j2
 = note: not a field of Compose
 = note: rendered as `imag: 4`
 = help: did you mean `image`?

1 error; nothing was written
");
}

#[test]
fn verbose_lists_what_a_template_adds() {
    let project = edited(
        SERVICE,
        IMAGE,
        "    image: {{ service.image }}\n    init: true\n    cap_drop: [ALL]",
    );
    let ran = project.run(&["render", "--check", "-v"]);
    let said: Vec<&str> = ran
        .stderr
        .lines()
        .filter(|line| line.contains("adds"))
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r"
preview: its template adds cap_drop, init to app
web: its template adds cap_drop, init to app, db, gate
models: its template adds cap_drop, init to model
");
    let project = edited(
        SERVICE,
        IMAGE,
        "    image: {{ service.image }}\n    environment: { TZ: UTC, LANG: C }",
    );
    let networks = "    networks: [front]\n    needs: [app]\n";
    let own = "    environment: { LANG: C }\n";
    project.edit(
        "environments/catalog.yaml",
        networks,
        &format!("{networks}{own}"),
    );
    let ran = project.run(&["render", "--check", "-v"]);
    let said: Vec<&str> = ran
        .stderr
        .lines()
        .filter(|line| line.contains("adds"))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
    let fields = "    image: {{ service.image }}\n    scale: 2\n    build: .\n    env_file: [/etc/x]\n    volumes_from: [container:x]";
    let project = edited(SERVICE, IMAGE, fields);
    let ran = project.run(&["render", "--check", "-v"]);
    let expected = "models: its template adds build, env_file, scale, volumes_from to model";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}

/// A line that a template leaves out of every service is missing once, in all hosts.
#[test]
fn what_is_left_out_of_every_service_is_reported_once() {
    let project = Project::sound();
    project.edit(
        "environments/catalog.yaml",
        "product: kiosk\n",
        "product: kiosk\ndefaults: { restart: unless-stopped }\n",
    );
    let ran = refused(&project, &["render"]);
    insta::assert_snapshot!(ran.stderr, @r#"
error: the template leaves out `restart` of 3 services
 --> environments/catalog.yaml:2:22
  |
2 | defaults: { restart: unless-stopped }
  |                      ^^^^^^^^^^^^^^ declared here
  |
 ::: templates/web.yml.j2:4:3
  |
4 |   {{ name }}:
  |   ----------- expected it here
  |
  = note: of `app`, `db`, `gate`
  = note: in 2 hosts: `preview`, `web`
  = help: fix the template or the spec

error: the template leaves out `restart` of service `model`
 --> environments/catalog.yaml:2:22
  |
2 | defaults: { restart: unless-stopped }
  |                      ^^^^^^^^^^^^^^ declared here
  |
 ::: templates/models.yml.j2:3:3
  |
3 |   model:
  |   ----- expected it here
  |
  = note: in host `models`
  = help: fix the template or the spec

2 errors; nothing was written
"#);
}

#[test]
fn a_block_that_nothing_ends_is_named() {
    let project = edited(
        SERVICE,
        IMAGE,
        "{% if service.image %}\n    image: {{ service.image }}",
    );
    let ran = refused(&project, &["render"]);
    for expected in [
        "error: `{% if %}` has no `{% endif %}`\n  --> templates/service.yml.j2:1:4\n",
        "^^ opened here",
        "- expected `{% endif %}` before this",
    ] {
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

/// What begins and does not end is reported where it begins, whatever the engine stumbles over.
#[test]
fn what_is_not_closed_is_reported_where_it_begins() {
    for (line, expected) in [
        (
            "{% for a in [1] %}{% if a %}{% endfor %}",
            "1:22: error: `{% if %}` has no `{% endif %}`",
        ),
        (
            "{% for a in [1] %}{% macro b() %}{% endfor %}",
            "1:22: error: `{% macro %}` has no `{% endmacro %}`",
        ),
        (
            "    image: {{ service.image\n    user: {{ 1 }}",
            "1:12: error: `{{` has no `}}`",
        ),
        (
            "{% if service.image\n    user: {{ 1 }}",
            "1:1: error: `{%` has no `%}`",
        ),
        (
            "    image: {{ \"a }}",
            "1:15: error: a text in quotes has no end",
        ),
        (
            "    image: {{ 'a }}\n    user: 'b'",
            "1:15: error: a text in quotes has no end",
        ),
        ("{# a #}\n{# b", "2:1: error: `{#` has no `#}`"),
        ("{% raw %}", "1:1: error: `{% raw %}` has no `{% endraw %}`"),
        ("{% endfor %}", "1:4: error: `{% endfor %}` ends no block"),
        (
            "\tuser: a",
            "1:2: error: this is not valid YAML: a tab may not indent",
        ),
    ] {
        let ran = refused(
            &edited(SERVICE, IMAGE, line),
            &["render", "--format", "concise"],
        );
        let expected = format!("{SERVICE}:{expected}");
        assert!(ran.stdout.starts_with(&expected), "{line}: {}", ran.stdout);
        assert_eq!(ran.stdout.lines().count(), 1, "{line}: {}", ran.stdout);
    }
}

/// A name without a value hides no other mistake, and what is beyond the limit is said to be there.
#[test]
fn an_undefined_name_hides_no_filter_function_or_test() {
    let lines = "    image: {{ service.imag }}\n    user: {{ service.image|uper }}\n    hostname: {{ fixtur('a') }}\n    \
                 domainname: {{ service.image is strin }}\n    stop_signal: {{ nothing }}";
    let ran = refused(
        &edited(SERVICE, IMAGE, lines),
        &["render", "--format", "concise"],
    );
    let expected = [
        "`service.imag` is undefined",
        "unknown filter `uper`",
        "unknown function `fixtur`",
        "unknown test `strin`",
        "`nothing` is undefined",
    ];
    assert_eq!(ran.stdout.lines().count(), expected.len(), "{}", ran.stdout);
    for (line, expected) in ran.stdout.lines().zip(expected) {
        assert!(line.contains(expected), "{}", ran.stdout);
    }
    // Where a value decides what follows, too.
    let lines = "{% if service.nothing %}\n    user: {{ service.image|uper }}\n{% endif %}";
    let ran = refused(
        &edited(SERVICE, IMAGE, lines),
        &["render", "--format", "concise"],
    );
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("`service.nothing` is undefined"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("2:28: error: unknown filter `uper`"),
        "{}",
        ran.stdout
    );
    let many: Vec<String> = (0..120)
        .map(|at| format!("    # {{{{ nothing{at} }}}}"))
        .collect();
    let project = edited(SERVICE, IMAGE, &many.join("\n"));
    let ran = refused(&project, &["render", "--all-errors"]);
    assert!(
        ran.stderr.contains("`nothing99` is undefined"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("these are the first 100 mistakes; there are more"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_names_of_filters_are_suggested() {
    let project = edited(SERVICE, IMAGE, "    image: {{ service.image|uper }}");
    let ran = refused(&project, &["render"]);
    assert!(
        ran.stderr.contains("did you mean `upper`?"),
        "{}",
        ran.stderr
    );
    for filter in ["merge", "zip"] {
        let image = format!("    image: {{{{ service.image|{filter}x }}}}");
        let ran = refused(&edited(SERVICE, IMAGE, &image), &["render"]);
        assert!(
            ran.stderr.contains(&format!("did you mean `{filter}`?")),
            "{}",
            ran.stderr
        );
    }
}

/// Some editors begin a file with it.
#[test]
fn a_byte_order_mark_is_not_part_of_a_spec_or_template() {
    let project = Project::empty();
    project.run(&["init"]);
    for file in [
        "environments/catalog.yaml",
        "environments/prod.yaml",
        "templates/compose.yml.j2",
    ] {
        let text = project.read(file);
        let text: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        project.write(file, &format!("\u{feff}{}\n", text.join("\n")));
    }
    let ran = project.run(&["render", "--check"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

/// A line of a template is one of every service.
#[test]
fn a_mistake_in_a_line_of_many_services_is_reported_once() {
    let project = Project::empty();
    project.run(&["init"]);
    let template = "templates/compose.yml.j2";
    project.edit(
        template,
        "    read_only: true",
        "    prviileged: true\n    read_only: 7",
    );
    let ran = refused(&project, &["render"]);
    for line in [
        "error: unknown field `prviileged` of `services.cache`",
        "  = note: also applies to `web`",
        "2 errors; nothing was written",
    ] {
        assert!(ran.stderr.contains(line), "{line}: {}", ran.stderr);
    }
}

/// `extends` takes over a service, and not the secrets that it names.
#[test]
fn a_secret_that_extends_leaves_behind_is_explained() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "services:\n  web:\n    extends: { file: base.yml, service: web }\n",
    );
    let base = "services:\n  web:\n    image: a:1\n    secrets: [key]\n";
    let help =
        "`extends` takes over the service alone: declare the secret in the file that extends it";
    for (more, is_left) in [("secrets:\n  key: { file: ./key }\n", true), ("", false)] {
        project.write("base.yml", &format!("{base}{more}"));
        let ran = project.run(&["state", "--file", "compose.yml"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(
            ran.stderr.contains("secret `key` is not declared"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stderr.contains(help), is_left, "{}", ran.stderr);
    }
}
