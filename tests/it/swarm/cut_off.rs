//! Nodes that the others cannot reach.

use std::process::Command;

use super::happened::ONE;
use super::stack::{Stack, briefs};
use crate::drift::report::Report;
use crate::outside::succeed;

/// Ports of the bridge that are down, up again when it goes out of scope.
struct Cut<'a> {
    stack: &'a Stack,
    nodes: &'a [u8],
}

impl<'a> Cut<'a> {
    /// Cuts off nodes by their numbers.
    fn off(stack: &'a Stack, nodes: &'a [u8]) -> Self {
        let cut = Self { stack, nodes };
        cut.set("down");
        cut
    }

    fn set(&self, state: &str) {
        let hub = self.stack.swarm.setting("COMPOSEGEN_SWARM_HUB");
        let last = self.stack.swarm.setting("COMPOSEGEN_SWARM_PORT");
        for node in self.nodes {
            let port = last.replace("-3", &format!("-{node}"));
            succeed(Command::new("ip").args(["-n", hub, "link", "set", &port, state]));
        }
    }
}

impl Drop for Cut<'_> {
    fn drop(&mut self) {
        self.set("up");
    }
}

/// All workers as managers, and as workers again when it goes out of scope.
struct Promoted<'a>(&'a Stack, Vec<String>);

impl<'a> Promoted<'a> {
    fn all(stack: &'a Stack) -> Self {
        let nodes = stack.docker("node ls --filter role=worker --quiet");
        let nodes: Vec<String> = nodes.lines().map(str::to_owned).collect();
        stack.docker(&format!("node promote {}", nodes.join(" ")));
        Self(stack, nodes)
    }
}

impl Drop for Promoted<'_> {
    fn drop(&mut self) {
        let demote = format!("node demote {}", self.1.join(" "));
        // Without a quorum, nothing can be changed.
        let is_done = (0..120).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(500));
            self.0.try_docker(&demote).is_ok()
        });
        if !is_done {
            eprintln!("the nodes are managers still: docker {demote}");
        }
    }
}

/// Of three managers one may be lost. Without two, no answer is taken for what is.
#[test]
#[ignore = "takes the managers of the swarm away: cargo test --test it -- --ignored manual_managers"]
fn manual_managers_that_are_lost() {
    let stack = Stack::alone("managers", ONE).up();
    let managers = Promoted::all(&stack);
    stack.until("managers that reach each other", |report| {
        let nodes = stack.docker("node ls --format {{.ManagerStatus}}");
        let reachable = nodes
            .lines()
            .filter(|one| matches!(one.trim(), "Leader" | "Reachable"));
        reachable.count() == 3 && report.findings.is_empty()
    });
    let one = Cut::off(&stack, &[3]);
    let report = stack.until("manager that is lost", |report| {
        briefs(report)
            .iter()
            .any(|one| one.starts_with("node-down "))
    });
    assert_eq!(report.ran.code, Some(1), "{}", report.ran.stdout);
    let both = Cut::off(&stack, &[2]);
    let start = std::time::Instant::now();
    let mut codes = Vec::new();
    while start.elapsed().as_secs() < 30 {
        let ran = stack.run(&[]);
        assert!(!ran.stdout.contains("in sync"), "{}", ran.stdout);
        codes.push(ran.code);
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    // Once that is known, it is an error and stays one.
    assert_eq!(codes.last(), Some(&Some(2)), "{codes:?}");
    let first = codes.iter().position(|code| *code == Some(2)).unwrap();
    assert!(
        codes.iter().skip(first).all(|code| *code == Some(2)),
        "{codes:?}"
    );
    drop((one, both));
    let start = std::time::Instant::now();
    while stack.run(&[]).code != Some(0) {
        assert!(start.elapsed().as_secs() < 90, "{}", stack.run(&[]).stdout);
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    drop(managers);
    // A node that becomes a worker again is away for a while, which other tests must not see.
    let mut clean = 0;
    while clean < 20 {
        let is_clean = stack.run(&[]).code == Some(0);
        clean = if is_clean { clean + 1 } else { 0 };
        assert!(start.elapsed().as_secs() < 180, "{}", stack.run(&[]).stdout);
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
}

/// A manager that reaches no other node says so of each.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_manager_that_is_cut_off_from_all_nodes() {
    let stack = Stack::alone(
        "alone",
        &ONE.replace("    stop", "    deploy: {mode: global}\n    stop"),
    )
    .up();
    let cut = Cut::off(&stack, &[2, 3]);
    let report = stack.until("nodes that are down", |report| {
        let found = briefs(report);
        found
            .iter()
            .filter(|one| one.starts_with("node-down "))
            .count()
            == 2
    });
    assert_eq!(report.ran.code, Some(1));
    let unchecked = report.host()["unchecked"].as_array().unwrap().iter();
    let unknown = unchecked.filter(|one| {
        one["what"]
            .as_str()
            .unwrap()
            .starts_with("what runs on node")
    });
    assert_eq!(unknown.count(), 2);
    drop(cut);
    stack.until("nodes that are back", |report| report.findings.is_empty());
}

/// What runs on a node that is cut off is not known.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_node_that_is_cut_off_is_said_not_to_be_known() {
    let stack = Stack::alone(
        "partition",
        &ONE.replace("    stop", "    deploy: {mode: global}\n    stop"),
    )
    .up();
    let cut = Cut::off(&stack, &[3]);
    let is_said = |report: &Report| {
        let unchecked = report.host()["unchecked"].as_array().unwrap().iter();
        let mut what = unchecked.filter_map(|one| one["what"].as_str());
        what.any(|what| what.starts_with("what runs on node"))
    };
    let report = stack.until("node that is down", is_said);
    drop(cut);
    assert_eq!(report.ran.code, Some(1), "{:#?}", report.findings);
    let found = briefs(&report);
    assert!(
        found.iter().any(|one| one.starts_with("node-down ")),
        "{found:?}"
    );
    stack.until("node that is back", |report| {
        !is_said(report) && report.findings.is_empty()
    });
}
