//! docs/tutorial.md, step by step.

use std::fs;
use std::process::Command;

use crate::outside::{Outside, succeed};
use crate::project::{Project, Ran, composegen, root};

/// Whether the page shows these lines, indented as code.
fn shows(text: &str) {
    let page = fs::read_to_string(root().join("docs/tutorial.md")).unwrap();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        assert!(
            page.contains(&format!("    {line}\n")),
            "docs/tutorial.md lacks: {line}"
        );
    }
}

fn run(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = composegen();
    command.current_dir(project.path("shop")).args(arguments);
    Ran::of(&mut command)
}

/// The first step: a new project.
fn started() -> Project {
    let project = Project::empty();
    let ran = project.run(&["init", "shop"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    shows(&ran.stderr);
    project
}

#[test]
fn the_steps_without_an_engine_do_what_the_page_says() {
    let project = started();
    project.edit(
        "shop/environments/prod.yaml",
        "cache: { limits: { memory: 512M } }",
        "cache: { limits: { memory: 1G } }",
    );
    let diff = run(&project, &["render", "--diff"]).stdout;
    for line in ["-          memory: '512M'", "+          memory: '1G'"] {
        assert!(diff.contains(line), "{diff}");
        shows(line);
    }
    let ran = run(&project, &["render"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let template = "shop/templates/compose.yml.j2";
    let (old, new) = (
        "    read_only: true\n",
        "{% if name == \"cache\" %}\n    ports: [\"6379:6379\"]\n{% endif %}\n    read_only: true\n",
    );
    project.edit(template, old, new);
    let ran = run(&project, &["render"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    let message = "error: the template adds the port `*:6379:6379/tcp` to service `cache`";
    assert!(ran.stderr.contains(message), "{}", ran.stderr);
    shows(message);
    project.edit(template, new, old);
    let ran = run(&project, &["check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    shows(&ran.stdout);
}

/// What is made of the engine goes, whatever happened.
struct Deployed<'a>(&'a Outside, String);

impl Drop for Deployed<'_> {
    fn drop(&mut self) {
        let down = [
            "compose", "-f", &self.1, "down", "--volumes", "--timeout", "0",
        ];
        let _ = self.0.docker(&down).output();
        let _ = self
            .0
            .docker(&[&["rmi", "--force"], &IMAGES[..]].concat())
            .output();
    }
}

const IMAGES: [&str; 2] = [
    "nginxinc/nginx-unprivileged:1.29.1-alpine",
    "redis:8.2.1-alpine",
];

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn the_steps_on_an_engine_do_what_the_page_says() {
    let outside = Outside::new();
    let project = started();
    let file = project.path("shop/generated/local.yml");
    let deployed = Deployed(&outside, file.display().to_string());
    // Images that do nothing, and whose health checks pass.
    project.write(
        "image/Dockerfile",
        "FROM composegen-node:latest\nCOPY probe /bin/wget\nCOPY probe /bin/redis-cli\n\
         ENTRYPOINT [\"node\", \"-e\", \"setInterval(() => {}, 1000000)\"]\n",
    );
    project.write("image/probe", "#!/usr/bin/node\n");
    let probe = project.path("image/probe");
    succeed(Command::new("chmod").arg("755").arg(probe));
    let folder = project.path("image").display().to_string();
    for image in IMAGES {
        let mut build = outside.docker(&["build", "--quiet", "--tag", image, &folder]);
        succeed(build.env("DOCKER_BUILDKIT", "0"));
    }
    succeed(&mut outside.docker(&["compose", "-f", &deployed.1, "up", "--detach", "--wait"]));
    let drift = || run(&project, &["drift", "local", "--docker", outside.url()]);
    let before = drift();
    assert_eq!(before.code, Some(0), "{}{}", before.stdout, before.stderr);
    let by_hand = "network connect shop-local_front shop-local-cache-1";
    succeed(&mut outside.docker(&by_hand.split(' ').collect::<Vec<_>>()));
    let by_hand = "update --memory 1g --memory-swap 2g shop-local-web-1";
    succeed(&mut outside.docker(&by_hand.split(' ').collect::<Vec<_>>()));
    let after = drift();
    assert_eq!(after.code, Some(1), "{}{}", after.stdout, after.stderr);
    let own = after.stdout.replace(&format!("-H {} ", outside.url()), "");
    for part in ["  cache\n", "  web\n"] {
        let (_, text) = own.split_once(part).unwrap();
        let text = text.split("\n\n").next().unwrap();
        shows(&format!("{part}{text}"));
    }
}
