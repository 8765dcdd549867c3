//! The second example, a product without templates: it renders, is checked, starts, and does not drift.

use crate::engine::Up;
use crate::judges::{compose_accepts, dclint_accepts};
use crate::outside::Outside;
use crate::project::{Project, copy, root};

/// Every file of the example that is committed.
const OUTPUTS: [&str; 4] = [
    "generated/dev.yml",
    "generated/prod-app.yml",
    "generated/prod-data.yml",
    "generated/qa.yml",
];

pub(crate) fn bookstore() -> Project {
    let folder = root().join("examples/bookstore");
    let project = Project::copy_of(&folder);
    copy(&folder.join("generated"), &project.path("generated"));
    project
}

#[test]
fn it_is_rendered_and_clean() {
    let project = bookstore();
    let ran = project.run(&["render", "--check"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ran.stderr
    );
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let ran = project.run(&["render", "review", "--pr", "7"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let review = project.read("generated/review.pr-7.yml");
    assert!(review.contains("name: bookstore-review-7\n"), "{review}");
    assert!(review.contains("DATABASE: bookstore_pr_7\n"), "{review}");
}

/// What an environment says is merged key by key, a list replaces, `null` removes.
#[test]
fn environments_change_only_what_they_name() {
    let project = bookstore();
    let mysql = |file: &str| {
        let document: serde_yaml::Value = serde_yaml::from_str(&project.read(file)).unwrap();
        document["services"]["mysql"].clone()
    };
    let limits = mysql("generated/prod-data.yml")["deploy"]["resources"]["limits"].clone();
    assert_eq!(limits["memory"], "8G");
    assert_eq!(limits["cpus"], 2);
    let environment = mysql("generated/dev.yml")["environment"].clone();
    assert_eq!(environment["MYSQL_DATABASE"], "bookstore_dev");
    assert_eq!(environment["MYSQL_USER"], "bookstore");
    project.edit(
        "environments/prod.yaml",
        "limits: { cpus: 2, memory: 1G }",
        "limits: { memory: 1G }\n    healthcheck: null",
    );
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let document: serde_yaml::Value =
        serde_yaml::from_str(&project.read("generated/prod-app.yml")).unwrap();
    let django = &document["services"]["django"];
    assert_eq!(django["deploy"]["resources"]["limits"]["cpus"], 1);
    assert!(django.get("healthcheck").is_none());
}

/// A namespace of the catalogue's own kind, and an upstream, are kept apart as Nata's are.
#[test]
fn its_own_promises_are_kept() {
    for (file, old, new, code) in [
        (
            "environments/qa.yaml",
            "vhost: qa",
            "vhost: prod",
            "namespace-shared",
        ),
        (
            "environments/qa.yaml",
            "payments: sandbox",
            "payments: live",
            "live-upstream",
        ),
        (
            "environments/qa.yaml",
            "amqp://rabbitmq/qa",
            "amqp://10.40.0.4/qa",
            "foreign-name",
        ),
        (
            "environments/dev.yaml",
            "127.0.0.1:8000:8080",
            "0.0.0.0:8000:8080",
            "loopback-only",
        ),
    ] {
        let project = bookstore();
        project.edit(file, old, new);
        let ran = project.run(&["check", "--format", "json"]);
        assert_eq!(ran.code, Some(1), "{new}: {}", ran.stderr);
        assert!(ran.stdout.contains(code), "{new}: {}", ran.stdout);
    }
}

/// An environment that promises nothing about its ports is not left alone: the rule for any Compose file holds.
#[test]
fn open_ports_are_found_without_a_promise() {
    let project = bookstore();
    let isolation = "isolation: { reach: public, public: [443] }\n";
    project.edit("environments/qa.yaml", isolation, "");
    let ran = project.run(&["check", "--level", "hardening", "--format", "json"]);
    assert!(ran.stdout.contains("port-everywhere"), "{}", ran.stdout);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn compose_and_dclint_accept_it() {
    let (outside, project) = (Outside::new(), bookstore());
    compose_accepts(&outside, &project, &OUTPUTS);
    // The developer's file builds an image, which the linter does not like.
    let linted = OUTPUTS.iter().filter(|name| !name.contains("dev"));
    dclint_accepts(&outside, &project, &linted.copied().collect::<Vec<_>>());
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_host_starts_and_does_not_drift() {
    let outside = Outside::new().other("COMPOSEGEN_DOCKER_26");
    let project = bookstore();
    let up = Up::start(&outside, &project, "generated/qa.yml", &[]);
    up.drift(&project, "bookstore").is_in_sync();
}
