//! What is found where a manager lists the tasks of a stack in a certain way; no engine is needed.

use serde_json::{Value, json};

use super::lists::{Manager, ONE, service};

fn job(mode: &str, status: Value) -> (String, Value) {
    let file = format!("services: {{web: {{image: a, deploy: {{mode: {mode}}}}}}}\n");
    let (file, spec) = match mode {
        "global-job" => (file, json!({"GlobalJob": {}})),
        _ => (
            file.replace("}}}", ", replicas: 3}}}"),
            json!({"ReplicatedJob": {"MaxConcurrent": 3, "TotalCompletions": 3}}),
        ),
    };
    (
        file,
        service(&[("/Spec/Mode", spec), ("/ServiceStatus", status)]),
    )
}

#[test]
fn swarm_tasks_of_a_job_that_are_done_do_not_run() {
    let status = |running: u64, desired: u64, completed: u64| json!({"RunningTasks": running, "DesiredTasks": desired, "CompletedTasks": completed});
    let missing = "service-tasks web tasks unknown";
    for (mode, status, expected) in [
        ("replicated-job", status(0, 3, 3), &[][..]),
        ("replicated-job", status(2, 3, 1), &[]),
        ("replicated-job", status(1, 3, 1), &[missing]),
        ("replicated-job", status(0, 3, 0), &[missing]),
        ("global-job", status(0, 0, 3), &[]),
        ("global-job", status(1, 1, 2), &[]),
        ("global-job", status(0, 1, 2), &[missing]),
    ] {
        let (file, service) = job(mode, status);
        Manager::new(&[service]).finds(&file, expected);
    }
}

#[test]
fn swarm_a_job_of_which_fewer_tasks_run_at_once() {
    let (file, service) = job(
        "replicated-job",
        json!({"RunningTasks": 1, "DesiredTasks": 1, "CompletedTasks": 0}),
    );
    let mut service = service;
    service["Spec"]["Mode"]["ReplicatedJob"]["MaxConcurrent"] = json!(1);
    Manager::new(&[service]).finds(&file, &["service-config web max_concurrent heals"]);
}

#[test]
fn swarm_tasks_that_are_done_run_again_where_the_policy_says_so() {
    let task = |slot: u64, state: &str, created: &str| {
        json!({
            "ID": format!("t{slot}{created}"), "ServiceID": "s1", "Slot": slot, "NodeID": "n", "DesiredState": "shutdown",
            "CreatedAt": format!("2026-11-27T11:07:{created}Z"), "Status": {"State": state}
        })
    };
    let missing = "service-tasks web tasks ignores";
    for (condition, tasks, expected) in [
        (
            "none",
            json!([task(1, "complete", "10"), task(2, "complete", "10")]),
            &[][..],
        ),
        (
            "on-failure",
            json!([task(1, "complete", "10"), task(2, "complete", "10")]),
            &[],
        ),
        (
            "any",
            json!([task(1, "complete", "10"), task(2, "complete", "10")]),
            &[missing],
        ),
        (
            "none",
            json!([task(1, "complete", "10"), task(2, "failed", "10")]),
            &[missing],
        ),
        // What counts is the newest task of each place.
        (
            "on-failure",
            json!([task(1, "complete", "20"), task(1, "complete", "10")]),
            &[missing],
        ),
        (
            "on-failure",
            json!([
                task(1, "complete", "10"),
                task(2, "complete", "10"),
                task(2, "failed", "20")
            ]),
            &[missing],
        ),
    ] {
        let file = format!(
            "services: {{web: {{image: a, deploy: {{replicas: 2, restart_policy: {{condition: {condition}}}}}}}}}\n"
        );
        let service = service(&[
            ("/Spec/Mode/Replicated/Replicas", json!(2)),
            (
                "/Spec/TaskTemplate/RestartPolicy/Condition",
                json!(condition),
            ),
            (
                "/ServiceStatus",
                json!({"RunningTasks": 0, "DesiredTasks": 2, "CompletedTasks": 0}),
            ),
        ]);
        Manager::new(&[service])
            .and("/tasks", tasks)
            .finds(&file, expected);
    }
}

/// The client sets platforms together with the digest of an image; others were set by hand.
/// Where nothing went wrong yet, the states of the newest tasks say why fewer run.
#[test]
fn swarm_tasks_that_do_not_run_yet() {
    let task = |id: &str, slot: u64, state: &str, desired: &str, error: Option<&str>| {
        json!({
            "ID": id, "ServiceID": "s1", "Slot": slot, "CreatedAt": format!("2026-11-27T11:07:5{id}Z"),
            "DesiredState": desired, "Status": {"State": state, "Err": error}
        })
    };
    let listed = json!([
        task("1", 1, "preparing", "running", None),
        task("2", 2, "preparing", "running", None),
        task("3", 3, "new", "running", None),
        // It is started again after a delay; what it is about says the one before.
        task(
            "4",
            4,
            "failed",
            "shutdown",
            Some("task: non-zero exit (1)")
        ),
        task("5", 4, "ready", "ready", None),
        task("6", 5, "running", "running", None),
        task("7", 6, "shutdown", "shutdown", None),
    ]);
    let status = json!({"RunningTasks": 1, "DesiredTasks": 5});
    let replicas = json!({"Replicated": {"Replicas": 5}});
    let report = Manager::new(&[service(&[
        ("/ServiceStatus", status),
        ("/Spec/Mode", replicas),
    ])])
    .and("/tasks", listed)
    .drift("services: {web: {image: a, deploy: {replicas: 5}}}\n");
    let messages = report.findings.iter().map(|one| one["message"].as_str());
    assert_eq!(
        messages.collect::<Vec<_>>(),
        [Some(
            "1 of 5 tasks of service `web` run; failed: task: non-zero exit (1); 1 is new; 2 are preparing"
        )]
    );
}

/// Every deploy runs a job again, also one that failed.
#[test]
fn swarm_a_failed_job_runs_again() {
    let file = "services: {web: {image: a, deploy: {mode: replicated-job}}}\n";
    let failed = json!([{
        "ID": "1", "ServiceID": "s1", "Slot": 1, "CreatedAt": "2026-11-27T11:07:51Z", "DesiredState": "shutdown",
        "Status": {"State": "failed", "Err": "task: non-zero exit (1)"}
    }]);
    let job = service(&[
        (
            "/Spec/Mode",
            json!({"ReplicatedJob": {"TotalCompletions": 1, "MaxConcurrent": 1}}),
        ),
        (
            "/ServiceStatus",
            json!({"RunningTasks": 0, "DesiredTasks": 1, "CompletedTasks": 0}),
        ),
    ]);
    let manager = Manager::new(&[job]).and("/tasks", failed);
    manager.finds(file, &["service-tasks web tasks unknown"]);
    let plan = manager.plan(&[], file);
    let operations = plan["operations"].as_array().unwrap().iter();
    let operations: Vec<String> = operations
        .map(|one| format!("{} {}", one["action"], one["resource"]).replace('"', ""))
        .collect();
    assert_eq!(operations, ["update web"], "{plan:#}");
}

/// What was rolled back is what the file asks for: the next deploy only forgets the rollback.
#[test]
fn swarm_a_rollback_to_the_file_replaces_no_task() {
    let mut rolled = service(&[("/Spec/TaskTemplate/RestartPolicy", json!(null))]);
    rolled["UpdateStatus"] =
        json!({"State": "rollback_completed", "Message": "rollback completed"});
    let plan = Manager::new(&[rolled]).plan(&[], ONE);
    assert_eq!(
        plan["operations"][0]["tasks"], "no task is replaced",
        "{plan:#}"
    );
    assert_eq!(plan["downtime"], json!([]));
}
