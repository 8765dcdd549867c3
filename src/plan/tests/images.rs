//! Images that the engine does not have, and those that are pulled or built again.

use super::super::Pull;
use super::setup::Setup;

/// `api`, whose image the engine does not have, after `web`.
fn without_image() -> Setup {
    let mut setup = Setup::of(&[("api", &["web"]), ("web", &[])], "2.40");
    setup.service("api").image = Some("api:1".into());
    setup
}

#[test]
fn an_image_that_is_not_there_is_pulled_and_may_be_another_one() {
    let mut setup = without_image();
    assert_eq!(setup.operations(), ["recreate? p-api-1"]);
    let plan = setup.plan();
    assert_eq!(
        plan.unknown,
        ["`up` pulls `api:1`, which is not on the engine; if that fails, it does nothing"]
    );
    setup.service("api").build = true;
    assert!(setup.plan().unknown[0].contains("`up` builds `api:1`"));
    setup.live.images.insert("api:1".into(), "sha256:1".into());
    assert_eq!(setup.operations(), [""; 0]);
    assert_eq!(setup.plan().unknown, [""; 0]);
}

#[test]
fn without_its_image_a_container_cannot_be_created_and_not_be_recreated() {
    let mut setup = without_image();
    setup.options.pull = Some(Pull::Never);
    assert_eq!(setup.operations(), ["fail p-api-1"]);
    setup.options.pull = None;
    setup.service("api").pull_policy = Some("never".into());
    assert_eq!(setup.operations(), ["fail p-api-1"]);
    setup.live.containers.clear();
    // What is created before is not started.
    assert_eq!(
        setup.operations(),
        ["create p-web-1", "fail api", "leave p-web-1"]
    );
    // The option goes before the file.
    setup.options.pull = Some(Pull::Missing);
    let operations = setup.operations();
    assert_eq!(operations, ["create p-web-1", "create p-api-1"]);
}

#[test]
fn a_policy_says_that_an_image_may_become_another_one() {
    let mut setup = without_image();
    setup.live.images.insert("api:1".into(), "sha256:1".into());
    let policies = [
        ("always", false, true),
        ("daily", false, true),
        ("every_2h", false, true),
        ("missing", false, false),
        ("never", false, false),
        ("build", true, true),
        ("build", false, false),
        ("always", true, false),
    ];
    for (policy, builds, is_noted) in policies {
        let service = setup.service("api");
        service.pull_policy = Some(policy.to_owned());
        service.build = builds;
        let plan = setup.plan();
        assert_eq!(!plan.unknown.is_empty(), is_noted, "{policy} {builds}");
        assert!(plan.operations.is_empty(), "{policy} {builds}");
    }
}

#[test]
fn what_depends_on_one_that_cannot_be_recreated_is_stopped_first() {
    let mut setup = Setup::of(&[("api", &[]), ("web", &["api"])], "2.40");
    setup.service("api").image = Some("api:1".into());
    setup.service("web").restarts_with = ["api".to_owned()].into();
    setup.options.pull = Some(Pull::Never);
    assert_eq!(
        setup.operations(),
        ["stop p-web-1", "fail p-api-1", "leave p-web-1"]
    );
}

#[test]
fn an_image_that_another_service_builds_need_not_be_pulled() {
    let mut setup = Setup::of(&[("web", &[]), ("worker", &[])], "2.40");
    for name in ["web", "worker"] {
        setup.service(name).image = Some("app:dev".into());
    }
    setup.service("web").build = true;
    let unknown = setup.plan().unknown;
    assert_eq!(
        unknown,
        [
            "`up` builds `app:dev`, which is not on the engine; if that fails, it does nothing",
            "`up` pulls `app:dev`, which is not on the engine; if that fails, it takes the one that it builds for `web`",
        ]
    );
    setup.service("worker").pull_policy = Some("never".into());
    assert_eq!(
        setup.operations(),
        ["recreate? p-web-1", "recreate? p-worker-1"]
    );
    // One that is not part of the command builds nothing.
    setup.options.services = ["worker".to_owned()].into();
    assert_eq!(setup.operations(), ["fail p-worker-1"]);
}
