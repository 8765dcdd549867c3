mod defaults;
mod pending;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{DeployOptions, RUN_AGAIN, ResolveImage, StackDifference, StackInput, plan};
use crate::fields::{Value, Values};
use crate::finding::{AfterUp, Code, Severity};
use crate::plan::{Action, Plan};
use crate::redact::Sensitive;
use crate::state::{
    Running, STACK_IMAGE_LABEL, Stack, StackFile, StackService, State, Swarm, SwarmNode,
};

/// A stack with the services `api` and `web`, of which two tasks run each, on two nodes.
struct Case {
    declared: Stack,
    deployed: Stack,
    found: Vec<(Code, &'static str, Vec<String>, Json)>,
    options: DeployOptions,
}

impl Case {
    fn new() -> Self {
        let service = || StackService {
            image: Some("a:1".to_owned()),
            ..StackService::default()
        };
        let services = ["api", "web"].map(|name| (name.to_owned(), service()));
        let mut case = Self {
            declared: Stack {
                services: services.into(),
                ..Stack::default()
            },
            deployed: Stack::default(),
            found: Vec::new(),
            options: DeployOptions::default(),
        };
        for name in ["api", "web"] {
            case.set(name, "deploy.replicas", Value::Number(2));
        }
        let node = |id: &str| SwarmNode {
            id: id.to_owned(),
            hostname: id.to_owned(),
            state: "ready".to_owned(),
            availability: "active".to_owned(),
            manager: None,
            traits: None,
            reserved: None,
        };
        let running = Running {
            running: 2,
            desired: 2,
            ..Running::default()
        };
        case.deployed.live = Some(Swarm {
            running: ["api", "web"]
                .map(|name| (name.to_owned(), running.clone()))
                .into(),
            nodes: vec![node("n1"), node("n2")],
            ..Swarm::default()
        });
        case
    }

    /// Sets a field of a service, in the file and on the swarm.
    fn set(&mut self, service: &str, path: &'static str, value: Value) {
        let wanted = self.declared.services.get_mut(service).unwrap();
        wanted.fields.insert(path, value);
        self.deployed.services = self.declared.services.clone();
    }

    fn mounts(&mut self, sources: &[(&str, &str)]) {
        let entries = sources.iter().map(|(target, source)| {
            let source = Sensitive::public(*source);
            ((*target).to_owned(), Some(source))
        });
        let entries: BTreeMap<_, _> = entries.collect();
        self.set("web", "volumes", Value::Map(entries));
    }

    /// What differs: a code, a resource, its place, and what was expected.
    fn with(mut self, code: Code, resource: &'static str, place: &str) -> Self {
        let place = place
            .split(' ')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        self.found.push((code, resource, place, json!(resource)));
        self
    }

    fn plan(&self) -> (Plan, Vec<AfterUp>) {
        let found = self
            .found
            .iter()
            .map(|(code, resource, place, expected)| StackDifference {
                code: *code,
                severity: Severity::Drift,
                resource,
                place,
                expected,
                observed: &Json::Null,
                message: "differs",
                depends_on_order: false,
                step: None,
            });
        let found: Vec<StackDifference<'_>> = found.collect();
        let (plan, fates) = plan(StackInput {
            expected: &State::empty("s"),
            declared: &self.declared,
            deployed: &self.deployed,
            found: &found,
            options: self.options,
        });
        (plan, fates.iter().map(|fate| fate.after).collect())
    }

    /// The operations, each as a few words, and what becomes of the differences.
    fn brief(&self) -> (Vec<String>, Vec<AfterUp>) {
        let (plan, after) = self.plan();
        let operations = plan.operations.iter().map(|one| {
            let mark = if one.certain { "" } else { "?" };
            format!("{}{mark} {}", one.action.as_str(), one.resource)
        });
        (operations.collect(), after)
    }

    /// What becomes of the tasks of `web` where these fields of it differ, and how long it is down.
    fn tasks(mut self, fields: &[&str]) -> (String, Option<String>) {
        for field in fields {
            self = self.with(Code::ServiceConfig, "web", &format!("services web {field}"));
        }
        let (plan, _) = self.plan();
        let [operation] = plan.operations.as_slice() else {
            panic!("{:?}", plan.operations);
        };
        let downtime = plan.downtime.first();
        (
            operation.tasks.clone().unwrap(),
            downtime.map(|one| one.how_long.clone()),
        )
    }
}

const HEALS: AfterUp = AfterUp::Heals;
const FAILS: AfterUp = AfterUp::Fails;
const UNKNOWN: AfterUp = AfterUp::Unknown;

#[test]
fn every_deploy_runs_jobs_again() {
    let mut case = Case::new();
    let mode = Value::Text(Sensitive::public("replicated-job"));
    case.set("web", "deploy.mode", mode);
    assert_eq!(case.brief().0, ["update web"]);
    let (plan, _) = case.plan();
    assert_eq!(plan.operations[0].tasks.as_deref(), Some(RUN_AGAIN));
    // One that is created runs for the first time.
    case.deployed.services.remove("web");
    assert_eq!(case.brief().0, [""; 0]);
    let changed = Case::new().with(Code::NameTaken, "api", "services api name");
    let mut changed = Case {
        declared: case.declared.clone(),
        deployed: case.declared.clone(),
        ..changed
    };
    assert_eq!(changed.brief().0, ["fail api", "update? web"]);
    changed.found.clear();
    let failing = changed.with(Code::ConfigContent, "c", "stack configs c");
    assert_eq!(failing.brief().0, ["fail c"]);
}

#[test]
fn a_config_that_changed_fails_after_networks_and_before_services() {
    let case = Case::new()
        .with(Code::ServiceConfig, "web", "services web user")
        .with(Code::ConfigContent, "app", "stack configs s_app")
        .with(Code::ConfigMissing, "more", "stack configs s_more")
        .with(Code::NetworkMissing, "back", "networks back")
        .with(Code::ServiceMissing, "api", "services api name");
    let operations = [
        "create back", "fail app", "create? more", "leave api", "leave web",
    ];
    assert_eq!(
        case.brief(),
        (
            operations.map(str::to_owned).into(),
            vec![FAILS, FAILS, UNKNOWN, HEALS, FAILS]
        )
    );
}

#[test]
fn a_secret_of_others_is_taken_over_with_all_of_it_or_not_at_all() {
    let case = Case::new()
        .with(Code::SecretOwner, "key", "stack secrets s_key labels")
        .with(Code::SecretChanged, "key", "stack secrets labels");
    let (operations, after) = case.brief();
    assert_eq!(operations, ["update? key", "update? key"]);
    assert_eq!(after, [UNKNOWN, UNKNOWN]);
}

#[test]
fn a_service_that_fails_leaves_open_what_becomes_of_others() {
    let case = Case::new()
        .with(Code::ServiceReplicas, "web", "services web deploy.mode")
        .with(Code::ServiceConfig, "web", "services web user")
        .with(Code::ServiceConfig, "api", "services api user");
    let operations = ["update? api", "fail web"];
    assert_eq!(
        case.brief(),
        (
            operations.map(str::to_owned).into(),
            vec![FAILS, FAILS, UNKNOWN]
        )
    );
}

#[test]
fn services_are_pruned_before_anything_fails() {
    let mut case = Case::new()
        .with(Code::NetworkUnlabelled, "back", "networks back project")
        .with(Code::ServiceOrphan, "old", "services old name")
        .with(Code::ServiceMissing, "web", "services web name");
    let left = (
        ["fail back", "leave web"].map(str::to_owned).to_vec(),
        vec![FAILS, AfterUp::Ignores, FAILS],
    );
    assert_eq!(case.brief(), left);
    case.options.prune = true;
    let pruned = (
        ["remove old", "fail back", "leave web"]
            .map(str::to_owned)
            .to_vec(),
        vec![FAILS, HEALS, FAILS],
    );
    assert_eq!(case.brief(), pruned);
}

#[test]
fn an_external_secret_has_to_be_there() {
    let mut case = Case::new().with(Code::SecretMissing, "key", "stack secrets key");
    let external = StackFile {
        external: true,
        ..StackFile::default()
    };
    case.declared.secrets = [("key".to_owned(), external)].into();
    assert_eq!(case.brief(), (vec!["fail key".to_owned()], vec![FAILS]));
}

#[test]
fn an_image_is_kept_where_the_file_names_the_same_as_before() {
    let mut case = Case::new().with(Code::ServiceImage, "web", "services web image");
    let label = |image: &str| {
        let image = Some(Sensitive::public(image));
        Value::Map([(STACK_IMAGE_LABEL.to_owned(), image)].into())
    };
    for (resolve, deployed, expected) in [
        (ResolveImage::Always, "a:1", HEALS),
        (ResolveImage::Changed, "a:1", AfterUp::Ignores),
        (ResolveImage::Never, "a:1", AfterUp::Ignores),
        (ResolveImage::Changed, "a:0", HEALS),
        (ResolveImage::Never, "a:0", HEALS),
    ] {
        case.set("web", "deploy.labels", label(deployed));
        case.options.resolve_image = resolve;
        let (_, after) = case.plan();
        assert_eq!(after, [expected], "{resolve:?} {deployed}");
    }
}

#[test]
fn tasks_are_replaced_where_their_spec_or_the_ports_differ() {
    let replaced = "2 tasks are replaced, 1 at a time (stop-first)";
    let none = "no task is replaced";
    let moved =
        "tasks on nodes that do not meet the new constraints are replaced, others keep running";
    for (fields, expected) in [
        (&["user"][..], replaced),
        (&["image"], replaced),
        (&["ports"], replaced),
        (&["deploy.endpoint_mode"], replaced),
        (&["deploy.resources.limits.memory"], replaced),
        (&["deploy.labels"], none),
        (&["deploy.update_config.order"], none),
        (&["deploy.rollback_config.delay"], none),
        (&["deploy.placement.preferences"], none),
        (&["deploy.placement.constraints"], moved),
        (&["deploy.placement.constraints", "ports"], moved),
        (&["deploy.placement.constraints", "user"], replaced),
    ] {
        let (tasks, _) = Case::new().tasks(fields);
        assert_eq!(tasks, expected, "{fields:?}");
    }
}

#[test]
fn downtime_follows_the_order_of_the_update() {
    let order = |order: &str| Value::Text(Sensitive::public(order));
    let all = Value::Number(0);
    let (tasks, down) = Case::new().tasks(&["user"]);
    assert_eq!(tasks, "2 tasks are replaced, 1 at a time (stop-first)");
    assert_eq!(
        down.as_deref(),
        Some("not down: 1 of its 2 tasks keep running (stop-first)")
    );
    let mut case = Case::new();
    case.set("web", "deploy.update_config.parallelism", all);
    let (tasks, down) = case.tasks(&["user"]);
    assert_eq!(tasks, "2 tasks are replaced, all at once (stop-first)");
    assert_eq!(
        down.as_deref(),
        Some("until a new task runs: all of its tasks are stopped first (stop-first)")
    );
    let mut case = Case::new();
    case.set("web", "deploy.update_config.order", order("start-first"));
    let (_, down) = case.tasks(&["user"]);
    assert_eq!(
        down.as_deref(),
        Some("not down: a new task runs before the old one is stopped (start-first)")
    );
    let mut case = Case::new();
    case.deployed.services.get_mut("web").unwrap().fields = Values::default();
    let (tasks, down) = case.tasks(&["deploy.replicas"]);
    assert_eq!((tasks.as_str(), down), ("1 task is added", None));
    let mut case = Case::new();
    case.set("web", "deploy.replicas", Value::Number(0));
    case.deployed = Case::new().deployed;
    let (tasks, down) = case.tasks(&["deploy.replicas"]);
    assert_eq!(tasks, "2 tasks are removed");
    assert_eq!(down.as_deref(), Some("for good: scaled to 0"));
}

#[test]
fn data_is_lost_or_left_behind() {
    let plan = |case: Case| {
        let case = case.with(Code::ServiceConfig, "web", "services web user");
        let (plan, _) = case.plan();
        let operation = plan.operations.first().cloned().unwrap();
        assert_eq!(operation.action, Action::Update);
        (
            operation.loses.unwrap_or_default(),
            operation.is_destructive,
        )
    };
    let mut case = Case::new();
    case.mounts(&[("/data", "volume s_data"), ("/host", "bind /srv")]);
    let (loses, is_destructive) = plan(case);
    assert!(
        loses.starts_with("a task may start on another node"),
        "{loses}"
    );
    assert!(!is_destructive);
    // On one node, or pinned to one, it stays.
    let mut case = Case::new();
    case.mounts(&[("/data", "volume s_data")]);
    let constraints = Value::List(vec!["node.hostname == n1".to_owned()]);
    case.set("web", "deploy.placement.constraints", constraints);
    assert_eq!(plan(case), (String::new(), false));
    let mut case = Case::new();
    case.mounts(&[("/data", "volume s_data")]);
    case.deployed.live.as_mut().unwrap().nodes.truncate(1);
    assert_eq!(plan(case), (String::new(), false));
    // A driver of its own has the data elsewhere.
    let mut case = Case::new();
    case.mounts(&[("/data", "volume s_data"), ("/data,driver", "nfs")]);
    assert_eq!(plan(case), (String::new(), false));
    let mut case = Case::new();
    case.mounts(&[("/tmp", "volume")]);
    let (loses, is_destructive) = plan(case);
    assert!(loses.contains("anonymous volumes (`/tmp`)"), "{loses}");
    assert!(is_destructive);
    // Another volume at the same place.
    let mut case = Case::new();
    case.mounts(&[("/data", "volume s_new")]);
    let old = Some(Sensitive::public("volume s_old"));
    let old = Value::Map([("/data".to_owned(), old)].into());
    let is = case.deployed.services.get_mut("web").unwrap();
    is.fields.insert("volumes", old);
    let (loses, is_destructive) = plan(case);
    assert_eq!(
        loses,
        "the data in volume `s_old` is left behind on its nodes"
    );
    assert!(!is_destructive);
}

#[test]
fn an_update_says_that_the_last_one_was_rolled_back() {
    let case = Case::new()
        .with(Code::ServiceConfig, "web", "services web user")
        .with(Code::ServiceUpdate, "web", "services web update_status");
    let (plan, _) = case.plan();
    let update = plan.operations.first().unwrap();
    assert_eq!(update.cause, "differs; differs", "both are said");
    assert_eq!(
        update.tasks.as_deref(),
        Some("2 tasks are replaced, 1 at a time (stop-first)")
    );
}

#[test]
fn what_comes_after_a_network_that_fails_says_so() {
    let case = Case::new()
        .with(Code::NetworkUnlabelled, "front", "networks front")
        .with(Code::NetworkMissing, "back", "networks back");
    let causes: Vec<String> = case
        .plan()
        .0
        .operations
        .into_iter()
        .map(|one| one.cause)
        .collect();
    assert!(
        causes[1].contains("if the failing network comes first"),
        "{causes:?}"
    );
}
