//! Which tasks stay pending.

use super::Case;
use crate::fields::Value;
use crate::finding::Code;
use crate::redact::Sensitive;
use crate::state::{NodeTraits, Reserved};

#[test]
fn tasks_that_no_node_runs_stay_pending() {
    let pending = "new tasks stay pending: no node that takes tasks meets `node.hostname == n3`";
    let plan = |code: Code, place: &str, constraint: &str, replicas: i64| {
        let mut case = Case::new();
        case.set("web", "deploy.replicas", Value::Number(replicas));
        let constraints = Value::List(vec![constraint.to_owned()]);
        case.set("web", "deploy.placement.constraints", constraints);
        if code == Code::ServiceMissing {
            case.deployed.services.remove("web");
        }
        let (plan, _) = case.with(code, "web", place).plan();
        let tasks = plan.operations.first().and_then(|one| one.tasks.clone());
        let downtime = plan.downtime.first().map(|one| one.how_long.clone());
        (tasks.unwrap_or_default(), downtime)
    };
    let (none, config) = ("node.hostname == n3", Code::ServiceConfig);
    let created = plan(Code::ServiceMissing, "services web", none, 1);
    assert_eq!(created, (pending.to_owned(), None));
    let (tasks, downtime) = plan(config, "services web deploy.placement.constraints", none, 1);
    assert!(tasks.ends_with(pending), "{tasks}");
    assert_eq!(
        downtime.as_deref(),
        Some("for good: no node takes its new tasks")
    );
    let (tasks, downtime) = plan(config, "services web user", none, 2);
    assert!(tasks.ends_with(pending), "{tasks}");
    assert_eq!(
        downtime.as_deref(),
        Some("not down at first: old tasks keep running, until their nodes are changed")
    );
    // No new task is needed.
    let (tasks, _) = plan(config, "services web deploy.labels", none, 1);
    assert_eq!(tasks, "no task is replaced");
    // A node that is there.
    let one = plan(
        Code::ServiceMissing,
        "services web",
        "node.hostname == n1",
        1,
    );
    assert_eq!(one.0, "");
}

#[test]
fn tasks_for_which_no_node_has_room_stay_pending() {
    let created = |set: &[(&'static str, i64)]| {
        let mut case = Case::new();
        for (path, number) in set {
            case.set("web", path, Value::Number(*number));
        }
        for node in &mut case.deployed.live.as_mut().unwrap().nodes {
            node.traits = Some(NodeTraits {
                cpus: Some(2_000_000_000),
                memory: Some(1 << 30),
                ..NodeTraits::default()
            });
        }
        case.deployed.services.remove("web");
        let (plan, _) = case
            .with(Code::ServiceMissing, "web", "services web")
            .plan();
        plan.operations.first().and_then(|one| one.tasks.clone())
    };
    let memory = "deploy.resources.reservations.memory";
    let cpus = "deploy.resources.reservations.cpus";
    assert_eq!(created(&[(memory, 1 << 30), (cpus, 2_000_000_000)]), None);
    for larger in [(memory, (1 << 30) + 1), (cpus, 2_000_000_001)] {
        let tasks = created(&[larger]).unwrap();
        assert!(
            tasks.starts_with("new tasks stay pending: no node has"),
            "{tasks}"
        );
    }
    let most = "deploy.placement.max_replicas_per_node";
    let replicas = "deploy.replicas";
    assert_eq!(created(&[(most, 2), (replicas, 4)]), None);
    assert_eq!(
        created(&[(most, 2), (replicas, 5)]).as_deref(),
        Some("1 of 5 tasks stay pending: at most 2 run on each of 2 nodes")
    );
}

#[test]
fn old_tasks_keep_the_places_that_new_ones_need() {
    let text = |text: &str| Value::Text(Sensitive::public(text));
    let replaced = |order: &str, set: &[(&'static str, Value)]| {
        let mut case = Case::new();
        case.set("web", "deploy.update_config.order", text(order));
        for (path, value) in set {
            case.set("web", path, value.clone());
        }
        case.tasks(&["user"])
    };
    let each = ("deploy.placement.max_replicas_per_node", Value::Number(1));
    let port = ("ports", Value::List(vec!["80:80/tcp (host)".to_owned()]));
    for limit in [&each, &port] {
        let (tasks, how_long) = replaced("start-first", std::slice::from_ref(limit));
        assert!(tasks.contains("new tasks stay pending: "), "{tasks}");
        assert!(
            tasks.ends_with("old tasks keep their places (start-first)"),
            "{tasks}"
        );
        let kept = "not down: old tasks keep running, and are not replaced";
        assert_eq!(how_long.as_deref(), Some(kept));
        let (tasks, _) = replaced("stop-first", std::slice::from_ref(limit));
        assert!(
            !tasks.contains("pending"),
            "each new task takes the place of an old one: {tasks}"
        );
    }
    // A node has stopped to take tasks.
    let three = ("deploy.replicas", Value::Number(3));
    let (tasks, _) = replaced("stop-first", &[each.clone(), three]);
    assert!(
        tasks.ends_with("1 of 3 tasks stay pending: at most 1 run on each of 2 nodes"),
        "{tasks}"
    );
    // Those of another port or protocol are not in the way.
    for other in ["81:80/tcp (host)", "80:80/udp (host)"] {
        let mut case = Case::new();
        case.set("web", "deploy.update_config.order", text("start-first"));
        case.set("web", port.0, port.1.clone());
        let wanted = case.declared.services.get_mut("web").unwrap();
        wanted
            .fields
            .insert("ports", Value::List(vec![other.to_owned()]));
        let (tasks, _) = case.tasks(&["ports"]);
        assert!(!tasks.contains("pending"), "{tasks}");
    }
    let globe = ("deploy.mode", text("global"));
    let (_, how_long) = replaced("start-first", &[port, globe]);
    assert!(
        how_long
            .unwrap()
            .starts_with("unknown: a node publishes a port once")
    );
}

/// The tasks of a global service on nodes that do not meet its constraints any more are stopped at once, and others start.
#[test]
fn a_global_service_moves_at_once() {
    let text = |text: &str| Value::Text(Sensitive::public(text));
    let moved = |from: &str, to: &str| {
        let mut case = Case::new();
        case.set("web", "deploy.mode", text("global"));
        case.set("web", "deploy.update_config.order", text("start-first"));
        let constraint = |text: &str| Value::List(vec![text.to_owned()]);
        let path = "deploy.placement.constraints";
        case.set("web", path, constraint(from));
        let wanted = case.declared.services.get_mut("web").unwrap();
        wanted.fields.insert(path, constraint(to));
        case.tasks(&[path, "environment.A"])
    };
    let (tasks, how_long) = moved("node.hostname == n1", "node.hostname == n2");
    assert_eq!(tasks, "1 task is added, 1 task is removed");
    assert!(how_long.unwrap().starts_with("unknown: tasks on nodes"));
    let (tasks, how_long) = moved("node.hostname == n1", "node.hostname != n9");
    assert_eq!(tasks, "1 task is added, 1 task is replaced (start-first)");
    assert!(how_long.unwrap().starts_with("not down"));
    let (tasks, how_long) = moved("node.hostname != n9", "node.hostname == n9");
    assert!(
        tasks.starts_with("2 tasks are removed, no task starts"),
        "{tasks}"
    );
    assert!(how_long.unwrap().starts_with("for good"));
}

const CPUS: &str = "deploy.resources.reservations.cpus";

/// Two nodes of two processors, of which others reserve some.
fn reserved(case: &mut Case, by: &str, cpus: [i64; 2]) {
    let nodes = &mut case.deployed.live.as_mut().unwrap().nodes;
    for (node, cpus) in nodes.iter_mut().zip(cpus) {
        node.traits = Some(NodeTraits {
            cpus: Some(2_000_000_000),
            ..NodeTraits::default()
        });
        let reserved = Reserved { cpus, memory: 0 };
        let all = node.reserved.get_or_insert_default();
        all.insert(by.to_owned(), reserved);
    }
}

#[test]
fn what_other_services_reserve_is_not_free() {
    let created = |by: &str, replicas: i64| {
        let mut case = Case::new();
        case.set("web", CPUS, Value::Number(600_000_000));
        case.set("web", "deploy.replicas", Value::Number(replicas));
        reserved(&mut case, by, [1_500_000_000, 1_300_000_000]);
        case.deployed.services.remove("web");
        let case = case.with(Code::ServiceMissing, "web", "services web");
        let (plan, _) = case.plan();
        let tasks = plan.operations.first().and_then(|one| one.tasks.clone());
        (tasks, plan.unknown.iter().any(|one| one.contains("room")))
    };
    // The first node has room for none, the second for one.
    assert_eq!(created("other_db", 1), (None, false));
    let two = "1 of 2 tasks stay pending: 2 nodes have room for 1 beside other services";
    for other in ["other_db", "s_api"] {
        assert_eq!(created(other, 2), (Some(two.to_owned()), false));
    }
    // What has the same deploy changed may end.
    assert_eq!(created("s_web", 2), (None, false));
}

#[test]
fn a_service_that_reserves_more_has_no_room_beside_others() {
    let updated = |order: &str, cpus: i64| {
        let mut case = Case::new();
        case.set("web", CPUS, Value::Number(500_000_000));
        let order = Value::Text(Sensitive::public(order));
        case.set("web", "deploy.update_config.order", order);
        let wanted = case.declared.services.get_mut("web").unwrap();
        wanted.fields.insert(CPUS, Value::Number(cpus));
        reserved(&mut case, "other_db", [1_500_000_000; 2]);
        reserved(&mut case, "s_web", [500_000_000; 2]);
        case.tasks(&[CPUS])
    };
    let (tasks, how_long) = updated("stop-first", 600_000_000);
    let none = "new tasks stay pending: other services leave no node with the processors and the memory that it reserves";
    assert!(tasks.ends_with(none), "{tasks}");
    assert!(how_long.unwrap().starts_with("not down at first"));
    // Each takes the place of an old one.
    let (tasks, _) = updated("stop-first", 500_000_000);
    assert!(!tasks.contains("pending"), "{tasks}");
    let (tasks, how_long) = updated("start-first", 500_000_000);
    let kept = "new tasks stay pending: 2 nodes have room for 2 beside other services, and old tasks keep their places (start-first)";
    assert!(tasks.ends_with(kept), "{tasks}");
    assert!(how_long.unwrap().contains("old tasks keep running"));
    // What the old ones leave may be enough for smaller ones.
    let (tasks, _) = updated("start-first", 400_000_000);
    assert!(!tasks.contains("pending"), "{tasks}");
}

#[test]
fn whether_several_services_have_room_together_is_not_known() {
    let unknown = |case: &Case, names: &str| {
        let expected = format!("whether nodes have room for what {names} reserve");
        let unknown = case.plan().0.unknown;
        unknown.iter().any(|one| one.starts_with(&expected))
    };
    let mut case = Case::new().with(Code::ServiceConfig, "web", "services web user");
    assert!(!unknown(&case, ""));
    case.set("web", CPUS, Value::Number(500_000_000));
    assert!(unknown(&case, "`web`"), "it is not known what others do");
    reserved(&mut case, "other_db", [0; 2]);
    assert!(!unknown(&case, "`web`"));
    let nodes = std::mem::take(&mut case.deployed.live.as_mut().unwrap().nodes);
    assert!(unknown(&case, "`web`"), "no nodes are known");
    case.deployed.live.as_mut().unwrap().nodes = nodes;
    case.set("api", CPUS, Value::Number(500_000_000));
    let case = case.with(Code::ServiceConfig, "api", "services api user");
    assert!(unknown(&case, "`api`, `web`"));
}
