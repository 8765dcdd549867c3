//! `composegen state`

use crate::compose::oracle::{Compose, difference, printed};
use crate::judges::rendered;
use crate::project::Project;

/// The hosts of this repository and their files.
const HOSTS: [(&str, &str); 7] = [
    ("local", "generated/docker-compose.local.yml"),
    ("preview", "generated/compose/preview.pr-123.yml"),
    ("preview-edge", "generated/compose/vps.preview-edge.yml"),
    ("vps-staging", "generated/compose/vps.staging.yml"),
    ("mac-staging", "generated/compose/mac.staging.yml"),
    ("vps-prod", "generated/compose/vps.prod.yml"),
    ("mac-prod", "generated/compose/mac.prod.yml"),
];

#[test]
#[ignore = "needs Docker Compose: make test"]
fn for_every_output_it_is_what_compose_says() {
    let compose = Compose::new();
    let project = rendered();
    for (host, output) in HOSTS {
        let number: &[&str] = if host == "preview" {
            &["--pr", "123"]
        } else {
            &[]
        };
        let arguments = [&["state", "--host", host], number].concat();
        let ran = project.run_with(&arguments, &[("NATA_TAG", "0.0.0-test")]);
        assert_eq!(ran.code, Some(0), "{host}: {}", ran.stderr);
        let state = ran.json();
        let file = project.path(output);
        let folder = file.parent().unwrap();
        let arguments = ["-f", file.to_str().unwrap()];
        let expected = compose.state(folder, &arguments, &[("NATA_TAG", "0.0.0-test")]);
        let expected = expected.unwrap();
        assert_eq!(difference(&state, &printed(&expected)), None, "{host}");
    }
}

#[test]
fn it_is_printed_as_json() {
    let project = Project::sound();
    let ran = project.run(&["state", "--host", "web"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("state_of_web", ran.stdout);
    assert!(!project.path("generated").exists(), "nothing is written");
}

#[test]
fn a_variable_is_filled_in_where_it_is_set() {
    let project = Project::sound();
    let image = |variables: &[(&str, &str)]| {
        let ran = project.run_with(&["state", "--host", "web"], variables);
        let state = ran.json();
        state["services"]["app"]["image"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        image(&[("KIOSK_TAG", "7.1")]),
        "registry.example/kiosk/app:7.1"
    );
    let unset = "registry.example/kiosk/app:${KIOSK_TAG:?set it to the release that is to run}";
    assert_eq!(image(&[]), unset);
}

#[test]
fn a_host_is_asked_for() {
    let project = Project::sound();
    let refused = |arguments: &[&str]| {
        let ran = project.run(arguments);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        ran.stderr
    };
    insta::assert_snapshot!(refused(&["state", "--host", "wbe"]), @"error: there is no host or environment `wbe` (expected one of models, preview, prod, web); did you mean `web`?");
    insta::assert_snapshot!(refused(&["state", "--host", "prod"]), @"error: `prod` is an environment; select all of its hosts with --env prod, or one of them: web, models");
    insta::assert_snapshot!(refused(&["state", "--host", "preview"]), @"error: `preview` exists once per pull request; give its number with --pr N");
    insta::assert_snapshot!(refused(&["state", "--host", "web", "--pr", "1"]), @"error: --pr is only for preview hosts, and `web` is not one");
}
