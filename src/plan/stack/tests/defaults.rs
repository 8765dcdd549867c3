//! What is set to the default on one side.

use super::Case;
use crate::finding::Code;

#[test]
fn a_default_that_is_sent_replaces_tasks() {
    let parts = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
    let mut case = Case::new();
    let set = |case: &mut Case, file: &[&str], swarm: &[&str]| {
        case.declared.services.get_mut("web").unwrap().parts = parts(file);
        case.deployed.services.get_mut("web").unwrap().parts = parts(swarm);
    };
    set(&mut case, &["dns", "logging"], &["dns", "logging"]);
    assert_eq!(case.brief().0, [""; 0]);
    let policy = ["deploy.restart_policy", "deploy.restart_policy.delay"];
    for (file, swarm, cause) in [
        (
            &policy[..],
            &[][..],
            "`deploy.restart_policy` of service `web` is set to the default in the file and not set on the swarm, which is another spec",
        ),
        (
            &policy[..1],
            &policy[..],
            "`deploy.restart_policy.delay` of service `web` is set to the default on the swarm and not set in the file, which is \
             another spec",
        ),
    ] {
        set(&mut case, file, swarm);
        let (plan, _) = case.plan();
        let [operation] = plan.operations.as_slice() else {
            panic!("{:?}", plan.operations)
        };
        assert_eq!(operation.cause, cause);
        assert_eq!(
            operation.tasks.as_deref(),
            Some("2 tasks are replaced, 1 at a time (stop-first)")
        );
    }
    // What was found to differ in it says more.
    let place = "services web deploy.restart_policy.delay";
    set(&mut case, &policy, &policy[..1]);
    let case = case.with(Code::ServiceConfig, "web", place);
    assert_eq!(case.plan().0.operations[0].cause, "differs");
    // A snapshot of an earlier version does not have them.
    let mut unknown = Case::new();
    unknown.declared.services.get_mut("web").unwrap().parts = parts(&policy);
    assert_eq!(unknown.brief().0, [""; 0]);
}
