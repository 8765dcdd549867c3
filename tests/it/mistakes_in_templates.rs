//! Errors about mistakes in templates: at the name that is wrong, with what to write instead.

use crate::mistakes::refused;
use crate::project::Project;

const WEB: &str = "templates/web.yml.j2";
const SERVICE: &str = "templates/service.yml.j2";

/// What `render` says, one line an error, of the sound project with an edit.
fn said(file: &str, old: &str, new: &str) -> String {
    let project = Project::sound();
    project.edit(file, old, new);
    refused(&project, &["render", "--format", "concise"]).stdout
}

/// What it says with a line more in each service.
fn line(line: &str) -> String {
    said(SERVICE, "    labels:", &format!("    {line}\n    labels:"))
}

#[test]
fn a_name_without_a_value_is_marked_from_its_first_letter() {
    for (old, new, place) in [
        (
            "in services|items",
            "in service|items",
            "3:25: error: `service` is undefined",
        ),
        (
            "{{ network.internal }}",
            "{{ values.feature.surge|string }}",
            "9:30: error: `values.feature` is undefined",
        ),
        (
            "{{ project }}",
            "{{ services.dbb.name }}",
            "1:10: error: `services.dbb` is undefined",
        ),
    ] {
        let said = said(WEB, old, new);
        assert!(said.starts_with(&format!("{WEB}:{place}")), "{said}");
    }
}

#[test]
fn suggestions_are_names_of_the_same_level() {
    for (value, expected) in [
        (
            "service.limit.cpus",
            "`service.limit` is undefined (expected a name that the specs give a value); did you mean `limits`?",
        ),
        (
            "service.values.user",
            "(`service.values` is empty in the specs)",
        ),
        (
            "service.networks[5].source",
            "(`service.networks` has 1 entry)",
        ),
        (
            "services.app.networks[7]",
            "(`services.app.networks` has 1 entry)",
        ),
        (
            "service.metrics.port",
            "optional in the specs, not set for `db`, `gate`",
        ),
    ] {
        let said = line(&format!("x-a: {{{{ {value} }}}}"));
        assert!(said.contains(expected), "{value}: {said}");
    }
    let said = said(SERVICE, "{{ service.image }}", "{{ service.command }}");
    assert!(!said.contains("did you mean"), "{said}");
    let project = Project::sound();
    project.edit(SERVICE, "{{ service.image }}", "{{ service.labels }}");
    let ran = refused(&project, &["render"]);
    let help = "a field of Compose is in `service.compose.labels`, where the specs set it";
    assert!(ran.stderr.contains(help), "{}", ran.stderr);
}

#[test]
fn a_key_without_quotes_is_an_undefined_name() {
    for (value, name) in [
        ("{labels: {\"a\": 1}}", "labels"),
        ("{\"a\": {surge: \"x\"}}", "surge"),
        (
            "service.compose|merge({\"b\": {service: 1, typo: 1}})",
            "typo",
        ),
    ] {
        let said = line(&format!("x-a: {{{{ {value} }}}}"));
        let expected = format!("`{name}` is undefined (expected a text as the key: `\"{name}\"`)");
        assert!(said.contains(&expected), "{value}: {said}");
    }
}

#[test]
fn a_method_has_the_filter_to_use_instead() {
    for (value, expected) in [
        (
            "services.items()",
            "there is no method `items` (expected `services|items`)",
        ),
        ("service.image.upper()", "(expected `service.image|upper`)"),
        (
            "service.image.startswith(\"a\")",
            "(expected `service.image is startingwith(\"start\")`)",
        ),
        (
            "service.image.casefold()",
            "(expected a filter instead of a method, such as `value|upper`)",
        ),
    ] {
        let said = line(&format!("x-a: {{{{ {value} }}}}"));
        assert!(said.contains(expected), "{value}: {said}");
    }
}

#[test]
fn what_is_of_the_specs_is_not_for_a_template_to_add() {
    let help = |text: &str| {
        let project = Project::empty();
        project.run(&["init"]);
        project.edit(
            "templates/compose.yml.j2",
            "    read_only: true",
            &format!("    {text}\n    read_only: true"),
        );
        refused(&project, &["render"]).stderr
    };
    for (text, expected) in [
        (
            "image: foo:1",
            "help: `image` comes from the specs; change it there",
        ),
        (
            "labels: {}",
            "help: `compose` has the label `composegen.definition`, whatever the specs say",
        ),
        (
            "restart: always",
            "help: or replace what is there: `{{ service.compose|merge({\"restart\": …}) }}`",
        ),
        (
            "limits: {}",
            "help: `limits` is a field of specs: write it there, or `deploy.resources.limits` here, as Compose calls it",
        ),
        (
            "role: web",
            "help: `role` is a field of specs: write it there",
        ),
        (
            "user: \"{{ name }}\"",
            "expected no quotes around it: the value gets its own where it needs them",
        ),
        (
            "mem_limit: 1",
            "`mem_limit` and `deploy.resources` of `services.cache` differ",
        ),
    ] {
        let said = help(text);
        assert!(said.contains(expected), "{text}: {said}");
    }
}

/// In a list or a mapping, too, the name without a value is told.
#[test]
fn a_part_without_a_value_is_named() {
    let said = line(
        "{{ service.options|merge({\"environment\": {\"A\": namespaces.databse|default(1), \"B\": namespaces.bukket}}) }}",
    );
    let expected = "`namespaces.bukket` is undefined (expected a name that the specs give a value); did you mean `bucket`?";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_section_that_is_left_out_is_one_mistake() {
    let project = Project::sound();
    let text = project.read(WEB);
    let (before, rest) = text.split_once("networks:\n").unwrap();
    let (_, after) = rest.split_once("{% if volumes %}").unwrap();
    project.write(WEB, &format!("{before}{{% if volumes %}}{after}"));
    let said = refused(&project, &["render", "--format", "concise"]).stdout;
    assert!(
        said.contains("the template leaves out all networks: `back`, `front`"),
        "{said}"
    );
    assert!(!said.contains("leaves out network `back`"), "{said}");
    let said = refused(&project, &["render"]).stderr;
    assert!(said.contains("help: write `{{ sections }}`"), "{said}");
}
