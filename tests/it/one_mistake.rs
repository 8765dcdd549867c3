//! One mistake is one error: not one a service, a host or a stack, and without its consequences.

use crate::mistakes::refused;
use crate::project::Project;

/// What `render` says, one line an error, of the sound project with an edit.
fn said(file: &str, old: &str, new: &str) -> String {
    let project = Project::sound();
    project.edit(file, old, new);
    refused(&project, &["render", "--format", "concise"]).stdout
}

const CATALOG: &str = "environments/catalog.yaml";
const PROD: &str = "environments/prod.yaml";
const SERVICE: &str = "templates/service.yml.j2";

#[test]
fn a_field_of_all_services_is_reported_once() {
    let wrong =
        "defaults: { logging: { driver: local, option: { max-size: 10m } } }\nservices:\n  gate:";
    insta::assert_snapshot!(said(CATALOG, "services:\n  gate:", wrong), @"environments/catalog.yaml:7:39: error: unknown field `option` of `services.app.logging` (expected one of driver, options); did you mean `options`?");
}

#[test]
fn a_line_of_a_template_of_several_hosts_is_reported_once() {
    insta::assert_snapshot!(said(SERVICE, "    labels:", "    lables:"), @"templates/service.yml.j2:36:5: error: unknown field `lables` of `services.app` (not a field of Compose); did you mean `labels`?");
    let wrong = "    stop_grace_period: 10\n    labels:";
    insta::assert_snapshot!(said(SERVICE, "    labels:", wrong), @"templates/service.yml.j2:36:24: error: `services.app.stop_grace_period` is a number, expected text");
    let project = Project::sound();
    project.edit(SERVICE, "    labels:", wrong);
    let ran = refused(&project, &["render"]);
    for note in [
        "also applies to `db`, `gate`, `model`",
        "in 3 hosts: `preview`, `web`, `models`",
    ] {
        assert!(ran.stderr.contains(note), "{}", ran.stderr);
    }
}

#[test]
fn an_unknown_filter_is_reported_once() {
    let wrong = "{{ service.image|trin(1) }}";
    insta::assert_snapshot!(said(SERVICE, "{{ service.image }}", wrong), @"templates/service.yml.j2:1:29: error: unknown filter `trin`; did you mean `string`?");
}

#[test]
fn what_follows_from_a_misspelt_field_is_not_reported() {
    let mirror = "mirrors: prod\nhosts:";
    for (old, new) in [
        ("environment: prod", "environmnet: prod"),
        ("hosts:", "host:"),
        ("reach: public", "reech: public"),
    ] {
        let project = Project::sound();
        project.edit("environments/preview.yaml", "hosts:", mirror);
        project.edit(PROD, old, new);
        let ran = refused(&project, &["render", "--format", "concise"]);
        let unknown = new.split(':').next().unwrap();
        let expected = format!("error: unknown field `{unknown}`");
        assert!(ran.stdout.contains(&expected), "{}", ran.stdout);
        assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    }
    let wrong = "serves: 3000\n    ulimits: { nofile: { soft: 1, hrd: 2 } }";
    insta::assert_snapshot!(said(CATALOG, "serves: 3000", wrong), @"environments/catalog.yaml:21:35: error: unknown field `hrd` of `services.app.ulimits.nofile` (expected one of hard, soft); did you mean `hard`?");
}

#[test]
fn what_follows_from_a_value_of_the_wrong_kind_is_not_reported() {
    let differs = "differs: [{ what: services.app, reason: smaller }]\nhosts:";
    for mirrors in ["mirrors: [web]", "miror: prod"] {
        let wrong = format!("{mirrors}\n{differs}");
        let said = said(PROD, "hosts:", &wrong);
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    insta::assert_snapshot!(said(CATALOG, "channels: [none, sandbox, live]", "channels: none"), @"environments/catalog.yaml:3:24: error: `upstreams.channels` is text, expected a list of levels, such as `[none, sandbox, live]`");
    insta::assert_snapshot!(said(PROD, "channels: live", "channels: [live]"), @"environments/prod.yaml:7:13: error: `upstreams.channels` is a list, expected a level, or a mapping with `level`");
}

#[test]
fn a_project_of_another_name_is_reported_without_its_networks() {
    let other = "name: foo";
    insta::assert_snapshot!(said("templates/web.yml.j2", "name: {{ project }}", other), @"templates/web.yml.j2:1:1: error: the project name differs from the spec (expected `name: kiosk-preview-1`)");
}
