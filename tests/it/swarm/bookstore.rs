//! The bookstore on three nodes: what its specs render is deployed as it is, and does not drift.

use std::time::{Duration, Instant};

use super::stack::{Share, brief};
use crate::bookstore::bookstore;
use crate::drift::report::Report;
use crate::outside::{Outside, succeed};
use crate::project::Project;

const STACK: &str = "bookstore-cluster";
const FILE: &str = "generated/cluster.yml";
const SECRETS: [&str; 2] = [
    "bookstore_cluster_django_secret_key_1",
    "bookstore_cluster_mysql_password_1",
];

/// Stubs instead of the images of the shop, which the swarm of the tests does not have. The job ends by itself: a swarm of
/// Docker 20.10 leaves the containers of one that runs, and they keep its network.
const STUBS: &str = r#"
    services:
      nginx: { image: "composegen-stub:latest", entrypoint: [/bin/sleep, "1000000"], healthcheck: { test: [CMD, /bin/true], interval: 1s } }
      django: { release: null, image: "composegen-stub:latest", entrypoint: [/bin/sleep, "1000000"], healthcheck: { test: [CMD, /bin/true], interval: 1s } }
      celery: { release: null, image: "composegen-stub:latest", command: null, entrypoint: [/bin/sleep, "1000000"], healthcheck: { test: [CMD, /bin/true], interval: 1s } }
      migrate: { release: null, image: "composegen-stub:latest", command: null, entrypoint: [/bin/true] }
      mysql: { image: "composegen-stub:latest", entrypoint: [/bin/sleep, "1000000"], healthcheck: { test: [CMD, /bin/true], interval: 1s } }
      rabbitmq: { image: "composegen-stub:latest", entrypoint: [/bin/sleep, "1000000"], healthcheck: { test: [CMD, /bin/true], interval: 1s } }
      opensearch: { image: "composegen-stub:latest", entrypoint: [/bin/sleep, "1000000"], healthcheck: { test: [CMD, /bin/true], interval: 1s } }
"#;

/// The stack, its secrets and the labels of a node, gone when it goes out of scope.
struct Cluster {
    swarm: Outside,
    node: String,
    _share: Share,
}

impl Cluster {
    fn new() -> Self {
        let share = Share::part();
        let swarm = Outside::swarm();
        let node = succeed(&mut swarm.docker(&["node", "ls", "-q"]));
        let node = node.lines().next().unwrap().trim().to_owned();
        let cluster = Self {
            swarm,
            node,
            _share: share,
        };
        let labels = [
            "node", "update", "--label-add", "files=true", "--label-add", "data=true",
        ];
        succeed(
            &mut cluster
                .swarm
                .docker(&[&labels[..], &[&cluster.node]].concat()),
        );
        for secret in SECRETS {
            succeed(
                &mut cluster
                    .swarm
                    .docker(&["secret", "create", secret, "/etc/hostname"]),
            );
        }
        cluster
    }

    fn deploy(&self, project: &Project) {
        let file = project.path(FILE);
        let words = [
            "stack",
            "deploy",
            "--detach",
            "--resolve-image",
            "never",
            "-c",
            file.to_str().unwrap(),
            STACK,
        ];
        succeed(&mut self.swarm.docker(&words));
    }

    /// Waits until it is what the specs say, and everything runs. What earlier deploys made and nothing uses is left over.
    fn until_in_sync(&self, project: &Project, left_over: &[&str]) {
        let start = Instant::now();
        loop {
            let words = [
                "drift",
                "cluster",
                "--docker",
                self.swarm.url(),
                "--format",
                "json",
            ];
            let report = Report::read(project.run(&words), STACK);
            let found: Vec<String> = report.findings.iter().map(brief).collect();
            if found == left_over {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "{found:#?}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    fn configs(&self) -> String {
        let label = format!("label=com.docker.stack.namespace={STACK}");
        let words = ["config", "ls", "--format", "{{.Name}}", "--filter", &label];
        succeed(&mut self.swarm.docker(&words))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let run = |words: &[&str]| drop(self.swarm.docker(words).output());
        run(&["stack", "rm", STACK]);
        for secret in SECRETS {
            let start = Instant::now();
            while !self
                .swarm
                .docker(&["secret", "rm", secret])
                .output()
                .is_ok_and(|it| it.status.success())
                && start.elapsed() < Duration::from_secs(20)
            {
                std::thread::sleep(Duration::from_millis(500));
            }
        }
        run(&[
            "node", "update", "--label-rm", "files", "--label-rm", "data", &self.node,
        ]);
    }
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_the_bookstore_is_deployed_as_it_is_rendered() {
    let project = bookstore();
    let spec = project.read("environments/cluster.yaml");
    let spec = spec.replace("0.0.0.0:443:8080", "0.0.0.0:28443:8080");
    project.write("environments/cluster.yaml", &(spec + STUBS));
    let render = || {
        let ran = project.run(&["render", "cluster"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    };
    render();
    let cluster = Cluster::new();
    cluster.deploy(&project);
    cluster.until_in_sync(&project, &[]);
    let first = cluster.configs();
    // Another content is another config, so that it can be deployed.
    project.edit("files/site.conf", "return 200;", "return 204;");
    render();
    cluster.deploy(&project);
    let left_over = format!("config-extra {} name ignores", first.trim());
    cluster.until_in_sync(&project, &[&left_over]);
    assert_ne!(cluster.configs(), first);
}
