//! Plans of small projects, one rule each. `tests/it/plan` holds them against Docker Compose 2.40; the
//! rules of 5.2 and later are tried here only, as they are read in its source.

mod images;
mod ports;
mod refused;
mod setup;

use std::collections::BTreeMap;

use super::{DefinitionChange, Facts, Reason, Scale, Taken};
use crate::fields::Value;
use crate::redact::Sensitive;
use crate::state::{Attached, Container};
use setup::Setup;

#[test]
fn a_project_as_it_should_be_needs_nothing() {
    for compose in ["2.40.3", "5.5"] {
        let plan = Setup::of(&[("web", &["db"]), ("db", &[])], compose).plan();
        assert_eq!((plan.operations, plan.downtime), (vec![], vec![]));
    }
}

#[test]
fn services_are_created_in_the_order_of_their_dependencies() {
    let mut setup = Setup::of(&[("a", &["z"]), ("m", &["a"]), ("z", &[])], "2.40");
    setup.live.containers.clear();
    assert_eq!(
        setup.operations(),
        ["create p-z-1", "create p-a-1", "create p-m-1"]
    );
}

#[test]
fn dependents_are_restarted_and_those_that_share_are_recreated() {
    let mut setup = Setup::of(
        &[
            ("db", &[]),
            ("app", &["db"]),
            ("side", &["db"]),
            ("web", &["db"]),
        ],
        "2.40",
    );
    setup.changed("db1", true);
    setup.service("app").restarts_with = ["db".to_owned()].into();
    setup.service("side").network_mode = Some("service:db".into());
    let expected = [
        "stop p-app-1", "recreate p-db-1", "recreate p-side-1", "start p-app-1",
    ];
    assert_eq!(setup.operations(), expected);
    setup.options.compose = "5.5".parse().unwrap();
    assert_eq!(setup.operations(), expected);
    let down = setup.plan().downtime;
    let down: Vec<&str> = down.iter().map(|one| one.service.as_str()).collect();
    assert_eq!(down, ["db", "app", "side"]);
    // Two namespaces of one service are one reason.
    let pid = Value::Text(Sensitive::public("service:db"));
    setup.service("side").config.fields.insert("pid", pid);
    let operations = setup.plan().operations;
    let side = operations.iter().find(|one| one.resource == "side");
    let why = side.map(|one| one.cause.as_str());
    assert_eq!(
        why,
        Some("shares a namespace or volumes with service `db`, which is recreated")
    );
}

#[test]
fn one_that_shares_and_is_not_selected_loses_its_network() {
    let mut setup = Setup::of(&[("db", &[]), ("side", &["db"])], "2.40");
    setup.service("side").network_mode = Some("service:db".into());
    setup.running("p-side-1").network_mode = Some("container:db1".into());
    setup.options.services = ["db".to_owned()].into();
    setup.options.force_recreate = true;
    assert_eq!(setup.operations(), ["recreate p-db-1", "leave p-side-1"]);
}

#[test]
fn one_that_shares_processes_ends_with_the_other() {
    let mut setup = Setup::of(
        &[("db", &[]), ("api", &["db"]), ("trace", &["api"])],
        "2.40",
    );
    let set = |pid: &str| {
        [("pid", Value::Text(Sensitive::public(pid)))]
            .into_iter()
            .collect()
    };
    setup.service("trace").config.fields = set("service:api");
    setup.running("p-trace-1").config.fields = set("container:api1");
    setup.changed("db1", true);
    setup.service("api").restarts_with = ["db".to_owned()].into();
    assert_eq!(
        setup.operations(),
        [
            "stop p-api-1", "stop p-trace-1", "recreate p-db-1", "start p-api-1", "start p-trace-1"
        ]
    );
    // It stays down where `up` is not for it.
    setup.options.services = ["api".to_owned()].into();
    setup.options.no_deps = true;
    setup.changed("api1", true);
    assert_eq!(setup.operations(), ["recreate p-api-1", "stop p-trace-1"]);
}

#[test]
fn what_may_have_changed_is_not_certain() {
    let mut setup = Setup::of(&[("web", &[])], "2.40");
    setup.changed("web1", false);
    assert_eq!(setup.operations(), ["recreate? p-web-1"]);
    setup.options.force_recreate = true;
    assert_eq!(setup.operations(), ["recreate p-web-1"]);
}

#[test]
fn options_select_services_and_scale_them() {
    let mut setup = Setup::of(&[("web", &["db"]), ("db", &[]), ("job", &[])], "2.40");
    for id in ["web1", "db1", "job1"] {
        setup.changed(id, true);
    }
    setup.options.services = ["web".to_owned()].into();
    assert_eq!(setup.operations(), ["recreate p-db-1", "recreate p-web-1"]);
    setup.options.no_deps = true;
    assert_eq!(setup.operations(), ["recreate p-web-1"]);
    // --force-recreate is for the services that are named.
    setup.options.no_deps = false;
    setup.options.force_recreate = true;
    setup.facts = Facts::default();
    assert_eq!(setup.operations(), ["recreate p-web-1"]);

    let mut setup = Setup::of(&[("web", &[])], "2.40");
    let Scale { service, replicas } = "web=3".parse().unwrap();
    setup.options.scale = [(service, replicas)].into();
    assert_eq!(setup.operations(), ["create p-web-2", "create p-web-3"]);
}

#[test]
fn those_that_are_too_many_are_removed_with_what_has_to_be_recreated_first() {
    let mut setup = Setup::of(&[("web", &[])], "2.40");
    setup.container("web", 2);
    assert_eq!(setup.operations(), ["remove p-web-2"]);
    setup.changed("web1", true);
    assert_eq!(setup.operations(), ["remove p-web-1"]);
    // Of those that all have to be recreated, Compose 2.40 keeps the newest, and 5.2 the first.
    setup.changed("web2", true);
    assert_eq!(setup.operations(), ["recreate p-web-2", "remove p-web-1"]);
    setup.options.compose = "5.2.0".parse().unwrap();
    assert_eq!(setup.operations(), ["recreate p-web-1", "remove p-web-2"]);
}

#[test]
fn numbers_go_on_after_the_highest() {
    let mut setup = Setup::of(&[("web", &[])], "2.40");
    setup.live.containers.clear();
    setup.container("web", 2);
    setup.service("web").replicas = 2;
    assert_eq!(setup.operations(), ["create p-web-3"]);
}

#[test]
fn orphans_are_removed_only_where_that_is_asked_for() {
    let mut setup = Setup::of(&[("web", &[])], "2.40");
    setup.container("old", 1);
    let ended = setup.container("web", 7);
    (ended.is_oneoff, ended.state) = (true, "exited".into());
    setup.container("web", 8).is_oneoff = true;
    assert_eq!(setup.operations(), [""; 0]);
    setup.options.remove_orphans = true;
    assert_eq!(setup.operations(), ["remove p-old-1", "remove p-web-7"]);
}

#[test]
fn a_container_that_cannot_be_created_keeps_all_from_being_started() {
    let mut setup = Setup::of(&[("db", &[]), ("web", &["db"]), ("other", &[])], "2.40");
    setup.live.containers.retain(|one| one.name != "p-web-1");
    setup.live.foreign.push(Container {
        id: "f".into(),
        name: "p-web-1".into(),
        ..Container::default()
    });
    setup.changed("db1", true);
    setup.changed("other1", true);
    assert_eq!(
        setup.operations(),
        [
            "recreate p-db-1",
            "recreate? p-other-1",
            "fail p-web-1",
            "leave p-db-1",
            "leave p-other-1"
        ]
    );
    let down = setup.plan().downtime;
    assert!(down.iter().all(|one| one.how_long.contains("is fixed")));
}

#[test]
fn a_port_that_is_taken_keeps_dependents_from_being_started() {
    let mut setup = Setup::of(&[("db", &[]), ("web", &["db"])], "2.40");
    setup.running("p-db-1").state = "exited".into();
    setup.running("p-web-1").state = "exited".into();
    let taken = Taken {
        port: "80:80".into(),
        holder: "thief".into(),
    };
    setup.facts.ports.insert("db".into(), vec![taken]);
    assert_eq!(setup.operations(), ["fail p-db-1", "leave p-web-1"]);
    assert!(setup.plan().is_blocked("web"));
}

#[test]
fn a_paused_container_and_an_unhealthy_one_fail() {
    let mut setup = Setup::of(&[("db", &[]), ("web", &["db"])], "2.40");
    setup.running("p-db-1").state = "paused".into();
    assert_eq!(setup.operations(), ["fail p-db-1"]);
    // One that is stopped before can be started.
    setup.network("back", &["db"]);
    let change = DefinitionChange {
        what: "`internal`".into(),
        is_certain: true,
    };
    setup.facts.networks.insert("back".into(), change);
    assert_eq!(
        setup.operations(),
        [
            "stop p-db-1", "recreate back", "start p-db-1", "leave p-db-1"
        ]
    );
    setup.facts = Facts::default();
    let db = setup.running("p-db-1");
    (db.state, db.health) = ("running".into(), Some("unhealthy".into()));
    assert_eq!(setup.operations(), [""; 0]);
    let needs = [("db".to_owned(), "service_healthy".to_owned())];
    setup.service("web").depends_on = BTreeMap::from(needs);
    assert_eq!(setup.operations(), ["fail web"]);
    // Without a health check nothing tells that it is healthy.
    setup.running("p-db-1").health = None;
    assert_eq!(setup.operations(), ["fail web"]);
    let check = Value::Words(Sensitive::words(vec!["CMD".into(), "true".into()]));
    let config = &mut setup.running("p-db-1").config;
    config.fields.insert("healthcheck.test", check);
    assert_eq!(setup.operations(), [""; 0]);
    setup.running("p-db-1").health = Some("unhealthy".into());
    setup.service("web").starts_without = ["db".to_owned()].into();
    assert_eq!(setup.operations(), [""; 0]);
}

#[test]
fn a_network_that_changed_stops_what_is_attached_to_it() {
    let mut setup = Setup::of(&[("web", &[]), ("side", &["web"]), ("db", &[])], "2.40");
    setup.network("back", &["web"]);
    setup.service("side").network_mode = Some("service:web".into());
    setup.running("p-side-1").network_mode = Some("container:web1".into());
    let change = DefinitionChange {
        what: "`internal`".into(),
        is_certain: true,
    };
    setup.facts.networks.insert("back".into(), change);
    assert_eq!(
        setup.operations(),
        [
            "stop p-web-1", "recreate back", "start p-web-1", "leave p-side-1", "leave p-web-1"
        ]
    );
    let mut detached = std::mem::take(&mut setup.running("p-web-1").networks);
    assert_eq!(setup.operations(), ["stop p-web-1", "fail back"]);
    setup.running("p-web-1").networks.append(&mut detached);
    let mut foreign = Container {
        id: "f".into(),
        name: "guest".into(),
        state: "running".into(),
        ..Container::default()
    };
    foreign
        .networks
        .insert("p_back".into(), Attached::default());
    setup.live.foreign.push(foreign);
    assert_eq!(setup.operations(), ["stop p-web-1", "fail back"]);
}

#[test]
fn a_network_without_its_label_is_refused_up_to_5_1() {
    let mut setup = Setup::of(&[("web", &[])], "2.40");
    setup.network("back", &["web"]);
    setup.observed.networks.get_mut("back").unwrap().origin = None;
    assert_eq!(setup.operations(), ["fail back"]);
    assert!(setup.plan().is_refused());
    setup.options.compose = "5.2".parse().unwrap();
    assert_eq!(setup.operations(), [""; 0]);
}

#[test]
fn a_network_that_was_renamed_is_moved_from_5_2_on() {
    let mut setup = Setup::of(&[("web", &[])], "5.5");
    setup.network("back", &["web"]);
    setup.expected.networks.get_mut("back").unwrap().name = "other".into();
    let reason = Reason::Network("back".into());
    setup.facts.containers.insert("web1".into(), vec![reason]);
    assert_eq!(
        setup.operations(),
        [
            "stop p-web-1", "recreate back", "start p-web-1", "leave p-web-1"
        ]
    );
    setup.options.compose = "2.40.3".parse().unwrap();
    assert_eq!(setup.operations(), ["create back", "recreate p-web-1"]);
}

#[test]
fn a_volume_that_changed_is_kept_unless_the_answer_is_yes() {
    let mut setup = Setup::of(&[("db", &[])], "2.40");
    setup.volume("store", "db");
    let change = DefinitionChange {
        what: "`driver`".into(),
        is_certain: true,
    };
    setup.facts.volumes.insert("store".into(), change);
    assert_eq!(setup.operations(), ["leave store"]);
    assert!(setup.plan().operations[0].is_destructive);
    setup.options.assume_yes = true;
    assert_eq!(
        setup.operations(),
        ["remove p-db-1", "recreate store", "create p-db-1"]
    );
}

#[test]
fn a_volume_that_is_gone_starts_empty() {
    let mut setup = Setup::of(&[("db", &[])], "2.40");
    setup.volume("store", "db");
    setup.observed.volumes.clear();
    setup.facts.precious = ["store".to_owned()].into();
    let plan = setup.plan();
    assert!(plan.operations[0].is_destructive, "{plan:?}");
    // A project that is new loses nothing.
    setup.live.containers.clear();
    assert_eq!(setup.plan().operations[0].loses, None);
}

#[test]
fn what_is_external_has_to_be_there() {
    let mut setup = Setup::of(&[("web", &[])], "2.40");
    setup.network("back", &["web"]);
    setup.expected.networks.get_mut("back").unwrap().external = true;
    setup.observed.networks.clear();
    assert_eq!(setup.operations(), ["fail back"]);
}

#[test]
fn versions_of_compose() {
    for (text, reconciles) in [
        ("2.40.3", Some(false)),
        ("v2.40.3-3", Some(false)),
        ("2.40.3+ds1-2", Some(false)),
        ("5.1.4", Some(false)),
        ("5.2.0", Some(true)),
        ("6.0", Some(true)),
        ("1.29.2", None),
        ("latest", None),
        ("2", None),
        ("2.40\u{1b}[31m", None),
    ] {
        let parsed = text.parse::<super::Compose>().ok();
        assert_eq!(parsed.map(|one| one.reconciles()), reconciles, "{text}");
    }
}

#[test]
fn a_container_that_compose_does_not_list_is_in_the_way() {
    for compose in ["2.40", "5.5"] {
        let mut setup = Setup::of(&[("web", &[])], compose);
        setup.options.remove_orphans = true;
        setup.running("p-web-1").is_unlisted = true;
        assert_eq!(setup.operations(), ["fail p-web-1"], "{compose}");
        setup.running("p-web-1").name = "p-web-old".into();
        assert_eq!(setup.operations(), ["create p-web-1"], "{compose}");
        setup.running("p-web-old").state = "exited".into();
        assert_eq!(
            setup.operations(),
            ["create p-web-1", "start p-web-old"],
            "{compose}"
        );
    }
}

#[test]
fn a_new_name_that_is_taken_leaves_no_container() {
    let mut setup = Setup::of(&[("web", &[]), ("db", &[])], "2.40");
    setup.changed("web1", true);
    setup.service("web").config.container_name = Some("p-db-1".into());
    assert_eq!(setup.operations(), ["recreate p-web-1", "fail p-web-1"]);
    assert!(setup.plan().is_blocked("web"));
}

#[test]
fn nothing_joins_a_network_that_every_engine_has() {
    for name in ["bridge", "host", "none"] {
        let mut setup = Setup::of(&[("web", &[])], "2.40");
        setup.network("net", &["web"]);
        for state in [&mut setup.expected, &mut setup.observed] {
            let network = state.networks.get_mut("net").unwrap();
            (network.name, network.external) = (name.to_owned(), true);
        }
        // One that was attached by hand stays.
        assert_eq!(setup.operations(), [""; 0]);
        setup.changed("web1", false);
        assert_eq!(setup.operations(), ["recreate? p-web-1"]);
        setup.changed("web1", true);
        assert_eq!(setup.operations(), ["fail p-web-1"]);
        setup.live.containers.clear();
        assert_eq!(setup.operations(), ["fail web"]);
    }
}

#[test]
fn the_data_of_a_renamed_project_is_left_behind() {
    let mut setup = Setup::of(&[("db", &[])], "2.40");
    setup.volume("store", "db");
    setup.observed.volumes.clear();
    for mut container in std::mem::take(&mut setup.live.containers) {
        container.project = Some("old".into());
        for mount in &mut container.mounts {
            mount.source = Some("old_store".into());
        }
        setup.live.foreign.push(container);
    }
    setup.facts.moved_from = Some("old".into());
    let loses = setup.plan().operations[0].loses.clone();
    let expected = "starts empty: the data of project `old` stays in volume `old_store`";
    assert_eq!(loses.as_deref(), Some(expected));
}
