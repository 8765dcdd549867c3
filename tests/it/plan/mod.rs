//! `composegen plan` against what `docker compose up -d` really does.
//!
//! A case starts a project, changes its file or its host, plans, runs `up`, and compares the
//! containers by their IDs, the networks, the volumes and the exit status with the plan.

mod case;

mod happened;
mod mutations;
mod projects;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use case::Case;
use mutations::MUTATIONS;
use projects::PROJECTS;

use crate::drift::kiosk::Kiosk;
use crate::outside::{Outside, everything};

/// How many cases have two changes at once, besides one for each change.
const PAIRS: usize = 170;

/// The engines on which cases are tried in turn, by the names of their settings.
const ENGINES: [&str; 3] = [
    "COMPOSEGEN_DOCKER_26",
    "COMPOSEGEN_DOCKER_28",
    "DOCKER_HOST",
];

/// Every change to every project that it fits, and pairs of them.
fn cases() -> Vec<Case> {
    let mut single = Vec::new();
    for project in PROJECTS {
        let fitting = MUTATIONS.iter().filter(|one| one.fits(project));
        single.extend(fitting.map(|one| Case::of(project, &[one])));
    }
    // A generator of Lehmer's: the same pairs in every run.
    let mut state: u64 = 20_240;
    let mut number = |below: usize| {
        state = state * 48_271 % 0x7fff_ffff;
        usize::try_from(state).unwrap() % below
    };
    let mut pairs = Vec::new();
    while pairs.len() < PAIRS {
        let project = &PROJECTS[number(PROJECTS.len())];
        let fitting: Vec<_> = MUTATIONS.iter().filter(|one| one.fits(project)).collect();
        let (one, other) = (
            fitting[number(fitting.len())],
            fitting[number(fitting.len())],
        );
        if one.name != other.name && one.thing != other.thing {
            pairs.push(Case::of(project, &[one, other]));
        }
    }
    single.extend(pairs);
    single
}

/// Tries every case, and prints the agreement and each miss. `PLANS=WORD` tries those whose names
/// have the word in them, and `PLANS=N..` those from that number on.
#[test]
#[ignore = "takes half an hour: make plans"]
fn manual_plans() {
    let only = std::env::var("PLANS").unwrap_or_default();
    let mut cases = cases();
    match only
        .strip_suffix("..")
        .and_then(|from| from.parse::<usize>().ok())
    {
        Some(from) => drop(cases.drain(..from)),
        None => cases.retain(|case| case.name().contains(&only)),
    }
    let next = AtomicUsize::new(0);
    let misses = Mutex::new(Vec::new());
    let uncertain = AtomicUsize::new(0);
    let impossible = AtomicUsize::new(0);
    let outside = Outside::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { break };
                    let engine = outside.other(ENGINES[index % ENGINES.len()]);
                    // A pair of changes may not go together.
                    let tried = std::panic::catch_unwind(|| case.try_on(engine));
                    let Ok(tried) = tried else {
                        println!("IMPOSSIBLE {}", case.name());
                        impossible.fetch_add(1, Ordering::Relaxed);
                        continue;
                    };
                    match tried {
                        Ok(unsure) => {
                            uncertain.fetch_add(usize::from(unsure), Ordering::Relaxed);
                        }
                        Err(why) => {
                            let miss = format!("{} on {}: {why}", case.name(), ENGINES[index % 3]);
                            println!("MISS {miss}");
                            misses.lock().unwrap().push(miss);
                        }
                    }
                }
            });
        }
    });
    let misses = misses.into_inner().unwrap();
    let impossible = impossible.into_inner();
    let tried = cases.len() - impossible;
    let agree = tried - misses.len();
    println!(
        "{agree} of {tried} plans agree with what `up` did; {} of them have operations that are not certain; {impossible} cases \
         cannot be set up",
        uncertain.into_inner(),
    );
    assert!(
        misses.len() * 100 <= tried && impossible * 20 <= cases.len(),
        "{misses:#?}"
    );
}

/// A few cases of each kind, on one engine.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn plans_are_what_up_does() {
    let outside = Outside::new().other("COMPOSEGEN_DOCKER_26");
    for (project, names) in [
        ("shop", &["environment of api"][..]),
        ("shop", &["option of a network"]),
        ("shop", &["volume option"]),
        ("shop", &["volume label with an old date"]),
        ("shop", &["network label with an old date"]),
        ("shop", &["one replica less", "name taken"]),
        ("shop", &["network disconnected", "orphan"]),
        ("shop", &["paused"]),
        ("shop", &["mount of db applied, memory of web by hand"]),
        ("jobs", &["image tag moved"]),
    ] {
        let project = PROJECTS.iter().find(|one| one.name == project).unwrap();
        let find = |name: &&str| MUTATIONS.iter().find(|one| one.name == *name).unwrap();
        let case = Case::of(project, &names.iter().map(find).collect::<Vec<_>>());
        if let Err(why) = case.try_on(outside.clone()) {
            panic!("{}: {why}", case.name());
        }
    }
}

/// Podman shows no ID of a network that a container is attached to, so Compose recreates each one that runs.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn what_compose_recreates_on_podman_is_foreseen() {
    let kiosk = Kiosk::on(Outside::new().other("COMPOSEGEN_PODMAN")).up();
    kiosk.docker("stop NAME-db-1");
    let ids = || ["web", "db"].map(|one| kiosk.inspect(&kiosk.container(one))["Id"].clone());
    let [web, db] = ids();
    let file = kiosk.path("compose.yml");
    let url = kiosk.outside.url();
    let ran = kiosk.run(&["plan", "--docker", url, "-f", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for (action, service) in [("recreate", "web"), ("start", "db")] {
        let container = kiosk.container(service);
        let operation = ran.stdout.lines().find(|line| line.ends_with(&container));
        let operation = operation.unwrap_or_default().trim_start();
        assert!(operation.starts_with(action), "{}", ran.stdout);
    }
    kiosk.compose(&["up", "--detach"]);
    let [new_web, new_db] = ids();
    assert_ne!(new_web, web);
    assert_eq!(new_db, db);
}

/// Podman does not remove a container in whose network another is, so that the next `up` stops both and fails.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn what_podman_does_not_remove_is_foreseen() {
    let kiosk = Kiosk::on(Outside::new().other("COMPOSEGEN_PODMAN"));
    let file = "name: NAME\nservices:\n  app: { image: composegen-stub:latest, network_mode: 'service:vpn', stop_grace_period: 0s }\n  \
                vpn: { image: composegen-stub:latest, stop_grace_period: 0s }\n";
    kiosk.write("compose.yml", &kiosk.own(file));
    let kiosk = kiosk.up();
    let file = kiosk.path("compose.yml");
    let url = kiosk.outside.url();
    let ran = kiosk.run(&["plan", "--docker", url, "-f", file.to_str().unwrap()]);
    for (action, service) in [("stop", "app"), ("stop", "vpn"), ("fail", "vpn")] {
        let line = format!("  {action:<9} {}", kiosk.container(service));
        let has = ran.stdout.lines().any(|one| one == line);
        assert!(has, "{line}: {}", ran.stdout);
    }
    let mut up = kiosk.outside.docker(&["compose", "-f"]);
    let up = up.arg(&file).args(["up", "--detach"]).output().unwrap();
    let said = everything(&up);
    assert!(said.contains("has dependent containers"), "{said}");
    for service in ["app", "vpn"] {
        let container = kiosk.inspect(&kiosk.container(service));
        assert_eq!(container["State"]["Running"], false, "{said}");
    }
}
