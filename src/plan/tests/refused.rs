//! What Compose refuses to create or to start.

use super::super::Outcome;
use super::setup::Setup;

#[test]
fn what_compose_refuses_to_create_stays_as_it_is() {
    let mut setup = Setup::of(&[("db", &[]), ("web", &["db"])], "2.40");
    let why = "`healthcheck.start_interval` needs Docker Engine 25";
    let refused = [("db".to_owned(), why.to_owned())];
    setup.facts.not_created = refused.into();
    // What runs needs no new container.
    assert_eq!(setup.operations(), [""; 0]);
    setup.changed("db1", true);
    let plan = setup.plan();
    assert_eq!(setup.operations(), ["fail p-db-1"]);
    assert_eq!(plan.operations[0].cause, why);
    assert_eq!(plan.container("db1"), Outcome::NotRecreated);
}

/// Podman keeps a container in whose namespaces others are: Compose stops it and those that it restarts with it, and fails.
#[test]
fn what_the_engine_does_not_remove_is_stopped() {
    let mut setup = Setup::of(&[("vpn", &[]), ("app", &["vpn"])], "2.40");
    setup.service("app").restarts_with = ["vpn".to_owned()].into();
    let why = "`p-app-1` is in one of its namespaces";
    setup.facts.not_removed = [("vpn1".to_owned(), why.to_owned())].into();
    assert_eq!(setup.operations(), [""; 0]);
    setup.changed("vpn1", true);
    let plan = setup.plan();
    assert_eq!(
        setup.operations(),
        [
            "stop p-app-1", "stop p-vpn-1", "fail p-vpn-1", "leave p-app-1"
        ]
    );
    assert!(plan.operations.iter().all(|one| one.certain));
    let why = "`p-app-1` is in one of its namespaces: a new one keeps a temporary name and is not started";
    assert_eq!(plan.operations[2].cause, why);
    assert_eq!(plan.container("vpn1"), Outcome::NotRecreated);
    // One too many is not removed either.
    setup.facts.containers.clear();
    setup.service("vpn").replicas = 0;
    assert_eq!(setup.operations(), ["stop p-vpn-1", "fail p-vpn-1"]);
}

/// Compose creates all containers before it starts one.
#[test]
fn what_is_stopped_stays_so_where_another_cannot_be_created() {
    let mut setup = Setup::of(&[("db", &[]), ("web", &[])], "2.40");
    setup.facts.not_created = [("web".to_owned(), "it cannot".to_owned())].into();
    setup.changed("web1", true);
    setup.running("p-db-1").state = "exited".into();
    let plan = setup.plan();
    assert_eq!(setup.operations(), ["fail p-web-1", "leave p-db-1"]);
    assert!(plan.is_blocked("db"));
}

#[test]
fn what_compose_cannot_copy_keeps_a_container_from_being_started() {
    let mut setup = Setup::of(&[("db", &[]), ("web", &["db"])], "2.40");
    let why = "secret `key` cannot be copied into a read-only container";
    setup.facts.not_started = [("db".to_owned(), why.to_owned())].into();
    assert_eq!(setup.operations(), [""; 0]);
    setup.running("p-db-1").state = "exited".into();
    assert_eq!(setup.operations(), ["fail p-db-1"]);
}
